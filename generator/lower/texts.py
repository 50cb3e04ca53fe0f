"""The author's texts in a compiled definition: what ``${name}`` in them means, and what must not be in them.

Text is data, but ``${name}`` in a definition is a placeholder that deployment fills in. So while a definition is compiled, each
``${name}`` of an author's text is marked (:func:`authored`). When all placeholders of the workflow are known, :func:`settled`
decides: a declared name is its placeholder, any other is an error with the way to say what is meant. The text of ``literal(…)``,
of comments and of the names of states is shielded instead (:func:`generator.asl.placeholders.shield`), and is never a placeholder.

The same pass finds what Python turned into text before: the ``repr`` of an expression, and the address of an object.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Final

from generator.asl.placeholders import PLACEHOLDER, Placeholder, has_internal, mark, placeholder_name, settle, shield
from generator.catalog.patterns import TEMPLATED
from generator.dsl.placeholder_types import is_placeholder_name
from generator.dsl.refusals import came_from, has_address
from generator.dsl.source import shown

if TYPE_CHECKING:
    from generator.asl.model import Json
    from generator.diagnostics.model import Pointer
    from generator.dsl.source import Source

_SHORTEST: Final = 40

OWN: Final = {
    name: Placeholder(name) for name in map(placeholder_name, (TEMPLATED.partition, TEMPLATED.region, TEMPLATED.account, TEMPLATED.name))
}
"""The placeholders that each generated module fills in by itself. They are declared in every workflow."""

PSEUDO: Final = {"AWS::Partition": "aws_partition", "AWS::Region": "aws_region", "AWS::AccountId": "aws_account_id"}


def authored(text: str) -> str:
    """Mark each ``${name}`` in an author's text, and shield any other ``${``.

    A value that is not text is returned unchanged; :meth:`Texts.settled` reports it.

    >>> "${" in authored("${table} costs ${")
    False
    """
    return mark(text) if isinstance(text, str) else text  # type: ignore[redundant-expr]


def escaped_but_marked(text: str, escape: Callable[[str], str]) -> str:
    """Escape an author's text for a language in which braces have a meaning, and mark each ``${name}`` in it, which is not escaped."""
    parts = PLACEHOLDER.split(text)  # every second part is the name of a placeholder
    return "".join(mark(Placeholder(part).text) if index % 2 else shield(escape(part)) for index, part in enumerate(parts))


class Texts:
    """The texts of one definition, and the placeholders that they may refer to."""

    def __init__(
        self,
        used: dict[str, Placeholder],
        declared: Mapping[str, Placeholder],
        report: Callable[..., None],
        locate: Callable[[Pointer], Source],
    ) -> None:
        """Prepare to settle the texts of a definition.

        Args:
            used: the placeholders that the values of the workflow contain; those that texts refer to are added.
            declared: the attributes of the project's resources, by the names of their placeholders.
            report: the function that reports a problem.
            locate: returns the line that wrote the innermost construct around a place of the definition.
        """
        self.used = used
        self.known = {**OWN, **declared, **used}
        self.report = report
        self.locate = locate

    def settled(self, value: Any, at: Pointer = ()) -> Json:
        """Return a value with its texts settled; report what cannot be meant."""
        if isinstance(value, str):
            return self.text(value, at)
        if isinstance(value, dict):
            return {self.text(key, (*at, key), is_key=True): self.settled(v, (*at, key)) for key, v in value.items()}
        if isinstance(value, list | tuple):
            return [self.settled(item, (*at, index)) for index, item in enumerate(value)]
        if value is None or isinstance(value, bool | int | float):
            return value
        self.report(
            "SFN806",
            self.locate(at),
            f"{at[-1] if at else 'the definition'} is not a JSON value",
            found=shown(value),
            expected="text, a finite number, bool, None, list or dict",
        )
        return None

    def text(self, text: str, at: Pointer, *, is_key: bool = False) -> str:
        """Return a text with its placeholders, and report what must not be in it."""
        represented = came_from(text)
        if represented is not None or has_address(text):
            self.report(
                "SFN806",
                represented or self.locate(at),
                "an expression was turned into text" if represented is not None else "a Python object was turned into text",
                found=_short(text),
                expected="the value itself, or fn.format(…) with the value as an argument",
                hint='repr(…), !r, %r and str([…]) show an expression; write fn.format("… {} …", expression) to put its value into text',
            )
        settled = settle(text, lambda name: self.placeholder(name, text, at, is_key=is_key))
        if has_internal(settled):
            self.report(
                "SFN806",
                self.locate(at),
                "the text contains a character that Unicode reserves for internal use",
                found=_short(ascii(text)),
                expected="no character of U+FDD0 to U+FDEF",
            )
        return settled

    def placeholder(self, name: str, text: str, at: Pointer, *, is_key: bool) -> str:
        """Return a placeholder of a text; report a name that is not declared, and leave it in the text."""
        known = self.known.get(name)
        if known is not None:
            self.used.setdefault(name, known)
            if known.is_structure and (is_key or text != mark(known.text)):
                self.report(
                    "SFN806",
                    self.locate(at),
                    "a placeholder that is a list or a map cannot be part of a text",
                    found=_short(settle(text, lambda each: Placeholder(each).text)),
                    expected="a value of its own",
                )
            return known.text
        meant = PSEUDO.get(name, name if is_placeholder_name(name) and name != name.upper() else "")
        ways = [f'placeholder("{meant}") for a value that deployment fills in'] if meant else []
        if is_key:  # an expression cannot be a key
            ways = [f'placeholder("{meant}") in a value of the workflow, which declares the name'] if meant else []
        ways.append('"$" & "{…}" in raw JSONata' if is_key else f'literal("{Placeholder(name).text}") for this very text')
        self.report(
            "SFN821",
            self.locate(at),
            f"{Placeholder(name).text} in a text is not a placeholder that is declared",
            found=_short(settle(text, lambda each: Placeholder(each).text)),
            expected="the name of a declared placeholder",
            hint="write " + ", or ".join(ways),
        )
        return shield(Placeholder(name).text)


def _short(text: str) -> str:
    return repr(text if len(text) <= _SHORTEST * 2 else text[: _SHORTEST * 2] + "…")
