"""The author's corrections of the role: in Python, in the policy, beside the definition, and in what people read."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generator import (
    Allow,
    Bucket,
    DistributedMap,
    Function,
    Narrow,
    Pass,
    Queue,
    Replace,
    Table,
    Task,
    Without,
    Workflow,
    fn,
    integration,
    placeholder,
    prefixed,
    s3_objects,
    sdk,
    states,
)
from generator.asl.corrections import Correction, read_index
from generator.asl.definition import read_definition
from generator.asl.read import read_file
from generator.catalog.arns import covers
from generator.catalog.patterns import TEMPLATED
from generator.checks import check_role
from generator.commands.check_policy import compare
from generator.commands.iam import Place, Settings, derive, reasons
from generator.diagnostics.model import InvalidWorkflowError
from generator.emit import artifacts
from generator.iam.corrections import corrected
from generator.iam.grants import Grant
from generator.iam.requirements import Requirement
from generator.lower import CompiledWorkflow, compile_workflow
from generator.pipeline import Run, run_pipeline

if TYPE_CHECKING:
    from pathlib import Path

data, orders, jobs = Bucket("data"), Table("orders"), Queue("jobs")
WHY = "Because of a good reason"


def arn(service: str, resource: str) -> str:
    """Return an ARN where the workflow runs."""
    return f"arn:${{aws_partition}}:{service}:${{aws_region}}:${{aws_account_id}}:{resource}"


def query(permissions: Any = (), name: str = "Query") -> Task:
    """Make a task whose resources are in a text that only the execution knows."""
    call = integration("athena:startQueryExecution", {"QueryString": states.input.sql, "WorkGroup": "etl"})
    return Task(name, call, permissions=permissions)


def compiled(*steps: Any, permissions: Any = ()) -> CompiledWorkflow:
    """Compile steps, which have no mistakes."""
    made = compile_workflow(Workflow("etl", steps=list(steps), permissions=permissions))
    assert made.diagnostics == ()
    return made


def allowed(made: CompiledWorkflow) -> dict[str, set[str]]:
    """Return the resources that the role allows each action on."""
    found: dict[str, set[str]] = {}
    for statement in made.role.policy.statements:
        for action in statement.actions:
            found.setdefault(action, set()).update(statement.resources)
    return found


def codes(made: CompiledWorkflow) -> list[str]:
    """Return the codes of what the checks find in the role."""
    return [finding.code for finding in check_role(made.role)]


# -- what a correction does ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("resource", "expected"),
    [
        (data.arn + "/in/*", "${data_arn}/in/*"),
        (fn.format("{}/in/*", data.arn), "${data_arn}/in/*"),
        (data.bucket_name + "/in/*", "arn:${aws_partition}:s3:::${data_name}/in/*"),
        ("data/in/*", "arn:${aws_partition}:s3:::data/in/*"),
        ("arn:aws:s3:::data/in/*", "arn:aws:s3:::data/in/*"),
        (placeholder("objects_arn"), "${objects_arn}"),
        ("*", "*"),
    ],
)
def test_the_forms_of_a_resource(resource: Any, expected: str) -> None:
    """A resource is an expression, text, a placeholder, or everything; partition, region and account are never written."""
    made = compiled(Pass("P"), permissions=Allow("s3:GetObject", resource, reason=WHY))
    assert allowed(made) == {"s3:GetObject": {expected}}


@pytest.mark.parametrize(
    ("action", "resource", "expected"),
    [
        ("dynamodb:Query", orders, "${orders_arn}"),
        ("dynamodb:Query", orders.arn + "/index/*", "${orders_arn}/index/*"),
        ("dynamodb:Query", "table/orders", arn("dynamodb", "table/orders")),
        ("dynamodb:Query", "table/" + orders.table_name, arn("dynamodb", "table/${orders_name}")),
        ("iam:PassRole", "role/etl-*", "arn:${aws_partition}:iam::${aws_account_id}:role/etl-*"),
        ("lambda:InvokeFunction", Function("check"), "${check_arn}"),
        ("sqs:SendMessage", jobs.url, "${jobs_arn}"),
        ("sns:Publish", "news", arn("sns", "news")),
        ("bedrock:InvokeModel", "foundation-model/x.y", "arn:${aws_partition}:bedrock:${aws_region}::foundation-model/x.y"),
    ],
)
def test_the_place_of_a_resource_follows_from_its_type(action: str, resource: Any, expected: str) -> None:
    """Some ARNs have a region and an account, some one of them, some none."""
    assert allowed(compiled(Pass("P"), permissions=Allow(action, resource, reason=WHY))) == {action: {expected}}


def test_each_action_gets_the_resources_that_it_can_be_limited_to() -> None:
    """One correction can say all of a bucket: the bucket for the actions on buckets, its objects for those on objects."""
    found = allowed(compiled(query([Narrow("s3:*", [data, data.arn + "/*"], reason=WHY)])))
    assert found["s3:ListBucket"] == {"${data_arn}"}
    assert found["s3:GetObject"] == {"${data_arn}/*"}


def test_narrow_keeps_the_conditions_that_were_derived() -> None:
    """A role is still passed to one service only."""
    run = integration("ecs:runTask", {"TaskDefinition": placeholder("task_definition_arn"), "LaunchType": "FARGATE"})
    made = compiled(Task("Run", run, permissions=Narrow("iam:PassRole", placeholder("task_role_arn"), reason=WHY)))
    (statement,) = (one for one in made.role.policy.statements if one.actions == ("iam:PassRole",))
    assert statement.resources == ("${task_role_arn}",)
    assert statement.conditions == (("StringEquals", "iam:PassedToService", ("ecs-tasks.amazonaws.com",)),)
    assert codes(made) == []


def test_conditions() -> None:
    """Conditions are added to derived ones; a value may be a placeholder."""
    read = sdk.s3.get_object(Bucket="data", Key="k")
    wanted = {"StringEquals": {"s3:ExistingObjectTag/team": ["etl", placeholder("team")]}}
    made = compiled(Task("Read", read, permissions=Narrow("s3:GetObject", conditions=wanted, reason=WHY)))
    (statement,) = made.role.policy.statements
    assert statement.conditions == (("StringEquals", "s3:ExistingObjectTag/team", ("${team}", "etl")),)
    assert statement.document()["Condition"] == {"StringEquals": {"s3:ExistingObjectTag/team": ["${team}", "etl"]}}


def test_a_correction_of_a_state_is_for_this_state_alone() -> None:
    """Another state with the same permission keeps it; a correction of the workflow is for all."""
    narrow = Narrow("glue:*", ["catalog", "database/sales", "table/sales/*"], reason=WHY)
    one = allowed(compiled(query(narrow, "First"), query((), "Second")))
    assert arn("glue", "database/*") in one["glue:GetDatabase"]
    for made in (compiled(query(narrow, "First"), query(narrow, "Second")), compiled(query(), query((), "Next"), permissions=narrow)):
        assert allowed(made)["glue:GetDatabase"] == {arn("glue", "catalog"), arn("glue", "database/sales")}


def test_a_correction_of_the_workflow_leaves_what_it_does_not_cover() -> None:
    """A narrowing is for the permissions that include its resources; an exact permission of another state stays."""
    read = Task("Read", sdk.s3.get_object(Bucket="other", Key="k"))
    made = compiled(query(), read, permissions=Narrow("s3:GetObject", "data/*", reason=WHY))
    assert allowed(made)["s3:GetObject"] == {"arn:${aws_partition}:s3:::data/*", "arn:${aws_partition}:s3:::other/k"}


def test_replace_and_without() -> None:
    """Replace may allow more; what is removed is shown although no statement has it."""
    send = Task("Send", sdk.sqs.send_message(QueueUrl=states.input.url, MessageBody="x"), permissions=Replace(
        "sqs:SendMessage", "jobs-*", reason="One queue for each customer"
    ))  # fmt: skip
    made = compiled(send, query([Without("lakeformation:*", reason="There is no data lake")]))
    assert allowed(made)["sqs:SendMessage"] == {arn("sqs", "jobs-*")}
    assert "lakeformation:GetDataAccess" not in allowed(made)
    text = reasons(made.role)
    assert "    for Send (/States/Send): Call sqs:sendMessage\n        replaced by the author" in text
    assert "One queue for each customer" in text
    assert "Not allowed, although derived\n    lakeformation:GetDataAccess\n    for Query: There is no data lake\n" in text


def test_a_distributed_map_and_copies_of_steps() -> None:
    """A Distributed Map has permissions of its own, and a copy of a step has the corrections of the step."""
    narrow = Narrow("s3:GetObject", data.arn + "/in/*", reason=WHY)
    each = DistributedMap("Each", s3_objects(data, load=True), Pass("One"), permissions=narrow)
    assert allowed(compiled(each))["s3:GetObject"] == {"${data_arn}/in/*"}
    copies = compiled(*prefixed("A", [query(narrow)]), *prefixed("B", [query(narrow)]))
    assert allowed(copies)["s3:GetObject"] == {"${data_arn}/in/*"}
    assert [one.correction.for_state for one in copies.role.outcomes] == ["AQuery", "BQuery"]


# -- what the checks say -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("correction", "expected"),
    [
        (Narrow("s3:GetObject", "data/*", reason=WHY), []),
        (Narrow("s3:GetObjekt", "data/*", reason=WHY), ["SFN720"]),
        (Allow("sqss:SendMessage", "jobs", reason=WHY), ["SFN720"]),
        (Narrow("s3:PutObjectAcl", "data/*", reason=WHY), ["SFN724"]),
        (Narrow("athena:StartQueryExecution", "workgroup/other", reason=WHY), ["SFN723"]),
        (Narrow("athena:StartQueryExecution", "workgroup/etl", reason=WHY), ["SFN724"]),
        (Allow("athena:StartQueryExecution", "workgroup/etl", reason=WHY), ["SFN724"]),
        (Allow("kms:Decrypt", "alias/x", reason=WHY), ["SFN722"]),
        (Allow("sqs:SendMessage", data, reason=WHY), ["SFN721"]),
        (Allow(["sqs:SendMessage", "dynamodb:GetItem"], [jobs], reason=WHY), ["SFN721"]),
        (Allow("cloudwatch:PutMetricData", "metric/x", reason=WHY), ["SFN722"]),
        (Allow("cloudwatch:PutMetricData", "*", reason=WHY), []),
        (Allow("sqs:*", "jobs", reason=WHY), ["SFN725"]),
        (Allow("sqs:SendMessage", "*", reason=WHY), ["SFN725"]),
        (Replace("s3:GetObject", "*", reason=WHY), ["SFN725"]),
        (Without("s3:GetObject", "data/*", reason=WHY), ["SFN724"]),
        (Without("s3:GetObject", reason=WHY), []),
    ],
)
def test_findings(correction: Any, expected: list[str]) -> None:
    """A correction that is wrong, stale, too wide or without effect is reported at its line."""
    made = compiled(query(correction))
    found = [finding for finding in check_role(made.role) if finding.code != "SFN701"]
    assert [finding.code for finding in found] == expected
    assert all(made.locate(finding.at) == correction.source.span() for finding in found)


@pytest.mark.parametrize(
    "make",
    [
        lambda: Allow("s3:GetObject", "data/*", reason=" "),
        lambda: Allow("s3:GetObject", [], reason=WHY),
        lambda: Allow("*", "*", reason=WHY),
        lambda: Allow([], "*", reason=WHY),
        lambda: Allow("s3:GetObject", 5, reason=WHY),  # type: ignore[arg-type]
        lambda: Narrow("s3:GetObject", reason=WHY),
        lambda: Without("s3:GetObject", conditions={"Bool": {"aws:SecureTransport": "true"}}, reason=WHY),
        lambda: Allow("s3:GetObject", "x", conditions={"StringEqual": {"a:b": "c"}}, reason=WHY),
        lambda: Task("T", jobs.send_message(), permissions="sqs:SendMessage"),  # type: ignore[arg-type]
        lambda: Workflow("w", steps=[Pass("P")], permissions=[1]),  # type: ignore[list-item]
    ],
)
def test_what_is_refused_where_it_is_written(make: Any) -> None:
    """An invalid correction is an error at its line."""
    with pytest.raises(InvalidWorkflowError):
        make()


@pytest.mark.parametrize("resource", [states.input.bucket + "/*", "arn:aws:s3:::${data}/*", "a${x}" + data.arn])
def test_a_resource_that_is_not_known_before_the_run(resource: Any) -> None:
    """A policy cannot depend on data, and text with a placeholder is not one."""
    made = compile_workflow(Workflow("w", steps=[Pass("P")], permissions=Allow("s3:GetObject", resource, reason=WHY)))
    assert [one.code for one in made.diagnostics] == ["SFN806"]


# -- what people and programs read ---------------------------------------------------------------------------------------

MODULE = """
    from generator import Allow, Bucket, Narrow, Queue, Task, Without, Workflow, integration, states

    data, jobs = Bucket("data"), Queue("jobs")
    etl = Workflow(
        "etl",
        steps=[
            Task(
                "Query",
                integration("athena:startQueryExecution", {"QueryString": states.input.sql, "WorkGroup": "etl"}),
                permissions=[
                    Narrow("s3:*", [data, data.arn + "/*"], reason="All tables are in the | bucket *data*"),
                    Narrow("glue:*", ["catalog", "database/sales", "table/sales/*"], reason="The queries are about sales"),
                    Without("lakeformation:*", reason="There is no data lake"),
                    Without("athena:GetDataCatalog", reason="Only the default catalog"),
                ],
            )
        ],
        permissions=Allow("sqs:SendMessage", jobs, reason="A library sends messages"),
    )
