"""A step of each class of the SDK, and a workflow with all that it can say."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import boto3
import sagemaker
from sagemaker.estimator import Estimator
from sagemaker.model import Model
from sagemaker.processing import ProcessingInput, ProcessingOutput, Processor
from sagemaker.transformer import Transformer
from sagemaker.tuner import ContinuousParameter, HyperparameterTuner
from stepfunctions import steps
from stepfunctions.inputs import ExecutionInput
from stepfunctions.steps import ChoiceRule

ROLE = "arn:aws:iam::123456789012:role/training"
IMAGE = "123456789012.dkr.ecr.us-east-1.amazonaws.com/train:1"
CLUSTER = "j-1"
SUBNETS = ["subnet-1"]
JOB = ExecutionInput(schema={"job": str, "model": str, "size": int, "table": str})


@cache
def session() -> sagemaker.Session:
    """Return a session that calls nothing until it is asked to."""
    return sagemaker.Session(boto_session=boto3.Session(region_name="us-east-1"), default_bucket="bucket")


def estimator() -> Estimator:
    """Return an estimator."""
    return Estimator(
        IMAGE,
        ROLE,
        instance_count=1,
        instance_type="ml.m5.large",
        output_path="s3://bucket/out",
        sagemaker_session=session(),
        hyperparameters={"tol": 0.1},
    )


def _tuner() -> HyperparameterTuner:
    metrics = [{"Name": "loss", "Regex": "loss=(.*)"}]
    ranges = {"rate": ContinuousParameter(0.1, 0.9)}
    return HyperparameterTuner(estimator(), "loss", ranges, metric_definitions=metrics, max_jobs=2)


def _processing() -> steps.ProcessingStep:
    processor = Processor(ROLE, IMAGE, 1, "ml.m5.large", entrypoint=["python", "run.py"], sagemaker_session=session())
    given = [ProcessingInput(source="s3://bucket/in", destination="/opt/ml/processing/in", input_name="in")]
    made = [ProcessingOutput(source="/opt/ml/processing/out", destination="s3://bucket/out", output_name="out")]
    return steps.ProcessingStep("S", processor, JOB["job"], inputs=given, outputs=made, container_arguments=["--size", "1"])


def _map() -> steps.Map:
    step = steps.Map("S", items_path="$.items", max_concurrency=2, parameters={"item.$": "$$.Map.Item.Value", "of": JOB["job"]})
    step.attach_iterator(steps.Chain([steps.Pass("Inner"), steps.Pass("Last")]))
    return step


def _parallel() -> steps.Parallel:
    step = steps.Parallel("S", result_path="$.both", retry=steps.Retry(error_equals=["States.ALL"], max_attempts=1))
    step.add_branch(steps.Pass("Left", result={"side": "left"}))
    step.add_branch(steps.Chain([steps.Wait("Pause", seconds=1), steps.Pass("Right")]))
    return step


def _choice() -> steps.Choice:
    step = steps.Choice("S", input_path="$.order")
    small = ChoiceRule.And([ChoiceRule.IsPresent("$.n", True), ChoiceRule.Not(ChoiceRule.NumericGreaterThan("$.n", 3))])
    step.add_choice(small, steps.Succeed("Small"))
    step.add_choice(ChoiceRule.Or([ChoiceRule.StringMatches("$.s", "a*"), ChoiceRule.BooleanEquals("$.b", True)]), steps.Pass("Other"))
    step.add_choice(ChoiceRule.TimestampLessThan("$.t", "2026-01-31T12:00:00Z"), steps.Wait("Until", timestamp_path="$.t"))
    step.default_choice(steps.Fail("Bad", error="Bad", cause="It is bad."))
    return step


FUNCTION = {"FunctionName": "arn:aws:lambda:us-east-1:123456789012:function:f", "Payload": {"id": JOB["job"], "plain": 1}}
QUEUE = "https://sqs.us-east-1.amazonaws.com/123456789012/q"
KEY = {"id": {"S": JOB["job"]}}
EKS = {"ClusterName": "c", "CertificateAuthority": "YQ==", "Endpoint": "https://example.eks.amazonaws.com"}
FARGATE = {"ClusterName": "c", "FargateProfileName": "p"}
FLEET = {"ClusterId": CLUSTER, "InstanceFleetName": "core", "InstanceFleet": {"TargetOnDemandCapacity": 2}}
GROUP = {"ClusterId": CLUSTER, "InstanceGroupName": "core", "InstanceGroup": {"InstanceCount": 2}}
STEP = {"Name": "s", "ActionOnFailure": "CONTINUE", "HadoopJarStep": {"Jar": "command-runner.jar"}}
NETWORK = {"AwsvpcConfiguration": {"Subnets": SUBNETS}}
JOBSPEC = {"apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": "j"}, "spec": {}}

STEPS: dict[str, Callable[[], Any]] = {
    "Pass": lambda: steps.Pass("S", parameters={"a": JOB["job"], "b": {"c": JOB["size"]}}, result_path="$.p", comment="a comment"),
    "Succeed": lambda: steps.Succeed("S", input_path="$.a", output_path="$.b"),
    "Fail": lambda: steps.Fail("S", error="E", cause="c"),
    "Wait": lambda: steps.Wait("S", seconds_path="$.seconds"),
    "Choice": _choice,
    "Parallel": _parallel,
    "Map": _map,
    "Task": lambda: steps.Task("S", resource=FUNCTION["FunctionName"], timeout_seconds_path="$.t", heartbeat_seconds=5, result_path=None),
    "LambdaStep": lambda: steps.LambdaStep("S", parameters=FUNCTION, output_path="$.Payload"),
    "GlueStartJobRunStep": lambda: steps.GlueStartJobRunStep("S", parameters={"JobName": "j", "Arguments": {"--table": JOB["table"]}}),
    "BatchSubmitJobStep": lambda: steps.BatchSubmitJobStep("S", parameters={"JobName": "j", "JobQueue": "q", "JobDefinition": "d"}),
    "EcsRunTaskStep": lambda: steps.EcsRunTaskStep(
        "S", parameters={"Cluster": "c", "TaskDefinition": "t:1", "LaunchType": "FARGATE", "NetworkConfiguration": NETWORK}
    ),
    "DynamoDBGetItemStep": lambda: steps.DynamoDBGetItemStep("S", parameters={"TableName": JOB["table"], "Key": KEY}),
    "DynamoDBPutItemStep": lambda: steps.DynamoDBPutItemStep("S", parameters={"TableName": "t", "Item": KEY}),
    "DynamoDBUpdateItemStep": lambda: steps.DynamoDBUpdateItemStep("S", parameters={"TableName": "t", "Key": KEY}),
    "DynamoDBDeleteItemStep": lambda: steps.DynamoDBDeleteItemStep("S", parameters={"TableName": "t", "Key": KEY}),
    "EksCallStep": lambda: steps.EksCallStep("S", parameters={**EKS, "Method": "GET", "Path": "/api/v1/pods"}),
    "EksRunJobStep": lambda: steps.EksRunJobStep("S", parameters={**EKS, "Job": JOBSPEC}),
    "EksCreateClusterStep": lambda: steps.EksCreateClusterStep(
        "S", parameters={"Name": "c", "ResourcesVpcConfig": {"SubnetIds": SUBNETS}, "RoleArn": ROLE}
    ),
    "EksDeleteClusterStep": lambda: steps.EksDeleteClusterStep("S", parameters={"Name": "c"}),
    "EksCreateFargateProfileStep": lambda: steps.EksCreateFargateProfileStep("S", parameters={**FARGATE, "PodExecutionRoleArn": ROLE}),
    "EksDeleteFargateProfileStep": lambda: steps.EksDeleteFargateProfileStep("S", parameters=FARGATE),
    "EksCreateNodegroupStep": lambda: steps.EksCreateNodegroupStep(
        "S", parameters={"ClusterName": "c", "NodegroupName": "n", "NodeRole": ROLE, "Subnets": SUBNETS}
    ),
    "EksDeleteNodegroupStep": lambda: steps.EksDeleteNodegroupStep("S", parameters={"ClusterName": "c", "NodegroupName": "n"}),
    "EmrCreateClusterStep": lambda: steps.EmrCreateClusterStep("S", parameters={"Name": "c", "Instances": {}}),
    "EmrTerminateClusterStep": lambda: steps.EmrTerminateClusterStep("S", parameters={"ClusterId": CLUSTER}),
    "EmrAddStepStep": lambda: steps.EmrAddStepStep("S", parameters={"ClusterId": CLUSTER, "Step": STEP}),
    "EmrCancelStepStep": lambda: steps.EmrCancelStepStep("S", parameters={"ClusterId": CLUSTER, "StepId": "s-1"}),
    "EmrSetClusterTerminationProtectionStep": lambda: steps.EmrSetClusterTerminationProtectionStep(
        "S", parameters={"ClusterId": CLUSTER, "TerminationProtected": True}
    ),
    "EmrModifyInstanceFleetByNameStep": lambda: steps.EmrModifyInstanceFleetByNameStep("S", parameters=FLEET),
    "EmrModifyInstanceGroupByNameStep": lambda: steps.EmrModifyInstanceGroupByNameStep("S", parameters=GROUP),
    "EventBridgePutEventsStep": lambda: steps.EventBridgePutEventsStep(
        "S", parameters={"Entries": [{"Detail": {"id": JOB["job"]}, "DetailType": "T", "EventBusName": "b", "Source": "s"}]}
    ),
    "GlueDataBrewStartJobRunStep": lambda: steps.GlueDataBrewStartJobRunStep("S", parameters={"Name": "j"}),
    "SnsPublishStep": lambda: steps.SnsPublishStep(
        "S", parameters={"TopicArn": "arn:aws:sns:us-east-1:123456789012:t", "Message": JOB["job"]}
    ),
    "SqsSendMessageStep": lambda: steps.SqsSendMessageStep(
        "S", wait_for_callback=True, parameters={"QueueUrl": QUEUE, "MessageBody": {"token.$": "$$.Task.Token"}}
    ),
    "StepFunctionsStartExecutionStep": lambda: steps.StepFunctionsStartExecutionStep(
        "S", parameters={"StateMachineArn": "arn:aws:states:us-east-1:123456789012:stateMachine:m", "Input": {"id": JOB["job"]}}
    ),
    "TrainingStep": lambda: steps.TrainingStep("S", estimator(), JOB["job"], data="s3://bucket/train", hyperparameters={"depth": 3}),
    "TransformStep": lambda: steps.TransformStep(
        "S",
        Transformer(JOB["model"], 1, "ml.m5.large", output_path="s3://bucket/out", sagemaker_session=session()),
        JOB["job"],
        JOB["model"],
        "s3://bucket/in",
    ),
    "ModelStep": lambda: steps.ModelStep(
        "S", Model(IMAGE, "s3://bucket/model.tar.gz", ROLE, sagemaker_session=session()), JOB["model"], tags={"team": "ml"}
    ),
    "EndpointConfigStep": lambda: steps.EndpointConfigStep("S", JOB["model"], JOB["model"], 1, "ml.m5.large"),
    "EndpointStep": lambda: steps.EndpointStep("S", JOB["model"], JOB["model"], update=True),
    "TuningStep": lambda: steps.TuningStep("S", _tuner(), JOB["job"], data="s3://bucket/train"),
    "ProcessingStep": _processing,
}
"""A step of each class, by the name of the class."""
