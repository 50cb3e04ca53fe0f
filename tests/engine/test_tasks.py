"""Task states: functions, retriers, catchers, timeouts."""

import io
import itertools
import json
import sys
import threading
from base64 import b64decode
from decimal import Decimal

import botocore.session
import pytest

from generator.engine import Engine, FunctionError, RealClock, execute, takes
from tests.support.machines import failing, machine, task, types, unchecked


def test_function_by_arn():
    """The function gets the state's effective input and its result is the state's."""
    seen = []

    def handler(event, context):
        seen.append((event, context.function_name, context.get_remaining_time_in_millis()))
        return {"doubled": event["n"] * 2}

    definition = machine(("Double", task("double", Parameters={"n.$": "$.a"}, ResultPath="$.r", TimeoutSeconds=7)))
    execution = execute(definition, {"a": 2}, functions={"double": handler})
    assert execution.output == {"a": 2, "r": {"doubled": 4}}
    assert seen == [({"n": 2}, "double", 7000)]
    assert types(execution)[2:5] == ["LambdaFunctionScheduled", "LambdaFunctionStarted", "LambdaFunctionSucceeded"]
    scheduled = execution.history[2]["lambdaFunctionScheduledEventDetails"]
    assert scheduled == {
        "input": '{"n":2}',
        "inputDetails": {"truncated": False},
        "resource": "arn:aws:lambda:us-east-1:123456789012:function:double",
        "timeoutInSeconds": 7,
    }


@pytest.mark.parametrize(
    "name", ["orders", "orders:live", "arn:aws:lambda:us-east-1:123456789012:function:orders", "123456789012:function:orders"]
)
def test_function_through_the_integration(name):
    """`lambda:invoke` wraps the payload as the service does, however the function is named."""
    call = task("arn:aws:states:::lambda:invoke", Parameters={"FunctionName": name, "Payload.$": "$"})
    execution = execute(machine(("Call", call)), {"a": 1}, functions={"orders": lambda event: [event]})
    output = execution.output
    assert (output["Payload"], output["StatusCode"], output["ExecutedVersion"]) == ([{"a": 1}], 200, "$LATEST")
    assert output["SdkHttpMetadata"]["HttpHeaders"]["Content-Length"] == str(len('[{"a": 1}]'))
    assert execution.history[2]["taskScheduledEventDetails"]["resourceType"] == "lambda"
    assert json.loads(execution.history[2]["taskScheduledEventDetails"]["parameters"])["FunctionName"] == name


def test_function_through_the_sdk():
    """`aws-sdk:lambda:invoke` gives the payload as text, and an error of the function in the response."""
    call = task("arn:aws:states:::aws-sdk:lambda:invoke", Parameters={"FunctionName": "f", "Payload": {"a.$": "$.a"}})
    execution = execute(machine(("Call", call)), {"a": 1}, functions={"f": lambda event: event})
    assert execution.output == {"ExecutedVersion": "$LATEST", "Payload": '{"a":1}', "StatusCode": 200}
    broken = execute(machine(("Call", call)), {"a": 1}, functions={"f": failing()})
    assert (broken.status, broken.output["FunctionError"]) == ("SUCCEEDED", "Unhandled")
    assert execute(machine(("Call", call)), {"a": 1}, functions={"g": len}).error == "Lambda.ResourceNotFoundException"


def test_credentials():
    """The role that a task assumes stands in its event."""
    role = "arn:aws:iam::123456789012:role/other"
    definition = machine(("F", task("f", Credentials={"RoleArn.$": "$.role"})))
    execution = execute(definition, {"role": role}, functions={"f": lambda event: 1})
    assert execution.history[2]["lambdaFunctionScheduledEventDetails"]["taskCredentials"] == {"roleArn": role}


def test_missing_payload_is_an_empty_object():
    """Without a payload, or with null, the function gets {}."""
    call = task("arn:aws:states:::lambda:invoke", Parameters={"FunctionName": "f", "Payload": None})
    assert execute(machine(("C", call)), functions={"f": lambda event: event}).output["Payload"] == {}


