"""From a definition to Python: the entrance of the importers.

:func:`to_python` writes the module of a workflow and the declarations of its resources. It reads what it has written, compiles it, and
compares the result with the definition, so what it returns is exact. A field that the vocabulary cannot express in another way
stays ASL, in ``raw=``, and is reported.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from generator.asl.placeholders import STRING_OR_PLACEHOLDER, placeholder_name
from generator.asl.text import MAX_DEPTH, describe
from generator.diagnostics.model import Finding, Pointer
from generator.importers.code import words_of
from generator.importers.module import Writer
from generator.importers.options import CannotImportError, Imported, Options
from generator.importers.proof import Difference, compare

__all__ = ["CannotImportError", "Imported", "Options", "bare_placeholders", "to_python", "workflow_name"]


def workflow_name(text: str) -> str:
    """Return a name of a workflow, as deployment accepts it.

    >>> workflow_name("OrderProcessing StateMachine"), workflow_name("2 steps")
    ('order-processing-state-machine', 'workflow-2-steps')
    """
    made = "-".join(words_of(text))[:60].strip("-")
    return made if made[:1].isalpha() and made.isascii() else f"workflow-{made}".strip("-") if made.isascii() else "workflow"


def bare_placeholders(text: str) -> frozenset[str]:
    """Return the placeholders that JSON text has in place of values, without quotation marks.

    >>> sorted(bare_placeholders('{"Seconds": ${pause}, "Comment": "${other}"}'))
    ['pause']
    """
    if "${" not in text:
        return frozenset()
    return frozenset(placeholder_name(found[1]) for found in STRING_OR_PLACEHOLDER.finditer(text) if found[1] is not None)


def to_python(definition: Mapping[str, Any], options: Options) -> Imported:
    """Write a definition as Python, and prove that it is compiled to the same definition.

    Args:
        definition: the definition as JSON. Its placeholders are texts such as ``${name}``.
        options: what the import can be told.

    Raises:
        CannotImportError: the definition cannot be expressed.

    >>> definition = {"StartAt": "Done", "States": {"Done": {"Type": "Succeed"}}}
    >>> print(to_python(definition, Options("nothing-to-do")).source)
    \"\"\"The workflow nothing-to-do.\"\"\"
    <BLANKLINE>
    from generator import Succeed, Workflow
    <BLANKLINE>
    nothing_to_do = Workflow(
        "nothing-to-do", query_language="JSONPath", steps=[Succeed("Done")]
    )
    <BLANKLINE>
    """
    problem = _shape_problem(definition)
    if problem is not None:
        raise CannotImportError([problem])
    try:
        return _proven(definition, options)
    except RecursionError:
        deep = Finding("SFN005", (), "the definition is nested too deeply to be imported", expected=f"at most {MAX_DEPTH} levels")
        raise CannotImportError([deep]) from None


def _shape_problem(definition: Mapping[str, Any]) -> Finding | None:
    """Return why a definition is not one at all; None if it has a first state and states."""
    states, start = definition.get("States"), definition.get("StartAt")
    message = "the definition cannot be imported"
    if not isinstance(states, Mapping) or not states:
        return Finding("SFN851", ("States",), f"{message}: it has no states")
    if not isinstance(start, str) or start not in states:
        return Finding("SFN851", ("StartAt",), f"{message}: StartAt is not the name of a state", found=describe(start))
    for name, state in states.items():
        if not isinstance(state, Mapping):
            return Finding("SFN851", ("States", name), f"{message}: the state {name!r} is not an object", found=describe(state))
    return None


def _proven(definition: Mapping[str, Any], options: Options) -> Imported:
    raw: dict[Pointer, frozenset[str]] = {}
    order: list[str] = []
    for _ in range(_ATTEMPTS):
        writer = Writer(definition, options, raw, order)
        imported = writer.imported()
        difference = compare(definition, imported, writer.resources)
        if difference.exact:
            return imported
        if not difference.improves(raw, order):
            break
    raise CannotImportError([_not_exact(difference)])


_ATTEMPTS: Final = 4


def _not_exact(difference: Difference) -> Finding:
    at, problem = difference.at, difference.problem
    if not problem and difference.fields:
        at, fields = next(iter(difference.fields.items()))
        problem = f"a difference in {', '.join(sorted(fields))}" + (f" of {at[-1]!r}" if at else "")
    return Finding(
        "SFN851",
        at,
        "the definition cannot be imported: Python would not be compiled to the same definition",
        found=problem,
        hint="use it as it is: Workflow.from_asl(file)",
    )
