"""The proof of an import: what was written is compiled, and must be the definition."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from generator.asl.placeholders import Placeholder, plain
from generator.diagnostics.model import Pointer, failed, parse_pointer
from generator.dsl.declarations import Resource
from generator.importers.interpret import interpret
from generator.importers.options import Imported
from generator.importers.payloads import equal
from generator.importers.resources import Resources
from generator.lower.compile import compile_workflow


@dataclass
class Difference:
    """What a compiled definition has otherwise than the original.

    Attributes:
        at: the place of the first difference that cannot be mended.
        problem: what it is; empty if there is none.
        fields: the fields of each state that differ.
        order: the names of the states of the scopes whose order differs.
    """

    at: Pointer = ()
    problem: str = ""
    fields: dict[Pointer, frozenset[str]] = field(default_factory=dict)
    order: list[str] = field(default_factory=list)

    @property
    def exact(self) -> bool:
        """Whether there is no difference."""
        return not (self.problem or self.fields or self.order)

    def improves(self, raw: dict[Pointer, frozenset[str]], order: list[str]) -> bool:
        """Note what has to stay ASL in the next attempt; return whether there is something new."""
        before = (dict(raw), list(order))
        for at, names in self.fields.items():
            raw[at] = raw.get(at, frozenset()) | names
        known = set(order)
        order += [one for one in self.order if one not in known]
        return (raw, order) != before


def compare(definition: Mapping[str, Any], imported: Imported, resources: Resources) -> Difference:
    """Compile what was imported, and compare it with the definition: equal JSON, and the same order of states."""
    declared: dict[str, Placeholder] = {}
    for value in (interpret(imported.resources) if imported.resources else {}).values():
        if isinstance(value, Resource):
            declared |= {one.name: one for one in value.placeholders()}
    compiled = compile_workflow(imported.workflow, declared)
    difference = Difference()
    for problem in compiled.diagnostics:
        if failed([problem]):
            at = parse_pointer(problem.pointer) if problem.pointer else ()
            difference.at, difference.problem = at, problem.message
    got = _restored(compiled.document, resources)
    _compare_scope(definition, got, (), difference)
    if difference.fields or difference.order:
        difference.problem = ""
    return difference


def _restored(value: Any, resources: Resources, *, names: bool = False) -> Any:
    if isinstance(value, Mapping):
        return {
            (plain(key) if names else plain(resources.restored(key))): _restored(inner, resources, names=key == "States")
            for key, inner in value.items()
        }
    if isinstance(value, list):
        return [_restored(item, resources) for item in value]
    return plain(resources.restored(value)) if isinstance(value, str) else value


def _compare_scope(wanted: Mapping[str, Any], got: Any, at: Pointer, difference: Difference) -> None:
    states, made = wanted.get("States"), got.get("States") if isinstance(got, Mapping) else None
    if not isinstance(states, Mapping) or not isinstance(made, Mapping):
        difference.problem = difference.problem or "a scope without states"
        return
    if states.keys() != made.keys():
        missing = sorted(states.keys() ^ made.keys())
        difference.at, difference.problem = (*at, "States", missing[0]), f"the state {missing[0]!r}"
        return
    if list(states) != list(made):
        difference.order += list(states)
    rest = {key for key in {*wanted, *got} - {"States"} if key not in wanted or key not in got or not equal(wanted[key], got[key])}
    if rest and not at:
        difference.fields[()] = frozenset(rest)
    elif rest:  # what a scope inside a state has beside its states: the field of the state that holds it
        depth = next(index for index in range(len(at) - 1, -1, -1) if at[index] in ("ItemProcessor", "Iterator", "Branches"))
        state = at[:depth]
        difference.fields[state] = difference.fields.get(state, frozenset()) | {str(at[depth])}
    for name_, state in states.items():
        _compare_state(state, made[name_], (*at, "States", name_), difference)


def _compare_state(wanted: Any, got: Any, at: Pointer, difference: Difference) -> None:
    if not isinstance(wanted, Mapping) or not isinstance(got, Mapping):
        difference.at, difference.problem = at, "a state that is not an object"
        return
    fields: set[str] = set()
    for key in {*wanted, *got}:
        if key not in wanted or key not in got:
            fields.add(key)
        elif key in ("ItemProcessor", "Iterator") and _has_states(wanted[key], got[key]):
            _compare_scope(wanted[key], got[key], (*at, key), difference)
        elif key == "Branches" and _have_states(wanted[key], got[key]):
            for index, pair in enumerate(zip(wanted[key], got[key], strict=True)):
                _compare_scope(*pair, (*at, key, index), difference)
        elif not equal(wanted[key], got[key]):
            fields.add(key)
    if fields:
        difference.fields[at] = difference.fields.get(at, frozenset()) | fields


def _has_states(*scopes: Any) -> bool:
    return all(isinstance(one, Mapping) and isinstance(one.get("States"), Mapping) for one in scopes)


def _have_states(wanted: Any, got: Any) -> bool:
    both = isinstance(wanted, list) and isinstance(got, list) and len(wanted) == len(got)
    return both and all(_has_states(*pair) for pair in zip(wanted, got, strict=True))
