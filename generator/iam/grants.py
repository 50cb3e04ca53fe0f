"""From a row of the permission tables (:mod:`generator.catalog.permissions`) to the grants that one task needs."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from generator.asl.placeholders import has_placeholder, placeholder_name
from generator.catalog.patterns import UNKNOWN, Deployment, Parameters
from generator.catalog.permissions import Allow, Conditions


@dataclass(frozen=True, slots=True)
class Grant:
    """Permission to do `actions` on `resources` under `conditions`.

    Args:
        actions: IAM actions, `service:Action`.
        resources: ARNs, with `*` where the text is not certain.
        conditions: What else must hold, as (operator, key, values).
        widened: Why the resources are wider than what the task touches; empty when they are certain.
        reason: What the permission is for, in a reviewer's words.
        source: URL of the documentation that says so.
    """

    actions: tuple[str, ...]
    resources: tuple[str, ...]
    conditions: Conditions = ()
    widened: str = ""
    reason: str = ""
    source: str = ""

    @property
    def certain(self) -> bool:
        """Whether the resources are exactly those that the task touches."""
        return not self.widened


@dataclass(frozen=True, slots=True)
class Expansion:
    """The texts that one template stands for, and the parameters that made it wider than the call."""

    texts: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()


_HOLE = re.compile(r"(?<!\$)\{(\?)?([A-Za-z][A-Za-z0-9_.\[\]@-]*)(?:\|([a-z0-9_]+))?(?:=([^}]*))?\}")
_ONLY_HOLES = re.compile(r"(?:[/:]\{\?[A-Za-z0-9_-]+\})*\Z")
_MAX_COMBINATIONS: Final = 200


def expand(allow: Allow, parameters: Parameters, deployment: Deployment, *, reason: str, source: str) -> Iterator[Grant]:
    """Yield the grant that `allow` means for one task, or nothing when it does not apply.

    >>> row = Allow("dynamodb:PutItem", "dynamodb:table/{TableName}")
    >>> place = Deployment(region="us-east-1", account="111122223333")
    >>> next(expand(row, Parameters({"TableName": "orders"}, "JSONPath"), place, reason="", source="")).resources
    ('arn:aws:dynamodb:us-east-1:111122223333:table/orders',)
    """
    if not allow.when and not allow.conditions and _is_static(allow):
        yield _static(allow, deployment, reason, source)
        return
    if allow.when and not _applies(allow, parameters):
        return
    yield from _dynamic(allow, parameters, deployment, reason, source)


@lru_cache(maxsize=4096)
def _is_static(allow: Allow) -> bool:
    return not any("{" in template for template in allow.templates())


@lru_cache(maxsize=4096)
def _static(allow: Allow, deployment: Deployment, reason: str, source: str) -> Grant:
    """Most states of a large machine need the same grants beside their own: a rule, a describe action, …."""
    return next(_dynamic(allow, Parameters({}, "JSONata"), deployment, reason, source))


def _dynamic(allow: Allow, parameters: Parameters, deployment: Deployment, reason: str, source: str) -> Iterator[Grant]:
    texts: list[str] = []
    unknown: list[str] = []
    for template in allow.templates():
        expansion = resources_of(template, parameters, deployment)
        texts += expansion.texts
        unknown += expansion.unknown
    widened = allow.broad
    if not texts:
        if allow.when:
            return
        # The action's resource types are all optional and the call names none: IAM then asks for all resources.
        texts, widened = ["*"], widened or "the call names none of the resources that the action can be limited to"
    if not widened and unknown:
        widened = f"{', '.join(dict.fromkeys(unknown))} known only at run time"
    conditions = list(_conditions(allow, parameters, deployment))
    if allow.passed_to:
        conditions.append(("StringEquals", "iam:PassedToService", (allow.passed_to,)))
    yield Grant(
        tuple(sorted(allow.actions.split())),
        tuple(sorted({text.replace(UNKNOWN, "*") for text in texts})),
        tuple(sorted(conditions)),
        widened,
        allow.note or reason,
        allow.source or source,
    )


def resources_of(template: str, parameters: Parameters, deployment: Deployment) -> Expansion:
    """Expand one resource template; no texts when a parameter without default is absent.

    >>> resources_of("sqs:{QueueUrl|queue}", Parameters({"QueueUrl": "${orders_url}"}, "JSONPath"), Deployment()).texts
    ('${orders_arn}',)
    """
    if template in _WHOLE:
        return Expansion((deployment.self_arn if template == "{self}" else template,))
    holes, tail = _parse(template)
    partial = [_Partial("")]
    for hole in holes:
        if hole.how == "place":
            partial = [_Partial(partial[0].text + hole.between + getattr(deployment, hole.path))]
            continue
        default = UNKNOWN if hole.default == "*" else hole.default
        values = [UNKNOWN] if hole.never else parameters.texts(hole.path, default)
        if not values:
            return Expansion()
        partial = [before.joined(hole, value, deployment) for before in partial for value in dict.fromkeys(values)][:_MAX_COMBINATIONS]
        if hole.settles and all(text.is_arn for text in partial):
            tail = ""
            break
    return Expansion(tuple(text.text + tail for text in partial), tuple(name for text in partial for name in text.unknown))


_WHOLE: Final = frozenset({"*", "{self}"})


@dataclass(frozen=True, slots=True)
class _Hole:
    """A hole of a template, with the literal text before it.

    Args:
        between: Literal text since the hole before.
        path: The parameter.
        how: The derivation that its value goes through.
        default: What stands there when the parameter is absent; None when the template then says nothing.
        never: Whether no parameter holds it, so that it is always unknown.
        settles: Whether only holes of that kind follow: they tell apart resources of one name, which an ARN has done already.
    """

    between: str
    path: str
    how: str
    default: str | None
    never: bool
    settles: bool


@lru_cache(maxsize=4096)
def _parse(template: str) -> tuple[tuple[_Hole, ...], str]:
    """Split a template into its holes and what follows the last one."""
    template = _long(template)
    found = list(_HOLE.finditer(template))
    named = [index for index, hole in enumerate(found) if not hole[1] and hole[2] not in _PLACES]
    kind = template[: found[named[0]].start()].split(":", 5)[-1] if named else ""
    holes: list[_Hole] = []
    position = 0
    for index, hole in enumerate(found):
        never, path, how, default = hole.groups()
        if path in _PLACES:
            how = "place"
        elif not how and index in named[:-1] and not _own_name(kind, path):
            how = "part"
        settles = _ONLY_HOLES.match(template, hole.end()) is not None
        holes.append(_Hole(template[position : hole.start()], path, how or "", default, bool(never), settles))
        position = hole.end()
    return tuple(holes), template[position:]


_ANYWHERE = re.compile(r"(arn:[^:]*:[^:]*):([^:]*):([^:]*):")
_PLACES: Final = ("partition", "region", "account")
_SHORT = re.compile(r"([a-z0-9-]+)(:{1,3})(?!:)")


def _long(template: str) -> str:
    """Write a short template in full: one colon after the service is regional, two know no region, three no account.

    >>> _long("iam::role/{RoleName}")
    'arn:{partition}:iam::{account}:role/{RoleName}'
    """
    short = _SHORT.match(template)
    if short is None or template.startswith("arn:"):
        return template
    region = "{region}" if len(short[2]) == 1 else ""
    account = "" if len(short[2]) == 3 else "{account}"  # noqa: PLR2004 - the third colon drops the account
    return f"arn:{{partition}}:{short[1]}:{region}:{account}:{template[short.end() :]}"


@dataclass(frozen=True, slots=True)
class _Partial:
    """The text of a template up to some hole."""

    text: str
    unknown: tuple[str, ...] = ()
    is_arn: bool = False

    def joined(self, hole: _Hole, value: str, deployment: Deployment) -> _Partial:
        """Append a parameter's value; one that is an ARN takes the place of all that stands before it."""
        name = hole.path.replace("[]", "").replace("@", "")
        derived = _DERIVATIONS[hole.how](value, deployment) if hole.how in _DERIVATIONS else value
        if hole.how not in {"part", "text"}:
            arn = deployment.arn_of(derived) or (derived if hole.how == "arn" and placeholder_name(derived) else "")
            if arn:
                return _Partial(arn, (name,) if UNKNOWN in arn else (), is_arn=True)
        if hole.between.endswith("/") and derived.startswith("/"):
            derived = derived[1:]
        text, unknown = self.text, self.unknown
        if UNKNOWN in derived:
            unknown = (*unknown, name)
            if hole.how == "arn" and text.startswith("arn:"):
                # An ARN that arrives at run time may be of another region or account.
                text = _ANYWHERE.sub(lambda arn: f"{arn[1]}:{arn[2] and '*'}:{arn[3] and '*'}:", text + hole.between)
                return _Partial(text + derived, unknown)
        return _Partial(text + hole.between + derived, unknown, self.is_arn)


