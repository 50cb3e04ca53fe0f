"""Run state machines on a laptop as AWS Step Functions does: same status, output, error, cause and history.

Time is virtual by default, and random values come from a seed: two runs return the same bytes.

The modules, each of which imports only from those before it: ``failure``, ``clock``, ``history``; ``frame`` (the data of one
execution); ``fields`` (compiled paths and expressions); ``calls`` (functions, services, mocks); ``states``; ``compile`` (from a
definition to linked states); ``account`` (state machines, task tokens, activities); ``execution``; ``tools`` (single-state test,
coverage, pytest plugin).

>>> from generator.engine import execute
>>> machine = {
...     "StartAt": "Wait",
...     "States": {
...         "Wait": {"Type": "Wait", "Seconds": 2592000, "Next": "Greet"},
...         "Greet": {"Type": "Task", "Resource": "arn:aws:lambda:us-east-1:123456789012:function:greet", "End": True},
...     },
... }
>>> execution = execute(machine, {"name": "Ann"}, functions={"greet": lambda event: f"Hi {event['name']}"})
>>> execution.status, execution.output, execution.duration
('SUCCEEDED', 'Hi Ann', 2592000.0)
>>> execution.history[-1]["type"]
'ExecutionSucceeded'
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from generator.engine.account import Kind, TaskTokenError
from generator.engine.calls.functions import FunctionError, takes
from generator.engine.calls.mocks import Fails, MockError, Mocks, Sequence, Waits
from generator.engine.clock import RealClock, VirtualClock
from generator.engine.compile import DefinitionError, Machine, compile_definition, substitute
from generator.engine.execution import Engine, Execution, StateVisit
from generator.engine.failure import InputError
from generator.engine.tools.single_state import StateResult, TestStateError, test_state

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from generator.engine.clock import Clock


def execute(
    definition: dict[str, Any] | str | Machine,
    input: Any = None,
    *,
    functions: Mapping[str, Callable[..., Any]] | None = None,
    type: Kind = "STANDARD",
    clock: Clock | None = None,
    seed: int = 0,
    context: Mapping[str, Any] | None = None,
    clients: Callable[[str], Any] | None = None,
    mocks: Mocks | Mapping[str, Any] | None = None,
    substitutions: Mapping[str, str] | None = None,
) -> Execution:
    """Run a state machine to its end.

    Args:
        definition: the definition as JSON text, as a JSON value, or compiled by :func:`compile_definition`.
        input: the input, a JSON value, by default ``{}``.
        functions: Lambda functions by name or ARN. Each takes the event, or the event and the context.
        type: ``STANDARD`` or ``EXPRESS``.
        clock: the clock, by default a virtual one.
        seed: the seed of all random values: identifiers, jitter, ``$random()``.
        context: members to replace in the Context object, such as ``{"Execution": {"Name": "x"}}``.
        clients: a function that returns a boto3 client for the name of a service, such as ``boto3.client``.
        mocks: results of tasks that cannot run here. A mapping is read as ``Mocks(mapping)``.
        substitutions: the values that the deployment fills in for placeholders such as ``${order_queue_url}``, by name.
            Placeholders of functions need none: ``${validator_arn}`` calls the function ``validator``.

    Raises:
        DefinitionError: the definition has errors.
        InputError: the input is not JSON or larger than 256 KiB.
    """
    return start(
        definition,
        input,
        functions=functions,
        type=type,
        clock=clock,
        seed=seed,
        context=context,
        clients=clients,
        mocks=mocks,
        substitutions=substitutions,
    ).finish()


def start(
    definition: dict[str, Any] | str | Machine,
    input: Any = None,
    *,
    functions: Mapping[str, Callable[..., Any]] | None = None,
    type: Kind = "STANDARD",
    clock: Clock | None = None,
    seed: int = 0,
    context: Mapping[str, Any] | None = None,
    clients: Callable[[str], Any] | None = None,
    mocks: Mocks | Mapping[str, Any] | None = None,
    substitutions: Mapping[str, str] | None = None,
) -> Execution:
    """Start an execution and return it, to answer task tokens, stop or redrive it. The arguments are those of :func:`execute`.

    >>> from generator.engine import Waits
    >>> url = "https://sqs.us-east-1.amazonaws.com/123456789012/orders"
    >>> parameters = {"QueueUrl": url, "MessageBody": {"token.$": "$$.Task.Token"}}
    >>> ask = {"Type": "Task", "Resource": "arn:aws:states:::sqs:sendMessage.waitForTaskToken", "Parameters": parameters, "End": True}
    >>> execution = start({"StartAt": "Ask", "States": {"Ask": ask}}, mocks={"Ask": Waits()}).run()
    >>> (token, state), = execution.waiting.items()
    >>> execution.send_task_success(token, {"approved": True})
    >>> execution.run().output
    {'approved': True}
    """
    answers = mocks if mocks is None or isinstance(mocks, Mocks) else Mocks(mocks)
    if substitutions and not isinstance(definition, Machine):
        definition = substitute(definition, substitutions)
    engine = Engine(functions=functions, clients=clients, clock=clock, seed=seed, mocks=answers)
    return engine.start(definition, input, type=type, context=context)


__all__ = [
    "DefinitionError",
    "Engine",
    "Execution",
    "Fails",
    "FunctionError",
    "InputError",
    "Machine",
    "MockError",
    "Mocks",
    "RealClock",
    "Sequence",
    "StateResult",
    "StateVisit",
    "TaskTokenError",
    "TestStateError",
    "VirtualClock",
    "Waits",
    "compile_definition",
    "execute",
    "start",
    "substitute",
    "takes",
    "test_state",
]
