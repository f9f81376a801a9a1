"""Everything that bounds the service, with the reason for each figure."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Grenzen:
    """Bounds of a running service; all times in seconds."""

    gleichzeitig: int = 2
    """Pages made at once; more than there are cores only makes each of them slower."""
    wartend: int = 40
    """Pages in the making at most, those that wait included: about half a minute of work."""
    je_stunde: int = 1000
    """Pages begun within an hour; whoever follows all links of all forms is stopped here."""
    speicher: int = 1_500_000_000
    """Bytes of private memory of one kernel; a computation that wants more fails, the others go on."""
    platz: int = 1_000_000_000
    """Bytes of kept pages on disk, some 3,000 of them; those not asked for longest go first."""
    geduld: float = 4
    """For which an answer is held back in case the page is done by then; later the waiting page tells how far it is."""
    neuladen: int = 1
    """Between two looks of the waiting page."""
    gedaechtnis: float = 60
    """For which a page that could not be made is not tried again."""
    zelle: int = 60
    """For one cell of a page; longer computations belong into the batch."""
    warm: float = 600
    """Between two signs of life to the parent of warm kernels, which ends without any."""
    bestand: float = 10
    """Between two looks for a new snapshot."""
    abschied: float = 60
    """For which the service, asked to end, goes on with pages that somebody waits for."""
    wartezeit: int = 10
    """After which a visitor who found no room tries again."""
    anfrage: int = 64_000
    """Bytes of the body of a request; buttons send none."""
