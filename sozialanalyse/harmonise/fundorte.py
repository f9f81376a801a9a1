"""From a number back to the cell it was delivered in, for findings."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cached_property

import numpy as np
import pandas as pd

from sozialanalyse.base import Befund, Schwere

_IN_SHEET = re.compile(r"(?P<spalte>[A-Z]+)(?P<zeile>\d+)")
_IN_TEXT = re.compile(r"Zeile (?P<zeile>\d+), Spalte (?P<spalte>\d+)")


def dateien(rows: pd.DataFrame) -> tuple[str, ...]:
    """Files that rows of the long table come from; converted and added numbers stand in none."""
    return tuple(sorted({str(name) for name in rows["datei"].unique()} - {""}))


class Fundorte:
    """Places of the numbers of one dataset."""

    def __init__(self, merkmale: pd.DataFrame) -> None:
        self._merkmale = merkmale

    def befund(self, schwere: Schwere, text: str, abhilfe: str, rows: pd.DataFrame, *, regel: str) -> Befund:
        """Finding about rows of the long table, at the cell of the first of them."""
        row = rows.iloc[0]
        address = str(row["zelle"])
        match = _IN_SHEET.match(address) or _IN_TEXT.match(address)
        column, line = (match["spalte"], int(match["zeile"])) if match else ("", None)
        return Befund(schwere, text, abhilfe, datei=str(row["datei"]), blatt=str(row["blatt"]), zeile=line,
                      spalte=column, stelle="" if match else address, regel=regel, dateien=dateien(rows))  # fmt: skip

    def zellen(self, rows: pd.DataFrame, hoechstens: int = 6) -> str:
        """Cells in words: area and address, the first few."""
        named = [
            f"{row.gebiet_id} ({row.zelle})" if row.zelle else str(row.gebiet_id)
            for row in rows.head(hoechstens).itertuples()
        ]
        more = len(rows) - len(named)
        return ", ".join(named) + (f" und {more} weitere" if more else "")

    def zeilen(self, gebiete: Iterable[str], feld: str, stichtag: str) -> pd.DataFrame:
        """Rows of the long table that hold a field of some areas on a date."""
        rows = self._merkmale.iloc[self._stellen.get((feld, stichtag), [])]
        return rows[rows["gebiet_id"].isin(list(gebiete))]

    @cached_property
    def _stellen(self) -> dict[tuple[str, str], np.ndarray]:
        """Positions of the rows of every field and date, found in one pass."""
        indices = self._merkmale.groupby(["feld", "stichtag"], observed=True).indices
        return {(str(feld), str(day)): rows for (feld, day), rows in indices.items()}
