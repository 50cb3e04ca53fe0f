"""Every code has an invalid example here, with the expected output beside it, and a page whose examples are tested.

``SFN101.asl.json`` is validated as a Standard workflow, ``SFN120.express.asl.json`` as an Express one, ``SFN801.py`` is a
module of workflows; of ``SFN701.role.asl.json`` the execution role is derived, and ``SFN710.policy.json`` is a policy for
``store.asl.json``. After an intended change, ``UPDATE_GOLDEN=1 pytest tests/invalid`` writes the outputs again; review them.
"""

from __future__ import annotations

import json
import os
import re
import tomllib
from pathlib import Path
from shutil import copy
from typing import TYPE_CHECKING, Any

import pytest
from generator.asl.definition import definition_of, read_definition
from generator.asl.read import read_file, read_text
from generator.asl.schema import schema_findings
from generator.asl.text import file_locator
from generator.checks.validate import problems
from generator.commands.check_policy import compare
from generator.commands.diff import DiffOptions, sides
from generator.commands.given import InvalidInputError
from generator.commands.iam import Place, Settings, derive
from generator.commands.import_asl import ImportOptions, planned
from generator.commands.local import refusal
from generator.commands.replay import ReplayOptions, replayed_history
from generator.commands.run import RunOptions, executed
from generator.diagnostics.codes import CODES, explain
from generator.diagnostics.locate import locate
from generator.diagnostics.model import Diagnostic
from generator.diagnostics.render import to_text
from generator.diff.report import compare as compare_versions
from generator.diff.sides import SideError
from generator.pipeline import STAGES, Run, run_pipeline

if TYPE_CHECKING:
    from collections.abc import Callable

