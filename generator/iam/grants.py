"""From a row of the permission tables (:mod:`generator.catalog.permissions`) to the grants that one call needs."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from generator.asl.corrections import Conditions
from generator.asl.model import JSONATA
from generator.asl.placeholders import PATTERN, has_placeholder, is_placeholder
from generator.catalog.arns import with_owner
from generator.catalog.patterns import UNKNOWN, Deployment, Parameters
from generator.catalog.permissions import Allow
from generator.catalog.resources import NAME


@dataclass(frozen=True, slots=True)
class Grant:
    """The permission to do actions on resources under conditions.

    Attributes:
        actions: IAM actions, `service:Action`.
        resources: ARNs, with `*` for text that is not certain.
        conditions: what else must hold, as (operator, key, values).
        widened: why the resources are more than those that the call uses; empty if they are exactly those.
        avoidable: whether the author can name the resources, so that they need not be more. If they are inside a resource that the
            definition names, such as the objects of a bucket, the wildcard is no more than the call needs.
        reason: what the permission is for, in the words of a reviewer.
        source: the URL of the documentation.
        assumed: why the call may need no permission at all; empty if it certainly needs this one.
    """

    actions: tuple[str, ...]
    resources: tuple[str, ...]
    conditions: Conditions = ()
    widened: str = ""
    avoidable: bool = False
    reason: str = ""
    source: str = ""
    assumed: str = ""


@dataclass(frozen=True, slots=True)
class Expansion:
    """The result of expanding one template.

    Attributes:
        texts: the ARNs.
        unknown: the parameters whose values only the execution knows.
        open: whether one of the ARNs has a wildcard and names nothing that the definition knows.
    """

    texts: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()
    open: bool = False


_HOLE = re.compile(r"(?<!\$)\{([?!])?([A-Za-z][A-Za-z0-9_.,\[\]@-]*)(?:\|([a-z0-9_]+))?(?:=([^}]*))?\}")
_ONLY_HOLES = re.compile(r"(?:[/:]\{[?!][A-Za-z0-9_-]+\})*\Z")
_MAX_COMBINATIONS: Final = 200

AT_RUN_TIME: Final = "known only at run time"
"""Why a permission is wide if it depends on parameters of the call, whose names are before these words."""


def expand(rows: Iterable[Allow], parameters: Parameters, deployment: Deployment, *, reason: str, source: str) -> Iterator[Grant]:
    """Yield the grants of rows for one call; nothing for a row that does not apply.

    Args:
        rows: the rows.
        parameters: the parameters of the call.
        deployment: where the state machine will run.
        reason: what the permissions are for, if a row does not say it.
        source: the URL of the documentation, if a row has none.

    >>> rows = [Allow("dynamodb:PutItem", "dynamodb:table/{TableName}")]
    >>> place = Deployment(region="us-east-1", account="111122223333")
    >>> next(expand(rows, Parameters({"TableName": "orders"}, "JSONPath"), place, reason="", source="")).resources
    ('arn:aws:dynamodb:us-east-1:111122223333:table/orders',)
    """
    for allow in rows:
        if allow.when and not _applies(allow, parameters):
            continue
        static = not allow.conditions and _is_static(allow)
        grant = (_static if static else _grant)(allow, _NO_PARAMETERS if static else parameters, deployment, reason, source)
        if grant is not None:
            yield grant


def _is_static(allow: Allow) -> bool:
    """Tell whether the resources of a row are the same for all parameters."""
    return "{" not in (allow.resources if isinstance(allow.resources, str) else "".join(allow.resources))


def _grant(allow: Allow, parameters: Parameters, deployment: Deployment, reason: str, source: str) -> Grant | None:
    texts: list[str] = []
    unknown: list[str] = []
    avoidable = bool(allow.broad)
    for template in allow.templates():
        expansion = resources_of(template, parameters, deployment)
        texts += expansion.texts
        unknown += expansion.unknown
        avoidable |= expansion.open and not allow.inherent
    widened = allow.broad or allow.inherent
    if not texts:
        if allow.when:
            return None
        # All resource types of the action are optional, and the call names no resource: IAM then requires all resources.
        texts, widened = ["*"], widened or "the call names none of the resources that the action can be limited to"
    if not widened and unknown:
        widened = f"{', '.join(dict.fromkeys(unknown))} {AT_RUN_TIME}"
    conditions = list(_conditions(allow, parameters, deployment))
    avoidable &= not conditions  # what a condition names bounds the permission
    if allow.passed_to:
        conditions.append(("StringEquals", "iam:PassedToService", (allow.passed_to,)))
    return Grant(
        _actions(allow.actions),
        tuple(sorted({text.replace(UNKNOWN, "*") for text in texts})),
        tuple(sorted(conditions)),
        widened,
        avoidable,
        allow.note or reason,
        allow.source or source,
    )


_static: Final = lru_cache(maxsize=4096)(_grant)
"""Returns the grant of a static row. Many states of a large machine need the same ones."""
_NO_PARAMETERS: Final = Parameters({}, JSONATA)


@lru_cache(maxsize=4096)
def _actions(actions: str) -> tuple[str, ...]:
    return tuple(sorted(actions.split()))


def resources_of(template: str, parameters: Parameters, deployment: Deployment) -> Expansion:
    """Expand one resource template. There are no texts if a parameter without a default is absent.

    >>> resources_of("sqs:{QueueUrl|queue}", Parameters({"QueueUrl": "${orders_url}"}, "JSONPath"), Deployment()).texts
    ('${orders_arn}',)
    """
    if template in _WHOLE:
        return Expansion((deployment.self_arn if template == "{self}" else template,))
    holes, tail = _parse(template, deployment.partition, deployment.region, deployment.account)
    partial = [_START]
    for hole in holes:
        default = UNKNOWN if hole.default == "*" else hole.default
        path = next((path for path in hole.paths if parameters.present(path)), hole.paths[0])
        values = [UNKNOWN] if hole.never else parameters.texts(path, default)
        if not values:
            return Expansion()
        name = path if hole.never or not any(UNKNOWN in value for value in values) else parameters.unknown_part(path)
        name = name.replace("[]", "").replace("@", "")
        partial = [before.joined(hole, value, name, deployment) for before in partial for value in dict.fromkeys(values)]
        partial = partial[:_MAX_COMBINATIONS]
        if hole.settles and all(text.is_arn for text in partial):
            tail = ""
            break
    unknown = tuple(name for text in partial for name in text.unknown)
    texts = [text.text + tail for text in partial]
    owned = [arn for text, arn in zip(partial, texts, strict=True) for arn in ((arn,) if text.is_arn else with_owner(arn))]
    return Expansion(tuple(owned), unknown, any(text.unknown and not text.named for text in partial))


_WHOLE: Final = frozenset({"*", "{self}"})


@dataclass(frozen=True, slots=True)
class _Hole:
    """A parameter in a template, with the literal text before it.

    Attributes:
        between: the literal text between the parameter before and this one.
        paths: the path of the parameter, and of those that take its place if it is absent.
        how: the name of the derivation of its value.
        default: the value if the parameter is absent; None if the template then has no result.
        never: whether no parameter of the call has this part, so that it is always unknown.
        new: whether the call creates what has this part.
        settles: whether only such parts follow. They distinguish resources of the same name, and an ARN needs no distinction.
    """

    between: str
    paths: tuple[str, ...]
    how: str
    default: str | None
    never: bool
    new: bool
    settles: bool


@lru_cache(maxsize=4096)
def _parse(template: str, partition: str, region: str, account: str) -> tuple[tuple[_Hole, ...], str]:
    """Split a template into its parameters and the text after the last one, with the place of the deployment filled in."""
    template = _long(template)

    def filled(text: str) -> str:
        return text.replace("{partition}", partition).replace("{region}", region).replace("{account}", account)

    found = [hole for hole in _HOLE.finditer(template) if hole[2] not in _PLACES]
    named = [index for index, hole in enumerate(found) if not hole[1]]
    kind = template[: found[named[0]].start()].split(":", 5)[-1] if named else ""
    holes: list[_Hole] = []
    position = 0
    for index, hole in enumerate(found):
        never, path, how, default = hole.groups()
        paths = tuple(path.split(","))
        if not how and index in named[:-1] and not _own_name(kind, paths[0]):
            how = "part"
        settles = _ONLY_HOLES.match(template, hole.end()) is not None
        between = filled(template[position : hole.start()])
        holes.append(_Hole(between, paths, how or "", default, bool(never), never == "!", settles))
        position = hole.end()
    return tuple(holes), filled(template[position:])


_ACCOUNT = re.compile(r"\d{12}")
_ANYWHERE = re.compile(r"(arn:[^:]*:[^:]*):([^:]*):([^:]*):")
_PLACES: Final = frozenset({"partition", "region", "account"})
_WHERE: Final = {":": "{region}:{account}", "::": ":{account}", ":::": ":"}
_SHORT = re.compile(r"([a-z0-9-]+)(:{1,3})(?!:)")


def _long(template: str) -> str:
    """Write a short template in full. One colon after the service: regional. Two: without a region. Three: without an account too.

    >>> _long("iam::role/{RoleName}")
    'arn:{partition}:iam::{account}:role/{RoleName}'
    """
    short = _SHORT.match(template)
    if short is None or template.startswith("arn:"):
        return template
    return f"arn:{{partition}}:{short[1]}:{_WHERE[short[2]]}:{template[short.end() :]}"


@dataclass(frozen=True, slots=True)
class _Partial:
    """The expanded text of a template up to one of its parameters."""

    text: str
    unknown: tuple[str, ...] = ()
    is_arn: bool = False
    named: bool = False

    def joined(self, hole: _Hole, value: str, name: str, deployment: Deployment) -> _Partial:
        """Append the value of a parameter, with its name if it is unknown. An ARN replaces everything before it."""
        derived = _DERIVATIONS[hole.how](value, deployment) if hole.how in _DERIVATIONS else value
        if hole.how not in {"part", "text"}:
            arn = deployment.arn_of(derived) or (derived if hole.how in _ARNS and is_placeholder(value) else "")
            if arn:
                if hole.how != "qualifier" and "StateMachineArn" in hole.paths:
                    arn = _MACHINE.sub(r"\1", arn)  # IAM decides by the ARN without a version or alias
                return _Partial(arn, (name,) if UNKNOWN in arn else (), is_arn=True, named=True)
        if hole.between.endswith("/") and derived.startswith("/"):
            derived = derived[1:]
        text, unknown = self.text + hole.between, self.unknown
        named = self.named or hole.new or _LETTER.search(derived) is not None
        if UNKNOWN in derived:
            unknown = (*unknown, name)
            if hole.how == "anywhere":
                # A role of another account can be assumed. Everything else that a call names by an ARN is where the call is made:
                # Step Functions calls the services of its own region with the rights of its own account.
                text = _ANYWHERE.sub(lambda arn: f"{arn[1]}:{arn[2] and '*'}:{arn[3] and '*'}:", text)
        return _Partial(text + derived, unknown, self.is_arn, named)


_MACHINE: Final = re.compile(rf"\A({PATTERN}|arn:[^:]*:states:[^:]*:[^:]*:stateMachine:[^:]+):[^:]+\Z")
"""The ARN of a state machine with a version or an alias; group 1 is the ARN without it.

