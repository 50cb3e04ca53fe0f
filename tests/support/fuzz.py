"""The JSON Schema, the checks and the engine agree on what a definition is: for mutated definitions, as many as wanted.

``make fuzz`` runs 100,000 of them, the suite some hundred. ``python -m tests.support.fuzz --count 5000 --seed 7`` runs others. A
disagreement is printed with the smallest definition that shows it, which is also written to the ignored folder ``.fuzz``.

Three things must hold:

1. What the schema accepts has no error that a schema can express.
2. What the schema refuses has such an error.
3. The engine takes exactly the definitions that have no error, and reports the same errors for the others.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any, Final

from generator.asl.definition import definition_of
from generator.asl.placeholders import is_placeholder
from generator.asl.read import read_text
from generator.asl.schema import schema_findings
from generator.asl.walk import WorkflowType
from generator.checks.validate import problems
from generator.diagnostics.codes import CODES
from generator.diagnostics.model import Diagnostic, Severity
from generator.engine.compile import DefinitionError, compile_read
from tests.support.mutations import mutate, places, shrink
from tests.support.random_definitions import sample

FOLDER: Final = Path(__file__).resolve().parents[2] / ".fuzz"
_SAMPLE: Final = 500

BEYOND_THE_SCHEMA: Final = {
    "SFN005": "a schema has no limit of depth",
    "SFN019": "a pattern does not know which days a month has",
    "SFN022": "a schema does not compare two values",
    "SFN101": "a target is the name of a member of another object",
    "SFN102": "StartAt is the name of a member of another object",
    "SFN103": "names are unique beyond one object",
    "SFN104": "what can be reached depends on all transitions",
    "SFN105": "a target is the name of a member of another object",
    "SFN108": "an end is needed in one of all states",
    "SFN110": "a schema does not know which item of a list is the last one",
    "SFN120": "the type of the workflow is not in its definition",
    "SFN202": "the grammar of paths is not regular",
    "SFN203": "the grammar of intrinsic functions is not regular",
    "SFN204": "the grammar of paths is not regular, and fields of templates have any names",
    "SFN205": "a schema does not look into payloads",
    "SFN206": "the grammar of JSONata is not regular",
    "SFN207": "the grammar of JSONata is not regular",
    "SFN208": "the grammar of JSONata is not regular",
    "SFN209": "names of variables have the letters of all languages, and depend on the scope around them",
    "SFN401": "the catalogue of AWS's services is not in the schema",
    "SFN402": "the catalogue of AWS's services is not in the schema",
    "SFN403": "the catalogue of AWS's services is not in the schema",
    "SFN404": "the catalogue of AWS's services is not in the schema",
    "SFN405": "the parameters of AWS's actions are not in the schema",
    "SFN406": "the parameters of AWS's actions are not in the schema",
    "SFN602": "the size of the text is not in it",
}
"""The errors that a JSON Schema does not find, with the reason. It may find some of them, such as a path that does not begin with ``$``."""

PARTLY: Final = {
    "SFN201": "a schema finds what does not begin with $; the grammar of paths is not regular",
    "SFN020": "a schema finds forbidden characters and the length, not that labels are unique",
}
"""Other errors that a JSON Schema finds only in some cases, with the reason."""


@dataclass(frozen=True, slots=True)
class Disagreement:
    """Something that does not agree about a definition.

    Attributes:
        rule: which of the rules, and the codes or places that show it: the same for the same fault.
        detail: the messages.
    """

    rule: str
    detail: str


def judge(definition: Any, workflow_type: WorkflowType = "STANDARD") -> tuple[str, list[Disagreement]]:
    """Return whether a definition is valid, and everything that does not agree about it.

    >>> judge({"StartAt": "A", "States": {"A": {"Type": "Succeed"}}})
    ('valid', [])
    >>> judge({"StartAt": "A", "States": {}})
    ('invalid', [])
    """
    text = json.dumps(definition)
    try:
        return _judge(text, workflow_type)
    except Exception as error:  # noqa: BLE001  whatever is raised is what the fuzzer looks for
        return "raised", [Disagreement(f"raised {type(error).__name__}", str(error)[:300])]


def _judge(text: str, workflow_type: WorkflowType) -> tuple[str, list[Disagreement]]:
    read = definition_of(read_text(text, "definition.asl.json"), workflow_type)
    document = read.document.value  # as it is read: a number such as 1e400 may have become another one
    found = [problem for problem in problems(read) if problem.severity is Severity.ERROR and problem.code != "SFN006"]
    refused = schema_findings(document)
    wrong = []
    expressible = [problem for problem in found if problem.code not in BEYOND_THE_SCHEMA and problem.code not in PARTLY]
    if expressible and not refused:
        first = expressible[0]
        wrong.append(Disagreement(f"the schema accepts {first.code} at {_end(first.pointer)}", f"{first.pointer}: {first.message}"))
    if refused and not found and not _has_unread_states(document):
        at = "/".join(map(str, refused[0].at))
        wrong.append(Disagreement(f"only the schema refuses {_end(at)}", f"{at}: {refused[0].message}"))
    wrong += _engine(read, found, text)
    return ("invalid" if found else "valid"), wrong


def _has_unread_states(document: Any) -> bool:
    """Return whether a placeholder is in place of a state: the checks leave the states around it, the schema does not (SFN006)."""
    objects = [container[key] for container, key in places(document) if key == "States" and isinstance(container[key], dict)]
    return any(is_placeholder(state) for states in objects for state in states.values())


def _engine(read: Any, found: list[Diagnostic], text: str) -> Iterator[Disagreement]:
    taken = [problem for problem in found if problem.code != "SFN602"]  # the API refuses its size before the engine reads it
    try:
        compile_read(read)
    except DefinitionError as error:
        seen = {(problem.code, problem.pointer) for problem in error.diagnostics}
        expected = {(problem.code, problem.pointer) for problem in taken}
        if taken and seen != expected:
            yield Disagreement(f"engine and checks differ by {min(seen ^ expected)[0]}", str(sorted(seen ^ expected)))
        if not taken and "${" not in text:  # a placeholder needs a value to run
            yield Disagreement(f"only the engine refuses {error.diagnostics[0].code} at {_end(error.diagnostics[0].pointer)}", str(error))
    else:
        if taken:
            yield Disagreement(f"the engine takes {taken[0].code}", taken[0].message)


def _end(pointer: str) -> str:
    """Return the last name in a pointer that is not the name of a state or a number."""
    return next((part for part in reversed(pointer.split("/")) if part and not part.isdigit()), "/")


def mutations(count: int, seed: int) -> Iterator[tuple[int, Any, WorkflowType]]:
    """Make mutated definitions in both query languages: the same for the same seed."""
    definitions = sample(min(count, _SAMPLE), seed)
    for number in range(count):
        if number and number % (_SAMPLE * 20) == 0:
            definitions = sample(_SAMPLE, seed + number)
        rng = Random(f"{seed} {number}")
        yield number, mutate(definitions[number % len(definitions)], rng), "EXPRESS" if rng.random() < 0.1 else "STANDARD"


def run(count: int, seed: int, *, progress: bool = False) -> tuple[Counter[str], dict[str, tuple[int, Any, Disagreement]]]:
    """Judge mutated definitions.

    Returns:
        how often each outcome came, and the first definition of each disagreement with its number.
    """
    outcomes: Counter[str] = Counter()
    faults: dict[str, tuple[int, Any, Disagreement]] = {}
    started = time.monotonic()
    for number, definition, workflow_type in mutations(count, seed):
        outcome, wrong = judge(definition, workflow_type)
        outcomes[outcome] += 1
        for one in wrong:
            outcomes[one.rule] += 1
            if one.rule not in faults:
                faults[one.rule] = number, smallest(definition, workflow_type, one.rule), one
        if progress and (number + 1) % 5000 == 0:
            took = time.monotonic() - started
            sys.stderr.write(f"{number + 1:,} of {count:,} in {took:.0f} s, {len(faults)} disagreements\n")
    return outcomes, faults


def smallest(definition: Any, workflow_type: WorkflowType, rule: str) -> Any:
    """Return the smallest definition found that shows a disagreement."""
    return shrink(definition, lambda smaller: any(one.rule == rule for one in judge(smaller, workflow_type)[1]))


def main() -> int:
    """Run, and print what does not agree."""
    parser = argparse.ArgumentParser(description="Compare the JSON Schema, the checks and the engine on mutated definitions.")
    parser.add_argument("--count", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    options = parser.parse_args()
    sys.stdout.write(f"seed {options.seed}: python -m tests.support.fuzz --count {options.count} --seed {options.seed}\n")
    outcomes, faults = run(options.count, options.seed, progress=True)
    for rule, (number, definition, one) in sorted(faults.items(), key=lambda fault: -outcomes[fault[0]]):
        FOLDER.mkdir(exist_ok=True)
        file = FOLDER / f"{options.seed}-{number}.asl.json"
        file.write_text(json.dumps(definition, indent=1), encoding="utf-8")
        sys.stdout.write(f"{outcomes[rule]} x {rule}\n    {one.detail[:300]}\n    {json.dumps(definition)[:600]}\n    {file}\n")
    counts = ", ".join(f"{outcomes[name]:,} {name}" for name in ("valid", "invalid", "raised") if outcomes[name])
    sys.stdout.write(f"{options.count:,} mutated definitions: {counts}; {len(faults)} kinds of disagreement\n")
    return 1 if faults else 0


if __name__ == "__main__":
    assert set(BEYOND_THE_SCHEMA) | set(PARTLY) <= set(CODES)
    sys.exit(main())
