"""A delivered table as it arrived: cells untouched, places remembered.

Readers make it, harmonising interprets it; both sides only share this shape.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from functools import cached_property
from typing import Any

from sozialanalyse.base.datum import MONATSNAMEN
from sozialanalyse.base.errors import Befund, Schwere, vorschlag
from sozialanalyse.base.woerter import glatt, ohne_hochgestelltes, ueberschriftsform
from sozialanalyse.base.zahlform import zahl_knapp


class Prozent(float):
    """Number of a spreadsheet cell shown with a percent sign; holds what is shown: 12.3 for 12.3 %."""

    def __str__(self) -> str:
        return f"{zahl_knapp(self, 12, tausender=False)} %"


class Formel(str):
    """Formula whose result the file does not hold; the text is the formula."""


class Unsichtbar(str):
    """Number whose format shows nothing at all; the text is the number."""


class Gezeigt(str):
    """Number that its format shows as another one; the text is what is shown."""

    steht: str
    """The number itself."""

    def __new__(cls, gezeigt: str, steht: str) -> Gezeigt:
        cell = super().__new__(cls, gezeigt)
        cell.steht = steht
        return cell


class Gestrichen(str):
    """Cell that is struck through; the text is what stands there."""


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


def zelle_in_worten(adresse: str) -> str:
    """Address of a cell in words: the letters and number of a spreadsheet need the word for it.

    >>> zelle_in_worten("D17"), zelle_in_worten("Zeile 17, Spalte 4")
    ('Zelle D17', 'Zeile 17, Spalte 4')
    """
    return f"Zelle {adresse}" if re.match(r"[A-Z]{1,3}\d", adresse) else adresse


_KURZ = (
    rf"(?:{'|'.join(MONATSNAMEN)}|January|February|March|June|July|October|December|"
    r"Jan|Feb|Mrz|Mär|Mar|Apr|May|Jun|Jul|Aug|Sept?|Okt|Oct|Nov|Dez|Dec)\.?"
)
_DATUMSTEXT = re.compile(
    rf"\d{{1,2}}[.\- ]+{_KURZ}(?:[.\- ]+\d{{2,4}})?|{_KURZ}[.\- ]+\d{{2,4}}", re.IGNORECASE
)
_EXCELFEHLER = re.compile(
    r"#(?:NV|N/A|DIV/0!|WERT!|VALUE!|BEZUG!|REF!|NAME\?|ZAHL!|NUM!|NULL!|ÜBERLAUF!|SPILL!)"
)


def _zeit(zelle: time | timedelta) -> str:
    """A time or a length of time in words."""
    if isinstance(zelle, time):
        return f"Uhrzeit ({zelle:%H:%M})"
    minutes = round(zelle.total_seconds() / 60)
    return f"Dauer ({minutes // 60}:{minutes % 60:02d} Stunden)"


def hindernis(zelle: object, trenner: str = "-") -> tuple[str, str] | None:
    """Why a cell can be neither key nor number, and what helps; None if nothing is known against it.

    ``trenner`` stands between the numbers that a spreadsheet may have made a date of: "-" in keys and
    headings, "." in numbers.
    """
    if isinstance(zelle, Formel):
        return (
            f"Hier steht eine Formel ohne gespeichertes Ergebnis („{zelle[:40]}“)",
            "Bitte die Datei in Excel öffnen, berechnen lassen und speichern.",
        )
    if isinstance(zelle, Unsichtbar):
        return (
            f"Hier steht {zelle}, das Zellformat zeigt davon aber nichts",
            "Bitte beim Lieferanten klären, ob die Zahl gelten soll, und sie sichtbar formatieren oder löschen lassen.",
        )
    if isinstance(zelle, Gezeigt):
        return (
            f"Das Zellformat zeigt hier „{zelle}“, in der Zelle steht aber {zelle.steht}",
            "Bitte beim Lieferanten klären, was gilt, und die Zahl so eintragen lassen, wie sie gezeigt wird.",
        )
    if isinstance(zelle, Gestrichen):
        return (
            f"Hier steht „{zelle[:40]}“, aber durchgestrichen",
            "Bitte beim Lieferanten klären, ob die Angabe gelten soll, und den Strich entfernen oder sie löschen lassen.",
        )
    if isinstance(zelle, date):
        meant = [f"{zelle.day}{trenner}{zelle.month}"]
        if zelle.day == 1:
            meant.append(f"{zelle.month}{trenner}{zelle.year if zelle.year < 2000 else zelle.year % 100}")
        if isinstance(zelle, datetime) and (zelle.hour or zelle.minute):
            meant = []
        guess = f"; vermutlich war {' oder '.join(f'„{text}“' for text in meant)} gemeint" if meant else ""
        return (
            f"Excel hat hier ein Datum ({zelle.day}. {MONATSNAMEN[zelle.month - 1]} {zelle.year}){guess}",
            "Bitte die Spalte in Excel als Text formatieren, die Angabe neu eintragen und neu liefern lassen.",
        )
    if isinstance(zelle, time | timedelta):
        return (
            f"Excel hat hier eine {_zeit(zelle)}",
            "Bitte die Spalte in Excel als Text formatieren, die Angabe neu eintragen und neu liefern lassen.",
        )
    if isinstance(zelle, str):
        written = glatt(zelle)
        if _EXCELFEHLER.fullmatch(written.upper()):
            return (
                f"Hier steht der Excel-Fehler „{written}“; die Formel dahinter hat kein Ergebnis",
                "Bitte beim Lieferanten klären oder das Zeichen im Symbolprofil eintragen.",
            )
        if _DATUMSTEXT.fullmatch(written):
            return (
                f"„{written}“ sieht nach einem Datum aus, das ein Tabellenprogramm aus einer anderen Angabe gemacht hat",
                "Bitte die Spalte dort als Text formatieren und neu liefern lassen.",
            )
    return None


@dataclass(frozen=True)
class Stellen:
    """How the places of a format are told; {zeile} is the number of the row, {nummer} counts columns from 1."""

    zelle: str = "{buchstabe}{zeile}"
    zeile: str = "Zeile {zeile}"
    spalte: str = "Spalte {buchstabe}"

    def adresse(self, spalte: int, kopf: str = "") -> tuple[str, str]:
        """What stands before and behind the number of the row in the address of a cell of a column."""
        before, _, behind = self.zelle.partition("{zeile}")
        return self._filled(before, spalte, kopf), self._filled(behind, spalte, kopf)

    def benannt(self, spalte: int, kopf: str = "") -> str:
        """A column in words, with its heading."""
        place = self._filled(self.spalte, spalte, kopf)
        return f"{place} „{kopf}“" if kopf and "{kopf}" not in self.spalte else place

    def _filled(self, form: str, spalte: int, kopf: str) -> str:
        names = {"{buchstabe}": spaltenbuchstabe(spalte), "{nummer}": str(spalte + 1), "{kopf}": kopf}
        for name, value in names.items():
            form = form.replace(name, value)
        return form


@dataclass(frozen=True)
class Verborgen:
    """What a sheet holds without showing it: numbers of rows as the format counts them, columns from 0."""

    zeilen: frozenset[int] = frozenset()
    spalten: frozenset[int] = frozenset()


@dataclass(frozen=True)
class Blatt:
    """Everything a sheet or text file holds, before anybody knows where its table stands."""

    name: str
    """Name of the sheet, "" for a text file."""
    zeilen: Sequence[tuple[int, Sequence[Any]]] = field(repr=False)
    """Row number as the format counts it, and the cells as delivered."""
    verbunden: Mapping[tuple[int, int], Any] = field(default_factory=dict, repr=False)
    """Row number and column (counted from 0) of a merged cell -> the value that speaks for it."""
    stellen: Stellen = Stellen()
    offen: bool = False
    """Whether the last row may be cut off: the file ends in the middle of a line."""
    starr: bool = True
    """Whether cells stand at fixed places, so that a row cannot be longer or shorter by mistake."""
    trennzeichen: str = ""
    """What stands between cells that have no fixed places."""
    gelesen: str = ""
    """How the file was read, where that had to be found out, such as the delimiter."""
    verborgen: Verborgen = Verborgen()


@dataclass(frozen=True)
class Rohtabelle:
    """One table of one delivery.

    ``kopf`` holds one heading per column (parts of a multi-row heading joined by " | "), ``zeilen``
    the data rows as delivered, ``nummern`` their row numbers as the format counts them.
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
    maengel: Mapping[int, tuple[str, str]] = field(default_factory=dict, repr=False)
    """Position of a row that cannot be trusted -> why, and what helps."""
    stellen: Stellen = Stellen()
    gelesen: str = ""
    """How the file was read, where that had to be found out, such as the delimiter."""
    verborgen: Verborgen = Verborgen()

    def spalte(self, index: int, *, verbunden: bool = False) -> list[Any]:
        """Cells of a column; with ``verbunden`` a merged cell speaks for all its rows."""
        cells = [row[index] if index < len(row) else None for row in self.zeilen]
        if verbunden and self.verbunden:
            return [self.verbunden.get((row, index), cell) for row, cell in enumerate(cells)]
        return cells

    def zelle(self, zeile: int, spalte: int) -> str:
        """Address of a cell, such as ``D17``."""
        before, behind = self.adresse(spalte)
        return f"{before}{self.nummern[zeile]}{behind}"

    def finde_zelle(self, adresse: str) -> tuple[int, int] | None:
        """Position of row and column of a cell; in formats with lines the letters of a spreadsheet do as well."""
        for stellen in (self.stellen, Stellen()):
            for column, heading in enumerate(self.kopf):
                before, behind = stellen.adresse(column, heading)
                match = re.fullmatch(rf"{re.escape(before)}(-?\d+){re.escape(behind)}", adresse)
                if match and int(match[1]) in self._position:
                    return self._position[int(match[1])], column
        return None

    @cached_property
    def _position(self) -> dict[int, int]:
        return {number: position for position, number in enumerate(self.nummern)}

    def zeile(self, zeile: int) -> str:
        """Number of a row in the words of its format, such as ``Zeile 17``."""
        return self.stellen.zeile.replace("{zeile}", str(self.nummern[zeile]))

    def ort(self, zeile: int, spalte: int) -> str:
        """Address of a cell in words."""
        return zelle_in_worten(self.zelle(zeile, spalte))

    def adresse(self, spalte: int) -> tuple[str, str]:
        """What stands before and behind the number of the row in the addresses of a column."""
        return self.stellen.adresse(spalte, self._heading(spalte))

    def finde(self, angabe: str) -> list[int]:
        """Columns that are called so: spelled exactly, else in another spelling, else but for footnotes."""
        if isinstance(angabe, Spaltenstelle):
            return [angabe.position] if angabe.position < len(self.kopf) else []
        for form, columns in self._nach_form:
            found = columns.get(form(angabe))
            if found:
                return found
        return []

    @cached_property
    def _nach_form(self) -> list[tuple[Any, dict[str, list[int]]]]:
        forms = [glatt, ueberschriftsform, lambda text: ueberschriftsform(ohne_hochgestelltes(text))]
        result: list[tuple[Any, dict[str, list[int]]]] = []
        for form in forms:
            columns: dict[str, list[int]] = defaultdict(list)
            for column, name in enumerate(self.kopf):
                columns[form(name)].append(column)
            result.append((form, columns))
        return result

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
        known = [heading for heading in self.kopf if heading]
        remedy = vorschlag(angabe, known)
        made = [name for name in known if re.fullmatch(r"\d{2}\.\d{2}\.\d{4}", name.split(" | ")[-1])]
        if made and re.search(r"\d\s?[-–./]\s?\d", angabe):
            remedy = (
                f"Die Überschrift „{made[0]}“ ist ein Datum, das Excel vermutlich aus „{angabe}“ gemacht hat; "
                "bitte in Excel als Text formatieren und neu eintragen."
            )
        formula = next((name for name in known if name.startswith("=")), "")
        if formula and (why := hindernis(Formel(formula))):
            remedy = (
                f"In der Kopfzeile steht eine Formel ohne gespeichertes Ergebnis („{formula[:40]}“). {why[1]}"
            )
        return self.befund(
            "fehler", f"Die Spalte „{angabe}“ fehlt.", " ".join(filter(None, [remedy, self.gelesen]))
        )

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
        number = self.nummern[zeile] if zeile is not None else None
        place = ""
        if self.stellen.zeile != Stellen.zeile:  # a format without lines
            if zeile is not None and spalte is not None:
                place = self.zelle(zeile, spalte)
            elif zeile is not None:
                place = self.stellen.zeile.replace("{zeile}", str(number))
            elif spalte is not None:
                place = self.stellen.benannt(spalte, self._heading(spalte))
        heading = self.stellen.benannt(spalte, self._heading(spalte)) if spalte is not None else ""
        return Befund(
            schwere,
            text,
            abhilfe,
            datei=self.datei,
            blatt=self.blatt,
            zeile=None if place else number,
            spalte="" if place else heading.removeprefix("Spalte "),
            stelle=place,
            regel=regel,
        )

    def _heading(self, spalte: int) -> str:
        return self.kopf[spalte] if spalte < len(self.kopf) else ""
