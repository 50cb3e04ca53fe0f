from generator import Pass, Workflow, states

total = Workflow(
    "total",
    query_language="JSONPath",
    steps=[Pass("Total", output={"total": states.input.price * states.input.count})],
)
