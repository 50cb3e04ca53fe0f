"""Service integrations: the call of a Task, its pattern and its arguments."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from generator.catalog.index import Shape, find_service, service_names
from generator.catalog.integrations import PARENT_EXECUTION, SYNC, SYNC_2, WAIT_FOR_TASK_TOKEN
from generator.catalog.sdk_list import listing
from generator.catalog.spelling import CLIENT_HELPERS, action_of, arguments_of, client_names, plain, service_of, snake
from generator.diagnostics.model import did_you_mean
from generator.dsl.expressions import Context, Expr, Payload, operand
from generator.dsl.known import known_text
from generator.dsl.nodes import Call, Root
from generator.dsl.refusals import NoText
from generator.dsl.source import AuthoringError, Source, UnknownNameError, expect, here

_SUFFIXES: Final = tuple(f".{pattern}" for pattern in (SYNC, SYNC_2, WAIT_FOR_TASK_TOKEN))


@dataclass(frozen=True, eq=False)
class Integration(NoText):
    """A call of a service: the resource, the arguments, and the default output of the step.

    Attributes:
        resource: the ``Resource`` of the Task; for an activity, a reference to its ARN.
        arguments: the ``Arguments`` (``Parameters`` in JSONPath).
        output: the default output of the step; None for the whole result.
        alone: the same call in a form whose whole result is ``output``; None if there is no such form. JSONPath needs it for a
            step with ``result_path``, which stores the whole result.
    """

    resource: str | Expr
    arguments: Payload = None
    output: Payload = None
    alone: Integration | None = field(default=None, repr=False)
    source: Source = field(default_factory=here, init=False, repr=False)

    def wait_for_task_token(self) -> Integration:
        """Wait until the task token is sent back (``.waitForTaskToken``).

        The arguments must contain ``states.context.Task.Token``. The step's output is the output that is sent back with the token.

        Source: https://docs.aws.amazon.com/step-functions/latest/dg/connect-to-resource.html#connect-wait-token
        """
        return self._pattern(WAIT_FOR_TASK_TOKEN)

    def sync(self) -> Integration:
        """Wait until the job is done (``.sync``): https://docs.aws.amazon.com/step-functions/latest/dg/connect-to-resource.html#connect-sync."""
        return self._pattern(SYNC)

    def _pattern(self, pattern: str) -> Integration:
        if not isinstance(self.resource, str):
            raise AuthoringError(
                "an activity has no integration pattern",
                found=f".{pattern}",
                hint="the worker of an activity always returns its result with SendTaskSuccess",
            )
        if self.resource.endswith(_SUFFIXES):
            raise AuthoringError("the call already has an integration pattern", found=self.resource)
        return replace(self, resource=f"{self.resource}.{pattern}", output=None, alone=None)


def integration(resource: str | Expr, arguments: Payload = None) -> Integration:
    """Call any service integration by its ARN, or by the part of the ARN after ``arn:aws:states:::``.

    Args:
        resource: the integration; or the ARN of a function or an activity, such as ``packing.arn``.
        arguments: the arguments of the call.

    >>> integration("glue:startJobRun.sync", {"JobName": "nightly"}).resource
    'arn:aws:states:::glue:startJobRun.sync'
    """
    expect(resource, (str, Expr), "the resource of an integration", 'text such as "glue:startJobRun.sync"')
    if isinstance(resource, Expr):
        if known_text(operand(resource)) is None:
            raise AuthoringError(
                "the resource of an integration must be known at deployment",
                found=repr(resource)[:80],
                expected='text such as "glue:startJobRun.sync", or an ARN such as packing.arn',
            )
        return Integration(resource, arguments)
    return Integration(resource if resource.startswith(("arn:", "${")) else f"arn:aws:states:::{resource}", arguments)


def http_endpoint(
    method: str, url: Payload, *, connection: Payload, body: Payload = None, headers: Payload = None, query: Payload = None
) -> Integration:
    """Call an HTTPS API with the credentials of an EventBridge connection.

    Args:
        method: the HTTP method, such as GET or POST.
        url: the address, which starts with ``https://``.
        connection: the ARN of the connection.
        body: the body of the request: JSON, or text.
        headers: headers of the request, by name.
        query: parameters of the query, by name.

    Source: https://docs.aws.amazon.com/step-functions/latest/dg/call-https-apis.html
    """
    arguments: dict[str, Payload] = {"Method": method, "ApiEndpoint": url, "Authentication": {"ConnectionArn": connection}}
    optional = {"RequestBody": body, "Headers": headers, "QueryParameters": query}
    return Integration("arn:aws:states:::http:invoke", arguments | {k: v for k, v in optional.items() if v is not None})


