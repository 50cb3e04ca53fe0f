"""What calls need beside the permission that their name says: sub-resources that their parameters name, one row per fact.

``ROWS`` replaces what is derived for a call. ``FURTHER`` is in addition to it: what a service does with the caller's rights, such as
reading the objects that the parameters name. The keys are ``service:action``, or ``service`` for all of its actions.
"""

from __future__ import annotations

from typing import Final

from generator.catalog.patterns import Parameters
from generator.catalog.permissions import Allow

_REFERENCE: Final = "https://docs.aws.amazon.com/service-authorization/latest/reference/"
_DYNAMODB_EXPORT: Final = "https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/S3DataExport_Requesting.html"
_DYNAMODB_IMPORT: Final = "https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/S3DataImport.Requesting.html"
_S3_KMS: Final = "https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingKMSEncryption.html"
_LAMBDA_ZIP: Final = "https://docs.aws.amazon.com/lambda/latest/dg/configuration-function-zip.html"
_LAMBDA_IMAGE: Final = "https://docs.aws.amazon.com/lambda/latest/dg/images-create.html"
_REDSHIFT_DATA: Final = "https://docs.aws.amazon.com/redshift/latest/mgmt/data-api-iam.html"
_RDS_DATA: Final = "https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/data-api.access.html"
_SES: Final = _REFERENCE + "list_amazonsimpleemailservicev2.html"
_SES_V1: Final = _REFERENCE + "list_amazonses.html"
_GLUE: Final = _REFERENCE + "list_awsglue.html"
_ECS: Final = _REFERENCE + "list_amazonelasticcontainerservice.html"
_ECS_ROLES: Final = "https://docs.aws.amazon.com/AmazonECS/latest/developerguide/CWE_IAM_role.html"
_SAGEMAKER_REGISTRY: Final = "https://docs.aws.amazon.com/sagemaker/latest/dg/model-registry-version.html"
_BEDROCK_ASYNC: Final = "https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_StartAsyncInvoke.html"
_KMS_ALIAS: Final = "https://docs.aws.amazon.com/kms/latest/developerguide/alias-authorization.html"
_CLOUDFORMATION: Final = "https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/control-access-with-iam.html"
_EMR_ROLES: Final = "https://docs.aws.amazon.com/emr/latest/ManagementGuide/emr-iam-roles.html"
_CLOUDWATCH: Final = _REFERENCE + "list_amazoncloudwatch.html"
_SSM: Final = _REFERENCE + "list_awssystemsmanager.html"
_EC2_ROLES: Final = "https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/iam-roles-for-amazon-ec2.html"

READ: Final = "Read the object with the caller's rights"
WRITE: Final = "Write the result with the caller's rights"
_LOGIN: Final = "secretsmanager:secret:{SecretArn|arn}"
_TASKS: Final = "ecs-tasks.amazonaws.com"


def _each(names: tuple[str, ...], *rows: Allow) -> dict[str, tuple[Allow, ...]]:
    """Return the same rows for several calls."""
    return dict.fromkeys(names, rows)


def ecs_roles() -> tuple[Allow, ...]:
    """Return the roles that a call of `RunTask` passes: those in its parameters, otherwise those of the task definition.

    Source: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/CWE_IAM_role.html
    """
    note, why = "Hand the task its roles", "the roles of a task are in its task definition"
    rows: list[Allow] = []
    for path in ("Overrides.TaskRoleArn", "Overrides.ExecutionRoleArn"):
        rows += (
            Allow("iam:PassRole", "iam::role/{" + path + "}", when=path, passed_to=_TASKS, note=note, source=_ECS_ROLES),
            Allow("iam:PassRole", "iam::role/*", when=f"!{path}", passed_to=_TASKS, note=note, broad=why, source=_ECS_ROLES),
        )
    return tuple(rows)


def _ses_identity(action: str, address: str, arn: str, *others: str) -> tuple[Allow, ...]:
    """Return the rows of sending mail: SES takes the identity of the address if there is one, otherwise that of its domain."""
    own = (f"ses:identity/{{{address}|address=*}}", f"ses:identity/{{{address}|domain=*}}")
    source = _SES_V1 if address == "Source" else _SES
    return (
        Allow(action, own, when=f"!{arn}", source=source),
        Allow(action, f"ses:identity/{{{arn}|arn}}", when=arn, source=source),
        *(Allow(action, f"ses:{kind}/{{{path}}}", when=path, source=source) for kind, _, path in (one.partition("=") for one in others)),
    )


