"""The whole run under the generated roles, with moto's IAM enforcement on: they suffice, and refuse the rest.

moto checks each request's signature and its role's policies. It knows the action but, for these services, not the resource, and
takes a transaction for an action of its own; `_resources` adds what the Service Authorization Reference says about both.
"""

from __future__ import annotations

import json
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError
from moto.core.authorization import enable_iam_authentication
from moto.core.responses import ActionAuthenticatorMixin
from moto.iam.access_control import IAMRequest

from tests.support.dofs import ACCOUNT, FUNCTIONS, ORDER, PREFIX, PROJECT, REGION, Dofs

if TYPE_CHECKING:
    from collections.abc import Iterator

TRANSACTION = {"Put": "PutItem", "Update": "UpdateItem", "Delete": "DeleteItem", "ConditionCheck": "ConditionCheckItem"}


def _resources(action: str, request: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """What a request needs: actions and the ARN that each is done to."""
    table = "arn:aws:dynamodb:{}:{}:table/{}".format
    if action == "TransactWriteItems":
        # https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/transaction-apis-iam.html
        for item in request["TransactItems"]:
            ((kind, operation),) = item.items()
            yield TRANSACTION[kind], table(REGION, ACCOUNT, operation["TableName"])
    elif "TableName" in request:
        yield action, table(REGION, ACCOUNT, request["TableName"])
    elif "QueueUrl" in request:
        yield action, f"arn:aws:sqs:{REGION}:{ACCOUNT}:{request['QueueUrl'].rpartition('/')[2]}"
    else:
        yield action, request.get("stateMachineArn") or request.get("executionArn") or "*"


@contextmanager
def enforced(dofs: Dofs, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Give each function and the workflow its role, and enforce it."""
    policies = {name: f"functions/{name}.policy.json" for name in FUNCTIONS} | {
        "order-processing": "order-processing/execution-role.policy.json"
    }
    iam, sts = dofs.admin("iam"), dofs.admin("sts")
    for name, path in policies.items():
        dofs.placeholders["function_name"] = f"{PREFIX}-{name}"
        role = iam.create_role(RoleName=f"{PREFIX}-{name}", AssumeRolePolicyDocument="{}")["Role"]["Arn"]
        policy = dofs.fill((PROJECT / "build" / path).read_text())
        iam.put_role_policy(RoleName=f"{PREFIX}-{name}", PolicyName="generated", PolicyDocument=policy)
        credentials = sts.assume_role(RoleArn=role, RoleSessionName="run")["Credentials"]
        dofs.roles[name] = {
            "aws_access_key_id": credentials["AccessKeyId"],
            "aws_secret_access_key": credentials["SecretAccessKey"],
            "aws_session_token": credentials["SessionToken"],
        }

    def authorize(self: Any, resource: str = "*") -> None:
        asked = self._get_action()
        for action, arn in _resources(asked, json.loads(self.raw_body)):
            self._get_action = lambda action=action: action
            self._authenticate_and_authorize_action(IAMRequest, arn)
        self._get_action = lambda: asked

    monkeypatch.setattr(ActionAuthenticatorMixin, "_authenticate_and_authorize_normal_action", authorize)
    with enable_iam_authentication():
        yield


@pytest.mark.parametrize("rate", ["1", "0"])
def test_the_roles_suffice(dofs: Dofs, monkeypatch: pytest.MonkeyPatch, rate: str) -> None:
    """Every way through the system: fulfilled, given up, invalid, repeated, unreadable."""
    monkeypatch.setenv("SUCCESS_RATE", rate)
    dofs.admin("sqs").send_message(QueueUrl=dofs.queues["order-queue"], MessageBody="{poison")
    with enforced(dofs, monkeypatch):
        order_id = dofs.place(ORDER, key="one")
        assert dofs.place(ORDER, key="one") == order_id
        invalid = dofs.place(ORDER | {"items": [{"product_id": "P", "quantity": 101}]})
        dofs.work()
        status = dofs.request("GET", order_id)[1]["status"]
        assert dofs.request("GET", invalid)[1]["status"] == "FAILED"
    assert status == ("FULFILLED" if rate == "1" else "FAILED")
    assert len(dofs.rows("failed-orders")) == (1 if rate == "1" else 2)
    assert dofs.waiting("order-queue") == dofs.waiting("order-dlq") == 0


@pytest.mark.parametrize(
    ("caller", "operation", "parameters"),
    [
        ("api-handler", "dynamodb.put_item", {"TableName": f"{PREFIX}-orders", "Item": {"order_id": {"S": "x"}}}),
        ("validator", "dynamodb.get_item", {"TableName": f"{PREFIX}-orders", "Key": {"order_id": {"S": "x"}}}),
        ("order-storage", "dynamodb.put_item", {"TableName": f"{PREFIX}-failed-orders", "Item": {"order_id": {"S": "x"}}}),
        ("fulfill-order", "dynamodb.put_item", {"TableName": f"{PREFIX}-orders", "Item": {"order_id": {"S": "x"}}}),
        ("dlq-handler", "dynamodb.delete_item", {"TableName": f"{PREFIX}-orders", "Key": {"order_id": {"S": "x"}}}),
        ("order-processing", "sqs.receive_message", {"QueueUrl": f"https://sqs.{REGION}.amazonaws.com/{ACCOUNT}/{PREFIX}-order-queue"}),
    ],
)
def test_the_roles_refuse_everything_else(
    dofs: Dofs, monkeypatch: pytest.MonkeyPatch, caller: str, operation: str, parameters: dict[str, Any]
) -> None:
    """What a function does not do, its role does not allow."""
    service, _, action = operation.partition(".")
    with enforced(dofs, monkeypatch), pytest.raises(ClientError, match="not authorized"):
        getattr(dofs.client(caller, service), action)(**parameters)
