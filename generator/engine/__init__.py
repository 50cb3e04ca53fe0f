"""Runs state machines on a laptop as AWS Step Functions would: same status, output, error, cause and history.

Time is virtual unless a :class:`RealClock` is given, randomness is seeded: the same run gives the same bytes.

Example:
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

from generator.engine.clock import RealClock, VirtualClock
from generator.engine.engine import Engine, InputError, Kind, TaskTokenError
from generator.engine.execution import Execution, StateVisit
from generator.engine.functions import FunctionError, takes
from generator.engine.machine import DefinitionError, Machine, compile_definition, substitute

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from generator.engine.clock import Clock
    from generator.engine.mocks import Fails, MockError, Mocks, Sequence, Waits
    from generator.engine.single_state import StateResult, test_state


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
        definition: ASL as JSON text, as what it parses to, or compiled by :func:`compile_definition`.
        input: The input, a JSON value; ``{}`` when missing.
        functions: Lambda functions by name or ARN; each takes the event, or the event and the context.
        type: ``STANDARD`` or ``EXPRESS``.
        clock: Virtual unless given.
        seed: Of all randomness: identifiers, jitter, ``$random()``.
        context: What to put over the Context object, such as ``{"Execution": {"Name": "x"}}``.
        clients: Gives a boto3 client for a service's name, such as ``boto3.client``.
        mocks: Answers for tasks that cannot run here; a mapping is read as ``Mocks(mapping)``.
        substitutions: What the deployment fills in for placeholders such as ``${order_queue_url}``, by name. Placeholders
            for functions need none: ``${validator_arn}`` calls the function ``validator``.

    Raises:
        DefinitionError: The definition cannot be run.
        InputError: The input is no JSON or larger than 256 KiB.
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
    """Start a state machine that lives on: callbacks, activities, stopping, redriving. The arguments are those of :func:`execute`.

    Example:
        >>> from generator.engine.mocks import Waits
        >>> ask = {"Type": "Task", "Resource": "arn:aws:states:::sqs:sendMessage.waitForTaskToken", "End": True}
        >>> execution = start({"StartAt": "Ask", "States": {"Ask": ask}}, mocks={"Ask": Waits()}).run()
        >>> (token, state), = execution.waiting.items()
        >>> execution.send_task_success(token, {"approved": True})
        >>> execution.run().output
        {'approved': True}
    """
    answers: Mocks | None = None
    if mocks is not None:
        from generator.engine.mocks import Mocks  # noqa: PLC0415  only with mocks

        answers = mocks if isinstance(mocks, Mocks) else Mocks(mocks)
    if substitutions and not isinstance(definition, Machine):
        definition = substitute(definition, substitutions)
    engine = Engine(functions=functions, clients=clients, clock=clock, seed=seed, mocks=answers)
    return engine.start(definition, input, type=type, context=context)


def __getattr__(name: str) -> Any:
    """Import what few programs need when they ask for it."""
    if name in {"Mocks", "MockError", "Fails", "Waits", "Sequence"}:
        from generator.engine import mocks  # noqa: PLC0415

        return getattr(mocks, name)
    if name in {"test_state", "StateResult"}:
        from generator.engine import single_state  # noqa: PLC0415

        return getattr(single_state, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


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
    "VirtualClock",
    "Waits",
    "compile_definition",
    "execute",
    "start",
    "substitute",
    "takes",
    "test_state",
]
