"""The resources of a definition, found by their ARNs, URLs, names and placeholders, and the names of its placeholders.

A text that names a resource stays what it is: the resource exists already, and ``existing=`` has the text. A placeholder such as
``${CheckOrderFunctionArn}`` becomes an attribute of a resource that the project deploys, ``${check_order_arn}``. Any other placeholder
gets the name that Terraform would give it.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final

from generator.asl.placeholders import PLACEHOLDER, has_placeholder, placeholder_name
from generator.catalog.integrations import parse_resource
from generator.catalog.resources import ARN, KINDS, NAME, URL, ResourceKind
from generator.dsl.declarations import existing_attributes
from generator.dsl.placeholder_types import is_placeholder_name
from generator.importers.code import Names, call, words_of
from generator.lower.texts import OWN, PSEUDO

CLASSES: Final = {
    "activity": "Activity",
    "bucket": "Bucket",
    "event-bus": "EventBus",
    "function": "Function",
    "queue": "Queue",
    "state-machine": "StateMachine",
    "table": "Table",
    "topic": "Topic",
}
"""The class of each kind of resource."""
ATTRIBUTES: Final = {("bucket", NAME): "bucket_name", ("event-bus", NAME): "bus_name", ("table", NAME): "table_name"}
"""The Python attribute of an attribute of a resource, where it has another name."""
_PARAMETERS: Final = {kind.parameter: kind for kind in KINDS.values() if kind.key in CLASSES} | {
    "BucketName": KINDS["bucket"],
}
_WORDS_OF_KIND: Final = {
    "activity": {"activity"},
    "bucket": {"bucket", "s3"},
    "event-bus": {"bus", "event"},
    "function": {"function", "lambda", "fn", "func"},
    "queue": {"queue", "sqs"},
    "state-machine": {"state", "machine", "statemachine", "workflow"},
    "table": {"table", "dynamodb", "ddb"},
    "topic": {"topic", "sns"},
}
_ARN: Final = re.compile(
    r"arn:[^:]*:(lambda|sqs|sns|dynamodb|states|s3|events):[^:]*:[^:]*:(?:(function|activity|stateMachine|table|event-bus)[:/])?(.+)"
)
_LITERAL_NAME: Final = re.compile(r"[A-Za-z0-9_.:/$-]+")
_NOT_TEXTS: Final = frozenset({"Comment", "Next", "Default", "StartAt"})


@dataclass(eq=False)
class Found:
    """A resource that a definition uses.

    Attributes:
        kind: its kind.
        name: its name in Python, in lower case words joined by ``-``.
        identifier: the variable.
        existing: the text that names it; empty if the project deploys it.
        filled: the attribute that ``existing`` is, if that is a placeholder.
        options: further arguments of its declaration, such as the timeout of a function.
    """

    kind: ResourceKind
    name: str
    identifier: str
    existing: str = ""
    filled: str = ""
    options: Mapping[str, ast.expr] = field(default_factory=dict)

    def attribute(self, attribute: str) -> ast.expr:
        """Return the reference to an attribute."""
        return ast.Attribute(ast.Name(self.identifier), ATTRIBUTES.get((self.kind.key, attribute), attribute))

    @property
    def declaration(self) -> ast.expr:
        """The call that declares it."""
        existing = ast.Constant(self.existing) if self.existing else None
        return call(CLASSES[self.kind.key], ast.Constant(self.name), existing=existing, **self.options)

    def text(self, attribute: str) -> str:
        """Return the text of an attribute in the definition."""
        if self.filled:
            return self.existing if attribute == self.filled else ""
        if self.existing:
            return existing_attributes(self.kind, self.existing)[attribute]
        return "${" + self.name.replace("-", "_") + f"_{attribute}" + "}"


class Resources:
    """The resources and the placeholders of one import."""

    def __init__(self, names: Names, hints: Mapping[str, Found] | None = None, reserved: frozenset[str] = frozenset()) -> None:
        """Start without resources.

        Args:
            names: the names of the module.
            hints: what placeholders stand for, as the template around the definition says it.
            reserved: identifiers of what the project has already; a resource must not have such a name.
        """
        self.names = names
        self.reserved = set(reserved)
        self.hints = dict(hints or {})
        self.found: dict[tuple[str, str], Found] = {}
        self.by_text: dict[tuple[str, str], Found] = {}
        self.originals: dict[str, str] = {}
        self.renamed: dict[str, str] = {}

    # -- finding ---------------------------------------------------------------------------------------------------------

    def prepare(self, document: Any) -> Any:
        """Find the resources of a definition, and return the definition with the names that its placeholders have from now on."""
        for kind, attribute, text in _mentions(document):
            self._find(kind, attribute, text)
        return self._rename(document)

    def _find(self, kind: ResourceKind, attribute: str, text: str) -> None:
        name = placeholder_name(text)
        if name:
            if name not in self.renamed and name not in PSEUDO:
                self._found_by_placeholder(kind, attribute, name)
        elif all(each in PSEUDO for each in PLACEHOLDER.findall(text)):
            written = self._text(text)
            if (kind.key, written) not in self.by_text and (wanted := _name_in(kind, text)):
                known = self.found.get((kind.key, wanted))
                if known is None:
                    name_ = self._free(kind, wanted)
                    made = Found(kind, name_, self._identifier(kind, name_), written)
                    self.found[kind.key, wanted] = self.by_text[kind.key, written] = made

    def _free(self, kind: ResourceKind, wanted: str) -> str:
        """Return a name that nothing in the project has, and take it: two resources of one name would share their placeholders."""
        made, number = wanted, 2
        while made.replace("-", "_") in self.reserved:
            made = f"{wanted}-{kind.key}" if number == 2 else f"{wanted}-{kind.key}-{number - 1}"  # noqa: PLR2004  the first attempt
            number += 1
        self.reserved.add(made.replace("-", "_"))
        return made

    def _identifier(self, kind: ResourceKind, name: str) -> str:
        identifier = name.replace("-", "_")
        return self.names.unique(identifier, f"{identifier}_{kind.key.replace('-', '_')}")

    def _found_by_placeholder(self, kind: ResourceKind, attribute: str, name: str) -> None:
        hint = self.hints.get(name)
        wanted = hint.name if hint is not None else _name_of_placeholder(kind, attribute, name)
        known = self.found.get((kind.key, wanted))
        if known is None or (known.existing and not known.filled):
            if known is not None:
                wanted = f"{wanted}-2"
            name_ = self._free(kind, wanted)
            known = Found(kind, name_, self._identifier(kind, name_), options=hint.options if hint is not None else {})
            if hint is None and is_placeholder_name(name) and known.text(attribute) != "${" + name + "}":
                known.existing, known.filled = "${" + name + "}", attribute
            self.found[kind.key, wanted] = known
        text = known.text(attribute)
        new = placeholder_name(text)
        if not new or new in self.originals or (known.filled and new != name):
            return  # another placeholder of what seems to be one resource
        self.renamed[name] = new
        self.originals[new] = name
        self.by_text[kind.key, text] = known

    # -- placeholders ----------------------------------------------------------------------------------------------------

    def _new_name(self, name: str) -> str:
        if name in PSEUDO:
            return PSEUDO[name]
        new = self.renamed.get(name)
        if new is None:
            new = name if is_placeholder_name(name) else "_".join(words_of(name)) or "value"
            new = new if is_placeholder_name(new) else f"value_{new}"
            base, number = new, 2
            while new in self.originals or (new in OWN and name not in OWN):
                new, number = f"{base}_{number}", number + 1
            self.renamed[name] = new
            self.originals[new] = name
        return new

    def _text(self, text: str) -> str:
        return PLACEHOLDER.sub(lambda found: "${" + self._new_name(found[1]) + "}", text) if "${" in text else text

    def _rename(self, value: Any, key: str = "") -> Any:
        """Give placeholders their names. The names of states are never placeholders, and comments neither."""
        if isinstance(value, Mapping):
            return {(each if key == "States" else self._text(each)): self._rename(inner, each) for each, inner in value.items()}
        if isinstance(value, list):
            return [self._rename(inner, key) for inner in value]
        return self._text(value) if isinstance(value, str) and key not in _NOT_TEXTS else value

    def restored(self, text: str) -> str:
        """Return a text of the compiled definition with the placeholders that the original has."""
        pseudo = {new: old for old, new in PSEUDO.items()}

        def original(found: re.Match[str]) -> str:
            name = found[1]
            return "${" + (self.originals.get(name) or (pseudo[name] if name in pseudo and name not in self.renamed else name)) + "}"

        return PLACEHOLDER.sub(original, text) if "${" in text else text

    # -- using -----------------------------------------------------------------------------------------------------------

    def of(self, kind: str, text: object) -> Found | None:
        """Return the resource of a kind that a text names."""
        return self.by_text.get((kind, text)) if isinstance(text, str) else None

    def reference(self, parameter: str, text: str) -> ast.expr | None:
        """Return the attribute of a resource that a parameter names it by."""
        kind = _PARAMETERS.get(parameter)
        found = None if kind is None else self.of(kind.key, text)
        if found is None or kind is None:
            return None
        return next((found.attribute(each) for each in kind.attributes if found.text(each) == text), None)

    @cached_property
    def attributes(self) -> dict[str, tuple[Found, str]]:
        """The resources that deployment fills in, and their attributes, by the placeholders of these."""
        return {
            found.text(each): (found, each)
            for found in self.found.values()
            if found.filled or not found.existing
            for each in ((found.filled,) if found.filled else found.kind.attributes)
        }

    def is_resource(self, name: str) -> bool:
        """Return whether a placeholder is an attribute of a resource, which declares it."""
        return "${" + name + "}" in self.attributes


def _name_in(kind: ResourceKind, text: str) -> str:
    """Return the name of a resource from its ARN, URL or name; empty if there is none."""
    found = _ARN.fullmatch(text)
    if found:
        written = found[3].split(":")[0] if kind.key == "function" else re.split(r"[:/]", found[3])[-1]
    elif text.startswith("https://"):
        written = text.rpartition("/")[2]
    else:
        written = text.split(":", maxsplit=1)[0] if kind.key == "function" else text
    if not _LITERAL_NAME.fullmatch(written) or has_placeholder(written):
        return ""
    return _plain(kind, words_of(written))


def _plain(kind: ResourceKind, words: list[str]) -> str:
    name = "-".join(words)
    return name if name[:1].isalpha() and name.isascii() else f"{kind.key}-{name}" if name and name.isascii() else ""


def _name_of_placeholder(kind: ResourceKind, attribute: str, name: str) -> str:
    """Return the name of the resource that a placeholder is an attribute of.

    >>> _name_of_placeholder(KINDS["function"], "arn", "CheckOrderFunctionArn"), _name_of_placeholder(KINDS["table"], "name", "orders_name")
    ('check-order', 'orders')
    """
    if is_placeholder_name(name) and name.endswith(f"_{attribute}") and "__" not in name:
        return _plain(kind, name.removesuffix(f"_{attribute}").split("_")) or kind.key
    words = words_of(name.replace(".", "_").replace("::", "_"))
    while len(words) > 1 and words[-1] in {ARN, NAME, URL}:
        words.pop()
    while len(words) > 1 and words[-1] in _WORDS_OF_KIND[kind.key]:
        words.pop()
    return _plain(kind, words) or kind.key


def _mentions(value: Any) -> Iterator[tuple[ResourceKind, str, str]]:
    """Yield where a definition names a resource: the kind, the attribute and the text."""
    pending: list[tuple[Any, bool]] = [(value, False)]
    while pending:
        item, inside = pending.pop()
        if isinstance(item, list):
            pending += [(each, inside) for each in reversed(item)]
            continue
        if not isinstance(item, Mapping):
            continue
        resource = item.get("Resource")
        if isinstance(resource, str) and item.get("Type") == "Task":
            yield from _called(resource)
        for key, inner in reversed(list(item.items())):
            pending.append((inner, inside or key in ("Parameters", "Arguments")))
        for key, inner in item.items() if inside else ():
            kind = _PARAMETERS.get(key)
            if kind is not None and isinstance(inner, str) and not inner.startswith(("$.", "$$", "{%", "$[")) and inner != "$":
                yield kind, kind.parameter_attribute, inner


def _called(resource: str) -> Iterator[tuple[ResourceKind, str, str]]:
    if parse_resource(resource) is not None:
        return
    found = _ARN.fullmatch(resource)
    if found and found[1] == "lambda":
        yield KINDS["function"], ARN, resource
    elif found and found[1] == "states" and found[2] == "activity":
        yield KINDS["activity"], ARN, resource
    elif name := placeholder_name(resource):
        yield KINDS["activity" if "activity" in words_of(name) else "function"], ARN, resource
