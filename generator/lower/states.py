"""From a step to the fields of its state, in the query language of the state."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from math import isfinite
from typing import Any, Final

from generator.asl import model as asl
from generator.asl.model import ABSENT, JSONATA, Json
from generator.asl.placeholders import Placeholder, mark, shield
from generator.dsl import maps, steps
from generator.dsl.expressions import Expr, Payload, contains_expression, expect_time_zone, operand, source_of, way_to_json
from generator.dsl.integrations import Integration
from generator.dsl.known import known_text, placeholders_in
from generator.dsl.nodes import Literally, Member, Operand, PlaceholderNode, Raw, Root
from generator.dsl.resources import Bucket
from generator.dsl.source import Source, shown
from generator.dsl.steps import UNSET
from generator.dsl.written import as_python
from generator.lower.flow import Report
from generator.lower.jsonata import raw_or_written, timestamp
from generator.lower.jsonpath import CannotExpressError, Place, to_path, to_test
from generator.lower.texts import authored

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
            return dict(self.member(key, value, place) for key, value in payload.items() if self.is_key(key))
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
            expect_time_zone(payload)
            return timestamp(payload)
        if isinstance(payload, str):
            return self.text(payload)
        if payload is None or isinstance(payload, bool | int) or (isinstance(payload, float) and isfinite(payload)):
            return payload
        self.report(
            "SFN806",
            self.source,
            f"a value of type {type(payload).__name__} is not a JSON value",
            found=shown(payload),
            expected="text, a finite number, bool, None, list, dict, or an expression",
            hint=way_to_json(payload),
        )
        return None

    def is_key(self, key: object) -> bool:
        """Return whether a key is text; report any other, which Python's JSON would convert without a word."""
        if isinstance(key, str):
            return True
        self.report("SFN806", self.source, "the keys of an object must be text", found=shown(key), expected='text, such as "id"')
        return False

    def member(self, key: str, payload: Any, place: Place) -> tuple[str, Json]:
        """Write a member of an object. In JSONPath, the key of a computed member ends in ``.$``."""
        if self.jsonata:
            return authored(key), self.value(payload, place)
        if key.endswith(".$") and isinstance(payload, str):
            return authored(key), authored(payload)
        if isinstance(payload, Expr):
            if _is_known(payload):
                return authored(key), self.expression(payload)
            return f"{authored(key)}.$", self.path(payload, place)
        if isinstance(payload, list | tuple) and any(_is_computed(item) for item in payload):
            items = [Expr(Raw(item, "JSONPath")) if _is_path(item) else item for item in payload]
            return f"{authored(key)}.$", self.path(Expr(operand(items)), place)
        if _is_path(payload):
            return f"{authored(key)}.$", authored(payload)
        return authored(key), self.value(payload, place)

    def text(self, text: str) -> str:
        """Write text. A raw ``{% … %}`` remains an expression."""
        return authored(text)

    def expression(self, expression: Expr) -> Json:
        """Write an expression as a JSON value: what is known at deployment as itself, any other as JSONata."""
        node = self.noted(operand(expression))
        if (text := known_text(node, mark)) is not None:
            if self.jsonata and (text.lstrip().startswith("{%") or text.rstrip().endswith("%}")):
                return raw_or_written(node)  # text that looks like an expression must be written as one
            return text
        if isinstance(node, PlaceholderNode):
            return Placeholder(node.name).text
        if isinstance(node, Literally):
            return self.exactly(node.value) if node.exact else self.value(node.value)
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

    def exactly(self, value: Any) -> Json:
        """Write a literal value, in which no text is an expression or a placeholder."""
        if isinstance(value, str):
            if self.jsonata and (value.lstrip().startswith("{%") or value.rstrip().endswith("%}")):
                return raw_or_written(Literally(value, exact=True))  # what looks like an expression must be written as one
            return shield(value)
        if isinstance(value, Mapping):
            return {shield(key): self.exactly(item) for key, item in value.items()}
        return [self.exactly(item) for item in value] if isinstance(value, list | tuple) else self.value(value)

    def path(self, expression: Expr | str, place: Place) -> str:
        """Write an expression as a JSONPath or an intrinsic function."""
        if isinstance(expression, str):
            return authored(expression)
        try:
            return to_path(self.noted(operand(expression)), place)
        except CannotExpressError as error:
            self.cannot(error, source_of(expression))
            return "$"

    def noted(self, node: Operand) -> Operand:
        """Add the placeholders in an expression to those of the workflow, and return the expression."""
        for item in placeholders_in(node):
            made = Placeholder(item.name, type=item.type) if item.resource is None else item.resource.placeholder(item.attribute)
            if made.is_structure and item is not node:
                self.report(
                    "SFN806",
                    self.source,
                    "a placeholder that is a list or a map cannot be part of an expression",
                    found=as_python(node)[:80],
                    expected="a value of its own",
                    hint=f"set a variable with assign={{…: {as_python(item)}}}, and use the variable in the expression",
                )
            if item.resource is not None and isinstance(item.resource.encryption, Expr):
                self.noted(operand(item.resource.encryption))  # the policy names the key
            first = self.placeholders.setdefault(item.name, made)
            if (first.kind, first.type) != (made.kind, made.type):
                self.report("SFN807", self.source, f"two different things share the placeholder {item.name!r}", hint="rename one of them")
        return node

    # -- fields ----------------------------------------------------------------------------------------------------------

    def computed(self, fields: dict[str, Any], name: str, value: Any) -> None:
        """Write a field that can be a literal or computed. In JSONPath the computed one is another field, ``…_path``."""
        if value is None:
            return
        if isinstance(value, Expr) and not self.jsonata:
            if _is_known(value):
                fields[name] = self.expression(value)
            else:
                fields[f"{name}_path"] = self.path(value, "input")
        elif not self.jsonata and _is_path(value):
            fields[f"{name}_path"] = authored(value)
        elif isinstance(value, datetime):
            expect_time_zone(value)
            fields[name] = timestamp(value)
        else:
            fields[name] = self.value(value)

    def jsonpath_field(self, fields: dict[str, Any], name: str, value: Any, place: Place) -> None:
        """Write a field that only JSONPath has, and that may be null. In a JSONata state the checks report it."""
        if value is UNSET:
            return
        fields[name] = self.path(value, place) if isinstance(value, Expr) else authored(value)

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
    return isinstance(node, Literally | PlaceholderNode) or known_text(node) is not None


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
            fields["retry"] = tuple(_retrier(r, values) for r in ((step.retry,) if isinstance(step.retry, steps.Retry) else step.retry))
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
    if step.raw:
        fields["extra"] = raw_fields(step.raw, values)
    return fields


