"""Parsing ASL: JSON to the model. Every mistake is reported, and nothing is dropped.

The parser uses the table in :mod:`generator.asl.model`; the only field names in it are ``Type`` and ``QueryLanguage``, and
those of comparisons. An invalid value is reported and kept in ``extra``. A placeholder in place of a value that is neither a
string nor a number is kept in ``extra``, too.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final, TypeVar, cast

from generator.asl.model import (
    ABSENT,
    COMPARISONS,
    JSONATA,
    JSONPATH,
    STATE_TYPES,
    ChoiceRule,
    Comparison,
    Construct,
    FieldInfo,
    Flag,
    Json,
    Junction,
    Kind,
    ListOf,
    Literally,
    Node,
    Number,
    QueryLanguage,
    Scope,
    State,
    StateMachine,
    States,
    Template,
    Text,
    UnknownState,
    state_language,
    table,
    table_by_name,
)
from generator.asl.placeholders import STRING, Placeholder, has_placeholder, is_placeholder, placeholder_name
from generator.asl.text import MAX_DEPTH, describe, is_expression
from generator.diagnostics.model import Finding, Pointer, did_you_mean

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

C = TypeVar("C", bound=Construct)

_MISMATCH: Final = object()
"""The result for a value that stays in ``extra``: an invalid value, or a placeholder."""
_JUNCTIONS: Final = ("And", "Or", "Not")
_TEST_FIELDS: Final = frozenset((*COMPARISONS, *_JUNCTIONS, "Variable"))


def parse(document: Json, placeholders: Mapping[str, Placeholder] | None = None) -> tuple[StateMachine | None, list[Finding]]:
    """Parse a definition.

    Invalid values are reported and kept in ``extra``, so that :func:`generator.asl.write.to_json` returns the same JSON for
    any input that is an object.

    Args:
        document: the definition as JSON.
        placeholders: what its placeholders stand for, by name. One of a known type is not accepted in a field of another type.

    Returns:
        the machine (None if the document is not an object) and the findings.

    >>> machine, findings = parse({"StartAt": "A", "States": {"A": {"Type": "Succeed", "Coment": "?"}}})
    >>> machine.start_at, [(f.code, f.hint) for f in findings]
    ('A', [('SFN010', "did you mean 'Comment'?")])
    """
    if not isinstance(document, dict):
        message = "the definition must be a JSON object"
        return None, [Finding("SFN003", (), message, found=describe(document), expected='an object with "StartAt" and "States"')]
    language = _language(document)
    parser = _Parser(language, placeholders)
    machine = parser.construct(StateMachine, document, (), parser.language, "the state machine")
    if machine.query_language is ABSENT and language == JSONATA:
        machine = replace(machine, query_language=JSONATA)
    return machine, parser.findings


def _language(document: dict[str, Json]) -> QueryLanguage:
    """Return the query language of a machine. For a value that is not one, return the likely one, so that it is one finding."""
    written = document.get("QueryLanguage", JSONPATH)
    if written in (JSONATA, JSONPATH) or (isinstance(written, str) and has_placeholder(written)):
        return JSONATA if written == JSONATA else JSONPATH
    if isinstance(written, str) and written.strip().lower() in {"jsonata", "jsonpath"}:
        return JSONATA if written.strip().lower() == "jsonata" else JSONPATH
    return JSONATA if "{%" in str(document) else JSONPATH


def parse_state(name: str, document: Json, language: QueryLanguage = JSONPATH) -> tuple[State | None, list[Finding]]:
    """Parse one state of a machine with that query language. Its place is ``/States/<name>``."""
    parser = _Parser(language)
    state = parser.state(document, ("States", name))
    return (None if state is _MISMATCH else cast("State", state)), parser.findings


class _Parser:
    """The state of one parsing: the findings, the depth, and the query language of the machine."""

    def __init__(self, language: QueryLanguage, placeholders: Mapping[str, Placeholder] | None = None) -> None:
        self.language = language
        self.placeholders = placeholders or {}
        self.findings: list[Finding] = []
        self.depth = 0

    def report(self, code: str, at: Pointer, message: str, *, found: str = "", expected: str = "", hint: str = "") -> None:
        self.findings.append(Finding(code, at, message, found, expected, hint))

    def nested(self, at: Pointer, read: Callable[[], Any]) -> Any:
        """Parse one level deeper, or report that the nesting is too deep."""
        self.depth += 1
        try:
            if self.depth > MAX_DEPTH:
                self.report("SFN005", at, "the definition is nested too deeply", expected=f"at most {MAX_DEPTH} levels")
                return _MISMATCH
            return read()
        finally:
            self.depth -= 1

    # -- constructs ------------------------------------------------------------------------------------------------------

    def construct(self, cls: type[C], value: Mapping[str, Any], at: Pointer, language: QueryLanguage, what: str) -> C:
        rows = table_by_name(cls)
        kwargs: dict[str, Any] = {}
        extra: dict[str, Any] = {}
        for name, member in value.items():
            row = rows.get(name)
            if row is not None:
                attribute, info = row
                if info.language is not None and info.language != language:
                    self.misplaced(cls, info, at, language, what)
                elif (read := self.read(info.kind, member, (*at, name), language)) is not _MISMATCH:
                    kwargs[attribute] = read
                    continue
            elif name == "Type" and issubclass(cls, State):
                continue
            elif cls is not ChoiceRule or name not in _TEST_FIELDS:
                self.unknown_field(cls, name, at, what)
            extra[name] = member
        if cls is ChoiceRule and (test := self.test(value, at, language)) is not None:
            kwargs["test"] = test
            extra = {name: member for name, member in extra.items() if name not in _TEST_FIELDS}
        for _, info in table(cls):
            if info.required and info.name and info.name not in value and info.language in (None, language):
                self.report("SFN011", at, f"{what} has no {info.name!r}", expected=info.kind.expected)
        return cls(**kwargs, extra=extra) if extra else cls(**kwargs)

    def misplaced(self, cls: type[Construct], info: FieldInfo, at: Pointer, language: QueryLanguage, what: str) -> None:
        other = JSONATA if language == JSONPATH else JSONPATH
        where = "on the state" if issubclass(cls, State) else "on the state around it"
        hint = f'set "QueryLanguage": "{other}" {where}' if self.language == JSONPATH else ""
        self.report(
            "SFN016",
            (*at, info.name),
            f"{info.name!r} is a field of {info.language}, but {what} uses {language}",
            expected=_INSTEAD.get(info.name, f"a field of {language}"),
            hint=hint,
        )

    def unknown_field(self, cls: type[Construct], name: str, at: Pointer, what: str) -> None:
        owners = [t for t, c in STATE_TYPES.items() if any(info.name == name for _, info in table(c))] if issubclass(cls, State) else []
        if owners:
            hint = f"only {_listed(owners)} states have {name!r}"
            self.report("SFN015", (*at, name), f"{what} must not have the field {name!r}", hint=hint)
            return
        names = [info.name for _, info in table(cls) if info.name]
        if cls is ChoiceRule or cls is Comparison:
            names += sorted(_TEST_FIELDS)
        self.report("SFN010", (*at, name), f"{what} has an unknown field {name!r}", hint=did_you_mean(name, names))

    # -- values, by kind -------------------------------------------------------------------------------------------------

    def filled_with(self, value: object) -> str:
        """Return the type of the value that a placeholder is filled with, as Terraform spells it; empty if it is unknown."""
        known = self.placeholders.get(placeholder_name(value)) if self.placeholders else None
        return "" if known is None else known.type

    def read(self, kind: Kind, value: Any, at: Pointer, language: QueryLanguage) -> Any:
        filled_with = self.filled_with(value)
        if filled_with and not _accepts(kind, filled_with, language):
            self.report("SFN012", at, _must_be(at, kind), found=f"{value}, a placeholder of type {filled_with}")
            return _MISMATCH
        match kind:
            case Text():
                return self.text(kind, value, at)
            case Template() if is_placeholder(value) or _fits(kind, value, language):
                return value
            case Number():
                return self.number(kind, value, at, language)
            case Literally():
                return value
            case _ if is_placeholder(value):
                return _MISMATCH
            case ListOf():
                return self.list_of(kind, value, at, language)
            case Node():
                return self.node(kind, value, at, language)
            case States():
                return self.states(kind, value, at)
            case Flag() if isinstance(value, bool):
                return value
        return self.mismatch(kind, value, at)

    def mismatch(self, kind: Kind, value: Any, at: Pointer) -> Any:
        self.report("SFN012", at, _must_be(at, kind), found=describe(value))
        return _MISMATCH

    def text(self, kind: Text, value: Any, at: Pointer) -> Any:
        if value is None and kind.nullable:
            return value
        if kind.form == "jsonata" and isinstance(value, bool):  # "Condition": true is the expression {% true %}
            return value
        if not isinstance(value, str):
            return self.mismatch(kind, value, at)
        if kind.values and value not in kind.values and not has_placeholder(value):
            self.report("SFN013", at, _must_be(at, kind), found=repr(value), hint=did_you_mean(value, kind.values))
            return _MISMATCH
        return value

    def number(self, kind: Number, value: Any, at: Pointer, language: QueryLanguage) -> Any:
        if isinstance(value, str) and (is_placeholder(value) or (kind.computed and language == JSONATA and is_expression(value))):
            return value
        if (
            isinstance(value, bool)
            or not isinstance(value, int | float)
            or (kind.whole and isinstance(value, float) and not value.is_integer())
        ):
            return self.mismatch(kind, value, at)
        if (kind.minimum is not None and value < kind.minimum) or (kind.maximum is not None and value > kind.maximum):
            self.report("SFN013", at, _must_be(at, kind), found=describe(value))
            return _MISMATCH
        return value

    def list_of(self, kind: ListOf, value: Any, at: Pointer, language: QueryLanguage) -> Any:
        if not isinstance(value, list):
            return self.mismatch(kind, value, at)
        if len(value) < kind.least:
            self.report("SFN013", at, _must_be(at, kind), found="an empty list")
        items = [self.read(kind.of, item, (*at, i), language) for i, item in enumerate(value)]
        return _MISMATCH if any(item is _MISMATCH for item in items) else tuple(items)

    def node(self, kind: Node, value: Any, at: Pointer, language: QueryLanguage) -> Any:
        if not isinstance(value, dict):
            return self.mismatch(kind, value, at)
        cls = kind.of()
        # The states inside a Map or Parallel use the machine's query language, not that of the state around them.
        # Measured with ValidateStateMachineDefinition: https://github.com/getmoto/moto/issues/9141
        own = self.language if issubclass(cls, Scope) else language
        what = _NAMES.get(cls.__name__, "the " + cls.__name__)
        return self.nested(at, lambda: self.construct(cls, value, at, own, what))

    def states(self, kind: States, value: Any, at: Pointer) -> Any:
        if not isinstance(value, dict):
            return self.mismatch(kind, value, at)
        if not value:
            self.report("SFN013", at, "'States' must have at least one state", found="an empty object")
            return _MISMATCH
        states = {name: self.state(document, (*at, name)) for name, document in value.items()}
        return _MISMATCH if any(state is _MISMATCH for state in states.values()) else states

    def state(self, value: Any, at: Pointer) -> Any:
        if is_placeholder(value):
            return _MISMATCH
        if not isinstance(value, dict):
            return self.mismatch(Kind("an object with a 'Type'"), value, at)
        own = value.get("QueryLanguage", self.language)
        if own == JSONPATH and self.language == JSONATA:
            # Source: https://docs.aws.amazon.com/step-functions/latest/dg/transforming-data.html
            message = f"the state {at[-1]!r} must not use JSONPath, because the state machine uses JSONata"
            hint = "make JSONPath the state machine's query language and set JSONata on the other states"
            self.report("SFN017", (*at, "QueryLanguage"), message, hint=hint)
        kind = value.get("Type")
        cls = STATE_TYPES.get(kind) if isinstance(kind, str) else None
        if cls is None:
            self.unknown_type(value, at)
            return UnknownState(extra=dict(value))
        return self.construct(cls, value, at, state_language(self.language, own), f"the {cls.TYPE} state {at[-1]!r}")

    def unknown_type(self, value: Mapping[str, Any], at: Pointer) -> None:
        expected = "one of " + ", ".join(STATE_TYPES)
        kind = value.get("Type")
        if "Type" not in value:
            self.report("SFN011", at, f"the state {at[-1]!r} has no 'Type'", expected=expected)
        elif not is_placeholder(kind):
            hint = did_you_mean(str(kind), STATE_TYPES)
            self.report(
                "SFN014", (*at, "Type"), f"the state {at[-1]!r} has an unknown type", found=describe(kind), expected=expected, hint=hint
            )

    # -- choice rules ----------------------------------------------------------------------------------------------------

    def test(self, value: Mapping[str, Any], at: Pointer, language: QueryLanguage) -> Comparison | Junction | None:
        """Parse the comparison of a choice rule, whose fields are among those of the rule."""
        members = [name for name in value if name in _TEST_FIELDS]
        if language == JSONPATH:
            return self.comparison(value, at, members)
        for name in members:
            message = f"{name!r} is a field of JSONPath, but this choice rule uses JSONata"
            self.report("SFN016", (*at, name), message, expected="'Condition' with a JSONata expression")
        return Comparison(extra={name: value[name] for name in members}) if members else None

    def comparison(self, value: Mapping[str, Any], at: Pointer, members: list[str]) -> Comparison | Junction | None:
        operators = [name for name in members if name != "Variable"]
        unread = Comparison(extra={name: value[name] for name in members}) if members else None
        if len(operators) != 1:
            found = ", ".join(operators) or ("Variable alone" if members else "none")
            message = "a choice rule must have exactly one comparison operator, And, Or or Not"
            self.report("SFN018", at, message, found=found, expected="one operator, such as StringEquals")
            return unread
        operator = operators[0]
        if operator in _JUNCTIONS:
            return self.junction(value, at, members, operator) or unread
        if "Variable" not in members:
            self.report("SFN011", at, "the comparison has no 'Variable'", expected="a JSONPath such as '$.order.total'")
            return unread
        variable = self.read(_VARIABLE, value["Variable"], (*at, "Variable"), JSONPATH)
        operand = self.read(COMPARISONS[operator], value[operator], (*at, operator), JSONPATH)
        if variable is _MISMATCH or operand is _MISMATCH:
            return unread
        return Comparison(variable=variable, operator=operator, value=operand)

    def junction(self, value: Mapping[str, Any], at: Pointer, members: list[str], operator: str) -> Junction | None:
        if "Variable" in members:
            self.report("SFN018", (*at, "Variable"), f"'Variable' and {operator!r} exclude each other", expected="one of them")
            return None
        operand, place = value[operator], (*at, operator)
        if is_placeholder(operand):
            return None
        if operator == "Not":
            tests = [self.nested(place, lambda: self.inner(operand, place))]
        elif not isinstance(operand, list):
            self.mismatch(Kind("a non-empty list of comparisons"), operand, place)
            return None
        else:
            if not operand:
                self.report("SFN013", place, f"{operator!r} must be a non-empty list of comparisons", found="an empty list")
            tests = [self.nested(place, lambda i=i, part=part: self.inner(part, (*place, i))) for i, part in enumerate(operand)]  # type: ignore[misc]
        if any(test is _MISMATCH for test in tests):
            return None
        return Junction(operator=cast("Any", operator), tests=tuple(tests))

    def inner(self, value: Any, at: Pointer) -> Any:
        if is_placeholder(value):
            return _MISMATCH
        if not isinstance(value, dict):
            return self.mismatch(Kind("a comparison, And, Or or Not"), value, at)
        rest = {name: member for name, member in value.items() if name not in _TEST_FIELDS}
        for name in rest:
            if name in ("Comment", "Assign"):
                continue  # AWS's samples have the one, and its language service (amazon-states-language-service 1.16) has both
            if name == "Next":
                message = f"a nested comparison must not have the field {name!r}"
                self.report("SFN015", (*at, name), message, hint="move it to the choice rule")
            else:
                self.unknown_field(Comparison, name, at, "the comparison")
        test = self.comparison(value, at, [name for name in value if name in _TEST_FIELDS]) or Comparison()
        return replace(test, extra={**test.extra, **rest}) if rest else test


_VARIABLE: Final = Text("a JSONPath such as '$.order'", "path")


def _accepts(kind: Kind, filled_with: str, language: QueryLanguage) -> bool:
    """Return whether a field of a kind accepts a placeholder whose value has a type."""
    match kind:
        case Text():
            return filled_with == STRING
        case Number():
            return filled_with == "number"
        case Flag():
            return filled_with == "bool"
        case ListOf():
            return filled_with.startswith("list(")
        case Node() | States():
            return filled_with.startswith("map(")
        case Template():
            return _fits(kind, _EXAMPLES[filled_with.partition("(")[0]], language)
    return True


_EXAMPLES: Final[dict[str, Json]] = {"string": "", "number": 0, "bool": True, "list": [], "map": {}}


def _fits(kind: Template, value: Any, language: QueryLanguage) -> bool:
    computed = language == JSONATA and is_expression(value)
    match kind.shape:
        case "object":
            return isinstance(value, dict)
        case "object-or-expression":
            return isinstance(value, dict) or computed
        case "array":
            return isinstance(value, list | dict) or computed
        case "string":
            return isinstance(value, str)
        case _:
            return True


_NO_PATHS: Final = (
    "TimeoutSeconds",
    "HeartbeatSeconds",
    "Seconds",
    "Timestamp",
    "Error",
    "Cause",
    "MaxConcurrency",
    "MaxItems",
    "MaxItemsPerBatch",
    "MaxInputBytesPerBatch",
    "ToleratedFailureCount",
    "ToleratedFailurePercentage",
)
_INSTEAD: Final[Mapping[str, str]] = {
    "Parameters": "'Arguments'",
    "ResultSelector": "'Output'",
    "ResultPath": "'Output' or 'Assign'",
    "InputPath": "'Arguments' or 'Output'",
    "OutputPath": "'Output'",
    "ItemsPath": "'Items'",
    "Result": "'Output'",
    "Arguments": "'Parameters'",
    "Output": "'ResultSelector', 'ResultPath' or 'OutputPath'",
    "Items": "'ItemsPath'",
    "Condition": "'Variable' and a comparison operator",
    **{f"{name}Path": f"{name!r} with an expression" for name in _NO_PATHS},
}
_NAMES: Final = {
    "Retrier": "the retrier",
    "Catcher": "the catcher",
    "Branch": "the branch",
    "ItemProcessor": "the item processor",
    "ChoiceRule": "the choice rule",
}


def _must_be(at: Pointer, kind: Kind) -> str:
    name = f"{at[-2]}[{at[-1]}]" if isinstance(at[-1], int) else at[-1]
    return f"{name!r} must be {kind.expected}"


def _listed(types: list[str]) -> str:
    return types[0] if len(types) == 1 else f"{', '.join(types[:-1])} and {types[-1]}"
