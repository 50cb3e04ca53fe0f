"""A small model of CloudWatch: metrics, the expressions of alarms, and when an alarm rings.

What it does not know is an error, so that a setting of an alarm is never silently ignored.

Sources: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-evaluation.html (periods, M out of N, missing data),
https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html (expressions) and
https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
"""

from __future__ import annotations

import ast
import json
import operator
from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

Key = tuple[str, str, tuple[tuple[str, str], ...]]

_STATISTICS: dict[str, Callable[[Sequence[float]], float]] = {
    "Sum": sum,
    "Maximum": max,
    "Minimum": min,
    "SampleCount": len,
    "Average": lambda values: sum(values) / len(values),
}
_COMPARISONS: dict[str, Callable[[float, float], bool]] = {
    "GreaterThanThreshold": operator.gt,
    "GreaterThanOrEqualToThreshold": operator.ge,
    "LessThanThreshold": operator.lt,
    "LessThanOrEqualToThreshold": operator.le,
}
_EXTRA_PERIODS = 2
"""How many periods more than it must an alarm looks at; the documentation's examples retrieve five for three."""


def key(namespace: str, name: str, dimensions: Mapping[str, str]) -> Key:
    """Return what a metric is: its namespace, its name and all its dimensions."""
    return namespace, name, tuple(sorted(dimensions.items()))


class Metrics:
    """What was published, and when."""

    def __init__(self) -> None:
        """Start with nothing."""
        self.values: dict[Key, list[tuple[float, float]]] = defaultdict(list)

    def put(self, namespace: str, name: str, dimensions: Mapping[str, str], value: float, at: float) -> None:
        """Publish one value."""
        self.values[key(namespace, name, dimensions)].append((at, value))

    def read(self, lines: str, at: float) -> None:
        """Publish what lines in the embedded metric format hold. Other lines are logs."""
        for line in lines.splitlines():
            document: dict[str, Any] = json.loads(line) if line.startswith("{") else {}
            for directive in document.get("_aws", {}).get("CloudWatchMetrics", []):
                for names in directive["Dimensions"]:
                    for metric in directive["Metrics"]:
                        value = document[metric["Name"]]
                        for each in value if isinstance(value, list) else [value]:
                            self.put(directive["Namespace"], metric["Name"], {name: document[name] for name in names}, each, at)

    def statistic(self, metric: Key, statistic: str, start: float, end: float) -> float | None:
        """Return a statistic over ``start <= time < end``, or None if nothing was published."""
        values = [value for at, value in self.values.get(metric, ()) if start <= at < end]
        return float(_STATISTICS[statistic](values)) if values else None


@dataclass(frozen=True)
class Alarm:
    """An alarm as it is deployed.

    Attributes:
        metrics: each metric of its expression by id, with the statistic.
        expression: over these ids; one id for an alarm on a plain metric.
        period: seconds.
        datapoints: how many of the last ``periods`` must breach.
        missing: ``breaching`` or ``notBreaching``.
    """

    name: str
    metrics: Mapping[str, tuple[Key, str]]
    expression: str
    comparison: str
    threshold: float
    period: int
    periods: int
    datapoints: int
    missing: str

    @classmethod
    def deployed(cls, values: Mapping[str, Any]) -> Alarm:
        """Read the arguments of an ``aws_cloudwatch_metric_alarm`` in a plan or a state."""
        queries = values.get("metric_query") or []
        if queries:
            used = {query["id"]: query["metric"][0] for query in queries if query.get("metric")}
            metrics = {name: (key(one["namespace"], one["metric_name"], one["dimensions"]), one["stat"]) for name, one in used.items()}
            (expression,) = [query["expression"] or query["id"] for query in queries if query["return_data"]]
            (period,) = {one["period"] for one in used.values()}
        else:
            metrics = {"m": (key(values["namespace"], values["metric_name"], values["dimensions"]), values["statistic"])}
            expression, period = "m", values["period"]
        return cls(
            name=values["alarm_name"],
            metrics=metrics,
            expression=expression,
            comparison=values["comparison_operator"],
            threshold=float(values["threshold"]),
            period=int(period),
            periods=int(values["evaluation_periods"]),
            datapoints=int(values.get("datapoints_to_alarm") or values["evaluation_periods"]),
            missing=values["treat_missing_data"],
        )

    def rings(self, published: Metrics, at: float) -> bool:
        """Return whether the alarm's state is ALARM when it is evaluated at this time, from the periods that end then."""
        ends = [at - self.period * back for back in range(self.periods + _EXTRA_PERIODS)]
        points = [self._value(published, end) for end in ends]
        return breaches(
            [None if point is None else _COMPARISONS[self.comparison](point, self.threshold) for point in points],
            periods=self.periods,
            datapoints=self.datapoints,
            missing=self.missing,
        )

    def _value(self, published: Metrics, end: float) -> float | None:
        values = {name: published.statistic(metric, stat, end - self.period, end) for name, (metric, stat) in self.metrics.items()}
        return value_of(self.expression, values)


