"""Addresses for Jupyter's ``ipc`` transport: unique, private, and swept up afterwards.

Kernels on TCP choose their ports before they bind them, so two that start together may meet. A path
of its own cannot collide; the folder is readable by its owner only.
"""

from __future__ import annotations

import atexit
import contextlib
import os
import shutil
import tempfile
import time
from functools import cache
from pathlib import Path
from uuid import uuid4

PREFIX = "kernel-ipc-"
LONGEST = 80
"""Bytes of a folder's name that leave room for a socket in the 108 of ``sun_path``."""


def ipc_address() -> str:
    """Return a new value for ``KernelManager.ip`` with ``transport="ipc"``."""
    return str(_folder(os.getpid()) / uuid4().hex[:12])


@cache
def _folder(pid: int) -> Path:
    """The folder of this process, mode 0700; a lock says that its owner is alive."""
    import fcntl

    bases = [os.environ.get("XDG_RUNTIME_DIR", ""), tempfile.gettempdir(), "/tmp"]
    base = next(Path(b) for b in bases if os.access(b, os.W_OK) and len(os.fsencode(b)) < LONGEST - 30)
    sweep(base)
    folder = Path(tempfile.mkdtemp(prefix=f"{PREFIX}{pid}-", dir=base))
    lock = os.open(folder / "lock", os.O_CREAT | os.O_RDWR, 0o600)
    fcntl.flock(lock, fcntl.LOCK_EX)
    atexit.register(_remove, folder, pid)
    return folder


def _remove(folder: Path, pid: int) -> None:
    if os.getpid() == pid:  # not in a forked copy of the owner
        shutil.rmtree(folder, ignore_errors=True)


def sweep(base: Path, older_than: float = 60) -> None:
    """Remove the folders of owners that were killed; those of living ones are locked."""
    import fcntl

    for folder in base.glob(f"{PREFIX}*"):
        with contextlib.suppress(OSError):
            found = folder.lstat()
            if found.st_uid != os.getuid() or time.time() - found.st_mtime < older_than:
                continue
            lock = os.open(folder / "lock", os.O_CREAT | os.O_RDWR | os.O_NOFOLLOW, 0o600)
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(folder, ignore_errors=True)
            finally:
                os.close(lock)
