"""From workflows/ to build/: whole or not at all, the same bytes everywhere, all problems at once."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import textwrap
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from generator import publish
from generator.pipeline import Run, run_pipeline

ROOT = Path(__file__).resolve().parents[2]

GOOD = """
    from generator import Succeed, Workflow
    made = Workflow("made", steps=[Succeed("Done")])
"""
BAD = """
    from generator import Pass, Workflow
    made = Workflow("made", steps=[Pass("A", next="Nowhere"), Pass("B")])
    other = Workflow("other", steps=[Pass("C", output={1})])
"""


def snapshot(folder: Path) -> dict[str, tuple[bytes, int]]:
    return {str(f.relative_to(folder)): (f.read_bytes(), f.stat().st_mtime_ns) for f in sorted(folder.rglob("*")) if f.is_file()}


def test_generation_and_nothing_changed(project) -> None:
    """The first run writes; a second one touches no file."""
    root = project(flow=GOOD)
    run = run_pipeline(Run(root))
    assert run.diagnostics == []
    assert {path for path, how in run.changes if how == "missing"} == set(run.artifacts)
    before = snapshot(root / "build")
    assert run_pipeline(Run(root)).changes == []
    assert snapshot(root / "build") == before


def test_an_error_leaves_the_build_as_it_was(project) -> None:
    """All problems of all workflows are reported, and yesterday's build stays byte-identical."""
    root = project(flow=GOOD)
    run_pipeline(Run(root))
    before = snapshot(root / "build")
    project(flow=BAD)
    run = run_pipeline(Run(root))
    assert run.failed
    assert [d.code for d in run.diagnostics] == ["SFN806"]
    project(flow=BAD.replace("{1}", "1"))
    assert [d.code for d in run_pipeline(Run(root)).diagnostics] == ["SFN101", "SFN104"]
    assert snapshot(root / "build") == before
    assert [f.name for f in root.iterdir() if f.name.startswith(".build.new")] == []


def test_what_is_gone_from_the_workflows_is_gone_from_the_build(project) -> None:
    """A renamed workflow leaves nothing behind."""
    root = project(flow=GOOD)
    run_pipeline(Run(root))
    project(flow=GOOD.replace('"made"', '"renamed"'))
    run_pipeline(Run(root))
    assert [f.name for f in (root / "build").iterdir()] == ["renamed"]


def test_drift_is_an_error_of_check(project) -> None:
    """An edited, an added and a missing file are each named."""
    root = project(flow=GOOD)
    run_pipeline(Run(root))
    definition = root / "build" / "made" / "definition.asl.json"
    definition.write_text("{}")
    (root / "build" / "stray.txt").write_text("?")
    run = run_pipeline(Run(root, everything=True, write=False))
    assert [(d.code, d.span.file) for d in run.diagnostics] == [("SFN808", "build/made/definition.asl.json"), ("SFN808", "build/stray.txt")]
    assert definition.read_text() == "{}"


@pytest.mark.parametrize(
    ("text", "code", "line", "words"),
    [
        ("def broken(:\n    pass\n", "SFN801", 1, "not valid Python"),
        ("from generator import Taks\n", "SFN801", 1, "did you mean 'Task'?"),
        ("\nx = 1 / 0\n", "SFN801", 2, "ZeroDivisionError"),
        ("x = Task('A')\n", "SFN801", 1, "from generator import Task"),
        ("from generator import states\nx = states.imput\n", "SFN801", 2, "did you mean 'input'?"),
        ("from generator import Retry\nx = Retry('E', max_attemps=3)\n", "SFN801", 2, "did you mean 'max_attempts'?"),
        ("from generator import Task\nx = Task('A', 'arn:x', retries=3)\n", "SFN801", 2, "retries"),
        ("raise GeneratorExit\n", "SFN801", 1, "GeneratorExit"),
        ("class E(Exception):\n    def __str__(self):\n        raise OSError\nraise E\n", "SFN801", 4, "E"),
        ("from generator import *\nf = Function('f', uses=[Table('t').allow('PutItm')])\n", "SFN402", 2, "did you mean 'PutItem'?"),
        ("raise SystemExit(3)\n", "SFN801", 1, "SystemExit"),
        ("from generator import Queue\na = Queue('a')\nb = Queue('a')\n", "SFN807", 3, "two queues"),
    ],
)
def test_modules_that_cannot_be_loaded(project, text: str, code: str, line: int, words: str) -> None:
    """Any exception becomes a diagnostic at the author's line, with a suggestion."""
    run = run_pipeline(Run(project(flow=text)))
    (diagnostic,) = run.diagnostics
    assert (diagnostic.code, diagnostic.span.file, diagnostic.span.line) == (code, "workflows/flow.py", line)
    assert words in f"{diagnostic.message} {diagnostic.found} {diagnostic.hint}"


