"""The Terraform module of a workflow: reviewed once as a golden file, then planned by the real Terraform in all its shapes."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from generator import (
    Activity,
    Bucket,
    DistributedMap,
    EventBus,
    EventRule,
    Fail,
    Function,
    Logging,
    Pass,
    Queue,
    ResultWriter,
    Schedule,
    StateMachine,
    Succeed,
    Table,
    Task,
    Topic,
    Workflow,
    csv_items,
    jsonpath,
    literal,
    placeholder,
    states,
)
from generator.emit import artifacts
from generator.emit.terraform import definition as definition_file
from generator.emit.terraform import policies as policy_files
from generator.emit.terraform.module import emit, module_of
from generator.emit.terraform.template import policy_template
from generator.iam.policy import INLINE_LIMIT, MANAGED_LIMIT
from generator.iam.role import RolePolicy
from generator.lower.compile import compile_workflow
from tests.support.hostile import HOSTILE
from tests.support.terraform.offline import Offline, TerraformError

GOLDEN = Path(__file__).parent / "golden" / "terraform"
ACCOUNT, REGION = "123456789012", "us-east-1"

validator = Function("validator", description="Checks an order\nagainst the business rules.")
storage = Function("order-storage")
orders_queue = Queue("orders-queue")
orders_table = Table("orders")
uploads = Bucket("uploads")
child = StateMachine("child")


def own(name: str = "machine") -> str:
    """The ARN of a state machine as the module builds it."""
    return f"arn:aws:states:{REGION}:{ACCOUNT}:stateMachine:{name}"


def arn(service: str, resource: str) -> str:
    """An ARN of the test's account."""
    return f"arn:aws:{service}:{REGION}:{ACCOUNT}:{resource}"


VALUES = {
    "validator_arn": arn("lambda", "function:t-validator"),
    "order_storage_arn": arn("lambda", "function:t-order-storage:live"),
    "orders_queue_arn": arn("sqs", "t-orders-queue"),
    "orders_queue_url": f"https://sqs.{REGION}.amazonaws.com/{ACCOUNT}/t-orders-queue",
    "orders_name": "t-orders",
    "shop_name": "t-shop",
    "orders_arn": arn("dynamodb", "table/t-orders"),
    "uploads_name": "t-uploads",
    "uploads_arn": "arn:aws:s3:::t-uploads",
    "child_arn": arn("states", "stateMachine:t-child"),
    "child_name": "t-child",
    "clerk_arn": arn("states", "activity:t-clerk"),
    "news_arn": arn("sns", "t-news"),
    "greeting": "Hello, ${world} %{x}, Grüße",
    "placeholder_name": "what the author calls name",
    "placeholder_source": "what the author calls source",
    "for": "what the author calls for",
}

ORDERS = Workflow(
    "order-import",
    comment='Imports orders.\n"}\nresource "aws_iam_user" "x" { name = "${x}" }',
    steps=[
        Task("Validate", validator.invoke(states.input)),
        Task("Store", orders_table.put_item({"id": {"S": states.input.id}})),
        Task("Queue", orders_queue.send_message(states.input)),
        Succeed("Done"),
    ],
)
EMPTY = Workflow("empty", steps=[Succeed("Done")], logging=Logging("OFF"), tracing=False)

WORKFLOWS: dict[str, Workflow] = {
    "orders": ORDERS,
    "empty": EMPTY,
    "encrypted": replace(ORDERS, name="encrypted"),
    "express": Workflow(
        "express",
        type="EXPRESS",
        steps=[Task("Store", storage.invoke())],
        logging=Logging("ALL", include_execution_data=True, retention_days=3653),
    ),
    "import": Workflow(
        "import",
        steps=[
            DistributedMap(
                "Rows",
                csv_items(uploads, states.input.key),
                [Task("Validate", validator.invoke())],
                result_writer=ResultWriter(uploads, "results"),
            ),
        ],
    ),
    "parent": Workflow("parent", steps=[Task("Child", child.run()), Task("Clerk", Activity("clerk").perform())]),
    # A placeholder for the workflow's own ARN: the machine starts itself again.
    "again": Workflow("again", steps=[Task("Again", StateMachine("again").start_execution()), Succeed("Done")]),
    # A table called as the workflow: what is meant is the table.
    "orders-table": Workflow("orders", steps=[Task("Get", orders_table.get_item({"id": {"S": "1"}}))]),
    "names": Workflow(
        "names",
        steps=[
            Pass("Say", output={name: placeholder(name) for name in ("name", "source", "for", "greeting", "aws_region")}),
            Task("Tell", Topic("news").publish(placeholder("greeting"))),
        ],
    ),
    "hostile": Workflow(
        "hostile",
        comment="".join(HOSTILE),
        steps=[
            Task("Call", Function("validator", description="".join(HOSTILE)[:256]).invoke({"text": literal(HOSTILE)})),
            Task("Store", Function("order-storage", description="".join(HOSTILE)[256:]).invoke()),
            Fail("Fail ${x %{y}", error=literal("".join(HOSTILE)), cause="$${"),
        ],
    ),
    "triggered": Workflow(
        "triggered",
        steps=[Succeed("Done")],
        triggers=[
            Schedule(
                "cron(0 2 * * ? *)",
                name="nightly",
                time_zone="Europe/Berlin",
                window_minutes=15,
                description='"Nightly" ${run} %{x}',
                input={"table": orders_table.table_name, "at": "<aws.scheduler.scheduled-time>", "n": 1, "text": "${x} %{y} <b>"},
                start=datetime(2027, 1, 1, tzinfo=UTC),
                end=datetime(2027, 12, 31, 23, 30, tzinfo=timezone(timedelta(hours=1))),
                maximum_event_age_seconds=60,
                maximum_retry_attempts=0,
                dead_letter=orders_queue,
            ),
            Schedule("rate(5 minutes)", enabled=False),
            EventRule(
                {"source": ["shop"], "detail": {"total": [{"numeric": [">", 0.5]}], "text": ["${x} %{y}"], "queue": [orders_queue.arn]}},
                bus=EventBus("shop"),
                input={"id": states.input.detail["order-id"], "all": [jsonpath("$.detail")], "text": '${x} %{y} <b> "q"', "n": None},
                dead_letter=orders_queue,
                maximum_retry_attempts=3,
            ),
            EventRule({"source": ["aws.ec2"]}, name="fixed", input={"fixed": True}),
            EventRule({"source": ["aws.ecs"]}, name="part", input=states.input.detail),
            Bucket("uploads", event_bridge=True).on_created(prefix="in*/", suffix=".csv"),
            Bucket("uploads", event_bridge=True).on("Object Deleted", prefix="in/", name="deleted"),
        ],
    ),
    "large": Workflow("large", steps=[Task(f"Call{n}", Function(f"worker-{n}").invoke()) for n in range(150)]),
}
WORKERS = {f"worker_{n}_arn": arn("lambda", f"function:t-worker-{n}") for n in range(150)}


