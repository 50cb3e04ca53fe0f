"""What the models do not say about AWS SDK integrations, written down by hand, each group with its source.

Everything else about an operation is derived when the index is built, see :mod:`generator.catalog.derive`. A row here
replaces what would be derived.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, Final

from generator.asl.placeholders import PATTERN, has_placeholder
from generator.catalog import calls, naming
from generator.catalog.athena import query_rows
from generator.catalog.patterns import UNKNOWN, Parameters
from generator.catalog.permissions import Allow

_REFERENCE: Final = "https://docs.aws.amazon.com/service-authorization/latest/reference/"

Rule = tuple[Allow, ...] | Callable[[Parameters], tuple[Allow, ...]]
"""What an operation needs: rows, or a function of its parameters where they decide about the action."""

PREFIXES: Final[dict[str, str]] = {"apigateway": "apigateway", "apigatewayv2": "apigateway", "apigatewaymanagementapi": "execute-api"}
"""IAM prefixes that no operation's name gives away: these services authorise by HTTP verb or by one action."""

VERB_SERVICES: Final = frozenset({"apigateway", "apigatewayv2"})
"""Services whose IAM actions are HTTP verbs.

Source: https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonapigatewaymanagement.html
"""

SAME: Final[dict[str, str]] = {
    "clusterid": "jobflowid",  # EMR calls a cluster a job flow in its API
    "objectname": "key",  # S3
    "queuename": "queueurl",  # SQS names queues by URL only
    "identityname": "identity",
    "appid": "applicationid",
}
"""Variables of ARN formats that the API calls by another name, both in lower case without punctuation."""

DEFAULTS: Final[dict[str, str]] = {
    "athena:WorkGroup": "primary",
    "ecs:Cluster": "default",
    "events:EventBusName": "default",
    "scheduler:GroupName": "default",
}
"""What a service takes when a parameter is absent, `prefix:Parameter` to its value, from the API reference of each."""

DERIVED: Final[dict[str, str]] = {
    "sqs:queue": "queue",
    "kms:key": "key",
    "secretsmanager:secret": "secret",
    "lambda:function": "function",
    "redshift-serverless:workgroup": "workgroup",
    **{
        f"sagemaker:{kind}": "lower"
        for kind in (
            "endpoint",
            "endpoint-config",
            "model",
            "processing-job",
            "training-job",
            "transform-job",
            "hyper-parameter-tuning-job",
        )
    },
}
"""Resource types whose ARN does not hold the parameter's text as it is: `prefix:type` to a derivation of grants.py."""

PASSED_TO: Final[dict[str, str]] = {
    "ecs": "ecs-tasks.amazonaws.com",
    "lambda": "lambda.amazonaws.com",
    "sagemaker": "sagemaker.amazonaws.com",
    "glue": "glue.amazonaws.com",
    "databrew": "databrew.amazonaws.com",
    "sfn": "states.amazonaws.com",
    "scheduler": "scheduler.amazonaws.com",
    "pipes": "pipes.amazonaws.com",
    "eventbridge": "events.amazonaws.com",
    "cloudformation": "cloudformation.amazonaws.com",
    "codebuild": "codebuild.amazonaws.com",
    "codepipeline": "codepipeline.amazonaws.com",
    "codedeploy": "codedeploy.amazonaws.com",
    "mediaconvert": "mediaconvert.amazonaws.com",
    "eks": "eks.amazonaws.com",
    "bedrock": "bedrock.amazonaws.com",
    "bedrockagent": "bedrock.amazonaws.com",
    "comprehend": "comprehend.amazonaws.com",
    "transcribe": "transcribe.amazonaws.com",
    "translate": "translate.amazonaws.com",
    "textract": "textract.amazonaws.com",
    "rekognition": "rekognition.amazonaws.com",
    "personalize": "personalize.amazonaws.com",
    "forecast": "forecast.amazonaws.com",
    "emrserverless": "emr-serverless.amazonaws.com",
    "firehose": "firehose.amazonaws.com",
    "kinesisanalyticsv2": "kinesisanalytics.amazonaws.com",
    "datasync": "datasync.amazonaws.com",
    "transfer": "transfer.amazonaws.com",
    "backup": "backup.amazonaws.com",
    "ssm": "ssm.amazonaws.com",
    "appsync": "appsync.amazonaws.com",
    "iot": "iot.amazonaws.com",
    "databasemigration": "dms.amazonaws.com",
    "cloudtrail": "cloudtrail.amazonaws.com",
    "config": "config.amazonaws.com",
    "mwaa": "airflow.amazonaws.com",
    "kendra": "kendra.amazonaws.com",
}
"""Who receives the roles that a service's calls pass. A service that is not listed gets no condition, for a wrong one denies.

Source: the trust policies in each service's guide, collected at
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_aws-services-that-work-with-iam.html
"""

