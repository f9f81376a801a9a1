"""Kernels of the visitors: never more than the cap, never one that nobody uses."""

from __future__ import annotations

import asyncio
import logging
import os
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from subprocess import DEVNULL
from typing import Any
from uuid import uuid4

from jupyter_server.services.kernels.kernelmanager import AsyncMappingKernelManager
from tornado.websocket import WebSocketHandler

from sozialanalyse.publish.serve.limits import Grenzen
from sozialanalyse.publish.serve.logs import ereignis

GEHEIM = ("TOKEN", "SECRET", "PASSW", "CREDENTIAL", "JUPYTERHUB_")
"""Parts of names of environment variables that no kernel gets to see."""

BEENDET = 4000
"""Close code of a connection whose kernel has been ended."""


class Voll(Exception):
    """The cap is reached and everybody is at work."""


@dataclass
class Besuch:
    """One visitor's kernel."""

    allein_bis: float | None = None
    """Time at which it is freed unless somebody connects; None while it is in use."""
    verbindungen: set[WebSocketHandler] = field(default_factory=set)


class Kerne(AsyncMappingKernelManager):
    """Starts and frees the visitors' kernels.

    A kernel is in use while its page is being computed and while the page holds its connection. It is
    freed at once when the page says goodbye or turns out to have no controls, after a grace period
    when the connection is lost, and before that when it has died.
    """

    grenzen = Grenzen()

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.besuche: dict[str, Besuch] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    async def beginne(self, kern: str, ordner: str, umgebung: Mapping[str, str]) -> str:
        """Start a kernel for a visitor and return its id.

        Raises
        ------
        Voll
            If the cap is reached and no page has been idle long enough to give way.
        """
        if len(self.besuche) >= self.grenzen.kerne:
            self._give_way()
        kernel_id = str(uuid4())
        self.besuche[kernel_id] = Besuch()
        try:
            await self.start_kernel(
                kernel_id=kernel_id,
                kernel_name=kern,
                cwd=ordner,
                env=kernel_environment(umgebung),
                stdout=DEVNULL,  # what a library prints there may quote values and has no place in a log
                stderr=DEVNULL,
            )
        except BaseException:
            self.besuche.pop(kernel_id, None)
            raise
        return kernel_id

    def _give_way(self) -> None:
        """Free the kernel that has been idle longest, if it has been so long enough."""
        idle = {key: self._idle(key) for key, visit in self.besuche.items() if visit.verbindungen}
        longest = max(idle, key=idle.__getitem__, default=None)
        if longest is None or idle[longest] < self.grenzen.untaetig:
            raise Voll
        self.gib_frei(longest, "verdraengt")

    def _idle(self, kernel_id: str) -> float:
        """Seconds since a kernel last did something."""
        kernel = self._kernels.get(kernel_id)
        last = getattr(kernel, "last_activity", None)
        busy = getattr(kernel, "execution_state", "busy") not in ("idle", "starting")
        return 0 if last is None or busy else time.time() - last.timestamp()

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
        task = asyncio.get_running_loop().create_task(self._end(kernel_id, visit))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _end(self, kernel_id: str, visit: Besuch) -> None:
        for socket in list(visit.verbindungen):
            socket.close(BEENDET)
        try:
            if kernel_id in self:
                await self.shutdown_kernel(kernel_id, now=True)
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
            elif visit.verbindungen and self._idle(kernel_id) > self.grenzen.vergessen:
                self.gib_frei(kernel_id, "vergessen")

    async def beende_alle(self) -> None:
        """End all kernels and wait for it."""
        for kernel_id in list(self.besuche):
            self.gib_frei(kernel_id, "dienst_endet")
        await asyncio.gather(*self._tasks, return_exceptions=True)


def kernel_environment(own: Mapping[str, str]) -> dict[str, str]:
    """Environment of a visitor's kernel: that of the service without secrets, plus ``own``."""
    inherited = {
        name: value for name, value in os.environ.items() if not any(word in name.upper() for word in GEHEIM)
    }
    return {**inherited, **own}
