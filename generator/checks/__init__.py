"""What is wrong with a definition that can be read: pure functions from the model to findings, by theme.

Each check takes the walk over a machine (:mod:`generator.asl.walk`) and yields what it finds. Their order here is the
order in which equal places are reported. A new check is a function in the module of its theme, and a line here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Final

from generator.asl.walk import Walk, WorkflowType, walk
from generator.checks import errors, expressions, fields, integrations, limits, structure, workflow_type
from generator.diagnostics.model import Finding

if TYPE_CHECKING:
    from generator.asl.model import StateMachine

Check = Callable[[Walk], Iterable[Finding]]

CHECKS: Final[tuple[Check, ...]] = (
    structure.start_at,
    structure.targets,
    structure.unique_names,
    structure.reachable,
    structure.ends,
    structure.terminal,
    fields.timestamps,
    fields.labels,
    fields.exclusive,
    fields.heartbeats,
    fields.distributed_only,
    errors.all_placement,
    errors.dead_policies,
    errors.reserved_names,
    expressions.paths,
    expressions.payload_templates,
    expressions.static_paths,
    expressions.jsonata,
    expressions.variable_names,
    expressions.resources,
    limits.state_names,
    workflow_type.express,
    integrations.resources,
    integrations.parameters,
    integrations.nested_executions,
    integrations.task_tokens,
)


def check(machine: StateMachine, *, workflow_type: WorkflowType = "STANDARD") -> list[Finding]:
    """Check a machine; give everything that is wrong with it.

    Args:
        machine: as :func:`generator.asl.parse.parse` gives it, or built by the compiler.
        workflow_type: the type it will be deployed as.

    >>> from generator.asl.parse import parse
    >>> machine, _ = parse({"StartAt": "A", "States": {"A": {"Type": "Pass", "Next": "B"}}})
    >>> [(f.code, f.message) for f in check(machine)]
    [('SFN101', "'A' goes on to 'B', which does not exist"), ('SFN108', 'no state ends the state machine')]
    """
    walked = walk(machine, workflow_type)
    return [finding for one in CHECKS for finding in one(walked)]


def check_built(machine: StateMachine, *, workflow_type: WorkflowType = "STANDARD") -> list[Finding]:
    """Check a machine that was built rather than read: also what reading finds, such as fields of the other query language.

    Args:
        machine: as the compiler builds it.
        workflow_type: the type it will be deployed as.

    >>> from generator.asl.model import Pass, StateMachine
    >>> machine = StateMachine(query_language="JSONata", start_at="A", states={"A": Pass(input_path="$.order", end=True)})
    >>> [(f.code, f.at) for f in check_built(machine)]
    [('SFN016', ('States', 'A', 'InputPath'))]
    """
    from generator.asl.parse import parse  # noqa: PLC0415  definitions that were read do not need it
    from generator.asl.write import to_json  # noqa: PLC0415

    read, findings = parse(to_json(machine))
    return findings if read is None else [*findings, *check(read, workflow_type=workflow_type)]