_NOT_CALLABLE: Final[dict[str, tuple[str, ...]]] = {
    "applicationdiscovery": ("DescribeExportConfigurations", "ExportConfigurations"),
    "codedeploy": ("BatchGetDeploymentInstances", "GetDeploymentInstance", "ListDeploymentInstances", "SkipWaitTimeForInstanceTermination"),
    "comprehendmedical": ("DetectEntities",),
    "dataexchange": ("SendApiAsset",),
    "directconnect": (
        "AllocateConnectionOnInterconnect",
        "DescribeConnectionLoa",
        "DescribeConnectionsOnInterconnect",
        "DescribeInterconnectLoa",
    ),
    "efs": ("CreateTags",),
    "elastictranscoder": ("TestRole",),
    "emr": ("DescribeJobFlows",),
    "iot": ("AttachPrincipalPolicy", "DetachPrincipalPolicy", "ListPolicyPrincipals", "ListPrincipalPolicies"),
    "iotdeviceadvisor": ("ListTestCases",),
    "kinesis": ("SubscribeToShard",),
    "lambda": ("InvokeAsync",),
    "lexruntimev2": ("StartConversation",),
    "mediapackage": ("RotateChannelCredentials",),
    "rdsdata": ("ExecuteSql",),
    "s3": ("SelectObjectContent",),
    "s3control": ("SelectObjectContent",),
    "shield": ("DeleteSubscription",),
    "sts": ("AssumeRole", "AssumeRoleWithSAML", "AssumeRoleWithWebIdentity"),
}


def not_callable(service: str, operation: str, model: dict[str, Any]) -> str:
    """Return why Step Functions cannot call an operation, "" when nothing speaks against it.

    Source: https://docs.aws.amazon.com/step-functions/latest/dg/supported-services-awssdk.html (unsupported API actions;
    SDKs for streaming are not suitable for use in a workflow).
    """
    if operation in _NOT_CALLABLE.get(service, ()):
        return "AWS lists it among the unsupported API actions"
    entry, shapes = model["operations"][operation], model["shapes"]
    for side in ("input", "output"):
        members = shapes[entry[side]["shape"]].get("members", {}) if side in entry else {}
        if any(shapes[member["shape"]].get("eventstream") for member in members.values()):
            return "it streams, which a state cannot"
    return ""


def _rows(source: str, table: dict[str, tuple[str, tuple[str, ...] | str]]) -> dict[str, Rule]:
    """Write rows of one action each: operation to (actions, resources)."""
    return {operation: (Allow(actions, resources, source=source),) for operation, (actions, resources) in table.items()}


# S3: most actions have other names than the operations, and objects need bucket and key.

