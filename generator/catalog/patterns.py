"""What is certain about a value before the workflow runs, as text that a policy can name.

A parameter of a task is literal text, a placeholder that the deployment fills (`${orders_table_arn}`), something known
only at run time (a path, an expression), or a mixture. This module reduces each to *pattern text*: the literal parts as
they stand, placeholders as they stand, and `UNKNOWN` wherever only the execution can tell.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from generator.asl.placeholders import NAME, Placeholder, placeholder_name

UNKNOWN: Final = "\0"
"""Stands in pattern text for any text that only the execution knows; a policy writes it as `*`."""

_ARN_AND_MORE = re.compile(r"\$\{(?:" + NAME + r")?[Aa][Rr][Nn]\}[:/]")
_IAM_SPECIAL = re.compile(r"[*?]|\$(?=\{)(?!\{" + NAME + r"\})")
_STRING = re.compile(r"'((?:[^'\\]|\\.)*)'|\"((?:[^\"\\]|\\.)*)\"", re.DOTALL)
_WEAKER = re.compile(r"[?:=<>~;]|/\*|\b(?:and|or|in)\b")
_STEP = re.compile(r"([^.\[\]@]+)|(\[\])|(@)")


@dataclass(frozen=True, slots=True)
class Deployment:
    """Where the state machine will run, as far as it is known; the defaults say that nothing is.

    Args:
        partition: `aws`, `aws-cn`, `aws-us-gov`, a placeholder or `*`.
        region: Region code, a placeholder or `*`.
        account: The 12-digit account, a placeholder or `*`.
        name: The state machine's name, a placeholder or `*`.
        placeholders: What the placeholders of the definition stand for, as far as it is known.

    >>> Deployment(region="eu-west-1", account="111122223333", name="orders").self_arn
    'arn:aws:states:eu-west-1:111122223333:stateMachine:orders'
    """

    partition: str = "aws"
    region: str = "*"
    account: str = "*"
    name: str = "*"
    placeholders: Mapping[str, Placeholder] = field(default_factory=dict, compare=False, repr=False)

    @property
    def self_arn(self) -> str:
        """The ARN of the state machine itself, built from its name so that its role never refers back to it."""
        return f"arn:{self.partition}:states:{self.region}:{self.account}:stateMachine:{self.name}"

    def arn_of(self, text: str) -> str:
        """Return the ARN that a text is or stands for; an empty string for a name, an id, and what only the execution knows.

        A placeholder stands for an attribute of a resource, whose ARN has a placeholder too. Where it is not known what a
        placeholder stands for, the name is read as people write such names: `${orders_url}` and `${OrdersUrl}` have the
        siblings `${orders_arn}` and `${OrdersArn}`.

        >>> [Deployment().arn_of(text) for text in ("${order_queue_url}", "${OrderQueueUrl}", "orders")]
        ['${order_queue_arn}', '${OrderQueueArn}', '']
        """
        if text.startswith("arn:") or _ARN_AND_MORE.match(text):
            return text
        name = self.sibling(text, "arn")
        return "${" + name + "}" if name else ""

    def sibling(self, text: str, attribute: str) -> str:
        """Return the name of the placeholder of another attribute of the resource that a placeholder belongs to.

        >>> Deployment().sibling("${orders_arn}", "name"), Deployment().sibling("${OrdersArn}", "name")
        ('orders_name', 'OrdersName')
        """
        name = placeholder_name(text)
        known = self.placeholders.get(name)
        if known is not None and known.kind:
            return known.sibling(attribute)
        for suffix in ("arn", "url", "name"):
            if name.endswith(f"_{suffix}"):
                return name.removesuffix(suffix) + attribute
            if name.endswith(suffix.capitalize()):
                return name.removesuffix(suffix.capitalize()) + attribute.capitalize()
        return name if attribute == "arn" and name.lower().endswith("arn") else ""


TEMPLATED: Final = Deployment("${aws_partition}", "${aws_region}", "${aws_account_id}", "${state_machine_name}")
"""The deployment of a definition that carries placeholders: the generated Terraform fills these four."""


def literal(text: str) -> str:
    """Quote the characters of literal text that mean something in a policy, unless it is an ARN that already is a pattern.

    Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html (special characters).

    >>> literal("a*b")
    'a${*}b'
    """
    return text if text.startswith("arn:") else _IAM_SPECIAL.sub(lambda found: "${" + found[0] + "}", text)


def of_jsonpath(expression: str, deployment: Deployment) -> str:
    """Reduce the right side of a `"Name.$"` field: a path, a context path, or an intrinsic function.

    >>> of_jsonpath("States.Format('orders-{}', $.day)", Deployment()) == "orders-" + UNKNOWN
    True
    """
    expression = expression.strip()
    if expression == "$$.StateMachine.Id":
        return deployment.self_arn
    if expression == "$$.StateMachine.Name":
        return deployment.name
    if not expression.startswith("States.Format("):
        return UNKNOWN
    template = _STRING.match(expression, len("States.Format("))
    if template is None:
        return UNKNOWN
    rest = expression[template.end() : -1].strip()
    arguments = _top_level(rest[1:], ",") if rest.startswith(",") else []
    pieces = re.split(r"(?<!\\)\{\}", template[1] if template[1] is not None else template[2])
    text = literal(_unescape(pieces[0]))
    for index, piece in enumerate(pieces[1:]):
        argument = arguments[index].strip() if index < len(arguments) else ""
        quoted = _STRING.fullmatch(argument)
        # One level of nesting is what real definitions have; deeper ones stay unknown, which is the safe side.
        text += literal(_unescape(quoted[1] or quoted[2] or "")) if quoted else _context(argument, deployment)
        text += literal(_unescape(piece))
    return _squeeze(text)


def of_jsonata(expression: str, deployment: Deployment) -> str:
    """Reduce a JSONata expression: string literals joined with `&` keep their text, everything else is unknown.

    >>> of_jsonata("'orders-' & $states.input.day", Deployment()) == "orders-" + UNKNOWN
    True
    """
    # Anything that binds weaker than `&` decides between texts; what it decides is not known here.
    if _WEAKER.search(_STRING.sub("''", expression)):
        return UNKNOWN
    text = ""
    for operand in _top_level(expression.strip(), "&"):
        part = operand.strip()
        quoted = _STRING.fullmatch(part)
        if quoted:
            text += literal(_unescape(quoted[1] if quoted[1] is not None else quoted[2]))
        elif part == "$states.context.StateMachine.Id":
            text += deployment.self_arn
        elif part == "$states.context.StateMachine.Name":
            text += deployment.name
        else:
            text += UNKNOWN
    return _squeeze(text)


class Parameters:
    """The parameters of one task, read as pattern text, in either query language.

    >>> Parameters({"TableName": "orders", "Key.$": "$.key"}, "JSONPath").text("TableName")
    'orders'
    """

    def __init__(self, value: Any, language: str, deployment: Deployment | None = None) -> None:
        """Wrap `value`, the content of `Parameters` or `Arguments`; None when the state has neither."""
        self._language = language
        self._deployment = deployment or Deployment()
        # Without Parameters the state's input is passed as it is; a whole-object expression says as little.
        self._value = value if isinstance(value, dict) else None
        self._open = not isinstance(value, dict)

    def arn_of(self, text: str) -> str:
        """Return the ARN that a text is or stands for; see :meth:`Deployment.arn_of`."""
        return self._deployment.arn_of(text)

    @property
    def open(self) -> bool:
        """Whether the parameters as a whole are only known at run time."""
        return self._open

    def texts(self, path: str, default: str | None = None) -> list[str]:
        """Return the pattern text at a dotted `path`: `[]` is each item of a list, `@` each key of an object.

        Where the parameter is absent, in one of the items too, `default` stands; without a default, nothing does.
        """
        if self._open:
            return [UNKNOWN]
        found = [text for value in self.values(path) if (text := self._text(value)) is not None]
        if default is not None:
            holder, _, member = path.rpartition("[].")
            if not found or (member and len(found) < len(self.values(holder + "[]"))):
                found.append(default)
        return found

    def text(self, path: str) -> str | None:
        """Return the pattern text at `path`, None when the parameter is absent."""
        found = self.texts(path)
        return found[0] if found else None

    def present(self, path: str) -> bool:
        """Say whether the parameter is given, or may be given at run time."""
        return bool(self.values(path)) or self._open

    def values(self, path: str) -> list[Any]:
        """Return the raw values at `path`, for the few rules that depend on more than text."""
        values: list[Any] = [self._value or {}]
        for step in _STEP.finditer(path):
            values = self._members(values, step[1]) if step[1] else self._each(values) if step[2] else self._keys(values)
        return values

    def _members(self, values: list[Any], name: str) -> list[Any]:
        out = []
        for value in values:
            if isinstance(value, _Runtime):
                out.append(value)
            elif isinstance(value, dict) and name in value:
                out.append(value[name])
            elif isinstance(value, dict) and self._language == "JSONPath" and name + ".$" in value:
                out.append(_Runtime(str(value[name + ".$"]), "JSONPath"))
            elif self._is_expression(value):
                out.append(_Runtime("", "JSONata"))
        return out

    def _each(self, values: list[Any]) -> list[Any]:
        out: list[Any] = []
        for value in values:
            if isinstance(value, list):
                out.extend(value)
            elif isinstance(value, _Runtime) or self._is_expression(value):
                out.append(_Runtime("", "JSONata"))
        return out

    def _keys(self, values: list[Any]) -> list[Any]:
        out: list[Any] = []
        for value in values:
            if isinstance(value, dict):
                out += (key.removesuffix(".$") if self._language == "JSONPath" else key for key in value)
            elif isinstance(value, _Runtime) or self._is_expression(value):
                out.append(_Runtime("", "JSONata"))
        return out

    def _is_expression(self, value: Any) -> bool:
        return self._language == "JSONata" and isinstance(value, str) and value.startswith("{%") and value.endswith("%}")

    def _text(self, value: Any) -> str | None:
        if isinstance(value, _Runtime):
            reduce = of_jsonpath if value.language == "JSONPath" else of_jsonata
            return reduce(value.expression, self._deployment)
        if self._is_expression(value):
            return of_jsonata(value[2:-2], self._deployment)
        if isinstance(value, str):
            return literal(value)
        if isinstance(value, bool):
            return "true" if value else "false"
        return str(value) if isinstance(value, int | float) else None


@dataclass(frozen=True, slots=True)
class _Runtime:
    expression: str
    language: str


def _context(argument: str, deployment: Deployment) -> str:
    return {"$$.StateMachine.Id": deployment.self_arn, "$$.StateMachine.Name": deployment.name}.get(argument, UNKNOWN)


def _squeeze(text: str) -> str:
    return re.sub(f"{UNKNOWN}+", UNKNOWN, text)


def _unescape(text: str) -> str:
    return re.sub(r"\\(.)", r"\1", text)


def _top_level(text: str, separator: str) -> list[str]:
    """Split `text` at `separator` outside quotes and brackets."""
    parts, depth, start, index = [], 0, 0, 0
    while index < len(text):
        char = text[index]
        if char in "'\"":
            quoted = _STRING.match(text, index)
            index = quoted.end() if quoted else len(text)
            continue
        if char in "([{":
            depth += 1
        elif char in ")]}":
            depth -= 1
        elif char == separator and depth == 0:
            parts.append(text[start:index])
            start = index + 1
        index += 1
    parts.append(text[start:])
    return parts
