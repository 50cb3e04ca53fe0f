"""``make modules``: write the README of each module in ``terraform/modules`` from its own files.

The text is the comment at the top of ``main.tf``, the example is what the module's own tests call it with, and the tables are its
variables and outputs, written as the generator writes those of a workflow's module.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import hcl2

from generator.emit.docs import variable_table
from generator.emit.markdown import code, table, text
from generator.emit.terraform.variables import Variable
from tests.support.terraform.offline import PROJECT

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

MODULES = sorted(path.parent for path in (PROJECT / "terraform" / "modules").glob("*/variables.tf"))
_COMMENT = re.compile(r"\A(?:#.*\n)+")
_EXAMPLE = re.compile(r"^variables \{\n(.*?)^\}\n", re.MULTILINE | re.DOTALL)


def readme(module: Path) -> str:
    """Return the README of a module.

    Raises:
        ValueError: the module's main.tf has no comment at its top, or its test has no ``variables`` for all runs.
    """
    main, blocks = (module / "main.tf").read_text(), _blocks(module)
    comment, example = _COMMENT.match(main), _EXAMPLE.search((module / "tests" / f"{module.name}.tftest.hcl").read_text())
    if comment is None or example is None:
        msg = f"{module.name}: a comment at the top of main.tf, and variables for all runs in its test, are in its README"
        raise ValueError(msg)
    needed = sorted({call["source"].strip('"') for _, call in blocks("module") if call["source"].startswith('".')})
    makes = sorted({kind.strip('"') for kind, _ in blocks("resource")})
    outputs = [(code(name.strip('"')), text(output["description"].strip('"'))) for name, output in blocks("output")]
    parts = [
        "<!-- Written from the .tf files by `make modules`: change it there. -->",
        f"# {module.name}",
        text(" ".join(line.lstrip("# ") for line in comment[0].splitlines())),
        f"It makes {', '.join(map(code, makes))}." if makes else "It makes no resource.",
        f"It needs {', '.join(map(code, needed))} beside it." if needed else "It can be used alone, without the rest of this project.",
        "## Example",
        f'```hcl\nmodule "{module.name}" {{\n  source = "./modules/{module.name}"\n\n{example[1]}}}\n```',
        "## Inputs",
        variable_table([_variable(name.strip('"'), block) for name, block in blocks("variable")]),
        "## Outputs",
        table(["Output", "What it is"], outputs),
    ]
    return "\n\n".join(parts) + "\n"


def _blocks(module: Path) -> Any:
    """Return a function that yields the blocks of a kind, each with its first label."""
    files = [hcl2.loads(path.read_text()) for path in sorted(module.glob("*.tf"))]

    def blocks(kind: str) -> Iterator[tuple[str, Any]]:
        for file in files:
            for block in file.get(kind, []):
                yield from block.items()

    return blocks


def _variable(name: str, block: dict[str, Any]) -> Variable:
    default = _hcl(block["default"]) if "default" in block else ""
    return Variable(name, block["description"].strip('"'), _hcl(block["type"]), default)


def _hcl(value: Any) -> str:
    """Write what python-hcl2 has read: a string has its quotes, and an expression is in ``${}``.

    >>> _hcl({"a": '"x"', "b": [1, True]}), _hcl("${list(string)}"), _hcl(None)
    ('{ a = "x", b = [1, true] }', 'list(string)', 'null')
    """
    match value:
        case None:
            return "null"
        case bool():
            return str(value).lower()
        case str():
            return re.sub(r"^\$\{(.*)\}$", r"\1", value)
        case list():
            return f"[{', '.join(map(_hcl, value))}]"
        case dict():
            return f"{{ {', '.join(f'{key} = {_hcl(each)}' for key, each in value.items())} }}" if value else "{}"
        case _:
            return str(value)


def main() -> None:
    """Write them all."""
    for module in MODULES:
        (module / "README.md").write_text(readme(module))


if __name__ == "__main__":
    main()