def test_a_misspelt_module_and_a_circle(project) -> None:
    """An import that fails says which module was meant, or that two wait for each other."""
    run = run_pipeline(Run(project(flow="from workflows.resorces import a\n", resources="a = 1\n")))
    assert [d.hint.startswith("did you mean 'workflows.resources'") for d in run.diagnostics] == [True]
    run = run_pipeline(Run(project(resources="from workflows.one import b\na = 1\n", one="from workflows.resources import a\n")))
    assert "the two modules import each other: put what both need into a third one" in {d.hint for d in run.diagnostics}


def test_what_a_module_prints_is_no_output_of_the_command(project, capsys) -> None:
    """Standard output is for the diagnostics: JSON stays JSON."""
    run_pipeline(Run(project(flow="print('debugging')\n" + textwrap.dedent(GOOD))))
    captured = capsys.readouterr()
    assert (captured.out, captured.err) == ("", "debugging\n")


def test_one_broken_module_does_not_hide_another(project) -> None:
    """Problems of all modules come in one run."""
    run = run_pipeline(Run(project(one="1 / 0\n", two="from generator import nothing\n")))
    assert [d.span.file for d in run.diagnostics] == ["workflows/one.py", "workflows/two.py"]


def test_no_workflows_is_said(tmp_path: Path) -> None:
    """An empty folder is an error."""
    assert [d.code for d in run_pipeline(Run(tmp_path)).diagnostics] == ["SFN801"]


def test_a_warning_is_switched_off_at_its_line(project) -> None:
    """Only the named code, only on its line, and never an error."""
    text = """
        from generator import Catch, Pass, Retry, Task, Workflow, errors
        made = Workflow("made", steps=[
            Task("A", "arn:aws:lambda:eu-west-1:123456789012:function:a",
                 retry=[Retry(errors.TASK_FAILED), Retry("Custom")]),COMMENT
        ])
    """
    warned = run_pipeline(Run(project(flow=text.replace("COMMENT", ""))))
    assert [(d.code, d.severity.value) for d in warned.diagnostics] == [("SFN111", "warning")]
    assert not warned.failed
    assert run_pipeline(Run(project(flow=text.replace("COMMENT", "  # sfn: ignore[SFN111]")))).diagnostics == []
    assert len(run_pipeline(Run(project(flow=text.replace("COMMENT", "  # sfn: ignore[SFN104]")))).diagnostics) == 1
    wrong = """
        from generator import Pass, Workflow
        made = Workflow("made", steps=[Pass("A", next="Nowhere")])  # sfn: ignore[SFN101]
    """
    assert "SFN101" in [d.code for d in run_pipeline(Run(project(flow=wrong))).diagnostics]