@cache
def module(case: str) -> dict[str, str]:
    """All files of a workflow's module."""
    compiled = compile_workflow(WORKFLOWS[case])
    assert not compiled.diagnostics
    written = artifacts(compiled, (definition_file.emit, policy_files.emit, emit))
    return {path: content.decode() for path, content in written.items()}


def variables(case: str) -> list[str]:
    """The variables of a module that have no default."""
    blocks = re.findall(r'^variable "(\w+)" \{\n(.*?)^\}', module(case)["variables.tf"], re.MULTILINE | re.DOTALL)
    return [name for name, body in blocks if "  default" not in body and name != "name"]


def write(folder: Path, case: str) -> Path:
    """Write a module into a folder."""
    folder.mkdir(parents=True)
    for name, text in module(case).items():
        (folder / name).write_text(text, encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A root module that uses every case as a module; one initialisation and one plan serve all tests."""
    root = tmp_path_factory.mktemp("terraform")
    calls = ['resource "aws_kms_key" "this" {}\n']
    for case in WORKFLOWS:
        write(root / "modules" / case, case)
        given = {name: (VALUES | WORKERS)[name] for name in variables(case)} | {"name": case if case == "again" else "machine"}
        lines = "".join(f"  {name} = {json.dumps(value).replace('${', '$${').replace('%{', '%%{')}\n" for name, value in given.items())
        # The key's ARN is known only when the key is there; whether there is one must be known before.
        lines += "  encryption_configuration = { kms_key_arn = aws_kms_key.this.arn }\n" if case == "encrypted" else ""
        calls.append(f'module "{case}" {{\n  source = "./modules/{case}"\n{lines}}}\n')
        calls.append(f'output "{case}" {{\n  value = module.{case}\n}}\n')
    (root / "main.tf").write_text("\n".join(calls), encoding="utf-8")
    return root


@pytest.fixture(scope="module")
def planned(root: Path, terraform_offline: Offline) -> dict[str, dict[str, Any]]:
    """What Terraform would make: for each case, its resources by address."""
    plan = terraform_offline.plan(root)["planned_values"]["root_module"]
    prefix = len("module.")
    return {
        module["address"][prefix:]: {each["address"].partition(".")[2].partition(".")[2]: each["values"] for each in module["resources"]}
        for module in plan["child_modules"]
    }


def definition(resources: dict[str, Any]) -> dict[str, Any]:
    """The definition that is deployed."""
    return json.loads(resources["aws_sfn_state_machine.this[0]"]["definition"])


def policies(resources: dict[str, Any]) -> dict[str, Any]:
    """The inline policies of the role, by name."""
    return {
        values["name"]: json.loads(values["policy"]) for address, values in resources.items() if address.startswith("aws_iam_role_policy.")
    }


def test_golden() -> None:
    """The module as a person reviews it."""
    compiled = compile_workflow(ORDERS)
    written = {path: content.decode() for path, content in artifacts(compiled, (emit,)).items()}
    if os.environ.get("UPDATE_GOLDEN"):
        GOLDEN.mkdir(parents=True, exist_ok=True)
        for name, text in written.items():
            (GOLDEN / name).write_text(text, encoding="utf-8")
    assert written == {path.name: path.read_text(encoding="utf-8") for path in sorted(GOLDEN.iterdir())}


def test_terraform_leaves_the_format_alone(root: Path, terraform_offline: Offline) -> None:
    """`terraform fmt` has nothing to change in any module, whatever text went into it."""
    terraform_offline.fmt(root / "modules")


def test_each_placeholder_is_filled_by_its_variable(planned: dict[str, dict[str, Any]]) -> None:
    """What the callers pass arrives in the definition; the definition has no placeholder left."""
    deployed = definition(planned["orders"])["States"]
    assert deployed["Validate"]["Arguments"]["FunctionName"] == VALUES["validator_arn"]
    assert deployed["Store"]["Arguments"]["TableName"] == VALUES["orders_name"]
    assert deployed["Queue"]["Arguments"]["QueueUrl"] == VALUES["orders_queue_url"]


def test_each_policy_is_filled_too(planned: dict[str, dict[str, Any]]) -> None:
    """Where the definition has a URL or a name, the policy has the ARN beside it."""
    granted = {statement["Action"]: statement["Resource"] for statement in policies(planned["orders"])["execution-role"]["Statement"]}
    assert granted == {
        "lambda:InvokeFunction": VALUES["validator_arn"],
        "dynamodb:PutItem": VALUES["orders_arn"],
        "sqs:SendMessage": VALUES["orders_queue_arn"],
    }


def test_the_variables_are_the_placeholders() -> None:
    """One set: what the files leave to deployment is what the module asks for, and nothing else."""
    written = "".join(text for name, text in module("orders").items() if name.endswith(".json"))
    filled = {"aws_account_id", "aws_partition", "aws_region", "state_machine_name", "encryption_kms_key_arn"}
    assert sorted(set(re.findall(r"\$\{(\w+)\}", written)) - filled) == variables("orders")


def test_the_role_trusts_step_functions_for_this_machine_alone(planned: dict[str, dict[str, Any]]) -> None:
    """The trust policy names the machine's account and ARN."""
    (statement,) = json.loads(planned["orders"]["aws_iam_role.this[0]"]["assume_role_policy"])["Statement"]
    assert statement["Principal"] == {"Service": "states.amazonaws.com"}
    assert statement["Condition"]["StringEquals"] == {"aws:SourceAccount": ACCOUNT}
    assert own() in json.dumps(statement["Condition"])


def test_settings_and_their_policies(planned: dict[str, dict[str, Any]]) -> None:
    """What is on has its block, its log group and its policy."""
    machine = planned["orders"]["aws_sfn_state_machine.this[0]"]
    assert machine["type"] == "STANDARD"
    assert machine["publish"] is True
    assert machine["tracing_configuration"] == [{"enabled": True}]
    (logging,) = machine["logging_configuration"]
    assert (logging["level"], logging["include_execution_data"]) == ("ERROR", False)
    group = planned["orders"]["aws_cloudwatch_log_group.this[0]"]
    assert (group["name"], group["retention_in_days"]) == ("/aws/vendedlogs/states/machine", 30)
    assert planned["orders"]["aws_sfn_alias.this[0]"]["name"] == "live"
    assert sorted(policies(planned["orders"])) == ["execution-role", "logging", "tracing"]


@pytest.mark.parametrize("case", ["empty", "orders", "triggered", "names"])
def test_the_list_of_variables_is_the_file(case: str) -> None:
    """What the README lists and what a placeholder must not be called is what variables.tf declares."""
    declared = re.findall(r'^variable "(\w+)"', module(case)["variables.tf"], re.MULTILINE)
    assert declared == [variable.name for variable in module_of(compile_workflow(WORKFLOWS[case])).variables]
    assert len(set(declared)) == len(declared)


def test_what_is_off_is_said_to_be_off(planned: dict[str, dict[str, Any]]) -> None:
    """The provider takes a missing block for "no change": a setting that is off is there, and needs no policy."""
    machine = planned["empty"]["aws_sfn_state_machine.this[0]"]
    assert machine["logging_configuration"] == [{"level": "OFF", "include_execution_data": False, "log_destination": None}]
    assert machine["tracing_configuration"] == [{"enabled": False}]
    assert machine["encryption_configuration"][0]["type"] == "AWS_OWNED_KEY"
    assert not any(address.startswith(("aws_iam_role_policy.", "aws_cloudwatch_log_group.")) for address in planned["empty"])


def test_encryption_with_a_key_that_is_yet_to_be_made(planned: dict[str, dict[str, Any]]) -> None:
    """The key's ARN may be unknown while planning; the policy for it is planned all the same."""
    (encryption,) = planned["encrypted"]["aws_sfn_state_machine.this[0]"]["encryption_configuration"]
    assert (encryption["type"], encryption["kms_data_key_reuse_period_seconds"]) == ("CUSTOMER_MANAGED_KMS_KEY", 300)
    assert {'aws_iam_role_policy.this["encryption"]', 'aws_iam_role_policy.this["log-encryption"]'} < planned["encrypted"].keys()


def test_express(planned: dict[str, dict[str, Any]]) -> None:
    """The type and the workflow's own defaults arrive."""
    machine = planned["express"]["aws_sfn_state_machine.this[0]"]
    assert machine["type"] == "EXPRESS"
    assert machine["logging_configuration"][0]["include_execution_data"] is True
    assert planned["express"]["aws_cloudwatch_log_group.this[0]"]["retention_in_days"] == 3653


def test_distributed_map_starts_itself(planned: dict[str, dict[str, Any]]) -> None:
    """The role may start the very machine that it is the role of, without a circular reference."""
    statements = policies(planned["import"])["execution-role"]["Statement"]
    granted = {action: s["Resource"] for s in statements for action in ([s["Action"]] if isinstance(s["Action"], str) else s["Action"])}
    assert granted["states:StartExecution"] == own()
    assert "arn:aws:s3:::t-uploads/" in json.dumps(statements)


def test_a_workflow_that_refers_to_itself_asks_for_nothing(planned: dict[str, dict[str, Any]]) -> None:
    """Its own ARN is not a variable: the caller cannot know it before the module has created the machine."""
    assert variables("again") == []
    assert definition(planned["again"])["States"]["Again"]["Arguments"]["StateMachineArn"] == own("again")


def test_a_resource_called_as_the_workflow(planned: dict[str, dict[str, Any]]) -> None:
    """Only a state machine of the workflow's name is the workflow itself."""
    assert definition(planned["orders-table"])["States"]["Get"]["Arguments"]["TableName"] == VALUES["orders_name"]


def test_nested_execution_and_activity(planned: dict[str, dict[str, Any]]) -> None:
    """Both are placeholders like any other."""
    deployed = definition(planned["parent"])["States"]
    assert deployed["Child"]["Arguments"]["StateMachineArn"] == VALUES["child_arn"]
    assert deployed["Clerk"]["Resource"] == VALUES["clerk_arn"]
    # A worker polls for an activity's tasks; the role needs no permission for it.
    assert VALUES["clerk_arn"] not in json.dumps(policies(planned["parent"]))


def test_names_that_are_taken(planned: dict[str, dict[str, Any]]) -> None:
    """A placeholder may be called as the module's own variables, or as Terraform's words; the values are text."""
    say = definition(planned["names"])["States"]["Say"]
    assert say["Output"] == {
        "name": VALUES["placeholder_name"],
        "source": VALUES["placeholder_source"],
        "for": VALUES["for"],
        "greeting": VALUES["greeting"],
        "aws_region": REGION,
    }


def test_hostile_text_is_deployed_as_text(planned: dict[str, dict[str, Any]]) -> None:
    """What Step Functions gets is what the author wrote, and nothing of it became Terraform."""
    deployed = definition(planned["hostile"])
    text = "".join(HOSTILE)
    assert deployed["States"]["Call"]["Arguments"]["Payload"] == {"text": HOSTILE}
    assert deployed["States"]["Fail ${x %{y}"] == {"Type": "Fail", "Error": text, "Cause": "$${"}
    assert deployed["Comment"] == text
    assert planned["hostile"].keys() == planned["express"].keys() | {'aws_iam_role_policy.this["logging"]'}


def test_many_permissions_become_managed_policies(planned: dict[str, dict[str, Any]]) -> None:
    """Past the limit of inline policies the states' permissions are managed policies, none of them too long, none lost."""
    managed = [values for address, values in planned["large"].items() if address.startswith("aws_iam_policy.")]
    assert len(managed) > 1
    assert all(len(re.sub(r"\s", "", values["policy"])) <= MANAGED_LIMIT for values in managed)
    assert sum(values["policy"].count(":function:t-worker-") for values in managed) == len(WORKERS)
    attached = [address for address in planned["large"] if address.startswith("aws_iam_role_policy_attachment.")]
    assert len(attached) == len(managed)
    assert sorted(policies(planned["large"])) == ["logging", "tracing"]


def test_the_settings_policies_have_their_share_of_the_limit() -> None:
    """All inline policies of a role share one limit: states that fit alone but not beside the settings' are managed."""

    def split(count: int) -> tuple[RolePolicy, ...]:
        workers = [Task(f"Call{n}", Function(f"w-{n:03}").invoke()) for n in range(count)]
        return compile_workflow(Workflow("w", steps=workers)).role.policies

    def inline_size(policies: tuple[RolePolicy, ...]) -> int:
        # A function's ARN may take 140 characters: a policy is sized as if all did.
        return sum(
            len(re.sub(r"\s", "", re.sub(r"\$\{w_\d+_arn\}", "x" * 140, policy_template(p.document.document()))))
            for p in policies
            if not p.managed
        )

    counts = range(55, 80)
    assert max(inline_size(split(count)) for count in counts) <= INLINE_LIMIT
    assert {policy.managed for count in counts for policy in split(count) if not policy.setting} == {True, False}


WRONG: dict[str, tuple[Any, str]] = {
    "name": ("a b", "letters, digits, hyphens"),
    "alias_name": ("42", "not digits alone"),
    "validator_arn": (arn("sqs", "t-orders-queue"), "must be the ARN of a Lambda function"),
    "orders_queue_arn": (arn("sqs", "*"), "must be the ARN of an SQS queue"),
    "orders_queue_url": ("http://example.org", "starts with https://"),
    "orders_arn": ("orders", "must be the ARN of a DynamoDB table"),
    "orders_name": ('a"b', "letters, digits"),
    "logging_configuration": ({"level": "DEBUG"}, "ALL, ERROR, FATAL or OFF"),
    "cloudwatch_log_group_name": ("a b", "1 to 512"),
    "cloudwatch_log_group_retention_in_days": (29, "one that CloudWatch Logs takes"),
    "cloudwatch_log_group_kms_key_id": ("alias/key", "ARN of a KMS key"),
    "encryption_configuration": ({"kms_key_arn": arn("kms", "alias/a"), "kms_data_key_reuse_period_seconds": 59}, "not of an alias"),
    "role_name": ("a" * 65, "1 to 64"),
    "role_path": ("a", "start and end with a slash"),
    "role_permissions_boundary": ("a", "ARN of an IAM policy"),
    "role_arn": ("role", "ARN of an IAM role"),
    "region": ("Frankfurt", "code of a region"),
    "cloudwatch_log_group_arn": ("/aws/x", "ARN of a log group"),
    "policy_statements": ({"a-b": {"effect": "Maybe", "actions": ["s3:*"], "resources": ["*"]}}, "must be Allow or Deny"),
    "policy_jsons": ({"a": "{}"}, "an IAM policy as JSON"),
    "alarm_thresholds": ({"broken": 1}, "must be among aborted, failed"),
    "alarm_period_seconds": (45, "10, 30 or a multiple of 60"),
    "alarm_evaluation_periods": (0, "1 or more"),
}


def test_wrong_values_are_refused(root: Path, terraform_offline: Offline) -> None:
    """Every variable that can be wrong says how, all of them in one run."""
    with pytest.raises(TerraformError) as refused:
        terraform_offline.plan(root / "modules" / "orders", {name: value for name, (value, _) in WRONG.items()})
    said = re.sub(r"\s+", " ", str(refused.value).replace("│", " "))
    assert [message for _, message in WRONG.values() if message not in said] == []
    assert "60 to 900" in said


@pytest.mark.parametrize(("given", "message"), [({"publish": False}, "set publish to true"), ({"name": "a" * 65}, "give role_name")])
def test_what_depends_on_another_value_is_refused(root: Path, terraform_offline: Offline, given: dict[str, Any], message: str) -> None:
    """An alias needs versions; a machine with a long name needs a shorter one for its role."""
    given = {name: VALUES[name] for name in variables("orders")} | {"name": "machine"} | given
    with pytest.raises(TerraformError, match=message):
        terraform_offline.plan(root / "modules" / "orders", given)


def deployed(root: Path, terraform: Offline, case: str = "orders", **given: Any) -> dict[str, Any]:
    """Apply one module to the stub with these variables: its resources by address, and its outputs as "output"."""
    values = {name: VALUES[name] for name in variables(case)} | {"name": "machine"} | given
    state = terraform.apply(root / "modules" / case, values)["values"]
    resources = {each["address"]: each["values"] for each in state["root_module"].get("resources", [])}
    return resources | {"output": {name: output.get("value") for name, output in state.get("outputs", {}).items()}}


def test_settings_of_the_deployment(root: Path, terraform_offline: Offline) -> None:
    """Everything that has a default can be said otherwise."""
    boundary, key = f"arn:aws:iam::{ACCOUNT}:policy/b", arn("kms", "key/1")
    resources = deployed(
        root,
        terraform_offline,
        alias_name=None,
        logging_configuration={"level": "ALL", "include_execution_data": True},
        cloudwatch_log_group_name="/aws/stepfunctions/machine",
        cloudwatch_log_group_kms_key_id=key,
        encryption_configuration={"kms_key_arn": key, "kms_data_key_reuse_period_seconds": 900},
        role_name="role",
        role_path="/states/",
        role_permissions_boundary=boundary,
        tags={"Team": "orders"},
        timeouts={"create": "11m"},
    )
    assert not any(address.startswith("aws_sfn_alias") for address in resources)
    machine = resources["aws_sfn_state_machine.this[0]"]
    assert machine["logging_configuration"][0]["include_execution_data"] is True
    assert machine["encryption_configuration"][0]["kms_key_id"] == key
    assert machine["tags"] == {"Name": "machine", "Team": "orders"}
    assert machine["timeouts"] == {"create": "11m", "update": None, "delete": None}
    assert resources["aws_cloudwatch_log_group.this[0]"]["name"] == "/aws/stepfunctions/machine"
    assert resources["aws_cloudwatch_log_group.this[0]"]["kms_key_id"] == key
    role = resources["aws_iam_role.this[0]"]
    assert (role["name"], role["path"], role["permissions_boundary"]) == ("role", "/states/", boundary)
    (statement, *_) = policies(resources)["encryption"]["Statement"]
    assert statement["Resource"] == key
    assert own() in json.dumps(statement["Condition"])
    assert "state_machine_alias_arn" not in resources["output"] or resources["output"]["state_machine_alias_arn"] is None
    assert resources["output"]["state_machine_console_url"].endswith(f"region={REGION}#/statemachines/view/{own()}")


def test_nothing_is_created(root: Path, terraform_offline: Offline) -> None:
    """With create = false, whatever else is set; the outputs are null."""
    resources = deployed(
        root, terraform_offline, "triggered", create=False, policy_statements={"A": {"actions": ["s3:*"], "resources": ["*"]}}
    )
    assert {address for address in resources if not address.startswith(("data.", "output"))} == set()
    assert resources["output"]["state_machine_console_url"].startswith("https://us-east-1.console.aws.amazon.com/")
    assert resources["output"].get("role_arn") is None


def test_an_existing_role(root: Path, terraform_offline: Offline) -> None:
    """The machine runs with it, the module creates none, and an output has what it must allow."""
    role = f"arn:aws:iam::{ACCOUNT}:role/states/mine"
    resources = deployed(root, terraform_offline, create_role=False, role_arn=role)
    assert resources["aws_sfn_state_machine.this[0]"]["role_arn"] == resources["output"]["role_arn"] == role
    assert not any(address.startswith("aws_iam") for address in resources)
    needed = {name: json.loads(text) for name, text in resources["output"]["role_policies"].items()}
    assert needed.keys() == {"execution-role", "logging", "tracing"}
    assert VALUES["validator_arn"] in json.dumps(needed["execution-role"])


def test_an_existing_role_of_a_workflow_with_many_permissions(root: Path, terraform_offline: Offline) -> None:
    """The managed policies are among what it must allow."""
    given = {name: WORKERS[name] for name in variables("large")}
    state = terraform_offline.apply(
        root / "modules" / "large", {"name": "m", "create_role": False, "role_arn": f"arn:aws:iam::{ACCOUNT}:role/m"} | given
    )
    assert {"execution-role-01", "execution-role-02", "logging"} <= state["values"]["outputs"]["role_policies"]["value"].keys()
    assert "aws_iam" not in json.dumps([each["type"] for each in state["values"]["root_module"]["resources"]])


@pytest.mark.parametrize(
    ("given", "group"),
    [
        ({"cloudwatch_log_group_name": "/mine"}, arn("logs", "log-group:/mine")),
        ({"cloudwatch_log_group_arn": arn("logs", "log-group:/theirs:*")}, arn("logs", "log-group:/theirs")),
    ],
)
def test_an_existing_log_group(root: Path, terraform_offline: Offline, given: dict[str, Any], group: str) -> None:
    """By its name or its ARN; the module creates none."""
    resources = deployed(root, terraform_offline, use_existing_cloudwatch_log_group=True, **given)
    (logging,) = resources["aws_sfn_state_machine.this[0]"]["logging_configuration"]
    assert logging["log_destination"] == f"{group}:*"
    assert resources["output"]["cloudwatch_log_group_arn"] == group
    assert not any(address.startswith("aws_cloudwatch_log_group") for address in resources)


def test_further_permissions(root: Path, terraform_offline: Offline) -> None:
    """Statements and whole policies beside what was derived."""
    document = json.dumps({"Version": "2012-10-17", "Statement": []})
    condition = {"test": "StringEquals", "variable": "aws:ResourceTag/Team", "values": ["orders"]}
    statements = {
        "Read": {
            "actions": ["s3:GetObject"],
            "resources": ["arn:aws:s3:::b/*"],
            "conditions": [condition, condition | {"variable": "aws:b"}],
        },
        "Never": {"effect": "Deny", "actions": ["s3:DeleteObject"], "resources": ["*"]},
    }
    resources = deployed(root, terraform_offline, policy_statements=statements, policy_jsons={"mine": document})
    assert sorted(policies(resources)) == ["execution-role", "logging", "mine", "policy-statements", "tracing"]
    never, read = policies(resources)["policy-statements"]["Statement"]
    assert never == {"Sid": "Never", "Effect": "Deny", "Action": ["s3:DeleteObject"], "Resource": ["*"]}
    assert read["Condition"] == {"StringEquals": {"aws:ResourceTag/Team": ["orders"], "aws:b": ["orders"]}}


def test_another_region(root: Path, terraform_offline: Offline) -> None:
    """Every resource that has a region is there, and the ARNs and policies name it."""
    resources = deployed(root, terraform_offline, "triggered", region="eu-central-1")
    regions = {address: values["region"] for address, values in resources.items() if "region" in values and not address.startswith("data.")}
    assert len(regions) > 10
    assert set(regions.values()) == {"eu-central-1"}
    assert "eu-central-1:" in resources["aws_iam_role.this[0]"]["assume_role_policy"]
    assert ":scheduler:eu-central-1:" in resources["aws_iam_role.scheduler[0]"]["assume_role_policy"]


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"create_role": False}, "give role_arn"),
        (
            {"create_role": False, "role_arn": f"arn:aws:iam::{ACCOUNT}:role/r", "policy_jsons": {"a": '{"Statement": []}'}},
            "are for the role that the module creates",
        ),
        ({"use_existing_cloudwatch_log_group": True}, "Which log group"),
    ],
)
def test_settings_that_need_each_other(root: Path, terraform_offline: Offline, given: dict[str, Any], message: str) -> None:
    """A setting without the one that it needs says which."""
    with pytest.raises(TerraformError) as refused:
        deployed(root, terraform_offline, **given)
    assert message in re.sub(r"\s+", " ", str(refused.value).replace("│", " "))


