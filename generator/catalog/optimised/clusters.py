"""Integrations that create, use and delete clusters: EMR, EMR on EKS, EMR Serverless, EKS."""

from __future__ import annotations

from collections.abc import Iterator

from generator.catalog.optimised.model import NEW_ID, RS, RST, RT, Integration, OptimisedService, Polling, R
from generator.catalog.permissions import Allow

EMR = OptimisedService("elasticmapreduce", "connect-emr.html", "emr", errors="ElasticMapReduce", label="AmazonElasticMapReduce")
EMR_CONTAINERS = OptimisedService("emr-containers", "connect-emr-eks.html", "emrcontainers")
EMR_SERVERLESS = OptimisedService("emr-serverless", "connect-emr-serverless.html", "emrserverless")
EKS = OptimisedService("eks", "connect-eks.html", "eks")


def rows() -> Iterator[Integration]:
    """Yield the rows of this module."""
    yield from _emr()
    yield from _emr_on_eks()
    yield from _emr_serverless()
    yield from _eks()


def _emr() -> Iterator[Integration]:
    cluster = "elasticmapreduce:cluster/{ClusterId}"
    by_cluster = {"ClusterId": "request.ClusterId"}
    yield Integration(
        EMR,
        "createCluster",
        RS,
        (
            Allow("elasticmapreduce:RunJobFlow"),
            Allow("elasticmapreduce:AddTags", "elasticmapreduce:cluster/*", when="Tags", inherent=NEW_ID),
            Allow("iam:PassRole", "iam::role/{ServiceRole=*}", passed_to="elasticmapreduce.amazonaws.com", note="Hand EMR its role"),
            Allow(
                "iam:PassRole",
                "iam::role/{JobFlowRole=*}",
                when="JobFlowRole",
                passed_to="ec2.amazonaws.com",
                note="Hand the instances their role",
            ),
            Allow(
                "iam:PassRole",
                "iam::role/{JobFlowRole=*}",
                when="!JobFlowRole",
                passed_to="ec2.amazonaws.com",
                note="Hand the instances their role",
            ),
            Allow(
                "iam:PassRole",
                "iam::role/{AutoScalingRole}",
                when="AutoScalingRole",
                passed_to="application-autoscaling.amazonaws.com",
                note="Hand scaling its role",
            ),
        ),
        (
            Allow(
                "elasticmapreduce:DescribeCluster elasticmapreduce:TerminateJobFlows",
                "elasticmapreduce:cluster/*",
                note="Follow and terminate the cluster",
                inherent=NEW_ID,
            ),
        ),
        "StepFunctionsGetEventForEMRRunJobFlowRule",
        calls="runJobFlow",
        own=frozenset({"VisibleToAllUsers"}),
        response={"ClusterId": "response.JobFlowId"},
        # The task ends when the cluster waits for steps. Step Functions does not terminate the cluster when the task stops.
        polling=Polling(
            "describeCluster",
            {"ClusterId": "response.ClusterId"},
            "Cluster.Status.State",
            frozenset({"WAITING"}),
            frozenset({"TERMINATED", "TERMINATED_WITH_ERRORS"}),
            result={"ClusterId": "response.ClusterId"},
        ),
    )
    yield Integration(
        EMR,
        "terminateCluster",
        RS,
        (Allow("elasticmapreduce:TerminateJobFlows", cluster),),
        (Allow("elasticmapreduce:DescribeCluster", cluster, note="Follow the cluster"),),
        "StepFunctionsGetEventForEMRTerminateJobFlowsRule",
        calls="terminateJobFlows",
        request={"JobFlowIds": "request.ClusterId"},
        polling=Polling("describeCluster", by_cluster, "Cluster.Status.State", frozenset({"TERMINATED", "TERMINATED_WITH_ERRORS"})),
        own=frozenset({"ClusterId"}),
        needs=frozenset({"ClusterId"}),
    )
    yield Integration(
        EMR,
        "addStep",
        RS,
        (
            Allow("elasticmapreduce:AddJobFlowSteps elasticmapreduce:DescribeStep", cluster),
            Allow("iam:PassRole", "iam::role/{ExecutionRoleArn}", when="ExecutionRoleArn", note="Hand the step its role"),
        ),
        (Allow("elasticmapreduce:CancelSteps", cluster, note="Cancel the step"),),
        "StepFunctionsGetEventForEMRAddJobFlowStepsRule",
        calls="addJobFlowSteps",
        request={"JobFlowId": "request.ClusterId", "Steps": "request.Step", "ExecutionRoleArn": "request.ExecutionRoleArn"},
        response={"StepId": "response.StepIds.0"},
        polling=Polling(
            "describeStep",
            {**by_cluster, "StepId": "response.StepId"},
            "Step.Status.State",
            frozenset({"COMPLETED"}),
            frozenset({"FAILED", "CANCELLED", "INTERRUPTED"}),
            stop="cancelSteps",
            stop_with={**by_cluster, "StepIds": "response.StepId"},
        ),
        own=frozenset({"ClusterId", "Step", "ExecutionRoleArn"}),
        needs=frozenset({"ClusterId", "Step"}),
    )
    yield Integration(
        EMR,
        "cancelStep",
        R,
        (Allow("elasticmapreduce:CancelSteps", cluster),),
        calls="cancelSteps",
        own=frozenset({"ClusterId", "StepId"}),
        needs=frozenset({"ClusterId", "StepId"}),
        request={**by_cluster, "StepIds": "request.StepId"},
        response={"CancelStepsInfo": "response.CancelStepsInfoList.0"},
    )
    yield Integration(
        EMR,
        "setClusterTerminationProtection",
        R,
        (Allow("elasticmapreduce:SetTerminationProtection", cluster),),
        calls="setTerminationProtection",
        own=frozenset({"ClusterId", "TerminationProtected"}),
        needs=frozenset({"ClusterId", "TerminationProtected"}),
        request={"JobFlowIds": "request.ClusterId", "TerminationProtected": "request.TerminationProtected"},
    )
    for kind in ("Fleet", "Group"):
        # Step Functions lists the fleets or groups of the cluster first, to find the one with this name.
        own = frozenset({"ClusterId", f"Instance{kind}Name", f"Instance{kind}"})
        modify = f"elasticmapreduce:ModifyInstance{kind}{'s' * (kind == 'Group')} elasticmapreduce:ListInstance{kind}s"
        yield Integration(EMR, f"modifyInstance{kind}ByName", R, (Allow(modify, cluster),), calls=None, own=own, needs=own)


