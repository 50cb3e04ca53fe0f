"""The Terraform module of a workflow: reviewed once as a golden file, then planned by the real Terraform in all its shapes."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from generator import (
    Activity,
    Bucket,
    DistributedMap,
    Fail,
    Function,
    Logging,
    Pass,
    Queue,
    ResultWriter,
    StateMachine,
    Succeed,
    Table,
    Task,
    Topic,
    Workflow,
    csv_items,
    placeholder,
    states,
)
from generator.emit import artifacts
from generator.emit.terraform import definition as definition_file
from generator.emit.terraform import policies as policy_files
from generator.emit.terraform.module import OWN_VARIABLES, emit
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
            Task("Call", Function("validator", description="".join(HOSTILE)[:256]).invoke({"text": HOSTILE})),
            Task("Store", Function("order-storage", description="".join(HOSTILE)[256:]).invoke()),
            Fail("Fail ${x} %{y}", error="".join(HOSTILE), cause="$${"),
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
    return json.loads(resources["aws_sfn_state_machine.this"]["definition"])


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
    (statement,) = json.loads(planned["orders"]["aws_iam_role.this"]["assume_role_policy"])["Statement"]
    assert statement["Principal"] == {"Service": "states.amazonaws.com"}
    assert statement["Condition"]["StringEquals"] == {"aws:SourceAccount": ACCOUNT}
    assert own() in json.dumps(statement["Condition"])


def test_settings_and_their_policies(planned: dict[str, dict[str, Any]]) -> None:
    """What is on has its block, its log group and its policy."""
    machine = planned["orders"]["aws_sfn_state_machine.this"]
    assert machine["type"] == "STANDARD"
    assert machine["publish"] is True
    assert machine["tracing_configuration"] == [{"enabled": True}]
    (logging,) = machine["logging_configuration"]
    assert (logging["level"], logging["include_execution_data"]) == ("ERROR", False)
    group = planned["orders"]["aws_cloudwatch_log_group.this[0]"]
    assert (group["name"], group["retention_in_days"]) == ("/aws/vendedlogs/states/machine", 30)
    assert planned["orders"]["aws_sfn_alias.this[0]"]["name"] == "live"
    assert sorted(policies(planned["orders"])) == ["execution-role", "logging", "tracing"]


def test_every_variable_of_the_module_is_known_as_its_own() -> None:
    """A placeholder must not be called as any of them."""
    assert set(re.findall(r'^variable "(\w+)"', module("empty")["variables.tf"], re.MULTILINE)) == OWN_VARIABLES


def test_what_is_off_is_said_to_be_off(planned: dict[str, dict[str, Any]]) -> None:
    """The provider takes a missing block for "no change": a setting that is off is there, and needs no policy."""
    machine = planned["empty"]["aws_sfn_state_machine.this"]
    assert machine["logging_configuration"] == [{"level": "OFF", "include_execution_data": False, "log_destination": None}]
    assert machine["tracing_configuration"] == [{"enabled": False}]
    assert machine["encryption_configuration"][0]["type"] == "AWS_OWNED_KEY"
    assert not any(address.startswith(("aws_iam_role_policy.", "aws_cloudwatch_log_group.")) for address in planned["empty"])


def test_encryption_with_a_key_that_is_yet_to_be_made(planned: dict[str, dict[str, Any]]) -> None:
    """The key's ARN may be unknown while planning; the policy for it is planned all the same."""
    (encryption,) = planned["encrypted"]["aws_sfn_state_machine.this"]["encryption_configuration"]
    assert (encryption["type"], encryption["kms_data_key_reuse_period_seconds"]) == ("CUSTOMER_MANAGED_KMS_KEY", 300)
    assert {'aws_iam_role_policy.this["encryption"]', 'aws_iam_role_policy.this["log-encryption"]'} < planned["encrypted"].keys()


def test_express(planned: dict[str, dict[str, Any]]) -> None:
    """The type and the workflow's own defaults arrive."""
    machine = planned["express"]["aws_sfn_state_machine.this"]
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
    assert deployed["States"]["Fail ${x} %{y}"] == {"Type": "Fail", "Error": text, "Cause": "$${"}
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


def test_settings_of_the_deployment(root: Path, terraform_offline: Offline) -> None:
    """Everything that has a default can be said otherwise."""
    boundary, key = f"arn:aws:iam::{ACCOUNT}:policy/b", arn("kms", "key/1")
    given = {name: VALUES[name] for name in variables("orders")} | {
        "name": "machine",
        "alias_name": None,
        "logging_configuration": {"level": "ALL", "include_execution_data": True},
        "cloudwatch_log_group_name": "/aws/stepfunctions/machine",
        "cloudwatch_log_group_kms_key_id": key,
        "encryption_configuration": {"kms_key_arn": key, "kms_data_key_reuse_period_seconds": 900},
        "role_name": "role",
        "role_path": "/states/",
        "role_permissions_boundary": boundary,
        "tags": {"Team": "orders"},
    }
    plan = terraform_offline.plan(root / "modules" / "orders", given)["planned_values"]
    resources = {each["address"]: each["values"] for each in plan["root_module"]["resources"]}
    assert not any(address.startswith("aws_sfn_alias") for address in resources)
    assert resources["aws_sfn_state_machine.this"]["logging_configuration"][0]["include_execution_data"] is True
    assert resources["aws_sfn_state_machine.this"]["encryption_configuration"][0]["kms_key_id"] == key
    assert resources["aws_sfn_state_machine.this"]["tags"] == {"Name": "machine", "Team": "orders"}
    assert resources["aws_cloudwatch_log_group.this[0]"]["name"] == "/aws/stepfunctions/machine"
    assert resources["aws_cloudwatch_log_group.this[0]"]["kms_key_id"] == key
    role = resources["aws_iam_role.this"]
    assert (role["name"], role["path"], role["permissions_boundary"]) == ("role", "/states/", boundary)
    (statement, *_) = policies(resources)["encryption"]["Statement"]
    assert statement["Resource"] == key
    assert own() in json.dumps(statement["Condition"])
    assert plan["outputs"]["state_machine_alias_arn"]["value"] is None
    assert plan["outputs"]["state_machine_console_url"]["value"].endswith(f"region={REGION}#/statemachines/view/{own()}")


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