def test_error_of_a_function():
    """An exception becomes error name and cause as the Python runtime writes them."""
    execution = execute(machine(("F", task("f"))), functions={"f": failing("OutOfStock", "none left")})
    assert (execution.status, execution.error) == ("FAILED", "OutOfStock")
    cause = json.loads(execution.cause)
    assert (cause["errorType"], cause["errorMessage"]) == ("OutOfStock", "none left")
    assert "in handler" in cause["stackTrace"][0]
    assert types(execution)[-2:] == ["LambdaFunctionFailed", "ExecutionFailed"]


def test_unmarshalled_results():
    """What is no JSON cannot be returned; what the handler changes does not leak."""
    execution = execute(machine(("F", task("f"))), functions={"f": lambda event: {1, 2}})
    assert execution.error == "Runtime.MarshalError"

    def change(event, context):
        event["a"] = 2
        return "done"

    assert execute(machine(("F", task("f", ResultPath="$.r"))), {"a": 1}, functions={"f": change}).output == {"a": 1, "r": "done"}


@pytest.mark.parametrize(
    ("result", "output"),
    [
        (b'{"a": 1}', {"a": 1}),
        (b"", None),
        ({"n": Decimal("1.50"), "i": Decimal(3)}, {"n": 1.5, "i": 3}),
        ("half of a pair \ud83d", "half of a pair \ud83d"),
    ],
)
def test_results_as_the_runtime_marshals_them(result, output):
    """Bytes are the payload itself, a Decimal is a number."""
    assert execute(machine(("F", task("f"))), functions={"f": lambda event: result}).output == output


@pytest.mark.parametrize("result", [b"\xff\x00", b"text", float("nan")])
def test_results_that_are_not_json(result):
    """They fail the task in a way that can be caught."""
    catch = [{"ErrorEquals": ["Lambda.Unknown"], "Next": "C"}]
    definition = machine(("F", task("f", Catch=catch)), ("C", {"Type": "Pass", "Result": "caught"}))
    assert execute(definition, functions={"f": lambda event: result}).output == "caught"


def test_the_end_of_a_function():
    """A handler that ends its process fails, and so does one that returns more than Lambda allows."""
    execution = execute(machine(("F", task("f"))), functions={"f": lambda event: sys.exit(3)})
    assert execution.error == "Runtime.ExitError"
    assert json.loads(execution.cause)["errorMessage"].endswith("Error: Runtime exited with error: exit status 3")
    assert execute(machine(("F", task("f"))), functions={"f": lambda event: "x" * 7_000_000}).error == "Function.ResponseSizeTooLarge"


@pytest.mark.parametrize("payload", ["text", {"errorType": None}, {"errorType": 7}, ["x"], None])
def test_errors_without_a_name(payload):
    """A failure whose payload has no text as its errorType, or is not an object, is Lambda.Unknown."""

    def handler(event):
        raise FunctionError(payload)

    assert execute(machine(("F", task("f"))), functions={"f": handler}).error == "Lambda.Unknown"


def test_the_remaining_time_of_a_handler_passes(monkeypatch):
    """A handler that works until its time is nearly up comes to an end."""
    monkeypatch.setattr("generator.engine.calls.functions.time.monotonic", itertools.count().__next__)

    def handler(event, context):
        return [context.get_remaining_time_in_millis() for _ in range(4)]

    assert execute(machine(("F", task("f", TimeoutSeconds=3))), functions={"f": handler}).output == [2000, 1000, 0, 0]


class LambdaClient:
    """A client of Lambda whose functions answer with a payload."""

    def __init__(self, payload, **answer):
        """Take the answer."""
        self.answer = {"StatusCode": 200, "Payload": io.BytesIO(payload), **answer}
        self.meta = botocore.session.get_session().create_client("lambda", region_name="us-east-1").meta

    def _make_api_call(self, operation, request):
        self.request = request
        return dict(self.answer)


