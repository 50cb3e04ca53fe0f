// The graph: the drawing of the documents, with what happened in it. <sfn-graph>
// @ts-check
import { Execution, WORDS } from "./data.js";
import { ICONS, button, download, el, icon, say, show, svgEl, visible } from "./dom.js";
import { Selection } from "./selection.js";

/** @typedef {{stroke: string, fill: string, ink: string}} Colours */

/** @type {Record<"light" | "dark", Record<string, Colours>>} */
const COLOURS = {
  light: {
    succeeded: { stroke: "#15803d", fill: "#f0fdf4", ink: "#fff" },
    failed: { stroke: "#c81e1e", fill: "#fef2f2", ink: "#fff" },
    caught: { stroke: "#b45309", fill: "#fffbeb", ink: "#fff" },
    running: { stroke: "#0369a1", fill: "#f0f9ff", ink: "#fff" },
    cancelled: { stroke: "#57606f", fill: "#f1f3f6", ink: "#fff" },
    timed_out: { stroke: "#a21caf", fill: "#fdf4ff", ink: "#fff" },
    none: { stroke: "#c3cad5", fill: "#fff", ink: "#475569" },
    page: { stroke: "#2563eb", fill: "#fff", ink: "#0f172a" },
  },
  dark: {
    succeeded: { stroke: "#4ade80", fill: "#10241a", ink: "#0b1220" },
    failed: { stroke: "#f87171", fill: "#2b1518", ink: "#0b1220" },
    caught: { stroke: "#fbbf24", fill: "#2a2010", ink: "#0b1220" },
    running: { stroke: "#38bdf8", fill: "#0c2231", ink: "#0b1220" },
    cancelled: { stroke: "#9aa7b6", fill: "#1f252d", ink: "#0b1220" },
    timed_out: { stroke: "#e879f9", fill: "#29142d", ink: "#0b1220" },
    none: { stroke: "#414b58", fill: "#14191f", ink: "#9aa7b6" },
    page: { stroke: "#60a5fa", fill: "#0f141a", ink: "#e6edf3" },
  },
};

/** @param {"light" | "dark"} theme @returns {string} the style of what happened */
function statusStyle(theme) {
  const rules = [
    ".page{fill:none}",
    ".back{fill-opacity:.86}",
    ".s-none>.box{stroke-dasharray:4 3}",
    ".s-none>.icon,.s-none>.glyph{opacity:.45}",
    ".s-none>.name,.s-none>.type{opacity:.75}",
    ".untaken{opacity:.38}",
    ".taken .wire{stroke-width:2}",
    ".badge path{fill:none;stroke-width:2;stroke-linecap:round;stroke-linejoin:round}",
    ".pill text{font-size:11px;font-weight:600;text-anchor:middle}",
    ".pill rect{stroke-width:1}",
    ".ring{fill:none;stroke-width:2.5}",
    "g:focus{outline:none}",
  ];
  for (const [name, { stroke, fill, ink }] of Object.entries(COLOURS[theme])) {
    if (name === "page") {
      rules.push(`.ring{stroke:${stroke}}.pill rect{fill:${fill};stroke:${stroke}}.pill text{fill:${ink}}`);
      rules.push(`.node:focus-visible>.box:last-of-type,.node:focus-visible>.box{outline:3px solid ${stroke};outline-offset:2px}`);
      continue;
    }
    rules.push(`.s-${name}>.box{stroke:${stroke};fill:${fill};stroke-width:${name === "none" ? 1 : 1.75}}`);
    rules.push(`.s-${name}>.badge circle{fill:${stroke}}.s-${name}>.badge path{stroke:${ink}}`);
    rules.push(`.s-${name}>.pill rect{stroke:${stroke}}`);
  }
  return rules.join("\n");
}

/** @returns {"light" | "dark"} */
export function theme() {
  const chosen = document.documentElement.dataset.theme;
  if (chosen === "light" || chosen === "dark") return chosen;
  return matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
}

/** @param {string} style the style of the drawing, with its rules for dark pages in a media query @param {"light" | "dark"} shown */
function themed(style, shown) {
  const at = style.indexOf("@media");
  if (at < 0) return style;
  const dark = style.slice(style.indexOf("{", at) + 1, style.lastIndexOf("}"));
  return style.slice(0, at) + (shown === "dark" ? dark : "");
}

