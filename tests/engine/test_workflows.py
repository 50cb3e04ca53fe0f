"""The engine on workflows, files and definitions, and the questions that a test asks an execution."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from generator import (
    Catch,
    Choice,
    DistributedMap,
    Fail,
    Function,
    Map,
    Parallel,
    Queue,
    Retry,
    StateMachine,
    Step,
    Succeed,
    Table,
    Task,
    Topic,
    Workflow,
    errors,
    fn,
    placeholder,
    states,
    variables,
    when,
)
from generator.engine import (
    DefinitionError,
    ExecutionFailedError,
    Fails,
    InputError,
    MockError,
    Mocks,
    Sequence,
    TaskTokenError,
    Waits,
    execute,
    start,
    test_state,
)
from tests.support.machines import machine, task
from workflows.examples.resources import charge_card
from workflows.examples.take_payment import charge, take_payment
from workflows.resources import order_queue, order_storage, validator

ROOT = Path(__file__).resolve().parents[2]
PAYMENT = {"payment_id": "p1", "amount": 5, "card": "c"}
CHARGED = {"functions": {charge_card: lambda event: {"charge_id": f"c-{event['payment_id']}"}}, "mocks": {"RecordPayment": {}}}

_TRANSIENT = Retry(errors.TASK_FAILED, interval_seconds=1, max_attempts=3, backoff_rate=2)
_STORAGE_FAILED = Fail("StorageFailed", error="StorageFailed", cause="The order could not be stored.")
_VALIDATION_FAILED = Fail("ValidationFailed", error="ValidationFailed", cause="The order breaks a business rule.")
order_processing = Workflow(
    "order-processing",
    steps=[
        Task("ValidateOrder", validator.invoke(states.input), retry=_TRANSIENT),
        Choice("CheckValidation", when(states.input.validation.status == "PASSED"), otherwise=_VALIDATION_FAILED),
        Task("StoreOrder", order_storage.invoke(states.input), retry=_TRANSIENT, catch=Catch(errors.TASK_FAILED, _STORAGE_FAILED)),
        Choice("CheckStorage", when(states.input.storage.status == "SUCCESS"), otherwise=_STORAGE_FAILED),
        Task("SendToQueue", order_queue.send_message(states.input), retry=_TRANSIENT),
        Succeed("QueueSent"),
    ],
)


def order(status: str = "PASSED", stored: str = "SUCCESS", **mocks: Any) -> Any:
    """Process an order with functions that answer so."""
    functions = {
        "validator": lambda event: {**event, "validation": {"status": status}},
        order_storage: lambda event: {**event, "storage": {"status": stored}},
    }
    return execute(order_processing, {"order": {"id": 1}}, functions=functions, mocks={order_queue: {"MessageId": "1"}, **mocks})


# --- what can be run ------------------------------------------------------------------------------------------------


def test_a_workflow_runs() -> None:
    """Functions and mocks are given by the declared resource or by its name."""
    execution = order().raise_for_status()
    assert execution.path == ["ValidateOrder", "CheckValidation", "StoreOrder", "CheckStorage", "SendToQueue", "QueueSent"]


@pytest.mark.parametrize(
    "target",
    [
        str(ROOT / "build/order-processing/definition.asl.json"),
        ROOT / "build/order-processing/definition.asl.json",
        ROOT / "build/order-processing",
    ],
)
def test_a_file_runs(target: Any) -> None:
    """A path as text, a Path, and a folder of ``build/`` run as the workflow does."""
    functions = {"validator": lambda event: {**event, "validation": {"status": "NO", "reasons": []}}}
    execution = execute(target, {}, functions=functions)
    assert (execution.status, execution.error, execution.machine.title) == ("FAILED", "ValidationFailed", "order-processing")
    assert [call.resource for call in execution.calls(validator)] == ["validator"]


def test_yaml_and_json_inputs(tmp_path: Path) -> None:
    """A definition in YAML, and an input in a file."""
    (tmp_path / "flow.asl.yaml").write_text("StartAt: P\nStates:\n  P: {Type: Pass, End: true}\n")
    (tmp_path / "input.json").write_text('{"n": 1}')
    assert execute(tmp_path / "flow.asl.yaml", tmp_path / "input.json").output == {"n": 1}
    with pytest.raises(InputError, match="No such file"):
        execute(tmp_path / "flow.asl.yaml", tmp_path / "nothing.json")


@pytest.mark.parametrize("target", [take_payment, ROOT / "build/examples/take-payment"])
def test_child_workflows_are_found(target: Any) -> None:
    """A workflow starts the object that it refers to; a file starts its sibling. Neither is registered."""
    execution = execute(target, PAYMENT, functions={"charge-card": lambda event: {"charge_id": "c-p1"}}, mocks={"RecordPayment": {}})
    assert execution.output_or_raise() == {"payment_id": "p1", "charge_id": "c-p1"}
    (child,) = execution.children
    assert child.path == ["ChargeCard", "RecordPayment"]
    assert [call.parameters["Payload"]["amount"] for call in execution.calls("charge-card")] == [5]


def test_the_type_of_a_workflow_is_its_own() -> None:
    """An Express workflow runs as one; ``type`` replaces it."""
    assert ":express:" in execute(charge, PAYMENT, **CHARGED).arn
    assert ":execution:" in execute(charge, PAYMENT, type="STANDARD", **CHARGED).arn


def test_a_workflow_that_starts_itself() -> None:
    """Child workflows are found however they refer to each other."""
    inner = Workflow("inner", steps=[Succeed("Done", output={"n": states.input.n})])
    middle = Workflow("middle", steps=[Task("Inner", inner.run({"n": states.input.n}))])
    outer = Workflow("outer", steps=[Task("First", middle.run({"n": 1})), Task("Second", inner.run({"n": 2}))])
    execution = execute(outer).raise_for_status()
    assert [child.machine.title for child in execution.children] == ["middle", "inner"]
    assert execution.output["n"] == 2


def test_existing_state_machines() -> None:
    """A state machine that the project does not define is given, or its absence is an error that nothing catches."""
    billing = StateMachine("billing")
    bill = Workflow("bill", steps=[Task("Bill", billing.run({}), catch=Catch(errors.ALL, Succeed("Caught")))])
    missing = execute(bill)
    assert missing.error == "Local.NotAvailable"
    assert "state_machines={'billing': workflow}" in str(missing.cause)
    stand_in = machine(("P", {"Type": "Pass", "Result": {"billed": True}}))
    for key in (billing, "billing", "arn:aws:states:us-east-1:123456789012:stateMachine:billing"):
        assert execute(bill, state_machines={key: stand_in}).output == {"billed": True}


def test_a_child_workflow_can_be_replaced() -> None:
    """What a test gives for a workflow of the project comes before the workflow, and has its type."""
    stand_in = machine(("P", {"Type": "Pass", "Result": {"charge_id": "none"}}))
    execution = execute(take_payment, PAYMENT, state_machines={charge: stand_in})
    assert execution.output_or_raise() == {"charge_id": "none"}
    renamed = Workflow("other", type="EXPRESS", steps=[Succeed("Done", output={"charge_id": "other"})])
    assert execute(take_payment, PAYMENT, state_machines={"charge": renamed}).output_or_raise() == {"charge_id": "other"}


def test_what_a_child_cannot_call_is_not_caught() -> None:
    """A catcher does not hide that nothing here performs a call of a child workflow or of a Distributed Map."""
    execution = execute(take_payment, PAYMENT, mocks={"RecordPayment": {}})
    assert execution.error == "Local.NotAvailable"
    assert str(execution.cause).startswith("In charge: State 'ChargeCard' calls")
    each = DistributedMap("Each", steps=[Task("Work", validator.invoke({}))], items=[1, 2], catch=Catch(errors.ALL, Succeed("Caught")))
    assert execute(Workflow("many", steps=[each])).error == "Local.NotAvailable"


def test_placeholders_have_values() -> None:
    """Declared resources have the names of a laptop, a FIFO one its suffix; others are given."""
    fifo, topic, table = Queue("work", fifo=True), Topic("news"), Table("orders", key="id")
    steps = [
        Task("Send", fifo.send_message("m", group_id="g")),
        Task("Tell", topic.publish("m")),
        Task("Get", table.get_item({"id": {"S": placeholder("prefix")}})),
    ]
    flow = Workflow("all", steps=steps)
    execution = execute(flow, mocks={"Send": {}, "Tell": {}, "Get": {}}, substitutions={"prefix": "p"})
    send, tell, get = execution.raise_for_status().calls()
    assert send.parameters["QueueUrl"] == "https://sqs.us-east-1.amazonaws.com/123456789012/local-work.fifo"
    assert tell.parameters["TopicArn"] == "arn:aws:sns:us-east-1:123456789012:local-news"
    assert (get.parameters["TableName"], get.parameters["Key"]) == ("local-orders", {"id": {"S": "p"}})
    assert [call.resource for call in execution.calls()] == ["work", "news", "orders"]
    assert execution.warnings == []
    unfilled = execute(flow, mocks={"Send": {}, "Tell": {}, "Get": {}})
    assert unfilled.warnings == ["The placeholder ${prefix} has no value: pass substitutions={'prefix': ...}"]


def test_the_diagnostics_of_a_workflow() -> None:
    """Mistakes in a workflow are shown at their lines, those of the compiler and those of the checks."""
    wrong = Workflow("wrong", steps=[Choice("C", when(states.input.a == 1, "Nowhere"), otherwise=Succeed("S"))])
    with pytest.raises(DefinitionError) as raised:
        execute(wrong)
    assert [(found.code, Path(found.span.file).name) for found in raised.value.diagnostics] == [("SFN101", "test_workflows.py")]
    assert "test_workflows.py:" in str(raised.value)
    assert 'Choice("C", when(states.input.a == 1, "Nowhere")' in str(raised.value)
    broken_child = Workflow("parent", steps=[Task("Run", wrong.run({}))])
    with pytest.raises(DefinitionError, match="Nowhere"):
        execute(broken_child)


def test_the_diagnostics_of_a_file(tmp_path: Path) -> None:
    """A file that does not exist or has errors is named."""
    with pytest.raises(DefinitionError, match="SFN004"):
        execute(tmp_path / "none.json")
    file = tmp_path / "bad.asl.json"
    file.write_text('{"StartAt": "A",\n "States": {"A": {"Type": "Pass", "Next": "B"}}}')
    with pytest.raises(DefinitionError, match=r"bad\.asl\.json:2"):
        execute(file)
    (tmp_path / "placeholders.json").write_text('{"x_arn": {"kind": "queue", "resource": "x", "attribute": "arn"}}')
    with pytest.raises(DefinitionError, match=r"bad\.asl\.json:2"):
        execute(file)


@pytest.mark.parametrize("wrong", [None, 3, [Succeed("Done")], Succeed("Done")])
def test_what_cannot_be_run(wrong: Any) -> None:
    """Anything else is refused with what to pass."""
    with pytest.raises(TypeError, match="pass a Workflow, the path of a file, or a definition"):
        execute(wrong)


def test_one_state_of_a_workflow() -> None:
    """``test_state`` takes a state of a workflow by its name, also one inside of another state."""
    result = test_state(order_processing, {"validation": {"status": "PASSED"}}, state_name="CheckValidation")
    assert (result.status, result.next_state) == ("SUCCEEDED", "StoreOrder")
    failed = test_state(order_processing, {}, state_name="StoreOrder", mock=Fails("Boom", "why"))
    assert failed.status in {"RETRIABLE", "CAUGHT_ERROR"}
    invoked = test_state(order_processing, {"n": 1}, state_name="ValidateOrder", functions={validator: lambda event: event})
    assert invoked.output == {"n": 1}


# --- what an execution answers --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "what",
    [order_queue, "order-queue", "order_queue", "local-order-queue", "sqs:sendMessage", "arn:aws:states:::sqs:sendMessage", "SendToQueue"],
)
def test_calls(what: Any) -> None:
    """The calls of a resource: by the object, any of its names, the integration, or the state."""
    (call,) = order().calls(what)
    assert call.parameters["MessageBody"]["order"] == {"id": 1}
    assert (call.state, call.resource, call.integration) == ("SendToQueue", "order-queue", "sqs:sendMessage")
    assert (call.result, call.error, call.attempt, call.status) == ({"MessageId": "1"}, None, 1, "SUCCEEDED")


def test_calls_that_were_not_made() -> None:
    """A resource that was not called has no calls; a name that no task can call is misspelt."""
    execution = order(status="FAILED")
    assert execution.calls(order_queue) == execution.calls("order_queue") == []
    assert execution.calls(Queue("another")) == []
    with pytest.raises(LookupError, match="did you mean 'order-queue'"):
        execution.calls("order_queu")


def test_data_is_not_a_call() -> None:
    """The URL of a queue in the payload of a function is not a call of the queue."""
    flow = Workflow("pass-on", steps=[Task("Call", validator.invoke({"queue": order_queue.url}))])
    execution = execute(flow, functions={validator: lambda event: event["queue"]})
    assert "local-order-queue" in execution.output_or_raise()
    assert (len(execution.calls(validator)), execution.calls(order_queue)) == (1, [])


def test_visits_and_attempts() -> None:
    """A visit has its data, its attempts and its failure."""
    execution = order(StoreOrder=Sequence(Fails("Busy", "later"), Fails("Busy"), {"Payload": {"storage": {"status": "SUCCESS"}}}))
    (visit,) = execution.visits("StoreOrder")
    assert [call.error for call in visit.attempts] == ["Busy", "Busy", None]
    assert (visit.failed, visit.caught, visit.output) == (False, False, {"storage": {"status": "SUCCESS"}})
    assert visit.left is not None
    assert visit.left - visit.entered == 3
    failed = order(StoreOrder=Fails("Broken", "disk full"))
    (visit,) = failed.visits("StoreOrder")
    assert (len(visit.attempts), visit.caught, visit.error, visit.cause) == (4, True, "Broken", "disk full")
    assert failed.visits("SendToQueue") == []
    with pytest.raises(LookupError, match="did you mean 'StoreOrder'"):
        failed.visits("StorOrder")
    with pytest.raises(LookupError, match="these did: ValidateOrder"):
        failed.input_of("SendToQueue")


def test_visits_inside_of_states() -> None:
    """Branches and iterations keep their visits apart, and a Distributed Map's children are among them."""
    double = Task("Double", validator.invoke(states.input))
    flow = Workflow(
        "nested",
        steps=[
            Parallel("Both", [Map("Each", steps=[double], items=[1, 2, 3])], [Succeed("Nothing")], output=[1, 2]),
            DistributedMap("Many", steps=[Task("Triple", order_storage.invoke(states.input))], items=[4, 5]),
        ],
    )
    functions = {validator: lambda event: event * 2, order_storage: lambda event: event * 3}
    execution = execute(flow, functions=functions).raise_for_status()
    assert [(visit.input, visit.output, visit.depth) for visit in execution.visits("Double")] == [(1, 2, 2), (2, 4, 2), (3, 6, 2)]
    assert execution.output_of("Each") == [2, 4, 6]
    assert [visit.output for visit in execution.visits("Triple")] == [12, 15]
    assert [call.parameters["Payload"] for call in execution.calls(order_storage)] == [4, 5]
    assert execution.calls("Double")[0].result["Payload"] == 2


