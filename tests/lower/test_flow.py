"""Flow: lists, targets and reuse become transitions."""

from __future__ import annotations

import json
from typing import Any

import pytest

from generator import (
    END,
    NEXT,
    Catch,
    Choice,
    DistributedMap,
    Fail,
    ItemBatcher,
    Map,
    Parallel,
    Pass,
    Retry,
    Succeed,
    Task,
    Wait,
    Workflow,
    csv_items,
    fn,
    jsonata,
    literal,
    placeholder,
    prefixed,
    states,
    variables,
    when,
)
from generator.asl.parse import parse
from generator.asl.text import MAX_DEPTH
from generator.asl.write import to_json
from generator.lower import compile_workflow

x = states.input


def compiled(*steps: Any, **options: Any) -> dict[str, Any]:
    """Compile valid steps, and return the states."""
    made = compile_workflow(Workflow("w", steps=list(steps), **options))
    assert made.diagnostics == ()
    return to_json(made.machine)["States"]  # type: ignore[return-value]


def codes(*steps: Any, **options: Any) -> list[str]:
    """Compile invalid steps, and return the codes."""
    return [d.code for d in compile_workflow(Workflow("w", steps=list(steps), **options)).diagnostics]


def onward(document: dict[str, Any]) -> dict[str, Any]:
    """Give where each state goes on to."""
    return {name: state.get("Next", "END" if state.get("End") else state.get("Default")) for name, state in document.items()}


def test_a_list_is_a_path() -> None:
    """Each step goes on to the one below; groups are spliced in; the last one ends."""
    assert onward(compiled(Pass("A"), [Pass("B"), [Pass("C")]], Pass("D"))) == {"A": "B", "B": "C", "C": "D", "D": "END"}


def test_branches_of_a_choice_go_on_below_it() -> None:
    """As the body of an if: what a rule leads to goes on to the step below the Choice."""
    document = compiled(
        Choice(
            "If",
            when(x.a == 1, [Pass("A1"), Pass("A2", next=NEXT)]),
            when(x.a == 2, Pass("B", next=NEXT)),
            otherwise=Pass("C", next=NEXT),
        ),
        Pass("After"),
    )
    assert onward(document) == {"If": "C", "After": "END", "A1": "A2", "A2": "After", "B": "After", "C": "After"}
    assert [rule["Next"] for rule in document["If"]["Choices"]] == ["A1", "B"]


def test_a_choice_without_otherwise_goes_on_below() -> None:
    """As an if without else."""
    document = compiled(Choice("If", when(x.a == 1, Pass("A", next=NEXT))), Pass("After"))
    assert onward(document) == {"If": "After", "After": "END", "A": "After"}


def test_otherwise_none_has_no_default() -> None:
    """States.Runtime can be asked for."""
    assert "Default" not in compiled(Choice("If", when(x.a == 1), otherwise=None), Pass("After"))["If"]


def test_a_catcher_goes_on_below_its_step() -> None:
    """As the body of an except; an empty list swallows the error."""
    document = compiled(Task("Try", "arn:t", catch=[Catch("A", [Pass("Mend", next=NEXT)]), Catch("B", [])]), Pass("After"))
    assert [c["Next"] for c in document["Try"]["Catch"]] == ["Mend", "After"]
    assert document["Mend"]["Next"] == "After"


def side_ends(*steps: Any) -> list[tuple[int, str]]:
    """Compile steps with warnings about side paths, and return the line and the message of each."""
    found = compile_workflow(Workflow("w", steps=list(steps))).diagnostics
    assert {d.code for d in found} <= {"SFN820"}
    return [(d.span.line, d.message.partition(" ends a side path")[0]) for d in found]


