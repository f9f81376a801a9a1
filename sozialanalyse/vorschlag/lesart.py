"""How a delivered file is read: which columns name areas, which tell the day, which hold numbers, what other rows mean."""

from __future__ import annotations

import math
import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np

from sozialanalyse import build
from sozialanalyse.base import (
    Befund,
    PruefFehler,
    Rohtabelle,
    Stellen,
    glatt,
    spaltenbuchstabe,
    suche_datum,
    vergleichsform,
    zelltext,
)
from sozialanalyse.region import Region
from sozialanalyse.vorschlag import spaltenarten, wortliste, zeilen, zuschnitt
from sozialanalyse.vorschlag.ansicht import Ansicht, ansichten, leer
from sozialanalyse.vorschlag.lage import Finder, Lage, Schluessel, finde_lagen, gleiche
from sozialanalyse.vorschlag.mehrfach import Entscheid, entscheide
from sozialanalyse.vorschlag.spaltenarten import Zahlspalte
from sozialanalyse.vorschlag.zeit import Zeit, finde_zeit, mit_abstand, zeitspalten


class Lesart:
    """What a file holds for a region; each step knows what those before it found.

    ``offen`` collects what the file does not tell, ``bestaetigen`` what was decided but should be confirmed.
    """

    def __init__(self, datei: Path, region: Region, gebiete: build.Gebiete) -> None:
        self.datei, self.region, self.gebiete = datei, region, gebiete
        self.finder = Finder(gebiete)
        self.offen: list[str] = []
        self.bestaetigen: list[str] = []
        self.ansichten = self._views()
        same = self._lagen()
        self.lage = same[0]
        self.form = zuschnitt.forme(same, [view.blatt.name for view in self.ansichten])
        self.lieferung = zuschnitt.sammle(datei, self.form, self.lage, region.lieferungen, self.finder)
        self._keys()
        self._levels()
        self.zeit: Zeit = finde_zeit(self.tabellen, self.gefunden, self.schluessel.benutzt, region)
        self._columns()
        self.bestaetigen += self.zeit.fragen
        self.offen += [self.zeit.offen] if self.zeit.offen else []
        self._rows()

    def _views(self) -> list[Ansicht]:
        if self.datei.is_file():
            return ansichten(self.datei)
        fault = Befund("fehler", "Die Datei gibt es nicht.", "Bitte den Pfad prüfen.", datei=str(self.datei))
        raise PruefFehler([fault])

    def _lagen(self) -> list[Lage]:
        """The table, or several sheets of the same form."""
        found = finde_lagen(self.ansichten, self.finder, self.datei)
        if found:
            same = gleiche(found, self.finder)
            left = [
                one.ansicht.blatt.name
                for one in found
                if one not in same and one.ueberschrift == same[0].ueberschrift
            ]
            if any(left):
                names = ", ".join(f"„{name}“" for name in left[:4])
                self.bestaetigen.append(
                    f"Gelesen wird das Blatt „{same[0].ansicht.blatt.name}“; dieselben Überschriften hat auch {names}."
                )
            return same
        rows = [row for view in self.ansichten[:1] for _, row in view.zeilen[:60]]
        seen = dict.fromkeys(glatt(row[0]) for row in rows if row and not leer(row[0]))
        shown = ", ".join(f"„{text}“" for text in list(seen)[-4:])
        example = f" (die erste enthält zum Beispiel {shown})" if shown else ""
        raise PruefFehler(
            [Befund("fehler", f"Keine Spalte nennt Gebiete von {self.region.name}{example}.",
                    "Bitte die Gebietslisten der Region prüfen: Schreibweisen gehören dort unter „aliase“.",
                    datei=str(self.datei))]
        )  # fmt: skip

    def _keys(self) -> None:
        keys = self.lage.schluessel
        self.tabellen = [_filled(table, keys) for table in self.lieferung.tabellen]
        self.haupt = self.tabellen[0]
        if max(keys.benutzt) >= len(self.haupt.kopf):
            text = f"Die Gebiete stehen in {spaltenarten.ort(max(keys.benutzt))}, die Kopfzeile endet davor."
            raise PruefFehler(
                [self.haupt.befund("fehler", text, "Bitte Kopfzeile und Trennzeichen der Datei prüfen.")]
            )
        self.kommunen, self.kommune, reason = zuschnitt.kommune_von(self.lage, self.tabellen, self.finder)
        self.schluessel = replace(keys, kommune="", kommune_text="", kommune_aus="")
        self.schluessel_angaben: dict[str, Any] = {"spalten": [self.nenne(column) for column in keys.spalten]}
        if len(keys.spalten) > 1:
            self.schluessel_angaben["verbinden"] = keys.verbinden
        if keys.auffuellen:
            self.schluessel_angaben["auffuellen"] = True
        if keys.kommune_spalte is not None:
            self.schluessel_angaben["kommune_aus"] = "spalte"
            self.schluessel_angaben["kommune_spalte"] = self.nenne(keys.kommune_spalte)
        self.schluessel_angaben |= self.kommune
        few = "" if self.lage.gebiete > 1 else " (nur eines)"
        self.schluessel_beleg = (
            f"{self.lage.gebiete} verschiedene Gebiete der Gebietslisten gefunden{few}, in {self.lage.zeilen} Zeilen"
            + (f"; {reason}" if reason else "")
        )
        self.gefunden = [
            [
                i
                for i, row in enumerate(table.zeilen)
                if self.schluessel_von(place).fund(row, self.finder) is not None
            ]
            for place, table in enumerate(self.tabellen)
        ]

    def _levels(self) -> None:
        """How rows of one name on two levels tell which they mean: by a column of level words, else by their order."""
        table, key = self.haupt, self.schluessel.spalten[0]
        self.zweierlei: dict[str, list[int]] = defaultdict(list)
        today = self.gebiete.bund.heute
        for row in range(len(table.zeilen)) if len(self.schluessel.spalten) == 1 else ():
            several = self.finder.mehrdeutig(_at(table, row, key))
            if len(several) == 2 and {today.level(area) for area in several} == {"kommune", "sozialraum"}:
                self.zweierlei[zelltext(_at(table, row, key))].append(row)
        if not self.zweierlei or self.kommune or self.schluessel.kommune_spalte is not None:
            self.zweierlei.clear()
            return
        rows = sorted({*self.gefunden[0], *(row for rows in self.zweierlei.values() for row in rows)})
        words = {
            vergleichsform(word)
            for level in ("kommune", "sozialraum")
            for word in (self.region.seite.ebenen[level].einzahl, self.region.seite.ebenen[level].mehrzahl)  # type: ignore[index]
        }
        shown = ", ".join(f"„{text}“" for text in list(self.zweierlei)[:3])
        for column in range(len(table.kopf)):
            if column != key and {vergleichsform(_at(table, row, column) or "") for row in rows} <= words:
                self.schluessel_angaben["ebene"] = {"aus": "spalte", "spalte": self.nenne(column)}
                self.ebene_beleg = f"{shown} gibt es auf zwei Ebenen; {spaltenarten.ort(column, table.kopf[column])} nennt sie"
                return
        pairs = list(self.zweierlei.values())
        numbers = np.array([[self._sum(row) for row in pair] for pair in pairs if len(pair) == 2])
        if len(numbers) < len(pairs) or np.isnan(numbers).any():
            self.zweierlei.clear()
            return
        first, second = numbers.T
        for order, above in (("kommune", first > second), ("sozialraum", second > first)):
            if above.all():
                self.schluessel_angaben["ebene"] = {"aus": "reihenfolge", "zuerst": order}
                self.ebene_beleg = (
                    f"{shown} gibt es auf zwei Ebenen, in zwei Zeilen; die größere Zahl ist das Ganze"
                )
                self.bestaetigen.append(f"{self.ebene_beleg}. Bitte „ebene“ bestätigen.")
                return
        self.zweierlei.clear()

    def _sum(self, row: int) -> float:
        """Sum of the plain numbers of a row."""
        cells = [cell for c, cell in enumerate(self.haupt.zeilen[row]) if c not in self.schluessel.benutzt]
        read = spaltenarten.zahlspalte(0, "", cells, ",")
        return math.nan if read is None else float(np.nansum(read.werte))

    def schluessel_von(self, place: int) -> Schluessel:
        """How the rows of a table name their area."""
        return replace(self.schluessel, kommune=self.kommunen[place])

    def nenne(self, column: int) -> str | dict[str, str]:
        """A column as the page names it: by its heading, or by its letter if there is none of its own."""
        heading = self.haupt.kopf[column]
        if heading and self.haupt.finde(heading) == [column]:
            return heading
        return {"buchstabe": spaltenbuchstabe(column)}

    # --- numbers ------------------------------------------------------------------------------

    def _cells(self, column: int) -> list[Any]:
        """Cells of a column in the rows that name an area, of all tables."""
        result = []
        for table, rows, columns in zip(self.tabellen, self.gefunden, self.lieferung.spalten, strict=True):
            there = columns.get(column, column)
            result += [table.zeilen[row][there] if there < len(table.zeilen[row]) else None for row in rows]
        return result

    def _columns(self) -> None:
        heading = self.haupt.kopf
        times = {*zeitspalten(self.haupt, self.gefunden[0], self.schluessel.benutzt), *self.zeit.spalten}
        free = [i for i in range(len(heading)) if i not in self.schluessel.benutzt and i not in times]
        everything = [cell for column in free for cell in self._cells(column) if isinstance(cell, str)]
        sign, reason, doubt = spaltenarten.dezimalzeichen(everything)
        self.dezimal, self.dezimal_beleg = sign, reason
        if doubt:
            self.offen.append(f"Dezimalzeichen: {reason}. Bitte „dezimal“ angeben.")
        self.ausgelassen: dict[str, list[str]] = defaultdict(list)
        found: list[Zahlspalte] = []
        self.worte: list[int] = []
        for column in free:
            cells = self._cells(column)
            name = heading[column]
            if all(map(leer, cells)):
                if name:
                    self.ausgelassen["leer"].append(name)
                continue
            read = None if _codes(cells) else spaltenarten.zahlspalte(column, name, cells, sign or ",")
            if read is not None and self.haupt.stellen.zeile != Stellen.zeile:
                read = replace(read, stelle=self.haupt.stellen.benannt(column, name))
            if read is None:
                if name:
                    self.worte.append(column)
                continue
            if isinstance(self.nenne(column), dict):
                what = f"Die Überschrift „{name}“ gibt es mehrmals" if name else "Ohne Überschrift"
                self.bestaetigen.append(
                    f"{read.ort}: {what}; genannt ist der Buchstabe. Was zählt die Spalte?"
                )
            if why := self._no_count(read):
                self.ausgelassen[why].append(name)
                continue
            found.append(read)
        for place in sorted(times - set(self.zeit.spalten)):
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
        """Wide, or long with columns that name what is counted; days may stand in the headings."""
        self.merkmal: tuple[int, ...] = ()
        self.wert: int | None = None
        found = self._dated(found)
        if self._repeated(()) and self.worte and found:
            words = sorted(self.worte, key=lambda c: _plainness(self.haupt.kopf[c]))
            named = [c for c in words if 1 < len({zelltext(x) for x in self._cells(c)}) <= 120]
            several = (
                pick for size in (1, 2, 3) for pick in combinations(named, size) if not self._repeated(pick)
            )
            self.merkmal = next(several, ())
        if self.merkmal:
            values = [c for c in found if wortliste.trifft("wert", c.kopf)] or found
            self.wert = None if self.tage else values[0].index
            for column in found:
                if column is not values[0]:
                    self.ausgelassen["zweite Wertspalte einer langen Tabelle"].append(column.kopf)
            found = self._pivoted(values[0])
        self.worte = [c for c in self.worte if c not in self.merkmal]
        titles = [*self.haupt.vorspann, self.haupt.blatt, self.datei.stem.replace("_", " ")]
        self.zahlen = spaltenarten.mit_einheiten(found, titles)
        if not self.zahlen:
            raise PruefFehler(
                [Befund("fehler", "Neben den Gebieten steht keine Spalte mit Zahlen.", "Bitte die Datei prüfen.", datei=str(self.datei))]
            )  # fmt: skip

    @property
    def lang(self) -> bool:
        """Whether rows name what is counted."""
        return bool(self.merkmal)

    def _dated(self, found: list[Zahlspalte]) -> list[Zahlspalte]:
        """Columns whose headings differ only by a day joined to one; ``tage`` tells which stands where."""
        told = {c.index: hit for c in found if (hit := suche_datum(glatt(c.kopf))) is not None}
        days = {day for day, _ in told.values()}
        alone = bool(self.zeit.offen) and "fest" in self.zeit.regel.values()
        self.tage: dict[int, date] = {}
        if self.zeit.spalten or len(told) < len(found) / 2 or len(days) < (1 if alone else 2):
            return found
        self.tage = {column: day for column, (day, _) in told.items()}
        shown = next(c.kopf for c in found if c.index in told)
        reason = f"jede Überschrift nennt ihren Tag, zum Beispiel „{shown}“"
        self.zeit = mit_abstand(Zeit({"aus": "kopf"}, reason, frozenset(days)), self.region)
        groups: dict[str, list[Zahlspalte]] = defaultdict(list)
        for column in found:
            if column.index in told:
                groups[vergleichsform(told[column.index][1])].append(column)
            else:
                self.ausgelassen["Überschrift ohne Tag"].append(column.kopf)
        result = []
        for columns in groups.values():
            signs: Counter[str] = Counter()
            odd: Counter[str] = Counter()
            for column in columns:
                signs += column.zeichen
                odd += column.unklar
            rest = told[columns[0].index][1].strip(" |,;:-–()/_")
            result.append(
                replace(columns[0], kopf=re.sub(r"\s+", " ", rest), werte=np.concatenate([c.werte for c in columns]),
                        zeichen=signs, unklar=odd, stellen=tuple(c.index for c in columns))
            )  # fmt: skip
        return result

    def _repeated(self, more: Sequence[int]) -> bool:
        """Whether an area stands in several rows of one date, table and category."""
        seen = set()
        for place, (table, rows) in enumerate(zip(self.tabellen, self.gefunden, strict=True)):
            for row in rows:
                fund = self.schluessel_von(place).fund(table.zeilen[row], self.finder)
                mark = (place, fund, self._group(place, row), *(zelltext(_at(table, row, c)) for c in more))
                if mark in seen:
                    return True
                seen.add(mark)
        return False

    def _group(self, place: int, row: int) -> tuple[str, ...]:
        return tuple(zelltext(_at(self.tabellen[place], row, column)) for column in self.zeit.spalten)

    def _pivoted(self, values: Zahlspalte) -> list[Zahlspalte]:
        """Categories of a long table as columns of their own."""
        words = [self._cells(column) for column in self.merkmal]
        kinds = [" | ".join(zelltext(cell) for cell in cells) for cells in zip(*words, strict=True)]
        marks = [
            (place, self.schluessel.text(table.zeilen[row]), self._group(place, row))
            for place, (table, rows) in enumerate(zip(self.tabellen, self.gefunden, strict=True))
            for row in rows
        ]
        order = {mark: i for i, mark in enumerate(dict.fromkeys(marks))}
        places = values.stellen or (values.index,)
        table: dict[str, list[Any]] = {
            kind: [None] * len(order) * len(places) for kind in dict.fromkeys(kinds) if kind
        }
        there: Counter[str] = Counter()
        for block, index in enumerate(places):
            for kind, mark, cell in zip(kinds, marks, self._cells(index), strict=True):
                if kind:
                    table[kind][block * len(order) + order[mark]] = cell
                    there[kind] += 1
        result = []
        for kind, column in table.items():
            read = spaltenarten.zahlspalte(values.index, kind, column, self.dezimal or ",")
            if read is not None:
                signs = Counter(read.zeichen)
                signs[""] -= len(column) - there[kind]  # rows that are not there are no empty cells
                result.append(replace(read, zeichen=+signs, stellen=values.stellen))
        return result

    # --- rows ---------------------------------------------------------------------------------

    def _rows(self) -> None:
        groups = [
            [(*self._group(place, row), *(zelltext(_at(table, row, c)) for c in self.merkmal)) for row in range(len(table.zeilen))]
            for place, table in enumerate(self.tabellen)
        ]  # fmt: skip
        all_rows = zeilen.lies_zeilen(
            self.tabellen, self.schluessel, self.kommunen, self._numbers(), groups, self.finder
        )
        self.arten = zeilen.ordne(self.tabellen, self.schluessel_von(0), all_rows, self.finder)
        self.zeilen_belege: dict[str, str] = {"ebene": self.ebene_beleg} if self.zweierlei else {}
        for kind in self.arten:
            shown = ", ".join(f"„{text}“" for text in kind.texte[:3]) + (" …" if len(kind.texte) > 3 else "")
            if kind.art == "offen" and set(kind.texte) <= self.zweierlei.keys():
                continue  # „ebene“ tells which is meant
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
        self.mehrfach: Entscheid | None = None
        twice = zeilen.doppelte(all_rows)
        if twice:
            self._several(twice, all_rows)

    def _several(
        self,
        twice: dict[tuple[str, tuple[str, ...]], list[zeilen.Zeile]],
        all_rows: Sequence[zeilen.Zeile],
    ) -> None:
        """Areas in several rows: added up or chosen where the numbers decide it, else a question."""
        found = entscheide(
            all_rows, twice, self.tabellen, self.finder, self.schluessel.benutzt, self._counted()
        )
        chosen = [c for c in self.zahlen if found is not None and found.spalte in (c.stellen or (c.index,))]
        single = (
            found is not None and found.spalte is None and any(c.mittel or not c.ganz for c in self.zahlen)
        )
        if found is not None and not single and len(chosen) < len(self.zahlen):
            self.mehrfach = found
            self.zahlen = [c for c in self.zahlen if c not in chosen]
            self.worte = [c for c in self.worte if c != found.spalte]
            return
        (area, _), rows = next(iter(twice.items()))
        numbers = ", ".join(str(self.tabellen[row.tabelle].nummern[row.nummer]) for row in rows[:4])
        same = all(
            np.array_equal(row.werte, rows[0].werte, equal_nan=True) and row.beiwort == rows[0].beiwort
            for rows in twice.values()
            for row in rows
        )
        how = (
            "mit gleichen Zahlen: Sind die Zeilen doppelt geliefert („zusammenfassen: gleiche“) oder gleich große Teile („summe“)?"
            if same
            else "mit verschiedenen Zahlen: Sind es Teile, die zu addieren sind („zusammenfassen: summe“), oder gilt nur eine Zeile („nur“)?"
        )
        several = "Ein Gebiet steht" if len(twice) == 1 else f"{len(twice)} Gebiete stehen"
        self.offen.append(f"{several} mehrmals, zum Beispiel „{area}“ in den Zeilen {numbers}, {how}")

    def _counted(self) -> list[int]:
        """Columns that can be added up; all of them if none can."""
        wanted = [c for c in self.zahlen if c.ganz and not c.mittel] or self.zahlen
        return list(dict.fromkeys(index for c in wanted for index in (c.stellen or (c.index,))))

    def _numbers(self) -> list[np.ndarray]:
        """Counts of every row of each table, rows x columns."""
        result = []
        columns = self._counted()
        for table, there in zip(self.tabellen, self.lieferung.spalten, strict=True):
            indices = [there.get(column, column) for column in columns]
            block = np.full((len(table.zeilen), len(indices)), math.nan)
            for place, index in enumerate(indices):
                read = spaltenarten.zahlspalte(index, "", table.spalte(index), self.dezimal or ",")
                if read is not None:
                    block[:, place] = read.werte
            result.append(block)
        return result


def _filled(table: Rohtabelle, key: Schluessel) -> Rohtabelle:
    """The table with keys in every row: merged cells speak for all their rows, on request also cells above."""
    rows = [list(row) for row in table.zeilen]
    for column in key.benutzt:
        above: Any = None
        for row, cell in zip(rows, table.spalte(column, verbunden=True), strict=True):
            above = above if key.auffuellen and leer(cell) else cell
            if column < len(row):
                row[column] = above
    return replace(table, zeilen=rows)


def _at(table: Rohtabelle, row: int, column: int) -> Any:
    cells = table.zeilen[row]
    return cells[column] if column < len(cells) else None


def _plainness(heading: str) -> int:
    """Words before codes, where a format gives both."""
    return 0 if heading.endswith("| Bezeichnung") else 2 if heading.endswith("| Code") else 1


def _codes(cells: Sequence[Any]) -> bool:
    """Whether cells are codes with leading zeros, not numbers."""
    return any(isinstance(cell, str) and re.fullmatch(r"0\d+", glatt(cell)) for cell in cells)
