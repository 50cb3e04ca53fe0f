"""The evaluation of JSONata as on AWS's JVM: a syntax tree becomes nested functions, once for each expression.

Why not a library: none of them behaves as AWS. jlens follows JavaScript (infinite numbers fail, integers round at 2**53, texts
compare by code point), jsonata-python and jsonata-rs follow the JVM but differ from AWS in null, in messages and in limits.
tests/conformance has the measured answers; tests/asl/test_jsonata_libraries.py compares the libraries.

The semantics of paths, sequences, groups and tuples are those of https://docs.jsonata.org/processing. The syntax tree is
jsonata-python's.
"""

from __future__ import annotations

import functools
import math
import sys
from typing import TYPE_CHECKING, Any, Final

from generator.asl.jsonata_builtins import BUILTINS, append, lookup
from generator.asl.jsonata_operators import in_order, operation
from generator.asl.jsonata_signature import read_signature
from generator.asl.jsonata_values import (
    UNDEFINED,
    Constructed,
    Function,
    JSONataError,
    Lambda,
    Sequence,
    fail,
    internal,
    is_function,
    is_number,
    number,
    out_of_time,
    plain,
    truth,
)

if TYPE_CHECKING:
    import re
    from collections.abc import Callable, Mapping
    from random import Random

    Node = Callable[[Any, "Scope"], Any]

MAX_CALLS: Final = 300_000
"""The most calls of functions in an evaluation, so that an endless recursion ends."""
MAX_FRAMES: Final = 6_000
"""How deeply Python's functions may call each other in an evaluation: about 1,000 calls of a function of the expression."""
_EXACT: Final = 2**53


class Scope:
    """Variables, and the scope around them."""

    __slots__ = ("outer", "run", "variables")

    def __init__(self, outer: Scope | None, variables: dict[str, Any], run: Run) -> None:
        """Create a scope."""
        self.outer = outer
        self.variables = variables
        self.run = run

    def find(self, name: str) -> Any:
        """Return the value of a variable, or a built-in function, or undefined."""
        scope: Scope | None = self
        while scope is not None:
            if name in scope.variables:
                return scope.variables[name]
            scope = scope.outer
        return BUILTINS.get(name, UNDEFINED)

    def inner(self, variables: dict[str, Any]) -> Scope:
        """Return a scope inside this one."""
        return Scope(self, variables, self.run)


class _TailCall:
    """A call in the last position of a function, which is made after the function has returned."""

    __slots__ = ("arguments", "context", "function", "name")

    def __init__(self, function: Any, arguments: list[Any], context: Any, name: str | None) -> None:
        self.function = function
        self.arguments = arguments
        self.context = context
        self.name = name


class Run:
    """One evaluation.

    Attributes:
        random: the source of randomness.
        now: the time in seconds since 1970; None for the real time.
    """

    __slots__ = ("calls", "now", "random")

    def __init__(self, random: Random, now: float | None) -> None:
        """Begin an evaluation."""
        self.random = random
        self.now = now
        self.calls = 0

    def arity(self, function: Any) -> int:
        """Return how many arguments a function takes."""
        return function.arity if isinstance(function, (Lambda, Function)) else 1

    def call(self, function: Any, arguments: list[Any], context: Any = UNDEFINED, name: str | None = None) -> Any:
        """Call a function.

        Raises:
            JSONataError: it is not a function, an argument has the wrong type, or the call fails.
        """
        while True:
            self.calls += 1
            if self.calls > MAX_CALLS:
                raise out_of_time()
            if function.__class__ is Lambda:
                if function.signature is not None:
                    arguments = function.signature.check(arguments, context, name)
                variables = dict(zip(function.parameters, arguments, strict=False))
                if len(arguments) < function.arity:
                    variables.update(dict.fromkeys(function.parameters[len(arguments) :], UNDEFINED))
                result = function.body(function.given, function.environment.inner(variables))
            elif function.__class__ is Function:
                if function.signature is not None:
                    arguments = function.signature.check(arguments, context, function.name)
                result = function.call(self, *arguments)
            elif is_function(function):
                result = _match_object(function, arguments)
            else:
                raise fail("T1006")
            if result.__class__ is not _TailCall:
                return result
            function, arguments, context, name = result.function, result.arguments, result.context, result.name


