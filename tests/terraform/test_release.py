"""A release goes live, and back, as a whole: in the pipeline's own builds, under the build role, with S3 in moto."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.support.terraform import pipeline
from tests.support.terraform.offline import PROJECT, Offline
from tests.support.terraform.pipeline import Account, Builds

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.support.terraform.environments import Environment

TERRAFORM = PROJECT / "terraform"
PACKAGES = "dofs-prod-lambda-deployments"


class Prod:
    """Production, and what is live in it."""

    def __init__(self, builds: Builds) -> None:
        """Start with nothing deployed."""
        self.builds, self.number = builds, 0

    def sources(self, code: str, edit: Callable[[Path], None] | None = None) -> Path:
        """Return sources in which the code of the validator and of the layer is this one."""
        self.number += 1
        folder = self.builds.checkout(f"sources-{self.number}")
        for name in ("validator", "layer"):
            (folder / "dist" / f"{name}.zip").write_text(code)
        # A workflow that changes with the code.
        definition = folder / "build/order-processing/definition.asl.json"
        definition.write_text(definition.read_text().replace('"Comment": "', f'"Comment": "{code} ', 1))
        if edit:
            edit(folder)
        return folder

    def plan(self, sources: Path, release: str = "new") -> pipeline.Done:
        """Run the build that plans."""
        return self.builds.run("plan", sources, RELEASE=release)

    def deploy(self, sources: Path, release: str = "new") -> dict[str, Any]:
        """Plan, apply, and return what is live: the version that each alias points to."""
        planned = self.plan(sources, release)
        assert planned.code == 0, planned.log
        applied = self.builds.run("apply", self.builds.hand_over(sources, f"plan-{self.number}-{release[:8]}"), RELEASE=release)
        assert applied.code == 0, applied.log
        return self.live()

    def live(self) -> dict[str, Any]:
        """Return the version of the validator, the storage and the workflow to which the aliases point, by the state."""
        key = f"env:/prod/{self.builds._variables['STATE_KEY']}"
        state = json.loads(self.builds.bucket.client.get_object(Bucket=self.builds._variables["STATE_BUCKET"], Key=key)["Body"].read())
        found = {}
        for resource in state["resources"]:
            for instance in resource["instances"]:
                values = instance["attributes"]
                if resource["type"] == "aws_lambda_alias":
                    found[values["function_name"].removeprefix("dofs-prod-")] = values["function_version"]
                if resource["type"] == "aws_sfn_alias":
                    found["workflow"] = values["routing_configuration"][0]["state_machine_version_arn"].rpartition(":")[2]
        return {name: found[name] for name in ("validator", "order-storage", "workflow")}


def test_a_release_goes_back_as_a_whole(terraform_offline: Offline, tmp_path: Path) -> None:
    """Two releases, one command back, a deployment that does not undo it unasked, and forward again."""
    account = Account(terraform_offline.apply(TERRAFORM / "global", {"repository": "example/dofs"}, root=TERRAFORM))
    with pipeline.aws() as url:
        prod = Prod(builds := Builds(terraform_offline, account, "prod", url=url, folder=tmp_path))
        first = prod.deploy(one := prod.sources("one"))
        assert first == {"validator": "1", "order-storage": "1", "workflow": "1"}
        nothing = prod.plan(one, "previous")
        assert nothing.code, "there is no release before the first"
        assert "there is no release 'previous'" in nothing.log

        second = prod.deploy(two := prod.sources("two"))
        assert second == {"validator": "2", "order-storage": "2", "workflow": "2"}, "all functions have a new layer"
        packages = builds.bucket.listed(PACKAGES, "validator.zip")
        assert [builds.bucket.get(PACKAGES, "validator.zip", each["VersionId"]) for each in packages] == ["two", "one"]
        releases = [each["VersionId"] for each in builds.bucket.listed(PACKAGES, "release.json")]
        assert len(releases) == 2

        foreign = prod.plan(prod.sources("three"), "previous")
        assert foreign.code, "a rollback deploys nothing"
        assert "this plan does more" in foreign.log

        assert prod.deploy(two, "previous") == first
        assert [each["VersionId"] for each in builds.bucket.listed(PACKAGES, "release.json")] == releases, "a rollback is no release"
        refused = prod.plan(fixed := prod.sources("fixed"))
        assert refused.code
        assert f"taken back to release {releases[1]}" in refused.log

        assert prod.deploy(fixed, "forward") == {"validator": "3", "order-storage": "3", "workflow": "3"}

        def careless(folder: Path) -> None:
            declared = json.loads((folder / "build/resources.json").read_text())
            del declared["table"]["idempotency"]
            (folder / "build/resources.json").write_text(json.dumps(declared))
            for file in (folder / "build/functions").glob("*.json"):
                file.write_text(file.read_text().replace("${idempotency_", "${orders_"))
            variables = folder / "terraform/environments/prod.tfvars"
            variables.write_text(variables.read_text().replace("deletion_protection = true", "deletion_protection = false"))

        lost = prod.plan(prod.sources("fixed", careless))
        assert lost.code
        assert 'aws_dynamodb_table.this["idempotency"] would be deleted: its items are lost' in lost.log
        assert 'aws_dynamodb_table.this["orders"] would lose its protection' in lost.log
        assert "aws_s3_bucket.this would lose its protection: force_destroy = true" in lost.log


# --- aliases are what is used ---------------------------------------------------------------------------------------


def test_everything_calls_the_alias(environment: Environment) -> None:
    """API Gateway, the queues, the workflow and the API's own call: none reaches code that is not live."""
    functions = {v["function_name"]: v for v in environment.of_type("aws_lambda_function").values()}
    aliases = {v["function_name"]: v for v in environment.of_type("aws_lambda_alias").values()}
    assert aliases.keys() == functions.keys()
    assert {v["name"] for v in aliases.values()} == {"live"}
    assert all(v["publish"] for v in functions.values())
    arns = {v["arn"] for v in aliases.values()}
    assert {v["function_name"] for v in environment.of_type("aws_lambda_event_source_mapping").values()} < arns
    assert {v["uri"] for v in environment.of_type("aws_api_gateway_integration").values()} == {
        aliases[f"dofs-{environment.name}-api-handler"]["invoke_arn"]
    }
    assert {v["qualifier"] for v in environment.of_type("aws_lambda_permission").values()} == {"live"}
    (machine,) = environment.of_type("aws_sfn_state_machine").values()
    states = json.loads(machine["definition"])["States"]
    called = [s["Arguments"] for s in states.values() if s.get("Resource") == "arn:aws:states:::lambda:invoke"]
    assert {f"{each['FunctionName']}:{each['Qualifier']}" for each in called} < arns
    (alias,) = environment.of_type("aws_sfn_alias").values()
    handler = functions[f"dofs-{environment.name}-api-handler"]
    assert handler["environment"][0]["variables"]["STEP_FUNCTION_ARN"] == alias["arn"] == f"{machine['arn']}:live"


