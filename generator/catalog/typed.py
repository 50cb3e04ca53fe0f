"""Write the typed functions of :mod:`generator.dsl.aws` from the catalogue; the target ``catalog`` of the Makefile runs it.

The signatures are those of the catalogue. The texts are botocore's, shortened to one sentence each. An action with an optimised
integration gets it, since only this one can wait for the end of a job; any other is an AWS SDK integration.
"""

from __future__ import annotations

import html
import re
import sys
import textwrap
from pathlib import Path
from typing import Any, Final

from generator.catalog import index, naming, optimised
from generator.catalog.index import Action, Shape
from generator.catalog.integrations import SYNC, SYNC_2, WAIT_FOR_TASK_TOKEN
from generator.catalog.optimised.model import Integration
from generator.catalog.spelling import snake

FOLDER: Final = Path(__file__).parents[1] / "dsl" / "aws"

SERVICES: Final[dict[str, tuple[str, ...]]] = {
    "athena": ("Athena", "athena:startQueryExecution getQueryExecution getQueryResults stopQueryExecution"),
    "batch": ("AWS Batch", "batch:submitJob describeJobs terminateJob"),
    "bedrock": ("Amazon Bedrock", "bedrock:invokeModel createModelCustomizationJob bedrockruntime:converse applyGuardrail"),
    "cloudwatch": ("CloudWatch", "cloudwatch:putMetricData"),
    "codebuild": ("CodeBuild", "codebuild:startBuild stopBuild startBuildBatch batchGetBuilds"),
    "databrew": ("Glue DataBrew", "databrew:startJobRun describeJobRun"),
    "dynamodb": (
        "DynamoDB",
        "dynamodb:getItem putItem updateItem deleteItem query scan batchGetItem batchWriteItem transactGetItems transactWriteItems",
        "executeStatement batchExecuteStatement executeTransaction describeTable",
    ),
    "ecs": ("Amazon ECS", "ecs:runTask stopTask describeTasks updateService describeServices"),
    "emr": ("Amazon EMR", "elasticmapreduce:createCluster terminateCluster addStep cancelStep setClusterTerminationProtection"),
    "emr_serverless": (
        "EMR Serverless",
        "emr-serverless:startJobRun cancelJobRun createApplication startApplication stopApplication deleteApplication",
        "emrserverless:getJobRun",
    ),
    "events": ("EventBridge", "events:putEvents eventbridge:putRule putTargets removeTargets deleteRule enableRule disableRule"),
    "firehose": ("Amazon Data Firehose", "firehose:putRecord putRecordBatch"),
    "glue": (
        "AWS Glue",
        "glue:startJobRun getJobRun batchStopJobRun startCrawler getCrawler startWorkflowRun getTable createPartition batchCreatePartition",
    ),
    "kinesis": ("Kinesis Data Streams", "kinesis:putRecord putRecords"),
    "lambda_": ("AWS Lambda", "lambda:invoke"),
    "mediaconvert": ("MediaConvert", "mediaconvert:createJob getJob"),
    "rds_data": (
        "the RDS Data API",
        "rdsdata:executeStatement batchExecuteStatement beginTransaction commitTransaction rollbackTransaction",
    ),
    "redshift_data": ("the Redshift Data API", "redshiftdata:executeStatement batchExecuteStatement describeStatement getStatementResult"),
    "s3": (
        "Amazon S3",
        "s3:getObject putObject copyObject deleteObject deleteObjects headObject listObjectsV2 getObjectTagging putObjectTagging",
        "restoreObject",
    ),
    "sagemaker": (
        "SageMaker AI",
        "sagemaker:createTrainingJob createProcessingJob createTransformJob createHyperParameterTuningJob createLabelingJob createModel",
        "createEndpointConfig createEndpoint updateEndpoint createModelPackage describeTrainingJob describeEndpoint deleteEndpoint",
    ),
    "scheduler": ("EventBridge Scheduler", "scheduler:createSchedule updateSchedule deleteSchedule getSchedule"),
    "secretsmanager": ("Secrets Manager", "secretsmanager:getSecretValue putSecretValue"),
    "sesv2": ("Amazon SES", "sesv2:sendEmail sendBulkEmail"),
    "sns": ("Amazon SNS", "sns:publish publishBatch"),
    "sqs": ("Amazon SQS", "sqs:sendMessage sendMessageBatch receiveMessage deleteMessage"),
    "ssm": ("Systems Manager", "ssm:getParameter getParameters putParameter sendCommand startAutomationExecution"),
    "stepfunctions": (
        "Step Functions",
        "states:startExecution sfn:startSyncExecution stopExecution describeExecution listExecutions sendTaskSuccess sendTaskFailure",
    ),
    "textract": ("Textract", "textract:analyzeDocument detectDocumentText startDocumentAnalysis getDocumentAnalysis"),
    "transcribe": ("Amazon Transcribe", "transcribe:startTranscriptionJob getTranscriptionJob"),
    "translate": ("Amazon Translate", "translate:translateText"),
}
"""The module of each service: the service, and its actions, each with the service in the Resource of a Task before it."""

