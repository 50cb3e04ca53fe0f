"""The triggers of a workflow as Terraform: schedules, rules, and the roles with which AWS starts this workflow and nothing else.

Sources: https://docs.aws.amazon.com/scheduler/latest/UserGuide/cross-service-confused-deputy-prevention.html,
https://docs.aws.amazon.com/scheduler/latest/UserGuide/managing-targets-templated.html and
https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-dlq.html
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from generator.asl.placeholders import Placeholder, plain, unshielded_json
from generator.catalog.resources import ARN, NAME
from generator.dsl.declarations import identifier
from generator.dsl.expressions import Expr, operand
from generator.dsl.known import known_text, placeholders_in
from generator.dsl.triggers import EventRule, Schedule, WorkflowTrigger, event_path, json_leaves, utc
from generator.emit.terraform.hcl import hcl_block, hcl_json, hcl_list, hcl_object, hcl_string, hcl_template

LONGEST: Final = 64
"""The longest name of a schedule, a rule and a role."""

_VERSION: Final = "2012-10-17"
_MACHINE: Final = "aws_sfn_state_machine.this[0].arn"
_STARTED: Final = "coalesce(one(aws_sfn_alias.this[*].arn), aws_sfn_state_machine.this[0].arn)"
"""What a trigger starts: the alias, so that a rollback holds for it, too. The role allows the ARN without the alias, as IAM wants it.

