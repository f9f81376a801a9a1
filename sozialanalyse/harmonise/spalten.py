"""Columns of a delivered table: found by heading or place, and with what each of their rows is called."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Protocol

from sozialanalyse.catalogue import Auswahl, Feld, Spaltenwahl, StichtagRegel
from sozialanalyse.datum import lies_datum, suche_datum
from sozialanalyse.errors import vorschlag
from sozialanalyse.rohtabelle import Rohtabelle, spaltenbuchstabe
from sozialanalyse.woerter import glatt, vergleichsform, zelltext


class Melder(Protocol):
    """Takes a fault with its place in the table; rows and columns count from 0."""

    def __call__(
        self, text: str, abhilfe: str = "", *, zeile: int | None = None, spalte: int | None = None, regel: str = ""
    ) -> None: ...


@dataclass(frozen=True)
class Tagesspalte:
    """A column whose heading holds a day: position, day, and what is left of the heading."""

    spalte: int
    tag: date
    rest: tuple[str, ...]
    """Comparable forms of the heading without the day, and without all that the pattern took."""


class Spalten:
    """Columns of one table."""

    def __init__(self, tabelle: Rohtabelle, melde: Melder, *, auffuellen: bool = False) -> None:
        self.tabelle, self._melde, self._auffuellen = tabelle, melde, auffuellen
        self.kopf: dict[str, list[int]] = defaultdict(list)
        for column, name in enumerate(tabelle.kopf):
            self.kopf[vergleichsform(name)].append(column)

    def finde(self, wahl: Spaltenwahl, *, optional: bool = False) -> int | None:
        """Position of a column; None if it is missing or stands twice, which is told."""
        if not isinstance(wahl, str):
            if wahl.index < max((len(row) for row in self.tabelle.zeilen), default=0):
                return wahl.index
            if not optional:
                self._melde(f"Die Spalte {wahl} gibt es nicht.",
                            f"Die letzte Spalte ist {spaltenbuchstabe(len(self.tabelle.kopf) - 1)}.")  # fmt: skip
            return None
        found = self.kopf.get(vergleichsform(wahl), [])
        if len(found) > 1:
            letters = " und ".join(spaltenbuchstabe(column) for column in found)
            self._melde(
                f"Die Spalte „{wahl}“ gibt es {len(found)}-mal.",
                f"Bitte beim Lieferanten klären, welche gilt, und sie auf der Datensatzseite mit ihrem Buchstaben "
                f"nennen, zum Beispiel spalte: {{buchstabe: {spaltenbuchstabe(found[0])}}} (es gibt {letters}).",
                spalte=found[1],
            )
        elif not found and not optional:
            self._melde(f"Die Spalte „{wahl}“ fehlt.", vorschlag(wahl, [name for name in self.tabelle.kopf if name]))
        return found[0] if len(found) == 1 else None

    def feld(self, feld: Feld) -> int | None:
        """Column of a field: of its alternatives the first that is there."""
        there = [one for one in feld.spalten if not isinstance(one, str) or vergleichsform(one) in self.kopf]
        return self.finde((there or feld.spalten)[0], optional=feld.optional)

    def benennend(self, column: int) -> list[Any]:
        """Cells of a column that names rows: a merged cell counts for all its rows, an empty one on request."""
        cells = self.tabelle.spalte(column)
        positions = {number: position for position, number in enumerate(self.tabelle.nummern)}
        for position, number in enumerate(self.tabelle.nummern):
            first = positions.get(self.tabelle.verbunden.get((number, column), number), position)
            if first < position:
                cells[position] = cells[first]
        if self._auffuellen:
            above: Any = None
            for position, cell in enumerate(cells):
                above = cell if zelltext(cell) else above
                cells[position] = above
        return cells

    def mit_tag(self, regel: StichtagRegel) -> list[Tagesspalte]:
        """Columns whose heading holds a day."""
        found = []
        for column, heading in enumerate(self.tabelle.kopf):
            text = glatt(heading)
            if regel.muster is None:
                dated = suche_datum(text)
                if dated:
                    found.append(Tagesspalte(column, dated[0], (vergleichsform(dated[1]),)))
            elif match := re.search(regel.muster, text):
                day = lies_datum(match[1])
                if day is None:
                    self._melde(f"„{match[1]}“ in der Überschrift ist kein Stichtag.",
                                "Bitte „muster“ bei „stichtag“ auf der Datensatzseite berichtigen.",
                                spalte=column, regel="stichtag")  # fmt: skip
                    continue
                without = (
                    text[: match.start(1)] + " " + text[match.end(1) :],
                    text[: match.start()] + " " + text[match.end() :],
                )
                found.append(Tagesspalte(column, day, tuple(dict.fromkeys(map(vergleichsform, without)))))
        return found


def passend(auswahl: Auswahl, texte: Sequence[str]) -> set[str]:
    """Which of some cell texts a choice on a page means.

    A word that stands among them means just itself; anything else is a regular expression.
    """
    forms = {text: vergleichsform(text) for text in dict.fromkeys(texte)}
    chosen: set[str] = set()
    for one in auswahl if isinstance(auswahl, list) else [auswahl]:
        exact = [text for text in forms if text == one] or [
            text for text, form in forms.items() if form == vergleichsform(one)
        ]
        chosen |= set(exact or [text for text in forms if re.search(one, text)])
    return chosen
