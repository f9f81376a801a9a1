"""Kernels of the visitors: never more than the cap, never one that nobody uses."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import sys
import time
from collections.abc import Coroutine, Mapping
from dataclasses import dataclass, field
from subprocess import DEVNULL
from typing import Any, NamedTuple
from uuid import uuid4

from jupyter_server.services.kernels.kernelmanager import AsyncMappingKernelManager
from tornado.websocket import WebSocketHandler

from sozialanalyse.kernels import NO_HISTORY
from sozialanalyse.serve.limits import Grenzen
from sozialanalyse.serve.logs import ereignis

if sys.platform != "win32":
    import resource

GEHEIM = ("TOKEN", "SECRET", "PASSW", "CREDENTIAL", "JUPYTERHUB_")
"""Parts of names of environment variables that no kernel gets to see."""

BEENDET = 4000
"""Close code of a connection whose kernel has been ended."""


class Voll(Exception):
    """The cap is reached and everybody is at work, or the service takes no more visitors."""


class Auftrag(NamedTuple):
    """What a kernel is started with; the same for all visitors of one snapshot."""

    kern: str
    ordner: str
    umgebung: tuple[tuple[str, str], ...]


class Bereit(NamedTuple):
    """A kernel that answers, and the connection its page is computed through."""

    manager: Any
    client: Any


class Gestartet(NamedTuple):
    """A kernel that has been asked for."""

    kernel_id: str
    bereit: asyncio.Task[Bereit]


@dataclass
class Besuch:
    """One visitor's kernel."""

    kern: Gestartet
    allein_bis: float | None = None
    """Time at which it is freed unless somebody connects; None while it is in use."""
    behalten: float = 0
    """Time at which the reader last asked to keep it."""
    verbindungen: set[WebSocketHandler] = field(default_factory=set)


