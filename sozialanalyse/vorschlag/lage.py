"""Where a table stands in a sheet: which columns name the areas, where the heading begins, which rows hold numbers."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import combinations, islice
from pathlib import Path
from typing import Any

from sozialanalyse.base import Prozent, glatt, suche_datum, vergleichsform, zelltext
from sozialanalyse.build import Gebiete
from sozialanalyse.vorschlag.ansicht import Ansicht, leer

_ZAHL = re.compile(r"[<(]?\s*(?:ca\.\s*)?[-+−–]?\s*\d[\d.,'’\u00a0\u202f ]*(?:\s*(?:%|€|€/m²))?\s*[)¹²³*pr]*")
_TAG = re.compile(r"\d{1,2}\.\s?\d{1,2}\.\s?\d{2,4}|\d{4}-\d\d-\d\d")
_JAHR = re.compile(r"(?:19|20)\d{2}")
_VERBINDER = (" ", "", "/", "-", "_", ".")
SPALTEN = 24
"""So many columns from the left are tried as keys."""
PROBE = 240
"""So many rows, evenly spread, are tried."""
LANG = 5000
"""So many rows are looked at for the entries of a single column."""
VERSCHIEDENE = 600
"""So many different entries, evenly spread, stand for a column with more."""
GENUG = 0.85
"""A single column that means an area in so many rows needs no second one."""


def zahlig(cell: Any) -> bool:
    """Whether a cell looks like a number, whatever its signs."""
    if isinstance(cell, bool):
        return False
    if isinstance(cell, int | float | Prozent):
        return cell == cell
    text = cell.strip() if isinstance(cell, str) else ""
    return _ZAHL.fullmatch(text) is not None and not _TAG.fullmatch(text)


def jahrig(cell: Any) -> bool:
    return _JAHR.fullmatch(zelltext(cell)) is not None


@dataclass(frozen=True)
class Fund:
    """What an entry means: an area of today, or of another cut."""

    gebiet: str
    level: str
    stand: str = ""


class Finder:
    """Looks entries up in the area lists of a region, those of other cuts included."""

    def __init__(self, gebiete: Gebiete) -> None:
        self.gebiete = gebiete
        self._known: dict[tuple[str, bool, str | None], Fund | None] = {}

    def __call__(self, cell: object, kommune: str | None = None) -> Fund | None:
        key = (zelltext(cell), isinstance(cell, str), kommune)
        if key not in self._known:
            self._known[key] = self._look_up(cell, key[0], kommune)
        return self._known[key]

    def _look_up(self, cell: object, text: str, kommune: str | None) -> Fund | None:
        if not vergleichsform(text):
            return None
        bund = self.gebiete.bund
        found = bund.heute.finde(cell, kommune=kommune)
        if found is not None:
            return Fund(found, bund.heute.level(found))
        stand = bund.stand_von(text, kommune=kommune)
        return Fund(text, "sozialraum", stand.id) if stand is not None else None

    def mehrdeutig(self, text: object) -> tuple[str, ...]:
        """Areas an entry could mean if it could mean several."""
        found = self.gebiete.bund.heute.kandidaten(text)
        return tuple(found) if len(found) > 1 else ()

    def kommune_in(self, text: str) -> tuple[str, str] | None:
        """A Kommune named in a text, and how it is written there; None if none or several are."""
        words = list(re.finditer(r"[^\s_:;,/]+", text))
        found: dict[str, str] = {}
        for length in (3, 2, 1):
            for first in range(len(words) - length + 1):
                part = text[words[first].start() : words[first + length - 1].end()]
                area = self(part) if not part.isdigit() or len(part) > 4 else None
                if area and area.level == "kommune" and area.gebiet not in found:
                    found[area.gebiet] = part
            if found:
                break
        return next(iter(found.items())) if len(found) == 1 else None


@dataclass(frozen=True)
class Schluessel:
    """Columns that name the area."""

    spalten: tuple[int, ...]
    verbinden: str = ""
    kommune: str = ""
    """Id of the Kommune the whole table speaks of, if rows name only the part within it."""
    kommune_text: str = ""
    """How it is written there."""
    kommune_aus: str = ""
    """``dateiname`` or ``zelle``."""
    kommune_spalte: int | None = None
    """Column with the Kommune of each row, where names of areas occur in several."""
    auffuellen: bool = False
    """Whether an empty cell of a key means what stands above it."""

    @property
    def benutzt(self) -> tuple[int, ...]:
        """All columns that say which area a row means."""
        return self.spalten if self.kommune_spalte is None else (*self.spalten, self.kommune_spalte)

    def text(self, row: Sequence[Any]) -> str:
        """What the reader looks up for a row."""
        return self.verbinden.join(zelltext(row[c]) if c < len(row) else "" for c in self.spalten)

    def fund(self, row: Sequence[Any], finder: Finder) -> Fund | None:
        if self.kommune_spalte is not None:
            town = finder(row[self.kommune_spalte]) if self.kommune_spalte < len(row) else None
            if town is None or town.level != "kommune":
                return None
            cell = row[self.spalten[0]] if self.spalten[0] < len(row) else None
            return finder(cell, town.gebiet)
        if len(self.spalten) == 1:
            cell = row[self.spalten[0]] if self.spalten[0] < len(row) else None
            return finder(cell, self.kommune or None)
        return finder(self.text(row), self.kommune or None)


@dataclass(frozen=True)
class Lage:
    """A table within a sheet."""

    ansicht: Ansicht
    schluessel: Schluessel
    kopf: int
    """Position of the first row of the heading among the rows that hold something."""
    hoehe: int
    gebiete: int
    """How many different areas were found."""
    zeilen: int
    """How many rows name an area."""

    @property
    def kopfzeilen(self) -> list[tuple[int, Sequence[Any]]]:
        return self.ansicht.zeilen[self.kopf : self.kopf + self.hoehe]

    @property
    def ueberschrift(self) -> list[list[str]]:
        """Texts of the heading in comparable form."""
        return [[vergleichsform(cell) for cell in row if not leer(cell)] for _, row in self.kopfzeilen]

    @property
    def datenzeilen(self) -> list[tuple[int, Sequence[Any]]]:
        return self.ansicht.zeilen[self.kopf + self.hoehe :]

    @property
    def vorspann(self) -> list[tuple[int, Sequence[Any]]]:
        return self.ansicht.zeilen[: self.kopf]


def finde_lagen(ansichten: Iterable[Ansicht], finder: Finder, pfad: Path) -> list[Lage]:
    """Tables that name areas of the region beside numbers, the one that names most of them first."""
    found = [lage for ansicht in ansichten if (lage := _lage(ansicht, finder, pfad)) is not None]
    return sorted(found, key=lambda lage: (-lage.gebiete, -lage.zeilen))


def gleiche(lagen: Sequence[Lage], finder: Finder) -> list[Lage]:
    """Sheets with the same heading as the first whose names tell the days or Kommunen apart; else just the first."""
    first = lagen[0]
    same = [lage for lage in lagen if lage.ansicht.blatt.name and lage.ueberschrift == first.ueberschrift]
    names = [lage.ansicht.blatt.name for lage in same]
    days = {day[0] for name in names if (day := suche_datum(name)) is not None}
    towns = {town[0] for name in names if (town := finder.kommune_in(name)) is not None}
    told = len(same) > 1 and len(same) in (len(days), len(towns))
    return sorted(same, key=lambda lage: lage.ansicht.blatt.name) if told else [first]


def _lage(ansicht: Ansicht, finder: Finder, pfad: Path) -> Lage | None:
    rows = ansicht.zeilen
    if not rows:
        return None
    key = _key(ansicht, rows, finder, pfad)
    if key is None or _poor(rows, key, finder):
        filled = aufgefuellt(rows)
        better = _key(ansicht, filled, finder, pfad)
        if better is not None and (key is None or _found(filled, better, finder) > _found(rows, key, finder)):
            key, rows = replace(better, auffuellen=not ansicht.blatt.verbunden), filled
    if key is None:
        return None
    named = [
        i
        for i, (_, row) in enumerate(rows)
        if key.fund(row, finder) and any(zahlig(cell) for c, cell in enumerate(row) if c not in key.spalten)
    ]
    if not named:
        return None
    areas = {fund.gebiet for i in named if (fund := key.fund(rows[i][1], finder))}
    first = _first_data(rows, named, key)
    top = _heading(rows, first, key, ansicht)
    if top is None:
        return None
    return Lage(ansicht, key, top, first - top, len(areas), len(named))


def aufgefuellt(rows: Sequence[tuple[int, Sequence[Any]]]) -> list[tuple[int, Sequence[Any]]]:
    """Rows in which an empty cell left of the numbers means what stands above it."""
    first = next((i for i, (_, row) in enumerate(rows) if sum(map(zahlig, row)) > 0), 0)
    numeric = {c for _, row in rows[first : first + 40] for c, cell in enumerate(row) if zahlig(cell)}
    columns = [
        c
        for c in range(min(numeric, default=0) + 1)
        if any(c < len(row) and isinstance(row[c], str) for _, row in rows[first:])
    ]
    last: dict[int, Any] = {}
    result: list[tuple[int, Sequence[Any]]] = []
    for place, (number, row) in enumerate(rows):
        cells = list(row)
        if place >= first and len(cells) > 1:
            for column in columns:
                if column < len(cells) and leer(cells[column]):
                    cells[column] = last.get(column)
                elif column < len(cells):
                    last[column] = cells[column]
        result.append((number, cells))
    return result


def _poor(rows: Sequence[tuple[int, Sequence[Any]]], key: Schluessel, finder: Finder) -> bool:
    """Whether most rows of numbers name no area, or only a Kommune, while some key cells are empty."""
    numbers = [row for _, row in rows if any(zahlig(c) for k, c in enumerate(row) if k not in key.spalten)]
    small = [row for row in numbers if (fund := key.fund(row, finder)) and fund.level == "sozialraum"]
    gaps = any(c >= len(row) or leer(row[c]) for row in numbers for c in range(2))
    return gaps and len(small) < len(numbers) / 2


def _found(rows: Sequence[tuple[int, Sequence[Any]]], key: Schluessel, finder: Finder) -> int:
    funds = (key.fund(row, finder) for _, row in rows)
    return len({fund.gebiet for fund in funds if fund is not None and fund.level == "sozialraum"})


def _key(
    ansicht: Ansicht, rows: list[tuple[int, Sequence[Any]]], finder: Finder, pfad: Path
) -> Schluessel | None:
    full = [row for _, row in rows if sum(not leer(cell) for cell in row) > 1]
    body = _spread(full, PROBE)
    width = min(max((len(row) for row in body), default=0), SPALTEN)
    singles = [Schluessel((column,)) for column in range(width)]
    best, score = _best(full[:LANG], singles, finder, None, 0.0)
    if best is None or _share(body, best, finder) < GENUG:
        filled = [
            column
            for column in range(min(width, 8))
            if sum(column < len(row) and not leer(row[column]) for row in body) > len(body) / 2
        ]
        sample = _spread(body, PROBE // 4)
        pairs = [Schluessel(pair, sign) for pair in combinations(filled, 2) for sign in _VERBINDER]
        pair, _ = _best(sample, pairs, finder, None, 0.0)
        if pair is not None and (value := _score(full[:LANG], pair, finder)) > score * 1.02 + 1e-9:
            best, score = pair, value
    towns = _town_columns(full[:LANG], width, finder)
    within = [Schluessel((c,), kommune_spalte=town) for town in towns for c in range(width) if c != town]
    best, score = _best(full[:LANG], within, finder, best, score * 1.2)
    for spoken, origin in _spoken(ansicht, rows, finder, pfad):
        local = [Schluessel((c,), "", spoken[0], spoken[1], origin) for c in range(width)]
        best, score = _best(full[:LANG], local, finder, best, max(score * 1.2, 0.5))
    return best


def _town_columns(body: list[Sequence[Any]], width: int, finder: Finder) -> list[int]:
    """Columns that name a Kommune in nearly every row."""
    result = []
    for column in range(min(width, 8)):
        cells = {
            zelltext(row[column]): row[column] for row in body if column < len(row) and not leer(row[column])
        }
        hits = [fund for cell in cells.values() if (fund := finder(cell)) and fund.level == "kommune"]
        if hits and len(cells) - len(hits) <= max(2, len(cells) / 5):  # the heading is one of them
            result.append(column)
    return result


def _spread(rows: list[Sequence[Any]], number: int) -> list[Sequence[Any]]:
    """Rows evenly spread, neighbours kept together so that blocks show."""
    if len(rows) <= number:
        return rows
    third = number // 3
    middle = (len(rows) - third) // 2
    return [*rows[:third], *rows[middle : middle + third], *rows[-third:]]


def _best(
    body: list[Sequence[Any]],
    keys: Iterable[Schluessel],
    finder: Finder,
    best: Schluessel | None,
    score: float,
) -> tuple[Schluessel | None, float]:
    for key in keys:
        value = _score(body, key, finder)
        if value > score * 1.02 + 1e-9:
            best, score = key, value
    return best, score


def _share(body: list[Sequence[Any]], key: Schluessel, finder: Finder) -> float:
    funds = [key.fund(row, finder) for row in body]
    return sum(fund is not None and fund.level == "sozialraum" for fund in funds) / max(len(funds), 1)


def _spoken(
    ansicht: Ansicht, rows: list[tuple[int, Sequence[Any]]], finder: Finder, pfad: Path
) -> Iterable[tuple[tuple[str, str], str]]:
    """The Kommune a whole table may speak of: named by the file, above the table or by the sheet."""
    if (named := finder.kommune_in(pfad.stem)) is not None:
        yield named, "dateiname"
        return
    titles = [[glatt(c) for c in row if not leer(c)] for _, row in rows[:8]]
    texts = [title[0] for title in titles if len(title) == 1]
    found = (finder.kommune_in(text) for text in [*texts, ansicht.blatt.name] if text)
    named = next((hit for hit in found if hit is not None), None)
    if named is not None:
        yield named, "zelle"


def _score(body: list[Sequence[Any]], key: Schluessel, finder: Finder) -> float:
    """Different small areas found, less where other rows mean nothing; Kommunen count half."""
    small: set[str] = set()
    towns: set[str] = set()
    hits = others = 0
    town = key.kommune_spalte
    entries = {
        (key.text(row), zelltext(row[town]) if town is not None and town < len(row) else ""): row
        for row in body
    }
    step = -(-len(entries) // VERSCHIEDENE)
    for (text, _), row in islice(entries.items(), 0, None, step):
        fund = key.fund(row, finder)
        if fund is None:
            others += bool(text.strip(key.verbinden + " "))
            continue
        hits += 1
        (small if fund.level == "sozialraum" else towns).add(fund.gebiet)
    if not hits:
        return 0.0
    share = hits / (hits + others)
    return step * (len(small) + 0.5 * len(towns) * (not small)) * (0.2 + 0.8 * share)


def _first_data(rows: list[tuple[int, Sequence[Any]]], named: list[int], key: Schluessel) -> int:
    """The first row of numbers: one that names an area, or a total before it."""
    first = named[0]
    numeric = _numeric_columns(_spread([rows[i][1] for i in named], PROBE), key)
    while first > 0:
        row = rows[first - 1][1]
        cells = [row[c] for c in numeric if c < len(row) and not leer(row[c])]
        numbers = [cell for cell in cells if zahlig(cell)]
        if len(numbers) <= len(cells) / 2 or all(map(jahrig, numbers)) or _counting(numbers):
            break
        first -= 1
    return first


def _counting(cells: list[Any]) -> bool:
    """Whether cells are the numbers of columns, as official tables print them below a heading."""
    texts = [zelltext(cell) for cell in cells]
    if not all(text.isdecimal() for text in texts):
        return False
    numbers = [int(text) for text in texts]
    return (
        len(numbers) > 1 and numbers == list(range(numbers[0], numbers[0] + len(numbers))) and numbers[0] < 4
    )


def _numeric_columns(rows: list[Sequence[Any]], key: Schluessel) -> list[int]:
    width = max(len(row) for row in rows)
    result = []
    for column in range(width):
        cells = [row[column] for row in rows if column < len(row) and not leer(row[column])]
        if column not in key.spalten and cells and sum(map(zahlig, cells)) >= len(cells) / 2:
            result.append(column)
    return result


def _heading(
    rows: list[tuple[int, Sequence[Any]]], first: int, key: Schluessel, ansicht: Ansicht
) -> int | None:
    """First row of the heading above the first row of numbers; None if there is none."""
    if first == 0:
        return None
    top = first - 1
    left = min(column for column, cell in enumerate(rows[top][1]) if not leer(cell))
    names = _names(rows[top][1])
    while top > 0 and first - top < 5:
        number, row = rows[top - 1]
        if rows[top][0] - number > 1:
            break
        filled = [column for column, cell in enumerate(row) if not leer(cell)]
        beyond = [column for column in filled if column > min(left, *key.spalten)]
        if not beyond or (len(filled) == 1 and filled[0] <= min(key.spalten)):
            break
        gaps = [column for column in beyond if column >= len(rows[top][1]) or leer(rows[top][1][column])]
        merged = any((number, column) in ansicht.blatt.verbunden for column in filled)
        repeated = len(set(names)) < len(names)
        if not (len(filled) > 1 and (merged or gaps or repeated or len(beyond) > 1)) and not (
            gaps or repeated
        ):
            break
        if any(isinstance(row[c], str) and len(row[c]) > 120 for c in filled):
            break
        top -= 1
        names = [f"{a}|{b}" for a, b in zip(_names(row, len(names)), names, strict=False)]
    return top


def _names(row: Sequence[Any], width: int = 0) -> list[str]:
    """Texts of a heading row, those of empty cells taken from the left."""
    result, last = [], ""
    for column in range(max(width, len(row))):
        cell = row[column] if column < len(row) else None
        last = last if leer(cell) else vergleichsform(cell)
        result.append(last)
    return result
