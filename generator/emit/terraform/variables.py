"""The variables of a workflow's module, as one list. ``variables.tf`` and the table in the README are written from it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from generator.asl.placeholders import STRING
from generator.catalog.resources import ARN, ATTRIBUTES, KINDS, NAME, RETENTION_DAYS, URL
from generator.emit.terraform.hcl import hcl_string

if TYPE_CHECKING:
    from generator.asl.placeholders import Placeholder
    from generator.catalog.resources import ResourceKind
    from generator.dsl.workflow import Workflow

LOG_LEVELS: Final = ("ALL", "ERROR", "FATAL", "OFF")
"""Source: https://docs.aws.amazon.com/step-functions/latest/apireference/API_LoggingConfiguration.html"""

ALARMS: Final = {
    "aborted": "ExecutionsAborted",
    "failed": "ExecutionsFailed",
    "throttled": "ExecutionThrottled",
    "timed_out": "ExecutionsTimedOut",
}
"""The metrics that have an alarm: https://docs.aws.amazon.com/step-functions/latest/dg/procedure-cw-metrics.html"""

_RESERVED: Final = frozenset({"count", "depends_on", "for_each", "lifecycle", "locals", "providers", "source", "version"})
"""Names that Terraform does not accept for a variable: https://developer.hashicorp.com/terraform/language/block/variable."""

# Characters of an ARN or a name that have no meaning in JSON, in an expression or, as wildcards, in a policy.
_PLAIN: Final = r"""[^\s"'\\*?]+"""
_URL: Final = r"""^https://[^\s"'\\]+$"""
_NAME: Final = r"^[A-Za-z0-9_./-]+$"
_TEXT: Final = r"""^[^"'\\[:cntrl:]]*$"""


@dataclass(frozen=True, slots=True)
class Variable:
    """A variable of the module.

    Attributes:
        name: the name.
        description: the meaning of the value, for the caller of the module.
        type: the type, in HCL.
        default: the default, in HCL; empty for a required variable.
        nullable: whether null is a value of its own; otherwise null means the default.
        checks: each condition that the value must meet, in HCL, with the message for a value that does not.
        placeholder: the name of the placeholder that the value replaces, in the definition and in the policies; may be empty.
        example: a valid value, in HCL, of a required variable.
    """

    name: str
    description: str
    type: str
    default: str = ""
    nullable: bool = False
    checks: tuple[tuple[str, str], ...] = ()
    placeholder: str = ""
    example: str = ""

    @property
    def value(self) -> str:
        """The value that the templates have in place of the placeholder: text as it is, any other value as JSON."""
        return f"var.{self.name}" if self.type == STRING else f"jsonencode(var.{self.name})"

    @property
    def arguments(self) -> dict[str, str]:
        """The arguments of the block, in the order in which they are written."""
        written = {"description": hcl_string(self.description), "type": self.type}
        if self.default:
            written["default"] = self.default
        if not self.nullable:
            written["nullable"] = "false"
        return written

    @property
    def type_on_one_line(self) -> str:
        r"""The type for a table.

        >>> Variable("a", "", "object({\n  b = string\n  c = number\n})").type_on_one_line
        'object({ b = string, c = number })'
        """
        return re.sub(r"\n\s*", ", ", self.type).replace("{, ", "{ ").replace(", }", " }")


@dataclass(frozen=True, slots=True)
class Section:
    """Variables that belong together, under one heading."""

    title: str
    variables: tuple[Variable, ...]


def _optional(name: str, description: str, pattern: str, error: str) -> Variable:
    """Return a text that may be null, and that otherwise matches a pattern."""
    check = (f"var.{name} == null || can(regex({hcl_string(pattern)}, var.{name}))", f"The value of {name} must {error}.")
    return Variable(name, description, "string", "null", nullable=True, checks=(check,))


def _switch(name: str, description: str, *, on: bool) -> Variable:
    return Variable(name, description, "bool", "true" if on else "false")