Source: https://docs.aws.amazon.com/step-functions/latest/dg/auth-version-alias.html
"""
_ARNS: Final = frozenset({"arn", "anywhere", "secret_arn"})
"""Derivations of parameters whose value is an ARN, so that any placeholder stands for one."""
_LETTER: Final = re.compile(r"[A-Za-z0-9]")
_START: Final = _Partial("")


def _own_name(kind: str, path: str) -> bool:
    """Tell whether a parameter names the resource that the text before it announces, and not one that contains the resource.

    >>> _own_name("table/", "TableName"), _own_name("nodegroup/", "ClusterName")
    (True, False)
    """
    announced = re.sub(r"[^a-z]", "", kind.lower()).removesuffix("s")
    name = re.sub(r"(?:name|id|identifier|arn|\[\])\Z", "", path.rpartition(".")[2].lower())
    return not announced or name.endswith(announced) or announced.startswith(name)


def _applies(allow: Allow, parameters: Parameters) -> bool:
    if not allow.equals:
        return all(parameters.absent(one[1:]) if one.startswith("!") else parameters.present(one) for one in allow.when.split())
    return any(UNKNOWN in text or has_placeholder(text) or text == allow.equals for text in parameters.texts(allow.when))


def _conditions(allow: Allow, parameters: Parameters, deployment: Deployment) -> Iterator[tuple[str, str, tuple[str, ...]]]:
    for operator, key, templates in allow.conditions:
        values: list[str] = []
        for template in templates:
            values += resources_of(template, parameters, deployment).texts if "{" in template else (template,)
        # A condition on an unknown value would deny the call. The resources still limit the permission.
        exact = operator in {"StringEquals", "ArnEquals"}
        if values and not any(value == UNKNOWN or (exact and UNKNOWN in value) for value in values):
            yield operator, key, tuple(sorted({value.replace(UNKNOWN, "*") for value in values}))


# Derivations: from the value of a parameter to the text at its place in the ARN, or to a whole ARN.


def _queue(value: str, deployment: Deployment) -> str:
    """Read a queue's URL: https://sqs.us-east-1.amazonaws.com/111122223333/orders, or the older us-east-1.queue.amazonaws.com."""
    if is_placeholder(value):
        # The ARN does not follow from a placeholder of a URL that has no sibling for the ARN.
        return value if deployment.arn_of(value) else UNKNOWN
    found = re.match(r"https?://(?:sqs\.([a-z0-9-]+)|([a-z0-9-]+)\.queue|queue)\.(amazonaws\.com(?:\.cn)?)/([^/]+)/(.+)\Z", value)
    if found:
        partition = "aws-cn" if found[3].endswith(".cn") else deployment.partition
        if "gov" in (found[1] or found[2] or ""):
            partition = "aws-us-gov"
        return f"arn:{partition}:sqs:{found[1] or found[2] or 'us-east-1'}:{found[4]}:{found[5]}"
    found = re.match(r"https?://[^/]+/([^/]+)/(.+)\Z", value)
    return f"arn:{deployment.partition}:sqs:{deployment.region}:{found[1]}:{found[2]}" if found else value


