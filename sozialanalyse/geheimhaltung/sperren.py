"""Suppression of small counts and of what would reveal them.

Primary: counts below the profile's minimum, their complements, rates on too small a base.
Secondary: within every published sum of areas to Kommune and of Kommunen to the region, so many
further cells that the hidden ones cannot be computed by subtraction and are not all known to be small.
All indicators that share a numerator are hidden together.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from sozialanalyse.catalogue import Katalog
from sozialanalyse.region import Sperrprofil

GESPERRT = "geheim"


def oeffentlich(
    werte: pd.DataFrame, gebiete: pd.DataFrame, katalog: Katalog, profile: Mapping[str, Sperrprofil]
) -> pd.DataFrame:
    """Values the public may see.

    Parameters
    ----------
    werte
        All values, every level (see :func:`sozialanalyse.harmonise.rates.berechne`).
    gebiete
        Areas indexed by ``gebiet_id`` with level and oberhalb.

    Returns
    -------
    DataFrame
        Same rows and columns; hidden cells have neither value, numerator nor denominator and the
        status ``geheim``.
    """
    result = werte.copy()
    numerators = werte["indikator_id"].map(
        {key: repr(indikator.zaehler.glieder) for key, indikator in katalog.indikatoren.items()}
    )
    hidden = pd.Series(False, index=werte.index)
    for _, frame in werte.groupby([numerators, "stichtag"], sort=False):
        rules = [profile[katalog.indikatoren[key].sperrprofil] for key in frame["indikator_id"].unique()]
        cells = _cells(frame, gebiete)
        small = _primary(frame, rules, katalog).groupby(frame["gebiet_id"]).any().reindex(cells.index)
        closed = _secondary(cells, small.to_numpy(dtype=bool), gebiete, max(r.mindestfallzahl for r in rules))
        hidden.loc[frame.index] = frame["gebiet_id"].map(closed).to_numpy()
    result.loc[hidden, ["wert", "zaehler", "nenner"]] = np.nan
    result.loc[hidden, "status"] = GESPERRT
    gaps = result["wert"].isna()
    result.loc[gaps, ["zaehler", "nenner"]] = np.nan
    return result


def _cells(frame: pd.DataFrame, gebiete: pd.DataFrame) -> pd.DataFrame:
    """Counts per area of one numerator with the supplier's own suppression."""
    first = frame.drop_duplicates("gebiet_id").set_index("gebiet_id")
    return pd.DataFrame(
        {
            "zaehler": first["zaehler"],
            "verborgen": first["zaehler"].isna() & (first["status"] == GESPERRT),
            "level": gebiete["level"].reindex(first.index),
            "oberhalb": gebiete["oberhalb"].reindex(first.index),
        }
    )


def _primary(frame: pd.DataFrame, rules: list[Sperrprofil], katalog: Katalog) -> pd.Series:
    smallest = max(rule.mindestfallzahl for rule in rules)
    base = max(rule.mindestnenner for rule in rules)
    count, whole = frame["zaehler"], frame["nenner"]
    small = (count > 0) & (count < smallest)
    if smallest and not all(rule.null_zeigen for rule in rules):
        small |= count == 0
    if any(rule.komplement for rule in rules):
        part = frame["indikator_id"].map(
            {key: i.seite.art == "quote" and i.seite.anteil for key, i in katalog.indikatoren.items()}
        )
        rest = whole - count
        small |= part & (rest > 0) & (rest < smallest)
    return small | (whole < base) | (frame["status"] == GESPERRT)


def _secondary(cells: pd.DataFrame, small: np.ndarray, gebiete: pd.DataFrame, smallest: int) -> pd.Series:
    """Hide further cells level by level until no sum gives a hidden cell away."""
    closed = pd.Series(small, index=cells.index)
    if not closed.any():
        return closed
    kommunen = cells.index[cells["level"] == "kommune"]
    for kommune in kommunen:
        _protect(cells, closed, kommune, cells.index[cells["oberhalb"] == kommune], smallest)
    for top in cells.index[cells["level"] == "region"]:
        _protect(cells, closed, top, kommunen, smallest)
    return closed


def _protect(cells: pd.DataFrame, closed: pd.Series, total: str, parts: pd.Index, smallest: int) -> None:
    """Make the hidden parts of one published total safe; hide the total itself if they cannot be."""
    if closed[total] or not closed[parts].any():
        return
    while not _safe(cells, closed, total, parts, smallest):
        shown = cells.loc[parts[~closed[parts].to_numpy()], "zaehler"].dropna().sort_values(kind="stable")
        candidates = shown[shown > 0]
        if candidates.empty:
            closed[total] = True
            return
        closed[candidates.index[0]] = True


def _safe(cells: pd.DataFrame, closed: pd.Series, total: str, parts: pd.Index, smallest: int) -> bool:
    """At least two hidden parts, one of them not known to be small, together not a small count."""
    hidden = parts[closed[parts].to_numpy()]
    if len(hidden) < 2:
        return False
    counts = cells.loc[hidden, "zaehler"]
    if counts.isna().any():
        known = cells.loc[parts.difference(hidden), "zaehler"].sum()
        remainder = cells.loc[total, "zaehler"] - known
        return bool(np.isnan(remainder) or remainder >= smallest) and bool((counts >= smallest).any())
    return bool(counts.sum() >= smallest and (counts >= smallest).any())
