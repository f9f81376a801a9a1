"""From shares to claims on a budget: persons in need, two factors, rank points."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from sozialanalyse.base import ParameterFehler, text


def units(
    persons: pd.Series,
    share: pd.Series,
    score: pd.Series | None = None,
    *,
    alpha: float = 0.0,
    above: float = 0.0,
    most: float = 2.0,
) -> pd.Series:
    """Claim per area: persons in need x share x strength.

    Strength is :math:`1 + \\alpha (z - c)_+`, at most ``most``; with ``alpha`` 0 every person counts alike.

    Parameters
    ----------
    persons
        Persons of the target group in need (children in Mindestsicherung, not all children).
    share
        Share 0 to 1 that the rule grants.
    score, alpha, above, most
        Need, weight of its height above ``above``, largest strength.

    Returns
    -------
    Series
        0 where the share is 0; NaN where the share or the persons are unknown.
    """
    cases = _counts(persons, share.index)
    strength = pd.Series(1.0, index=share.index)
    if alpha and score is not None:
        strength = (1 + alpha * (score.reindex(share.index) - above).clip(lower=0)).clip(upper=most)
    return (cases * share * strength).where(share != 0, 0.0)


def two_factor_units(people: pd.Series, persons: pd.Series, weight: float) -> pd.Series:
    """Claim without a threshold: ``weight`` by persons in need, the rest by all people of the target group.

    As the Sozialraumbudget of Rheinland-Pfalz (§ 25 (5) KiTaG) divides by children and by children in
    Bedarfsgemeinschaften. Sums to 1 over areas with both numbers.
    """
    if not 0 <= weight <= 1:
        raise ParameterFehler(text("funding.fehler.anteil", wert=str(weight)))
    everyone, cases = _counts(people, people.index), _counts(persons, people.index)
    both = everyone.notna() & cases.notna()
    everyone, cases = everyone.where(both), cases.where(both)
    parts = [(1 - weight, everyone), (weight, cases)]
    return sum((w * part / part.sum() for w, part in parts if part.sum() > 0), start=0 * everyone)


def rank_points(
    groups: pd.DataFrame, rates: pd.DataFrame, weights: Mapping[str, float] | None = None
) -> pd.Series:
    """Jugendeinwohnerwert: people of a group x points 0 to 100 by the rank of its rate, weighted sum.

    Points are 100 (rank - 1) / (n - 1), ties share their mean; a single area has 0. Ranks lose distances
    (ISA Münster; Hamburg-Nord uses four groups of equal weight).

    Parameters
    ----------
    groups, rates
        Areas x sub-indices: people of the target group and the rate that ranks it.
    weights
        Per sub-index, default equal; made to sum to 1.
    """
    names = list(groups.columns)
    given = dict.fromkeys(names, 1.0) if weights is None else dict(weights)
    weight = pd.Series(given, dtype=float).reindex(names)
    if not (weight >= 0).all() or not weight.sum() > 0 or list(rates.columns) != names:
        raise ParameterFehler(text("funding.fehler.gewicht", indikatoren=", ".join(map(str, names))))
    rank = rates.rank(method="average")
    known = rates.notna().sum()
    points = 100 * (rank - 1) / (known - 1).where(known > 1, np.inf)
    value = groups * points * (weight / weight.sum())
    return value.sum(axis=1, skipna=False)


def _counts(values: pd.Series, areas: pd.Index) -> pd.Series:
    found = values.reindex(areas).astype(float)
    if (found < 0).any() or np.isinf(found).any():
        raise ParameterFehler(text("funding.fehler.personen", name=str(values.name or "")))
    return found
