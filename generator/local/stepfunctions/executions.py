"""The operations on executions and map runs."""

from __future__ import annotations

import json
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from generator.engine import InputError
from generator.engine.history import MAX_REDRIVEN_EVENTS, text_bytes
from generator.local.stepfunctions import arns
from generator.local.stepfunctions.core import DAY
from generator.local.stepfunctions.machines import describe
from generator.local.stepfunctions.model import VALIDATION, ServiceError, moment
from generator.local.stepfunctions.records import (
    DELETING,
    PENDING_REDRIVE,
    RUNNING,
    SUCCEEDED,
    ExecutionRecord,
    startable,
)
from generator.local.stepfunctions.timeline import Timeline

if TYPE_CHECKING:
    from generator.engine.states.distributed import MapRun
    from generator.local.stepfunctions.core import Core
    from generator.local.stepfunctions.machines import Machines, Parameters
    from generator.local.stepfunctions.service import Caller

REDRIVE_PERIOD: Final = 14 * DAY
MAX_REDRIVES: Final = 1000
CLIENT_TOKEN_PERIOD: Final = 15 * 60.0
MAX_BYTES: Final = 262_144
BILLED_MEMORY: Final = 64
_UNSUPPORTED: Final = "This operation is not supported by this type of state machine"


class Executions:
    """The operations on executions and map runs."""

    def __init__(self, core: Core, machines: Machines) -> None:
        """Use the state of the endpoint."""
        self.core = core
        self.machines = machines

    # --- start ---

    def start_execution(self, p: Parameters, _caller: Caller) -> Parameters:
        """Start an execution. A repeated request with the name and the input of one that runs returns that one."""
        record = self._start(p, express=None)
        return {"executionArn": record.arn, "startDate": moment(record.started)}

    def start_sync_execution(self, p: Parameters, _caller: Caller) -> Parameters:
        """Start an execution of an Express workflow, and wait for its end."""
        record = self._start(p, express=True)
        with self.core.lock:
            self.core.lock.wait_for(lambda: record.done or self.core.closed_down)
        shown = record.describe(data=p.get("includedData") != "METADATA_ONLY")
        for name in ("stateMachineVersionArn", "stateMachineAliasArn"):
            shown.pop(name, None)
        # At least 100 ms and 64 MB are billed: https://aws.amazon.com/step-functions/pricing/
        seconds = (record.stopped or record.started) - record.started
        billed = max(1, -(-round(seconds * 1000) // 100)) * 100
        shown["billingDetails"] = {"billedMemoryUsedInMB": BILLED_MEMORY, "billedDurationInMilliseconds": billed}
        return shown

    def _start(self, p: Parameters, *, express: bool | None) -> ExecutionRecord:
        core = self.core
        text, _, case = p["stateMachineArn"].partition("#")
        arn = arns.parse(text, arns.STATE_MACHINE)
        if arn.label is not None:
            raise ServiceError(VALIDATION, f"An execution of a Distributed Map cannot be started: '{arn}'")
        name = p.get("name")
        if name is not None:
            arns.check_name(name)
        given = p.get("input", "{}")
        document = read_json(given, "InvalidExecutionInput", "Invalid State Machine Execution Input")
        with core.lock:
            record = core.active(arn)
            revision, version, alias = self.machines.resolve(record, arn)
            machine = startable(record, revision, *(None if each is None else each.arn for each in (version, alias)))
            if express and not machine.express:
                raise ServiceError("StateMachineTypeNotSupported", _UNSUPPORTED)
            performers = core.answers.performers(machine.name, machine.title, case or None)
            if name is not None and not machine.express:
                known = core.find(arn.other(arns.EXECUTION, record.name, name))
                if known is not None:
                    if known.done or known.input != given:
                        raise ServiceError("ExecutionAlreadyExists", f"Execution Already Exists: '{known.arn}'")
                    return known
            name = name or core.uuid()
            timeline = Timeline(core, region=arn.region, account=arn.account, seed=core.random.getrandbits(64), mocks=performers)
            kind, parts = (arns.EXPRESS, (record.name, name, core.uuid())) if machine.express else (arns.EXECUTION, (record.name, name))
            try:
                execution = timeline.start(machine, document, name=name, arn=arn.other(kind, *parts))
            except InputError as error:
                raise ServiceError("InvalidExecutionInput", f"Invalid State Machine Execution Input: '{error}'") from None
            made = ExecutionRecord(execution.arn, name, core.number(), machine, given, execution.started, execution, timeline)
            made.trace = p.get("traceHeader")
            made.performers = performers if case else None
            core.add(made)
        timeline.post(execution.begin)
        return made

    # --- read ---

    def describe_execution(self, p: Parameters, _caller: Caller) -> Parameters:
        """Describe an execution, or a child execution of a Distributed Map."""
        record = self.core.execution(p["executionArn"])
        shown = record.describe(data=p.get("includedData") != "METADATA_ONLY")
        if record.map_run is not None:
            shown["mapRunArn"] = record.map_run
        self._redrivable(record, shown)
        return shown

    def _redrivable(self, record: ExecutionRecord, shown: Parameters) -> None:
        if shown.get("redriveStatus") == "REDRIVABLE" and (reason := self._not_redrivable(record)) is not None:
            shown["redriveStatus"], shown["redriveStatusReason"] = "NOT_REDRIVABLE", reason

    def _not_redrivable(self, record: ExecutionRecord) -> str | None:
        """Return why an execution cannot be redriven: the reasons are in botocore's model, at ``redriveStatusReason``."""
        if record.status in {RUNNING, SUCCEEDED, PENDING_REDRIVE}:
            return f"Execution is {record.status} and cannot be redriven"
        if (record.stopped or 0) + REDRIVE_PERIOD < self.core.clock.now():
            return "Execution redrivable period exceeded"
        if record.event_count >= MAX_REDRIVEN_EVENTS:
            return "Execution history event limit exceeded"
        return None

    def describe_state_machine_for_execution(self, p: Parameters, _caller: Caller) -> Parameters:
        """Describe the state machine of an execution, as it was when the execution started."""
        record = self.core.execution(p["executionArn"])
        machine = record.machine
        shown = describe(machine.record, machine.revision, data=p.get("includedData") != "METADATA_ONLY")
        for name in ("status", "type", "creationDate"):
            shown.pop(name)
        shown["updateDate"] = moment(machine.revision.updated)
        if record.map_run is not None:
            shown["mapRunArn"] = record.map_run
            shown["label"] = machine.name.partition("/")[2]
            shown["stateMachineArn"], shown["name"] = machine.arn, machine.name
        return {key: value for key, value in shown.items() if value is not None}

    def get_execution_history(self, p: Parameters, _caller: Caller) -> Parameters:
        """Return the events of an execution."""
        core = self.core
        record = core.execution(p["executionArn"])
        total = record.event_count
        ids = range(total, 0, -1) if p.get("reverseOrder") else range(1, total + 1)
        page, token = core.pages.page("GetExecutionHistory", p, ids, lambda number: number, descending=bool(p.get("reverseOrder")))
        if not page:
            return {"events": []}
        events = record.history(min(page), len(page), data=p.get("includeExecutionData", True))
        return {"events": events[::-1] if p.get("reverseOrder") else events, "nextToken": token}

    def list_executions(self, p: Parameters, _caller: Caller) -> Parameters:
        """List the executions of a state machine, of a version, of an alias, or of a map run."""
        core = self.core
        text, map_run = p.get("stateMachineArn"), p.get("mapRunArn")
        if (text is None) == (map_run is None):
            raise ServiceError(VALIDATION, "Specify either a stateMachineArn or a mapRunArn, but not both")
        if p.get("statusFilter") == PENDING_REDRIVE and map_run is None:
            raise ServiceError(VALIDATION, f"The statusFilter {PENDING_REDRIVE} needs a mapRunArn")
        if map_run is not None:
            owner, run = self._map_run(map_run)
            found = owner.children(run)
        else:
            found = self._of_machine(arns.parse(str(text), arns.STATE_MACHINE))
        wanted, redriven = p.get("statusFilter"), p.get("redriveFilter")
        found = [
            each
            for each in found
            if (wanted is None or each.status == wanted) and (redriven is None or (redriven == "REDRIVEN") == bool(each.redriven))
        ]
        found.sort(key=_order, reverse=True)
        page, token = core.pages.page("ListExecutions", p, found, _order, descending=True)
        return {"executions": [self._listed(each) for each in page], "nextToken": token}

    def _of_machine(self, arn: arns.Arn) -> list[ExecutionRecord]:
        core = self.core
        record = core.machine(arn)
        if record.revision.type == "EXPRESS":
            raise ServiceError("StateMachineTypeNotSupported", _UNSUPPORTED)
        if arn.qualifier is not None and arn.qualifier not in record.aliases and arn.version not in record.versions:
            raise ServiceError("ResourceNotFound", f"Resource not found: '{arn}'", resourceName=str(arn))
        with core.lock:
            found = [each for each in list(core.records.values()) if each.machine.record is record and core.find(each.arn) is not None]
        if arn.qualifier is not None:
            found = [each for each in found if str(arn) in {each.machine.version, each.machine.alias}]
        return found

    @staticmethod
    def _listed(record: ExecutionRecord) -> Parameters:
        names = (
            "executionArn", "stateMachineArn", "name", "status", "startDate", "stopDate",
            "stateMachineVersionArn", "stateMachineAliasArn", "redriveCount", "redriveDate",
        )  # fmt: skip
        shown = {
            **record.describe(data=False, cause=False),
            **({} if record.map_run is None else {"mapRunArn": record.map_run, "itemCount": record.items}),
        }
        return {name: shown[name] for name in (*names, "mapRunArn", "itemCount") if name in shown}

    # --- stop and redrive ---

    def stop_execution(self, p: Parameters, _caller: Caller) -> Parameters:
        """Abort an execution. One that has ended stays as it is."""
        record = self.core.execution(p["executionArn"])
        if record.map_run is not None:
            raise ServiceError(VALIDATION, "A child execution of a Distributed Map is stopped with its map run")
        return {"stopDate": moment(self.core.stop(record, p.get("error"), p.get("cause")))}

    def redrive_execution(self, p: Parameters, _caller: Caller) -> Parameters:
        """Continue an execution that has not succeeded, at the state where it ended."""
        core = self.core
        record = core.execution(p["executionArn"])
        client = p.get("clientToken")
        with core.lock:
            if client is not None and record.redrive_tokens.get(client, 0) + CLIENT_TOKEN_PERIOD > core.clock.now():
                return {"redriveDate": moment(record.redrive_tokens[client])}
            # A function that still runs keeps the execution from its end, and its end is written first.
            core.lock.wait_for(lambda: (record.stopping is None and not record.closing) or core.closed_down)
            reason = self._not_redrivable(record)
            if record.machine.record.status == DELETING:
                reason = "State machine is being deleted"
            if record.map_run is not None:
                reason = "A child execution is redriven with its map run"
            if record.redriven >= MAX_REDRIVES:
                raise ServiceError("ExecutionLimitExceeded", f"An execution can be redriven {MAX_REDRIVES} times")
            if reason is not None:
                raise ServiceError("ExecutionNotRedrivable", f"Execution Not Redrivable: '{reason}'")
            return {"redriveDate": moment(core.redrive(record, client))}

    # --- map runs ---

    def list_map_runs(self, p: Parameters, _caller: Caller) -> Parameters:
        """List the map runs of an execution, newest first."""
        record = self.core.execution(p["executionArn"])
        found = list(enumerate(record.map_runs, 1))[::-1]
        page, token = self.core.pages.page("ListMapRuns", p, found, lambda each: each[0], descending=True)
        shown = []
        for _, run in page:
            times = {"startDate": moment(run.started), "stopDate": None if run.stopped is None else moment(run.stopped)}
            shown.append({"executionArn": record.arn, "mapRunArn": run.arn, "stateMachineArn": record.machine.arn, **times})
        return {"mapRuns": shown, "nextToken": token}

    def describe_map_run(self, p: Parameters, _caller: Caller) -> Parameters:
        """Describe a map run."""
        record, run = self._map_run(p["mapRunArn"])
        return {"executionArn": record.arn, **run.describe()}

    def update_map_run(self, p: Parameters, _caller: Caller) -> Parameters:
        """Change the limits of a map run that is in progress."""
        record, run = self._map_run(p["mapRunArn"])
        changed = {name: p[name] for name in ("maxConcurrency", "toleratedFailureCount", "toleratedFailurePercentage") if name in p}
        if not changed:
            raise ServiceError(
                VALIDATION, "At least one of maxConcurrency, toleratedFailureCount and toleratedFailurePercentage is required"
            )
        if run.status != RUNNING:
            raise ServiceError(VALIDATION, f"Map Run is {run.status} and cannot be updated")
        limits = (changed.get("maxConcurrency"), changed.get("toleratedFailureCount"), changed.get("toleratedFailurePercentage"))
        if record.timeline is not None:
            record.timeline.post(partial(run.update, *limits))
        return {}

    def _map_run(self, text: str) -> tuple[ExecutionRecord, MapRun]:
        arns.parse(text, arns.MAP_RUN)
        for record in list(self.core.records.values()):
            run = record.map_run_named(text)
            if run is not None:
                return record, run
        raise ServiceError("ResourceNotFound", f"Resource not found: '{text}'", resourceName=text)


def read_json(text: str, code: str, words: str) -> Any:
    """Return the value of a JSON text.

    Raises:
        ServiceError: with the code, if it is not JSON or too large.

    >>> read_json("[1]", "InvalidOutput", "Invalid Output")
    [1]
    """
    if len(text) > MAX_BYTES // 4:
        size = 0
        with suppress(UnicodeEncodeError):
            size = len(text_bytes(text))
        if size > MAX_BYTES:
            raise ServiceError(code, f"{words}: 'The text is larger than {MAX_BYTES} bytes'")
    try:
        return json.loads(text, parse_constant=_refuse)
    except (ValueError, RecursionError) as error:
        raise ServiceError(code, f"{words}: '{error}'") from None


def _refuse(text: str) -> Any:
    raise ValueError(f"{text} is not a JSON value")


def _order(record: ExecutionRecord) -> int:
    """Return a number by which executions are ordered: by their last redrive or start while they run, then by their end."""
    at = record.stopped if record.done and record.stopped is not None else record.redriven_at or record.started
    return round(at * 1000) * 10**9 + record.number
