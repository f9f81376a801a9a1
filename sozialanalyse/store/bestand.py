"""What a snapshot is: its name, its origin, whether it is whole, which one is current."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd

from sozialanalyse.base import Befund, settings

FORMAT = 3
Audience = str
"""``intern``, ``oeffentlich`` or ``kommune:<id>``."""
AUDIENCES: tuple[Audience, ...] = ("intern", "oeffentlich")
"""Those that every snapshot holds."""


def abteil(audience: Audience) -> str:
    """Folder of an audience within a snapshot."""
    return settings.audience_name(audience)


@dataclass(frozen=True)
class Quelldatei:
    """One delivered file a snapshot was built from."""

    id: str
    datensatz: str
    datei: str
    sha256: str
    bytes: int


@dataclass(frozen=True)
class Berichtigung:
    """An error of a delivery that was mended: everything about it that may be told, no number."""

    datensatz: str
    warum: str
    seit: str
    quelle: str = ""


@dataclass(frozen=True)
class Inhalt:
    """What a snapshot holds beside the tables that grow date by date (:mod:`sozialanalyse.store.teile`)."""

    gebiete: gpd.GeoDataFrame
    indikatoren: pd.DataFrame
    umstiege: pd.DataFrame
    """Shares of areas of other cuts in the areas of today."""
    befunde: tuple[Befund, ...]
    audiences: tuple[Audience, ...]
    korrekturen: tuple[Berichtigung, ...] = ()
    schutz: dict[str, pd.DataFrame] = field(default_factory=dict)
    """Tables about the protection (cost, protected quantities); for internal reading only."""
    vorhaben: dict[Audience, list[dict[str, Any]]] = field(default_factory=dict)
    """States of the register of projects for the planners and for everybody; empty where there is no register."""


MERKMALE = "intern/merkmale.parquet"
"""Delivered numbers, each with its cell."""
GRENZEN = "intern/grenzen.parquet"
"""Bounds of values that rest on hidden numbers."""


def werte(audience: Audience, datensatz: str = "") -> str:
    """Folder of the values of an audience, or the file of one dataset in it."""
    return f"{abteil(audience)}/werte" + (f"/{datensatz}.parquet" if datensatz else "")


def summen(audience: Audience) -> str:
    """File of the differences between totals and sums an audience may read."""
    return f"{abteil(audience)}/summen.parquet"


def vorhaben(audience: Audience) -> str:
    """File of the register of projects an audience may read: the planners' own, else that for everybody."""
    return f"{audience if audience == 'intern' else 'oeffentlich'}/vorhaben.json"


def pruefsumme(pfad: Path) -> str:
    with pfad.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def kennung(quellen: tuple[Quelldatei, ...], regeln: str, frueher: Sequence[str] = ()) -> str:
    """Name of the snapshot these deliveries and rules lead to.

    Parameters
    ----------
    frueher
        Earlier publications it has to respect; they add a second part to the name.
    """
    digest = hashlib.sha256(f"{FORMAT}|{regeln}".encode())
    for quelle in sorted(quellen, key=lambda q: (q.datensatz, q.datei)):
        digest.update(f"|{quelle.datensatz}|{quelle.datei}|{quelle.sha256}".encode())
    name = digest.hexdigest()[:12]
    return f"{name}-{hashlib.sha256('|'.join(frueher).encode()).hexdigest()[:6]}" if frueher else name


SIEGEL = "siegel"
"""Entry of a manifest that seals the others."""


def _siegel(page: Mapping[str, Any]) -> str:
    rest = {key: value for key, value in page.items() if key != SIEGEL}
    return hashlib.sha256(json.dumps(rest, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def schreibe_manifest(pfad: Path, page: Mapping[str, Any]) -> None:
    """Write a manifest with the checksum of all its entries."""
    sealed = {**page, SIEGEL: _siegel(page)}
    pfad.write_text(json.dumps(sealed, ensure_ascii=False, indent=1), encoding="utf-8")


def lies_manifest(pfad: Path) -> dict[str, Any]:
    """Read a manifest.

    Raises
    ------
    OSError, ValueError
        If it cannot be read or is not as it was written. Another version may have sealed otherwise: what
        it says of its format counts then.
    """
    page = json.loads(pfad.read_text(encoding="utf-8"))
    if not isinstance(page, dict):
        raise ValueError(pfad.name)
    if page.get("format") == FORMAT and page.get(SIEGEL, _siegel(page)) != _siegel(page):
        raise ValueError(pfad.name)
    return page


def manifest(folder: Path) -> dict[str, Any] | None:
    """Manifest of a snapshot, None if it is missing or damaged; it is written last."""
    try:
        page = lies_manifest(folder / "bestand.json")
        return page if isinstance(page["dateien"], dict) else None
    except (OSError, ValueError, KeyError, TypeError):
        return None


def unversehrt(folder: Path) -> bool:
    """Whether a snapshot is there with every file as it was written."""
    page = manifest(folder)
    try:
        return page is not None and all(
            pruefsumme(folder / name) == digest for name, digest in page["dateien"].items()
        )
    except OSError:
        return False


def aktueller(ordner: Path) -> str | None:
    """Name of the current snapshot, None before the first build."""
    pointer = ordner / "aktuell"
    return (pointer.read_text(encoding="utf-8").strip() or None) if pointer.exists() else None
