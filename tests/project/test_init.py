"""``init`` starts a project that runs at once, from a wheel in an environment without this checkout; and it replaces nothing."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import sysconfig
import tomllib
import zipfile
from pathlib import Path

import pytest
import yaml

from generator.commands.init import skeleton
from tests.support.commands import call
from tests.support.import_graph import ROOT

PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def files(folder: Path) -> dict[str, bytes]:
    return {f.relative_to(folder).as_posix(): f.read_bytes() for f in sorted(folder.rglob("*")) if f.is_file()}


# --- what is written ------------------------------------------------------------------------------------------------------


def test_it_writes_a_whole_project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In a folder that is named, or in this one; the name of the project is that of the folder."""
    result = call("init", str(tmp_path / "a" / "My Orders"))
    assert (result.exit_code, result.stdout) == (0, "")
    (tmp_path / "my-orders").mkdir()
    monkeypatch.chdir(tmp_path / "my-orders")
    (tmp_path / "my-orders" / "LICENSE").touch()
    assert call("init").exit_code == 0
    written = files(tmp_path / "a" / "My Orders")
    assert files(tmp_path / "my-orders") == {**written, "LICENSE": b""}
    assert tomllib.loads(written["pyproject.toml"].decode())["project"]["name"] == "my-orders"
    assert not any(b"@PROJECT@" in content for content in written.values())
    assert {".gitignore", ".github/workflows/ci.yml", ".pre-commit-config.yaml", "Makefile", "README.md"} <= written.keys()


def test_it_replaces_nothing(tmp_path: Path) -> None:
    """All conflicts at once: files, links, and a file where a folder is needed."""
    (tmp_path / "README.md").write_text("mine")
    (tmp_path / "workflows").write_text("mine")
    (tmp_path / "Makefile").symlink_to("nowhere")
    (tmp_path / "tests").mkdir()
    before = sorted(tmp_path.rglob("*"))
    result = call("init", str(tmp_path))
    assert result.exit_code == 1
    named = re.findall(r"^  (\S+)$", result.stderr, re.MULTILINE)
    assert named == ["Makefile", "README.md", *(path for path in skeleton("x") if path.startswith("workflows/"))]
    assert sorted(tmp_path.rglob("*")) == before
    assert (tmp_path / "README.md").read_text() == "mine"


