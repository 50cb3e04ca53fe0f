"""AWS's list of SDK integrations, with the dates at which services were added and removed.

The catalogue knows every service of botocore. Step Functions gets a new service some weeks or months after its SDKs, and loses one
when its API ends: ``sdk_services.txt`` beside this file is AWS's list, one service a line.

Source: https://docs.aws.amazon.com/step-functions/latest/dg/awssdk-release-history.html
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

SERVICES_FILE: Final = Path(__file__).with_name("sdk_services.txt")
_DATE_OF_LIST: Final = "list"


@dataclass(frozen=True, slots=True)
class Listing:
    """A service in AWS's list.

    Attributes:
        added: the date on which AWS added it; empty for a service of before March 2026, "never" for one that AWS did not list.
        removed: the date on which AWS removed it, "ended" if the day is not known; empty if it is in the list.
    """

    added: str = ""
    removed: str = ""


NEVER: Final = "never"
ENDED: Final = "ended"


def listing(service: str) -> Listing | None:
    """Return a service's place in AWS's list; None if it is not known from it.

    >>> listing("s3vectors"), listing("qldb").removed, listing("nosuchservice")
    (Listing(added='2026-03-12', removed=''), '2026-03-12', None)
    """
    return _read()[1].get(service)


def date_of_list() -> str:
    """Return the date of the list."""
    return _read()[0]


def unlisted(services: tuple[str, ...]) -> list[str]:
    """Return which of some services are newer than the list.

    >>> unlisted(("s3", "nosuchservice"))
    ['nosuchservice']
    """
    known = _read()[1]
    return [service for service in services if service not in known]


@cache
def _read() -> tuple[str, dict[str, Listing]]:
    date, found = "", {}
    for line in SERVICES_FILE.read_text(encoding="utf-8").splitlines():
        name, *dates = line.split()
        if name == _DATE_OF_LIST:
            (date,) = dates
        elif not name.startswith("#"):
            found[name] = Listing(*("" if one == "-" else one for one in dates))
    return date, found
