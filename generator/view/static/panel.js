// The panel of the chosen state: its data, its attempts, its events, its definition and its code.
// @ts-check
import { Execution, WORDS, clock, duration, statusOf } from "./data.js";
import { button, copy, el, icon, kept, show, tabbed, visible } from "./dom.js";
import { eventsOf } from "./events.js";
import { jsonView } from "./json.js";
import { Selection } from "./selection.js";
import { statusLabel } from "./table.js";

/** The steps of the data, with the fields that make them, in their order. @type {[string, string, string[]][]} */
const STEPS = [
  ["afterInputPath", "After InputPath", ["InputPath"]],
  ["afterItemsPath", "Items", ["ItemsPath", "Items", "ItemReader"]],
  ["afterItemSelector", "After ItemSelector", ["ItemSelector"]],
  ["afterItemBatcher", "After ItemBatcher", ["ItemBatcher"]],
  ["afterParameters", "After Parameters", ["Parameters"]],
  ["afterArguments", "After Arguments", ["Arguments"]],
  ["result", "Result", ["Result"]],
  ["afterResultSelector", "After ResultSelector", ["ResultSelector"]],
  ["afterResultPath", "After ResultPath", ["ResultPath"]],
];

/**
 * @param {Execution} execution
 * @param {Selection} selection
 * @param {(arn: string) => (() => void) | null} opener returns what opens an execution that this one started, if the page has it
 * @returns {HTMLElement}
 */
export function panelOf(execution, selection, opener) {
  const place = el("section", { class: "card panel", "aria-label": "State", id: "panel" });
  let chosen = kept("panel") ?? "data";
  const update = () => {
    const { visit, state } = selection;
    if (visit !== null) visited(place, execution, selection, visit, chosen, (id) => kept("panel", (chosen = id)), opener);
    else if (state !== null) unvisited(place, execution, state);
    else
      show(
        place,
        el("div", { class: "cardhead" }, el("h2", null, "State")),
        el("p", { class: "quiet empty" }, "Choose a state in the graph or in the table, to see its data, its attempts and its code."),
      );
  };
  selection.addEventListener("change", update);
  update();
  return place;
}

/** @param {HTMLElement} place @param {Execution} execution @param {number} number */
function unvisited(place, execution, number) {
  const state = execution.states[number];
  show(place, head(state, el("span", { class: "status" }, el("span", { class: "dot s-none" }, icon("none")), WORDS.none)), el("div", { class: "panelbody" }, ...code(state)));
}

/** @param {import("./data.js").State} state @param {Node} label @param {(Node | null)[]} more @returns {HTMLElement} */
function head(state, label, ...more) {
  return el("div", { class: "cardhead" }, el("h2", { title: visible(state.name) }, state.name), el("span", { class: "quiet" }, state.type), label, el("span", { class: "grow" }), more);
}

/**
 * @param {HTMLElement} place
 * @param {Execution} execution
 * @param {Selection} selection
 * @param {number} number
 * @param {string} chosen
 * @param {(id: string) => void} changed
 * @param {(arn: string) => (() => void) | null} opener
 */
