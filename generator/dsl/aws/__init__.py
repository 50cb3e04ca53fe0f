"""Typed functions for the calls that workflows use most: ``aws.glue.start_job_run(JobName="nightly").sync()``.

Each function returns an integration for a Task. Its parameters have the names of Step Functions, and an editor knows which are
required, which values an enumeration has, and what each means. An action that Step Functions has an optimised integration for uses
it. Every other action of AWS is in ``sdk``: ``sdk.glue.get_job(JobName="nightly")``.

A service is a module, which is loaded when it is used: ``dir(aws)`` lists them.

>>> from generator.dsl import aws
>>> aws.glue.start_job_run(JobName="nightly").sync().resource
'arn:aws:states:::glue:startJobRun.sync'
"""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from generator.diagnostics.model import did_you_mean
from generator.dsl.source import UnknownNameError

if TYPE_CHECKING:
    from generator.dsl.aws import athena as athena
    from generator.dsl.aws import batch as batch
    from generator.dsl.aws import bedrock as bedrock
    from generator.dsl.aws import cloudwatch as cloudwatch
    from generator.dsl.aws import codebuild as codebuild
    from generator.dsl.aws import databrew as databrew
    from generator.dsl.aws import dynamodb as dynamodb
    from generator.dsl.aws import ecs as ecs
    from generator.dsl.aws import emr as emr
    from generator.dsl.aws import emr_serverless as emr_serverless
    from generator.dsl.aws import events as events
    from generator.dsl.aws import firehose as firehose
    from generator.dsl.aws import glue as glue
    from generator.dsl.aws import kinesis as kinesis
    from generator.dsl.aws import lambda_ as lambda_
    from generator.dsl.aws import mediaconvert as mediaconvert
    from generator.dsl.aws import rds_data as rds_data
    from generator.dsl.aws import redshift_data as redshift_data
    from generator.dsl.aws import s3 as s3
    from generator.dsl.aws import sagemaker as sagemaker
    from generator.dsl.aws import scheduler as scheduler
    from generator.dsl.aws import secretsmanager as secretsmanager
    from generator.dsl.aws import sesv2 as sesv2
    from generator.dsl.aws import sns as sns
    from generator.dsl.aws import sqs as sqs
    from generator.dsl.aws import ssm as ssm
    from generator.dsl.aws import stepfunctions as stepfunctions
    from generator.dsl.aws import textract as textract
    from generator.dsl.aws import transcribe as transcribe
    from generator.dsl.aws import translate as translate

    bedrock_runtime = bedrock
    eventbridge = events
    sfn = stepfunctions

_OTHER_NAMES = {"eventbridge": "events", "bedrock_runtime": "bedrock", "bedrockruntime": "bedrock", "states": "stepfunctions",
                "sfn": "stepfunctions", "elasticmapreduce": "emr", "emrserverless": "emr_serverless", "ses": "sesv2",
                "rdsdata": "rds_data", "redshiftdata": "redshift_data"}  # fmt: skip


if not TYPE_CHECKING:  # type checkers know the modules above, and report another name

    def __getattr__(name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        module = _OTHER_NAMES.get(name, name)
        if module not in __dir__():
            hint = did_you_mean(name, __dir__()) or f"sdk.{name} has all actions of a service, without types"
            raise UnknownNameError(
                f"aws has no service {name!r}", found=name, expected="one of " + ", ".join(__dir__()), hint=hint, code="SFN401"
            )
        return import_module(f"generator.dsl.aws.{module}")


def __dir__() -> list[str]:
    return sorted({path.stem for path in Path(__file__).parent.glob("[a-z]*.py")} - {"call"})
