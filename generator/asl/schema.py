"""The JSON Schema of the Amazon States Language, generated from the table of the model.

This module writes ``asl.schema.json`` beside this file (``python -m generator.asl.schema``). The schema is published for
editors, and every generated definition is checked with it. A test compares the file with this module.

The query language decides which fields a state has. States inside a Map or a Parallel state take it from the machine, not
from the state around them. So there are three forms of each construct: JSONPath, JSONata in a JSONPath machine, and
JSONata in a JSONata machine.
"""

from __future__ import annotations

import json
from functools import lru_cache
from itertools import islice
from pathlib import Path
from typing import Any, Final

from generator.asl.error_names import ALL
from generator.asl.model import (
    ALTERNATIVES,
    ARN,
    COMPARISONS,
    JSONATA,
    JSONPATH,
    LABEL_REFUSES,
    MAX_LABEL,
    MAX_STATE_NAME,
    STATE_TYPES,
    TEXT,
    ChoiceRule,
    Construct,
    FieldInfo,
    Flag,
    ItemBatcher,
    Json,
    Kind,
    ListOf,
    Literally,
    Map,
    Node,
    Number,
    QueryLanguage,
    ResultWriter,
    RuleTest,
    Scope,
    State,
    StateMachine,
    States,
    Template,
    Text,
    table,
)
from generator.asl.placeholders import PATTERN
from generator.diagnostics.model import Finding

SCHEMA_FILE: Final = Path(__file__).with_name("asl.schema.json")
ID: Final = "urn:sfn-generator:asl.schema.json"
_PLACEHOLDER: Final = f"^{PATTERN}$"
_EXPRESSION: Final = r"^\{%[\s\S]*%\}$"
_COMPUTED: Final = rf"{_PLACEHOLDER}|{_EXPRESSION}"
# White space and control characters are listed, because regular expressions differ in what \\s means.
_SPACES: Final = r"\u0000-\u0020\u007f-\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"
_LABEL: Final = rf"^[^{_SPACES}{''.join(chr(92) + c if c in '[]^-' + chr(92) else c for c in LABEL_REFUSES)}]{{1,{MAX_LABEL}}}$"
_MOST_ERRORS: Final = 20
_LONGEST_MESSAGE: Final = 200

Schema = dict[str, Any]


class _Form:
    """A pair of query languages: that of a state, and that of its machine."""

    def __init__(self, language: QueryLanguage, machine: QueryLanguage) -> None:
        self.language = language
        self.machine = machine
        self.suffix = language if language == machine else f"{language}-in-{machine}"

    @property
    def of_inner_states(self) -> _Form:
        return _Form(self.machine, self.machine)


_FORMS: Final = (_Form(JSONPATH, JSONPATH), _Form(JSONATA, JSONPATH), _Form(JSONATA, JSONATA))


def schema() -> Schema:
    """Return the schema.

    >>> schema()["$schema"]
    'https://json-schema.org/draft/2020-12/schema'
    """
    definitions: Schema = {}
    for form in _FORMS:
        for cls in STATE_TYPES.values():
            _define(cls, form, definitions)
        definitions[f"State-{form.suffix}"] = _state(form)
    for machine in (JSONPATH, JSONATA):
        form = _Form(machine, machine)
        definitions[f"States-{machine}"] = {
            "type": ["object", "string"],
            "description": "The states by name. Names are unique in the whole state machine and have at most 80 characters.",
            "pattern": _PLACEHOLDER,
            "minProperties": 1,
            "propertyNames": {"anyOf": [{"minLength": 1, "maxLength": MAX_STATE_NAME}, {"pattern": PATTERN}]},
            "additionalProperties": _any_state(form),
        }
        definitions[f"StateMachine-{machine}"] = _object(StateMachine, form, definitions)
    definitions["Comparison"] = _comparison()
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": ID,
        "title": "Amazon States Language",
        "description": "A state machine of AWS Step Functions. A ${Placeholder} may be in place of a value that deployment fills in.",
        "if": {"properties": {"QueryLanguage": {"const": JSONATA}}, "required": ["QueryLanguage"]},
        "then": {"$ref": f"#/$defs/StateMachine-{JSONATA}"},
        "else": {"$ref": f"#/$defs/StateMachine-{JSONPATH}"},
        "$defs": dict(sorted(definitions.items())),
    }


def text() -> str:
    """Return the schema as the text of its file."""
    return json.dumps(schema(), indent=2) + "\n"


# -- constructs ----------------------------------------------------------------------------------------------------------


def _any_state(form: _Form) -> Schema:
    """Return the schema of a state, which may use JSONata inside a machine that uses JSONPath."""
    if form.machine == JSONATA:
        return {"$ref": f"#/$defs/State-{JSONATA}"}
    return {
        "if": {"properties": {"QueryLanguage": {"const": JSONATA}}, "required": ["QueryLanguage"]},
        "then": {"$ref": f"#/$defs/State-{JSONATA}-in-{JSONPATH}"},
        "else": {"$ref": f"#/$defs/State-{JSONPATH}"},
    }