_BUCKET, _OBJECT = "s3:::{Bucket}", "s3:::{Bucket}/{Key=*}"
_S3: Final = _REFERENCE + "list_amazons3.html"
_S3_BUCKET_ACTIONS: Final = {
    "DeleteBucketAnalyticsConfiguration": "PutAnalyticsConfiguration",
    "DeleteBucketCors": "PutBucketCORS",
    "DeleteBucketEncryption": "PutEncryptionConfiguration",
    "DeleteBucketIntelligentTieringConfiguration": "PutIntelligentTieringConfiguration",
    "DeleteBucketInventoryConfiguration": "PutInventoryConfiguration",
    "DeleteBucketLifecycle": "PutLifecycleConfiguration",
    "DeleteBucketMetricsConfiguration": "PutMetricsConfiguration",
    "DeleteBucketOwnershipControls": "PutBucketOwnershipControls",
    "DeleteBucketReplication": "PutReplicationConfiguration",
    "DeleteBucketTagging": "PutBucketTagging",
    "DeletePublicAccessBlock": "PutBucketPublicAccessBlock",
    "GetBucketAccelerateConfiguration": "GetAccelerateConfiguration",
    "GetBucketAnalyticsConfiguration": "GetAnalyticsConfiguration",
    "GetBucketCors": "GetBucketCORS",
    "GetBucketEncryption": "GetEncryptionConfiguration",
    "GetBucketIntelligentTieringConfiguration": "GetIntelligentTieringConfiguration",
    "GetBucketInventoryConfiguration": "GetInventoryConfiguration",
    "GetBucketLifecycle": "GetLifecycleConfiguration",
    "GetBucketLifecycleConfiguration": "GetLifecycleConfiguration",
    "GetBucketMetricsConfiguration": "GetMetricsConfiguration",
    "GetBucketNotificationConfiguration": "GetBucketNotification",
    "GetBucketReplication": "GetReplicationConfiguration",
    "GetObjectLockConfiguration": "GetBucketObjectLockConfiguration",
    "GetPublicAccessBlock": "GetBucketPublicAccessBlock",
    "HeadBucket": "ListBucket",
    "ListBucketAnalyticsConfigurations": "GetAnalyticsConfiguration",
    "ListBucketIntelligentTieringConfigurations": "GetIntelligentTieringConfiguration",
    "ListBucketInventoryConfigurations": "GetInventoryConfiguration",
    "ListBucketMetricsConfigurations": "GetMetricsConfiguration",
    "ListMultipartUploads": "ListBucketMultipartUploads",
    "ListObjectVersions": "ListBucketVersions",
    "ListObjects": "ListBucket",
    "ListObjectsV2": "ListBucket",
    "PutBucketAccelerateConfiguration": "PutAccelerateConfiguration",
    "PutBucketAnalyticsConfiguration": "PutAnalyticsConfiguration",
    "PutBucketCors": "PutBucketCORS",
    "PutBucketEncryption": "PutEncryptionConfiguration",
    "PutBucketIntelligentTieringConfiguration": "PutIntelligentTieringConfiguration",
    "PutBucketInventoryConfiguration": "PutInventoryConfiguration",
    "PutBucketLifecycle": "PutLifecycleConfiguration",
    "PutBucketLifecycleConfiguration": "PutLifecycleConfiguration",
    "PutBucketMetricsConfiguration": "PutMetricsConfiguration",
    "PutBucketNotificationConfiguration": "PutBucketNotification",
    "PutObjectLockConfiguration": "PutBucketObjectLockConfiguration",
    "PutPublicAccessBlock": "PutBucketPublicAccessBlock",
}
_S3_OBJECT_ACTIONS: Final = {
    "AbortMultipartUpload": "AbortMultipartUpload",
    "CompleteMultipartUpload": "PutObject",
    "CreateMultipartUpload": "PutObject",
    "DeleteObjectTagging": "DeleteObjectTagging",
    "GetObjectAcl": "GetObjectAcl",
    "GetObjectLegalHold": "GetObjectLegalHold",
    "GetObjectRetention": "GetObjectRetention",
    "GetObjectTagging": "GetObjectTagging",
    "ListParts": "ListMultipartUploadParts",
    "PutObjectAcl": "PutObjectAcl",
    "PutObjectLegalHold": "PutObjectLegalHold",
    "PutObjectRetention": "PutObjectRetention",
    "PutObjectTagging": "PutObjectTagging",
    "RestoreObject": "RestoreObject",
    "SelectObjectContent": "GetObject",
    "UploadPart": "PutObject",
}
_TAGGED: Final = Allow("s3:PutObjectTagging", _OBJECT, when="Tagging", source=_S3)
_VERSIONED: Final = Allow("s3:GetObjectVersion", _OBJECT, when="VersionId", source=_S3)


def _copy_source(parameters: Parameters) -> tuple[Allow, ...]:
    """Read the object that CopySource names, `bucket/key?versionId=…`, and write the copy."""
    rows = []
    for source in parameters.texts("CopySource") or [UNKNOWN]:
        bare = source.partition("?")[0].lstrip("/")
        resource = bare if parameters.arn_of(bare) else "s3:::" + _named(bare, "CopySource")
        action = "s3:GetObjectVersion" if "versionId=" in source else "s3:GetObject"
        rows.append(Allow(action, resource, source=_S3, note="Read the copy's source"))
    return (*rows, Allow("s3:PutObject", _OBJECT, source=_S3), _TAGGED)


def _named(text: str, parameter: str) -> str:
    """Write a text with unknown parts as a template; what is inside a known resource is what the call creates or chooses."""
    bucket, slash, key = text.partition("/")
    known = bool(slash) and UNKNOWN not in bucket
    return bucket.replace(UNKNOWN, "{?" + parameter + "}") + slash + key.replace(UNKNOWN, "{" + ("!" if known else "?") + parameter + "}")


