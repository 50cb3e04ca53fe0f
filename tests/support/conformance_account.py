"""The facts of tests/conformance in an account: `python -m tests.support.conformance_account --role ARN` says where AWS has changed.

The account is that of `AWS_PROFILE` or of the environment; with `--endpoint URL` it is any endpoint of Step Functions, such as that of
`sfn-generator local`. Exit code 1 where an answer is another one than the fact.

Expressions and single states go through TestState, which creates nothing; validations through ValidateStateMachineDefinition. The other
definitions are created, run once and deleted; they call no service and take a second each. A fact that needs a Lambda function or an
answer of a service is skipped, because an account has neither.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

from tests.support.conformance import ENTERED, Report, exceptions, facts, machine

NO_ROLE: Final = "an execution needs --role, the ARN of a role that Step Functions may assume"
_LONGEST: Final = 60
"""Seconds that an execution may take."""
_NEEDS_EXECUTION: Final = re.compile(r"\$\$\.|\$states\.context")
"""What has other values in TestState: the Context object."""
_REFUSALS: Final = ("ValidationException", "InvalidDefinition", "InvalidExecutionInput")
_LOCAL_ROLE: Final = "arn:aws:iam::123456789012:role/conformance"


class Skipped(Exception):  # noqa: N818  it is no error
    """A fact that an account cannot answer, with the reason."""


class Account:
    """Step Functions of an account, or of an endpoint that behaves as one."""

    def __init__(self, client: Any, role: str) -> None:
        """Use a client of boto3, and a role for executions; without a role they are skipped."""
        self.client = client
        self.role = role

    def answer(self, fact: dict[str, Any]) -> dict[str, Any]:
        """Return what the account answers, in the form in which our engine's answer is compared.

        Raises:
            Skipped: the fact needs what an account does not have.
        """
        if needed := [name for name in ("functions", "mocks", "activities") if fact.get(name)]:
            raise Skipped(f"it needs {' and '.join(needed)}")
        kind = fact["kind"]
        if kind == "validation":
            return self._validated(fact)
        if kind == "teststate":
            return self._tested(fact["definition"], fact["input"], fact["teststate"])
        definition, keys = machine(fact)
        if "definition" not in fact and not _NEEDS_EXECUTION.search(fact["expression"]):
            got = self._expression(definition, fact["input"])
        else:
            got = self._executed(definition, fact["input"], fact.get("type", "STANDARD"))
        for key in keys if got["status"] == "SUCCEEDED" else ():
            got["output"] = got["output"][key]
        return got

    def _validated(self, fact: dict[str, Any]) -> dict[str, Any]:
        found = self.client.validate_state_machine_definition(definition=json.dumps(fact["definition"]), type=fact.get("type", "STANDARD"))
        problems = [f"{one['code']}: {one['message']}" for one in found["diagnostics"] if one["severity"] == "ERROR"]
        return {"verdict": found["result"], "cause": "; ".join(problems)}

    def _expression(self, definition: dict[str, Any], given: Any) -> dict[str, Any]:
        """Test the only state of a definition."""
        (state,) = definition["States"].values()
        language = {"QueryLanguage": definition["QueryLanguage"]} if "QueryLanguage" in definition else {}
        return self._tested({**state, **language}, given, {})

    def _tested(self, state: dict[str, Any], given: Any, options: dict[str, Any]) -> dict[str, Any]:
        request = {"".join(part.title() for part in name.split("_")): value for name, value in options.items()}
        request = {name[0].lower() + name[1:]: value for name, value in request.items()}
        if self.role:
            request["roleArn"] = self.role
        if isinstance((request.get("mock") or {}).get("result", ""), dict):
            request["mock"]["result"] = json.dumps(request["mock"]["result"])
        with refusals() as refused:
            found = self.client.test_state(definition=json.dumps(state), input=json.dumps({} if given is None else given), **request)
            return {
                "status": found["status"],
                "output": json.loads(found["output"]) if found.get("output") else None,
                "error": found.get("error"),
                "cause": found.get("cause"),
                "nextState": found.get("nextState"),
            }
        return refused

    def _executed(self, definition: dict[str, Any], given: Any, kind: str) -> dict[str, Any]:
        if not self.role:
            raise Skipped(NO_ROLE)
        created = ""
        try:
            with refusals() as refused:
                created = self.client.create_state_machine(
                    name=f"conformance-{uuid.uuid4()}", definition=json.dumps(definition), roleArn=self.role, type=kind
                )["stateMachineArn"]
                return self._run(created, json.dumps({} if given is None else given), kind)
            return refused
        finally:
            if created:
                self.client.delete_state_machine(stateMachineArn=created)

    def _run(self, arn: str, given: str, kind: str) -> dict[str, Any]:
        if kind == "EXPRESS":
            found = self.client.start_sync_execution(stateMachineArn=arn, input=given)
        else:
            execution = self.client.start_execution(stateMachineArn=arn, input=given)["executionArn"]
            until = time.monotonic() + _LONGEST
            while (found := self.client.describe_execution(executionArn=execution))["status"] == "RUNNING":
                if time.monotonic() > until:
                    self.client.stop_execution(executionArn=execution, error="conformance", cause="it takes too long")
                    raise Skipped(f"it takes more than {_LONGEST} seconds")
                time.sleep(0.2)
        output = json.loads(found["output"]) if found.get("output") else None
        return {"status": found["status"], "output": output, "error": found.get("error"), "cause": found.get("cause")}


@contextmanager
def refusals() -> Iterator[dict[str, Any]]:
    """Turn what the API refuses into an answer; anything else, such as a missing permission, is raised."""
    answer: dict[str, Any] = {}
    try:
        yield answer
    except ClientError as error:
        if error.response["Error"]["Code"] not in _REFUSALS:
            raise
        answer |= {"status": "REFUSED", "cause": str(error)}


def client_of(endpoint: str) -> Any:
    """Return a client for the account of `AWS_PROFILE` or of the environment, or for an endpoint such as that of `sfn-generator local`."""
    if endpoint:
        settings = Config(inject_host_prefix=False, retries={"total_max_attempts": 1})
        keys = {"aws_access_key_id": "local", "aws_secret_access_key": "local"}
        return boto3.client("stepfunctions", endpoint_url=endpoint, region_name="us-east-1", config=settings, **keys)
    # TestState has a small quota: the client slows down instead of failing.
    return boto3.client("stepfunctions", config=Config(retries={"mode": "adaptive", "total_max_attempts": 12}))


def _without_place(fact: dict[str, Any], got: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Leave out which state failed: the one that TestState tests has another name, or the sentence is missing."""
    expected = dict(fact["expected"])
    if expected.get("cause"):
        expected["cause"] = ENTERED.sub("", expected["cause"])
    return {**fact, "expected": expected}, {**got, "cause": ENTERED.sub("", got["cause"]) if got.get("cause") else got.get("cause")}