def _state(form: _Form) -> Schema:
    # Nested conditions, not a list, so that a validator looks at one type of state only.
    result: Schema = {
        "type": ["object", "string"],
        "pattern": _PLACEHOLDER,
        "required": ["Type"],
        "properties": {"Type": {"anyOf": [{"enum": list(STATE_TYPES)}, {"pattern": _PLACEHOLDER, "type": "string"}]}},
    }
    for cls in reversed(list(STATE_TYPES.values())):
        result = {
            "if": {"properties": {"Type": {"const": cls.TYPE}}, "required": ["Type"], "type": "object"},
            "then": {"$ref": f"#/$defs/{cls.TYPE}-{form.suffix}"},
            "else": result,
        }
    return result


def _define(cls: type[Construct], form: _Form, definitions: Schema) -> str:
    """Add a construct to the definitions, if it is not there yet, and return its reference."""
    if issubclass(cls, Scope):
        form = form.of_inner_states
    name = f"{cls.__name__}-{form.suffix}"
    if name not in definitions:
        definitions[name] = {}
        definitions[name] = _object(cls, form, definitions)
    return f"#/$defs/{name}"


def _object(cls: type[Construct], form: _Form, definitions: Schema) -> Schema:
    properties: Schema = {}
    required: list[str] = []
    if issubclass(cls, State):
        properties["Type"] = {"const": cls.TYPE}
        required.append("Type")
    for _, info in table(cls):
        if info.language not in (None, form.language):
            continue
        if isinstance(info.kind, RuleTest):
            properties |= _test_properties()
            continue
        properties[info.name] = _field(info, form, definitions)
        if info.required:
            required.append(info.name)
    if "End" in properties:  # a state without Next must end, and "End": false does not say that
        properties["End"] = {"anyOf": [{"const": True}, {"type": "string", "pattern": _PLACEHOLDER}], "description": "true."}
    if "QueryLanguage" in properties and cls is not StateMachine:
        languages = [JSONATA] if form.machine == JSONATA else [form.language]
        one = {"anyOf": [{"enum": languages}, {"type": "string", "pattern": PATTERN}]}
        properties["QueryLanguage"] = {**one, "description": "The state's query language; without it, the machine's."}
    result: Schema = {"type": ["object", "string"], "description": _description(cls), "pattern": _PLACEHOLDER, "properties": properties}
    if cls is StateMachine:
        result |= {"type": "object"}
        del result["pattern"]
    if required:
        result["required"] = required
    result |= _combinations(cls, form, properties)
    result["additionalProperties"] = False
    return result


def _combinations(cls: type[Construct], form: _Form, properties: Schema) -> Schema:
    """Return the conditions between fields: alternatives, and fields that exclude each other."""
    parts: list[Schema] = []
    if "End" in properties and "Next" in properties:
        parts.append({"oneOf": [{"required": ["Next"]}, {"required": ["End"]}]})
    for group in ALTERNATIVES.get(cls, ()):
        names = [name for name in group.fields if name in properties]
        if group.needed:
            parts.append({"oneOf": [{"required": [name]} for name in names]})
        elif len(names) > 1:
            parts.append({"not": {"required": names}})
    if cls is ChoiceRule and form.language == JSONPATH:
        parts.append(_one_test())
    if cls is ItemBatcher:
        parts.append({"anyOf": [{"required": [name]} for name in properties if name.startswith("Max")]})
    if cls is ResultWriter:
        parts.append({"minProperties": 1})
    if cls is Map:
        parts.append(_distributed_only())
    # An `else` or `oneOf` would also apply to a placeholder in place of the whole object.
    if not parts:
        return {}
    return {"if": {"type": "object"}, "then": parts[0] if len(parts) == 1 else {"allOf": parts}}


def _test_properties() -> Schema:
    inner = {"$ref": "#/$defs/Comparison"}
    several = {"type": ["array", "string"], "pattern": _PLACEHOLDER, "items": inner, "minItems": 1}
    result: Schema = {
        "Variable": {
            "type": "string",
            "pattern": rf"^\$|{PATTERN}",
            "description": "A JSONPath to the value that is compared.",
        }
    }
    result |= {name: _kind(kind, _FORMS[0], {}) for name, kind in COMPARISONS.items()}
    return result | {"And": several, "Or": several, "Not": inner}


def _one_test() -> Schema:
    return {
        "oneOf": [{"required": [name]} for name in ("And", "Or", "Not", *COMPARISONS)],
        "dependentRequired": {name: ["Variable"] for name in COMPARISONS},
        "dependentSchemas": {name: {"not": {"required": ["Variable"]}} for name in ("And", "Or", "Not")},
    }


def _distributed_only() -> Schema:
    """Return the condition that only a Distributed Map has a reader, a batcher or a writer. A placeholder may make it one."""
    inline = {
        "type": "object",
        "properties": {
            "ProcessorConfig": {"type": "object", "properties": {"Mode": {"const": "INLINE"}}},
        },
    }
    return {
        "if": {"properties": {"ItemProcessor": inline, "Iterator": inline}},
        "then": {"properties": dict.fromkeys(("ItemReader", "ItemBatcher", "ResultWriter"), False)},
    }