@pytest.mark.parametrize(
    ("resource", "path"),
    [("arn:aws:lambda:us-east-1:123456789012:function:f", None), ("arn:aws:states:::lambda:invoke", "Payload")],
)
def test_functions_through_a_client(resource, path):
    """What a client of Lambda answers is read as the integrations do: payloads are JSON, errors fail the task."""
    call = task("f") if path is None else {"Type": "Task", "Resource": resource, "Parameters": {"FunctionName": "f", "Payload.$": "$"}}

    def run(payload, **answer):
        client = LambdaClient(payload, **answer)
        engine = Engine(clients=lambda _: client, services=frozenset({"lambda"}))
        return engine.start(machine(("F", call)), {"a": 1}).finish(), client

    good, client = run(b'{"b": 2}')
    assert good.status == "SUCCEEDED", good.cause
    assert (good.output if path is None else good.output[path]) == {"b": 2}
    assert json.loads(client.request["Payload"]) == {"a": 1}
    bad, _ = run(b'{"errorType": "Busy", "errorMessage": "later"}', FunctionError="Unhandled")
    assert (bad.error, json.loads(bad.cause)["errorMessage"]) == ("Busy", "later")
    assert run(b"text")[0].error == "Lambda.Unknown"


def test_error_without_type():
    """A failure whose payload names no type is Lambda.Unknown."""

    def handler(event, context):
        raise FunctionError({"errorMessage": "gone"})

    execution = execute(machine(("F", task("f"))), functions={"f": handler})
    assert execution.error == "Lambda.Unknown"
    assert execution.cause == (
        'The cause could not be determined because Lambda did not return an error type. Returned payload: {"errorMessage":"gone"}'
    )


def test_unknown_function():
    """As on AWS an error of the service; the execution's warnings tell what is missing here."""
    call = task(
        "arn:aws:states:::lambda:invoke", Parameters={"FunctionName": "nobody"}, Catch=[{"ErrorEquals": ["States.ALL"], "Next": "Caught"}]
    )
    execution = execute(machine(("C", call), ("Caught", {"Type": "Pass"})), functions={"other": len})
    assert execution.output["Error"] == "Lambda.ResourceNotFoundException"
    assert execution.output["Cause"].startswith(
        "Function not found: arn:aws:lambda:us-east-1:123456789012:function:nobody:$LATEST (Service: AWSLambda"
    )
    assert execution.warnings == ["State 'C' calls the function 'nobody', which is not among functions: other"]


@pytest.mark.parametrize(
    "resource", ["f", "arn:aws:states:::lambda:invoke", "arn:aws:states:::dynamodb:putItem", "arn:aws:states:::aws-sdk:s3:listBuckets"]
)
def test_nothing_here_can_do_it(resource):
    """Where nothing can perform a task, the execution fails and no catcher hides it."""
    caught = task(resource, Parameters={}, Catch=[{"ErrorEquals": ["States.ALL"], "Next": "Ok"}])
    definition = unchecked(machine(("C", caught), ("Ok", {"Type": "Succeed"})))
    execution = execute(definition)
    assert (execution.status, execution.error) == ("FAILED", "Local.NotAvailable")
    assert "State 'C'" in execution.cause


def test_retry_intervals():
    """Backoff, its maximum, and jitter that follows the seed."""
    retry = [{"ErrorEquals": ["Busy"], "IntervalSeconds": 2, "MaxAttempts": 4, "BackoffRate": 3, "MaxDelaySeconds": 20}]
    execution = execute(machine(("F", task("f", Retry=retry))), functions={"f": failing("Busy")})
    assert execution.duration == 2 + 6 + 18 + 20
    assert types(execution).count("LambdaFunctionFailed") == 5
    assert execution.transitions == 5
    retry[0]["JitterStrategy"] = "FULL"
    jittered = [execute(machine(("F", task("f", Retry=retry))), functions={"f": failing("Busy")}, seed=seed).duration for seed in (1, 1, 2)]
    assert jittered[0] == jittered[1] != jittered[2]
    assert jittered[0] < 46


