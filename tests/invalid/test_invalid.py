"""Every code has an invalid example here, with the expected output beside it, and a page whose examples are tested.

``SFN101.asl.json`` is validated as a Standard workflow, ``SFN120.express.asl.json`` as an Express one, ``SFN801.py`` is a
module of workflows; of ``SFN701.role.asl.json`` the execution role is derived, and ``SFN710.policy.json`` is a policy for
``store.asl.json``. After an intended change, ``UPDATE_GOLDEN=1 pytest tests/invalid`` writes the outputs again; review them.
"""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from shutil import copy
from typing import TYPE_CHECKING

import pytest
from generator.asl.definition import definition_of, read_definition
from generator.asl.read import read_file, read_text
from generator.asl.schema import schema_findings
from generator.asl.text import file_locator
from generator.checks.validate import problems
from generator.commands.check_policy import compare
from generator.commands.iam import Place, Settings, derive
from generator.diagnostics.codes import CODES, explain
from generator.diagnostics.locate import locate
from generator.diagnostics.model import Diagnostic
from generator.diagnostics.render import to_text
from generator.pipeline import STAGES, Run, check_all, compile_all, load_all, run_pipeline

if TYPE_CHECKING:
    from collections.abc import Callable

HERE = Path(__file__).parent
EXAMPLES = sorted(p.name for p in HERE.iterdir() if p.suffix in (".json", ".py") and p.name.startswith("SFN"))
FENCE = re.compile(r"^```(\w+) ?(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def diagnostics_of(path: Path, name: str, root: Path) -> list[Diagnostic]:
    """Return the diagnostics of the command for this kind of example; ``root`` is an empty folder."""
    if path.suffix == ".py":
        (root / "workflows").mkdir()
        (root / "workflows" / "example.py").write_bytes(path.read_bytes())
        return run_pipeline(Run(root, write=False), (load_all, compile_all, check_all)).diagnostics
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


def drifted(root: Path) -> list[Diagnostic]:
    """Edit a generated file, and check."""
    (root / "workflows").mkdir()
    module = 'from generator import Succeed, Workflow\n\ndone = Workflow("done", steps=[Succeed("Done")])\n'
    (root / "workflows" / "example.py").write_text(module, encoding="utf-8")
    assert run_pipeline(Run(root), STAGES).diagnostics == []
    (root / "build" / "done" / "definition.asl.json").write_text("{}", encoding="utf-8")
    return run_pipeline(Run(root, write=False), STAGES).diagnostics


def missing_file(_: Path) -> list[Diagnostic]:
    """Validate a file that does not exist."""
    return problems(read_definition("missing.asl.json"))


BUILT: dict[str, Callable[[Path], list[Diagnostic]]] = {
    "SFN004": missing_file,
    "SFN602": too_large,
    "SFN603": too_large_to_deploy,
    "SFN808": drifted,
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
            path = tmp_path / f"{code}{'wrong' if expected else 'right'}{i}{'.py' if kind == 'python' else form}"
            path.write_text(text, encoding="utf-8")
            root = tmp_path / path.stem.partition(".")[0]
            root.mkdir()
            assert {d.code for d in diagnostics_of(path, path.name, root)} == expected
