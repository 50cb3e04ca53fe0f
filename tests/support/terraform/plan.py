"""``make plan ENV=dev``: check and plan an environment with neither network nor credentials, and print the plan."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from functions.package import DIST, FUNCTIONS
from tests.support.terraform.offline import PROJECT, Offline, TerraformError, UnavailableError

if TYPE_CHECKING:
    from collections.abc import Sequence

TERRAFORM = PROJECT / "terraform"
ARCHIVES = ("layer", *(function.name for function in FUNCTIONS))


def environments() -> list[str]:
    """Return the environments that have variables."""
    return sorted(path.stem for path in (TERRAFORM / "environments").glob("*.tfvars"))


def stand_ins(folder: Path) -> Path:
    """Write files in place of the packages. A plan shows only that they exist."""
    for name in ARCHIVES:
        (folder / f"{name}.zip").write_text(name)
    return folder


def main(arguments: Sequence[str]) -> int:
    """Plan one environment.

    Returns:
        the exit code: 1 if Terraform refuses the configuration, 2 if Terraform could not run.
    """
    if len(arguments) != 1 or arguments[0] not in environments():
        print(f"which environment? make plan ENV=<{'|'.join(environments())}>", file=sys.stderr)
        return 2
    (environment,) = arguments
    try:
        terraform = Offline()
        with tempfile.TemporaryDirectory() as folder:
            built = all((DIST / f"{name}.zip").is_file() for name in ARCHIVES)
            packages = DIST if built else stand_ins(Path(folder))
            for tree in (TERRAFORM, PROJECT / "build"):
                terraform.fmt(tree)
            plan = terraform.plan(
                TERRAFORM,
                {"package_directory": str(packages)},
                var_file=f"environments/{environment}.tfvars",
                workspace=environment,
                root=PROJECT,
            )
    except TerraformError as error:
        print(error, file=sys.stderr)
        return 1
    except UnavailableError as error:
        print(error, file=sys.stderr)
        return 2
    print(plan["text"])
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