# --- alarms and triggers --------------------------------------------------------------------------------------------


def test_alarms(planned: dict[str, dict[str, Any]]) -> None:
    """One for each way in which executions end badly, on by default, in every module."""
    for case, resources in planned.items():
        alarms = [values for address, values in resources.items() if address.startswith("aws_cloudwatch_metric_alarm.")]
        assert sorted(each["metric_name"] for each in alarms) == [
            "ExecutionThrottled",
            "ExecutionsAborted",
            "ExecutionsFailed",
            "ExecutionsTimedOut",
        ], case
        assert {(each["namespace"], each["threshold"], each["period"], each["treat_missing_data"]) for each in alarms} == {
            ("AWS/States", 0, 300, "notBreaching")
        }


def test_settings_of_alarms(root: Path, terraform_offline: Offline) -> None:
    """Thresholds, periods and actions; a kind that is left out has no alarm, and all can be switched off."""
    topic = arn("sns", "alarms")
    alarms = deployed(
        root,
        terraform_offline,
        alarm_actions=[topic],
        alarm_ok_actions=[topic],
        alarm_thresholds={"failed": 5, "timed_out": 2},
        alarm_period_seconds=60,
        alarm_evaluation_periods=3,
    )
    failed = alarms.pop('aws_cloudwatch_metric_alarm.this["failed"]')
    assert (failed["threshold"], failed["period"], failed["evaluation_periods"]) == (5, 60, 3)
    assert failed["alarm_actions"] == failed["ok_actions"] == [topic]
    assert failed["dimensions"] == {"StateMachineArn": alarms["aws_sfn_state_machine.this[0]"]["arn"]}
    assert [address for address in alarms if "alarm" in address] == ['aws_cloudwatch_metric_alarm.this["timed_out"]']
    off = deployed(root, terraform_offline, create_alarms=False)
    assert not any("alarm" in address for address in off)