export class SfnGraph extends HTMLElement {
  constructor() {
    super();
    this.root = this.attachShadow({ mode: "open" });
    this.sheet = new CSSStyleSheet();
    this.root.adoptedStyleSheets = [this.sheet];
    this.style0 = "";
    /** @type {SVGSVGElement | null} */
    this.svg = null;
    this.view = { x: 0, y: 0, width: 1, height: 1 };
    this.size = { width: 1, height: 1 };
    /** @type {Map<string, {group: SVGGElement, box: {x: number, y: number, width: number, height: number}}>} */
    this.boxes = new Map();
    this.observer = new ResizeObserver(() => this.resized());
    this.measured = { width: 0, height: 0 };
    this.touched = false;
    /** @type {((key: string) => void) | null} */
    this.chosen = null;
  }

  connectedCallback() {
    this.observer.observe(this);
    addEventListener("themechange", this.retheme);
  }

  disconnectedCallback() {
    this.observer.disconnect();
    removeEventListener("themechange", this.retheme);
  }

  retheme = () => this.sheet.replaceSync(`:host{display:block;overflow:hidden}svg{display:block;width:100%;height:100%;cursor:grab;touch-action:pan-y}
svg.moving{cursor:grabbing}.node{cursor:pointer}${themed(this.style0, theme())}${statusStyle(theme())}`);

  /**
   * Show a drawing.
   * @param {string} text the SVG of the documents
   * @param {string} label
   * @param {{key?: string, name: string, type: string}[]} states
   */
  draw(text, label, states) {
    // The style is taken out before: the policy of the page does not let a document that it parses have one.
    const [before, style, after] = text.split(/<style>|<\/style>/, 3);
    this.style0 = style ?? "";
    const parsed = new DOMParser().parseFromString(before + (after ?? ""), "image/svg+xml").documentElement;
    const svg = /** @type {SVGSVGElement} */ (/** @type {unknown} */ (document.importNode(parsed, true)));
    this.svg = svg;
    this.size = { width: Number(svg.getAttribute("width")), height: Number(svg.getAttribute("height")) };
    svg.removeAttribute("width");
    svg.removeAttribute("height");
    svg.setAttribute("role", "group");
    svg.removeAttribute("aria-labelledby");
    svg.setAttribute("aria-label", label);
    svg.querySelector(":scope > title")?.remove();
    this.boxes.clear();
    const named = new Map(states.map((state) => [state.key, state]));
    for (const group of /** @type {NodeListOf<SVGGElement>} */ (svg.querySelectorAll("g[id]"))) {
      const boxes = group.querySelectorAll(":scope > rect.box");
      const rect = boxes[boxes.length - 1];
      const state = named.get(group.id);
      if (!rect || !state) continue;
      const number = (/** @type {string} */ name) => Number(rect.getAttribute(name));
      this.boxes.set(group.id, { group, box: { x: number("x"), y: number("y"), width: number("width"), height: number("height") } });
      group.classList.add("node");
      group.setAttribute("role", "button");
      group.setAttribute("tabindex", "-1");
      group.setAttribute("aria-label", `${visible(state.name)}, ${state.type}`);
    }
    for (const link of svg.querySelectorAll("a[href]")) link.replaceWith(...link.childNodes);
    this.listen(svg);
    this.retheme();
    this.root.replaceChildren(svg);
    this.boxes.values().next().value?.group.setAttribute("tabindex", "0");
    this.touched = false;
    this.fit();
  }

  /**
   * Show the status of a state, with small texts on its border.
   * @param {string} key
   * @param {string} status
   * @param {string[]} pills
   * @param {string} label
   */
  mark(key, status, pills, label) {
    const place = this.boxes.get(key);
    if (!place) return;
    const { group, box } = place;
    for (const old of group.querySelectorAll(":scope > .badge, :scope > .pill, :scope > .ring")) old.remove();
    group.setAttribute("class", `${(group.getAttribute("class") ?? "").replace(/ ?\bs-\w+/g, "")} s-${status}`);
    group.setAttribute("aria-label", visible(label));
    let right = box.x + box.width - 4;
    if (status !== "none") {
      const badge = svgEl("g", { class: "badge", transform: `translate(${box.x + box.width - 12} ${box.y - 9})` }, svgEl("circle", { cx: 8, cy: 8, r: 9 }), svgEl("path", { d: ICONS[status] }));
      group.append(badge);
      right = box.x + box.width - 16;
    }
    for (const text of pills) {
      const width = 12 + text.length * 6.4;
      right -= width + 4;
      group.append(
        svgEl("g", { class: "pill" }, svgEl("rect", { x: right, y: box.y - 9, width, height: 17, rx: 8.5 }), svgEl("text", { x: right + width / 2, y: box.y + 3.5 }, text)),
      );
    }
  }

