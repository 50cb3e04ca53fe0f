"""AWS's list of SDK integrations: its dates, and what a new botocore changes."""

from __future__ import annotations

import datetime as dt
import json
import re
from pathlib import Path
from typing import Any

import botocore
import pytest

from generator.catalog import build
from generator.catalog.changes import changes, of_records, stored
from generator.catalog.index import INDEX, find_service, service_names
from generator.catalog.integrations import PARTITIONS
from generator.catalog.sdk_list import ENDED, NEVER, SERVICES_FILE, date_of_list, listing, unlisted
from generator.checks.validate import validate_text


def codes(service: str, action: str) -> list[tuple[str, str]]:
    """Return code and message of what is found about a task that calls a service."""
    task = {"Type": "Task", "Resource": f"arn:aws:states:::aws-sdk:{service}:{action}", "Parameters": {}, "End": True}
    text = json.dumps({"StartAt": "T", "States": {"T": task}})
    return [(found.code, found.message) for found in validate_text(text, "t.asl.json") if found.code != "SFN405"]


def test_the_list_is_sorted_and_dated() -> None:
    """Each service has one line; its dates are dates, not after that of the list, and removed is after added."""
    lines = [line for line in SERVICES_FILE.read_text(encoding="utf-8").splitlines() if not line.startswith(("#", "list "))]
    names = [line.split()[0] for line in lines]
    assert names == sorted(set(names))
    assert "https://docs.aws.amazon.com/" in SERVICES_FILE.read_text(encoding="utf-8")
    for line in lines:
        assert re.fullmatch(r"[a-z0-9]+( never| - ended| (-|\d{4}-\d\d-\d\d) (-|\d{4}-\d\d-\d\d))?", line), line
        found = listing(line.split()[0])
        assert found is not None
        for date in {found.added, found.removed} - {"", NEVER, ENDED}:
            assert dt.date.fromisoformat(date) <= dt.date.fromisoformat(date_of_list())
        assert not (found.added and found.removed) or found.added < found.removed


def test_a_service_of_the_list_is_no_finding() -> None:
    """What AWS has, has no finding, since whenever it has it."""
    assert codes("dynamodb", "listTables") == []
    assert codes("s3vectors", "listVectorBuckets") == []


def test_a_service_that_is_newer_than_the_list() -> None:
    """A service that botocore has and AWS's list has not is a warning with the date of the list: it may run already."""
    newer = unlisted(service_names())
    assert newer
    for name in newer:
        service = find_service(name)
        assert service is not None
        [(code, message)] = codes(name, service.action_names[0])
        assert (code, "newer" in message, date_of_list() in message) == ("SFN413", True, True)


@pytest.mark.parametrize("service", ["lexruntime", "lexmodelbuilding", "qldb", "elastictranscoder", "worklink"])
def test_a_service_that_left_the_list(service: str) -> None:
    """It is a warning with the date, whether botocore still has it or not."""
    found = listing(service)
    assert found is not None
    [(code, message)] = [one for one in codes(service, "getBots") if one[0] != "SFN402"]
    assert code == "SFN413"
    assert found.removed in message


@pytest.mark.parametrize("service", ["iotroborunner", "finspace", "tnb", "honeycode", "mobile"])
def test_a_service_whose_api_ended(service: str) -> None:
    """A service that botocore had once existed: that it does not exist would be wrong."""
    assert [code for code, _ in codes(service, "listThings")] == ["SFN413"]


def test_a_service_that_aws_did_not_list() -> None:
    """A service of the SDKs that needs an endpoint of its own is a warning with the date of the list."""
    [(code, message)] = codes("apigatewaymanagementapi", "postToConnection")
    assert (code, date_of_list() in message, "newer" in message) == ("SFN413", True, False)


def test_the_list_and_the_errors_are_those_of_aws_page() -> None:
    """Each service of AWS's page is in the list, and its errors begin as AWS says."""
    lines = (Path(__file__).parent / "golden" / "exception_prefixes.txt").read_text(encoding="utf-8").splitlines()
    prefixes = [line for line in lines if not line.startswith("#")]
    assert len(prefixes) > 380
    for prefix in prefixes:
        found = listing(prefix.lower())
        assert found is not None, prefix
        assert found.added != NEVER
        service = find_service(prefix.lower())
        assert service is None or service.error_prefix == prefix


def test_a_service_of_the_list_without_a_model() -> None:
    """AWS lists one service that botocore cannot have: nothing is known about its actions, and nothing is reported."""
    assert codes("sagemakerruntimehttp2", "invokeEndpointWithBidirectionalStream") == []


def test_a_service_that_never_existed() -> None:
    """Neither botocore nor the list has it."""
    assert [code for code, _ in codes("nosuchservice", "get")] == ["SFN401"]


def test_the_partitions_are_those_of_botocore() -> None:
    """A partition that AWS has is not an error."""
    data = json.loads((Path(botocore.__file__).parent / "data" / "partitions.json").read_text(encoding="utf-8"))
    assert {one["id"] for one in data["partitions"]} == set(PARTITIONS)


def test_the_stored_content_is_that_of_the_installed_packages() -> None:
    """Nothing is reported as changed when nothing has."""
    assert list(changes(stored(), stored())) == []


def test_what_a_new_botocore_changes(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """``make catalog`` prints what is new and what is gone, writes the index, and names services that AWS does not list yet."""
    small: dict[str, Any] = {
        name: {"id": name, "prefix": "", "page": "", "client": name, "ops": ops, "shapes": []}
        for name, ops in {"sqs": {"sendMessage": {"e": ["NewException"]}, "newAction": {}}, "brandnew": {"get": {}, "put": {}}}.items()
    }
    before = {name: actions for name, actions in stored().items() if name in ("sqs", "sns")}
    known = build.Authorization({}, {}, {}, {}, {}, {})
    target = tmp_path / "index.bin"
    target.write_bytes(INDEX.read_bytes())
    monkeypatch.setattr(build, "INDEX", target)
    monkeypatch.setattr(build, "authorization", lambda: known)
    monkeypatch.setattr(build, "service_records", lambda _: small)
    monkeypatch.setattr(build, "stored", lambda: before)
    monkeypatch.setattr(build, "built_from", lambda: {**build.versions(), "botocore": "1.0.0"})
    assert build.main() == 0
    printed = capsys.readouterr().out
    assert f"botocore 1.0.0 -> {build.versions()['botocore']}" in printed
    assert "+ brandnew: the service, with 2 actions" in printed
    assert "- sns: the service, with " in printed
    assert re.search(r"~ sqs: \+ newAction; - addPermission, .* and \d+ more; sendMessage: \+ NewException, - ", printed)
    assert f"newer than AWS's list of SDK integrations of {date_of_list()}: brandnew" in printed
    assert target.read_bytes() != INDEX.read_bytes()
    assert of_records(small)["sqs"]["sendMessage"] == frozenset({"NewException"})
