"""The pytest plugin, in a pytest of its own."""

import ast
import inspect
import json
import os
import subprocess
import sys
from importlib.metadata import entry_points
from pathlib import Path

import pytest

from generator.engine import execute
from generator.engine import test_state as run_one_state
from generator.engine.tools.coverage import Coverage
from tests.support.machines import machine

pytest_plugins = ["pytester"]
PLUGIN = "generator.engine.tools.pytest_plugin"
ENTRY = "sfn_generator.pytest_entry"

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


def test_coverage_limit_says_what_is_missing(project):
    """The reason for the failure is shown, without another option."""
    result = run(project, "--workflow-coverage-fail-under", "90")
    result.stdout.fnmatch_lines(["orders: 60.0% is less than the 90% that --workflow-coverage-fail-under asks for"])


def test_a_workflow_is_listed_by_its_name(project):
    """A Workflow object counts under its name, and so do the workflows that it starts."""
    project.makepyfile(
        test_more="""
        from generator import Succeed, Task, Workflow

        child = Workflow("child", steps=[Succeed("Done")])
        parent = Workflow("parent", steps=[Task("Run", child.run({}))])

        def test_parent(run_workflow):
            run_workflow(parent).raise_for_status()

        def test_waiting(run_workflow):
            from generator.engine import Waits
            execution = run_workflow.start(parent, mocks={"Run": Waits()}).run()
            execution.send_task_success("Run", {"Output": {}})
            run_workflow.count(execution.run())
        """
    )
    result = run(project, "--workflow-coverage")
    result.assert_outcomes(passed=4)
    result.stdout.fnmatch_lines(["child: 1 of 1 states, 0 of 0 transitions (100%)", "*parent: 1 of 1 states*"])


def in_environment(project, *arguments):
    """Run pytest in a process of its own, in an environment where the package is installed."""
    installed = project.path / "installed"
    metadata = installed / "sfn_generator-0.dist-info"
    metadata.mkdir(parents=True, exist_ok=True)
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: sfn-generator\nVersion: 0\n")
    (metadata / "entry_points.txt").write_text(f"[pytest11]\nsfn-generator = {ENTRY}\n")
    path = os.pathsep.join([str(installed), str(Path(__file__).resolve().parents[2]), str(project.path)])
    others = [part for name in ("cacheprovider", "schemathesis", "hypothesispytest", "benchmark") for part in ("-p", f"no:{name}")]
    command = [sys.executable, "-m", "pytest", *others, *arguments]
    settings = {**os.environ, "PYTHONPATH": path}
    return subprocess.run(command, capture_output=True, text=True, cwd=project.path, env=settings, check=False, timeout=120)


@pytest.mark.parametrize("options", [(), ("-p", PLUGIN), ("-p", "no:terminal"), ("-p", "no:xdist")], ids=" ".join)
def test_it_loads_once(project, options):
    """However else pytest is told to load it, or not to load others."""
    done = in_environment(project, *options)
    assert done.returncode == 0, done.stdout + done.stderr


def test_it_can_be_switched_off(project):
    """``-p no:sfn-generator`` takes the options and the fixtures away."""
    done = in_environment(project, "-p", "no:sfn-generator")
    assert "fixture 'run_workflow' not found" in done.stdout


def test_a_conftest_can_name_it(project):
    """``pytest_plugins`` of a project may have it, although pytest has loaded it."""
    project.makeconftest(f"pytest_plugins = ['{PLUGIN}']")
    done = in_environment(project)
    assert done.returncode == 0, done.stdout + done.stderr


def test_another_plugin_with_the_same_option(project):
    """The options of another plugin stay; the fixtures work."""
    project.makepyfile(
        other="def pytest_addoption(parser):\n    parser.addoption('--workflow-coverage', action='store_true')\n",
    )
    done = in_environment(project, "-p", "other")
    assert "2 passed" in done.stdout, done.stdout + done.stderr


def test_without_the_extras(project):
    """boto3 and moto need not be installed."""
    for name in ("boto3", "botocore", "moto"):
        (project.path / name).mkdir()
        (project.path / name / "__init__.py").write_text("raise ImportError('not installed')")
    done = in_environment(project, "--workflow-coverage")
    assert "2 passed" in done.stdout, done.stdout + done.stderr


def test_the_coverage_of_all_workers_is_merged(project):
    """With pytest-xdist each worker runs some of the tests."""
    project.makepyfile(
        test_small="""
        def test_small(run_workflow):
            run_workflow("build/orders/definition.asl.json", {"n": 0})
        """
    )
    done = in_environment(project, "-n", "2", "--dist", "loadfile", "--workflow-coverage", "--workflow-coverage-fail-under", "99")
    assert "orders: 3 of 3 states, 2 of 2 transitions (100%)" in done.stdout, done.stdout + done.stderr
    assert done.returncode == 0


def test_it_costs_nothing_until_it_is_used():
    """Pytest loads the plugin in every run of an environment: it must not import the engine, nor anything else but pytest."""
    code = f"import pytest, sys\nbefore = {{*sys.modules}}\nimport {ENTRY}\nprint(*sorted({{*sys.modules}} - before))"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert {name for name in loaded if name.startswith(("generator", "sfn_generator"))} == {"sfn_generator", ENTRY}


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


@pytest.mark.parametrize(("options", "function"), [("Options", execute), ("StateOptions", run_one_state)])
def test_the_types_of_the_fixtures_are_complete(options, function):
    """A type checker sees every keyword argument that the function behind a fixture has."""
    tree = ast.parse(Path(sys.modules[PLUGIN].__file__).read_text(encoding="utf-8"))
    (found,) = (node for node in ast.walk(tree) if isinstance(node, ast.ClassDef) and node.name == options)
    named = [node.target.id for node in found.body if isinstance(node, ast.AnnAssign)]
    parameters = inspect.signature(function).parameters.values()
    assert named == [each.name for each in parameters if each.kind is each.KEYWORD_ONLY]
