"""CodeBuild: calls with types. Written by :mod:`generator.catalog.typed`; do not edit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Literal

from generator.dsl.aws.call import call, unknown
from generator.dsl.expressions import Expr, Payload
from generator.dsl.integrations import Integration

__all__ = [
    "batch_get_builds",
    "start_build",
    "start_build_batch",
    "stop_build",
]


def batch_get_builds(
    *,
    Ids: Sequence[str | Expr] | Expr,
) -> Integration:
    """Get information about one or more builds.

    Resource: ``aws-sdk:codebuild:batchGetBuilds``.
    Result: ``Builds``, ``BuildsNotFound``.

    Args:
        Ids: the IDs of the builds.

    Source: https://boto3.amazonaws.com/v1/documentation/api/latest/reference/services/codebuild/client/batch_get_builds.html
    """
    return call("aws-sdk:codebuild:batchGetBuilds", locals())


def start_build(
    *,
    ProjectName: str | Expr,
    SecondarySourcesOverride: Sequence[Mapping[str, Payload] | Expr] | Expr | None = None,
    SecondarySourcesVersionOverride: Sequence[Mapping[str, Payload] | Expr] | Expr | None = None,
    SourceVersion: str | Expr | None = None,
    ArtifactsOverride: Mapping[str, Payload] | Expr | None = None,
    SecondaryArtifactsOverride: Sequence[Mapping[str, Payload] | Expr] | Expr | None = None,
    EnvironmentVariablesOverride: Sequence[Mapping[str, Payload] | Expr] | Expr | None = None,
    SourceTypeOverride: Literal[
        "CODECOMMIT", "CODEPIPELINE", "GITHUB", "GITLAB", "GITLAB_SELF_MANAGED", "S3", "BITBUCKET", "GITHUB_ENTERPRISE", "NO_SOURCE"
    ] | Expr | None = None,
    SourceLocationOverride: str | Expr | None = None,
    SourceAuthOverride: Mapping[str, Payload] | Expr | None = None,
    GitCloneDepthOverride: int | Expr | None = None,
    GitSubmodulesConfigOverride: Mapping[str, Payload] | Expr | None = None,
    BuildspecOverride: str | Expr | None = None,
    InsecureSslOverride: bool | Expr | None = None,
    ReportBuildStatusOverride: bool | Expr | None = None,
    BuildStatusConfigOverride: Mapping[str, Payload] | Expr | None = None,
    EnvironmentTypeOverride: Literal[
        "WINDOWS_CONTAINER", "LINUX_CONTAINER", "LINUX_GPU_CONTAINER", "ARM_CONTAINER", "WINDOWS_SERVER_2019_CONTAINER",
        "WINDOWS_SERVER_2022_CONTAINER", "LINUX_LAMBDA_CONTAINER", "ARM_LAMBDA_CONTAINER", "LINUX_EC2", "ARM_EC2", "WINDOWS_EC2",
        "MAC_ARM"
    ] | Expr | None = None,
    ImageOverride: str | Expr | None = None,
    ComputeTypeOverride: Literal[
        "BUILD_GENERAL1_SMALL", "BUILD_GENERAL1_MEDIUM", "BUILD_GENERAL1_LARGE", "BUILD_GENERAL1_XLARGE", "BUILD_GENERAL1_2XLARGE",
        "BUILD_LAMBDA_1GB", "BUILD_LAMBDA_2GB", "BUILD_LAMBDA_4GB", "BUILD_LAMBDA_8GB", "BUILD_LAMBDA_10GB",
        "ATTRIBUTE_BASED_COMPUTE", "CUSTOM_INSTANCE_TYPE"
    ] | Expr | None = None,
    CertificateOverride: str | Expr | None = None,
    CacheOverride: Mapping[str, Payload] | Expr | None = None,
    ServiceRoleOverride: str | Expr | None = None,
    PrivilegedModeOverride: bool | Expr | None = None,
    TimeoutInMinutesOverride: int | Expr | None = None,
    QueuedTimeoutInMinutesOverride: int | Expr | None = None,
    EncryptionKeyOverride: str | Expr | None = None,
    IdempotencyToken: str | Expr | None = None,
    LogsConfigOverride: Mapping[str, Payload] | Expr | None = None,
    RegistryCredentialOverride: Mapping[str, Payload] | Expr | None = None,
    ImagePullCredentialsTypeOverride: Literal["CODEBUILD", "SERVICE_ROLE"] | Expr | None = None,
    DebugSessionEnabled: bool | Expr | None = None,
    FleetOverride: Mapping[str, Payload] | Expr | None = None,
    AutoRetryLimitOverride: int | Expr | None = None,
    HostKernelOverride: Literal["LINUX_KERNEL_4", "LINUX_KERNEL_6", "LINUX_KERNEL_LATEST"] | Expr | None = None,
) -> Integration:
    """Start running a build with the settings defined in the project.

    Resource: ``codebuild:startBuild``, also with ``.sync()``.
    Result: ``Build``.

    Args:
        ProjectName: the name of the CodeBuild build project to start running a build.
        SecondarySourcesOverride: an array of ``ProjectSource`` objects.
        SecondarySourcesVersionOverride: an array of ``ProjectSourceVersion`` objects that specify one or more versions of the project's secondary …
        SourceVersion: the version of the build input to be built, for this build only.
        ArtifactsOverride: build output artifact settings that override, for this build only, the latest ones already defined in the …
        SecondaryArtifactsOverride: an array of ``ProjectArtifacts`` objects.
        EnvironmentVariablesOverride: a set of environment variables that overrides, for this build only, the latest ones already defined in the …
        SourceTypeOverride: a source input type, for this build, that overrides the source input defined in the build project.
        SourceLocationOverride: a location that overrides, for this build, the source location for the one defined in the build project.
        SourceAuthOverride: an authorization type for this build that overrides the one defined in the build project.
        GitCloneDepthOverride: the user-defined depth of history, with a minimum value of 0, that overrides, for this build only, any …
        GitSubmodulesConfigOverride: information about the Git submodules configuration for this build of an CodeBuild build project.
        BuildspecOverride: a buildspec file declaration that overrides the latest one defined in the build project, for this build only.
        InsecureSslOverride: enable this flag to override the insecure SSL setting that is specified in the build project.
        ReportBuildStatusOverride: set to true to report to your source provider the status of a build's start and completion.
        BuildStatusConfigOverride: contains information that defines how the build project reports the build status to the source provider.
        EnvironmentTypeOverride: a container type for this build that overrides the one specified in the build project.
        ImageOverride: the name of an image for this build that overrides the one specified in the build project.
        ComputeTypeOverride: the name of a compute type for this build that overrides the one specified in the build project.
        CertificateOverride: the name of a certificate for this build that overrides the one specified in the build project.
        CacheOverride: a ProjectCache object specified for this build that overrides the one defined in the build project.
        ServiceRoleOverride: the name of a service role for this build that overrides the one specified in the build project.
        PrivilegedModeOverride: enable this flag to override privileged mode in the build project.
        TimeoutInMinutesOverride: the number of build timeout minutes, from 5 to 2160 (36 hours), that overrides, for this build only, the …
        QueuedTimeoutInMinutesOverride: the number of minutes a build is allowed to be queued before it times out.
        EncryptionKeyOverride: the Key Management Service customer master key (CMK) that overrides the one specified in the build project.
        IdempotencyToken: a unique, case sensitive identifier you provide to ensure the idempotency of the StartBuild request.
        LogsConfigOverride: log settings for this build that override the log settings defined in the build project.
        RegistryCredentialOverride: the credentials for access to a private registry.
        ImagePullCredentialsTypeOverride: the type of credentials CodeBuild uses to pull images in your build.
        DebugSessionEnabled: specifies if session debugging is enabled for this build.
        FleetOverride: a ProjectFleet object specified for this build that overrides the one defined in the build project.
        AutoRetryLimitOverride: the maximum number of additional automatic retries after a failed build.
        HostKernelOverride: the host operating system kernel for this build that overrides the one specified in the build project.

    Source: https://docs.aws.amazon.com/step-functions/latest/dg/connect-codebuild.html
    """
    return call("codebuild:startBuild", locals(), "codebuild:startBuild")


def start_build_batch(
    *,
    ProjectName: str | Expr,
    SecondarySourcesOverride: Sequence[Mapping[str, Payload] | Expr] | Expr | None = None,
    SecondarySourcesVersionOverride: Sequence[Mapping[str, Payload] | Expr] | Expr | None = None,
    SourceVersion: str | Expr | None = None,
    ArtifactsOverride: Mapping[str, Payload] | Expr | None = None,
    SecondaryArtifactsOverride: Sequence[Mapping[str, Payload] | Expr] | Expr | None = None,
    EnvironmentVariablesOverride: Sequence[Mapping[str, Payload] | Expr] | Expr | None = None,
    SourceTypeOverride: Literal[
        "CODECOMMIT", "CODEPIPELINE", "GITHUB", "GITLAB", "GITLAB_SELF_MANAGED", "S3", "BITBUCKET", "GITHUB_ENTERPRISE", "NO_SOURCE"
    ] | Expr | None = None,
    SourceLocationOverride: str | Expr | None = None,
    SourceAuthOverride: Mapping[str, Payload] | Expr | None = None,
    GitCloneDepthOverride: int | Expr | None = None,
    GitSubmodulesConfigOverride: Mapping[str, Payload] | Expr | None = None,
    BuildspecOverride: str | Expr | None = None,
    InsecureSslOverride: bool | Expr | None = None,
    ReportBuildBatchStatusOverride: bool | Expr | None = None,
    EnvironmentTypeOverride: Literal[
        "WINDOWS_CONTAINER", "LINUX_CONTAINER", "LINUX_GPU_CONTAINER", "ARM_CONTAINER", "WINDOWS_SERVER_2019_CONTAINER",
        "WINDOWS_SERVER_2022_CONTAINER", "LINUX_LAMBDA_CONTAINER", "ARM_LAMBDA_CONTAINER", "LINUX_EC2", "ARM_EC2", "WINDOWS_EC2",
        "MAC_ARM"
    ] | Expr | None = None,
    ImageOverride: str | Expr | None = None,
    ComputeTypeOverride: Literal[
        "BUILD_GENERAL1_SMALL", "BUILD_GENERAL1_MEDIUM", "BUILD_GENERAL1_LARGE", "BUILD_GENERAL1_XLARGE", "BUILD_GENERAL1_2XLARGE",
        "BUILD_LAMBDA_1GB", "BUILD_LAMBDA_2GB", "BUILD_LAMBDA_4GB", "BUILD_LAMBDA_8GB", "BUILD_LAMBDA_10GB",
        "ATTRIBUTE_BASED_COMPUTE", "CUSTOM_INSTANCE_TYPE"
    ] | Expr | None = None,
    CertificateOverride: str | Expr | None = None,
    CacheOverride: Mapping[str, Payload] | Expr | None = None,
    ServiceRoleOverride: str | Expr | None = None,
    PrivilegedModeOverride: bool | Expr | None = None,
    BuildTimeoutInMinutesOverride: int | Expr | None = None,
    QueuedTimeoutInMinutesOverride: int | Expr | None = None,
    EncryptionKeyOverride: str | Expr | None = None,
    IdempotencyToken: str | Expr | None = None,
    LogsConfigOverride: Mapping[str, Payload] | Expr | None = None,
    RegistryCredentialOverride: Mapping[str, Payload] | Expr | None = None,
    ImagePullCredentialsTypeOverride: Literal["CODEBUILD", "SERVICE_ROLE"] | Expr | None = None,
    BuildBatchConfigOverride: Mapping[str, Payload] | Expr | None = None,
    DebugSessionEnabled: bool | Expr | None = None,
) -> Integration:
    """Start a batch build for a project.

    Resource: ``codebuild:startBuildBatch``, also with ``.sync()``.
    Result: ``BuildBatch``.

    Args:
        ProjectName: the name of the project.
        SecondarySourcesOverride: an array of ``ProjectSource`` objects that override the secondary sources defined in the batch build project.
        SecondarySourcesVersionOverride: an array of ``ProjectSourceVersion`` objects that override the secondary source versions in the batch build …
        SourceVersion: the version of the batch build input to be built, for this build only.
        ArtifactsOverride: an array of ``ProjectArtifacts`` objects that contains information about the build output artifact …
        SecondaryArtifactsOverride: an array of ``ProjectArtifacts`` objects that override the secondary artifacts defined in the batch build …
        EnvironmentVariablesOverride: an array of ``EnvironmentVariable`` objects that override, or add to, the environment variables defined in …
        SourceTypeOverride: the source input type that overrides the source input defined in the batch build project.
        SourceLocationOverride: a location that overrides, for this batch build, the source location defined in the batch build project.
        SourceAuthOverride: a ``SourceAuth`` object that overrides the one defined in the batch build project.
        GitCloneDepthOverride: the user-defined depth of history, with a minimum value of 0, that overrides, for this batch build only …
        GitSubmodulesConfigOverride: a ``GitSubmodulesConfig`` object that overrides the Git submodules configuration for this batch build.
        BuildspecOverride: a buildspec file declaration that overrides, for this build only, the latest one already defined in the …
        InsecureSslOverride: enable this flag to override the insecure SSL setting that is specified in the batch build project.
        ReportBuildBatchStatusOverride: set to ``true`` to report to your source provider the status of a batch build's start and completion.
        EnvironmentTypeOverride: a container type for this batch build that overrides the one specified in the batch build project.
        ImageOverride: the name of an image for this batch build that overrides the one specified in the batch build project.
        ComputeTypeOverride: the name of a compute type for this batch build that overrides the one specified in the batch build project.
        CertificateOverride: the name of a certificate for this batch build that overrides the one specified in the batch build project.
        CacheOverride: a ``ProjectCache`` object that specifies cache overrides.
        ServiceRoleOverride: the name of a service role for this batch build that overrides the one specified in the batch build project.
        PrivilegedModeOverride: enable this flag to override privileged mode in the batch build project.
        BuildTimeoutInMinutesOverride: overrides the build timeout specified in the batch build project.
        QueuedTimeoutInMinutesOverride: the number of minutes a batch build is allowed to be queued before it times out.
        EncryptionKeyOverride: the Key Management Service customer master key (CMK) that overrides the one specified in the batch build …
        IdempotencyToken: a unique, case sensitive identifier you provide to ensure the idempotency of the ``StartBuildBatch`` request.
        LogsConfigOverride: a ``LogsConfig`` object that override the log settings defined in the batch build project.
        RegistryCredentialOverride: a ``RegistryCredential`` object that overrides credentials for access to a private registry.
        ImagePullCredentialsTypeOverride: the type of credentials CodeBuild uses to pull images in your batch build.
        BuildBatchConfigOverride: a ``BuildBatchConfigOverride`` object that contains batch build configuration overrides.
        DebugSessionEnabled: specifies if session debugging is enabled for this batch build.

    Source: https://docs.aws.amazon.com/step-functions/latest/dg/connect-codebuild.html
    """
    return call("codebuild:startBuildBatch", locals(), "codebuild:startBuildBatch")


def stop_build(
    *,
    Id: str | Expr,
) -> Integration:
    """Attempt to stop running a build.

    Resource: ``codebuild:stopBuild``.
    Result: ``Build``.

    Args:
        Id: the ID of the build.

    Source: https://docs.aws.amazon.com/step-functions/latest/dg/connect-codebuild.html
    """
    return call("codebuild:stopBuild", locals(), "codebuild:stopBuild")


if not TYPE_CHECKING:  # type checkers report the name themselves
    __getattr__ = unknown(__name__, __all__)
