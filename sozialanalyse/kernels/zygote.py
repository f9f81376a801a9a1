"""The warm parent: imports the stack once, then forks a ready Jupyter kernel for every request.

A script of its own - started by :mod:`.parent` with the kernel's own interpreter, it needs nothing
but ipykernel. It opens no ZeroMQ context, event loop or Python thread and never computes: all that
is created in the child, after the fork, which is what makes the fork safe.

Descriptor 0 is a ``SOCK_SEQPACKET`` socket to the owner; one message is one request:

- ``ping`` with the descriptor ``status``: answered there by ``ready``, ``stale <file>`` or
  ``unsafe <why>``;
- ``fork`` with ``status, request, stdout, stderr``: if ready, the kernel says ``pid <n>`` there once
  its sockets are bound, and the parent ``exit <code>`` when it has ended;
- the owner closes its end of ``status``: nobody holds the kernel any more, it is killed;
- the owner closes descriptor 0, or dies: all kernels are killed and this process ends.

``request`` is an anonymous file (arguments, environment, working directory) that only the child
reads: nothing of one kernel's user passes through the parent of the next.
"""

from __future__ import annotations

import atexit
import contextlib
import ctypes
import gc
import importlib
import json
import os
import select
import signal
import socket
import stat
import sys
import sysconfig
import threading
import time
import warnings
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

IMPORT_LIMIT = 120  # seconds; a parent that hangs in an import is ended by its own alarm
PR_SET_PDEATHSIG = 1

KERNEL = (  # what ipykernel itself would import only when a kernel starts
    *("ipykernel.kernelapp", "ipykernel.ipkernel", "ipykernel.zmqshell", "ipykernel.debugger"),
    *("ipykernel.iostream", "ipykernel.displayhook", "ipykernel.heartbeat", "IPython.core.completerlib"),
    *("IPython.core.oinspect", "IPython.core.debugger"),
    *("IPython.extensions.storemagic", "pdb", "sqlite3", "tornado.platform.asyncio", "zmq.utils.garbage"),
)
LOADED = frozenset(
    {".py", ".pth", ".so", ".yml", ".json", ".csv", ".css", ".js", ".j2", ".html", ".ttf", ".woff2", ".typ"}
)
"""Kinds of files that a kernel reads; below watched folders guides and an editor's own files are none."""
HOOKS = (  # import-time hooks that found no shell in the parent and are run again in the kernel
    ("matplotlib_inline.backend_inline", "_enable_matplotlib_integration"),
    ("ipywidgets", "register_comm_target"),
)


def main() -> None:
    """Import, serve and - in every forked child - become a kernel."""
    modules, watch, idle = json.loads(sys.argv[1])
    control = socket.socket(fileno=os.dup(0))
    null = os.open(os.devnull, os.O_RDWR)
    os.dup2(null, 0)
    os.close(null)
    if Path(sys.path[0]) == Path(__file__).parent:
        del sys.path[0]
    started = time.time_ns()
    signal.alarm(IMPORT_LIMIT)
    load(modules)
    signal.alarm(0)
    zygote = Zygote(control, idle, Watcher(watch, started))
    die_with_parent, me = ctypes.CDLL(None).prctl, os.getpid()
    gc.collect()
    gc.disable()
    gc.freeze()
    given = zygote.serve()
    if given is None:
        os._exit(0)
    os.setsid()
    die_with_parent(PR_SET_PDEATHSIG, signal.SIGKILL)  # tied to the forking thread: here the main one
    if os.getppid() != me:
        os._exit(1)
    gc.enable()
    become_kernel(*given)


def load(modules: Iterable[str]) -> None:
    """Import what kernels will need; a module that fails is left to the kernel's own import."""
    os.environ.setdefault("MPLBACKEND", "module://matplotlib_inline.backend_inline")
    for name in KERNEL:
        importlib.import_module(name)
    for name in modules:
        try:
            importlib.import_module(name)
        except Exception as error:
            print(f"kernel parent: {name} not preloaded: {error!r}", file=sys.stderr, flush=True)


class Watcher:
    """Says whether the parent still is what the disk holds.

    Watched are the files of all loaded modules, the list of installed distributions and the paths
    given, of folders the :data:`LOADED` kinds of files below; what is installed once a second,
    everything else every time.
    """

    def __init__(self, paths: Iterable[str], started: int) -> None:
        installed = {sysconfig.get_path(name) for name in ("purelib", "platlib")}
        files = {getattr(module, "__file__", None) or "" for module in list(sys.modules.values())} - {""}
        system = {file for file in files if file.startswith((*installed, sysconfig.get_path("stdlib")))}
        self.system = {path: signature(path) for path in map(Path, installed | system)}
        self.own = {path: signature(path) for path in (*map(Path, files - system), *_below(paths))}
        self.imported = range(started, time.time_ns())
        self.threads = [thread.name for thread in threading.enumerate()[1:]]
        self.looked = 0.0

    def verdict(self) -> str:
        """Return ``ready`` or why no kernel must be forked any more."""
        if self.threads:
            return f"unsafe an import has started the thread {self.threads[0]}"
        seen = self.own
        if time.monotonic() - self.looked > 1:
            seen = self.own | self.system
            self.looked = time.monotonic()
        for path, before in seen.items():
            if signature(path) != before or (isinstance(before, tuple) and before[0] in self.imported):
                return f"stale {path}"  # one written during the imports: nobody knows what was read
        return "ready"


