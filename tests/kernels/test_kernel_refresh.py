"""The parent is replaced when what it has imported is no longer what the disk holds."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

import pytest

import sozialanalyse
from sozialanalyse.kernels import CannotFork, warm, zygote


def test_changed_code_reaches_the_next_kernel_and_leaves_the_running_one(kernel, make_spec, tmp_path):
    module = tmp_path / "planning.py"
    module.write_text("VALUE = 'old'")
    name = make_spec("edited", preload=["planning"])
    env = {**os.environ, "PYTHONPATH": str(tmp_path), "PYTHONDONTWRITEBYTECODE": "1"}
    code = "import planning; print(planning.VALUE)"
    with kernel(name, env=env) as before:
        with kernel(name, env=env) as same:
            assert same.parent == before.parent
        module.write_text("VALUE = 'new'")
        with kernel(name, env=env) as after:
            assert after.is_forked
            assert after.parent != before.parent
            assert after.run(code) == "new"
            assert before.run(code) == "old"
        outdated = before.parent
        assert outdated.is_running()
        before.km.restart_kernel(now=True)
        before.kc.wait_for_ready(timeout=30)
        assert before.run(code) == "new"
        until = time.monotonic() + 5
        while outdated.is_running() and time.monotonic() < until:
            time.sleep(0.02)
        assert not outdated.is_running()


def test_warm_renews_an_outdated_parent(make_spec, tmp_path):
    name = make_spec("watched", preload=[], watch=[str(tmp_path)])
    assert warm(name) > 5 * warm(name)
    (tmp_path / "texts.yml").write_text("2")
    assert warm(name) > 5 * warm(name)


@pytest.fixture
def watcher(tmp_path, monkeypatch):
    """A watcher of an invented installation: one library, one module of our own, one data folder."""
    for name in ("site", "own", "data/deep"):
        (tmp_path / name).mkdir(parents=True)
    for name in ("site/lib.py", "own/mine.py", "data/deep/table.csv"):
        (tmp_path / name).write_text("1")
        os.utime(tmp_path / name, (1, 1))
    monkeypatch.setattr(zygote.sysconfig, "get_path", lambda name: str(tmp_path / "site"))
    fake = {name: type(sys)(name) for name in ("lib", "mine")}
    fake["lib"].__file__, fake["mine"].__file__ = str(tmp_path / "site/lib.py"), str(tmp_path / "own/mine.py")
    monkeypatch.setattr(zygote.sys, "modules", fake)
    monkeypatch.setattr(zygote.threading, "enumerate", lambda: ["main thread"])
    watcher = zygote.Watcher([str(tmp_path / "data")], started=time.time_ns())
    monkeypatch.undo()
    return watcher


CHANGES = {
    "own code": lambda root: (root / "own/mine.py").write_text("2"),
    "own code removed": lambda root: (root / "own/mine.py").unlink(),
    "same size, other time": lambda root: os.utime(root / "own/mine.py", (2, 2)),
    "data changed": lambda root: (root / "data/deep/table.csv").write_text("22"),
    "data added": lambda root: (root / "data/deep/new.csv").write_text("1"),
    "distribution installed": lambda root: (root / "site/other-1.0.dist-info").mkdir(),
    "library edited": lambda root: (root / "site/lib.py").write_text("2"),
}


@pytest.mark.parametrize("change", CHANGES)
def test_every_kind_of_change_is_seen(watcher, tmp_path, change):
    CHANGES[change](tmp_path)
    assert watcher.verdict().startswith(f"stale {tmp_path}")


def test_bytecode_and_unrelated_files_are_no_change(watcher, tmp_path):
    (tmp_path / "data/__pycache__").mkdir()
    (tmp_path / "site/__pycache__").mkdir()
    (tmp_path / "own/unrelated.py").write_text("1")
    assert watcher.verdict() == "ready"


@pytest.mark.parametrize("name", ["guide.md", "LICENSE.txt", "table.csv~", ".table.csv.swp", "4913"])
def test_what_no_kernel_loads_is_no_change(watcher, tmp_path, name):
    """Guides, and what editors put beside a file while they save it."""
    for content in ("1", "22"):
        (tmp_path / "data/deep" / name).write_text(content)
        assert watcher.verdict() == "ready"
    (tmp_path / "data/deep" / name).unlink()
    assert watcher.verdict() == "ready"


@pytest.mark.parametrize("kind", [".py", ".yml", ".css", ".j2", ".js", ".csv", ".typ", ".woff2"])
def test_every_kind_of_file_a_kernel_loads_is_watched(watcher, tmp_path, kind):
    (tmp_path / f"data/deep/new{kind}").write_text("1")
    assert watcher.verdict() == f"stale {tmp_path / 'data/deep'}"


def test_every_kind_of_file_the_package_reads_is_watched():
    package = Path(sozialanalyse.__file__).parent
    kinds = {path.suffix for path in package.rglob("*") if path.is_file() and "__pycache__" not in path.parts}
    assert kinds - zygote.LOADED <= {".md", ".txt", ""}


def test_installed_libraries_are_looked_at_once_a_second(watcher, tmp_path):
    assert watcher.verdict() == "ready"
    CHANGES["library edited"](tmp_path)
    assert watcher.verdict() == "ready"
    watcher.looked -= 1
    assert watcher.verdict().startswith("stale")


def test_a_file_written_during_the_imports_is_a_change(tmp_path, monkeypatch):
    monkeypatch.setattr(zygote.threading, "enumerate", lambda: ["main thread"])
    before = time.time_ns()
    time.sleep(0.05)
    (tmp_path / "written.py").write_text("1")
    time.sleep(0.05)
    assert zygote.Watcher([str(tmp_path)], started=before).verdict() == f"stale {tmp_path / 'written.py'}"
    assert zygote.Watcher([str(tmp_path)], started=time.time_ns()).verdict() == "ready"


def test_a_parent_that_is_always_outdated_is_given_up(make_spec, tmp_path):
    (tmp_path / "restless.py").write_text(f"open({str(tmp_path / 'log')!r}, 'a').write('x')")
    env = {"PYTHONPATH": str(tmp_path)}
    name = make_spec("restless", preload=["restless"], watch=[str(tmp_path / "log")])
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", env["PYTHONPATH"])
        with pytest.raises(CannotFork, match=r"log has changed"):
            warm(name)
        with pytest.raises(CannotFork, match="less than a minute ago"):
            warm(name)
    assert (tmp_path / "log").read_text() == "xxx"
