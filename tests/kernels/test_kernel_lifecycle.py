"""Interrupt, restart, end and death of kernels, parents and owners."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import psutil
import pytest
from jupyter_core.utils import run_sync

from sozialanalyse.kernels import parent, zygote


def gone(pid, within=5.0):
    """Whether a process ends in time; a zombie has not ended properly."""
    until = time.monotonic() + within
    while psutil.pid_exists(pid) and time.monotonic() < until:
        time.sleep(0.02)
    return not psutil.pid_exists(pid)


@pytest.mark.parametrize("busy", ["!sleep 30", "while True: pass"])
def test_interrupt_ends_the_cell_and_keeps_the_kernel(kernel, busy):
    with kernel("light") as session:
        session.run("kept = 1")
        timer = threading.Timer(0.5, os.killpg, (session.pid, signal.SIGINT))
        timer.start()
        began = time.monotonic()
        messages = session.messages(busy)
        assert time.monotonic() - began < 5
        assert any(m["content"].get("ename") == "KeyboardInterrupt" for m in messages) or busy.startswith("!")
        assert session.run("print(kept)") == "1"


def test_interrupt_through_the_manager(kernel):
    with kernel("light") as session:
        message = session.kc.execute("import time; print('begun', flush=True); time.sleep(30)")
        while session.kc.get_iopub_msg(timeout=10)["msg_type"] != "stream":
            pass
        session.km.interrupt_kernel()
        reply = session.kc.get_shell_msg(timeout=10)
        assert reply["parent_header"]["msg_id"] == message
        assert reply["content"]["ename"] == "KeyboardInterrupt"


def test_a_kernel_that_was_killed_has_ended(kernel):
    """Whoever kills need not look for the end every tenth of a second."""
    with kernel("light") as session:
        process = session.km.provisioner.process
        run_sync(session.km.provisioner.kill)()
        assert process.returncode == -signal.SIGKILL
        assert gone(session.pid, within=0)


@pytest.mark.parametrize("now", [True, False])
def test_restart_gives_a_clean_kernel_on_the_same_address(kernel, now):
    with kernel("light") as session:
        session.run("kept = 1")
        before, address = session.pid, session.km.ip
        session.km.restart_kernel(now=now)
        session.kc.wait_for_ready(timeout=30)
        assert session.is_forked
        assert (session.pid != before, session.km.ip) == (True, address)
        assert session.run("print('kept' in globals())") == "False"
        assert gone(before)


def test_polite_shutdown_runs_exit_functions_and_leaves_nothing(kernel, tmp_path):
    mark = tmp_path / "mark"
    with kernel("light") as session:
        session.run(f"import atexit, pathlib; atexit.register(pathlib.Path({str(mark)!r}).write_text, 'bye')")
        pid, home, connection = session.pid, session.parent, Path(session.km.connection_file)
        address = Path(session.km.ip)
        assert list(address.parent.glob(f"{address.name}*"))
        session.km.shutdown_kernel()
        assert mark.read_text() == "bye"
        assert gone(pid, within=0.5)
        assert home.children() == []
        assert not connection.exists()
        assert not list(address.parent.glob(f"{address.name}*"))


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("import os; os._exit(7)", 7),
        ("import os; os.kill(os.getpid(), 9)", -9),
        ("import ctypes; ctypes.string_at(0)", -11),
        ("import subprocess, os; subprocess.Popen(['sleep', '3'], start_new_session=True); os._exit(3)", 3),
    ],
)
def test_death_of_a_kernel_is_seen_with_its_code(kernel, code, expected):
    with kernel("light") as session:
        home = session.parent
        session.kc.execute(code)
        process = session.km.provisioner.process
        assert process.wait(timeout=2) == expected
        assert not session.km.is_alive()
        assert process.poll() == expected
        assert gone(session.pid, within=1)
        assert home.is_running()


def test_waiting_for_a_living_kernel_times_out(kernel):
    with kernel("light") as session, pytest.raises(subprocess.TimeoutExpired):
        session.km.provisioner.process.wait(timeout=0.05)


def test_a_kernel_nobody_holds_is_killed_with_its_children(kernel):
    with kernel("light") as session:
        child = int(session.run("import subprocess; print(subprocess.Popen(['sleep', '60']).pid)"))
        pid = session.pid
        session.km.provisioner.process = None
        assert gone(pid)
        assert gone(child)


def test_death_of_the_parent_ends_its_kernels_and_the_next_one_gets_a_new_parent(kernel):
    with kernel("light") as session:
        home, pid = session.parent, session.pid
        session.kc.execute(
            "import ctypes, time; print('begun', flush=True); time.sleep(1); ctypes.PyDLL(None).sleep(30)"
        )
        while session.kc.get_iopub_msg(timeout=10)["msg_type"] != "stream":
            pass  # from now on no Python thread of the kernel runs, the one that polls its parent neither
        home.kill()
        assert session.km.provisioner.process.wait(timeout=5) == -signal.SIGKILL
        assert gone(pid)
        assert gone(home.pid)  # no zombie either
        with kernel("light") as other:
            assert other.is_forked
            assert other.parent != home


def test_idle_parent_ends_and_is_replaced_on_demand(kernel, make_spec):
    name = make_spec("idle", idle_timeout=0.5)
    with kernel(name) as session:
        home = session.parent
        time.sleep(1)
        assert home.is_running()  # it has a kernel
    assert gone(home.pid)
    with kernel(name) as session:
        assert session.is_forked


OWNER = """
import os, sys
from jupyter_client.manager import start_new_kernel
km, kc = start_new_kernel(kernel_name="light")
print(km.provisioner.pid, os.path.dirname(km.ip), flush=True)
sys.stdin.read()
{end}
"""


def owner(end=""):
    command = [sys.executable, "-c", OWNER.format(end=end)]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    pid, folder = process.stdout.readline().split()
    return process, psutil.Process(int(pid)), Path(folder)


@pytest.mark.parametrize("end", ["os.kill(os.getpid(), 9)", "raise SystemExit"])
def test_kernels_and_parent_end_with_their_owner(jupyter, end):
    process, pid, folder = owner(end)
    home = pid.parent()
    process.communicate(timeout=20)
    assert gone(pid.pid)
    assert gone(home.pid)
    assert folder.exists() == (end != "raise SystemExit")
    shutil.rmtree(folder, ignore_errors=True)


def test_owner_killed_while_the_parent_imports(make_spec, tmp_path):
    (tmp_path / "slowmodule.py").write_text("import time; time.sleep(2)")
    name = make_spec("slow", preload=["slowmodule"])
    code = f"from sozialanalyse.kernels import warm; warm({name!r})"
    process = subprocess.Popen([sys.executable, "-c", code], env={**os.environ, "PYTHONPATH": str(tmp_path)})
    children = []
    while not children:
        children = psutil.Process(process.pid).children()
    process.kill()
    process.wait()
    assert gone(children[0].pid, within=10)


def test_two_owners_of_one_user_do_not_meet(jupyter):
    (first, one, here), (second, two, there) = owner(), owner()
    assert one.parent() != two.parent()
    assert here != there
    first.kill()
    first.communicate()
    assert gone(one.pid)
    assert two.is_running()
    shutil.rmtree(here)
    second.communicate()
    assert gone(two.pid)


def test_a_forked_copy_of_the_owner_does_not_touch_the_parent(kernel):
    with kernel("light") as session:
        held = list(parent._parents.values())
        assert held
        pid = os.fork()
        if pid == 0:
            os._exit(len(parent._parents) + sum(one.control.fileno() != -1 for one in held))
        assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0
        assert session.run("print(1)") == "1"
        with kernel("light") as other:
            assert other.parent == session.parent


def test_a_parent_that_hangs_in_an_import_ends_itself(tmp_path):
    (tmp_path / "hangs.py").write_text("import time; time.sleep(60)")
    code = "from sozialanalyse.kernels import zygote; zygote.IMPORT_LIMIT = 1; zygote.main()"
    command = [sys.executable, "-c", code, '[["hangs"], [], 10]']
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    env = {**os.environ, "PYTHONPATH": str(tmp_path)}
    with ours, theirs:
        done = subprocess.run(command, stdin=theirs.fileno(), env=env, timeout=30, check=False)
    assert done.returncode == -signal.SIGALRM


def test_a_kernel_that_ends_while_its_owner_hangs_up_is_buried_once():
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    owner_end, status = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with ours, theirs:
        loop = zygote.Zygote(theirs, 0.05, watcher=None)
        pid = os.fork()
        if pid == 0:
            os._exit(0)
        ended = os.pidfd_open(pid)
        os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)
        owner_end.close()
        loop.kernels = dict.fromkeys((ended, status.fileno()), zygote.Kernel(pid, ended, status.detach()))
        for fd in loop.kernels:
            loop.poller.register(fd, 1 if fd == ended else 0)
        assert loop.serve() is None
        assert loop.kernels == {}
        assert not psutil.pid_exists(pid)


def test_a_parent_without_free_descriptors_is_replaced(kernel, make_spec):
    name = make_spec("exhausted")
    with kernel(name) as session:
        assert session.is_forked
        full = session.parent
        full.rlimit(psutil.RLIMIT_NOFILE, (full.num_fds() + 2, full.num_fds() + 2))
        with kernel(name) as other:
            assert other.is_forked
            assert other.parent != full
        assert session.run("print(1)") == "1"