Source: https://docs.aws.amazon.com/step-functions/latest/dg/auth-version-alias.html
"""
_COUNT: Final = {"count": "local.create_triggers ? 1 : 0"}
_ACCOUNT: Final = "data.aws_caller_identity.current.account_id"
_KEYWORD: Final = "<aws.scheduler."


def trigger_placeholders(triggers: Iterable[WorkflowTrigger]) -> dict[str, Placeholder]:
    """Return the values that triggers leave to deployment, by name.

    >>> from generator.dsl.resources import Bucket
    >>> [*trigger_placeholders([Bucket("imports", event_bridge=True).on_created()])]
    ['imports_name']
    """
    found: dict[str, Placeholder] = {}
    for trigger in triggers:
        made = [trigger.dead_letter.placeholder(ARN)] if trigger.dead_letter else []
        if isinstance(trigger, EventRule) and trigger.bus:
            made.append(trigger.bus.placeholder(NAME))
        nodes = [operand(value) for value in json_leaves([trigger.input, getattr(trigger, "pattern", None)]) if isinstance(value, Expr)]
        in_json = [one for node in nodes for one in placeholders_in(node)]
        made += [Placeholder(one.name) if one.resource is None else one.resource.placeholder(one.attribute) for one in in_json]
        found |= {one.name: one for one in made}
    return found


def room_for_prefix(triggers: Iterable[WorkflowTrigger]) -> int:
    """Return the greatest length of the prefix before the names of triggers and of their roles."""
    return LONGEST - 1 - max(len("scheduler"), *(len(trigger.name) for trigger in triggers))


@dataclass(frozen=True)
class TriggerBlocks:
    """Writes the triggers of a workflow as blocks of Terraform.

    Attributes:
        triggers: the triggers.
        values: the expression of each placeholder, by name.
    """

    triggers: tuple[WorkflowTrigger, ...]
    values: Mapping[str, str]

    @property
    def schedules(self) -> list[Schedule]:
        """The schedules."""
        return [one for one in self.triggers if isinstance(one, Schedule)]

    @property
    def rules(self) -> list[EventRule]:
        """The rules."""
        return [one for one in self.triggers if isinstance(one, EventRule)]

    def blocks(self) -> Iterator[str]:
        """Yield the blocks of the triggers: those of schedules, then those of rules."""
        if self.schedules:
            yield self._role("scheduler", ['"${local.arn_prefix.scheduler}:schedule-group/${local.trigger_prefix}"'])
            queues = sorted({self._dead_letter(one) for one in self.schedules if one.dead_letter})
            statements = [_statement('"states:StartExecution"', _MACHINE)]
            # Scheduler sends to a dead-letter queue with this role; the queue's policy allows it to a rule.
            statements += [_statement('"sqs:SendMessage"', f"[{', '.join(queues)}]")] if queues else []
            yield _policy("scheduler", statements)
            yield hcl_block(
                'resource "aws_scheduler_schedule_group" "this"',
                _COUNT,
                {"region": "var.region", "name": "local.trigger_prefix"},
                {"tags": "var.tags"},
            )
            yield from map(self._schedule, self.schedules)
        if self.rules:
            yield self._role("events", [self._rule_arn(rule) for rule in self.rules])
            yield _policy("events", [_statement('"states:StartExecution"', _MACHINE)])
            for rule in self.rules:
                yield self._rule(rule)
                yield self._target(rule)

    def dead_letter_policies(self) -> str:
        """Return the policies that dead-letter queues of rules need, by the name of the queue, as an expression; empty if none does.

        Source: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-dlq.html#eb-dlq-perms
        """
        queues = {rule.dead_letter.name: rule.dead_letter for rule in self.rules if rule.dead_letter}
        policies = {}
        for name, queue in sorted(queues.items()):
            arns = [self._rule_arn(rule) for rule in self.rules if rule.dead_letter is queue]
            condition = hcl_object({"ArnEquals": hcl_object({"aws:SourceArn": hcl_list(arns)})})
            statement = hcl_object(
                {
                    "Effect": '"Allow"',
                    "Principal": '{ Service = "events.amazonaws.com" }',
                    "Action": '"sqs:SendMessage"',
                    "Resource": self.values[queue.placeholder(ARN).name],
                    "Condition": condition,
                }
            )
            policies[name] = _document([statement])
        return hcl_object(policies) if policies else ""

    def _role(self, service: str, arns: list[str]) -> str:
        condition = {"aws:SourceAccount": _ACCOUNT, "aws:SourceArn": arns[0] if len(arns) == 1 else hcl_list(arns)}
        statement = hcl_object(
            {
                "Effect": '"Allow"',
                "Principal": f'{{ Service = "{service}.amazonaws.com" }}',
                "Action": '"sts:AssumeRole"',
                "Condition": hcl_object({"StringEquals": hcl_object(condition)}),
            }
        )
        longest = room_for_prefix(self.triggers)
        return hcl_block(
            f'resource "aws_iam_role" "{service}"',
            _COUNT,
            {
                "name": f'"${{local.trigger_prefix}}-{service}"',
                "path": "var.role_path",
                "description": '"Starts executions of the state machine ${var.name}"',
                "permissions_boundary": "var.role_permissions_boundary",
                "assume_role_policy": _document([statement]),
            },
            {"tags": "var.tags"},
            hcl_block(
                "lifecycle",
                hcl_block(
                    "precondition",
                    {
                        "condition": f"length(local.trigger_prefix) <= {longest}",
                        "error_message": f'"The names of triggers begin with at most {longest} characters: give trigger_prefix."',
                    },
                ),
            ),
        )

    def _schedule(self, schedule: Schedule) -> str:
        window = {"mode": '"OFF"' if schedule.window_minutes is None else '"FLEXIBLE"'}
        if schedule.window_minutes is not None:
            window["maximum_window_in_minutes"] = str(schedule.window_minutes)
        target = {"arn": _STARTED, "role_arn": "aws_iam_role.scheduler[0].arn"}
        if schedule.input is not None:
            target["input"] = self._json(schedule.input)
        settings = {
            "region": "var.region",
            "name": f'"${{local.trigger_prefix}}-{schedule.name}"',
            "group_name": "aws_scheduler_schedule_group.this[0].name",
            **self._described(schedule),
            "schedule_expression": hcl_string(schedule.expression),
            "schedule_expression_timezone": hcl_string(schedule.time_zone),
            "start_date": hcl_string(utc(schedule.start)) if schedule.start else "",
            "end_date": hcl_string(utc(schedule.end)) if schedule.end else "",
            "state": _state(schedule),
        }
        return hcl_block(
            f'resource "aws_scheduler_schedule" "{identifier(schedule.name)}"',
            _COUNT,
            {name: value for name, value in settings.items() if value},
            hcl_block("flexible_time_window", window),
            hcl_block("target", target, *self._delivery(schedule)),
        )

    def _rule(self, rule: EventRule) -> str:
        return hcl_block(
            f'resource "aws_cloudwatch_event_rule" "{identifier(rule.name)}"',
            _COUNT,
            {
                "region": "var.region",
                "name": f'"${{local.trigger_prefix}}-{rule.name}"',
                **self._described(rule),
                **self._bus(rule),
                "event_pattern": self._json(rule.pattern),
                "state": _state(rule),
            },
            {"tags": "var.tags"},
        )

    def _target(self, rule: EventRule) -> str:
        name = identifier(rule.name)
        transformer: list[str] = []
        settings = {
            "region": "var.region",
            "rule": f"aws_cloudwatch_event_rule.{name}[0].name",
            **self._bus(rule),
            "arn": _STARTED,
            "role_arn": "aws_iam_role.events[0].arn",
        }
        if isinstance(rule.input, Expr) and (path := event_path(operand(rule.input))) is not None:
            settings |= {} if path == "$" else {"input_path": hcl_string(path)}
        elif any(_path(value) for value in json_leaves(rule.input)):
            paths = _names(path for value in json_leaves(rule.input) if (path := _path(value)))
            template = unshielded_json(_template(rule.input, paths))
            transformer = [
                hcl_block(
                    "input_transformer",
                    {
                        "input_paths": hcl_object({paths[path]: hcl_string(path) for path in paths}),
                        "input_template": hcl_template(template, self.values),
                    },
                )
            ]
        elif rule.input is not None:
            settings["input"] = self._json(rule.input)
        return hcl_block(f'resource "aws_cloudwatch_event_target" "{name}"', _COUNT, settings, *transformer, *self._delivery(rule))

    def _delivery(self, trigger: WorkflowTrigger) -> Iterator[str]:
        """Yield the blocks of how often AWS tries, and of what becomes of a failure."""
        retries = {
            "maximum_event_age_in_seconds": trigger.maximum_event_age_seconds,
            "maximum_retry_attempts": trigger.maximum_retry_attempts,
        }
        if given := {name: str(value) for name, value in retries.items() if value is not None}:
            yield hcl_block("retry_policy", given)
        if trigger.dead_letter:
            yield hcl_block("dead_letter_config", {"arn": self._dead_letter(trigger)})

    def _dead_letter(self, trigger: WorkflowTrigger) -> str:
        return "" if trigger.dead_letter is None else self.values[trigger.dead_letter.placeholder(ARN).name]

    def _rule_arn(self, rule: EventRule) -> str:
        bus = "${" + self.values[rule.bus.placeholder(NAME).name] + "}/" if rule.bus else ""
        return f'"${{local.arn_prefix.events}}:rule/{bus}${{local.trigger_prefix}}-{rule.name}"'

    def _bus(self, rule: EventRule) -> dict[str, str]:
        return {"event_bus_name": self.values[rule.bus.placeholder(NAME).name]} if rule.bus else {}

    def _described(self, trigger: WorkflowTrigger) -> dict[str, str]:
        return {"description": hcl_string(trigger.description)} if trigger.description else {}

    def _json(self, payload: Any) -> str:
        encoded = f"jsonencode({hcl_json(_known(payload), lambda text: hcl_template(text, self.values))})"
        if any(isinstance(value, str) and _KEYWORD in value for value in json_leaves(_known(payload))):
            # jsonencode writes "<" as an escape, in which Scheduler does not find its keywords.
            return f'replace(replace({encoded}, "\\\\u003c", "<"), "\\\\u003e", ">")'
        return encoded


def _state(trigger: WorkflowTrigger) -> str:
    return f'lookup(var.triggers_enabled, {hcl_string(trigger.name)}, {str(trigger.enabled).lower()}) ? "ENABLED" : "DISABLED"'


def _statement(action: str, resource: str) -> str:
    return hcl_object({"Effect": '"Allow"', "Action": action, "Resource": resource})


def _document(statements: list[str]) -> str:
    return f"jsonencode({hcl_object({'Version': hcl_string(_VERSION), 'Statement': hcl_list(statements)})})"


def _policy(service: str, statements: list[str]) -> str:
    return hcl_block(
        f'resource "aws_iam_role_policy" "{service}"',
        _COUNT,
        {
            "name": '"start-execution"',
            "role": f"aws_iam_role.{service}[0].name",
            "policy": _document(statements),
        },
    )


def json_text(payload: Any) -> str:
    """Return JSON as text for people. A reference is its placeholder, and a part of an event its path.

    >>> from generator.dsl.expressions import states
    >>> json_text({"key": states.input.detail.key, "full": True})
    '{"key": <$.detail.key>, "full": true}'
    """
    template = _template(payload, {path: path for value in json_leaves(payload) if (path := _path(value))})
    return plain(template).replace("\\u003c", "<")


def _known(payload: Any) -> Any:
    """Return JSON in which each expression is its text with placeholders, and each author's text is shielded."""
    if isinstance(payload, Expr | str):
        return known_text(operand(payload))
    if isinstance(payload, Mapping):
        return {key: _known(value) for key, value in payload.items()}
    return [_known(value) for value in payload] if isinstance(payload, list | tuple) else payload


