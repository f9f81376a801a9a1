"""Which ranks areas could have, all of them at once, given the random variation of small counts."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from sozialanalyse.analyse._threads import single_threaded
from sozialanalyse.analyse.disparity.noise import Floats, aligned, level_of, page, standard_error
from sozialanalyse.base import DatenFehler, Ergebnis, ParameterFehler, text, zahl

DRAWS = 4_000
SEED = 20240613


@dataclass(frozen=True, repr=False)
class RankSets(Ergebnis):
    """Ranks that areas could have.

    Attributes
    ----------
    table
        One row per area: ``wert``, ``fehler`` (standard error), ``rang`` (1 = highest, ties share the
        best), ``rang_von, rang_bis`` the ranks the area could have - with probability ``level`` true of
        *all* areas at once -, ``moeglich`` whether it could be among the ``top`` first and ``sicher``
        whether it is among them at all its possible ranks. Areas without value or standard error: NaN,
        False.
    top
        How many places were asked for.
    level
        Joint confidence level.
    """

    table: pd.DataFrame
    top: int
    level: float

    def summary(self) -> str:
        """One German sentence: how many areas could be among the first."""
        known = self.table["rang_von"].notna()
        if not known.any():
            return text("disparity.rang.ohne")
        width = (self.table["rang_bis"] - self.table["rang_von"] + 1)[known].median()
        return text(
            "disparity.rang.satz",
            moeglich=str(int(self.table["moeglich"].sum())),
            sicher=str(int(self.table["sicher"].sum())),
            top=str(self.top),
            gebiete=str(int(known.sum())),
            breite=zahl(width),
            niveau=zahl(100 * self.level),
        )

    def _repr_html_(self) -> str:
        return page(text("disparity.rang.titel"), self.summary(), self.table)


@single_threaded
def rank_sets(
    value: pd.Series,
    *,
    count: pd.Series | None = None,
    base: pd.Series | None = None,
    error: pd.Series | None = None,
    factor: float = 1.0,
    top: int = 10,
    level: float = 0.90,
    draws: int = DRAWS,
    seed: int = SEED,
) -> RankSets:
    """Simultaneous confidence sets for ranks (Mogstad, Romano, Shaikh & Wilhelm 2023).

    Every pair of areas is compared, with one limit for the largest of all standardised differences
    (normal draws with the given standard errors), and again without the pairs already decided, until
    nothing more is decided (step-down of Romano & Wolf 2005). An area can have every rank that the
    decided pairs leave.

    Parameters
    ----------
    value
        Per area, NaN = gap; rank 1 is the highest.
    count, base
        Cases and people at risk, for the standard errors.
    error
        Standard errors instead of counts.
    top
        Places asked for in ``moeglich`` ("could be among the ten"): one-sided sets of their own.
    level
        Joint confidence level.
    draws, seed
        Of the Monte Carlo limit; fewer draws where pairs are many.

    Raises
    ------
    ParameterFehler
        Neither counts nor standard errors, repeated areas, ``top`` below 1, level outside 0..1.
    DatenFehler
        Infinite values.
    """
    level_of(level)
    if top < 1 or draws < 1:
        raise ParameterFehler(text("disparity.fehler.plaetze", wert=str(min(top, draws))))
    areas = value.index
    v = aligned(value, areas, "value")
    if error is not None:
        se = aligned(error, areas, "error")
        if (se < 0).any():
            raise DatenFehler(text("disparity.fehler.negativ"))
    elif count is not None and base is not None:
        se = standard_error(aligned(count, areas, "count"), aligned(base, areas, "base"), factor)
    else:
        raise ParameterFehler(text("disparity.fehler.ohne_faelle"))
    known = ~np.isnan(v) & ~np.isnan(se)
    low, high, best = (np.full(len(v), np.nan) for _ in range(3))
    if known.any():
        n = int(known.sum())
        z = np.random.default_rng(seed).standard_normal((max(200, min(draws, 400_000_000 // n**2)), n))
        better = _decided(v[known], se[known], level, z, two_sided=True)
        low[known], high[known] = 1 + better.sum(axis=1), n - better.sum(axis=0)
        best[known] = 1 + _decided(v[known], se[known], level, z, two_sided=False).sum(axis=1)
    table = pd.DataFrame(
        {
            "wert": v,
            "fehler": se,
            "rang": pd.Series(v).rank(ascending=False, method="min").to_numpy(),
            "rang_von": low,
            "rang_bis": high,
            "moeglich": best <= top,
            "sicher": high <= top,
        },
        index=areas,
    )
    return RankSets(table, top, level)


def _decided(v: Floats, se: Floats, level: float, z: Floats, *, two_sided: bool) -> np.ndarray:
    """Areas x areas: whether the second is higher than the first beyond chance, all pairs at once."""
    n = len(v)
    spread = np.sqrt(se[:, None] ** 2 + se**2)
    certain = spread == 0
    scale = np.where(certain, 1.0, spread)
    score = (v[None, :] - v[:, None]) / scale
    decided = certain & (score > 0)
    open_pairs = ~np.eye(n, dtype=bool) & ~certain
    noise = np.ascontiguousarray((z * se).T)
    while open_pairs.any():
        pairs = np.triu(open_pairs | open_pairs.T) if two_sided else open_pairs
        largest = np.full(len(z), -np.inf)
        for first in np.flatnonzero(pairs.any(axis=1)):
            others = np.flatnonzero(pairs[first])
            gap = noise[others]
            gap -= noise[first]
            gap /= scale[first, others, None]
            np.maximum(largest, (np.abs(gap, out=gap) if two_sided else gap).max(axis=0), out=largest)
        limit = float(np.quantile(largest, level))
        new = open_pairs & (score > limit)
        if not new.any():
            break
        decided |= new
        open_pairs &= ~(new | new.T) if two_sided else ~new
    return decided
