"""A state machine with JSONPath, in JSONata.

AWS allows a state with JSONata in a state machine with JSONPath, but not the other way round. A machine all of whose states can be
converted becomes one with JSONata; otherwise it stays one with JSONPath, and the states that were converted say that they use JSONata.

Source: https://docs.aws.amazon.com/step-functions/latest/dg/transforming-data.html
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from generator.asl import error_names
from generator.asl.model import (
    ABSENT,
    JSONATA,
    Branch,
    Catcher,
    Choice,
    ChoiceRule,
    Comparison,
    Construct,
    Fail,
    ItemBatcher,
    ItemProcessor,
    ItemReader,
    Junction,
    Map,
    Maybe,
    Parallel,
    Pass,
    State,
    StateMachine,
    Task,
    UnknownState,
    state_language,
)
from generator.asl.model import (
    Scope as States,
)
from generator.asl.walk import each, walk
from generator.importers.jsonata.intrinsics import RANDOM
from generator.importers.jsonata.rules import Rules
from generator.importers.jsonata.values import (
    ERROR,
    INPUT,
    RESULT,
    Call,
    Const,
    NotConvertibleError,
    Ref,
    Scope,
    Value,
    inside,
    place,
)
from generator.importers.jsonata.writing import Writer, leaf

if TYPE_CHECKING:
    from generator.diagnostics.model import Pointer

_NEVER_RAISED: Final = (error_names.PARAMETER_PATH_FAILURE, error_names.RESULT_PATH_MATCH_FAILURE, error_names.INTRINSIC_FAILURE)
_ANY: Final = frozenset({error_names.ALL, error_names.TASK_FAILED})


@dataclass(frozen=True, slots=True)
class Remark:
    """What a conversion says about a state.

    Attributes:
        at: the place in the definition.
        text: the reason why it stays JSONPath, or the data in which the results differ.
        state: the name of the state.
    """

    at: Pointer
    text: str
    state: str


@dataclass(frozen=True)
class Conversion:
    """A machine that was converted.

    Attributes:
        machine: the machine.
        converted: the places of the states that use JSONata now.
        kept: the states that stay JSONPath, with the reason.
        notes: the data in which a converted state differs.
    """

    machine: StateMachine
    converted: tuple[Pointer, ...]
    kept: tuple[Remark, ...]
    notes: tuple[Remark, ...]


def convert(machine: StateMachine, keep: Mapping[Pointer, str] | None = None) -> Conversion:
    """Convert a machine from JSONPath to JSONata.

    Args:
        machine: the machine.
        keep: the places of states that stay JSONPath, with the reason.

    >>> from generator.asl.parse import parse
    >>> from generator.asl.write import to_json
    >>> state = {"Type": "Pass", "InputPath": "$.order", "ResultPath": "$.copy", "End": True}
    >>> machine, _ = parse({"StartAt": "A", "States": {"A": state}})
    >>> converted = convert(machine).machine
    >>> to_json(converted)["QueryLanguage"], converted.states["A"].output
    ('JSONata', '{% ($assert($exists($states.input.order), "order is missing"); $merge([$states.input, {"copy": $states.input.order}])) %}')
    """
    if machine.query_language == JSONATA:
        return Conversion(machine, (), (), ())
    work = _Machine(machine, keep or {})
    states = work.states(machine, ())
    whole = not work.kept
    top = replace(machine, states=states, query_language=JSONATA if whole else machine.query_language)
    return Conversion(_labelled(top, whole=whole), tuple(work.converted), tuple(work.kept), tuple(work.notes))


def _labelled(machine: StateMachine, *, whole: bool) -> StateMachine:
    """Return a machine whose states name their language where it is not that of the machine."""

    def scope(states: Any) -> Any:
        return replace(states, states={name: state(one) for name, one in states.states.items()})

    def state(one: State) -> State:
        changed: Any = one
        if isinstance(one, Parallel):
            changed = replace(one, branches=tuple(scope(branch) for branch in each(one.branches)))
        elif isinstance(one, Map):
            inner = {
                name: scope(value)
                for name, value in (("item_processor", one.item_processor), ("iterator", one.iterator))
                if isinstance(value, ItemProcessor)
            }
            changed = replace(one, **inner)
        done: State = replace(changed, query_language=ABSENT) if whole else changed
        return done

    labelled: StateMachine = scope(machine)
    return labelled


class _Machine:
    def __init__(self, machine: StateMachine, keep: Mapping[Pointer, str]) -> None:
        self.machine = machine
        self.keep = keep
        self.converted: list[Pointer] = []
        self.kept: list[Remark] = []
        self.notes: list[Remark] = []
        self.variables = frozenset(_variables(machine))

    def states(self, scope: States, at: Pointer) -> dict[str, State]:
        return {name: self.state(name, state, (*at, "States", name)) for name, state in scope.states.items()}

    def state(self, name: str, state: State, at: Pointer) -> State:
        before = len(self.converted)
        state = self._inside(state, at)
        if state_language(self.machine.query_language, state.query_language) == JSONATA:
            return state
        try:
            if at in self.keep:
                raise NotConvertibleError(self.keep[at])  # noqa: TRY301  one way to keep a state
            made = _State(state, self.variables, in_map=_in_map(at), computed=len(self.converted) > before).convert()
        except NotConvertibleError as error:
            self.kept.append(Remark((*at, *error.at), error.reason, name))
            return state
        self.converted.append(at)
        self.notes += [Remark(at, note, name) for note in dict.fromkeys(made.notes)]
        return replace(made.state, query_language=JSONATA)

    def _inside(self, state: State, at: Pointer) -> State:
        if isinstance(state, Parallel) and isinstance(state.branches, tuple):
            branches: list[Branch] = [
                replace(branch, states=self.states(branch, (*at, "Branches", number))) for number, branch in enumerate(state.branches)
            ]
            return replace(state, branches=tuple(branches))
        if isinstance(state, Map):
            changed: dict[str, Any] = {}
            for attribute, field_name in (("item_processor", "ItemProcessor"), ("iterator", "Iterator")):
                processor = getattr(state, attribute)
                if isinstance(processor, ItemProcessor):
                    changed[attribute] = replace(processor, states=self.states(processor, (*at, field_name)))
            return replace(state, **changed)
        return state


def _in_map(at: Pointer) -> bool:
    return "ItemProcessor" in at or "Iterator" in at


def _variables(machine: StateMachine) -> set[str]:
    """Return the names of the variables that a machine assigns."""
    found: set[str] = set()
    for entry in walk(machine).states:
        for _, construct in entry.constructs:
            assign = getattr(construct, "assign", ABSENT)
            if isinstance(assign, dict):
                found |= {key.removesuffix(".$") for key in assign}
    return found


@dataclass
class _Made:
    state: State
    notes: list[str] = field(default_factory=list)


class _State:
    """The conversion of one state, without the states inside it."""

    def __init__(self, state: State, variables: frozenset[str], *, in_map: bool, computed: bool) -> None:
        self.state: Any = state
        self.variables = variables
        self.in_map = in_map
        self.notes: list[str] = []
        self.used: list[Value] = []
        self.computed = computed

    def convert(self) -> _Made:
        state = self.state
        if isinstance(state, UnknownState) or state.extra:
            unknown = "Type" if isinstance(state, UnknownState) else next(iter(state.extra))
            raise NotConvertibleError(f"the field {unknown!r} is not one of the language, or its value is not", (unknown,))
        document = self.input(getattr(state, "input_path", ABSENT))
        scope = Scope(document, self.in_map)
        changes: dict[str, Any] = {"input_path": ABSENT} if hasattr(state, "input_path") else {}
        match state:
            case Pass():
                changes |= self.passed(scope)
            case Choice():
                changes |= self.choice(scope)
            case Task() | Parallel() | Map():
                changes |= self.working(scope)
            case Fail():
                changes |= self.texts(scope)
            case _:
                changes |= self.times(scope)
                changes |= self.output(document, INPUT)
                if hasattr(state, "assign"):
                    changes["assign"] = self.field("Assign", state.assign, scope)
        self.once()
        return _Made(replace(state, **changes), self.notes)

    # -- fields ----------------------------------------------------------------------------------------------------------

    def input(self, path: Maybe[str | None]) -> Value:
        if path is ABSENT or path == "$":
            return INPUT
        if path is None:
            return Const({})
        found: Value = self.at(("InputPath",), lambda: Scope(INPUT, self.in_map).path(str(path)))
        return found

    @staticmethod
    def at(place: tuple[str | int, ...], make: Callable[[], Any]) -> Any:
        """Return what a function returns; an error of it has the place of a field."""
        try:
            return make()
        except NotConvertibleError as error:
            raise NotConvertibleError(error.reason, (*place, *error.at)) from None

    def written(self, value: Value, *place: str | int) -> Any:
        """Write a value as the JSON of a field."""
        writer = Writer(self.variables)
        made = self.at(place, lambda: leaf(value, writer))
        self.notes += writer.notes
        self.used.append(value)
        self.computed = self.computed or any(isinstance(one, Ref | Call) for one in inside(value))
        return made

    def field(self, name: str, template: Maybe[Any], scope: Scope, *before: str | int) -> Maybe[Any]:
        """Convert a payload template."""
        if template is ABSENT:
            return ABSENT
        place = (*before, name)
        return self.written(self.at(place, lambda: scope.template(template)), *place)

    def number(self, name: str, value: Maybe[Any], path: Maybe[str], scope: Scope, *before: str | int) -> Maybe[Any]:
        """Convert a field with a number and its ``Path`` twin, which accepts digits as text too."""
        if path is ABSENT:
            return value
        found = self.at((*before, f"{name}Path"), lambda: scope.path(str(path)))
        if isinstance(found, Const):
            return found.value
        if not isinstance(found, Ref):
            raise NotConvertibleError(f"the path {path} is not a reference path", (*before, f"{name}Path"))
        self.used.append(found)
        self.computed = True
        writer = Writer(self.variables)
        plain = writer.write(replace(found, certain=True), part=True)[0] if not _indexed(found) else None
        if plain is None:
            raise NotConvertibleError(f"the path {path} ends with an index", (*before, f"{name}Path"))
        return writer.expression((f"$number({plain})", 100))

    def output(self, value: Value, usual: Ref) -> dict[str, Any]:
        """Return the changes of the fields that make the output from the value before OutputPath."""
        path = self.state.output_path
        if path is None:
            value = Const({})
        elif path is not ABSENT and path != "$":
            value = self.at(("OutputPath",), lambda: Scope(value, self.in_map).path(path))
        made = ABSENT if value == usual else self.written(value, "Output")
        return {"output_path": ABSENT, "output": made}

    def once(self) -> None:
        """Refuse a random value that two fields would make anew."""
        calls = Counter(id(one) for value in self.used for one in inside(value) if isinstance(one, Call) and one.intrinsic.name in RANDOM)
        if any(count > 1 for count in calls.values()):
            raise NotConvertibleError("a random value is used in several fields, which would each make their own")

    # -- states ----------------------------------------------------------------------------------------------------------

    def passed(self, scope: Scope) -> dict[str, Any]:
        state = self.state
        result = scope.document
        if state.parameters is not ABSENT:
            result = self.at(("Parameters",), lambda: scope.template(state.parameters))
        if state.result is not ABSENT:
            result = Const(state.result)
        assign = self.field("Assign", state.assign, Scope(result, self.in_map))
        output = self.at(("ResultPath",), lambda: place(INPUT, "$" if state.result_path is ABSENT else state.result_path, result))
        cleared = {"parameters": ABSENT, "result": ABSENT, "result_path": ABSENT}
        return {**cleared, "assign": assign, **self.output(output, INPUT)}

    def choice(self, scope: Scope) -> dict[str, Any]:
        state = self.state
        rules = Rules(scope, self.variables)
        made = []
        output = self.output(scope.document, INPUT)
        for number, rule in enumerate(each(state.choices)):
            place = ("Choices", number)
            if not isinstance(rule.test, Comparison | Junction) or rule.extra:
                raise NotConvertibleError("the rule is not complete", place)
            condition = self.at(place, partial(rules.condition, rule.test))
            assign = self.field("Assign", rule.assign, scope, *place)
            made.append(ChoiceRule(comment=rule.comment, condition=condition, assign=assign, output=output["output"], next=rule.next))
        self.notes += rules.notes
        return {**output, "choices": tuple(made), "assign": self.field("Assign", state.assign, scope)}

    def texts(self, scope: Scope) -> dict[str, Any]:
        """Convert Error and Cause of a Fail state."""
        changes: dict[str, Any] = {}
        for name, attribute in (("Error", "error"), ("Cause", "cause")):
            path = getattr(self.state, f"{attribute}_path")
            if path is not ABSENT:
                value = self.at((f"{name}Path",), partial(scope.dynamic, path))
                changes[attribute] = self.written(value, f"{name}Path")
                if not isinstance(changes[attribute], str):
                    raise NotConvertibleError("the value is not a text, so that the state always fails", (f"{name}Path",))
                changes[f"{attribute}_path"] = ABSENT
            elif getattr(self.state, attribute) is not ABSENT:
                changes[attribute] = self.written(Const(getattr(self.state, attribute)), name)
        return changes

    def times(self, scope: Scope) -> dict[str, Any]:
        state = self.state
        if not hasattr(state, "seconds_path"):
            return {}
        changes: dict[str, Any] = {"seconds_path": ABSENT, "timestamp_path": ABSENT}
        changes["seconds"] = self.number("Seconds", state.seconds, state.seconds_path, scope)
        if state.timestamp_path is not ABSENT:
            value = self.at(("TimestampPath",), lambda: scope.path(state.timestamp_path))
            changes["timestamp"] = self.written(value, "TimestampPath")
        return changes

    def working(self, scope: Scope) -> dict[str, Any]:
        state = self.state
        changes: dict[str, Any] = {"parameters": ABSENT, "result_selector": ABSENT, "result_path": ABSENT}
        match state:
            case Task():
                changes["arguments"] = self.arguments(scope)
                changes["credentials"] = self.field("Credentials", state.credentials, scope)
                for name, attribute in (("TimeoutSeconds", "timeout_seconds"), ("HeartbeatSeconds", "heartbeat_seconds")):
                    changes |= self.numbers(state, name, attribute, scope)
            case Parallel():
                changes["arguments"] = self.arguments(scope)
            case _:
                changes |= self.mapped(scope)
        result: Value = RESULT
        changes["assign"] = self.field("Assign", state.assign, Scope(RESULT, self.in_map))
        if state.result_selector is not ABSENT:
            result = self.at(("ResultSelector",), lambda: Scope(RESULT, self.in_map).template(state.result_selector))
        output = self.at(("ResultPath",), lambda: place(INPUT, "$" if state.result_path is ABSENT else state.result_path, result))
        changes |= self.output(output, RESULT)
        changes["catch"] = state.catch if state.catch is ABSENT else tuple(map(self.catcher, range(len(state.catch)), state.catch))
        self.handled()
        return changes

    def arguments(self, scope: Scope) -> Maybe[Any]:
        """Return Arguments: Parameters, or the input of the state after InputPath."""
        if self.state.parameters is not ABSENT:
            return self.field("Parameters", self.state.parameters, scope)
        return ABSENT if scope.document == INPUT else self.written(scope.document, "InputPath")

    def numbers(self, construct: Construct, name: str, attribute: str, scope: Scope, *before: str) -> dict[str, Any]:
        value, path = getattr(construct, attribute), getattr(construct, f"{attribute}_path")
        return {attribute: self.number(name, value, path, scope, *before), f"{attribute}_path": ABSENT}

    def catcher(self, number: int, catcher: Catcher) -> Catcher:
        at = ("Catch", number)
        output = self.at((*at, "ResultPath"), lambda: place(INPUT, "$" if catcher.result_path is ABSENT else catcher.result_path, ERROR))
        made = ABSENT if output == ERROR else self.written(output, *at, "ResultPath")
        assign = self.field("Assign", catcher.assign, Scope(ERROR, self.in_map), *at)
        return replace(catcher, result_path=ABSENT, output=made, assign=assign)

    def handled(self) -> None:
        """Note what retriers and catchers do with failures of the data, which have another name in JSONata."""
        listed = [*each(self.state.retry), *each(self.state.catch)]
        names = [error for one in listed for error in each(one.error_equals)]
        if self.computed and _ANY & {*names}:
            self.notes.append(
                "data that is missing or of the wrong type: JSONPath fails with States.Runtime, which nothing catches; JSONata fails "
                "with States.QueryEvaluationError, which the state's Retry or Catch handles"
            )
        for name in _NEVER_RAISED:
            if name in names:
                self.notes.append(f"{name} in Retry or Catch: JSONata fails with States.QueryEvaluationError instead")

    # -- Map states ------------------------------------------------------------------------------------------------------

    def mapped(self, scope: Scope) -> dict[str, Any]:
        state = self.state
        changes: dict[str, Any] = {"items_path": ABSENT}
        if state.item_reader is ABSENT:
            items = scope.document
            if state.items_path is not ABSENT:
                items = self.at(("ItemsPath",), lambda: scope.path(state.items_path))
            if _indexed(items):
                raise NotConvertibleError("the path of the items ends with an index", ("ItemsPath",))
            changes["items"] = ABSENT if items == INPUT else self.written(items, "ItemsPath")
        else:
            changes["item_reader"] = self.reader(state.item_reader, scope)
        name = "ItemSelector" if state.item_selector is not ABSENT else "Parameters"
        selector = state.item_selector if state.item_selector is not ABSENT else state.parameters
        changes["item_selector"] = self.field(name, selector, Scope(scope.document, item=True))
        for name, attribute in (
            ("MaxConcurrency", "max_concurrency"),
            ("ToleratedFailureCount", "tolerated_failure_count"),
            ("ToleratedFailurePercentage", "tolerated_failure_percentage"),
        ):
            changes |= self.numbers(state, name, attribute, scope)
        if state.item_batcher is not ABSENT:
            changes["item_batcher"] = self.batcher(state.item_batcher, scope)
        if state.result_writer is not ABSENT:
            writer = state.result_writer
            arguments = self.field("Parameters", writer.parameters, scope, "ResultWriter")
            changes["result_writer"] = replace(writer, parameters=ABSENT, arguments=arguments)
        if state.item_processor is ABSENT:  # Iterator is the old name, from before JSONata
            changes |= {"item_processor": state.iterator, "iterator": ABSENT}
        return changes

    def reader(self, reader: ItemReader, scope: Scope) -> ItemReader:
        config = reader.reader_config
        if config is not ABSENT:
            config = replace(config, **self.numbers(config, "MaxItems", "max_items", scope, "ItemReader", "ReaderConfig"))
        arguments = self.field("Parameters", reader.parameters, scope, "ItemReader")
        return replace(reader, parameters=ABSENT, arguments=arguments, reader_config=config)

    def batcher(self, batcher: ItemBatcher, scope: Scope) -> ItemBatcher:
        changes: dict[str, Any] = {"batch_input": self.field("BatchInput", batcher.batch_input, scope, "ItemBatcher")}
        for name, attribute in (("MaxItemsPerBatch", "max_items_per_batch"), ("MaxInputBytesPerBatch", "max_input_bytes_per_batch")):
            changes |= self.numbers(batcher, name, attribute, scope, "ItemBatcher")
        return replace(batcher, **changes)


def _indexed(value: Value) -> bool:
    """Return whether a value is an item of an array, for which a field may read null."""
    return isinstance(value, Ref) and bool(value.keys) and isinstance(value.keys[-1], int)
