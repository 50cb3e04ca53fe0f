"""The execution roles of functions: what each says it uses, what its triggers need, its logs and its traces.

A permission is derived as that of a workflow's task that makes the same call, so there is one truth about what an action
needs. Each policy is a template: its placeholders are the ARNs of the resources, the function's own name, and where it runs.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Final

from generator.catalog.resources import STARTABLE
from generator.diagnostics.codes import severity_of
from generator.diagnostics.model import Diagnostic, did_you_mean
from generator.dsl.resources import Function, identifier

if TYPE_CHECKING:
    from generator.catalog.execution_role import Requirement
    from generator.dsl.resources import Grant as Use
    from generator.emit.iam import PolicyDocument

_EXECUTIONS: Final = "arn:${{aws_partition}}:states:${{aws_region}}:${{aws_account_id}}:execution:${{{name}_name}}:*"
_LOGS: Final = "https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs.html#monitoring-cloudwatchlogs-prereqs"
_TRACES: Final = "https://docs.aws.amazon.com/lambda/latest/dg/services-xray.html#services-xray-permissions"
_SQS: Final = "https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html#events-sqs-permissions"


def call(use: Use, action: str) -> tuple[str, str, dict[str, str]]:
    """Give the call that an allowed action stands for: service, action as Step Functions spells it, parameters.

    >>> from generator.dsl.resources import Table
    >>> call(Table("orders", key="id").allow("PutItem"), "PutItem")
    ('dynamodb', 'putItem', {'TableName': '${orders_name}'})
    """
    kind = use.resource.KIND
    parameters = {kind.parameter: use.resource.placeholder(kind.parameter_attribute).text}
    if kind.key in STARTABLE:
        parameters["ExecutionArn"] = _EXECUTIONS.format(name=identifier(use.resource.name))
    return kind.service, action[:1].lower() + action[1:], parameters


def unknown_actions(functions: Iterable[Function]) -> Iterator[Diagnostic]:
    """Report what functions are allowed that is no action of the resource's service: nothing would be granted for it.

    >>> from generator.dsl.resources import Function, Table
    >>> [d.hint for d in unknown_actions([Function("keeper", uses=[Table("orders").allow("PutItm")])])]
    ["did you mean 'PutItem'?"]
    """
    from generator.catalog.index import find_action, find_service  # noqa: PLC0415  loads the catalogue

    for function in functions:
        for use in function.uses:
            for action in use.actions:
                service, name, _ = call(use, action)
                known = find_service(service)
                if known is None or find_action(service, name) is not None:
                    continue
                yield Diagnostic(
                    "SFN402",
                    severity_of("SFN402"),
                    f"{function.name!r} is allowed {action!r} on {use.resource.name!r}, which is no action of {service!r}",
                    use.source.span(),
                    found=action,
                    expected=f"an API action of {known.service_id}",
                    hint=did_you_mean(action, (a[:1].upper() + a[1:] for a in known.action_names)),
                )


def role_policy(function: Function) -> PolicyDocument:
    """Derive the policy of a function's execution role.

    >>> from generator.dsl.resources import Function, Table
    >>> policy = role_policy(Function("keeper", uses=[Table("orders", key="id").allow("PutItem")]))
    >>> [(s.actions, s.resources) for s in policy.statements][0]
    (('dynamodb:PutItem',), ('${orders_arn}',))
    """
    from generator.emit.iam import merge  # noqa: PLC0415  loads the catalogue

    return merge(requirements_of(function))


def requirements_of(function: Function) -> Iterator[Requirement]:
    """Give each permission of a function's role, with what needs it."""
    from generator.catalog.execution_role import Requirement, requirements  # noqa: PLC0415
    from generator.catalog.grants import Grant  # noqa: PLC0415
    from generator.catalog.index import find_action  # noqa: PLC0415
    from generator.catalog.patterns import TEMPLATED  # noqa: PLC0415

    for use in function.uses:
        for action in use.actions:
            service, name, parameters = call(use, action)
            known = find_action(service, name)
            unknown = dict.fromkeys(known.input.required, "{% $known_to_the_handler %}") if known else {}
            task = {"Type": "Task", "Resource": f"arn:aws:states:::aws-sdk:{service}:{name}", "Arguments": unknown | parameters}
            for need in requirements({"QueryLanguage": "JSONata", "States": {function.name: task}}, TEMPLATED):
                yield Requirement(need.grant, "", f"{use.resource.name}: {action}")
    for trigger in function.triggers:
        queue = (f"${{{identifier(trigger.queue.name)}_arn}}",)
        actions = ("sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ReceiveMessage")
        yield Requirement(Grant(actions, queue, (), "", "Let the event source mapping consume the queue", _SQS), "", trigger.queue.name)
    group = ("arn:${aws_partition}:logs:${aws_region}:${aws_account_id}:log-group:/aws/lambda/${function_name}:*",)
    logs = Grant(("logs:CreateLogStream", "logs:PutLogEvents"), group, (), "", "Write the function's log", _LOGS)
    yield Requirement(logs, "", "logging")
    traces = Grant(("xray:PutTelemetryRecords", "xray:PutTraceSegments"), ("*",), (), "", "Send traces; X-Ray knows no resources", _TRACES)
    yield Requirement(traces, "", "tracing")


def emit(functions: list[Function]) -> dict[str, str]:
    """Write the role policy of each function: text by file name."""
    return {f"{function.name}.policy.json": role_policy(function).json() for function in sorted(functions, key=lambda f: f.name)}
