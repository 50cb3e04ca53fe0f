"""The output folder: only our files change, as a whole or not at all."""

from __future__ import annotations

import errno
import json
import os
import random
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generator import publish as publishing
from generator.publish import MANIFEST, ManifestError, journal, publish, recover, swapping
from generator.publish import manifest as manifests

ROOT = Path(__file__).resolve().parents[2]


def tree(folder: Path) -> dict[str, object]:
    """Return everything below a folder: content and permissions of files, where links lead, permissions of folders."""
    found: dict[str, object] = {}
    for path in sorted(folder.rglob("*")):
        mode = path.lstat().st_mode
        content: object = path.readlink().as_posix() if stat.S_ISLNK(mode) else path.read_bytes() if stat.S_ISREG(mode) else None
        found[path.relative_to(folder).as_posix()] = (stat.S_IFMT(mode), None if stat.S_ISLNK(mode) else stat.S_IMODE(mode), content)
    return found


def files(folder: Path) -> dict[str, bytes]:
    """Return the contents of the files below a folder, without the manifest."""
    found = {f.relative_to(folder).as_posix(): f.read_bytes() for f in sorted(folder.rglob("*")) if f.is_file()}
    return {path: content for path, content in found.items() if path != MANIFEST}


@pytest.fixture
def build(tmp_path: Path) -> Path:
    """An output folder with ``a/x``, ``a/y`` and ``b/z`` of ours, and things of others everywhere."""
    folder = tmp_path / "build"
    publish(folder, {"a/x": b"1", "a/y": b"1", "b/z": b"1"})
    (folder / "app.js").write_text("by hand")
    (folder / "lib" / "deep").mkdir(parents=True)
    (folder / "lib" / "deep" / "tool").write_text("#!/bin/sh")
    (folder / "lib" / "deep" / "tool").chmod(0o751)
    (folder / "lib" / "empty").mkdir(mode=0o700)
    (folder / "a" / "extra.tf").write_text("by hand")
    (folder / "a" / "link").symlink_to("../lib/deep")
    (folder / "dangling").symlink_to("/nowhere/at/all")
    (folder / "lib" / "closed").mkdir()
    (folder / "lib" / "closed" / "file").write_bytes(b"\0\xff")
    (folder / "lib" / "closed").chmod(0o500)
    os.mkfifo(folder / "lib" / "pipe")
    return folder


def foreign(folder: Path, ours: set[str]) -> dict[str, object]:
    return {path: value for path, value in tree(folder).items() if path not in {*ours, MANIFEST}}


OURS = {"a/x", "a/y", "b/z", "b", "c", "c/new"}


def refuse_links(*_: object, **__: object) -> bool:
    """Let the folder have files of other users."""
    raise swapping.CannotCopyError(errno.EPERM, "it belongs to another user")


def die_after(calls: int, way: str) -> None:
    """Let this process end before its n-th change of the file system; a file that it is writing is half written then."""
    left = [calls]

    def counted(call):
        def wrapped(*arguments, **options):
            left[0] -= 1
            if left[0] < 0:
                if getattr(call, "__name__", "").startswith("write"):
                    arguments[0].touch()
                os._exit(9)
            return call(*arguments, **options)

        return wrapped

    for owner, names in (
        (os, ("mkdir", "rename", "replace", "unlink", "rmdir", "link", "chmod", "utime")),
        (Path, ("write_bytes", "write_text")),
    ):
        for name in names:
            setattr(owner, name, counted(getattr(owner, name)))
    swapping._renamed_in_one_call = counted(swapping._renamed_in_one_call) if way == "exchange" else lambda *_: False
    if way == "in place":
        swapping._link = refuse_links


