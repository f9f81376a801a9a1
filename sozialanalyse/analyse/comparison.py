"""An area beside its municipality and region: how far apart, and whether more than chance.

A distance is measured in standard deviations of all small areas of the region, so a word means the
same for every indicator. It counts only if it exceeds the random variation of small counts, and an area
with many indicators is not given more of them for being asked so often (:func:`corrected`).
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

Floats = NDArray[np.float64]

CLEAR = 1.0
"""Distance in standard deviations from which a difference is called clear ("deutlich")."""
SLIGHT = 0.25
"""Distance from which it is called slight ("etwas"); below that values are alike, or hardly changed."""
LEVEL = 0.05
"""Share of false findings accepted among all differences told of an area."""
Z95 = 1.959963984540054
"""Normal quantile of a 95 % interval."""


def interval(
    value: pd.DataFrame,
    count: pd.DataFrame,
    base: pd.DataFrame,
    share: pd.Series,
    factor: pd.Series,
    quantile: Floats | float = Z95,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Interval of every value under the random variation of small counts, 95 % without a ``quantile``.

    Parameters
    ----------
    value, count, base
        Areas x indicators, same labels: published value, cases, people at risk; NaN = gap.
    share
        Per indicator, whether the cases are part of the base.
    factor
        Per indicator, published value of a rate of 1, for example 100 for percent.
    quantile
        Normal quantile of the interval, one for all or one per area (areas, 1).

    Returns
    -------
    low, high
        In the unit of ``value``. Shares: Wilson (1927). Other rates of counts: Byar's approximation
        of the exact Poisson limits (Breslow & Day 1987). Both ends equal the value where there is no
        count, as for a median or a balance that may be negative.
    """
    y, n, v = (frame.to_numpy(float) for frame in (count, base, value))
    part = share.reindex(value.columns).to_numpy(bool)[None, :]
    times = factor.reindex(value.columns).to_numpy(float)[None, :]
    with np.errstate(invalid="ignore", divide="ignore"):
        low_share, high_share = _wilson(y, n, quantile)
        low_rate, high_rate = _byar(y, quantile)
        low = times * np.where(part, low_share, low_rate / n)
        high = times * np.where(part, high_share, high_rate / n)
        usable = (y >= 0) & (n > 0) & np.isfinite(low + high) & (~part | (y <= n)) & (v >= 0)
    frame = {"index": value.index, "columns": value.columns}
    return (
        pd.DataFrame(np.where(usable, np.minimum(low, v), v), **frame),
        pd.DataFrame(np.where(usable, np.maximum(high, v), v), **frame),
    )


def _wilson(y: Floats, n: Floats, z: Floats | float) -> tuple[Floats, Floats]:
    p = y / n
    middle = (p + z**2 / (2 * n)) / (1 + z**2 / n)
    half = z / (1 + z**2 / n) * np.sqrt(p * (1 - p) / n + z**2 / (4 * n**2))
    return middle - half, middle + half


def _byar(y: Floats, z: Floats | float) -> tuple[Floats, Floats]:
    up = y + 1
    low = np.where(y > 0, y * np.maximum(1 - 1 / (9 * y) - z / (3 * np.sqrt(y)), 0.0) ** 3, 0.0)
    return low, up * (1 - 1 / (9 * up) + z / (3 * np.sqrt(up))) ** 3


def corrected(tested: pd.DataFrame, found: Callable[[Floats], pd.DataFrame]) -> Floats:
    """Quantile per area with which at most :data:`LEVEL` of the differences told of it are false.

    Parameters
    ----------
    tested
        Areas x indicators: where a difference could be told.
    found
        From quantiles (areas, 1) to what is told with intervals of that width, areas x indicators.

    Returns
    -------
    ndarray
        (areas, 1), for :func:`interval`.

    Notes
    -----
    An interval is as wide as its number of findings demands (Benjamini & Yekutieli 2005): with R of m at
    1 - LEVEL R / m. Going down from all of them ends at the findings of Benjamini & Hochberg (1995).
    """
    many = tested.sum(axis=1).to_numpy()[:, None]
    told = many
    while True:
        quantile = stats.norm.isf(LEVEL * np.maximum(told, 1) / np.maximum(many, 1) / 2)
        fewer = np.minimum((found(quantile) & tested).sum(axis=1).to_numpy()[:, None], told)
        if (fewer == told).all() or not fewer.any():
            return np.asarray(quantile, dtype=np.float64)
        told = fewer


