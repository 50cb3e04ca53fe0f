"""Intrinsic functions in JSONata.

Source: https://docs.aws.amazon.com/step-functions/latest/dg/intrinsic-functions.html, which names the form of most of them;
https://docs.aws.amazon.com/step-functions/latest/dg/transforming-data.html has the functions that Step Functions adds to JSONata.
"""

from __future__ import annotations

import re
from random import Random
from typing import TYPE_CHECKING, Any, Final

from generator.asl.intrinsics import IntrinsicError, parse_intrinsic
from generator.asl.placeholders import PLACEHOLDER, has_placeholder
from generator.importers.jsonata.terms import ATOM, CONDITION, EQUAL, SUM, Written, kind_of, literal, wrapped
from generator.importers.jsonata.values import Call, Const, NotConvertibleError, Ref

if TYPE_CHECKING:
    from collections.abc import Callable

    from generator.importers.jsonata.values import Value
    from generator.importers.jsonata.writing import Writer

_PROPAGATES: Final = frozenset({"MathAdd", "StringToJson", "Hash", "Base64Encode", "Base64Decode", "ArrayGetItem", "ArrayUnique"})
"""The functions whose form in JSONata has no value if an argument has none."""
RANDOM: Final = frozenset({"States.UUID", "States.MathRandom"})
"""The functions whose value differs from call to call."""
FORMAT_NOTE: Final = (
    'an object, an array or a number such as 1.0 in States.Format: it becomes {a=1}, [1] or 1.0 in JSONPath, {"a":1}, [1] or 1 in JSONata'
)
STRING_NOTE: Final = "a number such as 1.0 or 1e9 in the text of a value: JSONPath writes 1.0 and 1.0E9, JSONata 1 and 1000000000"
BASE64_NOTE: Final = "a text in States.Base64Decode that is not Base64: JSONPath reads what it can, JSONata fails"
NUMBERS_NOTE: Final = (
    "numbers such as 1 and 1.0 in an array: they differ for States.ArrayUnique and States.ArrayContains, and are equal in JSONata"
)
ADD_NOTE: Final = "a number with a fraction in States.MathAdd: JSONPath rounds it first, JSONata adds it as it is"


def write_call(writer: Writer, call: Call, *, part: bool) -> Written:
    """Write a call.

    Args:
        writer: the expression.
        call: the call.
        part: whether what is around it would go on without it.

    Raises:
        NotConvertibleError: it always fails, or it has no exact form.
    """
    if (constant := _constant(call)) is not None:
        return literal(constant.value), ATOM
    name = call.intrinsic.name.removeprefix("States.")
    outer, writer.inner = writer.inner, part or name not in _PROPAGATES
    try:
        return _FORMS[name](writer, *call.arguments)
    finally:
        writer.inner = outer


def _constant(call: Call) -> Const | None:
    """Return the value of a call whose arguments are known; None for others."""
    if call.intrinsic.name in RANDOM or not all(isinstance(argument, Const) for argument in call.arguments):
        return None
    if any(has_placeholder(str(argument.value)) for argument in call.arguments if isinstance(argument, Const)):
        return None
    try:
        return Const(call.intrinsic.evaluate(None, None, {}, Random(0)))
    except IntrinsicError as error:
        raise NotConvertibleError(f"the call always fails: {error}") from None


def _text(writer: Writer, value: Value) -> str:
    return _write(writer, value)[0]


def _write(writer: Writer, value: Value) -> Written:
    return writer.write(value, part=writer.inner)


def _atom(writer: Writer, value: Value, base: str = "value") -> str:
    """Write a value that is used several times."""
    text, power = _write(writer, value)
    simple = power == ATOM and isinstance(value, Ref | Const)
    return text if simple else writer.bind(base, text)


_PIECE: Final = re.compile(rf"(?:{PLACEHOLDER.pattern})|\\(?P<escaped>['{{}}\\])|(?P<hole>\{{\}})|(?P<text>.)", re.DOTALL)


