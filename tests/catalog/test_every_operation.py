"""Every operation of every AWS service: permissions are derived without fail, and name only actions that exist.

``golden/coverage.json`` states the shares, and lists the operations of which no permission is known. After an update of
botocore or the authorization data, ``UPDATE_GOLDEN=1 pytest tests/catalog`` rewrites it; review it.
"""

from __future__ import annotations

import json
import os
from collections import Counter
from pathlib import Path
from typing import Any

import cfnlint
import pytest

from generator.catalog.index import Action, find_service, service_names
from generator.catalog.integrations import Resource
from generator.catalog.patterns import Deployment, Parameters
from generator.iam.grants import Grant
from generator.iam.requirements import integration_grants

GOLDEN = Path(__file__).parent / "golden" / "coverage.json"
HERE = Deployment("aws", "us-east-1", "111122223333", "orders")


@pytest.fixture(name="known", scope="module")
def _known() -> frozenset[str]:
    """Every IAM action, from the authorization data itself and not from the index."""
    data = json.loads((Path(cfnlint.__file__).parent / "data/AdditionalSpecs/Policies.json").read_text(encoding="utf-8"))
    return frozenset(f"{prefix}:{action}" for prefix, service in data.items() for action in service["Actions"])


@pytest.fixture(name="actions", scope="module")
def _actions() -> list[Action]:
    """Every action of every service."""
    services = [service for name in service_names() if (service := find_service(name))]
    return [action for service in services for name in service.action_names if (action := service.action(name))]


def literal(action: Action) -> dict[str, Any]:
    """Give every parameter of a call a plain value, two levels deep."""
    out: dict[str, Any] = {}
    for name, shape in action.input.members.items():
        if shape.kind == "structure":
            out[name] = {inner: "value" for inner, of in shape.members.items() if of.kind == "string"}
        elif shape.kind == "list":
            out[name] = ["value"] if shape.item and shape.item.kind == "string" else [{}]
        elif shape.kind == "map":
            out[name] = {"key": "value"}
        else:
            out[name] = "value"
    return out


def grants(action: Action, parameters: Any, language: str) -> list[Grant]:
    """Derive the permissions of a call."""
    resource = Resource("aws", sdk=True, service=action.service.name, action=action.name, pattern="")
    return list(integration_grants(resource, Parameters(parameters, language, HERE), HERE))


@pytest.mark.parametrize("how", ["literal", "expression", "path", "nothing", "placeholder"])
def test_every_action_that_is_granted_exists(known: frozenset[str], actions: list[Action], how: str) -> None:
    """Whatever the parameters are, derivation ends, and grants what IAM knows."""
    unknown: set[str] = set()
    for action in actions:
        given: Any = literal(action)
        language = "JSONata" if how == "expression" else "JSONPath"
        if how == "expression":
            given = "{% $states.input %}"
        elif how == "path":
            given = {f"{name}.$": "$.value" for name in given}
        elif how == "nothing":
            given = {}
        elif how == "placeholder":
            given = {name: f"${{{name.lower()}_arn}}" for name in given}
        for grant in grants(action, given, language):
            unknown |= {name for name in grant.actions if name.lower() not in known}
            assert grant.resources
            assert all(resource == "*" or resource.startswith(("arn:", "${")) for resource in grant.resources), grant
            assert not any("{" in resource.replace("${", "") or "\0" in resource for resource in grant.resources), grant
    assert unknown == set()


def test_coverage(actions: list[Action]) -> None:
    """The share of operations with certain, with widened and without permissions is the one that was reviewed."""
    counted: Counter[str] = Counter()
    rest: dict[str, list[str]] = {}
    for action in actions:
        found = grants(action, literal(action), "JSONPath")
        counted["operations"] += 1
        if not found:
            counted["no permission known"] += 1
            rest.setdefault(action.service.name, []).append(action.name)
        elif all(not grant.widened for grant in found):
            counted["certain"] += 1
        else:
            counted["widened"] += 1
    share = {name: f"{count} ({count / counted['operations']:.1%})" for name, count in counted.items()}
    text = json.dumps({**share, "operations without": rest}, indent=2) + "\n"
    if os.environ.get("UPDATE_GOLDEN"):
        GOLDEN.write_text(text, encoding="utf-8")
    assert text == GOLDEN.read_text(encoding="utf-8")
