"""Pages of the execution view, as tests read them."""

from __future__ import annotations

import base64
import gzip
import json
import re
from typing import Any


def data_of(text: str) -> dict[str, Any]:
    """Return the data in a page."""
    found = re.search(r'id="data">([^<]*)<', text)
    assert found
    value: dict[str, Any] = json.loads(gzip.decompress(base64.b64decode(found[1])))
    return value
