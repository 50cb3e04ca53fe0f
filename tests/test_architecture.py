"""The shape of the code: which module imports which, where a fact may be written, what loads when, what the package exports.

``python -m tests.test_architecture`` draws the import graph anew into CONTRIBUTING.md.
"""

from __future__ import annotations

import ast
import importlib
import pkgutil
import re
import subprocess
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest

import generator
from generator import vocabulary
from generator.asl.error_names import RESERVED
from generator.diagnostics.codes import CODES
from tests.support.import_graph import (
    PACKAGE,
    ROOT,
    STAGES,
    Import,
    against_the_order,
    cycles,
    imports_of,
    mermaid,
    read_imports,
    stage_graph,
)
from tests.support.source_rules import modules, placeholder_patterns, strings

CONTRIBUTING = ROOT / "CONTRIBUTING.md"
PICTURE = re.compile(r"(?<=<!-- imports: drawn from the code -->\n).*?(?=<!-- /imports -->)", re.DOTALL)
NOT_IMPORTED = ("__main__", "pytest_plugin")
"""Modules that do something when they are imported, or need pytest."""
CODE = re.compile(r"SFN\d{3}")
MODULES = frozenset({"generator", "generator.asl", "generator.asl.walk", "generator.engine", "generator.engine.clock", "generator.publish"})


def draw() -> str:
    """Return CONTRIBUTING.md with the import graph of today's code."""
    return PICTURE.sub(lambda _: mermaid(stage_graph(read_imports())) + "\n", CONTRIBUTING.read_text(encoding="utf-8"), count=1)


# --- the order of imports -------------------------------------------------------------------------------------------


def test_the_stages_are_the_folders_and_modules_that_exist() -> None:
    """A new folder or module takes its place in the order; a stage that is gone leaves it."""
    found = {path.stem for path in (ROOT / PACKAGE).iterdir() if path.suffix == ".py" or (path.is_dir() and any(path.rglob("*.py")))}
    assert found - {"__init__", "__main__"} == {*STAGES} - {PACKAGE}


def test_imports_keep_to_the_order() -> None:
    """A module imports only from its own stage and from those before it, imports inside functions and for types included."""
    assert [str(one) for one in against_the_order(read_imports())] == []


def test_no_module_imports_itself_in_a_circle() -> None:
    """There is no cycle inside a stage either, imports inside functions included; imports for types may point back."""
    assert cycles(read_imports()) == []


ENGINE_LAYERS = (
    "failure",
    "clock",
    "history",
    "frame",
    "fields",
    "calls",
    "states",
    "compile",
    "definitions",
    "account",
    "visits",
    "as_text",
    "summary",
    "execution",
    "starting",
    "tools",
    "public",
    "engine",
)
"""The layers of the engine, from the lowest to the highest; ``engine`` is ``generator/engine/__init__.py``."""


def layer(module: str) -> str:
    """Return the layer of a module of the engine.

    >>> layer("generator.engine.states.task"), layer("generator.engine")
    ('states', 'engine')
    """
    return [*module.split("."), "engine"][2] if module != "generator.engine" else "engine"


def test_the_engine_has_layers() -> None:
    """Each layer of the engine imports only itself and the layers below it; imports for types may point up."""
    inside = [one for one in read_imports() if all(name.startswith("generator.engine") for name in (one.importer, one.imported))]
    assert {layer(one.importer) for one in inside} <= {*ENGINE_LAYERS}
    upwards = [one for one in inside if ENGINE_LAYERS.index(layer(one.imported)) > ENGINE_LAYERS.index(layer(one.importer))]
    assert [str(one) for one in upwards if not one.for_types] == []


def test_the_picture_shows_the_code() -> None:
    """The import graph in CONTRIBUTING.md is drawn from the code; `python -m tests.test_architecture` draws it anew."""
    assert PICTURE.search(CONTRIBUTING.read_text(encoding="utf-8"))
    assert draw() == CONTRIBUTING.read_text(encoding="utf-8")


def test_contributing_says_what_is_so() -> None:
    """It writes the order that the tests hold, and every file that it names exists."""
    text = CONTRIBUTING.read_text(encoding="utf-8")
    (order,) = re.findall(r"^diagnostics → .*?cli\.$", text, re.MULTILINE | re.DOTALL)
    assert re.split(r" →\s", order.removesuffix(".").replace("`generator/__init__.py`", PACKAGE)) == [*STAGES]
    named = {path for path in re.findall(r"`([\w./-]+)`", text) if "/" in path and not path.startswith("build")}
    assert len(named) > 20
    assert sorted(path for path in named if not (ROOT / path).exists()) == []


