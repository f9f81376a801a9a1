"""Where a fork is impossible or unsafe, kernels start in the ordinary way and the log says why."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from pathlib import Path

import pytest
from jupyter_client.kernelspec import NoSuchKernel
from jupyter_client.manager import AsyncKernelManager

from sozialanalyse.kernels import CannotFork, ForkProvisioner, parent, provisioner, warm

COMMAND = [sys.executable, "-m", "ipykernel_launcher", "-f", "connection.json"]


def ordinary(kernel, caplog, name, reason, **launch):
    """A kernel of that name starts, works, was not forked, and the log holds the reason."""
    with kernel(name, **launch) as session:
        assert session.run("print(6 * 7)") == "42"
        assert not session.is_forked
    assert f"starts in the ordinary way: {reason}" in caplog.text


def test_switched_off(kernel, caplog):
    ordinary(kernel, caplog, "fresh", "forking is switched off")


def test_import_that_starts_a_thread(kernel, make_spec, caplog, tmp_path):
    (tmp_path / "threaded.py").write_text(
        "import threading, time; threading.Thread(target=time.sleep, args=[60], name='odd', daemon=True).start()"
    )
    name = make_spec("threaded", preload=["threaded"])
    env = {**os.environ, "PYTHONPATH": str(tmp_path)}
    ordinary(kernel, caplog, name, "not safe: an import has started the thread odd", env=env)


def test_parent_too_slow_then_ready(kernel, make_spec, caplog, tmp_path):
    (tmp_path / "sleepy.py").write_text("import time; time.sleep(2)")
    name = make_spec("sleepy", preload=["sleepy"], start_timeout=0.2)
    env = {**os.environ, "PYTHONPATH": str(tmp_path)}
    ordinary(kernel, caplog, name, "the parent did not answer in time", env=env)
    ordinary(kernel, caplog, name, "the warm parent failed less than a minute ago", env=env)
    parent._quarantine.clear()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", env["PYTHONPATH"])
        warm(name)
    with kernel(name, env=env) as session:
        assert session.is_forked
        assert len(session.parent.children()) == 1  # the requests given up were not served later


def test_parent_that_cannot_start(kernel, caplog, monkeypatch):
    monkeypatch.setattr(parent, "SCRIPT", "/nowhere/zygote.py")
    monkeypatch.setattr(parent, "_parents", {})
    ordinary(kernel, caplog, "light", "the parent has ended")


def test_kernel_that_dies_while_it_starts(kernel, make_spec, caplog, tmp_path):
    script = tmp_path / "zygote.py"
    original = Path(parent.SCRIPT).read_text(encoding="utf-8")
    script.write_text(original.replace("time.tzset()", "os._exit(9)"), encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(parent, "SCRIPT", str(script))
        patch.setattr(parent, "_parents", {})
        ordinary(kernel, caplog, make_spec("dying"), "it ended at once, code 9")


def test_missing_module_is_left_to_the_kernel(kernel, make_spec, capfd):
    name = make_spec("missing", preload=["no_such_module"])
    with kernel(name) as session:
        assert session.is_forked
        with pytest.raises(RuntimeError, match="ModuleNotFoundError"):
            session.run("import no_such_module")
    assert "no_such_module not preloaded" in capfd.readouterr().err


def test_output_to_a_pipe_made_at_launch(kernel, caplog):
    ordinary(kernel, caplog, "light", "its output goes to a pipe", stdout=subprocess.PIPE)


@pytest.mark.parametrize("system", ["win32", "darwin"])
def test_other_systems(monkeypatch, system):
    monkeypatch.setattr(provisioner.sys, "platform", system)
    with pytest.raises(CannotFork, match=system):
        ForkProvisioner().recipe(COMMAND, {})


def test_python_without_fork_or_process_descriptors(monkeypatch):
    for name in ("fork", "pidfd_open"):
        with monkeypatch.context() as patch:
            patch.delattr(os, name)
            with pytest.raises(CannotFork, match="no safe fork"):
                ForkProvisioner().recipe(COMMAND, {})
    ForkProvisioner().recipe(COMMAND, {})


@pytest.mark.parametrize(
    "command", [["R", "--slave"], [sys.executable, "-m", "xeus"], ["ipykernel_launcher"]]
)
def test_other_kernels(command):
    with pytest.raises(CannotFork, match="ipykernel_launcher"):
        ForkProvisioner().recipe(command, {})


def test_interpreter_and_its_flags_belong_to_the_parent():
    command = [COMMAND[0], "-X", "frozen_modules=off", *COMMAND[1:]]
    recipe, arguments = ForkProvisioner(preload=["numpy"]).recipe(command, {"PATH": "/bin", "TOKEN": "x"})
    assert recipe.python == (sys.executable, "-X", "frozen_modules=off")
    assert arguments == ["-f", "connection.json"]
    assert recipe.environment == (("PATH", "/bin"),)


def test_a_kernel_that_is_to_outlive_its_owner_is_not_forked():
    with pytest.raises(CannotFork, match="outlive"):
        ForkProvisioner()._fork(COMMAND, {"env": {}, "independent": True})


def test_warm_says_why_not(jupyter, make_spec):
    with pytest.raises(CannotFork, match="switched off"):
        warm("fresh")
    with pytest.raises(CannotFork, match="another provisioner"):
        warm("python3")
    with pytest.raises(NoSuchKernel):
        warm("nowhere")


def test_memory_limit_elsewhere_is_said_in_the_log(monkeypatch, caplog):
    monkeypatch.setattr(provisioner.sys, "platform", "darwin")
    ForkProvisioner(memory_limit=1)._limit_memory()
    assert "no memory limit on darwin" in caplog.text


def test_the_event_loop_is_not_blocked_while_a_kernel_starts(jupyter, make_spec, tmp_path):
    (tmp_path / "nap.py").write_text("import time; time.sleep(1)")
    name = make_spec("nap", preload=["nap"])

    async def longest_gap():
        km = AsyncKernelManager(kernel_name=name)
        start = asyncio.ensure_future(km.start_kernel(env={**os.environ, "PYTHONPATH": str(tmp_path)}))
        loop = asyncio.get_running_loop()
        gaps, last = [], loop.time()
        while not start.done():
            await asyncio.sleep(0.01)
            gaps.append(loop.time() - last)
            last = loop.time()
        await start
        await km.shutdown_kernel(now=True)
        return sum(gaps), max(gaps)

    total, longest = asyncio.run(longest_gap())
    assert total > 1
    assert longest < 0.5
