"""The operations on state machines, their versions and their aliases."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from generator.engine import DefinitionError, compile_definition
from generator.local.stepfunctions import arns
from generator.local.stepfunctions.findings import definition_error
from generator.local.stepfunctions.model import VALIDATION, ServiceError, moment
from generator.local.stepfunctions.records import (
    DELETING,
    EXPRESS,
    STANDARD,
    Alias,
    MachineRecord,
    Revision,
    Version,
    startable,
)
from generator.local.stepfunctions.variables import variable_references

if TYPE_CHECKING:
    from generator.engine import Machine
    from generator.local.stepfunctions.core import Core
    from generator.local.stepfunctions.service import Caller

Parameters = dict[str, Any]
LOGGING: Final = {"level": "OFF", "includeExecutionData": False}
TRACING: Final = {"enabled": False}
ENCRYPTION: Final = {"type": "AWS_OWNED_KEY"}
INITIAL: Final = "INITIAL"
"""The revision id of a state machine that was never updated, in requests."""
MOST_TAGS: Final = 50
MOST_VERSIONS: Final = 1000
MOST_ALIASES: Final = 100
MOST_MACHINES: Final = 100_000
"""Quotas: https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html"""
_ALL: Final = 100


class Machines:
    """The operations on state machines."""

    def __init__(self, core: Core) -> None:
        """Use the state of the endpoint."""
        self.core = core

    def create_state_machine(self, p: Parameters, caller: Caller) -> Parameters:
        """Create a state machine. A repeated request with the same parameters returns the first one's answer."""
        core = self.core
        arns.check_name(p["name"])
        check_role(p["roleArn"])
        tags = read_tags(p.get("tags", []))
        _check_description(p)
        arn = arns.parse(arns.new(arns.STATE_MACHINE, caller.region, caller.account, p["name"]), arns.STATE_MACHINE)
        type_ = p.get("type", STANDARD)
        settings = (_logging(p), _tracing(p), encryption(p))
        request = (p["definition"], type_, *settings, p.get("publish", False), p.get("versionDescription", ""))
        machine = _compiled(p["definition"], type_)
        revision = Revision(p["definition"], machine, type_, p["roleArn"], *settings, None, core.clock.now())
        with core.lock:
            record = core.machines.get(str(arn))
            if record is not None:
                if record.status == DELETING:
                    raise ServiceError("StateMachineDeleting", f"State Machine is being deleted: '{arn}'")
                if record.request != request:
                    raise ServiceError("StateMachineAlreadyExists", f"State Machine Already Exists: '{arn}'")
            else:
                if len(core.machines) >= MOST_MACHINES:
                    raise ServiceError("StateMachineLimitExceeded", "State Machine Limit Exceeded")
                record = MachineRecord(arn, core.clock.now(), core.number(), revision, tags=tags, request=request)
                core.machines[str(arn)] = record
                core.state_machines[str(arn)] = startable(record, revision)
                if p.get("publish"):
                    self._publish(record, p.get("versionDescription", ""))
            answer: Parameters = {"stateMachineArn": str(arn), "creationDate": moment(record.created)}
            if p.get("publish"):
                answer["stateMachineVersionArn"] = f"{arn}:1"
            return answer

    def update_state_machine(self, p: Parameters, _caller: Caller) -> Parameters:
        """Replace parts of a state machine. Executions that run keep the old ones."""
        core = self.core
        arn = _unqualified(p["stateMachineArn"])
        changed = {"definition", "roleArn", "loggingConfiguration", "tracingConfiguration", "encryptionConfiguration"} & p.keys()
        record = core.active(arn)
        if not changed and not p.get("publish"):
            message = "Either the definition, the role ARN, the LoggingConfiguration, or the TracingConfiguration must be specified"
            raise ServiceError("MissingRequiredParameter", message)
        _check_description(p)
        if "roleArn" in p:
            check_role(p["roleArn"])
        old = record.revision
        settings = (
            _logging(p) if "loggingConfiguration" in p else old.logging,
            _tracing(p) if "tracingConfiguration" in p else old.tracing,
            encryption(p) if "encryptionConfiguration" in p else old.encryption,
        )
        now = core.clock.now()
        machine = _compiled(p["definition"], old.type) if "definition" in p else old.machine
        definition, role = p.get("definition", old.definition), p.get("roleArn", old.role)
        revision = Revision(definition, machine, old.type, role, *settings, core.uuid(), now, old.title)
        with core.lock:
            record = core.active(arn)
            if changed:
                record.revision = revision
                core.state_machines[str(arn)] = startable(record, revision)
            answer: Parameters = {"updateDate": moment(now), "revisionId": record.revision.revision_id}
            if p.get("publish"):
                answer["stateMachineVersionArn"] = self._publish(record, p.get("versionDescription", "")).arn
            return answer

    def describe_state_machine(self, p: Parameters, _caller: Caller) -> Parameters:
        """Describe a state machine, or the one that a version or an alias has."""
        arn = arns.parse(p["stateMachineArn"], arns.STATE_MACHINE)
        record = self.core.machine(arn)
        revision, version, _ = self.resolve(record, arn)
        shown = describe(record, revision, data=p.get("includedData") != "METADATA_ONLY")
        if version is not None:
            shown.update(stateMachineArn=version.arn, creationDate=moment(version.created), description=version.description)
        return _present(shown)

    def resolve(self, record: MachineRecord, arn: arns.Arn) -> tuple[Revision, Version | None, Alias | None]:
        """Return the revision that an ARN names, with its version and its alias. An alias chooses among its versions by weight.

        Raises:
            ServiceError: ``StateMachineDoesNotExist``: there is no such version or alias.
        """
        qualifier = arn.qualifier
        if qualifier is None:
            return record.revision, None, None
        alias = record.aliases.get(qualifier)
        if alias is not None:
            chosen = alias.routing[0][0]
            if len(alias.routing) > 1:
                (first, weight), (second, _) = alias.routing
                chosen = first if self.core.random.random() * _ALL < weight else second
            version = record.versions[int(chosen.rsplit(":", 1)[1])]
            return version.revision, version, alias
        found = None if arn.version is None else record.versions.get(arn.version)
        if found is None:
            raise ServiceError("StateMachineDoesNotExist", f"State Machine Does Not Exist: '{arn}'")
        return found.revision, found, None

    def list_state_machines(self, p: Parameters, caller: Caller) -> Parameters:
        """List the state machines of the region, oldest first."""
        core = self.core
        found = [each for each in list(core.machines.values()) if (each.arn.region, each.arn.account) == (caller.region, caller.account)]
        page, token = core.pages.page("ListStateMachines", p, found, lambda each: each.number)
        shown = [
            {
                "stateMachineArn": str(each.arn),
                "name": each.name,
                "type": each.revision.type,
                "creationDate": moment(each.created),
            }
            for each in page
        ]
        return {"stateMachines": shown, "nextToken": token}

    def delete_state_machine(self, p: Parameters, _caller: Caller) -> Parameters:
        """Delete a state machine with its versions and aliases. It is gone when its executions, which are aborted, have ended."""
        core = self.core
        arn = _unqualified(p["stateMachineArn"])
        with core.lock:
            record = core.machines.get(str(arn))
            if record is None:
                return {}
            record.status = DELETING
            running = [each for each in core.records.values() if each.machine.record is record and not each.done]
            if not record.running:
                core.forget(record)
        for each in running:
            core.stop(each, None, None)
        return {}

    # --- versions ---

    def publish_state_machine_version(self, p: Parameters, _caller: Caller) -> Parameters:
        """Publish the current revision. A revision that was published before keeps its version."""
        core = self.core
        arn = _unqualified(p["stateMachineArn"])
        with core.lock:
            record = core.active(arn)
            wanted = p.get("revisionId")
            if wanted is not None and wanted != (record.revision.revision_id or INITIAL):
                current = record.revision.revision_id or INITIAL
                message = (
                    f"Failed to publish the State Machine version for revision {wanted}. The current State Machine revision is {current}."
                )
                raise ServiceError("ConflictException", message)
            version = self._publish(record, p.get("description", ""))
            return {"stateMachineVersionArn": version.arn, "creationDate": moment(version.created)}

    def _publish(self, record: MachineRecord, description: str) -> Version:
        known = next((each for each in record.versions.values() if each.revision is record.revision), None)
        if known is not None:
            return known
        if len(record.versions) >= MOST_VERSIONS:
            raise ServiceError("ServiceQuotaExceededException", f"A state machine can have at most {MOST_VERSIONS} versions")
        record.last_version += 1
        version = Version(f"{record.arn}:{record.last_version}", record.last_version, record.revision, description, self.core.clock.now())
        record.versions[version.number] = version
        self.core.state_machines[version.arn] = startable(record, version.revision, version.arn)
        return version

    def list_state_machine_versions(self, p: Parameters, _caller: Caller) -> Parameters:
        """List the versions of a state machine, newest first."""
        arn = _unqualified(p["stateMachineArn"])
        record = self.core.machines.get(str(arn))
        # The operation has no error for a state machine that does not exist.
        found = [] if record is None else sorted(record.versions.values(), key=lambda each: -each.number)
        page, token = self.core.pages.page("ListStateMachineVersions", p, found, lambda each: each.number, descending=True)
        shown = [{"stateMachineVersionArn": each.arn, "creationDate": moment(each.created)} for each in page]
        return {"stateMachineVersions": shown, "nextToken": token}

    def delete_state_machine_version(self, p: Parameters, _caller: Caller) -> Parameters:
        """Delete a version to which no alias routes. A version that does not exist is deleted already."""
        core = self.core
        arn = arns.parse(p["stateMachineVersionArn"], arns.STATE_MACHINE)
        if arn.version is None:
            raise ServiceError(VALIDATION, f"The ARN must be that of a version: '{arn}'")
        with core.lock:
            record = core.machines.get(arn.state_machine)
            version = None if record is None else record.versions.get(arn.version)
            if record is None or version is None:
                return {}
            using = [each.arn for each in record.aliases.values() if any(target == version.arn for target, _ in each.routing)]
            if using:
                shown = ", ".join(using)
                message = (
                    f"Version to be deleted must not be referenced by an alias. Current list of aliases referencing this version: [{shown}]"
                )
                raise ServiceError("ConflictException", message)
            del record.versions[version.number]
            core.state_machines.pop(version.arn, None)
        return {}

    # --- aliases ---

    def create_state_machine_alias(self, p: Parameters, _caller: Caller) -> Parameters:
        """Create an alias. A repeated request with the same parameters returns the first one's answer."""
        core = self.core
        routing = _routing(p["routingConfiguration"])
        base = arns.parse(routing[0][0], arns.STATE_MACHINE)
        with core.lock:
            record = core.machines.get(base.state_machine)
            if record is None:
                raise ServiceError("ResourceNotFound", f"State Machine Does Not Exist: '{base.state_machine}'")
            core.active(base)
            self._check_versions(record, routing)
            name, description = p["name"], p.get("description", "")
            known = record.aliases.get(name)
            if known is not None:
                if (known.description, known.routing) != (description, routing):
                    raise ServiceError(
                        "ConflictException",
                        f"Failed to create alias because an alias with the same name and a "
                        f"different routing configuration already exists: '{known.arn}'",
                    )
                return {"stateMachineAliasArn": known.arn, "creationDate": moment(known.created)}
            if len(record.aliases) >= MOST_ALIASES:
                raise ServiceError("ServiceQuotaExceededException", f"A state machine can have at most {MOST_ALIASES} aliases")
            now = core.clock.now()
            alias = Alias(f"{record.arn}:{name}", name, description, routing, now, now, core.number())
            record.aliases[name] = alias
            self._startable_alias(record, alias)
            return {"stateMachineAliasArn": alias.arn, "creationDate": moment(now)}

    def update_state_machine_alias(self, p: Parameters, _caller: Caller) -> Parameters:
        """Change the description or the routing of an alias."""
        core = self.core
        if "description" not in p and "routingConfiguration" not in p:
            raise ServiceError(VALIDATION, "Either the description or the routingConfiguration must be specified")
        with core.lock:
            record, alias = self._alias(p["stateMachineAliasArn"])
            core.active(record.arn)
            if "routingConfiguration" in p:
                routing = _routing(p["routingConfiguration"])
                self._check_versions(record, routing)
                alias.routing = routing
            alias.description = p.get("description", alias.description)
            alias.updated = core.clock.now()
            self._startable_alias(record, alias)
            return {"updateDate": moment(alias.updated)}

    def describe_state_machine_alias(self, p: Parameters, _caller: Caller) -> Parameters:
        """Describe an alias."""
        _, alias = self._alias(p["stateMachineAliasArn"])
        return _present(
            {
                "stateMachineAliasArn": alias.arn,
                "name": alias.name,
                "description": alias.description,
                "routingConfiguration": [{"stateMachineVersionArn": target, "weight": weight} for target, weight in alias.routing],
                "creationDate": moment(alias.created),
                "updateDate": moment(alias.updated),
            }
        )

    def list_state_machine_aliases(self, p: Parameters, _caller: Caller) -> Parameters:
        """List the aliases of a state machine or of a version, newest first."""
        core = self.core
        arn = arns.parse(p["stateMachineArn"], arns.STATE_MACHINE)
        record = core.active(arn)
        if arn.qualifier is not None and arn.version not in record.versions:
            raise ServiceError("ResourceNotFound", f"Resource not found: '{arn}'", resourceName=str(arn))
        found = sorted(record.aliases.values(), key=lambda each: -each.number)
        if arn.qualifier is not None:
            found = [each for each in found if any(target == str(arn) for target, _ in each.routing)]
        page, token = core.pages.page("ListStateMachineAliases", p, found, lambda each: each.number, descending=True)
        shown = [{"stateMachineAliasArn": each.arn, "creationDate": moment(each.created)} for each in page]
        return {"stateMachineAliases": shown, "nextToken": token}

    def delete_state_machine_alias(self, p: Parameters, _caller: Caller) -> Parameters:
        """Delete an alias."""
        with self.core.lock:
            record, alias = self._alias(p["stateMachineAliasArn"])
            del record.aliases[alias.name]
            self.core.state_machines.pop(alias.arn, None)
        return {}

    def _alias(self, text: str) -> tuple[MachineRecord, Alias]:
        arn = arns.parse(text, arns.STATE_MACHINE)
        if arn.qualifier is None:
            raise ServiceError(VALIDATION, f"The ARN must be that of an alias: '{arn}'")
        record = self.core.machines.get(arn.state_machine)
        alias = None if record is None else record.aliases.get(arn.qualifier)
        if record is None or alias is None:
            raise ServiceError("ResourceNotFound", f"Request references a resource that does not exist: '{arn}'", resourceName=str(arn))
        return record, alias

    def _check_versions(self, record: MachineRecord, routing: list[tuple[str, int]]) -> None:
        for target, _ in routing:
            arn = arns.parse(target, arns.STATE_MACHINE)
            if arn.state_machine != str(record.arn):
                raise ServiceError(VALIDATION, "Routing configuration must contain versions of one state machine only")
            if arn.version is None:
                raise ServiceError(VALIDATION, f"Routing configuration must contain the ARNs of versions: '{target}'")
            if arn.version not in record.versions:
                raise ServiceError(
                    "ResourceNotFound", f"Request references a resource that does not exist: '{target}'", resourceName=target
                )

    def _startable_alias(self, record: MachineRecord, alias: Alias) -> None:
        """Let tasks start what an alias names: of two versions the one with the larger weight."""
        target = max(alias.routing, key=lambda each: each[1])[0]
        version = record.versions[int(target.rsplit(":", 1)[1])]
        self.core.state_machines[alias.arn] = startable(record, version.revision, version.arn, alias.arn)