_STATE_MACHINE: Final = (
    Variable(
        "name",
        "Name of the state machine; the role, the log group, the alarms and the triggers are named after it",
        "string",
        checks=(
            (
                'can(regex("^[A-Za-z0-9_-]{1,80}$", var.name))',
                "The value of name must be 1 to 80 letters, digits, hyphens and underscores.",
            ),
        ),
    ),
    _switch("create", "Whether to create anything", on=True),
    _optional(
        "region", "Region of the resources; null for the region of the provider", "^[a-z]{2,}(-[a-z0-9]+)+$", "be the code of a region"
    ),
    _switch("publish", "Whether each change is published as a version", on=True),
    Variable(
        "alias_name",
        "Name of the alias that points to the version published last; null for none",
        "string",
        '"live"',
        nullable=True,
        checks=(
            (
                'var.alias_name == null || can(regex("^[A-Za-z0-9_.-]{0,79}[A-Za-z_.-][A-Za-z0-9_.-]{0,79}$", var.alias_name))',
                "The value of alias_name must be at most 80 letters, digits and the characters _ . -, and not digits alone.",
            ),
        ),
    ),
    _optional(
        "alias_version_arn",
        "ARN of the version that the alias points to, such as an earlier one after a rollback; null for the version published last",
        "^arn:[a-z0-9-]+:states:[a-z0-9-]+:[0-9]{12}:stateMachine:[A-Za-z0-9_-]+:[0-9]+$",
        "be the ARN of a version of the state machine",
    ),
    Variable(
        "timeouts",
        "How long Terraform waits for the state machine to be created, updated and deleted, such as 10m; null for the provider's defaults",
        "object({\n  create = optional(string)\n  update = optional(string)\n  delete = optional(string)\n})",
        "{}",
    ),
    Variable("tags", "Tags of all resources", "map(string)", "{}"),
)

_ROLE: Final = (
    _switch("create_role", "Whether to create the execution role; otherwise give role_arn", on=True),
    _optional(
        "role_arn",
        "ARN of the execution role if create_role is false; the output role_policies has what it must allow",
        r"^arn:[a-z0-9-]+:iam::[0-9]{12}:role/",
        "be the ARN of an IAM role",
    ),
    _optional(
        "role_name",
        "Name of the execution role; null for the state machine's name",
        "^[A-Za-z0-9_+=,.@-]{1,64}$",
        "be 1 to 64 letters, digits and the characters _ + = , . @ -",
    ),
    Variable(
        "role_path",
        "Path of the roles and policies",
        "string",
        '"/"',
        checks=(('can(regex("^/([!-~]{1,510}/)?$", var.role_path))', "The value of role_path must start and end with a slash."),),
    ),
    _optional(
        "role_permissions_boundary",
        "ARN of the policy that bounds the roles' permissions; null for none",
        "^arn:[a-z0-9-]+:iam::([0-9]{12}|aws):policy/",
        "be the ARN of an IAM policy",
    ),
    Variable(
        "policy_statements",
        "Further statements for the execution role, by their Sid",
        """map(object({
  effect    = optional(string, "Allow")
  actions   = list(string)
  resources = list(string)
  conditions = optional(list(object({
    test     = string
    variable = string
    values   = list(string)
  })), [])
}))""",
        "{}",
        checks=(
            (
                'alltrue([for sid in keys(var.policy_statements) : can(regex("^[A-Za-z0-9]+$", sid))])',
                "Each key of policy_statements is a Sid and must be letters and digits.",
            ),
            (
                'alltrue([for statement in values(var.policy_statements) : contains(["Allow", "Deny"], statement.effect)])',
                "The effect in policy_statements must be Allow or Deny.",
            ),
        ),
    ),
    Variable(
        "policy_jsons",
        "Further inline policies for the execution role, as JSON, by their name",
        "map(string)",
        "{}",
        checks=(
            (
                "alltrue([for document in values(var.policy_jsons) : can(jsondecode(document).Statement)])",
                "Each value of policy_jsons must be an IAM policy as JSON.",
            ),
        ),
    ),
)

_KEY: Final = "var.encryption_configuration"
_ENCRYPTION: Final = (
    Variable(
        "encryption_configuration",
        "Customer managed KMS key that encrypts the definition and the executions, and for how many seconds (60 to 900) its data keys "
        "are reused; null for a key that AWS owns",
        "object({\n  kms_key_arn                       = string\n  kms_data_key_reuse_period_seconds = optional(number, 300)\n})",
        "null",
        nullable=True,
        checks=(
            (
                f"{_KEY} == null || can(regex({hcl_string('^arn:[a-z0-9-]+:kms:[a-z0-9-]+:[0-9]{12}:key/')}, {_KEY}.kms_key_arn))",
                "The kms_key_arn of encryption_configuration must be the ARN of a KMS key, not of an alias: the role's policy names it.",
            ),
            (
                f"try({_KEY}.kms_data_key_reuse_period_seconds >= 60 && {_KEY}.kms_data_key_reuse_period_seconds <= 900, true)",
                "The kms_data_key_reuse_period_seconds of encryption_configuration must be 60 to 900.",
            ),
        ),
    ),
)

