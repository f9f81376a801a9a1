"""Columns of a delivered table: found by heading or place, and with what each of their rows is called."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sozialanalyse.base import (
    Befund,
    Rohtabelle,
    Spaltenstelle,
    glatt,
    lies_datum_im_muster,
    muster,
    ohne_vorspann,
    suche_datum,
    ueberschriftsform,
    vergleichsform,
    warum_kein_datum,
    zelltext,
)
from sozialanalyse.region import Auswahl, Feld, StichtagRegel


@dataclass(frozen=True)
class Tagesspalte:
    """A column whose heading holds a day: position, day, and what is left of the heading."""

    spalte: int
    tag: date
    rest: tuple[str, ...]
    """Comparable forms of the heading without the day, and without all that the pattern took."""

    def heisst(self, angabe: str) -> bool:
        """Whether it is the column a page names."""
        return (
            angabe.position == self.spalte
            if isinstance(angabe, Spaltenstelle)
            else ueberschriftsform(angabe) in self.rest
        )


class Spalten:
    """Columns of one table."""

    def __init__(self, tabelle: Rohtabelle, befunde: list[Befund], *, auffuellen: bool = False) -> None:
        self.tabelle, self._befunde, self._auffuellen = tabelle, befunde, auffuellen

    def finde(self, angabe: str, *, optional: bool = False) -> int | None:
        """Position of a column; None if it is missing or stands twice, which is told."""
        found = self.tabelle.finde(angabe)
        if (found or not optional) and (unclear := self.tabelle.spalte_unklar(angabe)):
            self._befunde.append(unclear)
        return found[0] if len(found) == 1 else None

    def feld(self, feld: Feld) -> int | None:
        """Column of a field: of its alternatives the first that is there."""
        there = [name for name in feld.spalten if self.tabelle.finde(name)]
        return self.finde((there or feld.spalten)[0], optional=feld.optional)

    def benennend(self, column: int) -> list[Any]:
        """Cells of a column that names rows: a merged cell counts for all its rows, an empty one on request."""
        cells = self.tabelle.spalte(column)
        for position, cell in enumerate(cells) if self.tabelle.verbunden else ():
            spoken = self.tabelle.verbunden.get((position, column))
            upper = cells[position - 1] if position else None
            if not zelltext(cell) and spoken is not None and zelltext(upper) == zelltext(spoken):
                cells[position] = upper  # merged with the cell above, not with the one to the left
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
                    found.append(Tagesspalte(column, dated[0], _forms(dated[1])))
            elif match := muster.suche(regel.muster, text):
                day = lies_datum_im_muster(match[1])
                if day is None:
                    why = warum_kein_datum(match[1]) or "ist kein Stichtag"
                    self._befunde.append(self.tabelle.befund("fehler", f"„{match[1]}“ in der Überschrift {why}.",
                                "Bitte „muster“ bei „stichtag“ auf der Datensatzseite berichtigen.",
                                spalte=column, regel="stichtag"))  # fmt: skip
                    continue
                before, behind = text[: match.start(1)], text[match.end(1) :]
                without = (
                    f"{before} {behind}",
                    f"{ohne_vorspann(before)} {behind}",
                    f"{text[: match.start()]} {text[match.end() :]}",
                )
                found.append(Tagesspalte(column, day, _forms(*without)))
        return found

    def uebergangen(
        self, angaben: Sequence[str], gelesen: Sequence[Tagesspalte], fremde: Sequence[str]
    ) -> list[Tagesspalte]:
        """Unread columns called like a field with more beside the day: "EW 2021p" where "EW 2022" is read.

        A quantity of its own ("EW weiblich 2021") is told apart by having columns on the days that are read, or
        by belonging to one of the ``fremde``.
        """
        wanted = [
            form for one in angaben if not isinstance(one, Spaltenstelle) and (form := vergleichsform(one))
        ]
        taken, days = {column.spalte for column in gelesen}, {column.tag for column in gelesen}
        alike: dict[str, list[Tagesspalte]] = {}
        for position, heading in enumerate(self.tabelle.kopf):
            dated = suche_datum(glatt(heading)) if position not in taken else None
            if dated is None:
                continue
            column = Tagesspalte(position, dated[0], _forms(dated[1]))
            if any(map(column.heisst, fremde)):
                continue
            if any(rest.startswith(form) for rest in column.rest for form in wanted):
                alike.setdefault(column.rest[0], []).append(column)
        return [column for own in alike.values() if days.isdisjoint(one.tag for one in own) for column in own]


def _forms(*rests: str) -> tuple[str, ...]:
    """Comparable forms of what is left of a heading; a dash at its end may have stood before the day."""
    return tuple(dict.fromkeys(form(rest) for form in (vergleichsform, ueberschriftsform) for rest in rests))


def verbunden(zeilen: Iterable[tuple[Any, ...]], zeichen: str) -> list[str]:
    """Texts of cells that stand side by side, joined; few of them differ, so each is made once."""
    known: dict[tuple[Any, ...], str] = {}
    texts = []
    for cells in zeilen:
        if cells not in known:
            known[cells] = zeichen.join(map(zelltext, cells))
        texts.append(known[cells])
    return texts


def passend(auswahl: Auswahl, texte: Sequence[str]) -> set[str]:
    """Which of some cell texts a choice on a page means.

    A word that stands among them means just itself; anything else is a regular expression.
    """
    forms = {text: ueberschriftsform(text) for text in dict.fromkeys(texte)}
    chosen: set[str] = set()
    for one in auswahl if isinstance(auswahl, list) else [auswahl]:
        exact = [text for text in forms if text == one] or [
            text for text, form in forms.items() if form == ueberschriftsform(one)
        ]
        chosen |= set(exact or [text for text in forms if muster.suche(one, text)])
    return chosen
