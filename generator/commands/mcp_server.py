"""``mcp``: serve the commands to agents over the Model Context Protocol, on standard input and output.

Each tool calls what its command calls, and returns the result as JSON: diagnostics with file, line and hint, an execution with its
path. Nothing needs a network. It needs the extra ``mcp``.

Source: https://modelcontextprotocol.io/specification
"""

from __future__ import annotations

import json
import linecache
import os
import re
import sys
from collections import OrderedDict
from collections.abc import Callable, Sequence
from contextlib import redirect_stdout, suppress
from dataclasses import dataclass, field
from functools import wraps
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from inspect import cleandoc
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any, Final, Literal

from generator.asl.definition import Definition, definition_of, read_definition
from generator.asl.placeholders import unshielded_json
from generator.asl.read import STANDARD_INPUT, read_text
from generator.asl.walk import WorkflowType
from generator.checks.validate import problems
from generator.commands.generate import changed, pipeline
from generator.commands.given import InvalidInputError
from generator.commands.iam import Place, Settings, derive, reasons
from generator.commands.report import MISUSED, PASSED, count, say
from generator.commands.run import RunOptions, UnknownTargetError, executed
from generator.diagnostics.codes import explain as explanation
from generator.diagnostics.codes import severity_of
from generator.diagnostics.model import Diagnostic, failed
from generator.diagnostics.render import summary, to_records
from generator.emit.terraform.template import policy_template
from generator.engine import Execution, text_view
from generator.engine.definitions import is_path

if TYPE_CHECKING:
    from mcp.server.mcpserver.tools import Tool

_KEPT: Final = 20
"""The number of executions that ``view`` can show."""
_INSTRUCTIONS: Final = """
Author AWS Step Functions workflows as declarative Python with sfn-generator. Work in this loop: write the workflow in workflows/,
call `generate` and correct each diagnostic at its file and line (`explain` has the reason and a right example), then `run` it with
an input and mocks, and read `view` when it did not do what was meant. `validate` and `iam` take any definition in JSON or YAML.
Nothing is deployed, and nothing needs a network. Never edit build/: it is generated.
"""


class _RefusedError(Exception):
    """A request that cannot be served. The text of the error is a message for the agent."""


@dataclass
class Checked:
    """Diagnostics: whether there is no error, one sentence, and each diagnostic with file, line, column, message and hint."""

    ok: bool
    summary: str
    diagnostics: list[dict[str, Any]]


@dataclass
class Explained:
    """The page of a diagnostic: the reason, a wrong and a right example, in Markdown."""

    code: str
    severity: str
    page: str


@dataclass
class Generated(Checked):
    """The result of a generation: the workflows, and the files that changed or would change."""

    workflows: list[dict[str, Any]]
    changes: list[dict[str, str]]


@dataclass
class Role(Checked):
    """The least policies of an execution role, and what each permission is for."""

    policies: list[dict[str, Any]]
    reasons: str


@dataclass
class Ran(Checked):
    """An execution; without one, the diagnostics say why it could not start."""

    execution: str = ""
    status: str = ""
    output: Any = None
    error: str | None = None
    cause: str | None = None
    path: list[str] = field(default_factory=list)
    duration_seconds: float = 0
    state_transitions: int = 0
    warnings: list[str] = field(default_factory=list)


