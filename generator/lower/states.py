"""From a step to the fields of its state, in the query language of the state."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from math import isfinite
from typing import Any, Final

from generator.asl import model as asl
from generator.asl.model import ABSENT, JSONATA, Json
from generator.asl.placeholders import Placeholder, shield
from generator.dsl import maps, steps
from generator.dsl.expressions import (
    Expr,
    Literally,
    Member,
    Operand,
    Raw,
    Root,
    contains_expression,
    operand,
    source_of,
)
from generator.dsl.integrations import Integration
from generator.dsl.known import known_text, placeholders_in
from generator.dsl.resources import Bucket
from generator.dsl.source import Source
from generator.dsl.steps import UNSET
from generator.lower.flow import Report
from generator.lower.jsonata import raw_or_written, timestamp
from generator.lower.jsonpath import CannotExpressError, Place, to_path, to_test

_PATHS: Final = ("$.", "$[", "$$", "States.")


class Values:
    """The writer of one step's values in one query language. It reports what the language cannot express, and leaves it out."""

    def __init__(self, language: asl.QueryLanguage, report: Report, placeholders: dict[str, Placeholder], source: Source) -> None:
        """Prepare to write the values of a step.

        Args:
            language: the query language of the state.
            report: the function that reports a problem.
            placeholders: the placeholders of the workflow, by name; those that the values contain are added.
            source: the place where the step was written.
        """
        self.language = language
        self.report = report
        self.placeholders = placeholders
        self.source = source

    @property
    def jsonata(self) -> bool:
        """Whether the state uses JSONata."""
        return self.language == JSONATA

    def cannot(self, error: CannotExpressError, source: Source | None = None) -> None:
        """Report an expression that the query language cannot express."""
        self.report(
            "SFN802",
            source or self.source,
            str(error),
            found=error.found,
            expected=f"a value that {self.language} can express",
            hint=error.hint,
        )

    # -- payloads --------------------------------------------------------------------------------------------------------

    def value(self, payload: Any, place: Place = "input") -> Json:
        """Write a payload: JSON with ``{% … %}`` strings in JSONata, a payload template with ``….$`` keys in JSONPath."""
        if isinstance(payload, Expr):
            return self.expression(payload)
        if isinstance(payload, Mapping):
            return dict(self.member(str(key), value, place) for key, value in payload.items())
        if isinstance(payload, list | tuple):
            if not self.jsonata and any(_is_computed(item) for item in payload):
                self.cannot(
                    CannotExpressError(
                        "in JSONPath an expression in a list needs a key before it",
                        operand(list(payload)),
                        "put the list into an object, or use fn.array(…)",
                    )
                )
                return []
            return [self.value(item, place) for item in payload]
        if isinstance(payload, datetime):
            return timestamp(payload)
        if isinstance(payload, str):
            return self.text(payload)
        if payload is None or isinstance(payload, bool | int) or (isinstance(payload, float) and isfinite(payload)):
            return payload
        self.report(
            "SFN806",
            self.source,
            f"a value of type {type(payload).__name__} is not a JSON value",
            found=repr(payload)[:60],
            expected="text, a finite number, bool, None, list, dict, or an expression",
        )
        return None

    def member(self, key: str, payload: Any, place: Place) -> tuple[str, Json]:
        """Write a member of an object. In JSONPath, the key of a computed member ends in ``.$``."""
        if self.jsonata:
            return shield(key), self.value(payload, place)
        if key.endswith(".$") and isinstance(payload, str):
            return shield(key), shield(payload)
        if isinstance(payload, Expr):
            if _is_known(payload):
                return shield(key), self.expression(payload)
            return f"{shield(key)}.$", self.path(payload, place)
        if isinstance(payload, list | tuple) and any(_is_computed(item) for item in payload):
            items = [Expr(Raw(item, "JSONPath")) if _is_path(item) else item for item in payload]
            return f"{shield(key)}.$", self.path(Expr(operand(items)), place)
        if _is_path(payload):
            return f"{shield(key)}.$", shield(payload)
        return shield(key), self.value(payload, place)

    def text(self, text: str) -> str:
        """Write text. A raw ``{% … %}`` remains an expression."""
        return shield(text)

    def expression(self, expression: Expr) -> Json:
        """Write an expression as a JSON value: what is known at deployment as itself, any other as JSONata."""
        node = self.noted(operand(expression))
        if (text := known_text(node)) is not None:
            if self.jsonata and (text.lstrip().startswith("{%") or text.rstrip().endswith("%}")):
                return raw_or_written(node)  # text that looks like an expression must be written as one
            return text
        if isinstance(node, Literally):
            return self.value(node.value)
        if not self.jsonata:
            self.cannot(CannotExpressError("in JSONPath an expression needs a key before it", node), source_of(expression))
            return None
        if isinstance(node, Raw) and node.language != "JSONata":
            self.cannot(
                CannotExpressError("a JSONata state has raw JSONPath", node, 'set query_language="JSONPath" on the step'),
                source_of(expression),
            )
            return None
        return raw_or_written(node)

    def path(self, expression: Expr | str, place: Place) -> str:
        """Write an expression as a JSONPath or an intrinsic function."""
        if isinstance(expression, str):
            return shield(expression)
        try:
            return to_path(self.noted(operand(expression)), place)
        except CannotExpressError as error:
            self.cannot(error, source_of(expression))
            return "$"

    def noted(self, node: Operand) -> Operand:
        """Add the placeholders in an expression to those of the workflow, and return the expression."""
        for item in placeholders_in(node):
            made = Placeholder(item.name) if item.resource is None else item.resource.placeholder(item.attribute)
            if self.placeholders.setdefault(item.name, made).kind != made.kind:
                self.report("SFN807", self.source, f"two different things share the placeholder {item.name!r}", hint="rename one of them")
        return node

    # -- fields ----------------------------------------------------------------------------------------------------------

    def computed(self, fields: dict[str, Any], name: str, value: Any) -> None:
        """Write a field that can be a literal or computed. In JSONPath the computed one is another field, ``…_path``."""
        if value is None:
            return
        if isinstance(value, Expr) and not self.jsonata:
            if known_text(operand(value)) is not None:
                fields[name] = self.expression(value)
            else:
                fields[f"{name}_path"] = self.path(value, "input")
        elif not self.jsonata and _is_path(value):
            fields[f"{name}_path"] = shield(value)
        elif isinstance(value, datetime):
            if value.tzinfo is None:
                self.report(
                    "SFN806",
                    self.source,
                    "a point in time has no time zone",
                    found=repr(value),
                    expected="a datetime with tzinfo, such as datetime(…, tzinfo=UTC)",
                )
            fields[name] = timestamp(value)
        else:
            fields[name] = self.value(value)

    def jsonpath_field(self, fields: dict[str, Any], name: str, value: Any, place: Place) -> None:
        """Write a field that only JSONPath has, and that may be null. In a JSONata state the checks report it."""
        if value is UNSET:
            return
        fields[name] = self.path(value, place) if isinstance(value, Expr) else shield(value)

    def assign(self, fields: dict[str, Any], assign: Mapping[str, Any] | None, place: Place) -> None:
        """Write ``Assign``."""
        if assign:
            fields["assign"] = self.value(dict(assign), place)

    def output(self, fields: dict[str, Any], output: Any, place: Place) -> None:
        """Write the output: ``Output`` in JSONata; ``OutputPath`` or ``ResultSelector`` in JSONPath."""
        if output is UNSET:
            return
        if self.jsonata:
            fields["output"] = self.value(output, place)
        elif isinstance(output, Expr) or _is_path(output):
            path = self.path(output, place)
            if path.startswith("States."):
                self.cannot(
                    CannotExpressError(
                        "in JSONPath the output of a state is a path, not a computed value",
                        operand(output),
                        "give a dict, or compute it in a Pass state",
                    )
                )
            elif path != "$":
                fields["output_path"] = path
        elif place == "result" and isinstance(output, Mapping):
            fields["result_selector"] = self.value(output, place)
        else:
            self.cannot(
                CannotExpressError("in JSONPath the output of this state is a path", operand(output), "make the output in a Pass state")
            )


