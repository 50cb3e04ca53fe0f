// One execution: its head, its graph, the panel of the chosen state, and the tables below.
// @ts-check
import { Execution } from "./data.js";
import { button, el, kept, tabbed } from "./dom.js";
import { eventsOf } from "./events.js";
import { graphOf } from "./graph.js";
import { headerOf } from "./header.js";
import { jsonView } from "./json.js";
import { panelOf } from "./panel.js";
import { Selection } from "./selection.js";
import { tableOf } from "./table.js";

/**
 * @typedef {{back?: () => void, backTitle?: string, open?: (execution: import("./data.js").ExecutionData) => void,
 *   actions?: (Node | null)[], openArn?: (arn: string) => (() => void) | null, selection?: Selection,
 *   tabs?: {id: string, title: string, make: () => any}[], tab?: string}} Around
 */

/**
 * @param {import("./data.js").ExecutionData} data
 * @param {Around} [around]
 * @returns {{element: HTMLElement, selection: Selection, execution: Execution}}
 */
export function executionView(data, around = {}) {
  const execution = new Execution(data);
  const selection = new Selection(execution);
  const opener = (/** @type {string} */ arn) => {
    const found = data.linked.find((one) => one.arn === arn);
    const { open } = around;
    return found && open ? () => open(found) : around.openArn?.(arn) ?? null;
  };
  const start = data.failing ?? execution.inside.get(-1)?.[0] ?? null;
  if (start !== null) selection.choose(start);
  const { back } = around;
  const actions = [back ? button(around.backTitle ?? "Back", back, { icon: "back" }) : null, ...(around.actions ?? [])];
  const text = (/** @type {number | null} */ index) => execution.text(index);
  const below = tabbed(
    "Views of the execution",
    "execution",
    [
      ...(around.tabs ?? []),
      { id: "states", title: "States", count: data.visits.length, make: () => tableOf(execution, selection) },
      { id: "events", title: "Events", count: data.events.length, make: () => eventsOf(execution, selection) },
      {
        id: "data",
        title: "Input and output",
        make: () =>
          el(
            "div",
            { class: "sides" },
            el("section", { "aria-label": "Input" }, el("h3", null, "Input"), jsonView(text(data.input), "input of the execution")),
            el("section", { "aria-label": "Output" }, el("h3", null, "Output"), jsonView(text(data.output), "output of the execution")),
          ),
      },
      {
        id: "definition",
        title: "Definition",
        make: () => (data.definition === null ? el("p", { class: "quiet empty" }, "The definition is not known: the graph shows what the history has.") : jsonView(text(data.definition), "definition of the state machine")),
      },
    ],
    around.tab ?? kept("tab") ?? "states",
    (id) => kept("tab", id),
  );
  const element = el(
    "div",
    { class: "execution" },
    headerOf(execution, selection, actions),
    el("div", { class: "two" }, graphOf(execution, selection), panelOf(execution, selection, opener)),
    el("section", { class: "card below", "aria-label": "Tables" }, below),
  );
  return { element, selection, execution };
}