def test_the_api_starts_the_alias_and_no_other_version(environment: Environment) -> None:
    """IAM decides by the state machine's own ARN; the alias is a condition.

    https://docs.aws.amazon.com/step-functions/latest/dg/auth-version-alias.html
    """
    policy = json.loads(environment.resources['module.functions["api-handler"].aws_iam_role_policy.this']["values"]["policy"])
    (start,) = [s for s in policy["Statement"] if s["Action"] == "states:StartExecution"]
    (machine,) = environment.of_type("aws_sfn_state_machine").values()
    assert start["Resource"] == machine["arn"]
    assert start["Condition"] == {"StringEquals": {"states:StateMachineQualifier": "live"}}


def test_earlier_packages_are_kept(environment: Environment) -> None:
    """The keys stay, the bucket is versioned and keeps old versions by number; a layer's old versions stay, too."""
    assert all("/" not in v["key"] for v in environment.of_type("aws_s3_object").values())
    assert {v["versioning_configuration"][0]["status"] for v in environment.of_type("aws_s3_bucket_versioning").values()} == {"Enabled"}
    (lifecycle,) = environment.of_type("aws_s3_bucket_lifecycle_configuration").values()
    (old,) = [rule for rule in lifecycle["rule"] if rule["noncurrent_version_expiration"]]
    assert old["noncurrent_version_expiration"][0]["newer_noncurrent_versions"] >= 10
    assert [v["skip_destroy"] for v in environment.of_type("aws_lambda_layer_version").values()] == [True]
    versions = {v["s3_object_version"] for v in environment.of_type("aws_lambda_function").values()}
    assert all(versions)
    (bucket,) = environment.of_type("aws_s3_bucket").values()
    assert bucket["force_destroy"] == (environment.name != "prod")