def test_each_retrier_counts_for_itself():
    """The first retrier that names the error counts, until its attempts are used up."""
    errors = iter(["A", "B", "A", "B", "B", "A"])

    def handler(event, context):
        raise type(next(errors), (Exception,), {})

    retry = [{"ErrorEquals": ["A"], "MaxAttempts": 2}, {"ErrorEquals": ["States.ALL"], "MaxAttempts": 5}]
    execution = execute(machine(("F", task("f", Retry=retry))), functions={"f": handler})
    assert (execution.error, execution.transitions) == ("A", 6)


def test_retry_count_in_the_context():
    """The Context object tells how often a state was tried again."""
    counts = []

    def handler(event, context):
        counts.append(event["n"])
        raise ValueError

    execute(
        machine(("F", task("f", Parameters={"n.$": "$$.State.RetryCount"}, Retry=[{"ErrorEquals": ["States.ALL"]}]))),
        functions={"f": handler},
    )
    assert counts == [0, 1, 2, 3]


@pytest.mark.parametrize(
    ("names", "caught"),
    [
        (["Broken"], True),
        (["States.TaskFailed"], True),
        (["States.ALL"], True),
        (["Other", "Broken"], True),
        (["States.Timeout"], False),
        (["broken"], False),
    ],
)
def test_catch(names, caught):
    """Which names a catcher's list covers; the error output goes where ResultPath says."""
    catch = [{"ErrorEquals": names, "ResultPath": "$.error", "Next": "Caught"}]
    definition = machine(("F", task("f", Catch=catch)), ("Caught", {"Type": "Pass"}))
    execution = execute(definition, {"a": 1}, functions={"f": failing()})
    if caught:
        assert execution.output["a"] == 1
        assert execution.output["error"]["Error"] == "Broken"
        assert types(execution)[-4:] == ["TaskStateExited", "PassStateEntered", "PassStateExited", "ExecutionSucceeded"]
    else:
        assert execution.error == "Broken"


def test_catch_in_jsonata():
    """A catcher's output and variables see the error."""
    catch = [
        {"ErrorEquals": ["States.ALL"], "Output": "{% $states.errorOutput.Error %}", "Assign": {"e": "{% $states.input %}"}, "Next": "C"}
    ]
    definition = machine(
        ("F", task("f", Catch=catch)), ("C", {"Type": "Pass", "Output": ["{% $states.input %}", "{% $e %}"]}), QueryLanguage="JSONata"
    )
    assert execute(definition, {"a": 1}, functions={"f": failing()}).output == ["Broken", {"a": 1}]


def test_runtime_errors_cannot_be_caught():
    """A failing path is States.Runtime, which neither retriers nor catchers see."""
    policies = {
        "Retry": [{"ErrorEquals": ["States.ALL"]}],
        "Catch": [{"ErrorEquals": ["States.Runtime"], "Next": "C"}, {"ErrorEquals": ["States.ALL"], "Next": "C"}],
    }
    definition = machine(("F", task("f", OutputPath="$.nothing", **policies)), ("C", {"Type": "Pass"}))
    execution = execute(definition, functions={"f": lambda event: {}})
    assert (execution.status, execution.error) == ("FAILED", "States.Runtime")


def test_intrinsic_failures_cannot_be_caught():
    """A failing intrinsic function is States.Runtime (measured in 2026), where the documentation says States.IntrinsicFailure."""
    catch = [{"ErrorEquals": ["States.IntrinsicFailure", "States.Runtime"], "Next": "C"}]
    definition = machine(("F", task("f", Parameters={"x.$": "States.ArrayGetItem($, 9)"}, Catch=catch)), ("C", {"Type": "Pass"}))
    assert execute(definition, [1], functions={"f": len}).error == "States.Runtime"


def test_query_failures_can_be_caught():
    """A failing JSONata expression leaves its event and can be caught."""
    catch = [{"ErrorEquals": ["States.QueryEvaluationError"], "Next": "C"}]
    definition = machine(("F", task("f", Arguments="{% $nothing %}", Catch=catch)), ("C", {"Type": "Pass"}), QueryLanguage="JSONata")
    execution = execute(definition, functions={"f": len})
    assert execution.output["Error"] == "States.QueryEvaluationError"
    assert types(execution)[2] == "EvaluationFailed"
    assert execution.history[2]["evaluationFailedEventDetails"]["location"] == "Arguments"


