"""Writing ASL: the model to JSON, the exact inverse of :mod:`generator.asl.parse`."""

from __future__ import annotations

from typing import Any

from generator.asl.model import ABSENT, Comparison, Construct, Json, Junction, State, StateMachine, table


def to_json(construct: Construct) -> dict[str, Json]:
    """Write a construct as JSON; a state's ``Type`` comes first, then its fields in the language's order.

    >>> from generator.asl.model import Pass, StateMachine
    >>> to_json(StateMachine(start_at="A", states={"A": Pass(result=None, end=True)}))
    {'StartAt': 'A', 'States': {'A': {'Type': 'Pass', 'Result': None, 'End': True}}}
    """
    document: dict[str, Json] = {}
    if isinstance(construct, State) and construct.TYPE:
        document["Type"] = construct.TYPE
    if isinstance(construct, Comparison | Junction):
        return {**_test(construct), **construct.extra}
    later: dict[str, Json] = {}
    for attribute, info in table(type(construct)):
        value: Any = getattr(construct, attribute)
        if value is ABSENT:
            continue
        if not info.name:
            document.update(to_json(value))
        elif info.name == "States":
            if value:
                later["States"] = {name: to_json(state) for name, state in value.items()}
        else:
            document[info.name] = _value(value)
    if isinstance(construct, StateMachine):
        document = {k: document[k] for k in ("Comment", "QueryLanguage", "Version", "TimeoutSeconds", "StartAt") if k in document}
    document.update(later)
    document.update(construct.extra)
    return document


def _value(value: Any) -> Json:
    if isinstance(value, Construct):
        return to_json(value)
    if isinstance(value, tuple):
        return [_value(item) for item in value]
    return value  # type: ignore[no-any-return]


def _test(test: Comparison | Junction) -> dict[str, Json]:
    if isinstance(test, Junction):
        parts = [to_json(t) for t in test.tests]
        return {test.operator: parts[0] if test.operator == "Not" else parts}
    if test.variable is ABSENT:
        return {}
    return {"Variable": test.variable, test.operator: test.value}
