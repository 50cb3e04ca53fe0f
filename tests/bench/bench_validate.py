"""The speed of validation: `make bench` prints how many definitions a second one warm process reads and checks."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from generator.asl.definition import definition_of
from generator.asl.read import read_text
from generator.checks.validate import problems
from tests.support.random_definitions import sample

ROOT = Path(__file__).resolve().parents[2]
ROUNDS = 40


def rate(texts: list[str]) -> float:
    """Return the definitions a second, of the best of several rounds: other processes only slow it down."""
    best = 0.0
    for _ in range(ROUNDS):
        start = time.process_time()
        for text in texts:
            problems(definition_of(read_text(text, "a.asl.json")))
        best = max(best, len(texts) / (time.process_time() - start))
    return best


def main() -> None:
    """Print the figures."""
    ours = [path.read_text(encoding="utf-8") for path in sorted(ROOT.glob("build/**/definition.asl.json"))]
    random = [json.dumps(definition) for definition in sample(50, 1)]
    for name, texts in (("the workflows of build/", ours), ("random definitions", random)):
        size = sum(map(len, texts)) / len(texts) / 1000
        print(f"{name:<40} {rate(texts):>7.0f} a second, of {size:.1f} kB each   (2,000 are the goal)")


if __name__ == "__main__":
    main()
