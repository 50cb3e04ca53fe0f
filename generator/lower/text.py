r"""Text of authors inside artifacts in which ``${…}`` means something.

In a lowered definition, ``${name}`` is a placeholder. Where an author's own text holds ``${``, a noncharacter of Unicode is
put between the two, so that no text can become a placeholder (and doubled where it stands in the text itself, so that nothing
is lost); :func:`generator.emit.asl.definition_text` writes it as the JSON escape ``\u0024{``, which Terraform's templates leave
alone and JSON readers turn back.
"""

from __future__ import annotations

from typing import Final

SHIELD: Final = "\ufdd0"


def shield(text: str) -> str:
    """Keep the ``${`` of an author's text from being a placeholder; what is no text at all is left for the checks to report.

    >>> plain(shield("costs ${5}")) == "costs ${5}"
    True
    """
    if not isinstance(text, str):
        return text  # type: ignore[unreachable]
    if SHIELD in text:
        text = text.replace(SHIELD, SHIELD + SHIELD)
    return text.replace("${", f"${SHIELD}{{") if "${" in text else text


def plain(text: str) -> str:
    """Give the text back as its author wrote it."""
    return text.replace(f"${SHIELD}{{", "${").replace(SHIELD + SHIELD, SHIELD) if SHIELD in text else text
