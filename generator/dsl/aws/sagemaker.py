"""SageMaker AI: calls with types. Written by :mod:`generator.catalog.typed`; do not edit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Literal

from generator.dsl.aws.call import call, unknown
from generator.dsl.expressions import Expr, Payload
from generator.dsl.integrations import Integration

__all__ = [
    "create_endpoint",
    "create_endpoint_config",
    "create_hyper_parameter_tuning_job",
    "create_labeling_job",
    "create_model",
    "create_model_package",
    "create_processing_job",
    "create_training_job",
    "create_transform_job",
    "delete_endpoint",
    "describe_endpoint",
    "describe_training_job",
    "update_endpoint",
]


def create_endpoint(
    *,
    EndpointName: str | Expr,
    EndpointConfigName: str | Expr,
    DeploymentConfig: Mapping[str, Payload] | Expr | None = None,
    Tags: Sequence[Mapping[str, Payload] | Expr] | Expr | None = None,
) -> Integration:
    """Create an endpoint using the endpoint configuration specified in the request.

    Resource: ``sagemaker:createEndpoint``.
    Result: ``EndpointArn``.

    Args:
        EndpointName: the name of the endpoint.The name must be unique within an Amazon Web Services Region in your Amazon Web …
        EndpointConfigName: the name of an endpoint configuration.
        DeploymentConfig: a value of the request.
        Tags: an array of key-value pairs.

    Source: https://docs.aws.amazon.com/step-functions/latest/dg/connect-sagemaker.html
    """
    return call("sagemaker:createEndpoint", locals(), "sagemaker:createEndpoint")


def create_endpoint_config(
    *,
    EndpointConfigName: str | Expr,
    ProductionVariants: Sequence[Mapping[str, Payload] | Expr] | Expr,
    DataCaptureConfig: Mapping[str, Payload] | Expr | None = None,
    Tags: Sequence[Mapping[str, Payload] | Expr] | Expr | None = None,
    KmsKeyId: str | Expr | None = None,
    AsyncInferenceConfig: Mapping[str, Payload] | Expr | None = None,
    ExplainerConfig: Mapping[str, Payload] | Expr | None = None,
    ShadowProductionVariants: Sequence[Mapping[str, Payload] | Expr] | Expr | None = None,
    ExecutionRoleArn: str | Expr | None = None,
    VpcConfig: Mapping[str, Payload] | Expr | None = None,
    EnableNetworkIsolation: bool | Expr | None = None,
    MetricsConfig: Mapping[str, Payload] | Expr | None = None,
    CrossRegionTrafficConfig: Mapping[str, Payload] | Expr | None = None,
) -> Integration:
    """Create an endpoint configuration that SageMaker hosting services uses to deploy models.

    Resource: ``sagemaker:createEndpointConfig``.
    Result: ``EndpointConfigArn``.

    Args:
        EndpointConfigName: the name of the endpoint configuration.
        ProductionVariants: an array of ``ProductionVariant`` objects, one for each model that you want to host at this endpoint.
        DataCaptureConfig: a value of the request.
        Tags: an array of key-value pairs.
        KmsKeyId: the Amazon Resource Name (ARN) of a Amazon Web Services Key Management Service key that SageMaker uses to …
        AsyncInferenceConfig: specifies configuration for how an endpoint performs asynchronous inference.
        ExplainerConfig: a member of ``CreateEndpointConfig`` that enables explainers.
        ShadowProductionVariants: an array of ``ProductionVariant`` objects, one for each model that you want to host at this endpoint in …
        ExecutionRoleArn: the role of the step.
        VpcConfig: a value of the request.
        EnableNetworkIsolation: sets whether all model containers deployed to the endpoint are isolated.
        MetricsConfig: the configuration parameters for utilization metrics.
        CrossRegionTrafficConfig: the cross-Region traffic cap for the endpoint.

    Source: https://docs.aws.amazon.com/step-functions/latest/dg/connect-sagemaker.html
    """
    return call("sagemaker:createEndpointConfig", locals(), "sagemaker:createEndpointConfig")


def create_hyper_parameter_tuning_job(
    *,
    HyperParameterTuningJobName: str | Expr,
    HyperParameterTuningJobConfig: Mapping[str, Payload] | Expr,
    TrainingJobDefinition: Mapping[str, Payload] | Expr | None = None,
    TrainingJobDefinitions: Sequence[Mapping[str, Payload] | Expr] | Expr | None = None,
    WarmStartConfig: Mapping[str, Payload] | Expr | None = None,
    Tags: Sequence[Mapping[str, Payload] | Expr] | Expr | None = None,
    Autotune: Mapping[str, Payload] | Expr | None = None,
) -> Integration:
    """Start a hyperparameter tuning job.

    Resource: ``sagemaker:createHyperParameterTuningJob``, also with ``.sync()``.
    Result: ``HyperParameterTuningJobArn``.

    Args:
        HyperParameterTuningJobName: the name of the tuning job.
        HyperParameterTuningJobConfig: the HyperParameterTuningJobConfig object that describes the tuning job, including the search strategy, the …
        TrainingJobDefinition: the HyperParameterTrainingJobDefinition object that describes the training jobs that this tuning job …
        TrainingJobDefinitions: a list of the HyperParameterTrainingJobDefinition objects launched for this tuning job.
        WarmStartConfig: specifies the configuration for starting the hyperparameter tuning job using one or more previous tuning …
        Tags: an array of key-value pairs.
        Autotune: configures SageMaker Automatic model tuning (AMT) to automatically find optimal parameters for the …

    Source: https://docs.aws.amazon.com/step-functions/latest/dg/connect-sagemaker.html
    """
    return call("sagemaker:createHyperParameterTuningJob", locals(), "sagemaker:createHyperParameterTuningJob")


def create_labeling_job(
    *,
    LabelingJobName: str | Expr,
    LabelAttributeName: str | Expr,
    InputConfig: Mapping[str, Payload] | Expr,
    OutputConfig: Mapping[str, Payload] | Expr,
    RoleArn: str | Expr,
    HumanTaskConfig: Mapping[str, Payload] | Expr,
    LabelCategoryConfigS3Uri: str | Expr | None = None,
    StoppingConditions: Mapping[str, Payload] | Expr | None = None,
    LabelingJobAlgorithmsConfig: Mapping[str, Payload] | Expr | None = None,
    Tags: Sequence[Mapping[str, Payload] | Expr] | Expr | None = None,
) -> Integration:
    """Create a job that uses workers to label the data objects in your input dataset.

    Resource: ``sagemaker:createLabelingJob``, also with ``.sync()``.
    Result: ``LabelingJobArn``.

    Args:
        LabelingJobName: the name of the labeling job.
        LabelAttributeName: the attribute name to use for the label in the output manifest file.
        InputConfig: input data for the labeling job, such as the Amazon S3 location of the data objects and the location of the …
        OutputConfig: the location of the output data and the Amazon Web Services Key Management Service key ID for the key used …
        RoleArn: the Amazon Resource Number (ARN) that Amazon SageMaker assumes to perform tasks on your behalf during data …
        HumanTaskConfig: configures the labeling task and how it is presented to workers; including, but not limited to price …
        LabelCategoryConfigS3Uri: the S3 URI of the file, referred to as a label category configuration file, that defines the categories …
        StoppingConditions: a set of conditions for stopping the labeling job.
        LabelingJobAlgorithmsConfig: configures the information required to perform automated data labeling.
        Tags: an array of key/value pairs.

    Source: https://docs.aws.amazon.com/step-functions/latest/dg/connect-sagemaker.html
    """
    return call("sagemaker:createLabelingJob", locals(), "sagemaker:createLabelingJob")


def create_model(
    *,
    ModelName: str | Expr,
    PrimaryContainer: Mapping[str, Payload] | Expr | None = None,
    Containers: Sequence[Mapping[str, Payload] | Expr] | Expr | None = None,
    InferenceExecutionConfig: Mapping[str, Payload] | Expr | None = None,
    ExecutionRoleArn: str | Expr | None = None,
    Tags: Sequence[Mapping[str, Payload] | Expr] | Expr | None = None,
    VpcConfig: Mapping[str, Payload] | Expr | None = None,
    EnableNetworkIsolation: bool | Expr | None = None,
) -> Integration:
    """Create a model in SageMaker.

    Resource: ``sagemaker:createModel``.
    Result: ``ModelArn``.

    Args:
        ModelName: the name of the new model.
        PrimaryContainer: the location of the primary docker image containing inference code, associated artifacts, and custom …
        Containers: specifies the containers in the inference pipeline.
        InferenceExecutionConfig: specifies details of how containers in a multi-container endpoint are called.
        ExecutionRoleArn: the role of the step.
        Tags: an array of key-value pairs.
        VpcConfig: a VpcConfig object that specifies the VPC that you want your model to connect to.
        EnableNetworkIsolation: isolates the model container.

    Source: https://docs.aws.amazon.com/step-functions/latest/dg/connect-sagemaker.html
    """
    return call("sagemaker:createModel", locals(), "sagemaker:createModel")


def create_model_package(
    *,
    ModelPackageName: str | Expr | None = None,
    ModelPackageGroupName: str | Expr | None = None,
    ModelPackageDescription: str | Expr | None = None,
    ModelPackageRegistrationType: Literal["Logged", "Registered"] | Expr | None = None,
    InferenceSpecification: Mapping[str, Payload] | Expr | None = None,
    ValidationSpecification: Mapping[str, Payload] | Expr | None = None,
    SourceAlgorithmSpecification: Mapping[str, Payload] | Expr | None = None,
    CertifyForMarketplace: bool | Expr | None = None,
    Tags: Sequence[Mapping[str, Payload] | Expr] | Expr | None = None,
    ModelApprovalStatus: Literal["Approved", "Rejected", "PendingManualApproval"] | Expr | None = None,
    MetadataProperties: Mapping[str, Payload] | Expr | None = None,
    ModelMetrics: Mapping[str, Payload] | Expr | None = None,
    ClientToken: str | Expr | None = None,
    Domain: str | Expr | None = None,
    Task: str | Expr | None = None,
    SamplePayloadUrl: str | Expr | None = None,
    CustomerMetadataProperties: Mapping[str, str | Expr] | Expr | None = None,
    DriftCheckBaselines: Mapping[str, Payload] | Expr | None = None,
    AdditionalInferenceSpecifications: Sequence[Mapping[str, Payload] | Expr] | Expr | None = None,
    SkipModelValidation: Literal["All", "None"] | Expr | None = None,
    SourceUri: str | Expr | None = None,
    SecurityConfig: Mapping[str, Payload] | Expr | None = None,
    ModelCard: Mapping[str, Payload] | Expr | None = None,
    ModelLifeCycle: Mapping[str, Payload] | Expr | None = None,
    ManagedStorageType: Literal["Restricted"] | Expr | None = None,
) -> Integration:
    """Create a model package that you can use to create SageMaker models or list on Amazon Web Services …

    Resource: ``aws-sdk:sagemaker:createModelPackage``.
    Result: ``ModelPackageArn``.

    Args:
        ModelPackageName: the name of the model package.
        ModelPackageGroupName: the name or Amazon Resource Name (ARN) of the model package group that this model version belongs to.
        ModelPackageDescription: a description of the model package.
        ModelPackageRegistrationType: the package registration type of the model package input.
        InferenceSpecification: specifies details about inference jobs that you can run with models based on this model package, including …
        ValidationSpecification: specifies configurations for one or more transform jobs that SageMaker runs to test the model package.
        SourceAlgorithmSpecification: details about the algorithm that was used to create the model package.
        CertifyForMarketplace: whether to certify the model package for listing on Amazon Web Services Marketplace.
        Tags: a list of key value pairs associated with the model.
        ModelApprovalStatus: whether the model is approved for deployment.
        MetadataProperties: a value of the request.
        ModelMetrics: a structure that contains model metrics reports.
        ClientToken: a unique token that guarantees that the call to this API is idempotent.
        Domain: the machine learning domain of your model package and its components.
        Task: the machine learning task your model package accomplishes.
        SamplePayloadUrl: the Amazon Simple Storage Service (Amazon S3) path where the sample payload is stored.
        CustomerMetadataProperties: the metadata properties associated with the model package versions.
        DriftCheckBaselines: represents the drift check baselines that can be used when the model monitor is set using the model package.
        AdditionalInferenceSpecifications: an array of additional Inference Specification objects.
        SkipModelValidation: indicates if you want to skip model validation.
        SourceUri: the URI of the source for the model package.
        SecurityConfig: the KMS Key ID (``KMSKeyId``) used for encryption of model package information.
        ModelCard: the model card associated with the model package.
        ModelLifeCycle: a structure describing the current state of the model in its life cycle.
        ManagedStorageType: the storage type of the model package.

    Source: https://boto3.amazonaws.com/v1/documentation/api/latest/reference/services/sagemaker/client/create_model_package.html
    """
    return call("aws-sdk:sagemaker:createModelPackage", locals())


def create_processing_job(
    *,
    ProcessingJobName: str | Expr,
    ProcessingResources: Mapping[str, Payload] | Expr,
    AppSpecification: Mapping[str, Payload] | Expr,
    RoleArn: str | Expr,
    ProcessingInputs: Sequence[Mapping[str, Payload] | Expr] | Expr | None = None,
    ProcessingOutputConfig: Mapping[str, Payload] | Expr | None = None,
    StoppingCondition: Mapping[str, Payload] | Expr | None = None,
    Environment: Mapping[str, str | Expr] | Expr | None = None,
    NetworkConfig: Mapping[str, Payload] | Expr | None = None,
    Tags: Sequence[Mapping[str, Payload] | Expr] | Expr | None = None,
    ExperimentConfig: Mapping[str, Payload] | Expr | None = None,
) -> Integration:
    """Create a processing job.

    Resource: ``sagemaker:createProcessingJob``, also with ``.sync()``.
    Result: ``ProcessingJobArn``.

    Args:
        ProcessingJobName: the name of the processing job.
        ProcessingResources: identifies the resources, ML compute instances, and ML storage volumes to deploy for a processing job.
        AppSpecification: configures the processing job to run a specified Docker container image.
        RoleArn: the Amazon Resource Name (ARN) of an IAM role that Amazon SageMaker can assume to perform tasks on your …
        ProcessingInputs: an array of inputs configuring the data to download into the processing container.
        ProcessingOutputConfig: output configuration for the processing job.
        StoppingCondition: the time limit for how long the processing job is allowed to run.
        Environment: the environment variables to set in the Docker container.
        NetworkConfig: networking options for a processing job, such as whether to allow inbound and outbound network calls to and …
        Tags: (Optional) An array of key-value pairs.
        ExperimentConfig: a value of the request.

    Source: https://docs.aws.amazon.com/step-functions/latest/dg/connect-sagemaker.html
    """
    return call("sagemaker:createProcessingJob", locals(), "sagemaker:createProcessingJob")


def create_training_job(
    *,
    TrainingJobName: str | Expr,
    RoleArn: str | Expr,
    OutputDataConfig: Mapping[str, Payload] | Expr,
    HyperParameters: Mapping[str, str | Expr] | Expr | None = None,
    AlgorithmSpecification: Mapping[str, Payload] | Expr | None = None,
    InputDataConfig: Sequence[Mapping[str, Payload] | Expr] | Expr | None = None,
    ResourceConfig: Mapping[str, Payload] | Expr | None = None,
    VpcConfig: Mapping[str, Payload] | Expr | None = None,
    StoppingCondition: Mapping[str, Payload] | Expr | None = None,
    Tags: Sequence[Mapping[str, Payload] | Expr] | Expr | None = None,
    EnableNetworkIsolation: bool | Expr | None = None,
    EnableInterContainerTrafficEncryption: bool | Expr | None = None,
    EnableManagedSpotTraining: bool | Expr | None = None,
    CheckpointConfig: Mapping[str, Payload] | Expr | None = None,
    DebugHookConfig: Mapping[str, Payload] | Expr | None = None,
    DebugRuleConfigurations: Sequence[Mapping[str, Payload] | Expr] | Expr | None = None,
    TensorBoardOutputConfig: Mapping[str, Payload] | Expr | None = None,
    ExperimentConfig: Mapping[str, Payload] | Expr | None = None,
    ProfilerConfig: Mapping[str, Payload] | Expr | None = None,
    ProfilerRuleConfigurations: Sequence[Mapping[str, Payload] | Expr] | Expr | None = None,
    Environment: Mapping[str, str | Expr] | Expr | None = None,
    RetryStrategy: Mapping[str, Payload] | Expr | None = None,
    RemoteDebugConfig: Mapping[str, Payload] | Expr | None = None,
    InfraCheckConfig: Mapping[str, Payload] | Expr | None = None,
    SessionChainingConfig: Mapping[str, Payload] | Expr | None = None,
    ServerlessJobConfig: Mapping[str, Payload] | Expr | None = None,
    MlflowConfig: Mapping[str, Payload] | Expr | None = None,
    ModelPackageConfig: Mapping[str, Payload] | Expr | None = None,
) -> Integration:
    """Start a model training job.

    Resource: ``sagemaker:createTrainingJob``, also with ``.sync()``.
    Result: ``TrainingJobArn``.

    Args:
        TrainingJobName: the name of the training job.
        RoleArn: the Amazon Resource Name (ARN) of an IAM role that SageMaker can assume to perform tasks on your behalf.
        OutputDataConfig: specifies the path to the S3 location where you want to store model artifacts.
        HyperParameters: algorithm-specific parameters that influence the quality of the model.
        AlgorithmSpecification: the registry path of the Docker image that contains the training algorithm and algorithm-specific metadata …
        InputDataConfig: an array of ``Channel`` objects.
        ResourceConfig: the resources, including the ML compute instances and ML storage volumes, to use for model training.
        VpcConfig: a VpcConfig object that specifies the VPC that you want your training job to connect to.
        StoppingCondition: specifies a limit to how long a model training job can run.
        Tags: an array of key-value pairs.
        EnableNetworkIsolation: isolates the training container.
        EnableInterContainerTrafficEncryption: to encrypt all communications between ML compute instances in distributed training, choose ``True``.
        EnableManagedSpotTraining: to train models using managed spot training, choose ``True``.
        CheckpointConfig: contains information about the output location for managed spot training checkpoint data.
        DebugHookConfig: a value of the request.
        DebugRuleConfigurations: configuration information for Amazon SageMaker Debugger rules for debugging output tensors.
        TensorBoardOutputConfig: a value of the request.
        ExperimentConfig: a value of the request.
        ProfilerConfig: a value of the request.
        ProfilerRuleConfigurations: configuration information for Amazon SageMaker Debugger rules for profiling system and framework metrics.
        Environment: the environment variables to set in the Docker container.
        RetryStrategy: the number of times to retry the job when the job fails due to an ``InternalServerError``.
        RemoteDebugConfig: configuration for remote debugging.
        InfraCheckConfig: contains information about the infrastructure health check configuration for the training job.
        SessionChainingConfig: contains information about attribute-based access control (ABAC) for the training job.
        ServerlessJobConfig: the configuration for serverless training jobs.
        MlflowConfig: the MLflow configuration using SageMaker managed MLflow.
        ModelPackageConfig: the configuration for the model package.

    Source: https://docs.aws.amazon.com/step-functions/latest/dg/connect-sagemaker.html
    """
    return call("sagemaker:createTrainingJob", locals(), "sagemaker:createTrainingJob")


def create_transform_job(
    *,
    TransformJobName: str | Expr,
    ModelName: str | Expr,
    TransformInput: Mapping[str, Payload] | Expr,
    TransformOutput: Mapping[str, Payload] | Expr,
    TransformResources: Mapping[str, Payload] | Expr,
    MaxConcurrentTransforms: int | Expr | None = None,
    ModelClientConfig: Mapping[str, Payload] | Expr | None = None,
    MaxPayloadInMB: int | Expr | None = None,
    BatchStrategy: Literal["MultiRecord", "SingleRecord"] | Expr | None = None,
    Environment: Mapping[str, str | Expr] | Expr | None = None,
    DataCaptureConfig: Mapping[str, Payload] | Expr | None = None,
    DataProcessing: Mapping[str, Payload] | Expr | None = None,
    Tags: Sequence[Mapping[str, Payload] | Expr] | Expr | None = None,
    ExperimentConfig: Mapping[str, Payload] | Expr | None = None,
) -> Integration:
    """Start a transform job.

    Resource: ``sagemaker:createTransformJob``, also with ``.sync()``.
    Result: ``TransformJobArn``.

    Args:
        TransformJobName: the name of the transform job.
        ModelName: the name of the model that you want to use for the transform job.
        TransformInput: describes the input source and the way the transform job consumes it.
        TransformOutput: describes the results of the transform job.
        TransformResources: describes the resources, including ML instance types and ML instance count, to use for the transform job.
        MaxConcurrentTransforms: the maximum number of parallel requests that can be sent to each instance in a transform job.
        ModelClientConfig: configures the timeout and maximum number of retries for processing a transform job invocation.
        MaxPayloadInMB: the maximum allowed size of the payload, in MB.
        BatchStrategy: specifies the number of records to include in a mini-batch for an HTTP inference request.
        Environment: the environment variables to set in the Docker container.
        DataCaptureConfig: configuration to control how SageMaker captures inference data.
        DataProcessing: the data structure used to specify the data to be used for inference in a batch transform job and to …
        Tags: (Optional) An array of key-value pairs.
        ExperimentConfig: a value of the request.

    Source: https://docs.aws.amazon.com/step-functions/latest/dg/connect-sagemaker.html
    """
    return call("sagemaker:createTransformJob", locals(), "sagemaker:createTransformJob")


def delete_endpoint(
    *,
    EndpointName: str | Expr,
) -> Integration:
    """Delete an endpoint.

    Resource: ``aws-sdk:sagemaker:deleteEndpoint``.

    Args:
        EndpointName: the name of the endpoint that you want to delete.

    Source: https://boto3.amazonaws.com/v1/documentation/api/latest/reference/services/sagemaker/client/delete_endpoint.html
    """
    return call("aws-sdk:sagemaker:deleteEndpoint", locals())


def describe_endpoint(
    *,
    EndpointName: str | Expr,
) -> Integration:
    """Return the description of an endpoint.

    Resource: ``aws-sdk:sagemaker:describeEndpoint``.
    Result: ``EndpointName``, ``EndpointArn``, ``EndpointConfigName``, ``ProductionVariants``, ``DataCaptureConfig``, ``EndpointStatus``, ``FailureReason``, ``CreationTime``, ….

    Args:
        EndpointName: the name of the endpoint.

    Source: https://boto3.amazonaws.com/v1/documentation/api/latest/reference/services/sagemaker/client/describe_endpoint.html
    """
    return call("aws-sdk:sagemaker:describeEndpoint", locals())


def describe_training_job(
    *,
    TrainingJobName: str | Expr,
) -> Integration:
    """Return information about a training job.

    Resource: ``aws-sdk:sagemaker:describeTrainingJob``.
    Result: ``TrainingJobName``, ``TrainingJobArn``, ``TuningJobArn``, ``LabelingJobArn``, ``AutoMLJobArn``, ``ModelArtifacts``, ``TrainingJobStatus``, ``SecondaryStatus``, ….

    Args:
        TrainingJobName: the name of the training job.

    Source: https://boto3.amazonaws.com/v1/documentation/api/latest/reference/services/sagemaker/client/describe_training_job.html
    """
    return call("aws-sdk:sagemaker:describeTrainingJob", locals())


def update_endpoint(
    *,
    EndpointName: str | Expr,
    EndpointConfigName: str | Expr,
    RetainAllVariantProperties: bool | Expr | None = None,
    ExcludeRetainedVariantProperties: Sequence[Mapping[str, Payload] | Expr] | Expr | None = None,
    DeploymentConfig: Mapping[str, Payload] | Expr | None = None,
    RetainDeploymentConfig: bool | Expr | None = None,
) -> Integration:
    """Deploy the ``EndpointConfig`` specified in the request to a new fleet of instances.

    Resource: ``sagemaker:updateEndpoint``.
    Result: ``EndpointArn``.

    Args:
        EndpointName: the name of the endpoint whose configuration you want to update.
        EndpointConfigName: the name of the new endpoint configuration.
        RetainAllVariantProperties: when updating endpoint resources, enables or disables the retention of variant properties, such as the …
        ExcludeRetainedVariantProperties: when you are updating endpoint resources with ``RetainAllVariantProperties``, whose value is set to …
        DeploymentConfig: the deployment configuration for an endpoint, which contains the desired deployment strategy and rollback …
        RetainDeploymentConfig: specifies whether to reuse the last deployment configuration.

    Source: https://docs.aws.amazon.com/step-functions/latest/dg/connect-sagemaker.html
    """
    return call("sagemaker:updateEndpoint", locals(), "sagemaker:updateEndpoint")


if not TYPE_CHECKING:  # type checkers report the name themselves
    __getattr__ = unknown(__name__, __all__)
