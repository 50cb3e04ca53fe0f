"""The local stack's front over HTTP, before a handler in this process."""

from __future__ import annotations

import json
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from generator.local.api import CONTRACT, RestApi
from generator.local.serving import http_application, served

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


@contextmanager
def serve(handler: Callable[[dict[str, Any], Any], dict[str, Any]], context: Any, folder: Path) -> Iterator[str]:
    """Serve a handler on a free loopback port, without API Gateway's validation of requests. Yield the base URL."""
    api = RestApi(json.loads((folder / CONTRACT).read_text()), lambda event: handler(event, context), validates=False)
    with served(http_application(api)) as url:
        yield url
