"""The API's documents are fresh, valid, and true of the handler."""

from __future__ import annotations

import copy
import json
from typing import TYPE_CHECKING, Any

import jsonschema
import pytest
import schemathesis
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from openapi_spec_validator import validate as validate_openapi
from pydantic import ValidationError
from schemathesis.generation import GenerationMode

from functions import contract
from functions.api_handler.handler import handler
from functions.shared.models import OrderRequest
from tests.support.http_front import serve

if TYPE_CHECKING:
    from tests.support.handlers import Aws

DOCUMENT = contract.openapi()


@pytest.mark.parametrize("name", ["openapi.json", "order.schema.json"])
def test_the_files_are_what_the_models_say(name: str) -> None:
    """After a change: python -m functions.contract."""
    assert (contract.FOLDER / name).read_text() == contract.documents()[name]


def test_the_documents_are_valid() -> None:
    """OpenAPI 3.1 and JSON Schema draft 4, without what API Gateway does not take."""
    validate_openapi(DOCUMENT)
    schema = contract.order_schema()
    jsonschema.Draft4Validator.check_schema(schema)
    assert "$ref" not in json.dumps(schema)
    assert set(DOCUMENT["paths"]) == {"/order", "/order/{order_id}"}


VALID = {"customer_id": "C", "items": [{"product_id": "P", "quantity": 1}, {"product_id": "Q", "quantity": 10**6}]}
ABSENT = object()
CHANGES = st.lists(
    st.tuples(
        st.sampled_from(["customer_id", "y"]),
        st.sampled_from(["C", "", " ", "C ", "a\u202eb", "C/1", None, "C" * 128, "C" * 129, 7, ABSENT]),
    )
    | st.tuples(st.just("items"), st.sampled_from([None, [], [None], VALID["items"][:1], VALID["items"] * 51, {}, ABSENT]))
    | st.tuples(st.sampled_from(["product_id", "x"]), st.sampled_from(["P", "", " ", 7, None, "P" * 128, "P" * 129, ABSENT]))
    | st.tuples(st.just("quantity"), st.sampled_from([1, 0, -1, 1.5, 10**6, 10**6 + 1, "1", None, True, ABSENT])),
    max_size=2,
)


def changed(changes: list[tuple[str, Any]]) -> Any:
    """Return the valid body with some members changed, added or left out; those of a line in its first line."""
    body = copy.deepcopy(VALID)
    for name, value in changes:
        lines = body.get("items")
        parent = body if name in {"customer_id", "items", "y"} else lines[0] if isinstance(lines, list) and lines else {}
        if isinstance(parent, dict):
            parent[name] = value
            if value is ABSENT:
                del parent[name]
    return body


BODIES = CHANGES.map(changed)


@example(VALID)
@given(BODIES)
def test_api_gateway_and_the_function_agree(body: Any) -> None:
    """The generated schema takes exactly what the model takes."""
    by_schema = jsonschema.Draft4Validator(contract.order_schema()).is_valid(body)
    try:
        OrderRequest.model_validate(body)
        by_model = True
    except ValidationError:
        by_model = False
    assert by_schema == by_model


schema = schemathesis.openapi.from_dict(DOCUMENT)
schema.config.generation.update(modes=[GenerationMode.POSITIVE, GenerationMode.NEGATIVE])
# An Idempotency-Key that came with another order: right in itself, refused for what came before.
schema.config.checks.positive_data_acceptance.expected_statuses.append("422")


@schema.parametrize()
@settings(max_examples=150, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
def test_schemathesis_finds_nothing(case: Any, api_url: str) -> None:
    """Requests right and wrong, over HTTP: each answer is one that the document promises."""
    case.call_and_validate(base_url=api_url)


@pytest.fixture
def api_url(aws_services: Aws) -> Any:
    """The handler behind HTTP."""
    with serve(handler, aws_services.context, contract.FOLDER) as url:
        yield url