def test_timeout():
    """A function that takes too long is stopped: States.Timeout, which States.TaskFailed does not cover."""
    slow = takes(90)(lambda event: "late")
    catch = [{"ErrorEquals": ["States.TaskFailed"], "Next": "Failed"}, {"ErrorEquals": ["States.Timeout"], "Next": "Late"}]
    definition = machine(
        ("F", task("f", TimeoutSeconds=60, Catch=catch)), ("Failed", {"Type": "Fail"}), ("Late", {"Type": "Pass", "End": True})
    )
    execution = execute(definition, functions={"f": slow})
    assert execution.path == ["F", "Late"]
    assert (execution.duration, "LambdaFunctionTimedOut" in types(execution)) == (60, True)
    assert execute(machine(("F", task("f"))), functions={"f": slow}).duration == 90


def test_large_results():
    """A result over 256 KiB fails the task in a way that can be caught."""
    definition = machine(("F", task("f", Catch=[{"ErrorEquals": ["States.ALL"], "Next": "C"}])), ("C", {"Type": "Pass"}))
    execution = execute(definition, functions={"f": lambda event: "x" * 300_000})
    assert execution.output["Error"] == "States.DataLimitExceeded"
    assert execution.output["Cause"].startswith(
        "The state/task 'arn:aws:lambda:us-east-1:123456789012:function:f' returned a result with a size"
    )
    service = machine(("F", task("arn:aws:states:::lambda:invoke", Parameters={"FunctionName": "f"})))
    assert execute(service, functions={"f": lambda event: "x" * 300_000}).cause.startswith("The state/task 'lambda' returned a result")


def test_the_same_seed_gives_the_same_bytes():
    """Two runs with the same seed have equal histories, another seed other identifiers."""
    call = machine(("C", task("arn:aws:states:::lambda:invoke", Parameters={"FunctionName": "f", "Payload": {"id.$": "States.UUID()"}})))
    runs = [execute(call, functions={"f": lambda event: event}, seed=seed) for seed in (1, 1, 2)]
    assert runs[0].history == runs[1].history != runs[2].history
    assert runs[0].arn == runs[1].arn


def test_causes_do_not_grow():
    """A cause is cut where AWS cuts it, however often it is quoted in another."""
    catch = [{"ErrorEquals": ["States.ALL"], "Next": "M"}]
    items = {"Type": "Map", "Items": "{% $states.input %}", "ItemProcessor": machine(("P", {"Type": "Pass"})), "Catch": catch}
    execution = execute(machine(("M", items), QueryLanguage="JSONata"), {"a": '"' * 20_000})
    assert execution.cause == "The execution reached the maximum number of history events (25000)."
    assert max(len(visit.input.get("Cause", "")) for visit in execution.visits("M")) == 32_768


TOO_MUCH = {"a.$": "$", "b.$": "$"}


@pytest.mark.parametrize(
    "state",
    [
        task("f", Parameters=TOO_MUCH),
        {"Type": "Pass", "Parameters": TOO_MUCH, "ResultPath": None},
        {"Type": "Parallel", "Parameters": TOO_MUCH, "Branches": [machine(("B", {"Type": "Succeed"}))]},
        {"Type": "Map", "ItemSelector": TOO_MUCH, "ItemProcessor": machine(("B", {"Type": "Succeed"}))},
    ],
)
def test_large_parameters(state):
    """What a state makes of its input may not be larger than a payload either."""
    document = "x" * 200_000
    if state["Type"] == "Map":
        document = [document]
    execution = execute(machine(("S", state)), document, functions={"f": lambda event: 1})
    assert execution.error == "States.DataLimitExceeded"
    assert "LambdaFunctionScheduled" not in types(execution)


def test_variables_are_limited_together():
    """All variables of an execution have at most 10 MiB."""

    def states(count):
        return machine(*((f"S{n}", {"Type": "Pass", "Assign": {f"v{n}.$": "$"}}) for n in range(count)))

    assert execute(states(52), "x" * 200_000).status == "SUCCEEDED"
    assert execute(states(53), "x" * 200_000).error == "States.DataLimitExceeded"
    again = machine(*((f"S{n}", {"Type": "Pass", "Assign": {"v.$": "$"}}) for n in range(80)))
    assert execute(again, "x" * 200_000).status == "SUCCEEDED"


