"""The index of all AWS SDK integrations: services, API actions, parameters, results, errors, IAM actions.

:mod:`generator.catalog.build` writes the index to one file, from the API models and the authorization data. The file has a head,
with the place of each service's record, and the records, each compressed by itself. To look up an action, only the head (a few
kilobytes) and the record of its service are read.

    4 bytes   magic `SFC1`
    4 bytes   length of the head
    head      zlib, JSON: {"versions": {package: version}, "services": {name: [offset, length, serviceId, IAM prefix, page, client]}, …}
    records   zlib, JSON, at their offsets from the end of the head
"""

from __future__ import annotations

import json
import struct
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from functools import cache, cached_property, lru_cache
from pathlib import Path
from typing import Any, Final

from generator.catalog import naming
from generator.catalog.permissions import Allow

INDEX: Final = Path(__file__).with_name("index.bin")
_REFERENCE: Final = "https://docs.aws.amazon.com/service-authorization/latest/reference/"
_MAGIC: Final = b"SFC1"
_KINDS: Final = {"S": "string", "I": "integer", "F": "number", "B": "boolean", "T": "timestamp", "D": "blob", "J": "document"}
_KINDS_LONG: Final = {"s": "structure", "l": "list", "m": "map", "e": "string"}


@dataclass(frozen=True, slots=True)
class Shape:
    """The type of a value in an API call.

    Attributes:
        kind: structure, list, map, string, integer, number, boolean, timestamp (RFC 3339 text), blob (text) or document.
    """

    kind: str
    _service: Service | None = None
    _entry: tuple[Any, ...] = ()
    _members: dict[str, Shape] = field(default_factory=dict, compare=False, repr=False)

    @property
    def members(self) -> Mapping[str, Shape]:
        """The members of a structure by their names in Step Functions; empty for any other kind."""
        service = self._service
        if not self._members and self.kind == "structure" and service:
            self._members.update({name: service.shape(key) for name, key in self._entry[1].items()})
        return self._members

    @property
    def required(self) -> tuple[str, ...]:
        """The required members of a structure."""
        return tuple(*self._entry[2:]) if self.kind == "structure" else ()

    @property
    def item(self) -> Shape | None:
        """The type of a list's items or a map's values."""
        return self._service.shape(self._entry[1]) if self.kind in {"list", "map"} and self._service else None

    @property
    def enum(self) -> tuple[str, ...]:
        """The valid values of a string; empty if any value is valid."""
        return tuple(self._entry[1]) if self.kind == "string" and self._entry else ()


_EMPTY: Final = Shape("structure")


@dataclass(frozen=True, slots=True, eq=False)
class Action:
    """One API action as an AWS SDK integration.

    >>> action = find_action("dynamodb", "updateItem")
    >>> action.resource, action.input.required
    ('arn:aws:states:::aws-sdk:dynamodb:updateItem', ('TableName', 'Key'))
    """

    service: Service
    name: str
    _row: dict[str, Any]

    @property
    def resource(self) -> str:
        """The Resource of a Task that calls it, in the `aws` partition."""
        return f"arn:aws:states:::aws-sdk:{self.service.name}:{self.name}"

    @property
    def input(self) -> Shape:
        """The structure of the call's parameters."""
        return self.service.shape(self._row["i"]) if "i" in self._row else _EMPTY

    @property
    def output(self) -> Shape:
        """The structure of the call's result."""
        return self.service.shape(self._row["o"]) if "o" in self._row else _EMPTY

    @property
    def errors(self) -> tuple[str, ...]:
        """The errors that the API model declares, without the service's prefix."""
        return tuple(self._row.get("e", ()))

    @property
    def not_callable(self) -> str:
        """The reason why Step Functions cannot call it; empty if it can."""
        return str(self._row.get("x", ""))

    @property
    def allows(self) -> tuple[Allow, ...]:
        """The permissions that the call needs, derived from the authorization data; empty if none is known."""
        return _allows(self)


@lru_cache(maxsize=4096)
def _allows(action: Action) -> tuple[Allow, ...]:
    return tuple(Allow(row[0], tuple(row[1]), *row[2:]) for row in action._row.get("p", ()))  # noqa: SLF001 - its own module


