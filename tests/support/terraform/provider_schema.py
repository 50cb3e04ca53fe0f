"""The AWS provider's schema, recovered from its CDK bindings on the package index.

The bindings carry, for every argument of every resource, whether it is computed, optional or required, its type, and which
blocks nest where. `extract` turns them into the format of `terraform providers schema -json`, so that Terraform itself can
check a configuration with neither network nor credentials. Nothing of it is committed: `cached` fetches the wheel once into the
user's cache directory.

Not carried, and so not checked: the provider's own validation of values (ARN formats, retention days, runtime names),
``max_items`` above one, and six inexact types in QuickSight and WAFv2.
"""

from __future__ import annotations

import fcntl
import io
import json
import os
import re
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from collections import defaultdict
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

BINDINGS = "cdktn-provider-aws==25.8.1"
BINDINGS_SHA256 = "2ffa579cb88b063cb3a9937e43c519391e876845768f51638a848bdf2ce9f354"
PROVIDER_VERSION = "6.69.1"
"""The release of hashicorp/aws that these bindings were generated from."""

_CLASS = re.compile(r"^class (\w+) extends cdkt[nf]\.(\w+) \{$(.*?)^\}", re.MULTILINE | re.DOTALL)
_FUNCTION = re.compile(r"^function (\w+)ToHclTerraform\((?:struct)\) \{$(.*?)^\}", re.MULTILINE | re.DOTALL)
_ATTRIBUTE = re.compile(
    r"^    // (\w+) - computed: (\w+), optional: (\w+), required: (\w+)\n(.*?)(?=^    // (?:\w+ - computed|=====)|\Z)",
    re.MULTILINE | re.DOTALL,
)
_HCL = re.compile(
    r'^\s+(\w+): \{\s+value: (.*?),\s+isBlock: (\w+),\s+type: "(\w+)",\s+storageClassType: "([^"]+)",\s+\}', re.MULTILINE | re.DOTALL
)
_MEMBER = re.compile(r'_\w+ = new ([\w.]+)\(this, "(\w+)"(?:, (true|false))?\)')
_FILE = re.compile(r"package/lib/([^/]+)/(.*)\.(js|d\.ts)$")
_PRIMITIVE = {"string": "string", "number": "number", "boolean": "bool", "any": "dynamic"}
_DESTINATION = {"TerraformResource": "resource_schemas", "TerraformDataSource": "data_source_schemas", "TerraformProvider": "provider"}
_TOP = (*_DESTINATION, "TerraformEphemeralResource")


class UnavailableError(RuntimeError):
    """A part that the offline run needs and that could not be fetched. The message names it, and says what to do."""


def cache_directory() -> Path:
    """Return the folder that keeps fetched files between runs: ``$XDG_CACHE_HOME/sfn-generator``, by default under ``~/.cache``."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "sfn-generator"


def download(requirement: str, sha256: str | None, into: Path) -> Path:
    """Fetch one wheel with pip, which knows the index, proxy and certificates of this machine."""
    with tempfile.NamedTemporaryFile("w", suffix=".txt") as pinned:
        pinned.write(f"{requirement} --hash=sha256:{sha256}\n" if sha256 else f"{requirement}\n")
        pinned.flush()
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", str(into), "--requirement", pinned.name]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        msg = f"{requirement} could not be downloaded, and the offline Terraform run needs it once:\n{done.stderr.strip()}"
        raise UnavailableError(msg)
    return next(into.glob("*.whl"))


@contextmanager
def fetching() -> Iterator[None]:
    """Let one test process at a time fill the cache; the others find the files."""
    cache_directory().mkdir(parents=True, exist_ok=True)
    with (cache_directory() / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def cached() -> dict[str, Any]:
    """Return the provider's schema from the cache. Fetch and extract it first if it is not there (once, about ten seconds)."""
    path = cache_directory() / f"terraform-provider-aws-{PROVIDER_VERSION}.schema.json"
    with fetching():
        if not path.exists():
            with tempfile.TemporaryDirectory() as folder:
                schema = extract(download(BINDINGS, BINDINGS_SHA256, Path(folder)))
            partial = path.with_suffix(".partial")
            partial.write_text(json.dumps(schema, separators=(",", ":"), sort_keys=True))
            partial.replace(path)
    loaded: dict[str, Any] = json.loads(path.read_text())
    return loaded


def extract(wheel: Path) -> dict[str, Any]:
    """Read every resource, data source and the provider block out of the bindings' wheel.

    Returns:
        ``{"provider": …, "resource_schemas": …, "data_source_schemas": …}`` as `terraform providers schema -json` has it.
    """
    with zipfile.ZipFile(wheel) as archive:
        package = archive.read(next(n for n in archive.namelist() if n.endswith(".jsii.tgz")))
    sources: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    with tarfile.open(fileobj=io.BytesIO(package)) as tar:
        for member in tar:
            if (found := _FILE.match(member.name)) and (content := tar.extractfile(member)):
                sources[found[1]][found[3]].append(content.read().decode())
    schema: dict[str, Any] = {"provider": {}, "resource_schemas": {}, "data_source_schemas": {}}
    for files in sources.values():
        module = _Module("\n".join(files["js"]), "\n".join(files["d.ts"]))
        for name, (base, _) in module.classes.items():
            if base not in _DESTINATION:
                continue
            attributes, blocks = module.members(name)
            if base == "TerraformResource" and '"dynamic"' in json.dumps(blocks):
                continue  # Terraform rejects dynamic types in set blocks: two WAFv2 resources, left out
            block = {"version": 0, "block": {"attributes": attributes, "block_types": blocks}}
            if base == "TerraformProvider":
                attributes.pop("alias", None)
                schema["provider"] = block
            elif named := re.search(rf'(?:static |^{name}\.)tfResourceType = "(\w+)"', module.js, re.MULTILINE):
                schema[_DESTINATION[base]][named[1]] = block
    return schema


