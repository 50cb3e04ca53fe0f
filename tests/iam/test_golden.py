"""The policy of every optimised integration in every pattern, written down for review, with its source.

After a change that is meant, ``UPDATE_GOLDEN=1 pytest tests/iam/test_golden.py`` rewrites the files; review them.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from generator.catalog.integrations import resource_arn
from generator.catalog.optimised import INTEGRATIONS
from generator.catalog.patterns import Deployment
from tests.support.definitions import policy_of

SAMPLES: dict[str, Any] = json.loads(Path(__file__).with_name("iam_samples.json").read_text(encoding="utf-8"))
"""A call of each optimised integration, with literal parameters as a team would write them."""
GOLDEN = Path(__file__).parent / "golden"
HERE = Deployment("aws", "us-east-1", "111122223333", "orders")
SERVICES = sorted({integration.service for integration in INTEGRATIONS.values()})


def machine(resource: str, parameters: Any) -> dict[str, Any]:
    """Make a machine of one task."""
    task = {"Type": "Task", "Resource": resource, "Parameters": parameters, "End": True}
    return {"StartAt": "Task", "States": {"Task": task}}


def golden(service: str) -> str:
    """Write the policies of a service's integrations as one reviewable text."""
    out: dict[str, Any] = {}
    for name, integration in INTEGRATIONS.items():
        if integration.service != service:
            continue
        for pattern in integration.patterns:
            resource = resource_arn(name, pattern)
            policy = policy_of(machine(resource, SAMPLES[name]), deployment=HERE)
            needs = [need for statement in policy.statements for need in statement.needed_by]
            out[resource] = {
                "parameters": SAMPLES[name],
                "sources": sorted({integration.source, *(need.grant.source for need in needs)}),
                "statements": policy.document()["Statement"],
                "wider than its use": sorted({need.grant.widened for need in needs if need.grant.widened}),
            }
    return json.dumps(out, indent=2) + "\n"


@pytest.mark.parametrize("service", SERVICES)
def test_golden(service: str) -> None:
    """The policies of a service are those that were reviewed."""
    file = GOLDEN / f"{service}.json"
    text = golden(service)
    if os.environ.get("UPDATE_GOLDEN"):
        file.write_text(text, encoding="utf-8")
    assert text == file.read_text(encoding="utf-8")


def test_there_is_a_sample_and_a_file_for_each_integration() -> None:
    """A new integration comes with a sample and a reviewed policy."""
    assert set(SAMPLES) == set(INTEGRATIONS)
    assert {file.stem for file in GOLDEN.iterdir()} == set(SERVICES)


WITH_ARNS = sorted(name for name, sample in SAMPLES.items() if '"arn:' in json.dumps(sample))


def test_there_are_samples_with_arns() -> None:
    """The next test has cases."""
    assert len(WITH_ARNS) >= 15


@pytest.mark.parametrize("name", WITH_ARNS)
def test_placeholders_take_the_place_of_literals(name: str) -> None:
    """With a placeholder for every ARN of the sample, the policy contains none of them, and names the placeholders."""

    def templated(value: Any, path: str) -> Any:
        if isinstance(value, dict):
            return {key: templated(item, f"{path}_{key.lower()}") for key, item in value.items()}
        if isinstance(value, list):
            return [templated(item, path) for item in value]
        return f"${{{path.strip('_')}}}" if isinstance(value, str) and value.startswith("arn:") else value

    policy = policy_of(machine(resource_arn(name), templated(SAMPLES[name], "")))
    assert "111122223333" not in json.dumps(policy.document())
    own = set(policy.placeholders) - {"aws_partition", "aws_region", "aws_account_id", "state_machine_name"}
    # The policy needs the ARN of the report group, which a placeholder for the report does not contain.
    assert bool(own) is (name != "codebuild:batchGetReports")


@pytest.mark.parametrize("partition", ["aws-cn", "aws-us-gov"])
def test_other_partitions(partition: str) -> None:
    """In another partition, every ARN that is derived stands in it."""
    definition = machine(resource_arn("glue:startJobRun", "sync", partition), {"JobName": "export"})
    assert policy_of(definition).document()["Statement"][0]["Resource"] == f"arn:{partition}:glue:*:*:job/export"
