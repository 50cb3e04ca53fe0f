"""What the calls of SDK integrations that people use most need: sub-resources that their parameters name.

``call_samples.json`` has a call of each kind with the parameters that name resources, ``call_permissions.txt`` what is derived. After a
change that is meant, ``UPDATE_GOLDEN=1 pytest tests/iam/test_calls.py`` rewrites it; review it.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from generator.catalog import calls
from generator.catalog.arns import fits, types_beside, types_of
from generator.catalog.index import find_action
from generator.catalog.patterns import TEMPLATED, Deployment, Parameters
from generator.iam.grants import Grant
from generator.iam.requirements import call_grants

SAMPLES: dict[str, dict[str, Any]] = json.loads(Path(__file__).with_name("call_samples.json").read_text(encoding="utf-8"))
"""`service:action`, with a word behind `#` for a second sample, to parameters in JSONata."""
GOLDEN = Path(__file__).with_name("call_permissions.txt")
HERE = Deployment("aws", "us-east-1", "111122223333", "orders")


def granted(name: str) -> list[Grant]:
    """Derive what a sample needs."""
    service, _, action = name.partition("#")[0].partition(":")
    return list(call_grants(service, action, Parameters(SAMPLES[name], "JSONata", HERE), HERE))


def written(name: str) -> Iterator[str]:
    """Write what a sample needs, for review. An ARN is written without what all of them have."""
    yield name
    for grant in granted(name):
        yield f"    {' '.join(action for action in grant.actions)}"
        yield from (f"        {one.removeprefix('arn:aws:').replace(':us-east-1:111122223333:', ':~:')}" for one in grant.resources)
        yield from (f"        if {key} {operator} {' '.join(values)}" for operator, key, values in grant.conditions)
        if grant.widened:
            yield f"        ({'to be narrowed' if grant.avoidable else 'as narrow as can be'}: {grant.widened})"


def test_the_permissions_are_those_that_were_reviewed() -> None:
    """One text for all samples."""
    text = "\n".join(line for name in SAMPLES for line in written(name)) + "\n"
    if os.environ.get("UPDATE_GOLDEN"):
        GOLDEN.write_text(text, encoding="utf-8")
    assert text == GOLDEN.read_text(encoding="utf-8")


def test_the_samples_have_parameters_that_exist() -> None:
    """A sample with a parameter of another name would prove nothing."""
    for name, parameters in SAMPLES.items():
        service, _, action = name.partition("#")[0].partition(":")
        known = find_action(service, action)
        assert known is not None, name
        assert set(parameters) <= set(known.input.members), name


@pytest.mark.parametrize("name", SAMPLES)
def test_the_resources_are_ones_that_the_actions_can_be_limited_to(name: str) -> None:
    """Each ARN has the form of a type of resource of its action, in the authorization data."""
    for grant in granted(name):
        for action in grant.actions:
            kinds, every = types_of([action]), types_beside([action])
            for resource in grant.resources:
                right = resource == "*" or any(fits(resource, kind, every, HERE) for kind in kinds)
                assert right, (action, resource)


def test_there_is_a_sample_of_every_row() -> None:
    """A new fact about a call comes with a sample, so that it is reviewed and its ARNs are tested."""
    sampled = {name.partition("#")[0] for name in SAMPLES}
    services = {name.partition(":")[0] for name in sampled}
    families = {"redshiftdata", "cloudformation", "glue", "ses", "s3", "lambda"}
    for key in {*calls.ROWS, *calls.FURTHER}:
        service, _, operation = key.partition(":")
        if service in families or not operation:
            assert service in services, key
        else:
            assert f"{service}:{operation[0].lower()}{operation[1:]}" in sampled, key


@pytest.mark.parametrize("rows", [calls.ROWS, calls.FURTHER], ids=["rows", "further"])
def test_every_row_has_a_source(rows: dict[str, Any]) -> None:
    """A fact about AWS says where it is from, and is about a call that exists."""
    for key, listed in rows.items():
        assert all(row.source.startswith("https://docs.aws.amazon.com/") for row in listed), key
        service, _, operation = key.partition(":")
        if operation:
            assert find_action(service, operation[0].lower() + operation[1:]) is not None, key


def test_the_paths_of_rows_exist() -> None:
    """A misspelt parameter would be taken for an absent one."""
    for key, listed in {**calls.ROWS, **calls.FURTHER}.items():
        service, _, operation = key.partition(":")
        action = find_action(service, operation[0].lower() + operation[1:]) if operation else None
        for row in listed if action is not None else ():
            texts = [*row.templates(), *(value for _, _, values in row.conditions for value in values)]
            paths = [one.lstrip("!") for one in row.when.split()]
            paths += [found for text in texts for found in re.findall(r"\{([A-Za-z][\w.\[\]]*)", text)]
            for path in paths:
                assert exists(action.input, path), (key, path)


def exists(shape: Any, path: str) -> bool:
    """Return whether a structure has a member at a path."""
    for step in path.replace("[]", "").split("."):
        while shape.kind == "list":
            shape = shape.item
        if shape.kind == "map":
            shape = shape.item
            continue
        if step in {"partition", "region", "account"}:
            return True
        if step not in shape.members:
            return False
        shape = shape.members[step]
    return True


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[{'Put': {'TableName': 'a'}}, {'Delete': {'TableName': 'b'}}]", {"PutItem": {"a"}, "DeleteItem": {"b"}}),
        ("$map($states.input.x, function($i) { {'Put': {'TableName': $i.big ? 'a' : 'b'}} })", {"PutItem": {"a", "b"}}),
        ("$append([{'Put': {'TableName': 'a'}}], $states.input.more)", {"PutItem": {"a", "*"}, "DeleteItem": {"*"}}),
        ("($t := 'a'; $states.input.x.{'Update': {'TableName': $t}})", {"UpdateItem": {"a"}}),
        ("$states.input.items", {"PutItem": {"*"}, "DeleteItem": {"*"}}),
    ],
)
def test_verbs_and_tables_inside_an_expression(text: str, expected: dict[str, set[str]]) -> None:
    """What the expression builds decides about the actions and the tables; what it takes from elsewhere is unknown."""
    found: dict[str, set[str]] = {}
    parameters = Parameters({"TransactItems": "{% " + text + " %}"}, "JSONata", HERE)
    for grant in call_grants("dynamodb", "transactWriteItems", parameters, HERE):
        for action in grant.actions:
            found.setdefault(action.removeprefix("dynamodb:"), set()).update(one.rpartition("/")[2] for one in grant.resources)
    assert {action: found.get(action) for action in expected} == expected
    if "*" not in str(expected):
        assert set(found) == set(expected)


def test_an_alias_of_a_key_is_a_condition() -> None:
    """A policy on the ARN of an alias does not allow to use its key, so the call must name the alias."""
    for key, expected in (("alias/orders", (("StringEquals", "kms:RequestAlias", ("alias/orders",)),)), ("${orders_key}", ())):
        (grant,) = call_grants("kms", "encrypt", Parameters({"KeyId": key}, "JSONata", HERE), HERE)
        assert grant.conditions == expected


def test_an_arn_that_only_the_execution_knows_is_where_the_workflow_runs() -> None:
    """Region and account are known at deployment, also of what a call names by an ARN."""
    unknown = Parameters({"TableArn": "{% $states.input.table %}", "S3Bucket": "b"}, "JSONata", TEMPLATED)
    grant = next(iter(call_grants("dynamodb", "exportTableToPointInTime", unknown, TEMPLATED)))
    assert grant.resources == ("arn:${aws_partition}:dynamodb:${aws_region}:${aws_account_id}:table/*",)
