"""Classes of a map: limits and the class of each value, right-closed, gaps left out.

A value equal to a limit belongs to the lower class. Values and limits are rounded to the decimals
that are printed, so a reader who compares a number with the legend never finds a contradiction.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

import numpy as np
import pandas as pd

from sozialanalyse.base import text
from sozialanalyse.present import formats

Methode = Literal["gleich", "quantil", "natuerlich", "standardabweichung", "manuell"]


@dataclass(frozen=True)
class Klassen:
    """Inner limits of a classification; the outer classes are open.

    Attributes
    ----------
    grenzen
        Ascending limits between the classes, one fewer than there are classes.
    methode
        How they were found.
    nachkommastellen
        Decimals of the values; limits are printed with as many as they need to be told apart.
    spiegelbildlich
        For changes: a value equal to a limit belongs to the class nearer to zero on both sides, so a
        rise and a fall of the same size stand in mirrored classes.
    kleinster
        Smallest value, if known: a lowest class that holds nothing else is called by it ("0,0 %", not "bis 0,0 %").
    """

    grenzen: tuple[float, ...]
    methode: Methode
    nachkommastellen: int = 1
    spiegelbildlich: bool = False
    kleinster: float | None = None

    @property
    def anzahl(self) -> int:
        """Number of classes."""
        return len(self.grenzen) + 1

    def zuordnen(self, values: pd.Series) -> pd.Series:
        """Class per value, 0 for the lowest; missing stays missing (dtype Int64)."""
        rounded = _rounded(values, self.nachkommastellen)
        numbers = rounded.to_numpy(float)
        found = np.searchsorted(self.grenzen, numbers, side="left")
        if self.spiegelbildlich:
            above = np.searchsorted(self.grenzen, numbers, side="right")
            found = np.where(numbers < 0, above, found)
        return pd.Series(found, index=values.index, dtype="Int64").where(values.notna())

    def beschriftung(self, einheit: str = "") -> tuple[str, ...]:
        """Classes in words: "bis 5,0 %", "über 5,0 bis 8,0 %", "über 8,0 %"."""
        if not self.grenzen:
            return (text("present.klassen.alle"),)
        places = self._grenzstellen
        number = [formats.zahl(limit, places) for limit in self.grenzen]
        unit = [formats.wert(limit, einheit, places) for limit in self.grenzen]
        middle = [
            text(f"present.klassen.{self._mitte(low, high)}", von=number[i], bis=unit[i + 1])
            for i, (low, high) in enumerate(pairwise(self.grenzen))
        ]
        if self.kleinster == self.grenzen[0]:
            return (unit[0], *middle, text("present.klassen.oben", von=unit[-1]))
        below = self.spiegelbildlich and self.grenzen[0] < 0
        lowest = text(f"present.klassen.{'unter' if below else 'unten'}", bis=unit[0])
        return (lowest, *middle, text("present.klassen.oben", von=unit[-1]))

    def _mitte(self, low: float, high: float) -> str:
        """How the class between two limits is called: which of its ends belong to it."""
        if not self.spiegelbildlich or low >= 0:
            return "mitte"
        return "mitte_unter" if high < 0 else "mitte_beide"

    @property
    def _grenzstellen(self) -> int:
        """Decimals with which every limit reads as it is: those of the values, of finer limits more."""
        for places in range(self.nachkommastellen, self.nachkommastellen + 6):
            if all(
                abs(formats.runden(limit, places) - limit) < 1e-9 * max(1, abs(limit))
                for limit in self.grenzen
            ):
                return places
        return self.nachkommastellen + 6


def einteilen(
    values: pd.Series,
    methode: Methode = "quantil",
    anzahl: int = 5,
    *,
    grenzen: Sequence[float] | None = None,
    nachkommastellen: int = 1,
) -> Klassen:
    """Find class limits.

    Parameters
    ----------
    values
        Numbers to classify; missing values are ignored. For classes that stay fixed over the
        years pass the values of all years.
    methode
        ``gleich`` equal steps from lowest to highest; ``quantil`` equal numbers of areas;
        ``natuerlich`` least squared deviation within classes (Fisher 1958, exact);
        ``standardabweichung`` steps of one population standard deviation, symmetric about the
        mean; ``manuell`` limits as given.
    anzahl
        Wanted number of classes, 2 to 9. Limits that coincide after rounding are merged, so
        fewer may come out.
    grenzen
        Inner limits for ``manuell``, ascending.
    nachkommastellen
        Decimals of values and limits.

    Raises
    ------
    ValueError
        If the number of classes, the method or the limits make no sense.
    """
    if methode == "manuell":
        limits = [float(limit) for limit in grenzen or ()]
        if not 1 <= len(limits) <= 8 or any(b <= a for a, b in pairwise(limits)):
            raise ValueError("manuell needs one to eight ascending limits")
        return Klassen(tuple(limits), methode, nachkommastellen)
    if not 2 <= anzahl <= 9:
        raise ValueError(f"anzahl must be 2 to 9, not {anzahl}")
    found = np.sort(_rounded(values.dropna(), nachkommastellen).to_numpy(float))
    if methode == "gleich":
        raw = np.linspace(found[0], found[-1], anzahl + 1)[1:-1] if found.size else found
    elif methode == "quantil":
        raw = _equal_counts(found, anzahl)
    elif methode == "natuerlich":
        raw = _natural_breaks(found, anzahl)
    elif methode == "standardabweichung":
        steps = np.arange(1, anzahl) - anzahl / 2
        raw = found.mean() + steps * found.std() if found.size else found
    else:
        raise ValueError(f"unknown method {methode!r}")
    limits = sorted({formats.runden(limit, nachkommastellen) for limit in raw})
    if methode != "standardabweichung":
        limits = [limit for limit in limits if found[0] <= limit < found[-1]]
    return Klassen(
        tuple(limits), methode, nachkommastellen, kleinster=float(found[0]) if found.size else None
    )


def _rounded(values: pd.Series, places: int) -> pd.Series:
    return values.astype(float).map(lambda v: formats.runden(v, places), na_action="ignore")


def _equal_counts(found: np.ndarray, anzahl: int) -> np.ndarray:
    """Upper limits of classes with equal numbers of areas, each a value that occurs, so that no rounding shifts them.

    Where equal values on top would swallow the last classes, the limit is the largest value below them.
    """
    if not found.size:
        return found
    places = np.maximum(np.floor(found.size * np.arange(1, anzahl) / anzahl + 0.5).astype(int), 1) - 1
    limits, below = found[places], found[found < found[-1]]
    return np.where(limits < found[-1], limits, below[-1]) if below.size else limits


def _natural_breaks(found: np.ndarray, anzahl: int) -> np.ndarray:
    """Upper limits of all classes but the last that minimise the squared deviation within.

    Dynamic programme over the sorted distinct values with their frequencies: ``cost[i, j]`` is
    the sum of squares of the values i to j, ``best[j]`` the least sum of the values up to j.
    """
    value, count = np.unique(found, return_counts=True)
    if value.size <= anzahl:
        return value[:-1]
    centred = value - value.mean()
    n, s, q = (np.r_[0, np.cumsum(count * centred**p)] for p in (0, 1, 2))
    start, end = np.arange(value.size)[:, None], np.arange(1, value.size + 1)[None, :]
    size = np.maximum(n[end] - n[start], 1)
    cost = np.where(end > start, (q[end] - q[start]) - (s[end] - s[start]) ** 2 / size, np.inf)
    best, choices = cost[0], []
    for _ in range(anzahl - 1):
        total = np.r_[np.inf, best[:-1]][:, None] + cost
        choices.append(total.argmin(axis=0))
        best = total.min(axis=0)
    last, limits = value.size - 1, []
    for choice in reversed(choices):
        last = choice[last] - 1
        limits.append(value[last])
    return np.array(limits[::-1])