def _is_computed(value: object) -> bool:
    """Return whether a value needs a ``….$`` key in JSONPath. A literal or a placeholder does not."""
    return _is_path(value) or (isinstance(value, Expr) and not _is_known(value))


def _is_known(expression: Expr) -> bool:
    node = operand(expression)
    return isinstance(node, Literally) or known_text(node) is not None


def _is_path(value: object) -> bool:
    return isinstance(value, str) and (value == "$" or value.startswith(_PATHS)) and not (value.startswith("States.") and "(" not in value)


# -- one function per type of step ---------------------------------------------------------------------------------------


def fields_of(step: steps.Step, values: Values) -> dict[str, Any]:
    """Return the fields of a step's state, without transitions, catchers and nested scopes."""
    fields: dict[str, Any] = {}
    if step.comment is not None:
        fields["comment"] = shield(step.comment)
    if step.query_language is not None:
        fields["query_language"] = step.query_language
    if isinstance(step, steps.OutputStep):
        values.jsonpath_field(fields, "input_path", step.input_path, "input")
        values.jsonpath_field(fields, "output_path", step.output_path, "result" if isinstance(step, steps.FailingStep) else "input")
    if isinstance(step, steps.AssigningStep):
        values.assign(fields, step.assign, "result" if isinstance(step, steps.FailingStep) else "input")
    if isinstance(step, steps.FailingStep):
        if step.result_selector is not None:
            fields["result_selector"] = values.value(step.result_selector, "result")
        values.jsonpath_field(fields, "result_path", step.result_path, "input")
        if step.retry:
            fields["retry"] = tuple(_retrier(r) for r in ((step.retry,) if isinstance(step.retry, steps.Retry) else step.retry))
    match step:
        case steps.Task():
            _task(step, values, fields)
        case steps.Pass():
            _pass(step, values, fields)
        case steps.Wait():
            values.computed(fields, "seconds", step.seconds)
            values.computed(fields, "timestamp", step.until)
        case steps.Fail():
            _fail(step, values, fields)
        case steps.Parallel():
            if step.arguments is not UNSET:
                fields["arguments" if values.jsonata else "parameters"] = values.value(step.arguments)
        case maps.Map() | maps.DistributedMap():
            _map(step, values, fields)
        case _:
            pass
    if isinstance(step, steps.OutputStep) and not isinstance(step, steps.Pass | steps.Task):
        values.output(fields, step.output, "result" if isinstance(step, steps.FailingStep) else "input")
    return fields


