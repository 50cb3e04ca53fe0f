// Elements of the page. All text is set as text: nothing from a history is ever read as HTML.
// @ts-check

/** @typedef {string | number | Node | null | undefined | false} Child */

const SVG = "http://www.w3.org/2000/svg";

/** Characters that change how the text around them is read: direction marks, invisible ones, controls. */
const HIDDEN = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]/g;

/**
 * Return a text in which hidden characters are written as escapes, as JSON writes them.
 * @param {string} text
 * @returns {string}
 */
export function visible(text) {
  return text.replace(HIDDEN, (found) => "\\u" + found.charCodeAt(0).toString(16).padStart(4, "0"));
}

/**
 * Make an element. A property that starts with "on" is a listener; true and false set and leave out an attribute.
 * @template {keyof HTMLElementTagNameMap} K
 * @param {K} tag
 * @param {Record<string, any> | null} [properties]
 * @param {...(Child | Child[])} children
 * @returns {HTMLElementTagNameMap[K]}
 */
export function el(tag, properties, ...children) {
  const made = document.createElement(tag);
  fill(made, properties, children);
  return made;
}

/**
 * Make an element of SVG.
 * @param {string} tag
 * @param {Record<string, any> | null} [properties]
 * @param {...(Child | Child[])} children
 * @returns {SVGElement}
 */
export function svgEl(tag, properties, ...children) {
  const made = document.createElementNS(SVG, tag);
  fill(made, properties, children);
  return made;
}

/**
 * @param {Element} made
 * @param {Record<string, any> | null | undefined} properties
 * @param {(Child | Child[])[]} children
 */
function fill(made, properties, children) {
  for (const [name, value] of Object.entries(properties ?? {})) {
    if (value === false || value === null || value === undefined) continue;
    if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
    else if (name === "value" && "value" in made) made.value = value;
    else made.setAttribute(name, value === true ? "" : String(value));
  }
  for (const child of children.flat()) {
    if (child === null || child === undefined || child === false) continue;
    made.append(child instanceof Node ? child : visible(String(child)));
  }
}

/**
 * Replace the content of an element.
 * @param {Element | ShadowRoot} element
 * @param {...(Child | Child[])} children
 */
export function show(element, ...children) {
  element.replaceChildren();
  for (const child of children.flat()) {
    if (child === null || child === undefined || child === false) continue;
    element.append(child instanceof Node ? child : visible(String(child)));
  }
}

/** The paths of icons, in a square of 16 by 16. @type {Record<string, string>} */
export const ICONS = {
  succeeded: "M3.5 8.5l3 3 6-7",
  failed: "M4.5 4.5l7 7M11.5 4.5l-7 7",
  caught: "M8 3.5v5.5M8 12v.5",
  running: "M8 3.5a4.5 4.5 0 1 1-4.5 4.5",
  cancelled: "M4 8h8",
  timed_out: "M8 4.5V8l2.5 2M8 2.5a5.5 5.5 0 1 0 .01 0",
  none: "M8 8h.01",
  copy: "M5.5 5.5h7v8h-7zM3.5 10.5v-8h7",
  plus: "M8 3.5v9M3.5 8h9",
  minus: "M3.5 8h9",
  fit: "M3 6V3h3M10 3h3v3M13 10v3h-3M6 13H3v-3",
  full: "M9.5 3H13v3.5M6.5 13H3V9.5M13 3L9 7M3 13l4-4",
  left: "M10 3.5L5.5 8l4.5 4.5",
  right: "M6 3.5L10.5 8 6 12.5",
  down: "M3.5 6L8 10.5 12.5 6",
  close: "M4 4l8 8M12 4l-8 8",
  download: "M8 2.5v7.5M4.5 7L8 10.5 11.5 7M3 13.5h10",
  theme: "M8 2.5a5.5 5.5 0 1 0 0 11zM8 2.5a5.5 5.5 0 0 1 0 11",
  search: "M7 2.5a4.5 4.5 0 1 0 .01 0M10.5 10.5l3 3",
  columns: "M2.5 3.5h11v9h-11zM6 3.5v9M10 3.5v9",
  stop: "M4.5 4.5h7v7h-7z",
  redrive: "M12.5 8A4.5 4.5 0 1 1 11 4.6M11.5 2v3h-3",
  back: "M13 8H3.5M7 4L3 8l4 4",
  code: "M5.5 4.5L2 8l3.5 3.5M10.5 4.5L14 8l-3.5 3.5",
};

