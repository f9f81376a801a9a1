"""One delivered table read as its page says: which area, which date, which number."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from pathlib import PurePath
from typing import Any

import numpy as np

from sozialanalyse.base import (
    Rohtabelle,
    Schwere,
    berichtsstichtage,
    glatt,
    lies_datum,
    lies_datum_aus_teilen,
    lies_datum_im_muster,
    muster,
    suche_datum,
    ueberschriftsform,
    vorschlag,
    warum_kein_datum,
    zelltext,
)
from sozialanalyse.harmonise.korrekturen import Korrekturbuch
from sozialanalyse.harmonise.mehrfachzeilen import addiert, pruefe_mehrfache
from sozialanalyse.harmonise.ortung import UNGENUTZT, Ortung
from sozialanalyse.harmonise.sammlung import Sammlung, Teil, Woerter, Zeilen
from sozialanalyse.harmonise.schluesselbund import Schluesselbund
from sozialanalyse.harmonise.spalten import Spalten, Tagesspalte, passend, verbunden
from sozialanalyse.harmonise.symbols import Zahl
from sozialanalyse.harmonise.zellen import Zellen, Zellspalte
from sozialanalyse.region import DatensatzSeite, Feld, Region

_ZWEISTELLIG = re.compile(r"(.*[^\d\s.,/-][\s_'-]*)(\d\d)")
"""A heading that ends in two digits: year or age."""

_TAG = re.compile(r"(?<!\d)(?:\d{1,2}\.\s?\d{1,2}\.\s?\d{4}|\d{4}-\d\d-\d\d)(?!\d)")
"""A day written in full."""

_VERBORGEN = "Bitte klären, ob das gelten soll, und es einblenden oder löschen lassen; Zeilen nimmt „nur“ oder „ueberlesen“ aus."
"""What helps where something is read that the sheet hides."""

Tag = tuple[str, str]
"""Reference date a row counts for, and the date delivered."""


@dataclass(frozen=True)
class Zeilenlage:
    """Area and date of every row."""

    gebiet: np.ndarray
    """Positions of the areas, :data:`UNGENUTZT` for none."""
    tag: np.ndarray
    """Positions in ``tage``, -1 for none."""
    tage: Sequence[Tag]

    @property
    def brauchbar(self) -> np.ndarray:
        return (self.gebiet != UNGENUTZT) & (self.tag >= 0)


class Leser:
    """Reads one table; every method reports instead of stopping at the first fault."""

    def __init__(
        self,
        seite: DatensatzSeite,
        tabelle: Rohtabelle,
        quelle: str,
        bund: Schluesselbund,
        region: Region,
        sammlung: Sammlung,
        korrekturen: Korrekturbuch,
    ) -> None:
        self.seite, self.tabelle, self.quelle = seite, tabelle, quelle
        self.bund, self.region, self.sammlung, self.korrekturen = bund, region, sammlung, korrekturen
        self.zellen = Zellen(region.seite.symbolprofile[seite.symbolprofil], seite.tabelle.dezimal)
        self._fault = partial(self._told, "fehler")
        self.spalten = Spalten(tabelle, sammlung.befunde, auffuellen=seite.tabelle.schluessel.auffuellen)
        self._zeilen: dict[bytes, Zeilen] = {}
        self._einzeln: dict[bytes, np.ndarray] = {}
        self._berichtstage: dict[date, Tag | None] = {}

    def lies(self) -> None:
        rows = self._chosen()
        if rows is None:
            return
        ortung = Ortung(self.seite, self.tabelle, self.spalten, self.bund, self.region, rows, self._fault)
        if not ortung.gut:
            return
        self.schluessel = ortung.spaltennummern
        self.paare = ortung.paare
        dated = self._dated(ortung) if self.seite.tabelle.stichtag.aus == "kopf" else self._undated(ortung)
        if not dated:
            return
        self.zahlen = self._number_columns(dated)
        self._tell_hidden(ortung)
        read = self._wide if self.seite.tabelle.merkmal is None else self._long
        for name, feld, column, rows, lage in read(dated):
            self._column(name, feld, column, rows, lage)

    def _tell_hidden(self, ortung: Ortung) -> None:
        """Rows and columns that are read though the sheet hides them."""
        hidden, numbers = self.tabelle.verborgen, self.tabelle.nummern
        rows = [row for row in np.flatnonzero(ortung.genutzt).tolist() if numbers[row] in hidden.zeilen]
        if rows:
            count = f"{len(rows)} {'Zeile' if len(rows) == 1 else 'Zeilen'}"
            self._told(
                "warnung",
                f"Gelesen, obwohl im Blatt ausgeblendet: {count}.",
                _VERBORGEN,
                zeile=rows[0],
                regel="verborgen",
            )
        for column in sorted(hidden.spalten.intersection([*self.schluessel, *self.zahlen])):
            self._told(
                "warnung",
                "Gelesen, obwohl im Blatt ausgeblendet: diese Spalte.",
                _VERBORGEN,
                spalte=column,
                regel="verborgen",
            )

    def _told(
        self,
        schwere: Schwere,
        text: str,
        abhilfe: str = "",
        *,
        zeile: int | None = None,
        spalte: int | None = None,
        regel: str = "",
    ) -> None:
        self.sammlung.befunde.append(
            self.tabelle.befund(schwere, text, abhilfe, zeile=zeile, spalte=spalte, regel=regel)
        )

    def _chosen(self) -> np.ndarray | None:
        """Which rows are read at all; None after a fault."""
        rows = np.ones(len(self.tabelle.zeilen), dtype=bool)
        for heading, choice in self.seite.tabelle.nur.items():
            column = self.spalten.finde(heading)
            if column is None:
                return None
            texts = [zelltext(cell) for cell in self.spalten.benennend(column)]
            wanted = passend(choice, texts)
            if not wanted:
                shown = choice if isinstance(choice, str) else " oder ".join(choice)
                self._fault(f"In keiner Zeile steht hier „{shown}“, wie „nur“ es verlangt.",
                            vorschlag(shown, sorted(set(texts) - {""})), spalte=column, regel="nur")  # fmt: skip
                return None
            rows &= np.array([text in wanted for text in texts], dtype=bool)
        if not rows.any():
            self._fault(
                "Keine Zeile erfüllt alles, was „nur“ verlangt.",
                "Bitte „nur“ auf der Datensatzseite prüfen.",
                regel="nur",
            )
            return None
        return rows

    # --- dates --------------------------------------------------------------------------------

    def _undated(self, ortung: Ortung) -> list[tuple[Tagesspalte | None, Zeilenlage]] | None:
        """Where every row has its date, or the table has one."""
        dates = self._dates(ortung.genutzt)
        if dates is None:
            return None
        known = list(dict.fromkeys(day for day in dates if day is not None))
        numbers = {day: number for number, day in enumerate(known)}
        days = np.array([numbers[day] if day is not None else -1 for day in dates], dtype=np.int32)
        areas = ortung.gebiete([day[1] if day is not None else "" for day in dates])
        return [(None, Zeilenlage(areas, days, known))]

    def _dated(self, ortung: Ortung) -> list[tuple[Tagesspalte | None, Zeilenlage]] | None:
        """Where headings hold the days: one column after the other."""
        columns = self.spalten.mit_tag(self.seite.tabelle.stichtag)
        if not columns:
            known = [heading for heading in self.tabelle.kopf if heading]
            short = next((match for one in known if (match := _ZWEISTELLIG.fullmatch(glatt(one)))), None)
            remedy = vorschlag("", known)
            if short is not None:
                stem = re.escape(short[1]).replace("\\ ", " ")
                remedy = f"Ist in „{short[0]}“ mit {short[2]} das Jahr gemeint, gehört „muster: '{stem}(\\d\\d)'“ zu „stichtag“."
            self._fault("In keiner Überschrift steht ein Tag, wie „stichtag: {aus: kopf}“ es verlangt.",
                        remedy, regel="stichtag")  # fmt: skip
            return None
        result: list[tuple[Tagesspalte | None, Zeilenlage]] = []
        cut: dict[str, np.ndarray] = {}
        for column in columns:
            day = self._counted(column.tag, spalte=column.spalte)
            if day is None:
                continue
            delivered = day[1] if self.seite.staende else ""
            if delivered not in cut:
                cut[delivered] = ortung.gebiete([delivered] * len(self.tabelle.zeilen))
            result.append(
                (
                    column,
                    Zeilenlage(cut[delivered], np.zeros(len(self.tabelle.zeilen), dtype=np.int32), [day]),
                )
            )
        return result

    def _dates(self, used: np.ndarray) -> list[Tag | None] | None:
        """Date of each row, None for a row without use; None for all after a fault."""
        rule, table = self.seite.tabelle.stichtag, self.tabelle
        if rule.aus == "spalte":
            found = [self.spalten.finde(name) for name in rule.spalten]
            columns = [column for column in found if column is not None]
            if len(columns) < len(found):
                return None
            known: dict[tuple[object, ...], Tag | None] = {}
            result: list[Tag | None] = []
            for number, cells in enumerate(zip(*map(self.spalten.benennend, columns), strict=True)):
                if used[number] and cells not in known:
                    known[cells] = self._row_date(cells, columns, number)
                result.append(known.get(cells))
            return result
        if rule.aus == "fest":
            written: object = rule.wert
        else:
            written = self._found_in(
                {
                    "dateiname": [PurePath(table.datei).as_posix()],
                    "zelle": [*table.vorspann, table.blatt],
                    "blatt": [table.blatt],
                }[rule.aus]
            )
        day = self._date(written)
        return None if day is None else [day] * len(table.zeilen)

    def _row_date(self, cells: Sequence[object], columns: Sequence[int], row: int) -> Tag | None:
        if len(cells) == 1:
            return self._date(cells[0], zeile=row, spalte=columns[0])
        day = lies_datum_aus_teilen(
            zip((self.tabelle.kopf[column] for column in columns), cells, strict=True)
        )
        if day is None:
            return self._date(" / ".join(map(zelltext, cells)), zeile=row, spalte=columns[0])
        return self._counted(day, zeile=row, spalte=columns[0])

    def _found_in(self, texts: Sequence[str]) -> object:
        """What the pattern takes out of the first text it fits; without a pattern the only day in it."""
        pattern = self.seite.tabelle.stichtag.muster
        if pattern is None:
            dated = (suche_datum(glatt(text)) for text in texts)
            return next((found[0] for found in dated if found), None)
        matches = (muster.suche(pattern, glatt(text)) for text in texts)
        return next((match[1] for match in matches if match), None)

    def _date(self, written: object, *, zeile: int | None = None, spalte: int | None = None) -> Tag | None:
        patterned = self.seite.tabelle.stichtag.muster is not None
        day = lies_datum_im_muster(written) if patterned else lies_datum(written)
        if day is None:
            self._fault(
                "Der Stichtag ist nicht zu erkennen."
                if written is None
                else f"„{zelltext(written)}“ {warum_kein_datum(written) or 'ist kein Stichtag'}.",
                "Bitte „stichtag“ auf der Datensatzseite oder die Lieferung berichtigen.",
                zeile=zeile,
                spalte=spalte,
                regel="stichtag",
            )
            return None
        return self._counted(day, zeile=zeile, spalte=spalte)

    def _counted(self, day: date, *, zeile: int | None = None, spalte: int | None = None) -> Tag | None:
        """What a delivered day counts for; None, which is told once, if nothing is near enough."""
        if day not in self._berichtstage:
            reach = self.seite.tabelle.stichtag.hoechstens_tage
            counts = berichtsstichtage(day, self.region.stichtage, reach)
            self._berichtstage[day] = (counts[0], day.isoformat()) if len(counts) == 1 else None
            if len(counts) > 1:
                first, second = (f"{date.fromisoformat(one):%d.%m.%Y}" for one in counts)
                self._fault(
                    f"Der {day:%d.%m.%Y} liegt gleich weit vom Stichtag {first} wie vom {second}.",
                    "Bitte „hoechstens_tage“ auf der Datensatzseite kleiner wählen oder den Tag nennen, für den die Zahlen gelten.",
                    zeile=zeile,
                    spalte=spalte,
                    regel="stichtag",
                )
            elif not counts:
                self._told(
                    "hinweis",
                    f"Der Stichtag {day:%d.%m.%Y} gehört zu keinem Stichtag der Berichterstattung.",
                    "Diese Zahlen bleiben unberücksichtigt; falls sie gebraucht werden, „stichtage“ in region.yml ergänzen.",
                    zeile=zeile,
                    spalte=spalte,
                    regel="stichtag",
                )
        return self._berichtstage[day]

    # --- numbers ------------------------------------------------------------------------------

    def _wide(
        self, dated: list[tuple[Tagesspalte | None, Zeilenlage]]
    ) -> Iterator[tuple[str, Feld, int, np.ndarray, Zeilenlage]]:
        """Field, column, rows and their areas and dates, where every field has its column."""
        for name, feld in self.seite.felder.items():
            for column, lage in self._places(feld, dated):
                yield name, feld, column, np.flatnonzero(lage.brauchbar), lage

    def _places(
        self, feld: Feld, dated: list[tuple[Tagesspalte | None, Zeilenlage]]
    ) -> Iterator[tuple[int, Zeilenlage]]:
        """Columns that hold a field, each with the areas and dates of its rows."""
        if self.seite.tabelle.stichtag.aus != "kopf":
            column = self.spalten.feld(feld)
            if column is not None:
                self._other_day(column, dated[0][1].tage)
                yield column, dated[0][1]
            return
        yield from self._dated_places([feld], dated, optional=feld.optional)

    def _other_day(self, column: int, days: Sequence[Tag]) -> None:
        """Tell a heading that names another day than the one its numbers count for, as a page of last year may."""
        heading = glatt(self.tabelle.kopf[column])
        named = _TAG.search(heading)
        day = lies_datum(named[0]) if named else None
        if day is None or not days:
            return
        reach = self.seite.tabelle.stichtag.hoechstens_tage
        near = {day.isoformat(), *berichtsstichtage(day, self.region.stichtage, reach)}
        if near.isdisjoint(one for pair in days for one in pair):
            read = date.fromisoformat(days[0][1])
            self._told(
                "warnung",
                f"Die Überschrift „{heading}“ nennt den {day:%d.%m.%Y}, gelesen sind die Zahlen zum {read:%d.%m.%Y}.",
                "Bitte „stichtag“ auf der Datensatzseite prüfen; mit „stichtag: {aus: kopf}“ gilt der Tag der Überschrift.",
                spalte=column,
                regel="stichtag",
            )

    def _dated_places(
        self, felder: Sequence[Feld], dated: list[tuple[Tagesspalte | None, Zeilenlage]], *, optional: bool
    ) -> Iterator[tuple[int, Zeilenlage]]:
        """Columns whose heading is that of a field and a day; told if there is none, or two for one day."""
        wanted = [one for feld in felder for one in feld.spalten]
        headings = [(column, lage) for column, lage in dated if column is not None]
        found = [pair for pair in headings if any(pair[0].heisst(one) for one in wanted)]
        bare = {column.rest for column, _ in headings} <= {("",)}
        if not found and bare and len(self.seite.felder) == 1:
            found = headings
            self._told("hinweis", f"In den Überschriften stehen nur Tage; gelesen sind diese Spalten als „{wanted[0]}“.",
                       'Ist das richtig, gehört spalte: "" auf die Datensatzseite.', spalte=found[0][0].spalte, regel="stichtag")  # fmt: skip
        if not found and not optional:
            rests = sorted({self.tabelle.kopf[column.spalte] for column, _ in headings})
            remedy = (
                'Stehen in den Überschriften nur Tage, gehört spalte: "" auf die Datensatzseite.'
                if any("" in column.rest for column, _ in headings)
                else vorschlag(wanted[0], rests)
            )
            self._fault(f"Zu „{wanted[0]}“ gibt es keine Spalte mit einem Tag.", remedy)
        self._passed_over(felder, [column for column, _ in found])
        taken: dict[Tag, int] = {}
        for column, lage in found:
            first = taken.setdefault(lage.tage[0], column.spalte)
            if first != column.spalte:
                self._fault(f"Zu „{wanted[0]}“ und dem {column.tag:%d.%m.%Y} gibt es zwei Spalten.",
                            "Bitte beim Lieferanten klären, welche gilt.", spalte=column.spalte, regel="stichtag")  # fmt: skip
                continue
            yield column.spalte, lage

    def _passed_over(self, felder: Sequence[Feld], gelesen: Sequence[Tagesspalte]) -> None:
        """Tell columns of other days that are called nearly like those that are read."""
        own = [one for feld in felder for one in feld.spalten]
        others = [one for feld in self.seite.felder.values() for one in feld.spalten if one not in own]
        rule = self.seite.tabelle.stichtag
        for column in self.spalten.uebergangen(own, gelesen, others) if gelesen else ():
            if berichtsstichtage(column.tag, self.region.stichtage, rule.hoechstens_tage):
                self._told("warnung", f"Die Spalte „{self.tabelle.kopf[column.spalte]}“ ist nicht gelesen: Sie heißt anders als "
                           f"„{self.tabelle.kopf[gelesen[0].spalte]}“.",
                           "Gehören beide zusammen, bitte beim Feld unter „spalte“ eine Liste der Schreibweisen eintragen oder „muster“ bei "
                           "„stichtag“ weiter fassen.", spalte=column.spalte, regel="stichtag")  # fmt: skip

    def _long(
        self, dated: list[tuple[Tagesspalte | None, Zeilenlage]]
    ) -> Iterator[tuple[str, Feld, int, np.ndarray, Zeilenlage]]:
        """The same where a column says which field a row holds."""
        shape = self.seite.tabelle
        kinds = [self.spalten.finde(name) for name in shape.merkmale]
        columns = [column for column in kinds if column is not None]
        if len(columns) < len(kinds):
            return
        places = list(self._value_columns(dated))
        if not places:
            return
        cells = list(zip(*map(self.spalten.benennend, columns), strict=True))
        words = verbunden(cells, " | ")
        forms = {text: ueberschriftsform(text) for text in dict.fromkeys(words)}
        of_row = np.array([forms[text] for text in words], dtype=object)
        for name, feld in self.seite.felder.items():
            wanted = {ueberschriftsform(text) for text in feld.spalten}
            if not wanted & set(forms.values()):
                if not feld.optional:
                    self._fault(f"Das Merkmal „{feld.spalten[0]}“ ({name}) kommt nicht vor.",
                                self._misread(columns, cells) or vorschlag(feld.spalten[0], sorted(forms)),
                                spalte=columns[0])  # fmt: skip
                continue
            named = np.isin(of_row, list(wanted))
            for column, lage in places:
                yield name, feld, column, np.flatnonzero(lage.brauchbar & named), lage

    def _number_columns(self, dated: list[tuple[Tagesspalte | None, Zeilenlage]]) -> list[int]:
        """Columns that hold what the page reads."""
        form = self.seite.tabelle
        if form.stichtag.aus == "kopf":
            return [column.spalte for column, _ in dated if column is not None]
        names = [name for feld in self.seite.felder.values() for name in feld.spalten]
        return [c for name in (names if form.wert is None else [form.wert]) for c in self.tabelle.finde(name)]

    def _value_columns(
        self, dated: list[tuple[Tagesspalte | None, Zeilenlage]]
    ) -> Iterator[tuple[int, Zeilenlage]]:
        """Columns that hold the numbers of a long table."""
        wert = self.seite.tabelle.wert
        if self.seite.tabelle.stichtag.aus == "kopf":
            yield from self._dated_places(
                [Feld(spalte=wert if wert is not None else "")], dated, optional=False
            )
        elif wert is not None and (column := self.spalten.finde(wert)) is not None:
            yield column, dated[0][1]

    def _misread(self, columns: Sequence[int], cells: Sequence[Sequence[Any]]) -> str:
        """Advice where a spreadsheet made dates of words such as ``3-6``."""
        for row, parts in enumerate(cells):
            for column, cell in zip(columns, parts, strict=True):
                if isinstance(cell, date):
                    return (
                        f"In {self.tabelle.ort(row, column)} steht ein Datum ({cell:%d.%m.%Y}), das ein "
                        "Tabellenprogramm aus Text gemacht hat; bitte die Spalte als Text formatieren lassen."
                    )
        return ""

    def _column(self, name: str, feld: Feld, column: int, rows: np.ndarray, lage: Zeilenlage) -> None:
        """Read the cells of one field."""
        rows = self._once(rows, lage, name)
        if not len(rows):
            return  # why none can be read is told where areas and dates are
        cells = self.tabelle.spalte(column)
        if self.seite.tabelle.merkmal is None:
            read = self.zellen.lies(cells, feld)
            if self._textual(read, rows, column):
                return
        else:
            read = self.zellen.lies([cells[row] for row in rows], feld).verteilt(rows, len(cells))
        self._in_order(feld, read, rows, column)
        self._part(name, feld, read, rows, column, lage)

    def _in_order(self, feld: Feld, cells: Zellspalte, rows: np.ndarray, column: int) -> None:
        """Fault where of two rows of one name the part holds more than its whole: their order is another."""
        if not self.paare or not feld.summierbar or feld.prozent or (feld.min or 0) < 0:
            return
        pairs = np.array(self.paare)
        pairs = pairs[np.isin(pairs, rows).all(axis=1)]
        wrong = pairs[cells.wert[pairs[:, 1]] > cells.wert[pairs[:, 0]]]
        if len(wrong):
            whole, part = (int(row) for row in wrong[0])
            lines = f"{self.tabelle.zeile(whole)} gilt nach „ebene: {{aus: reihenfolge}}“ als das Ganze, {self.tabelle.zeile(part)} als ein Teil davon"
            self._fault(f"{lines}, der Teil ist aber größer ({cells.text(part)} statt höchstens {cells.text(whole)}; so in {len(wrong)} von {len(pairs)} "
                        "Paaren).", "Bitte „zuerst“ bei „ebene“ prüfen oder die Ebene aus einer Spalte nehmen.",
                        zeile=part, spalte=column, regel="gebiet")  # fmt: skip
            self.paare = []

    def _once(self, rows: np.ndarray, lage: Zeilenlage, name: str) -> np.ndarray:
        """Rows without those of an area that has one already, which is told."""
        key = rows.tobytes() + f"{id(lage.gebiet)}".encode()
        if key not in self._einzeln:
            self._einzeln[key] = pruefe_mehrfache(
                rows,
                lage.gebiet,
                lage.tag,
                self.tabelle,
                self.seite,
                self.bund,
                self.schluessel,
                self.zahlen,
                self._told,
            )
        return self._einzeln[key]

    def _textual(self, cells: Zellspalte, rows: np.ndarray, column: int) -> bool:
        """Report once when a whole column holds text instead of numbers."""
        wrong = rows[cells.unlesbar[rows]]
        if len(rows) > 2 and len(wrong) > len(rows) / 2:
            plain = cells.abhilfe(wrong[0]) == Zahl.abhilfe
            self._fault(
                f"In der Spalte stehen Texte wie „{cells.text(wrong[0])}“, wo Zahlen erwartet werden."
                if plain
                else f"{_sentence(cells.fehler(wrong[0]))} Ebenso steht es um {len(wrong) - 1} weitere Zellen der Spalte.",
                "Bitte prüfen, ob Spalten vertauscht sind oder das Dezimalzeichen auf der Datensatzseite stimmt."
                if plain
                else cells.abhilfe(wrong[0]),
                zeile=None if plain else int(wrong[0]),
                spalte=column,
                regel="zahl",
            )
            return True
        return False

    def _part(
        self,
        name: str,
        feld: Feld,
        cells: Zellspalte,
        rows: np.ndarray,
        column: int,
        lage: Zeilenlage,
    ) -> None:
        for row in rows[cells.unlesbar[rows]]:
            self._fault(
                _sentence(cells.fehler(row)), cells.abhilfe(row), zeile=int(row), spalte=column, regel="zahl"
            )
        rows = rows[~cells.unlesbar[rows]]
        low = -np.inf if feld.min is None else feld.min
        high = np.inf if feld.max is None else feld.max
        outside = (cells.wert[rows] < low) | (cells.wert[rows] > high)
        for row in rows[outside]:
            self._fault(f"Der Wert {cells.wert[row]:g} liegt außerhalb des Möglichen ({_limits(feld)}).",
                        "Bitte beim Lieferanten klären.", zeile=int(row), spalte=column, regel="grenze")  # fmt: skip
        rows = rows[~outside]
        mended, records = self._mended(rows, column)
        part = Teil(
            feld=f"{self.seite.id}.{name}",
            datei=self.tabelle.datei,
            blatt=self.tabelle.blatt,
            quelle_id=self.quelle,
            adresse=self.tabelle.adresse(column),
            zeilen=self._rows(rows, lage),
            zahlen=cells.zahlen,
            nummern=cells.roh.nummern[rows],
            roh=self._delivered(cells, rows, records),
            korrektur=mended,
            korrigiert=cells.KORRIGIERT,
        )
        if self.seite.tabelle.zusammenfassen:
            part = addiert(part, self.seite, self.sammlung, self._told)
        self.sammlung.teile.append(part)

    def _rows(self, rows: np.ndarray, lage: Zeilenlage) -> Zeilen:
        """Area and date of some rows, kept once for all columns that have a number in the same rows."""
        key = rows.tobytes() + f"{id(lage)}".encode()
        if key not in self._zeilen:
            counted = np.array([self.sammlung.stichtage.index(day) for day, _ in lage.tage], dtype=np.int32)
            self._zeilen[key] = Zeilen(
                gebiet=lage.gebiet[rows],
                stichtag=counted[lage.tag[rows]],
                nummer=np.asarray(self.tabelle.nummern, dtype=np.int32)[rows],
                datenstand=Woerter([delivered for _, delivered in lage.tage], lage.tag[rows]),
            )
        return self._zeilen[key]

    def _mended(self, rows: np.ndarray, column: int) -> tuple[Woerter, dict[int, str]]:
        """Id of the correction applied to each cell, "" for none."""
        records = self.korrekturen.spalte(self.tabelle, column)
        if not records:
            return Woerter([""], np.broadcast_to(np.int32(0), len(rows))), records
        words = ["", *dict.fromkeys(records.values())]
        numbers = np.zeros(len(rows), dtype=np.int32)
        for row, record in records.items():
            numbers[rows == row] = words.index(record)
        return Woerter(words, numbers), records

    def _delivered(self, cells: Zellspalte, rows: np.ndarray, records: dict[int, str]) -> Woerter:
        """Text of each cell as it was delivered, also where a correction took its place."""
        raw = cells.roh[rows]
        if not records:
            return raw
        words, numbers = list(raw.woerter), raw.nummern.copy()
        for row, record in records.items():
            numbers[rows == row] = len(words)
            words.append(self.korrekturen.geliefert(record))
        return Woerter(words, numbers)


def _sentence(reason: str) -> str:
    return f"{reason[0].upper()}{reason[1:]}."


def _limits(feld: Feld) -> str:
    low = f"mindestens {feld.min:g}" if feld.min is not None else ""
    high = f"höchstens {feld.max:g}" if feld.max is not None else ""
    return ", ".join(part for part in (low, high) if part)
