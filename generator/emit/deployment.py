"""The values that the deployment of a workflow fills in: in the definition, and in the policies of its execution role."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from generator.asl.placeholders import Placeholder
from generator.catalog.resources import KINDS
from generator.iam.role import templated_role

if TYPE_CHECKING:
    from collections.abc import Mapping

    from generator.asl.walk import Walk


def deployment_placeholders(walk: Walk) -> Mapping[str, Placeholder]:
    """Return the placeholders of a definition and of the policies of its role, by name, sorted.

    A policy names a resource by its ARN, and the definition often by its URL or name. Both are placeholders of one resource.
    A placeholder of a policy that belongs to no resource, such as ``${aws_region}``, has a name only.

    Use it as ``walk.once(deployment_placeholders)``.

    >>> from generator.dsl.resources import Queue
    >>> from generator.dsl.steps import Task
    >>> from generator.dsl.workflow import Workflow
    >>> from generator.lower.compile import compile_workflow
    >>> compiled = compile_workflow(Workflow("send", steps=[Task("Send", Queue("jobs").send_message())]))
    >>> [(p.name, p.kind, p.attribute) for p in deployment_placeholders(compiled.walk).values() if p.resource]
    [('jobs_arn', 'queue', 'arn'), ('jobs_url', 'queue', 'url')]
    """
    of_resources = {
        sibling.name: sibling
        for known in walk.placeholders.values()
        if known.kind
        for sibling in (_sibling(known, attribute) for attribute in KINDS[known.kind].attributes)
    }
    in_policies = {name for policy in walk.once(templated_role).policies for name in policy.document.placeholders}
    found = {name: of_resources.get(name) or Placeholder(name) for name in in_policies} | dict(walk.placeholders)
    return dict(sorted(found.items()))


def _sibling(known: Placeholder, attribute: str) -> Placeholder:
    return replace(known, name=known.sibling(attribute), attribute=attribute)
