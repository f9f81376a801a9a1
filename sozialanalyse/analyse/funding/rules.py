"""From indicators to a need per area, and from a need to the share of it that a rule grants."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sozialanalyse.analyse.clusters.preparation import checked
from sozialanalyse.analyse.indices.scale import NEEDED, moments
from sozialanalyse.base import DatenFehler, ParameterFehler, text

WINSOR = 3.0
Floats = NDArray[np.float64]


class Rule(Protocol):
    """Turns needs into shares."""

    def share(self, score: pd.Series, previous: pd.Series | None = None) -> pd.Series:
        """Share 0 to 1 per area of what a fully qualified area is granted; NaN where the score is NaN."""

    def begins(self, score: pd.Series, previous: pd.Series | None = None) -> pd.Series:
        """Score per area above which the share is more than 0; NaN where no area has any."""


@dataclass(frozen=True)
class Threshold:
    """All or nothing: in from ``enter`` on; an area that is in already stays until it falls below ``leave``.

    Hysteresis (``leave`` below ``enter``) keeps areas near the limit from going in and out by chance.
    """

    enter: float
    leave: float | None = None

    def __post_init__(self) -> None:
        if not np.isfinite(self.enter) or (self.leave is not None and not self.leave <= self.enter):
            raise ParameterFehler(text("funding.fehler.schwelle", ein=str(self.enter), aus=str(self.leave)))

    def begins(self, score: pd.Series, previous: pd.Series | None = None) -> pd.Series:
        limit = pd.Series(self.enter, index=score.index, dtype=float)
        if previous is None or self.leave is None:
            return limit
        return limit.mask(previous.reindex(score.index).fillna(0).astype(float) > 0, self.leave)

    def share(self, score: pd.Series, previous: pd.Series | None = None) -> pd.Series:
        return (score >= self.begins(score, previous)).astype(float).where(score.notna())


@dataclass(frozen=True)
class Quota:
    """The neediest areas, as many as ``share_of_areas`` of those with a score; ties at the limit all count."""

    share_of_areas: float

    def __post_init__(self) -> None:
        if not 0 < self.share_of_areas <= 1:
            raise ParameterFehler(text("funding.fehler.anteil", wert=str(self.share_of_areas)))

    def share(self, score: pd.Series, previous: pd.Series | None = None) -> pd.Series:
        places = int(np.floor(self.share_of_areas * score.notna().sum() + 1e-9))
        rank = score.rank(ascending=False, method="min")
        return (rank <= places).astype(float).where(score.notna())

    def begins(self, score: pd.Series, previous: pd.Series | None = None) -> pd.Series:
        return pd.Series(score[self.share(score) > 0].min(), index=score.index, dtype=float)


@dataclass(frozen=True)
class Taper:
    """No cliff: the share rises in a straight line from 0 at ``low`` to 1 at ``high``.

    With ``low`` equal to ``high`` it is a threshold.
    """

    low: float
    high: float

    def __post_init__(self) -> None:
        if not self.low <= self.high:
            raise ParameterFehler(text("funding.fehler.rampe", tief=str(self.low), hoch=str(self.high)))

    def share(self, score: pd.Series, previous: pd.Series | None = None) -> pd.Series:
        if self.low == self.high:
            return (score >= self.high).astype(float).where(score.notna())
        return ((score - self.low) / (self.high - self.low)).clip(0.0, 1.0)

    def begins(self, score: pd.Series, previous: pd.Series | None = None) -> pd.Series:
        return pd.Series(self.low, index=score.index, dtype=float)


@dataclass(frozen=True)
class SingleCriterion:
    """One indicator, compared with the region and with the own Kommune, above a least population.

    After the French quartiers prioritaires: an area is in where its value is at least ``limit`` times
    the mean of both references, weighted ``region_weight`` to ``1 - region_weight``. References are
    means over people.
    """

    limit: float
    population: pd.Series
    kommune: pd.Series
    region_weight: float = 0.5
    least_population: float = 0.0

    def __post_init__(self) -> None:
        if not self.limit > 0 or not 0 <= self.region_weight <= 1 or self.least_population < 0:
            raise ParameterFehler(text("funding.fehler.kriterium"))

    def begins(self, score: pd.Series, previous: pd.Series | None = None) -> pd.Series:
        people = self.population.reindex(score.index).astype(float).where(score.notna())
        town = self.kommune.reindex(score.index)
        region = float((score * people).sum() / people.sum()) if people.sum() > 0 else float("nan")
        total = people.groupby(town).transform("sum")
        own = (score * people).groupby(town).transform("sum") / total.where(total > 0)
        return self.limit * (self.region_weight * region + (1 - self.region_weight) * own)

    def share(self, score: pd.Series, previous: pd.Series | None = None) -> pd.Series:
        people = self.population.reindex(score.index).astype(float)
        inside = (score >= self.begins(score)) & (people >= self.least_population)
        return inside.astype(float).where(score.notna())


@dataclass(frozen=True)
class Gates:
    """What an area must hold beside its score, so that no high rate of five persons decides.

    ``least_population`` people and ``least_persons`` persons in need; a number that is unknown does not
    pass. ``least_high`` ingredients of the need at ``high_from`` or more (accumulation).
    """

    least_population: float = 0.0
    least_persons: float = 0.0
    least_high: int = 0
    high_from: float = 0.5

    def reasons(self, z: pd.DataFrame, population: pd.Series, persons: pd.Series) -> pd.Series:
        """Per area the gates it does not pass, in German, joined by ``; ``; empty where it passes all."""
        people = population.reindex(z.index).astype(float)
        cases = persons.reindex(z.index).astype(float)
        high = (z >= self.high_from).sum(axis=1)
        found = {
            "bevoelkerung": ~(people >= self.least_population) & (self.least_population > 0),
            "personen": ~(cases >= self.least_persons) & (self.least_persons > 0),
            "haeufung": high < self.least_high,
        }
        words = {key: text(f"funding.schranke.{key}") for key in found}
        return pd.Series(
            ["; ".join(words[key] for key, flag in found.items() if flag[area]) for area in z.index],
            index=z.index,
            dtype=object,
        )


def need_scores(
    matrix: pd.DataFrame,
    polarity: Mapping[str, float],
    weights: Mapping[str, float] | None = None,
    *,
    population: pd.Series | None = None,
    reference: pd.DataFrame | None = None,
    winsor: float = WINSOR,
) -> tuple[pd.Series, pd.DataFrame]:
    """Mean z-score per area, high = more need.

    Parameters
    ----------
    matrix
        Areas x ingredients in their units, NaN = gap.
    polarity
        Ingredient -> +1 (high = more need) or -1.
    weights
        Ingredient -> weight above 0, default equal.
    population
        Weight of an area in mean and spread; default every area counts once. Only with people as
        weights does splitting an area leave the scores of all others as they are.
    reference
        The matrix whose mean and spread hold, e.g. of the year in which the rule was decided; default
        ``matrix``.
    winsor
        Largest absolute z.

    Returns
    -------
    score : Series
        NaN where less than two thirds of the ingredients are there.
    z : DataFrame
        Areas x ingredients, polarity applied.

    Raises
    ------
    ParameterFehler
        An ingredient without direction, or a weight of 0 or below.
    DatenFehler
        An ingredient that does not vary, or infinite values.
    """
    data = checked(matrix)
    sign = pd.Series(dict(polarity), dtype=float).reindex(data.columns)
    given = dict.fromkeys(data.columns, 1.0) if weights is None else dict(weights)
    weight = pd.Series(given, dtype=float).reindex(data.columns)
    if not sign.isin([1.0, -1.0]).all():
        missing = ", ".join(map(str, sign.index[~sign.isin([1.0, -1.0])]))
        raise ParameterFehler(text("funding.fehler.polung", indikatoren=missing))
    if not (weight > 0).all():
        missing = ", ".join(map(str, weight.index[~(weight > 0)]))
        raise ParameterFehler(text("funding.fehler.gewicht", indikatoren=missing))
    base = data if reference is None else checked(reference).reindex(columns=data.columns)
    scale = scale_of(base, polarity, population)
    z = scale.z(data.to_numpy(float), winsor)
    score = pd.Series(weighted_mean(z, weight.to_numpy(float)), index=data.index)
    return score, pd.DataFrame(z, data.index, data.columns)


@dataclass(frozen=True)
class Scale:
    """Direction, mean and spread per ingredient."""

    sign: Floats
    mean: Floats
    spread: Floats

    def z(self, values: Floats, winsor: float) -> Floats:
        """z-scores, high = more need, cut at ``winsor``."""
        return np.clip(self.sign * (values - self.mean) / self.spread, -winsor, winsor)


def scale_of(base: pd.DataFrame, polarity: Mapping[str, float], population: pd.Series | None) -> Scale:
    """Scale of a matrix; every ingredient must vary."""
    people = None if population is None else population.reindex(base.index).astype(float)
    parts = [moments(base[name], people) for name in base.columns]
    flat = [str(name) for name, (_, spread) in zip(base.columns, parts, strict=True) if not spread > 0]
    if flat:
        raise DatenFehler(text("funding.fehler.konstant", indikatoren=", ".join(flat)))
    sign = np.array([float(polarity[name]) for name in base.columns])
    return Scale(sign, np.array([m for m, _ in parts]), np.array([s for _, s in parts]))


def weighted_mean(z: Floats, weight: Floats) -> Floats:
    """Weighted mean of the z at hand per area; NaN below two thirds of the ingredients."""
    there = ~np.isnan(z)
    total = there @ weight
    enough = there.mean(axis=1) >= NEEDED - 1e-9
    mean = np.nansum(z * weight, axis=1) / np.where(total > 0, total, 1.0)
    return np.where(enough & (total > 0), mean, np.nan)
