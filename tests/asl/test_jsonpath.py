"""JSONPath behaves as Jayway does."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generator.asl.jsonpath import PathMatchError, PathNotFoundError, PathSyntaxError, compile_path, compile_reference_path, split_root

STORE = {
    "store": {
        "book": [
            {"category": "reference", "author": "Rees", "price": 8.95},
            {"category": "fiction", "author": "Waugh", "price": 12.99, "isbn": "1"},
            {"category": "fiction", "author": "Tolkien", "price": 22.99, "isbn": "2"},
        ],
        "bicycle": {"color": "red", "price": 19.95},
    },
    "a b": {"ünï": None},
    "empty": [],
}


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("$", STORE),
        ("$.store.bicycle.color", "red"),
        ("$['store']['bicycle']['color']", "red"),
        ('$["store"].bicycle', STORE["store"]["bicycle"]),
        ("$['a b']['ünï']", None),
        ("$.store.book[0].author", "Rees"),
        ("$.store.book[-1].author", "Tolkien"),
        ("$.store.[ 'book' ].[0].author", "Rees"),
        ("$.store.bicycle['color','price']", {"color": "red", "price": 19.95}),
        ("$.store.book.length()", 3),
        ("$..book.length()", 3),
        ("$.store.bicycle.color.length()", None),
        ("$.empty.index(0)", None),
        ('$.empty.append(1, "x)", $.store.bicycle.color)', [1, "x)", "red"]),
        ('$.empty.concat("a", $.store.bicycle.color, 1)', "ared"),
        ("$.sum($..price)", pytest.approx(64.88)),
        ("$..price.stddev()", pytest.approx(5.546, abs=0.001)),
        ("$.store.bicycle.keys()", ["color", "price"]),
        ("$..price.max()", 22.99),
    ],
)
def test_definite(path, expected):
    """One value comes back as it is."""
    assert compile_path(path).evaluate(STORE) == expected


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("$.store.book[*].author", ["Rees", "Waugh", "Tolkien"]),
        ("$.store.book[0,2].author", ["Rees", "Tolkien"]),
        ("$.store.book[1:].author", ["Waugh", "Tolkien"]),
        ("$.store.book[:-1].author", ["Rees", "Waugh"]),
        ("$..author", ["Rees", "Waugh", "Tolkien"]),
        ("$..book[0].author", ["Rees"]),
        ("$.store.*.color", ["red"]),
        ("$.store.book[?(@.isbn)].author", ["Waugh", "Tolkien"]),
        ("$.store.book[?(@.price < 10)].author", ["Rees"]),
        ("$.store.book[?(@.category == 'fiction' && @.price > 20)].author", ["Tolkien"]),
        ("$.store.book[?(@.author =~ /t.*[n]/i)].author", ["Tolkien"]),
        ("$.store.book[?(@.author in ['Rees','Nobody'])].price", [8.95]),
        ("$.store.book[?(@.author nin ['Rees'])].author", ["Waugh", "Tolkien"]),
        ("$.store.bicycle[?(@.color == 'red')].price", [19.95]),
        ("$.empty[*]", []),
        ("$.empty[*].a[*]", []),
        ("$.store.*[0:2].author", ["Rees", "Waugh"]),
        ("$.store.book[*].isbn[0]", []),
        ("$.store.book[0,9].author", ["Rees"]),
        ("$.empty[1,2]", [None, None]),
        ("$.store.book[0:-1]", []),
        ("$.store.book[-2:-1].author", ["Waugh"]),
        ("$.store.book[*].length()", [3, 4, 4]),
        ("$.store.book[?(@.isbn == 1)].author", ["Waugh"]),
        ("$.store.book[?(@.price > $.store.bicycle.price)].author", ["Tolkien"]),
        ("$.store.book[?(@.author =~ /T/)]", []),
        ("$.store.book[?(!(@.isbn) || @.isbn anyof ['1'])].author", ["Rees"]),
        ("$.store.book[?(@.author size 4)].author", ["Rees"]),
        ("$.store.book[?(@.isbn != null && @.isbn empty false)].isbn", ["1", "2"]),
        ("$.store.book[?(@.isbn == null)]", []),
        ("$.store.book[?(@ subsetof [1])]", []),
        ("$.store.book[?('Rees' == @['author'])].price", [8.95]),
        ("$.store.book[?(@.author contains 'au')].author", ["Waugh"]),
        ("$.store.book[?(@.price === '8.95')]", []),
        ("$.store.book[?(@.price == 8.950)].price", [8.95]),
    ],
)
def test_indefinite(path, expected):
    """A path that may name several values returns a list, which is empty when nothing matches."""
    compiled = compile_path(path)
    assert not compiled.definite
    assert compiled.evaluate(STORE) == expected


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("$.nothing", "No results for path: $['nothing']"),
        ("$.nothing.below", "Missing property in path $['nothing']"),
        ("$.store.book[9]", "No results for path: $['store']['book'][9]"),
        ("$.nothing[*].here", "Missing property in path $['nothing']"),
        ("$.nothing[?(@.a)]", "Missing property in path $['nothing']"),
        ("$.store.bicycle[0:2]", "Filter can only be applied to arrays: $['store']['bicycle']"),
        ("$.store.bicycle.color[?(@.a)]", "Filter can not be applied to primitives"),
        ("$.empty.sum()", "Aggregation function attempted"),
        ("$.store.book.author", "Expected to find an object with property ['author'] in path $['store']['book']"),
    ],
)
def test_missing(path, message):
    """The definite part of a path on missing data says so as Jayway does."""
    with pytest.raises(PathNotFoundError) as raised:
        compile_path(path).evaluate(STORE)
    assert str(raised.value).startswith(message)


@pytest.mark.parametrize(
    ("path", "position"),
    [
        ("", 0),
        ("store", 0),
        ("$.", 2),
        ("$..", 3),
        ("$.a b", 3),
        ("$[", 1),
        ("$['a", 1),
        ("$[a]", 1),
        ("$.a[?(]", 3),
        ("$.a()", 2),
        ("$.a.sum(x)", 4),
        ("$.a.sum(1", 4),
        ("$.a.sum(1,)", 4),
        ("$.a.sum(1 2)", 4),
        ("$x", 1),
        ("$.a..", 5),
        ("$.a[?(@.b ==)]", 3),
        ("$.a[?(@.b == 'x)]", 3),
        ("$.a[?(@.b like 1)]", 3),
        ("$.a[?(@.b =~ /(/)]", 3),
    ],
)
def test_syntax_errors(path, position):
    """An invalid path is an error with a position."""
    with pytest.raises(PathSyntaxError) as raised:
        compile_path(path)
    assert raised.value.position == position


def test_roots():
    """The input, the Context object and variables are told apart."""
    assert split_root("$") == ("input", "", "$")
    assert split_root("$.a") == ("input", "", "$.a")
    assert split_root("$$") == ("context", "", "$")
    assert split_root("$größe[0]") == ("variable", "größe", "$[0]")
    with pytest.raises(PathSyntaxError):
        split_root("a.b")


def test_reference_path_sets():
    """Writing copies the objects that it changes, and creates missing members."""
    document = {"a": {"b": [1, {"c": 2}]}}
    assert compile_reference_path("$.a.b[1].c").set(document, 9) == {"a": {"b": [1, {"c": 9}]}}
    assert compile_reference_path("$.x.y").set(document, 9) == {"a": {"b": [1, {"c": 2}]}, "x": {"y": 9}}
    assert compile_reference_path("$").set(document, 9) == 9
    assert document == {"a": {"b": [1, {"c": 2}]}}


@pytest.mark.parametrize(
    ("path", "document"), [("$.a", [1]), ("$.a.b", {"a": "text"}), ("$.a[3]", {"a": [1]}), ("$[0]", {}), ("$.a", None)]
)
def test_reference_path_does_not_fit(path, document):
    """A step that cannot be taken is an error, not a guess."""
    with pytest.raises(PathMatchError, match="Unable to apply step"):
        compile_reference_path(path).set(document, 1)


@pytest.mark.parametrize("path", ["$.a[*]", "$..a", "$.a[0:1]", "$.a[?(@.b)]", "$.a.length()"])
def test_reference_path_names_one_place(path):
    """A path that can match several places is not a reference path."""
    with pytest.raises(PathSyntaxError):
        compile_reference_path(path)


@given(st.lists(st.one_of(st.text(min_size=1).filter(lambda s: s.isidentifier()), st.integers(0, 3)), max_size=4), st.integers())
def test_what_is_set_can_be_read(keys, value):
    """Reading a reference path returns the value that was written there."""
    text = "$" + "".join(f"['{key}']" if isinstance(key, str) else f"[{key}]" for key in keys)
    document: object = {}
    for key in reversed(keys):
        document = {key: document} if isinstance(key, str) else [document] * (key + 1)
    assert compile_path(text).evaluate(compile_reference_path(text).set(document, value)) == value


@given(st.text(alphabet="$.[]*?@'\"abc012:,()=< \\/", max_size=20))
def test_any_text_is_a_path_or_a_syntax_error(text):
    """Every text is a path, or a syntax error with a position in the text."""
    try:
        path = compile_path("$" + text)
    except PathSyntaxError as error:
        position = error.position
    else:
        position = 0
        with contextlib.suppress(PathNotFoundError):
            path.evaluate({"a": [{"b": 1}], "c": "x"})
    assert 0 <= position <= len(text) + 1
