"""A pytest plugin: run state machines in tests, and list the states and transitions that no test ran.

A test reads::

    from workflows.order_processing import order_processing

    def test_order_is_stored(run_workflow):
        execution = run_workflow(order_processing, {"orderId": "1"}, functions={...})
        assert execution.path == ["ValidateOrder", "CheckValidation", "StoreOrder"]

``--workflow-coverage`` lists the states and transitions that no test ran; with ``--workflow-coverage-fail-under`` the run
fails if there are too many. Both count the tests of all workers of pytest-xdist.

pytest loads this module in every test run of an environment, so it imports the engine only when a test uses it.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, TypedDict

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Unpack

    from generator.engine import Execution, Fails, StateResult
    from generator.engine.account import Functions, Kind
    from generator.engine.clock import Clock
    from generator.engine.definitions import Runnable
    from generator.engine.starting import Answers, StateMachines
    from generator.engine.tools.coverage import Coverage
    from generator.engine.tools.single_state import Level

    class Options(TypedDict, total=False):
        """The keyword arguments of :func:`generator.engine.execute`."""

        functions: Functions | None
        mocks: Answers | None
        type: Kind | None
        state_machines: StateMachines | None
        substitutions: Mapping[str, str] | None
        clients: Callable[[str], Any] | None
        clock: Clock | None
        seed: int
        context: Mapping[str, Any] | None

    class StateOptions(TypedDict, total=False):
        """The keyword arguments of :func:`generator.engine.test_state`."""

        inspection_level: Level
        state_name: str | None
        mock: Mapping[str, Any] | Fails | None
        context: Mapping[str, Any] | str | None
        variables: Mapping[str, Any] | None
        state_configuration: Mapping[str, Any] | None
        role: str | None
        functions: Functions | None
        clients: Callable[[str], Any] | None
        seed: int


_REPORT = "--workflow-coverage"
_LEAST = "--workflow-coverage-fail-under"
_SENT = "workflow_coverage"
_coverage = pytest.StashKey["Coverage"]()
EXECUTIONS = pytest.StashKey[list["Execution"]]()
"""The executions of a test, on its item, for plugins that report them."""


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the plugin's options, unless the project or another plugin has options of these names."""
    group = parser.getgroup("workflows")
    try:
        group.addoption(_REPORT, action="store_true", help="list states and transitions of state machines that no test ran")
        group.addoption(_LEAST, type=float, metavar="PERCENT", help="fail if less of any state machine was run")
    except ValueError:  # they are there
        return


def coverage_of(config: pytest.Config) -> Coverage | None:
    """Return the coverage of the run, with that of ended workers; None if no workflow ran."""
    return config.stash.get(_coverage, None)


def _found(config: pytest.Config) -> Coverage:
    """Return the coverage of the run. The engine is imported with it."""
    if _coverage not in config.stash:
        from generator.engine.tools.coverage import Coverage  # noqa: PLC0415  only in a run with workflows

        config.stash[_coverage] = Coverage()
    return config.stash[_coverage]


