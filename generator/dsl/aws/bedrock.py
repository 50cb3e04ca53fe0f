"""Amazon Bedrock: calls with types. Written by :mod:`generator.catalog.typed`; do not edit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Literal

from generator.dsl.aws.call import call, unknown
from generator.dsl.expressions import Expr, Payload
from generator.dsl.integrations import Integration

__all__ = [
    "apply_guardrail",
    "converse",
    "create_model_customization_job",
    "invoke_model",
]


def apply_guardrail(
    *,
    GuardrailIdentifier: str | Expr,
    GuardrailVersion: str | Expr,
    Source: Literal["INPUT", "OUTPUT"] | Expr,
    Content: Sequence[Mapping[str, Payload] | Expr] | Expr,
    OutputScope: Literal["INTERVENTIONS", "FULL"] | Expr | None = None,
) -> Integration:
    """Apply a guardrail to a text or an image.

    Resource: ``aws-sdk:bedrockruntime:applyGuardrail``.
    Result: ``Usage``, ``Action``, ``ActionReason``, ``Outputs``, ``Assessments``, ``GuardrailCoverage``.

    Args:
        GuardrailIdentifier: the guardrail identifier used in the request to apply the guardrail.
        GuardrailVersion: the guardrail version used in the request to apply the guardrail.
        Source: the source of data used in the request to apply the guardrail.
        Content: the content details used in the request to apply the guardrail.
        OutputScope: specifies the scope of the output that you get in the response.

    Source: https://boto3.amazonaws.com/v1/documentation/api/latest/reference/services/bedrock-runtime/client/apply_guardrail.html
    """
    return call("aws-sdk:bedrockruntime:applyGuardrail", locals())


def converse(
    *,
    ModelId: str | Expr,
    Messages: Sequence[Mapping[str, Payload] | Expr] | Expr | None = None,
    System: Sequence[Mapping[str, Payload] | Expr] | Expr | None = None,
    InferenceConfig: Mapping[str, Payload] | Expr | None = None,
    ToolConfig: Mapping[str, Payload] | Expr | None = None,
    GuardrailConfig: Mapping[str, Payload] | Expr | None = None,
    AdditionalModelRequestFields: Payload | None = None,
    PromptVariables: Mapping[str, Mapping[str, Payload] | Expr] | Expr | None = None,
    AdditionalModelResponseFieldPaths: Sequence[str | Expr] | Expr | None = None,
    RequestMetadata: Mapping[str, str | Expr] | Expr | None = None,
    PerformanceConfig: Mapping[str, Payload] | Expr | None = None,
    ServiceTier: Mapping[str, Payload] | Expr | None = None,
    OutputConfig: Mapping[str, Payload] | Expr | None = None,
) -> Integration:
    """Send messages to the specified Amazon Bedrock model.

    Resource: ``aws-sdk:bedrockruntime:converse``.
    Result: ``Output``, ``StopReason``, ``Usage``, ``Metrics``, ``AdditionalModelResponseFields``, ``Trace``, ``PerformanceConfig``, ``ServiceTier``.

    Args:
        ModelId: specifies the model or throughput with which to run inference, or the prompt resource to use in inference.
        Messages: the messages that you want to send to the model.
        System: a prompt that provides instructions or context to the model about the task it should perform, or the …
        InferenceConfig: inference parameters to pass to the model.
        ToolConfig: configuration information for the tools that the model can use when generating a response.
        GuardrailConfig: configuration information for a guardrail that you want to use in the request.
        AdditionalModelRequestFields: additional inference parameters that the model supports, beyond the base set of inference parameters that …
        PromptVariables: contains a map of variables in a prompt from Prompt management to objects containing the values to fill in …
        AdditionalModelResponseFieldPaths: additional model parameters field paths to return in the response.
        RequestMetadata: key-value pairs that you can use to filter invocation logs.
        PerformanceConfig: model performance settings for the request.
        ServiceTier: specifies the processing tier configuration used for serving the request.
        OutputConfig: output configuration for a model response.

    Source: https://boto3.amazonaws.com/v1/documentation/api/latest/reference/services/bedrock-runtime/client/converse.html
    """
    return call("aws-sdk:bedrockruntime:converse", locals())


def create_model_customization_job(
    *,
    JobName: str | Expr,
    CustomModelName: str | Expr,
    RoleArn: str | Expr,
    BaseModelIdentifier: str | Expr,
    TrainingDataConfig: Mapping[str, Payload] | Expr,
    OutputDataConfig: Mapping[str, Payload] | Expr,
    ClientRequestToken: str | Expr | None = None,
    CustomizationType: Literal[
        "FINE_TUNING", "CONTINUED_PRE_TRAINING", "DISTILLATION", "REINFORCEMENT_FINE_TUNING", "IMPORTED"
    ] | Expr | None = None,
    CustomModelKmsKeyId: str | Expr | None = None,
    JobTags: Sequence[Mapping[str, Payload] | Expr] | Expr | None = None,
    CustomModelTags: Sequence[Mapping[str, Payload] | Expr] | Expr | None = None,
    ValidationDataConfig: Mapping[str, Payload] | Expr | None = None,
    HyperParameters: Mapping[str, str | Expr] | Expr | None = None,
    VpcConfig: Mapping[str, Payload] | Expr | None = None,
    CustomizationConfig: Mapping[str, Payload] | Expr | None = None,
) -> Integration:
    """Create a fine-tuning job to customize a base model.

    Resource: ``bedrock:createModelCustomizationJob``, also with ``.sync()``.
    Result: ``JobArn``.

    Args:
        JobName: a name for the fine-tuning job.
        CustomModelName: a name for the resulting custom model.
        RoleArn: the Amazon Resource Name (ARN) of an IAM service role that Amazon Bedrock can assume to perform tasks on …
        BaseModelIdentifier: name of the base model.
        TrainingDataConfig: information about the training dataset.
        OutputDataConfig: S3 location for the output data.
        ClientRequestToken: a unique, case-sensitive identifier to ensure that the API request completes no more than one time.
        CustomizationType: the customization type.
        CustomModelKmsKeyId: the custom model is encrypted at rest using this key.
        JobTags: tags to attach to the job.
        CustomModelTags: tags to attach to the resulting custom model.
        ValidationDataConfig: information about the validation dataset.
        HyperParameters: parameters related to tuning the model.
        VpcConfig: the configuration of the Virtual Private Cloud (VPC) that contains the resources that you're using for this …
        CustomizationConfig: the customization configuration for the model customization job.

    Source: https://docs.aws.amazon.com/step-functions/latest/dg/connect-bedrock.html
    """
    return call("bedrock:createModelCustomizationJob", locals(), "bedrock:createModelCustomizationJob")


def invoke_model(
    *,
    ModelId: str | Expr,
    ContentType: str | Expr | None = None,
    Accept: str | Expr | None = None,
    Trace: Literal["ENABLED", "DISABLED", "ENABLED_FULL"] | Expr | None = None,
    GuardrailIdentifier: str | Expr | None = None,
    GuardrailVersion: str | Expr | None = None,
    PerformanceConfigLatency: Literal["standard", "optimized"] | Expr | None = None,
    ServiceTier: Literal["priority", "default", "flex", "reserved"] | Expr | None = None,
    RequestMetadata: str | Expr | None = None,
    Body: Payload | None = None,
    Input: Payload | None = None,
    Output: Payload | None = None,
) -> Integration:
    """Invoke the specified Amazon Bedrock model to run inference using the prompt and inference parameters …

    Resource: ``bedrock:invokeModel``, also with ``.wait_for_task_token()``.
    Result: ``Body``, ``ContentType``, ``PerformanceConfigLatency``, ``ServiceTier``.

    Args:
        ModelId: the unique identifier of the model to invoke to run inference.
        ContentType: the MIME type of the input data in the request.
        Accept: the desired MIME type of the inference body in the response.
        Trace: specifies whether to enable or disable the Bedrock trace.
        GuardrailIdentifier: the unique identifier of the guardrail that you want to use.
        GuardrailVersion: the version number for the guardrail.
        PerformanceConfigLatency: model performance settings for the request.
        ServiceTier: specifies the processing tier type used for serving the request.
        RequestMetadata: key-value pairs that you can use to filter invocation logs.
        Body: the prompt and inference parameters in the format specified in the ``contentType`` in the header.
        Input: the place in S3 of the request's body, ``{"S3Uri": …}``.
        Output: the place in S3 for the response, ``{"S3Uri": …}``.

    Source: https://docs.aws.amazon.com/step-functions/latest/dg/connect-bedrock.html
    """
    return call("bedrock:invokeModel", locals(), "bedrockruntime:invokeModel")


if not TYPE_CHECKING:  # type checkers report the name themselves
    __getattr__ = unknown(__name__, __all__)