def _match_object(pattern: re.Pattern[str], arguments: list[Any]) -> Any:
    """Call a regular expression as a function: the first match with a function for the next one."""
    if not arguments or not isinstance(arguments[0], str):
        return UNDEFINED
    matches = pattern.finditer(arguments[0])

    def following(_: Run) -> Any:
        found = next(matches, None)
        if found is None:
            return UNDEFINED
        return {
            "match": found.group(),
            "start": found.start(),
            "end": found.end(),
            "groups": list(found.groups("")),
            "next": Function("next", following, None, 0),
        }

    return following(Run.__new__(Run))


def _item_or_sequence(sequence: Sequence) -> Any:
    """Return a sequence as an expression ends: its only item, nothing if it is empty, or itself."""
    if not sequence:
        return UNDEFINED
    return sequence[0] if len(sequence) == 1 and not sequence.keep else sequence


def compile_tree(tree: Any) -> Node:
    """Return the function that evaluates a syntax tree."""
    return _compile(tree)


def evaluate(program: Node, variables: Mapping[str, Any], random: Random, now: float | None) -> Any:
    """Evaluate a program. The result is JSON, or undefined.

    Raises:
        JSONataError: the evaluation fails.
    """
    scope = Scope(None, dict(variables), Run(random, now))
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(max(limit, MAX_FRAMES))
    try:
        result = program(UNDEFINED, scope)
    except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError):
        raise internal() from None  # a value that the JVM's code does not expect either
    except RecursionError:
        reason = "Stack overflow error: Check for non-terminating recursive function. Consider rewriting as tail-recursive"
        raise JSONataError(reason, said=f"threw an error during evaluation: {reason}") from None
    finally:
        sys.setrecursionlimit(limit)
    if result is UNDEFINED or is_function(result):
        return UNDEFINED
    return plain(result)


def _compile(node: Any) -> Node:
    """Compile a node with its predicates and its group."""
    kind = node.type
    made = _COMPILERS[kind](node)
    predicates = [_filter(item.expr) for item in node.predicate or ()]
    group = _group(node.group) if node.group is not None and kind != "path" else None
    keep = bool(node.keep_array)
    if not predicates and group is None and not keep:
        if kind in _NEVER_SEQUENCES and not (kind == "binary" and str(node.value) == ".."):
            return made

        def finish(given: Any, scope: Scope) -> Any:
            result = made(given, scope)
            if result.__class__ is Sequence and not result.tuples:
                return _item_or_sequence(result)
            return result

        return finish

    def run(given: Any, scope: Scope) -> Any:
        result = made(given, scope)
        for predicate in predicates:
            result = predicate(result, scope)
        if group is not None:
            result = group(result, scope)
        if result.__class__ is Sequence and not result.tuples:
            if keep:
                result.keep = True
            return _item_or_sequence(result)
        return result

    return run


_NEVER_SEQUENCES: Final = frozenset({
    "string", "number", "value", "regex", "lambda", "binary", "unary", "condition", "block", "bind",
})  # fmt: skip
"""Nodes whose result is no sequence, or one that their parts have finished."""


def _literal(node: Any) -> Node:
    value = node.value
    if node.type == "number":
        value = number(float(value))
    return lambda _given, _scope: value


def _variable(node: Any) -> Node:
    name = node.value
    if not name:
        return lambda given, _scope: given
    if name == "$":
        return lambda _given, _scope: UNDEFINED

    def find(_given: Any, scope: Scope) -> Any:
        return scope.find(name)

    return find


def _name(node: Any) -> Node:
    key = str(node.value)
    return lambda given, _scope: lookup(given, key)


def _path(node: Any) -> Node:
    steps = node.steps
    first = steps[0]
    general = _general_path(node)
    named = first.type == "name"
    names = [str(step.value) for step in (steps if named else steps[1:])]
    simple = (
        (named or (first.type == "variable" and first.value not in {"", "$"}))
        and all(step.type == "name" for step in steps[1:])
        and not any(step.stages or step.tuple or step.predicate or step.group or step.keep_array for step in steps)
        and node.group is None
        and not node.keep_singleton_array
    )
    if not simple:
        return general
    variable = first.value

    def read(given: Any, scope: Scope) -> Any:
        value = given if named else scope.find(variable)
        for name in names:
            if value.__class__ is not dict:
                return UNDEFINED if value is UNDEFINED else general(given, scope)
            value = value.get(name, UNDEFINED)
        return value

    return read


