"""EventBridge connections: the credentials and the parameters that they add to the requests of ``http:invoke`` tasks.

A connection is described by the client of EventBridge, and its secret is read through the client of Secrets Manager: on a laptop
those of moto.

Sources:
    https://docs.aws.amazon.com/step-functions/latest/dg/call-https-apis.html
    https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-target-connection-auth.html
"""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlencode

from generator.engine.failure import StateError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from generator.engine.calls.call import Call

_ERRORS: Final = "Events.ConnectionResource."
_READY: Final = "AUTHORIZED"


@dataclass
class Additions:
    """What a connection adds to a request. It overrides what the task says.

    Attributes:
        headers: headers.
        query: query parameters.
        body: members of the body.
    """

    headers: dict[str, str] = field(default_factory=dict)
    query: dict[str, str] = field(default_factory=dict)
    body: dict[str, str] = field(default_factory=dict)

    def add(self, parameters: Mapping[str, Any]) -> None:
        """Add the HTTP parameters of a connection."""
        known = {
            "header_parameters": self.headers,
            "query_string_parameters": self.query,
            "body_parameters": self.body,
        }
        for name, target in known.items():
            target.update({str(each["key"]): str(each.get("value", "")) for each in parameters.get(name) or ()})


def additions(call: Call, arn: str) -> Additions:
    """Return what a connection adds to a request.

    Args:
        call: the call of the task.
        arn: the ARN of the connection.

    Raises:
        StateError: ``Events.ConnectionResource.…``: there is no such connection, or it is not authorized.
    """
    from botocore.exceptions import BotoCoreError, ClientError

    engine = call.frame.run.engine
    name = arn.rpartition(":connection/")[2].split("/")[0]
    try:
        found = engine.client("events").describe_connection(Name=name)
        if (state := found.get("ConnectionState", _READY)) != _READY:
            raise StateError(f"{_ERRORS}InvalidConnectionState", f"Connection {arn} is in state {state}")
        secret = json.loads(engine.client("secretsmanager").get_secret_value(SecretId=found["SecretArn"])["SecretString"])
    except ClientError as error:
        kind = "ResourceNotFound" if "NotFound" in error.response["Error"]["Code"] else "AccessDenied"
        raise StateError(f"{_ERRORS}{kind}", error.response["Error"].get("Message", str(error))) from None
    except (BotoCoreError, KeyError, ValueError) as error:
        raise StateError(f"{_ERRORS}InternalError", str(error)) from None
    made = Additions()
    made.headers.update(_credentials(found.get("AuthorizationType", ""), secret, arn))
    made.add(secret.get("invocation_http_parameters") or {})
    return made


def _credentials(kind: str, secret: Mapping[str, Any], arn: str) -> dict[str, str]:
    if kind == "API_KEY":
        return {secret["api_key_name"]: secret["api_key_value"]}
    if kind == "BASIC":
        return {"Authorization": f"Basic {_encoded(secret['username'], secret['password'])}"}
    return {"Authorization": f"Bearer {_token(secret, arn)}"}


def _encoded(user: str, password: str) -> str:
    return base64.b64encode(f"{user}:{password}".encode()).decode("ascii")


def _token(secret: Mapping[str, Any], arn: str) -> str:
    """Return a token of OAuth's client credentials, from the authorization endpoint of the connection.

    That the credentials are sent in the body is a guess: EventBridge's guide does not say how it sends them.

    Raises:
        StateError: the endpoint did not return a token.
    """
    from urllib import request as client  # noqa: PLC0415  with ssl and email, as slow to import as the whole engine

    added = Additions()
    added.add(secret.get("o_auth_http_parameters") or secret.get("oauth_http_parameters") or {})
    who = secret["client_parameters"]
    body = {"grant_type": "client_credentials", "client_id": who["client_id"], "client_secret": who["client_secret"], **added.body}
    url = secret["authorization_endpoint"] + (f"?{urlencode(added.query)}" if added.query else "")
    headers = {"Content-Type": "application/x-www-form-urlencoded", **added.headers}
    request = client.Request(url, urlencode(body).encode(), headers, method=secret.get("http_method", "POST"))  # noqa: S310  of the connection
    try:
        with client.urlopen(request, timeout=20) as answer:  # noqa: S310  of the connection
            return str(json.load(answer)["access_token"])
    except (OSError, ValueError, KeyError) as error:
        raise StateError(f"{_ERRORS}InvalidConnectionState", f"Connection {arn} is not authorized: {error}") from None
