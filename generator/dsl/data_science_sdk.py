"""Workflows written with the AWS Data Science SDK (the package ``stepfunctions``), as definitions.

Their objects are read, and the package is not imported here: it is there if one of its objects is. Nothing is called on AWS.

Source: https://aws-step-functions-data-science-sdk.readthedocs.io/en/stable/
"""

from __future__ import annotations

import json
import re
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

from generator.dsl.source import AuthoringError

if TYPE_CHECKING:
    from collections.abc import Iterator

PACKAGE: Final = "stepfunctions"
_STATES: Final = f"{PACKAGE}.steps.states"
_PLACEHOLDERS: Final = f"{PACKAGE}.inputs.placeholders"
_EXPECTED: Final = "a Workflow, a Graph, a Chain or a step of the package stepfunctions"
_DEEP: Final = 200_000
_WORDS: Final = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")


def is_sdk_object(value: object) -> bool:
    """Return whether a value is an object of the package.

    >>> is_sdk_object({"StartAt": "A"})
    False
    """
    return any(cls.__module__.partition(".")[0] == PACKAGE for cls in type(value).__mro__)


def sdk_name(value: Any) -> str:
    """Return the name of a workflow of the package, as workflows here are named; empty if it has none.

    >>> from types import SimpleNamespace
    >>> sdk_name(SimpleNamespace(name="MyTraining_Pipeline v2"))
    'my-training-pipeline-v-2'
    """
    name = vars(value).get("name")
    return "-".join(_WORDS.findall(name)).lower() if isinstance(name, str) else ""


def sdk_definition(value: Any) -> dict[str, Any]:
    """Return the definition of a workflow, a graph, a chain or a step of the package.

    Raises:
        AuthoringError: it is none of these, the package refuses it, or it has a value that is not JSON.
    """
    if not is_sdk_object(value):
        raise AuthoringError("from_sdk() takes a workflow of the AWS Data Science SDK", found=_type(value), expected=_EXPECTED)
    # Steps have an attribute of every name, hence no hasattr.
    graph = value.definition if "workflow_input" in vars(value) else value
    states: Any = sys.modules.get(_STATES)
    try:
        with _deep_recursion():  # the package follows a chain by recursion
            if states is not None and isinstance(graph, states.State | states.Chain):
                graph = states.Graph(graph)
            made = graph.to_dict()
    except RecursionError:
        raise AuthoringError("the workflow is too deep for the AWS Data Science SDK") from None
    except (AttributeError, TypeError, ValueError) as error:
        raise AuthoringError(
            f"the AWS Data Science SDK cannot write the workflow: {error}", found=_type(value), expected=_EXPECTED
        ) from error
    plain = _plain(made, "")
    if not isinstance(plain, dict) or "StartAt" not in plain:
        raise AuthoringError("from_sdk() takes a workflow of the AWS Data Science SDK", found=_type(value), expected=_EXPECTED)
    return plain


def _type(value: object) -> str:
    return f"an object of type {type(value).__module__}.{type(value).__qualname__}"


@contextmanager
def _deep_recursion() -> Iterator[None]:
    before = sys.getrecursionlimit()
    sys.setrecursionlimit(max(before, _DEEP))
    try:
        yield
    finally:
        sys.setrecursionlimit(before)


def _plain(value: Any, at: str) -> Any:
    """Return a value as JSON, or raise an error that names the place in the definition."""
    if isinstance(value, dict):
        return dict(_member(str(key), item, f"{at}/{key}") for key, item in value.items())
    if isinstance(value, list | tuple):
        return [_plain(item, f"{at}/{number}") for number, item in enumerate(value)]
    if value is None or isinstance(value, str | bool | int | float):
        return value
    if _is_placeholder(value):
        raise AuthoringError(
            f"the AWS Data Science SDK cannot write a placeholder at {at}",
            found=f"{type(value).__name__} {value.to_jsonpath()}",
            expected="a placeholder as the value of a member of parameters",
            hint="write the path as text: in parameters, a member whose name ends in .$",
        )
    if callable(getattr(value, "item", None)):  # a number of NumPy
        return _plain(value.item(), at)
    try:
        return json.loads(json.dumps(value))
    except (TypeError, ValueError):
        raise AuthoringError(f"the value at {at} is not JSON", found=_type(value), expected="JSON values") from None


def _is_placeholder(value: object) -> bool:
    return any(cls.__module__ == _PLACEHOLDERS for cls in type(value).__mro__)


def _member(name: str, value: Any, at: str) -> tuple[str, Any]:
    """Return a member of the definition. Where the package writes a placeholder as an object, its path is written.

    The package writes placeholders only as values of members of parameters. They are accepted in paths of other fields and in lists of
    parameters too, but then its own ``to_json`` fails.
    """
    if _is_placeholder(value) and (name.endswith("Path") or name == "Variable"):
        return name, value.to_jsonpath()
    if isinstance(value, list) and "/Parameters" in at and any(map(_is_placeholder, value)):
        items = [value_ for value_ in map(_argument, value) if value_ is not None]
        if len(items) == len(value):
            return f"{name}.$", f"States.Array({', '.join(items)})"
    return name, _plain(value, at)


def _argument(value: Any) -> str | None:
    """Return a value as an argument of an intrinsic function; None if it cannot be one."""
    if _is_placeholder(value):
        return str(value.to_jsonpath())
    if isinstance(value, str):
        return "'" + re.sub(r"(['{}\\\\])", r"\\\1", value) + "'"
    return json.dumps(value) if value is None or isinstance(value, bool | int | float) else None