def _general_path(node: Any) -> Node:
    steps = [_step(step, last=number == len(node.steps) - 1) for number, step in enumerate(node.steps)]
    shapes = [(bool(step.tuple), bool(step.consarray), step.focus is not None) for step in node.steps]
    first = _compile(node.steps[0]) if node.steps[0].consarray else None
    tuple_steps = [_tuple_step(step) for step in node.steps] if any(tupled for tupled, _, _ in shapes) or node.tuple else []
    group = _group(node.group) if node.group is not None else None
    keep = bool(node.keep_singleton_array)
    from_variable = node.steps[0].type == "variable"
    keeps_tuples = bool(node.tuple)

    def run(given: Any, scope: Scope) -> Any:
        values: Any = given if isinstance(given, list) and not from_variable else [given]
        result: Any = UNDEFINED
        tuples: Any = None
        tupled = False
        for position, step in enumerate(steps):
            tupled = tupled or shapes[position][0]
            if position == 0 and first is not None:
                result = first(given, scope) if not isinstance(given, list) else first(values, scope)
            elif tupled:
                tuples = tuple_steps[position](values, tuples, scope)
            else:
                result = step(values, scope)
            if not tupled and (result is UNDEFINED or result == []):
                break
            if not shapes[position][2]:
                values = result if isinstance(result, list) else [result]
        if tupled:
            result = tuples if keeps_tuples else Sequence(item["@"] for item in tuples)
        if keep:
            if result.__class__ is Constructed:
                result = Sequence([result])
            if result.__class__ is Sequence:
                result.keep = True
        if group is not None:
            result = group(tuples if tupled else result, scope)
        return result

    return run


def _stages(node: Any) -> list[tuple[Any, str | None]]:
    """Return the filters and index bindings of a step."""
    return [(None, str(stage.value)) if stage.type == "index" else (_filter(stage.expr), None) for stage in node.stages or ()]


def _staged(stages: list[tuple[Any, str | None]], result: Any, scope: Scope) -> Any:
    for predicate, name in stages:
        if predicate is not None:
            result = predicate(result, scope)
        else:
            for index, item in enumerate(result):
                item[name] = index
    return result


def _step(node: Any, *, last: bool) -> Callable[[Any, Scope], Any]:
    stages = _stages(node)
    if node.type == "sort":
        order = _sort(node)
        return lambda values, scope: _staged(stages, order(values, scope), scope)
    made = _compile(node)
    filters = [predicate for predicate, _ in stages if predicate is not None]
    key = str(node.value) if node.type == "name" else None

    def run(values: Any, scope: Scope) -> Any:
        results = []
        for value in values:
            result = value.get(key, UNDEFINED) if key is not None and value.__class__ is dict else made(value, scope)
            for predicate in filters:
                result = predicate(result, scope)
                if result.__class__ is Sequence and not result:
                    result = UNDEFINED
            if result is not UNDEFINED:
                results.append(result)
        if last and len(results) == 1 and isinstance(results[0], list) and results[0].__class__ is not Sequence:
            return results[0]
        found = Sequence()
        for result in results:
            if isinstance(result, list) and result.__class__ is not Constructed:
                found.extend(result)
            else:
                found.append(result)
        return found

    return run


def _tuple_step(node: Any) -> Callable[[Any, Any, Scope], Any]:
    stages = _stages(node)
    focus, index = node.focus, node.index
    ancestor = node.ancestor.label if node.ancestor is not None else None
    if node.type == "sort":
        order = _sort(node)

        def arrange(values: Any, tuples: Any, scope: Scope) -> Any:
            if tuples is not None:
                result = order(tuples, scope)
            else:
                items = ({"@": item} if index is None else {"@": item, index: at} for at, item in enumerate(order(values, scope)))
                result = Sequence(items, tuples=True)
            return _staged(stages, result, scope)

        return arrange
    made = _compile(node)

    def run(values: Any, tuples: Any, scope: Scope) -> Any:
        found = Sequence(tuples=True)
        for item in [{"@": value} for value in values] if tuples is None else tuples:
            result = made(item["@"], scope.inner(item))
            if result is UNDEFINED:
                continue
            streamed = result.__class__ is Sequence and result.tuples
            for at, value in enumerate(result if isinstance(result, list) else [result]):
                extended = dict(item)
                if streamed:
                    extended.update(value)
                else:
                    if focus is not None:
                        extended[focus] = value
                    else:
                        extended["@"] = value
                    if index is not None:
                        extended[index] = at
                    if ancestor is not None:
                        extended[ancestor] = item["@"]
                found.append(extended)
        return _staged(stages, found, scope)

    return run


