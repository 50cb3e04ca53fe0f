// A list of any length of which only the visible rows exist. A row can be opened to show more below it.
// @ts-check
import { el } from "./dom.js";

/**
 * @typedef {{label: string, tree?: boolean, height?: number, columns: {title: string, width: string, key?: string}[],
 *   row: (index: number, cells: HTMLElement[]) => {level?: number, expanded?: boolean, selected?: boolean, className?: string},
 *   detail?: (index: number) => HTMLElement, enter?: (index: number) => void, expand?: (index: number, open: boolean) => void,
 *   sorted?: (key: string) => void, sort?: {key: string, down: boolean}}} ListOptions
 */

export class VirtualList {
  /** @param {ListOptions} options */
  constructor(options) {
    this.options = options;
    this.height = options.height ?? 34;
    this.count = 0;
    this.active = 0;
    /** @type {Map<number, number>} the heights of what is open, by row */
    this.open = new Map();
    this.space = el("div", { class: "space", role: "presentation" });
    this.scroller = el("div", { class: "scroller", role: "rowgroup" }, this.space);
    this.head = el("div", { class: "row head", role: "row" });
    this.grid = el(
      "div",
      { class: "grid", role: options.tree ? "treegrid" : "grid", "aria-label": options.label },
      el("div", { role: "rowgroup" }, this.head),
      this.scroller,
    );
    this.element = el("div", { class: "list" }, this.grid);
    this.scroller.addEventListener("scroll", () => this.later(), { passive: true });
    this.scroller.addEventListener("keydown", (event) => this.key(event));
    this.scroller.addEventListener("click", (event) => this.click(event));
    new ResizeObserver(() => this.later()).observe(this.scroller);
    this.waiting = false;
    this.columns(options.columns);
  }

  /** @param {{title: string, width: string, key?: string}[]} columns */
  columns(columns) {
    this.options.columns = columns;
    const { sort, sorted } = this.options;
    this.head.replaceChildren(
      ...columns.map((column) => {
        const direction = sort && column.key === sort.key ? (sort.down ? "descending" : "ascending") : null;
        const key = column.key;
        const title = key && sorted
          ? el("button", { type: "button", class: `sort ${direction ?? ""}`, onclick: () => sorted(key) }, column.title)
          : column.title;
        return el("div", { role: "columnheader", "aria-sort": direction }, title);
      }),
    );
    this.grid.style.setProperty("--columns", columns.map((column) => column.width).join(" "));
  }

  /** @param {number} count @param {boolean} [keep] whether what is open stays open */
  reset(count, keep = false) {
    this.count = count;
    if (!keep) this.open.clear();
    this.active = Math.min(this.active, Math.max(0, count - 1));
    this.grid.setAttribute("aria-rowcount", String(count + 1));
    this.draw();
  }

  later() {
    if (this.waiting) return;
    this.waiting = true;
    requestAnimationFrame(() => {
      this.waiting = false;
      this.draw();
    });
  }

  /** @param {number} index @returns {number} */
  top(index) {
    let top = index * this.height;
    for (const [at, extra] of this.open) if (at < index) top += extra;
    return top;
  }

