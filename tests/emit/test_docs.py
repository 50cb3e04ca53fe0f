"""The README and the input's schema: what they say, and that text stays text in them."""

import json
import os
import runpy
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from markdown_it import MarkdownIt

from generator.asl.model import (
    Catcher,
    Choice,
    ChoiceRule,
    Comparison,
    Fail,
    Junction,
    Pass,
    Retrier,
    StateMachine,
    Task,
    Wait,
)
from generator.asl.walk import walk
from generator.dsl.expressions import placeholder
from generator.dsl.integrations import Integration
from generator.dsl.resources import Activity, Function, Queue
from generator.dsl.source import UNKNOWN
from generator.dsl.steps import Succeed
from generator.dsl.steps import Task as TaskStep
from generator.dsl.steps import Wait as WaitStep
from generator.dsl.workflow import Workflow
from generator.emit import artifacts, docs, markdown, schema, words
from generator.emit.words import visible
from generator.lower.compile import compile_workflow

GOLDEN = Path(__file__).parent / "golden"

ship_orders = runpy.run_path(str(GOLDEN / "ship_orders.py"), run_name="tests.emit.golden.ship_orders")["ship_orders"]

INPUT = {
    "title": "Batch",
    "description": "A batch of orders.",
    "type": "object",
    "properties": {
        "count": {"type": "integer", "minimum": 0, "description": "How many orders."},
        "orders": {"type": "array", "maxItems": 40, "items": {"$ref": "#/$defs/Order"}},
    },
    "required": ["count", "orders"],
    "$defs": {
        "Order": {
            "type": "object",
            "properties": {
                "id": {"type": "string", "pattern": "^[a-z|]+$"},
                "kind": {"enum": ["gift", "bulk"], "default": "bulk"},
                "gift_for": {"anyOf": [{"$ref": "#/$defs/Person"}, {"type": "null"}], "default": None},
                "parts": {"type": "array", "items": {"$ref": "#/$defs/Order"}},
            },
            "required": ["id"],
        },
        "Person": {
            "type": "object",
            "properties": {"name": {"type": "string", "minLength": 1}, "friend": {"anyOf": [{"$ref": "#/$defs/Person"}, {"type": "null"}]}},
        },
    },
}


def documented(workflow=ship_orders, machine=None, input_schema=None):
    """A compiled workflow; in place of its own, another machine or schema."""
    compiled = compile_workflow(workflow)
    assert not compiled.diagnostics
    if machine is not None:
        compiled = replace(compiled, walk=walk(machine), sources={})
    return replace(compiled, input_schema=input_schema)


