"""Inequality between areas: Theil index and mean logarithmic deviation, exactly decomposed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy import special

from .components import ratio
from .nulls import free_draws, group_sums
from .sample import SEED, Floats, Frame, Groups, Sample, as_frame, index_of, prepare
from .wording import Ebenen, Words


@dataclass(frozen=True, eq=False)
class Inequality:
    """Decomposed inequality.

    Attributes
    ----------
    table : DataFrame
        One row per indicator: ``total`` = ``between`` + ``within``, ``share_between``, its
        expectation ``share_null`` and ``p`` under free labels, ``n``, ``groups``.
    contributions : DataFrame
        Index (indicator, group): ``population_share``, ``amount_share``, ``index`` inside the
        group, ``between`` and ``within``, which sum to the table.
    messages : tuple of str
        When the measure must not be compared or is undefined.
    """

    table: pd.DataFrame
    contributions: pd.DataFrame
    messages: tuple[str, ...]

    def __getitem__(self, column: str) -> Any:
        """Column of the table, a number if there is only one indicator."""
        found = self.table[column]
        return found.iloc[0] if len(found) == 1 else found

    @property
    def total(self) -> Any:
        """Inequality between all areas."""
        return self["total"]

    @property
    def between(self) -> Any:
        """Part between groups."""
        return self["between"]

    @property
    def within(self) -> Any:
        """Part inside groups."""
        return self["within"]


def theil(
    y: Frame,
    groups: Groups,
    weights: Frame | None = None,
    *,
    permutations: int = 999,
    seed: int = SEED,
    ebenen: Ebenen | None = None,
) -> Inequality:
    r"""Theil-Index der Ungleichheit, zerlegt nach Gruppen.

    Theil's T with population weights, exactly split into between and within groups.

    With population shares :math:`p_i` and mean :math:`\mu`, :math:`T = \sum p_i \frac{y_i}{\mu}
    \ln\frac{y_i}{\mu} = \sum_j P_j\frac{\mu_j}{\mu}\ln\frac{\mu_j}{\mu} + \sum_j P_j\frac{\mu_j}{\mu}
    T_j` (Theil 1967; Shorrocks 1980). A value of 0 contributes 0.

    Parameters
    ----------
    y : Series or DataFrame
        Values per person (income, a rate) on a ratio scale, not negative; NaN is a gap.
    groups : Series
        Group of every area.
    weights : Series or DataFrame, optional
        Persons; equal by default.
    permutations, seed
        Draws for ``share_null`` and ``p``; 0 leaves them missing.

    Returns
    -------
    Inequality

    Raises
    ------
    ValueError
        If a value is negative.
    """
    return _decomposed(y, groups, weights, permutations, seed, Words.of(ebenen), _theil_term, amounts=True)


def mld(
    y: Frame,
    groups: Groups,
    weights: Frame | None = None,
    *,
    permutations: int = 999,
    seed: int = SEED,
    ebenen: Ebenen | None = None,
) -> Inequality:
    r"""Mittlere logarithmische Abweichung, zerlegt nach Gruppen.

    Mean logarithmic deviation with population weights, exactly split between and within groups.

    :math:`L = \sum p_i \ln\frac{\mu}{y_i} = \sum_j P_j\ln\frac{\mu}{\mu_j} + \sum_j P_j L_j`
    (Shorrocks 1980). Undefined (missing, with a message) where a value is 0.

    Parameters and result as for :func:`theil`.
    """
    return _decomposed(y, groups, weights, permutations, seed, Words.of(ebenen), _mld_term, amounts=False)


def _theil_term(relative: Floats) -> Floats:
    return special.xlogy(relative, relative)


def _mld_term(relative: Floats) -> Floats:
    return -np.log(relative)


def _decomposed(
    y: Frame,
    groups: Groups,
    weights: Frame | None,
    permutations: int,
    seed: int,
    words: Words,
    term: Callable[[Floats], Floats],
    *,
    amounts: bool,
) -> Inequality:
    frame = as_frame(y, "y", index_of(groups)).copy()
    if (frame < 0).to_numpy().any():
        raise ValueError("values must not be negative")
    messages = [words.say("hinweis.polaritaet")]
    if not amounts:
        zero = frame.columns[(frame == 0).any()]
        messages += [words.say("hinweis.nullen", label=str(name)) for name in zero]
        frame[zero] = np.nan
    sample = prepare(frame, groups, weights, None)
    values = np.where(sample.known, np.maximum(sample.x + sample.centre, 0.0), 1.0)
    w = sample.known.astype(float) if sample.weight is None else sample.weight
    member = sample.member
    people, amount = member @ w, member @ (w * values)
    everyone, everything = people.sum(axis=0), amount.sum(axis=0)
    mean, group_mean = _or_one(ratio(everything, everyone)), _or_one(ratio(amount, people))
    population, portion = ratio(people, everyone), ratio(amount, everything)
    own = ratio(member @ (w * term(values / group_mean[sample.codes])), people)
    relative = np.where(people > 0, ratio(amount, people), 1.0) / mean
    between = np.where(people > 0, population * term(_or_one(relative, amounts)), 0.0)
    within = np.where(people > 0, (portion if amounts else population) * own, 0.0)
    undefined = ~(everything > 0)
    total = ratio((w * term(values / mean)).sum(axis=0), np.where(undefined, 0.0, everyone))
    sums = {
        name: np.where(undefined, np.nan, a.sum(axis=0))
        for name, a in (("between", between), ("within", within))
    }
    share = ratio(sums["between"], np.where(total > 1e-15, total, 0.0))
    null, p = _null(sample, values, w, share, total, term, permutations, seed)
    table = pd.DataFrame(
        {
            "total": total,
            **sums,
            "share_between": share,
            "share_null": null,
            "p": p,
            "n": sample.known.sum(axis=0),
            "groups": (people > 0).sum(axis=0),
        },
        index=pd.Index(sample.indicators, name="indicator"),
    )
    index = pd.MultiIndex.from_product([sample.indicators, sample.groups], names=["indicator", "group"])
    columns = {
        "population_share": population,
        "amount_share": portion,
        "index": own,
        "between": between,
        "within": within,
    }
    contributions = pd.DataFrame({name: a.T.ravel() for name, a in columns.items()}, index=index)
    return Inequality(table, contributions, tuple(messages))


def _or_one(a: Floats, zero_allowed: bool = False) -> Floats:
    """1 in place of what is missing or (unless allowed) zero."""
    return np.where((a > 0) | (zero_allowed & (a == 0)), a, 1.0)


def _null(
    sample: Sample,
    values: Floats,
    w: Floats,
    observed: Floats,
    total: Floats,
    term: Callable[[Floats], Floats],
    permutations: int,
    seed: int,
) -> tuple[Floats, Floats]:
    width = values.shape[1]
    null, p = np.full(width, np.nan), np.full(width, np.nan)
    for rows, columns in sample.patterns() if permutations else ():
        use = columns[~np.isnan(observed[columns])]
        if len(rows) < 3 or not len(use):
            continue
        people, amount = w[np.ix_(rows, use)], (w * values)[np.ix_(rows, use)]
        table = np.hstack([people, amount])
        mean, all_people = amount.sum(axis=0) / people.sum(axis=0), people.sum(axis=0)
        codes = np.unique(sample.codes[rows], return_inverse=True)[1]
        above, summed = np.zeros(len(use)), np.zeros(len(use))
        for labels in free_draws(codes, permutations, seed):
            sums = group_sums(table, labels, int(codes.max()) + 1)
            drawn_people, drawn_amount = sums[:, :, : len(use)], sums[:, :, len(use) :]
            relative = drawn_amount / drawn_people / mean
            share = (drawn_people / all_people * term(relative)).sum(axis=1) / total[use]
            above += (share >= observed[use] - 1e-10).sum(axis=0)
            summed += share.sum(axis=0)
        null[use], p[use] = summed / permutations, (1 + above) / (1 + permutations)
    return null, p
