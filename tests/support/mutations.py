"""Changes to definitions, most of which break them.

Fields are dropped, added, renamed and retyped, states are moved, transitions are broken, and numbers pass their limits.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from random import Random
from typing import Any, Final

from generator.asl.model import COMPARISONS, Construct, FieldInfo, Number, Text, table
from generator.catalog.index import service_names

Place = tuple[Any, Any]
"""A container and the key of a member."""


def _constructs(cls: type[Construct] = Construct) -> Iterator[type[Construct]]:
    for inner in cls.__subclasses__():
        yield inner
        yield from _constructs(inner)


_ROWS: Final[tuple[FieldInfo, ...]] = tuple(
    dict.fromkeys(info for cls in sorted(set(_constructs()), key=lambda c: c.__name__) for _, info in table(cls) if info.name)
)
NAMES: Final = tuple(dict.fromkeys((*(row.name for row in _ROWS), *COMPARISONS, "Variable", "And", "Or", "Not", "Type")))
"""Every name of a field."""
_LIMITS: Final = {row.name: row.kind for row in _ROWS if isinstance(row.kind, Number)}
_WORDS: Final = {row.name: row.kind.values for row in _ROWS if isinstance(row.kind, Text) and row.kind.values}
TEXTS: Final = (
    "", " ", "x", "null", "true", "0", "1", "$", "$.order", "$$", "$$.Execution", "$x", "$x.y", "$.a[", "$.a[*]", "$..a", "$.a[0:2]",
    "$.a[?(@.b == 1)]", "$['a']", "$.größe", "order", "{% 1 %}", "{% 'a' %}", "{% $states.input %}", "{% $states.result %}", "{% $x %}",
    "{% 1 + %}", "{%%}", "{% %}", " {% 1 %}", "{% 1 %} ", "a{% 1 %}", "{%", "%}", "{% order %}", "States.UUID()", "States.Nothing()",
    "States.Format('{}', $.a)", "States.Format('{}')", "States.ALL", "States.Nope", "States.Timeout", "Pass", "Map", "Task", "task",
    "JSONata", "JSONPath", "jsonata", "DISTRIBUTED", "INLINE", "CSV", "FULL", "2026-01-31T12:00:00Z", "2026-02-30T12:00:00Z", "2026-01-31",
    "2026-01-31T12:00:00",
    "2026-01-31t12:00:00z", "arn:aws:states:::lambda:invoke", "arn:aws:states:::s3:getObject", "arn:aws:lambda:us-east-1:1:function:f",
    "arn:aws:states:::sqs:sendMessage.sync", "arn:aws:states:::aws-sdk:s3:nothing", "${x}", "a${x}b", "$.${x}", "{% ${x} %}", "l" * 40,
    "l" * 41, "a b", "a*b", "1.0", "1.1", "/a", "a/b",
)  # fmt: skip
VALUES: Final = (
    None, True, False, 0, 1, -1, 2, 2.0, 2.5, 1e300, 10**30, 100, 101, *TEXTS, [], {}, [1], [[]], [None], ["a"], ["States.ALL"], {"a": 1},
    {"x.$": "$.id"}, {"x.$": 1}, {"x.$": "x"}, {"": {}}, [{}], {"a": "{% 1 %}"}, {"ErrorEquals": ["x"]}, [{"ErrorEquals": ["x"]}],
    {"Type": "Succeed"}, {"Mode": "DISTRIBUTED"}, {"Mode": "INLINE"}, {"Resource": "arn:aws:states:::s3:getObject"},
    {"StartAt": "In", "States": {"In": {"Type": "Pass", "End": True}}},
    [{"StartAt": "In", "States": {"In": {"Type": "Pass", "End": True}}}],
    {"Variable": "$.a", "IsNull": True}, [{"Variable": "$.a", "IsNull": True}], [{"Condition": "{% true %}", "Next": "In"}],
)  # fmt: skip


def places(value: Any) -> list[Place]:
    """Return every member of a JSON value, outer before inner."""
    found: list[Place] = []
    pending = [value]
    while pending:
        container = pending.pop()
        keys = list(container) if isinstance(container, dict) else range(len(container))
        for key in keys:
            found.append((container, key))
            if isinstance(container[key], dict | list):
                pending.append(container[key])
    return found


def mutate(definition: dict[str, Any], rng: Random) -> Any:
    """Return a definition with one to three changes; it may still be valid.

    >>> definition = {"StartAt": "A", "States": {"A": {"Type": "Succeed"}}}
    >>> mutate(definition, Random(5)) == definition
    False
    """
    mutated = copy.deepcopy(definition)
    for _ in range(rng.choice((1, 1, 1, 2, 3))):
        if not isinstance(mutated, dict) or not mutated:
            break
        rng.choice(_MUTATIONS)(mutated, rng)
    return mutated


def _set(container: Any, key: Any, value: Any) -> None:
    container[key] = copy.deepcopy(value)


def _drop(definition: Any, rng: Random) -> None:
    container, key = rng.choice(places(definition))
    del container[key]


def _objects(definition: Any) -> list[dict[str, Any]]:
    return [definition, *(value for container, key in places(definition) if isinstance(value := container[key], dict))]


def _add(definition: Any, rng: Random) -> None:
    """Add a field of any construct, with a value from elsewhere in the definition or any value."""
    name = rng.choice(NAMES)
    same = [container[key] for container, key in places(definition) if key == name]
    value = rng.choice(same) if same and rng.random() < 0.5 else rng.choice(VALUES)
    if name in _WORDS and rng.random() < 0.5:
        value = rng.choice(_WORDS[name])
    if name in _LIMITS and rng.random() < 0.5:
        value = rng.choice(_neighbours(_LIMITS[name]))
    _set(rng.choice(_objects(definition)), name, value)


def _rename(definition: Any, rng: Random) -> None:
    """Rename a member in place, so that the order of states stays."""
    named = [(container, key) for container, key in places(definition) if isinstance(container, dict)]
    container, key = rng.choice(named)
    name = rng.choice(
        (
            rng.choice(NAMES),
            f"{key}x",
            key.lower(),
            f"{key}Path",
            f"{key}.$",
            key.removesuffix("Path"),
            key.removesuffix(".$"),
            "n" * 80,
            "n" * 81,
            "",
        )
    )
    members = [(name if member == key else member, value) for member, value in container.items() if member != name or member == key]
    container.clear()
    container.update(members)


def _retype(definition: Any, rng: Random) -> None:
    container, key = rng.choice(places(definition))
    _set(container, key, rng.choice(VALUES))


def _retext(definition: Any, rng: Random) -> None:
    """Replace a text by another: a path by a function, an expression by a path, a name by a name."""
    texts = [(container, key) for container, key in places(definition) if isinstance(container[key], str) and key != "Type"]
    if texts:
        container, key = rng.choice(texts)
        container[key] = rng.choice(TEXTS)


def _limit(definition: Any, rng: Random) -> None:
    """Put a number at a limit, or beside it."""
    limited = [(container, key) for container, key in places(definition) if isinstance(key, str) and key in _LIMITS]
    if limited:
        container, key = rng.choice(limited)
        container[key] = rng.choice(_neighbours(_LIMITS[key]))


def _neighbours(kind: Number) -> list[Any]:
    ends = [end for end in (kind.minimum, kind.maximum) if end is not None]
    near = [near for end in ends for near in (end - 1, end, end + 1, end + 0.5, float(end), str(end))]
    return [*near, 0, -1, 0.5, 1e300, True, None, "{% 1 %}", "${n}", "$.n"]


def _word(definition: Any, rng: Random) -> None:
    """Change a value that must be one of several words."""
    worded = [(container, key) for container, key in places(definition) if isinstance(key, str) and key in _WORDS]
    if worded:
        container, key = rng.choice(worded)
        word = str(container[key])
        container[key] = rng.choice((*_WORDS[key], word.lower(), word.title(), word + "S", "", "${w}", None, [word]))


def _scopes(definition: Any) -> list[dict[str, Any]]:
    return [each["States"] for each in _objects(definition) if isinstance(each.get("States"), dict) and each["States"]]


def _move(definition: Any, rng: Random) -> None:
    """Move or copy a state to another scope, or change its place in its own."""
    scopes = _scopes(definition)
    if scopes:
        origin, target = rng.choice(scopes), rng.choice(scopes)
        name = rng.choice(list(origin))
        state = copy.deepcopy(origin[name]) if rng.random() < 0.4 else origin.pop(name)
        target[name if rng.random() < 0.7 else f"{name}2"] = state


def _transition(definition: Any, rng: Random) -> None:
    """Lead a transition elsewhere: to nowhere, to a state of any scope, to the state itself."""
    transitions = [(container, key) for container, key in places(definition) if key in ("Next", "Default", "StartAt")]
    names = [name for scope in _scopes(definition) for name in scope]
    if transitions and names:
        container, key = rng.choice(transitions)
        name = rng.choice(names)
        container[key] = rng.choice((name, name, f"{name}x", name.lower(), "", "${n}"))


def _end(definition: Any, rng: Random) -> None:
    """Change how a state ends."""
    states = [state for scope in _scopes(definition) for state in scope.values() if isinstance(state, dict)]
    if states:
        state = rng.choice(states)
        state.pop(rng.choice(("Next", "End", "none")), None)
        if rng.random() < 0.6:
            state["End"] = rng.choice((True, False, True, "true", None))


def _language(definition: Any, rng: Random) -> None:
    """Change the query language of the machine or of a state."""
    states = [definition, *(state for scope in _scopes(definition) for state in scope.values() if isinstance(state, dict))]
    state = rng.choice(states)
    if rng.random() < 0.3:
        state.pop("QueryLanguage", None)
    else:
        state["QueryLanguage"] = rng.choice(("JSONata", "JSONPath", "JSONata", "JSONPath", "JSONATA", "", None, "${q}"))


def _item(definition: Any, rng: Random) -> None:
    """Add an item to a list: one of its own, one of another list, or any value."""
    lists = [container[key] for container, key in places(definition) if isinstance(container[key], list)]
    if lists:
        items = rng.choice(lists)
        others = [item for other in (items, rng.choice(lists)) for item in other]
        items.insert(rng.randint(0, len(items)), copy.deepcopy(rng.choice((*others, "States.ALL", "States.Timeout", rng.choice(VALUES)))))


def _swap(definition: Any, rng: Random) -> None:
    """Put one part of the definition in place of another, or exchange them."""
    found = places(definition)
    (container, key), (other, place) = rng.choice(found), rng.choice(found)
    value, moved = copy.deepcopy(container[key]), copy.deepcopy(other[place])
    container[key] = moved
    if rng.random() < 0.5:
        other[place] = value


def _resource(definition: Any, rng: Random) -> None:
    """Call something else, or in another way."""
    tasks = [(container, key) for container, key in places(definition) if key == "Resource" and isinstance(container[key], str)]
    if tasks:
        container, key = rng.choice(tasks)
        arn = container[key]
        ways = (
            arn + ".sync",
            arn + ".sync:2",
            arn + ".waitForTaskToken",
            arn.upper(),
            arn.partition(".")[0],
            arn.replace("aws", "aws-cn", 1),
        )
        container[key] = rng.choice(
            (*ways, f"arn:aws:states:::aws-sdk:{rng.choice(service_names())}:list", arn[:-1], "$.arn", "{% 'arn' %}")
        )


_MUTATIONS: Final = (
    _drop, _drop, _add, _add, _rename, _retype, _retype, _retext, _retext, _limit, _limit, _word, _move, _transition, _transition, _end,
    _language, _item, _swap, _resource,
)  # fmt: skip


def _simpler(value: Any) -> Iterator[Any]:
    """Yield simpler forms of a value."""
    if isinstance(value, str):
        yield from ("", "x", value[: len(value) // 2])
    elif isinstance(value, dict):
        yield {}
    elif isinstance(value, list):
        yield []
    elif value not in (None, True, False, 0, 1):
        yield from (0, 1)


def shrink(definition: Any, fails: Any, rounds: int = 2000) -> Any:
    """Return the smallest definition found for which ``fails`` still holds, by removing and simplifying one member at a time.

    >>> shrink({"a": [1, 2, {"b": "long text"}], "c": 5}, lambda d: "b" in str(d))
    {'a': [{'b': ''}]}
    """
    best = copy.deepcopy(definition)
    progress = True
    while progress and rounds > 0:
        progress = False
        for number in range(len(places(best))):
            if number >= len(places(best)):
                break
            for candidate in _smaller(best, number):
                rounds -= 1
                if rounds > 0 and fails(candidate):
                    best, progress = candidate, True
                    break
    return best


def _smaller(definition: Any, number: int) -> Iterator[Any]:
    """Yield the definition with one of its members removed, then with simpler forms of it."""
    removed = copy.deepcopy(definition)
    container, key = places(removed)[number]
    state = container[key]
    del container[key]
    yield removed
    if isinstance(state, dict) and isinstance(following := state.get("Next"), str):  # lead the transitions to a state past it
        past = copy.deepcopy(removed)
        for holder, name in places(past):
            if name in ("Next", "Default", "StartAt") and holder[name] == key:
                holder[name] = following
        yield past
    original, at = places(definition)[number]
    for value in _simpler(original[at]):
        if json.dumps(value) != json.dumps(original[at]):
            changed = copy.deepcopy(definition)
            container, key = places(changed)[number]
            container[key] = value
            yield changed
