"""AWS Batch: calls with types. Written by :mod:`generator.catalog.typed`; do not edit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from generator.dsl.aws.call import call, unknown
from generator.dsl.expressions import Expr, Payload
from generator.dsl.integrations import Integration

__all__ = [
    "describe_jobs",
    "submit_job",
    "terminate_job",
]


def describe_jobs(
    *,
    Jobs: Sequence[str | Expr] | Expr,
) -> Integration:
    """Describe a list of Batch jobs.

    Resource: ``aws-sdk:batch:describeJobs``.
    Result: ``Jobs``.

    Args:
        Jobs: a list of up to 100 job IDs.

    Source: https://boto3.amazonaws.com/v1/documentation/api/latest/reference/services/batch/client/describe_jobs.html
    """
    return call("aws-sdk:batch:describeJobs", locals())


def submit_job(
    *,
    JobName: str | Expr,
    JobQueue: str | Expr,
    JobDefinition: str | Expr,
    ShareIdentifier: str | Expr | None = None,
    SchedulingPriorityOverride: int | Expr | None = None,
    ArrayProperties: Mapping[str, Payload] | Expr | None = None,
    DependsOn: Sequence[Mapping[str, Payload] | Expr] | Expr | None = None,
    Parameters: Mapping[str, str | Expr] | Expr | None = None,
    ContainerOverrides: Mapping[str, Payload] | Expr | None = None,
    NodeOverrides: Mapping[str, Payload] | Expr | None = None,
    RetryStrategy: Mapping[str, Payload] | Expr | None = None,
    PropagateTags: bool | Expr | None = None,
    Timeout: Mapping[str, Payload] | Expr | None = None,
    Tags: Mapping[str, str | Expr] | Expr | None = None,
    EksPropertiesOverride: Mapping[str, Payload] | Expr | None = None,
    EcsPropertiesOverride: Mapping[str, Payload] | Expr | None = None,
    ConsumableResourcePropertiesOverride: Mapping[str, Payload] | Expr | None = None,
) -> Integration:
    """Submit an Batch job from a job definition.

    Resource: ``batch:submitJob``, also with ``.sync()``.
    Result: ``JobArn``, ``JobName``, ``JobId``.

    Args:
        JobName: the name of the job.
        JobQueue: the job queue where the job is submitted.
        JobDefinition: the job definition used by this job.
        ShareIdentifier: the share identifier for the job.
        SchedulingPriorityOverride: the scheduling priority for the job.
        ArrayProperties: the array properties for the submitted job, such as the size of the array.
        DependsOn: a list of dependencies for the job.
        Parameters: additional parameters passed to the job that replace parameter substitution placeholders that are set in …
        ContainerOverrides: an object with properties that override the defaults for the job definition that specify the name of a …
        NodeOverrides: a list of node overrides in JSON format that specify the node range to target and the container overrides …
        RetryStrategy: the retry strategy to use for failed jobs from this SubmitJob operation.
        PropagateTags: specifies whether to propagate the tags from the job or job definition to the corresponding Amazon ECS task.
        Timeout: the timeout configuration for this SubmitJob operation.
        Tags: the tags that you apply to the job request to help you categorize and organize your resources.
        EksPropertiesOverride: an object, with properties that override defaults for the job definition, can only be specified for jobs …
        EcsPropertiesOverride: an object, with properties that override defaults for the job definition, can only be specified for jobs …
        ConsumableResourcePropertiesOverride: an object that contains overrides for the consumable resources of a job.

    Source: https://docs.aws.amazon.com/step-functions/latest/dg/connect-batch.html
    """
    return call("batch:submitJob", locals(), "batch:submitJob")


def terminate_job(
    *,
    JobId: str | Expr,
    Reason: str | Expr,
) -> Integration:
    """Terminate a job in a job queue.

    Resource: ``aws-sdk:batch:terminateJob``.

    Args:
        JobId: the Batch job ID of the job to terminate.
        Reason: a message to attach to the job that explains the reason for terminating it.

    Source: https://boto3.amazonaws.com/v1/documentation/api/latest/reference/services/batch/client/terminate_job.html
    """
    return call("aws-sdk:batch:terminateJob", locals())


if not TYPE_CHECKING:  # type checkers report the name themselves
    __getattr__ = unknown(__name__, __all__)
