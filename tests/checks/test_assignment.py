"""Variables: assigned before they are read, on every route; and the line of each finding."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generator.asl.parse import parse
from generator.asl.walk import walk
from generator.checks import check
from generator.checks.assignment import variables
from generator.checks.validate import validate_text
from generator.pipeline import Run, check_all, compile_all, load_all, run_pipeline

MODULE = """
from generator import Catch, Fail, Function, Pass, Task, Workflow, errors, fn, states, variables

work = Function("work")
failed = Fail(
    "Failed",
    cause=fn.format("no {}", variables.done),  # SFN302
)
mistakes = Workflow(
    "mistakes",
    steps=[
        Task(
            "Work",
            work.invoke({"x": variables.nowhere}),  # SFN301
            assign={"done": states.input.id},
            catch=Catch(errors.ALL, failed),
        ),
        Pass("Cut", output=fn.call("substr", states.input.text, 1)),  # SFN305
        Pass("Call", output="{% $foo() %}"),  # SFN305
        Pass("Read", output="{% $states.inptu.a %}"),  # SFN208
        Pass("Context", output="{% $states.context.Exec.Id %}"),  # SFN303
        Pass("Result", output=states.result),  # SFN208
    ],
)
"""


def test_authoring_lines(tmp_path: Path) -> None:
    """Each mistake of a workflow in Python is found once, at the call that makes the state."""
    (tmp_path / "workflows").mkdir()
    (tmp_path / "workflows" / "mistakes.py").write_text(MODULE, encoding="utf-8")
    lines = MODULE.split("\n")
    wanted = sorted((line.rpartition("# ")[2], number) for number, line in enumerate(lines, 1) if "# SFN" in line)
    found = run_pipeline(Run(tmp_path), (load_all, compile_all, check_all)).diagnostics
    assert sorted(d.code for d in found) == [code for code, _ in wanted]
    for diagnostic in found:
        covered = range(diagnostic.span.line, (diagnostic.span.end_line or diagnostic.span.line) + 1)
        assert any(code == diagnostic.code and number in covered for code, number in wanted), diagnostic


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("$nowhere", "SFN301"),
        ("$foo()", "SFN305"),
        ("$substr('text', 1)", "SFN305"),
        ("$states.inptu.a", "SFN208"),
        ("$states.context.Exec.Id", "SFN303"),
        ("$states.result", "SFN208"),
    ],
)
def test_lines_of_a_file(text: str, code: str) -> None:
    """The same mistakes in a file have the line of the expression."""
    definition = {
        "QueryLanguage": "JSONata",
        "StartAt": "A",
        "States": {"A": {"Type": "Pass", "Output": {"x": f"{{% {text} %}}"}, "End": True}},
    }
    written = json.dumps(definition, indent=1)
    line = next(number for number, row in enumerate(written.split("\n"), 1) if text in row)
    assert [(d.code, d.span.line) for d in validate_text(written, "a.json")] == [(code, line)]


@pytest.mark.parametrize(
    "text",
    [
        "($x := 1; $x + 1)",
        "$map($states.input, function($v, $i) { $v * $i })",
        "$exists($x) ? $x : 0",
        "$append($x, [1])",
        "$merge([$x, {'a': 1}])",
        "$reduce($states.input, $append)",
        "$states.input ~> $uppercase",
        "'$x' & \"$y\" & /* $z */ 'a'",
        "$states.input[$ > 3 and $contains('a$b', /$x/)]",
        "$count($x)",
        "$states.input.`$x`",
    ],
)
def test_expressions_that_need_no_variable(text: str) -> None:
    """What an expression sets itself, tests, or only writes in a text is not a variable that it needs."""
    definition = {"QueryLanguage": "JSONata", "StartAt": "A", "States": {"A": {"Type": "Pass", "Output": f"{{% {text} %}}", "End": True}}}
    assert validate_text(json.dumps(definition), "a.json") == []


NAMES = [f"S{i}" for i in range(7)]
STATES = st.lists(
    st.tuples(
        st.lists(st.sampled_from(NAMES), min_size=1, max_size=3),  # the rules' targets; the last one is Default
        st.lists(st.sampled_from(["", "x"]), min_size=3, max_size=3),  # what each way out assigns
        st.booleans(),  # whether a rule reads the variable
    ),
    min_size=7,
    max_size=7,
)


@given(STATES)
def test_a_variable_is_missing_exactly_where_a_route_without_it_leads(states: list[tuple[list[str], list[str], bool]]) -> None:
    """The fixpoint agrees with a search for a route on which nothing assigns the variable, and none of the states reads it."""
    document: dict[str, Any] = {}
    for name, (targets, assigns, reads) in zip(NAMES, states, strict=True):
        rules: list[dict[str, Any]] = [
            {
                "Condition": "{% $x = 1 %}" if reads and not i else "{% $states.input.a %}",
                "Next": target,
                **({"Assign": {"x": 1}} if assigns[i] else {}),
            }
            for i, target in enumerate(targets)
        ]
        document[name] = {"Type": "Choice", "Choices": rules, "Default": targets[0], "Assign": {"x": 1} if assigns[2] else {}}
    document["Set"] = {"Type": "Pass", "Assign": {"x": 1}, "End": True}
    machine, _ = parse({"QueryLanguage": "JSONata", "StartAt": NAMES[0], "States": document})
    assert machine is not None
    reached, pending = {NAMES[0]}, [NAMES[0]]
    while pending:
        targets, assigns, reads = states[NAMES.index(pending.pop())]
        ways = [*zip(targets, assigns, strict=False), (targets[0], assigns[2])]
        new = {target for target, assigned in ways if not assigned and not reads} - reached
        reached |= new
        pending += new
    expected = {name for name, (_, _, reads) in zip(NAMES, states, strict=True) if reads and name in reached}
    found = [f for f in variables(walk(machine)) if f.code == "SFN302"]
    assert {f.at[1] for f in found} == expected
    for finding in found:
        route = finding.found.removeprefix("the route ").split(" → ")
        assert route[0].partition(" ")[0] == NAMES[0]
        assert route[-1] == finding.at[1]


def test_ten_thousand_states() -> None:
    """Long rows, many variables and wide choices take linear time, and no recursion."""
    count = 10_000
    states: dict[str, Any] = {
        f"S{i}": {"Type": "Pass", "Assign": {f"v{i % 50}": 1}, "Output": f"{{% $v{i % 50} %}}", "Next": f"S{i + 1}"} for i in range(count)
    }
    rules = [{"Condition": f"{{% $v{i % 50} = {i} %}}", "Next": "End"} for i in range(2000)]
    states[f"S{count}"] = {"Type": "Choice", "Choices": rules, "Default": "End"}
    states["End"] = {"Type": "Succeed"}
    machine, _ = parse({"QueryLanguage": "JSONata", "StartAt": "S0", "States": states})
    assert machine is not None
    found = check(walk(machine))
    assert {f.code for f in found} == {"SFN302"}
    assert len(found) == 50
