"""Short ways to write machines in tests."""

from generator.asl.parse import parse
from generator.asl.walk import walk
from generator.engine.compile import compile_walk


def unchecked(definition):
    """Compile a definition that AWS would refuse, so that a test can leave out what it is not about: parameters, an end."""
    machine, findings = parse(definition)
    assert findings == []
    return compile_walk(walk(machine))


def machine(*states, **top):
    """A machine of states in a row; each is (name, definition), ``Next`` and ``End`` are filled in."""
    table = {}
    for number, (name, definition) in enumerate(states):
        following = states[number + 1][0] if number + 1 < len(states) else None
        ends = definition["Type"] in {"Succeed", "Fail", "Choice"} or "Next" in definition or "End" in definition
        table[name] = dict(definition) if ends else {**definition, **({"Next": following} if following else {"End": True})}
    return {"StartAt": states[0][0], "States": table, **top}


def task(resource, **fields):
    """A Task state that calls a function (by name), an integration or a placeholder."""
    arn = resource if resource.startswith(("arn:", "${")) else f"arn:aws:lambda:us-east-1:123456789012:function:{resource}"
    return {"Type": "Task", "Resource": arn, **fields}


def types(execution):
    """The event types of an execution."""
    return [event["type"] for event in execution.history]


def failing(error="Broken", message="it broke"):
    """A Lambda handler that raises an exception of a named class."""
    exception = type(error, (Exception,), {})

    def handler(event, context):
        raise exception(message)

    return handler