class TestForeignFiles:
    """What we did not write."""

    def test_nothing_of_others_changes(self, build: Path) -> None:
        """Files, links, pipes, empty and closed folders, permissions, times: while ours change, come and go."""
        before = foreign(build, OURS)
        stamps = {path: (build / path).lstat().st_mtime_ns for path in before if not (build / path).is_dir()}
        inodes = {path: (build / path).lstat().st_ino for path in stamps}
        assert len(before) == 12
        for artifacts in ({"a/x": b"2", "c/new": b"2"}, {"a/x": b"3"}, {}, {"a/x": b"1", "a/y": b"1", "b/z": b"1"}):
            made = publish(build, artifacts)
            assert made.conflicts == []
            assert foreign(build, OURS) == before
            assert files(build).items() >= artifacts.items()
            assert {p for p in OURS - {"b", "c"} if (build / p).exists()} == set(artifacts)
            assert (build / "b").exists() == ("b/z" in artifacts)
        assert {path: (build / path).lstat().st_mtime_ns for path in stamps} == stamps
        assert {path: (build / path).lstat().st_ino for path in stamps} == inodes
        assert sorted(p.name for p in build.parent.iterdir()) == ["build"]

    def test_a_file_in_the_way_stops_everything(self, build: Path) -> None:
        """Each kind, all at once; only a file may be replaced, and only if the user says so."""
        before = tree(build)
        wanted = {
            "a/x": b"2",
            "a/extra.tf": b"",
            "lib/deep": b"",
            "app.js/main.tf": b"",
            "a/link": b"",
            "a/link/inside": b"",
            "dangling": b"",
        }
        made = publish(build, wanted)
        assert [(c.path, c.kind, c.blocker, c.replaceable) for c in made.conflicts] == [
            ("a/extra.tf", "foreign", "a/extra.tf", True),
            ("a/link", "link", "a/link", True),
            ("a/link/inside", "file", "a/link", False),
            ("app.js/main.tf", "file", "app.js", False),
            ("dangling", "link", "dangling", True),
            ("lib/deep", "folder", "lib/deep", False),
        ]
        assert tree(build) == before
        assert publish(build, {"a/extra.tf": b"new", "a/link": b"new"}, overwrite=True).conflicts == []
        assert (build / "a/extra.tf").read_bytes() == (build / "a/link").read_bytes() == b"new"
        assert not (build / "a/link").is_symlink()
        assert (build / "lib/deep/tool").read_text() == "#!/bin/sh"

    def test_an_old_build_without_a_manifest(self, build: Path) -> None:
        """What is identical counts as ours; what differs is named."""
        (build / MANIFEST).unlink()
        assert publish(build, {"a/x": b"1", "a/y": b"1", "b/z": b"1"}).changes == [(MANIFEST, "missing")]
        assert publish(build, {"a/x": b"2"}).conflicts == []
        (build / MANIFEST).unlink()
        assert [c.kind for c in publish(build, {"a/x": b"3"}).conflicts] == ["foreign"]

    def test_an_edited_file_is_not_lost(self, build: Path) -> None:
        """Not when it would be replaced, nor when it would be removed; one with the right content is no problem."""
        (build / "a/x").write_bytes(b"edited")
        (build / "b/z").write_bytes(b"edited")
        made = publish(build, {"a/x": b"2"})
        assert [(c.path, c.kind) for c in made.conflicts] == [("a/x", "edited"), ("b/z", "edited-extra")]
        assert files(build)["a/x"] == files(build)["b/z"] == b"edited"
        (build / "b/z").write_bytes(b"1")
        assert publish(build, {"a/x": b"edited"}).conflicts == []
        (build / "a/x").unlink()
        (build / "a/x").symlink_to("y")
        assert [(c.path, c.kind) for c in publish(build, {"a/x": b"2"}).conflicts] == [("a/x", "link")]

    def test_what_took_the_place_of_a_file_that_is_gone_stays(self, build: Path) -> None:
        """It is not ours any more: it leaves the manifest, and nothing else happens."""
        (build / "a/x").unlink()
        (build / "a/x").mkdir()
        (build / "a/x" / "notes").write_text("mine")
        shutil.rmtree(build / "b")
        (build / "b").symlink_to("lib")
        (build / "lib" / "z").write_bytes(b"1")  # as we wrote b/z
        assert publish(build, {"a/y": b"1"}).conflicts == []
        assert (build / "a/x/notes").read_text() == "mine"
        assert (build / "lib/z").read_bytes() == b"1"

    def test_a_file_instead_of_the_folder(self, tmp_path: Path) -> None:
        """It stays."""
        (tmp_path / "build").write_text("?")
        assert [c.kind for c in publish(tmp_path / "build", {"a": b"1"}).conflicts] == ["file"]
        assert files(tmp_path) == {"build": b"?"}

    def test_a_link_stays_a_link(self, tmp_path: Path) -> None:
        """What it leads to is changed; nothing is left beside either."""
        (tmp_path / "elsewhere").mkdir()
        (tmp_path / "elsewhere" / "mine").touch()
        build = tmp_path / "build"
        build.symlink_to("elsewhere")
        publish(build, {"a": b"1"})
        publish(build, {"a": b"2"})
        assert build.is_symlink()
        assert files(tmp_path / "elsewhere") == {"a": b"2", "mine": b""}
        assert sorted(p.name for p in tmp_path.iterdir()) == ["build", "elsewhere"]

    def test_permissions_of_ours_are_kept(self, build: Path) -> None:
        """Of the folder and of a file that changes."""
        build.chmod(0o750)
        (build / "a/x").chmod(0o640)
        publish(build, {"a/x": b"2", "a/y": b"1", "b/z": b"1"})
        assert [stat.S_IMODE((build / path).stat().st_mode) for path in (".", "a/x")] == [0o750, 0o640]

    def test_what_is_open_stays_open(self, build: Path) -> None:
        """A program goes on writing into its log."""
        with (build / "app.js").open("a") as log:
            publish(build, {"a/x": b"2"})
            log.write(", and more")
        assert (build / "app.js").read_text() == "by hand, and more"


