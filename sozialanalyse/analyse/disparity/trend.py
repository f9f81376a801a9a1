"""Whether rates moved in one direction over three and more dates, beyond the noise of small counts."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats

from sozialanalyse.analyse.disparity.noise import level_of, page
from sozialanalyse.base import DatenFehler, Ergebnis, ParameterFehler, text, zahl

DATES = 3
ALPHA = 0.05


@dataclass(frozen=True, repr=False)
class TrendResult(Ergebnis):
    """Course of every area over the dates.

    Attributes
    ----------
    table
        One row per area: ``veraenderung`` change of the rate per year (times ``factor``) with
        ``low, high``; ``p`` of the test for a trend and ``q`` adjusted over the areas (Benjamini &
        Hochberg 1995); ``p_krumm`` of the test whether the course departs from a straight line;
        ``stichtage`` dates used; ``richtung`` ``steigt``, ``sinkt``, ``offen`` (no trend beyond
        chance) or ``zu_wenige``.
    level
        Confidence level.
    """

    table: pd.DataFrame
    level: float

    def summary(self) -> str:
        """One German sentence: how many areas rise, fall or cannot be decided."""
        kinds = self.table["richtung"].value_counts()
        tested = int((self.table["richtung"] != "zu_wenige").sum())
        if not tested:
            return text("disparity.trend.keiner", wenigstens=str(DATES))
        numbers = {key: str(int(kinds.get(key, 0))) for key in ("steigt", "sinkt", "offen")}
        return text("disparity.trend.satz", gebiete=str(tested), **numbers)

    def sentence(self, area: object, name: str | None = None) -> str:
        """One German sentence about one area."""
        row = self.table.loc[area]
        values = {
            "name": str(name or area),
            "stichtage": str(int(row["stichtage"])),
            "je_jahr": zahl(row["veraenderung"], 2, fehlt="–"),
            "tief": zahl(row["low"], 2, fehlt="–"),
            "hoch": zahl(row["high"], 2, fehlt="–"),
            "wenigstens": str(DATES),
        }
        said = text(f"disparity.trend.{row['richtung']}", **values)
        curved = row["richtung"] != "zu_wenige" and row["p_krumm"] <= ALPHA
        return f"{said} {text('disparity.trend.krumm')}" if curved else said

    def _repr_html_(self) -> str:
        return page(text("disparity.trend.titel"), self.summary(), self.table, 3)


def trend(
    count: pd.DataFrame,
    base: pd.DataFrame,
    *,
    factor: float = 1.0,
    share: bool = True,
    level: float = 0.95,
) -> TrendResult:
    """Test for a linear trend of rates over at least three dates.

    Parameters
    ----------
    count, base
        Areas x dates, cases and people at risk; columns are dates (ISO days) or years. NaN = gap: the
        date leaves the test of that area. Areas with fewer than three dates are not tested.
    factor
        Value of a rate of 1 (100 for percent).
    share
        True: cases are part of the people (binomial, Cochran 1954 and Armitage 1955); False: Poisson.
    level
        Of the intervals.

    Returns
    -------
    TrendResult

    Raises
    ------
    DatenFehler
        If fewer than three dates are given, or counts are negative, infinite or above the people.
    ParameterFehler
        If columns are no dates, or the two frames do not match.

    Notes
    -----
    Slope by least squares weighted with the people. Variance under no change, from the pooled rate,
    for the test (R's ``prop.trend.test`` for shares); from the rate of each date for the interval.
    The rest of the chi-square of the dates tests the straight line. The test asks for a direction over
    all dates; a rise and fall of the same size is no trend.
    """
    level_of(level)
    if list(count.columns) != list(base.columns) or count.index.has_duplicates:
        raise ParameterFehler(text("disparity.fehler.tage"))
    if count.shape[1] < DATES:
        raise DatenFehler(text("disparity.fehler.stichtage", wenigstens=str(DATES)))
    base = base.reindex(count.index)
    y, n = count.to_numpy(float), base.to_numpy(float)
    if np.isinf(y).any() or np.isinf(n).any() or (y < 0).any() or (n < 0).any() or (share and (y > n).any()):
        raise DatenFehler(text("disparity.fehler.faelle"))
    years = _years(count.columns)
    there = ~np.isnan(y) & (n > 0)
    y, n = np.where(there, y, 0.0), np.where(there, n, 0.0)
    dates = there.sum(axis=1)
    total, cases = n.sum(axis=1), y.sum(axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        pooled = cases / total
        rate = y / n
        centred = years - (n * years).sum(axis=1, keepdims=True) / total[:, None]
        square = (n * centred**2).sum(axis=1)
        slope = np.where(there, centred * y, 0.0).sum(axis=1) / square
        unit = pooled * (1 - pooled) if share else pooled
        chi = slope**2 * square / unit
        gaps = np.where(there, n * (rate - pooled[:, None]) ** 2, 0.0).sum(axis=1) / unit
        smooth = (y + 0.5) / (n + 1)
        own = smooth * (1 - smooth) if share else smooth
        reach = np.sqrt(np.where(there, n * centred**2 * own, 0.0).sum(axis=1)) / square
        p = stats.chi2.sf(chi, 1)
        curved = stats.chi2.sf(np.maximum(gaps - chi, 0.0), np.maximum(dates - 2, 1))
    tested = (dates >= DATES) & (unit > 0)
    p, curved = np.where(tested, p, np.nan), np.where(tested, curved, np.nan)
    q = np.full(len(p), np.nan)
    if tested.any():
        q[tested] = stats.false_discovery_control(p[tested])
    z = float(stats.norm.ppf((1 + level) / 2))
    kind = np.where(q <= ALPHA, np.where(slope > 0, "steigt", "sinkt"), "offen")
    kind = np.where(dates >= DATES, kind, "zu_wenige")
    half = np.where(tested, z * reach, np.nan)
    change = np.where(dates >= DATES, slope, np.nan)
    table = pd.DataFrame(
        {
            "veraenderung": factor * change,
            "low": factor * (change - half),
            "high": factor * (change + half),
            "p": p,
            "q": q,
            "p_krumm": curved,
            "stichtage": dates,
            "richtung": kind,
        },
        index=count.index,
    )
    return TrendResult(table, level)


def _years(columns: pd.Index) -> np.ndarray:
    """Dates as years with fractions."""
    if pd.api.types.is_numeric_dtype(columns.dtype):
        years = np.asarray(columns, dtype=float)
    else:
        try:
            days = pd.to_datetime(pd.Series(columns.astype(str)), format="ISO8601")
        except ValueError as error:
            raise ParameterFehler(text("disparity.fehler.tage")) from error
        years = ((days - days.iloc[0]).dt.days / 365.25).to_numpy()
    if not np.isfinite(years).all() or len(np.unique(years)) < len(years):
        raise ParameterFehler(text("disparity.fehler.tage"))
    return np.asarray(years - years.mean())
