"""What Terraform would make of DOFS, in each environment: names, wiring, permissions, encryption, tags, the seed's numbers."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import pytest

from functions.shared import observability
from generator.asl.placeholders import fill, has_placeholder, names
from tests.support.terraform.environments import ENVIRONMENTS
from tests.support.terraform.offline import PROJECT, TerraformError
from tests.support.terraform.policies import assert_least_privilege, listed, statements
from workflows import resources as declared
from workflows.resources import Function

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.support.terraform.environments import Environment
    from tests.support.terraform.offline import Offline

METRICS_WRITTEN = {value for name, value in vars(observability).items() if name.isupper() and isinstance(value, str) and name[0] != "_"}
"""The names of the metrics that the functions write."""
MODULES = sorted(path.parent.relative_to(PROJECT).as_posix() for path in (PROJECT / "terraform").glob("**/main.tf"))
WORKFLOW = PROJECT / "build" / "order-processing"
FUNCTIONS = {function.name: function for function in vars(declared).values() if isinstance(function, Function)}


def test_format(terraform_offline: Offline) -> None:
    """Terraform that is written by hand and Terraform that is generated are as `terraform fmt` leaves them."""
    terraform_offline.fmt(PROJECT / "terraform")
    terraform_offline.fmt(PROJECT / "build")


@pytest.mark.parametrize("module", MODULES)
def test_each_module_is_valid(terraform_offline: Offline, module: str) -> None:
    """Alone, as someone else might use it."""
    terraform_offline.validate(PROJECT / module, root=PROJECT)


@pytest.mark.parametrize("module", MODULES)
def test_each_module_passes_its_own_tests(terraform_offline: Offline, module: str, packages: Path) -> None:
    """`terraform test`, with a mocked provider, as it runs in a pipeline."""
    given = {"workspace": "dev", "variables": {"package_directory": str(packages)}} if module == "terraform" else {}
    assert re.search(r"Success! [1-9]\d* passed, 0 failed", terraform_offline.test(PROJECT / module, root=PROJECT, **given))


# --- names ----------------------------------------------------------------------------------------------------------

NAMED_BY = ("name", "function_name", "layer_name", "bucket", "alarm_name", "dashboard_name")
SEED_NAMES = {
    "aws_api_gateway_rest_api": {"api"},
    "aws_lambda_function": {"api-handler", "validator", "order-storage", "fulfill-order", "dlq-handler"},
    "aws_sfn_state_machine": {"order-processing"},
    "aws_dynamodb_table": {"orders", "failed-orders", "idempotency"},
    "aws_sqs_queue": {"order-queue", "order-dlq"},
    "aws_s3_bucket": {"lambda-deployments"},
}


def test_names(environment: Environment) -> None:
    """The seed's resources, each {project}-{env}-{resource}."""
    prefix = f"dofs-{environment.name}-"
    for kind, expected in SEED_NAMES.items():
        found = {next(values[key] for key in NAMED_BY if values.get(key)) for values in environment.of_type(kind).values()}
        assert found == {prefix + name for name in expected}
    groups = {values["name"] for values in environment.of_type("aws_cloudwatch_log_group").values()}
    assert groups >= {f"/aws/lambda/{prefix}{name}" for name in FUNCTIONS} | {f"/aws/stepfunctions/{prefix}order-processing"}


def test_every_log_expires(environment: Environment) -> None:
    """Also the one that API Gateway would make itself, without an end, if it were not here first."""
    groups = environment.of_type("aws_cloudwatch_log_group").values()
    assert all(values["retention_in_days"] > 0 for values in groups)
    (stage,) = environment.of_type("aws_api_gateway_stage").values()
    assert f"API-Gateway-Execution-Logs_{stage['rest_api_id']}/{stage['stage_name']}" in {values["name"] for values in groups}


def test_nothing_is_named_after_another_environment(environment: Environment) -> None:
    """Anywhere in what is planned or made."""
    text = json.dumps([environment.plan["planned_values"], environment.state["values"]])
    assert f"dofs-{environment.name}" in text
    for other in set(ENVIRONMENTS) - {environment.name}:
        assert f"dofs-{other}" not in text


