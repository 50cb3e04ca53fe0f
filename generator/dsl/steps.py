"""Steps: the states of a workflow, as authors write them.

A list of steps is a path: each step transitions to the one below it. The target of a choice rule or a catcher is a step, a list
of steps, or the name of a state. A target that is not in the list is a side path. Like the body of an ``if`` or an ``except``,
it goes on to the step below the one that contains it.

Users of ASL and of the CDK expect a side path to end instead. So the last step of a side path must have
``next=NEXT`` (go on to that step), ``next=END``, another step, or be a state that ends, such as :class:`Fail`. Any other is
warning SFN820, unless there is no step below, where both mean the same.

>>> undo = Task("Undo", "arn:aws:lambda:us-east-1:123456789012:function:undo", next=END)
>>> ship = Task("Ship", "arn:aws:lambda:us-east-1:123456789012:function:ship", catch=Catch("States.ALL", undo))
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from typing import Any, Final, Literal, TypeAlias

from generator.dsl.expressions import Expr, Payload, operand
from generator.dsl.integrations import Integration
from generator.dsl.known import known_text
from generator.dsl.permissions import Permissions, expect_permissions
from generator.dsl.refusals import NoText
from generator.dsl.source import AuthoringError, Source, expect, here, listed, shown


class _Flow(Enum):
    NEXT = "next"
    END = "end"
    UNSET = "unset"

    def __repr__(self) -> str:
        return self.name


NEXT: Final = _Flow.NEXT
"""A transition to the step below. At the end of a side path, this is the step below the one that contains the path."""
END: Final = _Flow.END
"""The end of the workflow, the branch or the iteration."""
UNSET: Final = _Flow.UNSET
"""The default of a field in which None has a meaning; for a transition it leads where ``NEXT`` leads, by default."""

QueryLanguage: TypeAlias = Literal["JSONata", "JSONPath"]
Path: TypeAlias = "str | Expr | None"
Target: TypeAlias = "Step | str | Sequence[Step | Sequence[Step]]"
"""The target of a transition: a step, a list of steps, or the name of a state in the same scope."""
Steps: TypeAlias = "Sequence[Step | Sequence[Step]] | Step | Commented"


@dataclass(frozen=True, eq=False)
class Commented(NoText):
    """The steps of a branch or of a map, with a ``Comment``.

    >>> Commented([], comment="The happy path.").comment
    'The happy path.'
    """

    steps: Sequence[Step | Sequence[Step]] | Step
    comment: str

    def __post_init__(self) -> None:
        """Check the type of the comment."""
        expect(self.comment, str, "the comment of Commented(…)", "text")


def _expect_errors(errors: object, what: str) -> None:
    for name in (errors,) if isinstance(errors, str) else errors if isinstance(errors, list | tuple) and errors else (None,):
        if not isinstance(name, str):
            raise AuthoringError(
                f"{what} must be an error name, or a list of error names",
                found=shown(errors),
                expected='text such as "States.Timeout", or a list of such texts',
                hint="an Expr is known only when the workflow runs, and error names must be known before" * isinstance(name, Expr),
            )


@dataclass(frozen=True, eq=False)
class Retry(NoText):
    """A retrier. One value can be used in several steps.

    Args:
        errors: error names, one or several; see :mod:`generator.asl.error_names`.
        interval_seconds: the delay before the first retry, 1 to 99999999 seconds (default of ASL: 1).
        max_attempts: the largest number of retries, 0 to 99999999 (default of ASL: 3).
        backoff_rate: the factor by which each retry increases the delay, 1.0 or more (default of ASL: 2.0).
        max_delay_seconds: the longest delay, 1 to 31622400 seconds.
        jitter: whether the delay is a random time up to the computed one (``JitterStrategy: FULL``).

    A number may be ``placeholder("attempts", int)``, which deployment fills in. An expression cannot be a number of a retrier.

    Source: https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html#error-handling-retrying-after-an-error

    >>> Retry("States.TaskFailed", interval_seconds=1, max_attempts=3, backoff_rate=2).max_attempts
    3
    """

    errors: str | Sequence[str]
    source: Source = field(default_factory=here, init=False, repr=False)
    interval_seconds: int | Expr | None = field(default=None, kw_only=True)
    max_attempts: int | Expr | None = field(default=None, kw_only=True)
    backoff_rate: float | Expr | None = field(default=None, kw_only=True)
    max_delay_seconds: int | Expr | None = field(default=None, kw_only=True)
    jitter: bool | None = field(default=None, kw_only=True)
    comment: str | None = field(default=None, kw_only=True)

    def __post_init__(self) -> None:
        """Check the types of the error names."""
        _expect_errors(self.errors, "errors of a Retry")
        expect(self.comment, (str, type(None)), "comment of a Retry", "text")


@dataclass(frozen=True, eq=False)
class Catch(NoText):
    """A catcher: the transition after an error of a step.

    Args:
        errors: error names, one or several.
        then: a step, a list of steps, or the name of a state.
        output: the input of the next step (JSONata); by default the error output.
        result_path: the place in the step's input for the error output (JSONPath); by default it replaces the input.
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
        """Check the types of the error names and of the target, which are easily swapped."""
        _expect_errors(self.errors, "errors of a Catch")
        expect(self.comment, (str, type(None)), "comment of a Catch", "text")
        expect_target(self.then, "the target of a Catch")


