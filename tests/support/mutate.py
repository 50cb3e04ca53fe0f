"""Mutated definitions: whatever changes in a definition, `validate` reports it, and the engine refuses or runs it.

`python -m tests.support.mutate 20000` runs so many mutations and prints what came of them. The suite runs some hundred.
"""

import copy
import io
import json
import random
import re
import sys
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from unittest import mock

from generator.checks.validate import validate_text
from generator.engine import DefinitionError, Engine, InputError, Mocks, compile_definition
from generator.engine.calls.mocks import Answer
from tests.support.machines import machine, task

ROOT = Path(__file__).resolve().parents[2]
EVENTS = 300
"""A short history, so that definitions that loop end soon."""
NOT_BLOCKING = {"SFN006", "SFN602"}
"""Errors of `validate` that the engine does not look for: the JSON Schema and the size of the text."""

PYTHON_TEXT = re.compile(
    r"has no attribute|unhashable|is not subscriptable|is not iterable|is not callable|NoneType|unsupported operand|Traceback"
    r"|\b(Key|Type|Value|Attribute|Index|Recursion|Lookup|Assertion|Overflow)Error\b|indices must|between instances of|positional argument"
    r"|keyword argument|required argument|invalid literal|<class '|object at 0x|\bABSENT\b|maximum recursion|codec can't|out of range:"
    r"|must be str|expected str|cannot convert|not JSON serializable"
)

