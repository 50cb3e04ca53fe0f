"""Glue DataBrew: calls with types. Written by :mod:`generator.catalog.typed`; do not edit."""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.dsl.aws.call import call, unknown
from generator.dsl.expressions import Expr
from generator.dsl.integrations import Integration

__all__ = [
    "describe_job_run",
    "start_job_run",
]


def describe_job_run(
    *,
    Name: str | Expr,
    RunId: str | Expr,
) -> Integration:
    """Describe one run of a DataBrew job.

    Resource: ``aws-sdk:databrew:describeJobRun``.
    Result: ``Attempt``, ``CompletedOn``, ``DatasetName``, ``ErrorMessage``, ``ExecutionTime``, ``JobName``, ``ProfileConfiguration``, ``ValidationConfigurations``, ….

    Args:
        Name: the name of the job being processed during this run.
        RunId: the unique identifier of the job run.

    Source: https://boto3.amazonaws.com/v1/documentation/api/latest/reference/services/databrew/client/describe_job_run.html
    """
    return call("aws-sdk:databrew:describeJobRun", locals())


def start_job_run(
    *,
    Name: str | Expr,
) -> Integration:
    """Run a DataBrew job.

    Resource: ``databrew:startJobRun``, also with ``.sync()``.
    Result: ``RunId``.

    Args:
        Name: the name of the job to be run.

    Source: https://docs.aws.amazon.com/step-functions/latest/dg/connect-databrew.html
    """
    return call("databrew:startJobRun", locals(), "databrew:startJobRun")


if not TYPE_CHECKING:  # type checkers report the name themselves
    __getattr__ = unknown(__name__, __all__)