def describe(record: MachineRecord, revision: Revision, *, data: bool) -> Parameters:
    """Return a state machine as DescribeStateMachine does."""
    return {
        "stateMachineArn": str(record.arn),
        "name": record.name,
        "status": record.status,
        "definition": revision.definition if data else None,
        "variableReferences": revision.machine.walk.once(variable_references) if data else None,
        "roleArn": revision.role,
        "type": revision.type,
        "creationDate": moment(record.created),
        "loggingConfiguration": revision.logging,
        "tracingConfiguration": revision.tracing,
        "encryptionConfiguration": revision.encryption,
        "revisionId": revision.revision_id,
    }


def read_tags(tags: list[Parameters]) -> dict[str, str]:
    """Return tags by key.

    Raises:
        ServiceError: ``TooManyTags``.
    """
    found = {each["key"]: each.get("value", "") for each in tags if "key" in each}
    if len(found) > MOST_TAGS:
        raise ServiceError("TooManyTags", f"A resource can have at most {MOST_TAGS} tags")
    return found


def encryption(p: Parameters) -> Parameters:
    """Return the encryption configuration of a request.

    Raises:
        ServiceError: ``InvalidEncryptionConfiguration``: the key is missing, or there is a key where none is used.
    """
    given: Parameters = p.get("encryptionConfiguration", ENCRYPTION)
    customer = given["type"] == "CUSTOMER_MANAGED_KMS_KEY"
    if customer != ("kmsKeyId" in given) or (not customer and "kmsDataKeyReusePeriodSeconds" in given):
        words = "needs a kmsKeyId" if customer else "takes no kmsKeyId and no kmsDataKeyReusePeriodSeconds"
        raise ServiceError("InvalidEncryptionConfiguration", f"Invalid Encryption Configuration: '{given['type']} {words}'")
    return given


