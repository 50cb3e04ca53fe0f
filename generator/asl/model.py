"""The Amazon States Language as frozen values: one dataclass per construct, one attribute per field.

The metadata of an attribute contain the name of its JSON field, the values that the field may have (its *kind*) and the query
language that has the field. Parsing (:mod:`generator.asl.parse`), writing (:mod:`generator.asl.write`) and the JSON Schema
(:mod:`generator.asl.schema`) use this one table, so they agree.

Absent and ``null`` differ in ASL (``"InputPath": null`` discards the input), hence :data:`ABSENT`. Fields of a definition that
the language does not have are kept in ``extra`` and written again.

Sources: the specification, https://states-language.net/spec.html, and the developer guide,
https://docs.aws.amazon.com/step-functions/latest/dg/concepts-amazon-states-language.html
"""

# ruff: noqa: RUF009  _f() calls dataclasses.field()

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Any, ClassVar, Final, Literal, TypeAlias, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

Json: TypeAlias = "bool | int | float | str | list[Any] | dict[str, Any] | None"


class _Absent(Enum):
    ABSENT = "absent"

    def __repr__(self) -> str:
        return "ABSENT"

    def __bool__(self) -> bool:
        return False


ABSENT: Final = _Absent.ABSENT
"""The value of a field that a definition does not have."""

T = TypeVar("T")
Maybe: TypeAlias = T | Literal[_Absent.ABSENT]

QueryLanguage: TypeAlias = Literal["JSONPath", "JSONata"]
JSONPATH: Final = "JSONPath"
JSONATA: Final = "JSONata"


def state_language(machine: Maybe[str], state: object) -> QueryLanguage:
    """Return the query language of a state from the ``QueryLanguage`` of the machine and of the state.

    A state without a query language of its own uses that of the machine, also inside a Map or Parallel state that uses
    another one. Measured with ValidateStateMachineDefinition: https://github.com/getmoto/moto/issues/9141

    >>> state_language("JSONPath", "JSONata"), state_language(ABSENT, ABSENT)
    ('JSONata', 'JSONPath')
    """
    return JSONATA if JSONATA in (machine, state) else JSONPATH


# -- kinds of values -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Kind:
    """The kind of value of a field; ``expected`` describes it in diagnostics."""

    expected: str


@dataclass(frozen=True, slots=True)
class Text(Kind):
    """A string; ``form`` restricts it: the name of a state, a JSONPath, an RFC 3339 timestamp, …."""

    expected: str = "a string"
    form: Literal["text", "state", "path", "reference-path", "timestamp", "resource", "error", "label", "jsonata"] = "text"
    nullable: bool = False
    values: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Flag(Kind):
    """A boolean."""

    expected: str = "true or false"


@dataclass(frozen=True, slots=True)
class Number(Kind):
    """A number, or, if ``computed``, a JSONata expression in a state that uses JSONata."""

    expected: str = "a number"
    whole: bool = True
    minimum: float | None = None
    maximum: float | None = None
    computed: bool = False


@dataclass(frozen=True, slots=True)
class Template(Kind):
    """Any JSON that is evaluated: a payload template in JSONPath, JSON with ``{% … %}`` strings in JSONata.

    ``shape`` restricts the outermost value: an object, a string, or an array (or a JSONata expression that returns one).
    """

    expected: str = "any JSON value"
    shape: Literal["any", "object", "string", "array", "object-or-expression"] = "any"


@dataclass(frozen=True, slots=True)
class Literally(Kind):
    """Any JSON value, which is not evaluated."""

    expected: str = "any JSON value"


@dataclass(frozen=True, slots=True)
class ListOf(Kind):
    """A list of strings or nodes with at least ``least`` items."""

    expected: str = "a list"
    of: Kind = dataclasses.field(default_factory=Text)
    least: int = 0


@dataclass(frozen=True, slots=True)
class Node(Kind):
    """A nested construct, which has its own fields."""

    expected: str = "an object"
    of: Callable[[], type[Construct]] = dataclasses.field(default=lambda: Construct)


@dataclass(frozen=True, slots=True)
class States(Kind):
    """The object that contains the states by name."""

    expected: str = "an object of states"