class Rendered(HTMLParser):
    """What a reader of the Markdown sees: the cells of its tables, its headings and paragraphs, and the elements used."""

    def __init__(self, text):
        """Render and read it."""
        super().__init__()
        self.cells, self.texts, self.tags, self._open = [], [], set(), None
        self.feed(MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"]).render(text))

    def handle_starttag(self, tag, attrs):
        """Open what text is collected in."""
        self.tags.add(tag)
        if tag == "tr":
            self.cells.append([])
        elif tag in ("td", "th", "p", "h1", "h2", "h3"):
            self._open = self.cells[-1] if tag in ("td", "th") else self.texts
            self._open.append("")
        elif tag == "br":
            self.handle_data("\n")

    def handle_endtag(self, tag):
        """Close it."""
        if tag in ("td", "th", "p", "h1", "h2", "h3"):
            self._open = None

    def handle_data(self, data):
        """Collect text."""
        if self._open is not None:
            self._open[-1] += data


def test_readme_is_as_reviewed():
    """A golden file, which a person read; `UPDATE_GOLDEN=1` writes it anew."""
    permissions = {"sqs:SendMessage": ["Ship"], "lambda:InvokeFunction": ["Pack", "Charge"]}
    written = docs.readme(documented(input_schema=INPUT), permissions)
    path = GOLDEN / "ship-orders.README.md"
    if os.environ.get("UPDATE_GOLDEN"):
        path.write_text(written, encoding="utf-8", newline="\n")
    assert written == path.read_text(encoding="utf-8")


def test_the_schema_of_the_input_is_a_file_of_its_own():
    """It says which JSON Schema it is, and is one."""
    document = json.loads(artifacts(documented(input_schema=INPUT), (docs.emit,))["input.schema.json"])
    assert document == {"$schema": "https://json-schema.org/draft/2020-12/schema", **INPUT}
    Draft202012Validator.check_schema(document)
    assert set(artifacts(documented(), (docs.emit,))) == {"README.md"}


def test_a_document_says_nothing_about_what_is_not_there():
    """No empty sections, no columns without content."""
    workflow = Workflow("wait", steps=[WaitStep("Pause", seconds=1)])
    readme = docs.readme(documented(workflow), {})
    assert "Input" not in readme
    assert "Permissions" not in readme
    assert "deployment fills in" not in readme
    assert "Retries" not in readme
    assert "Catches" not in readme


def test_a_place_outside_the_project_is_not_named():
    """Paths that differ from machine to machine stay out."""
    workflow = Workflow("somewhere", steps=[Succeed("Done")])
    object.__setattr__(workflow, "source", UNKNOWN)
    compiled = documented(workflow, StateMachine(start_at="A", states={"A": Pass(end=True)}))
    readme = docs.readme(compiled, {})
    assert "Written at" not in readme
    assert "unknown" not in readme


def test_a_large_machine_is_not_drawn_inline():
    """Renderers refuse more than 500 links or 50,000 characters: the picture is linked instead."""
    states_ = {f"S{i}": Pass(next=f"S{i + 1}") for i in range(600)} | {"S600": Pass(end=True)}
    readme = docs.readme(documented(machine=StateMachine(start_at="S0", states=states_)), {})
    assert "```mermaid" not in readme
    assert "[diagram.svg](diagram.svg)" in readme
    assert readme.count("| Pass |") == 601


ANY_TEXT = st.text(st.characters(), min_size=1, max_size=30)
HOSTILE = st.sampled_from(
    [
        *(
            "a|b",
            "a\\|b",
            "`x`",
            "``",
            "\\",
            "*b*",
            "_i_",
            "~~s~~",
            "[l](http://x)",
            "![i](x)",
            "<script>alert(1)</script>",
            "&lt;",
            "# h",
            "- i",
            "1. n",
        ),
        *(
            "{% x %}",
            "{{ x }}",
            "{# x #}",
            "x\n\n| y",
            "-->",
            "```",
            "$a$",
            ":tada:",
            "@me",
            "===",
            "---",
            "\x00",
            "\ud800",
            "${x}",
            "<!--",
            "]]",
            "<b>",
        ),
    ]
)


def shown(text):
    """How a reader sees text on one line."""
    return " ".join(visible(text).split())


@settings(max_examples=50, deadline=None)
@given(st.lists((ANY_TEXT | HOSTILE).filter(shown), min_size=3, max_size=3, unique_by=shown), (ANY_TEXT | HOSTILE).filter(shown))
def test_any_text_stays_text(names, said):
    """Names, comments, errors, causes and conditions are read as they were written, and add no markup."""
    first, second, last = names
    machine = StateMachine(
        start_at=first,
        states={
            first: Task(
                resource=said,
                comment=said,
                retry=(Retrier(error_equals=(said,)),),
                catch=(Catcher(error_equals=(said,), next=last),),
                next=second,
            ),
            second: Choice(choices=(ChoiceRule(condition=said, next=last),), default=first),
            last: Fail(error=said, cause=said),
        },
    )
    compiled = documented(Workflow("any-text", steps=[Succeed("Done")], comment=said), machine)
    readme = docs.readme(compiled, {said: [first]})
    page = Rendered(readme)
    assert page.tags <= {"h1", "h2", "h3", "p", "table", "thead", "tbody", "tr", "th", "td", "code", "br", "pre", "a"}
    assert shown(said) in " ".join(" ".join(page.texts).split())
    rows = [[" ".join(cell.split()) for cell in row] for row in page.cells]
    heads = next(index for index, row in enumerate(rows) if row[0] == "State")
    by_name = dict(zip((first, second, last), rows[heads + 1 :], strict=False))
    assert [row[0].removesuffix(" starts here") for row in by_name.values()] == [shown(name) for name in (first, second, last)]
    assert by_name[first][-1] == f"{shown(said)}: → {shown(last)}"
    assert f"otherwise → {shown(first)}" in by_name[second][3]
    assert by_name[last][2].endswith(shown(words.unquoted(said)))
    assert [shown(said), shown(first)] in rows


@settings(max_examples=300, deadline=None)
@given(ANY_TEXT | HOSTILE)
def test_markdown_of_a_text_reads_as_the_text(said):
    """As a paragraph, as a cell, and as code in a cell."""
    plain_page = Rendered(f"{markdown.text(said)}\n")
    assert "".join(plain_page.texts).strip() == shown(said)
    assert plain_page.tags <= {"p"}
    cells = Rendered(markdown.table(["A", "B"], [[said, markdown.code(said)]]))
    assert cells.cells == ([["A", "B"], [shown(said), shown(said)]] if shown(said) else [])


@pytest.mark.parametrize(
    ("retrier", "said"),
    [
        (Retrier(), "3 retries after 1 s, 2 s, 4 s"),
        (Retrier(interval_seconds=1, max_attempts=1), "1 retry after 1 s"),
        (Retrier(interval_seconds=5, max_attempts=0), "no retry"),
        (Retrier(interval_seconds=30, max_attempts=100, backoff_rate=1), "100 retries each after 30 s"),
        (Retrier(interval_seconds=60, max_attempts=4, max_delay_seconds=150), "4 retries after 1 min, 2 min, 2 min 30 s, 2 min 30 s"),
        (
            Retrier(interval_seconds=1, max_attempts=9, max_delay_seconds=60),
            "9 retries after 1 s, 2 s, 4 s, 8 s, 16 s, 32 s, …, at most 1 min",
        ),
        (
            Retrier(interval_seconds=1, max_attempts=2, backoff_rate=1.5, jitter_strategy="FULL"),
            "2 retries after 1 s, 1.5 s, shortened at random (full jitter)",
        ),
        (Retrier(interval_seconds=99_999_999, max_attempts=99_999_999, backoff_rate=1e300), None),
    ],
)
def test_when_retries_happen(retrier, said):
    """The interval, times the backoff rate each time, up to the maximum delay; whatever the numbers are."""
    assert words.retry(retrier) == said if said else words.retry(retrier).endswith("…")


def compare(operator, value, variable="$.a"):
    """A comparison."""
    return Comparison(variable=variable, operator=operator, value=value)


@pytest.mark.parametrize(
    ("test", "said"),
    [
        (compare("StringEquals", 'x "y"'), '$.a = "x \\"y\\""'),
        (compare("NumericLessThanEqualsPath", "$.b"), "$.a ≤ $.b"),
        (compare("TimestampGreaterThan", "2026-01-31T12:00:00Z"), "$.a > 2026-01-31T12:00:00Z"),
        (compare("BooleanEquals", value=True), "$.a = true"),
        (compare("StringMatches", "log-*"), '$.a matches "log-*"'),
        (compare("IsPresent", value=False), "$.a is not present"),
        (Junction(operator="And", tests=(compare("IsNull", value=True), compare("NumericEquals", 1))), "$.a is null and $.a = 1"),
        (
            Junction(
                operator="Or",
                tests=(
                    Junction(operator="And", tests=(compare("NumericEquals", 1), compare("NumericEquals", 2))),
                    Junction(operator="Not", tests=(compare("NumericEquals", 3),)),
                ),
            ),
            "($.a = 1 and $.a = 2) or not ($.a = 3)",
        ),
    ],
)
def test_conditions_of_jsonpath_read_like_conditions(test, said):
    """Operators as signs, values as JSON, groups in parentheses."""
    assert words.condition(ChoiceRule(test=test)) == said


@pytest.mark.parametrize(
    ("wait", "said"),
    [
        (Wait(seconds=0), "0 s"),
        (Wait(seconds="{% $delay %}"), "$delay seconds"),
        (Wait(seconds_path="$.delay"), "$.delay seconds"),
        (Wait(timestamp="2026-01-31T12:00:00Z"), "until 2026-01-31T12:00:00Z"),
        (Wait(timestamp_path="$.due"), "until $.due"),
    ],
)
def test_what_a_wait_waits_for(wait, said):
    """All of its four forms."""
    assert words.doing(wait) == said


@pytest.mark.parametrize(
    ("task", "said"),
    [
        (Task(resource="arn:aws:states:::lambda:invoke", parameters={"FunctionName": "check:live"}), "lambda:invoke · check:live"),
        (
            Task(
                resource="arn:aws:states:::sqs:sendMessage.waitForTaskToken",
                arguments={"QueueUrl": "https://sqs.eu-west-1.amazonaws.com/1/jobs"},
            ),
            "sqs:sendMessage.waitForTaskToken · jobs",
        ),
        (Task(resource="arn:aws:states:::aws-sdk:s3:listBuckets"), "aws-sdk:s3:listBuckets"),
        (Task(resource="arn:aws:states:us-east-1:111122223333:activity:pack"), "activity · pack"),
        (Task(resource="arn:aws:lambda:us-east-1:111122223333:function:check"), "lambda · check"),
        (Task(), ""),
    ],
)
def test_what_a_task_calls(task, said):
    """The integration as ASL names it, and the resource's short name."""
    assert words.doing(task) == said


def test_what_a_placeholder_stands_for_is_known_not_guessed():
    """In a compiled workflow neither the name of a placeholder nor that of a parameter decides."""
    body = Queue("orders").send_message(placeholder("customer_id"))
    body = Integration(body.resource, dict(reversed(body.arguments.items())))
    steps = [
        TaskStep("Send", body),
        TaskStep("Work", Activity("desk-clerk").perform()),
        TaskStep("Call", Integration(Function("check").arn)),
        TaskStep("Say", Integration("arn:aws:states:::sqs:sendMessage", {"MessageBody": placeholder("customer_id")})),
    ]
    compiled = compile_workflow(Workflow("known", steps=steps))
    known = [words.doing(entry.state, compiled.placeholders) for entry in compiled.walk.states]
    assert known == ["sqs:sendMessage · orders", "activity · desk_clerk", "lambda · check", "sqs:sendMessage · customer_id"]
    foreign = [words.doing(entry.state) for entry in compiled.walk.states]
    assert foreign == ["sqs:sendMessage · customer", "desk_clerk", "check", "sqs:sendMessage · customer"]
    page = docs.readme(compiled, {})
    assert "| `orders_url` | `string` | required | URL of the SQS queue orders |" in page
    assert "| `customer_id` | `string` | required | What the workflow" in page


def test_fields_of_a_schema_that_holds_itself_end():
    """References are followed, each once on the way down."""
    rows = {field.path: field for field in schema.fields(INPUT)}
    assert list(rows) == [
        *("count", "orders", "orders[].id", "orders[].kind"),
        *("orders[].gift_for", "orders[].gift_for.name", "orders[].gift_for.friend", "orders[].parts"),
    ]
    assert rows["orders[].gift_for"].type == "object or null"
    assert rows["orders[].gift_for.name"].limits == "at least 1 character"
    assert rows["orders[].parts"].type == "array of object"
    assert rows["orders"].limits == "at most 40 items"
    assert rows["orders[].kind"].limits == 'one of "gift", "bulk", by default "bulk"'


@pytest.mark.parametrize(
    "document",
    [
        {},
        {"properties": 3},
        {"properties": {"a": True}},
        {"properties": {"a": {"$ref": "#/gone"}}},
        {"$ref": "#"},
        {"$ref": "#/$ref"},
        {"required": 1},
    ],
)
def test_odd_schemas_are_no_reason_to_fail(document):
    """JSON Schemas may hold anything; what is not understood has no rows."""
    assert all(field.type == "any" for field in schema.fields(document))


def test_a_union_names_its_types():
    """As optional fields have them."""
    document = {"properties": {"a": {"anyOf": [{"type": "string"}, {"type": "null"}]}, "b": {"type": ["integer", "null"]}}}
    assert [field.type for field in schema.fields(document)] == ["string or null", "integer or null"]
