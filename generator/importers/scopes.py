"""The states of a scope: a list of steps, and before it a statement for each step that something else refers to."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any, Final

from generator.asl.model import JSONPATH
from generator.diagnostics.model import Finding, Pointer
from generator.importers.code import Names, call, constant, listed, name, snake
from generator.importers.flow import Plan, plan, targets
from generator.importers.layout import flat, with_comments
from generator.importers.states import States, StepCode

_KEYWORDS: Final = (
    "steps", "item_selector", "arguments", "input_path", "result", "result_selector", "output", "result_path", "output_path", "assign",
    "batch", "max_concurrency", "tolerated_failure_count", "tolerated_failure_percentage", "execution_type", "mode", "old_names", "label",
    "result_writer", "seconds", "until", "error", "cause", "timeout_seconds", "heartbeat_seconds", "credentials", "retry", "catch", "next",
    "otherwise", "comment", "query_language", "raw",
)  # fmt: skip
"""The order in which keyword arguments are written."""


class Body:
    """What the scopes of a module share: its statements, and what has to stay ASL."""

    def __init__(
        self, states: States, names: Names, raw: Mapping[Pointer, frozenset[str]], comments: Mapping[str, list[str]] | None = None
    ) -> None:
        """Start without statements."""
        self.comments = comments or {}
        self.states = states
        self.names = names
        self.raw = raw
        self.statements: list[tuple[str, ast.expr]] = []
        self.findings: list[Finding] = []

    def stays(self, at: Pointer, raw: Mapping[str, Any]) -> None:
        """Note that fields stay ASL, unless they say what holds without them."""
        raw = {key: value for key, value in raw.items() if value not in ({}, []) and (key, value) != ("QueryLanguage", JSONPATH)}
        if not raw:
            return
        where = f" of {at[-1]!r}" if at else ""
        self.findings.append(Finding("SFN850", (*at, next(iter(raw))), f"{', '.join(raw)}{where} stays as ASL has it, in raw=…"))

    def scope(self, document: Mapping[str, Any], at: Pointer) -> ast.expr:
        """Write the states of a scope, and return the list of its steps."""
        return Scope(self, plan(document["StartAt"], document["States"]), at).written(document)


class Scope:
    """The writer of one scope."""

    def __init__(self, body: Body, shape: Plan, at: Pointer) -> None:
        """Prepare to write the states of a scope at a place."""
        self.body = body
        self.shape = shape
        self.at = at
        self.states = shape.states
        self.defined: dict[str, str] = {}
        self.open: set[str] = set()
        self.prepared: dict[str, Any] = {}
        self.counts: Counter[str] = Counter()
        self.catchers: dict[str, str] = {}

    def written(self, document: Mapping[str, Any]) -> ast.expr:
        """Return the list of steps; what it needs is added to the statements."""
        for name_ in self.states:
            self._prepare(name_)
        path = self._path()
        self.shape = Plan(path, self.states)
        wanted = self._referenced()
        for name_ in path:
            self._define_targets(name_)
            if name_ in wanted and name_ not in self.defined:
                self._define(name_)
        items = [ast.Name(self.defined[one]) if one in self.defined else self._code(one) for one in path]
        comment = document.get("Comment") if self.at else None
        steps: ast.expr = listed(items)
        if isinstance(comment, str):
            steps = call("Commented", steps, comment=constant(comment))
        return steps

    def _path(self) -> list[str]:
        """Return the list: the happy path, and at its end the states that no other state refers to by an object."""
        path = list(self.shape.path)
        while True:
            placed = self._placed(path)
            rest = [one for one in self.states if one not in placed]
            if not rest:
                return path
            path.append(
                next((one for one in rest if not any(one in targets(self.states[other]) for other in rest if other != one)), rest[0])
            )

    def _placed(self, path: list[str]) -> set[str]:
        found = set(path)
        pending = list(path)
        while pending:
            for target in self._objects(pending.pop()):
                if target in self.states and target not in found:
                    found.add(target)
                    pending.append(target)
        return found

    def _objects(self, name_: str) -> list[str]:
        """Return the targets that a state refers to by objects, in the order of the code."""
        prepared = self.prepared[name_]
        return [one for one in prepared["targets"] if one in self.states]

    def _prepare(self, name_: str) -> None:
        """Find out how a state is written, before its transitions are."""
        state = self.states[name_]
        body = self.body
        at = (*self.at, "States", name_)
        raw_fields = body.raw.get(at, frozenset())
        language = body.states.language(state)
        made = body.states.step({key: value for key, value in state.items() if key not in raw_fields or key == "Type"})
        raw = {**made.raw, **{key: state[key] for key in raw_fields if key in state and key != "Type"}}
        if "Type" in raw_fields:
            made = StepCode("Pass")
            raw = dict(state)
        prepared: dict[str, Any] = {"code": made, "raw": raw, "rules": [], "catch": [], "targets": []}
        for key, convert in (("Choices", body.states.rule), ("Catch", body.states.catcher)):
            rules: Any = state.get(key)
            if key not in state or key in raw:
                continue
            ready = [convert(one, language) if isinstance(one, Mapping) else None for one in rules] if isinstance(rules, list) else [None]
            if None in ready or not ready:
                raw[key] = state[key]
                continue
            prepared["rules" if key == "Choices" else "catch"] = list(zip(ready, [one["Next"] for one in rules], strict=True))
            prepared["targets"] += [one["Next"] for one in rules]
            if key == "Catch":
                self.counts.update({_key_of(errors, keys, target) for (errors, keys), target in prepared["catch"]})
        for key in ("Default", "Next"):
            if isinstance(state.get(key), str) and key not in raw:
                prepared["targets"].append(state[key])
        self.prepared[name_] = prepared

    def _referenced(self) -> set[str]:
        """Return the states that something refers to otherwise than by being above them in the list."""
        found: set[str] = set()
        for name_, prepared in self.prepared.items():
            below = self.shape.below.get(name_)
            found |= {
                one
                for one in prepared["targets"]
                if one != below or (prepared["catch"] and one in [target for _, target in prepared["catch"]])
            }
        return found

    def _define_targets(self, name_: str) -> None:
        """Write the statements that a state refers to, each before what refers to it. A loop back refers by the name of the state."""
        stack: list[tuple[str, Iterator[str]]] = [(name_, iter(self._needed(name_)))]
        self.open.add(name_)
        while stack:
            current, rest = stack[-1]
            target = next(rest, None)
            if target is None:
                stack.pop()
                if current != name_ and current not in self.defined:
                    self._define(current)
                self.open.discard(current)
            elif target not in self.defined and target not in self.open:
                self.open.add(target)
                stack.append((target, iter(self._needed(target))))

    def _needed(self, name_: str) -> list[str]:
        below = self.shape.below.get(name_)
        caught = {target for _, target in self.prepared[name_]["catch"]}
        return [one for one in self._objects(name_) if one != below or one in caught]

    def _define(self, name_: str) -> None:
        identifier = self.body.names.unique(snake(name_, "step"), f"{snake(name_, 'step')}_step")
        code = self._code(name_)
        self.body.statements.append((identifier, code))
        self.defined[name_] = identifier

    def _target(self, target: str) -> ast.expr:
        return ast.Name(self.defined[target]) if target in self.defined else constant(target)

    def _code(self, name_: str) -> ast.expr:
        """Write a state with its transitions."""
        state, prepared = self.states[name_], self.prepared[name_]
        made: StepCode = prepared["code"]
        raw: dict[str, Any] = dict(prepared["raw"])
        at = (*self.at, "States", name_)
        below = self.shape.below.get(name_)
        keywords = dict(made.keywords)
        arguments: list[ast.expr] = [constant(name_), *made.arguments]
        for (ready, keys), target in prepared["rules"]:
            more = [] if target == below else [self._target(target)]
            arguments.append(call("when", *ready, *more, **keys))
        if (made.kind == "Choice" and "Choices" not in raw) or prepared["rules"]:
            default = state.get("Default")
            if "Default" in raw or not isinstance(default, str):
                keywords["otherwise"] = constant(None)
            elif default != below:
                keywords["otherwise"] = self._target(default)
        elif made.kind == "Choice":
            keywords["otherwise"] = constant(None)
            if "Default" in state:
                raw["Default"] = state["Default"]
        if prepared["catch"]:
            catchers = [self._catcher(ready, keys, target) for (ready, keys), target in prepared["catch"]]
            keywords["catch"] = catchers[0] if len(catchers) == 1 else listed(catchers)
        if made.kind not in ("Choice", "Succeed", "Fail") or made.kind == "Pass":
            self._onward(name_, state, raw, keywords)
        else:
            raw |= {key: state[key] for key in ("Next", "End") if key in state}
        if made.kind in ("Map", "DistributedMap"):
            key = "Iterator" if "Iterator" in state else "ItemProcessor"
            if key in raw or not _is_scope(state.get(key)):
                raw |= {each: state[each] for each in ("Iterator", "ItemProcessor") if each in state}
            else:
                while len(arguments) < 2:  # noqa: PLR2004  the name and the items
                    arguments.append(constant(None))
                arguments.append(self.body.scope(state[key], (*at, key)))
        if made.kind == "Parallel":
            branches = state.get("Branches")
            if "Branches" in raw or not isinstance(branches, list) or not all(_is_scope(one) for one in branches):
                raw |= {"Branches": branches} if "Branches" in state else {}
            else:
                arguments += [self.body.scope(one, (*at, "Branches", index)) for index, one in enumerate(branches)]
        if raw:
            keywords["raw"] = self.body.states.payloads.raw(
                {key: raw[key] for key in state if key in raw} | {key: value for key, value in raw.items() if key not in state}
            )
            self.body.stays(at, raw)
        code = call(made.kind, *arguments, **dict(sorted(keywords.items(), key=lambda one: _KEYWORDS.index(one[0]))))
        return with_comments(code, self.body.comments.get(name_, []))

    def _onward(self, name_: str, state: Mapping[str, Any], raw: dict[str, Any], keywords: dict[str, ast.expr]) -> None:
        """Write where a state leads to, unless it is the state below."""
        onward, end = state.get("Next"), state.get("End")
        if {"Next", "End"} & raw.keys():
            return
        below = self.shape.below.get(name_)
        listed_last = name_ in self.shape.path and below is None
        if isinstance(onward, str) and "End" not in state:
            if onward != below:
                keywords["next"] = self._target(onward)
        elif end is True and "Next" not in state:
            if not listed_last:
                keywords["next"] = name("END")
        else:
            raw |= {key: state[key] for key in ("Next", "End") if key in state}

    def _catcher(self, ready: list[ast.expr], keys: dict[str, ast.expr], target: str) -> ast.expr:
        """Return a catcher; equal ones of several states are one value."""
        code = call("Catch", *ready, self._target(target), **keys)
        key = _key_of(ready, keys, target)
        if self.counts[key] <= 1:
            return code
        if key not in self.catchers:
            identifier = self.body.names.unique(f"to_{snake(target, 'step')}")
            self.body.statements.append((identifier, code))
            self.catchers[key] = identifier
        return ast.Name(self.catchers[key])


def _key_of(ready: list[ast.expr], keys: Mapping[str, ast.expr], target: str) -> str:
    """Return a text that is the same for equal catchers."""
    return repr((target, [flat(one) for one in ready], [(key, flat(value)) for key, value in keys.items()]))


def _is_scope(value: Any) -> bool:
    return (
        isinstance(value, Mapping)
        and isinstance(value.get("StartAt"), str)
        and isinstance(value.get("States"), Mapping)
        and value["StartAt"] in value["States"]
        and all(isinstance(one, Mapping) for one in value["States"].values())
    )