def test_a_side_path_has_an_explicit_next_state() -> None:
    """A target that goes on to the step below by default is a warning at its last step, for rules and catchers, steps and lists."""
    first = Pass("Undo")
    line = first.source.span().line
    last = Pass("Second")
    assert side_ends(Task("Try", "arn:t", catch=Catch("A", first)), Pass("After")) == [(line, "'Undo'")]
    assert side_ends(Task("Try", "arn:t", catch=Catch("A", [Pass("First"), last])), Pass("After")) == [(line + 1 + 1, "'Second'")]
    assert side_ends(Choice("If", when(x.a == 1, [Pass("First"), [last]])), Pass("After")) == [(line + 2, "'Second'")]
    assert side_ends(Choice("If", when(x.a == 1), otherwise=last), Pass("After")) == [(line + 2, "'Second'")]
    inner = Task("Undo", "arn:t", catch=Catch("A", last), next=END)
    assert side_ends(Task("Try", "arn:t", catch=Catch("A", inner)), Pass("After")) == [(line + 2, "'Second'")]
    (warning,) = compile_workflow(Workflow("w", steps=[Choice("If", when(x.a == 1, last)), Pass("After")])).diagnostics
    assert "'After', the step below 'If'" in warning.message
    assert "next=NEXT" in warning.hint
    assert "next=END" in warning.hint


def test_a_side_path_that_ends_with_a_choice_names_its_targets() -> None:
    """A Choice has no ``next=``: its rules and ``otherwise`` say where they lead."""
    bare = Choice("Ok", when(x.a == 1), when(x.a == 2, Fail("No")))
    assert [what for _, what in side_ends(Choice("If", when(x.a == 3, bare)), Pass("After"))] == [
        "the Choice 'Ok'",
        "a rule of the Choice 'Ok'",
    ]
    clear = Choice("Ok", when(x.a == 1, NEXT), otherwise=NEXT)
    assert side_ends(Choice("If", when(x.a == 3, [Pass("A"), clear])), Pass("After")) == []


def test_a_side_path_without_a_step_below_is_no_accident() -> None:
    """Both readings are the same at the end of a scope; so it is for a state that ends, a jump, and a step of the list."""
    assert side_ends(Task("Try", "arn:t", catch=Catch("A", Pass("Undo")))) == []
    assert side_ends(Map("Each", x.items, [Task("Try", "arn:t", catch=Catch("A", Pass("Undo")))]), Pass("After")) == []
    listed = Pass("Listed")
    ends = [Fail("F"), Succeed("S"), Pass("Jump", next=listed), Pass("Named", next="After"), Pass("End", next=END), listed, []]
    for target in ends:
        assert side_ends(Task("Try", "arn:t", catch=Catch("A", target)), listed, Pass("After")) == []  # type: ignore[arg-type]


def test_a_reference_to_a_listed_step_is_a_jump() -> None:
    """A poll loop refers back to a step of the list."""
    pause = Wait("Pause", seconds=1)
    document = compiled(pause, Choice("Done", when(x.done == True), otherwise=pause), Succeed("Yes"))
    assert document["Done"]["Default"] == "Pause"
    assert list(document) == ["Pause", "Done", "Yes"]


def test_a_name_is_a_jump() -> None:
    """A target may be the name of a state."""
    assert compiled(Pass("A", next="C"), Pass("B"), Pass("C"))["A"]["Next"] == "C"


def test_next_leads_away_and_end_ends() -> None:
    """``next=`` takes a step, a name, or END."""
    last = Pass("Last")
    document = compiled(Choice("If", when(x.a == 1, Pass("A", next=END))), Pass("B", next=last))
    assert onward(document) == {"If": "B", "B": "Last", "A": "END", "Last": "END"}


def test_long_chains_of_references_need_no_recursion() -> None:
    """Ten thousand steps, each referring to the next one."""
    step = Pass("S9999")
    for number in range(9998, -1, -1):
        step = Pass(f"S{number}", next=step)
    assert len(compiled(step)) == 10_000


def test_groups_of_steps_are_one_path() -> None:
    """Lists among steps are spliced in, in a workflow, a branch, a map and a target; a tuple is a list."""
    group = [Pass("B"), Pass("C")]
    document = compiled(Parallel("P", [Pass("A"), group], (Pass("D"), Pass("E")), [[Pass("F")]]), [Pass("G")])
    assert [list(branch["States"]) for branch in document["P"]["Branches"]] == [["A", "B", "C"], ["D", "E"], ["F"]]
    assert list(compiled([Pass("A")], [Pass("B")])) == ["A", "B"]
    assert list(compiled(Map("M", x.items, [[Pass("A")], [Pass("B")]]))["M"]["ItemProcessor"]["States"]) == ["A", "B"]


