"""AWS Step Functions workflows as declarative Python, compiled to ASL, IAM policies, Terraform and documents.

A workflow is a list of steps. Each step transitions to the one below it; a rule or a catcher leads to another step, or to a list.

    from generator import Catch, Choice, Fail, Function, Succeed, Task, Workflow, errors, states, when

    check = Function("check")
    refused = Fail("Refused", error="Refused")
    order = Workflow(
        "order",
        steps=[
            Task("Check", check.invoke(states.input), catch=Catch(errors.ALL, refused)),
            Choice("Route", when(states.input.ok == True), otherwise=refused),
            Succeed("Done"),
        ],
    )

Everything that a file in workflows/ needs is imported from here. help(generator.Task) has the arguments, with types and sources.

Workflows
    Workflow           a state machine: its name, its steps, and its settings
    Logging            what an execution writes to CloudWatch Logs

States
    Task               calls a function, a service, an activity or another workflow
    Pass               returns its input or a new output, and sets variables
    Choice             selects the next state; its rules are made with when(condition, target)
    Wait               waits for a number of seconds, or until a time
    Succeed            ends its scope with success
    Fail               ends its scope with an error
    Parallel           runs branches at the same time
    Map                runs steps for each item of a list
    DistributedMap     runs steps in a child execution for each item of a large list
    Step               the class of all states, for annotations
    Steps, Target      a list of steps; where a rule or a catcher leads; for annotations

Flow and error handling
    when, When         a rule of a Choice
    Catch              the transition after an error
    Retry              when and how often to try again
    errors             the error names of Step Functions, such as errors.TASK_FAILED
    NEXT, END          the step below; the end of the workflow, the branch or the iteration
    prefixed           a copy of steps with other names
    Commented          the steps of a branch or a map, with a comment

Data
    states             the data of the state: states.input, states.result, states.error_output, states.context, states.item
    variables          the workflow's variables, which assign= sets: variables.total
    fn                 functions for expressions: fn.length(states.input.items); help(generator.fn) lists them
    Expr, Payload      the types of an expression, and of a value that may contain one, for annotations
    literal            text that must not be read as an expression
    placeholder        a value that deployment fills in
    jsonata, jsonpath  an expression in raw JSONata or JSONPath

Calls
    aws                the calls used most, with types: aws.glue.start_job_run(JobName="nightly").sync()
    sdk                all services and actions, by boto3's names: sdk.s3.get_object(Bucket="b", Key="k")
    integration        any service integration, by its ARN
    http_endpoint      an HTTPS API
    Integration        the class of all calls, with .sync() and .wait_for_task_token()

Resources, declared once and deployed as {project}-{env}-{name}
    Function           a Lambda function: check.invoke(payload)
    Queue              an SQS queue: queue.send_message(body)
    Table, Key         a DynamoDB table: orders.get_item(key), and an attribute of its key
    Topic              an SNS topic: topic.publish(message)
    Bucket             an S3 bucket
    EventBus           an EventBridge event bus: bus.put_event("Ordered", source="shop")
    Activity           work that a worker polls for: packing.perform(payload)
    StateMachine       a state machine of another project: machine.run(payload)
    Trigger, Grant     how a function consumes a queue; what a function may do with a resource
    Resource           the class of all resources, for annotations

Triggers of a workflow
    Schedule           starts executions at times: Schedule("rate(5 minutes)")
    EventRule          starts an execution for each event that matches a pattern

Corrections of the derived execution role, each with a reason
    Allow, Narrow      adds a permission; limits a derived one to fewer resources
    Replace, Without   gives a derived permission other resources; removes it

Items and results of a DistributedMap
    csv_items, json_items, jsonl_items, parquet_items    the rows of a file in S3
    s3_objects, manifest_items                           the objects of a bucket, or of a manifest
    ItemReader         any other source of items
    ItemBatcher        how items are grouped into batches
    ResultWriter       where the results go

The command is sfn-generator; sfn-generator --help lists what it does, and sfn-generator explain CODE explains a message.
"""

import sys
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from generator.vocabulary import *  # noqa: F403  the one list is there
    from generator.vocabulary import __all__ as __all__


def __getattr__(name: str) -> Any:
    if name.startswith("__") and name != "__all__":  # what Python and tools ask every package for
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    vocabulary = import_module("generator.vocabulary")
    if name == "__all__":
        if sys._getframe(1).f_globals.get("__name__") == "pydoc":  # noqa: SLF001  help() would write each class in full: 2,600 lines
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        return vocabulary.__all__
    if name not in vocabulary.__all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}", name=name, obj=vocabulary)
    return getattr(vocabulary, name)


def __dir__() -> list[str]:
    own = {name for name in globals() if name.startswith("__")} - {"__getattr__", "__dir__"}
    return sorted({*own, *import_module("generator.vocabulary").__all__})
