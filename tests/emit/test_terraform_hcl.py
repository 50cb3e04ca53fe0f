"""Text in HCL stays text: in our own reading of the syntax, and in Terraform's."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from generator.emit.terraform.hcl import hcl_attributes, hcl_comment, hcl_key, hcl_string
from tests.support.hostile import HOSTILE

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.terraform.offline import Offline

texts = st.text(st.one_of(st.sampled_from('${}%"\\\n\r~#u0024'), st.characters()), max_size=40)


def read(quoted: str) -> str:
    """Read a quoted string that has no template in it, as HCL's specification says."""
    assert re.fullmatch(r'"(?:[^"\\\n]|\\[nrt"\\]|\\u[0-9a-f]{4}|\\U[0-9a-f]{8})*"', quoted)
    assert not re.search(r"[$%]\{", quoted)
    simple = {"n": "\n", "r": "\r", "t": "\t"}
    return re.sub(
        r"\\(?:u(.{4})|U(.{8})|(.))",
        lambda found: simple.get(found[3], found[3]) if found[3] else chr(int(found[1] or found[2], 16)),
        quoted[1:-1],
    )


@given(texts)
@example("$" * 3 + "{")
def test_a_string_reads_back(text: str) -> None:
    """What is written is one string without interpolation, and means the text."""
    assert read(hcl_string(text)) == re.sub("[\ud800-\udfff]", "\ufffd", text)


@given(texts)
def test_a_string_shows_all_it_holds(text: str) -> None:
    """Nothing invisible, and nothing that turns the reading direction, reaches a reviewer as it is."""
    assert hcl_string(text).isprintable()


@given(texts)
def test_a_comment_stays_a_comment(text: str) -> None:
    """However the text breaks its lines, each of them starts with the mark."""
    written = hcl_comment(text)
    assert all(re.fullmatch(r"#( .*\S)?", line) for line in re.split(r"\r\n|[\n\r\v\f\x1c-\x1e\x85\u2028\u2029]", written) if written)
    assert written.replace("\n", "").isprintable()


def test_keys_are_quoted_only_where_they_must_be() -> None:
    """Names that HCL would take for something else are strings."""
    assert [hcl_key(name) for name in ("order_arn", "for", "null", "a b", "1st", "${x}")] == [
        "order_arn",
        '"for"',
        '"null"',
        '"a b"',
        '"1st"',
        '"\\u0024{x}"',
    ]


def module_of(values: list[str]) -> str:
    """A module whose outputs are these texts, each below a comment with the same text; and an object with keys of all kinds."""
    outputs = (f'{hcl_comment(text)}\noutput "t{number}" {{\n  value = {hcl_string(text)}\n}}\n' for number, text in enumerate(values))
    keys = dict.fromkeys(("a", "for", "true", "order_queue_arn", "a b", "1st", "${x}", '"'), "null")
    return "\n".join(outputs) + f"\nlocals {{\n  keys = {{\n    {hcl_attributes(keys, 4)}\n  }}\n}}\n"


def through_terraform(terraform: Offline, folder: Path, values: list[str]) -> list[str]:
    """Have Terraform read the texts, after it has agreed with their format."""
    (folder / "main.tf").write_text(module_of(values), encoding="utf-8")
    terraform.fmt(folder)
    outputs = terraform.plan(folder)["planned_values"]["outputs"]
    return [outputs[f"t{number}"]["value"] for number in range(len(values))]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One folder for all runs: each overwrites the module of the one before."""
    return tmp_path_factory.mktemp("hcl")


@settings(max_examples=6)
@given(st.lists(texts, min_size=20, max_size=100))
@example(HOSTILE)
def test_terraform_reads_the_same_text(terraform_offline: Offline, folder: Path, values: list[str]) -> None:
    """The real Terraform reads each text back, in normal form C as it keeps all strings."""
    expected = [unicodedata.normalize("NFC", re.sub("[\ud800-\udfff]", "\ufffd", text)) for text in values]
    assert through_terraform(terraform_offline, folder, values) == expected
