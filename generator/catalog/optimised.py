"""The table of optimised integrations, by service.

Sources: the overview https://docs.aws.amazon.com/step-functions/latest/dg/integrate-optimized.html says which patterns
there are; the page of each service, named in its rows, which API actions and which IAM policies. Where AWS's examples
grant more than the call uses (`Resource: *` where the call names the resource), the rows are narrower.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from generator.catalog import sdk
from generator.catalog.integrations import GUIDE, REQUEST_RESPONSE, SYNC, SYNC_2, WAIT_FOR_TASK_TOKEN, Integration, parse_resource
from generator.catalog.patterns import Parameters
from generator.catalog.permissions import Allow

_NEW_ID: Final = "what the call starts or creates gets its id only then"

_R, _RS, _RT, _RST = (
    (REQUEST_RESPONSE,),
    (REQUEST_RESPONSE, SYNC),
    (REQUEST_RESPONSE, WAIT_FOR_TASK_TOKEN),
    (REQUEST_RESPONSE, SYNC, WAIT_FOR_TASK_TOKEN),
)


def _make() -> Iterator[Integration]:
    yield from _simple_services()
    yield from _compute()
    yield from _data()
    yield from _sagemaker()
    yield from _emr()
    yield from _build_and_cluster()
    yield from _own_protocols()


def _simple_services() -> Iterator[Integration]:
    yield Integration(
        "lambda",
        "invoke",
        "connect-lambda.html",
        _RT,
        ("lambda", "invoke"),
        rule=sdk.lambda_function("lambda:InvokeFunction"),
        own=frozenset({"Payload"}),
    )
    yield Integration(
        "sqs", "sendMessage", "connect-sqs.html", _RT, ("sqs", "sendMessage"), (Allow("sqs:SendMessage", "sqs:{QueueUrl|queue}"),)
    )
    yield Integration("sns", "publish", "connect-sns.html", _RT, ("sns", "publish"), sdk.PUBLISH)
    for action in ("getItem", "putItem", "updateItem", "deleteItem"):
        name = action[0].upper() + action[1:]
        yield Integration(
            "dynamodb", action, "connect-ddb.html", _R, ("dynamodb", action), (Allow(f"dynamodb:{name}", "dynamodb:table/{TableName}"),)
        )
    yield Integration(
        "events",
        "putEvents",
        "connect-eventbridge.html",
        _RT,
        ("eventbridge", "putEvents"),
        (Allow("events:PutEvents", "events:event-bus/{Entries[].EventBusName=default}"),),
    )
    start = (Allow("states:StartExecution", "states:stateMachine:{StateMachineArn|arn}"),)
    yield Integration(
        "states",
        "startExecution",
        "connect-stepfunctions.html",
        (*_RS, SYNC_2, WAIT_FOR_TASK_TOKEN),
        ("sfn", "startExecution"),
        start,
        (
            Allow(
                "states:DescribeExecution states:StopExecution", "{StateMachineArn|execution}", note="Follow and stop the nested execution"
            ),
        ),
        "StepFunctionsGetEventsForStepFunctionsExecutionRule",
    )
    page = "connect-bedrock.html"
    yield Integration(
        "bedrock",
        "invokeModel",
        page,
        _RT,
        ("bedrockruntime", "invokeModel"),
        rule=_bedrock_invoke,
        own=frozenset({"Body", "Input", "Output"}),
    )
    yield Integration(
        "bedrock",
        "createModelCustomizationJob",
        page,
        _RS,
        ("bedrock", "createModelCustomizationJob"),
        (
            Allow("bedrock:CreateModelCustomizationJob", ("bedrock:custom-model/*", "bedrock:model-customization-job/*"), broad=_NEW_ID),
            Allow("iam:PassRole", "iam::role/{RoleArn}", passed_to="bedrock.amazonaws.com"),
            Allow("bedrock:TagResource", ("bedrock:custom-model/*", "bedrock:model-customization-job/*"), when="CustomModelTags"),
            Allow("bedrock:TagResource", "bedrock:model-customization-job/*", when="JobTags"),
        ),
        (
            Allow(
                "bedrock:GetModelCustomizationJob bedrock:StopModelCustomizationJob",
                "bedrock:model-customization-job/*",
                note="Follow and stop the job",
                broad=_NEW_ID,
            ),
        ),
        rule=_bedrock_base,
    )


def _bedrock_invoke(parameters: Parameters) -> tuple[Allow, ...]:
    source = GUIDE + "connect-bedrock.html"
    reads = Allow("s3:GetObject", "s3:::{Input.S3Uri|s3uri}", when="Input.S3Uri", note="Read the model's input", source=source)
    writes = Allow("s3:PutObject", "s3:::{Output.S3Uri|s3uri}", when="Output.S3Uri", note="Write the model's answer", source=source)
    rows = tuple(replace(row, source="") for row in sdk.invoke_model(parameters))
    return rows if parameters.open else (*rows, reads, writes)


def _bedrock_base(parameters: Parameters) -> tuple[Allow, ...]:
    base = parameters.text("BaseModelIdentifier")
    return (Allow("bedrock:CreateModelCustomizationJob", sdk.model_resources(base, parameters)),) if base else ()


def _compute() -> Iterator[Integration]:
    task_definition = "ecs:task-definition/{TaskDefinition|task_definition}"
    yield Integration(
        "ecs",
        "runTask",
        "connect-ecs.html",
        _RST,
        ("ecs", "runTask"),
        (
            Allow("ecs:RunTask", task_definition),
            Allow("ecs:TagResource", "ecs:task/*", when="Tags", broad=_NEW_ID),
            Allow("ecs:TagResource", "ecs:task/*", when="PropagateTags", broad=_NEW_ID),
            Allow("iam:PassRole", "iam::role/{Overrides.TaskRoleArn}", when="Overrides.TaskRoleArn", passed_to="ecs-tasks.amazonaws.com"),
            Allow(
                "iam:PassRole",
                "iam::role/{Overrides.ExecutionRoleArn}",
                when="Overrides.ExecutionRoleArn",
                passed_to="ecs-tasks.amazonaws.com",
            ),
            Allow(
                "iam:PassRole",
                "iam::role/*",
                passed_to="ecs-tasks.amazonaws.com",
                broad="the roles of a task stand in its task definition",
                note="Hand the task its roles",
                source="https://docs.aws.amazon.com/AmazonECS/latest/developerguide/CWE_IAM_role.html",
            ),
        ),
        (Allow("ecs:StopTask ecs:DescribeTasks", "ecs:task/*", note="Follow and stop the task", broad=_NEW_ID),),
        "StepFunctionsGetEventsForECSTaskRule",
    )
    yield Integration(
        "batch",
        "submitJob",
        "connect-batch.html",
        _RS,
        ("batch", "submitJob"),
        (
            Allow("batch:SubmitJob", ("batch:job-definition/{JobDefinition|job_definition}", "batch:job-queue/{JobQueue}")),
            Allow("batch:SubmitJob", "batch:job/*", broad=_NEW_ID),
            Allow("batch:TagResource", "batch:job/*", when="Tags", broad=_NEW_ID),
        ),
        (
            Allow("batch:DescribeJobs", note="Follow the job"),
            Allow("batch:TerminateJob", "batch:job/*", note="Stop the job", broad=_NEW_ID),
        ),
        "StepFunctionsGetEventsForBatchJobsRule",
    )


def _data() -> Iterator[Integration]:
    job = "glue:job/{JobName}"
    follow = (Allow("glue:GetJobRun glue:GetJobRuns glue:BatchStopJobRun", job, note="Follow and stop the job run"),)
    yield Integration("glue", "startJobRun", "connect-glue.html", _RS, ("glue", "startJobRun"), (Allow("glue:StartJobRun", job),), follow)
    job = "databrew:job/{Name}"
    follow = (Allow("databrew:ListJobRuns databrew:StopJobRun", job, note="Follow and stop the job run"),)
    yield Integration(
        "databrew", "startJobRun", "connect-databrew.html", _RS, ("databrew", "startJobRun"), (Allow("databrew:StartJobRun", job),), follow
    )
    page, groups = "connect-athena.html", "athena:workgroup/{WorkGroup=primary}"
    catalog = "athena:datacatalog/{QueryExecutionContext.Catalog=*}"
    query = (Allow("athena:StartQueryExecution", groups), Allow("athena:GetDataCatalog", catalog))
    follow = (Allow("athena:StopQueryExecution athena:GetQueryExecution", groups, note="Follow and stop the query"),)
    yield Integration("athena", "startQueryExecution", page, _RS, ("athena", "startQueryExecution"), query, follow, rule=sdk.athena_data)
    for action in ("stopQueryExecution", "getQueryExecution", "getQueryResults"):
        name = action[0].upper() + action[1:]
        rows = [Allow(f"athena:{name}", "athena:workgroup/*", broad="a query's workgroup is not among the parameters")]
        if action == "getQueryResults":
            rows.append(
                Allow(
                    "s3:GetObject", "s3:::*", note="Read the result with the caller's rights", broad="the workgroup knows where results are"
                )
            )
        yield Integration("athena", action, page, _R, ("athena", action), tuple(rows))
    yield Integration(
        "mediaconvert",
        "createJob",
        "connect-mediaconvert.html",
        _RS,
        ("mediaconvert", "createJob"),
        (
            Allow("mediaconvert:CreateJob", "mediaconvert:queues/{Queue=*}"),
            Allow("mediaconvert:CreateJob", "mediaconvert:jobTemplates/{JobTemplate}", when="JobTemplate"),
            Allow("mediaconvert:CreateJob", "mediaconvert:presets/*", when="Settings.OutputGroups[].Outputs[].Preset"),
            Allow("iam:PassRole", "iam::role/{Role}", passed_to="mediaconvert.amazonaws.com"),
            Allow("mediaconvert:TagResource", "mediaconvert:jobs/*", when="Tags", broad=_NEW_ID),
        ),
        (
            Allow(
                "mediaconvert:GetJob mediaconvert:CancelJob",
                "mediaconvert:jobs/*",
                note="Follow and cancel the job",
                broad=_NEW_ID,
            ),
        ),
        "StepFunctionsGetEventsForMediaConvertJobRule",
    )


def _sagemaker() -> Iterator[Integration]:
    page = "connect-sagemaker.html"
    # Step Functions tags the jobs it creates, and reads the tags.
    list_tags = Allow("sagemaker:ListTags", note="Read the tags that Step Functions sets", broad="AWS's policy asks for all resources")
    jobs = (
        ("TrainingJob", "training-job", "RoleArn", "StepFunctionsGetEventsForSageMakerTrainingJobsRule"),
        ("TransformJob", "transform-job", "", "StepFunctionsGetEventsForSageMakerTransformJobsRule"),
        (
            "HyperParameterTuningJob",
            "hyper-parameter-tuning-job",
            "TrainingJobDefinition.RoleArn",
            "StepFunctionsGetEventsForSageMakerTuningJobsRule",
        ),
        ("LabelingJob", "labeling-job", "RoleArn", "StepFunctionsGetEventsForSageMakerLabelingJobsRule"),
        ("ProcessingJob", "processing-job", "RoleArn", "StepFunctionsGetEventsForSageMakerProcessingJobsRule"),
    )
    for job, kind, role, rule in jobs:
        resource = f"sagemaker:{kind}/{{{job}Name|lower}}"
        rows = [Allow(f"sagemaker:Create{job} sagemaker:AddTags", resource), list_tags]
        if role:
            rows.append(Allow("iam:PassRole", f"iam::role/{{{role}=*}}", passed_to="sagemaker.amazonaws.com", note="Hand the job its role"))
        follow = (Allow(f"sagemaker:Describe{job} sagemaker:Stop{job}", resource, note="Follow and stop the job"),)
        yield Integration("sagemaker", f"create{job}", page, _RS, ("sagemaker", f"create{job}"), tuple(rows), follow, rule)
    config = "sagemaker:endpoint-config/{EndpointConfigName|lower}"
    endpoint = "sagemaker:endpoint/{EndpointName|lower}"
    resources: dict[str, tuple[tuple[str, ...], str]] = {
        "CreateEndpoint": ((endpoint, config), endpoint),
        "UpdateEndpoint": ((endpoint, config), ""),
        "CreateEndpointConfig": ((config,), config),
        "CreateModel": (("sagemaker:model/{ModelName|lower}",), "sagemaker:model/{ModelName|lower}"),
    }
    for name, (touched, tagged) in resources.items():
        action = name[0].lower() + name[1:]
        rows = [Allow(f"sagemaker:{name}", touched)]
        if tagged:
            rows += [Allow("sagemaker:AddTags", tagged, note="Tag what Step Functions creates"), list_tags]
        if name == "CreateModel":
            role = "iam::role/{ExecutionRoleArn=*}"
            rows.append(Allow("iam:PassRole", role, passed_to="sagemaker.amazonaws.com", note="Hand the model its role"))
        yield Integration("sagemaker", action, page, _R, ("sagemaker", action), tuple(rows))


def _emr() -> Iterator[Integration]:
    page, cluster = "connect-emr.html", "elasticmapreduce:cluster/{ClusterId}"
    yield Integration(
        "elasticmapreduce",
        "createCluster",
        page,
        _RS,
        ("emr", "runJobFlow"),
        (
            Allow("elasticmapreduce:RunJobFlow"),
            Allow("elasticmapreduce:AddTags", "elasticmapreduce:cluster/*", when="Tags", broad=_NEW_ID),
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
                broad=_NEW_ID,
            ),
        ),
        "StepFunctionsGetEventForEMRRunJobFlowRule",
        own=frozenset({"VisibleToAllUsers"}),
    )
    yield Integration(
        "elasticmapreduce",
        "terminateCluster",
        page,
        _RS,
        None,
        (Allow("elasticmapreduce:TerminateJobFlows", cluster),),
        (Allow("elasticmapreduce:DescribeCluster", cluster, note="Follow the cluster"),),
        "StepFunctionsGetEventForEMRTerminateJobFlowsRule",
        own=frozenset({"ClusterId"}),
        needs=frozenset({"ClusterId"}),
    )
    yield Integration(
        "elasticmapreduce",
        "addStep",
        page,
        _RS,
        None,
        (
            Allow("elasticmapreduce:AddJobFlowSteps elasticmapreduce:DescribeStep", cluster),
            Allow("iam:PassRole", "iam::role/{ExecutionRoleArn}", when="ExecutionRoleArn", note="Hand the step its role"),
        ),
        (Allow("elasticmapreduce:CancelSteps", cluster, note="Cancel the step"),),
        "StepFunctionsGetEventForEMRAddJobFlowStepsRule",
        own=frozenset({"ClusterId", "Step", "ExecutionRoleArn"}),
        needs=frozenset({"ClusterId", "Step"}),
    )
    for action, iam, own in (
        ("cancelStep", "CancelSteps", {"ClusterId", "StepId"}),
        ("setClusterTerminationProtection", "SetTerminationProtection", {"ClusterId", "TerminationProtected"}),
        (
            "modifyInstanceFleetByName",
            "ModifyInstanceFleet elasticmapreduce:ListInstanceFleets",
            {"ClusterId", "InstanceFleetName", "InstanceFleet"},
        ),
        (
            "modifyInstanceGroupByName",
            "ModifyInstanceGroups elasticmapreduce:ListInstanceGroups",
            {"ClusterId", "InstanceGroupName", "InstanceGroup"},
        ),
    ):
        yield Integration(
            "elasticmapreduce",
            action,
            page,
            _R,
            None,
            (Allow(f"elasticmapreduce:{iam}", cluster),),
            own=frozenset(own),
            needs=frozenset(own),
        )
    yield from _emr_on_eks()
    yield from _emr_serverless()


def _emr_on_eks() -> Iterator[Integration]:
    page = "connect-emr-eks.html"
    linked = Allow(
        "iam:CreateServiceLinkedRole",
        "iam::role/aws-service-role/emr-containers.amazonaws.com/AWSServiceRoleForAmazonEMRContainers",
        conditions=(("StringLike", "iam:AWSServiceName", ("emr-containers.amazonaws.com",)),),
        note="Set EMR on EKS up in the account",
    )
    create = (Allow("emr-containers:CreateVirtualCluster"), linked)
    yield Integration("emr-containers", "createVirtualCluster", page, _R, ("emrcontainers", "createVirtualCluster"), create)
    virtual = "emr-containers:/virtualclusters/{Id}"
    yield Integration(
        "emr-containers",
        "deleteVirtualCluster",
        page,
        _RS,
        ("emrcontainers", "deleteVirtualCluster"),
        (Allow("emr-containers:DeleteVirtualCluster", virtual),),
        (Allow("emr-containers:DescribeVirtualCluster", virtual, note="Follow the virtual cluster"),),
    )
    virtual = "emr-containers:/virtualclusters/{VirtualClusterId}"
    yield Integration(
        "emr-containers",
        "startJobRun",
        page,
        _RS,
        ("emrcontainers", "startJobRun"),
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
                broad=_NEW_ID,
            ),
        ),
    )


def _emr_serverless() -> Iterator[Integration]:
    page, sdk_name = "connect-emr-serverless.html", "emrserverless"
    application = "emr-serverless:/applications/{ApplicationId}"
    applications, jobs = "StepFunctionsGetEventsForEMRServerlessApplicationRule", "StepFunctionsGetEventsForEMRServerlessJobRule"
    linked = Allow(
        "iam:CreateServiceLinkedRole",
        "iam::role/aws-service-role/ops.emr-serverless.amazonaws.com/AWSServiceRoleForAmazonEMRServerless*",
        conditions=(("StringLike", "iam:AWSServiceName", ("ops.emr-serverless.amazonaws.com",)),),
        note="Set EMR Serverless up in the account",
    )
    rows = {
        "createApplication": (
            (Allow("emr-serverless:CreateApplication", "emr-serverless:/*", broad=_NEW_ID), linked),
            (
                Allow(
                    "emr-serverless:GetApplication emr-serverless:DeleteApplication",
                    "emr-serverless:/applications/*",
                    note="Follow and delete the application",
                    broad=_NEW_ID,
                ),
            ),
            applications,
        ),
        "startApplication": (
            (Allow("emr-serverless:StartApplication", application),),
            (Allow("emr-serverless:GetApplication emr-serverless:StopApplication", application, note="Follow and stop the application"),),
            applications,
        ),
        "stopApplication": (
            (Allow("emr-serverless:StopApplication", application),),
            (Allow("emr-serverless:GetApplication", application, note="Follow the application"),),
            applications,
        ),
        "deleteApplication": (
            (Allow("emr-serverless:DeleteApplication", application),),
            (Allow("emr-serverless:GetApplication", application, note="Follow the application"),),
            applications,
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
        ),
        "cancelJobRun": (
            (Allow("emr-serverless:CancelJobRun", application + "/jobruns/{JobRunId}"),),
            (Allow("emr-serverless:GetJobRun", application + "/jobruns/{JobRunId}", note="Follow the job run"),),
            jobs,
        ),
    }
    for action, (allows, follow, rule) in rows.items():
        yield Integration("emr-serverless", action, page, _RS, (sdk_name, action), allows, follow, rule)


def _build_and_cluster() -> Iterator[Integration]:
    page, project = "connect-codebuild.html", "codebuild:project/{ProjectName}"
    by_id = "codebuild:project/{Id|project_of}"
    started = "StepFunctionsGetEventForCodeBuildStartBuild{}Rule"
    yield Integration(
        "codebuild",
        "startBuild",
        page,
        _RS,
        ("codebuild", "startBuild"),
        (Allow("codebuild:StartBuild", project),),
        (Allow("codebuild:StopBuild codebuild:BatchGetBuilds", project, note="Follow and stop the build"),),
        started.format(""),
    )
    for action, resource, rule in (("startBuildBatch", project, started.format("Batch")), ("retryBuildBatch", by_id, "")):
        name = action[0].upper() + action[1:]
        yield Integration(
            "codebuild",
            action,
            page,
            _RS,
            ("codebuild", action),
            (Allow(f"codebuild:{name}", resource),),
            (Allow("codebuild:StopBuildBatch codebuild:BatchGetBuildBatches", resource, note="Follow and stop the build batch"),),
            rule,
        )
    for action in ("stopBuild", "stopBuildBatch", "deleteBuildBatch"):
        yield Integration(
            "codebuild", action, page, _R, ("codebuild", action), (Allow(f"codebuild:{action[0].upper()}{action[1:]}", by_id),)
        )
    builds = (Allow("codebuild:BatchDeleteBuilds", "codebuild:project/{Ids[]|project_of}"),)
    yield Integration("codebuild", "batchDeleteBuilds", page, _R, ("codebuild", "batchDeleteBuilds"), builds)
    reports = (Allow("codebuild:BatchGetReports", "codebuild:report-group/{ReportArns[]|report_group}"),)
    yield Integration("codebuild", "batchGetReports", page, _R, ("codebuild", "batchGetReports"), reports)
    yield from _eks()


def _eks() -> Iterator[Integration]:
    page, cluster = "connect-eks.html", "eks:cluster/{ClusterName}"
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
        yield Integration("eks", action, page, _RS, ("eks", action), allows, follow)
    # Kubernetes authorises these two by its own roles; IAM is only asked who calls.
    kubernetes = {"ClusterName", "CertificateAuthority", "Endpoint"}
    yield Integration(
        "eks",
        "call",
        page,
        _RT,
        None,
        own=frozenset({*kubernetes, "Method", "Path", "QueryParameters", "RequestBody"}),
        needs=frozenset({*kubernetes, "Method", "Path"}),
    )
    yield Integration(
        "eks",
        "runJob",
        page,
        _RST,
        None,
        own=frozenset({*kubernetes, "Namespace", "Job", "LogOptions"}),
        needs=frozenset({*kubernetes, "Job"}),
    )


def _own_protocols() -> Iterator[Integration]:
    gateway = "execute-api:{ApiEndpoint|api}/{Stage|text=*}/{Method|text}/{Path|text=}"
    yield Integration(
        "apigateway",
        "invoke",
        "connect-api-gateway.html",
        _RT,
        None,
        (Allow("execute-api:Invoke", gateway, when="AuthType", equals="IAM_ROLE", note="Call the API as the execution role"),),
        own=frozenset(
            {"ApiEndpoint", "Method", "Headers", "Stage", "Path", "QueryParameters", "RequestBody", "AllowNullValues", "AuthType"}
        ),
        needs=frozenset({"ApiEndpoint", "Method"}),
    )
    yield Integration(
        "http",
        "invoke",
        "call-https-apis.html",
        _R,
        None,
        (
            Allow(
                "states:InvokeHTTPEndpoint",
                "{self}",
                conditions=(
                    ("StringEquals", "states:HTTPMethod", ("{Method|text}",)),
                    ("StringLike", "states:HTTPEndpoint", ("{ApiEndpoint|text}",)),
                ),
                note="Call the HTTP endpoint",
            ),
            *(
                Allow("events:RetrieveConnectionCredentials", "events:connection/{" + path + "|arn}", when=path, note="Authorise the call")
                for path in ("Authentication.ConnectionArn", "InvocationConfig.ConnectionArn")
            ),
            *(
                Allow(
                    "secretsmanager:GetSecretValue secretsmanager:DescribeSecret",
                    "secretsmanager:secret:events!connection/{" + path + "|connection}",
                    when=path,
                    note="Read the secret that the connection keeps its credentials in",
                )
                for path in ("Authentication.ConnectionArn", "InvocationConfig.ConnectionArn")
            ),
        ),
        own=frozenset(
            {"ApiEndpoint", "Method", "Authentication", "InvocationConfig", "Headers", "RequestBody", "QueryParameters", "Transform"}
        ),
        needs=frozenset({"ApiEndpoint", "Method"}),
    )


INTEGRATIONS: Final[dict[str, Integration]] = {integration.name: integration for integration in _make()}
"""Every optimised integration by `service:action`."""


def find_integration(resource: str) -> Integration | None:
    """Return the optimised integration that a Task's Resource names, in whatever partition and pattern.

    >>> find_integration("arn:aws:states:::sqs:sendMessage.waitForTaskToken").name
    'sqs:sendMessage'
    """
    parsed = parse_resource(resource)
    return None if parsed is None or parsed.sdk else INTEGRATIONS.get(f"{parsed.service}:{parsed.action}")


def similar_integrations(name: str) -> list[str]:
    """Return names of optimised integrations that may be meant by `service:action`, the likeliest first.

    >>> similar_integrations("sqs:sendMesage")
    ['sqs:sendMessage']
    """
    same = [other for other in INTEGRATIONS if other.lower() == name.lower()]
    from difflib import get_close_matches  # noqa: PLC0415 - only when something is wrong

    return same or get_close_matches(name, INTEGRATIONS, n=3, cutoff=0.75)
