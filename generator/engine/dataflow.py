"""Fields of a state compiled into functions: paths, payload templates, JSONata, result paths.

Each compiled field is called with the branch's :class:`Frame` and either the document that ``$`` stands for (JSONPath)
or the value of ``$states`` (JSONata). Parts of a template without expressions are shared, never copied, which is safe
because no part of the engine changes a JSON value in place.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from generator.asl.intrinsics import IntrinsicError, parse_intrinsic
from generator.asl.jsonata import UNDEFINED, JSONataError, compile_expression, strip_delimiters
from generator.asl.jsonpath import (
    PathMatchError,
    PathNotFoundError,
    compile_path,
    compile_reference_path,
    split_root,
)
from generator.engine.history import json_text

if TYPE_CHECKING:
    from collections.abc import Callable

    from generator.engine.core import Run

    # A compiled field; the second argument is "$" or "$states".
    Field = Callable[["Frame", Any], Any]


MAX_CAUSE = 32_768
"""Characters of a cause: https://docs.aws.amazon.com/step-functions/latest/apireference/API_ExecutionFailedEventDetails.html"""


class StateFailure(Exception):  # noqa: N818  Step Functions' word
    """A state that failed.

    Attributes:
        error: The error name, None where a Fail state gives none.
        cause: The cause, if any.
        fatal: No retrier and no catcher applies, as AWS has it for ``States.Runtime``.
        heartbeat: It is a timeout because of a missing heartbeat, which ``States.HeartbeatTimeout`` matches too.
    """

    def __init__(self, error: str | None, cause: str | None, *, fatal: bool = False, heartbeat: bool = False) -> None:
        """Create the failure."""
        super().__init__(error, cause)
        self.error = error
        self.cause = cause if cause is None or len(cause) <= MAX_CAUSE else cause[:MAX_CAUSE]
        self.fatal = fatal
        self.heartbeat = heartbeat

    def output(self) -> dict[str, Any]:
        """The error output that catchers see."""
        return {"Error": self.error or "", "Cause": self.cause or ""}


def iso(moment: float) -> str:
    """A time as Step Functions writes it: without a fraction on the full second, else with milliseconds.

    Source: https://docs.aws.amazon.com/step-functions/latest/dg/input-output-contextobject.html ("Timestamp format with
    fractional seconds")

    Example:
        >>> iso(0.5), iso(1)
        ('1970-01-01T00:00:00.500Z', '1970-01-01T00:00:01Z')
    """
    text = datetime.fromtimestamp(moment, UTC).isoformat(timespec="milliseconds")
    return text[:19] + ("Z" if text[20:23] == "000" else f"{text[19:23]}Z")


class Item(NamedTuple):
    """What a Map iteration processes.

    Source: https://docs.aws.amazon.com/step-functions/latest/dg/input-output-contextobject.html

    Attributes:
        number: From 0 on.
        value: The item.
        source: ``STATE_DATA``, or where in S3 it was read.
        key: Its name, where the items are the members of a JSON object.
    """

    number: int
    value: Any
    source: str = "STATE_DATA"
    key: str | None = None


class Frame:
    """Where one branch of an execution stands."""

    __slots__ = (
        "entered",
        "entered_at",
        "fixed",
        "item",
        "last",
        "previous",
        "retries",
        "run",
        "state",
        "state_kind",
        "token",
        "variables",
    )

    def __init__(self, run: Run, variables: dict[str, Any], previous: int, item: Item | None = None) -> None:
        """Start a branch.

        Args:
            run: The execution.
            variables: What it can read; assigning replaces the dict, so that no other branch sees it.
            previous: The id of the event before its first.
            item: The Map item it processes.
        """
        self.run = run
        self.variables = variables
        self.previous = previous
        self.item = item
        self.state = ""
        self.state_kind = ""
        self.entered = 0
        self.entered_at = 0.0
        self.retries = 0
        self.last = previous
        self.token: str | None = None
        self.fixed: dict[str, Any] | None = None

    def context(self) -> dict[str, Any]:
        """The Context object: https://docs.aws.amazon.com/step-functions/latest/dg/input-output-contextobject.html."""
        if self.fixed is not None:
            return self.fixed
        run = self.run
        state: dict[str, Any] = {"Name": self.state, "EnteredTime": iso(self.entered_at)}
        if self.state_kind in {"Task", "Map", "Parallel"}:
            state["RetryCount"] = self.retries
        context = dict(run.context)
        context["State"] = {**state, **context.get("State", {})} if "State" in context else state
        if self.item is not None:
            number, value, source, key = self.item
            item = {"Index": number, "Value": value, "Source": source}
            context["Map"] = {"Item": item if key is None else {**item, "Key": key}}
        if self.token is not None:
            context["Task"] = {"Token": self.token}
        return context

    def failure(self, message: str, error: str = "States.Runtime", *, fatal: bool = True) -> StateFailure:
        """A failure of the state this branch is in, with AWS's words around the message."""
        where = f"An error occurred while executing the state '{self.state}' (entered at the event id #{self.entered}). "
        return StateFailure(error, where + message, fatal=fatal)

    def query_failure(self, message: str, location: str) -> StateFailure:
        """A JSONata failure, which leaves an event of its own."""
        failure = self.failure(message, "States.QueryEvaluationError", fatal=False)
        details = {"error": failure.error, "cause": failure.cause, "location": location, "state": self.state}
        self.previous = self.run.record("EvaluationFailed", self.last, details)
        return failure