class _Action(NoText):
    """An action of a service. A call of it with the parameters returns an integration."""

    def __init__(self, resource: str, shape: Shape | None = None) -> None:
        self._resource = resource
        self._shape = shape

    def __call__(self, *unnamed: Payload, **parameters: Payload) -> Integration:
        if unnamed:
            raise AuthoringError(
                "the parameters of an SDK action must be keyword arguments", found=repr(unnamed[0])[:60], expected='(TableName="orders", …)'
            )
        return Integration(self._resource, parameters if self._shape is None else arguments_of(self._shape, parameters))

    def __repr__(self) -> str:
        return f"<action {self._resource}>"


class _Service(NoText):
    """A service of the AWS SDK. Its attributes are its actions."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __getattr__(self, action: str) -> _Action:
        if action.startswith("_"):
            raise AttributeError(action)
        service = find_service(self._name)
        if service is None:  # AWS has withdrawn it, so that its actions are not known
            first, *rest = action.strip("_").split("_")
            return _Action(f"arn:aws:states:::aws-sdk:{self._name}:{first}{''.join(word[:1].upper() + word[1:] for word in rest)}")
        found = action_of(service, action)
        if found is None:
            hint = CLIENT_HELPERS.get(action.lower(), "")
            written = snake if "_" in action or action.islower() else str
            hint = hint or did_you_mean(action, [written(name) for name in service.action_names])
            raise UnknownNameError(f"{service.service_id} has no action {action!r}", found=action, hint=hint, code="SFN402")
        return _Action(found.resource, found.input)

    def __dir__(self) -> list[str]:
        service = find_service(self._name)
        return [] if service is None else [snake(name) for name in service.action_names]

    def __repr__(self) -> str:
        return f"<service {self._name}>"


class _Sdk(NoText):
    """All services and actions of the AWS SDK: ``sdk.dynamodb.query(TableName=orders.table_name, …)``.

    The names are those of boto3 or those of Step Functions: ``sdk.stepfunctions.start_execution(stateMachineArn=…)`` and
    ``sdk.sfn.startExecution(StateMachineArn=…)`` are the same. A name that is a keyword of Python has ``_`` behind it, as in
    ``sdk.lambda_``. For the calls that are used most, :mod:`generator.dsl.aws` has functions with types.

    Source: https://docs.aws.amazon.com/step-functions/latest/dg/supported-services-awssdk.html
    """

    def __getattr__(self, service: str) -> _Service:
        if service.startswith("_"):
            raise AttributeError(service)
        found = service_of(service)
        if found is None and listing(plain(service)) is None:
            raise UnknownNameError(
                f"AWS has no service {service!r}",
                found=service,
                expected="the name of a boto3 client, or of a service in Step Functions",
                hint=did_you_mean(service, [*client_names(), *service_names()]),
                code="SFN401",
            )
        return _Service(plain(service) if found is None else found.name)

    def __dir__(self) -> list[str]:
        return client_names()

    def __repr__(self) -> str:
        return "<the services of the AWS SDK>"


sdk: Final = _Sdk()


def with_parent_execution(payload: Payload) -> Payload:
    """Add the parent's execution id to the input of a nested execution, if it is an object or an expression.

    Source: https://docs.aws.amazon.com/step-functions/latest/dg/tutorial-continue-new.html
    """
    parent = Context(Root("context")).Execution.Id
    given: Payload = Expr(Root("input")) if payload is None else payload
    if isinstance(given, Mapping):
        return {**given} if PARENT_EXECUTION in given or f"{PARENT_EXECUTION}.$" in given else {**given, PARENT_EXECUTION: parent}
    if not isinstance(given, Expr):  # a list or a scalar has no room for the id
        return given
    return Expr(Call("merge", (operand(given), operand({PARENT_EXECUTION: parent}))))