def _format(writer: Writer, template: Value, *arguments: Value) -> Written:
    if not isinstance(template, Const) or not isinstance(template.value, str):
        raise NotConvertibleError("the template of States.Format is computed")
    pieces: list[str] = [""]
    texts: list[str] = []
    for found in _PIECE.finditer(template.value):
        if found["hole"]:
            texts.append(pieces.pop())
            pieces.append("")
            texts.append("")
        else:
            pieces[-1] += found["escaped"] or found[0]
    texts.append(pieces.pop())
    if texts.count("") < len(arguments) or len(texts) != 2 * len(arguments) + 1:
        raise NotConvertibleError("States.Format does not have an argument for each {}")
    parts: list[str] = []
    for number, argument in enumerate(arguments):
        if texts[2 * number]:
            parts.append(literal(texts[2 * number]))
        if isinstance(argument, Const):
            parts.append(literal(_java(argument.value)))
            continue
        if kind_of(argument) != "string":
            writer.notes.append(FORMAT_NOTE)
        parts.append(wrapped(_write(writer, argument), SUM))
    if texts[-1]:
        parts.append(literal(texts[-1]))
    if len(parts) == 1:
        return f"$string({parts[0]})", ATOM
    return " & ".join(parts), SUM


def _java(value: Any) -> str:
    shown = repr(value) if isinstance(value, float) else value if isinstance(value, str) else literal(value)
    if isinstance(value, float):
        return str(parse_intrinsic(f"States.Format('{{}}', {shown})").evaluate(None, None, {}, Random(0)))
    return shown


def _string_to_json(writer: Writer, text: Value) -> Written:
    shown = _atom(writer, text)
    return f'$trim({shown}) = "" ? null : $parse({shown})', CONDITION


def _json_to_string(writer: Writer, value: Value) -> Written:
    kind = kind_of(value)
    if kind in ("", "array", "object", "number"):
        writer.notes.append(STRING_NOTE)
    if kind and kind != "string":
        return f"$string({_text(writer, value)})", ATOM
    shown = _atom(writer, value)
    quoted = f'$replace($string([{shown}]), /^\\[|\\]$/, "")'
    return (quoted, ATOM) if kind else (f'$type({shown}) = "string" ? {quoted} : $string({shown})', CONDITION)


def _array(writer: Writer, *items: Value) -> Written:
    return f"[{', '.join(writer.item(item) for item in items)}]", ATOM


def _partition(writer: Writer, array: Value, size: Value) -> Written:
    return f"[$partition({_text(writer, array)}, {_text(writer, size)})[]]", ATOM


def _contains(writer: Writer, array: Value, value: Value) -> Written:
    if kind_of(value) != "string":
        writer.notes.append(NUMBERS_NOTE)
    if kind_of(value) in ("string", "number", "boolean", "null"):
        return f"{wrapped(_write(writer, value), EQUAL)} in {wrapped(_write(writer, array), EQUAL)}", EQUAL
    item = writer.free("item")
    return f"$exists($filter({_text(writer, array)}, function({item}) {{ {item} = {wrapped(_write(writer, value), EQUAL)} }}))", ATOM


def _range(writer: Writer, first: Value, last: Value, step: Value) -> Written:
    return f"[$range({', '.join(_text(writer, each) for each in (first, last, step))})]", ATOM


def _get_item(writer: Writer, array: Value, index: Value) -> Written:
    if isinstance(index, Const) and kind_of(index) != "number":
        raise NotConvertibleError("the index of States.ArrayGetItem is not a number")
    text, power = _write(writer, array)
    simple = power == ATOM and not text.startswith("[") and not isinstance(array, Const)
    return f"{text if simple else f'({text})'}[{_text(writer, index)}]", ATOM


def _length(writer: Writer, array: Value) -> Written:
    return f"$count({_text(writer, array)})", ATOM


