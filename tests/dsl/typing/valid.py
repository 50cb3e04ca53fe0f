"""A user's file."""

from datetime import UTC, datetime

from generator import (
    END,
    NEXT,
    Activity,
    Bucket,
    Catch,
    Choice,
    Commented,
    DistributedMap,
    EventBus,
    Expr,
    Fail,
    Function,
    ItemBatcher,
    Logging,
    Map,
    Parallel,
    Pass,
    Payload,
    Queue,
    ResultWriter,
    Retry,
    StateMachine,
    Step,
    Succeed,
    Table,
    Task,
    Topic,
    Wait,
    Workflow,
    aws,
    csv_items,
    errors,
    fn,
    http_endpoint,
    integration,
    jsonata,
    jsonpath,
    literal,
    placeholder,
    prefixed,
    s3_objects,
    sdk,
    states,
    variables,
    when,
)

orders = Table("orders", key="order_id")
check = Function("check", environment={"TABLE": orders.table_name}, uses=[orders.allow("GetItem")])
queue = Queue("queue")
topic = Topic("topic")
bucket = Bucket("bucket")
bus = EventBus("bus")
worker = Activity("worker")
child = StateMachine("child")

total = fn.sum_(fn.map_(states.input.items, lambda item: item.price * item.quantity))
big = fn.filter_(states.input.items, lambda item: item.price > 100)
kept = [fn.map_(states.input.items, lambda item, factor=factor: item.price * factor) for factor in (2, 3)]
indexed = fn.map_(states.input.items, lambda item, index: {"at": index, "id": item.id})
nested = fn.map_(states.input.orders, lambda order: fn.filter_(order.lines, lambda line: line.price > order.limit))
equal: Expr = states.input.a == 1
both: Expr = (states.input.a == 1) & (states.input.b != "x") & ~(states.input.c >= variables.limit)
either: Expr = (states.input.a < 3) | fn.exists(states.input.b["some-name"][0])
words: Expr = "order " + states.input.id + "/" + states.context.Execution.Name
number: Expr = -states.input.a * 2 + 1 - states.input.b / 3 % 2 // 2
late: Expr = states.input.at < datetime(2026, 1, 31, tzinfo=UTC)
rounded: Expr = round(states.input.a, 2)
absolute: Expr = abs(states.input.a)
payload: Payload = {"a": [1, "b", None, {"c": states.input.c}], "d": fn.now()}
maybe = fn.if_(states.input.a == 1, "yes", ["no", states.input.b])

RETRY = Retry([errors.TIMEOUT, "Custom"], interval_seconds=1, max_attempts=3, backoff_rate=2, jitter=True)
failed = Fail("Failed", error="Failed", cause=fn.format("no {}", states.input.id))
failure: list[Step] = [Task("Notify", topic.publish({"id": states.input.id})), failed]


def family(name: str) -> list[Step]:
    return [Pass(f"Start{name}"), Wait(f"Wait{name}", seconds=states.input.delay)]


steps: list[Step | list[Step]] = [
    Task(
        "Check",
        check.invoke(states.input),
        retry=RETRY,
        catch=[Catch(errors.ALL, failure), Catch("X", failed, assign={"e": states.error_output})],
    ),
    Choice("Route", when(states.input.a == 1, [Pass("One")]), when(both, NEXT), when(fn.exists(states.input.z)), otherwise=failed),
    family("A"),
    prefixed("Again", family("B")),
    Task("Send", queue.send_message({"id": states.input.id}, group_id="g")),
    Task("Get", orders.get_item({"order_id": {"S": states.input.id}}), output=states.result.Item),
    Task("Put", orders.put_item({"order_id": {"S": states.input.id}}, condition="attribute_not_exists(order_id)")),
    Task("Emit", bus.put_event("Done", {"id": states.input.id}, source="me")),
    Task("Work", worker.perform(), heartbeat_seconds=60, timeout_seconds=states.input.limit),
    Task("Child", child.run({"a": 1})),
    Task("Call", sdk.lambda_.invoke(FunctionName="x", Payload={"a": 1})),
    Task(
        "Glue",
        aws.glue.start_job_run(JobName="nightly", Arguments={"--day": states.input.day}, NumberOfWorkers=3, WorkerType="G.1X").sync(),
    ),
    Task(
        "Query",
        aws.dynamodb.query(TableName=orders.table_name, KeyConditionExpression="a = :a", ExpressionAttributeValues={":a": {"S": "x"}}),
    ),
    Task("Events", aws.eventbridge.put_events(Entries=[{"Detail": {"a": 1}, "DetailType": "t", "Source": placeholder("source")}])),
    Task("Http", http_endpoint("POST", "https://example.com", connection=placeholder("connection"), body={"a": states.input.a})),
    Task("Raw", integration("athena:startQueryExecution.sync", {"QueryString": "select 1", "WorkGroup": literal("w")})),
    Parallel("Both", [Pass("L")], Commented([Pass("R", output=jsonata("$states.input.a"))], comment="right"), output=states.result[0]),
    Map("Each", states.input.items, [Pass("I")], item_selector={"item": states.item}, max_concurrency=5),
    DistributedMap(
        "Many", csv_items(bucket, "key.csv"), Pass("Row"), batch=ItemBatcher(max_items=10), result_writer=ResultWriter(bucket, "out")
    ),
    DistributedMap("Files", s3_objects(bucket, states.input.prefix), [Pass("File", next=END)], tolerated_failure_percentage=5),
    Pass("Paths", output=jsonpath("$.a"), query_language="JSONPath", comment="x"),
    Succeed("Done", output={"total": total, "big": big, "n": fn.length(big)}),
]

workflow = Workflow("sample", steps=steps, type="STANDARD", logging=Logging(level="ALL"), timeout_seconds=3600, comment=__doc__)
