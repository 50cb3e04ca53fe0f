"""An emitter: a module in ``generator/emit`` with a function from a compiled workflow to artifacts, and a line in ``EMITTERS``."""

from __future__ import annotations

from collections import Counter
from pathlib import PurePosixPath

import pytest

import generator.emit
from generator.emit import EMITTERS
from generator.lower import compile_workflow
from tests.support.import_graph import ROOT
from tests.support.signatures import functions
from workflows.order_processing import order_processing

COMPILED = compile_workflow(order_processing)
NAMES = [f"{emitter.__module__}.{emitter.__name__}" for emitter in EMITTERS]


def test_every_emitter_is_in_the_tuple() -> None:
    """A function from a compiled workflow to artifacts that the tuple does not name writes nothing."""
    found = {*functions(generator.emit, takes="CompiledWorkflow", returns="Artifact")}
    assert found
    assert {f"{one.__module__}.{one.__name__}" for one in found ^ {*EMITTERS}} == set()


@pytest.mark.parametrize("emitter", EMITTERS, ids=NAMES)
def test_it_writes_files_inside_the_folder_of_its_workflow(emitter) -> None:
    """Paths are relative, contents are bytes, and the same workflow makes the same bytes."""
    artifacts = [*emitter(COMPILED)]
    assert artifacts
    for artifact in artifacts:
        path = PurePosixPath(artifact.path)
        assert not path.is_absolute()
        assert ".." not in path.parts
        assert isinstance(artifact.content, bytes)
    assert [*emitter(COMPILED)] == artifacts


def test_the_emitters_make_the_build() -> None:
    """No two write one file, and together they write what is committed for the workflow."""
    written = [(str(artifact.path), artifact.content) for emitter in EMITTERS for artifact in emitter(COMPILED)]
    assert [path for path, count in Counter(path for path, _ in written).items() if count > 1] == []
    folder = ROOT / "build" / "order-processing"
    assert dict(written) == {file.relative_to(folder).as_posix(): file.read_bytes() for file in folder.rglob("*") if file.is_file()}
