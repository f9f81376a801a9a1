"""The owner's end of a warm parent: start it, ask it for kernels, replace it when it is out of date.

One parent per owner process and :class:`Recipe`. The two are joined by a socket pair that has no
name in the file system: nothing to protect, to collide with or to leave behind, and the parent ends
with its owner whichever way that ends.
"""

from __future__ import annotations

import contextlib
import json
import os
import select
import signal
import socket
import subprocess
import threading
import time
import weakref
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from logging import Logger
from pathlib import Path
from typing import TypeVar

T = TypeVar("T")

SCRIPT = str(Path(__file__).with_name("zygote.py"))
ATTEMPTS = 3
BIND_LIMIT = 60.0
"""Seconds that a forked kernel may take until its sockets are bound."""
QUARANTINE = 60.0
"""Seconds for which a recipe that failed is not tried again."""

IMPORT_TIME = ("PATH", "HOME", "USER", "LANG", "LANGUAGE", "TZ", "TMPDIR", "VIRTUAL_ENV", "CONDA_PREFIX")
IMPORT_TIME_PREFIXES = (
    *("PYTHON", "PYDEVD_", "LC_", "LD_", "MALLOC_", "MPL", "PROJ_DATA", "PROJ_LIB"),
    *("GDAL_DATA", "GDAL_DRIVER_PATH", "OMP_", "GOMP_", "KMP_", "OPENBLAS_", "MKL_", "BLIS_"),
    *("NUMEXPR_", "NUMBA_", "ARROW_", "MIMALLOC_"),
)

SET_BY_IMPORTS = ("KMP_DUPLICATE_LIB_OK", "KMP_INIT_AT_FORK")
"""Variables that threadpoolctl sets where it is imported: they tell what the owner has loaded, not what is wanted."""


class CannotFork(Exception):
    """No kernel can be forked; the text says why, for the log."""


class Outdated(CannotFork):
    """This parent is gone or its code has changed; a new one may do."""


@dataclass(frozen=True)
class Recipe:
    """Everything that makes one parent differ from another.

    ``environment`` holds only the variables that libraries read while they are imported (thread
    pools, search paths, locale); all others, secrets among them, reach the kernel alone.
    """

    python: tuple[str, ...]
    preload: tuple[str, ...]
    watch: tuple[str, ...]
    idle_timeout: float
    environment: tuple[tuple[str, str], ...]


def import_time(environment: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    """Return the variables that matter while modules are imported, sorted."""
    names = (name for name in environment if name in IMPORT_TIME or name.startswith(IMPORT_TIME_PREFIXES))
    return tuple((name, environment[name]) for name in sorted(names) if name not in SET_BY_IMPORTS)


class ForkedProcess:
    """A forked kernel, with as much of ``subprocess.Popen`` as a provisioner uses.

    The kernel lives as long as this object: its parent kills it once the socket is closed.
    """

    stdin = stdout = stderr = None

    def __init__(self, pid: int, status: socket.socket, parent: Parent) -> None:
        self.pid = pid
        self.returncode: int | None = None
        self._parent = parent  # kept for as long as it has a kernel
        self._lock = threading.Lock()
        self._status = status.detach()
        weakref.finalize(self, os.close, self._status)  # not before: its number must not be reused

    def poll(self) -> int | None:
        """Return the exit code, None while the kernel runs."""
        return self._look(0)

    def wait(self, timeout: float | None = None) -> int:
        """Wait for the end of the kernel and return its exit code."""
        if (code := self._look(timeout)) is None:
            raise subprocess.TimeoutExpired("kernel", timeout or 0)
        return code

    def _look(self, timeout: float | None) -> int | None:
        poller = select.poll()
        poller.register(self._status, select.POLLIN)
        ready = poller.poll(None if timeout is None else timeout * 1000)
        with self._lock:
            if self.returncode is None and ready:
                words = os.read(self._status, 64).decode().split()
                self.returncode = int(words[1]) if words else -signal.SIGKILL
            return self.returncode

    def send_signal(self, signum: int) -> None:
        """Send a signal unless the kernel has ended."""
        if self.poll() is None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, signum)

    def terminate(self) -> None:
        """Ask the kernel to end."""
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        """End the kernel at once."""
        self.send_signal(signal.SIGKILL)


