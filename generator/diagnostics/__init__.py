"""Diagnostics: problems with a code, a place and a hint."""

from generator.diagnostics.locate import Locator, locate
from generator.diagnostics.model import (
    Diagnostic,
    Finding,
    InvalidWorkflowError,
    Pointer,
    Severity,
    Span,
    did_you_mean,
    pointer_text,
)

__all__ = [
    "Diagnostic",
    "Finding",
    "InvalidWorkflowError",
    "Locator",
    "Pointer",
    "Severity",
    "Span",
    "did_you_mean",
    "locate",
    "pointer_text",
]
