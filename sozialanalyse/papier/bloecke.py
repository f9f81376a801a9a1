"""What a file is made of: displays taken apart into headings, words, pictures and tables."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sozialanalyse.base import Kontext
from sozialanalyse.present import Anzeige, Tafel, formats, woertlich


@dataclass(frozen=True)
class Deckblatt:
    """What stands on top: title, the question the page answers, where the numbers come from.

    ``vermerk`` says who may have it, where that is not everybody.
    """

    titel: str
    frage: str
    kontext: Kontext
    vermerk: str = ""

    @property
    def marken(self) -> str:
        """What every sheet says: invented values, limits of passing it on."""
        return " · ".join(filter(None, (self.kontext.marke, self.vermerk)))

    @property
    def angaben(self) -> str:
        """Region, date, publisher and state in a line."""
        facts = (self.kontext.region, self.kontext.stichtag, self.kontext.herausgeber, self.kontext.stand)
        return " · ".join(fact for fact in facts if fact)


@dataclass(frozen=True)
class Abschnitt:
    """Displays under a heading of the page; without one they bring their own."""

    titel: str
    teile: Sequence[Anzeige]


@dataclass(frozen=True)
class Worte:
    """Paragraphs, or points of a list, with their heading."""

    titel: str
    saetze: tuple[str, ...]
    punkte: bool


@dataclass(frozen=True)
class Bild:
    """A drawing with its message, legend, alternative text and foot."""

    titel: str
    svg: str
    legende: tuple[tuple[str, str], ...]
    beschreibung: str
    fuss: str


@dataclass(frozen=True)
class Liste:
    """A table."""

    tafel: Tafel

    @property
    def titel(self) -> str:
        return self.tafel.titel

    @property
    def fuss(self) -> str:
        return self.tafel.kontext.fusszeile

    def kopf(self) -> list[str]:
        return [column.kopf for column in self.tafel.spalten]

    def zeilen(self) -> list[list[str]]:
        """Cells as a reader sees them; a gap is its sign."""
        return [list(row) for row in zip(*map(self._spalte, range(len(self.tafel.spalten))), strict=True)]

    def zahlen(self) -> list[bool]:
        """Columns that hold numbers."""
        return [self.tafel.zahlen(column) for column in self.tafel.werte.columns]

    def zeichen(self) -> list[str]:
        """Signs in use with their meaning."""
        used = {str(state) for column in self.tafel.status for state in self.tafel.status[column]}
        return [
            f"{sign} {meaning}" for sign, meaning in formats.zeichenerklaerung(used & set(formats.SYMBOLE))
        ]

    def _spalte(self, number: int) -> list[str]:
        column = self.tafel.werte.columns[number]
        values, states = self.tafel.werte[column], self.tafel.status[column]
        if not self.tafel.zahlen(column):
            return [
                formats.symbol(str(state)) if state in formats.OHNE_WERT else woertlich(value)
                for value, state in zip(values, states, strict=True)
            ]
        return [
            formats.wert(value, "", digits, str(state))
            for value, state, digits in zip(values, states, self.tafel.stellen[number], strict=True)
        ]


Block = Worte | Bild | Liste


def bloecke(anzeige: Anzeige) -> Iterator[Block]:
    """Blocks of a display in their order; what only a screen can use has none."""
    if anzeige.teile:
        for part in anzeige.teile:
            yield from bloecke(part)
    elif anzeige.svg:
        foot = anzeige.tafel.kontext.fusszeile if anzeige.tafel else ""
        yield Bild(anzeige.titel, anzeige.svg, anzeige.legende, anzeige.beschreibung, foot)
    elif anzeige.tafel is not None and len(anzeige.tafel.werte):
        yield Liste(anzeige.tafel)
    elif anzeige.saetze:
        yield Worte(anzeige.titel, anzeige.saetze, anzeige.punkte)
