"""The API of Step Functions as one Python object."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple, Self

from generator.engine import DefinitionError
from generator.engine.definitions import ACCOUNT, REGION, Runnable, read
from generator.engine.history import json_text
from generator.local.stepfunctions import arns
from generator.local.stepfunctions.answers import VARIABLE, Answers
from generator.local.stepfunctions.checking import Checking
from generator.local.stepfunctions.core import Core
from generator.local.stepfunctions.executions import Executions
from generator.local.stepfunctions.machines import ENCRYPTION, LOGGING, TRACING, Machines
from generator.local.stepfunctions.model import ServiceError, checked, operation_names
from generator.local.stepfunctions.records import MachineRecord, Revision, startable
from generator.local.stepfunctions.tags import Tags
from generator.local.stepfunctions.tasks import POLL_SECONDS, Tasks

if TYPE_CHECKING:
    import threading
    from collections.abc import Callable, Mapping

    from generator.engine.calls.functions import Handler
    from generator.engine.definitions import Source
    from generator.local.stepfunctions.archive import Archive
    from generator.local.stepfunctions.pace import Pace
    from generator.local.stepfunctions.records import ExecutionRecord
    from generator.local.stepfunctions.routes import Choices

KEPT: Final = 10_000
"""The number of ended executions that are kept. AWS keeps them for 90 days; what is older than that is not kept either."""
_SUFFIXES: Final = (".asl.json", ".asl.yaml", ".asl.yml")
_WORD: Final = re.compile(r"(?<!^)(?=[A-Z])")
_VIRTUAL_POLL_SECONDS: Final = 1.0
POLLED: Final = "GetActivityTask"


class Caller(NamedTuple):
    """Where a request belongs: a region and an account."""

    region: str = REGION
    account: str = ACCOUNT


class StepFunctions:
    """The service: state machines, versions, aliases, executions, activities, map runs, tags.

    Attributes:
        core: its state.

    >>> service = StepFunctions(pace="virtual", start=0)
    >>> definition = '{"StartAt": "Wait", "States": {"Wait": {"Type": "Wait", "Seconds": 2592000, "End": true}}}'
    >>> role = "arn:aws:iam::123456789012:role/r"
    >>> arn = service.call("CreateStateMachine", {"name": "month", "definition": definition, "roleArn": role})["stateMachineArn"]
    >>> execution = service.call("StartExecution", {"stateMachineArn": arn})["executionArn"]
    >>> service.settle()
    True
    >>> shown = service.call("DescribeExecution", {"executionArn": execution})
    >>> shown["status"], shown["stopDate"].isoformat()
    ('SUCCEEDED', '1970-01-31T00:00:00+00:00')
    >>> service.close()
    """

    def __init__(
        self,
        *,
        functions: Mapping[str, Handler] | None = None,
        clients: Callable[[str], Any] | None = None,
        services: frozenset[str] = frozenset(),
        pace: Pace = 1.0,
        start: float | None = None,
        seed: int | None = None,
        keep: int = KEPT,
        archive: Archive | None = None,
        mock_file: Path | None = None,
        choices: Choices | None = None,
        poll_seconds: float | None = None,
        watch: Callable[[str, Any], None] | None = None,
    ) -> None:
        """Create a service without state machines.

        Args:
            functions: Python functions by the name or ARN of the Lambda function. ``service.functions`` can be changed later.
            clients: a function that returns a boto3 client for the name of a service.
            services: ``{"lambda"}`` to invoke unknown functions through the client.
            pace: how time passes: see :class:`~generator.local.stepfunctions.pace.ServiceClock`.
            start: the first moment, in seconds since 1970; by default now.
            seed: the seed of all random values; by default none, so that ids differ from one run to the next.
            keep: the number of ended executions that are kept.
            archive: what keeps them; by default memory, which has a limit of its own:
                :data:`~generator.local.stepfunctions.archive.MOST_BYTES`.
            mock_file: the mock file of Step Functions Local, by default that of the variable ``SFN_MOCK_CONFIG``.
            choices: who performs tasks in place of what this machine has.
            poll_seconds: how long GetActivityTask waits on the wall; by default as AWS, or a second in virtual time.
            watch: called with ``started``, ``redriven``, ``ended`` or ``crashed`` and an
                :class:`~generator.local.stepfunctions.records.ExecutionRecord`, or with ``entered`` and a
                :class:`~generator.engine.frame.Run`, from any thread.
        """
        file = mock_file or (Path(named) if (named := os.environ.get(VARIABLE)) else None)
        self.core = core = Core(
            functions=functions,
            clients=clients,
            services=services,
            pace=pace,
            start=start,
            seed=seed,
            keep=keep,
            archive=archive,
            answers=Answers(file, choices),
            watch=watch,
        )
        polled = poll_seconds if poll_seconds is not None else POLL_SECONDS if core.clock.runs else _VIRTUAL_POLL_SECONDS
        machines = Machines(core)
        self._tasks = Tasks(core, polled)
        topics = (machines, Executions(core, machines), self._tasks, Checking(core), Tags(core))
        self._operations: dict[str, Callable[..., dict[str, Any]]] = {}
        for name in operation_names():
            method = _WORD.sub("_", name).lower()
            self._operations[name] = next(getattr(topic, method) for topic in topics if hasattr(topic, method))

    def __enter__(self) -> Self:
        """Return the service."""
        return self

    def __exit__(self, *_: object) -> None:
        """End its threads."""
        self.close()

    def call(
        self,
        operation: str,
        parameters: Mapping[str, Any] | None = None,
        *,
        region: str = REGION,
        account: str = ACCOUNT,
        gone: threading.Event | None = None,
    ) -> dict[str, Any]:
        """Perform an operation, and return its output with the types that boto3 has.

        Args:
            operation: the name of the operation, such as ``StartExecution``.
            parameters: the parameters, with the names of botocore's model.
            region: the region of the caller.
            account: the account of the caller.
            gone: set when nobody waits for the answer of a long poll any more. Call :meth:`wake` then.

        Raises:
            ServiceError: the service refuses the request.
        """
        known = self._operations.get(operation)
        if known is None:
            raise ServiceError("UnknownOperationException", f"{operation} is not an operation of Step Functions")
        request = checked(operation, dict(parameters or {}))
        options = {"gone": gone} if operation == POLLED else {}
        answer = known(request, Caller(region, account), **options)
        return {name: value for name, value in answer.items() if value is not None}

    # --- what the API of AWS does not have ---

    @property
    def functions(self) -> dict[str, Handler]:
        """The Lambda functions by name or ARN. A change is seen by the next call."""
        return self.core.functions

    @property
    def executions(self) -> list[ExecutionRecord]:
        """The executions, Express ones and those that tasks started included, oldest first."""
        return list(self.core.records.values())

    @property
    def express_executions(self) -> list[ExecutionRecord]:
        """The executions of Express workflows, oldest first. AWS has no list of them, only their logs."""
        return [each for each in self.executions if each.express]

    def add(
        self,
        runnable: Runnable,
        *,
        name: str | None = None,
        type: str | None = None,
        role: str | None = None,
        substitutions: Mapping[str, Any] | None = None,
        region: str = REGION,
        account: str = ACCOUNT,
    ) -> list[str]:
        """Create the state machine of a workflow or a file, with those that it starts, or replace them.

        Args:
            runnable: a workflow, the path of a file, or a definition.
            name: the name, by default that of the workflow or of the file.
            type: ``STANDARD`` or ``EXPRESS``, by default that of the workflow, or ``STANDARD``.
            role: the ARN of the execution role.
            substitutions: values of placeholders by name.
            region: the region.
            account: the account.

        Returns:
            the ARNs, that of the workflow first.

        Raises:
            DefinitionError: the definition has errors.
        """
        source = read(runnable, "EXPRESS" if type == "EXPRESS" else "STANDARD" if type else None, substitutions)
        found = {arns.new(arns.STATE_MACHINE, region, account, name or source.name): source}
        pending = [*source.children.items()]
        while pending:
            arn, child = pending.pop()
            if arn not in found:
                found[arn] = read(child.source, child.type, substitutions)
                pending += found[arn].children.items()
        for arn, each in found.items():
            self._put(arn, each, role)
        return list(found)

    def _put(self, text: str, source: Source, role: str | None) -> None:
        core = self.core
        arn = arns.parse(text, arns.STATE_MACHINE)
        arns.check_name(arn.name)
        role = role or f"arn:aws:iam::{arn.account}:role/{re.sub(r'[^A-Za-z0-9_+=,.@-]', '-', arn.name)}"
        definition = json_text(source.machine.walk.document)
        with core.lock:
            core.declared.update(source.resources)
            record, now = core.machines.get(text), core.clock.now()
            if record is not None and (record.revision.definition, record.revision.type) == (definition, source.type):
                return
            revision_id = None if record is None else core.uuid()
            revision = Revision(definition, source.machine, source.type, role, LOGGING, TRACING, ENCRYPTION, revision_id, now, source.title)
            if record is None:
                record = core.machines[text] = MachineRecord(arn, now, core.number(), revision)
            record.revision = revision
            core.state_machines[text] = startable(record, revision)

    def load(self, folder: Path, *, substitutions: Mapping[str, Any] | None = None) -> tuple[list[str], dict[Path, Exception]]:
        """Create a state machine for each file with a definition in a folder: ``*.asl.json``, ``*.asl.yaml``.

        A file that has the name of a folder's definition is named after its folder; any other after itself. A file
        ``NAME.express.asl.json`` is an Express workflow.

        Returns:
            the ARNs, and what is wrong with the files that have errors.
        """
        found: list[str] = []
        wrong: dict[Path, Exception] = {}
        for path in sorted(each for each in folder.rglob("*") if each.name.endswith(_SUFFIXES) and each.is_file()):
            try:
                kind = "EXPRESS" if ".express." in path.name else None
                found += self.add(path, type=kind, substitutions=substitutions)
            except (DefinitionError, ServiceError) as error:
                wrong[path] = error
        return list(dict.fromkeys(found)), wrong

    def settle(self, seconds: float | None = None) -> bool:
        """Wait until no execution has anything to do now. Return whether that was reached in so many seconds on the wall."""
        return self.core.settle(seconds)

    def advance(self, seconds: float) -> float:
        """Let time pass: timers and timeouts in that time fire. Return the time after it, in seconds since 1970."""
        self.core.advance(seconds)
        return self.core.clock.now()

    def wake(self) -> None:
        """Let long polls see that nobody waits for their answer any more."""
        self.core.wake()

    def close(self) -> None:
        """End the threads. Executions that run are not continued."""
        self.core.close()
