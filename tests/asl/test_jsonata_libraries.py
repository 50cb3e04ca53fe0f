"""Our evaluator beside jlens over generated expressions: they differ only where AWS's JVM differs from JavaScript.

jsonata-python and jsonata-rs (ports of the JVM's implementation) were compared in the same way; the published facts in
tests/conformance decide between them. Known differences from jlens, all measured on AWS or implied by its JVM:

- null for an array argument is undefined: ``$count(null)`` is 0;
- infinite numbers, integers of 64 bits, UTF-16 order, Base64 as UTF-8, ASCII classes in regular expressions.
"""

import json
import random

import jlens
import pytest

from generator.asl.jsonata import UNDEFINED, JSONataError, compile_expression

OBJECTS = [{"k": "a", "v": 1, "l": [1]}, {"k": "b", "v": 2, "l": [2, 3]}, {"k": "a", "v": 3}]
DOCUMENT = {
    "a": 1,
    "b": [1, 2, 3],
    "c": {"d": "x", "e": [{"f": 1, "g": "p"}, {"f": 2, "g": "q"}, {"f": 3}]},
    "s": "hello world",
    "t": True,
    "z": [],
    "one": [5],
    "nest": [[1, 2], [3, 4]],
    "objs": OBJECTS,
}
LEAVES = [
    *(f"$i.{path}" for path in ("a", "b", "c.d", "c.e", "c.e.f", "s", "t", "z", "one", "nest", "objs.v", "objs.l", "none", "*", "c.**.f")),
    *("1", "2.5", "0", "-3", "'ab'", "''", "true", "false", "[]", "{}", "[1..4]"),
]
FORMS = [
    "({} + {})", "({} - {})", "({} * {})", "({} & {})", "({} = {})", "({} != {})", "({} < {})", "({} in {})", "({} and {})",
    "({} ? {} : {})", "[{}, {}]", "{{'p': {}, 'q': {}}}", "{}[0]", "{}[-1]", "{}[f > 1]", "{}[]", "{}.v", "{}.(v)", "{}.[v, 1]",
    "$count({})", "$sum({})", "$max({})", "$map({}, function($x){{$x}})", "$map({}, $string)", "$filter({}, function($x, $y){{$y > 0}})",
    "$reduce({}, function($x, $y){{$x & $y}})", "$string({})", "$keys({})", "$append({}, {})", "$boolean({})", "$not({})", "$exists({})",
    "$type({})", "{}{{k: v}}", "{}^(v)", "{}^(>$)", "($v := {}; $v)", "$distinct({})", "$reverse({})", "$merge({})", "$lookup({}, 'k')",
    "{} ~> $count()", "$i.objs.{{'z': {}}}", "$i.objs@$o.l[$ > 1].{{'w': $o.k, 'x': {}}}", "$i.objs#$n.{{'n': $n, 'x': {}}}",
    "$zip({}, {})", "$spread({})", "$split($string({}), 'e', 2)", "$substring($string({}), 1, 3)", "$join({}, '-')", "$single({})",
    "$i.c.e.{{'up': %.d, 'x': {}}}",
    "$each({}, function($v, $k){{$k}})", "$sift({}, function($v){{$v = 1}})", "$number({})", "$round({}, 1)",
]  # fmt: skip


def expression(source, depth):
    """A random expression."""
    if depth == 0:
        return source.choice(LEAVES)
    form = source.choice(FORMS)
    return form.format(*(expression(source, depth - 1) for _ in range(form.replace("{{", "").count("{}"))))


def in_jlens(text):
    """What jlens answers: a value, undefined or a code."""
    try:
        result = jlens.Expression(f"($i:=i;({text}\n))").evaluate_json(json.dumps({"i": DOCUMENT}))
    except jlens.JlensError as error:
        return f"error {error.code}"
    return UNDEFINED if result is None else json.loads(result)


def in_ours(text):
    """What our evaluator answers."""
    try:
        return compile_expression(f"({text}\n)").evaluate({"i": DOCUMENT}, random=random.Random(0))
    except JSONataError as error:
        return f"error {error.message[:5]}"


@pytest.mark.parametrize("seed", range(4))
def test_generated_expressions(seed):
    """Expressions without null and without large numbers mean the same in both."""
    source = random.Random(seed)
    texts = [expression(source, source.randrange(1, 4)) for _ in range(150)]
    differing = [(text, in_jlens(text), in_ours(text)) for text in texts]
    assert [case for case in differing if case[1] != case[2]] == []