def _filter(node: Any) -> Callable[[Any, Scope], Any]:
    """Compile a predicate in brackets: an index, or a condition for each item."""
    if node.type == "number":
        index = math.trunc(node.value)

        def at(value: Any, _scope: Scope) -> Any:
            items = value if isinstance(value, list) else [] if value is UNDEFINED else [value]
            position = index + len(items) if index < 0 else index
            if not 0 <= position < len(items):
                return Sequence()
            item = items[position]
            return item if isinstance(item, list) else Sequence([item], tuples=items.__class__ is Sequence and items.tuples)

        return at
    made = _compile(node)

    def run(value: Any, scope: Scope) -> Any:
        items = value if isinstance(value, list) else [] if value is UNDEFINED else [value]
        tuples = items.__class__ is Sequence and items.tuples
        found = Sequence(tuples=tuples)
        for position, item in enumerate(items):
            result = made(item["@"], scope.inner(item)) if tuples else made(item, scope)
            if result.__class__ is bool:
                chosen = result
            elif is_number(result):
                chosen = math.trunc(result) % len(items) == position if -len(items) <= result < len(items) else False
            elif isinstance(result, list) and result and all(map(is_number, result)):
                chosen = any((math.trunc(one) + len(items) if one < 0 else math.trunc(one)) == position for one in result)
            else:
                chosen = truth(result)
            if chosen:
                found.append(item)
        return found

    return run


def _binary(node: Any) -> Node:
    operator = str(node.value)
    left, right = _compile(node.lhs), _compile(node.rhs)
    if operator == "and":
        return lambda given, scope: truth(left(given, scope)) and truth(right(given, scope))
    if operator == "or":
        return lambda given, scope: truth(left(given, scope)) or truth(right(given, scope))
    work = operation(operator)
    return lambda given, scope: work(left(given, scope), right(given, scope))


def _unary(node: Any) -> Node:
    operator = str(node.value)
    if operator == "{":
        return _group(node)
    if operator == "[":
        return _array(node)
    made = _compile(node.expression)

    def negate(given: Any, scope: Scope) -> Any:
        value = made(given, scope)
        if value is UNDEFINED:
            return UNDEFINED
        if not is_number(value):
            raise fail("D1002", value=value)
        return -value

    return negate


def _array(node: Any) -> Node:
    parts = [(_compile(item), item.type == "unary" and str(item.value) == "[") for item in node.expressions]
    constructed = bool(node.consarray)

    def make(given: Any, scope: Scope) -> Any:
        items: list[Any] = Constructed() if constructed else []
        for part, nested in parts:
            value = part(given, scope)
            if value is UNDEFINED:
                continue
            if isinstance(value, list) and not nested:
                items.extend(value)
            else:
                items.append(value)
        return items

    return make


def _group(node: Any) -> Node:
    """Compile an object constructor, which groups the items of its input by the keys."""
    pairs = [(_compile(key), _compile(value)) for key, value in node.lhs_object]

    def single(given: Any, scope: Scope) -> Any:
        made: dict[str, Any] = {}
        chosen: dict[str, Any] = {}
        for key, value in pairs:
            name = key(given, scope)
            if name is UNDEFINED:
                continue
            if not isinstance(name, str):
                raise fail("T1003", value=name)
            if name in chosen:
                raise fail("D1009", value=name)
            chosen[name] = value
        for name, value in chosen.items():
            result = value(given, scope)
            if result is not UNDEFINED:
                made[name] = result
        return made

    def many(given: Any, scope: Scope) -> Any:
        if not isinstance(given, list):
            return single(given, scope)
        if not given:
            return single(UNDEFINED, scope)
        tuples = given.__class__ is Sequence and given.tuples
        groups: dict[str, tuple[int, Any]] = {}
        for item in given:
            inner = scope.inner(item) if tuples else scope
            for number_of, (key, _) in enumerate(pairs):
                name = key(item["@"] if tuples else item, inner)
                if name is UNDEFINED:
                    continue
                if not isinstance(name, str):
                    raise fail("T1003", value=name)
                if name not in groups:
                    groups[name] = (number_of, [item] if tuples else item)
                elif groups[name][0] != number_of:
                    raise fail("D1009", value=name)
                else:
                    data = groups[name][1]
                    groups[name] = (number_of, [*data, item] if tuples else append(data, item))
        made: dict[str, Any] = {}
        for name, (number_of, data) in groups.items():
            if tuples:
                merged = _merged(data)
                context = merged.pop("@")
                result = pairs[number_of][1](context, scope.inner(merged))
            else:
                result = pairs[number_of][1](data, scope)
            if result is not UNDEFINED:
                made[name] = result
        return made

    return many


