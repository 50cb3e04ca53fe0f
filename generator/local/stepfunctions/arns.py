"""The ARNs of Step Functions: reading them, and the rules for names.

Sources:
    https://docs.aws.amazon.com/step-functions/latest/apireference/API_CreateStateMachine.html (characters of names)
    https://docs.aws.amazon.com/step-functions/latest/dg/concepts-state-machine-version.html (qualified ARNs)
"""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from generator.local.stepfunctions.model import ServiceError

STATE_MACHINE: Final = "stateMachine"
EXECUTION: Final = "execution"
EXPRESS: Final = "express"
MAP_RUN: Final = "mapRun"
ACTIVITY: Final = "activity"
_PARTS: Final = 6
_FORBIDDEN: Final = re.compile(r"""[\s<>{}\[\]?*"#%\\^|~`$&,;:/\x00-\x1f\x7f-\x9f\ufffe\uffff\ud800-\udfff]|\U0010ffff""")
_SIZES: Final = {STATE_MACHINE: (1, 2), EXECUTION: (2, 2), EXPRESS: (3, 3), MAP_RUN: (2, 2), ACTIVITY: (1, 1)}


class Arn(NamedTuple):
    """The parts of an ARN of Step Functions.

    Attributes:
        partition: ``aws``, ``aws-cn``, …
        region: the region.
        account: the account id.
        kind: ``stateMachine``, ``execution``, ``express``, ``mapRun`` or ``activity``.
        names: what follows the kind, such as the names of the state machine and of the execution.
    """

    partition: str
    region: str
    account: str
    kind: str
    names: tuple[str, ...]

    @property
    def name(self) -> str:
        """The first name: that of the state machine, or of the activity."""
        return self.names[0]

    @property
    def qualifier(self) -> str | None:
        """The version or the alias of a state machine."""
        return self.names[1] if self.kind == STATE_MACHINE and len(self.names) > 1 else None

    @property
    def version(self) -> int | None:
        """The number of the version of a state machine. None without one, or with an alias."""
        qualifier = self.qualifier
        return int(qualifier) if qualifier is not None and qualifier.isascii() and qualifier.isdigit() else None

    @property
    def label(self) -> str | None:
        """The label of the Distributed Map that the ARN belongs to."""
        return self.name.partition("/")[2] or None

    @property
    def state_machine(self) -> str:
        """The ARN of the state machine, without a version, an alias or a label."""
        return self.other(STATE_MACHINE, self.name.partition("/")[0])

    def other(self, kind: str, *names: str) -> str:
        """Return an ARN of the same region and account."""
        return ":".join(("arn", self.partition, "states", self.region, self.account, kind, *names))

    def __str__(self) -> str:
        """Return the ARN as text."""
        return self.other(self.kind, *self.names)


def parse(text: str, *kinds: str) -> Arn:
    """Read an ARN of one of some kinds.

    Raises:
        ServiceError: ``InvalidArn``.

    >>> arn = parse("arn:aws:states:us-east-1:123456789012:stateMachine:orders:3", STATE_MACHINE)
    >>> arn.name, arn.qualifier, arn.state_machine
    ('orders', '3', 'arn:aws:states:us-east-1:123456789012:stateMachine:orders')
    >>> parse("orders", STATE_MACHINE)
    Traceback (most recent call last):
        ...
    generator.local.stepfunctions.model.ServiceError: InvalidArn: Invalid Arn: 'Invalid ARN prefix: orders'
    """
    parts = text.split(":")
    if parts[0] != "arn" or len(parts) < _PARTS or parts[2] != "states":
        raise ServiceError("InvalidArn", f"Invalid Arn: 'Invalid ARN prefix: {text}'")
    _, partition, _, region, account, kind, *names = parts
    if kind not in kinds:
        raise ServiceError("InvalidArn", f"Invalid Arn: 'Resource type not valid in this context: {kind}'")
    least, most = _SIZES[kind]
    if not least <= len(names) <= most or not all(names) or not partition or not region or not re.fullmatch(r"\d{12}", account):
        raise ServiceError("InvalidArn", f"Invalid Arn: '{text}'")
    return Arn(partition, region, account, kind, tuple(names))


def partition_of(region: str) -> str:
    """Return the partition of a region.

    >>> partition_of("cn-north-1"), partition_of("eu-west-1")
    ('aws-cn', 'aws')
    """
    return "aws-cn" if region.startswith("cn-") else "aws-us-gov" if region.startswith("us-gov-") else "aws"


def new(kind: str, region: str, account: str, *names: str) -> str:
    """Return an ARN.

    >>> new(ACTIVITY, "us-east-1", "123456789012", "paint")
    'arn:aws:states:us-east-1:123456789012:activity:paint'
    """
    return str(Arn(partition_of(region), region, account, kind, names))


def check_name(name: str) -> None:
    """Refuse a name with a forbidden character.

    Raises:
        ServiceError: ``InvalidName``.

    >>> check_name("état.1-ok_")
    >>> check_name("a b")
    Traceback (most recent call last):
        ...
    generator.local.stepfunctions.model.ServiceError: InvalidName: Invalid Name: 'a b'
    """
    if _FORBIDDEN.search(name):
        raise ServiceError("InvalidName", f"Invalid Name: '{name}'")
