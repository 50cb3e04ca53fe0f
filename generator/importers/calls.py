"""From the Resource and the parameters of a Task to its call, in the forms that the vocabulary has, the nicest first."""

from __future__ import annotations

import ast
import inspect
import keyword
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from generator.asl.model import JSONATA, QueryLanguage
from generator.catalog.integrations import PARENT_EXECUTION, WAIT_FOR_TASK_TOKEN, Resource, parse_resource
from generator.catalog.spelling import action_of, identifier, service_of, snake
from generator.dsl import aws
from generator.importers.code import call, method, name
from generator.importers.payloads import Payloads
from generator.importers.resources import Found

Parts = dict[str, ast.expr]

_DYNAMODB: Final = {
    "getItem": ("get_item", ("Key",), {"ConsistentRead": "consistent_read"}),
    "putItem": (
        "put_item",
        ("Item",),
        {"ConditionExpression": "condition", "ExpressionAttributeValues": "values", "ExpressionAttributeNames": "names"},
    ),
    "updateItem": (
        "update_item",
        ("Key", "UpdateExpression"),
        {"ExpressionAttributeValues": "values", "ExpressionAttributeNames": "names", "ConditionExpression": "condition"},
    ),
    "deleteItem": ("delete_item", ("Key",), {"ConditionExpression": "condition", "ExpressionAttributeValues": "values"}),
}
_SEND: Final = {
    "MessageGroupId": "group_id",
    "MessageDeduplicationId": "deduplication_id",
    "DelaySeconds": "delay_seconds",
    "MessageAttributes": "attributes",
}
_PUBLISH: Final = {"Subject": "subject", "MessageAttributes": "attributes", "MessageGroupId": "group_id"}
_HTTP: Final = {"RequestBody": "body", "Headers": "headers", "QueryParameters": "query"}


@dataclass(frozen=True)
class Call:
    """A call.

    Attributes:
        code: the code.
        default_output: whether the call has a default output of its own.
    """

    code: ast.expr
    default_output: bool = False


def calls(state: Mapping[str, Any], language: QueryLanguage, payloads: Payloads) -> Iterator[Call]:
    """Yield the calls that may be compiled to the Resource and the parameters of a state."""
    resource = state.get("Resource")
    given = state.get("Arguments" if language == JSONATA else "Parameters")
    if not isinstance(resource, str):
        return
    parsed = parse_resource(resource)
    if parsed is None:
        yield from _of_resource(resource, given, language, payloads)
        return
    parts = _parts(given, language, payloads)
    if parts is not None:
        for one in _of_service(parsed, parts, given, payloads):
            yield Call(method(one.code, "wait_for_task_token")) if parsed.pattern == WAIT_FOR_TASK_TOKEN else one
        if (typed := _typed(parsed, parts)) is not None:
            yield Call(typed)
    prefix = "arn:aws:states:::"
    written = payloads.format(resource) or ast.Constant(resource.removeprefix(prefix))
    if given is None:
        yield Call(call("integration", written))
    elif (exact := payloads.exact(given, language)) is not None:
        yield Call(call("integration", written, exact))


def _of_resource(resource: str, given: Any, language: QueryLanguage, payloads: Payloads) -> Iterator[Call]:
    """Yield the calls of a function or an activity by its ARN."""
    activity = payloads.resources.of("activity", resource)
    function = payloads.resources.of("function", resource)
    found = activity or function
    code = None if given is None else payloads.exact(given, language)
    if found is not None:
        if activity is not None:
            yield Call(method(ast.Name(activity.identifier), "perform", *([] if code is None else [code])))
        elif language != JSONATA:
            yield Call(method(ast.Name(found.identifier), "invoke", *([] if code is None else [code])), default_output=True)
        arn = found.attribute("arn")
        yield Call(arn if code is None else call("integration", arn, code))
    written = payloads.placeholder(resource) or payloads.format(resource) or ast.Constant(resource)
    yield Call(written if code is None else call("integration", written, code))


