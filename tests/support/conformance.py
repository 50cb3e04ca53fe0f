"""Run the facts of tests/conformance in our engine: `python -m tests.support.conformance [--only TEXT]` prints the rate by kind.

Exit code 1 where a fact differs that exceptions.json does not explain. `tests.support.conformance_account` asks an account instead.
"""

import argparse
import collections
import json
import math
import re
import sys
from pathlib import Path
from typing import Any

from generator.engine import DefinitionError, Engine, Fails, FunctionError, InputError, Sequence, Waits, compile_definition, execute
from generator.engine import TestStateError as StateTestError
from generator.engine import test_state as run_state

HERE = Path(__file__).resolve().parents[1] / "conformance"
OURS = {"derived", "guess"}
"""How a fact was found, where nobody asked AWS: these do not count in the rate."""
ENTERED = re.compile(r"^An error occurred while executing the state '.*?' \(entered at the event id #\d+\)\. ", re.DOTALL)
FORMS = {
    "uuid4": lambda value: re.fullmatch(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}", str(value)),
    "unit": lambda value: is_number(value) and 0 <= value < 1,
    "number": lambda value: isinstance(value, (int, float)) and not isinstance(value, bool),
    "string": lambda value: isinstance(value, str),
    "hex64": lambda value: re.fullmatch("[0-9a-f]{64}", str(value)),
}


def facts(only: str = "") -> list[dict[str, Any]]:
    """Return all facts, or those with a text in their id."""
    lines = [line for file in sorted((HERE / "facts").glob("*.jsonl")) for line in file.read_text(encoding="utf-8").splitlines()]
    return [fact for line in lines if only in (fact := json.loads(line))["id"]]


def exceptions() -> dict[str, str]:
    """Return the facts that we do not follow, and why."""
    known: dict[str, str] = json.loads((HERE / "exceptions.json").read_text(encoding="utf-8"))
    return known


def is_number(value: Any) -> bool:
    """Return whether a value is a number of JSON."""
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def same(one: Any, two: Any) -> bool:
    """Return whether two JSON values are equal; numbers by their value, booleans apart from them."""
    if isinstance(one, list) and isinstance(two, list):
        return len(one) == len(two) and all(map(same, one, two))
    if isinstance(one, dict) and isinstance(two, dict):
        return one.keys() == two.keys() and all(same(one[key], two[key]) for key in one)
    return (one == two or (is_number(one) and is_number(two) and math.isclose(one, two, rel_tol=1e-16))) and (
        isinstance(one, bool) is isinstance(two, bool)
    )


def machine(fact: dict[str, Any]) -> tuple[Any, list[str]]:
    """Return the definition of a fact, and the members of its output that lead to the value of the expression."""
    if "definition" in fact:
        return fact["definition"], []
    if fact["kind"] == "jsonata":
        keys = fact.get("field", "Output").split("/")[1:]
        value: Any = "{% " + fact["expression"] + " %}"
        for key in reversed(keys):
            value = {key: value}
        return {"QueryLanguage": "JSONata", "StartAt": "E", "States": {"E": {"Type": "Pass", "Output": value, "End": True}}}, keys
    state = {"Type": "Pass", "Parameters": {"value.$": fact["expression"]}, "End": True}
    return {"StartAt": "Evaluate", "States": {"Evaluate": state}}, ["value"]


def function(spec: dict[str, Any]) -> Any:
    """Return a Lambda function that fails so often, and then answers."""
    left = [spec.get("fail_times", 0)]

    def run(event: Any) -> Any:
        left[0] -= 1
        if left[0] >= 0:
            raise FunctionError({"errorType": spec.get("error", "Error"), "errorMessage": "c"})
        return "x" * spec["big"] if spec.get("big") else event if spec.get("echo") else spec.get("return")

    return run


def mock(answer: dict[str, Any]) -> Any:
    """Return one answer of a mocked task."""
    if "throw" in answer:
        return Fails(*answer["throw"])
    if "big" in answer:
        return {"Images": ["x" * answer["big"]]}
    return Waits() if answer.get("wait") else answer["return"]


def executed(fact: dict[str, Any]) -> dict[str, Any]:
    """Run an execution."""
    definition, keys = machine(fact)
    functions = {name: function(spec) for name, spec in fact.get("functions", {}).items()}
    made = {name: [mock(answer) for answer in answers] for name, answers in fact.get("mocks", {}).items()}
    mocks = {name: answers[0] if len(answers) == 1 else Sequence(*answers) for name, answers in made.items()}
    document = {} if fact["input"] is None else fact["input"]
    kind = fact.get("type", "STANDARD")
    try:
        if fact.get("activities"):
            engine = Engine()
            for name in fact["activities"]:
                engine.create_activity(name)
            run = engine.start(definition, document, type=kind).finish()
        else:
            run = execute(definition, document, functions=functions or None, mocks=mocks or None, type=kind)
    except (DefinitionError, InputError) as error:
        return {"status": "REFUSED", "cause": str(error)}
    output = run.output
    if run.status == "SUCCEEDED":
        for key in keys:
            output = output[key]
    return {"status": run.status, "output": output, "error": run.error, "cause": run.cause}