@pytest.fixture(scope="module")
def triggered(root: Path, terraform_offline: Offline) -> dict[str, Any]:
    """The module with triggers, applied."""
    return deployed(root, terraform_offline, "triggered")


def test_schedules(triggered: dict[str, Any]) -> None:
    """Expression, zone, window, times, input, retries and dead letters arrive; what is off is disabled."""
    nightly = triggered["aws_scheduler_schedule.nightly[0]"]
    assert (nightly["name"], nightly["schedule_expression"], nightly["schedule_expression_timezone"], nightly["state"]) == (
        "machine-nightly",
        "cron(0 2 * * ? *)",
        "Europe/Berlin",
        "ENABLED",
    )
    assert nightly["description"] == '"Nightly" ${run} %{x}'
    assert (nightly["start_date"], nightly["end_date"]) == ("2027-01-01T00:00:00Z", "2027-12-31T22:30:00Z")
    assert nightly["flexible_time_window"] == [{"mode": "FLEXIBLE", "maximum_window_in_minutes": 15}]
    (target,) = nightly["target"]
    assert target["arn"] == triggered["aws_sfn_alias.this[0]"]["arn"], "a rollback holds for what a schedule starts, too"
    assert "<aws.scheduler.scheduled-time>" in target["input"]
    assert json.loads(target["input"]) == {
        "table": VALUES["orders_name"],
        "at": "<aws.scheduler.scheduled-time>",
        "n": 1,
        "text": "${x} %{y} <b>",
    }
    assert target["retry_policy"] == [{"maximum_event_age_in_seconds": 60, "maximum_retry_attempts": 0}]
    assert target["dead_letter_config"] == [{"arn": VALUES["orders_queue_arn"]}]
    other = triggered["aws_scheduler_schedule.schedule[0]"]
    assert (other["state"], other["flexible_time_window"][0]["mode"], other["target"][0]["input"]) == ("DISABLED", "OFF", None)


