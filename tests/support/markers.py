"""The internal markers of the compiler (U+FDD0 to U+FDEF), which must never reach a file."""

from __future__ import annotations

import json
import re
from typing import Final

_FOUND: Final = re.compile("[\ufdd0-\ufdef]|\\\\ufd[de][0-9a-f]", re.IGNORECASE)


def internal_markers(text: str) -> list[str]:
    r"""Return the internal markers in a text, as characters or as escapes of JSON.

    >>> internal_markers("a\ufdd0b"), internal_markers(r'{"a": "\ufdd1{"}'), internal_markers("plain \\ufdfa")
    (['\ufdd0'], ['\ufdd1'], [])
    """
    characters = [json.loads(f'"{found}"') for found in _FOUND.findall(text)]
    return [character for character in characters if "\ufdd0" <= character <= "\ufdef"]
