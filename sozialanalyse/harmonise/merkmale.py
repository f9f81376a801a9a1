"""Delivered tables become one long table of counts, each with the cell it came from."""

from __future__ import annotations

import math
import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import PurePath
from typing import Any

import pandas as pd

from sozialanalyse.catalogue import DatensatzSeite, Feld, SchluesselRegel
from sozialanalyse.errors import Befund, vorschlag
from sozialanalyse.harmonise.dates import berichtsstichtag, lies_datum
from sozialanalyse.harmonise.keys import Schluesselbuch
from sozialanalyse.harmonise.symbols import Zahl, lies_zahl
from sozialanalyse.region import Region
from sozialanalyse.rohtabelle import Rohtabelle
from sozialanalyse.woerter import glatt, vergleichsform

SPALTEN = [
    "gebiet_id", "feld", "stichtag", "wert", "status", "datenstand", "roh", "datei", "blatt", "zelle", "quelle_id",
]  # fmt: skip


@dataclass
class _Sammlung:
    """What has been read so far: columns of the long table and findings."""

    spalten: dict[str, list[Any]] = field(default_factory=lambda: defaultdict(list))
    befunde: list[Befund] = field(default_factory=list)

    def add(self, **values: object) -> None:
        for name in SPALTEN:
            self.spalten[name].append(values[name])

    def frame(self) -> pd.DataFrame:
        return pd.DataFrame({name: self.spalten[name] for name in SPALTEN})


def harmonisiere(
    seite: DatensatzSeite,
    tabellen: Iterable[tuple[Rohtabelle, str]],
    buch: Schluesselbuch,
    region: Region,
) -> tuple[pd.DataFrame, list[Befund]]:
    """Harmonise all deliveries of one dataset.

    Parameters
    ----------
    tabellen
        Tables as read, each with the id of its source file.

    Returns
    -------
    frame, findings
        Long table with the columns of ``SPALTEN``, one row per area, field and reference date; ``wert``
        is NaN where there is no number and ``status`` tells why. Areas of a higher level appear where
        the delivery holds totals for them. ``feld`` is ``dataset.field``.
    """
    sammlung = _Sammlung()
    for tabelle, quelle in tabellen:
        _Leser(seite, tabelle, quelle, buch, region, sammlung).lies()
    frame = _once(sammlung.frame(), sammlung.befunde)
    return frame, sammlung.befunde