def test_scopes_nest() -> None:
    """Branches and map steps are scopes of their own, and compile in their parent's query language."""
    document = compiled(
        Parallel("Both", [Pass("L", output=x.a)], Pass("R")),
        Map("Each", x.items, [Pass("One", output=states.input)], item_selector={"item": states.item}, max_concurrency=3),
        DistributedMap("Many", csv_items("b", x.key), Pass("Row"), batch=ItemBatcher(max_items=10, max_input_bytes=4096), label="rows"),
    )
    assert document["Both"]["Branches"][0] == {
        "StartAt": "L",
        "States": {"L": {"Type": "Pass", "Output": "{% $states.input.a %}", "End": True}},
    }
    assert document["Each"]["Items"] == "{% $states.input.items %}"
    assert document["Each"]["ItemSelector"] == {"item": "{% $states.context.Map.Item.Value %}"}
    assert document["Many"]["ItemReader"]["ReaderConfig"] == {"InputType": "CSV", "CSVHeaderLocation": "FIRST_ROW"}
    assert document["Many"]["ItemBatcher"] == {"MaxItemsPerBatch": 10, "MaxInputBytesPerBatch": 4096}
    assert document["Many"]["ItemProcessor"]["ProcessorConfig"] == {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}


def test_the_same_vocabulary_in_jsonpath() -> None:
    """Computed forms become …Path fields, outputs the field that comes closest."""
    document = compiled(
        Wait("W1", seconds=x.delay),
        Wait("W2", until="$.at"),
        Map("M", x.items, [Pass("I")], max_concurrency=x.width),
        Pass("P", output={"id": x.id, "list": [x.a, 1]}),
        Task("T", "arn:t", output=states.result.body, timeout_seconds=x.limit),
        Fail("F", error="E", cause=fn.format("no {}", x.id)),
        query_language="JSONPath",
    )
    assert document["W1"]["SecondsPath"] == "$.delay"
    assert document["W2"]["TimestampPath"] == "$.at"
    assert document["M"]["ItemsPath"] == "$.items"
    assert document["M"]["MaxConcurrencyPath"] == "$.width"
    assert document["P"]["Parameters"] == {"id.$": "$.id", "list.$": "States.Array($.a, 1)"}
    assert document["T"]["OutputPath"] == "$.body"
    assert document["T"]["TimeoutSecondsPath"] == "$.limit"
    assert document["F"]["CausePath"] == "States.Format('no {}', $.id)"


def test_raw_expressions_are_taken_as_they_are() -> None:
    """Anything ASL can say can be said raw, in either language, whole or in part."""
    document = compiled(Pass("A", output={"n": "{% $sum([1, 2]) %}", "m": jsonata("$n * 2"), "text": literal("{% text %}")}))
    assert document["A"]["Output"] == {"n": "{% $sum([1, 2]) %}", "m": "{% $n * 2 %}", "text": '{% "{% text %}" %}'}
    document = compiled(Pass("A", output={"n.$": "$.a", "m": "$$.Execution.Id", "cost": literal("$.50")}), query_language="JSONPath")
    assert document["A"]["Parameters"] == {"n.$": "$.a", "m.$": "$$.Execution.Id", "cost": "$.50"}


def test_a_query_language_of_its_own() -> None:
    """One state of a JSONPath workflow may use JSONata."""
    document = compiled(Pass("A"), Pass("B", output=x.a * 2, query_language="JSONata"), query_language="JSONPath")
    assert document["B"] == {"Type": "Pass", "QueryLanguage": "JSONata", "Output": "{% $states.input.a * 2 %}", "End": True}


def test_reuse_under_other_names() -> None:
    """A group of steps is a value: its inner transitions lead to the copies, its outer ones stay shared."""
    broken = Fail("Broken", error="Broken")
    again = Pass("Again")
    group = [
        again,
        Task("Work", "arn:w", catch=[Catch("Busy", [Wait("Rest", seconds=1, next=NEXT)]), Catch("Other", broken)]),
        Choice("Ok", when(x.ok == False, again)),
    ]
    document = compiled(*prefixed("First", group), *prefixed("Second", group), Succeed("Done"))
    assert [c["Next"] for c in document["FirstWork"]["Catch"]] == ["FirstRest", "Broken"]
    assert [c["Next"] for c in document["SecondWork"]["Catch"]] == ["SecondRest", "Broken"]
    assert document["FirstOk"]["Choices"][0]["Next"] == "FirstAgain"
    assert document["FirstOk"]["Default"] == "SecondAgain"
    assert document["SecondRest"]["Next"] == "SecondOk"
    assert group[0] is again
    assert again.name == "Again"


