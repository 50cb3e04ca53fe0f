"""Refuse a plan that does more than it was asked to: that loses data, ends a rollback unasked, or deploys under the name of a rollback.

``terraform show -json PLAN | python3 guard.py``. The variable PROTECTED says whether the environment is protected; RELEASE says what was
asked: ``new`` (or nothing) to deploy, ``forward`` to deploy and end a rollback, anything else to go back to that release.
"""

import json
import os
import sys

LOSSES = {
    "aws_api_gateway_rest_api": "its URL changes",
    "aws_codebuild_project": "the environment cannot be deployed any more",
    "aws_codepipeline": "the environment cannot be deployed any more",
    "aws_dynamodb_table": "its items are lost",
    "aws_s3_bucket": "its objects are lost",
    "aws_s3_bucket_versioning": "what is overwritten or deleted cannot be restored",
    "aws_sfn_state_machine": "its executions and their history are lost",
    "aws_sqs_queue": "its messages are lost",
}
"""What is lost with a resource, by its type."""

PROTECTIONS = {"deletion_protection_enabled": True, "force_destroy": False}
"""The attributes that keep AWS from deleting a resource, with the value that does."""

ALIASES = {"aws_lambda_alias", "aws_sfn_alias"}


def losses(plan: dict) -> list[str]:
    """Return a line for each resource that the plan would delete, replace, or leave without protection, and that must not be lost.

    >>> change = {"address": "aws_sqs_queue.orders", "type": "aws_sqs_queue", "change": {"actions": ["delete", "create"]}}
    >>> losses({"resource_changes": [change]})
    ['aws_sqs_queue.orders would be replaced: its messages are lost']
    """
    found = []
    for each in plan.get("resource_changes", []):
        change = each["change"]
        if each["type"] in LOSSES and "delete" in change["actions"]:
            how = "replaced" if "create" in change["actions"] else "deleted"
            found.append(f"{each['address']} would be {how}: {LOSSES[each['type']]}")
        elif change["actions"] == ["update"]:
            before, after = change["before"] or {}, change["after"] or {}
            for name, safe in PROTECTIONS.items():
                if before.get(name) is safe and after.get(name) is not safe:
                    found.append(f"{each['address']} would lose its protection: {name} = {json.dumps(after.get(name))}")
    return found


def held(plan: dict) -> str | None:
    """Return the release that the environment is held at and that the plan would leave; None if there is none.

    >>> held({"output_changes": {"held_at_release": {"actions": ["delete"], "before": "b7", "after": None}}})
    'b7'
    """
    change = plan.get("output_changes", {}).get("held_at_release", {})
    return change.get("before") if change.get("before") != change.get("after") else None


def beside_aliases(plan: dict) -> list[str]:
    """Return a line for each change that a rollback does not make: it only points aliases to earlier versions.

    >>> change = {"address": "aws_sqs_queue.orders", "type": "aws_sqs_queue", "change": {"actions": ["update"]}}
    >>> beside_aliases({"resource_changes": [change]})
    ['aws_sqs_queue.orders: update']
    """
    return [
        f"{each['address']}: {', '.join(each['change']['actions'])}"
        for each in plan.get("resource_changes", [])
        if each.get("mode", "managed") == "managed"
        and each["change"]["actions"] != ["no-op"]
        and not (each["type"] in ALIASES and each["change"]["actions"] == ["update"])
    ]


def main() -> int:
    """Check the plan on standard input.

    Returns:
        the exit code: 1 if the plan is refused.
    """
    plan = json.load(sys.stdin)
    asked = os.environ.get("RELEASE") or "new"
    if os.environ.get("PROTECTED") == "true" and (lost := losses(plan)):
        print("This environment is protected, and the plan is refused:", *lost, sep="\n  ", file=sys.stderr)
        print("If that is meant, an administrator applies it by hand (terraform/README.md, Take it down).", file=sys.stderr)
        return 1
    if asked == "new" and (release := held(plan)):
        print(f"This environment was taken back to release {release}, and this plan would put what is newer live.", file=sys.stderr)
        print("If that is meant, deploy with RELEASE=forward (terraform/README.md, Go back).", file=sys.stderr)
        return 1
    if asked not in {"new", "forward"} and (more := beside_aliases(plan)):
        print("A rollback points aliases to an earlier release, and this plan does more:", *more, sep="\n  ", file=sys.stderr)
        print("The sources are not those that were deployed last. Take them, and try again.", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
