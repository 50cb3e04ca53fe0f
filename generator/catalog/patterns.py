"""What is certain about a value before the workflow runs, as text that a policy can name.

A parameter of a task is literal text, a placeholder that deployment fills in (`${orders_table_arn}`), a value that only the
execution knows (a path, an expression), or a mixture of these. This module reduces each to *pattern text*: literal parts and
placeholders stay as they are, and `UNKNOWN` replaces each part that only the execution knows.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Final

from generator.asl.jsonata import strip_delimiters
from generator.asl.model import JSONATA, JSONPATH
from generator.asl.placeholders import PLACEHOLDER, SHIELD, Placeholder, placeholder_name, plain
from generator.catalog import constants
from generator.catalog.constants import NOTHING, UNKNOWN_TEXT, Array, Evaluator, Nothing, Object, Text, Unknown, Values
from generator.catalog.resources import ARN, NAME, URL

UNKNOWN: Final = UNKNOWN_TEXT
"""Replaces, in pattern text, any text that only the execution knows; a policy writes it as `*`."""

_PLAIN = re.compile(r"[A-Za-z0-9_./: -]*")
_WILDCARD = re.compile(r"[*?]")
_STRING = re.compile(r"'((?:[^'\\]|\\.)*)'|\"((?:[^\"\\]|\\.)*)\"", re.DOTALL)
_WEAKER = re.compile(r"[?:=<>~;]|/\*|\b(?:and|or|in)\b")
_STEP = re.compile(r"([^.\[\]@]+)|(\[\])|(@)")
_VARIABLE = re.compile(r"\$([A-Za-z_]\w*)")
_NO_CONSTANT = re.compile(r"[^'\"{\[]*")
_STRUCTURE = re.compile(r"[({\[`]|[^\w]\*")
_MOST_ASSIGNMENTS: Final = 16

Assignments = Mapping[str, tuple[tuple[Any, str, bool], ...]]
"""Everything that a workflow assigns to each of its variables: the value as written, the query language, and whether it is a path."""


@dataclass(frozen=True, slots=True)
class Deployment:
    """Where a state machine will run, and what its placeholders stand for, as far as this is known. By default nothing is.

    Attributes:
        partition: `aws`, `aws-cn`, `aws-us-gov`, a placeholder or `*`.
        region: the code of the region, a placeholder or `*`.
        account: the 12 digits of the account, a placeholder or `*`.
        name: the name of the state machine, a placeholder or `*`.
        placeholders: what the placeholders stand for, by name.
        variables: what the workflow assigns to its variables, by name.

    >>> Deployment(region="eu-west-1", account="111122223333", name="orders").self_arn
    'arn:aws:states:eu-west-1:111122223333:stateMachine:orders'
    """

    partition: str = "aws"
    region: str = "*"
    account: str = "*"
    name: str = "*"
    placeholders: Mapping[str, Placeholder] = field(default_factory=dict, compare=False, repr=False)
    variables: Assignments = field(default_factory=dict, compare=False, repr=False)

    @property
    def self_arn(self) -> str:
        """The ARN of the state machine itself. It is built from the name, so that the role does not refer to the machine."""
        return f"arn:{self.partition}:states:{self.region}:{self.account}:stateMachine:{self.name}"

    def arn_of(self, text: str) -> str:
        """Return the ARN that a text is or stands for; an empty string for a name, an id, and what only the execution knows.

        The URL, the name and the ARN of one resource have a placeholder each. If it is unknown what a placeholder stands for,
        its name is read: `${orders_url}` and `${OrdersUrl}` belong to the same resources as `${orders_arn}` and `${OrdersArn}`.

        >>> [Deployment().arn_of(text) for text in ("${order_queue_url}", "${OrderQueueUrl}", "orders")]
        ['${order_queue_arn}', '${OrderQueueArn}', '']
        """
        if not text.startswith("${"):
            return text if text.startswith("arn:") else ""
        if _continues_an_arn(text):
            return text
        name = self.sibling(text, ARN)
        return "${" + name + "}" if name else ""

    def sibling(self, text: str, attribute: str) -> str:
        """Return the name of the placeholder of another attribute of the resource that a placeholder belongs to.

        Args:
            text: the placeholder, as it is written in a definition.
            attribute: the other attribute, such as `arn`.

        Returns:
            the name; an empty string if the text is not a placeholder, or if its resource is unknown.

        >>> Deployment().sibling("${orders_arn}", "name"), Deployment().sibling("${OrdersArn}", "name")
        ('orders_name', 'OrdersName')
        """
        name = placeholder_name(text)
        known = self.placeholders.get(name)
        if known is not None and known.kind:
            return known.sibling(attribute)
        return _guessed_sibling(name, attribute)


TEMPLATED: Final = Deployment("${aws_partition}", "${aws_region}", "${aws_account_id}", "${state_machine_name}")
"""The deployment of a definition that has placeholders: the generated Terraform fills in these four."""


@lru_cache(maxsize=4096)
def _guessed_sibling(name: str, attribute: str) -> str:
    """Return the sibling of a placeholder whose resource is unknown, from the end of its name."""
    for suffix in (ARN, URL, NAME):
        if name.endswith(f"_{suffix}"):
            return name.removesuffix(suffix) + attribute
        # A template that people write by hand rarely has an ARN beside a name, and the ARN follows from the name.
        if name.endswith(suffix.capitalize()) and (suffix, attribute) != (NAME, ARN):
            return name.removesuffix(suffix.capitalize()) + attribute.capitalize()
    return name if attribute == ARN and name.lower().endswith(ARN) else ""


def _continues_an_arn(text: str) -> bool:
    """Tell whether a text is a placeholder of an ARN with more behind it, such as `${orders_arn}:live`."""
    found = PLACEHOLDER.match(text)
    return found is not None and found[1].lower().endswith(ARN) and text[found.end() :][:1] in {":", "/"}


@lru_cache(maxsize=4096)
def literal(text: str) -> str:
    """Quote the characters of literal text that have a meaning in a policy, unless the text is an ARN, which may be a pattern.

    Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html (special characters).

    >>> literal("a*b")
    'a${*}b'
    """
    if text.startswith("arn:"):
        return text.replace("$" + SHIELD + "{", "${$}{").replace(SHIELD + SHIELD, SHIELD) if SHIELD in text else text
    if _PLAIN.fullmatch(text):
        return text
    parts = PLACEHOLDER.split(text)  # every second part is the name of a placeholder
    return "".join("${" + part + "}" if index % 2 else _quoted(plain(part)) for index, part in enumerate(parts))


def _quoted(text: str) -> str:
    return _WILDCARD.sub(lambda found: "${" + found[0] + "}", text.replace("${", "${$}{"))


def of_jsonpath(expression: str, deployment: Deployment) -> str:
    """Reduce the value of a `"Name.$"` field: a path, a context path, or an intrinsic function.

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
        # Real definitions nest no deeper than this. What is nested deeper stays unknown, which widens the permission.
        text += literal(_unescape(quoted[1] or quoted[2] or "")) if quoted else _context(argument, deployment)
        text += literal(_unescape(piece))
    return _squeeze(text)