def test_retry_is_a_value() -> None:
    """A policy is written once; what it leaves to ASL's defaults is left out."""
    policy = Retry(["A", "B"], interval_seconds=2, backoff_rate=1.5, jitter=True)
    document = compiled(Task("T", "arn:t", retry=policy), Task("U", "arn:u", retry=[policy, Retry("C", max_attempts=0)]))
    first = {"ErrorEquals": ["A", "B"], "IntervalSeconds": 2, "BackoffRate": 1.5, "JitterStrategy": "FULL"}
    assert document["T"]["Retry"] == [first]
    assert document["U"]["Retry"] == [first, {"ErrorEquals": ["C"], "MaxAttempts": 0}]


def test_one_failure_list_in_several_places() -> None:
    """Two catchers, a rule and the happy path may share a list: one set of states, to the first of which all transition."""
    failure = [Task("Notify", "arn:n", catch=Catch("E", [Fail("NotifyFailed")])), Fail("Failed")]
    document = compiled(
        Task("A", "arn:a", catch=Catch("E", failure)),
        Task("B", "arn:b", catch=[Catch("E", [Pass("Undo"), failure]), Catch("F", failure)]),
        Choice("C", when(x.a == 1, failure), otherwise=failure),
    )
    assert {*document} == {"A", "B", "C", "Notify", "Failed", "NotifyFailed", "Undo"}
    assert [c["Next"] for name in "AB" for c in document[name]["Catch"]] == ["Notify", "Undo", "Notify"]
    assert (document["C"]["Default"], document["Undo"]["Next"], document["Notify"]["Next"]) == ("Notify", "Notify", "Failed")
    assert {*compiled(Task("A", "arn:a", catch=Catch("E", failure)), failure)} == {"A", "Notify", "Failed", "NotifyFailed"}


def mend(step: Any, *onward: Any) -> list[Any]:
    """Return two tasks whose catchers share the list of a step; each continues with another step below."""
    path = [Pass("First"), step]
    return [Task("A", "arn:a", catch=Catch("E", path)), Task("B", "arn:b", catch=Catch("E", path)), Succeed("Done"), *onward]


@pytest.mark.parametrize(
    ("step", "agree"),
    [
        (Pass("Last"), False),
        (Pass("Last", next=END), True),
        (Pass("Last", next="Done"), True),
        (Succeed("Last"), True),
        (Task("Last", "arn:l", next=END, catch=Catch("E", Fail("F"))), True),
        (Task("Last", "arn:l", next=END, catch=Catch("E", Pass("P"))), False),
        (Task("Last", "arn:l", next=END, catch=Catch("E", [Pass("P"), Fail("F")])), True),
        (Task("Last", "arn:l", next=END, catch=Catch("E", [])), False),
        (Choice("Last", when(x.a == 1, Fail("F")), otherwise=Succeed("S")), True),
        (Choice("Last", when(x.a == 1, Fail("F"))), False),
        (Choice("Last", when(x.a == 1), otherwise=Succeed("S")), False),
    ],
)
def test_a_shared_list_that_goes_on_needs_one_way(step: Any, agree: bool) -> None:
    """Where its end would go on to different steps, the message says the short way."""
    found = compile_workflow(Workflow("w", steps=mend(step))).diagnostics
    assert [d.code for d in found if d.code != "SFN820"] == ([] if agree else ["SFN803"])
    assert all(d.hint and "next=" in d.hint for d in found)


def test_variables_and_assign() -> None:
    """Variables are assigned by name and read by name."""
    document = compiled(Task("T", "arn:t", assign={"total": states.result.total}), Pass("P", output=variables.total + 1))
    assert document["T"]["Assign"] == {"total": "{% $states.result.total %}"}
    assert document["P"]["Output"] == "{% $total + 1 %}"