_SEND_TEMPLATE: Final = "template=Content.Template.TemplateName"
_BULK_TEMPLATE: Final = "template=DefaultContent.Template.TemplateName"
_TRACKING: Final = "configuration-set=ConfigurationSetName"
_V1: Final = ("Source", "SourceArn")
_V2: Final = ("FromEmailAddress", "FromEmailAddressIdentityArn")

ROWS: Final[dict[str, tuple[Allow, ...]]] = {
    "cloudwatch:PutMetricData": (
        Allow("cloudwatch:PutMetricData", conditions=(("StringEquals", "cloudwatch:namespace", ("{Namespace}",)),), source=_CLOUDWATCH),
    ),
    "dynamodb:ImportTable": (Allow("dynamodb:ImportTable", "dynamodb:table/{TableCreationParameters.TableName}", source=_DYNAMODB_IMPORT),),
    "ecs:RunTask": (
        Allow("ecs:RunTask", "ecs:task-definition/{TaskDefinition|task_definition}", source=_ECS),
        Allow("ecs:TagResource", "ecs:task/{Cluster|part=default}/{!TaskId}", when="Tags", source=_ECS),
        Allow("ecs:TagResource", "ecs:task/{Cluster|part=default}/{!TaskId}", when="PropagateTags", source=_ECS),
        *ecs_roles(),
    ),
    "emr:RunJobFlow": (
        Allow("elasticmapreduce:RunJobFlow", source=_REFERENCE + "list_amazonelasticmapreduce.html"),
        Allow("elasticmapreduce:AddTags", "elasticmapreduce:cluster/{!ClusterId}", when="Tags", source=_EMR_ROLES),
        Allow("iam:PassRole", "iam::role/{ServiceRole=*}", passed_to="elasticmapreduce.amazonaws.com", source=_EMR_ROLES),
        Allow("iam:PassRole", "iam::role/{JobFlowRole=*}", passed_to="ec2.amazonaws.com", source=_EMR_ROLES),
        Allow(
            "iam:PassRole",
            "iam::role/{AutoScalingRole}",
            when="AutoScalingRole",
            passed_to="application-autoscaling.amazonaws.com",
            source=_EMR_ROLES,
        ),
    ),
    "glue:CreateDatabase": (Allow("glue:CreateDatabase", ("glue:catalog", "glue:database/{DatabaseInput.Name}"), source=_GLUE),),
    **{
        f"glue:{name}": (
            Allow(
                f"glue:{name}",
                ("glue:catalog", "glue:database/{DatabaseName}", "glue:table/{DatabaseName}/{TableInput.Name}"),
                source=_GLUE,
            ),
        )
        for name in ("CreateTable", "UpdateTable")
    },
    "rds:StartExportTask": (
        Allow("rds:StartExportTask", "rds:snapshot:{SourceArn|arn}", source=_REFERENCE + "list_amazonrds.html"),
        Allow("iam:PassRole", "iam::role/{IamRoleArn}", passed_to="export.rds.amazonaws.com", source=_REFERENCE + "list_amazonrds.html"),
    ),
    "sagemaker:CreateModelPackage": (
        Allow(
            "sagemaker:CreateModelPackage",
            "sagemaker:model-package/{ModelPackageName}",
            when="ModelPackageName",
            source=_SAGEMAKER_REGISTRY,
        ),
        Allow(
            "sagemaker:CreateModelPackage",
            ("sagemaker:model-package-group/{ModelPackageGroupName}", "sagemaker:model-package/{ModelPackageGroupName|part}/{!Version}"),
            when="ModelPackageGroupName",
            source=_SAGEMAKER_REGISTRY,
        ),
        Allow(
            "sagemaker:AddTags",
            ("sagemaker:model-package/{ModelPackageName}", "sagemaker:model-package/{ModelPackageGroupName|part}/{!Version}"),
            when="Tags",
            source=_SAGEMAKER_REGISTRY,
        ),
        Allow(
            "iam:PassRole",
            "iam::role/{ValidationSpecification.ValidationRole}",
            when="ValidationSpecification.ValidationRole",
            passed_to="sagemaker.amazonaws.com",
            source=_SAGEMAKER_REGISTRY,
        ),
    ),
    "ses:SendEmail": _ses_identity("ses:SendEmail", *_V1, _TRACKING),
    "ses:SendRawEmail": _ses_identity("ses:SendRawEmail", *_V1, _TRACKING),
    "ses:SendTemplatedEmail": _ses_identity("ses:SendTemplatedEmail", *_V1, _TRACKING, "template=Template"),
    "ses:SendBulkTemplatedEmail": _ses_identity("ses:SendBulkTemplatedEmail", *_V1, _TRACKING, "template=Template"),
    "sesv2:SendEmail": _ses_identity("ses:SendEmail", *_V2, _TRACKING, _SEND_TEMPLATE),
    "sesv2:SendBulkEmail": _ses_identity("ses:SendBulkEmail", *_V2, _TRACKING, _BULK_TEMPLATE),
    "ssm:StartAutomationExecution": (
        Allow("ssm:StartAutomationExecution", "ssm:automation-definition/{DocumentName|part}:*", source=_SSM),
        Allow(
            "iam:PassRole",
            "iam::role/{Parameters.AutomationAssumeRole[]}",
            when="Parameters.AutomationAssumeRole",
            passed_to="ssm.amazonaws.com",
            source="https://docs.aws.amazon.com/systems-manager/latest/userguide/automation-setup-iam.html",
        ),
    ),
}
"""What a call needs, in place of what would be derived."""