class Tools:
    """The tools that the server offers. The first line of each docstring and its arguments are what agents read."""

    def __init__(self, root: Path) -> None:
        """Serve the project in a folder."""
        self._root = root
        self._executions: OrderedDict[str, Execution] = OrderedDict()
        self._number = 0

    def validate(self, definition: str, type: Literal["STANDARD", "EXPRESS"] = "STANDARD") -> Checked:
        """Check an Amazon States Language definition as AWS would, and more strictly: every problem with its line and a hint.

        Args:
            definition: the path of a file in JSON or YAML, or the definition itself as text; ${Placeholders} may be anywhere in it.
            type: the type of state machine that it is deployed as.
        """
        return _checked(problems(self._definition(definition, type)))

    def explain(self, code: str) -> Explained:
        """Explain a diagnostic: the reason for the rule, its source, a wrong and a right example.

        Args:
            code: the code of the diagnostic, such as SFN101.
        """
        try:
            page = explanation(code)
        except KeyError as error:
            raise _RefusedError(str(error.args[0])) from None
        known = code.strip().upper()
        return Explained(known, str(severity_of(known)), page)

    def generate(self, *, write: bool = True) -> Generated:
        """Compile the project's workflows in workflows/ into build/ (ASL, IAM policies, Terraform, documents), whole or not at all.

        Args:
            write: whether to write build/; false checks the workflows, and lists how build/ differs from what they generate.
        """
        self._forget()
        run = pipeline(self._root, write=write, everything=not write)
        if run is None:
            raise _RefusedError("a file of the project cannot be read or written; the server's log has its name")
        workflows = [
            {
                "name": compiled.workflow.name,
                "type": compiled.workflow.type,
                "states": len(compiled.machine.states),
                "source": str(compiled.workflow.source.span()),
                "folder": f"{run.project.output_text}{folder}",
            }
            for folder, compiled in run.compiled
        ]
        result = _checked(run.diagnostics)
        text = (
            result.summary if run.failed else f"{count(len(workflows), 'workflow')}: {changed(run) or 'nothing changed'}. {result.summary}"
        )
        changes = [{"path": f"{run.project.output_text}{path}", "change": how} for path, how in run.changes]
        return Generated(result.ok, text, result.diagnostics, workflows, changes)

    def run(
        self,
        target: str,
        input: Any = None,
        mocks: dict[str, Any] | None = None,
        seed: int = 0,
        type: Literal["STANDARD", "EXPRESS"] = "STANDARD",
    ) -> Ran:
        """Run a workflow here, offline, in virtual time, as AWS would: status, output, error, and the path of states.

        A workflow of the project runs with its real handlers, and with moto in place of AWS. A definition runs with mocks alone.
        Call view with the id in `execution` to see each state with its input, calls and output.

        Args:
            target: the name of a workflow of the project, the path of a definition, or the definition itself as text.
            input: the input, a JSON value; by default {}.
            mocks: answers of tasks by the name of the state, by integration (sqs:sendMessage) or by resource; an answer is
                {"return": value}, {"throw": {"error": "Name", "cause": "text"}}, or a list with one for each attempt. The value for
                lambda:invoke is {"Payload": ...}.
            seed: the seed of all random values; the same seed gives the same run.
            type: the type of state machine, for a definition.
        """
        self._forget()
        chosen: str | Definition = target if is_path(target) else self._definition(target, type)
        document = None if input is None else json.dumps(input)
        options = RunOptions(chosen, self._root, document=document, mock=mocks, workflow_type=type, seed=seed)
        try:
            with executed(options) as execution:
                return self._ran(execution)
        except InvalidInputError as error:
            found = _checked(error.diagnostics)
            return Ran(ok=False, summary=f"It could not start. {found.summary}", diagnostics=found.diagnostics)
        except UnknownTargetError as error:
            raise _RefusedError(str(error)) from None

    def _ran(self, execution: Execution) -> Ran:
        self._number += 1
        name = f"run-{self._number}"  # two runs with the same seed have the same ARN
        self._executions[name] = execution
        while len(self._executions) > _KEPT:
            self._executions.popitem(last=False)
        return Ran(
            ok=execution.status == "SUCCEEDED",
            summary=repr(execution).strip("<>"),
            diagnostics=[],
            execution=name,
            status=execution.status,
            output=execution.output,
            error=execution.error,
            cause=execution.cause,
            path=execution.path,
            duration_seconds=execution.duration,
            state_transitions=execution.transitions,
            warnings=list(execution.warnings),
        )

    def view(self, execution: str = "", width: int = 160) -> str:
        """Show an execution of run as text: its path, each state with its status, input, calls, result and output, and the failure.

        Args:
            execution: the id that run returned; by default the last execution.
            width: the most characters of a JSON value; longer ones are cut.
        """
        if not self._executions:
            raise _RefusedError("no execution has run yet: call run first")
        chosen = self._executions.get(execution) if execution else next(reversed(self._executions.values()))
        if chosen is None:
            known = ", ".join(self._executions)
            raise _RefusedError(f"there is no execution {execution!r}; the last {_KEPT} are kept, of which there are: {known}")
        return text_view(chosen, width=max(width, 20))

    def iam(
        self,
        definition: str,
        name: str = "",
        region: str = "",
        account: str = "",
        *,
        logging: bool = False,
        tracing: bool = False,
    ) -> Role:
        """Derive the least policies that the execution role of a definition needs, and say which state needs what, and why.

        Args:
            definition: the path of a file in JSON or YAML, or the definition itself as text. The definitions of the project are
                build/NAME/definition.asl.json.
            name: the name of the state machine, if it is known.
            region: the region that it will run in, if it is known.
            account: the account that it will run in, if it is known.
            logging: whether it writes execution logs to CloudWatch Logs.
            tracing: whether it sends traces to X-Ray.
        """
        place = Place(region=region or None, account=account or None, name=name or None)
        role, found = derive(self._definition(definition, "STANDARD"), Settings(logs=logging, traces=tracing, place=place))
        result = _checked(found)
        policies = [] if role is None else [json.loads(unshielded_json(policy_template(part.document()))) for part in role.policy.split()]
        return Role(result.ok, result.summary, result.diagnostics, policies, "" if role is None else reasons(role))

    def _definition(self, definition: str, type: WorkflowType) -> Definition:
        if definition.strip() == STANDARD_INPUT or not definition.strip():
            raise _RefusedError("the definition must be the path of a file, or the definition itself as text")
        if is_path(definition):
            return read_definition(self._root / definition, type)
        name = "definition.asl.json" if definition.lstrip().startswith(("{", "[")) else "definition.asl.yaml"
        return definition_of(read_text(definition, name), type)

    def _forget(self) -> None:
        """Forget the project's modules, so that the next call sees its files as they are now."""
        root = self._root.resolve()
        # A list before the first is removed: the path of a namespace package is looked up in the module that contains it.
        for name in [name for name, module in sys.modules.items() if _belongs(name, module, root)]:
            del sys.modules[name]
        linecache.checkcache()


