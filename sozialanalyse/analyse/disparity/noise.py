"""Checks and the random variation of small counts, common to the measures of this room."""

from __future__ import annotations

from html import escape

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sozialanalyse.base import DatenFehler, ParameterFehler, tabelle_html, text

Floats = NDArray[np.float64]


def level_of(level: float) -> float:
    """Return the confidence level, if it lies between 0 and 1."""
    if not 0 < level < 1:
        raise ParameterFehler(text("disparity.fehler.niveau", wert=str(level)))
    return level


def aligned(values: object, areas: pd.Index, name: str) -> Floats:
    """Values of the areas as floats, NaN = gap; a Series is put in the order of the areas.

    Raises
    ------
    ParameterFehler
        If areas are repeated or the length differs.
    DatenFehler
        If a value is infinite.
    """
    if isinstance(values, (pd.Series, pd.DataFrame)):
        if values.index.has_duplicates or areas.has_duplicates:
            raise ParameterFehler(text("disparity.fehler.doppelt", name=name))
        values = values.reindex(areas)
    array = np.asarray(values, dtype=float)
    if len(array) != len(areas):
        raise ParameterFehler(text("disparity.fehler.laenge", name=name))
    if np.isinf(array).any():
        raise DatenFehler(text("disparity.fehler.unendlich", name=name))
    return array


def standard_error(count: Floats, base: Floats, factor: float) -> Floats:
    """Standard error of ``factor`` times cases per people at risk; NaN without counts.

    Shares: square root of q (1 - q) / n with q = (y + 1/2) / (n + 1), so that an area without cases
    is not certain. More cases than people: Poisson, square root of (y + 1/2) / n.
    """
    with np.errstate(invalid="ignore", divide="ignore"):
        q = (count + 0.5) / (base + 1)
        share = np.sqrt(q * (1 - q) / base)
        other = np.sqrt(count + 0.5) / base
        usable = (base > 0) & (count >= 0)
    part = bool(np.all((count <= base) | ~usable))
    return np.where(usable, factor * (share if part else other), np.nan)


def page(heading: str, summary: str, table: pd.DataFrame, digits: int = 2) -> str:
    """HTML of a result: heading, sentence, table."""
    return (
        f"<section><h4>{escape(heading)}</h4><p>{escape(summary)}</p>{tabelle_html(table, digits)}</section>"
    )
