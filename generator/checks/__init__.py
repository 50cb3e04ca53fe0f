"""What is wrong with a definition that can be read: pure functions from the model to findings, by theme.

Each check takes the walk over a machine (:mod:`generator.asl.walk`) and yields what it finds. Their order here is the
order in which equal places are reported. A new check is a function in the module of its theme, and a line here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Final

from generator.asl.walk import Walk
from generator.checks import errors, expressions, fields, integrations, limits, structure, workflow_type
from generator.diagnostics.model import Finding

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


def check(walked: Walk) -> list[Finding]:
    """Check a definition; return everything that is wrong with it.

    >>> from generator.asl.parse import parse
    >>> from generator.asl.walk import walk
    >>> machine, _ = parse({"StartAt": "A", "States": {"A": {"Type": "Pass", "Next": "B"}}})
    >>> [(f.code, f.message) for f in check(walk(machine))]
    [('SFN101', "'A' goes on to 'B', which does not exist"), ('SFN108', 'no state ends the state machine')]
    """
    return [finding for one in CHECKS for finding in one(walked)]
