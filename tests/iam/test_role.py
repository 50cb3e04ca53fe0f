"""The execution role as a whole: settings, the trust policy, and the policies to deploy."""

from __future__ import annotations

import json
from typing import Any

from generator import Succeed, Workflow
from generator.catalog.patterns import Deployment
from generator.iam.policy import trust_policy
from generator.iam.role import templated_role
from generator.lower import compile_workflow
from tests.support.definitions import role_of, walked

HERE = Deployment("aws", "us-east-1", "111122223333", "orders")


def actions(**settings: Any) -> set[str]:
    """Return the actions that settings need."""
    return {action for statement in role_of({}, deployment=HERE, **settings).policy.statements for action in statement.actions}


def test_settings_of_the_machine() -> None:
    """Logging, tracing, encryption; log deliveries are encrypted with the key, too."""
    assert actions(traces=True) == {
        f"xray:{name}" for name in ("GetSamplingRules", "GetSamplingTargets", "PutTelemetryRecords", "PutTraceSegments")
    }
    assert len(actions(logs=True)) == 8
    policy = role_of({}, kms_key_arn="${key_arn}", logs=True, deployment=HERE).policy
    keys = {key: set(one.actions) for one in policy.statements for _, key, _ in one.conditions}
    assert keys == {
        "kms:EncryptionContext:aws:states:stateMachineArn": {"kms:Decrypt", "kms:GenerateDataKey"},
        "kms:EncryptionContext:SourceArn": {"kms:GenerateDataKey"},
    }


def test_each_setting_has_a_policy_of_its_own() -> None:
    """A deployment attaches those that it needs; what the states need is none of them."""
    role = templated_role(walked({"StartAt": "A", "States": {"A": {"Type": "Succeed"}}}))
    assert [(policy.name, policy.setting, policy.managed) for policy in role.policies] == [
        (setting, setting, False) for setting in ("encryption", "log-encryption", "logging", "tracing")
    ]


def test_a_role_that_does_not_fit_inline_gets_managed_policies() -> None:
    """The inline policies of the settings take a part of the limit."""
    call = "arn:aws:states:::lambda:invoke"
    states = {
        f"S{n}": {"Type": "Task", "Resource": call, "Parameters": {"FunctionName": f"function-{n:04}"}, "End": True} for n in range(200)
    }
    parts = [policy for policy in templated_role(walked({"StartAt": "S0", "States": states})).policies if not policy.setting]
    assert [part.name for part in parts] == [f"execution-role-{number:02}" for number in range(1, len(parts) + 1)]
    assert len(parts) > 1
    assert all(part.managed for part in parts)


def test_the_role_of_a_workflow_is_derived_once() -> None:
    """Checks and emitters share it."""
    compiled = compile_workflow(Workflow("nothing-to-do", steps=[Succeed("Done")]))
    assert compiled.role is compiled.role is compiled.walk.once(templated_role)


def test_the_trust_policy_refers_to_the_machine_by_name() -> None:
    """So that role and machine do not need each other to exist."""
    text = json.dumps(trust_policy())
    assert "stateMachine:${state_machine_name}" in text
    assert '"aws:SourceAccount": "${aws_account_id}"' in text
