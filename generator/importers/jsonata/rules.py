"""Rules of Choice states as conditions of JSONata.

JSONPath fails where the path of a comparison names nothing. JSONata would take such a comparison for false and go on to the next rule,
hence an assertion at the first comparison that reads a path, unless an earlier test has shown that the path names something.

Source: https://docs.aws.amazon.com/step-functions/latest/dg/state-choice.html
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from generator.asl.jsonpath import PathSyntaxError, split_root
from generator.asl.model import Comparison
from generator.asl.placeholders import has_placeholder
from generator.importers.jsonata.terms import AND, ATOM, CONDITION, EQUAL, OR, literal, ref, wrapped
from generator.importers.jsonata.values import INPUT, Const, Many, NotConvertibleError, Ref
from generator.importers.jsonata.writing import Writer

if TYPE_CHECKING:
    from generator.asl.model import Junction
    from generator.importers.jsonata.terms import Written
    from generator.importers.jsonata.values import Scope

_RELATIONS: Final = {"Equals": "=", "LessThan": "<", "GreaterThan": ">", "LessThanEquals": "<=", "GreaterThanEquals": ">="}
_COMPARISON: Final = re.compile(r"(String|Numeric|Boolean|Timestamp)(Equals|LessThanEquals|GreaterThanEquals|LessThan|GreaterThan)(Path)?$")
_TYPES: Final = {"String": "string", "Numeric": "number", "Boolean": "boolean"}
TIMESTAMP: Final = (
    r"/^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])T([01]\d|2[0-3]):[0-5]\d(:[0-5]\d(\.\d+)?)?(Z|[+-]([01]\d|2[0-3]):[0-5]\d)$/"
)
TIME_NOTE: Final = "a timestamp of the 31st day of a shorter month, or times that differ by less than a millisecond"


@dataclass(frozen=True)
class Test:
    """A test that was written.

    Attributes:
        written: the test.
        read: the paths that name something once the test has been evaluated.
        if_true: those that name something if it is true.
        if_false: those that name something if it is false.
    """

    written: Written
    read: frozenset[str] = frozenset()
    if_true: frozenset[str] = frozenset()
    if_false: frozenset[str] = frozenset()


@dataclass
class Rules:
    """The rules of one Choice state, in order.

    Attributes:
        scope: what their paths are applied to.
        variables: the names of the variables of the workflow.
        known: the paths that name something when the next rule is evaluated.
        notes: in what data the conditions differ from the rules.
    """

    scope: Scope
    variables: frozenset[str]
    known: frozenset[str] = frozenset()
    notes: list[str] = field(default_factory=list)
    _uncertain: set[str] = field(default_factory=set)

    def condition(self, rule: Comparison | Junction) -> str:
        """Return the condition of the next rule.

        Raises:
            NotConvertibleError: it has no exact form in JSONata.
        """
        test = self._test(rule, self.known)
        self.known |= test.read | test.if_false
        return Writer(self.variables).expression(test.written)

    def _test(self, test: Comparison | Junction, known: frozenset[str]) -> Test:
        if isinstance(test, Comparison):
            return self._comparison(test, known)
        if test.operator == "Not":
            inner = self._test(test.tests[0], known)
            return Test((f"$not({inner.written[0]})", ATOM), inner.read, inner.if_false, inner.if_true)
        both = test.operator == "And"
        word, power = ("and", AND) if both else ("or", OR)
        parts: list[str] = []
        read: frozenset[str] = frozenset()
        through: frozenset[str] = frozenset()
        for number, each in enumerate(test.tests):
            made = self._test(each, known | through)
            parts.append(wrapped(made.written, power))
            read = made.read if not number else read
            through |= made.read | (made.if_true if both else made.if_false)
        text = f" {word} ".join(parts)
        if len(parts) == 1:
            return Test(made.written, made.read, made.if_true, made.if_false)
        return Test((text, power), read, through if both else read, read if both else through)

    def _comparison(self, test: Comparison, known: frozenset[str]) -> Test:
        operator, operand = test.operator, test.value
        if not operator or not isinstance(test.variable, str):
            raise NotConvertibleError("the comparison is not complete")
        path = self._path(test.variable)
        if operator == "IsPresent":
            exists = f"$exists({path})"
            if operand is True:
                return Test((exists, ATOM), if_true=frozenset({path}))
            return Test((f"$not({exists})", ATOM), if_false=frozenset({path}))
        reads = [path]
        if found := _COMPARISON.match(operator):
            kind, sign = found[1], _RELATIONS[found[2]]
            if found[3]:
                other = self._path(str(operand))
                reads.append(other)
                written = self._compared(kind, sign, path, other)
            else:
                written = self._with_constant(kind, sign, path, operand)
        elif operator == "StringMatches":
            written = (f'$type({path}) = "string" ? $contains({path}, {pattern(str(operand))}) : false', CONDITION)
        else:
            written = self._type(operator, path, wanted=bool(operand))
        missing = [each for each in dict.fromkeys(reads) if each in self._uncertain and each not in known]
        if missing:
            tests = [self._assertion(each) for each in missing]
            written = (f"({'; '.join([*tests, written[0]])})", ATOM)
        names = frozenset(reads)
        return Test(written, names, names, names)

    @staticmethod
    def _assertion(path: str) -> str:
        if path == INPUT.root:  # JSONPath reads nothing of null
            return f'$assert({path} != null, "the input is null")'
        return f"$assert($exists({path}), {literal(re.sub(r'^[$]states[.][a-zA-Z]+[.]', '', path) + ' is missing')})"

    def _path(self, text: str) -> str:
        """Write a path, which has no value where it names nothing."""
        try:
            split_root(text)
        except PathSyntaxError as error:
            raise NotConvertibleError(f"{text!r} is not a JSONPath: {error.message}") from None
        value = self.scope.path(text)
        if isinstance(value, Ref):
            written = ref(value.root, value.keys)
            if (value.keys and not value.certain) or value == INPUT:
                self._uncertain.add(written)
            return written
        if isinstance(value, Many):
            writer = Writer(self.variables)
            made = writer.write(value)
            if not writer.plain:
                raise NotConvertibleError(f"the path {text} is too complex for a condition")
            return wrapped(made, ATOM - 1)
        if isinstance(value, Const):
            return literal(value.value)
        raise NotConvertibleError(f"the path {text} reads a value that InputPath makes")

    def _with_constant(self, kind: str, sign: str, path: str, operand: Any) -> Written:
        if isinstance(operand, str) and has_placeholder(operand) and kind != "String":
            raise NotConvertibleError("a comparison with a placeholder")
        if kind == "Timestamp":
            self.notes.append(TIME_NOTE)
            return self._of_time(path, f"$toMillis({path}) {sign} $toMillis({literal(operand)})", [path])
        shown = literal(operand)
        if sign == "=":
            return f"{path} = {shown}", EQUAL
        return f'$type({path}) = "{_TYPES[kind]}" ? {path} {sign} {shown} : false', CONDITION

    def _compared(self, kind: str, sign: str, path: str, other: str) -> Written:
        if kind == "Timestamp":
            self.notes.append(TIME_NOTE)
            return self._of_time(path, f"$toMillis({path}) {sign} $toMillis({other})", [path, other])
        if sign == "=":
            return f'$type({path}) = "{_TYPES[kind]}" and {path} = {other}', AND
        types = " and ".join(f'$type({each}) = "{_TYPES[kind]}"' for each in (path, other))
        return f"{types} ? {path} {sign} {other} : false", CONDITION

    @staticmethod
    def _of_time(_: str, test: str, paths: list[str]) -> Written:
        texts = " and ".join(f'$type({each}) = "string"' for each in paths)
        times = " and ".join(f"$contains({each}, {TIMESTAMP})" for each in paths)
        return f"{texts} ? ({times} ? {test} : false) : false", CONDITION

    def _type(self, operator: str, path: str, *, wanted: bool) -> Written:
        if operator == "IsTimestamp":
            self.notes.append(TIME_NOTE)
            found: Written = (f'$type({path}) = "string" ? $contains({path}, {TIMESTAMP}) : false', CONDITION)
        elif operator == "IsNull":
            found = (f"{path} = null", EQUAL)
        elif operator.removeprefix("Is") in _TYPES:
            found = (f'$type({path}) = "{_TYPES[operator.removeprefix("Is")]}"', EQUAL)
        else:
            raise NotConvertibleError(f"{operator!r} is not a comparison operator")
        if wanted:
            return found
        if found[1] == EQUAL:
            return found[0].replace(" = ", " != ", 1), EQUAL
        return f"$not({found[0]})", ATOM


def pattern(text: str) -> str:
    r"""Return the regular expression of a ``StringMatches`` pattern: ``*`` matches anything, ``\*`` and ``\\`` are literal.

    >>> print(pattern("log-*.txt"))
    /^log-[\s\S]*\.txt$/
    """
    if has_placeholder(text):
        raise NotConvertibleError("a pattern with a placeholder")
    parts = []
    at = 0
    while at < len(text):
        char = text[at]
        escaped = char == "\\" and at + 1 < len(text)
        if escaped:
            at += 1
            char = text[at]
        if char == "*" and not escaped:
            parts.append(r"[\s\S]*")
        elif char == "\\":
            parts.append(r"\x5c")
        else:
            parts.append("\\" + char if char in r"^$.|?*+()[]{}/" else char)
        at += 1
    return f"/^{''.join(parts)}$/"