def test_the_same_bytes_under_any_hash_seed(tmp_path: Path) -> None:
    """The project's own workflows make the same artifacts with any order of sets and in any working directory."""
    code = """
import hashlib, sys
from pathlib import Path
from generator.pipeline import Run, run_pipeline
run = run_pipeline(Run(Path(sys.argv[1]), write=False))
print(hashlib.sha256(repr(run.artifacts).encode()).hexdigest(), len(run.artifacts))
"""
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    printed = {
        subprocess.run(
            [sys.executable, "-c", code, str(ROOT)],
            cwd=folder,
            env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": str(ROOT)},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed, folder in (("0", ROOT), ("1", elsewhere), ("4242", ROOT.parent))
    }
    assert len(printed) == 1
    assert int(printed.pop().split()[1]) > 8


class TestPublishing:
    """The swap of folders."""

    def test_a_kill_at_any_moment_leaves_a_whole_build(self, tmp_path: Path) -> None:
        """A process that keeps replacing the folder is killed again and again: there is always one whole tree."""
        code = """
import sys; from pathlib import Path; from generator import publish
n = 0
while True:
    n += 1
    publish.recover(Path(sys.argv[1]))
    publish.publish(Path(sys.argv[1]), {f"d{i}/f": str(n).encode() for i in range(20)})
    print(n, flush=True)
"""
        build = tmp_path / "build"
        publish.publish(build, {f"d{i}/f": b"0" for i in range(20)})
        for attempt in range(12):
            with subprocess.Popen([sys.executable, "-c", code, str(build)], stdout=subprocess.PIPE, cwd=ROOT) as process:
                assert process.stdout is not None
                process.stdout.readline()
                time.sleep(0.003 * attempt)
                process.send_signal(signal.SIGKILL)
            tree = publish.read_tree(build)
            assert len(tree) == 20
            assert len(set(tree.values())) == 1

    def test_a_link_stays_a_link(self, tmp_path: Path) -> None:
        """What it leads to is replaced; nothing is left beside either."""
        (tmp_path / "elsewhere").mkdir()
        build = tmp_path / "build"
        build.symlink_to("elsewhere")
        publish.publish(build, {"a": b"1"})
        publish.publish(build, {"a": b"2"})
        assert build.is_symlink()
        assert publish.read_tree(tmp_path / "elsewhere") == {"a": b"2"}
        assert sorted(p.name for p in tmp_path.iterdir()) == ["build", "elsewhere"]

    def test_a_file_in_the_way_is_replaced(self, tmp_path: Path) -> None:
        """It is gone, not left beside the build."""
        (tmp_path / "build").write_text("?")
        publish.publish(tmp_path / "build", {"a": b"1"})
        assert publish.read_tree(tmp_path) == {"build/a": b"1"}

    def test_a_full_disk_leaves_the_old_build(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """When writing fails half way, the folder is as it was and nothing is left beside it."""
        build = tmp_path / "build"
        publish.publish(build, {"a": b"old", "b": b"old"})
        write = Path.write_bytes

        def fail(self: Path, data: bytes) -> int:
            if self.name == "b":
                raise OSError(28, "No space left on device")
            return write(self, data)

        monkeypatch.setattr(Path, "write_bytes", fail)
        with pytest.raises(OSError, match="No space"):
            publish.publish(build, {"a": b"new", "b": b"new"})
        assert publish.read_tree(build) == {"a": b"old", "b": b"old"}
        assert [p.name for p in tmp_path.iterdir() if "new" in p.name] == []

    def test_without_a_swap_in_one_call(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """Where the file system cannot exchange folders, two renames do, and a kill between them is mended."""
        monkeypatch.setattr(publish, "_exchange", lambda *_: False)
        build = tmp_path / "build"
        publish.publish(build, {"a": b"1"})
        publish.publish(build, {"a": b"2"})
        assert publish.read_tree(build) == {"a": b"2"}
        build.rename(tmp_path / ".build.old")
        publish.recover(build)
        assert publish.read_tree(build) == {"a": b"2"}

    @settings(max_examples=20)
    @given(st.dictionaries(st.from_regex(r"[a-z]{1,3}(/[a-z]{1,3})?", fullmatch=True), st.binary(max_size=4), max_size=5))
    def test_the_folder_holds_exactly_the_artifacts(self, artifacts: dict[str, bytes]) -> None:
        """The files that were there before are gone."""
        files = {path: content for path, content in artifacts.items() if not any(other.startswith(path + "/") for other in artifacts)}
        with tempfile.TemporaryDirectory() as folder:
            build = Path(folder) / "build"
            publish.publish(build, {"x/old": b"1"})
            publish.publish(build, files)
            assert publish.read_tree(build) == dict(sorted(files.items()))


def test_resources_that_would_share_a_placeholder_clash(project) -> None:
    """A table and a function of one name would both be ${orders_arn}; a machine and its workflow are one and the same."""
    text = """
        from generator import Function, StateMachine, Succeed, Table, Workflow
        a = Table("orders", key="id")
        b = Function("orders")
        w = Workflow("w", steps=[Succeed("S")])
        m = StateMachine("w")
    """
    run = run_pipeline(Run(project(flow=text)))
    assert [(d.code, d.span.line) for d in run.diagnostics] == [("SFN807", 4)]


def test_the_committed_build_is_up_to_date() -> None:
    """The golden files of all workflows: build/ is byte for byte what workflows/ generate."""
    run = run_pipeline(Run(ROOT, everything=True, write=False))
    assert run.diagnostics == []
    assert len(run.compiled) >= 8


def test_workflows_in_lists_and_dicts_are_found(project) -> None:
    """A family of workflows may be kept by name."""
    text = """
        from generator import Succeed, Workflow
        by_region = {r: Workflow(f"in-{r}", steps=[Succeed("Done")]) for r in ("eu", "us")}
        others = [Workflow("other", steps=[Succeed("Done")])]
    """
    run = run_pipeline(Run(project(flow=text)))
    assert [w.name for _, w in run.loaded.workflows] == ["in-eu", "in-us", "other"]