_CODE_IN_S3: Final = {"CreateFunction": "Code.", "UpdateFunctionCode": "", "PublishLayerVersion": "Content."}
_LOGS_OF_IMPORT: Final = "logs:CreateLogGroup logs:CreateLogStream logs:DescribeLogStreams logs:PutLogEvents logs:PutRetentionPolicy"

FURTHER: Final[dict[str, tuple[Allow, ...]]] = {
    "dynamodb:ExportTableToPointInTime": (
        Allow(
            "s3:AbortMultipartUpload s3:PutObject s3:PutObjectAcl",
            "s3:::{S3Bucket}/{S3Prefix|text=}*",
            note="Write the export with the caller's rights",
            source=_DYNAMODB_EXPORT,
        ),
        Allow(
            "kms:Decrypt kms:GenerateDataKey",
            "kms:key/{S3SseKmsKeyId|key}",
            when="S3SseKmsKeyId",
            note="Encrypt the export",
            source=_DYNAMODB_EXPORT,
        ),
    ),
    "dynamodb:ImportTable": (
        Allow(
            "s3:GetObject",
            "s3:::{S3BucketSource.S3Bucket}/{S3BucketSource.S3KeyPrefix|text=}*",
            note="Read the items with the caller's rights",
            source=_DYNAMODB_IMPORT,
        ),
        Allow("s3:ListBucket", "s3:::{S3BucketSource.S3Bucket}", note="List the files with the caller's rights", source=_DYNAMODB_IMPORT),
        Allow(_LOGS_OF_IMPORT, "logs:log-group:/aws-dynamodb/*", note="Write the log of the import", source=_DYNAMODB_IMPORT),
        Allow("logs:DescribeLogGroups", note="Write the log of the import", source=_DYNAMODB_IMPORT),
    ),
    **{
        f"s3:{name}": (
            Allow(
                "kms:Decrypt kms:GenerateDataKey",
                "kms:key/{SsekmsKeyId|key}",
                when="SsekmsKeyId",
                conditions=(("StringEquals", "kms:RequestAlias", ("{SsekmsKeyId|alias}",)),),
                note="Encrypt the object",
                source=_S3_KMS,
            ),
        )
        for name in ("PutObject", "CopyObject", "CreateMultipartUpload")
    },
    **{
        f"lambda:{name}": (
            Allow(
                "s3:GetObject",
                "s3:::{" + place + "S3Bucket}/{" + place + "S3Key}",
                when=place + "S3Bucket",
                note="Read the code with the caller's rights",
                source=_LAMBDA_ZIP,
            ),
            Allow(
                "s3:GetObjectVersion",
                "s3:::{" + place + "S3Bucket}/{" + place + "S3Key}",
                when=place + "S3ObjectVersion",
                note="Read the code with the caller's rights",
                source=_LAMBDA_ZIP,
            ),
            *(
                ()
                if name == "PublishLayerVersion"
                else (
                    Allow(
                        "ecr:BatchGetImage ecr:GetDownloadUrlForLayer ecr:GetRepositoryPolicy ecr:SetRepositoryPolicy",
                        "ecr:repository/{" + place + "ImageUri|repository}",
                        when=place + "ImageUri",
                        note="Read the image with the caller's rights",
                        source=_LAMBDA_IMAGE,
                    ),
                )
            ),
        )
        for name, place in _CODE_IN_S3.items()
    },
    **_each(
        (
            "redshiftdata:ExecuteStatement",
            "redshiftdata:BatchExecuteStatement",
            "redshiftdata:ListTables",
            "redshiftdata:ListSchemas",
            "redshiftdata:ListDatabases",
            "redshiftdata:DescribeTable",
        ),
        Allow("secretsmanager:GetSecretValue", _LOGIN, when="SecretArn", note="Log in with the secret", source=_REDSHIFT_DATA),
        Allow(
            "redshift:GetClusterCredentials",
            ("redshift:dbuser:{ClusterIdentifier}/{DbUser}", "redshift:dbname:{ClusterIdentifier}/{Database}"),
            when="DbUser",
            note="Log in as the user of the database",
            source=_REDSHIFT_DATA,
        ),
        Allow(
            "redshift-serverless:GetCredentials",
            "redshift-serverless:workgroup/{WorkgroupName|workgroup}",
            when="WorkgroupName",
            note="Log in to the workgroup",
            source=_REDSHIFT_DATA,
        ),
    ),
    "rdsdata": (Allow("secretsmanager:GetSecretValue", _LOGIN, when="SecretArn", note="Log in with the secret", source=_RDS_DATA),),
    "bedrockruntime:StartAsyncInvoke": (
        Allow(
            "s3:PutObject",
            "s3:::{OutputDataConfig.S3OutputDataConfig.S3Uri|s3below}",
            when="OutputDataConfig.S3OutputDataConfig.S3Uri",
            note=WRITE,
            source=_BEDROCK_ASYNC,
        ),
    ),
    **_each(
        ("cloudformation:CreateStack", "cloudformation:UpdateStack", "cloudformation:CreateChangeSet", "cloudformation:ValidateTemplate"),
        Allow("s3:GetObject", "s3:::{TemplateURL|s3uri}", when="TemplateURL", note="Read the template", source=_CLOUDFORMATION),
    ),
    "codebuild:StartBuild": (
        Allow(
            "iam:PassRole",
            "iam::role/{ServiceRoleOverride}",
            when="ServiceRoleOverride",
            passed_to="codebuild.amazonaws.com",
            source=_REFERENCE + "list_awscodebuild.html",
        ),
    ),
    "ec2:RunInstances": (
        Allow(
            "iam:PassRole",
            "iam::role/*",
            when="IamInstanceProfile",
            passed_to="ec2.amazonaws.com",
            broad="the role of an instance is in its instance profile",
            source=_EC2_ROLES,
        ),
    ),
}
"""What a call needs in addition, with the caller's rights."""


