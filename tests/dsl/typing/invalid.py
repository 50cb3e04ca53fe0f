"""Mistakes that a type checker reports before anything runs. Each line with ``# wrong`` has one."""

from generator import Retry, Task, aws, errors, fn, sdk, states, when

Retry(errors.ALL, max_attempt=3)  # wrong
Task("T", sdk.s3.get_object(Bucket="b"), retries=3)  # wrong
Task("T", 3)  # wrong
aws.glue.start_job_run(Arguments={})  # wrong
aws.glue.start_job_run(JobName="j", WorkerTyp="G.1X")  # wrong
aws.glue.start_job_run(JobName="j", WorkerType="G.3X")  # wrong
aws.glue.start_job_runs(JobName="j")  # wrong
aws.gleu.start_job_run(JobName="j")  # wrong
aws.batch.submit_job("name")  # wrong
fn.lenght(states.input.a)  # wrong
fn.map_(states.input.a, 3)  # wrong
name = errors.TIMEOUTS  # wrong
data = states.inptu  # wrong
when([1])  # wrong
