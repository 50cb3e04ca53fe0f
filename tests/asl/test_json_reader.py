"""JSON texts as Jackson reads them, with its messages."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generator.asl.json_reader import JsonReadError, read_json

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=8,
)


@given(VALUES)
def test_what_json_writes_is_read(value):
    """Every JSON text has its value, also in the dialect with single quotes."""
    assert read_json(json.dumps(value)) == value
    assert read_json(f"['', {json.dumps(value)}]", single_quotes=True) == ["", value]


@pytest.mark.parametrize(
    ("text", "message", "line", "column"),
    [
        ("{bad json}", "Unexpected character ('b' (code 98)): was expecting double-quote to start field name", 1, 2),
        ('{"a" 1}', "Unexpected character ('1' (code 49)): was expecting a colon to separate field name and value", 1, 6),
        ('{"a": 1\n "b"}', "Unexpected character ('\"' (code 34)): was expecting comma to separate Object entries", 2, 2),
        ("[1 2]", "Unexpected character ('2' (code 50)): was expecting comma to separate Array entries", 1, 4),
        ("foo", "Unrecognized token 'foo': was expecting (JSON String, Number, Array, Object or token 'null', 'true' or 'false')", 1, 4),
        ("NaN", "Non-standard token 'NaN': enable `JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS` to allow", 1, 4),
        ("[01]", "Invalid numeric value: Leading zeroes not allowed", 1, 3),
        ('"a', "Unexpected end-of-input: was expecting closing quote for a string value", 1, 3),
    ],
)
def test_messages(text, message, line, column):
    """The first error, with its line and column; the first message is AWS's (tests/conformance)."""
    place = f"[Source: REDACTED (`StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION` disabled); line: {line}, column: {column}]"
    with pytest.raises(JsonReadError) as raised:
        read_json(text)
    assert str(raised.value) == f"{message}\n at {place}"


@pytest.mark.parametrize("text", ["", " ", "{", "[1,", "[1,]", "01", "1 2", "'a'", "{'a': 1}", '"\\x"', "tru", "-", '"\n"', "Infinity"])
def test_refused(text):
    """What is not JSON is refused."""
    with pytest.raises(JsonReadError):
        read_json(text)


def test_repeated_members():
    """The last one counts, unless they must be unique."""
    assert read_json('{"a": 1, "a": 2}') == {"a": 2}
    with pytest.raises(JsonReadError, match="Duplicate field 'a'"):
        read_json('{"a": 1, "a": 2}', unique_keys=True)