_OWN: Final = {
    "ClusterId": "the id of the cluster.",
    "ExecutionRoleArn": "the role of the step.",
    "Input": 'the place in S3 of the request\'s body, ``{"S3Uri": …}``.',
    "Output": 'the place in S3 for the response, ``{"S3Uri": …}``.',
    "Payload": "the event, any JSON value.",
    "Step": "the step to add.",
    "StepId": "the id of the step.",
    "TerminationProtected": "whether the cluster is protected from termination.",
    "VisibleToAllUsers": "whether all principals of the account can see the cluster.",
}
"""The parameters that only the optimised integration has."""

_SUMMARIES: Final = {
    "bedrockruntime:applyGuardrail": "Apply a guardrail to a text or an image.",
    "databrew:describeJobRun": "Describe one run of a DataBrew job.",
    "dynamodb:batchExecuteStatement": "Run several statements in PartiQL, each on its own.",
    "dynamodb:batchGetItem": "Read up to 100 items from one or more tables.",
    "dynamodb:batchWriteItem": "Put or delete up to 25 items in one or more tables.",
    "dynamodb:executeStatement": "Run a statement in PartiQL, which reads or writes single items.",
    "dynamodb:executeTransaction": "Run several statements in PartiQL, all or none.",
    "dynamodb:getItem": "Read the attributes of the item with a primary key.",
    "dynamodb:putItem": "Create an item, or replace the item with the same key.",
    "dynamodb:query": "Find the items with a partition key, in a table or an index, one page at a time.",
    "dynamodb:scan": "Read all items of a table or an index, one page at a time.",
    "dynamodb:transactGetItems": "Read up to 100 items at one point in time.",
    "dynamodb:transactWriteItems": "Write up to 100 items, all or none.",
    "dynamodb:updateItem": "Edit the attributes of an item, or create it.",
    "elasticmapreduce:addStep": "Add a step to a cluster.",
    "elasticmapreduce:createCluster": "Create a cluster and start it.",
    "elasticmapreduce:setClusterTerminationProtection": "Protect a cluster from termination, or end the protection.",
    "elasticmapreduce:terminateCluster": "Terminate a cluster.",
    "events:putRule": "Create or update a rule.",
    "lambda:invoke": "Invoke a function; ``function.invoke(…)`` of a declared Function is shorter.",
    "mediaconvert:createJob": "Create a transcoding job.",
    "s3:deleteObjects": "Delete up to 1,000 objects of a bucket.",
    "s3:getObjectTagging": "Read the tags of an object.",
    "s3:headObject": "Read the metadata of an object.",
    "s3:putObject": "Write an object into a bucket.",
    "s3:putObjectTagging": "Set the tags of an object.",
    "s3:restoreObject": "Restore an archived copy of an object.",
    "secretsmanager:putSecretValue": "Create a new version of a secret.",
    "sfn:sendTaskFailure": "Report that a task with a task token failed.",
    "sfn:sendTaskSuccess": "Report the output of a task with a task token.",
    "sns:publish": "Publish a message to a topic, or send a text message to a phone number.",
    "sqs:sendMessageBatch": "Send up to 10 messages to a queue.",
    "ssm:getParameter": "Read a parameter.",
    "ssm:getParameters": "Read up to 10 parameters.",
    "ssm:putParameter": "Create or change a parameter.",
}
"""The first lines of actions that botocore describes in another form than what they do."""

