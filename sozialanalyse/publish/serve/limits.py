"""Everything that bounds the service, with the reason for each figure."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Grenzen:
    """Bounds of a running service; all times in seconds."""

    kerne: int = 40
    """Kernels at once: with about 100 MB each after real work they stay within 6 GB."""
    erste_verbindung: float = 60
    """From the finished page until its controls must have connected; covers a slow mobile line.
    Whoever never connects (a crawler, a download) gives the kernel back after it."""
    wiederverbindung: float = 15
    """For which a lost connection may be restored before the kernel is freed."""
    untaetig: float = 15 * 60
    """After which an unused open page gives way, but only if somebody else would have to wait."""
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
    wartezeit: int = 10
    """After which a visitor who found no room tries again."""
    nachricht: int = 1_000_000
    """Bytes of one message from a page."""
