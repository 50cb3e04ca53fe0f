"""The form of a value in which two spellings of one meaning are equal: paths, expressions, templates, defaults.

Equal forms are certain to behave alike. Different forms may still do: then a difference is reported that a reviewer sees through.
Keys of objects have no order. A number is not a boolean, and in a payload ``1`` is not ``1.0``.
"""

from __future__ import annotations

import json
from functools import lru_cache
from typing import Any, Final

from generator.asl.intrinsics import Intrinsic, IntrinsicSyntaxError, parse_intrinsic
from generator.asl.jsonata import strip_delimiters
from generator.asl.jsonata_library import syntax_tree
from generator.asl.jsonpath import PathSyntaxError, compile_path, split_root
from generator.asl.model import (
    ABSENT,
    JSONATA,
    Comparison,
    Construct,
    FieldInfo,
    Json,
    Junction,
    ListOf,
    Node,
    Number,
    QueryLanguage,
    RuleTest,
    Scope,
    States,
    Template,
    Text,
    table,
)

DEFAULTS: Final[dict[str, Json]] = {
    "InputPath": "$",
    "OutputPath": "$",
    "ResultPath": "$",
    "MaxConcurrency": 0,
    "ToleratedFailureCount": 0,
    "ToleratedFailurePercentage": 0,
    "IntervalSeconds": 1,
    "MaxAttempts": 3,
    "BackoffRate": 2,
    "JitterStrategy": "NONE",
    "Mode": "INLINE",
}
"""The values of fields that are left out.

Sources: https://states-language.net/spec.html and
https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html
"""

_WITHOUT_MEANING: Final = frozenset({
    "position", "lbp", "bp", "id", "_outer_instance", "environment", "errors", "error", "next_function", "token",
})  # fmt: skip
"""What a node of a syntax tree has beside its meaning."""


def same_text(value: Any) -> str:
    """Return a JSON value as text that is equal for equal values, whatever the order of their keys.

    >>> same_text({"b": 1, "a": True}) == same_text({"a": True, "b": 1}), same_text(True) == same_text(1)
    (True, False)
    """
    return json.dumps(value, sort_keys=True, ensure_ascii=False, default=str)


@lru_cache(4096)
def path(text: str) -> str:
    """Return the one spelling of a JSONPath, or of a call of an intrinsic function; an invalid one is as written.

    >>> path("$['order'].items[0]") == path("$.order['items'][0]"), path("$.a") == path("$$.a")
    (True, False)
    >>> path("States.Format('a {}',$.b)") == path("States.Format('a {}', $['b'])")
    True
    """
    try:
        if text.lstrip().startswith("States."):
            return _intrinsic(parse_intrinsic(text))
        root = split_root(text)
        normal = compile_path(root.path).normalized
    except (PathSyntaxError, IntrinsicSyntaxError):
        return f"as written {text}"
    # The text of a filter is not a part of the normal form.
    return f"as written {text}" if "[?" in normal else f"{root.kind} {root.name} {normal}"


def _intrinsic(call: Intrinsic) -> str:
    arguments = []
    for one in call.arguments:
        if isinstance(one, Intrinsic):
            arguments.append(_intrinsic(one))
        elif hasattr(one, "raw"):
            arguments.append(same_text([one.value, one.raw]))
        else:
            arguments.append(path(one.text))
    return f"{call.name}({', '.join(arguments)})"


@lru_cache(4096)
def expression(text: str) -> str:
    """Return the one spelling of a JSONata expression, without its delimiters; an invalid one is as written.

    >>> expression("$states.input.a  +  1") == expression("($states.input.a+1)"), expression("a[0]") == expression("(a)[0]")
    (True, False)
    """
    try:
        return same_text(_node(syntax_tree(text), unwrap=True))
    except Exception:  # noqa: BLE001  jsonata-python raises several types; the checks report the expression
        return f"as written {text}"