def _retrier(retry: steps.Retry) -> asl.Retrier:
    return asl.Retrier(
        error_equals=error_names(retry.errors),
        interval_seconds=_or_absent(retry.interval_seconds),
        max_attempts=_or_absent(retry.max_attempts),
        backoff_rate=_or_absent(retry.backoff_rate),
        max_delay_seconds=_or_absent(retry.max_delay_seconds),
        jitter_strategy=ABSENT if retry.jitter is None else ("FULL" if retry.jitter else "NONE"),
        comment=ABSENT if retry.comment is None else shield(retry.comment),
    )


def error_names(errors: str | Sequence[str]) -> tuple[str, ...]:
    """Return one error name, or several, as a tuple."""
    return tuple(shield(e) for e in (errors if isinstance(errors, list | tuple) else (errors,)))


def _or_absent(value: Any) -> Any:
    return ABSENT if value is None else value


def _task(step: steps.Task, values: Values, fields: dict[str, Any]) -> None:
    call = step.call if isinstance(step.call, Integration) else Integration(step.call)
    if isinstance(call.resource, Expr):
        fields["resource"] = values.expression(call.resource)
    else:
        fields["resource"] = call.resource
    if call.arguments is not None:
        arguments = call.arguments
        if values.jsonata:
            fields["arguments"] = values.value(arguments)
        elif isinstance(arguments, Expr):
            # A payload that is one path selects the input of the state.
            fields["input_path"] = values.path(arguments, "input")
        else:
            fields["parameters"] = values.value(arguments)
    values.computed(fields, "timeout_seconds", step.timeout_seconds)
    values.computed(fields, "heartbeat_seconds", step.heartbeat_seconds)
    if step.credentials is not None:
        fields["credentials"] = values.value(step.credentials)
    shaped = step.result_selector is not None or any(v is not UNSET for v in (step.result_path, step.output_path))
    if step.output is not UNSET:
        values.output(fields, step.output, "result")
    elif call.output is not None and not shaped:
        if values.jsonata or (isinstance(call.output, Expr) and isinstance(operand(call.output), Member | Root)):
            values.output(fields, call.output, "result")
        else:
            fields["result_selector"] = (
                {"Output.$": values.path(call.output, "result")} if isinstance(call.output, Expr) else values.value(call.output, "result")
            )
            fields["output_path"] = "$.Output"


def _pass(step: steps.Pass, values: Values, fields: dict[str, Any]) -> None:
    if step.result is not UNSET:
        fields["result"] = values.value(step.result)
    values.jsonpath_field(fields, "result_path", step.result_path, "input")
    if step.output is UNSET:
        return
    if values.jsonata:
        fields["output"] = values.value(step.output)
    elif isinstance(step.output, Expr) and not _is_known(step.output):
        path = values.path(step.output, "input")
        if path.startswith("States."):
            fields["parameters"] = {"Output.$": path}
            fields["output_path"] = "$.Output"
        elif path != "$":
            fields["input_path"] = path
    elif contains_expression(step.output) or isinstance(step.output, Mapping):
        fields["parameters"] = values.value(step.output)
    else:
        fields["result"] = values.value(step.output)


