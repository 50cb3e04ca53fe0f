// The coverage of a test run: which states and transitions ran, on the same graph.
// @ts-check
import { el, icon, visible } from "./dom.js";
import { SfnGraph, tools } from "./graph.js";

/**
 * @param {any[]} machines
 * @returns {HTMLElement}
 */
export function coverageView(machines) {
  return el(
    "div",
    { class: "coverage" },
    el("header", { class: "card top" }, el("div", { class: "headline" }, el("div", { class: "titles" }, el("h1", null, "Workflow coverage"), el("p", { class: "quiet" }, "The states that tests ran, and the transitions that they took.")))),
    machines.map(machine),
  );
}

/** @param {any} one @returns {HTMLElement} */
function machine(one) {
  const graph = /** @type {SfnGraph} */ (document.createElement("sfn-graph"));
  const taken = new Set(one.transitions.filter((/** @type {any[]} */ way) => way[2]).map((/** @type {any[]} */ way) => `${way[0]} ${way[1]}`));
  const ran = new Set(one.states.filter((/** @type {any} */ state) => state.ran).map((/** @type {any} */ state) => state.key));
  const missing = one.transitions.filter((/** @type {any[]} */ way) => !way[2]);
  const names = new Map(one.states.map((/** @type {any} */ state) => [state.key, state.name]));
  if (one.svg) {
    graph.draw(one.svg, `Coverage of ${one.title}`, one.states);
    for (const state of one.states) graph.mark(state.key, state.ran ? "succeeded" : "none", [], `${visible(state.name)}, ${state.ran ? "ran" : "did not run"}`);
    graph.wires((from, to) => (from === "start" ? ran.has(to) : to === "end" ? ran.has(from) : taken.has(`${from} ${to}`)));
  }
  const share = Math.floor(one.percent);
  const meter = el("div", { class: "meter", role: "meter", "aria-valuenow": share, "aria-valuemin": 0, "aria-valuemax": 100, "aria-label": `Coverage of ${one.title}` });
  const fill = el("span");
  fill.style.width = `${share}%`;
  meter.append(fill);
  return el(
    "section",
    { class: "card graph", "aria-label": one.title },
    tools(graph, one.title, one.title),
    el("div", { class: "sums" }, meter, el("span", null, `${share}% of states and transitions`), el("span", { class: "quiet" }, one.summary)),
    one.svg ? graph : null,
    el(
      "details",
      { class: "step", open: missing.length > 0 || ran.size < one.states.length },
      el("summary", null, el("span", { class: "steptitle" }, "Not covered")),
      el(
        "ul",
        { class: "missing" },
        one.states.filter((/** @type {any} */ state) => !state.ran).map((/** @type {any} */ state) => el("li", null, el("span", { class: "dot s-none" }, icon("none")), `State ${state.name}`)),
        missing.map((/** @type {any[]} */ way) => el("li", null, el("span", { class: "dot s-none" }, icon("none")), `Transition ${names.get(way[0]) ?? way[0]} → ${names.get(way[1]) ?? way[1]}`)),
        missing.length || ran.size < one.states.length ? null : el("li", null, "Nothing: every state ran, and every transition was taken."),
      ),
    ),
  );
}