EVERY_FIELD = machine(
    (
        "Call",
        task(
            "echo",
            InputPath="$.order",
            Parameters={"id.$": "$.id", "n": [1, {"m.$": "States.Format('{}', $.id)"}]},
            TimeoutSeconds=60,
            HeartbeatSecondsPath="$.beat",
            Credentials={"RoleArn.$": "$.role"},
            ResultSelector={"got.$": "$.id"},
            ResultPath="$.call",
            OutputPath="$",
            Assign={"seen.$": "$.id", "list": [1]},
            Retry=[{"ErrorEquals": ["Busy"], "IntervalSeconds": 1, "MaxAttempts": 2, "BackoffRate": 1.5, "MaxDelaySeconds": 9}],
            Catch=[{"ErrorEquals": ["States.ALL"], "ResultPath": "$.error", "Assign": {"e.$": "$.Error"}, "Next": "Decide"}],
        ),
    ),
    (
        "Decide",
        {
            "Type": "Choice",
            "Choices": [
                {"Variable": "$.call.got", "StringMatches": "a*", "Next": "Each"},
                {
                    "And": [{"Variable": "$.n", "NumericGreaterThanPath": "$.m"}, {"Not": {"Variable": "$.n", "IsNull": True}}],
                    "Next": "Each",
                },
                {"Variable": "$.when", "TimestampLessThan": "2026-01-01T00:00:00Z", "Assign": {"late": True}, "Next": "Each"},
            ],
            "Default": "Each",
        },
    ),
    (
        "Each",
        {
            "Type": "Map",
            "ItemsPath": "$.order.list",
            "MaxConcurrencyPath": "$.order.id",
            "ItemSelector": {"v.$": "$$.Map.Item.Value", "all.$": "$"},
            "ItemProcessor": {
                "ProcessorConfig": {"Mode": "INLINE"},
                **machine(("Inner", {"Type": "Pass", "Parameters": {"v.$": "$.v"}, "ResultPath": "$.r"}), ("End", {"Type": "Succeed"})),
            },
            "ResultPath": "$.each",
        },
    ),
    (
        "Both",
        {
            "Type": "Parallel",
            "Branches": [
                machine(("Left", {"Type": "Wait", "SecondsPath": "$.order.id"})),
                machine(("Right", {"Type": "Wait", "Timestamp": "2025-01-01T00:01:00Z"})),
            ],
            "ResultSelector": {"first.$": "$[0]"},
            "ResultPath": "$.both",
            "Retry": [{"ErrorEquals": ["States.ALL"], "MaxAttempts": 1, "JitterStrategy": "FULL"}],
        },
    ),
    (
        "Send",
        task(
            "arn:aws:states:::sqs:sendMessage.waitForTaskToken",
            Parameters={"QueueUrl": "${queue_url}", "MessageBody": {"token.$": "$$.Task.Token"}},
            ResultPath=None,
        ),
    ),
    ("Fixed", {"Type": "Pass", "Result": {"a": 1}, "ResultPath": "$.fixed"}),
    ("Stop", {"Type": "Fail", "ErrorPath": "$.order.name", "CausePath": "States.Format('{}', $.order.id)"}),
    Comment="all fields of JSONPath",
    TimeoutSeconds=9999,
)
EVERY_QUERY = machine(
    (
        "Call",
        task(
            "arn:aws:states:::lambda:invoke",
            Arguments={"FunctionName": "${validator_arn}", "Payload": "{% $states.input %}"},
            TimeoutSeconds="{% $states.input.beat %}",
            Output={"n": "{% $states.result.StatusCode %}", "l": [1, "{% $states.input.list %}"]},
            Assign={"x": "{% $states.input.id %}"},
            Retry=[{"ErrorEquals": ["States.Timeout"], "MaxAttempts": 1}],
            Catch=[{"ErrorEquals": ["States.ALL"], "Output": "{% $states.errorOutput %}", "Assign": {"x": 1}, "Next": "Pause"}],
        ),
    ),
    ("Pause", {"Type": "Wait", "Seconds": "{% $x %}"}),
    (
        "Decide",
        {
            "Type": "Choice",
            "Choices": [{"Condition": "{% $x > 1 %}", "Output": {"big": True}, "Assign": {"y": 1}, "Next": "Each"}],
            "Default": "Each",
        },
    ),
    (
        "Each",
        {
            "Type": "Map",
            "Items": "{% [1..4] %}",
            "ItemSelector": {"v": "{% $states.context.Map.Item.Value %}"},
            "MaxConcurrency": "{% $x %}",
            "ToleratedFailurePercentage": 50,
            "ItemBatcher": {"MaxItemsPerBatch": 2, "BatchInput": {"x": "{% $x %}"}},
            "ItemProcessor": {
                "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "EXPRESS"},
                **machine(("Inner", {"Type": "Pass", "Output": "{% $states.input.Items %}"})),
            },
            "Label": "each",
            "Output": "{% $states.result %}",
        },
    ),
    (
        "Both",
        {
            "Type": "Parallel",
            "Arguments": {"a": 1},
            "Branches": [machine(("Left", {"Type": "Succeed", "Output": "{% $states.input.a %}"})), machine(("Right", {"Type": "Pass"}))],
        },
    ),
    ("Stop", {"Type": "Fail", "Error": "{% 'E' & $x %}", "Cause": "done"}),
    QueryLanguage="JSONata",
)
FILES = machine(
    (
        "Read",
        {
            "Type": "Map",
            "ItemReader": {
                "Resource": "arn:aws:states:::s3:getObject",
                "ReaderConfig": {"InputType": "JSON", "ItemsPointer": "/a", "MaxItems": 3},
                "Parameters": {"Bucket": "b", "Key.$": "$.order.name"},
            },
            "ItemProcessor": {"ProcessorConfig": {"Mode": "DISTRIBUTED"}, **machine(("Item", {"Type": "Pass"}))},
            "ToleratedFailureCountPath": "$.order.id",
            "ResultWriter": {
                "Resource": "arn:aws:states:::s3:putObject",
                "WriterConfig": {"OutputType": "JSONL", "Transformation": "FLATTEN"},
                "Parameters": {"Bucket": "b", "Prefix": "p"},
            },
            "ResultPath": "$.read",
        },
    ),
    (
        "List",
        {
            "Type": "Map",
            "ItemReader": {
                "Resource": "arn:aws:states:::s3:listObjectsV2",
                "ReaderConfig": {"MaxItemsPath": "$.order.id"},
                "Parameters": {"Bucket": "b"},
            },
            "ItemProcessor": {"ProcessorConfig": {"Mode": "DISTRIBUTED"}, **machine(("Listed", {"Type": "Pass"}))},
        },
    ),
)
ROWS = {
    **FILES,
    "States": {
        **FILES["States"],
        "Read": {
            **FILES["States"]["Read"],
            "ItemReader": {
                **FILES["States"]["Read"]["ItemReader"],
                "ReaderConfig": {"InputType": "CSV", "CSVHeaderLocation": "GIVEN", "CSVHeaders": ["a", "b"], "CSVDelimiter": "PIPE"},
            },
        },
    },
}
INPUT = {
    "order": {"id": 2, "name": "ann", "beat": 5, "role": "r", "list": [1, 2]},
    "id": 3,
    "beat": 7,
    "list": [[], {"a": 1}],
    "n": 1,
    "m": 0,
}
PALETTE = (
    None,
    True,
    False,
    0,
    1,
    -1,
    2.5,
    1e300,
    10**30,
    "",
    " ",
    "x",
    "é\ud83d",
    "$",
    "$.order",
    "$$",
    "$x",
    "$.a[",
    "$.a[*]",
    "$..a",
    "{% 1 %}",
    "{% -1 %}",
    "{% 'a' %}",
    "{% [1] %}",
    "{% {} %}",
    "{% $states.input %}",
    "{% $x %}",
    "{% 1 + %}",
    "{% ${x} %}",
    "States.UUID()",
    "States.Nothing()",
    "States.Array($.id)",
    "${x}",
    "a${x}b",
    "$.${x}",
    "Pass",
    "Map",
    "Task",
    "JSONata",
    "JSONPath",
    "DISTRIBUTED",
    "CSV",
    "Decide",
    "2025-01-01T00:00:00Z",
    "States.ALL",
    [],
    {},
    [1],
    [[]],
    [None],
    ["a"],
    {"a": 1},
    {"x.$": "$.id"},
    {"x.$": 1},
    {"": {}},
    [{}],
    {"Next": "Stop"},
)
NAMES = (
    "",
    "x", "Next", "End", "Type", "Default", "StartAt", "States", "Parameters", "Arguments", "Output", "Assign",
    "Result", "ResultPath", "InputPath", "Items", "ItemsPath", "ItemProcessor", "Iterator", "Choices", "Condition",
    "Variable", "And", "Not", "StringEquals", "IsPresent", "Retry", "Catch", "QueryLanguage", "TimeoutSeconds",
    "TimeoutSecondsPath", "Seconds", "SecondsPath", "Timestamp", "Error", "ErrorPath", "Label", "Resource",
)  # fmt: skip


