"""The intrinsic functions of CloudFormation inside a definition, as text with placeholders.

``!GetAtt Check.Arn`` is ``${Check.Arn}``, ``!Ref Orders`` is ``${Orders}``, and ``!Sub`` and ``!Join`` are the text that they make.
What only a deployment knows (``!If``, ``!ImportValue``, ``!FindInMap``, ``!Select``) is a placeholder, and is noted.

Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference.html
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any, Final

from generator.asl.placeholders import PLACEHOLDER
from generator.diagnostics.model import Pointer
from generator.importers.code import words_of
from generator.importers.sources import Machine

_FUNCTIONS: Final = re.compile(r"Ref|Condition|Fn::\w+")
_LITERAL: Final = "${!"


def is_intrinsic(value: object) -> bool:
    """Return whether a value is a call of an intrinsic function."""
    return isinstance(value, Mapping) and len(value) == 1 and _FUNCTIONS.fullmatch(next(iter(value))) is not None


def resolved(value: Any, machine: Machine, at: Pointer = (), parameters: Mapping[str, Any] | None = None) -> Any:
    """Return a value without intrinsic functions.

    Args:
        value: the value.
        machine: the state machine, which gets the notes.
        at: the place of the value in its document.
        parameters: the values of names that ``!Sub`` defines.
    """
    if is_intrinsic(value):
        ((function, argument),) = value.items()
        return _call(function, argument, machine, (*at, function), parameters or {})
    if isinstance(value, Mapping):
        return {key: resolved(inner, machine, (*at, key), parameters) for key, inner in value.items()}
    if isinstance(value, list):
        return [resolved(inner, machine, (*at, index), parameters) for index, inner in enumerate(value)]
    return value


def _call(function: str, argument: Any, machine: Machine, at: Pointer, parameters: Mapping[str, Any]) -> Any:
    match function, argument:
        case "Ref", str():
            return "${" + argument + "}"
        case "Fn::GetAtt", str():
            return "${" + argument + "}"
        case "Fn::GetAtt", [str() as resource, str() as attribute]:
            return "${" + f"{resource}.{attribute}" + "}"
        case "Fn::Sub", str():
            return _substituted(argument, {})
        case "Fn::Sub", [str() as text, Mapping() as values]:
            return _substituted(text, {key: resolved(inner, machine, at, parameters) for key, inner in values.items()})
        case "Fn::Join", [str() as separator, list() as parts]:
            return separator.join(_text(resolved(part, machine, at, parameters)) for part in parts)
        case "Fn::Split" | "Fn::Base64" | "Fn::Cidr", _:
            return _unknown(function, argument, machine, at)
    return _unknown(function, argument, machine, at)


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def _substituted(text: str, values: Mapping[str, Any]) -> str:
    """Fill in the names that ``!Sub`` defines. ``${!Name}`` is the text ``${Name}``."""

    def filled(found: re.Match[str]) -> str:
        return _text(values[found[1]]) if found[1] in values else found[0]

    return PLACEHOLDER.sub(filled, text).replace(_LITERAL, "${")


def _unknown(function: str, argument: Any, machine: Machine, at: Pointer) -> str:
    named = function.removeprefix("Fn::")
    words = words_of(json.dumps(resolved(argument, machine, at), ensure_ascii=True))[:6]
    name = "_".join([*words_of(named), *words])
    message = f"the value of !{named} is known only at deployment; it is the placeholder ${{{name}}}"
    machine.note(at, message, found=json.dumps(argument)[:80])
    return "${" + name + "}"
