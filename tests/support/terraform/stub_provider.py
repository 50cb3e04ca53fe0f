"""A replacement for terraform-provider-aws: the provider's real schema, served to the real Terraform from this process.

Terraform talks to a provider over gRPC (plugin protocol 5) and accepts one that is already running through the environment
variable TF_REATTACH_PROVIDERS, as provider developers use it under a debugger. So there is nothing to install, no mirror, no
lock file, and no child process to leave behind. Terraform then checks every name, type, required argument and reference
against the schema; computed attributes plan as unknown, and `apply` (in `terraform test`) makes values up.

The few wire messages needed are encoded by hand: grpcio and msgpack are all this module imports.

Protocol: https://github.com/hashicorp/terraform/blob/main/docs/plugin-protocol/tfplugin5.9.proto
Reattaching: https://developer.hashicorp.com/terraform/plugin/debugging
"""

from __future__ import annotations

import json
import os
import re
import tempfile
from collections.abc import Callable
from concurrent import futures
from typing import TYPE_CHECKING, Any

import grpc
import msgpack

if TYPE_CHECKING:
    from collections.abc import Iterator

SOURCE = "hashicorp/aws"
ACCOUNT = "123456789012"
REGION = "us-east-1"
Watch = Callable[[str, str, dict[str, Any]], str | None]

_UNKNOWN = msgpack.ExtType(0, b"\x00")
_NESTING = {"single": 1, "list": 2, "set": 3, "map": 4, "group": 5}
_EMPTY = {"list": [], "set": [], "map": {}}
_MAX_VARINT_BYTE = 127


# --- protobuf's wire format -----------------------------------------------------------------------------------------


def _varint(number: int) -> bytes:
    out = bytearray()
    while number > _MAX_VARINT_BYTE:
        out.append(number & 127 | 128)
        number >>= 7
    out.append(number)
    return bytes(out)


def _field(tag: int, value: str | bytes | int | None) -> bytes:
    """Encode one field. Strings and bytes carry their length; zero, False and None are left out, as protobuf's defaults are."""
    if isinstance(value, str):
        value = value.encode()
    if isinstance(value, bytes):
        return _varint(tag << 3 | 2) + _varint(len(value)) + value
    return _varint(tag << 3) + _varint(int(value)) if value else b""


def _parse(buffer: bytes) -> dict[int, Any]:
    """Return the last value of each field of a message."""
    out: dict[int, Any] = {}
    at = 0

    def varint() -> int:
        nonlocal at
        number = shift = 0
        while True:
            byte = buffer[at]
            at += 1
            number |= (byte & 127) << shift
            shift += 7
            if byte <= _MAX_VARINT_BYTE:
                return number

    while at < len(buffer):
        tag = varint()
        match tag & 7:
            case 0:
                out[tag >> 3] = varint()
            case 2:
                length = varint()
                out[tag >> 3] = buffer[at : at + length]
                at += length
            case fixed:
                at += {1: 8, 5: 4}[fixed]
    return out


def _load_value(buffer: bytes | None) -> Any:
    """Decode a DynamicValue: msgpack, or JSON for values from a state file."""
    message = _parse(buffer or b"")
    if 1 in message:
        return msgpack.unpackb(message[1], strict_map_key=False)
    return json.loads(message[2]) if 2 in message else None


def _dump_value(value: Any) -> bytes:
    return _field(1, msgpack.packb(value))


def _error(summary: str, *path: str | int, tag: int = 1) -> bytes:
    """Encode one error diagnostic at an attribute, as the field of a response that holds its diagnostics."""
    steps = b"".join(_field(1, _field(3, step) if isinstance(step, int) else _field(1, step)) for step in path)
    return _field(tag, _field(1, 1) + _field(2, summary) + (_field(4, steps) if steps else b""))


def _encode_block(block: dict[str, Any]) -> bytes:
    out = b""
    for name, attribute in sorted(block.get("attributes", {}).items()):
        out += _field(
            2,
            _field(1, name)
            + _field(2, json.dumps(attribute["type"], separators=(",", ":")))
            + _field(4, attribute.get("required"))
            + _field(5, attribute.get("optional"))
            + _field(6, attribute.get("computed")),
        )
    for name, nested in sorted(block.get("block_types", {}).items()):
        inner = _field(1, name) + _field(2, _encode_block(nested["block"])) + _field(3, _NESTING[nested["nesting_mode"]])
        out += _field(3, inner + _field(4, nested.get("min_items")) + _field(5, nested.get("max_items")))
    return out