def compile_source(text: str) -> Field:
    """A path from the input, the Context object or a variable; PathNotFoundError where it names nothing."""
    root = split_root(text)
    path = compile_path(root.path)
    evaluate = path.evaluate
    if root.kind == "input":
        if path.keys == ():
            return lambda frame, document: document
        return lambda frame, document: evaluate(document)
    if root.kind == "context":
        return lambda frame, document: evaluate(frame.context())
    name = root.name

    def variable(frame: Frame, document: Any) -> Any:  # noqa: ARG001
        if name not in frame.variables:
            raise PathNotFoundError(f"No results for path: ${name}")
        return evaluate(frame.variables[name])

    return variable


def compile_filter(text: Any, *, default: str = "$") -> Field | None:
    """InputPath and OutputPath: None where the document passes unchanged."""
    if text is None:
        return lambda frame, document: {}
    if text == default:
        return None
    source = compile_source(text)

    def select(frame: Frame, document: Any) -> Any:
        try:
            return source(frame, document)
        except PathNotFoundError as error:
            raise frame.failure(f"Invalid path '{text}' : {error}") from None

    return select


def compile_template(template: Any) -> tuple[bool, Any]:
    """A payload template of JSONPath: whether it is constant, and the constant or a :data:`Field`."""
    if isinstance(template, dict):
        base: dict[str, Any] = {}
        dynamic: list[tuple[str, Field]] = []
        for key, value in template.items():
            if key.endswith(".$"):
                base[key[:-2]] = None
                dynamic.append((key[:-2], _compile_member(key, value)))
                continue
            constant, compiled = compile_template(value)
            base[key] = compiled if constant else None
            if not constant:
                dynamic.append((key, compiled))
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
    if isinstance(template, list):
        parts = [compile_template(item) for item in template]
        if all(constant for constant, _ in parts):
            return True, [value for _, value in parts]
        return False, lambda frame, document: [value if constant else value(frame, document) for constant, value in parts]
    return True, template


def _compile_member(key: str, text: Any) -> Field:
    if not isinstance(text, str):
        raise TypeError(f"The value of {key} must be a path or an intrinsic function")
    if not text.startswith("$"):
        intrinsic = parse_intrinsic(text)
        needs_context = any(path.startswith("$$") for path in intrinsic.paths())

        def call(frame: Frame, document: Any) -> Any:
            try:
                return intrinsic.evaluate(document, frame.context() if needs_context else None, frame.variables, frame.run.random)
            except IntrinsicError as error:
                raise frame.failure(str(error), error.error, fatal=error.error == "States.Runtime") from None

        return call
    source = compile_source(text)

    def read(frame: Frame, document: Any) -> Any:
        try:
            return source(frame, document)
        except PathNotFoundError:
            shown = json_text(frame.context() if text.startswith("$$") else document)
            message = f"The JSONPath '{text}' specified for the field '{key}' could not be found in the input '{shown}'"
            raise frame.failure(message) from None

    return read


def compile_result_path(text: Any) -> Callable[[Frame, Any, Any], Any] | None:
    """ResultPath: a function of frame, input and result; None where the result replaces the input."""
    if text == "$":
        return None
    if text is None:
        return lambda frame, document, result: document
    path = compile_reference_path(text)

    def place(frame: Frame, document: Any, result: Any) -> Any:
        try:
            return path.set(document, result)
        except PathMatchError as error:
            raise frame.failure(str(error), "States.ResultPathMatchFailure", fatal=False) from None

    if len(path.keys) != 1 or not isinstance(path.keys[0], str):
        return place
    key = path.keys[0]

    def merge(frame: Frame, document: Any, result: Any) -> Any:
        return {**document, key: result} if document.__class__ is dict else place(frame, document, result)

    return merge