def _path(value: Any) -> str:
    """Return the path of a part of the event; empty for another value."""
    return (event_path(operand(value)) or "") if isinstance(value, Expr) and known_text(operand(value)) is None else ""


def _names(paths: Iterable[str]) -> dict[str, str]:
    """Return a name for each path, for the template.

    >>> _names(["$.detail.object.key", "$.detail-type"])
    {'$.detail.object.key': 'detail_object_key', '$.detail-type': 'detail_type'}
    """
    named: dict[str, str] = {}
    for path in dict.fromkeys(paths):
        name = "_".join("".join(c if c.isalnum() else " " for c in path).split()) or "event"
        while name in named.values():
            name += "_"
        named[path] = name
    return named


def _template(payload: Any, paths: Mapping[str, str]) -> str:
    """Write the template of an input. A part of the event is ``<name>`` without quotes, which EventBridge replaces by its JSON.

    Source: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-transform-target-input.html
    """
    if path := _path(payload):
        return f"<{paths[path]}>"
    if isinstance(payload, Mapping):
        return "{" + ", ".join(f"{_quoted(str(key))}: {_template(value, paths)}" for key, value in payload.items()) + "}"
    if isinstance(payload, list | tuple):
        return "[" + ", ".join(_template(value, paths) for value in payload) + "]"
    return _quoted(_known(payload))


def _quoted(value: Any) -> str:
    """Write JSON. An author's ``<`` is an escape, so that it begins no name of the template."""
    return json.dumps(value, ensure_ascii=False).replace("<", "\\u003c")
