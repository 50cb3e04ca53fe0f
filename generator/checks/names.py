"""Names and scopes: members of ``$states``, fields of the Context object, and functions of JSONata.

Sources: https://docs.aws.amazon.com/step-functions/latest/dg/transforming-data.html,
https://docs.aws.amazon.com/step-functions/latest/dg/input-output-contextobject.html and https://docs.jsonata.org
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from generator.asl.context_object import unknown_field
from generator.asl.jsonata_builtins import BUILTINS
from generator.asl.jsonata_signature import Signature
from generator.asl.model import JSONATA, Map, Parallel, Task
from generator.asl.placeholders import has_placeholder
from generator.asl.text import describe
from generator.catalog.integrations import WAIT_FOR_TASK_TOKEN, parse_resource
from generator.checks.assignment import visible
from generator.checks.uses import uses
from generator.diagnostics.model import Finding, did_you_mean

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.asl.jsonata_outline import Call
    from generator.asl.walk import StateAt, Walk
    from generator.checks.uses import Use

_MEMBERS: Final = ("input", "result", "errorOutput", "context")
_INSTEAD: Final = {"item": "$states.context.Map.Item.Value", "index": "$states.context.Map.Item.Index"}


def members_of_states(walk: Walk) -> Iterator[Finding]:
    """Check that ``$states`` has the members that expressions read (SFN208).

    AWS answers "Field '$states.item' does not exist", as for ``$states.result`` where there is none: AWS's guides for the conversion of
    Amazon EMR steps to workflows, 2026.
    """
    for use in uses(walk):
        for path in use.outline.members if use.outline is not None else ():
            if path and path[0] not in _MEMBERS:
                name = path[0]
                near = did_you_mean(name, _MEMBERS)
                other = _INSTEAD.get(name, f"$states.input.{name}")
                yield Finding(
                    "SFN208",
                    use.at,
                    f"{use.at[-1]!r} uses $states.{name}, which does not exist",
                    found=describe("{% " + use.text + " %}"),
                    expected="$states.input, $states.result, $states.errorOutput or $states.context",
                    hint=near or f"did you mean {other!r}?",
                )


# -- the Context object --------------------------------------------------------------------------------------------------


def context_fields(walk: Walk) -> Iterator[Finding]:
    """Check that the Context object has the fields that are read (SFN303), and that it has them there (SFN304)."""
    for use in uses(walk):
        for path in use.context:
            root = "$states.context" if use.entry.language == JSONATA else "$$"
            if (wrong := unknown_field(path)) is not None:
                parent, name, known = wrong
                of = f"{root}.{parent}" if parent else root
                yield Finding(
                    "SFN303",
                    use.at,
                    f"{use.at[-1]!r} reads {name!r} of {of}, which does not have it",
                    found=describe(use.text),
                    expected="one of " + ", ".join(known) if known else f"{of}, which is not an object",
                    hint=did_you_mean(name, known),
                )
            elif reason := _missing_here(use, path):
                yield Finding(
                    "SFN304",
                    use.at,
                    f"{use.at[-1]!r} reads {'.'.join((root, *path))}, which does not exist here: {reason[0]}",
                    found=describe(use.text),
                    expected=reason[1],
                )


_ITEM_FIELDS: Final = frozenset(("ItemSelector", "Parameters", "ItemBatcher", "ItemReader"))


def _missing_here(use: Use, path: tuple[str, ...]) -> tuple[str, str] | None:
    """Return why the Context object does not have a field at a place, and where it has it; None if it may have it."""
    entry = use.entry
    if path[:1] == ("Map",) and not _in_map(entry):
        if not isinstance(entry.state, Map):
            return f"{entry.name!r} is not inside a Map state", "the item in the ItemSelector of a Map state, or in its item processor"
        if use.field not in _ITEM_FIELDS:
            return f"{use.field!r} is not evaluated for each item", "the item in the ItemSelector of the Map state"
    if path[:1] == ("Task",) and not _may_have_token(entry):
        return f"{entry.name!r} does not wait for a callback", "the task token in a Task whose Resource ends with .waitForTaskToken"
    if path[:2] == ("State", "RetryCount") and not isinstance(entry.state, Task | Map | Parallel):
        return f"a {entry.state.TYPE} state is not retried", "the count in a Task, Map or Parallel state"
    if path[:1] == ("Execution",) and path[1:2] in {("RedriveCount",), ("RedriveTime",)} and entry.scope.type == "EXPRESS":
        return "an Express execution cannot be redriven", "the redrive of a Standard execution"
    return None


def _in_map(entry: StateAt) -> bool:
    parent = entry.scope.parent
    while parent is not None:
        if isinstance(parent.state, Map):
            return True
        parent = parent.scope.parent
    return False


def _may_have_token(entry: StateAt) -> bool:
    if not isinstance(entry.state, Task):
        return False
    parsed = parse_resource(entry.resource)
    return not entry.resource or has_placeholder(entry.resource) or parsed is None or parsed.pattern == WAIT_FOR_TASK_TOKEN


# -- functions -----------------------------------------------------------------------------------------------------------


def functions(walk: Walk) -> Iterator[Finding]:
    """Check the calls in expressions: the function exists (SFN305), the number of arguments (SFN306), no variable hides it (SFN307)."""
    for use in uses(walk):
        for call in use.outline.calls if use.outline is not None else ():
            assigned = visible(walk, use.entry).get(call.name)
            if call.name not in BUILTINS:
                yield _no_function(use, call, variable=assigned is not None)
            elif assigned is not None:
                yield Finding(
                    "SFN307",
                    use.at,
                    f"{use.at[-1]!r} calls ${call.name}, but {assigned.name!r} assigns a variable of this name, which hides the function",
                    found=describe(use.text),
                    hint="rename the variable",
                )
            elif wrong := _wrong_number(call):
                message = f"{use.at[-1]!r} calls ${call.name} with {_counted(call.arguments)}, but the function takes {wrong}"
                yield Finding("SFN306", use.at, message, found=describe(use.text))


def _no_function(use: Use, call: Call, *, variable: bool) -> Finding:
    message = f"{use.at[-1]!r} calls ${call.name}, which is not a function of JSONata in Step Functions"
    hint = did_you_mean(call.name, BUILTINS)
    if variable:
        message = f"{use.at[-1]!r} calls ${call.name}, which is a variable and not a function"
    elif not hint:
        longer = sorted(name for name in BUILTINS if name.startswith(call.name))
        hint = "did you mean " + " or ".join(repr(name) for name in longer[:3]) + "?" if longer else ""
    return Finding("SFN305", use.at, message, found=describe(use.text), expected="a function of https://docs.jsonata.org", hint=hint)


def _counted(number: int) -> str:
    return "no argument" if not number else "1 argument" if number == 1 else f"{number} arguments"


def _wrong_number(call: Call) -> str:
    """Return how many arguments a function takes, if a call has another number; empty if not."""
    signature = BUILTINS[call.name].signature
    if not isinstance(signature, Signature) or call.partial:
        return ""
    least, most = signature.arity, len(signature.parameters)
    if any("+" in parameter.pattern for parameter in signature.parameters):
        return f"at least {least}" if call.arguments < least else ""
    if least <= call.arguments <= most:
        return ""
    return _counted(least) if least == most else f"{least} to {most} arguments" if least else f"at most {_counted(most)}"
