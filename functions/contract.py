"""What the API promises, generated from the handler and its models.

``python -m functions.contract`` writes two files beside the handler: ``openapi.json``, for clients, and ``order.schema.json``, the
JSON Schema by which API Gateway checks a request before the function is called.
"""

from __future__ import annotations

import json
from http import HTTPStatus
from pathlib import Path
from typing import Any

from functions.shared.models import OrderRequest

FOLDER = Path(__file__).parent / "api_handler"

_RESPONSES = "x-amazon-apigateway-gateway-responses"
_ANY_METHOD = "x-amazon-apigateway-any-method"
"""API Gateway passes every other method of a path on.

Source: https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-swagger-extensions-any-method.html
"""

_DRAFT_4 = "http://json-schema.org/draft-04/schema#"
_DRAFT_4_KEYWORDS = frozenset(
    {
        "type", "title", "description", "properties", "required", "additionalProperties", "items", "enum", "pattern",
        "minLength", "maxLength", "minItems", "maxItems", "minimum", "maximum",
    }
)  # fmt: skip


# What API Gateway answers without asking the function: the status where it is not API Gateway's own, and the message where it is not
# API Gateway's own. A type that is not here falls back to one of the last two. Not here: what depends on a deployment, such as origins.
# https://docs.aws.amazon.com/apigateway/latest/developerguide/supported-gateway-response-types.html
_GATEWAY_RESPONSES: dict[str, tuple[int | None, str | None]] = {
    "MISSING_AUTHENTICATION_TOKEN": (404, "Not found"),  # a route that does not exist
    "RESOURCE_NOT_FOUND": (404, "Not found"),
    "ACCESS_DENIED": (403, "Forbidden"),  # API Gateway's own text has the caller's ARN
    "BAD_REQUEST_BODY": (400, "Invalid request body"),
    "BAD_REQUEST_PARAMETERS": (400, "Invalid request"),
    "REQUEST_TOO_LARGE": (413, "The body is too large"),
    "UNSUPPORTED_MEDIA_TYPE": (415, "The body must be application/json"),
    "THROTTLED": (429, "Too many requests, please try again"),
    "QUOTA_EXCEEDED": (429, "Too many requests, please try again"),
    "DEFAULT_4XX": (None, None),
    "DEFAULT_5XX": (None, "Internal server error"),
}


def gateway_responses() -> dict[str, Any]:
    """What API Gateway answers itself, in the form and the words of the function, as its extension of OpenAPI has it.

    Terraform and the local stack read it from the document. Source:
    https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-swagger-extensions-gateway-responses.html
    """
    return {kind: _gateway_response(kind, status, message) for kind, (status, message) in _GATEWAY_RESPONSES.items()}


def _gateway_response(kind: str, status: int | None, message: str | None) -> dict[str, Any]:
    said = "$context.error.messageString" if message is None else json.dumps(message)  # the variable has its quotes
    why = '[{"field": "", "message": "$context.error.validationErrorString"}]' if kind == "BAD_REQUEST_BODY" else "[]"
    headers = {"Access-Control-Allow-Origin": "'*'", "Access-Control-Expose-Headers": "'Retry-After'"}
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        headers["Retry-After"] = "'1'"
    return ({} if status is None else {"statusCode": str(status)}) | {
        "responseParameters": {f"gatewayresponse.header.{name}": value for name, value in headers.items()},
        "responseTemplates": {"application/json": f'{{"message": {said}, "errors": {why}}}'},
    }


def openapi() -> dict[str, Any]:
    """The OpenAPI document of the API."""
    from functions.api_handler.handler import app  # noqa: PLC0415  the schema alone needs no Powertools

    schema = app.get_openapi_schema(
        title="DOFS order API", version="1.0.0", description="Places orders and tells their status. Orders are processed after the answer."
    )
    document: dict[str, Any] = _whole_numbers(schema.model_dump(mode="json", by_alias=True, exclude_none=True))
    default = "#/components/schemas/HTTPValidationError"  # Powertools' own answer to a wrong request; ours is another
    for operations in document["paths"].values():
        for operation in operations.values():
            answers = operation["responses"]
            operation["responses"] = {status: answers[status] for status in sorted(answers) if default not in json.dumps(answers[status])}
            for parameter in operation.get("parameters", []):
                _drop_null(parameter["schema"])
    for operations in document["paths"].values():
        operations[_ANY_METHOD] = {}  # the function answers 405, with the methods that there are
    for name in ("HTTPValidationError", "ResponseValidationError", "ValidationError"):
        document["components"]["schemas"].pop(name, None)
    document[_RESPONSES] = gateway_responses()
    return document


def order_schema() -> dict[str, Any]:
    """The schema of POST /order in JSON Schema draft 4 without references, as API Gateway takes it.

    Source: https://docs.aws.amazon.com/apigateway/latest/developerguide/models-mappings-models.html

    Raises:
        ValueError: The model says something that draft 4 cannot say.
    """
    schema = OrderRequest.model_json_schema()
    definitions = schema.pop("$defs")

    def inline(part: Any) -> Any:
        if not isinstance(part, dict):
            return part
        if reference := part.get("$ref"):
            return inline(definitions[reference.removeprefix("#/$defs/")])
        if unknown := part.keys() - _DRAFT_4_KEYWORDS:
            raise ValueError(f"not in draft 4: {sorted(unknown)}")
        return part | {
            "properties": {name: inline(each) for name, each in part["properties"].items()} if "properties" in part else None,
            "items": inline(part.get("items")),
        }

    inlined: dict[str, Any] = _without_none(inline(schema))
    return {"$schema": _DRAFT_4} | inlined


def _drop_null(schema: dict[str, Any]) -> None:
    """An optional header is left out, it is never null."""
    if choices := schema.pop("anyOf", None):
        schema |= next(choice for choice in choices if choice != {"type": "null"})


def _without_none(value: Any) -> Any:
    return {name: _without_none(each) for name, each in value.items() if each is not None} if isinstance(value, dict) else value


def _whole_numbers(value: Any) -> Any:
    match value:
        case float() if value.is_integer():
            return int(value)
        case dict():
            return {name: _whole_numbers(each) for name, each in value.items()}
        case list():
            return [_whole_numbers(each) for each in value]
        case _:
            return value


def documents() -> dict[str, str]:
    """Both files: text by name."""
    made = {"openapi.json": openapi(), "order.schema.json": order_schema()}
    return {name: json.dumps(document, indent=2, sort_keys=True) + "\n" for name, document in made.items()}


if __name__ == "__main__":
    for file_name, text in documents().items():
        (FOLDER / file_name).write_text(text)
