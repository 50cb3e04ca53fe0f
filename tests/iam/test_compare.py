"""A hand-written policy against what the definition needs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generator.asl.definition import read_definition
from generator.asl.read import read_file
from generator.catalog.patterns import Deployment
from generator.checks.permissions import excess, missing
from generator.commands.check_policy import compare
from generator.commands.iam import Place, Settings, derive, reasons
from generator.diagnostics.model import pointer_text
from generator.emit.terraform.template import policy_template
from generator.iam.compare import may_be_same
from tests.support.definitions import policy_of, role_of

FUNCTION = "arn:aws:lambda:us-east-1:111122223333:function:check"
QUEUE = "arn:aws:sqs:us-east-1:111122223333:orders"
MACHINE: dict[str, Any] = {
    "StartAt": "Check",
    "States": {
        "Check": {"Type": "Task", "Resource": FUNCTION, "Next": "Send"},
        "Send": {
            "Type": "Task",
            "Resource": "arn:aws:states:::sqs:sendMessage",
            "Parameters": {"QueueUrl": "https://sqs.us-east-1.amazonaws.com/111122223333/orders", "MessageBody": "x"},
            "End": True,
        },
    },
}


def allow(action: Any, resource: Any, **more: Any) -> dict[str, Any]:
    """Make a statement."""
    return {"Effect": "Allow", "Action": action, "Resource": resource, **more}


def verdict(*statements: dict[str, Any], machine: dict[str, Any] = MACHINE) -> list[tuple[str, str]]:
    """Return codes and places of what is found in a policy."""
    policy, needs = {"Version": "2012-10-17", "Statement": list(statements)}, role_of(machine)
    return [(finding.code, pointer_text(finding.at)) for finding in (*missing(policy, needs), *excess(policy, needs))]


BOTH = (allow("lambda:InvokeFunction", FUNCTION), allow("sqs:SendMessage", QUEUE))


@pytest.mark.parametrize(
    ("statements", "expected"),
    [
        (BOTH, []),
        ((allow(["sqs:sendmessage", "LAMBDA:InvokeFunction"], [QUEUE, FUNCTION]),), []),
        ((BOTH[0],), [("SFN710", "/States/Send")]),
        ((), [("SFN710", "/States/Check"), ("SFN710", "/States/Send")]),
        ((allow("lambda:InvokeFunction", FUNCTION + ":live"), BOTH[1]), [("SFN710", "/States/Check"), ("SFN712", "/Statement/0/Resource")]),
        ((allow("lambda:*", FUNCTION), BOTH[1]), [("SFN711", "/Statement/0/Action")]),
        ((allow("lambda:InvokeFunction", "*"), BOTH[1]), [("SFN712", "/Statement/0/Resource")]),
        ((*BOTH, allow("s3:GetObject", "*")), [("SFN711", "/Statement/2/Action")]),
        ((BOTH[0], allow(["sqs:SendMessage", "sqs:SendMesage"], QUEUE)), [("SFN713", "/Statement/1/Action/1")]),
        ((BOTH[0], allow("sqs:SendMessage", [QUEUE, QUEUE + "-dlq"])), [("SFN712", "/Statement/1/Resource/1")]),
        ((*BOTH, {"Effect": "Deny", "Action": "sqs:*", "Resource": "*"}), [("SFN710", "/States/Send")]),
        ((*BOTH, {"Effect": "Deny", "Action": "s3:*", "Resource": "*"}), []),
        (({"Effect": "Allow", "NotAction": "s3:*", "Resource": "*"},), [("SFN711", "/Statement/0")]),
        ((BOTH[0], allow("sqs:SendMessage", "${orders_arn}")), []),
        ((BOTH[0], allow("sqs:SendMessage", QUEUE, Condition={"Bool": {"aws:SecureTransport": "true"}})), []),
    ],
)
def test_policies(statements: tuple[dict[str, Any], ...], expected: list[tuple[str, str]]) -> None:
    """What lacks is placed at the state, what is too much at the statement."""
    assert verdict(*statements) == expected


def test_a_condition_that_the_definition_decides() -> None:
    """A role that is passed to another service than the call's is a lack."""
    call = {"Type": "Task", "Resource": "arn:aws:states:::emr-serverless:startJobRun", "End": True}
    call["Parameters"] = {"ApplicationId": "a", "ExecutionRoleArn": "arn:aws:iam::111122223333:role/r"}
    machine = {"StartAt": "A", "States": {"A": call}}
    start = allow("emr-serverless:StartJobRun", "arn:aws:emr-serverless:us-east-1:111122223333:/applications/a")

    def passing(service: str) -> dict[str, Any]:
        return allow("iam:PassRole", "arn:aws:iam::111122223333:role/r", Condition={"StringEquals": {"iam:PassedToService": service}})

    assert verdict(start, passing("emr-serverless.amazonaws.com"), machine=machine) == []
    assert verdict(start, passing("ec2.amazonaws.com"), machine=machine) == [("SFN710", "/States/A")]


