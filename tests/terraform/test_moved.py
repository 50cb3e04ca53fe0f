"""A state with the addresses of earlier versions: Terraform moves what is there, and makes or deletes nothing."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import pytest

from tests.support.terraform.offline import PROJECT

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.terraform.offline import Offline

TERRAFORM = PROJECT / "terraform"
_BLOCK = re.compile(r"^moved {\n +from = (.+)\n +to +?= (.+)\n}", re.MULTILINE)
_ADDRESS = re.compile(r"(?:(?P<module>module\..+)\.)?(?P<type>\w+)\.(?P<name>\w+)(?:\[(?P<key>.+)\])?")


def moves(root: Path, modules: Path) -> list[tuple[str, str]]:
    """Return the earlier and the present address of each moved block of a root module and of the modules that it calls once."""
    called = re.findall(
        r'^module "(\w+)" {\n(?: +for_each .+\n)? +source += "(?:\./modules|\.\./modules)/(\w+)"', _text(root), re.MULTILINE
    )
    found = _BLOCK.findall(_text(root))
    for name, module in called:
        found += [(f"module.{name}.{old}", f"module.{name}.{new}") for old, new in _BLOCK.findall(_text(modules / module))]
    return found


def _text(folder: Path) -> str:
    return "\n".join(file.read_text() for file in folder.glob("*.tf"))


def before(state: dict[str, Any], moved: list[tuple[str, str]]) -> tuple[dict[str, Any], dict[str, str]]:
    """Return the state with the earlier addresses, and the earlier address of each present one that differs.

    Data sources move, too: Terraform moves nothing to a module that has something in the state.
    """
    resources, changed = [], {}
    for resource in state["resources"]:
        for instance in resource["instances"]:
            key = f"[{json.dumps(instance['index_key'])}]" if "index_key" in instance else ""
            module = f"{resource['module']}." if "module" in resource else ""
            address = old = f"{module}{resource['type']}.{resource['name']}{key}"
            for source, target in reversed(moved):
                if old == target or old.startswith(f"{target}."):
                    old = source + old.removeprefix(target)
            if resource["mode"] == "managed" and old != address:
                changed[address] = old
            resources.append({**resource, "instances": [instance]} if old == address else _at(old, resource, instance))
    return {**state, "resources": _joined(resources)}, changed


def _at(address: str, resource: dict[str, Any], instance: dict[str, Any]) -> dict[str, Any]:
    parts = _ADDRESS.fullmatch(address)
    assert parts
    one = {name: value for name, value in instance.items() if name not in {"index_key", "dependencies"}}
    if parts["key"]:
        one["index_key"] = json.loads(parts["key"])
    there = {name: value for name, value in resource.items() if name not in {"module", "each"}}
    there |= {"type": parts["type"], "name": parts["name"], "instances": [one]}
    return there | ({"module": parts["module"]} if parts["module"] else {})


def _joined(resources: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Put the instances of one resource together."""
    found: dict[tuple[Any, ...], dict[str, Any]] = {}
    for each in resources:
        key = (each.get("module"), each["mode"], each["type"], each["name"])
        found.setdefault(key, {**each, "instances": []})["instances"] += each["instances"]
    return list(found.values())


@pytest.mark.parametrize(("root", "blocks"), [("global", 6), ("dev", 13)])
def test_earlier_addresses_are_moved(root: str, blocks: int, terraform_offline: Offline, packages: Path) -> None:
    """Apply, put the state back to the earlier addresses, and plan: the same resources at other addresses, none made or deleted."""
    folder = TERRAFORM / "global" if root == "global" else TERRAFORM
    place: dict[str, Any] = {"root": TERRAFORM} if root == "global" else {"root": PROJECT, "workspace": "dev"}
    with terraform_offline.session(folder, **place) as run:
        given: tuple[dict[str, str], str | None] = (
            ({"repository": "example/dofs"}, None)
            if root == "global"
            else ({"package_directory": str(packages)}, "environments/dev.tfvars")
        )
        run.apply(*given)
        (file,) = (path for path in run.folder.rglob("terraform.tfstate") if ".terraform" not in path.parts)
        moved = moves(folder, TERRAFORM / "modules")
        state, changed = before(json.loads(file.read_text()), moved)
        assert len(moved) == blocks
        unused = [to for _, to in moved if not any(address == to or address.startswith(f"{to}.") for address in changed)]
        assert unused == [], "nothing has these addresses"
        file.write_text(json.dumps(state))
        plan = run.plan(*given)
    changes = {each["address"]: each for each in plan["resource_changes"] if each["mode"] == "managed"}
    made = {address: each["change"]["actions"] for address, each in changes.items() if {"create", "delete"} & {*each["change"]["actions"]}}
    assert made == {}
    assert {address: each["previous_address"] for address, each in changes.items() if "previous_address" in each} == changed
