"""What the settings of a deployment need: logging, tracing and encryption, whatever the states do."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from generator.catalog.integrations import GUIDE
from generator.catalog.patterns import Deployment, Parameters
from generator.catalog.permissions import Allow
from generator.iam.grants import Grant, expand
from generator.iam.requirements import Requirement

LOG_DELIVERY: Final = Allow(
    "logs:CreateLogDelivery logs:GetLogDelivery logs:UpdateLogDelivery logs:DeleteLogDelivery logs:ListLogDeliveries "
    "logs:PutResourcePolicy logs:DescribeResourcePolicies logs:DescribeLogGroups",
    note="Deliver execution logs to CloudWatch Logs",
    source=GUIDE + "cw-logs.html#cloudwatch-iam-policy",
)
TRACING: Final = Allow(
    "xray:PutTraceSegments xray:PutTelemetryRecords xray:GetSamplingRules xray:GetSamplingTargets",
    note="Send traces to X-Ray",
    source=GUIDE + "xray-iam.html",
)
_ENCRYPTION_PAGE: Final = GUIDE + "encryption-at-rest.html"


def logging(deployment: Deployment) -> list[Requirement]:
    """Return what execution logs in CloudWatch Logs need."""
    return _required(LOG_DELIVERY, "loggingConfiguration", deployment)


def tracing(deployment: Deployment) -> list[Requirement]:
    """Return what traces in X-Ray need."""
    return _required(TRACING, "tracingConfiguration", deployment)


def encryption(key_arn: str, deployment: Deployment) -> list[Requirement]:
    """Return what a customer managed key needs; its encryption context names the state machine.

    Args:
        key_arn: the ARN of the KMS key.
        deployment: where the state machine will run.

    Source: https://docs.aws.amazon.com/step-functions/latest/dg/encryption-at-rest.html
    """
    like = "StringLike" if "*" in deployment.self_arn else "StringEquals"
    context = ((like, "kms:EncryptionContext:aws:states:stateMachineArn", (deployment.self_arn,)),)
    actions = ("kms:Decrypt", "kms:GenerateDataKey")
    return [_of_key(Grant(actions, (key_arn,), context, "", "Encrypt and decrypt the machine's data", _ENCRYPTION_PAGE))]


def log_encryption(key_arn: str, deployment: Deployment) -> list[Requirement]:
    """Return what a customer managed key needs beside :func:`encryption` if the machine also writes execution logs.

    Args:
        key_arn: the ARN of the KMS key.
        deployment: where the state machine will run.
    """
    logs = f"arn:{deployment.partition}:logs:{deployment.region}:{deployment.account}:*"
    context = (("StringLike", "kms:EncryptionContext:SourceArn", (logs,)),)
    return [_of_key(Grant(("kms:GenerateDataKey",), (key_arn,), context, "", "Encrypt the execution logs", _ENCRYPTION_PAGE))]


def requirements_of_settings(
    deployment: Deployment, *, logs: bool = False, traces: bool = False, kms_key_arn: str = ""
) -> Iterator[Requirement]:
    """Yield what the chosen settings need.

    Args:
        deployment: where the state machine will run.
        logs: whether it writes execution logs to CloudWatch Logs.
        traces: whether it sends traces to X-Ray.
        kms_key_arn: the customer managed key that encrypts it, if any.
    """
    if logs:
        yield from logging(deployment)
    if traces:
        yield from tracing(deployment)
    if kms_key_arn:
        yield from encryption(kms_key_arn, deployment)
        if logs:
            yield from log_encryption(kms_key_arn, deployment)


def _required(row: Allow, setting: str, deployment: Deployment) -> list[Requirement]:
    grants = expand(row, Parameters({}, "JSONata", deployment), deployment, reason="", source="")
    return [Requirement(grant, (setting,), setting) for grant in grants]


def _of_key(grant: Grant) -> Requirement:
    return Requirement(grant, ("encryptionConfiguration",), "encryptionConfiguration")
