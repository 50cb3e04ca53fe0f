"""What calls need beside the permission that their name says: sub-resources that their parameters name, one row per fact.

``ROWS`` replaces what is derived for a call. ``FURTHER`` is in addition to it: what a service does with the caller's rights, such as
reading the objects that the parameters name. The keys are ``service:action``, or ``service`` for all of its actions.
"""

from __future__ import annotations

from typing import Final

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
_EC2_LAUNCH: Final = "https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/ExamplePolicies_EC2.html"
_EBS_KEYS: Final = "https://docs.aws.amazon.com/ebs/latest/userguide/ebs-encryption-requirements.html"
_RDS_EXPORT: Final = "https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_ExportSnapshot.html"
_RDS_KEYS: Final = "https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/Overview.Encryption.Keys.html"
_TABLE_KEYS: Final = "https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/encryption.usagenotes.html"
_KEYS_OF_SECRETS: Final = "https://docs.aws.amazon.com/secretsmanager/latest/userguide/security-encryption.html"
_PARAMETER_KEYS: Final = "https://docs.aws.amazon.com/kms/latest/developerguide/services-parameter-store.html"
_LAMBDA_KEYS: Final = "https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars-encryption.html"
_SAGEMAKER_CALLS: Final = "https://docs.aws.amazon.com/sagemaker/latest/dg/api-permissions-reference.html"
_EC2_ROLES: Final = "https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/iam-roles-for-amazon-ec2.html"

READ: Final = "Read the object with the caller's rights"
WRITE: Final = "Write the result with the caller's rights"
_LOGIN: Final = "secretsmanager:secret:{SecretArn|secret_arn}"
_TASKS: Final = "ecs-tasks.amazonaws.com"


def _each(names: tuple[str, ...], *rows: Allow) -> dict[str, tuple[Allow, ...]]:
    """Return the same rows for several calls."""
    return dict.fromkeys(names, rows)


def _with_key(path: str, uses: str, note: str, source: str) -> Allow:
    """Return the row of the uses of a key that a parameter names, by its id, its ARN or its alias."""
    template = "kms:key/{" + path + "|key}"
    return Allow(" ".join(f"kms:{use}" for use in uses.split()), template, when=path.removesuffix("[]"), note=note, source=source)


_GRANTED: Final = "CreateGrant Decrypt DescribeKey GenerateDataKey"
_OF_VOLUMES: Final = "CreateGrant Decrypt DescribeKey GenerateDataKeyWithoutPlaintext ReEncryptFrom ReEncryptTo"
_OF_TABLES: Final = "CreateGrant Decrypt DescribeKey Encrypt GenerateDataKey GenerateDataKeyWithoutPlaintext ReEncryptFrom ReEncryptTo"


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
    "ec2:RunInstances": (
        Allow(
            "ec2:RunInstances",
            (
                "ec2:instance/{!InstanceId}",
                "ec2:network-interface/{!NetworkInterfaceId}",
                "ec2:volume/{!VolumeId}",
                "arn:{partition}:ec2:{region}::image/{ImageId|image=*}",
                "ec2:subnet/{SubnetId,NetworkInterfaces[].SubnetId=*}",
                "ec2:security-group/{SecurityGroupIds[],NetworkInterfaces[].Groups[]=*}",
            ),
            source=_EC2_LAUNCH,
        ),
        *(
            Allow("ec2:RunInstances", template, when=path.removesuffix("[]"), source=_EC2_LAUNCH)
            for path, template in (
                ("KeyName", "ec2:key-pair/{KeyName}"),
                ("Placement.GroupName", "ec2:placement-group/{Placement.GroupName}"),
                ("BlockDeviceMappings[].Ebs.SnapshotId", "arn:{partition}:ec2:{region}::snapshot/{BlockDeviceMappings[].Ebs.SnapshotId}"),
                ("LaunchTemplate.LaunchTemplateId", "ec2:launch-template/{LaunchTemplate.LaunchTemplateId}"),
            )
        ),
        Allow(
            "ec2:RunInstances",
            "ec2:launch-template/*",
            when="LaunchTemplate.LaunchTemplateName",
            broad="the ARN of a launch template has its id, which does not follow from its name",
            source=_EC2_LAUNCH,
        ),
        Allow(
            "ec2:CreateTags",
            ("ec2:instance/{!InstanceId}", "ec2:network-interface/{!NetworkInterfaceId}", "ec2:volume/{!VolumeId}"),
            when="TagSpecifications",
            conditions=(("StringEquals", "ec2:CreateAction", ("RunInstances",)),),
            note="Tag what the call creates",
            source=_EC2_LAUNCH,
        ),
    ),
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
    "ssm:CreateAssociation": (
        Allow("ssm:CreateAssociation", ("ssm:association/{!AssociationId}", "ssm:document/{Name}"), source=_SSM),
        Allow("ssm:CreateAssociation", ("ec2:instance/{InstanceId}", "ssm:managed-instance/{InstanceId}"), when="InstanceId", source=_SSM),
    ),
    "ssm:UpdateAssociation": (
        Allow("ssm:UpdateAssociation", "ssm:association/{AssociationId}", source=_SSM),
        Allow("ssm:UpdateAssociation", "ssm:document/{Name}", when="Name", source=_SSM),
    ),
    "ssm:SendCommand": (
        Allow(
            "ssm:SendCommand",
            ("ssm:document/{DocumentName}", "ec2:instance/{InstanceIds[]=*}", "ssm:managed-instance/{InstanceIds[]=*}"),
            source="https://docs.aws.amazon.com/systems-manager/latest/userguide/run-command-setting-up.html",
        ),
    ),
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