def test_a_full_disk_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was made before the error is removed."""
    opened, done = Path.open, []

    def fail(self: Path, mode: str = "r", **options: object) -> object:
        if mode == "x":
            done.append(self)
            if len(done) > 5:
                raise OSError(28, "No space left on device", str(self))
        return opened(self, mode, **options)

    monkeypatch.setattr(Path, "open", fail)
    result = call("init", str(tmp_path / "new"))
    assert (result.exit_code, "No space left" in result.stderr) == (1, True)
    assert [*tmp_path.iterdir()] == []


def test_it_pins_what_this_project_pins() -> None:
    """Actions are those of this repository, and the tools those that the Makefile calls."""
    made = skeleton("x")
    ours = (ROOT / ".github" / "workflows" / "ci.yml").read_text(encoding="utf-8")
    uses = re.findall(r"uses: .*", made[".github/workflows/ci.yml"])
    assert uses
    assert [line for line in uses if line not in ours] == []
    assert yaml.safe_load(made[".github/workflows/ci.yml"])["permissions"] == {"contents": "read"}
    installed = tomllib.loads(made["pyproject.toml"])["dependency-groups"]["dev"]
    called = set(re.findall(r"\$\(BIN\)/([\w-]+)", made["Makefile"])) - {"python"} | {"pytest", "pre-commit"}
    assert called == {re.split(r"\W*\[", name)[0] for name in installed}
    hooks = yaml.safe_load(made[".pre-commit-config.yaml"])["repos"][0]["hooks"]
    assert {hook["entry"].split()[0].removeprefix(".venv/bin/") for hook in hooks} <= called


# --- the wheel --------------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built from a copy of what is committed or would be."""
    folder = tmp_path_factory.mktemp("wheel")
    command = [
        sys.executable,
        "-m",
        "pip",
        "wheel",
        "--quiet",
        "--no-deps",
        "--no-build-isolation",
        "--no-index",
        "-w",
        str(folder),
        str(ROOT),
    ]
    subprocess.run(command, check=True, capture_output=True, text=True)
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="session")
def environment(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An environment with the wheel alone; its dependencies are those of this one, without this checkout."""
    folder = tmp_path_factory.mktemp("environment") / ".venv"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(folder)], check=True)
    install = [sys.executable, "-m", "pip", "--python", str(folder / "bin" / "python"), "install", "--quiet", "--no-deps", "--no-index"]
    subprocess.run([*install, str(wheel)], check=True, capture_output=True)
    (packages,) = folder.glob("lib/python*/site-packages")
    (packages / "dependencies.pth").write_text(sysconfig.get_path("purelib") + "\n")
    return folder


@pytest.fixture
def command(environment: Path, tmp_path: Path):
    """Run a program of the environment in a folder, without anything of this process's environment."""

    def run(program: str, *arguments: str, cwd: Path = tmp_path, fails: bool = False, **variables: str):
        path = f"{environment / 'bin'}{os.pathsep}/usr/bin{os.pathsep}/bin"
        done = subprocess.run(
            [environment / "bin" / program, *arguments],
            cwd=cwd,
            env={"PATH": path, "HOME": str(tmp_path), "PYTHONDONTWRITEBYTECODE": "1", **variables},
            capture_output=True,
            text=True,
            check=False,
        )
        assert (done.returncode != 0) == fails, done.stdout + done.stderr
        return done

    return run


def test_the_wheel_has_the_package_and_nothing_else(wheel: Path) -> None:
    """All modules and all data that git has below the two packages; no tests, no build, no workflows of this repository."""
    with zipfile.ZipFile(wheel) as archive:
        there = {name for name in archive.namelist() if ".dist-info/" not in name}
        metadata = {name.split("/", 1)[1] for name in archive.namelist() if ".dist-info/" in name}
        (entries,) = (archive.read(name).decode() for name in archive.namelist() if name.endswith("entry_points.txt"))
    wanted = {
        file.relative_to(ROOT).as_posix()
        for package in ("generator", "sfn_generator")
        for file in (ROOT / package).rglob("*")
        if file.is_file() and "__pycache__" not in file.parts
    }
    assert there == wanted
    data = {"generator/py.typed", "sfn_generator/py.typed", "generator/catalog/index.bin", "generator/asl/asl.schema.json"}
    assert data <= there
    assert metadata == {"METADATA", "WHEEL", "RECORD", "entry_points.txt", "licenses/LICENSE"}
    assert "sfn-generator = sfn_generator:main" in entries
    assert "sfn-generator = sfn_generator.pytest_entry" in entries


def test_from_the_wheel_to_a_second_workflow(command, tmp_path: Path) -> None:
    """The guide, step by step, each at the first try; what is written pleases every tool."""
    version = PYPROJECT["project"]["version"]
    assert command("sfn-generator", "--version").stdout.startswith(f"sfn-generator {version} (Python 3.")
    command("sfn-generator", "init", "acme")
    root = tmp_path / "acme"
    assert "1 workflow in build/: " in command("sfn-generator", "generate", cwd=root).stderr
    assert '"status": "VALID"' in command("sfn-generator", "run", "process-order", "--input", "order.json", cwd=root).stdout
    assert "2 passed" in command("python", "-m", "pytest", "-q", "-p", "no:cacheprovider", cwd=root).stdout
    (shown,) = re.findall(r"```python\n(.*?)```", (root / "README.md").read_text(encoding="utf-8"), re.DOTALL)
    (root / "workflows" / "remind.py").write_text(shown, encoding="utf-8")
    assert "2 workflows in build/: " in command("sfn-generator", "generate", cwd=root).stderr
    assert "SUCCEEDED after 3 d" in command("sfn-generator", "run", "remind-customer", cwd=root).stderr
    assert command("sfn-generator", "check", cwd=root).stdout == ""
    assert "2 passed" in command("python", "-m", "pytest", "-q", "-p", "no:cacheprovider", cwd=root).stdout
    ruff = shutil.which("ruff", path=str(Path(sys.executable).parent))
    assert ruff
    for arguments in (["check"], ["format", "--check"]):
        subprocess.run([ruff, *arguments, "--no-cache", "."], cwd=root, check=True, capture_output=True)
    assert "Success" in command("python", "-m", "mypy", "--cache-dir", str(tmp_path / "mypy"), cwd=root).stdout
    assert call("validate", str(root / "build" / "process-order" / "definition.asl.json")).exit_code == 0


def test_the_readme_uses_the_module_as_it_is(command, tmp_path: Path) -> None:
    """The Terraform block sets each required variable of the generated module, and no other one."""
    command("sfn-generator", "init", "acme")
    root = tmp_path / "acme"
    command("sfn-generator", "generate", cwd=root)
    declared = (root / "build" / "process-order" / "variables.tf").read_text(encoding="utf-8")
    variables = re.findall(r'^variable "(\w+)" \{\n(.*?)^\}', declared, re.MULTILINE | re.DOTALL)
    required = {name for name, body in variables if not re.search(r"^  default ", body, re.MULTILINE)}
    (block,) = re.findall(r"```hcl\n(.*?)```", (root / "README.md").read_text(encoding="utf-8"), re.DOTALL)
    assert {*re.findall(r"^  (\w+) += ", block, re.MULTILINE)} - {"source"} == required


# --- names that a project may have -----------------------------------------------------------------------------------------

OWN = {
    "generator.py": "def made(): return 1\n",
    "workflows.py": "1 / 0\n",
    "functions.py": "HELPER = 'from functions.py'\n",
    "generator/__init__.py": "def made(): return 1\n",
    "settings.py": "1 / 0\n",
    "conftest.py": "",
}


@pytest.mark.parametrize("form", ["file", "package", "folder"])
def test_names_of_the_project_do_not_break_the_command(command, tmp_path: Path, form: str) -> None:
    """``generator.py`` and others in the root: every command works, however Python is told where the project is."""
    command("sfn-generator", "init", ".")
    for name in ("workflows/__init__.py", "functions/__init__.py"):
        (tmp_path / name).unlink()  # then a file of this name comes first
    for name, text in OWN.items():
        if ("/" in name) == (form == "package") or "generator" not in name:
            (tmp_path / name).parent.mkdir(exist_ok=True)
            (tmp_path / name).write_text(text, encoding="utf-8")
    if form == "folder":
        (tmp_path / "generator.py").unlink()
        (tmp_path / "generator").mkdir()
    flow = tmp_path / "workflows" / "more.py"
    flow.write_text("from functions import HELPER\nfrom workflows.resources import orders\n", encoding="utf-8")
    for variables in ({}, {"PYTHONPATH": str(tmp_path)}):
        command("sfn-generator", "generate", **variables)
        command("sfn-generator", "check", **variables)
        assert '"VALID"' in command("sfn-generator", "run", "process-order", "--input", "order.json", **variables).stdout
    command("python", "-m", "sfn_generator", "check")


@pytest.mark.parametrize(("form", "start"), [("generator.py", ["python", "-m", "pytest"]), ("generator/__init__.py", ["py-test"])])
def test_names_of_the_project_do_not_break_pytest(command, environment: Path, tmp_path: Path, form: str, start: list[str]) -> None:
    """A project that has nothing to do with this library imports its own ``generator``; its tests run as before."""
    if start == ["py-test"]:
        script = environment / "bin" / "py-test"
        script.write_text(f"#!{environment / 'bin' / 'python'}\nimport sys\nfrom pytest import console_main\nsys.exit(console_main())\n")
        script.chmod(0o755)
    (tmp_path / form).parent.mkdir(exist_ok=True)
    (tmp_path / form).write_text(OWN["generator.py"])
    (tmp_path / "conftest.py").write_text("import generator\n")
    (tmp_path / "test_own.py").write_text("from generator import made\n\ndef test_made():\n    assert made() == 1\n")
    quiet = ["-q", "-p", "no:cacheprovider"]
    assert "1 passed" in command(*start, *quiet).stdout
    (tmp_path / "test_ours.py").write_text("def test_run(run_workflow):\n    run_workflow({})\n")
    result = command(*start, *quiet, fails=True)
    assert "1 passed, 1 error" in result.stdout
    assert re.search(rf"{form} hides the library 'generator' of sfn-generator, which workflows import: rename it", result.stdout)
    (tmp_path / "test_ours.py").write_text("from generator import Workflow\n")
    result = command(*start, *quiet, fails=True)
    assert f"{form} hides the library 'generator' of sfn-generator" in result.stdout.split("= sfn-generator =")[1]
    (tmp_path / "test_ours.py").write_text("from another import Workflow\n")
    assert "hides" not in command(*start, *quiet, fails=True).stdout


def test_the_plugin_imports_nothing_until_it_is_used(command, tmp_path: Path) -> None:
    """In a test run without workflows the library is not loaded; ``-p no:sfn-generator`` leaves out the options, too."""
    (tmp_path / "test_it.py").write_text("import sys\n\ndef test_it():\n    assert 'generator' not in sys.modules\n")
    quiet = ["-m", "pytest", "-q", "-p", "no:cacheprovider"]
    assert "1 passed" in command("python", *quiet, "--workflow-coverage").stdout
    assert "unrecognized" in command("python", *quiet, "-p", "no:sfn-generator", "--workflow-coverage", fails=True).stderr
    for twice in ([], ["-p", "generator.engine.tools.pytest_plugin"]):
        (tmp_path / "test_it.py").write_text(
            "def test_it(run_state):\n    assert run_state({'Type': 'Pass', 'End': True}, {}).output == {}\n"
        )
        assert "1 passed" in command("python", *quiet, *twice).stdout


def test_an_import_from_the_projects_own_generator_is_explained(command, tmp_path: Path) -> None:
    """The command always has the library under this name; a workflow that means the other one is told so."""
    command("sfn-generator", "init", ".")
    (tmp_path / "generator.py").write_text(OWN["generator.py"])
    for line in ("from generator import made", "import generator.made"):
        (tmp_path / "workflows" / "mine.py").write_text(line + "\n")
        shown = command("sfn-generator", "generate", fails=True).stdout
        assert "SFN801" in shown
        assert "workflows/mine.py:1:1" in shown
        assert "help: 'generator' is the library here, which hides generator.py of this project: rename that one" in shown