  /** @param {string | null} key */
  ring(key) {
    for (const old of this.root.querySelectorAll(".ring")) old.remove();
    for (const { group } of this.boxes.values()) {
      group.setAttribute("tabindex", "-1");
      group.removeAttribute("aria-current");
    }
    const place = key === null ? undefined : this.boxes.get(key);
    (place ?? this.boxes.values().next().value)?.group.setAttribute("tabindex", "0");
    if (!place) return;
    const { x, y, width, height } = place.box;
    const ring = svgEl("rect", { class: "ring", x: x - 4, y: y - 4, width: width + 8, height: height + 8, rx: 11 });
    place.group.insertBefore(ring, place.group.querySelector(":scope > .badge, :scope > .pill"));
    place.group.setAttribute("aria-current", "true");
  }

  /** @param {(from: string, to: string, kind: string) => boolean} taken */
  wires(taken) {
    for (const wire of this.root.querySelectorAll("g[data-from]")) {
      const is = taken(wire.getAttribute("data-from") ?? "", wire.getAttribute("data-to") ?? "", (wire.getAttribute("class") ?? "").split(" ")[0]);
      wire.classList.toggle("taken", is);
      wire.classList.toggle("untaken", !is);
    }
  }

  // -- zoom and pan --

  apply() {
    const { x, y, width, height } = this.view;
    this.svg?.setAttribute("viewBox", `${x} ${y} ${width} ${height}`);
  }

  /** @returns {number} pixels of the screen in a unit of the drawing */
  scale() {
    return this.clientWidth / this.view.width || 1;
  }

  /** Show the whole drawing; @param {number} [least] the smallest scale */
  fit(least = 0) {
    const width = this.clientWidth || 600;
    const height = this.clientHeight || 400;
    const scale = Math.max(Math.min(1.15, width / this.size.width, height / this.size.height), least);
    this.view = {
      x: this.size.width / 2 - width / scale / 2,
      y: this.size.height * scale > height ? 0 : this.size.height / 2 - height / scale / 2,
      width: width / scale,
      height: height / scale,
    };
    this.apply();
  }

  resized() {
    const now = { width: this.clientWidth, height: this.clientHeight };
    if (!now.width || (now.width === this.measured.width && now.height === this.measured.height)) return;
    this.measured = now;
    if (!this.touched) this.start();
    else {
      this.view.height = (this.view.width * now.height) / now.width;
      this.apply();
    }
  }

  /** The first view: all of it if it can be read, or what is chosen. */
  start() {
    this.fit(0.62);
    const current = /** @type {SVGGElement | null} */ (this.root.querySelector("[aria-current]"));
    if (current) this.reveal(current.id);
  }

  /** @param {number} factor @param {number} [x] @param {number} [y] the point that stays, in the drawing */
  zoom(factor, x = this.view.x + this.view.width / 2, y = this.view.y + this.view.height / 2) {
    const scale = this.scale() * factor;
    if (scale < 0.05 || scale > 6) return;
    this.touched = true;
    const { view } = this;
    this.view = { x: x - (x - view.x) / factor, y: y - (y - view.y) / factor, width: view.width / factor, height: view.height / factor };
    this.apply();
  }

  /** @param {string} key move so that a state is visible */
  reveal(key) {
    const place = this.boxes.get(key);
    if (!place) return;
    const { box } = place;
    const { view } = this;
    const margin = 24 / this.scale();
    if (box.width > view.width || box.x < view.x + margin || box.x + box.width > view.x + view.width - margin) view.x = box.x + box.width / 2 - view.width / 2;
    if (box.height > view.height) view.y = box.y - margin;
    else if (box.y < view.y + margin || box.y + box.height > view.y + view.height - margin) view.y = box.y + box.height / 2 - view.height / 2;
    this.apply();
  }

