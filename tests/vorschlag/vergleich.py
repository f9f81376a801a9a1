"""A drafted page against one written by hand: the same cells must give the same areas, dates and numbers."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from sozialanalyse import build
from sozialanalyse.region.catalogue import lade_katalog
from sozialanalyse.region.region import lade_region
from sozialanalyse.vorschlag import Entwurf, entwirf

ZELLE = ["gebiet_id", "stichtag", "datei", "blatt", "zelle"]


@dataclass(frozen=True)
class Vergleich:
    """What the hand-written page reads, and what the draft makes of the same cells."""

    entwurf: Entwurf
    von_hand: int
    fehlend: pd.DataFrame
    anders: pd.DataFrame
    status: pd.DataFrame


def vergleiche(ordner: Path, datensatz: str) -> Vergleich:
    """Draft the page of the newest file of a dataset and read with both pages."""
    place = lade_region(ordner)
    page = lade_katalog(place).datensaetze[datensatz]
    files = sorted({path for pattern in page.muster for path in place.lieferungen.glob(pattern)})
    hand = _cells(build.probe(place, page, files, build.lies_gebiete(place)).merkmale)
    draft = entwirf(files[-1], place)
    both = hand.merge(
        _cells(draft.probe.merkmale), on=ZELLE, how="left", suffixes=("", "_entwurf"), indicator=True
    )
    there = both[both["_merge"] == "both"]
    same = (there["wert"] == there["wert_entwurf"]) | (there["wert"].isna() & there["wert_entwurf"].isna())
    return Vergleich(
        draft, len(hand), both[both["_merge"] == "left_only"], there[~same],
        there[there["status"] != there["status_entwurf"]],
    )  # fmt: skip


def _cells(frame: pd.DataFrame) -> pd.DataFrame:
    """Delivered numbers by their cell; converted numbers stand in none."""
    plain = frame[[*ZELLE, "wert", "status"]].copy()
    plain[[*ZELLE, "status"]] = plain[[*ZELLE, "status"]].astype("str")
    return plain[plain["zelle"] != ""]