class _Leser:
    """Reads one table; every method reports instead of stopping at the first fault."""

    def __init__(
        self,
        seite: DatensatzSeite,
        tabelle: Rohtabelle,
        quelle: str,
        buch: Schluesselbuch,
        region: Region,
        sammlung: _Sammlung,
    ) -> None:
        self.seite, self.tabelle, self.quelle = seite, tabelle, quelle
        self.buch, self.region, self.sammlung = buch, region, sammlung
        self.profil = region.seite.symbolprofile[seite.symbolprofil]
        self.kopf: dict[str, list[int]] = defaultdict(list)
        for column, name in enumerate(tabelle.kopf):
            self.kopf[vergleichsform(name)].append(column)
        self._read: dict[object, Zahl] = {}

    def lies(self) -> None:
        rule = self.seite.tabelle.schluessel
        columns = [self._column(name) for name in rule.spalten]
        kommune = self._kommune(rule)
        if None in columns or isinstance(kommune, bool):
            return
        keys = self._keys([c for c in columns if c is not None], rule, kommune or None)
        dates = self._dates()
        if dates is None:
            return
        if self.seite.tabelle.merkmal is None:
            self._wide(keys, dates)
        else:
            self._long(keys, dates)

    # --- where things stand -------------------------------------------------------------------

    def _fault(
        self, text: str, abhilfe: str = "", *, zeile: int | None = None, spalte: int | None = None
    ) -> None:
        self.sammlung.befunde.append(self.tabelle.befund("fehler", text, abhilfe, zeile=zeile, spalte=spalte))

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
            found = self.buch.finde(match[1]) if match else None
            if found is not None and self.buch.level(found) == "kommune":
                return found
        place = "im Dateinamen" if rule.kommune_aus == "dateiname" else "über der Tabelle"
        self._fault(
            f"Welche Kommune gemeint ist, lässt sich {place} nicht erkennen.",
            "Bitte den Namen der Kommune ergänzen oder „kommune_muster“ auf der Datensatzseite anpassen.",
        )
        return False

    def _keys(self, columns: list[int], rule: SchluesselRegel, kommune: str | None) -> list[str | None]:
        """Area of each row; None for rows that are left out."""
        keys: list[str | None] = []
        for number, row in enumerate(self.tabelle.zeilen):
            parts = [row[c] if c < len(row) else None for c in columns]
            written = rule.verbinden.join(_part(part) for part in parts)
            keys.append(self._key(written, parts, rule, kommune, number, columns[-1]))
        return keys

    def _key(
        self,
        written: str,
        parts: list[Any],
        rule: SchluesselRegel,
        kommune: str | None,
        number: int,
        column: int,
    ) -> str | None:
        if rule.nicht_zuordenbar and re.search(rule.nicht_zuordenbar, written):
            return None
        if rule.summen and re.search(rule.summen, written):
            found = kommune or self.buch.finde(parts[0]) or self.buch.finde(re.sub(rule.summen, "", written))
            if found is None or self.buch.level(found) == "sozialraum":
                return None
            return found
        if rule.ueberlesen and re.search(rule.ueberlesen, written):
            return None
        found = self.buch.finde(written if len(parts) > 1 else parts[0], kommune=kommune)
        if found is None:
            shown = f"„{written}“" if written else "Eine leere Kennung"
            self._fault(
                f"{shown} ist kein bekanntes Gebiet.",
                "Bitte die Schreibweise berichtigen oder in der Gebietsliste als Alias eintragen.",
                zeile=number,
                spalte=column,
            )
        return found

    def _dates(self) -> list[tuple[str, str] | None] | None:
        """(reference date, delivered date) of each row, None for a row without use; None after a fault."""
        rule, table = self.seite.tabelle.stichtag, self.tabelle
        if rule.aus == "spalte":
            column = self._column(rule.spalte or "")
            if column is None:
                return None
            known: dict[object, tuple[str, str] | None] = {}
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

    def _date(
        self, written: object, *, zeile: int | None = None, spalte: int | None = None
    ) -> tuple[str, str] | None:
        day = lies_datum(written)
        if day is None:
            self._fault(
                "Der Stichtag ist nicht zu erkennen."
                if written is None
                else f"„{written}“ ist kein Stichtag.",
                "Bitte „stichtag“ auf der Datensatzseite oder die Lieferung berichtigen.",
                zeile=zeile,
                spalte=spalte,
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
                )
            )
            return None
        return counts, day.isoformat()

    # --- numbers ------------------------------------------------------------------------------

    def _wide(self, keys: list[str | None], dates: list[tuple[str, str] | None]) -> None:
        for name, feld in self.seite.felder.items():
            column = self._field_column(feld)
            if column is None:
                continue
            cells = self.tabelle.spalte(column)
            if self._textual(cells, keys, column):
                continue
            for number, (key, day) in enumerate(zip(keys, dates, strict=True)):
                if key is not None and day is not None:
                    self._cell(name, feld, cells[number], number, column, key, day)

    def _long(self, keys: list[str | None], dates: list[tuple[str, str] | None]) -> None:
        shape = self.seite.tabelle
        kind, value = self._column(shape.merkmal or ""), self._column(shape.wert or "")
        if kind is None or value is None:
            return
        names = {
            vergleichsform(text): (name, feld)
            for name, feld in self.seite.felder.items()
            for text in feld.spalten
        }
        kinds, cells = self.tabelle.spalte(kind), self.tabelle.spalte(value)
        for number, (key, day) in enumerate(zip(keys, dates, strict=True)):
            known = names.get(vergleichsform(_part(kinds[number])))
            if key is not None and day is not None and known is not None:
                self._cell(*known, cells[number], number, value, key, day)
        present = {vergleichsform(_part(cell)) for cell in kinds}
        for name, feld in self.seite.felder.items():
            if not feld.optional and not any(vergleichsform(text) in present for text in feld.spalten):
                self._fault(f"Das Merkmal „{feld.spalten[0]}“ ({name}) kommt nicht vor.",
                            vorschlag(feld.spalten[0], sorted({_part(c) for c in kinds})), spalte=kind)  # fmt: skip

    def _field_column(self, feld: Feld) -> int | None:
        present = [name for name in feld.spalten if vergleichsform(name) in self.kopf]
        return self._column((present or feld.spalten)[0], optional=feld.optional)

    def _textual(self, cells: list[Any], keys: list[str | None], column: int) -> bool:
        """Report once when a whole column holds text instead of numbers."""
        read = [self._number(cell) for cell, key in zip(cells, keys, strict=True) if key is not None]
        wrong = sum(bool(number.fehler) for number in read)
        if len(read) > 2 and wrong > len(read) / 2:
            example = next(
                c for c, k in zip(cells, keys, strict=True) if k is not None and self._number(c).fehler
            )
            self._fault(
                f"In der Spalte stehen Texte wie „{example}“, wo Zahlen erwartet werden.",
                "Bitte prüfen, ob Spalten vertauscht sind oder das Dezimalzeichen auf der Datensatzseite stimmt.",
                spalte=column,
            )
            return True
        return False

    def _number(self, cell: object) -> Zahl:
        key = (type(cell), cell)
        if key not in self._read:
            self._read[key] = lies_zahl(cell, self.profil, dezimal=self.seite.tabelle.dezimal)
        return self._read[key]

    def _cell(
        self, name: str, feld: Feld, cell: object, number: int, column: int, key: str, day: tuple[str, str]
    ) -> None:
        read = self._number(cell)
        if read.fehler:
            self._fault(
                f"{read.fehler[0].upper()}{read.fehler[1:]}.",
                "Bitte beim Lieferanten klären.",
                zeile=number,
                spalte=column,
            )
            return
        if not math.isnan(read.wert) and self._outside(read.wert, feld):
            self._fault(
                f"Der Wert {read.wert:g} liegt außerhalb des Möglichen ({_limits(feld)}).",
                "Bitte beim Lieferanten klären.",
                zeile=number,
                spalte=column,
            )
            return
        self.sammlung.add(
            gebiet_id=key,
            feld=f"{self.seite.id}.{name}",
            stichtag=day[0],
            wert=read.wert,
            status=read.status,
            datenstand=day[1],
            roh="" if cell is None else str(cell),
            datei=self.tabelle.datei,
            blatt=self.tabelle.blatt,
            zelle=self.tabelle.zelle(number, column),
            quelle_id=self.quelle,
        )

    @staticmethod
    def _outside(value: float, feld: Feld) -> bool:
        return (feld.min is not None and value < feld.min) or (feld.max is not None and value > feld.max)


