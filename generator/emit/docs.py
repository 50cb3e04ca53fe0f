"""The documents of a workflow: a README for people, and the JSON Schema of the input."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from generator.asl.model import ABSENT, Choice, Fail, Map, Parallel, State, Task
from generator.asl.placeholders import placeholder_name, plain
from generator.asl.walk import ScopeAt, StateAt, each
from generator.catalog.resources import KINDS
from generator.checks.budgets import task_budgets
from generator.dsl.declarations import identifier
from generator.dsl.triggers import EventRule, Schedule, WorkflowTrigger, utc
from generator.emit import schema, words
from generator.emit.artifact import Artifact
from generator.emit.markdown import Markdown, code, joined, lines, paragraphs, table, text
from generator.emit.mermaid import drawable, mermaid
from generator.emit.templating import environment
from generator.emit.terraform.module import module_of
from generator.emit.terraform.triggers import json_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from jinja2 import Template

    from generator.asl.corrections import Correction
    from generator.diagnostics.model import Pointer
    from generator.dsl.workflow import Logging, Workflow
    from generator.emit.terraform.variables import Variable
    from generator.iam.role import RolePolicy
    from generator.lower.compiled import CompiledWorkflow

README: Final = "README.md"
SCHEMA: Final = "input.schema.json"

_LEVELS: Final = {
    "OFF": "off",
    "FATAL": "the end of failed executions (FATAL)",
    "ERROR": "errors (ERROR)",
    "ALL": "every event (ALL)",
}


def emit(compiled: CompiledWorkflow) -> Iterator[Artifact]:
    """Write ``README.md``, and ``input.schema.json`` if the workflow declares its input.

    >>> from generator.dsl.steps import Succeed
    >>> from generator.dsl.workflow import Workflow
    >>> from generator.lower.compile import compile_workflow
    >>> [artifact.path for artifact in emit(compile_workflow(Workflow("nothing-to-do", steps=[Succeed("Done")])))]
    ['README.md']
    """
    yield Artifact.of_text(README, readme(compiled, needed_by(compiled.role.policies)))
    if compiled.input_schema is not None:
        document = {"$schema": "https://json-schema.org/draft/2020-12/schema", **compiled.input_schema}
        yield Artifact.of_text(SCHEMA, json.dumps(document, indent=2, ensure_ascii=False) + "\n")


def needed_by(policies: Iterable[RolePolicy]) -> dict[str, list[str]]:
    """Return the states that need each permission. A setting that needs one is named in parentheses.

    >>> needed_by([])
    {}
    """
    needs: dict[str, dict[str, None]] = {}
    for policy in policies:
        for statement in policy.document.statements:
            names = [f"({policy.setting})" if policy.setting else need.needed_by for need in statement.needed_by]
            for action in statement.actions:
                needs.setdefault(action, {}).update(dict.fromkeys(names))
    return {action: list(names) for action, names in needs.items()}


def readme(compiled: CompiledWorkflow, permissions: Mapping[str, Iterable[str]]) -> str:
    """Write the README.

    Args:
        compiled: the workflow, without errors.
        permissions: the states that need each permission of the execution role.
    """
    workflow = compiled.workflow
    picture = compiled.walk.once(mermaid)
    module = module_of(compiled)
    own = compiled.input_schema
    description = (own or {}).get("description", "")
    return _template().render(
        name=workflow.name,
        source=_comment(_file(compiled, ()) or "the workflow"),
        description=paragraphs(workflow.comment or "") or Markdown("A state machine of AWS Step Functions."),
        settings=table(["Setting", "Value"], _settings(workflow, compiled)),
        diagram=Markdown(picture.rstrip("\n")) if drawable(picture) else "",
        scopes=[{"title": _title(scope), "table": _states(scope, compiled)} for scope in compiled.walk.scopes],
        budgets=_budgets(compiled),
        triggers=_triggers(workflow.triggers),
        trigger_notes=[*_trigger_notes(workflow.triggers)],
        call=Markdown(module.call(identifier(workflow.name), f"./{workflow.name}", workflow.name)),
        sections=[{"title": section.title, "table": variable_table(section.variables)} for section in module.sections],
        input=joined(description if isinstance(description, str) else ""),
        fields=_fields(own) if own is not None else "",
        permissions=_permissions(permissions),
        corrections=_corrections(compiled.walk.corrections),
    )


@cache
def _template() -> Template:
    folder = Path(__file__).parent / "templates"
    made = environment(folder, finalize=lambda value: value if isinstance(value, Markdown) else text(str(value)))
    return made.get_template("README.md.j2")


def _comment(content: str) -> Markdown:
    """Write text inside an HTML comment, which ``--`` could end."""
    return Markdown(words.visible(content).replace("--", "- -").replace(">", " "))


def _file(compiled: CompiledWorkflow, at: Pointer) -> str:
    """Return the file that wrote a construct. Its line would change with every edit above it."""
    return compiled.sources.get(at, compiled.workflow.source).file


def _written(compiled: CompiledWorkflow, at: Pointer) -> Markdown:
    """Return the file of a state if it is not the file of the workflow."""
    file = _file(compiled, at) if at in compiled.sources else ""
    return code("" if file == _file(compiled, ()) else file)


def _settings(workflow: Workflow, compiled: CompiledWorkflow) -> Iterator[tuple[str, str]]:
    yield "Type", "Standard" if workflow.type == "STANDARD" else "Express"
    yield "Timeout", "none" if workflow.timeout_seconds is None else words.duration(workflow.timeout_seconds)
    yield "Query language", workflow.query_language
    yield "Logging", _logging(workflow.logging)
    yield "Tracing", "X-Ray" if workflow.tracing else "off"
    yield "States", str(sum(len(scope.states) for scope in compiled.walk.scopes))
    if file := _file(compiled, ()):
        yield "Written at", code(file)


def _logging(logging: Logging) -> str:
    if logging.level == "OFF":
        return "off"
    data = "with" if logging.include_execution_data else "without"
    return f"{_LEVELS[logging.level]}, {data} inputs and outputs, kept {logging.retention_days} days"


# -- states --------------------------------------------------------------------------------------------------------------


def _title(scope: ScopeAt) -> str:
    if scope.parent is None:
        return ""
    name = code(plain(scope.parent.name))
    if isinstance(scope.parent.state, Parallel):
        index = scope.at[-1]
        return joined(name, Markdown(f"branch {index + 1 if isinstance(index, int) else 1}"))
    return joined(name, Markdown("for each item"))


def _states(scope: ScopeAt, compiled: CompiledWorkflow) -> Markdown:
    rows = [
        (
            lines(
                (code(plain(entry.name)), Markdown("starts here") if entry.name == scope.scope.start_at and len(scope.states) > 1 else "")
            ),
            words.kind(entry.state),
            lines(_does(entry.state, compiled)),
            lines(_next(entry.state)),
            lines(_timeouts(entry.state)),
            lines(joined(_errors(r.error_equals), Markdown(words.retry(r))) for _, r in entry.retriers),
            lines(joined(_errors(c.error_equals), Markdown("→"), _state(c.next)) for _, c in entry.catchers),
            _written(compiled, entry.at),
        )
        for entry in _started(scope)
    ]
    return table(["State", "Type", "What it does", "Next", "Timeout", "Retries", "Catches", "Written at"], rows)


def _started(scope: ScopeAt) -> list[StateAt]:
    """Return the states in the order written, but the start state first."""
    return sorted(scope.states, key=lambda entry: entry.name != scope.scope.start_at)


def _state(name: Any) -> Markdown:
    return code(plain(name)) if isinstance(name, str) else Markdown("")


def _errors(names: Any) -> Markdown:
    return Markdown(", ".join(code(plain(name)) for name in each(names)) + ":")


def _does(state: State, compiled: CompiledWorkflow) -> Iterator[Markdown]:
    if isinstance(state, Task):
        yield joined(code(words.integration(state, compiled.placeholders)), _called(state, compiled))
    elif isinstance(state, Map):
        yield from _mapping(state)
    elif isinstance(state, Fail):
        error, cause = (
            next((words.unquoted(v) for v in pair if isinstance(v, str)), "")
            for pair in ((state.error, state.error_path), (state.cause, state.cause_path))
        )
        yield joined(Markdown(code(error) + (":" if error and cause else "")), cause)
    elif doing := words.doing(state, compiled.placeholders):
        yield text(doing)
    if state.comment is not ABSENT:
        yield text(plain(state.comment))


def _called(task: Task, compiled: CompiledWorkflow) -> Markdown:
    known = compiled.placeholders.get(placeholder_name(words.target(task, compiled.placeholders)))
    if known is None or not known.kind:
        return code(words.short_target(task, compiled.placeholders))
    return joined(KINDS[known.kind].noun, code(known.resource))


def _mapping(state: Map) -> Iterator[Markdown]:
    source = state.items if state.items is not ABSENT else state.items_path
    reader = state.item_reader
    if reader is not ABSENT and isinstance(reader.resource, str):
        yield joined(Markdown("items from"), code(words.integration(Task(resource=reader.resource))))
    elif source is not ABSENT:
        yield joined(Markdown("items:"), code(words.shorten(words.expression(source), 80)))
    if state.distributed:
        yield Markdown("distributed: each item or batch is a child execution")
    for value, label in (
        (state.max_concurrency, "at once at most"),
        (state.tolerated_failure_count, "failed items tolerated"),
        (state.tolerated_failure_percentage, "% of the items may fail"),
    ):
        if value is not ABSENT:
            yield joined(Markdown(str(value)) if isinstance(value, int | float) else code(words.expression(value)), Markdown(label))


def _next(state: State) -> Iterator[Markdown]:
    following = getattr(state, "next", ABSENT)
    if following is not ABSENT:
        yield _state(following)
    elif getattr(state, "end", ABSENT) is True:
        yield Markdown("end")
    elif isinstance(state, Choice):
        for rule in each(state.choices):
            yield joined(code(words.condition(rule)), Markdown("→"), _state(rule.next))
        if state.default is not ABSENT:
            yield joined(Markdown("otherwise →"), _state(state.default))


def _timeouts(state: State) -> Iterator[Markdown]:
    for attribute, label in (("timeout_seconds", ""), ("heartbeat_seconds", "heartbeat")):
        value = getattr(state, attribute, ABSENT)
        if value is ABSENT:
            value = getattr(state, f"{attribute}_path", ABSENT)
        if isinstance(value, int):
            yield joined(label, Markdown(words.duration(value)))
        elif isinstance(value, str):
            yield joined(label, code(words.unquoted(value)), Markdown("s"))


def _budgets(compiled: CompiledWorkflow) -> Markdown:
    """Write how long each task and its retries can take. A task without a limit and without retriers is left out."""
    rows = [
        (
            code(plain(budget.entry.name)),
            str(budget.attempts),
            "no limit"
            if budget.attempt_seconds is None
            else joined(words.duration(budget.attempt_seconds), Markdown("—"), budget.limited_by),
            words.duration(budget.waiting) if budget.waiting else "",
            words.duration(budget.longest) if budget.attempt_seconds is not None else "no limit",
        )
        for budget in task_budgets(compiled.walk)
        if budget.attempt_seconds is not None or budget.attempts > 1
    ]
    return table(["Task", "Attempts at most", "One attempt at most", "Delays in all", "In all at most"], rows) if rows else Markdown("")


# -- the rest ------------------------------------------------------------------------------------------------------------


def _triggers(triggers: Iterable[WorkflowTrigger]) -> Markdown:
    rows = [
        (
            code(trigger.name),
            lines(_starts(trigger)),
            code("" if trigger.input is None else words.shorten(json_text(trigger.input), 120)),
            code(trigger.dead_letter.name if trigger.dead_letter else ""),
            text(trigger.description),
        )
        for trigger in triggers
    ]
    return table(["Trigger", "Starts an execution", "Input", "Dead letters", "What it is for"], rows) if rows else Markdown("")


def _trigger_notes(triggers: Iterable[WorkflowTrigger]) -> Iterator[Markdown]:
    """Yield what the owners of other resources must do, because the module cannot."""
    rules = [trigger for trigger in triggers if isinstance(trigger, EventRule)]
    if any("aws.s3" in json_text(rule.pattern) for rule in rules):
        yield Markdown("The bucket must send its events to EventBridge: `aws_s3_bucket_notification` with `eventbridge = true`.")
    if any(rule.dead_letter for rule in rules):
        yield Markdown(
            "The policy of a dead-letter queue must let EventBridge send to it: the output `dead_letter_policies` has what it must allow."
        )


def _starts(trigger: WorkflowTrigger) -> Iterator[Markdown]:
    if isinstance(trigger, Schedule):
        zone = "" if trigger.expression.startswith("rate") else f"in {trigger.time_zone}"
        window = "" if trigger.window_minutes is None else f", within {trigger.window_minutes} minutes"
        yield joined(code(trigger.expression), zone + window)
        for word, moment in (("from", trigger.start), ("until", trigger.end)):
            if moment is not None:
                yield joined(Markdown(word), code(utc(moment)))
    elif isinstance(trigger, EventRule):
        bus = code(trigger.bus.name) if trigger.bus else Markdown("the default event bus")
        yield joined(Markdown("for each event on"), bus, Markdown("that matches"), code(json_text(trigger.pattern)))
    if not trigger.enabled:
        yield Markdown("off, unless `triggers_enabled` says otherwise")


def variable_table(variables: Iterable[Variable]) -> Markdown:
    """Write the table of the variables of a Terraform module.

    Args:
        variables: the variables, in the order of the table.

    >>> from generator.emit.terraform.variables import Variable
    >>> print(variable_table([Variable("days", "How long.", "number", "30")]))
    | Variable | Type | Default | What it is |
    | --- | --- | --- | --- |
    | `days` | `number` | `30` | How long. |
    """
    rows = [
        (
            code(variable.name),
            code(variable.type_on_one_line),
            code(variable.default) or Markdown("required"),
            text(variable.description),
        )
        for variable in variables
    ]
    return table(["Variable", "Type", "Default", "What it is"], rows)


def _fields(document: Mapping[str, Any]) -> Markdown:
    rows = [
        (
            code(field.path),
            field.type,
            "yes" if field.required else "no",
            joined(field.description, _sentence(field.limits), code(field.pattern)),
        )
        for field in schema.fields(document)
    ]
    return table(["Field", "Type", "Required", "What it is"], rows) if rows else Markdown("")


def _sentence(phrase: str) -> str:
    return phrase and f"{phrase[0].upper()}{phrase[1:]}."


def _permissions(permissions: Mapping[str, Iterable[str]]) -> Markdown:
    rows = [(code(name), Markdown(", ".join(code(plain(state)) for state in states))) for name, states in sorted(permissions.items())]
    return table(["Permission", "Needed by"], rows) if rows else Markdown("")


_CORRECTED: Final = {"allow": "added", "narrow": "narrowed", "replace": "replaced", "without": "removed"}


def _corrections(corrections: Iterable[Correction]) -> Markdown:
    rows = [
        (
            code(plain(each.for_state)) if each.state else Markdown("all states"),
            Markdown(_CORRECTED[each.verb]),
            lines(code(action) for action in each.actions),
            lines(
                (
                    *(code(resource) for resource in each.resources),
                    *(joined(Markdown("if"), code(key), operator, code(", ".join(values))) for operator, key, values in each.conditions),
                )
            ),
            text(each.reason),
            code(each.written),
        )
        for each in corrections
    ]
    return table(["For", "Correction", "Permission", "Resources", "Reason", "Written at"], rows) if rows else Markdown("")
