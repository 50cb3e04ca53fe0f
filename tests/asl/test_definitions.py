"""Definitions of every kind: writing is the inverse of parsing, valid definitions have no findings, and nothing raises."""

from __future__ import annotations

import copy
import json
import re
from importlib.resources import files
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from generator.asl.definition import definition_of
from generator.asl.model import ABSENT, COMPARISONS, STATE_TYPES, Map, Parallel, table
from generator.asl.parse import parse, parse_state
from generator.asl.read import read_bytes
from generator.asl.schema import schema, schema_findings, text
from generator.asl.walk import walk
from generator.asl.write import to_json
from generator.checks import check
from generator.checks.validate import problems, validate_text
from generator.diagnostics.codes import severity_of

JSONPATH, JSONATA = "JSONPath", "JSONata"
NAMES = st.text(st.characters(codec="utf-8", exclude_characters="${"), min_size=1, max_size=12)
TEXTS = st.text(st.characters(codec="utf-8"), max_size=20).filter(lambda t: "{%" not in t and "%}" not in t)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**60), 2**60) | st.floats(allow_nan=False, allow_infinity=False) | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES.filter(lambda n: not n.endswith(".$")), inner, max_size=3),
    max_leaves=6,
)
PATHS = st.sampled_from(["$", "$.order", "$.order.items[0]", "$['a b']", "$.items[*].price", "$$.Execution.Id", "$orderId"])
REFERENCES = st.sampled_from(["$.order", "$.order.items[0]", "$"])
EXPRESSIONS = st.sampled_from(["{% $states.input.order %}", "{% $total > 5 %}", "{% $sum($states.input.items.price) %}", "{%'%}'%}"])
INTRINSICS = st.sampled_from(["States.UUID()", "States.Format('{} {}', $.first, $$.State.Name)", "States.Array(1, $.b, 'c')"])
VARIABLES = st.sampled_from(["orderId", "total", "_x", "größe"])
SECONDS = st.integers(1, 99_999_999)
TIMESTAMPS = st.sampled_from(["2026-01-31T12:00:00Z", "2024-02-29T23:59:59.123+02:00"])
ERRORS = st.sampled_from(["States.Timeout", "States.TaskFailed", "OrderRejected", "Lambda.TooManyRequestsException"])


