"""Executions that live on: task tokens, activities, nested executions, stopping, redriving, real time."""

import threading

import boto3
import pytest
from botocore.awsrequest import AWSResponse

from generator.engine import Engine, Mocks, RealClock, TaskTokenError, Waits, execute, start
from tests.support.machines import failing, machine, task, types, unchecked

ASK = "arn:aws:states:::sqs:sendMessage.waitForTaskToken"


def ask(**fields):
    """A machine that asks and waits for the answer."""
    parameters = {"MessageBody": {"token.$": "$$.Task.Token"}}
    return unchecked(machine(("Ask", task(ASK, Parameters=parameters, **fields)), ("Then", {"Type": "Pass"})))


def test_an_answer():
    """The answer is the task's result; the token in the request is the one that is answered."""
    execution = start(ask(), mocks={"Ask": Waits({"MessageId": "1"})}).run()
    ((token, state),) = execution.waiting.items()
    assert (execution.status, state) == ("RUNNING", "Ask")
    assert token in execution.history[2]["taskScheduledEventDetails"]["parameters"]
    execution.send_task_success(token, {"ok": True})
    assert execution.run().output == {"ok": True}
    assert types(execution)[2:6] == ["TaskScheduled", "TaskStarted", "TaskSubmitted", "TaskSucceeded"]
    with pytest.raises(TaskTokenError):
        execution.send_task_success(token, {})


def test_a_failing_answer():
    """An answer can be a failure, which is caught like others."""
    execution = start(ask(Catch=[{"ErrorEquals": ["No"], "Next": "Then"}]), mocks={"Ask": Waits()}).run()
    execution.send_task_failure(next(iter(execution.waiting)), "No", "way")
    assert execution.run().output == {"Error": "No", "Cause": "way"}


def test_no_answer():
    """Without an answer the task times out, at last the execution does after a year."""
    execution = execute(ask(TimeoutSeconds=600), mocks={"Ask": Waits()})
    assert (execution.status, execution.error, execution.cause, execution.duration) == ("FAILED", "States.Timeout", None, 600)
    assert types(execution)[-2:] == ["TaskTimedOut", "ExecutionFailed"]
    forever = execute(ask(), mocks={"Ask": Waits()})
    assert (forever.status, forever.duration) == ("TIMED_OUT", 365 * 86400)


def test_heartbeats():
    """A heartbeat in time keeps the task alive; a missing one is States.Timeout."""
    definition = ask(HeartbeatSeconds=60, Catch=[{"ErrorEquals": ["States.HeartbeatTimeout"], "Next": "Then"}])
    execution = start(definition, mocks={"Ask": Waits()}).run()
    token = next(iter(execution.waiting))
    for _ in range(3):
        execution.advance(50)
        execution.send_task_heartbeat(token)
    assert execution.status == "RUNNING"
    execution.advance(61)
    assert (execution.duration, execution.output) == (210, {"Error": "States.Timeout", "Cause": ""})


def test_run_does_not_let_answers_time_out():
    """`run` passes waits, but stops before a timeout of something that is answered from outside."""
    definition = machine(("Nap", {"Type": "Wait", "Seconds": 1000}), ("Ask", task(ASK, TimeoutSeconds=5)))
    execution = start(definition, mocks={"Ask": Waits()}).run()
    assert (execution.status, execution.duration) == ("RUNNING", 1000)


def test_a_function_that_answers():
    """`lambda:invoke.waitForTaskToken`: the function gets the token and may answer at once."""
    engine = Engine(functions={"f": lambda event: engine.send_task_success(event["t"], "done")})
    call = task("arn:aws:states:::lambda:invoke.waitForTaskToken", Parameters={"FunctionName": "f", "Payload": {"t.$": "$$.Task.Token"}})
    assert engine.start(machine(("C", call))).finish().output == "done"


def test_a_workflow_that_answers():
    """`aws-sdk:sfn:sendTaskSuccess` answers a task of the same engine; an unknown token is an error of the service."""
    engine = Engine(mocks=Mocks({"Ask": Waits()}))
    asking = engine.start(ask()).run()
    send = task("arn:aws:states:::aws-sdk:sfn:sendTaskSuccess", Parameters={"TaskToken.$": "$.token", "Output": {"by": "other"}})
    answering = engine.start(machine(("Send", send)), {"token": next(iter(asking.waiting))}).finish()
    assert (answering.output, asking.run().output) == ({}, {"by": "other"})
    assert engine.start(machine(("Send", send)), {"token": "nonsense"}).finish().error == "Sfn.InvalidTokenException"


