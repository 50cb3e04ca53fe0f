"""Integrations that run jobs on data, media, containers and code."""

from __future__ import annotations

from collections.abc import Iterator

from generator.catalog import calls
from generator.catalog.athena import query_rows
from generator.catalog.optimised.model import NEW_ID, RS, RST, Integration, OptimisedService, Polling, R
from generator.catalog.permissions import Allow

ECS = OptimisedService("ecs", "connect-ecs.html", "ecs", label="AmazonECS")
BATCH = OptimisedService("batch", "connect-batch.html", "batch", label="AWSBatch")
GLUE = OptimisedService("glue", "connect-glue.html", "glue", label="AWSGlue")
DATABREW = OptimisedService("databrew", "connect-databrew.html", "databrew")
ATHENA = OptimisedService("athena", "connect-athena.html", "athena", label="AmazonAthena")
MEDIACONVERT = OptimisedService("mediaconvert", "connect-mediaconvert.html", "mediaconvert")
SAGEMAKER = OptimisedService("sagemaker", "connect-sagemaker.html", "sagemaker", label="AmazonSageMaker")
CODEBUILD = OptimisedService("codebuild", "connect-codebuild.html", "codebuild", label="AWSCodeBuild")


def rows() -> Iterator[Integration]:
    """Yield the rows of this module."""
    yield from _compute()
    yield from _data()
    yield from _sagemaker()
    yield from _codebuild()


def _compute() -> Iterator[Integration]:
    yield Integration(
        ECS,
        "runTask",
        RST,
        (
            Allow("ecs:RunTask", "ecs:task-definition/{TaskDefinition|task_definition}"),
            Allow("ecs:TagResource", "ecs:task/{Cluster|part=default}/{!TaskId}", when="Tags"),
            Allow("ecs:TagResource", "ecs:task/{Cluster|part=default}/{!TaskId}", when="PropagateTags"),
            *calls.ecs_roles(),
        ),
        (Allow("ecs:StopTask ecs:DescribeTasks", "ecs:task/{Cluster|part=default}/{!TaskId}", note="Follow and stop the task"),),
        "StepFunctionsGetEventsForECSTaskRule",
        refusal="AmazonECS.Unknown",
        # Any exit code but 0 fails the task, also that of a container that is not essential:
        # wellcomecollection/catalogue-pipeline#3377, 2026-05. That a container without an exit code, which has not run, fails it too
        # is a guess.
        polling=Polling(
            "describeTasks",
            {"Tasks": "response.Tasks.0.TaskArn", "Cluster": "request.Cluster"},
            "LastStatus",
            frozenset({"STOPPED"}),
            exit_codes="Containers",
            description="Tasks.0",
            stop="stopTask",
            stop_with={"Task": "response.Tasks.0.TaskArn", "Cluster": "request.Cluster"},
        ),
    )
    yield Integration(
        BATCH,
        "submitJob",
        RS,
        (
            Allow("batch:SubmitJob", ("batch:job-definition/{JobDefinition|job_definition}", "batch:job-queue/{JobQueue}")),
            Allow("batch:SubmitJob", "batch:job/*", inherent=NEW_ID),
            Allow("batch:TagResource", "batch:job/*", when="Tags", inherent=NEW_ID),
        ),
        (
            Allow("batch:DescribeJobs", note="Follow the job"),
            Allow("batch:TerminateJob", "batch:job/*", note="Stop the job", inherent=NEW_ID),
        ),
        "StepFunctionsGetEventsForBatchJobsRule",
        polling=Polling(
            "describeJobs",
            {"Jobs": "response.JobId"},
            "Status",
            frozenset({"SUCCEEDED"}),
            frozenset({"FAILED"}),
            description="Jobs.0",
            stop="terminateJob",
            stop_with={"JobId": "response.JobId", "Reason": "=The task has timed out"},
        ),
    )


