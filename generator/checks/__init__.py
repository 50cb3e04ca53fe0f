"""The checks: pure functions from their subject to findings, one module per theme.

Most checks take the walk over a definition (:mod:`generator.asl.walk`). Others take the execution role that is derived from the
definition, a given policy and that role, or a declared function. The tuples below list the checks by their subject, and ``CHECKS``
has all of them. Their order is the order of findings at the same place. A new check is a function in the module of its theme, and
a line here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, Final

from generator.asl.walk import Walk
from generator.checks import (
    assignment,
    budgets,
    corrections,
    data_flow,
    delivery,
    error_handling,
    errors,
    expressions,
    fields,
    functions,
    integrations,
    limits,
    names,
    permissions,
    structure,
    workflow_type,
)
from generator.diagnostics.model import Diagnostic, Finding

if TYPE_CHECKING:
    from generator.dsl.resources import Function, Queue
    from generator.iam.role import ExecutionRole

Check = Callable[[Walk], Iterable[Finding]]
RoleCheck = Callable[["ExecutionRole"], Iterable[Finding]]
FunctionCheck = Callable[["Function"], Iterable[Diagnostic]]
QueueCheck = Callable[["Queue"], Iterable[Diagnostic]]
PolicyCheck = Callable[[Any, "ExecutionRole"], Iterable[Finding]]

DEFINITION: Final[tuple[Check, ...]] = (
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
    fields.empty_settings,
    errors.all_placement,
    errors.dead_policies,
    errors.reserved_names,
    error_handling.misspelt_errors,
    error_handling.impossible_errors,
    error_handling.unhandled_errors,
    error_handling.loops,
    error_handling.delays,
    error_handling.credentials,
    error_handling.distributed_maps,
    expressions.paths,
    expressions.payload_templates,
    expressions.static_paths,
    expressions.jsonata,
    expressions.variable_names,
    expressions.resources,
    names.members_of_states,
    names.context_fields,
    names.functions,
    assignment.variables,
    data_flow.paths,
    data_flow.mapped,
    data_flow.conditions,
    budgets.retries_in_time,
    budgets.express_waits,
    budgets.function_timeouts,
    budgets.nested_timeouts,
    budgets.history_events,
    limits.state_names,
    workflow_type.express,
    integrations.resources,
    integrations.parameters,
    integrations.nested_executions,
    integrations.task_tokens,
)
"""The checks of a definition."""

ROLE: Final[tuple[RoleCheck, ...]] = (
    permissions.widened,
    permissions.unknown_permissions,
    permissions.policy_size,
    corrections.unknown_actions,
    corrections.wrong_resources,
    corrections.widening,
    corrections.without_effect,
    corrections.broad,
    corrections.unknown_condition_keys,
)
"""The checks of the execution role that is derived from a definition. The findings have their places in the definition."""

FUNCTION: Final[tuple[FunctionCheck, ...]] = (
    permissions.unknown_actions,
    functions.unknown_runtime,
    functions.result_model,
    delivery.visibility,
    delivery.receives,
)
"""The checks of a declared function, and of the queues that it consumes."""

QUEUE: Final[tuple[QueueCheck, ...]] = (delivery.retention,)
"""The checks of a declared queue."""

POLICY: Final[tuple[PolicyCheck, ...]] = (permissions.excess,)
"""The checks of what a given policy allows beyond a role. The findings have their places in the policy."""

POLICY_IN_DEFINITION: Final[tuple[PolicyCheck, ...]] = (permissions.missing,)
"""The checks of what a given policy lacks for a role. The findings have their places in the definition."""

CHECKS: Final = (*DEFINITION, *ROLE, *FUNCTION, *QUEUE, *POLICY, *POLICY_IN_DEFINITION)
"""Every check."""


def check(walked: Walk) -> list[Finding]:
    """Check a definition and return everything that is wrong with it.

    >>> from generator.asl.parse import parse
    >>> from generator.asl.walk import walk
    >>> machine, _ = parse({"StartAt": "A", "States": {"A": {"Type": "Pass", "Next": "B"}}})
    >>> [(f.code, f.message) for f in check(walk(machine))]
    [('SFN101', "the transition from 'A' leads to 'B', which does not exist"), ('SFN108', 'the state machine has no end state')]
    """
    return [finding for one in DEFINITION for finding in one(walked)]


def check_role(role: ExecutionRole) -> list[Finding]:
    """Check a derived execution role and return the findings, placed in its definition."""
    return [finding for one in ROLE for finding in one(role)]


def check_function(function: Function) -> list[Diagnostic]:
    """Check a declared function and return everything that is wrong with it."""
    return [diagnostic for one in FUNCTION for diagnostic in one(function)]


def check_queue(queue: Queue) -> list[Diagnostic]:
    """Check a declared queue and return everything that is wrong with it."""
    return [diagnostic for one in QUEUE for diagnostic in one(queue)]
