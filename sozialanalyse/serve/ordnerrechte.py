"""Who may look into the folders that hold unprotected values: their owner and nobody else."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

from sozialanalyse.base import RegionFehler, settings
from sozialanalyse.region import Region

ANDERE = 0o007
"""Rights of everybody who is neither owner nor in the group."""


def geschlossene(region: Region) -> list[Path]:
    """Folders of a region that hold unprotected values, whether or not they exist yet."""
    stocks = settings.bestandsordner(region.ordner, region.id)
    inside = [folder for folder in stocks.glob("*/*") if folder.is_dir() and folder.name != "oeffentlich"]
    results = settings.ergebnisordner(region.ordner, region.id)
    closed = [folder for folder in results.glob("*") if folder.is_dir() and folder.name != "oeffentlich"]
    with suppress(RegionFehler):  # a folder named by a variable that is not set here
        closed.append(region.lieferungen)
    kept = [
        place(region.ordner, region.id, "x").parent
        for place in (settings.zwischenordner, settings.nachfrageordner)
    ]
    return [
        settings.protokollordner(region.ordner, region.id),
        settings.registerordner(region.ordner, region.id),
        *sorted(inside),
        *sorted(closed),
        *sorted(folder for place in kept for folder in place.glob("*") if folder.name != "oeffentlich"),
    ]


def offene(region: Region) -> list[Path]:
    """Those of them that other accounts of this machine can open."""
    if os.name == "nt":  # rights are others there
        return []
    return [folder for folder in geschlossene(region) if folder.is_dir() and _reachable(folder)]


def _reachable(folder: Path) -> bool:
    """Whether others may look into a folder and pass all folders above it."""
    whole = folder.resolve()
    return bool(whole.stat().st_mode & ANDERE) and all(
        above.stat().st_mode & 0o001 for above in whole.parents
    )


def warnung(region: Region) -> str:
    """What to do where others can look in, in German; empty if they cannot."""
    found = offene(region)
    if not found:
        return ""
    return (
        "Nicht geschützte Werte sind für andere Konten dieses Rechners lesbar. Bitte einmal ausführen:\n"
        f"    chmod -R o-rwx {' '.join(map(str, found))}"
    )
