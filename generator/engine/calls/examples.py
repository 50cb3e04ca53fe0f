"""Examples of what to mock for a call: a result of the right form, with the members that the workflow reads from it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from generator.asl.write import to_json
from generator.catalog.index import find_action
from generator.catalog.optimised import INTEGRATIONS
from generator.engine.history import json_text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.catalog.index import Shape
    from generator.engine.calls.call import Target

_STEPS: Final = r"((?:\.[A-Za-z_]\w*|\[0\])*)"
_RESULT: Final = re.compile(r"\$states\.result" + _STEPS)
_PARSED: Final = re.compile(r"\$parse\(\$states\.result\.(\w+)\)" + _STEPS)
_INPUT: Final = re.compile(r"\$states\.input" + _STEPS)
_PATH: Final = re.compile(r"\$(?!\$|states\b)" + _STEPS)
_WHOLE: Final = re.compile(r"\{%\s*(\$parse\()?\$states\.result" + _STEPS + r"\)?\s*%\}")
_STEP: Final = re.compile(r"\.(\w+)|\[(0)\]")
_TEXT: Final = "example"
_SHOWN: Final = 2
_SCALARS: Final[dict[str, Any]] = {
    "integer": 1,
    "number": 1,
    "boolean": True,
    "timestamp": "2026-01-31T12:00:00Z",
    "list": [],
    "map": {},
    "structure": {},
    "document": {},
}
_FORMS: Final[dict[str, Any]] = {
    "lambda:invoke": {"Payload": {}},
    "aws-sdk:lambda:invoke": {"Payload": "{}", "StatusCode": 200},
    "states:startExecution.sync": {"Output": "{}", "Status": "SUCCEEDED"},
    "states:startExecution.sync:2": {"Output": {}, "Status": "SUCCEEDED"},
    "aws-sdk:sfn:startSyncExecution": {"Output": "{}", "Status": "SUCCEEDED"},
    "http:invoke": {"ResponseBody": {}, "StatusCode": 200},
}
"""Results whose form the model of no API has, by the integration."""
_CHANGING: Final = frozenset({"Output", "InputPath", "OutputPath"})
"""The fields by which a Wait or a Choice passes on another value than its input."""
_Path = tuple[str, ...]


def example(task: Target) -> Any:
    """Return a result that the call of a task could have.

    It has the members that the state reads, and those that the states behind it read if they are passed on. A text whose form is not
    known is ``"example"``.
    """
    called = f"{task.service}:{task.operation}"
    wait = task.pattern == ".waitForTaskToken" or task.prefix != "Task"
    shape, status = (None, {}) if wait or called in _FORMS else _shape(task)
    form = {} if wait else _FORMS.get(called, status)
    result = _copy(form)
    texts: set[str] = {name for name, value in form.items() if isinstance(value, str) and value == "{}"}
    read = list(dict.fromkeys(_read(task)))
    inner: dict[str, Any] = {}
    for path in read:
        if path and path[0] in texts:
            inner.setdefault(path[0], {})
            inner[path[0]] = _put(inner[path[0]], path[1:], None)
        else:
            result = _put(result, path, shape)
    for name, value in inner.items():
        result[name] = json_text(value)
    if not result and shape is not None:
        plain = [name for name, member in shape.members.items() if member.kind not in {"structure", "list", "map"}]
        for name in plain[:_SHOWN]:
            result = _put(result, (name,), shape)
    return result


def _shape(task: Target) -> tuple[Shape | None, dict[str, Any]]:
    """Return the shape of the result, as far as the catalogue has it, and the members that say that a job has ended well."""
    if task.service.startswith("aws-sdk:"):
        action = find_action(task.service.removeprefix("aws-sdk:"), task.action)
        return (None if action is None else action.output), {}
    integration = INTEGRATIONS.get(f"{task.service}:{task.action}")
    if integration is None:
        return None, {}
    api = integration.result_api(task.pattern.removeprefix("."))
    action = None if api is None else find_action(*api)
    polling = integration.polling if task.pattern else None
    shape = None if action is None or polling is not None else action.output
    if polling is None or polling.result_name or not polling.succeeded:
        return shape, {}
    steps = tuple(step for step in polling.status.split(".") if not step.isdigit())
    made: Any = min(polling.succeeded)
    for step in reversed(steps):
        made = {step: made}
    return shape, made if isinstance(made, dict) else {}


def _copy(value: Any) -> Any:
    return {key: _copy(item) for key, item in value.items()} if isinstance(value, dict) else value


def _read(task: Target) -> Iterator[_Path]:
    """Yield the paths in the result that the state reads, and those that the next state reads of what is passed on."""
    own = to_json(task.model)
    following = [*_following(task)]
    if task.jsonata:
        used = {name: own[name] for name in ("Output", "Assign") if name in own}
        for text in _texts(used):
            yield from ((found[1], *_steps(found[2])) for found in _PARSED.finditer(text))
            yield from (_steps(found[1]) for found in _RESULT.finditer(text) if found[1])
        output = own.get("Output", "{% $states.result %}")
        whole = _WHOLE.fullmatch(output) if isinstance(output, str) else None
        if whole is not None:
            base = _steps(whole[2])
            yield from (base + _steps(found[1]) for text in _texts(following) for found in _INPUT.finditer(text) if found[1])
        return
    selector = own.get("ResultSelector")
    yield from (_steps(found[1]) for text in _texts(selector) for found in _PATH.finditer(text) if found[1])
    output, stored = own.get("OutputPath"), own.get("ResultPath")
    at = _steps(stored[1:]) if isinstance(stored, str) else ()
    base = _steps(output[1:]) if isinstance(output, str) else ()
    if base[: len(at)] == at and base[len(at) :]:
        yield base[len(at) :]
    if selector is None and (stored is None or isinstance(stored, str)):
        for path in (base + _steps(found[1]) for text in _texts(following) for found in _PATH.finditer(text) if found[1]):
            if path[: len(at)] == at and path[len(at) :]:
                yield path[len(at) :]


def _following(task: Target) -> Iterator[Any]:
    """Yield the states that have the output of a task as their input: the next one, and those behind states that pass it on."""
    pending, seen = [task.next], set[str]()
    while pending:
        state = pending.pop()
        if state is None or state.name in seen:
            continue
        seen.add(state.name)
        yield (document := to_json(state.model))
        if state.kind in {"Wait", "Choice"} and not _CHANGING & document.keys():
            pending += [state.next, *(rule.next for rule in getattr(state, "rules", ()))]


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    for item in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from _texts(item)


def _steps(text: str) -> _Path:
    return tuple(name or "0" for name, _ in _STEP.findall(text))


def _put(value: Any, path: _Path, shape: Shape | None) -> Any:
    """Return a value with a sample at a path, which has no other value there."""
    if not path:
        return value if value not in (None, _TEXT) else _sample(shape)
    step, rest = path[0], path[1:]
    if step == "0":
        first = value[0] if isinstance(value, list) and value else None
        return [_put(first, rest, None if shape is None else shape.item)]
    members = value if isinstance(value, dict) else {}
    inner = None if shape is None else shape.members.get(step) or (shape.item if shape.kind == "map" else None)
    return {**members, step: _put(members.get(step), rest, inner)}


def _sample(shape: Shape | None) -> Any:
    if shape is None:
        return _TEXT
    return shape.enum[0] if shape.enum else _SCALARS.get(shape.kind, _TEXT)
