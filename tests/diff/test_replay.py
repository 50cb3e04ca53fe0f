"""Replaying recorded executions: the same definition goes the same way, a changed one another way at the expected state."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from generator.asl.definition import definition_of
from generator.asl.read import read_text
from generator.commands.replay import to_text
from generator.diff.replay import Replayed, innermost, replay
from generator.engine import Execution, Fails, Mocks, Sequence, Waits, execute, start
from tests.support.commands import call

LAMBDA = "arn:aws:states:::lambda:invoke"
FUNCTION = "arn:aws:lambda:us-east-1:123456789012:function:"


def task(function: str, **fields: Any) -> dict[str, Any]:
    """Return a Task state that calls a function."""
    return {
        "Type": "Task",
        "Resource": LAMBDA,
        "Arguments": {"FunctionName": FUNCTION + function, "Payload": "{% $states.input %}"},
        **fields,
    }


def machine(states: dict[str, Any], **fields: Any) -> dict[str, Any]:
    """Return a definition that starts at its first state."""
    return {"QueryLanguage": "JSONata", "StartAt": next(iter(states)), "States": states, **fields}


def again(execution: Execution, new: dict[str, Any], old: dict[str, Any] | None = None, mocks: dict[str, Any] | None = None) -> Replayed:
    """Replay an execution of the engine against a definition."""
    definition, ran = (definition_of(read_text(json.dumps(each), "a.asl.json")) for each in (new, old or new))
    assert definition.walk is not None
    return replay(execution.history, definition, definition.walk, old=ran.walk, mocks=None if mocks is None else Mocks(mocks))


def first(result: Replayed) -> tuple[str, str, str, Any, Any]:
    """Return the first difference."""
    assert result.first is not None
    return (result.first.state, result.first.iteration, result.first.what, result.first.recorded, result.first.now)


RETRY = [{"ErrorEquals": ["Busy"], "IntervalSeconds": 5, "MaxAttempts": 2}]
LARGE = "{% $states.input.Payload.total > 100 %}"
LINE = machine({
    "Check": task("check", Retry=RETRY, Catch=[{"ErrorEquals": ["States.ALL"], "Next": "Failed"}], Next="Decide"),
    "Decide": {"Type": "Choice", "Choices": [{"Condition": LARGE, "Next": "Approve"}], "Default": "Pay"},
    "Approve": task("approve", Next="Pay"),
    "Pay": task("pay", End=True),
    "Failed": {"Type": "Fail", "Error": "Failed"},
})  # fmt: skip
EACH = machine({
    "Each": {
        "Type": "Map",
        "Items": "{% $states.input.items %}",
        "ItemProcessor": {
            "StartAt": "Inner",
            "States": {
                "Inner": {
                    "Type": "Map",
                    "Items": "{% [1, 2] %}",
                    "ItemProcessor": {"StartAt": "One", "States": {"One": task("one", Retry=RETRY, End=True)}},
                    "Next": "Two",
                },
                "Two": task("two", End=True),
            },
        },
        "End": True,
    }
})  # fmt: skip
BOTH = machine({
    "Both": {
        "Type": "Parallel",
        "Branches": [
            {"StartAt": "Left", "States": {"Left": task("left", Next="After"), "After": task("after", End=True)}},
            {"StartAt": "Right", "States": {"Right": task("right", End=True)}},
        ],
        "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "Rescue"}],
        "End": True,
    },
    "Rescue": task("rescue", End=True),
})  # fmt: skip
EACH_ONE = {"StartAt": "I", "States": {"I": task("i", End=True)}}
LOOP = machine({
    "Start": task("start", Output="{% $states.result.Payload %}", Next="Pause"),
    "Pause": {"Type": "Wait", "Seconds": 30, "Next": "Ask"},
    "Ask": task("ask", Output="{% $states.result.Payload %}", Next="Ended"),
    "Ended": {"Type": "Choice", "Choices": [{"Condition": "{% $states.input.state = 'DONE' %}", "Next": "Done"}], "Default": "Pause"},
    "Done": {"Type": "Succeed"},
})  # fmt: skip
NUMBERS = iter(range(10_000))


def counted(parameters: Any) -> dict[str, Any]:
    """Answer each call with another number."""
    return {"Payload": {"call": next(NUMBERS), "for": parameters["Payload"]}}


SEND = {"Type": "Task", "Resource": "arn:aws:states:::sqs:sendMessage", "Arguments": {"QueueUrl": "u", "MessageBody": "x"}, "End": True}
RETRY_ALL = [{"ErrorEquals": ["States.ALL"], "MaxAttempts": 3, "IntervalSeconds": 2}]
RETRIED_MAP = machine({
    "Each": {
        "Type": "Map",
        "Items": "{% [1, 2, 3] %}",
        "Retry": RETRY_ALL,
        "ItemProcessor": {"StartAt": "One", "States": {"One": task("one", Next="Two"), "Two": task("two", End=True)}},
        "End": True,
    }
})  # fmt: skip
RETRIED_BRANCHES = machine({
    "Both": {
        "Type": "Parallel",
        "Retry": RETRY_ALL,
        "Branches": [
            {"StartAt": "L", "States": {"L": task("l", Retry=RETRY_ALL, End=True)}},
            {"StartAt": "M", "States": {"M": {"Type": "Map", "Items": "{% [1, 2] %}", "ItemProcessor": EACH_ONE, "End": True}}},
        ],
        "End": True,
    }
})  # fmt: skip
TWO_FAILURES = Sequence({"Payload": 1}, Fails("X"), *({"Payload": n} for n in (2, 3)), Fails("Y"), *({"Payload": n} for n in (5, 6, 7)))
BUSY_TWICE = Sequence(Fails("Busy"), Fails("Busy", "again"), {"Payload": {"total": 500}})
ENDS_AT_LAST = Sequence(*({"Payload": {"state": state}} for state in ("RUNNING", "RUNNING", "DONE")))
CASES: dict[str, tuple[dict[str, Any], Any, dict[str, Any]]] = {
    "a line": (LINE, {"order": 1}, {"Check": {"Payload": {"total": 7}}, "Pay": {"Payload": "paid"}}),
    "retries": (LINE, {}, {"Check": BUSY_TWICE, "Approve": {"Payload": {}}, "Pay": {"Payload": 1}}),
    "a caught failure": (LINE, {}, {"Check": Fails("Broken", "because")}),
    "a loop": (LOOP, {}, {"Start": {"Payload": {}}, "Ask": ENDS_AT_LAST}),
    "nested maps": (EACH, {"items": ["a", "b", "c"]}, {"One": counted, "Two": counted}),
    "a failing iteration": (
        EACH,
        {"items": ["a"]},
        {"One": Sequence({"Payload": 1}, Fails("Busy"), {"Payload": 2}), "Two": Fails("Broken")},
    ),
    "branches": (BOTH, {}, {"Left": {"Payload": 1}, "After": {"Payload": 2}, "Right": {"Payload": 3}}),
    "a failing branch": (BOTH, {}, {"Left": {"Payload": 1}, "After": Fails("Broken"), "Right": {"Payload": 3}, "Rescue": {"Payload": 4}}),
    "a retried map": (RETRIED_MAP, {}, {"One": counted, "Two": TWO_FAILURES}),
    "retried branches": (RETRIED_BRANCHES, {}, {"L": BUSY_TWICE, "I": Sequence({"Payload": 1}, Fails("Z"), {"Payload": 2})}),
    "a service": (machine({"Send": SEND}), {}, {"Send": {"MessageId": "1"}}),
}


@pytest.mark.parametrize("name", CASES)
def test_the_same_definition_goes_the_same_way(name: str) -> None:
    """Event by event, and at the same times."""
    definition, document, mocks = CASES[name]
    before = execute(definition, document, mocks=mocks)
    result = again(before, definition)
    assert result.differences == []
    assert result.execution.history == before.history
    assert result.calls == len(before.calls())


def waiting(pattern: str, **fields: Any) -> dict[str, Any]:
    """Return a definition with a task that waits."""
    arguments = {"QueueUrl": "u", "MessageBody": {"token": "{% $states.context.Task.Token %}"}}
    return machine(
        {"Ask": {"Type": "Task", "Resource": f"arn:aws:states:::sqs:sendMessage{pattern}", "Arguments": arguments, **fields, "End": True}}
    )


def test_a_callback() -> None:
    """The answer comes as late as it came; a token that differs is no difference."""
    definition = waiting(".waitForTaskToken", HeartbeatSeconds=300)
    execution = start(definition, {}, mocks={"Ask": Waits({"MessageId": "7"})}).run()
    execution.advance(100)
    execution.send_task_success("Ask", {"approved": True})
    execution.run()
    result = again(execution, definition)
    assert result.differences == []
    assert (result.execution.output, result.execution.duration) == ({"approved": True}, 100)
    assert [event["type"] for event in result.execution.history] == [event["type"] for event in execution.history]


@pytest.mark.parametrize("limit", ["TimeoutSeconds", "HeartbeatSeconds"])
def test_a_callback_that_timed_out(limit: str) -> None:
    """It times out again. With more time its answer is not known; with less it times out earlier."""
    definition = waiting(".waitForTaskToken", **{limit: 60})
    execution = start(definition, {}, mocks={"Ask": Waits()}).run()
    execution.advance(100)
    result = again(execution, definition)
    assert result.differences == []
    assert (result.execution.error, result.execution.duration) == ("States.Timeout", 60)
    longer = again(execution, waiting(".waitForTaskToken", **{limit: 600}))
    assert first(longer)[:3] == ("Ask", "", "not recorded")
    assert longer.stopped
    shorter = again(execution, waiting(".waitForTaskToken", **{limit: 20}))
    assert shorter.differences == []
    assert shorter.execution.duration == 20


def test_an_execution_that_has_not_ended() -> None:
    """The replay waits where the recorded execution waits."""
    definition = waiting(".waitForTaskToken")
    result = again(start(definition, {}, mocks={"Ask": Waits()}).run(), definition)
    assert (result.differences, result.execution.status) == ([], "RUNNING")


def test_an_activity() -> None:
    """Its worker is in the history."""
    activity = "arn:aws:states:us-east-1:123456789012:activity:work"
    definition = {"StartAt": "Work", "States": {"Work": {"Type": "Task", "Resource": activity, "End": True}}}
    before = execute(definition, {"n": 1}, mocks={"Work": {"n": 2}})
    result = again(before, definition)
    assert result.differences == []
    assert result.execution.output == {"n": 2}


def test_a_distributed_map() -> None:
    """The state returns what it returned; its child executions are in other histories."""
    each = {
        "Type": "Map",
        "ItemsPath": "$.items",
        "ItemProcessor": {
            "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "EXPRESS"},
            "StartAt": "One",
            "States": {"One": {"Type": "Task", "Resource": FUNCTION + "one", "End": True}},
        },
        "ResultPath": "$.results",
        "End": True,
    }
    definition = {"StartAt": "Each", "States": {"Each": each}}
    before = execute(definition, {"items": [1, 2]}, mocks={"One": lambda item: item * 10})
    result = again(before, definition)
    assert result.differences == []
    assert result.execution.output == {"items": [1, 2], "results": [10, 20]}
    selected = {"StartAt": "Each", "States": {"Each": {**each, "ResultSelector": {"first.$": "$[0]"}}}}
    assert first(again(before, selected, old=definition))[:3] == ("Each", "", "not recorded")


def test_a_redriven_execution() -> None:
    """It is redriven again, and goes on as it did."""
    definition = machine({"A": task("a", End=True)})
    execution = start(definition, {}, mocks={"A": Sequence(Fails("Busy"), {"Payload": 1})}).run()
    execution.redrive().run()
    assert execution.status == "SUCCEEDED"
    result = again(execution, definition)
    assert result.differences == []
    assert [event["type"] for event in result.execution.history] == [event["type"] for event in execution.history]


# -- changed definitions -------------------------------------------------------------------------------------------------


def changed(state: str, definition: dict[str, Any] = LINE, **fields: Any) -> dict[str, Any]:
    """Return a definition with other fields of a state; None removes a field."""
    made = json.loads(json.dumps(definition))
    made["States"][state].update(fields)
    made["States"][state] = {name: value for name, value in made["States"][state].items() if value is not None}
    return made


def recorded(name: str = "a line") -> Execution:
    """Return a recorded execution."""
    definition, document, mocks = CASES[name]
    return execute(definition, document, mocks=mocks)


def test_a_rule_goes_another_way() -> None:
    """At the Choice state; and the state that comes now was never called."""
    rule = {"Condition": "{% $states.input.Payload.total > 5 %}", "Next": "Approve"}
    result = again(recorded(), changed("Decide", Choices=[rule]), LINE)
    assert first(result) == ("Decide", "", "state", "Pay", "Approve")
    assert [(each.state, each.what) for each in result.differences[1:]] == [("Approve", "not recorded")]
    answered = again(recorded(), changed("Decide", Choices=[rule]), LINE, {"Approve": {"Payload": {}}})
    assert first(answered)[:3] == ("Decide", "", "state")
    assert answered.execution.status == "SUCCEEDED"


def test_a_call_with_other_parameters() -> None:
    """The answer is the recorded one, and that it may be wrong is said."""
    arguments = {"FunctionName": FUNCTION + "pay", "Payload": {"amount": 1}}
    result = again(recorded(), changed("Pay", Arguments=arguments), LINE)
    assert first(result)[:3] == ("Pay", "", "parameters")
    assert len(result.differences) == 1


def test_another_output_and_the_input_after_it() -> None:
    """The first difference is where it begins."""
    result = again(recorded(), changed("Check", Output="{% {'Payload': $states.result.Payload, 'more': 1} %}"), LINE)
    assert [(each.state, each.what) for each in result.differences[:2]] == [("Check", "output"), ("Decide", "input")]


def test_fewer_retries() -> None:
    """What succeeded at the third attempt fails now, and is caught."""
    result = again(recorded("retries"), changed("Check", Retry=None), LINE)
    assert first(result) == ("Check", "", "outcome", "left", "caught Busy")


def test_more_time_is_needed_than_there_is() -> None:
    """A call that took a hundred seconds does not end in ten."""
    definition = waiting(".waitForTaskToken")
    execution = start(definition, {}, mocks={"Ask": Waits()}).run()
    execution.advance(100)
    execution.send_task_success("Ask", {})
    result = again(execution.run(), changed("Ask", definition, TimeoutSeconds=10), definition)
    assert first(result) == ("Ask", "", "outcome", "left", "failed with States.Timeout")


def test_a_renamed_state_is_the_same() -> None:
    """Its calls are answered under the new name."""
    renamed = json.loads(json.dumps(LINE).replace('"Pay"', '"ChargeCard"'))
    result = again(recorded(), renamed, LINE)
    assert (result.differences, result.names["Pay"]) == ([], "ChargeCard")


def test_an_iteration_differs() -> None:
    """The iteration is named."""
    made = json.loads(json.dumps(EACH))
    inner = made["States"]["Each"]["ItemProcessor"]["States"]["Inner"]["ItemProcessor"]["States"]["One"]
    inner["Output"] = "{% $states.input = 2 ? 'two' : $states.result %}"
    result = again(recorded("nested maps"), made, EACH)
    assert {(each.state, each.iteration) for each in result.differences if each.state == "One"} == {
        ("One", f"Each[{outer}] Inner[1]") for outer in range(3)
    }


def test_a_state_comes_before_the_first_one() -> None:
    """The difference is the start."""
    made = json.loads(json.dumps(LINE))
    made["StartAt"] = "New"
    made["States"]["New"] = {"Type": "Pass", "Next": "Check"}
    assert first(again(recorded(), made, LINE)) == ("New", "", "state", "Check", "New")


def test_what_differs_inside_comes_before_what_is_around() -> None:
    """The output of the Map states differs only because that of the iteration does."""
    made = json.loads(json.dumps(EACH))
    made["States"]["Each"]["ItemProcessor"]["States"]["Two"]["Output"] = "two"
    result = again(recorded("nested maps"), made, EACH)
    assert first(result)[:3] == ("Two", "Each[0]", "output")
    assert result.differences[-1].what == "end" or result.differences[-1].state == "Each"


def test_a_difference_is_shown_where_it_is() -> None:
    """A path leads to the first member that differs."""
    made = changed("Check", Output="{% {'Payload': {'total': $states.result.Payload.total, 'more': 1}} %}")
    result = again(recorded(), made, LINE)
    assert result.first is not None
    assert innermost(result.first)[0] == "$.Payload.more"
    assert "  at        $.Payload.more\n  recorded  none\n  now       1\n" in to_text(result, "pay")


# -- the command ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a history, its definition, and a changed one."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "history.json").write_text(json.dumps({"events": recorded().history}, default=str))
    (tmp_path / "same.asl.json").write_text(json.dumps(LINE))
    (tmp_path / "other.asl.json").write_text(json.dumps(changed("Decide", Default="Failed")))
    return tmp_path


@pytest.mark.usefixtures("files")
def test_text_json_and_exit_codes() -> None:
    """The first difference has both sides."""
    same = call("replay", "history.json", "--definition", "same.asl.json", "--exit-code")
    assert (same.exit_code, same.stderr) == (0, "")
    assert same.stdout.endswith("no difference: the definition goes the recorded way, to SUCCEEDED\n")
    other = call("replay", "history.json", "--definition", "other.asl.json", "--exit-code")
    assert other.exit_code == 1
    assert "first difference: Decide, next state\n  recorded  -> Pay\n  now       -> Failed\n" in other.stdout
    assert other.stdout.endswith("recorded: SUCCEEDED\nnow:      FAILED: Failed\n")
    assert call("replay", "history.json", "--definition", "other.asl.json").exit_code == 0
    document = json.loads(call("replay", "history.json", "--definition", "other.asl.json", "--format", "json").stdout)
    assert document["differences"][0]["state"] == "Decide"
    assert (document["recorded"]["status"], document["now"]["status"]) == ("SUCCEEDED", "FAILED")


@pytest.mark.usefixtures("files")
def test_the_page_shows_both() -> None:
    """With the first difference."""
    result = call("replay", "history.json", "--definition", "other.asl.json", "--view")
    (path,) = [word.removesuffix(":") for word in result.stderr.split() if word.startswith("/")]
    text = Path(path).read_text(encoding="utf-8")
    assert "<title>other: recorded and replayed</title>" in text


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("no.json",), 1, "SFN004"),
        (("same.asl.json", "--definition", "same.asl.json"), 1, "SFN862"),
        (("cut.json", "--definition", "same.asl.json"), 1, "SFN862"),
        (("bare.json", "--definition", "same.asl.json"), 1, "SFN862"),
        (("odd.json", "--definition", "same.asl.json"), 1, "SFN862"),
        (("history.json", "--definition", "no-such-thing"), 2, "SFN860"),
        (("history.json", "--definition", "history.json"), 1, "SFN"),
        (("history.json", "--definition", "bad.asl.json"), 1, "SFN1"),
        (("history.json",), 2, "SFN861"),
        (("history.json", "--definition", "same.asl.json", "--mock", '{"Nobody": {"return": 1}}'), 1, "SFN012"),
        (("history.json", "--definition", "same.asl.json", "--set", "no=1"), 1, "SFN841"),
        (("history.json", "--definition", "same.asl.json", "--ran", "history.json"), 1, "SFN"),
    ],
)
def test_bad_input_is_a_diagnostic(files: Path, arguments: tuple[str, ...], code: int, said: str) -> None:
    """With a code and an exit code, and without a traceback."""
    events = json.loads((files / "history.json").read_text())["events"]
    (files / "cut.json").write_text(json.dumps({"events": events[3:]}))
    bare = [{"type": "ExecutionStarted", "id": 1, "timestamp": 0, "executionStartedEventDetails": {"roleArn": "r"}}]
    (files / "bare.json").write_text(json.dumps({"events": bare}))
    (files / "odd.json").write_text(json.dumps([{"type": "ExecutionStarted", "id": "x", "timestamp": []}]))
    (files / "bad.asl.json").write_text(json.dumps(changed("Pay", Next="Nowhere", End=None)))
    result = call("replay", *arguments)
    assert (result.exit_code, result.stdout) == (code, "")
    assert said in result.stderr


def test_the_workflow_of_the_project(project) -> None:
    """Found by its states; placeholders have the values of the recorded calls, also those of another account."""
    root = project(
        flow="""\
        from generator import Function, Succeed, Task, Workflow, states

        check = Function("check")
        made = Workflow("made", steps=[Task("Check", check.invoke(states.input)), Succeed("Done")])
        """
    )
    (root / "answers.json").write_text('{"Check": {"return": {"Payload": 1}}}')
    assert call("run", "made", "--mock", "answers.json", "--history", "history.json").exit_code == 0
    text = (root / "history.json").read_text().replace("local-check", "shop-prod-check").replace("123456789012", "111122223333")
    (root / "history.json").write_text(text)
    result = call("replay", "history.json")
    assert result.stdout.startswith("made: 2 states recorded, 1 call answered from the history\nno difference")


def test_events_that_are_not_in_order_are_refused() -> None:
    """An event that follows a later one is not one of a history."""
    history = recorded().history
    history[2]["previousEventId"] = 9
    definition = definition_of(read_text(json.dumps(LINE), "a.asl.json"))
    assert definition.walk is not None
    with pytest.raises(ValueError, match="the event with the id 3 comes after the event 9, which is not before it"):
        replay(history, definition, definition.walk)