_S3_RULES: Final[dict[str, Rule]] = {
    **_rows(_S3, {operation: (f"s3:{action}", _BUCKET) for operation, action in _S3_BUCKET_ACTIONS.items()}),
    **_rows(_S3, {operation: (f"s3:{action}", _OBJECT) for operation, action in _S3_OBJECT_ACTIONS.items()}),
    "GetObject": (Allow("s3:GetObject", _OBJECT, source=_S3), _VERSIONED),
    "HeadObject": (Allow("s3:GetObject", _OBJECT, source=_S3), _VERSIONED),
    "GetObjectAttributes": (Allow("s3:GetObject s3:GetObjectAttributes", _OBJECT, source=_S3), _VERSIONED),
    "PutObject": (Allow("s3:PutObject", _OBJECT, source=_S3), _TAGGED, Allow("s3:PutObjectAcl", _OBJECT, when="ACL", source=_S3)),
    "DeleteObject": (Allow("s3:DeleteObject", _OBJECT, source=_S3), Allow("s3:DeleteObjectVersion", _OBJECT, when="VersionId", source=_S3)),
    "DeleteObjects": (Allow("s3:DeleteObject", "s3:::{Bucket}/{Delete.Objects[].Key}", source=_S3),),
    "CopyObject": _copy_source,
    "UploadPartCopy": _copy_source,
    **{
        name: (Allow("s3:ListBucket", _BUCKET, conditions=(("StringLike", "s3:prefix", ("{Prefix|text}",)),), source=_S3),)
        for name in ("ListObjects", "ListObjectsV2")
    },
    "ListBuckets": (Allow("s3:ListAllMyBuckets", source=_S3),),
    "PutBucketReplication": (
        Allow("s3:PutReplicationConfiguration", _BUCKET, source=_S3),
        Allow(
            "iam:PassRole", "iam::role/{ReplicationConfiguration.Role}", when="ReplicationConfiguration.Role", passed_to="s3.amazonaws.com"
        ),
    ),
    "WriteGetObjectResponse": (
        Allow(
            "s3-object-lambda:WriteGetObjectResponse",
            inherent="the access point is not among the parameters",
            source=_REFERENCE + "list_amazons3objectlambda.html",
        ),
    ),
}

# DynamoDB: batches and transactions are authorised item by item, PartiQL by the statement's verb, queries by index.

_DYNAMODB: Final = _REFERENCE + "list_amazondynamodb.html"
_TABLE: Final = "dynamodb:table/{TableName}"
_PARTIQL: Final = re.compile(r"\s*(?:EXISTS\s*\(\s*)?(SELECT|INSERT|UPDATE|DELETE)\b(.*)", re.IGNORECASE | re.DOTALL)
_PARTIQL_TABLE: Final = re.compile(
    r'(?:\bFROM|\bINTO|\A)\s+"?([A-Za-z0-9_.-]+|' + PATTERN + r')"?(?:\."?([A-Za-z0-9_.-]+)"?)?', re.IGNORECASE
)


def _items(path: str, actions: dict[str, str]) -> tuple[Allow, ...]:
    return tuple(
        Allow(f"dynamodb:{action}", "dynamodb:table/{" + f"{path}[].{member}.TableName" + "}", when=f"{path}[].{member}", source=_DYNAMODB)
        for member, action in actions.items()
    )


def _partiql(path: str) -> Callable[[Parameters], tuple[Allow, ...]]:
    def rule(parameters: Parameters) -> tuple[Allow, ...]:
        rows = []
        for statement in parameters.texts(path) or [UNKNOWN]:
            verb = _PARTIQL.match(statement)
            table = _PARTIQL_TABLE.search(verb[2]) if verb else None
            actions = (
                f"dynamodb:PartiQL{verb[1].title()}"
                if verb
                else " ".join(f"dynamodb:PartiQL{name}" for name in ("Select", "Insert", "Update", "Delete"))
            )
            name = f"dynamodb:table/{table[1]}" if table else "dynamodb:table/{?" + path.replace("[]", "") + "}"
            resources = (name, f"{name}/index/{table[2]}") if table and table[2] else (name,)
            rows.append(Allow(actions, resources, source=_DYNAMODB))
        return tuple(rows)

    return rule


