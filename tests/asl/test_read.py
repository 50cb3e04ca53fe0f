"""Reading files: JSON and YAML have the same values, and every value has its place."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from generator.asl.read import read_bytes, read_file, read_text

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**40), 2**40) | st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"])),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("abc$.%{}", max_size=4), inner, max_size=3),
    max_leaves=8,
)


@given(VALUES)
def test_yaml_means_what_json_means(value: Any) -> None:
    """YAML is a superset of JSON: JSON text in a YAML file has the same value."""
    assert read_text(json.dumps(value, ensure_ascii=False), "a.yaml").value == value


@given(VALUES)
def test_yaml_as_people_write_it(value: Any) -> None:
    """A value written by another YAML library is read back."""
    assert read_text(yaml.safe_dump(value, allow_unicode=True), "a.yml").value == value


def test_only_the_types_of_json() -> None:
    """Dates, and the words that YAML 1.1 takes for booleans, stay text."""
    text = "date: 2026-01-31\nyes: on\nnumber: 0o17\nsexagesimal: 12:30:00\nplaceholder: ${timeout}\nempty:\nnull: ~\n"
    assert read_text(text, "a.yaml").value == {
        "date": "2026-01-31",
        "yes": "on",
        "number": "0o17",
        "sexagesimal": "12:30:00",
        "placeholder": "${timeout}",
        "empty": None,
        "null": None,
    }


def test_places_in_yaml() -> None:
    """A member is placed at its name, an item where it begins."""
    document = read_text("StartAt: A\nStates:\n  A:\n    Type: Pass\n    Retry:\n      - x\n      - y\n", "a.yaml")
    assert str(document.locate(("States", "A", "Type"))) == "a.yaml:4:5"
    assert str(document.locate(("States", "A", "Retry", 1))) == "a.yaml:7:9"
    assert str(document.locate(("States", "A", "Missing"))) == "a.yaml:3:3"


@pytest.mark.parametrize(
    ("text", "code", "place"),
    [
        ("a: [", "SFN001", "a.yaml:2:1"),
        ("a: b: c", "SFN001", "a.yaml:1:5"),
        ("a: !Sub x", "SFN001", "a.yaml:1:4"),
        ("a: !!str 3", "SFN001", "a.yaml:1:4"),
        ("a: !!binary aGk=", "SFN001", "a.yaml:1:4"),
        ("x: &x {a: 1}\nb:\n  <<: *x", "SFN001", "a.yaml:3:3"),
        ("a: 1\n---\nb: 2", "SFN001", "a.yaml:2:1"),
        ("? [a]\n: b", "SFN001", "a.yaml:1:3"),
        ("a: 1\nb: 2\na: 3", "SFN002", "a.yaml:3:1"),
        ("States:\n  A: {}\n  A: {}", "SFN103", "a.yaml:3:3"),
        ("\tx", "SFN001", "a.yaml:1:1"),
        ("x: \x00", "SFN001", "a.yaml:1:1"),
        ("a: &a [b, *a]", "SFN005", "a.yaml:1:1"),
        ("\n".join(["a0: &a0 [x]", *(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 9))]), "SFN001", "a.yaml"),
    ],
)
def test_what_is_wrong_in_yaml(text: str, code: str, place: str) -> None:
    """Syntax, tags, names that are not text, members named twice, aliases that explode: each has a code and a place."""
    (found,) = read_text(text, "a.yaml").diagnostics
    assert found.code == code
    assert str(found.span).startswith(place)


@given(st.binary(max_size=200), st.sampled_from(["a.json", "a.yaml"]))
def test_any_bytes(data: bytes, name: str) -> None:
    """Whatever the bytes, there is a value or a diagnostic, never an exception."""
    document = read_bytes(data, name)
    assert document.readable or document.diagnostics


def test_deep_yaml() -> None:
    """Nesting that would end the process inside libyaml is a diagnostic, and a quick one."""
    for text in ("[" * 500_000, "- " * 50_000, "{a: " * 100_000):
        assert [d.code for d in read_text(text, "a.yaml").diagnostics] == ["SFN005"]


def test_a_byte_order_mark() -> None:
    """YAML may begin with one, and the places do not count it; JSON may not (RFC 8259, section 8.1)."""
    document = read_bytes(b"\xef\xbb\xbfStartAt: A\nStates: {}\n", "a.yaml")
    assert document.value == {"StartAt": "A", "States": {}}
    assert [str(document.locate((name,))) for name in document.value] == ["a.yaml:1:1", "a.yaml:2:1"]
    assert [d.code for d in read_bytes(b"\xef\xbb\xbf{}", "a.json").diagnostics] == ["SFN001"]


def test_folders_and_missing_files(tmp_path: Path) -> None:
    """A file that cannot be read is a diagnostic that says why."""
    for file in (tmp_path, tmp_path / "missing.json", tmp_path / "a\0b"):
        document = read_file(file)
        assert not document.readable
        assert [d.code for d in document.diagnostics] == ["SFN004"]
