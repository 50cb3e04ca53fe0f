"""Mocked results for tasks that cannot run on this machine.

A mock is found by the name of the state or by what the task calls (``sqs:sendMessage``, ``lambda:invoke`` or the whole
resource). Mock files of AWS Step Functions Local can be used unchanged.

Source: https://docs.aws.amazon.com/step-functions/latest/dg/sfn-local-test-sm-exec.html
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from generator.asl import error_names
from generator.engine.failure import MOCK_EXHAUSTED, StateError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from generator.engine.calls.call import Call
    from generator.engine.clock import Branch


class MockError(ValueError):
    """A mock file that cannot be used."""


class Fails:
    """A mock that fails the task.

    Attributes:
        error: the error name.
        cause: the cause, if any.

    >>> from generator.engine import execute
    >>> call = {"Type": "Task", "Resource": "arn:aws:lambda:us-east-1:123456789012:function:charge", "End": True}
    >>> machine = {"StartAt": "Charge", "States": {"Charge": call}}
    >>> execute(machine, mocks={"Charge": Fails("Lambda.TooManyRequestsException")}).error
    'Lambda.TooManyRequestsException'
    """

    def __init__(self, error: str, cause: str | None = None) -> None:
        """Create a mock from an error name and a cause."""
        self.error = error
        self.cause = cause


class Waits:
    """A mock that accepts the request, so that the task waits for its task token to be answered.

    Attributes:
        response: the response of the service to the request itself.
    """

    def __init__(self, response: Any = None) -> None:
        """Create a mock from the response to the request."""
        self.response = {} if response is None else response


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
            raise MockError("A sequence of mocks needs an answer")
        self.answers = answers
        self.repeat = repeat


_SHORT: Final = re.compile(r"arn:[^:]*:states:::(.+)$|arn:[^:]*:lambda:[^:]*:[^:]*:function:(.+)$")


class Mocks:
    """Answers by state or by integration.

    An answer is a JSON value, a function of the task's parameters, :class:`Fails`, :class:`Waits` or :class:`Sequence`.

    >>> mocks = Mocks({"sqs:sendMessage": {"MessageId": "1"}})
    >>> mocks.find("Send", "arn:aws:states:::sqs:sendMessage", {}) is not None
    True
    """

    def __init__(self, answers: Mapping[str, Any]) -> None:
        """Create mocks from answers by state name or integration."""
        self._answers = dict(answers)
        self._used: dict[str, int] = {}

    def find(self, state: str, resource: str, parameters: Any) -> Answer | None:
        """Return the answer to a task. None if the task is not mocked."""
        for key in self._keys(state, resource, parameters):
            if key in self._answers:
                answer = self._answers[key]
                if isinstance(answer, Sequence):
                    number = self._used.get(key, 0)
                    self._used[key] = number + 1
                    if number >= len(answer.answers) and not answer.repeat:
                        cause = f"State '{state}' has {len(answer.answers)} mocked responses, all of them are used"
                        return Answer(Fails(MOCK_EXHAUSTED, cause), fatal=True)
                    answer = answer.answers[min(number, len(answer.answers) - 1)]
                return Answer(answer)
        return None

    def _keys(self, state: str, resource: str, parameters: Any) -> Iterator[str]:
        yield state
        yield resource
        if found := _SHORT.match(resource):
            short = found[1] or found[2]
            yield short
            yield short.split(".", 1)[0]
        if isinstance(parameters, dict) and isinstance(parameters.get("FunctionName"), str):
            yield parameters["FunctionName"]
            yield parameters["FunctionName"].rsplit(":function:", 1)[-1]

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
            raise MockError("A mock file must be a JSON object")
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
        """Perform a call: return the value, fail, or wait for the task token."""
        value = self.value
        if isinstance(value, Fails):
            raise StateError(value.error, value.cause, fatal=self.fatal)
        frame = call.frame
        if isinstance(value, Waits):
            call.submitted(value.response)
            result = yield from call.token_answer()
            return result
        if callable(value):
            value = value(call.parameters)
            if isinstance(value, Fails):
                raise StateError(value.error, value.cause)
        if call.task.pattern:
            call.submitted({})
        frame.run.engine.tokens.pop(frame.token or "", None)
        return value


def _own_answer(name: str, answer: Any) -> Any:
    if isinstance(answer, list):
        return Sequence(*(_own_answer(name, item) for item in answer))
    if isinstance(answer, dict) and set(answer) == {"return"}:
        return _constant(answer["return"])
    if isinstance(answer, dict) and set(answer) == {"throw"} and isinstance(answer["throw"], dict):
        thrown = answer["throw"]
        return Fails(str(thrown.get("error", error_names.TASK_FAILED)), thrown.get("cause"))
    raise MockError(f"The mock of '{name}' must be {{'return': …}}, {{'throw': {{'error': …}}}} or a list of these")


def _constant(value: Any) -> Any:
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
