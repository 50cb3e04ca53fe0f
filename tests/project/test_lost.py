"""A workflow that is made and that no name keeps is reported; whatever a name keeps is generated."""

from __future__ import annotations

import pytest

from generator.pipeline import Run, run_pipeline
from tests.support.commands import call

MAKE = """
from dataclasses import dataclass, replace
from generator import Function, Pass, Queue, Succeed, Table, Task, Workflow, prefixed

def make(name, **more):
    return Workflow(name, steps=[Succeed("Done")], **more)
"""


def run(project, text: str, **modules: str):
    """Load one module, with ``make`` in it."""
    return run_pipeline(Run(project(flow=MAKE + text + "\n", **modules), write=False), stages=run_pipeline.__defaults__[0][:2])


@pytest.mark.parametrize(
    "text",
    [
        "kept = [make(n) for n in 'ab']",
        "kept = tuple(make(n) for n in 'ab')",
        "kept = {n: make(n) for n in 'ab'}",
        "kept = {make(n) for n in 'ab'}",
        "kept = frozenset(make(n) for n in 'ab')",
        "kept = [{'x': (make('a'), [make('b')])}]",
        "kept = {'eu': {'dev': make('a')}, 'us': [make('b')]}",
        "from collections import deque\nkept = deque(make(n) for n in 'ab')",
        "from types import *\nkept = MappingProxyType({1: SimpleNamespace(a=make('a'))})\nb = make('b')",
        "from collections import namedtuple\nPair = namedtuple('Pair', 'a b')\nkept = Pair(make('a'), make('b'))",
        "@dataclass\nclass Pair:\n    a: Workflow\n    b: Workflow\nkept = Pair(make('a'), make('b'))",
        "class Kept:\n    one = make('a')\n    two = [make('b')]",
        "from enum import Enum\nclass Kept(Enum):\n    ONE = make('a')\n    TWO = make('b')",
        "def both():\n    return make('a'), make('b')\na, b = both()",
        "for n in 'ab':\n    globals()[f'kept_{n}'] = make(n)",
        "kept = {}\nfor n in 'ab':\n    kept[n] = make(n)",
        "a = b = make('a')\nc = [a, make('b')]",
        "loop = [make('a'), make('b')]\nloop.append(loop)",
    ],
)
def test_what_a_name_keeps_is_generated(project, text: str) -> None:
    """In any container, nested, in objects and classes of the project, from functions."""
    found = run(project, text)
    assert found.diagnostics == []
    assert sorted(workflow.name for _, workflow in found.loaded.workflows) == ["a", "b"]


@pytest.mark.parametrize(
    ("text", "lost"),
    [
        ("for n in 'abc':\n    wf = make(n)", ["a", "b"]),
        ("for n in 'ab':\n    make(n)", ["a", "b"]),
        ("make('a')", ["a"]),
        ("def later():\n    return make('a')\nlater()", ["a"]),
        ("wf = make('a')\nwf = make('b')", ["a"]),
        ("wf = make('a')\ndel wf", ["a"]),
        ("for n in 'ab':\n    f = Function(f'f-{n}')", ["f-a"]),
        ("for n in 'ab':\n    q = Queue(f'q-{n}')", ["q-a"]),
        ("w = Workflow('w', steps=[Task('T', Function('inline').invoke())])", ["inline"]),
        ("for n in 'aa':\n    wf = make('same')", ["same"]),
        ("kept = (make(n) for n in 'ab')", ["kept"]),
        ("kept = map(make, 'ab')", ["kept"]),
    ],
)
def test_what_no_name_keeps_is_reported(project, text: str, lost: list[str]) -> None:
    """Each at its line; the rest is generated."""
    found = run(project, text)
    assert [d.code for d in found.diagnostics] == ["SFN814"] * len(lost)
    assert [name for name, d in zip(lost, found.diagnostics, strict=True) if f"{name!r} is" not in d.message] == []
    assert {d.severity.value for d in found.diagnostics} == {"warning"}
    lines = [d.span.line for d in found.diagnostics]
    assert set(lines) <= {*range(6, 10)}
    assert not found.failed


@pytest.mark.parametrize(
    "text",
    [
        "def of(name):\n    return replace(make('template'), name=name)\nkept = of('a')",
        "kept = replace(replace(make('a'), comment='x'), tracing=False)",
        "first = make('a')\nfirst = replace(first, comment='better')",
        "kept = Workflow('a', steps=prefixed('X', [Pass('P')]))",
        "try:\n    make('Bad Name')\nexcept Exception:\n    pass\nkept = make('a')",
        "f = Function('f', uses=[Table('t').allow('GetItem')], triggers=[Queue('q').trigger()])",
        "probe = make  # no call, no workflow",
        "def test_it():\n    make('only-in-a-test')",
        "make('temporary')  # sfn: ignore[SFN814]",
        "from workflows.library import shared\nkept = make('a')",
    ],
)
def test_what_is_temporary_on_purpose_is_not(project, text: str) -> None:
    """Originals of copies, earlier versions of what is kept, what is named by another resource, what a comment says."""
    if "temporary" in text:
        text = "Workflow('temporary', steps=[Succeed('Done')])  # sfn: ignore[SFN814]\nkept = make('a')"
    library = "from generator import Function\nshared = [Function('one'), Function('two')]\n"
    assert run(project, text, library=library).diagnostics == []


def test_a_library_keeps_what_it_offers(project) -> None:
    """A module outside the source that keeps resources is not the author's to change; what its functions make is."""
    root = project(flow="from shelf import one, make\nmake('lost')\nkept = make('kept')\n")
    (root / "shelf.py").write_text(
        "from generator import Function, Succeed, Workflow\none, two = Function('one'), Function('two')\n"
        "def make(name):\n    return Workflow(name, steps=[Succeed('Done')])\n",
        encoding="utf-8",
    )
    run = run_pipeline(Run(root, write=False))
    lost = [d for d in run.diagnostics if d.code == "SFN814"]
    assert [(d.message.split("'")[1], d.span.file, d.span.line) for d in lost] == [("lost", "shelf.py", 4)]


def test_a_copy_is_written_where_it_is_made(project) -> None:
    """A mistake in a copy is shown at the author's line, not in the standard library."""
    text = "a = make('a')\nb = replace(a, name='a')"
    (problem,) = run(project, text).diagnostics
    assert (problem.code, problem.span.file, problem.span.line) == ("SFN807", "workflows/flow.py", 8)


def test_run_shows_the_warning_and_runs(project) -> None:
    """A lost workflow does not stop the others, and it cannot be run by its name."""
    project(flow=MAKE + "for n in 'ab':\n    wf = make(n)\n")
    result = call("run", "b")
    assert (result.exit_code, "SFN814" in result.stderr) == (0, True)
    assert call("run", "a").exit_code == 2