shared = Pass("Shared")


@pytest.mark.parametrize(
    ("steps", "expected"),
    [
        ([], ["SFN805"]),
        ([Choice("C", when(x.a == 1, Succeed("S")))], ["SFN805"]),
        ([Choice("C", when(x.a == 1), otherwise=None)], ["SFN805"]),
        ([Task("T", "arn:t", catch=Catch("E", []))], ["SFN805"]),
        ([Pass("A"), Pass("A")], ["SFN804"]),
        ([shared, shared], ["SFN804"]),
        ([Choice("C", when(x.a == 1, shared)), Choice("D", when(x.a == 1, shared)), Pass("E")], ["SFN803"]),
        ([Pass("A", output={1, 2})], ["SFN806"]),
    ],
)
def test_what_cannot_be_meant(steps: list[Any], expected: list[str]) -> None:
    """Each mistake has its code, and compiling goes on."""
    assert [c for c in codes(*steps) if c in expected] == expected


def test_all_problems_come_at_once() -> None:
    """Mistakes in several states are all reported, each at its own line."""
    steps = [Pass("A", output=x.a * 2), Pass("B", output=x.b / 2), Wait("C", seconds=x.c % 2)]
    made = compile_workflow(Workflow("w", steps=steps, query_language="JSONPath"))
    assert [d.code for d in made.diagnostics] == ["SFN802"] * 3
    assert all(d.span.file.endswith("test_flow.py") for d in made.diagnostics)
    assert len({d.span.column for d in made.diagnostics}) == 3


def test_nested_states_have_the_machines_query_language() -> None:
    """The query language of a state does not apply to the states inside it, which have that of the machine."""
    inner = Pass("Inner", output={"a": x.a})
    document = compiled(Parallel("Both", [inner], query_language="JSONata"), query_language="JSONPath")
    assert document["Both"]["QueryLanguage"] == "JSONata"
    assert document["Both"]["Branches"][0]["States"]["Inner"]["Parameters"] == {"a.$": "$.a"}


def test_what_contains_itself_is_no_endless_loop() -> None:
    """A list inside itself, and a payload inside itself."""
    path: list[Any] = [Pass("A")]
    path.append(path)
    assert codes(*path) == ["SFN806"]
    payload: dict[str, Any] = {}
    payload["self"] = payload
    assert codes(Pass("A", output=payload)) == ["SFN005"]


@pytest.mark.parametrize(
    "step",
    [
        Pass("P", input_path="$['${a}']", query_language="JSONPath"),
        Pass("P", output={"k.$": "$['${a}']"}, query_language="JSONPath"),
        Pass("P", output={"k": "$['${a}']"}, query_language="JSONPath"),
        Wait("P", seconds="$['${a}']", query_language="JSONPath"),
        Choice("P", when("{% '${a}' = 'b' %}", "Q"), otherwise="Q"),
    ],
)
def test_what_looks_like_a_placeholder_in_a_raw_expression_must_be_declared(step: Any) -> None:
    """Terraform is not asked for a name that nobody declared; a declared one is the placeholder."""
    assert codes(step, Succeed("Q")) == ["SFN821"]
    document = compiled(step, Pass("Q", output={"a": placeholder("a")}))
    assert "${a}" in json.dumps(document["P"])


def test_nesting_ends_where_that_of_a_definition_ends() -> None:
    """What compiles can be read again: both have one limit."""

    def nested(levels: int) -> Pass | Map:
        step: Pass | Map = Pass("Innermost")
        for level in range(levels):
            step = Map(f"M{level}", x.items, step)
        return step

    deepest = compile_workflow(Workflow("w", steps=[nested(MAX_DEPTH - 1)]))
    assert deepest.diagnostics == ()
    assert parse(to_json(deepest.machine))[1] == []
    assert codes(nested(MAX_DEPTH + 1)) == ["SFN005"]
    assert codes(nested(3000)) == ["SFN005"]


@pytest.mark.parametrize("number", [float("nan"), float("inf")])
def test_a_number_that_json_does_not_have(number: float) -> None:
    """Python would write NaN into the definition, which no JSON reader takes."""
    assert codes(Pass("A", output={"n": number})) == ["SFN806"]
