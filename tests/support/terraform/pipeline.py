"""A build of the pipeline, run here: the buildspec's own commands, under the build role that Terraform makes.

The state is in moto's S3 with IAM enforcement on, so the S3 backend of the real Terraform is refused what the role lacks. The provider
is the stand-in; each of its calls, as `provider_calls` knows them, is decided by `evaluate` from the same role's policies.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
import requests
import yaml
from moto import settings
from moto.core.responses import ActionAuthenticatorMixin
from moto.server import ThreadedMotoServer

from tests.support.terraform.environments import resources
from tests.support.terraform.evaluate import allows
from tests.support.terraform.offline import PROJECT, Offline
from tests.support.terraform.plan import stand_ins
from tests.support.terraform.provider_calls import World
from tests.support.terraform.stub_provider import Objects, StubProvider

TERRAFORM = PROJECT / "terraform"
_SHIMS = ("curl", "sha256sum", "unzip", "make")
_TRUST = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}]}


class Account:
    """What `terraform/global` makes in an account: build projects and the policies of their roles."""

    def __init__(self, state: dict[str, Any]) -> None:
        """Read the applied state of `terraform/global`."""
        self.made = {resource["address"]: resource["values"] for resource in resources(state["values"]["root_module"])}

    def variables(self, environment: str) -> dict[str, str]:
        """Return the environment variables that a build project sets."""
        project = self.made[f'module.cicd.aws_codebuild_project.this["{environment}"]']
        return {each["name"]: each["value"] for each in project["environment"][0]["environment_variable"]}

    def buildspec(self, build: str) -> dict[str, Any]:
        """Return the buildspec that a build project runs."""
        path = self.made[f'module.cicd.aws_codebuild_project.this["{build}"]']["source"][0]["buildspec"]
        spec: dict[str, Any] = yaml.safe_load((PROJECT / path).read_text())
        return spec

    def policies(self, environment: str) -> list[dict[str, Any]]:
        """Return the documents of all policies of the role of a build project."""
        ends = f'["{environment}"]'
        role = self.made[f"module.cicd.aws_iam_role.build{ends}"]["name"]
        by_arn = {values["arn"]: values["policy"] for address, values in self.made.items() if ".aws_iam_policy." in address}
        inline = [v["policy"] for a, v in self.made.items() if ".aws_iam_role_policy." in a and a.endswith(ends) and v["role"] == role]
        attached = [by_arn[v["policy_arn"]] for a, v in self.made.items() if "_attachment." in a and v["role"] == role]
        assert inline
        assert attached
        return [json.loads(each) for each in inline + attached]

    def boundary(self, environment: str) -> dict[str, Any]:
        """Return the document that bounds every role of an environment."""
        document: dict[str, Any] = json.loads(self.made[f'module.cicd.aws_iam_policy.boundary["{environment}"]']["policy"])
        return document


@contextmanager
def aws() -> Iterator[str]:
    """Serve an empty moto; yield its URL. IAM enforcement starts with `enforce`."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    url = f"http://{host}:{port}"
    try:
        requests.post(f"{url}/moto-api/reset", timeout=10)
        yield url
    finally:
        settings.INITIAL_NO_AUTH_ACTION_COUNT = float("inf")
        ActionAuthenticatorMixin.request_count = 0
        requests.post(f"{url}/moto-api/reset", timeout=10)
        server.stop()


def client(url: str, service: str, **credentials: str) -> Any:
    """Return a client of moto at a URL; without credentials, one that may do anything while nothing is enforced."""
    given = credentials or {"aws_access_key_id": "admin", "aws_secret_access_key": "admin"}
    return boto3.client(service, endpoint_url=url, region_name="us-east-1", **given)


def enforce(url: str) -> None:
    """From now on moto refuses what the caller's policies do not allow."""
    requests.post(f"{url}/moto-api/reset-auth", data=b"0", timeout=10).raise_for_status()