def outside(
    value: pd.DataFrame, low: pd.DataFrame, high: pd.DataFrame, reference: pd.DataFrame
) -> pd.DataFrame:
    """Whether the interval leaves the reference out."""
    return value.notna() & ((reference < low) | (reference > high))


def moved(
    now: tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame],
    then: tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame],
) -> pd.DataFrame:
    """Whether the interval of the change (see :func:`trend`) leaves 0 out."""
    change, down, up = _difference(now, then)
    return change.notna() & ((down > 0) | (up < 0))


def judge(
    value: pd.DataFrame, low: pd.DataFrame, high: pd.DataFrame, reference: pd.DataFrame, spread: pd.Series
) -> pd.DataFrame:
    """Place every value against its reference.

    Parameters
    ----------
    value, low, high, reference
        Areas x indicators: value, its interval, and what it is compared with.
    spread
        Standard deviation of the small areas per indicator.

    Returns
    -------
    DataFrame
        ``deutlich_hoeher``, ``etwas_hoeher``, ``aehnlich``, ``etwas_niedriger``,
        ``deutlich_niedriger``; ``unsicher`` where the distance reaches :data:`SLIGHT` but the
        interval holds the reference; empty where something is missing or nothing varies.
    """
    z = (value - reference) / spread.where(spread > 0)
    word = np.select(
        [z >= CLEAR, z >= SLIGHT, z <= -CLEAR, z <= -SLIGHT, z.notna()],
        ["deutlich_hoeher", "etwas_hoeher", "deutlich_niedriger", "etwas_niedriger", "aehnlich"],
        "",
    )
    chance = (z.abs() >= SLIGHT) & (low <= reference) & (reference <= high)
    return pd.DataFrame(np.where(chance, "unsicher", word), index=value.index, columns=value.columns)


def trend(
    now: tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame],
    then: tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame],
    spread: pd.Series,
) -> pd.DataFrame:
    """Judge the change between two dates.

    Parameters
    ----------
    now, then
        Value, lower and upper end of its interval, areas x indicators.
    spread
        As in :func:`judge`.

    Returns
    -------
    DataFrame
        ``gestiegen``, ``gesunken``; ``stabil`` below :data:`SLIGHT` standard deviations;
        ``unsicher`` where the interval of the difference holds 0; empty where a date is missing.
        ``gestiegen_ungeprueft``, ``gesunken_ungeprueft`` where a value has no interval (no cases), so that
        chance cannot be ruled out.

    Notes
    -----
    The interval of the difference is put together from both intervals (Newcombe 1998, method 10;
    Zou & Donner 2008): d - sqrt((p1 - l1)^2 + (u2 - p2)^2) to d + sqrt((u1 - p1)^2 + (p2 - l2)^2).
    """
    value, low, high = now
    _, old_low, old_high = (frame.reindex_like(value) for frame in then)
    change, down, up = _difference(now, then)
    size = change.abs() / spread.where(spread > 0)
    blind = (high <= low) | (old_high <= old_low)
    word = np.select(
        [
            size < SLIGHT,
            blind & (change > 0),
            blind & (change < 0),
            (down <= 0) & (up >= 0) & (change != 0),
            change > 0,
            change < 0,
        ],
        ["stabil", "gestiegen_ungeprueft", "gesunken_ungeprueft", "unsicher", "gestiegen", "gesunken"],
        "",
    )
    known = change.notna() & size.notna()
    return pd.DataFrame(np.where(known, word, ""), index=value.index, columns=value.columns)


def _difference(
    now: tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame],
    then: tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame],
) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Change and its interval."""
    value, low, high = now
    old, old_low, old_high = (frame.reindex_like(value) for frame in then)
    change = value - old
    down = change - np.sqrt((value - low) ** 2 + (old_high - old) ** 2)
    up = change + np.sqrt((high - value) ** 2 + (old - old_low) ** 2)
    return change, down, up
