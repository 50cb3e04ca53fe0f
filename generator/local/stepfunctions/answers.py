"""Who performs the tasks of an execution: the mocks of a test case, as Step Functions Local has them, and the user's choices.

Source: https://docs.aws.amazon.com/step-functions/latest/dg/sfn-local-test-sm-exec.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from generator.asl.read import read_file
from generator.engine import MockError, Mocks
from generator.local.stepfunctions.model import VALIDATION, ServiceError
from generator.local.stepfunctions.routes import Performers

if TYPE_CHECKING:
    from pathlib import Path

    from generator.local.stepfunctions.routes import Choices

VARIABLE: Final = "SFN_MOCK_CONFIG"
"""The environment variable that names the mock file, as in Step Functions Local."""


class Answers:
    """Test cases and choices.

    Attributes:
        file: the mock file of Step Functions Local.
        choices: the choices for all executions.
    """

    def __init__(self, file: Path | None = None, choices: Choices | None = None) -> None:
        """Use a mock file, which is read whenever a test case is started."""
        self.file = file
        self.choices = choices

    def performers(self, name: str, title: str, case: str | None) -> Performers | None:
        """Return who performs the tasks of an execution. None if the engine does.

        Args:
            name: the name of the state machine.
            title: its name as its author wrote it.
            case: the test case, if the execution names one.

        Raises:
            ServiceError: there is no such test case.
        """
        mocks = None if case is None else self._mocks(name, title, case)
        if mocks is None and self.choices is None:
            return None
        return Performers(mocks, None if self.choices is None else self.choices.fresh())

    def _mocks(self, name: str, title: str, case: str) -> Mocks:
        if self.file is None:
            raise ServiceError(VALIDATION, f"The test case '{case}' needs a mock file: set {VARIABLE}")
        read = read_file(self.file)
        if not read.readable:
            raise ServiceError(VALIDATION, f"The mock file {self.file} cannot be read: {read.diagnostics[0].message}")
        machines = read.value.get("StateMachines") if isinstance(read.value, dict) else None
        known = title if isinstance(machines, dict) and name not in machines and title in machines else name
        try:
            return Mocks.from_json(read.value, case, known)
        except MockError as error:
            raise ServiceError(VALIDATION, str(error)) from None