_ALARMS: Final = (
    _switch("create_alarms", "Whether to create alarms on executions that fail, time out, are aborted or are throttled", on=True),
    Variable("alarm_actions", "ARNs of what an alarm notifies, such as an SNS topic", "list(string)", "[]"),
    Variable("alarm_ok_actions", "ARNs of what is notified when an alarm is over", "list(string)", "[]"),
    Variable(
        "alarm_thresholds",
        "How many executions may be aborted, failed, throttled or timed_out in one period without an alarm; "
        "a kind that is left out has no alarm",
        "map(number)",
        "{ " + ", ".join(f"{kind} = 0" for kind in ALARMS) + " }",
        checks=(
            (
                f"alltrue([for kind in keys(var.alarm_thresholds) : contains([{', '.join(map(hcl_string, ALARMS))}], kind)])",
                f"The keys of alarm_thresholds must be among {', '.join(ALARMS)}.",
            ),
        ),
    ),
    Variable(
        "alarm_period_seconds",
        "How long one period of an alarm is: 10, 30 or a multiple of 60 seconds",
        "number",
        "300",
        checks=(
            (
                "contains([10, 30], var.alarm_period_seconds) || (var.alarm_period_seconds >= 60 && var.alarm_period_seconds % 60 == 0)",
                "The value of alarm_period_seconds must be 10, 30 or a multiple of 60.",
            ),
        ),
    ),
    Variable(
        "alarm_evaluation_periods",
        "How many periods in a row must be above the threshold",
        "number",
        "1",
        checks=(("var.alarm_evaluation_periods >= 1", "The value of alarm_evaluation_periods must be 1 or more."),),
    ),
)


def _triggers(workflow: Workflow) -> tuple[Variable, ...]:
    names = ", ".join(hcl_string(trigger.name) for trigger in workflow.triggers)
    return (
        _switch("create_triggers", "Whether to create the schedules and rules that start executions", on=True),
        _optional(
            "trigger_prefix",
            "What the names of schedules, rules and their roles begin with; null for the state machine's name",
            "^[A-Za-z0-9_.-]{1,62}$",
            "be 1 to 62 letters, digits and the characters _ . -",
        ),
        Variable(
            "triggers_enabled",
            "Whether each trigger starts executions, by its name; those that are left out are as the workflow declares them",
            "map(bool)",
            "{}",
            checks=(
                (
                    f"alltrue([for name in keys(var.triggers_enabled) : contains([{names}], name)])",
                    f"The triggers are {', '.join(trigger.name for trigger in workflow.triggers)}.",
                ),
            ),
        ),
    )


def _logging(workflow: Workflow) -> tuple[Variable, ...]:
    days = ", ".join(map(str, RETENTION_DAYS))
    return (
        Variable(
            "logging_configuration",
            "Which execution events are logged (ALL, ERROR, FATAL or OFF), and whether with the inputs and outputs, "
            "which may hold customer data",
            "object({\n"
            f"  level                  = optional(string, {hcl_string(workflow.logging.level)})\n"
            f"  include_execution_data = optional(bool, {str(workflow.logging.include_execution_data).lower()})\n"
            "})",
            "{}",
            checks=(
                (
                    f"contains([{', '.join(map(hcl_string, LOG_LEVELS))}], var.logging_configuration.level)",
                    "The level of logging_configuration must be ALL, ERROR, FATAL or OFF.",
                ),
            ),
        ),
        _optional(
            "cloudwatch_log_group_name",
            "Name of the log group; null for /aws/vendedlogs/states/ and the state machine's name",
            "^[A-Za-z0-9_./#-]{1,512}$",
            "be 1 to 512 letters, digits and the characters _ - / . #",
        ),
        _switch(
            "use_existing_cloudwatch_log_group",
            "Whether the log group exists: cloudwatch_log_group_name or _arn names it",
            on=False,
        ),
        _optional(
            "cloudwatch_log_group_arn",
            "ARN of the existing log group; null for cloudwatch_log_group_name in this account and region",
            r"^arn:[a-z0-9-]+:logs:[a-z0-9-]+:[0-9]{12}:log-group:[A-Za-z0-9_./#-]{1,512}(:\*)?$",
            "be the ARN of a log group",
        ),
        Variable(
            "cloudwatch_log_group_retention_in_days",
            "How many days logs are kept; 0 for ever",
            "number",
            str(workflow.logging.retention_days),
            checks=(
                (
                    f"contains([{days}], var.cloudwatch_log_group_retention_in_days)",
                    f"The value of cloudwatch_log_group_retention_in_days must be one that CloudWatch Logs takes: {days}.",
                ),
            ),
        ),
        _optional(
            "cloudwatch_log_group_kms_key_id",
            "ARN of the KMS key that encrypts the log group; null for a key of CloudWatch Logs",
            "^arn:[a-z0-9-]+:kms:",
            "be the ARN of a KMS key",
        ),
        Variable(
            "tracing_configuration",
            "Whether AWS X-Ray traces executions",
            f"object({{\n  enabled = optional(bool, {str(workflow.tracing).lower()})\n}})",
            f"{{ enabled = {str(workflow.tracing).lower()} }}",  # said again, because scanners such as checkov do not read the line above
        ),
    )