  /** @param {SVGSVGElement} svg */
  listen(svg) {
    /** @type {Map<number, PointerEvent>} */
    const fingers = new Map();
    let moved = 0;
    svg.addEventListener("pointerdown", (event) => {
      if (event.button === 0) fingers.set(event.pointerId, event);
      moved = 0;
    });
    svg.addEventListener("pointermove", (event) => {
      const before = fingers.get(event.pointerId);
      if (!before) return;
      const x = event.clientX - before.clientX;
      const y = event.clientY - before.clientY;
      moved += Math.abs(x) + Math.abs(y);
      if (moved < 5) return;
      if (!svg.hasPointerCapture(event.pointerId)) svg.setPointerCapture(event.pointerId);
      svg.classList.add("moving");
      this.touched = true;
      const others = [...fingers.values()].filter((other) => other.pointerId !== event.pointerId);
      if (others.length) {
        const distance = (/** @type {PointerEvent} */ one) => Math.hypot(one.clientX - others[0].clientX, one.clientY - others[0].clientY) || 1;
        this.zoom(distance(event) / distance(before));
      } else {
        this.view.x -= x / this.scale();
        this.view.y -= y / this.scale();
        this.apply();
      }
      fingers.set(event.pointerId, event);
    });
    const up = (/** @type {PointerEvent} */ event) => {
      fingers.delete(event.pointerId);
      svg.classList.remove("moving");
    };
    svg.addEventListener("pointerup", up);
    svg.addEventListener("pointercancel", up);
    svg.addEventListener("click", (event) => {
      const group = /** @type {Element} */ (event.target).closest(".node");
      if (group && moved < 5) this.chosen?.(group.id);
    });
    svg.addEventListener("wheel", (event) => {
      if (!event.ctrlKey && !event.metaKey && !document.fullscreenElement) return;
      event.preventDefault();
      const box = this.getBoundingClientRect();
      const x = this.view.x + ((event.clientX - box.left) / box.width) * this.view.width;
      const y = this.view.y + ((event.clientY - box.top) / box.height) * this.view.height;
      this.zoom(Math.exp(-event.deltaY / 400), x, y);
    }, { passive: false });
    svg.addEventListener("keydown", (event) => this.key(event));
  }

  /** @param {KeyboardEvent} event */
  key(event) {
    const group = /** @type {Element} */ (event.target).closest(".node");
    /** @type {Record<string, [number, number]>} */
    const ways = { ArrowDown: [0, 1], ArrowUp: [0, -1], ArrowRight: [1, 0], ArrowLeft: [-1, 0] };
    if (event.key in ways && group) {
      const next = this.nearest(group.id, ...ways[event.key]);
      if (next) {
        this.boxes.get(next)?.group.focus();
        this.reveal(next);
      }
    } else if ((event.key === "Enter" || event.key === " ") && group) this.chosen?.(group.id);
    else if (event.key === "+" || event.key === "=") this.zoom(1.25);
    else if (event.key === "-") this.zoom(0.8);
    else if (event.key === "0") this.fit();
    else return;
    event.preventDefault();
  }

  /** @param {string} key @param {number} dx @param {number} dy @returns {string | null} the next state in a direction */
  nearest(key, dx, dy) {
    const from = this.boxes.get(key)?.box;
    if (!from) return null;
    let best = Infinity;
    let found = null;
    for (const [other, { box }] of this.boxes) {
      if (other === key) continue;
      const middle = (/** @type {{x: number, width: number}} */ one) => one.x + (one.width < 400 ? one.width : 200) / 2;
      const x = middle(box) - middle(from);
      const y = box.y + 25 - from.y - 25;
      const along = x * dx + y * dy;
      const across = Math.abs(x * dy) + Math.abs(y * dx);
      if (along > 4 && along + 2 * across < best) {
        best = along + 2 * across;
        found = other;
      }
    }
    return found;
  }

  // -- export --

  /** @returns {string} the picture as it is shown, as a file of its own */
  picture() {
    if (!this.svg) return "";
    const copy = /** @type {SVGSVGElement} */ (this.svg.cloneNode(true));
    const { width, height } = this.size;
    copy.setAttribute("viewBox", `-12 -12 ${width + 24} ${height + 24}`);
    copy.setAttribute("width", String(width + 24));
    copy.setAttribute("height", String(height + 24));
    copy.setAttribute("role", "img");
    for (const ring of copy.querySelectorAll(".ring")) ring.remove();
    const style = svgEl("style");
    style.textContent = themed(this.style0, theme()) + statusStyle(theme());
    const back = svgEl("rect", { x: -12, y: -12, width: width + 24, height: height + 24, fill: COLOURS[theme()].page.fill });
    copy.prepend(style, back);
    return new XMLSerializer().serializeToString(copy);
  }

  /** @param {string} name */
  saveSvg(name) {
    download(new Blob([this.picture()], { type: "image/svg+xml" }), `${name}.svg`);
  }

