"""What the settings of a deployment need, whatever the states do: logging, tracing and encryption."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from generator.asl.model import JSONATA
from generator.catalog.integrations import GUIDE
from generator.catalog.patterns import Deployment, Parameters
from generator.catalog.permissions import Allow
from generator.iam.grants import Grant, expand
from generator.iam.requirements import Requirement

_LOG_DELIVERY: Final = Allow(
    "logs:CreateLogDelivery logs:GetLogDelivery logs:UpdateLogDelivery logs:DeleteLogDelivery logs:ListLogDeliveries "
    "logs:PutResourcePolicy logs:DescribeResourcePolicies logs:DescribeLogGroups",
    note="Deliver execution logs to CloudWatch Logs",
    source=GUIDE + "cw-logs.html#cloudwatch-iam-policy",
)
_TRACING: Final = Allow(
    "xray:PutTraceSegments xray:PutTelemetryRecords xray:GetSamplingRules xray:GetSamplingTargets",
    note="Send traces to X-Ray",
    source=GUIDE + "xray-iam.html",
)
_ENCRYPTION_PAGE: Final = GUIDE + "encryption-at-rest.html"


def requirements_of_settings(
    deployment: Deployment, *, logs: bool = False, traces: bool = False, kms_key_arn: str = ""
) -> Iterator[Requirement]:
    """Yield what the chosen settings need.

    Args:
        deployment: where the state machine will run.
        logs: whether it writes execution logs to CloudWatch Logs.
        traces: whether it sends traces to X-Ray.
        kms_key_arn: the ARN of the customer managed key that encrypts it, if any.
    """
    if logs:
        yield from for_logging(deployment)
    if traces:
        yield from for_tracing(deployment)
    if kms_key_arn:
        yield from for_encryption(kms_key_arn, deployment)
        if logs:
            yield from for_log_encryption(kms_key_arn, deployment)


def for_logging(deployment: Deployment) -> list[Requirement]:
    """Return what execution logs in CloudWatch Logs need."""
    return _of_row(_LOG_DELIVERY, "loggingConfiguration", deployment)


def for_tracing(deployment: Deployment) -> list[Requirement]:
    """Return what traces in X-Ray need."""
    return _of_row(_TRACING, "tracingConfiguration", deployment)


def for_encryption(key_arn: str, deployment: Deployment) -> list[Requirement]:
    """Return what a customer managed key needs. The condition names the state machine in the encryption context.

    Args:
        key_arn: the ARN of the key.
        deployment: where the state machine will run.

    Source: https://docs.aws.amazon.com/step-functions/latest/dg/encryption-at-rest.html
    """
    operator = "StringLike" if "*" in deployment.self_arn else "StringEquals"
    context = ((operator, "kms:EncryptionContext:aws:states:stateMachineArn", (deployment.self_arn,)),)
    actions = ("kms:Decrypt", "kms:GenerateDataKey")
    return [_of_key(Grant(actions, (key_arn,), context, reason="Encrypt and decrypt the machine's data", source=_ENCRYPTION_PAGE))]


def for_log_encryption(key_arn: str, deployment: Deployment) -> list[Requirement]:
    """Return what a customer managed key needs beside :func:`for_encryption` if the machine also writes execution logs.

    Args:
        key_arn: the ARN of the key.
        deployment: where the state machine will run.
    """
    logs = f"arn:{deployment.partition}:logs:{deployment.region}:{deployment.account}:*"
    context = (("StringLike", "kms:EncryptionContext:SourceArn", (logs,)),)
    return [_of_key(Grant(("kms:GenerateDataKey",), (key_arn,), context, reason="Encrypt the execution logs", source=_ENCRYPTION_PAGE))]


def _of_row(row: Allow, setting: str, deployment: Deployment) -> list[Requirement]:
    grants = expand((row,), Parameters({}, JSONATA, deployment), deployment, reason="", source="")
    return [Requirement(grant, (setting,), setting) for grant in grants]


def _of_key(grant: Grant) -> Requirement:
    return Requirement(grant, ("encryptionConfiguration",), "encryptionConfiguration")
