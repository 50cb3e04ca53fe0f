"""Tasks that start other state machines of the same engine, and tasks that answer task tokens.

Source: https://docs.aws.amazon.com/step-functions/latest/dg/connect-stepfunctions.html
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from generator.asl import error_names
from generator.asl.intrinsic_functions import make_uuid
from generator.engine.calls import executions
from generator.engine.calls.executions import describe, refused
from generator.engine.calls.targets import function_name
from generator.engine.calls.translate import STATES_API, http_metadata
from generator.engine.clock import CancelledError, Future, iso
from generator.engine.failure import LOCAL_ERRORS, StateError
from generator.engine.history import json_text

if TYPE_CHECKING:
    from generator.engine.calls.call import Call
    from generator.engine.clock import Branch
    from generator.engine.execution import Execution
    from generator.engine.frame import StateMachine

TOKEN_PREFIX: Final = "AQC"  # noqa: S105  the beginning of all task tokens
_OUTCOMES: Final = frozenset({"sendTaskSuccess", "sendTaskFailure", "sendTaskHeartbeat"})


def perform(call: Call) -> Branch | None:
    """Start a state machine or answer a task token. The result is None if a client has to perform the call."""
    parameters = call.parameters if isinstance(call.parameters, dict) else {}
    if call.task.service == "aws-sdk:sfn":
        if call.task.action in _OUTCOMES:
            return _answer(call, parameters)
        if call.task.action in executions.ACTIONS:
            return executions.perform(call, parameters)
    target = parameters.get("StateMachineArn")
    if call.task.action not in {"startExecution", "startSyncExecution"} or not isinstance(target, str):
        return None
    engine = call.frame.run.engine
    known = _find(call, target)
    if known is None:
        if target in engine.declared and (engine.clients is None or "states" not in engine.services):
            name = engine.declared[target]
            raise call.unavailable(call.mock_hint(f"Pass state_machines={{'{name}': workflow}}"))
        if engine.workflows is not None and engine.clients is not None:
            name = target.rsplit(":", 1)[-1]
            raise call.unavailable(f"No workflow of this project is deployed as '{name}'. {call.mock_hint()}")
        if engine.clients is not None and ("states" in engine.services or not engine.state_machines):
            return None
        if engine.state_machines:
            raise refused(call, "StateMachineDoesNotExist", f"State Machine Does Not Exist: '{target}'")
        return None
    return _start(call, known, parameters)


def _find(call: Call, target: str) -> StateMachine | None:
    """Return the state machine with an ARN, a name, or the name of a declared resource.

    What a test registered under the name of a declared workflow comes before the workflow itself.
    """
    engine = call.frame.run.engine
    declared = engine.declared.get(target, "")
    guess = function_name(target, call.task.placeholders)
    names = (declared, target, guess, guess.replace("_", "-"))
    arns = [engine.arn("states", f"stateMachine:{name}") for name in names if name]
    return next((found for arn in [*arns[: bool(declared)], target, *arns] if (found := engine.find_state_machine(arn)) is not None), None)


def _answer(call: Call, parameters: dict[str, Any]) -> Branch:
    """Answer a waiting task of this engine."""
    yield from ()  # a generator, as all performers are
    engine = call.frame.run.engine
    token = str(parameters.get("TaskToken", ""))
    if not engine.knows_token(token):
        request = make_uuid(call.frame.run.random)
        name, message = (
            ("TaskTimedOut", "Provided task does not exist anymore")
            if token.startswith(TOKEN_PREFIX)
            else ("InvalidToken", "Invalid token")
        )
        words = "Task Timed Out" if name == "TaskTimedOut" else "Invalid Token"
        text = f"{words}: '{message}' (Service: Sfn, Status Code: 400, Request ID: {request})"
        raise StateError(f"Sfn.{name}Exception", text)
    if call.task.action == "sendTaskSuccess":
        output = parameters.get("Output")
        engine.send_task_success(token, json.loads(output) if isinstance(output, str) else output)
    elif call.task.action == "sendTaskFailure":
        engine.send_task_failure(token, parameters.get("Error"), parameters.get("Cause"))
    else:
        engine.send_task_heartbeat(token)
    return {}


def _begun(call: Call, known: StateMachine, document: Any, name: Any) -> tuple[Execution, bool]:
    """Return the execution, and whether it is new: with the same name and input, a running execution is returned again.

    Source: https://docs.aws.amazon.com/step-functions/latest/apireference/API_StartExecution.html
    """
    run = call.frame.run
    engine = run.engine
    if isinstance(name, str) and not known.express:
        before = engine.executions.get(engine.arn("states", f"execution:{known.name}:{name}"))
        if before is not None:
            if before.done or before.input != document:
                raise refused(call, "ExecutionAlreadyExists", f"Execution Already Exists: '{before.arn}'")
            return before, False
    child = engine.start_machine(known, document, name=name if isinstance(name, str) else None, mocks=run.mocks)
    child.started_by = call.frame.previous
    run.children.append(child)
    return child, True


def _start(call: Call, known: StateMachine, parameters: dict[str, Any]) -> Branch:
    run = call.frame.run
    given = parameters.get("Input")
    if isinstance(given, str):
        try:
            given = json.loads(given)
        except ValueError as error:
            raise refused(call, "InvalidExecutionInput", f"Invalid State Machine Execution Input: '{error}'") from None
    if call.task.action == "startSyncExecution" and not known.express:
        message = "This operation is not supported by this type of state machine"
        raise refused(call, "StateMachineTypeNotSupported", message)
    child, new = _begun(call, known, {} if given is None else given, parameters.get("Name"))
    raw = {"executionArn": child.arn, "startDate": datetime.fromtimestamp(child.started, UTC)}
    sdk = call.task.service.startswith("aws-sdk:")
    response: dict[str, Any] = {"ExecutionArn": child.arn, "StartDate": iso(child.started) if sdk else int(child.started * 1000)}
    if not sdk:
        response.update(http_metadata(STATES_API, {}, "StartExecution", raw, make_uuid(run.random), moment=child.started))
    if new:
        child.begin()
    if call.task.pattern == ".waitForTaskToken":
        call.submitted(response)
        result = yield from call.token_answer()
        return result
    if not call.task.pattern and call.task.action == "startExecution":
        return response
    if call.task.pattern:
        call.submitted(response)
    try:
        yield from call.answer(child.ended if new else _ended(child), heartbeat=False)
    except (StateError, CancelledError):
        child.stop()
        raise
    if child.error in LOCAL_ERRORS:
        raise StateError(child.error, f"In {child.machine.title or child.machine.name}: {child.cause}", fatal=True)
    if call.task.action == "startSyncExecution":
        return _synchronous(child)
    described = describe(child, texts=call.task.pattern != ".sync:2")
    if child.status != "SUCCEEDED" and call.task.pattern:
        raise StateError(error_names.TASK_FAILED, json_text(described))
    return described


def _ended(child: Execution) -> Future:
    """Return a new future for the end of an execution that another branch waits for already."""
    own = Future()
    other = child.ended.callback

    def both() -> None:
        if other is not None:
            other()
        own.resolve(child)

    child.ended.callback = both
    return own


def _synchronous(child: Execution) -> dict[str, Any]:
    """Return the response of StartSyncExecution, which succeeds even if the execution fails.

    Source: https://docs.aws.amazon.com/step-functions/latest/apireference/API_StartSyncExecution.html
    """
    shown = describe(child, texts=True)
    for name in ("RedriveCount", "RedriveStatus", "RedriveStatusReason"):
        shown.pop(name, None)
    shown["StartDate"], shown["StopDate"] = iso(child.started), iso(child.stopped or child.started)
    # At least 100 ms and 64 MB are billed: https://aws.amazon.com/step-functions/pricing/
    billed = max(1, -(-round(child.duration * 1000) // 100)) * 100
    shown["BillingDetails"] = {"BilledDurationInMilliseconds": billed, "BilledMemoryUsedInMB": 64}
    return dict(sorted(shown.items()))
