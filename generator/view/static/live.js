// The page of a server: the list of executions, the form to start one, and one execution that renews itself.
// @ts-check
import { statusOf } from "./data.js";
import { button, el, say, show } from "./dom.js";
import { executionView } from "./execution.js";
import { statusLabel } from "./table.js";

const EACH = 1000;
const BASE = "_local/view/";

/**
 * Ask the server. Its interface is described in generator/view/live.py.
 * @param {string} path
 * @param {any} [body] what to send; without it, something is only read
 * @returns {Promise<any>}
 */
async function ask(path, body) {
  const options = body === undefined ? {} : { method: "POST", headers: { "Content-Type": "application/json", "X-Requested-With": "sfn-view" }, body: JSON.stringify(body) };
  const answer = await fetch(BASE + path, options);
  const value = await answer.json().catch(() => ({ message: answer.statusText }));
  if (!answer.ok) throw new Error(value.message ?? answer.statusText);
  return value;
}

/** @param {HTMLElement} place */
export function liveView(place) {
  /** @type {number | undefined} */
  let timer;
  let shown = "";
  const problem = el("p", { class: "reason failed", role: "alert", hidden: true });
  const content = el("div", { class: "execution" });
  show(place, problem, content);

  /** @param {unknown} error */
  function wrong(error) {
    problem.hidden = !error;
    problem.textContent = error instanceof Error ? error.message : String(error ?? "");
  }

  /** @param {() => Promise<any>} work */
  async function attempt(work) {
    try {
      const value = await work();
      wrong(null);
      return value;
    } catch (error) {
      wrong(error);
      return null;
    }
  }

  async function route() {
    clearTimeout(timer);
    const found = /^#\/execution\/(.+)$/.exec(location.hash);
    shown = "";
    if (found) await oneExecution(decodeURIComponent(found[1]));
    else await allExecutions();
  }

  /** @param {string} arn */
  function open(arn) {
    location.hash = `#/execution/${encodeURIComponent(arn)}`;
  }

  // -- the list --

  async function allExecutions() {
    clearTimeout(timer);
    const answer = await attempt(async () => [await ask(`executions${range()}`), await ask("machines")]);
    if (location.hash.startsWith("#/execution/")) return;
    timer = setTimeout(allExecutions, EACH);
    if (!answer) return;
    const text = JSON.stringify(answer);
    if (text === shown) return;
    const fresh = !shown;
    shown = text;
    const rows = el("tbody", null, answer[0].executions.map(row));
    filter(rows);
    const note = unlisted(answer[0].unlisted);
    const old = content.querySelector("tbody");
    if (!fresh && old) {
      old.replaceWith(rows);
      content.querySelector(".unlisted")?.replaceWith(note);
      return;
    }
    const search = el("input", { type: "search", class: "search", placeholder: "Filter by name, state machine or status", "aria-label": "Filter the executions", oninput: () => filter() });
    show(
      content,
      el("header", { class: "card top" }, el("div", { class: "headline" }, el("div", { class: "titles" }, el("h1", null, "Executions"), el("p", { class: "quiet" }, "of the local stack")), el("span", { class: "grow" }), button("Start an execution", () => starter(answer[1].machines), { icon: "plus", kind: "primary" }))),
      el("section", { class: "card", "aria-label": "List of executions" }, el("div", { class: "filters" }, search, moment("from", "Started from"), moment("to", "to")), note, el("div", { class: "wide" }, el("table", { class: "plain" }, el("thead", null, el("tr", null, ["Name", "State machine", "Status", "Started", "Ended"].map((name) => el("th", { scope: "col" }, name)))), rows))),
    );
  }

  /**
   * A field for a moment, which the list is asked for again.
   * @param {string} id @param {string} label
   */
  function moment(id, label) {
    return el("label", { class: "moment" }, `${label} `, el("input", { type: "datetime-local", id: `range-${id}`, step: "1", onchange: () => allExecutions() }));
  }

  /** The range of times as a query; empty without one. @returns {string} */
  function range() {
    const parts = [];
    for (const id of ["from", "to"]) {
      const field = /** @type {HTMLInputElement | null} */ (content.querySelector(`#range-${id}`));
      const at = field?.value ? new Date(field.value).getTime() / 1000 : NaN;
      if (Number.isFinite(at)) parts.push(`${id}=${id === "to" ? at + 0.999 : at}`);
    }
    return parts.length ? `?${parts.join("&")}` : "";
  }

  /** Say of which workflows there is no list. @param {string[]} names */
  function unlisted(names) {
    const text = names.length ? `Not listed: executions of ${names.join(", ")}. Step Functions keeps no list of the executions of Express workflows; their logs have them.` : "";
    return el("p", { class: "quiet unlisted", hidden: !text }, text);
  }

  /** Show the rows that have all words of the filter. @param {Element | null} rows */
  function filter(rows = content.querySelector("tbody")) {
    const search = /** @type {HTMLInputElement | null} */ (content.querySelector("input.search"));
    const words = (search?.value ?? "").toLowerCase().split(/\s+/);
    for (const one of /** @type {HTMLElement[]} */ ([...(rows?.children ?? [])])) one.hidden = !words.every((word) => (one.textContent ?? "").toLowerCase().includes(word));
  }

  /** @param {any} one */
  function row(one) {
    const link = el("a", { href: `#/execution/${encodeURIComponent(one.arn)}` }, one.name);
    return el("tr", null, el("td", null, link), el("td", null, one.express ? `${one.machine} (Express)` : one.machine), el("td", null, statusLabel(statusOf(one.status))), el("td", null, when(one.started)), el("td", null, when(one.stopped)));
  }

  /** @param {number | null} seconds */
  function when(seconds) {
    return seconds === null || seconds === undefined ? "–" : new Date(seconds * 1000).toLocaleString();
  }

  /** @param {{arn: string, name: string}[]} machines @param {string} [machine] @param {string} [input] */
  function starter(machines, machine, input = "{}") {
    const chooser = el("select", { id: "start-machine" }, machines.map((one) => el("option", { value: one.arn, selected: one.arn === machine }, one.name)));
    const name = el("input", { id: "start-name", placeholder: "made up if empty" });
    const document_ = el("textarea", { id: "start-input", rows: "10", spellcheck: "false" });
    document_.value = input;
    const message = el("p", { class: "errorname", role: "alert" });
    const send = async (/** @type {Event} */ event) => {
      event.preventDefault();
      try {
        JSON.parse(document_.value);
        const answer = await ask("start", { machine: chooser.value, name: name.value || null, input: document_.value });
        dialog.close();
        open(answer.arn);
      } catch (error) {
        message.textContent = error instanceof Error ? error.message : String(error);
      }
    };
    const dialog = el(
      "dialog",
      { class: "card dialog", "aria-label": "Start an execution", onclose: () => dialog.remove() },
      el(
        "form",
        { onsubmit: send },
        el("h2", null, "Start an execution"),
        el("label", { for: "start-machine" }, "State machine"),
        chooser,
        el("label", { for: "start-name" }, "Name"),
        name,
        el("label", { for: "start-input" }, "Input"),
        document_,
        message,
        el("div", { class: "toolbar" }, el("button", { type: "submit", class: "button primary" }, "Start"), button("Cancel", () => dialog.close())),
      ),
    );
    document.body.append(dialog);
    dialog.showModal();
  }

  // -- one execution --

  /** @param {string} arn */
  async function oneExecution(arn) {
    let version = "";
    let running = true;
    /** @type {ReturnType<typeof executionView> | null} */
    let view = null;
    const renew = async () => {
      clearTimeout(timer);
      const data = await attempt(() => ask(`execution?arn=${encodeURIComponent(arn)}&version=${encodeURIComponent(version)}`));
      if (location.hash !== `#/execution/${encodeURIComponent(arn)}`) return;
      if (!data || data.same ? running : data.status === "RUNNING") timer = setTimeout(renew, EACH);
      if (!data || data.same) return;
      version = data.now;
      running = data.status === "RUNNING";
      const before = view;
      const focus = document.activeElement?.id;
      const act = (/** @type {string} */ path, /** @type {string} */ done) => async () => {
        await attempt(() => ask(path, { arn }));
        say(done);
        await renew();
      };
      const again = async () => {
        const answer = await attempt(() => ask("machines"));
        if (answer) starter(answer.machines, data.machine, data.input === null ? "{}" : JSON.stringify(JSON.parse(data.texts[data.input]), null, 2));
      };
      const redrivable = data.kind !== "EXPRESS" && ["FAILED", "TIMED_OUT", "ABORTED"].includes(data.status);
      view = executionView(data, {
        back: () => (location.hash = ""),
        backTitle: "Executions",
        openArn: (one) => () => open(one),
        actions: [
          data.status === "RUNNING" && data.kind !== "EXPRESS" ? button("Stop", act("stop", "stopped"), { icon: "stop" }) : null,
          redrivable ? button("Redrive", act("redrive", "redriven"), { icon: "redrive" }) : null,
          button("New execution", again, { icon: "plus" }),
        ],
      });
      if (before && before.selection.visit !== null && before.selection.visit < data.visits.length) view.selection.choose(before.selection.visit);
      else if (data.status === "RUNNING" && data.visits.length) view.selection.choose(data.visits.length - 1);
      const scroll = window.scrollY;
      show(content, view.element);
      window.scrollTo(0, scroll);
      if (focus) document.getElementById(focus)?.focus({ preventScroll: true });
    };
    await renew();
  }

  addEventListener("hashchange", route);
  route();
}