def _parts(given: Any, language: QueryLanguage, payloads: Payloads) -> Parts | None:
    """Return the code of each argument by its name."""
    if not isinstance(given, Mapping):
        return {} if given is None else None
    made: Parts = {}
    for key, value in given.items():
        node = payloads.value({key: value}, language)
        if not isinstance(node, ast.Dict) or not isinstance(node.keys[0], ast.Constant):
            return None
        bare = str(node.keys[0].value)
        exact = payloads.exact({key: value}, language)
        made[bare] = (
            exact.values[0]
            if isinstance(exact, ast.Dict) and node.keys[0].value == getattr(exact.keys[0], "value", None)
            else node.values[0]
        )
    return made


def _of_service(parsed: Resource, parts: Parts, given: Any, payloads: Payloads) -> Iterator[Call]:
    values = {key: value for key, value in (given or {}).items() if isinstance(value, str)}
    of = payloads.resources.of
    if parsed.sdk:
        if (made := _sdk(parsed, parts)) is not None:
            yield Call(made)
        if parsed.name == "sfn:startSyncExecution":
            yield from _started("run_express", parts, of("state-machine", values.get("StateMachineArn")))
        return
    match parsed.name:
        case "lambda:invoke":
            yield from _invoked(parts, given, of("function", values.get("FunctionName")))
        case "sqs:sendMessage":
            yield from _method(parts, of("queue", values.get("QueueUrl")), "send_message", ("MessageBody",), _SEND)
        case "sns:publish":
            yield from _method(parts, of("topic", values.get("TopicArn")), "publish", ("Message",), _PUBLISH)
        case "dynamodb:getItem" | "dynamodb:putItem" | "dynamodb:updateItem" | "dynamodb:deleteItem":
            yield from _method(parts, of("table", values.get("TableName")), *_DYNAMODB[parsed.action])
        case "states:startExecution":
            found = of("state-machine", values.get("StateMachineArn"))
            yield from _started("run" if parsed.pattern == "sync:2" else "start_execution", parts, found)
        case "http:invoke":
            yield from _http(parts)
        case "events:putEvents":
            yield from _event(parts, given, payloads)


def _invoked(parts: Parts, given: Mapping[str, Any], found: Found | None) -> Iterator[Call]:
    if found is None or parts.keys() - {"FunctionName", "Payload", "Qualifier", "InvocationType"}:
        return
    asynchronous = given.get("InvocationType") == "Event"
    if "InvocationType" in parts and not asynchronous:
        return
    payload = [parts["Payload"]] if "Payload" in parts else []
    if payload and _is_input(payload[0]):
        payload = []
    keywords = {"qualifier": parts.get("Qualifier"), "asynchronous": ast.Constant(value=True) if asynchronous else None}
    yield Call(method(ast.Name(found.identifier), "invoke", *payload, **keywords), default_output=not asynchronous)


def _is_input(node: ast.expr) -> bool:
    return ast.unparse(node) == "states.input"


def _method(parts: Parts, found: Found | None, called: str, positional: tuple[str, ...], optional: Mapping[str, str]) -> Iterator[Call]:
    """Yield the call of a method of a resource, if it has all arguments."""
    named = "" if found is None else found.kind.parameter
    if found is None or parts.keys() - {named, *positional, *optional} or not parts.keys() >= {*positional}:
        return
    arguments = [parts[each] for each in positional]
    if len(arguments) == 1 and called in ("send_message", "publish") and _is_input(arguments[0]):
        arguments = []
    yield Call(method(ast.Name(found.identifier), called, *arguments, **{python: parts.get(asl) for asl, python in optional.items()}))


def _started(called: str, parts: Parts, found: Found | None) -> Iterator[Call]:
    """Yield the call that starts an execution; the link to the parent's execution is added to the input by itself."""
    if (
        found is None
        or parts.keys() - {"StateMachineArn", "Input", "Name"}
        or "Input" not in parts
        or (called == "run_express" and "Name" in parts)
    ):
        return
    given = parts["Input"]
    payload: list[ast.expr] = [given]
    if isinstance(given, ast.Dict):
        rest = [(key, value) for key, value in zip(given.keys, given.values, strict=True) if getattr(key, "value", "") != PARENT_EXECUTION]
        payload = [ast.Dict([key for key, _ in rest], [value for _, value in rest])]
    elif isinstance(given, ast.Call) and ast.unparse(given.func) == "fn.merge" and given.args:
        payload = [] if _is_input(given.args[0]) else [given.args[0]]
    keywords = {} if called == "run_express" else {"name": parts.get("Name")}
    yield Call(method(ast.Name(found.identifier), called, *payload, **keywords), default_output=called != "start_execution")


