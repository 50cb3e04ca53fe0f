"""Executions in an account: their histories and definitions, fetched with boto3."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from generator.asl.definition import definition_of
from generator.asl.read import read_text
from generator.engine import DefinitionError
from generator.engine.compile import compile_read
from generator.view.recording import MOST_CHILDREN, Recording, of_history, plain_answer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from generator.diagnostics.locate import Locator

MOST_LINKED: Final = 20
"""The most executions started by others that are fetched."""
CHILDREN: Final = 100
"""The most child executions of each map run that are fetched, unless another number is asked for."""
_MOST_LISTED: Final = 10_000
"""The most child executions of a map run that are listed, to find the failed ones and the numbers of all."""
_FAILED: Final = ("FAILED", "TIMED_OUT", "ABORTED", "RUNNING", "SUCCEEDED")
_PARTS_OF_EXPRESS: Final = 9


class FetchError(Exception):
    """An execution that cannot be fetched. Its message is for the user."""


def fetch(client: Any, arn: str, *, children: int = CHILDREN, locators: Callable[[str], Locator | None] | None = None) -> Recording:
    """Fetch an execution.

    Args:
        client: a boto3 client of Step Functions, or anything with its methods.
        arn: the ARN of the execution.
        children: the most child executions of each map run to fetch, failed ones first.
        locators: returns the place that a part of the definition of a workflow was written at, by the name of the workflow.

    Raises:
        FetchError: it is an execution of an Express workflow, whose history is in the logs.
    """
    if arn.split(":")[5:6] == ["express"] or len(arn.split(":")) >= _PARTS_OF_EXPRESS:
        raise FetchError(f"{arn} is an execution of an Express workflow: Step Functions keeps no history of it")
    return _Fetcher(client, min(children, MOST_CHILDREN), locators or (lambda _: None)).execution(arn, linked=True)


class _Fetcher:
    def __init__(self, client: Any, children: int, locators: Callable[[str], Locator | None]) -> None:
        self.client = client
        self.children = children
        self.locators = locators
        self.fetched = 0

    def execution(self, arn: str, *, linked: bool) -> Recording:
        """Fetch an execution with its map runs and, if asked, with the executions that it started."""
        client = self.client
        description = client.describe_execution(executionArn=arn)
        events = [*_pages(client.get_execution_history, "events", executionArn=arn, includeExecutionData=True)]
        found = client.describe_state_machine_for_execution(executionArn=arn)
        definition = definition_of(read_text(found["definition"], "definition"))
        title = str(found.get("name", ""))
        try:
            machine = compile_read(definition) if definition.walk is not None else None
        except DefinitionError:
            machine = None
        locate = self.locators(title)
        made = of_history(events, title=title, walk=definition.walk, machine=machine, locate=locate, description=description)
        started = [details["mapRunArn"] for kind, _, _, details in made.events if kind == "MapRunStarted" and "mapRunArn" in details]
        for map_run in started:
            made.map_runs.append(plain_answer(client.describe_map_run(mapRunArn=map_run)))
            made.children.append([self.child(index, child, made) for index, child in self.listed(map_run)])
        if linked:
            made.linked = [*self.linked(made)]
        return made

    def listed(self, map_run: str) -> list[tuple[int, str]]:
        """Return the child executions of a map run that are fetched, failed ones first: their numbers and ARNs.

        The number is the place in the order of their starts, in which Step Functions takes the items.
        """
        found: list[tuple[Any, int, str, str]] = []
        for each in _pages(self.client.list_executions, "executions", mapRunArn=map_run):
            found.append((each["startDate"], -len(found), each["status"], each["executionArn"]))  # the newest comes first
            if len(found) == _MOST_LISTED:
                break
        found.sort(key=lambda each: each[:2])
        numbered = [(number, status, arn) for number, (_, _, status, arn) in enumerate(found)]
        ranks = {status: rank for rank, status in enumerate(_FAILED)}
        chosen = sorted(numbered, key=lambda each: ranks.get(each[1], len(ranks)))
        return [(number, arn) for number, _, arn in chosen[: self.children]]

    def child(self, index: int, arn: str, around: Recording) -> Recording:
        """Fetch a child execution of a map run. Its states are those of the machine around it."""
        description = self.client.describe_execution(executionArn=arn)
        events: list[Any] = []
        if arn.split(":")[5:6] != ["express"]:
            events = [*_pages(self.client.get_execution_history, "events", executionArn=arn, includeExecutionData=True)]
        made = of_history(events, walk=around.walk, machine=around.machine, locate=around.locate, description=description)
        made.index = index
        return made

    def linked(self, made: Recording) -> Iterator[Recording]:
        """Fetch the executions that the tasks of an execution started."""
        for kind, _, _, details in made.events:
            output = details.get("output")
            if kind not in {"TaskSubmitted", "TaskSucceeded"} or details.get("resourceType") != "states" or not isinstance(output, dict):
                continue
            arn = str(output.get("ExecutionArn", ""))
            if kind == "TaskSucceeded" and ".sync" in str(details.get("resource", "")):
                continue  # it was submitted before
            if ":execution:" in arn and self.fetched < MOST_LINKED:
                self.fetched += 1
                yield self.execution(arn, linked=True)


def _pages(call: Callable[..., Any], key: str, **arguments: Any) -> Iterator[Any]:
    """Yield what all pages of a list have."""
    token: str | None = None
    while True:
        answer = call(**arguments, **({} if token is None else {"nextToken": token}))
        yield from answer[key]
        token = answer.get("nextToken")
        if not token:
            return
