"""A pytest plugin: run state machines in tests, and list the states and transitions that no test ran.

A test reads::

    def test_order_is_stored(run_workflow):
        execution = run_workflow("build/order-processing/definition.asl.json", {"orderId": "1"}, functions={...})
        assert execution.path == ["ValidateOrder", "CheckValidation", "StoreOrder"]

``--workflow-coverage`` lists the states and transitions that no test ran; with ``--workflow-coverage-fail-under`` the run
fails if there are too many.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from generator.engine import Execution, StateResult
    from generator.engine.tools.coverage import Coverage


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the plugin's options."""
    group = parser.getgroup("workflows")
    group.addoption("--workflow-coverage", action="store_true", help="list states and transitions of state machines that no test ran")
    group.addoption("--workflow-coverage-fail-under", type=float, metavar="PERCENT", help="fail if less of any state machine was run")


_coverage = pytest.StashKey["Coverage"]()


def _found(config: pytest.Config) -> Coverage:
    """Return the coverage of the run. The engine is imported with it."""
    if _coverage not in config.stash:
        from generator.engine.tools.coverage import Coverage  # noqa: PLC0415  only in a run with workflows

        config.stash[_coverage] = Coverage()
    return config.stash[_coverage]


class WorkflowRunner:
    """A function that runs state machines and adds them to the coverage."""

    def __init__(self, coverage: Coverage, folder: Path) -> None:
        """Create it for a folder, from which paths are resolved."""
        self._coverage = coverage
        self._folder = folder

    def __call__(self, definition: Any, input: Any = None, **options: Any) -> Execution:
        """Run a state machine to its end.

        Args:
            definition: the path of a definition in JSON, or the definition itself.
            input: the input, a JSON value, or the path of a JSON file.
            options: the other arguments of :func:`generator.engine.execute`.
        """
        from generator.engine.execution import execute  # noqa: PLC0415  pytest loads this plugin in every test run

        name, loaded = self._load(definition)
        execution = execute(loaded, self._document(input), **options)
        self._coverage.add(name, execution)
        return execution

    def start(self, definition: Any, input: Any = None, **options: Any) -> Execution:
        """Start a state machine that waits for answers. Add it to the coverage with :meth:`count`."""
        from generator.engine.execution import start  # noqa: PLC0415  likewise

        return start(self._load(definition)[1], self._document(input), **options)

    def count(self, name: str, execution: Execution) -> None:
        """Add an execution that was started with :meth:`start` to the coverage."""
        self._coverage.add(name, execution)

    def _load(self, definition: Any) -> tuple[str, Any]:
        if isinstance(definition, (str, Path)) and not str(definition).lstrip().startswith("{"):
            path = self._folder / definition
            name = path.parent.name if path.name.startswith("definition.") else path.name.split(".", 1)[0]
            return name, path.read_text(encoding="utf-8")
        comment = definition.get("Comment") if isinstance(definition, dict) else None
        return str(comment or "workflow"), definition

    def _document(self, value: Any) -> Any:
        return json.loads((self._folder / value).read_text(encoding="utf-8")) if isinstance(value, Path) else value


@pytest.fixture
def run_workflow(request: pytest.FixtureRequest) -> WorkflowRunner:
    """Run a state machine in the local engine: ``run_workflow(definition, input, functions=…, mocks=…)``."""
    return WorkflowRunner(_found(request.config), request.config.rootpath)


@pytest.fixture
def run_state() -> Callable[..., StateResult]:
    """Run one state as the TestState API does: ``run_state(definition, input, mock=…, inspection_level=…)``."""
    from generator.engine.tools.single_state import test_state  # noqa: PLC0415  pytest loads this plugin in every test run

    return test_state


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    """Show the states and transitions that no test ran."""
    if _coverage not in config.stash:
        return
    report = _found(config).report()
    if report and config.getoption("--workflow-coverage"):
        terminalreporter.section("workflow coverage")
        for name, entry in report.items():
            for line in entry.lines(name):
                terminalreporter.line(line)


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """Fail if too little of a state machine was run."""
    least = session.config.getoption("--workflow-coverage-fail-under")
    if least is None or exitstatus != 0 or _coverage not in session.config.stash:
        return
    entries = _found(session.config).report().values()
    if any(entry.percent < least for entry in entries):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
