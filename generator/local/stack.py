"""The deployed system on a laptop: what a project declares, put together and running.

Everything comes from the declarations that Terraform uses: tables, queues, topics, buckets and buses in moto; functions in processes
of their own; event source mappings, schedules and rules as threads; the HTTP API of a function that has a contract; Step Functions on
this project's engine.
"""

from __future__ import annotations

import json
import math
import shlex
import threading
import time
from contextlib import ExitStack, closing
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from generator.catalog.resources import ARN, URL
from generator.dsl.resources import StateMachine
from generator.engine import DefinitionError
from generator.local.api import CONTRACT, RestApi
from generator.local.aws import Aws, AwsCall
from generator.local.contents import SENDERS, Contents, has_visible
from generator.local.durable import DurableStepFunctions
from generator.local.functions import Functions
from generator.local.laptop import attributes, laptop
from generator.local.queues import EventSourceMapping, Poller
from generator.local.stepfunctions.model import ServiceError
from generator.local.stepfunctions.service import StepFunctions
from generator.local.store import Store
from generator.local.triggers import Schedules, Triggers
from generator.lower import compile_workflow

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from generator.dsl.resources import Function
    from generator.dsl.triggers import WorkflowTrigger
    from generator.dsl.workflow import Workflow
    from generator.loader import Loaded
    from generator.local.api import HttpAnswer, HttpRequest
    from generator.local.log import Log
    from generator.local.stepfunctions.pace import Pace
    from generator.local.stepfunctions.routes import Choices

_POLLERS: Final = 2
"""The pollers of a queue; Lambda starts with five, which a laptop has no processors for."""
_JOIN_SECONDS: Final = 2.0
_ENDED: Final = {"ended", "crashed"}


@dataclass(frozen=True)
class StackOptions:
    """How the local stack runs.

    Attributes:
        root: the folder of the project.
        pace: how time passes: a factor, ``virtual`` or ``held``.
        substitutions: values of placeholders by name, which nothing declares.
        data: the folder that keeps the state; None for memory only.
        choices: who performs tasks in place of what this machine has.
        folders: folders with definitions that are served too.
    """

    root: Path
    pace: Pace = 1.0
    substitutions: Mapping[str, Any] | None = None
    data: Path | None = None
    choices: Choices | None = None
    folders: Sequence[Path] = ()


def task_option(state: str, answer: str) -> str:
    r"""Return the option of the command that mocks a task.

    >>> task_option("Pay", '{"paid":true}')
    'restart with --task \'Pay=mock:{"paid":true}\''
    """
    return f"restart with --task {shlex.quote(f'{state}=mock:{answer}')}"


