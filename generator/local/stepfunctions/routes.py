"""Who performs a task here: a mock, a function, another endpoint, or AWS itself, as the user chooses for a state.

A choice is for a name of a call: the state, the integration (``sqs:sendMessage``), or the resource or its name. Without a choice, a
task calls the function or the service that this machine has. Nothing calls AWS unless a choice says so.
"""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, Final, Protocol

from generator.asl.intrinsic_functions import make_uuid
from generator.engine import FunctionError, MockError, Mocks
from generator.engine.calls import functions, services
from generator.engine.calls.functions import LambdaContext
from generator.engine.calls.targets import key_of, names
from generator.engine.definitions import deployed_name
from generator.engine.failure import StateError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from generator.engine.calls.call import Call
    from generator.engine.clock import Branch

FUNCTION: Final = "function"
ENDPOINT: Final = "endpoint"
AWS: Final = "aws"
MOCK: Final = "mock"
_KINDS: Final = (FUNCTION, ENDPOINT, AWS, MOCK)
_SECONDS: Final = 900
_CLIENTS: Final = frozenset({"lambda", "states"})


class Performer(Protocol):
    """What performs one call of a task."""

    def perform(self, call: Call) -> Branch:
        """Perform a call and return its result."""


class Choices:
    """The choices of the user.

    >>> choices = Choices.read({"Pay": {"function": "fake-pay"}, "sqs:sendMessage": {"return": {"MessageId": "1"}}})
    >>> choices.find("Send", "arn:aws:states:::sqs:sendMessage", {}, {}) is not None
    True
    >>> choices.find("Other", "arn:aws:states:::sns:publish", {}, {}) is None
    True
    """

    def __init__(self, routes: Mapping[str, Performer], mocks: Mocks | None = None) -> None:
        """Create them from the performers and the mocks by the name of a call."""
        self._routes = {key_of(name): route for name, route in routes.items()}
        self.mocks = mocks

    @staticmethod
    def read(document: Mapping[str, Any]) -> Choices:
        """Read choices as a file has them: ``{"function": NAME}``, ``{"endpoint": URL}``, ``{"aws": PROFILE}``, or a mock.

        A mock is ``{"return": …}``, ``{"throw": {"error": …, "cause": …}}`` or a list of these.

        Raises:
            MockError: a choice has another form.
        """
        routes: dict[str, Performer] = {}
        mocks: dict[str, Any] = {}
        for name, choice in document.items():
            kinds = [kind for kind in (FUNCTION, ENDPOINT, AWS) if isinstance(choice, dict) and kind in choice]
            if not kinds:
                mocks[name] = choice
                continue
            (kind,) = kinds if len(choice) == 1 else (None,)
            value = choice[kind] if kind else None
            if kind is None or not isinstance(value, str):
                raise MockError(f"the choice for '{name}' must have one member, with text: function, endpoint or aws")
            routes[name] = Function(value) if kind == FUNCTION else Through(endpoint=value) if kind == ENDPOINT else Through(profile=value)
        return Choices(routes, Mocks.from_json(mocks) if mocks else None)

    @staticmethod
    def parse(texts: Iterable[str]) -> Choices:
        r"""Read choices as the command line has them: ``NAME=function:F``, ``=endpoint:URL``, ``=aws:PROFILE``, ``=mock:JSON``.

        Raises:
            MockError: a text has another form.

        >>> Choices.parse(["Pay=mock:{\"paid\": true}"]).mocks.unused
        ['Pay']
        """
        return Choices.read(Choices.listed(texts))

    @staticmethod
    def listed(texts: Iterable[str]) -> dict[str, Any]:
        """Return choices of the command line as a file has them.

        Raises:
            MockError: a text has another form.
        """
        document: dict[str, Any] = {}
        for text in texts:
            name, _, choice = text.partition("=")
            kind, _, value = choice.partition(":")
            if not name or kind not in _KINDS:
                raise MockError(f"'{text}' must be NAME=function:F, NAME=endpoint:URL, NAME=aws:PROFILE or NAME=mock:JSON")
            if kind == MOCK:
                try:
                    document[name] = {"return": json.loads(value)}
                except ValueError as error:
                    raise MockError(f"the mock of '{name}' is not JSON: {error}") from None
            else:
                document[name] = {kind: value or ("default" if kind == AWS else "")}
        return document

    def find(self, state: str, resource: str, parameters: Any, declared: Mapping[str, str]) -> Performer | None:
        """Return what performs a call. None if there is no choice for it."""
        if self.mocks is not None and (mock := self.mocks.find(state, resource, parameters, declared)) is not None:
            return mock
        found = (self._routes.get(key_of(name)) for name in names(state, resource, parameters, declared))
        return next((route for route in found if route is not None), None)

    def fresh(self) -> Choices:
        """Return the same choices, whose mocks have answered nothing yet."""
        other = Choices({}, None if self.mocks is None else self.mocks.fresh())
        other._routes = self._routes
        return other