@dataclass(frozen=True, eq=False)
class When(NoText):
    """A choice rule; :func:`when` returns one."""

    condition: Expr | str | bool | Mapping[str, Any]
    then: Target | Literal[_Flow.NEXT, _Flow.UNSET]
    output: Payload | Literal[_Flow.UNSET] = UNSET
    assign: Mapping[str, Payload] | None = None
    comment: str | None = None
    source: Source = field(default_factory=here, init=False, repr=False)

    def __post_init__(self) -> None:
        """Check the types of the condition and of the target."""
        expect(self.comment, (str, type(None)), "comment of a rule", "text")
        expect(self.condition, (Expr, str, bool, Mapping), "the condition of a rule", "an expression such as states.input.total > 100")
        if self.then is not NEXT and self.then is not UNSET:
            expect_target(self.then, "the target of a rule")


def when(
    condition: Expr | str | bool | Mapping[str, Any],  # noqa: FBT001  ASL has constant conditions
    then: Target | Literal[_Flow.NEXT, _Flow.UNSET] = UNSET,
    *,
    output: Payload | Literal[_Flow.UNSET] = UNSET,
    assign: Mapping[str, Payload] | None = None,
    comment: str | None = None,
) -> When:
    """Return a rule: the transition of a Choice if a condition is true.

    Args:
        condition: an expression that returns true or false; or the comparison as ASL has it, ``{"Variable": …, "IsPresent": False}``
            (JSONPath).
        then: a step, a list of steps, or the name of a state; by default the step below the Choice.
        output: the output of the Choice if this rule is taken (JSONata).
        assign: variables to set if this rule is taken.
        comment: the rule's ``Comment``.
    """
    return When(condition, then, output, assign, comment)


@dataclass(frozen=True, eq=False)
class Step(NoText):
    """The fields of every step.

    Args:
        name: the state's name, at most 80 characters, unique in the whole workflow.
        next: the next step, by default the step below (``NEXT``); ``END`` ends the workflow, the branch or the iteration.
        comment: the state's ``Comment``.
        query_language: JSONata or JSONPath for this state alone.
        raw: fields of the state as ASL has them, in place of those that the step writes: ``raw={"TimeoutSeconds": 60}``. They may
            contain references such as ``orders.arn``.
    """

    name: str
    source: Source = field(default_factory=here, init=False, repr=False)
    next: Step | str | _Flow = field(default=UNSET, kw_only=True)
    comment: str | None = field(default=None, kw_only=True)
    query_language: QueryLanguage | None = field(default=None, kw_only=True)
    raw: Mapping[str, Any] | None = field(default=None, kw_only=True)

    def __post_init__(self) -> None:
        """Check the types of the name and of the next step."""
        if not isinstance(self.name, str):
            raise AuthoringError(
                f"the name of a {type(self).__name__} must be text",
                found=repr(self.name)[:60],
                expected=f'{type(self).__name__}("Name", …)',
            )
        expect(self.comment, (str, type(None)), f"comment of {self.name!r}", "text")
        expect(self.query_language, (str, type(None)), f"query_language of {self.name!r}", "JSONata or JSONPath")
        expect(self.raw, (Mapping, type(None)), f"raw of {self.name!r}", '{"TimeoutSeconds": 60}')
        if not isinstance(self.next, _Flow):
            expect(self.next, (Step, str), f"next of {self.name!r}", "a step, the name of a state, NEXT or END")


