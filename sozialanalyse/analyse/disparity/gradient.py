"""Gap between the neediest and the least needy areas: slope and relative index of inequality."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats

from sozialanalyse.analyse.disparity.noise import Floats, aligned, level_of, page, standard_error
from sozialanalyse.base import DatenFehler, Ergebnis, text, zahl

FIFTHS = 5
FEWEST = 5
"""With fewer areas than that there is no gradient."""


@dataclass(frozen=True, repr=False)
class GradientResult(Ergebnis):
    """How values change from the least needy to the neediest people of a region.

    Attributes
    ----------
    table
        One row per indicator: ``sii`` slope index (unit of the indicator: fitted value at the neediest
        end minus the least needy end), ``sii_low, sii_high``, ``p`` two-sided of no slope; ``rii`` relative index (fitted value at
        the neediest end over that at the least needy end), ``rii_low, rii_high``; ``oben`` and ``unten``
        mean of the neediest and of the least needy fifth of people, ``abstand`` their difference with
        ``abstand_low, abstand_high``; ``gebiete``. Limits are NaN where the random variation is not
        known; ``rii`` is NaN where the least needy end is not above zero.
    fifths
        Indicators x fifths of need (1 = least needy), means weighted by people.
    level
        Confidence level of all intervals.
    """

    table: pd.DataFrame
    fifths: pd.DataFrame
    level: float

    def summary(self, indicator: object | None = None, name: str | None = None, unit: str = "") -> str:
        """One German sentence about an indicator (default: the first)."""
        key = self.table.index[0] if indicator is None else indicator
        row = self.table.loc[key]
        values = {
            "name": str(name or key),
            "oben": zahl(row["oben"], 1, fehlt="–"),
            "unten": zahl(row["unten"], 1, fehlt="–"),
            "sii": zahl(row["sii"], 1, fehlt="–"),
            "tief": zahl(row["sii_low"], 1, fehlt="–"),
            "hoch": zahl(row["sii_high"], 1, fehlt="–"),
            "niveau": zahl(100 * self.level),
            "einheit": f" {unit}" if unit else "",
        }
        if not np.isfinite(row["sii_low"]):
            return text("disparity.gefaelle.ohne", **values)
        sure = row["sii_low"] > 0 or row["sii_high"] < 0
        return text(f"disparity.gefaelle.{'klar' if sure else 'offen'}", **values)

    def _repr_html_(self) -> str:
        said = " ".join(self.summary(key) for key in self.table.index[:3])
        return page(text("disparity.gefaelle.titel"), said, self.table)


def gradient(
    value: pd.Series | pd.DataFrame,
    need: pd.Series,
    people: pd.Series | pd.DataFrame,
    *,
    count: pd.Series | pd.DataFrame | None = None,
    base: pd.Series | pd.DataFrame | None = None,
    error: pd.Series | pd.DataFrame | None = None,
    factor: float | Mapping[object, float] = 1.0,
    level: float = 0.95,
) -> GradientResult:
    """Slope index and relative index of inequality along need, weighted by people.

    Areas are put in order of need; each stands at the middle of the part of all people that it makes
    up (0 = least needy, 1 = neediest; ties share their middle). The slope of the regression of the
    values on that place, weighted by people, is the slope index of inequality; fitted value at 1 over
    fitted value at 0 is the relative index (Mackenbach & Kunst 1997; Pamuk 1985).

    Parameters
    ----------
    value
        Per area, or areas x indicators; any unit, NaN = gap (the area leaves that indicator).
    need
        Per area, higher = more need. It should not be made of the same indicator.
    people
        Per area, or areas x indicators: whom the indicator is about. Not negative.
    count, base
        Cases and people at risk, for the random variation of small counts.
    error
        Standard errors instead of counts.
    factor
        Value of a rate of 1 (100 for percent), or per indicator.
    level
        Of the intervals.

    Returns
    -------
    GradientResult

    Raises
    ------
    DatenFehler
        If fewer than five areas have value, need and people for every indicator, or values are infinite.
    ParameterFehler
        If areas are repeated or the level makes no sense.

    Notes
    -----
    Both indices are functions of the values that are linear (slope) or a ratio of linear ones, so the
    interval follows from the standard errors in closed form: normal for the slope, Fieller's (1954)
    for the ratio. It tells random variation of small counts, not whether the line fits; where the
    interval of the ratio's lower end reaches zero, it is NaN.
    """
    level_of(level)
    frame = value.to_frame() if isinstance(value, pd.Series) else value
    areas = frame.index
    order = aligned(need, areas, "need")
    rows, fifths = {}, {}
    for name in frame.columns:
        v = aligned(frame[name], areas, str(name))
        w = aligned(_column(people, name), areas, "people")
        times = float(factor.get(name, 1.0)) if isinstance(factor, Mapping) else float(factor)
        if error is not None:
            se = aligned(_column(error, name), areas, "error")
        elif count is not None and base is not None:
            y = aligned(_column(count, name), areas, "count")
            n = aligned(_column(base, name), areas, "base")
            se = standard_error(y, n, times)
        else:
            se = np.full(len(v), np.nan)
        known = ~np.isnan(v) & ~np.isnan(order) & (w > 0)
        if known.sum() >= FEWEST and np.unique(order[known]).size > 1:
            rows[name], fifths[name] = _one(v[known], order[known], w[known], se[known], level)
    if not rows:
        raise DatenFehler(text("disparity.fehler.wenige", wenigstens=str(FEWEST)))
    table = pd.DataFrame.from_dict(rows, orient="index").astype({"gebiete": int})
    parts = pd.DataFrame.from_dict(fifths, orient="index", columns=range(1, FIFTHS + 1))
    return GradientResult(table, parts.rename_axis(columns="fuenftel"), level)


def _column(data: pd.Series | pd.DataFrame, name: object) -> object:
    if not isinstance(data, pd.DataFrame):
        return data
    return data[name] if name in data.columns else pd.Series(np.nan, index=data.index)


def places(need: Floats, people: Floats) -> tuple[Floats, Floats, Floats]:
    """Middle, lower and upper end (0..1) of the part of all people that every area makes up."""
    _, block = np.unique(need, return_inverse=True)
    mass = np.bincount(block, weights=people)
    upper = np.cumsum(mass) / mass.sum()
    lower = upper - mass / mass.sum()
    return ((lower + upper) / 2)[block], lower[block], upper[block]


def _one(
    v: Floats, need: Floats, w: Floats, se: Floats, level: float
) -> tuple[dict[str, float], list[float]]:
    """Numbers of one indicator."""
    z = float(stats.norm.ppf((1 + level) / 2))
    middle, lower, upper = places(need, w)
    share = w / w.sum()
    mean = share @ middle
    spread = share @ (middle - mean) ** 2
    slope = share * (middle - mean) / spread  # weights of the values in the slope
    low_end = share - mean * slope  # and in the fitted value at 0
    sii, bottom = float(slope @ v), float(low_end @ v)
    variance = se**2
    var_slope, var_low = float(slope**2 @ variance), float(low_end**2 @ variance)
    both = float((slope * low_end) @ variance)
    half = z * np.sqrt(var_slope)
    top = bottom + sii
    var_top, cov = var_slope + var_low + 2 * both, var_low + both
    rii, rii_low, rii_high = _ratio(top, bottom, var_top, var_low, cov, z)
    weights = _fifth_weights(lower, upper, w)
    means = weights @ v
    far = weights[-1] - weights[0]
    apart, reach = float(far @ v), z * np.sqrt(float(far**2 @ variance))
    row = {
        "sii": sii, "sii_low": sii - half, "sii_high": sii + half, "p": _p(sii, np.sqrt(var_slope)),
        "rii": rii, "rii_low": rii_low, "rii_high": rii_high,
        "oben": float(means[-1]), "unten": float(means[0]),
        "abstand": apart, "abstand_low": apart - reach, "abstand_high": apart + reach,
        "gebiete": len(v),
    }  # fmt: skip
    return row, list(means)


def _p(value: float, error: float) -> float:
    """Two-sided p of a normal value; NaN without a known error, 1 where nothing varies."""
    if np.isnan(error) or error > 0:
        return float(2 * stats.norm.sf(abs(value) / error))
    return 1.0 if value == 0 else 0.0


def _ratio(
    top: float, bottom: float, var_top: float, var_low: float, cov: float, z: float
) -> tuple[float, float, float]:
    """Ratio with Fieller's interval; NaN where the denominator is not above zero."""
    if not bottom > 0:
        return float("nan"), float("nan"), float("nan")
    ratio = top / bottom
    a = bottom**2 - z**2 * var_low
    b = top * bottom - z**2 * cov
    c = top**2 - z**2 * var_top
    inside = b**2 - a * c
    if not (a > 0 and inside >= 0):
        return ratio, float("nan"), float("nan")
    return ratio, (b - np.sqrt(inside)) / a, (b + np.sqrt(inside)) / a


def _fifth_weights(lower: Floats, upper: Floats, w: Floats) -> Floats:
    """Fifths x areas: share of every area in the people of each fifth of need; rows sum to one.

    An area on a limit counts in both fifths with the part of its people on either side.
    """
    limits = np.linspace(0, 1, FIFTHS + 1)
    width = np.maximum(upper - lower, 1e-300)
    inside = np.clip(np.minimum(upper, limits[1:, None]) - np.maximum(lower, limits[:-1, None]), 0, None)
    mass = inside / width * w
    return mass / mass.sum(axis=1, keepdims=True)
