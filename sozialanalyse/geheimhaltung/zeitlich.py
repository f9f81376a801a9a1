"""Stocks and flows: what a stock of one date is more than that of the date before, other fields of the later date may tell.

Looked for are ``stock = stock before + inflow - outflow`` with factors of one: the change of every field against the
fields of one dataset, exact in every small area where all are known. Dates are protected one after the other; each knows
what the date before showed of the stock (:class:`Vorher`), and keeps hidden what it hid.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from math import comb, log2

import numpy as np
import pandas as pd
from scipy.optimize import linprog

from sozialanalyse.geheimhaltung.identitaeten import SICHER, Tafeln

HOECHSTENS_FELDER = 60
"""Datasets with more fields are not looked through."""
GENAU = 1e-6
DAVOR = " am Stichtag davor"
"""Behind the name of a field: its number on the date before."""


@dataclass(frozen=True)
class Fortschreibung:
    """``bestand`` of a date is that of the date before and ``stroeme`` (sign and field) of the later one."""

    bestand: str
    stroeme: tuple[tuple[int, str], ...]
    zeilen: int

    @property
    def formel(self) -> str:
        terms = " ".join(f"{'+' if sign > 0 else '-'} {name}" for sign, name in self.stroeme)
        return f"{self.bestand} = {self.bestand}{DAVOR} {terms}"

    @property
    def glieder(self) -> tuple[tuple[float, str], ...]:
        """Factors and fields of what is nothing."""
        flows = ((-float(sign), name) for sign, name in self.stroeme)
        return ((1.0, self.bestand), (-1.0, self.bestand + DAVOR), *flows)


@dataclass(frozen=True)
class Vorher:
    """Stocks on the date before, areas x fields.

    Attributes
    ----------
    zahlen
        Counts of all areas, totals as sums of their parts; NaN unknown.
    gezeigt
        Whether the audience sees the count on that date.
    verborgen
        Whether there is one that it does not see.
    """

    zahlen: pd.DataFrame
    gezeigt: pd.DataFrame
    verborgen: pd.DataFrame


def finde(kleine: Tafeln) -> list[Fortschreibung]:
    """Stocks that are carried forward.

    Parameters
    ----------
    kleine
        Reference date -> counts of small areas x fields; NaN unknown.
    """
    pairs = [
        (kleine[before], kleine[after].reindex(kleine[before].index))
        for before, after in pairwise(sorted(kleine))
    ]
    if not pairs:
        return []
    after = pd.concat([late for _, late in pairs], ignore_index=True)
    change = pd.concat([late - early for early, late in pairs], ignore_index=True)
    owner = pd.Series([str(name).partition(".")[0] for name in after.columns], index=after.columns)
    return [one for _, names in owner.groupby(owner) for one in _in(after[sorted(names.index)], change)]


def _in(flows: pd.DataFrame, change: pd.DataFrame) -> Iterator[Fortschreibung]:
    flows = flows.loc[:, flows.notna().any() & (flows.fillna(0) != 0).any()]
    if not 1 < flows.shape[1] <= HOECHSTENS_FELDER:
        return
    whole = flows.notna().all(axis=1).to_numpy()
    for stock in _moegliche(flows.to_numpy(dtype=float), whole, change):
        others = flows.drop(columns=stock, errors="ignore")
        rows = np.flatnonzero(whole & change[stock].notna().to_numpy())
        table, moved = others.to_numpy(dtype=float)[rows], change[stock].to_numpy(dtype=float)[rows]
        if len(rows) < others.shape[1] + 2 or not moved.any():
            continue
        solved, *_ = np.linalg.lstsq(table, moved, rcond=None)
        if np.abs(table @ solved - moved).max() > GENAU * (1 + np.abs(moved).max()):
            continue
        factors = _kuerzeste(table, moved)
        if factors is not None and _glaubhaft(table, factors):
            parts = [(int(factors[i]), str(others.columns[i])) for i in np.flatnonzero(factors)]
            yield Fortschreibung(stock, tuple(sorted(parts, key=lambda one: (-one[0], one[1]))), len(rows))


def _moegliche(table: np.ndarray, whole: np.ndarray, change: pd.DataFrame) -> list[str]:
    """Stocks whose change all flows together can give; those known in the same rows are solved at once."""
    alike: dict[bytes, list[str]] = {}
    for stock in sorted(map(str, change.columns)):
        rows = whole & change[stock].notna().to_numpy()
        alike.setdefault(rows.tobytes(), []).append(stock)
    found = []
    for mask, stocks in alike.items():
        rows = np.frombuffer(mask, dtype=bool)
        moved, parts = change.loc[rows, stocks].to_numpy(dtype=float), table[rows]
        if not len(parts):
            continue
        solved, *_ = np.linalg.lstsq(parts, moved, rcond=None)
        far = np.abs(parts @ solved - moved).max(axis=0) > GENAU * (1 + np.abs(moved).max(axis=0))
        found += [stock for stock, out in zip(stocks, far, strict=True) if not out]
    return sorted(found)


def _kuerzeste(table: np.ndarray, moved: np.ndarray) -> np.ndarray | None:
    """Factors of least sum that give the change, if all are one, minus one or nothing."""
    found = linprog(
        np.ones(2 * table.shape[1]),
        A_eq=np.hstack([table, -table]),
        b_eq=moved,
        bounds=(0, None),
        method="highs",
    )
    if found.status != 0:
        return None
    factors = found.x[: table.shape[1]] - found.x[table.shape[1] :]
    whole = np.round(factors)
    right = np.abs(factors - whole).max() < 1e-4 and np.abs(whole).max() == 1
    return (
        whole if right and np.abs(table @ whole - moved).max() < GENAU * (1 + np.abs(moved).max()) else None
    )


def _glaubhaft(table: np.ndarray, factors: np.ndarray) -> bool:
    """Whether so many rows are more than chance; see :mod:`.identitaeten`."""
    used = np.unique(table[:, factors != 0], axis=0)
    worth = np.log2(1 + used.min(axis=1)).sum()
    count = used.shape[1]
    return bool(len(used) > count + 1 and worth >= SICHER + log2(comb(table.shape[1], count)) + count)