def _data() -> Iterator[Integration]:
    job = "glue:job/{JobName}"
    yield Integration(
        GLUE,
        "startJobRun",
        RS,
        (Allow("glue:StartJobRun", job),),
        (Allow("glue:GetJobRun glue:GetJobRuns glue:BatchStopJobRun", job, note="Follow and stop the job run"),),
        response={"JobName": "request.JobName", "JobRunId": "response.JobRunId"},
        polling=Polling(
            "getJobRun",
            {"JobName": "request.JobName", "RunId": "response.JobRunId"},
            "JobRunState",
            frozenset({"SUCCEEDED"}),
            frozenset({"FAILED", "TIMEOUT", "STOPPED", "ERROR", "EXPIRED"}),
            description="JobRun",
            stop="batchStopJobRun",
            stop_with={"JobName": "request.JobName", "JobRunIds": "response.JobRunId"},
        ),
    )
    job = "databrew:job/{Name}"
    yield Integration(
        DATABREW,
        "startJobRun",
        RS,
        (Allow("databrew:StartJobRun", job),),
        (Allow("databrew:ListJobRuns databrew:StopJobRun", job, note="Follow and stop the job run"),),
        polling=Polling(
            "listJobRuns",
            {"Name": "request.Name"},
            "State",
            frozenset({"SUCCEEDED"}),
            frozenset({"FAILED", "TIMEOUT", "STOPPED"}),
            description="JobRuns",
            select="RunId",
            stop="stopJobRun",
            stop_with={"Name": "request.Name", "RunId": "response.RunId"},
        ),
    )
    groups = "athena:workgroup/{WorkGroup=primary}"
    yield Integration(
        ATHENA,
        "startQueryExecution",
        RS,
        (Allow("athena:StartQueryExecution", groups),),
        (Allow("athena:StopQueryExecution athena:GetQueryExecution", groups, note="Follow and stop the query"),),
        polling=Polling(
            "getQueryExecution",
            {"QueryExecutionId": "response.QueryExecutionId"},
            "QueryExecution.Status.State",
            frozenset({"SUCCEEDED"}),
            frozenset({"FAILED", "CANCELLED"}),
            stop="stopQueryExecution",
            stop_with={"QueryExecutionId": "response.QueryExecutionId"},
        ),
        rule=query_rows,
    )
    for action in ("stopQueryExecution", "getQueryExecution", "getQueryResults"):
        name = action[0].upper() + action[1:]
        allows = [Allow(f"athena:{name}", "athena:workgroup/*", broad="a query's workgroup is not among the parameters")]
        if action == "getQueryResults":
            allows.append(
                Allow(
                    "s3:GetObject", "s3:::*", note="Read the result with the caller's rights", broad="the workgroup knows where results are"
                )
            )
        yield Integration(ATHENA, action, R, tuple(allows))
    yield Integration(
        MEDIACONVERT,
        "createJob",
        RS,
        (
            Allow("mediaconvert:CreateJob", "mediaconvert:queues/{Queue=*}"),
            Allow("mediaconvert:CreateJob", "mediaconvert:jobTemplates/{JobTemplate}", when="JobTemplate"),
            Allow("mediaconvert:CreateJob", "mediaconvert:presets/*", when="Settings.OutputGroups[].Outputs[].Preset"),
            Allow("iam:PassRole", "iam::role/{Role}", passed_to="mediaconvert.amazonaws.com"),
            Allow("mediaconvert:TagResource", "mediaconvert:jobs/*", when="Tags", inherent=NEW_ID),
        ),
        (
            Allow(
                "mediaconvert:GetJob mediaconvert:CancelJob",
                "mediaconvert:jobs/*",
                note="Follow and cancel the job",
                inherent=NEW_ID,
            ),
        ),
        "StepFunctionsGetEventsForMediaConvertJobRule",
        polling=Polling(
            "getJob",
            {"Id": "response.Job.Id"},
            "Job.Status",
            frozenset({"COMPLETE"}),
            frozenset({"CANCELED", "ERROR"}),
            stop="cancelJob",
            stop_with={"Id": "response.Job.Id"},
        ),
    )