"""


def test_the_files_agree(project: Any) -> None:
    """`iam` derives the committed policy from the files in build/, `check-policy` finds nothing, and the README has the reasons."""
    root: Path = project(etl=MODULE)
    run = run_pipeline(Run(root))
    assert run.diagnostics == []
    built = root / "build" / "etl"
    role, problems = derive(read_definition(built / "definition.asl.json"), Settings())
    assert role is not None
    assert problems == []
    assert role.policy.document() == json.loads((built / "execution-role.policy.json").read_text())
    policy = json.loads((built / "execution-role.policy.json").read_text())
    assert {"Sid": "SqsSendMessage", "Effect": "Allow", "Action": "sqs:SendMessage", "Resource": "${jobs_arn}"} in policy["Statement"]
    assert compare(read_definition(built / "definition.asl.json"), read_file(built / "execution-role.policy.json"), Place()) == []
    readme = (built / "README.md").read_text()
    assert "## Corrections of the execution role" in readme
    assert "| all states | added | `sqs:SendMessage` | `${jobs_arn}` | A library sends messages | `workflows/etl.py` |" in readme
    assert r"| `Query` | narrowed | `s3:*` | `${data_arn}`<br>`${data_arn}/*` | All tables are in the &#124; bucket \*data\* |" in readme
    text = reasons(role)
    assert "        narrowed by the author in workflows/etl.py: The queries are about sales\n" in text
    assert "    for the workflow (/permissions/0): A library sends messages\n        added by the author in workflows/etl.py\n" in text
    assert 'variable "jobs_arn"' in (built / "variables.tf").read_text()


def test_a_state_whose_name_looks_like_a_placeholder(tmp_path: Path) -> None:
    """The file names the state as its author does, so that the correction is found again, and no internal mark is in it."""
    made = compiled(query(Narrow("s3:GetObject", data.arn + "/*", reason="As ${x} says"), "Ask ${x"))
    for name, content in artifacts(made).items():
        (tmp_path / name).write_bytes(content)
        assert not any(0xFDD0 <= ord(character) <= 0xFDEF for character in content.decode()), name
        assert b"\\ufdd0" not in content, name
    role, _ = derive(read_definition(tmp_path / "definition.asl.json"), Settings())
    assert role is not None
    assert role.policy.document() == made.role.policy.document()


def test_without_corrections_there_is_no_file() -> None:
    """The file is there only where there is something in it."""
    assert "corrections.json" not in artifacts(compiled(query()))
    assert "corrections.json" in artifacts(compiled(query(Narrow("s3:GetObject", data.arn + "/*", reason=WHY))))


@pytest.mark.parametrize("content", ["{", "{}", "[1]", '[{"correction": "allow"}]', '[{"correction": "all", "state": []}]'])
def test_another_file_of_that_name_is_ignored(content: str, tmp_path: Path) -> None:
    """It may belong to another tool."""
    (tmp_path / "definition.asl.json").write_text('{"StartAt": "A", "States": {"A": {"Type": "Succeed"}}}')
    (tmp_path / "corrections.json").write_text(content)
    walk = read_definition(tmp_path / "definition.asl.json").walk
    assert walk is not None
    assert walk.corrections == ()
    if content != "{}":
        with pytest.raises(ValueError):  # noqa: PT011 - of json, or of the index
            read_index(content)


# -- properties ----------------------------------------------------------------------------------------------------------

PIECES = st.sampled_from(["data/", "data", "in/", "*", "a", "other/", "x*"])
RESOURCE = st.lists(PIECES, min_size=1, max_size=3).map(lambda parts: "arn:aws:s3:::" + "".join(parts)) | st.just("*")
ACTION = st.sampled_from(["s3:GetObject", "s3:PutObject", "s3:ListBucket"])
GRANT = st.builds(
    Grant,
    st.lists(ACTION, min_size=1, max_size=3, unique=True).map(lambda names: tuple(sorted(names))),
    st.lists(RESOURCE, min_size=1, max_size=3, unique=True).map(tuple),
)
NEEDS = st.lists(GRANT, min_size=1, max_size=4).map(
    lambda grants: [Requirement(grant, ("States", f"S{number % 2}"), f"S{number % 2}") for number, grant in enumerate(grants)]
)


def corrections(verb: Any) -> st.SearchStrategy[Correction]:
    """Make corrections of one kind, for a state or for all."""
    return st.builds(
        Correction,
        st.just(verb),
        st.lists(ACTION | st.just("s3:*"), min_size=1, max_size=2).map(tuple),
        st.lists(RESOURCE, min_size=1, max_size=3, unique=True).map(tuple),
        st.just(()),
        st.just(WHY),
        st.sampled_from([(), ("States", "S0")]),
    )


def pairs(needs: Any) -> set[tuple[str, str]]:
    """Return the actions with their resources."""
    return {(action, resource) for need in needs for action in need.grant.actions for resource in need.grant.resources}


@given(NEEDS, st.lists(corrections("narrow") | corrections("without"), max_size=3))
def test_narrowing_only_narrows(needs: list[Requirement], chosen: list[Correction]) -> None:
    """Whatever is narrowed or removed, nothing is allowed that was not derived."""
    after, _ = corrected(needs, chosen, TEMPLATED)
    before = pairs(needs)
    for action, resource in pairs(after):
        assert any(action == other and (own == "*" or covers(own, resource)) for other, own in before)


@given(NEEDS, st.lists(corrections("allow") | corrections("replace") | corrections("narrow") | corrections("without"), max_size=3))
def test_the_role_has_what_was_derived_or_written(needs: list[Requirement], chosen: list[Correction]) -> None:
    """Nothing comes from elsewhere, whatever the corrections are, and what no correction is about stays."""
    after, outcomes = corrected(needs, chosen, TEMPLATED)
    written = {resource for outcome in outcomes for resource in outcome.resources}
    assert {resource for _, resource in pairs(after)} <= written | {resource for _, resource in pairs(needs)}
    untouched = {action for action, _ in pairs(needs)} - {a for one in chosen for a in one.actions}
    if not any("s3:*" in one.actions for one in chosen):
        assert {pair for pair in pairs(needs) if pair[0] in untouched} <= pairs(after)


@given(NEEDS)
def test_without_corrections_nothing_changes(needs: list[Requirement]) -> None:
    """The derived role is the role."""
    assert corrected(needs, (), TEMPLATED) == (tuple(needs), ())


def test_narrowing_several_actions_widens_none() -> None:
    """The resources of one bucket are no part of what was derived for another one, whatever the names of both will be."""
    reports = Bucket("reports")
    copy = Task(
        "Copy",
        sdk.s3.copy_object(
            Bucket=reports.bucket_name, Key=states.input.key, CopySource=fn.format("{}/{}", data.bucket_name, states.input.key)
        ),
        permissions=Narrow("s3:*", [data.arn + "/orders/*", reports.arn + "/athena/*"], reason=WHY),
    )
    allowed = {action: statement.resources for statement in compiled(copy).role.policy.statements for action in statement.actions}
    assert all("data" not in text for text in allowed["s3:PutObject"]), allowed
