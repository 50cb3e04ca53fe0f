"""The columns of the table of optimised integrations: service, integration, polling.

Values that a call takes from elsewhere are written as a *source*, a short path:

- ``request.Cluster``: the parameter `Cluster` of the task;
- ``response.Tasks.0.TaskArn``: a member of the response to the task's API call;
- ``=Stopped``: the text itself.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from generator.catalog import index
from generator.catalog.integrations import GUIDE, REQUEST_RESPONSE, SYNC, SYNC_2, WAIT_FOR_TASK_TOKEN, resource_arn
from generator.catalog.patterns import Parameters
from generator.catalog.permissions import Allow
from generator.catalog.sdk import Rule

R: Final = (REQUEST_RESPONSE,)
RS: Final = (REQUEST_RESPONSE, SYNC)
RT: Final = (REQUEST_RESPONSE, WAIT_FOR_TASK_TOKEN)
RST: Final = (REQUEST_RESPONSE, SYNC, WAIT_FOR_TASK_TOKEN)
NEW_ID: Final = "what the call starts or creates gets its id only then"

Sources = Mapping[str, str]
"""Names of parameters or members, each with the source of its value."""


@dataclass(frozen=True, slots=True)
class OptimisedService:
    """A service as the optimised integrations name it.

    Attributes:
        name: the service in `arn:aws:states:::<service>:<action>`.
        page: the page of the developer guide about its integrations.
        sdk: the name of the service in :mod:`generator.catalog.index`; empty when no API of AWS is called.
        errors: the part of its error names before the dot; empty for the identifier of the service without spaces.
        label: the service in the cause of an error; empty for the same text as in the error names.
    """

    name: str
    page: str
    sdk: str = ""
    errors: str = ""
    label: str = ""

    @property
    def error_prefix(self) -> str:
        """The part of its error names before the dot."""
        known = index.find_service(self.sdk)
        return self.errors or ("".join(known.service_id.split()) if known else self.name)

    @property
    def error_label(self) -> str:
        """The name of the service in the cause of an error."""
        return self.label or self.error_prefix


@dataclass(frozen=True, slots=True)
class Polling:
    """How to find out whether the job of a `.sync` task has ended, and how.

    Attributes:
        describe: the API action that describes the job, of the service that the task calls.
        identify: the parameters of that action.
        status: the path of the status in the description.
        succeeded: the values of the status that mean success.
        failed: the values that mean failure; any other value means that the job has not ended.
        exit_codes: the path of the list in the description whose items have an `ExitCode`: any but 0 means failure. Empty if there is none.
        description: the path of the description in the response; empty for the whole response.
        select: for a description in a list, the member that must equal the member of the same name in the response to the task's call.
        gone: the error of `describe` that means success, for a task that deletes something.
        result_name: the only member of the task's result, with the description as its value; empty for the description itself.
        result: members of the task's result that the description lacks.
        parsed: members with JSON text that `.sync:2` returns as JSON.
        stop: the API action that stops the job when the task times out; empty when Step Functions leaves the job alone.
        stop_with: the parameters of that action.
    """

    describe: str
    identify: Sources
    status: str
    succeeded: frozenset[str]
    failed: frozenset[str] = frozenset()
    exit_codes: str = ""
    description: str = ""
    select: str = ""
    gone: str = ""
    result_name: str = ""
    result: Sources = field(default_factory=dict)
    parsed: frozenset[str] = frozenset()
    stop: str = ""
    stop_with: Sources = field(default_factory=dict)

    def find(self, answer: Any, response: Any) -> Any:
        """Return the description of the job from the response to `describe`; None when it has none.

        Args:
            answer: the response to `describe`.
            response: the response to the task's own call.
        """
        found = value_at(answer, self.description)
        if self.select and isinstance(found, list):
            wanted = value_at(response, self.select)
            return next((item for item in found if value_at(item, self.select) == wanted), None)
        return found

    def outcome(self, description: Any) -> bool | None:
        """Return whether a job has succeeded, by its description; None while it has not ended.

        >>> polling = Polling("describeTasks", {}, "Status", frozenset({"STOPPED"}), exit_codes="Containers")
        >>> polling.outcome({"Status": "RUNNING"}), polling.outcome({"Status": "STOPPED", "Containers": [{"ExitCode": 1}]})
        (None, False)
        """
        status = value_at(description, self.status)
        if status in self.failed:
            return False
        if status not in self.succeeded:
            return None
        parts = value_at(description, self.exit_codes) if self.exit_codes else []
        return all(value_at(part, "ExitCode") == 0 for part in parts or ())


@dataclass(frozen=True, slots=True)
class Integration:
    """One optimised integration with all its patterns.

    Attributes:
        owner: the service.
        action: the action in `arn:aws:states:::<service>:<action>`.
        patterns: the integration patterns that it supports; Express workflows support request-response only.
        allows: the permissions that it needs in every pattern.
        sync: further permissions of `.sync`.
        managed_rule: the EventBridge rule that reports the end of a `.sync` job; empty when Step Functions polls.
        calls: the API action, `action` or `service:action`; empty for the action of the same name, None when it calls none,
            or more than one.
        own: parameters that it has in addition to those of the API action, or in their place.
        needs: its own parameters that are required.
        any_json: paths of parameters that take any JSON where the API takes text.
        parsed: members of the result that are JSON where the API returns text.
        request: the parameters of the API action, where they differ from those of the integration.
        response: the members of the response, where they differ from those of the API action.
        refusal: the name of the error of a response with `Failures`, in the patterns that wait; empty if it has no such member.
        polling: how to find out whether the job of `.sync` has ended.
        not_polled: why a job of `.sync` cannot be followed; empty when `polling` says how.
        rule: permissions that depend on the parameters in ways that rows cannot express.
    """

    owner: OptimisedService
    action: str
    patterns: tuple[str, ...]
    allows: tuple[Allow, ...] = ()
    sync: tuple[Allow, ...] = ()
    managed_rule: str = ""
    calls: str | None = ""
    own: frozenset[str] = frozenset()
    needs: frozenset[str] = frozenset()
    any_json: frozenset[str] = frozenset()
    parsed: frozenset[str] = frozenset()
    request: Sources = field(default_factory=dict)
    response: Sources = field(default_factory=dict)
    refusal: str = ""
    polling: Polling | None = None
    not_polled: str = ""
    rule: Rule | None = None

    @property
    def service(self) -> str:
        """The service in its Resource."""
        return self.owner.name

    @property
    def name(self) -> str:
        """`service:action`."""
        return f"{self.owner.name}:{self.action}"

    @property
    def source(self) -> str:
        """The URL of its documentation."""
        return GUIDE + self.owner.page

    @property
    def resources(self) -> tuple[str, ...]:
        """The Resource of a Task for each of its patterns, in the `aws` partition."""
        return tuple(resource_arn(self.name, pattern) for pattern in self.patterns)

    @property
    def api(self) -> tuple[str, str] | None:
        """The API action that it calls, as (service, action) of the index; None when it calls none, or more than one."""
        if self.calls is None or not self.owner.sdk:
            return None
        service, _, action = self.calls.rpartition(":")
        return service or self.owner.sdk, action or self.action

    @property
    def takes_api_parameters(self) -> bool:
        """Whether its parameters are those of the API action, besides its own."""
        return self.api is not None and not self.request

    def result_api(self, pattern: str) -> tuple[str, str] | None:
        """Return the API action whose output a mocked result must agree with; None when there is no such action.

        Source: https://docs.aws.amazon.com/step-functions/latest/dg/test-state-isolation.html
        """
        if self.api is None or pattern == WAIT_FOR_TASK_TOKEN:
            return None
        if pattern in {SYNC, SYNC_2}:
            return None if self.polling is None or self.polling.result else (self.api[0], self.polling.describe)
        return None if self.response else self.api

    def rows(self, pattern: str, parameters: Parameters) -> Iterator[Allow]:
        """Yield the permissions that it needs in `pattern`."""
        if self.rule is not None:
            yield from self.rule(parameters) if callable(self.rule) else self.rule
        yield from self.allows
        if pattern in {SYNC, SYNC_2}:
            yield from self.sync
            if self.managed_rule:
                yield Allow(
                    "events:PutTargets events:PutRule events:DescribeRule",
                    f"events:rule/{self.managed_rule}",
                    note=f"Learn through EventBridge that the job of {self.name} is done",
                )


def value_at(value: Any, path: str) -> Any:
    """Return the value at a path of member names and list positions; None when there is none.

    >>> value_at({"Tasks": [{"TaskArn": "a"}]}, "Tasks.0.TaskArn")
    'a'
    """
    for step in path.split(".") if path else ():
        if isinstance(value, list):
            value = value[int(step)] if step.isdigit() and int(step) < len(value) else None
        else:
            value = value.get(step) if isinstance(value, dict) else None
    return value


def collect(sources: Sources, request: Any, response: Any = None) -> dict[str, Any]:
    """Return the value of each source; sources without a value are left out.

    >>> collect({"Cluster": "request.Cluster", "Task": "response.Tasks.0.TaskArn"}, {}, {"Tasks": [{"TaskArn": "a"}]})
    {'Task': 'a'}
    """
    values = {"request": request, "response": response}
    found = {name: source[1:] if source.startswith("=") else value_at(values, source) for name, source in sources.items()}
    return {name: value for name, value in found.items() if value is not None}


def arguments(api: tuple[str, str], sources: Sources, request: Any, response: Any = None) -> dict[str, Any]:
    """Return the parameters of an API call; a value for a parameter that takes a list becomes a list of one.

    >>> arguments(("batch", "describeJobs"), {"Jobs": "response.JobId"}, {}, {"JobId": "j"})
    {'Jobs': ['j']}
    """
    action = index.find_action(*api)
    members = action.input.members if action else {}
    return {
        name: [value] if name in members and members[name].kind == "list" and not isinstance(value, list) else value
        for name, value in collect(sources, request, response).items()
    }
