"""AWS Step Functions workflows as declarative Python, compiled to ASL, IAM policies, Terraform and documents.

This is the vocabulary for authors; everything a file in ``workflows/`` needs is imported from here.
"""

from generator.asl import error_names as errors
from generator.dsl import fn
from generator.dsl.expressions import Expr, Payload, jsonata, jsonpath, literal, placeholder, states, variables
from generator.dsl.integrations import Integration, http_endpoint, integration, sdk
from generator.dsl.maps import (
    DistributedMap,
    ItemBatcher,
    ItemReader,
    Map,
    ResultWriter,
    csv_items,
    json_items,
    jsonl_items,
    manifest_items,
    parquet_items,
    s3_objects,
)
from generator.dsl.resources import (
    Activity,
    Bucket,
    EventBus,
    Function,
    Grant,
    Key,
    Queue,
    Resource,
    StateMachine,
    Table,
    Topic,
    Trigger,
)
from generator.dsl.reuse import prefixed
from generator.dsl.steps import END, NEXT, Catch, Choice, Commented, Fail, Parallel, Pass, Retry, Step, Succeed, Task, Wait, When, when
from generator.dsl.workflow import Logging, Workflow

__all__ = [
    "END",
    "NEXT",
    "Activity",
    "Bucket",
    "Catch",
    "Choice",
    "Commented",
    "DistributedMap",
    "EventBus",
    "Expr",
    "Fail",
    "Function",
    "Grant",
    "Integration",
    "ItemBatcher",
    "ItemReader",
    "Key",
    "Logging",
    "Map",
    "Parallel",
    "Pass",
    "Payload",
    "Queue",
    "Resource",
    "ResultWriter",
    "Retry",
    "StateMachine",
    "Step",
    "Succeed",
    "Table",
    "Task",
    "Topic",
    "Trigger",
    "Wait",
    "When",
    "Workflow",
    "csv_items",
    "errors",
    "fn",
    "http_endpoint",
    "integration",
    "json_items",
    "jsonata",
    "jsonl_items",
    "jsonpath",
    "literal",
    "manifest_items",
    "parquet_items",
    "placeholder",
    "prefixed",
    "s3_objects",
    "sdk",
    "states",
    "variables",
    "when",
]
