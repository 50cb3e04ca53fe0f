"""A kind of resource: a row in ``generator/catalog/resources.py`` and a class in ``generator/dsl/resources.py``.

Here: each row has a class, a stand-in on a laptop, a variable of the Terraform module for each of its attributes, and words.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import botocore.client
import pytest

import generator
from generator import Activity, Bucket, EventBus, Function, Pass, Queue, StateMachine, Succeed, Table, Topic, Workflow
from generator.catalog.index import find_action
from generator.catalog.resources import ATTRIBUTES, KINDS
from generator.dsl.declarations import Resource
from generator.emit import EMITTERS
from generator.local.laptop import laptop
from generator.lower import compile_workflow
from tests.support.import_graph import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator

SAMPLES: dict[str, Resource] = {
    "activity": Activity("thing"),
    "bucket": Bucket("thing"),
    "event-bus": EventBus("thing"),
    "function": Function("thing"),
    "queue": Queue("thing"),
    "state-machine": StateMachine("thing"),
    "table": Table("thing", key="id"),
    "topic": Topic("thing"),
    "workflow": Workflow("thing", steps=[Succeed("Done")]),
}


def declared(cls: type[Resource]) -> Iterator[type[Resource]]:
    """Yield the classes of resources that authors can declare."""
    for child in cls.__subclasses__():
        if child.__name__ in generator.__all__:
            yield child
        yield from declared(child)


def test_each_kind_has_a_class_and_a_sample() -> None:
    """The vocabulary declares exactly the kinds of the table, and each is tried below."""
    assert {cls.KIND.key for cls in declared(Resource)} == {*KINDS} == {*SAMPLES}
    assert {key: sample.KIND.key for key, sample in SAMPLES.items()} == {key: key for key in KINDS}


@pytest.mark.parametrize("key", KINDS)
def test_each_attribute_is_a_variable_of_the_terraform_module(key: str) -> None:
    """A workflow that uses it leaves it to deployment, and the description says what it is."""
    kind = KINDS[key]
    attributes = {attribute: SAMPLES[key].attribute(attribute) for attribute in kind.attributes}
    compiled = compile_workflow(Workflow("uses-it", steps=[Pass("Use", output=attributes)]))
    assert compiled.diagnostics == ()
    files = {str(artifact.path): artifact.content.decode() for emitter in EMITTERS for artifact in emitter(compiled)}
    (variables,) = [text for path, text in files.items() if path.endswith("variables.tf")]
    for attribute in kind.attributes:
        assert f'variable "thing_{attribute}"' in variables
        words = ATTRIBUTES[attribute]
        assert f'"{words[0].upper()}{words[1:]} of the {kind.label} thing"' in variables


@pytest.mark.parametrize("key", KINDS)
def test_each_kind_has_a_stand_in(key: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """On a laptop every attribute has a value, and the call that its row names creates it; without one, the engine stands in."""
    called = []
    call = botocore.client.BaseClient._make_api_call

    def record(self: Any, operation: str, parameters: Any) -> Any:
        called.append(operation)
        return call(self, operation, parameters)

    monkeypatch.setattr(botocore.client.BaseClient, "_make_api_call", record)
    kind = KINDS[key]
    with laptop({"thing": SAMPLES[key]}, ROOT) as made:
        values = {attribute: made.values[f"thing_{attribute}"] for attribute in kind.attributes}
    assert all("thing" in value and "{" not in value for value in values.values())
    assert values["arn"].startswith("arn:aws:")
    assert called == ([kind.create[0].upper() + kind.create[1:]] if kind.create else [])


@pytest.mark.parametrize("key", KINDS)
def test_each_row_names_calls_that_exist(key: str) -> None:
    """Its parameter is one of some call of its service, and the call that creates it is in AWS's model."""
    kind = KINDS[key]
    assert kind.parameter_attribute in kind.attributes
    if kind.create:
        assert find_action(kind.service, kind.create) is not None