def _emr_on_eks() -> Iterator[Integration]:
    linked = Allow(
        "iam:CreateServiceLinkedRole",
        "iam::role/aws-service-role/emr-containers.amazonaws.com/AWSServiceRoleForAmazonEMRContainers",
        conditions=(("StringLike", "iam:AWSServiceName", ("emr-containers.amazonaws.com",)),),
        note="Set EMR on EKS up in the account",
    )
    create = (Allow("emr-containers:CreateVirtualCluster"), linked)
    yield Integration(EMR_CONTAINERS, "createVirtualCluster", R, create)
    virtual = "emr-containers:/virtualclusters/{Id}"
    yield Integration(
        EMR_CONTAINERS,
        "deleteVirtualCluster",
        RS,
        (Allow("emr-containers:DeleteVirtualCluster", virtual),),
        (Allow("emr-containers:DescribeVirtualCluster", virtual, note="Follow the virtual cluster"),),
        polling=Polling(
            "describeVirtualCluster", {"Id": "request.Id"}, "VirtualCluster.State", frozenset({"TERMINATED"}), frozenset({"ARRESTED"})
        ),
    )
    virtual = "emr-containers:/virtualclusters/{VirtualClusterId}"
    by_id = {"Id": "response.Id", "VirtualClusterId": "request.VirtualClusterId"}
    yield Integration(
        EMR_CONTAINERS,
        "startJobRun",
        RS,
        (
            Allow(
                "emr-containers:StartJobRun",
                virtual,
                conditions=(("ArnEquals", "emr-containers:ExecutionRoleArn", ("iam::role/{ExecutionRoleArn}",)),),
            ),
        ),
        (
            Allow(
                "emr-containers:DescribeJobRun emr-containers:CancelJobRun",
                virtual + "/jobruns/*",
                note="Follow and cancel the job run",
                inherent=NEW_ID,
            ),
        ),
        polling=Polling(
            "describeJobRun",
            by_id,
            "State",
            frozenset({"COMPLETED"}),
            frozenset({"FAILED", "CANCELLED"}),
            description="JobRun",
            stop="cancelJobRun",
            stop_with=by_id,
        ),
    )


