"""The model of CloudWatch does what the documentation's examples say."""

from __future__ import annotations

import pytest

from tests.support.cloudwatch import Alarm, Metrics, breaches, key, ringing, value_of

# https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html, oldest data point first:
# 0 within the threshold, X breaching, - missing; then whether it rings with breaching and with notBreaching.
THREE_OF_THREE = {"0-X-X": (0, 0), "0----": (0, 0), "-----": (1, 0), "0XX-X": (1, 1), "----X": (1, 0), "X----": (1, 0)}
TWO_OF_THREE = {"0-X-X": (1, 1), "00X0X": (1, 1), "0-X--": (1, 0), "----0": (1, 0), "----X": (1, 0)}


@pytest.mark.parametrize(("datapoints", "table"), [(3, THREE_OF_THREE), (2, TWO_OF_THREE)])
def test_missing_data(datapoints: int, table: dict[str, tuple[int, int]]) -> None:
    """All rows of both tables."""
    for row, expected in table.items():
        points = [{"0": False, "X": True, "-": None}[point] for point in reversed(row)]
        found = [breaches(points, periods=3, datapoints=datapoints, missing=missing) for missing in ("breaching", "notBreaching")]
        assert tuple(found) == expected, row


@pytest.mark.parametrize(
    ("expression", "values", "expected"),
    [
        ("a - b", {"a": 5, "b": None}, 5),
        ("a - b", {"a": None, "b": None}, None),
        ("a > 3", {"a": None}, None),
        ("a / b", {"a": 1, "b": 0}, None),
        ("100 * a / b", {"a": 1, "b": 4}, 25),
        ("FILL(a, 0)", {"a": None}, 0),
        ("IF(a > 3, b, 7)", {"a": 4, "b": 2}, 2),
        ("IF(a > 3, b, 7)", {"a": None, "b": 2}, None),
    ],
)
def test_expressions(expression: str, values: dict[str, float | None], expected: float | None) -> None:
    """A missing value beside a real one is 0; a division by zero has no data point."""
    assert value_of(expression, values) == expected


@pytest.mark.parametrize("expression", ["METRICS()", "FILL(a, REPEAT)", "a ** 2", "a and b"])
def test_an_unknown_expression_is_an_error(expression: str) -> None:
    """Nothing is ignored."""
    with pytest.raises((ValueError, KeyError)):
        value_of(expression, {"a": 1.0, "b": 1.0})


def test_a_period_is_a_sliding_window_that_ends_with_each_minute() -> None:
    """Two values that are four minutes apart are in one window of five minutes, wherever the clock stands."""
    published, metric = Metrics(), key("N", "M", {"d": "v"})
    for at in (60 * 3, 60 * 7 - 1):
        published.put("N", "M", {"d": "v"}, 1, at)
    rule = {"metrics": {"m": (metric, "Sum")}, "expression": "m", "comparison": "GreaterThanThreshold", "missing": "notBreaching"}
    alarm = Alarm(name="a", threshold=1, period=300, periods=1, datapoints=1, **rule)  # type: ignore[arg-type]
    assert ringing([alarm], published, 0, 60 * 20) == {"a"}
    assert not alarm.rings(published, 60 * 3)
    assert alarm.rings(published, 60 * 7)
    assert not alarm.rings(published, 60 * 9)