def test_failures_in_nested_states() -> None:
    """A Map whose iteration failed is a failed visit, and a caught one if it is caught; so is a state whose expression failed."""
    each = Map("Each", steps=[Task("Work", validator.invoke({}))], items=[1], catch=Catch(errors.ALL, Succeed("Caught")))
    execution = execute(Workflow("m", steps=[each]), mocks={"Work": Fails("Bad", "no")})
    assert execution.status == "SUCCEEDED"
    assert [(visit.name, visit.failed, visit.caught) for visit in execution.visits()] == [
        ("Each", True, True),
        ("Work", True, False),
        ("Caught", False, False),
    ]
    wrong = Task("Wrong", validator.invoke({}), output=fn.parse_json(states.input.text), catch=Catch(errors.ALL, Fail("Stop", error="E")))
    failed = execute(Workflow("w", steps=[wrong]), {"text": "{"}, functions={validator: lambda event: 1})
    (visit,) = failed.visits("Wrong")
    assert (visit.caught, visit.error) == (True, "States.QueryEvaluationError")
    assert [(visit.name, visit.error) for visit in failed.visits()] == [("Wrong", "States.QueryEvaluationError"), ("Stop", "E")]


def test_visits_after_a_redrive() -> None:
    """A redriven state continues its visit."""
    answers = Sequence(Fails("Bad"), {"Payload": 1})
    execution = execute(Workflow("r", steps=[Task("Work", validator.invoke({}))]), mocks={"Work": answers})
    assert execution.redrive().finish().output_or_raise() == 1
    assert [[call.error for call in visit.attempts] for visit in execution.visits("Work")] == [["Bad", None]]


