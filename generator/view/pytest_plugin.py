"""A pytest plugin: the executions of a failing test, and the coverage of a test run, as pages.

A test that fails leaves a page for each execution of its ``run_workflow``, and its message has the path: in the cache of pytest, or in
the folder that ``--workflow-views`` names. ``--workflow-coverage-html`` writes the coverage of the run.

pytest loads this module in every test run of an environment, so it imports what makes pages only when there is one to make.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pytest

if TYPE_CHECKING:
    from collections.abc import Generator

    from generator.engine import Execution

_VIEWS: Final = "--workflow-views"
_COVERAGE: Final = "--workflow-coverage-html"
_MOST: Final = 5
"""The most pages of a test: the last executions."""
_LENGTH: Final = 100


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the plugin's options, unless the project or another plugin has options of these names."""
    group = parser.getgroup("workflows")
    try:
        group.addoption(_VIEWS, metavar="FOLDER", help="the folder for the pages of failing tests' executions (default: in pytest's cache)")
        group.addoption(_COVERAGE, metavar="FILE", help="write the states and transitions that tests ran as a page")
    except ValueError:  # they are there
        return


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Add the paths of the pages to the report of a failing test."""
    report = yield
    if call.when == "call" and report.failed:
        from generator.engine.tools.pytest_plugin import EXECUTIONS  # noqa: PLC0415  only for a failing test

        executions = item.stash.get(EXECUTIONS, None)
        folder = _folder(item.config)
        if executions and folder is not None:
            report.sections.append(("Workflow executions", _written(executions[-_MOST:], folder, item.nodeid)))
    return report


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    """Write the page of the coverage."""
    file = config.getoption(_COVERAGE, None)
    if not file:
        return
    from generator.engine.tools.pytest_plugin import coverage_of  # noqa: PLC0415  only if it is asked for

    coverage = coverage_of(config)
    if coverage is None:
        terminalreporter.line(f"{_COVERAGE}: no workflow ran")
        return
    from generator.view.coverage import coverage_page  # noqa: PLC0415  only if it is asked for

    path = Path(file)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(coverage_page(coverage), encoding="utf-8")
    terminalreporter.line(f"workflow coverage: {path}")


def _folder(config: pytest.Config) -> Path | None:
    """Return the folder for pages; None if there is none, as with ``-p no:cacheprovider``."""
    chosen = config.getoption(_VIEWS, None)
    if chosen:
        return Path(chosen)
    cache = getattr(config, "cache", None)
    return None if cache is None else Path(cache.mkdir("workflow-views"))


def _written(executions: list[Execution], folder: Path, test: str) -> str:
    """Write the pages of a test, and return a line for each."""
    from generator.view.data import page_data  # noqa: PLC0415  only for a failing test
    from generator.view.page import page  # noqa: PLC0415  only for a failing test
    from generator.view.recording import of_execution  # noqa: PLC0415  only for a failing test

    folder.mkdir(parents=True, exist_ok=True)
    name = re.sub(r"[^\w.-]+", "-", test)[-_LENGTH:].strip("-.")
    lines = []
    for number, execution in enumerate(executions, 1):
        file = folder / (f"{name}.html" if len(executions) == 1 else f"{name}-{number}.html")
        try:
            data = page_data(of_execution(execution))
            file.write_text(page("execution", {"execution": data}, title=test), encoding="utf-8")
        except Exception as error:  # noqa: BLE001  the test's own failure must be reported, whatever happens here
            lines.append(f"{_title(execution)}: the page cannot be written: {type(error).__name__}: {error}")
            continue
        lines.append(f"{_title(execution)} {execution.status}: {file}")
    return "\n".join(lines)


def _title(execution: Execution) -> str:
    """Return the name of the workflow of an execution."""
    return execution.machine.title or execution.machine.name