def test_everything_that_can_be_tagged_is(environment: Environment) -> None:
    """Project, environment, and who manages it."""
    tags = {"Project": "dofs", "Environment": environment.name, "ManagedBy": "terraform"}
    tagged = {address: r["values"]["tags_all"] for address, r in environment.resources.items() if "tags_all" in r["values"]}
    assert len(tagged) > 30
    assert {address for address, found in tagged.items() if not tags.items() <= found.items()} == set()


# --- wiring ---------------------------------------------------------------------------------------------------------


def test_placeholders_variables_and_arguments_are_one_set(environment: Environment) -> None:
    """The values that the definition and the policies leave open are the variables of the module, and the root fills exactly those."""
    call = environment.plan["configuration"]["root_module"]["module_calls"]["order_processing"]
    required = {name for name, variable in call["module"]["variables"].items() if "default" not in variable}
    texts = [path.read_text() for path in sorted(WORKFLOW.glob("*.json"))]
    open_ = {name for text in texts for name in names(text)}
    own = {"aws_partition", "aws_region", "aws_account_id", "state_machine_name", "encryption_kms_key_arn"}
    assert open_ - own == required - {"name"}
    assert required <= call["expressions"].keys() <= call["module"]["variables"].keys()


def test_the_definition_calls_the_right_resources(environment: Environment) -> None:
    """Each task's function and queue is the one of this environment; nothing is left open."""
    (machine,) = environment.of_type("aws_sfn_state_machine").values()
    assert not has_placeholder(machine["definition"])
    states = json.loads(machine["definition"])["States"]
    functions = {
        values["function_name"].removeprefix(f"dofs-{environment.name}-"): values["arn"]
        for values in environment.of_type("aws_lambda_function").values()
    }
    assert states["ValidateOrder"]["Arguments"]["FunctionName"] == functions["validator"]
    assert states["StoreOrder"]["Arguments"]["FunctionName"] == functions["order-storage"]
    assert (
        states["SendToQueue"]["Arguments"]["QueueUrl"]
        == environment.resources['module.queues.aws_sqs_queue.this["order-queue"]']["values"]["url"]
    )
    assert machine["role_arn"] == environment.resources["module.order_processing.aws_iam_role.this[0]"]["values"]["arn"]


def test_the_api_calls_the_api_handler(environment: Environment) -> None:
    """Both routes, with their permissions; the schema is the generated one."""
    routes = {(m["http_method"], m["authorization"]) for m in environment.of_type("aws_api_gateway_method").values()}
    assert routes == {("POST", "NONE"), ("GET", "NONE"), ("OPTIONS", "NONE"), ("ANY", "NONE")}
    assert {i["type"] for i in environment.of_type("aws_api_gateway_integration").values()} == {"AWS_PROXY"}
    assert {p["function_name"] for p in environment.of_type("aws_lambda_permission").values()} == {f"dofs-{environment.name}-api-handler"}
    (model,) = environment.of_type("aws_api_gateway_model").values()
    assert json.loads(model["schema"]) == json.loads((PROJECT / "functions/api_handler/order.schema.json").read_text())


def test_functions_are_as_declared(environment: Environment) -> None:
    """Time, memory, queues and variables in workflows/resources.py, which is what was checked, are what is deployed."""
    deployed = {
        v["function_name"].removeprefix(f"dofs-{environment.name}-"): v for v in environment.of_type("aws_lambda_function").values()
    }
    assert deployed.keys() == FUNCTIONS.keys()
    consumers = {
        v["function_name"].rpartition(f"dofs-{environment.name}-")[2].removesuffix(":live"): v
        for v in environment.of_type("aws_lambda_event_source_mapping").values()
    }
    for name, function in FUNCTIONS.items():
        values = deployed[name]
        assert (values["timeout"], values["memory_size"]) == (function.timeout_seconds, function.memory_mb), name
        assert (values["runtime"], values["architectures"], values["handler"]) == (
            function.runtime,
            [function.architecture],
            function.handler,
        )
        assert values["environment"][0]["variables"].keys() >= function.environment.keys(), name
        assert (name in consumers) == bool(function.triggers)
        for trigger in function.triggers:
            mapping = consumers[name]
            assert mapping["batch_size"] == trigger.batch_size
            assert mapping["event_source_arn"].endswith(f":dofs-{environment.name}-{trigger.queue.name}")
            assert mapping["function_response_types"] == ["ReportBatchItemFailures"]


