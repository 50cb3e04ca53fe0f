"""JSONata: expressions, values with expressions inside, and the types that fields expect.

Source: https://docs.aws.amazon.com/step-functions/latest/dg/transforming-data.html
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from generator.asl.jsonata import UNDEFINED, JSONataError, compile_expression, strip_delimiters
from generator.asl.jsonata_values import plain
from generator.engine.fields.paths import compiled_list, compiled_object
from generator.engine.history import json_text

if TYPE_CHECKING:
    from generator.engine.fields.paths import Field
    from generator.engine.frame import Frame

_NEEDS_CONTEXT: Final = re.compile(r"\$states(?!\s*\.\s*(?:input|result|errorOutput)\b)")
"""An expression that may read ``$states.context``, or ``$states`` as a whole."""
_PLAIN_PATH: Final = re.compile(r"\$([A-Za-z_]\w*)((?:\.(?!(?:and|or|in|true|false|null)\b)[A-Za-z_]\w*)+)", re.ASCII)
"""A variable and names of members, none of which is a word of the language."""

_TYPES: Final[dict[type, str]] = {
    dict: "object",
    list: "array",
    str: "string",
    bool: "boolean",
    type(None): "null",
    int: "number",
    float: "number",
}


def compile_jsonata(text: str, location: str) -> Field:
    """Compile one JSONata expression. The function fails if the result is undefined.

    A plain path that leads through objects only is followed here, without an evaluation.

    Args:
        text: the expression, without its delimiters.
        location: the field, such as ``Output/total``, for the messages of failures.

    Raises:
        JSONataSyntaxError: the text is not a JSONata expression.
    """
    evaluate = _compile_jsonata(text, location)
    path = _PLAIN_PATH.fullmatch(text)
    if path is None or text.startswith("$states.context"):
        return evaluate
    root, keys = path[1], path[2][1:].split(".")

    def follow(frame: Frame, states: dict[str, Any]) -> Any:
        node = states if root == "states" else frame.variables.get(root)
        for key in keys:
            if node.__class__ is not dict or key not in node:
                return evaluate(frame, states)
            node = node[key]
        return plain(node) if node.__class__ is int else node

    return follow


def _compile_jsonata(text: str, location: str) -> Field:
    expression = compile_expression(text)
    needs_context = bool(_NEEDS_CONTEXT.search(text))
    needs_now = "$now" in text or "$millis" in text

    def evaluate(frame: Frame, states: dict[str, Any]) -> Any:
        if needs_context:
            states = {**states, "context": frame.context()}
        bindings = {**frame.variables, "states": states}
        try:
            result = expression.evaluate(bindings, random=frame.run.random, now=frame.run.clock.now() if needs_now else None)
        except JSONataError as error:
            message = f"The JSONata expression '{text}' specified for the field '{location}' {error.said}"
            raise frame.query_failure(message, location) from None
        if result is UNDEFINED:
            message = f"The JSONata expression '{text}' specified for the field '{location}' returned nothing (undefined)."
            raise frame.query_failure(message, location)
        return result

    return evaluate


def compile_query(template: Any, location: str) -> tuple[bool, Any]:
    """Compile a JSON value in which strings can be JSONata expressions.

    Returns:
        whether it is constant, and the constant or a function.

    Raises:
        JSONataSyntaxError: a string in delimiters is not a JSONata expression.
    """
    if isinstance(template, str):
        text = strip_delimiters(template)
        return (True, template) if text is None else (False, compile_jsonata(text, location))
    if isinstance(template, dict):
        base: dict[str, Any] = {}
        dynamic: list[tuple[str, Field]] = []
        for key, value in template.items():
            constant, compiled = compile_query(value, f"{location}/{key}")
            base[key] = compiled if constant else None
            if not constant:
                dynamic.append((key, compiled))
        return compiled_object(base, dynamic)
    if isinstance(template, list):
        return compiled_list([compile_query(item, f"{location}[{index}]") for index, item in enumerate(template)])
    return True, template


def expect(frame: Frame, value: Any, wanted: str, template: Any, location: str) -> Any:
    """Return the value of a JSONata expression if it has the type that its field expects.

    Args:
        frame: the branch.
        value: the value of the expression.
        wanted: ``array``, ``number``, ``string``, ``boolean`` or ``object``.
        template: the field as it is written, with its delimiters.
        location: the name of the field.

    Raises:
        StateError: the value has another type.
    """
    found = _TYPES[type(value)]
    if found == wanted:
        return value
    text = strip_delimiters(template) if isinstance(template, str) else None
    shown = template if text is None else text
    message = (
        f"The JSONata expression '{shown}' specified for the field '{location}' returned an unexpected result type. "
        f"Expected '{wanted}', but was '{found}' for value: {json_text(value)}"
    )
    raise frame.query_failure(message, location)