def _present(shown: Parameters) -> Parameters:
    return {key: value for key, value in shown.items() if value is not None and value != ""}


def _compiled(definition: str, type_: str) -> Machine:
    """Compile a definition.

    Raises:
        ServiceError: ``InvalidDefinition``, with what is wrong with it.
    """
    try:
        return compile_definition(definition, type="EXPRESS" if type_ == EXPRESS else "STANDARD")
    except DefinitionError as error:
        raise definition_error(error.diagnostics, definition) from None


def check_role(role: str) -> None:
    """Refuse what is not the ARN of a role.

    Raises:
        ServiceError: ``InvalidArn``.
    """
    if not re.fullmatch(r"arn:[^:]+:iam::\d{12}:role/.+", role):
        raise ServiceError("InvalidArn", f"Invalid Role Arn: '{role}'")


def _check_description(p: Parameters) -> None:
    if "versionDescription" in p and not p.get("publish"):
        raise ServiceError(VALIDATION, "Version description can only be set when publish is true")


def _unqualified(text: str) -> arns.Arn:
    """Read the ARN of a state machine that must have no version, alias or label.

    Raises:
        ServiceError: ``InvalidArn`` or ``ValidationException``.
    """
    arn = arns.parse(text, arns.STATE_MACHINE)
    if arn.qualifier is not None or arn.label is not None:
        raise ServiceError(VALIDATION, f"The ARN must not be qualified: '{text}'")
    return arn