def raw_fields(raw: Mapping[str, Any], values: Values) -> dict[str, Json]:
    """Return fields as ASL has them; the texts in them may contain placeholders."""
    return {authored(name): _as_it_is(value, values) for name, value in raw.items()}


def _as_it_is(value: Any, values: Values) -> Any:
    """Write JSON that is already that of the definition. A reference or a literal in it is known at deployment."""
    if isinstance(value, Expr):
        node = values.noted(operand(value))
        if isinstance(node, Literally) and not isinstance(node.value, datetime):
            return _shielded(node.value) if node.exact else _as_it_is(node.value, values)
        return values.expression(value) if _is_known(value) else _unknown(value, values)
    if isinstance(value, Mapping):
        return {authored(key): _as_it_is(item, values) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_as_it_is(item, values) for item in value]
    return authored(value)


def _shielded(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {shield(key): _shielded(item) for key, item in value.items()}
    return [_shielded(item) for item in value] if isinstance(value, list | tuple) else shield(value)


def _unknown(value: Expr, values: Values) -> None:
    message = "a number of a retrier and a field in raw=… are known at deployment, and cannot contain an expression"
    values.report(
        "SFN806", source_of(value), message, found=as_python(operand(value))[:80], expected="JSON, and references such as orders.arn"
    )


def _retrier(retry: steps.Retry, values: Values) -> asl.Retrier:
    def number(value: Any) -> Any:
        return _as_it_is(value, values) if isinstance(value, Expr) else _or_absent(value)

    return asl.Retrier(
        error_equals=error_names(retry.errors),
        interval_seconds=number(retry.interval_seconds),
        max_attempts=number(retry.max_attempts),
        backoff_rate=number(retry.backoff_rate),
        max_delay_seconds=number(retry.max_delay_seconds),
        jitter_strategy=ABSENT if retry.jitter is None else ("FULL" if retry.jitter else "NONE"),
        comment=ABSENT if retry.comment is None else shield(retry.comment),
    )


def error_names(errors: str | Sequence[str]) -> tuple[str, ...]:
    """Return one error name, or several, as a tuple."""
    return tuple(authored(e) for e in (errors if isinstance(errors, list | tuple) else (errors,)))


def _or_absent(value: Any) -> Any:
    return ABSENT if value is None else value


def _task(step: steps.Task, values: Values, fields: dict[str, Any]) -> None:
    call = step.call if isinstance(step.call, Integration) else Integration(step.call)
    stored = not values.jsonata and step.result_path is not UNSET and step.result_path is not None
    alone = stored and step.output is UNSET and step.result_selector is None and call.alone is not None
    if alone and call.alone is not None:
        call = call.alone
        _alone(step, call.arguments, values, fields)
    if isinstance(call.resource, Expr):
        fields["resource"] = values.expression(call.resource)
    else:
        fields["resource"] = authored(call.resource)
    if call.arguments is not None and not alone:
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
    if step.output is not UNSET and not (stored and isinstance(step.output, Expr | str)):
        values.output(fields, step.output, "result")
    elif step.output is not UNSET:
        hint = 'select members of the result with result_selector={"name": states.result.…}'
        values.cannot(CannotExpressError("a JSONPath step with result_path stores its whole result", operand(step.output), hint))
    elif call.output is not None and step.result_selector is None and (stored or step.result_path is step.output_path is UNSET):
        _default_output(call.output, values, fields, stored=stored)


def _alone(step: steps.Task, payload: Any, values: Values, fields: dict[str, Any]) -> None:
    """Write the payload of a call whose input is the payload itself: as ``Parameters``, or as ``InputPath`` if it is a path."""
    if payload is None or (isinstance(payload, Expr) and values.path(payload, "input") == "$"):
        return
    if isinstance(payload, Mapping):
        fields["parameters"] = values.value(payload)
        return
    path = values.path(payload, "input") if isinstance(payload, Expr) or _is_path(payload) else "States."
    if path.startswith("States.") or step.input_path is not UNSET:
        hint = 'make the payload a dict, or add result_selector={"Payload": states.result.Payload}'
        message = "a JSONPath step with result_path can only send a dict or a path to a function"
        values.cannot(CannotExpressError(message, operand(payload), hint))
    else:
        fields["input_path"] = path


def _default_output(output: Payload, values: Values, fields: dict[str, Any], *, stored: bool) -> None:
    """Write the output of a call. Where the whole result is stored, it becomes an object with this output alone."""
    node = operand(output)
    if values.jsonata or (not stored and isinstance(node, Member | Root)):
        values.output(fields, output, "result")
        return
    selected = {"Output.$": values.path(output, "result")} if isinstance(output, Expr) else values.value(output, "result")
    fields["result_selector"] = selected
    if not stored:
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
        fields["parameters" if step.old_names else "item_selector"] = values.value(step.item_selector)
    values.computed(fields, "max_concurrency", step.max_concurrency)
    if isinstance(step, maps.DistributedMap):
        if step.label is not None:
            fields["label"] = authored(step.label)
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
            return {"condition": rule.condition if isinstance(rule.condition, bool) else authored(rule.condition)}
        if isinstance(rule.condition, Mapping):
            message = "a condition in JSONata is an expression, not a comparison as ASL has it"
            values.cannot(CannotExpressError(message, None, "write it as an expression: states.input.a == 1"), rule.source)
            return {}
        return {"condition": raw_or_written(values.noted(operand(rule.condition)))}
    if isinstance(rule.condition, Mapping):
        return {"extra": raw_fields(rule.condition, values)}
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
