"""AWS clients, made once per process and only when they are used, with time limits that fit into a function's own."""

from __future__ import annotations

from functools import cache
from typing import Any

import boto3
from botocore.config import Config

_CONFIG = Config(connect_timeout=1, read_timeout=2, retries={"mode": "standard", "total_max_attempts": 2})


@cache
def client(service: str) -> Any:
    """The client of a service."""
    return boto3.client(service, config=_CONFIG)
