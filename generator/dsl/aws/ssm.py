"""Systems Manager: calls with types. Written by :mod:`generator.catalog.typed`; do not edit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Literal

from generator.dsl.aws.call import call, unknown
from generator.dsl.expressions import Expr, Payload
from generator.dsl.integrations import Integration

__all__ = [
    "get_parameter",
    "get_parameters",
    "put_parameter",
    "send_command",
    "start_automation_execution",
]


def get_parameter(
    *,
    Name: str | Expr,
    WithDecryption: bool | Expr | None = None,
) -> Integration:
    """Read a parameter.

    Resource: ``aws-sdk:ssm:getParameter``.
    Result: ``Parameter``.

    Args:
        Name: the name or Amazon Resource Name (ARN) of the parameter that you want to query.
        WithDecryption: return decrypted values for secure string parameters.

    Source: https://boto3.amazonaws.com/v1/documentation/api/latest/reference/services/ssm/client/get_parameter.html
    """
    return call("aws-sdk:ssm:getParameter", locals())


def get_parameters(
    *,
    Names: Sequence[str | Expr] | Expr,
    WithDecryption: bool | Expr | None = None,
) -> Integration:
    """Read up to 10 parameters.

    Resource: ``aws-sdk:ssm:getParameters``.
    Result: ``Parameters``, ``InvalidParameters``.

    Args:
        Names: the names or Amazon Resource Names (ARNs) of the parameters that you want to query.
        WithDecryption: return decrypted secure string value.

    Source: https://boto3.amazonaws.com/v1/documentation/api/latest/reference/services/ssm/client/get_parameters.html
    """
    return call("aws-sdk:ssm:getParameters", locals())


def put_parameter(
    *,
    Name: str | Expr,
    Value: str | Expr,
    Description: str | Expr | None = None,
    Type: Literal["String", "StringList", "SecureString"] | Expr | None = None,
    KeyId: str | Expr | None = None,
    Overwrite: bool | Expr | None = None,
    AllowedPattern: str | Expr | None = None,
    Tags: Sequence[Mapping[str, Payload] | Expr] | Expr | None = None,
    Tier: Literal["Standard", "Advanced", "Intelligent-Tiering"] | Expr | None = None,
    Policies: str | Expr | None = None,
    DataType: str | Expr | None = None,
) -> Integration:
    """Create or change a parameter.

    Resource: ``aws-sdk:ssm:putParameter``.
    Result: ``Version``, ``Tier``.

    Args:
        Name: the fully qualified name of the parameter that you want to create or update.
        Value: the parameter value that you want to add to the system.
        Description: information about the parameter that you want to add to the system.
        Type: the type of parameter that you want to create.
        KeyId: the Key Management Service (KMS) ID that you want to use to encrypt a parameter.
        Overwrite: overwrite an existing parameter.
        AllowedPattern: a regular expression used to validate the parameter value.
        Tags: optional metadata that you assign to a resource.
        Tier: the parameter tier to assign to a parameter.
        Policies: one or more policies to apply to a parameter.
        DataType: the data type of the parameter value.

    Source: https://boto3.amazonaws.com/v1/documentation/api/latest/reference/services/ssm/client/put_parameter.html
    """
    return call("aws-sdk:ssm:putParameter", locals())


def send_command(
    *,
    DocumentName: str | Expr,
    InstanceIds: Sequence[str | Expr] | Expr | None = None,
    Targets: Sequence[Mapping[str, Payload] | Expr] | Expr | None = None,
    DocumentVersion: str | Expr | None = None,
    DocumentHash: str | Expr | None = None,
    DocumentHashType: Literal["Sha256", "Sha1"] | Expr | None = None,
    TimeoutSeconds: int | Expr | None = None,
    Comment: str | Expr | None = None,
    Parameters: Mapping[str, Payload] | Expr | None = None,
    OutputS3Region: str | Expr | None = None,
    OutputS3BucketName: str | Expr | None = None,
    OutputS3KeyPrefix: str | Expr | None = None,
    MaxConcurrency: str | Expr | None = None,
    MaxErrors: str | Expr | None = None,
    ServiceRoleArn: str | Expr | None = None,
    NotificationConfig: Mapping[str, Payload] | Expr | None = None,
    CloudWatchOutputConfig: Mapping[str, Payload] | Expr | None = None,
    AlarmConfiguration: Mapping[str, Payload] | Expr | None = None,
) -> Integration:
    """Run commands on one or more managed nodes.

    Resource: ``aws-sdk:ssm:sendCommand``.
    Result: ``Command``.

    Args:
        DocumentName: the name of the Amazon Web Services Systems Manager document (SSM document) to run.
        InstanceIds: the IDs of the managed nodes where the command should run.
        Targets: an array of search criteria that targets managed nodes using a ``Key,Value`` combination that you specify.
        DocumentVersion: the SSM document version to use in the request.
        DocumentHash: the Sha256 or Sha1 hash created by the system when the document was created.
        DocumentHashType: sha256 or Sha1.
        TimeoutSeconds: if this time is reached and the command hasn't already started running, it won't run.
        Comment: user-specified information about the command, such as a brief description of what the command should do.
        Parameters: the required and optional parameters specified in the document being run.
        OutputS3Region: (Deprecated) You can no longer specify this parameter.
        OutputS3BucketName: the name of the S3 bucket where command execution responses should be stored.
        OutputS3KeyPrefix: the directory structure within the S3 bucket where the responses should be stored.
        MaxConcurrency: (Optional) The maximum number of managed nodes that are allowed to run the command at the same time.
        MaxErrors: the maximum number of errors allowed without the command failing.
        ServiceRoleArn: the ARN of the Identity and Access Management (IAM) service role to use to publish Amazon Simple …
        NotificationConfig: configurations for sending notifications.
        CloudWatchOutputConfig: enables Amazon Web Services Systems Manager to send Run Command output to Amazon CloudWatch Logs.
        AlarmConfiguration: the CloudWatch alarm you want to apply to your command.

    Source: https://boto3.amazonaws.com/v1/documentation/api/latest/reference/services/ssm/client/send_command.html
    """
    return call("aws-sdk:ssm:sendCommand", locals())


def start_automation_execution(
    *,
    DocumentName: str | Expr,
    DocumentVersion: str | Expr | None = None,
    Parameters: Mapping[str, Payload] | Expr | None = None,
    ClientToken: str | Expr | None = None,
    Mode: Literal["Auto", "Interactive"] | Expr | None = None,
    TargetParameterName: str | Expr | None = None,
    Targets: Sequence[Mapping[str, Payload] | Expr] | Expr | None = None,
    TargetMaps: Sequence[Payload] | Expr | None = None,
    MaxConcurrency: str | Expr | None = None,
    MaxErrors: str | Expr | None = None,
    TargetLocations: Sequence[Mapping[str, Payload] | Expr] | Expr | None = None,
    Tags: Sequence[Mapping[str, Payload] | Expr] | Expr | None = None,
    AlarmConfiguration: Mapping[str, Payload] | Expr | None = None,
    TargetLocationsURL: str | Expr | None = None,
) -> Integration:
    """Initiate execution of an Automation runbook.

    Resource: ``aws-sdk:ssm:startAutomationExecution``.
    Result: ``AutomationExecutionId``.

    Args:
        DocumentName: the name of the SSM document to run.
        DocumentVersion: the version of the Automation runbook to use for this execution.
        Parameters: a key-value map of execution parameters, which match the declared parameters in the Automation runbook.
        ClientToken: user-provided idempotency token.
        Mode: the execution mode of the automation.
        TargetParameterName: the name of the parameter used as the target resource for the rate-controlled execution.
        Targets: a key-value mapping to target resources.
        TargetMaps: a key-value mapping of document parameters to target resources.
        MaxConcurrency: the maximum number of targets allowed to run this task in parallel.
        MaxErrors: the number of errors that are allowed before the system stops running the automation on additional targets.
        TargetLocations: a location is a combination of Amazon Web Services Regions and/or Amazon Web Services accounts where you …
        Tags: optional metadata that you assign to a resource.
        AlarmConfiguration: the CloudWatch alarm you want to apply to your automation.
        TargetLocationsURL: specify a publicly accessible URL for a file that contains the ``TargetLocations`` body.

    Source: https://boto3.amazonaws.com/v1/documentation/api/latest/reference/services/ssm/client/start_automation_execution.html
    """
    return call("aws-sdk:ssm:startAutomationExecution", locals())


if not TYPE_CHECKING:  # type checkers report the name themselves
    __getattr__ = unknown(__name__, __all__)