def _belongs(name: str, module: ModuleType, root: Path) -> bool:
    """Return whether a module is one of the project, and not of this package or of an environment in the project's folder."""
    if name.partition(".")[0] in {"generator", "__main__"}:
        return False
    origin = getattr(module, "__file__", None) or next(iter(getattr(module, "__path__", None) or ()), None)
    path = Path(origin) if isinstance(origin, str) else None
    return path is not None and path.is_relative_to(root) and "site-packages" not in path.parts


def _checked(diagnostics: Sequence[Diagnostic]) -> Checked:
    return Checked(not failed(diagnostics), summary(diagnostics), to_records(diagnostics))


NAMES: Final = ("validate", "explain", "generate", "run", "view", "iam")
"""The tools, in the order in which agents see them."""


def serve(root: Path) -> int:
    """Serve the tools until standard input ends.

    Args:
        root: the project's folder.

    Returns:
        the exit code.
    """
    if find_spec("mcp") is None:
        say("error: the command needs the extra 'mcp': pip install 'sfn-generator[mcp]'")
        return MISUSED
    from mcp.server.mcpserver import MCPServer

    os.chdir(root)  # the paths in diagnostics and arguments are relative to the project
    sys.dont_write_bytecode = True  # a file that is edited twice within a second must not run as it was
    tools = Tools(Path())
    server: MCPServer[Any] = MCPServer(
        "sfn-generator",
        instructions=_INSTRUCTIONS.strip(),
        version=_version(),
        tools=[_tool(tools, name) for name in NAMES],
        log_level="WARNING",
    )
    if sys.stdin.isatty():
        say("Serving the Model Context Protocol on standard input, for an agent to start; Ctrl-C ends it. See docs/agents.md.")
    with suppress(KeyboardInterrupt):
        server.run("stdio")
    return PASSED


def _version() -> str:
    try:
        return version("sfn-generator")
    except PackageNotFoundError:  # it runs from a checkout that is not installed
        return ""


def _tool(tools: Tools, name: str) -> Tool:
    """Return a tool with the descriptions of its docstring."""
    from mcp.server.mcpserver.tools import Tool
    from mcp_types import ToolAnnotations

    method: Callable[..., Any] = getattr(tools, name)
    about, _, arguments = cleandoc(method.__doc__ or "").partition("\nArgs:\n")
    hints = ToolAnnotations(read_only_hint=name != "generate", destructive_hint=False, idempotent_hint=True, open_world_hint=False)
    made = Tool.from_function(_served(method), name=name, description=about.strip(), annotations=hints)
    for argument, text in re.findall(r"^ {4}(\w+): (.*(?:\n {8}.*)*)", arguments, re.MULTILINE):
        made.parameters["properties"][argument]["description"] = " ".join(text.split())
    return made


def _served(method: Callable[..., Any]) -> Callable[..., Any]:
    """Return a method as a tool: one call at a time, with what it prints on standard error, and refusals as results."""
    from mcp.server.mcpserver.exceptions import ToolError

    @wraps(method)
    async def call(**arguments: Any) -> Any:  # a coroutine, so that calls do not run at the same time in threads
        try:
            with redirect_stdout(sys.stderr):
                return method(**arguments)
        except (_RefusedError, OSError) as error:
            raise ToolError(str(error)) from error

    return call