HERE = Path(__file__).parent
EXAMPLES = sorted(p.name for p in HERE.iterdir() if p.suffix in (".json", ".py") and p.name.startswith("SFN"))
FENCE = re.compile(r"^```(\w+) ?(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def diagnostics_of(path: Path, name: str, root: Path) -> list[Diagnostic]:
    """Return the diagnostics of the command for this kind of example; ``root`` is an empty folder."""
    if path.suffix in {".py", ".toml"}:
        module = path.read_text(encoding="utf-8") if path.suffix == ".py" else MODULE
        settings = path.read_text(encoding="utf-8") if path.suffix == ".toml" else ""
        if settings:  # a page shows the settings alone
            source = tomllib.loads(settings)["tool"]["sfn-generator"].get("source", "workflows")
            (root / source).mkdir(parents=True)
            (root / source / "example.py").write_text(module, encoding="utf-8")
            (root / "pyproject.toml").write_text(settings, encoding="utf-8")
            return run_pipeline(Run(root), STAGES).diagnostics
        return generated(root, module)
    if ".role." in name:
        return derive(read_definition(name), Settings())[1]
    if ".policy." in name:
        return compare(read_definition("store.asl.json"), read_file(name), Place())
    if ".schema." in name:  # what the parser reports first: the schema alone
        text = path.read_text(encoding="utf-8")
        return locate(schema_findings(json.loads(text)), file_locator(name, text))
    return problems(read_definition(name, "EXPRESS" if ".express." in name else "STANDARD"))


def too_large(_: Path) -> list[Diagnostic]:
    """Validate a definition of more than 1 MiB."""
    definition = {"Comment": "x" * 2**20, "StartAt": "Done", "States": {"Done": {"Type": "Succeed"}}}
    return problems(definition_of(read_text(json.dumps(definition), "large.asl.json")))


def too_large_to_deploy(root: Path) -> list[Diagnostic]:
    """Generate a workflow of more than 1 MiB."""
    (root / "workflows").mkdir()
    module = 'from generator import Succeed, Workflow\n\nlarge = Workflow("large", comment="x" * 2**20, steps=[Succeed("Done")])\n'
    (root / "workflows" / "example.py").write_text(module, encoding="utf-8")
    return run_pipeline(Run(root), STAGES).diagnostics


MODULE = 'from generator import Succeed, Workflow\n\ndone = Workflow("done", steps=[Succeed("Done")])\n'


def generated(root: Path, module: str = MODULE, settings: str = "") -> list[Diagnostic]:
    """Generate a small project."""
    (root / "workflows").mkdir(exist_ok=True)
    (root / "workflows" / "example.py").write_text(module, encoding="utf-8")
    if settings:
        (root / "pyproject.toml").write_text(settings, encoding="utf-8")
    return run_pipeline(Run(root), STAGES).diagnostics


def drifted(root: Path) -> list[Diagnostic]:
    """Remove a generated file, and check."""
    assert generated(root) == []
    (root / "build" / "done" / "definition.asl.json").unlink()
    return run_pipeline(Run(root, write=False), STAGES).diagnostics


def misspelt_setting(root: Path) -> list[Diagnostic]:
    """Misspell the key of a setting."""
    return generated(root, settings='[project]\nname = "acme"\n\n[tool.sfn-generator]\nsorce = "workflows"\n')


def in_the_way(root: Path) -> list[Diagnostic]:
    """Write a file where one is generated."""
    (root / "build" / "done").mkdir(parents=True)
    (root / "build" / "done" / "main.tf").write_text('provider "aws" {}\n', encoding="utf-8")
    return generated(root)


def edited(root: Path) -> list[Diagnostic]:
    """Edit a generated file, and generate."""
    assert generated(root) == []
    (root / "build" / "done" / "definition.asl.json").write_text("{}\n", encoding="utf-8")
    return generated(root)


def damaged_manifest(root: Path) -> list[Diagnostic]:
    """Let the manifest list a file outside the folder."""
    assert generated(root) == []
    document = {"version": 1, "files": {"../done/iam.tf": "0" * 64}}
    (root / "build" / ".sfn-generator.json").write_text(json.dumps(document, indent=2), encoding="utf-8")
    return generated(root)


def same_path(root: Path) -> list[Diagnostic]:
    """Generate two files with one path."""
    module = MODULE.replace('"done"', '"functions"').replace("Succeed, W", "Function, Succeed, W")
    return generated(root, module + 'tracing = Function("tracing")\n')


def missing_file(_: Path) -> list[Diagnostic]:
    """Validate a file that does not exist."""
    return problems(read_definition("missing.asl.json"))


def run_with(root: Path, **options: Any) -> list[Diagnostic]:
    """Run a workflow that declares its input, with options that are invalid."""
    module = "from dataclasses import dataclass\n\nfrom generator import Succeed, Workflow, placeholder\n\n\n"
    module += "@dataclass\nclass Order:\n    amount: int\n\n\n"
    module += 'done = Workflow("done", input=Order, steps=[Succeed("Done", output=placeholder("job_name"))])\n'
    assert generated(root, module) == []
    with pytest.raises(InvalidInputError) as caught, executed(RunOptions("done", root, **options)):
        pass
    return caught.value.diagnostics


def other_input(root: Path) -> list[Diagnostic]:
    """Run a workflow with an input of another type."""
    return run_with(root, document='{"amount": "12"}')


def other_placeholder(root: Path) -> list[Diagnostic]:
    """Run a workflow with a value for a placeholder that it does not have."""
    return run_with(root, document='{"amount": 12}', values={"job": "nightly"})


def busy_port(_: Path) -> list[Diagnostic]:
    """Start the local stack on a port that another process uses."""
    return [refusal("the local stack cannot use port 8333: Address already in use", "choose another one with --port")]


def imported(definition: str, name: str = "order.asl.json") -> list[Diagnostic]:
    """Import a file."""
    Path(name).write_text(definition, encoding="utf-8")
    return planned(ImportOptions([Path(name)])).diagnostics


def stays_asl(_: Path) -> list[Diagnostic]:
    """Import a retrier with an unknown field."""
    retry = '"Retry": [{"ErrorEquals": ["States.ALL"], "Delay": 3}]'
    return imported(f'{{"StartAt": "A", "States": {{"A": {{"Type": "Task", "Resource": "arn:aws:states:::a:b", {retry}, "End": true}}}}}}')


def not_importable(_: Path) -> list[Diagnostic]:
    """Import a definition whose first state does not exist."""
    return imported('{"StartAt": "B", "States": {"A": {"Type": "Succeed"}}}')


def no_machine(_: Path) -> list[Diagnostic]:
    """Import a file of something else."""
    return imported('{"name": "shop", "dependencies": {}}', "package.json")


def unknown_value(_: Path) -> list[Diagnostic]:
    """Import a template with a value that depends on a condition."""
    state = '{"Type": "Wait", "Seconds": {"Fn::If": ["IsProd", 10, 1]}, "End": true}'
    definition = f'{{"StartAt": "A", "States": {{"A": {state}}}}}'
    return imported(
        f'{{"Resources": {{"Flow": {{"Type": "AWS::Serverless::StateMachine", "Properties": {{"Definition": {definition}}}}}}}}}',
        "template.json",
    )


def import_in_the_way(root: Path) -> list[Diagnostic]:
    """Import a definition whose module exists."""
    (root / "workflows").mkdir()
    (root / "workflows" / "order.py").write_text("# mine\n", encoding="utf-8")
    return imported('{"StartAt": "A", "States": {"A": {"Type": "Succeed"}}}')


def missing_version(root: Path) -> list[Diagnostic]:
    """Compare with a version that is not there."""
    return compared(root, DiffOptions(old="origin/mian", root=root))


def several_workflows(root: Path) -> list[Diagnostic]:
    """Compare a definition with a folder of two workflows of other names."""
    for name in ("charge", "trip"):
        (root / "out" / name).mkdir(parents=True)
        copy(HERE / "store.asl.json", root / "out" / name / "definition.asl.json")
    copy(HERE / "store.asl.json", root / "deployed.asl.json")
    return compared(root, DiffOptions(old="deployed.asl.json", new="out", root=root))


def not_a_history(root: Path) -> list[Diagnostic]:
    """Replay events without the start of the execution."""
    (root / "history.json").write_text('{"events": [{"id": 7, "type": "PassStateExited", "timestamp": 0}]}')
    assert generated(root) == []
    with pytest.raises(InvalidInputError) as caught:
        replayed_history(ReplayOptions("history.json", workflow="done", root=root))
    return caught.value.diagnostics


def compared(root: Path, options: DiffOptions) -> list[Diagnostic]:
    """Return why two versions cannot be compared."""
    assert generated(root) == []
    with pytest.raises(SideError) as caught:
        compare_versions(*sides(options))
    return caught.value.diagnostics


BUILT: dict[str, Callable[[Path], list[Diagnostic]]] = {
    "SFN004": missing_file,
    "SFN007": busy_port,
    "SFN602": too_large,
    "SFN603": too_large_to_deploy,
    "SFN808": drifted,
    "SFN840": other_input,
    "SFN841": other_placeholder,
    "SFN810": misspelt_setting,
    "SFN811": in_the_way,
    "SFN812": edited,
    "SFN813": damaged_manifest,
    "SFN815": same_path,
    "SFN850": stays_asl,
    "SFN851": not_importable,
    "SFN852": no_machine,
    "SFN853": unknown_value,
    "SFN854": import_in_the_way,
    "SFN860": missing_version,
    "SFN861": several_workflows,
    "SFN862": not_a_history,
}
"""Examples that are not a single small file."""


@pytest.mark.parametrize("name", [*EXAMPLES, *BUILT])
def test_invalid_example_has_the_expected_output(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The example has only its own problem, and the output is the expected one."""
    monkeypatch.chdir(HERE if name.endswith(".json") else tmp_path)
    code = name[: len("SFN101")]
    found = BUILT[name](tmp_path) if name in BUILT else diagnostics_of(HERE / name, name, tmp_path)
    assert {d.code for d in found} == {code}
    expected = HERE / f"{code}.txt"
    shown = to_text(found)
    if os.environ.get("UPDATE_GOLDEN"):
        expected.write_text(shown, encoding="utf-8")
    assert shown == expected.read_text(encoding="utf-8")


def test_every_code_has_an_example() -> None:
    """A new code comes with an invalid example and its output."""
    assert {name[: len("SFN101")] for name in (*EXAMPLES, *BUILT)} == set(CODES)
    assert {p.stem for p in HERE.glob("*.txt")} == set(CODES)


@pytest.mark.parametrize("code", CODES)
def test_examples_of_the_page(code: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The wrong examples have the code of the page and no other, the right ones have none."""
    monkeypatch.chdir(tmp_path)
    copy(HERE / "store.asl.json", tmp_path)
    before, after = explain(code).split("\n## Right\n")
    assert "\n## Wrong\n" in before
    for part, expected in ((before, {code}), (after, set())):
        for i, (kind, detail, text) in enumerate(FENCE.findall(part)):
            form = "".join(f".{word}" for word in (detail, "asl" if detail != "policy" else "", "json") if word)
            suffix = {"python": ".py", "toml": ".toml"}.get(kind, form)
            path = tmp_path / f"{code}{'wrong' if expected else 'right'}{i}{suffix}"
            path.write_text(text, encoding="utf-8")
            root = tmp_path / path.stem.partition(".")[0]
            root.mkdir()
            assert {d.code for d in diagnostics_of(path, path.name, root)} == expected