def _http(parts: Parts) -> Iterator[Call]:
    authentication = parts.get("Authentication")
    required = {"Method", "ApiEndpoint", "Authentication"}
    if (
        not parts.keys() >= required
        or parts.keys() - required - _HTTP.keys()
        or not isinstance(authentication, ast.Dict)
        or len(authentication.keys) != 1
    ):
        return
    keywords = {python: parts.get(asl) for asl, python in _HTTP.items()}
    yield Call(call("http_endpoint", parts["Method"], parts["ApiEndpoint"], connection=authentication.values[0], **keywords))


def _event(parts: Parts, given: Mapping[str, Any], payloads: Payloads) -> Iterator[Call]:
    entries = given.get("Entries")
    node = parts.get("Entries")
    if parts.keys() != {"Entries"} or not isinstance(entries, list) or len(entries) != 1 or not isinstance(node, ast.List):
        return
    entry, code = entries[0], node.elts[0]
    if not isinstance(entry, Mapping) or not isinstance(code, ast.Dict):
        return
    found = payloads.resources.of("event-bus", entry.get("EventBusName"))
    members = {str(getattr(key, "value", "")): value for key, value in zip(code.keys, code.values, strict=True)}
    if found is None or members.keys() != {"Detail", "DetailType", "EventBusName", "Source"}:
        return
    detail = [] if _is_input(members["Detail"]) else [members["Detail"]]
    yield Call(method(ast.Name(found.identifier), "put_event", members["DetailType"], *detail, source=members["Source"]))


_PATTERNS: Final = {"": "", "sync": "sync", WAIT_FOR_TASK_TOKEN: "wait_for_task_token"}


def _typed(parsed: Resource, parts: Parts) -> ast.expr | None:
    """Return the call of the function with types, if there is one that type checkers accept with these arguments."""
    if parsed.sdk or parsed.pattern not in _PATTERNS or not hasattr(aws, parsed.service):
        return None
    function = getattr(getattr(aws, parsed.service), snake(parsed.action), None)
    if not inspect.isfunction(function):
        return None
    known = inspect.signature(function).parameters
    required = {each for each, parameter in known.items() if parameter.default is parameter.empty}
    if parts.keys() - known.keys() or required - parts.keys():
        return None
    if not all(_accepted(value, str(known[each].annotation)) for each, value in parts.items()):
        return None
    made = call(f"aws.{parsed.service}.{snake(parsed.action)}", **parts)
    return method(made, _PATTERNS[parsed.pattern]) if parsed.pattern else made


_TYPES: Final[dict[type, tuple[str, ...]]] = {bool: ("bool",), int: ("int", "float"), float: ("float",), str: ("str",)}


def _accepted(node: ast.expr, annotation: str) -> bool:
    """Return whether the annotation of a parameter surely accepts an argument."""
    kinds = [part.strip() for part in annotation.split(" | ")]
    match node:
        case ast.Constant():
            if isinstance(node.value, str) and f'"{node.value}"' in annotation:
                return True
            return any(kind in kinds for kind in _TYPES.get(type(node.value), ()))
        case ast.Dict():
            if "Mapping[str, Payload]" in annotation:
                return True
            return "Mapping[str, str | Expr]" in annotation and all(_accepted(value, "str | Expr") for value in node.values)
        case ast.List():
            return "Sequence[Payload]" in annotation or (
                "Sequence[str | Expr]" in annotation and all(_accepted(one, "str | Expr") for one in node.elts)
            )
        case ast.UnaryOp(op=ast.USub()):
            return "int" in kinds
    return "Expr" in kinds


def _sdk(parsed: Resource, parts: Parts) -> ast.expr | None:
    """Return the call of an action of the AWS SDK by the name that boto3 has for it."""
    service = service_of(parsed.service)
    if service is None or not all(each.isidentifier() and each.isascii() and not keyword.iskeyword(each) for each in parts):
        return None
    action = action_of(service, parsed.action)
    if action is None or action.name != parsed.action:
        return None
    return call(ast.Attribute(ast.Attribute(name("sdk"), identifier(service.client)), snake(parsed.action)), **parts)
