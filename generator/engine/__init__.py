"""Run state machines on a laptop as AWS Step Functions does: same status, output, error, cause and history.

Time is virtual by default, and random values come from a seed: two runs return the same bytes.

The modules, each of which imports only from those before it: ``failure``, ``clock``, ``history``; ``frame`` (the data of one
execution); ``fields`` (compiled paths and expressions); ``calls`` (functions, services, mocks); ``states``; ``compile`` (from a
definition to linked states); ``account`` (state machines, task tokens, activities); ``execution``; ``tools`` (single-state test,
coverage, pytest plugin).

>>> from generator.engine import execute
>>> machine = {
...     "StartAt": "Wait",
...     "States": {
...         "Wait": {"Type": "Wait", "Seconds": 2592000, "Next": "Greet"},
...         "Greet": {"Type": "Task", "Resource": "arn:aws:lambda:us-east-1:123456789012:function:greet", "End": True},
...     },
... }
>>> execution = execute(machine, {"name": "Ann"}, functions={"greet": lambda event: f"Hi {event['name']}"})
>>> execution.status, execution.output, execution.duration
('SUCCEEDED', 'Hi Ann', 2592000.0)
>>> execution.history[-1]["type"]
'ExecutionSucceeded'
"""

from __future__ import annotations

from generator.engine.account import TaskTokenError
from generator.engine.calls.functions import FunctionError, takes
from generator.engine.calls.mocks import Fails, MockError, Mocks, Sequence, Waits
from generator.engine.clock import RealClock, VirtualClock
from generator.engine.compile import DefinitionError, Machine, compile_definition, substitute
from generator.engine.execution import Engine, Execution, StateVisit, execute, start
from generator.engine.failure import InputError
from generator.engine.tools.single_state import StateResult, TestStateError, test_state

__all__ = [
    "DefinitionError",
    "Engine",
    "Execution",
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
]
