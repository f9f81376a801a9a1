"""What changed between two snapshots, and by how much."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from sozialanalyse.store.bestand import aktueller, manifest

ARTEN = ("neu", "entfallen", "wert", "status")
_SCHLUESSEL = ["indikator_id", "stichtag", "gebiet_id"]


def liste(ordner: Path) -> pd.DataFrame:
    """Snapshots of a region, newest first.

    Returns
    -------
    DataFrame
        bestand, erstellt (ISO text), aktuell, lesbar (its page can be read), dateien, zeilen, version. A damaged snapshot is listed with what is known of it.
    """
    current = aktueller(ordner)
    rows = []
    for path in ordner.glob("*/bestand.json"):
        if path.parent.name.startswith("."):
            continue
        page = manifest(path.parent) or {}
        rows.append(
            {
                "bestand": path.parent.name,
                "erstellt": str(page.get("erstellt", "")),
                "aktuell": path.parent.name == current,
                "lesbar": bool(page),
                "dateien": len(page.get("quellen", ())),
                "zeilen": int(page.get("zeilen", {}).get("intern", 0)),
                "version": str(page.get("version", "")),
            }
        )
    frame = pd.DataFrame(
        rows, columns=["bestand", "erstellt", "aktuell", "lesbar", "dateien", "zeilen", "version"]
    )
    return frame.sort_values(["erstellt", "bestand"], ascending=False, ignore_index=True)


@dataclass(frozen=True)
class Bestandsvergleich:
    """Two snapshots side by side."""

    alt: str
    neu: str
    dateien: pd.DataFrame
    """Deliveries that came, went or changed: datei, art (neu, entfallen, geändert)."""
    werte: pd.DataFrame
    """Values that differ: indikator_id, stichtag, gebiet_id, art, alt, neu, differenz, status_alt, status_neu."""

    def uebersicht(self) -> pd.DataFrame:
        """Per indicator and date how many values differ, in which way, and the largest difference."""
        frame = self.werte.assign(betrag=self.werte["differenz"].abs())
        grouped = frame.groupby(["indikator_id", "stichtag"], sort=True)
        counts = {
            art: grouped["art"].agg(lambda values, art=art: int((values == art).sum())) for art in ARTEN
        }
        return pd.DataFrame(counts | {"groesste": grouped["betrag"].max()}).reset_index()

    def als_dict(self) -> dict[str, Any]:
        """Plain data for JSON."""
        return {
            "alt": self.alt,
            "neu": self.neu,
            "dateien": self.dateien.to_dict("records"),
            "uebersicht": _plain(self.uebersicht()),
            "werte": _plain(self.werte),
        }


def _plain(frame: pd.DataFrame) -> list[dict[str, Any]]:
    return frame.astype(object).where(frame.notna(), None).to_dict("records")


def vergleiche(
    alt: tuple[dict[str, Any], pd.DataFrame], neu: tuple[dict[str, Any], pd.DataFrame]
) -> Bestandsvergleich:
    """Compare two snapshots, each given as manifest and long table of values.

    Values count as equal up to a relative difference of 1e-9.
    """
    (before, old), (after, new) = alt, neu
    columns = [*_SCHLUESSEL, "wert", "status"]
    joined = old[columns].merge(
        new[columns], on=_SCHLUESSEL, how="outer", suffixes=("_alt", "_neu"), indicator=True
    )
    left, right = joined["wert_alt"], joined["wert_neu"]
    same = np.isclose(left, right, rtol=1e-9, atol=1e-12, equal_nan=True)
    where = joined["_merge"].astype("str")
    art = np.select(
        [where == "right_only", where == "left_only", ~same, joined["status_alt"] != joined["status_neu"]],
        ARTEN,
        default="",
    )
    changed = joined.assign(art=art, differenz=right - left)[art != ""]
    changed = changed.rename(columns={"wert_alt": "alt", "wert_neu": "neu"})
    kept = [*_SCHLUESSEL, "art", "alt", "neu", "differenz", "status_alt", "status_neu"]
    return Bestandsvergleich(
        before["bestand"],
        after["bestand"],
        _files(before["quellen"], after["quellen"]),
        changed[kept].sort_values(_SCHLUESSEL, ignore_index=True),
    )


def _files(old: list[dict[str, Any]], new: list[dict[str, Any]]) -> pd.DataFrame:
    before, after = ({row["datei"]: row["sha256"] for row in rows} for rows in (old, new))
    rows = [(name, "entfallen") for name in before.keys() - after.keys()]
    rows += [(name, "neu") for name in after.keys() - before.keys()]
    rows += [(name, "geändert") for name in before.keys() & after.keys() if before[name] != after[name]]
    return pd.DataFrame(sorted(rows), columns=["datei", "art"])