def compare(client: Any, role: str, known: dict[str, str], only: str = "") -> Report:
    """Ask for the answer to every fact.

    Args:
        client: a client of boto3.
        role: the role of executions; empty to skip them.
        known: the facts that may differ, with the reason.
        only: a text in the ids of the facts.
    """
    account, report = Account(client, role), Report()
    for fact in facts(only):
        try:
            got = account.answer(fact)
            report.add(*((fact, got) if "definition" in fact else _without_place(fact, got)), known, "now")
        except Skipped as skipped:
            report.skipped[str(skipped)] += 1
    return report


def main() -> int:
    """Ask, and print the rate by kind and each difference."""
    parser = argparse.ArgumentParser(description="Ask an account for the answers to the facts of tests/conformance.")
    parser.add_argument("--only", default="", help="facts with this text in their id")
    parser.add_argument("--endpoint", default="", help="ask this endpoint in place of the account")
    parser.add_argument("--role", default="", help="the ARN of a role for executions; without it they are skipped in an account")
    options = parser.parse_args()
    role = options.role or (_LOCAL_ROLE if options.endpoint else "")
    report = compare(client_of(options.endpoint), role, exceptions() if options.endpoint else {}, options.only)
    sys.stdout.write(f"{report}\n")
    return 1 if report.unexplained else 0


if __name__ == "__main__":
    sys.exit(main())