/**
 * Return an icon. It is decoration: the text beside it, or the label of its button, says the same.
 * @param {string} name
 * @returns {SVGElement}
 */
export function icon(name) {
  return svgEl("svg", { class: "icon", viewBox: "0 0 16 16", "aria-hidden": "true" }, svgEl("path", { d: ICONS[name] ?? ICONS.none }));
}

/**
 * Return a button.
 * @param {string} label what it does: its text, or for an icon alone its accessible name
 * @param {(event: Event) => void} action
 * @param {{icon?: string, bare?: boolean, kind?: string, disabled?: boolean, pressed?: boolean}} [how]
 * @returns {HTMLButtonElement}
 */
export function button(label, action, how = {}) {
  const properties = {
    type: "button",
    class: `button ${how.kind ?? ""}`.trim(),
    onclick: action,
    disabled: how.disabled,
    title: how.bare ? label : null,
    "aria-label": how.bare ? label : null,
    "aria-pressed": how.pressed === undefined ? null : String(how.pressed),
  };
  return el("button", properties, how.icon ? icon(how.icon) : null, how.bare ? null : label);
}

/**
 * Tell what happened to those who cannot see it.
 * @param {string} text
 */
export function say(text) {
  const place = document.getElementById("said");
  if (place) place.textContent = visible(text);
}

/**
 * Copy a text, and say so.
 * @param {string} text
 */
export async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    const area = el("textarea", { class: "unseen", readonly: true });
    area.value = text;
    document.body.append(area);
    area.select();
    document.execCommand("copy");
    area.remove();
  }
  say("copied");
}

/**
 * Save a text or a picture as a file.
 * @param {Blob} content
 * @param {string} name
 */
export function download(content, name) {
  const address = URL.createObjectURL(content);
  const link = el("a", { href: address, download: name.replace(/[^\w.-]+/g, "-") });
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}

/**
 * A setting that stays, where the browser keeps anything for this page.
 * @param {string} key
 * @param {any} [value] the value to keep; without it, the kept one is returned
 * @returns {any}
 */
export function kept(key, value) {
  try {
    if (value !== undefined) localStorage.setItem(`sfn-view.${key}`, JSON.stringify(value));
    else return JSON.parse(localStorage.getItem(`sfn-view.${key}`) ?? "null");
  } catch {
    // A page from a file may have no storage: the choice holds until it is closed.
  }
  return null;
}

/**
 * Tabs with their panels. Arrow keys move between the tabs.
 * @param {string} label the accessible name of the list of tabs
 * @param {string} group the prefix of the ids
 * @param {{id: string, title: string, count?: number, make: () => Child | Child[]}[]} tabs
 * @param {string} chosen the id of the tab that is open at first
 * @param {(id: string) => void} [changed]
 * @returns {HTMLElement & {open: (id: string) => void}}
 */
export function tabbed(label, group, tabs, chosen, changed = () => {}) {
  const list = el("div", { role: "tablist", "aria-label": label, class: "tabs" });
  const place = el("div", { role: "tabpanel", class: "tabpanel", id: `${group}-panel`, tabindex: "0" });
  const heads = tabs.map((tab) =>
    el(
      "button",
      { type: "button", role: "tab", id: `${group}-${tab.id}`, "aria-controls": `${group}-panel`, onclick: () => open(tab.id, true) },
      tab.title,
      tab.count === undefined ? null : el("span", { class: "count" }, tab.count.toLocaleString("en")),
    ),
  );
  list.append(...heads);
  list.addEventListener("keydown", (event) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    const at = heads.indexOf(/** @type {HTMLButtonElement} */ (document.activeElement));
    if (step === undefined || at < 0) return;
    event.preventDefault();
    const next = (at + step + heads.length) % heads.length;
    open(tabs[next].id, true);
    heads[next].focus();
  });
  /** @param {string} id @param {boolean} [byHand] */
  function open(id, byHand = false) {
    const tab = tabs.find((one) => one.id === id) ?? tabs[0];
    tabs.forEach((one, index) => {
      heads[index].setAttribute("aria-selected", String(one === tab));
      heads[index].tabIndex = one === tab ? 0 : -1;
    });
    place.setAttribute("aria-labelledby", `${group}-${tab.id}`);
    const made = tab.make();
    show(place, ...(Array.isArray(made) ? made : [made]));
    if (byHand) changed(tab.id);
  }
  const whole = Object.assign(el("div", { class: "tabbed" }, list, place), { open });
  open(chosen);
  return whole;
}
