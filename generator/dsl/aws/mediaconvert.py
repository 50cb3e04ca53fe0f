"""MediaConvert: calls with types. Written by :mod:`generator.catalog.typed`; do not edit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Literal

from generator.dsl.aws.call import call, unknown
from generator.dsl.expressions import Expr, Payload
from generator.dsl.integrations import Integration

__all__ = [
    "create_job",
    "get_job",
]


def create_job(
    *,
    Role: str | Expr,
    Settings: Mapping[str, Payload] | Expr,
    AccelerationSettings: Mapping[str, Payload] | Expr | None = None,
    BillingTagsSource: Literal["QUEUE", "PRESET", "JOB_TEMPLATE", "JOB"] | Expr | None = None,
    ClientRequestToken: str | Expr | None = None,
    ElementalInferenceSettings: Mapping[str, Payload] | Expr | None = None,
    HopDestinations: Sequence[Mapping[str, Payload] | Expr] | Expr | None = None,
    JobEngineVersion: str | Expr | None = None,
    JobTemplate: str | Expr | None = None,
    Priority: int | Expr | None = None,
    Queue: str | Expr | None = None,
    SimulateReservedQueue: Literal["DISABLED", "ENABLED"] | Expr | None = None,
    StatusUpdateInterval: Literal[
        "SECONDS_10", "SECONDS_12", "SECONDS_15", "SECONDS_20", "SECONDS_30", "SECONDS_60", "SECONDS_120", "SECONDS_180",
        "SECONDS_240", "SECONDS_300", "SECONDS_360", "SECONDS_420", "SECONDS_480", "SECONDS_540", "SECONDS_600"
    ] | Expr | None = None,
    Tags: Mapping[str, str | Expr] | Expr | None = None,
    UserMetadata: Mapping[str, str | Expr] | Expr | None = None,
) -> Integration:
    """Create a transcoding job.

    Resource: ``mediaconvert:createJob``, also with ``.sync()``.
    Result: ``Job``.

    Args:
        Role: required.
        Settings: jobSettings contains all the transcode settings for a job.
        AccelerationSettings: optional.
        BillingTagsSource: optionally choose a Billing tags source that AWS Billing and Cost Management will use to display tags for …
        ClientRequestToken: prevent duplicate jobs from being created and ensure idempotency for your requests.
        ElementalInferenceSettings: the Elemental Inference settings used in this job.
        HopDestinations: optional.
        JobEngineVersion: use Job engine versions to run jobs for your production workflow on one version, while you test and …
        JobTemplate: optional.
        Priority: optional.
        Queue: optional.
        SimulateReservedQueue: optional.
        StatusUpdateInterval: optional.
        Tags: optional.
        UserMetadata: optional.

    Source: https://docs.aws.amazon.com/step-functions/latest/dg/connect-mediaconvert.html
    """
    return call("mediaconvert:createJob", locals(), "mediaconvert:createJob")


def get_job(
    *,
    Id: str | Expr,
) -> Integration:
    """Retrieve the JSON for a specific transcoding job.

    Resource: ``aws-sdk:mediaconvert:getJob``.
    Result: ``Job``.

    Args:
        Id: the job ID of the job.

    Source: https://boto3.amazonaws.com/v1/documentation/api/latest/reference/services/mediaconvert/client/get_job.html
    """
    return call("aws-sdk:mediaconvert:getJob", locals())


if not TYPE_CHECKING:  # type checkers report the name themselves
    __getattr__ = unknown(__name__, __all__)