def lasting(seconds, monkeypatch):
    """A handler that measures as if it took some seconds."""
    moments = itertools.count()
    monkeypatch.setattr("generator.engine.calls.functions.time.perf_counter", lambda: next(moments) * seconds)
    return lambda event: event


@pytest.mark.parametrize(
    ("fields", "error"),
    [
        ({"TimeoutSeconds": 2}, "States.Timeout"),
        ({"TimeoutSeconds": 9, "HeartbeatSeconds": 2}, "States.Timeout"),
        ({"TimeoutSeconds": 3}, None),
        ({}, None),
    ],
)
def test_the_duration_of_a_handler_counts(fields, error, monkeypatch):
    """A handler that really took too long is a timeout, in virtual time too; one in time moves the clock on."""
    execution = execute(machine(("F", task("f", **fields))), {"a": 1}, functions={"f": lasting(2.5, monkeypatch)})
    assert (execution.error, execution.history[-1]["timestamp"].timestamp() - 1_735_689_600) == (error, 2.5 if error is None else 2)


def test_a_missing_heartbeat_of_a_handler_can_be_caught(monkeypatch):
    """It is States.HeartbeatTimeout for a catcher."""
    catch = [{"ErrorEquals": ["States.HeartbeatTimeout"], "Next": "C"}]
    definition = machine(("F", task("f", HeartbeatSeconds=1, Catch=catch)), ("C", {"Type": "Pass", "Result": "caught"}))
    assert execute(definition, {}, functions={"f": lasting(2, monkeypatch)}).output == "caught"


def test_slow_handlers_in_real_time():
    """A slow handler is abandoned at its timeout, and other branches go on meanwhile."""
    branches = [{"StartAt": "S", "States": {"S": {**task("slow", TimeoutSeconds=1), "End": True}}}]
    branches.append({"StartAt": "Q", "States": {"Q": {**task("quick"), "End": True}}})
    ended = threading.Event()
    functions = {"slow": lambda event: ended.wait(30), "quick": lambda event: event}
    execution = execute(machine(("P", {"Type": "Parallel", "Branches": branches})), {}, functions=functions, clock=RealClock())
    ended.set()
    assert execution.error == "States.Timeout"
    assert [visit for visit in execution.path if visit == "Q"] == ["Q"]


def test_slow_iterations_in_real_time():
    """Iterations of a Map run at the same time, each with a timeout of its own, and a call that is not waited for holds up nothing."""
    together, ended = threading.Barrier(2, timeout=20), threading.Event()
    event = {"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke"}
    event["Parameters"] = {"FunctionName": "later", "InvocationType": "Event", "Payload": {}}
    item = machine(("Send", {**event, "ResultPath": None}), ("Meet", task("meet", TimeoutSeconds=30)))
    functions = {"later": lambda event: ended.wait(30), "meet": lambda event: together.wait() >= 0}
    execution = execute(machine(("M", {"Type": "Map", "ItemProcessor": item})), [1, 2], functions=functions, clock=RealClock())
    ended.set()
    assert execution.output == [True, True]


def test_payloads_of_text_and_the_log():
    """A payload that is text is sent as it is, so that the function gets what it parses to; LogType: Tail returns the log."""
    invoke = {"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke"}
    call = {**invoke, "Parameters": {"FunctionName": "f", "Payload": '{"a": 1}', "LogType": "Tail"}}
    result = execute(machine(("F", call)), {}, functions={"f": lambda event: event["a"]}).output
    assert result["Payload"] == 1
    assert b64decode(result["LogResult"]).startswith(b"START RequestId: ")
    wrong = {**invoke, "Parameters": {"FunctionName": "f", "Payload": "text"}}
    assert execute(machine(("F", wrong)), {}, functions={"f": lambda event: event}).error == "Lambda.InvalidRequestContentException"
