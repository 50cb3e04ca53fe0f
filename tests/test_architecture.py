"""The shape of the code: who may import whom, what loads when, what the package promises."""

from __future__ import annotations

import ast
import importlib
import pkgutil
import subprocess
import sys
from pathlib import Path

import pytest

import generator

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "generator"
STAGES = ("diagnostics", "dsl", "asl", "lower", "catalog", "checks", "emit", "engine", "local", "view")
"""From left to right; a stage imports only what stands left of it."""


def imported(file: Path) -> set[str]:
    """Give the modules of this package that a file imports, also inside functions, but not for annotations alone."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            names |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
        elif isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
    return {name for name in names if name.startswith("generator.")}


@pytest.mark.parametrize("stage", STAGES)
def test_no_stage_imports_from_its_right(stage: str) -> None:
    """The data flows one way."""
    allowed = {*STAGES[: STAGES.index(stage) + 1]}
    for file in sorted((PACKAGE / stage).rglob("*.py")):
        stages = {name.split(".")[1] for name in imported(file)} & {*STAGES}
        assert stages <= allowed, f"{file.relative_to(ROOT)} imports {sorted(stages - allowed)}"


def test_every_folder_is_a_known_stage() -> None:
    """A new folder takes its place in the order."""
    folders = {f.name for f in PACKAGE.iterdir() if f.is_dir() and f.name != "__pycache__"}
    assert folders <= {*STAGES}


def test_the_vocabulary_is_what_it_says() -> None:
    """``__all__`` is sorted, complete, and every name is there and documented."""
    assert sorted(generator.__all__, key=lambda n: (not n.isupper(), not n[0].isupper(), n)) == generator.__all__
    public = {n for n in vars(generator) if n.isidentifier() and not n.startswith("_")}  # pytest adds names that are none
    submodules = {m.name for m in pkgutil.iter_modules(generator.__path__)}
    assert public - submodules == {*generator.__all__} - submodules
    for name in generator.__all__:
        value = getattr(generator, name)
        if callable(value):
            assert value.__doc__, name


HEAVY = (
    "botocore",
    "boto3",
    "jsonschema",
    "rich",
    "pydantic",
    "jinja2",
    "jsonata",
    "jlens",
    "jsonpath",
    "moto",
    "pandas",
)


@pytest.mark.parametrize(
    "module", ["generator", "generator.lower", "generator.checks", "generator.pipeline", "generator.cli", "generator.engine"]
)
def test_heavy_libraries_load_only_where_they_are_used(module: str) -> None:
    """Importing a stage loads none of the libraries that only some commands need."""
    code = f"import sys, {module}; print(' '.join(sorted(m for m in {HEAVY!r} if m in sys.modules)))"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT).stdout.split()
    assert loaded == []


def test_every_public_function_is_documented() -> None:
    """Everything without an underscore has a docstring: modules, classes, functions."""
    missing = []
    for info in pkgutil.walk_packages(generator.__path__, "generator."):
        if info.name.endswith("__main__") or info.name.endswith("pytest_plugin"):
            continue
        module = importlib.import_module(info.name)
        if not module.__doc__:
            missing.append(info.name)
        for name, value in vars(module).items():
            if not name.startswith("_") and getattr(value, "__module__", "") == info.name and callable(value) and not value.__doc__:
                missing.append(f"{info.name}.{name}")
    assert missing == []
