// Two executions side by side, with the first difference marked.
// @ts-check
import { WORDS, duration } from "./data.js";
import { button, el, icon } from "./dom.js";
import { executionView } from "./execution.js";
import { jsonDifference, jsonView } from "./json.js";

/**
 * @param {import("./data.js").PageData} page
 * @returns {HTMLElement}
 */
export function compareView(page) {
  const { comparison } = page;
  const sides = [page.execution, page.other].map((data) => executionView(/** @type {import("./data.js").ExecutionData} */ (data)));
  const [a, b] = sides;
  const detail = el("div", { class: "comparison-detail" });
  /** @type {HTMLElement[]} */
  const rows = [];
  const choose = (/** @type {number} */ index) => {
    const [left, right, what] = comparison.rows[index];
    rows.forEach((row, at) => row.setAttribute("aria-current", String(at === index)));
    if (left !== null) a.selection.choose(left);
    if (right !== null) b.selection.choose(right);
    /** @type {HTMLElement[]} */
    const parts = [el("h3", null, what === "same" ? "The same in both" : `Different: ${what}`)];
    for (const [title, key] of /** @type {[string, "in" | "out"][]} */ ([["Input", "in"], ["Output", "out"]])) {
      const before = left === null ? null : a.execution.text(a.execution.visits[left][key]);
      const after = right === null ? null : b.execution.text(b.execution.visits[right][key]);
      if (before === null && after === null) continue;
      if (before === after) parts.push(el("details", { class: "step" }, el("summary", null, el("span", { class: "steptitle" }, title), el("span", { class: "quiet" }, "the same in both")), jsonView(before, title.toLowerCase())));
      else parts.push(el("h3", null, title), jsonDifference(before, after));
    }
    detail.replaceChildren(...parts);
  };
  /** @param {typeof a} side @param {number | null} visit */
  const cell = (side, visit) => {
    if (visit === null) return el("span", { class: "missing" }, "–");
    const one = side.execution.visits[visit];
    return el("span", { class: "status" }, el("span", { class: `dot s-${one.st}`, title: WORDS[one.st] }, icon(one.st)), el("span", null, side.execution.stateOf(visit).name), side.execution.lane(one) ? el("span", { class: "lane" }, side.execution.lane(one)) : null, el("span", { class: "quiet" }, duration(side.execution.took(one))));
  };
  comparison.rows.forEach((/** @type {[number | null, number | null, string]} */ [left, right, what], /** @type {number} */ index) => {
    const first = index === comparison.first;
    rows.push(
      el(
        "button",
        { type: "button", class: `pair ${what === "same" ? "" : "differs"} ${first ? "first" : ""}`, onclick: () => choose(index) },
        cell(a, left),
        el("span", { class: "what" }, first ? "first difference: " : "", what === "same" ? "=" : what),
        cell(b, right),
      ),
    );
  });
  const list = el("div", { class: "pairs", role: "group", "aria-label": "Visits of both executions" }, rows);
  const names = el("div", { class: "pair head" }, el("strong", null, page.execution?.name ?? ""), el("span", null), el("strong", null, page.other?.name ?? ""));
  const found = comparison.first === null ? "The executions took the same way with the same data." : `The first difference is in visit ${comparison.first + 1}.`;
  const jump = comparison.first === null ? null : button("Show the first difference", () => {
    rows[comparison.first].scrollIntoView({ block: "center" });
    choose(comparison.first);
  });
  const whole = el(
    "div",
    { class: "compare" },
    el("section", { class: "card", "aria-label": "Comparison" }, el("div", { class: "cardhead" }, el("h2", null, "Comparison"), el("span", { class: "quiet" }, found), el("span", { class: "grow" }), jump), names, list, detail),
    el("div", { class: "both" }, a.element, b.element),
  );
  if (comparison.first !== null) requestAnimationFrame(() => choose(comparison.first));
  // The ids of the second execution must differ from those of the first.
  for (const element of b.element.querySelectorAll("[id]")) element.id += "-b";
  return whole;
}