def _simple_type(kind: str, storage: str) -> Any:
    """Return Terraform's type of a storage class: ``("list", "stringMapList")`` is ``["list", ["map", "string"]]``."""
    found = re.match(r"(string|number|boolean|any)((?:List|Map|Set)*)$", storage)
    if not found:
        raise KeyError(storage)
    result: Any = _PRIMITIVE[found[1]]
    wrappers = re.findall("List|Map|Set", found[2])
    for depth, wrapper in enumerate(wrappers, start=1):
        outermost = depth == len(wrappers)
        result = [kind if outermost and kind in {"list", "set", "map"} else wrapper.lower(), result]
    return result


def _lower_first(name: str) -> str:
    return name[0].lower() + name[1:]


class _Module:
    """One folder of the bindings: the classes of one resource or data source and of its blocks."""

    def __init__(self, js: str, declarations: str) -> None:
        self.js = js
        self.classes = {m[1]: (m[2], m[3]) for m in _CLASS.finditer(js)}
        self.hcl = {m[1]: {h[1]: h for h in _HCL.finditer(m[2])} for m in _FUNCTION.finditer(js)}
        self.documented_blocks = set(re.findall(r"\* (\w+) block\n", declarations))

    def element_class(self, name: str) -> str:
        """Return the class of one element for the class of a list or a map of elements."""
        name = name.rsplit(".", maxsplit=1)[-1]
        base, body = self.classes[name]
        is_collection = base.startswith(("Complex", "Map", "List")) and base != "ComplexObject"
        element = re.search(r"return new (\w+)\(", body) if is_collection else None
        return self.element_class(element[1]) if element else name

    def members(self, cls: str, seen: tuple[str, ...] = ()) -> tuple[dict[str, Any], dict[str, Any]]:
        """Return the attributes and the block types of a class."""
        base, body = self.classes[cls]
        if base in _TOP:
            found = re.search(r"synthesizeHclAttributes\(\) \{(.*)", body, re.DOTALL)
            hcl = {h[1]: h for h in _HCL.finditer(found[1])} if found else {}
        else:
            hcl = self.hcl.get(_lower_first(cls.removesuffix("OutputReference")), {})
        complex_members = {m[2]: m for m in _MEMBER.finditer(body)}
        attributes: dict[str, Any] = {}
        blocks: dict[str, Any] = {}
        for name, computed, optional, required, chunk in _ATTRIBUTE.findall(body):
            if name in attributes or name in blocks:
                continue
            flags = {k: True for k, v in (("computed", computed), ("optional", optional), ("required", required)) if v == "true"}
            line, member = hcl.get(name), complex_members.get(name)
            if member and not member[1].startswith("cdkt"):
                nested = self._complex(name, member, line, seen)
                if nested and "type" in nested:
                    attributes[name] = nested | flags
                elif nested:
                    blocks[name] = nested | ({"min_items": 1} if "required" in flags and nested["nesting_mode"] in {"list", "set"} else {})
            elif line and line[5][0].isupper():  # the provider class keeps no objects for its blocks
                stem = re.sub("(List|Map)$", "", line[5])
                inner = {n: {"type": _simple_type(h[4], h[5]), "optional": True} for n, h in self.hcl[_lower_first(stem)].items()}
                blocks[name] = {"nesting_mode": line[4], "block": {"attributes": inner}}
            else:
                attributes[name] = {"type": self._plain_type(line, member, chunk), **flags}
        return attributes, blocks

    def _complex(self, name: str, member: re.Match[str], line: re.Match[str] | None, seen: tuple[str, ...]) -> dict[str, Any] | None:
        """Return a nested block, or an attribute whose type is an object; None where the bindings cut a recursive block (WAFv2)."""
        element = self.element_class(member[1])
        if element in seen:
            return None
        declared = self.classes[member[1].split(".")[-1]][0]
        collection = "set" if member[3] == "true" else "list" if member[3] == "false" else "map" if declared == "ComplexMap" else None
        if line and not (mapper := re.search(r"listMapperHcl\(\w+, (true|false)\)", line[2])):
            is_block = line[4] in {"list", "set"} or name in self.documented_blocks
            mode = line[4] if line[4] in {"list", "set", "map"} else "single"
        elif line and mapper:
            is_block, mode = mapper[1] == "true", line[4]
        else:
            is_block, mode = False, collection or "single"
        attributes, blocks = self.members(element, (*seen, element))
        if not is_block:
            kind = ["object", {key: value["type"] for key, value in attributes.items()}]
            return {"type": kind if mode == "single" else [mode, kind]}
        block: dict[str, Any] = {"nesting_mode": mode, "block": {"attributes": attributes, "block_types": blocks}}
        if mode in {"list", "set"} and collection is None:
            block["max_items"] = 1
        return block

    @staticmethod
    def _plain_type(line: re.Match[str] | None, member: re.Match[str] | None, chunk: str) -> Any:
        if line:
            return _simple_type(line[4], line[5])
        if member:
            storage = _lower_first(member[1].split(".")[1])
            return _simple_type("set" if member[3] == "true" else "list" if storage.endswith("List") else "map", storage)
        returned = re.search(r"return (.*);", chunk)
        getter = re.search(r"get(\w*?)Attribute\(", returned[1]) if returned else None
        if not returned or not getter:
            return "dynamic"
        kind = "set" if "Fn.tolist" in returned[1] else "list"
        if getter[1] in {"List", "NumberList"}:
            return [kind, "number" if getter[1].startswith("N") else "string"]
        return _simple_type("map", _lower_first(getter[1]))
