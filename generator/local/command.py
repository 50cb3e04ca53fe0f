"""The ``run`` command: a workflow of the project on a laptop, or any ASL file."""

from __future__ import annotations

import sys
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from generator.loader import Loaded


def run_command(
    target: str,
    root: Path,
    *,
    document: str | None = None,
    mock: Path | None = None,
    test_case: str | None = None,
    history: Path | None = None,
    real_time: bool = False,
    machine_type: Literal["STANDARD", "EXPRESS"] = "STANDARD",
    seed: int = 0,
) -> int:
    """Run a workflow by its name, with its handlers and moto behind it; or a file, with mocks alone.

    Args:
        target: a workflow's name, or a file with a definition.
        root: the project's folder.
        document: the input, as JSON or the name of a file with JSON.
        mock: a mock file, ours or that of Step Functions Local.
        test_case: which of its test cases.
        history: where to write the events.
        real_time: let waits take their time.
        machine_type: of a file's state machine; a workflow says its own.
        seed: of all randomness.

    Returns:
        0 if the execution succeeded, 1 if it ended otherwise, 2 if it could not be run.
    """
    from generator.engine.run_command import run  # noqa: PLC0415

    options: dict[str, Any] = {
        "input": document,
        "mock": None if mock is None else str(mock),
        "test_case": test_case,
        "history": None if history is None else str(history),
        "real_time": real_time,
        "seed": seed,
    }
    if Path(target).is_file():
        return run(target, kind=machine_type, **options)
    if Path(target).suffix == ".json":
        sys.stderr.write(f"error: there is no file {target!r}\n")
        return 2
    from generator.loader import load  # noqa: PLC0415

    root = root.resolve()
    loaded = load(root)
    if loaded.diagnostics:
        from generator.diagnostics.render import to_text  # noqa: PLC0415

        sys.stderr.write(to_text(loaded.diagnostics))
        return 2
    return _run_workflow(target, root, loaded, options)


def _run_workflow(target: str, root: Path, loaded: Loaded, options: dict[str, Any]) -> int:
    from generator.diagnostics.model import did_you_mean  # noqa: PLC0415
    from generator.engine.run_command import run  # noqa: PLC0415
    from generator.local.laptop import laptop  # noqa: PLC0415
    from generator.lower import compile_workflow  # noqa: PLC0415

    workflows = {workflow.name: workflow for _, workflow in loaded.workflows}
    if target not in workflows:
        hint = did_you_mean(target, workflows) or "the workflows are: " + ", ".join(sorted(workflows))
        sys.stderr.write(f"error: {target!r} is neither a file nor a workflow; {hint}\n")
        return 2
    text = compile_workflow(workflows[target]).text()
    if find_spec("moto") is None:
        sys.stderr.write("warning: without the extra 'local' (moto), only what is mocked can be called\n")
        return run(target, kind=workflows[target].type, definition_of={target: text}.get, **options)
    with laptop(loaded.resources, root) as made:
        return run(
            target,
            kind=workflows[target].type,
            functions=made.functions(),
            clients=made.clients,
            definition_of={target: made.fill(text)}.get,
            **options,
        )
