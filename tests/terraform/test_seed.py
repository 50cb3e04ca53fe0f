"""The table of the seed in terraform/README.md is true: each file exists, and each code in it agrees with what is built."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import pytest

from functions.shared import observability
from tests.support.terraform.offline import PROJECT
from tests.support.terraform.policies import listed

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.support.terraform.environments import Environment

TERRAFORM = PROJECT / "terraform"
DEFINITION = json.loads((PROJECT / "build" / "order-processing" / "definition.asl.json").read_text())


def _rows() -> list[tuple[str, list[str], list[str], str]]:
    """Return each row: the seed's words, files, codes, and the deviation."""
    text = (TERRAFORM / "README.md").read_text().split("## Where each part of the seed is\n")[1].split("\n## ")[0]
    cells = [line.strip("| ").split(" | ") for line in text.splitlines() if line.startswith("| ")][1:]
    return [(seed, re.findall("`([^`]+)`", where), re.findall("`([^`]+)`", built), why) for seed, where, built, why in cells]


ROWS = _rows()


def _followers(state: dict[str, Any]) -> set[str]:
    """Return the states that can follow."""
    steps = [state, *state.get("Choices", []), *state.get("Catch", [])]
    return {step[key] for step in steps for key in ("Next", "Default") if key in step}


def _actions(role: str) -> set[str]:
    folder, name = (PROJECT / "build" / role, "*") if role == "order-processing" else (PROJECT / "build" / "functions", role)
    documents = [json.loads(path.read_text()) for path in folder.glob(f"{name}.policy.json")]
    return {action for document in documents for statement in document["Statement"] for action in listed(statement["Action"])}


def _declared(path: str) -> Any:
    found = json.loads((PROJECT / "build" / "resources.json").read_text())
    for step in path.split("."):
        found = found[int(step)] if isinstance(found, list) else found[step]
    return found


def _named(environment: Environment) -> set[str]:
    """Return the names of all resources."""
    keys = ("name", "function_name", "bucket", "dashboard_name")
    return {str(resource["values"].get(key)) for resource in environment.resources.values() for key in keys}


def _true(code: str, dev: Environment) -> bool:
    match code.split(" "):
        case [state, "→", follower]:
            return follower in _followers(DEFINITION["States"][state])
        case [state, "retries", *_]:
            (retry,) = DEFINITION["States"][state]["Retry"]
            return code.endswith(f"{retry['MaxAttempts']}, {retry['IntervalSeconds']}, {retry['BackoffRate']}")
        case ["states", "=", number]:
            return len(DEFINITION["States"]) == int(number)
        case ["region", "=", value]:
            return dev.plan["variables"]["region"]["value"] == json.loads(value)
        case [path, "=", value]:
            return bool(_declared(path) == json.loads(value))
        case ["log:", *_]:
            return code.removeprefix("log: ").split(", ") == list(observability._FIELDS)
        case ["global:", name]:
            return f'{name}"' in (TERRAFORM.parent / "tests" / "terraform" / "test_global.py").read_text()
        case [role, action] if role.endswith(":"):
            return action in _actions(role.removesuffix(":"))
        case [kind] if kind.startswith("aws_"):
            return bool(dev.of_type(kind))
        case [name] if name.startswith("{"):
            filled = name.replace("{project}", "dofs").replace("{env}", "dev").replace("project-env", "dofs-dev").strip("{}")
            return filled in _named(dev)
    pytest.fail(f"this code is not known: {code}")


@pytest.mark.parametrize("row", ROWS, ids=[row[0] for row in ROWS])
def test_a_row_is_true(row: tuple[str, list[str], list[str], str], environments: Callable[[str], Environment]) -> None:
    """Its files exist, and what it says is so."""
    _, files, codes, why = row
    assert files
    assert codes
    assert why
    assert [path for path in files if not (TERRAFORM / path).exists()] == []
    assert [code for code in codes if not _true(code, environments("dev"))] == []


def test_no_part_is_missing(environments: Callable[[str], Environment]) -> None:
    """Each function, table, queue, state and log group that exists is in the table."""
    dev = environments("dev")
    text = " ".join(code for _, _, codes, _ in ROWS for code in codes)
    for kind in ("function", "table", "queue"):
        assert [name for name in _declared(kind) if f"{{project}}-{{env}}-{name}" not in text] == []
    assert [state for state in DEFINITION["States"] if state not in text] == []
    groups = {values["name"] for values in dev.of_type("aws_cloudwatch_log_group").values()}
    assert [name for name in groups if name.startswith("/aws/lambda/") and name.replace("dofs-dev", "project-env") not in text] == []