def _encode_schema(schema: dict[str, Any]) -> bytes:
    return _field(1, schema["version"]) + _field(2, _encode_block(schema["block"]))


# --- values ---------------------------------------------------------------------------------------------------------


def _is_unknown(value: Any) -> bool:
    return isinstance(value, msgpack.ExtType)


def _fill(block: dict[str, Any], value: Any, make: Callable[[str, Any, dict[str, Any]], Any]) -> Any:
    """Replace values that are computed and not set, or unknown, with ``make(name, type, siblings)``, in nested blocks too."""
    if not isinstance(value, dict):
        return value
    out = dict(value)
    for name, attribute in block.get("attributes", {}).items():
        if (out.get(name) is None and attribute.get("computed")) or _is_unknown(out.get(name)):
            out[name] = make(name, attribute["type"], out)
    for name, nested in block.get("block_types", {}).items():
        current = out.get(name)
        if name == "timeouts" or current is None:
            continue
        if _is_unknown(current):
            out[name] = _EMPTY.get(nested["nesting_mode"])
        elif isinstance(current, list):
            out[name] = [_fill(nested["block"], each, make) for each in current]
        elif nested["nesting_mode"] == "map":
            out[name] = {key: _fill(nested["block"], each, make) for key, each in current.items()}
        else:
            out[name] = _fill(nested["block"], current, make)
    return out


def _keep_unknown(name: str, _type: Any, siblings: dict[str, Any]) -> Any:
    return siblings[name] if _is_unknown(siblings.get(name)) else _UNKNOWN


_ARNS = {
    "aws_cloudwatch_log_group": "logs:{region}:{account}:log-group:{name}",
    "aws_dynamodb_table": "dynamodb:{region}:{account}:table/{name}",
    "aws_iam_policy": "iam::{account}:policy{path}{name}",
    "aws_iam_role": "iam::{account}:role{path}{name}",
    "aws_lambda_function": "lambda:{region}:{account}:function:{name}",
    "aws_lambda_layer_version": "lambda:{region}:{account}:layer:{name}:1",
    "aws_s3_bucket": "s3:::{name}",
    "aws_sfn_state_machine": "states:{region}:{account}:stateMachine:{name}",
    "aws_sqs_queue": "sqs:{region}:{account}:{name}",
}
"""The form of the ARNs whose parts configurations read; the ARN of any other type has its service and its name."""


def _made_up(kind: str, region: str) -> Callable[[str, Any, dict[str, Any]], Any]:
    service = kind.split("_")[1]

    def make(name: str, of_type: Any, siblings: dict[str, Any]) -> Any:
        named = (siblings.get(key) for key in ("name", "function_name", "bucket", "layer_name", "bucket_prefix", "path_part"))
        base = next((value for value in named if isinstance(value, str)), kind)
        if of_type == "string":
            arn = "arn:aws:" + _ARNS.get(kind, f"{service}:{{region}}:{{account}}:{{name}}").format(
                region=region, account=ACCOUNT, name=base, path=siblings.get("path") or "/"
            )
            if kind == "aws_lambda_alias":
                arn = f"arn:aws:lambda:{region}:{ACCOUNT}:function:{siblings['function_name']}:{siblings['name']}"
            if kind == "aws_sfn_alias":
                arn = f"{siblings['routing_configuration'][0]['state_machine_version_arn'].rpartition(':')[0]}:{siblings['name']}"
            if name in {"qualified_arn", "state_machine_version_arn"}:
                return f"{arn}:1"
            if name == "arn" or name.endswith("_arn"):
                return arn
            if (kind, name) == ("aws_lambda_function", "version"):
                return "1"
            return {"id": base, "bucket": base, "account_id": ACCOUNT, "region": region, "url": f"https://{kind}/{base}"}.get(
                name, f"stub-{name}"
            )
        if isinstance(of_type, list):
            return _EMPTY.get(of_type[0])
        return {"number": 0, "bool": False}.get(of_type)

    return make