@dataclass(frozen=True, slots=True)
class RuleTest(Kind):
    """The condition of a JSONPath choice rule: a comparison, or And, Or, Not of such."""

    expected: str = "a comparison, And, Or or Not"


@dataclass(frozen=True, slots=True)
class FieldInfo:
    """The row of an attribute in the table of the language."""

    name: str
    kind: Kind
    language: QueryLanguage | None = None
    required: bool = False


def _f(name: str, kind: Kind, language: QueryLanguage | None = None, *, required: bool = False) -> Any:
    return dataclasses.field(default=ABSENT, metadata={"asl": FieldInfo(name, kind, language, required)})


TEXT = Text()
MAX_STATE_NAME: Final = 80
"""The most characters of a state's name. Source: https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html"""
MAX_LABEL: Final = 40
"""The most characters of a label. Source: https://docs.aws.amazon.com/step-functions/latest/dg/state-map-distributed.html"""
ARN: Final = r"arn:[a-z0-9-]+:[a-z0-9-]+:[^:]*:[^:]*:[\s\S]+"
"""The form of a Resource, as a regular expression without groups."""
LABEL_REFUSES: Final = '?*<>{}[]:;,\\|^~$#%&`"'
"""The characters that a label must not contain, in addition to spaces and control characters.

Source: https://docs.aws.amazon.com/step-functions/latest/dg/state-map-distributed.html
"""
STATE_NAME = Text("the name of a state", "state")
PATH = Text("a JSONPath such as '$.order', or null", "path", nullable=True)
STRICT_PATH = Text("a JSONPath such as '$.order'", "path")
REFERENCE_PATH = Text("a reference path such as '$.order', or null", "reference-path", nullable=True)
STRICT_REFERENCE_PATH = Text("a reference path such as '$.order'", "reference-path")
PATH_OR_INTRINSIC = Text("a JSONPath such as '$.order', or an intrinsic function", "path")
SECONDS_LIMIT = 99_999_999  # https://docs.aws.amazon.com/step-functions/latest/dg/state-task.html
TIMEOUT = Number("a whole number of seconds from 1 to 99999999, or a JSONata expression", minimum=1, maximum=SECONDS_LIMIT, computed=True)
ANY = Template()
OBJECT = Template("an object", "object")
OBJECT_OR_EXPRESSION = Template("an object, or a JSONata expression that returns one", "object-or-expression")


