"""The kinds of resources that a workflow can use, one row each.

A row has everything about a kind that more than one part needs: its words, its ARN, its attributes, how API calls name it,
and the API call that creates its stand-in on a laptop. The declarations (:mod:`generator.dsl.resources`), the variables of
the Terraform module, the roles and the local stack read the row. A new kind is a row here and a class there.

Source of the ARNs: https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

ARN: Final = "arn"
NAME: Final = "name"
URL: Final = "url"
ATTRIBUTES: Final[Mapping[str, str]] = {ARN: "ARN", NAME: "name", URL: "URL"}
"""The attributes that deployment fills in, with the words for them."""


@dataclass(frozen=True, slots=True)
class ResourceKind:
    """One kind of resource.

    Attributes:
        key: the name of the kind.
        label: the kind in a reader's words, such as ``SQS queue``.
        arn: the ARN, with ``{partition}``, ``{region}``, ``{account}`` and ``{name}`` to be filled in.
        service: the service in the Resource of a Task that calls its API, such as ``sqs``.
        parameter: the parameter by which API calls name the resource, such as ``QueueUrl``.
        parameter_attribute: the attribute of the resource that this parameter takes.
        url: the URL, with the same fields as ``arn``; empty if the resource has none.
        create: the API operation of ``service`` that creates it on a laptop; empty if the engine stands in for it.
    """

    key: str
    label: str
    arn: str
    service: str
    parameter: str
    parameter_attribute: str
    url: str = ""
    create: str = ""

    @property
    def attributes(self) -> tuple[str, ...]:
        """The attributes that deployment fills in.

        >>> KINDS["queue"].attributes
        ('arn', 'name', 'url')
        """
        return (ARN, NAME, URL) if self.url else (ARN, NAME)

    def values(self, *, name: str, region: str, account: str, partition: str = "aws") -> dict[str, str]:
        """Return the value of each attribute for a resource that is deployed under a name.

        >>> KINDS["topic"].values(name="orders", region="eu-west-1", account="111122223333")["arn"]
        'arn:aws:sns:eu-west-1:111122223333:orders'
        """
        fields = {"partition": partition, "region": region, "account": account, "name": name}
        values = {ARN: self.arn.format(**fields), NAME: name}
        return {**values, URL: self.url.format(**fields)} if self.url else values

    @property
    def noun(self) -> str:
        """The kind without the name of its service.

        >>> KINDS["event-bus"].noun
        'event bus'
        """
        return self.key.replace("-", " ")

    @property
    def with_article(self) -> str:
        """The label with its indefinite article; the initialisms are read letter by letter.

        >>> KINDS["queue"].with_article, KINDS["table"].with_article
        ('an SQS queue', 'a DynamoDB table')
        """
        return f"{'an' if self.label.startswith(('E', 'S3', 'SN', 'SQ')) else 'a'} {self.label}"


def _regional(service: str, resource: str) -> str:
    return f"arn:{{partition}}:{service}:{{region}}:{{account}}:{resource}{{name}}"


_STATE_MACHINE: Final = ResourceKind(
    "state-machine", "Step Functions state machine", _regional("states", "stateMachine:"), "sfn", "StateMachineArn", ARN
)

KINDS: Final[Mapping[str, ResourceKind]] = {
    kind.key: kind
    for kind in (
        ResourceKind("activity", "Step Functions activity", _regional("states", "activity:"), "sfn", "ActivityArn", ARN),
        ResourceKind("bucket", "S3 bucket", "arn:{partition}:s3:::{name}", "s3", "Bucket", NAME, create="createBucket"),
        ResourceKind(
            "event-bus",
            "EventBridge event bus",
            _regional("events", "event-bus/"),
            "eventbridge",
            "EventBusName",
            NAME,
            create="createEventBus",
        ),
        ResourceKind("function", "Lambda function", _regional("lambda", "function:"), "lambda", "FunctionName", ARN),
        ResourceKind(
            "queue",
            "SQS queue",
            _regional("sqs", ""),
            "sqs",
            "QueueUrl",
            URL,
            url="https://sqs.{region}.amazonaws.com/{account}/{name}",
            create="createQueue",
        ),
        _STATE_MACHINE,
        replace(_STATE_MACHINE, key="workflow"),
        ResourceKind("table", "DynamoDB table", _regional("dynamodb", "table/"), "dynamodb", "TableName", NAME, create="createTable"),
        ResourceKind("topic", "SNS topic", _regional("sns", ""), "sns", "TopicArn", ARN, create="createTopic"),
    )
}
"""Every kind by its key."""

ACTIVITY: Final = KINDS["activity"]
BUCKET: Final = KINDS["bucket"]
EVENT_BUS: Final = KINDS["event-bus"]
FUNCTION: Final = KINDS["function"]
QUEUE: Final = KINDS["queue"]
STATE_MACHINE: Final = KINDS["state-machine"]
TABLE: Final = KINDS["table"]
TOPIC: Final = KINDS["topic"]
WORKFLOW: Final = KINDS["workflow"]
"""A workflow of this project; as a resource it is a state machine."""
STARTABLE: Final = frozenset({STATE_MACHINE.key, WORKFLOW.key})
"""The kinds that executions can be started of."""
RETENTION_DAYS: Final = (0, 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653)
"""How many days CloudWatch Logs can keep a log; 0 for ever.

Source: https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html
"""
