"""The Terraform module of a workflow. Its size depends on what the workflow uses, not on how many states it has."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

from generator.catalog.resources import ARN, NAME, STARTABLE
from generator.emit.artifact import Artifact
from generator.emit.deployment import deployment_placeholders
from generator.emit.templating import environment
from generator.emit.terraform.definition import FILE as DEFINITION_FILE
from generator.emit.terraform.hcl import hcl_attributes, hcl_block, hcl_comment, hcl_indented, hcl_string
from generator.emit.terraform.policies import TRUST_FILE
from generator.emit.terraform.triggers import TriggerBlocks, trigger_placeholders
from generator.emit.terraform.variables import ALARMS, Section, Variable, sections
from generator.iam.role import KMS_KEY

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from jinja2 import Environment

    from generator.lower.compiled import CompiledWorkflow

FILES: Final = ("alarms.tf", "iam.tf", "main.tf", "outputs.tf", "variables.tf", "versions.tf")
TRIGGERS_FILE: Final = "triggers.tf"

OWN_VALUES: Final = {
    "aws_account_id": "data.aws_caller_identity.current.account_id",
    "aws_partition": "data.aws_partition.current.partition",
    "aws_region": "data.aws_region.current.region",
    "state_machine_name": "var.name",
    KMS_KEY: "try(var.encryption_configuration.kms_key_arn, null)",
}
"""The placeholders that every module fills itself; see :data:`generator.catalog.patterns.TEMPLATED`."""


@dataclass(frozen=True, slots=True)
class Module:
    """What the module of a workflow asks for, and what it fills in.

    Attributes:
        sections: its variables.
        values: the expression of each placeholder, by name, sorted.
    """

    sections: tuple[Section, ...]
    values: Mapping[str, str]

    @property
    def variables(self) -> list[Variable]:
        """All variables."""
        return [variable for section in self.sections for variable in section.variables]

    def call(self, name: str, source: str, title: str) -> str:
        """Return a block that calls the module with the variables that it requires.

        Args:
            name: the name of the call.
            source: the source of the module.
            title: the value of the variable ``name``.
        """
        given = {variable.name: variable.example or hcl_string(title) for variable in self.variables if not variable.default}
        return hcl_block(f"module {hcl_string(name)}", {"source": hcl_string(source)}, given)


def module_of(compiled: CompiledWorkflow) -> Module:
    """Return the variables and values of the module of a workflow.

    >>> from generator.dsl.resources import Queue
    >>> from generator.dsl.steps import Task
    >>> from generator.dsl.workflow import Workflow
    >>> from generator.lower.compile import compile_workflow
    >>> module = module_of(compile_workflow(Workflow("send", steps=[Task("Send", Queue("jobs").send_message())])))
    >>> print(module.call("send", "./send", "shop-send"))
    module "send" {
      source = "./send"
    <BLANKLINE>
      name     = "shop-send"
      jobs_arn = "arn:aws:sqs:us-east-1:123456789012:jobs"
      jobs_url = "https://sqs.us-east-1.amazonaws.com/123456789012/jobs"
    }
    """
    placeholders = trigger_placeholders(compiled.workflow.triggers) | dict(compiled.walk.once(deployment_placeholders))
    own = OWN_VALUES | _own_resource(compiled)
    asked = [placeholder for name, placeholder in sorted(placeholders.items()) if name not in own]
    found = tuple(sections(compiled.workflow, asked))
    filled = {each.placeholder: f"var.{each.name}" for section in found for each in section.variables if each.placeholder}
    # The trust policy always has the placeholders of where the machine runs.
    values = filled | {name: own[name] for name in (*_WHERE, *(placeholders.keys() & own.keys()))}
    return Module(found, dict(sorted(values.items())))


def emit(compiled: CompiledWorkflow) -> Iterator[Artifact]:
    """Write the Terraform module of a workflow. ``terraform fmt`` leaves each file unchanged.

    The module reads the definition and the policies from the files beside it.

    >>> from generator.dsl.steps import Succeed
    >>> from generator.dsl.workflow import Workflow
    >>> from generator.lower.compile import compile_workflow
    >>> compiled = compile_workflow(Workflow("nothing-to-do", steps=[Succeed("Done")]))
    >>> [artifact.path for artifact in emit(compiled)]
    ['alarms.tf', 'iam.tf', 'main.tf', 'outputs.tf', 'variables.tf', 'versions.tf']
    """
    workflow = compiled.workflow
    policies = compiled.role.policies
    module = module_of(compiled)
    triggers = TriggerBlocks(tuple(workflow.triggers), module.values)
    context = {
        "workflow": workflow,
        "heading": ": ".join(filter(None, [workflow.name, " ".join((workflow.comment or "").split())])),
        "definition_file": DEFINITION_FILE,
        "trust_file": TRUST_FILE,
        "values": module.values,
        "sections": [(section.title, [*map(_variable, section.variables)]) for section in module.sections],
        "inline": {policy.name: _NEEDED[policy.setting] for policy in policies if not policy.managed},
        "managed": [policy.name for policy in policies if policy.managed],
        "metrics": {kind: hcl_string(metric) for kind, metric in ALARMS.items()},
        "triggers": [*triggers.blocks()],
        "dead_letter_policies": triggers.dead_letter_policies(),
    }
    for file in (*FILES, *([TRIGGERS_FILE] if workflow.triggers else [])):
        yield Artifact.of_text(file, _templates().get_template(f"{file}.j2").render(context))


_WHERE: Final = ("aws_account_id", "aws_partition", "aws_region", "state_machine_name")
_NEEDED: Final = {
    "": "true",
    "encryption": "var.encryption_configuration != null",
    "log-encryption": "var.encryption_configuration != null && local.logging_enabled",
    "logging": "local.logging_enabled",
    "tracing": "var.tracing_configuration.enabled",
}


def _own_resource(compiled: CompiledWorkflow) -> dict[str, str]:
    """Return the values of the workflow's own placeholders, if it refers to itself: the caller cannot know them yet."""
    own = {ARN: "local.state_machine_arn", NAME: "var.name"}
    names = {attribute: compiled.workflow.placeholder(attribute).name for attribute in own}
    known = [compiled.placeholders[name] for name in names.values() if name in compiled.placeholders]
    if not known or any(placeholder.kind not in STARTABLE for placeholder in known):
        return {}
    return {names[attribute]: value for attribute, value in own.items()}


def _variable(variable: Variable) -> str:
    checks = [
        hcl_block("validation", {"condition": condition, "error_message": hcl_string(message)}) for condition, message in variable.checks
    ]
    return hcl_block(f"variable {hcl_string(variable.name)}", variable.arguments, *checks)


@cache
def _templates() -> Environment:
    folder = Path(__file__).parent / "templates"
    filters: dict[str, Callable[..., str]] = {
        "hcl": hcl_string,
        "comment": hcl_comment,
        "attributes": hcl_attributes,
        "indented": hcl_indented,
    }
    return environment(folder, filters=filters)