  /** @param {string} name */
  async savePng(name) {
    const address = URL.createObjectURL(new Blob([this.picture()], { type: "image/svg+xml" }));
    const image = new Image();
    image.src = address;
    await image.decode();
    const factor = Math.min(2, 8000 / Math.max(image.width, image.height));
    const canvas = el("canvas", { width: Math.round(image.width * factor), height: Math.round(image.height * factor) });
    canvas.getContext("2d")?.drawImage(image, 0, 0, canvas.width, canvas.height);
    URL.revokeObjectURL(address);
    canvas.toBlob((blob) => blob && download(blob, `${name}.png`));
  }
}
customElements.define("sfn-graph", SfnGraph);

/**
 * The graph with its tools, for an execution.
 * @param {Execution} execution
 * @param {Selection} selection
 * @returns {HTMLElement}
 */
export function graphOf(execution, selection) {
  const graph = /** @type {SfnGraph} */ (document.createElement("sfn-graph"));
  const { states, data } = execution;
  const pagers = el("div", { class: "pagers" });
  const whole = el("section", { class: "card graph", "aria-label": "Graph" }, tools(graph, data.title, "Graph"), pagers, graph, legend(execution));
  const numbers = new Map(states.map((state, number) => [state.key, number]));
  if (!data.svg) {
    graph.replaceWith(el("p", { class: "quiet empty" }, "There is nothing to draw: no state was entered."));
    return whole;
  }
  graph.draw(data.svg, `Graph of ${data.title}. The table of states has the same as text.`, states);
  graph.chosen = (key) => selection.chooseState(/** @type {number} */ (numbers.get(key)));
  const update = () => {
    decorate(graph, execution, selection);
    pages(pagers, execution, selection);
    const key = selection.state === null ? undefined : states[selection.state].key;
    graph.ring(key ?? null);
    if (key) graph.reveal(key);
  };
  selection.addEventListener("change", update);
  update();
  return whole;
}

/**
 * @param {SfnGraph} graph
 * @param {string} name
 * @param {string} title
 * @returns {HTMLElement}
 */
export function tools(graph, name, title) {
  const full = () => {
    const card = /** @type {HTMLElement} */ (graph.closest(".card"));
    if (document.fullscreenElement) document.exitFullscreen();
    else card.requestFullscreen?.();
  };
  /** @param {string} label @param {() => void} action @param {string} sign */
  const tool = (label, action, sign) => button(label, action, { icon: sign, bare: true, kind: "small" });
  const menu = el(
    "details",
    { class: "menu" },
    el("summary", { class: "button small", title: "Export", "aria-label": "Export the graph" }, icon("download")),
    el("div", { class: "sheet" }, button("SVG picture", () => graph.saveSvg(name)), button("PNG picture", () => graph.savePng(name))),
  );
  return el(
    "div",
    { class: "cardhead" },
    el("h2", null, title),
    el(
      "div",
      { class: "toolbar" },
      tool("Zoom in", () => graph.zoom(1.25), "plus"),
      tool("Zoom out", () => graph.zoom(0.8), "minus"),
      tool("Fit", () => ((graph.touched = true), graph.fit()), "fit"),
      tool("Full screen", full, "full"),
      menu,
    ),
  );
}

/** @param {Execution} execution @returns {HTMLElement} */
function legend(execution) {
  const order = ["succeeded", "failed", "caught", "running", "cancelled", "timed_out", "none"];
  const used = new Set([...execution.visits.map((visit) => /** @type {string} */ (visit.st)), "none"]);
  return el(
    "ul",
    { class: "legend", "aria-label": "Legend" },
    order.map((status) => el("li", { class: used.has(status) ? "" : "unused" }, el("span", { class: `dot s-${status}` }, icon(status)), WORDS[status])),
  );
}

