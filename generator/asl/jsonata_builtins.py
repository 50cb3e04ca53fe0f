"""The functions of JSONata as AWS's JVM has them, and those that Step Functions adds.

What differs from https://docs.jsonata.org was measured on AWS in 2026; the facts are in tests/conformance with their sources.
Numbers lose their fraction where Java expects an integer, texts sort by UTF-16 units. The functions for texts are in
:mod:`generator.asl.jsonata_texts`.
"""

from __future__ import annotations

import functools
import itertools
import math
import re
from typing import TYPE_CHECKING, Any, Final, NoReturn

from generator.asl.intrinsic_functions import hash_text, make_uuid
from generator.asl.java_random import JavaRandom
from generator.asl.json_reader import JsonReadError, read_json
from generator.asl.jsonata_columns import column_of, comparison_of, evaluated, fold_of, is_ordered, ordered_keys
from generator.asl.jsonata_signature import read_signature
from generator.asl.jsonata_texts import TEXT_FUNCTIONS
from generator.asl.jsonata_values import (
    UNDEFINED,
    Function,
    Lambda,
    Sequence,
    check_range,
    fail,
    is_number,
    number,
    rounded,
    truth,
    whole,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from generator.asl.jsonata_scope import Run


def append(first: Any, second: Any) -> Any:
    """Return two values as one array; an undefined one is left out."""
    if first is UNDEFINED:
        return second
    if second is UNDEFINED:
        return first
    left = first if isinstance(first, list) else [first]
    return [*left, *second] if isinstance(second, list) else [*left, second]


def lookup(value: Any, key: str) -> Any:
    """Return the member of an object, or of each object of an array."""
    if value.__class__ is dict:
        return value.get(key, UNDEFINED)
    if isinstance(value, list):
        found = Sequence()
        for item in value:
            member = lookup(item, key)
            if isinstance(member, list):
                found.extend(member)
            elif member is not UNDEFINED:
                found.append(member)
        return found
    return UNDEFINED


def _sum(_: Run, values: Any) -> Any:
    return UNDEFINED if values is UNDEFINED else number(math.fsum(values) if _finite(values) else sum(values, 0.0))


def _finite(values: list[Any]) -> bool:
    return all(map(math.isfinite, values))


def _average(_: Run, values: Any) -> Any:
    return number(float(_sum(_, values)) / len(values)) if values else UNDEFINED


def _extreme(choose: Callable[[list[Any]], Any]) -> Callable[..., Any]:
    return lambda _, values: number(float(choose(values))) if values else UNDEFINED


_DECIMAL: Final = re.compile(r"-?[0-9]+(\.[0-9]+)?([Ee][-+]?[0-9]+)?")
_RADIX: Final = re.compile(r"0[xX]([0-9a-fA-F]+)|0[oO]([0-7]+)|0[bB]([01]+)")


def _number(_: Run, value: Any) -> Any:
    if value is UNDEFINED or is_number(value):
        return value
    if isinstance(value, bool):
        return int(value)
    if _DECIMAL.fullmatch(value):
        if re.fullmatch(r"-?[0-9]{1,18}", value):
            return int(value)
        made = float(value)
        if math.isfinite(made):
            return number(made)
    elif found := _RADIX.fullmatch(value):
        return int(value, 16 if found[1] else 8 if found[2] else 2)
    raise fail("D3030", value=value)


def _of_number(function: Callable[[Any], Any]) -> Callable[..., Any]:
    def call(_: Run, value: Any) -> Any:
        if value is UNDEFINED or (value.__class__ is float and not math.isfinite(value)):
            return value
        return number(function(value))

    return call


def _round(_: Run, value: Any, places: Any) -> Any:
    return UNDEFINED if value is UNDEFINED else rounded(value, places)


def _sqrt(_: Run, value: Any) -> Any:
    if value is UNDEFINED:
        return UNDEFINED
    if value < 0:
        raise fail("D3060", value=value)
    return number(math.sqrt(value))


def _power(_: Run, base: Any, exponent: Any) -> Any:
    if base is UNDEFINED or exponent is UNDEFINED:
        return UNDEFINED
    try:
        made = float(base) ** float(exponent)
    except (OverflowError, ZeroDivisionError):
        made = math.inf
    if isinstance(made, complex) or not math.isfinite(made):
        raise fail("D3061", value=base, exp=exponent)
    return number(made)


def _not(_: Run, value: Any) -> Any:
    return UNDEFINED if value is UNDEFINED else not truth(value)


def _boolean(_: Run, value: Any) -> Any:
    return UNDEFINED if value is UNDEFINED else truth(value)


def _by_column(run: Run, function: Any, values: list[Any]) -> list[Any] | None:
    """Return the results of a function for all items at once, or None if they are not uniform."""
    if function.__class__ is not Lambda:
        return None
    results = evaluated(function.code.made(column_of), values, function.environment)
    if results is not None:
        run.called(len(values))
    return results


def _map(run: Run, values: Any, function: Any) -> Any:
    if values is UNDEFINED:
        return UNDEFINED
    results = _by_column(run, function, values)
    if results is None:
        call = run.caller(function, 3)
        results = [call(value, index, values) for index, value in enumerate(values)]
    return Sequence(result for result in results if result is not UNDEFINED)


def _filter(run: Run, values: Any, function: Any) -> Any:
    if values is UNDEFINED:
        return UNDEFINED
    results = _by_column(run, function, values)
    if results is None:
        call = run.caller(function, 3)
        results = [call(value, index, values) for index, value in enumerate(values)]
    return Sequence(itertools.compress(values, map(truth, results)))


def _single(run: Run, values: Any, function: Any) -> Any:
    if values is UNDEFINED:
        return UNDEFINED
    found: list[Any] = []
    call = None if function is UNDEFINED else run.caller(function, 3)
    for index, value in enumerate(values):
        if call is None or truth(call(value, index, values)):
            if found:
                raise fail("D3138", index=index)
            found.append(value)
    if not found:
        raise fail("D3139")
    return found[0]


def _reduce(run: Run, values: Any, function: Any, start: Any) -> Any:
    if values is UNDEFINED:
        return UNDEFINED
    arity = run.arity(function)
    if arity < 2:  # noqa: PLR2004  the result so far and an item
        raise fail("D3050", index=1)
    first = 1 if start is UNDEFINED and values else 0
    if first:
        start = values[0]
    items = values[first:] if first else values
    fold = function.code.made(fold_of) if function.__class__ is Lambda else None
    if fold is not None and (operands := evaluated(fold[1], items, function.environment)) is not None:
        run.called(len(items))
        return functools.reduce(fold[0], operands, start)
    call = run.caller(function, 4)
    for index, value in enumerate(items, first):
        start = call(start, value, index, values)
    return start


def _zip(_: Run, *arrays: Any) -> Any:
    if any(array is UNDEFINED for array in arrays):
        return []
    return [list(items) for items in zip(*(array if isinstance(array, list) else [array] for array in arrays), strict=False)]


def _keys(_: Run, value: Any) -> Any:
    if isinstance(value, list):
        return Sequence(dict.fromkeys(key for item in value for key in _keys(_, item)))
    return Sequence(value) if value.__class__ is dict else Sequence()


def _lookup(_: Run, value: Any, key: Any) -> Any:
    return UNDEFINED if key is UNDEFINED else lookup(value, key)


def _spread(_: Run, value: Any) -> Any:
    if isinstance(value, list):
        return [part for item in value for part in _as_list(_spread(_, item))] or Sequence()
    if value.__class__ is dict:
        return Sequence({key: item} for key, item in value.items())
    return value


def _as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if value is UNDEFINED else [value]


def _merge(_: Run, values: Any) -> Any:
    """Merge objects. Arrays inside the array are merged too (iwamot/sfnx, 2026)."""
    if values is UNDEFINED:
        return UNDEFINED
    made: dict[str, Any] = {}
    for value in values if isinstance(values, list) else [values]:
        if isinstance(value, list):
            made |= _merge(_, value)
        elif value.__class__ is dict:
            made |= value
        else:
            raise fail("T0412", index=1, token="merge", type="objects")  # noqa: S106  the name of a function
    return made


def _each(run: Run, value: Any, function: Any) -> Any:
    if value is UNDEFINED:
        return UNDEFINED
    call = run.caller(function, 3)
    made = (call(item, key, value) for key, item in value.items())
    return Sequence(result for result in made if result is not UNDEFINED)


def _sift(run: Run, value: Any, function: Any) -> Any:
    if value is UNDEFINED:
        return UNDEFINED
    call = run.caller(function, 3)
    return {key: item for key, item in value.items() if truth(call(item, key, value))} or UNDEFINED


def _error(_: Run, message: Any) -> NoReturn:
    raise fail("D3137", message="$error() function evaluated" if message is UNDEFINED else message)


def _assert(_: Run, condition: Any, message: Any) -> Any:
    if not truth(condition):
        raise fail("D3141", message="$assert() statement failed" if message is UNDEFINED else message)
    return UNDEFINED


_TYPES: Final = {str: "string", bool: "boolean", int: "number", float: "number", dict: "object", type(None): "null"}


def _type(_: Run, value: Any) -> Any:
    if value is UNDEFINED:
        return UNDEFINED
    return _TYPES.get(value.__class__) or ("array" if isinstance(value, list) else "function")


def _sort(run: Run, values: Any, function: Any) -> Any:
    if values is UNDEFINED or len(values) <= 1:
        return values
    if function is UNDEFINED:
        keys = ordered_keys(values)
        if keys is None:
            if not all(map(is_number, values)):
                raise fail("D3070")
            keys = [(math.isnan(value), value) for value in values]  # Java puts NaN last
        return [values[position] for position in sorted(range(len(values)), key=keys.__getitem__)]
    # The JVM's comparator has no "equal": where the function is false, the first argument counts as the smaller one.
    compared = function.code.made(comparison_of) if function.__class__ is Lambda and function.arity == 2 else None  # noqa: PLR2004
    if compared is not None:
        left, right = (evaluated(column, values, function.environment) for column in compared[1:])
        if left is not None and right is not None and is_ordered(left, right):
            swapped = compared[0]
            run.called(len(values))

            def compare(one: int, two: int) -> int:
                return 1 if swapped(left[one], right[two]) else -1

            return [values[position] for position in sorted(range(len(values)), key=functools.cmp_to_key(compare))]
    call = run.caller(function, 2)
    return sorted(values, key=functools.cmp_to_key(lambda one, two: 1 if truth(call(one, two)) else -1))


def _shuffle(run: Run, values: Any) -> Any:
    if values is UNDEFINED:
        return UNDEFINED
    made = list(values)
    run.random.shuffle(made)
    return made


def _distinct(_: Run, values: Any) -> Any:
    if not isinstance(values, list) or len(values) <= 1:
        return values
    made: dict[Any, Any] = {}
    for value in values:
        made.setdefault(_identity(value), value)
    return Sequence(made.values()) if isinstance(values, Sequence) else list(made.values())


def _identity(value: Any) -> Any:
    """Return the same hashable value for equal values of JSON, and for no others."""
    kind = value.__class__
    if kind is dict:
        return dict, frozenset((key, _identity(item)) for key, item in value.items())
    if isinstance(value, list):
        return list, tuple(map(_identity, value))
    return (bool, value) if kind is bool else value


def _partition(_: Run, array: Any, size: Any) -> Any:
    """Split an array into parts. A size below 1 returns nothing, no size returns one part (floci-io/floci#2676, 2026)."""
    if array is UNDEFINED:
        return UNDEFINED
    if not isinstance(array, list):
        raise fail("T0412", index=1, token="partition", type="x")  # noqa: S106  the name of a function
    step = len(array) if size is UNDEFINED else whole(size)
    if step < 1 or not array:
        return UNDEFINED
    return [array[at : at + step] for at in range(0, len(array), step)]


def _range(_: Run, first: Any, last: Any, step: Any) -> Any:
    """Return numbers from first to last. Fractions are dropped; without a step or with step 0 there is nothing."""
    if first is UNDEFINED or last is UNDEFINED or step is UNDEFINED:
        return UNDEFINED
    start, end, stride = whole(first), whole(last), whole(step)
    if stride == 0:
        return UNDEFINED
    numbers = range(start, end + (1 if stride > 0 else -1), stride)
    check_range(len(numbers))
    return Sequence(numbers)


def _hash(_: Run, text: Any, algorithm: Any) -> Any:
    if text is UNDEFINED or algorithm is UNDEFINED:
        return UNDEFINED
    made = hash_text(text, algorithm)
    if made is None:
        raise fail("D3137", message=f"Unsupported hash algorithm: {algorithm}")
    return made


def _parse(_: Run, text: Any) -> Any:
    """Read JSON as AWS's parser: texts in single quotes are accepted, repeated members and anything after the value are not."""
    if text is UNDEFINED:
        return UNDEFINED
    try:
        return _numbers(read_json(text, single_quotes=True, unique_keys=True))
    except JsonReadError as error:
        raise fail("D3137", message=f"Invalid JSON: {error}") from None


def _numbers(value: Any) -> Any:
    """Return JSON with the numbers that the JVM reads: integers beyond 64 bits are floats."""
    kind = value.__class__
    if kind is int and not -(2**63) <= value < 2**63:
        return float(value)
    if kind is list:
        return [_numbers(item) for item in value]
    return {key: _numbers(item) for key, item in value.items()} if kind is dict else value


def _random(run: Run, seed: Any) -> float:
    """Return a random number; with a seed, the first one of Java's generator (floci-io/floci#2676, 2026)."""
    return run.random.random() if seed is UNDEFINED else JavaRandom(whole(seed)).next_double()


_TABLE: Final[dict[str, tuple[str, Callable[..., Any]]]] = {
    **TEXT_FUNCTIONS,
    "sum": ("<a<n>:n>", _sum),
    "count": ("<a:n>", lambda _, values: 0 if values is UNDEFINED else len(values)),
    "max": ("<a<n>:n>", _extreme(max)),
    "min": ("<a<n>:n>", _extreme(min)),
    "average": ("<a<n>:n>", _average),
    "number": ("<(nsb)-:n>", _number),
    "floor": ("<n-:n>", _of_number(math.floor)),
    "ceil": ("<n-:n>", _of_number(math.ceil)),
    "round": ("<n-n?:n>", _round),
    "abs": ("<n-:n>", lambda _, value: UNDEFINED if value is UNDEFINED else abs(value)),
    "sqrt": ("<n-:n>", _sqrt),
    "power": ("<n-n:n>", _power),
    "boolean": ("<x-:b>", _boolean),
    "not": ("<x-:b>", _not),
    "map": ("<af>", _map),
    "zip": ("<a+>", _zip),
    "filter": ("<af>", _filter),
    "single": ("<af?>", _single),
    "reduce": ("<afj?:j>", _reduce),
    "sift": ("<o-f?:o>", _sift),
    "keys": ("<x-:a<s>>", _keys),
    "lookup": ("<x-s:x>", _lookup),
    "append": ("<xx:a>", lambda _, first, second: append(first, second)),
    "exists": ("<x:b>", lambda _, value: value is not UNDEFINED),
    "spread": ("<x-:a<o>>", _spread),
    "merge": ("<a:o>", _merge),
    "reverse": ("<a:a>", lambda _, values: values[::-1] if isinstance(values, list) and len(values) > 1 else values),
    "each": ("<o-f:a>", _each),
    "error": ("<s?:x>", _error),
    "assert": ("<bs?:x>", _assert),
    "type": ("<x:s>", _type),
    "sort": ("<af?:a>", _sort),
    "shuffle": ("<a:a>", _shuffle),
    "distinct": ("<x:x>", _distinct),
    "partition": ("<xn?:a>", _partition),
    "range": ("<nnn?:a>", _range),
    "hash": ("<ss?:s>", _hash),
    "parse": ("<s:x>", _parse),
    "random": ("<n?:n>", _random),
    "uuid": ("<:s>", lambda run: make_uuid(run.random)),
}


def _functions() -> dict[str, Function]:
    made = {}
    for name, (text, call) in _TABLE.items():
        signature = read_signature(text)
        made[name] = Function(name, call, signature, signature.arity)
    return made


BUILTINS: Final = _functions()
"""The functions by name, without ``$``. ``eval`` is not one of them: AWS says that it is not a function."""
