"""The facts are asked of an account: tried with our own endpoint, which answers as AWS does."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from generator.local.stepfunctions.service import StepFunctions
from generator.local.stepfunctions.wire import running
from tests.support.conformance import exceptions, facts
from tests.support.conformance_account import Account, Skipped, client_of, compare

ROLE = "arn:aws:iam::123456789012:role/conformance"


@pytest.fixture(scope="module")
def endpoint() -> Iterator[str]:
    """Serve Step Functions."""
    with running(StepFunctions()) as url:
        yield url


def test_our_endpoint_answers_as_aws_does(endpoint: str) -> None:
    """Validations, single states, expressions and executions over HTTP: no difference, and nothing that was created stays."""
    client = client_of(endpoint)
    report = compare(client, ROLE, exceptions(), only="sfnx-")
    assert (report.unexplained, report.lines) == (0, [line for line in report.lines if line.partition(" ")[0] in exceptions()])
    assert report.agree.total() > 60
    assert {"validation", "jsonata", "execution"} <= set(report.total)
    assert client.list_state_machines()["stateMachines"] == []


def test_without_a_role_nothing_is_created(endpoint: str) -> None:
    """Executions are skipped, and the report says why."""
    report = compare(client_of(endpoint), "", exceptions(), only="sfnx-")
    assert "execution" not in report.total
    assert any("--role" in reason for reason in report.skipped)


def test_it_says_where_aws_has_changed(endpoint: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """An answer that differs from the fact is a line with both; what an account cannot answer is counted with the reason."""
    source = {"how": "measured", "date": "2026-01-01", "source": "x", "input": None}
    valid = {"StartAt": "A", "States": {"A": {"Type": "Succeed"}}}
    made = [
        {**source, "id": "changed", "kind": "validation", "definition": valid, "expected": {"verdict": "FAIL"}},
        {**source, "id": "same", "kind": "jsonata", "expression": "1 + 1", "expected": {"status": "SUCCEEDED", "output": 2}},
        {**source, "id": "lambda", "kind": "execution", "definition": valid, "functions": {"f": {}}, "expected": {}},
        {**source, "id": "other", "kind": "execution", "definition": valid, "expected": {"status": "SUCCEEDED", "output": {"a": 1}}},
    ]
    monkeypatch.setattr("tests.support.conformance_account.facts", lambda _: made)
    report = compare(client_of(endpoint), ROLE, {})
    assert (report.unexplained, report.agree.total()) == (2, 1)
    assert report.lines[0].startswith("changed (x, measured 2026-01-01) differs in verdict: AWS {")
    assert report.lines[1].endswith('now {"status": "SUCCEEDED", "output": {}, "error": null, "cause": null}')
    assert "1 skipped: it needs functions" in str(report)


def test_what_is_refused_and_what_is_not_allowed() -> None:
    """A definition that the API refuses is an answer; a missing permission stops the comparison."""

    class Refusing:
        code = "InvalidDefinition"

        def create_state_machine(self, **_: Any) -> Any:
            raise ClientError({"Error": {"Code": self.code, "Message": "no"}}, "CreateStateMachine")

    fact = next(fact for fact in facts() if fact["kind"] == "execution" and not {"functions", "mocks"} & fact.keys())
    client = Refusing()
    assert Account(client, ROLE).answer(fact)["status"] == "REFUSED"
    client.code = "AccessDeniedException"
    with pytest.raises(ClientError):
        Account(client, ROLE).answer(fact)
    with pytest.raises(Skipped):
        Account(client, "").answer(fact)
