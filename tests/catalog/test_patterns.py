"""What is certain about a value before the workflow runs."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generator.asl.placeholders import Placeholder
from generator.catalog.patterns import UNKNOWN, Deployment, Parameters

HERE = Deployment("aws", "eu-west-1", "111122223333", "orders")


def text(value: Any, language: str = "JSONPath", key: str = "X") -> str | None:
    """Return the pattern text of one parameter, with a question mark for what only the execution knows."""
    found = Parameters({key: value}, language, HERE).text("X")
    return found if found is None else found.replace(UNKNOWN, "?")


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("$.a", "?"),
        ("States.Format('orders-{}', $.day)", "orders-?"),
        ("States.Format('{}/{}.json', 'in', $.id)", "in/?.json"),
        ("States.Format('a{}{}b', $.x, $.y)", "a?b"),
        (r"States.Format('it\'s {}', $.x)", "it's ?"),
        ("States.Format('{}', States.Format('{}', $.x))", "?"),
        ("States.Format($.template, $.x)", "?"),
        ("$$.StateMachine.Id", HERE.self_arn),
        ("$$.StateMachine.Name", "orders"),
        ("States.Format('logs/{}', $$.StateMachine.Name)", "logs/orders"),
        ("States.Format('broken", "?"),
        ("", "?"),
    ],
)
def test_jsonpath(value: str, expected: str) -> None:
    """Paths are unknown; States.Format keeps its literal text."""
    assert text(value, key="X.$") == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("{% $states.input.x %}", "?"),
        ("{% 'orders-' & $day %}", "orders-?"),
        ("{% 'in/' & $states.input.id & '.json' %}", "in/?.json"),
        ('{% "a" & "b" %}', "ab"),
        ("{% $x ? 'a' : 'b' %}", "?"),
        ("{% 'a' & ($x ? 'b' : 'c') %}", "?"),
        ("{% $states.context.StateMachine.Id %}", HERE.self_arn),
        ("{% $lookup({'a': 'x & y'}, 'a') & 'z' %}", "x & yz"),
        ("{% 'a' & /* b */ 'c' %}", "ac"),
        ("plain", "plain"),
        ("{% '", "{% '"),
    ],
)
def test_jsonata(value: str, expected: str) -> None:
    """Literals joined with & keep their text; a text that is one of several is unknown as a single one."""
    assert text(value, "JSONata") == expected


def test_characters_that_policies_read_otherwise_are_quoted() -> None:
    """A star in a key is a star, not a wildcard."""
    assert text("a*b?$c${}") == "a${*}b${?}$c${$}{}"
    assert text("arn:aws:s3:::b/*") == "arn:aws:s3:::b/*"
    assert text("${name}-x") == "${name}-x"


def test_paths_into_parameters() -> None:
    """Members, items, keys, absent ones, and what an expression hides."""
    parameters = Parameters(
        {"A": {"B.$": "$.b"}, "L": [{"N": "1"}, {"N": "2"}, {}], "M": {"k1": 1, "k2.$": "$"}, "E": "{% $ %}"}, "JSONPath", HERE
    )
    assert parameters.texts("A.B") == [UNKNOWN]
    assert parameters.texts("L[].N") == ["1", "2"]
    assert parameters.texts("L[].N", "default") == ["1", "2", "default"]
    assert parameters.texts("M@") == ["k1", "k2"]
    assert parameters.texts("A.C") == []
    assert not parameters.present("A.C")
    hidden = Parameters({"L": "{% $list %}"}, "JSONata", HERE)
    assert hidden.texts("L[].N") == [UNKNOWN]
    assert hidden.present("L[].N")


@pytest.mark.parametrize("value", [None, "{% $states.input %}", 1, []])
def test_parameters_that_are_only_known_at_run_time(value: Any) -> None:
    """Without an object to read, any parameter may be there."""
    parameters = Parameters(value, "JSONata", HERE)
    assert parameters.open
    assert parameters.text("Any") == UNKNOWN
    assert parameters.present("Any")


@pytest.mark.parametrize(
    ("value", "arn"),
    [
        ("${orders_arn}", "${orders_arn}"),
        ("${orders_url}", "${orders_arn}"),
        ("${orders_name}", "${orders_arn}"),
        ("${OrdersArn}", "${OrdersArn}"),
        ("${OrdersUrl}", "${OrdersArn}"),
        ("${Orders}", ""),
        ("${OrdersName}", ""),
        ("orders", ""),
        ("arn:aws:s3:::b", "arn:aws:s3:::b"),
        ("x-${orders_arn}", ""),
        ("${orders_arn}:live", "${orders_arn}:live"),
        ("${OrdersArn}/*", "${OrdersArn}/*"),
    ],
)
def test_placeholders_that_stand_for_arns(value: str, arn: str) -> None:
    """A placeholder of a URL or a name has a sibling for the ARN."""
    assert Deployment().arn_of(value) == arn


def test_a_known_placeholder_is_not_guessed_from_its_name() -> None:
    """The name of a resource may end like an attribute."""
    known = Placeholder("order_url_name", "table", "order-url", "name")
    place = Deployment(placeholders={known.name: known, "free_url": Placeholder("free_url")})
    assert place.arn_of("${order_url_name}") == "${order_url_arn}"
    assert place.arn_of("${free_url}") == "${free_arn}"
    assert place.sibling("${order_url_name}", "url") == "order_url_url"
    assert place.sibling("order_url_name", "url") == ""


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
        max_leaves=8,
    )
)
def test_any_json_is_read_without_failing(value: Any) -> None:
    """The result for any value is text, or nothing."""
    for language in ("JSONPath", "JSONata"):
        for key in ("X", "X.$"):
            parameters = Parameters({key: value}, language, HERE)
            for path in ("X", "X[]", "X@", "X.a", "X[].a"):
                assert all(isinstance(one, str) for one in parameters.texts(path))
