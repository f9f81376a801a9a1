"""From a delivered file to the draft of its dataset page, tried by the real reading before anybody sees it."""

from __future__ import annotations

import math
import re
import tempfile
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np

from sozialanalyse import build, settings, yamlio
from sozialanalyse.catalogue import DatensatzSeite, lade_katalog
from sozialanalyse.errors import Befund, PruefFehler
from sozialanalyse.region import Region, lade_region
from sozialanalyse.rohtabelle import Rohtabelle
from sozialanalyse.vorschlag import form, spalten, woerter, zeichen, zeilen
from sozialanalyse.vorschlag.ansicht import ansichten, leer
from sozialanalyse.vorschlag.lage import Finder, Lage, Schluessel, finde_lage, zahlig
from sozialanalyse.vorschlag.seite import Feldangabe, Indikatorangabe, Vorlage, schreibe
from sozialanalyse.vorschlag.spalten import Zahlspalte
from sozialanalyse.vorschlag.zeit import Zeit, daten_in, finde_zeit, zeitspalten
from sozialanalyse.woerter import glatt, vergleichsform, zelltext

HOECHSTENS = 24
"""So many indicators are proposed; a report with more compares nothing."""


@dataclass(frozen=True)
class Entwurf:
    """A drafted page, what is open in it, and what it reads."""

    text: str = field(repr=False)
    seite: DatensatzSeite = field(repr=False)
    """The page with placeholders filled for the trial."""
    offen: tuple[str, ...]
    """What the file does not tell."""
    bestaetigen: tuple[str, ...]
    """What was decided but should be confirmed."""
    probe: build.Probe = field(repr=False)
    dateien: tuple[Path, ...]
    ablage: str
    """Where the files must lie below the deliveries."""

    def bilanz(self) -> str:
        """What the page reads, as a German sentence."""
        frame = self.probe.merkmale
        known = int(frame["wert"].notna().sum())
        days = sorted(set(frame["stichtag"].astype(str)))
        areas = frame["gebiet_id"].astype(str).nunique()
        if not len(frame):
            return "Mit dieser Seite wird noch keine Zahl gelesen."
        number = f"{known:,}".replace(",", ".")
        files = "einer Datei" if len(self.dateien) == 1 else f"{len(self.dateien)} Dateien"
        gaps = len(frame) - known
        return (
            f"Gelesen wurden {number} Zahlen und {gaps} Lücken aus {files}: {areas} Gebiete, "
            f"{frame['feld'].astype(str).nunique()} Felder, Stichtag{'e' if len(days) > 1 else ''} {', '.join(days)}."
        )


def entwirf(datei: Path, region: str | Path | Region | None = None) -> Entwurf:
    """Draft the page of a delivered file for a region.

    Parameters
    ----------
    datei
        A workbook or a delimited text. Files of the same form and a similar name beside it belong to it.
    region
        Region folder; default as everywhere.

    Returns
    -------
    Entwurf
        The page as commented YAML, tried on the files by the reading of a build.

    Raises
    ------
    PruefFehler
        If the file is no table, or none of its columns names areas of the region.
    """
    place = region if isinstance(region, Region) else lade_region(settings.regionsordner(region))
    return _Arbeit(datei, place, build.lies_gebiete(place)).entwurf()