def answer(fact: dict[str, Any]) -> dict[str, Any]:
    """Return what our engine answers."""
    if fact["kind"] == "validation":
        try:
            compile_definition(json.dumps(fact["definition"]), type=fact.get("type", "STANDARD"))
        except DefinitionError as error:
            return {"verdict": "FAIL", "cause": str(error)}
        return {"verdict": "OK"}
    if fact["kind"] == "teststate":
        try:
            result = run_state(fact["definition"], fact["input"], **fact["teststate"])
        except StateTestError as error:
            return {"status": "REFUSED", "cause": str(error)}
        found = {"status": result.status, "output": result.output, "error": result.error, "cause": result.cause}
        return {**found, "nextState": result.next_state}
    return executed(fact)


def differences(fact: dict[str, Any], got: dict[str, Any]) -> list[str]:
    """Return in which parts an answer differs from AWS's."""
    expected = fact["expected"]
    if "verdict" in expected:
        refused = got.get("verdict", "FAIL" if got.get("status") == "REFUSED" else "OK")
        return [] if refused == expected["verdict"] else ["verdict"]
    if expected.get("status") == "REFUSED_OR_FAILED":
        failed = got["status"] == "REFUSED" or (got["status"] == "FAILED" and got["error"] == expected.get("error", got["error"]))
        return [] if failed else ["status"]
    if got["status"] != expected.get("status", got["status"]):
        return ["status"]
    if got["status"] == "REFUSED":
        return [] if "status" in expected else ["status"]
    wrong = []
    output, cause = got.get("output"), got.get("cause") or ""
    if "output" in expected and not same(expected["output"], output):
        wrong.append("output")
    if "output_check" in expected and not FORMS[expected["output_check"]](output):
        wrong.append("output")
    if any(not same(value, (output or {}).get(key)) for key, value in expected.get("output_contains", {}).items()):
        wrong.append("output")
    wrong += [name for name in ("error", "nextState") if name in expected and got.get(name) != expected[name]]
    if "cause" in expected:
        whole = expected["cause"]
        if whole is None or not ENTERED.match(whole):
            cause = ENTERED.sub("", cause)
        if cause != (whole or ""):
            wrong.append("cause")
    if any(part not in cause for part in expected.get("cause_contains", ())):
        wrong.append("cause")
    return wrong


class Report:
    """What came of the facts: how many agree by kind, and a line for each that does not.

    Attributes:
        unexplained: how many differ without a reason in exceptions.json.
    """

    def __init__(self) -> None:
        """Start with no fact."""
        self.agree: collections.Counter[str] = collections.Counter()
        self.total: collections.Counter[str] = collections.Counter()
        self.skipped: collections.Counter[str] = collections.Counter()
        self.lines: list[str] = []
        self.unexplained = 0

    def add(self, fact: dict[str, Any], got: dict[str, Any], known: dict[str, str], whose: str) -> None:
        """Compare an answer."""
        kind = fact["how"] if fact["how"] in OURS else fact["kind"]
        self.total[kind] += 1
        wrong = differences(fact, got)
        if not wrong:
            self.agree[kind] += 1
            return
        self.unexplained += fact["id"] not in known
        then = json.dumps(fact["expected"], ensure_ascii=False)
        reason = known.get(fact["id"], f"AWS {then}, {whose} {json.dumps(got, ensure_ascii=False)}")
        self.lines.append(f"{fact['id']} ({fact['source']}, {fact['how']} {fact['date']}) differs in {', '.join(wrong)}: {reason}")

    def __str__(self) -> str:
        """Return the rates, what was skipped, and the differences."""
        lines = []
        published = sorted(set(self.total) - OURS)
        rows = {kind: (self.agree[kind], self.total[kind]) for kind in published}
        rows["all"] = sum(right for right, _ in rows.values()), sum(of for _, of in rows.values())
        rows |= {kind: (self.agree[kind], self.total[kind]) for kind in sorted(OURS & set(self.total))}
        lines += [f"{kind:12} {right:4} of {of:4}  {right / max(of, 1):6.1%}" for kind, (right, of) in rows.items()]
        lines += [f"{count} skipped: {reason}" for reason, count in self.skipped.most_common()]
        return "\n".join([*lines, *self.lines])


def main() -> int:
    """Run the facts and print the rate by kind, and each difference."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", default="", help="facts with this text in their id")
    report = Report()
    for fact in facts(parser.parse_args().only):
        report.add(fact, answer(fact), exceptions(), "ours")
    print(report)
    return 1 if report.unexplained else 0


if __name__ == "__main__":
    sys.exit(main())
