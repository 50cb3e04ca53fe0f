"""Find the state machines of a file, whatever kind of file it is."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from generator.asl.read import STANDARD_INPUT, YAML_SUFFIXES, read_bytes, read_file
from generator.diagnostics.model import Span, failed
from generator.importers.python import bare_placeholders
from generator.importers.sources import Machine, Source, is_definition, own_name, plain_placeholders, yaml_comments
from generator.importers.templates import of_serverless, of_template
from generator.importers.terraform import of_terraform

TERRAFORM_SUFFIXES: Final = (".tf", ".hcl")
_EXPECTED: Final = "a definition in JSON or YAML, alone or in a template of CloudFormation or SAM, in serverless.yml or in Terraform"


def find_machines(file: Path) -> Source:
    """Find the state machines of a file.

    >>> find_machines(Path("no/such/file.json")).diagnostics[0].code
    'SFN004'
    """
    source = Source()
    if file.name.endswith(TERRAFORM_SUFFIXES):
        of_terraform(source, file)
        return source
    document = read_file(file, template=True)
    if not document.readable and not file.name.endswith((".json", *YAML_SUFFIXES)) and document.text.strip()[:1] not in ("{", ""):
        document = read_bytes(document.text.encode(), f"{file}.yaml", template=True)  # a template of YAML without its suffix
    source.texts[document.name] = document.text
    source.diagnostics += document.diagnostics
    if not document.readable:
        return source
    folder = Path() if str(file) == STANDARD_INPUT else file.parent
    value = document.value
    if is_definition(value):
        machine = Machine("workflow" if str(file) == STANDARD_INPUT else own_name(file), plain_placeholders(value), document)
        machine.bare = bare_placeholders(document.text)
        machine.comments = yaml_comments(document.text) if document.name.endswith(YAML_SUFFIXES) else {}
        source.machines.append(machine)
    elif isinstance(value, Mapping) and isinstance(value.get("Resources"), Mapping):
        of_template(source, document, folder)
    elif isinstance(value, Mapping) and isinstance(value.get("stepFunctions"), Mapping):
        of_serverless(source, document, folder)
    if not source.machines and not failed(source.diagnostics):
        source.problem("SFN852", Span(document.name), "the file has no state machine that can be imported", expected=_EXPECTED)
    return source