def optional(**fields: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    """Make objects that have some of the fields."""
    return st.fixed_dictionaries({}, optional=fields)


def computed(values: st.SearchStrategy[Any], language: str) -> st.SearchStrategy[Any]:
    """Make values, or in JSONata also expressions."""
    return values | EXPRESSIONS if language == JSONATA else values


def templates(language: str) -> st.SearchStrategy[dict[str, Any]]:
    """Make payload templates."""
    if language == JSONATA:
        return st.dictionaries(NAMES, JSON | EXPRESSIONS, max_size=3)
    return st.builds(
        lambda plain, dynamic: {**plain, **{f"{name}.$": value for name, value in dynamic.items()}},
        st.dictionaries(NAMES.filter(lambda n: not n.endswith(".$")), JSON, max_size=2),
        st.dictionaries(NAMES, PATHS | INTRINSICS, max_size=2),
    )


def assigns(language: str) -> st.SearchStrategy[dict[str, Any]]:
    """Make assignments."""
    if language == JSONATA:
        return st.dictionaries(VARIABLES, JSON | EXPRESSIONS, max_size=2)
    return st.dictionaries(VARIABLES.map(lambda n: f"{n}.$"), PATHS | INTRINSICS, max_size=2)


def data_flow(language: str, *, result: bool) -> st.SearchStrategy[dict[str, Any]]:
    """Make the fields for input and output."""
    if language == JSONATA:
        return optional(Assign=assigns(language), Output=JSON | EXPRESSIONS)
    fields = {"InputPath": PATHS | st.none(), "OutputPath": PATHS | st.none(), "Assign": assigns(language)}
    if result:
        fields |= {"ResultPath": REFERENCES | st.none(), "ResultSelector": templates(language)}
    return optional(**fields)


def rule_tests() -> st.SearchStrategy[dict[str, Any]]:
    """Make the tests of choice rules."""

    def operand(operator: str) -> st.SearchStrategy[Any]:
        if operator.endswith("Path"):
            return PATHS
        if operator.startswith(("Is", "Boolean")):
            return st.booleans()
        if operator.startswith("Numeric"):
            return st.integers() | st.floats(allow_nan=False, allow_infinity=False)
        return TIMESTAMPS if operator.startswith("Timestamp") else TEXTS

    comparison = st.sampled_from(list(COMPARISONS)).flatmap(
        lambda operator: st.fixed_dictionaries({"Variable": PATHS, operator: operand(operator)})
    )
    return st.recursive(
        comparison,
        lambda inner: (
            st.fixed_dictionaries({"Not": inner})
            | st.fixed_dictionaries({"And": st.lists(inner, min_size=1, max_size=2)})
            | st.fixed_dictionaries({"Or": st.lists(inner, min_size=1, max_size=2)})
        ),
        max_leaves=3,
    )


@st.composite
def policies(draw: st.DrawFn, language: str, target: str) -> dict[str, Any]:
    """Make Retry and Catch."""
    retriers = st.fixed_dictionaries(
        {"ErrorEquals": st.lists(ERRORS, min_size=1, max_size=2)},
        optional={
            "IntervalSeconds": SECONDS,
            "MaxAttempts": st.integers(0, 99),
            "BackoffRate": st.floats(1, 10),
            "MaxDelaySeconds": st.integers(1, 31_000_000),
            "JitterStrategy": st.sampled_from(["FULL", "NONE"]),
        },
    )
    output = {"Output": JSON | EXPRESSIONS} if language == JSONATA else {"ResultPath": REFERENCES | st.none()}
    catchers = st.fixed_dictionaries(
        {"ErrorEquals": st.just(["States.ALL"]), "Next": st.just(target)}, optional={"Assign": assigns(language), **output}
    )
    return draw(optional(Retry=st.lists(retriers, max_size=2), Catch=st.lists(catchers, max_size=1)))


class Definitions:
    """Makes valid definitions: a line of states, any of which may lead to any later one."""

    def __init__(self, draw: st.DrawFn, machine: str) -> None:
        """Start a machine of a query language."""
        self.draw = draw
        self.machine = machine
        self.count = 0

    def scope(self, depth: int) -> dict[str, Any]:
        """Make StartAt and States."""
        names = [self.name() for _ in range(self.draw(st.integers(1, 4 if depth == 0 else 2)))]
        states = {}
        for i, name in enumerate(names):
            states[name] = self.state(names[i + 1] if i + 1 < len(names) else None, depth)
            for construct in (states[name], *states[name].get("Catch", ()), *states[name].get("Choices", ())):
                if depth and "Assign" in construct:  # an inner scope has names of its own
                    construct["Assign"] = {f"in{depth}_{variable}": value for variable, value in construct["Assign"].items()}
        return {"StartAt": names[0], "States": states}

    def name(self) -> str:
        """Make a name that no other state has."""
        self.count += 1
        return f"{self.draw(NAMES)} {self.count}"

    def state(self, following: str | None, depth: int) -> dict[str, Any]:
        """Make a state that transitions to the following one, or ends."""
        language = self.draw(st.sampled_from([JSONPATH, JSONATA])) if self.machine == JSONPATH else JSONATA
        onward = {"Next": following} if following else {"End": True}
        kinds = ["Pass", "Task", "Wait"] + (["Map", "Parallel"] if depth < 2 else []) + (["Choice"] if following else ["Succeed", "Fail"])
        kind = self.draw(st.sampled_from(kinds))
        state: dict[str, Any] = {"Type": kind}
        if language != self.machine or self.draw(st.booleans()):
            state["QueryLanguage"] = language
        state |= self.draw(optional(Comment=TEXTS))
        state |= getattr(self, kind.lower())(language, following, depth)
        if kind in ("Task", "Map", "Parallel") and following:
            state |= self.draw(policies(language, following))
        return state if kind in ("Choice", "Succeed", "Fail") else {**state, **onward}

    def arguments(self, language: str) -> dict[str, Any]:
        """Make the payload of a call."""
        return {("Arguments" if language == JSONATA else "Parameters"): self.draw(templates(language))}

    def succeed(self, language: str, *_: Any) -> dict[str, Any]:
        """Make the fields that only a Succeed state has."""
        if language == JSONATA:
            return self.draw(optional(Output=JSON | EXPRESSIONS))
        return self.draw(optional(InputPath=PATHS | st.none(), OutputPath=PATHS))

    def fail(self, language: str, *_: Any) -> dict[str, Any]:
        """Make the fields that only a Fail state has."""
        if language == JSONATA:
            return self.draw(optional(Error=TEXTS | EXPRESSIONS, Cause=EXPRESSIONS))
        return self.draw(optional(Error=TEXTS, CausePath=PATHS | INTRINSICS))

    def wait(self, language: str, *_: Any) -> dict[str, Any]:
        """Make the fields that only a Wait state has."""
        ways = {"Seconds": computed(SECONDS, language), "Timestamp": computed(TIMESTAMPS, language)}
        if language == JSONPATH:
            ways |= {"SecondsPath": REFERENCES, "TimestampPath": REFERENCES}
        way = self.draw(st.sampled_from(list(ways)))
        return {way: self.draw(ways[way]), **self.draw(data_flow(language, result=False))}

    def task(self, language: str, *_: Any) -> dict[str, Any]:
        """Make the fields that only a Task state has."""
        limits = {"TimeoutSeconds": computed(st.integers(100, 1000), language), "HeartbeatSeconds": computed(st.integers(1, 99), language)}
        state = {"Resource": "arn:aws:lambda:us-east-1:123456789012:function:f", **self.arguments(language)}
        return {**state, **self.draw(optional(**limits)), **self.draw(data_flow(language, result=True))}

    def choice(self, language: str, following: str | None, _: int) -> dict[str, Any]:
        """Make the fields that only a Choice state has."""
        test = st.fixed_dictionaries({"Condition": EXPRESSIONS | st.booleans()}) if language == JSONATA else rule_tests()
        extra = optional(Comment=TEXTS, Assign=assigns(language))
        rules = st.builds(lambda t, e: {**t, **e, "Next": following}, test, extra)
        state = {"Choices": self.draw(st.lists(rules, min_size=1, max_size=2))}
        return {**state, **self.draw(optional(Default=st.just(following)))}

    def parallel(self, language: str, _: str | None, depth: int) -> dict[str, Any]:
        """Make the fields that only a Parallel state has."""
        branches = [self.scope(depth + 1) for _ in range(self.draw(st.integers(1, 2)))]
        return {"Branches": branches, **self.draw(data_flow(language, result=True))}

    def map(self, language: str, _: str | None, depth: int) -> dict[str, Any]:
        """Make the fields that only a Map state has."""
        distributed = self.draw(st.booleans())
        config = {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"} if distributed else {"Mode": "INLINE"}
        state = {"ItemProcessor": {"ProcessorConfig": config, **self.scope(depth + 1)}}
        fields: dict[str, st.SearchStrategy[Any]] = {
            "MaxConcurrency": computed(st.integers(0, 40), language),
            "ItemSelector": templates(language),
        }
        if language == JSONATA:
            fields["Items"] = EXPRESSIONS | st.lists(JSON, max_size=2)
        else:
            fields["ItemsPath"] = PATHS
        if distributed:
            self.count += 1
            payload = st.fixed_dictionaries({("Arguments" if language == JSONATA else "Parameters"): templates(language)})
            fields |= {
                "Label": st.just(f"label-{self.count}"),
                "ToleratedFailurePercentage": computed(st.integers(0, 100) | st.floats(0, 100), language),
                "ItemBatcher": st.fixed_dictionaries(
                    {"MaxItemsPerBatch": computed(st.integers(1, 100), language)}, optional={"BatchInput": templates(language)}
                ),
                "ItemReader": st.builds(
                    lambda p, c: {"Resource": "arn:aws:states:::s3:getObject", "ReaderConfig": c, **p},
                    payload,
                    optional(InputType=st.sampled_from(["CSV", "JSON", "JSONL"]), MaxItems=st.integers(0, 10**8)),
                ),
                "ResultWriter": st.builds(lambda p: {"Resource": "arn:aws:states:::s3:putObject", **p}, payload),
            }
        return {**state, **self.draw(optional(**fields)), **self.draw(data_flow(language, result=True))}

    def pass_(self, language: str, *_: Any) -> dict[str, Any]:
        """Make the fields that only a Pass state has."""
        fields = {} if language == JSONATA else {"Result": JSON, "Parameters": templates(language), "ResultPath": REFERENCES}
        return {**self.draw(optional(**fields)), **self.draw(data_flow(language, result=False))}


setattr(Definitions, "pass", Definitions.pass_)


@st.composite
def definitions(draw: st.DrawFn) -> dict[str, Any]:
    """Make valid definitions."""
    machine = draw(st.sampled_from([JSONPATH, JSONATA]))
    top = draw(optional(Comment=TEXTS, TimeoutSeconds=SECONDS, Version=st.just("1.0")))
    if machine == JSONATA or draw(st.booleans()):
        top["QueryLanguage"] = machine
    return {**top, **Definitions(draw, machine).scope(0)}


def ordered(value: Any, *, of_states: bool = False) -> Any:
    """Make the order of states visible to comparison; a state may itself be named "States"."""
    if isinstance(value, dict):
        inner = {k: ordered(v, of_states=k == "States" and not of_states) for k, v in value.items()}
        return list(inner.items()) if of_states else inner
    return [ordered(v) for v in value] if isinstance(value, list) else value


@given(definitions())
def test_a_valid_definition_passes_and_comes_back(definition: dict[str, Any]) -> None:
    """Writing a parsed definition returns the same JSON, with states in order; parser, checks and schema find no error."""
    machine, findings = parse(definition)
    assert machine is not None
    assert findings == []
    assert ordered(to_json(machine)) == ordered(definition)
    assert [f for f in check(walk(machine)) if severity_of(f.code) == "error"] == []
    assert schema_findings(definition) == []


ODD = st.sampled_from(
    [None, True, 0, -1, 1e400, 10**400, 2.5, "", "$", "{%", "%}", "{% %}", "\x00", "\ud800", "${x}", [], {}, [[]], {"": {}}]
)


@st.composite
def damaged(draw: st.DrawFn) -> Any:
    """Make definitions with one to three places replaced, taken out, renamed or added."""
    definition = copy.deepcopy(draw(definitions()))
    for _ in range(draw(st.integers(1, 3))):
        places: list[tuple[Any, Any]] = []
        pending: list[Any] = [definition]
        while pending:
            item = pending.pop()
            members = list(item.items()) if isinstance(item, dict) else list(enumerate(item))
            places += [(item, key) for key, _ in members]
            pending += [value for _, value in members if isinstance(value, dict | list)]
        if not places:
            return definition
        holder, key = draw(st.sampled_from(places))
        how = draw(st.sampled_from(["replace", "remove", "rename", "add"]))
        if how == "remove":
            del holder[key]
        elif how == "rename" and isinstance(holder, dict):
            holder[draw(st.sampled_from(["Next", "End", "Type", "States", "Choices", "Not", "Label", "x", ""]))] = holder.pop(key)
        elif how == "add" and isinstance(holder, dict):
            holder[draw(st.sampled_from(["Catch", "And", "Iterator", "QueryLanguage", "Assign", "x.$"]))] = draw(ODD)
        else:
            holder[key] = draw(ODD)
    return definition


@given(damaged())
def test_a_damaged_definition_is_reported_and_never_lost(definition: Any) -> None:
    """A damaged definition raises no exception, and is written again unchanged."""
    machine, _ = parse(definition)
    if machine is not None:
        assert ordered(to_json(machine)) == ordered(definition)
    written = json.dumps(definition)
    for diagnostic in validate_text(written, "damaged.json"):
        assert diagnostic.span.line == 1
        assert 1 <= diagnostic.span.column <= len(written) + 1


@settings(max_examples=25)
@given(definitions(), st.data())
def test_cut_text_is_reported(definition: dict[str, Any], data: st.DataObject) -> None:
    """A file that ends early is not JSON; the place is its end, or before."""
    whole = json.dumps(definition, indent=1)
    cut = whole[: data.draw(st.integers(0, len(whole) - 1))]
    [diagnostic] = validate_text(cut, "cut.json")
    assert diagnostic.code == "SFN001"
    assert diagnostic.span.line <= cut.count("\n") + 1


@given(st.binary(max_size=60))
def test_any_bytes_give_diagnostics(data: bytes) -> None:
    """No file raises."""
    assert problems(definition_of(read_bytes(data, "any.json")))


@given(JSON)
def test_any_json_gives_diagnostics(value: Any) -> None:
    """No JSON raises, and only a definition passes."""
    assert validate_text(json.dumps(value), "any.json")


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("", "SFN001"),
        ("\ufeff{}", "SFN001"),
        ("{} {}", "SFN001"),
        ('{"TimeoutSeconds": NaN}', "SFN001"),
        ('{"TimeoutSeconds": ' + "9" * 5000 + "}", "SFN001"),
        ("[" * 100_000, "SFN005"),
        ('{"a":' * 100_000, "SFN005"),
        ("null", "SFN003"),
        ('"not a definition"', "SFN003"),
    ],
)
def test_not_a_definition(written: str, code: str) -> None:
    """Text that cannot be a definition has one problem."""
    assert [d.code for d in validate_text(written, "x.json")] == [code]


