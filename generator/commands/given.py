"""What a user gives ``run`` beside the workflow: the input, mocks, values of placeholders, the content of buckets."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from generator.asl.read import STANDARD_INPUT, Document, read_file, read_text
from generator.catalog.resources import BUCKET
from generator.diagnostics.locate import locate
from generator.diagnostics.model import Diagnostic, Finding, Severity, Span, did_you_mean
from generator.engine import MockError, Mocks
from generator.engine.as_text import shortened
from generator.engine.definitions import deployed_name

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from generator.asl.placeholders import Placeholder

MOCKS: Final = "<mocks>"
"""The name of mocks that are not in a file, in the places of diagnostics."""
_INPUT: Final = "<input>"
_SET: Final = "--set"
_S3: Final = "--s3"
_MOST_FINDINGS: Final = 20
_LONGEST: Final = 200
_FORMS: Final[dict[str, tuple[tuple[type, ...], str]]] = {
    "number": ((int, float), "a number"),
    "bool": ((bool,), "true or false"),
    "list": ((list,), 'a JSON list, such as ["a", "b"]'),
    "map": ((dict,), 'a JSON object, such as {"a": "b"}'),
}
"""The values of placeholders that are not text, by the first word of their type."""


class InvalidInputError(Exception):
    """The input of the command is invalid.

    Attributes:
        diagnostics: the problems.
        texts: the texts of files that cannot be read again, by the name in the diagnostics.
    """

    def __init__(self, diagnostics: Sequence[Diagnostic], texts: Mapping[str, str] | None = None) -> None:
        """Create the error."""
        super().__init__(diagnostics)
        self.diagnostics = list(diagnostics)
        self.texts = texts or {}


def problem(code: str, message: str, file: str, hint: str = "") -> InvalidInputError:
    """Return the error of one problem that has no place in a text."""
    return InvalidInputError([Diagnostic(code, Severity.ERROR, message, Span(file), hint=hint)])


def is_file(text: str) -> bool:
    """Return whether a text names a file, or standard input; it may be anything, also a name that no system accepts."""
    try:
        return text == STANDARD_INPUT or Path(text).is_file()
    except (OSError, ValueError):
        return False


def read_input(given: str | None, schema: Mapping[str, Any] | None) -> Any:
    """Return the input, given in place or as a file.

    Args:
        given: JSON, or the name of a file; None for ``{}``.
        schema: the JSON Schema that it must match; None if there is none.

    Raises:
        InvalidInputError: it is not JSON, or it does not match the schema.
    """
    document = read_file(given) if given is not None and is_file(given) else read_text("{}" if given is None else given, _INPUT)
    value = _value(document)
    if schema is not None and (findings := _schema_findings(schema, value, missing=given is None)):
        raise InvalidInputError(locate(findings, document.locate), {document.name: document.text})
    return value


def _schema_findings(schema: Mapping[str, Any], value: Any, *, missing: bool) -> list[Finding]:
    from jsonschema_rs import validator_for  # noqa: PLC0415  loaded only if a workflow declares its input

    hint = "give the input with --input" if missing else "--any-input runs the workflow all the same, as AWS would"
    try:
        found = [*islice(validator_for(dict(schema)).iter_errors(value), _MOST_FINDINGS)]
    except ValueError:  # half a surrogate pair, or a schema of the author's own that the validator does not read
        return []
    return [
        Finding(
            "SFN840",
            tuple(error.instance_path),
            f"the input does not match the type that the workflow declares, at {_json_path(error.instance_path)}: "
            f"{shortened(error.message, _LONGEST)}",
            hint=hint,
        )
        for error in found
    ]


def _json_path(steps: Iterable[str | int]) -> str:
    """Write a place in JSON as a JSONPath.

    >>> _json_path(["order", "items", 0, "unit price"])
    "$.order.items[0]['unit price']"
    """
    return "$" + "".join(f"[{step}]" if isinstance(step, int) else f".{step}" if step.isidentifier() else f"[{step!r}]" for step in steps)


def read_mocks(given: Path | str | Mapping[str, Any] | None, test_case: str | None) -> Mocks | None:
    """Return the mocks of a file, of JSON text, or of a value.

    Args:
        given: the name of a file, JSON text, or the content of a mock file.
        test_case: the test case of the mock file; ``MACHINE#CASE`` names the state machine too.

    Raises:
        InvalidInputError: they are invalid.
    """
    if given is None:
        return None
    machine, _, case = (test_case or "").rpartition("#")
    if isinstance(given, Mapping):
        document = read_text(json.dumps(given), MOCKS)
    else:
        in_place = isinstance(given, str) and given.lstrip().startswith("{")
        document = read_text(str(given), MOCKS) if in_place else read_file(given)
    try:
        return Mocks.from_json(_value(document), case or None, machine or None)
    except MockError as error:
        finding = Finding("SFN012", (), f"the mock file is invalid: {error}")
        raise InvalidInputError(locate([finding], document.locate), {document.name: document.text}) from None


def _value(document: Document) -> Any:
    if not document.readable:
        raise InvalidInputError(document.diagnostics, {document.name: document.text})
    return document.value


def read_values(
    given: Mapping[str, str], own: Mapping[str, Placeholder], others: Callable[[], Mapping[str, Placeholder]]
) -> dict[str, Any]:
    """Return the values of placeholders, each of the type of its placeholder.

    Args:
        given: the values as text, by name.
        own: the placeholders of the definition that runs.
        others: returns those of other definitions of the project, which it may start.

    Raises:
        InvalidInputError: there is no placeholder of a name, or a value is not of its type.
    """
    found: dict[str, Any] = {}
    diagnostics = []
    known = own
    for name, text in given.items():
        if name not in known:
            known = {**others(), **known}
        if name not in known:
            free = sorted(each.name for each in known.values() if not each.kind)
            hint = did_you_mean(name, known) or (f"the placeholders are {', '.join(free)}" if free else "no value has to be filled in")
            diagnostics.append(Diagnostic("SFN841", Severity.ERROR, f"there is no placeholder ${{{name}}}", Span(_SET), hint=hint))
            continue
        kind = known[name].type
        form = _FORMS.get(kind.partition("(")[0])
        value: Any = text
        if form is not None:
            try:
                value = json.loads(text)
            except (ValueError, RecursionError):
                value = None
            if not isinstance(value, form[0]) or (isinstance(value, bool) and bool not in form[0]):
                message = f"the value of the placeholder ${{{name}}} is not of the type {kind}"
                span = Span(_SET)
                diagnostics.append(Diagnostic("SFN012", Severity.ERROR, message, span, found=repr(text), expected=form[1]))
        found[name] = value
    if diagnostics:
        raise InvalidInputError(diagnostics)
    return found


def fill_buckets(client: Any, folders: Mapping[str, Path], placeholders: Iterable[Placeholder]) -> None:
    """Put the files of folders into buckets. The key of an object is the path of its file from the folder.

    Args:
        client: the boto3 client of S3.
        folders: the folder by the name of the bucket: as it was declared, or as it is deployed. A bucket that is not declared
            is created under this name.
        placeholders: those that stand for the declared resources.

    Raises:
        InvalidInputError: a folder does not exist or cannot be read, or the name of a bucket is misspelt.
    """
    from botocore.exceptions import BotoCoreError, ClientError

    declared = {each.resource: deployed_name(each.resource) for each in placeholders if each.kind == BUCKET.key}
    there = {bucket["Name"] for bucket in client.list_buckets()["Buckets"]}
    for name, folder in folders.items():
        bucket = declared.get(name, name)
        if bucket not in there and name not in declared and (hint := did_you_mean(name, declared)):
            raise problem("SFN841", f"there is no bucket {name!r}", _S3, hint)
        if not folder.is_dir():
            raise problem("SFN004", "the folder does not exist", str(folder))
        try:
            if bucket not in there:
                client.create_bucket(Bucket=bucket)
                there.add(bucket)
            for file in sorted(each for each in folder.rglob("*") if each.is_file()):
                client.put_object(Bucket=bucket, Key=file.relative_to(folder).as_posix(), Body=file.read_bytes())
        except OSError as error:
            raise problem("SFN004", f"the file cannot be read: {error.strerror}", str(error.filename or folder)) from None
        except (BotoCoreError, ClientError) as error:  # such as a name that S3 does not accept
            raise problem("SFN004", f"the bucket {bucket!r} cannot be filled: {error}", str(folder)) from None


def check_writable(file: Path) -> None:
    """Check that a file can be written, without changing it.

    Raises:
        InvalidInputError: it cannot be written.
    """
    try:
        there = file.exists()
        with file.open("a", encoding="utf-8"):
            pass
        if not there:
            file.unlink()
    except (OSError, ValueError) as error:
        raise not_written(file, error) from None


def not_written(file: Path, error: Exception) -> InvalidInputError:
    """Return the error of a file that cannot be written."""
    return problem("SFN004", f"the file cannot be written: {getattr(error, 'strerror', None) or error}", str(file))