@pytest.mark.parametrize(
    ("text", "imported"),
    [
        ("from generator.asl.walk import walk", "generator.asl.walk"),
        ("from generator.asl import walk", "generator.asl.walk"),
        ("from generator.asl import anything", "generator.asl"),
        ("from generator import publish", "generator.publish"),
        ("from generator import Task", "generator"),
        ("import generator.asl.walk as w", "generator.asl.walk"),
        ("def f():\n    from generator.asl.walk import walk", "generator.asl.walk"),
        ("class C:\n    def f(self):\n        import generator.publish", "generator.publish"),
        ("from .clock import Clock", "generator.engine.clock"),
        ("from ..asl.walk import walk", "generator.asl.walk"),
        ("from .. import publish", "generator.publish"),
        ("import importlib\nimportlib.import_module('generator.asl.walk')", "generator.asl.walk"),
        ("import_module(f'generator.asl.{name}')", "generator.asl"),
        ("if x:\n    from generator.asl import walk", "generator.asl.walk"),
        ("if TYPE_CHECKING:\n    pass\nelse:\n    from generator.asl import walk", "generator.asl.walk"),
    ],
)
def test_every_form_of_import_counts(text: str, imported: str) -> None:
    """Absolute and relative, at the top and in functions, by statement and by call."""
    assert imports_of("generator.engine.states", text, MODULES) == {Import("generator.engine.states", imported, 1)}


def test_imports_for_types_are_kept_apart() -> None:
    """They may point back inside a stage, but never to a later stage."""
    text = "if typing.TYPE_CHECKING:\n    from generator.engine import clock\n"
    (found,) = imports_of("generator.asl.walk", text, MODULES)
    assert found == Import("generator.asl.walk", "generator.engine.clock", 2, for_types=True)
    assert against_the_order({found}) == [found]
    back = {Import("generator.asl.a", "generator.asl.b", 1), Import("generator.asl.b", "generator.asl.a", 1, for_types=True)}
    assert (against_the_order(back), cycles(back)) == ([], [])


def test_a_cycle_is_found_however_long_it_is() -> None:
    """Every module of it is named."""
    ring = ["generator.asl.a", "generator.asl.b", "generator.asl.c"]
    edges = {Import(one, other, 1) for one, other in zip(ring, [*ring[1:], ring[0]], strict=True)}
    assert cycles(edges | {Import("generator.asl.d", "generator.asl.a", 1)}) == [ring]
    assert cycles(edges - {Import(ring[2], ring[0], 1)}) == []


# --- one place per fact ---------------------------------------------------------------------------------------------


