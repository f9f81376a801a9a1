"""Two years compared: has the share between municipalities changed, and through which component?"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import special

from sozialanalyse.analyse._threads import single_threaded

from .components import Squares, moments, share, squares
from .sample import SEED, Floats, Frame, Groups, Sample, aligned, as_frame, index_of, prepare
from .scales import checked_counts


@single_threaded
def compare_years(
    first: Frame,
    second: Frame,
    groups: Groups,
    *,
    sampling_variance: tuple[Frame, Frame] | None = None,
    base: tuple[Frame, Frame] | None = None,
    draws: int = 999,
    seed: int = SEED,
    alpha: float = 0.05,
) -> pd.DataFrame:
    r"""Vergleicht die Aufteilung zweier Jahre.

    Change of the structural share and of both components between two years.

    The share can rise because municipalities drift apart or because the areas inside them grow
    alike; so :math:`\Delta\sigma_b^2` and :math:`\Delta\sigma_w^2` stand beside it. Intervals:
    estimate :math:`\pm z` times the standard deviation over a paired bootstrap of the areas within
    their municipality (the same areas in both years, the municipalities stay), so they speak of
    these municipalities, not of others. Resampled deviations are inflated by
    :math:`\sqrt{N_j/(N_j-1)}` (Davison & Hinkley 1997, sect. 3.8), which small groups need.

    Parameters
    ----------
    first, second : Series or DataFrame
        The same areas and indicators in two years; an area with a gap in one year counts in neither.
        With ``base``: cases.
    groups : Series
        Municipality of every area, the same in both years.
    sampling_variance : pair, optional
        Known sampling variances of both years.
    base : pair, optional
        Persons of both years; then the binomial variance :math:`p(1-p)/n_i` with the rate pooled over both
        years is removed.
    draws, seed, alpha
        Bootstrap draws and level.

    Returns
    -------
    DataFrame
        One row per indicator: ``share_first``, ``share_second``, ``share_change`` with ``_low`` and
        ``_high``; the same for ``between_change`` and ``within_change`` (squared units); ``p_change``
        of the share; ``sigma2_*`` of both years; ``n``, ``groups``.
    """
    one, two, noise = _pair(first, second, index_of(groups), sampling_variance, base)
    gap = one.isna() | two.isna()
    samples = [prepare(frame.mask(gap), groups, None, v) for frame, v in zip((one, two), noise, strict=True)]
    estimates = [moments(sample) for sample in samples]
    rng = np.random.default_rng(seed)
    rows = _resampled_rows(samples[0], draws, rng)
    width = len(samples[0].indicators)
    spread = np.full((3, width), np.nan)
    inflated = [_inflated(sample) for sample in samples]
    for column in range(width):
        parts = [moments(_drawn(sample, column, rows)) for sample in inflated]
        change = _changes(parts)
        spread[:, column] = [_deviation(values) for values in change]
    change = _changes(estimates)
    z = float(special.ndtri(1 - alpha / 2))
    table = {"share_first": share(*estimates[0]), "share_second": share(*estimates[1])}
    for name, value, error in zip(("share", "between", "within"), change, spread, strict=True):
        table[f"{name}_change"] = value
        table[f"{name}_change_low"], table[f"{name}_change_high"] = value - z * error, value + z * error
    safe = np.where(spread[0] > 0, spread[0], np.nan)
    table["p_change"] = 2 * special.ndtr(-np.abs(change[0]) / safe)
    for name, (between, within) in zip(("first", "second"), estimates, strict=True):
        table[f"sigma2_between_{name}"], table[f"sigma2_within_{name}"] = between, within
    found: Squares = squares(samples[0])
    table["n"], table["groups"] = found.n.sum(axis=0).astype(int), (found.n > 0).sum(axis=0)
    return pd.DataFrame(table, index=pd.Index(samples[0].indicators, name="indicator"))


def _pair(
    first: Frame,
    second: Frame,
    index: pd.Index | None,
    sampling_variance: tuple[Frame, Frame] | None,
    base: tuple[Frame, Frame] | None,
) -> tuple[pd.DataFrame, pd.DataFrame, tuple[Frame | None, Frame | None]]:
    one = as_frame(first, "first", index)
    if isinstance(second, pd.Series) and isinstance(first, pd.Series):
        second = second.rename(one.columns[0])
    two = aligned(second, one, "second")
    if base is None:
        return one, two, (None, None) if sampling_variance is None else sampling_variance
    cases_one, persons_one = checked_counts(one, base[0], index)
    cases_two, persons_two = checked_counts(two, base[1], index)
    p = (cases_one.sum() + cases_two.sum()) / (persons_one.sum() + persons_two.sum())
    noise = (p * (1 - p)) / persons_one, (p * (1 - p)) / persons_two
    return cases_one / persons_one, cases_two / persons_two, noise


def _changes(parts: list[tuple[Floats, Floats]]) -> tuple[Floats, Floats, Floats]:
    (b1, w1), (b2, w2) = parts
    return share(b2, w2) - share(b1, w1), b2 - b1, w2 - w1


def _deviation(values: Floats) -> float:
    known = values[~np.isnan(values)]
    return float(known.std(ddof=1)) if len(known) > 1 else np.nan


def _resampled_rows(sample: Sample, draws: int, rng: np.random.Generator) -> NDArray[np.intp]:
    """Areas x draws: for each place a random area of the same municipality."""
    order = np.argsort(sample.codes, kind="stable")
    sizes = np.bincount(sample.codes, minlength=len(sample.groups))
    start = np.concatenate([[0], np.cumsum(sizes)[:-1]])
    chosen = (rng.random((len(order), draws)) * sizes[sample.codes][:, None]).astype(int)
    return order[start[sample.codes][:, None] + chosen]


def _inflated(sample: Sample) -> Sample:
    found = squares(sample)
    mean = found.mean[sample.codes]
    factor = np.sqrt(found.n / np.maximum(found.n - 1, 1))[sample.codes]
    return replace(sample, x=np.where(sample.known, mean + factor * (sample.x - mean), 0.0))


def _drawn(sample: Sample, column: int, rows: NDArray[np.intp]) -> Sample:
    """One indicator with every draw as a column."""
    return replace(
        sample,
        indicators=pd.RangeIndex(rows.shape[1]),
        x=sample.x[rows, column],
        centre=np.zeros(rows.shape[1]),
        known=sample.known[rows, column],
        weight=None,
        noise=None if sample.noise is None else sample.noise[rows, column],
    )
