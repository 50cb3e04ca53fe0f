"""Random definitions that AWS accepts, in both query languages: for properties that must hold for all of them.

Every type of state and every field, Map, Parallel and Distributed Map inside each other. A variable is used only where it is always
assigned. ``definitions()`` is the strategy for hypothesis; ``sample()`` makes many of them quickly. What is invalid on purpose is made
of them by ``tests.support.mutations``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from random import Random
from typing import Any, Final, TypeVar

from hypothesis import strategies as st

from generator.asl.model import COMPARISONS, SECONDS_LIMIT

T = TypeVar("T")
Make = Callable[[], Any]

JSONPATH, JSONATA = "JSONPath", "JSONata"
VARIABLES: Final = ("orderId", "total", "_x", "größe")
TIMESTAMPS: Final = ("2026-01-31T12:00:00Z", "2024-02-29T23:59:59.123+02:00")
ERRORS: Final = ("States.Timeout", "States.TaskFailed", "OrderRejected", "Lambda.TooManyRequestsException")
INTRINSICS: Final = ("States.UUID()", "States.Format('{} {}', $.first, $$.State.Name)", "States.Array(1, $.b, 'c')")
_PATHS: Final = ("$", "$.order", "$.order.items[0]", "$['a b']", "$.items[*].price", "$$.Execution.Id")
_REFERENCES: Final = ("$.order", "$.order.items[0]", "$")
_EXPRESSIONS: Final = ("{% $states.input.order %}", "{% $count([1,2]) > 5 %}", "{% $sum($states.input.items.price) %}", "{%'%}'%}")
_LETTERS: Final = "abcXYZ019 _-./\\'\"<>&%*?[]():;,#@!~`^|+=\té\u00a0\u2028中😀\u0000\ufeff"
_TEXTS: Final = ("", "order", "order total", "States", "Next", "null", "{}", "a.$", "$x", "%{x}", "😀" * 20, "<b>", "line\nbreak")

FUNCTION: Final = "arn:aws:lambda:us-east-1:123456789012:function:f"
_STANDARD_ONLY: Final = (
    ("arn:aws:states:us-east-1:123456789012:activity:approve", None),
    ("arn:aws:states:::sqs:sendMessage.waitForTaskToken", {"QueueUrl": "q", "MessageBody": "m"}),
    ("arn:aws:states:::ecs:runTask.sync", {"TaskDefinition": "t"}),
    ("arn:aws:states:::states:startExecution.sync:2", {"StateMachineArn": "arn:aws:states:us-east-1:123456789012:stateMachine:x"}),
)
_ANYWHERE: Final = (
    (FUNCTION, None),
    ("arn:aws:states:::lambda:invoke", {"FunctionName": "f"}),
    ("arn:aws:states:::sns:publish", {"TopicArn": "arn:aws:sns:us-east-1:123456789012:t", "Message": "m"}),
    ("arn:aws:states:::dynamodb:getItem", {"TableName": "t", "Key": {"id": {"S": "1"}}}),
    ("arn:aws:states:::aws-sdk:s3:listBuckets", {}),
)
_DEPTH: Final = 2
"""How many Map and Parallel states are inside each other, at most."""


class Values:
    """Makes the values that do not depend on the place in a definition."""

    def __init__(self, rng: Random) -> None:
        """Take the source of all choices; with that of hypothesis, the first of the alternatives is the simplest example."""
        self.rng = rng

    def maybe(self, chance: float = 0.5) -> bool:
        """Return whether to do what is not needed."""
        return self.rng.random() > 1 - chance

    def of(self, values: Iterable[T]) -> T:
        """Choose a value."""
        return self.rng.choice(tuple(values))

    def whole(self, least: int, most: int) -> int:
        """Choose a number; often one of the ends."""
        return self.of((least, most)) if self.maybe(0.2) else self.rng.randint(least, most)

    def some(self, fields: Mapping[str, Make], chance: float = 0.4) -> dict[str, Any]:
        """Make some of the fields."""
        return {name: make() for name, make in fields.items() if self.maybe(chance)}

    def one(self, fields: Mapping[str, Make], chance: float = 0.6) -> dict[str, Any]:
        """Make one of the fields, which exclude each other, or none."""
        if not self.maybe(chance):
            return {}
        name = self.of(fields)
        return {name: fields[name]()}

    def text(self, longest: int = 20) -> str:
        """Make any text that is not an expression and has no placeholder."""
        if self.maybe(0.3):
            return self.of(_TEXTS)[:longest]
        return "".join(self.of(_LETTERS) for _ in range(self.rng.randint(0, longest // 2)))

    def json(self, depth: int = 2) -> Any:
        """Make any JSON that is not evaluated."""
        kind = self.rng.randrange(8 if depth else 6)
        if kind == 6:
            return [self.json(depth - 1) for _ in range(self.rng.randint(0, 3))]
        if kind == 7:
            return {self.key(): self.json(depth - 1) for _ in range(self.rng.randint(0, 3))}
        return (None, self.maybe(), self.rng.randint(-9, 9), self.rng.choice((0.5, -1e-9, 1e300, 2**60)), self.text(), "text")[kind]

    def key(self) -> str:
        """Make a name of a field that is not evaluated."""
        return self.text(12).removesuffix(".$") or "a"


class Place(Values):
    """Makes the values of a state: its query language, the variables that are always assigned, and the kind of its execution."""

    def __init__(self, rng: Random, language: str, variables: tuple[str, ...], kind: str, prefix: str) -> None:
        """Describe the place. Variables that are assigned there begin with the prefix: it must not assign those around it."""
        super().__init__(rng)
        self.language = language
        self.variables = variables
        self.kind = kind
        self.prefix = prefix

    def path(self) -> str:
        """Make a path."""
        return self.of((*_PATHS, *(f"${name}" for name in self.variables)))

    def path_or_null(self) -> str | None:
        """Make a path that may discard the data."""
        return None if self.maybe(0.2) else self.path()

    def reference(self) -> str:
        """Make a reference path to a value that is read."""
        return self.of((*_REFERENCES, *(f"${name}" for name in self.variables)))

    def result_path(self) -> str | None:
        """Make a reference path to the place of a result."""
        return self.of((*_REFERENCES, None))

    def dynamic(self) -> str:
        """Make a path or an intrinsic function."""
        return self.of(INTRINSICS) if self.maybe(0.3) else self.path()

    def expression(self, *more: str) -> str:
        """Make a JSONata expression."""
        return self.of((*_EXPRESSIONS, *(f"{{% ${name} %}}" for name in self.variables), *more, *more))

    def computed(self, *more: str) -> Any:
        """Make JSON, or a JSONata expression."""
        return self.expression(*more) if self.maybe() else self.json()

    def number(self, name: str, least: int, most: int) -> dict[str, Make]:
        """Return the ways to write a number that may come from the data."""

        def plain() -> int:
            return self.whole(least, most)

        if self.language == JSONATA:
            return {name: lambda: self.expression() if self.maybe() else plain()}
        return {name: plain, f"{name}Path": self.reference}

    def template(self, *more: str) -> dict[str, Any]:
        """Make an object that is evaluated."""
        result = {self.key(): self.json() for _ in range(self.rng.randint(0, 2))}
        for _ in range(self.rng.randint(0, 2)):
            name = self.key()
            result.pop(name, None)
            result.pop(f"{name}.$", None)
            if self.language == JSONATA:
                result[name] = self.computed(*more)
            else:
                result[f"{name}.$"] = self.dynamic()
        return result

    def selector(self) -> Any:
        """Make the input of an iteration or a batch: an object, in JSONata any JSON."""
        return self.computed("{% $states.context.Map.Item.Value %}") if self.language == JSONATA and self.maybe() else self.template()

    def arguments(self, required: dict[str, Any] | None = None) -> dict[str, Any]:
        """Make the payload of a call: the parameters that it requires, or any."""
        return {("Arguments" if self.language == JSONATA else "Parameters"): self.template() if required is None else dict(required)}

    def assign(self, *more: str) -> dict[str, Any]:
        """Make assignments."""
        names = self.rng.sample(VARIABLES, self.rng.randint(0, 2))
        if self.language == JSONATA:
            return {self.prefix + name: self.computed(*more) for name in names}
        return dict((self.prefix + name + ".$", self.dynamic()) if self.maybe(0.7) else (self.prefix + name, self.json()) for name in names)

    def test(self, depth: int = 2) -> dict[str, Any]:
        """Make the test of a choice rule in JSONPath."""
        if depth and self.maybe(0.3):
            kind = self.of(("Not", "And", "Or"))
            inner = [{**self.test(depth - 1), **self.some({"Comment": self.text}, 0.1)} for _ in range(self.rng.randint(1, 2))]
            return {kind: inner[0] if kind == "Not" else inner}
        operator = self.of(COMPARISONS)
        if operator.endswith("Path"):
            operand: Any = self.path()
        elif operator.startswith(("Is", "Boolean")):
            operand = self.maybe()
        elif operator.startswith("Numeric"):
            operand = self.of((0, -1, 1.5, 10**12))
        else:
            operand = self.of(TIMESTAMPS) if operator.startswith("Timestamp") else self.text()
        return {"Variable": self.path(), operator: operand}

    def errors(self) -> list[str]:
        """Make the names of some errors."""
        return self.rng.sample(ERRORS, self.rng.randint(1, 2))

    def policies(self, make: Callable[[list[str]], dict[str, Any]], *, most: int = 2) -> list[dict[str, Any]]:
        """Make retriers or catchers. Only the last one has States.ALL."""
        found = [make(self.errors()) for _ in range(self.rng.randint(0, most))]
        return [*found, make(["States.ALL"])] if self.maybe() else found

    def retrier(self, errors: list[str]) -> dict[str, Any]:
        """Make a retrier."""
        fields: dict[str, Make] = {
            "IntervalSeconds": lambda: self.whole(1, SECONDS_LIMIT),
            "MaxAttempts": lambda: self.whole(0, SECONDS_LIMIT),
            "BackoffRate": lambda: self.of((1, 1.0, 1.5, 2, 10)),
            "MaxDelaySeconds": lambda: self.whole(1, 31_622_400),
            "JitterStrategy": lambda: self.of(("FULL", "NONE")),
            "Comment": self.text,
        }
        return {"ErrorEquals": errors, **self.some(fields)}


class Definitions(Values):
    """Makes a valid definition: lines of states, any of which may lead to any later one."""

    def __init__(self, rng: Random) -> None:
        """Choose the query language of the machine."""
        super().__init__(rng)
        self.machine = self.of((JSONPATH, JSONATA))
        self.count = 0

    def definition(self) -> dict[str, Any]:
        """Make the definition."""
        language = {"QueryLanguage": self.machine} if self.machine == JSONATA or self.maybe() else {}
        top = self.some({"TimeoutSeconds": lambda: self.whole(1, SECONDS_LIMIT), "Version": lambda: "1.0"})
        return {**top, **language, **self.scope(0)}

    def scope(self, depth: int, outer: tuple[str, ...] = (), kind: str = "STANDARD") -> dict[str, Any]:
        """Make StartAt and States."""
        prefix = f"in{depth}_" if depth else ""
        names = [self.name() for _ in range(self.rng.randint(1, 2 if depth else 4))]
        states: dict[str, Any] = {}
        variables = outer
        if self.maybe():  # a first state assigns all variables, so that the others may use them
            states[self.name()] = {"Type": "Pass", "Assign": {f"{prefix}{name}": 1 for name in VARIABLES}, "Next": names[0]}
            variables = (*outer, *(prefix + name for name in VARIABLES))
        for i, name in enumerate(names):
            language = self.of((JSONPATH, JSONATA)) if self.machine == JSONPATH else JSONATA
            states[name] = self.state(Place(self.rng, language, variables, kind, prefix), names[i + 1 :], depth)
        return {**self.some({"Comment": self.text}), "StartAt": next(iter(states)), "States": states}

    def name(self) -> str:
        """Make a name that no other state has."""
        self.count += 1
        return f"{self.text(12)} {self.count}"

    def state(self, place: Place, later: list[str], depth: int) -> dict[str, Any]:
        """Make a state that transitions to the following one, or ends; choice rules and catchers lead to any later state."""
        kinds = ["Pass", "Wait", "Task"] + (["Choice"] if later else ["Succeed", "Fail"]) + (["Parallel", "Map"] if depth < _DEPTH else [])
        kind = self.of(kinds)
        state: dict[str, Any] = {"Type": kind}
        if place.language != self.machine or self.maybe():
            state["QueryLanguage"] = place.language
        state |= self.some({"Comment": self.text}, 0.2)
        state |= getattr(self, f"{kind.lower()}_fields")(place, later, depth)
        if kind not in ("Succeed", "Fail"):
            state |= self.data_flow(place, kind)
        if kind in ("Task", "Map", "Parallel"):
            state |= self.some({"Retry": lambda: place.policies(place.retrier)})
            if later:
                state |= self.some({"Catch": lambda: place.policies(lambda errors: self.catcher(place, later, errors), most=1)})
        if kind not in ("Choice", "Succeed", "Fail"):
            state |= {"Next": later[0]} if later else {"End": True}
        return state

    def data_flow(self, place: Place, kind: str) -> dict[str, Any]:
        """Make the fields for input and output."""
        works = kind in ("Task", "Map", "Parallel")
        if place.language == JSONATA:
            more = ("{% $states.result %}",) if works else ()
            return self.some({"Assign": lambda: place.assign(*more), "Output": lambda: place.computed(*more)})
        fields: dict[str, Make] = {"InputPath": place.path_or_null, "OutputPath": place.path_or_null, "Assign": place.assign}
        if works:
            fields["ResultSelector"] = place.template
        if works or kind == "Pass":
            fields["ResultPath"] = place.result_path
        return self.some(fields)

    def catcher(self, place: Place, later: list[str], errors: list[str]) -> dict[str, Any]:
        """Make a catcher."""
        fields: dict[str, Make] = {"Comment": self.text}
        if place.language == JSONATA:
            error = "{% $states.errorOutput.Cause %}"
            fields |= {"Assign": lambda: place.assign(error), "Output": lambda: place.computed(error)}
        else:
            fields |= {"Assign": place.assign, "ResultPath": place.result_path}
        return {"ErrorEquals": errors, "Next": self.of(later), **self.some(fields)}

    def pass_fields(self, place: Place, *_: Any) -> dict[str, Any]:
        """Make the fields that only a Pass state has."""
        return {} if place.language == JSONATA else self.some({"Result": self.json, "Parameters": place.template})

    def succeed_fields(self, place: Place, *_: Any) -> dict[str, Any]:
        """Make the fields that a Succeed state has."""
        if place.language == JSONATA:
            return self.some({"Output": place.computed})
        return self.some({"InputPath": place.path_or_null, "OutputPath": place.path_or_null})

    def fail_fields(self, place: Place, *_: Any) -> dict[str, Any]:
        """Make the fields that only a Fail state has."""
        if place.language == JSONATA:
            return self.some(dict.fromkeys(("Error", "Cause"), lambda: place.expression() if self.maybe() else self.text()))
        error = self.one({"Error": self.text, "ErrorPath": place.dynamic})
        return {**error, **self.one({"Cause": self.text, "CausePath": place.dynamic})}

    def wait_fields(self, place: Place, *_: Any) -> dict[str, Any]:
        """Make the fields that only a Wait state has."""
        ways = {**place.number("Seconds", 0, SECONDS_LIMIT), "Timestamp": lambda: self.of(TIMESTAMPS)}
        if place.language == JSONPATH:
            ways["TimestampPath"] = place.reference
        return self.one(ways, 1.1)

    def task_fields(self, place: Place, *_: Any) -> dict[str, Any]:
        """Make the fields that only a Task state has."""
        resource, required = self.of((*_ANYWHERE, *(_STANDARD_ONLY if place.kind == "STANDARD" else ())))
        limits = {**self.one(place.number("TimeoutSeconds", 100, SECONDS_LIMIT)), **self.one(place.number("HeartbeatSeconds", 1, 99))}
        dynamic = {"RoleArn": "{% $states.input.role %}"} if place.language == JSONATA else {"RoleArn.$": "$.role"}
        role = self.some({"Credentials": lambda: self.of(({"RoleArn": "arn:aws:iam::123456789012:role/other"}, dynamic))}, 0.2)
        return {"Resource": resource, **place.arguments(required), **limits, **role}

    def choice_fields(self, place: Place, later: list[str], _: int) -> dict[str, Any]:
        """Make the fields that only a Choice state has."""
        rules = [self.rule(place, later) for _ in range(self.rng.randint(1, 2))]
        rules[0]["Next"] = later[0]  # every state can be reached
        return {"Choices": rules, **self.some({"Default": lambda: self.of(later)})}

    def rule(self, place: Place, later: list[str]) -> dict[str, Any]:
        """Make a choice rule."""
        fields: dict[str, Make] = {"Comment": self.text, "Assign": place.assign}
        if place.language == JSONATA:
            test = {"Condition": self.maybe() if self.maybe(0.2) else place.expression()}
            fields["Output"] = place.computed
        else:
            test = place.test()
        return {**test, **self.some(fields), "Next": self.of(later)}

    def parallel_fields(self, place: Place, _: list[str], depth: int) -> dict[str, Any]:
        """Make the fields that only a Parallel state has."""
        branches = [self.scope(depth + 1, place.variables, place.kind) for _ in range(self.rng.randint(1, 2))]
        return {"Branches": branches, **(place.arguments() if self.maybe() else {})}

    def map_fields(self, place: Place, _: list[str], depth: int) -> dict[str, Any]:
        """Make the fields that only a Map state has."""
        modes = ["", "INLINE", *(["DISTRIBUTED"] * 4 if place.kind == "STANDARD" else [])]
        mode = self.of(modes)
        distributed = mode == "DISTRIBUTED"
        kind = self.of(("STANDARD", "EXPRESS")) if distributed else place.kind
        config = {"ProcessorConfig": {"Mode": mode, **({"ExecutionType": kind} if distributed else {})}} if mode else {}
        processor = {**config, **self.scope(depth + 1, () if distributed else place.variables, kind)}
        selectors: dict[str, Make] = {"ItemSelector": place.selector}
        if place.language == JSONPATH:
            selectors["Parameters"] = place.template
        state = {("ItemProcessor" if mode or self.maybe() else "Iterator"): processor, **self.one(selectors)}
        state |= self.one(place.number("MaxConcurrency", 0, 40))
        if distributed and self.maybe():
            state["ItemReader"] = self.reader(place)
        elif place.language == JSONPATH:
            state |= self.some({"ItemsPath": place.path})
        else:
            state |= self.some({"Items": lambda: self.of((place.expression(), [self.json()], {self.key(): self.json()}))})
        return {**state, **(self.distributed_fields(place) if distributed else {})}

    def distributed_fields(self, place: Place) -> dict[str, Any]:
        """Make the fields that only a Distributed Map has, but its reader."""
        self.count += 1
        label = f"label-{self.count}"
        fields: dict[str, Make] = {
            "Label": lambda: label,
            "ItemBatcher": lambda: self.batcher(place),
            "ResultWriter": lambda: self.writer(place),
        }
        tolerated = self.one(place.number("ToleratedFailureCount", 0, 100))
        return {**tolerated, **self.one(place.number("ToleratedFailurePercentage", 0, 100)), **self.some(fields)}

    def batcher(self, place: Place) -> dict[str, Any]:
        """Make an item batcher."""
        items = self.one(place.number("MaxItemsPerBatch", 1, 100))
        size = self.one(place.number("MaxInputBytesPerBatch", 1, 262_144), 0.5 if items else 1.1)
        return {**items, **size, **self.some({"BatchInput": place.selector})}

    def writer(self, place: Place) -> dict[str, Any]:
        """Make a result writer: a destination, a format, or both."""
        config = {"OutputType": self.of(("JSON", "JSONL")), "Transformation": self.of(("NONE", "COMPACT", "FLATTEN"))}
        destination = {"Resource": "arn:aws:states:::s3:putObject", **place.arguments({"Bucket": "b", "Prefix": "p"})}
        return self.of((destination, {"WriterConfig": config}, {**destination, "WriterConfig": config}))

    def reader(self, place: Place) -> dict[str, Any]:
        """Make an item reader of any format."""
        most = self.one(place.number("MaxItems", 0, 100_000_000))
        if self.maybe(0.3):
            config = self.of((most, {"InputType": "JSON", "Transformation": "LOAD_AND_FLATTEN"}))
            resource, parameters = "arn:aws:states:::s3:listObjectsV2", {"Bucket": "b", "Prefix": "p"}
        else:
            config = {**self.format(), **most}
            resource, parameters = "arn:aws:states:::s3:getObject", {"Bucket": "b", "Key": "k"}
        return {"Resource": resource, "ReaderConfig": config, **place.arguments(parameters)}

    def format(self) -> dict[str, Any]:
        """Make the fields about the format of the items."""
        kind = self.of(("JSON", "CSV", "JSONL", "PARQUET", "MANIFEST"))
        if kind == "CSV":
            header = {"CSVHeaderLocation": "GIVEN", "CSVHeaders": ["a", "b"]} if self.maybe() else {"CSVHeaderLocation": "FIRST_ROW"}
            return {
                "InputType": kind,
                **header,
                **self.some({"CSVDelimiter": lambda: self.of(("PIPE", "COMMA", "SEMICOLON", "SPACE", "TAB"))}),
            }
        if kind == "JSON":
            return {"InputType": kind, **self.some({"ItemsPointer": lambda: "/data/rows"})}
        if kind == "MANIFEST":
            return self.of(({"InputType": kind, "ManifestType": "S3_INVENTORY"}, {"InputType": "CSV", "ManifestType": "ATHENA_DATA"}))
        return {"InputType": kind}


def definition(rng: Random) -> dict[str, Any]:
    """Make a valid definition.

    >>> definition(Random(1)) == definition(Random(1))
    True
    """
    return Definitions(rng).definition()


def definitions() -> st.SearchStrategy[dict[str, Any]]:
    """Make valid definitions, for hypothesis."""
    return st.randoms(use_true_random=False).map(definition)


def sample(count: int, seed: int) -> list[dict[str, Any]]:
    """Make some definitions quickly: the same ones for the same seed."""
    return [definition(Random(f"{seed} {number}")) for number in range(count)]
