"""A workflow: its steps and the configuration of its state machine."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from re import sub
from typing import TYPE_CHECKING, Any, ClassVar, Literal, TypedDict

from generator.asl.read import Document, read_file
from generator.catalog.resources import RETENTION_DAYS, WORKFLOW
from generator.diagnostics.model import InvalidWorkflowError, failed
from generator.dsl.data_science_sdk import sdk_definition, sdk_name
from generator.dsl.declarations import Resource
from generator.dsl.permissions import Permissions, expect_permissions
from generator.dsl.resources import Startable
from generator.dsl.source import AuthoringError, expect, expect_fields, here, relative
from generator.dsl.steps import QueryLanguage, Steps, expect_steps
from generator.dsl.triggers import WorkflowTrigger

if TYPE_CHECKING:
    from typing import Unpack


@dataclass(frozen=True, eq=False)
class Logging:
    """The logging of a state machine.

    Args:
        level: OFF, FATAL (the end of failed executions), ERROR, or ALL.
        include_execution_data: whether inputs and outputs are logged; they may contain personal data.
        retention_days: how long CloudWatch keeps the log.

    Source: https://docs.aws.amazon.com/step-functions/latest/dg/cw-logs.html
    """

    level: Literal["OFF", "FATAL", "ERROR", "ALL"] = "ERROR"
    include_execution_data: bool = False
    retention_days: int = 30

    def __post_init__(self) -> None:
        """Check that CloudWatch Logs has this retention."""
        expect_fields(self)
        if self.retention_days not in RETENTION_DAYS:
            days = ", ".join(map(str, RETENTION_DAYS))
            raise AuthoringError(
                "CloudWatch Logs does not have this retention", found=f"{self.retention_days} days", expected=f"one of {days}; 0 for ever"
            )


class WorkflowSettings(TypedDict, total=False):
    """The settings of a :class:`Workflow` that are not in its definition."""

    type: Literal["STANDARD", "EXPRESS"]
    input: Any
    logging: Logging
    tracing: bool
    permissions: Permissions
    triggers: Sequence[WorkflowTrigger]


@dataclass(frozen=True, eq=False)
class Workflow(Startable):
    """A state machine as declarative Python.

    Args:
        name: lower case words joined by ``-``; deployed as ``{project}-{env}-{name}``.
        steps: the states; see :mod:`generator.dsl.steps`.
        type: STANDARD, or EXPRESS for many short executions.
        query_language: JSONata, or JSONPath.
        input: the type of the input: a pydantic model, a dataclass or a TypedDict; its JSON Schema is generated.
        timeout_seconds: the longest duration of an execution.
        logging: the logging of the state machine.
        tracing: whether X-Ray traces executions.
        permissions: corrections of the execution role, for all of its steps: ``Allow``, ``Narrow``, ``Replace``, ``Without``.
        triggers: what starts executions: ``Schedule(…)``, ``EventRule(…)``, ``bucket.on_created(…)``.
        comment: the definition's ``Comment``.
        version: the version of the language; the only one is "1.0".
        order: the names of states in the order that the definition has them in, for a definition that must equal another one. The
            order has no meaning for executions. By default the steps come first, then what they lead to.
        raw: fields of the definition as ASL has them, in place of those that the workflow writes.
        definition: the definition itself, in place of steps; :meth:`from_asl` reads it from a file, :meth:`from_sdk` takes it from an
            object of the AWS Data Science SDK.

    >>> from generator.dsl.steps import Succeed
    >>> Workflow("nothing-to-do", steps=[Succeed("Done")]).type
    'STANDARD'
    """

    KIND: ClassVar = WORKFLOW
    steps: Steps = field(default=(), kw_only=True)
    type: Literal["STANDARD", "EXPRESS"] = field(default="STANDARD", kw_only=True)
    query_language: QueryLanguage = field(default="JSONata", kw_only=True)
    input: Any = field(default=None, kw_only=True)
    timeout_seconds: int | None = field(default=None, kw_only=True)
    logging: Logging = field(default_factory=Logging, kw_only=True)
    tracing: bool = field(default=True, kw_only=True)
    permissions: Permissions = field(default=(), kw_only=True)
    triggers: Sequence[WorkflowTrigger] = field(default=(), kw_only=True)
    comment: str | None = field(default=None, kw_only=True)
    version: Literal["1.0"] | None = field(default=None, kw_only=True)
    order: Sequence[str] = field(default=(), kw_only=True)
    raw: Mapping[str, Any] | None = field(default=None, kw_only=True)
    definition: Document | None = field(default=None, kw_only=True, repr=False)

    @classmethod
    def from_asl(cls, file: str | Path, *, name: str | None = None, **settings: Unpack[WorkflowSettings]) -> Workflow:
        """Return a workflow whose definition is a file in ASL, as it is.

        It is checked, and gets its role, its Terraform module and its documents like any other workflow. Problems are shown at the
        lines of the file. ``${name}`` in the file is a placeholder: an attribute of a resource, such as ``${orders_arn}``, or a
        variable of the module.

        Args:
            file: the path of the file, in JSON or YAML, relative to the module that calls this.
            name: the name of the workflow; by default that of the file: ``order.asl.json`` is ``order``.
            settings: what is not in the definition: type, logging, tracing, permissions, triggers, input.

        Raises:
            InvalidWorkflowError: the file cannot be read, or has no definition.
        """
        module = here().code
        folder = Path() if module is None or module.co_filename.startswith("<") else Path(module.co_filename).parent
        document = read_file(relative(str(folder / file)))
        if failed(document.diagnostics):
            raise InvalidWorkflowError(document.diagnostics)
        value = document.value
        if not isinstance(value, Mapping):
            raise AuthoringError(
                f"the file {Path(file).name} has no definition",
                found=type(value).__name__,
                expected='an object with "StartAt" and "States"',
            )
        stem = Path(file).name.partition(".")[0]
        comment = value.get("Comment")
        return cls(
            name if name is not None else sub(r"[^a-z0-9]+", "-", sub(r"(?<=[a-z0-9])(?=[A-Z])", "-", stem).lower()).strip("-"),
            definition=document,
            query_language="JSONata" if value.get("QueryLanguage") == "JSONata" else "JSONPath",
            comment=comment if isinstance(comment, str) else None,
            **settings,
        )

    @classmethod
    def from_sdk(cls, workflow: Any, *, name: str | None = None, **settings: Unpack[WorkflowSettings]) -> Workflow:
        """Return a workflow of the AWS Data Science SDK as a workflow of this project: its definition stays as it is.

        Its role, tags and client are left out: the role is derived, and Terraform deploys the workflow.

        Args:
            workflow: a ``Workflow``, a ``Chain`` or a step of the package ``stepfunctions``.
            name: the name, by default that of the ``Workflow`` as lower case words joined by ``-``.
            settings: what is not in the definition: type, logging, tracing, permissions, triggers, input.

        Raises:
            AuthoringError: it is not an object of the package, it has no name, or it has a value that is not JSON.
        """
        definition = sdk_definition(workflow)
        chosen = name or sdk_name(workflow)
        if not chosen:
            raise AuthoringError("the workflow has no name", expected="a name", hint='Workflow.from_sdk(chain, name="training")')
        place = here().span()
        document = Document(place.file, "", definition, readable=True, locate=lambda _: place)
        comment = definition.get("Comment")
        return cls(
            chosen,
            definition=document,
            query_language="JSONPath",
            comment=comment if isinstance(comment, str) else None,
            **settings,
        )

    def __post_init__(self) -> None:
        """Check the types of the steps and of the configuration."""
        super().__post_init__()
        expect_steps(self.steps, f"steps of {self.name!r}")
        expect_permissions(self.permissions, repr(self.name))
        expect(self.logging, Logging, f"logging of {self.name!r}", "Logging(…)")
        expect(self.order, (list, tuple), f"order of {self.name!r}", "a list of the names of states")
        expect(self.raw, (Mapping, type(None)), f"raw of {self.name!r}", '{"QueryLanguage": "JSONPath"}')
        expect(self.triggers, (list, tuple), f"triggers of {self.name!r}", "[Schedule(…), EventRule(…)]")
        names: set[str] = set()
        for trigger in self.triggers:
            expect(trigger, WorkflowTrigger, f"triggers of {self.name!r}", "Schedule(…), EventRule(…) or bucket.on_created(…)")
            if trigger.name in names:
                raise AuthoringError(
                    f"two triggers of {self.name!r} are named {trigger.name!r}",
                    found=f"the second one at {trigger.source.span()}",
                    expected="a name of its own for each",
                    hint="give one a name: name=…",
                    code="SFN832",
                )
            names.add(trigger.name)
        if self.query_language not in {"JSONata", "JSONPath"}:
            raise AuthoringError(f"query_language of {self.name!r} must be JSONata or JSONPath", found=repr(self.query_language))

    def related(self) -> Iterator[Resource]:
        """Yield the resources that the triggers name. What the steps use is known when they are compiled."""
        for trigger in self.triggers:
            yield from trigger.related()
