"""Run state machines on a laptop as AWS Step Functions does: same status, output, error, cause and history.

Time is virtual by default, and random values come from a seed: two runs return the same bytes.

The modules, each of which imports only from those before it: ``failure``, ``clock``, ``history``; ``frame`` (the data of one
execution); ``fields`` (compiled paths and expressions); ``calls`` (functions, services, mocks); ``states``; ``compile`` (from a
definition to linked states); ``definitions`` (from a workflow or a file to these); ``account`` (state machines, task tokens,
activities); ``visits`` and ``as_text`` (what an execution did); ``execution``; ``starting`` (the engine); ``tools`` (single-state
test, coverage, pytest plugin); ``public`` (the names that this package exports, loaded when one of them is used).

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

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from generator.engine.public import *  # noqa: F403  the one list is there
    from generator.engine.public import __all__ as __all__


def __getattr__(name: str) -> Any:
    if name.startswith("__") and name != "__all__":  # what Python and tools ask every package for
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    public = import_module("generator.engine.public")
    if name == "__all__":
        return public.__all__
    if name not in public.__all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}", name=name, obj=public)
    return getattr(public, name)


def __dir__() -> list[str]:
    return [*globals(), *import_module("generator.engine.public").__all__]
