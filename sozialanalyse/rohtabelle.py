"""A delivered table as it arrived: cells untouched, places remembered.

Readers make it, harmonising interprets it; both sides only share this shape.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from sozialanalyse.errors import Befund, Schwere, vorschlag
from sozialanalyse.woerter import vergleichsform


class Prozent(float):
    """Number of a spreadsheet cell shown as percent: 0.123 that reads 12.3 %."""


class Spaltenstelle(str):
    """A column named by its place instead of its heading; the text is how messages call it."""

    position: int
    """Counted from 0."""

    def __new__(cls, position: int) -> Spaltenstelle:
        place = super().__new__(cls, f"Spalte {spaltenbuchstabe(position)}")
        place.position = position
        return place


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
    verbunden: Mapping[tuple[int, int], Any] = field(default_factory=dict, repr=False)
    """Position of row and column of a merged cell -> the value that speaks for it."""

    def spalte(self, index: int, *, verbunden: bool = False) -> list[Any]:
        """Cells of a column; with ``verbunden`` a merged cell speaks for all its rows."""
        cells = [row[index] if index < len(row) else None for row in self.zeilen]
        if verbunden and self.verbunden:
            return [self.verbunden.get((row, index), cell) for row, cell in enumerate(cells)]
        return cells

    def finde(self, angabe: str) -> list[int]:
        """Columns that are called so."""
        if isinstance(angabe, Spaltenstelle):
            return [angabe.position] if angabe.position < len(self.kopf) else []
        return self._nach_form.get(vergleichsform(angabe), [])

    @cached_property
    def _nach_form(self) -> dict[str, list[int]]:
        columns: dict[str, list[int]] = defaultdict(list)
        for column, name in enumerate(self.kopf):
            columns[vergleichsform(name)].append(column)
        return dict(columns)

    def spalte_unklar(self, angabe: str) -> Befund | None:
        """Finding if a column is not there or there more than once; None if it is found."""
        found = self.finde(angabe)
        if len(found) == 1:
            return None
        if isinstance(angabe, Spaltenstelle):
            text = f"Die {angabe} gibt es nicht; die Tabelle hat {len(self.kopf)} Spalten."
            return self.befund("fehler", text, "Bitte die Angabe auf der Datensatzseite berichtigen.")
        if found:
            letters = " oder ".join(f"{{buchstabe: {spaltenbuchstabe(column)}}}" for column in found[:6])
            called = f"Die Spalte „{angabe}“ gibt es" if angabe else "Spalten ohne Überschrift gibt es"
            return self.befund(
                "fehler",
                f"{called} {len(found)}-mal.",
                f"Bitte auf der Datensatzseite durch ihren Buchstaben sagen, welche gilt: {letters}.",
                spalte=found[1],
            )
        remedy = vorschlag(angabe, [heading for heading in self.kopf if heading])
        return self.befund("fehler", f"Die Spalte „{angabe}“ fehlt.", remedy)

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
