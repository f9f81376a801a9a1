"""A reader of finished results who works out what is hidden; shares no code with the package.

Reads every table, tooltip, description and comment of pages, every sheet of workbooks (hidden ones too),
every CSV and GeoJSON file; keeps each number with the interval its rounding leaves, and asks a linear program
how far the counts nobody printed can be narrowed.
"""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import openpyxl
from bs4 import BeautifulSoup, Comment, Tag
from scipy.optimize import linprog

GROESSEN = {"fälle": "zaehler", "zaehler": "zaehler", "von": "nenner", "bezugsgröße": "nenner",
            "nenner": "nenner", "wert": "wert"}  # fmt: skip
ZAHL = re.compile(r"(-?\d{1,3}(?:\.\d{3})*|-?\d+)(?:,(\d+))?(?:\s(?:%|Personen|Jahre))?")
HINWEIS = re.compile(r"(?P<ort>.+?)\s*:\s(?P<zahl>[\d.,]+)(?:\s\S+)?")
ROLLEN = ("gebiet", "indikator", "tag", "groesse")


@dataclass(frozen=True)
class Zahl:
    """A printed number; ``stellen`` decimals are shown."""

    wert: float
    stellen: int


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
        Indicator -> field counted, and field it is a percentage of (None: a count).
    tag
        Reference date of the pages.
    """

    orte: Mapping[str, str]
    eltern: Mapping[str, str]
    region: str
    indikatoren: Mapping[str, str]
    definition: Mapping[str, tuple[str, str | None]]
    tag: str
    funde: set[Fund] = field(default_factory=set)

    # --- reading ----------------------------------------------------------------------------------

    def lies(self, ordner: Path) -> Angreifer:
        for path in sorted(ordner.rglob("*")):
            if path.suffix == ".html":
                self._seite(BeautifulSoup(path.read_text(encoding="utf-8"), "html.parser"))
            elif path.suffix == ".xlsx":
                for sheet in openpyxl.load_workbook(path):
                    rows = [[_excel(cell) for cell in row] for row in sheet.iter_rows()]
                    self._tabelle(rows[0] if rows else [], rows[1:], {})
            elif path.suffix == ".csv":
                with path.open(encoding="utf-8-sig", newline="") as stream:
                    head, *body = csv.reader(stream)
                self._tabelle(head, [[englisch(cell) or cell for cell in row] for row in body], {})
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

    def rolle(self, text: object) -> dict[str, str]:
        """What a word says: an area, an indicator, a date or what kind of number it is."""
        if not isinstance(text, str):
            return {}
        plain = re.sub(r"\s*\((?:%|Personen|Name offen)\)$", "", text.replace("\u00a0", " ").strip())
        if date := re.fullmatch(r"(\d\d)\.(\d\d)\.(\d{4})|(\d{4}-\d\d-\d\d)", plain):
            return {"tag": date[4] or f"{date[3]}-{date[2]}-{date[1]}"}
        for role, words in (("gebiet", self.orte), ("indikator", self.indikatoren)):
            if plain in words:
                return {role: words[plain]}
        return {"groesse": GROESSEN[plain.lower()]} if plain.lower() in GROESSEN else {}

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
        subject = next((self.rolle(title[i:]) for i in range(len(title)) if self.rolle(title[i:])), {})
        for unit in page.select("th .sa-einheit"):
            unit.extract()
        for table in page.find_all("table"):
            lines = [row.find_all(["th", "td"]) for row in table.find_all("tr")]
            texts = [[cell.get_text("", strip=True) for cell in line] for line in lines if line]
            if texts:
                body = [[row[0], *(deutsch(text) or text for text in row[1:])] for row in texts[1:]]
                self._tabelle(texts[0], body, subject)
        for text, about in self._hinweise(page):
            if (found := HINWEIS.fullmatch(text.strip())) and (number := deutsch(found["zahl"])):
                area = self.rolle(found["ort"])
                if "gebiet" in area:
                    self._merke({"groesse": "wert", "tag": self.tag} | subject | about | area, number)

    def _hinweise(self, page: BeautifulSoup) -> Iterator[tuple[str, dict[str, str]]]:
        """Tooltips, descriptions, attributes and comments, with the indicator of their figure."""
        for node in page.find_all(True):
            texts = [value for value in node.attrs.values() if isinstance(value, str)]
            texts += [node.get_text()] if node.name in ("title", "desc") else []
            texts += [str(part) for part in node.children if isinstance(part, Comment)]
            if texts := [text for text in texts if ":" in text]:
                about = self._abbildung(node)
                yield from ((text.replace("\u00a0", " "), about) for text in texts)

    def _abbildung(self, node: Tag) -> dict[str, str]:
        figure = node.find_parent("figure")
        caption = figure.find("figcaption") if figure else None
        words = caption.get_text(" ", strip=True) if caption else ""
        return next(
            ({"indikator": key} for name, key in self.indikatoren.items() if words.startswith(name)), {}
        )

    def _merke(self, known: Mapping[str, str], number: Zahl) -> None:
        if all(role in known for role in ROLLEN) and known["indikator"] in self.definition:
            self.funde.add(Fund(*(known[role] for role in ROLLEN), number))

    # --- solving ----------------------------------------------------------------------------------

    @property
    def teile(self) -> list[str]:
        return list(self.eltern)

    @property
    def felder(self) -> list[str]:
        return sorted({name for pair in self.definition.values() for name in pair if name})

    def zeile(self, gebiet: str, feld: str) -> np.ndarray:
        """A count as a sum of the counts of small areas."""
        under = [gebiet in (part, parent, self.region) for part, parent in self.eltern.items()]
        return np.kron(np.array([name == feld for name in self.felder], dtype=float), np.array(under, float))

    def ungleichungen(self, tag: str) -> tuple[np.ndarray, np.ndarray]:
        """Everything known of one date as rows @ counts <= right."""
        rows, right = [], []
        for one in (one for one in self.funde if one.tag == tag):
            counted, base = self.definition[one.indikator]
            if one.groesse == "wert" and base is not None:
                half = 0.5 * 10.0**-one.zahl.stellen + 1e-9
                part, whole = self.zeile(one.gebiet, counted), self.zeile(one.gebiet, base)
                rows += [
                    100 * part - (one.zahl.wert + half) * whole,
                    (one.zahl.wert - half) * whole - 100 * part,
                ]
                right += [0.0, 0.0]
            elif (name := base if one.groesse == "nenner" else counted) is not None:
                row = self.zeile(one.gebiet, name)
                rows += [row, -row]
                right += [one.zahl.wert, -one.zahl.wert]
        for counted, base in self.definition.values():
            for part in self.teile if base else ():  # no part exceeds its whole
                rows.append(self.zeile(part, counted) - self.zeile(part, str(base)))
                right.append(0.0)
        return np.array(rows), np.array(right)

    def grenzen(self, gebiet: str, feld: str, tag: str) -> tuple[float, float]:
        """Smallest and largest value of a count that agree with all that is printed."""
        rows, right = self.ungleichungen(tag)
        target = self.zeile(gebiet, feld)
        ends = [linprog(sign * target, A_ub=rows, b_ub=right, bounds=(0, 1e6)) for sign in (1, -1)]
        assert all(end.success for end in ends), ends[0].message
        return float(ends[0].fun), float(-ends[1].fun)

    def irrtum(self, tag: str, wahr: Mapping[str, Mapping[str, float]]) -> float:
        """By how much the true counts (field -> area -> count) violate what was read: 0 if all was understood."""
        rows, right = self.ungleichungen(tag)
        world = np.array([wahr[name][part] for name in self.felder for part in self.teile])
        return float((rows @ world - right).max())


def _excel(cell: openpyxl.cell.Cell) -> object:
    if isinstance(cell.value, bool) or not isinstance(cell.value, int | float):
        return cell.value
    digits = re.search(r"0\.(0+)", cell.number_format)
    if cell.number_format == "General":
        return englisch(str(cell.value))
    return Zahl(float(cell.value), len(digits[1]) if digits else 0)
