"""What the API promises, generated from the handler and its models.

``python -m functions.contract`` writes two files beside the handler: ``openapi.json``, for clients, and ``order.schema.json``, the
JSON Schema by which API Gateway checks a request before the function is called.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from functions.shared.models import OrderRequest

FOLDER = Path(__file__).parent / "api_handler"

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