_SCALARS: Final = {
    "string": "str | Expr",
    "integer": "int | Expr",
    "number": "float | Expr",
    "boolean": "bool | Expr",
    "timestamp": "str | datetime | Expr",
    "blob": "Payload",
    "document": "Payload",
    "structure": "Mapping[str, Payload] | Expr",
}
_MOST_VALUES: Final = 24
"""The most values of an enumeration that a signature lists; the checks know all of them."""
_MOST_MEMBERS: Final = 8
_LONGEST: Final = 108
_LINE: Final = 132
_TEXT_END: Final = re.compile(r"(?<=[\w)`'\"])\.(?=\s+[A-Z`]|\s*$)")
_TAG: Final = re.compile(r"<(p|li|br|/p|/li|note|important)>|<[^>]*>")

_HEAD: Final = '''"""{title}: calls with types. Written by :mod:`generator.catalog.typed`; do not edit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Literal

from generator.dsl.aws.call import call, unknown
from generator.dsl.expressions import Expr, Payload
from generator.dsl.integrations import Integration

__all__ = [{names}]
'''
_TAIL: Final = """

if not TYPE_CHECKING:  # type checkers report the name themselves
    __getattr__ = unknown(__name__, __all__)
"""


class _Models:
    """The models of botocore, by the name of the service in Step Functions."""

    def __init__(self) -> None:
        from botocore.loaders import Loader

        self.loader = Loader(include_default_search_paths=False)
        self.loader.search_paths.append(self.loader.BUILTIN_DATA_PATH)
        self.loaded: dict[str, Any] = {}

    def operation(self, action: Action) -> tuple[dict[str, Any], dict[str, str]]:
        """Return an operation, and the texts of its parameters by their names in Step Functions."""
        client = action.service.client
        if client not in self.loaded:
            self.loaded[client] = self.loader.load_service_model(client, "service-2")
        model = self.loaded[client]
        (entry,) = [value for name, value in model["operations"].items() if naming.action(name) == action.name]
        members = model["shapes"][entry["input"]["shape"]]["members"] if "input" in entry else {}
        return entry, {naming.parameter(name): member.get("documentation", "") for name, member in members.items()}


def modules() -> dict[str, str]:
    """Return the text of each module by its name."""
    models = _Models()
    return {name: _module(title, " ".join(actions), models) for name, (title, *actions) in SERVICES.items()}


def _module(title: str, actions: str, models: _Models) -> str:
    functions = []
    service = ""
    for word in actions.split():
        before, _, name = word.rpartition(":")
        service = before or service
        functions.append((snake(name), _function(service, name, models)))
    functions.sort()
    names = "".join(f'\n    "{name}",' for name, _ in functions) + "\n"
    return _used(_HEAD.format(title=title, names=names), "".join(f"\n\n{text}" for _, text in functions)) + _TAIL


def _used(head: str, body: str) -> str:
    """Return the module with the imports that it needs."""
    for line, word in (
        ("from datetime import datetime\n", "datetime"),
        ("from collections.abc import Mapping, Sequence\n", "Sequence"),
        ("from typing import TYPE_CHECKING, Literal\n", "Literal"),
    ):
        if not re.search(rf"\b{word}\b", body):
            head = head.replace(line, line.replace(", Sequence", "").replace(", Literal", "") if ", " in line else "")
    if not re.search(r"\bMapping\b", body):
        head = head.replace("import Mapping, Sequence", "import Sequence").replace("from collections.abc import Mapping\n", "")
    return head.replace("Expr, Payload", "Expr") + body if "Payload" not in body else head + body


