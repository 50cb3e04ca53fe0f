"""Secrets Manager: calls with types. Written by :mod:`generator.catalog.typed`; do not edit."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from generator.dsl.aws.call import call, unknown
from generator.dsl.expressions import Expr, Payload
from generator.dsl.integrations import Integration

__all__ = [
    "get_secret_value",
    "put_secret_value",
]


def get_secret_value(
    *,
    SecretId: str | Expr,
    VersionId: str | Expr | None = None,
    VersionStage: str | Expr | None = None,
) -> Integration:
    """Retrieve the contents of the encrypted fields ``SecretString`` or ``SecretBinary`` from the specified …

    Resource: ``aws-sdk:secretsmanager:getSecretValue``.
    Result: ``Arn``, ``Name``, ``VersionId``, ``SecretBinary``, ``SecretString``, ``VersionStages``, ``CreatedDate``.

    Args:
        SecretId: the ARN or name of the secret to retrieve.
        VersionId: the unique identifier of the version of the secret to retrieve.
        VersionStage: the staging label of the version of the secret to retrieve.

    Source: https://boto3.amazonaws.com/v1/documentation/api/latest/reference/services/secretsmanager/client/get_secret_value.html
    """
    return call("aws-sdk:secretsmanager:getSecretValue", locals())


def put_secret_value(
    *,
    SecretId: str | Expr,
    ClientRequestToken: str | Expr | None = None,
    SecretBinary: Payload | None = None,
    SecretString: str | Expr | None = None,
    VersionStages: Sequence[str | Expr] | Expr | None = None,
    RotationToken: str | Expr | None = None,
) -> Integration:
    """Create a new version of a secret.

    Resource: ``aws-sdk:secretsmanager:putSecretValue``.
    Result: ``Arn``, ``Name``, ``VersionId``, ``VersionStages``.

    Args:
        SecretId: the ARN or name of the secret to add a new version to.
        ClientRequestToken: a unique identifier for the new version of the secret.
        SecretBinary: the binary data to encrypt and store in the new version of the secret.
        SecretString: the text to encrypt and store in the new version of the secret.
        VersionStages: a list of staging labels to attach to this version of the secret.
        RotationToken: a unique identifier that indicates the source of the request.

    Source: https://boto3.amazonaws.com/v1/documentation/api/latest/reference/services/secretsmanager/client/put_secret_value.html
    """
    return call("aws-sdk:secretsmanager:putSecretValue", locals())


if not TYPE_CHECKING:  # type checkers report the name themselves
    __getattr__ = unknown(__name__, __all__)
