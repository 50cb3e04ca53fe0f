"""What tasks ask about executions and state machines of the same engine, through the AWS SDK integration of Step Functions.

A client performs the call instead if there is one that answers for Step Functions.

Source: https://docs.aws.amazon.com/step-functions/latest/apireference/API_Operations.html
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from generator.asl.intrinsic_functions import make_uuid
from generator.asl.placeholders import unshielded_json
from generator.engine.clock import Future, iso
from generator.engine.failure import StateError
from generator.engine.history import json_text

if TYPE_CHECKING:
    from collections.abc import Callable

    from generator.engine.calls.call import Call
    from generator.engine.clock import Branch
    from generator.engine.execution import Execution
    from generator.engine.frame import StateMachine

_MOST: Final = 1000
_AS_IT_IS: Final = "assignedVariables"
"""The member of an event whose names are those of the author."""


def perform(call: Call, parameters: dict[str, Any]) -> Branch | None:
    """Perform a call of one of :data:`ACTIONS`. The result is None if a client has to perform it."""
    engine = call.frame.run.engine
    answers = "states" in engine.services or not (engine.executions or engine.state_machines)
    return None if engine.clients is not None and answers else ACTIONS[call.task.action](call, parameters)


def refused(call: Call, code: str, message: str) -> StateError:
    """Return the refusal of a request to Step Functions, with the error name and the words of the integration."""
    request = make_uuid(call.frame.run.random)
    if call.task.service.startswith("aws-sdk:"):
        return StateError(f"Sfn.{code}Exception", f"{message} (Service: Sfn, Status Code: 400, Request ID: {request})")
    where = f"Service: AWSStepFunctions; Status Code: 400; Error Code: {code}; Request ID: {request}; Proxy: null"
    return StateError(f"StepFunctions.{code}Exception", f"{message} ({where})")


def describe(child: Execution, *, texts: bool) -> dict[str, Any]:
    """Return an execution that has ended as the integrations that wait for it show it.

    Args:
        child: the execution.
        texts: whether input and output are JSON text instead of JSON values.
    """
    shown: dict[str, Any] = {
        "ExecutionArn": child.arn,
        "Input": json_text(child.input) if texts else child.input,
        "InputDetails": {"Included": True},
        "Name": child.name,
        "RedriveCount": 0,
        "StartDate": int(child.started * 1000),
        "StateMachineArn": child.machine.arn,
        "Status": child.status,
        "StopDate": int((child.stopped or child.started) * 1000),
    }
    if child.status == "SUCCEEDED":
        shown["Output"] = json_text(child.output) if texts else child.output
        shown["OutputDetails"] = {"Included": True}
        shown["RedriveStatus"] = "NOT_REDRIVABLE"
        shown["RedriveStatusReason"] = "Execution is SUCCEEDED and cannot be redriven"
    else:
        # As recorded: descriptions of failures have no fields of redriving.
        del shown["RedriveCount"]
        shown["Cause"], shown["Error"] = child.cause, child.error
    return {key: shown[key] for key in sorted(shown) if shown[key] is not None}


def _execution(call: Call, parameters: dict[str, Any]) -> Execution:
    """Return the execution that a call names.

    Raises:
        StateError: there is none.
    """
    arn = str(parameters.get("ExecutionArn", ""))
    found = call.frame.run.engine.executions.get(arn)
    if found is None:
        raise refused(call, "ExecutionDoesNotExist", f"Execution Does Not Exist: '{arn}'")
    if found.express:
        raise refused(call, "InvalidArn", f"Invalid Arn: 'Resource type not valid in this context: express:{found.machine.name}'")
    return found


def _state_machine(call: Call, parameters: dict[str, Any]) -> StateMachine:
    arn = str(parameters.get("StateMachineArn", ""))
    run = call.frame.run
    own = run.engine.executions[run.arn].machine if run.arn in run.engine.executions else None
    found = own if own is not None and own.arn == arn else run.engine.find_state_machine(arn)
    if found is None:
        raise refused(call, "StateMachineDoesNotExist", f"State Machine Does Not Exist: '{arn}'")
    return found


def _dates(execution: Execution) -> dict[str, Any]:
    return {"StartDate": iso(execution.started), **({} if execution.stopped is None else {"StopDate": iso(execution.stopped)})}


def _describe_execution(call: Call, parameters: dict[str, Any]) -> Branch:
    yield from ()  # a generator, as all performers are
    found = _execution(call, parameters)
    redrivable = found.done and found.status != "SUCCEEDED"
    shown: dict[str, Any] = {
        "ExecutionArn": found.arn,
        "Input": json_text(found.input),
        "InputDetails": {"Included": True},
        "Name": found.name,
        "RedriveCount": found.redriven,
        "RedriveStatus": "REDRIVABLE" if redrivable else "NOT_REDRIVABLE",
        "StateMachineArn": found.machine.arn,
        "Status": found.status,
        **_dates(found),
    }
    if not redrivable:
        shown["RedriveStatusReason"] = f"Execution is {found.status} and cannot be redriven"
    if found.status == "SUCCEEDED":
        shown |= {"Output": json_text(found.output), "OutputDetails": {"Included": True}}
    shown |= {name: text for name, text in (("Error", found.error), ("Cause", found.cause)) if text is not None}
    return dict(sorted(shown.items()))


def _list_executions(call: Call, parameters: dict[str, Any]) -> Branch:
    yield from ()
    machine = _state_machine(call, parameters)
    if machine.express:
        raise refused(call, "StateMachineTypeNotSupported", "This operation is not supported by this type of state machine")
    wanted = parameters.get("StatusFilter")
    found = [each for each in call.frame.run.engine.executions.values() if each.machine.arn == machine.arn]
    shown = [
        {
            "ExecutionArn": each.arn,
            "Name": each.name,
            "RedriveCount": each.redriven,
            "StateMachineArn": each.machine.arn,
            "Status": each.status,
            **_dates(each),
        }
        for each in reversed(found)  # the newest first
        if wanted in {None, each.status}
    ]
    return _page("Executions", shown, parameters, 100)


def _stop_execution(call: Call, parameters: dict[str, Any]) -> Branch:
    run = call.frame.run
    found = _execution(call, parameters)
    error, cause = parameters.get("Error"), parameters.get("Cause")
    # The first steps of a child run inside its parent's branch. A branch that is running cannot be stopped: let it wait first.
    yield run.scheduler.timer(0)
    if found.arn == run.arn:

        def stop() -> None:
            found.stop(error, cause)

        run.scheduler.timer(0).callback = stop
        yield Future()  # the stop ends this branch
    found.stop(error, cause)
    return {"StopDate": iso(run.clock.now() if found.stopped is None else found.stopped)}


def _redrive_execution(call: Call, parameters: dict[str, Any]) -> Branch:
    yield from ()
    found = _execution(call, parameters)
    try:
        found.redrive()
    except ValueError as error:
        raise refused(call, "ExecutionNotRedrivable", f"Execution Not Redrivable: '{error}'") from None
    found.begin()
    return {"RedriveDate": iso(call.frame.run.clock.now())}


def _history(call: Call, parameters: dict[str, Any]) -> Branch:
    yield from ()
    events = [_pascal(event) for event in _execution(call, parameters).history]
    return _page("Events", events[::-1] if parameters.get("ReverseOrder") else events, parameters, _MOST)


def _page(name: str, items: list[Any], parameters: dict[str, Any], most: int) -> dict[str, Any]:
    token = str(parameters.get("NextToken") or 0)
    start = int(token) if token.isdigit() else 0
    end = start + int(parameters.get("MaxResults") or most)
    return {name: items[start:end], **({"NextToken": str(end)} if end < len(items) else {})}


def _pascal(value: Any) -> Any:
    """Return an event with the names of the AWS SDK for Java."""
    if isinstance(value, dict):
        return {key[:1].upper() + key[1:]: item if key == _AS_IT_IS else _pascal(item) for key, item in value.items()}
    return iso(value.timestamp()) if hasattr(value, "timestamp") else value


def _describe_state_machine(call: Call, parameters: dict[str, Any]) -> Branch:
    yield from ()
    machine = _state_machine(call, parameters)
    kind = "EXPRESS" if machine.express else "STANDARD"
    return {"CreationDate": iso(0), **_definition(machine), "Status": "ACTIVE", "Type": kind}


def _describe_for_execution(call: Call, parameters: dict[str, Any]) -> Branch:
    yield from ()
    return {**_definition(_execution(call, parameters).machine), "UpdateDate": iso(0)}


def _definition(machine: StateMachine) -> dict[str, Any]:
    text = unshielded_json(json.dumps(machine.machine.walk.document, ensure_ascii=False))
    return {"Definition": text, "Name": machine.name, "RoleArn": machine.role, "StateMachineArn": machine.arn}


ACTIONS: Final[dict[str, Callable[[Call, dict[str, Any]], Branch]]] = {
    "describeExecution": _describe_execution,
    "describeStateMachine": _describe_state_machine,
    "describeStateMachineForExecution": _describe_for_execution,
    "getExecutionHistory": _history,
    "listExecutions": _list_executions,
    "redriveExecution": _redrive_execution,
    "stopExecution": _stop_execution,
}
"""The actions that this module performs, each with its function."""