def _emr_serverless() -> Iterator[Integration]:
    application = "emr-serverless:/applications/{ApplicationId}"
    applications, jobs = "StepFunctionsGetEventsForEMRServerlessApplicationRule", "StepFunctionsGetEventsForEMRServerlessJobRule"
    linked = Allow(
        "iam:CreateServiceLinkedRole",
        "iam::role/aws-service-role/ops.emr-serverless.amazonaws.com/AWSServiceRoleForAmazonEMRServerless*",
        conditions=(("StringLike", "iam:AWSServiceName", ("ops.emr-serverless.amazonaws.com",)),),
        note="Set EMR Serverless up in the account",
    )
    by_application, by_job = (
        {"ApplicationId": "request.ApplicationId"},
        {"ApplicationId": "request.ApplicationId", "JobRunId": "response.JobRunId"},
    )
    created = {"ApplicationId": "response.ApplicationId"}
    started = {"ApplicationId": "request.ApplicationId", "JobRunId": "response.JobRunId"}
    rows: dict[str, tuple[tuple[Allow, ...], tuple[Allow, ...], str, Polling]] = {
        "createApplication": (
            (Allow("emr-serverless:CreateApplication", "emr-serverless:/*", inherent=NEW_ID), linked),
            (
                Allow(
                    "emr-serverless:GetApplication emr-serverless:DeleteApplication",
                    "emr-serverless:/applications/*",
                    note="Follow and delete the application",
                    inherent=NEW_ID,
                ),
            ),
            applications,
            Polling(
                "getApplication",
                created,
                "State",
                frozenset({"CREATED", "STARTING", "STARTED", "STOPPING", "STOPPED"}),  # it may have been started at once
                frozenset({"TERMINATED"}),
                description="Application",
                stop="deleteApplication",
                stop_with=created,
            ),
        ),
        "startApplication": (
            (Allow("emr-serverless:StartApplication", application),),
            (Allow("emr-serverless:GetApplication emr-serverless:StopApplication", application, note="Follow and stop the application"),),
            applications,
            Polling(
                "getApplication",
                by_application,
                "State",
                frozenset({"STARTED"}),
                frozenset({"TERMINATED"}),
                description="Application",
                stop="stopApplication",
                stop_with=by_application,
            ),
        ),
        "stopApplication": (
            (Allow("emr-serverless:StopApplication", application),),
            (Allow("emr-serverless:GetApplication", application, note="Follow the application"),),
            applications,
            Polling(
                "getApplication", by_application, "State", frozenset({"STOPPED"}), frozenset({"TERMINATED"}), description="Application"
            ),
        ),
        "deleteApplication": (
            (Allow("emr-serverless:DeleteApplication", application),),
            (Allow("emr-serverless:GetApplication", application, note="Follow the application"),),
            applications,
            Polling(
                "getApplication",
                by_application,
                "State",
                frozenset({"TERMINATED"}),
                description="Application",
                gone="ResourceNotFoundException",
            ),
        ),
        "startJobRun": (
            (
                Allow("emr-serverless:StartJobRun", application),
                Allow(
                    "iam:PassRole", "iam::role/{ExecutionRoleArn}", passed_to="emr-serverless.amazonaws.com", note="Hand the job its role"
                ),
                Allow("emr-serverless:TagResource", application + "/jobruns/*", when="Tags"),
            ),
            (
                Allow(
                    "emr-serverless:GetJobRun emr-serverless:CancelJobRun", application + "/jobruns/*", note="Follow and cancel the job run"
                ),
            ),
            jobs,
            Polling(
                "getJobRun",
                started,
                "State",
                frozenset({"SUCCESS"}),
                frozenset({"FAILED", "CANCELLED"}),
                description="JobRun",
                stop="cancelJobRun",
                stop_with=started,
            ),
        ),
        "cancelJobRun": (
            (Allow("emr-serverless:CancelJobRun", application + "/jobruns/{JobRunId}"),),
            (Allow("emr-serverless:GetJobRun", application + "/jobruns/{JobRunId}", note="Follow the job run"),),
            jobs,
            Polling("getJobRun", by_job, "State", frozenset({"CANCELLED"}), frozenset({"SUCCESS", "FAILED"}), description="JobRun"),
        ),
    }
    for action, (allows, follow, rule, polling) in rows.items():
        # The API returns nothing for these; Step Functions returns the application.
        response = by_application if action in {"startApplication", "stopApplication", "deleteApplication"} else {}
        yield Integration(EMR_SERVERLESS, action, RS, allows, follow, rule, response=response, polling=polling)