def _unique(writer: Writer, array: Value) -> Written:
    writer.notes.append(NUMBERS_NOTE)
    return f"$distinct({_text(writer, array)})", ATOM


def _encode(writer: Writer, text: Value) -> Written:
    return f"$base64encode({_text(writer, text)})", ATOM


def _decode(writer: Writer, text: Value) -> Written:
    writer.notes.append(BASE64_NOTE)
    return f"$base64decode({_text(writer, text)})", ATOM


def _hash(writer: Writer, data: Value, algorithm: Value) -> Written:
    kind = kind_of(data)
    if kind == "string":
        shown = _text(writer, data)
    else:
        used = _atom(writer, data)
        shown = f"$string({used})" if kind else f'$type({used}) = "string" ? {used} : $string({used})'
        writer.notes.append(STRING_NOTE)
    return f"$hash({shown}, {_text(writer, algorithm)})", ATOM


def _merge(writer: Writer, first: Value, second: Value, deep: Value) -> Written:
    if not isinstance(deep, Const) or deep.value not in (False, "false"):
        raise NotConvertibleError("the third argument of States.JsonMerge must be false")
    return f"$merge([{_text(writer, first)}, {_text(writer, second)}])", ATOM


def _random(writer: Writer, start: Value, end: Value, *seed: Value) -> Written:
    if seed:
        raise NotConvertibleError("a seed of States.MathRandom leads to another number in JSONata")
    least, most = _write(writer, start), _write(writer, end)
    return f"{wrapped(least, SUM - 1)} + $floor($random() * ({most[0]} - {wrapped(least, SUM)}))", SUM


def _add(writer: Writer, first: Value, second: Value) -> Written:
    for value in (first, second):
        if not isinstance(value, Const) and not (isinstance(value, Call) and kind_of(value) == "number"):
            writer.notes.append(ADD_NOTE)
        elif isinstance(value, Const) and not isinstance(value.value, int):
            raise NotConvertibleError("States.MathAdd of a number with a fraction")
    if isinstance(second, Const) and isinstance(second.value, int) and second.value < 0:
        return f"{wrapped(_write(writer, first), SUM - 1)} - {-second.value}", SUM
    return f"{wrapped(_write(writer, first), SUM - 1)} + {wrapped(_write(writer, second), SUM)}", SUM


def _split(writer: Writer, text: Value, delimiters: Value) -> Written:
    if not isinstance(delimiters, Const) or not isinstance(delimiters.value, str) or has_placeholder(delimiters.value):
        raise NotConvertibleError("the delimiters of States.StringSplit are computed")
    chars = delimiters.value
    if not chars:
        shown = _atom(writer, text)
        return f'$type({shown}) = "string" ? $filter([{shown}], function($v) {{ $v != "" }})[]', CONDITION
    separator = literal(chars) if len(chars) == 1 else "/[" + "".join("\\" + c if c in r"\]^-/[" else c for c in chars) + "]/"
    one = writer.free("part")
    return f'[$filter($split({_text(writer, text)}, {separator}), function({one}) {{ {one} != "" }})]', ATOM


def _uuid(_: Writer) -> Written:
    return "$uuid()", ATOM


_FORMS: Final[dict[str, Callable[..., Written]]] = {
    "Format": _format,
    "StringToJson": _string_to_json,
    "JsonToString": _json_to_string,
    "Array": _array,
    "ArrayPartition": _partition,
    "ArrayContains": _contains,
    "ArrayRange": _range,
    "ArrayGetItem": _get_item,
    "ArrayLength": _length,
    "ArrayUnique": _unique,
    "Base64Encode": _encode,
    "Base64Decode": _decode,
    "Hash": _hash,
    "JsonMerge": _merge,
    "MathRandom": _random,
    "MathAdd": _add,
    "StringSplit": _split,
    "UUID": _uuid,
}