def _own_name(kind: str, path: str) -> bool:
    """Say whether a parameter names the very resource that a template's text before it announces, and not one it is part of.

    >>> _own_name("table/", "TableName"), _own_name("nodegroup/", "ClusterName")
    (True, False)
    """
    announced = re.sub(r"[^a-z]", "", kind.lower()).removesuffix("s")
    name = re.sub(r"(?:name|id|identifier|arn|\[\])\Z", "", path.rpartition(".")[2].lower())
    return not announced or name.endswith(announced) or announced.startswith(name)


def _applies(allow: Allow, parameters: Parameters) -> bool:
    if allow.when.startswith("!"):
        return not parameters.values(allow.when[1:])
    if not allow.equals:
        return parameters.present(allow.when)
    return any(UNKNOWN in text or has_placeholder(text) or text == allow.equals for text in parameters.texts(allow.when))


def _conditions(allow: Allow, parameters: Parameters, deployment: Deployment) -> Iterator[tuple[str, str, tuple[str, ...]]]:
    for operator, key, templates in allow.conditions:
        values: list[str] = []
        for template in templates:
            values += resources_of(template, parameters, deployment).texts if "{" in template else (template,)
        # A condition on a value that is not known would deny the call; the resources still bound it.
        exact = operator in {"StringEquals", "ArnEquals"}
        if values and not any(value == UNKNOWN or (exact and UNKNOWN in value) for value in values):
            yield operator, key, tuple(sorted({value.replace(UNKNOWN, "*") for value in values}))


