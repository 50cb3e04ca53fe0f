"""How fast JSONata is beside jlens over 10,000 objects, in one run: `python tests/bench/bench_jsonata.py`.

Exit code 1 where an expression takes more than 1.5 times as long as in jlens, or where one over a small document does.
"""

import random
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import jlens

from generator.asl.jsonata import compile_expression

WANTED = 1.5
"""How many times as long as jlens an expression may take."""
SMALL = 5
"""The same for expressions over a small document, which take microseconds in both."""
COUNT = 10_000
LARGE_CASES = {
    "path": "$i.rows.price",
    "filter": "$i.rows[price > 50 and group = 'g1'].id",
    "objects": "$i.rows.{'id': id, 'total': price * quantity}",
    "sum": "$sum($i.rows.(price * quantity))",
    "sort": "$i.rows^(>price, id)",
    "group": "$i.rows{group: $sum(quantity)}",
    "$map": "$map($i.rows, function($row) { $row.price * $row.quantity })",
    "$filter": "$filter($i.rows, function($row) { $row.price > 50 })",
    "$reduce": "$reduce($i.rows, function($sum, $row) { $sum + $row.quantity }, 0)",
    "$sort": "$sort($i.rows, function($one, $two) { $one.price > $two.price })",
    "$distinct": "$distinct($i.rows.name)",
}
SMALL_CASES = {"sum of two": "$i.a + $i.b", "small object": "{'a': $i.a, 'b': $i.rows[0].name}", "small array": "$i.few[$ > 1]"}


def fastest(run, repeats):
    """Processor time of the fastest run, in seconds."""
    times = []
    for _ in range(repeats):
        start = time.process_time()
        run()
        times.append(time.process_time() - start)
    return min(times)


def ratio(text, document, repeats, times):
    """How long an expression takes: ours in seconds, and divided by jlens."""
    ours, theirs = compile_expression(text), jlens.Expression(f"($i:=i;({text}))")
    source, data = random.Random(0), {"i": document}

    def run_ours():
        for _ in range(times):
            ours.evaluate(data, random=source)

    def run_theirs():
        for _ in range(times):
            theirs.evaluate(data)

    mine = fastest(run_ours, repeats)
    return mine / times, mine / fastest(run_theirs, repeats)


def main():
    """Measure and print."""
    source = random.Random(1)
    rows = [
        {"id": n, "name": f"n{n}", "price": source.random() * 100, "quantity": source.randrange(1, 9), "group": f"g{n % 10}"}
        for n in range(COUNT)
    ]
    large, small = {"rows": rows}, {"a": 1, "b": 2, "few": [1, 2, 3], "rows": rows[:3]}
    failed = False
    for cases, document, bound, repeats, times in ((LARGE_CASES, large, WANTED, 5, 1), (SMALL_CASES, small, SMALL, 5, 2000)):
        for name, text in cases.items():
            seconds, factor = ratio(text, document, repeats, times)
            failed |= factor > bound
            print(f"{name:14} {seconds * 1e3:9.4f} ms  {factor:5.2f} times jlens{'' if factor <= bound else f', wanted {bound}'}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
