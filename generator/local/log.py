"""What the local stack writes to the terminal: a line for each event, and what handlers print."""

from __future__ import annotations

import json
import threading
from datetime import UTC, datetime
from typing import Any, Final, Literal, TextIO, TypeAlias

from generator.diagnostics.render import visible

Form: TypeAlias = Literal["text", "json"]

_COLORS: Final = ("36", "33", "35", "34", "32", "96", "93", "95")
_DIM, _RED = "2", "31"


class Log:
    """Lines for people, coloured on a terminal, or lines of JSON."""

    def __init__(self, stream: TextIO, *, form: Form = "text", color: bool = False) -> None:
        """Write to a stream."""
        self._stream = stream
        self._form = form
        self._color = color
        self._lock = threading.Lock()
        self._colors: dict[str, str] = {}

    def event(self, source: str, message: str, *, failed: bool = False, **fields: Any) -> None:
        """Write that something happened.

        Args:
            source: the component, such as ``api`` or the name of a function.
            message: what happened, in a few words.
            failed: whether it is a failure.
            fields: the same as data, for JSON.
        """
        if self._form == "json":
            self._json({"source": source, "event": message, "failed": failed, **fields})
        else:
            self._text(source, message, _RED if failed else "")

    def output(self, function: str, line: str) -> None:
        """Write a line that a handler printed."""
        if self._form == "json":
            self._json({"source": function, "output": line})
        else:
            self._text(function, line, _DIM)

    def _json(self, fields: dict[str, Any]) -> None:
        time = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        self._write(json.dumps({"time": time, **fields}, ensure_ascii=False))

    def _text(self, source: str, text: str, code: str) -> None:
        time = datetime.now().astimezone().strftime("%H:%M:%S")
        with self._lock:
            own = self._colors.setdefault(source, _COLORS[len(self._colors) % len(_COLORS)])
        self._write(f"{self._colored(time, _DIM)} {self._colored(f'{source:<16}', own)} {self._colored(visible(text), code)}")

    def _colored(self, text: str, code: str) -> str:
        return f"\x1b[{code}m{text}\x1b[0m" if self._color and code else text

    def _write(self, line: str) -> None:
        with self._lock:
            self._stream.write(line.encode("utf-8", "backslashreplace").decode() + "\n")
            self._stream.flush()
