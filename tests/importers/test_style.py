"""Imported Python is what a person would commit: formatted as ruff formats it, without findings of ruff, with types for mypy."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from generator.importers.code import text_literal
from generator.importers.python import Options, to_python
from tests.support.guide import DOCS, blocks
from tests.support.import_graph import ROOT
from tests.support.random_definitions import sample

WIDTHS = (79, 88, 120)
ODD = {
    "StartAt": "A",
    "States": {
        "A": {
            "Type": "Choice",
            "Choices": [
                {
                    "And": [{"Variable": f"$.field_{number}.of.an.order", "IsPresent": True} for number in range(8)],
                    "Next": "B",
                },
                {
                    "Or": [
                        {"Not": {"Variable": "$.a['b c']", "StringEquals": "x" * 90}},
                        {"And": [{"Variable": "$.price", "NumericGreaterThanPath": "$.limit"}, {"Variable": "$.n", "NumericLessThan": -3}]},
                    ],
                    "Next": "C",
                },
            ],
            "Default": "D",
        },
        "B": {
            "Type": "Pass",
            "Parameters": {
                "text": 'A sentence with "quotes", it\'s long, and it goes on until no line can hold it.\nA second line, too.',
                "word": "https://example.com/" + "a" * 200,
                "deep": {"list": [[1, [2, {"three": [3.5, None, True]}]]], "path.$": "$" + ".a_rather_long_name" * 6},
                "raw.$": "States.Format('{} and {}',$.first, $.second, 'with a text that makes this call longer than a line')",
            },
            "Next": "C",
        },
        "C": {"Type": "Fail", "Error": "E", "Cause": "It failed " * 20},
        "D": {"Type": "Succeed", "Comment": "c" * 150},
    },
}
ONE = {"StartAt": "A", "States": {"A": {"Type": "Succeed"}}}


def examples() -> list[dict[str, object]]:
    """Return definitions of every kind: those of the guide, random ones, and one that is all corners."""
    guide = [json.loads(block.text) for block in blocks(DOCS / "imported.md") if block.title.endswith(".asl.json")]
    return [ONE, ODD, *guide, *sample(25, 13)]


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Import the examples for each length of lines, and write them as a project."""
    root = tmp_path_factory.mktemp("imported")
    for width in WIDTHS:
        folder = root / f"w{width}" / "workflows"
        folder.mkdir(parents=True)
        (folder / "__init__.py").write_text('"""The workflows."""\n', encoding="utf-8")
        (folder.parent / "pyproject.toml").write_text(f"[tool.ruff]\nline-length = {width}\n", encoding="utf-8")
        for number, definition in enumerate(examples()):
            options = Options(f"example-{number}", width=width, resources_module=f"workflows.resources_{number}")
            imported = to_python(definition, options)
            (folder / f"example_{number}.py").write_text(imported.source, encoding="utf-8")
            if imported.resources:
                (folder / f"resources_{number}.py").write_text(imported.resources, encoding="utf-8")
    return root


def run(*arguments: str, cwd: Path) -> tuple[int, str]:
    """Run a tool."""
    environment = {**os.environ, "MYPYPATH": str(ROOT)}
    done = subprocess.run([sys.executable, "-m", *arguments], cwd=cwd, capture_output=True, text=True, check=False, env=environment)
    return done.returncode, done.stdout + done.stderr


def test_ruff_changes_nothing(written: Path) -> None:
    """For each length of lines."""
    code, told = run("ruff", "format", "--diff", "--no-cache", ".", cwd=written)
    assert code == 0, told[:4000]


def test_ruff_finds_nothing(written: Path) -> None:
    """With its own choice of rules; the names in definitions may be longer than a line."""
    assert run("ruff", "check", "--no-cache", "--quiet", "--ignore", "E501", ".", cwd=written) == (0, "")


def test_mypy_finds_nothing(written: Path) -> None:
    """In its strict mode."""
    options = ["--strict", "--config-file=", f"--cache-dir={ROOT / '.mypy_cache' / 'strict'}", "--no-error-summary"]
    assert run("mypy", *options, "workflows", cwd=written / "w88") == (0, "")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "plain",
        "it's",
        'say "hi"',
        "both ' and \"",
        "\\",
        "\\'",
        "line\nbreak\r\t\0",
        "\u202e\u2066",
        "größer 中 😀",
        "\ud800",
        "\ufeff\u00a0",
    ],
)
def test_a_literal_is_its_text(text: str) -> None:
    """Whatever the text is, Python reads it back, and nothing in it is invisible."""
    literal = text_literal(text)
    assert eval(literal) == text  # noqa: S307  a literal that we have made
    assert literal.isprintable()


def test_every_type_of_state_is_an_example(written: Path) -> None:
    """What holds for the examples holds for all types."""
    source = "".join(file.read_text(encoding="utf-8") for file in (written / "w88" / "workflows").glob("*.py"))
    assert {
        name
        for name in ("Task", "Pass", "Choice", "Wait", "Succeed", "Fail", "Parallel", "Map", "DistributedMap")
        if f"{name}(" not in source
    } == set()
