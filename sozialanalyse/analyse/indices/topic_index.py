"""``topic_index``: several indicators of one topic become one figure per area."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from typing import Literal

import numpy as np
import pandas as pd

from sozialanalyse.analyse.clusters.preparation import checked
from sozialanalyse.analyse.indices.index_result import Base, IndexResult
from sozialanalyse.analyse.indices.scale import classes_of, combine, limits_of, moments
from sozialanalyse.analyse.indices.sensitivity import cronbach_alpha, first_component, redundant_pairs
from sozialanalyse.analyse.indices.uncertainty import uncertainty_of
from sozialanalyse.base import DatenFehler, ParameterFehler, text, zahl

SEED = 20240613
WINSOR = 3.0
COHERENT = 0.5


def topic_index(
    matrix: pd.DataFrame,
    polarity: pd.Series | Mapping[str, float],
    *,
    weights: pd.Series | Mapping[str, float] | None = None,
    required: Sequence[str] = (),
    population: pd.Series | Mapping[Hashable, float] | None = None,
    base_year: Base | pd.DataFrame | None = None,
    classes: Literal["sd", "quintile", "jenks"] | Sequence[float] = "sd",
    winsor: float = WINSOR,
    count: pd.DataFrame | None = None,
    base: pd.DataFrame | None = None,
    draws: int = 1_000,
    seed: int = SEED,
) -> IndexResult:
    """Combine indicators of one topic into an index, high = more need.

    Parameters
    ----------
    matrix
        Areas x ingredients, in their units, NaN = gap.
    polarity
        Ingredient -> +1 (high = more need) or -1; every column needs one.
    weights
        Ingredient -> weight, default equal.
    required
        Ingredients without which an area gets no index.
    population
        Weight per area for mean and spread ("resident view"); default every area counts once.
    base_year
        :class:`Base` of an earlier result or the matrix of the base year; mean, spread and class
        limits stay fixed, so that a change of the index is a change of the area.
    classes
        ``sd``: limits at -1, -0.5, 0.5, 1 and 1.5 standard deviations; ``quintile``;
        ``jenks`` (five natural breaks); or limits on the scale of ``wert``. Right-closed, and fixed by
        the base year.
    winsor
        Largest absolute z; values cut are counted in a message.
    count, base
        Cases and people at risk per ingredient, for the uncertainty of small counts.
    draws
        Binomial redraws.

    Returns
    -------
    IndexResult

    Raises
    ------
    ParameterFehler
        A missing direction, a weight of zero or below, an unknown required ingredient or class rule.
    DatenFehler
        An ingredient that is constant or empty in the base year, or not numeric.

    Notes
    -----
    z = p (r - mean) / sd with population standard deviation (ddof 0); I = sum w z / sum w over the
    ingredients at hand, if at least two thirds of them and all required ones are there;
    T = 100 + 10 (I - mean) / sd. Registers are complete counts: the range describes the random
    variation of small counts, not a sampling error.
    """
    data = checked(matrix)
    sign = pd.Series(polarity, dtype=float).reindex(data.columns)
    if not sign.isin([1.0, -1.0]).all():
        bad = ", ".join(str(name) for name in sign.index[~sign.isin([1.0, -1.0])])
        raise ParameterFehler(text("indices.fehler.polung", indikatoren=bad))
    weight = pd.Series(1.0, index=data.columns) if weights is None else pd.Series(weights, dtype=float)
    weight = weight.reindex(data.columns)
    missing = [name for name in required if name not in data.columns]
    if not (weight > 0).all() or missing:
        raise ParameterFehler(text("indices.fehler.gewicht", pflicht=", ".join(missing) or "-"))
    weight = weight / weight.sum()
    people = None if population is None else pd.Series(population, dtype=float).reindex(data.index)
    messages: list[str] = []
    fixed = _base(data, sign, weight, required, people, base_year, winsor, classes)
    flat = [str(name) for name in data.columns if not fixed.sd[name] > 0]
    if flat:
        raise DatenFehler(text("indices.fehler.konstant", indikatoren=", ".join(flat)))
    free = sign * (data - fixed.mean) / fixed.sd
    z = free.clip(-winsor, winsor)
    cut = int((free.abs() > winsor).sum().sum())
    if cut:
        messages.append(text("indices.hinweis.gekappt", anzahl=str(cut), grenze=zahl(winsor, 2)))
    raw = combine(z, weight, required)
    value = 100 + 10 * (raw - fixed.index_mean) / fixed.index_sd
    limits = fixed.limits
    out = int(raw.isna().sum())
    if out:
        messages.append(text("indices.hinweis.nicht_berechnet", anzahl=str(out)))
    redundant = redundant_pairs(z)
    messages += [
        text("indices.hinweis.redundant", eins=row["eins"], zwei=row["zwei"], r=zahl(row["r"], 2))
        for row in redundant.to_dict("records")
    ]
    component = first_component(z)
    if component.explained < COHERENT:
        messages.append(text("indices.hinweis.mehrdimensional", anteil=zahl(100 * component.explained)))
    table = pd.DataFrame(
        {
            "wert": value,
            "roh": raw,
            "perzentil": 100 * value.rank(pct=True),
            "rang": value.rank(ascending=False, method="min").astype("Int64"),
            "klasse": classes_of(value, limits),
            "zutaten": z.notna().sum(axis=1),
            "status": np.where(raw.isna(), "nicht berechnet", "berechnet"),
        },
        index=matrix.index,
    )
    uncertainty = None
    if count is not None and base is not None:
        uncertainty = uncertainty_of(
            data, sign, weight, required, fixed, winsor, table, count, base, draws, seed
        )
    return IndexResult(
        table,
        z,
        weight,
        limits,
        uncertainty,
        fixed,
        cronbach_alpha(z),
        redundant,
        component,
        tuple(messages),
    )


def _base(
    data: pd.DataFrame,
    sign: pd.Series,
    weight: pd.Series,
    required: Sequence[str],
    people: pd.Series | None,
    base_year: Base | pd.DataFrame | None,
    winsor: float,
    classes: str | Sequence[float],
) -> Base:
    """Mean and spread of ingredients and index in the base year (the data, unless given)."""
    if isinstance(base_year, Base):
        return base_year
    if isinstance(base_year, pd.DataFrame):
        data = _past(base_year, list(data.columns))
        people = None if people is None else people.reindex(data.index)
    parts = {name: moments(data[name], people) for name in data.columns}
    mean = pd.Series({name: m for name, (m, _) in parts.items()}, dtype=float)
    sd = pd.Series({name: s for name, (_, s) in parts.items()}, dtype=float)
    z = (sign * (data - mean) / sd.where(sd > 0)).clip(-winsor, winsor)
    raw = combine(z, weight, required)
    centre, spread = moments(raw, people)
    spread = spread if spread > 0 else 1.0
    return Base(mean, sd, centre, spread, limits_of(100 + 10 * (raw - centre) / spread, classes))


def _past(base_year: pd.DataFrame, names: list[Hashable]) -> pd.DataFrame:
    """Ingredients in the base year."""
    lacking = [str(name) for name in names if name not in base_year.columns]
    if lacking:
        raise DatenFehler(text("indices.fehler.konstant", indikatoren=", ".join(lacking)))
    return checked(base_year)[names]