def test_rules(triggered: dict[str, Any]) -> None:
    """Pattern, bus, and the input: as it is, fixed, a part of the event, or made of parts."""
    event, target = triggered["aws_cloudwatch_event_rule.event[0]"], triggered["aws_cloudwatch_event_target.event[0]"]
    assert json.loads(event["event_pattern"]) == {
        "source": ["shop"],
        "detail": {"total": [{"numeric": [">", 0.5]}], "text": ["${x} %{y}"], "queue": [VALUES["orders_queue_arn"]]},
    }
    assert event["event_bus_name"] == target["event_bus_name"] == VALUES["shop_name"]
    assert target["rule"] == event["name"] == "machine-event"
    (transformer,) = target["input_transformer"]
    assert transformer["input_paths"] == {"detail_order_id": "$.detail.order-id", "detail": "$.detail"}
    filled = transformer["input_template"].replace("<detail_order_id>", '"o-1"').replace("<detail>", '{"a": 1}')
    assert json.loads(filled) == {"id": "o-1", "all": [{"a": 1}], "text": '${x} %{y} <b> "q"', "n": None}
    assert "<b>" not in transformer["input_template"], "it would be a name"
    assert target["retry_policy"] == [{"maximum_event_age_in_seconds": None, "maximum_retry_attempts": 3}]
    assert target["dead_letter_config"] == [{"arn": VALUES["orders_queue_arn"]}]
    assert triggered["aws_cloudwatch_event_target.fixed[0]"]["input"] == '{"fixed":true}'
    assert triggered["aws_cloudwatch_event_target.part[0]"]["input_path"] == "$.detail"
    uploads, deleted = (json.loads(triggered[f"aws_cloudwatch_event_rule.{name}[0]"]["event_pattern"]) for name in ("uploads", "deleted"))
    assert uploads == {
        "source": ["aws.s3"],
        "detail-type": ["Object Created"],
        "detail": {"bucket": {"name": [VALUES["uploads_name"]]}, "object": {"key": [{"wildcard": "in\\*/*.csv"}]}},
    }
    assert (deleted["detail-type"], deleted["detail"]["object"]) == (["Object Deleted"], {"key": [{"prefix": "in/"}]})