def _below(paths: Iterable[str]) -> Iterator[Path]:
    for path in map(Path, paths):
        yield path
        for found in path.rglob("*"):
            if "__pycache__" not in found.parts and (found.suffix in LOADED or found.is_dir()):
                yield found


def signature(path: Path) -> tuple[int, int, int] | frozenset[str] | None:
    """Time, size and inode of a file, the names of what is loaded from a folder, None if there is nothing."""
    try:
        found = path.stat()
        if stat.S_ISDIR(found.st_mode):
            with os.scandir(path) as entries:
                names = {e.name for e in entries if Path(e.name).suffix in LOADED or e.is_dir()}
            return frozenset(names - {"__pycache__"})
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino


class Kernel(NamedTuple):
    """A forked kernel as its parent sees it."""

    pid: int
    ended: int
    """Process descriptor, readable once the process has ended."""
    status: int
    """Socket to the owner, hung up once the owner has lost interest."""


class Zygote:
    """One loop over the owner's requests and the ends of the kernels; no signals, no threads."""

    def __init__(self, control: socket.socket, idle: float, watcher: Watcher) -> None:
        self.control, self.idle, self.watcher = control, idle, watcher
        self.kernels: dict[int, Kernel] = {}  # under both descriptors of each
        self.poller = select.poll()
        self.poller.register(control, select.POLLIN)

    def serve(self) -> list[int] | None:
        """Work until the owner is gone or there was nothing to do for ``idle`` seconds.

        Returns
        -------
        list of int or None
            In a forked child the descriptors of its request; in the parent None.
        """
        while ready := {fd for fd, _ in self.poller.poll(None if self.kernels else self.idle * 1000)}:
            for fd in ready & self.kernels.keys():
                self.attend(fd)
            if self.control.fileno() in ready:
                message, fds, *_ = socket.recv_fds(self.control, 16, 4, socket.MSG_CMSG_CLOEXEC)
                if not message:
                    break
                if fds and (given := self.answer(*fds)) is not None:
                    return given
        for kernel in set(self.kernels.values()):
            kill(kernel.pid)
            os.waitpid(kernel.pid, 0)
        return None

    def answer(self, status: int, *given: int) -> list[int] | None:
        """Give the verdict and, if it is good and a kernel is asked for, fork."""
        verdict, pid, ended = self.watcher.verdict(), -1, -1
        if tell(status, verdict) and verdict == "ready" and len(given) == 3:
            with warnings.catch_warnings():  # Python 3.12 warns of the idle threads of BLAS and Arrow
                warnings.simplefilter("ignore")
                try:
                    pid = os.fork()
                    ended = os.pidfd_open(pid) if pid else -1
                except OSError as error:
                    tell(status, f"unsafe {error}")
        if pid == 0:
            for fd in (*self.kernels, self.control.detach()):
                os.close(fd)
            return [status, *given]
        for fd in given:
            os.close(fd)
        if ended == -1:
            os.close(status)
            if pid > 0:
                kill(pid)
                os.waitpid(pid, 0)
            return None
        self.kernels |= dict.fromkeys((ended, status), Kernel(pid, ended, status))
        self.poller.register(ended, select.POLLIN)
        self.poller.register(status, 0)  # only the hang-up
        return None

    def attend(self, fd: int) -> None:
        """Kill the kernel whose owner has hung up; bury the one that has ended."""
        if (kernel := self.kernels.get(fd)) is None:
            return  # both of its descriptors were ready, it is buried already
        self.poller.unregister(fd)
        if fd == kernel.status:
            kill(kernel.pid)
            return
        _, waited = os.waitpid(kernel.pid, 0)
        tell(kernel.status, f"exit {os.waitstatus_to_exitcode(waited)}")
        with contextlib.suppress(KeyError):
            self.poller.unregister(kernel.status)
        for end in (kernel.ended, kernel.status):
            del self.kernels[end]
            os.close(end)


def tell(status: int, words: str) -> bool:
    """Send one message to the owner; False if it no longer listens."""
    try:
        os.write(status, words.encode())
    except OSError:
        return False
    return True


def kill(pid: int) -> None:
    """Kill a kernel with everything in its process group."""
    for send in (os.killpg, os.kill):
        with contextlib.suppress(ProcessLookupError):
            send(pid, signal.SIGKILL)


def become_kernel(status: int, request: int, stdout: int, stderr: int) -> None:
    """Take over arguments, environment, folder and output of one request and run a kernel."""
    for given, usual in ((stdout, 1), (stderr, 2)):
        os.dup2(given, usual)
        os.close(given)
    with open(request, encoding="utf-8") as file:
        arguments, environment, folder = json.load(file)
    os.environ.clear()
    os.environ.update(environment, JPY_PARENT_PID=str(os.getppid()))
    time.tzset()
    os.chdir(folder)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    if numpy_random := sys.modules.get("numpy.random"):
        numpy_random.seed()  # Python's own generator is reseeded by the interpreter

    from ipykernel.kernelapp import IPKernelApp

    sys.argv = ["ipykernel_launcher", *arguments]
    app = IPKernelApp.instance()
    app.initialize([*arguments, f"--IPKernelApp.parent_handle={os.getppid()}"])
    for module, hook in HOOKS:
        if module in sys.modules:
            getattr(sys.modules[module], hook)()
    tell(status, f"pid {os.getpid()}")
    os.close(status)
    app.start()
    threading._shutdown()  # type: ignore[attr-defined]
    atexit._run_exitfuncs()
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
    os._exit(0)  # tearing the modules down would copy every page shared with the parent, only to free it


if __name__ == "__main__":
    main()
