"""Reading ASL: JSON text to the model, with everything that is wrong reported and nothing dropped.

Three steps, each callable alone: :func:`read_json` turns text into JSON, :func:`parse` turns JSON into the model, and
:func:`file_locator` finds the line of a place in the text, once there is something to report.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, Final, TypeVar, cast

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
    State,
    StateMachine,
    States,
    Template,
    Test,
    Text,
    UnknownState,
    table,
)
from generator.diagnostics.model import Finding, Pointer, Span, did_you_mean

C = TypeVar("C", bound=Construct)

_PLACEHOLDER = re.compile(r"^\$\{[A-Za-z0-9_.:]+\}$")
_MISMATCH: Final = object()
MAX_DEPTH: Final = 200
"""How deeply constructs may nest; far beyond what the console draws, and what keeps recursion out of Python's limits."""


def is_expression(value: object) -> bool:
    """Tell whether a value is a JSONata expression in its delimiters.

    >>> is_expression("{% $states.input %}"), is_expression("$.order")
    (True, False)
    """
    return isinstance(value, str) and value.startswith("{%") and value.endswith("%}")


def is_placeholder(value: object) -> bool:
    """Tell whether a value is nothing but a ``${Placeholder}`` that deployment fills in.

    >>> is_placeholder("${timeout}"), is_placeholder("arn:${partition}:x")
    (True, False)
    """
    return isinstance(value, str) and _PLACEHOLDER.match(value) is not None


# -- text to JSON --------------------------------------------------------------------------------------------------------


class _WithDuplicates(dict[str, Any]):
    """An object of which the text names some members twice."""

    names: tuple[str, ...] = ()


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) == len(pairs):
        return members
    seen: set[str] = set()
    twice = _WithDuplicates(members)
    twice.names = tuple(dict.fromkeys(k for k, _ in pairs if k in seen or seen.add(k)))  # type: ignore[func-returns-value]
    return twice


def _no_constant(name: str) -> None:
    raise ValueError(name)


def read_json(text: str) -> tuple[Json, list[Finding], Span | None]:
    """Read JSON text; report what is no JSON (with its place, which no pointer can name) and members named twice.

    Returns:
        the value, the findings, and, where the text is no JSON, the place at which reading stopped.

    >>> read_json('{"StartAt": }')[1][0].code
    'SFN001'
    >>> read_json('{"A": 1, "A": 2}')[1][0].message
    "the member 'A' stands more than once in this object"
    """
    try:
        value = json.loads(text, object_pairs_hook=_object, parse_constant=_no_constant)
    except json.JSONDecodeError as error:
        found = text[error.pos : error.pos + 1] or "the end of the text"
        finding = Finding("SFN001", (), f"this is no JSON: {error.msg[:1].lower()}{error.msg[1:]}", found=found, expected="valid JSON (RFC 8259)")
        return None, [finding], Span("", error.lineno, error.colno)
    except RecursionError:
        return None, [Finding("SFN005", (), "the JSON is nested too deeply to be read", expected=f"at most {MAX_DEPTH} levels")], Span("")
    except ValueError as error:  # NaN, Infinity, or a number with too many digits
        return None, [Finding("SFN001", (), f"this is no JSON: {error} is not a JSON value", expected="valid JSON (RFC 8259)")], Span("")
    return value, list(_duplicates(value)) if "_WithDuplicates" in _marks(value) else [], None


def _marks(value: Json) -> set[str]:
    stack: list[Any] = [value]
    while stack:
        item = stack.pop()
        if isinstance(item, _WithDuplicates):
            return {"_WithDuplicates"}
        if isinstance(item, dict):
            stack.extend(item.values())
        elif isinstance(item, list):
            stack.extend(item)
    return set()


def _duplicates(value: Json) -> list[Finding]:
    findings: list[Finding] = []
    stack: list[tuple[Pointer, Any]] = [((), value)]
    while stack:
        at, item = stack.pop()
        if isinstance(item, _WithDuplicates):
            what, code = ("state", "SFN103") if at and at[-1] == "States" else ("member", "SFN002")
            findings.extend(
                Finding(code, (*at, name), f"the {what} {name!r} stands more than once in this object", hint="only the last one counts; rename or remove the others")
                for name in item.names
            )
        if isinstance(item, dict):
            stack.extend(((*at, k), v) for k, v in item.items())
        elif isinstance(item, list):
            stack.extend(((*at, i), v) for i, v in enumerate(item))
    return findings


