"""From ASL to what can be run: a definition is compiled once into linked state objects."""

from __future__ import annotations

import json
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from generator.asl.intrinsics import IntrinsicSyntaxError
from generator.asl.jsonata import JSONataSyntaxError
from generator.asl.jsonpath import PathSyntaxError
from generator.asl.placeholders import fill
from generator.asl.text import MAX_DEPTH
from generator.engine.branches import MapState, ParallelState
from generator.engine.history import json_text
from generator.engine.states import ChoiceState, FailState, PassState, State, SucceedState, WaitState
from generator.engine.tasks import TaskState
from generator.engine.work import constant_number

_PLAIN: dict[str, type[State]] = {
    "Pass": PassState,
    "Wait": WaitState,
    "Choice": ChoiceState,
    "Succeed": SucceedState,
    "Fail": FailState,
    "Task": TaskState,
}

if TYPE_CHECKING:
    from collections.abc import Mapping


class DefinitionError(ValueError):
    """A definition that cannot be run; ``validate`` says more about it.

    Attributes:
        state: The state at fault, empty for the machine itself.
    """

    def __init__(self, message: str, state: str = "") -> None:
        """Create the error."""
        super().__init__(f"State '{state}': {message}" if state else message)
        self.state = state


class Machine:
    """A compiled state machine, or the inside of a Map state or of a branch.

    Attributes:
        definition: The ASL.
        states: All states by name.
        start: The first one.
        timeout: ``TimeoutSeconds``, or None.
    """

    __slots__ = ("definition", "start", "states", "timeout")

    def __init__(self, definition: dict[str, Any], language: str = "JSONPath", depth: int = 1) -> None:
        """Compile a definition.

        Raises:
            DefinitionError: The definition cannot be run.
        """
        if depth > MAX_DEPTH:  # each level is several Python calls deep when it runs
            raise DefinitionError(f"The definition is nested deeper than {MAX_DEPTH} levels")
        self.definition = definition
        language = definition.get("QueryLanguage", language)
        states = definition.get("States")
        if not isinstance(states, dict) or not isinstance(definition.get("StartAt"), str):
            raise DefinitionError("A state machine has States, an object, and StartAt, the name of one of them")
        self.states: dict[str, State] = {name: _compile(name, state, language, depth) for name, state in states.items()}
        for name, state in self.states.items():
            try:
                state.link(self.states)
            except (KeyError, TypeError, AttributeError) as error:
                raise DefinitionError(f"There is no state {error}", name) from None
        if definition["StartAt"] not in self.states:
            raise DefinitionError(f"StartAt names '{definition['StartAt']}', which is no state")
        self.start = self.states[definition["StartAt"]]
        try:
            self.timeout: float | None = constant_number(definition, "TimeoutSeconds", None)
        except ValueError as error:
            raise DefinitionError(str(error)) from None


def _compile(name: str, definition: Any, language: str, depth: int) -> State:
    if not isinstance(definition, dict) or "Type" not in definition:
        raise DefinitionError("A state is an object with a Type", name)
    jsonata = definition.get("QueryLanguage", language) == "JSONata"
    kind = definition["Type"]
    try:
        if kind in _PLAIN:
            return _PLAIN[kind](name, definition, jsonata=jsonata)
        if kind == "Parallel":
            return ParallelState(
                name, definition, [Machine(branch, language, depth + 1) for branch in definition["Branches"]], jsonata=jsonata
            )
        if kind == "Map":
            processor = definition.get("ItemProcessor") or definition["Iterator"]
            if processor.get("ProcessorConfig", {}).get("Mode") == "DISTRIBUTED":
                from generator.engine.distributed import DistributedMapState  # noqa: PLC0415  few workflows have one

                return DistributedMapState(name, definition, Machine(processor, language, depth + 1), jsonata=jsonata)
            return MapState(name, definition, Machine(processor, language, depth + 1), jsonata=jsonata)
    except DefinitionError:
        raise
    except KeyError as error:
        raise DefinitionError(f"The field {error} is missing", name) from None
    except (PathSyntaxError, IntrinsicSyntaxError, JSONataSyntaxError, TypeError, ValueError, AttributeError) as error:
        raise DefinitionError(str(error), name) from None
    raise DefinitionError(f"There is no state type {kind!r}", name)


@lru_cache(256)
def _compile_text(text: str) -> Machine:
    try:
        definition = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise DefinitionError(f"The definition is not JSON: {error}") from None
    if not isinstance(definition, dict):
        raise DefinitionError("A definition is a JSON object")
    try:
        return Machine(definition)
    except RecursionError:
        raise DefinitionError("The definition is nested too deep") from None


def substitute(definition: dict[str, Any] | str, values: Mapping[str, str]) -> str:
    """Fill a definition's placeholders as the deployment does; those without a value stay.

    Args:
        definition: ASL as JSON text or as what it parses to.
        values: What to put for ``${name}``, by name.

    Example:
        >>> substitute('{"Resource": "${f_arn}"}', {"f_arn": "arn:aws:lambda:…"})
        '{"Resource": "arn:aws:lambda:…"}'
    """
    text = definition if isinstance(definition, str) else json_text(definition)
    return fill(text, values)


def compile_definition(definition: dict[str, Any] | str | Machine) -> Machine:
    """Compile a definition, given as JSON text or as what it parses to; what was compiled before is reused.

    Raises:
        DefinitionError: The definition cannot be run.

    Example:
        >>> machine = compile_definition({"StartAt": "Done", "States": {"Done": {"Type": "Succeed"}}})
        >>> machine.start.kind
        'Succeed'
    """
    if isinstance(definition, Machine):
        return definition
    if isinstance(definition, str):
        return _compile_text(definition)
    try:
        text = json_text(definition)
    except (TypeError, ValueError, RecursionError) as error:
        raise DefinitionError(f"The definition is not JSON: {error}") from None
    return _compile_text(text)
