"""JSONPath as Step Functions evaluates it: paths and reference paths in the dialect of Jayway.

Step Functions evaluates JSONPath with the Jayway library: a *definite* path (single members and indices) names one
value and fails when it is missing; an *indefinite* path returns a list, which is empty when nothing matches.

Sources:
    https://docs.aws.amazon.com/step-functions/latest/dg/amazon-states-language-paths.html
    https://github.com/json-path/JsonPath (the operators, the filter operators and the functions)

A path is compiled into a tuple of steps. As in Jayway, a path is *definite up to* a step if the steps before it name one value:
there, a member that is missing or a value of the wrong kind is an error, also where a later step makes the path indefinite
(``$.missing[*]``). Behind a wildcard, such values are left out.
"""

from __future__ import annotations

import functools
import itertools
import json
import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from generator.asl.jsonpath_filter import FilterSyntaxError, compile_filter
from generator.asl.jsonpath_functions import FUNCTIONS, length

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from generator.asl.jsonpath_functions import Function

    Step = Callable[[Any, Any], Iterator[Any]]

_CACHE_SIZE = 8192


class PathSyntaxError(ValueError):
    """A text that is not a JSONPath.

    Attributes:
        message: the problem.
        position: the offset of the first wrong character in the text of the path.
    """

    def __init__(self, message: str, position: int) -> None:
        """Create the error."""
        super().__init__(f"{message} (at offset {position})")
        self.message = message
        self.position = position


class PathNotFoundError(LookupError):
    """A definite path matches nothing in the document; the text is that of Jayway."""


class PastEndError(PathNotFoundError):
    """The last part of a definite path is an index outside its array.

    AWS reads null there, because its JSON library returns no node and Jayway passes that on. Measured for payload templates
    (tests/conformance); ``IsPresent`` says that nothing is there.
    """


class PathMatchError(LookupError):
    """A reference path does not fit the document that it must write to."""


class Root(NamedTuple):
    """The start of a path.

    Attributes:
        kind: the state's input (``$``), the Context object (``$$``) or a variable (``$name``).
        name: the name of the variable; empty for the input and the Context object.
        path: the path with ``$`` as its root, for :func:`compile_path`.
    """

    kind: Literal["input", "context", "variable"]
    name: str
    path: str


_VARIABLE = re.compile(r"\$([^\W\d]\w*)")


def split_root(text: str) -> Root:
    """Return where a path starts, and the path from there.

    Raises:
        PathSyntaxError: the text does not begin with ``$``.

    >>> split_root("$$.Map.Item.Value")
    Root(kind='context', name='', path='$.Map.Item.Value')
    >>> split_root("$order.items[0]")
    Root(kind='variable', name='order', path='$.items[0]')
    """
    if not text.startswith("$"):
        raise PathSyntaxError("A path must begin with '$'", 0)
    if text.startswith("$$"):
        return Root("context", "", text[1:])
    if variable := _VARIABLE.match(text):
        return Root("variable", variable[1], "$" + text[variable.end() :])
    return Root("input", "", text)


class Part(NamedTuple):
    """One part of a path.

    Attributes:
        kind: what it selects.
        value: the name, the index, the names, the indices, the bounds of the slice, the text of the filter, the name of the function;
            None for ``*`` and ``..``.
    """

    kind: Literal["member", "index", "members", "indices", "slice", "children", "descendants", "filter", "function"]
    value: Any = None


def path_end(text: str, start: int) -> int:
    """Return where a path inside a longer text ends: before a comma, a blank or a closing bracket that is not part of it.

    >>> path_end("States.Array($.a['x,y'], 1)", 13)
    23
    """
    depth = 0
    at = start
    while at < len(text):
        char = text[at]
        if depth and (char in "'\"" or (char == "/" and text[start:at].rstrip().endswith("=~"))):
            at = _closing(text, at)
            if at < 0:
                return len(text)
        elif char in "[(":
            depth += 1
        elif char in "])":
            if not depth:
                return at
            depth -= 1
        elif not depth and (char == "," or char.isspace()):
            return at
        at += 1
    return at