def test_a_failed_execution_says_what_it_did() -> None:
    """The error of ``raise_for_status`` is the text view; the representation is short, with the failure first and the path last."""
    execution = order(StoreOrder=Fails("Broken", "disk full"))
    with pytest.raises(ExecutionFailedError) as raised:
        execution.output_or_raise()
    text = str(raised.value)
    assert "order-processing FAILED after 7 s" in text
    assert "path: ValidateOrder → CheckValidation → StoreOrder → StorageFailed" in text
    assert "attempt 4: error: Broken: disk full" in text
    assert (raised.value.execution, raised.value.error) == (execution, "StorageFailed")
    shown = repr(execution)
    assert shown.startswith("<Execution order-processing FAILED StorageFailed: The order could not be stored.")
    assert shown.endswith("path: ValidateOrder → CheckValidation → StoreOrder → StorageFailed>")
    long = execute(
        machine(*((f"State{n}", {"Type": "Pass"}) for n in range(50)), ("F", {"Type": "Fail", "Error": "E", "Cause": "c" * 500}))
    )
    assert len(repr(long)) < 240  # what pytest shows of a value
    assert order().raise_for_status().text().startswith("order-processing SUCCEEDED")


def test_the_view_escapes_what_a_terminal_would_obey() -> None:
    """Control characters in data and causes are shown, not sent."""
    execution = execute(machine(("F", {"Type": "Fail", "Error": "E\x1b[31m", "Cause": "\x1b]0;title\x07"})), {"a": "\x9b31m"})
    assert not {"\x1b", "\x07", "\x9b"} & {*execution.text()}


