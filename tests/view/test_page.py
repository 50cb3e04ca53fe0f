"""The page in a browser, over executions of every kind: what a user of the console expects, and more."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from generator.engine import execute
from generator.engine.tools.coverage import Coverage
from generator.view.compare import compare
from generator.view.coverage import coverage_page
from generator.view.data import page_data
from generator.view.recording import of_execution
from tests.support.executions import HOSTILE
from tests.support.pages import Opened, data, data_of

Open = Callable[..., Opened]


def test_a_failure_says_where_and_why(opened: Open) -> None:
    """Header: status, ARN, facts, the failure with a jump, input and output, the definition."""
    view = opened("failed")
    page = view.page
    assert view.text("h1") == "order-processing"
    assert "Failed" in view.text(".headline .badge")
    banner = view.text("section[aria-label=Failure]")
    assert "ValidationFailed" in banner
    assert "The order was rejected" in banner
    assert "arn:aws:states:us-east-1:123456789012:execution:" in view.text(".arn code")
    facts = view.text("header dl")
    for label in ("Started", "Ended", "Duration", "State transitions", "Events", "Redrives", "Role"):
        assert label in facts
    view.choose("ValidateOrder")
    page.click("text=Show ValidationFailed")
    assert view.text("#panel h2") == "ValidationFailed"
    view.tab("data")
    assert "customer_id" in view.text("section[aria-label=Input]")
    assert "None" in view.text("section[aria-label=Output]")
    view.tab("definition")
    assert '"StartAt"' in view.text("#execution-panel pre")


def test_the_graph_shows_what_happened(opened: Open) -> None:
    """Status by colour and icon, a legend, retries, the way taken; selection is shared; pictures can be saved."""
    view = opened("succeeded")
    page = view.page
    assert view.status("StoreOrder") == "succeeded"
    assert view.status("StorageFailed") == "none"
    assert page.locator("sfn-graph .s-succeeded > .badge path").count() == 6
    assert "↻ 1" in page.locator('sfn-graph g[aria-label^="StoreOrder,"] .pill').text_content()
    assert {"Succeeded", "Failed", "Caught error", "In progress", "Cancelled", "Timed out", "Not reached"} == {
        *page.locator(".legend li").all_text_contents()
    }
    taken = page.locator("sfn-graph g.taken").count()
    assert 0 < taken < page.locator("sfn-graph g[data-from]").count()
    view.choose("CheckStorage")
    assert view.text("#panel h2") == "CheckStorage"
    assert "CheckStorage" in view.text('.below .row[aria-selected="true"]')
    page.locator(".below .row", has_text="SendToQueue").click()
    assert page.locator('sfn-graph g[aria-current="true"]').get_attribute("aria-label").startswith("SendToQueue, Task, Succeeded")
    page.locator('sfn-graph g[aria-current="true"]').focus()
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Enter")
    assert view.text("#panel h2") == "CheckStorage"
    box = page.locator("sfn-graph svg")
    before = box.get_attribute("viewBox")
    page.click('button[title="Zoom in"]')
    assert box.get_attribute("viewBox") != before
    page.click('button[title="Fit"]')
    saved = []
    for name in ("SVG picture", "PNG picture"):
        page.click('summary[title="Export"]')
        with page.expect_download() as download:
            page.click(f"text={name}")
        saved.append(download.value.path().read_bytes())
        page.keyboard.press("Escape")
    root = ET.fromstring(saved[0])  # noqa: S314  our own output
    assert root.tag.endswith("svg")
    assert b"s-succeeded" in saved[0]
    assert saved[1].startswith(b"\x89PNG")
    assert len(saved[1]) > 10_000


def test_iterations_of_a_map(opened: Open) -> None:
    """A thousand iterations to page through, those that went wrong first; in the table, only visible rows exist."""
    view = opened("map")
    page = view.page
    pager = page.locator('.pager[aria-label="Iterations of PriceItems"]')
    assert pager.locator("select").input_value() == "3"
    assert "1 of 1,000" in pager.inner_text()
    assert (view.status("Price"), view.status("NoteFailure")) == ("caught", "succeeded")
    pager.locator("button").last.click()
    assert pager.locator("select").input_value() == "500"
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    assert pager.locator("select").input_value() == "0"
    assert (view.status("Price"), view.status("NoteFailure")) == ("succeeded", "none")
    pager.locator("select").select_option("42")
    view.choose("Price")
    assert '"n": 42' in view.text("#panel pre")
    page.click("text=Expand all")
    assert page.locator(".below .row").count() < 60
    page.fill(".below input[type=search]", "status:caught item")
    assert "0 of 1,005" in view.text(".filters [role=status]")
    page.fill(".below input[type=search]", "status:caught")
    assert "3 of 1,005" in view.text(".filters [role=status]")
    page.locator(".below .place .row", has_text="#999").click()
    assert pager.locator("select").input_value() == "999"


def test_iterations_inside_iterations(opened: Open) -> None:
    """Each Map has its pager; the table is a tree of iterations and branches, with a timeline of attempts and waits."""
    view = opened("nested")
    page = view.page
    assert [one.get_attribute("aria-label") for one in page.locator(".pager[role=group]").all()] == [
        "Iterations of PackBoxes",
        "Iterations of PackBox",
    ]
    assert (view.status("Pack"), view.status("Weigh"), view.status("Rest")) == ("failed", "succeeded", "none")
    page.click('button[aria-label="Next iteration of PackBox"]')
    assert (view.status("Pack"), view.status("Rest")) == ("succeeded", "succeeded")
    page.locator("select[aria-label='Iteration of PackBoxes']").select_option("0")
    assert view.status("PackBox") == "succeeded"
    page.click("text=Expand all")
    levels = [row.get_attribute("aria-level") for row in page.locator(".below .place .row").all()]
    assert {"1", "2", "3", "4", "5"} <= {*levels}
    assert page.locator(".below .span.pause").count() >= 2
    page.fill(".below input[type=search]", "retries>0")
    page.locator(".below .place .row").first.click()
    view.tab("attempts", "state")
    attempts = view.text("#panel")
    assert "the robot is slow" in attempts
    assert "after a wait of 3 s" in attempts


def test_child_executions_of_a_distributed_map(opened: Open) -> None:
    """They are the iterations of the state, each with its ARN and its events; the map run has its counts."""
    view = opened("distributed")
    page = view.page
    assert view.status("ImportAll") == "succeeded"
    assert view.status("Import") == "failed"
    view.tab("details", "state")
    assert "5 succeeded, 1 failed" in view.text("#panel")
    assert '"itemCounts"' in view.text("#panel")
    view.choose("Import")
    assert "Child execution" in view.text("#panel")
    assert page.locator(".below .row", has_text="Execution").count() >= 1
    view.tab("events")
    assert "49 of 49" in view.text(".filters [role=status]")


def test_a_task_that_waits_for_its_token(opened: Open) -> None:
    """It is in progress, and what it sent has the token."""
    view = opened("callback")
    assert view.status("AskPerson") == "running"
    assert "In progress" in view.text(".headline .badge")
    assert '"token"' in view.page.locator("#panel").text_content()
    assert "there is no output yet" in view.text("#panel")


def test_a_redrive(opened: Open) -> None:
    """The attempts before and after it, and the variables that its states assigned."""
    view = opened("redriven")
    assert "1, the last after" in view.text("header dl")
    view.choose("Charge")
    view.tab("attempts", "state")
    assert "Redrive 1" in view.text("#panel")
    assert "the bank is closed" in view.text("#panel")
    view.tab("variables", "state")
    assert re.search(r'Before\s*{\s*"total": 8,\s*"who": "Ann"\s*}', view.text("#panel"))
    assert '"paid": true' in view.text("#panel")
    view.tab("data", "state")
    assert "After Arguments" in view.text("#panel")


def test_twenty_five_thousand_events(opened: Open) -> None:
    """All can be scrolled to and searched, although only the visible rows exist; an unknown type shows."""
    view = opened("long")
    page = view.page
    view.tab("events")
    assert "24,995 of 24,995" in view.text(".filters [role=status]")
    assert page.locator(".below .place").count() < 60
    page.locator(".below .place .row").first.focus()
    page.keyboard.press("End")
    page.wait_for_selector(".below .row >> text=ExecutionSucceeded")
    page.fill(".below input[type=search]", "the-needle")
    assert "1 of 24,995" in view.text(".filters [role=status]")
    page.locator(".below .place .row", has_text="SomethingNewHappened").click()
    assert '"count": 7' in view.text(".detail pre")
    page.fill(".below input[type=search]", "o-003000")
    assert page.locator(".below .place").count() > 3
    page.fill(".below input[type=search]", "")
    page.locator("select[aria-label='Filter by type']").select_option(label="SucceedStateEntered")
    assert "1 of 24,995" in view.text(".filters [role=status]")
    page.locator("select[aria-label='Filter by type']").select_option("")
    page.locator("select[aria-label='Filter by state']").select_option(label="Done")
    assert "2 of 24,995" in view.text(".filters [role=status]")
    page.click(".below .head .sort")
    assert "SucceedStateExited" in page.locator(".below .place .row").first.inner_text()


def test_a_history_of_aws(opened: Open) -> None:
    """Retries with their reasons, a caught error, and each step of the data."""
    view = opened("recorded")
    page = view.page
    assert (view.status("Charge"), view.status("NotPaid"), view.status("Paid")) == ("caught", "failed", "none")
    assert "REDRIVABLE" in view.text("header dl")
    view.choose("Charge")
    panel = view.text("#panel")
    assert "the card was declined" in panel
    assert '"failure"' in panel
    assert "After Parameters" in panel
    assert page.locator("#panel .step", has_text="After Parameters").locator("code").first.inner_text().startswith("{")
    view.tab("attempts", "state")
    assert "after a wait of 2.02 s" in view.text("#panel")
    assert "42.50" not in panel or "42.5" in panel


def test_payloads_are_text(opened: Open) -> None:
    """No text of a history becomes an element, a script or a direction of reading."""
    view = opened("hostile")
    page = view.page
    assert page.title() == "Test"
    assert page.locator("img, iframe, body > script:not(#data):not(:last-of-type)").count() == 0
    assert "invoice\\u202egnp.exe" in view.text("#panel")
    assert "\u202e" not in page.content()
    view.tab("data")
    assert HOSTILE["image"].replace('"', '\\"') in view.text("#execution-panel")
    large = page_data(of_execution(execute({"StartAt": "A", "States": {"A": {"Type": "Pass", "End": True}}}, "x" * 250_000)))
    large["texts"] = ['"' + "x" * 1_000_000 + '"' if len(text) > 200_000 else text for text in large["texts"]]
    wide = opened("large", content={"execution": large})
    assert len(wide.text("#panel pre")) < 100_000
    wide.page.locator("#panel").get_by_text("Show all").first.click()
    assert len(wide.text("#panel pre")) > 900_000


def test_the_line_of_python(opened: Open) -> None:
    """A state of a workflow shows the line of its code."""
    view = opened("succeeded")
    view.choose("ValidateOrder")
    view.tab("definition", "state")
    panel = view.text("#panel")
    assert re.search(r"workflows/order_processing\.py:\d+", panel)
    assert 'Task("ValidateOrder", validator.invoke(states.input)' in panel
    assert '"Type": "Task"' in panel
    view.tab("events", "state")
    assert view.page.locator("#panel .place").count() >= 5


def test_columns_stay_as_chosen(opened: Open) -> None:
    """The choice of columns, of the tab and of the theme outlives a reload."""
    view = opened("nested")
    page = view.page
    page.click("text=Columns")
    page.get_by_label("Retries", exact=True).check()
    page.get_by_label("Resource", exact=True).uncheck()
    page.click('button[title="Light or dark"]')
    page.reload()
    page.wait_for_selector("html[data-ready]")
    heads = page.locator(".below [role=columnheader]").all_text_contents()
    assert "Retries" in heads
    assert "Resource" not in heads
    assert page.locator("html").get_attribute("data-theme") == "dark"


def test_two_executions_side_by_side(opened: Open) -> None:
    """The first difference is marked and shown."""
    one, other = data("succeeded"), data("failed")
    view = opened(kind="compare", content={"execution": one, "other": other, "comparison": compare(one, other)})
    assert "first difference" in view.text(".pair.first")
    assert "ValidateOrder" in view.text(".pair.first")
    view.page.wait_for_selector(".line.added")
    assert view.page.locator("sfn-graph").count() == 2


def test_the_coverage_of_a_test_run(opened: Open) -> None:
    """States and transitions that no test ran are on the graph and in a list."""
    choice = {"Type": "Choice", "Choices": [{"Variable": "$.n", "NumericEquals": 1, "Next": "B"}], "Default": "C"}
    coverage = Coverage()
    coverage.add("demo", execute({"StartAt": "A", "States": {"A": choice, "B": {"Type": "Succeed"}, "C": {"Type": "Succeed"}}}, {"n": 1}))
    view = opened(kind="coverage", content={"coverage": data_of(coverage_page(coverage))["coverage"]})
    assert "60% of states and transitions" in view.text(".sums")
    assert (view.status("B"), view.status("C")) == ("succeeded", "none")
    assert "Transition A → C" in view.text("ul.missing")


@pytest.mark.parametrize("name", ["failed", "nested"])
def test_everyone_can_use_it(opened: Open, name: str) -> None:
    """axe-core finds nothing serious, in light and in dark, and nothing is wider than a telephone."""
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe-playwright-python is in the group dev").Axe()
    for theme, tab in (("light", "states"), ("dark", "events")):
        view = opened(name, color_scheme=theme)
        view.tab(tab)
        found = axe.run(view.page).response["violations"]
        assert [(one["id"], one["nodes"][0]["html"][:200]) for one in found if one["impact"] in {"serious", "critical"}] == []
        view.picture(f"{name}-{theme}")
    narrow = opened(name, viewport={"width": 400, "height": 800})
    assert narrow.page.evaluate("document.scrollingElement.scrollWidth") <= 400
    narrow.picture(f"{name}-narrow")


def test_the_export_is_a_history(opened: Open) -> None:
    """What the page exports can be viewed again, and is the same."""
    view = opened("recorded")
    with view.page.expect_download() as download:
        view.page.click("header >> text=Export")
    again = json.loads(download.value.path().read_text())
    original: dict[str, Any] = data("recorded")
    assert len(again["events"]) == len(original["events"])
    assert again["events"][1]["stateEnteredEventDetails"]["name"] == "Charge"
    assert again["definition"]["StartAt"] == "Charge"