def test_handlers_find_their_variables(environment: Environment) -> None:
    """Each variable that a handler cannot do without is set."""
    shared = {"repository": "functions/shared/repository.py"}
    tables = set(re.findall(r'environ\["(\w+)"\]', (PROJECT / shared["repository"]).read_text()))
    assert tables >= {"ORDERS_TABLE", "FAILED_ORDERS_TABLE"}
    for values in environment.of_type("aws_lambda_function").values():
        name = values["function_name"].removeprefix(f"dofs-{environment.name}-")
        source = (PROJECT / FUNCTIONS[name].folder / "handler.py").read_text()
        needed = set(re.findall(r'environ\["(\w+)"\]', source))
        if "give_up" in source:
            needed |= tables
        elif "repository" in source:
            needed |= {"ORDERS_TABLE"}
        assert values["environment"][0]["variables"].keys() >= needed, name


# --- permissions ----------------------------------------------------------------------------------------------------


def test_no_role_may_more_than_it_needs(environment: Environment) -> None:
    """Every role has one generated policy; every resource that a policy names is one that is made here."""
    assert_least_privilege(environment.resources)
    made = {r["values"]["arn"] for r in environment.resources.values() if r["values"].get("arn")}
    made |= {arn.replace(":stateMachine:", ":execution:") for arn in made if ":stateMachine:" in arn}
    for address, statement in statements(environment.resources):
        for resource in listed(statement["Resource"]):
            if resource != "*":
                assert resource in made or resource.removesuffix(":*") in made, f"{address}: {resource}"
    for name in FUNCTIONS:
        module = f'module.functions["{name}"]'
        generated = fill((PROJECT / f"build/functions/{name}.policy.json").read_text(), lambda _: "*")
        deployed = json.loads(environment.resources[f"{module}.aws_iam_role_policy.this"]["values"]["policy"])
        assert [s["Action"] for s in deployed["Statement"]] == [s["Action"] for s in json.loads(generated)["Statement"]]
    assert len(environment.of_type("aws_iam_role")) == len(FUNCTIONS) + 1


# --- encryption -----------------------------------------------------------------------------------------------------


def test_everything_is_encrypted(environment: Environment) -> None:
    """At rest by section 9 of the seed; plain HTTP is refused."""
    assert all(table["server_side_encryption"][0]["enabled"] for table in environment.of_type("aws_dynamodb_table").values())
    assert all(queue["sqs_managed_sse_enabled"] for queue in environment.of_type("aws_sqs_queue").values())
    buckets = {v["bucket"] for v in environment.of_type("aws_s3_bucket").values()}
    encrypted = environment.of_type("aws_s3_bucket_server_side_encryption_configuration").values()
    assert {v["bucket"] for v in encrypted} == buckets
    assert {v["rule"][0]["apply_server_side_encryption_by_default"][0]["sse_algorithm"] for v in encrypted} == {"AES256"}
    assert {v["bucket"] for v in environment.of_type("aws_s3_bucket_public_access_block").values()} == buckets
    policies = [*environment.of_type("aws_s3_bucket_policy").values(), *environment.of_type("aws_sqs_queue_policy").values()]
    assert len(policies) == len(buckets) + 2
    for policy in policies:
        (statement,) = json.loads(policy["policy"])["Statement"]
        assert (statement["Effect"], statement["Condition"]) == ("Deny", {"Bool": {"aws:SecureTransport": "false"}})
        assert re.fullmatch(r"[a-z0-9]+:\*", statement["Action"]), "everything, not the actions that someone thought of"