def _function(service: str, name: str, models: _Models) -> str:
    integration = optimised.INTEGRATIONS.get(f"{service}:{name}")
    if integration is None:
        client = index.find_action(service, name) or index.find_action(optimised.SERVICES[service].sdk, name)
        api = client
    else:
        api = index.find_action(*integration.api) if integration.api else None
    if api is None:
        raise LookupError(f"{service}:{name} is not an action of the catalogue")
    entry, texts = models.operation(api)
    parameters = _parameters(api, integration)
    resource = f"{service}:{name}" if integration else f"aws-sdk:{api.service.name}:{api.name}"
    shape = "" if integration is None or not integration.takes_api_parameters else f"{api.service.name}:{api.name}"
    lines = [f"def {snake(name)}("]
    if parameters:
        lines.append("    *,")
    lines += [_wrapped(f"    {parameter}: {kind}{'' if required else ' | None = None'},") for parameter, kind, required in parameters]
    lines.append(") -> Integration:")
    summary = _SUMMARIES.get(f"{service}:{name}") or _summary(entry.get("documentation", ""), api)
    lines += [f'    """{summary}', "", *_notes(resource, api, integration)]
    if parameters:
        lines += ["", "    Args:"]
        lines += [
            f"        {parameter}: {_entry(_OWN.get(parameter) or texts.get(parameter, ''), kind)}" for parameter, kind, _ in parameters
        ]
    source = integration.source if integration else entry.get("documentationUrl") or _api_page(api)
    lines += ["", f"    Source: {source}", '    """']
    given = "locals()" if parameters else "{}"
    lines.append(f'    return call("{resource}", {given}' + (f', "{shape}")' if shape else ")"))
    return "\n".join(lines) + "\n"


def _wrapped(line: str) -> str:
    """Return a parameter in several lines if it has a long list of values."""
    if len(line) <= _LINE:
        return line
    before, _, rest = line.partition("Literal[")
    values, _, after = rest.partition("]")
    indent = " " * 8
    inner = textwrap.TextWrapper(_LINE, initial_indent=indent, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False)
    wrapped = inner.wrap(values)
    return "\n".join([f"{before}Literal[", *wrapped, f"    ]{after}"])


def _parameters(api: Action, integration: Integration | None) -> list[tuple[str, str, bool]]:
    """Return the parameters with their types, and whether they are required; the required ones come first."""
    own = integration.own if integration else frozenset()
    needs = integration.needs if integration else frozenset()
    any_json = integration.any_json if integration else frozenset()
    members = api.input.members if integration is None or integration.takes_api_parameters else {}
    found = [
        (name, "Payload" if name in any_json else _type(shape), name in api.input.required and name not in own)
        for name, shape in members.items()
        if name not in own
    ]
    found += [(name, _type_of_own(name), name in needs) for name in sorted(own)]
    return sorted(found, key=lambda row: not row[2])


def _type_of_own(name: str) -> str:
    if name.endswith(("Protected", "Users")):
        return "bool | Expr"
    return "str | Expr" if name.endswith(("Id", "Arn")) else "Payload"


def _type(shape: Shape) -> str:
    if shape.enum and len(shape.enum) <= _MOST_VALUES:
        return "Literal[" + ", ".join(f'"{value}"' for value in shape.enum) + "] | Expr"
    if shape.kind in ("list", "map") and shape.item is not None:
        item = _type(shape.item)
        inner = "Payload" if item == "Payload" or shape.item.kind in ("list", "map") else item
        return f"Sequence[{inner}] | Expr" if shape.kind == "list" else f"Mapping[str, {inner}] | Expr"
    return _SCALARS[shape.kind]


