"""What must not get lost is not lost, every name fits, and the lock file is taken where there is one: on real plans and real scripts."""

from __future__ import annotations

import re
import subprocess
from typing import TYPE_CHECKING, Any

import pytest

from tests.support.terraform.environments import resources
from tests.support.terraform.offline import PROJECT, Offline, TerraformError

if TYPE_CHECKING:
    from pathlib import Path

TERRAFORM = PROJECT / "terraform"
REPOSITORY = {"repository": "example/dofs"}

# The longest and the allowed characters of each name, by type and attribute. A bucket's prefix gets 26 characters more.
# https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html and the Create… call of each service in its API reference.
LIMITS: dict[tuple[str, str], tuple[int, str]] = {
    ("aws_api_gateway_rest_api", "name"): (1024, r".+"),
    ("aws_cloudwatch_dashboard", "dashboard_name"): (255, r"[\w-]+"),
    ("aws_cloudwatch_log_group", "name"): (512, r"[\w./#-]+"),
    ("aws_cloudwatch_metric_alarm", "alarm_name"): (255, r"[^:]+"),
    ("aws_codebuild_project", "name"): (150, r"[A-Za-z0-9][\w-]+"),
    ("aws_codeconnections_connection", "name"): (32, r".+"),
    ("aws_codepipeline", "name"): (100, r"[\w.@-]+"),
    ("aws_dynamodb_table", "name"): (255, r"[\w.-]{3,}"),
    ("aws_iam_policy", "name"): (128, r"[\w+=,.@-]+"),
    ("aws_iam_role", "name"): (64, r"[\w+=,.@-]+"),
    ("aws_iam_role_policy", "name"): (128, r"[\w+=,.@-]+"),
    ("aws_lambda_alias", "name"): (128, r"(?!\d+$)[\w-]+"),
    ("aws_lambda_function", "function_name"): (64, r"[\w-]+"),
    ("aws_lambda_layer_version", "layer_name"): (140, r"[\w-]+"),
    ("aws_s3_bucket", "bucket"): (63, r"[a-z0-9][a-z0-9.-]+[a-z0-9]"),
    ("aws_s3_bucket", "bucket_prefix"): (37, r"[a-z0-9][a-z0-9.-]+"),
    ("aws_sfn_alias", "name"): (80, r"[\w.-]+"),
    ("aws_sfn_state_machine", "name"): (80, r"[\w-]+"),
    ("aws_sqs_queue", "name"): (80, r"[\w-]+(\.fifo)?"),
}
NAMED_ELSEWHERE = {"aws_api_gateway_model", "aws_api_gateway_request_validator", "aws_cloudwatch_log_metric_filter"}
"""Their names are the same in every project and environment."""


def test_every_name_fits_in_the_longest_project_and_environment(terraform_offline: Offline, packages: Path) -> None:
    """The longest name that a project may have, in staging: every planned name is within AWS's limit for its type."""
    longest = "a23456789-123"
    plans = [
        terraform_offline.plan(
            TERRAFORM,
            {"package_directory": str(packages), "project": longest},
            var_file="environments/staging.tfvars",
            workspace="staging",
            root=PROJECT,
        ),
        terraform_offline.plan(TERRAFORM / "global", REPOSITORY | {"project": longest}, root=TERRAFORM),
    ]
    checked: set[tuple[str, str]] = set()
    for resource in (each for plan in plans for each in resources(plan["planned_values"]["root_module"])):
        kind, values = resource["type"], resource.get("values", {})
        for attribute in ("name", "function_name", "layer_name", "bucket", "bucket_prefix", "alarm_name", "dashboard_name"):
            name = values.get(attribute)
            if not isinstance(name, str) or kind in NAMED_ELSEWHERE or (attribute in {"function_name", "bucket"} and "name" in values):
                continue
            if (kind, attribute) not in LIMITS and attribute in {"function_name", "bucket"}:
                continue  # a reference to what is named elsewhere
            limit, allowed = LIMITS[kind, attribute]
            assert len(name) <= limit, f"{resource['address']}: {name} has {len(name)} of {limit} characters"
            assert re.fullmatch(allowed, name), f"{resource['address']}: {name}"
            checked.add((kind, attribute))
    assert checked >= LIMITS.keys() - {("aws_s3_bucket", "bucket_prefix")}
    with pytest.raises(TerraformError, match=r"has\s+room\s+for 13"):
        terraform_offline.plan(TERRAFORM / "global", REPOSITORY | {"project": f"{longest}4"}, root=TERRAFORM)


def test_a_build_project_that_is_left_out_is_not_destroyed(terraform_offline: Offline) -> None:
    """Apply, leave a pipeline out with its build project, plan: Terraform refuses, and says which."""
    with terraform_offline.session(TERRAFORM / "global", root=TERRAFORM) as run:
        run("apply", "-no-color", "-input=false", "-auto-approve", *run.values(REPOSITORY, None))
        file = run.folder.parent / "modules/cicd/main.tf"
        text = file.read_text()
        (line,) = re.findall(r"^    prod +=.*branch.*\n", text, re.MULTILINE)
        file.write_text(text.replace(line, ""))
        with pytest.raises(TerraformError, match=r'aws_codebuild_project\.this\["check-prod"\](.|\n)*prevent_destroy'):
            run("plan", "-no-color", "-input=false", *run.values(REPOSITORY, None))


