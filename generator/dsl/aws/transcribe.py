"""Amazon Transcribe: calls with types. Written by :mod:`generator.catalog.typed`; do not edit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Literal

from generator.dsl.aws.call import call, unknown
from generator.dsl.expressions import Expr, Payload
from generator.dsl.integrations import Integration

__all__ = [
    "get_transcription_job",
    "start_transcription_job",
]


def get_transcription_job(
    *,
    TranscriptionJobName: str | Expr,
) -> Integration:
    """Provide information about the specified transcription job.

    Resource: ``aws-sdk:transcribe:getTranscriptionJob``.
    Result: ``TranscriptionJob``.

    Args:
        TranscriptionJobName: the name of the transcription job you want information about.

    Source: https://boto3.amazonaws.com/v1/documentation/api/latest/reference/services/transcribe/client/get_transcription_job.html
    """
    return call("aws-sdk:transcribe:getTranscriptionJob", locals())


def start_transcription_job(
    *,
    TranscriptionJobName: str | Expr,
    Media: Mapping[str, Payload] | Expr,
    LanguageCode: str | Expr | None = None,
    MediaSampleRateHertz: int | Expr | None = None,
    MediaFormat: Literal["mp3", "mp4", "wav", "flac", "ogg", "amr", "webm", "m4a"] | Expr | None = None,
    OutputBucketName: str | Expr | None = None,
    OutputKey: str | Expr | None = None,
    OutputEncryptionKMSKeyId: str | Expr | None = None,
    KmsEncryptionContext: Mapping[str, str | Expr] | Expr | None = None,
    Settings: Mapping[str, Payload] | Expr | None = None,
    ModelSettings: Mapping[str, Payload] | Expr | None = None,
    JobExecutionSettings: Mapping[str, Payload] | Expr | None = None,
    ContentRedaction: Mapping[str, Payload] | Expr | None = None,
    IdentifyLanguage: bool | Expr | None = None,
    IdentifyMultipleLanguages: bool | Expr | None = None,
    LanguageOptions: Sequence[str | Expr] | Expr | None = None,
    Subtitles: Mapping[str, Payload] | Expr | None = None,
    Tags: Sequence[Mapping[str, Payload] | Expr] | Expr | None = None,
    LanguageIdSettings: Mapping[str, Mapping[str, Payload] | Expr] | Expr | None = None,
    ToxicityDetection: Sequence[Mapping[str, Payload] | Expr] | Expr | None = None,
) -> Integration:
    """Transcribe the audio from a media file and applies any additional Request Parameters you choose to include …

    Resource: ``aws-sdk:transcribe:startTranscriptionJob``.
    Result: ``TranscriptionJob``.

    Args:
        TranscriptionJobName: a unique name, chosen by you, for your transcription job.
        Media: describes the Amazon S3 location of the media file you want to use in your request.
        LanguageCode: the language code that represents the language spoken in the input media file.
        MediaSampleRateHertz: the sample rate, in hertz, of the audio track in your input media file.
        MediaFormat: specify the format of your input media file.
        OutputBucketName: the name of the Amazon S3 bucket where you want your transcription output stored.
        OutputKey: use in combination with ``OutputBucketName`` to specify the output location of your transcript and …
        OutputEncryptionKMSKeyId: the Amazon Resource Name (ARN) of a KMS key that you want to use to encrypt your transcription output.
        KmsEncryptionContext: a map of plain text, non-secret key:value pairs, known as encryption context pairs, that provide an added …
        Settings: specify additional optional settings in your request, including channel identification, alternative …
        ModelSettings: specify the custom language model you want to include with your transcription job.
        JobExecutionSettings: makes it possible to control how your transcription job is processed.
        ContentRedaction: makes it possible to redact or flag specified personally identifiable information (PII) in your transcript.
        IdentifyLanguage: enables automatic language identification in your transcription job request.
        IdentifyMultipleLanguages: enables automatic multi-language identification in your transcription job request.
        LanguageOptions: you can specify two or more language codes that represent the languages you think may be present in your …
        Subtitles: produces subtitle files for your input media.
        Tags: adds one or more custom tags, each in the form of a key:value pair, to a new transcription job at the time …
        LanguageIdSettings: if using automatic language identification in your request and you want to apply a custom language model, a …
        ToxicityDetection: enables toxic speech detection in your transcript.

    Source: https://boto3.amazonaws.com/v1/documentation/api/latest/reference/services/transcribe/client/start_transcription_job.html
    """
    return call("aws-sdk:transcribe:startTranscriptionJob", locals())


if not TYPE_CHECKING:  # type checkers report the name themselves
    __getattr__ = unknown(__name__, __all__)