def file_locator(file: str, text: str) -> Callable[[Pointer], Span]:
    """Make a locator for a JSON file; the text is mapped when the first place is asked for.

    >>> locator = file_locator("a.json", '{"StartAt": "A",' + chr(10) + ' "States": {}}')
    >>> str(locator(("States",)))
    'a.json:2:2'
    """
    positions: dict[str, Any] = {}

    def span(pointer: Pointer) -> Span:
        if not positions:
            from json_source_map import calculate  # noqa: PLC0415  only once something is wrong

            try:
                positions.update(calculate(text))
            except Exception:  # noqa: BLE001  whatever it cannot map, the first line stands for
                positions[""] = None
        for length in range(len(pointer), -1, -1):
            entry = positions.get("".join("/" + str(t).replace("~", "~0").replace("/", "~1") for t in pointer[:length]))
            if entry is not None:
                start, end = entry.key_start or entry.value_start, entry.key_end or entry.value_end
                if length < len(pointer) or entry.key_start is None:
                    start, end = (entry.key_start or entry.value_start), (entry.key_end or entry.value_start)
                return Span(file, start.line + 1, start.column + 1, end.line + 1, end.column + 1)
        return Span(file)

    return span


# -- JSON to the model ---------------------------------------------------------------------------------------------------


def parse(document: Json) -> tuple[StateMachine | None, list[Finding]]:
    """Read a definition into the model.

    What has the wrong form is reported and kept in ``extra``, so that :func:`generator.asl.write.to_json` gives back the
    same JSON for any input that is an object.

    Args:
        document: the definition as JSON.

    Returns:
        the machine (None if the document is not even an object) and the findings.

    >>> machine, findings = parse({"StartAt": "A", "States": {"A": {"Type": "Succeed", "Coment": "?"}}})
    >>> machine.start_at, [(f.code, f.hint) for f in findings]
    ('A', [('SFN010', "did you mean 'Comment'?")])
    """
    if not isinstance(document, dict):
        return None, [Finding("SFN003", (), "a definition is a JSON object", found=describe(document), expected='an object with "StartAt" and "States"')]
    parser = _Parser()
    language: QueryLanguage = JSONATA if document.get("QueryLanguage") == JSONATA else JSONPATH
    machine = parser.construct(StateMachine, document, (), language, "the state machine")
    return machine, parser.findings


def parse_state(name: str, document: Json, language: QueryLanguage = JSONPATH) -> tuple[State | None, list[Finding]]:
    """Read one state, placed at ``/States/<name>``."""
    parser = _Parser()
    state = parser.state(document, ("States", name), language)
    return (None if state is _MISMATCH else cast("State", state)), parser.findings


def describe(value: object) -> str:
    """Say shortly what a JSON value is, for 'found' in a diagnostic.

    >>> describe("a" * 100), describe([1]), describe(None), describe(True)
    ("'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa…'", 'a list', 'null', 'true')
    """
    if isinstance(value, str):
        return repr(value) if len(value) <= _SHORT else repr(value[: _SHORT - 3] + "…")
    if isinstance(value, dict):
        return "an object"
    if isinstance(value, list):
        return "a list"
    return json.dumps(value)


_SHORT = 60


