"""Which area each row of a delivered table speaks of."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from pathlib import PurePath
from typing import Protocol

import numpy as np

from sozialanalyse.base import (
    Formel,
    Gestrichen,
    Rohtabelle,
    glatt,
    hindernis,
    muster,
    spaltenbuchstabe,
    zahl_knapp,
    zelltext,
)
from sozialanalyse.harmonise.sammlung import OHNE_GEBIET
from sozialanalyse.harmonise.schluesselbund import Schluesselbund
from sozialanalyse.harmonise.spalten import Spalten, passend, verbunden
from sozialanalyse.region import DatensatzSeite, EbenenRegel, Region


class Fehlermelder(Protocol):
    """Takes a fault with its place in the table; rows and columns count from 0."""

    def __call__(
        self,
        text: str,
        abhilfe: str = "",
        *,
        zeile: int | None = None,
        spalte: int | None = None,
        regel: str = "",
    ) -> None: ...


_ANMERKUNG = re.compile(
    r"\s*(\*+|[†‡¹²³⁴©]|\(?\d{1,2}\)|[a-z]\)\s|(Daten)?quellen?\b|Anmerkung|Hinweise?\b|Erläuterung|Fu(ß|ss)note|Legende\b|"
    r"Zeichenerklärung|Stand\b|Stichtag\b|Erstell|Bearbeite?|Abweichung|Nachrichtlich\b)",
    re.IGNORECASE,
)
"""How notes below a table begin."""
_SATZ = 8
"""No name of an area has more words."""
_ZAHL = re.compile(r"[+-]?(\d{1,3}([. ]\d{3})+(,\d+)?|\d+([.,]\d+)?) ?%?")
_WORT = re.compile(r"[^\W\d_]{3}")

MEISTE_ERKLAERTE = 100
"""So many rows without a known area are told one by one; a file of the whole country would flood whoever reads."""
UNGENUTZT = -2
"""Position of rows that are left out."""


class Ortung:
    """Finds the area of every row.

    Parameters
    ----------
    zeilen
        Which rows are read at all.
    melde
        Takes faults; each is told once per row, however many dates a table has.
    """

    def __init__(
        self,
        seite: DatensatzSeite,
        tabelle: Rohtabelle,
        spalten: Spalten,
        bund: Schluesselbund,
        region: Region,
        zeilen: np.ndarray,
        melde: Fehlermelder,
    ) -> None:
        self.seite, self.tabelle, self.spalten = seite, tabelle, spalten
        self.bund, self.region, self._melde = bund, region, melde
        self.regel = seite.tabelle.schluessel
        self.gut = True
        """Whether the columns that name areas are there."""
        self._heads: dict[int, str] = {}
        """Rows that stand at the end of a block and name its Kommune."""
        self._told = np.zeros(len(tabelle.zeilen), dtype=bool)
        self._erklaert = 0
        self._weitere: list[int] = []
        self.paare: list[tuple[int, int]] = []
        """Rows of one name that the order tells apart: that of the Kommune and that of the part of it."""
        self._levels: Sequence[str | None] = ()
        columns = [column for name in self.regel.spalten if (column := self._column(name)) is not None]
        self.spaltennummern = columns
        self._cells = list(zip(*(spalten.benennend(column) for column in columns), strict=True))
        self._written = verbunden(self._cells, self.regel.verbinden)
        self._zeros_kept = any(
            isinstance(cell, str) and re.fullmatch(r"0\d+", glatt(cell))
            for parts in dict.fromkeys(self._cells)
            for cell in parts
        )
        self.genutzt = zeilen.copy()
        """Rows that are read."""
        if not self.gut:
            return
        self.genutzt &= ~np.array([self._skipped(text) for text in self._written], dtype=bool)
        self._leave_untrustworthy()
        self._town = self._whole_kommune()
        self._towns = self._kommunen()
        self._levels = self._ebenen()

    def _column(self, name: str) -> int | None:
        column = self.spalten.finde(name)
        self.gut = self.gut and column is not None
        return column

    def _skipped(self, written: str) -> bool:
        rule = self.regel
        read_first = (rule.nicht_zuordenbar, rule.summen)
        return bool(
            rule.ueberlesen
            and muster.suche(rule.ueberlesen, written)
            and not any(pattern and muster.suche(pattern, written) for pattern in read_first)
        )

    def _leave_untrustworthy(self) -> None:
        """Rows that are longer or shorter than the heading, or whose key is a formula or struck through: told, and not read."""
        faulty: dict[tuple[str, str], list[int]] = defaultdict(list)
        for row in np.flatnonzero(self.genutzt).tolist():
            formulas = (cell for cell in self._cells[row] if isinstance(cell, Formel | Gestrichen))
            fault = self.tabelle.maengel.get(row) or next(filter(None, map(hindernis, formulas)), None)
            if fault:
                faulty[fault].append(row)
                self.genutzt[row] = False
        for (text, remedy), rows in faulty.items():
            more = f" Ebenso {len(rows) - 1} weitere Zeilen." if len(rows) > 1 else ""
            column = None if rows[0] in self.tabelle.maengel else self.spaltennummern[-1]
            self._melde(f"{text}.{more}", remedy, zeile=rows[0], spalte=column, regel="zeile")

    # --- what stands around the rows ----------------------------------------------------------

    def _whole_kommune(self) -> str | None:
        """Kommune the whole table speaks of; None if rows say it or none is needed."""
        place = {"dateiname": "im Dateinamen", "zelle": "über der Tabelle", "blatt": "im Namen des Blatts"}
        source = self.regel.kommune_aus
        if source not in place:
            return None
        texts = {
            "dateiname": [PurePath(self.tabelle.datei).stem],
            "zelle": [*self.tabelle.vorspann, self.tabelle.blatt],
            "blatt": [self.tabelle.blatt],
        }[source]
        for text in texts:
            found = self._kommune(text)
            if found is not None:
                return found
        self.gut = False
        self._melde(
            f"Welche Kommune gemeint ist, lässt sich {place[source]} nicht erkennen.",
            "Bitte den Namen der Kommune ergänzen oder „kommune_muster“ auf der Datensatzseite anpassen.",
        )
        return None

    def _kommune(self, text: object) -> str | None:
        match = muster.suche(self.regel.kommune_muster or r"(.+)", glatt(zelltext(text)))
        return self.bund.heute.finde(match[1], ebene="kommune") if match else None

    def _kommunen(self) -> Sequence[str | None]:
        """Kommune each row lies in, where a column or the row of the Kommune tells."""
        rule = self.regel
        if rule.kommune_aus == "spalte" and rule.kommune_spalte is not None:
            column = self._column(rule.kommune_spalte)
            if column is None:
                return []
            towns: list[str | None] = []
            for row, cell in enumerate(self.spalten.benennend(column)):
                found = self._kommune(cell) if self.genutzt[row] else None
                towns.append(found)
                if found is None and self.genutzt[row] and zelltext(cell) and not self._summed(row):
                    self._melde(f"„{zelltext(cell)}“ ist keine bekannte Kommune.",
                                "Bitte die Schreibweise berichtigen oder in der Gebietsliste als Alias eintragen.",
                                zeile=row, spalte=column, regel="gebiet")  # fmt: skip
                    self.genutzt[row] = False
            return towns
        if rule.kommune_aus in ("zeile_darueber", "zeile_darunter"):
            return self._blocks()
        return [self._town] * len(self._cells)

    def _blocks(self) -> list[str | None]:
        """Kommune of each row in a table of blocks, each with a row of its Kommune at one end."""
        rows: list[int] = np.flatnonzero(self.genutzt).tolist()
        towns: list[str | None] = [None] * len(self._cells)
        current: str | None = None
        seen: set[str] = set()
        for row in rows if self.regel.kommune_aus == "zeile_darueber" else reversed(rows):
            text = self._spelled(row)
            own = current and self.bund.heute.finde(text, kommune=current, ebene="sozialraum")
            if own and own not in seen:
                seen.add(own)
            elif town := self.bund.heute.finde(self._unsummed(row), ebene="kommune"):
                current, seen = town, set()
                self._heads[row] = town
            towns[row] = current
        return towns

    def _ebenen(self) -> Sequence[str | None]:
        """Level each row must have, where the page tells."""
        rule = self.regel.ebene
        if rule is None and self.regel.kommune_aus in ("zeile_darueber", "zeile_darunter"):
            return ["sozialraum" if town else None for town in self._towns]
        if rule is None or isinstance(rule, str):
            return [rule] * len(self._cells)
        if rule.aus == "spalte" and rule.spalte is not None:
            column = self._column(rule.spalte)
            if column is None:
                return []
            return self._levels_of([zelltext(cell) for cell in self.spalten.benennend(column)], rule, column)
        if rule.aus == "zeile_darueber":
            return self._sections(rule)
        return self._in_turn(rule)

    def _words(self, rule: EbenenRegel, texts: Sequence[str]) -> dict[str, str]:
        """Text -> level it says."""
        found: dict[str, str] = {}
        for level in ("kommune", "sozialraum"):
            words = self.region.seite.ebenen[level]  # type: ignore[index]
            chosen = getattr(rule, level) or [re.escape(words.einzahl), re.escape(words.mehrzahl)]
            for text in passend(chosen, texts):
                found.setdefault(text, level)
        return found

    def _levels_of(self, texts: list[str], rule: EbenenRegel, column: int) -> list[str | None]:
        known = self._words(rule, texts)
        other = [
            row
            for row in np.flatnonzero(self.genutzt).tolist()
            if texts[row] not in known and not self._summed(row)
        ]
        if other:
            self._melde(
                f"{len(other)} Zeilen nennen hier keine Ebene ({_few([texts[row] for row in other])}).",
                "Bitte bei „ebene“ die Wörter für „kommune“ und „sozialraum“ nennen und andere Zeilen mit „nur“ "
                "oder „ueberlesen“ weglassen.",
                zeile=other[0],
                spalte=column,
                regel="gebiet",
            )
            self.genutzt[other] = False
        return [known.get(text) for text in texts]

    def _sections(self, rule: EbenenRegel) -> list[str | None]:
        """Level of each row in a table of sections, each below a row that names the level."""
        known = self._words(rule, self._written)
        levels: list[str | None] = []
        current: str | None = None
        for row, text in enumerate(self._written):
            if text in known and self._bare(row):
                current = known[text]
                self.genutzt[row] = False
            levels.append(current)
        return levels

    def _in_turn(self, rule: EbenenRegel) -> list[str | None]:
        """Of the rows of one name on two levels the first speaks of the level named first."""
        order = [rule.zuerst, "sozialraum" if rule.zuerst == "kommune" else "kommune"]
        today = self.bund.heute
        rows: dict[tuple[str, ...], list[int]] = defaultdict(list)
        for row in np.flatnonzero(self.genutzt).tolist():
            found = self._candidates(row, "")
            if {today.level(one) for one in found if one in today} == set(order):
                rows[found].append(row)
        levels: list[str | None] = [None] * len(self._cells)
        for pair in rows.values():
            if len(pair) == 2:
                levels[pair[0]], levels[pair[1]] = order
                whole, part = pair if order[0] == "kommune" else pair[::-1]
                self.paare.append((whole, part))
        return levels

    # --- rows -----------------------------------------------------------------------------------

    def gebiete(self, tage: Sequence[str]) -> np.ndarray:
        """Position of the area of each row; :data:`UNGENUTZT` for rows without one.

        Parameters
        ----------
        tage
            Date delivered for each row in ISO form; "" where there is none.
        """
        positions = np.full(len(self._cells), UNGENUTZT, dtype=np.int32)
        known: dict[tuple[object, ...], int] = {}
        levels = self._levels or [None] * len(self._cells)
        for row in np.flatnonzero(self.genutzt).tolist():
            cells = self._cells[row]
            said = (cells, type(cells[-1]), tage[row], self._towns[row], levels[row])
            found = UNGENUTZT if row in self._heads else known.get(said, UNGENUTZT)
            if found == UNGENUTZT:
                found = self._area(row, tage[row])
                if row not in self._heads and found != UNGENUTZT:
                    known[said] = found
            positions[row] = found
        self._tell_the_rest()
        return positions

    def _tell_the_rest(self) -> None:
        """One finding for all rows without a known area that are not told one by one."""
        rows, self._weitere = self._weitere, []
        if rows:
            more = zahl_knapp(len(rows), 12)
            subject = f"Ebenso {more} weitere {'Zeile' if len(rows) == 1 else 'Zeilen'} ab hier"
            self._melde(f"{subject} ohne bekanntes Gebiet.",
                        "Enthält die Datei mehr als diese Region, wählt „nur“ auf der Datensatzseite ihre Zeilen aus, oder „ueberlesen“ lässt "
                        "die anderen weg.", zeile=rows[0], spalte=self.spaltennummern[-1], regel="gebiet")  # fmt: skip

    def _area(self, row: int, day: str) -> int:
        written, rule = self._written[row], self.regel
        if rule.nicht_zuordenbar and muster.suche(rule.nicht_zuordenbar, written):
            return OHNE_GEBIET
        if row in self._heads:
            return UNGENUTZT if self._bare(row) else self.bund.position(self._heads[row])
        if self._summed(row):
            return self._total(row)
        found = self._candidates(row, day)
        if len(found) == 1:
            return self.bund.position(found[0])
        if not self._told[row]:
            self._told[row] = True
            if self._erklaert < MEISTE_ERKLAERTE:
                self._erklaert += 1
                self._explain(row, found)
            else:
                self._weitere.append(row)
        return UNGENUTZT

    def _total(self, row: int) -> int:
        names = (self._cells[row][0], self._unsummed(row))
        named = (
            self.bund.heute.finde(name, ebene=level) for name in names for level in ("region", "kommune")
        )
        found = next(filter(None, named), self._towns[row])
        return UNGENUTZT if found is None else self.bund.position(found)

    def _summed(self, row: int) -> bool:
        return bool(self.regel.summen and muster.suche(self.regel.summen, self._written[row]))

    def _unsummed(self, row: int) -> object:
        """What names a Kommune in the row of its total."""
        return muster.ohne(self.regel.summen, self._written[row]) if self._summed(row) else self._spelled(row)  # type: ignore[arg-type]

    def _spelled(self, row: int) -> object:
        """The entry: several columns joined, or the cell as it is."""
        parts = self._cells[row]
        return self._written[row] if len(parts) > 1 else parts[0]

    def _headless(self, row: int) -> bool:
        """Whether a leading column of the key is empty: what stands behind it says nothing by itself."""
        first, *others = self._cells[row]
        return bool(others) and not zelltext(first) and any(map(zelltext, others))

    def _candidates(self, row: int, day: str) -> tuple[str, ...]:
        if self._headless(row):
            return ()
        return self.bund.kandidaten(
            self._spelled(row),
            day,
            self.seite.staende,
            kommune=self._towns[row],
            ebene=self._levels[row] if self._levels else None,
            nullen_erhalten=self._zeros_kept,
        )

    def _bare(self, row: int) -> bool:
        """Whether nothing but the key stands in a row."""
        cells = enumerate(self.tabelle.zeilen[row])
        return not any(zelltext(cell) for column, cell in cells if column not in self.spaltennummern)

    def _like_a_note(self, row: int) -> str:
        """Why a row may be a footnote: by its first words, or because no number stands in it; empty if it is none."""
        if self._bare(row):
            return "In der Zeile steht sonst nichts."
        if _ANMERKUNG.match(self._written[row]) or len(self._written[row].split()) > _SATZ:
            return "So beginnen Fußnoten."
        cells = enumerate(self.tabelle.zeilen[row])
        rest = [zelltext(cell) for column, cell in cells if column not in self.spaltennummern]
        if not any(_ZAHL.fullmatch(words) for words in rest) and any(_WORT.search(words) for words in rest):
            return "In der Zeile steht keine Zahl."
        return ""

    # --- what to tell -----------------------------------------------------------------------------

    def _explain(self, row: int, found: Sequence[str]) -> None:
        text, remedy = self._reason(row, found)
        self._melde(text, remedy, zeile=row, spalte=self.spaltennummern[-1], regel="gebiet")

    def _reason(self, row: int, found: Sequence[str]) -> tuple[str, str]:
        written, entry = self._written[row], self._spelled(row)
        shown = (
            f"„{written if len(written) < 100 else written[:80] + ' …'}“" if written else "Eine leere Kennung"
        )
        if found:
            names = [self.bund.benannt(one) for one in found]
            return (
                f"{shown} kann {' oder '.join(filter(None, [', '.join(names[:-1]), names[-1]]))} sein.",
                self._which(found),
            )
        if self._headless(row):
            return (
                f"Zu „{written.strip()}“ fehlt hier der erste Teil der Kennung ({self._heading(0)}).",
                "Gilt weiter, was darüber steht, „auffuellen: true“ bei „schluessel“ angeben; sonst beim Lieferanten klären.",
            )
        if changed := self.bund.heute.verwandelt(entry):
            made, key = changed
            return (
                f"Excel hat hier {made} ({written}){f'; vermutlich war „{key}“ gemeint' if key else ''}.",
                "Bitte die Spalte in Excel als Text formatieren, die Angabe neu eintragen und neu liefern lassen.",
            )
        if made_of := next(filter(None, map(hindernis, self._cells[row])), None):
            return f"{made_of[0]}.", made_of[1]
        older = self.bund.stand_von(entry, kommune=self._towns[row]) if written else None
        if older:
            return (
                f"{shown} ist kein bekanntes Gebiet.",
                f"Es gehört zu „{older.name}“; bitte „gebietsstand: {older.id}“ auf der Datensatzseite prüfen.",
            )
        remedy = "Bitte die Schreibweise berichtigen oder in der Gebietsliste als Alias eintragen."
        if not written:
            remedy = (
                "Gilt die Kennung darüber weiter, „auffuellen: true“ bei „schluessel“ angeben; sonst die Zeile "
                "mit „ueberlesen: '^$'“ weglassen oder beim Lieferanten klären."
            )
        elif elsewhere := self.bund.heute.kandidaten(entry):
            limits = [self.bund.heute.benannt(town)] if (town := self._towns[row]) else []
            limits += [f"die Ebene „{level}“"] if self._levels and (level := self._levels[row]) else []
            if limits:
                return (
                    f"{shown} ist {self.bund.benannt(elsewhere[0])}, gesucht ist hier aber {' und '.join(limits)}.",
                    "Bitte „kommune_aus“ und „ebene“ auf der Datensatzseite oder die Lieferung prüfen.",
                )
        elif why := self._like_a_note(row):
            remedy = (
                f"{why} Ist es eine Fußnote, auf der Datensatzseite „ende“ (die Tabelle endet davor) "
                "oder „ueberlesen“ (nur diese Zeile) angeben; ist es ein Gebiet, in der Gebietsliste als Alias eintragen."
            )
        return f"{shown} ist kein bekanntes Gebiet.", remedy

    def _heading(self, part: int) -> str:
        column = self.spaltennummern[part]
        name = self.tabelle.kopf[column] if column < len(self.tabelle.kopf) else ""
        return f"„{name}“" if name else f"Spalte {spaltenbuchstabe(column)}"

    def _which(self, found: Sequence[str]) -> str:
        """How to say which of several areas is meant."""
        today = self.bund.heute
        if len({one.rstrip("0") for one in found}) == 1 and all("." in one for one in found):
            return "Nullen am Ende gehen in Zahlenzellen verloren: Spalte als Text liefern lassen."
        if len({today.level(one) for one in found if one in today}) > 1:
            zeros = " Führende Nullen gehen in Zahlenzellen verloren: Spalte als Text liefern lassen."
            lost = len({one.lstrip("0") for one in found}) == 1
            return (
                "Bitte bei „schluessel“ sagen, welche Ebene gemeint ist („ebene: sozialraum“ oder aus einer Spalte), "
                f"oder die Kennung liefern lassen.{zeros if lost else ''}"
            )
        towns = {today.kommune(one) for one in found if one in today}
        if self.regel.kommune_aus is None and len(towns) > 1:
            return (
                "Bitte bei „schluessel“ sagen, woher die Kommune kommt („kommune_aus“), oder die Kennung statt des "
                "Namens liefern lassen."
            )
        return "Bitte die Kennung liefern lassen oder Namen und Aliase in der Gebietsliste unterscheidbar machen."


def _few(words: Sequence[str]) -> str:
    named = list(dict.fromkeys(words))
    return ", ".join(f"„{word}“" for word in named[:4]) + (" …" if len(named) > 4 else "")
