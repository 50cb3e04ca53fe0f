"""Parameters that cannot start a task: Step Functions checks them against the API before it makes a call.

Sources of the words: ASFHyP3/hyp3#2585 (2025-02, a value that is not text), aws/aws-cdk#10014 (2020-08, a field that the API does not
have), causes in public repositories (a key that ends in ``.$``). That a missing field has the words of the validation of definitions is
a guess, and so are ``Arguments`` in place of ``Parameters`` in the cause of a task in JSONata.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from generator.catalog import index
from generator.catalog.optimised import INTEGRATIONS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.catalog.index import Shape
    from generator.catalog.optimised.model import Integration
    from generator.engine.calls.call import Target


def problems(task: Target, parameters: Any) -> list[str]:
    """Return why the parameters of an optimised integration cannot start the task; nothing if they can.

    The names of members are compared only where one expression returned all of them: those of a definition are checked before.

    Args:
        task: the Task state.
        parameters: the parameters of the call.
    """
    integration = INTEGRATIONS.get(f"{task.service}:{task.action}")
    if integration is None or not isinstance(parameters, dict):
        return []
    found = [] if task.jsonata else list(_keys(parameters))
    if integration.api is not None and integration.takes_api_parameters:
        action = index.find_action(*integration.api)
        if action is not None:
            names = isinstance(task.model.arguments, str)
            found += _members(parameters, action.input, "", integration, names=names)
    return found


def _keys(value: Any) -> Iterator[str]:
    """Yield the problems with members that only look like paths: the parameters are read as a template once more."""
    if isinstance(value, dict):
        for key, item in value.items():
            if key.endswith(".$") and not (isinstance(item, str) and item.startswith(("$", "States."))):
                yield f"The value for the field '{key}' must be a valid JSONPath or a valid intrinsic function call"
            else:
                yield from _keys(item)
    elif isinstance(value, list):
        for item in value:
            yield from _keys(item)


def _members(value: dict[str, Any], shape: Shape, path: str, integration: Integration, *, names: bool) -> Iterator[str]:
    known = {name.lower(): name for name in shape.members}
    own = integration.own if not path else frozenset()
    given = {known.get(key.lower(), key): (key, item) for key, item in value.items()}
    for name in shape.required:
        if names and name not in given and name not in own:
            yield f'The field "{name}" is required but was missing'
    for name, (key, item) in given.items():
        if name in shape.members:
            yield from _value(key, item, shape.members[name], f"{path}.{name}".lstrip("."), integration, names=names)
        elif names and name not in own:
            yield f'The field "{key}" is not supported by Step Functions'


def _value(key: str, value: Any, shape: Shape, path: str, integration: Integration, *, names: bool) -> Iterator[str]:
    if value is None or path in integration.any_json:
        return
    if shape.kind == "structure" and isinstance(value, dict):
        yield from _members(value, shape, path, integration, names=names)
    elif shape.kind == "list" and isinstance(value, list) and shape.item is not None:
        for item in value:
            yield from _value(key, item, shape.item, path, integration, names=names)
    elif shape.kind == "map" and isinstance(value, dict) and shape.item is not None:
        for name, item in value.items():
            yield from _value(name, item, shape.item, f"{path}.*", integration, names=names)
    elif shape.kind == "string" and not isinstance(value, str):
        yield f"The value for the field '{key}' must be a STRING"
