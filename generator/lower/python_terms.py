"""The terms of messages about a workflow in Python: the keywords of the vocabulary in place of the fields of ASL.

Checks describe a definition, so that their messages have the names of ASL. For a workflow that was written in Python,
:func:`in_python` puts the vocabulary's names into a finding: ``next=END`` for ``"End": true``. No check needs to know where the
definition comes from.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from functools import cache
from typing import Final

from generator.asl import model as asl
from generator.catalog.integrations import parse_resource
from generator.catalog.spelling import identifier, service_of, snake
from generator.diagnostics.model import Finding

_DIFFERENT: Final = {
    "Arguments": "the arguments of the call",
    "BatchInput": "batch_input",
    "Branches": "the branches",
    "CausePath": "cause",
    "Choices": "when(…)",
    "Condition": "the condition of when(…)",
    "Default": "otherwise",
    "End": "next=END",
    "ErrorEquals": "errors",
    "ErrorPath": "error",
    "HeartbeatSecondsPath": "heartbeat_seconds",
    "ItemBatcher": "batch",
    "ItemProcessor": "steps",
    "ItemReader": "items",
    "Items": "items",
    "ItemsPath": "items",
    "Iterator": "steps",
    "JitterStrategy": "jitter",
    "MaxConcurrencyPath": "max_concurrency",
    "MaxInputBytesPerBatch": "max_input_bytes",
    "MaxInputBytesPerBatchPath": "max_input_bytes",
    "MaxItemsPath": "max_items",
    "MaxItemsPerBatch": "max_items",
    "MaxItemsPerBatchPath": "max_items",
    "Parameters": "the arguments of the call",
    "ProcessorConfig": "DistributedMap(…)",
    "Resource": "call",
    "SecondsPath": "seconds",
    "StartAt": "the first step",
    "States": "steps",
    "TimeoutSecondsPath": "timeout_seconds",
    "Timestamp": "until",
    "TimestampPath": "until",
    "ToleratedFailureCountPath": "tolerated_failure_count",
    "ToleratedFailurePercentagePath": "tolerated_failure_percentage",
    "Variable": "the condition of when(…)",
}
"""The fields of ASL whose counterpart in the vocabulary is not the same name in snake case."""

_PHRASES: Final = (
    (r'set "QueryLanguage": "(\w+)" on the state\b', r'set query_language="\1" on the step'),
    (r'"QueryLanguage": "(\w+)"', r'query_language="\1"'),
    (r'a Succeed or Fail state, or a state with "End": true', "a Succeed, a Fail, or a step with next=END"),
    (r'"Next" with the name of a state, or "End": true', "next=… with a step, or next=END"),
    (r"make JSONPath the state machine's query language and set JSONata on the other states",
     'set query_language="JSONPath" on the Workflow, and query_language="JSONata" on the other steps'),
    (r"make the workflow STANDARD", 'set type="STANDARD" on the Workflow'),
    (r"or the Map inline", "or use Map in place of DistributedMap"),
    (r'"ProcessorConfig": \{"Mode": "DISTRIBUTED", …\} in its ItemProcessor', "DistributedMap in place of Map"),
    (r"rename the field to '[^']*' if its value must be evaluated",
     'write it as an expression, such as states.input.order, if it must be evaluated, or as literal("…")'),
    (r"'\{% \$states\.input… %\}'", "an expression such as states.input.order"),
    (r"in a field whose name ends with '\.\$'", 'such as output={"name": …}'),
    (r"\$states\.errorOutput in the 'Output' or 'Assign' of a catcher", "states.error_output in output=… or assign=… of a Catch"),
    (r"^rename one of them$", "rename one of them, or copy the steps with prefixed(…)"),
    (r"^add '(\w+)'(?:, or '\1\.\$' for a value from the input)?$", r"add \1 to the arguments of the call"),
    (r'"(\w+)\.\$": "\$\$\.([\w.]+)"', r'"\1": states.context.\2'),
    (r'"(\w+)": "\{% \$states\.([\w.]+) %\}"', r'"\1": states.\2'),
    (r"of the AWS SDK: 'aws-sdk:service:action'", "of the AWS SDK: sdk.service.action(…)"),
    (r"the ARN of a service integration such as '[^']*', of a function or of an activity",
     "function.invoke(…), sdk.service.action(…), or the ARN of a function or an activity"),
    (r"use the optimised integration ([\w-]+:\w+)", r'use integration("\1", …)'),
    (r"'\.(sync:2)'", r'integration("….\1", …)'),
    (r"'\.sync'", ".sync()"),
    (r"'\.waitForTaskToken'", ".wait_for_task_token()"),
    (r"no suffix \(request-response\)", "no pattern"),
    (r"(write|remove) \.sync\b(?!\()", r"\1 .sync()"),
    (r"use 'Parameters' for a value", "use output=… for a value"),
    (r"'\{% … %\}' with nothing before or after it", 'an expression such as states.input.order, or jsonata("…")'),
    (r"a Distributed Map\b", "a DistributedMap"),
)  # fmt: skip
"""The phrases of hints that have another form in Python, in the order in which they are replaced."""

_COMPILED: Final = tuple((re.compile(pattern), replacement) for pattern, replacement in _PHRASES)
_QUOTED: Final = re.compile(r"""(['"])([A-Z][A-Za-z]+)\1""")
_BARE: Final = re.compile(r"(?<![\w'\"$.])([A-Z][a-z]+(?:[A-Z][a-z]+)*)(?![\w'\"(:=])")
_SDK_RESOURCE: Final = re.compile(r"'(arn:[\w-]+:states:::aws-sdk:[\w-]+:\w+)'")
_NAMES_FIELDS: Final = frozenset({"SFN018", "SFN022"})
"""Codes whose messages name fields without quotation marks."""


@cache
def fields() -> dict[str, str]:
    """Return the counterpart in the vocabulary of each field of ASL.

    >>> [fields()[name] for name in ("TimeoutSeconds", "Default", "ResultPath", "Timestamp")]
    ['timeout_seconds', 'otherwise', 'result_path', 'until']
    """
    found: dict[str, str] = {}
    pending: list[type[asl.Construct]] = [asl.StateMachine, *asl.STATE_TYPES.values()]
    seen: set[type[asl.Construct]] = set()
    while pending:
        construct = pending.pop()
        if construct in seen:
            continue
        seen.add(construct)
        for attribute, info in asl.table(construct):
            if info.name:
                found[info.name] = _DIFFERENT.get(info.name, attribute)
            kind = info.kind.of if isinstance(info.kind, asl.ListOf) else info.kind
            if isinstance(kind, asl.Node):
                pending.append(kind.of())
    return found


def in_python(finding: Finding) -> Finding:
    """Return a finding with the terms of the vocabulary in place of those of ASL.

    >>> in_python(Finding("SFN108", (), "…", expected='a Succeed or Fail state, or a state with "End": true')).expected
    'a Succeed, a Fail, or a step with next=END'
    """
    at = finding.at[-1] if finding.at else ""
    message = finding.message
    if isinstance(at, str) and at in fields() and "States" not in finding.at[-2:-1]:
        message = message.replace(f"'{at}' ", f"{fields()[at]} ", 1)
    if finding.code in _NAMES_FIELDS:
        return replace(finding, message=_bare(message), found=_bare(finding.found), expected=_bare(finding.expected))
    if finding.code == "SFN208":
        message = message.replace("$states.errorOutput", "states.error_output")
    return replace(finding, message=message, expected=_text(finding.expected), hint=_text(finding.hint))


def written_in_python(name: str, keywords: Iterable[str]) -> str:
    """Return the hint for a keyword that has the name of a field of ASL; empty if there is none.

    >>> written_in_python("Default", ["name", "otherwise"]), written_in_python("end", ["next"]), written_in_python("x", ["next"])
    ('write otherwise=…', 'write next=END', '')
    """
    plain = {field.lower(): word for field, word in fields().items()}
    word = plain.get(name.replace("_", "").lower(), "")
    if word == "next=END":
        return "write next=END" if "next" in keywords else ""
    return f"write {word}=…" if word in keywords else ""


def _text(text: str) -> str:
    if not text or text.startswith("did you mean"):  # the names in it are the author's
        return text
    for pattern, replacement in _COMPILED:
        text = pattern.sub(replacement, text)
    text = _SDK_RESOURCE.sub(lambda found: _sdk(found[1]), text)
    return _QUOTED.sub(lambda found: _keyword(found[2]) if found[2] in fields() else found[0], text)


def _bare(text: str) -> str:
    return _BARE.sub(lambda found: fields().get(found[1], found[1]), text)


def _keyword(field: str) -> str:
    word = fields()[field]
    return f"{word}=…" if word.isidentifier() else word


def _sdk(resource: str) -> str:
    parsed = parse_resource(resource)
    service = None if parsed is None else service_of(parsed.service)
    return resource if parsed is None or service is None else f"sdk.{identifier(service.client)}.{snake(parsed.action)}(…)"