class Parent:
    """A running zygote process; it ends when the last reference to this object is gone."""

    def __init__(self, recipe: Recipe) -> None:
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            self.process = subprocess.Popen(
                [*recipe.python, SCRIPT, json.dumps([recipe.preload, recipe.watch, recipe.idle_timeout])],
                stdin=theirs.fileno(),
                stdout=subprocess.DEVNULL,
                env=dict(recipe.environment),
                cwd="/",
                start_new_session=True,
            )
        self.control = ours
        self.close = weakref.finalize(self, ours.close)
        threading.Thread(target=self.process.wait, name="kernel-parent", daemon=True).start()  # no zombie

    def _ask(self, words: bytes, given: Sequence[int], timeout: float) -> socket.socket:
        """Send one request; return the status socket once the parent has said that it is ready."""
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        try:
            with theirs:
                try:
                    socket.send_fds(self.control, [words], [theirs.fileno(), *given])
                except ConnectionError:
                    raise Outdated("the parent has ended") from None
            ours.settimeout(timeout)
            self._hear(ours, "ready")
        except BaseException:
            ours.close()
            raise
        return ours

    @staticmethod
    def _hear(status: socket.socket, expected: str) -> str:
        try:
            word, _, rest = status.recv(4096).decode().partition(" ")
        except TimeoutError:
            raise CannotFork("the parent did not answer in time") from None
        if word == expected:
            return rest
        if word in {"unsafe", "exit"}:
            raise CannotFork(f"not safe: {rest}" if word == "unsafe" else f"it ended at once, code {rest}")
        raise Outdated(f"{rest} has changed" if word == "stale" else "the parent has ended")

    def ping(self, timeout: float) -> None:
        """Return as soon as the parent is ready to fork."""
        self._ask(b"ping", [], timeout).close()

    def fork(self, request: object, stdout: int, stderr: int, timeout: float) -> ForkedProcess:
        """Fork a kernel.

        Parameters
        ----------
        request
            Arguments, environment and working directory, as plain data.
        stdout, stderr
            Descriptors for the kernel's raw output.
        timeout
            Seconds to wait for a parent that is still importing.

        Raises
        ------
        Outdated
            If this parent is gone or its code has changed.
        CannotFork
            If the fork is not safe or the parent is too slow.
        """
        memory = os.memfd_create("kernel-request")
        try:
            os.pwrite(memory, json.dumps(request).encode(), 0)
            status = self._ask(b"fork", [memory, stdout, stderr], timeout)
        finally:
            os.close(memory)
        try:
            status.settimeout(BIND_LIMIT)
            return ForkedProcess(int(self._hear(status, "pid")), status, self)
        except BaseException:
            status.close()
            raise


_parents: dict[Recipe, Parent] = {}
_quarantine: dict[Recipe, float] = {}
_lock = threading.Lock()


def parent_for(recipe: Recipe, instead_of: Parent | None = None) -> Parent:
    """Return the parent for a recipe; a new one if there is none yet or only ``instead_of``."""
    with _lock:
        if _parents.get(recipe) is instead_of:
            _parents[recipe] = Parent(recipe)
        return _parents[recipe]


def with_parent(recipe: Recipe, action: Callable[[Parent], T], log: Logger) -> T:
    """Return ``action(parent)``; an outdated parent is replaced and the action repeated.

    Raises
    ------
    CannotFork
        If no parent can do it. The recipe is then left alone for :data:`QUARANTINE` seconds.
    """
    if time.monotonic() < _quarantine.get(recipe, 0):
        raise CannotFork("the warm parent failed less than a minute ago")
    parent, reason = None, ""
    try:
        for _ in range(ATTEMPTS):
            parent = parent_for(recipe, parent)
            try:
                return action(parent)
            except Outdated as outdated:
                reason = str(outdated)  # the exception itself would keep the old parent alive
                log.info("kernel parent %d is replaced: %s", parent.process.pid, reason)
    except (CannotFork, OSError) as error:
        reason = str(error)
    _quarantine[recipe] = time.monotonic() + QUARANTINE
    raise CannotFork(reason)


def _after_fork_of_owner() -> None:
    """A forked copy of the owner (multiprocessing) must not speak on the owner's sockets."""
    global _lock
    _lock = threading.Lock()
    for parent in _parents.values():
        parent.close()
    _parents.clear()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork_of_owner)
