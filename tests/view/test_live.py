"""The page of a server, with the Step Functions of the local stack behind it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from generator.local.api import HttpAnswer, HttpRequest
from generator.local.serving import http_application, served
from generator.local.stepfunctions.service import StepFunctions
from generator.local.stepfunctions.wire import running
from generator.view.live import PREFIX, LiveView, Operations
from tests.support.commands import call
from tests.support.pages import data_of

ROLE = "arn:aws:iam::123456789012:role/r"
MACHINE = {
    "StartAt": "Long",
    "States": {"Long": {"Type": "Wait", "SecondsPath": "$.seconds", "Next": "Done"}, "Done": {"Type": "Succeed"}},
}
HEADERS = {"Content-Type": "application/json", "X-Requested-With": "sfn-view"}


@pytest.fixture
def service() -> Iterator[StepFunctions]:
    """Step Functions with one state machine, in real time."""
    made = StepFunctions()
    made.call("CreateStateMachine", {"name": "patience", "definition": json.dumps(MACHINE), "roleArn": ROLE})
    yield made
    made.close()


@pytest.fixture
def live(service: StepFunctions) -> LiveView:
    """The view of it."""
    return LiveView(Operations(service.call))


def test_the_interface(service: StepFunctions, live: LiveView) -> None:
    """Start, list, look, stop and redrive; what has not changed is not sent again."""

    def ask(method: str, what: str, body: Any = None, query: str = "", headers: dict[str, str] = HEADERS) -> tuple[int, Any]:
        answer = live.answer(method, PREFIX + what, query, headers, b"" if body is None else json.dumps(body).encode())
        assert answer is not None
        return answer.status, json.loads(answer.body)

    (machine,) = ask("GET", "machines")[1]["machines"]
    arn = ask("POST", "start", {"machine": machine["arn"], "name": "one", "input": '{"seconds": 600}'})[1]["arn"]
    (listed,) = ask("GET", "executions")[1]["executions"]
    assert (listed["arn"], listed["machine"], listed["status"]) == (arn, "patience", "RUNNING")
    service.settle(10)
    data = ask("GET", "execution", query=f"arn={arn}")[1]
    assert [data["states"][visit["s"]]["name"] for visit in data["visits"]] == ["Long"]
    assert ask("GET", "execution", query=f"arn={arn}&version={data['now']}")[1] == {"same": True}
    assert ask("POST", "stop", {"arn": arn})[0] == 200
    assert ask("GET", "execution", query=f"arn={arn}&version={data['now']}")[1]["status"] == "ABORTED"
    assert ask("POST", "redrive", {"arn": arn})[0] == 200
    assert ask("GET", "executions")[1]["executions"][0]["status"] == "RUNNING"
    status, answer = ask("POST", "start", {"machine": machine["arn"], "name": "one", "input": "{"})
    assert status == 400
    assert "InvalidExecutionInput" in answer["message"]
    assert ask("POST", "stop", {"arn": arn}, headers={"Content-Type": "text/plain"})[0] == 403
    assert ask("POST", "stop", {"arn": arn}, headers={"Content-Type": "application/json"})[0] == 403
    assert ask("GET", "nothing")[0] == 404
    assert live.answer("GET", "/orders") is None


def test_express_executions_and_a_range_of_times() -> None:
    """The local stack lists its Express executions, with their histories; of AWS the page says which it cannot list."""
    with StepFunctions(pace="held", start=1000.0) as service:
        done = json.dumps({"StartAt": "Done", "States": {"Done": {"Type": "Succeed"}}})
        arns = []
        for name, kind in (("quick", "EXPRESS"), ("usual", "STANDARD")):
            made = service.call("CreateStateMachine", {"name": name, "definition": done, "roleArn": ROLE, "type": kind})
            arns.append(service.call("StartExecution", {"stateMachineArn": made["stateMachineArn"]})["executionArn"])
            service.settle(10)
            service.advance(100)
        live = LiveView(Operations(service.call), express=lambda: service.express_executions)

        def ask(what: str, query: str = "", view: LiveView = live) -> Any:
            answer = view.answer("GET", PREFIX + what, query)
            assert answer is not None
            return json.loads(answer.body)

        found = ask("executions")
        assert ([one["machine"] for one in found["executions"]], found["unlisted"]) == (["usual", "quick"], [])
        quick = ask("execution", f"arn={arns[0]}")
        assert (quick["kind"], quick["status"], len(quick["visits"])) == ("EXPRESS", "SUCCEEDED", 1)
        assert ask("execution", f"arn={arns[0]}&version={quick['now']}") == {"same": True}
        for query, names in (
            ("from=1050", ["usual"]),
            ("to=1050", ["quick"]),
            ("from=1&to=2", []),
            ("from=1000&to=1100", ["usual", "quick"]),
        ):
            assert [one["machine"] for one in ask("executions", query)["executions"]] == names, query
        assert "not a number" in ask("executions", "from=x")["message"]
        account = ask("executions", view=LiveView(Operations(service.call)))
        assert ([one["machine"] for one in account["executions"]], account["unlisted"]) == (["usual"], ["quick"])


def test_the_page_in_a_browser(browser: Any, live: LiveView) -> None:
    """A newcomer starts an execution in the page, sees it run, stops it, and redrives it."""

    def respond(request: HttpRequest) -> HttpAnswer:
        made = live.answer(request.method, request.path, request.query, dict(request.headers), request.body)
        return HttpAnswer(404, [], b"") if made is None else HttpAnswer(made.status, made.headers, made.body)

    problems: list[str] = []
    with served(http_application(respond)) as url:
        context = browser.new_context()
        page = context.new_page()
        page.set_default_timeout(10_000)
        page.on("pageerror", lambda error: problems.append(str(error)))
        page.on("request", lambda request: None if request.url.startswith((url, "blob:", "data:")) else problems.append(request.url))
        page.goto(url)
        page.click("text=Start an execution")
        page.fill("#start-name", "first")
        page.fill("#start-input", '{"seconds": 900}')
        page.click("dialog >> button:text-is('Start')")
        page.wait_for_selector("h1:text('patience')")
        assert page.locator(".headline .badge").inner_text() == "In progress"
        page.click("header >> text=Stop")
        page.wait_for_selector(".headline .badge:text('Cancelled')")
        page.click("header >> text=Redrive")
        page.wait_for_selector(".headline .badge:text('In progress')")
        page.click("header >> text=New execution")
        page.fill("#start-input", '{"seconds": 0}')
        page.click("dialog >> button:text-is('Start')")
        page.wait_for_selector(".headline .badge:text('Succeeded')")
        page.click("header >> text=Executions")
        page.wait_for_selector("tbody tr")
        assert page.locator("tbody tr").count() == 2
        page.fill("#range-to", "2020-01-01T00:00:00")
        page.wait_for_selector("tbody:not(:has(tr))", state="attached")
        page.fill("#range-to", "")
        page.wait_for_selector("tbody tr")
        page.click("text=first")
        page.wait_for_selector("h1:text('patience')")
        context.close()
    assert problems == []


def test_an_execution_is_fetched_by_its_arn(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With its definition, the child executions of its map run, failed ones first, and the execution that it started."""
    for name, value in {"AWS_ACCESS_KEY_ID": "x", "AWS_SECRET_ACCESS_KEY": "y", "AWS_DEFAULT_REGION": "us-east-1"}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.chdir(tmp_path)
    check = {"Type": "Choice", "Choices": [{"Variable": "$.n", "NumericEquals": 2, "Next": "No"}], "Default": "Yes"}
    states = {"Check": check, "No": {"Type": "Fail", "Error": "Two"}, "Yes": {"Type": "Succeed"}}
    each = {"ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}, "StartAt": "Check", "States": states}
    service = StepFunctions(pace="virtual")
    with running(service) as url:
        child = service.call("CreateStateMachine", {"name": "child", "definition": json.dumps(MACHINE), "roleArn": ROLE})
        arguments = {"StateMachineArn": child["stateMachineArn"], "Input": {"seconds": 5}}
        call_child = {"Type": "Task", "Resource": "arn:aws:states:::states:startExecution.sync:2", "Parameters": arguments, "End": True}
        state = {"Type": "Map", "ItemsPath": "$.items", "ItemProcessor": each, "ToleratedFailureCount": 1, "Next": "CallChild"}
        machine = {"StartAt": "Each", "States": {"Each": state, "CallChild": call_child}}
        made = service.call("CreateStateMachine", {"name": "parent", "definition": json.dumps(machine), "roleArn": ROLE})
        given = json.dumps({"items": [{"n": n} for n in range(4)]})
        arn = service.call("StartExecution", {"stateMachineArn": made["stateMachineArn"], "input": given})["executionArn"]
        assert service.settle(20)
        result = call("view", arn, "--endpoint-url", url, "-o", "-")
        fewer = call("view", arn, "--endpoint-url", url, "--children", "2", "-o", "-")
        missing = call("view", arn + "x", "--endpoint-url", url, "-o", "-")
    assert result.exit_code == 0, result.stderr
    data = data_of(result.stdout)["execution"]
    assert (data["title"], data["status"]) == ("parent", "SUCCEEDED")
    assert sorted(one[2] for one in data["iterations"]) == ["FAILED", "SUCCEEDED", "SUCCEEDED", "SUCCEEDED"]
    assert data["iterations"][0][1:3] == [2, "FAILED"]  # the third item
    assert sorted(one[1] for one in data["iterations"]) == [0, 1, 2, 3]
    assert [one[1] for one in data_of(fewer.stdout)["execution"]["iterations"]] == [2, 0]
    assert data["mapRuns"][0]["itemCounts"]["failed"] == 1
    assert [one["title"] for one in data["linked"]] == ["child"]
    assert [one["st"] for one in data["linked"][0]["visits"]] == ["succeeded", "succeeded"]
    assert missing.exit_code == 1
    assert "ExecutionDoesNotExist" in missing.stderr
