"""Empirical Bayes rates: small areas borrow strength, without shooting past the mean."""

from __future__ import annotations

import numpy as np
import pandas as pd

from .components import moments, ratio
from .sample import Floats, Frame, Groups, index_of, membership, prepare
from .scales import binomial_noise, checked_counts


def empirical_bayes(count: Frame, base: Frame, groups: Groups | None = None) -> Frame:
    r"""Glättet Quoten kleiner Gebiete.

    Rates shrunk towards the mean of the region or of the municipality.

    Global (Marshall 1991): :math:`m = \sum y/\sum n`, :math:`s^2 = \sum n_i (r_i-m)^2/\sum n_i`,
    :math:`a = \max(0, s^2 - m/\bar n)`, :math:`\tilde r_i = m + \frac{a}{a+m/n_i}(r_i-m)`. Clipped at
    0: where the rates vary less than chance, every area gets the mean.

    With ``groups`` the areas are shrunk towards the rate :math:`m_j` of their municipality if
    municipalities differ at all (structural variance between them above 0), else towards :math:`m`;
    the variance is then that inside municipalities, :math:`a = \max(0, [\sum n_i(r_i-m_j)^2 -
    \sum_j (N_j-1) m_j] / \sum_j (n_{+j} - \sum_i n_i^2/n_{+j}))`.

    For maps and comparisons of single areas; never for variance components, which would be shrunk
    twice.

    Parameters
    ----------
    count, base : Series or DataFrame
        Cases and persons per area (or areas x indicators); a base of 0 without cases is a gap.
    groups : Series, optional
        Municipality of every area.

    Returns
    -------
    Series or DataFrame
        Rates between 0 and 1, same index; missing where count or base is.

    Raises
    ------
    ValueError
        If a count is negative or exceeds its base, or the indexes differ.
    """
    cases, persons = checked_counts(count, base, index_of(groups))
    n, y = persons.fillna(0.0).to_numpy(), cases.fillna(0.0).to_numpy()
    known = n > 0
    r = ratio(y, n)
    overall = ratio(y.sum(axis=0), n.sum(axis=0))
    target = np.broadcast_to(overall, r.shape)
    variance = _global(n, r, known, overall)
    if groups is not None:
        inner_target, inner, differ = _grouped(cases, persons, groups)
        target = np.where(differ, inner_target, target)
        variance = np.where(differ, inner, variance)
    chance = ratio(np.broadcast_to(target, r.shape), n)
    kept = ratio(np.broadcast_to(variance, r.shape), variance + np.where(known, chance, 1.0))
    kept = np.where(known & np.isnan(kept), 0.0, kept)
    smooth = pd.DataFrame(np.where(known, target + kept * (r - target), np.nan), cases.index, cases.columns)
    if isinstance(count, pd.DataFrame) or np.ndim(count) == 2:
        return smooth
    return pd.Series(smooth.iloc[:, 0], name=getattr(count, "name", None))


def _global(n: Floats, r: Floats, known: Floats, mean: Floats) -> Floats:
    spread = ratio((n * np.where(known, r - mean, 0.0) ** 2).sum(axis=0), n.sum(axis=0))
    return np.maximum(spread - mean * ratio(known.sum(axis=0), n.sum(axis=0)), 0.0)


def _grouped(cases: pd.DataFrame, persons: pd.DataFrame, groups: Groups) -> tuple[Floats, Floats, Floats]:
    """Group rates per area, variance inside groups, and whether groups differ at all."""
    rates = cases / persons
    sample = prepare(rates, groups, None, binomial_noise(cases, persons))
    between, _ = moments(sample)
    codes = pd.Series(sample.codes, index=sample.areas).loc[cases.index].to_numpy()
    member = membership(codes, len(sample.groups))
    n, y = persons.fillna(0.0).to_numpy(), cases.fillna(0.0).to_numpy()
    people = member @ n
    own = ratio(member @ y, people)
    target = own[codes]
    rest = (n * np.where(n > 0, rates.to_numpy() - target, 0.0) ** 2).sum(axis=0)
    areas = member @ (n > 0).astype(float)
    chance = (np.maximum(areas - 1, 0) * np.nan_to_num(own)).sum(axis=0)
    size = (people - np.nan_to_num(ratio(member @ n**2, people))).sum(axis=0)
    inner = np.nan_to_num(np.maximum(ratio(rest - chance, size), 0.0))
    return target, inner, np.nan_to_num(between) > 0