# Derivations: from a parameter's value to the text that the ARN has in its place, or to a whole ARN.


def _queue(value: str, deployment: Deployment) -> str:
    """https://sqs.us-east-1.amazonaws.com/111122223333/orders, and the older us-east-1.queue.amazonaws.com form."""
    found = re.match(r"https?://(?:sqs\.([a-z0-9-]+)|([a-z0-9-]+)\.queue|queue)\.(amazonaws\.com(?:\.cn)?)/([^/]+)/(.+)\Z", value)
    if found:
        partition = "aws-cn" if found[3].endswith(".cn") else deployment.partition
        if "gov" in (found[1] or found[2] or ""):
            partition = "aws-us-gov"
        return f"arn:{partition}:sqs:{found[1] or found[2] or 'us-east-1'}:{found[4]}:{found[5]}"
    found = re.match(r"https?://[^/]+/([^/]+)/(.+)\Z", value)
    if found:
        return f"arn:{deployment.partition}:sqs:{deployment.region}:{found[1]}:{found[2]}"
    # A bare placeholder in the place of a URL can only be what deploys the queue; its ARN is not derivable from it.
    return UNKNOWN if placeholder_name(value) and not deployment.arn_of(value) else value


def _function(value: str, deployment: Deployment) -> str:
    """Function names come plain, as `account:function:name` and as a full ARN, each with or without a qualifier."""
    found = re.match(r"(\d{12}|\$\{\w+\}):function:(.+)\Z", value)
    return f"arn:{deployment.partition}:lambda:{deployment.region}:{found[1]}:function:{found[2]}" if found else value


def _execution(value: str, deployment: Deployment) -> str:
    """Executions of a state machine; a version or alias qualifier is not part of their ARN."""
    found = re.match(r"(arn:[^:]*:states:[^:]*:[^:]*:)stateMachine:([^:]+)", value)
    if found:
        return f"{found[1]}execution:{found[2]}:*"
    name = deployment.sibling(value, "name")
    text = "${" + name + "}" if name else UNKNOWN
    return f"arn:{deployment.partition}:states:{deployment.region}:{deployment.account}:execution:{text}:*"


def _key(value: str, _: Deployment) -> str:
    """An alias stands for a key that only KMS knows; a policy on an alias ARN allows no use of the key."""
    return UNKNOWN if value.startswith("alias/") or ":alias/" in value else value