def test_answering_by_the_name_of_the_state() -> None:
    """A waiting state is answered by its name; one that does not wait is named."""
    ask = task("arn:aws:states:::sqs:sendMessage.waitForTaskToken", Parameters={"QueueUrl": "u", "MessageBody.$": "$$.Task.Token"})
    definition = machine(("Ask", ask), ("Then", {"Type": "Pass"}))
    execution = start(definition, mocks={"Ask": Waits()}).run()
    assert repr(execution) == "<Execution workflow RUNNING waits in Ask, path: Ask>"
    with pytest.raises(TaskTokenError, match="state 'Then' does not wait; Ask waits"):
        execution.send_task_success("Then", 1)
    with pytest.raises(ExecutionFailedError, match="waiting: Ask"):
        execution.raise_for_status()
    execution.send_task_success("Ask", {"ok": True})
    assert execution.run().output == {"ok": True}
    two = start(machine(("M", {"Type": "Map", "ItemProcessor": machine(("Ask", ask))})), [1, 2], mocks={"Ask": Waits()}).run()
    with pytest.raises(TaskTokenError, match="2 visits to 'Ask' wait"):
        two.send_task_success("Ask", 1)


# --- mocks that cannot be used --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("mocks", "message"),
    [
        ({"StorOrder": {}}, "no task has the name 'StorOrder' or calls 'StorOrder'; did you mean 'StoreOrder'?"),
        ({"Zebra": {}}, "the tasks are SendToQueue, StoreOrder, ValidateOrder; they call"),
        ({"CheckStorage": {}}, "the mock of 'CheckStorage' is for a Choice state, and only Task states can be mocked"),
        ({"StoreOrder": Fails}, "the mock of 'StoreOrder' is the class Fails: write Fails('Error')"),
        ({"StoreOrder": Waits}, "write Waits()"),
        ({"StoreOrder": ValueError}, "write Fails('ValueError')"),
        ({"StoreOrder": ValueError("no")}, "write Fails('ValueError', 'no')"),
        ({"StoreOrder": [Fails("A"), {}]}, "write Sequence(Fails('A'), {})"),
        ({"StoreOrder": Sequence(Sequence(1))}, "put all answers into one"),
        ({"StoreOrder": {1, 2}}, "must be a JSON value, a function, Fails, Waits or Sequence"),
        ({"StoreOrder": {"a": object()}}, "must be a JSON value"),
        ({"StoreOrder": Waits(object())}, "must be a JSON value"),
        ({"StoreOrder": {"throw": {"error": "E"}}}, "write Fails(error, cause), or read the file with Mocks.from_json"),
        ({"StoreOrder": {"return": 1}}, "write the value itself"),
        ({3: {}}, "a mock is for the name of a state or for a resource; found 3"),
        ({order_queue: {}, "order-queue": {}}, "there are two mocks for 'order-queue'"),
    ],
)
def test_mocks_that_cannot_be_used(mocks: Any, message: str) -> None:
    """A name that no task has, and an answer that is not one, are refused before the execution starts."""
    with pytest.raises(MockError) as raised:
        execute(order_processing, mocks=mocks)
    assert message in str(raised.value)


