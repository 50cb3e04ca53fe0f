// The page: it reads its data, and shows an execution, a comparison, the coverage of a test run, or a server's executions.
// @ts-check
import { embedded } from "./data.js";
import { button, el, kept, show } from "./dom.js";
import { compareView } from "./compare.js";
import { coverageView } from "./coverage.js";
import { executionView } from "./execution.js";
import { liveView } from "./live.js";

/** @param {string | null} theme */
function setTheme(theme) {
  if (theme) document.documentElement.dataset.theme = theme;
  else delete document.documentElement.dataset.theme;
  dispatchEvent(new Event("themechange"));
}

/** The keys of the page. @type {[string, string][]} */
const KEYS = [
  ["Tab", "the next part of the page: a graph, a table and a list of tabs are one part each"],
  ["Arrows in the graph", "the next state in that direction; Enter chooses it"],
  ["+ − 0 in the graph", "zoom in, zoom out, all of it; Ctrl and the wheel zoom, too"],
  ["Arrows in a table", "the next row, or open and close it; Home, End, Page Up and Page Down; Enter chooses it"],
  ["Arrows beside an iteration", "the next iteration"],
  ["/", "the filter"],
];

/** @returns {HTMLElement} the list of keys, to be opened */
function keys() {
  const rows = KEYS.map(([key, what]) => el("div", null, el("dt", null, el("kbd", null, key)), el("dd", null, what)));
  return el("details", { class: "menu" }, el("summary", { class: "button small" }, "Keys"), el("div", { class: "sheet keys" }, el("dl", { class: "facts one" }, rows)));
}

async function start() {
  const place = /** @type {HTMLElement} */ (document.getElementById("app"));
  setTheme(kept("theme"));
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => dispatchEvent(new Event("themechange")));
  const toggle = () => {
    const dark = document.documentElement.dataset.theme ? document.documentElement.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
    kept("theme", dark ? "light" : "dark");
    setTheme(dark ? "light" : "dark");
  };
  document.getElementById("bar")?.append(keys(), button("Light or dark", toggle, { icon: "theme", bare: true, kind: "small" }));
  try {
    const page = await embedded();
    if (page.page === "live") liveView(place);
    else if (page.page === "compare") show(place, compareView(page));
    else if (page.page === "coverage") show(place, coverageView(page.coverage ?? []));
    else if (page.execution) stack(place, page.execution);
  } catch (error) {
    show(place, el("p", { class: "reason failed" }, `The page cannot be shown: ${error}. It needs a browser of 2023 or later.`));
  }
  document.documentElement.dataset.ready = "true";
}

/** An execution, and those that it started on top of it. @param {HTMLElement} place @param {import("./data.js").ExecutionData} first */
function stack(place, first) {
  const above = [first];
  const draw = () => {
    const data = above[above.length - 1];
    const back = above.length > 1 ? () => (above.pop(), draw()) : undefined;
    const open = (/** @type {import("./data.js").ExecutionData} */ next) => (above.push(next), draw());
    show(place, executionView(data, { back, backTitle: above[above.length - 2]?.title, open }).element);
    window.scrollTo(0, 0);
  };
  draw();
}

// Menus close when something else is chosen.
document.addEventListener("click", (event) => {
  for (const menu of document.querySelectorAll("details.menu[open]")) if (!menu.contains(/** @type {Node} */ (event.target))) menu.removeAttribute("open");
});
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") for (const menu of document.querySelectorAll("details.menu[open]")) menu.removeAttribute("open");
  const search = /** @type {HTMLElement | null} */ (document.querySelector("input.search"));
  const typing = /^(INPUT|TEXTAREA|SELECT)$/.test(/** @type {Element} */ (event.target).tagName ?? "");
  if (event.key === "/" && !typing && search) {
    event.preventDefault();
    search.focus();
  }
});

start();
