"""The execution view with a long history: `python tests/bench/bench_view.py`.

A history of 25,000 events becomes a page, which Chromium opens. Printed are the time to make it, the size of the file beside that of the
history's JSON, and the time to first paint, to the table of states, and to the events after a search. Exit code 1 where the file is
larger than three times the JSON and 150 KB.
"""

import json
import shutil
import statistics
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from playwright.sync_api import sync_playwright

from generator.asl.definition import definition_of
from generator.asl.read import read_text
from generator.view.data import page_data
from generator.view.find import machine_of
from generator.view.page import page
from generator.view.recording import of_execution, of_history
from tests.support.executions import LONG_MACHINE, dofs, long_history

TIMES = 3
MARGIN = 150 * 1024
PAINT = "() => performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? 0"
SEARCH = """async () => {
  const started = performance.now();
  document.querySelector('#execution-events').click();
  const search = document.querySelector('.below input[type=search]');
  search.value = 'o-003000';
  search.dispatchEvent(new Event('input'));
  await new Promise(requestAnimationFrame);
  return performance.now() - started;
}"""
SCROLL = """async () => {
  const search = document.querySelector('.below input[type=search]');
  search.value = '';
  search.dispatchEvent(new Event('input'));
  const scroller = document.querySelector('.below .scroller');
  const frames = [];
  let before = performance.now();
  for (let step = 0; step < 60; step++) {
    scroller.scrollTop += 4000;
    await new Promise(requestAnimationFrame);
    frames.push(performance.now() - before);
    before = performance.now();
  }
  return frames;
}"""


def measure(browser, file):
    """Open a page; return the times to first paint and to the table, of a search, and of the frames while scrolling."""
    tab = browser.new_page()
    started = time.perf_counter()
    tab.goto(file.as_uri())
    tab.wait_for_selector("html[data-ready] .below .row")
    whole = (time.perf_counter() - started) * 1000
    found = tab.evaluate(PAINT), whole, tab.evaluate(SEARCH), statistics.median(tab.evaluate(SCROLL))
    tab.close()
    return found


def main():
    """Measure and print."""
    history = long_history()
    walk, machine, _ = machine_of(definition_of(read_text(json.dumps(LONG_MACHINE), "definition")))
    size = len(json.dumps(history))
    started = time.perf_counter()
    text = page("execution", {"execution": page_data(of_history(history, title="long", walk=walk, machine=machine))})
    made = time.perf_counter() - started
    small = dofs()
    least = len(page("execution", {"execution": page_data(of_execution(small))}))
    print(f"{len(history):,} events, {size / 1024:,.0f} KB of JSON: page made in {made:.2f} s")
    print(f"file {len(text) / 1024:,.0f} KB, {len(text) / size:.2f} of the JSON; a DOFS order {least / 1024:,.0f} KB")
    chromium = shutil.which("chromium")
    if chromium is None:
        print("Chromium is not installed: nothing was opened")
    else:
        with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
            file = Path(folder) / "long.html"
            file.write_text(text, encoding="utf-8")
            browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
            rows = [measure(browser, file) for _ in range(TIMES)]
            browser.close()
        for name, column in zip(
            ("first paint", "table of states", "search over all events", "frame while scrolling"), zip(*rows, strict=True), strict=True
        ):
            print(f"{name:24}{statistics.median(column):8.0f} ms")
    return 1 if len(text) > 3 * size + MARGIN or least > 3 * len(json.dumps(small.history, default=str)) + MARGIN else 0


if __name__ == "__main__":
    sys.exit(main())