def of_jsonata(expression: str, deployment: Deployment) -> str:
    """Reduce a JSONata expression: string literals that `&` joins keep their text, everything else is unknown.

    >>> of_jsonata("'orders-' & $states.input.day", Deployment()) == "orders-" + UNKNOWN
    True
    """
    # An operator that binds weaker than `&` may choose between texts; the choice is unknown here.
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
    >>> Parameters({"Items": "{% $map($states.input, function($i) { {'Table': 'orders'} }) %}"}, "JSONata").texts("Items[].Table")
    ['orders']
    """

    def __init__(self, value: Any, language: str, deployment: Deployment | None = None) -> None:
        """Wrap parameters.

        Args:
            value: the content of `Parameters` or `Arguments`; None if the state has neither.
            language: the query language of the state.
            deployment: where the state machine will run.
        """
        self._language = language
        self._deployment = deployment or Deployment()
        self._resolving: set[str] = set()
        self._evaluated: dict[str, Values] = {}
        whole = self._resolved(value)
        # Without Parameters the state's input is passed on.
        self._open = not whole or not all(isinstance(one, dict | Object) for one in whole)
        self._whole: list[Any] = [] if self._open else whole

    def arn_of(self, text: str) -> str:
        """Return the ARN that a text is or stands for; see :meth:`Deployment.arn_of`."""
        return self._deployment.arn_of(text)

    @property
    def open(self) -> bool:
        """Whether only the execution knows the parameters as a whole."""
        return self._open

    def texts(self, path: str, default: str | None = None) -> list[str]:
        """Return the pattern texts at a dotted path: `[]` is each item of a list, `@` each key of an object.

        Args:
            path: the path, such as `Entries[].EventBusName`.
            default: the text for an absent parameter, also in a single item of a list; without it, nothing is returned for one.
        """
        if self._open:
            return [UNKNOWN]
        values = self._values(path)
        found = [text for value in values for text in self._texts(value)]
        if default is not None:
            holder, _, member = path.rpartition("[].")
            each = (
                [self._members([item], member.removesuffix("[]")) for item in self._values(holder + "[]")]
                if holder and "." not in member
                else [values]
            )
            if not each or any(not given or NOTHING in given for given in each):
                found.append(default)
        return list(dict.fromkeys(found))

    def text(self, path: str) -> str | None:
        """Return the pattern text at a path; None if the parameter is absent, an unknown text if it may be several."""
        found = self.texts(path)
        return None if not found else found[0] if len(found) == 1 else UNKNOWN

    def present(self, path: str) -> bool:
        """Tell whether the parameter is given, or may be given at run time."""
        return self._open or any(value is not NOTHING for value in self._values(path))

    def absent(self, path: str) -> bool:
        """Tell whether the parameter is not given, or may not be given at run time."""
        values = self._values(path)
        return not values or NOTHING in values

    def unknown_part(self, path: str) -> str:
        """Return the shortest beginning of a path whose value only the execution knows; the path itself if there is none.

        >>> Parameters({"Items.$": "$.items"}, "JSONPath").unknown_part("Items[].Put.TableName")
        'Items'
        """
        steps = re.findall(r"[^.\[\]@]+|\[\]|@", path)
        for length in range(1, len(steps)):
            part = ".".join(steps[:length]).replace(".[]", "[]")
            values = [*map(self._resolved_one, self._values(part))]
            certain = any(not isinstance(one, Unknown | Nothing | _Runtime) for one in values)
            if not certain and any(one is not NOTHING for one in values):
                return part
        return path

    def _values(self, path: str) -> list[Any]:
        """Return the values at a path: JSON, what is known of the value of an expression, or a path."""
        values: list[Any] = self._whole
        for name, is_each in _steps(path):
            values = self._members(values, name) if name else self._each(values) if is_each else self._keys(values)
        return values

    def _members(self, values: list[Any], name: str) -> list[Any]:
        out: list[Any] = []
        for value in self._all_resolved(values):
            if isinstance(value, dict) and name in value:
                out.append(value[name])
            elif isinstance(value, dict) and self._language == JSONPATH and name + ".$" in value:
                out.append(_Runtime(str(value[name + ".$"])))
            elif isinstance(value, Object):
                found = value.get(name)
                out += found if found != (constants.UNKNOWN,) or name in dict(value.members) else (*found, NOTHING)
            elif isinstance(value, Array):
                out += self._members(list(value.items), name)
            else:
                out += (constants.UNKNOWN, NOTHING) if isinstance(value, _Runtime | Unknown) else (NOTHING,)
        return out

    def _each(self, values: list[Any]) -> list[Any]:
        out: list[Any] = []
        for value in self._all_resolved(values):
            if isinstance(value, list):
                out.extend(value)
            elif isinstance(value, Array):
                out.extend(inner for item in value.items for inner in (item.items if isinstance(item, Array) else (item,)))
            elif isinstance(value, _Runtime | Unknown):
                out.append(constants.UNKNOWN)
            elif isinstance(value, Object | Text):  # one item, which is not in an array
                out.append(value)
        return out

    def _keys(self, values: list[Any]) -> list[Any]:
        out: list[Any] = []
        for value in self._all_resolved(values):
            if isinstance(value, dict):
                out += (key.removesuffix(".$") if self._language == JSONPATH else key for key in value)
            elif isinstance(value, Object):
                out += [Text(name) for name, _ in value.members] + [constants.UNKNOWN] * value.open
            elif isinstance(value, _Runtime | Unknown):
                out.append(constants.UNKNOWN)
        return out

    def _is_structure(self, value: Any) -> bool:
        """Return whether a value is a placeholder of a list or a map, whose items only the deployment knows."""
        known = self._deployment.placeholders.get(placeholder_name(value))
        return known is not None and known.is_structure

    def _texts(self, value: Any) -> list[str]:
        if isinstance(value, _Runtime):
            return self._of_path(value.expression)
        expression = self._expression(value)
        if expression is not None:
            simple = self._simple(expression)
            return [simple] if simple is not None else [text for one in self._known(expression) for text in self._texts(one)]
        if isinstance(value, Text):
            return [_squeeze(value.text)]
        if isinstance(value, Unknown):
            return [UNKNOWN]
        if isinstance(value, str):
            return [UNKNOWN] if self._is_structure(value) else [literal(value)]
        if isinstance(value, bool):
            return ["true" if value else "false"]
        return [str(value)] if isinstance(value, int | float) else []

    # -- expressions -----------------------------------------------------------------------------------------------------

    def _expression(self, value: Any) -> str | None:
        return strip_delimiters(value) if self._language == JSONATA and isinstance(value, str) else None

    def _resolved(self, value: Any) -> list[Any]:
        """Return a value of JSON as it is, and the possible values of an expression."""
        expression = self._expression(value)
        if expression is None and self._is_structure(value):
            return [constants.UNKNOWN]
        if expression is None:
            return [] if value is None else [value]
        return [*self._known(expression)]

    def _resolved_one(self, value: Any) -> Any:
        resolved = self._resolved(value)
        return resolved[0] if len(resolved) == 1 else value

    def _all_resolved(self, values: list[Any]) -> list[Any]:
        return [one for value in values for one in self._resolved(value)]

    def _simple(self, expression: str) -> str | None:
        """Return the text of an expression that only joins texts and paths, which needs no syntax tree; None for any other."""
        bare = _STRING.sub("''", expression)
        if _WEAKER.search(bare) or _STRUCTURE.search(bare) or any(name in self._deployment.variables for name in _VARIABLE.findall(bare)):
            return None
        return of_jsonata(expression, self._deployment)

    def _known(self, expression: str) -> Values:
        if _NO_CONSTANT.fullmatch(expression) and not any(
            name in self._deployment.variables or name == "states" for name in _VARIABLE.findall(expression)
        ):
            return (constants.UNKNOWN,)
        simple = self._simple(expression)
        if simple is not None:
            return (constants.UNKNOWN,) if simple == UNKNOWN else (Text(simple),)
        if self._resolving:  # inside the value of a variable, which may refer to itself
            return Evaluator(literal, self._variable).values(expression)
        if expression not in self._evaluated:
            self._evaluated[expression] = Evaluator(literal, self._variable).values(expression)
        return self._evaluated[expression]

    def _variable(self, name: str, path: tuple[str, ...]) -> Values | None:
        if name == "states":
            known = {"Id": self._deployment.self_arn, "Name": self._deployment.name}
            return (Text(known[path[2]]),) if path[:2] == ("context", "StateMachine") and path[2:] in (("Id",), ("Name",)) else None
        assigned = self._deployment.variables.get(name, ())
        if not assigned or len(assigned) > _MOST_ASSIGNMENTS or name in self._resolving:
            return None
        self._resolving.add(name)
        found = tuple(
            dict.fromkeys(one for value, language, is_path in assigned for one in self._assigned(value, language, is_path=is_path))
        )
        self._resolving.discard(name)
        return found

    def _assigned(self, value: Any, language: str, *, is_path: bool) -> Values:
        return tuple(map(Text, self._of_path(str(value)))) if is_path else self._of_json(value, language)

    def _of_json(self, value: Any, language: str) -> Values:
        """Return what is known of a value that a workflow assigns to a variable."""
        if isinstance(value, dict):
            members: dict[str, Values] = {}
            for key, inner in value.items():
                if language == JSONPATH and key.endswith(".$"):
                    members[key.removesuffix(".$")] = tuple(map(Text, self._of_path(str(inner))))
                else:
                    members[key] = self._of_json(inner, language)
            return (Object(tuple(members.items())),)
        if isinstance(value, list):
            items = tuple(self._of_json(inner, language) for inner in value)
            return (Array(tuple(dict.fromkeys(one for each in items for one in each)), items),)
        expression = strip_delimiters(value) if language == JSONATA and isinstance(value, str) else None
        if expression is not None:
            return self._known(expression)
        if isinstance(value, str):
            return (Text(literal(value)),)
        return (Text(str(value).lower()),) if isinstance(value, bool | int | float) else (constants.UNKNOWN,)

    def _of_path(self, expression: str) -> list[str]:
        """Return the texts of a path, an intrinsic function or a variable of JSONPath."""
        variable = _VARIABLE.fullmatch(expression.strip())
        known = self._variable(variable[1], ()) if variable is not None and variable[1] != "states" else None
        if known is None:
            return [of_jsonpath(expression, self._deployment)]
        return [text for one in known for text in self._texts(one)]


@dataclass(frozen=True, slots=True)
class _Runtime:
    """A path or an intrinsic function of JSONPath."""

    expression: str


@lru_cache(maxsize=4096)
def _steps(path: str) -> tuple[tuple[str, bool], ...]:
    """Split a path into its steps: the name of a member, or whether the items of a list are meant, or else the keys."""
    return tuple((step[1] or "", step[2] is not None) for step in _STEP.finditer(path))


def _context(argument: str, deployment: Deployment) -> str:
    return {"$$.StateMachine.Id": deployment.self_arn, "$$.StateMachine.Name": deployment.name}.get(argument, UNKNOWN)


def _squeeze(text: str) -> str:
    return re.sub(f"{UNKNOWN}+", UNKNOWN, text)


def _unescape(text: str) -> str:
    return re.sub(r"\\(.)", r"\1", text)


def _top_level(text: str, separator: str) -> list[str]:
    """Split a text at a separator outside quotes and brackets."""
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
