"""The guide to testing is true: its code is a test file that passes."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from generator.engine import public

pytest_plugins = ["pytester"]
GUIDE = Path(__file__).resolve().parents[2] / "docs" / "testing.md"


def test_its_code_runs(pytester: pytest.Pytester) -> None:
    """All blocks of Python are one test file, which covers its workflow."""
    text = GUIDE.read_text(encoding="utf-8")
    pytester.makepyfile(test_guide="\n".join(re.findall(r"```python\n(.*?)```", text, re.DOTALL)))
    result = pytester.runpytest_inprocess("-p", "no:cacheprovider", "--workflow-coverage", "--workflow-coverage-fail-under", "100")
    result.assert_outcomes(passed=3)
    (shown,) = re.findall(r"```text\n(.*?)\n```", text, re.DOTALL)
    result.stdout.fnmatch_lines([shown])
    assert result.ret == 0


def test_it_names_what_there_is() -> None:
    """Every name that the guide imports from the engine is public."""
    named = {
        name for line in re.findall(r"from generator\.engine import (.*)", GUIDE.read_text(encoding="utf-8")) for name in line.split(", ")
    }
    assert {"execute", "start", "Fails", "Waits", "Sequence", "Mocks"} <= named <= {*public.__all__}