def breaches(newest_first: Sequence[bool | None], *, periods: int, datapoints: int, missing: str) -> bool:
    """Return whether an alarm goes to ALARM by its data points, each breaching, not breaching or missing (None).

    The newest real data points count. Only where there are fewer than the alarm has periods, missing ones are filled in.

    >>> breaches([True, None, True, True, False], periods=3, datapoints=3, missing="notBreaching")
    True
    >>> breaches([True, None, None, None, None], periods=3, datapoints=3, missing="notBreaching")
    False
    """
    real = [point for point in newest_first if point is not None][:periods]
    filled = {"breaching": True, "notBreaching": False}[missing]
    return sum([*real, *[filled] * (periods - len(real))]) >= datapoints


def value_of(expression: str, values: Mapping[str, float | None]) -> float | None:
    """Return the value of a metric math expression at one time; None where it has no data point.

    In arithmetic and comparisons a missing value beside a real one is 0.

    >>> value_of("failed - FILL(rejected, 0)", {"failed": 3, "rejected": None})
    3.0
    >>> value_of("IF(orders >= 10, rate, 100)", {"orders": 9, "rate": 0})
    100.0
    """
    return _Expression(values).value(ast.parse(expression, mode="eval").body)


@dataclass
class _Expression:
    values: Mapping[str, float | None]
    operators: Mapping[type, Callable[[float, float], float]] = field(
        default_factory=lambda: {
            ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul, ast.Div: operator.truediv,
            ast.Gt: operator.gt, ast.GtE: operator.ge, ast.Lt: operator.lt, ast.LtE: operator.le,
        }
    )  # fmt: skip

    def value(self, node: ast.expr) -> float | None:
        """Return the value of a part of the expression."""
        match node:
            case ast.Constant(value=int() | float() as number):
                return float(number)
            case ast.Name(id=name):
                known = self.values[name]
                return None if known is None else float(known)
            case ast.BinOp(left=left, op=op, right=right) | ast.Compare(left=left, ops=[op], comparators=[right]):
                return self._combined(self.operators[type(op)], left, right)
            case ast.Call(func=ast.Name(id="FILL"), args=[series, ast.Constant(value=int() | float() as filler)]):
                found = self.value(series)
                return float(filler) if found is None else found
            case ast.Call(func=ast.Name(id="IF"), args=[condition, then, otherwise]):
                found = self.value(condition)
                return None if found is None else self.value(then if found else otherwise)
        msg = f"not evaluated here: {ast.unparse(node)}"
        raise ValueError(msg)

    def _combined(self, combine: Callable[[float, float], float], left: ast.expr, right: ast.expr) -> float | None:
        both = [self.value(each) for each in (left, right)]
        series = [value for each, value in zip((left, right), both, strict=True) if not isinstance(each, ast.Constant)]
        if all(value is None for value in series):
            return None
        try:
            return float(combine(*[value or 0.0 for value in both]))
        except ZeroDivisionError:
            return None


def ringing(alarms: Sequence[Alarm], published: Metrics, start: float, end: float) -> set[str]:
    """Return the names of the alarms that ring at some time. Each is evaluated at the end of every minute."""
    minutes = range(int(start) // 60 + 1, int(end) // 60 + 1)
    return {alarm.name for alarm in alarms if any(alarm.rings(published, minute * 60) for minute in minutes)}
