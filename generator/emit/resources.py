"""What the resources of a folder declare, in the form that Terraform reads. Nothing of it needs to be typed again there.

``resources.json`` has the settings of each resource, by kind and name: ``jsondecode(file("…/resources.json")).queue["orders"]``.
Beside it, ``functions/`` has two templates for each function, ``<name>.policy.json`` and ``<name>.environment.json``. They name other
resources by their placeholders, so Terraform reads them with ``templatefile``.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from typing import TYPE_CHECKING, Any, Final

from generator.asl.placeholders import unshielded_json
from generator.catalog.resources import KINDS, STARTABLE, WORKFLOW
from generator.dsl.declarations import Resource
from generator.dsl.expressions import Expr, operand
from generator.dsl.known import known_text
from generator.dsl.resources import Function
from generator.emit.artifact import Artifact
from generator.emit.terraform.policies import policy_file
from generator.emit.terraform.template import definition_template, policy_template
from generator.iam.functions import role_policy

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

FILE: Final = "resources.json"

_ELSEWHERE: Final = frozenset({"name", "source", "existing", "uses", "environment", "result"})
"""Fields that are not settings in the file: the name is the key, uses and environment are templates of their own, result is for checks."""


def emit(resources: Iterable[Resource]) -> Iterator[Artifact]:
    """Write the declarations of the resources of one folder, in the same order whatever the order of the resources.

    >>> from generator.dsl.resources import Queue
    >>> [artifact.path for artifact in emit([Function("keeper"), Queue("jobs")])]
    ['resources.json', 'functions/keeper.policy.json', 'functions/keeper.environment.json']
    """
    # A state machine is deployed elsewhere. Its alias is a setting for whoever deploys it.
    deployed = (one for one in resources if getattr(one, "existing", None) is None)
    ordered = sorted((one for one in deployed if one.KIND.key not in STARTABLE or getattr(one, "alias", None)), key=lambda one: one.name)
    if not ordered:
        return
    by_kind = {kind: {one.name: settings(one) for one in ordered if one.KIND.key == kind} for kind in KINDS if kind != WORKFLOW.key}
    yield Artifact.of_text(FILE, _plain_json(by_kind))
    for function in ordered:
        if isinstance(function, Function):
            yield Artifact.of_text(f"functions/{policy_file(function.name)}", policy_template(role_policy(function).document()))
            yield Artifact.of_text(f"functions/{function.name}.environment.json", _environment(function))


def settings(resource: Resource) -> dict[str, Any]:
    """Return what a resource declares, as JSON. Another resource is its name.

    >>> from generator.dsl.resources import Queue, Table
    >>> settings(Table("orders", key="order_id"))
    {'key': {'name': 'order_id', 'type': 'S'}, 'sort_key': None, 'ttl_attribute': None}
    >>> settings(Queue("orders", dead_letter=Queue("dead")))["dead_letter"]
    'dead'
    """
    return {field.name: _json(getattr(resource, field.name)) for field in fields(resource) if field.name not in _ELSEWHERE}


def _json(value: Any) -> Any:
    if isinstance(value, Resource):
        return value.name
    if isinstance(value, list | tuple):
        return [_json(item) for item in value]
    if isinstance(value, Mapping):
        return {name: _json(item) for name, item in value.items()}
    if is_dataclass(value):
        return {field.name: _json(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, Expr):
        return known_text(operand(value))
    if value is None or isinstance(value, bool | int | float | str):
        return value
    raise TypeError(f"a declaration holds a value of type {type(value).__name__}, which {FILE} cannot express")


def _environment(function: Function) -> str:
    """Write the environment as a template. The names are sorted, because the order of a Mapping may be any."""
    values = {name: known_text(operand(value)) for name, value in sorted(function.environment.items())}
    return definition_template(unshielded_json(json.dumps(values, indent=2, ensure_ascii=False))) + "\n"


def _plain_json(document: Mapping[str, Any]) -> str:
    """Write JSON that Terraform reads unchanged, with ``file`` and with ``templatefile``."""
    text = json.dumps(document, indent=2, ensure_ascii=False).replace("${", "\\u0024{")
    return definition_template(text) + "\n"
