"""The proof of a conversion: both versions run on the same inputs, with the same answers of tasks, and must do the same.

Everything that the history has is compared: states in their order, with inputs, outputs and variables, calls with their parameters, and
the times of events. Failures of the data have another name in each language: ``States.Runtime`` in JSONPath,
``States.QueryEvaluationError`` in JSONata.
"""

from __future__ import annotations

import io
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from generator.asl import error_names
from generator.asl.walk import walk
from generator.asl.write import to_json
from generator.engine import DefinitionError, Engine, Mocks, compile_definition
from generator.engine.failure import ExecutionTimeoutError
from generator.importers.jsonata.inputs import Maker, shown
from generator.importers.jsonata.machine import Conversion, convert

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from generator.asl.model import Json, StateMachine
    from generator.asl.walk import Walk, WorkflowType
    from generator.diagnostics.model import Pointer
    from generator.engine import Execution, Machine
    from generator.engine import frame as engine_frame

INPUTS: Final = 100
"""How many inputs are tried by default."""
_OF_DATA: Final = frozenset(
    {
        error_names.RUNTIME,
        error_names.QUERY_EVALUATION_ERROR,
        error_names.PARAMETER_PATH_FAILURE,
        error_names.RESULT_PATH_MATCH_FAILURE,
        error_names.INTRINSIC_FAILURE,
    }
)
_FAILED_DATA: Final = "a failure of the data"
_NOT_COMPARED: Final = frozenset({"EvaluationFailed"})
_ROUNDS: Final = 30
_MOST_TRANSITIONS: Final = 500


@dataclass(frozen=True, slots=True)
class Difference:
    """The first difference of two executions.

    Attributes:
        number: the number of the input.
        document: the input.
        state: the name of the state.
        jsonpath: what the version with JSONPath did there.
        jsonata: what the version with JSONata did there.
    """

    number: int
    document: Json
    state: str
    jsonpath: str
    jsonata: str


@dataclass
class Proof:
    """What running both versions showed.

    Attributes:
        inputs: how many inputs were tried.
        agreed: on how many both did the same.
        failed: on how many of these both failed because of the data.
        beyond: on which the version with JSONPath failed because of the data, and the one with JSONata went on.
        differing: on which they differ otherwise.
        reached: the names of the states that an execution entered.
        not_run: why no input could be tried; empty if they were.
    """

    inputs: int = 0
    agreed: int = 0
    failed: int = 0
    beyond: list[Difference] = field(default_factory=list)
    differing: list[Difference] = field(default_factory=list)
    reached: set[str] = field(default_factory=set)
    not_run: str = ""


@dataclass(frozen=True)
class Proven:
    """A conversion with its proof."""

    conversion: Conversion
    proof: Proof


@dataclass(frozen=True, slots=True)
class Run:
    """One execution, as it is compared."""

    events: list[tuple[str, float, Any]]
    status: str
    error: str | None
    path: frozenset[str]


def converted(walked: Walk, *, inputs: int = INPUTS, schema: Mapping[str, Any] | None = None, documents: Sequence[Json] = ()) -> Proven:
    """Convert a machine, and prove it. A state in which both versions differ stays JSONPath.

    Args:
        walked: the machine.
        inputs: how many inputs to try.
        schema: the JSON Schema of its declared input.
        documents: inputs to try before these.
    """
    machine = walked.machine
    maker = Maker(walked, schema, documents)
    source = to_json(machine)
    before: dict[int, Run] = {}
    keep: dict[Pointer, str] = {}
    for _ in range(_ROUNDS):
        conversion = convert(machine, keep)
        proof = _prove(source, conversion.machine, maker, inputs + len(documents), before)
        if not proof.differing:
            break
        found = proof.differing[0]
        at = _place(machine, conversion, found.state)
        if at is None:
            break
        keep[at] = f"on the input {shown(found.document)} JSONPath leads to {found.jsonpath}, JSONata to {found.jsonata}"
    return Proven(conversion, proof)


def _place(machine: StateMachine, conversion: Conversion, state: str) -> Pointer | None:
    places = {entry.name: entry.at for entry in walk(machine).states}
    at = places.get(state)
    return at if at in conversion.converted else None


