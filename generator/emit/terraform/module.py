"""The Terraform module of a workflow. Its size depends on what the workflow uses, not on how many states it has."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

from generator.dsl.resources import Activity, Bucket, EventBus, Function, Queue, Resource, Startable, Table, Topic, identifier
from generator.dsl.workflow import RETENTION_DAYS
from generator.emit.asl import FILE as DEFINITION_FILE
from generator.emit.terraform.hcl import hcl_attributes, hcl_comment, hcl_string
from generator.emit.terraform.roles import KMS_KEY, TRUST_FILE, RolePolicy

if TYPE_CHECKING:
    from jinja2 import Environment

    from generator.lower.compiled import CompiledWorkflow, Placeholder

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
_REGIONAL: Final = r"[a-z0-9-]+:[0-9]{12}"
_ARN: Final = rf"^arn:[a-z0-9-]+:[a-z0-9-]+:[a-z0-9-]*:([0-9]{{12}}|aws)?:{_PLAIN}$"
_URL: Final = r"""^https://[^\s"'\\]+$"""
_NAME: Final = r"^[A-Za-z0-9_./-]+$"
_TEXT: Final = r"""^[^"'\\[:cntrl:]]*$"""

# Each kind of resource in a reader's words, and its ARN from the service on:
# https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
_KINDS: Final[tuple[tuple[type[Resource], str, str], ...]] = (
    (Activity, "Step Functions activity", f"states:{_REGIONAL}:activity:"),
    (Bucket, "S3 bucket", "s3:::"),
    (EventBus, "EventBridge event bus", f"events:{_REGIONAL}:event-bus/"),
    (Function, "Lambda function", f"lambda:{_REGIONAL}:function:"),
    (Queue, "SQS queue", f"sqs:{_REGIONAL}:"),
    (Startable, "Step Functions state machine", f"states:{_REGIONAL}:stateMachine:"),
    (Table, "DynamoDB table", f"dynamodb:{_REGIONAL}:table/"),
    (Topic, "SNS topic", f"sns:{_REGIONAL}:"),
)
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


def emit(compiled: CompiledWorkflow, policies: Sequence[RolePolicy]) -> dict[str, str]:
    """Write the Terraform module of a workflow.

    The module reads the definition (:data:`generator.emit.asl.FILE`) and the policies from files beside it.

    Args:
        compiled: the workflow, without errors.
        policies: the permissions policies of its execution role.

    Returns:
        File name and text, sorted; `terraform fmt` leaves each as it is.

    >>> from generator.dsl.steps import Succeed
    >>> from generator.dsl.workflow import Workflow
    >>> from generator.lower.compile import compile_workflow
    >>> compiled = compile_workflow(Workflow("nothing-to-do", steps=[Succeed("Done")]))
    >>> list(emit(compiled, ()))
    ['iam.tf', 'main.tf', 'outputs.tf', 'variables.tf', 'versions.tf']
    """
    workflow = compiled.workflow
    wanted = frozenset[str]().union(compiled.placeholders, *(policy.placeholders for policy in policies))
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
    values = {
        f"{identifier(compiled.workflow.name)}_arn": "local.state_machine_arn",
        f"{identifier(compiled.workflow.name)}_name": "var.name",
    }
    named = [compiled.placeholders[name].resource for name in values if name in compiled.placeholders]
    return values if named and all(isinstance(resource, Startable) for resource in named) else {}


def _variables(placeholders: Mapping[str, Placeholder], names: Sequence[str]) -> Iterator[Variable]:
    """Make the variable of each placeholder; what only a policy mentions belongs to the resource of that name's stem."""
    resources = {name.rpartition("_")[0]: placeholder.resource for name, placeholder in placeholders.items() if placeholder.resource}
    taken = OWN_VARIABLES | _RESERVED
    for name in names:
        variable = name
        while variable in taken or (variable != name and variable in names):
            variable = f"placeholder_{variable}"
        stem, _, attribute = name.rpartition("_")
        resource = resources.get(stem)
        kind, arn = next(((kind, arn) for cls, kind, arn in _KINDS if isinstance(resource, cls)), ("", ""))
        if attribute == "arn":
            pattern = rf"^arn:[a-z0-9-]+:{arn}{_PLAIN}$" if arn else _ARN
            error = (
                f"The value of {variable} must be the ARN of {_with_article(kind)}." if kind else f"The value of {variable} must be an ARN."
            )
        elif attribute == "url":
            pattern, error = _URL, f"The value of {variable} must be a URL that starts with https://."
        elif attribute == "name" and resource is not None:
            pattern, error = _NAME, f"The value of {variable} must be a name of letters, digits and the characters _ . / -."
        else:
            pattern, error = _TEXT, f"The value of {variable} must not hold quotes, backslashes or control characters."
        yield Variable(variable, name, _description(name, attribute, kind, resource), pattern, error)


def _description(name: str, attribute: str, kind: str, resource: Resource | None) -> str:
    if resource is None or attribute not in _ATTRIBUTES:
        return f"What the workflow's placeholder {name} stands for"
    about = f"{_ATTRIBUTES[attribute]} of the {kind or 'resource'} {resource.name}"
    more = " ".join(resource.description.split()) if isinstance(resource, Function) else ""
    return f"{about}: {more}" if more else about


def _with_article(noun: str) -> str:
    # The field's initialisms are read letter by letter: an SQS queue, an S3 bucket, an SNS topic.
    return f"{'an' if noun.startswith(('E', 'S3', 'SN', 'SQ')) else 'a'} {noun}"


@lru_cache(maxsize=1)
def _templates() -> Environment:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined  # noqa: PLC0415  a tenth of a second, needed only here

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