def _policy_document(config: dict[str, Any]) -> str:
    """Render data.aws_iam_policy_document, so that tests can read the policies of a plan."""

    def one_or_many(values: list[str]) -> Any:
        return sorted(values) if len(values) > 1 else values[0]

    statements: list[dict[str, Any]] = []
    for source in config.get("source_policy_documents") or []:
        statements += json.loads(source)["Statement"]
    for statement in config.get("statement") or []:
        rendered: dict[str, Any] = {"Sid": statement["sid"]} if statement.get("sid") else {}
        rendered["Effect"] = statement.get("effect") or "Allow"
        for key, name in (("actions", "Action"), ("not_actions", "NotAction"), ("resources", "Resource"), ("not_resources", "NotResource")):
            if statement.get(key):
                rendered[name] = one_or_many(statement[key])
        for principal in statement.get("principals") or []:
            rendered.setdefault("Principal", {})[principal["type"]] = one_or_many(principal["identifiers"])
        for condition in statement.get("condition") or []:
            rendered.setdefault("Condition", {}).setdefault(condition["test"], {})[condition["variable"]] = one_or_many(condition["values"])
        statements.append(rendered)
    return json.dumps({"Version": "2012-10-17", "Statement": statements}, indent=2)


def _known_data(region: str) -> dict[str, dict[str, Any]]:
    return {
        "aws_caller_identity": {"account_id": ACCOUNT, "id": ACCOUNT, "arn": f"arn:aws:iam::{ACCOUNT}:user/stub", "user_id": "AIDASTUB"},
        "aws_region": {"name": region, "id": region, "region": region, "description": f"The region {region}"},
        "aws_partition": {"partition": "aws", "id": "aws", "dns_suffix": "amazonaws.com", "reverse_dns_prefix": "com.amazonaws"},
    }


# --- what the schema does not carry ---------------------------------------------------------------------------------

_JSON = re.compile(r"^(policy|assume_role_policy|definition|redrive_policy|redrive_allow_policy|event_pattern|dashboard_body|schema)$")
_VALUES: dict[tuple[str, str], frozenset[str]] = {
    ("aws_sfn_state_machine", "type"): frozenset({"STANDARD", "EXPRESS"}),
    ("aws_dynamodb_table", "billing_mode"): frozenset({"PROVISIONED", "PAY_PER_REQUEST"}),
}
# The values CloudWatch Logs accepts: https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html
_RETENTION_DAYS = frozenset(
    {0, 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653},
)


