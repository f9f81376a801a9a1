"""Numbers with their headings, units and reasons for gaps: what a table shows and a file holds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd
from pandas.api.types import is_bool_dtype, is_integer_dtype, is_numeric_dtype

from sozialanalyse.base import Kontext, text
from sozialanalyse.present import formats
from sozialanalyse.present._typen import Kennung

ZEILE = "\x00index"
"""Column that holds the row headings taken from the index."""


@dataclass(frozen=True)
class Spalte:
    """How a column is called and printed.

    ``nachkommastellen=None`` prints whole numbers for integers and one decimal for other numbers.
    """

    label: str
    einheit: str = ""
    nachkommastellen: int | None = None

    @property
    def kopf(self) -> str:
        """Heading with its unit in brackets."""
        return f"{self.label} ({self.einheit})" if self.einheit else self.label


@dataclass(frozen=True, eq=False)
class Tafel:
    """A table made ready, independent of how it is written.

    Attributes
    ----------
    werte
        Shown columns, the row heading first, as delivered; see ``status`` before printing a number.
    status
        Same shape: "wert", or why a number is missing or limited.
    spalten
        Headings, one per column.
    schluessel
        Technical name per column.
    stellen
        Decimals per column and row.
    """

    titel: str
    kontext: Kontext
    werte: pd.DataFrame
    status: pd.DataFrame
    spalten: tuple[Spalte, ...]
    schluessel: tuple[str, ...]
    stellen: tuple[tuple[int, ...], ...]

    @property
    def sichtbar(self) -> pd.DataFrame:
        """Shown columns under their own names, forbidden numbers missing."""
        masked = self.werte.mask(self.status.isin(formats.OHNE_WERT))
        return masked.drop(columns=ZEILE, errors="ignore")

    def zahlen(self, column: str) -> bool:
        """Whether a column holds numbers."""
        found = self.werte[column]
        return bool(is_numeric_dtype(found) and not is_bool_dtype(found))


def tafel(
    frame: pd.DataFrame,
    *,
    titel: str,
    kontext: Kontext,
    spalten: Mapping[Kennung, Spalte] | None = None,
    status: pd.DataFrame | None = None,
    stellen: Sequence[int] | None = None,
) -> Tafel:
    """Choose and describe the columns of a table; parameters as in :func:`present.tabelle`.

    ``stellen`` gives decimals per row, where a row and not a column has one unit; a column that states its
    own decimals keeps them.
    """
    spalten = dict(spalten or {column: Spalte(str(column)) for column in frame.columns})
    by_index = frame.index.name is not None or not isinstance(frame.index, pd.RangeIndex)
    keys = [key for key in spalten if key in frame.columns]
    shown = frame[keys].copy()
    heads, names = [spalten[key] for key in keys], [str(key) for key in keys]
    given: Any = {} if status is None else status
    states = pd.DataFrame(
        {key: formats.status_von(shown[key], given.get(key)) for key in keys}, index=shown.index
    )
    if by_index:
        key = frame.index.name if frame.index.name is not None else "gebiet_id"
        default = Spalte(text("present.tabelle.zeile") if key == "gebiet_id" else str(key))
        heads.insert(0, spalten.get(key, default))
        names.insert(0, str(key))
        shown.insert(0, ZEILE, frame.index.astype(object))
        states.insert(0, ZEILE, "wert")
    places = [
        tuple(stellen)
        if stellen and head.nachkommastellen is None
        else (_places(shown[column], head),) * len(shown)
        for column, head in zip(shown, heads, strict=True)
    ]
    return Tafel(titel, kontext, shown, states, tuple(heads), tuple(names), tuple(places))


def _places(column: pd.Series, head: Spalte) -> int:
    if head.nachkommastellen is not None:
        return head.nachkommastellen
    return 0 if is_integer_dtype(column) else 1


def woertlich(value: object) -> str:
    """Cell that holds no number, in words."""
    if value is True or value is False:
        return text("present.tabelle.ja" if value else "present.tabelle.nein")
    return str(value)
