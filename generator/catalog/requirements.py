"""What the role of a state machine must be allowed to do: each permission with the state that needs it.

Reads a definition as JSON, with or without placeholders, in either query language, and in time linear in its size. What
is malformed needs no permission: saying so is the business of the checks.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from generator.catalog.grants import Allow, Grant, expand
from generator.catalog.integrations import GUIDE, find_integration
from generator.catalog.patterns import TEMPLATED, UNKNOWN, Deployment, Parameters, arn_of, placeholder


@dataclass(frozen=True, slots=True)
class Requirement:
    """A grant and where it comes from.

    Args:
        grant: What must be allowed.
        pointer: JSON pointer of the state, or of the machine's setting, that needs it.
        state: The state's name; empty for a setting of the machine.
    """

    grant: Grant
    pointer: str
    state: str = ""


LOG_DELIVERY: Final = Allow(
    "logs:CreateLogDelivery logs:GetLogDelivery logs:UpdateLogDelivery logs:DeleteLogDelivery logs:ListLogDeliveries "
    "logs:PutResourcePolicy logs:DescribeResourcePolicies logs:DescribeLogGroups",
    broad="log delivery is set up by actions that know no resources",
)
TRACING: Final = Allow(
    "xray:PutTraceSegments xray:PutTelemetryRecords xray:GetSamplingRules xray:GetSamplingTargets",
    broad="X-Ray's actions know no resources",
)


def requirements(
    definition: Any, deployment: Deployment | None = None, *, logging: bool = False, tracing: bool = False, kms_key_arn: str = ""
) -> list[Requirement]:
    """Return every permission that the execution role of `definition` needs, in the order of its states.

    Args:
        definition: The state machine as JSON.
        deployment: Where it will run; without it, a definition with placeholders gets placeholders and one without gets `*`.
        logging: Whether the machine writes execution logs to CloudWatch Logs.
        tracing: Whether the machine sends traces to X-Ray.
        kms_key_arn: The customer managed key that encrypts the machine, if any.

    >>> machine = {"StartAt": "A", "States": {"A": {"Type": "Task", "Resource": "${check_arn}", "End": True}}}
    >>> [(need.state, need.grant.actions, need.grant.resources) for need in requirements(machine)]
    [('A', ('lambda:InvokeFunction',), ('${check_arn}',))]
    """
    states = list(walk(definition))
    place = deployment or (TEMPLATED if any(_mentions_placeholder(state) for _, _, state, _ in states) else Deployment())
    found: list[Requirement] = []
    for pointer, name, state, language in states:
        found += (Requirement(grant, pointer, name) for grant in state_grants(state, language, place))
    settings = Parameters({}, "JSONata", place)
    if logging:
        row, source = LOG_DELIVERY, GUIDE + "cw-logs.html#cloudwatch-iam-policy"
        found += (
            Requirement(grant, "/loggingConfiguration")
            for grant in expand(row, settings, place, reason="Deliver execution logs to CloudWatch Logs", source=source)
        )
    if tracing:
        source = GUIDE + "xray-iam.html"
        found += (
            Requirement(grant, "/tracingConfiguration")
            for grant in expand(TRACING, settings, place, reason="Send traces to X-Ray", source=source)
        )
    if kms_key_arn:
        found.append(Requirement(_encryption(kms_key_arn, place), "/encryptionConfiguration"))
    return found


def walk(definition: Any) -> Iterator[tuple[str, str, dict[str, Any], str]]:
    """Yield (JSON pointer, name, state, query language) of each state, nested ones after the one that holds them."""
    if not isinstance(definition, dict):
        return
    default = _language(definition, "JSONPath")
    pending: list[tuple[str, Any, str]] = [("", definition, default)]
    while pending:
        pointer, machine, inherited = pending.pop()
        states = machine.get("States") if isinstance(machine, dict) else None
        if not isinstance(states, dict):
            continue
        inner: list[tuple[str, Any, str]] = []
        for name, state in states.items():
            if not isinstance(state, dict):
                continue
            here = f"{pointer}/States/{str(name).replace('~', '~0').replace('/', '~1')}"
            language = _language(state, inherited)
            yield here, str(name), state, language
            # What a state says of its own language does not reach the states inside it.
            branches = state.get("Branches")
            if isinstance(branches, list):
                inner += ((f"{here}/Branches/{index}", branch, inherited) for index, branch in enumerate(branches))
            for key in ("ItemProcessor", "Iterator"):
                if key in state:
                    inner.append((f"{here}/{key}", state[key], inherited))
        pending += reversed(inner)


def state_grants(state: dict[str, Any], language: str, deployment: Deployment) -> Iterator[Grant]:
    """Yield the grants that one state needs."""
    kind = state.get("Type")
    if kind == "Task":
        yield from _task_grants(state, language, deployment)


def _task_grants(state: dict[str, Any], language: str, deployment: Deployment) -> Iterator[Grant]:
    resource = state.get("Resource")
    if not isinstance(resource, str):
        return
    if "Credentials" in state:
        credentials = Parameters(state["Credentials"], language, deployment)
        row = Allow("sts:AssumeRole", "{RoleArn}")
        yield from expand(
            row,
            credentials,
            deployment,
            reason="Assume the role that the task runs with",
            source=GUIDE + "concepts-access-cross-acct-resources.html",
        )
        # The service actions belong to the target role.
        return
    integration = find_integration(resource)
    if integration is not None:
        parameters = Parameters(state.get("Arguments" if language == "JSONata" else "Parameters"), language, deployment)
        for row in integration.allows:
            yield from expand(row, parameters, deployment, reason=integration.reason, source=integration.source)
        return
    function = _function_arn(resource)
    if function:
        yield Grant(("lambda:InvokeFunction",), (function.replace(UNKNOWN, "*"),), (), "", "Invoke the function", GUIDE + "lambda-iam.html")


def _function_arn(resource: str) -> str:
    """Return the Lambda function that a task names directly; a whole placeholder can be nothing else that needs a grant."""
    if resource.startswith("arn:"):
        parts = resource.split(":", 6)
        return resource if len(parts) > 6 and parts[2] == "lambda" and parts[5] == "function" else ""  # noqa: PLR2004 - an ARN's parts
    name = placeholder(resource)
    return (arn_of(resource) or resource) if name and "activity" not in name.lower() else ""


def _encryption(key_arn: str, deployment: Deployment) -> Grant:
    return Grant(
        ("kms:Decrypt", "kms:GenerateDataKey"),
        (key_arn,),
        (("StringEquals", "kms:EncryptionContext:aws:states:stateMachineArn", (deployment.self_arn,)),)
        if "*" not in deployment.self_arn
        else (("StringLike", "kms:EncryptionContext:aws:states:stateMachineArn", (deployment.self_arn,)),),
        "",
        "Encrypt and decrypt the machine's data",
        GUIDE + "encryption-at-rest.html",
    )


def _language(holder: dict[str, Any], inherited: str) -> str:
    language = holder.get("QueryLanguage")
    return language if language in {"JSONata", "JSONPath"} else inherited


def _mentions_placeholder(state: dict[str, Any]) -> bool:
    """Look for `${` in what a state says of resources; nested states are looked at on their own."""
    pending: list[Any] = [state.get(key) for key in ("Resource", "Parameters", "Arguments", "ItemReader", "ResultWriter", "Credentials")]
    while pending:
        value = pending.pop()
        if isinstance(value, str):
            if "${" in value:
                return True
        elif isinstance(value, dict):
            pending += value.values()
        elif isinstance(value, list):
            pending += value
    return False
