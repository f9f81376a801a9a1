"""What chance in small counts does to an index: range, rank range, certainty of the class."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from sozialanalyse.analyse.indices.index_result import Base


def uncertainty_of(
    data: pd.DataFrame,
    sign: pd.Series,
    weight: pd.Series,
    required: Sequence[str],
    fixed: Base,
    winsor: float,
    table: pd.DataFrame,
    count: pd.DataFrame,
    base: pd.DataFrame,
    draws: int,
    seed: int,
) -> pd.DataFrame:
    """Index of every redraw (:func:`redraws`), summed up per area."""
    value = np.empty((draws, len(data)))
    for b, drawn in enumerate(redraws(data, count, base, draws, seed)):
        z = np.clip(sign.to_numpy() * (drawn - fixed.mean.to_numpy()) / fixed.sd.to_numpy(), -winsor, winsor)
        there = ~np.isnan(z)
        total = there @ weight.to_numpy()
        raw = np.nansum(z * weight.to_numpy(), axis=1) / np.where(total > 0, total, 1.0)
        value[b] = 100 + 10 * (raw - fixed.index_mean) / fixed.index_sd
    known = table["wert"].notna().to_numpy()
    value[:, ~known] = np.nan
    own = table["klasse"].to_numpy(float, na_value=np.nan)
    same = np.searchsorted(np.array(fixed.limits), value, side="left") + 1 == own
    ranks = np.full(value.shape, np.nan)
    ranks[:, known] = stats.rankdata(-value[:, known], axis=1, method="min")
    low, high = np.full((2, len(known)), np.nan), np.full((2, len(known)), np.nan)
    if known.any():
        low[0, known], high[0, known] = np.quantile(value[:, known], [0.05, 0.95], axis=0)
        low[1, known], high[1, known] = np.quantile(ranks[:, known], [0.05, 0.95], axis=0)
    return pd.DataFrame(
        {
            "tief": low[0],
            "hoch": high[0],
            "rang_tief": low[1],
            "rang_hoch": high[1],
            "klasse_sicher": np.where(known, same.mean(axis=0), np.nan),
        },
        index=table.index,
    )


def redraws(
    data: pd.DataFrame, count: pd.DataFrame | None, base: pd.DataFrame | None, draws: int, seed: int
) -> Iterator[NDArray[np.float64]]:
    """Values of the ingredients in other years of the same risk, one array (areas x ingredients) a draw.

    Cases are redrawn from Bin(n, (y + 1/2)/(n + 1)); ingredients without counts stay as they are. The
    redrawn deviation from that rate is added to the observed value, so draws scatter around what is
    published. The unit (share or percent) is read off the data.
    """
    rng = np.random.default_rng([seed, 1])
    start = data.to_numpy(float)
    chance, people, scale = {}, {}, {}
    for j, name in enumerate(data.columns):
        if count is None or base is None or name not in count.columns or name not in base.columns:
            continue
        y = count[name].reindex(data.index).to_numpy(float)
        n = base[name].reindex(data.index).to_numpy(float)
        usable = _usable(y, n)
        people[j] = np.where(usable, np.rint(n), 0).astype(np.int64)
        chance[j] = np.where(usable, (y + 0.5) / (n + 1.0), 0.0)
        rate = np.where(usable & (y > 0), y / np.where(n > 0, n, 1.0), np.nan)
        ratio = (start[:, j] / rate)[np.isfinite(rate) & np.isfinite(start[:, j])]
        scale[j] = float(np.median(ratio)) if len(ratio) else 1.0
    for _ in range(draws):
        drawn = start.copy()
        for j, often in chance.items():
            rate = rng.binomial(people[j], often) / np.maximum(people[j], 1)
            drawn[:, j] += scale[j] * np.where(people[j] > 0, rate - often, 0.0)
        yield drawn


def scatter_known(data: pd.DataFrame, count: pd.DataFrame | None, base: pd.DataFrame | None) -> pd.DataFrame:
    """Areas x ingredients, whether :func:`redraws` can say how much a value scatters; true where there is none."""
    known = data.isna()
    if count is None or base is None:
        return known
    for name in data.columns.intersection(count.columns):
        y, n = (frame[name].reindex(data.index).to_numpy(float) for frame in (count, base))
        known[name] |= _usable(y, n)
    return known


def _usable(y: NDArray[np.float64], n: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Whether cases and people at risk can be redrawn."""
    usable: NDArray[np.bool_] = ~np.isnan(y + n) & (n > 0) & (y >= 0) & (y <= n)
    return usable