def assume(url: str, policies: list[dict[str, Any]]) -> dict[str, str]:
    """Make a role with these policies; return credentials of a session of it."""
    iam = client(url, "iam")
    role = iam.create_role(RoleName="build", AssumeRolePolicyDocument=json.dumps(_TRUST))["Role"]["Arn"]
    for index, policy in enumerate(policies):
        iam.put_role_policy(RoleName="build", PolicyName=f"p{index}", PolicyDocument=json.dumps(policy))
    session = client(url, "sts").assume_role(RoleArn=role, RoleSessionName="build")["Credentials"]
    return {
        "AWS_ACCESS_KEY_ID": session["AccessKeyId"],
        "AWS_SECRET_ACCESS_KEY": session["SecretAccessKey"],
        "AWS_SESSION_TOKEN": session["SessionToken"],
    }


class Bucket(Objects):
    """The objects of S3 in moto, where the AWS CLI of a build finds them."""

    def __init__(self, client: Any) -> None:
        """Use a client that may do anything."""
        super().__init__()
        self.client = client
        self.folder = Path()

    def made(self, kind: str, values: Mapping[str, Any]) -> None:
        """Make the bucket when Terraform does, and turn versioning on when Terraform does."""
        if kind == "aws_s3_bucket":
            self.client.create_bucket(Bucket=values["bucket"])
        if kind == "aws_s3_bucket_versioning":
            settings = {"Status": values["versioning_configuration"][0]["status"]}
            self.client.put_bucket_versioning(Bucket=values["bucket"], VersioningConfiguration=settings)

    def put(self, bucket: str, key: str, content: str | None, source: str | None) -> str:
        """Store a version; return its id. An object that is made before its bucket keeps versions has none."""
        body = (content or "").encode() if source is None else (self.folder / source).read_bytes()
        version: str = self.client.put_object(Bucket=bucket, Key=key, Body=body)["VersionId"]
        return version

    def get(self, bucket: str, key: str, version: str) -> str:
        """Return the content of a version."""
        text: str = self.client.get_object(Bucket=bucket, Key=key, VersionId=version)["Body"].read().decode()
        return text

    def delete(self, bucket: str, key: str) -> None:
        """Delete all versions."""
        for each in self.listed(bucket, key):
            self.client.delete_object(Bucket=bucket, Key=key, VersionId=each["VersionId"])

    def listed(self, bucket: str, key: str) -> list[dict[str, Any]]:
        """Return the versions of an object, newest first."""
        found: list[dict[str, Any]] = self.client.list_object_versions(Bucket=bucket, Prefix=key).get("Versions", [])
        return found


def administrator(url: str) -> dict[str, str]:
    """Return the credentials of a user that may do anything, with enforcement on, too."""
    iam = client(url, "iam")
    iam.create_user(UserName="administrator")
    everything = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
    iam.put_user_policy(UserName="administrator", PolicyName="everything", PolicyDocument=json.dumps(everything))
    key = iam.create_access_key(UserName="administrator")["AccessKey"]
    return {"aws_access_key_id": key["AccessKeyId"], "aws_secret_access_key": key["SecretAccessKey"]}


_AWS = """#!{python}
import json, sys
import boto3

service, command, *arguments = sys.argv[1:]
given = dict(zip(arguments[::2], arguments[1::2]))
assert (service, command, given.pop("--output")) == ("s3api", "list-object-versions", "json")
found = boto3.client("s3", region_name="us-east-1").list_object_versions(Bucket=given["--bucket"], Prefix=given["--prefix"])
print(json.dumps(found, default=str))
"""
"""What a build needs of the AWS CLI."""


@dataclass
class Done:
    """How a build ended: its exit code, and what it printed."""

    code: int
    log: str


