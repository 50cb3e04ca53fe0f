"""The Terraform module of a workflow. Its size depends on what the workflow uses, not on how many states it has."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

from generator.catalog.resources import ARN, KINDS, NAME, STARTABLE, URL
from generator.dsl.workflow import RETENTION_DAYS
from generator.emit.asl import FILE as DEFINITION_FILE
from generator.emit.policies import TRUST_FILE
from generator.emit.terraform.hcl import hcl_attributes, hcl_comment, hcl_string
from generator.iam.role import KMS_KEY

if TYPE_CHECKING:
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
"""Placeholders that the module fills by itself; see :data:`generator.catalog.patterns.TEMPLATED`."""

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
"""Names that a variable can't have: https://developer.hashicorp.com/terraform/language/block/variable."""

# What an ARN or name may hold without meaning something in JSON, in an expression or, as a wildcard, in a policy.
_PLAIN: Final = r"""[^\s"'\\*?]+"""
_ARN: Final = rf"^arn:[a-z0-9-]+:[a-z0-9-]+:[a-z0-9-]*:([0-9]{{12}}|aws)?:{_PLAIN}$"
_URL: Final = r"""^https://[^\s"'\\]+$"""
_NAME: Final = r"^[A-Za-z0-9_./-]+$"
_TEXT: Final = r"""^[^"'\\[:cntrl:]]*$"""

_ATTRIBUTES: Final = {"arn": "ARN", "name": "Name", "url": "URL"}


@dataclass(frozen=True, slots=True)
class Variable:
    """A required variable: a value that the workflow leaves to deployment.

    Attributes:
        name: of the variable; the placeholder's, unless that is taken.
        placeholder: which it fills, in the definition and in the policies.
        description: for whoever fills it.
        pattern: a regular expression that the value matches.
        error: what to say when it does not.
    """

    name: str
    placeholder: str
    description: str
    pattern: str
    error: str


def emit(compiled: CompiledWorkflow) -> dict[str, str]:
    """Write the Terraform module of a workflow.

    The module reads the definition (:data:`generator.emit.asl.FILE`) and the policies from files beside it.

    Args:
        compiled: the workflow, without errors.

    Returns:
        File name and text, sorted; `terraform fmt` leaves each as it is.

    >>> from generator.dsl.steps import Succeed
    >>> from generator.dsl.workflow import Workflow
    >>> from generator.lower.compile import compile_workflow
    >>> compiled = compile_workflow(Workflow("nothing-to-do", steps=[Succeed("Done")]))
    >>> list(emit(compiled))
    ['iam.tf', 'main.tf', 'outputs.tf', 'variables.tf', 'versions.tf']
    """
    workflow, policies = compiled.workflow, compiled.role.policies
    wanted = frozenset[str]().union(compiled.placeholders, *(policy.document.placeholders for policy in policies))
    own = OWN_VALUES | _own_resource(compiled)
    variables = [*_variables(compiled.placeholders, sorted(wanted - own.keys()))]
    values = {name: own[name] for name in wanted & own.keys()} | {v.placeholder: f"var.{v.name}" for v in variables}
    context = {
        "workflow": workflow,
        "heading": ": ".join(filter(None, [workflow.name, " ".join((workflow.comment or "").split())])),
        "definition_file": DEFINITION_FILE,
        "trust_file": TRUST_FILE,
        "retention_days": ", ".join(map(str, RETENTION_DAYS)),
        "log_levels": ", ".join(map(hcl_string, LOG_LEVELS)),
        # The trust policy names where the machine runs, whatever else does.
        "values": dict(sorted((values | {name: OWN_VALUES[name] for name in _WHERE}).items())),
        "variables": variables,
        "inline": {policy.name: _NEEDED[policy.setting] for policy in policies if not policy.managed},
        "managed": [policy.name for policy in policies if policy.managed],
    }
    return {file: _templates().get_template(f"{file}.j2").render(context) for file in FILES}


_WHERE: Final = ("aws_account_id", "aws_partition", "aws_region", "state_machine_name")
_NEEDED: Final = {
    "": "true",
    "encryption": "var.encryption_configuration != null",
    "log-encryption": "var.encryption_configuration != null && local.logging_enabled",
    "logging": "local.logging_enabled",
    "tracing": "var.tracing_configuration.enabled",
}


def _own_resource(compiled: CompiledWorkflow) -> dict[str, str]:
    """A workflow that refers to itself must not wait for itself: its ARN is built from its name."""
    own = {ARN: "local.state_machine_arn", NAME: "var.name"}
    names = {attribute: compiled.workflow.placeholder(attribute).name for attribute in own}
    known = [compiled.placeholders[name] for name in names.values() if name in compiled.placeholders]
    if not known or any(placeholder.kind not in STARTABLE for placeholder in known):
        return {}
    return {names[attribute]: value for attribute, value in own.items()}


def _variables(placeholders: Mapping[str, Placeholder], names: Sequence[str]) -> Iterator[Variable]:
    """Make the variable of each placeholder; one that only a policy mentions belongs to the resource of that name's stem."""
    resources = {name.rpartition("_")[0]: placeholder for name, placeholder in placeholders.items() if placeholder.kind}
    taken = OWN_VARIABLES | _RESERVED
    for name in names:
        variable = name
        while variable in taken or (variable != name and variable in names):
            variable = f"placeholder_{variable}"
        stem, _, attribute = name.rpartition("_")
        resource = resources.get(stem)
        kind = None if resource is None else KINDS[resource.kind]
        if attribute == ARN:
            pattern = _ARN if kind is None else _arn_pattern(kind)
            what = "an ARN" if kind is None else f"the ARN of {kind.with_article}"
            error = f"The value of {variable} must be {what}."
        elif attribute == URL:
            pattern, error = _URL, f"The value of {variable} must be a URL that starts with https://."
        elif attribute == NAME and resource is not None:
            pattern, error = _NAME, f"The value of {variable} must be a name of letters, digits and the characters _ . / -."
        else:
            pattern, error = _TEXT, f"The value of {variable} must not hold quotes, backslashes or control characters."
        yield Variable(variable, name, _description(name, attribute, resource), pattern, error)


def _arn_pattern(kind: ResourceKind) -> str:
    arn = kind.arn.format(partition="[a-z0-9-]+", region="[a-z0-9-]+", account="[0-9]{12}", name=_PLAIN)
    return f"^{arn}$"


def _description(name: str, attribute: str, resource: Placeholder | None) -> str:
    if resource is None or attribute not in _ATTRIBUTES:
        return f"What the workflow's placeholder {name} stands for"
    about = f"{_ATTRIBUTES[attribute]} of the {KINDS[resource.kind].label} {resource.resource}"
    return f"{about}: {resource.description}" if resource.description else about


@lru_cache(maxsize=1)
def _templates() -> Environment:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent.parent / "templates"),
        autoescape=False,  # noqa: S701  it is for HTML; here every text goes through hcl_string or hcl_comment
        undefined=StrictUndefined,
        keep_trailing_newline=True,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"hcl": hcl_string, "comment": hcl_comment, "attributes": hcl_attributes}
    return environment
