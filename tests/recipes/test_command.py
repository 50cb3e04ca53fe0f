"""A command: a module in ``generator/commands``, its options in ``generator/cli.py``, a row in the README, a test.

``tests/test_readme.py`` holds that the README has a row for each command.
"""

from __future__ import annotations

import ast
import inspect
import pkgutil
import re

import pytest

import generator.commands
from generator.cli import commands_of, parser
from tests.support.import_graph import ROOT, read_imports

COMMANDS = commands_of(parser())
PREFIX = "generator.commands."


def modules_of(command: str) -> set[str]:
    """Return the modules of ``generator/commands`` that a command loads.

    >>> modules_of("explain")
    {'explain'}
    """
    return {*re.findall(r"""_module\("(\w+)"\)""", inspect.getsource(COMMANDS[command].get_default("run")))}


def test_each_module_is_loaded_by_a_command() -> None:
    """A module that no command loads is shared by modules of commands."""
    there = {info.name for info in pkgutil.iter_modules(generator.commands.__path__)}
    shared = {one.imported.removeprefix(PREFIX) for one in read_imports() if one.importer.startswith(PREFIX)}
    loaded = {module for command in COMMANDS for module in modules_of(command)}
    assert loaded <= there
    assert there - loaded - shared == set()


@pytest.mark.parametrize("command", COMMANDS)
def test_each_command_has_a_module(command: str) -> None:
    """``cli.py`` declares options and nothing else."""
    assert modules_of(command)


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
    found = COMMANDS[command]
    assert found.description
    assert [action.dest for action in found._actions if not action.help] == []
