"""How much of the differences between areas lies between their groups: the front function."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from sozialanalyse.analyse._threads import single_threaded

from . import scales
from .borders import border_null
from .components import Squares, moments, ratio, share, squares
from .intervals import noise_interval, noise_test, wald_interval
from .messages import MIN_SPREAD
from .nulls import Null, false_discovery, free_null
from .partitions import Neighbours, neighbour_lists, partitions_for
from .reml import known_noise_reml, profile_icc
from .sample import SEED, Frame, Groups, Sample, as_frame, index_of, prepare
from .smoothness import Surfaces, contiguous_null
from .variance_result import Counts, VarianceResult
from .wording import Ebenen, Words


@single_threaded
def decompose(
    y: Frame | None,
    groups: Groups,
    *,
    weights: Frame | None = None,
    sampling_variance: Frame | None = None,
    permutations: int = 9999,
    seed: int = SEED,
    count: Frame | None = None,
    base: Frame | None = None,
    geometry: Any = None,
    neighbours: Neighbours | None = None,
    places: pd.DataFrame | None = None,
    contiguous: int | None = None,
    partitions: pd.DataFrame | None = None,
    alpha: float = 0.05,
    ebenen: Ebenen | None = None,
) -> VarianceResult:
    r"""Teilt Unterschiede in innerhalb und zwischen den Kommunen auf.

    Decompose the variation of one or many indicators into between and within groups.

    Two estimands stand side by side. *Realised*: the (weighted) sums of squares of the values as
    they are, :math:`\eta^2 = SSB/(SSB+SSW)`. With the persons as weights the group means are the
    published rates. *Structural*: variance components without the noise of small counts
    (:func:`~.components.moments`), with an interval (:func:`~.intervals.noise_interval`) and, as
    confirmation, REML with known sampling variance. Every share has its null line.

    Parameters
    ----------
    y : Series, DataFrame or array
        Areas, or areas x indicators; any unit. NaN is a gap: the area does not count for that
        indicator, and the messages say so. None if ``count`` and ``base`` give the rates.
    groups : Series or array
        Group (municipality) of every area; same areas as ``y``, in any order, none missing. Plain
        arrays, here and below, are taken in the order of the areas.
    weights : Series or DataFrame, optional
        Positive weights for the realised share, usually the indicator's own denominator; a series
        serves all indicators. Without it, ``base`` if given, else every area counts once.
    sampling_variance : Series or DataFrame, optional
        Known variance of each value's estimation error, squared units of ``y``. Without it the
        binomial variance :math:`p(1-p)/n_i` if ``base`` is given, else none is removed.
    permutations : int
        Draws of the free permutation test; 0 leaves ``p_free`` undefined.
    seed : int
        Seed of all draws.
    count, base : Series or DataFrame, optional
        Cases and persons of each rate; ``y`` then is a multiple of ``count / base``. A column
        without any count marks an indicator that is no rate: it keeps its noise. So does one whose
        count or base is missing where ``y`` is known, and the messages say so.
    geometry : GeoSeries or GeoDataFrame, optional
        Polygons of the areas: who touches whom, and where they lie.
    neighbours : mapping or libpysal weights, optional
        Neighbours of each area, instead of ``geometry``. Without any neighbour there is no border result.
    places : DataFrame, optional
        A point in each area (two columns, any unit of length), if ``geometry`` is not given. With
        geometry or places borders are tested against maps without borders (:func:`~.borders.border_null`).
        Neighbours alone tell no distances: then random contiguous partitions take their place, which
        calls borders real too often where areas are small in the middle and large outside, so no
        sentence is made of it.
    contiguous : int, optional
        Number of these partitions; by default ``min(permutations, 999)``.
    partitions : DataFrame, optional
        Such partitions of the same areas, drawn before by :func:`~.partitions.drawn_partitions`; they spare
        the drawing where many sets of indicators are analysed.
    alpha : float
        Level of intervals and of the statements in the sentences.
    ebenen : Kontext or pair of Ebene, optional
        What areas and groups are called; Sozialraum and Kommune by default.

    Returns
    -------
    VarianceResult

    Raises
    ------
    TypeError, ValueError
        For input that does not fit together; see :func:`~.sample.prepare`.

    References
    ----------
    Searle, Casella & McCulloch (1992), *Variance Components*; Viechtbauer (2007), Statistics in
    Medicine 26; Phipson & Smyth (2010), Stat. Appl. Genet. Mol. Biol. 9.
    """
    if not 0 < alpha < 1:
        raise ValueError("alpha must lie between 0 and 1")
    if permutations < 0 or (contiguous is not None and contiguous < 0):
        raise ValueError("the number of draws must not be negative")
    frame, counts, weights, sampling_variance = _with_counts(
        y, index_of(groups), count, base, weights, sampling_variance
    )
    sample = prepare(frame, groups, weights, sampling_variance)
    order = [sample.indicators.get_loc(name) for name in frame.columns]
    free = free_null(sample, permutations, seed)
    lists = neighbour_lists(sample.areas, geometry, neighbours)
    point = _points(geometry, places) if lists is not None and permutations else None
    near = _no_null(len(order))
    if point is not None:
        p, expected = border_null(sample, point)
        near = replace(near, mean=expected, p=p)
    elif lists is not None:
        draws = min(permutations, 999) if contiguous is None else contiguous
        surfaces = Surfaces.of(lists)
        labels = partitions_for(sample.areas, partitions, lists, sample.codes, draws, seed, surfaces)
        near = contiguous_null(sample, labels, surfaces)
    table, found, weighted = _table(sample, free, near, alpha)
    return VarianceResult(
        table=table,
        contributions=_contributions(sample, found, weighted),
        permutations=permutations,
        seed=seed,
        alpha=alpha,
        words=Words.of(ebenen),
        sample=sample,
        counts=counts,
        uncounted=_uncounted(sample, counts, count),
        neighbours=lists,
        placed=point is not None,
    )


def _uncounted(sample: Sample, counts: Counts | None, count: Frame | None) -> tuple[Any, ...]:
    """Indicators that have some counts, but not everywhere they have a value."""
    if not isinstance(count, pd.DataFrame):
        return ()
    given = set(count.columns[count.notna().any()])
    used = set() if counts is None else set(counts.count.columns)
    return tuple(name for name in sample.indicators if name in given - used)


def _points(geometry: Any, places: pd.DataFrame | None) -> pd.DataFrame | None:
    """A point in every area, NaN without a shape."""
    if geometry is None:
        return places
    point = geometry.geometry.representative_point()
    return pd.DataFrame({"x": point.x, "y": point.y}, index=geometry.index)


def _with_counts(
    y: Frame | None,
    index: pd.Index | None,
    count: Frame | None,
    base: Frame | None,
    weights: Frame | None,
    sampling_variance: Frame | None,
) -> tuple[pd.DataFrame, Counts | None, Frame | None, Frame | None]:
    """Rates, weights and noise that follow from cases and persons."""
    if (count is None) != (base is None):
        raise ValueError("count and base belong together")
    if count is None or base is None:
        if y is None:
            raise ValueError("give y, or count and base")
        return as_frame(y, "y", index), None, weights, sampling_variance
    cases, persons = scales.checked_counts(count, base, index)
    frame = cases / persons if y is None else as_frame(y, "y", index)
    if y is not None:
        if not isinstance(y, pd.DataFrame) and cases.shape[1] == 1:
            cases.columns = persons.columns = frame.columns
        if not frame.columns.equals(cases.columns):
            raise ValueError("y and count must have the same indicators")
        cases, persons = cases.reindex(frame.index), persons.reindex(frame.index)
        counted = cases.columns[cases.notna().any()]
        counted = counted[~(frame.notna() & cases.isna())[counted].any().to_numpy()]
        if len(counted) == 0:
            return frame, None, weights, sampling_variance
        if sampling_variance is None:
            noise = scales.noise_like(frame[counted], cases[counted], persons[counted])
            sampling_variance = noise.reindex(columns=frame.columns, fill_value=0.0)
        if weights is None:
            weights = persons[counted].reindex(columns=frame.columns, fill_value=1.0)
        return frame, Counts(cases[counted], persons[counted]), weights, sampling_variance
    if sampling_variance is None:
        sampling_variance = scales.noise_like(frame, cases, persons)
    return frame, Counts(cases, persons), persons if weights is None else weights, sampling_variance


def _no_null(width: int) -> Null:
    empty = np.full(width, np.nan)
    return Null(empty, empty, empty, empty)


def _table(sample: Sample, free: Null, near: Null, alpha: float) -> tuple[pd.DataFrame, Squares, Squares]:
    found = squares(sample)
    weighted = found if sample.weight is None else squares(sample, sample.weight)
    n, groups = found.n.sum(axis=0), (found.n > 0).sum(axis=0)
    defined = (n >= 3) & (groups > 1) & (found.between + found.within > 0)
    estimable = defined & (n > groups)
    msw = ratio(found.within, np.where(estimable, n - groups, 0.0))
    total = found.between + found.within
    excess = found.between - (groups - 1) * msw
    n0 = ratio(n - ratio((found.n**2).sum(axis=0), n), groups - 1)
    raw = ratio(excess, (groups - 1) * n0)
    anova = np.maximum(raw, 0.0)
    between, within = moments(sample)
    low, high = noise_interval(sample, within, alpha)
    point = share(between, within)
    lost = estimable & np.isnan(point)
    low, high = np.where(lost, 0.0, low), np.where(lost, 1.0, high)
    beyond = noise_test(sample)
    reml = profile_icc(sample)
    confirmed = reml if sample.noise is None else share(*known_noise_reml(sample))
    icc = ratio(anova, anova + msw)
    icc_low, icc_high = wald_interval(found, alpha)
    null = ratio(groups - 1.0, np.where(defined, n - 1, 0.0))
    columns = {
        "eta2": found.eta2,
        "eta2_weighted": weighted.eta2,
        "eta2_null": null,
        "eta2_weighted_null": null if sample.weight is None else free.mean_weighted,
        "eta2_contiguous": near.mean,
        "epsilon2": ratio(excess, total),
        "omega2": ratio(excess, total + msw),
        "f": ratio(ratio(found.between, groups - 1.0), msw),
        "icc": icc,
        "icc_reml": reml,
        "icc_ml": profile_icc(sample, restricted=False),
        # with very unequal groups the estimate of the analysis of variance can lie outside
        "icc_low": np.fmin(icc_low, np.where(np.isnan(icc_low), np.nan, icc)),
        "icc_high": np.fmax(icc_high, np.where(np.isnan(icc_high), np.nan, icc)),
        "sigma2_between": between,
        "sigma2_within": within,
        "share_structural": point,
        "share_low": np.fmin(low, np.where(np.isnan(low), np.nan, point)),
        "share_high": np.fmax(high, np.where(np.isnan(high), np.nan, point)),
        "share_reml": confirmed,
        "p_noise": beyond,
        "p_free": free.p,
        "p_contiguous": near.p,
        "p_free_weighted": free.p_weighted,
    }
    table = pd.DataFrame(columns, index=sample.indicators).where(
        pd.Series(defined, sample.indicators), np.nan
    )
    for name in ("free", "free_weighted", "contiguous"):
        table[f"q_{name}"] = false_discovery(table[f"p_{name}"].to_numpy())
    some = n > 0
    table["mean"] = np.where(some, sample.centre, np.nan)
    summed = weighted.weight.sum(axis=0)
    table["mean_weighted"] = sample.centre + ratio((weighted.weight * weighted.mean).sum(axis=0), summed)
    table["n"], table["groups"] = n.astype(int), groups.astype(int)
    table.index.name = "indicator"
    return table, found, weighted


def _contributions(sample: Sample, found: Squares, weighted: Squares) -> pd.DataFrame:
    """What each group adds to the sums of squares; index (indicator, group)."""
    present = found.n > 0
    spread = np.sqrt(ratio(found.ssw, np.where(found.n >= MIN_SPREAD, found.n - 1, 0.0)))
    columns = {
        "n": found.n,
        "weight": weighted.weight,
        "mean": np.where(present, found.mean + sample.centre, np.nan),
        "mean_weighted": np.where(present, weighted.mean + sample.centre, np.nan),
        "ssb": found.ssb,
        "ssw": found.ssw,
        "ssb_weighted": weighted.ssb,
        "ssw_weighted": weighted.ssw,
        "ssb_share": ratio(weighted.ssb, np.broadcast_to(weighted.between, weighted.ssb.shape)),
        "spread": spread,
    }
    index = pd.MultiIndex.from_product([sample.indicators, sample.groups], names=["indicator", "group"])
    return pd.DataFrame({name: array.T.ravel() for name, array in columns.items()}, index=index).astype(
        {"n": int}
    )
