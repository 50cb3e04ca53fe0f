"""The pytest plugin, in a pytest of its own."""

import json
from importlib.metadata import entry_points

import pytest

from generator.engine import execute
from generator.engine.tools.coverage import Coverage
from tests.support.machines import machine

pytest_plugins = ["pytester"]
PLUGIN = "generator.engine.tools.pytest_plugin"

DEFINITION = machine(
    ("Check", {"Type": "Choice", "Choices": [{"Variable": "$.n", "NumericGreaterThan": 1, "Next": "Big"}], "Default": "Small"}),
    ("Big", {"Type": "Pass", "Parameters": {"big.$": "$.n"}, "End": True}),
    ("Small", {"Type": "Succeed"}),
)

TEST = """
def test_big(run_workflow):
    execution = run_workflow("build/orders/definition.asl.json", {"n": 5})
    assert execution.path == ["Check", "Big"]
    assert execution.input_of("Big") == {"n": 5}
    assert execution.output_of("Big") == {"big": 5}

def test_state(run_state):
    assert run_state({"Type": "Pass", "Result": 1, "End": True}).output == 1
"""


@pytest.fixture
def project(pytester):
    """A project with one workflow and a test of it."""
    folder = pytester.path / "build" / "orders"
    folder.mkdir(parents=True)
    (folder / "definition.asl.json").write_text(json.dumps(DEFINITION))
    pytester.makepyfile(TEST)
    return pytester


def run(project, *options):
    """Run pytest in the project, with the plugin whether it is installed or not."""
    installed = any(entry.name == "sfn-generator" for entry in entry_points(group="pytest11"))
    return project.runpytest_inprocess("-p", "no:cacheprovider", *(() if installed else ("-p", PLUGIN)), *options)


def test_fixtures(project):
    """A test is three lines."""
    run(project).assert_outcomes(passed=2)


def test_coverage_report(project):
    """What no test ran is listed."""
    result = run(project, "--workflow-coverage")
    result.stdout.fnmatch_lines(
        [
            "*workflow coverage*",
            "orders: 2 of 3 states, 1 of 2 transitions (60%)",
            "  states not run: Small",
            "  transitions not taken: Check -> Small",
        ]
    )
    assert result.ret == 0


@pytest.mark.parametrize(("least", "code"), [("60", 0), ("61", 1)])
def test_coverage_limit(project, least, code):
    """Too little coverage fails the run."""
    assert run(project, "--workflow-coverage-fail-under", least).ret == code


def test_helpers_say_what_ran():
    """Asking for a state that did not run names those that did."""
    execution = execute(DEFINITION, {"n": 0})
    with pytest.raises(LookupError, match="these did: Check, Small"):
        execution.input_of("Big")


def test_coverage_of_children():
    """Child executions of a Distributed Map count."""
    processor = {**machine(("A", {"Type": "Pass"}), ("B", {"Type": "Pass"})), "ProcessorConfig": {"Mode": "DISTRIBUTED"}}
    coverage = Coverage()
    coverage.add("m", execute(machine(("M", {"Type": "Map", "ItemProcessor": processor})), [1]))
    assert coverage.report()["m"].percent == 100
