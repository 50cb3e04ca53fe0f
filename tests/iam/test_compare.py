"""A given policy beside what a definition needs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generator.catalog.patterns import Deployment
from generator.checks.permissions import excess, missing
from generator.diagnostics.model import pointer_text
from generator.iam.compare import Beyond, excesses, lacks, may_be_same
from tests.support.definitions import role_of

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
    policy, role = {"Version": "2012-10-17", "Statement": list(statements)}, role_of(machine)
    return [(finding.code, pointer_text(finding.at)) for finding in (*missing(policy, role), *excess(policy, role))]


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
        needs = role_of(machine, deployment=Deployment("aws", "us-east-1", "111122223333", "orders")).requirements
        policy = {"Version": "2012-10-17", "Statement": entry["statements"]}
        assert list(lacks(policy, needs)) == []
        assert list(excesses(policy, needs)) == []


@pytest.mark.parametrize("policy", [None, [], {}, {"Statement": 1}, "x", {"Statement": None}])
def test_what_is_no_policy(policy: Any) -> None:
    """One finding says so; nothing else is reported beside it."""
    assert list(missing(policy, role_of(MACHINE))) == []
    assert [finding.code for finding in excess(policy, role_of(MACHINE))] == ["SFN714"]


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
    """Every JSON value is compared, and each finding has a message."""
    role = role_of(MACHINE)
    for statements in (policy, {"Statement": policy}, {"Statement": [policy]}):
        assert all(finding.message for finding in (*missing(statements, role), *excess(statements, role)))


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


def test_values_say_what_is_wrong() -> None:
    """The comparison returns values; their words are those of the checks."""
    needs = role_of(MACHINE).requirements
    (lack,) = lacks({"Statement": [BOTH[0]]}, needs)
    assert (lack.requirement.needed_by, lack.action, lack.resources) == ("Send", "sqs:SendMessage", (QUEUE,))
    (wide,) = excesses({"Statement": [BOTH[0], allow("sqs:S*", QUEUE)]}, needs)
    assert (wide.how, wide.at, wide.pattern) == (Beyond.WIDE_ACTION, ("Statement", 1, "Action"), "sqs:S*")
    assert wide.needed == ("sqs:SendMessage",)


def test_an_error_is_certain() -> None:
    """A permission that is perhaps not needed may be missing; one that is there is not too much."""
    machine = {"StartAt": "A", "States": {"A": {"Type": "Task", "Resource": "${ActivityLoggerArn}", "End": True}}}
    assert verdict(machine=machine) == []
    assert verdict(allow("lambda:InvokeFunction", "${ActivityLoggerArn}"), machine=machine) == []