_DYNAMODB_RULES: Final[dict[str, Rule]] = {
    "TransactWriteItems": _items(
        "TransactItems", {"ConditionCheck": "ConditionCheckItem", "Delete": "DeleteItem", "Put": "PutItem", "Update": "UpdateItem"}
    ),
    "TransactGetItems": _items("TransactItems", {"Get": "GetItem"}),
    "BatchGetItem": (Allow("dynamodb:BatchGetItem", "dynamodb:table/{RequestItems@}", source=_DYNAMODB),),
    "BatchWriteItem": (Allow("dynamodb:BatchWriteItem", "dynamodb:table/{RequestItems@}", source=_DYNAMODB),),
    "ExecuteStatement": _partiql("Statement"),
    "BatchExecuteStatement": _partiql("Statements[].Statement"),
    "ExecuteTransaction": _partiql("TransactStatements[].Statement"),
    **{
        name: (
            Allow(f"dynamodb:{name}", _TABLE, when="!IndexName", source=_DYNAMODB),
            Allow(f"dynamodb:{name}", _TABLE + "/index/{IndexName}", when="IndexName", source=_DYNAMODB),
        )
        for name in ("Query", "Scan")
    },
}

# Bedrock: which action and which ARN depends on what the model id is.

_BEDROCK: Final = _REFERENCE + "list_amazonbedrock.html"
_GEOGRAPHIES: Final = re.compile(r"(?:us-gov|us|eu|apac|ap|jp|au|ca|global)\.(?=[a-z0-9-]+\.)")


def model_resources(model: str, parameters: Parameters) -> tuple[str, ...]:
    """Return the resource templates of a Bedrock model id, inference profile id, or ARN.

    Source: https://docs.aws.amazon.com/bedrock/latest/userguide/inference-profiles-prereq.html

    >>> model_resources("anthropic.claude-3-haiku-20240307-v1:0", Parameters({}, "JSONata"))
    ('arn:{partition}:bedrock:{region}::foundation-model/anthropic.claude-3-haiku-20240307-v1:0',)
    """
    foundation = "arn:{partition}:bedrock:{region}::foundation-model/"
    if parameters.arn_of(model):
        profile = re.match(r"arn:[^:]+:bedrock:[^:]*:[^:]*:inference-profile/(.+)", model)
        return (parameters.arn_of(model), *_of_profile(profile[1])) if profile else (parameters.arn_of(model),)
    if model == UNKNOWN:
        return (foundation + "{?ModelId}", "bedrock:inference-profile/{?ModelId}")
    if _GEOGRAPHIES.match(model):
        return (f"bedrock:inference-profile/{model}", *_of_profile(model))
    text = model.replace(UNKNOWN, "{?ModelId}")
    return (foundation + text, "bedrock:inference-profile/" + text) if has_placeholder(model) else (foundation + text,)


def _of_profile(profile: str) -> tuple[str, ...]:
    """A profile routes to the model in any of its regions, and needs the right to each."""
    name = _GEOGRAPHIES.sub("", profile)
    return (f"arn:{{partition}}:bedrock:*::foundation-model/{name}",) if name != profile else ()


def invoke_model(parameters: Parameters, action: str = "bedrock:InvokeModel") -> tuple[Allow, ...]:
    """Return the rows of a model invocation."""
    models = dict.fromkeys(one for model in parameters.texts("ModelId") or [UNKNOWN] for one in model_resources(model, parameters))
    guardrail = (
        "GuardrailConfig.GuardrailIdentifier" if parameters.present("GuardrailConfig") and not parameters.open else "GuardrailIdentifier"
    )
    rows = [Allow(action, tuple(models), source=_BEDROCK)]
    if not parameters.open:
        rows.append(Allow("bedrock:ApplyGuardrail", "bedrock:guardrail/{" + guardrail + "}", when=guardrail, source=_BEDROCK))
    return tuple(rows)


def _retrieve_and_generate(parameters: Parameters) -> tuple[Allow, ...]:
    """Generation reads the knowledge base and calls the model with the caller's rights.

    Source: https://docs.aws.amazon.com/bedrock/latest/userguide/knowledge-base-prereq-permissions-general.html
    """
    base = "RetrieveAndGenerateConfiguration.KnowledgeBaseConfiguration."
    models = parameters.texts(base + "ModelArn") if not parameters.open else []
    generate = Allow("bedrock:RetrieveAndGenerate", source=_BEDROCK)
    retrieve = Allow(
        "bedrock:Retrieve", "bedrock:knowledge-base/{" + base + "KnowledgeBaseId}", when=base + "KnowledgeBaseId", source=_BEDROCK
    )
    invoke = [Allow("bedrock:InvokeModel", model_resources(model, parameters), source=_BEDROCK) for model in models]
    return (generate, *invoke) if parameters.open else (generate, retrieve, *invoke)