def _fail(step: steps.Fail, values: Values, fields: dict[str, Any]) -> None:
    for name, text in (("error", step.error), ("cause", step.cause)):
        if text is None:
            continue
        if not values.jsonata and isinstance(text, str | Expr) and _is_computed(text):
            fields[f"{name}_path"] = values.path(text, "input")
        else:
            fields[name] = values.value(text)


def _map(step: maps.Map | maps.DistributedMap, values: Values, fields: dict[str, Any]) -> None:
    if isinstance(step.items, maps.ItemReader):
        fields["item_reader"] = _reader(step.items, values)
    elif step.items is not None:
        if values.jsonata:
            fields["items"] = values.value(step.items)
        elif isinstance(step.items, str | Expr):
            path = values.path(step.items, "input")
            if path != "$":
                fields["items_path"] = path
        else:
            values.cannot(
                CannotExpressError(
                    "in JSONPath the items of a Map come from its input", operand(step.items), "make the list in a Pass state first"
                )
            )
    if step.item_selector is not None:
        fields["item_selector"] = values.value(step.item_selector)
    values.computed(fields, "max_concurrency", step.max_concurrency)
    if isinstance(step, maps.DistributedMap):
        if step.label is not None:
            fields["label"] = step.label
        values.computed(fields, "tolerated_failure_percentage", step.tolerated_failure_percentage)
        values.computed(fields, "tolerated_failure_count", step.tolerated_failure_count)
        if step.batch is not None:
            batch: dict[str, Any] = {}
            values.computed(batch, "max_items_per_batch", step.batch.max_items)
            values.computed(batch, "max_input_bytes_per_batch", step.batch.max_input_bytes)
            if step.batch.batch_input is not None:
                batch["batch_input"] = values.value(step.batch.batch_input)
            fields["item_batcher"] = asl.ItemBatcher(**batch)
        if step.result_writer is not None:
            fields["result_writer"] = _writer(step.result_writer, values)


def _reader(reader: maps.ItemReader, values: Values) -> asl.ItemReader:
    config: dict[str, Any] = {}
    attributes = {info.name: attribute for attribute, info in asl.table(asl.ReaderConfig)}
    extra: dict[str, Any] = {}
    for name, value in reader.config.items():
        if name == "MaxItems":
            values.computed(config, "max_items", value)
        elif name in attributes:
            config[attributes[name]] = tuple(value) if isinstance(value, list) else values.value(value)
        else:
            extra[name] = values.value(value)
    if extra:
        config["extra"] = extra
    arguments: Any = values.value(reader.arguments)
    return asl.ItemReader(
        resource=reader.resource,
        reader_config=asl.ReaderConfig(**config) if config else ABSENT,
        arguments=arguments if values.jsonata else ABSENT,
        parameters=ABSENT if values.jsonata else arguments,
    )


def _writer(writer: maps.ResultWriter, values: Values) -> asl.ResultWriter:
    config = {"output_type": _or_absent(writer.output_type), "transformation": _or_absent(writer.transformation)}
    shape = asl.WriterConfig(**config) if any(v is not ABSENT for v in config.values()) else ABSENT
    if writer.bucket is None:
        return asl.ResultWriter(writer_config=shape)
    arguments: dict[str, Any] = {"Bucket": writer.bucket.bucket_name if isinstance(writer.bucket, Bucket) else writer.bucket}
    if writer.prefix is not None:
        arguments["Prefix"] = writer.prefix
    return asl.ResultWriter(
        resource="arn:aws:states:::s3:putObject",
        writer_config=shape,
        arguments=values.value(arguments) if values.jsonata else ABSENT,
        parameters=ABSENT if values.jsonata else values.value(arguments),
    )


def condition(rule: steps.When, values: Values) -> dict[str, Any]:
    """Return the condition of a choice rule: ``Condition`` in JSONata, a comparison in JSONPath."""
    if values.jsonata:
        if isinstance(rule.condition, str | bool):
            return {"condition": rule.condition if isinstance(rule.condition, bool) else shield(rule.condition)}
        return {"condition": raw_or_written(values.noted(operand(rule.condition)))}
    if not isinstance(rule.condition, Expr):
        values.cannot(
            CannotExpressError("a condition in JSONPath is a comparison", None, "write it as an expression: states.input.a == 1"),
            rule.source,
        )
        return {}
    try:
        return {"test": to_test(values.noted(operand(rule.condition)))}
    except CannotExpressError as error:
        values.cannot(error, rule.source)
        return {}
