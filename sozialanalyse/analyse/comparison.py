"""An area beside its municipality and region: how far apart, and whether more than chance.

A distance is measured in standard deviations of all small areas of the region, so a word means the
same for every indicator. It counts only if it exceeds the random variation of small counts.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

Floats = NDArray[np.float64]

CLEAR = 1.0
"""Distance in standard deviations from which a difference is called clear ("deutlich")."""
SLIGHT = 0.5
"""Distance from which it is called slight ("etwas"); below that values are alike."""
MOVED = 0.25
"""Change in standard deviations below which a value counts as hardly changed."""
_Z = 1.959963984540054


def interval(
    value: pd.DataFrame, count: pd.DataFrame, base: pd.DataFrame, share: pd.Series, factor: pd.Series
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """95 % interval of every value under the random variation of small counts.

    Parameters
    ----------
    value, count, base
        Areas x indicators, same labels: published value, cases, people at risk; NaN = gap.
    share
        Per indicator, whether the cases are part of the base.
    factor
        Per indicator, published value of a rate of 1, for example 100 for percent.

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
        low_share, high_share = _wilson(y, n)
        low_rate, high_rate = _byar(y)
        low = times * np.where(part, low_share, low_rate / n)
        high = times * np.where(part, high_share, high_rate / n)
        usable = (y >= 0) & (n > 0) & np.isfinite(low + high) & (~part | (y <= n)) & (v >= 0)
    frame = {"index": value.index, "columns": value.columns}
    return (
        pd.DataFrame(np.where(usable, np.minimum(low, v), v), **frame),
        pd.DataFrame(np.where(usable, np.maximum(high, v), v), **frame),
    )


def _wilson(y: Floats, n: Floats) -> tuple[Floats, Floats]:
    p = y / n
    middle = (p + _Z**2 / (2 * n)) / (1 + _Z**2 / n)
    half = _Z / (1 + _Z**2 / n) * np.sqrt(p * (1 - p) / n + _Z**2 / (4 * n**2))
    return middle - half, middle + half


def _byar(y: Floats) -> tuple[Floats, Floats]:
    up = y + 1
    low = np.where(y > 0, y * (1 - 1 / (9 * y) - _Z / (3 * np.sqrt(y))) ** 3, 0.0)
    return low, up * (1 - 1 / (9 * up) + _Z / (3 * np.sqrt(up))) ** 3


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
        ``gestiegen``, ``gesunken``; ``stabil`` below :data:`MOVED` standard deviations;
        ``unsicher`` where the interval of the difference holds 0; empty where a date is missing.
        ``gestiegen_ungeprueft``, ``gesunken_ungeprueft`` where a value has no interval (no cases), so that
        chance cannot be ruled out.

    Notes
    -----
    The interval of the difference is put together from both intervals (Newcombe 1998, method 10;
    Zou & Donner 2008): d - sqrt((p1 - l1)^2 + (u2 - p2)^2) to d + sqrt((u1 - p1)^2 + (p2 - l2)^2).
    """
    value, low, high = now
    old, old_low, old_high = (frame.reindex_like(value) for frame in then)
    change = value - old
    down = change - np.sqrt((value - low) ** 2 + (old_high - old) ** 2)
    up = change + np.sqrt((high - value) ** 2 + (old - old_low) ** 2)
    size = change.abs() / spread.where(spread > 0)
    blind = (high <= low) | (old_high <= old_low)
    word = np.select(
        [
            size < MOVED,
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
