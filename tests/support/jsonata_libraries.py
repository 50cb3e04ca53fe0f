"""Evaluators of JSONata side by side: `python -m tests.support.jsonata_libraries [--rs PYTHON] [EXPRESSION …]`.

Ours, jlens (Rust, after JavaScript) and jsonata-python (after the JVM). With ``--rs`` also jsonata-rs, which needs an environment
of its own because its module is called ``jsonata`` too: the option names the Python of that environment. Without expressions,
every function is called with every kind of argument. What differs from ours is printed; tests/conformance decides who is right.
"""

from __future__ import annotations

import argparse
import importlib
import itertools
import json
import random
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import jlens

from generator.asl.jsonata import JSONataError, compile_expression
from generator.asl.jsonata_builtins import BUILTINS
from generator.asl.jsonata_library import python_library
from generator.asl.jsonata_values import UNDEFINED

if TYPE_CHECKING:
    from collections.abc import Iterable

OF_STEP_FUNCTIONS = frozenset({"hash", "parse", "partition", "random", "range", "uuid"})
"""Functions that the libraries do not have."""
OF_CHANCE = frozenset({"millis", "now", "random", "shuffle", "uuid"})
VALUES = [
    "$nothing", "null", "true", "false", "0", "-1.5", "3", "1e10", "'abc'", "''", "'12'", "'a😀b'", "[]", "[1]", "[3,1,2]", "['b','a']",
    "[[1],[2,3]]", "[null]", "[{'a':1},{'b':2}]", "{}", "{'a':1,'b':[2]}", "/b/", "$string", "function($x){$x}", "function($x,$y){$y}",
]  # fmt: skip
FEW = [
    "$nothing",
    "null",
    "true",
    "0",
    "-1",
    "1.5",
    "2",
    "'b'",
    "''",
    "[]",
    "[1,2]",
    "{'a':1}",
    "/b/",
    "function($x){$x}",
    "function($x,$y){true}",
]
FIRST = ["$nothing", "null", "2", "'abcb'", "[]", "[1,2,3]", "['a','b']", "{'a':1,'b':2}"]
DOCUMENT: dict[str, Any] = {}


def calls() -> Iterable[str]:
    """Return a call of each function with no argument, one, two and three of every kind."""
    for name in sorted(set(BUILTINS) - OF_STEP_FUNCTIONS - OF_CHANCE):
        yield f"${name}()"
        yield from (f"${name}({value})" for value in VALUES)
        yield from (f"${name}({one}, {two})" for one, two in itertools.product(FIRST, FEW))
        yield from (
            f"${name}({one}, {two}, {three})" for one, two, three in itertools.product(FIRST[3:6], FEW, ["$nothing", "1", "'x'", "null"])
        )


def in_ours(text: str) -> Any:
    """Return our value, undefined or the code of the failure."""
    try:
        return compile_expression(text).evaluate({}, random=random.Random(0))
    except JSONataError as error:
        return f"error {error.message.split(':')[0]}"


def in_jlens(text: str) -> Any:
    """Return the answer of jlens."""
    try:
        result = jlens.Expression(text).evaluate_json(json.dumps(DOCUMENT))
    except jlens.JlensError as error:
        return f"error {error.code}"
    return UNDEFINED if result is None else json.loads(result)


def in_python(text: str) -> Any:
    """Return the answer of jsonata-python, which has one value for null and nothing."""
    library = python_library()
    null = importlib.import_module("jsonata.utils").Utils.NULL_VALUE
    try:
        expression = library.Jsonata(text)
        result = expression.evaluate(DOCUMENT)
    except library.JException as error:
        return f"error {error.error}"
    except Exception as error:  # noqa: BLE001  the library fails in many ways
        return f"error {type(error).__name__}"
    return _without_functions(UNDEFINED if result is None else result, null)


def _without_functions(value: Any, null: Any) -> Any:
    if value is null:
        return None
    if isinstance(value, list):
        return [_without_functions(item, null) for item in value]
    if isinstance(value, dict):
        return {key: _without_functions(item, null) for key, item in value.items()}
    return value if value is None or value is UNDEFINED or isinstance(value, (bool, int, float, str)) else UNDEFINED


_RS = """
import json, sys, jsonata
for line in sys.stdin:
    try:
        made = jsonata.Jsonata(json.loads(line)); made.set_output_convert_nulls(False)
        value = made.evaluate({})
        print(json.dumps("<nothing>" if value is jsonata.UNDEFINED else value))
    except Exception as error:
        print(json.dumps("error " + str(getattr(error, "code", None) or error)[:60]))
"""


def in_rs(python: str, texts: list[str]) -> list[Any]:
    """Return the answers of jsonata-rs in another Python."""
    given = "".join(json.dumps(text) + "\n" for text in texts)
    done = subprocess.run([python, "-c", _RS], input=given, capture_output=True, text=True, check=True)
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    return [UNDEFINED if value == "<nothing>" else value for value in answers]


def shown(value: Any) -> str:
    """Return a value as it is compared and printed: numbers compare as numbers."""
    if value is UNDEFINED:
        return "nothing"
    return json.dumps(_whole(value), ensure_ascii=False, default=lambda _: "")


def _whole(value: Any) -> Any:
    if isinstance(value, list):
        return [_whole(item) for item in value]
    if isinstance(value, dict):
        return {key: _whole(value[key]) for key in sorted(value)}
    return int(value) if isinstance(value, float) and value.is_integer() else value


def main() -> int:
    """Compare and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("expressions", nargs="*")
    parser.add_argument("--rs", metavar="PYTHON", help="the Python of an environment with jsonata-rs")
    options = parser.parse_args()
    texts = options.expressions or list(calls())
    rs = in_rs(options.rs, texts) if options.rs else [None] * len(texts)
    for text, last in zip(texts, rs, strict=True):
        answers = {"ours": shown(in_ours(text)), "jlens": shown(in_jlens(text)), "python": shown(in_python(text))}
        if options.rs:
            answers["rs"] = shown(last)
        if options.expressions or len(set(answers.values())) > 1:
            print(f"{text:60} " + "  ".join(f"{name}: {answer}" for name, answer in answers.items()))
    return 0


if __name__ == "__main__":
    sys.exit(main())
