"""What an atlas says about one or two indicators: correlation with interval, change beyond chance, outliers.

Nothing here speaks of causes. Zeros are values like any other; areas are matched by their index.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import special, stats


@dataclass(frozen=True)
class Correlation:
    """Pearson correlation of areas.

    Attributes
    ----------
    r, low, high
        Coefficient and limits of its interval; NaN where fewer than four areas have both values or one
        indicator does not vary.
    n
        Areas with both values.
    n_effective
        Number that the interval rests on: ``n``, or Kish's effective size with weights.
    slope, intercept
        Least squares line of y on x.
    """

    r: float
    low: float
    high: float
    n: int
    n_effective: float
    slope: float
    intercept: float


def correlation(
    x: pd.Series, y: pd.Series, weights: pd.Series | None = None, level: float = 0.95
) -> Correlation:
    """Correlation of two indicators over the areas that have both.

    Parameters
    ----------
    x, y
        Value per area; missing values leave the area out, zeros do not.
    weights
        Inhabitants per area, to let people and not areas count; areas without weight are left out.
    level
        Confidence level of the interval.

    Returns
    -------
    Correlation

    Notes
    -----
    Interval by Fisher's z transformation (Fisher 1921); with weights its standard error uses the effective
    sample size of Kish (1965), the square of the sum over the sum of squares.
    """
    both, w = _common(x, y, weights)
    n = len(w)
    effective = float(w.sum() ** 2 / (w**2).sum()) if n else 0.0
    nothing = Correlation(np.nan, np.nan, np.nan, n, effective, np.nan, np.nan)
    if n < 4:
        return nothing
    mean = both @ w / w.sum()
    u, v = both - mean[:, None]
    sxx, syy, sxy = (float(p @ w / w.sum()) for p in (u * u, v * v, u * v))
    if min(sxx, syy) <= 1e-12 * max(1.0, float(np.abs(both).max()) ** 2):
        return nothing
    r = float(np.clip(sxy / np.sqrt(sxx * syy), -1, 1))
    slope = float(sxy / sxx)
    intercept = float(mean[1] - slope * mean[0])
    if effective <= 3 or abs(r) == 1:
        return Correlation(
            r, r if abs(r) == 1 else np.nan, r if abs(r) == 1 else np.nan, n, effective, slope, intercept
        )
    half = special.ndtri(0.5 + level / 2) / np.sqrt(effective - 3)
    low, high = np.tanh(np.arctanh(r) + np.array([-half, half]))
    return Correlation(r, float(low), float(high), n, effective, slope, intercept)


def _common(x: pd.Series, y: pd.Series, weights: pd.Series | None) -> tuple[np.ndarray, np.ndarray]:
    """Both values (2 x areas) and the weight of the areas that have all of it, and a weight above zero."""
    parts = [x, y] if weights is None else [x, y, weights]
    if not all(part.index.equals(x.index) for part in parts):
        table = pd.concat([part.rename(i) for i, part in enumerate(parts)], axis=1).to_numpy(float).T
    else:
        table = np.array([part.to_numpy(float) for part in parts])
    there = ~np.isnan(table).any(axis=0)
    if weights is not None:
        there &= table[2] > 0
    both = table[:2, there]
    return both, np.ones(both.shape[1]) if weights is None else table[2, there]


def change(
    count0: pd.Series, base0: pd.Series, count1: pd.Series, base1: pd.Series, level: float = 0.95
) -> pd.DataFrame:
    """Difference of two shares per area with an interval for chance.

    Parameters
    ----------
    count0, base0, count1, base1
        Cases and their base at the earlier and the later date, same index.

    Returns
    -------
    DataFrame
        ``difference`` (share, later minus earlier), ``low``, ``high``, ``q`` (p corrected for the number of
        areas, false discovery rate of Benjamini & Hochberg 1995) and ``beyond`` (True where ``q`` is at most
        1 - ``level``). NaN and False where a number is missing or a base is not positive.

    Notes
    -----
    Interval of Agresti and Caffo (2000): one case and one non-case are added to each sample, which keeps the
    promised coverage where counts are small. The dates are treated as independent samples; since most
    residents are the same, the interval is rather too wide than too narrow.
    """
    frame = pd.DataFrame({"a": count0, "m": base0, "b": count1, "n": base1}).astype(float)
    frame = frame.where((frame["m"] > 0) & (frame["n"] > 0))
    difference = frame["b"] / frame["n"] - frame["a"] / frame["m"]
    p, q = (frame["a"] + 1) / (frame["m"] + 2), (frame["b"] + 1) / (frame["n"] + 2)
    spread = np.sqrt(
        (p * (1 - p)).clip(lower=0) / (frame["m"] + 2) + (q * (1 - q)).clip(lower=0) / (frame["n"] + 2)
    )
    half = special.ndtri(0.5 + level / 2) * spread
    low, high = q - p - half, q - p + half
    tested = pd.Series(2 * special.ndtr(-((q - p) / spread).abs()), index=frame.index)
    known = tested.notna()
    tested[known] = stats.false_discovery_control(tested[known]) if known.any() else tested[known]
    return pd.DataFrame(
        {"difference": difference, "low": low, "high": high, "q": tested, "beyond": tested <= 1 - level}
    )


def outliers(values: pd.Series, factor: float = 3.0) -> pd.Series:
    """Values far outside the middle half: -1 low, 1 high, 0 neither or missing.

    Tukey's fences (1977): ``factor`` interquartile ranges beyond the quartiles, 3 for "far out". Quartiles
    of all values, repeated ones included. Without spread nothing is an outlier.
    """
    low, high = values.quantile([0.25, 0.75])
    reach = factor * (high - low)
    if not reach > 0:
        return pd.Series(0, index=values.index)
    return (values > high + reach).astype(int) - (values < low - reach).astype(int)