class Stack:
    """The running system.

    Attributes:
        aws: the endpoint of AWS.
        functions: the functions.
        step_functions: the service.
        apis: the HTTP APIs, by the name of their function.
        laptop: the declared resources.
        triggers: what starts workflows.
    """

    def __init__(self, loaded: Loaded, options: StackOptions, log: Log) -> None:
        """Create the resources, and register the workflows.

        Args:
            loaded: the project.
            options: how to run.
            log: where events and output are written.

        Raises:
            DefinitionError: a workflow has errors.
            ImportError: the extra ``local`` is not installed.
        """
        self.options = options
        self.log = log
        self.aws = Aws()
        self._open = ExitStack()
        self._workflows = [workflow for _, workflow in loaded.workflows]
        self._started: dict[str, float] = {}
        self.laptop = self._open.enter_context(laptop(loaded.resources, options.root, clients=self.aws.client))
        declared = {each.name: each for each in self.laptop.declared_functions()}
        environments = {name: self.laptop.environment(function) for name, function in declared.items()}
        self.functions = Functions(declared, environments, options.root, log)
        self._store = None if options.data is None else self._open.enter_context(closing(Store(options.data)))
        self.step_functions = self._service()
        self.step_functions.core.mock_option = task_option
        self.machines: dict[str, str] = {}
        try:
            for workflow in self._workflows:
                compiled = compile_workflow(workflow, loaded.placeholders)
                self.machines[workflow.name] = self.step_functions.add(compiled, substitutions=options.substitutions)[0]
            for folder in options.folders:
                arns, wrong = self.step_functions.load(folder, substitutions=options.substitutions)
                self.machines |= {arn.rpartition(":")[2]: arn for arn in arns}
                for error in wrong.values():
                    raise error  # the first one
        except DefinitionError:
            self.close()
            raise
        self._make_aliases()
        self.apis = {name: api for name, function in declared.items() if (api := self._api(function)) is not None}
        self.triggers = Triggers(self._workflows, self.laptop, self._trigger)
        clock = self.step_functions.core.clock
        self.schedules = Schedules(self.triggers, clock.now, clock.wall_seconds)
        self.pollers = [
            self._poller(function, trigger)
            for function in declared.values()
            for trigger in function.triggers
            for _ in range(_POLLERS if function.reserved_concurrency is None else min(_POLLERS, function.reserved_concurrency))
        ]

    def _make_aliases(self) -> None:
        """Create the declared aliases of state machines, for what is registered now."""
        aliases = {each.name: each.alias for each in self.laptop.resources.values() if isinstance(each, StateMachine)}
        for name, alias in aliases.items():
            if alias is not None and name in self.machines:
                # Not through the service's own call, which may keep it: it is made anew at each start.
                version = StepFunctions.call(self.step_functions, "PublishStateMachineVersion", {"stateMachineArn": self.machines[name]})
                routing = [{"stateMachineVersionArn": version["stateMachineVersionArn"], "weight": 100}]
                StepFunctions.call(self.step_functions, "CreateStateMachineAlias", {"name": alias, "routingConfiguration": routing})

    def _service(self) -> StepFunctions:
        options: dict[str, Any] = {
            "functions": self.functions.by_arn, "clients": self.aws.client, "pace": self.options.pace, "watch": self._watch,
            "choices": self.options.choices,
        }  # fmt: skip
        return StepFunctions(**options) if self._store is None else DurableStepFunctions(self._store, **options)

    def _restore(self) -> None:
        """Put back what the folder has, and keep what changes from now on."""
        if self._store is None:
            return
        contents = Contents(self._store, self.aws, self.laptop.resources)
        counts = contents.restore()
        if isinstance(self.step_functions, DurableStepFunctions):
            counts |= self.step_functions.restore()
        self.aws.watchers.append(contents.saw)
        self.log.event("local", "state: " + ", ".join(f"{number} {kind}" for kind, number in counts.items()), restored=counts)

    def _api(self, function: Function) -> RestApi | None:
        file = self.options.root / function.folder / CONTRACT
        if not file.is_file():
            return None
        document = json.loads(file.read_text(encoding="utf-8"))
        return RestApi(document, lambda event: self.functions.invoke(function.name, event))

    def _poller(self, function: Function, trigger: Any) -> Poller:
        found = attributes(trigger.queue)
        mapping = EventSourceMapping(
            trigger, function.name, (found[URL], found[ARN]), sqs=self.aws.client("sqs"), invoke=self.functions.invoke
        )
        ready = partial(has_visible, found[ARN].rpartition(":")[2])
        pace = self.options.pace
        return Poller(mapping, speed=math.inf if isinstance(pace, str) else float(pace), ready=ready, report=self._delivered)

    def start(self, endpoint: str) -> None:
        """Let queues, schedules and rules work.

        Args:
            endpoint: the URL of the AWS endpoint, for the functions.
        """
        self.functions.endpoint = endpoint
        self.aws.functions = self.functions
        self._restore()
        self.aws.watchers += [self.triggers.saw, self._ring]
        threading.Thread(target=self.functions.warm, name="warm", daemon=True).start()
        for poller in self.pollers:
            poller.start()
        self.schedules.start()

    def close(self) -> None:
        """End everything: threads, processes of functions, mocked services. What happens while it ends is not kept."""
        if self._store is not None:
            self._store.close()
        self.aws.closed = True
        self.schedules_stop()
        for poller in getattr(self, "pollers", []):
            poller.stop()
        self.step_functions.close()
        self.functions.close()
        for poller in getattr(self, "pollers", []):
            poller.join(_JOIN_SECONDS)
        self._open.close()

    def schedules_stop(self) -> None:
        """Stop the schedules, if they were made."""
        if hasattr(self, "schedules"):
            self.schedules.stop()

    def request(self, request: HttpRequest) -> HttpAnswer | None:
        """Answer a request of a client of the project's API; None if the project has no API."""
        if not self.apis:
            return None
        began = time.monotonic()
        name, api = next(((name, api) for name, api in self.apis.items() if api.has(request.path)), next(iter(self.apis.items())))
        answer = api(request)
        taken = round((time.monotonic() - began) * 1000)
        self.log.event(
            "api",
            f"{request.method} {request.path} → {answer.status}, {taken} ms",
            failed=answer.status >= 500,  # noqa: PLR2004  the range of failures of a server
            method=request.method,
            path=request.path,
            status=answer.status,
            function=name,
            milliseconds=taken,
        )
        return answer

    def _ring(self, call: AwsCall) -> None:
        if call.service in SENDERS and not call.operation.startswith(("ReceiveMessage", "DeleteMessage")):
            for poller in self.pollers:
                poller.bell.set()

    def _delivered(self, function: str, messages: int, failed: int) -> None:
        words = f"{messages} message{'s' * (messages != 1)}" + (f", {failed} back to the queue" if failed else "")
        self.log.event("queue", f"{words} for {function}", function=function, messages=messages, failed_messages=failed)

    def _watch(self, what: str, record: Any) -> None:
        if what == "entered":
            return
        name = record.machine.title or record.machine.name
        if what in _ENDED:
            error = f": {record.error}: {record.cause}" if record.error else ""
            failed = record.status != "SUCCEEDED"
            self.log.event(name, f"{record.name} {record.status}{error}", failed=failed, execution=record.arn, status=record.status)
        else:
            self.log.event(name, f"{record.name} {what}", execution=record.arn, status=record.status)

    def _trigger(self, workflow: Workflow, trigger: WorkflowTrigger, document: Any) -> None:
        self.log.event("trigger", f"{trigger.name} starts {workflow.name}", workflow=workflow.name, trigger=trigger.name)
        try:
            self.step_functions.call(
                "StartExecution", {"stateMachineArn": self.machines[workflow.name], "input": json.dumps(document, ensure_ascii=False)}
            )
        except ServiceError as error:
            self.log.event("trigger", f"{trigger.name} did not start {workflow.name}: {error}", failed=True)