def _function(value: str, deployment: Deployment) -> str:
    """Read a function's name, its partial ARN `account:function:name` or its ARN, each with or without a qualifier."""
    account, _, name = value.partition(":function:")
    if name and (is_placeholder(account) or _ACCOUNT.fullmatch(account)):
        return f"arn:{deployment.partition}:lambda:{deployment.region}:{account}:function:{name}"
    return value


def _execution(value: str, deployment: Deployment) -> str:
    """Return the ARN of the executions of a state machine; it has no version or alias."""
    found = re.match(r"(arn:[^:]*:states:[^:]*:[^:]*:)stateMachine:([^:]+)", value)
    if found:
        return f"{found[1]}execution:{found[2]}:*"
    name = deployment.sibling(value, NAME)
    text = "${" + name + "}" if name else UNKNOWN
    return f"arn:{deployment.partition}:states:{deployment.region}:{deployment.account}:execution:{text}:*"


def _qualifier(value: str, _: Deployment) -> str:
    """Return the version or alias in the ARN of a state machine; unknown if there is none, so that it does not become a condition."""
    found = _MACHINE.match(value)
    return value.rpartition(":")[2] if found else UNKNOWN


def _key(value: str, _: Deployment) -> str:
    """Read a key. Only KMS knows the key of an alias, and a policy on the ARN of an alias does not allow to use the key."""
    return UNKNOWN if value.startswith("alias/") or ":alias/" in value else value