def _notes(resource: str, api: Action, integration: Integration | None) -> list[str]:
    words = {SYNC: ".sync()", SYNC_2: ".sync() with JSON in the result", WAIT_FOR_TASK_TOKEN: ".wait_for_task_token()"}
    patterns = integration.patterns if integration else ()
    ways = [f"``{words[pattern]}``" for pattern in patterns if pattern in (SYNC, WAIT_FOR_TASK_TOKEN)]
    members = list(integration.response if integration and integration.response else api.output.members)
    result = ", ".join(f"``{name}``" for name in members[:_MOST_MEMBERS]) + (", …" if len(members) > _MOST_MEMBERS else "")
    lines = [f"    Resource: ``{resource}``" + (f", also with {' or '.join(ways)}" if ways else "") + "."]
    return lines + ([f"    Result: {result}."] if members else [])


def _api_page(api: Action) -> str:
    return f"https://boto3.amazonaws.com/v1/documentation/api/latest/reference/services/{api.service.client}/client/{snake(api.name)}.html"


def _plain(text: str) -> str:
    """Return the text of HTML in one line, its paragraphs apart by a full stop."""
    text = _TAG.sub(lambda found: " \x00 " if found[1] else "", text.replace("<code>", "``").replace("</code>", "``"))
    text = html.unescape(" ".join(text.split())).replace("\\", "/").replace("\u00a0", " ")
    parts = [part.strip() for part in text.split("\x00") if part.strip()]
    return parts[0] if parts else ""


def _sentence(text: str) -> str:
    """Return the first sentence without its full stop, shortened at the end of a word."""
    first = _TEXT_END.split(_plain(text), maxsplit=1)[0].rstrip(" .:;,")
    if len(first) <= _LONGEST:
        return first
    cut = first[:_LONGEST].rpartition(" ")[0].rstrip(" ,;:(")
    return (cut.rpartition("``")[0].rstrip(" ,;:(") if cut.count("``") % 2 else cut) + " …"


_NOT_VERBS: Final = frozenset({"this", "access", "always", "us", "aws", "process"})


def _summary(text: str, api: Action) -> str:
    sentence = _sentence(text)
    verb, _, rest = sentence.partition(" ")
    if not verb.endswith("s") or verb.lower() in _NOT_VERBS or not verb.isalpha() or not verb[0].isupper() or verb[1:] != verb[1:].lower():
        known = verb in ("Retrieve", "Add", "Run", "Send", "Return", "Start")
        return f"{sentence}." if known else f"Call {api.name[:1].upper()}{api.name[1:]} of {api.service.service_id}."
    stem = verb[:-2] if verb.endswith(("shes", "sses", "ches")) else f"{verb[:-3]}y" if verb.endswith("ies") else verb[:-1]
    return f"{stem} {rest}" + ("" if sentence.endswith("…") else ".")


def _entry(text: str, kind: str) -> str:
    sentence = _sentence(text) or ("a value of the request" if "Mapping" in kind else "see the reference")
    starts = len(sentence) > 1 and sentence[0].isupper() and (sentence[1].islower() or sentence[1] == " ") and not sentence.startswith("I ")
    name = sentence.split(" ", 1)[0]
    lowered = sentence[0].lower() + sentence[1:] if starts and name not in ("Amazon", "Athena", "Kinesis", "Lambda", "Glue") else sentence
    return lowered + ("" if lowered.endswith(("…", ".")) else ".")


def stale() -> list[str]:
    """Return the modules that differ from what would be written."""
    made = modules()
    on_disk = {path.stem for path in FOLDER.glob("*.py")} - {"__init__", "call"}
    changed = {name for name, text in made.items() if not (path := FOLDER / f"{name}.py").exists() or path.read_text("utf-8") != text}
    return sorted(changed | (on_disk - {*made}))


def main() -> int:
    """Write the modules."""
    made = modules()
    for name in stale():
        path = FOLDER / f"{name}.py"
        if name in made:
            path.write_text(made[name], encoding="utf-8")
        else:
            path.unlink()
        sys.stdout.write(f"{path.name}: {'written' if name in made else 'removed'}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