def _merged(tuples: list[dict[str, Any]]) -> dict[str, Any]:
    """Return tuples as one, whose values are arrays of their values."""
    merged = dict(tuples[0])
    for item in tuples[1:]:
        for key, value in item.items():
            merged[key] = append(merged[key], value)
    return merged


def _wildcard(_node: Any) -> Node:
    def run(given: Any, _scope: Scope) -> Any:
        values = given.values() if given.__class__ is dict else given if isinstance(given, list) else ()
        found = Sequence()
        for value in values:
            if isinstance(value, list):
                found.extend(_flat(value))
            else:
                found.append(value)
        return found

    return run


def _flat(value: list[Any]) -> list[Any]:
    items: list[Any] = []
    for item in value:
        if isinstance(item, list):
            items.extend(_flat(item))
        else:
            items.append(item)
    return items


def _descendant(_node: Any) -> Node:
    def collect(value: Any, found: Sequence) -> None:
        if not isinstance(value, list):
            found.append(value)
        for item in value if isinstance(value, list) else value.values() if value.__class__ is dict else ():
            collect(item, found)

    def run(given: Any, _scope: Scope) -> Any:
        found = Sequence()
        if given is not UNDEFINED:
            collect(given, found)
        return found

    return run


def _parent(node: Any) -> Node:
    label = node.slot.label
    return lambda _given, scope: scope.find(label)


def _condition(node: Any) -> Node:
    condition, then = _compile(node.condition), _compile(node.then)
    unless = vars(node).get("_else")
    otherwise = None if unless is None else _compile(unless)

    def run(given: Any, scope: Scope) -> Any:
        if truth(condition(given, scope)):
            return then(given, scope)
        return UNDEFINED if otherwise is None else otherwise(given, scope)

    return run


def _block(node: Any) -> Node:
    parts = [_compile(part) for part in node.expressions]
    if len(parts) == 1 and node.expressions[0].type != "bind":
        return parts[0]

    def run(given: Any, scope: Scope) -> Any:
        inner = scope.inner({})
        result: Any = UNDEFINED
        for part in parts:
            result = part(given, inner)
        return result

    return run


def _bind(node: Any) -> Node:
    name, made = str(node.lhs.value), _compile(node.rhs)

    def run(given: Any, scope: Scope) -> Any:
        value = made(given, scope)
        scope.variables[name] = value
        return value

    return run


def _sort(node: Any) -> Callable[[Any, Scope], Any]:
    terms = [(_compile(term.expression), -1 if term.descending else 1) for term in node.terms]

    def run(values: Any, scope: Scope) -> Any:
        tuples = values.__class__ is Sequence and values.tuples

        def keys(item: Any) -> list[Any]:
            if tuples:
                inner = scope.inner(item)
                return [term(item["@"], inner) for term, _ in terms]
            return [term(item, scope) for term, _ in terms]

        def compare(one: tuple[list[Any], Any], two: tuple[list[Any], Any]) -> int:
            for left, right, (_, direction) in zip(one[0], two[0], terms, strict=True):
                order = in_order(left, right)
                if order:
                    return order if left is UNDEFINED or right is UNDEFINED else order * direction
            return 0

        arranged = sorted(((keys(item), item) for item in values), key=functools.cmp_to_key(compare))
        return Sequence((item for _, item in arranged), tuples=tuples)

    return run


def _procedure(node: Any, codes: tuple[str, str] = ("T1005", "T1006")) -> tuple[Node, str | None]:
    """Return what finds the function of a call, and the function's name.

    Args:
        node: the call.
        codes: the codes of the failures: a member's name where a variable was meant, and anything else that is not a function.
    """
    procedure = node.procedure
    name = str(procedure.value) if procedure.type == "variable" else None
    member = str(procedure.steps[0].value) if procedure.type == "path" else None
    made = _compile(procedure)

    def find(given: Any, scope: Scope) -> Any:
        function = made(given, scope)
        if is_function(function):
            return function
        forgotten = member is not None and scope.find(member) is not UNDEFINED
        error = fail(codes[0], token=member) if forgotten else fail(codes[1])
        error.position = node.position
        raise error

    return find, name


def _function(node: Any) -> Node:
    procedure, name = _procedure(node)
    parts = [_compile(argument) for argument in node.arguments or ()]

    def run(given: Any, scope: Scope) -> Any:
        function = procedure(given, scope)
        return scope.run.call(function, [part(given, scope) for part in parts], given, name)

    return run


