"""Amazon ECS: calls with types. Written by :mod:`generator.catalog.typed`; do not edit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Literal

from generator.dsl.aws.call import call, unknown
from generator.dsl.expressions import Expr, Payload
from generator.dsl.integrations import Integration

__all__ = [
    "describe_services",
    "describe_tasks",
    "run_task",
    "stop_task",
    "update_service",
]


def describe_services(
    *,
    Services: Sequence[str | Expr] | Expr,
    Cluster: str | Expr | None = None,
    Include: Sequence[Literal["TAGS"] | Expr] | Expr | None = None,
) -> Integration:
    """Describe the specified services running in your cluster.

    Resource: ``aws-sdk:ecs:describeServices``.
    Result: ``Services``, ``Failures``.

    Args:
        Services: a list of services to describe.
        Cluster: the short name or full Amazon Resource Name (ARN)the cluster that hosts the service to describe.
        Include: determines whether you want to see the resource tags for the service.

    Source: https://boto3.amazonaws.com/v1/documentation/api/latest/reference/services/ecs/client/describe_services.html
    """
    return call("aws-sdk:ecs:describeServices", locals())


def describe_tasks(
    *,
    Tasks: Sequence[str | Expr] | Expr,
    Cluster: str | Expr | None = None,
    Include: Sequence[Literal["TAGS"] | Expr] | Expr | None = None,
) -> Integration:
    """Describe a specified task or tasks.

    Resource: ``aws-sdk:ecs:describeTasks``.
    Result: ``Tasks``, ``Failures``.

    Args:
        Tasks: a list of up to 100 task IDs or full ARN entries.
        Cluster: the short name or full Amazon Resource Name (ARN) of the cluster that hosts the task or tasks to describe.
        Include: specifies whether you want to see the resource tags for the task.

    Source: https://boto3.amazonaws.com/v1/documentation/api/latest/reference/services/ecs/client/describe_tasks.html
    """
    return call("aws-sdk:ecs:describeTasks", locals())


def run_task(
    *,
    TaskDefinition: str | Expr,
    CapacityProviderStrategy: Sequence[Mapping[str, Payload] | Expr] | Expr | None = None,
    Cluster: str | Expr | None = None,
    Count: int | Expr | None = None,
    EnableECSManagedTags: bool | Expr | None = None,
    EnableExecuteCommand: bool | Expr | None = None,
    Group: str | Expr | None = None,
    LaunchType: Literal["EC2", "FARGATE", "EXTERNAL", "MANAGED_INSTANCES"] | Expr | None = None,
    NetworkConfiguration: Mapping[str, Payload] | Expr | None = None,
    Overrides: Mapping[str, Payload] | Expr | None = None,
    PlacementConstraints: Sequence[Mapping[str, Payload] | Expr] | Expr | None = None,
    PlacementStrategy: Sequence[Mapping[str, Payload] | Expr] | Expr | None = None,
    PlatformVersion: str | Expr | None = None,
    PropagateTags: Literal["TASK_DEFINITION", "SERVICE", "NONE"] | Expr | None = None,
    ReferenceId: str | Expr | None = None,
    StartedBy: str | Expr | None = None,
    Tags: Sequence[Mapping[str, Payload] | Expr] | Expr | None = None,
    ClientToken: str | Expr | None = None,
    VolumeConfigurations: Sequence[Mapping[str, Payload] | Expr] | Expr | None = None,
) -> Integration:
    """Start a new task using the specified task definition.

    Resource: ``ecs:runTask``, also with ``.sync()`` or ``.wait_for_task_token()``.
    Result: ``Tasks``, ``Failures``.

    Args:
        TaskDefinition: the ``family`` and ``revision`` (``family:revision``) or full ARN of the task definition to run.
        CapacityProviderStrategy: the capacity provider strategy to use for the task.
        Cluster: the short name or full Amazon Resource Name (ARN) of the cluster to run your task on.
        Count: the number of instantiations of the specified task to place on your cluster.
        EnableECSManagedTags: specifies whether to use Amazon ECS managed tags for the task.
        EnableExecuteCommand: determines whether to use the execute command functionality for the containers in this task.
        Group: the name of the task group to associate with the task.
        LaunchType: the infrastructure to run your standalone task on.
        NetworkConfiguration: the network configuration for the task.
        Overrides: a list of container overrides in JSON format that specify the name of a container in the specified task …
        PlacementConstraints: an array of placement constraint objects to use for the task.
        PlacementStrategy: the placement strategy objects to use for the task.
        PlatformVersion: the platform version the task uses.
        PropagateTags: specifies whether to propagate the tags from the task definition to the task.
        ReferenceId: this parameter is only used by Amazon ECS.
        StartedBy: an optional tag specified when a task is started.
        Tags: the metadata that you apply to the task to help you categorize and organize them.
        ClientToken: an identifier that you provide to ensure the idempotency of the request.
        VolumeConfigurations: the details of the volume that was ``configuredAtLaunch``.

    Source: https://docs.aws.amazon.com/step-functions/latest/dg/connect-ecs.html
    """
    return call("ecs:runTask", locals(), "ecs:runTask")


def stop_task(
    *,
    Task: str | Expr,
    Cluster: str | Expr | None = None,
    Reason: str | Expr | None = None,
) -> Integration:
    """Stop a running task.

    Resource: ``aws-sdk:ecs:stopTask``.
    Result: ``Task``.

    Args:
        Task: thefull Amazon Resource Name (ARN) of the task.
        Cluster: the short name or full Amazon Resource Name (ARN) of the cluster that hosts the task to stop.
        Reason: an optional message specified when a task is stopped.

    Source: https://boto3.amazonaws.com/v1/documentation/api/latest/reference/services/ecs/client/stop_task.html
    """
    return call("aws-sdk:ecs:stopTask", locals())


def update_service(
    *,
    Service: str | Expr,
    Cluster: str | Expr | None = None,
    DesiredCount: int | Expr | None = None,
    TaskDefinition: str | Expr | None = None,
    CapacityProviderStrategy: Sequence[Mapping[str, Payload] | Expr] | Expr | None = None,
    DeploymentConfiguration: Mapping[str, Payload] | Expr | None = None,
    AvailabilityZoneRebalancing: Literal["ENABLED", "DISABLED"] | Expr | None = None,
    NetworkConfiguration: Mapping[str, Payload] | Expr | None = None,
    PlacementConstraints: Sequence[Mapping[str, Payload] | Expr] | Expr | None = None,
    PlacementStrategy: Sequence[Mapping[str, Payload] | Expr] | Expr | None = None,
    PlatformVersion: str | Expr | None = None,
    ForceNewDeployment: bool | Expr | None = None,
    HealthCheckGracePeriodSeconds: int | Expr | None = None,
    DeploymentController: Mapping[str, Payload] | Expr | None = None,
    EnableExecuteCommand: bool | Expr | None = None,
    EnableECSManagedTags: bool | Expr | None = None,
    LoadBalancers: Sequence[Mapping[str, Payload] | Expr] | Expr | None = None,
    PropagateTags: Literal["TASK_DEFINITION", "SERVICE", "NONE"] | Expr | None = None,
    ServiceRegistries: Sequence[Mapping[str, Payload] | Expr] | Expr | None = None,
    ServiceConnectConfiguration: Mapping[str, Payload] | Expr | None = None,
    VolumeConfigurations: Sequence[Mapping[str, Payload] | Expr] | Expr | None = None,
    VpcLatticeConfigurations: Sequence[Mapping[str, Payload] | Expr] | Expr | None = None,
    GatewayConnectors: Sequence[Mapping[str, Payload] | Expr] | Expr | None = None,
    Monitoring: Mapping[str, Payload] | Expr | None = None,
) -> Integration:
    """Modify the parameters of a service.

    Resource: ``aws-sdk:ecs:updateService``.
    Result: ``Service``.

    Args:
        Service: the name of the service to update.
        Cluster: the short name or full Amazon Resource Name (ARN) of the cluster that your service runs on.
        DesiredCount: the number of instantiations of the task to place and keep running in your service.
        TaskDefinition: the ``family`` and ``revision`` (``family:revision``) or full ARN of the task definition to run in your …
        CapacityProviderStrategy: the details of a capacity provider strategy.
        DeploymentConfiguration: optional deployment parameters that control how many tasks run during the deployment and the ordering of …
        AvailabilityZoneRebalancing: indicates whether to use Availability Zone rebalancing for the service.
        NetworkConfiguration: an object representing the network configuration for the service.
        PlacementConstraints: an array of task placement constraint objects to update the service to use.
        PlacementStrategy: the task placement strategy objects to update the service to use.
        PlatformVersion: the platform version that your tasks in the service run on.
        ForceNewDeployment: determines whether to force a new deployment of the service.
        HealthCheckGracePeriodSeconds: the period of time, in seconds, that the Amazon ECS service scheduler ignores unhealthy Elastic Load …
        DeploymentController: a value of the request.
        EnableExecuteCommand: if ``true``, this enables execute command functionality on all task containers.
        EnableECSManagedTags: determines whether to turn on Amazon ECS managed tags for the tasks in the service.
        LoadBalancers: you must have a service-linked role when you update this property.
        PropagateTags: determines whether to propagate the tags from the task definition or the service to the task.
        ServiceRegistries: you must have a service-linked role when you update this property.
        ServiceConnectConfiguration: the configuration for this service to discover and connect to services, and be discovered by, and connected …
        VolumeConfigurations: the details of the volume that was ``configuredAtLaunch``.
        VpcLatticeConfigurations: an object representing the VPC Lattice configuration for the service being updated.
        GatewayConnectors: the updated set of gateway connectors that connect the service to a gateway ingress path.
        Monitoring: the optional monitoring configuration for the service, which defines the resolution for the service-level …

    Source: https://boto3.amazonaws.com/v1/documentation/api/latest/reference/services/ecs/client/update_service.html
    """
    return call("aws-sdk:ecs:updateService", locals())


if not TYPE_CHECKING:  # type checkers report the name themselves
    __getattr__ = unknown(__name__, __all__)
