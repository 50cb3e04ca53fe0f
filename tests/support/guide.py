"""The guide as a program: the blocks of a Markdown page, and a project in which they run one after the other.

A block is a fence. What is done with it depends on its language and on its title:

- with the name of a file as its title (```` ```python title="workflows/etl.py" ````) it is written to that file;
- with the name of a generated file (``title="build/etl/definition.asl.json"``) it is an excerpt, and must be in that file; for JSON
  a pointer after the name (``… /States/RunQuery``) selects a part (a statement of a policy by its ``Sid``), and a member ``"…"`` allows
  further members;
- with ``(as it is)`` after the name of a file, the file must have this text;
- ``console`` blocks contain commands (``$ sfn-generator generate``) and what they print, in which a line ``...`` is any text;
- other ``python`` blocks are executed, in one namespace for the whole page;
- with a title that starts with "not run" it is skipped. This is for code of other tools, and for commands that need AWS.

All of it runs in this process.
"""

from __future__ import annotations

import contextlib
import io
import json
import re
import shlex
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from generator import cli

DOCS = Path(__file__).resolve().parents[2] / "docs"
PAGES = sorted(DOCS.rglob("*.md"))
NOT_RUN = "not run"
AS_IT_IS = " (as it is)"
PROJECT_PACKAGES = ("workflows", "functions", "tests")

_FENCE = re.compile(r"^(?P<indent> *)(?P<ticks>```+)(?P<language>[\w+-]*)(?P<rest>[^\n`]*)$")
_TITLE = re.compile(r'\btitle="([^"]*)"')


@dataclass(frozen=True)
class Block:
    """A fence of a page.

    Attributes:
        language: the language, such as ``python``.
        title: the title; empty if there is none.
        text: the content, without the indentation of the fence.
        page: the file of the page.
        line: the line of the content's first line, counted from 1.
    """

    language: str
    title: str
    text: str
    page: Path
    line: int

    @property
    def skipped(self) -> bool:
        """Whether the block says that it is not run."""
        return self.title.startswith(NOT_RUN)

    @property
    def place(self) -> str:
        """The page and the line, for messages."""
        return f"{self.page.name}:{self.line}"


def blocks(page: Path) -> Iterator[Block]:
    """Yield the fences of a page in order."""
    lines = page.read_text(encoding="utf-8").split("\n")
    number = 0
    while number < len(lines):
        opened = _FENCE.match(lines[number])
        number += 1
        if not opened:
            continue
        first = number
        while lines[number].strip() != opened["ticks"]:
            number += 1
        indent = len(opened["indent"])
        text = "".join(line[indent:] + "\n" for line in lines[first:number])
        number += 1
        title = _TITLE.search(opened["rest"])
        yield Block(opened["language"], title[1] if title else "", text, page, first + 1)