def _node(value: Any, *, unwrap: bool = False) -> Any:
    """Return a node of a syntax tree as JSON. Parentheses around one expression are left out where a value is all that counts."""
    if isinstance(value, list | tuple):
        return [_node(item) for item in value]
    if isinstance(value, bool | int | float | str) or value is None:
        return value
    if not hasattr(value, "_outer_instance"):  # a regular expression, a signature, null
        return [type(value).__name__, str(getattr(value, "pattern", value)), str(getattr(value, "flags", ""))]
    members = {name: part for name, part in vars(value).items() if name not in _WITHOUT_MEANING and (name == "value" or _is_set(part))}
    plain_block = value.type == "block" and not members.keys() - {"type", "value", "expressions", "consarray", "level"}
    if unwrap and plain_block and len(value.expressions) == 1 and value.expressions[0].type != "bind":
        return _node(value.expressions[0], unwrap=True)
    operand = value.type in {"binary", "condition", "apply"}
    return {name: _node(part, unwrap=operand and not isinstance(part, list)) for name, part in sorted(members.items())}


def _is_set(part: Any) -> bool:
    return part is not None and part is not False and part != []


def template(value: Any, language: QueryLanguage) -> Any:
    """Return a template with the one spelling of each path or expression in it.

    >>> template({"a.$": "$['x']"}, "JSONPath") == template({"a.$": "$.x"}, "JSONPath")
    True
    """
    if isinstance(value, dict):
        return {key: member(key, item, language) for key, item in value.items()}
    if isinstance(value, list):
        return [template(item, language) for item in value]
    if language == JSONATA and isinstance(value, str) and (inner := strip_delimiters(value)) is not None:
        return ["expression", expression(inner)]
    return value


def member(key: str, item: Any, language: QueryLanguage) -> Any:
    """Return a member of a template in its canonical form; in JSONPath, the end of its key says that it is a path."""
    if language != JSONATA and key.endswith(".$") and isinstance(item, str):
        return ["path", path(item)]
    return template(item, language)


def value_of(value: Any, info: FieldInfo, language: QueryLanguage) -> Any:
    """Return the value of a field in its canonical form, as JSON."""
    kind = info.kind
    if isinstance(value, Construct):
        return fields(value, language)
    if isinstance(value, tuple):
        of = kind.of if isinstance(kind, ListOf) else kind
        return [value_of(item, FieldInfo(info.name, of), language) for item in value]
    if isinstance(kind, Template):
        return template(value, language)
    if isinstance(kind, Text) and isinstance(value, str):
        if kind.form in {"path", "reference-path"}:
            return ["path", path(value)]
        return template(value, language)
    if isinstance(kind, Number):
        return int(value) if isinstance(value, float) and value == int(value) else template(value, language)
    return value


def fields(construct: Construct, language: QueryLanguage, without: frozenset[str] = frozenset({"Comment"})) -> dict[str, Any]:
    """Return the fields of a construct in canonical form; a default counts like a field that is left out.

    Args:
        construct: the construct; the states of scopes inside it are left out.
        language: the query language of its state.
        without: the names of fields to leave out.

    >>> from generator.asl.model import Retrier
    >>> fields(Retrier(error_equals=("A",), max_attempts=3), "JSONPath")
    {'ErrorEquals': ['A']}
    """
    if isinstance(construct, Comparison):
        value = path(construct.value) if construct.operator.endswith("Path") and isinstance(construct.value, str) else construct.value
        variable = "" if construct.variable is ABSENT else path(construct.variable)
        return {"Variable": variable, "Operator": construct.operator, "Value": value}
    if isinstance(construct, Junction):
        return {"Operator": construct.operator, "Tests": [fields(test, language) for test in construct.tests]}
    found: dict[str, Any] = {}
    for attribute, info in table(type(construct)):
        value = getattr(construct, attribute)
        if value is ABSENT or info.name in without or isinstance(info.kind, States) or isinstance(value, Scope):
            continue
        name = info.name or "Test"
        if isinstance(info.kind, Node | RuleTest) or not isinstance(value, Scope):
            found[name] = value_of(value, info, language)
        default = DEFAULTS.get(name, ABSENT)
        if default is not ABSENT and same_text(found[name]) == same_text(_default(default, info, language)):
            del found[name]
    if "ErrorEquals" in found:
        found["ErrorEquals"] = sorted(found["ErrorEquals"], key=str)
    found.update(construct.extra)  # what the language does not have, and placeholders in place of a value
    return {name: value for name, value in found.items() if value != {}}


def _default(value: Json, info: FieldInfo, language: QueryLanguage) -> Any:
    return value_of(value, info, language)
