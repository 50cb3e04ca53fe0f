"""``[tool.sfn-generator]``: where the workflows are, where what is generated goes, and how its folders are named."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from generator.pipeline import Run, run_pipeline
from generator.publish import MANIFEST
from generator.settings import OutputError, Project, read_project
from tests.support.commands import call

FLOW = """from generator import Succeed, Workflow
from {package}.resources import NAME

made = Workflow(NAME, steps=[Succeed("Done")])
"""


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty project, which is the working folder."""
    folder = tmp_path / "project"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return folder


def settings(root: Path, text: str) -> Project:
    """Write the table, and read it."""
    (root / "pyproject.toml").write_text(f"[project]\nname = 'x'\n\n[tool.sfn-generator]\n{text}", encoding="utf-8")
    return read_project(root)


def write(root: Path, folder: str, package: str) -> None:
    """Write a module that imports another one."""
    (root / folder / "sub").mkdir(parents=True)
    (root / folder / "resources.py").write_text("NAME = 'made-it'\n", encoding="utf-8")
    (root / folder / "sub" / "flow.py").write_text(FLOW.format(package=package), encoding="utf-8")


def generated(root: Path) -> set[str]:
    """Generate, and return the folders of the definitions."""
    run = run_pipeline(Run(root))
    assert run.diagnostics == []
    return {f.parent.relative_to(root).as_posix() for f in root.rglob("definition.asl.json")}


def test_the_defaults(root: Path) -> None:
    """Without a pyproject.toml, without the table, and with an empty one."""
    for text in (None, "[project]\nname = 'x'\n", "[tool.sfn-generator]\n"):
        if text is not None:
            (root / "pyproject.toml").write_text(text, encoding="utf-8")
        project = read_project(root)
        assert (project.source, project.output, project.import_root) == (root / "workflows", root / "build", root)
        assert (project.source_text, project.output_text, project.package) == ("workflows/", "build/", "workflows")


@pytest.mark.parametrize(
    ("source", "inits", "extra", "package"),
    [
        ("flows", [], "", "flows"),
        ("./flows/", [], "", "flows"),
        ("src/acme/workflows", [], "", "acme.workflows"),
        ("src/acme/workflows", ["src/acme", "src/acme/workflows"], "", "acme.workflows"),
        ("python/acme/workflows", ["python/acme"], "", "acme.workflows"),
        ("services/orders/flows", [], "", "services.orders.flows"),
        ("services/orders/flows", [], 'import-root = "services/orders"\n', "flows"),
        ("order-service/flows", [], "", "flows"),
    ],
)
def test_the_source_is_a_package_anywhere(root: Path, source: str, inits: list[str], extra: str, package: str) -> None:
    """Its modules import each other, and artifacts name the file from the project's folder."""
    settings(root, f'source = "{source}"\n{extra}')
    write(root, source, package)
    for folder in inits:
        (root / folder / "__init__.py").touch()
    assert read_project(root).package == package
    assert generated(root) == {"build/sub/made-it"}
    assert str(root) not in sys.path
    file = f"{Path(source).as_posix()}/sub/flow.py"
    assert f"Generated from {file} " in (root / "build/sub/made-it/README.md").read_text(encoding="utf-8")


