"""Compositions as a whole: segregation indices M and H, and dissimilarity without its noise."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy import special

from .components import ratio
from .nulls import free_draws, group_sums
from .sample import SEED, Floats, Frame, Groups, as_frame, group_series, index_of, membership, one_column
from .scales import checked_counts


@dataclass(frozen=True, eq=False)
class Segregation:
    """M and H of a composition, split exactly.

    Attributes
    ----------
    m, m_between, m_within
        Mutual information of area and category in nats; between + within = total.
    h, h_between, h_within
        The same divided by the entropy of the categories, 0 (even) to 1 (separate).
    share_between, share_null, p
        Part of the groups, its expectation and p value if areas exchange their groups.
    groups : DataFrame
        Per group ``population_share``, ``entropy``, ``m`` inside, ``between`` and ``within``
        contributions to M.
    """

    m: float
    m_between: float
    m_within: float
    h: float
    h_between: float
    h_within: float
    share_between: float
    share_null: float
    p: float
    groups: pd.DataFrame


def segregation_m_h(
    compositions: Frame, groups: Groups, *, permutations: int = 999, seed: int = SEED
) -> Segregation:
    r"""How unevenly categories (age, origin, household type) live, between and inside municipalities.

    :math:`M = \sum_i p_i \sum_c p_{c|i} \ln\frac{p_{c|i}}{p_c} = M_{between} + \sum_j P_j M_j` and
    :math:`H = M/E`, E the entropy of the categories (Theil 1972; Mora & Ruiz-Castillo 2011; Elbers
    2023). One number for the whole composition, since its categories are not independent findings.

    Parameters
    ----------
    compositions : DataFrame
        Areas x categories, counts of persons, not negative; areas with a gap or without persons
        take no part.
    groups : Series
        Group of every area.

    Returns
    -------
    Segregation

    Raises
    ------
    ValueError
        For negative counts or fewer than two categories.
    """
    frame = as_frame(compositions, "compositions", index_of(groups))
    labels = group_series(groups, frame.index)
    if (frame < 0).to_numpy().any():
        raise ValueError("counts must not be negative")
    if frame.shape[1] < 2:
        raise ValueError("a composition has at least two categories")
    use = frame.notna().all(axis=1) & (frame.sum(axis=1) > 0)
    frame = frame.loc[use].sort_index(key=lambda index: index.astype(str))
    codes, names = pd.factorize(labels.loc[frame.index])
    counts = frame.to_numpy()
    member = membership(codes, len(names))
    people, everyone = counts.sum(axis=1), counts.sum()
    by_group = member @ counts
    overall = counts.sum(axis=0) / everyone
    entropy = float(special.entr(overall).sum())

    def information(table: Floats, reference: Floats) -> Floats:
        part = ratio(table, table.sum(axis=1, keepdims=True))
        return special.rel_entr(part, reference).sum(axis=1)

    population = by_group.sum(axis=1) / everyone
    between = population * information(by_group, overall)
    group_part = ratio(by_group, by_group.sum(axis=1, keepdims=True))
    inside = information(counts, group_part[codes])
    within = np.bincount(codes, people * inside, minlength=len(names)) / everyone
    total = float((people * information(counts, overall)).sum() / everyone)
    share = float(between.sum()) / total if total > 1e-15 else np.nan
    above = drawn = 0
    summed = 0.0
    for drawn_labels in free_draws(codes, permutations if total > 1e-15 else 0, seed):
        sums = group_sums(counts, drawn_labels, len(names))
        part = sums / sums.sum(axis=2, keepdims=True)
        null = (sums.sum(axis=2) / everyone * special.rel_entr(part, overall).sum(axis=2)).sum(axis=1) / total
        above += int((null >= share - 1e-10).sum())
        drawn, summed = drawn + len(drawn_labels), summed + float(null.sum())
    h = (lambda value: value / entropy) if entropy > 0 else (lambda value: np.nan)
    return Segregation(
        m=total,
        m_between=float(between.sum()),
        m_within=float(within.sum()),
        h=h(total),
        h_between=h(float(between.sum())),
        h_within=h(float(within.sum())),
        share_between=share,
        share_null=summed / drawn if drawn else np.nan,
        p=(1 + above) / (1 + drawn) if drawn else np.nan,
        groups=pd.DataFrame(
            {
                "population_share": population,
                "entropy": special.entr(group_part).sum(axis=1),
                "m": within / population,
                "between": between,
                "within": within,
            },
            index=pd.Index(names, name="group"),
        ),
    )


def dissimilarity(
    count: Frame,
    base: Frame,
    groups: Groups | None = None,
    *,
    draws: int = 999,
    seed: int = SEED,
) -> pd.Series[Any]:
    r"""Dissimilaritätsindex: wie ungleich sich Gruppen verteilen.

    Index of dissimilarity :math:`D = \tfrac12\sum|y_i/Y - (n_i-y_i)/(N-Y)|`, noise removed.

    With small counts D is positive even when everyone lives evenly. ``corrected`` :math:`= 2D -
    \bar D^*` with parametric bootstrap draws :math:`y_i^* \sim Bin(n_i, y_i/n_i)` (Allen, Burgess,
    Davidson & Windmeijer 2015); ``adjusted`` :math:`= (D - D_0)/(1 - D_0)` with the mean under even
    distribution :math:`y_i^* \sim Bin(n_i, Y/N)` (Carrington & Troske 1997); both cut at 0.

    Parameters
    ----------
    count, base : Series
        Members of the group and all persons per area; gaps take no part.
    groups : Series, optional
        Municipality of every area; adds ``between``, the D of the municipalities.

    Returns
    -------
    Series
        ``d``, ``expected`` (under even distribution), ``adjusted``, ``corrected``, ``between``.
    """
    cases, persons = checked_counts(one_column(count, "y", groups), one_column(base, "y", groups))
    known = cases["y"].notna()
    y, n = cases["y"][known].to_numpy(), persons["y"][known].to_numpy()
    rng = np.random.default_rng(seed)
    if not len(y) or y.sum() in (0, n.sum()):
        return pd.Series(np.nan, index=["d", "expected", "adjusted", "corrected", "between"])

    def index(part: Floats, whole: Floats) -> Floats:
        rest = whole - part
        left = part / np.maximum(part.sum(axis=-1, keepdims=True), 1)
        return 0.5 * np.abs(left - rest / np.maximum(rest.sum(axis=-1, keepdims=True), 1)).sum(axis=-1)

    d = float(index(y, n))
    size = (draws, len(n))
    whole = n.round().astype(int)
    expected = float(np.mean(index(rng.binomial(whole, y.sum() / n.sum(), size), n)))
    redrawn = float(np.mean(index(rng.binomial(whole, y / n, size), n)))
    between = np.nan
    if groups is not None:
        codes, _ = pd.factorize(group_series(groups, cases.index)[known])
        between = float(index(np.bincount(codes, y), np.bincount(codes, n)))
    return pd.Series(
        {
            "d": d,
            "expected": expected,
            "adjusted": max(0.0, (d - expected) / (1 - expected)),
            "corrected": max(0.0, 2 * d - redrawn),
            "between": between,
        },
        name=getattr(count, "name", None),
    )