class _Arbeit:
    """One draft; each step knows what those before it found."""

    def __init__(self, datei: Path, region: Region, gebiete: build.Gebiete) -> None:
        self.datei, self.region, self.gebiete = datei, region, gebiete
        self.finder = Finder(gebiete)
        self.offen: list[str] = []
        self.bestaetigen: list[str] = []

    def entwurf(self) -> Entwurf:
        self.lage = self._lage()
        self.form = form.forme(self.lage)
        self.lieferung = form.sammle(self.datei, self.form, self.lage, self.region.lieferungen, self.finder)
        self.haupt = self.lieferung.tabellen[0]
        self._keys()
        self._dates()
        self._columns()
        self._rows()
        return self._finished(self._page())

    # --- where things stand -------------------------------------------------------------------

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
        cells = self._cells(column.index)
        funds = [self.finder(cells[row]) for row in rows[:200]]
        towns = [fund for fund in funds if fund is not None and fund.level != "sozialraum"]
        if rows and len(towns) == len(funds):
            return "Kennung des Gebiets darüber"
        return ""

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

    def _page(self) -> Vorlage:
        signs: Counter[str] = Counter()
        for column in self.zahlen:
            signs += column.zeichen
            if column.unklar:
                shown = ", ".join(f"„{text}“" for text, _ in column.unklar.most_common(3))
                self.offen.append(f"{column.ort}: {shown} ist keine Zahl und kein Zeichen.")
        told = zeichen.legende([*self.haupt.vorspann, *self.form.fussnoten, *self._other_sheets()])
        profil = zeichen.waehle(signs, told, self.region)
        self.bestaetigen += profil.fragen
        if profil.offen:
            self.offen.append(profil.offen)
        sperr, sperr_beleg = self._protection()
        name = self._title()
        felder = self._fields()
        sums = spalten.summen(self.zahlen)
        table: dict[str, Any] = dict(self.form.angaben)
        reasons = dict(self.form.belege)
        if self.dezimal:
            table["dezimal"], reasons["dezimal"] = self.dezimal, self.dezimal_beleg
        table["schluessel"] = self.schluessel_angaben
        table["stichtag"] = self.zeit.regel
        reasons |= {"schluessel": self.schluessel_beleg, "stichtag": self.zeit.beleg}
        if self.merkmal and self.wert is not None:
            table["merkmal"], table["wert"] = self.haupt.kopf[self.merkmal[0]], self.haupt.kopf[self.wert]
            reasons["merkmal"] = "lange Tabelle: Jedes Gebiet steht in mehreren Zeilen, je Merkmal in einer"
        for place, names in list(self.lieferung.andere.items())[:1]:
            count = len(self.lieferung.andere)
            self.bestaetigen.append(
                f"In einigen Dateien heißt „{self.haupt.kopf[place]}“ „{names[0]}“"
                + (f" (und {count - 1} Spalten ebenso anders)" if count > 1 else "")
                + "; gleichgesetzt, weil beide an derselben Stelle stehen."
            )
        for entry in self.lieferung.abgewiesen[:3]:
            self.bestaetigen.append(f"Eine Datei daneben passt nicht zu dieser Seite: {entry}")
        return Vorlage(
            id=self._id(),
            name=name,
            zeile_ist=f"{self._one()} am Stichtag"
            if not self.merkmal
            else f"{self._one()}, ein Stichtag, ein Merkmal",
            quelle=self._source(),
            dateien=self.lieferung.muster,
            symbolprofil=(profil.name, profil.beleg, profil.ergaenzung),
            sperrprofil=(sperr, sperr_beleg),
            gebietsstand=tuple(self.staende),
            tabelle=table,
            belege=reasons,
            zeilen_belege=self.zeilen_belege,
            felder=tuple(felder),
            summen={felder[s.ganzes].name: [felder[part].name for part in s.teile] for s in sums},
            indikatoren=tuple(self._indicators(felder, sums, name)),
            ausgelassen={reason: tuple(names) for reason, names in self.ausgelassen.items()}
            | ({"Text": tuple(self.haupt.kopf[c] for c in self.worte)} if self.worte else {}),
        )

    def _other_sheets(self) -> list[str]:
        """Texts of the other sheets, where legends often stand."""
        if self.lage.ansicht.blaetter < 2:
            return []
        return [
            glatt(cell)
            for view in ansichten(self.datei)
            if view.blatt.name != self.lage.ansicht.blatt.name
            for _, row in view.zeilen[:60]
            for cell in row
            if isinstance(cell, str)
        ]

    def _one(self) -> str:
        level = "sozialraum" if self._has_small() else "kommune"
        words = self.region.ebene(level)  # type: ignore[arg-type]
        return f"{'eine' if words.genus == 'f' else 'ein'} {words.einzahl}"

    def _has_small(self) -> bool:
        levels = self.gebiete.tabelle["level"]
        key = Schluessel(self.schluessel.spalten, self.schluessel.verbinden, self.kommunen[0])
        funds = (key.fund(self.haupt.zeilen[row], self.finder) for row in self.gefunden[0])
        return any(
            fund is not None and levels.get(fund.gebiet, "sozialraum") == "sozialraum" for fund in funds
        )

    def _title(self) -> str:
        for text in self.haupt.vorspann:
            if 6 <= len(text) <= 120 and not zahlig(text) and not woerter.legende(text):
                found = daten_in(text)
                return (text[: text.find(found[0].text)] if found else text).strip(" ,:;(–-") or text
        words = re.sub(r"[\W_]+", " ", re.sub(r"\d+", "", self.datei.stem)).strip()
        return words or self.datei.stem

    def _id(self) -> str:
        folder = self.datei.resolve().parent
        inside = folder != self.region.lieferungen and folder.is_relative_to(self.region.lieferungen)
        base = kennung(folder.name if inside else re.sub(r"\d.*$", "", self.datei.stem)) or "lieferung"
        taken = self._taken()
        name, number = base, 2
        while name in taken:
            name, number = f"{base}_{number}", number + 1
        return name

    def _taken(self) -> set[str]:
        try:
            katalog = lade_katalog(self.region)
        except PruefFehler:
            return set()
        self.vergeben = set(katalog.indikatoren)
        own = self.lieferung.pfade[0]
        for key, page in katalog.datensaetze.items():
            if any(own in self.region.lieferungen.glob(pattern) for pattern in page.muster):
                self.bestaetigen.append(
                    f"Zu dieser Datei gibt es schon die Datensatzseite „{key}“; beide zusammen liefern doppelt."
                )
        return set(katalog.datensaetze)

    def _source(self) -> dict[str, str]:
        for text in (*self.haupt.vorspann, *self.form.fussnoten):
            if match := re.match(r"(?:Quelle|Herausgeber|Datenquelle|Source|Bron)\s*:\s*(.+)", text):
                return {"anbieter": match[1].strip(), "lizenz": "<Bedingungen der Nutzung>"}
        return {"anbieter": "<wer liefert>", "lizenz": "<Bedingungen der Nutzung>"}

    def _protection(self) -> tuple[str, str]:
        profiles = self.region.seite.sperrprofile
        if not profiles:
            return "<Sperrprofil aus region.yml>", "region.yml nennt noch kein Sperrprofil"
        strict = max(
            profiles,
            key=lambda n: (
                profiles[n].mindestfallzahl,
                profiles[n].mindestnenner,
                not profiles[n].null_zeigen,
            ),
        )
        if len(profiles) == 1:
            return strict, "das einzige in region.yml"
        self.bestaetigen.append(
            f"Welches Sperrprofil gilt, sagt die Datei nicht ({', '.join(profiles)}); bis zur Klärung das strengste, „{strict}“."
        )
        return strict, "bitte klären; bis dahin das strengste"

    def _fields(self) -> list[Feldangabe]:
        result: list[Feldangabe] = []
        used: set[str] = set()
        unknown = []
        for column in self.zahlen:
            name = feldname(column.kopf, used)
            used.add(name)
            known = column.bekannt
            entry: dict[str, Any] = {
                "spalte": [column.kopf, *self.lieferung.andere.get(column.index, ())]
                if self.wert is None
                else column.kopf
            }
            if isinstance(entry["spalte"], list) and len(entry["spalte"]) == 1:
                entry["spalte"] = column.kopf
            note = column.beleg
            if not column.einheit:
                unknown.append(column.kopf)
            if column.einheit != "Personen":
                entry["einheit"] = column.einheit or ("Fälle" if column.ganz and not column.mittel else "")
            if column.einheit == "%" and np.max(known) <= 100 and np.min(known) >= 0:
                entry["max"] = 100
            if column.einheit == "%" and not column.prozentformat and np.max(known) <= 1 and not column.ganz:
                self.bestaetigen.append(
                    f"{column.ort}: Alle Werte liegen zwischen 0 und 1. Sind es Anteile, gehört „faktor: 100“ dazu."
                )
            if len(known) and np.min(known) < 0:
                entry["min"] = None
            if column.mittel:
                entry["summierbar"] = False
            if (
                self.staende
                and re.search(r"unter (3|6|15|18)\b|kinder", column.kopf, re.IGNORECASE)
                and not column.mittel
            ):
                entry["umrechnung"] = "unter18"
            result.append(Feldangabe(name, entry, column.ort if self.wert is None else "", note))
        if unknown:
            more = f" und {len(unknown) - 3} weiteren" if len(unknown) > 3 else ""
            self.bestaetigen.append(
                f"Die Einheit ist nicht zu erkennen bei {', '.join(f'„{name}“' for name in unknown[:3])}{more}."
            )
        return result

    def _indicators(
        self, felder: Sequence[Feldangabe], sums: Sequence[spalten.Summe], title: str
    ) -> list[Indikatorangabe]:
        denominators = spalten.nenner(self.zahlen, sums)
        known = tuple(self.region.themen)
        stem = (
            re.sub(r"[^A-Z]", "", kennung(felder[0].name and self._id_known()).upper().replace("_", ""))[:6]
            or "IND"
        )
        result = []
        doubtful, topicless = [], 0
        for i, (column, feld) in enumerate(zip(self.zahlen, felder, strict=True)):
            key = self._free_key(stem, i)
            thema, word = woerter.thema((column.kopf, title, self.datei.parent.name), known)
            if not thema and len(known) == 1:
                thema, word = known[0], "das einzige Thema"
            topicless += not thema
            entry: dict[str, Any] = {
                "name": _readable(column.kopf),
                "thema": thema or f"<Thema: {', '.join(known)}>",
            }
            note = f"Thema: „{word.strip()}“" if word else ""
            if column.mittel:
                entry |= {
                    "art": "wert",
                    "zaehler": feld.name,
                    "einheit": column.einheit or "",
                    "nachkommastellen": _digits(column),
                }
            elif i in denominators:
                below, why, others = denominators[i]
                entry |= {
                    "name": f"{_readable(column.kopf)} (Anteil)",
                    "zaehler": feld.name,
                    "nenner": felder[below].name,
                }
                note += f"; Nenner: {why}"
                if others:
                    note += "; möglich auch: " + ", ".join(felder[o].name for o in others)
                if not why.startswith("Teil"):
                    doubtful.append(feld.name)
            else:
                entry |= {
                    "art": "anzahl",
                    "zaehler": feld.name,
                    "einheit": column.einheit or "Fälle",
                    "nachkommastellen": 0,
                }
            active = bool(thema) and i < HOECHSTENS
            result.append(Indikatorangabe(key, entry, note.strip("; "), active))
        if doubtful:
            self.bestaetigen.append(
                f"Die Bezugsgröße (nenner) von {', '.join(doubtful[:4])}{' …' if len(doubtful) > 4 else ''} ist wahrscheinlich, nicht sicher."
            )
        if topicless:
            self.bestaetigen.append(
                f"Bei {topicless} Indikatoren ist das Thema nicht zu erkennen; sie stehen hinter # bereit."
            )
        if len(self.zahlen) > HOECHSTENS:
            self.bestaetigen.append(
                f"Eingeschaltet sind die ersten {HOECHSTENS} von {len(self.zahlen)} möglichen Indikatoren; die übrigen stehen hinter #."
            )
        return result

    def _id_known(self) -> str:
        return re.sub(r"\d.*$", "", self.datei.stem)

    def _free_key(self, stem: str, i: int) -> str:
        number = i + 1
        while f"{stem}{number:02}" in getattr(self, "vergeben", set()):
            number += 100
        return f"{stem}{number:02}"

    # --- trying it ----------------------------------------------------------------------------

    def _finished(self, page: Vorlage) -> Entwurf:
        days = self._reporting()
        region = Region(self.region.ordner, self.region.seite.model_copy(update={"stichtage": days}))
        draft, probe, seite = page, None, None
        for _ in range(2):
            seite = probeseite(schreibe(draft), days[-1])
            probe = build.probe(region, seite, self.lieferung.pfade, self.gebiete)
            missing = [
                befund
                for befund in probe.befunde
                if befund.regel == "vollstaendig" and befund.schwere == "fehler"
            ]
            if not missing or not draft.vollstaendig:
                break
            draft = replace(draft, vollstaendig=False)
            self.bestaetigen.append(f"{missing[0].text} Deshalb „vollstaendig: false“; bitte bestätigen.")
        assert probe is not None
        assert seite is not None
        faults = [
            befund
            for befund in probe.befunde
            if befund.schwere == "fehler" and befund.regel not in {"gebiet"}
        ]
        known = " ".join(self.offen)
        self.offen += [str(befund) for befund in faults[:8] if befund.text not in known]
        sources = [
            f"quelle → {key}: {value.strip('<>')}"
            for key, value in page.quelle.items()
            if value.startswith("<")
        ]
        self.offen = [*sources, *self.offen]
        entwurf = Entwurf(
            "", seite, tuple(self.offen), tuple(self.bestaetigen), probe, self.lieferung.pfade, page.dateien
        )
        text = schreibe(replace(draft, kopfzeilen=_preface(self, entwurf, page)))
        return replace(entwurf, text=text)

    def _reporting(self) -> list[date]:
        """Dates of the reporting; where none of those delivered is among them, these instead, to try the page."""
        own = sorted(date.fromisoformat(day) for day in self.region.stichtage)
        far = "stichtage" in self.zeit.offen
        return sorted({*own, *self.zeit.tage}) if far else own