def test_the_roles_of_triggers_may_start_this_machine_alone(triggered: dict[str, Any]) -> None:
    """What Scheduler and EventBridge may do, and for which schedules and rules they may take the roles."""
    machine = triggered["aws_sfn_state_machine.this[0]"]["arn"]
    granted = {
        service: [(s["Action"], s["Resource"]) for s in json.loads(triggered[f"aws_iam_role_policy.{service}[0]"]["policy"])["Statement"]]
        for service in ("scheduler", "events")
    }
    assert granted == {
        "scheduler": [("states:StartExecution", machine), ("sqs:SendMessage", [VALUES["orders_queue_arn"]])],
        "events": [("states:StartExecution", machine)],
    }
    trust = {service: json.loads(triggered[f"aws_iam_role.{service}[0]"]["assume_role_policy"])["Statement"][0] for service in granted}
    group = triggered["aws_scheduler_schedule_group.this[0]"]["name"]
    assert trust["scheduler"]["Principal"] == {"Service": "scheduler.amazonaws.com"}
    assert trust["scheduler"]["Condition"]["StringEquals"] == {
        "aws:SourceAccount": ACCOUNT,
        "aws:SourceArn": arn("scheduler", f"schedule-group/{group}"),
    }
    assert trust["events"]["Principal"] == {"Service": "events.amazonaws.com"}
    assert trust["events"]["Condition"]["StringEquals"]["aws:SourceArn"] == [
        arn("events", "rule/t-shop/machine-event"),
        *(arn("events", f"rule/machine-{name}") for name in ("fixed", "part", "uploads", "deleted")),
    ]


