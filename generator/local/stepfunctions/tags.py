"""The operations on tags of state machines and activities."""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.local.stepfunctions import arns
from generator.local.stepfunctions.machines import read_tags
from generator.local.stepfunctions.model import ServiceError

if TYPE_CHECKING:
    from generator.local.stepfunctions.core import Core
    from generator.local.stepfunctions.machines import Parameters
    from generator.local.stepfunctions.service import Caller


class Tags:
    """The operations on tags."""

    def __init__(self, core: Core) -> None:
        """Use the state of the endpoint."""
        self.core = core

    def tag_resource(self, p: Parameters, _caller: Caller) -> Parameters:
        """Add tags to a state machine or an activity."""
        with self.core.lock:
            tags = self._tags(p["resourceArn"])
            given = [{"key": key, "value": value} for key, value in tags.items()]
            tags.update(read_tags([*given, *p["tags"]]))
        return {}

    def untag_resource(self, p: Parameters, _caller: Caller) -> Parameters:
        """Remove tags."""
        with self.core.lock:
            tags = self._tags(p["resourceArn"])
            for key in p["tagKeys"]:
                tags.pop(key, None)
        return {}

    def list_tags_for_resource(self, p: Parameters, _caller: Caller) -> Parameters:
        """List the tags of a state machine or an activity."""
        with self.core.lock:
            return {"tags": [{"key": key, "value": value} for key, value in self._tags(p["resourceArn"]).items()]}

    def _tags(self, text: str) -> dict[str, str]:
        arn = arns.parse(text, arns.STATE_MACHINE, arns.ACTIVITY)
        known = self.core.activities_known.get(text) or self.core.machines.get(text)
        if known is None:
            raise ServiceError("ResourceNotFound", f"Resource not found: '{arn}'", resourceName=text)
        return known.tags