def test_activity():
    """A worker takes the task and answers."""
    engine = Engine()
    arn = engine.create_activity("pack")
    execution = engine.start(machine(("A", task(arn, HeartbeatSeconds=10, TimeoutSeconds=60))), {"n": 1}).run()
    assert engine.get_activity_task(arn, "worker-1")[1] == {"n": 1}
    token = next(iter(execution.waiting))
    engine.send_task_success(token, {"n": 2})
    assert execution.run().output == {"n": 2}
    assert types(execution)[2:5] == ["ActivityScheduled", "ActivityStarted", "ActivitySucceeded"]
    assert engine.get_activity_task(arn) is None


def test_heartbeats_of_an_activity():
    """They are expected from the moment when a worker takes the task, and the timeout counts from there."""
    engine = Engine()
    arn = engine.create_activity("pack")
    execution = engine.start(machine(("A", task(arn, HeartbeatSeconds=10, TimeoutSeconds=60))))
    execution.advance(30)
    token, _ = engine.get_activity_task(arn)
    execution.advance(8)
    engine.send_task_heartbeat(token)
    execution.advance(8)
    assert execution.status == "RUNNING"
    execution.finish()
    assert (execution.error, execution.duration) == ("States.Timeout", 48)
    assert types(execution)[-2:] == ["ActivityTimedOut", "ExecutionFailed"]
    late = engine.start(machine(("A", task(arn, TimeoutSeconds=60))))
    late.advance(50)
    engine.get_activity_task(arn)
    assert late.finish().duration == 110
    unstarted = engine.start(machine(("A", task(arn, HeartbeatSeconds=10, TimeoutSeconds=60)))).finish()
    assert unstarted.duration == 60


def test_unknown_activity():
    """A deleted activity is a runtime error without an event of its own."""
    arn = "arn:aws:states:us-east-1:123456789012:activity:gone"
    execution = execute(machine(("A", task(arn))))
    assert (
        execution.cause
        == f"An error occurred while executing the state 'A' (entered at the event id #2). The activity {arn} does not exist."
    )
    assert types(execution) == ["ExecutionStarted", "TaskStateEntered", "ExecutionFailed"]


def nested(pattern, child, **parameters):
    """An engine that knows a child machine, and an execution of a parent that starts it."""
    engine = Engine()
    arn = engine.create_state_machine("child", child)
    return engine.start(
        machine(("Start", task(f"arn:aws:states:::states:startExecution{pattern}", Parameters={"StateMachineArn": arn, **parameters})))
    )


def test_nested_executions():
    """`.sync:2` gives the output as JSON, `.sync` as text; without a pattern the parent goes on."""
    child = machine(("W", {"Type": "Wait", "Seconds": 60}), ("P", {"Type": "Pass", "Parameters": {"got.$": "$"}}))
    execution = nested(".sync:2", child, Input={"a": 1}, Name="first").finish()
    assert (execution.duration, execution.output["Output"], execution.output["Input"]) == (60, {"got": {"a": 1}}, {"a": 1})
    assert execution.output["ExecutionArn"] == "arn:aws:states:us-east-1:123456789012:execution:child:first"
    assert nested(".sync", child).finish().output["Output"] == '{"got":{}}'
    loose = nested("", child).finish()
    assert (loose.duration, set(loose.output)) == (0, {"ExecutionArn", "StartDate", "SdkHttpMetadata", "SdkResponseMetadata"})


def test_a_nested_failure():
    """The parent's cause describes the child."""
    execution = nested(".sync", machine(("F", {"Type": "Fail", "Error": "E", "Cause": "c"}))).finish()
    assert execution.error == "States.TaskFailed"
    assert '"Error":"E"' in execution.cause
    assert '"Status":"FAILED"' in execution.cause