def sections(workflow: Workflow, placeholders: Iterable[Placeholder]) -> list[Section]:
    """Return all variables of the module of a workflow.

    Args:
        workflow: the workflow, whose settings are defaults.
        placeholders: the values that the workflow leaves to deployment, and that the module does not know itself.

    >>> from generator.asl.placeholders import Placeholder
    >>> from generator.dsl.workflow import Workflow
    >>> found = sections(Workflow("nothing-to-do"), [Placeholder("name"), Placeholder("jobs_url", "queue", "jobs", "url")])
    >>> [(one.name, one.placeholder) for one in found[1].variables]
    [('placeholder_name', 'name'), ('jobs_url', 'jobs_url')]
    """
    own = [
        Section("State machine", _STATE_MACHINE),
        Section("Logging and tracing", _logging(workflow)),
        Section("Encryption", _ENCRYPTION),
        Section("Execution role", _ROLE),
        *([Section("Triggers", _triggers(workflow))] if workflow.triggers else []),
        Section("Alarms", _ALARMS),
    ]
    taken = _RESERVED | {variable.name for section in own for variable in section.variables}
    filled = tuple(_filled(placeholders, taken))
    return [own[0], *([Section("What the workflow leaves to deployment", filled)] if filled else []), *own[1:]]


def _filled(placeholders: Iterable[Placeholder], taken: Iterable[str]) -> Iterator[Variable]:
    """Yield a variable for each placeholder. A name that the module or Terraform uses itself gets a prefix."""
    every = {placeholder.name: placeholder for placeholder in placeholders}
    used = {*taken}
    for name, placeholder in every.items():
        variable = name
        while variable in used or (variable != name and variable in every):
            variable = f"placeholder_{variable}"
        yield Variable(
            variable,
            _description(placeholder),
            placeholder.type,
            checks=_checks(variable, placeholder) if placeholder.is_text else (),
            placeholder=name,
            example=hcl_string(_example(placeholder)) if placeholder.is_text else _EXAMPLES[placeholder.type.partition("(")[0]],
        )


_EXAMPLES: Final = {"number": "1", "bool": "true", "list": "[]", "map": "{}", "any": "{}"}
"""A value of each type that is not text, by the first word of the type."""


def _checks(variable: str, placeholder: Placeholder) -> tuple[tuple[str, str], ...]:
    pattern, wanted = _form(placeholder)
    return ((f"can(regex({hcl_string(pattern)}, var.{variable}))", f"The value of {variable} must {wanted}."),)


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


def _example(placeholder: Placeholder) -> str:
    if not placeholder.kind:
        return f"the value of {placeholder.name}"
    values = KINDS[placeholder.kind].values(name=placeholder.resource, region="us-east-1", account="123456789012")
    return values[placeholder.attribute]


def _description(placeholder: Placeholder) -> str:
    if not placeholder.kind:
        return f"What the workflow's placeholder {placeholder.name} stands for"
    attribute = ATTRIBUTES[placeholder.attribute]
    about = f"{attribute[0].upper()}{attribute[1:]} of the {KINDS[placeholder.kind].label} {placeholder.resource}"
    return f"{about}: {placeholder.description}" if placeholder.description else about