def _batch_inference(parameters: Parameters) -> tuple[Allow, ...]:
    """A batch inference job is created on its model; its role reads and writes the data."""
    models = [resource for model in parameters.texts("ModelId") or [UNKNOWN] for resource in model_resources(model, parameters)]
    return (
        Allow("bedrock:CreateModelInvocationJob", (*models, "bedrock:model-invocation-job/{!JobId}"), source=_BEDROCK),
        Allow("iam:PassRole", "iam::role/{RoleArn}", passed_to="bedrock.amazonaws.com", source=_BEDROCK),
    )


def _stream_model(parameters: Parameters) -> tuple[Allow, ...]:
    return invoke_model(parameters, "bedrock:InvokeModelWithResponseStream")


def _athena_query(parameters: Parameters) -> tuple[Allow, ...]:
    start = Allow("athena:StartQueryExecution", "athena:workgroup/{WorkGroup=primary}", source=_REFERENCE + "list_amazonathena.html")
    return (start, *query_rows(parameters))


# Budgets have one action to read and one to write.

_BUDGETS: Final = _REFERENCE + "list_awsbudgetservice.html"
_BUDGET: Final = "budgets::budget/{BudgetName=*}"
_MODIFY: Final = (
    "CreateBudget",
    "CreateNotification",
    "CreateSubscriber",
    "DeleteBudget",
    "DeleteNotification",
    "DeleteSubscriber",
    "UpdateBudget",
)
_VIEW: Final = ("DescribeBudget", "DescribeBudgetNotificationsForAccount", "DescribeBudgetPerformanceHistory", "DescribeBudgets")

_LAMBDA: Final = "https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html"
_FUNCTION: Final = "lambda:function:{FunctionName|function}"
_SQS: Final = _REFERENCE + "list_amazonsqs.html"
_SNS: Final = _REFERENCE + "list_amazonsns.html"
_KMS: Final = _REFERENCE + "list_awskeymanagementservice.html"
_QUALIFIER: Final = "https://docs.aws.amazon.com/step-functions/latest/dg/auth-version-alias.html"
_TIMESTREAM: Final = _REFERENCE + "list_amazontimestream.html"


def lambda_function(action: str) -> tuple[Allow, ...]:
    """Return the rows of a call to one function: its exact ARN, with the qualifier if the call has one."""
    return (
        Allow(action, _FUNCTION, when="!Qualifier", source=_LAMBDA),
        Allow(action, _FUNCTION + ":{Qualifier}", when="Qualifier", source=_LAMBDA),
    )


def start_execution(action: str) -> tuple[Allow, ...]:
    """Return the row of a call that starts a state machine. IAM decides by the ARN without a version or alias, which is a condition."""
    qualifier = ("StringEquals", "states:StateMachineQualifier", ("{StateMachineArn|qualifier}",))
    return (Allow(action, "states:stateMachine:{StateMachineArn|arn}", conditions=(qualifier,), source=_QUALIFIER),)


_EVENTS: Final = _REFERENCE + "list_amazoneventbridge.html"
_SSM: Final = _REFERENCE + "list_awssystemsmanager.html"
_CODEBUILD: Final = _REFERENCE + "list_awscodebuild.html"


def _event_rule(action: str, rule: str) -> tuple[Allow, ...]:
    """Return the rows of a call on an EventBridge rule: on the default bus its ARN does not name the bus."""
    return (
        Allow(action, "events:rule/{" + rule + "}", when="!EventBusName", source=_EVENTS),
        Allow(action, "events:rule/{EventBusName|part}/{" + rule + "}", when="EventBusName", source=_EVENTS),
    )


PUBLISH: Final = (
    Allow("sns:Publish", "sns:{TopicArn|arn}", when="TopicArn", source=_SNS),
    Allow("sns:Publish", "sns:{TargetArn|arn}", when="TargetArn", source=_SNS),
    Allow("sns:Publish", when="PhoneNumber", inherent="a telephone number is not a resource", source=_SNS),
)