def _read_only(block: dict[str, Any], value: dict[str, Any], path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """Return the arguments that are set although only the provider decides them."""
    for name, attribute in block.get("attributes", {}).items():
        if value.get(name) is not None and attribute.get("computed") and not attribute.get("optional"):
            yield (*path, name)
    for name, nested in block.get("block_types", {}).items():
        if nested["nesting_mode"] == "list" and isinstance(value.get(name), list):
            for index, each in enumerate(value[name]):
                if isinstance(each, dict):
                    yield from _read_only(nested["block"], each, (*path, name, index))


def _problems(kind: str, block: dict[str, Any], config: dict[str, Any]) -> Iterator[bytes]:
    for path in _read_only(block, config):
        yield _error(f"Value for unconfigurable attribute: {path[-1]} is decided by the provider.", *path)
    for name, value in config.items():
        if isinstance(value, str) and _JSON.match(name):
            try:
                json.loads(value)
            except ValueError as error:
                yield _error(f'"{name}" contains an invalid JSON: {error}', name)
        allowed = _VALUES.get((kind, name))
        if allowed and isinstance(value, str) and value not in allowed:
            yield _error(f"expected {name} to be one of {sorted(allowed)}, got {value}", name)
    if kind == "aws_cloudwatch_log_group" and isinstance(days := config.get("retention_in_days"), int) and days not in _RETENTION_DAYS:
        yield _error(f"expected retention_in_days to be one of {sorted(_RETENTION_DAYS)}, got {days}", "retention_in_days")
    if config.get("name") is not None and config.get("name_prefix") is not None:
        yield _error('"name": conflicts with name_prefix', "name")


# --- versions -------------------------------------------------------------------------------------------------------

# What changes with each version that is published or stored, as the provider's plans have it; and what cannot be changed in place.
_PUBLISHED = {
    "aws_lambda_function": ("version", "qualified_arn"),
    "aws_s3_object": ("version_id",),
    "aws_sfn_state_machine": ("state_machine_version_arn",),
}
_QUIET = frozenset({"reserved_concurrent_executions", "tags", "tags_all"})
_FORCE_NEW = {
    "aws_dynamodb_table": frozenset({"name", "hash_key", "range_key"}),
    "aws_lambda_layer_version": frozenset({"layer_name", "s3_key", "s3_object_version", "source_code_hash"}),
    "aws_s3_bucket": frozenset({"bucket", "bucket_prefix"}),
    "aws_s3_object": frozenset({"bucket", "key"}),
}


def _next(version: str) -> str:
    """Return the version after one, alone or at the end of an ARN."""
    before, colon, number = version.rpartition(":")
    return f"{before}{colon}{int(number) + 1}" if number.isdigit() else version


class Objects:
    """What outlives the provider: the versioned objects of S3, in memory, and the number of layer versions."""

    def __init__(self) -> None:
        """Start without any."""
        self.versions: dict[tuple[str, str], list[str]] = {}
        self.layers = 0

    def put(self, bucket: str, key: str, content: str | None, source: str | None) -> str:
        """Store a version; return its id."""
        kept = self.versions.setdefault((bucket, key), [])
        kept.append(content or source or "")
        return f"v{len(kept)}"

    def get(self, bucket: str, key: str, version: str) -> str:
        """Return the content of a version."""
        return self.versions[bucket, key][int(version.removeprefix("v")) - 1]

    def delete(self, bucket: str, key: str) -> None:
        """Delete all versions, as the provider does with an object that it destroys."""
        self.versions.pop((bucket, key), None)


# --- the provider ---------------------------------------------------------------------------------------------------


class StubProvider(grpc.GenericRpcHandler):  # type: ignore[misc]  # grpc has no types
    """The provider as a context manager: ``with StubProvider(schema, wanted) as environment``, run Terraform under that environment."""

    def __init__(self, schema: dict[str, Any], wanted: frozenset[str], watch: Watch | None = None, objects: Objects | None = None) -> None:
        """Prepare to serve some types. The schema of all 2,418 would cost each Terraform command two seconds.

        Args:
            schema: `provider_schema.cached()`.
            wanted: the resource and data source types to serve.
            watch: called with the type, the operation (create, read, update, delete) and the attributes of each resource that
                Terraform has the provider work on. What it returns, if anything, is the error that AWS would answer.
            objects: where the objects of S3 are; by default, in memory.
        """
        self._watch = watch
        self._objects = objects or Objects()
        self._region = REGION
        self._resources = {name: s for name, s in schema["resource_schemas"].items() if name in wanted}
        self._data = {name: s for name, s in schema["data_source_schemas"].items() if name in wanted}
        self._default_tags: dict[str, str] = {}
        self._schema = _field(1, _encode_schema(schema["provider"]))
        for tag, schemas in ((2, self._resources), (3, self._data)):
            for name, each in sorted(schemas.items()):
                self._schema += _field(tag, _field(1, name) + _field(2, _encode_schema(each)))
        self._calls: dict[str, Callable[[dict[int, Any]], bytes]] = {
            "GetSchema": lambda _: self._schema,
            "PrepareProviderConfig": lambda request: _field(1, request.get(1, b"")),
            "ValidateResourceTypeConfig": self._validate,
            "ValidateDataSourceConfig": lambda _: b"",
            "UpgradeResourceState": lambda request: _field(1, _field(2, _parse(request[3])[1])),
            "Configure": self._configure,
            "ReadResource": self._read,
            "PlanResourceChange": self._plan,
            "ApplyResourceChange": self._apply,
            "ReadDataSource": self._read_data,
            "Stop": lambda _: b"",
        }

    def service(self, handler_call_details: Any) -> Any:
        """Return the handler of one RPC. None answers "unimplemented", which Terraform reads as "not offered"."""
        method = handler_call_details.method.removeprefix("/tfplugin5.Provider/")
        call = self._calls.get(method)
        return grpc.unary_unary_rpc_method_handler(lambda request, _: call(_parse(request))) if call else None

    def __enter__(self) -> dict[str, str]:
        """Serve on a new socket. Return the environment variables with which Terraform finds it."""
        self._folder = tempfile.TemporaryDirectory(prefix="tf")
        socket = f"{self._folder.name}/s"
        limits = [("grpc.max_receive_message_length", -1), ("grpc.max_send_message_length", -1)]
        self._server = grpc.server(futures.ThreadPoolExecutor(10), options=limits)
        self._server.add_generic_rpc_handlers((self,))
        self._server.add_insecure_port(f"unix://{socket}")
        self._server.start()
        address = {"Network": "unix", "String": socket}
        attach = {SOURCE: {"Protocol": "grpc", "ProtocolVersion": 5, "Pid": os.getpid(), "Test": True, "Addr": address}}
        return {"TF_REATTACH_PROVIDERS": json.dumps(attach)}

    def __exit__(self, *_: object) -> None:
        """Stop serving."""
        self._server.stop(None).wait()
        self._folder.cleanup()

    def _resource(self, request: dict[int, Any]) -> tuple[str, dict[str, Any]]:
        name = request[1].decode()
        return name, self._resources[name]["block"]

    def _configure(self, request: dict[int, Any]) -> bytes:
        config = _load_value(request.get(2)) or {}
        self._region = config.get("region") or REGION
        for block in config.get("default_tags") or []:
            self._default_tags = block.get("tags") or {}
        return b""

    def _refused(self, kind: str, operation: str, values: dict[str, Any], tag: int) -> bytes:
        refusal = self._watch(kind, operation, values) if self._watch else None
        return _error(refusal, tag=tag) if refusal else b""

    def _read(self, request: dict[int, Any]) -> bytes:
        return _field(1, request.get(2, b"")) + self._refused(request[1].decode(), "read", _load_value(request.get(2)) or {}, 2)

    def _validate(self, request: dict[int, Any]) -> bytes:
        kind, block = self._resource(request)
        return b"".join(_problems(kind, block, _load_value(request.get(2)) or {}))

    def _plan(self, request: dict[int, Any]) -> bytes:
        kind, block = self._resource(request)
        prior, proposed = _load_value(request.get(2)), _load_value(request.get(3))
        if proposed is not None and "tags_all" in block["attributes"] and not _is_unknown(proposed.get("tags")):
            proposed["tags_all"] = self._default_tags | (proposed.get("tags") or {})
        replaced = b""
        if proposed is not None and prior is None:
            proposed = _fill(block, proposed, _keep_unknown)
        elif proposed is not None:
            changed = {name for name, value in proposed.items() if value != prior.get(name)}
            if changed - _QUIET and proposed.get("publish") is not False:
                proposed |= dict.fromkeys(_PUBLISHED.get(kind, ()), _UNKNOWN)
            replaced = b"".join(_field(2, _field(1, _field(1, name))) for name in sorted(changed & _FORCE_NEW.get(kind, frozenset())))
        return _field(1, _dump_value(proposed)) + replaced + _field(5, 1)

    def _apply(self, request: dict[int, Any]) -> bytes:
        kind, block = self._resource(request)
        prior, planned = _load_value(request.get(2)), _load_value(request.get(3))
        new = _fill(block, planned, _made_up(kind, self._region))
        operation = "delete" if planned is None else "create" if prior is None else "update"
        if refused := self._refused(kind, operation, prior if planned is None else new, 3):
            return _field(1, _dump_value(prior)) + refused + _field(4, 1)
        if operation == "update":
            new |= {name: _next(prior[name]) for name in _PUBLISHED.get(kind, ()) if _is_unknown(planned[name])}
        if kind == "aws_lambda_layer_version" and operation == "create":
            self._objects.layers += 1
            new["arn"] = f"{new['arn'].rpartition(':')[0]}:{self._objects.layers}"
        if kind == "aws_s3_object" and planned is None:
            self._objects.delete(prior["bucket"], prior["key"])
        elif kind == "aws_s3_object" and (prior is None or _is_unknown(planned["version_id"])):
            new["version_id"] = self._objects.put(new["bucket"], new["key"], new["content"], new["source"])
        return _field(1, _dump_value(new)) + _field(4, 1)

    def _read_data(self, request: dict[int, Any]) -> bytes:
        name = request[1].decode()
        config = _load_value(request.get(2)) or {}
        known = _known_data(self._region).get(name, {})
        if name == "aws_iam_policy_document":
            known = {"json": _policy_document(config)}
        if name == "aws_s3_object":
            known = {"body": self._objects.get(config["bucket"], config["key"], config["version_id"])}
        make_up = _made_up(name, self._region)
        return _field(
            1, _dump_value(_fill(self._data[name]["block"], config, lambda n, t, s: known[n] if n in known else make_up(n, t, s)))
        )
