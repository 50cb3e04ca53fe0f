"""Mocked results for tasks that cannot run on this machine.

A mock is found by the name of the state, by what the task calls (``sqs:sendMessage``, ``lambda:invoke`` or the whole resource),
or by the resource that it uses: the declared resource or its name. Mock files of AWS Step Functions Local can be used unchanged.

Source: https://docs.aws.amazon.com/step-functions/latest/dg/sfn-local-test-sm-exec.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from generator.asl import error_names
from generator.catalog.integrations import parse_resource
from generator.diagnostics.model import did_you_mean
from generator.dsl.declarations import Resource
from generator.engine.calls.targets import key_of, names
from generator.engine.failure import MOCK_EXHAUSTED, StateError
from generator.engine.history import json_text

if TYPE_CHECKING:
    from collections.abc import Callable

    from generator.engine.calls.call import Call
    from generator.engine.calls.targets import Known
    from generator.engine.clock import Branch
    from generator.engine.frame import Frame


class MockError(ValueError):
    """A mock that cannot be used: a name that no task has, an answer that is not JSON, a file of another form."""


class Fails:
    """A mock that fails the task.

    Attributes:
        error: the error name.
        cause: the cause, if any.

    Raises:
        MockError: the error or the cause is not text.

    >>> from generator.engine import execute
    >>> call = {"Type": "Task", "Resource": "arn:aws:lambda:us-east-1:123456789012:function:charge", "End": True}
    >>> machine = {"StartAt": "Charge", "States": {"Charge": call}}
    >>> execute(machine, mocks={"Charge": Fails("Lambda.TooManyRequestsException")}).error
    'Lambda.TooManyRequestsException'
    """

    def __init__(self, error: str, cause: str | None = None) -> None:
        """Create a mock from an error name and a cause."""
        for text, what in ((error, "error"), (cause if cause is not None else "", "cause")):
            if not isinstance(text, str):
                raise MockError(f"the {what} of Fails must be text, such as Fails('Busy', 'try later'); found {_shown(text)}")
        self.error = error
        self.cause = cause

    def __repr__(self) -> str:
        """Return the call that makes it."""
        return f"Fails({self.error!r})" if self.cause is None else f"Fails({self.error!r}, {self.cause!r})"


class Waits:
    """A mock that accepts the request and waits: the test answers it with :meth:`Execution.send_task_success` or
    :meth:`Execution.send_task_failure`, or lets it time out with :meth:`Execution.advance`.

    It works for every task: a callback (``.waitForTaskToken``), an activity, a job (``.sync``), and a call whose answer the test
    wants to delay.

    Attributes:
        response: the response of the service to the request itself.
    """  # noqa: D205  two calls do not fit into one line

    def __init__(self, response: Any = None) -> None:
        """Create a mock from the response to the request."""
        self.response = {} if response is None else response

    def __repr__(self) -> str:
        """Return the call that makes it."""
        return f"Waits({self.response!r})" if self.response else "Waits()"


class Sequence:
    """A mock with an answer for each attempt.

    >>> from generator.engine import execute
    >>> function = "arn:aws:lambda:us-east-1:123456789012:function:charge"
    >>> call = {"Type": "Task", "Resource": function, "Retry": [{"ErrorEquals": ["Busy"]}], "End": True}
    >>> machine = {"StartAt": "Charge", "States": {"Charge": call}}
    >>> execute(machine, mocks={"Charge": Sequence(Fails("Busy"), Fails("Busy"), {"charged": True})}).output
    {'charged': True}
    """

    def __init__(self, *answers: Any, repeat: bool = True) -> None:
        """Create a mock from the answers in order.

        Args:
            answers: JSON values, functions of the parameters, :class:`Fails` or :class:`Waits`.
            repeat: whether the last answer is used again after all were used. Otherwise the next attempt fails with
                ``Local.MockExhausted``.

        Raises:
            MockError: there is no answer.
        """
        if not answers:
            raise MockError("a Sequence needs an answer for each attempt, such as Sequence(Fails('Busy'), {'ok': True})")
        self.answers = answers
        self.repeat = repeat

    def __repr__(self) -> str:
        """Return the call that makes it."""
        return f"Sequence({', '.join(map(repr, self.answers))}{'' if self.repeat else ', repeat=False'})"


class Mocks:
    """Answers by the state, the integration or the resource of a call.

    An answer is a JSON value, a function of the task's parameters, :class:`Fails`, :class:`Waits` or :class:`Sequence`. A JSON
    value is the result of the task: that of ``lambda:invoke`` is ``{"Payload": …}``.

    >>> mocks = Mocks({"sqs:sendMessage": {"MessageId": "1"}})
    >>> mocks.find("Send", "arn:aws:states:::sqs:sendMessage", {}) is not None
    True
    """

    map_runs: Callable[[Frame], Any] | None = None
    """Returns the results of the map run of a Distributed Map state in place of its child executions; None to run these."""

    def __init__(self, answers: Mapping[Any, Any]) -> None:
        """Create mocks.

        Args:
            answers: the answers by the name of a state, an integration such as ``sqs:sendMessage``, a resource or its name.

        Raises:
            MockError: a name is not text, or an answer cannot be used.
        """
        self._answers: dict[str, Any] = {}
        self._declared: set[str] = set()
        self._numbers: dict[str, int] = {}
        self._by_key: dict[str, str] = {}
        for key, answer in answers.items():
            if not isinstance(key, str | Resource):
                raise MockError(f"a mock is for the name of a state or for a resource; found {_shown(key)}")
            name = key.name if isinstance(key, Resource) else key
            if name in self._answers:
                raise MockError(f"there are two mocks for {name!r}")
            _check_answer(name, answer)
            self._answers[name] = answer
            self._by_key[key_of(name)] = name
            if isinstance(key, Resource):
                self._declared.add(name)

    @property
    def unused(self) -> list[str]:
        """The names whose mocks have answered no call."""
        return [name for name in self._answers if name not in self._numbers]

    def fresh(self) -> Mocks:
        """Return the same mocks, of which none was used."""
        other = self.__class__.__new__(self.__class__)
        other.__dict__ = {**self.__dict__, "_numbers": {}}
        return other

    def check(self, known: Known) -> None:
        """Refuse mocks that no call can use.

        An integration that the catalogue has and a declared resource are accepted, because several tests can share them.

        Args:
            known: the names that calls can have.

        Raises:
            MockError: no task has the name.
        """
        for name in self._answers:
            if known.has(name) or name in self._declared:
                continue
            kind = known.states.get(name)
            if kind is not None:
                hint = f"mock the tasks in it; {known.hint('')}" if kind in {"Map", "Parallel"} else f"a {kind} calls nothing"
                raise MockError(f"the mock of {name!r} is for a {kind} state, and only Task states can be mocked: {hint}")
            if _is_integration(name) or known.computed:
                continue
            raise MockError(f"no task has the name {name!r} or calls {name!r}; {known.hint(name)}")

    def find(self, state: str, resource: str, parameters: Any, declared: Mapping[str, str] | None = None) -> Answer | None:
        """Return the answer to a call. None if it is not mocked.

        Args:
            state: the name of the state.
            resource: the Resource of the task.
            parameters: the parameters of the call.
            declared: the names of declared resources, by their ARNs, names and URLs.
        """
        for name in names(state, resource, parameters, declared or {}):
            key = name if name in self._answers else self._by_key.get(key_of(name))
            if key is None:
                continue
            answer = self._answers[key]
            number = self._numbers.get(key, 0)
            self._numbers[key] = number + 1
            if not isinstance(answer, Sequence):
                return Answer(answer)
            if number >= len(answer.answers) and not answer.repeat:
                cause = f"State '{state}' has {len(answer.answers)} mocked responses, all of them are used"
                return Answer(Fails(MOCK_EXHAUSTED, cause), fatal=True)
            return Answer(answer.answers[min(number, len(answer.answers) - 1)])
        return None

    @staticmethod
    def from_json(document: Any, test_case: str | None = None, state_machine: str | None = None) -> Mocks:
        """Read a mock file of this engine or of Step Functions Local.

        A file of this engine maps states or integrations to ``{"return": …}``, ``{"throw": {"error": …, "cause": …}}`` or a
        list of these.

        Args:
            document: the parsed file.
            test_case: the test case of a Step Functions Local file. It can be missing if the file has only one.
            state_machine: the state machine of a Step Functions Local file. It can be missing if the file has only one.

        Raises:
            MockError: the file has another form, or it has no such test case.

        >>> Mocks.from_json({"Charge": [{"throw": {"error": "Busy"}}, {"return": {"ok": True}}]}).find("Charge", "", {}) is not None
        True
        """
        if not isinstance(document, dict):
            raise MockError(f"a mock file must be an object of states and their mocks; found {_shown(document)}")
        if "StateMachines" in document:
            return Mocks(_from_step_functions_local(document, test_case, state_machine))
        return Mocks({name: _own_answer(name, answer) for name, answer in document.items()})


class Answer:
    """One answer of a mock."""

    def __init__(self, value: Any, *, fatal: bool = False) -> None:
        """Create an answer from its value."""
        self.value = value
        self.fatal = fatal

    def perform(self, call: Call) -> Branch:
        """Perform a call: return the value, fail, or wait for the answer of the test.

        Raises:
            MockError: a function returned what is not an answer.
        """
        value = self.value
        if callable(value):
            value = value(call.parameters)
            if callable(value) or isinstance(value, Sequence):
                raise MockError(f"the mock of {call.task.name!r} returned {_shown(value)}; return a JSON value, Fails(…) or Waits()")
            _check_answer(call.task.name, value)
        if isinstance(value, Waits):
            result = yield from call.open_end(value.response)
            return result
        if call.task.prefix == "Activity":
            call.record("Started")
        if isinstance(value, Fails):
            raise StateError(value.error, value.cause, fatal=self.fatal)
        if call.task.pattern:
            call.submitted({})
        call.close()
        _warn(call, value)
        return value


def _warn(call: Call, value: Any) -> None:
    """Add a warning about a mocked result that the task cannot have."""
    task = call.task
    if (task.service, task.operation) != ("lambda", "invoke") or call.parameters.get("InvocationType", "RequestResponse") == "Event":
        return
    if not (isinstance(value, dict) and "Payload" in value):
        text = f"The mock of '{task.name}' has no 'Payload': the result of lambda:invoke is {{'Payload': …}}, with the function's output"
        if text not in call.frame.run.warnings:
            call.frame.run.warnings.append(text)


def _is_integration(name: str) -> bool:
    """Return whether a name is that of an integration, such as ``sqs:sendMessage`` or a whole Resource."""
    resource = name if name.startswith("arn:") else f"arn:aws:states:::{name}"
    return parse_resource(resource) is not None


def _check_answer(name: str, answer: Any) -> None:
    """Refuse an answer that is not one, with what to write instead.

    Raises:
        MockError: it is not a JSON value, a function, :class:`Fails`, :class:`Waits` or :class:`Sequence`.
    """
    where = f"the mock of {name!r}"
    if isinstance(answer, type):
        write = {Fails: "Fails('Error')", Waits: "Waits()", Sequence: "Sequence(…)"}.get(answer, f"Fails({answer.__name__!r})")
        if answer in {Fails, Waits, Sequence} or issubclass(answer, BaseException):
            raise MockError(f"{where} is the class {answer.__name__}: write {write}")
    elif isinstance(answer, BaseException):
        raise MockError(f"{where} is an exception: write Fails({type(answer).__name__!r}, {str(answer)!r})")
    elif isinstance(answer, Sequence):
        for each in answer.answers:
            if isinstance(each, Sequence):
                raise MockError(f"{where} has a Sequence in a Sequence: put all answers into one")
            _check_answer(name, each)
    elif isinstance(answer, Fails) or callable(answer):
        return
    elif isinstance(answer, Waits):
        _check_json(where, answer.response)
    elif isinstance(answer, list | tuple) and any(isinstance(each, Fails | Waits | Sequence) for each in answer):
        raise MockError(f"{where} is a list with {_shown(answer[0])}: write Sequence({', '.join(map(_shown, answer))})")
    elif isinstance(answer, dict) and (set(answer) == {"throw"} or set(answer) == {"return"}):
        write = "Fails(error, cause)" if "throw" in answer else "the value itself"
        raise MockError(f"{where} has the form of a mock file: write {write}, or read the file with Mocks.from_json(…)")
    else:
        _check_json(where, answer)


def _check_json(where: str, value: Any) -> None:
    try:
        json_text(value)
    except (TypeError, ValueError, RecursionError) as error:
        raise MockError(f"{where} must be a JSON value, a function, Fails, Waits or Sequence; {error}") from None


def _shown(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= _SHOWN else text[:_SHOWN] + "…"


_SHOWN: Final = 60
_FORM: Final = "{'return': …}, {'throw': {'error': …, 'cause': …}} or a list of these"


def _own_answer(name: str, answer: Any, *, inner: bool = False) -> Any:
    if isinstance(answer, list) and answer and not inner:
        return Sequence(*(_own_answer(name, item, inner=True) for item in answer))
    if isinstance(answer, dict) and set(answer) == {"return"}:
        return _constant(answer["return"])
    if isinstance(answer, dict) and set(answer) == {"throw"} and isinstance(answer["throw"], dict):
        thrown = answer["throw"]
        if wrong := [member for member in thrown if member not in {"error", "cause"}]:
            hint = did_you_mean(wrong[0], ["error", "cause"])
            raise MockError(f"the mock of '{name}' has {wrong[0]!r} in 'throw', which has 'error' and 'cause'; {hint}".removesuffix("; "))
        return Fails(thrown.get("error", error_names.TASK_FAILED), thrown.get("cause"))
    wrong = list(answer) if isinstance(answer, dict) else []
    hint = f"; {suggested}" if len(wrong) == 1 and (suggested := did_you_mean(str(wrong[0]), ["return", "throw"])) else ""
    raise MockError(f"the mock of '{name}' must be {_FORM}; found {_shown(answer)}{hint}")


def _constant(value: Any) -> Callable[[Any], Any]:
    """Return an answer that is always this value, also if the value is a list."""
    return lambda _parameters: value


def _one(kind: str, found: Mapping[str, Any], name: str | None) -> Any:
    if name is None:
        if len(found) != 1:
            raise MockError(f"The mock file has several {kind}s. Choose one of: {', '.join(sorted(found))}")
        return next(iter(found.values()))
    if name not in found:
        raise MockError(f"The mock file has no {kind} '{name}'. It has: {', '.join(sorted(found))}")
    return found[name]


def _from_step_functions_local(document: dict[str, Any], test_case: str | None, state_machine: str | None) -> dict[str, Any]:
    try:
        cases = _one("state machine", document["StateMachines"], state_machine)["TestCases"]
        case = _one("test case", cases, test_case)
        return {state: _numbered(name, document["MockedResponses"][name]) for state, name in case.items()}
    except KeyError as error:
        raise MockError(f"The mock file does not have the member {error}") from None
    except (TypeError, AttributeError):
        raise MockError("The mock file does not have the form of a mock file of Step Functions Local") from None


def _numbered(name: str, responses: Mapping[str, Any]) -> Sequence:
    """Return a sequence from responses by the number of the invocation: ``"0"``, ``"1-2"``."""
    answers: dict[int, Any] = {}
    for numbers, response in responses.items():
        first, _, last = numbers.partition("-")
        try:
            span = range(int(first), int(last or first) + 1)
        except ValueError:
            raise MockError(f"'{numbers}' in '{name}' must be a number or a range such as '1-2'") from None
        if "Return" in response:
            answer: Any = _constant(response["Return"])
        elif "Throw" in response:
            answer = Fails(response["Throw"]["Error"], response["Throw"].get("Cause"))
        else:
            raise MockError(f"'{name}' has neither Return nor Throw at '{numbers}'")
        answers.update(dict.fromkeys(span, answer))
    if sorted(answers) != list(range(len(answers))):
        raise MockError(f"The numbers of '{name}' must start at 0 and have no gaps")
    return Sequence(*(answers[number] for number in sorted(answers)), repeat=False)
