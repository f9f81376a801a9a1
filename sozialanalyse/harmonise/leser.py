"""One delivered table read as its page says: which area, which date, which number."""

from __future__ import annotations

import re
from collections import defaultdict
from pathlib import PurePath
from typing import Any

import numpy as np

from sozialanalyse.catalogue import DatensatzSeite, Feld, SchluesselRegel
from sozialanalyse.errors import vorschlag
from sozialanalyse.harmonise.dates import berichtsstichtag, lies_datum
from sozialanalyse.harmonise.korrekturen import Korrekturbuch
from sozialanalyse.harmonise.sammlung import OHNE_GEBIET, Sammlung, Teil, Woerter, Zeilen
from sozialanalyse.harmonise.schluesselbund import Schluesselbund
from sozialanalyse.harmonise.zellen import Spalte, Zellen
from sozialanalyse.region import Region
from sozialanalyse.rohtabelle import Rohtabelle
from sozialanalyse.woerter import glatt, vergleichsform, zelltext

_UNGENUTZT = -2
"""Position of rows that are left out."""

Tag = tuple[str, str]
"""Reference date a row counts for, and the date delivered."""


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
        self.kopf: dict[str, list[int]] = defaultdict(list)
        for column, name in enumerate(tabelle.kopf):
            self.kopf[vergleichsform(name)].append(column)
        self._zeilen: dict[bytes, Zeilen] = {}

    def lies(self) -> None:
        rule = self.seite.tabelle.schluessel
        columns = [self._column(name) for name in rule.spalten]
        kommune = self._kommune(rule)
        if None in columns or isinstance(kommune, bool):
            return
        dates = self._dates()
        if dates is None:
            return
        areas = self._areas([c for c in columns if c is not None], rule, kommune or None, dates)
        known = list(dict.fromkeys(day for day in dates if day is not None))
        days = np.array([known.index(day) if day is not None else -1 for day in dates], dtype=np.int32)
        if self.seite.tabelle.merkmal is None:
            self._wide(areas, days, known)
        else:
            self._long(areas, days, known)

    # --- where things stand -------------------------------------------------------------------

    def _fault(
        self,
        text: str,
        abhilfe: str = "",
        *,
        zeile: int | None = None,
        spalte: int | None = None,
        regel: str = "",
    ) -> None:
        self.sammlung.befunde.append(
            self.tabelle.befund("fehler", text, abhilfe, zeile=zeile, spalte=spalte, regel=regel)
        )

    def _column(self, name: str, *, optional: bool = False) -> int | None:
        found = self.kopf.get(vergleichsform(name), [])
        if len(found) > 1:
            self._fault(f"Die Spalte „{name}“ gibt es {len(found)}-mal.",
                        "Bitte beim Lieferanten klären, welche gilt.", spalte=found[1])  # fmt: skip
        elif not found and not optional:
            known = [heading for heading in self.tabelle.kopf if heading]
            self._fault(f"Die Spalte „{name}“ fehlt.", vorschlag(name, known))
        return found[0] if len(found) == 1 else None

    def _kommune(self, rule: SchluesselRegel) -> str | bool | None:
        """Id of the Kommune the whole table speaks of; None if rows say it; False after a fault."""
        if rule.kommune_aus is None:
            return None
        pattern = rule.kommune_muster or r"(.+)"
        texts = (
            [PurePath(self.tabelle.datei).stem]
            if rule.kommune_aus == "dateiname"
            else [*self.tabelle.vorspann, self.tabelle.blatt]
        )
        for text in texts:
            match = re.search(pattern, glatt(text))
            found = self.bund.heute.finde(match[1]) if match else None
            if found is not None and self.bund.heute.level(found) == "kommune":
                return found
        place = "im Dateinamen" if rule.kommune_aus == "dateiname" else "über der Tabelle"
        self._fault(
            f"Welche Kommune gemeint ist, lässt sich {place} nicht erkennen.",
            "Bitte den Namen der Kommune ergänzen oder „kommune_muster“ auf der Datensatzseite anpassen.",
        )
        return False

    def _areas(
        self, columns: list[int], rule: SchluesselRegel, kommune: str | None, dates: list[Tag | None]
    ) -> np.ndarray:
        """Position of the area of each row."""
        positions = np.full(len(self.tabelle.zeilen), _UNGENUTZT, dtype=np.int32)
        for number, row in enumerate(self.tabelle.zeilen):
            parts = [row[c] if c < len(row) else None for c in columns]
            written = rule.verbinden.join(zelltext(part) for part in parts)
            day = dates[number]
            positions[number] = self._area(written, parts, rule, kommune, day, number, columns[-1])
        return positions

    def _area(
        self,
        written: str,
        parts: list[Any],
        rule: SchluesselRegel,
        kommune: str | None,
        day: Tag | None,
        number: int,
        column: int,
    ) -> int:
        if rule.nicht_zuordenbar and re.search(rule.nicht_zuordenbar, written):
            return OHNE_GEBIET
        today = self.bund.heute
        if rule.summen and re.search(rule.summen, written):
            found = kommune or today.finde(parts[0]) or today.finde(re.sub(rule.summen, "", written))
            usable = found is not None and today.level(found) != "sozialraum"
            return self.bund.position(found) if found is not None and usable else _UNGENUTZT
        if rule.ueberlesen and re.search(rule.ueberlesen, written):
            return _UNGENUTZT
        spelled = written if len(parts) > 1 else parts[0]
        found = self.bund.finde(spelled, day[1] if day else "", self.seite.staende, kommune=kommune)
        if found is not None:
            return self.bund.position(found)
        shown = f"„{written}“" if written else "Eine leere Kennung"
        older = self.bund.stand_von(spelled, kommune=kommune) if written else None
        self._fault(
            f"{shown} ist kein bekanntes Gebiet.",
            f"Es gehört zu „{older.name}“; bitte „gebietsstand: {older.id}“ auf der Datensatzseite prüfen."
            if older
            else "Bitte die Schreibweise berichtigen oder in der Gebietsliste als Alias eintragen.",
            zeile=number,
            spalte=column,
            regel="gebiet",
        )
        return _UNGENUTZT

    def _dates(self) -> list[Tag | None] | None:
        """Date of each row, None for a row without use; None for all after a fault."""
        rule, table = self.seite.tabelle.stichtag, self.tabelle
        if rule.aus == "spalte":
            column = self._column(rule.spalte or "")
            if column is None:
                return None
            known: dict[object, Tag | None] = {}
            result = []
            for number, cell in enumerate(table.spalte(column)):
                if cell not in known:
                    known[cell] = self._date(cell, zeile=number, spalte=column)
                result.append(known[cell])
            return result
        if rule.aus == "fest":
            written: object = rule.wert
        else:
            texts = (
                [PurePath(table.datei).as_posix()]
                if rule.aus == "dateiname"
                else [*table.vorspann, table.blatt]
            )
            matches = (re.search(rule.muster or "", glatt(text)) for text in texts)
            written = next((match[1] for match in matches if match), None)
        day = self._date(written)
        return None if day is None else [day] * len(table.zeilen)

    def _date(self, written: object, *, zeile: int | None = None, spalte: int | None = None) -> Tag | None:
        day = lies_datum(written)
        if day is None:
            self._fault(
                "Der Stichtag ist nicht zu erkennen."
                if written is None
                else f"„{written}“ ist kein Stichtag.",
                "Bitte „stichtag“ auf der Datensatzseite oder die Lieferung berichtigen.",
                zeile=zeile,
                spalte=spalte,
                regel="stichtag",
            )
            return None
        counts = berichtsstichtag(day, self.region.stichtage, self.seite.tabelle.stichtag.hoechstens_tage)
        if counts is None:
            self.sammlung.befunde.append(
                self.tabelle.befund(
                    "hinweis",
                    f"Der Stichtag {day:%d.%m.%Y} gehört zu keinem Stichtag der Berichterstattung.",
                    "Die Zeilen bleiben unberücksichtigt; falls sie gebraucht werden, „stichtage“ in region.yml ergänzen.",
                    zeile=zeile,
                    spalte=spalte,
                    regel="stichtag",
                )
            )
            return None
        return counts, day.isoformat()

    # --- numbers ------------------------------------------------------------------------------

    def _wide(self, areas: np.ndarray, days: np.ndarray, known: list[Tag]) -> None:
        rows = np.flatnonzero((areas != _UNGENUTZT) & (days >= 0))
        for name, feld in self.seite.felder.items():
            column = self._field_column(feld)
            if column is None:
                continue
            cells = self.zellen.lies(self.tabelle.spalte(column), feld)
            if not self._textual(cells, rows, column):
                self._part(name, feld, cells, rows, column, areas, days, known)

    def _long(self, areas: np.ndarray, days: np.ndarray, known: list[Tag]) -> None:
        shape = self.seite.tabelle
        kind, value = self._column(shape.merkmal or ""), self._column(shape.wert or "")
        if kind is None or value is None:
            return
        kinds = [zelltext(cell) for cell in self.tabelle.spalte(kind)]
        forms = {text: vergleichsform(text) for text in dict.fromkeys(kinds)}
        of_row = np.array([forms[text] for text in kinds], dtype=object)
        usable = (areas != _UNGENUTZT) & (days >= 0)
        cells = self.tabelle.spalte(value)
        for name, feld in self.seite.felder.items():
            wanted = {vergleichsform(text) for text in feld.spalten}
            if not wanted & set(forms.values()):
                if not feld.optional:
                    self._fault(f"Das Merkmal „{feld.spalten[0]}“ ({name}) kommt nicht vor.",
                                vorschlag(feld.spalten[0], sorted(forms)), spalte=kind)  # fmt: skip
                continue
            rows = np.flatnonzero(usable & np.isin(of_row, list(wanted)))
            read = self.zellen.lies([cells[row] for row in rows], feld).verteilt(rows, len(cells))
            self._part(name, feld, read, rows, value, areas, days, known)

    def _field_column(self, feld: Feld) -> int | None:
        present = [name for name in feld.spalten if vergleichsform(name) in self.kopf]
        return self._column((present or feld.spalten)[0], optional=feld.optional)

    def _textual(self, cells: Spalte, rows: np.ndarray, column: int) -> bool:
        """Report once when a whole column holds text instead of numbers."""
        wrong = rows[cells.unlesbar[rows]]
        if len(rows) > 2 and len(wrong) > len(rows) / 2:
            self._fault(
                f"In der Spalte stehen Texte wie „{cells.text(wrong[0])}“, wo Zahlen erwartet werden.",
                "Bitte prüfen, ob Spalten vertauscht sind oder das Dezimalzeichen auf der Datensatzseite stimmt.",
                spalte=column,
                regel="zahl",
            )
            return True
        return False

    def _part(
        self,
        name: str,
        feld: Feld,
        cells: Spalte,
        rows: np.ndarray,
        column: int,
        areas: np.ndarray,
        days: np.ndarray,
        known: list[Tag],
    ) -> None:
        for row in rows[cells.unlesbar[rows]]:
            text = cells.fehler(row)
            self._fault(f"{text[0].upper()}{text[1:]}.", "Bitte beim Lieferanten klären.",
                        zeile=int(row), spalte=column, regel="zahl")  # fmt: skip
        rows = rows[~cells.unlesbar[rows]]
        low = -np.inf if feld.min is None else feld.min
        high = np.inf if feld.max is None else feld.max
        outside = (cells.wert[rows] < low) | (cells.wert[rows] > high)
        for row in rows[outside]:
            self._fault(f"Der Wert {cells.wert[row]:g} liegt außerhalb des Möglichen ({_limits(feld)}).",
                        "Bitte beim Lieferanten klären.", zeile=int(row), spalte=column, regel="grenze")  # fmt: skip
        rows = rows[~outside]
        mended, records = self._mended(rows, column)
        self.sammlung.teile.append(
            Teil(
                feld=f"{self.seite.id}.{name}",
                datei=self.tabelle.datei,
                blatt=self.tabelle.blatt,
                quelle_id=self.quelle,
                spalte=column,
                zeilen=self._rows(rows, areas, days, known),
                zahlen=cells.zahlen,
                nummern=cells.roh.nummern[rows],
                roh=self._delivered(cells, rows, records),
                korrektur=mended,
                korrigiert=cells.KORRIGIERT,
            )
        )

    def _rows(self, rows: np.ndarray, areas: np.ndarray, days: np.ndarray, known: list[Tag]) -> Zeilen:
        """Area and date of some rows, kept once for all columns that have a number in the same rows."""
        key = rows.tobytes()
        if key not in self._zeilen:
            counted = np.array([self.sammlung.stichtage.index(day) for day, _ in known], dtype=np.int32)
            self._zeilen[key] = Zeilen(
                gebiet=areas[rows],
                stichtag=counted[days[rows]],
                nummer=np.asarray(self.tabelle.nummern, dtype=np.int32)[rows],
                datenstand=Woerter([delivered for _, delivered in known], days[rows]),
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

    def _delivered(self, cells: Spalte, rows: np.ndarray, records: dict[int, str]) -> Woerter:
        """Text of each cell as it was delivered, also where a correction took its place."""
        raw = cells.roh[rows]
        if not records:
            return raw
        words, numbers = list(raw.woerter), raw.nummern.copy()
        for row, record in records.items():
            numbers[rows == row] = len(words)
            words.append(self.korrekturen.geliefert(record))
        return Woerter(words, numbers)


def _limits(feld: Feld) -> str:
    low = f"mindestens {feld.min:g}" if feld.min is not None else ""
    high = f"höchstens {feld.max:g}" if feld.max is not None else ""
    return ", ".join(part for part in (low, high) if part)
