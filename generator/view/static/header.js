// The head of an execution: its status, its facts, its failure, and what can be done with it.
// @ts-check
import { Execution, WORDS, clock, duration, statusOf } from "./data.js";
import { button, copy, download, el, icon } from "./dom.js";
import { jsonOrText } from "./panel.js";
import { Selection } from "./selection.js";
import { TEXTS } from "./events.js";

/**
 * @param {Execution} execution
 * @param {Selection} selection
 * @param {(Node | null)[]} actions further buttons
 * @returns {HTMLElement}
 */
export function headerOf(execution, selection, actions) {
  const { data } = execution;
  const status = statusOf(data.status);
  /** @type {[string, any][]} */
  const facts = [
    ["Started", data.events.length ? clock(data.started) : null],
    ["Ended", data.stopped === null ? null : clock(data.started + data.stopped)],
    ["Duration", duration(data.stopped ?? execution.end)],
    ["State transitions", data.transitions.toLocaleString("en")],
    ["Events", data.events.length.toLocaleString("en")],
    ["Redrives", data.redrives.length ? `${data.redrives.length}, the last after ${duration(data.redrives[data.redrives.length - 1])}` : "0"],
    ["Type", data.kind ? data.kind[0] + data.kind.slice(1).toLowerCase() : null],
    ...Object.entries(data.facts),
  ];
  const arn = data.arn
    ? el("p", { class: "arn" }, el("code", null, data.arn), button("Copy the ARN", () => copy(data.arn), { icon: "copy", bare: true, kind: "small" }))
    : null;
  return el(
    "header",
    { class: `card top s-${status}` },
    el(
      "div",
      { class: "headline" },
      el("span", { class: `dot big s-${status}` }, icon(status)),
      el("div", { class: "titles" }, el("h1", null, data.title), el("p", { class: "quiet mono" }, data.name === data.title ? "" : data.name)),
      el("span", { class: `badge s-${status}` }, WORDS[status]),
      el("span", { class: "grow" }),
      el(
        "div",
        { class: "toolbar" },
        actions,
        button("Export", () => download(new Blob([history(execution)], { type: "application/json" }), `${data.name || "history"}.json`), { icon: "download" }),
      ),
    ),
    arn,
    data.warnings.map((warning) => el("p", { class: "warning" }, icon("caught"), warning)),
    failed(execution, selection),
    el("dl", { class: "facts" }, facts.filter(([, value]) => value).map(([name, value]) => el("div", null, el("dt", null, name), el("dd", null, value)))),
  );
}

/** @param {Execution} execution @param {Selection} selection @returns {HTMLElement | null} */
function failed(execution, selection) {
  const { data } = execution;
  if (!["FAILED", "TIMED_OUT", "ABORTED"].includes(data.status)) return null;
  const at = data.failing;
  const what = data.status === "ABORTED" ? "The execution was stopped" : data.status === "TIMED_OUT" ? "The execution timed out" : "The execution failed";
  return el(
    "section",
    { class: `reason ${data.status === "ABORTED" ? "cancelled" : "failed"}`, "aria-label": "Failure" },
    el("p", { class: "errorname" }, icon(statusOf(data.status)), at === null ? what : `${what} in ${execution.stateOf(at).name}`, data.error ? `: ${data.error}` : ""),
    data.cause ? jsonOrText(data.cause, "cause of the failure") : null,
    at === null ? null : button(`Show ${execution.stateOf(at).name}`, () => {
      selection.choose(at);
      document.getElementById("panel")?.scrollIntoView({ block: "nearest", behavior: "smooth" });
    }, { kind: "small" }),
  );
}

/** @param {Execution} execution @returns {string} the history, as get-execution-history writes it, with the definition */
function history(execution) {
  const { data } = execution;
  const events = data.events.filter((event) => event[6] === undefined).map((event) => {
    const type = data.types[event[1]];
    const details = { ...event[5] };
    for (const key of TEXTS) if (typeof details[key] === "number") details[key] = data.texts[details[key]];
    if (details.assignedVariables) details.assignedVariables = Object.fromEntries(Object.entries(JSON.parse(details.assignedVariables)).map(([name, value]) => [name, JSON.stringify(value)]));
    const place = /StateEntered$/.test(type) ? "stateEntered" : /StateExited$/.test(type) ? "stateExited" : type[0].toLowerCase() + type.slice(1);
    return { timestamp: new Date(data.started + event[2]).toISOString(), type, id: event[0], previousEventId: event[3], [`${place}EventDetails`]: details };
  });
  const described = { executionArn: data.arn, stateMachineArn: data.machine, name: data.name, status: data.status };
  const definition = data.definition === null ? undefined : JSON.parse(data.texts[data.definition]);
  return JSON.stringify({ execution: described, definition, events }, null, 2);
}