# --- the provider's hashes ------------------------------------------------------------------------------------------


def scripted(script: str, folder: Path, **environment: str) -> tuple[int, list[str], str]:
    """Run a script with a Terraform and an AWS CLI that write down how they are called; return exit code, calls and errors."""
    shims = folder / "bin"
    shims.mkdir(exist_ok=True)
    log = folder / "calls"
    for name in ("terraform", "aws"):
        (shims / name).write_text(f'#!/usr/bin/env bash\necho "{name} $*" >> {log}\n')
        (shims / name).chmod(0o755)
    env = {"PATH": f"{shims}:/usr/bin:/bin", **environment}
    done = subprocess.run(["bash", "-c", script], cwd=folder, env=env, capture_output=True, text=True, check=False)
    return done.returncode, log.read_text().splitlines() if log.exists() else [], done.stderr


def checkout(folder: Path) -> None:
    """Copy the scripts into a folder."""
    for name in ("buildspecs", "scripts", "environments"):
        (folder / name).mkdir()
        for file in (TERRAFORM / name).iterdir():
            if file.is_file():
                (folder / name / file.name).write_bytes(file.read_bytes())


BUILD: dict[str, Any] = {
    "TF_WORKSPACE": "dev",
    "TF_VAR_FILE": "environments/dev.tfvars",
    "STATE_BUCKET": "states",
    "STATE_KEY": "k",
    "STATE_REGION": "us-east-1",
}


@pytest.mark.parametrize("locked", [True, False])
def test_a_build_takes_the_locked_provider(locked: bool, tmp_path: Path) -> None:
    """With a lock file, no other provider than the one in it; without one, the build says that it takes what there is."""
    checkout(tmp_path)
    if locked:
        (tmp_path / ".terraform.lock.hcl").write_text("")
    code, (init, select), errors = scripted("source buildspecs/init.sh", tmp_path, **BUILD)
    assert code == 0
    assert ("-lockfile=readonly" in init) == locked
    assert ("There is no .terraform.lock.hcl" in errors) != locked
    assert select == "terraform workspace select -or-create dev"


def test_the_lock_file_is_written_for_every_root_and_platform(tmp_path: Path) -> None:
    """Every root: a folder with a backend or a provider of its own."""
    checkout(tmp_path)
    roots = {file.parent for file in TERRAFORM.rglob("*.tf") if re.search(r'^provider "aws"', file.read_text(), re.MULTILINE)}
    code, calls, _ = scripted("bash scripts/lock.sh", tmp_path)
    assert code == 0
    assert {re.findall(r"-chdir=(\S+)", call)[0] for call in calls} == {str(root.relative_to(TERRAFORM)) for root in roots}
    for call in calls:
        assert set(re.findall(r"-platform=(\w+)", call)) == {"linux_amd64", "linux_arm64", "darwin_arm64", "darwin_amd64"}
    ignored = subprocess.run(["git", "check-ignore", "terraform/.terraform.lock.hcl"], cwd=PROJECT, capture_output=True, check=False)
    assert ignored.returncode == 1, "it is to be committed"


# --- the command ----------------------------------------------------------------------------------------------------


def test_rollback_refuses_what_it_cannot_do(tmp_path: Path) -> None:
    """Without an environment, or before `make backend`: a message, and no call of Terraform."""
    checkout(tmp_path)
    assert scripted("bash scripts/rollback.sh", tmp_path)[:2] == (1, [])
    code, calls, errors = scripted("bash scripts/rollback.sh test previous", tmp_path)
    assert (code, calls) == (2, [])
    assert "there is no environment test" in errors
    code, calls, errors = scripted("bash scripts/rollback.sh prod previous", tmp_path)
    assert (code, calls) == (2, [])
    assert "make backend writes it" in errors


def test_rollback_reads_where_the_state_is(tmp_path: Path) -> None:
    """From the file that `make backend` writes; the release is looked up in the environment's own bucket."""
    checkout(tmp_path)
    (tmp_path / "backend.s3.tfbackend").write_text('bucket = "states"\nkey    = "a/b.tfstate"\nregion = "eu-west-1"\n')
    code, calls, errors = scripted("bash scripts/rollback.sh prod previous", tmp_path)
    assert code == 1, "the CLI here knows no release"
    assert "there is no release 'previous'" in errors
    assert calls[0].endswith("-backend-config=bucket=states -backend-config=key=a/b.tfstate -backend-config=region=eu-west-1")
    assert calls[-1] == "aws s3api list-object-versions --bucket dofs-prod-lambda-deployments --prefix release.json --output json"
    assert not any("apply" in call for call in calls)
