"""The changes between two states of the catalogue: services, actions and errors that were added or removed.

``make catalog`` prints them before it writes the index anew, so that whoever updates botocore sees what that changes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final, TypeAlias

from generator.catalog.index import find_service, service_names

Content: TypeAlias = Mapping[str, Mapping[str, frozenset[str]]]
"""The errors of each action of each service."""

_MOST: Final = 12
"""The most names in one line."""


def stored() -> Content:
    """Return the content of the index as it is stored.

    >>> "ConditionalCheckFailedException" in stored()["dynamodb"]["putItem"]
    True
    """
    services = [service for name in service_names() if (service := find_service(name)) is not None]
    return {
        service.name: {name: frozenset(action.errors) for name in service.action_names if (action := service.action(name)) is not None}
        for service in services
    }


def of_records(records: Mapping[str, Mapping[str, Any]]) -> Content:
    """Return the content of records that are to become the index."""
    return {name: {action: frozenset(row.get("e", ())) for action, row in record["ops"].items()} for name, record in records.items()}


def changes(before: Content, after: Content) -> Iterator[str]:
    r"""Yield one line for each service that was added or removed, or whose actions or errors have changed.

    >>> before = {"s3": {"getObject": frozenset({"NoSuchKey"})}, "qldb": {"createLedger": frozenset()}}
    >>> after = {"s3": {"getObject": frozenset(), "putObject": frozenset()}, "s3files": {"list": frozenset()}}
    >>> print("\n".join(changes(before, after)))
    - qldb: the service, with 1 action
    ~ s3: + putObject; getObject: - NoSuchKey
    + s3files: the service, with 1 action
    """
    for name in sorted({*before, *after}):
        if name not in after:
            yield f"- {name}: the service, with {_count(before[name])}"
        elif name not in before:
            yield f"+ {name}: the service, with {_count(after[name])}"
        elif parts := list(_of_service(before[name], after[name])):
            yield f"~ {name}: {'; '.join(parts)}"


def _of_service(before: Mapping[str, frozenset[str]], after: Mapping[str, frozenset[str]]) -> Iterator[str]:
    yield from _both(after.keys() - before.keys(), before.keys() - after.keys())
    for action in sorted(before.keys() & after.keys()):
        if errors := list(_both(after[action] - before[action], before[action] - after[action])):
            yield f"{action}: {', '.join(errors)}"


def _both(added: Iterable[str], removed: Iterable[str]) -> Iterator[str]:
    for sign, names in (("+", sorted(added)), ("-", sorted(removed))):
        if names:
            more = f" and {len(names) - _MOST} more" if len(names) > _MOST else ""
            yield f"{sign} {', '.join(names[:_MOST])}{more}"


def _count(actions: Mapping[str, object]) -> str:
    return f"{len(actions)} action{'s' if len(actions) != 1 else ''}"