# -- constructs ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Construct:
    """Anything in a definition that has fields."""

    extra: Mapping[str, Json] = dataclasses.field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope(Construct):
    """A construct that contains states: the machine, a branch of a Parallel state, the item processor of a Map state."""

    comment: Maybe[str] = _f("Comment", TEXT)
    start_at: Maybe[str] = _f("StartAt", STATE_NAME, required=True)
    states: Mapping[str, State] = dataclasses.field(
        default_factory=dict, metadata={"asl": FieldInfo("States", States(), None, required=True)}
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class StateMachine(Scope):
    """A state machine."""

    query_language: Maybe[QueryLanguage] = _f("QueryLanguage", Text("JSONPath or JSONata", values=(JSONPATH, JSONATA)))
    version: Maybe[str] = _f("Version", Text('"1.0"', values=("1.0",)))
    timeout_seconds: Maybe[int] = _f(
        "TimeoutSeconds", Number("a whole number of seconds from 1 to 99999999", minimum=1, maximum=SECONDS_LIMIT)
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Branch(Scope):
    """One branch of a Parallel state."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcessorConfig(Construct):
    """The mode of a Map state: its processor runs in the parent's execution, or in child executions."""

    mode: Maybe[Literal["INLINE", "DISTRIBUTED"]] = _f("Mode", Text("INLINE or DISTRIBUTED", values=("INLINE", "DISTRIBUTED")))
    execution_type: Maybe[Literal["STANDARD", "EXPRESS"]] = _f("ExecutionType", Text("STANDARD or EXPRESS", values=("STANDARD", "EXPRESS")))


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemProcessor(Scope):
    """The states that a Map state runs for each item."""

    processor_config: Maybe[ProcessorConfig] = _f("ProcessorConfig", Node(of=lambda: ProcessorConfig))


@dataclass(frozen=True, slots=True, kw_only=True)
class Retrier(Construct):
    """A rule for retries: for which errors, when, and how often."""

    error_equals: Maybe[tuple[str, ...]] = _f(
        "ErrorEquals", ListOf("a non-empty list of error names", Text("an error name", "error"), 1), required=True
    )
    interval_seconds: Maybe[int] = _f(
        "IntervalSeconds", Number("a whole number of seconds from 1 to 99999999", minimum=1, maximum=SECONDS_LIMIT)
    )
    max_attempts: Maybe[int] = _f("MaxAttempts", Number("a whole number from 0 to 99999999", minimum=0, maximum=SECONDS_LIMIT))
    backoff_rate: Maybe[float] = _f("BackoffRate", Number("a number of 1.0 or more", whole=False, minimum=1))
    max_delay_seconds: Maybe[int] = _f(
        "MaxDelaySeconds", Number("a whole number of seconds from 1 to 31622400", minimum=1, maximum=31_622_400)
    )
    jitter_strategy: Maybe[Literal["FULL", "NONE"]] = _f("JitterStrategy", Text("FULL or NONE", values=("FULL", "NONE")))
    comment: Maybe[str] = _f("Comment", TEXT)


@dataclass(frozen=True, slots=True, kw_only=True)
class Catcher(Construct):
    """A rule for the transition after an error."""

    error_equals: Maybe[tuple[str, ...]] = _f(
        "ErrorEquals", ListOf("a non-empty list of error names", Text("an error name", "error"), 1), required=True
    )
    comment: Maybe[str] = _f("Comment", TEXT)
    assign: Maybe[Json] = _f("Assign", OBJECT)
    output: Maybe[Json] = _f("Output", ANY, JSONATA)
    result_path: Maybe[str | None] = _f("ResultPath", REFERENCE_PATH, JSONPATH)
    next: Maybe[str] = _f("Next", STATE_NAME, required=True)


# The comparison operators, and what they compare with.
# Source: https://docs.aws.amazon.com/step-functions/latest/dg/state-choice.html#amazon-states-language-choice-state-rules
_ORDERED = ("Equals", "LessThan", "GreaterThan", "LessThanEquals", "GreaterThanEquals")
COMPARISONS: Final[Mapping[str, Kind]] = {
    **{f"String{op}": Text("a string") for op in _ORDERED},
    **{f"String{op}Path": STRICT_PATH for op in _ORDERED},
    "StringMatches": Text("a string, in which * matches any characters"),
    **{f"Numeric{op}": Number("a number", whole=False) for op in _ORDERED},
    **{f"Numeric{op}Path": STRICT_PATH for op in _ORDERED},
    **{f"Timestamp{op}": Text("an RFC 3339 timestamp such as '2026-01-31T12:00:00Z'", "timestamp") for op in _ORDERED},
    **{f"Timestamp{op}Path": STRICT_PATH for op in _ORDERED},
    "BooleanEquals": Flag(),
    "BooleanEqualsPath": STRICT_PATH,
    **{f"Is{what}": Flag() for what in ("Null", "Present", "Numeric", "String", "Boolean", "Timestamp")},
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison(Construct):
    """A comparison of ``Variable`` by one operator."""

    variable: Maybe[str] = ABSENT
    operator: str = ""
    value: Json = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Junction(Construct):
    """``And``, ``Or`` (of several) or ``Not`` (of one)."""

    operator: Literal["And", "Or", "Not"]
    tests: tuple[Comparison | Junction, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ChoiceRule(Construct):
    """One rule of a Choice state."""

    comment: Maybe[str] = _f("Comment", TEXT)
    condition: Maybe[str | bool] = _f(
        "Condition", Text("a JSONata expression '{% … %}' that returns true or false", "jsonata"), JSONATA, required=True
    )
    test: Maybe[Comparison | Junction] = _f("", RuleTest(), JSONPATH, required=True)
    assign: Maybe[Json] = _f("Assign", OBJECT)
    output: Maybe[Json] = _f("Output", ANY, JSONATA)
    next: Maybe[str] = _f("Next", STATE_NAME, required=True)


# Source: https://docs.aws.amazon.com/step-functions/latest/dg/input-output-itemreader.html
INPUT_TYPES = ("CSV", "JSON", "JSONL", "PARQUET", "MANIFEST")


@dataclass(frozen=True, slots=True, kw_only=True)
class ReaderConfig(Construct):
    """The configuration of an ItemReader."""

    input_type: Maybe[str] = _f("InputType", Text("CSV, JSON, JSONL, PARQUET or MANIFEST", values=INPUT_TYPES))
    transformation: Maybe[str] = _f("Transformation", Text("NONE or LOAD_AND_FLATTEN", values=("NONE", "LOAD_AND_FLATTEN")))
    manifest_type: Maybe[str] = _f("ManifestType", Text("ATHENA_DATA or S3_INVENTORY", values=("ATHENA_DATA", "S3_INVENTORY")))
    csv_header_location: Maybe[str] = _f("CSVHeaderLocation", Text("FIRST_ROW or GIVEN", values=("FIRST_ROW", "GIVEN")))
    csv_headers: Maybe[tuple[str, ...]] = _f("CSVHeaders", ListOf("a list of column names", TEXT, 1))
    csv_delimiter: Maybe[str] = _f(
        "CSVDelimiter", Text("COMMA, PIPE, SEMICOLON, SPACE or TAB", values=("COMMA", "PIPE", "SEMICOLON", "SPACE", "TAB"))
    )
    items_pointer: Maybe[str] = _f("ItemsPointer", Text("a JSON Pointer such as '/data/rows'"))
    max_items: Maybe[int | str] = _f(
        "MaxItems", Number("a whole number from 0 to 100000000", minimum=0, maximum=100_000_000, computed=True)
    )
    max_items_path: Maybe[str] = _f("MaxItemsPath", STRICT_REFERENCE_PATH, JSONPATH)


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemReader(Construct):
    """The source of the items of a Distributed Map."""

    resource: Maybe[str] = _f("Resource", Text("a resource such as arn:aws:states:::s3:getObject", "resource"), required=True)
    reader_config: Maybe[ReaderConfig] = _f("ReaderConfig", Node(of=lambda: ReaderConfig))
    arguments: Maybe[Json] = _f("Arguments", OBJECT_OR_EXPRESSION, JSONATA)
    parameters: Maybe[Json] = _f("Parameters", OBJECT, JSONPATH)


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemBatcher(Construct):
    """The rule by which a Distributed Map groups items into the input of one child execution."""

    batch_input: Maybe[Json] = _f("BatchInput", ANY)
    # AWS accepts 0: "Minimum value is 0", https://github.com/floci-io/floci/issues/3733
    max_items_per_batch: Maybe[int | str] = _f("MaxItemsPerBatch", Number("a whole number of 0 or more", minimum=0, computed=True))
    max_items_per_batch_path: Maybe[str] = _f("MaxItemsPerBatchPath", STRICT_REFERENCE_PATH, JSONPATH)
    max_input_bytes_per_batch: Maybe[int | str] = _f(
        "MaxInputBytesPerBatch", Number("a whole number of bytes from 0 to 262144", minimum=0, maximum=262_144, computed=True)
    )
    max_input_bytes_per_batch_path: Maybe[str] = _f("MaxInputBytesPerBatchPath", STRICT_REFERENCE_PATH, JSONPATH)


@dataclass(frozen=True, slots=True, kw_only=True)
class WriterConfig(Construct):
    """The format in which a ResultWriter writes the results."""

    output_type: Maybe[str] = _f("OutputType", Text("JSON or JSONL", values=("JSON", "JSONL")))
    transformation: Maybe[str] = _f("Transformation", Text("NONE, COMPACT or FLATTEN", values=("NONE", "COMPACT", "FLATTEN")))


@dataclass(frozen=True, slots=True, kw_only=True)
class ResultWriter(Construct):
    """The destination of the results of a Distributed Map."""

    resource: Maybe[str] = _f("Resource", Text("a resource such as arn:aws:states:::s3:putObject", "resource"))
    writer_config: Maybe[WriterConfig] = _f("WriterConfig", Node(of=lambda: WriterConfig))
    arguments: Maybe[Json] = _f("Arguments", OBJECT_OR_EXPRESSION, JSONATA)
    parameters: Maybe[Json] = _f("Parameters", OBJECT, JSONPATH)


# -- states --------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class State(Construct):
    """The fields of every state. ``TYPE`` is the value of the ``Type`` field."""

    TYPE: ClassVar[str] = ""
    comment: Maybe[str] = _f("Comment", TEXT)
    query_language: Maybe[QueryLanguage] = _f("QueryLanguage", Text("JSONPath or JSONata", values=(JSONPATH, JSONATA)))


@dataclass(frozen=True, slots=True, kw_only=True)
class UnknownState(State):
    """A state whose ``Type`` is missing or not one of the eight; all its fields are in ``extra``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _WithInput(State):
    input_path: Maybe[str | None] = _f("InputPath", PATH, JSONPATH)


@dataclass(frozen=True, slots=True, kw_only=True)
class _WithNext(_WithInput):
    """The fields of every state that has a next state or ends its scope."""

    output_path: Maybe[str | None] = _f("OutputPath", PATH, JSONPATH)
    assign: Maybe[Json] = _f("Assign", OBJECT)
    output: Maybe[Json] = _f("Output", ANY, JSONATA)
    next: Maybe[str] = _f("Next", STATE_NAME)
    end: Maybe[bool] = _f("End", Flag())


@dataclass(frozen=True, slots=True, kw_only=True)
class _Failing(_WithNext):
    """The fields of every state that can fail: Task, Parallel and Map."""

    result_selector: Maybe[Json] = _f("ResultSelector", OBJECT, JSONPATH)
    result_path: Maybe[str | None] = _f("ResultPath", REFERENCE_PATH, JSONPATH)
    retry: Maybe[tuple[Retrier, ...]] = _f("Retry", ListOf("a list of retriers", Node(of=lambda: Retrier)))
    catch: Maybe[tuple[Catcher, ...]] = _f("Catch", ListOf("a list of catchers", Node(of=lambda: Catcher)))


_WRITTEN_LAST: Final = ("ResultSelector", "ResultPath", "OutputPath", "Assign", "Output", "Retry", "Catch", "Next", "End")
"""The order of the fields that :class:`_WithNext` and :class:`_Failing` declare; they follow the fields of the type of state."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pass(_WithNext):
    """A state that returns its input, or an output made from it."""

    TYPE: ClassVar[str] = "Pass"
    parameters: Maybe[Json] = _f("Parameters", ANY, JSONPATH)
    result: Maybe[Json] = _f("Result", Literally(), JSONPATH)
    result_path: Maybe[str | None] = _f("ResultPath", REFERENCE_PATH, JSONPATH)


@dataclass(frozen=True, slots=True, kw_only=True)
class Task(_Failing):
    """A state that calls a service integration, a function or an activity."""

    TYPE: ClassVar[str] = "Task"
    resource: Maybe[str] = _f("Resource", Text("the ARN of a service integration, function or activity", "resource"), required=True)
    arguments: Maybe[Json] = _f("Arguments", ANY, JSONATA)
    parameters: Maybe[Json] = _f("Parameters", ANY, JSONPATH)
    credentials: Maybe[Json] = _f("Credentials", OBJECT_OR_EXPRESSION)
    timeout_seconds: Maybe[int | str] = _f("TimeoutSeconds", TIMEOUT)
    timeout_seconds_path: Maybe[str] = _f("TimeoutSecondsPath", STRICT_REFERENCE_PATH, JSONPATH)
    heartbeat_seconds: Maybe[int | str] = _f("HeartbeatSeconds", TIMEOUT)
    heartbeat_seconds_path: Maybe[str] = _f("HeartbeatSecondsPath", STRICT_REFERENCE_PATH, JSONPATH)


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice(_WithInput):
    """A state that transitions to the state of the first rule whose condition is true."""

    TYPE: ClassVar[str] = "Choice"
    output_path: Maybe[str | None] = _f("OutputPath", PATH, JSONPATH)
    assign: Maybe[Json] = _f("Assign", OBJECT)
    output: Maybe[Json] = _f("Output", ANY, JSONATA)
    choices: Maybe[tuple[ChoiceRule, ...]] = _f(
        "Choices", ListOf("a non-empty list of choice rules", Node(of=lambda: ChoiceRule), 1), required=True
    )
    default: Maybe[str] = _f("Default", STATE_NAME)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wait(_WithNext):
    """A state that waits for a number of seconds, or until a point in time."""

    TYPE: ClassVar[str] = "Wait"
    seconds: Maybe[int | str] = _f(
        "Seconds",
        Number("a whole number of seconds from 0 to 99999999, or a JSONata expression", minimum=0, maximum=SECONDS_LIMIT, computed=True),
    )
    timestamp: Maybe[str] = _f("Timestamp", Text("an RFC 3339 timestamp such as '2026-01-31T12:00:00Z'", "timestamp"))
    seconds_path: Maybe[str] = _f("SecondsPath", STRICT_REFERENCE_PATH, JSONPATH)
    timestamp_path: Maybe[str] = _f("TimestampPath", STRICT_REFERENCE_PATH, JSONPATH)


@dataclass(frozen=True, slots=True, kw_only=True)
class Succeed(_WithInput):
    """A state that ends the execution, the branch or the iteration with success."""

    TYPE: ClassVar[str] = "Succeed"
    output_path: Maybe[str | None] = _f("OutputPath", PATH, JSONPATH)
    output: Maybe[Json] = _f("Output", ANY, JSONATA)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fail(State):
    """A state that ends the execution, the branch or the iteration with an error."""

    TYPE: ClassVar[str] = "Fail"
    error: Maybe[str] = _f("Error", TEXT)
    error_path: Maybe[str] = _f("ErrorPath", PATH_OR_INTRINSIC, JSONPATH)
    cause: Maybe[str] = _f("Cause", TEXT)
    cause_path: Maybe[str] = _f("CausePath", PATH_OR_INTRINSIC, JSONPATH)


@dataclass(frozen=True, slots=True, kw_only=True)
class Parallel(_Failing):
    """A state that runs branches at the same time."""

    TYPE: ClassVar[str] = "Parallel"
    arguments: Maybe[Json] = _f("Arguments", ANY, JSONATA)
    parameters: Maybe[Json] = _f("Parameters", ANY, JSONPATH)
    branches: Maybe[tuple[Branch, ...]] = _f("Branches", ListOf("a non-empty list of branches", Node(of=lambda: Branch), 1), required=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Map(_Failing):
    """A state that runs its processor for each item, inline or distributed."""

    TYPE: ClassVar[str] = "Map"
    items: Maybe[Json] = _f("Items", Template("an array, an object, or a JSONata expression that returns one", "array"), JSONATA)
    items_path: Maybe[str] = _f("ItemsPath", STRICT_REFERENCE_PATH, JSONPATH)
    item_reader: Maybe[ItemReader] = _f("ItemReader", Node(of=lambda: ItemReader))
    # Any JSON, as in AWS's language service: https://github.com/aws/amazon-states-language-service (1.16)
    item_selector: Maybe[Json] = _f("ItemSelector", ANY)
    parameters: Maybe[Json] = _f("Parameters", ANY, JSONPATH)
    item_batcher: Maybe[ItemBatcher] = _f("ItemBatcher", Node(of=lambda: ItemBatcher))
    max_concurrency: Maybe[int | str] = _f("MaxConcurrency", Number("a whole number of 0 or more", minimum=0, computed=True))
    max_concurrency_path: Maybe[str] = _f("MaxConcurrencyPath", STRICT_REFERENCE_PATH, JSONPATH)
    tolerated_failure_count: Maybe[int | str] = _f("ToleratedFailureCount", Number("a whole number of 0 or more", minimum=0, computed=True))
    tolerated_failure_count_path: Maybe[str] = _f("ToleratedFailureCountPath", STRICT_REFERENCE_PATH, JSONPATH)
    tolerated_failure_percentage: Maybe[float | str] = _f(
        "ToleratedFailurePercentage", Number("a number from 0 to 100", whole=False, minimum=0, maximum=100, computed=True)
    )
    tolerated_failure_percentage_path: Maybe[str] = _f("ToleratedFailurePercentagePath", STRICT_REFERENCE_PATH, JSONPATH)
    label: Maybe[str] = _f(
        "Label", Text(f"a string of at most 40 characters without spaces, control characters and {LABEL_REFUSES}", "label")
    )
    item_processor: Maybe[ItemProcessor] = _f("ItemProcessor", Node(of=lambda: ItemProcessor))
    iterator: Maybe[ItemProcessor] = _f("Iterator", Node(of=lambda: ItemProcessor))
    result_writer: Maybe[ResultWriter] = _f("ResultWriter", Node(of=lambda: ResultWriter))

    @property
    def processor(self) -> Maybe[ItemProcessor]:
        """The value of ``ItemProcessor``, or of its old name ``Iterator``."""
        return self.item_processor if isinstance(self.item_processor, ItemProcessor) else self.iterator

    @property
    def distributed(self) -> bool:
        """Whether child executions process the items."""
        processor = self.processor
        config = processor.processor_config if isinstance(processor, ItemProcessor) else ABSENT
        return isinstance(config, ProcessorConfig) and config.mode == "DISTRIBUTED"


@dataclass(frozen=True, slots=True)
class Alternatives:
    """Fields of which a construct has at most one or, if ``needed``, exactly one."""

    fields: tuple[str, ...]
    needed: bool = False


# Source: https://states-language.net/spec.html, under each type of state.
ALTERNATIVES: Final[Mapping[type[Construct], tuple[Alternatives, ...]]] = {
    Wait: (Alternatives(("Seconds", "Timestamp", "SecondsPath", "TimestampPath"), needed=True),),
    Fail: (Alternatives(("Error", "ErrorPath")), Alternatives(("Cause", "CausePath"))),
    Task: (Alternatives(("TimeoutSeconds", "TimeoutSecondsPath")), Alternatives(("HeartbeatSeconds", "HeartbeatSecondsPath"))),
    Map: (
        Alternatives(("ItemProcessor", "Iterator"), needed=True),
        Alternatives(("ItemSelector", "Parameters")),
        Alternatives(("MaxConcurrency", "MaxConcurrencyPath")),
        Alternatives(("ToleratedFailureCount", "ToleratedFailureCountPath")),
        Alternatives(("ToleratedFailurePercentage", "ToleratedFailurePercentagePath")),
    ),
    ReaderConfig: (Alternatives(("MaxItems", "MaxItemsPath")),),
    ItemBatcher: (
        Alternatives(("MaxItemsPerBatch", "MaxItemsPerBatchPath")),
        Alternatives(("MaxInputBytesPerBatch", "MaxInputBytesPerBatchPath")),
    ),
}
"""The fields that exclude each other."""

STATE_TYPES: Final[Mapping[str, type[State]]] = {cls.TYPE: cls for cls in (Task, Pass, Choice, Wait, Succeed, Fail, Parallel, Map)}


_TABLES: dict[type[Construct], tuple[tuple[str, FieldInfo], ...]] = {}
_BY_NAME: dict[type[Construct], Mapping[str, tuple[str, FieldInfo]]] = {}


def table(cls: type[Construct]) -> tuple[tuple[str, FieldInfo], ...]:
    """Return the fields of a construct in the order they are written: attribute name and row.

    >>> [info.name for _, info in table(Succeed)]
    ['Comment', 'QueryLanguage', 'InputPath', 'OutputPath', 'Output']
    """
    rows = _TABLES.get(cls)
    if rows is None:
        rows = tuple((f.name, f.metadata["asl"]) for f in dataclasses.fields(cls) if "asl" in f.metadata)
        if issubclass(cls, _WithNext):
            rows = tuple(sorted(rows, key=lambda row: _WRITTEN_LAST.index(row[1].name) if row[1].name in _WRITTEN_LAST else -1))
        _TABLES[cls] = rows
    return rows


def table_by_name(cls: type[Construct]) -> Mapping[str, tuple[str, FieldInfo]]:
    """Return the fields of a construct by their names in JSON: attribute name and row.

    >>> table_by_name(Succeed)["Output"][0]
    'output'
    """
    rows = _BY_NAME.get(cls)
    if rows is None:
        rows = {info.name: (attribute, info) for attribute, info in table(cls) if info.name}
        _BY_NAME[cls] = rows
    return rows