@pytest.mark.parametrize(
    "file",
    sorted((Path(__file__).parent / "golden").glob("*.json"), key=lambda file: file.name),
    ids=lambda file: file.stem,
)
def test_a_derived_policy_neither_lacks_nor_exceeds(file: Path) -> None:
    """What is derived for a definition is what that definition needs."""
    for resource, entry in json.loads(file.read_text(encoding="utf-8")).items():
        machine = {"StartAt": "A", "States": {"A": {"Type": "Task", "Resource": resource, "Parameters": entry["parameters"], "End": True}}}
        needs = role_of(machine, Deployment("aws", "us-east-1", "111122223333", "orders"))
        policy = {"Version": "2012-10-17", "Statement": entry["statements"]}
        assert list(missing(policy, needs)) == []
        assert list(excess(policy, needs)) == []


@pytest.mark.parametrize("policy", [None, [], {}, {"Statement": 1}, "x", {"Statement": None}])
def test_what_is_no_policy(policy: Any) -> None:
    """One finding, no failure."""
    assert [finding.code for finding in excess(policy, role_of(MACHINE))] == ["SFN714"]
    assert {finding.code for finding in missing(policy, role_of(MACHINE))} == {"SFN710"}


ELEMENTS = ("Statement", "Effect", "Action", "NotAction", "Resource", "NotResource", "Condition", "StringEquals")
ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.text(max_size=5) | st.sampled_from(["Allow", "Deny", "*", "sqs:*", QUEUE]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["Statement", "Effect", "Action", "NotAction", "Resource", "NotResource", "Condition", "StringEquals"]),
            inner,
            max_size=4,
        )
    ),
    max_leaves=15,
)


@given(ANY_JSON)
def test_any_json_is_read_without_failing(policy: Any) -> None:
    """Whatever stands in a policy file."""
    needs = role_of(MACHINE)
    for statements in (policy, {"Statement": policy}, {"Statement": [policy]}):
        list(missing(statements, needs))
        list(excess(statements, needs))


@pytest.mark.parametrize(
    ("ours", "theirs", "same"),
    [
        ("arn:aws:sqs:*:*:a", QUEUE, False),
        ("arn:aws:sqs:*:*:orders", QUEUE, True),
        ("arn:${aws_partition}:sqs:${aws_region}:${aws_account_id}:orders", QUEUE, True),
        (QUEUE, "arn:aws:sqs:*:*:o*", True),
        ("arn:aws:sqs:us-east-1:111122223333:*", QUEUE, True),
        ("*", QUEUE, True),
    ],
)
def test_may_be_same(ours: str, theirs: str, same: bool) -> None:
    """Unknown parts agree with anything, known ones only with themselves."""
    assert may_be_same(ours, theirs) is same


def found(file: Path, policy: Path) -> list[str]:
    """Return the codes that `check-policy` finds."""
    return [problem.code for problem in compare(read_definition(file), read_file(policy), Place())]


def test_commands(tmp_path: Path) -> None:
    """Files that are missing, broken or of another kind give diagnostics; good ones give text."""
    good, policy, bad = (tmp_path / f"{name}.json" for name in ("good", "policy", "bad"))
    good.write_text(json.dumps(MACHINE), encoding="utf-8")
    policy.write_text(policy_template(policy_of(MACHINE).document()), encoding="utf-8")
    assert found(good, policy) == []
    role, problems = derive(read_definition(good), Settings())
    assert role is not None
    assert role.policy.document() == policy_of(MACHINE).document()
    assert problems == []
    assert "for Send (/States/Send): Call sqs:sendMessage" in reasons(role.policy)
    for content, code, code_of_policy in (
        (b"{", "SFN001", "SFN001"),
        (b"\xff", "SFN001", "SFN001"),
        (b"[]", "SFN003", "SFN714"),
        (None, "SFN004", "SFN004"),
    ):
        bad.unlink(missing_ok=True)
        if content is not None:
            bad.write_bytes(content)
        role, problems = derive(read_definition(bad), Settings())
        assert (role, [problem.code for problem in problems]) == (None, [code])
        assert (found(bad, policy), found(good, bad)) == ([code], [code_of_policy])


def test_a_placeholder_that_stands_for_a_number(tmp_path: Path) -> None:
    """A template that becomes JSON only when it is filled is read, too."""
    file = tmp_path / "template.json"
    file.write_text(
        '{"StartAt": "A", "States": {"A": {"Type": "Task", "Resource": "${f_arn}", "TimeoutSeconds": ${t}, "End": true}}}', encoding="utf-8"
    )
    role, problems = derive(read_definition(file), Settings())
    assert role is not None
    assert problems == []
    assert role.policy.statements[0].resources == ("${f_arn}",)
