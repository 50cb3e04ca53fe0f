"""What workflows use: functions, queues, tables, topics, buckets, event buses, activities, machines that exist already.

A resource is declared once, in ``workflows/resources.py``, with what it may do to others. Nothing here holds an ARN: a
:class:`Ref` to an attribute becomes a ``${placeholder}`` in the artifacts, and the generated Terraform fills it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar, Literal

from generator.dsl.expressions import Expr
from generator.dsl.source import Source, here

if TYPE_CHECKING:
    from generator.dsl.expressions import Payload
