// The table of states: a tree of visits, iterations and branches, with the timeline. It is the text alternative of the graph.
// @ts-check
import { Execution, WORDS, clock, duration, milliseconds } from "./data.js";
import { el, icon, kept, show, visible } from "./dom.js";
import { Selection } from "./selection.js";
import { axis, timeline } from "./timeline.js";
import { VirtualList } from "./virtual.js";

/** A row: a visit, or an iteration or branch of one. @typedef {{visit?: number, holder?: number, lane?: number, level: number, id: string, more: boolean}} Row */

const COLUMNS = [
  { key: "name", title: "Name", width: "minmax(200px,2.2fr)" },
  { key: "type", title: "Type", width: "82px" },
  { key: "status", title: "Status", width: "128px" },
  { key: "resource", title: "Resource", width: "minmax(120px,1.2fr)" },
  { key: "started", title: "Started after", width: "106px" },
  { key: "duration", title: "Duration", width: "92px" },
  { key: "retries", title: "Retries", width: "66px" },
  { key: "error", title: "Error", width: "minmax(110px,1fr)" },
  { key: "moment", title: "Entered", width: "190px" },
  { key: "timeline", title: "Timeline", width: "minmax(170px,2fr)" },
];
const SHOWN = ["name", "type", "status", "resource", "started", "duration", "timeline"];

/**
 * @param {Execution} execution
 * @param {Selection} selection
 * @returns {HTMLElement}
 */
