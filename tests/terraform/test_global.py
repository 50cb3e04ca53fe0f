"""What exists once per account: state, pipelines and their roles."""

from __future__ import annotations

import json
from importlib.resources import files
from typing import TYPE_CHECKING, Any

import pytest

from tests.support.terraform.environments import resources
from tests.support.terraform.offline import PROJECT
from tests.support.terraform.policies import assert_least_privilege, listed, statements

if TYPE_CHECKING:
    from tests.support.terraform.offline import Offline

CHECKS = {"check-nonprod": "dofs-nonprod-check", "check-prod": "dofs-prod-check"}
PROJECTS = {"dev": "dofs-nonprod-dev", "staging": "dofs-nonprod-staging", "prod": "dofs-prod"}


@pytest.fixture(scope="module")
def made(terraform_offline: Offline) -> dict[str, dict[str, Any]]:
    """All resources, applied to the stub."""
    terraform = PROJECT / "terraform"
    state = terraform_offline.apply(
        terraform / "global", {"repository": "example/dofs", "create_lock_table": True, "manage_api_gateway_account": True}, root=terraform
    )
    return {resource["address"]: resource for resource in resources(state["values"]["root_module"])}


def of_type(made: dict[str, dict[str, Any]], kind: str) -> list[dict[str, Any]]:
    """The values of all resources of a type."""
    return [resource["values"] for resource in made.values() if resource["type"] == kind]


def test_names(made: dict[str, dict[str, Any]]) -> None:
    """As the seed has them."""
    assert {project["name"] for project in of_type(made, "aws_codebuild_project")} == {*PROJECTS.values(), *CHECKS.values()}
    assert {pipeline["name"] for pipeline in of_type(made, "aws_codepipeline")} == {"dofs-nonprod-pipeline", "dofs-prod-pipeline"}
    assert {table["name"] for table in of_type(made, "aws_dynamodb_table")} == {"dofs-global-terraform-locks"}
    assert {bucket["bucket"] for bucket in of_type(made, "aws_s3_bucket")} == {"dofs-cicd-artifacts", "dofs-global-terraform-state-"}


def test_pipelines(made: dict[str, dict[str, Any]]) -> None:
    """Non-prod deploys dev and then staging from dev; prod deploys main after an approval."""
    for pipeline in of_type(made, "aws_codepipeline"):
        stages = [stage["name"] for stage in pipeline["stage"]]
        branch = pipeline["stage"][0]["action"][0]["configuration"]["BranchName"]
        if pipeline["name"] == "dofs-prod-pipeline":
            assert (stages, branch) == (["Source", "Check", "Prod"], "main")
            assert [action["name"] for action in pipeline["stage"][2]["action"]] == ["Plan", "Approve", "Apply"]
        else:
            assert (stages, branch) == (["Source", "Check", "Dev", "Staging"], "dev")
            assert [[action["name"] for action in stage["action"]] for stage in pipeline["stage"][2:]] == [["Plan", "Apply"]] * 2


def test_builds(made: dict[str, dict[str, Any]]) -> None:
    """The seed's variables and where the state is; what is applied is what was planned, from the artifact of the plan."""
    for environment, name in PROJECTS.items():
        (project,) = (each for each in of_type(made, "aws_codebuild_project") if each["name"] == name)
        variables = {v["name"]: v["value"] for v in project["environment"][0]["environment_variable"]}
        assert variables.pop("STATE_BUCKET").startswith("dofs-global-terraform-state-")
        assert variables == {
            "TF_WORKSPACE": environment,
            "TF_VAR_FILE": f"environments/{environment}.tfvars",
            "TF_IN_AUTOMATION": "true",
            "TF_VAR_project": "dofs",
            "TF_VAR_region": "us-east-1",
            "STATE_KEY": "dofs/terraform.tfstate",
            "STATE_REGION": "us-east-1",
            "PROTECTED": "true" if environment == "prod" else "false",
        }
        assert (PROJECT / "terraform" / variables["TF_VAR_FILE"]).is_file()
        assert (PROJECT / project["source"][0]["buildspec"]).is_file()
    for pipeline in of_type(made, "aws_codepipeline"):
        for stage in pipeline["stage"][2:]:
            plan, apply = stage["action"][0], stage["action"][-1]
            assert apply["input_artifacts"] == plan["output_artifacts"]
            assert [json.loads(each["configuration"]["EnvironmentVariables"])[0]["value"] for each in (plan, apply)] == ["plan", "apply"]


def test_least_privilege(made: dict[str, dict[str, Any]]) -> None:
    """No action has a wildcard; test_roles.py evaluates what the roles can reach."""
    assert_least_privilege(made)


def test_actions_exist_and_are_bound_where_they_can_be(made: dict[str, dict[str, Any]]) -> None:
    """By the Service Authorization Reference, as cfn-lint packs it: an action is allowed on "*" exactly if it takes no resource."""
    reference = json.loads((files("cfnlint") / "data" / "AdditionalSpecs" / "Policies.json").read_text())
    for address, statement in statements(made):
        for action in listed(statement["Action"]):
            service, _, name = action.partition(":")
            known = {each.lower(): facts for each, facts in reference[service]["Actions"].items()}
            assert name.lower() in known, f"{address}: {action}"
            takes_resources = bool(known[name.lower()] and known[name.lower()].get("Resources"))
            assert takes_resources == (listed(statement["Resource"]) != ["*"]), f"{address}: {action}"


def test_policies_fit(made: dict[str, dict[str, Any]]) -> None:
    """Inline policies of a role: 10,240 characters; a managed one: 6,144 (white space not counted)."""
    for kind, limit in (("aws_iam_role_policy", 10_240), ("aws_iam_policy", 6_144)):
        assert of_type(made, kind)
        for values in of_type(made, kind):
            assert len(json.dumps(json.loads(values["policy"]), separators=(",", ":"))) < limit


def test_buckets_are_private_and_encrypted(made: dict[str, dict[str, Any]]) -> None:
    """State and artifacts: versioned, encrypted, TLS only."""
    count = len(of_type(made, "aws_s3_bucket"))
    assert count == 2
    for kind in ("versioning", "server_side_encryption_configuration", "public_access_block", "policy"):
        assert len(of_type(made, f"aws_s3_bucket_{kind}")) == count


def test_artifacts_expire_and_states_do_not(made: dict[str, dict[str, Any]]) -> None:
    """An artifact serves one run; a plan waits at most seven days for its approval. Without a state nothing can be changed any more."""
    expiring = {
        values["bucket"]: [rule["expiration"][0]["days"] for rule in values["rule"] if rule["expiration"]]
        for values in of_type(made, "aws_s3_bucket_lifecycle_configuration")
    }
    assert expiring.pop("dofs-cicd-artifacts") == [30]
    assert list(expiring.values()) == [[]]