def test_customer_data_is_not_logged(environment: Environment) -> None:
    """Neither by the workflow nor by the API; logs and traces are on."""
    (machine,) = environment.of_type("aws_sfn_state_machine").values()
    (logging,) = machine["logging_configuration"]
    assert (logging["level"], logging["include_execution_data"]) == ("ALL", False)
    (settings,) = environment.of_type("aws_api_gateway_method_settings").values()
    assert settings["settings"][0]["data_trace_enabled"] is False
    assert {f["environment"][0]["variables"]["POWERTOOLS_LOG_LEVEL"] for f in environment.of_type("aws_lambda_function").values()} == {
        "INFO"
    }
    assert {f["tracing_config"][0]["mode"] for f in environment.of_type("aws_lambda_function").values()} == {"Active"}


# --- numbers and alarms ---------------------------------------------------------------------------------------------


def test_the_seeds_numbers(environment: Environment) -> None:
    """Visibility 30 s, retention 14 days, three attempts; batches of 1 and 10; success rate 0.7."""
    queue = environment.resources['module.queues.aws_sqs_queue.this["order-queue"]']["values"]
    dead = environment.resources['module.queues.aws_sqs_queue.this["order-dlq"]']["values"]
    assert (queue["visibility_timeout_seconds"], queue["message_retention_seconds"]) == (30, 14 * 24 * 3600)
    (redrive,) = environment.of_type("aws_sqs_queue_redrive_policy").values()  # the dead-letter queue is terminal
    assert redrive["queue_url"] == queue["id"]
    assert json.loads(redrive["redrive_policy"]) == {"deadLetterTargetArn": dead["arn"], "maxReceiveCount": 3}
    assert dead["message_retention_seconds"] == 14 * 24 * 3600
    assert {m["batch_size"] for m in environment.of_type("aws_lambda_event_source_mapping").values()} == {1, 10}
    variables = environment.resources['module.functions["fulfill-order"].aws_lambda_function.this']["values"]["environment"][0]["variables"]
    assert (variables["SUCCESS_RATE"], variables["MAX_RECEIVE_COUNT"]) == ("0.7", "3")


def watched(environment: Environment) -> Iterator[tuple[str, str, frozenset[tuple[str, str]]]]:
    """Yield what each alarm and each widget of the dashboard reads: namespace, metric and dimensions."""
    for alarm in environment.of_type("aws_cloudwatch_metric_alarm").values():
        queries = [query["metric"][0] for query in alarm["metric_query"] if query["metric"]]
        for metric in queries or [alarm]:
            yield metric["namespace"], metric["metric_name"], frozenset((metric["dimensions"] or {}).items())
    (dashboard,) = environment.of_type("aws_cloudwatch_dashboard").values()
    for widget in json.loads(dashboard["dashboard_body"])["widgets"]:
        for namespace, metric, *dimensions in widget["properties"]["metrics"]:
            yield namespace, metric, frozenset(zip(dimensions[::2], dimensions[1::2], strict=True))


def test_alarms_and_dashboard(environment: Environment) -> None:
    """Everything that can go wrong unseen has an alarm, and the dashboard shows the seed's three metrics."""
    alarms = {
        a["alarm_name"].removeprefix(f"dofs-{environment.name}-") for a in environment.of_type("aws_cloudwatch_metric_alarm").values()
    }
    expected = {"dead-letters", "dead-letter-arrivals", "old-orders", "api-errors", "failed-orders", "success-rate"}
    assert alarms >= expected | {f"{name}-errors" for name in FUNCTIONS}
    every = list(watched(environment))
    own = {metric for namespace, metric, _ in every if namespace == "dofs"}
    assert own == {"OrderSuccessRate", "BusinessRuleViolations", "OrderProcessingLatency", "OrdersRejected"}


def test_an_order_that_breaks_a_rule_rings_no_alarm(environment: Environment) -> None:
    """No alarm reads the number of failed executions alone: an order that is refused fails its execution, too."""
    alone = {
        values["metric_name"]
        for values in environment.of_type("aws_cloudwatch_metric_alarm").values()
        if values["namespace"] == "AWS/States"
    }
    assert alone == {"ExecutionThrottled", "ExecutionsAborted", "ExecutionsTimedOut"}
    (alarm,) = [a for a in environment.of_type("aws_cloudwatch_metric_alarm").values() if a["alarm_name"].endswith("-failed-orders")]
    assert next(query["expression"] for query in alarm["metric_query"] if query["expression"]) == "failed - FILL(rejected, 0)"