class Kerne(AsyncMappingKernelManager):
    """Starts and frees the visitors' kernels.

    A kernel is in use while its page is being computed and while the page holds its connection. It is
    freed at once when the page says goodbye or turns out to have no controls, after a grace period
    when the connection is lost, and before that when it has died. A few are kept ready for those who
    come next.
    """

    grenzen = Grenzen()
    nimmt_auf = True
    """False: the service is about to end and lets those here finish."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.besuche: dict[str, Besuch] = {}
        self._ready: list[tuple[Auftrag, Gestartet]] = []
        self._tasks: set[asyncio.Task[None]] = set()

    def beginne(self, auftrag: Auftrag) -> Gestartet:
        """Give a visitor a kernel, which may still be starting.

        Raises
        ------
        Voll
            If the cap is reached and no page has been idle long enough to give way.
        """
        if not self.nimmt_auf:
            raise Voll
        if len(self.besuche) >= self.grenzen.kerne:
            self._give_way()
        place = next((i for i, (order, _) in enumerate(self._ready) if order == auftrag), None)
        found = self._start(auftrag) if place is None else self._ready.pop(place)[1]
        self.besuche[found.kernel_id] = Besuch(found)
        return found

    def halte_bereit(self, auftrag: Auftrag) -> None:
        """Start kernels for those who come next, one at a time; end those made for something else."""
        usable = [entry for entry in self._ready if entry[0] == auftrag and not _failed(entry[1])]
        for entry in self._ready:
            if entry not in usable:
                self._later(self._end(entry[1]))
        self._ready = usable
        starting = [kernel for _, kernel in self._ready] + [visit.kern for visit in self.besuche.values()]
        if len(self._ready) < self.grenzen.bereit and all(kernel.bereit.done() for kernel in starting):
            self._ready.append((auftrag, self._start(auftrag)))

    def _start(self, auftrag: Auftrag) -> Gestartet:
        kernel_id = str(uuid4())
        return Gestartet(kernel_id, asyncio.ensure_future(self._bring_up(kernel_id, auftrag)))

    async def _bring_up(self, kernel_id: str, auftrag: Auftrag) -> Bereit:
        await self.start_kernel(
            kernel_id=kernel_id,
            kernel_name=auftrag.kern,
            cwd=auftrag.ordner,
            env=kernel_environment(dict(auftrag.umgebung)),
            extra_arguments=list(NO_HISTORY),
            stdout=DEVNULL,  # what a library prints there may quote values and has no place in a log
            stderr=DEVNULL,
        )
        manager: Any = self.get_kernel(kernel_id)
        limit_memory(getattr(manager.provisioner, "pid", None), self.grenzen.speicher)
        client = manager.client()
        client.start_channels()
        await client.wait_for_ready(timeout=self.grenzen.kernstart)
        client.allow_stdin = False
        return Bereit(manager, client)

    def _give_way(self) -> None:
        """Free the kernel that has been idle longest, if it has been so long enough."""
        idle = {key: self._idle(key) for key, visit in self.besuche.items() if visit.verbindungen}
        longest = max(idle, key=idle.__getitem__, default=None)
        if longest is None or idle[longest] < self.grenzen.untaetig:
            raise Voll
        self.gib_frei(longest, "verdraengt")

    def _idle(self, kernel_id: str) -> float:
        """Seconds since a kernel last did something or its reader asked to keep it."""
        kernel = self._kernels.get(kernel_id)
        last = getattr(kernel, "last_activity", None)
        busy = getattr(kernel, "execution_state", "busy") not in ("idle", "starting")
        if last is None or busy:
            return 0
        return time.time() - max(last.timestamp(), self.besuche[kernel_id].behalten)

    def behalte(self, kernel_id: str) -> bool:
        """Note that a reader wants to go on; False if the kernel has ended already."""
        if visit := self.besuche.get(kernel_id):
            visit.behalten = time.time()
        return visit is not None

    def verbunden(self, kernel_id: str, socket: WebSocketHandler) -> None:
        """Note that a page has connected."""
        if visit := self.besuche.get(kernel_id):
            visit.verbindungen.add(socket)
            visit.allein_bis = None

    def getrennt(self, kernel_id: str, socket: WebSocketHandler) -> None:
        """Note that a connection has ended."""
        if visit := self.besuche.get(kernel_id):
            visit.verbindungen.discard(socket)
            if not visit.verbindungen:
                visit.allein_bis = time.monotonic() + self.grenzen.wiederverbindung

    def ausgeliefert(self, kernel_id: str) -> None:
        """Note that the page is complete; from now on it has to connect in time."""
        visit = self.besuche.get(kernel_id)
        if visit and not visit.verbindungen:
            visit.allein_bis = time.monotonic() + self.grenzen.erste_verbindung

    def gib_frei(self, kernel_id: str, grund: str) -> None:
        """End a kernel at once; one that is unknown or already freed is left alone."""
        visit = self.besuche.pop(kernel_id, None)
        if visit is None:
            return
        ereignis("kern_frei", grund=grund, laufend=len(self.besuche))
        for socket in list(visit.verbindungen):
            socket.close(BEENDET)
        self._later(self._end(visit.kern))

    def _later(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _end(self, kernel: Gestartet) -> None:
        """End a kernel; one that is still starting first has to be there."""
        await asyncio.wait({kernel.bereit})
        try:
            if kernel.bereit.exception() is None:
                kernel.bereit.result().client.stop_channels()
            if kernel.kernel_id in self:
                await self.shutdown_kernel(kernel.kernel_id, now=True)
        except Exception:
            logging.getLogger(__name__).exception("kernel could not be shut down")

    async def runde(self) -> None:
        """Free what is dead, abandoned or forgotten."""
        now = time.monotonic()
        for kernel_id, visit in list(self.besuche.items()):
            kernel = self._kernels.get(kernel_id)
            if kernel is not None and getattr(kernel, "has_kernel", False) and not await kernel.is_alive():
                self.gib_frei(kernel_id, "abgebrochen")
            elif visit.allein_bis is not None and now > visit.allein_bis:
                self.gib_frei(kernel_id, "verlassen")
            elif visit.verbindungen and self._idle(kernel_id) > self._patience:
                self.gib_frei(kernel_id, "vergessen")

    @property
    def _patience(self) -> float:
        """Seconds an open page may stay unused; less when the service waits for its end."""
        return self.grenzen.vergessen if self.nimmt_auf else self.grenzen.untaetig

    async def beende_alle(self) -> None:
        """End all kernels and wait for it."""
        self.nimmt_auf = False
        for kernel_id in list(self.besuche):
            self.gib_frei(kernel_id, "dienst_endet")
        for _, kernel in self._ready:
            self._later(self._end(kernel))
        self._ready.clear()
        await asyncio.gather(*self._tasks, return_exceptions=True)


def limit_memory(pid: int | None, limit: int) -> None:
    """Bound the private memory of a process; a lower bound it has already stays."""
    if sys.platform != "linux" or not pid:
        return
    with contextlib.suppress(ProcessLookupError):
        _, before = resource.prlimit(pid, resource.RLIMIT_DATA)
        bound = limit if before == resource.RLIM_INFINITY else min(limit, before)
        resource.prlimit(pid, resource.RLIMIT_DATA, (bound, bound))


def _failed(kernel: Gestartet) -> bool:
    return kernel.bereit.done() and kernel.bereit.exception() is not None


def kernel_environment(own: Mapping[str, str]) -> dict[str, str]:
    """Environment of a visitor's kernel: that of the service without secrets, plus ``own``."""
    inherited = {
        name: value for name, value in os.environ.items() if not any(word in name.upper() for word in GEHEIM)
    }
    return {**inherited, **own}