_RULES: Final[dict[str, Rule]] = {
    **calls.ROWS,
    "bedrockagentruntime:RetrieveAndGenerate": _retrieve_and_generate,
    "bedrock:CreateModelInvocationJob": _batch_inference,
    **{f"s3:{operation}": rule for operation, rule in _S3_RULES.items()},
    **{f"dynamodb:{operation}": rule for operation, rule in _DYNAMODB_RULES.items()},
    "lambda:Invoke": lambda_function("lambda:InvokeFunction"),
    "lambda:InvokeWithResponseStream": lambda_function("lambda:InvokeFunction"),
    "lambda:InvokeAsync": lambda_function("lambda:InvokeFunction"),
    "lambda:GetLayerVersionByArn": (Allow("lambda:GetLayerVersion", "lambda:layer:{Arn|arn}", source=_REFERENCE + "list_awslambda.html"),),
    "sns:Publish": PUBLISH,
    "sns:PublishBatch": (Allow("sns:Publish", "sns:{TopicArn|arn}", source=_SNS),),
    **{
        f"sqs:{operation}Batch": (Allow(f"sqs:{operation}", "sqs:{QueueUrl|queue}", source=_SQS),)
        for operation in ("SendMessage", "DeleteMessage", "ChangeMessageVisibility")
    },
    "sqs:GetQueueUrl": (Allow("sqs:GetQueueUrl", "sqs:{QueueName}", source=_SQS),),
    "sqs:CreateQueue": (
        Allow("sqs:CreateQueue", "sqs:{QueueName}", source=_SQS),
        Allow("sqs:TagQueue", "sqs:{QueueName}", when="Tags", source=_SQS),
    ),
    "kms:ReEncrypt": (
        Allow("kms:ReEncryptFrom", "kms:key/{SourceKeyId|key=*}", source=_KMS),
        Allow("kms:ReEncryptTo", "kms:key/{DestinationKeyId|key}", source=_KMS),
    ),
    "eventbridge:PutEvents": (
        Allow("events:PutEvents", "events:event-bus/{Entries[].EventBusName=default}", source=_REFERENCE + "list_amazoneventbridge.html"),
    ),
    **{
        f"eventbridge:{name}": _event_rule(f"events:{name}", "Name") for name in ("DeleteRule", "DescribeRule", "DisableRule", "EnableRule")
    },
    **{f"eventbridge:{name}": _event_rule(f"events:{name}", "Rule") for name in ("ListTargetsByRule", "PutTargets", "RemoveTargets")},
    "eventbridge:PutRule": (
        *_event_rule("events:PutRule", "Name"),
        Allow("iam:PassRole", "iam::role/{RoleArn}", when="RoleArn", passed_to="events.amazonaws.com", source=_EVENTS),
    ),
    "ssm:GetParametersByPath": (Allow("ssm:GetParametersByPath", ("ssm:parameter/{Path}", "ssm:parameter/{Path}/*"), source=_SSM),),
    "ssm:GetParameters": (Allow("ssm:GetParameters", "ssm:parameter/{Names[]}", source=_SSM),),
    "ssm:DeleteParameters": (Allow("ssm:DeleteParameters", "ssm:parameter/{Names[]}", source=_SSM),),
    **{
        f"codebuild:{name}": (Allow(f"codebuild:{name}", "codebuild:project/{Ids[]|project_of}", source=_CODEBUILD),)
        for name in ("BatchDeleteBuilds", "BatchGetBuildBatches", "BatchGetBuilds")
    },
    **{
        f"codebuild:{name}": (Allow(f"codebuild:{name}", "codebuild:project/{Id|project_of=*}", source=_CODEBUILD),)
        for name in ("DeleteBuildBatch", "RetryBuild", "RetryBuildBatch", "StopBuild", "StopBuildBatch")
    },
    "sfn:StartExecution": start_execution("states:StartExecution"),
    "sfn:StartSyncExecution": start_execution("states:StartSyncExecution"),
    "bedrockruntime:InvokeModel": invoke_model,
    "bedrockruntime:Converse": invoke_model,
    "bedrockruntime:StartAsyncInvoke": invoke_model,
    "bedrockruntime:ConverseStream": _stream_model,
    "bedrockruntime:InvokeModelWithResponseStream": _stream_model,
    "athena:StartQueryExecution": _athena_query,
    "timestreamquery:Query": (
        Allow(
            "timestream:Select timestream:SelectValues timestream:ListDatabases timestream:ListTables timestream:ListMeasures "
            "timestream:DescribeTable timestream:DescribeEndpoints",
            broad="the tables are in the query's text",
            source=_TIMESTREAM,
        ),
    ),
    **{
        f"budgets:{operation}": (Allow("budgets:ModifyBudget", _BUDGET, source=_BUDGETS),)
        for operation in (*_MODIFY, "UpdateNotification", "UpdateSubscriber")
    },
    **{
        f"budgets:{operation}": (Allow("budgets:ViewBudget", _BUDGET, source=_BUDGETS),)
        for operation in (*_VIEW, "DescribeNotificationsForBudget", "DescribeSubscribersForNotification")
    },
    **{
        f"apigatewaymanagementapi:{operation}": (
            Allow(
                "execute-api:ManageConnections",
                "execute-api:*/*/*/@connections/{ConnectionId}",
                source=_REFERENCE + "list_amazonapigateway.html",
            ),
        )
        for operation in ("DeleteConnection", "GetConnection", "PostToConnection")
    },
    "s3control:GetPublicAccessBlock": (Allow("s3:GetAccountPublicAccessBlock", source=_S3),),
    "s3control:PutPublicAccessBlock": (Allow("s3:PutAccountPublicAccessBlock", source=_S3),),
    "s3control:DeletePublicAccessBlock": (Allow("s3:PutAccountPublicAccessBlock", source=_S3),),
}

