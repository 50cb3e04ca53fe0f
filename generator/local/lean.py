"""moto in a process that runs for days: it is made for tests, and keeps or copies more than such a process can afford.

- Every object of a model that was ever made is kept: each message, each item, each copy of an item.
- A transaction of DynamoDB copies its tables whole, to be able to go back.
- The receipt handles of all deleted messages, and all notifications of a topic, are kept.

:func:`lean` replaces these parts while a block runs. What a client of AWS can see stays as it is, except that only the last
notifications and receipt handles are known.
"""

from __future__ import annotations

import copy
from collections import deque
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Any, Final
from weakref import WeakValueDictionary

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

_MOST_KEPT: Final = 1_000


class Recent:
    """A set that forgets what was added first.

    >>> recent = Recent(2)
    >>> recent.update(["a", "b", "c"])
    >>> "a" in recent, "c" in recent
    (False, True)
    """

    def __init__(self, most: int = _MOST_KEPT) -> None:
        """Create an empty one.

        Args:
            most: the number of members that it keeps.
        """
        self._most = most
        self._members: dict[Any, None] = {}

    def __contains__(self, member: object) -> bool:
        """Return whether something is one of the members that were added last."""
        return member in self._members

    def __len__(self) -> int:
        """Return the number of members."""
        return len(self._members)

    def update(self, members: Iterable[Any]) -> None:
        """Add members."""
        self._members.update(dict.fromkeys(members))
        while len(self._members) > self._most:
            del self._members[next(iter(self._members))]


class _Living:
    """The objects of a model that are used, in place of a list of all that were ever made."""

    def __init__(self) -> None:
        self._by_id: WeakValueDictionary[int, Any] = WeakValueDictionary()

    def append(self, made: Any) -> None:
        self._by_id[id(made)] = made

    def __iter__(self) -> Iterator[Any]:
        return iter(list(self._by_id.values()))


@contextmanager
def lean() -> Iterator[None]:
    """Let moto keep only what is used while the block runs. Enter it after ``mock_aws``, which empties moto's lists."""
    from moto.core.common_models import BaseModel
    from moto.dynamodb.models import DynamoDBBackend
    from moto.dynamodb.models.table import Table
    from moto.s3.models import FakeKey
    from moto.sns.models import Topic
    from moto.sqs.models import Queue

    def made(cls: Any, *_: Any, **__: Any) -> Any:
        instance = super(BaseModel, cls).__new__(cls)
        if not isinstance(cls.instances_tracked, _Living):
            cls.instances_tracked = _Living()
        cls.instances_tracked.append(instance)
        return instance

    replaced = (
        (BaseModel, "__new__", staticmethod(made)),
        (DynamoDBBackend, "update_item", _on_a_copy(DynamoDBBackend.update_item)),
        (Queue, "__init__", _then(Queue.__init__, lambda queue: setattr(queue, "deleted_messages", Recent()))),
        (Topic, "__init__", _then(Topic.__init__, lambda topic: setattr(topic, "sent_notifications", deque(maxlen=_MOST_KEPT)))),
        (FakeKey, "__del__", lambda key: key.dispose()),  # without moto's warning: here it is the usual end of an object
    )
    with ExitStack() as stack:
        for owner, name, value in replaced:
            stack.callback(setattr, owner, name, vars(owner).get(name))
            setattr(owner, name, value)
        setattr(Table, "__deepcopy__", _with_the_same_items)  # noqa: B010  a type checker knows no such attribute
        stack.callback(delattr, Table, "__deepcopy__")
        yield


def _then(make: Callable[..., None], act: Callable[[Any], None]) -> Callable[..., None]:
    def initialise(made: Any, *arguments: Any, **options: Any) -> None:
        make(made, *arguments, **options)
        act(made)

    return initialise


def _with_the_same_items(table: Any, _memo: Any) -> Any:
    """Return a copy of a table that shares its items, which no call changes: see :func:`_on_a_copy`."""
    twin = copy.copy(table)
    twin.items = copy.copy(table.items)
    if table.has_range_key:
        for key, inner in twin.items.items():
            twin.items[key] = dict(inner)
    return twin


def _on_a_copy(update_item: Callable[..., Any]) -> Callable[..., Any]:
    """Return UpdateItem that changes a copy of the item: moto changes the item itself."""

    def update(backend: Any, table_name: str, key: Any, *arguments: Any, **options: Any) -> Any:
        table = backend.get_table(table_name)
        if table.hash_key_attr in key and (not table.has_range_key or table.range_key_attr in key):
            own, inner = backend.get_keys_value(table, key)
            before = table.get_item(own, inner)
            if before is not None:
                (table.items if inner is None else table.items[own])[own if inner is None else inner] = copy.deepcopy(before)
        return update_item(backend, table_name, key, *arguments, **options)

    return update