def test_what_alarms_and_dashboard_read_is_what_the_functions_write(environment: Environment) -> None:
    """CloudWatch does not aggregate over dimensions: a metric with other dimensions is another metric, and never has data."""
    read = {each for each in watched(environment) if each[0] == "dofs"}
    assert {dimensions for _, _, dimensions in read} == {frozenset({("environment", environment.name)})}
    assert {metric for _, metric, _ in read} == METRICS_WRITTEN


def throttling(plan: dict[str, Any]) -> tuple[int, int]:
    """What each method takes per second and at once."""
    (settings,) = (each["change"]["after"] for each in plan["resource_changes"] if each["type"] == "aws_api_gateway_method_settings")
    return settings["settings"][0]["throttling_rate_limit"], settings["settings"][0]["throttling_burst_limit"]


def test_the_apis_of_an_account_take_what_step_functions_starts(environments: Callable[[str], Environment]) -> None:
    """All three together. In us-east-1 an account starts 300 executions per second, and 1,300 at once.

    Source: https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html#service-limits-api-action-throttling-general
    """
    rates, bursts = zip(*(throttling(environments(name).plan) for name in ENVIRONMENTS), strict=True)
    assert (sum(rates), max(rates)) == (300, 200)
    assert 1_290 < sum(bursts) <= 1_300


@pytest.fixture(scope="module")
def dev(terraform_offline: Offline, packages: Path) -> Iterator[Callable[[dict[str, Any]], dict[str, Any]]]:
    """Return a function that plans dev with other variables. Terraform is initialised once for all tests."""
    with terraform_offline.session(PROJECT / "terraform", workspace="dev", root=PROJECT) as run:
        yield lambda variables: run.plan({"environment": "dev", "package_directory": str(packages)} | variables)


@pytest.mark.parametrize(
    ("variables", "expected"),
    [
        ({"region": "eu-central-1"}, (25, 133)),
        ({"start_execution_quota": {"requests_per_second": 3000, "burst": 6000}}, (500, 1000)),
        ({"api_throttling": {"requests_per_second": 20, "burst": 40}}, (20, 40)),
    ],
)
def test_throttles_follow_the_quota(
    dev: Callable[[dict[str, Any]], dict[str, Any]], variables: dict[str, Any], expected: tuple[int, int]
) -> None:
    """Of the region, of the account; or they are given."""
    assert throttling(dev(variables)) == expected


def test_only_prod_survives_destroy(environment: Environment) -> None:
    """Deletion protection where it costs nothing to have none."""
    protected = {t["name"] for t in environment.of_type("aws_dynamodb_table").values() if t["deletion_protection_enabled"]}
    assert protected == ({"dofs-prod-orders", "dofs-prod-failed-orders"} if environment.name == "prod" else set())


# --- mistakes -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("variables", "message"),
    [
        ({"environment": "prod"}, "This is workspace dev"),
        ({"environment": "test"}, "One of dev, staging, prod"),
        ({"success_rate": 1.1}, "0 to 1"),
        ({"reserved_concurrency": {"api_handler": 5}}, "The functions are api-handler"),
        ({"max_quantity": 1.5}, "A whole number"),
        ({"project": "DOFS"}, "lower case"),
        ({"log_level": "TRACE"}, "One of DEBUG"),
        ({"allowed_origin": "shop.example"}, "An origin such as"),
        ({"log_retention_days": 29}, "CloudWatch keeps logs"),
        ({"api_throttling": {"requests_per_second": 0, "burst": 1}}, "Both numbers are above zero"),
        ({"api_throttling": {"requests_per_second": 301, "burst": 1}}, "starts 300 executions per second in us-east-1, 1300 at once"),
        ({"api_throttling": {"requests_per_second": 1, "burst": 801}, "region": "eu-central-1"}, "150 executions per second"),
    ],
)
def test_wrong_variables_are_refused(dev: Callable[[dict[str, Any]], dict[str, Any]], variables: dict[str, Any], message: str) -> None:
    """Before anything is made, and with the reason."""
    with pytest.raises(TerraformError, match=message):
        dev(variables)