class _Parser:
    """Carries the findings through one reading of a definition."""

    def __init__(self) -> None:
        self.findings: list[Finding] = []
        self.depth = 0

    def report(self, code: str, at: Pointer, message: str, *, found: str = "", expected: str = "", hint: str = "") -> None:
        self.findings.append(Finding(code, at, message, found, expected, hint))

    def construct(self, cls: type[C], value: Mapping[str, Any], at: Pointer, language: QueryLanguage, what: str) -> C:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            self.report("SFN005", at, "the definition is nested too deeply", expected=f"at most {MAX_DEPTH} levels")
            self.depth -= 1
            return cls(extra=dict(value))
        kwargs: dict[str, Any] = {}
        known: set[str] = set()
        for attribute, info in table(cls):
            if isinstance(info.kind, Test):
                test = self.test(value, at, language, known)
                if test is not None:
                    kwargs[attribute] = test
                continue
            known.add(info.name)
            if info.name not in value:
                if info.required and info.language in (None, language):
                    self.report("SFN011", at, f"{what} has no {info.name!r}", expected=info.kind.expected)
                continue
            if info.language is not None and info.language != language and self.misplaced(cls, info, value, at, language, what):
                known.discard(info.name)
                continue
            read = self.read(info.kind, value[info.name], (*at, info.name), language)
            if read is _MISMATCH:
                known.discard(info.name)
            else:
                kwargs[attribute] = read
        extra = {k: v for k, v in value.items() if k not in known}
        reported = {info.name for _, info in table(cls)}
        for name in extra:
            if name not in reported and not (name == "Type" and issubclass(cls, State)):
                self.unknown_field(cls, name, at, what)
        if issubclass(cls, State):
            extra.pop("Type", None)
        if extra:
            kwargs["extra"] = extra
        self.depth -= 1
        return cls(**kwargs)

    def misplaced(self, cls: type[Construct], info: FieldInfo, value: Mapping[str, Any], at: Pointer, language: QueryLanguage, what: str) -> bool:
        other = JSONATA if language == JSONPATH else JSONPATH
        self.report(
            "SFN016",
            (*at, info.name),
            f"{info.name!r} is a field of {info.language}, but {what} uses {language}",
            found=info.name,
            expected=_INSTEAD.get(info.name, f"a field of {language}"),
            hint=f'set "QueryLanguage": "{other}"' + (" on the state" if issubclass(cls, State) else " on the state around it"),
        )
        return True

    def unknown_field(self, cls: type[Construct], name: str, at: Pointer, what: str) -> None:
        names = [info.name for _, info in table(cls) if info.name]
        if cls is ChoiceRule or cls is Comparison:
            names += [*COMPARISONS, "Variable", "And", "Or", "Not"]
        owners = [t for t, c in STATE_TYPES.items() if any(info.name == name for _, info in table(c))] if issubclass(cls, State) else []
        if owners:
            self.report("SFN015", (*at, name), f"{name!r} is not a field of {what}", found=name, expected=f"a field of a {_type_name(cls)} state", hint=f"{name} belongs to {_listed(owners)}")
        else:
            self.report("SFN010", (*at, name), f"{what} has an unknown field {name!r}", found=name, hint=did_you_mean(name, names))

    # -- by kind ---------------------------------------------------------------------------------------------------------

    def read(self, kind: Kind, value: Any, at: Pointer, language: QueryLanguage) -> Any:
        match kind:
            case Text():
                return self.text(kind, value, at, language)
            case Number():
                return self.number(kind, value, at, language)
            case Flag():
                return value if isinstance(value, bool) else self.mismatch(kind, value, at)
            case Template():
                return value if self.template_fits(kind, value, language) else self.mismatch(kind, value, at)
            case Literally():
                return value
            case ListOf():
                return self.list_of(kind, value, at, language)
            case Node():
                return self.construct(kind.of(), value, at, language, _named(kind.of())) if isinstance(value, dict) else self.mismatch(kind, value, at)
            case States():
                return self.states(kind, value, at, language)
        raise TypeError(kind)

    def mismatch(self, kind: Kind, value: Any, at: Pointer) -> Any:
        self.report("SFN012", at, f"{at[-1]!r} does not hold {kind.expected}" if isinstance(at[-1], str) else f"this is not {kind.expected}", found=describe(value), expected=kind.expected)
        return _MISMATCH

    def text(self, kind: Text, value: Any, at: Pointer, language: QueryLanguage) -> Any:
        if value is None and kind.nullable:
            return value
        if kind.form == "jsonata" and isinstance(value, bool):  # "Condition": true is the expression {% true %}
            return value
        if not isinstance(value, str):
            return self.mismatch(kind, value, at)
        if kind.values and value not in kind.values and not is_placeholder(value):
            self.report("SFN013", at, f"{at[-1]!r} has a value it cannot have", found=repr(value), expected=kind.expected, hint=did_you_mean(value, kind.values))
            return _MISMATCH
        return value

    def number(self, kind: Number, value: Any, at: Pointer, language: QueryLanguage) -> Any:
        if isinstance(value, str) and (is_placeholder(value) or (kind.computed and language == JSONATA and is_expression(value))):
            return value
        if isinstance(value, bool) or not isinstance(value, int | float) or (kind.whole and value != int(value)):
            return self.mismatch(kind, value, at)
        if (kind.minimum is not None and value < kind.minimum) or (kind.maximum is not None and value > kind.maximum):
            self.report("SFN013", at, f"{at[-1]!r} is out of range", found=json.dumps(value), expected=kind.expected)
            return _MISMATCH
        return value

    @staticmethod
    def template_fits(kind: Template, value: Any, language: QueryLanguage) -> bool:
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

    def list_of(self, kind: ListOf, value: Any, at: Pointer, language: QueryLanguage) -> Any:
        if not isinstance(value, list):
            return self.mismatch(kind, value, at)
        if len(value) < kind.least:
            self.report("SFN013", at, f"{at[-1]!r} is empty", found="an empty list", expected=kind.expected)
        items = [self.read(kind.of, item, (*at, i), language) for i, item in enumerate(value)]
        return _MISMATCH if any(i is _MISMATCH for i in items) else tuple(items)

    def states(self, kind: States, value: Any, at: Pointer, language: QueryLanguage) -> Any:
        if not isinstance(value, dict):
            return self.mismatch(kind, value, at)
        if not value:
            self.report("SFN013", at, "'States' is empty", found="an empty object", expected="at least one state")
            return _MISMATCH
        states: dict[str, State] = {}
        for name, document in value.items():
            state = self.state(document, (*at, name), language)
            if state is _MISMATCH:
                return _MISMATCH
            states[name] = cast("State", state)
        return states

    def state(self, value: Any, at: Pointer, language: QueryLanguage) -> Any:
        if not isinstance(value, dict):
            return self.mismatch(Kind("a state: an object with a Type"), value, at)
        own = value.get("QueryLanguage", language)
        if own == JSONPATH and language == JSONATA:
            # https://docs.aws.amazon.com/step-functions/latest/dg/transforming-data.html: only JSONata may be set below JSONPath
            self.report("SFN017", (*at, "QueryLanguage"), f"the state {at[-1]!r} cannot go back to JSONPath inside a JSONata workflow", found="JSONPath", expected="JSONata", hint="make JSONPath the workflow's query language and set JSONata on the other states")
        of_type = value.get("Type")
        cls = STATE_TYPES.get(of_type) if isinstance(of_type, str) else None
        if cls is None:
            if "Type" not in value:
                self.report("SFN011", at, f"the state {at[-1]!r} has no 'Type'", expected="one of " + ", ".join(STATE_TYPES))
            else:
                self.report("SFN014", (*at, "Type"), f"the state {at[-1]!r} has an unknown type", found=describe(of_type), expected="one of " + ", ".join(STATE_TYPES), hint=did_you_mean(str(of_type), STATE_TYPES))
            return UnknownState(extra=dict(value))
        return self.construct(cls, value, at, JSONATA if own == JSONATA else JSONPATH, f"the {cls.TYPE} state {at[-1]!r}")

    # -- choice rules ----------------------------------------------------------------------------------------------------

    def test(self, value: Mapping[str, Any], at: Pointer, language: QueryLanguage, known: set[str]) -> Comparison | Junction | None:
        members = [k for k in value if k in COMPARISONS or k in ("Variable", "And", "Or", "Not")]
        if language == JSONATA:
            for name in members:
                self.report("SFN016", (*at, name), f"{name!r} is a field of JSONPath, but this choice rule uses JSONata", found=name, expected="'Condition', a JSONata expression", hint='set "QueryLanguage": "JSONPath" on the state')
            if not members:
                return None
        known.update(members)
        return self.comparison(value, at, members, silent=language == JSONATA)

    def comparison(self, value: Mapping[str, Any], at: Pointer, members: list[str], *, silent: bool = False) -> Comparison | Junction | None:
        junctions = [m for m in members if m in ("And", "Or", "Not")]
        operators = [m for m in members if m in COMPARISONS]
        extra = {k: value[k] for k in members}
        if not silent and len(junctions) + len(operators) != 1:
            found = ", ".join(junctions + operators) or ("Variable alone" if "Variable" in members else "none")
            self.report("SFN018", at, "a choice rule has exactly one comparison, And, Or or Not", found=found, expected="one operator, such as StringEquals")
        if len(junctions) == 1 and not operators and "Variable" not in members:
            operator = junctions[0]
            parts = [value["Not"]] if operator == "Not" else value[operator]
            if not isinstance(parts, list):
                self.mismatch(Kind("a non-empty list of comparisons"), parts, (*at, operator))
                return Comparison(extra=extra)
            if not parts:
                self.report("SFN013", (*at, operator), f"{operator!r} is empty", found="an empty list", expected="a non-empty list of comparisons")
            tests = [self.nested(p, (*at, operator) if operator == "Not" else (*at, operator, i)) for i, p in enumerate(parts)]
            if any(t is None for t in tests):
                return Comparison(extra=extra)
            return Junction(operator=cast("Any", operator), tests=tuple(t for t in tests if t is not None))
        if len(operators) != 1 or junctions:
            return Comparison(extra=extra) if extra else None
        if "Variable" not in members:
            self.report("SFN011", at, "a comparison has no 'Variable'", expected="a JSONPath such as '$.order.total'")
            return Comparison(extra=extra)
        variable, operator = value["Variable"], operators[0]
        if not isinstance(variable, str):
            self.mismatch(Kind("a JSONPath such as '$.order'"), variable, (*at, "Variable"))
            return Comparison(extra=extra)
        if self.read(COMPARISONS[operator], value[operator], (*at, operator), JSONPATH) is _MISMATCH:
            return Comparison(extra=extra)
        return Comparison(variable=variable, operator=operator, value=value[operator])

    def nested(self, value: Any, at: Pointer) -> Comparison | Junction | None:
        if not isinstance(value, dict):
            self.mismatch(Kind("a comparison, And, Or or Not"), value, at)
            return None
        self.depth += 1
        if self.depth > MAX_DEPTH:
            self.report("SFN005", at, "the definition is nested too deeply", expected=f"at most {MAX_DEPTH} levels")
            self.depth -= 1
            return None
        members = [k for k in value if k in COMPARISONS or k in ("Variable", "And", "Or", "Not")]
        for name in value:
            if name not in members:
                if name in ("Next", "Assign", "Comment"):
                    self.report("SFN015", (*at, name), f"{name!r} stands in a nested comparison", found=name, expected="a comparison, And, Or or Not", hint=f"{name} belongs to the outermost rule")
                else:
                    self.unknown_field(Comparison, name, at, "the comparison")
        test = self.comparison(value, at, members)
        self.depth -= 1
        rest = {k: v for k, v in value.items() if k not in members}
        if test is None:
            return Comparison(extra=dict(value))
        if rest:
            return replace(test, extra={**test.extra, **rest})
        return test


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
    **{f"{n}Path": f"'{n}' with an expression" for n in ("TimeoutSeconds", "HeartbeatSeconds", "Seconds", "Timestamp", "Error", "Cause", "MaxConcurrency", "MaxItems", "ToleratedFailureCount", "ToleratedFailurePercentage")},
}


def _type_name(cls: type[Construct]) -> str:
    return cls.TYPE if issubclass(cls, State) else cls.__name__


def _listed(names: list[str]) -> str:
    return ("a " if len(names) == 1 else "the states ") + ", ".join(names[:-1]) + (" and " if len(names) > 1 else "") + names[-1] + (" state" if len(names) == 1 else "")


_NAMES = {"Retrier": "the retrier", "Catcher": "the catcher", "Branch": "the branch", "ItemProcessor": "the item processor", "ChoiceRule": "the choice rule"}


def _named(cls: type[Construct]) -> str:
    return _NAMES.get(cls.__name__, "the " + cls.__name__)
