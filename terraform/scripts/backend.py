"""Write the files that tell Terraform where its states are, from the output of ``terraform/global``.

``terraform -chdir=terraform/global output -json backend | python3 terraform/scripts/backend.py``; ``make backend`` runs it.
"""

import json
import sys
from pathlib import Path

TERRAFORM = Path(__file__).resolve().parents[1]


def files(backend: dict) -> dict[str, str]:
    """Return the text of each file by its path in ``terraform/``.

    >>> written = files({"bucket": "states", "region": "eu-west-1", "keys": {"environments": "a.tfstate", "global": "b.tfstate"}})
    >>> print(written["backend.s3.tfbackend"], end="")
    bucket = "states"
    key    = "a.tfstate"
    region = "eu-west-1"
    """
    place = {"bucket": backend["bucket"], "region": backend["region"]}
    given = {name: json.dumps(value) for name, value in {**place, "key": backend["keys"]["environments"]}.items()}
    own = {name: json.dumps(value) for name, value in {**place, "key": backend["keys"]["global"]}.items()}
    return {
        "backend.s3.tfbackend": "".join(f"{name:6} = {given[name]}\n" for name in sorted(given)),
        "global/backend.tf": "# Where this state is, written by make backend. Commit it.\n\nterraform {\n"
        '  backend "s3" {\n'
        + "".join(f"    {name:12} = {own[name]}\n" for name in sorted(own))
        + "    encrypt      = true\n    use_lockfile = true\n  }\n}\n",
    }


def main() -> int:
    """Write the files for the output on standard input.

    Returns:
        the exit code: 1 if there is no such output.
    """
    try:
        written = files(json.load(sys.stdin))
    except (ValueError, KeyError, TypeError):
        print("error: terraform/global has no output 'backend': apply it first (terraform/README.md)", file=sys.stderr)
        return 1
    for path, text in written.items():
        (TERRAFORM / path).write_text(text, encoding="utf-8")
        print(f"terraform/{path}: written")
    return 0


if __name__ == "__main__":
    sys.exit(main())
