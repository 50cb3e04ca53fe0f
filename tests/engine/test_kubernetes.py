"""Jobs and calls in Kubernetes, against an API server on this machine."""

import base64
import http.server
import json
import threading

import boto3
import pytest
from moto import mock_aws

from generator.engine import execute
from tests.support.machines import machine, task, types, unchecked

JOBS = "/apis/batch/v1/namespaces/default/jobs"


class Server:
    """An API server: each look at a job finds the next of its conditions."""

    def __init__(self):
        """Start it."""
        self.seen, self.conditions = [], []
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def answer(self):
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
                outer.seen.append((self.command, self.path, body, self.headers.get("Authorization", "")))
                status, value = outer.response(self.command, self.path)
                self.send_response(status)
                self.end_headers()
                self.wfile.write(value if isinstance(value, bytes) else json.dumps(value).encode())

            do_GET = do_POST = answer  # noqa: N815  the names of the standard library

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever).start()
        self.endpoint = f"http://127.0.0.1:{self.server.server_port}"

    def response(self, method, path):
        """Return status and body."""
        job = {"kind": "Job", "metadata": {"name": "j", "namespace": "default"}}
        if path == JOBS and method == "POST":
            return 201, job
        if path == f"{JOBS}/j":
            name = self.conditions.pop(0)
            return 200, {**job, "status": {"conditions": [{"type": name, "status": "True"}] if name else []}}
        if path.startswith("/api/v1/namespaces/default/pods/p/log"):
            return 200, b'{"n": 1}'
        if path.startswith("/api/v1/namespaces/default/pods?"):
            return 200, {"items": [{"metadata": {"name": "p"}, "spec": {"containers": [{"name": "c"}]}}]}
        return 401, {"kind": "Status", "message": "Unauthorized", "code": 401}


@pytest.fixture(scope="module")
def server():
    """An API server."""
    made = Server()
    yield made
    made.server.shutdown()
    made.server.server_close()


def run(server, action, clients=None, fields=None, **parameters):
    """Run a task on a cluster."""
    given = {"ClusterName": "c", "CertificateAuthority": "", "Endpoint": server.endpoint, **parameters}
    call = task(f"arn:aws:states:::eks:{action}", Parameters=given, **(fields or {}))
    return execute(unchecked(machine(("K", call))), clients=clients)


def test_a_job(server):
    """It is followed to its end, once a minute, and its logs are read."""
    server.conditions = [None, None, "Complete"]
    job = {"metadata": {"name": "j"}}
    execution = run(server, "runJob.sync", Job=job, LogOptions={"RetrieveLogs": True, "LogParameters": {"tailLines": ["6"]}})
    assert execution.status == "SUCCEEDED", execution.cause
    assert execution.duration == 120
    assert types(execution)[2:6] == ["TaskScheduled", "TaskStarted", "TaskSubmitted", "TaskSucceeded"]
    assert execution.output["logs"] == {"pods": {"p": {"containers": {"c": {"log": {"n": 1}}}}}}
    assert any("tailLines=6&container=c" in path for _, path, _, _ in server.seen)
    assert json.loads(server.seen[0][2]) == job


def test_a_job_that_fails_or_takes_too_long(server):
    """Their errors."""
    server.conditions = ["Failed"]
    failed = run(server, "runJob.sync", Job={})
    assert (failed.error, json.loads(failed.cause)["ResponseBody"]["kind"]) == ("States.TaskFailed", "Job")
    server.conditions = [None] * 9
    assert run(server, "runJob.sync", Job={}, fields={"TimeoutSeconds": 90}).error == "States.Timeout"


def test_a_refused_call(server):
    """As the developer guide shows it."""
    execution = run(server, "call", Method="GET", Path="/api/v1/none")
    body = {"kind": "Status", "message": "Unauthorized", "code": 401}
    assert execution.error == "EKS.401"
    assert json.loads(execution.cause) == {"ResponseBody": body, "StatusCode": 401, "StatusText": "Unauthorized"}


def test_the_token_of_the_caller(server, monkeypatch):
    """With clients, the request is signed for the cluster."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "test")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    with mock_aws():
        run(server, "runJob", boto3.client, Job={})
    token = server.seen[-1][3].removeprefix("Bearer k8s-aws-v1.")
    url = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)).decode()
    assert url.startswith("https://sts.us-east-1.amazonaws.com/?Action=GetCallerIdentity")
    assert "x-k8s-aws-id" in url


def test_other_machines():
    """They are called only with clients."""

    class Elsewhere:
        endpoint = "https://cluster.example.org"

    assert run(Elsewhere, "runJob.sync", Job={}).error == "Local.NotAvailable"
