"""Text that is known at deployment is text in the definition, as a person would write it, in both query languages."""

from __future__ import annotations

import json
from typing import Any

import pytest

from generator import Bucket, Fail, Pass, Table, Task, Wait, Workflow, fn, literal, placeholder, states
from generator.dsl.integrations import Integration
from generator.lower.compile import compile_workflow

bucket, table = Bucket("files"), Table("rows")
x = states.input

KNOWN: list[tuple[Any, str]] = [
    (fn.format("s3://{}/out/", bucket.bucket_name), "s3://${files_name}/out/"),
    (fn.format("{}", bucket.arn), "${files_arn}"),
    (fn.format("{}-{}", bucket.bucket_name, fn.format("{}/{}", table.table_name, "x")), "${files_name}-${rows_name}/x"),
    (fn.format("{} of {}", 3, placeholder("count")), "3 of ${count}"),
    (fn.format("no hole"), "no hole"),
    (bucket.arn + "/*", "${files_arn}/*"),
    ("arn:" + placeholder("partition") + ":s3:::" + bucket.bucket_name, "arn:${partition}:s3:::${files_name}"),
    (literal("plain"), "plain"),
]


def compiled(language: str, *steps: Any) -> dict[str, Any]:
    """Compile steps; return the states of the definition, as AWS reads it before placeholders are filled in."""
    made = compile_workflow(Workflow("known", steps=steps, query_language=language))  # type: ignore[arg-type]
    assert made.diagnostics == ()
    return json.loads(made.text())["States"]


@pytest.mark.parametrize(("value", "text"), KNOWN)
@pytest.mark.parametrize("language", ["JSONata", "JSONPath"])
def test_known_text_is_text(language: str, value: Any, text: str) -> None:
    """In an argument, in an object, in a list, in a Fail; and the placeholder is in the index."""
    arguments = {"Url": value, "Deep": {"List": [value, 1]}}
    states = compiled(language, Task("T", Integration("arn:aws:states:::aws-sdk:s3:listBuckets", arguments)), Fail("F", cause=value))
    assert states["T"]["Arguments" if language == "JSONata" else "Parameters"] == {"Url": text, "Deep": {"List": [text, 1]}}
    assert states["F"]["Cause"] == text


@pytest.mark.parametrize("language", ["JSONata", "JSONPath"])
def test_the_placeholders_of_known_text_are_known(language: str) -> None:
    """They are in the index, with their resource."""
    made = compile_workflow(Workflow("known", steps=[Pass("P", output={"a": KNOWN[2][0]})], query_language=language))  # type: ignore[arg-type]
    assert {name: one.kind for name, one in made.placeholders.items()} == {"files_name": "bucket", "rows_name": "table"}


def test_what_only_the_run_knows_is_an_expression() -> None:
    """The known parts beside it are one string."""
    mixed = fn.format("s3://{}/{}/{}", bucket.bucket_name, x.key, 7)
    step = Pass("P", output={"a": mixed, "b": bucket.bucket_name + "/" + x.key + "/" + table.table_name})
    assert compiled("JSONata", step)["P"]["Output"] == {
        "a": '{% "s3://${files_name}/" & $states.input.key & "/7" %}',
        "b": '{% "${files_name}/" & $states.input.key & "/${rows_name}" %}',
    }
    assert compiled("JSONPath", step)["P"]["Parameters"]["a.$"] == "States.Format('s3://{}/{}/{}', '${files_name}', $.key, 7)"


def test_text_that_looks_like_an_expression_stays_text() -> None:
    """A folded text with JSONata's delimiters would be evaluated; the author's own placeholder syntax is escaped."""
    step = Pass("P", output={"a": fn.format("{{% {} %}}".replace("{{", "{").replace("}}", "}"), bucket.bucket_name), "b": literal("${x}")})
    made = compile_workflow(Workflow("known", steps=[step]))
    assert '"{% \\"{% ${files_name} %}\\" %}"' in made.text()
    assert "\\u0024{x}" in made.text()


@pytest.mark.parametrize("number", [0, -7, 10**15 - 1])
def test_whole_numbers_are_text_as_the_run_would_write_them(number: int) -> None:
    """Larger ones, fractions and other values are left to the query language."""
    assert compiled("JSONata", Pass("P", output=fn.format("{}!", number)))["P"]["Output"] == f"{number}!"
    for value in (10**15, 1.5, True, None):
        assert "&" in compiled("JSONata", Pass("P", output=fn.format("{}!", value)))["P"]["Output"]


def test_fields_that_take_a_number_or_a_path() -> None:
    """A known text in such a field is that text, not a path to it."""
    states = compiled("JSONPath", Wait("W", until=placeholder("when")), Pass("P", output={"a": 1}))
    assert states["W"] == {"Type": "Wait", "Timestamp": "${when}", "Next": "P"}
