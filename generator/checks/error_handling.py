"""Handling of errors: error names that a state cannot have, errors that nothing handles, retries, and loops without an end.

Sources: https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html and, for the names of a service's errors,
https://docs.aws.amazon.com/step-functions/latest/dg/supported-services-awssdk.html
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from generator.asl import error_names
from generator.asl.model import ABSENT, JSONATA, Fail, ItemProcessor, Map, ProcessorConfig, Succeed, Task
from generator.asl.placeholders import has_placeholder
from generator.asl.walk import each
from generator.catalog.index import find_action, find_service, service_names
from generator.catalog.integrations import SYNC, SYNC_2, WAIT_FOR_TASK_TOKEN, parse_resource
from generator.catalog.optimised import SERVICES, error_prefix
from generator.diagnostics.model import Finding, Pointer

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.asl.model import Catcher, ItemReader, Retrier
    from generator.asl.walk import ScopeAt, StateAt, Walk

_HTTP: Final = "http"


def _policies(entry: StateAt) -> Iterator[tuple[str, Pointer, Retrier | Catcher]]:
    for at, retrier in entry.retriers:
        yield "retrier", at, retrier
    for at, catcher in entry.catchers:
        yield "catcher", at, catcher


# -- names that match nothing --------------------------------------------------------------------------------------------


def misspelt_errors(walk: Walk) -> Iterator[Finding]:
    """Check that error names have the form in which the call reports them (SFN114)."""
    for entry in walk.states:
        if not entry.retriers and not entry.catchers:
            continue
        for kind, at, policy in _policies(entry):
            for i, name in enumerate(each(policy.error_equals)):
                meant = _meant(name, entry.resource)
                if meant:
                    yield Finding(
                        "SFN114",
                        (*at, "ErrorEquals", i),
                        f"a {kind} of {entry.name!r} has {name!r}, a name that no error of the state has",
                        found=name,
                        expected=meant,
                        hint=f"did you mean {meant!r}?" if " " not in meant else "",
                    )


_RESERVED: Final = {name.lower(): name for name in error_names.RESERVED}


@lru_cache(4096)
def _meant(name: str, called: str) -> str:
    """Return the name in place of one that matches no error; empty if it may match one."""
    resource = parse_resource(called) if called else None
    if has_placeholder(name):
        return ""
    reserved = _RESERVED.get(name.lower())
    if reserved is not None and reserved != name:
        return "" if name.startswith(error_names.RESERVED_PREFIX) else reserved  # SFN112 has the others
    if resource is None or resource.service == _HTTP or name.startswith(error_names.RESERVED_PREFIX):
        return ""
    service = f"aws-sdk:{resource.service}" if resource.sdk else resource.service
    if has_placeholder(service) or not (find_service(resource.service) if resource.sdk else SERVICES.get(service)):
        return ""
    prefix = error_prefix(service)
    before, dot, error = name.partition(".")
    action = find_action(resource.service if resource.sdk else SERVICES[service].sdk, resource.action)
    declared = action.errors if action is not None else ()
    if dot and before == prefix:
        near = {one.lower(): one for one in declared}.get(error.lower())
        return f"{prefix}.{near}" if near is not None and near != error else ""
    if dot and before.lower() == prefix.lower():
        return f"{prefix}.{error}"
    if resource.pattern in {WAIT_FOR_TASK_TOKEN, SYNC, SYNC_2} or (service == "lambda" and not dot):
        return ""  # the worker, the job or the function chooses the name
    if service == "lambda":
        return f"an error of the function, or one that begins with '{prefix}.'" if before in _prefixes() else ""
    if not dot:
        return f"{prefix}.{name}" if name in declared else ""
    return f"an error that begins with '{prefix}.'" if before in _prefixes() else ""


@lru_cache(1)
def _prefixes() -> frozenset[str]:
    """Return the prefixes of the errors of all services."""
    sdk = (service.error_prefix for name in service_names() if (service := find_service(name)))
    return frozenset((*sdk, *(service.error_prefix for service in SERVICES.values())))


# -- errors that a state does not have -----------------------------------------------------------------------------------


def impossible_errors(walk: Walk) -> Iterator[Finding]:
    """Check that retriers and catchers name errors of Step Functions that their state can have (SFN115)."""
    for entry in walk.states:
        for kind, at, policy in _policies(entry):
            for i, name in enumerate(each(policy.error_equals)):
                reason = _impossible(name, entry)
                if reason:
                    message = f"a {kind} of {entry.name!r} never handles {name}: {reason}"
                    yield Finding("SFN115", (*at, "ErrorEquals", i), message, found=name, hint="remove it")


_OF_MAPS: Final = (error_names.ITEM_READER_FAILED, error_names.RESULT_WRITER_FAILED, error_names.EXCEED_TOLERATED_FAILURE_THRESHOLD)
_OF_JSONPATH: Final = (error_names.INTRINSIC_FAILURE, error_names.PARAMETER_PATH_FAILURE, error_names.RESULT_PATH_MATCH_FAILURE)


def _impossible(name: str, entry: StateAt) -> str:
    """Return why a state does not have an error; empty if it may have it."""
    if name == error_names.RUNTIME:
        return "Step Functions does not retry or catch it"
    state = entry.state
    if not isinstance(state, Task):
        return ""
    if name in _OF_MAPS:
        return "only a Map state has this error"
    if name == error_names.BRANCH_FAILED:
        return "only a Parallel state has this error"
    if name == error_names.NO_CHOICE_MATCHED:
        return "only a Choice state has this error"
    if name == error_names.HEARTBEAT_TIMEOUT and not (
        entry.has("HeartbeatSeconds", "heartbeat_seconds") or entry.has("HeartbeatSecondsPath", "heartbeat_seconds_path")
    ):
        return "the state has no HeartbeatSeconds"
    if name == error_names.QUERY_EVALUATION_ERROR and entry.language != JSONATA:
        return "a state in JSONPath has no JSONata"
    if name in _OF_JSONPATH and entry.language == JSONATA:
        return "a state in JSONata has no paths"
    return ""


# -- errors that nothing handles -----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Asked:
    """An error that a parameter of a call asks for; if ``fixed``, only a value that is the same in every execution."""

    services: str
    actions: tuple[str, ...]
    parameter: str
    error: str
    when: str
    fixed: bool = False


_ASKED: Final = (
    # https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Expressions.ConditionExpressions.html
    _Asked("dynamodb", ("putItem", "updateItem", "deleteItem"), "ConditionExpression", "ConditionalCheckFailedException", "is not met"),
    # https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-requests.html
    _Asked("s3", ("putObject", "completeMultipartUpload", "copyObject"), "IfNoneMatch", "S3Exception", "is not met"),
    # https://docs.aws.amazon.com/step-functions/latest/apireference/API_StartExecution.html
    _Asked(
        "sfn", ("startExecution",), "Name", "ExecutionAlreadyExistsException", "is taken, as it is after the first execution", fixed=True
    ),
)
"""Errors that are a result: a call with such a parameter is made because it may fail."""


_PARAMETERS: Final = frozenset(name for row in _ASKED for name in (row.parameter, f"{row.parameter}.$"))


def unhandled_errors(walk: Walk) -> Iterator[Finding]:
    """Check that something handles the error that a parameter of a call asks for (SFN116); one finding for all calls of a definition."""
    found: list[tuple[StateAt, Pointer, str, str]] = []
    for entry in walk.states:
        if not entry.resource:
            continue
        resource = parse_resource(entry.resource)
        field, given = entry.parameters
        if (
            resource is None
            or not isinstance(given, dict)
            or not (_PARAMETERS & given.keys())
            or resource.pattern not in {"", SYNC, SYNC_2}
        ):
            continue
        known = resource.service if resource.sdk else SERVICES[resource.service].sdk if resource.service in SERVICES else ""
        for row in _ASKED:
            name = next((key for key in (row.parameter, f"{row.parameter}.$") if key in given), "")
            if row.fixed and not _is_fixed(given.get(row.parameter)):
                continue
            if row.services == known and resource.action in row.actions and name:
                error = f"{error_prefix(f'aws-sdk:{resource.service}' if resource.sdk else resource.service)}.{row.error}"
                if not _handled(entry, error):
                    found.append((entry, (*entry.at, field, name), error, row.when))
    if found:
        entry, at, error, when = found[0]
        others = f", and of {len(found) - 1} more" if len(found) > 1 else ""
        yield Finding(
            "SFN116",
            at,
            f"nothing handles the error of {entry.name!r}{others} when {at[-1]!r} {when}: the execution fails",
            found=", ".join(dict.fromkeys(error for _, _, error, _ in found)),
            expected="a catcher for it, or for States.TaskFailed or States.ALL, here or at a Parallel or Map state around it",
            also=tuple(place for _, place, _, _ in found[1:]),
        )


def _is_fixed(value: object) -> bool:
    return isinstance(value, str) and not value.startswith("{%") and not has_placeholder(value)


def _handled(entry: StateAt, error: str) -> bool:
    """Return whether a catcher of the state, or of a state around it, handles an error."""
    here: StateAt | None = entry
    while here is not None:
        for _, catcher in here.catchers:
            names = each(catcher.error_equals)
            if not names or any(
                has_placeholder(name)
                or name in {error, error_names.ALL}
                or (name == error_names.TASK_FAILED and isinstance(here.state, Task))
                for name in names
            ):
                return True
            if not isinstance(here.state, Task) and error_names.TASK_FAILED in names:
                return True
        if isinstance(here.state, Map) and _tolerates(here.state):
            return True
        here = here.scope.parent
    return False


def _tolerates(state: Map) -> bool:
    return any(
        getattr(state, name) is not ABSENT
        for name in (
            "tolerated_failure_count",
            "tolerated_failure_count_path",
            "tolerated_failure_percentage",
            "tolerated_failure_percentage_path",
        )
    )


# -- retries, loops and callbacks ----------------------------------------------------------------------------------------


def loops(walk: Walk) -> Iterator[Finding]:
    """Check that an end can be reached from every state (SFN117). A scope without any end has SFN108 or SFN113."""
    for scope in walk.scopes:
        if _only_forward(scope) or _undecided(scope):
            continue
        before: dict[str, list[str]] = {entry.name: [] for entry in scope.states}
        for entry in scope.states:
            for transition in entry.transitions:
                if transition.target in before:
                    before[transition.target].append(entry.name)
        pending = [entry.name for entry in scope.states if _ends(entry)]
        if not pending:
            continue
        ending = set(pending)
        while pending:
            for name in before[pending.pop()]:
                if name not in ending:
                    ending.add(name)
                    pending.append(name)
        endless = [entry for entry in scope.states if entry.name not in ending and before[entry.name]]
        if endless:
            yield Finding(
                "SFN117",
                endless[0].at,
                f"from {endless[0].name!r} no end of {scope.what} can be reached: its states repeat until the execution fails",
                found=", ".join(entry.name for entry in endless[:8]) + (", …" if len(endless) > 8 else ""),  # noqa: PLR2004 - one line
                expected="a transition out of the loop",
                also=tuple(entry.at for entry in endless[1:]),
            )


def _only_forward(scope: ScopeAt) -> bool:
    """Return whether each transition leads to a state further down, so that there is no loop."""
    seen: set[str] = set()
    for entry in scope.states:
        seen.add(entry.name)
        if not seen.isdisjoint(transition.target for transition in entry.transitions):
            return False
    return True


def _ends(entry: StateAt) -> bool:
    state = entry.state
    return isinstance(state, Succeed | Fail) or getattr(state, "end", ABSENT) is True


def _undecided(scope: ScopeAt) -> bool:
    """Return whether it is not known which state follows one of the states."""
    return any(
        not entry.state.TYPE
        or any(name in entry.state.extra for name in ("Next", "End", "Default", "Choices", "Catch"))
        or any(has_placeholder(t.target) or t.target not in scope.scope.states for t in entry.transitions)
        or not (entry.transitions or _ends(entry))
        for entry in scope.states
    )


def delays(walk: Walk) -> Iterator[Finding]:
    """Check that MaxDelaySeconds of a retrier is more than IntervalSeconds (SFN118)."""
    for entry in walk.states:
        for i, (at, retrier) in enumerate(entry.retriers):
            # Either may be a placeholder, which is text.
            most: Any = retrier.max_delay_seconds
            interval: Any = 1 if retrier.interval_seconds is ABSENT else retrier.interval_seconds
            if isinstance(most, int | float) and isinstance(interval, int | float) and most <= interval:
                yield Finding(
                    "SFN118",
                    (*at, "MaxDelaySeconds"),
                    f"retrier {i + 1} of {entry.name!r} limits its delay to what it begins with, so BackoffRate has no effect",
                    found=f"MaxDelaySeconds {most}, IntervalSeconds {interval}",
                    expected=f"MaxDelaySeconds above {interval}",
                )


def credentials(walk: Walk) -> Iterator[Finding]:
    """Check that Credentials name the role to assume (SFN119).

    Source: https://docs.aws.amazon.com/step-functions/latest/dg/concepts-access-cross-acct-resources.html
    """
    for entry in walk.states:
        given = getattr(entry.state, "credentials", ABSENT)
        if isinstance(given, dict) and not {"RoleArn", "RoleArn.$"} & set(given):
            yield Finding(
                "SFN119",
                (*entry.at, "Credentials"),
                f"'Credentials' of {entry.name!r} has no role",
                found=", ".join(given) or "an empty object",
                expected="'RoleArn', the role that the task assumes",
            )


def distributed_maps(walk: Walk) -> Iterator[Finding]:
    """Check that a Distributed Map has the fields that AWS's guide requires (SFN121).

    Sources: https://docs.aws.amazon.com/step-functions/latest/dg/state-map-distributed.html and
    https://docs.aws.amazon.com/step-functions/latest/dg/input-output-itemreader.html
    """
    for entry in walk.states:
        state = entry.state
        if not isinstance(state, Map) or not state.distributed:
            continue
        processor = state.processor
        config = processor.processor_config if isinstance(processor, ItemProcessor) else ABSENT
        if isinstance(config, ProcessorConfig) and config.execution_type is ABSENT and "ExecutionType" not in config.extra:
            name = "ItemProcessor" if state.item_processor is not ABSENT else "Iterator"
            yield Finding(
                "SFN121",
                (*entry.at, name, "ProcessorConfig"),
                f"the Distributed Map {entry.name!r} has no 'ExecutionType'",
                expected="'ExecutionType' of its child executions: STANDARD or EXPRESS",
            )
        if state.item_reader is not ABSENT:
            yield from _reader(entry, state.item_reader)


def _reader(entry: StateAt, reader: ItemReader) -> Iterator[Finding]:
    parsed = parse_resource(reader.resource) if isinstance(reader.resource, str) else None
    if parsed is None or (parsed.service, parsed.action) != ("s3", "getObject") or "ReaderConfig" in reader.extra:
        return
    at = (*entry.at, "ItemReader")
    config = reader.reader_config
    if config is ABSENT or (config.input_type is ABSENT and "InputType" not in config.extra):
        message = f"the ItemReader of {entry.name!r} reads an object without 'InputType'"
        expected = "'InputType' in its ReaderConfig: CSV, JSON, JSONL, PARQUET or MANIFEST"
        yield Finding("SFN121", at if config is ABSENT else (*at, "ReaderConfig"), message, expected=expected)
    elif config.csv_header_location == "GIVEN" and config.csv_headers is ABSENT and "CSVHeaders" not in config.extra:
        message = f"the ItemReader of {entry.name!r} has no 'CSVHeaders', which a CSVHeaderLocation of GIVEN requires"
        yield Finding("SFN121", (*at, "ReaderConfig"), message, expected="'CSVHeaders', the names of the columns")
