"""Derive the permissions of an API operation from its model and the authorization data, when the index is built.

The Service Authorization Reference has the resource types of an action and the formats of their ARNs, with named variables
(`arn:…:table/${TableName}`). The API model has the members of the call (`TableName`). Where the names agree, the ARN follows
from the call. The result is written as resource templates, see :mod:`generator.catalog.permissions`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Any, Final

from generator.asl.placeholders import PLACEHOLDER
from generator.catalog import naming, sdk

_SUFFIXES: Final = ("identifier", "name", "arn", "uuid", "id")
_PLACES: Final = {"Partition": "partition", "Region": "region", "Account": "account", "AccountId": "account"}
_OTHER_ENDS: Final = ("source", "target", "destination", "parent", "new", "original", "final")
_MAX_DEPTH: Final = 3
_MAX_TYPES: Final = 8
"""A call that names none of more resource types than this may use any resource."""
_TEXT: Final = {"string"}
_EXACT, _BASE, _KIND, _PLURAL, _GENERIC, _LONGER, _ARN = 100, 90, 85, 80, 70, 65, 60
_DISTINCT: Final = 5
"""The length from which a name at the end of another name is taken for the same thing."""

Members = dict[str, Any]


@dataclass(frozen=True)
class Call:
    """One API operation: its name, its input members, which of them it requires, all shapes of the model, and what it returns."""

    operation: str
    members: Members
    required: frozenset[str]
    shapes: dict[str, Any]
    returned: frozenset[str] = frozenset()


@dataclass(frozen=True)
class ResourceType:
    """One resource type of an action: its name, the format of its ARNs, and whether the action requires it."""

    kind: str
    arn: str
    required: bool


def templates(resources: list[ResourceType], call: Call) -> list[str]:
    """Return the resource templates of an action for a call.

    >>> table = [ResourceType("table", "arn:${Partition}:dynamodb:${Region}:${Account}:table/${TableName}", True)]
    >>> templates(table, Call("GetItem", {"TableName": {"shape": "N"}}, frozenset({"TableName"}), {"N": {"type": "string"}}))
    ['dynamodb:table/{TableName}']
    """
    if not resources:
        return ["*"]
    resources = [resource for resource in resources if not resource.kind.startswith("accesspoint")]
    found = [template for resource in resources if (template := _template(resource, call))]
    if not found:
        # All types are optional and none is named in the call: any of them may be meant.
        found = [str(_template(replace(resource, required=True), call)) for resource in resources]
        if len(found) > _MAX_TYPES:
            return ["{?Resource}"]
    unique = list(dict.fromkeys(found))
    return ["*"] if "*" in unique else unique


def _template(resource: ResourceType, call: Call) -> str | None:
    """Return the template of a resource type; None for an optional one that the call does not name."""
    if resource.arn == "*":
        return "*"
    head, body = _short(resource.arn)
    variables = [name for name in PLACEHOLDER.findall(body) if name not in _PLACES]
    found = _assign(variables, resource.kind, call)
    if not found and not resource.required:
        return None

    def hole(variable: re.Match[str]) -> str:
        name = variable[1]
        if name in _PLACES:
            return "{" + _PLACES[name] + "}"
        if name not in found:
            return ("{!" if _is_new(name, call) else "{?") + name + "}"
        member = found[name]
        path = _path(member, call)
        if name == variables[-1]:
            path = ",".join((path, *_other_names(name, member, found, call)))
        how = sdk.DERIVED.get(head + resource.kind.lower(), "arn" if member.lower().endswith("arn") else "")
        standard = sdk.DEFAULTS.get(f"{head.rstrip(':')}:{path}", "*" if resource.required else "")
        default = f"={standard}" if standard and member not in call.required else ""
        return "{" + path + ("|" + how if how else "") + default + "}"

    template = head + PLACEHOLDER.sub(hole, body)
    # Nothing follows a parameter that is a whole ARN.
    cut = re.search(r"\|arn(?:=\*)?\}", template)
    return template[: cut.end()] if cut else template


def _path(member: str, call: Call) -> str:
    return naming.parameter(member) + ("[]" if call.shapes[call.members[member]["shape"]]["type"] == "list" else "")


def _is_new(variable: str, call: Call) -> bool:
    """Return whether the call creates what a variable names: it returns it, and does not take it."""
    name = _plain(variable)
    taken = {text for member in map(_plain, call.members) for text in (member, member.removesuffix("list").removesuffix("s"))}
    return call.operation.startswith(_CREATING) and name in call.returned and name not in taken


def _other_names(variable: str, member: str, found: dict[str, str], call: Call) -> list[str]:
    """Return the other members by which a call can name the same resource, such as `StreamARN` beside `StreamName`."""
    if member in call.required:
        return []
    base = _base(_plain(variable))
    others = []
    for other, target in call.members.items():
        shape = call.shapes[target["shape"]]
        is_list = shape["type"] == "list" and call.shapes[shape["member"]["shape"]]["type"] in _TEXT
        name = _plain(other).removesuffix("list").removesuffix("s") if is_list else _plain(other)
        same = other != member and other not in found.values() and (is_list or shape["type"] in _TEXT) and _base(name) == base
        if base and same:
            others.append(_path(other, call))
    return others


def _short(text: str) -> tuple[str, str]:
    """Split an ARN format into the head of a template and the rest with its variables."""
    parts = text.split(":", 5)
    if len(parts) < 6 or parts[0] != "arn":  # noqa: PLR2004 - an ARN's parts
        return "", text
    _, _, service, region, account, rest = parts
    if account == "${Account}" and region == "${Region}":
        return f"{service}:", rest
    if account == "${Account}" and not region:
        return f"{service}::", rest
    if not account and not region:
        return f"{service}:::", rest
    return "", f"arn:${{Partition}}:{service}:{region}:{account}:{rest}"


def _assign(variables: list[str], kind: str, call: Call) -> dict[str, str]:
    """Return the member for each variable of an ARN, by the similarity of their names."""
    pairs: list[tuple[int, int, int, str, str]] = []
    for number, variable in enumerate(variables):
        if _is_new(variable, call):
            continue
        last, acts_on = variable == variables[-1], _plain(kind) in _plain(call.operation)
        for place, (member, target) in enumerate(call.members.items()):
            shape = call.shapes[target["shape"]]
            if shape["type"] == "list" and call.shapes[shape["member"]["shape"]]["type"] in _TEXT:
                points = _list_points(_plain(variable), _plain(member), _plain(kind))
            elif shape["type"] in _TEXT:
                points = _points(_plain(variable), _plain(member), _plain(kind), last=last, acts_on=acts_on)
            else:
                continue
            if points:
                pairs.append((-points, number, place, variable, member))
    found: dict[str, str] = {}
    for _, _, _, variable, member in sorted(pairs):
        if variable not in found and member not in found.values():
            found[variable] = member
    return found


def _list_points(variable: str, member: str, kind: str) -> int:
    singular = member.removesuffix("list").removesuffix("s")
    return _PLURAL if singular in {variable, kind, *(kind + suffix for suffix in _SUFFIXES)} or _base(singular) == _base(variable) else 0


def _points(variable: str, member: str, kind: str, *, last: bool, acts_on: bool) -> int:
    if member == variable or sdk.SAME.get(variable) == member:
        return _EXACT
    if _base(member) == _base(variable) and _base(variable):
        return _BASE
    if last and member in {kind, *(kind + suffix for suffix in _SUFFIXES)}:
        return _KIND
    if last and member in {"name", "id", "identifier"} and acts_on:
        return _GENERIC
    for text in (_base(variable), kind):
        if last and len(text) >= _DISTINCT and _base(member).endswith(text) and not member.startswith(_OTHER_ENDS):
            return _LONGER
    # Calls that work on any kind of resource name it by its ARN: tagging, resource policies.
    return _ARN if last and member in {"resourcearn", "arn"} else 0


def returned_names(shape: str, shapes: dict[str, Any], depth: int = 3) -> frozenset[str]:
    """Return the names of the members of a result, in lower case without punctuation, also those of structures and lists in it."""
    found: set[str] = set()
    pending = [(shape, depth)]
    while pending:
        name, left = pending.pop()
        entry = shapes[name]
        if entry["type"] == "list" and left:
            pending.append((entry["member"]["shape"], left))
        elif entry["type"] == "structure" and left:
            found |= {_plain(member) for member in entry["members"]}
            pending += [(target["shape"], left - 1) for target in entry["members"].values()]
    return frozenset(found)


def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())


def _base(name: str) -> str:
    for suffix in _SUFFIXES:
        if name.endswith(suffix) and name != suffix:
            return name.removesuffix(suffix)
    return name


_KEY: Final = re.compile(
    r"(?:"
    r"kms(?:master)?key(?:id|arn|identifier)?|kmsarn|"
    r"encryptionkey(?:id|arn|identifier)?|customermanagedkey(?:identifier)?)\Z",
    re.IGNORECASE,
)
_SECRET: Final = re.compile(r"secret(?:id|arn)\Z", re.IGNORECASE)
_NAMED_BY: Final = {
    **{f"kms:{use}": (_KEY, "kms:key/{%s|key}") for use in ("CreateGrant", "Decrypt", "DescribeKey", "Encrypt", "RetireGrant")},
    **{f"kms:{use}": (_KEY, "kms:key/{%s|key}") for use in ("GenerateDataKey", "GenerateDataKeyWithoutPlaintext")},
    **{f"secretsmanager:{use}": (_SECRET, "secretsmanager:secret:{%s|secret_arn}") for use in ("DescribeSecret", "GetSecretValue")},
}
"""Actions on a key or a secret that the call itself names: the names of the members that do, and the resource template."""


def is_certain(dependent: str, own: str) -> bool:
    """Return whether the parameters of a call show that it needs an action that its operation depends on.

    A call passes a role, sets tags, or uses a key or a secret only if it has such parameters. Actions of the same service, and
    those on the network interfaces of a managed service, belong to every call. The others (organisations, service-linked roles,
    …) depend on the settings of the resource, which the call does not show.
    """
    prefix, _, action = dependent.partition(":")
    if dependent in _NAMED_BY:
        return True
    if action.startswith("Pass"):
        return dependent == "iam:PassRole"
    if action.startswith("List") and prefix == own:
        return False  # only for a call that does not name the resource
    return "Tag" in action or prefix == own or (prefix == "ec2" and own != "ec2")


_CREATING: Final = ("Allocate", "Copy", "Create", "Import", "Register", "Request", "Restore", "Run", "Send", "Start", "Submit")
"""The beginnings of the names of operations that create or start something."""

_HANDING_OVER: Final = (
    "Add",
    "Associate",
    "Batch",
    "Create",
    "Modify",
    "Put",
    "Register",
    "Restore",
    "Run",
    "Set",
    "Start",
    "Submit",
    "Update",
)


def hands_over_a_role(service: str, call: Call) -> bool:
    """Return whether a call passes a role to a service that accepts roles.

    The Service Authorization Reference lists iam:PassRole for only some of these calls.

    Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_passrole.html
    """
    return service in sdk.PASSED_TO and call.operation.startswith(_HANDING_OVER) and bool(role_paths(call.members, call.shapes))


def dependent_rows(dependent: str, service: str, call: Call, resources: list[ResourceType]) -> list[Any]:
    """Return the rows of an action that the operation depends on: [action, templates, when, equals, passed to]."""
    if dependent == "iam:PassRole":
        principal = sdk.PASSED_TO.get(service, "")
        paths = role_paths(call.members, call.shapes)
        return [[dependent, ["iam::role/{" + path + "}"], path.removesuffix("[]"), "", principal] for path in paths]
    if "Tag" in dependent.partition(":")[2]:
        tags = next((naming.parameter(member) for member in call.members if "tag" in member.lower()), "")
        return [[dependent, templates(resources, call), tags]] if tags else []
    if dependent in _NAMED_BY:
        names, template = _NAMED_BY[dependent]
        paths = text_paths(call.members, call.shapes, names)
        return [[dependent, [template % path], path.removesuffix("[]")] for path in paths]
    return [[dependent, templates(resources, call)]]


_ROLE: Final = re.compile(r"(?:rolearn|role|iamrole)\Z", re.IGNORECASE)


def role_paths(members: Members, shapes: dict[str, Any]) -> list[str]:
    """Return the paths of all members that take an IAM role, with the names of Step Functions."""
    return text_paths(members, shapes, _ROLE)


def text_paths(members: Members, shapes: dict[str, Any], names: re.Pattern[str]) -> list[str]:
    """Return the paths of all members that take free text and have a name of this form, with the names of Step Functions."""
    found: list[str] = []
    pending: list[tuple[str, Members, int]] = [("", members, _MAX_DEPTH)]
    while pending:
        prefix, level, left = pending.pop(0)
        for member, target in level.items():
            shape = shapes[target["shape"]]
            path = prefix + naming.parameter(member)
            if shape["type"] == "string" and (names.search(member) and "enum" not in shape):
                found.append(path)
            elif shape["type"] == "structure" and left:
                pending.append((path + ".", shape["members"], left - 1))
            elif shape["type"] == "list" and left and shapes[shape["member"]["shape"]]["type"] == "structure":
                pending.append((path + "[].", shapes[shape["member"]["shape"]]["members"], left - 1))
    return found


def verb_row(http: dict[str, Any], members: Members) -> list[Any]:
    """Return the row of an API Gateway management call: the HTTP verb on the path that the call requests.

    Source: https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonapigatewaymanagement.html
    """
    by_location = {target.get("locationName", member): naming.parameter(member) for member, target in members.items()}
    path = re.sub(
        r"\{([^}+]+)\+?\}", lambda found: "{" + by_location.get(found[1], "?" + found[1]) + "}", http["requestUri"].partition("?")[0]
    )
    return [f"apigateway:{http['method']}", ["arn:{partition}:apigateway:{region}::" + path.removeprefix("/v2").replace("/v2/", "/")]]
