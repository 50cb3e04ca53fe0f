// The bar of a visit on the time axis of the execution: its attempts, the waits between them, and the rest of its time.
// @ts-check
import { Execution, duration, statusOf } from "./data.js";
import { el } from "./dom.js";

/**
 * @param {Execution} execution
 * @param {import("./data.js").Visit} visit
 * @returns {HTMLElement}
 */
export function timeline(execution, visit) {
  const bar = el("div", { class: "timeline" });
  const total = Math.max(execution.end, 1);
  const end = execution.ended(visit);
  const wait = execution.states[visit.s].type === "Wait";
  place(bar, visit.e, end, total, `span s-${visit.st}${wait ? " pause" : ""}${visit.at ? " light" : ""}`);
  let before = null;
  for (const attempt of visit.at ?? []) {
    if (before !== null) place(bar, before, attempt.t, total, "span pause");
    const until = attempt.e ?? end;
    const status = attempt.st === "FAILED" && attempt === visit.at?.[visit.at.length - 1] ? visit.st : statusOf(attempt.st);
    place(bar, attempt.t, until, total, `span s-${status}`);
    before = until;
  }
  bar.title = `${duration(visit.e)} to ${duration(end)}: ${duration(end - visit.e)}`;
  return bar;
}

/** @param {HTMLElement} bar @param {number} from @param {number} until @param {number} total @param {string} kind */
function place(bar, from, until, total, kind) {
  const part = el("span", { class: kind });
  part.style.left = `${Math.min(99.5, (100 * from) / total)}%`;
  part.style.width = `${Math.max(0, (100 * (until - from)) / total)}%`;
  bar.append(part);
}

/**
 * The marks of the time axis, for the head of the column.
 * @param {Execution} execution
 * @returns {string}
 */
export function axis(execution) {
  return `0 – ${duration(execution.end)}`;
}
