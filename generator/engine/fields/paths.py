"""JSONPath: paths, payload templates and result paths.

Sources: https://docs.aws.amazon.com/step-functions/latest/dg/amazon-states-language-paths.html and
https://docs.aws.amazon.com/step-functions/latest/dg/input-output-inputpath-params.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from generator.asl import error_names
from generator.asl.intrinsics import IntrinsicError, IntrinsicSyntaxError, parse_intrinsic
from generator.asl.jsonpath import (
    PastEndError,
    PathMatchError,
    PathNotFoundError,
    PathSyntaxError,
    compile_path,
    compile_reference_path,
    split_root,
)
from generator.asl.placeholders import has_placeholder
from generator.engine.history import json_text

if TYPE_CHECKING:
    from collections.abc import Callable

    from generator.engine.frame import Frame

    Field = Callable[["Frame", Any], Any]
    ResultPath = Callable[["Frame", Any, Any], Any]


def compile_source(text: str) -> Field:
    """Compile a path into the input, the Context object or a variable.

    The function raises ``PathNotFoundError`` if the path names nothing.

    Raises:
        PathSyntaxError: the text is not a JSONPath.
    """
    _refuse_placeholder(text)
    root = split_root(text)
    path = compile_path(root.path)
    evaluate = path.evaluate
    if root.kind == "input":
        if path.keys == ():
            return lambda _, document: document
        return lambda _, document: evaluate(document)
    if root.kind == "context":
        return lambda frame, _: evaluate(frame.context())
    name = root.name

    def variable(frame: Frame, _: Any) -> Any:
        if name not in frame.variables:
            raise PathNotFoundError(f"No results for path: ${name}")
        return evaluate(frame.variables[name])

    return variable


def _refuse_placeholder(text: str) -> None:
    """Refuse a path whose final form is not known."""
    if has_placeholder(text):
        raise PathSyntaxError("the value of a placeholder is missing", text.index("${"))


def compile_filter(text: str | None) -> Field | None:
    """Compile an InputPath or OutputPath. The result is None if the document passes unchanged.

    Raises:
        PathSyntaxError: the text is not a JSONPath.
    """
    if text is None:
        return lambda _frame, _document: {}
    if text == "$":
        return None
    source = compile_source(text)

    def select(frame: Frame, document: Any) -> Any:
        try:
            return source(frame, document)
        except PastEndError:
            return None
        except PathNotFoundError as error:
            raise frame.failure(f"Invalid path '{text}' : {error}") from None

    return select


def compile_template(template: Any) -> tuple[bool, Any]:
    """Compile a payload template.

    Returns:
        whether it is constant, and the constant or a function.

    Raises:
        PathSyntaxError: a field that ends with ``.$`` holds no JSONPath.
        IntrinsicSyntaxError: a field that ends with ``.$`` holds no intrinsic function.
    """
    if isinstance(template, dict):
        base: dict[str, Any] = {}
        dynamic: list[tuple[str, Field]] = []
        for key, value in template.items():
            if key.endswith(".$"):
                base[key[:-2]] = None
                dynamic.append((key[:-2], compile_dynamic(key, value)))
                continue
            constant, compiled = compile_template(value)
            base[key] = compiled if constant else None
            if not constant:
                dynamic.append((key, compiled))
        return compiled_object(base, dynamic)
    if isinstance(template, list):
        return compiled_list([compile_template(item) for item in template])
    return True, template


def compiled_object(base: dict[str, Any], dynamic: list[tuple[str, Field]]) -> tuple[bool, Any]:
    """Return an object with some computed members as a compiled template.

    Args:
        base: the object, with any value for the computed members.
        dynamic: the computed members.
    """
    if not dynamic:
        return True, base
    if len(dynamic) == 1 and len(base) == 1:
        name, only = dynamic[0]
        return False, lambda frame, document: {name: only(frame, document)}

    def fill(frame: Frame, document: Any) -> dict[str, Any]:
        result = base.copy()
        for name, field in dynamic:
            result[name] = field(frame, document)
        return result

    return False, fill


def compiled_list(parts: list[tuple[bool, Any]]) -> tuple[bool, Any]:
    """Return a list of compiled templates as one compiled template."""
    if all(constant for constant, _ in parts):
        return True, [value for _, value in parts]
    return False, lambda frame, document: [value if constant else value(frame, document) for constant, value in parts]


def compile_dynamic(key: str, text: Any) -> Field:
    """Compile a path or an intrinsic function.

    Args:
        key: the name of the field, for the messages of failures.
        text: the path or the intrinsic function.

    Raises:
        PathSyntaxError: the text is not a JSONPath.
        IntrinsicSyntaxError: the text is not an intrinsic function.
    """
    if not isinstance(text, str):
        raise IntrinsicSyntaxError("it must be a path or an intrinsic function", 0)
    if not text.startswith("$"):
        intrinsic = parse_intrinsic(text)
        needs_context = any(path.startswith("$$") for path in intrinsic.paths())

        def call(frame: Frame, document: Any) -> Any:
            try:
                return intrinsic.evaluate(document, frame.context() if needs_context else None, frame.variables, frame.run.random)
            except IntrinsicError as error:
                raise frame.failure(str(error), error.error) from None

        return call
    source = compile_source(text)

    def read(frame: Frame, document: Any) -> Any:
        try:
            return source(frame, document)
        except PastEndError:
            return None
        except PathNotFoundError:
            shown = json_text(frame.context() if text.startswith("$$") else document)
            message = f"The JSONPath '{text}' specified for the field '{key}' could not be found in the input '{shown}'"
            raise frame.failure(message) from None

    return read


def compile_result_path(text: str | None) -> ResultPath | None:
    """Compile a ResultPath to a function of frame, input and result. It is None if the result replaces the input.

    Raises:
        PathSyntaxError: the text is not a reference path.
    """
    if text == "$":
        return None
    if text is None:
        return lambda _frame, document, _result: document
    _refuse_placeholder(text)
    path = compile_reference_path(text)

    def place(frame: Frame, document: Any, result: Any) -> Any:
        try:
            return path.set(document, result)
        except PathMatchError as error:
            raise frame.failure(str(error), error_names.RESULT_PATH_MATCH_FAILURE, fatal=False) from None

    if len(path.keys) != 1 or not isinstance(path.keys[0], str):
        return place
    key = path.keys[0]

    def merge(frame: Frame, document: Any, result: Any) -> Any:
        return {**document, key: result} if document.__class__ is dict else place(frame, document, result)

    return merge
