"""Who performs the tasks of an execution: mocks by test case, as Step Functions Local has them.

Source: https://docs.aws.amazon.com/step-functions/latest/dg/sfn-local-test-sm-exec.html
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

from generator.asl.read import read_file
from generator.engine import MockError, Mocks
from generator.local.stepfunctions.model import VALIDATION, ServiceError

VARIABLE: Final = "SFN_MOCK_CONFIG"
"""The environment variable that names the mock file, as in Step Functions Local."""


class Answers:
    """Mocks of tasks, for all executions or by test case.

    Attributes:
        file: the mock file of Step Functions Local.
        always: mocks for executions without a test case.
    """

    def __init__(self, file: Path | None = None, always: Mocks | None = None) -> None:
        """Use a mock file, which is read whenever a test case is started."""
        self.file = file
        self.always = always

    def mocks(self, name: str, title: str, case: str | None) -> Mocks | None:
        """Return the mocks of an execution. None if its tasks call what is there.

        Args:
            name: the name of the state machine.
            title: its name as its author wrote it.
            case: the test case, if the execution names one.

        Raises:
            ServiceError: there is no such test case.
        """
        if case is None:
            return None if self.always is None else self.always.fresh()
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
