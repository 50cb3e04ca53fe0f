"""Refuse a plan that deletes or replaces what holds data or has an address that others know.

``terraform show -json PLAN | python3 guard.py``; it looks at environments that the variable PROTECTED marks as protected.
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
    "aws_sfn_state_machine": "its executions and their history are lost",
    "aws_sqs_queue": "its messages are lost",
}
"""What is lost with a resource, by its type."""


def losses(plan: dict) -> list[str]:
    """Return a line for each resource that the plan would delete or replace, and that must not be lost.

    >>> change = {"address": "aws_sqs_queue.orders", "type": "aws_sqs_queue", "change": {"actions": ["delete", "create"]}}
    >>> losses({"resource_changes": [change]})
    ['aws_sqs_queue.orders would be replaced: its messages are lost']
    """
    return [
        f"{change['address']} would be {'replaced' if 'create' in change['change']['actions'] else 'deleted'}: {LOSSES[change['type']]}"
        for change in plan.get("resource_changes", [])
        if change["type"] in LOSSES and "delete" in change["change"]["actions"]
    ]


def main() -> int:
    """Check the plan on standard input.

    Returns:
        the exit code: 1 if the environment is protected and something would be lost.
    """
    lost = losses(json.load(sys.stdin))
    if lost and os.environ.get("PROTECTED") == "true":
        print("This environment is protected, and the plan is refused:", *lost, sep="\n  ", file=sys.stderr)
        print("If that is meant, an administrator applies it by hand (terraform/README.md, Take it down).", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
