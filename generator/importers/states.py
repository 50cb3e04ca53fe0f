"""From a state of a definition to the step that a person would write: the first form that is compiled to the same fields."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from generator.asl import error_names
from generator.asl.model import COMPARISONS, JSONATA, JSONPATH, STATE_TYPES, QueryLanguage, State
from generator.asl.write import to_json
from generator.dsl.steps import Step, When
from generator.importers.calls import Call, calls
from generator.importers.code import call, constant, in_hours, listed, name
from generator.importers.interpret import value_of
from generator.importers.paths import comparison, path_or_raw
from generator.importers.payloads import ALL_NAMES, REFUSED, Payloads, equal, plain_json, values
from generator.importers.queries import query
from generator.lower.states import condition, fields_of

STRUCTURE: Final = frozenset({"Type", "Next", "End", "Choices", "Default", "Catch", "Branches", "ItemProcessor", "Iterator"})
"""The fields that transitions and nested scopes are made of."""
_TESTS: Final = frozenset({*COMPARISONS, "Variable", "And", "Or", "Not"})
_ERRORS: Final = {value: key for key, value in vars(error_names).items() if isinstance(value, str) and value in error_names.RESERVED}
_KEYWORDS: Final[dict[str, str]] = {
    "Comment": "comment",
    "QueryLanguage": "query_language",
}
Keywords = dict[str, ast.expr]


@dataclass
class StepCode:
    """The code of a step without its transitions.

    Attributes:
        kind: the class of the step.
        arguments: the arguments after the name; of a Map the items, without the steps.
        keywords: the keyword arguments, without transitions and ``raw``.
        raw: the fields that stay ASL.
    """

    kind: str
    arguments: list[ast.expr] = field(default_factory=list)
    keywords: Keywords = field(default_factory=dict)
    raw: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Form:
    """One way to write a state.

    Attributes:
        arguments: the arguments after the name.
        keywords: the keyword arguments that only this type of state has.
        without: the keyword arguments of every state that this form does not need.
    """

    arguments: list[ast.expr]
    keywords: Keywords
    without: frozenset[str] = frozenset()


class States:
    """The writer of the states of one definition."""

    def __init__(self, payloads: Payloads, machine: str) -> None:
        """Prepare to write the states of a machine with a query language."""
        self.payloads = payloads
        self.machine = machine
        self._retriers: dict[str, ast.expr] = {}

    def language(self, state: Mapping[str, Any]) -> QueryLanguage:
        """Return the query language of a state."""
        return JSONATA if JSONATA in (self.machine, state.get("QueryLanguage")) else JSONPATH

    # -- steps -----------------------------------------------------------------------------------------------------------

    def step(self, state: Mapping[str, Any]) -> StepCode:
        """Return the code of a state: the first form that is exact, else the one with the fewest fields that stay ASL."""
        wanted = {key: value for key, value in state.items() if key not in STRUCTURE}
        best: StepCode | None = None
        for made in self._forms(state, self.language(state)):
            if self._is_part(made, state, wanted):
                if not made.raw:
                    return made
            elif best is None or not best.arguments:
                made = self._reduced(made, state, wanted)  # noqa: PLW2901  what is left of it
            else:
                continue
            if best is None or len(made.raw) < len(best.raw):
                best = made
        return best or StepCode("Pass", raw={"Type": state.get("Type"), **wanted})

    def _is_part(self, made: StepCode, state: Mapping[str, Any], wanted: Mapping[str, Any]) -> bool:
        """Return whether what a step is compiled to is a part of the state; the other fields are noted to stay ASL."""
        got = self._compiled(made, state)
        if got is None or got.keys() - wanted.keys():
            return False
        made.raw = {key: value for key, value in wanted.items() if key not in got or not equal(got[key], value)}
        return True

    def _reduced(self, made: StepCode, state: Mapping[str, Any], wanted: Mapping[str, Any]) -> StepCode:
        """Return a form without the keyword arguments that the compiler refuses, or compiles to something else."""
        kept = StepCode(made.kind, made.arguments if made.kind == "Task" else [])
        if not self._is_part(kept, state, wanted):
            kept = StepCode(made.kind, [ast.Constant("")] if made.kind == "Task" else [], raw=dict(wanted))
        if made.kind in ("Map", "DistributedMap"):
            tried = StepCode(made.kind, made.arguments)
            kept = tried if self._is_part(tried, state, wanted) and len(tried.raw) < len(kept.raw) else kept
        for keyword, value in made.keywords.items():
            tried = StepCode(kept.kind, kept.arguments, {**kept.keywords, keyword: value})
            if self._is_part(tried, state, wanted) and len(tried.raw) < len(kept.raw):
                kept = tried
        return kept

    def _compiled(self, made: StepCode, state: Mapping[str, Any]) -> dict[str, Any] | None:
        """Return the fields that the code of a step is compiled to; None if the compiler refuses it."""
        arguments = [] if made.kind in ("Choice", "Parallel") else made.arguments
        code = call(made.kind, ast.Constant("Name"), *arguments, **made.keywords)
        try:
            step: Step = value_of(code, self.payloads.env)
            cls: type[State] = STATE_TYPES[state["Type"]]
            document = to_json(cls(**fields_of(step, values(self.language(state)))))
            return {key: plain_json(value) for key, value in document.items() if key not in STRUCTURE}
        except REFUSED:
            return None

    def _forms(self, state: Mapping[str, Any], language: QueryLanguage) -> Iterator[StepCode]:
        kind = str(state.get("Type"))
        common: Keywords = {}
        for key, keyword in _KEYWORDS.items():
            if isinstance(state.get(key), str):
                common[keyword] = ast.Constant(state[key])
        write: Callable[[Mapping[str, Any], QueryLanguage], Iterator[Form]] | None
        write = getattr(self, f"_{kind.lower()}", None) if kind in STATE_TYPES else None
        if write is None:
            return
        shared = {**common, **self._flow(state, language)}
        class_name = "DistributedMap" if kind == "Map" and _distributed(state) else kind
        for form in write(state, language):
            kept = {key: value for key, value in shared.items() if key not in form.without}
            yield StepCode(class_name, form.arguments, {**kept, **form.keywords})
        resource = state.get("Resource")
        yield StepCode(class_name, [ast.Constant(resource if isinstance(resource, str) else "")] if kind == "Task" else [], common)
        yield StepCode(class_name, [ast.Constant("")] if kind == "Task" else [])

    def _flow(self, state: Mapping[str, Any], language: QueryLanguage) -> Keywords:
        """Return the fields of input and output, of variables and of retries."""
        made: Keywords = {}
        failing = state.get("Type") in ("Task", "Parallel", "Map")
        for key, keyword in (("InputPath", "input_path"), ("ResultPath", "result_path"), ("OutputPath", "output_path")):
            if key in state:
                made[keyword] = constant(state[key])
        if "ResultSelector" in state:
            made["result_selector"] = self._payload(state["ResultSelector"], language, "result")
        if "Output" in state:
            made["output"] = self._payload(state["Output"], language, "result" if failing else "input")
        if state.get("Assign"):
            made["assign"] = self._payload(state["Assign"], language, "result" if failing else "input")
        retry = state.get("Retry")
        if isinstance(retry, list) and retry and all(isinstance(one, Mapping) for one in retry):
            made["retry"] = self.retriers(retry)
        return made

    def _payload(self, payload: Any, language: QueryLanguage, place: Any = "input") -> ast.expr:
        return self.payloads.exact(payload, language, place) or constant(payload)

    def retriers(self, retry: list[Mapping[str, Any]]) -> ast.expr:
        """Return one retrier, or a list of them."""
        made = [self.retrier(one) for one in retry]
        return made[0] if len(made) == 1 else listed(made)

    def retrier(self, retry: Mapping[str, Any]) -> ast.expr:
        """Return the code of a retrier; equal ones are one node, so that they can become one value."""
        key = repr(sorted(retry.items(), key=lambda one: one[0]))
        if key not in self._retriers:
            names = ("IntervalSeconds", "interval_seconds"), ("MaxAttempts", "max_attempts"), ("BackoffRate", "backoff_rate")
            more = ("MaxDelaySeconds", "max_delay_seconds"), ("Comment", "comment")
            keywords: Keywords = {python: self._literal(retry[asl]) for asl, python in (*names, *more) if asl in retry}
            if "JitterStrategy" in retry:
                keywords["jitter"] = ast.Constant(retry["JitterStrategy"] == "FULL")
            self._retriers[key] = call("Retry", errors_code(retry.get("ErrorEquals")), **keywords)
        return self._retriers[key]

    def _literal(self, value: Any) -> ast.expr:
        return (self.payloads.placeholder(value, "int") if isinstance(value, str) else None) or constant(value)

    def _number(self, state: Mapping[str, Any], key: str, language: QueryLanguage) -> ast.expr | None:
        """Return a field that is a number or computed: in JSONPath the computed one is another field."""
        if key in state:
            value = state[key]
            if isinstance(value, str):
                return (query(value) if language == JSONATA else None) or self.payloads.placeholder(value, "int") or ast.Constant(value)
            return constant(value)
        by_path = state.get(f"{key}Path")
        return path_or_raw(by_path) if isinstance(by_path, str) else None

    # -- one function per type of state: the forms of its own fields -------------------------------------------------------

    def _task(self, state: Mapping[str, Any], language: QueryLanguage) -> Iterator[Form]:
        own: Keywords = {}
        for key, keyword in (("TimeoutSeconds", "timeout_seconds"), ("HeartbeatSeconds", "heartbeat_seconds")):
            if (made := self._number(state, key, language)) is not None:
                own[keyword] = in_hours(made)
        if "Credentials" in state:
            own["credentials"] = self._payload(state["Credentials"], language)
        for one in calls(state, language, self.payloads):
            yield from self._with_call(one, own, state)

    def _with_call(self, one: Call, own: Keywords, state: Mapping[str, Any]) -> Iterator[Form]:
        """Yield a call with its default output, which is not written, with the output of the state, and with its whole result."""
        if one.default_output:
            yield Form([one.code], own, frozenset({"output", "output_path"}))
        yield Form([one.code], own)
        if one.default_output and self.language(state) == JSONPATH:
            yield Form([one.code], {**own, "output": name("states.result")})

    def _pass(self, state: Mapping[str, Any], language: QueryLanguage) -> Iterator[Form]:
        own: Keywords = {}
        if "Result" in state:
            own["result"] = self._payload(state["Result"], language)
        if isinstance(state.get("Parameters"), Mapping) and language == JSONPATH:
            own["output"] = self._payload(state["Parameters"], language)
        yield Form([], own)

    def _choice(self, *_: Any) -> Iterator[Form]:
        yield Form([], {})

    _succeed = _choice

    def _wait(self, state: Mapping[str, Any], language: QueryLanguage) -> Iterator[Form]:
        own: Keywords = {}
        for key, keyword in (("Seconds", "seconds"), ("Timestamp", "until")):
            if (made := self._number(state, key, language)) is not None:
                own[keyword] = in_hours(made)
        yield Form([], own)

    def _fail(self, state: Mapping[str, Any], language: QueryLanguage) -> Iterator[Form]:
        own: Keywords = {}
        for key, keyword in (("Error", "error"), ("Cause", "cause")):
            if key in state:
                own[keyword] = self.payloads.value(state[key], language)
            elif isinstance(by_path := state.get(f"{key}Path"), str):
                own[keyword] = path_or_raw(by_path)
        yield Form([], own)

    def _parallel(self, state: Mapping[str, Any], language: QueryLanguage) -> Iterator[Form]:
        key = "Arguments" if language == JSONATA else "Parameters"
        yield Form([], {"arguments": self._payload(state[key], language)} if key in state else {})

    def _map(self, state: Mapping[str, Any], language: QueryLanguage) -> Iterator[Form]:
        own: Keywords = {}
        items: ast.expr = constant(None)
        if isinstance(state.get("ItemReader"), Mapping):
            items = self._reader(state["ItemReader"], language)
        elif "Items" in state and language == JSONATA:
            items = self._payload(state["Items"], language)
        elif isinstance(items_path := state.get("ItemsPath"), str):
            items = path_or_raw(items_path)
        processor = state.get("Iterator", state.get("ItemProcessor"))
        config = processor.get("ProcessorConfig") if isinstance(processor, Mapping) else None
        if "Iterator" in state:
            own["old_names"] = ast.Constant(value=True)
        selector = "Parameters" if "Iterator" in state else "ItemSelector"
        if selector in state:
            own["item_selector"] = self._payload(state[selector], language)
        if (made := self._number(state, "MaxConcurrency", language)) is not None:
            own["max_concurrency"] = made
        if _distributed(state):
            own |= self._distributed_fields(state, language, config)
        elif config is not None:
            own["mode"] = ast.Constant("INLINE")
        yield Form([items], own)

    def _distributed_fields(self, state: Mapping[str, Any], language: QueryLanguage, config: Any) -> Keywords:
        own: Keywords = {}
        batcher = state.get("ItemBatcher")
        if isinstance(batcher, Mapping):
            fields = {
                "max_items": self._number(batcher, "MaxItemsPerBatch", language),
                "max_input_bytes": self._number(batcher, "MaxInputBytesPerBatch", language),
                "batch_input": self._payload(batcher["BatchInput"], language) if "BatchInput" in batcher else None,
            }
            own["batch"] = call("ItemBatcher", **fields)
        own["execution_type"] = constant(config.get("ExecutionType"))
        if config.get("ExecutionType") == "STANDARD":
            del own["execution_type"]
        for key, keyword in (
            ("ToleratedFailurePercentage", "tolerated_failure_percentage"),
            ("ToleratedFailureCount", "tolerated_failure_count"),
        ):
            if (made := self._number(state, key, language)) is not None:
                own[keyword] = made
        if "Label" in state:
            own["label"] = constant(state["Label"])
        if isinstance(state.get("ResultWriter"), Mapping):
            own["result_writer"] = self._writer(state["ResultWriter"], language)
        return own

    def _reader(self, reader: Mapping[str, Any], language: QueryLanguage) -> ast.expr:
        """Return the source of items: the function that makes the same reader, or the reader itself."""
        arguments = reader.get("Arguments" if language == JSONATA else "Parameters")
        config = reader.get("ReaderConfig", {})
        resource = reader.get("Resource")
        if isinstance(arguments, Mapping) and isinstance(config, Mapping):
            place = {key.removesuffix(".$"): self._argument(arguments, key, language) for key in arguments}
            rest = {key: value for key, value in config.items() if key != "InputType"}
            most = self._number(rest, "MaxItems", language)
            rest = {key: value for key, value in rest.items() if key not in ("MaxItems", "MaxItemsPath")}
            if resource == "arn:aws:states:::s3:getObject" and place.keys() == {"Bucket", "Key"}:
                made = _file_items(str(config.get("InputType")), rest)
                if made is not None:
                    function, keywords = made
                    return call(function, place["Bucket"], place["Key"], **keywords, max_items=most)
            if (
                resource == "arn:aws:states:::s3:listObjectsV2"
                and place.keys() <= {"Bucket", "Prefix"}
                and "Bucket" in place
                and not config.keys() - {"MaxItems", "MaxItemsPath", "Transformation"}
                and config.get("Transformation", "LOAD_AND_FLATTEN") == "LOAD_AND_FLATTEN"
            ):
                load = ast.Constant(value=True) if config else None
                load = load if "Transformation" in config else None
                return call("s3_objects", place["Bucket"], *([place["Prefix"]] if "Prefix" in place else []), load=load, max_items=most)
        written = {key: value for key, value in config.items() if not key.endswith("Path")} if isinstance(config, Mapping) else {}
        members = {key: constant(value) for key, value in written.items()}
        if isinstance(config, Mapping) and (most := self._number(config, "MaxItems", language)) is not None:
            members["MaxItems"] = most
        keys = [ast.Constant(key) for key in members]
        more = [ast.Dict(list(keys), list(members.values()))] if members else []
        return call("ItemReader", constant(resource), self._payload(arguments, language), *more)

    def _argument(self, arguments: Mapping[str, Any], key: str, language: QueryLanguage) -> ast.expr:
        """Return the bucket or the key of a file."""
        made = self.payloads.value({key: arguments[key]}, language)
        value = made.values[0] if isinstance(made, ast.Dict) else constant(None)
        found = self.payloads.resources.of("bucket", arguments[key])
        if key == "Bucket" and found is not None and found.text("name") == arguments[key]:
            return ast.Name(found.identifier)
        return value

    def _writer(self, writer: Mapping[str, Any], language: QueryLanguage) -> ast.expr:
        arguments = writer.get("Arguments" if language == JSONATA else "Parameters") or {}
        config = writer.get("WriterConfig") or {}
        place = {key.removesuffix(".$"): self._argument(arguments, key, language) for key in arguments}
        optional = {"output_type": config.get("OutputType"), "transformation": config.get("Transformation")}
        return call(
            "ResultWriter",
            *([place["Bucket"]] if "Bucket" in place else []),
            prefix=place.get("Prefix"),
            **{key: None if value is None else constant(value) for key, value in optional.items()},
        )

    # -- rules and catchers ----------------------------------------------------------------------------------------------

    def rule(self, rule: Mapping[str, Any], language: QueryLanguage) -> tuple[list[ast.expr], Keywords] | None:
        """Return the condition and the other arguments of a choice rule, without its target; None if they would not be exact."""
        tests = {key: value for key, value in rule.items() if key in _TESTS}
        code: ast.expr
        if language == JSONATA:
            held = rule.get("Condition")
            code = (query(held) if isinstance(held, str) else None) or constant(held)
        else:
            code = comparison(tests) or constant(tests)
        keywords = self._rest(rule, language, "input")
        try:
            made: When = value_of(call("when", code, ast.Constant("Next"), **keywords), self.payloads.env)
            writer = values(language)
            fields = condition(made, writer)
            got = self._compiled_rest(made, writer, "input")
            if "condition" in fields:
                got["Condition"] = fields["condition"]
            got |= fields.get("extra", {})
            if "test" in fields:
                got |= to_json(fields["test"])
            got = plain_json(got)
        except REFUSED:
            return None
        wanted = {key: value for key, value in rule.items() if key != "Next"}
        return ([code], keywords) if equal(got, wanted) and isinstance(rule.get("Next"), str) else None

    def catcher(self, catch: Mapping[str, Any], language: QueryLanguage) -> tuple[list[ast.expr], Keywords] | None:
        """Return the errors and the other arguments of a catcher, without its target; None if they would not be exact."""
        keywords = {"result_path": constant(catch["ResultPath"])} if "ResultPath" in catch else {}
        keywords |= self._rest(catch, language, "errorOutput")
        errors = errors_code(catch.get("ErrorEquals"))
        try:
            made = value_of(call("Catch", errors, ast.Constant("Next"), **keywords), self.payloads.env)
            writer = values(language)
            got = self._compiled_rest(made, writer, "errorOutput")
            extra: dict[str, Any] = {}
            writer.jsonpath_field(extra, "ResultPath", made.result_path, "input")
            names = [made.errors] if isinstance(made.errors, str) else list(made.errors)
            got = plain_json({**got, **extra, "ErrorEquals": names})
        except REFUSED:
            return None
        wanted = {key: value for key, value in catch.items() if key != "Next"}
        return ([errors], keywords) if equal(got, wanted) and isinstance(catch.get("Next"), str) else None

    def _rest(self, of: Mapping[str, Any], language: QueryLanguage, place: Any) -> Keywords:
        keywords: Keywords = {}
        if "Output" in of:
            keywords["output"] = self._payload(of["Output"], language, place)
        if of.get("Assign"):
            keywords["assign"] = self._payload(of["Assign"], language, place)
        if "Comment" in of:
            keywords["comment"] = constant(of["Comment"])
        return keywords

    def _compiled_rest(self, made: Any, writer: Any, place: Any) -> dict[str, Any]:
        got: dict[str, Any] = {}
        if made.comment is not None:
            got["Comment"] = made.comment
        if made.assign:
            got["Assign"] = writer.value(dict(made.assign), place)
        if made.output is not ALL_NAMES["NEXT"] and repr(made.output) != "UNSET":
            got["Output"] = writer.value(made.output, place)
        return got


def _file_items(kind: str, config: Mapping[str, Any]) -> tuple[str, Keywords] | None:
    """Return the function that reads a file of a kind, and its keyword arguments."""
    match kind, dict(config):
        case "CSV", {"CSVHeaderLocation": "FIRST_ROW", **rest} if not rest.keys() - {"CSVDelimiter"}:
            return "csv_items", {"delimiter": constant(rest["CSVDelimiter"])} if rest else {}
        case "CSV", {"CSVHeaderLocation": "GIVEN", "CSVHeaders": headers, **rest} if not rest.keys() - {"CSVDelimiter"}:
            return "csv_items", {"headers": constant(headers)} | ({"delimiter": constant(rest["CSVDelimiter"])} if rest else {})
        case "JSON", {**rest} if not rest.keys() - {"ItemsPointer"}:
            return "json_items", {"pointer": constant(rest["ItemsPointer"])} if rest else {}
        case (("JSONL" | "PARQUET"), {**rest}) if not rest:
            return f"{kind.lower()}_items", {}
        case "MANIFEST", {"ManifestType": manifest, **rest} if not rest:
            return "manifest_items", {} if manifest == "S3_INVENTORY" else {"manifest": constant(manifest)}
    return None


def _distributed(state: Mapping[str, Any]) -> bool:
    processor = state.get("Iterator", state.get("ItemProcessor"))
    config = processor.get("ProcessorConfig") if isinstance(processor, Mapping) else None
    return isinstance(config, Mapping) and config.get("Mode") == "DISTRIBUTED"


def errors_code(errors: Any) -> ast.expr:
    """Return error names by the constants of the vocabulary.

    >>> ast.unparse(errors_code(["States.ALL"])), ast.unparse(errors_code(["States.Timeout", "Mine"]))
    ('errors.ALL', "[errors.TIMEOUT, 'Mine']")
    """
    if errors == list(error_names.LAMBDA_TRANSIENT):
        return name("errors.LAMBDA_TRANSIENT")
    if not isinstance(errors, list):
        return constant(errors)
    made = [name(f"errors.{_ERRORS[one]}") if isinstance(one, str) and one in _ERRORS else constant(one) for one in errors]
    return made[0] if len(made) == 1 else listed(made)
