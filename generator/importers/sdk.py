"""Workflows written with the AWS Data Science SDK: found in a module, which is imported, and handed on as a definition."""

from __future__ import annotations

import inspect
import os
import re
import sys
from importlib import import_module
from pathlib import Path
from typing import Any, Final

from generator.asl.read import Document
from generator.diagnostics.model import Span
from generator.dsl.data_science_sdk import PACKAGE, sdk_definition, sdk_name
from generator.dsl.source import AuthoringError
from generator.importers.python import bare_placeholders
from generator.importers.sources import Machine, Source, plain_placeholders

_REGION: Final = "AWS_DEFAULT_REGION"
_BRACKETS: Final = re.compile(r"\['([A-Za-z_]\w*)'\]", re.ASCII)
_REGIONS: Final = frozenset({_REGION, "AWS_REGION"})


def find_sdk_workflow(target: str, root: Path) -> Source:
    """Find a workflow of the AWS Data Science SDK.

    Its ``Workflow`` makes a client of boto3, which needs a region but calls nothing: without one, it gets us-east-1.

    Args:
        target: the module and the attribute with the workflow, such as ``pipelines.training:workflow``.
        root: the folder that modules are imported from, beside the import path.

    >>> find_sdk_workflow("no.such.module:workflow", Path()).diagnostics[0].code
    'SFN852'
    """
    source = Source()
    name, colon, attribute = target.partition(":")
    if not (name and colon and attribute):
        source.problem(
            "SFN852", Span(target), "the target is not of the form MODULE:ATTRIBUTE", expected="such as pipelines.training:workflow"
        )
        return source
    folder = str(root)
    added = folder not in sys.path
    if added:
        sys.path.insert(0, folder)
    given = not _REGIONS.isdisjoint(os.environ)
    if not given:
        os.environ[_REGION] = "us-east-1"
    try:
        found = import_module(name)
        for part in attribute.split("."):
            found = getattr(found, part)
        definition = with_plain_paths(sdk_definition(found))
    except AuthoringError as error:
        (said,) = error.diagnostics
        source.problem("SFN852", Span(_file(name)), said.message, found=said.found, expected=said.expected)
        return source
    except Exception as error:  # noqa: BLE001  a module of others can raise any exception
        hint = f"; install sfn-generator[{PACKAGE}]" if isinstance(error, ImportError) and error.name == PACKAGE else ""
        source.problem("SFN852", Span(_file(name)), f"{target} cannot be imported: {type(error).__name__}: {error}{hint}")
        return source
    finally:
        if added:
            sys.path.remove(folder)
        if not given:
            os.environ.pop(_REGION, None)
    place = Span(_file(name))
    document = Document(place.file, "", definition, readable=True, locate=lambda _: place)
    machine = Machine(sdk_name(found) or attribute, plain_placeholders(definition), document)
    machine.bare = bare_placeholders("")
    source.machines.append(machine)
    return source


def with_plain_paths(value: Any, name: str = "") -> Any:
    """Return a definition whose paths have names of members behind a point, where the SDK writes brackets.

    >>> with_plain_paths({"id.$": "$$.Execution.Input['order']['order-id'][0]", "Comment": "$['a']"})
    {'id.$': "$$.Execution.Input.order['order-id'][0]", 'Comment': "$['a']"}
    """
    if isinstance(value, dict):
        return {key: with_plain_paths(item, key) for key, item in value.items()}
    if isinstance(value, list):
        return [with_plain_paths(item, name) for item in value]
    path = isinstance(value, str) and value.startswith("$") and name.endswith((".$", "Path", "Variable"))
    return _BRACKETS.sub(r".\1", value) if path else value


def _file(module: str) -> str:
    """Return the file of a module that was imported; its name if there is none."""
    loaded = sys.modules.get(module)
    try:
        return module if loaded is None else inspect.getsourcefile(loaded) or module
    except TypeError:
        return module
