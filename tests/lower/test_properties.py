"""What must hold for any workflow that can be written in the vocabulary."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from generator.asl.parse import parse
from generator.asl.placeholders import plain, shield
from generator.asl.schema import schema_findings
from generator.asl.write import to_json
from generator.checks import check
from generator.diagnostics import Severity
from generator.diagnostics.codes import severity_of
from generator.dsl.workflow import Workflow
from generator.emit import artifacts
from generator.emit.terraform import definition
from generator.lower import compile_workflow
from tests.support.workflows import workflows


@given(workflows())
def test_it_compiles_without_errors(workflow: Workflow) -> None:
    """The vocabulary says nothing that the language has not; the checks agree."""
    compiled = compile_workflow(workflow)
    assert compiled.diagnostics == ()
    assert [f for f in check(compiled.walk) if severity_of(f.code) is Severity.ERROR] == []


@settings(max_examples=30)
@given(workflows())
def test_the_definition_satisfies_the_schema(workflow: Workflow) -> None:
    """The JSON Schema, which shares no code with the compiler, accepts what is emitted."""
    assert schema_findings(json.loads(compile_workflow(workflow).text())) == []


@given(workflows())
def test_parsing_and_writing_are_inverses(workflow: Workflow) -> None:
    """What is emitted parses without a finding to the model it came from."""
    machine = compile_workflow(workflow).machine
    parsed, findings = parse(to_json(machine))
    assert findings == []
    assert parsed == machine
    assert to_json(parsed) == to_json(machine)


@given(workflows())
def test_only_placeholders_open_templates(workflow: Workflow) -> None:
    """In the emitted text each ``${`` opens a known placeholder, nothing opens a directive, and no author's text is lost."""
    compiled = compile_workflow(workflow)
    text = artifacts(compiled, (definition.emit,))[definition.FILE].decode()
    assert "%{" not in text
    opened = {part.partition("}")[0] for part in text.split("${")[1:]}
    assert opened <= set(compiled.placeholders)
    assert json.loads(text) == _without_shield(to_json(compiled.machine))


def _without_shield(value: Any) -> Any:
    if isinstance(value, dict):
        return {_without_shield(k): _without_shield(v) for k, v in value.items()}
    if isinstance(value, list):
        return [_without_shield(v) for v in value]
    return plain(value) if isinstance(value, str) else value


@given(st.text(alphabet="${}%\ufdd0a\ufdd1"))
def test_shielded_text_is_given_back(text: str) -> None:
    """Also text that holds the very character that shields it; and no text opens a placeholder."""
    assert plain(shield(text)) == text
    assert "${" not in shield(text)


@settings(max_examples=20)
@given(workflows())
def test_every_construct_knows_its_line(workflow: Workflow) -> None:
    """Each state, rule, retrier and catcher is found in the file that wrote it."""
    compiled = compile_workflow(workflow)
    for pointer in compiled.sources:
        span = compiled.locate((*pointer, "Whatever"))
        assert span.file.endswith("tests/support/workflows.py")
        assert span.line > 1
