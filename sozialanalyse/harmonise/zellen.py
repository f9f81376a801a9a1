"""A whole column of cells at once: every different cell is judged once, the rest is arrays."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Literal

import numpy as np

from sozialanalyse.base import POSITION, Prozent, glatt, zahl_knapp
from sozialanalyse.harmonise.sammlung import Woerter, Zellzahlen
from sozialanalyse.harmonise.symbols import Zahl, dezimalzeichen, lies_zahl
from sozialanalyse.region import Feld, Symbol


@dataclass(frozen=True)
class Zellspalte:
    """Cells of one column: the different ones, judged, and which of them stands in each row."""

    KORRIGIERT: ClassVar[int] = POSITION["korrigiert"]

    zahlen: Zellzahlen
    roh: Woerter
    _gelesen: Sequence[Zahl]

    @property
    def wert(self) -> np.ndarray:
        return self.zahlen.wert[self.roh.nummern]

    @property
    def rang(self) -> np.ndarray:
        return self.zahlen.rang[self.roh.nummern]

    @property
    def unlesbar(self) -> np.ndarray:
        """Whether each cell is no number and no known sign."""
        return np.array([bool(found.fehler) for found in self._gelesen], dtype=bool)[self.roh.nummern]

    def text(self, row: int) -> str:
        return self.roh.woerter[self.roh.nummern[row]]

    def fehler(self, row: int) -> str:
        return self._gelesen[self.roh.nummern[row]].fehler

    def abhilfe(self, row: int) -> str:
        return self._gelesen[self.roh.nummern[row]].abhilfe

    def verteilt(self, rows: np.ndarray, size: int) -> Zellspalte:
        """The same cells at the positions ``rows`` of a longer column."""
        wide = np.zeros(size, dtype=self.roh.nummern.dtype)
        wide[rows] = self.roh.nummern
        return replace(self, roh=Woerter(self.roh.woerter, wide))


class Zellen:
    """Reads columns with the signs of one supplier.

    Parameters
    ----------
    dezimal
        Decimal sign of numbers written as text, as the page says; None if each column must tell it.
    """

    def __init__(self, profil: Mapping[str, Symbol], dezimal: Literal[",", "."] | None) -> None:
        self.profil, self.dezimal = profil, dezimal
        self._signs = {sign.casefold() for sign in profil}
        self._read: dict[tuple[type, Any, str], Zahl] = {}
        self._judged: dict[tuple[str, bool, float, str, bool], dict[tuple[type, Any], Zahl]] = {}

    def lies(self, cells: Sequence[Any], feld: Feld) -> Zellspalte:
        """Judge a column; numbers are in the unit of the field."""
        numbers: dict[tuple[type, Any], int] = {}
        codes = np.fromiter(
            (numbers.setdefault((type(cell), cell), len(numbers)) for cell in cells), np.int32, len(cells)
        )
        sign = self._decimal_sign(_without_unit(cell, feld) for _, cell in numbers)
        percent = feld.faktor == 1 and any(
            kind is Prozent or (kind is str and glatt(cell).endswith("%")) for kind, cell in numbers
        )
        known = self._judged.setdefault((feld.einheit, feld.summierbar, feld.faktor, sign, percent), {})
        for cell in numbers.keys() - known.keys():
            found = self._judge(cell, feld, sign)
            known[cell] = (_beside_percent(cell[0], found) if percent else None) or found
        read = [known[cell] for cell in numbers]
        raw = ["" if cell is None else str(cell) for _, cell in numbers]

        numbered = Zellzahlen(
            wert=np.array([found.wert for found in read], dtype=np.float64),
            rang=np.array([POSITION.get(found.status, 0) for found in read], dtype=np.int8),
            unten=np.array([found.unten for found in read], dtype=np.float64),
            oben=np.array([found.oben for found in read], dtype=np.float64),
        )
        return Zellspalte(numbered, Woerter(raw, codes), read)

    def _decimal_sign(self, cells: Iterable[Any]) -> str:
        """The decimal sign of a column: what the page says, else what all its cells agree on, else "?".

        Where both signs stand before exactly three digits ("8.750" beside "9,125" or "0,125"), no third cell tells
        which of them separates thousands: "??".
        "000" if every number ends in a sign and three zeros: mere thousands, or decimals nobody needs.
        """
        if self.dezimal:
            return self.dezimal
        numbers = [
            cell for cell in cells if cell is not None and glatt(str(cell)).casefold() not in self._signs
        ]
        texts = [cell for cell in numbers if isinstance(cell, str)]
        told = {dezimalzeichen(cell) for cell in texts} & {",", "."}
        unclear = {_BEFORE_THREE.findall(glatt(cell))[-1] for cell in texts if dezimalzeichen(cell) == "?"}
        three = (
            {match[1] for cell in texts if (match := _THREE_DECIMALS.match(glatt(cell)))}
            if unclear
            else set()
        )
        if len(unclear | three) > 1:
            return "??"
        if len(told) == 1:
            return told.pop()
        zeros = all(isinstance(cell, str) and _THREE_ZEROS.search(glatt(cell)) for cell in numbers)
        return "000" if zeros and len(numbers) > 1 else "?"

    def _judge(self, key: tuple[type, Any], feld: Feld, sign: str) -> Zahl:
        cell = _without_unit(key[1], feld)
        decimal: Literal[",", "."] = "." if sign == "." else ","
        if sign not in _TOLD and isinstance(cell, str):  # the cell alone
            own = dezimalzeichen(cell)
            decimal = "." if own == "." else ","
        known = (key[0], cell, decimal)
        found = self._read.get(known)
        if found is None:
            found = self._read[known] = lies_zahl(cell, self.profil, dezimal=decimal)
        if found.fehler:
            return found
        if math.isnan(found.wert) or (isinstance(cell, str) and glatt(cell).casefold() in self._signs):
            return _scaled(found, feld.faktor)
        if isinstance(cell, str) and dezimalzeichen(cell) == "?" and not self._settled(cell, feld, sign):
            return Zahl(
                math.nan,
                "fehler",
                f"„{glatt(cell)}“ kann mit Tausender- oder mit Dezimalzeichen gemeint sein"
                + ("; in der Spalte stehen beide Zeichen vor drei Ziffern" if sign == "??" else ""),
                abhilfe="Bitte „dezimal“ auf der Datensatzseite angeben; widerspricht dem die Spalte, bitte beim Lieferanten klären.",
            )
        if decimal != (self.dezimal or ",") and feld.zaehlt and not found.wert.is_integer():
            return Zahl(
                math.nan,
                "fehler",
                f"„{glatt(cell)}“ hat Nachkommastellen, das Feld zählt aber {feld.einheit}",
            )
        if found.status == "unsicher" and isinstance(cell, str) and (feld.min is None or feld.min < 0):
            return Zahl(
                math.nan,
                "fehler",
                f"„{glatt(cell)}“ kann eine unsichere oder, wie in der Buchhaltung, eine negative Zahl sein",
                abhilfe="Bitte beim Lieferanten klären und Zahlen unter null mit Minuszeichen liefern lassen.",
            )
        if found.prozent and not feld.prozent:
            return Zahl(
                math.nan,
                "fehler",
                f"„{cell if isinstance(cell, Prozent) else glatt(cell)}“ ist ein Prozentwert, das Feld hat die Einheit „{feld.einheit}“",
                abhilfe='Bitte am Feld „einheit: "%"“ eintragen oder die Spalte beim Lieferanten klären.',
            )
        if isinstance(cell, str) and _MONEY.search(glatt(cell)) and _MULTIPLE.search(feld.einheit):
            return Zahl(
                math.nan,
                "fehler",
                f"„{glatt(cell)}“ steht in Euro, das Feld hat die Einheit „{feld.einheit}“",
                abhilfe="Bitte beim Lieferanten klären, welche Einheit gilt.",
            )
        return found if found.prozent else _scaled(found, feld.faktor)

    def _settled(self, cell: str, feld: Feld, sign: str) -> bool:
        """Whether it is clear what the sign before exactly three digits means.

        Page or column have told the decimal sign - unless a count would have decimals or a percentage
        thousands. Without that only a count is clear, whose three digits behind a point are thousands -
        unless all its numbers end in three zeros, as decimals of a whole number do.
        """
        before_three = _BEFORE_THREE.search(glatt(cell))
        decimals = before_three is not None and before_three[0] == (sign if sign in _TOLD else ",")
        if feld.zaehlt:
            return not decimals and sign not in ("000", "??")
        return sign in _TOLD and (decimals or not feld.prozent)


_MONEY = re.compile(r"\d\s*(?:€|EUR|Euro)$")
_MULTIPLE = re.compile(r"\bTsd|tausend|\bMi(?:o|ll)|\bMrd", re.IGNORECASE)


def _without_unit(cell: Any, feld: Feld) -> Any:
    """A text without the unit of its field behind the number, as "12 Haushalte" in a field of Haushalte."""
    if not isinstance(cell, str) or not feld.einheit or feld.prozent:
        return cell
    text = glatt(cell)
    if len(text) > len(feld.einheit) and text.casefold().endswith(feld.einheit.casefold()):
        bare = text[: -len(feld.einheit)].rstrip()
        return bare if bare[-1:].isdigit() else cell
    return cell


def _beside_percent(kind: type, found: Zahl) -> Zahl | None:
    """A plain number up to 1 in a column of percent cells: its format may have been forgotten."""
    if kind not in (int, float, str) or found.prozent or not 0 < abs(found.wert) <= 1:
        return None
    shown, hundredfold = (zahl_knapp(number, 12) for number in (found.wert, found.wert * 100))
    return Zahl(
        math.nan,
        "fehler",
        f"„{shown}“ steht {'ohne Prozentzeichen zwischen Prozentwerten' if kind is str else 'ohne Prozentformat zwischen Prozentzellen'}; es kann {shown} % oder {hundredfold} % heißen",
        abhilfe="Bitte die ganze Spalte gleich formatieren lassen.",
    )


_TOLD = frozenset(",.")
_THREE_ZEROS = re.compile(r"^\d{1,3}[.,]000$")
_THREE_DECIMALS = re.compile(r"[+-]?(?:0|\d{4,})([.,])\d{3}(?!\d)")
"""Only decimals can stand behind a zero or four digits and more."""
_BEFORE_THREE = re.compile(r"[.,](?=\d{3}(?!\d))")


def _scaled(found: Zahl, factor: float) -> Zahl:
    """Scaled without the dust of binary fractions: 0.123 * 100 is 12.3."""
    if factor == 1:
        return found
    number, low, high = (float(f"{value * factor:.12g}") for value in (found.wert, found.unten, found.oben))
    return replace(found, wert=number, unten=low, oben=high)
