"""The tests of the extra ``stepfunctions``: ``make test-sdk`` runs them where its packages are. None of them talks to AWS."""

from __future__ import annotations

import socket
from importlib.util import find_spec

import pytest

collect_ignore_glob = [] if find_spec("stepfunctions") else ["test_*.py"]


@pytest.fixture(autouse=True)
def _no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fail where a connection is opened. boto3 has a region, and no credentials."""

    def refuse(*_: object) -> None:
        raise AssertionError("a test of the SDK opened a connection")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
