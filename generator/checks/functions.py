"""What a function declares, beside its permissions."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from generator.catalog.index import find_action
from generator.diagnostics.codes import severity_of
from generator.diagnostics.model import Diagnostic, did_you_mean

if TYPE_CHECKING:
    from generator.dsl.resources import Function


def unknown_runtime(function: Function) -> Iterator[Diagnostic]:
    """Report a runtime that the model of Lambda's API does not have (SFN408). It may be newer than the model.

    >>> from generator.dsl.resources import Function
    >>> [d.hint for d in unknown_runtime(Function("keeper", runtime="pyhton3.13"))]
    ["did you mean 'python3.13' or 'python3.15' or 'python3.14'?"]
    """
    action = find_action("lambda", "createFunction")
    known = action.input.members["Runtime"].enum if action else ()
    if known and function.runtime not in known:
        yield Diagnostic(
            "SFN408",
            severity_of("SFN408"),
            f"{function.name!r} has a runtime that Lambda does not have, as far as is known here",
            function.source.span(),
            found=function.runtime,
            expected="a runtime of Lambda, such as python3.13",
            hint=did_you_mean(function.runtime, known),
        )


def result_model(function: Function) -> Iterator[Diagnostic]:
    """Report a model of the result that has no JSON Schema (SFN806).

    >>> from generator.dsl.resources import Function
    >>> [d.code for d in result_model(Function("keeper", result=dict[str, int]))]
    []
    """
    try:
        _ = function.result_schema
    except Exception as error:  # noqa: BLE001  an author's model can raise any exception
        yield Diagnostic(
            "SFN806",
            severity_of("SFN806"),
            f"the result model of {function.name!r} has no JSON Schema",
            function.source.span(),
            found=next(iter(str(error).splitlines()), type(error).__name__),
            expected="a pydantic model, a dataclass or a TypedDict",
        )