def test_a_package_of_another_project_has_the_same_name(root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An installed ``acme`` does not hide the source, and a namespace package keeps its other parts."""
    for form in ("__init__.py", "other.py"):
        installed = tmp_path / form
        (installed / "acme").mkdir(parents=True)
        (installed / "acme" / form).write_text("X = 1\n", encoding="utf-8")
    settings(root, 'source = "src/acme/workflows"')
    write(root, "src/acme/workflows", "acme.workflows")
    monkeypatch.syspath_prepend(str(tmp_path / "__init__.py"))
    assert generated(root) == {"build/sub/made-it"}
    for name in [name for name in sys.modules if name.split(".")[0] == "acme"]:
        del sys.modules[name]
    sys.path.remove(str(tmp_path / "__init__.py"))
    monkeypatch.syspath_prepend(str(tmp_path / "other.py"))
    (root / "src/acme/workflows/resources.py").write_text("from acme.other import X\nNAME = f'made-it-{X}'\n", encoding="utf-8")
    assert "build/sub/made-it-1" in generated(root)


@pytest.mark.parametrize(
    ("text", "folder"),
    [
        ('output = "infra/generated"', "infra/generated/sub/made-it"),
        ('output = "workflows/build"', "workflows/build/sub/made-it"),
        ('output = "../elsewhere"', "../elsewhere/sub/made-it"),
        ('workflow-folder = "{name}"', "build/made-it"),
        ('workflow-folder = "{identifier}/sfn"', "build/made_it/sfn"),
        ('workflow-folder = "{package}/{module}/{name}"', "build/sub/flow/made-it"),
        ('workflow-folder = "machines/{name}"\nresources-folder = "all"', "build/machines/made-it"),
    ],
)
def test_folders_can_be_chosen(root: Path, text: str, folder: str) -> None:
    """Every message, the manifest and ``list`` use them; a second run finds nothing to do, and imports nothing that is generated."""
    settings(root, text)
    write(root, "workflows", "workflows")
    first = call("generate")
    assert first.exit_code == 0
    assert (root / folder / "definition.asl.json").is_file()
    project = read_project(root)
    assert f"1 workflow in {project.output_text}: " in first.stderr
    (project.output / "stray.py").write_text("1 / 0\n", encoding="utf-8")
    assert call("generate").stderr == f"1 workflow in {project.output_text}: nothing changed.\n"
    assert call("check").exit_code == 0
    listed = project.output / folder.removeprefix("../elsewhere/") if folder.startswith("..") else root / folder
    assert call("list").stdout.split()[-1] == project.written(listed)
    assert [*json.loads((project.output / MANIFEST).read_bytes())["files"]]


def test_out_on_the_command_line(root: Path, tmp_path: Path) -> None:
    """In place of the setting; relative to the working folder."""
    settings(root, 'output = "nowhere"')
    write(root, "workflows", "workflows")
    out = str(tmp_path / "out")
    assert f"1 workflow in {out}/: " in call("generate", "--out", out).stderr
    assert call("check", "--out", out).exit_code == 0
    assert call("check").exit_code == 1
    assert call("list", "--out", out).stdout.split()[-1] == f"{out}/sub/made-it"
    assert not (root / "nowhere").exists()
    for wrong in (".", "..", "workflows", str(tmp_path)):
        result = call("generate", "--out", wrong)
        assert (result.exit_code, "must not be, or contain" in result.stderr) == (2, True)
    with pytest.raises(OutputError):
        read_project(root, Path())


@pytest.mark.parametrize(
    ("text", "line", "column", "words"),
    [
        ('sorce = "x"', 5, 1, "did you mean 'source'?"),
        ("source = 1", 5, 10, "a number: 1"),
        ("output = true", 5, 10, "a boolean: True"),
        ("output = []", 5, 10, "a list"),
        ('source = ""', 5, 10, "empty text"),
        ('source = "."', 5, 10, "inside the project"),
        ('source = "../x"', 5, 10, "inside the project"),
        ('source = "/tmp"', 5, 10, "inside the project"),
        ('source = "a/my-flows"', 5, 10, "cannot be imported"),
        ('output = "."', 5, 10, "must not be, or contain"),
        ('output = ".."', 5, 10, "must not be, or contain"),
        ('output = "workflows"', 5, 10, "must not be, or contain"),
        ('source = "a/b"\noutput = "a"', 6, 10, "must not be, or contain"),
        ('import-root = "other"', 5, 15, "must contain the source"),
        ('workflow-folder = "{nam}"', 5, 19, "did you mean 'name'?"),
        ('workflow-folder = "{package}"', 5, 19, "cannot share a folder"),
        ('workflow-folder = "../{name}"', 5, 19, "inside the output folder"),
        ('workflow-folder = "/{name}"', 5, 19, "inside the output folder"),
        ('workflow-folder = "{name"', 5, 19, "not a valid template"),
        ('workflow-folder = "{name.x}"', 5, 19, "no field"),
        ('resources-folder = "{name}"', 5, 20, "no field {name}"),
    ],
)
def test_a_wrong_setting_is_shown_at_its_line(root: Path, text: str, line: int, column: int, words: str) -> None:
    """With the value that was found, and what is valid; nothing is imported."""
    write(root, "workflows", "nothing")
    settings(root, text)
    run = run_pipeline(Run(root))
    (problem,) = run.diagnostics
    assert (problem.code, problem.span.file, problem.span.line, problem.span.column) == ("SFN810", "pyproject.toml", line, column)
    assert words in f"{problem.message} {problem.found} {problem.expected} {problem.hint}"
    assert not run.loaded.workflows


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("[tool.sfn-generator\n", 1, "not valid TOML"),
        ("[project]\nx = \n", 2, "not valid TOML"),
        ("[tool]\nsfn-generator = 1\n", 2, "must be a table"),
        ("[[tool.sfn-generator]]\n", 1, "must be a table"),
        ("tool.sfn-generator.sorce = 'x'\n", 1, "no key"),
        ("[tool]\nsfn-generator = {sorce = 'x'}\n", 2, "no key"),
        ("[tool.'sfn-generator']\n# a comment\n\"sorce\" = 'x'\n", 3, "no key"),
    ],
)
def test_other_forms_of_the_file(root: Path, text: str, line: int, words: str) -> None:
    """Broken TOML, and other ways to write the table."""
    (root / "pyproject.toml").write_text(text, encoding="utf-8")
    problem = read_project(root).diagnostics[0]
    assert (problem.span.line, words in problem.message) == (line, True), problem


def test_a_file_that_cannot_be_read(root: Path) -> None:
    """A folder, or bytes that are not UTF-8."""
    (root / "pyproject.toml").mkdir()
    assert "cannot be read" in read_project(root).diagnostics[0].message
    (root / "pyproject.toml").rmdir()
    (root / "pyproject.toml").write_bytes(b"\xff")
    assert "cannot be read" in read_project(root).diagnostics[0].message
    assert call("run", "x").exit_code == 1
