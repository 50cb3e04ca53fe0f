"""A browser for the pages: Debian's Chromium, driven by Playwright. Without Chromium these tests are skipped."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from generator.view.page import page
from tests.support.pages import Opened, data


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """One browser for all tests."""
    executable = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
    if executable is None:
        pytest.skip("Chromium is not installed: apt-get install chromium, or set CHROMIUM to its path")
    playwright = pytest.importorskip("playwright.sync_api", reason="Playwright is not installed: it is in the group dev")
    with playwright.sync_playwright() as started:
        running = started.chromium.launch(executable_path=executable, args=["--no-sandbox"])
        yield running
        running.close()


@pytest.fixture
def opened(browser: Any, tmp_path: Path) -> Iterator[Callable[..., Opened]]:
    """Open pages. At the end, no request may have left any, and nothing may have gone wrong in any."""
    contexts: list[Any] = []
    pages: list[Opened] = []

    def make(name: str | None = None, *, kind: Any = "execution", content: dict[str, Any] | None = None, **options: Any) -> Opened:
        context = browser.new_context(**{"viewport": {"width": 1400, "height": 1000}, "accept_downloads": True, **options})
        context.set_default_timeout(10_000)
        contexts.append(context)
        one = Opened(context.new_page())
        pages.append(one)
        file = tmp_path / f"{name or kind}.html"
        file.write_text(page(kind, content or {"execution": data(name or "")}, title="Test"), encoding="utf-8")
        one.page.goto(file.as_uri())
        one.page.wait_for_selector("html[data-ready]")
        return one

    yield make
    for context in contexts:
        context.close()
    assert [request for one in pages for request in one.requests] == []
    assert [problem for one in pages for problem in one.problems] == []
