"""What the AWS provider asks of AWS to create, read, change and delete each type of resource, as IAM requests.

Terraform's stand-in provider calls nothing, so a role that lacks a permission would go unnoticed. This table is the provider's side:
for each type, the actions of its four operations and the ARN that IAM checks them against. It is written from the provider's
documentation and AWS's Service Authorization Reference; it can be incomplete, but what it has, a role that deploys needs.
https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from tests.support.terraform.evaluate import Request

Values = Mapping[str, Any]
ACCOUNT = "123456789012"

_ARNS: dict[str, Callable[[Values, str], str]] = {
    "alarm": lambda v, r: f"arn:aws:cloudwatch:{r}:{ACCOUNT}:alarm:{v['alarm_name']}",
    "bucket": lambda v, _: f"arn:aws:s3:::{v['bucket']}",
    "dashboard": lambda v, _: f"arn:aws:cloudwatch::{ACCOUNT}:dashboard/{v['dashboard_name']}",
    "function": lambda v, r: f"arn:aws:lambda:{r}:{ACCOUNT}:function:{_name(v['function_name'])}",
    "layer": lambda v, r: f"arn:aws:lambda:{r}:{ACCOUNT}:layer:{v['layer_name']}",
    "layer_version": lambda v, r: f"arn:aws:lambda:{r}:{ACCOUNT}:layer:{v['layer_name']}:1",
    "log_group": lambda v, r: f"arn:aws:logs:{r}:{ACCOUNT}:log-group:{v['name']}",
    "mapping": lambda v, r: f"arn:aws:lambda:{r}:{ACCOUNT}:event-source-mapping:{v.get('uuid') or 'new'}",
    "object": lambda v, _: f"arn:aws:s3:::{v['bucket']}/{v['key']}",
    "queue": lambda v, r: f"arn:aws:sqs:{r}:{ACCOUNT}:{_name(v.get('name') or v['queue_url'])}",
    "role": lambda v, _: f"arn:aws:iam::{ACCOUNT}:role{v.get('path') or '/'}{_name(v.get('role') or v['name'])}",
    "role_of": lambda v, _: v.get("role") or v["role_arn"],
    "machine": lambda v, r: f"arn:aws:states:{r}:{ACCOUNT}:stateMachine:{v['name']}",
    "machine_of": lambda v, _: v["routing_configuration"][0]["state_machine_version_arn"].rpartition(":")[0],
    "none": lambda _v, _r: "*",
    "restapis": lambda _v, r: f"arn:aws:apigateway:{r}::/restapis",
    "restapi": lambda v, r: f"arn:aws:apigateway:{r}::/restapis/{v.get('rest_api_id') or v['id']}",
    "table": lambda v, r: f"arn:aws:dynamodb:{r}:{ACCOUNT}:table/{v['name']}",
}


def _name(value: str) -> str:
    """Return the name in a name, an ARN or a URL."""
    return value.split(":")[6] if value.startswith("arn:aws:lambda") else value.rpartition("/")[2].rpartition(":")[2]


def _bucket_part(create: str, read: str, delete: str) -> dict[str, str]:
    return {"create": f"bucket: {create} {read}", "read": f"bucket: {read}", "update": f"bucket: {create}", "delete": f"bucket: {delete}"}


def _api_part(*, child: str) -> dict[str, str]:
    verbs = {"create": "PUT POST GET", "read": "GET", "update": "PATCH PUT", "delete": "DELETE"}
    return {operation: f"restapi/{child}: {' '.join(f'apigateway:{verb}' for verb in each.split())}" for operation, each in verbs.items()}


_READ_BUCKET = (
    "s3:ListBucket s3:GetBucketPolicy s3:GetBucketAcl s3:GetBucketCORS s3:GetBucketWebsite s3:GetBucketVersioning "
    "s3:GetAccelerateConfiguration "
    "s3:GetBucketRequestPayment s3:GetBucketLogging s3:GetLifecycleConfiguration s3:GetReplicationConfiguration "
    "s3:GetEncryptionConfiguration "
    "s3:GetBucketObjectLockConfiguration s3:GetBucketTagging s3:GetBucketLocation"
)

CALLS: dict[str, dict[str, str]] = {
    "aws_api_gateway_deployment": _api_part(child="deployments"),
    "aws_api_gateway_gateway_response": _api_part(child="gatewayresponses/DEFAULT_4XX"),
    "aws_api_gateway_integration": _api_part(child="resources/r/methods/POST/integration"),
    "aws_api_gateway_integration_response": _api_part(child="resources/r/methods/POST/integration/responses/200"),
    "aws_api_gateway_method": _api_part(child="resources/r/methods/POST"),
    "aws_api_gateway_method_response": _api_part(child="resources/r/methods/POST/responses/200"),
    "aws_api_gateway_method_settings": _api_part(child="stages/v1"),
    "aws_api_gateway_model": _api_part(child="models"),
    "aws_api_gateway_request_validator": _api_part(child="requestvalidators"),
    "aws_api_gateway_resource": _api_part(child="resources/r"),
    "aws_api_gateway_rest_api": {
        "create": "restapis: apigateway:POST | restapi: apigateway:GET",
        "read": "restapi: apigateway:GET",
        "update": "restapi: apigateway:PATCH",
        "delete": "restapi: apigateway:DELETE",
    },
    "aws_api_gateway_stage": _api_part(child="stages"),
    "aws_cloudwatch_dashboard": {
        "create": "dashboard: cloudwatch:PutDashboard cloudwatch:GetDashboard",
        "read": "dashboard: cloudwatch:GetDashboard",
        "update": "dashboard: cloudwatch:PutDashboard",
        "delete": "dashboard: cloudwatch:DeleteDashboards",
    },
    "aws_cloudwatch_log_group": {
        "create": "log_group: logs:CreateLogGroup logs:TagResource logs:PutRetentionPolicy logs:ListTagsForResource | none: "
        "logs:DescribeLogGroups",
        "read": "log_group: logs:ListTagsForResource | none: logs:DescribeLogGroups",
        "update": "log_group: logs:PutRetentionPolicy logs:DeleteRetentionPolicy logs:TagResource logs:UntagResource",
        "delete": "log_group: logs:DeleteLogGroup",
    },
    "aws_cloudwatch_metric_alarm": {
        "create": "alarm: cloudwatch:PutMetricAlarm cloudwatch:TagResource cloudwatch:DescribeAlarms cloudwatch:ListTagsForResource",
        "read": "alarm: cloudwatch:DescribeAlarms cloudwatch:ListTagsForResource",
        "update": "alarm: cloudwatch:PutMetricAlarm cloudwatch:TagResource cloudwatch:UntagResource",
        "delete": "alarm: cloudwatch:DeleteAlarms",
    },
    "aws_dynamodb_table": {
        "create": "table: dynamodb:CreateTable dynamodb:TagResource dynamodb:DescribeTable dynamodb:UpdateContinuousBackups "
        "dynamodb:DescribeContinuousBackups dynamodb:UpdateTimeToLive dynamodb:DescribeTimeToLive dynamodb:ListTagsOfResource",
        "read": "table: dynamodb:DescribeTable dynamodb:DescribeContinuousBackups dynamodb:DescribeTimeToLive dynamodb:ListTagsOfResource",
        "update": "table: dynamodb:UpdateTable dynamodb:UpdateContinuousBackups dynamodb:UpdateTimeToLive "
        "dynamodb:TagResource dynamodb:UntagResource",
        "delete": "table: dynamodb:DeleteTable",
    },
    "aws_iam_role": {
        "create": "role: iam:CreateRole iam:TagRole iam:GetRole iam:ListRolePolicies iam:ListAttachedRolePolicies",
        "read": "role: iam:GetRole iam:ListRolePolicies iam:ListAttachedRolePolicies",
        "update": "role: iam:UpdateAssumeRolePolicy iam:UpdateRole iam:UpdateRoleDescription iam:TagRole iam:UntagRole "
        "iam:PutRolePermissionsBoundary",
        "delete": "role: iam:ListInstanceProfilesForRole iam:ListRolePolicies iam:ListAttachedRolePolicies "
        "iam:DeleteRolePolicy iam:DeleteRole",
    },
    "aws_iam_role_policy": {
        "create": "role: iam:PutRolePolicy iam:GetRolePolicy",
        "read": "role: iam:GetRolePolicy",
        "update": "role: iam:PutRolePolicy",
        "delete": "role: iam:DeleteRolePolicy",
    },
    "aws_lambda_alias": {
        "create": "function: lambda:CreateAlias lambda:GetAlias",
        "read": "function: lambda:GetAlias",
        "update": "function: lambda:UpdateAlias",
        "delete": "function: lambda:DeleteAlias",
    },
    "aws_lambda_event_source_mapping": {
        "create": "none: lambda:CreateEventSourceMapping | mapping: lambda:TagResource lambda:GetEventSourceMapping lambda:ListTags",
        "read": "mapping: lambda:GetEventSourceMapping lambda:ListTags",
        "update": "mapping: lambda:UpdateEventSourceMapping lambda:TagResource lambda:UntagResource",
        "delete": "mapping: lambda:DeleteEventSourceMapping",
    },
    "aws_lambda_function": {
        "create": "function: lambda:CreateFunction lambda:PublishVersion lambda:TagResource lambda:GetFunction "
        "lambda:ListVersionsByFunction "
        "lambda:GetFunctionCodeSigningConfig | role_of: iam:PassRole",
        "read": "function: lambda:GetFunction lambda:ListVersionsByFunction lambda:GetFunctionCodeSigningConfig",
        "update": "function: lambda:UpdateFunctionCode lambda:UpdateFunctionConfiguration lambda:GetFunctionConfiguration "
        "lambda:PublishVersion "
        "lambda:PutFunctionConcurrency lambda:DeleteFunctionConcurrency lambda:TagResource lambda:UntagResource | role_of: iam:PassRole",
        "delete": "function: lambda:DeleteFunction",
    },
    "aws_lambda_layer_version": {
        "create": "layer: lambda:PublishLayerVersion | layer_version: lambda:GetLayerVersion",
        "read": "layer_version: lambda:GetLayerVersion",
        "update": "",
        "delete": "layer_version: lambda:DeleteLayerVersion",
    },
    "aws_lambda_permission": {
        "create": "function: lambda:AddPermission lambda:GetPolicy",
        "read": "function: lambda:GetPolicy",
        "update": "",
        "delete": "function: lambda:RemovePermission",
    },
    "aws_s3_bucket": {
        "create": f"bucket: s3:CreateBucket s3:PutBucketTagging {_READ_BUCKET}",
        "read": f"bucket: {_READ_BUCKET}",
        "update": "bucket: s3:PutBucketTagging",
        "delete": "bucket: s3:DeleteBucket",
    },
    "aws_s3_bucket_lifecycle_configuration": _bucket_part(
        "s3:PutLifecycleConfiguration", "s3:GetLifecycleConfiguration", "s3:PutLifecycleConfiguration"
    ),
    "aws_s3_bucket_policy": _bucket_part("s3:PutBucketPolicy", "s3:GetBucketPolicy", "s3:DeleteBucketPolicy"),
    "aws_s3_bucket_public_access_block": _bucket_part(
        "s3:PutBucketPublicAccessBlock", "s3:GetBucketPublicAccessBlock", "s3:PutBucketPublicAccessBlock"
    ),
    "aws_s3_bucket_server_side_encryption_configuration": _bucket_part(
        "s3:PutEncryptionConfiguration", "s3:GetEncryptionConfiguration", "s3:PutEncryptionConfiguration"
    ),
    "aws_s3_bucket_versioning": _bucket_part("s3:PutBucketVersioning", "s3:GetBucketVersioning", "s3:PutBucketVersioning"),
    "aws_s3_object": {
        "create": "object: s3:PutObject s3:PutObjectTagging s3:GetObject s3:GetObjectTagging | bucket: s3:ListBucket",
        "read": "object: s3:GetObject s3:GetObjectTagging | bucket: s3:ListBucket",
        "update": "object: s3:PutObject s3:PutObjectTagging",
        "delete": "object: s3:DeleteObject s3:DeleteObjectVersion | bucket: s3:ListBucketVersions",
    },
    "aws_sfn_alias": {
        "create": "machine_of: states:CreateStateMachineAlias states:DescribeStateMachineAlias",
        "read": "machine_of: states:DescribeStateMachineAlias",
        "update": "machine_of: states:UpdateStateMachineAlias",
        "delete": "machine_of: states:DeleteStateMachineAlias",
    },
    "aws_sfn_state_machine": {
        "create": "machine: states:CreateStateMachine states:PublishStateMachineVersion states:TagResource states:DescribeStateMachine "
        "states:ListStateMachineVersions states:ListTagsForResource | none: states:ValidateStateMachineDefinition | role_of: iam:PassRole",
        "read": "machine: states:DescribeStateMachine states:ListStateMachineVersions states:ListTagsForResource",
        "update": "machine: states:UpdateStateMachine states:PublishStateMachineVersion states:TagResource states:UntagResource "
        "| none: states:ValidateStateMachineDefinition | role_of: iam:PassRole",
        "delete": "machine: states:DeleteStateMachine",
    },
    "aws_sqs_queue": {
        "create": "queue: sqs:CreateQueue sqs:TagQueue sqs:SetQueueAttributes sqs:GetQueueAttributes sqs:ListQueueTags",
        "read": "queue: sqs:GetQueueAttributes sqs:ListQueueTags",
        "update": "queue: sqs:SetQueueAttributes sqs:TagQueue sqs:UntagQueue",
        "delete": "queue: sqs:DeleteQueue",
    },
    "aws_sqs_queue_policy": {
        "create": "queue: sqs:SetQueueAttributes sqs:GetQueueAttributes",
        "read": "queue: sqs:GetQueueAttributes",
        "update": "queue: sqs:SetQueueAttributes",
        "delete": "queue: sqs:SetQueueAttributes",
    },
}
CALLS["aws_sqs_queue_redrive_allow_policy"] = CALLS["aws_sqs_queue_redrive_policy"] = CALLS["aws_sqs_queue_policy"]
"""For each type and operation: ``ARN: actions``, separated by ``|``."""

_TOLD_BY_TAGS = {"aws_api_gateway_rest_api": "restapi", "aws_cloudwatch_log_group": "log_group"}
"""The types whose tags a policy may ask for, each with the form of its ARN."""

_PASSED_TO = {"aws_lambda_function": "lambda.amazonaws.com", "aws_sfn_state_machine": "states.amazonaws.com"}


class World:
    """What AWS knows when it decides: the region, the tags of resources, the boundaries of roles. It grows as Terraform applies."""

    def __init__(self, region: str) -> None:
        """Start with an empty account."""
        self.region = region
        self.tags: dict[str, Mapping[str, str]] = {}
        self.boundaries: dict[str, str] = {}

    def requests(self, kind: str, operation: str, values: Values) -> Iterator[Request]:
        """Yield the requests of one operation of the provider.

        Args:
            kind: the type, such as ``aws_sqs_queue``.
            operation: ``create``, ``read``, ``update`` or ``delete``.
            values: the resource's attributes.

        Raises:
            KeyError: the table has no such type.
        """
        tags = values.get("tags_all") or {}
        for part in filter(None, CALLS[kind][operation].split("|")):
            target, _, actions = part.strip().partition(": ")
            form, _, child = target.partition("/")
            arn = _ARNS[form](values, self.region)
            root = arn
            if child:
                arn = f"{arn}/{child}"
            for action in actions.split():
                context = {f"aws:ResourceTag/{key}": value for key, value in self.tags.get(root, {}).items()}
                if operation in {"create", "update"}:
                    context |= {f"aws:RequestTag/{key}": value for key, value in tags.items()}
                if operation == "create" and action.startswith(("apigateway:GET", "apigateway:P")) and form == "restapi" and not child:
                    context |= {f"aws:ResourceTag/{key}": value for key, value in tags.items()}
                if form == "log_group" and operation == "create" and action not in {"logs:CreateLogGroup", "logs:TagResource"}:
                    context |= {f"aws:ResourceTag/{key}": value for key, value in tags.items()}
                if form == "mapping" or action == "lambda:CreateEventSourceMapping":
                    context["lambda:FunctionArn"] = values["function_name"]
                    if operation != "create":
                        context |= {f"aws:ResourceTag/{key}": value for key, value in tags.items()}
                if form == "role":
                    boundary = values.get("permissions_boundary") or self.boundaries.get(arn)
                    context |= {"iam:PermissionsBoundary": boundary} if boundary else {}
                if action == "iam:PassRole":
                    context["iam:PassedToService"] = _PASSED_TO[kind]
                yield Request(action, arn, context)

    def made(self, kind: str, values: Values) -> None:
        """Remember what was made, as far as later decisions depend on it."""
        if kind == "aws_iam_role":
            self.boundaries[_ARNS["role"](values, self.region)] = values.get("permissions_boundary") or ""
        elif kind in _TOLD_BY_TAGS:
            self.tags[_ARNS[_TOLD_BY_TAGS[kind]](values, self.region)] = values.get("tags_all") or {}
