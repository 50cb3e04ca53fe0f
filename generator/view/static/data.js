// The data of the page: its types, how it is read, and what is derived from it.
// @ts-check

/** @typedef {"succeeded" | "failed" | "caught" | "running" | "cancelled" | "timed_out" | "none"} Status */

/**
 * One attempt of a visit: t and e are its start and end, re and of what it called, pa the parameters, out the result.
 * @typedef {{t: number, e: number | null, st: string, re?: string, of?: string, pa?: number, out?: number, er?: string, ca?: number | null}} Attempt
 */

/**
 * A visit to a state: s the state, p the visit around it, i the iteration or branch of that, e and l when it was entered and left,
 * in and out the data, as the assigned variables, v and w the variables before and after it, x the data after each step, r its child execution.
 * @typedef {{s: number, st: Status, e: number, l?: number, p?: number, i?: number, in: number, out?: number, as?: number, v: number, w?: number,
 *   er?: string | null, ca?: number | null, at?: Attempt[], x?: Record<string, number>, r?: number}} Visit
 */

/**
 * @typedef {{name: string, type: string, key?: string, doing?: string, comment?: string, resource?: string, parent?: number,
 *   branch?: number, definition?: string, language?: string, catches?: string[], retries?: string[],
 *   code?: {file: string, line: number, text?: string}}} State
 */

/** An event: id, number of its type, time, id of the event before it, visit or -1, details, child execution. @typedef {any[]} HistoryEvent */
/** An iteration: visit of the Map state, index, status, start, end, child execution. @typedef {any[]} Iteration */

/**
 * @typedef {{version: number, title: string, name: string, arn: string, machine: string, kind: string, status: string, started: number,
 *   stopped: number | null, input: number | null, output: number | null, error: string | null, cause: string | null,
 *   failing: number | null, transitions: number, redrives: number[], facts: Record<string, string>, warnings: string[],
 *   definition: number | null, states: State[], svg: string, inferred: boolean, types: string[], events: HistoryEvent[],
 *   visits: Visit[], iterations: Iteration[], runs: {arn: string, name: string, status: string, first: number}[],
 *   mapRuns: any[], linked: ExecutionData[], texts: string[]}} ExecutionData
 */

/**
 * What a page shows: an execution, two of them, the coverage of a test run, or executions that a server lists.
 * @typedef {{page: "execution" | "compare" | "coverage" | "live", execution?: ExecutionData, other?: ExecutionData,
 *   comparison?: any, coverage?: any[], made?: string}} PageData
 */

/** The words for each status. @type {Record<string, string>} */
export const WORDS = {
  succeeded: "Succeeded",
  failed: "Failed",
  caught: "Caught error",
  running: "In progress",
  cancelled: "Cancelled",
  timed_out: "Timed out",
  none: "Not reached",
};

/** The status of an execution or an attempt, in the words of states. @type {Record<string, Status>} */
const OF_EXECUTION = {
  SUCCEEDED: "succeeded",
  FAILED: "failed",
  RUNNING: "running",
  ABORTED: "cancelled",
  TIMED_OUT: "timed_out",
  PENDING_REDRIVE: "running",
};

/** @param {string} status @returns {Status} */
export function statusOf(status) {
  return OF_EXECUTION[status] ?? "none";
}

/**
 * Read the data in the page, which is compressed.
 * @returns {Promise<PageData>}
 */
