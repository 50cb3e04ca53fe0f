"""Kubernetes: ``eks:call`` and ``eks:runJob`` make requests to the API server of a cluster.

Source: https://docs.aws.amazon.com/step-functions/latest/dg/connect-eks.html

The response of ``eks:call`` has the members that the guide shows in a cause; that a job's is the same, with ``logs`` beside it, is a guess.
"""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlencode, urlsplit

from generator.asl import error_names
from generator.catalog.optimised.model import value_at
from generator.engine.failure import StateError
from generator.engine.history import json_text, text_bytes

if TYPE_CHECKING:
    from generator.engine.calls.call import Call
    from generator.engine.clock import Branch

POLL_SECONDS: Final = 60.0
"""Seconds between two looks at a job: "approximately 1 poll per minute"."""
_SECONDS: Final = 30
_LOCAL: Final = frozenset({"localhost", "127.0.0.1", "::1"})
_JOBS: Final = "/apis/batch/v1/namespaces/{}/jobs"


def perform(call: Call) -> Branch:
    """Make a request, or run a job.

    Raises:
        StateError: ``EKS.…`` with the status of a response that is an error, ``States.TaskFailed`` for a job that failed.
    """
    parameters = call.parameters if isinstance(call.parameters, dict) else {}
    endpoint = str(parameters.get("Endpoint", ""))
    if call.frame.run.engine.clients is None and urlsplit(endpoint).hostname not in _LOCAL:
        raise call.unavailable(call.mock_hint("The API servers of clusters are called only with clients=..."))
    if call.task.action == "call":
        path, query = str(parameters.get("Path", "")), parameters.get("QueryParameters")
        response = _request(call, str(parameters.get("Method", "GET")), path, query, parameters.get("RequestBody"))
    else:
        jobs = _JOBS.format(parameters.get("Namespace", "default"))
        response = _request(call, "POST", jobs, None, parameters.get("Job"))
    if not call.task.pattern:
        return response
    call.submitted(response)
    if call.task.pattern == ".waitForTaskToken":
        result = yield from call.token_answer()
        return result
    result = yield from _followed(call, f"{jobs}/{value_at(response, 'ResponseBody.metadata.name')}")
    return result


def _followed(call: Call, job: str) -> Branch:
    """Wait until a job ends, and return it with its logs."""
    run = call.frame.run
    ends = None if call.timeout is None else run.clock.now() + call.timeout
    while True:
        response = _request(call, "GET", job)
        conditions = value_at(response, "ResponseBody.status.conditions") or []
        ended = {each.get("type") for each in conditions if each.get("status") == "True"}
        if "Failed" in ended:
            raise StateError(error_names.TASK_FAILED, json_text(response))
        if "Complete" in ended:
            return {**response, **_logs(call, response["ResponseBody"])}
        if ends is not None and run.clock.now() >= ends:
            raise StateError(error_names.TIMEOUT, None)
        yield run.scheduler.timer(POLL_SECONDS if ends is None else min(POLL_SECONDS, ends - run.clock.now()))


def _logs(call: Call, job: dict[str, Any]) -> dict[str, Any]:
    """Return the logs of a job's containers, as ``LogOptions`` asks for them."""
    options = call.parameters.get("LogOptions") or {}
    if not options.get("RetrieveLogs"):
        return {}
    namespace, name = value_at(job, "metadata.namespace") or "default", value_at(job, "metadata.name")
    pods = f"/api/v1/namespaces/{namespace}/pods"
    found = _request(call, "GET", pods, {"labelSelector": [f"job-name={name}"]})
    shown: dict[str, Any] = {}
    for pod in value_at(found, "ResponseBody.items") or []:
        containers = {}
        for container in value_at(pod, "spec.containers") or []:
            asked = {**(options.get("LogParameters") or {}), "container": [container["name"]]}
            try:
                log: Any = _request(call, "GET", f"{pods}/{pod['metadata']['name']}/log", asked, raw=True)["ResponseBody"]
            except StateError as failure:
                containers[container["name"]] = {"error": failure.error, "cause": failure.cause}
            else:
                containers[container["name"]] = {"log": log if options.get("RawLogs") else _value(log)}
        shown[pod["metadata"]["name"]] = {"containers": containers}
    return {"logs": {"pods": shown}}


def _request(call: Call, method: str, path: str, query: Any = None, body: Any = None, *, raw: bool = False) -> dict[str, Any]:
    import ssl  # noqa: PLC0415  as slow to import as the whole engine
    from urllib import error as errors  # noqa: PLC0415
    from urllib import request as client  # noqa: PLC0415

    parameters = call.parameters
    url = str(parameters["Endpoint"]).rstrip("/") + path + (f"?{urlencode(query, doseq=True)}" if query else "")
    data = None if body is None else text_bytes(body if isinstance(body, str) else json_text(body))
    headers = {"Accept": "application/json", **({} if data is None else {"Content-Type": "application/json"})}
    if call.frame.run.engine.clients is not None:
        headers["Authorization"] = f"Bearer {_token(call, str(parameters.get('ClusterName', '')))}"
    context = None
    if url.startswith("https:"):
        context = ssl.create_default_context(cadata=base64.b64decode(parameters.get("CertificateAuthority", "")).decode())
    request = client.Request(url, data, headers, method=method)  # noqa: S310  the endpoint of a cluster
    try:
        with client.urlopen(request, timeout=_SECONDS, context=context) as answer:  # noqa: S310  the endpoint of a cluster
            text = answer.read().decode()
            return {"ResponseBody": text if raw else _value(text), "StatusCode": answer.status, "StatusText": answer.reason}
    except errors.HTTPError as error:
        shown = {"ResponseBody": _value(error.read().decode()), "StatusCode": error.code, "StatusText": error.reason}
        raise StateError(f"EKS.{error.code}", json_text(shown)) from None
    except (OSError, ValueError) as error:
        raise StateError("EKS.SdkClientException", str(error)) from None


def _value(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text


def _token(call: Call, cluster: str) -> str:
    """Return the token of the caller: https://docs.aws.amazon.com/eks/latest/userguide/cluster-auth.html."""
    from botocore.signers import RequestSigner

    sts = call.frame.run.engine.client("sts")
    region = sts.meta.region_name
    credentials = sts._request_signer._credentials  # noqa: SLF001  the way that the AWS CLI takes, too
    signer = RequestSigner(sts.meta.service_model.service_id, region, "sts", "v4", credentials, sts.meta.events)
    url = f"https://sts.{region}.amazonaws.com/?Action=GetCallerIdentity&Version=2011-06-15"
    asked = {"method": "GET", "url": url, "body": {}, "headers": {"x-k8s-aws-id": cluster}, "context": {}}
    signed = signer.generate_presigned_url(asked, region_name=region, expires_in=60, operation_name="")
    return "k8s-aws-v1." + base64.urlsafe_b64encode(signed.encode()).decode().rstrip("=")
