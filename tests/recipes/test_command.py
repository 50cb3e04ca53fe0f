"""A command: a module in ``generator/commands``, its options in ``generator/cli.py``, a row in the README, a test.

``tests/test_readme.py`` holds that the README has a row for each command.
"""

from __future__ import annotations

import ast
import pkgutil

import generator.commands
import pytest
from typer.main import get_command

from generator.cli import app
from tests.support.import_graph import ROOT, read_imports

COMMANDS = sorted(get_command(app).list_commands(None))  # type: ignore[attr-defined]
PREFIX = "generator.commands."


def module_of(command: str) -> str:
    """Return the name of a command's module.

    >>> module_of("check-policy")
    'check_policy'
    """
    return command.replace("-", "_")


def test_each_command_has_a_module_and_each_module_a_command() -> None:
    """A module that is not a command is shared by commands."""
    there = {info.name for info in pkgutil.iter_modules(generator.commands.__path__)}
    shared = {one.imported.removeprefix(PREFIX) for one in read_imports() if one.importer.startswith(PREFIX)}
    assert {module_of(command) for command in COMMANDS} - there == set()
    assert there - {module_of(command) for command in COMMANDS} - shared == set()


@pytest.mark.parametrize("command", COMMANDS)
def test_each_command_is_tested(command: str) -> None:
    """Some test calls it by its name, as a person does."""
    called = {
        argument.value
        for file in sorted((ROOT / "tests").rglob("test_*.py"))
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and ast.unparse(node.func).endswith(("call", "invoke", "run", "command"))
        for argument in [*node.args, *(part for given in node.args if isinstance(given, ast.List) for part in given.elts)]
        if isinstance(argument, ast.Constant)
    }
    assert command in called


@pytest.mark.parametrize("command", COMMANDS)
def test_each_command_and_each_option_has_a_help_text(command: str) -> None:
    """``--help`` explains everything that it lists."""
    found = get_command(app).get_command(None, command)  # type: ignore[attr-defined,arg-type]
    assert found.help
    assert [parameter.name for parameter in found.params if parameter.param_type_name == "option" and not parameter.help] == []
