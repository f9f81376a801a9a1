"""What earlier publications tell about the numbers of today: cells still known, and sums of parts of older totals.

A cell printed before is known only if it had the value it has now. A total printed before with another value
tells, to a reader who kept it, the sum of those small areas under it that were not seen to change in between;
so does the value of an area that has been divided since.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from sozialanalyse.geheimhaltung.rundung import schritte
from sozialanalyse.region import Katalog, Sperrprofil

SCHLUESSEL = ["gebiet_id", "indikator_id", "stichtag"]
_GENAU = 1e-6

Teilsumme = tuple[str, list[str]]
"""Indicator and the small areas whose sum is told."""


def abgleich(
    werte: pd.DataFrame, bekannt: pd.DataFrame, katalog: Katalog, profile: Mapping[str, Sperrprofil]
) -> pd.DataFrame:
    """Published cells beside the values of today.

    Returns
    -------
    DataFrame
        Rows of ``bekannt`` that are cells of today, with ``gleich``: whether the value is still the one
        that was printed, as exactly as it was printed.
    """
    columns = ["wert", "zaehler", "nenner"]
    joined = bekannt.merge(werte[[*SCHLUESSEL, *columns]], on=SCHLUESSEL, suffixes=("", "_heute"))
    rules = joined["indikator_id"].map(lambda key: profile[katalog.indikatoren[key].sperrprofil])
    steps = schritte(katalog, profile).reindex(joined["indikator_id"])
    coarse = {name: 0.5 * steps[name].to_numpy(dtype=float) for name in ("zaehler", "nenner")}
    same = np.ones(len(joined), dtype=bool)
    counted = np.zeros(len(joined), dtype=bool)
    for name, slack in coarse.items():
        printed, now = joined[name].to_numpy(dtype=float), joined[f"{name}_heute"].to_numpy(dtype=float)
        there = ~np.isnan(printed)
        same &= ~there | (np.abs(printed - now) <= slack + _GENAU * np.maximum(1, np.abs(printed)))
        counted |= there & (name == "zaehler")
    # without a count only the value tells, as coarse as it was rounded
    slack = np.array([0.5 * (rule.rundung_wert or 0) for rule in rules])
    apart = np.abs(joined["wert"].to_numpy(dtype=float) - joined["wert_heute"].to_numpy(dtype=float))
    same &= counted | (apart <= slack + _GENAU * np.maximum(1, joined["wert"].abs()))
    return joined[[*SCHLUESSEL, "bestand"]].assign(gleich=same)


def noch_bekannt(werte: pd.DataFrame, found: pd.DataFrame) -> np.ndarray:
    """Whether each value of today was printed before, as it is now."""
    keys = pd.MultiIndex.from_frame(werte[SCHLUESSEL])
    return np.asarray(keys.isin(pd.MultiIndex.from_frame(found.loc[found["gleich"], SCHLUESSEL])))


def teilsummen(
    day: str,
    gebiete: pd.DataFrame,
    found: pd.DataFrame,
    bekannt: pd.DataFrame,
    nachfolger: Mapping[str, Sequence[str]],
) -> list[Teilsumme]:
    """Sums of small areas that readers of earlier publications know of one reference date."""
    sums: list[Teilsumme] = []
    rows = bekannt[(bekannt["stichtag"] == day) & bekannt["gebiet_id"].isin(list(nachfolger))]
    for name, area in zip(rows["indikator_id"], rows["gebiet_id"], strict=True):
        sums.append((str(name), list(nachfolger[str(area)])))
    today = found[found["stichtag"] == day]
    small = gebiete["level"] == "sozialraum"
    owner = gebiete["oberhalb"]
    changed = today[~today["gleich"]]
    for (_, name), rows in changed.groupby(["bestand", "indikator_id"]):
        moved = set(rows["gebiet_id"])
        for total in rows["gebiet_id"]:
            if gebiete.at[total, "level"] == "sozialraum":
                continue
            under = small & ((owner == total) | (owner.map(owner) == total))
            parts = [str(area) for area in gebiete.index[under] if area not in moved]
            if parts:
                sums.append((str(name), parts))
    unique = {(name, tuple(parts)): (name, parts) for name, parts in sums}
    return list(unique.values())
