"""Answers for tasks that cannot run on this machine.

A mock is found by the state's name or by what the task calls (``sqs:sendMessage``, ``lambda:invoke`` or the whole
resource). Files in the format of AWS Step Functions Local work as they are.

Source: https://docs.aws.amazon.com/step-functions/latest/dg/sfn-local-test-sm-exec.html
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from generator.engine.dataflow import StateFailure

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from generator.engine.clock import Branch
    from generator.engine.tasks import Call


class MockError(ValueError):
    """A mock file that cannot be used."""


class Fails:
    """The task fails.

    Example:
        >>> from generator.engine import execute
        >>> put = {"Type": "Task", "Resource": "arn:aws:states:::dynamodb:putItem", "End": True}
        >>> machine = {"StartAt": "Put", "States": {"Put": put}}
        >>> execute(machine, mocks={"Put": Fails("DynamoDB.ProvisionedThroughputExceededException")}).error
        'DynamoDB.ProvisionedThroughputExceededException'
    """

    def __init__(self, error: str, cause: str | None = None) -> None:
        """Take error name and cause."""
        self.error = error
        self.cause = cause


class Waits:
    """The request is accepted, the task waits for its token to be answered.

    Attributes:
        response: What the service answers to the request itself.
    """

    def __init__(self, response: Any = None) -> None:
        """Take the response to the request."""
        self.response = {} if response is None else response


class Sequence:
    """One answer after the other, the last one ever after.

    Example:
        >>> from generator.engine import execute
        >>> call = {"Type": "Task", "Resource": "arn:aws:states:::sns:publish", "Retry": [{"ErrorEquals": ["SNS.Busy"]}], "End": True}
        >>> machine = {"StartAt": "Call", "States": {"Call": call}}
        >>> execute(machine, mocks={"Call": Sequence(Fails("SNS.Busy"), Fails("SNS.Busy"), {"MessageId": "1"})}).output
        {'MessageId': '1'}
    """

    def __init__(self, *answers: Any, repeat: bool = True) -> None:
        """Take the answers.

        Args:
            answers: In order.
            repeat: Give the last one again when all are used up; otherwise that is an error.
        """
        if not answers:
            raise MockError("A sequence of mocks needs an answer")
        self.answers = answers
        self.repeat = repeat


_SHORT = re.compile(r"arn:[^:]*:states:::(.+)$|arn:[^:]*:lambda:[^:]*:[^:]*:function:(.+)$")


class Mocks:
    """Answers by state or by integration.

    An answer is a JSON value, a function of the task's parameters, :class:`Fails`, :class:`Waits` or :class:`Sequence`.

    Example:
        >>> mocks = Mocks({"sqs:sendMessage": {"MessageId": "1"}})
        >>> mocks.find("Send", "arn:aws:states:::sqs:sendMessage", {}) is not None
        True
    """

    def __init__(self, answers: Mapping[str, Any]) -> None:
        """Take answers by state name or integration."""
        self._answers = dict(answers)
        self._used: dict[str, int] = {}

    def find(self, state: str, resource: str, parameters: Any) -> Answer | None:
        """The answer to a task, or None where it is not mocked."""
        for key in self._keys(state, resource, parameters):
            if key in self._answers:
                answer = self._answers[key]
                if isinstance(answer, Sequence):
                    number = self._used.get(key, 0)
                    self._used[key] = number + 1
                    if number >= len(answer.answers) and not answer.repeat:
                        return Answer(
                            Fails("Local.MockExhausted", f"State '{state}' has {len(answer.answers)} mocked responses, all used"),
                            fatal=True,
                        )
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
        """Read a mock file, ours or Step Functions Local's.

        Ours maps states or integrations to ``{"return": …}``, ``{"throw": {"error": …, "cause": …}}`` or a list of these.

        Args:
            document: The parsed file.
            test_case: Of a Step Functions Local file, the test case; may be left out where there is one.
            state_machine: Of a Step Functions Local file, the state machine; may be left out where there is one.

        Raises:
            MockError: The file has another form, or no such test case.

        Example:
            >>> Mocks.from_json({"Charge": [{"throw": {"error": "Busy"}}, {"return": {"ok": True}}]}).find("Charge", "", {}) is not None
            True
        """
        if not isinstance(document, dict):
            raise MockError("A mock file is a JSON object")
        if "StateMachines" in document:
            return Mocks(_from_step_functions_local(document, test_case, state_machine))
        return Mocks({name: _own_answer(name, answer) for name, answer in document.items()})


class Answer:
    """What a mocked task does."""

    def __init__(self, value: Any, *, fatal: bool = False) -> None:
        """Take the value."""
        self.value = value
        self.fatal = fatal

    def perform(self, call: Call) -> Branch:
        """Do it."""
        value = self.value
        if isinstance(value, Fails):
            raise StateFailure(value.error, value.cause, fatal=self.fatal)
        frame = call.frame
        if isinstance(value, Waits):
            call.submitted(value.response)
            result = yield from call.answer(frame.run.engine.tokens[frame.token or ""].future)
            return result
        if callable(value):
            value = value(call.parameters)
            if isinstance(value, Fails):
                raise StateFailure(value.error, value.cause)
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
        return Fails(str(thrown.get("error", "States.TaskFailed")), thrown.get("cause"))
    raise MockError(f"The mock of '{name}' must be {{'return': …}}, {{'throw': {{'error': …}}}} or a list of these")


def _constant(value: Any) -> Any:
    return lambda parameters: value


def _one(kind: str, found: Mapping[str, Any], name: str | None) -> Any:
    if name is None:
        if len(found) != 1:
            raise MockError(f"The mock file has several {kind}s, name one of: {', '.join(sorted(found))}")
        return next(iter(found.values()))
    if name not in found:
        raise MockError(f"The mock file has no {kind} '{name}', but: {', '.join(sorted(found))}")
    return found[name]


def _from_step_functions_local(document: dict[str, Any], test_case: str | None, state_machine: str | None) -> dict[str, Any]:
    try:
        cases = _one("state machine", document["StateMachines"], state_machine)["TestCases"]
        case = _one("test case", cases, test_case)
        return {state: _numbered(name, document["MockedResponses"][name]) for state, name in case.items()}
    except (KeyError, TypeError, AttributeError) as error:
        raise MockError(f"The mock file lacks {error}") from None


def _numbered(name: str, responses: Mapping[str, Any]) -> Sequence:
    """Responses by invocation: ``"0"``, ``"1-2"``."""
    answers: dict[int, Any] = {}
    for numbers, response in responses.items():
        first, _, last = numbers.partition("-")
        try:
            span = range(int(first), int(last or first) + 1)
        except ValueError:
            raise MockError(f"'{numbers}' in '{name}' is neither a number nor a range such as '1-2'") from None
        if "Return" in response:
            answer: Any = _constant(response["Return"])
        elif "Throw" in response:
            answer = Fails(response["Throw"]["Error"], response["Throw"].get("Cause"))
        else:
            raise MockError(f"'{name}' has neither Return nor Throw at '{numbers}'")
        answers.update(dict.fromkeys(span, answer))
    if sorted(answers) != list(range(len(answers))):
        raise MockError(f"'{name}' leaves out an invocation: the numbers start at 0 and have no gaps")
    return Sequence(*(answers[number] for number in sorted(answers)), repeat=False)
