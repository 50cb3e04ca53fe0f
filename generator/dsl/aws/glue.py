"""AWS Glue: calls with types. Written by :mod:`generator.catalog.typed`; do not edit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Literal

from generator.dsl.aws.call import call, unknown
from generator.dsl.expressions import Expr, Payload
from generator.dsl.integrations import Integration

__all__ = [
    "batch_create_partition",
    "batch_stop_job_run",
    "create_partition",
    "get_crawler",
    "get_job_run",
    "get_table",
    "start_crawler",
    "start_job_run",
    "start_workflow_run",
]


def batch_create_partition(
    *,
    DatabaseName: str | Expr,
    TableName: str | Expr,
    PartitionInputList: Sequence[Mapping[str, Payload] | Expr] | Expr,
    CatalogId: str | Expr | None = None,
) -> Integration:
    """Create one or more partitions in a batch operation.

    Resource: ``aws-sdk:glue:batchCreatePartition``.
    Result: ``Errors``.

    Args:
        DatabaseName: the name of the metadata database in which the partition is to be created.
        TableName: the name of the metadata table in which the partition is to be created.
        PartitionInputList: a list of ``PartitionInput`` structures that define the partitions to be created.
        CatalogId: the ID of the catalog in which the partition is to be created.

    Source: https://boto3.amazonaws.com/v1/documentation/api/latest/reference/services/glue/client/batch_create_partition.html
    """
    return call("aws-sdk:glue:batchCreatePartition", locals())


def batch_stop_job_run(
    *,
    JobName: str | Expr,
    JobRunIds: Sequence[str | Expr] | Expr,
) -> Integration:
    """Stop one or more job runs for a specified job definition.

    Resource: ``aws-sdk:glue:batchStopJobRun``.
    Result: ``SuccessfulSubmissions``, ``Errors``.

    Args:
        JobName: the name of the job definition for which to stop job runs.
        JobRunIds: a list of the ``JobRunIds`` that should be stopped for that job definition.

    Source: https://boto3.amazonaws.com/v1/documentation/api/latest/reference/services/glue/client/batch_stop_job_run.html
    """
    return call("aws-sdk:glue:batchStopJobRun", locals())


def create_partition(
    *,
    DatabaseName: str | Expr,
    TableName: str | Expr,
    PartitionInput: Mapping[str, Payload] | Expr,
    CatalogId: str | Expr | None = None,
) -> Integration:
    """Create a new partition.

    Resource: ``aws-sdk:glue:createPartition``.

    Args:
        DatabaseName: the name of the metadata database in which the partition is to be created.
        TableName: the name of the metadata table in which the partition is to be created.
        PartitionInput: a ``PartitionInput`` structure defining the partition to be created.
        CatalogId: the Amazon Web Services account ID of the catalog in which the partition is to be created.

    Source: https://boto3.amazonaws.com/v1/documentation/api/latest/reference/services/glue/client/create_partition.html
    """
    return call("aws-sdk:glue:createPartition", locals())


def get_crawler(
    *,
    Name: str | Expr,
) -> Integration:
    """Retrieve metadata for a specified crawler.

    Resource: ``aws-sdk:glue:getCrawler``.
    Result: ``Crawler``.

    Args:
        Name: the name of the crawler to retrieve metadata for.

    Source: https://boto3.amazonaws.com/v1/documentation/api/latest/reference/services/glue/client/get_crawler.html
    """
    return call("aws-sdk:glue:getCrawler", locals())


def get_job_run(
    *,
    JobName: str | Expr,
    RunId: str | Expr,
    PredecessorsIncluded: bool | Expr | None = None,
) -> Integration:
    """Retrieve the metadata for a given job run.

    Resource: ``aws-sdk:glue:getJobRun``.
    Result: ``JobRun``.

    Args:
        JobName: name of the job definition being run.
        RunId: the ID of the job run.
        PredecessorsIncluded: true if a list of predecessor runs should be returned.

    Source: https://boto3.amazonaws.com/v1/documentation/api/latest/reference/services/glue/client/get_job_run.html
    """
    return call("aws-sdk:glue:getJobRun", locals())


def get_table(
    *,
    DatabaseName: str | Expr,
    Name: str | Expr,
    CatalogId: str | Expr | None = None,
    TransactionId: str | Expr | None = None,
    QueryAsOfTime: str | datetime | Expr | None = None,
    AuditContext: Mapping[str, Payload] | Expr | None = None,
    IncludeStatusDetails: bool | Expr | None = None,
    AttributesToGet: Sequence[Literal["NAME", "TABLE_TYPE", "DEFAULT", "LATEST_ICEBERG_METADATA"] | Expr] | Expr | None = None,
) -> Integration:
    """Retrieve the ``Table`` definition in a Data Catalog for a specified table.

    Resource: ``aws-sdk:glue:getTable``.
    Result: ``Table``.

    Args:
        DatabaseName: the name of the database in the catalog in which the table resides.
        Name: the name of the table for which to retrieve the definition.
        CatalogId: the ID of the Data Catalog where the table resides.
        TransactionId: the transaction ID at which to read the table contents.
        QueryAsOfTime: the time as of when to read the table contents.
        AuditContext: a structure containing the Lake Formation audit context.
        IncludeStatusDetails: specifies whether to include status details related to a request to create or update an Glue Data Catalog …
        AttributesToGet: specifies the table fields returned by the ``GetTable`` call.

    Source: https://boto3.amazonaws.com/v1/documentation/api/latest/reference/services/glue/client/get_table.html
    """
    return call("aws-sdk:glue:getTable", locals())


def start_crawler(
    *,
    Name: str | Expr,
) -> Integration:
    """Start a crawl using the specified crawler, regardless of what is scheduled.

    Resource: ``aws-sdk:glue:startCrawler``.

    Args:
        Name: name of the crawler to start.

    Source: https://boto3.amazonaws.com/v1/documentation/api/latest/reference/services/glue/client/start_crawler.html
    """
    return call("aws-sdk:glue:startCrawler", locals())


def start_job_run(
    *,
    JobName: str | Expr,
    JobRunQueuingEnabled: bool | Expr | None = None,
    JobRunId: str | Expr | None = None,
    Arguments: Mapping[str, str | Expr] | Expr | None = None,
    AllocatedCapacity: int | Expr | None = None,
    Timeout: int | Expr | None = None,
    MaxCapacity: float | Expr | None = None,
    SecurityConfiguration: str | Expr | None = None,
    NotificationProperty: Mapping[str, Payload] | Expr | None = None,
    WorkerType: Literal[
        "Standard", "G.1X", "G.2X", "G.4X", "G.8X", "G.025X", "Z.2X", "G.12X", "G.16X", "R.1X", "R.2X", "R.4X", "R.8X"
    ] | Expr | None = None,
    NumberOfWorkers: int | Expr | None = None,
    ExecutionClass: Literal["FLEX", "STANDARD"] | Expr | None = None,
    ExecutionRoleSessionPolicy: str | Expr | None = None,
) -> Integration:
    """Start a job run using a job definition.

    Resource: ``glue:startJobRun``, also with ``.sync()``.
    Result: ``JobName``, ``JobRunId``.

    Args:
        JobName: the name of the job definition to use.
        JobRunQueuingEnabled: specifies whether job run queuing is enabled for the job run.
        JobRunId: the ID of a previous ``JobRun`` to retry.
        Arguments: the job arguments associated with this run.
        AllocatedCapacity: this field is deprecated.
        Timeout: the ``JobRun`` timeout in minutes.
        MaxCapacity: for Glue version 1.0 or earlier jobs, using the standard worker type, the number of Glue data processing …
        SecurityConfiguration: the name of the ``SecurityConfiguration`` structure to be used with this job run.
        NotificationProperty: specifies configuration properties of a job run notification.
        WorkerType: the type of predefined worker that is allocated when a job runs.
        NumberOfWorkers: the number of workers of a defined ``workerType`` that are allocated when a job runs.
        ExecutionClass: indicates whether the job is run with a standard or flexible execution class.
        ExecutionRoleSessionPolicy: this inline session policy to the StartJobRun API allows you to dynamically restrict the permissions of the …

    Source: https://docs.aws.amazon.com/step-functions/latest/dg/connect-glue.html
    """
    return call("glue:startJobRun", locals(), "glue:startJobRun")


def start_workflow_run(
    *,
    Name: str | Expr,
    RunProperties: Mapping[str, str | Expr] | Expr | None = None,
) -> Integration:
    """Start a new run of the specified workflow.

    Resource: ``aws-sdk:glue:startWorkflowRun``.
    Result: ``RunId``.

    Args:
        Name: the name of the workflow to start.
        RunProperties: the workflow run properties for the new workflow run.

    Source: https://boto3.amazonaws.com/v1/documentation/api/latest/reference/services/glue/client/start_workflow_run.html
    """
    return call("aws-sdk:glue:startWorkflowRun", locals())


if not TYPE_CHECKING:  # type checkers report the name themselves
    __getattr__ = unknown(__name__, __all__)
