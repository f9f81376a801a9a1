"""Results that took long are kept on disk, so the next report or visitor has them at once.

Kept per region and audience, found by the content of all inputs and the state of package and libraries; so
a new delivery, another parameter or new code can never be answered with an old result.
"""

from __future__ import annotations

import pickle
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

from sozialanalyse.base import codestand

A = ParamSpec("A")
T = TypeVar("T")

TAGE = 30
"""Results nobody asked for in so many days are dropped."""


class Zwischenspeicher:
    """Store of results of one region and audience.

    Parameters
    ----------
    ordner
        Folder of the store; where it cannot be written, everything is computed anew.
    """

    def __init__(self, ordner: Path) -> None:
        self.ordner = ordner

    def hole(self, funktion: Callable[A, T], *args: A.args, **kwargs: A.kwargs) -> T:
        """Return ``funktion(*args, **kwargs)``, from disk if these inputs were seen before."""
        import joblib

        key = joblib.hash(
            (
                f"{funktion.__module__}.{funktion.__qualname__}",
                codestand.of_package(),
                codestand.of_environment(),
                args,
                kwargs,
            )
        )
        path = self.ordner / f"{key}.pickle"
        with suppress(Exception):  # missing, half-written by another version, unreadable: compute it
            return self._kept(path)
        with self._alone(key):
            with suppress(Exception):  # somebody else has computed it meanwhile
                return self._kept(path)
            found: T = funktion(*args, **kwargs)
            self._keep(path, found)
        return found

    def _kept(self, path: Path) -> Any:
        found = pickle.loads(path.read_bytes())
        path.touch()
        return found

    @contextmanager
    def _alone(self, key: str) -> Iterator[None]:
        """Whoever asks for the same meanwhile waits here instead of computing it too, if locks exist."""
        with ExitStack() as held:
            with suppress(OSError, ImportError):
                import fcntl

                self.ordner.mkdir(parents=True, exist_ok=True, mode=0o700)
                lock = held.enter_context((self.ordner / f"{key}.lock").open("w"))
                fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def _keep(self, path: Path, result: object) -> None:
        beside = self.ordner / f".{uuid.uuid4().hex[:12]}"
        try:
            self.ordner.mkdir(parents=True, exist_ok=True, mode=0o700)
            beside.write_bytes(pickle.dumps(result, protocol=5))
            beside.replace(path)
        except OSError:
            with suppress(OSError):
                beside.unlink(missing_ok=True)

    def raeume_auf(self) -> None:
        """Drop what has not been asked for lately."""
        oldest = time.time() - TAGE * 86_400
        for path in (*self.ordner.glob("*.pickle"), *self.ordner.glob("*.lock")):
            if path.stat().st_mtime < oldest:
                path.unlink(missing_ok=True)
