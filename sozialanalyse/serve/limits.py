"""Everything that bounds the service, with the reason for each figure."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Grenzen:
    """Bounds of a running service; all times in seconds."""

    kerne: int = 40
    """Kernels at once: with about 100 MB each after real work they stay within 6 GB."""
    speicher: int = 1_500_000_000
    """Bytes of private memory of one kernel; a computation that wants more fails, the others go on."""
    bereit: int = 2
    """Kernels kept ready for those who come next; each takes about 40 MB until it is used."""
    gemerkt: int = 64_000_000
    """Bytes of finished cells kept in memory."""
    gemeinsam: float = 10
    """For which a visitor waits for a page that another one is computing, instead of computing it too."""
    dokumente: int = 32_000_000
    """Bytes of documents of frames kept in memory, about 100 kB each."""
    erste_verbindung: float = 60
    """From the finished page until its controls must have connected; covers a slow mobile line.
    Whoever never connects (a crawler, a download) gives the kernel back after it."""
    wiederverbindung: float = 15
    """For which a lost connection may be restored before the kernel is freed."""
    untaetig: float = 15 * 60
    """After which an unused open page gives way, but only if somebody else would have to wait."""
    warnung: float = 2 * 60
    """Before that the reader is told, and may keep the place by one click."""
    vergessen: float = 12 * 3600
    """After which an unused open page is ended in any case; it would show an old snapshot anyway."""
    zelle: int = 60
    """For one cell of a live page; longer computations belong into the batch."""
    kernstart: int = 30
    """For a kernel to become ready."""
    lebenszeichen: float = 10
    """Between two signs of life during a long cell, so that no proxy gives up."""
    runde: float = 2
    """Between two looks after abandoned and dead kernels."""
    bestand: float = 10
    """Between two looks for a new snapshot."""
    abschied: float = 30 * 60
    """For which the service, asked to end, waits for readers who are still at work."""
    wartezeit: int = 10
    """After which a visitor who found no room tries again."""
    anfrage: int = 64_000
    """Bytes of the body of a request; buttons send none."""
    nachricht: int = 1_000_000
    """Bytes of one message from a page."""
