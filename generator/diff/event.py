"""The comment of a pull request: which versions an event of GitHub compares, and the text around the report.

Source of the event: https://docs.github.com/en/webhooks/webhook-events-and-payloads#pull_request
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from generator.diagnostics.model import Diagnostic, Severity, Span
from generator.diff.render import to_markdown
from generator.diff.sides import SideError

if TYPE_CHECKING:
    from generator.asl.read import Document
    from generator.diff.model import Report

MARKER: Final = "<!-- sfn-generator diff -->"
"""The first line of the comment, by which programs find it."""

_SHA: Final = re.compile(r"[0-9a-f]{40}([0-9a-f]{24})?")


@dataclass(frozen=True, slots=True)
class PullRequest:
    """The versions of a pull request.

    Attributes:
        base: the commit that it is to be merged into.
        head: its last commit.
        base_name: the branch of the base.
        head_name: the branch of the pull request.
    """

    base: str
    head: str
    base_name: str
    head_name: str


def read_event(document: Document) -> PullRequest:
    """Read the event of a pull request.

    Args:
        document: the file that ``GITHUB_EVENT_PATH`` names.

    Raises:
        SideError: it is not JSON, or not the event of a pull request.
    """
    if not document.readable:
        raise SideError(document.diagnostics, {document.name: document.text})
    pull = document.value.get("pull_request") if isinstance(document.value, dict) else None
    base, head = ((pull.get(side) if isinstance(pull, dict) else None) for side in ("base", "head"))
    shas = [_text(side, "sha") for side in (base, head)]
    if not all(_SHA.fullmatch(sha) for sha in shas):
        found = "an event without pull_request.base.sha and pull_request.head.sha"
        hint = "run the job on pull_request, and give --event $GITHUB_EVENT_PATH"
        problem = "the event is not that of a pull request"
        raise SideError([Diagnostic("SFN860", Severity.ERROR, problem, Span(document.name), found=found, hint=hint)])
    return PullRequest(shas[0], shas[1], _text(base, "ref"), _text(head, "ref"))


def _text(side: Any, name: str) -> str:
    value = side.get(name) if isinstance(side, dict) else None
    return value if isinstance(value, str) else ""


def comment(report: Report) -> str:
    """Return the body of the comment."""
    return f"{MARKER}\n{to_markdown(report)}"