def _secret(value: str, deployment: Deployment) -> str:
    """Append the six random characters that Secrets Manager adds to the name of a secret in its ARN.

    A name never has them, whatever it ends with. An ARN may have them: an ARN that ends with a hyphen and six characters is
    a complete one for Secrets Manager too.

    Sources: https://docs.aws.amazon.com/secretsmanager/latest/userguide/reference_iam-permissions.html and
    https://docs.aws.amazon.com/secretsmanager/latest/userguide/troubleshoot.html#ARN_secretnamehyphen

    >>> [_secret(text, Deployment()) for text in ("my-secret", "arn:aws:secretsmanager:eu-west-1:1:secret:my-secret")]
    ['my-secret-??????', 'arn:aws:secretsmanager:eu-west-1:1:secret:my-secret']
    """
    if value.endswith(UNKNOWN) or (deployment.arn_of(value) and not value.startswith("arn:")):
        return value
    complete = value.startswith("arn:") and re.search(r"-[A-Za-z0-9]{6}\Z", value)
    return value if complete else value + "-??????"


def _lower(value: str, _: Deployment) -> str:
    """Write a name in lower case, as SageMaker does in its ARNs."""
    return value if has_placeholder(value) or value.startswith("arn:") else value.lower()


_S3_URI = re.compile(
    r"(?:(?:s3://|https://s3[.-][a-z0-9.-]*amazonaws\.com(?:\.cn)?/)([^/]+)|"
    r"https://([^/]+?)\.s3[.-](?:[a-z0-9-]+\.)?amazonaws\.com(?:\.cn)?)/?(.*)\Z"
)


