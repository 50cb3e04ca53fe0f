"""The public names of the engine: every name that ``from generator.engine import …`` can import."""

from generator.engine.account import TaskTokenError
from generator.engine.as_text import text_view
from generator.engine.calls.functions import FunctionError, takes
from generator.engine.calls.mocks import Fails, MockError, Mocks, Sequence, Waits
from generator.engine.clock import RealClock, VirtualClock
from generator.engine.compile import DefinitionError, Machine, compile_definition, substitute
from generator.engine.execution import Execution, ExecutionFailedError
from generator.engine.failure import InputError
from generator.engine.starting import Engine, execute, start
from generator.engine.tools.single_state import StateResult, TestStateError, test_state
from generator.engine.visits import StateVisit, TaskCall

__all__ = [
    "DefinitionError",
    "Engine",
    "Execution",
    "ExecutionFailedError",
    "Fails",
    "FunctionError",
    "InputError",
    "Machine",
    "MockError",
    "Mocks",
    "RealClock",
    "Sequence",
    "StateResult",
    "StateVisit",
    "TaskCall",
    "TaskTokenError",
    "TestStateError",
    "VirtualClock",
    "Waits",
    "compile_definition",
    "execute",
    "start",
    "substitute",
    "takes",
    "test_state",
    "text_view",
]
