"""What botocore's model of ``stepfunctions`` says: operations, parameters, constraints and errors.

A request is checked as the service checks it: all constraints of the model, each in the words of AWS. Forbidden characters in
names, ARNs and JSON texts are checked by the operations, because they have error codes of their own.
"""

from __future__ import annotations

import math
import re
from datetime import UTC, datetime
from functools import cache
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

SERIALIZATION: Final = "SerializationException"
VALIDATION: Final = "ValidationException"
_BAD_REQUEST: Final = 400
_ASCII: Final = re.compile(r"\\p\{ASCII\}")
_COUNTED: Final = {"string": "length", "list": "length", "map": "length", "blob": "length"}


class ServiceError(Exception):
    """A refusal of the service.

    Attributes:
        code: the error code, such as ``ExecutionDoesNotExist``.
        message: the message.
        members: other members of the error, such as ``resourceName``.
    """

    def __init__(self, code: str, message: str, **members: str) -> None:
        """Create the error."""
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.members = members

    @property
    def status(self) -> int:
        """The status code of HTTP.

        >>> ServiceError("ConflictException", "busy").status, ServiceError("InvalidArn", "x").status
        (409, 400)
        """
        shape = next((each for each in service_model().error_shapes if each.name == self.code), None)
        if shape is None:
            return _BAD_REQUEST
        declared = shape.metadata.get("error", {}).get("httpStatusCode")
        written = re.search(r"HTTP Status Code: (\d{3})", shape.documentation)  # the model has it in the text only
        return int(declared or (written[1] if written else _BAD_REQUEST))


@cache
def service_model() -> Any:
    """Return botocore's model of the service."""
    from botocore.loaders import Loader
    from botocore.model import ServiceModel

    return ServiceModel(Loader().load_service_model("stepfunctions", "service-2"), "stepfunctions")


@cache
def operation_names() -> tuple[str, ...]:
    """Return the names of all operations.

    >>> "StartExecution" in operation_names()
    True
    """
    return tuple(service_model().operation_names)


@cache
def error_codes(operation: str) -> frozenset[str]:
    """Return the codes that an operation can answer. ``ValidationException`` is common to all.

    >>> sorted(error_codes("DescribeActivity"))
    ['ActivityDoesNotExist', 'InvalidArn', 'ValidationException']
    """
    return frozenset({*(shape.name for shape in service_model().operation_model(operation).error_shapes), VALIDATION})


def checked(operation: str, parameters: dict[str, Any]) -> dict[str, Any]:
    """Return the parameters of an operation that are members of its input, after checking them.

    Args:
        operation: the name of the operation.
        parameters: the parameters. Members that the operation does not have are ignored, as the service ignores them.

    Raises:
        ServiceError: a parameter breaks a constraint of the model.

    >>> checked("DescribeExecution", {"executionArn": "arn", "other": 1})
    {'executionArn': 'arn'}
    >>> checked("DescribeExecution", {})
    Traceback (most recent call last):
        ...
    generator.local.stepfunctions.model.ServiceError: ValidationException: 1 validation error detected: Value null at \
'executionArn' failed to satisfy constraint: Member must not be null
    """
    shape = service_model().operation_model(operation).input_shape
    known = {name: value for name, value in parameters.items() if name in shape.members and value is not None}
    found = list(_structure(shape, known, ""))
    if found:
        words = "validation error" if len(found) == 1 else "validation errors"
        raise ServiceError(VALIDATION, f"{len(found)} {words} detected: {'; '.join(found)}")
    return known


def to_wire(value: Any) -> Any:
    """Return a response as JSON: times become seconds since 1970.

    >>> to_wire({"startDate": datetime(1970, 1, 1, 0, 0, 1, 500000, tzinfo=UTC)})
    {'startDate': 1.5}
    """
    if isinstance(value, dict):
        return {name: to_wire(item) for name, item in value.items() if item is not None}
    if isinstance(value, list):
        return [to_wire(item) for item in value]
    return value.timestamp() if isinstance(value, datetime) else value


def moment(seconds: float) -> datetime:
    """Return a time as boto3 returns it, in whole milliseconds.

    >>> moment(1.5).isoformat()
    '1970-01-01T00:00:01.500000+00:00'
    """
    return datetime.fromtimestamp(round(seconds, 3), UTC)


def _structure(shape: Any, value: dict[str, Any], at: str) -> Iterator[str]:
    for name in shape.required_members:
        if value.get(name) is None:
            yield f"Value null at '{at}{name}' failed to satisfy constraint: Member must not be null"
    for name, member in shape.members.items():
        if value.get(name) is not None:
            yield from _value(member, value[name], f"{at}{name}")


def _value(shape: Any, value: Any, at: str) -> Iterator[str]:
    kind = shape.type_name
    _check_type(kind, value)
    if kind == "structure":
        yield from _structure(shape, value, f"{at}.")
        return
    limits = shape.metadata
    shown = "Value" if limits.get("sensitive") else f"Value '{_shown(value)}'"
    size = len(value) if kind in _COUNTED else value
    what = _COUNTED.get(kind, "value")
    if "min" in limits and size < limits["min"]:
        yield f"{shown} at '{at}' failed to satisfy constraint: Member must have {what} greater than or equal to {limits['min']}"
    if "max" in limits and size > limits["max"]:
        yield f"{shown} at '{at}' failed to satisfy constraint: Member must have {what} less than or equal to {limits['max']}"
    if kind == "string":
        if limits.get("enum") and value not in limits["enum"]:
            yield f"{shown} at '{at}' failed to satisfy constraint: Member must satisfy enum value set: [{', '.join(limits['enum'])}]"
        pattern = limits.get("pattern")
        if pattern and not re.fullmatch(_ASCII.sub(r"[\\x00-\\x7f]", pattern), value):
            yield f"{shown} at '{at}' failed to satisfy constraint: Member must satisfy regular expression pattern: {pattern}"
    elif kind == "list":
        for number, item in enumerate(value, 1):
            yield from _value(shape.member, item, f"{at}.{number}.member")


_TYPES: Final[dict[str, tuple[tuple[type, ...], str]]] = {
    "structure": ((dict,), "a structure"),
    "map": ((dict,), "a map"),
    "list": ((list,), "a list"),
    "string": ((str,), "a String"),
    "integer": ((int,), "an Integer"),
    "long": ((int,), "a Long"),
    "float": ((int, float), "a Float"),
    "double": ((int, float), "a Double"),
    "boolean": ((bool,), "a Boolean"),
}


def _check_type(kind: str, value: Any) -> None:
    types, words = _TYPES.get(kind, ((object,), ""))
    wrong = not isinstance(value, types) or (isinstance(value, bool) and kind != "boolean")
    if wrong or (isinstance(value, float) and not math.isfinite(value)):
        raise ServiceError(SERIALIZATION, f"a value of type {type(value).__name__} can not be converted to {words}")


def _shown(value: Any) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)
