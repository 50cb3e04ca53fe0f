"""Amazon EMR: calls with types. Written by :mod:`generator.catalog.typed`; do not edit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Literal

from generator.dsl.aws.call import call, unknown
from generator.dsl.expressions import Expr, Payload
from generator.dsl.integrations import Integration

__all__ = [
    "add_step",
    "cancel_step",
    "create_cluster",
    "set_cluster_termination_protection",
    "terminate_cluster",
]


def add_step(
    *,
    ClusterId: str | Expr,
    Step: Payload,
    ExecutionRoleArn: str | Expr | None = None,
) -> Integration:
    """Add a step to a cluster.

    Resource: ``elasticmapreduce:addStep``, also with ``.sync()``.
    Result: ``StepId``.

    Args:
        ClusterId: the id of the cluster.
        Step: the step to add.
        ExecutionRoleArn: the role of the step.

    Source: https://docs.aws.amazon.com/step-functions/latest/dg/connect-emr.html
    """
    return call("elasticmapreduce:addStep", locals())


def cancel_step(
    *,
    ClusterId: str | Expr,
    StepId: str | Expr,
) -> Integration:
    """Cancel a pending step or steps in a running cluster.

    Resource: ``elasticmapreduce:cancelStep``.
    Result: ``CancelStepsInfo``.

    Args:
        ClusterId: the id of the cluster.
        StepId: the id of the step.

    Source: https://docs.aws.amazon.com/step-functions/latest/dg/connect-emr.html
    """
    return call("elasticmapreduce:cancelStep", locals())


def create_cluster(
    *,
    Name: str | Expr,
    Instances: Mapping[str, Payload] | Expr,
    LogUri: str | Expr | None = None,
    LogEncryptionKmsKeyId: str | Expr | None = None,
    AdditionalInfo: str | Expr | None = None,
    AmiVersion: str | Expr | None = None,
    ReleaseLabel: str | Expr | None = None,
    Steps: Sequence[Mapping[str, Payload] | Expr] | Expr | None = None,
    StepExecutionRoleArn: str | Expr | None = None,
    BootstrapActions: Sequence[Mapping[str, Payload] | Expr] | Expr | None = None,
    SupportedProducts: Sequence[str | Expr] | Expr | None = None,
    NewSupportedProducts: Sequence[Mapping[str, Payload] | Expr] | Expr | None = None,
    Applications: Sequence[Mapping[str, Payload] | Expr] | Expr | None = None,
    Configurations: Sequence[Mapping[str, Payload] | Expr] | Expr | None = None,
    JobFlowRole: str | Expr | None = None,
    ServiceRole: str | Expr | None = None,
    Tags: Sequence[Mapping[str, Payload] | Expr] | Expr | None = None,
    SecurityConfiguration: str | Expr | None = None,
    AutoScalingRole: str | Expr | None = None,
    ScaleDownBehavior: Literal["TERMINATE_AT_INSTANCE_HOUR", "TERMINATE_AT_TASK_COMPLETION"] | Expr | None = None,
    CustomAmiId: str | Expr | None = None,
    EbsRootVolumeSize: int | Expr | None = None,
    RepoUpgradeOnBoot: Literal["SECURITY", "NONE"] | Expr | None = None,
    KerberosAttributes: Mapping[str, Payload] | Expr | None = None,
    StepConcurrencyLevel: int | Expr | None = None,
    ManagedScalingPolicy: Mapping[str, Payload] | Expr | None = None,
    PlacementGroupConfigs: Sequence[Mapping[str, Payload] | Expr] | Expr | None = None,
    AutoTerminationPolicy: Mapping[str, Payload] | Expr | None = None,
    OsReleaseLabel: str | Expr | None = None,
    EbsRootVolumeIops: int | Expr | None = None,
    EbsRootVolumeThroughput: int | Expr | None = None,
    ExtendedSupport: bool | Expr | None = None,
    MonitoringConfiguration: Mapping[str, Payload] | Expr | None = None,
    SessionEnabled: bool | Expr | None = None,
    VisibleToAllUsers: bool | Expr | None = None,
) -> Integration:
    """Create a cluster and start it.

    Resource: ``elasticmapreduce:createCluster``, also with ``.sync()``.
    Result: ``ClusterId``.

    Args:
        Name: the name of the job flow.
        Instances: a specification of the number and type of Amazon EC2 instances.
        LogUri: the location in Amazon S3 to write the log files of the job flow.
        LogEncryptionKmsKeyId: the KMS key used for encrypting log files.
        AdditionalInfo: a JSON string for selecting additional features.
        AmiVersion: applies only to Amazon EMR AMI versions 3.x and 2.x.
        ReleaseLabel: the Amazon EMR release label, which determines the version of open-source application packages installed on …
        Steps: a list of steps to run.
        StepExecutionRoleArn: the Amazon Resource Name (ARN) of the runtime role for steps specified in the RunJobFlow request.
        BootstrapActions: a list of bootstrap actions to run before Hadoop starts on the cluster nodes.
        SupportedProducts: for Amazon EMR releases 3.x and 2.x.
        NewSupportedProducts: for Amazon EMR releases 3.x and 2.x.
        Applications: applies to Amazon EMR releases 4.0 and later.
        Configurations: for Amazon EMR releases 4.0 and later.
        JobFlowRole: also called instance profile and Amazon EC2 role.
        ServiceRole: the IAM role that Amazon EMR assumes in order to access Amazon Web Services resources on your behalf.
        Tags: a list of tags to associate with a cluster and propagate to Amazon EC2 instances.
        SecurityConfiguration: the name of a security configuration to apply to the cluster.
        AutoScalingRole: an IAM role for automatic scaling policies.
        ScaleDownBehavior: specifies the way that individual Amazon EC2 instances terminate when an automatic scale-in activity occurs …
        CustomAmiId: available only in Amazon EMR releases 5.7.0 and later.
        EbsRootVolumeSize: the size, in GiB, of the Amazon EBS root device volume of the Linux AMI that is used for each Amazon EC2 …
        RepoUpgradeOnBoot: applies only when ``CustomAmiID`` is used.
        KerberosAttributes: attributes for Kerberos configuration when Kerberos authentication is enabled using a security configuration.
        StepConcurrencyLevel: specifies the number of steps that can be executed concurrently.
        ManagedScalingPolicy: the specified managed scaling policy for an Amazon EMR cluster.
        PlacementGroupConfigs: the specified placement group configuration for an Amazon EMR cluster.
        AutoTerminationPolicy: a value of the request.
        OsReleaseLabel: specifies a particular Amazon Linux release for all nodes in a cluster launch RunJobFlow request.
        EbsRootVolumeIops: the IOPS, of the Amazon EBS root device volume of the Linux AMI that is used for each Amazon EC2 instance.
        EbsRootVolumeThroughput: the throughput, in MiB/s, of the Amazon EBS root device volume of the Linux AMI that is used for each …
        ExtendedSupport: reserved.
        MonitoringConfiguration: contains CloudWatch log configuration metadata and settings.
        SessionEnabled: indicates whether Spark Connect sessions are enabled on the cluster.
        VisibleToAllUsers: whether all principals of the account can see the cluster.

    Source: https://docs.aws.amazon.com/step-functions/latest/dg/connect-emr.html
    """
    return call("elasticmapreduce:createCluster", locals(), "emr:runJobFlow")


def set_cluster_termination_protection(
    *,
    ClusterId: str | Expr,
    TerminationProtected: bool | Expr,
) -> Integration:
    """Protect a cluster from termination, or end the protection.

    Resource: ``elasticmapreduce:setClusterTerminationProtection``.

    Args:
        ClusterId: the id of the cluster.
        TerminationProtected: whether the cluster is protected from termination.

    Source: https://docs.aws.amazon.com/step-functions/latest/dg/connect-emr.html
    """
    return call("elasticmapreduce:setClusterTerminationProtection", locals())


def terminate_cluster(
    *,
    ClusterId: str | Expr,
) -> Integration:
    """Terminate a cluster.

    Resource: ``elasticmapreduce:terminateCluster``, also with ``.sync()``.

    Args:
        ClusterId: the id of the cluster.

    Source: https://docs.aws.amazon.com/step-functions/latest/dg/connect-emr.html
    """
    return call("elasticmapreduce:terminateCluster", locals())


if not TYPE_CHECKING:  # type checkers report the name themselves
    __getattr__ = unknown(__name__, __all__)