def seeds():
    """Return valid definitions: those above, and those of the project."""
    found = [EVERY_FIELD, EVERY_QUERY, FILES, ROWS]
    found += [json.loads(file.read_text()) for file in sorted(ROOT.glob("build/*/definition.asl.json"))]
    return found


def places(value):
    """Return every member of a JSON value, as container and key."""
    found, stack = [], [value]
    while stack:
        container = stack.pop()
        for key in list(container) if isinstance(container, dict) else range(len(container)):
            found.append((container, key))
            if isinstance(container[key], (dict, list)):
                stack.append(container[key])
    return found


def mutate(definition, rng):
    """Return JSON text of a definition with one to three changes."""
    mutated = copy.deepcopy(definition)
    for _ in range(rng.choice((1, 1, 1, 2, 3))):
        found = places(mutated)
        if not found:
            break
        container, key = rng.choice(found)
        kind = rng.choice(("delete", "retype", "retype", "rename", "duplicate", "swap", "splice"))
        if kind == "delete":
            del container[key]
        elif kind == "rename" and isinstance(container, dict):
            name = rng.choice((rng.choice(NAMES), str(key) + "x", str(key).lower(), f"{key}.$", str(rng.choice(found)[1])))
            container[name] = container.pop(key)
        elif kind == "duplicate" and isinstance(container, list):
            container.insert(key, copy.deepcopy(container[key]))
        elif kind == "duplicate" and isinstance(container, dict):
            container[rng.choice(NAMES)] = copy.deepcopy(container[key])
        elif kind in {"swap", "splice"}:
            other, place = rng.choice(found)
            value, moved = copy.deepcopy(container[key]), copy.deepcopy(other[place])
            container[key] = moved
            if kind == "swap":
                other[place] = value
        else:
            container[key] = copy.deepcopy(rng.choice(PALETTE))
    text = json.dumps(mutated)
    if rng.random() < 0.02:  # damage to the text itself
        at = rng.randrange(len(text))
        text = text[:at] + rng.choice(('"', "{", "}", ",", "", "${x}", "NaN", text[at : at + 9])) + text[at + rng.randrange(3) :]
    return text


class Functions(dict):
    """Every function, which returns its event."""

    def __contains__(self, key):
        """All names are there."""
        return True

    def __getitem__(self, key):
        """The function."""
        return lambda event: event


class Services(Mocks):
    """Every service, which returns an object; activities do not exist."""

    def find(self, state, resource, parameters, declared=None):
        """Answer services."""
        return (
            Answer({"ok": parameters}) if ":states:" in resource and ":lambda:" not in resource and ":activity:" not in resource else None
        )


