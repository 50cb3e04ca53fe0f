"""The variables that the states of a definition refer to, as DescribeStateMachine returns them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from generator.asl.jsonata import JSONataSyntaxError, compile_expression
from generator.asl.model import JSONATA
from generator.asl.text import is_expression
from generator.asl.write import to_json

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.asl.walk import StateAt, Walk

_SCOPES: Final = frozenset({"Branches", "ItemProcessor", "Iterator"})
_PATHS: Final = re.compile(r"(?:.*\.\$|.*Path|Variable)")
"""The fields whose text is a path or an intrinsic function in JSONPath."""
_NAMED: Final = re.compile(r"(?<![\w$.\]'])\$([^\W\d]\w*)")
_QUOTED: Final = re.compile(r"'(?:[^'\\]|\\.)*'")


def variable_references(walk: Walk) -> dict[str, list[str]]:
    """Return the variables that each state refers to, by the name of the state; a state without any is not there.

    Source: ``variableReferences`` in botocore's model of Step Functions.

    >>> from generator.engine import compile_definition
    >>> states = {"A": {"Type": "Pass", "Output": "{% $total + $states.input.n %}", "End": True}}
    >>> variable_references(compile_definition({"QueryLanguage": "JSONata", "StartAt": "A", "States": states}).walk)
    {'A': ['total']}
    """
    found = {entry.name: sorted(set(_of_state(entry))) for entry in walk.states}
    return {name: names for name, names in found.items() if names}


def _of_state(entry: StateAt) -> Iterator[str]:
    written = to_json(entry.state)
    if isinstance(written, dict):
        own = {key: value for key, value in written.items() if key not in _SCOPES}
        yield from _in_jsonata(own) if entry.language == JSONATA else _in_paths(own, "")


def _in_jsonata(value: Any) -> Iterator[str]:
    for text in _texts(value):
        if is_expression(text):
            try:
                yield from compile_expression(text[2:-2]).reads - {"", "$", "states"}
            except JSONataSyntaxError:
                continue  # such as one with a placeholder


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for each in value.values() if isinstance(value, dict) else value:
            yield from _texts(each)


def _in_paths(value: Any, field: str) -> Iterator[str]:
    if isinstance(value, str) and _PATHS.fullmatch(field):
        yield from _NAMED.findall(_QUOTED.sub("''", value))
    elif isinstance(value, dict):
        for name, each in value.items():
            yield from _in_paths(each, name)
    elif isinstance(value, list):
        for each in value:
            yield from _in_paths(each, field)
