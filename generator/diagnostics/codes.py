"""The catalogue of diagnostic codes, with their severities and titles.

A code never changes its meaning. Its first digit is its theme. Its page, with a wrong and a right
example, is ``pages/<code>.md`` beside this file, and an invalid example with the expected output is in ``tests/invalid``;
a test holds that every code has both.

An error is certain: AWS rejects the definition, or the workflow cannot be compiled. Everything else is a warning.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from generator.diagnostics.model import Severity, did_you_mean

THEMES: Final = {
    "0": "the file and its fields",
    "1": "structure",
    "2": "expressions",
    "3": "data flow",
    "4": "service integrations",
    "5": "time budgets",
    "6": "limits",
    "7": "permissions",
    "8": "authoring in Python",
}


@dataclass(frozen=True, slots=True)
class Code:
    """One row of the catalogue."""

    code: str
    severity: Severity
    title: str

    @property
    def theme(self) -> str:
        """The theme of the code, from its first digit.

        >>> CODES["SFN101"].theme
        'structure'
        """
        return THEMES[self.code[3]]


_E: Final = Severity.ERROR
_W: Final = Severity.WARNING

_CATALOGUE: Final = (
    # 0xx the file and its fields
    Code("SFN001", _E, "the text is not JSON"),
    Code("SFN002", _W, "an object has two members of one name"),
    Code("SFN003", _E, "the definition is not a JSON object"),
    Code("SFN004", _E, "a file that cannot be read or written"),
    Code("SFN005", _E, "the definition is nested too deeply"),
    Code("SFN006", _E, "the definition does not match the ASL JSON Schema"),
    Code("SFN007", _E, "the local stack cannot start"),
    Code("SFN010", _E, "an unknown field"),
    Code("SFN011", _E, "a required field is missing"),
    Code("SFN012", _E, "a field has a value of the wrong kind"),
    Code("SFN013", _E, "a value is out of range or not allowed"),
    Code("SFN014", _E, "an unknown type of state"),
    Code("SFN015", _E, "a field of another type of state"),
    Code("SFN016", _E, "a field of the other query language"),
    Code("SFN017", _E, "JSONPath inside a JSONata workflow"),
    Code("SFN018", _E, "fields that exclude each other, or a missing alternative"),
    Code("SFN019", _E, "an invalid timestamp"),
    Code("SFN020", _E, "an invalid label"),
    Code("SFN021", _E, "an invalid Resource of a Task"),
    Code("SFN022", _E, "a heartbeat that is not shorter than the timeout"),
    Code("SFN023", _E, "a field of a Distributed Map on an inline Map"),
    # 1xx structure
    Code("SFN101", _E, "a transition to a state that does not exist"),
    Code("SFN102", _E, "StartAt is not the name of a state"),
    Code("SFN103", _E, "two states with the same name"),
    Code("SFN104", _E, "a state that cannot be reached"),
    Code("SFN105", _E, "a transition out of its Map or Parallel"),
    Code("SFN106", _E, "a state with neither Next nor End"),
    Code("SFN107", _E, "a state with both Next and End"),
    Code("SFN108", _E, "a workflow without an end state"),
    Code("SFN109", _E, "States.ALL combined with other errors"),
    Code("SFN110", _E, "States.ALL before other retriers or catchers"),
    Code("SFN111", _W, "a retrier or catcher that is never used"),
    Code("SFN112", _W, "a reserved error name that does not exist"),
    Code("SFN113", _W, "a branch or an item processor without an end state"),
    Code("SFN114", _W, "an error name that no error of the state has"),
    Code("SFN115", _W, "an error that the state cannot have"),
    Code("SFN116", _W, "an expected error that nothing handles"),
    Code("SFN117", _W, "a loop without a way out"),
    Code("SFN118", _W, "a longest delay that is not above the first one"),
    Code("SFN119", _W, "Credentials without a role"),
    Code("SFN120", _E, "a feature that Express workflows do not support"),
    Code("SFN121", _W, "a Distributed Map without a field that it requires"),
    # 2xx expressions
    Code("SFN201", _E, "an invalid JSONPath"),
    Code("SFN202", _E, "an invalid reference path"),
    Code("SFN203", _E, "an invalid intrinsic function"),
    Code("SFN204", _E, "a field with .$ that is neither a path nor an intrinsic function"),
    Code("SFN205", _E, "an incomplete JSONata expression, or text beside one"),
    Code("SFN206", _E, "an invalid JSONata expression"),
    Code("SFN207", _E, "a reference that is neither $states nor a variable"),
    Code("SFN208", _E, "a part of $states that does not exist in the field"),
    Code("SFN209", _E, "an invalid variable name"),
    Code("SFN210", _W, "a path that is not evaluated"),
    Code("SFN211", _W, "a path in the Result of a Pass state"),
    Code("SFN212", _W, "a path in the Error or Cause of a Fail state"),
    Code("SFN213", _W, "JSONPath in a JSONata state"),
    Code("SFN214", _W, "two fields of a payload template with one name"),
    Code("SFN215", _W, "a template of States.Format that fails when it runs"),
    # 3xx data flow
    Code("SFN301", _W, "a variable that no state assigns"),
    Code("SFN302", _W, "a variable that is not assigned on every route"),
    Code("SFN303", _W, "a field that the Context object does not have"),
    Code("SFN304", _W, "a field of the Context object that does not exist in the state"),
    Code("SFN305", _W, "a JSONata function that does not exist"),
    Code("SFN306", _W, "a JSONata function with the wrong number of arguments"),
    Code("SFN307", _W, "a variable that hides a function"),
    Code("SFN308", _W, "a variable of another scope"),
    Code("SFN310", _W, "a path that nothing produces"),
    Code("SFN311", _W, "a member of a value that is not an object"),
    Code("SFN312", _W, "a Map over a value that is not an array"),
    Code("SFN313", _W, "a comparison that never holds"),
    Code("SFN314", _W, "a Choice that does not cover the values that are known"),
    # 4xx service integrations
    Code("SFN401", _E, "a service or a partition that does not exist"),
    Code("SFN402", _E, "an action that does not exist"),
    Code("SFN403", _E, "a pattern that the integration does not have"),
    Code("SFN404", _E, "an action that Step Functions cannot call"),
    Code("SFN405", _E, "a parameter that the call requires is missing"),
    Code("SFN406", _E, "a parameter that the call does not have"),
    Code("SFN407", _W, "a parameter of the wrong type"),
    Code("SFN408", _W, "a parameter with an unknown value"),
    Code("SFN409", _W, "a nested execution without a link to its parent"),
    Code("SFN410", _W, "a task token that is not passed on"),
    Code("SFN411", _W, "a region or an account in a service integration"),
    Code("SFN412", _W, "waiting for a task token where AWS does not document it"),
    Code("SFN413", _W, "a service outside AWS's list of SDK integrations"),
    # 5xx time budgets
    Code("SFN501", _W, "a task that with its retries takes longer than the state machine may"),
    Code("SFN502", _W, "more than an Express execution has time for"),
    Code("SFN503", _W, "a function that runs on after its task has timed out"),
    Code("SFN504", _W, "a task that waits for a shorter time than its nested workflow may take"),
    Code("SFN505", _W, "more events than the history of an execution has room for"),
    Code("SFN506", _W, "a visibility timeout that is short for the consumer"),
    Code("SFN507", _W, "a queue that gives up on messages early"),
    Code("SFN508", _W, "a dead-letter queue that does not keep messages for longer"),
    # 6xx limits
    Code("SFN601", _E, "the name of a state is empty or too long"),
    Code("SFN602", _E, "the definition is too large"),
    Code("SFN603", _W, "a workflow whose definition is too large to deploy"),
    # 7xx permissions
    Code("SFN701", _W, "a permission wider than the state needs"),
    Code("SFN702", _W, "a call without a known permission"),
    Code("SFN703", _W, "the role's policy is too large for an inline policy"),
    Code("SFN710", _E, "the policy lacks a permission"),
    Code("SFN711", _W, "the policy allows an action that no state needs"),
    Code("SFN712", _W, "the policy allows a resource that no state uses"),
    Code("SFN713", _W, "an unknown IAM action"),
    Code("SFN714", _E, "an invalid IAM policy"),
    Code("SFN720", _E, "an unknown action in a correction of the role"),
    Code("SFN721", _W, "a correction with a resource that its actions cannot be limited to"),
    Code("SFN722", _E, "a correction with a resource that is not a part of an ARN"),
    Code("SFN723", _E, "a Narrow that would allow more than was derived"),
    Code("SFN724", _W, "a correction of the role that changes nothing"),
    Code("SFN725", _W, "a correction of the role with a broad wildcard"),
    Code("SFN726", _W, "an unknown condition key in a correction of the role"),
    # 8xx authoring in Python
    Code("SFN801", _E, "a module of workflows cannot be imported"),
    Code("SFN802", _E, "an expression that the query language does not support"),
    Code("SFN803", _E, "a step with several next steps"),
    Code("SFN804", _E, "two steps with the same name"),
    Code("SFN805", _E, "a step without a next step"),
    Code("SFN806", _E, "an invalid use of the vocabulary"),
    Code("SFN807", _E, "resources or workflows with the same name"),
    Code("SFN808", _E, "the output folder differs from what the workflows generate"),
    Code("SFN810", _E, "an invalid setting of the project"),
    Code("SFN811", _E, "a file in the way of a generated one"),
    Code("SFN812", _E, "a generated file that was edited by hand"),
    Code("SFN813", _E, "a manifest that cannot be used"),
    Code("SFN814", _W, "a workflow or a resource that no name keeps"),
    Code("SFN815", _E, "two generated files with the same path"),
    Code("SFN820", _W, "a side path without an explicit next state"),
    Code("SFN821", _E, "${…} in a text that is not a declared placeholder"),
    Code("SFN830", _E, "an invalid schedule"),
    Code("SFN831", _E, "an invalid event rule"),
    Code("SFN832", _E, "two triggers of a workflow with the same name"),
    Code("SFN840", _E, "an input that does not match the type that the workflow declares"),
    Code("SFN841", _E, "a value for a placeholder or a bucket that does not exist"),
    Code("SFN850", _W, "a part of an imported definition that stays ASL"),
    Code("SFN851", _E, "a definition that cannot be imported"),
    Code("SFN852", _E, "a file without a state machine that can be imported"),
    Code("SFN853", _W, "a part of a template that an import cannot know"),
    Code("SFN854", _E, "a file in the way of an import"),
    Code("SFN860", _E, "a version to compare that does not exist"),
    Code("SFN861", _E, "a workflow to compare that is missing or not the only one"),
    Code("SFN862", _E, "a file that is not the history of an execution"),
)

CODES: Final = {row.code: row for row in _CATALOGUE}


_SUPPRESSING: Final = {
    _W: "Write `# sfn: ignore[{code}]` behind the code, in a module of workflows, on any line of the call that the warning points to.\n"
    "Several codes are separated by commas: `# sfn: ignore[{code}, …]`. For a whole module write `# sfn: ignore-file[{code}] the reason` on a\n"
    "line of its own. A definition in JSON or YAML has no such comments.",
    _E: "An error cannot be suppressed: `# sfn: ignore[{code}]` has no effect on it. AWS would reject the definition, or there is none.",
}
"""How to suppress a diagnostic, for the end of each page; see :mod:`generator.diagnostics.suppress`."""


def severity_of(code: str) -> Severity:
    """Return the severity of a code.

    Raises:
        KeyError: the code is not in the catalogue.

    >>> severity_of("SFN101")
    <Severity.ERROR: 'error'>
    """
    return CODES[code].severity


def explain(code: str) -> str:
    """Return the page of a code, as Markdown: the reason, a wrong example and a right one, and whether it can be suppressed.

    Args:
        code: such as ``SFN101``; case does not matter.

    Raises:
        KeyError: the code is not in the catalogue; the message contains similar codes.

    >>> explain("sfn101").splitlines()[0]
    '# SFN101: a transition to a state that does not exist'
    """
    row = CODES.get(code.strip().upper())
    if row is None:
        hint = did_you_mean(code.strip().upper(), CODES)
        raise KeyError(f"there is no code {code!r}" + (f"; {hint}" if hint else ""))
    page = (Path(__file__).parent / "pages" / f"{row.code}.md").read_text(encoding="utf-8")
    return f"{page}\n## Suppressing it\n\n{_SUPPRESSING[row.severity].format(code=row.code)}\n"
