"""The engine that starts executions, and the functions that start one of a workflow."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Any, TypeAlias

from generator.asl.intrinsic_functions import make_uuid
from generator.asl.read import read_file
from generator.dsl.workflow import Workflow
from generator.engine.account import Account, named
from generator.engine.calls.mocks import Mocks
from generator.engine.calls.targets import known
from generator.engine.clock import iso
from generator.engine.execution import Execution
from generator.engine.failure import InputError
from generator.engine.frame import Run, too_large

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from generator.engine.account import Functions, Kind
    from generator.engine.clock import Clock
    from generator.engine.definitions import Runnable
    from generator.engine.frame import RawEvent, StateMachine

Answers: TypeAlias = "Mocks | Mapping[Any, Any]"
"""Mocks, or the answers to make them of by the name of a state, an integration, a declared resource or its name."""
StateMachines: TypeAlias = "Mapping[Any, Runnable]"
"""What runs in place of state machines, by the declared state machine, its name or its ARN."""


class Engine(Account):
    """An account that starts executions.

    >>> engine = Engine(functions={"double": lambda event: event * 2})
    >>> task = {"Type": "Task", "Resource": "arn:aws:lambda:us-east-1:123456789012:function:double", "End": True}
    >>> engine.start({"StartAt": "Double", "States": {"Double": task}}, 21).finish().output
    42
    """

    def start(
        self,
        workflow: Runnable,
        input: Any = None,
        *,
        type: Kind | None = None,
        name: str | None = None,
        state_machine: str | None = None,
        role: str | None = None,
        context: Mapping[str, Any] | None = None,
        mocks: Mocks | None = None,
        variables: Mapping[str, Any] | None = None,
        substitutions: Mapping[str, Any] | None = None,
    ) -> Execution:
        """Start an execution. Its states run when :meth:`Execution.run` or :meth:`Execution.finish` is called.

        Args:
            workflow: a workflow, the path of a file, or a definition as JSON text, as a JSON value, or compiled.
            input: the input, by default ``{}``; a ``Path`` is a file with it.
            type: ``STANDARD`` or ``EXPRESS``, by default that of the workflow, or ``STANDARD``.
            name: the name of the execution, by default a random one.
            state_machine: the name of the state machine in the Context object.
            role: the ARN of the execution role in the Context object.
            context: members to replace in the Context object, such as ``{"Execution": {"Name": "x"}}``.
            mocks: mocks to use instead of those of the engine.
            variables: values of variables at the start.
            substitutions: values of placeholders by name.

        Raises:
            DefinitionError: the definition has errors.
            InputError: the input is not JSON or larger than 256 KiB.
            MockError: a mock is for a task that does not exist.
        """
        made = self.state_machine(workflow, name=state_machine, type=type, role=role, substitutions=substitutions)
        answers = mocks if mocks is not None else self.mocks
        if answers is not None and answers.unused:
            walks = (made.machine.walk, *(each.machine.walk for each in self.state_machines.values()))
            answers.check(known(walks, self.declared))
        document = {} if input is None else _document(input)
        execution = self.start_machine(made, document, name=name, context=context, mocks=mocks, variables=variables)
        execution.warnings.extend(
            f"The placeholder ${{{each}}} has no value: pass substitutions={{'{each}': ...}}" for each in self.unfilled
        )
        return execution

    def start_machine(
        self,
        machine: StateMachine,
        document: Any,
        *,
        name: str | None = None,
        context: Mapping[str, Any] | None = None,
        mocks: Mocks | None = None,
        variables: Mapping[str, Any] | None = None,
        arn: str | None = None,
    ) -> Execution:
        """Start an execution of a state machine. See :meth:`start`.

        Args:
            machine: the state machine.
            document: the input.
            name: the name of the execution, by default a random one.
            context: members to replace in the Context object.
            mocks: mocks to use instead of those of the engine.
            variables: values of variables at the start.
            arn: the ARN of the execution, by default one made of the names.

        Raises:
            InputError: the input is not JSON or larger than 256 KiB.
        """
        try:
            large = too_large(document)
        except (TypeError, ValueError):
            raise InputError("The input is not JSON") from None
        if large:
            raise InputError("The input is larger than 262144 bytes")
        random = Random(self.random.getrandbits(64))  # noqa: S311  repeatable by design
        name = name or make_uuid(random)
        if arn is None:
            arn = self.arn(
                "states", f"express:{machine.name}:{name}:{make_uuid(random)}" if machine.express else f"execution:{machine.name}:{name}"
            )
        started = iso(self.clock.now())
        full: dict[str, Any] = {
            "Execution": {"Id": arn, "Input": document, "StartTime": started, "Name": name, "RoleArn": machine.role, "RedriveCount": 0},
            "StateMachine": {"Id": machine.arn, "Name": machine.name},
        }
        if machine.express:
            del full["Execution"]["RedriveCount"]  # an express execution cannot be redriven
        for key, value in (context or {}).items():
            full[key] = {**full.get(key, {}), **value} if isinstance(value, dict) else value
        run = Run(self, arn, full, random, express=machine.express, mocks=mocks if mocks is not None else self.mocks)
        execution = Execution(run, machine, document, dict(variables or {}))
        self.executions[arn] = execution
        return execution

    def revive(self, machine: StateMachine, document: Any, *, arn: str, rest: Mapping[str, Any], events: Iterable[RawEvent]) -> Execution:
        """Return an execution that has ended in another engine or process, so that it can be redriven.

        Args:
            machine: its state machine.
            document: its input.
            arn: its ARN.
            rest: what :meth:`Execution.rest` returned.
            events: its history.
        """
        context = {**rest["context"], "Execution": {**rest["context"]["Execution"], "Input": document}}
        random = Random(self.random.getrandbits(64))  # noqa: S311  repeatable by design
        run = Run(self, arn, context, random, express=machine.express, mocks=self.mocks)
        execution = Execution(run, machine, document, {})
        execution.put_back(rest, events)
        self.executions[arn] = execution
        return execution


def execute(
    workflow: Runnable,
    input: Any = None,
    *,
    functions: Functions | None = None,
    mocks: Answers | None = None,
    type: Kind | None = None,
    state_machines: StateMachines | None = None,
    substitutions: Mapping[str, Any] | None = None,
    clients: Callable[[str], Any] | None = None,
    clock: Clock | None = None,
    seed: int = 0,
    context: Mapping[str, Any] | None = None,
) -> Execution:
    """Run a state machine to its end. Executions that it started without waiting run, too, to their end or until they wait.

    Args:
        workflow: a :class:`~generator.Workflow`; the path of a file in JSON or YAML; or a definition as a JSON value or JSON text.
        input: the input, a JSON value, by default ``{}``; a ``Path`` is a JSON file with it.
        functions: Python functions by the Lambda function, its name or its ARN. Each takes the event, or the event and the context.
        mocks: answers to tasks that cannot run here, by the name of the state, by the integration (``sqs:sendMessage``), or by
            the resource or its name. See :class:`~generator.engine.Mocks`.
        type: ``STANDARD`` or ``EXPRESS``; by default that of the workflow, or ``STANDARD``.
        state_machines: what runs in place of state machines that tasks start, by the state machine, its name or its ARN.
            Workflows of the project need no entry: those that a ``Workflow`` refers to, and for a file those in the same
            ``build/``.
        substitutions: the values that the deployment fills in for placeholders such as ``${order_queue_url}``, by name. The
            placeholders of declared resources need none.
        clients: a function that returns a boto3 client for the name of a service, such as ``boto3.client``.
        clock: the clock, by default a virtual one.
        seed: the seed of all random values: identifiers, jitter, ``$random()``.
        context: members to replace in the Context object, such as ``{"Execution": {"Name": "x"}}``.

    Raises:
        DefinitionError: the workflow or the definition has errors.
        InputError: the input is not JSON or larger than 256 KiB.
        MockError: a mock is for a task that does not exist, or it is not an answer.

    >>> from generator.dsl.resources import Function
    >>> from generator.dsl.steps import Task
    >>> from generator.dsl.workflow import Workflow
    >>> greeter = Function("greeter", folder="functions/greeter")
    >>> greeting = Workflow("greeting", steps=[Task("Greet", greeter.invoke({"name": "Ann"}))])
    >>> execution = execute(greeting, functions={greeter: lambda event: f"Hi {event['name']}"})
    >>> execution.output, len(execution.calls(greeter))
    ('Hi Ann', 1)
    """
    return (
        start(
            workflow,
            input,
            functions=functions,
            mocks=mocks,
            type=type,
            state_machines=state_machines,
            substitutions=substitutions,
            clients=clients,
            clock=clock,
            seed=seed,
            context=context,
        )
        .finish()
        .run_children()
    )


def start(
    workflow: Runnable,
    input: Any = None,
    *,
    functions: Functions | None = None,
    mocks: Answers | None = None,
    type: Kind | None = None,
    state_machines: StateMachines | None = None,
    substitutions: Mapping[str, Any] | None = None,
    clients: Callable[[str], Any] | None = None,
    clock: Clock | None = None,
    seed: int = 0,
    context: Mapping[str, Any] | None = None,
    workflows: Callable[[str], Runnable | None] | None = None,
) -> Execution:
    """Start an execution and return it, to answer task tokens, stop or redrive it.

    The arguments are those of :func:`execute`, and ``workflows`` that of :class:`~generator.engine.account.Account`.

    >>> from generator.engine import Waits
    >>> url = "https://sqs.us-east-1.amazonaws.com/123456789012/orders"
    >>> parameters = {"QueueUrl": url, "MessageBody": {"token.$": "$$.Task.Token"}}
    >>> ask = {"Type": "Task", "Resource": "arn:aws:states:::sqs:sendMessage.waitForTaskToken", "Parameters": parameters, "End": True}
    >>> execution = start({"StartAt": "Ask", "States": {"Ask": ask}}, mocks={"Ask": Waits()}).run()
    >>> execution.send_task_success("Ask", {"approved": True})
    >>> execution.run().output
    {'approved': True}
    """
    answers = mocks.fresh() if isinstance(mocks, Mocks) else None if mocks is None else Mocks(mocks)
    engine = Engine(functions=functions, clients=clients, clock=clock, seed=seed, mocks=answers, workflows=workflows)
    for key, other in (state_machines or {}).items():
        name = named(key, "a state machine").rsplit(":", 1)[-1]
        kind = key.type if isinstance(key, Workflow) and not isinstance(other, Workflow) else None
        engine.create_state_machine(name, other, type=kind, substitutions=substitutions)
    return engine.start(workflow, input, type=type, context=context, substitutions=substitutions)


def _document(value: Any) -> Any:
    """Return an input, which may be in a file.

    Raises:
        InputError: the file cannot be read.
    """
    if not isinstance(value, Path):
        return value
    read = read_file(value)
    if not read.readable:
        raise InputError(f"the input {value} cannot be used: {read.diagnostics[0].message}")
    return read.value
