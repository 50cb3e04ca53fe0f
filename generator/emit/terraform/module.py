"""The Terraform module of a workflow. Its size depends on what the workflow uses, not on how many states it has."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

from generator.catalog.resources import ARN, ATTRIBUTES, KINDS, NAME, RETENTION_DAYS, STARTABLE, URL
from generator.emit.artifact import Artifact
from generator.emit.deployment import deployment_placeholders
from generator.emit.templating import environment
from generator.emit.terraform.definition import FILE as DEFINITION_FILE
from generator.emit.terraform.hcl import hcl_attributes, hcl_comment, hcl_string
from generator.emit.terraform.policies import TRUST_FILE
from generator.iam.role import KMS_KEY

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from jinja2 import Environment

    from generator.asl.placeholders import Placeholder
    from generator.catalog.resources import ResourceKind
    from generator.lower.compiled import CompiledWorkflow

FILES: Final = ("iam.tf", "main.tf", "outputs.tf", "variables.tf", "versions.tf")

LOG_LEVELS: Final = ("ALL", "ERROR", "FATAL", "OFF")
"""Source: https://docs.aws.amazon.com/step-functions/latest/apireference/API_LoggingConfiguration.html"""

OWN_VALUES: Final = {
    "aws_account_id": "data.aws_caller_identity.current.account_id",
    "aws_partition": "data.aws_partition.current.partition",
    "aws_region": "data.aws_region.current.region",
    "state_machine_name": "var.name",
    KMS_KEY: "try(var.encryption_configuration.kms_key_arn, null)",
}
"""The placeholders that every module fills itself; see :data:`generator.catalog.patterns.TEMPLATED`."""

OWN_VARIABLES: Final = frozenset(
    {
        "alias_name",
        "cloudwatch_log_group_kms_key_id",
        "cloudwatch_log_group_name",
        "cloudwatch_log_group_retention_in_days",
        "encryption_configuration",
        "logging_configuration",
        "name",
        "publish",
        "role_name",
        "role_path",
        "role_permissions_boundary",
        "tags",
        "tracing_configuration",
    }
)
_RESERVED: Final = frozenset({"count", "depends_on", "for_each", "lifecycle", "locals", "providers", "source", "version"})
"""Names that Terraform does not accept for a variable: https://developer.hashicorp.com/terraform/language/block/variable."""

# Characters of an ARN or a name that have no meaning in JSON, in an expression or, as wildcards, in a policy.
_PLAIN: Final = r"""[^\s"'\\*?]+"""
_URL: Final = r"""^https://[^\s"'\\]+$"""
_NAME: Final = r"^[A-Za-z0-9_./-]+$"
_TEXT: Final = r"""^[^"'\\[:cntrl:]]*$"""


@dataclass(frozen=True, slots=True)
class Variable:
    """A required variable: a value that the workflow leaves to deployment.

    Attributes:
        name: the name of the variable: that of the placeholder, unless the module has another variable of this name.
        placeholder: the name of the placeholder, in the definition and in the policies.
        description: the meaning of the value, for the caller of the module.
        pattern: the regular expression that the value must match.
        error: the message for a value that does not match.
    """

    name: str
    placeholder: str
    description: str
    pattern: str
    error: str


def emit(compiled: CompiledWorkflow) -> Iterator[Artifact]:
    """Write the Terraform module of a workflow. ``terraform fmt`` leaves each file unchanged.

    The module reads the definition and the policies from the files beside it.

    >>> from generator.dsl.steps import Succeed
    >>> from generator.dsl.workflow import Workflow
    >>> from generator.lower.compile import compile_workflow
    >>> compiled = compile_workflow(Workflow("nothing-to-do", steps=[Succeed("Done")]))
    >>> [artifact.path for artifact in emit(compiled)]
    ['iam.tf', 'main.tf', 'outputs.tf', 'variables.tf', 'versions.tf']
    """
    workflow = compiled.workflow
    policies = compiled.role.policies
    placeholders = compiled.walk.once(deployment_placeholders)
    own = OWN_VALUES | _own_resource(compiled)
    variables = [*_variables([placeholder for name, placeholder in placeholders.items() if name not in own])]
    values = {name: own[name] for name in placeholders.keys() & own.keys()} | {v.placeholder: f"var.{v.name}" for v in variables}
    context = {
        "workflow": workflow,
        "heading": ": ".join(filter(None, [workflow.name, " ".join((workflow.comment or "").split())])),
        "definition_file": DEFINITION_FILE,
        "trust_file": TRUST_FILE,
        "retention_days": ", ".join(map(str, RETENTION_DAYS)),
        "log_levels": ", ".join(map(hcl_string, LOG_LEVELS)),
        # The trust policy always has the placeholders of where the machine runs.
        "values": dict(sorted((values | {name: OWN_VALUES[name] for name in _WHERE}).items())),
        "variables": variables,
        "inline": {policy.name: _NEEDED[policy.setting] for policy in policies if not policy.managed},
        "managed": [policy.name for policy in policies if policy.managed],
    }
    for file in FILES:
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


def _variables(placeholders: Iterable[Placeholder]) -> Iterator[Variable]:
    every = {placeholder.name: placeholder for placeholder in placeholders}
    taken = OWN_VARIABLES | _RESERVED
    for name, placeholder in every.items():
        variable = name
        while variable in taken or (variable != name and variable in every):
            variable = f"placeholder_{variable}"
        pattern, wanted = _form(placeholder)
        yield Variable(variable, name, _description(placeholder), pattern, f"The value of {variable} must {wanted}.")


def _form(placeholder: Placeholder) -> tuple[str, str]:
    """Return the pattern of the values of a placeholder, and the pattern in words."""
    if not placeholder.kind:
        return _TEXT, "not hold quotes, backslashes or control characters"
    kind = KINDS[placeholder.kind]
    forms = {
        ARN: (_arn_pattern(kind), f"be the ARN of {kind.with_article}"),
        NAME: (_NAME, "be a name of letters, digits and the characters _ . / -"),
        URL: (_URL, "be a URL that starts with https://"),
    }
    return forms[placeholder.attribute]


def _arn_pattern(kind: ResourceKind) -> str:
    arn = kind.arn.format(partition="[a-z0-9-]+", region="[a-z0-9-]+", account="[0-9]{12}", name=_PLAIN)
    return f"^{arn}$"


def _description(placeholder: Placeholder) -> str:
    if not placeholder.kind:
        return f"What the workflow's placeholder {placeholder.name} stands for"
    attribute = ATTRIBUTES[placeholder.attribute]
    about = f"{attribute[0].upper()}{attribute[1:]} of the {KINDS[placeholder.kind].label} {placeholder.resource}"
    return f"{about}: {placeholder.description}" if placeholder.description else about


@cache
def _templates() -> Environment:
    folder = Path(__file__).parent / "templates"
    return environment(folder, filters={"hcl": hcl_string, "comment": hcl_comment, "attributes": hcl_attributes})
