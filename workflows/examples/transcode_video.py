"""Poll until done: start a job that tells nobody when it ends, and ask for its state every thirty seconds. In JSONPath."""

from generator import Choice, Fail, Retry, Succeed, Task, Wait, Workflow, errors, fn, states, when
from workflows.examples.resources import start_transcoding, transcoding_status

TRANSIENT = Retry(errors.LAMBDA_TRANSIENT, interval_seconds=2, max_attempts=6, backoff_rate=2)

pause = Wait("WaitHalfAMinute", seconds=30)
failed = Fail("TranscodingFailed", error="TranscodingFailed", cause=fn.format("Job {} failed.", states.input.job_id))

transcode_video = Workflow(
    "transcode-video",
    comment=__doc__,
    query_language="JSONPath",
    timeout_seconds=4 * 60 * 60,
    steps=[
        Task("StartTranscoding", start_transcoding.invoke({"video": states.input.video}), retry=TRANSIENT),
        pause,
        Task(
            "AskForState",
            transcoding_status.invoke({"job_id": states.input.job_id}),
            result_selector={"state": states.result.Payload.state},
            result_path="$.job",
            retry=TRANSIENT,
        ),
        Choice(
            "IsItDone",
            when(states.input.job.state == "COMPLETE"),
            when((states.input.job.state == "ERROR") | (states.input.job.state == "CANCELED"), failed),
            otherwise=pause,
        ),
        Succeed("Transcoded"),
    ],
)