@pytest.mark.parametrize("wrong", [(ValueError,), (3,), ("E", 3)])
def test_failures_have_names(wrong: Any) -> None:
    """``Fails`` takes the name of an error as text."""
    with pytest.raises(MockError, match="must be text, such as Fails"):
        Fails(*wrong)


def test_a_function_that_returns_no_answer() -> None:
    """What a mock returns is held to the same rules, and an assertion in it fails the test."""
    with pytest.raises(MockError, match="the mock of 'StoreOrder' returned"):
        order(StoreOrder=lambda parameters: Sequence(1))
    with pytest.raises(MockError, match="must be a JSON value"):
        order(StoreOrder=lambda parameters: object())

    def checked(parameters: Any) -> None:
        assert parameters == "wrong"

    with pytest.raises(AssertionError):
        order(StoreOrder=checked)


def test_shared_mocks() -> None:
    """Mocks of integrations and resources can be shared by tests of several workflows; what was not used is listed."""
    execution = order(status="FAILED", **{"dynamodb:putItem": {}, "StoreOrder": {"Payload": 1}})
    assert sorted(execution.unused_mocks) == ["StoreOrder", "dynamodb:putItem", "order-queue"]
    mocks = Mocks({"ValidateOrder": Sequence(Fails("Busy"), {"Payload": {"validation": {"status": "NO"}}})})
    for _ in range(2):  # each execution starts with the first answer
        assert len(execute(order_processing, mocks=mocks).visits("ValidateOrder")[0].attempts) == 2