def _eks() -> Iterator[Integration]:
    cluster = "eks:cluster/{ClusterName}"
    pods = "eks-fargate-pods.amazonaws.com"
    node_role = "iam::role/{NodeRole}"
    rows: dict[str, tuple[tuple[Allow, ...], tuple[Allow, ...]]] = {
        "createCluster": (
            (
                Allow("eks:CreateCluster"),
                Allow("iam:PassRole", "iam::role/{RoleArn}", passed_to="eks.amazonaws.com", note="Hand the cluster its role"),
            ),
            (
                Allow(
                    "eks:DescribeCluster eks:DeleteCluster",
                    "eks:cluster/{Name}",
                    note="Follow the cluster, and delete it when the task is stopped",
                ),
            ),
        ),
        "deleteCluster": (
            (Allow("eks:DeleteCluster", "eks:cluster/{Name}"),),
            (Allow("eks:DescribeCluster", "eks:cluster/{Name}", note="Follow the cluster"),),
        ),
        "createNodegroup": (
            (
                Allow("eks:CreateNodegroup", cluster),
                Allow("ec2:DescribeSubnets", note="Check the subnets of the nodes"),
                Allow("iam:GetRole iam:ListAttachedRolePolicies", node_role, note="Check the role of the nodes"),
                Allow("iam:PassRole", node_role, passed_to="eks.amazonaws.com", note="Hand the nodes their role"),
            ),
            (
                Allow(
                    "eks:DescribeNodegroup eks:DeleteNodegroup",
                    "eks:nodegroup/{ClusterName}/{NodegroupName}/*",
                    note="Follow the nodes, and delete them when the task is stopped",
                ),
            ),
        ),
        "deleteNodegroup": (
            (Allow("eks:DeleteNodegroup", "eks:nodegroup/{ClusterName}/{NodegroupName}/*"),),
            (Allow("eks:DescribeNodegroup", "eks:nodegroup/{ClusterName}/{NodegroupName}/*", note="Follow the nodes"),),
        ),
        "createFargateProfile": (
            (
                Allow("eks:CreateFargateProfile", cluster),
                Allow("iam:PassRole", "iam::role/{PodExecutionRoleArn}", passed_to=pods, note="Hand the pods their role"),
            ),
            (
                Allow(
                    "eks:DescribeFargateProfile eks:DeleteFargateProfile",
                    "eks:fargateprofile/{ClusterName}/{FargateProfileName}/*",
                    note="Follow the profile, and delete it when the task is stopped",
                ),
            ),
        ),
        "deleteFargateProfile": (
            (Allow("eks:DeleteFargateProfile", "eks:fargateprofile/{ClusterName}/{FargateProfileName}/*"),),
            (Allow("eks:DescribeFargateProfile", "eks:fargateprofile/{ClusterName}/{FargateProfileName}/*", note="Follow the profile"),),
        ),
    }
    for action, (allows, follow) in rows.items():
        kind = action.removeprefix("create").removeprefix("delete")
        yield Integration(EKS, action, RS, allows, follow, polling=_eks_polling(kind, deleted=action.startswith("delete")))
    # Kubernetes authorises these two by its own roles; IAM is only asked who calls.
    kubernetes = {"ClusterName", "CertificateAuthority", "Endpoint"}
    yield Integration(
        EKS,
        "call",
        RT,
        calls=None,
        own=frozenset({*kubernetes, "Method", "Path", "QueryParameters", "RequestBody"}),
        needs=frozenset({*kubernetes, "Method", "Path"}),
    )
    yield Integration(
        EKS,
        "runJob",
        RST,
        calls=None,
        not_polled="the job runs in Kubernetes and is followed through the API of the cluster, not through an API of AWS",
        own=frozenset({*kubernetes, "Namespace", "Job", "LogOptions"}),
        needs=frozenset({*kubernetes, "Job"}),
    )


def _eks_polling(kind: str, *, deleted: bool) -> Polling:
    """Return how to follow the creation or the deletion of a cluster, node group or Fargate profile.

    The meaning of each status is that of the waiters in botocore's model of EKS (`ClusterActive`, `ClusterDeleted`, …).
    """
    identify = {"Name": "request.Name"}
    if kind != "Cluster":
        identify = {"ClusterName": "request.ClusterName", f"{kind}Name": f"request.{kind}Name"}
    failed = {"DELETE_FAILED" if deleted else "CREATE_FAILED"}
    if kind == "Cluster":
        failed = {"FAILED"} if deleted else {"FAILED", "DELETING"}
    # Step Functions does not delete a cluster when the task stops.
    stop = "" if deleted or kind == "Cluster" else f"delete{kind}"
    return Polling(
        f"describe{kind}",
        identify,
        f"{kind}.Status",
        frozenset() if deleted else frozenset({"ACTIVE"}),
        frozenset(failed),
        gone="ResourceNotFoundException" if deleted else "",
        stop=stop,
        stop_with=identify if stop else {},
    )
