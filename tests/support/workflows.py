"""Random workflows, written in the vocabulary as an author would: for properties that must hold for all of them."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from generator import (
    END,
    NEXT,
    Activity,
    Bucket,
    Catch,
    Choice,
    DistributedMap,
    Fail,
    Function,
    ItemBatcher,
    Map,
    Parallel,
    Pass,
    Queue,
    ResultWriter,
    Retry,
    Succeed,
    Table,
    Task,
    Topic,
    Wait,
    Workflow,
    csv_items,
    errors,
    fn,
    jsonl_items,
    literal,
    placeholder,
    s3_objects,
    states,
    variables,
    when,
)
from generator.asl.placeholders import has_placeholder

x = states.input

NASTY = st.sampled_from(
    [
        'say "hi"',
        "${path.module}",
        "%{ if true }",
        "$${x}",
        "%%{",
        "line\nbreak\r\n\ttab",
        "{% $x %} no",
        "{%",
        "%}",
        "<script>alert('x')</script>",
        "& < > ' \"",
        "back\\slash",
        "žluťoučký 🐎 \u2028\u202e",
        "| a | `b` |",
        "${validator_arn",
        "]]>",
        "#{x}",
        "--",
        "'",
        "",
    ]
)
TEXT = NASTY | st.text(alphabet=st.characters(exclude_categories=["Cs", "Cc"]), max_size=12)
DATA_TEXT = TEXT.map(lambda t: literal(t) if "{%" in t or "%}" in t or t.startswith(("$", "States.")) or has_placeholder(t) else t)
PLAIN_TEXT = TEXT.filter(lambda t: not has_placeholder(t))
EXACT_TEXT = TEXT.map(literal)
NAMES = st.text(alphabet=st.characters(exclude_categories=["Cs", "Cc", "Co", "Cn"]), min_size=1, max_size=6)

FUNCTION, QUEUE, TABLE = Function("worker"), Queue("jobs"), Table("rows", key="id")
TOPIC, BUCKET, ACTIVITY = Topic("news"), Bucket("files"), Activity("sign-off")

JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.floats(allow_nan=False, allow_infinity=False) | DATA_TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(PLAIN_TEXT, inner, max_size=3),
    max_leaves=6,
)
FIELDS = st.sampled_from([x.a, x["b-c"], x.items[0].price, states.context.Execution.Id, variables.total])
NUMBERS = st.recursive(
    st.sampled_from([x.a, x["b-c"], x.items[0].price, variables.total]),
    lambda inner: st.builds(lambda left, right: fn.as_number(left) + right, inner, st.integers(0, 9) | inner),
    max_leaves=3,
)
EXPRESSIONS = (
    NUMBERS
    | st.builds(lambda t, f: fn.format("{}" + t.replace("{}", ""), f), PLAIN_TEXT, FIELDS)
    | st.just(fn.uuid())
    | st.builds(literal, TEXT)
)
PAYLOADS = JSON | EXPRESSIONS | st.dictionaries(PLAIN_TEXT.map(lambda t: t.removesuffix(".$")), EXPRESSIONS | JSON, max_size=3)
OBJECTS = st.dictionaries(PLAIN_TEXT.map(lambda t: t.removesuffix(".$")), EXPRESSIONS | JSON, max_size=3)
CONDITIONS = st.recursive(
    st.builds(lambda f, v: f == v, FIELDS, st.integers() | EXACT_TEXT | st.booleans() | st.none())
    | st.builds(lambda f, v: f > v, FIELDS, st.integers())
    | st.builds(fn.exists, FIELDS)
    | st.builds(fn.is_string, FIELDS)
    | st.builds(fn.matches, FIELDS, PLAIN_TEXT),
    lambda inner: st.builds(lambda a, b: a & b, inner, inner) | st.builds(lambda a, b: a | b, inner, inner) | inner.map(lambda a: ~a),
    max_leaves=4,
)


def _retry(error: str, **options: Any) -> Retry:
    """Make a policy by a call of ours, so that its line is in this file."""
    return Retry(error, **options)


ERRORS = st.sampled_from([errors.TIMEOUT, errors.TASK_FAILED, "Custom", "Other"])
RETRIES = st.lists(
    st.builds(
        _retry,
        ERRORS,
        interval_seconds=st.none() | st.integers(1, 60),
        max_attempts=st.none() | st.integers(0, 5),
        backoff_rate=st.none() | st.sampled_from([1.0, 1.5, 2]),
        max_delay_seconds=st.none() | st.integers(61, 600),
        jitter=st.none() | st.booleans(),
    ),
    max_size=1,
)


class _Names:
    """Gives each state a name of its own."""

    def __init__(self, draw: Any) -> None:
        self.draw = draw
        self.count = 0

    def __call__(self) -> str:
        self.count += 1
        return f"{self.draw(NAMES)}{self.count}"


@st.composite
def workflows(draw: Any, language: str | None = None, kind: str = "STANDARD") -> Workflow:
    """Draw a workflow that compiles: every field, every state, both query languages, nested up to three scopes deep."""
    names = _Names(draw)
    language = language or draw(st.sampled_from(["JSONata", "JSONPath"]))
    return Workflow(
        "random-" + str(draw(st.integers(1, 9))),
        comment=draw(st.none() | TEXT),
        query_language=language,  # type: ignore[arg-type]
        type=kind,  # type: ignore[arg-type]
        timeout_seconds=draw(st.none() | st.integers(1, 1000)),
        steps=_path(draw, names, 0, language == "JSONata"),
    )


def _path(draw: Any, names: _Names, depth: int, jsonata: bool) -> list[Any]:
    made = [_step(draw, names, depth, jsonata) for _ in range(draw(st.integers(1, 3 if depth else 4)))]
    return [*made, draw(st.sampled_from([Succeed, Pass]))(names())]


def _step(draw: Any, names: _Names, depth: int, jsonata: bool) -> Any:
    kinds = ["task", "pass", "wait", "choice"] + (["parallel", "map", "distributed"] if depth < 2 else [])
    comment = draw(st.none() | TEXT)
    match draw(st.sampled_from(kinds)):
        case "task":
            return Task(
                names(),
                draw(_calls()),
                comment=comment,
                **_failing(draw, names, jsonata),
                timeout_seconds=draw(st.none() | st.integers(30, 90)),
            )
        case "pass":
            # An inner scope must not assign a variable of the scopes around it.
            assign = draw(st.none() | st.just({f"total{depth or ''}": x.a}))
            return Pass(names(), comment=comment, output=draw(PAYLOADS if jsonata else OBJECTS), assign=assign)
        case "wait":
            return Wait(names(), seconds=draw(st.integers(0, 99) | st.just(x.delay)), comment=comment)
        case "choice":
            targets = st.sampled_from(["fail", "path", "below"])
            rules = [
                when(draw(CONDITIONS), *_target(draw, names, draw(targets), depth, jsonata), comment=draw(st.none() | TEXT))
                for _ in range(draw(st.integers(1, 3)))
            ]
            return Choice(names(), *rules, comment=comment)
        case "parallel":
            branches = [_path(draw, names, depth + 1, jsonata) for _ in range(draw(st.integers(1, 3)))]
            return Parallel(names(), *branches, comment=comment, **_failing(draw, names, jsonata))
        case "map":
            return Map(
                names(),
                x.items,
                _path(draw, names, depth + 1, jsonata),
                max_concurrency=draw(st.none() | st.integers(0, 5)),
                **_failing(draw, names, jsonata),
            )
        case _:
            reader = draw(st.sampled_from([csv_items(BUCKET, x.key), jsonl_items("bucket", "key", max_items=5), s3_objects(BUCKET, "in/")]))
            return DistributedMap(
                names(),
                reader,
                _path(draw, names, 2, jsonata),
                batch=draw(st.none() | st.builds(ItemBatcher, max_items=st.integers(1, 100))),
                result_writer=draw(st.none() | st.just(ResultWriter(BUCKET, "out"))),
                tolerated_failure_percentage=draw(st.none() | st.integers(0, 100)),
                execution_type="STANDARD",  # Express children cannot wait for task tokens, which the steps may do
            )


def _target(draw: Any, names: _Names, kind: str, depth: int, jsonata: bool) -> tuple[Any, ...]:
    if kind == "below":
        return ()
    if kind == "fail":
        return (Fail(names(), error=draw(DATA_TEXT), cause=draw(DATA_TEXT | st.just(fn.format("no {}", x.a)))),)
    return (
        ([Pass(names(), output=draw(OBJECTS)), Wait(names(), seconds=1, next=draw(st.sampled_from([NEXT, END])))],)
        if depth < 3 and jsonata
        else (Succeed(names()),)
    )


def _failing(draw: Any, names: _Names, jsonata: bool) -> dict[str, Any]:
    options: dict[str, Any] = {"retry": draw(RETRIES)}
    if draw(st.booleans()):
        extra = {"output": states.error_output} if jsonata else {"result_path": "$.error"}
        options["catch"] = Catch(errors.ALL, Fail(names(), error="E"), **extra)
    if jsonata and draw(st.booleans()):
        options["output"] = draw(st.sampled_from([x, states.result, {"kept": x.a, "new": states.result}]))
    return options


def _calls() -> st.SearchStrategy[Any]:
    return (
        st.builds(FUNCTION.invoke, OBJECTS)
        | st.builds(QUEUE.send_message, OBJECTS)
        | st.builds(lambda t: TOPIC.publish(t, subject=placeholder("subject")), DATA_TEXT)
        | st.builds(lambda t: TABLE.put_item({"id": {"S": t}}), DATA_TEXT)
        | st.just(ACTIVITY.perform())
        | st.just("arn:aws:lambda:eu-west-1:123456789012:function:old")
        | st.just(FUNCTION.invoke({"token": states.context.Task.Token}).wait_for_task_token())
    )
