"""Pages made because somebody asked: computed once for all who ask, kept by their fingerprint, then finished.

The engine is that of the batch (:mod:`.arbeit`). A page nobody asked for before waits in a queue; its name is
the hash of everything it depends on, so that what is kept can never be out of date, only forgotten.
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
import re
import time
from collections import deque
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from sozialanalyse.base import settings, write_beside
from sozialanalyse.publish import arbeit, engine
from sozialanalyse.publish.ablage import FUER_LESENDE
from sozialanalyse.publish.runs import Auftrag, Protokoll


class Voll(Exception):
    """Too many pages wait, too many were made lately, or no more are taken."""


class Gescheitert(Exception):
    """A page could not be made."""


def schluessel(notebook: str, marken: Mapping[str, str]) -> str:
    """Name of a kept page, without ending: folder of its notebook, hash of all it depends on."""
    found = hashlib.sha256(json.dumps([notebook, marken], sort_keys=True).encode())
    return f"{notebook}/{found.hexdigest()[:32]}"


@dataclass(eq=False)
class Bestellung:
    """A page in the making, one for everybody who asks for it."""

    fertig: Future[Path] = field(default_factory=Future)
    teil: int = 0
    """Number of the part that is being computed; 0 while the page waits."""
    teile: int = 0

    def melde(self, teil: int, teile: int) -> None:
        """Note how far it is."""
        self.teil, self.teile = teil, teile


class Nachfrage:
    """The pages of one audience that were asked for, and the queue of those still to be made.

    Parameters
    ----------
    ordner
        Where pages are kept; only its owner may look into it.
    gleichzeitig
        How many are made at once.
    wartend
        How many may wait at most.
    je_stunde
        How many may be begun within an hour.
    platz
        Bytes that kept pages may take; those not asked for longest go first.
    gedaechtnis
        Seconds for which a failure is not tried again.
    melder
        Called with the record of every page that was made or failed.
    """

    def __init__(
        self,
        ordner: Path,
        *,
        gleichzeitig: int,
        wartend: int,
        je_stunde: int,
        platz: int,
        gedaechtnis: float,
        melder: Callable[[Protokoll], None] = lambda _: None,
    ) -> None:
        self.ordner = settings.eigener_ordner(ordner)
        self.wartend, self.je_stunde, self.platz, self.gedaechtnis = wartend, je_stunde, platz, gedaechtnis
        self.nimmt_auf = True
        self._melder = melder
        self._offen: dict[str, Bestellung] = {}
        self._gescheitert: dict[str, float] = {}
        self._begonnen: deque[float] = deque(maxlen=je_stunde)
        self._pool = ThreadPoolExecutor(gleichzeitig)
        engine.beginne()

    def finde(self, ziel: str, endung: str = ".html") -> Path | None:
        """File of a page that is kept; its page counts as asked for now."""
        path = self.ordner / f"{ziel}{endung}"
        if not path.is_file():
            return None
        with suppress(OSError):  # it may go at this very moment
            os.utime(self.ordner / f"{ziel}.html")
        return path

    def bestelle(self, auftrag: Auftrag) -> Bestellung:
        """Have a page made; who asks while it is waiting or being made gets the same order.

        Raises
        ------
        Voll
            If no more pages are taken for now.
        """
        ziel = auftrag.ziel
        if ziel in self._offen:
            return self._offen[ziel]
        now = time.monotonic()
        hour_is_full = len(self._begonnen) == self.je_stunde and now - self._begonnen[0] < 3600
        if not self.nimmt_auf or len(self._offen) >= self.wartend or hour_is_full:
            raise Voll
        order = Bestellung()
        if now < self._gescheitert.get(ziel, 0):
            order.fertig.set_exception(Gescheitert())
            return order
        self._begonnen.append(now)
        self._offen[ziel] = order
        self._pool.submit(self._make, auftrag, order)
        return order

    @property
    def offen(self) -> int:
        """How many pages wait or are being made."""
        return len(self._offen)

    def davor(self, bestellung: Bestellung) -> int:
        """How many pages are made before one that waits."""
        orders = list(self._offen.values())
        return orders.index(bestellung) if bestellung in orders else 0

    def beende(self) -> None:
        """Take no more orders, end what is being made, and wait for that."""
        self.nimmt_auf = False
        engine.brich_ab()
        self._pool.shutdown(wait=True, cancel_futures=True)
        for order in self._offen.values():
            order.fertig.cancel()

    def _make(self, auftrag: Auftrag, bestellung: Bestellung) -> None:
        """Make one page in a thread of the pool; a failure is told to those who wait, and remembered."""
        try:
            bericht = arbeit.erzeuge(auftrag, bestellung.melde)
            if bericht.protokoll.status == "fertig":
                path = self._keep(auftrag.ziel, bericht.dateien)
                self._offen.pop(auftrag.ziel)
                bestellung.fertig.set_result(path)
                self._raeume()
            self._melder(bericht.protokoll)
        except (arbeit.Abbruch, KeyboardInterrupt):
            pass
        except Exception:
            logging.getLogger(__name__).exception("page was not kept")
        finally:
            self._offen.pop(auftrag.ziel, None)
            if not bestellung.fertig.done():
                now = time.monotonic()
                self._gescheitert = {key: end for key, end in self._gescheitert.items() if end > now}
                self._gescheitert[auftrag.ziel] = now + self.gedaechtnis
                bestellung.fertig.set_exception(Gescheitert())

    def _keep(self, ziel: str, dateien: Mapping[str, str | bytes]) -> Path:
        """Write what readers get of a page; the page itself comes last, with it the files beside it are there."""
        (self.ordner / ziel).parent.mkdir(exist_ok=True)
        for ending in sorted(dateien, key=lambda ending: ending == ".html"):
            if ending.endswith(FUER_LESENDE):
                write_beside(self.ordner / f"{ziel}{ending}", dateien[ending])
        return self.ordner / f"{ziel}.html"

    def _raeume(self) -> None:
        """Let those pages go, with their files, that nobody asked for longest, until the rest has room."""
        pages: dict[Path, list[Path]] = {}
        for path in self.ordner.glob("*/[!.]*"):
            pages.setdefault(path.with_name(re.split(r"[-.]", path.name, maxsplit=1)[0]), []).append(path)
        used = 0
        for files in sorted(pages.values(), key=lambda files: -max(map(_changed, files))):
            used += sum(path.stat().st_size for path in files if path.is_file())
            if used > self.platz:
                for path in sorted(files, key=lambda path: path.suffix != ".html"):
                    path.unlink(missing_ok=True)


def _changed(path: Path) -> float:
    with suppress(OSError):  # another service may clear at the same time
        return path.stat().st_mtime
    return 0.0