def test_every_state_type_and_field_is_generated() -> None:
    """The strategies above know the language: each field of each state is in the schema, and each type is generated."""
    definitions_ = schema()["$defs"]
    for kind, cls in STATE_TYPES.items():
        assert hasattr(Definitions, kind.lower())
        forms = [definitions_[f"{kind}-{suffix}"]["properties"] for suffix in ("JSONPath", "JSONata", "JSONata-in-JSONPath")]
        for _, info in table(cls):
            assert any(info.name in form for form in forms)


def test_the_published_schema_is_the_generated_one() -> None:
    """asl.schema.json is what ``python -m generator.asl.schema`` writes."""
    assert (files("generator.asl") / "asl.schema.json").read_text(encoding="utf-8") == text()


def test_the_published_schema_is_a_schema() -> None:
    """It is valid draft 2020-12."""
    Draft202012Validator.check_schema(schema())


BY_JSONSCHEMA = Draft202012Validator(schema())


@given(damaged())
def test_two_implementations_of_json_schema_agree(definition: Any) -> None:
    """What the schema says does not depend on who reads it: jsonschema accepts exactly what jsonschema-rs accepts."""
    assume(not re.search("[\ud800-\udfff]", json.dumps(definition, ensure_ascii=False)))
    assert BY_JSONSCHEMA.is_valid(definition) == (schema_findings(definition) == [])


