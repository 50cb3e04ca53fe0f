"""What workflows/resources.py declares is what Terraform plans: each value is read, and none is typed a second time."""

from __future__ import annotations

import json
import shutil
from itertools import count
from typing import TYPE_CHECKING, Any

from generator.pipeline import Run, run_pipeline
from tests.support.terraform.environments import resources as managed
from tests.support.terraform.offline import PROJECT, Offline
from workflows import resources

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

# Another valid value for each field, and the text by which Terraform shows it.
CHANGES: dict[str, Callable[[int], tuple[Any, str]]] = {
    "alias": lambda n: (f"alias-{n}", f'"name": "alias-{n}"'),
    "architecture": lambda _: ("x86_64", '"architectures": ["x86_64"]'),
    "batch_size": lambda n: (200 + n, f'"batch_size": {200 + n}'),
    "dead_letter": lambda _: ("order-queue", "dofs-dev-order-queue"),
    "description": lambda n: (f"Purpose {n}.", f'"description": "Purpose {n}."'),
    "fifo": lambda _: (True, ".fifo"),
    "handler": lambda n: (f"main.handle_{n}", f'"handler": "main.handle_{n}"'),
    "key": lambda n: ({"name": f"key_{n}", "type": "N"}, f'"hash_key": "key_{n}"'),
    "log_retention_days": lambda _: (1827, '"retention_in_days": 1827'),
    "max_receive_count": lambda n: (300 + n, rf"maxReceiveCount\":{300 + n}"),
    "maximum_batching_window_seconds": lambda n: (100 + n, f'"maximum_batching_window_in_seconds": {100 + n}'),
    "memory_mb": lambda n: (1000 + n, f'"memory_size": {1000 + n}'),
    "report_batch_item_failures": lambda _: (False, '"function_response_types": []'),
    "queue key": lambda n: (f"alias/key-{n}", f'"kms_master_key_id": "alias/key-{n}"'),
    "reserved_concurrency": lambda n: (400 + n, f'"reserved_concurrent_executions": {400 + n}'),
    "retention_seconds": lambda n: (60_000 + n, f'"message_retention_seconds": {60_000 + n}'),
    "runtime": lambda _: ("python3.12", '"runtime": "python3.12"'),
    "sort_key": lambda n: ({"name": f"sort_{n}", "type": "S"}, f'"range_key": "sort_{n}"'),
    "timeout_seconds": lambda n: (500 + n, f'"timeout": {500 + n}'),
    "ttl_attribute": lambda n: (f"ttl_{n}", f'"attribute_name": "ttl_{n}"'),
    "visibility_timeout_seconds": lambda n: (40_000 + n, f'"visibility_timeout_seconds": {40_000 + n}'),
}
READ_ELSEWHERE = {"folder": "functions/package.py"}
NAMES = {"queue": "the name of a queue that is declared, too"}


def copied(to: Path) -> Path:
    """Copy what a plan needs into a folder."""
    for name in ("terraform", "functions", "build"):
        shutil.copytree(PROJECT / name, to / name, ignore=shutil.ignore_patterns("__pycache__"))
    return to


def given(packages: Path) -> dict[str, str]:
    """The variables of an environment that leaves everything as declared."""
    return {"environment": "dev", "package_directory": str(packages)}