def _sagemaker() -> Iterator[Integration]:
    # Step Functions tags the jobs it creates, and reads the tags.
    list_tags = Allow("sagemaker:ListTags", note="Read the tags that Step Functions sets", inherent="AWS's policy asks for all resources")
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
        allows = [Allow(f"sagemaker:Create{job} sagemaker:AddTags", resource), list_tags]
        if role:
            allows.append(
                Allow("iam:PassRole", f"iam::role/{{{role}=*}}", passed_to="sagemaker.amazonaws.com", note="Hand the job its role")
            )
        by_name = {f"{job}Name": f"request.{job}Name"}
        yield Integration(
            SAGEMAKER,
            f"create{job}",
            RS,
            tuple(allows),
            (Allow(f"sagemaker:Describe{job} sagemaker:Stop{job}", resource, note="Follow and stop the job"),),
            rule,
            polling=Polling(
                f"describe{job}",
                by_name,
                f"{job}Status",
                frozenset({"Completed"}),
                frozenset({"Failed", "Stopped"}),
                stop=f"stop{job}",
                stop_with=by_name,
            ),
        )
    config = "sagemaker:endpoint-config/{EndpointConfigName|lower}"
    endpoint = "sagemaker:endpoint/{EndpointName|lower}"
    resources: dict[str, tuple[tuple[str, ...], str]] = {
        "CreateEndpoint": ((endpoint, config), endpoint),
        "UpdateEndpoint": ((endpoint, config), ""),
        "CreateEndpointConfig": ((config,), config),
        "CreateModel": (("sagemaker:model/{ModelName|lower}",), "sagemaker:model/{ModelName|lower}"),
    }
    for name, (touched, tagged) in resources.items():
        allows = [Allow(f"sagemaker:{name}", touched)]
        if tagged:
            allows += [Allow("sagemaker:AddTags", tagged, note="Tag what Step Functions creates"), list_tags]
        if name == "CreateModel":
            role = "iam::role/{ExecutionRoleArn=*}"
            allows.append(Allow("iam:PassRole", role, passed_to="sagemaker.amazonaws.com", note="Hand the model its role"))
        yield Integration(SAGEMAKER, name[0].lower() + name[1:], R, tuple(allows))


def _codebuild() -> Iterator[Integration]:
    project, by_id = "codebuild:project/{ProjectName}", "codebuild:project/{Id|project_of}"
    rule = "StepFunctionsGetEventForCodeBuildStartBuild{}Rule"
    failed = frozenset({"FAILED", "FAULT", "TIMED_OUT", "STOPPED"})
    yield Integration(
        CODEBUILD,
        "startBuild",
        RS,
        (Allow("codebuild:StartBuild", project),),
        (Allow("codebuild:StopBuild codebuild:BatchGetBuilds", project, note="Follow and stop the build"),),
        rule.format(""),
        polling=Polling(
            "batchGetBuilds",
            {"Ids": "response.Build.Id"},
            "BuildStatus",
            frozenset({"SUCCEEDED"}),
            failed,
            description="Builds.0",
            result_name="Build",
            stop="stopBuild",
            stop_with={"Id": "response.Build.Id"},
        ),
    )
    for action, resource, managed in (("startBuildBatch", project, rule.format("Batch")), ("retryBuildBatch", by_id, "")):
        yield Integration(
            CODEBUILD,
            action,
            RS,
            (Allow(f"codebuild:{action[0].upper()}{action[1:]}", resource),),
            (Allow("codebuild:StopBuildBatch codebuild:BatchGetBuildBatches", resource, note="Follow and stop the build batch"),),
            managed,
            polling=Polling(
                "batchGetBuildBatches",
                {"Ids": "response.BuildBatch.Id"},
                "BuildBatchStatus",
                frozenset({"SUCCEEDED"}),
                failed,
                description="BuildBatches.0",
                result_name="BuildBatch",
                stop="stopBuildBatch",
                stop_with={"Id": "response.BuildBatch.Id"},
            ),
        )
    for action in ("stopBuild", "stopBuildBatch", "deleteBuildBatch"):
        yield Integration(CODEBUILD, action, R, (Allow(f"codebuild:{action[0].upper()}{action[1:]}", by_id),))
    builds = (Allow("codebuild:BatchDeleteBuilds", "codebuild:project/{Ids[]|project_of}"),)
    yield Integration(CODEBUILD, "batchDeleteBuilds", R, builds)
    reports = (Allow("codebuild:BatchGetReports", "codebuild:report-group/{ReportArns[]|report_group}"),)
    yield Integration(CODEBUILD, "batchGetReports", R, reports)
