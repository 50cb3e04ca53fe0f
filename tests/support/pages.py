"""Pages of the execution view, as tests read and open them."""

from __future__ import annotations

import base64
import gzip
import json
import re
from functools import cache
from pathlib import Path
from typing import Any

from generator.asl.definition import definition_of
from generator.asl.read import read_text
from generator.lower import compile_workflow
from generator.view.data import page_data
from generator.view.find import machine_of
from generator.view.recording import of_execution, of_history, saved
from tests.support import executions
from workflows.order_processing import order_processing

SCREENSHOTS = Path(__file__).resolve().parents[2] / ".view-screenshots"
"""Where pictures of the pages go; git ignores the folder."""
_ALLOWED = ("file://", "blob:", "data:")


def data_of(text: str) -> dict[str, Any]:
    """Return the data in a page."""
    found = re.search(r'id="data">([^<]*)<', text)
    assert found
    value: dict[str, Any] = json.loads(gzip.decompress(base64.b64decode(found[1])))
    return value


@cache
def data(name: str) -> dict[str, Any]:
    """Return the data of an execution of ``tests.support.executions`` by its name."""
    if name == "recorded":
        events, description, definition = saved(executions.RECORDED.read_text(encoding="utf-8"))
        walk, machine, _ = machine_of(definition_of(read_text(json.dumps(definition), "definition")))
        return page_data(of_history(events, walk=walk, machine=machine, description=description))
    if name == "long":
        walk, machine, _ = machine_of(definition_of(read_text(json.dumps(executions.LONG_MACHINE), "definition")))
        return page_data(of_history(executions.long_history(), title="long", walk=walk, machine=machine))
    made = {
        "succeeded": executions.dofs,
        "failed": lambda: executions.dofs(valid=False),
        "map": lambda: executions.mapped(1000, failing=frozenset({3, 500, 999})),
        "nested": executions.nested,
        "distributed": executions.distributed,
        "callback": executions.callback,
        "redriven": executions.redriven,
        "hostile": executions.hostile,
    }[name]()
    locate = compile_workflow(order_processing).locate if name in {"succeeded", "failed"} else None
    return page_data(of_execution(made, locate))


class Opened:
    """A page in the browser.

    Attributes:
        page: Playwright's page.
        requests: the requests that left the page.
        problems: errors in scripts, and messages of the console.
    """

    def __init__(self, page: Any) -> None:
        """Watch a page."""
        self.page = page
        self.requests: list[str] = []
        self.problems: list[str] = []
        page.on("request", lambda request: None if request.url.startswith(_ALLOWED) else self.requests.append(request.url))
        page.on("console", lambda message: self.problems.append(message.text) if message.type in {"error", "warning"} else None)
        page.on("pageerror", lambda error: self.problems.append(str(error)))
        page.on("dialog", lambda dialog: (self.problems.append(f"dialog: {dialog.message}"), dialog.dismiss()))

    def text(self, selector: str) -> str:
        """Return the text of the first element."""
        return str(self.page.locator(selector).first.inner_text())

    def status(self, state: str) -> str:
        """Return the status that a state has in the graph."""
        found = self.page.locator(f'sfn-graph g.node[aria-label^="{state},"]').get_attribute("class")
        return next(part[2:] for part in found.split() if part.startswith("s-"))

    def choose(self, state: str) -> None:
        """Click a state in the graph."""
        self.page.locator(f'sfn-graph g.node[aria-label^="{state},"] > text.name').first.click()

    def tab(self, name: str, group: str = "execution") -> None:
        """Open a tab."""
        self.page.click(f"#{group}-{name}")

    def picture(self, name: str) -> None:
        """Keep a picture of the whole page, for people."""
        SCREENSHOTS.mkdir(exist_ok=True)
        self.page.screenshot(path=SCREENSHOTS / f"{name}.png", full_page=True)