def test_a_change_in_python_is_in_the_plan(
    project: Callable[..., Path], terraform_offline: Offline, packages: Path, tmp_path: Path
) -> None:
    """Change numbers in workflows/resources.py, generate, plan: the plan has the new numbers, and no file of terraform/ changed."""
    text = (PROJECT / "workflows" / "resources.py").read_text()
    for old, new in (
        ("memory_mb=512", "memory_mb=1024"),
        ("max_receive_count=3", "max_receive_count=7"),
        ("visibility_timeout_seconds=30", "visibility_timeout_seconds=90"),
        ('ttl_attribute="expiration"', 'ttl_attribute="expires_at"'),
        ("batch_size=1)", "batch_size=2)"),
        ('"SUCCESS_RATE": "0.7"', '"SUCCESS_RATE": "0.25"'),
        ('"MAX_QUANTITY": "100"', '"MAX_QUANTITY": "42"'),
        ('"ORDERS_TABLE": orders.table_name}', '"ORDERS_TABLE": fn.format("{}/x", orders.table_name)}'),
        ("from generator import ", "from generator import fn, "),
    ):
        assert old in text
        text = text.replace(old, new)
    modules = {file.stem: file.read_text() for file in (PROJECT / "workflows").glob("*.py") if file.stem != "__init__"}
    root = copied(project(**modules | {"resources": text}))
    run = run_pipeline(Run(root))
    assert [one for one in run.diagnostics if one.code != "SFN701"] == []
    plan = terraform_offline.plan(root / "terraform", given(packages), workspace="dev", root=root)
    found = {one["address"]: one.get("values", {}) for one in managed(plan["planned_values"]["root_module"])}
    environments = {
        name: found[f'module.functions["{name}"].aws_lambda_function.this']["environment"][0]["variables"]
        for name in ("api-handler", "fulfill-order", "validator")
    }
    assert found['module.functions["api-handler"].aws_lambda_function.this']["memory_size"] == 1024
    assert found['module.queues.aws_sqs_queue.this["order-queue"]']["visibility_timeout_seconds"] == 90
    assert found['module.tables.aws_dynamodb_table.this["idempotency"]']["ttl"][0]["attribute_name"] == "expires_at"
    assert found['module.functions["fulfill-order"].aws_lambda_event_source_mapping.queue["order-queue"]']["batch_size"] == 2
    assert environments["api-handler"]["ORDERS_TABLE"] == "dofs-dev-orders/x"
    assert environments["fulfill-order"] | {"SUCCESS_RATE": "0.25", "MAX_RECEIVE_COUNT": "7"} == environments["fulfill-order"]
    assert environments["validator"]["MAX_QUANTITY"] == "42"


def test_every_declared_value_is_read(terraform_offline: Offline, packages: Path, tmp_path: Path) -> None:
    """Change every value of every resource in the build, apply to the stub once, and find each new value in the state."""
    root = copied(tmp_path / "copy")
    file = root / "build" / "resources.json"
    declared, number = json.loads(file.read_text()), count(1)
    expected: dict[str, str] = {}
    for kind, items in declared.items():
        for name, settings in items.items():
            expected[f"{kind} {name}"] = f"dofs-dev-{name}"
            for path, holder, field in [*_fields(settings)]:
                change = CHANGES[f"{kind} {field}" if f"{kind} {field}" in CHANGES else field]
                value, text = change(next(number))
                if field in ("dead_letter", "max_receive_count") and holder[field] is None:
                    continue  # the chain of dead-letter queues must end
                holder[field] = value
                expected[f"{kind} {name} {path}"] = text
    for environment in sorted((root / "build" / "functions").glob("*.environment.json")):
        values = {name: f"changed {next(number)}" for name in json.loads(environment.read_text())}
        expected |= {f"{environment.stem} {name}": json.dumps({name: value})[1:-1] for name, value in values.items()}
        environment.write_text(json.dumps(values))
    for queue in declared["queue"].values():
        queue["dead_letter"] = queue["dead_letter"] and "order-dlq"
    file.write_text(json.dumps(declared))
    state = terraform_offline.apply(root / "terraform", given(packages), workspace="dev", root=root)
    shown = json.dumps(state["values"])
    assert {what: text for what, text in expected.items() if text not in shown} == {}
    assert len(expected) > 80


def test_nothing_is_typed_again() -> None:
    """Words that are declared are in no file of terraform/. The path of the API and old addresses have words of their own."""
    declared = json.loads((PROJECT / "build" / "resources.json").read_text())
    words = {"1209600", resources.api_handler.runtime}
    words |= {table[key]["name"] for table in declared["table"].values() for key in ("key", "sort_key") if table[key]}
    words |= {table["ttl_attribute"] for table in declared["table"].values() if table["ttl_attribute"]}
    words |= {function["description"] for function in declared["function"].values()}
    files = [file for file in (PROJECT / "terraform").rglob("*.tf") if file.name != "moved.tf" and file.parent.name != "api_gateway"]
    typed = {(file.name, word) for file in files for word in words - {"id"} if f'"{word}' in file.read_text()}
    assert typed == set()


def _fields(settings: dict[str, Any], path: str = "") -> Iterator[tuple[str, dict[str, Any], str]]:
    """Yield each field of a declaration: its path, the object that holds it, and its name."""
    for name, value in settings.items():
        if isinstance(value, list):
            for index, item in enumerate(value):
                yield from _fields(item, f"{name}[{index}].")
        elif name not in READ_ELSEWHERE | NAMES:
            yield path + name, settings, name