_KEYS_OF_TABLES: Final = {
    "CreateTable": "SseSpecification.KmsMasterKeyId",
    "UpdateTable": "SseSpecification.KmsMasterKeyId",
    "RestoreTableFromBackup": "SseSpecificationOverride.KmsMasterKeyId",
    "RestoreTableToPointInTime": "SseSpecificationOverride.KmsMasterKeyId",
}
_SAGEMAKER_VOLUMES: Final = {
    "CreateEndpointConfig": "KmsKeyId",
    "CreateNotebookInstance": "KmsKeyId",
    "CreateProcessingJob": "ProcessingResources.ClusterConfig.VolumeKmsKeyId",
    "CreateTrainingJob": "ResourceConfig.VolumeKmsKeyId",
    "CreateHyperParameterTuningJob": "TrainingJobDefinition.ResourceConfig.VolumeKmsKeyId",
    "CreateTransformJob": "TransformResources.VolumeKmsKeyId",
}
_CODE_IN_S3: Final = {"CreateFunction": "Code.", "UpdateFunctionCode": "", "PublishLayerVersion": "Content."}
_LOGS_OF_IMPORT: Final = "logs:CreateLogGroup logs:CreateLogStream logs:DescribeLogStreams logs:PutLogEvents logs:PutRetentionPolicy"

FURTHER: Final[dict[str, tuple[Allow, ...]]] = {
    **{f"dynamodb:{name}": (_with_key(path, _OF_TABLES, "Encrypt the table", _TABLE_KEYS),) for name, path in _KEYS_OF_TABLES.items()},
    **_each(
        ("ec2:CreateVolume", "ec2:CopySnapshot", "ec2:CopyImage"),
        _with_key("KmsKeyId", _OF_VOLUMES, "Encrypt the volume or its copy", _EBS_KEYS),
    ),
    "rds:StartExportTask": (_with_key("KmsKeyId", f"{_OF_TABLES} RetireGrant", "Encrypt the export", _RDS_EXPORT),),
    **_each(
        ("rds:CopyDBSnapshot", "rds:CopyDBClusterSnapshot"),
        _with_key("KmsKeyId", "CreateGrant DescribeKey", "Encrypt the copy", _RDS_KEYS),
    ),
    **_each(
        ("secretsmanager:CreateSecret", "secretsmanager:UpdateSecret"),
        _with_key("KmsKeyId", "Decrypt GenerateDataKey", "Encrypt the secret", _KEYS_OF_SECRETS),
    ),
    "ssm:PutParameter": (_with_key("KeyId", "Encrypt GenerateDataKey", "Encrypt the parameter", _PARAMETER_KEYS),),
    **{
        f"sagemaker:{name}": (_with_key(path, "CreateGrant", "Encrypt the volume", _SAGEMAKER_CALLS),)
        for name, path in _SAGEMAKER_VOLUMES.items()
    },
    "dynamodb:ExportTableToPointInTime": (
        Allow(
            "s3:AbortMultipartUpload s3:PutObject s3:PutObjectAcl",
            "s3:::{S3Bucket}/{S3Prefix|text=}*",
            note="Write the export with the caller's rights",
            source=_DYNAMODB_EXPORT,
        ),
        _with_key("S3SseKmsKeyId", "Decrypt GenerateDataKey", "Encrypt the export", _DYNAMODB_EXPORT),
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
    **_each(
        ("s3:PutObject", "s3:CopyObject", "s3:CreateMultipartUpload"),
        _with_key("SsekmsKeyId", "Decrypt GenerateDataKey", "Encrypt the object", _S3_KMS),
    ),
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
                (_with_key("KmsKeyArn", "CreateGrant Decrypt Encrypt", "Encrypt the environment", _LAMBDA_KEYS),)
                if name == "CreateFunction"
                else ()
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
            "redshift:GetClusterCredentialsWithIAM",
            "redshift:dbname:{ClusterIdentifier}/{Database}",
            when="ClusterIdentifier !DbUser !SecretArn",
            note="Log in to the database as the role",
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
        _with_key("BlockDeviceMappings[].Ebs.KmsKeyId", _OF_VOLUMES, "Encrypt the volumes", _EBS_KEYS),
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
