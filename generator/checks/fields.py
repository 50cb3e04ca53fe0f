"""Fields: the form of single values, and fields that need or exclude each other.

Sources: https://states-language.net/spec.html and https://docs.aws.amazon.com/step-functions/latest/dg/workflow-states.html
"""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING, Any, Final

from generator.asl.model import (
    ABSENT,
    ALTERNATIVES,
    COMPARISONS,
    JSONATA,
    LABEL_REFUSES,
    MAX_LABEL,
    Choice,
    Comparison,
    Construct,
    ItemBatcher,
    Junction,
    Map,
    ResultWriter,
    Task,
    Text,
    Wait,
    table,
    table_by_name,
)
from generator.asl.placeholders import has_placeholder
from generator.asl.text import describe, is_expression
from generator.asl.timestamps import is_timestamp
from generator.asl.walk import Walk, each
from generator.diagnostics.model import Finding, Pointer

if TYPE_CHECKING:
    from collections.abc import Iterator


def timestamps(walk: Walk) -> Iterator[Finding]:
    """Check that timestamps follow RFC 3339 (SFN019)."""
    for entry in walk.states:
        state = entry.state
        if isinstance(state, Wait) and isinstance(state.timestamp, str):
            if entry.language == JSONATA and is_expression(state.timestamp):
                continue
            yield from _timestamp(state.timestamp, (*entry.at, "Timestamp"))
        for at, comparison in _comparisons(entry.at, state):
            kind = COMPARISONS.get(comparison.operator)
            if isinstance(kind, Text) and kind.form == "timestamp" and isinstance(comparison.value, str):
                yield from _timestamp(comparison.value, (*at, comparison.operator))


def _timestamp(value: str, at: Pointer) -> Iterator[Finding]:
    if not is_timestamp(value) and not has_placeholder(value):
        expected = "a timestamp such as '2026-01-31T12:00:00Z'"
        hint = 'a JSONata expression needs "QueryLanguage": "JSONata"' if is_expression(value) else ""
        yield Finding("SFN019", at, f"{at[-1]!r} must be an RFC 3339 timestamp", found=describe(value), expected=expected, hint=hint)


def _comparisons(at: Pointer, state: Construct) -> Iterator[tuple[Pointer, Comparison]]:
    pending: list[tuple[Pointer, Any]] = []
    if isinstance(state, Choice):
        pending = [((*at, "Choices", i), rule.test) for i, rule in enumerate(each(state.choices))]
    while pending:
        place, test = pending.pop()
        if isinstance(test, Comparison):
            yield place, test
        elif isinstance(test, Junction):
            inner = (*place, test.operator)
            pending.extend((inner if test.operator == "Not" else (*inner, i), t) for i, t in enumerate(test.tests))


def labels(walk: Walk) -> Iterator[Finding]:
    """Check the length and the characters of labels, and that they are unique (SFN020)."""
    seen: dict[str, str] = {}
    for entry in walk.states:
        label = getattr(entry.state, "label", ABSENT)
        if not isinstance(label, str) or has_placeholder(label):
            continue
        at = (*entry.at, "Label")
        refused = sorted({c for c in label if c in LABEL_REFUSES or c.isspace() or unicodedata.category(c) in ("Cc", "Cs")})
        expected = f"1 to {MAX_LABEL} characters without spaces, control characters and {LABEL_REFUSES}"
        if refused:
            yield Finding("SFN020", at, f"the label contains {', '.join(map(repr, refused))}", found=describe(label), expected=expected)
        if not 1 <= len(label) <= MAX_LABEL:
            yield Finding("SFN020", at, f"the label has {len(label)} characters", found=describe(label), expected=expected)
        if seen.setdefault(label, entry.name) != entry.name:
            message = f"{entry.name!r} has the same label as {seen[label]!r}"
            yield Finding("SFN020", at, message, found=describe(label), expected="a unique label, which becomes part of an ARN")


# -- fields that exclude each other --------------------------------------------------------------------------------------


