// What is chosen: one visit or state, and for each Map state the iteration that is shown. Graph, table and panel share it.
// @ts-check
import { Execution, statusOf } from "./data.js";

/** Iterations to page through: those that went wrong first. @type {Record<string, number>} */
const URGENCY = { failed: 0, timed_out: 1, cancelled: 2, caught: 3, running: 4, succeeded: 5 };

export class Selection extends EventTarget {
  /** @param {Execution} execution */
  constructor(execution) {
    super();
    this.execution = execution;
    /** @type {number | null} the chosen visit */
    this.visit = null;
    /** @type {number | null} the chosen state */
    this.state = null;
    /** @type {Map<number, number>} the iteration shown, by the visit of the Map state */
    this.picks = new Map();
    /** @type {Map<number, number> | null} */
    this.known = null;
    /** @type {Map<number, any[][]>} */
    this.orders = new Map();
  }

  /** @param {number | null} visit choose a visit; the iterations around it are shown, too */
  choose(visit) {
    this.visit = visit;
    this.state = visit === null ? null : this.execution.visits[visit].s;
    for (let at = visit; at !== null && at !== undefined; ) {
      const one = this.execution.visits[at];
      if (one.p !== undefined && one.i !== undefined && this.execution.stateOf(one.p).type === "Map") this.picks.set(one.p, one.i);
      at = one.p ?? null;
    }
    this.changed();
  }

  /** @param {number} state choose a state, with its visit in the iterations that are shown */
  chooseState(state) {
    const visit = this.current().get(state);
    if (visit !== undefined) this.choose(visit);
    else {
      this.visit = null;
      this.state = state;
      this.changed();
    }
  }

  /** @param {number} visit @param {number} index show an iteration of a Map state */
  pick(visit, index) {
    this.picks.set(visit, index);
    this.known = null;
    const inside = this.visit !== null && this.execution.around(this.visit).includes(visit);
    if (inside && this.state !== null) {
      const now = this.current().get(this.state);
      if (now !== undefined) this.visit = now;
      else this.visit = visit;
      this.state = this.execution.visits[this.visit].s;
    }
    this.changed();
  }

  /** @param {number} visit of a Map state @returns {number | undefined} the index of the iteration that is shown */
  picked(visit) {
    const chosen = this.picks.get(visit);
    return chosen ?? this.ordered(visit)[0]?.[1];
  }

  /** @param {number} visit of a Map state @returns {any[][]} its iterations, failed ones first */
  ordered(visit) {
    let found = this.orders.get(visit);
    if (!found) {
      const all = [...(this.execution.iterations.get(visit)?.values() ?? [])];
      found = all.sort((a, b) => URGENCY[this.statusOf(a)] - URGENCY[this.statusOf(b)] || a[1] - b[1]);
      this.orders.set(visit, found);
    }
    return found;
  }

  /** @param {any[]} iteration @returns {import("./data.js").Status} its status; one with a caught error succeeded, but not smoothly */
  statusOf(iteration) {
    const status = statusOf(iteration[2]);
    return status === "succeeded" && this.execution.uneven.has(`${iteration[0]}.${iteration[1]}`) ? "caught" : status;
  }

  /** @returns {Map<number, number>} the visit of each state in the iterations that are shown */
  current() {
    if (this.known) return this.known;
    const { execution } = this;
    const chosen = new Set(this.visit === null ? [] : [...execution.around(this.visit), this.visit]);
    /** @type {Map<number, number>} */
    const found = new Map();
    const pending = [-1];
    for (const holder of pending) {
      const lane = holder >= 0 && execution.stateOf(holder).type === "Map" ? this.picked(holder) : undefined;
      /** @type {Map<number, number>} */
      const here = new Map();
      for (const number of execution.inside.get(holder) ?? []) {
        const visit = execution.visits[number];
        if (lane !== undefined && visit.i !== lane) continue;
        const known = here.get(visit.s);
        if (known === undefined || !chosen.has(known)) here.set(visit.s, number);
      }
      for (const [state, number] of here) {
        found.set(state, number);
        if (execution.inside.has(number)) pending.push(number);
      }
    }
    this.known = found;
    return found;
  }

  /** @param {number} visit @returns {number[]} the visits to the same state in the same iteration */
  siblings(visit) {
    const one = this.execution.visits[visit];
    return (this.execution.inside.get(one.p ?? -1) ?? []).filter((number) => {
      const other = this.execution.visits[number];
      return other.s === one.s && other.i === one.i;
    });
  }

  changed() {
    this.known = null;
    this.dispatchEvent(new Event("change"));
  }
}
