"""Amazon Translate: calls with types. Written by :mod:`generator.catalog.typed`; do not edit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from generator.dsl.aws.call import call, unknown
from generator.dsl.expressions import Expr, Payload
from generator.dsl.integrations import Integration

__all__ = [
    "translate_text",
]


def translate_text(
    *,
    Text: str | Expr,
    SourceLanguageCode: str | Expr,
    TargetLanguageCode: str | Expr,
    TerminologyNames: Sequence[str | Expr] | Expr | None = None,
    Settings: Mapping[str, Payload] | Expr | None = None,
) -> Integration:
    """Translate input text from the source language to the target language.

    Resource: ``aws-sdk:translate:translateText``.
    Result: ``TranslatedText``, ``SourceLanguageCode``, ``TargetLanguageCode``, ``AppliedTerminologies``, ``AppliedSettings``.

    Args:
        Text: the text to translate.
        SourceLanguageCode: the language code for the language of the source text.
        TargetLanguageCode: the language code requested for the language of the target text.
        TerminologyNames: the name of a terminology list file to add to the translation job.
        Settings: settings to configure your translation output.

    Source: https://boto3.amazonaws.com/v1/documentation/api/latest/reference/services/translate/client/translate_text.html
    """
    return call("aws-sdk:translate:translateText", locals())


if not TYPE_CHECKING:  # type checkers report the name themselves
    __getattr__ = unknown(__name__, __all__)