def bounded(rows: tuple[Allow, ...]) -> tuple[Allow, ...]:
    """Return the rows on keys of KMS with the condition that a call must name the key by an alias, if it does.

    Source: https://docs.aws.amazon.com/kms/latest/developerguide/alias-authorization.html
    """
    return tuple(_by_alias(row) for row in rows)


def _by_alias(row: Allow) -> Allow:
    if not row.actions.startswith("kms:") or row.conditions:
        return row
    member = next((text.partition("{")[2].partition("|")[0] for text in row.templates() if "|key" in text), "")
    if not member:
        return row
    conditions = (("StringEquals", "kms:RequestAlias", ("{" + member + "|alias}",)),)
    return Allow(row.actions, row.resources, row.when, row.equals, row.passed_to, conditions, row.note, row.broad, row.inherent, _KMS_ALIAS)


def send_command(parameters: Parameters) -> tuple[Allow, ...]:
    """Return the rows of `SendCommand`. The documents of AWS itself have no account in their ARNs.

    Source: https://docs.aws.amazon.com/systems-manager/latest/userguide/run-command-setting-up.html
    """
    documents = ["ssm:document/{DocumentName}"]
    if any(name.startswith("AWS") for name in parameters.texts("DocumentName")):
        documents.append("arn:{partition}:ssm:{region}::document/{DocumentName}")
    instances = ("ec2:instance/{InstanceIds[]=*}", "ssm:managed-instance/{InstanceIds[]=*}")
    return (Allow("ssm:SendCommand", (*documents, *instances), source=_SSM),)
