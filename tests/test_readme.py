"""The README says what is true."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from generator.asl.write import to_json
from generator.lower import compile_workflow
from workflows.order_processing import order_processing

ROOT = Path(__file__).resolve().parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_the_example_is_the_workflow() -> None:
    """The code shown compiles to the states that are deployed."""
    block = re.search(r"```python\n(.*?)```", README, re.DOTALL)
    assert block
    shown: dict[str, Any] = {}
    exec(compile(block[1], "README.md", "exec"), shown)  # noqa: S102  our own README
    assert (
        to_json(compile_workflow(shown["order_processing"]).machine)["States"]
        == to_json(compile_workflow(order_processing).machine)["States"]
    )


def test_every_link_leads_somewhere() -> None:
    """Files and folders the README links to are there."""
    for target in re.findall(r"\]\((?!http)([^)#]+)\)", README):
        assert (ROOT / target).exists(), target


def test_every_make_target_it_names_is_there() -> None:
    """``make x`` in the README is a target of the Makefile."""
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    assert set(re.findall(r"\bmake ([a-z-]+)\b", README)) - {"their"} <= targets