class TestManifest:
    """The list of our files."""

    def test_it_lists_each_file_in_a_line(self, build: Path) -> None:
        """Sorted, with its digest, the same bytes each time."""
        document = json.loads((build / MANIFEST).read_text())
        assert document["version"] == 1
        assert [*document["files"]] == ["a/x", "a/y", "b/z"]
        assert (build / MANIFEST).read_text().count("\n") == 9
        assert publish(build, {"b/z": b"1", "a/y": b"1", "a/x": b"1"}).changes == []

    @pytest.mark.parametrize(
        ("old", "new", "words"),
        [
            ('"version": 1', '"version": 2', "newer version"),
            ('"version": 1', '"version": "1"', "damaged"),
            ('"a/y"', '"../y"', "not inside"),
            ('"a/y"', '"/a/y"', "not inside"),
            ('"a/y"', '"a/../../y"', "not inside"),
            ('"a/y"', '"a\\\\y"', "not inside"),
            ('"a/y"', '""', "not inside"),
            ('"a/y"', f'"{MANIFEST}"', "not inside"),
            ('"a/y"', '"a/x"', "not valid JSON"),
            ('"a/y": "6b', '"a/y": "zz', "no SHA-256"),
            ('"files": {', '"files": [', "not valid JSON"),
            ("{", "", "not valid JSON"),
            ('"files"', '"fils"', "damaged"),
        ],
    )
    def test_one_that_cannot_be_used(self, build: Path, old: str, new: str, words: str) -> None:
        """Nothing is written, and nothing outside the folder is touched."""
        text = (build / MANIFEST).read_text()
        assert old in text
        (build / MANIFEST).write_text(text.replace(old, new, 1))
        before = tree(build)
        with pytest.raises(ManifestError, match=words):
            publish(build, {"a/x": b"2"})
        assert tree(build) == before

    def test_bytes_that_are_no_manifest(self, build: Path) -> None:
        """Any bytes."""
        for content in (b"", b"\xff", b"[]", b"null", b"[" * 100_000, b"<<<<<<< x\n"):
            (build / MANIFEST).write_bytes(content)
            with pytest.raises(ManifestError):
                publish(build, {"a/x": b"2"})

    @pytest.mark.parametrize("style", ["merge", "diff3"])
    def test_an_unresolved_merge(self, tmp_path: Path, style: str) -> None:
        """With git itself: two branches change the same and other files; generating again needs no help."""

        def git(*arguments: str) -> None:
            command = ["git", "-c", "user.name=a", "-c", "user.email=a@b.c", "-c", f"merge.conflictStyle={style}", *arguments]
            subprocess.run(command, cwd=tmp_path, check=arguments[0] != "merge", capture_output=True)

        build = tmp_path / "build"
        base = {f"{n}/f": b"1\n2\n3\n4\n5\n6\n7\n" for n in "abcde"}
        git("init", "-q", "-b", "main")
        publish(build, base)
        git("add", "."), git("commit", "-qm", "base"), git("checkout", "-qb", "other")
        publish(build, {**base, "a/f": b"one\n2\n3\n4\n5\n6\n7\n", "c/f": b"one\n", "other/f": b"?"})
        git("add", "."), git("commit", "-qm", "other"), git("checkout", "-q", "main")
        publish(build, {**base, "a/f": b"1\n2\n3\n4\n5\n6\nseven\n", "c/f": b"two\n", "e/f": b"x"})
        git("add", "."), git("commit", "-qm", "main"), git("merge", "-q", "other")
        assert "<<<<<<<" in (build / MANIFEST).read_text()
        assert (build / "a/f").read_bytes() == b"one\n2\n3\n4\n5\n6\nseven\n"  # git's own merge of the two
        assert b"<<<<<<<" in (build / "c/f").read_bytes()
        (build / "mine").write_text("mine")
        wanted = {**base, "a/f": b"both", "c/f": b"three", "e/f": b"x"}
        assert publish(build, wanted).conflicts == []
        assert files(build) == {**wanted, "mine": b"mine"}

    def test_an_edit_during_a_merge_is_seen(self, build: Path) -> None:
        """A file that only one side changed, and that is neither side's, was edited."""
        one = (build / MANIFEST).read_text()
        other = manifests.write({"a/x": b"2", "a/y": b"1", "b/z": b"1"}).decode()
        (build / MANIFEST).write_text(f"<<<<<<< ours\n{one}=======\n{other}>>>>>>> theirs\n")
        (build / "a/y").write_bytes(b"edited")
        assert [(c.path, c.kind) for c in publish(build, {"a/x": b"3", "a/y": b"3"}).conflicts] == [("a/y", "edited")]


