"""The data of a visit to a state after each step of its fields, computed anew from a history.

The history has the input, the parameters, the result and the output. What InputPath, ResultSelector and the other fields made in
between follows from the definition: the state runs once more, with the recorded result in place of its work, and a probe observes
it. A step is only reported if everything that the history has comes out the same. It does not if a field uses what the history
does not have, such as random numbers.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from generator.engine.failure import StateError
from generator.engine.frame import Frame, Item
from generator.engine.starting import Engine
from generator.engine.states.branches import MapState, ParallelState
from generator.engine.states.state import Working
from generator.engine.states.task import TaskState

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from generator.engine.clock import Branch
    from generator.engine.compile import Machine
    from generator.engine.states.state import State
    from generator.engine.visits import StateVisit

_HOLDER: Final = '{"StartAt": "S", "States": {"S": {"Type": "Succeed"}}}'
_AT_ONCE: Final = frozenset({"Pass", "Choice", "Succeed"})
"""The types of states that do no work: their output follows from their input."""


class DataFlow:
    """Computes the data of visits to the states of one machine.

    >>> from generator.engine import execute
    >>> state = {"Type": "Pass", "InputPath": "$.order", "Parameters": {"id.$": "$.id"}, "ResultPath": "$.kept", "End": True}
    >>> execution = execute({"StartAt": "Keep", "States": {"Keep": state}}, {"order": {"id": 7}})
    >>> flow = DataFlow(execution.machine.machine)
    >>> flow.steps(execution.visits("Keep")[0], {})["afterParameters"]
    {'id': 7}
    """

    def __init__(self, machine: Machine, context: Mapping[str, Any] | None = None) -> None:
        """Create it for a machine.

        Args:
            machine: the compiled state machine.
            context: the members of the Context object of the execution: ``Execution`` and ``StateMachine``.
        """
        self._states = dict(_states(machine))
        self._run = Engine().start(_HOLDER, {}, context=context)._run  # noqa: SLF001  the data of an execution that does not run

    def steps(
        self,
        visit: StateVisit,
        variables: Mapping[str, Any],
        *,
        item: Item | None = None,
        token: str | None = None,
        results: list[Any] | None = None,
    ) -> dict[str, Any]:
        """Return the data after each step, by its name in the TestState API, such as ``afterInputPath``.

        Args:
            visit: the visit.
            variables: the variables that the state could read.
            item: the item of the iteration that the visit is part of.
            token: the task token of its last attempt.
            results: the outputs of the branches of a Parallel state or of the iterations of a Map state, if all ended.

        Returns:
            the data by step, in the order of the steps. Empty if they do not follow from the history.
        """
        state = self._states.get(visit.name)
        if state is None or state.kind != visit.type or not (visit.exited or visit.attempts):
            return {}
        if state.kind not in _AT_ONCE and not isinstance(state, Working):
            return {}
        frame = Frame(self._run, dict(variables), 0, item)
        frame.state, frame.state_kind, frame.entered_at, frame.token = visit.name, visit.type, visit.entered, token
        frame.retries = max(0, len(visit.attempts) - 1)
        frame.probe = probe = _Probe(visit, results)
        kept, self._run.mocks = len(self._run.events), None
        try:
            output = _finish(state.execute(frame, visit.input)) if not state.plain else state.execute(frame, visit.input)[0]
        except StateError:
            output = None
            if visit.exited:
                return {}
        except Exception:  # noqa: BLE001  the definition need not be the one that ran: nothing can be said then
            return {}
        finally:
            del self._run.events[kept:]
        return probe.seen if probe.agrees(output) else {}


class _Probe:
    """Observes one state while it runs, and does its work by returning the result in the history."""

    reader_data: str | None = None
    retries = 0

    def __init__(self, visit: StateVisit, results: list[Any] | None) -> None:
        self.visit = visit
        self.results = results
        self.seen: dict[str, Any] = {}
        self.worked = True

    def saw(self, name: str, value: Any) -> None:
        """Keep the data after a step."""
        self.seen[name] = value

    def perform(self, state: Working, frame: Frame, given: Any) -> Branch:  # noqa: ARG002  the probe's interface
        """Return the result in the history.

        Raises:
            StateError: the work failed.
        """
        yield from ()
        visit = self.visit
        if isinstance(state, TaskState):
            call = visit.attempts[-1] if visit.attempts else None
            if call is None or call.status == "RUNNING":
                raise StateError(None, None, fatal=True)
            self.worked = getattr(given, "parameters", None) == call.parameters
            if call.status == "SUCCEEDED":
                return call.result
            raise StateError(call.error, call.cause)
        if self.results is not None:
            return self.results
        raise StateError(visit.error, visit.cause, fatal=not visit.failed)

    def retried(self, number: int, seconds: float, failure: StateError) -> None:  # noqa: ARG002  the probe's interface
        """Stop: the attempts before the last one are in the history.

        Raises:
            StateError: always; the execution ended before the retry.
        """
        raise StateError(failure.error, failure.cause, fatal=True)

    def caught(self, number: int, failure: StateError) -> None:
        """Do nothing: the history has the failure."""

    def agrees(self, output: Any) -> bool:
        """Return whether what was computed is what the history has."""
        return self.worked and (not self.visit.exited or output == self.visit.output)


def _finish(branch: Branch) -> Any:
    """Run a branch that does not wait to its end, and return its output."""
    try:
        next(branch)
    except StopIteration as end:
        return end.value[0]
    raise ValueError("the state waits")


def _states(machine: Machine) -> Iterator[tuple[str, State]]:
    """Yield the states of a machine with their names, at any depth."""
    pending = [machine]
    for scope in pending:  # it grows while inner scopes are found
        yield from scope.states.items()
        for state in scope.states.values():
            if isinstance(state, ParallelState):
                pending += state.branches
            elif isinstance(state, MapState):
                pending.append(state.processor)
