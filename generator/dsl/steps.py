"""Steps: the states of a workflow as its author writes them.

A list of steps is a path: each step goes on to the one below it. What a choice rule or a catcher leads to is given as a
step, as a list of steps, or as the name of a state; like the body of an ``if`` or an ``except``, it goes on to the step below
the one that holds it, unless it ends the workflow or says ``next=``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from typing import Final, Literal, TypeAlias

from generator.dsl.expressions import Expr, Payload
from generator.dsl.integrations import Integration
from generator.dsl.source import AuthoringError, Source, expect, here


class _Flow(Enum):
    NEXT = "next"
    END = "end"
    UNSET = "unset"

    def __repr__(self) -> str:
        return self.name


NEXT: Final = _Flow.NEXT
"""Go on to the step below."""
END: Final = _Flow.END
"""End the workflow, the branch or the iteration here."""
UNSET: Final = _Flow.UNSET
"""Stands for a field that is not given, where None means something."""

QueryLanguage: TypeAlias = Literal["JSONata", "JSONPath"]
Path: TypeAlias = "str | Expr | None"
Target: TypeAlias = "Step | str | Sequence[Step | Sequence[Step]]"
"""Where a transition leads: a step, a list of steps, or the name of a state of the same scope."""
Steps: TypeAlias = "Sequence[Step | Sequence[Step]] | Step | Commented"


@dataclass(frozen=True, eq=False)
class Commented:
    """The steps of a branch or of a map, with a ``Comment`` of their own.

    >>> Commented([], comment="The happy path.").comment
    'The happy path.'
    """

    steps: Sequence[Step | Sequence[Step]] | Step
    comment: str


@dataclass(frozen=True, eq=False)
class Retry:
    """A retry policy; a value that can be named once and used on many steps.

    Args:
        errors: error names, one or several; see :mod:`generator.asl.error_names`.
        interval_seconds: the wait before the first retry, 1 to 99999999 (ASL's default: 1).
        max_attempts: how many retries, 0 to 99999999 (ASL's default: 3).
        backoff_rate: by what the wait is multiplied each time, 1.0 or more (ASL's default: 2.0).
        max_delay_seconds: the longest wait.
        jitter: whether the wait is a random time up to the computed one (``JitterStrategy: FULL``).

    Source: https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html#error-handling-retrying-after-an-error

    >>> Retry("States.TaskFailed", interval_seconds=1, max_attempts=3, backoff_rate=2).max_attempts
    3
    """

    errors: str | Sequence[str]
    source: Source = field(default_factory=here, init=False, repr=False)
    interval_seconds: int | None = field(default=None, kw_only=True)
    max_attempts: int | None = field(default=None, kw_only=True)
    backoff_rate: float | None = field(default=None, kw_only=True)
    max_delay_seconds: int | None = field(default=None, kw_only=True)
    jitter: bool | None = field(default=None, kw_only=True)
    comment: str | None = field(default=None, kw_only=True)

    def __post_init__(self) -> None:
        """Refuse what holds no error names."""
        expect(self.errors, (str, list, tuple), "what a retrier retries", "an error name, or a list of such")


@dataclass(frozen=True, eq=False)
class Catch:
    """A catcher: where to go on when a step failed.

    Args:
        errors: error names, one or several.
        then: a step, a list of steps, or the name of a state.
        output: the input of what comes next (JSONata); by default the error output.
        result_path: where in the step's input to put the error output (JSONPath); by default it replaces the input.
        assign: variables to set; ``states.error_output`` is the error.
    """

    errors: str | Sequence[str]
    then: Target
    source: Source = field(default_factory=here, init=False, repr=False)
    output: Payload | Literal[_Flow.UNSET] = field(default=UNSET, kw_only=True)
    result_path: Path | Literal[_Flow.UNSET] = field(default=UNSET, kw_only=True)
    assign: Mapping[str, Payload] | None = field(default=None, kw_only=True)
    comment: str | None = field(default=None, kw_only=True)

    def __post_init__(self) -> None:
        """Refuse a target that is none, such as one that changed places with the errors."""
        expect(self.errors, (str, list, tuple), "what a catcher catches", "an error name, or a list of such")
        expect_target(self.then, "what a catcher leads to")


@dataclass(frozen=True, eq=False)
class When:
    """A choice rule; made by :func:`when`."""

    condition: Expr | str | bool
    then: Target | Literal[_Flow.NEXT]
    output: Payload | Literal[_Flow.UNSET] = UNSET
    assign: Mapping[str, Payload] | None = None
    comment: str | None = None
    source: Source = field(default_factory=here, init=False, repr=False)

    def __post_init__(self) -> None:
        """Refuse what is no condition, or no target."""
        expect(self.condition, (Expr, str, bool), "the condition of a rule", "an expression such as states.input.total > 100")
        if self.then is not NEXT:
            expect_target(self.then, "what a rule leads to")


def when(
    condition: Expr | str | bool,  # noqa: FBT001
    then: Target | Literal[_Flow.NEXT] = NEXT,
    *,
    output: Payload | Literal[_Flow.UNSET] = UNSET,
    assign: Mapping[str, Payload] | None = None,
    comment: str | None = None,
) -> When:
    """Say where a Choice leads if a condition holds.

    Args:
        condition: an expression that gives true or false.
        then: a step, a list of steps, or a state's name; by default the step below the Choice.
        output: the output of the Choice if this rule is taken (JSONata).
        assign: variables to set if this rule is taken.
        comment: the rule's ``Comment``.
    """
    return When(condition, then, output, assign, comment)


@dataclass(frozen=True, eq=False)
class Step:
    """What all steps have.

    Args:
        name: the state's name, at most 80 characters, unique in the whole workflow.
        next: where to go on to instead of the step below; ``END`` ends the scope here.
        comment: the state's ``Comment``.
        query_language: JSONata or JSONPath for this state alone.
    """

    name: str
    source: Source = field(default_factory=here, init=False, repr=False)
    next: Step | str | Literal[_Flow.NEXT, _Flow.END] = field(default=NEXT, kw_only=True)
    comment: str | None = field(default=None, kw_only=True)
    query_language: QueryLanguage | None = field(default=None, kw_only=True)

    def __post_init__(self) -> None:
        """Refuse what cannot be a name before it confuses something else."""
        if not isinstance(self.name, str):
            raise AuthoringError(
                f"the name of a {type(self).__name__} is text", found=repr(self.name)[:60], expected=f'{type(self).__name__}("Name", …)'
            )
        if self.next is not NEXT and self.next is not END:
            expect(self.next, (Step, str), f"next of {self.name!r}", "a step, the name of a state, or END")


@dataclass(frozen=True, eq=False)
class OutputStep(Step):
    """A step with an output."""

    output: Payload | Literal[_Flow.UNSET] = field(default=UNSET, kw_only=True)
    input_path: Path | Literal[_Flow.UNSET] = field(default=UNSET, kw_only=True)
    output_path: Path | Literal[_Flow.UNSET] = field(default=UNSET, kw_only=True)


@dataclass(frozen=True, eq=False)
class AssigningStep(OutputStep):
    """A step that sets variables."""

    assign: Mapping[str, Payload] | None = field(default=None, kw_only=True)

    def __post_init__(self) -> None:
        """Check that variables are given by name."""
        super().__post_init__()
        expect(self.assign, (Mapping, type(None)), f"assign of {self.name!r}", '{"name": value}')


@dataclass(frozen=True, eq=False)
class FailingStep(AssigningStep):
    """A step that can fail, and so be retried and caught."""

    retry: Retry | Sequence[Retry] = field(default=(), kw_only=True)
    catch: Catch | Sequence[Catch] = field(default=(), kw_only=True)
    result_selector: Payload = field(default=None, kw_only=True)
    result_path: Path | Literal[_Flow.UNSET] = field(default=UNSET, kw_only=True)

    def __post_init__(self) -> None:
        """Check that policies are policies."""
        super().__post_init__()
        for retry in listed(self.retry):
            expect(retry, Retry, f"retry of {self.name!r}", "Retry(…), or a list of such")
        for catch in listed(self.catch):
            expect(catch, Catch, f"catch of {self.name!r}", "Catch(errors, then), or a list of such")


def listed(value: object) -> tuple[object, ...]:
    """Give what may be one or several as a tuple.

    >>> listed([1, 2]), listed(3)
    ((1, 2), (3,))
    """
    return tuple(value) if isinstance(value, list | tuple) else (value,)


def expect_target(target: object, what: str) -> None:
    """Check that a transition leads to something; only a step can end a scope, never a rule or a catcher."""
    expect(target, (Step, str, list, tuple), what, "a step, a list of steps, or the name of a state")


def expect_steps(steps: object, what: str) -> None:
    """Check that steps are a step or a list; what stands in the list is looked at when it is compiled."""
    expect(steps, (Step, list, tuple, Commented), what, "a step, or a list of steps")


@dataclass(frozen=True, eq=False)
class Task(FailingStep):
    """Calls a service, a function, an activity or another workflow.

    Args:
        call: what to call: ``validator.invoke(…)``, ``queue.send_message(…)``, ``sdk.s3.get_object(…)``, or the ARN of a
            function or activity.
        output: the step's output; by default what the call says, such as a function's return value.
        assign: variables to set; ``states.result`` is the whole result.
        retry: retry policies, tried in order.
        catch: catchers, tried in order once no retry is left.
        timeout_seconds: how long the task may take, 1 to 99999999; an expression computes it.
        heartbeat_seconds: how long it may be silent; an expression computes it.
        credentials: the role to assume, ``{"RoleArn": …}`` (cross-account access).
        input_path, result_selector, result_path, output_path: JSONPath only, as in ASL.

    Source: https://docs.aws.amazon.com/step-functions/latest/dg/state-task.html
    """

    call: Integration | str = ""
    timeout_seconds: int | Expr | str | None = field(default=None, kw_only=True)
    heartbeat_seconds: int | Expr | str | None = field(default=None, kw_only=True)
    credentials: Payload = field(default=None, kw_only=True)

    def __post_init__(self) -> None:
        """Check that the call is one."""
        super().__post_init__()
        expect(
            self.call, (Integration, str), f"the call of {self.name!r}", "function.invoke(…), queue.send_message(…), sdk.….…(…), or an ARN"
        )


@dataclass(frozen=True, eq=False)
class Pass(AssigningStep):
    """Passes its input on, makes an output of it, or sets variables.

    Args:
        output: the step's output (``Parameters`` in JSONPath).
        result: a literal result (JSONPath only).
        result_path: where in the input to put the result (JSONPath only).

    Source: https://docs.aws.amazon.com/step-functions/latest/dg/state-pass.html
    """

    result: Payload | Literal[_Flow.UNSET] = field(default=UNSET, kw_only=True)
    result_path: Path | Literal[_Flow.UNSET] = field(default=UNSET, kw_only=True)


@dataclass(frozen=True, eq=False, init=False)
class Choice(AssigningStep):
    """Goes on by conditions.

    Args:
        rules: what :func:`when` makes, tried in order.
        otherwise: where to go on if no rule holds; by default the step below, None for nowhere (States.NoChoiceMatched).

    Source: https://docs.aws.amazon.com/step-functions/latest/dg/state-choice.html
    """

    rules: tuple[When, ...] = ()
    otherwise: Target | Literal[_Flow.NEXT] | None = field(default=NEXT, kw_only=True)

    def __init__(
        self,
        name: str,
        *rules: When,
        otherwise: Target | Literal[_Flow.NEXT] | None = NEXT,
        output: Payload | Literal[_Flow.UNSET] = UNSET,
        assign: Mapping[str, Payload] | None = None,
        input_path: Path | Literal[_Flow.UNSET] = UNSET,
        output_path: Path | Literal[_Flow.UNSET] = UNSET,
        comment: str | None = None,
        query_language: QueryLanguage | None = None,
    ) -> None:
        """Take the rules as they come."""
        _fill(
            self, name=name, rules=rules, otherwise=otherwise, output=output, assign=assign, input_path=input_path, output_path=output_path
        )
        _fill(self, comment=comment, query_language=query_language, next=NEXT, source=here())
        self.__post_init__()
        for rule in rules:
            if not isinstance(rule, When):
                raise AuthoringError(f"a rule of the Choice {name!r} is no rule", found=repr(rule)[:60], expected="when(condition, …)")


@dataclass(frozen=True, eq=False)
class Wait(AssigningStep):
    """Waits for a time; give exactly one of ``seconds`` and ``until``.

    Args:
        seconds: how long, 0 to 99999999; an expression computes it.
        until: a point in time with its zone, as a datetime or RFC 3339 text; an expression computes it.

    Source: https://docs.aws.amazon.com/step-functions/latest/dg/state-wait.html
    """

    seconds: int | Expr | str | None = field(default=None, kw_only=True)
    until: datetime | Expr | str | None = field(default=None, kw_only=True)


@dataclass(frozen=True, eq=False)
class EndingStep(Step):
    """A step that ends its scope."""

    def __post_init__(self) -> None:
        """Refuse a way on."""
        super().__post_init__()
        if self.next is not NEXT and self.next is not END:
            raise AuthoringError(f"a {type(self).__name__} ends its scope, so {self.name!r} has no next", found=repr(self.next)[:60])


@dataclass(frozen=True, eq=False)
class Succeed(OutputStep, EndingStep):
    """Ends the scope with success. Source: https://docs.aws.amazon.com/step-functions/latest/dg/state-succeed.html."""


@dataclass(frozen=True, eq=False)
class Fail(EndingStep):
    """Ends the scope with an error; both texts may be computed.

    Source: https://docs.aws.amazon.com/step-functions/latest/dg/state-fail.html
    """

    error: Payload = field(default=None, kw_only=True)
    cause: Payload = field(default=None, kw_only=True)


@dataclass(frozen=True, eq=False, init=False)
class Parallel(FailingStep):
    """Runs branches at the same time; its result is the list of their outputs, in order.

    Args:
        branches: each a list of steps, or one step.
        arguments: the input of every branch (``Parameters`` in JSONPath); by default the step's input.

    Source: https://docs.aws.amazon.com/step-functions/latest/dg/state-parallel.html
    """

    branches: tuple[Steps, ...] = ()
    arguments: Payload | Literal[_Flow.UNSET] = field(default=UNSET, kw_only=True)

    def __init__(
        self,
        name: str,
        *branches: Steps,
        arguments: Payload | Literal[_Flow.UNSET] = UNSET,
        output: Payload | Literal[_Flow.UNSET] = UNSET,
        assign: Mapping[str, Payload] | None = None,
        retry: Retry | Sequence[Retry] = (),
        catch: Catch | Sequence[Catch] = (),
        input_path: Path | Literal[_Flow.UNSET] = UNSET,
        result_selector: Payload = None,
        result_path: Path | Literal[_Flow.UNSET] = UNSET,
        output_path: Path | Literal[_Flow.UNSET] = UNSET,
        next: Step | str | Literal[_Flow.NEXT, _Flow.END] = NEXT,
        comment: str | None = None,
        query_language: QueryLanguage | None = None,
    ) -> None:
        """Take the branches as they come."""
        _fill(
            self,
            name=name,
            branches=branches,
            arguments=arguments,
            output=output,
            assign=assign,
            retry=retry,
            catch=catch,
            input_path=input_path,
        )
        _fill(self, result_selector=result_selector, result_path=result_path, output_path=output_path, next=next, comment=comment)
        _fill(self, query_language=query_language, source=here())
        self.__post_init__()
        for branch in branches:
            expect_steps(branch, f"a branch of {name!r}")


def _fill(step: Step, **fields: object) -> None:
    for name, value in fields.items():
        object.__setattr__(step, name, value)