def _bucket_of_uri(value: str, deployment: Deployment) -> str:
    """Return the object that s3://bucket/key names, or all objects below s3://bucket/prefix/."""
    found = _S3_URI.match(value)
    if not found:
        return value if deployment.arn_of(value) else UNKNOWN
    key = found[3] + "*" if not found[3] or found[3].endswith("/") else found[3]
    return f"arn:{deployment.partition}:s3:::{found[1] or found[2]}/{key}"


def _below_uri(value: str, deployment: Deployment) -> str:
    """Return the objects below s3://bucket/prefix, which may end with a slash or not."""
    return _bucket_of_uri(value if value.endswith(("/", UNKNOWN, "}")) else value + "/", deployment)


def _bucket_alone(value: str, deployment: Deployment) -> str:
    """Return the bucket of s3://bucket/prefix."""
    found = _S3_URI.match(value)
    if not found:
        return value if deployment.arn_of(value) else UNKNOWN
    return f"arn:{deployment.partition}:s3:::{found[1] or found[2]}"


def _alias(value: str, _: Deployment) -> str:
    """Return the alias of a key, from its name or its ARN; anything else is not one."""
    found = re.search(r"(?:\A|:)(alias/.+)\Z", value)
    return found[1] if found else UNKNOWN


def _address(value: str, _: Deployment) -> str:
    """Return the address in `Orders <orders@example.com>`."""
    found = re.search(r"<([^<>]+)>\s*\Z", value)
    return found[1] if found else value


def _domain(value: str, deployment: Deployment) -> str:
    """Return the domain of an address."""
    address = _address(value, deployment)
    return address.rpartition("@")[2] if "@" in address else UNKNOWN if UNKNOWN in address else address


