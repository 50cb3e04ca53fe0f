"""Short phrases for the constructs of a definition, the same in documents and in pictures.

Every function returns plain text, in which an author's own ``${`` is as written. Nothing is escaped: the modules that write
Markdown, Mermaid and XML escape the text for their format.
"""

from __future__ import annotations

import json
import re
from itertools import islice
from typing import TYPE_CHECKING, Any, Final

from generator.asl.model import ABSENT, ChoiceRule, Comparison, Fail, Junction, Map, Parallel, Retrier, State, Task, Wait
from generator.asl.placeholders import Placeholder, is_placeholder, placeholder_name, plain
from generator.asl.retries import attempts, delays
from generator.asl.text import is_expression
from generator.asl.walk import each
from generator.catalog.integrations import is_activity, parse_resource
from generator.catalog.resources import KINDS

if TYPE_CHECKING:
    from collections.abc import Mapping

_JSONATA = re.compile(r"\{%\s*(.*?)\s*%\}\Z", re.DOTALL)

_MINUTE: Final = 60
_DELAYS_SHOWN = 6
_DEEPEST = 16


def duration(seconds: float) -> str:
    """Write a time span for people.

    >>> [duration(s) for s in (1, 2.25, 90, 3600, 2592000)]
    ['1 s', '2.25 s', '1 min 30 s', '1 h', '30 d']
    """
    if seconds < _MINUTE or seconds != int(seconds):
        return f"{seconds:.2f}".rstrip("0").rstrip(".") + " s"
    parts = []
    rest = int(seconds)
    for unit, size in (("d", 86_400), ("h", 3_600), ("min", _MINUTE), ("s", 1)):
        count, rest = divmod(rest, size)
        if count:
            parts.append(f"{count} {unit}")
    return " ".join(parts)


def retry(retrier: Retrier) -> str:
    """Describe how often, and when, a failed state is retried.

    >>> retry(Retrier(error_equals=("States.TaskFailed",), interval_seconds=1, max_attempts=3, backoff_rate=2))
    '3 retries after 1 s, 2 s, 4 s'
    """
    count = attempts(retrier)
    if count == 0:
        return "no retry"
    waits = [duration(seconds) for seconds in islice(delays(retrier), _DELAYS_SHOWN)]
    if count > 1 and retrier.backoff_rate == 1:
        text = f"each after {waits[0]}"
    else:
        text = "after " + ", ".join([*waits, "…"] if count > len(waits) else waits)
    if count > len(waits) and isinstance(retrier.max_delay_seconds, int | float):
        text += f", at most {duration(retrier.max_delay_seconds)}"
    jitter = ", shortened at random (full jitter)" if retrier.jitter_strategy == "FULL" else ""
    return f"{count} retr{'y' if count == 1 else 'ies'} {text}{jitter}"


def unquoted(text: str) -> str:
    """Return a JSONata expression without its delimiters and without ``$states.input.``; other text is as written.

    >>> unquoted('{% $states.input.order.total > 100 %}')
    'order.total > 100'
    """
    found = _JSONATA.match(plain(text))
    return plain(text) if found is None else found[1].replace("$states.input.", "")


_OPERATORS: Final = {
    "Equals": "=",
    "LessThan": "<",
    "GreaterThan": ">",
    "LessThanEquals": "≤",
    "GreaterThanEquals": "≥",
    "Matches": "matches",
}
_OPERATOR = re.compile(r"(String|Numeric|Timestamp|Boolean)(Equals|LessThan|GreaterThan|LessThanEquals|GreaterThanEquals|Matches)(Path)?\Z")


def condition(rule: ChoiceRule) -> str:
    """Describe the condition of a choice rule.

    >>> test = Comparison(variable="$.total", operator="NumericGreaterThan", value=100)
    >>> condition(ChoiceRule(test=Junction(operator="Not", tests=(test,))))
    'not ($.total > 100)'
    """
    if isinstance(rule.condition, str):
        return unquoted(rule.condition)
    if isinstance(rule.condition, bool):
        return "always" if rule.condition else "never"
    return "" if rule.test is ABSENT else _test(rule.test, 0)


