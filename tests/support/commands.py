"""The command line, called in this process."""

from __future__ import annotations

import io
import sys
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass

import pytest

from generator import cli


@dataclass
class Result:
    """What a command printed and returned."""

    exit_code: int
    stdout: str
    stderr: str


def call(*arguments: str, text: str | None = None) -> Result:
    """Run a command in this process."""
    out, err = io.StringIO(), io.StringIO()
    stdin = io.TextIOWrapper(io.BytesIO((text or "").encode()))
    with redirect_stdout(out), redirect_stderr(err), pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "stdin", stdin)
        try:
            code = cli.call(arguments)
        except SystemExit as error:
            code = error.code if isinstance(error.code, int) else 1
    return Result(code, out.getvalue(), err.getvalue())
