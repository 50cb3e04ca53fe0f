"""What the typed functions share: they make an integration of their arguments."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NoReturn

from generator.catalog.index import find_action
from generator.catalog.spelling import CLIENT_HELPERS, action_of, arguments_of, service_of, snake
from generator.diagnostics.model import did_you_mean
from generator.dsl.integrations import Integration
from generator.dsl.source import UnknownNameError


def call(resource: str, given: Mapping[str, Any], api: str = "") -> Integration:
    """Return the integration of a call. Arguments that are None are left out.

    Args:
        resource: the part of the Resource after ``arn:aws:states:::``.
        given: the arguments by the names of the parameters.
        api: the API action with these parameters, as ``service:action``, if the resource does not name it.
    """
    arguments = {name: value for name, value in given.items() if value is not None}
    service, _, name = (api or resource.removeprefix("aws-sdk:")).partition(":")
    action = find_action(service, name) if api or resource.startswith("aws-sdk:") else None
    return Integration(f"arn:aws:states:::{resource}", arguments if action is None else arguments_of(action.input, arguments))


def unknown(module: str, names: Sequence[str]) -> Callable[[str], NoReturn]:
    """Return the ``__getattr__`` of a module with typed functions: it refuses a name with a suggestion."""
    service = module.rpartition(".")[2]

    def refuse(name: str) -> NoReturn:
        if name.startswith("__"):
            raise AttributeError(f"module {module!r} has no attribute {name!r}")
        found = service_of(service)
        action = None if found is None else action_of(found, name)
        hint = CLIENT_HELPERS.get(name.lower(), "") or did_you_mean(name, names)
        if action is not None:
            written = snake(action.name)
            hint = f"write {written}" if written in names else f"sdk.{service}.{written}(…) calls it"
        raise UnknownNameError(f"aws.{service} has no function {name!r}", found=name, hint=hint, code="SFN402")

    return refuse