def test_every_code_in_the_source_is_in_the_catalogue() -> None:
    """A code that someone can meet can be explained."""
    files = [
        *(ROOT / name for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md", "Makefile", "pyproject.toml")),
        *(
            file
            for folder in ("generator", "tests", "functions", "workflows", "terraform", "docs", ".github")
            for file in sorted((ROOT / folder).rglob("*"))
            if file.is_file() and file.suffix in {".py", ".md", ".txt", ".j2", ".json", ".tf", ".hcl", ".yml", ".toml", ".html", ".js"}
        ),
    ]
    unknown = {
        f"{file.relative_to(ROOT)}: {code}"
        for file in files
        for code in {*CODE.findall(file.read_text(encoding="utf-8")), *CODE.findall(file.name)} - {*CODES}
    }
    assert unknown == set()


def test_every_code_of_the_catalogue_is_reported_by_some_module() -> None:
    """A code that no module reports is dead."""
    reported = {
        value
        for path, text in modules().items()
        if path != "generator/diagnostics/codes.py"
        for _, value in strings(text)
        if CODE.fullmatch(value)
    }
    assert reported == {*CODES}


def test_messages_name_the_installed_command() -> None:
    """A project has ``sfn-generator``, but perhaps no Makefile, and perhaps a ``generator.py`` of its own."""
    texts = {
        path: "\n".join(value for _, value in strings(text)) for path, text in modules().items() if path != "generator/commands/init.py"
    }
    pages = [*(ROOT / "generator" / "diagnostics" / "pages").glob("*.md"), *(ROOT / "generator" / "emit").rglob("*.j2")]
    texts |= {file.relative_to(ROOT).as_posix(): file.read_text(encoding="utf-8") for file in pages}
    assert [
        path for path, text in texts.items() if re.search(r"\bmake [a-z]+`|\bmake (generate|check|test|run)\b|python -m generator", text)
    ] == []


def test_there_is_one_grammar_of_placeholders() -> None:
    """No regular expression matches ``${`` but those of ``asl/placeholders.py``."""
    assert placeholder_patterns(modules()["generator/asl/placeholders.py"])
    found = [f"{path}:{line}" for path, text in modules().items() for line in placeholder_patterns(text)]
    assert [place for place in found if not place.startswith("generator/asl/placeholders.py:")] == []


def places(words: Callable[[str], bool], allowed: str) -> list[str]:
    """Return where a module writes a string for which ``words`` holds, but for the one module that may."""
    assert any(words(value) for _, value in strings(modules()[allowed])), f"{allowed} has moved"
    return [
        f"{path}:{line}: {value!r}" for path, text in modules().items() if path != allowed for line, value in strings(text) if words(value)
    ]


def test_error_names_have_one_place() -> None:
    """Only ``asl/error_names.py`` writes the name of an error of Step Functions; a misspelt one could never be caught."""
    assert places(lambda value: value in RESERVED, "generator/asl/error_names.py") == []


def test_json_pointers_are_escaped_in_one_place() -> None:
    """Only ``diagnostics/model.py`` writes and reads the ``~1`` of RFC 6901; elsewhere a pointer is a tuple."""
    assert places(lambda value: "~1" in value, "generator/diagnostics/model.py") == []


# --- how tests share helpers ----------------------------------------------------------------------------------------


def odd_imports(file: Path) -> list[str]:
    """Return the imports of a test that are not ``from tests.support.x import y``, and changes of the import path."""
    found = []
    beside = {path.stem for path in file.parent.glob("*.py")}
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        names = [node.module or "."] if isinstance(node, ast.ImportFrom) else []
        names += [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        shared = [name for name in names if name.startswith(("tests", ".")) or name in beside]
        found += [f"imports {name}" for name in shared if not name.startswith("tests.support.")]
        if isinstance(node, ast.Call) and ast.unparse(node.func) in {"sys.path.insert", "sys.path.append"}:
            found.append("changes sys.path")
    return [f"{file.relative_to(ROOT)}: {what}" for what in found]


def test_tests_share_helpers_in_one_way() -> None:
    """Fixtures come from a ``conftest.py``, everything else from ``tests/support``; no test imports another one."""
    files = [file for file in sorted((ROOT / "tests").rglob("*.py")) if file.name.startswith(("test_", "conftest"))]
    assert len(files) > 40
    assert [what for file in files for what in odd_imports(file)] == []


@pytest.mark.parametrize(
    ("text", "odd"),
    [
        ("from tests.support.dofs import Dofs", 0),
        ("from tests.functions.conftest import Aws", 1),
        ("from tests.e2e.test_orders import ORDER", 1),
        ("import neighbour", 1),
        ("from .neighbour import x", 1),
        ("import sys\nsys.path.insert(0, 'x')", 1),
        ("import json\nfrom generator import Task", 0),
    ],
)
def test_odd_imports_are_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str, odd: int) -> None:
    """The rule recognises each form that was in use."""
    monkeypatch.setattr(sys.modules[__name__], "ROOT", tmp_path)
    (tmp_path / "neighbour.py").touch()
    (tmp_path / "test_x.py").write_text(text)
    assert len(odd_imports(tmp_path / "test_x.py")) == odd


# --- what the package exports and loads -----------------------------------------------------------------------------
def test_the_vocabulary_is_what_it_says() -> None:
    """``__all__`` is sorted, complete, and every name is there and documented."""
    assert sorted(generator.__all__, key=lambda n: (not n.isupper(), not n[0].isupper(), n)) == generator.__all__
    public = {n for n in vars(vocabulary) if n.isidentifier() and not n.startswith("_")}  # pytest adds names that are none
    assert public == {*generator.__all__}
    assert {*generator.__all__} <= {*dir(generator)}
    for name in generator.__all__:
        value = getattr(generator, name)
        if callable(value):
            assert value.__doc__, name


def test_heavy_libraries_load_only_where_they_are_used() -> None:
    """No module loads, when it is imported, one of the libraries that only some commands need: ruff's list of them (TID253)."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["ruff"]["lint"]
    heavy = settings["flake8-tidy-imports"]["banned-module-level-imports"]
    names = [info.name for info in pkgutil.walk_packages(generator.__path__, "generator.") if not info.name.endswith(NOT_IMPORTED)]
    assert len(names) > 50
    code = f"import sys\nfor name in {names}:\n    __import__(name)\nprint(' '.join(sorted({{*{heavy}}} & {{*sys.modules}})))"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT).stdout.split()
    assert loaded == []


def test_every_public_function_is_documented() -> None:
    """Everything without an underscore has a docstring: modules, classes, functions."""
    missing = []
    for info in pkgutil.walk_packages(generator.__path__, "generator."):
        if info.name.endswith(NOT_IMPORTED):
            continue
        module = importlib.import_module(info.name)
        if not module.__doc__:
            missing.append(info.name)
        for name, value in vars(module).items():
            if not name.startswith("_") and getattr(value, "__module__", "") == info.name and callable(value) and not value.__doc__:
                missing.append(f"{info.name}.{name}")
    assert missing == []


if __name__ == "__main__":
    CONTRIBUTING.write_text(draw(), encoding="utf-8")
