"""Type checkers find nothing in a user's file, and do find mistakes: mypy --strict always, pyright --strict where it is installed.

pyright is not in the locked dependencies, since it brings Node: ``pip install basedpyright`` beside the others (it has pyright in
its wheel, and needs no network when it runs) makes these tests run.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from shutil import copy, which

import pytest

from generator.catalog import typed
from tests.support.import_graph import ROOT

FOLDER = Path(__file__).parent / "typing"
PYRIGHT = which("basedpyright", path=f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}")


def wrong_lines() -> list[int]:
    """Return the lines with a mistake."""
    return [n for n, line in enumerate((FOLDER / "invalid.py").read_text("utf-8").splitlines(), 1) if line.endswith("# wrong")]


def mypy(file: Path, folder: Path) -> tuple[int, str]:
    """Run mypy --strict on a file, as a user does whose project has no configuration."""
    copy(file, folder / "sample.py")
    options = ["--strict", "--config-file=", f"--cache-dir={ROOT / '.mypy_cache' / 'strict'}", "--no-error-summary"]
    environment = {**os.environ, "MYPYPATH": str(ROOT)}
    ran = subprocess.run(
        [sys.executable, "-m", "mypy", *options, "sample.py"], capture_output=True, text=True, check=False, cwd=folder, env=environment
    )
    return ran.returncode, ran.stdout


def test_mypy_finds_nothing(tmp_path: Path) -> None:
    """Neither in the user's file nor in the library, whose types are complete."""
    assert mypy(FOLDER / "valid.py", tmp_path) == (0, "")


def test_mypy_finds_each_mistake(tmp_path: Path) -> None:
    """A misspelt name, a missing or unknown parameter, a value that an enumeration lacks."""
    _, told = mypy(FOLDER / "invalid.py", tmp_path)
    assert sorted({int(line) for line in re.findall(r"^sample\.py:(\d+): error", told, re.MULTILINE)}) == wrong_lines()


@pytest.mark.skipif(PYRIGHT is None, reason="basedpyright is not installed")
def test_pyright_agrees(tmp_path: Path) -> None:
    """In its strict mode: nothing in the valid file and in this project's workflows, and each mistake of the other."""
    settings = {"typeCheckingMode": "strict", "extraPaths": [str(ROOT)], "pythonVersion": "3.11"}
    (tmp_path / "pyrightconfig.json").write_text(json.dumps(settings), encoding="utf-8")
    for name in ("valid.py", "invalid.py"):
        copy(FOLDER / name, tmp_path)
    for file in (ROOT / "workflows").rglob("*.py"):
        target = tmp_path / file.relative_to(ROOT)
        target.parent.mkdir(parents=True, exist_ok=True)
        copy(file, target)
    command = [str(PYRIGHT), "--outputjson", "--pythonpath", sys.executable, "-p", str(tmp_path)]
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    found = [d for d in json.loads(ran.stdout)["generalDiagnostics"] if d["severity"] == "error"]
    assert [d for d in found if Path(d["file"]).name != "invalid.py"] == []
    assert sorted({d["range"]["start"]["line"] + 1 for d in found}) == wrong_lines()


def test_type_checkers_know_every_service_of_aws() -> None:
    """Each module of typed functions is imported for them."""
    text = (ROOT / "generator" / "dsl" / "aws" / "__init__.py").read_text("utf-8")
    assert re.findall(r"import (\w+) as \1$", text, re.MULTILINE) == sorted(typed.SERVICES)
