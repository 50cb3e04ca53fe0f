"""Textract: calls with types. Written by :mod:`generator.catalog.typed`; do not edit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Literal

from generator.dsl.aws.call import call, unknown
from generator.dsl.expressions import Expr, Payload
from generator.dsl.integrations import Integration

__all__ = [
    "analyze_document",
    "detect_document_text",
    "get_document_analysis",
    "start_document_analysis",
]


def analyze_document(
    *,
    Document: Mapping[str, Payload] | Expr,
    FeatureTypes: Sequence[Literal["TABLES", "FORMS", "QUERIES", "SIGNATURES", "LAYOUT"] | Expr] | Expr,
    HumanLoopConfig: Mapping[str, Payload] | Expr | None = None,
    QueriesConfig: Mapping[str, Payload] | Expr | None = None,
    AdaptersConfig: Mapping[str, Payload] | Expr | None = None,
) -> Integration:
    """Analyze an input document for relationships between detected items.

    Resource: ``aws-sdk:textract:analyzeDocument``.
    Result: ``DocumentMetadata``, ``Blocks``, ``HumanLoopActivationOutput``, ``AnalyzeDocumentModelVersion``.

    Args:
        Document: the input document as base64-encoded bytes or an Amazon S3 object.
        FeatureTypes: a list of the types of analysis to perform.
        HumanLoopConfig: sets the configuration for the human in the loop workflow for analyzing documents.
        QueriesConfig: contains Queries and the alias for those Queries, as determined by the input.
        AdaptersConfig: specifies the adapter to be used when analyzing a document.

    Source: https://boto3.amazonaws.com/v1/documentation/api/latest/reference/services/textract/client/analyze_document.html
    """
    return call("aws-sdk:textract:analyzeDocument", locals())


def detect_document_text(
    *,
    Document: Mapping[str, Payload] | Expr,
) -> Integration:
    """Detect text in the input document.

    Resource: ``aws-sdk:textract:detectDocumentText``.
    Result: ``DocumentMetadata``, ``Blocks``, ``DetectDocumentTextModelVersion``.

    Args:
        Document: the input document as base64-encoded bytes or an Amazon S3 object.

    Source: https://boto3.amazonaws.com/v1/documentation/api/latest/reference/services/textract/client/detect_document_text.html
    """
    return call("aws-sdk:textract:detectDocumentText", locals())


def get_document_analysis(
    *,
    JobId: str | Expr,
    MaxResults: int | Expr | None = None,
    NextToken: str | Expr | None = None,
) -> Integration:
    """Get the results for an Amazon Textract asynchronous operation that analyzes text in a document.

    Resource: ``aws-sdk:textract:getDocumentAnalysis``.
    Result: ``DocumentMetadata``, ``JobStatus``, ``NextToken``, ``Blocks``, ``Warnings``, ``StatusMessage``, ``AnalyzeDocumentModelVersion``.

    Args:
        JobId: a unique identifier for the text-detection job.
        MaxResults: the maximum number of results to return per paginated call.
        NextToken: if the previous response was incomplete (because there are more blocks to retrieve), Amazon Textract …

    Source: https://boto3.amazonaws.com/v1/documentation/api/latest/reference/services/textract/client/get_document_analysis.html
    """
    return call("aws-sdk:textract:getDocumentAnalysis", locals())


def start_document_analysis(
    *,
    DocumentLocation: Mapping[str, Payload] | Expr,
    FeatureTypes: Sequence[Literal["TABLES", "FORMS", "QUERIES", "SIGNATURES", "LAYOUT"] | Expr] | Expr,
    ClientRequestToken: str | Expr | None = None,
    JobTag: str | Expr | None = None,
    NotificationChannel: Mapping[str, Payload] | Expr | None = None,
    OutputConfig: Mapping[str, Payload] | Expr | None = None,
    KmsKeyId: str | Expr | None = None,
    QueriesConfig: Mapping[str, Payload] | Expr | None = None,
    AdaptersConfig: Mapping[str, Payload] | Expr | None = None,
) -> Integration:
    """Start the asynchronous analysis of an input document for relationships between detected items such as …

    Resource: ``aws-sdk:textract:startDocumentAnalysis``.
    Result: ``JobId``.

    Args:
        DocumentLocation: the location of the document to be processed.
        FeatureTypes: a list of the types of analysis to perform.
        ClientRequestToken: the idempotent token that you use to identify the start request.
        JobTag: an identifier that you specify that's included in the completion notification published to the Amazon SNS …
        NotificationChannel: the Amazon SNS topic ARN that you want Amazon Textract to publish the completion status of the operation to.
        OutputConfig: sets if the output will go to a customer defined bucket.
        KmsKeyId: the KMS key used to encrypt the inference results.
        QueriesConfig: a value of the request.
        AdaptersConfig: specifies the adapter to be used when analyzing a document.

    Source: https://boto3.amazonaws.com/v1/documentation/api/latest/reference/services/textract/client/start_document_analysis.html
    """
    return call("aws-sdk:textract:startDocumentAnalysis", locals())


if not TYPE_CHECKING:  # type checkers report the name themselves
    __getattr__ = unknown(__name__, __all__)
