"""From a workflow to its definition, with the source line of every construct."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from generator.asl import model as asl
from generator.asl.corrections import Correction
from generator.asl.error_names import RUNTIME
from generator.asl.model import ABSENT
from generator.asl.parse import parse
from generator.asl.placeholders import Placeholder, has_placeholder, plain, shield
from generator.asl.read import Document
from generator.asl.text import MAX_DEPTH
from generator.asl.walk import walk
from generator.asl.write import to_json
from generator.diagnostics.codes import severity_of
from generator.diagnostics.model import Diagnostic, Pointer, did_you_mean, pointer_text
from generator.dsl import maps, steps
from generator.dsl.permissions import Permissions
from generator.dsl.source import AuthoringError, Source
from generator.dsl.steps import UNSET
from generator.dsl.workflow import Workflow
from generator.lower.compiled import CompiledWorkflow
from generator.lower.file_texts import with_placeholders
from generator.lower.flow import Placed, Scope, catchers
from generator.lower.permissions import corrections_of
from generator.lower.states import Values, condition, error_names, fields_of, raw_fields
from generator.lower.texts import Texts

_TYPES: dict[type[steps.Step], type[asl.State]] = {
    steps.Task: asl.Task,
    steps.Pass: asl.Pass,
    steps.Choice: asl.Choice,
    steps.Wait: asl.Wait,
    steps.Succeed: asl.Succeed,
    steps.Fail: asl.Fail,
    steps.Parallel: asl.Parallel,
    maps.Map: asl.Map,
    maps.DistributedMap: asl.Map,
}


def compile_workflow(workflow: Workflow, declared: Mapping[str, Placeholder] | None = None) -> CompiledWorkflow:
    """Compile a workflow to its definition.

    It raises no exception for a mistake in the workflow. The ``diagnostics`` of the result describe every mistake.

    Args:
        workflow: the workflow.
        declared: the placeholders that its texts may refer to beside its own: the attributes of the project's resources.

    >>> from generator.dsl.steps import Succeed
    >>> compiled = compile_workflow(Workflow("nothing-to-do", steps=[Succeed("Done")]))
    >>> compiled.document["States"]
    {'Done': {'Type': 'Succeed'}}
    """
    compiler = _Compiler(workflow, declared or {})
    try:
        return compiler.compiled()
    except RecursionError:
        compiler.report("SFN005", workflow.source, f"{workflow.name!r} is nested too deeply, or something in it contains itself")
        return compiler.result(asl.StateMachine())


class _Compiler:
    """One compilation: the sources, placeholders and problems that it collects."""

    def __init__(self, workflow: Workflow, declared: Mapping[str, Placeholder]) -> None:
        self.workflow = workflow
        self.declared = declared
        self.placeholders: dict[str, Placeholder] = {}
        self.sources: dict[Pointer, Source] = {(): workflow.source}
        self.corrections: list[Correction] = []
        self.diagnostics: list[Diagnostic] = []
        self.at: Pointer = ()
        self.depth = 0
        self.order = {name: index for index, name in enumerate(workflow.order)}
        self.names: set[str] = set()

    def report(self, code: str, source: Source, message: str, *, found: str = "", expected: str = "", hint: str = "") -> None:
        diagnostic = Diagnostic(code, severity_of(code), message, source.span(), pointer_text(self.at), found, expected, hint)
        self.diagnostics.append(diagnostic)

    def compiled(self) -> CompiledWorkflow:
        workflow = self.workflow
        if workflow.definition is not None:
            return self.as_it_is(workflow.definition)
        self.correct(workflow.permissions, (), Values(workflow.query_language, self.report, self.placeholders, workflow.source))
        start_at, states = self.scope(workflow.steps, (), workflow.source)
        machine = asl.StateMachine(
            comment=ABSENT if workflow.comment is None else shield(workflow.comment),
            query_language=workflow.query_language if workflow.query_language != asl.JSONPATH else ABSENT,
            version=ABSENT if workflow.version is None else workflow.version,
            timeout_seconds=ABSENT if workflow.timeout_seconds is None else workflow.timeout_seconds,
            start_at=start_at,
            states=states,
        )
        if workflow.raw:
            values = Values(asl.JSONPATH, self.report, self.placeholders, workflow.source)
            machine = replace(machine, extra=raw_fields(workflow.raw, values))
        self.expect_states_of(workflow.order)
        return self.result(machine, None if workflow.input is None else self.input_schema())

    def as_it_is(self, document: Document) -> CompiledWorkflow:
        """Read and walk a definition that its author did not write in Python."""
        self.correct(
            self.workflow.permissions, (), Values(self.workflow.query_language, self.report, self.placeholders, self.workflow.source)
        )
        schema = None if self.workflow.input is None else self.input_schema()
        value, placeholders = with_placeholders(document, {**self.declared, **self.placeholders})
        read, findings = parse(value, placeholders)
        walked = walk(asl.StateMachine() if read is None else read, self.workflow.type, placeholders, value, tuple(self.corrections))
        diagnostics = (*document.diagnostics, *sorted(self.diagnostics, key=lambda d: d.sort_key))
        return CompiledWorkflow(self.workflow, walked, self.sources, diagnostics, tuple(findings), schema)

    def result(self, machine: asl.StateMachine, schema: Mapping[str, Any] | None = None) -> CompiledWorkflow:
        """Write the definition, settle its texts, read it as any other definition is read, and walk it."""
        self.at = ()
        document: Any = Texts(self.placeholders, self.declared, self.report, self.locate).settled(to_json(machine))
        placeholders = dict(sorted(self.placeholders.items()))
        read, findings = parse(document, placeholders)
        machine = machine if read is None else read
        walked = walk(machine, self.workflow.type, placeholders, document, tuple(self.corrections), input_schema=schema)
        diagnostics = tuple(sorted(self.diagnostics, key=lambda d: d.sort_key))
        return CompiledWorkflow(self.workflow, walked, self.sources, diagnostics, tuple(findings), schema)

    def locate(self, at: Pointer) -> Source:
        """Return the line that wrote the innermost construct at or around a place of the definition."""
        self.at = at
        return next((self.sources[at[:n]] for n in range(len(at), -1, -1) if at[:n] in self.sources), self.workflow.source)

    def input_schema(self) -> dict[str, Any] | None:
        from pydantic import TypeAdapter

        try:
            return TypeAdapter(self.workflow.input).json_schema()
        except Exception as error:  # noqa: BLE001  an author's model can raise any exception
            message = f"the input model of {self.workflow.name!r} has no JSON Schema"
            self.report(
                "SFN806",
                self.workflow.source,
                message,
                found=str(error).splitlines()[0],
                expected="a pydantic model, a dataclass or a TypedDict",
            )
            return None

    def scope(self, path: steps.Steps, at: Pointer, holder: Source) -> tuple[str, dict[str, asl.State]]:
        self.at = at
        if self.depth > MAX_DEPTH:
            self.report("SFN005", holder, "the steps are nested too deeply", expected=f"at most {MAX_DEPTH} levels")
            return "", {}
        self.depth += 1
        scope = Scope(path, self.report, holder)
        states: dict[str, asl.State] = {}
        for placed in scope:
            name = shield(placed.step.name)
            if has_placeholder(placed.step.name):
                self.report(
                    "SFN821",
                    placed.step.source,
                    "the name of a state cannot contain a placeholder",
                    found=repr(placed.step.name),
                    expected="text that is the same in each deployment",
                    hint="write a name without ${…}",
                )
            states[name] = self.state(placed, scope, (*at, "States", name))
            self.names.add(placed.step.name)
        self.depth -= 1
        if self.order:
            last = len(self.order)
            states = dict(sorted(states.items(), key=lambda one: self.order.get(plain(one[0]), last)))
        return shield(scope.start), states

    def expect_states_of(self, order: Sequence[str]) -> None:
        """Report a name in the order of states that no state has."""
        self.at = ()
        for name in order:
            if name not in self.names:
                self.report(
                    "SFN806",
                    self.workflow.source,
                    f"order of {self.workflow.name!r} has a name that no state has",
                    found=repr(name)[:60],
                    expected="the names of states",
                    hint=did_you_mean(str(name), self.names),
                )

    def state(self, placed: Placed, scope: Scope, at: Pointer) -> asl.State:
        step = placed.step
        self.at = at
        self.sources[at] = step.source
        # A state without a query language has that of the state machine, at every level.
        values = Values(step.query_language or self.workflow.query_language, self.report, self.placeholders, step.source)
        try:
            return self.made(step, placed, scope, values, at)
        except AuthoringError as error:  # a value that is wrong deep inside; its place is the step, not the compiler
            for problem in error.diagnostics:
                self.report(problem.code, step.source, problem.message, found=problem.found, expected=problem.expected, hint=problem.hint)
            return asl.Fail()

    def made(self, step: steps.Step, placed: Placed, scope: Scope, values: Values, at: Pointer) -> asl.State:
        fields = fields_of(step, values)
        raw = step.raw or {}
        if isinstance(step, steps.Choice):
            fields |= self.choice(step, placed, scope, values, at)
        elif not isinstance(step, steps.EndingStep) and not {"Next", "End"} & raw.keys():
            onward = scope.resolve(step.next, placed)
            fields |= {"end": True} if onward is None else {"next": shield(onward)}
        if isinstance(step, steps.FailingStep):
            fields |= self.failing(step, placed, scope, values, at)
        if isinstance(step, steps.Task | maps.DistributedMap):
            self.correct(step.permissions, at, values)
        if isinstance(step, steps.Parallel):
            fields["branches"] = tuple(self.branch(branch, (*at, "Branches", index), step) for index, branch in enumerate(step.branches))
        if isinstance(step, maps.Map | maps.DistributedMap) and not {"ItemProcessor", "Iterator"} & raw.keys():
            fields["iterator" if step.old_names else "item_processor"] = self.processor(step, at)
        cls = _TYPES.get(type(step), asl.UnknownState)
        known = {attribute for attribute, _ in asl.table(cls)} | {"extra"}
        for attribute in [a for a in fields if a not in known]:
            self.at = at
            self.report("SFN806", step.source, f"the {cls.TYPE} {step.name!r} has no {attribute!r}", found=attribute)
            del fields[attribute]
        return cls(**fields)

    def correct(self, permissions: Permissions, at: Pointer, values: Values) -> None:
        """Keep the corrections of the execution role that are written on a step or on the workflow, and their lines."""
        for correction, source in corrections_of(permissions, at, values):
            self.corrections.append(correction)
            self.sources[correction.at] = source

    def choice(self, step: steps.Choice, placed: Placed, scope: Scope, values: Values, at: Pointer) -> dict[str, Any]:
        rules = []
        for index, rule in enumerate(step.rules):
            self.at = (*at, "Choices", index)
            self.sources[self.at] = rule.source
            onward = scope.resolve(rule.then, placed)
            if onward is None:
                self.nothing_below(rule.source, f"a rule of the Choice {step.name!r}")
                continue
            fields = condition(rule, values)
            if rule.comment is not None:
                fields["comment"] = shield(rule.comment)
            values.assign(fields, rule.assign, "input")
            if rule.output is not UNSET:
                fields["output"] = values.value(rule.output)
            rules.append(asl.ChoiceRule(**fields, next=shield(onward)))
        self.at = at
        if step.otherwise is None:
            return {"choices": tuple(rules)}
        onward = scope.resolve(step.otherwise, placed)
        if onward is None:
            self.nothing_below(step.source, f"the Choice {step.name!r}", f"set otherwise to a step, or to None to fail with {RUNTIME}")
            return {"choices": tuple(rules)}
        return {"choices": tuple(rules), "default": shield(onward)}

    def nothing_below(self, source: Source, what: str, hint: str = "name the next step, or put a step below") -> None:
        self.report(
            "SFN805",
            source,
            f"{what} leads to the step below, but there is none",
            found="the end of the path",
            expected="a step below",
            hint=hint,
        )

    def failing(self, step: steps.FailingStep, placed: Placed, scope: Scope, values: Values, at: Pointer) -> dict[str, Any]:
        retries = (step.retry,) if isinstance(step.retry, steps.Retry) else tuple(step.retry)
        self.sources |= {(*at, "Retry", index): retry.source for index, retry in enumerate(retries)}
        made = []
        for index, catcher in enumerate(catchers(step)):
            self.at = (*at, "Catch", index)
            self.sources[self.at] = catcher.source
            onward = scope.resolve(catcher.then, placed)
            if onward is None:
                self.nothing_below(catcher.source, f"a catcher of {step.name!r}", "name the next step, such as a Fail or a Succeed")
                continue
            extra: dict[str, Any] = {}
            if catcher.comment is not None:
                extra["comment"] = shield(catcher.comment)
            values.assign(extra, catcher.assign, "errorOutput")
            if catcher.output is not UNSET:
                extra["output"] = values.value(catcher.output, "errorOutput")
            values.jsonpath_field(extra, "result_path", catcher.result_path, "input")
            made.append(asl.Catcher(error_equals=error_names(catcher.errors), **extra, next=shield(onward)))
        self.at = at
        return {"catch": tuple(made)} if made else {}

    def branch(self, path: steps.Steps, at: Pointer, step: steps.Parallel) -> asl.Branch:
        start, states = self.scope(path, at, step.source)
        return asl.Branch(comment=_comment(path), start_at=start, states=states)

    def processor(self, step: maps.Map | maps.DistributedMap, at: Pointer) -> asl.ItemProcessor:
        config: Any = ABSENT
        if isinstance(step, maps.DistributedMap):
            config = asl.ProcessorConfig(mode="DISTRIBUTED", execution_type=ABSENT if step.execution_type is None else step.execution_type)
        elif step.mode is not None:
            config = asl.ProcessorConfig(mode=step.mode)
        start, states = self.scope(step.steps, (*at, "Iterator" if step.old_names else "ItemProcessor"), step.source)
        return asl.ItemProcessor(comment=_comment(step.steps), processor_config=config, start_at=start, states=states)


def _comment(path: steps.Steps) -> Any:
    return shield(path.comment) if isinstance(path, steps.Commented) else ABSENT
