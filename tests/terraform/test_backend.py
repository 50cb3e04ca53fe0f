"""The files that ``make backend`` writes: Terraform reads them, and they name the state that ``global`` has."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from io import StringIO
from typing import TYPE_CHECKING

import hcl2

from tests.support.terraform.offline import PROJECT

if TYPE_CHECKING:
    from pathlib import Path

BACKEND = {
    "bucket": "dofs-states",
    "region": "eu-west-1",
    "keys": {"environments": "dofs/terraform.tfstate", "global": "global/terraform.tfstate"},
}


def written(folder: Path, given: str) -> subprocess.CompletedProcess[str]:
    """Run the script of a copy of ``terraform/``."""
    (folder / "scripts").mkdir(parents=True)
    (folder / "global").mkdir()
    shutil.copy(PROJECT / "terraform" / "scripts" / "backend.py", folder / "scripts")
    return subprocess.run([sys.executable, folder / "scripts" / "backend.py"], input=given, capture_output=True, text=True, check=False)


def test_both_files_say_where_the_states_are(tmp_path: Path) -> None:
    """One for ``init -backend-config``, one that is a part of ``global``; both are HCL as `terraform fmt` leaves it."""
    assert written(tmp_path, json.dumps(BACKEND)).returncode == 0
    environments = hcl2.load(StringIO((tmp_path / "backend.s3.tfbackend").read_text()))
    assert {name: str(value).strip('"') for name, value in environments.items() if name in ("bucket", "key", "region")} == {
        "bucket": "dofs-states",
        "key": "dofs/terraform.tfstate",
        "region": "eu-west-1",
    }
    own = (tmp_path / "global" / "backend.tf").read_text()
    assert '"global/terraform.tfstate"' in own
    hcl2.load(StringIO(own))
    formatted = subprocess.run(["terraform", "fmt", "-check", tmp_path / "global"], capture_output=True, text=True, check=False)
    assert formatted.returncode == 0, formatted.stdout


def test_without_an_output_nothing_is_written(tmp_path: Path) -> None:
    """Before ``global`` is applied there is none; the message says what to do."""
    for given in ("", "null", "{}"):
        folder = tmp_path / f"of-{len(given)}"
        result = written(folder, given)
        assert (result.returncode, result.stdout) == (1, "")
        assert result.stderr.startswith("error: terraform/global has no output 'backend': apply it first")
        assert not (folder / "backend.s3.tfbackend").exists()