class WorkflowRunner:
    """A function that runs state machines and adds them to the coverage."""

    def __init__(self, config: pytest.Config, item: pytest.Item | None = None) -> None:
        """Create it for a test run, whose root folder paths are resolved from, and for a test, which keeps its executions."""
        self._config = config
        self._executions: list[Execution] = [] if item is None else item.stash.setdefault(EXECUTIONS, [])

    def __call__(self, workflow: Runnable, input: Any = None, **options: Unpack[Options]) -> Execution:
        """Run a state machine to its end.

        Args:
            workflow: a ``Workflow``, a definition, or the path of a file, from the root folder of the tests.
            input: the input, a JSON value; a ``Path`` is a JSON file with it.
            options: the other arguments of :func:`generator.engine.execute`.
        """
        execution = self.start(workflow, input, **options).finish().run_children()
        self.count(execution)
        return execution

    def start(self, workflow: Runnable, input: Any = None, **options: Unpack[Options]) -> Execution:
        """Start a state machine that waits for answers. Add it to the coverage with :meth:`count` when it has ended."""
        from generator.engine.starting import start  # noqa: PLC0415  only in a run with workflows

        document = self._config.rootpath / input if isinstance(input, Path) else input
        from generator.engine.tools.project import deployed_workflows  # noqa: PLC0415

        # With clients, an endpoint of Step Functions may know the state machines that no workflow stands for.
        workflows = deployed_workflows(self._config.rootpath) if options.get("clients") is None else None
        execution = start(_from(self._config.rootpath, workflow), document, workflows=workflows, **options)
        self._executions.append(execution)
        return execution

    def count(self, execution: Execution, name: str | None = None) -> None:
        """Add an execution that was started with :meth:`start` to the coverage.

        Args:
            execution: the execution.
            name: the name to list it under, by default that of the workflow, or the comment of a definition.
        """
        machine = execution.machine
        comment = machine.machine.walk.document.get("Comment") if machine.title == "workflow" else None
        _found(self._config).add(name or (comment if isinstance(comment, str) else machine.title), execution)


@pytest.fixture
def run_workflow(request: pytest.FixtureRequest) -> WorkflowRunner:
    """Run a state machine in the local engine: ``run_workflow(workflow, input, functions=…, mocks=…)``."""
    return WorkflowRunner(request.config, request.node if isinstance(request.node, pytest.Item) else None)


class StateRunner:
    """A function that runs one state."""

    def __init__(self, folder: Path) -> None:
        """Create it for a folder, from which paths are resolved."""
        self._folder = folder

    def __call__(self, workflow: Runnable, input: Any = None, **options: Unpack[StateOptions]) -> StateResult:
        """Run one state as the TestState API does.

        Args:
            workflow: with ``state_name``, a ``Workflow``, a definition, or the path of a file; without, a state as JSON.
            input: the input, a JSON value.
            options: the other arguments of :func:`generator.engine.test_state`.
        """
        from generator.engine.tools.single_state import test_state  # noqa: PLC0415  only in a run with workflows

        return test_state(_from(self._folder, workflow), input, **options)


@pytest.fixture
def run_state(request: pytest.FixtureRequest) -> StateRunner:
    """Run one state as the TestState API does: ``run_state(workflow, input, state_name=…, mock=…)``."""
    return StateRunner(request.config.rootpath)


def _from(folder: Path, workflow: Runnable) -> Runnable:
    """Return what to run; a path is taken from a folder."""
    from generator.engine.definitions import is_path  # noqa: PLC0415  only in a run with workflows

    return folder / workflow if isinstance(workflow, Path) or (isinstance(workflow, str) and is_path(workflow)) else workflow


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """Add the coverage of a worker of pytest-xdist."""
    sent = getattr(node, "workeroutput", {}).get(_SENT)
    if sent:
        _found(node.config).merge(sent)


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    """Show the states and transitions that no test ran, and which state machines were run too little."""
    if _coverage not in config.stash:
        return
    report = _found(config).report()
    least = config.getoption(_LEAST, None)
    short = {name: entry for name, entry in report.items() if least is not None and entry.percent < least}
    if report and (config.getoption(_REPORT, default=False) or short):
        terminalreporter.section("workflow coverage")
        for name, entry in report.items():
            for line in entry.lines(name):
                terminalreporter.line(line)
        for name, entry in short.items():
            terminalreporter.line(f"{name}: {entry.percent:.1f}% is less than the {least:g}% that {_LEAST} asks for")


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """Send the coverage of a worker, or fail if too little of a state machine was run."""
    config = session.config
    if _coverage not in config.stash:
        return
    if hasattr(config, "workeroutput"):
        config.workeroutput[_SENT] = _found(config).dump()
        return
    least = config.getoption(_LEAST, None)
    if least is not None and exitstatus == 0 and any(entry.percent < least for entry in _found(config).report().values()):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