class Bucket:
    """An S3 client with one object of each kind."""

    def get_object(self, **_):
        """Return an object."""
        return {"Body": io.BytesIO(b'{"a": [1, {"b": 2}, [3]]}')}

    def list_objects_v2(self, **_):
        """Return a page."""
        entry = {"ETag": "e", "Key": "k", "LastModified": datetime(2026, 1, 1, tzinfo=UTC), "Size": 1}
        return {"Contents": [entry], "IsTruncated": False}

    def put_object(self, **_):
        """Accept anything."""


def judge(text, workflow_type="STANDARD"):
    """Validate, compile and run a definition.

    Returns:
        what came of it, and the faults: exceptions, Python's words in messages, disagreement of `validate` and the engine.
    """
    faults = []
    try:
        diagnostics = validate_text(text, "definition.asl.json", workflow_type=workflow_type)
    except Exception as error:  # noqa: BLE001  any is a fault
        return "fault", [f"validate: {type(error).__name__}: {error}"]
    faults += [f"validate says: {d.code} {d.message}" for d in diagnostics if PYTHON_TEXT.search(f"{d.message} {d.expected} {d.hint}")]
    expected = {(d.code, d.pointer, d.message) for d in diagnostics if d.severity == "error" and d.code not in NOT_BLOCKING}
    try:
        compiled = compile_definition(text, type=workflow_type)
    except DefinitionError as error:
        if PYTHON_TEXT.search(str(error)):
            faults.append(f"DefinitionError says: {error}")
        found = {(d.code, d.pointer, d.message) for d in error.diagnostics}
        if expected and found != expected:
            faults.append(f"the engine reports {sorted(found ^ expected)}, or validate does")
        if not expected and "${" not in text:
            faults.append(f"only the engine refuses it: {error}")
        return ("refused" if expected else "needs a value"), faults
    except Exception as error:  # noqa: BLE001  any is a fault
        return "fault", [*faults, f"compile: {type(error).__name__}: {error}"]
    if expected:
        faults.append(f"only validate refuses it: {min(expected)}")
    engine = Engine(clients=lambda _: Bucket(), mocks=Services({}))
    engine.functions = Functions()
    try:
        execution = engine.start(compiled, INPUT, type=workflow_type).finish()
    except InputError:
        return "input", faults
    except Exception as error:  # noqa: BLE001  any is a fault
        return "fault", [*faults, f"run: {type(error).__name__}: {error}"]
    if PYTHON_TEXT.search(execution.cause or ""):
        faults.append(f"cause: {execution.error}: {execution.cause}")
    json.dumps(execution.history, default=str)
    return execution.status, faults


def run(count, seed=0):
    """Run mutations of all seeds in turn.

    Returns:
        how often each outcome came, and the faults with their definitions.
    """
    definitions = seeds()
    outcomes, faults = Counter(), []
    with (
        mock.patch("generator.engine.frame.MAX_EVENTS", EVENTS),
        mock.patch("generator.engine.frame.MAX_EXPRESS_TRANSITIONS", EVENTS),
    ):
        for number in range(count):
            rng = random.Random(f"{seed} {number}")
            text = mutate(definitions[number % len(definitions)], rng)
            outcome, wrong = judge(text, "EXPRESS" if rng.random() < 0.1 else "STANDARD")
            outcomes[outcome] += 1
            faults += [(number, fault, text) for fault in wrong]
    return outcomes, faults


def main():
    """Run and print."""
    outcomes, faults = run(int(sys.argv[1]) if len(sys.argv) > 1 else 1000)
    classes = Counter(re.sub(r"'[^']*'|\"[^\"]*\"|\d+", "…", fault)[:160] for _, fault, _ in faults)
    for shape, times in classes.most_common(40):
        number, fault, text = next(f for f in faults if re.sub(r"'[^']*'|\"[^\"]*\"|\d+", "…", f[1])[:160] == shape)
        sys.stdout.write(f"{times} x {fault[:400]}\n    mutation {number}\n")
        if "-v" in sys.argv:
            sys.stdout.write(f"    {text[:3000]}\n")
    sys.stdout.write(f"{sum(outcomes.values())} mutations: {dict(outcomes)}, {len(faults)} faults in {len(classes)} classes\n")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