@dataclass(frozen=True, eq=False)
class OutputStep(Step):
    """A step with an output.

    Args:
        output: the step's output; by default its input, or the result of a Task, a Parallel or a Map.
        input_path: the path of the part of the input that the state uses; None for an empty input (JSONPath only).
        output_path: the path of the part that becomes the output; None for an empty output (JSONPath only).

    Source: https://docs.aws.amazon.com/step-functions/latest/dg/concepts-input-output-filtering.html
    """

    output: Payload | Literal[_Flow.UNSET] = field(default=UNSET, kw_only=True)
    input_path: Path | Literal[_Flow.UNSET] = field(default=UNSET, kw_only=True)
    output_path: Path | Literal[_Flow.UNSET] = field(default=UNSET, kw_only=True)


@dataclass(frozen=True, eq=False)
class AssigningStep(OutputStep):
    """A step that sets variables.

    Args:
        assign: the values of variables by name; ``variables.name`` is the value in later states.

    Source: https://docs.aws.amazon.com/step-functions/latest/dg/workflow-variables.html
    """

    assign: Mapping[str, Payload] | None = field(default=None, kw_only=True)

    def __post_init__(self) -> None:
        """Check the type of the assignments."""
        super().__post_init__()
        expect(self.assign, (Mapping, type(None)), f"assign of {self.name!r}", '{"name": value}')


@dataclass(frozen=True, eq=False)
class FailingStep(AssigningStep):
    """A step that can fail, and can have retriers and catchers.

    Args:
        retry: retriers, tried in order.
        catch: catchers, tried in order after the last retry.
        result_selector: a template that replaces the result (JSONPath only).
        result_path: the place in the input for the result; None discards the result (JSONPath only).

    Source: https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html
    """

    retry: Retry | Sequence[Retry] = field(default=(), kw_only=True)
    catch: Catch | Sequence[Catch] = field(default=(), kw_only=True)
    result_selector: Payload = field(default=None, kw_only=True)
    result_path: Path | Literal[_Flow.UNSET] = field(default=UNSET, kw_only=True)

    def __post_init__(self) -> None:
        """Check the types of the retriers and catchers."""
        super().__post_init__()
        for retry in listed(self.retry):
            expect(retry, Retry, f"retry of {self.name!r}", "Retry(…), or a list of them", hint=_flat_list(retry))
        for catch in listed(self.catch):
            expect(catch, Catch, f"catch of {self.name!r}", "Catch(errors, then), or a list of them", hint=_flat_list(catch))


def _flat_list(item: object) -> str:
    return "join lists with [*first, *second]" if isinstance(item, list | tuple) else ""


def expect_target(target: object, what: str) -> None:
    """Check the type of a target. A rule or a catcher cannot end a scope; only a step can."""
    expected = "a step, a list of steps, or the name of a state"
    expect(target, (Step, str, list, tuple), what, expected, hint="write list(…)" if isinstance(target, Iterator) else "")
    if not isinstance(target, str):
        _expect_items(target, what, expected)


def expect_steps(steps: object, what: str) -> None:
    """Check the types of steps, and of all items of the lists among them."""
    hint = "write list(…), or *… for the branches of a Parallel" if isinstance(steps, Iterator) else ""
    expect(steps, (Step, list, tuple, Commented), what, "a step, or a list of steps", hint=hint)
    _expect_items(steps.steps if isinstance(steps, Commented) else steps, what, "a step, or a list of steps")


def _expect_items(steps: object, what: str, expected: str, depth: int = 0) -> None:
    """Check the items of a list of steps. The compiler reports lists that are nested too deeply, or contain themselves."""
    if isinstance(steps, list | tuple) and depth < _DEEPEST:
        for item in steps:
            if not isinstance(item, Step | list | tuple):
                raise AuthoringError(
                    f"{what} must be {expected}",
                    found=f"{shown(item)} in the list",
                    hint="a rule belongs into a Choice(…), a catcher into catch=…" if isinstance(item, When | Catch) else "",
                )
            _expect_items(item, what, expected, depth + 1)