@dataclass(frozen=True)
class Function:
    """Calls a function in place of a service: with the event that the Lambda function gets, or with the parameters."""

    name: str

    def perform(self, call: Call) -> Branch:
        """Perform a call.

        Raises:
            StateError: the function failed, or there is none of this name.
        """
        run, task = call.frame.run, call.task
        known = run.engine.functions
        handler = functions.find(known, self.name, self.name) or functions.find(known, "", deployed_name(self.name))
        if handler is None:
            raise call.unavailable(f"The choice for it names the function '{self.name}', which does not exist.")
        invoked = task.service in {"lambda", "aws-sdk:lambda"} and task.prefix == "Task"
        event = call.parameters.get("Payload", {}) if invoked else call.parameters
        request = make_uuid(run.random)
        arn = run.engine.arn("lambda", f"function:{self.name}")
        try:
            result = functions.invoke(handler, event, LambdaContext(self.name, arn, request, call.timeout or _SECONDS))
        except FunctionError as error:
            raise error.as_failure() from None
        if invoked:
            result = functions.response(result, request, run.clock.now())
        if task.pattern == ".waitForTaskToken":
            call.submitted(result)
            result = yield from call.token_answer()
        elif task.pattern:
            call.submitted({})
        return result


class Through:
    """Calls another endpoint, or AWS itself with a named profile.

    Attributes:
        endpoint: the URL of the endpoint.
        profile: the profile of AWS.
    """

    def __init__(self, *, endpoint: str | None = None, profile: str | None = None) -> None:
        """Create it for one of these."""
        self.endpoint = endpoint
        self.profile = profile
        self._made: dict[tuple[str, str], Any] = {}

    def perform(self, call: Call) -> Branch:
        """Perform a call. Each step of it sees the clients of this route, and no function or state machine of this machine."""
        engine: Any = call.frame.run.engine  # one of a timeline
        steps = functions.perform(call) if call.task.service in {"lambda", "aws-sdk:lambda"} else services.perform(call)
        resume: Callable[[], Any] = partial(next, steps)
        clients = partial(self._client, engine.region)
        try:
            while True:
                with engine.replaced(functions={}, state_machines={}, services=_CLIENTS, clients=clients):
                    future = resume()
                try:
                    value = yield future
                except StateError as failure:
                    resume = partial(steps.throw, failure)
                else:
                    resume = partial(steps.send, value)
        except StopIteration as end:
            return end.value
        finally:
            steps.close()

    def _client(self, region: str, service: str) -> Any:
        import boto3
        from botocore.config import Config

        if (service, region) not in self._made:
            if self.endpoint is not None:
                made = boto3.client(
                    service,
                    endpoint_url=self.endpoint,
                    region_name=region,
                    config=Config(inject_host_prefix=False),
                    aws_access_key_id="local",
                    aws_secret_access_key="local",  # noqa: S106  of an endpoint that is not AWS
                )
            else:
                # Named, so that the keys which a stand-in for AWS puts into the environment are not used.
                made = boto3.Session(profile_name=self.profile, region_name=region).client(service)
                _past_moto(made)
            self._made[service, region] = made
        return self._made[service, region]


def _past_moto(client: Any) -> None:
    """Let a client reach AWS although moto answers the others."""
    core = sys.modules.get("moto.core.models")
    if core is not None:
        client.meta.events.unregister("before-send", core.botocore_stubber)


class Performers:
    """The mocks of one execution and the choices of the user, in the form in which the engine asks for mocks.

    Attributes:
        mocks: the mocks of the test case.
        choices: the choices.
    """

    def __init__(self, mocks: Mocks | None, choices: Choices | None) -> None:
        """Create it."""
        self.mocks = mocks
        self.choices = choices

    @property
    def unused(self) -> list[str]:
        """The names whose mocks have answered no call."""
        return [] if self.mocks is None else self.mocks.unused

    def find(self, state: str, resource: str, parameters: Any, declared: Mapping[str, str]) -> Performer | None:
        """Return what performs a call. None if the engine does."""
        found = None if self.mocks is None else self.mocks.find(state, resource, parameters, declared)
        return self.choices.find(state, resource, parameters, declared) if found is None and self.choices is not None else found