class Guide:
    """A project in which the blocks of one page run.

    Args:
        root: an empty folder, which must be the working directory.
        run_pytest: a function that runs pytest in that folder with arguments, and returns the exit code and the output.
    """

    def __init__(self, root: Path, run_pytest: Callable[[list[str]], tuple[int, str]]) -> None:
        """Start with an empty namespace."""
        self.root = root
        self._run_pytest = run_pytest
        self._namespace: dict[str, Any] = {"__name__": "__main__"}
        self._stale = False

    def run(self, block: Block) -> None:
        """Run a block.

        Raises:
            AssertionError: the output of a command, or an excerpt, is not what the page says.
        """
        if block.skipped:
            return
        if block.title.startswith("build/"):
            self._compare(block)
        elif block.title.endswith(AS_IT_IS):
            name = block.title.removesuffix(AS_IT_IS)
            assert (self.root / name).read_text(encoding="utf-8") == block.text, f"{block.place}: {name} has another text"
        elif block.title:
            file = self.root / block.title
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(block.text, encoding="utf-8")
            self._stale = True
        elif block.language == "console":
            for command, expected in _commands(block.text):
                self._console(command, expected, block)
        elif block.language == "python":
            self.forget()
            exec(compile("\n" * (block.line - 1) + block.text, str(block.page), "exec"), self._namespace)  # noqa: S102  the page's code is what is tested
        elif block.language == "json":
            json.loads(block.text)

    def command(self, command: str) -> tuple[int, str]:
        """Run a command, and return its exit code and what it printed."""
        self.forget()
        program, *arguments = shlex.split(command)
        if program == "pytest":
            self.generate()
            return self._run_pytest(arguments)
        if program == "rm":
            for name in arguments:
                (self.root / name).unlink()
            return 0, ""
        if program != cli.PROGRAM:
            raise AssertionError(f"the guide cannot run {command!r}")
        self._stale = self._stale and arguments[:1] != ["generate"]
        with contextlib.redirect_stdout(io.StringIO()) as printed, contextlib.redirect_stderr(printed):
            try:
                code = cli.call(arguments)
            except SystemExit as ended:
                code = int(ended.code or 0)
        return code, printed.getvalue()

    def generate(self) -> None:
        """Generate the build if the page has changed a file since, and does not do so itself at this point."""
        if self._stale and (self.root / "workflows").is_dir():
            code, printed = self.command(f"{cli.PROGRAM} generate")
            assert code == 0, printed

    def _console(self, command: str, expected: str, block: Block) -> None:
        code, printed = self.command(command)
        failed = code and not re.search(r"error|FAILED|^SFN\d+ [^w]", expected, re.MULTILINE)
        if failed or (expected and not matches(printed, expected)):
            raise AssertionError(f"{block.place}: $ {command}\nexit code {code}\n-- printed --\n{printed}\n-- the page --\n{expected}")

    def _compare(self, block: Block) -> None:
        self.generate()
        name, _, pointer = block.title.partition(" ")
        generated = (self.root / name).read_text(encoding="utf-8")
        if name.endswith(".json"):
            value = json.loads(generated)
            for part in pointer.split("/")[1:]:
                value = _member(value, part)
            shown = json.loads(block.text)
            assert contained(shown, value), f"{block.place}: {name} has\n{json.dumps(value, indent=2, ensure_ascii=False)}"
        else:
            assert block.text.strip() in generated, f"{block.place}: {name} is\n{generated}"

    def forget(self) -> None:
        """Forget the project's modules, since the page may have changed them."""
        for name, module in list(sys.modules.items()):
            places = [getattr(module, "__file__", None), *list(getattr(module, "__path__", []))]
            if any(isinstance(place, str) and place.startswith(str(self.root)) for place in places):
                del sys.modules[name]


def _member(value: Any, name: str) -> Any:
    """Return a member of an object, or the item of a list by its position, or by its ``Sid``."""
    if isinstance(value, list):
        return value[int(name)] if name.isdigit() else next(item for item in value if item.get("Sid") == name)
    return value[name]


def _commands(text: str) -> Iterator[tuple[str, str]]:
    """Yield each command of a console block with the output below it. A command goes on after a line that ends with a backslash."""
    for part in re.split(r"^\$ ", text, flags=re.MULTILINE)[1:]:
        command, _, output = part.replace("\\\n", " ").partition("\n")
        yield command, output


def matches(printed: str, expected: str) -> bool:
    r"""Return whether a text is as expected. A line ``...`` is any number of lines; inside a line, ``...`` is any text.

    >>> matches("a\nb\nc\n", "a\n...\n"), matches("a\n", "...\na\n..."), matches("3 passed in 0.1s", "3 passed in ...")
    (True, True, True)
    >>> matches("a\nb\n", "a\n")
    False
    """
    lines = (
        r"(?:.*\n)*?" if line.strip() == "..." else re.escape(line.rstrip()).replace(r"\.\.\.", ".*") + r"[ \t]*\n"
        for line in expected.strip("\n").split("\n")
    )
    return re.fullmatch("".join(lines), printed.strip("\n") + "\n") is not None


def contained(shown: Any, value: Any) -> bool:
    """Return whether an excerpt of JSON is in a value. Only objects with a member ``"…"`` may have further members.

    >>> contained({"a": {"…": "…"}}, {"a": {"b": 1}}), contained({"a": {}}, {"a": {"b": 1}})
    (True, False)
    """
    if isinstance(shown, dict) and isinstance(value, dict):
        names = {name for name in shown if name != "…"}
        return names <= set(value) and ("…" in shown or names == set(value)) and all(contained(shown[n], value[n]) for n in names)
    if isinstance(shown, list) and isinstance(value, list):
        return len(shown) == len(value) and all(map(contained, shown, value))
    return bool(shown == value)