_DEEPEST: Final = 20


@dataclass(frozen=True, eq=False)
class Task(FailingStep):
    """A state that calls a service, a function, an activity or another workflow.

    Args:
        call: the call: ``validator.invoke(…)``, ``queue.send_message(…)``, ``sdk.s3.get_object(…)``, or the ARN of a
            function or activity, such as ``validator.arn``.
        output: the step's output; by default that of the call, such as the return value of a function.
        assign: variables to set; ``states.result`` is the whole result.
        retry: retry policies, tried in order.
        catch: catchers, tried in order after the last retry.
        timeout_seconds: the longest duration of the task in seconds, 1 to 99999999, or an expression.
        heartbeat_seconds: the longest time between two heartbeats in seconds, or an expression.
        credentials: the role to assume, ``{"RoleArn": …}`` (cross-account access).
        permissions: corrections of what the execution role gets for this step: ``Allow``, ``Narrow``, ``Replace``, ``Without``.
        input_path, result_selector, result_path, output_path: JSONPath only, as in ASL.

    Source: https://docs.aws.amazon.com/step-functions/latest/dg/state-task.html
    """

    call: Integration | Expr | str = ""
    timeout_seconds: int | Expr | str | None = field(default=None, kw_only=True)
    heartbeat_seconds: int | Expr | str | None = field(default=None, kw_only=True)
    credentials: Payload = field(default=None, kw_only=True)
    permissions: Permissions = field(default=(), kw_only=True)

    def __post_init__(self) -> None:
        """Check the types of the call and of the corrections."""
        super().__post_init__()
        expect_permissions(self.permissions, repr(self.name))
        calls = "function.invoke(…), queue.send_message(…), sdk.….…(…), or an ARN"
        known = isinstance(self.call, Expr) and known_text(operand(self.call)) is not None
        expect(self.call, (Integration, Expr) if known else (Integration, str), f"the call of {self.name!r}", calls)


@dataclass(frozen=True, eq=False)
class Pass(AssigningStep):
    """A state that returns its input or a new output, and sets variables.

    Args:
        output: the step's output (``Parameters`` in JSONPath).
        result: a literal result (JSONPath only).
        result_path: the place in the input for the result (JSONPath only).

    Source: https://docs.aws.amazon.com/step-functions/latest/dg/state-pass.html
    """

    result: Payload | Literal[_Flow.UNSET] = field(default=UNSET, kw_only=True)
    result_path: Path | Literal[_Flow.UNSET] = field(default=UNSET, kw_only=True)


@dataclass(frozen=True, eq=False, init=False)
class Choice(AssigningStep):
    """A state that selects the next state by conditions.

    Args:
        rules: the rules, made with :func:`when` and tried in order.
        otherwise: the target if no condition is true; by default the step below. With None the state fails with
            ``States.Runtime``, which cannot be caught (measured in 2026; AWS documents ``States.NoChoiceMatched``).

    Source: https://docs.aws.amazon.com/step-functions/latest/dg/state-choice.html
    """

    rules: tuple[When, ...] = ()
    otherwise: Target | Literal[_Flow.NEXT, _Flow.UNSET] | None = field(default=UNSET, kw_only=True)

    def __init__(
        self,
        name: str,
        *rules: When,
        otherwise: Target | Literal[_Flow.NEXT, _Flow.UNSET] | None = UNSET,
        output: Payload | Literal[_Flow.UNSET] = UNSET,
        assign: Mapping[str, Payload] | None = None,
        input_path: Path | Literal[_Flow.UNSET] = UNSET,
        output_path: Path | Literal[_Flow.UNSET] = UNSET,
        comment: str | None = None,
        query_language: QueryLanguage | None = None,
        raw: Mapping[str, Any] | None = None,
    ) -> None:
        """Make a Choice from the rules."""
        _fill(
            self, name=name, rules=rules, otherwise=otherwise, output=output, assign=assign, input_path=input_path, output_path=output_path
        )
        _fill(self, comment=comment, query_language=query_language, raw=raw, next=UNSET, source=here())
        self.__post_init__()
        for rule in rules:
            if not isinstance(rule, When):
                raise AuthoringError(
                    f"a rule of the Choice {name!r} must be when(condition, …)",
                    found=shown(rule),
                    hint=f'for a list of rules write Choice("{name}", *rules)',
                )
        if otherwise is not None and otherwise is not NEXT and otherwise is not UNSET:
            expect_target(otherwise, f"otherwise of {name!r}")


