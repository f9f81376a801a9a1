"""A whole column of cells at once: every different cell is judged once, the rest is arrays."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Literal

import numpy as np

from sozialanalyse.catalogue import Feld
from sozialanalyse.harmonise.sammlung import Woerter, Zahlen
from sozialanalyse.harmonise.symbols import Zahl, lies_zahl
from sozialanalyse.region import Symbol
from sozialanalyse.rohtabelle import Prozent
from sozialanalyse.statuswerte import POSITION
from sozialanalyse.woerter import glatt

_TAUSENDER: dict[str, str] = {",": ".", ".": ","}


@dataclass(frozen=True)
class Spalte:
    """Cells of one column: the different ones, judged, and which of them stands in each row."""

    KORRIGIERT: ClassVar[int] = POSITION["korrigiert"]

    zahlen: Zahlen
    roh: Woerter
    _gruende: Sequence[str]

    @property
    def wert(self) -> np.ndarray:
        return self.zahlen.wert[self.roh.nummern]

    @property
    def rang(self) -> np.ndarray:
        return self.zahlen.rang[self.roh.nummern]

    @property
    def unlesbar(self) -> np.ndarray:
        """Whether each cell is no number and no known sign."""
        return np.array([bool(reason) for reason in self._gruende], dtype=bool)[self.roh.nummern]

    def text(self, row: int) -> str:
        return self.roh.woerter[self.roh.nummern[row]]

    def fehler(self, row: int) -> str:
        return self._gruende[self.roh.nummern[row]]

    def verteilt(self, rows: np.ndarray, size: int) -> Spalte:
        """The same cells at the positions ``rows`` of a longer column."""
        wide = np.zeros(size, dtype=self.roh.nummern.dtype)
        wide[rows] = self.roh.nummern
        return replace(self, roh=Woerter(self.roh.woerter, wide))


class Zellen:
    """Reads columns with the signs of one supplier."""

    def __init__(self, profil: Mapping[str, Symbol], dezimal: Literal[",", "."]) -> None:
        self.profil, self.dezimal = profil, dezimal
        self._read: dict[tuple[type, Any], Zahl] = {}
        self._scaled_by: dict[tuple[bool, bool, float], dict[tuple[type, Any], Zahl]] = {}

    def lies(self, cells: Sequence[Any], feld: Feld) -> Spalte:
        """Judge a column; numbers are in the unit of the field."""
        numbers: dict[tuple[type, Any], int] = {}
        codes = np.fromiter(
            (numbers.setdefault((type(cell), cell), len(numbers)) for cell in cells), np.int32, len(cells)
        )
        kind = (feld.einheit == "%", feld.summierbar, feld.faktor)
        known = self._scaled_by.setdefault(kind, {})
        for cell in numbers.keys() - known.keys():
            known[cell] = self._scaled(cell, feld)
        read = [known[cell] for cell in numbers]
        raw = ["" if cell is None else str(cell) for _, cell in numbers]

        numbered = Zahlen(
            wert=np.array([found.wert for found in read], dtype=np.float64),
            rang=np.array([POSITION.get(found.status, 0) for found in read], dtype=np.int8),
            unten=np.array([found.unten for found in read], dtype=np.float64),
            oben=np.array([found.oben for found in read], dtype=np.float64),
        )
        return Spalte(numbered, Woerter(raw, codes), [found.fehler for found in read])

    def _scaled(self, key: tuple[type, Any], feld: Feld) -> Zahl:
        found = self._read.get(key)
        if found is None:
            found = self._read[key] = lies_zahl(key[1], self.profil, dezimal=self.dezimal)
        if not found.fehler and self._ambiguous(key[1], feld):
            reason = f"„{glatt(key[1])}“ kann mit Tausender- oder mit Dezimalzeichen gemeint sein"
            return Zahl(math.nan, "fehler", reason)
        factor = _faktor(key[1], feld)
        if factor == 1 or math.isnan(found.wert):
            return found
        return replace(found, wert=_skaliert(found.wert, factor))

    def _ambiguous(self, cell: Any, feld: Feld) -> bool:
        """A count with exactly three decimals, or a share with thousands: the other reading is likelier."""
        if not isinstance(cell, str) or feld.faktor != 1:
            return False
        share = feld.einheit == "%"
        if not share and not feld.summierbar:
            return False
        sign = _TAUSENDER[self.dezimal] if share else self.dezimal
        return re.fullmatch(rf"[+-]?\d{{1,3}}(?:{re.escape(sign)}\d{{3}})+", glatt(cell)) is not None


def _skaliert(value: float, factor: float) -> float:
    """Scaled without the dust of binary fractions: 0.123 * 100 is 12.3."""
    return float(f"{value * factor:.12g}")


def _faktor(cell: Any, feld: Feld) -> float:
    """Percent signs say themselves how a share is meant; else the page does."""
    if feld.einheit == "%":
        if isinstance(cell, Prozent):
            return 100
        if isinstance(cell, str) and glatt(cell).endswith("%"):
            return 1
    return feld.faktor