def probeseite(text: str, tag: date) -> DatensatzSeite:
    """A drafted page with its placeholders filled, so that it can be tried.

    Raises
    ------
    PruefFehler
        If the text is no page; that would be a defect of the draft.
    """
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "entwurf.yml"
        path.write_text(text, encoding="utf-8")
        document = yamlio.lesen(path)
    filled = _filled(document.inhalt)
    rule = filled["tabelle"]["stichtag"]
    if str(rule.get("wert", "")).startswith("<"):
        rule["wert"] = tag.isoformat()
    return yamlio.pruefen(DatensatzSeite, replace(document, inhalt=filled))


def _filled(node: Any) -> Any:
    if isinstance(node, dict):
        return {key: _filled(value) for key, value in node.items()}
    return [_filled(value) for value in node] if isinstance(node, list) else node


def _preface(work: _Arbeit, entwurf: Entwurf, page: Vorlage) -> tuple[str, ...]:
    lines = [f"Entwurf einer Datensatzseite, aus {work.datei.name}. {entwurf.bilanz()}"]
    if not work.lieferung.pfade[0].is_relative_to(work.region.lieferungen):
        lines.append(
            "Die Datei liegt noch nicht unter den Lieferungen der Region; „dateien“ gilt, sobald sie dort liegt."
        )
    for title, entries in (("Noch offen:", entwurf.offen), ("Bitte bestätigen:", entwurf.bestaetigen)):
        if entries:
            lines += ["", title, *(f"  {number}. {entry}" for number, entry in enumerate(entries, start=1))]
    return tuple(lines)