def _lambda(node: Any) -> Node:
    if node.thunk:
        return _tail_call(node)
    body = _compile(node.body)
    parameters = tuple(str(argument.value) for argument in node.arguments)
    signature = None if node.signature is None else read_signature(f"<{_signature_text(node.signature)}>")
    return lambda given, scope: Lambda(parameters, body, scope, given, signature)


def _signature_text(signature: Any) -> str:
    """Return the text of a signature of jsonata-python."""
    parts = []
    for parameter in vars(signature)["_params"]:
        marks = "".join(mark for mark in parameter.regex if mark in "?+")
        subtype = f"<{parameter.subtype}>" if parameter.subtype else ""
        parts.append(f"{parameter.type}{subtype}{'-' if parameter.context else marks}")
    return "".join(parts)


def _tail_call(node: Any) -> Node:
    call = node.body
    procedure, name = _procedure(call)
    parts = [_compile(argument) for argument in call.arguments or ()]

    def run(given: Any, scope: Scope) -> Any:
        function = procedure(given, scope)
        return _TailCall(function, [part(given, scope) for part in parts], given, name)

    return run


def _partial(node: Any) -> Node:
    procedure, name = _procedure(node, ("T1007", "T1008"))
    parts = [None if part.type == "operator" and str(part.value) == "?" else _compile(part) for part in node.arguments]

    def run(given: Any, scope: Scope) -> Any:
        function = procedure(given, scope)
        fixed = [None if part is None else (part(given, scope),) for part in parts]

        def call(inner: Run, *arguments: Any) -> Any:
            rest = list(arguments)
            complete = [value[0] if value is not None else rest.pop(0) if rest else UNDEFINED for value in fixed]
            return inner.call(function, complete, given, name)

        return Function(name or "", call, None, fixed.count(None))

    return run


def _apply(node: Any) -> Node:
    left = _compile(node.lhs)
    call = node.rhs
    if call.type == "function":
        procedure, name = _procedure(call)
        parts = [_compile(argument) for argument in call.arguments or ()]

        def invoke(given: Any, scope: Scope) -> Any:
            value = left(given, scope)
            function = procedure(given, scope)
            return scope.run.call(function, [value, *(part(given, scope) for part in parts)], given, name)

        return invoke
    right = _compile(call)

    def run(given: Any, scope: Scope) -> Any:
        value = left(given, scope)
        function = right(given, scope)
        if not is_function(function):
            raise fail("T2006", value=function)
        if is_function(value):
            return Function("", lambda inner, *arguments: inner.call(function, [inner.call(value, list(arguments))]), None, 1)
        return scope.run.call(function, [value], UNDEFINED)

    return run


def _transform(node: Any) -> Node:
    pattern, update = _compile(node.pattern), _compile(node.update)
    delete = None if node.delete is None else _compile(node.delete)

    def make(_given: Any, scope: Scope) -> Any:
        def transform(_: Run, value: Any) -> Any:
            if value is UNDEFINED:
                return UNDEFINED
            result = _copy(value)
            matches = pattern(result, scope)
            for match in matches if isinstance(matches, list) else [] if matches is UNDEFINED else [matches]:
                changed = update(match, scope)
                if changed is not UNDEFINED:
                    if changed.__class__ is not dict:
                        raise fail("T2011", value=changed)
                    match.update(changed)
                names = UNDEFINED if delete is None else delete(match, scope)
                if names is not UNDEFINED:
                    for name in names if isinstance(names, list) else [names]:
                        if not isinstance(name, str):
                            raise fail("T2012", value=names)
                        if match.__class__ is dict:
                            match.pop(name, None)
            return result

        return Function("", transform, read_signature("<(oa):o>"), 1)

    return make


def _copy(value: Any) -> Any:
    if value.__class__ is dict:
        return {key: _copy(item) for key, item in value.items()}
    return [_copy(item) for item in value] if isinstance(value, list) else value


_COMPILERS: Final[dict[str, Callable[[Any], Node]]] = {
    "path": _path,
    "binary": _binary,
    "unary": _unary,
    "name": _name,
    "string": _literal,
    "number": _literal,
    "value": _literal,
    "regex": _literal,
    "wildcard": _wildcard,
    "descendant": _descendant,
    "parent": _parent,
    "condition": _condition,
    "block": _block,
    "bind": _bind,
    "function": _function,
    "variable": _variable,
    "lambda": _lambda,
    "partial": _partial,
    "apply": _apply,
    "transform": _transform,
}