class Builds:
    """The builds of one environment, one after the other, against one account."""

    def __init__(
        self,
        offline: Offline,
        account: Account,
        environment: str,
        *,
        url: str,
        folder: Path,
        policies: list[dict[str, Any]] | None = None,
    ) -> None:
        """Make the state bucket and a session of the build role, then turn enforcement on.

        Args:
            offline: Terraform.
            account: what `terraform/global` made.
            environment: which one the builds deploy.
            url: where moto is.
            folder: for the sources of the builds.
            policies: in place of those of the build role.
        """
        self._offline, self._account, self._environment, self._url, self._folder = offline, account, environment, url, folder
        self._variables = account.variables(environment)
        region = self._variables["STATE_REGION"]
        location = {} if region == "us-east-1" else {"CreateBucketConfiguration": {"LocationConstraint": region}}
        client(url, "s3").create_bucket(Bucket=self._variables["STATE_BUCKET"], **location)
        self._policies = policies or account.policies(environment)
        self._credentials = assume(url, self._policies)
        self._world = World(self._variables["TF_VAR_region"])
        self.bucket = Bucket(client(url, "s3", **administrator(url)))
        self._shims = folder / "bin"
        self._shims.mkdir()
        for name in _SHIMS:
            self._write(name, "cat > /dev/null")
        python = shutil.which("python3")
        self._write("python3", f'if [ "$1 $2" = "-m functions.package" ]; then exit 0; fi\nexec {python} "$@"')
        (self._shims / "aws").write_text(_AWS.format(python=sys.executable))
        (self._shims / "aws").chmod(0o755)
        enforce(url)

    def _write(self, name: str, body: str) -> None:
        (self._shims / name).write_text(f"#!/usr/bin/env bash\n{body}\n")
        (self._shims / name).chmod(0o755)

    def checkout(self, name: str) -> Path:
        """Copy the sources, as the source action of the pipeline delivers them, with packages in place of those that a build makes."""
        target = self._folder / name
        for each in ("terraform", "build", "functions"):
            ignored = shutil.ignore_patterns(".terraform", "*.tfstate*", "__pycache__", "*.tfbackend", "backend.tf")
            shutil.copytree(PROJECT / each, target / each, ignore=ignored)
        (target / "dist").mkdir()
        stand_ins(target / "dist")
        return target

    def hand_over(self, sources: Path, name: str) -> Path:
        """Copy what a build leaves behind to where the next one finds it, as the artifact does."""
        assert self._account.buildspec(self._environment)["artifacts"] == {"files": ["**/*"]}
        return Path(shutil.copytree(sources, self._folder / name))

    def run(self, step: str, sources: Path, **variables: str) -> Done:
        """Run every command of the buildspec for a step, up to the first that fails, with further environment variables."""
        self.bucket.folder = sources / "terraform"
        spec = self._account.buildspec(self._environment)
        text = "\n".join(path.read_text() for path in sources.rglob("*.tf"))
        with StubProvider(self._offline.schema, self._offline.types(text), self._decide, self.bucket) as reattach:
            environment = self._environment_variables(spec, step) | reattach | variables
            log = ""
            for phase in ("install", "pre_build", "build"):
                for command in spec["phases"].get(phase, {}).get("commands", []):
                    done = subprocess.run(
                        ["bash", "-c", command],
                        cwd=sources,
                        stdin=subprocess.DEVNULL,
                        env=environment,
                        stdout=subprocess.PIPE,
                        stderr=subprocess.STDOUT,
                        text=True,
                        check=False,
                    )
                    log += f"$ {command}\n{done.stdout}"
                    if done.returncode:
                        return Done(done.returncode, log)
        return Done(0, log)

    def _environment_variables(self, spec: Mapping[str, Any], step: str) -> dict[str, str]:
        clean = {key: value for key, value in os.environ.items() if not key.startswith(("TF_", "AWS_"))}
        return (
            clean
            | {key: str(value) for key, value in spec["env"].get("variables", {}).items()}
            | self._variables
            | {
                "PATH": f"{self._shims}:{clean['PATH']}",
                "STEP": step,
                "TF_DATA_DIR": str(self._folder / f"data-{step}"),
                "AWS_REGION": self._variables["TF_VAR_region"],
                "AWS_ENDPOINT_URL": self._url,
                "AWS_EC2_METADATA_DISABLED": "true",
                "CHECKPOINT_DISABLE": "1",
                "NO_PROXY": "127.0.0.1",
            }
            | self._credentials
        )

    def _decide(self, kind: str, operation: str, values: dict[str, Any]) -> str | None:
        refused = [r for r in self._world.requests(kind, operation, values) if not allows(self._policies, r)]
        if refused:
            return f"AccessDenied: {', '.join(f'{each.action} on {each.resource}' for each in refused)}"
        if operation == "create":
            self._world.made(kind, values)
            self.bucket.made(kind, values)
        return None
