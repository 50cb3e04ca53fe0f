"""The parts that every declared resource has: its name, its placeholders, its key, and permissions on it.

The resources themselves are in :mod:`generator.dsl.resources`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, fields, replace
from typing import ClassVar

from generator.asl.placeholders import Placeholder, placeholder_name
from generator.catalog import resources as kinds
from generator.dsl.expressions import Expr, operand
from generator.dsl.known import known_text, placeholders_in
from generator.dsl.nodes import Literally, PlaceholderNode
from generator.dsl.refusals import NoText, came_from, has_address
from generator.dsl.source import AuthoringError, Source, expect, expect_fields, here, original, shown

_NAME = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")


def identifier(name: str) -> str:
    """Return the name of a resource as a Terraform identifier.

    >>> identifier("order-queue")
    'order_queue'
    """
    return name.replace("-", "_")


_KEY = re.compile(r"arn:[a-z-]+:kms:[a-z0-9-]+:\d{12}:key/[A-Za-z0-9-]+|alias/[A-Za-z0-9/_-]+")


def expect_key(key: object, name: str) -> None:
    """Raise :class:`AuthoringError` if a value does not name a KMS key, so that a policy can name it too.

    Source: https://docs.aws.amazon.com/kms/latest/developerguide/concepts.html#key-id
    """
    expect(key, (Expr, str, type(None)), f"key of {name!r}", _KEYS)
    known = known_text(operand(key)) if isinstance(key, Expr) else None
    if (isinstance(key, str) and not _KEY.fullmatch(key)) or (isinstance(key, Expr) and not known):
        raise AuthoringError(f"the key of {name!r} is not the name of a KMS key", found=shown(key), expected=_KEYS)


_KEYS = 'the ARN of a KMS key, an alias such as "alias/orders", or placeholder("orders_key_arn")'

_created: list[tuple[Resource, object]] | None = None


@contextmanager
def created() -> Iterator[list[tuple[Resource, object]]]:
    """Collect the resources and workflows that are made in the block, each with the one that it is a copy of, or None.

    >>> from generator import Queue
    >>> with created() as made:
    ...     _ = Queue("orders")
    >>> [one.name for one, _ in made]
    ['orders']
    """
    global _created  # noqa: PLW0603  the constructors are the author's calls: they have no other way to pass it
    before, _created = _created, []
    try:
        yield _created
    finally:
        _created = before


@dataclass(frozen=True, eq=False)
class Resource(NoText):
    """An AWS resource with an ARN. It is deployed with the name ``{project}-{env}-{name}``.

    Raises:
        AuthoringError: the name does not consist of lower case words joined by ``-``.
    """

    KIND: ClassVar[kinds.ResourceKind]
    longest: ClassVar[int] = 80
    name: str
    source: Source = field(default_factory=here, init=False, repr=False)

    def __post_init__(self) -> None:
        """Check that AWS and Terraform accept the name."""
        expect(self.name, str, f"the name of a {type(self).__name__}", "text")
        if not _NAME.fullmatch(self.name):
            raise AuthoringError(
                "the name of a resource is invalid", found=repr(self.name), expected="lower case words joined by '-', such as 'order-queue'"
            )
        if len(self.name) > self.longest:
            raise AuthoringError(
                f"the name of a {type(self).__name__} is too long for AWS",
                found=f"{len(self.name)} characters",
                expected=f"at most {self.longest}, with the project and the environment before it",
            )
        expect_fields(self)
        for text in (value for each in vars(self).values() for value in (each.values() if isinstance(each, Mapping) else (each,))):
            if isinstance(text, str) and (came_from(text) is not None or has_address(text)):
                raise AuthoringError(f"a Python object was turned into text in {self.name!r}", found=shown(text), expected="its value")
        if _created is not None:
            _created.append((self, original()))

    def placeholder(self, attribute: str) -> Placeholder:
        """Return the placeholder of an attribute that deployment fills in.

        >>> from generator import Queue
        >>> Queue("order-queue").placeholder("url").text
        '${order_queue_url}'
        """
        name = f"{identifier(self.name)}_{attribute}"
        return Placeholder(name, self.KIND.key, self.name, attribute, " ".join(getattr(self, "description", "").split()), self)

    def placeholders(self) -> Iterator[Placeholder]:
        """Yield the placeholders of all attributes, which texts may refer to."""
        return (self.placeholder(attribute) for attribute in self.KIND.attributes)

    def attribute(self, attribute: str) -> Expr:
        """Return a reference to an attribute that deployment fills in."""
        return Expr(PlaceholderNode(self.placeholder(attribute).name, self, attribute))

    def _aliased(self, alias: str | None) -> Expr:
        """Return the ARN, with the alias if one is declared."""
        return self.arn if alias is None else self.arn + f":{alias}"

    @property
    def arn(self) -> Expr:
        """The ARN."""
        return self.attribute(kinds.ARN)

    @property
    def encryption(self) -> Expr | str | None:
        """The KMS key that encrypts it; None if AWS or the service has the key, which needs no permission."""
        return None

    def related(self) -> Iterator[Resource]:
        """Yield the resources that the declaration names: a dead-letter queue, and what a function may use and refers to.

        >>> from generator import Queue
        >>> [one.name for one in Queue("orders", dead_letter=Queue("dead")).related()]
        ['dead']
        """
        for value in (getattr(self, one.name) for one in fields(self)):
            if isinstance(value, Resource):
                yield value
            for item in value if isinstance(value, list | tuple) else ():
                if isinstance(item, Grant):
                    yield item.resource
            for item in value.values() if isinstance(value, Mapping) else ():
                yield from (one.resource for one in placeholders_in(operand(item)) if one.resource is not None)

    def allow(self, *actions: str) -> Grant:
        """Return the permission for these actions on this resource: ``uses=[orders.allow("PutItem", "GetItem")]``."""
        return Grant(self, actions)


@dataclass(frozen=True, eq=False)
class Deployed(Resource):
    """A resource that a project deploys, or one that exists already and that it uses.

    Args:
        existing: the ARN, the URL or the name of a resource that exists already; or a placeholder such as ``${OrdersTable}``,
            which deployment fills in with that. The definition has this text, and nothing is generated to deploy the resource.
            By default the project deploys it.

    >>> from generator import Queue
    >>> Queue("orders", existing="arn:aws:sqs:eu-west-1:111122223333:orders-prod").url
    <Expr 'https://sqs.eu-west-1.amazonaws.com/111122223333/orders-prod'>
    """

    existing: str | None = field(default=None, kw_only=True)

    @property
    def _given(self) -> str:
        """The name of the placeholder for the resource, if one was given."""
        return placeholder_name(self.existing)

    def placeholder(self, attribute: str) -> Placeholder:
        """Return the placeholder of an attribute: the one that was given, or the one that deployment fills in.

        >>> from generator import Table
        >>> Table("orders", existing="${OrdersTable}").placeholder("name").text
        '${OrdersTable}'
        """
        made = super().placeholder(attribute)
        return replace(made, name=self._given) if self._given else made

    def placeholders(self) -> Iterator[Placeholder]:
        """Yield the placeholders that texts may refer to. A placeholder that was given stands for what calls name the resource by."""
        return iter([self.placeholder(self.KIND.parameter_attribute)]) if self._given else super().placeholders()

    def attribute(self, attribute: str) -> Expr:
        """Return a reference to an attribute; the text itself, if the resource exists already."""
        if self.existing is None or self._given:
            return super().attribute(attribute)
        return Expr(Literally(existing_attributes(self.KIND, self.existing)[attribute]))

    @property
    def named(self) -> Expr:
        """What calls name the resource by. If it exists already, this is the text that was given."""
        if self.existing is None or self._given:
            return self.attribute(self.KIND.parameter_attribute)
        return Expr(Literally(self.existing))


_EXISTING_ARN = re.compile(r"arn:([^:]+):[^:]+:([^:]*):([^:]*):(?:[a-zA-Z-]+[:/])?([^:/]+).*")
_EXISTING_URL = re.compile(r"https://[^.]+\.([^.]+)\.[^/]+/([^/]+)/([^/]+)")


def existing_attributes(kind: kinds.ResourceKind, text: str) -> dict[str, str]:
    """Return the attributes of a resource that exists already, from its ARN, its URL or its name.

    >>> existing_attributes(kinds.TABLE, "orders")["arn"]
    'arn:${aws_partition}:dynamodb:${aws_region}:${aws_account_id}:table/orders'
    """
    anywhere = {"region": "${aws_region}", "account": "${aws_account_id}", "partition": "${aws_partition}"}
    if found := _EXISTING_ARN.fullmatch(text):
        partition, region, account, name = found.groups()
        return {**kind.values(name=name, region=region, account=account, partition=partition), kinds.ARN: text}
    if found := _EXISTING_URL.fullmatch(text):
        region, account, name = found.groups()
        return {**kind.values(**{**anywhere, "region": region, "account": account}, name=name), kinds.URL: text}
    return kind.values(**anywhere, name=text)


@dataclass(frozen=True, eq=False)
class Grant(NoText):
    """A permission of a function: actions on a resource. The policy of its role consists of these."""

    resource: Resource
    actions: tuple[str, ...]
    source: Source = field(default_factory=here, init=False, repr=False)

    def __post_init__(self) -> None:
        """Check that the actions are names; a wildcard is not allowed."""
        if not self.actions or not all(str(a).isalnum() and str(a)[0].isalpha() for a in self.actions):
            raise AuthoringError(
                f"the actions on {self.resource.name!r} must be names of API actions",
                found=", ".join(map(repr, self.actions))[:80] or "nothing",
                expected='names without wildcards, such as "GetItem"',
                hint=_as_actions(self.actions),
            )


def _as_actions(names: Sequence[object]) -> str:
    """Return the hint for the names of boto3's methods; empty if they are something else.

    >>> _as_actions(["get_item", "query"])
    'write "GetItem", "Query"'
    """
    if not any("_" in str(name) for name in names) or not all(re.fullmatch(r"[a-z][a-z0-9_]*", str(name)) for name in names):
        return ""
    return "write " + ", ".join('"' + "".join(word.capitalize() for word in str(name).split("_")) + '"' for name in names)


def within(number: int, least: int, most: int, what: str, unit: str = "") -> None:
    """Raise :class:`AuthoringError` if a number of a declaration is outside its limits."""
    if not least <= number <= most:
        raise AuthoringError(f"{what} must be {least} to {most}{unit}", found=f"{number}{unit}")