/** @param {SfnGraph} graph @param {Execution} execution @param {Selection} selection */
function decorate(graph, execution, selection) {
  const current = selection.current();
  const { states } = execution;
  execution.states.forEach((state, number) => {
    if (!state.key) return;
    const at = current.get(number);
    const words = [visible(state.name), state.type];
    if (at === undefined) {
      graph.mark(state.key, "none", [], [...words, WORDS.none].join(", "));
      return;
    }
    const visit = execution.visits[at];
    const pills = [];
    const retries = execution.retriesOf(visit);
    const times = selection.siblings(at).length;
    const iterations = execution.iterations.get(at);
    words.push(WORDS[visit.st]);
    if (retries) {
      pills.push(`↻ ${retries}`);
      words.push(`${retries} retries`);
    }
    if (times > 1) {
      pills.push(`× ${times}`);
      words.push(`visited ${times} times`);
    }
    if (iterations) {
      let bad = 0;
      for (const iteration of iterations.values()) bad += ["SUCCEEDED", "RUNNING", "PENDING_REDRIVE"].includes(iteration[2]) ? 0 : 1;
      pills.push(bad ? `${bad} of ${iterations.size} failed` : `${iterations.size} items`);
      words.push(pills[pills.length - 1]);
    }
    graph.mark(state.key, visit.st, pills, words.join(", "));
  });
  // The transitions between the visits of each lane that is shown.
  /** @type {Set<string>} */
  const taken = new Set();
  for (const holder of [-1, ...current.values()]) {
    const inside = execution.inside.get(holder);
    if (!inside) continue;
    const lane = holder >= 0 && execution.stateOf(holder).type === "Map" ? selection.picked(holder) : undefined;
    /** @type {Map<number | undefined, number>} */
    const last = new Map();
    for (const number of inside) {
      const visit = execution.visits[number];
      if (lane !== undefined && visit.i !== lane) continue;
      const before = last.get(visit.i);
      if (before === undefined) taken.add(`start ${states[visit.s].key}`);
      else {
        const from = execution.visits[before];
        taken.add(`${states[from.s].key} ${states[visit.s].key} ${from.st === "caught" ? "catch" : "next"}`);
      }
      last.set(visit.i, number);
    }
    for (const number of last.values()) {
      const visit = execution.visits[number];
      if (visit.l !== undefined || states[visit.s].type === "Fail") taken.add(`${states[visit.s].key} end`);
    }
  }
  graph.wires((from, to, kind) => taken.has(from === "start" || to === "end" ? `${from} ${to}` : `${from} ${to} ${kind === "catch" ? "catch" : "next"}`));
}

/** Pagers for the iterations of the Map states that are shown. @param {HTMLElement} place @param {Execution} execution @param {Selection} selection */
function pages(place, execution, selection) {
  const focus = place.contains(document.activeElement) ? document.activeElement?.getAttribute("data-focus") : null;
  const made = [];
  for (const [state, visit] of selection.current()) {
    const iterations = execution.iterations.get(visit);
    if (!iterations?.size) continue;
    const ordered = selection.ordered(visit);
    const picked = selection.picked(visit);
    const at = ordered.findIndex((one) => one[1] === picked);
    const name = visible(execution.states[state].name);
    /** @param {number} step */
    const go = (step) => {
      selection.pick(visit, ordered[(at + step + ordered.length) % ordered.length][1]);
      say(`${name}: iteration ${selection.picked(visit)}`);
    };
    /** @type {Map<string, HTMLOptGroupElement>} */
    const parts = new Map();
    for (const one of ordered.slice(0, 2000)) {
      const status = selection.statusOf(one);
      let part = parts.get(status);
      if (!part) parts.set(status, (part = el("optgroup", { label: WORDS[status] })));
      part.append(el("option", { value: String(one[1]), selected: one[1] === picked }, `#${one[1]} ${WORDS[status].toLowerCase()}`));
    }
    const chooser = el(
      "select",
      { "aria-label": `Iteration of ${name}`, "data-focus": `select ${visit}`, onchange: (/** @type {Event} */ event) => selection.pick(visit, Number(/** @type {HTMLSelectElement} */ (event.target).value)) },
      [...parts.values()],
    );
    const previous = button(`Previous iteration of ${name}`, () => go(-1), { icon: "left", bare: true, kind: "small" });
    const next = button(`Next iteration of ${name}`, () => go(1), { icon: "right", bare: true, kind: "small" });
    previous.dataset.focus = `previous ${visit}`;
    next.dataset.focus = `next ${visit}`;
    const keys = (/** @type {KeyboardEvent} */ event) => {
      if (/** @type {Element} */ (event.target).tagName === "SELECT") return;
      if (event.key === "ArrowRight") go(1);
      else if (event.key === "ArrowLeft") go(-1);
    };
    made.push(
      el(
        "div",
        { class: "pager", role: "group", "aria-label": `Iterations of ${name}`, onkeydown: keys },
        el("span", { class: "pagername" }, name),
        previous,
        chooser,
        next,
        el("span", { class: "quiet" }, `${at + 1} of ${ordered.length.toLocaleString("en")}`),
      ),
    );
  }
  show(place, ...made);
  place.hidden = !made.length;
  if (focus) /** @type {HTMLElement | null} */ (place.querySelector(`[data-focus="${focus}"]`))?.focus();
}