@dataclass(frozen=True, slots=True)
class Path:
    """A compiled JSONPath.

    Attributes:
        text: the path as written.
        definite: whether it names at most one value.
        keys: the member names and indices of a path that has nothing else; None for other paths.
        parts: its parts in order, for those who write it in another language.
    """

    text: str
    definite: bool
    keys: tuple[str | int, ...] | None
    parts: tuple[Part, ...]
    _steps: tuple[Step, ...]
    _normal: tuple[str, ...]
    _function: _Call | None
    _scans: bool

    def evaluate(self, document: Any, root: Any = None) -> Any:
        """Return the value of a definite path, or the list of values of an indefinite path.

        Args:
            document: the value of ``$``.
            root: what ``$`` means inside a filter, for the paths of a filter inside it; by default the document.

        Raises:
            PathNotFoundError: a definite path, or the definite part of a path, matches nothing.

        >>> compile_path("$.order.items[-1]").evaluate({"order": {"items": [1, 2]}})
        2
        >>> compile_path("$.order..sku").evaluate({"order": {}})
        []
        """
        if self.keys is not None:
            node = document
            for depth, key in enumerate(self.keys):
                if isinstance(key, str):
                    if node.__class__ is not dict or key not in node:
                        raise PathNotFoundError(self._missing(depth, node))
                    node = node[key]
                else:
                    if node.__class__ is not list or not -len(node) <= key < len(node):
                        past_end = node.__class__ is list and depth == len(self.keys) - 1
                        raise (PastEndError if past_end else PathNotFoundError)(self._missing(depth, node))
                    node = node[key]
            return node
        nodes = [document]
        whole = document if root is None else root
        for step in self._steps:
            nodes = [below for node in nodes for below in step(node, whole)]
        if self._function is not None:
            if self._scans:
                # "$..a.sum()" is the sum of all, "$..a.length()" counts what is inside all.
                if self._function.function is length:
                    nodes = list(itertools.chain(*(node for node in nodes if isinstance(node, (list, dict)))))
                return self._function.result(nodes, whole)
            nodes = [self._function.result(node, whole) for node in nodes]
        if not self.definite:
            return nodes
        if not nodes:
            raise PathNotFoundError(f"No results for path: {self.normalized}")
        return nodes[0]

    @property
    def normalized(self) -> str:
        """The path in bracket notation, as in the messages of Jayway."""
        return "$" + "".join(self._normal)

    def _missing(self, depth: int, node: Any) -> str:
        here = "$" + "".join(self._normal[: depth + 1])
        above = "$" + "".join(self._normal[:depth])
        if isinstance(self.keys and self.keys[depth], str):
            if not isinstance(node, dict):
                found = "null" if node is None else f"'{_java_class(node)}'"
                name = self._normal[depth]
                if node is None or isinstance(node, (str, bool, int, float, list)):
                    return (
                        f"Expected to find an object with property {name} in path {above} but found {found}. "
                        "This is not a json object according to the JsonProvider: "
                        "'com.jayway.jsonpath.spi.json.JacksonJsonNodeJsonProvider'."
                    )
            if depth + 1 < len(self._normal):
                return f"Missing property in path {here}"
            return f"No results for path: {here}"
        return f"No results for path: {self.normalized}"


def _java_class(value: Any) -> str:
    if isinstance(value, bool):
        return "com.fasterxml.jackson.databind.node.BooleanNode"
    if isinstance(value, int):
        return "com.fasterxml.jackson.databind.node.IntNode"
    if isinstance(value, float):
        return "com.fasterxml.jackson.databind.node.DoubleNode"
    if isinstance(value, str):
        return "com.fasterxml.jackson.databind.node.TextNode"
    return "com.fasterxml.jackson.databind.node.ArrayNode"


@dataclass(frozen=True, slots=True)
class ReferencePath:
    """A path that names exactly one place, so that a value can be written there.

    Attributes:
        text: the path as written.
        keys: the member names and indices from the root.
    """

    text: str
    keys: tuple[str | int, ...]

    def set(self, document: Any, value: Any) -> Any:
        """Return a copy of the document with the value at this place; missing members are created.

        Raises:
            PathMatchError: the path does not fit the document, for example if it names a member of a string.

        >>> compile_reference_path("$.a.b").set({"a": {"c": 1}}, 2)
        {'a': {'c': 1, 'b': 2}}
        """
        if not self.keys:
            return value
        last = len(self.keys) - 1
        root: Any = None
        parent: Any = None
        node = document
        for depth, key in enumerate(self.keys):
            copy: Any
            if isinstance(key, str):
                if not isinstance(node, dict):
                    raise PathMatchError(f'Unable to apply step "{key}" to input {_show(node)}')
                copy = dict(node)
                below = value if depth == last else node.get(key, {})
            else:
                if not isinstance(node, list) or not -len(node) <= key < len(node):
                    raise PathMatchError(f'Unable to apply step "{key}" to input {_show(node)}')
                copy = list(node)
                below = value if depth == last else node[key]
            copy[key] = below
            if depth == 0:
                root = copy
            else:
                parent[self.keys[depth - 1]] = copy
            parent, node = copy, below
        return root