def _repository(value: str, deployment: Deployment) -> str:
    """Return the repository of an image, `<account>.dkr.ecr.<region>.amazonaws.com/<repository>:<tag>`."""
    found = re.match(r"([^./]+)\.dkr\.ecr\.([^./]+)\.amazonaws\.com(?:\.cn)?/([^:@]+)", value)
    return f"arn:{deployment.partition}:ecr:{found[2]}:{found[1]}:repository/{found[3]}" if found else UNKNOWN


def _image(value: str, _: Deployment) -> str:
    """Return the id of an image. A parameter of Systems Manager can name it: `resolve:ssm:/golden/latest`."""
    return UNKNOWN if value.startswith("resolve:ssm:") else value


def _workgroup(value: str, _: Deployment) -> str:
    """Return the ARN of a workgroup of Redshift Serverless. Its ARN has an id, which does not follow from its name."""
    return value if value.startswith("arn:") else UNKNOWN


def _task_definition(value: str, deployment: Deployment) -> str:
    """Return any revision of a task definition that has none: the call takes the latest one."""
    if value.startswith("arn:"):
        return value if re.search(r":task-definition/.+:", value) else value + ":*"
    return value if UNKNOWN in value or ":" in value or deployment.arn_of(value) else value + ":*"


def _job_definition(value: str, deployment: Deployment) -> str:
    """Return any revision of a job definition that has none; the ARN of a job definition of Batch may have none."""
    return value if value.startswith("arn:") else _task_definition(value, deployment)


def _project_of(value: str, _: Deployment) -> str:
    """Return the project of a build, whose id is `project:uuid`; IAM has no resource for a build."""
    found = re.match(r"(arn:[^:]+:codebuild:[^:]*:[^:]*:)build(?:-batch)?/([^:]+):", value)
    if found:
        return f"{found[1]}project/{found[2]}"
    return value.partition(":")[0]


def _report_group(value: str, _: Deployment) -> str:
    """Return the report group of a report, whose ARN is `…:report/group:uuid`."""
    found = re.match(r"(arn:[^:]+:codebuild:[^:]*:[^:]*:)report/([^:]+):", value)
    return f"{found[1]}report-group/{found[2]}" if found else UNKNOWN


def _api(value: str, _: Deployment) -> str:
    """Return the id of an API from its host, `<id>.execute-api.<region>.amazonaws.com`."""
    if is_placeholder(value):
        return UNKNOWN
    return value.removeprefix("https://").partition(".")[0] if ".execute-api." in value else value


def _part(value: str, deployment: Deployment) -> str:
    """Return a name that is a part of the ARN of another resource; of an ARN, only the end."""
    if value.startswith("arn:"):
        return re.split(r"[:/]", value)[-1]
    return UNKNOWN if is_placeholder(value) and deployment.arn_of(value) == value else value


def _connection(value: str, _: Deployment) -> str:
    """Return the end of the name of the secret of a connection, `events!connection/<name>/<uuid>`."""
    found = re.match(r"arn:[^:]+:events:[^:]*:[^:]*:connection/([^/]+)/", value)
    return f"{found[1]}/*" if found else UNKNOWN


_DERIVATIONS: dict[str, Callable[[str, Deployment], str]] = {
    "queue": _queue,
    "function": _function,
    "execution": _execution,
    "qualifier": _qualifier,
    "key": _key,
    "secret": _secret,
    "secret_arn": _secret,
    "image": _image,
    "lower": _lower,
    "s3uri": _bucket_of_uri,
    "s3below": _below_uri,
    "s3bucket": _bucket_alone,
    "alias": _alias,
    "address": _address,
    "domain": _domain,
    "repository": _repository,
    "workgroup": _workgroup,
    "task_definition": _task_definition,
    "job_definition": _job_definition,
    "project_of": _project_of,
    "report_group": _report_group,
    "api": _api,
    "connection": _connection,
    "part": _part,
}
