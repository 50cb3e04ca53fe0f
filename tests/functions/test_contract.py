"""The API's documents are fresh, valid, and true of the handler."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import jsonschema
import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
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


LINES = st.fixed_dictionaries(
    {}, optional={"product_id": st.sampled_from(["P", "", 7]), "quantity": st.sampled_from([1, 0, 10**6 + 1, "1", None]), "x": st.just(1)}
)
BODIES = st.fixed_dictionaries(
    {},
    optional={
        "customer_id": st.sampled_from(["C", "", None, "C" * 129]),
        "items": st.none() | st.lists(LINES, max_size=2),
        "y": st.just(1),
    },
)


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
    with serve(handler, aws_services.context) as url:
        yield url