def _prove(source: Json, machine: StateMachine, maker: Maker, inputs: int, before: dict[int, Run]) -> Proof:
    kind = maker.type
    proof = Proof()
    old_machine = _compiled(source, kind)
    if isinstance(old_machine, str):
        proof.not_run = old_machine
        return proof
    new_machine = _compiled(to_json(machine), kind)
    if isinstance(new_machine, str):
        proof.differing.append(Difference(0, {}, "", "a definition that can run", new_machine))
        return proof
    for number in range(inputs):
        document = maker.input(number)
        old = before.get(number)
        if old is None:
            old = before[number] = _run(old_machine, document, maker, number, kind)
        new = _run(new_machine, document, maker, number, kind)
        proof.inputs += 1
        proof.reached |= old.path
        found = _first_difference(old, new)
        if found is None:
            proof.agreed += 1
            proof.failed += old.error in _OF_DATA
            continue
        state, was, became = found
        difference = Difference(number, document, state, was, became)
        (proof.beyond if old.error in _OF_DATA else proof.differing).append(difference)
    return proof


def _compiled(definition: Any, kind: WorkflowType) -> Machine | str:
    """Compile a definition. Return the machine, or why it cannot be run."""
    try:
        return compile_definition(definition, type=kind)
    except DefinitionError as error:
        return str(error)


def _run(machine: Machine, document: Json, maker: Maker, number: int, kind: WorkflowType) -> Run:
    """Run a machine on an input."""
    bucket = _Bucket(maker, number)
    engine = Engine(mocks=Mocks(maker.mocks(number)), seed=number, clients=lambda _: bucket, watch=_stop_late)
    execution = engine.start(machine, document, type=kind).finish()
    events = _events(execution) + [("S3", 0.0, asked) for asked in bucket.asked]
    return Run(events, execution.status, execution.error, frozenset(execution.path))


def _stop_late(run: engine_frame.Run) -> None:
    """Stop an execution that runs in a circle, which both versions do at the same state."""
    if run.transitions > _MOST_TRANSITIONS:
        raise ExecutionTimeoutError


def _events(execution: Execution) -> list[tuple[str, float, Any]]:
    found = [(kind, time, _compared(details)) for kind, time, _, details in execution.raw_events if kind not in _NOT_COMPARED]
    for child in execution.map_children:
        found += _events(child)
    return found


def _compared(value: Any) -> Any:
    """Return the details of an event with one name for all failures of the data."""
    if isinstance(value, dict):
        made = {key: _compared(item) for key, item in value.items()}
        for error, cause in (("error", "cause"), ("Error", "Cause")):
            if isinstance(value.get(error), str) and value[error] in _OF_DATA:
                made[error] = made[cause] = _FAILED_DATA
        return made
    return [_compared(item) for item in value] if isinstance(value, list) else value


def _first_difference(old: Run, new: Run) -> tuple[str, str, str] | None:
    """Return the state of the first difference, and what each version did there; None if both did the same."""
    if old.events == new.events:
        return None
    state = ""
    for was, became in zip(old.events, new.events, strict=False):
        if was[2].get("name") and was[0].endswith(("StateEntered", "StateExited")):
            state = was[2]["name"]
        if was != became:
            return state, _said(was, became), _said(became, was)
    return state, f"{len(old.events)} events", f"{len(new.events)} events"


def _said(event: tuple[str, float, Any], other: tuple[str, float, Any]) -> str:
    kind, time, details = event
    if kind != other[0]:
        failure = details.get("error")
        return f"{kind} ({failure})" if failure else kind
    if details == other[2]:
        return f"{kind} at {time:.3f}"
    keys = [key for key in details if details.get(key) != other[2].get(key)]
    return f"{kind} with " + ", ".join(f"{key} {shown(details[key])}" for key in keys) if keys else kind


class _Bucket:
    """The part of a client of S3 that Distributed Maps use: every object holds items of the machine's data."""

    def __init__(self, maker: Maker, number: int) -> None:
        self.maker = maker
        self.number = number
        self.asked: list[dict[str, Any]] = []

    def get_object(self, **parameters: Any) -> dict[str, Any]:
        self.asked.append(parameters)
        items = [self.maker.input(self.number + 3 * index) for index in range(3)]
        return {"Body": io.BytesIO(json.dumps(items).encode()), "ContentLength": 1, "ETag": '"1"'}

    def list_objects_v2(self, **parameters: Any) -> dict[str, Any]:
        self.asked.append(parameters)
        return {"Contents": [{"Key": f"{index}.json", "Size": index, "ETag": '"1"'} for index in range(3)], "IsTruncated": False}

    def put_object(self, **parameters: Any) -> dict[str, Any]:
        body = parameters.pop("Body")
        self.asked.append({**parameters, "Body": _compared_body(body)})
        return {}


def _compared_body(body: Any) -> str:
    data = body if isinstance(body, bytes) else body.read()
    return data.decode("utf-8", "replace")