function visited(place, execution, selection, number, chosen, changed, opener) {
  const visit = execution.visits[number];
  const state = execution.states[visit.s];
  const text = (/** @type {number | null | undefined} */ index) => execution.text(index);
  const siblings = selection.siblings(number);
  const at = siblings.indexOf(number);
  const pager = siblings.length > 1
    ? el(
        "span",
        { class: "pager", role: "group", "aria-label": "Visits" },
        button("Previous visit", () => selection.choose(siblings[(at - 1 + siblings.length) % siblings.length]), { icon: "left", bare: true, kind: "small" }),
        el("span", { class: "quiet" }, `visit ${at + 1} of ${siblings.length}`),
        button("Next visit", () => selection.choose(siblings[(at + 1) % siblings.length]), { icon: "right", bare: true, kind: "small" }),
      )
    : null;
  const events = execution.eventsOf(number);
  const attempts = visit.at ?? [];
  const tabs = [
    { id: "data", title: "Data", make: () => data() },
    { id: "details", title: "Details", make: () => details() },
    ...(attempts.length ? [{ id: "attempts", title: "Attempts", count: attempts.length, make: () => attempts.map((_, index) => attempt(index)) }] : []),
    { id: "variables", title: "Variables", make: () => variables() },
    { id: "events", title: "Events", count: events.length, make: () => eventsOf(execution, selection, events) },
    { id: "definition", title: "Definition", make: () => code(state) },
  ];

  /** @returns {(Node | null)[]} */
  function data() {
    const made = [failure(visit, execution)];
    const flow = visit.x;
    const fields = state.definition ? JSON.parse(state.definition) : {};
    let before = text(visit.in);
    made.push(step("Input", null, before, true));
    if (flow) {
      for (const [key, title, names] of STEPS) {
        if (!(key in flow)) continue;
        const value = text(flow[key]);
        const field = names.find((name) => name in fields);
        if (value === before && !field) continue;
        made.push(step(title, field ? fieldText(fields[field]) : null, value, key === "result", value === before));
        before = value;
      }
    } else if (attempts.length && attempts[attempts.length - 1].pa !== undefined) {
      const last = attempts[attempts.length - 1];
      const name = "Arguments" in fields ? "Arguments" : "Parameters";
      made.push(step(`Sent (${name})`, name in fields ? fieldText(fields[name]) : null, text(last.pa), false));
      if (last.out !== undefined) made.push(step("Result", null, text(last.out), true));
    }
    if (visit.as !== undefined) made.push(step("Assign", "Assign" in fields ? fieldText(fields.Assign) : null, text(visit.as), true));
    if (visit.out !== undefined) {
      const field = ["Output", "OutputPath"].find((name) => name in fields);
      made.push(step("Output", field ? fieldText(fields[field]) : null, text(visit.out), true, text(visit.out) === text(visit.in)));
    } else made.push(el("p", { class: "quiet" }, visit.st === "running" ? "It has not ended: there is no output yet." : "It was not left: there is no output."));
    return made;
  }

  /** @param {any} value @returns {string} */
  function fieldText(value) {
    return typeof value === "string" ? value : JSON.stringify(value);
  }

  /** @param {string} title @param {string | null} field @param {string | null} value @param {boolean} open @param {boolean} [same] */
  function step(title, field, value, open, same = false) {
    return el(
      "details",
      { class: "step", open },
      el("summary", null, el("span", { class: "steptitle" }, title), field ? el("code", { title: field }, field.length > 90 ? field.slice(0, 90) + "…" : field) : null, same ? el("span", { class: "quiet" }, "unchanged") : null),
      jsonView(value, title.toLowerCase()),
    );
  }

  function details() {
    const last = attempts[attempts.length - 1];
    const iterations = execution.iterations.get(number);
    const run = visit.r === undefined ? null : execution.data.runs[visit.r];
    /** @type {[string, any][]} */
    const facts = [
      ["Status", statusLabel(visit.st)],
      ["Type", state.type],
      ["Resource", state.resource],
      ["Calls", last?.re && last.re !== state.resource ? last.re : null],
      ["Of", last?.of],
      ["Entered", clock(execution.data.started + visit.e)],
      ["Started after", duration(visit.e)],
      ["Left", visit.l === undefined ? null : clock(execution.data.started + visit.l)],
      ["Duration", duration(execution.took(visit))],
      [execution.data.redrives.length ? "Retries and redrives" : "Retries", attempts.length > 1 ? String(attempts.length - 1) : null],
      ["Retried on", state.retries?.join("; ")],
      ["Catches", state.catches?.join("; ")],
      ["Inside", execution.lane(visit) ? execution.around(number).map((one) => execution.stateOf(one).name).join(" › ") + ` ${execution.lane(visit)}` : null],
      ["Child execution", run?.arn],
      ["Query language", state.language],
      ["Comment", state.comment],
    ];
    if (state.definition) {
      const fields = JSON.parse(state.definition);
      for (const name of ["TimeoutSeconds", "TimeoutSecondsPath", "HeartbeatSeconds", "HeartbeatSecondsPath", "MaxConcurrency", "Seconds", "Timestamp"]) if (name in fields) facts.push([name, String(fields[name])]);
    }
    if (iterations) {
      /** @type {Record<string, number>} */
      const counts = {};
      for (const one of iterations.values()) counts[statusOf(one[2])] = (counts[statusOf(one[2])] ?? 0) + 1;
      facts.push(["Iterations", Object.entries(counts).map(([status, count]) => `${count.toLocaleString("en")} ${WORDS[status].toLowerCase()}`).join(", ")]);
    }
    const mapRun = mapRunOf();
    const started = childExecutions();
    return [
      failure(visit, execution),
      el("dl", { class: "facts one" }, facts.filter(([, value]) => value).map(([name, value]) => el("div", null, el("dt", null, name), el("dd", null, value)))),
      mapRun ? el("h3", null, "Map Run") : null,
      mapRun ? jsonView(JSON.stringify(mapRun), "map run") : null,
      started.length ? el("h3", null, "Started executions") : null,
      ...started,
    ];
  }

  function mapRunOf() {
    const arn = events.map((index) => execution.data.events[index][5].mapRunArn).find(Boolean);
    return execution.data.mapRuns.find((one) => one.mapRunArn === arn) ?? (arn ? { mapRunArn: arn } : null);
  }

  function childExecutions() {
    /** @type {Set<string>} */
    const found = new Set();
    for (const index of events) {
      const output = execution.data.events[index][5].output;
      for (const arn of (text(output) ?? "").match(/arn:[^:"]+:states:[^:"]*:\d*:(?:express|execution):[^"\\]+/g) ?? []) found.add(arn);
    }
    return [...found].map((arn) => {
      const open = opener(arn);
      return el("p", { class: "child" }, el("code", null, arn), open ? button("Show this execution", open, { kind: "small" }) : null);
    });
  }

  /** @param {number} index */
  function attempt(index) {
    const one = attempts[index];
    const before = attempts[index - 1];
    const redrive = before ? execution.data.redrives.findIndex((at) => at >= (before.e ?? before.t) && at <= one.t) : -1;
    const title = index === 0 ? (attempts.length > 1 ? "First attempt" : "Attempt") : redrive >= 0 ? `Redrive ${redrive + 1}` : `Retry ${index}`;
    const status = one.st === "FAILED" && one.er === "States.Timeout" ? "timed_out" : statusOf(one.st);
    return el(
      "details",
      { class: "step", open: index === attempts.length - 1 || attempts.length < 4 },
      el("summary", null, el("span", { class: "steptitle" }, title), statusLabel(status), el("span", { class: "quiet" }, `${duration((one.e ?? execution.ended(visit)) - one.t)}${before?.e !== undefined && before.e !== null ? `, after a wait of ${duration(one.t - before.e)}` : ""}`)),
      one.er ? el("p", { class: "errorname" }, one.er) : null,
      one.ca !== undefined && one.ca !== null ? jsonOrText(text(one.ca) ?? "", `cause of attempt ${index + 1}`) : null,
      one.pa !== undefined ? el("h3", null, "Sent") : null,
      one.pa !== undefined ? jsonView(text(one.pa), `parameters of attempt ${index + 1}`) : null,
      one.out !== undefined ? el("h3", null, "Result") : null,
      one.out !== undefined ? jsonView(text(one.out), `result of attempt ${index + 1}`) : null,
    );
  }

  function variables() {
    const before = text(visit.v) ?? "{}";
    const assigned = text(visit.as);
    if (before === "{}" && !assigned) return [el("p", { class: "quiet empty" }, "There were no variables, and it assigned none.")];
    return [
      el("h3", null, "Before"),
      jsonView(before, "variables before"),
      el("h3", null, assigned ? `After: it assigned ${Object.keys(JSON.parse(assigned)).join(", ")}` : "After: unchanged"),
      assigned ? jsonView(text(visit.w), "variables after") : null,
    ];
  }

  show(place, head(state, statusLabel(visit.st), pager), tabbed("Views of the state", "state", tabs, chosen, changed));
}

/** @param {import("./data.js").Visit} visit @param {Execution} execution @returns {HTMLElement | null} */
function failure(visit, execution) {
  if (visit.er === undefined && visit.ca === undefined) return null;
  const caught = visit.st === "caught";
  return el(
    "div",
    { class: `reason ${caught ? "caught" : "failed"}` },
    el("p", { class: "errorname" }, icon(caught ? "caught" : "failed"), caught ? "Caught: " : "", visit.er ?? "The failure has no error name"),
    visit.ca !== undefined && visit.ca !== null ? jsonOrText(execution.text(visit.ca) ?? "", "cause") : null,
  );
}

/** A cause may be JSON, as that of a Lambda function is. @param {string} text @param {string} label @returns {HTMLElement} */
export function jsonOrText(text, label) {
  try {
    const value = JSON.parse(text);
    if (value && typeof value === "object") {
      const said = value.errorMessage ?? value.Cause ?? value.message;
      const view = jsonView(text, label);
      if (typeof said !== "string") return view;
      return el("div", null, el("p", { class: "cause" }, said.slice(0, 5000)), el("details", { class: "step more" }, el("summary", null, "The whole cause"), view));
    }
  } catch {
    // It is a text.
  }
  return el("p", { class: "cause" }, text.length > 5000 ? text.slice(0, 5000) + "…" : text);
}

/** @param {import("./data.js").State} state @returns {(Node | null)[]} the definition and the code of a state */
function code(state) {
  const { code: written } = state;
  return [
    written ? el("h3", null, icon("code"), el("span", null, `${written.file}:${written.line}`), button("Copy the place", () => copy(`${written.file}:${written.line}`), { icon: "copy", bare: true, kind: "small" })) : null,
    written?.text ? lines(written.text, written.line) : null,
    state.definition ? el("h3", null, "Amazon States Language") : el("p", { class: "quiet" }, "The definition is not in this page."),
    state.definition ? jsonView(state.definition, "definition") : null,
  ];
}

/** @param {string} text @param {number} first @returns {HTMLElement} */
function lines(text, first) {
  return el(
    "pre",
    { class: "json code", tabindex: "0", role: "region", "aria-label": "source code", dir: "ltr" },
    text.split("\n").map((line, index) => el("span", { class: "line" }, el("span", { class: "lineno" }, String(first + index)), line + "\n")),
  );
}