def starts(engine, *tasks):
    """Run tasks one after the other, each a call of Step Functions."""
    states = [(f"S{n}", task(f"arn:aws:states:::{resource}", Parameters=parameters)) for n, (resource, parameters) in enumerate(tasks)]
    return engine.start(machine(*states)).finish()


def test_the_name_of_a_nested_execution():
    """Name and input of a running execution give it again; another input, or one that has ended, is an error."""
    engine = Engine()
    slow = engine.create_state_machine("slow", machine(("W", {"Type": "Wait", "Seconds": 60})))
    call = {"StateMachineArn": slow, "Name": "n", "Input": {"a": 1}}
    twice = starts(engine, ("states:startExecution", call), ("states:startExecution.sync:2", call))
    assert (twice.status, twice.duration, twice.output["Input"]) == ("SUCCEEDED", 60, {"a": 1})
    again = starts(engine, ("states:startExecution", call))
    assert again.error == "StepFunctions.ExecutionAlreadyExistsException"
    assert again.cause.startswith(
        "Execution Already Exists: 'arn:aws:states:us-east-1:123456789012:execution:slow:n' (Service: AWSStepFunctions"
    )
    other = starts(
        engine, ("states:startExecution", {**call, "Name": "o"}), ("aws-sdk:sfn:startExecution", {**call, "Name": "o", "Input": "{}"})
    )
    assert other.error == "Sfn.ExecutionAlreadyExistsException"
    both = {
        "Type": "Parallel",
        "Branches": [
            machine((name, task("arn:aws:states:::states:startExecution.sync:2", Parameters={**call, "Name": "p"}))) for name in "AB"
        ],
    }
    assert engine.start(machine(("Both", both))).finish().status == "SUCCEEDED"


def test_refused_nested_executions():
    """An input that is no JSON text, and waiting for a standard workflow, are refused."""
    engine = Engine()
    child = engine.create_state_machine("child", machine(("P", {"Type": "Pass"})))
    quick = engine.create_state_machine("quick", machine(("F", {"Type": "Fail", "Error": "E"})), type="EXPRESS")
    bad = starts(engine, ("states:startExecution", {"StateMachineArn": child, "Input": "no JSON"}))
    assert bad.error == "StepFunctions.InvalidExecutionInputException"
    assert bad.cause.startswith("Invalid State Machine Execution Input: '")
    unfit = starts(engine, ("aws-sdk:sfn:startSyncExecution", {"StateMachineArn": child}))
    assert unfit.error == "Sfn.StateMachineTypeNotSupportedException"
    sync = starts(engine, ("aws-sdk:sfn:startSyncExecution", {"StateMachineArn": quick, "Input": "{}"}))
    assert (sync.status, sync.output["Status"], sync.output["Error"], sync.output["StartDate"]) == (
        "SUCCEEDED",
        "FAILED",
        "E",
        "2025-01-01T00:00:00Z",
    )
    assert sync.output["BillingDetails"] == {"BilledDurationInMilliseconds": 100, "BilledMemoryUsedInMB": 64}


def test_stop():
    """A stopped execution is aborted, with error and cause as given."""
    execution = start(ask(), mocks={"Ask": Waits()}).run().stop("Enough", "of this")
    assert (execution.status, execution.error, execution.cause) == ("ABORTED", "Enough", "of this")
    assert types(execution)[-1] == "ExecutionAborted"
    assert execution.waiting == {}


def test_redrive():
    """A failed execution goes on where it failed; what was done is not done again."""
    broken = [True]
    done = []

    def handler(event, context):
        if event == 2 and broken[0]:
            raise ValueError
        done.append(event)
        return event * 10

    processor = machine(("F", task("f")))
    definition = machine(("A", {"Type": "Pass"}), ("M", {"Type": "Map", "ItemProcessor": processor}), ("Z", {"Type": "Pass"}))
    execution = start(definition, [1, 2, 3], functions={"f": handler}).finish()
    assert execution.status == "FAILED"
    broken[0] = False
    execution.redrive().finish()
    assert (execution.output, done) == ([10, 20, 30], [1, 2, 3])
    assert types(execution).count("PassStateEntered") == 2
    assert "ExecutionRedriven" in types(execution)
    with pytest.raises(ValueError, match="cannot be redriven"):
        execution.redrive()


