"""The commands of terraform/CHECKLIST.md name what the plan makes."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from tests.support.terraform.offline import PROJECT

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.support.terraform.environments import Environment

TEXT = (PROJECT / "terraform" / "CHECKLIST.md").read_text()


def test_names(environments: Callable[[str], Environment]) -> None:
    """Each name of dev, each output, each log group, and the metric with its dimension."""
    dev = environments("dev")
    made = json.dumps(dev.state["values"])
    names = set(re.findall(r"(?:/aws/\w+/)?dofs-dev-[a-z-]*[a-z]", TEXT))
    loop = re.search(r"for name in ([a-z -]+); do", TEXT)
    assert loop
    names |= {f"/aws/lambda/dofs-dev-{name}" for name in loop[1].split()}
    assert len(names) > 10
    assert [name for name in names if f'"{name}"' not in made] == []
    outputs = set(re.findall(r"terraform output -raw (\w+)", TEXT))
    assert outputs <= dev.state["values"]["outputs"].keys()
    metric = re.search(r"--namespace (\w+) --metric-name (\w+) --dimensions Name=(\w+),Value=(\w+)", TEXT)
    assert metric
    namespace, name, dimension, value = metric.groups()
    queries = [
        query["metric"][0]
        for alarm in dev.of_type("aws_cloudwatch_metric_alarm").values()
        for query in alarm["metric_query"]
        if query["metric"]
    ]
    watched = [(each["namespace"], each["metric_name"], each["dimensions"]) for each in queries]
    assert (namespace, name, {dimension: value}) in watched


def test_global_names() -> None:
    """The pipeline and the bucket of artifacts are those that the tests of terraform/global see."""
    tested = (PROJECT / "tests" / "terraform" / "test_global.py").read_text()
    names = set(re.findall(r"dofs-(?:nonprod-pipeline|cicd-artifacts)", TEXT))
    assert len(names) == 2
    assert [name for name in names if f'"{name}"' not in tested] == []
