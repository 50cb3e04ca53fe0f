"""The folder of ``--data``: one SQLite database, which a killed process leaves whole.

Each change is one transaction, written before the caller has its answer. SQLite's write-ahead log survives the kill of the process at
any moment; a power cut may lose the last moments, since not every transaction waits for the disk.

Source: https://www.sqlite.org/wal.html, https://www.sqlite.org/pragma.html#pragma_synchronous
"""

from __future__ import annotations

import fcntl
import sqlite3
import threading
from typing import TYPE_CHECKING, Any, Final

from generator.local.stepfunctions.archive import packed, unpacked

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

_VERSION: Final = 2
"""Version 1 had the histories of ended executions in their rows. They are read, and written as parts at the next start."""
_CLOCK: Final = "clock"
_SCHEMA: Final = """
    CREATE TABLE IF NOT EXISTS content (kind TEXT, resource TEXT, key TEXT, value BLOB, PRIMARY KEY (kind, resource, key)) WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS execution (arn TEXT PRIMARY KEY, root TEXT, number INTEGER, ended INTEGER, value BLOB) WITHOUT ROWID;
    CREATE INDEX IF NOT EXISTS execution_root ON execution (root);
    CREATE INDEX IF NOT EXISTS execution_ended ON execution (ended, number);
    CREATE TABLE IF NOT EXISTS part (arn TEXT, part TEXT, owner TEXT, value BLOB, PRIMARY KEY (arn, part)) WITHOUT ROWID;
    CREATE INDEX IF NOT EXISTS part_owner ON part (owner);
    CREATE TABLE IF NOT EXISTS step (number INTEGER PRIMARY KEY AUTOINCREMENT, root TEXT, value BLOB);
    CREATE INDEX IF NOT EXISTS step_root ON step (root);
"""


class StoreError(Exception):
    """The folder cannot be used. The text of the error is a message for the user."""


class Store:
    """What the local stack keeps: contents of tables, queues and buckets, and executions with the results of their calls.

    Attributes:
        now: returns the time of the stack's clock, which is kept with each change; None before there is a clock.
        closed: whether nothing is written any more.
    """

    def __init__(self, folder: Path) -> None:
        """Open the folder, which is created if it does not exist.

        Raises:
            StoreError: it cannot be used, or another local stack uses it.
        """
        try:
            folder.mkdir(parents=True, exist_ok=True)
            self._guard = (folder / "lock").open("w")
        except OSError as error:
            raise StoreError(f"the folder {folder} cannot be used: {error.strerror}") from None
        try:
            fcntl.flock(self._guard, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            self._guard.close()
            raise StoreError(f"another local stack uses the folder {folder}") from None
        self.now: Callable[[], float] | None = None
        self._lock = threading.Lock()
        self.closed = False
        try:
            self._db = sqlite3.connect(folder / "state.sqlite", isolation_level=None, check_same_thread=False)
            self._db.execute("PRAGMA journal_mode=WAL")
            self._db.execute("PRAGMA synchronous=NORMAL")
            version = self._db.execute("PRAGMA user_version").fetchone()[0]
            if version not in range(_VERSION + 1):
                raise StoreError(f"the folder {folder} has the state of another version ({version}); remove it or use another folder")
            self._db.executescript(_SCHEMA)
            self._db.execute(f"PRAGMA user_version={_VERSION}")
        except sqlite3.Error as error:
            self._guard.close()
            raise StoreError(f"the folder {folder} cannot be used: {error}") from None

    def write(self, statements: Iterable[tuple[str, tuple[Any, ...]]]) -> None:
        """Execute statements in one transaction. After :meth:`close` nothing is written."""
        with self._lock:
            if self.closed:
                return
            self._db.execute("BEGIN IMMEDIATE")
            try:
                for statement, values in statements:
                    self._db.execute(statement, values)
                if self.now is not None:
                    self._db.execute(*self.put(_CLOCK, "", "", self.now()))
            except BaseException:
                self._db.execute("ROLLBACK")
                raise
            self._db.execute("COMMIT")

    def read(self, query: str, *values: Any) -> Iterator[tuple[Any, ...]]:
        """Yield the rows of a query. After :meth:`close` there are none."""
        with self._lock:
            if self.closed:
                return
            yield from self._db.execute(query, values).fetchall()

    def last_moment(self) -> float | None:
        """Return the time of the last change. None if there was none."""
        return next((value for _, _, value in self.contents(_CLOCK)), None)

    def put(self, kind: str, resource: str, key: str, value: Any) -> tuple[str, tuple[Any, ...]]:
        """Return the statement that keeps a content."""
        return "INSERT OR REPLACE INTO content VALUES (?, ?, ?, ?)", (kind, resource, key, packed(value))

    def remove(self, kind: str, resource: str, key: str) -> tuple[str, tuple[Any, ...]]:
        """Return the statement that removes a content."""
        return "DELETE FROM content WHERE kind = ? AND resource = ? AND key = ?", (kind, resource, key)

    def contents(self, kind: str) -> Iterator[tuple[str, str, Any]]:
        """Yield the contents of a kind: resource, key and value."""
        for resource, key, value in self.read("SELECT resource, key, value FROM content WHERE kind = ?", kind):
            yield resource, key, unpacked(value)

    def close(self) -> None:
        """Close the database. Later changes are not kept: they are not of the system that was stopped."""
        with self._lock:
            if not self.closed:
                self.closed = True
                self._db.close()
                self._guard.close()
