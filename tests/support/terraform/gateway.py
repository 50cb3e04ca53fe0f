"""What API Gateway answers to a request for a REST API that Terraform has made: the function's answer, or one of its own.

Routes: a method that a path lists comes before its ``ANY``; a path that no resource has, or a method that its resource has not, is a
gateway response of the type MISSING_AUTHENTICATION_TOKEN. A type without a response of its own has that of DEFAULT_4XX or DEFAULT_5XX.
https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-method-settings-method-request.html
https://docs.aws.amazon.com/apigateway/latest/developerguide/supported-gateway-response-types.html
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.support.terraform.environments import Environment

STATUS = {
    "ACCESS_DENIED": 403,
    "API_CONFIGURATION_ERROR": 500,
    "AUTHORIZER_CONFIGURATION_ERROR": 500,
    "AUTHORIZER_FAILURE": 500,
    "BAD_REQUEST_BODY": 400,
    "BAD_REQUEST_PARAMETERS": 400,
    "EXPIRED_TOKEN": 403,
    "INTEGRATION_FAILURE": 504,
    "INTEGRATION_TIMEOUT": 504,
    "INVALID_API_KEY": 403,
    "INVALID_SIGNATURE": 403,
    "MISSING_AUTHENTICATION_TOKEN": 403,
    "QUOTA_EXCEEDED": 429,
    "REQUEST_TOO_LARGE": 413,
    "RESOURCE_NOT_FOUND": 404,
    "THROTTLED": 429,
    "UNAUTHORIZED": 401,
    "UNSUPPORTED_MEDIA_TYPE": 415,
    "WAF_FILTERED": 403,
}
"""Each type of gateway response but the two defaults, with the status that it has where none is set."""


@dataclass(frozen=True)
class Answer:
    """An answer over HTTP; the headers' names are in lower case."""

    status: int
    body: str
    headers: dict[str, str] = field(default_factory=dict)


class Gateway:
    """The API of an environment."""

    def __init__(self, environment: Environment) -> None:
        """Read its resources, methods and gateway responses."""
        (api,) = environment.of_type("aws_api_gateway_rest_api").values()
        paths = {api["root_resource_id"]: ""}
        waiting = list(environment.of_type("aws_api_gateway_resource").values())
        while waiting:
            resource = waiting.pop(0)
            if resource["parent_id"] in paths:
                paths[resource["id"]] = f"{paths[resource['parent_id']]}/{resource['path_part']}"
            else:
                waiting.append(resource)
        self.methods: dict[str, set[str]] = {path or "/": set() for path in paths.values()}
        for method in environment.of_type("aws_api_gateway_method").values():
            self.methods[paths[method["resource_id"]] or "/"].add(method["http_method"])
        self.responses = {values["response_type"]: values for values in environment.of_type("aws_api_gateway_gateway_response").values()}

    def reaches_the_function(self, method: str, path: str) -> bool:
        """Return whether a request has a route; every route here ends at the function."""
        for resource, methods in self.methods.items():
            if re.fullmatch(re.sub(r"\\\{\w+\\\}", "[^/]+", re.escape(resource)), path):
                return bool({method, "ANY"} & methods)
        return False

    def response(self, kind: str, context: dict[str, Any] | None = None) -> Answer:
        """Return the answer of a type.

        Args:
            kind: the type, such as ``THROTTLED``.
            context: the values of ``$context.error.…``, by the last part of their names.
        """
        status = STATUS[kind]
        found = self.responses.get(kind) or self.responses[f"DEFAULT_{status // 100}XX"]
        body = re.sub(r"\$context\.error\.(\w+)", lambda match: (context or {})[match[1]], found["response_templates"]["application/json"])
        headers = {name.rpartition(".")[2].lower(): value.strip("'") for name, value in found["response_parameters"].items()}
        return Answer(int(found["status_code"] or status), body, headers)