def _logging(p: Parameters) -> Parameters:
    """Return the logging configuration of a request, with its defaults.

    Raises:
        ServiceError: ``InvalidLoggingConfiguration``.
    """
    given = {**LOGGING, **p.get("loggingConfiguration", {})}
    destinations = given.get("destinations", [])
    groups = [each.get("cloudWatchLogsLogGroup", {}).get("logGroupArn", "") for each in destinations]
    if given["level"] != "OFF" and not groups:
        raise ServiceError("InvalidLoggingConfiguration", "Invalid Logging Configuration: Must specify exactly one Log Destination.")
    if any(not re.fullmatch(r"arn:[^:]+:logs:[^:]*:\d{12}:log-group:.+", each) for each in groups):
        raise ServiceError("InvalidLoggingConfiguration", "Invalid Logging Configuration: Log Destination is not a log group.")
    return given


def _tracing(p: Parameters) -> Parameters:
    given: Parameters = p.get("tracingConfiguration", TRACING)
    if "enabled" not in given:
        raise ServiceError("InvalidTracingConfiguration", "Invalid Tracing Configuration: 'enabled' must be true or false")
    return given


def _routing(given: list[Parameters]) -> list[tuple[str, int]]:
    """Return the versions of an alias with their weights.

    Raises:
        ServiceError: ``ValidationException``.
    """
    routing = [(each["stateMachineVersionArn"], each["weight"]) for each in given]
    if len({target for target, _ in routing}) < len(routing):
        raise ServiceError(VALIDATION, "Routing configuration must not contain a version twice")
    if sum(weight for _, weight in routing) != _ALL:
        raise ServiceError(
            VALIDATION, f"Sum of routing configuration weights must equal {_ALL}. Received: [{', '.join(str(w) for _, w in routing)}]"
        )
    return routing