def _comparison() -> Schema:
    return {
        "type": ["object", "string"],
        "description": "A comparison, or And, Or or Not of comparisons.",
        "pattern": _PLACEHOLDER,
        "properties": {"Comment": _text(TEXT), "Assign": {"description": "Without effect in a nested comparison."}, **_test_properties()},
        "additionalProperties": False,
        "if": {"type": "object"},
        "then": _one_test(),
    }


def _description(cls: type[Construct]) -> str:
    return (cls.__doc__ or "").strip().partition("\n")[0].replace("``", "")


# -- fields --------------------------------------------------------------------------------------------------------------


def _field(info: FieldInfo, form: _Form, definitions: Schema) -> Schema:
    result = _kind(info.kind, form, definitions)
    if "$ref" not in result and "description" not in result:
        result["description"] = info.kind.expected[:1].upper() + info.kind.expected[1:] + "."
    return result


def _kind(kind: Kind, form: _Form, definitions: Schema) -> Schema:
    computed = form.language == JSONATA
    result: Schema = {}
    match kind:
        case Text():
            result = _text(kind)
        case Number():
            pattern = _COMPUTED if kind.computed and computed else _PLACEHOLDER
            result = {"type": ["integer" if kind.whole else "number", "string"], "pattern": pattern}
            bounds = {"minimum": kind.minimum, "maximum": kind.maximum}
            result |= {name: bound for name, bound in bounds.items() if bound is not None}
        case Flag():
            result = {"type": ["boolean", "string"], "pattern": _PLACEHOLDER}
        case Literally():
            result = {}
        case Template():
            types = {"object": ["object"], "object-or-expression": ["object"], "array": ["array", "object"], "string": ["string"]}
            if kind.shape != "any":
                pattern = _COMPUTED if computed and kind.shape != "object" else _PLACEHOLDER
                result = {"type": [*types[kind.shape], "string"], "pattern": pattern}
        case ListOf():
            result = {"type": ["array", "string"], "pattern": _PLACEHOLDER, "items": _kind(kind.of, form, definitions)}
            if kind.least:
                result["minItems"] = kind.least
            if isinstance(kind.of, Text) and kind.of.form == "error":
                result |= {"if": {"type": "array", "contains": {"const": ALL}}, "then": {"maxItems": 1}}
        case Node():
            result = {"$ref": _define(kind.of(), form, definitions)}
        case States():
            result = {"$ref": f"#/$defs/States-{form.machine}"}
    return result


def _text(kind: Text) -> Schema:
    if kind.values:
        return {"anyOf": [{"enum": list(kind.values)}, {"type": "string", "pattern": PATTERN}]}
    if kind.form == "jsonata":
        return {"type": ["string", "boolean"], "pattern": f"{_EXPRESSION}|{PATTERN}"}
    result: Schema = {"type": ["string", "null"] if kind.nullable else "string"}
    if kind.form in ("path", "reference-path"):
        result["pattern"] = (r"^(\$|States\.)" if "intrinsic" in kind.expected else r"^\$") + f"|{PATTERN}"
    elif kind.form == "resource":
        result["pattern"] = f"^{ARN}$|{PATTERN}"
    elif kind.form == "label":
        result["pattern"] = f"{_LABEL}|{PATTERN}"
    return result


# -- checking ------------------------------------------------------------------------------------------------------------


@lru_cache(1)
def _validator() -> Any:
    from jsonschema_rs import Draft202012Validator  # noqa: PLC0415  loaded only when a definition is validated

    return Draft202012Validator(json.loads(SCHEMA_FILE.read_text(encoding="utf-8")))


def schema_findings(document: Json) -> list[Finding]:
    """Validate a definition with the schema, and return at most twenty findings.

    The parser and the checks find the same problems and have better messages. The schema is a second opinion that shares no code
    with them.

    Args:
        document: the definition as JSON.

    >>> schema_findings({"StartAt": "A", "States": {"A": {"Type": "Succeed"}}})
    []
    >>> [f.at for f in schema_findings({"StartAt": "A", "States": {"A": {"Type": "Succeed", "Next": "A"}}})]
    [('States', 'A')]
    """
    try:
        return [
            Finding("SFN006", tuple(error.instance_path), f"the definition does not match the ASL JSON Schema: {_short(error.message)}")
            for error in islice(_validator().iter_errors(document), _MOST_ERRORS)
        ]
    except ValueError:  # half a surrogate pair, or a depth that the validator does not read; the checks have rules for both
        return []


def _short(message: str) -> str:
    return message if len(message) <= _LONGEST_MESSAGE else message[: _LONGEST_MESSAGE - 1] + "…"


def main() -> None:
    """Write ``asl.schema.json``."""
    SCHEMA_FILE.write_text(text(), encoding="utf-8")


if __name__ == "__main__":
    main()
