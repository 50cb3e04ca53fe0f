"""Facts about the integrations that the engine performs through boto3: client names, error names, jobs.

Sources:
    https://docs.aws.amazon.com/step-functions/latest/dg/integrate-optimized.html
    https://docs.aws.amazon.com/step-functions/latest/dg/supported-services-awssdk.html
"""

from __future__ import annotations

from typing import Final, NamedTuple

CLIENTS: Final = {"states": "stepfunctions", "elasticmapreduce": "emr"}
"""The boto3 names of optimised integrations that have another name there."""
IRREGULAR_CLIENTS: Final = {
    "elasticloadbalancing": "elb",
    "elasticloadbalancingv2": "elbv2",
    "iotdataplane": "iot-data",
    "iotjobsdataplane": "iot-jobs-data",
    "lexmodelbuilding": "lex-models",
    "lexmodelsv2": "lexv2-models",
    "lexruntime": "lex-runtime",
    "lexruntimev2": "lexv2-runtime",
    "marketplaceentitlement": "marketplace-entitlement",
    "marketplacemetering": "meteringmarketplace",
    "servicecatalogappregistry": "servicecatalog-appregistry",
    "sfn": "stepfunctions",
}
"""The boto3 names of AWS SDK integrations that boto3 names differently from Step Functions, IAM and the SDK."""
ERROR_NAMES: Final = {
    "dynamodb": ("DynamoDB", "AmazonDynamoDBv2"),
    "sqs": ("SQS", "AmazonSQS"),
    "sns": ("SNS", "AmazonSNS"),
    "lambda": ("Lambda", "AWSLambda"),
    "states": ("StepFunctions", "AWSStepFunctions"),
    "events": ("EventBridge", "AmazonEventBridge"),
    "ecs": ("ECS", "AmazonECS"),
    "batch": ("Batch", "AWSBatch"),
    "glue": ("Glue", "AWSGlue"),
    "sagemaker": ("SageMaker", "AmazonSageMaker"),
    "codebuild": ("CodeBuild", "AWSCodeBuild"),
    "athena": ("Athena", "AmazonAthena"),
    "elasticmapreduce": ("ElasticMapReduce", "AmazonElasticMapReduce"),
}
"""The names of optimised integrations in errors: before the dot, and in the text that the older SDK writes."""
POLL_SECONDS: Final = 5.0
"""Virtual seconds between two descriptions of a job."""


class Job(NamedTuple):
    """How a task follows one kind of job (``.sync``).

    Attributes:
        describe: the action that describes the job.
        given: the parameter of that action that names the job.
        found: the place of the job's name in the response to the request.
        subject: the place of the description in the response.
        status: the place of the status in the description.
        good: the statuses of success.
        bad: the statuses of failure.
        also: parameters that the describing action takes over from the request.
    """

    describe: str
    given: str
    found: tuple[str | int, ...]
    subject: tuple[str | int, ...]
    status: tuple[str | int, ...]
    good: frozenset[str]
    bad: frozenset[str]
    also: tuple[str, ...] = ()


def _sagemaker(kind: str, name: str) -> Job:
    bad = frozenset({"Failed", "Stopped"})
    return Job(f"describe{kind}", name, ("$parameters", name), (), (f"{kind}Status",), frozenset({"Completed"}), bad)


JOBS: Final[dict[tuple[str, str], Job]] = {
    ("batch", "submitJob"): Job(
        "describeJobs", "Jobs", ("JobId",), ("Jobs", 0), ("Status",), frozenset({"SUCCEEDED"}), frozenset({"FAILED"})
    ),
    ("ecs", "runTask"): Job(
        "describeTasks", "Tasks", ("Tasks", 0, "TaskArn"), ("Tasks", 0), ("LastStatus",), frozenset({"STOPPED"}), frozenset(), ("Cluster",)
    ),
    ("glue", "startJobRun"): Job(
        "getJobRun",
        "RunId",
        ("JobRunId",),
        ("JobRun",),
        ("JobRunState",),
        frozenset({"SUCCEEDED"}),
        frozenset({"FAILED", "TIMEOUT", "STOPPED", "ERROR"}),
        ("JobName",),
    ),
    ("codebuild", "startBuild"): Job(
        "batchGetBuilds",
        "Ids",
        ("Build", "Id"),
        ("Builds", 0),
        ("BuildStatus",),
        frozenset({"SUCCEEDED"}),
        frozenset({"FAILED", "FAULT", "TIMED_OUT", "STOPPED"}),
    ),
    ("athena", "startQueryExecution"): Job(
        "getQueryExecution",
        "QueryExecutionId",
        ("QueryExecutionId",),
        (),
        ("QueryExecution", "Status", "State"),
        frozenset({"SUCCEEDED"}),
        frozenset({"FAILED", "CANCELLED"}),
    ),
    ("sagemaker", "createTrainingJob"): _sagemaker("TrainingJob", "TrainingJobName"),
    ("sagemaker", "createTransformJob"): _sagemaker("TransformJob", "TransformJobName"),
    ("sagemaker", "createProcessingJob"): _sagemaker("ProcessingJob", "ProcessingJobName"),
}
"""The jobs that a task can follow, by service and action."""
LIST_PARAMETERS: Final = frozenset({"Jobs", "Tasks", "Ids"})
"""The parameters that name several jobs in a list."""
