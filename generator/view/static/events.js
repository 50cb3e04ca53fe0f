// The events: all of them, of which only the visible rows exist. The search looks at all.
// @ts-check
import { Execution, clock, duration } from "./data.js";
import { el, show, visible } from "./dom.js";
import { jsonView } from "./json.js";
import { Selection } from "./selection.js";
import { VirtualList } from "./virtual.js";

/** The details whose values are indexes of texts. */
export const TEXTS = new Set(["input", "output", "parameters", "assignedVariables", "cause"]);

/** @param {string} type @returns {import("./data.js").Status} the colour of an event */
function colour(type) {
  if (/Failed$|StartFailed$/.test(type)) return "failed";
  if (/TimedOut$/.test(type)) return "timed_out";
  if (/Aborted$/.test(type)) return "cancelled";
  if (/Succeeded$|Exited$/.test(type)) return "succeeded";
  return "running";
}

/**
 * The details of an event as JSON, with its texts as JSON values.
 * @param {Execution} execution
 * @param {any[]} event
 * @returns {string}
 */
export function detailsOf(execution, event) {
  const parts = Object.entries(event[5]).map(([key, value]) => {
    const text = TEXTS.has(key) && typeof value === "number" ? execution.data.texts[value] : null;
    return `${JSON.stringify(key)}:${text === null ? JSON.stringify(value) : key === "cause" ? JSON.stringify(text) : text}`;
  });
  return `{${parts.join(",")}}`;
}

/**
 * @param {Execution} execution
 * @param {Selection} selection
 * @param {number[]} [only] the events to show; all by default
 * @returns {HTMLElement}
 */
export function eventsOf(execution, selection, only) {
  const { events, types, texts } = execution.data;
  const all = only ?? events.map((_, index) => index);
  let rows = all;
  let down = false;

  const list = new VirtualList({
    label: only ? "Events of the state" : "Events",
    tree: true,
    height: 32,
    columns: only
      ? [{ title: "#", width: "52px" }, { title: "Type", width: "minmax(150px,1fr)" }, { title: "After", width: "80px" }]
      : [
          { title: "#", width: "64px", key: "id" },
          { title: "Type", width: "minmax(200px,1.6fr)" },
          { title: "State", width: "minmax(140px,1.4fr)" },
          { title: "Time", width: "190px" },
          { title: "After", width: "90px" },
          { title: "Before it", width: "78px" },
        ],
    sort: { key: "id", down },
    sorted: () => {
      down = !down;
      if (list.options.sort) list.options.sort.down = down;
      list.columns(list.options.columns);
      find();
    },
    row(index, cells) {
      const event = events[rows[index]];
      const type = types[event[1]];
      const mark = el("span", { class: `dot plain s-${colour(type)}` });
      const after = duration(event[2]);
      const twist = el("span", { class: `twist${list.open.has(index) ? " open" : ""}` }, "›");
      if (only) fill(cells, [[twist, String(event[0])], [mark, el("span", { title: type }, type)], [after]]);
      else {
        const visit = event[4] < 0 ? null : execution.visits[event[4]];
        const lane = visit ? execution.lane(visit) : "";
        const state = visit ? el("span", { title: visible(execution.states[visit.s].name) }, execution.states[visit.s].name) : "";
        fill(cells, [[twist, String(event[0])], [mark, type], [state, lane ? el("span", { class: "lane" }, lane) : ""], [clock(execution.data.started + event[2])], [after], [String(event[3] || "")]]);
      }
      return { level: 1, expanded: list.open.has(index) };
    },
    detail(index) {
      const event = events[rows[index]];
      const run = event[6] === undefined ? null : execution.data.runs[event[6]];
      const place = el("div", { class: "eventdetail" });
      show(
        place,
        run ? el("p", { class: "quiet" }, `Child execution ${run.name}`) : null,
        event[4] >= 0 && !only ? el("button", { type: "button", class: "button small", onclick: () => selection.choose(event[4]) }, `Show ${execution.stateOf(event[4]).name}`) : null,
        jsonView(detailsOf(execution, event), `details of event ${event[0]}`),
      );
      return place;
    },
    enter: (index) => list.toggle(index),
    expand: (index, open) => list.toggle(index, open),
  });

  /** @param {HTMLElement[]} cells @param {any[][]} contents */
  function fill(cells, contents) {
    contents.forEach((content, at) => cells[at].append(...content));
  }

  const search = el("input", { type: "search", class: "search", placeholder: "Search all events and their data", "aria-label": "Search the events", oninput: () => find() });
  const used = only ? [] : types.map((type, number) => ({ type, number })).sort((a, b) => a.type.localeCompare(b.type));
  const byType = el(
    "select",
    { "aria-label": "Filter by type", onchange: () => find() },
    el("option", { value: "" }, "Any type"),
    used.map(({ type, number }) => el("option", { value: String(number) }, type)),
  );
  const byState = el(
    "select",
    { "aria-label": "Filter by state", onchange: () => find() },
    el("option", { value: "" }, "Any state"),
    execution.states.map((state, number) => (execution.ofState.has(number) ? el("option", { value: String(number) }, state.name) : null)),
  );
  const found = el("span", { class: "quiet", role: "status" });
  const none = el("p", { class: "quiet empty", hidden: true }, "No event fits.");

  function find() {
    const wanted = search.value.trim().toLowerCase();
    /** @type {Set<number>} */
    const inTexts = new Set();
    if (wanted) texts.forEach((text, index) => text.toLowerCase().includes(wanted) && inTexts.add(index));
    const ofTypes = types.map((type) => type.toLowerCase().includes(wanted));
    const ofStates = execution.states.map((state) => state.name.toLowerCase().includes(wanted));
    rows = all.filter((index) => {
      const event = events[index];
      if (byType.value && event[1] !== Number(byType.value)) return false;
      const visit = event[4] < 0 ? null : execution.visits[event[4]];
      if (byState.value && visit?.s !== Number(byState.value)) return false;
      if (!wanted || ofTypes[event[1]] || (visit && ofStates[visit.s]) || String(event[0]) === wanted) return true;
      for (const [key, value] of Object.entries(event[5])) {
        if (TEXTS.has(key) && typeof value === "number" ? inTexts.has(value) : JSON.stringify(value).toLowerCase().includes(wanted)) return true;
      }
      return false;
    });
    if (down) rows = [...rows].reverse();
    found.textContent = `${rows.length.toLocaleString("en")} of ${all.length.toLocaleString("en")} events`;
    none.hidden = rows.length > 0;
    list.reset(rows.length);
  }
  find();
  if (only) return list.element;
  return el("div", { class: "tablewrap" }, el("div", { class: "filters" }, search, byType, byState, found), list.element, none);
}