@dataclass(frozen=True, eq=False)
class Wait(AssigningStep):
    """A state that waits. It must have exactly one of ``seconds`` and ``until``.

    Args:
        seconds: the duration in seconds, 0 to 99999999, or an expression.
        until: a point in time with its time zone, as a datetime or RFC 3339 text, or an expression.

    Source: https://docs.aws.amazon.com/step-functions/latest/dg/state-wait.html
    """

    seconds: int | Expr | str | None = field(default=None, kw_only=True)
    until: datetime | Expr | str | None = field(default=None, kw_only=True)


@dataclass(frozen=True, eq=False)
class EndingStep(Step):
    """A step that ends its scope."""

    def __post_init__(self) -> None:
        """Check that there is no next step."""
        super().__post_init__()
        if self.next is not UNSET and self.next is not END:
            raise AuthoringError(
                f"{self.name!r} must not have next=…, because a {type(self).__name__} ends its scope", found=repr(self.next)[:60]
            )


@dataclass(frozen=True, eq=False)
class Succeed(OutputStep, EndingStep):
    """A state that ends its scope with success.

    Args:
        output: the output of the workflow, the branch or the iteration; by default the input of the state.

    Source: https://docs.aws.amazon.com/step-functions/latest/dg/state-succeed.html
    """


@dataclass(frozen=True, eq=False)
class Fail(EndingStep):
    """A state that ends its scope with an error. The error and the cause may be expressions.

    Args:
        error: the error name, which catchers match.
        cause: the explanation for people.

    Source: https://docs.aws.amazon.com/step-functions/latest/dg/state-fail.html
    """

    error: Payload = field(default=None, kw_only=True)
    cause: Payload = field(default=None, kw_only=True)


@dataclass(frozen=True, eq=False, init=False)
class Parallel(FailingStep):
    """A state that runs branches at the same time. Its result is the list of their outputs, in the order of the branches.

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
        next: Step | str | _Flow = UNSET,
        comment: str | None = None,
        query_language: QueryLanguage | None = None,
        raw: Mapping[str, Any] | None = None,
    ) -> None:
        """Make a Parallel state from the branches."""
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
        _fill(self, query_language=query_language, raw=raw, source=here())
        self.__post_init__()
        for branch in branches:
            _expect_one_branch(name, branch)
            expect_steps(branch, f"a branch of {name!r}")


def _expect_one_branch(name: str, branch: Steps) -> None:
    """Refuse a list of lists as a branch: it may mean several branches, or one branch of several groups of steps."""
    if isinstance(branch, list | tuple) and len(branch) > 1 and all(isinstance(one, list | tuple | Commented) for one in branch):
        listed = [_sketch(one) for one in branch[:_SHOWN]] + ["…"] * (len(branch) > _SHOWN)
        raise AuthoringError(
            f"a list of lists is not a branch of {name!r}",
            found=f'Parallel("{name}", [{", ".join(listed)}])',
            expected="each branch as an argument of its own: a list of steps, or one step",
            hint=f'write Parallel("{name}", {", ".join(listed)}), or Parallel("{name}", *branches) for a list of branches; '
            "groups of steps in one branch are joined with [*first, *second]",
        )


_SHOWN: Final = 3


def _sketch(steps: object) -> str:
    """Return a list of steps as Python, with the types and the names of the steps only."""
    inner = steps.steps if isinstance(steps, Commented) else steps
    if isinstance(inner, Step):
        return f'{type(inner).__name__}("{inner.name}")'
    items = [_sketch(one) for one in inner[:_SHOWN]] + ["…"] * (len(inner) > _SHOWN) if isinstance(inner, list | tuple) else ["…"]
    return f"[{', '.join(items)}]"


def _fill(step: Step, **fields: object) -> None:
    for name, value in fields.items():
        object.__setattr__(step, name, value)
