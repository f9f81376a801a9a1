"""How a delivered file is read: which columns name areas, which tell the day, which hold numbers, what other rows mean."""

from __future__ import annotations

import math
import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from sozialanalyse import build
from sozialanalyse.errors import Befund, PruefFehler
from sozialanalyse.region import Region
from sozialanalyse.rohtabelle import Rohtabelle
from sozialanalyse.vorschlag import form, spalten, woerter, zeilen
from sozialanalyse.vorschlag.ansicht import ansichten, leer
from sozialanalyse.vorschlag.lage import Finder, Lage, Schluessel, finde_lage
from sozialanalyse.vorschlag.spalten import Zahlspalte
from sozialanalyse.vorschlag.zeit import Zeit, finde_zeit, zeitspalten
from sozialanalyse.woerter import glatt, vergleichsform, zelltext


class Lesart:
    """What a file holds for a region; each step knows what those before it found.

    ``offen`` collects what the file does not tell, ``bestaetigen`` what was decided but should be confirmed.
    """

    def __init__(self, datei: Path, region: Region, gebiete: build.Gebiete) -> None:
        self.datei, self.region, self.gebiete = datei, region, gebiete
        self.finder = Finder(gebiete)
        self.offen: list[str] = []
        self.bestaetigen: list[str] = []
        self.lage = self._lage()
        self.form = form.forme(self.lage)
        self.lieferung = form.sammle(datei, self.form, self.lage, region.lieferungen, self.finder)
        self.haupt = self.lieferung.tabellen[0]
        self._keys()
        self._dates()
        self._columns()
        self._rows()

    def _lage(self) -> Lage:
        if not self.datei.is_file():
            raise PruefFehler(
                [
                    Befund(
                        "fehler", "Die Datei gibt es nicht.", "Bitte den Pfad prüfen.", datei=str(self.datei)
                    )
                ]
            )
        found = finde_lage(ansichten(self.datei), self.finder, self.datei)
        if found is not None:
            return found
        seen = [
            glatt(row[0])
            for view in ansichten(self.datei)[:1]
            for _, row in view.zeilen[:60]
            if row and not leer(row[0])
        ]
        shown = ", ".join(f"„{text}“" for text in list(dict.fromkeys(seen))[-4:])
        raise PruefFehler(
            [
                Befund(
                    "fehler",
                    f"Keine Spalte nennt Gebiete von {self.region.name}" + (f" (die erste enthält zum Beispiel {shown})." if shown else "."),
                    "Bitte die Gebietslisten der Region prüfen: Schreibweisen gehören dort unter „aliase“.",
                    datei=str(self.datei),
                )
            ]
        )  # fmt: skip

    def _keys(self) -> None:
        keys = self.lage.schluessel
        tables = self.lieferung.tabellen
        self.kommunen, self.kommune, reason = form.kommune_von(self.lage, tables, self.finder)
        self.schluessel = Schluessel(keys.spalten, keys.verbinden)
        names = [self.haupt.kopf[column] for column in keys.spalten]
        self.schluessel_angaben: dict[str, Any] = {"spalten": names}
        if len(keys.spalten) > 1:
            self.schluessel_angaben["verbinden"] = keys.verbinden
        self.schluessel_angaben |= self.kommune
        few = "" if self.lage.gebiete > 1 else " (nur eines)"
        self.schluessel_beleg = f"{self.lage.gebiete} verschiedene Gebiete der Gebietslisten gefunden{few}, in {self.lage.zeilen} Zeilen"
        self.schluessel_beleg += f"; {reason}" if reason else ""
        if any(not name for name in names):
            self.offen.append(
                "Eine Schlüsselspalte hat keine Überschrift; bitte in der Datei oder auf der Seite ergänzen."
            )
        self.gefunden = [
            [
                i for i, row in enumerate(table.zeilen)
                if Schluessel(keys.spalten, keys.verbinden, town).fund(row, self.finder) is not None
            ]
            for table, town in zip(tables, self.kommunen, strict=True)
        ]  # fmt: skip

    def _dates(self) -> None:
        self.zeit: Zeit = finde_zeit(
            self.lieferung.tabellen, self.gefunden, self.schluessel.spalten, self.region
        )
        self.bestaetigen += self.zeit.fragen
        if self.zeit.offen:
            self.offen.append(self.zeit.offen)

    # --- numbers ------------------------------------------------------------------------------

    def _cells(self, column: int) -> list[Any]:
        """Cells of a column in the rows that name an area, of all tables."""
        result = []
        for table, rows, columns in zip(
            self.lieferung.tabellen, self.gefunden, self.lieferung.spalten, strict=True
        ):
            there = columns.get(column, column)
            result += [table.zeilen[row][there] if there < len(table.zeilen[row]) else None for row in rows]
        return result

    def _columns(self) -> None:
        heading = self.haupt.kopf
        times = set(zeitspalten(self.haupt, self.gefunden[0], self.schluessel.spalten)) | {self.zeit.spalte}
        free = [i for i, name in enumerate(heading) if i not in self.schluessel.spalten and i not in times]
        everything = [cell for column in free for cell in self._cells(column) if isinstance(cell, str)]
        sign, reason, doubt = spalten.dezimalzeichen(everything)
        self.dezimal, self.dezimal_beleg = sign, reason
        if doubt:
            self.offen.append(f"Dezimalzeichen: {reason}. Bitte „dezimal“ angeben.")
        self.ausgelassen: dict[str, list[str]] = defaultdict(list)
        repeated = {form for form, n in Counter(map(vergleichsform, heading)).items() if n > 1}
        found: list[Zahlspalte] = []
        self.worte: list[int] = []
        for column in free:
            cells = self._cells(column)
            name = heading[column]
            if all(map(leer, cells)):
                if name:
                    self.ausgelassen["leer"].append(name)
                continue
            read = None if _codes(cells) else spalten.zahlspalte(column, name, cells, sign or ",")
            if read is None:
                if name:
                    self.worte.append(column)
                continue
            if not name or vergleichsform(name) in repeated:
                what = f"„{name}“ gibt es mehrmals" if name else "ohne Überschrift"
                self.offen.append(f"{read.ort}: {what}; die Spalte ist nicht aufgenommen.")
                continue
            if why := self._no_count(read):
                self.ausgelassen[why].append(name)
                continue
            found.append(read)
        for place in sorted(t for t in times if t is not None and t != self.zeit.spalte):
            self.ausgelassen["Jahr oder Tag"].append(heading[place])
        self._shape(found)

    def _no_count(self, column: Zahlspalte) -> str:
        """Why a column of numbers holds no quantity, "" if it may."""
        known = column.bekannt
        rows = [i for i, value in enumerate(column.werte) if not math.isnan(value)]
        if (
            column.ganz
            and len(known) > 4
            and np.array_equal(known, np.arange(known[0], known[0] + len(known)))
        ):
            return "laufende Nummer"
        if self._constant(column):
            return "in allen Gebieten gleich"
        cells = self._cells(column.index)
        funds = [self.finder(cells[row]) for row in rows[:200]]
        towns = [fund for fund in funds if fund is not None and fund.level != "sozialraum"]
        if rows and len(towns) == len(funds):
            return "Kennung des Gebiets darüber"
        return ""

    def _constant(self, column: Zahlspalte) -> bool:
        """Whether a column says the same of all areas, at least of all of one date."""
        groups: dict[tuple[str, ...], set[float]] = defaultdict(set)
        marks = [self._group(place, row) for place, rows in enumerate(self.gefunden) for row in rows]
        for mark, value in zip(marks, column.werte, strict=True):
            groups[mark].add(value)
        return len(marks) > 4 * len(groups) and all(len(values) == 1 for values in groups.values())

    def _shape(self, found: list[Zahlspalte]) -> None:
        """Wide, or long with a column that names what is counted."""
        self.merkmal: tuple[int, ...] = ()
        self.wert: int | None = None
        twice = self._repeated(())
        if twice and self.worte and found:
            named = [c for c in self.worte if 1 < len({zelltext(x) for x in self._cells(c)}) <= 120]
            single = next((c for c in named if not self._repeated((c,))), None)
            if single is not None:
                values = [c for c in found if woerter.trifft("wert", c.kopf)] or found
                self.merkmal, self.wert = (single,), values[0].index
                for column in found:
                    if column.index != self.wert:
                        self.ausgelassen["zweite Wertspalte einer langen Tabelle"].append(column.kopf)
                found = self._pivoted(values[0])
        self.worte = [c for c in self.worte if c not in self.merkmal]
        titles = [*self.haupt.vorspann, self.haupt.blatt, self.datei.stem.replace("_", " ")]
        self.zahlen = spalten.mit_einheiten(found, titles)
        if not self.zahlen:
            raise PruefFehler(
                [Befund("fehler", "Neben den Gebieten steht keine Spalte mit Zahlen.", "Bitte die Datei prüfen.", datei=str(self.datei))]
            )  # fmt: skip

    def _repeated(self, more: Sequence[int]) -> bool:
        """Whether an area stands in several rows of one date, table and category."""
        seen = set()
        for place, (table, rows) in enumerate(zip(self.lieferung.tabellen, self.gefunden, strict=True)):
            key = Schluessel(self.schluessel.spalten, self.schluessel.verbinden, self.kommunen[place])
            for row in rows:
                fund = key.fund(table.zeilen[row], self.finder)
                mark = (place, fund, self._group(place, row), *(zelltext(_at(table, row, c)) for c in more))
                if mark in seen:
                    return True
                seen.add(mark)
        return False

    def _group(self, place: int, row: int) -> tuple[str, ...]:
        if self.zeit.spalte is None:
            return ()
        return (zelltext(_at(self.lieferung.tabellen[place], row, self.zeit.spalte)),)

    def _pivoted(self, values: Zahlspalte) -> list[Zahlspalte]:
        """Categories of a long table as columns of their own."""
        kinds = [zelltext(cell) for cell in self._cells(self.merkmal[0])]
        marks = [
            (place, key.text(table.zeilen[row]), self._group(place, row))
            for place, (table, rows) in enumerate(zip(self.lieferung.tabellen, self.gefunden, strict=True))
            for key in [Schluessel(self.schluessel.spalten, self.schluessel.verbinden)]
            for row in rows
        ]
        order = {mark: i for i, mark in enumerate(dict.fromkeys(marks))}
        cells = self._cells(values.index)
        table: dict[str, list[Any]] = {kind: [None] * len(order) for kind in dict.fromkeys(kinds) if kind}
        there: dict[str, set[int]] = defaultdict(set)
        for kind, mark, cell in zip(kinds, marks, cells, strict=True):
            if kind:
                table[kind][order[mark]] = cell
                there[kind].add(order[mark])
        result = []
        for kind, column in table.items():
            read = spalten.zahlspalte(values.index, kind, column, self.dezimal or ",")
            if read is not None:
                absent = len(column) - len(there[kind])
                signs = Counter(read.zeichen)
                signs[""] -= absent  # rows that are not there are no empty cells
                result.append(replace(read, zeichen=+signs))
        return result

    # --- rows ---------------------------------------------------------------------------------

    def _rows(self) -> None:
        groups = [
            [(*self._group(place, row), *(zelltext(_at(table, row, c)) for c in self.merkmal)) for row in range(len(table.zeilen))]
            for place, table in enumerate(self.lieferung.tabellen)
        ]  # fmt: skip
        all_rows = zeilen.lies_zeilen(
            self.lieferung.tabellen, self.schluessel, self.kommunen, self._numbers(), groups, self.finder
        )
        self.arten = zeilen.ordne(
            self.lieferung.tabellen, replace(self.schluessel, kommune=self.kommunen[0]), all_rows, self.finder
        )
        self.zeilen_belege: dict[str, str] = {}
        for kind in self.arten:
            shown = ", ".join(f"„{text}“" for text in kind.texte[:3]) + (" …" if len(kind.texte) > 3 else "")
            if kind.art == "offen" or not kind.muster:
                self.offen.append(
                    f"{shown} ({kind.ort}): {kind.beleg}. Ein Gebiet unter anderem Namen gehört unter „aliase“ in die "
                    "Gebietsliste, eine Zeile ohne Bedarf unter „ueberlesen“."
                )
                continue
            name = "ueberlesen" if kind.art == "text" else kind.art
            known = self.schluessel_angaben.get(name)
            self.schluessel_angaben[name] = f"{known}|{kind.muster}" if known else kind.muster
            self.zeilen_belege[name] = f"{shown} ({kind.ort}): {kind.beleg}"
        self.staende = sorted({row.fund.stand for row in all_rows if row.fund and row.fund.stand})
        twice = zeilen.doppelte(all_rows)
        if twice:
            (area, _), rows = next(iter(twice.items()))
            numbers = ", ".join(
                str(self.lieferung.tabellen[row.tabelle].nummern[row.nummer]) for row in rows[:4]
            )
            same = all(
                np.array_equal(row.werte, rows[0].werte, equal_nan=True) and row.beiwort == rows[0].beiwort
                for rows in twice.values()
                for row in rows
            )
            how = (
                "mit gleichen Zahlen: Zeilen sind doppelt geliefert"
                if same
                else "mit verschiedenen Zahlen: Sind es Teile, die zu addieren sind, oder gilt nur eine Zeile?"
            )
            self.offen.append(
                f"{len(twice)} Gebiete stehen mehrmals, zum Beispiel „{area}“ in den Zeilen {numbers}, {how}"
            )

    def _numbers(self) -> list[np.ndarray]:
        """Counts of every row of each table, rows x columns."""
        result = []
        wanted = [c for c in self.zahlen if c.ganz and not c.mittel] or self.zahlen
        for table, columns in zip(self.lieferung.tabellen, self.lieferung.spalten, strict=True):
            indices = (
                [self.wert] if self.wert is not None else [columns.get(c.index, c.index) for c in wanted]
            )
            block = np.full((len(table.zeilen), len(indices)), math.nan)
            for place, index in enumerate(indices):
                assert index is not None
                read = spalten.zahlspalte(index, "", table.spalte(index), self.dezimal or ",")
                if read is not None:
                    block[:, place] = read.werte
            result.append(block)
        return result

    # --- the page -----------------------------------------------------------------------------


def _at(table: Rohtabelle, row: int, column: int) -> Any:
    cells = table.zeilen[row]
    return cells[column] if column < len(cells) else None


def _codes(cells: Sequence[Any]) -> bool:
    """Whether cells are codes with leading zeros, not numbers."""
    return any(isinstance(cell, str) and re.fullmatch(r"0\d+", glatt(cell)) for cell in cells)
