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

async function start() {
  const place = /** @type {HTMLElement} */ (document.getElementById("app"));
  setTheme(kept("theme"));
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => dispatchEvent(new Event("themechange")));
  const toggle = () => {
    const dark = document.documentElement.dataset.theme ? document.documentElement.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
    kept("theme", dark ? "light" : "dark");
    setTheme(dark ? "light" : "dark");
  };
  document.getElementById("bar")?.append(button("Light or dark", toggle, { icon: "theme", bare: true, kind: "small" }));
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