def _secret(value: str, deployment: Deployment) -> str:
    """Secrets Manager appends six random characters to a secret's name in its ARN.

    Source: https://docs.aws.amazon.com/secretsmanager/latest/userguide/reference_iam-permissions.html
    """
    if deployment.arn_of(value) and not value.startswith("arn:"):
        return value
    return value if UNKNOWN in value or re.search(r"-[A-Za-z0-9]{6}\Z", value) else value + "-??????"


def _lower(value: str, _: Deployment) -> str:
    """SageMaker's ARNs are lower-case whatever the name."""
    return value if has_placeholder(value) or value.startswith("arn:") else value.lower()


_S3_URI = re.compile(r"(?:s3://|https://s3[.-][a-z0-9-]+\.amazonaws\.com/)([^/]+)/?(.*)\Z")


def _bucket_of_uri(value: str, deployment: Deployment) -> str:
    """s3://bucket/key names an object, s3://bucket/prefix/ all objects below."""
    found = _S3_URI.match(value)
    if not found:
        return value if deployment.arn_of(value) else UNKNOWN
    key = found[2] + "*" if not found[2] or found[2].endswith("/") else found[2]
    return f"arn:{deployment.partition}:s3:::{found[1]}/{key}"


def _below_uri(value: str, deployment: Deployment) -> str:
    """s3://bucket/prefix names a folder, with or without the slash: the bucket's objects below it."""
    return _bucket_of_uri(value if value.endswith(("/", UNKNOWN, "}")) else value + "/", deployment)


def _task_definition(value: str, deployment: Deployment) -> str:
    """A task definition without a revision is its latest one; with a revision it is that one."""
    if value.startswith("arn:"):
        return value if re.search(r":task-definition/.+:", value) else value + ":*"
    return value if UNKNOWN in value or ":" in value or deployment.arn_of(value) else value + ":*"


def _job_definition(value: str, deployment: Deployment) -> str:
    """Batch takes a job definition with or without its revision, like ECS, but its ARN may stand without one."""
    return value if value.startswith("arn:") else _task_definition(value, deployment)


def _project_of(value: str, _: Deployment) -> str:
    """A build's id is `project:uuid`, and its ARN ends in that id; IAM knows only the project."""
    found = re.match(r"(arn:[^:]+:codebuild:[^:]*:[^:]*:)build(?:-batch)?/([^:]+):", value)
    if found:
        return f"{found[1]}project/{found[2]}"
    return value.partition(":")[0]


def _report_group(value: str, _: Deployment) -> str:
    """A report's ARN is `…:report/group:uuid`."""
    found = re.match(r"(arn:[^:]+:codebuild:[^:]*:[^:]*:)report/([^:]+):", value)
    return f"{found[1]}report-group/{found[2]}" if found else UNKNOWN


def _api(value: str, _: Deployment) -> str:
    """The host of an API is `<id>.execute-api.<region>.amazonaws.com`."""
    if placeholder_name(value):
        return UNKNOWN
    return value.removeprefix("https://").partition(".")[0] if ".execute-api." in value else value


def _part(value: str, deployment: Deployment) -> str:
    """A name that stands inside the ARN of something else; out of an ARN only the end is wanted."""
    if value.startswith("arn:"):
        return re.split(r"[:/]", value)[-1]
    return UNKNOWN if placeholder_name(value) and deployment.arn_of(value) == value else value


def _connection(value: str, _: Deployment) -> str:
    """EventBridge keeps a connection's credentials in the secret `events!connection/<name>/<uuid>`."""
    found = re.match(r"arn:[^:]+:events:[^:]*:[^:]*:connection/([^/]+)/", value)
    return f"{found[1]}/*" if found else UNKNOWN


_DERIVATIONS: dict[str, Callable[[str, Deployment], str]] = {
    "queue": _queue,
    "function": _function,
    "execution": _execution,
    "key": _key,
    "secret": _secret,
    "lower": _lower,
    "s3uri": _bucket_of_uri,
    "s3below": _below_uri,
    "task_definition": _task_definition,
    "job_definition": _job_definition,
    "project_of": _project_of,
    "report_group": _report_group,
    "api": _api,
    "connection": _connection,
    "part": _part,
}
