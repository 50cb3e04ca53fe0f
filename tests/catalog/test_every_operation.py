"""Every operation of every AWS service: permissions are derived without fail, and name only actions that exist.

``golden/coverage.json`` states the shares, and lists the operations of which no permission is known. After an update of
botocore or the authorization data, ``UPDATE_GOLDEN=1 pytest tests/catalog`` rewrites it; review it.
"""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import cfnlint
import pytest

from generator.asl.placeholders import PLACEHOLDER
from generator.catalog.arns import overlap, types_of
from generator.catalog.index import Action, ResourceType, find_service, service_names
from generator.catalog.integrations import Resource
from generator.catalog.optimised import INTEGRATIONS
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


OTHER_TYPES = {
    # Its actions are HTTP verbs. The reference lists the types of only some paths with each of them.
    "apigateway:POST",
    "apigateway:DELETE",
    "apigateway:GET",
    "apigateway:PUT",
    "apigateway:PATCH",
    # https://docs.aws.amazon.com/bedrock/latest/userguide/batch-inference-permissions.html names inference profiles.
    "bedrock:CreateModelInvocationJob",
    # https://docs.aws.amazon.com/bedrock/latest/userguide/custom-model-job-role.html names the jobs.
    "bedrock:CreateModelCustomizationJob",
    # https://docs.aws.amazon.com/step-functions/latest/dg/call-https-apis.html names the state machine.
    "states:InvokeHTTPEndpoint",
    # https://docs.aws.amazon.com/step-functions/latest/dg/connect-emr-serverless.html names all applications by `/*`.
    "emr-serverless:CreateApplication",
}
"""Actions that the documentation allows on resources that the authorization data do not have for them."""


def test_no_action_is_granted_on_a_type_of_resource_that_it_does_not_have(actions: list[Action]) -> None:
    """Such a permission denies the call. The ARNs of the parameters are left out: their type is what the author wrote."""
    wrong: set[tuple[str, str, str]] = set()

    def look(who: str, found: Iterable[Grant]) -> None:
        for grant in found:
            for action in grant.actions:
                kinds = types_of([action])
                for resource in grant.resources:
                    own = resource == "*" or resource.startswith("${") or any(of_type(resource, kind) for kind in kinds)
                    if not own and action not in OTHER_TYPES:
                        wrong.add((who, action, resource))

    for action in actions:
        given = {name: value for name, value in literal(action).items() if not name.lower().endswith(("arn", "arns"))}
        given |= {"CopySource": "bucket/key"} if "CopySource" in given else {}
        look(f"{action.service.name}:{action.name}", grants(action, given, "JSONPath"))
        look(f"{action.service.name}:{action.name} at run time", grants(action, "{% $states.input %}", "JSONata"))
    for name, integration in INTEGRATIONS.items():
        service, _, called = name.partition(":")
        for pattern in integration.patterns:
            resource = Resource("aws", sdk=False, service=service, action=called, pattern=pattern)
            look(f"{name} {pattern}", integration_grants(resource, Parameters("{% $states.input %}", "JSONata", HERE), HERE))
    assert wrong == set()


def of_type(arn: str, kind: ResourceType) -> bool:
    """Return whether an ARN has the form of those of a type of resources."""
    own, form = arn.split(":", 5), PLACEHOLDER.sub("*", kind.arn).split(":", 5)
    return len(own) == len(form) and all(overlap(one, other) for one, other in zip(own[2:], form[2:], strict=True))


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
