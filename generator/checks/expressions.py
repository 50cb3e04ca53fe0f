"""Expressions: JSONPath, intrinsic functions and JSONata in the fields of states.

A value with a ``${Placeholder}`` is not checked, because its final form is not known.

Sources: https://docs.aws.amazon.com/step-functions/latest/dg/transforming-data.html,
https://docs.aws.amazon.com/step-functions/latest/dg/amazon-states-language-paths.html,
https://docs.aws.amazon.com/step-functions/latest/dg/intrinsic-functions.html and
https://docs.aws.amazon.com/step-functions/latest/dg/workflow-variables.html
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from generator.asl.intrinsic_functions import FUNCTION_NAMES
from generator.asl.intrinsics import IntrinsicSyntaxError, parse_intrinsic
from generator.asl.jsonata import JSONataSyntaxError, compile_expression
from generator.asl.jsonpath import PathSyntaxError, compile_path, split_root
from generator.asl.model import (
    ABSENT,
    ARN,
    COMPARISONS,
    JSONATA,
    Comparison,
    Fail,
    Junction,
    Map,
    Parallel,
    Pass,
    Task,
    Template,
    Text,
    table,
)
from generator.asl.placeholders import has_placeholder
from generator.asl.text import describe, is_expression
from generator.asl.walk import StateAt, Walk, values
from generator.checks.jsonata_scope import references
from generator.checks.uses import jsonata_strings
from generator.diagnostics.model import Finding, Pointer, did_you_mean

if TYPE_CHECKING:
    from collections.abc import Iterator

_INTRINSIC: Final = re.compile(r"\s*States\.\w*\s*\(")
_LOOKS_LIKE_PATH: Final = re.compile(r"\$\$?(\.[A-Za-z_]|\[)|States\.[A-Z][A-Za-z0-9]+\(")
_VARIABLE_MAX: Final = 80


# -- JSONPath ------------------------------------------------------------------------------------------------------------


def paths(walk: Walk) -> Iterator[Finding]:
    """Check the fields for paths (SFN201) and for reference paths (SFN202)."""
    for entry in walk.states:
        if entry.language == JSONATA:
            continue
        for at, construct in entry.constructs:
            for attribute, info in table(type(construct)):
                value = getattr(construct, attribute)
                if isinstance(info.kind, Text) and isinstance(value, str):
                    yield from _path_field(info.kind, value, (*at, info.name))
                elif isinstance(value, Comparison | Junction):
                    yield from _tests(value, at)


def _tests(test: Comparison | Junction, at: Pointer) -> Iterator[Finding]:
    pending: list[tuple[Pointer, Comparison | Junction]] = [(at, test)]
    while pending:
        place, item = pending.pop()
        if isinstance(item, Junction):
            inner = (*place, item.operator)
            pending.extend((inner if item.operator == "Not" else (*inner, i), t) for i, t in enumerate(item.tests))
        elif isinstance(item.variable, str):
            yield from _path(item.variable, (*place, "Variable"))
            kind = COMPARISONS[item.operator]
            if isinstance(kind, Text) and isinstance(item.value, str):
                yield from _path_field(kind, item.value, (*place, item.operator))


def _path_field(kind: Text, value: str, at: Pointer) -> Iterator[Finding]:
    if kind.form == "path" and at[-1] in ("ErrorPath", "CausePath") and _INTRINSIC.match(value):
        yield from _intrinsic(value, at)
    elif kind.form == "path" or at[-1] == "ItemsPath":
        yield from _path(value, at)
    elif kind.form == "reference-path":
        yield from _reference_path(value, at)


def _path(value: str, at: Pointer) -> Iterator[Finding]:
    if has_placeholder(value):
        return
    try:
        compile_path(split_root(value).path)
    except PathSyntaxError as error:
        yield _not_a_path(value, at, error)


def _not_a_path(value: str, at: Pointer, error: PathSyntaxError) -> Finding:
    hint = ""
    if _INTRINSIC.match(value):
        hint = "an intrinsic function is allowed only in a payload template, in a field whose name ends with '.$'"
    elif is_expression(value):
        hint = 'a JSONata expression needs "QueryLanguage": "JSONata"'
    elif not value.startswith("$"):
        hint = f"did you mean '$.{value}'?" if value.replace(".", "_").isidentifier() else ""
    message = f"{at[-1]!r} is not a valid JSONPath: {_lower(error.message)}"
    return Finding("SFN201", at, message, describe(value), "a JSONPath such as '$.order'", hint)


def _lower(message: str) -> str:
    return message[:1].lower() + message[1:]


def _reference_path(value: str, at: Pointer) -> Iterator[Finding]:
    if has_placeholder(value):
        return
    expected = "a path to one place, such as '$.order.items[0]'"
    try:
        root = split_root(value)
        path = compile_path(root.path)
    except PathSyntaxError as error:
        yield _not_a_path(value, at, error)
        return
    if path.keys is None:
        yield Finding(
            "SFN202", at, f"{at[-1]!r} must be a reference path, but this path can match several places", describe(value), expected
        )
    elif root.kind == "context" or (root.kind == "variable" and at[-1] == "ResultPath"):
        # Only ItemsPath accepts the Context object: https://github.com/floci-io/floci/issues/3733
        what = "the Context object" if root.kind == "context" else "a variable"
        hint = "assign to a variable with 'Assign'" if root.kind == "variable" else ""
        yield Finding("SFN202", at, f"{at[-1]!r} must not refer to {what}", describe(value), "a path into the state's input", hint)


def _intrinsic(value: str, at: Pointer) -> Iterator[Finding]:
    if has_placeholder(value):
        return
    try:
        call = parse_intrinsic(value)
    except IntrinsicSyntaxError as error:
        name = value.strip().partition("(")[0].strip()
        hint = did_you_mean(name, FUNCTION_NAMES) if name not in FUNCTION_NAMES else ""
        message = f"{at[-1]!r} is not a valid intrinsic function: {_lower(error.message)}"
        yield Finding("SFN203", at, message, describe(value), "an intrinsic function such as States.Format('{}', $.name)", hint)
        return
    for problem in call.problems():
        hint = r"a brace that is not a place for a value is written \{ or \}" if "invalid" in problem else ""
        yield Finding("SFN215", at, f"{at[-1]!r} fails when it runs: {problem}", describe(value), "a value for each '{}'", hint)


def payload_templates(walk: Walk) -> Iterator[Finding]:
    """Check the fields of payload templates: those with ``.$`` are evaluated (SFN204), the others are not (SFN210, SFN214)."""
    for entry in walk.states:
        if entry.language == JSONATA:
            continue
        for place, template in _templates(entry):
            for at, value in values(template, place):
                name = at[-1]
                if isinstance(value, dict):
                    yield from _same_names(value, at)
                if isinstance(name, str) and name.endswith(".$") and len(at) > len(place):
                    yield from _dynamic(value, at)
                elif isinstance(value, str) and len(at) > len(place) and _LOOKS_LIKE_PATH.match(value) and not has_placeholder(value):
                    named = isinstance(name, str)
                    reason = f"the name {name!r} does not end with '.$'" if named else "it is an item of a list"
                    hint = f"rename the field to '{name}.$' if its value must be evaluated" if named else ""
                    yield Finding("SFN210", at, f"{describe(value)} is not evaluated, because {reason}", hint=hint)


def _same_names(template: dict[str, Any], at: Pointer) -> Iterator[Finding]:
    for name in template:
        if name.endswith(".$") and name[:-2] in template:
            yield Finding("SFN214", (*at, name), f"{name!r} and {name[:-2]!r} become the same field", expected="one of them")


def _dynamic(value: Any, at: Pointer) -> Iterator[Finding]:
    if isinstance(value, str) and value.startswith("$"):
        yield from _path(value, at)
    elif isinstance(value, str) and _INTRINSIC.match(value):
        yield from _intrinsic(value, at)
    elif not isinstance(value, str) or not has_placeholder(value):
        message = f"{at[-1]!r} must be a JSONPath such as '$.order', or an intrinsic function"
        hint = f"rename the field to {str(at[-1])[:-2]!r} if its value is not evaluated"
        yield Finding("SFN204", at, message, describe(value), hint=hint)


def static_paths(walk: Walk) -> Iterator[Finding]:
    """Check that Result of a Pass state, and Error and Cause of a Fail state, are not paths (SFN211, SFN212)."""
    for entry in walk.states:
        state = entry.state
        if entry.language == JSONATA:
            continue
        if isinstance(state, Pass) and state.result is not ABSENT:
            for at, value in values(state.result, (*entry.at, "Result")):
                if isinstance(value, str) and _LOOKS_LIKE_PATH.match(value) and isinstance(at[-1], str) and at[-1].endswith(".$"):
                    hint = "use 'Parameters' for a value that must be evaluated"
                    yield Finding("SFN211", at, f"the Result of {entry.name!r} is not evaluated", found=describe(value), hint=hint)
        elif isinstance(state, Fail):
            for name, text in (("Error", state.error), ("Cause", state.cause)):
                if isinstance(text, str) and _LOOKS_LIKE_PATH.match(text):
                    message = f"{name!r} of {entry.name!r} is not evaluated"
                    hint = f"use '{name}Path' for a value that must be evaluated"
                    yield Finding("SFN212", (*entry.at, name), message, found=describe(text), hint=hint)


# -- JSONata -------------------------------------------------------------------------------------------------------------


def jsonata(walk: Walk) -> Iterator[Finding]:
    """Check the strings of JSONata states: expressions (SFN205 to SFN208), and plain text (SFN213)."""
    strings = walk.once(jsonata_strings)
    for entry in walk.states:
        for place, text, expected in strings.get(id(entry), ()):
            yield from _jsonata_text(text, place, entry, field=expected)


def _parts_of_states(entry: StateAt, at: Pointer) -> frozenset[str]:
    """Return which of the members of ``$states`` that come from the state's work exist in a field.

    Source: https://docs.aws.amazon.com/step-functions/latest/dg/transforming-data.html#reserved-variable-table
    """
    field = at[len(entry.at)]
    if field == "Catch":
        return frozenset({"errorOutput"})
    works = isinstance(entry.state, (Task, Map, Parallel))
    return frozenset({"result"}) if works and field in {"Output", "Assign"} else frozenset()


def _jsonata_text(text: str, at: Pointer, entry: StateAt, *, field: str = "") -> Iterator[Finding]:
    if has_placeholder(text):
        return
    if is_expression(text):
        yield from _expression(text, at, entry)
    elif is_expression(text.strip()) and at[-1] != "Condition":
        return  # with white space around it, AWS takes an expression as plain text: it runs
    elif text.lstrip().startswith("{%") or text.rstrip().endswith("%}"):
        message = f"a JSONata expression must be the whole value of {at[-1]!r}"
        yield Finding("SFN205", at, message, found=describe(text), expected="'{% … %}' with nothing before or after it")
    elif at[-1] == "Condition":
        message = "'Condition' must be a JSONata expression"
        yield Finding("SFN205", at, message, found=describe(text), expected="'{% … %}' with nothing before or after it")
    elif _LOOKS_LIKE_PATH.match(text) and not field:
        hint = "write '{% $states.input… %}' for a value from the state's input"
        yield Finding("SFN213", at, f"{describe(text)} is not evaluated, because the state uses JSONata", hint=hint)


def _expression(text: str, at: Pointer, entry: StateAt) -> Iterator[Finding]:
    body = text[2:-2].strip()
    if not body.isascii() and any("\ud800" <= character <= "\udfff" for character in body):
        yield Finding("SFN206", at, f"{at[-1]!r} contains half of a surrogate pair, which is not a character", found=describe(text))
        return
    try:
        compile_expression(body)
    except JSONataSyntaxError as error:
        hint = "write the condition out: a ? b : c" if "??" in error.message or "?:" in error.message else ""
        yield Finding("SFN206", at, f"{at[-1]!r} is not valid JSONata: {error.message}", found=describe(text), hint=hint)
        return
    found = references(body)
    for name in found.unqualified:
        yield Finding(
            "SFN207",
            at,
            f"{at[-1]!r} refers to {name!r}, which is neither part of $states nor a variable",
            found=describe(text),
            expected="$states.input, or a variable",
            hint=f"did you mean '$states.input.{name}' or '${name}'?" if name[:1] not in "$*" else "did you mean '$states.input'?",
        )
    there = _parts_of_states(entry, at) if found.error_output or found.result else frozenset()
    if found.error_output and "errorOutput" not in there:
        message = f"{at[-1]!r} uses $states.errorOutput, which exists only in a catcher"
        yield Finding("SFN208", at, message, found=describe(text), expected="$states.errorOutput in the 'Output' or 'Assign' of a catcher")
    if found.result and "result" not in there:
        message = f"{at[-1]!r} uses $states.result, which exists only after the work of a Task, Map or Parallel state"
        expected = "$states.result in the 'Output' or 'Assign' of such a state, or $states.input"
        yield Finding("SFN208", at, message, found=describe(text), expected=expected)


# -- variables -----------------------------------------------------------------------------------------------------------


def variable_names(walk: Walk) -> Iterator[Finding]:
    """Check the names of the variables in Assign (SFN209)."""
    yield from _outer_variables(walk)
    for entry in walk.states:
        for at, construct in entry.constructs:
            assign = getattr(construct, "assign", ABSENT)
            if not isinstance(assign, dict):
                continue
            for member in assign:
                name = member.removesuffix(".$") if entry.language != JSONATA else member
                place = (*at, "Assign", member)
                if has_placeholder(name):
                    continue
                if name == "states":
                    yield Finding("SFN209", place, "'states' is reserved and cannot be assigned", expected="another name")
                elif not name.isidentifier() or len(name) > _VARIABLE_MAX:
                    expected = f"a letter or '_', then letters, digits and '_', at most {_VARIABLE_MAX} characters"
                    hint = "write it without '$'" if name.startswith("$") else ""
                    yield Finding("SFN209", place, f"{name!r} is not a valid variable name", expected=expected, hint=hint)


def _outer_variables(walk: Walk) -> Iterator[Finding]:
    """Check that a branch and an inline Map assign no variable of a scope around them.

    A Distributed Map runs its states in executions of their own, which do not see the variables outside.

    Source: https://docs.aws.amazon.com/step-functions/latest/dg/workflow-variables.html#variable-scope (measured as
    DUPLICATE_VARIABLE_NAME: iwamot/sfnx, 2026-09-18)
    """
    assigned: dict[int, dict[str, str]] = {}  # by scope: the variables and the states that assign them
    for entry in walk.states:
        for _, construct in entry.constructs:
            assign = getattr(construct, "assign", ABSENT)
            for member in assign if isinstance(assign, dict) else ():
                name = member.removesuffix(".$") if entry.language != JSONATA else member
                assigned.setdefault(id(entry.scope), {}).setdefault(name, entry.name)
    for entry in walk.states:
        around = _visible_from(entry)
        for at, construct in entry.constructs if around else ():
            assign = getattr(construct, "assign", ABSENT)
            for member in assign if isinstance(assign, dict) else ():
                name = member.removesuffix(".$") if entry.language != JSONATA else member
                outer = next((assigned[scope][name] for scope in around if name in assigned.get(scope, {})), None)
                if outer is not None and not has_placeholder(name):
                    message = f"{entry.name!r} assigns {name!r}, a variable of the scope around it, which {outer!r} assigns"
                    yield Finding("SFN209", (*at, "Assign", member), message, expected="another name", hint=_INSTEAD)


_INSTEAD: Final = "pass the value out in the output, and assign it in the state around"


def _visible_from(entry: StateAt) -> list[int]:
    """Return the scopes around that of a state whose variables it sees."""
    scopes = []
    parent = entry.scope.parent
    while parent is not None and not (isinstance(parent.state, Map) and parent.state.distributed):
        scopes.append(id(parent.scope))
        parent = parent.scope.parent
    return scopes


# -- resources -----------------------------------------------------------------------------------------------------------

_ARN: Final = re.compile(ARN)


def resources(walk: Walk) -> Iterator[Finding]:
    """Check that the Resource of a task, of an ItemReader and of a ResultWriter is an ARN (SFN021)."""
    for entry in walk.states:
        for at, construct in entry.constructs:
            resource = getattr(construct, "resource", ABSENT)
            if not isinstance(resource, str) or has_placeholder(resource) or _ARN.fullmatch(resource):
                continue
            task = isinstance(construct, Task)
            evaluated = is_expression(resource) or resource.startswith("$")
            yield Finding(
                "SFN021",
                (*at, "Resource"),
                f"the Resource of {entry.name!r} must be an ARN"
                if task
                else f"the Resource of the {at[-1]} of {entry.name!r} must be an ARN",
                found=describe(resource),
                expected=_RESOURCES if task else "the ARN of an integration of Amazon S3, such as 'arn:aws:states:::s3:getObject'",
                hint="Step Functions does not evaluate 'Resource'" if evaluated else "",
            )


_RESOURCES: Final = "the ARN of a service integration such as 'arn:aws:states:::lambda:invoke', of a function or of an activity"


def _templates(entry: StateAt) -> Iterator[tuple[Pointer, Any]]:
    for at, construct in entry.constructs:
        for attribute, info in table(type(construct)):
            if isinstance(info.kind, Template):
                value = getattr(construct, attribute)
                if value is not ABSENT:
                    yield (*at, info.name), value
