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

from sozialanalyse.catalogue import FLAECHE, Katalog
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
    tree = _tree(gebiete)
    areas = gebiete.index.get_indexer(werte["gebiet_id"])
    hidden = np.zeros(len(werte), dtype=bool)
    for rows in werte.groupby([numerators, "stichtag"], sort=False).indices.values():
        frame = werte.iloc[rows]
        rules = [profile[katalog.indikatoren[key].sperrprofil] for key in frame["indikator_id"].unique()]
        closed = np.zeros(len(gebiete), dtype=bool)
        np.logical_or.at(closed, areas[rows], _primary(frame, rules, katalog).to_numpy())
        counts = np.full(len(gebiete), np.nan)
        counts[areas[rows][::-1]] = frame["zaehler"].to_numpy()[::-1]
        if closed.any():
            _secondary(counts, closed, tree, max(rule.mindestfallzahl for rule in rules))
        hidden[rows] = closed[areas[rows]]
    result.loc[hidden, ["wert", "zaehler", "nenner"]] = np.nan
    result.loc[hidden, "status"] = GESPERRT
    result.loc[result["wert"].isna(), ["zaehler", "nenner"]] = np.nan
    return result


def _tree(gebiete: pd.DataFrame) -> list[tuple[int, np.ndarray]]:
    """Published sums, lowest first: position of the total, positions of its parts."""
    owner = gebiete.index.get_indexer(gebiete["oberhalb"])
    totals = [*np.flatnonzero(gebiete["level"] == "kommune"), *np.flatnonzero(gebiete["level"] == "region")]
    return [(int(total), np.flatnonzero(owner == total)) for total in totals]


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
    people = frame["indikator_id"].map(
        {
            key: i.nenner is not None and FLAECHE not in i.nenner.felder
            for key, i in katalog.indikatoren.items()
        }
    )
    return small | (people & (whole < base)) | (frame["status"] == GESPERRT)


def _secondary(
    counts: np.ndarray, closed: np.ndarray, tree: list[tuple[int, np.ndarray]], smallest: int
) -> None:
    """Hide further cells, in place, until no sum gives a hidden cell away."""
    for total, parts in tree:
        while closed[parts].any() and not closed[total] and not _safe(counts, closed, total, parts, smallest):
            shown = parts[~closed[parts] & (counts[parts] > 0)]
            # the smallest remaining cell costs least; without one the total itself is hidden
            closed[shown[np.argmin(counts[shown])] if len(shown) else total] = True


def _safe(counts: np.ndarray, closed: np.ndarray, total: int, parts: np.ndarray, smallest: int) -> bool:
    """At least two hidden parts, one of them not known to be small, together not a small count."""
    hidden = parts[closed[parts]]
    together = counts[hidden].sum()
    if np.isnan(together):
        together = counts[total] - np.nansum(counts[parts[~closed[parts]]])
    return bool(
        len(hidden) > 1
        and (counts[hidden] >= smallest).any()
        and (np.isnan(together) or together >= smallest)
    )
