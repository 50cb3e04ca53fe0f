"""EMR Serverless: calls with types. Written by :mod:`generator.catalog.typed`; do not edit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Literal

from generator.dsl.aws.call import call, unknown
from generator.dsl.expressions import Expr, Payload
from generator.dsl.integrations import Integration

__all__ = [
    "cancel_job_run",
    "create_application",
    "delete_application",
    "get_job_run",
    "start_application",
    "start_job_run",
    "stop_application",
]


def cancel_job_run(
    *,
    ApplicationId: str | Expr,
    JobRunId: str | Expr,
    ShutdownGracePeriodInSeconds: int | Expr | None = None,
) -> Integration:
    """Cancel a job run.

    Resource: ``emr-serverless:cancelJobRun``, also with ``.sync()``.
    Result: ``ApplicationId``, ``JobRunId``.

    Args:
        ApplicationId: the ID of the application on which the job run will be canceled.
        JobRunId: the ID of the job run to cancel.
        ShutdownGracePeriodInSeconds: the duration in seconds to wait before forcefully terminating the job after cancellation is requested.

    Source: https://docs.aws.amazon.com/step-functions/latest/dg/connect-emr-serverless.html
    """
    return call("emr-serverless:cancelJobRun", locals(), "emrserverless:cancelJobRun")


def create_application(
    *,
    ReleaseLabel: str | Expr,
    Type: str | Expr,
    Name: str | Expr | None = None,
    ClientToken: str | Expr | None = None,
    InitialCapacity: Mapping[str, Mapping[str, Payload] | Expr] | Expr | None = None,
    MaximumCapacity: Mapping[str, Payload] | Expr | None = None,
    Tags: Mapping[str, str | Expr] | Expr | None = None,
    AutoStartConfiguration: Mapping[str, Payload] | Expr | None = None,
    AutoStopConfiguration: Mapping[str, Payload] | Expr | None = None,
    NetworkConfiguration: Mapping[str, Payload] | Expr | None = None,
    Architecture: Literal["ARM64", "X86_64"] | Expr | None = None,
    ImageConfiguration: Mapping[str, Payload] | Expr | None = None,
    WorkerTypeSpecifications: Mapping[str, Mapping[str, Payload] | Expr] | Expr | None = None,
    RuntimeConfiguration: Sequence[Mapping[str, Payload] | Expr] | Expr | None = None,
    MonitoringConfiguration: Mapping[str, Payload] | Expr | None = None,
    DiskEncryptionConfiguration: Mapping[str, Payload] | Expr | None = None,
    InteractiveConfiguration: Mapping[str, Payload] | Expr | None = None,
    SchedulerConfiguration: Mapping[str, Payload] | Expr | None = None,
    IdentityCenterConfiguration: Mapping[str, Payload] | Expr | None = None,
    JobLevelCostAllocationConfiguration: Mapping[str, Payload] | Expr | None = None,
) -> Integration:
    """Create an application.

    Resource: ``emr-serverless:createApplication``, also with ``.sync()``.
    Result: ``ApplicationId``, ``Name``, ``Arn``.

    Args:
        ReleaseLabel: the Amazon EMR release associated with the application.
        Type: the type of application you want to start, such as Spark or Hive.
        Name: the name of the application.
        ClientToken: the client idempotency token of the application to create.
        InitialCapacity: the capacity to initialize when the application is created.
        MaximumCapacity: the maximum capacity to allocate when the application is created.
        Tags: the tags assigned to the application.
        AutoStartConfiguration: the configuration for an application to automatically start on job submission.
        AutoStopConfiguration: the configuration for an application to automatically stop after a certain amount of time being idle.
        NetworkConfiguration: the network configuration for customer VPC connectivity.
        Architecture: the CPU architecture of an application.
        ImageConfiguration: the image configuration for all worker types.
        WorkerTypeSpecifications: the key-value pairs that specify worker type to ``WorkerTypeSpecificationInput``.
        RuntimeConfiguration: the Configuration specifications to use when creating an application.
        MonitoringConfiguration: the configuration setting for monitoring.
        DiskEncryptionConfiguration: the configuration object that allows encrypting local disks.
        InteractiveConfiguration: the interactive configuration object that enables the interactive use cases to use when running an …
        SchedulerConfiguration: the scheduler configuration for batch and streaming jobs running on this application.
        IdentityCenterConfiguration: the IAM Identity Center Configuration accepts the Identity Center instance parameter required to enable …
        JobLevelCostAllocationConfiguration: the configuration object that enables job level cost allocation.

    Source: https://docs.aws.amazon.com/step-functions/latest/dg/connect-emr-serverless.html
    """
    return call("emr-serverless:createApplication", locals(), "emrserverless:createApplication")


def delete_application(
    *,
    ApplicationId: str | Expr,
) -> Integration:
    """Delete an application.

    Resource: ``emr-serverless:deleteApplication``, also with ``.sync()``.
    Result: ``ApplicationId``.

    Args:
        ApplicationId: the ID of the application that will be deleted.

    Source: https://docs.aws.amazon.com/step-functions/latest/dg/connect-emr-serverless.html
    """
    return call("emr-serverless:deleteApplication", locals(), "emrserverless:deleteApplication")


def get_job_run(
    *,
    ApplicationId: str | Expr,
    JobRunId: str | Expr,
    Attempt: int | Expr | None = None,
) -> Integration:
    """Display detailed information about a job run.

    Resource: ``aws-sdk:emrserverless:getJobRun``.
    Result: ``JobRun``.

    Args:
        ApplicationId: the ID of the application on which the job run is submitted.
        JobRunId: the ID of the job run.
        Attempt: an optimal parameter that indicates the amount of attempts for the job.

    Source: https://boto3.amazonaws.com/v1/documentation/api/latest/reference/services/emr-serverless/client/get_job_run.html
    """
    return call("aws-sdk:emrserverless:getJobRun", locals())


def start_application(
    *,
    ApplicationId: str | Expr,
) -> Integration:
    """Start a specified application and initializes initial capacity if configured.

    Resource: ``emr-serverless:startApplication``, also with ``.sync()``.
    Result: ``ApplicationId``.

    Args:
        ApplicationId: the ID of the application to start.

    Source: https://docs.aws.amazon.com/step-functions/latest/dg/connect-emr-serverless.html
    """
    return call("emr-serverless:startApplication", locals(), "emrserverless:startApplication")


def start_job_run(
    *,
    ApplicationId: str | Expr,
    ExecutionRoleArn: str | Expr,
    ClientToken: str | Expr | None = None,
    ExecutionIamPolicy: Mapping[str, Payload] | Expr | None = None,
    JobDriver: Mapping[str, Payload] | Expr | None = None,
    ConfigurationOverrides: Mapping[str, Payload] | Expr | None = None,
    Tags: Mapping[str, str | Expr] | Expr | None = None,
    ExecutionTimeoutMinutes: int | Expr | None = None,
    Name: str | Expr | None = None,
    Mode: Literal["BATCH", "STREAMING"] | Expr | None = None,
    RetryPolicy: Mapping[str, Payload] | Expr | None = None,
    FlexExecution: Mapping[str, Payload] | Expr | None = None,
) -> Integration:
    """Start a job run.

    Resource: ``emr-serverless:startJobRun``, also with ``.sync()``.
    Result: ``ApplicationId``, ``JobRunId``, ``Arn``.

    Args:
        ApplicationId: the ID of the application on which to run the job.
        ExecutionRoleArn: the role of the step.
        ClientToken: the client idempotency token of the job run to start.
        ExecutionIamPolicy: you can pass an optional IAM policy.
        JobDriver: the job driver for the job run.
        ConfigurationOverrides: the configuration overrides for the job run.
        Tags: the tags assigned to the job run.
        ExecutionTimeoutMinutes: the maximum duration, in minutes, for the job run.
        Name: the optional job run name.
        Mode: the mode of the job run when it starts.
        RetryPolicy: the retry policy when job run starts.
        FlexExecution: the Amazon EMR Serverless Flex settings for the job run.

    Source: https://docs.aws.amazon.com/step-functions/latest/dg/connect-emr-serverless.html
    """
    return call("emr-serverless:startJobRun", locals(), "emrserverless:startJobRun")


def stop_application(
    *,
    ApplicationId: str | Expr,
) -> Integration:
    """Stop a specified application and releases initial capacity if configured.

    Resource: ``emr-serverless:stopApplication``, also with ``.sync()``.
    Result: ``ApplicationId``.

    Args:
        ApplicationId: the ID of the application to stop.

    Source: https://docs.aws.amazon.com/step-functions/latest/dg/connect-emr-serverless.html
    """
    return call("emr-serverless:stopApplication", locals(), "emrserverless:stopApplication")


if not TYPE_CHECKING:  # type checkers report the name themselves
    __getattr__ = unknown(__name__, __all__)
