"""Jobs that a task waits for (``.sync``): asked for again and again until they end.

Each job service has an action that describes a job, the place of the job's identifier in the response to the request, and
the states that mean success or failure.

Source: https://docs.aws.amazon.com/step-functions/latest/dg/integrate-optimized.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from generator.engine.dataflow import StateFailure
from generator.engine.history import json_text
from generator.engine.integrations import make_request
from generator.engine.tasks import unavailable

if TYPE_CHECKING:
    from generator.engine.clock import Branch
    from generator.engine.tasks import Call

POLL_SECONDS = 5.0
"""Virtual seconds between two looks at a job."""


class Job(NamedTuple):
    """How one kind of job is followed.

    Attributes:
        describe: The action that describes it.
        given: The parameter of that action that names the job, in a list where it takes several.
        found: Where the response to the request names the job.
        subject: Where the description stands in the answer.
        status: Where its status stands in the description.
        good: Statuses of success.
        bad: Statuses of failure.
        also: Parameters that the describing action takes over from the request.
    """

    describe: str
    given: str
    found: tuple[str | int, ...]
    subject: tuple[str | int, ...]
    status: tuple[str | int, ...]
    good: frozenset[str]
    bad: frozenset[str]
    also: tuple[str, ...] = ()


def _sagemaker(kind: str, name: str) -> Job:
    bad = frozenset({"Failed", "Stopped"})
    return Job(f"describe{kind}", name, ("$parameters", name), (), (f"{kind}Status",), frozenset({"Completed"}), bad)


JOBS: dict[tuple[str, str], Job] = {
    ("batch", "submitJob"): Job(
        "describeJobs", "Jobs", ("JobId",), ("Jobs", 0), ("Status",), frozenset({"SUCCEEDED"}), frozenset({"FAILED"})
    ),
    ("ecs", "runTask"): Job(
        "describeTasks", "Tasks", ("Tasks", 0, "TaskArn"), ("Tasks", 0), ("LastStatus",), frozenset({"STOPPED"}), frozenset(), ("Cluster",)
    ),
    ("glue", "startJobRun"): Job(
        "getJobRun",
        "RunId",
        ("JobRunId",),
        ("JobRun",),
        ("JobRunState",),
        frozenset({"SUCCEEDED"}),
        frozenset({"FAILED", "TIMEOUT", "STOPPED", "ERROR"}),
        ("JobName",),
    ),
    ("codebuild", "startBuild"): Job(
        "batchGetBuilds",
        "Ids",
        ("Build", "Id"),
        ("Builds", 0),
        ("BuildStatus",),
        frozenset({"SUCCEEDED"}),
        frozenset({"FAILED", "FAULT", "TIMED_OUT", "STOPPED"}),
    ),
    ("athena", "startQueryExecution"): Job(
        "getQueryExecution",
        "QueryExecutionId",
        ("QueryExecutionId",),
        (),
        ("QueryExecution", "Status", "State"),
        frozenset({"SUCCEEDED"}),
        frozenset({"FAILED", "CANCELLED"}),
    ),
    ("sagemaker", "createTrainingJob"): _sagemaker("TrainingJob", "TrainingJobName"),
    ("sagemaker", "createTransformJob"): _sagemaker("TransformJob", "TransformJobName"),
    ("sagemaker", "createProcessingJob"): _sagemaker("ProcessingJob", "ProcessingJobName"),
}
_LISTS = frozenset({"Jobs", "Tasks", "Ids"})


def follow(call: Call, response: Any) -> Branch:
    """Wait until the job ends and give its description.

    Raises:
        StateFailure: The job failed, or the task's time is up.
    """
    task = call.task
    job = JOBS.get((task.service, task.action))
    if job is None:
        raise unavailable(call, f"Waiting for {task.service}:{task.action} is not simulated: pass mocks={{'{task.name}': ...}}.")
    run = call.frame.run
    name = _at({**response, "$parameters": call.parameters}, job.found)
    request = {job.given: [name] if job.given in _LISTS else name}
    request.update({key: call.parameters[key] for key in job.also if key in call.parameters})
    ends = None if call.timeout is None else run.clock.now() + call.timeout
    while True:
        description = _at(make_request(call, task.service, job.describe, request), job.subject)
        status = _at(description, job.status)
        if status in job.good:
            return {key: value for key, value in description.items() if key not in {"SdkHttpMetadata", "SdkResponseMetadata"}}
        if status in job.bad:
            raise StateFailure("States.TaskFailed", json_text(description))
        if ends is not None and run.clock.now() >= ends:
            raise StateFailure("States.Timeout", None)
        yield run.scheduler.timer(POLL_SECONDS if ends is None else min(POLL_SECONDS, ends - run.clock.now()))


def _at(value: Any, path: tuple[str | int, ...]) -> Any:
    for key in path:
        value = value[key]
    return value
