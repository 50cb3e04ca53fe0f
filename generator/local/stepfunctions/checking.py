"""The operations without state: TestState and ValidateStateMachineDefinition."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from generator.checks.validate import validate_text
from generator.engine import TestStateError, test_state
from generator.local.stepfunctions.executions import read_json
from generator.local.stepfunctions.findings import answer
from generator.local.stepfunctions.machines import check_role
from generator.local.stepfunctions.model import VALIDATION, ServiceError

if TYPE_CHECKING:
    from generator.local.stepfunctions.core import Core
    from generator.local.stepfunctions.machines import Parameters
    from generator.local.stepfunctions.service import Caller

FILE = "definition.asl.json"
MOST_DIAGNOSTICS = 100


class Checking:
    """The operations without state."""

    def __init__(self, core: Core) -> None:
        """Use the functions and the clients of the endpoint."""
        self.core = core

    def validate_state_machine_definition(self, p: Parameters, _caller: Caller) -> Parameters:
        """Check a definition."""
        found = validate_text(p["definition"], FILE, workflow_type="EXPRESS" if p.get("type") == "EXPRESS" else "STANDARD")
        return answer(found, p["definition"], p.get("severity", "ERROR"), p.get("maxResults") or MOST_DIAGNOSTICS)

    def test_state(self, p: Parameters, caller: Caller) -> Parameters:
        """Run one state."""
        del caller  # the role has the account
        core = self.core
        if "roleArn" in p:
            check_role(p["roleArn"])
        document = read_json(p.get("input", "{}"), "InvalidExecutionInput", "Invalid State Machine Execution Input")
        variables: Any = read_json(p.get("variables", "{}"), VALIDATION, "Invalid variables")
        if not isinstance(variables, dict):
            raise ServiceError(VALIDATION, "Invalid variables: they must be a JSON object")
        try:
            result = test_state(
                p["definition"],
                document,
                inspection_level=p.get("inspectionLevel", "INFO"),
                state_name=p.get("stateName"),
                mock=p.get("mock"),
                context=p.get("context"),
                variables=variables,
                state_configuration=p.get("stateConfiguration"),
                role=p.get("roleArn"),
                functions=core.functions,
                clients=core.client_of if core.has_clients else None,
            )
        except TestStateError as error:
            raise ServiceError(error.code, error.message) from None
        return result.response()
