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
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

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

SHIELD: Final = "\ufdd0"


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
    """

    name: str
    kind: str = ""
    resource: str = ""
    attribute: str = ""
    description: str = ""
    declared: object = field(default=None, compare=False, repr=False)

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
        """
        return self.name.removesuffix(self.attribute) + attribute


def is_placeholder(value: object) -> bool:
    """Return whether a value is one placeholder and nothing else.

    >>> is_placeholder("${timeout}"), is_placeholder("arn:${partition}:x")
    (True, False)
    """
    return isinstance(value, str) and PLACEHOLDER.fullmatch(value) is not None


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
    found = PLACEHOLDER.fullmatch(value) if isinstance(value, str) else None
    return "" if found is None else found[1]


def names(text: str) -> list[str]:
    """Return the names of the placeholders in a text, in the order of appearance, with repetitions.

    >>> names('{"A": "${one}", "B": "x${two}"}')
    ['one', 'two']
    """
    return PLACEHOLDER.findall(text) if "${" in text else []


def fill(text: str, values: Mapping[str, str] | Callable[[str], str | None]) -> str:
    r"""Fill in the placeholders of JSON text. A placeholder without a value stays as it is.

    Args:
        text: JSON text.
        values: the value of each placeholder by name, or a function that returns it (None if there is none).

    >>> fill('{"Resource": "${f_arn}", "Comment": "${other}"}', {"f_arn": 'a"b'})
    '{"Resource": "a\\"b", "Comment": "${other}"}'
    """
    find = values.get if isinstance(values, Mapping) else values

    def value(found: re.Match[str]) -> str:
        filled = find(found[1])
        return found[0] if filled is None else json.dumps(filled, ensure_ascii=False)[1:-1]

    return PLACEHOLDER.sub(value, text) if "${" in text else text


def index_text(placeholders: Mapping[str, Placeholder]) -> str:
    """Write an index of placeholders as JSON text; free placeholders have no resource.

    >>> read_index(index_text({"a_arn": Placeholder("a_arn", "queue", "a", "arn")}))["a_arn"].kind
    'queue'
    """
    index = {
        name: {"kind": each.kind, "resource": each.resource, "attribute": each.attribute} if each.kind else {}
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
    if not all(isinstance(value, str) for one in read.values() for value in (one.kind, one.resource, one.attribute)):
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
        return text  # type: ignore[unreachable]
    if SHIELD in text:
        text = text.replace(SHIELD, SHIELD + SHIELD)
    return text.replace("${", f"${SHIELD}{{") if "${" in text else text


def plain(text: str) -> str:
    """Return a shielded text as its author wrote it."""
    return text.replace(f"${SHIELD}{{", "${").replace(SHIELD + SHIELD, SHIELD) if SHIELD in text else text


def unshielded_json(text: str) -> str:
    r"""Write shielded JSON text: an author's ``${`` becomes ``\u0024{``, which every JSON reader turns back into ``${``.

    >>> unshielded_json('{"Comment": "' + shield("costs ${5}") + '"}')
    '{"Comment": "costs \\u0024{5}"}'
    """
    return text.replace(f"${SHIELD}{{", "\\u0024{").replace(SHIELD + SHIELD, SHIELD) if SHIELD in text else text