@dataclass(frozen=True, eq=False)
class Service:
    """An AWS service.

    Attributes:
        name: the name in the Resource of a Task: `dynamodb` in `aws-sdk:dynamodb:…`.
        service_id: the identifier in the API model: `DynamoDB`.
        iam_prefix: the prefix of its IAM actions: `dynamodb` in `dynamodb:PutItem`; empty if unknown.
        page: its page in the Service Authorization Reference.
        client: the name of its boto3 client.
    """

    name: str
    service_id: str
    iam_prefix: str
    page: str
    client: str
    _span: tuple[int, int]

    @property
    def source(self) -> str:
        """The URL of its page in the Service Authorization Reference."""
        return _REFERENCE + (self.page or "reference_policies_actions-resources-contextkeys.html")

    @property
    def error_prefix(self) -> str:
        """The part of its error names before the dot."""
        return naming.error_prefix(self.service_id)

    @property
    def action_names(self) -> tuple[str, ...]:
        """The names of all its actions, sorted."""
        return tuple(self._record["ops"])

    def action(self, name: str) -> Action | None:
        """Return the action with this name; None if there is none."""
        row = self._record["ops"].get(name)
        return None if row is None else Action(self, name, row)

    def shape(self, key: int | str) -> Shape:
        """Return a shape by its letter or number in this service's record."""
        known = self._shapes.get(key)
        if known is None:
            entry = () if isinstance(key, str) else tuple(self._record["shapes"][key])
            known = Shape(_KINDS_LONG[entry[0]], self, entry) if entry else Shape(_KINDS[str(key)])
            self._shapes[key] = known
        return known

    @cached_property
    def _shapes(self) -> dict[int | str, Shape]:
        return {}

    @cached_property
    def _record(self) -> dict[str, Any]:
        record: dict[str, Any] = _read(*self._span)
        return record


def pack(records: dict[str, Any], actions: dict[str, dict[str, Any]], versions: dict[str, str]) -> bytes:
    """Return the bytes of the file; the same parts always result in the same bytes.

    Args:
        records: the record of each service by its name.
        actions: the IAM actions by their prefix, with their resource types and condition keys.
        versions: the versions of the packages that the data comes from.
    """
    body = bytearray()
    services: dict[str, list[Any]] = {}

    def add(record: Any) -> list[int]:
        data = zlib.compress(json.dumps(record, separators=(",", ":")).encode(), 9)
        span = [len(body), len(data)]
        body.extend(data)
        return span

    for name in sorted(records):
        record = records[name]
        span = add({"ops": record["ops"], "shapes": record["shapes"]})
        services[name] = [*span, record["id"], record["prefix"], record["page"], record["client"]]
    head_values = {"versions": versions, "services": services, "actions": {prefix: add(names) for prefix, names in actions.items()}}
    head = zlib.compress(json.dumps(head_values, separators=(",", ":")).encode(), 9)
    return _MAGIC + struct.pack(">I", len(head)) + head + bytes(body)


@lru_cache(maxsize=1)
def _head() -> tuple[dict[str, Any], int]:
    with INDEX.open("rb") as file:
        start = file.read(8)
        if start[:4] != _MAGIC:
            raise ValueError(f"{INDEX.name} is not an index of the catalogue; rebuild it with: make catalog")
        length = struct.unpack(">I", start[4:])[0]
        return json.loads(zlib.decompress(file.read(length))), 8 + length


def _read(offset: int, length: int) -> Any:
    with INDEX.open("rb") as file:
        file.seek(_head()[1] + offset)
        return json.loads(zlib.decompress(file.read(length)))


def built_from() -> dict[str, str]:
    """Return the packages and versions that the index was built from."""
    return dict(_head()[0]["versions"])


def service_names() -> tuple[str, ...]:
    """Return the names of all services, sorted."""
    return tuple(_head()[0]["services"])


@cache
def find_service(name: str) -> Service | None:
    """Return the service with this name; None if there is none."""
    row = _head()[0]["services"].get(name)
    if row is None:
        return None
    offset, length, service_id, iam_prefix, page, client = row
    return Service(name, service_id, iam_prefix, page, client, (offset, length))


