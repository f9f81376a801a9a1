"""Whether funded areas improved beyond what selection alone brings (regression to the mean)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from sozialanalyse.analyse.variance.smoothing import empirical_bayes
from sozialanalyse.base import Ergebnis, ParameterFehler, text, zahl

DRAWS = 2_000
SEED = 20240613


@dataclass(frozen=True, repr=False)
class EvaluationResult(Ergebnis):
    """Change of funded areas beside what chance brings to areas chosen for being high.

    Attributes
    ----------
    change
        Mean change of the rate of the funded areas minus that of the others (negative = improved more).
    expected
        The same, if nothing but chance worked: mean over redrawn years.
    low, high
        Middle 90 % of these redraws.
    beyond
        Whether ``change`` lies outside them.
    funded, others
        Areas on either side.
    """

    change: float
    expected: float
    low: float
    high: float
    beyond: bool
    funded: int
    others: int

    def summary(self, factor: float = 100.0, unit: str = "Prozentpunkte") -> str:
        """German sentence; never says that the money worked."""

        def figure(value: float) -> str:
            return zahl(factor * value, 1, vorzeichen=True)

        return text(
            f"funding.wirkung.{'mehr' if self.beyond else 'zufall'}",
            gefoerdert=str(self.funded),
            aenderung=figure(self.change),
            erwartet=figure(self.expected),
            tief=figure(self.low),
            hoch=figure(self.high),
            einheit=unit,
        )


def evaluate_funded(
    count: tuple[pd.Series, pd.Series],
    base: tuple[pd.Series, pd.Series],
    funded: pd.Series,
    *,
    draws: int = DRAWS,
    seed: int = SEED,
) -> EvaluationResult:
    """Compare the change of funded areas with the change that chance alone brings.

    Areas chosen because a year was bad look better in the next one without any help. Both years are
    redrawn from rates shrunk towards the region (Marshall 1991), moved for all areas alike as the region
    moved; in every redraw the areas with the highest first year are taken as funded, as many as there
    really are.

    Parameters
    ----------
    count, base
        Cases and people at risk before and after, per area.
    funded
        Whether the area got money, chosen by the rate of the first year.
    draws, seed
        Redraws.

    Raises
    ------
    ParameterFehler
        No funded or no other area with both years.
    """
    y0, y1 = count
    n0, n1 = base
    frame = pd.DataFrame({"y0": y0, "y1": y1, "n0": n0, "n1": n1}).astype(float).dropna()
    frame = frame[(frame["n0"] > 0) & (frame["n1"] > 0)]
    got = funded.reindex(frame.index).fillna(False).astype(bool).to_numpy()
    if not got.any() or got.all():
        raise ParameterFehler(text("funding.fehler.vergleich"))
    first, second = frame["y0"] / frame["n0"], frame["y1"] / frame["n1"]
    gap = (second - first).to_numpy()
    change = float(gap[got].mean() - gap[~got].mean())
    level = np.asarray(empirical_bayes(frame["y0"], frame["n0"]), dtype=float)
    region = frame["y0"].sum() / frame["n0"].sum(), frame["y1"].sum() / frame["n1"].sum()
    later = np.clip(level * region[1] / region[0], 0.0, 1.0) if region[0] > 0 else level
    rng = np.random.default_rng([seed, 3])
    people = frame["n0"].to_numpy().astype(np.int64), frame["n1"].to_numpy().astype(np.int64)
    size = (draws, len(frame))
    before = rng.binomial(people[0], np.clip(level, 0.0, 1.0), size) / people[0]
    after = rng.binomial(people[1], later, size) / people[1]
    chosen = np.zeros(size, dtype=bool)
    highest = np.argsort(-before, axis=1, kind="stable")[:, : int(got.sum())]
    np.put_along_axis(chosen, highest, True, axis=1)
    moved = after - before
    inside = np.where(chosen, moved, 0.0).sum(axis=1) / got.sum()
    outside = np.where(~chosen, moved, 0.0).sum(axis=1) / (~got).sum()
    by_chance = inside - outside
    low, high = np.quantile(by_chance, [0.05, 0.95])
    return EvaluationResult(
        change,
        float(by_chance.mean()),
        float(low),
        float(high),
        bool(change < low or change > high),
        int(got.sum()),
        int((~got).sum()),
    )
