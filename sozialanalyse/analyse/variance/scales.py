"""Counts become rates with a known sampling variance, on the scale of rates or of chances."""

from __future__ import annotations

import numpy as np
import pandas as pd

from sozialanalyse.analyse._threads import single_threaded

from .components import moments, share
from .sample import Frame, Groups, aligned, as_frame, index_of, prepare

_TOLERANCE = 0.05


def checked_counts(
    count: Frame, base: Frame, index: pd.Index | None = None
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Cases and persons as frames of equal shape; a gap in one is a gap in both.

    Raises
    ------
    ValueError
        If a count is negative or exceeds its base, or a base is not positive.
    """
    cases = as_frame(count, "count", index)
    persons = aligned(base, cases, "base")
    known = cases.notna() & persons.notna() & ~((persons == 0) & (cases == 0))
    cases, persons = cases.where(known), persons.where(known)
    if ((cases < 0) | (cases > persons)).to_numpy().any():
        raise ValueError("count must lie between 0 and base")
    return cases, persons


def binomial_noise(cases: pd.DataFrame, persons: pd.DataFrame) -> pd.DataFrame:
    r"""Sampling variance :math:`p(1-p)/n_i` of rates with the pooled :math:`p = \sum y/\sum n`.

    Never with the rate of the area itself: that would claim certainty for every area without cases.
    """
    p = cases.sum() / persons.sum().where(persons.sum() > 0)
    return (p * (1 - p)) / persons


def logit_values(cases: pd.DataFrame, persons: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    r"""Empirical logit :math:`\ln((y+\tfrac12)/(n-y+\tfrac12))` and its variance :math:`1/(n p(1-p))`."""
    p = cases.sum() / persons.sum().where(persons.sum() > 0)
    spread = (p * (1 - p)).where(lambda value: value > 0, 0.25)
    odds = (cases + 0.5) / (persons - cases + 0.5)
    return odds.apply(np.log), 1 / (persons * spread)


@single_threaded
def logit_check(count: Frame, base: Frame, groups: Groups) -> pd.DataFrame:
    """Structural share between groups on the scale of rates and on that of chances (logit).

    Parameters
    ----------
    count, base
        Cases and persons, areas or areas x indicators.
    groups
        Group of every area.

    Returns
    -------
    DataFrame
        One row per indicator: ``rate``, ``logit`` (shares, 0 to 1), ``difference`` (logit - rate),
        ``skewness`` of the rates, and ``flag``: the two differ by more than 0.10.
    """
    cases, persons = checked_counts(count, base, index_of(groups))
    rates = cases / persons
    on_rate = share(*moments(prepare(rates, groups, None, binomial_noise(cases, persons))))
    y, noise = logit_values(cases, persons)
    on_logit = share(*moments(prepare(y, groups, None, noise)))
    return pd.DataFrame(
        {
            "rate": on_rate,
            "logit": on_logit,
            "difference": on_logit - on_rate,
            "skewness": rates.skew().to_numpy(),
            "flag": np.abs(on_logit - on_rate) > 0.10,
        },
        index=cases.columns,
    )


def noise_like(y: pd.DataFrame, cases: pd.DataFrame, persons: pd.DataFrame) -> pd.DataFrame:
    """Binomial sampling variance in the unit of ``y``, which is a multiple of the rates.

    Raises
    ------
    ValueError
        If an indicator is not its count divided by its base (up to a factor such as 100).
    """
    rates = (cases / persons).where(y.notna())
    # without a single case any factor will do: values and noise are 0
    factor = (y.where(rates.notna()).sum() / rates.sum().where(rates.sum() > 0)).fillna(1.0)
    apart = (y - rates * factor).abs().max() > _TOLERANCE * y.abs().max()
    if apart.any():
        raise ValueError(f"y is not count / base for {list(apart.index[apart])}")
    return binomial_noise(cases, persons) * factor**2
