"""The archives: same bytes for the same content, and handlers that find what they import."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from typing import TYPE_CHECKING

import pytest

from functions import package

if TYPE_CHECKING:
    from pathlib import Path

    from generator import Function


def test_an_archive_depends_on_names_and_contents_alone(tmp_path: Path) -> None:
    """Order, time and platform of building do not show."""
    files = {"b.py": b"b", "a/c.py": b"c" * 1000}
    package.archive(files, tmp_path / "one" / "x.zip")
    package.archive(dict(reversed(files.items())), tmp_path / "two" / "x.zip")
    assert (tmp_path / "one" / "x.zip").read_bytes() == (tmp_path / "two" / "x.zip").read_bytes()
    with zipfile.ZipFile(tmp_path / "one" / "x.zip") as archive:
        assert archive.namelist() == ["a/c.py", "b.py"]
        assert {entry.date_time for entry in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert {entry.external_attr >> 16 for entry in archive.infolist()} == {0o100644}


def test_the_layer_leaves_out_what_belongs_to_the_building_machine(tmp_path: Path) -> None:
    """Scripts, records and caches go; libraries stay, under python/, beside the shared code and nothing else of ours."""
    for name in (
        "lib/a.py",
        "lib/__pycache__/a.pyc",
        "bin/script",
        "lib-1.dist-info/RECORD",
        "lib-1.dist-info/METADATA",
        "lib-1.dist-info/direct_url.json",
    ):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("")
    files = package.layer_files(tmp_path)
    assert {name for name in files if "lib" in name} == {"python/lib/a.py", "python/lib-1.dist-info/METADATA"}
    assert not [name for name in files if "script" in name or "handler" in name or "package" in name]
    assert "python/functions/shared/models.py" in files


def test_the_lock_pins_everything_and_names_no_index() -> None:
    """Exact versions with hashes, resolvable anywhere."""
    text = package.LOCK.read_text()
    pinned = [line for line in text.splitlines() if line and not line.startswith((" ", "#"))]
    assert all("==" in line for line in pinned)
    assert text.count("--hash=sha256:") >= len(pinned)
    assert "://" not in text
    assert not {line.partition("==")[0] for line in pinned} & set(package.IN_THE_RUNTIME)


@pytest.mark.parametrize("function", package.FUNCTIONS, ids=lambda function: function.name)
def test_a_handler_loads_from_its_archive_and_the_layer(function: Function, tmp_path: Path) -> None:
    """As Lambda loads it: the archive's root and the layer's python/ are on the path, this project is not."""
    task, layer = tmp_path / "task", tmp_path / "opt"
    for folder, files in ((task, package.function_files(function)), (layer, package.layer_files(tmp_path / "none"))):
        package.archive(files, tmp_path / "x.zip")
        zipfile.ZipFile(tmp_path / "x.zip").extractall(folder)
    libraries = [path for path in sys.path if path.endswith("site-packages")]
    code = (
        f"import sys; sys.path[:0] = {[str(task), str(layer / 'python'), *libraries]}\n"
        "import handler, functions.shared; assert callable(handler.handler); print(functions.shared.__file__)"
    )
    environment = {"PATH": os.environ["PATH"], "AWS_DEFAULT_REGION": "us-east-1"}
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", code], capture_output=True, text=True, check=False, cwd=tmp_path, env=environment
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith(str(layer))
