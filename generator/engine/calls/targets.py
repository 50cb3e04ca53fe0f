"""What a Task calls: its names, so that mocks and assertions can say which call they mean.

A call has the name of its state, of its integration (``sqs:sendMessage``, with and without its pattern), its Resource, and the
names of the resources that its parameters name: the name as it was declared, the name in AWS, the ARN, the URL.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from generator.asl.model import ABSENT, Task
from generator.asl.placeholders import placeholder_name
from generator.diagnostics.model import did_you_mean
from generator.dsl.declarations import Resource

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from generator.asl.placeholders import Placeholder
    from generator.asl.walk import Walk

_SHORT: Final = re.compile(r"arn:[^:]*:states:::(.+)$")
_NAMING: Final = re.compile(r"(Name|Arn|ARN|Url|URL|Bucket|Endpoint)(\.\$)?$")
"""The parameters that name a resource, such as ``QueueUrl``, ``TableName`` and ``TopicArn``."""
_DATA: Final = frozenset({"Payload", "MessageBody", "Input", "Message", "RequestBody", "Detail", "Item", "Body"})
"""The parameters that hold data. What looks like the name of a resource in them is not what the task calls."""
_ATTRIBUTES: Final = ("_arn", "_name", "Arn", "Name")
_DEEP: Final = 20
_COMPUTED: Final = "{%"
"""The beginning of an expression, whose value is not known before the execution."""


def function_name(text: str, placeholders: Mapping[str, Placeholder] | None = None) -> str:
    """Return the name of a function from its name, its ARN or a placeholder, without version and alias.

    Args:
        text: the name, the ARN, a part of the ARN, or a placeholder.
        placeholders: what placeholders stand for, by name. For one that is not known, the name is derived from that of the
            placeholder.

    >>> function_name("arn:aws:lambda:us-east-1:123456789012:function:orders:live")
    'orders'
    >>> function_name("orders:1")
    'orders'
    >>> function_name("${orders_arn}"), function_name("${OrdersFunctionArn}")
    ('orders', 'OrdersFunction')
    """
    if placeholder := placeholder_name(text):
        known = (placeholders or {}).get(placeholder)
        if known is not None and known.resource:
            return known.resource
        suffix = next((end for end in _ATTRIBUTES if placeholder.endswith(end) and placeholder != end), "")
        return placeholder.removesuffix(suffix)
    if ":function:" in text:
        text = text.split(":function:", 1)[1]
    return text.split(":", 1)[0]


def key_of(what: str | Resource) -> str:
    """Return the name by which a caller means a call. ``_`` and ``-`` are the same, as in the names of placeholders.

    >>> key_of("order_queue")
    'order-queue'
    """
    return (what.name if isinstance(what, Resource) else what).replace("_", "-")


def integrations(resource: str) -> Iterator[str]:
    """Yield the names of an integration: with its pattern, and without.

    >>> list(integrations("arn:aws:states:::ecs:runTask.sync"))
    ['ecs:runTask.sync', 'ecs:runTask']
    """
    if found := _SHORT.match(resource):
        yield found[1]
        if "." in found[1]:
            yield found[1].split(".", 1)[0]


def targets(resource: str, parameters: Any, declared: Mapping[str, str]) -> Iterator[str]:
    """Yield the names of the resources that a call uses, the name as it was declared first.

    Args:
        resource: the Resource of the task.
        parameters: the parameters of the call.
        declared: the names of declared resources, by their ARNs, names and URLs.

    >>> url = "https://sqs.us-east-1.amazonaws.com/123456789012/local-orders"
    >>> list(targets("arn:aws:states:::sqs:sendMessage", {"QueueUrl": url}, {url: "orders"}))[:2]
    ['orders', 'local-orders']
    """
    named = _named(parameters, _DEEP) if _SHORT.match(resource) else iter((resource,))
    for value in named:
        if value.startswith(_COMPUTED):
            yield value
            continue
        if value in declared:
            yield declared[value]
        yield value.rstrip("/").rsplit("/", 1)[-1].rsplit(":", 1)[-1]
        if ":function:" in value or placeholder_name(value):
            yield function_name(value)
        yield value


def _named(parameters: Any, depth: int) -> Iterator[str]:
    if isinstance(parameters, list) and depth:
        for item in parameters:
            yield from _named(item, depth - 1)
    if isinstance(parameters, dict) and depth:
        for key, value in parameters.items():
            if isinstance(value, str):
                if _NAMING.search(key):
                    yield _COMPUTED + value if key.endswith(".$") else value
            elif key not in _DATA:
                if key == "RequestItems" and isinstance(value, dict):
                    yield from value  # the tables of a batch of DynamoDB
                yield from _named(value, depth - 1)


def names(state: str, resource: str, parameters: Any, declared: Mapping[str, str]) -> Iterator[str]:
    """Yield every name of a call, the most specific first."""
    yield state
    yield resource
    yield from integrations(resource)
    yield from targets(resource, parameters, declared)


@dataclass(frozen=True, slots=True)
class Known:
    """The names that calls of some state machines can have.

    Attributes:
        states: the names of all states, with their types.
        tasks: the names of the Task states.
        called: the names of integrations and resources.
        computed: whether a task computes the name of the resource that it calls, so that there may be others.
    """

    states: Mapping[str, str]
    tasks: frozenset[str]
    called: frozenset[str]
    computed: bool

    def has(self, key: str) -> bool:
        """Return whether a call can have this name."""
        return key in self.tasks or key_of(key) in {key_of(each) for each in self.called}

    def hint(self, name: str) -> str:
        """Return a hint for a name that no call has: names that are similar, or the names that there are."""
        short = sorted(name for name in self.called if not name.startswith(("arn:", "https:", "${")))
        return did_you_mean(name, [*self.tasks, *short]) or (
            f"the tasks are {', '.join(sorted(self.tasks)) or 'none'}; they call {', '.join(short) or 'nothing'}"
        )


def known(walks: Iterable[Walk], declared: Mapping[str, str]) -> Known:
    """Return the names that the calls of some state machines can have."""
    states: dict[str, str] = {}
    tasks: set[str] = set()
    called: set[str] = set()
    computed = False
    for walk in walks:
        for at in walk.states:
            states[at.name] = at.state.TYPE
            if not isinstance(at.state, Task):
                continue
            tasks.add(at.name)
            called.add(at.resource)
            called |= {*integrations(at.resource)}
            _, parameters = at.parameters
            for name in targets(at.resource, None if parameters is ABSENT else parameters, declared):
                if name.startswith(_COMPUTED):
                    computed = True
                else:
                    called.add(name)
    return Known(states, frozenset(tasks), frozenset(called), computed)