def exclusive(walk: Walk) -> Iterator[Finding]:
    """Check fields that exclude each other, and groups of which a state must have one (SFN018)."""
    for entry in walk.states:
        for at, construct in entry.constructs:
            rows = table_by_name(type(construct))
            for group in ALTERNATIVES.get(type(construct), ()):
                there = [name for name in group.fields if getattr(construct, rows[name][0]) is not ABSENT or name in construct.extra]
                # A field of the other query language is reported as such (SFN016): here it neither counts nor is it missing.
                present = [name for name in there if rows[name][1].language in (None, entry.language)]
                if len(present) > 1:
                    message = f"{' and '.join(present)} exclude each other"
                    yield Finding("SFN018", (*at, present[1]), message, expected="one of them")
                elif group.needed and not there:
                    names = ", ".join(name for name in group.fields if rows[name][1].language in (None, entry.language))
                    yield Finding("SFN018", at, f"{_what(at)} must have one of {names}")


def _what(at: Pointer) -> str:
    return f"the state {at[-1]!r}" if len(at) > 1 and at[-2] == "States" else f"{at[-1]!r}"


def heartbeats(walk: Walk) -> Iterator[Finding]:
    """Check that a heartbeat is shorter than the timeout (SFN022)."""
    for entry in walk.states:
        state = entry.state
        if not isinstance(state, Task):
            continue
        heartbeat, timeout = state.heartbeat_seconds, state.timeout_seconds
        if isinstance(heartbeat, int) and isinstance(timeout, int) and heartbeat >= timeout:
            yield Finding(
                "SFN022",
                (*entry.at, "HeartbeatSeconds"),
                f"the heartbeat of {entry.name!r} must be shorter than its timeout",
                found=f"HeartbeatSeconds {heartbeat}, TimeoutSeconds {timeout}",
                expected=f"HeartbeatSeconds below {timeout}",
            )


_DISTRIBUTED: Final = (("ItemReader", "item_reader"), ("ItemBatcher", "item_batcher"), ("ResultWriter", "result_writer"))


def distributed_only(walk: Walk) -> Iterator[Finding]:
    """Check that only a Distributed Map has ItemReader, ItemBatcher and ResultWriter (SFN023).

    Source: https://docs.aws.amazon.com/step-functions/latest/dg/state-map-distributed.html
    """
    for entry in walk.states:
        state = entry.state
        if not isinstance(state, Map) or state.distributed or _undecided(state):
            continue
        for name, attribute in _DISTRIBUTED:
            if getattr(state, attribute) is not ABSENT:
                yield Finding(
                    "SFN023",
                    (*entry.at, name),
                    f"{name!r} requires a Distributed Map, but {entry.name!r} is an inline Map",
                    expected='"ProcessorConfig": {"Mode": "DISTRIBUTED", …} in its ItemProcessor',
                )


def empty_settings(walk: Walk) -> Iterator[Finding]:
    """Check that ItemBatcher has a limit, and that ResultWriter is not empty (SFN018).

    Source: https://docs.aws.amazon.com/step-functions/latest/dg/input-output-itembatcher.html and
    https://github.com/aws/agent-toolkit-for-aws (Step Functions skill, 2026-08)
    """
    for entry in walk.states:
        state = entry.state
        if not isinstance(state, Map) or not state.distributed:
            continue
        batcher, writer = state.item_batcher, state.result_writer
        if isinstance(batcher, ItemBatcher):
            rows = table_by_name(ItemBatcher)
            if not any(name in batcher.extra or getattr(batcher, rows[name][0]) is not ABSENT for name in _LIMITS):
                message = "'ItemBatcher' must have one of MaxItemsPerBatch, MaxInputBytesPerBatch"
                yield Finding("SFN018", (*entry.at, "ItemBatcher"), message)
        if isinstance(writer, ResultWriter) and _is_empty(writer):
            yield Finding("SFN018", (*entry.at, "ResultWriter"), "'ResultWriter' must have one of Resource, WriterConfig")


def _is_empty(construct: Construct) -> bool:
    return not construct.extra and all(getattr(construct, attribute) is ABSENT for attribute, _ in table(type(construct)))


_LIMITS: Final = ("MaxItemsPerBatch", "MaxItemsPerBatchPath", "MaxInputBytesPerBatch", "MaxInputBytesPerBatchPath")


def _undecided(state: Map) -> bool:
    processor = state.processor
    if processor is ABSENT:
        return True
    config = processor.processor_config
    if config is ABSENT:
        return "ProcessorConfig" in processor.extra
    return "Mode" in config.extra or (isinstance(config.mode, str) and has_placeholder(config.mode))
