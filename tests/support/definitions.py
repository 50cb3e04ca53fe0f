"""Definitions as JSON, and what is derived from them."""

from __future__ import annotations

from typing import Any

from generator.asl.model import StateMachine
from generator.asl.parse import parse
from generator.asl.walk import Walk, WorkflowType, walk
from generator.catalog.patterns import Deployment
from generator.iam.policy import PolicyDocument
from generator.iam.role import ExecutionRole, execution_role


def walked(definition: Any, workflow_type: WorkflowType = "STANDARD") -> Walk:
    """Read a definition and walk it; what is invalid in it is left out."""
    machine, _ = parse(definition)
    return walk(machine or StateMachine(), workflow_type)


def role_of(definition: Any, deployment: Deployment | None = None, **settings: Any) -> ExecutionRole:
    """Derive the execution role of a definition."""
    return execution_role(walked(definition), deployment, **settings)


def policy_of(definition: Any, deployment: Deployment | None = None, **settings: Any) -> PolicyDocument:
    """Derive the policy of a definition's execution role."""
    return role_of(definition, deployment, **settings).policy
