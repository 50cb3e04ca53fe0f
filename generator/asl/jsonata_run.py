"""The evaluation of JSONata as on AWS's JVM: a syntax tree becomes nested functions, once for each expression.

Why not a library: none of them behaves as AWS. jlens follows JavaScript (infinite numbers fail, integers round at 2**53, texts
compare by code point), jsonata-python and jsonata-rs follow the JVM but differ from AWS in null, in messages and in limits.
tests/conformance has the measured answers; tests/asl/test_jsonata_libraries.py compares the libraries.

The semantics of paths, sequences, groups and tuples are those of https://docs.jsonata.org/processing. The syntax tree is
jsonata-python's.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from generator.asl.jsonata_depth import DEEP
from generator.asl.jsonata_nodes import compile_node, register
from generator.asl.jsonata_operators import operation
from generator.asl.jsonata_paths import PATH_COMPILERS
from generator.asl.jsonata_scope import Run, Scope, TailCall
from generator.asl.jsonata_selection import SELECTION_COMPILERS, compile_group
from generator.asl.jsonata_signature import read_signature
from generator.asl.jsonata_values import (
    UNDEFINED,
    Code,
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
    plain,
    truth,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from random import Random

    from generator.asl.jsonata_scope import Node


def compile_tree(tree: Any) -> Node:
    """Return the function that evaluates a syntax tree. Its result is JSON, or undefined."""
    made = compile_node(tree)
    selects = _selects(tree)

    def run(given: Any, scope: Scope) -> Any:
        result = made(given, scope)
        kind = result.__class__
        if kind is bool or result is UNDEFINED:
            return result
        if selects and kind in _PARTS:
            return list(result) if kind is Sequence else result
        return UNDEFINED if is_function(result) else plain(result)

    return run


_PARTS: Final = frozenset({Sequence, dict, list})


_SELECTING: Final = frozenset({"distinct", "filter", "reverse", "shuffle", "single", "sort"})
"""Functions that return some of their input."""


def _selects(node: Any) -> bool:
    """Return whether an expression returns parts of its input, which are JSON already, or a sequence of them."""
    if node.group is not None:
        return False
    if node.type == "function":
        return (
            node.procedure.type == "variable"
            and node.procedure.value in _SELECTING
            and bool(node.arguments)
            and _selects(node.arguments[0])
        )
    if node.type != "path" or node.tuple:
        return str(node.type) == "variable"
    return all(step.type in {"name", "sort"} or (step.type == "variable" and step is node.steps[0]) for step in node.steps)


def evaluate(program: Node, variables: Mapping[str, Any], random: Random, now: float | None) -> Any:
    """Evaluate a program of :func:`compile_tree`.

    Raises:
        JSONataError: the evaluation fails.
    """
    scope = Scope(None, dict(variables), Run(random, now))
    try:
        with DEEP:
            return program(UNDEFINED, scope)
    except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError):
        raise internal() from None  # a value that the JVM's code does not expect either
    except RecursionError:
        reason = "Stack overflow error: Check for non-terminating recursive function. Consider rewriting as tail-recursive"
        raise JSONataError(reason, said=f"threw an error during evaluation: {reason}") from None


def _literal(node: Any) -> Node:
    value = node.value
    if node.type == "number":
        value = number(float(value))
    return lambda _given, _scope: value


def _binary(node: Any) -> Node:
    operator = str(node.value)
    left, right = compile_node(node.lhs), compile_node(node.rhs)
    if operator == "and":
        return lambda given, scope: truth(left(given, scope)) and truth(right(given, scope))
    if operator == "or":
        return lambda given, scope: truth(left(given, scope)) or truth(right(given, scope))
    work = operation(operator)
    return lambda given, scope: work(left(given, scope), right(given, scope))


def _unary(node: Any) -> Node:
    operator = str(node.value)
    if operator == "{":
        return compile_group(node)
    if operator == "[":
        return _array(node)
    made = compile_node(node.expression)

    def negate(given: Any, scope: Scope) -> Any:
        value = made(given, scope)
        if value is UNDEFINED:
            return UNDEFINED
        if not is_number(value):
            raise fail("D1002", value=value)
        return -value

    return negate


def _array(node: Any) -> Node:
    parts = [(compile_node(item), item.type == "unary" and str(item.value) == "[") for item in node.expressions]
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


def _condition(node: Any) -> Node:
    condition, then = compile_node(node.condition), compile_node(node.then)
    unless = vars(node).get("_else")
    otherwise = None if unless is None else compile_node(unless)

    def run(given: Any, scope: Scope) -> Any:
        if truth(condition(given, scope)):
            return then(given, scope)
        return UNDEFINED if otherwise is None else otherwise(given, scope)

    return run


def _block(node: Any) -> Node:
    parts = [compile_node(part) for part in node.expressions]
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
    name, made = str(node.lhs.value), compile_node(node.rhs)

    def run(given: Any, scope: Scope) -> Any:
        value = made(given, scope)
        scope.variables[name] = value
        return value

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
    made = compile_node(procedure)

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
    parts = [compile_node(argument) for argument in node.arguments or ()]

    def run(given: Any, scope: Scope) -> Any:
        function = procedure(given, scope)
        return scope.run.call(function, [part(given, scope) for part in parts], given, name)

    return run


def _lambda(node: Any) -> Node:
    if node.thunk:
        return _tail_call(node)
    body = compile_node(node.body)
    parameters = tuple(str(argument.value) for argument in node.arguments)
    signature = None if node.signature is None else read_signature(f"<{_signature_text(node.signature)}>")
    code = Code(parameters, body, signature, node.body)
    return lambda given, scope: Lambda(code, scope, given)


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
    parts = [compile_node(argument) for argument in call.arguments or ()]

    def run(given: Any, scope: Scope) -> Any:
        function = procedure(given, scope)
        return TailCall(function, [part(given, scope) for part in parts], given, name)

    return run


def _partial(node: Any) -> Node:
    procedure, name = _procedure(node, ("T1007", "T1008"))
    parts = [None if part.type == "operator" and str(part.value) == "?" else compile_node(part) for part in node.arguments]

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
    left = compile_node(node.lhs)
    call = node.rhs
    if call.type == "function":
        procedure, name = _procedure(call)
        parts = [compile_node(argument) for argument in call.arguments or ()]

        def invoke(given: Any, scope: Scope) -> Any:
            value = left(given, scope)
            function = procedure(given, scope)
            return scope.run.call(function, [value, *(part(given, scope) for part in parts)], given, name)

        return invoke
    right = compile_node(call)

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
    pattern, update = compile_node(node.pattern), compile_node(node.update)
    delete = None if node.delete is None else compile_node(node.delete)

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
    "string": _literal,
    "number": _literal,
    "value": _literal,
    "regex": _literal,
    "binary": _binary,
    "unary": _unary,
    "condition": _condition,
    "block": _block,
    "bind": _bind,
    "function": _function,
    "lambda": _lambda,
    "partial": _partial,
    "apply": _apply,
    "transform": _transform,
}
register(PATH_COMPILERS, SELECTION_COMPILERS, _COMPILERS)