def test_what_a_dead_letter_queue_must_allow(triggered: dict[str, Any]) -> None:
    """An output, because the policy of a queue belongs to its owner: only the rules that use it, and only to send."""
    ((queue, document),) = triggered["output"]["dead_letter_policies"].items()
    (statement,) = json.loads(document)["Statement"]
    assert queue == "orders-queue"
    assert (statement["Principal"], statement["Action"], statement["Resource"], statement["Condition"]) == (
        {"Service": "events.amazonaws.com"},
        "sqs:SendMessage",
        VALUES["orders_queue_arn"],
        {"ArnEquals": {"aws:SourceArn": [arn("events", "rule/t-shop/machine-event")]}},
    )


def test_triggers_are_switched(root: Path, terraform_offline: Offline) -> None:
    """One by one, against what is declared, or all at once; and their names can be shorter than the machine's."""
    given = {"triggers_enabled": {"nightly": False, "schedule": True, "uploads": False}, "trigger_prefix": "short"}
    resources = deployed(root, terraform_offline, "triggered", **given)
    states_of = {values["name"]: values["state"] for address, values in resources.items() if "state" in values and "group" not in address}
    assert states_of == {
        "short-nightly": "DISABLED",
        "short-schedule": "ENABLED",
        "short-uploads": "DISABLED",
        "short-event": "ENABLED",
        "short-fixed": "ENABLED",
        "short-part": "ENABLED",
        "short-deleted": "ENABLED",
    }
    off = deployed(root, terraform_offline, "triggered", create_triggers=False)
    assert not any(word in address for address in off for word in ("scheduler", "event"))
    for wrong, message in (
        ({"triggers_enabled": {"nihgtly": True}}, "The triggers are nightly, schedule"),
        ({"name": "m" * 60}, "give trigger_prefix"),
    ):
        with pytest.raises(TerraformError, match=message):
            deployed(root, terraform_offline, "triggered", **wrong)


def test_the_size_depends_on_what_is_used_not_on_the_states() -> None:
    """A thousand states make the same module as one."""

    def emitted(count: int) -> dict[str, bytes]:
        steps = [Task(f"Validate{n}", validator.invoke()) for n in range(count)]
        compiled = compile_workflow(Workflow("many", steps=steps))
        return artifacts(compiled, (emit,))

    assert emitted(1) == emitted(1000)


def test_the_same_bytes_under_any_hash_seed() -> None:
    """Nothing depends on the order of a set."""
    program = "from tests.emit.test_terraform import module; print([*module('import').items(), *module('names').items()])"
    runs = {
        subprocess.run([sys.executable, "-c", program], env=os.environ | {"PYTHONHASHSEED": seed}, check=True, capture_output=True).stdout
        for seed in ("0", "1")
    }
    assert len(runs) == 1
