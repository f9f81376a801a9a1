"""A Dask cluster as an executor: the scheduler's address in, ``concurrent.futures`` out.

Only plain orders travel: notebook, parameters, frame, names of folders. Package, region and snapshot are
on the worker already; one that has another state of them refuses the work instead of mixing results.
"""

from __future__ import annotations

import socket
from collections.abc import Iterator
from concurrent.futures import Executor
from contextlib import contextmanager
from typing import TYPE_CHECKING

from sozialanalyse.base import LaufFehler, codestand, text
from sozialanalyse.publish.runs import Auftrag

if TYPE_CHECKING:
    from sozialanalyse.publish.arbeit import Bericht

WARTEN = 60
"""Seconds for the scheduler and at least one worker to answer."""


@contextmanager
def oeffne(adresse: str) -> Iterator[tuple[Executor, int]]:
    """Yield an executor on the cluster and how many orders it can work on at once.

    Raises
    ------
    LaufFehler
        If ``distributed`` is not installed, or no scheduler or worker answers.
    """
    try:
        from distributed import Client
    except ImportError:
        raise LaufFehler("Für --cluster fehlt Dask. Bitte „sozialanalyse[cluster]“ installieren.") from None
    try:
        client = Client(adresse, timeout=WARTEN, set_as_default=False)
    except (OSError, ValueError) as error:
        raise LaufFehler(
            f"Unter {adresse} antwortet kein Dask-Scheduler ({type(error).__name__}). Bitte die Adresse prüfen."
        ) from None
    with client:
        try:
            client.wait_for_workers(1, timeout=WARTEN)
        except TimeoutError:
            raise LaufFehler(f"Der Scheduler {adresse} hat keine Rechner. Bitte welche starten.") from None
        yield client.get_executor(pure=False, retries=1), sum(client.nthreads().values())


def andere_umgebung(auftrag: Auftrag) -> Bericht | None:
    """Refusal if this machine has another state of package or environment than the one that ordered."""
    from sozialanalyse.publish.arbeit import abgelehnt

    here = {"paket": codestand.of_package(), "umgebung": codestand.of_environment()}
    other = [name for name, mark in here.items() if auftrag.fingerabdruck.get(name) != mark]
    if not other:
        return None
    names = ", ".join(text(f"publish.lauf.marke.{name}") for name in other)
    said = text("publish.lauf.andere_umgebung", rechner=socket.gethostname(), was=names)
    return abgelehnt(auftrag, said, text("publish.lauf.abhilfe_umgebung"))
