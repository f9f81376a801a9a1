"""A delivered table as it arrived: cells untouched, places remembered.

Readers make it, harmonising interprets it; both sides only share this shape.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sozialanalyse.errors import Befund, Schwere


class Prozent(float):
    """Number of a spreadsheet cell shown as percent: 0.123 that reads 12.3 %."""


def spaltenbuchstabe(nummer: int) -> str:
    """Letters a spreadsheet shows for a column counted from 0 (0 -> A, 26 -> AA)."""
    letters = ""
    nummer += 1
    while nummer:
        nummer, rest = divmod(nummer - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def spaltennummer(buchstaben: str) -> int:
    """Column counted from 0 that a spreadsheet shows by letters (A -> 0, AA -> 26)."""
    number = 0
    for letter in buchstaben:
        number = number * 26 + ord(letter) - 64
    return number - 1


@dataclass(frozen=True)
class Blatt:
    """Everything a sheet or text file holds, before anybody knows where its table stands."""

    name: str
    """Name of the sheet, "" for a text file."""
    zeilen: Sequence[tuple[int, Sequence[Any]]] = field(repr=False)
    """Row number as the spreadsheet shows it, and the cells as delivered."""
    verbunden: Mapping[tuple[int, int], Any] = field(default_factory=dict, repr=False)
    """Row number and column (counted from 0) of a merged cell -> the value that speaks for it."""


@dataclass(frozen=True)
class Rohtabelle:
    """One table of one delivery.

    ``kopf`` holds one heading per column (parts of a multi-row heading joined by " | "), ``zeilen``
    the data rows as delivered, ``nummern`` their row numbers as the spreadsheet shows them.
    """

    datei: str
    blatt: str
    kopf: Sequence[str]
    zeilen: Sequence[Sequence[Any]] = field(repr=False)
    nummern: Sequence[int] = field(repr=False)
    vorspann: Sequence[str] = ()
    """Texts above the heading: title, date, notes."""
    verbunden: Mapping[tuple[int, int], int] = field(default_factory=dict, repr=False)
    """Merged cells: row number and column -> number of the row that holds what stands in all of them."""

    def spalte(self, index: int) -> list[Any]:
        return [row[index] if index < len(row) else None for row in self.zeilen]

    def zelle(self, zeile: int, spalte: int) -> str:
        """Address of a cell, such as ``D17``."""
        return f"{spaltenbuchstabe(spalte)}{self.nummern[zeile]}"

    def befund(
        self,
        schwere: Schwere,
        text: str,
        abhilfe: str = "",
        *,
        zeile: int | None = None,
        spalte: int | None = None,
        regel: str = "",
    ) -> Befund:
        """Finding with its place in this table; ``zeile`` and ``spalte`` count from 0."""
        heading = ""
        if spalte is not None:
            name = self.kopf[spalte] if spalte < len(self.kopf) else ""
            heading = f"{spaltenbuchstabe(spalte)} „{name}“" if name else spaltenbuchstabe(spalte)
        return Befund(
            schwere,
            text,
            abhilfe,
            datei=self.datei,
            blatt=self.blatt,
            zeile=self.nummern[zeile] if zeile is not None else None,
            spalte=heading,
            regel=regel,
        )
