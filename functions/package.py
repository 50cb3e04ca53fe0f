"""Build what is deployed: one archive per function and one for the layer, the same bytes for the same sources.

``python -m functions.package`` fetches the locked libraries as wheels for the runtime and architecture that the functions declare
(Python 3.13, arm64), so any machine can build; ``--lock`` resolves requirements.in anew.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

from generator import Function
from workflows import resources

FOLDER = Path(__file__).parent
DIST = FOLDER.parent / "dist"
LOCK = FOLDER / "requirements.lock"

FUNCTIONS = tuple(one for one in vars(resources).values() if isinstance(one, Function))
"""The functions, as they are declared. They share the layer, and so its runtime and architecture."""
((_RUNTIME, _ARCHITECTURE),) = {(function.runtime, function.architecture) for function in FUNCTIONS}
PYTHON_VERSION = _RUNTIME.removeprefix("python")
MACHINE = {"arm64": "aarch64", "x86_64": "x86_64"}[_ARCHITECTURE]
PLATFORMS = tuple(f"{kind}_{MACHINE}" for kind in ("manylinux_2_34", "manylinux_2_28", "manylinux_2_17", "manylinux2014"))
"""Lambda's Python 3.13 runs on Amazon Linux 2023, whose glibc is 2.34: https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtimes.html"""
IN_THE_RUNTIME = ("boto3", "botocore", "s3transfer", "urllib3", "python-dateutil", "six")

MAX_UNZIPPED = 250 * 1024 * 1024
"""Bytes of a function and its layers together: https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html"""

_EPOCH = (1980, 1, 1, 0, 0, 0)
_FILE_MODE = 0o100644 << 16
# Names of this machine, of its scripts or of when it installed; nothing reads them in Lambda.
_LEFT_OUT = frozenset({"RECORD", "INSTALLER", "REQUESTED", "direct_url.json"})


def archive(files: dict[str, bytes], path: Path) -> None:
    """Write files as a zip whose bytes depend on nothing but their names and contents."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as out:
        for name in sorted(files):
            entry = zipfile.ZipInfo(name, _EPOCH)
            entry.external_attr = _FILE_MODE
            entry.create_system = 3  # Unix, whatever this machine is
            out.writestr(entry, files[name], zipfile.ZIP_DEFLATED, 9)


def function_files(function: Function) -> dict[str, bytes]:
    """The files of a function's archive."""
    module = function.handler.partition(".")[0] + ".py"
    return {module: (FOLDER.parent / function.folder / module).read_bytes()}


def layer_files(libraries: Path) -> dict[str, bytes]:
    """The files of the layer: our package with what is shared, and the libraries in a folder."""
    own = {"python/functions/__init__.py": (FOLDER / "__init__.py").read_bytes()}
    own |= {f"python/functions/shared/{path.name}": path.read_bytes() for path in (FOLDER / "shared").glob("*.py")}
    theirs = {}
    for path in libraries.rglob("*"):
        relative = path.relative_to(libraries)
        if path.is_file() and path.name not in _LEFT_OUT and relative.parts[0] != "bin" and "__pycache__" not in relative.parts:
            theirs[f"python/{relative.as_posix()}"] = path.read_bytes()
    return theirs | own


def install(into: Path) -> None:
    """Fetch the locked libraries for Lambda's platform."""
    platforms = [argument for platform in PLATFORMS for argument in ("--platform", platform)]
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--target", str(into), *platforms]
    command += ["--implementation", "cp", "--python-version", PYTHON_VERSION, "--only-binary", ":all:", "--no-deps", "--no-compile"]
    subprocess.run([*command, "--require-hashes", "--requirement", str(LOCK)], check=True)  # noqa: S603  all of it is above


def build(into: Path = DIST) -> dict[str, tuple[int, int]]:
    """Build all archives.

    Returns:
        For each archive, its size in bytes and that of its content.

    Raises:
        ValueError: A function with the layer would not fit into Lambda.
    """
    with tempfile.TemporaryDirectory() as libraries:
        install(Path(libraries))
        contents = {"layer": layer_files(Path(libraries))}
    contents |= {function.name: function_files(function) for function in FUNCTIONS}
    sizes = {}
    for name, files in contents.items():
        path = into / f"{name}.zip"
        archive(files, path)
        sizes[name] = (path.stat().st_size, sum(map(len, files.values())))
    if (largest := max(size for _, size in sizes.values())) > MAX_UNZIPPED:
        raise ValueError(f"{largest} bytes unzipped; Lambda takes {MAX_UNZIPPED}")
    return sizes


def lock() -> None:
    """Resolve requirements.in into requirements.lock, with hashes and without the addresses of indexes."""
    uv = shutil.which("uv", path=str(Path(sys.executable).parent)) or "uv"
    command = [
        uv,
        "pip",
        "compile",
        "--quiet",
        "--generate-hashes",
        "--no-emit-index-url",
        "--no-emit-find-links",
        "--python-version",
        PYTHON_VERSION,
    ]
    command += ["--python-platform", f"{MACHINE}-manylinux_2_34", "--custom-compile-command", "python -m functions.package --lock"]
    command += [argument for package in IN_THE_RUNTIME for argument in ("--no-emit-package", package)]
    subprocess.run([*command, "requirements.in", "--output-file", LOCK.name], check=True, cwd=FOLDER)  # noqa: S603  all of it is above


def main() -> None:
    """Run as a command."""
    parser = argparse.ArgumentParser(prog="python -m functions.package", description=__doc__)
    parser.add_argument("--lock", action="store_true", help="resolve requirements.in anew instead of building")
    if parser.parse_args().lock:
        lock()
        return
    for name, (size, unzipped) in build().items():
        print(f"dist/{name}.zip  {size / 1024:8,.0f} KiB  ({unzipped / 1024:,.0f} KiB unzipped)")  # noqa: T201  the command's output


if __name__ == "__main__":
    main()
