"""The ``run`` command: run a state machine and tell what came of it."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

from generator.engine.clock import RealClock, VirtualClock
from generator.engine.engine import Engine, InputError, Kind
from generator.engine.history import json_text
from generator.engine.machine import DefinitionError, compile_definition, substitute
from generator.engine.mocks import MockError, Mocks

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from generator.engine.core import Run
    from generator.engine.execution import Execution

SUCCEEDED, NOT_SUCCEEDED, NOT_RUN = 0, 1, 2
"""Exit codes."""


class _UsageError(ValueError):
    """What the user gave cannot be used."""


def run(
    target: str,
    *,
    input: str | None = None,  # noqa: A002  AWS's word
    mock: str | None = None,
    test_case: str | None = None,
    history: str | None = None,
    real_time: bool = False,
    kind: Kind = "STANDARD",
    seed: int = 0,
    functions: Mapping[str, Callable[..., Any]] | None = None,
    clients: Callable[[str], Any] | None = None,
    definition_of: Callable[[str], str | None] | None = None,
    substitutions: Mapping[str, str] | None = None,
    out: TextIO | None = None,
    err: TextIO | None = None,
) -> int:
    """Run a state machine.

    Args:
        target: A file with a definition, or a name that ``definition_of`` knows.
        input: JSON, or a file with JSON; ``{}`` when missing.
        mock: A mock file, ours or that of Step Functions Local.
        test_case: The test case in the latter, where it has several; ``MACHINE#CASE`` names the state machine too.
        history: Where to write the events, as JSON.
        real_time: Let waits take their time.
        kind: ``STANDARD`` or ``EXPRESS``.
        seed: Of all randomness.
        functions: Lambda functions by name or ARN.
        clients: Gives a boto3 client for a service's name.
        definition_of: Gives the ASL of a named workflow, or None.
        substitutions: What the deployment fills in for placeholders, by name.
        out: Where the output goes; standard output when missing.
        err: Where progress and problems go; standard error when missing.

    Returns:
        0 if the execution succeeded, 1 if it ended otherwise, 2 if it could not be run.
    """
    out, err = out or sys.stdout, err or sys.stderr
    try:
        text = _definition(target, definition_of)
        if problems := _problems(text, target, kind):
            err.write(problems)
            return NOT_RUN
        machine = compile_definition(text if substitutions is None else substitute(text, substitutions))
        document = _json(input, "input") if input is not None else {}
        mocks = None if mock is None else _mocks(mock, test_case)
        progress = _Progress(err)
        engine = Engine(
            functions=functions,
            clients=clients,
            clock=RealClock() if real_time else VirtualClock(),
            seed=seed,
            mocks=mocks,
            watch=progress if err.isatty() else None,
        )
        name = Path(target).name.split(".", 1)[0]
        execution = engine.start(machine, document, type=kind, state_machine=name).finish()
        progress.clear()
        if history is not None:
            _write_history(history, execution)
    except (_UsageError, DefinitionError, InputError, MockError) as error:
        err.write(f"error: {error}\n")
        return NOT_RUN
    except KeyboardInterrupt:
        err.write("\ninterrupted\n")
        return NOT_SUCCEEDED
    _tell(execution, out, err)
    return SUCCEEDED if execution.status == "SUCCEEDED" else NOT_SUCCEEDED


def _definition(target: str, definition_of: Callable[[str], str | None] | None) -> str:
    path = Path(target)
    if path.is_file():
        return _read(path)
    found = None if definition_of is None else definition_of(target)
    if found is None:
        raise _UsageError(f"'{target}' is neither a file nor a workflow")
    return found


def _problems(text: str, target: str, kind: Kind) -> str:
    """Why AWS would not accept the definition, for people; empty when it would."""
    from generator.checks.validate import validate_text  # noqa: PLC0415  the engine alone does not need the checks
    from generator.diagnostics.model import Severity  # noqa: PLC0415
    from generator.diagnostics.render import to_text  # noqa: PLC0415

    errors = [found for found in validate_text(text, target, workflow_type=kind) if found.severity is Severity.ERROR]
    return to_text(errors, source=lambda _: text) if errors else ""


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise _UsageError(f"{path} cannot be read: {error}") from None


def _json(text: str, what: str) -> Any:
    """JSON given in place or as a file."""
    path = Path(text)
    try:
        is_file = path.is_file()
    except (OSError, ValueError):
        is_file = False
    if is_file:
        text = _read(path)
    try:
        return json.loads(text)
    except ValueError as error:
        where = f"the file {path}" if is_file else f"the {what}"
        raise _UsageError(f"{where} is not JSON: {error}") from None


def _mocks(file: str, test_case: str | None) -> Mocks:
    if not Path(file).is_file():
        raise _UsageError(f"there is no mock file {file}")
    machine, _, case = (test_case or "").rpartition("#")
    return Mocks.from_json(_json(file, "mock file"), case or None, machine or None)


def _write_history(file: str, execution: Execution) -> None:
    shown = json.dumps(execution.history, indent=2, ensure_ascii=False, default=lambda time: time.isoformat(timespec="milliseconds"))
    try:
        Path(file).write_text(shown + "\n", encoding="utf-8")
    except OSError as error:
        raise _UsageError(f"{file} cannot be written: {error}") from None


def _tell(execution: Execution, out: TextIO, err: TextIO) -> None:
    err.writelines(f"warning: {warning}\n" for warning in execution.warnings)
    err.write(f"{execution.status} after {_duration(execution.duration)}, {execution.transitions} state transitions\n")
    if execution.status == "SUCCEEDED":
        out.write(json.dumps(execution.output, indent=2, ensure_ascii=False) + "\n")
    elif execution.error or execution.cause:
        out.write(json_text({"Error": execution.error, "Cause": execution.cause}) + "\n")


def _duration(seconds: float) -> str:
    """A time span for people.

    Example:
        >>> _duration(90061.5)
        '1 d 1 h 1 min 1.5 s'
        >>> _duration(0)
        '0 s'
    """
    parts = []
    for size, unit in ((86400, "d"), (3600, "h"), (60, "min")):
        whole, seconds = divmod(seconds, size)
        if whole:
            parts.append(f"{whole:.0f} {unit}")
    if seconds or not parts:
        parts.append(f"{round(seconds, 3):g} s")
    return " ".join(parts)


class _Progress:
    """A line that says where the execution stands, renewed a few times a second."""

    def __init__(self, err: TextIO) -> None:
        self.err = err
        self.shown = 0.0
        self.used = False

    def __call__(self, run: Run) -> None:
        import time  # noqa: PLC0415

        now = time.monotonic()
        if now - self.shown < 0.2:  # noqa: PLR2004  seconds
            return
        self.shown = now
        self.used = True
        where = next((event[3]["name"] for event in reversed(run.events) if "name" in event[3]), "")
        text = f"{run.transitions:,} state transitions, now in {where}"
        self.err.write(f"\r\x1b[2K{text[:100]}")
        self.err.flush()

    def clear(self) -> None:
        if self.used:
            self.err.write("\r\x1b[2K")