class TestWholeOrNotAtAll:
    """Killed, full, read-only, changed by others at the same time."""

    CODE = """
import sys; from pathlib import Path; from generator.publish import publish
build, n = Path(sys.argv[1]), 0
while True:
    n += 1
    publish(build, {f"d{i}/f{n % 3}": str(n).encode() for i in range(20)})
    print(n, flush=True)
"""

    def test_a_kill_at_any_moment(self, tmp_path: Path) -> None:
        """A process that keeps changing the folder is killed again and again: our files are one generation, the others' all there."""
        build = tmp_path / "build"
        publish(build, {f"d{i}/f0": b"0" for i in range(20)})
        for i in range(20):
            (build / f"d{i}" / "mine").write_text(str(i))
            (build / "mine" / str(i)).mkdir(parents=True)
        shuffled = random.Random(0)
        for _ in range(15):
            with subprocess.Popen([sys.executable, "-c", self.CODE, str(build)], stdout=subprocess.PIPE, cwd=ROOT) as process:
                assert process.stdout is not None
                process.stdout.readline()
                time.sleep(shuffled.uniform(0, 0.02))
                process.send_signal(signal.SIGKILL)
            there = files(build)
            ours = {path: content for path, content in there.items() if "/f" in path}
            assert len(ours) == 20
            assert len(set(ours.values())) == 1
            assert {p: c for p, c in there.items() if p not in ours} == {f"d{i}/mine": str(i).encode() for i in range(20)}
            assert len([*(build / "mine").iterdir()]) == 20
            listed = json.loads((build / MANIFEST).read_text())["files"]
            assert listed == {path: manifests.digest(content) for path, content in ours.items()}
        publish(build, {"last": b"1"})
        assert sorted(p.name for p in tmp_path.iterdir()) == ["build"]
        assert {path for path in files(build) if "mine" not in path} == {"last"}

    @pytest.mark.parametrize("way", ["exchange", "two renames", "in place"])
    def test_a_kill_at_each_call(self, tmp_path: Path, way: str) -> None:
        """The process ends before its n-th change of the file system, for each n: one whole build, and the next run cleans up."""
        old, new = {"a/x": b"1", "c/y": b"1"}, {"a/x": b"2", "b": b"2"}
        for calls in range(300):
            build = tmp_path / str(calls) / "build"
            publish(build, old)
            (build / "a" / "mine").write_text("mine")
            child = os.fork()
            if child == 0:
                die_after(calls, way)
                publish(build, new)
                os._exit(0)
            ended = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
            if way == "in place":
                assert (build / "a" / "mine").read_bytes() == b"mine"
                if calls % 2:  # finished by the next run, whatever that one has to do
                    assert publish(build, new).conflicts == []
                    assert files(build) == {**new, "a/mine": b"mine"}
            elif way == "exchange" or build.exists():
                there = files(build)
                assert there.pop("a/mine") == b"mine"
                assert there in (old, new), calls
            publish(build, {"a/x": b"3"})
            assert files(build) == {"a/x": b"3", "a/mine": b"mine"}, calls
            assert [p.name for p in build.parent.iterdir()] == ["build"], calls
            if ended == 0:
                break
        assert ended == 0
        assert calls > 20

    @pytest.mark.parametrize("full", ["write_bytes", "mkdir", "copymode"])
    def test_a_full_disk(self, build: Path, monkeypatch: pytest.MonkeyPatch, full: str) -> None:
        """When writing fails half way, the folder is as it was and nothing is left beside it."""
        before, done = tree(build), []

        def fail(*arguments: object, **options: object) -> object:
            done.append(1)
            if len(done) > 2:
                raise OSError(errno.ENOSPC, "No space left on device")
            return original(*arguments, **options)

        owner = shutil if full == "copymode" else Path
        original = getattr(owner, full)
        monkeypatch.setattr(owner, full, fail)
        with pytest.raises(OSError, match="No space"):
            publish(build, {f"{folder}/{name}": b"2" for folder in "abc" for name in "xyz"} | {"a/y": b"2", "b/z": b"2"})
        monkeypatch.undo()
        assert tree(build) == before
        assert [p.name for p in build.parent.iterdir()] == ["build"]

    def test_without_a_swap_in_one_call(self, build: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """Where the file system cannot exchange folders, two renames do."""
        monkeypatch.setattr(swapping, "_renamed_in_one_call", lambda *_: False)
        before = foreign(build, OURS)
        publish(build, {"a/x": b"2"})
        assert foreign(build, OURS) == before
        assert [p.name for p in build.parent.iterdir()] == ["build"]

    def test_what_belongs_to_others(self, build: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """Where the folder cannot be copied, its files change in place; what is in the way of that is not lost either."""
        monkeypatch.setattr(swapping, "_link", refuse_links)
        before = foreign(build, OURS)
        for artifacts in ({"a/x": b"2", "c/new": b"2"}, {"a/x": b"3"}, {"a/x": b"1", "a/y": b"1", "b/z": b"1"}):
            publish(build, artifacts)
            assert foreign(build, OURS) == before
            assert {path for path in OURS - {"b", "c"} if (build / path).exists()} == set(artifacts)
        assert [p.name for p in build.parent.iterdir()] == ["build"]
        taken = build / journal.STAGE
        taken.mkdir()
        (taken / "mine").touch()
        with pytest.raises(FileExistsError):
            publish(build, {"a/x": b"2"})
        assert (taken / "mine").exists()
        assert files(build)["a/x"] == b"1"

    @pytest.mark.skipif(os.geteuid() != 0, reason="only root can be another user")
    @pytest.mark.parametrize("what", ["file", "folder", "closed", "parent"])
    def test_another_user(self, what: str) -> None:
        """After a run of Terraform in a container: as a user who does not own all of the folder."""
        with tempfile.TemporaryDirectory() as name:
            folder, build = Path(name), Path(name) / "build"
            publish(build, {"a/x": b"1"})
            for path in (folder, build, build / "a", build / "a/x", build / MANIFEST):
                os.chown(path, 65534, 65534)
            theirs = build / "a" / ".terraform"
            theirs.mkdir()
            (theirs / "lock").write_text("theirs")
            if what == "file":
                os.chown(theirs, 65534, 65534)
            if what == "closed":
                os.chown(build / "a", 0, 0)
            if what == "parent":
                os.chown(folder, 0, 0)
                folder.chmod(0o755)
                shutil.rmtree(theirs)
            before = tree(build)
            child = os.fork()
            if child == 0:
                os.setgid(65534)
                os.setuid(65534)
                try:
                    publish(build, {"a/x": b"2"})
                except PermissionError:
                    os._exit(1)
                os._exit(0)
            ended = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
            assert ended == (what == "closed")
            after = tree(build)
            if ended == 0:
                assert (build / "a/x").read_bytes() == b"2"
            assert {p: v for p, v in after.items() if p not in {"a/x", MANIFEST} or ended} == {
                p: v for p, v in before.items() if p not in {"a/x", MANIFEST} or ended
            }
            assert [p.name for p in folder.iterdir()] == ["build"]

    def test_without_hard_links(self, build: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """Where the file system has none, files are copied, with their permissions and times."""

        def refuse(*_: object, **__: object) -> None:
            raise OSError(errno.ENOTSUP, "no links here")

        (build / "lib" / "pipe").unlink()
        before = foreign(build, OURS)
        stamp = (build / "app.js").stat().st_mtime_ns
        monkeypatch.setattr(os, "link", refuse)
        publish(build, {"a/x": b"2"})
        assert foreign(build, OURS) == before
        assert (build / "app.js").stat().st_mtime_ns == stamp

    @pytest.mark.parametrize("exchange", [True, False])
    @pytest.mark.parametrize("act", ["add", "replace", "edit ours", "remove"])
    def test_a_change_by_others_at_the_same_time(self, build: Path, monkeypatch: pytest.MonkeyPatch, act: str, exchange: bool) -> None:
        """After the copy and before the exchange: the folder stays as the others made it, and the command says so."""
        original = swapping._renamed_in_one_call
        acted = []

        def meanwhile(one: Path, other: Path) -> bool:
            if not acted:
                acted.append(1)
                if act == "add":
                    (build / "added").write_text("mine")
                elif act == "replace":
                    (build / "fresh").write_text("newer")
                    (build / "fresh").replace(build / "app.js")
                elif act == "edit ours":
                    (build / "a/x").write_bytes(b"edited")
                else:
                    (build / "app.js").unlink()
                acted.append(tree(build))
            return exchange and original(one, other)

        monkeypatch.setattr(swapping, "_renamed_in_one_call", meanwhile)
        with pytest.raises(OSError, match="at the same time"):
            publish(build, {"a/x": b"2"})
        assert tree(build) == acted[1]
        assert [p.name for p in build.parent.iterdir()] == ["build"]

    def test_what_a_killed_run_left_is_never_lost(self, tmp_path: Path) -> None:
        """A file that appeared in the old folder in the last moment moves over; one that differs stays, and is named."""
        build, stage = tmp_path / "build", swapping.stage_of(tmp_path / "build")
        publish(build, {"a": b"1"})
        left = stage / "new"
        left.mkdir(parents=True)
        (stage / "note.json").write_text(json.dumps({"inode": 0, "replaced": {}}))
        (left / "late").write_text("mine")
        recover(build)
        assert files(build) == {"a": b"1", "late": b"mine"}
        left.mkdir(parents=True)
        (stage / "note.json").write_text(json.dumps({"inode": 0, "replaced": {}}))
        (left / "late").write_text("another")
        with pytest.raises(FileExistsError, match="compare"):
            publish(build, {"a": b"2"})
        assert (left / "late").read_text() == "another"
        assert files(build) == {"a": b"1", "late": b"mine"}

    def test_what_happens_after_a_kill_counts(self, build: Path) -> None:
        """Before the next run, people save a file anew and remove another one: it stays so."""
        child = os.fork()
        if child == 0:
            swapping._discard = lambda *_: os._exit(9)
            publish(build, {"a/x": b"2"})
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 9
        (build / "fresh").write_text("newer")
        (build / "fresh").replace(build / "app.js")
        (build / "a" / "extra.tf").unlink()
        publish(build, {"a/x": b"3"})
        assert (build / "app.js").read_text() == "newer"
        assert not (build / "a" / "extra.tf").exists()
        assert [p.name for p in build.parent.iterdir()] == ["build"]

    @pytest.mark.parametrize("what", ["file", "folder", "link"])
    def test_a_name_beside_the_folder_that_is_taken(self, tmp_path: Path, what: str) -> None:
        """What sfn-generator did not make is not removed there either."""
        stage = swapping.stage_of(tmp_path / "build")
        if what == "file":
            stage.write_text("mine")
        elif what == "link":
            stage.symlink_to(tmp_path)
        else:
            stage.mkdir()
            (stage / "mine").touch()
        before = tree(tmp_path)
        with pytest.raises(FileExistsError):
            publish(tmp_path / "build", {"a": b"1"})
        assert tree(tmp_path) == before

    def test_two_at_once(self, tmp_path: Path) -> None:
        """One waits for the other."""
        code = "import sys; from pathlib import Path; from generator.publish import publish\n"
        code += "for n in range(30): publish(Path(sys.argv[1]), {f'{sys.argv[2]}/f{i}': str(n).encode() for i in range(5)})"
        running = [subprocess.Popen([sys.executable, "-c", code, str(tmp_path / "build"), name], cwd=ROOT) for name in "pq"]
        assert [process.wait() for process in running] == [0, 0]
        assert set(files(tmp_path / "build").values()) == {b"29"}


NAMES = st.sampled_from(["a", "b", "c", "A", ".git", "ž"])
PATHS = st.lists(NAMES, min_size=1, max_size=3).map("/".join)
CONTENTS = st.binary(max_size=2)
TARGETS = st.sampled_from([b"a", b"../x", b".", b"/"])
THINGS = st.tuples(st.just("file"), CONTENTS) | st.tuples(st.just("folder"), st.just(b"")) | st.tuples(st.just("link"), TARGETS)
ARTIFACTS = st.dictionaries(PATHS, CONTENTS, max_size=4)


def make(folder: Path, path: str, kind: str, content: bytes) -> bool:
    """Make a file, a folder or a link of somebody else's; never through a link."""
    target = folder / path
    if any((folder / parent).is_symlink() for parent in Path(path).parents) or os.path.lexists(target):
        return False
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
    except OSError:  # a file is in the way
        return False
    if kind == "file":
        target.write_bytes(content)
    elif kind == "folder":
        target.mkdir()
    else:
        target.symlink_to(content.decode())
    return True


@given(st.lists(st.one_of(st.dictionaries(PATHS, THINGS, max_size=4), ARTIFACTS.map(lambda artifacts: [artifacts])), max_size=8))
def test_foreign_files_survive_any_sequence(steps: list[object]) -> None:
    """People add things, workflows come and go: what people added is always there, and ours is exactly what is generated."""
    with tempfile.TemporaryDirectory() as folder:
        build = Path(folder) / "build"
        build.mkdir()
        mine: set[str] = set()
        ours: dict[str, bytes] = {}
        for step in steps:
            if isinstance(step, dict):
                for path, (kind, content) in step.items():
                    there = set(tree(build))
                    if make(build, path, kind, content):
                        mine |= set(tree(build)) - there
                continue
            (wanted,) = step
            wanted = {path: content for path, content in wanted.items() if not any(other.startswith(path + "/") for other in wanted)}
            before = tree(build)
            made = publishing.publish(build, wanted)
            after = tree(build)
            if not made.conflicts:  # what is identical to a generated file counts as one from now on, and so does the folder of one
                mine -= {path for path, content in wanted.items() if before.get(path, ())[2:] == (content,)}
                mine -= {parent.as_posix() for path in wanted for parent in Path(path).parents}
            assert {path: after.get(path) for path in mine} == {path: before[path] for path in mine}
            if made.conflicts:
                assert after == before
            else:
                ours = wanted
            assert {path for path in ours if path not in after or after[path][2] != ours[path]} == set()
            folders = {parent.as_posix() for path in {*ours, *mine} for parent in Path(path).parents} - {"."}
            assert set(after) - {MANIFEST} <= {*ours, *mine, *folders}
            assert sorted(p.name for p in Path(folder).iterdir()) == ["build"]