def test_states_inside_use_the_language_of_the_machine() -> None:
    """The query language of a Map does not apply to the states inside it, as in AWS."""
    inner = {"StartAt": "In", "States": {"In": {"Type": "Pass", "Parameters": {"a.$": "$.a"}, "End": True}}}
    state = {"Type": "Map", "QueryLanguage": "JSONata", "Items": "{% $states.input %}", "ItemProcessor": inner, "End": True}
    machine, findings = parse({"StartAt": "Out", "States": {"Out": state}})
    assert machine is not None
    assert findings == []
    _, findings = parse({"QueryLanguage": "JSONata", "StartAt": "Out", "States": {"Out": state}})
    assert [(f.code, f.at[-1]) for f in findings] == [("SFN016", "Parameters")]


def test_null_and_absent_differ() -> None:
    """``"InputPath": null`` discards the input; no InputPath takes all of it."""
    with_null, _ = parse_state("A", {"Type": "Pass", "InputPath": None, "End": True})
    without, _ = parse_state("A", {"Type": "Pass", "End": True})
    assert with_null is not None
    assert with_null.input_path is None  # type: ignore[attr-defined]
    assert without is not None
    assert without.input_path is ABSENT  # type: ignore[attr-defined]


def test_placeholders_are_allowed_anywhere() -> None:
    """A template is valid before deployment fills it in, also in place of a value that is not a string."""
    template = """{
      "StartAt": "${First}", "TimeoutSeconds": ${Timeout}, "States": {
        "A": {"Type": "Task", "Resource": "${FunctionArn}", "TimeoutSeconds": "${T}", "Retry": "${Retry}", "Next": "B-${Env}"},
        "B": {"Type": "Choice", "Choices": ["${Rule}", {"Variable": "$.${Field}", "NumericEquals": "${N}", "Next": "C"}], "Default": "C"},
        "C": {"Type": "Map", "Label": "run-${Env}", "ItemsPath": "$.${Items}", "MaxConcurrency": "${M}",
              "ItemProcessor": {"ProcessorConfig": "${Config}", "StartAt": "D", "States": {"D": {"Type": "Wait", "Timestamp": "${Until}",
              "End": ${End}}}}, "Next": "E"},
        "E": {"Type": "Pass", "QueryLanguage": "JSONata", "Output": "{% ${Expression} %}", "Assign": {"${Variable}": 1}, "End": true},
        "F": {"Type": "${Type}"}, "G": ${State}
      }}"""
    assert validate_text(template, "template.asl.json") == []


def test_a_map_knows_its_processor() -> None:
    """A Map returns its processor under both names, and whether it is distributed."""
    processor = {
        "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "EXPRESS"},
        "StartAt": "A",
        "States": {"A": {"Type": "Succeed"}},
    }
    for name in ("ItemProcessor", "Iterator"):
        state, findings = parse_state("M", {"Type": "Map", name: processor, "End": True})
        assert findings == []
        assert isinstance(state, Map)
        assert state.distributed
        assert state.processor is not ABSENT
    plain, _ = parse_state("P", {"Type": "Parallel", "Branches": [{"StartAt": "A", "States": {"A": {"Type": "Succeed"}}}], "End": True})
    assert isinstance(plain, Parallel)