def _limits(feld: Feld) -> str:
    low = f"mindestens {feld.min:g}" if feld.min is not None else ""
    high = f"höchstens {feld.max:g}" if feld.max is not None else ""
    return ", ".join(part for part in (low, high) if part)


def _part(value: object) -> str:
    if value is None:
        return ""
    return str(int(value)) if isinstance(value, float) and value.is_integer() else glatt(value)


def _once(frame: pd.DataFrame, befunde: list[Befund]) -> pd.DataFrame:
    """The same number delivered twice is a fault unless both agree; then the first is kept."""
    key = ["gebiet_id", "feld", "stichtag"]
    again = frame.duplicated(key, keep="first")
    if not again.any():
        return frame
    first = frame.drop_duplicates(key).set_index(key)
    clash = 0
    for row in frame[again].itertuples():
        before = first.loc[(row.gebiet_id, row.feld, row.stichtag)]
        same = before["wert"] == row.wert or (math.isnan(before["wert"]) and math.isnan(row.wert))
        if not same:
            clash += 1
            if clash <= 20:
                befunde.append(Befund(
                    "fehler",
                    f"„{row.gebiet_id}“ ist zum {row.stichtag} zweimal mit verschiedenen Werten geliefert "
                    f"(zuerst in {before['datei']}, Zelle {before['zelle']}).",
                    "Bitte beim Lieferanten klären, welche Zeile gilt.",
                    datei=row.datei, blatt=row.blatt, spalte=row.zelle))  # fmt: skip
    return frame[~again].reset_index(drop=True)