export async function embedded() {
  const text = document.getElementById("data")?.textContent ?? "";
  const bytes = Uint8Array.from(atob(text.trim()), (letter) => letter.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  return JSON.parse(await new Response(stream).text());
}

/**
 * Write a time span for people.
 * @param {number | null | undefined} milliseconds
 * @returns {string}
 */
export function duration(milliseconds) {
  if (milliseconds === null || milliseconds === undefined) return "–";
  if (milliseconds < 1000) return `${Math.round(milliseconds * 10) / 10} ms`;
  if (milliseconds < 60_000) return `${Number((milliseconds / 1000).toFixed(milliseconds < 10_000 ? 2 : 1))} s`;
  let rest = Math.round(milliseconds / 1000);
  const parts = [];
  for (const [size, unit] of /** @type {[number, string][]} */ ([[86_400, "d"], [3_600, "h"], [60, "min"], [1, "s"]])) {
    const whole = Math.floor(rest / size);
    rest -= whole * size;
    if (whole) parts.push(`${whole} ${unit}`);
  }
  return parts.slice(0, 2).join(" ");
}

/**
 * Read a time span such as 1.5s or 200ms; NaN if it is none.
 * @param {string} text
 * @returns {number}
 */
export function milliseconds(text) {
  const found = /^([\d.]+)\s*(ms|s|min|m|h|d)?$/.exec(text.trim());
  /** @type {Record<string, number>} */
  const sizes = { ms: 1, s: 1000, m: 60_000, min: 60_000, h: 3_600_000, d: 86_400_000 };
  return found ? Number(found[1]) * sizes[found[2] ?? "s"] : NaN;
}

/**
 * Write a number of bytes for people.
 * @param {number} count
 * @returns {string}
 */
export function bytes(count) {
  return count < 1024 ? `${count} B` : count < 1_048_576 ? `${(count / 1024).toFixed(1)} KB` : `${(count / 1_048_576).toFixed(1)} MB`;
}

/**
 * Write a moment, in the reader's time zone.
 * @param {number} moment
 * @param {boolean} [day]
 * @returns {string}
 */
export function clock(moment, day = true) {
  const at = new Date(moment);
  const pad = (/** @type {number} */ n, size = 2) => String(n).padStart(size, "0");
  const time = `${pad(at.getHours())}:${pad(at.getMinutes())}:${pad(at.getSeconds())}.${pad(at.getMilliseconds(), 3)}`;
  return day ? `${at.getFullYear()}-${pad(at.getMonth() + 1)}-${pad(at.getDate())} ${time}` : time;
}

/** An execution, with what the parts of the page look up in it. */
export class Execution {
  /** @param {ExecutionData} data */
  constructor(data) {
    this.data = data;
    this.states = data.states;
    this.visits = data.visits;
    /** The end of the time axis. */
    this.end = data.stopped ?? Math.max(0, ...data.events.slice(-1).map((event) => event[2]));
    for (const event of data.events.slice(-500)) this.end = Math.max(this.end, event[2]);
    /** Visits by the visit around them; -1 for those of the machine itself. @type {Map<number, number[]>} */
    this.inside = new Map();
    /** Visits of each state. @type {Map<number, number[]>} */
    this.ofState = new Map();
    /** Iterations by the visit of their Map state, the last attempt of each. @type {Map<number, Map<number, Iteration>>} */
    this.iterations = new Map();
    /** Events of each visit. @type {Map<number, number[]> | null} */
    this.ofVisit = null;
    /** The iterations in which an error was caught. @type {Set<string>} */
    this.uneven = new Set();
    data.visits.forEach((visit, number) => {
      if (visit.st === "caught") {
        for (let at = visit; at.p !== undefined; at = data.visits[at.p]) this.uneven.add(`${at.p}.${at.i}`);
      }
      push(this.inside, visit.p ?? -1, number);
      push(this.ofState, visit.s, number);
    });
    for (const iteration of data.iterations) {
      const known = this.iterations.get(iteration[0]) ?? new Map();
      known.set(iteration[1], iteration);
      this.iterations.set(iteration[0], known);
    }
  }

  /** @param {number | null | undefined} index @returns {string | null} */
  text(index) {
    return index === null || index === undefined ? null : this.data.texts[index];
  }

  /** @param {number} visit @returns {State} */
  stateOf(visit) {
    return this.states[this.visits[visit].s];
  }

  /** @param {number} visit @returns {number[]} the indexes of its events */
  eventsOf(visit) {
    if (!this.ofVisit) {
      this.ofVisit = new Map();
      this.data.events.forEach((event, index) => push(/** @type {Map<number, number[]>} */ (this.ofVisit), event[4], index));
    }
    return this.ofVisit.get(visit) ?? [];
  }

  /** @param {Visit} visit @returns {number} the time it took so far */
  took(visit) {
    return (visit.l ?? this.ended(visit)) - visit.e;
  }

  /** @param {Visit} visit @returns {number} its end on the time axis; for one that was not left, its last sign of life */
  ended(visit) {
    if (visit.l !== undefined) return visit.l;
    if (visit.st === "running") return this.end;
    const last = visit.at?.[visit.at.length - 1];
    return last?.e ?? (visit.st === "cancelled" || visit.at ? this.end : visit.e);
  }

  /** @param {number} visit @returns {number[]} the visits around it, from outside to inside */
  around(visit) {
    const found = [];
    for (let at = this.visits[visit].p; at !== undefined; at = this.visits[at].p) found.unshift(at);
    return found;
  }

  /** @param {Visit} visit @returns {string} the iterations and branches that it is in */
  lane(visit) {
    const parts = [];
    /** @type {Visit | undefined} */
    let at = visit;
    while (at && at.p !== undefined) {
      const holder = /** @type {Visit} */ (this.visits[at.p]);
      if (at.i !== undefined) parts.unshift(this.states[holder.s].type === "Map" ? `#${at.i}` : `branch ${at.i + 1}`);
      at = holder;
    }
    return parts.join(" ");
  }

  /** @param {Visit} visit @returns {number} */
  retriesOf(visit) {
    return Math.max(0, (visit.at?.length ?? 0) - 1);
  }

  /** @param {Visit} visit @returns {string} */
  resourceOf(visit) {
    const last = visit.at?.[visit.at.length - 1];
    const state = this.states[visit.s];
    if (last?.re) return last.of ? `${short(last.re)} · ${last.of}` : short(last.re);
    return state.type === "Task" ? (state.doing ?? "") : "";
  }
}

/** @param {string} resource @returns {string} */
function short(resource) {
  const name = /:(?:function|activity):(.+)$/.exec(resource);
  return name ? resource.split(":")[2] === "lambda" ? "lambda" : name[1] : resource;
}

/**
 * @template K
 * @param {Map<K, number[]>} map
 * @param {K} key
 * @param {number} value
 */
function push(map, key, value) {
  const known = map.get(key);
  if (known) known.push(value);
  else map.set(key, [value]);
}