def _at(table: Rohtabelle, row: int, column: int) -> Any:
    cells = table.zeilen[row]
    return cells[column] if column < len(cells) else None


def _codes(cells: Sequence[Any]) -> bool:
    """Whether cells are codes with leading zeros, not numbers."""
    return any(isinstance(cell, str) and re.fullmatch(r"0\d+", glatt(cell)) for cell in cells)


def kennung(text: str) -> str:
    """A name as formulas need it: small letters, digits, underscore.

    >>> kennung("Haushalte mit Kindern unter 18 Jahren")
    'haushalte_mit_kindern_unter_18_jahren'
    """
    plain = glatt(text).casefold()
    for sign, spelled in (("ä", "ae"), ("ö", "oe"), ("ü", "ue"), ("ß", "ss")):
        plain = plain.replace(sign, spelled)
    name = re.sub(r"[^a-z0-9]+", "_", plain).strip("_")
    return f"w_{name}" if name[:1].isdigit() else name


def feldname(kopf: str, vergeben: set[str]) -> str:
    """Name of a field from its heading, not used before."""
    parts = kopf.split(" | ")
    name = kennung(" ".join(parts))
    if len(name) > 48:
        name = "_".join(kennung(part)[: max(8, 44 // len(parts))].strip("_") for part in parts)
    name = name or "feld"
    number, free = 2, name
    while free in vergeben:
        free, number = f"{name}_{number}", number + 1
    return free


def _readable(kopf: str) -> str:
    return ", ".join(part.strip() for part in kopf.split(" | "))


def _digits(column: Zahlspalte) -> int:
    return 0 if column.ganz else 1
