"""The page's files: their types, their imports, and that they load nothing."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from generator.view.page import MODULES, page, policy, script, style

ROOT = Path(__file__).resolve().parents[2]
STATIC = ROOT / "generator" / "view" / "static"
TSC = os.environ.get("TSC") or shutil.which("tsc") or next(iter(map(str, ROOT.glob(".tsc/node_modules/.bin/tsc"))), None)
OPTIONS = "--noEmit --allowJs --checkJs --strict --target es2022 --module es2022 --moduleResolution bundler --lib es2022,dom,dom.iterable"


@pytest.mark.skipif(TSC is None or shutil.which("node") is None, reason="tsc is not installed: npm install --prefix .tsc typescript")
def test_the_types_of_the_scripts() -> None:
    """The scripts are typed by JSDoc."""
    found = subprocess.run([str(TSC), *OPTIONS.split(), str(STATIC / "app.js")], capture_output=True, text=True, check=False)
    assert found.stdout + found.stderr == ""


def test_each_module_is_in_the_page() -> None:
    """A new module is named in ``MODULES``, and each one says what it is."""
    assert sorted(MODULES) == sorted(file.stem for file in STATIC.glob("*.js"))
    for file in STATIC.glob("*.js"):
        text = file.read_text(encoding="utf-8")
        assert text.startswith("// "), file.name
        assert "// @ts-check" in text, file.name


def test_the_page_loads_nothing() -> None:
    """The policy names hashes; no address is in the style sheet, and only namespaces are in the scripts."""
    assert "unsafe" not in policy() + policy(live=True)
    assert "connect-src" not in policy()
    assert policy(live=True).endswith("connect-src 'self'")
    assert re.findall(r"url\(|@import", style()) == []
    assert {*re.findall(r"https?://[^\"'`\s]+", script())} == {"http://www.w3.org/2000/svg"}
    assert re.findall(r"innerHTML|outerHTML|insertAdjacent|document\.write|\beval\b|new Function", script()) == []


def test_no_data_ends_its_element() -> None:
    """Whatever a text is, the data is letters, digits and three signs."""
    text = page("coverage", {"coverage": ["</script><!--"]}, title="</title><script>")
    found = re.search(r'id="data">([^<]*)</script>', text)
    assert found
    assert re.fullmatch(r"[A-Za-z0-9+/=]+", found[1])
    assert "</title><script>" not in text