  /** @param {number} offset @returns {number} the row at an offset */
  at(offset) {
    let low = 0;
    let high = this.count;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.top(middle + 1) <= offset) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  draw() {
    const { options, scroller } = this;
    const from = Math.max(0, this.at(scroller.scrollTop) - 4);
    const until = Math.min(this.count, this.at(scroller.scrollTop + (scroller.clientHeight || 400)) + 5);
    const focused = this.space.contains(document.activeElement) && document.activeElement?.getAttribute("role") === "row";
    this.space.style.height = `${this.top(this.count)}px`;
    const rows = [];
    for (let index = from; index < until; index++) {
      const cells = options.columns.map(() => el("div", { role: "gridcell" }));
      const state = options.row(index, cells);
      const properties = {
        role: "row",
        class: `row ${state.className ?? ""}`.trim(),
        "data-index": index,
        "aria-rowindex": index + 2,
        "aria-level": state.level,
        "aria-expanded": state.expanded === undefined ? null : String(state.expanded),
        "aria-selected": state.selected === undefined ? null : String(state.selected),
        tabindex: index === this.active ? "0" : "-1",
      };
      const row = el("div", properties, cells);
      const whole = el("div", { class: "place", role: "presentation" }, row);
      whole.style.top = `${this.top(index)}px`;
      if (this.open.has(index) && options.detail) {
        const more = el("div", { class: "detail", role: "row" }, el("div", { role: "gridcell", "aria-colspan": options.columns.length }, options.detail(index)));
        whole.append(more);
        this.watch(more, index);
      }
      rows.push(whole);
    }
    this.space.replaceChildren(...rows);
    if (!(this.active >= from && this.active < until) && rows.length) rows[0].firstElementChild?.setAttribute("tabindex", "0");
    if (focused) this.rowOf(this.active)?.focus({ preventScroll: true });
  }

  /** @param {HTMLElement} more @param {number} index */
  watch(more, index) {
    new ResizeObserver((_, observer) => {
      if (!more.isConnected) return observer.disconnect();
      const height = more.offsetHeight;
      if (height && Math.abs((this.open.get(index) ?? 0) - height) > 1) {
        this.open.set(index, height);
        this.space.style.height = `${this.top(this.count)}px`;
        for (const place of /** @type {NodeListOf<HTMLElement>} */ (this.space.querySelectorAll(".place"))) {
          place.style.top = `${this.top(Number(place.firstElementChild?.getAttribute("data-index")))}px`;
        }
      }
    }).observe(more);
  }

  /** @param {number} index @returns {HTMLElement | null} */
  rowOf(index) {
    return this.space.querySelector(`[data-index="${index}"]`);
  }

  /** @param {number} index @param {boolean} [focus] */
  reveal(index, focus = false) {
    this.active = index;
    const top = this.top(index);
    const { scroller } = this;
    if (top < scroller.scrollTop) scroller.scrollTop = top;
    else if (top + this.height > scroller.scrollTop + scroller.clientHeight) scroller.scrollTop = top + this.height - scroller.clientHeight;
    this.draw();
    if (focus) this.rowOf(index)?.focus({ preventScroll: true });
  }

  /** @param {number} index @param {boolean} [open] */
  toggle(index, open = !this.open.has(index)) {
    if (open) this.open.set(index, this.open.get(index) ?? 200);
    else this.open.delete(index);
    this.draw();
  }

  /** @param {MouseEvent} event */
  click(event) {
    const target = /** @type {HTMLElement} */ (event.target);
    const row = /** @type {HTMLElement | null} */ (target.closest("[data-index]"));
    if (!row || target.closest(".detail")) return;
    const index = Number(row.dataset.index);
    this.active = index;
    if (target.closest(".twist")) this.options.expand?.(index, row.getAttribute("aria-expanded") !== "true");
    else this.options.enter?.(index);
    this.rowOf(index)?.focus({ preventScroll: true });
  }

  /** @param {KeyboardEvent} event */
  key(event) {
    const target = /** @type {HTMLElement} */ (event.target);
    if (target.getAttribute("role") !== "row") return;
    const page = Math.max(1, Math.floor(this.scroller.clientHeight / this.height) - 1);
    /** @type {Record<string, number>} */
    const steps = { ArrowDown: 1, ArrowUp: -1, PageDown: page, PageUp: -page, Home: -this.count, End: this.count };
    const row = target.dataset.index === undefined ? this.active : Number(target.dataset.index);
    if (event.key in steps) this.reveal(Math.min(this.count - 1, Math.max(0, row + steps[event.key])), true);
    else if (event.key === "Enter" || event.key === " ") this.options.enter?.(row);
    else if (event.key === "ArrowRight" || event.key === "ArrowLeft") {
      if (target.getAttribute("aria-expanded") === null) return;
      this.options.expand?.(row, event.key === "ArrowRight");
    } else return;
    event.preventDefault();
    this.rowOf(this.active)?.focus({ preventScroll: true });
  }
}
