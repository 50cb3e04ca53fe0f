r"""Placeholders: ``${name}`` in a definition, which deployment replaces with a value.

This module has the one grammar of placeholders, the one way to fill them in, and the one way to keep an author's own
``${`` from being read as a placeholder. All other modules use these functions.

A name consists of letters, digits, ``_``, ``.`` and ``:``. This covers the variables of Terraform's ``templatefile``,
the ``DefinitionSubstitutions`` of SAM and CloudFormation, and the pseudo parameters of ``Fn::Sub`` such as
``${AWS::Region}``.

Sources: https://developer.hashicorp.com/terraform/language/functions/templatefile and
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-stepfunctions-statemachine.html
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

NAME: Final = r"[A-Za-z0-9_.:]+"
"""The name of a placeholder, as a regular expression."""

OPENING: Final = r"\$\{"
"""The beginning of a placeholder, as a regular expression."""

PATTERN: Final = OPENING + NAME + r"\}"
"""A whole placeholder, as a regular expression without groups."""

PLACEHOLDER: Final = re.compile(OPENING + "(" + NAME + r")\}")
"""One placeholder; group 1 is its name."""

STRING_OR_PLACEHOLDER: Final = re.compile(r'"(?:[^"\\]|\\.)*"|(' + PATTERN + ")", re.DOTALL)
"""A JSON string, or (group 1) a placeholder in place of a JSON value."""

STRING: Final = "string"
"""The type of a placeholder whose value is text."""

SHIELD: Final = "\ufdd0"
_NAME_OF_MEMBER: Final = re.compile(r"\s*:")
_MARK: Final = "\ufdd1"
_ANYTHING: Final = re.compile(OPENING + r"([^{}]*(?:\{[^{}]*\}[^{}]*)*)\}")
_UNDECIDED: Final = re.compile(OPENING + "(?=" + NAME + r"\})")
_MARKED: Final = re.compile(rf"\${_MARK}\{{({NAME})\}}")
_INTERNAL: Final = re.compile("[\ufdd0-\ufdef]")


@dataclass(frozen=True, slots=True)
class Placeholder:
    """A placeholder, and the attribute of a resource that replaces it.

    Attributes:
        name: the name, as in ``${name}``.
        kind: the kind of the resource, a key of :data:`generator.catalog.resources.KINDS`; empty if it is unknown.
        resource: the name of the resource as it was declared; empty for a free placeholder.
        attribute: the attribute of the resource, such as ``arn``, ``url`` or ``name``; empty for a free placeholder.
        description: the description of the resource, for the person who fills in the value.
        declared: the resource as its author declared it, such as a ``Queue`` or a ``Workflow``; None if it is not known.
        type: the type of the value, as Terraform spells it: ``string``, ``number``, ``bool``, ``list(…)`` or ``map(…)``.
    """

    name: str
    kind: str = ""
    resource: str = ""
    attribute: str = ""
    description: str = ""
    declared: object = field(default=None, compare=False, repr=False)
    type: str = STRING

    @property
    def is_text(self) -> bool:
        """Whether the value is text. The definition has any other value as JSON, without quotes around the placeholder."""
        return self.type == STRING

    @property
    def is_structure(self) -> bool:
        """Whether the value is a list or a map, which cannot be a part of a text or of an expression.

        >>> Placeholder("subnets", type="list(string)").is_structure, Placeholder("count", type="number").is_structure
        (True, False)
        """
        return "(" in self.type

    @property
    def text(self) -> str:
        """The placeholder as it is written in a definition.

        >>> Placeholder("orders_arn").text
        '${orders_arn}'
        """
        return "${" + self.name + "}"

    def sibling(self, attribute: str) -> str:
        """Return the name of the placeholder of another attribute of the same resource.

        >>> Placeholder("orders_url", "queue", "orders", "url").sibling("arn")
        'orders_arn'

        A placeholder that its author named is the only one with such a name:

        >>> given = Placeholder("OrdersTable", "table", "orders", "name")
        >>> given.sibling("arn"), given.sibling("name")
        ('orders_arn', 'OrdersTable')
        """
        if attribute == self.attribute:
            return self.name
        if not self.resource or self.name.endswith(f"_{self.attribute}"):
            return self.name.removesuffix(self.attribute) + attribute
        return f"{self.resource.replace('-', '_')}_{attribute}"


def is_placeholder(value: object) -> bool:
    """Return whether a value is one placeholder and nothing else.

    >>> is_placeholder("${timeout}"), is_placeholder("arn:${partition}:x")
    (True, False)
    """
    return isinstance(value, str) and value.startswith("${") and PLACEHOLDER.fullmatch(value) is not None


def has_placeholder(value: str) -> bool:
    """Return whether a string contains a placeholder, so that its final form is unknown.

    >>> has_placeholder("arn:${partition}:x"), has_placeholder("$.price")
    (True, False)
    """
    return "${" in value and PLACEHOLDER.search(value) is not None


def placeholder_name(value: object) -> str:
    """Return the name if the value is one placeholder and nothing else, otherwise an empty string.

    >>> placeholder_name("${orders_arn}"), placeholder_name("x-${orders_arn}")
    ('orders_arn', '')
    """
    found = PLACEHOLDER.fullmatch(value) if isinstance(value, str) and value.startswith("${") else None
    return "" if found is None else found[1]


def names(text: str) -> list[str]:
    """Return the names of the placeholders in a text, in the order of appearance, with repetitions.

    >>> names('{"A": "${one}", "B": "x${two}"}')
    ['one', 'two']
    """
    return PLACEHOLDER.findall(text) if "${" in text else []


def fill(text: str, values: Mapping[str, Any] | Callable[[str], Any]) -> str:
    r"""Fill in the placeholders of JSON text. A placeholder without a value stays as it is.

    A string that is one placeholder becomes the value, if the value is not text. A placeholder without quotes is replaced with the
    JSON of the value; text is inserted there as it is, as deployment does it.

    Args:
        text: JSON text.
        values: the value of each placeholder by name, or a function that returns it (None if there is none).

    >>> fill('{"Resource": "${f_arn}", "Comment": "${other}"}', {"f_arn": 'a"b'})
    '{"Resource": "a\\"b", "Comment": "${other}"}'
    >>> fill('{"Subnets": "${subnets}", "Count": ${count}, "Text": "no ${count}"}', {"subnets": ["a"], "count": 2})
    '{"Subnets": ["a"], "Count": 2, "Text": "no 2"}'
    """
    find = values.get if isinstance(values, Mapping) else values

    def inside(found: re.Match[str]) -> str:
        filled = find(found[1])
        if filled is None:
            return found[0]
        return json.dumps(filled if isinstance(filled, str) else json.dumps(filled, ensure_ascii=False), ensure_ascii=False)[1:-1]

    def value(found: re.Match[str]) -> str:
        token = found[0]
        if found[1] is not None:
            filled = find(placeholder_name(token))
            return token if filled is None else filled if isinstance(filled, str) else json.dumps(filled, ensure_ascii=False)
        name = placeholder_name(token[1:-1])
        filled = find(name) if name else None
        if filled is not None and not isinstance(filled, str) and not _NAME_OF_MEMBER.match(text, found.end()):
            return json.dumps(filled, ensure_ascii=False)
        return PLACEHOLDER.sub(inside, token) if "${" in token else token

    return STRING_OR_PLACEHOLDER.sub(value, text) if "${" in text else text


def without_quotes(text: str, names: Iterable[str]) -> str:
    """Remove the quotes around placeholders whose values are JSON, where a string of JSON text is one placeholder.

    >>> without_quotes('{"Count": "${count}", "${count}": "no ${count}"}', ["count"])
    '{"Count": ${count}, "${count}": "no ${count}"}'
    """
    known = frozenset(names)

    def bare(found: re.Match[str]) -> str:
        token = found[0]
        is_value = placeholder_name(token[1:-1]) in known and not _NAME_OF_MEMBER.match(text, found.end())
        return token[1:-1] if is_value else token

    return STRING_OR_PLACEHOLDER.sub(bare, text) if known else text


def index_text(placeholders: Mapping[str, Placeholder]) -> str:
    """Write an index of placeholders as JSON text; free placeholders have no resource, and text has no type.

    >>> read_index(index_text({"a_arn": Placeholder("a_arn", "queue", "a", "arn")}))["a_arn"].kind
    'queue'
    """
    index = {
        name: ({"kind": each.kind, "resource": each.resource, "attribute": each.attribute} if each.kind else {})
        | ({} if each.is_text else {"type": each.type})
        for name, each in sorted(placeholders.items())
    }
    return json.dumps(index, indent=2) + "\n"


def read_index(text: str) -> dict[str, Placeholder]:
    """Read what :func:`index_text` wrote.

    Raises:
        ValueError: the text is not such an index.
    """
    index = json.loads(text)
    try:
        read = {name: Placeholder(name, **row) for name, row in index.items()}
    except (AttributeError, TypeError) as error:
        raise ValueError("the text is not an index of placeholders") from error
    if not all(isinstance(value, str) for one in read.values() for value in (one.kind, one.resource, one.attribute, one.type)):
        raise ValueError("the text is not an index of placeholders")
    return read


def shield(text: str) -> str:
    """Keep the ``${`` of an author's text from being read as a placeholder.

    A noncharacter of Unicode is put between ``$`` and ``{``. A noncharacter in the text itself is doubled, so that
    :func:`plain` returns every text unchanged. A value that is not a string is returned unchanged; the checks report it.

    >>> plain(shield("costs ${5}")) == "costs ${5}"
    True
    """
    if not isinstance(text, str):
        return text  # type: ignore[unreachable,unused-ignore]  # only "warn_unreachable" reports it
    if SHIELD in text:
        text = text.replace(SHIELD, SHIELD + SHIELD)
    return text.replace("${", f"${SHIELD}{{") if "${" in text else text


def mark(text: str) -> str:
    """Mark each ``${name}`` of an author's text, and shield any other ``${``. :func:`settle` decides later what the marked ones are.

    >>> settle(mark("${a} costs ${"), lambda name: "<" + name + ">") == "<a> costs " + shield("${")
    True
    """
    return shield(_UNDECIDED.sub(f"${_MARK}{{", text)) if "${" in text else shield(text)


def settle(text: str, decide: Callable[[str], str]) -> str:
    """Replace each placeholder that :func:`mark` marked with what a function returns for its name."""
    return _MARKED.sub(lambda found: decide(found[1]), text) if _MARK in text else text


def with_names(text: str, name_of: Callable[[str], str]) -> str:
    """Replace what is between the braces of each ``${…}``, whatever it is, with a name.

    >>> with_names("a-${opt:stage, 'dev'}", lambda inside: inside.partition(",")[0])
    'a-${opt:stage}'
    """
    return _ANYTHING.sub(lambda found: Placeholder(name_of(found[1])).text, text) if "${" in text else text


def has_internal(text: str) -> bool:
    """Return whether an author's text has a character that this module or Unicode reserves, U+FDD0 to U+FDEF.

    >>> has_internal(shield("${")), has_internal(shield(chr(0xFDD0)))
    (False, True)
    """
    return not text.isascii() and _INTERNAL.search(text.replace(f"${SHIELD}{{", "")) is not None


def plain(text: str) -> str:
    """Return a shielded text as its author wrote it."""
    return text.replace(f"${SHIELD}{{", "${").replace(SHIELD + SHIELD, SHIELD) if SHIELD in text else text


def unshielded_json(text: str) -> str:
    r"""Write shielded JSON text: an author's ``${`` becomes ``\u0024{``, which every JSON reader turns back into ``${``.

    >>> unshielded_json('{"Comment": "' + shield("costs ${5}") + '"}')
    '{"Comment": "costs \\u0024{5}"}'
    """
    return text.replace(f"${SHIELD}{{", "\\u0024{").replace(SHIELD + SHIELD, SHIELD) if SHIELD in text else text