# Whatever reads more of $states than its other members needs the Context object.
_NEEDS_CONTEXT = re.compile(r"\$states(?!\s*\.\s*(?:input|result|errorOutput)\b)")


# A plain path, whose steps are no words of the language.
_PLAIN_PATH = re.compile(r"\$([A-Za-z_]\w*)((?:\.(?!(?:and|or|in|true|false|null)\b)[A-Za-z_]\w*)+)", re.ASCII)


def compile_jsonata(text: str, location: str) -> Field:
    """One JSONata expression, given without delimiters; undefined is a failure.

    Where a plain path leads through objects only, the value is passed on as it is: no number beyond 2**53 is rounded.
    """
    evaluate = _compile_jsonata(text, location)
    path = _PLAIN_PATH.fullmatch(text)
    if path is None or text.startswith("$states.context"):
        return evaluate
    root, keys = path[1], path[2][1:].split(".")

    def walk(frame: Frame, states: dict[str, Any]) -> Any:
        node = states if root == "states" else frame.variables.get(root)
        for key in keys:
            if node.__class__ is not dict or key not in node:
                return evaluate(frame, states)
            node = node[key]
        return node

    return walk


def _compile_jsonata(text: str, location: str) -> Field:
    expression = compile_expression(text)
    needs_context = bool(_NEEDS_CONTEXT.search(text))
    reads_variables = expression.reads - {"states"}
    needs_now = "$now" in text or "$millis" in text

    def evaluate(frame: Frame, states: dict[str, Any]) -> Any:
        if needs_context:
            states = {**states, "context": frame.context()}
        bindings = {**frame.variables, "states": states} if reads_variables else {"states": states}
        try:
            result = expression.evaluate(bindings, random=frame.run.random, now=frame.run.clock.now() if needs_now else None)
        except JSONataError as error:
            message = f"The JSONata expression '{text}' specified for the field '{location}' threw an error during evaluation. "
            raise frame.query_failure(message + error.message, location) from None
        if result is UNDEFINED:
            message = f"The JSONata expression '{text}' specified for the field '{location}' returned nothing (undefined)."
            raise frame.query_failure(message, location)
        return result

    return evaluate


def compile_query(template: Any, location: str) -> tuple[bool, Any]:
    """A field of a JSONata state: whether it is constant, and the constant or a :data:`Field`."""
    if isinstance(template, str):
        text = strip_delimiters(template)
        return (True, template) if text is None else (False, compile_jsonata(text, location))
    if isinstance(template, dict):
        base: dict[str, Any] = {}
        dynamic: list[tuple[str, Field]] = []
        for key, value in template.items():
            constant, compiled = compile_query(value, f"{location}/{key}")
            base[key] = compiled if constant else None
            if not constant:
                dynamic.append((key, compiled))
        if not dynamic:
            return True, base

        def fill(frame: Frame, states: dict[str, Any]) -> dict[str, Any]:
            result = base.copy()
            for name, field in dynamic:
                result[name] = field(frame, states)
            return result

        return False, fill
    if isinstance(template, list):
        parts = [compile_query(item, f"{location}[{index}]") for index, item in enumerate(template)]
        if all(constant for constant, _ in parts):
            return True, [value for _, value in parts]
        return False, lambda frame, states: [value if constant else value(frame, states) for constant, value in parts]
    return True, template


_TYPES: dict[type, str] = {
    dict: "object",
    list: "array",
    str: "string",
    bool: "boolean",
    type(None): "null",
    int: "number",
    float: "number",
}


def expect(frame: Frame, value: Any, wanted: str, template: Any, location: str) -> Any:
    """Check the type that a JSONata expression gave.

    Args:
        frame: The branch, for the failure.
        value: What the expression gave.
        wanted: ``array``, ``number``, ``string``, ``boolean`` or ``object``.
        template: The field as written, with its delimiters.
        location: The field's name.

    Raises:
        StateFailure: The value has another type.
    """
    found = _TYPES[type(value)]
    if found == wanted:
        return value
    text = strip_delimiters(template) if isinstance(template, str) else None
    shown = template if text is None else text
    message = (
        f"The JSONata expression '{shown}' specified for the field '{location}' returned an unexpected result type. "
        f"Expected '{wanted}', but was '{found}' for value: {json_text(value)}"
    )
    raise frame.query_failure(message, location)
