// JSON for people: indented, coloured, and cut where it is long.
// @ts-check
import { bytes } from "./data.js";
import { button, copy, el, visible } from "./dom.js";

const MOST = 60_000;
/** Lines that are shown around a difference. */
const CONTEXT = 2;
const TOKENS = /("(?:[^"\\]|\\.)*")(\s*:)?|\b(true|false|null)\b|(-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)/g;

/**
 * Return a JSON text, indented. A text that is not JSON is returned as it is; numbers keep their digits.
 * @param {string} text
 * @returns {string}
 */
export function pretty(text) {
  if (/[\n\t ]/.test(text.replace(/"(?:[^"\\]|\\.)*"/g, "")) && !/\d{16}/.test(text)) {
    try {
      text = JSON.stringify(JSON.parse(text));
    } catch {
      return text;
    }
  }
  let made = "";
  let depth = 0;
  let start = 0;
  const line = () => "\n" + "  ".repeat(depth);
  for (let at = 0; at < text.length; at++) {
    const letter = text[at];
    if (letter === '"') {
      at = stringEnd(text, at);
    } else if (letter === "{" || letter === "[") {
      const close = letter === "{" ? "}" : "]";
      made += text.slice(start, at + 1);
      start = at + 1;
      if (text[at + 1] === close) continue;
      depth++;
      made += line();
    } else if (letter === "}" || letter === "]") {
      made += text.slice(start, at);
      if (text[at - 1] !== "{" && text[at - 1] !== "[") {
        depth--;
        made += line();
      }
      made += letter;
      start = at + 1;
    } else if (letter === ",") {
      made += text.slice(start, at + 1) + line();
      start = at + 1;
    } else if (letter === ":") {
      made += text.slice(start, at + 1) + " ";
      start = at + 1;
    }
  }
  return made + text.slice(start);
}

/** @param {string} text @param {number} from @returns {number} where a string ends */
function stringEnd(text, from) {
  let at = from + 1;
  while (at < text.length && text[at] !== '"') at += text[at] === "\\" ? 2 : 1;
  return at;
}

/**
 * Show a JSON text.
 * @param {string | null} text
 * @param {string} label the accessible name
 * @param {{lines?: number}} [how]
 * @returns {HTMLElement}
 */
export function jsonView(text, label, how = {}) {
  if (text === null) return el("p", { class: "quiet" }, "None.");
  const whole = pretty(text);
  const place = el("pre", { class: "json", tabindex: "0", role: "region", "aria-label": label, dir: "ltr" });
  const view = el("div", { class: "jsonview" }, place);
  colour(place, whole.slice(0, MOST));
  const tools = el("div", { class: "jsontools" }, button(`Copy ${label}`, () => copy(whole), { icon: "copy", bare: true, kind: "small" }));
  view.append(tools);
  if (whole.length > MOST) {
    const more = button(`Show all (${bytes(whole.length)})`, () => {
      place.replaceChildren(visible(whole));
      more.remove();
    }, { kind: "small" });
    view.append(more);
  }
  return view;
}

/** @param {HTMLElement} place @param {string} text */
function colour(place, text) {
  let at = 0;
  for (const found of text.matchAll(TOKENS)) {
    if (found.index > at) place.append(visible(text.slice(at, found.index)));
    const [whole, string, colon, word] = found;
    const kind = string ? (colon ? "key" : "string") : word ? "word" : "number";
    place.append(el("span", { class: kind }, string ?? whole));
    if (colon) place.append(colon);
    at = found.index + whole.length;
  }
  place.append(visible(text.slice(at)));
}

/**
 * Show two JSON texts side by side, with the lines that differ marked. Lines far from any difference are folded.
 * @param {string | null} before
 * @param {string | null} after
 * @returns {HTMLElement}
 */
export function jsonDifference(before, after) {
  const left = before === null ? [] : pretty(before).slice(0, MOST).split("\n");
  const right = after === null ? [] : pretty(after).slice(0, MOST).split("\n");
  const plain = (/** @type {string} */ line) => line.replace(/,$/, "");
  const inLeft = new Set(left.map(plain));
  const inRight = new Set(right.map(plain));
  /** @param {string[]} lines @param {Set<string>} others @param {string} kind @param {string} sign @param {string} label */
  const side = (lines, others, kind, sign, label) => {
    const differ = lines.map((line) => !others.has(plain(line)));
    const near = lines.map((_, at) => differ.slice(Math.max(0, at - CONTEXT), at + CONTEXT + 1).some(Boolean));
    /** @type {HTMLElement[]} */
    const made = [];
    for (let at = 0; at < lines.length; at++) {
      let end = at;
      while (end < lines.length && !near[end]) end++;
      if (end - at > 2) {
        made.push(el("span", { class: "line folded" }, `⋯ ${end - at} lines that are in both\n`));
        at = end - 1;
      } else made.push(el("span", { class: differ[at] ? `line ${kind}` : "line" }, differ[at] ? `${sign} ${lines[at]}` : `  ${lines[at]}`, "\n"));
    }
    return el("pre", { class: "json", tabindex: "0", role: "region", "aria-label": label, dir: "ltr" }, made);
  };
  return el("div", { class: "sides" }, side(left, inRight, "removed", "−", "first execution"), side(right, inLeft, "added", "+", "second execution"));
}