def _test(test: Comparison | Junction, depth: int) -> str:
    if depth > _DEEPEST:
        return "…"
    if isinstance(test, Comparison):
        return _comparison(test)
    inner = [_test(t, depth + 1) for t in test.tests]
    if test.operator == "Not":
        return f"not ({' '.join(inner)})"
    words = [f"({text})" if isinstance(t, Junction) and t.operator != "Not" else text for t, text in zip(test.tests, inner, strict=True)]
    return f" {test.operator.lower()} ".join(words)


def _comparison(test: Comparison) -> str:
    variable = plain(test.variable) if isinstance(test.variable, str) else ""
    found = _OPERATOR.match(test.operator)
    if found is not None:
        value = plain(str(test.value)) if found[3] or found[1] == "Timestamp" else literal(test.value)
        return f"{variable} {_OPERATORS[found[2]]} {value}"
    if test.operator.startswith("Is"):
        return f"{variable} is {'' if test.value is not False else 'not '}{test.operator[2:].lower()}"
    return f"{variable} {test.operator} {literal(test.value)}"


def literal(value: Any) -> str:
    """Write a JSON value."""
    return plain(json.dumps(value, ensure_ascii=False))


def expression(value: Any) -> str:
    """Write a value: a JSONata expression without its delimiters, other values as JSON."""
    return unquoted(value) if isinstance(value, str) else literal(value)


def errors(names: tuple[str, ...] | Any) -> str:
    """List the errors of a retrier or a catcher."""
    return ", ".join(plain(name) for name in each(names))


NONE_KNOWN: Final[Mapping[str, Placeholder]] = {}
"""The placeholders of a definition that was not compiled here."""

_SUFFIX: Final = re.compile(r"(?P<resource>.+)_(?P<attribute>arn|url|name|id)")
_NAMING: Final = re.compile(r".*(Name|Arn|Url|ARN|Bucket|Id)")


def integration(task: Task, placeholders: Mapping[str, Placeholder] = NONE_KNOWN) -> str:
    """Return what a Task calls, as ASL writes it.

    Args:
        task: the state.
        placeholders: the known placeholders of the definition, by name.

    Returns:
        text such as ``lambda:invoke`` and ``sqs:sendMessage.waitForTaskToken``. A Task whose Resource is the ARN of an
        activity or of a function returns ``activity`` or ``lambda``, and an empty string if the ARN does not show which.

    >>> integration(Task(resource="arn:aws:states:::aws-sdk:dynamodb:getItem"))
    'aws-sdk:dynamodb:getItem'
    """
    if not isinstance(task.resource, str):
        return ""
    parsed = parse_resource(task.resource)
    if parsed is not None:
        return parsed.call
    known = placeholders.get(placeholder_name(task.resource))
    arn = task.resource if known is None or not known.kind else KINDS[known.kind].arn
    return "activity" if is_activity(arn) else ("lambda" if ":function:" in arn else "")


def target(task: Task, placeholders: Mapping[str, Placeholder] = NONE_KNOWN) -> str:
    """Return the ARN, URL, name or placeholder by which a Task names the resource that it works on; empty if there is none.

    Args:
        task: the state.
        placeholders: the known placeholders of the definition, by name.

    >>> target(Task(resource="arn:aws:states:::lambda:invoke", arguments={"FunctionName": "${validator_arn}"}))
    '${validator_arn}'
    """
    if isinstance(task.resource, str) and parse_resource(task.resource) is None:
        return plain(task.resource)
    arguments = task.arguments if isinstance(task.arguments, dict) else task.parameters
    texts = {key: value for key, value in arguments.items() if isinstance(value, str)} if isinstance(arguments, dict) else {}
    for value in texts.values():
        known = placeholders.get(placeholder_name(value))
        if known is not None and known.kind:
            return value
    # Without a known resource, its parameter is guessed: the first placeholder, or the first parameter that names something.
    for key, value in texts.items():
        if is_placeholder(value) or (_NAMING.fullmatch(key) and not is_expression(value)):
            return plain(value)
    return ""


def short_target(task: Task, placeholders: Mapping[str, Placeholder] = NONE_KNOWN) -> str:
    """Return a short name of the resource that a Task works on: the last part of an ARN or a URL, a placeholder without its attribute.

    Args:
        task: the state.
        placeholders: the known placeholders of the definition, by name.

    >>> short_target(Task(resource="${validator_arn}"))
    'validator'
    >>> short_target(Task(resource="arn:aws:lambda:us-east-1:111122223333:function:check"))
    'check'
    """
    text = target(task, placeholders)
    if name := placeholder_name(text):
        known = placeholders.get(name) or guessed(name)
        return known.name.removesuffix(f"_{known.attribute}") if known.attribute else known.name
    if text.startswith(("arn:", "https://")):
        return re.split(r"[:/]", text.rstrip(":/"))[-1]
    return text


