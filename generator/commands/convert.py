"""``convert``: a definition with JSONPath in JSONata, with the proof that both do the same."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from textwrap import wrap
from typing import TYPE_CHECKING, Any, Final, TextIO

from generator.asl.definition import Definition, read_definition
from generator.asl.model import JSONATA
from generator.asl.read import STANDARD_INPUT, YAML_SUFFIXES
from generator.asl.walk import STANDARD, WorkflowType
from generator.asl.write import to_json
from generator.checks.validate import problems
from generator.commands.given import InvalidInputError, is_file, not_written, problem, read_input
from generator.commands.report import FAILED, MISUSED, PASSED, count, show
from generator.diagnostics.model import Severity, did_you_mean, failed
from generator.diagnostics.render import visible
from generator.importers.jsonata.inputs import shown
from generator.importers.jsonata.order import in_order_of
from generator.importers.jsonata.proof import INPUTS, converted
from generator.loader import load
from generator.lower import compile_workflow
from generator.settings import read_project

if TYPE_CHECKING:
    from generator.asl.walk import Walk
    from generator.importers.jsonata.machine import Remark
    from generator.importers.jsonata.proof import Proven

_SUFFIXES: Final = (".json", *YAML_SUFFIXES)
_WIDTH: Final = 120
_EXAMPLES: Final = 3


@dataclass(frozen=True, slots=True)
class ConvertOptions:
    """What to convert, and how.

    Attributes:
        target: a file with a definition, ``-`` for standard input, or the name of a workflow of the project.
        root: the project's folder.
        out: the file to write; ``-`` is standard output. By default it is beside the definition.
        overwrite: whether to replace a file.
        inputs: how many inputs to try.
        documents: inputs to try before these: JSON, or files with JSON.
        workflow_type: the type that the definition is deployed as; a workflow has its own.
    """

    target: str
    root: Path = Path()
    out: str | None = None
    overwrite: bool = False
    inputs: int = INPUTS
    documents: tuple[str, ...] = ()
    workflow_type: WorkflowType = STANDARD


@dataclass(frozen=True)
class _Source:
    walk: Walk
    name: str
    schema: Mapping[str, Any] | None
    definition: Definition | None


class _UnknownTargetError(Exception):
    """There is no such workflow and no such file."""


def convert(options: ConvertOptions, *, out: TextIO | None = None, err: TextIO | None = None) -> int:
    """Convert a definition, write it, and report what was converted and what running both versions showed.

    Args:
        options: what to convert, and how.
        out: where the definition goes if it is written to standard output.
        err: where the report goes; standard error by default.

    Returns:
        the exit code: 0 if both versions did the same, 1 if they did not or if the definition has errors, 2 if there is no such target.
    """
    stdout, stderr = out or sys.stdout, err or sys.stderr
    try:
        source = _source(options)
        file = _target(options, source)
        if source.walk.machine.query_language == JSONATA:
            stderr.write(f"{source.name} uses JSONata already.\n")
            return PASSED
        given = tuple(read_input(document, None) for document in options.documents)
        proven = converted(source.walk, inputs=options.inputs, schema=source.schema, documents=given)
        made = in_order_of(to_json(proven.conversion.machine), source.walk.document)
        text = _written(made, source, file)
        stderr.writelines(f"{line}\n" for line in _report(proven, source))
        if not proven.conversion.converted:
            stderr.write("nothing is written\n")
            return FAILED
        if file is None:
            stdout.write(text)
        else:
            _write(file, text)
            stderr.write(f"written to {file}\n")
    except InvalidInputError as error:
        return show(error.diagnostics, texts=error.texts, out=stderr)
    except _UnknownTargetError as error:
        stderr.write(f"error: {error}\n")
        return MISUSED
    return FAILED if proven.proof.differing else PASSED


def _source(options: ConvertOptions) -> _Source:
    target = options.target
    if is_file(target) or target.endswith(_SUFFIXES):
        definition = read_definition(target, options.workflow_type)
        errors = [each for each in problems(definition) if each.severity is Severity.ERROR]
        if errors or definition.walk is None:
            raise InvalidInputError(errors, {definition.document.name: definition.document.text})
        return _Source(definition.walk, definition.document.name, None, definition)
    loaded = load(read_project(options.root.resolve()))
    if failed(loaded.diagnostics):
        raise InvalidInputError(loaded.diagnostics)
    workflows = {workflow.name: workflow for _, workflow in loaded.workflows}
    if target not in workflows:
        hint = did_you_mean(target, workflows) or "the workflows are: " + (", ".join(sorted(workflows)) or "none")
        raise _UnknownTargetError(f"{target!r} is neither a file nor a workflow; {hint}")
    compiled = compile_workflow(workflows[target], loaded.placeholders)
    return _Source(compiled.walk, target, compiled.input_schema, None)


def _target(options: ConvertOptions, source: _Source) -> Path | None:
    """Return the file to write; None for standard output."""
    if options.out == STANDARD_INPUT or (options.out is None and options.target == STANDARD_INPUT):
        return None
    if options.out is not None:
        file = Path(options.out)
    elif source.definition is None:
        file = Path(f"{source.name}.jsonata.asl.json")
    else:
        there = Path(options.target)
        stem, dot, suffixes = there.name.partition(".")
        file = there.with_name(f"{stem}.jsonata{dot}{suffixes}")
    if file.exists() and not options.overwrite:
        hint = "name another one with -o, or replace it with --overwrite"
        raise problem("SFN004", "the file exists already", str(file), hint)
    return file


def _written(made: Any, source: _Source, file: Path | None) -> str:
    name = source.name if file is None else str(file)
    if not name.endswith(YAML_SUFFIXES):
        return json.dumps(made, indent=2, ensure_ascii=False) + "\n"
    import yaml

    return str(yaml.safe_dump(made, sort_keys=False, allow_unicode=True, width=10_000))


def _write(file: Path, text: str) -> None:
    try:
        file.write_text(text, encoding="utf-8", errors="backslashreplace")
    except (OSError, ValueError) as error:
        raise not_written(file, error) from None


# -- the report ----------------------------------------------------------------------------------------------------------


def _report(proven: Proven, source: _Source) -> Iterator[str]:
    conversion = proven.conversion
    number, total = len(conversion.converted), len(conversion.converted) + len(conversion.kept)
    if not conversion.kept:
        yield f"{source.name}: {'its state was' if total == 1 else f'all of its {total} states were'} converted to JSONata."
    elif not number:
        yield f"{source.name}: no state could be converted to JSONata."
    else:
        yield f"{source.name}: {number} of its {total} states were converted to JSONata, the others stay JSONPath:"
    for remark in conversion.kept:
        yield from _remark(remark, source, "stays JSONPath")
    if conversion.notes:
        yield "The results differ for data that was not tried:"
        for remark in conversion.notes:
            yield from _remark(remark, source, "differs for")
    yield from _proof(proven)
    if source.definition is not None and source.name.endswith(YAML_SUFFIXES) and "#" in source.definition.document.text:
        yield "Comments of the YAML file are not in the new one."


def _remark(remark: Remark, source: _Source, what: str) -> Iterator[str]:
    where = ""
    if source.definition is not None:
        span = source.definition.document.locate(remark.at)
        where = f"{span}: "
    yield from _wrapped(f"{where}{remark.state!r} {what}: {remark.text}")


def _wrapped(text: str, indent: str = "  ") -> list[str]:
    following = indent + "  "
    return wrap(visible(text), _WIDTH, initial_indent=indent, subsequent_indent=following, break_on_hyphens=False, break_long_words=False)


def _proof(proven: Proven) -> Iterator[str]:
    proof = proven.proof
    if proof.not_run:
        yield f"Both versions could not be run here: {visible(proof.not_run)}"
        return
    alike = f", on {proof.failed} of them failing because of the data" if proof.failed else ""
    yield f"Both versions ran on {count(proof.inputs, 'input')}: they did the same on {proof.agreed}{alike}."
    if proof.beyond:
        yield (
            f"On {len(proof.beyond)} inputs JSONPath failed because of the data and JSONata did not, or caught it "
            "(a path that leads through an array, a value of the wrong type):"
        )
        yield from _examples(proof.beyond)
    if proof.differing:
        yield f"On {len(proof.differing)} they differ:"
        yield from _examples(proof.differing)
    unreached = sorted({str(at[-1]) for at in proven.conversion.converted} - proof.reached)
    if unreached:
        yield from _wrapped(f"No input reached {', '.join(map(repr, unreached))}.", "")


def _examples(differences: list[Any]) -> Iterator[str]:
    seen: set[str] = set()
    for each in differences:
        if each.state in seen or len(seen) == _EXAMPLES:
            continue
        seen.add(each.state)
        text = f"in {each.state!r} on the input {shown(each.document)}: JSONPath {each.jsonpath}, JSONata {each.jsonata}"
        yield from _wrapped(text)
