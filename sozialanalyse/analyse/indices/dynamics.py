"""Change of an index between two years on the scale of the base year."""

from __future__ import annotations

import pandas as pd

from sozialanalyse.analyse.indices.index_result import IndexResult
from sozialanalyse.base import ParameterFehler, text


def dynamics(now: IndexResult, then: IndexResult) -> pd.DataFrame:
    """Change between two years on the scale of the base year.

    Returns
    -------
    DataFrame
        ``veraenderung`` (difference of ``wert``; meaningful only if both years share the base),
        ``rangveraenderung`` (position relative to the others; positive = more need),
        ``richtung`` (``steigend`` above half a standard deviation of the index (5 points),
        ``sinkend`` below minus that, else ``stabil``; missing where a year is).

    Raises
    ------
    ParameterFehler
        If the years were computed with different base parameters.
    """
    same = now.base.mean.equals(then.base.mean) and now.base.sd.equals(then.base.sd)
    if not (same and now.base.index_sd == then.base.index_sd and now.base.index_mean == then.base.index_mean):
        raise ParameterFehler(text("indices.fehler.basisjahr"))
    change = now.values - then.values.reindex(now.values.index)
    before = then.table["rang"].reindex(change.index).astype("Float64")
    direction = pd.Series("stabil", index=change.index, dtype=object)
    direction[change > 5] = "steigend"
    direction[change < -5] = "sinkend"
    direction[change.isna()] = None
    return pd.DataFrame(
        {
            "veraenderung": change,
            "rangveraenderung": (before - now.table["rang"].astype("Float64")),
            "richtung": direction,
        }
    )
