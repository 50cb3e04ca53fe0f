"""cfn-lint and parliament find nothing in any generated policy: the reviewed ones, and all that build/ holds."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import parliament
import pytest
from cfnlint.api import ManualArgs, lint

from generator.iam.policy import trust_policy

ROOT = Path(__file__).parents[2]
GOLDEN = Path(__file__).parent / "golden"

KNOWN_WRONG: dict[tuple[str, str], str] = {
    ("RESOURCE_MISMATCH", "batch:SubmitJob"): "its format of a job definition has no room for the revision that ARNs end in",
    ("RESOURCE_MISMATCH", "bedrock:InvokeModel"): "it takes the optional resource types (profiles, imported models, …) for required ones",
    ("RESOURCE_MISMATCH", "emr-serverless:CreateApplication"): "AWS's own policy for Step Functions names the resource /*",
    ("RESOURCE_MISMATCH", "states:DescribeExecution"): "it takes Express executions for required beside Standard ones",
    ("RESOURCE_MISMATCH", "states:InvokeHTTPEndpoint"): "AWS's own policy for HTTP tasks names the state machine",
    ("UNKNOWN_PREFIX", "Unknown prefix bedrock-agentcore"): "it is older than the service",
    ("UNKNOWN_CONDITION_FOR_ACTION", "states:InvokeHTTPEndpoint"): "AWS's own policy for HTTP tasks has these keys",
}
"""What parliament says that AWS contradicts, by its finding and the action, and why."""

VALUES = {"aws_partition": "aws", "aws_region": "us-east-1", "aws_account_id": "111122223333"}
PLACE = "us-east-1:111122223333"
ARNS = {
    "athena": f"arn:aws:athena:{PLACE}:workgroup/x",
    "dynamodb": f"arn:aws:dynamodb:{PLACE}:table/x",
    "events": f"arn:aws:events:{PLACE}:event-bus/x",
    "ecs": f"arn:aws:ecs:{PLACE}:task-definition/x:1",
    "glue": f"arn:aws:glue:{PLACE}:job/x",
    "iam": "arn:aws:iam::111122223333:role/x",
    "kms": f"arn:aws:kms:{PLACE}:key/11111111-2222-3333-4444-555555555555",
    "lambda": f"arn:aws:lambda:{PLACE}:function:x",
    "logs": f"arn:aws:logs:{PLACE}:log-group:x:*",
    "s3": "arn:aws:s3:::x",
    "sns": f"arn:aws:sns:{PLACE}:x",
    "sqs": f"arn:aws:sqs:{PLACE}:x",
    "states": f"arn:aws:states:{PLACE}:stateMachine:x",
}


def filled(statement: dict[str, Any]) -> dict[str, Any]:
    """Put ARNs and names in place of a statement's placeholders, as the deployment does."""
    action = statement["Action"] if isinstance(statement["Action"], str) else statement["Action"][0]

    def value(found: re.Match[str]) -> str:
        name = found[1]
        return VALUES.get(name) or (ARNS[action.partition(":")[0]] if name.endswith("_arn") else "x")

    return json.loads(re.sub(r"\$\{(\w+)\}", value, json.dumps(statement)))


def reviewed() -> dict[str, dict[str, Any]]:
    """Return the golden policies, by the Resource they are for."""
    out: dict[str, dict[str, Any]] = {}
    for file in sorted(GOLDEN.glob("*.json")):
        for resource, entry in json.loads(file.read_text(encoding="utf-8")).items():
            if entry["statements"]:
                out[resource] = {"Version": "2012-10-17", "Statement": entry["statements"]}
    return out


def built() -> dict[str, dict[str, Any]]:
    """Return the policies of build/, trust policies aside, by their file."""
    out: dict[str, dict[str, Any]] = {}
    for file in sorted(ROOT.glob("build/**/*.policy.json")):
        if not file.name.startswith("trust"):
            document = json.loads(file.read_text(encoding="utf-8"))
            out[str(file.relative_to(ROOT))] = {**document, "Statement": [filled(statement) for statement in document["Statement"]]}
    return out


def lint_with_cfn(policies: dict[str, dict[str, Any]], kind: str, key: str) -> list[str]:
    """Return what cfn-lint says of policies, as resources of one template."""
    resources = {f"P{number}": {"Type": kind, "Properties": {key: document}} for number, document in enumerate(policies.values())}
    template = json.dumps({"AWSTemplateFormatVersion": "2010-09-09", "Resources": resources})
    names = list(policies)
    return [
        f"{names[int(str(match.path[1])[1:])]}: {match.rule.id} {match.message}"
        for match in lint(template, config=ManualArgs(include_checks=["I"]))
    ]


def test_cfn_lint_finds_nothing() -> None:
    """Informational rules included: no unknown action, no action without a resource it wants, no wrong form."""
    policies = {**reviewed(), **built()}
    assert len(policies) > 100
    assert lint_with_cfn(policies, "AWS::IAM::ManagedPolicy", "PolicyDocument") == []


def test_cfn_lint_finds_nothing_in_the_trust_policy() -> None:
    """The trust policy of a role is in form, too."""
    document = trust_policy()
    trust = {**document, "Statement": [filled(statement) for statement in document["Statement"]]}
    assert lint_with_cfn({"trust": trust}, "AWS::IAM::Role", "AssumeRolePolicyDocument") == []


def parliament_findings(document: dict[str, Any]) -> set[tuple[str, str]]:
    """Return parliament's findings as (issue, action), one statement at a time so that each has its action."""
    found: set[tuple[str, str]] = set()
    for statement in document["Statement"]:
        analysed = parliament.analyze_policy_string(json.dumps({"Version": "2012-10-17", "Statement": [statement]}))
        for finding in analysed.findings:
            text = str(finding.detail)
            action = re.search(r"[a-z0-9-]+:[A-Za-z]+", text.rpartition("for action ")[2] if "for action " in text else text)
            found.add((finding.issue, action[0] if action else text))
    return found


@pytest.mark.parametrize("source", [reviewed, built])
def test_parliament_finds_nothing(source: Any) -> None:
    """Nothing beyond what AWS's documentation contradicts."""
    found = {
        (name, *finding) for name, document in source().items() for finding in parliament_findings(document) if finding not in KNOWN_WRONG
    }
    assert found == set()


def test_parliament_still_needs_its_exceptions() -> None:
    """An exception that parliament no longer needs goes."""
    found = {finding for document in reviewed().values() for finding in parliament_findings(document)}
    assert set(KNOWN_WRONG) <= found
