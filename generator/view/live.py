"""The page of a server: a list of executions, a form to start one, and each execution while it runs.

It needs a client of Step Functions: a boto3 client, or :class:`Operations` around a function that performs the operations of the API in
this process. It is no web framework: a server passes it what a request has, and sends what it returns.

    live = LiveView(Operations(stack.step_functions.call), locators=workflows.locator)
    answer = live.answer(method, path, query, headers, body)    # None: the request is for someone else

The requests, all below :data:`PREFIX`; the page itself is at ``/``. Answers are JSON. An error has a 4xx status and a ``message``.

=========================== ==========================================================================================================
``GET executions``          ``{"executions": [{"arn", "name", "machine", "status", "started", "stopped"}, …], "unlisted": […]}``, the newest
                            first; moments are seconds since 1970. With ``?from=&to=`` those that were started between two moments.
                            ``unlisted`` has the names of Express workflows, of whose executions there is no list
``GET machines``            ``{"machines": [{"arn", "name"}, …]}``
``GET execution?arn=…``     the data of :func:`generator.view.data.page_data` with ``"now"``, its version; with ``&version=`` of the last
                            answer, ``{"same": true}`` if nothing has happened since
``POST start``              ``{"machine": ARN, "name": NAME or null, "input": JSON text}``; the answer is ``{"arn": ARN}``
``POST stop``               ``{"arn": ARN}``
``POST redrive``            ``{"arn": ARN}``
=========================== ==========================================================================================================

A page of another site cannot make a browser send these: POST needs the content type ``application/json`` and the header
``X-Requested-With: sfn-view``, which no form can send. The server must refuse requests whose header Host is not its own name.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, Final, NamedTuple
from urllib.parse import parse_qs

from generator.view.data import compact, page_data
from generator.view.fetch import FetchError, fetch
from generator.view.page import page, policy
from generator.view.recording import of_history

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from generator.diagnostics.locate import Locator
    from generator.local.stepfunctions.records import ExecutionRecord

PREFIX: Final = "/_local/view/"
"""Where the data of the page is."""
MOST_EXECUTIONS: Final = 500
_MOST_PAGES: Final = 20
"""The most pages that are looked through for the executions of a time."""
_UPPER: Final = re.compile(r"(?:^|_)([a-z])")


class Answer(NamedTuple):
    """What to send.

    Attributes:
        status: the status.
        headers: the headers.
        body: the content.
    """

    status: int
    headers: list[tuple[str, str]]
    body: bytes


class Operations:
    """A client of Step Functions around a function that performs its operations.

    >>> client = Operations(lambda operation, parameters: {"did": operation, **parameters})
    >>> client.describe_execution(executionArn="arn")
    {'did': 'DescribeExecution', 'executionArn': 'arn'}
    """

    def __init__(self, call: Callable[[str, dict[str, Any]], Any]) -> None:
        """Create it.

        Args:
            call: performs an operation by its name in the API, such as ``DescribeExecution``.
        """
        self._call = call

    def __getattr__(self, name: str) -> Callable[..., Any]:
        """Return the method of an operation, by its name in boto3."""
        if name.startswith("_"):
            raise AttributeError(name)
        operation = _UPPER.sub(lambda found: found[1].upper(), name)
        return lambda **parameters: self._call(operation, parameters)


class LiveView:
    """Answers the requests of the page."""

    def __init__(
        self,
        client: Any,
        locators: Callable[[str], Locator | None] | None = None,
        express: Callable[[], Iterable[ExecutionRecord]] | None = None,
    ) -> None:
        """Create it.

        Args:
            client: a boto3 client of Step Functions, or :class:`Operations`.
            locators: returns what locates the lines of a workflow, by the name that its state machine has.
            express: returns the executions of Express workflows, oldest first. The API of Step Functions has no list of them.
        """
        self.client = client
        self.locators = locators
        self.express = express

    def answer(self, method: str, path: str, query: str = "", headers: Mapping[str, str] | None = None, body: bytes = b"") -> Answer | None:
        """Answer a request; None if it is not for the page.

        Args:
            method: the method.
            path: the path.
            query: the query without its question mark.
            headers: the headers.
            body: the content.
        """
        if path == "/" and method in {"GET", "HEAD"}:
            return self._page()
        if not path.startswith(PREFIX):
            return None
        known = {name.lower(): value for name, value in (headers or {}).items()}
        try:
            return _json(self._data(method, path.removeprefix(PREFIX), query, known, body))
        except _RefusedError as error:
            return _json({"message": str(error)}, error.status)
        except FetchError as error:
            return _json({"message": str(error)}, 400)
        except Exception as error:  # noqa: BLE001  whatever the client raises is an answer of Step Functions
            return _json({"message": _message(error)}, 400)

    def _page(self) -> Answer:
        headers = [
            ("Content-Type", "text/html; charset=utf-8"),
            ("Content-Security-Policy", policy(live=True) + "; frame-ancestors 'none'"),
            ("X-Content-Type-Options", "nosniff"),
            ("Referrer-Policy", "no-referrer"),
            ("Cache-Control", "no-store"),
        ]
        return Answer(200, headers, page("live", {}, title="Executions").encode())

    def _data(self, method: str, what: str, query: str, headers: Mapping[str, str], body: bytes) -> Any:
        if method == "GET":
            if what == "executions":
                given = parse_qs(query)
                first, last = (_number(given.get(name, [""])[0]) for name in ("from", "to"))
                return self._executions(first, last)
            if what == "machines":
                return {"machines": self._machines()}
            if what == "execution":
                given = parse_qs(query)
                return self._execution(given.get("arn", [""])[0], given.get("version", [""])[0])
        elif method == "POST" and what in {"start", "stop", "redrive"}:
            content = headers.get("content-type", "").partition(";")[0].strip()
            if content != "application/json" or headers.get("x-requested-with") != "sfn-view":
                raise _RefusedError("only the page can ask for this", 403)
            return self._act(what, json.loads(body or b"{}"))
        raise _RefusedError(f"there is no {method} {PREFIX}{what}", 404)

    def _machines(self) -> list[dict[str, str]]:
        found = self.client.list_state_machines()["stateMachines"]
        return [{"arn": one["stateMachineArn"], "name": one["name"], "type": one["type"]} for one in found]

    def _executions(self, first: float | None, last: float | None) -> dict[str, Any]:
        found: list[dict[str, Any]] = []
        unlisted = []
        for machine in self._machines():
            if machine["type"] == "EXPRESS":
                unlisted.append(machine["name"])
            else:
                found += self._of_machine(machine, first, last)
        if self.express is not None:
            unlisted = []
            found += [each for record in self.express() if _between(each := _express(record), first, last)]
        found.sort(key=lambda one: (one["started"] or 0, one["name"]), reverse=True)
        return {"executions": found[:MOST_EXECUTIONS], "unlisted": unlisted}

    def _of_machine(self, machine: Mapping[str, str], first: float | None, last: float | None) -> list[dict[str, Any]]:
        """Return the newest executions of a state machine that were started between two moments."""
        found: list[dict[str, Any]] = []
        asked: dict[str, Any] = {"stateMachineArn": machine["arn"], "maxResults": MOST_EXECUTIONS}
        for _ in range(1 if first is None and last is None else _MOST_PAGES):
            page = self.client.list_executions(**asked)
            for one in page["executions"]:
                listed = {
                    "arn": one["executionArn"],
                    "name": one["name"],
                    "machine": machine["name"],
                    "status": one["status"],
                    "started": _seconds(one["startDate"]),
                    "stopped": _seconds(one.get("stopDate")),
                }
                if _between(listed, first, last):
                    found.append(listed)
            if "nextToken" not in page or len(found) >= MOST_EXECUTIONS:
                break
            asked["nextToken"] = page["nextToken"]
        return found

    def _execution(self, arn: str, version: str) -> Any:
        if self.express is not None and arn.split(":")[5:6] == ["express"]:
            return self._express(arn, version)
        described = self.client.describe_execution(executionArn=arn)
        newest = self.client.get_execution_history(executionArn=arn, reverseOrder=True, maxResults=1)["events"]
        now = f"{described['status']}.{described.get('redriveCount', 0)}.{newest[0]['id'] if newest else 0}"
        if now == version:
            return {"same": True}
        return {**page_data(fetch(self.client, arn, locators=self.locators)), "now": now}

    def _express(self, arn: str, version: str) -> Any:
        """Return the data of an execution of an Express workflow."""
        record = next((each for each in self.express() if each.arn == arn), None) if self.express is not None else None
        if record is None:
            raise _RefusedError(f"there is no execution {arn}", 404)
        now = f"{record.status}.0.{record.event_count}"
        if now == version:
            return {"same": True}
        machine = record.machine
        locate = None if self.locators is None else self.locators(machine.name)
        compiled, described = machine.machine, record.describe()
        made = of_history(record.history(), title=machine.name, walk=compiled.walk, machine=compiled, locate=locate, description=described)
        made.kind = "EXPRESS"
        return {**page_data(made), "now": now}

    def _act(self, what: str, given: Any) -> Any:
        if not isinstance(given, dict):
            raise _RefusedError("the content must be an object", 400)
        if what == "start":
            name = given.get("name")
            found = self.client.start_execution(
                stateMachineArn=str(given.get("machine", "")), input=str(given.get("input", "{}")), **({"name": str(name)} if name else {})
            )
            return {"arn": found["executionArn"]}
        arn = str(given.get("arn", ""))
        if what == "stop":
            self.client.stop_execution(executionArn=arn, cause="stopped in the execution view")
        else:
            self.client.redrive_execution(executionArn=arn)
        return {}


class _RefusedError(Exception):
    def __init__(self, message: str, status: int) -> None:
        super().__init__(message)
        self.status = status


def _express(record: ExecutionRecord) -> dict[str, Any]:
    return {
        "arn": record.arn,
        "name": record.name,
        "machine": record.machine.record.name,
        "status": record.status,
        "started": record.started,
        "stopped": record.stopped if record.done else None,
        "express": True,
    }


def _between(one: Mapping[str, Any], first: float | None, last: float | None) -> bool:
    started = one["started"] or 0
    return (first is None or started >= first) and (last is None or started <= last)


def _number(text: str) -> float | None:
    try:
        return float(text) if text else None
    except ValueError:
        raise _RefusedError(f"{text!r} is not a number of seconds since 1970", 400) from None


def _seconds(moment: Any) -> float | None:
    return moment if moment is None or isinstance(moment, int | float) else float(moment.timestamp())


def _message(error: Exception) -> str:
    """Return an error of boto3 or of a service of ours as one line."""
    answer = getattr(error, "response", None)
    if isinstance(answer, dict):
        found = answer.get("Error", {})
        return f"{found.get('Code', '')}: {found.get('Message', '')}"
    code = getattr(error, "code", "")
    return f"{code}: {error}" if code else f"{type(error).__name__}: {error}"


def _json(value: Any, status: int = 200) -> Answer:
    headers = [("Content-Type", "application/json"), ("Cache-Control", "no-store"), ("X-Content-Type-Options", "nosniff")]
    return Answer(status, headers, compact(value).encode())
