"""The roles of builds, evaluated: none can make more of itself, and none can touch another environment."""

from __future__ import annotations

import itertools
import json
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from importlib.resources import files

import pytest

from tests.support.terraform.environments import ENVIRONMENTS, Environment
from tests.support.terraform.evaluate import Request, allows
from tests.support.terraform.offline import PROJECT, Offline
from tests.support.terraform.pipeline import Account
from tests.support.terraform.policies import listed, statements
from tests.support.terraform.provider_calls import CALLS, World

TERRAFORM = PROJECT / "terraform"
ACCOUNT = "123456789012"
IAM = f"arn:aws:iam::{ACCOUNT}"
ADMINISTRATOR = {"Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
PAIRS = [pair for pair in itertools.product(ENVIRONMENTS, repeat=2) if pair[0] != pair[1]]

# Actions that AWS offers for the whole account only, and reads whose resource has an id that says nothing.
FOR_THE_ACCOUNT = re.compile(r"logs:(\w+LogDelivery|ListLogDeliveries|\w+ResourcePolic\w+|DescribeLogGroups)$|xray:|states:Validate")
READS = {"lambda:GetEventSourceMapping", "lambda:ListTags"}


@pytest.fixture(scope="module")
def account(terraform_offline: Offline) -> Account:
    """What `terraform/global` makes."""
    return Account(terraform_offline.apply(TERRAFORM / "global", {"repository": "example/dofs"}, root=TERRAFORM))


def actions(service: str) -> list[str]:
    """All actions of a service, by the Service Authorization Reference as cfn-lint packs it."""
    reference = json.loads((files("cfnlint") / "data" / "AdditionalSpecs" / "Policies.json").read_text())
    return [f"{service}:{name}" for name in reference[service]["Actions"]]  # in lower case; IAM does not mind


def other(environment: str) -> str:
    """An environment that is not this one."""
    return next(each for each in ENVIRONMENTS if each != environment)


# --- it cannot make more of itself ----------------------------------------------------------------------------------


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_no_action_of_iam_reaches_the_pipelines_own_roles_and_policies(account: Account, environment: str) -> None:
    """Not one of all that IAM and STS have, on any role and policy that `terraform/global` made, with any boundary in the request."""
    policies = account.policies(environment)
    made = [values["arn"] for address, values in account.made.items() if re.search(r"\.aws_iam_(role|policy)\.", address)]
    assert len(made) > 15
    boundary = account.made[f'module.cicd.aws_iam_policy.boundary["{environment}"]']["arn"]
    contexts: list[dict[str, str]] = [{}, {"iam:PermissionsBoundary": boundary, "iam:PassedToService": "lambda.amazonaws.com"}]
    for action, arn, context in itertools.product(actions("iam") + actions("sts"), made, contexts):
        assert not allows(policies, Request(action, arn, context)), f"{action} on {arn}"


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_roles_are_made_with_the_boundary_of_the_environment_only(account: Account, environment: str) -> None:
    """Neither without one, nor with that of another environment or with AWS's own."""
    policies = account.policies(environment)
    boundary = account.made[f'module.cicd.aws_iam_policy.boundary["{environment}"]']["arn"]
    role = f"{IAM}:role/dofs-{environment}-validator"
    widening = ["iam:CreateRole", "iam:PutRolePolicy", "iam:PutRolePermissionsBoundary"]
    for action in widening:
        assert allows(policies, Request(action, role, {"iam:PermissionsBoundary": boundary}))
        for wrong in ("", f"{IAM}:policy/dofs-cicd/dofs-{other(environment)}-boundary", "arn:aws:iam::aws:policy/AdministratorAccess"):
            assert not allows(policies, Request(action, role, {"iam:PermissionsBoundary": wrong}))
        assert not allows(policies, Request(action, role))
    for action in ("iam:AttachRolePolicy", "iam:DeleteRolePermissionsBoundary", "iam:CreatePolicyVersion", "iam:SetDefaultPolicyVersion"):
        assert not allows(policies, Request(action, role, {"iam:PermissionsBoundary": boundary}))


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_roles_are_passed_to_lambda_and_step_functions_only(account: Account, environment: str) -> None:
    """Not to CodeBuild, where a build could take one, nor to a service that nobody expects."""
    policies = account.policies(environment)
    role = f"{IAM}:role/dofs-{environment}-validator"
    services = ("lambda", "states", "codebuild", "ec2", "codepipeline", "cloudformation", "glue", "ecs-tasks")
    passed = {
        service
        for service in services
        if allows(policies, Request("iam:PassRole", role, {"iam:PassedToService": f"{service}.amazonaws.com"}))
    }
    assert passed == {"lambda", "states"}
    assert not allows(policies, Request("iam:PassRole", role))


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_even_an_administrator_within_the_boundary_is_none(account: Account, environment: str) -> None:
    """Whatever policy a build gives a role: no identity, no state, no pipeline, nothing of another environment."""
    boundary = account.boundary(environment)
    bucket = account.variables(environment)["STATE_BUCKET"]
    refused = [
        Request(action, resource) for action in actions("iam") + actions("sts") for resource in ("*", f"{IAM}:role/dofs-{environment}-x")
    ]
    refused += [Request(action, f"arn:aws:s3:::{bucket}/env:/{environment}/x") for action in actions("s3")]
    refused += [Request(action, f"arn:aws:codebuild:us-east-1:{ACCOUNT}:project/dofs-prod") for action in actions("codebuild")]
    refused += [Request("lambda:UpdateFunctionCode", f"arn:aws:lambda:us-east-1:{ACCOUNT}:function:dofs-{environment}-validator")]
    for request in refused:
        assert not allows([ADMINISTRATOR], request, boundary), request


# --- it cannot touch another environment ----------------------------------------------------------------------------


def requests_of(target: Environment) -> Iterator[tuple[str, Request]]:
    """Every request by which Terraform makes, reads, changes and removes every resource of an environment, with its operation."""
    world = World("us-east-1")
    for resource in target.resources.values():
        world.made(resource["type"], resource["values"])
    for resource in target.resources.values():
        for operation in ("create", "read", "update", "delete"):
            for request in world.requests(resource["type"], operation, resource["values"]):
                yield operation, request


@pytest.mark.parametrize(("environment", "target"), PAIRS)
def test_it_touches_no_resource_of_another_environment(
    account: Account, environments: Callable[[str], Environment], environment: str, target: str
) -> None:
    """No request by which Terraform deploys that one is allowed to the role of this one: functions, APIs, tables, roles, all of them."""
    policies = account.policies(environment)
    refused = 0
    for operation, request in requests_of(environments(target)):
        if FOR_THE_ACCOUNT.match(request.action) or (operation == "read" and request.action in READS):
            continue
        assert request.action in READS or not allows(policies, request), request
        refused += 1
    assert refused > 400


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_it_deploys_its_own(account: Account, environments: Callable[[str], Environment], environment: str) -> None:
    """The same requests are allowed to the role of the environment itself; in production all but those that lose data."""
    policies = account.policies(environment)
    denied = {request.action for _, request in requests_of(environments(environment)) if not allows(policies, request)}
    assert denied == ({"dynamodb:DeleteTable", "s3:DeleteBucket", "sqs:DeleteQueue"} if environment == "prod" else set())


@pytest.mark.parametrize(("environment", "target"), PAIRS)
def test_it_cannot_make_anothers_resource_its_own(account: Account, environment: str, target: str) -> None:
    """What is told apart by tags keeps them: nobody retags, untags, or acts on what is tagged after another environment or not at all."""
    policies = account.policies(environment)
    mine = {"aws:RequestTag/Project": "dofs", "aws:RequestTag/Environment": environment}
    theirs = {"aws:ResourceTag/Project": "dofs", "aws:ResourceTag/Environment": target}
    elsewhere = {"aws:ResourceTag/Project": "else", "aws:ResourceTag/Environment": environment}
    api, tags = "arn:aws:apigateway:us-east-1::/restapis/abcdefghij", "arn:aws:apigateway:us-east-1::/tags/arn%3Aaws%3Aapigateway"
    mapping = f"arn:aws:lambda:us-east-1:{ACCOUNT}:event-source-mapping:0b1c"
    for owner in (theirs, elsewhere):
        for verb in ("DELETE", "PATCH", "PUT", "POST", "GET"):
            assert not allows(policies, Request(f"apigateway:{verb}", api, mine | owner))
            assert not allows(policies, Request(f"apigateway:{verb}", f"{api}/stages/v1", mine | owner))
        assert not allows(policies, Request("apigateway:PUT", tags, mine | owner))
        assert not allows(policies, Request("apigateway:DELETE", tags, owner))
        assert not allows(policies, Request("lambda:TagResource", mapping, mine | owner))
        assert not allows(policies, Request("lambda:UntagResource", mapping, owner))
    for verb in ("DELETE", "PATCH", "PUT", "POST", "GET"):
        assert not allows(policies, Request(f"apigateway:{verb}", api, mine)), "an API without tags belongs to nobody here"
    assert not allows(policies, Request("apigateway:POST", "arn:aws:apigateway:us-east-1::/restapis", {}))
    of_theirs = {"lambda:FunctionArn": f"arn:aws:lambda:us-east-1:{ACCOUNT}:function:dofs-{target}-validator"}
    for action in ("CreateEventSourceMapping", "UpdateEventSourceMapping", "DeleteEventSourceMapping"):
        assert not allows(policies, Request(f"lambda:{action}", mapping, of_theirs))


@pytest.mark.parametrize(("environment", "target"), PAIRS)
def test_state_plans_and_packages_of_another_environment_are_out_of_reach(account: Account, environment: str, target: str) -> None:
    """Not one action of S3 on any of them; and the sources are read, never written."""
    policies = account.policies(environment)
    bucket, key = account.variables(environment)["STATE_BUCKET"], account.variables(environment)["STATE_KEY"]
    folder = {"prod": "dofs-prod-pipeline"}.get(target, "dofs-nonprod-pipelin")
    objects = [
        f"{bucket}/env:/{target}/{key}",
        f"{bucket}/env:/{target}/{key}.tflock",
        f"{bucket}/global/terraform.tfstate",
        f"{bucket}/global/terraform.tfstate.tflock",
        f"dofs-cicd-artifacts/{folder}/{f'{target}_plan'[:10]}/AbCdEfG",
        f"dofs-{target}-lambda-deployments/validator.zip",
        f"dofs-{target}-lambda-deployments",
    ]
    for name, action in itertools.product(objects, actions("s3")):
        assert not allows(policies, Request(action, f"arn:aws:s3:::{name}")), f"{action} on {name}"
    for action in actions("s3"):
        if allows(policies, Request(action, f"arn:aws:s3:::dofs-cicd-artifacts/{folder}/source/AbCdEfG")):
            assert action in {"s3:getobject", "s3:getobjectversion"}
        if allows(policies, Request(action, f"arn:aws:s3:::{bucket}/{key}")):
            assert action == "s3:getobject"
        if allows(policies, Request(action, f"arn:aws:s3:::{bucket}")):
            assert action == "s3:listbucket"
    assert not allows(policies, Request("s3:DeleteObject", f"arn:aws:s3:::{bucket}/env:/{environment}/{key}")), "a state is never deleted"


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_the_boundary_leaves_room_for_every_generated_policy(
    account: Account, environments: Callable[[str], Environment], environment: str
) -> None:
    """Each action on each resource of each role that is deployed; and none of those of another environment."""
    own, theirs = account.boundary(environment), account.boundary(other(environment))
    count = 0
    deployed = environments(environment).resources
    for address, statement in statements(deployed):
        for action, resource in itertools.product(listed(statement["Action"]), listed(statement["Resource"])):
            request = Request(
                action, resource.removesuffix(":*") + ":log-stream:x" if action.startswith("logs:") and resource != "*" else resource
            )
            assert allows([ADMINISTRATOR], request, own), f"{address}: {action} on {resource}"
            assert resource == "*" or not allows([ADMINISTRATOR], request, theirs)
            count += 1
    assert count > 40
    boundaries = {values["permissions_boundary"] for values in environments(environment).of_type("aws_iam_role").values()}
    assert boundaries == {account.made[f'module.cicd.aws_iam_policy.boundary["{environment}"]']["arn"]}


def test_every_type_that_is_deployed_is_in_the_table_of_calls(environments: Callable[[str], Environment]) -> None:
    """A new type of resource needs a row, or these tests would not know what its deployment asks for."""
    for environment in ENVIRONMENTS:
        assert {resource["type"] for resource in environments(environment).resources.values()} <= CALLS.keys()


# --- code of others ---------------------------------------------------------------------------------------------------


def test_checks_run_without_rights(account: Account) -> None:
    """Code of others runs in the tests. That build reads its source and writes its log."""
    roles = {a: v for a, v in account.made.items() if ".aws_iam_role_policy.check" in a}
    assert len(roles) == 2
    for values in roles.values():
        allowed = json.loads(values["policy"])["Statement"]
        assert [(s["Sid"], s["Action"]) for s in allowed] == [
            ("Logs", ["logs:CreateLogStream", "logs:PutLogEvents"]),
            ("Source", ["s3:GetObject", "s3:GetObjectVersion"]),
        ]
    attached = {values["role"] for address, values in account.made.items() if "aws_iam_role_policy_attachment" in address}
    assert not attached & {values["role"] for values in roles.values()}
    for build in ("check-nonprod", "check-prod"):
        assert account.variables(build) == {}
        commands = account.buildspec(build)["phases"]["build"]["commands"]
        assert commands == ["make check", "make test"], "drift is found before anything is generated anew"


def test_a_build_that_deploys_runs_no_code_of_others() -> None:
    """Its scripts install nothing with pip and run no target of make; what they run of ours needs no package."""
    folder = TERRAFORM / "buildspecs"
    text = "\n".join((folder / name).read_text() for name in ("deploy.yml", "init.sh", "plan.sh", "apply.sh", "terraform.sh"))
    code = "\n".join(line for line in text.splitlines() if not line.lstrip().startswith("#"))
    assert not re.search(r"\b(make|pip|npm|npx|uv|apt|apt-get|checkov|pytest)\b", code)
    assert "sha256sum --check" in code
    ran = set(re.findall(r"python3 (?:-m )?([\w./]+)", code))
    assert ran == {"functions.package", "scripts/guard.py", "scripts/release.py"}
    for command in (["-m", "functions.package", "--help"], ["terraform/scripts/guard.py"], ["terraform/scripts/release.py"]):
        # -S: without the packages that are installed beside Python.
        run = [sys.executable, "-S", *command]
        done = subprocess.run(run, cwd=PROJECT, input="{}", capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    "path",
    [
        "Makefile",
        "functions/package.py",
        "tests/support/terraform/provider_schema.py",
        "tests/support/terraform/offline.py",
        "tests/terraform/test_checkov.py",
    ],
)
def test_whatever_pip_installs_is_pinned_by_hash(path: str) -> None:
    """Each command that installs third-party packages names a file with hashes, or a hash."""
    text = (PROJECT / path).read_text()
    installs = [line for line in text.splitlines() if re.search(r"pip\W+(install|download)", line)]
    assert installs
    for line in installs:
        ours = "--no-deps" in line and "-e ." in line
        assert ours or "--require-hashes" in text[text.index(line) :][:400] or "--hash=sha256" in text, line