RULES: Final = {
    f"{service}:{naming.action(operation)}": rule
    for (service, operation), rule in ((tuple(key.split(":")), rule) for key, rule in _RULES.items())
}
"""`service:action` to what it needs, in place of what would be derived."""

_TEXTRACT: Final = "https://docs.aws.amazon.com/textract/latest/dg/security_iam_id-based-policy-examples.html"
_REKOGNITION: Final = "https://docs.aws.amazon.com/rekognition/latest/dg/security_iam_id-based-policy-examples.html"
_TRANSCRIBE: Final = "https://docs.aws.amazon.com/transcribe/latest/dg/security_iam_id-based-policy-examples.html"


def _reads(source: str, *paths: str, members: tuple[str, str] = ("Bucket", "Name")) -> tuple[Allow, ...]:
    bucket, name = members
    note = "Read the object with the caller's rights"
    return tuple(
        Allow(
            "s3:GetObject",
            "s3:::{" + f"{path}.{bucket}" + "}/{" + f"{path}.{name}" + "}",
            when=f"{path}.{bucket}",
            note=note,
            source=source,
        )
        for path in paths
    )


_CALLERS_OBJECTS: Final[dict[str, tuple[Allow, ...]]] = {
    "rekognition": _reads(_REKOGNITION, "Image.S3Object", "Video.S3Object", "SourceImage.S3Object", "TargetImage.S3Object"),
    "textract": (
        *_reads(_TEXTRACT, "Document.S3Object", "DocumentLocation.S3Object", "DocumentPages[].S3Object"),
        Allow(
            "s3:PutObject",
            "s3:::{OutputConfig.S3Bucket}/{OutputConfig.S3Prefix=*}/*",
            when="OutputConfig.S3Bucket",
            note="Write the result with the caller's rights",
            source=_TEXTRACT,
        ),
    ),
    "polly": (
        Allow(
            "s3:PutObject",
            "s3:::{OutputS3BucketName}/{OutputS3KeyPrefix|text=}*",
            when="OutputS3BucketName",
            note="Write the recording with the caller's rights",
            source="https://docs.aws.amazon.com/polly/latest/dg/asynchronous-iam.html",
        ),
    ),
    "transcribe": (
        Allow(
            "s3:GetObject",
            "s3:::{Media.MediaFileUri|s3uri}",
            when="Media.MediaFileUri",
            note="Read the recording with the caller's rights",
            source=_TRANSCRIBE,
        ),
        Allow(
            "s3:PutObject",
            "s3:::{OutputBucketName}/{OutputKey=*}",
            when="OutputBucketName",
            note="Write the transcript with the caller's rights",
            source=_TRANSCRIBE,
        ),
    ),
}
"""Services that read and write the caller's objects with the caller's rights, and where their calls name them."""

FURTHER: Final = {
    **_CALLERS_OBJECTS,
    **{
        ":".join((key.partition(":")[0], naming.action(key.partition(":")[2]))) if ":" in key else key: rows
        for key, rows in calls.FURTHER.items()
    },
}
"""`service:action`, or `service`, to what its calls need in addition to the permission of their name."""


def rows(service: str, action: str, derived: tuple[Allow, ...], parameters: Parameters) -> tuple[Allow, ...]:
    """Return what a call needs: the rows written by hand where there are some, otherwise those derived."""
    rule = RULES.get(f"{service}:{action}", derived)
    own = rule(parameters) if callable(rule) else rule
    if not parameters.open:
        own = (*own, *FURTHER.get(service, ()), *FURTHER.get(f"{service}:{action}", ()))
    return calls.bounded(own)
