"""A reader of finished results who works out what is hidden; shares no code with the package.

Reads every table, tooltip, description and comment of pages, lengths, places and colours of their marks, every sheet of
workbooks (hidden ones too), tables and texts of PDF, every part of Word, PowerPoint and Excel files, every CSV, JSON, notebook
and GeoJSON file; keeps each number with the interval its rounding leaves, looks for sums in the numbers it has read, and asks a linear program how far the counts nobody
printed can be narrowed.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import bueroleser
import numpy as np
import openpyxl
import pandas as pd
import papierleser
import selbstsuche
from bs4 import BeautifulSoup, Comment, Tag
from formen import Messung, Reihe, erklaert, farben, klassen, messungen, reihen
from gleichungen import Gleichungen, Zeile

GROESSEN = {"fälle": "zaehler", "zaehler": "zaehler", "von": "nenner", "bezug": "nenner", "bezugsgröße": "nenner",
            "nenner": "nenner", "wert": "wert"}  # fmt: skip
ZAHL = re.compile(r"(-?\d{1,3}(?:\.\d{3})*|-?\d+)(?:,(\d+))?(?:\s(?:%|Personen|Jahre))?")
HINWEIS = re.compile(r"(?P<ort>.+?)(?:\s*:\s|\s\(|\s)(?P<zahl>\d[\d.,]*)(?:\s(?P<einheit>[^\s\d]\S*))?\)?\.?")
JAHR = re.compile(r"\d{4}")
TRENNER = re.compile(r"[;,.]\s+|\n")
LINIEN = {"d", "points", "transform", "style", "class", "id", "viewBox", "src", "href"}
"""Attributes that hold no words."""
ROLLEN = ("gebiet", "indikator", "tag", "groesse")


@dataclass(frozen=True)
class Zahl:
    """A printed number; ``stellen`` decimals are shown."""

    wert: float
    stellen: int


Summe = tuple[tuple[int, str], ...]
"""Fields with their signs."""


@dataclass(frozen=True)
class Groesse:
    """What an indicator counts, of which base, and how many units the share is told in (100: percent)."""

    zaehler: Summe
    nenner: Summe | None = None
    faktor: float = 100.0
    teil: bool = True
    """Whether what is counted is a part of the base."""


@dataclass(frozen=True)
class Fund:
    """A number whose meaning is known."""

    gebiet: str
    indikator: str
    tag: str
    groesse: str
    zahl: Zahl


def deutsch(text: str) -> Zahl | None:
    found = ZAHL.fullmatch(text.replace("\u2212", "-").replace("\u00a0", " ").strip())
    if found is None:
        return None
    whole, digits = found[1].replace(".", ""), found[2] or ""
    return Zahl(float(f"{whole}.{digits or 0}"), len(digits))


def englisch(text: str) -> Zahl | None:
    found = re.fullmatch(r"-?\d+(?:\.(\d+))?", text)
    return Zahl(float(text), len(found[1] or "")) if found else None


@dataclass
class Angreifer:
    """Collects what is printed.

    Parameters
    ----------
    orte
        Names of areas as printed -> id.
    eltern
        Small area -> Kommune; every Kommune belongs to ``region``.
    indikatoren
        Names of indicators as printed -> id.
    definition
        What each indicator counts.
    tag
        Reference date of the pages.
    mehr
        (area, indicator, size, date) -> cases a total holds beside those of its areas; 0 where not named, NaN
        where nobody knows.
    ohne
        (total, indicator, date) -> small areas that have no part in that total.
    ungenau
        (area, date) whose counts are printed rounded.
    bekannt
        Fields everybody knows of every small area.
    """

    orte: Mapping[str, str]
    eltern: Mapping[str, str]
    region: str
    indikatoren: Mapping[str, str]
    definition: Mapping[str, Groesse]
    tag: str
    mehr: Mapping[tuple[str, str, str, str], float] = field(default_factory=dict)
    ohne: Mapping[tuple[str, str, str], frozenset[str]] = field(default_factory=dict)
    ungenau: frozenset[tuple[str, str]] = frozenset()
    heft: str = ""
    """Day the notebook is about whose outputs are being read."""
    bekannt: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    funde: set[Fund] = field(default_factory=set)
    bilder: list[tuple[list[Reihe], dict[str, set[str]], str]] = field(default_factory=list)
    """Rows of marks, colours and indicator (by its caption) of every picture, to be measured once all numbers are read."""
    gefunden: Sequence[tuple[Summe, Summe]] = ()
    """Sums taken as known in every small area."""

    # --- reading ----------------------------------------------------------------------------------

    def lies(self, ordner: Path) -> Angreifer:
        for path in sorted(ordner.rglob("*")) if ordner.is_dir() else [ordner]:
            if path.suffix == ".html":
                self._seite(BeautifulSoup(path.read_text(encoding="utf-8"), "lxml"))
            elif path.suffix in bueroleser.ENDUNGEN:
                self._buero(path.suffix, path)
            elif path.suffix == ".csv":
                with path.open(encoding="utf-8-sig", newline="") as stream:
                    head, *body = csv.reader(stream)
                self._tabelle(
                    head, [[row[0], *(englisch(cell) or cell for cell in row[1:])] for row in body if row], {}
                )
            elif path.suffix == ".pdf":
                self._papier(*papierleser.lies(path))
            elif path.suffix in (".json", ".ipynb"):
                words = path.read_text(encoding="utf-8")
                day = re.search(r"sa-angaben[^\d]{1,30}(\d\d\.\d\d\.\d{4})", words)
                self.heft = day[1] if day else ""
                self._baum(json.loads(words))
                self.heft = ""
            elif path.suffix == ".geojson":  # the name of the file says what it is about
                about = next(
                    (
                        {"indikator": key}
                        for name, key in self.indikatoren.items()
                        if name.lower() in path.stem
                    ),
                    {},
                )
                for one in json.loads(path.read_text(encoding="utf-8"))["features"]:
                    cells = [
                        englisch(str(value)) or value if isinstance(value, int | float) else value
                        for value in one["properties"].values()
                    ]
                    self._tabelle(list(one["properties"]), [cells], about)
        return self

    def _buero(self, ending: str, file: Path | io.BytesIO) -> None:
        """A Word, PowerPoint or Excel file and what is embedded in it."""
        if ending == ".xlsx":
            for sheet in openpyxl.load_workbook(file).worksheets:
                rows = [[_excel(cell) for cell in row] for row in sheet.iter_rows()]
                self._tabelle(rows[0] if rows else [], rows[1:], {})
        found = bueroleser.lies(file)
        subject = about = self._thema(found.titel)
        for piece in found.stuecke:
            if isinstance(piece, str):
                about = subject | self._beginn(piece) or about
                self._worte(piece, about)
            elif piece:
                body = [[row[0], *(deutsch(text) or text for text in row[1:])] for row in piece[1:] if row]
                self._tabelle(piece[0], body, about)
        for name, inner in found.dateien:
            self._buero(Path(name).suffix, inner)

    def _thema(self, title: str) -> dict[str, str]:
        """What a title ends with."""
        return next((role for i in range(len(title)) if (role := self.rolle(title[i:]))), {})

    def _beginn(self, words: str) -> dict[str, str]:
        """The indicator a caption begins with."""
        return next(
            ({"indikator": key} for name, key in self.indikatoren.items() if words.startswith(name)), {}
        )

    def _worte(self, text: str, about: Mapping[str, str]) -> None:
        """Places or indicators with a number behind them, anywhere in a text."""
        plain = text.replace("\u00a0", " ").strip()
        for part in {plain, *TRENNER.split(plain)}:
            found = HINWEIS.fullmatch(part)
            if found is None or JAHR.fullmatch(found["zahl"]) or "punkt" in (found["einheit"] or ""):
                continue  # percentage points are a difference
            named = self.rolle(found["ort"])  # "S 13" in a list is a place and no number of S
            if named and (number := deutsch(found["zahl"].rstrip(".,"))):
                self._merke({"groesse": "wert", "tag": self.tag} | about | named, number)

    def _baum(self, value: object) -> None:
        """Records, records made of columns and pages, however deep in a JSON file or a notebook's outputs."""
        if isinstance(value, str) and "</table>" in value:
            self._seite(BeautifulSoup(value, "lxml"))
        elif isinstance(value, list) and value and all(isinstance(line, str) for line in value):
            self._baum("".join(value))  # the lines of an output
        elif isinstance(value, list):
            for one in value:
                self._baum(one)
        elif isinstance(value, dict):
            columns = [one for one in value.values() if isinstance(one, list)]
            whole = len(columns) == len(value) and len({len(one) for one in columns}) == 1
            rows = zip(*columns, strict=True) if whole else [value.values()]
            cells = [[_json(cell) for cell in row] for row in rows]
            self._tabelle(list(value), cells, {})
            for one in value.values():
                self._baum(one)

    def rolle(self, text: object) -> dict[str, str]:
        """What a word says: an area, an indicator, a date or what kind of number it is."""
        if not isinstance(text, str):
            return {}
        whole = text.replace("\u00a0", " ").strip()
        bare = re.sub(r"\s*\([^()]*\)$", "", whole)  # a unit, or that a name is open
        if day := re.fullmatch(r"(\d\d)\.(\d\d)\.(\d{4})|(\d{4}-\d\d-\d\d)", bare):
            return {"tag": day[4] or f"{day[3]}-{day[2]}-{day[1]}"}
        for plain in (whole, bare):
            for role, words in (("gebiet", self.orte), ("indikator", self.indikatoren)):
                if plain in words:
                    return {role: words[plain]}
        return {"groesse": GROESSEN[bare.lower()]} if bare.lower() in GROESSEN else {}

    def _tabelle(
        self, kopf: Sequence[object], zeilen: Sequence[Sequence[object]], seite: Mapping[str, str]
    ) -> None:
        columns = [self.rolle(word) for word in kopf]
        for row in zeilen:
            known: dict[str, str] = {}
            for cell in row:
                known = self.rolle(cell) | known  # the leftmost name is the one of the row
            for cell, column in zip(row, columns, strict=False):
                if isinstance(cell, Zahl) and column:
                    self._merke({"groesse": "wert", "tag": self.tag} | seite | known | column, cell)

    def _seite(self, page: BeautifulSoup) -> None:
        title = page.h1.get_text(" ", strip=True) if page.h1 else ""
        said = page.select_one(".sa-angaben")  # a page says which day it is about
        day = re.search(r"\d\d\.\d\d\.\d{4}", said.get_text()) if said else None
        subject = self.rolle(day[0] if day else self.heft) | self._thema(title)
        for unit in page.select("th .sa-einheit"):
            unit.extract()
        for table in page.find_all("table"):
            lines = [row.find_all(["th", "td"]) for row in table.find_all("tr")]
            texts = [[cell.get_text("", strip=True) for cell in line] for line in lines if line]
            if texts:
                body = [[row[0], *(deutsch(text) or text for text in row[1:])] for row in texts[1:]]
                self._tabelle(texts[0], body, subject)
        for text, about in self._hinweise(page):
            self._worte(text, subject | about)
        for picture in page.find_all("svg"):
            about = self._abbildung(picture).get("indikator", "")
            self.bilder.append((list(reihen(picture)), farben(picture), about))

    def miss(self) -> Angreifer:
        """Measure what the pictures show of areas whose value nobody printed."""
        known = self._bekannte()
        for rows, colours, about in self.bilder:
            for row in rows:
                self._gemessen(messungen(row, known))
            own = {key: values for key, values in known.items() if key[0] == about}
            if not erklaert(colours, own):  # else what another indicator has in common with it is chance
                self._gemessen(klassen(colours, known))
        return self

    def _bekannte(self) -> dict[tuple[str, str], dict[str, float]]:
        """Printed values, the most exact of each; those that contradict one another are none."""
        read: dict[tuple[str, str, str], dict[int, set[float]]] = {}
        for one in self.funde:
            if one.groesse == "wert":
                places = read.setdefault((one.indikator, one.tag, one.gebiet), {})
                places.setdefault(one.zahl.stellen, set()).add(one.zahl.wert)
        known: dict[tuple[str, str], dict[str, float]] = {}
        for (indikator, tag, gebiet), places in sorted(read.items()):
            if len(exact := places[max(places)]) == 1:
                known.setdefault((indikator, tag), {})[gebiet] = next(iter(exact))
        return known

    def _gemessen(self, found: Iterator[Messung]) -> None:
        for one in found:
            places = int(np.floor(-np.log10(2 * max(one.spielraum, 1e-9))))
            if (area := self.orte.get(one.gebiet)) is not None:
                self.funde.add(Fund(area, one.indikator, one.tag, "wert", Zahl(one.wert, places)))

    def _papier(self, tables: Sequence[Sequence[Sequence[str]]], texts: Sequence[str]) -> None:
        """Tables and texts of a PDF, whose words may be divided anywhere."""
        words = {_dicht(word): word for word in (*self.orte, *self.indikatoren)}
        units = sorted(words, key=len, reverse=True)

        def plain(cell: str) -> str:
            text = cell.replace("\u00ad", "").strip()
            if self.rolle(text) or deutsch(text):
                return text
            near = _dicht(text)
            fits = (
                one for one in units if near.startswith(one) and not near[len(one) : len(one) + 1].islower()
            )
            return words.get(near) or words.get(next(fits, "")) or text

        title = next((role for text in texts[-4:] if (role := self._thema(text[:200]))), {})
        for table in tables:
            rows = [[plain(cell) for cell in row] for row in table if row]
            if rows:
                body = [[row[0], *(deutsch(text) or text for text in row[1:])] for row in rows[1:]]
                self._tabelle(rows[0], body, title)
        for text in texts:
            self._worte(text, title)

    def _hinweise(self, page: BeautifulSoup) -> Iterator[tuple[str, dict[str, str]]]:
        """Tooltips, descriptions, attributes and comments, with the indicator of their row or figure."""
        picture, row = None, dict[str, str]()
        for node in page.find_all(True):
            if node.name == "svg":
                picture, row = node, {}
            elif node.name == "text":  # a picture of several indicators writes each before its marks
                words = node.get_text("", strip=True)
                named = self.rolle(words)
                row = named if "indikator" in named else {} if words[:1].isalpha() else row
            texts = [v for key, v in node.attrs.items() if isinstance(v, str) and key not in LINIEN]
            texts += [node.get_text()] if node.name in ("title", "desc") else []
            texts += [str(part) for part in node.children if isinstance(part, Comment)]
            if texts := [
                text for text in texts if any(map(str.isalpha, text)) and any(map(str.isdigit, text))
            ]:
                inside = picture is not None and picture in node.parents
                about = self._abbildung(node) | (row if inside else {})
                yield from ((text, about) for text in texts)

    def _abbildung(self, node: Tag) -> dict[str, str]:
        figure = node.find_parent("figure")
        caption = figure.find("figcaption") if figure else None
        words = caption.get_text(" ", strip=True) if caption else ""
        return self._beginn(words)

    def _merke(self, known: Mapping[str, str], number: Zahl) -> None:
        if all(role in known for role in ROLLEN) and known["indikator"] in self.definition:
            self.funde.add(Fund(*(known[role] for role in ROLLEN), number))

    # --- solving ----------------------------------------------------------------------------------

    @property
    def teile(self) -> list[str]:
        return list(self.eltern)

    def felder(self) -> list[str]:
        """Fields whose counts are asked for."""
        sums = [one for page in self.definition.values() for one in (page.zaehler, page.nenner) if one]
        return sorted({name for one in sums for _, name in one})

    def summe(self, gebiet: str, summe: Summe, ohne: frozenset[str] = frozenset()) -> Zeile:
        """Signed fields as counts of small areas."""
        under = [part for part, parent in self.eltern.items() if gebiet in (part, parent, self.region)]
        row: dict[tuple[str, str], float] = {}
        for sign, name in summe:
            for part in under:
                if part not in ohne:
                    row[name, part] = row.get((name, part), 0.0) + sign
        return row

    def gleichungen(self, tag: str) -> Gleichungen:
        """Everything known of one date."""
        system = Gleichungen()
        for name, values in self.bekannt.items():
            for part, value in values.items():
                system.gleich({(name, part): 1.0}, value)
        seen: dict[tuple[str, str], set[str]] = {}
        for one in self.funde:
            if one.tag == tag and one.groesse != "wert":
                seen.setdefault((one.gebiet, one.indikator), set()).add(one.groesse)
        for one in sorted((one for one in self.funde if one.tag == tag), key=repr):
            page = self.definition[one.indikator]
            without = self.ohne.get((one.gebiet, one.indikator, tag), frozenset())
            part, more = self.gesamt(one, "zaehler", without)
            if page.nenner is None or one.groesse == "zaehler":
                self._zahl(system, part, one, more)
                continue
            base, more_base = self.gesamt(one, "nenner", without)
            if one.groesse == "nenner" and {name for _, name in page.nenner} <= set(self.bekannt):
                continue
            if one.groesse == "nenner":
                self._zahl(system, base, one, more_base)
            elif seen.get((one.gebiet, one.indikator), set()) != {"zaehler", "nenner"}:
                half = 0.5 * 10.0**-one.zahl.stellen + 1e-9
                for sign, rate in ((1.0, one.zahl.wert + half), (-1.0, one.zahl.wert - half)):
                    row = {key: sign * page.faktor * value for key, value in part.items()}
                    for key, value in base.items():
                        row[key] = row.get(key, 0.0) - sign * rate * value
                    system.hoechstens(row, sign * (rate * more_base - page.faktor * more))
        for left, right in self.gefunden:
            for area in self.teile:
                if any((row := self.unterschied(area, left, right)).values()):
                    system.gleich(row, 0.0)
        for page in self.definition.values():
            for area in self.teile if page.nenner and page.teil else ():
                row = self.summe(area, page.zaehler)
                for key, value in self.summe(area, page.nenner).items():
                    row[key] = row.get(key, 0.0) - value
                system.hoechstens(row, 0.0)
        return system

    def summen(self) -> list[tuple[Summe, Summe]]:
        """Sums that can be found in the numbers that were read: what stands on each side, as fields."""
        numbers: dict[Summe, dict[tuple[str, str], float]] = {}
        for one in self.funde:
            page = self.definition[one.indikator]
            summe = page.nenner if one.groesse == "nenner" else page.zaehler
            counted = one.groesse != "wert" or page.nenner is None
            if (
                counted
                and summe is not None
                and one.gebiet in self.eltern
                and (one.gebiet, one.tag) not in self.ungenau
            ):
                numbers.setdefault(tuple(sorted(summe)), {})[one.gebiet, one.tag] = one.zahl.wert
        words = {str(number): summe for number, summe in enumerate(sorted(numbers))}
        table = pd.DataFrame({key: pd.Series(numbers[summe]) for key, summe in words.items()})
        if table.empty:
            return []
        found = selbstsuche.suche(table.sort_index())
        return [
            tuple(tuple(term for key in side for term in words[key]) for side in (one.links, one.rechts))
            for one in found
        ]  # type: ignore[misc]

    def unterschied(self, gebiet: str, left: Summe, right: Summe) -> Zeile:
        """Two sums of fields of an area, one less the other."""
        row = self.summe(gebiet, (*left, *((-sign, name) for sign, name in right)))
        return {key: factor for key, factor in row.items() if factor}

    def gesamt(self, one: Fund, groesse: str, without: frozenset[str]) -> tuple[Zeile, float]:
        """A printed size as counts of small areas, and what a total holds beside them."""
        page = self.definition[one.indikator]
        summe = page.zaehler if groesse == "zaehler" or page.nenner is None else page.nenner
        row, more = (
            self.summe(one.gebiet, summe, without),
            self.mehr.get((one.gebiet, one.indikator, groesse, one.tag), 0.0),
        )
        if np.isnan(more):
            return row | {(f"{one.gebiet} {sorted(summe)} {sorted(without)}", "mehr"): 1.0}, 0.0
        return row, more

    def _zahl(self, system: Gleichungen, row: Zeile, one: Fund, more: float) -> None:
        half = 0.5 * 10.0**-one.zahl.stellen
        if (one.gebiet, one.tag) in self.ungenau:
            system.hoechstens(row, one.zahl.wert - more + half)
            system.hoechstens({key: -value for key, value in row.items()}, more + half - one.zahl.wert)
        else:
            system.gleich(row, one.zahl.wert - more)

    def grenzen(self, gebiet: str, feld: str, tag: str) -> tuple[float, float]:
        """Smallest and largest value of a count that agree with all that is printed."""
        return self.gleichungen(tag).grenzen(self.summe(gebiet, ((1, feld),)))

    def irrtum(self, tag: str, wahr: Mapping[str, Mapping[str, float]]) -> float:
        """By how much the true counts (field -> area -> count) violate what was read: 0 if all was understood."""
        return self.gleichungen(tag).verstoss(
            {(name, part): wahr[name][part] for name in self.felder() for part in self.teile}
        )


def _dicht(text: str) -> str:
    """A word without what a line break may have put in."""
    return re.sub(r"[-\s\u00ad\u2011]", "", text)


def _json(cell: object) -> object:
    return englisch(str(cell)) or cell if isinstance(cell, int | float) else cell


def _excel(cell: openpyxl.cell.Cell) -> object:
    if isinstance(cell.value, date):
        return f"{cell.value:%Y-%m-%d}"
    if isinstance(cell.value, bool) or not isinstance(cell.value, int | float):
        return cell.value
    digits = re.search(r"0\.(0+)", cell.number_format)
    if cell.number_format == "General":
        return englisch(str(cell.value))
    return Zahl(float(cell.value), len(digits[1]) if digits else 0)