def guessed(name: str) -> Placeholder:
    """Guess the resource and the attribute of a placeholder from its name, in a definition that was not compiled here.

    >>> guessed("orders_url").attribute, guessed("limit").attribute
    ('url', '')
    """
    found = _SUFFIX.fullmatch(name)
    return Placeholder(name) if found is None else Placeholder(name, resource=found["resource"], attribute=found["attribute"])


def doing(state: State, placeholders: Mapping[str, Placeholder] = NONE_KNOWN) -> str:
    """Describe in a few words what a state does, apart from its name and type; empty if there is nothing to add.

    Args:
        state: the state.
        placeholders: the known placeholders of the definition, by name.

    >>> doing(Wait(seconds=3600))
    '1 h'
    >>> doing(Task(resource="arn:aws:states:::lambda:invoke", arguments={"FunctionName": "${validator_arn}"}))
    'lambda:invoke · validator'
    """
    if isinstance(state, Task):
        return " · ".join(filter(None, (integration(state, placeholders), short_target(state, placeholders))))
    if isinstance(state, Wait):
        return _waiting(state)
    if isinstance(state, Fail):
        error = state.error if state.error is not ABSENT else state.error_path
        return unquoted(error) if isinstance(error, str) else ""
    if isinstance(state, Map):
        return "distributed" if state.distributed else ""
    if isinstance(state, Parallel):
        count = len(each(state.branches))
        return f"{count} branch" + ("es" if count != 1 else "")
    return ""


def _waiting(wait: Wait) -> str:
    if isinstance(wait.seconds, int):
        return duration(wait.seconds)
    for value, prefix, suffix in (
        (wait.seconds, "", " seconds"),
        (wait.seconds_path, "", " seconds"),
        (wait.timestamp, "until ", ""),
        (wait.timestamp_path, "until ", ""),
    ):
        if isinstance(value, str):
            return f"{prefix}{unquoted(value)}{suffix}"
    return ""


def kind(state: State) -> str:
    """Return the type of a state; an unknown type is as the definition writes it."""
    return state.TYPE or plain(str(state.extra.get("Type", "?")))


def wrapped(text: str, longest: int) -> tuple[str, ...]:
    """Return text on one line or two, broken between words, and shortened if it does not fit.

    >>> wrapped('total > 1000 and country = "Germany" and not verified', 30)
    ('total > 1000 and country =', '"Germany" and not verified')
    >>> wrapped("default", 30)
    ('default',)
    """
    line = " ".join(text.split())
    if len(line) <= longest:
        return (shorten(text, longest),)
    head = line[: longest + 1]
    end = head.rfind(" ") if " " in head else max(map(head[:longest].rfind, "._-/")) + 1 or longest
    return shorten(line[:end], longest), shorten(line[end:].strip(), longest)


def shorten(text: str, limit: int) -> str:
    """Return a text on one line, cut to at most ``limit`` characters.

    >>> shorten("one two three", 9)
    'one two …'
    """
    line = " ".join(visible(text).split())
    return line if len(line) <= limit else line[: limit - 1] + "…"


_CONTROLS: Final = {
    **{code: chr(0x2400 + code) for code in range(0x20)},
    0x7F: "\u2421",
    **dict.fromkeys(range(0x80, 0xA0), "\ufffd"),
    # Marks that change the direction of the text around them, which then reads as another text.
    **dict.fromkeys((*range(0x202A, 0x202F), *range(0x2066, 0x206A)), "\ufffd"),
    **dict.fromkeys((0xFFFE, 0xFFFF), "\ufffd"),
    **dict.fromkeys(range(0xD800, 0xE000), "\ufffd"),
}


def visible(text: str) -> str:
    r"""Replace white space by blanks, and characters that XML or a terminal cannot show by symbols.

    >>> visible("a\tb\x00")
    'a b␀'
    """
    if text.isprintable():
        return text
    return re.sub(r"[\t\n\r\u2028\u2029]+", " ", text).translate(_CONTROLS)