export function tableOf(execution, selection) {
  /** @type {Set<string>} rows that are open */
  const open = new Set();
  /** @type {string[]} */
  let columns = (kept("columns") ?? SHOWN).filter((/** @type {string} */ key) => COLUMNS.some((column) => column.key === key));
  /** @type {Row[]} */
  let rows = [];
  let query = "";

  const list = new VirtualList({
    label: "States",
    tree: true,
    columns: shownColumns(),
    row(index, cells) {
      const row = rows[index];
      columns.forEach((key, at) => cell(cells[at], key, row));
      const selected = row.visit !== undefined && row.visit === selection.visit;
      return { level: row.level, expanded: row.more ? open.has(row.id) : undefined, selected };
    },
    enter(index) {
      const row = rows[index];
      if (row.visit !== undefined) selection.choose(row.visit);
      else if (row.holder !== undefined && row.lane !== undefined) {
        selection.pick(row.holder, row.lane);
        expand(index, !open.has(row.id));
      }
    },
    expand,
  });

  function shownColumns() {
    return COLUMNS.filter((column) => columns.includes(column.key)).map((column) => ({
      title: column.key === "timeline" ? `Timeline (${axis(execution)})` : column.title,
      width: column.width,
    }));
  }

  /** @param {number} index @param {boolean} wanted */
  function expand(index, wanted) {
    const row = rows[index];
    if (!row.more) return;
    if (wanted) open.add(row.id);
    else open.delete(row.id);
    build(true);
  }

  /** @param {HTMLElement} place @param {string} key @param {Row} row */
  function cell(place, key, row) {
    place.className = `c-${key}`;
    if (row.visit === undefined) {
      laneCell(place, key, row);
      return;
    }
    const visit = execution.visits[row.visit];
    const state = execution.states[visit.s];
    if (key === "name") nameCell(place, row, state.name, query ? execution.lane(visit) : "");
    else if (key === "type") place.append(state.type);
    else if (key === "status") place.append(statusLabel(visit.st));
    else if (key === "resource") place.append(el("span", { title: visible(state.resource ?? "") }, execution.resourceOf(visit)));
    else if (key === "started") place.append(duration(visit.e));
    else if (key === "duration") place.append(duration(execution.took(visit)));
    else if (key === "retries") place.append(String(execution.retriesOf(visit) || ""));
    else if (key === "error") place.append(visible(visit.er ?? ""));
    else if (key === "moment") place.append(clock(execution.data.started + visit.e));
    else place.append(timeline(execution, visit));
  }

  /** @param {HTMLElement} place @param {string} key @param {Row} row */
  function laneCell(place, key, row) {
    const iteration = execution.iterations.get(row.holder ?? -1)?.get(row.lane ?? -1);
    if (key === "name") {
      const holder = execution.stateOf(row.holder ?? 0);
      nameCell(place, row, holder.type === "Map" ? `#${row.lane}` : `Branch ${(row.lane ?? 0) + 1}`, "");
    } else if (!iteration) return;
    else if (key === "type") place.append(iteration[5] === undefined ? "Iteration" : "Execution");
    else if (key === "status") place.append(statusLabel(selection.statusOf(iteration)));
    else if (key === "resource" && iteration[5] !== undefined) place.append(execution.data.runs[iteration[5]].name);
    else if (key === "started") place.append(duration(iteration[3]));
    else if (key === "duration" && iteration[4] !== null) place.append(duration(iteration[4] - iteration[3]));
  }

  /** @param {HTMLElement} place @param {Row} row @param {string} name @param {string} lane */
  function nameCell(place, row, name, lane) {
    const indent = el("span", { class: "indent" });
    indent.style.width = `${(row.level - 1) * 18}px`;
    const twist = el("span", { class: row.more ? `twist${open.has(row.id) ? " open" : ""}` : "twist none" }, row.more ? icon("right") : null);
    place.append(indent, twist, el("span", { class: "name", title: visible(name) }, name), lane ? el("span", { class: "lane" }, lane) : "");
  }

  /** Make the rows. @param {boolean} [keep] */
  function build(keep = false) {
    const before = rows[list.active]?.id;
    rows = [];
    if (query.trim()) {
      const fits = matcher(query, execution);
      execution.visits.forEach((_, number) => {
        if (fits(number)) rows.push({ visit: number, level: 1, id: `v${number}`, more: false });
      });
    } else {
      addVisits(execution.inside.get(-1) ?? [], 1);
    }
    if (keep && before) list.active = Math.max(0, rows.findIndex((row) => row.id === before));
    list.reset(rows.length);
    found.textContent = query.trim() ? `${rows.length.toLocaleString("en")} of ${execution.visits.length.toLocaleString("en")}` : "";
    none.hidden = rows.length > 0;
  }

  /** @param {number[]} visits @param {number} level */
  function addVisits(visits, level) {
    for (const number of visits) {
      const inside = execution.inside.get(number);
      const more = Boolean(inside || execution.iterations.get(number)?.size);
      const id = `v${number}`;
      rows.push({ visit: number, level, id, more });
      if (!more || !open.has(id)) continue;
      /** @type {Map<number, number[]>} */
      const lanes = new Map();
      for (const lane of execution.iterations.get(number)?.keys() ?? []) lanes.set(lane, []);
      for (const child of inside ?? []) {
        const lane = execution.visits[child].i ?? 0;
        const known = lanes.get(lane);
        if (known) known.push(child);
        else lanes.set(lane, [child]);
      }
      for (const [lane, children] of [...lanes].sort((a, b) => a[0] - b[0])) {
        const laneId = `l${number}.${lane}`;
        rows.push({ holder: number, lane, level: level + 1, id: laneId, more: children.length > 0 });
        if (open.has(laneId)) addVisits(children, level + 2);
      }
    }
  }

  const search = el("input", {
    type: "search",
    class: "search",
    placeholder: "Filter: text, status:failed, type:Task, duration>2s, retries>0",
    "aria-label": "Filter the states",
    oninput: () => {
      query = search.value;
      build();
    },
  });
  const statuses = el(
    "select",
    {
      "aria-label": "Filter by status",
      onchange: () => {
        const rest = query.replace(/\bstatus:\S+\s*/g, "").trim();
        query = search.value = [statuses.value ? `status:${statuses.value}` : "", rest].filter(Boolean).join(" ");
        build();
      },
    },
    el("option", { value: "" }, "Any status"),
    Object.keys(WORDS).filter((status) => execution.visits.some((visit) => visit.st === status)).map((status) => el("option", { value: status }, WORDS[status])),
  );
  const found = el("span", { class: "quiet", role: "status" });
  const none = el("p", { class: "quiet empty", hidden: true }, "No state fits the filter.");
  const chooser = el(
    "details",
    { class: "menu" },
    el("summary", { class: "button small" }, icon("columns"), "Columns"),
    el(
      "div",
      { class: "sheet" },
      COLUMNS.map((column) =>
        el(
          "label",
          null,
          el("input", {
            type: "checkbox",
            checked: columns.includes(column.key),
            disabled: column.key === "name",
            onchange: (/** @type {Event} */ event) => {
              const on = /** @type {HTMLInputElement} */ (event.target).checked;
              columns = COLUMNS.map((one) => one.key).filter((key) => (key === column.key ? on : columns.includes(key)));
              kept("columns", columns);
              list.columns(shownColumns());
              list.draw();
            },
          }),
          column.title,
        ),
      ),
    ),
  );
  /** @param {boolean} all */
  const openAll = (all) => {
    open.clear();
    if (all) {
      for (const [holder, inside] of execution.inside) {
        if (holder < 0) continue;
        open.add(`v${holder}`);
        for (const child of inside) open.add(`l${holder}.${execution.visits[child].i ?? 0}`);
      }
    }
    build();
  };
  const nested = execution.inside.size > 1;
  const bar = el(
    "div",
    { class: "filters" },
    search,
    statuses,
    found,
    el("span", { class: "grow" }),
    nested ? el("button", { type: "button", class: "button small", onclick: () => openAll(true) }, "Expand all") : null,
    nested ? el("button", { type: "button", class: "button small", onclick: () => openAll(false) }, "Collapse all") : null,
    chooser,
  );

  /** Open the rows around what is chosen, and show it. */
  function follow() {
    if (selection.visit === null) {
      list.draw();
      return;
    }
    if (!query.trim()) {
      let opened = false;
      for (let at = execution.visits[selection.visit]; at.p !== undefined; at = execution.visits[at.p]) {
        for (const id of [`v${at.p}`, `l${at.p}.${at.i ?? 0}`]) {
          opened ||= !open.has(id);
          open.add(id);
        }
      }
      if (opened) build();
    }
    const index = rows.findIndex((row) => row.visit === selection.visit);
    if (index >= 0) list.reveal(index);
    else list.draw();
  }
  const whole = el("div", { class: "tablewrap" });
  show(whole, bar, list.element, none);
  const change = () => (whole.isConnected ? follow() : selection.removeEventListener("change", change));
  build();
  requestAnimationFrame(() => {
    selection.addEventListener("change", change);
    follow();
  });
  return whole;
}

