"""Random state machines with JSONPath: every field and function of the language, over the same few names of members."""

from __future__ import annotations

from random import Random
from typing import Any

NAMES = ("a", "b", "c", "n-o", "list", "time")
_ORDERED = ("Equals", "LessThan", "GreaterThan", "LessThanEquals", "GreaterThanEquals")
_TIMES = ("2026-01-31T12:00:00Z", "2000-01-01T00:00:00+01:00")


class Machines:
    """Draw machines from a source of randomness.

    Attributes:
        random: the source of randomness.
        odd: whether to draw what conversions refuse, too.
    """

    def __init__(self, random: Random, *, odd: bool = False) -> None:
        """Start with no states."""
        self.random = random
        self.odd = odd
        self.count = 0
        self.variables: list[str] = []

    def chance(self, probability: float) -> bool:
        """Return whether something happens."""
        return self.random.random() < probability

    def key(self) -> str:
        """Return one part of a path."""
        name = self.random.choice(NAMES)
        return f"['{name}']" if "-" in name else f".{name}"

    def path(self, *, context: bool = True, index: bool = True) -> str:
        """Return a path that names one value."""
        if self.variables and self.chance(0.1):
            return f"${self.random.choice(self.variables)}" + (self.key() if self.chance(0.3) else "")
        if context and self.chance(0.08):
            return self.random.choice(("$$.Execution.Input", "$$.Execution.Name", "$$.State.Name", "$$.Execution.Input.a"))
        text = "$" + "".join(self.key() for _ in range(self.random.choice((0, 1, 1, 1, 2, 2))))
        if index and self.chance(0.12):
            text += f".list[{self.random.choice((0, 1, -1, 2))}]" + (self.key() if self.chance(0.4) else "")
        return text

    def selection(self) -> str:
        """Return a path that may name several values."""
        if self.chance(0.85):
            return self.path()
        kinds = [
            "[*]",
            "[*].a",
            "[0:2]",
            "[1:]",
            "[-1:]",
            "[?(@.a == 'x')]",
            "[?(@.b > 1 && @.a)].c",
            "[0,1]",
            ".length()",
            "[*].b[*]",
            "[?(@.a != 1)]",
        ]
        if self.odd:
            kinds += ["..a", "['a','b']", "[*].n-o", ".min()"]
        return self.path(context=False, index=False) + self.random.choice(kinds)

    def argument(self, *literals: str) -> str:
        """Return an argument of an intrinsic function."""
        return self.random.choice(literals) if literals and self.chance(0.4) else self.path()

    def call(self, depth: int = 0) -> str:
        """Return a call of an intrinsic function."""
        arg = self.argument
        calls = {
            "Format": lambda: f"'{{}} is {{}}', {self.path()}, {arg('1', 'true')}",
            "StringToJson": lambda: arg("'[1]'"),
            "JsonToString": lambda: arg("'x'", "1"),
            "Array": lambda: ", ".join(arg("1", "'x'", "null") for _ in range(self.random.randrange(4))),
            "ArrayPartition": lambda: f"$.list, {arg('1', '2', '4')}",
            "ArrayContains": lambda: f"$.list, {arg('1', chr(39) + 'a' + chr(39), 'null')}",
            "ArrayRange": lambda: f"{arg('0', '1')}, {arg('3', '9')}, {arg('1', '2')}",
            "ArrayGetItem": lambda: f"$.list, {arg('0', '1')}",
            "ArrayLength": lambda: "$.list",
            "ArrayUnique": lambda: "$.list",
            "Base64Encode": lambda: arg("'x'"),
            "Base64Decode": lambda: arg("'eA=='"),
            "Hash": lambda: f"{arg(chr(39) + 'x' + chr(39))}, 'SHA-256'",
            "JsonMerge": lambda: f"{self.path()}, {self.path()}, false",
            "MathAdd": lambda: f"{self.path()}, {arg('1', '-2')}",
            "MathRandom": lambda: "1, 1000",
            "StringSplit": lambda: f"{self.path()}, {self.random.choice((chr(39) + ',' + chr(39), chr(39) + ',; ' + chr(39)))}",
            "UUID": lambda: "",
        }
        name = self.random.choice(list(calls))
        text = f"States.{name}({calls[name]()})"
        if depth < 2 and self.chance(0.2):
            return f"States.Array({text}, {self.call(depth + 1)})"
        return text

    def template(self, depth: int = 0) -> Any:
        """Return a payload template."""
        made: dict[str, Any] = {}
        for name in self.random.sample(NAMES, self.random.randrange(1, 4)):
            kind = self.random.random()
            if kind < 0.5:
                made[f"{name}.$"] = self.selection()
            elif kind < 0.7:
                made[f"{name}.$"] = self.call()
            elif kind < 0.8 and depth < 2:
                made[name] = self.template(depth + 1)
            elif kind < 0.85 and depth < 2:
                made[name] = [self.template(depth + 1), 1]
            else:
                made[name] = self.random.choice((1, "text", None, [1, [2]], {"k": []}, "{% 1 %}", 2.5))
        return made

    def test(self, depth: int = 0) -> dict[str, Any]:
        """Return a comparison, or And, Or and Not of such."""
        if depth < 2 and self.chance(0.3):
            operator = self.random.choice(("And", "Or", "Not"))
            if operator == "Not":
                return {"Not": self.test(depth + 1)}
            return {operator: [self.test(depth + 1) for _ in range(self.random.randrange(1, 4))]}
        kind = self.random.choice(("String", "Numeric", "Boolean", "Timestamp", "Is", "IsPresent", "StringMatches"))
        variable = {"Variable": self.path()}
        if kind == "IsPresent":
            return {**variable, "IsPresent": self.chance(0.6)}
        if kind == "Is":
            return {**variable, f"Is{self.random.choice(('Null', 'Numeric', 'String', 'Boolean', 'Timestamp'))}": self.chance(0.7)}
        if kind == "StringMatches":
            return {**variable, "StringMatches": self.random.choice(("a*", "*", "x,?y", "(\\*)", "b c"))}
        relation = "Equals" if kind == "Boolean" else self.random.choice(_ORDERED)
        if self.chance(0.3):
            return {**variable, f"{kind}{relation}Path": self.path()}
        operand = {"String": ("a", "order-17", ""), "Numeric": (1, 0, 2.5), "Boolean": (True, False), "Timestamp": _TIMES}[kind]
        return {**variable, f"{kind}{relation}": self.random.choice(operand)}

    def assigned(self) -> dict[str, Any]:
        """Return Assign, or nothing."""
        if not self.chance(0.15):
            return {}
        name = f"v{len(self.variables)}"
        self.variables.append(name)
        return {"Assign": {f"{name}.$": self.path(context=False)} if self.chance(0.7) else {name: [1, "x"]}}

    def flow(self, *, result: bool) -> dict[str, Any]:
        """Return the fields that change data around the work of a state."""
        made: dict[str, Any] = {}
        if self.chance(0.2):
            made["InputPath"] = None if self.chance(0.1) else self.path()
        if self.chance(0.15):
            made["OutputPath"] = None if self.chance(0.1) else self.selection()
        if result and self.chance(0.5):
            made["ResultPath"] = self.random.choice((None, "$", "$.a", "$.b.c", "$.result", "$.a.b.c", "$['n-o']"))
        return made

    def states(self, most: int, depth: int = 0) -> dict[str, Any]:
        """Return a scope whose states follow one after the other."""
        names = []
        for _ in range(self.random.randrange(1, most + 1)):
            self.count += 1
            names.append(f"S{self.count}")
        made = {}
        for name, following in zip(names, [*names[1:], None], strict=True):
            made[name] = self.state(following, names, depth)
        return {"StartAt": names[0], "States": made}

    def state(self, following: str | None, names: list[str], depth: int) -> dict[str, Any]:
        """Return one state."""
        after: dict[str, Any] = {"Next": following} if following else {"End": True}
        kinds = ["Pass", "Pass", "Task", "Task", "Choice", "Wait", "Succeed", "Fail", "Map", "Parallel"]
        if following is None:
            kinds.remove("Choice")
        else:
            kinds = [kind for kind in kinds if kind not in ("Succeed", "Fail")]
        kind = self.random.choice([one for one in kinds if depth < 2 or one not in ("Map", "Parallel")])
        state: dict[str, Any] = {"Type": kind}
        match kind:
            case "Pass":
                state |= self.flow(result=True)
                if self.chance(0.5):
                    state["Parameters"] = self.template()
                elif self.chance(0.4):
                    state["Result"] = self.random.choice(({"a": {"b": [1]}}, [1, [2]], "{% x %}", 3, {"list": [], "a.$": "$.x"}))
                return {**state, **self.assigned(), **after}
            case "Choice":
                rules = [{**self.test(), **self.assigned(), "Next": following} for _ in range(self.random.randrange(1, 4))]
                flow = self.flow(result=False)
                return {**state, **flow, "Choices": rules, **({"Default": following} if self.chance(0.8) else {})}
            case "Wait":
                times = self.random.choice(
                    (
                        {"Seconds": 3},
                        {"SecondsPath": self.path(context=False, index=False)},
                        {"TimestampPath": "$.time"},
                        {"Timestamp": _TIMES[0]},
                    )
                )
                return {**state, **self.flow(result=False), **times, **self.assigned(), **after}
            case "Succeed":
                return {**state, **self.flow(result=False)}
            case "Fail":
                how = self.random.choice(({"Error": "E", "Cause": "{% c %}"}, {"ErrorPath": "$.a", "CausePath": self.call()}, {}))
                return {**state, **how}
        return {**self.working(state, names, depth), **self.assigned(), **after}

    def working(self, state: dict[str, Any], names: list[str], depth: int) -> dict[str, Any]:
        """Return a Task, Parallel or Map state without its transition."""
        state |= self.flow(result=True)
        if self.chance(0.3):
            state["ResultSelector"] = self.template()
        if state["Type"] == "Task":
            resource = self.random.choice(
                ("arn:aws:lambda:us-east-1:123456789012:function:f", "arn:aws:states:us-east-1:123456789012:activity:work")
            )
            state["Resource"] = resource
            if self.chance(0.6):
                state["Parameters"] = self.template()
            if self.chance(0.15):
                state["TimeoutSecondsPath"] = "$.a"
            if self.chance(0.1):
                state["Credentials"] = {"RoleArn.$": self.path()}
        elif state["Type"] == "Parallel":
            state["Branches"] = [self.states(2, depth + 1) for _ in range(self.random.randrange(1, 3))]
            if self.chance(0.3):
                state["Parameters"] = self.template()
        else:
            if self.chance(0.7):
                state["ItemsPath"] = self.random.choice(("$.list", "$.a.list", "$.b"))
            if self.chance(0.5):
                state[self.random.choice(("ItemSelector", "Parameters"))] = {
                    "a.$": self.random.choice(("$$.Map.Item.Value", "$$.Map.Item.Index", "$$.Map.Item.Value.a")),
                    **self.template(),
                }
            if self.chance(0.2):
                state["MaxConcurrencyPath"] = "$.a"
            state["ItemProcessor" if self.chance(0.7) else "Iterator"] = self.states(2, depth + 1)
        if self.chance(0.4):
            state["Retry"] = [{"ErrorEquals": [self.random.choice(("States.ALL", "Busy", "States.Timeout"))], "MaxAttempts": 2}]
        if self.chance(0.4):
            caught = {"ResultPath": self.random.choice((None, "$", "$.error", "$.a.error"))} if self.chance(0.8) else {}
            state["Catch"] = [{"ErrorEquals": [self.random.choice(("States.ALL", "Busy"))], **caught, **self.assigned(), "Next": names[-1]}]
        return state