def test_redrive_of_a_task():
    """The failed task is called again without entering the state again."""
    execution = start(machine(("F", task("f"))), {"a": 1}, functions={"f": _once_broken()}).finish()
    assert execution.status == "FAILED"
    assert execution.redrive().finish().output == "fine"
    assert types(execution).count("TaskStateEntered") == 1


def _once_broken():
    calls = []

    def handler(event, context):
        calls.append(event)
        if len(calls) == 1:
            raise ValueError
        return "fine"

    return handler


def test_real_clock():
    """In real time waits take their time and the result is the same."""
    definition = machine(("W", {"Type": "Wait", "SecondsPath": "$.s"}), ("M", {"Type": "Pass"}))
    virtual = execute(definition, {"s": 1})
    real = execute(definition, {"s": 1}, clock=RealClock())
    assert real.output == virtual.output
    assert types(real) == types(virtual)
    assert real.duration >= 1


def test_an_answer_from_another_thread():
    """A real clock is woken by an answer."""
    execution = start(ask(TimeoutSeconds=30), mocks={"Ask": Waits()}, clock=RealClock()).run()
    token = next(iter(execution.waiting))
    timer = threading.Timer(0.05, lambda: execution.send_task_success(token, "hi"))
    timer.start()
    assert execution.finish().output == "hi"
    timer.join()
    assert execution.duration < 20


CHILD = "arn:aws:states:us-east-1:123456789012:stateMachine:child"
WAITING = {
    "wait": {"Type": "Wait", "Seconds": 100},
    "retrier": task("broken", Retry=[{"ErrorEquals": ["States.ALL"], "IntervalSeconds": 100}]),
    "token": task(ASK, Parameters={"QueueUrl": "q", "MessageBody": {"token.$": "$$.Task.Token"}}),
    "activity": task("arn:aws:states:us-east-1:123456789012:activity:a"),
    "job": task("arn:aws:states:::glue:startJobRun.sync", Parameters={"JobName": "j"}),
    "nested": task("arn:aws:states:::states:startExecution.sync:2", Parameters={"StateMachineArn": CHILD}),
}
DISTRIBUTED = {"ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}}
NESTINGS = {
    "alone": lambda inner: inner,
    "parallel": lambda inner: {"Type": "Parallel", "Branches": [machine(("S", inner))]},
    "map": lambda inner: {"Type": "Map", "ItemProcessor": machine(("S", inner))},
    "distributed": lambda inner: {"Type": "Map", "ItemProcessor": {**machine(("S", inner)), **DISTRIBUTED}},
}


ANSWERS = {
    "SendMessage": {"MessageId": "m"},
    "StartJobRun": {"JobRunId": "r"},
    "GetJobRun": {"JobRun": {"Id": "r", "JobName": "j", "JobRunState": "RUNNING"}},
    "BatchStopJobRun": {},
}


def slow(service):
    """A client of a service whose jobs never end and whose messages nobody answers."""
    client = boto3.client(service, region_name="us-east-1")
    response = AWSResponse("", 200, {}, None)
    client.meta.events.register("before-call", lambda model, **_: (response, ANSWERS[model.name]))
    return client


@pytest.mark.parametrize("nesting", NESTINGS)
@pytest.mark.parametrize("name", WAITING)
def test_a_stop_in_each_state(name, nesting):
    """Nothing happens after the stop, whatever the execution waited for; a redrive waits for the same again."""
    engine = Engine(functions={"broken": failing()}, clients=slow)
    engine.create_activity("a")
    engine.create_state_machine("child", machine(("W", {"Type": "Wait", "Seconds": 100})))
    execution = engine.start(machine(("N", NESTINGS[nesting](WAITING[name]))), [1])
    execution.advance(10)
    before = types(execution)
    execution.stop()
    stopped = types(execution)
    assert (execution.status, stopped) == ("ABORTED", [*before, "ExecutionAborted"])
    execution.advance(500)
    assert types(execution) == stopped
    assert execution.waiting == {}
    assert all(other.status != "RUNNING" for other in engine.executions.values())
    execution.redrive()
    execution.advance(10)
    assert execution.status == "RUNNING"
    again = types(execution)[len(stopped) :]
    assert again[0] == "ExecutionRedriven"
    assert not [event for event in again if event.endswith("StateEntered")]