def test_mocks_of_computed_names() -> None:
    """Where a task computes the name of what it calls, a mock may have any name."""
    call = task("arn:aws:states:::lambda:invoke", Parameters={"FunctionName.$": "$.fn", "Payload": {}})
    execution = execute(machine(("Call", call)), {"fn": "later"}, mocks={"later": {"Payload": 1}, "never": {}})
    assert execution.output == {"Payload": 1}
    assert (len(execution.calls("later")), execution.calls("never"), execution.unused_mocks) == (1, [], ["never"])


def test_a_mock_without_a_payload_is_noted() -> None:
    """The result of ``lambda:invoke`` has a Payload; a mock without one is a warning, which the text view shows."""
    execution = order(ValidateOrder={"validation": {"status": "PASSED"}})
    assert "has no 'Payload'" in execution.warnings[0]
    assert "warning: The mock of 'ValidateOrder' has no 'Payload'" in execution.text()


@pytest.mark.parametrize(
    ("file", "message"),
    [
        ([], "a mock file must be an object of states and their mocks; found []"),
        ({"A": {"retrun": 1}}, "did you mean 'return'?"),
        ({"A": {"Return": 1}}, "did you mean 'return'?"),
        ({"A": {"throw": {"Error": "E"}}}, "'Error' in 'throw', which has 'error' and 'cause'; did you mean 'error'?"),
        ({"A": {"throw": {"error": 3}}}, "the error of Fails must be text"),
        ({"A": []}, "must be {'return': …}"),
        ({"A": [[{"return": 1}]]}, "must be {'return': …}"),
        ({"A": "text"}, "found 'text'"),
    ],
)
def test_mock_files_of_another_form(file: Any, message: str) -> None:
    """A mistake in a mock file is named, with what to write."""
    with pytest.raises(MockError) as raised:
        Mocks.from_json(file)
    assert message in str(raised.value)


def test_steps_are_what_they_say() -> None:
    """The retriers of a workflow count in the visits, and variables are shown."""
    work = Task("Work", validator.invoke({}), retry=Retry("Busy", interval_seconds=10), assign={"n": 3})
    flow = Workflow("retried", steps=[work, Succeed("Done", output=variables.n)])
    execution = execute(flow, mocks={validator: Sequence(Fails("Busy"), {"Payload": {}})})
    assert isinstance(work, Step)
    assert (execution.output_or_raise(), execution.duration, execution.visits("Work")[0].assigned) == (3, 10, {"n": 3})
    assert 'variables: {"n":3}' in execution.text()
    assert isinstance(validator, Function)
    assert json.loads(json.dumps(execution.history, default=str))
