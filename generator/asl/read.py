"""Reading definitions: JSON or YAML, depending on the name of the file, with the place of every value.

All commands read their files with this module. A file that cannot be read is a finding with a place, never an exception.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from importlib import import_module
from pathlib import Path
from typing import Any, Final

from generator.asl.text import DUPLICATE_HINT, MAX_DEPTH, duplicate_message, file_locator, places_locator, read_json
from generator.diagnostics.locate import locate
from generator.diagnostics.model import Diagnostic, Finding, Pointer, Span

YAML_SUFFIXES: Final = (".yaml", ".yml")
STANDARD_INPUT: Final = "-"
_MAX_YAML_NODES: Final = 1_000_000
"""The most nodes of a YAML file. Aliases can make a huge value of a small file."""
_MAX_YAML_DEPTH: Final = 400
_DEEPER: Final = {"SequenceStartEvent": 1, "MappingStartEvent": 1, "SequenceEndEvent": -1, "MappingEndEvent": -1}


@dataclass(frozen=True, eq=False)
class Document:
    """A file that was read.

    Attributes:
        name: the file, as diagnostics name it.
        text: the text; empty if the file could not be read.
        value: the JSON value; None if there is none.
        readable: whether there is a value.
        diagnostics: the problems that reading found.
        locate: returns the place of a pointer in the file.
    """

    name: str
    text: str = ""
    value: Any = None
    readable: bool = False
    diagnostics: list[Diagnostic] = field(default_factory=list)
    locate: Callable[[Pointer], Span] = field(default=lambda _: Span(""), repr=False)


def read_file(file: str | Path, *, template: bool = False) -> Document:
    """Read a file that contains JSON, or YAML if its name ends in ``.yaml`` or ``.yml``; ``-`` is standard input.

    Args:
        file: the path of the file.
        template: whether YAML may have the tags of CloudFormation, such as ``!Sub``, and merge keys.

    >>> document = read_file("no/such/file.json")
    >>> document.readable, [(d.code, d.message) for d in document.diagnostics]
    (False, [('SFN004', 'the file cannot be read: No such file or directory')])
    """
    name = "<stdin>" if str(file) == STANDARD_INPUT else str(file)
    try:
        data = sys.stdin.buffer.read() if str(file) == STANDARD_INPUT else Path(file).read_bytes()
    except (OSError, ValueError) as error:
        message = f"the file cannot be read: {getattr(error, 'strerror', None) or error}"
        return _unreadable(name, "", Finding("SFN004", (), message), Span(name))
    return read_bytes(data, name, template=template)


def read_bytes(data: bytes, name: str, *, template: bool = False) -> Document:
    """Read the content of a file, which must be UTF-8 (RFC 8259, section 8.1).

    Args:
        data: the content.
        name: the name of the file; its suffix decides between JSON and YAML.
        template: whether YAML may have the tags of CloudFormation.

    >>> read_bytes(bytes([255, 254]), "a.json").diagnostics[0].message
    'the text is not UTF-8'
    """
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        before = data[: error.start].decode("utf-8")
        start = before.rfind("\n") + 1
        finding = Finding("SFN001", (), "the text is not UTF-8", found=f"the byte 0x{data[error.start]:02x}", expected="text in UTF-8")
        return _unreadable(name, "", finding, Span(name, before.count("\n") + 1, len(before) - start + 1))
    return read_text(text, name, template=template)


def read_text(text: str, name: str, *, template: bool = False) -> Document:
    """Read JSON text, or YAML text if the name ends in ``.yaml`` or ``.yml``.

    Args:
        text: the text.
        name: the name of the file.
        template: whether YAML may have the tags of CloudFormation. ``!Sub x`` is then ``{"Fn::Sub": "x"}``, as in JSON.

    >>> read_text("Arn: !GetAtt Check.Arn", "a.yaml", template=True).value
    {'Arn': {'Fn::GetAtt': ['Check', 'Arn']}}

    >>> read_text("StartAt: A", "a.asl.yaml").value
    {'StartAt': 'A'}
    """
    if name.endswith(YAML_SUFFIXES):
        return _read_yaml(text, name, template=template)
    value, findings, stopped = read_json(text)
    if stopped is not None:
        return _unreadable(name, text, findings[0], replace(stopped, file=name))
    locator = file_locator(name, text)
    return Document(name, text, value, readable=True, diagnostics=locate(findings, locator), locate=locator)


def _unreadable(name: str, text: str, finding: Finding, place: Span) -> Document:
    return Document(name, text, diagnostics=locate([finding], lambda _: place), locate=lambda _: place)


# -- YAML ----------------------------------------------------------------------------------------------------------------

_INTEGER: Final = re.compile(r"[-+]?\d+", re.ASCII)
_NUMBER: Final = re.compile(r"[-+]?(\d+(\.\d*)?|\.\d+)([eE][-+]?\d+)?", re.ASCII)
_WORDS: Final = {"": None, "~": None, **dict.fromkeys(("null", "Null", "NULL"))} | {
    word: word.lower() == "true" for word in ("true", "True", "TRUE", "false", "False", "FALSE")
}


class _InvalidYamlError(Exception):
    def __init__(self, message: str, mark: Any, expected: str) -> None:
        super().__init__(message)
        self.mark = mark
        self.expected = expected


def _read_yaml(text: str, name: str, *, template: bool) -> Document:
    """Read YAML as JSON values by the core schema of YAML 1.2: dates, ``yes``, ``no`` and ``on`` are strings.

    Source: https://yaml.org/spec/1.2.2/#103-core-schema
    """
    yaml = import_module("yaml")  # which has no annotations: the type checkers of projects read this module, too

    text = text.removeprefix("\ufeff")  # YAML allows a byte order mark, and does not count it
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    reader = _YamlReader(template=template)
    try:
        _check_events(yaml.parse(text, Loader=loader), template=template)
        node = yaml.compose(text, Loader=loader)
        value = None if node is None else reader.value(node, ())
    except yaml.MarkedYAMLError as error:
        message = f"the text is not YAML: {', '.join(filter(None, (error.context, error.problem))) or 'it cannot be parsed'}"
        return _unreadable(name, text, Finding("SFN001", (), message, expected="valid YAML"), _span(name, error.problem_mark))
    except _InvalidYamlError as error:
        return _unreadable(name, text, Finding("SFN001", (), str(error), expected=error.expected), _span(name, error.mark))
    except (yaml.YAMLError, ValueError) as error:
        message = f"the text is not YAML: {str(error).splitlines()[0].partition(';')[0]}"
        return _unreadable(name, text, Finding("SFN001", (), message, expected="valid YAML"), Span(name))
    except RecursionError:
        finding = Finding("SFN005", (), "the YAML is nested too deeply to be read", expected=f"at most {MAX_DEPTH} levels")
        return _unreadable(name, text, finding, Span(name))
    locator = places_locator(name, text, reader.places)
    return Document(name, text, value, readable=True, diagnostics=locate(reader.findings, locator), locate=locator)


def _check_events(events: Iterable[Any], *, template: bool) -> None:
    """Refuse other tags than those of templates, and nesting too deep to be composed: libyaml recurses in C, which ends the process."""
    depth = 0
    for event in events:
        depth += _DEEPER.get(type(event).__name__, 0)
        if depth > _MAX_YAML_DEPTH:
            raise RecursionError
        if (tag := getattr(event, "tag", None)) and not (template and _function_of(str(tag))):
            shown = str(tag).replace("tag:yaml.org,2002:", "!!")
            raise _InvalidYamlError(f"the YAML has the tag {shown!r}", event.start_mark, "values of JSON, without tags")


def _span(name: str, mark: Any) -> Span:
    return Span(name) if mark is None else Span(name, mark.line + 1, mark.column + 1)


def _function_of(tag: str) -> str:
    """Return the function of CloudFormation that a tag is the short form of; empty for any other tag.

    Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference.html

    >>> _function_of("!Sub"), _function_of("!Ref"), _function_of("tag:yaml.org,2002:str")
    ('Fn::Sub', 'Ref', '')
    """
    name = tag.removeprefix("!")
    if not tag.startswith("!") or not name.isalnum():
        return ""
    return name if name in ("Ref", "Condition") else f"Fn::{name}"


class _YamlReader:
    def __init__(self, *, template: bool) -> None:
        self.template = template
        self.places: dict[Pointer, tuple[int, int]] = {}
        self.findings: list[Finding] = []
        self.nodes = 0

    def value(self, node: Any, at: Pointer) -> Any:
        self.nodes += 1
        if self.nodes > _MAX_YAML_NODES:
            raise _InvalidYamlError("the aliases of the YAML expand to too large a value", node.start_mark, "a definition of at most 1 MiB")
        self.places.setdefault(at, (node.start_mark.index, max(node.end_mark.index, node.start_mark.index + 1)))
        if self.template and (function := _function_of(str(node.tag))):
            inner = self.untagged(node, (*at, function))
            return {function: inner.split(".", 1) if function == "Fn::GetAtt" and isinstance(inner, str) else inner}
        return self.untagged(node, at)

    def untagged(self, node: Any, at: Pointer) -> Any:
        if node.id == "mapping":
            return self.mapping(node, at)
        if node.id == "sequence":
            return [self.value(item, (*at, index)) for index, item in enumerate(node.value)]
        return node.value if node.style else _scalar(node.value)

    def mapping(self, node: Any, at: Pointer) -> dict[str, Any]:
        members: dict[str, Any] = {}
        for key, value in node.value:
            if key.id != "scalar":
                raise _InvalidYamlError("a key of the YAML is not a string", key.start_mark, "a string")
            name = str(key.value)
            if name == "<<" and not key.style and self.template:
                merged = self.value(value, (*at, name))
                for one in merged if isinstance(merged, list) else [merged]:
                    members = {**one, **members} if isinstance(one, dict) else members
                continue
            if name == "<<" and not key.style:
                message = "the YAML has the merge key '<<', which YAML 1.2 does not have"
                raise _InvalidYamlError(message, key.start_mark, "the members themselves")
            place = (*at, name)
            if name in members:
                what, code = ("state", "SFN103") if at and at[-1] == "States" else ("member", "SFN002")
                hint = DUPLICATE_HINT
                self.findings.append(Finding(code, place, duplicate_message(what, name), hint=hint))
            self.places[place] = (key.start_mark.index, key.end_mark.index)
            members[name] = self.value(value, place)
        return members


def _scalar(text: str) -> Any:
    """Return the value of a plain scalar.

    >>> [_scalar(text) for text in ("12", "1.5", "true", "~", "2026-01-31", "yes", "${timeout}")]
    [12, 1.5, True, None, '2026-01-31', 'yes', '${timeout}']
    """
    if text in _WORDS:
        return _WORDS[text]
    if _INTEGER.fullmatch(text):
        return int(text)
    return float(text) if _NUMBER.fullmatch(text) else text
