"""Pages of lists: opaque tokens that only the endpoint that made them accepts.

Source: the documentation of ``nextToken`` in botocore's model: "Each pagination token is unique for each page. Make the call again
using the returned token to retrieve the next page. Keep all other arguments unchanged."
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
import secrets
from typing import TYPE_CHECKING, Any, Final

from generator.local.stepfunctions.model import ServiceError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

DEFAULT_SIZE: Final = 100
_DIGEST_BYTES: Final = 16
_UNBOUND: Final = frozenset({"nextToken", "maxResults"})


class Pages:
    """Makes tokens and reads them."""

    def __init__(self) -> None:
        """Choose a new secret."""
        self._secret = secrets.token_bytes(_DIGEST_BYTES)

    def position(self, operation: str, parameters: Mapping[str, Any]) -> int | None:
        """Return where the page begins that a request asks for. None for the first page.

        Raises:
            ServiceError: ``InvalidToken``.
        """
        token = parameters.get("nextToken")
        if token is None:
            return None
        try:
            raw = base64.b64decode(token, altchars=b"-_", validate=True)
        except (binascii.Error, ValueError):
            raw = b""
        digest, body = raw[:_DIGEST_BYTES], raw[_DIGEST_BYTES:]
        if not hmac.compare_digest(digest, self._sign(operation, parameters, body)):
            raise ServiceError("InvalidToken", "Invalid Token: 'Invalid token'")
        return int(body)

    def page(
        self,
        operation: str,
        parameters: Mapping[str, Any],
        items: Sequence[Any],
        key: Callable[[Any], int],
        *,
        descending: bool = False,
    ) -> tuple[list[Any], str | None]:
        """Return the items of a page, and the token of the next one.

        Args:
            operation: the name of the operation.
            parameters: its parameters.
            items: all items, in order.
            key: returns the number of an item, by which they are ordered; it never changes.
            descending: whether the numbers go down.

        Raises:
            ServiceError: ``InvalidToken``.
        """
        last = self.position(operation, parameters)
        if last is not None:
            items = [item for item in items if (key(item) < last if descending else key(item) > last)]
        size = parameters.get("maxResults") or DEFAULT_SIZE
        found = list(items[:size])
        if len(items) <= size:
            return found, None
        return found, self.token(operation, parameters, key(found[-1]))

    def token(self, operation: str, parameters: Mapping[str, Any], last: int) -> str:
        """Return the token of the page after an item."""
        body = str(last).encode()
        return base64.urlsafe_b64encode(self._sign(operation, parameters, body) + body).decode()

    def _sign(self, operation: str, parameters: Mapping[str, Any], body: bytes) -> bytes:
        bound = {name: value for name, value in parameters.items() if name not in _UNBOUND}
        text = json.dumps([operation, bound], sort_keys=True, default=str).encode() + b"\0" + body
        return hmac.digest(self._secret, text, hashlib.sha256)[:_DIGEST_BYTES]
