"""Mean and spread, weighted combination, classes: what index and alternatives share."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sozialanalyse.analyse.clusters.kmeans import solve
from sozialanalyse.base import ParameterFehler, text

NEEDED = 2 / 3
LIMITS = (-1.0, -0.5, 0.5, 1.0, 1.5)
"""Default class limits in standard deviations of the index."""
NATURAL = 5
"""Number of natural classes."""


def moments(values: pd.Series, people: pd.Series | None) -> tuple[float, float]:
    """Mean and population standard deviation; rounding error of a constant counts as zero."""
    share = pd.Series(1.0, index=values.index) if people is None else people
    both = values.notna() & (share > 0)
    if not both.any():
        return float("nan"), 0.0
    v, w = values[both].to_numpy(), share[both].to_numpy()
    mean = float((w * v).sum() / w.sum())
    sd = float(np.sqrt((w * (v - mean) ** 2).sum() / w.sum()))
    return mean, sd if sd > 1e-12 * np.abs(v).max(initial=0.0) else 0.0


def combine(z: pd.DataFrame, weight: pd.Series, required: Sequence[str]) -> pd.Series:
    """Weighted mean of the z at hand; NaN below two thirds of the ingredients or without a required one."""
    there = z.notna()
    total = (there * weight).sum(axis=1)
    enough = there.mean(axis=1) >= NEEDED - 1e-9
    if required:
        enough &= there[list(required)].all(axis=1)
    return ((z * weight).sum(axis=1) / total.where(total > 0)).where(enough)


def limits_of(value: pd.Series, classes: str | Sequence[float]) -> tuple[float, ...]:
    """Upper limits of all classes but the last on the scale of ``value``."""
    if not isinstance(classes, str):
        return tuple(sorted(float(limit) for limit in classes))
    if classes == "sd":
        return tuple(100 + 10 * limit for limit in LIMITS)
    known = value.dropna().to_numpy()
    if classes == "quintile":
        return tuple(np.quantile(known, [0.2, 0.4, 0.6, 0.8])) if len(known) else ()
    if classes == "jenks":
        return _natural(known)
    raise ParameterFehler(text("indices.fehler.klassen", klassen=classes))


def _natural(known: NDArray[np.float64]) -> tuple[float, ...]:
    """Natural breaks (Fisher 1958, Jenks 1977): five classes of least squares, closed at their largest value."""
    k = min(NATURAL, len(np.unique(known)))
    if k < 2:
        return ()
    labels = solve(known[:, None], k, starts=200, rng=np.random.default_rng(0)).labels[0, 0]
    return tuple(sorted(float(known[labels == j].max()) for j in range(k))[:-1])


def classes_of(value: pd.Series, limits: Sequence[float]) -> pd.Series:
    """Class 1.. by right-closed limits; missing where there is no index."""
    number = np.searchsorted(np.array(limits), value.to_numpy(float), side="left") + 1
    return pd.Series(number, index=value.index, dtype="Int64").where(value.notna())
