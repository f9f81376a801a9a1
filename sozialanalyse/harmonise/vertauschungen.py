"""Columns that no longer stand for what they stood for the date before: order reversed, two columns exchanged."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import combinations

import numpy as np
import pandas as pd

from sozialanalyse.base import Befund, zahl
from sozialanalyse.region import Katalog

_GENUG = 6
"""So many areas with both numbers a comparison of two dates needs."""
_UMGEKEHRT = -0.5
"""Rank correlation with the date before at or below which an order is reversed; areas change slowly, by chance alone
it would not be far from 0."""
_SICHER = 2.58
"""Standard deviations the correlation must be below 0 at least (Fisher's z; one in two hundred by chance)."""
_ZAEHLT = 5
"""Columns whose middle is smaller leap by chance alone."""
_NAH = 0.35
"""Typical difference (of logarithms) between two dates that a column has at most if it is the same."""
_FERN = 3.0
"""So many times nearer two columns must be to each other than to themselves to count as exchanged."""


def umgekehrt(davor: pd.DataFrame, jetzt: pd.DataFrame) -> dict[str, float]:
    """Columns whose order over the areas is reversed, with their rank correlation.

    Parameters
    ----------
    davor, jetzt
        Areas x columns on two dates; gaps are left out pairwise.
    """
    found = {}
    names = jetzt.columns.intersection(davor.columns)
    areas = jetzt.index.intersection(davor.index)
    old, new = (frame.loc[areas, names].to_numpy(dtype=float) for frame in (davor, jetzt))
    known = ~(np.isnan(old) | np.isnan(new))
    for column, name in enumerate(names):
        rows = known[:, column]
        n = int(rows.sum())
        if n < _GENUG:
            continue
        (before, kinds), (now, others) = _raenge(old[rows, column]), _raenge(new[rows, column])
        if min(kinds, others) < min(n, _GENUG):
            continue
        rho = float(np.corrcoef(before, now)[0, 1])
        if rho <= _UMGEKEHRT and np.arctanh(max(rho, -0.9999)) + _SICHER * np.sqrt(1.06 / (n - 3)) < 0:
            found[str(name)] = rho
    return found


def _raenge(values: np.ndarray) -> tuple[np.ndarray, int]:
    """Ranks, the middle one for equal values, and how many different values there are."""
    _, kind, counts = np.unique(values, return_inverse=True, return_counts=True)
    return (np.cumsum(counts) - (counts - 1) / 2)[kind], len(counts)


def vertauscht(davor: pd.DataFrame, jetzt: pd.DataFrame) -> list[tuple[str, str]]:
    """Pairs of columns each of which is what the other was the date before."""
    names = [str(name) for name in jetzt.columns.intersection(davor.columns)]
    old, new = (
        np.log1p(frame[names].reindex(jetzt.index).clip(lower=0).to_numpy(dtype=float))
        for frame in (davor, jetzt)
    )

    def apart(one: int, other: int) -> float:
        difference = np.abs(new[:, one] - old[:, other])
        known = difference[~np.isnan(difference)]
        return float(np.median(known)) if len(known) >= _GENUG else np.nan

    large = davor[names].median().to_numpy() >= _ZAEHLT
    moved = [column for column in range(len(names)) if large[column] and apart(column, column) > _NAH]
    return [
        (names[one], names[other])
        for one, other in combinations(moved, 2)
        if all(apart(a, b) < min(_NAH, apart(a, a) / _FERN) for a, b in ((one, other), (other, one)))
    ]


def pruefe_rangfolge(
    davor: pd.DataFrame, jetzt: pd.DataFrame, tag: str, katalog: Katalog
) -> Iterator[Befund]:
    """Rates of small areas whose order is reversed since the date before, one finding per dataset.

    Parameters
    ----------
    davor, jetzt
        Areas x indicators on two dates.
    """
    rates = [
        key
        for key in jetzt.columns
        if key in katalog.indikatoren and katalog.indikatoren[key].seite.art != "anzahl"
    ]
    found = umgekehrt(davor, jetzt[rates])
    for name, seite in katalog.datensaetze.items():
        own = {key: rho for key, rho in found.items() if katalog.indikatoren[key].datensatz == name}
        if own:
            listed = {f"{key} {katalog.indikatoren[key].seite.name}": rho for key, rho in own.items()}
            yield replace(befund_umgekehrt(listed, tag, seite.name), datensatz=name)


def befund_umgekehrt(found: dict[str, float], tag: str, what: str = "") -> Befund:
    """Finding about columns whose order is reversed, the most reversed first."""
    named = [f"{name} ({zahl(rho, 2)})" for name, rho in sorted(found.items(), key=lambda item: item[1])]
    more = f" und {len(named) - 6} weitere" if len(named) > 6 else ""
    return Befund("warnung", f"{what + ', ' if what else ''}Stichtag {tag}: Rangfolge umgekehrt gegenüber dem Stichtag davor "
                  f"(Rangkorrelation): {', '.join(named[:6])}{more}.",
                  "Wo bisher viel war, ist nun wenig. Bitte prüfen, ob die Spalte in umgekehrter Reihenfolge steht, das Gegenstück "
                  "zählt oder mit einer anderen vertauscht ist.", regel="rangfolge")  # fmt: skip