/** @param {import("./data.js").Status} status @returns {HTMLElement} */
export function statusLabel(status) {
  return el("span", { class: "status" }, el("span", { class: `dot s-${status}` }, icon(status)), WORDS[status]);
}

/**
 * Return whether a visit fits a query: words, and conditions such as status:failed and duration>2s.
 * @param {string} query
 * @param {Execution} execution
 * @returns {(visit: number) => boolean}
 */
export function matcher(query, execution) {
  const tests = (query.match(/"[^"]*"|\S+/g) ?? []).map((part) => {
    const found = /^(\w+)(:|=|>|<)(.+)$/.exec(part);
    if (found) {
      const [, key, sign, wanted] = found;
      const low = wanted.toLowerCase();
      const number = milliseconds(wanted);
      return (/** @type {number} */ at) => {
        const visit = execution.visits[at];
        const state = execution.states[visit.s];
        /** @type {Record<string, string | number>} */
        const values = {
          status: `${visit.st} ${WORDS[visit.st]}`,
          type: state.type,
          name: state.name,
          resource: execution.resourceOf(visit),
          error: visit.er ?? "",
          iteration: visit.i ?? "",
          duration: execution.took(visit),
          started: visit.e,
          retries: execution.retriesOf(visit),
        };
        const value = values[key];
        if (value === undefined) return false;
        if (sign === ">" || sign === "<") {
          const limit = key === "retries" || key === "iteration" ? Number(wanted) : number;
          return sign === ">" ? Number(value) > limit : Number(value) < limit;
        }
        return typeof value === "number" ? value === (key === "retries" ? Number(wanted) : number) : value.toLowerCase().includes(low);
      };
    }
    const low = part.replace(/"/g, "").toLowerCase();
    return (/** @type {number} */ at) => {
      const visit = execution.visits[at];
      const state = execution.states[visit.s];
      return [state.name, state.type, WORDS[visit.st], execution.resourceOf(visit), visit.er ?? "", execution.lane(visit)].some((text) => text.toLowerCase().includes(low));
    };
  });
  return (at) => tests.every((test) => test(at));
}