def _show(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


@lru_cache(_CACHE_SIZE)
def compile_path(text: str) -> Path:
    """Compile a path that begins with ``$`` (for ``$$`` and variables see :func:`split_root`).

    Raises:
        PathSyntaxError: the text is not a JSONPath.

    >>> compile_path("$.items[*].price").definite
    False
    """
    return _Parser(text).parse()


@lru_cache(_CACHE_SIZE)
def compile_reference_path(text: str) -> ReferencePath:
    """Compile a reference path, which names a single place.

    Raises:
        PathSyntaxError: the text is not a path, or the path can name several places.
    """
    path = compile_path(text)
    if path.keys is None:
        raise PathSyntaxError("A reference path must consist of member names and indices", 0)
    return ReferencePath(text, path.keys)


_JSON = json.JSONDecoder()


def _constant(value: Any, _root: Any) -> Any:
    return value


class _Call(NamedTuple):
    """A function at the end of a path, with functions that compute its parameters from the document."""

    function: Function
    parameters: tuple[Callable[[Any], Any], ...]

    def result(self, value: Any, root: Any) -> Any:
        """Return the result for a value.

        Raises:
            PathNotFoundError: there is none.
        """
        try:
            return self.function(value, [parameter(root) for parameter in self.parameters])
        except LookupError as error:
            raise PathNotFoundError(str(error)) from None


_NAME_END = frozenset(".[( \t\n\r")
_INDEX = re.compile(r"-?\d+$")
_INDEX_LIST = re.compile(r"-?\d+(\s*,\s*-?\d+)+$")
_SLICE = re.compile(r"(-?\d+)?\s*:\s*(-?\d+)?$")


class _Parser:
    """Parses a path from left to right."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.steps: list[Step] = []
        self.normal: list[str] = []
        self.keys: list[str | int] | None = []
        self.definite = True
        self.function: _Call | None = None
        self.parts: list[Part] = []

    def fail(self, message: str, at: int | None = None) -> PathSyntaxError:
        return PathSyntaxError(message, self.at if at is None else at)

    def parse(self) -> Path:
        text = self.text
        if not text.startswith("$"):
            raise self.fail("A path must begin with '$'")
        self.at = 1
        while self.at < len(text):
            if self.function is not None:
                raise self.fail("A function must be the last part of a path")
            if text.startswith("..", self.at):
                self.at += 2
                if self.at >= len(text):
                    raise self.fail("A path must not end with '..'")
                self.many(Part("descendants"), "..", _descendants)
                if text[self.at] != "[":
                    self.name()
            elif text[self.at] == ".":
                self.at += 1
                if self.at >= len(text):
                    raise self.fail("A path must not end with '.'")
                if text[self.at] != "[":
                    self.name()
                continue
            elif text[self.at] == "[":
                self.bracket()
            else:
                raise self.fail(f"Unexpected character {text[self.at]!r}")
        keys = None if self.keys is None else tuple(self.keys)
        scans = text.startswith("$..") and self.function is not None
        return Path(text, self.definite or scans, keys, tuple(self.parts), tuple(self.steps), tuple(self.normal), self.function, scans)

    def one(self, key: str | int) -> None:
        if self.keys is not None:
            self.keys.append(key)
        self.parts.append(Part("member" if isinstance(key, str) else "index", key))
        self.normal.append(f"['{key}']" if isinstance(key, str) else f"[{key}]")
        at = self.place()
        self.steps.append(_member(key, at) if isinstance(key, str) else _indices((key,), at))

    def place(self) -> str | None:
        """Return the path so far, where missing data is an error; None behind the first part that can name several values."""
        return "$" + "".join(self.normal) if self.definite else None

    def many(self, part: Part, normal: str, step: Step) -> None:
        self.keys = None
        self.definite = False
        self.parts.append(part)
        self.normal.append(normal)
        self.steps.append(step)

    def name(self) -> None:
        start = self.at
        text = self.text
        while self.at < len(text) and text[self.at] not in _NAME_END:
            self.at += 1
        name = text[start : self.at]
        if self.at < len(text) and text[self.at].isspace():
            raise self.fail("A name with white space must be in brackets: ['my name']")
        if not name:
            raise self.fail("Expected a name")
        if self.at < len(text) and text[self.at] == "(":
            if name not in FUNCTIONS:
                raise self.fail(f"Unknown function {name!r}", start)
            self.at += 1
            self.function = _Call(FUNCTIONS[name], tuple(self.parameters(start)))
            self.keys = None
            self.parts.append(Part("function", name))
            self.normal.append(f".{name}()")
        elif name == "*":
            self.many(Part("children"), "[*]", _children)
        else:
            if name in {"$", "@"} or "]" in name or "'" in name or "*" in name or "," in name:
                raise self.fail(f"Invalid name {name!r}", start)
            self.one(name)

    def parameters(self, start: int) -> Iterator[Callable[[Any], Any]]:
        """Read the parameters of a function and the parenthesis behind them: paths, and values of JSON."""
        text = self.text
        expects = False
        while True:
            while self.at < len(text) and text[self.at].isspace():
                self.at += 1
            if text[self.at : self.at + 1] == ")" and not expects:
                self.at += 1
                return
            if text[self.at : self.at + 1] == "$":
                end = path_end(text, self.at)
                yield compile_path(text[self.at : end]).evaluate
            else:
                try:
                    value, end = _JSON.raw_decode(text, self.at)
                except ValueError:
                    raise self.fail("The parameters of a function must be paths or values of JSON", start) from None
                yield functools.partial(_constant, value)
            self.at = end + len(text[end:]) - len(text[end:].lstrip())
            expects = text[self.at : self.at + 1] == ","
            self.at += expects
            if not expects and text[self.at : self.at + 1] != ")":
                raise self.fail("Expected ',' or ')' after a parameter", start)

    def bracket(self) -> None:
        start = self.at
        inner = self.bracket_text()
        stripped = inner.strip()
        if stripped == "*":
            self.many(Part("children"), "[*]", _children)
        elif stripped[:1] in {"'", '"'}:
            names = self.quoted(inner, start + 1)
            if len(names) == 1:
                self.one(names[0])
            else:
                normal = "[" + ",".join(f"'{name}'" for name in names) + "]"
                if self.at < len(self.text):
                    self.many(Part("members", names), normal, _members(names, self.place()))
                else:
                    # Jayway merges the members of several names in the last step into one object: the path is definite.
                    self.keys = None
                    self.parts.append(Part("members", names))
                    self.normal.append(normal)
                    self.steps.append(_merge(names, self.place()))
        elif stripped.startswith("?"):
            text = stripped[1:].strip()
            self.many(Part("filter", text), "[?]", _filter(text, start, self.place()))
        elif _INDEX.match(stripped):
            self.one(int(stripped))
        elif _INDEX_LIST.match(stripped):
            indices = tuple(int(i) for i in stripped.split(","))
            self.many(Part("indices", indices), f"[{stripped}]", _indices(indices, self.place()))
        elif found := _SLICE.match(stripped):
            first, last = (int(bound) if bound else None for bound in found.groups())
            self.many(Part("slice", (first, last)), f"[{stripped}]", _slice(first, last, self.place()))
        else:
            raise self.fail("Expected an index, a slice, a quoted name, '*' or a filter between brackets", start)

    def bracket_text(self) -> str:
        """Return the text between this bracket and the closing one; brackets in strings and regular expressions do not count."""
        text = self.text
        start = self.at
        depth = 0
        at = start
        while at < len(text):
            char = text[at]
            if char in "'\"" or (char == "/" and text[start:at].rstrip().endswith("=~")):
                at = _closing(text, at)
                if at < 0:
                    break
            elif char == "[":
                depth += 1
            elif char == "]":
                depth -= 1
                if depth == 0:
                    self.at = at + 1
                    return text[start + 1 : at]
            at += 1
        raise self.fail("A bracket is not closed", start)

    def quoted(self, inner: str, offset: int) -> tuple[str, ...]:
        names = []
        at = 0
        while True:
            while at < len(inner) and inner[at].isspace():
                at += 1
            if at >= len(inner) or inner[at] not in "'\"":
                raise self.fail("Expected a quoted name", offset + at)
            end = _closing(inner, at)
            if end < 0:
                raise self.fail("A quoted name is not closed", offset + at)
            names.append(re.sub(r"\\(.)", r"\1", inner[at + 1 : end]))
            at = end + 1
            while at < len(inner) and inner[at].isspace():
                at += 1
            if at >= len(inner):
                return tuple(names)
            if inner[at] != ",":
                raise self.fail("Expected ',' or ']' after a quoted name", offset + at)
            at += 1


def _closing(text: str, at: int) -> int:
    quote = text[at]
    at += 1
    while at < len(text):
        if text[at] == "\\":
            at += 1
        elif text[at] == quote:
            return at
        at += 1
    return -1


def _not_found(at: str, reason: str = "No results for path: ") -> PathNotFoundError:
    return PathNotFoundError(f"{reason}{at}")


def _member(name: str, at: str | None) -> Step:
    def step(node: Any, _root: Any) -> Iterator[Any]:
        if isinstance(node, dict) and name in node:
            yield node[name]
        elif at is not None:
            raise _not_found(at, "Missing property in path " if isinstance(node, dict) else "Expected to find an object at path ")

    return step


def _members(names: tuple[str, ...], at: str | None) -> Step:
    def step(node: Any, _root: Any) -> Iterator[Any]:
        if isinstance(node, dict):
            yield from (node[name] for name in names if name in node)
        elif at is not None:
            raise _not_found(at)

    return step


def _merge(names: tuple[str, ...], at: str | None) -> Step:
    def step(node: Any, _root: Any) -> Iterator[Any]:
        if isinstance(node, dict):
            yield {name: node[name] for name in names if name in node}
        elif at is not None:
            raise _not_found(at)

    return step


def _indices(indices: tuple[int, ...], at: str | None) -> Step:
    """Return a step to items of an array. Outside the array is null, because Jackson returns no node and Jayway passes that on."""

    def step(node: Any, _root: Any) -> Iterator[Any]:
        if isinstance(node, list):
            yield from (node[index] if -len(node) <= index < len(node) else None for index in indices)
        elif at is not None:
            raise _not_found(at, "Filter can only be applied to arrays: ")

    return step


def _slice(first: int | None, last: int | None, at: str | None) -> Step:
    """Return a step to a part of an array. As in Jayway, a negative last index beside a first one does not count from the end."""

    def step(node: Any, _root: Any) -> Iterator[Any]:
        if not isinstance(node, list):
            if at is not None:
                raise _not_found(at, "Filter can only be applied to arrays: ")
        elif first is None or last is None:
            yield from node[first:last]
        else:
            yield from (node[index] for index in range(first, min(last, len(node))) if index >= -len(node))

    return step


def _children(node: Any, _root: Any) -> Iterator[Any]:
    if isinstance(node, dict):
        yield from node.values()
    elif isinstance(node, list):
        yield from node


def _descendants(node: Any, _root: Any) -> Iterator[Any]:
    """Yield the node and everything inside it, in the order of the document, without recursion."""
    stack = [node]
    while stack:
        top = stack.pop()
        yield top
        if isinstance(top, dict):
            stack.extend(reversed(list(top.values())))
        elif isinstance(top, list):
            stack.extend(reversed(top))


def _filter(expression: str, position: int, at: str | None) -> Step:
    try:
        test = compile_filter(expression, _path_of_filter)
    except FilterSyntaxError as error:
        raise PathSyntaxError(f"Invalid filter: {error}", position) from error

    def step(node: Any, root: Any) -> Iterator[Any]:
        # Jayway applies a filter to an object itself, and to each element of an array.
        if isinstance(node, dict):
            if test(node, root):
                yield node
        elif isinstance(node, list):
            yield from (item for item in node if test(item, root))
        elif at is not None:
            raise _not_found(at, "Filter can not be applied to primitives: ")

    return step


def _path_of_filter(text: str) -> Callable[[Any, Any], Any]:
    """Compile a path inside a filter: ``@`` is the item, ``$`` the document."""
    path = compile_path("$" + text[1:])
    of_item = text.startswith("@")

    def read(item: Any, root: Any) -> Any:
        try:
            return path.evaluate(item if of_item else root, root)
        except PastEndError:
            return None

    return read