@lru_cache(maxsize=4096)
def find_action(service: str, action: str) -> Action | None:
    """Return the action; None if the service or the action does not exist.

    >>> find_action("dynamodb", "updateItems") is None
    True
    """
    found = find_service(service)
    return None if found is None else found.action(action)


def similar(name: str, names: Iterable[str], cutoff: float = 0.7) -> list[str]:
    """Return the names that differ from `name` in case only, or else at most three similar names, the most similar first.

    >>> similar("putitem", ["putItem", "putItems"]), similar("putItms", ["putItem", "putItems", "query"])
    (['putItem'], ['putItems', 'putItem'])
    """
    names = tuple(names)
    return [other for other in names if other.lower() == name.lower()] or get_close_matches(name, names, n=3, cutoff=cutoff)


def similar_services(name: str) -> list[str]:
    """Return services with a similar name or with this IAM prefix, the most similar first.

    >>> similar_services("dynamdb")
    ['dynamodb']
    """
    by_prefix = [other for other, row in _head()[0]["services"].items() if row[3] == name.lower() and other != name]
    return by_prefix[:3] or similar(plain_name(name), service_names())


def plain_name(name: str) -> str:
    """Return the name of a service as Step Functions writes it.

    >>> plain_name("cognito-idp")
    'cognitoidp'
    """
    return "".join(char for char in name.lower() if char.isalnum())


@dataclass(frozen=True, slots=True)
class ResourceType:
    """A type of resource that IAM actions can be limited to.

    Attributes:
        name: the name, such as `table`.
        arn: the format of its ARNs, such as `arn:${Partition}:dynamodb:${Region}:${Account}:table/${TableName}`; `*` if it has none.
    """

    name: str
    arn: str


@dataclass(frozen=True, eq=False)
class IamService:
    """The actions with one IAM prefix.

    Attributes:
        prefix: the prefix, such as `dynamodb`.
        actions: the names of the actions as written, by their names in lower case.
        condition_keys: the condition keys of the service, such as `dynamodb:LeadingKeys`; `${…}` or `<…>` replaces a part that is not
            fixed.
        types: the types of the resources of all actions.
    """

    prefix: str
    actions: Mapping[str, str]
    condition_keys: tuple[str, ...]
    types: tuple[ResourceType, ...]
    _of_action: Mapping[str, list[int]]

    def resource_types(self, action: str) -> tuple[ResourceType, ...]:
        """Return the types of the resources of an action, whose name may be in any case; none if it has none or does not exist.

        >>> [one.name for one in iam_service("dynamodb").resource_types("putItem")]
        ['table']
        """
        return tuple(self.types[number] for number in self._of_action.get(action.lower(), ()))


@cache
def iam_service(prefix: str) -> IamService | None:
    """Return the IAM actions with a prefix; None if IAM does not have the prefix.

    >>> iam_service("sqs").actions["sendmessage"], iam_service("nosuch")
    ('SendMessage', None)
    """
    span = _head()[0]["actions"].get(prefix)
    if span is None:
        return None
    record = _read(*span)
    return IamService(
        prefix,
        {name.lower(): name for name in record["actions"]},
        tuple(record["keys"]),
        tuple(ResourceType(name, arn) for name, arn in record["types"]),
        {name.lower(): types for name, types in record["actions"].items()},
    )


def iam_prefixes() -> tuple[str, ...]:
    """Return the prefixes of all IAM actions, sorted."""
    return tuple(_head()[0]["actions"])


def iam_actions(prefix: str) -> frozenset[str]:
    """Return the IAM actions with a prefix, in lower case; empty if IAM does not have the prefix.

    >>> "sendmessage" in iam_actions("sqs"), iam_actions("nosuch")
    (True, frozenset())
    """
    service = iam_service(prefix)
    return frozenset() if service is None else frozenset(service.actions)


def action_exists(action: str) -> bool:
    """Return whether IAM has an action `prefix:Name`, in any case.

    >>> action_exists("s3:ListObjectsV2"), action_exists("s3:ListBucket")
    (False, True)
    """
    prefix, _, name = action.lower().partition(":")
    return name in iam_actions(prefix)
