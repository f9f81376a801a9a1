"""What the columns of a table hold: numbers or words, signs, units, sums of one another."""

from __future__ import annotations

import math
import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import combinations
from typing import Any, Literal

import numpy as np

from sozialanalyse import harmonise
from sozialanalyse.base import Prozent, glatt, spaltenbuchstabe, zelltext
from sozialanalyse.vorschlag import wortliste
from sozialanalyse.vorschlag.ansicht import leer

Dezimal = Literal[",", "."]
_LANG = 14
"""A text longer than this is no sign."""
_KOMMA = re.compile(
    r"[+-]?\d+,\d{1,2}|[+-]?\d+,\d{4,}|[+-]?\d{1,3}(?:\.\d{3})+,\d+|[+-]?0,\d+|[+-]?\d{4,},\d+"
)
_PUNKT = re.compile(
    r"[+-]?\d+\.\d{1,2}|[+-]?\d+\.\d{4,}|[+-]?\d{1,3}(?:,\d{3})+\.\d+|[+-]?0\.\d+|[+-]?\d{4,}\.\d+"
)
_DREIER = re.compile(r"[+-]?[1-9]\d{0,2}([.,])\d{3}(?:\1\d{3})*")
_BLOSS = re.compile(r"[1-9]\d{0,2}")
UEBLICH = {
    "-",
    "–",
    "—",
    ".",
    "..",
    "...",
    "*",
    "**",
    "/",
    "x",
    "·",
    "•",
    "()",
    "k. a.",
    "k.a.",
    "ka",
    "n. v.",
    "n.v.",
    "na",
    "n/a",
}
"""Signs that stand for a number at many offices; a column may hold more of them than numbers."""
TOLERANZ = 1e-6


@dataclass(frozen=True)
class Zahlspalte:
    """A column of numbers, one entry per row that names an area."""

    index: int
    kopf: str
    werte: np.ndarray = field(repr=False)
    zeichen: Counter[str]
    """Texts that stand instead of a number, the empty cell as ""."""
    unklar: Counter[str]
    """Texts that are neither number nor sign."""
    prozentformat: bool = False
    einheit: str = ""
    mittel: bool = False
    """Whether areas do not add up: shares, means, medians."""
    beleg: str = ""
    """Why unit and kind are thought to be these."""
    stellen: tuple[int, ...] = ()
    """All columns it stands in, where days in the headings make several of one."""

    @property
    def ganz(self) -> bool:
        known = self.bekannt
        return bool(len(known)) and bool(np.all(known == np.round(known)))

    @property
    def bekannt(self) -> np.ndarray:
        return self.werte[~np.isnan(self.werte)]

    stelle: str = ""
    """The column in the words of a format without letters."""

    @property
    def ort(self) -> str:
        return self.stelle or ort(self.index, self.kopf)


def ort(index: int, kopf: str = "") -> str:
    """A column as a spreadsheet shows it, with its heading."""
    return f"Spalte {spaltenbuchstabe(index)}" + (f" „{kopf}“" if kopf else "")


def dezimalzeichen(cells: Sequence[Any]) -> tuple[Dezimal | None, str, bool]:
    """Decimal sign of numbers written as text, with the reason; the last says whether cells contradict each other.

    A number such as ``8.750`` says nothing by itself. It does where others in the file have decimals, or where
    small whole numbers stand beside it that would have had three decimals, too.
    """
    texts = [glatt(cell).rstrip(" %€") for cell in dict.fromkeys(cells) if isinstance(cell, str)]
    comma = next((text for text in texts if _KOMMA.fullmatch(text)), "")
    point = next((text for text in texts if _PUNKT.fullmatch(text)), "")
    if comma and point:
        return None, f"„{comma}“ und „{point}“ widersprechen sich", True
    if comma or point:
        return ("," if comma else "."), f"zum Beispiel „{comma or point}“", False
    grouped = next((match for text in texts if (match := _DREIER.fullmatch(text))), None)
    if grouped is None:
        return None, "", False
    plain = next((text for text in texts if _BLOSS.fullmatch(text)), "")
    twice = next((text for text in texts if text.count(grouped[1]) > 1 and _DREIER.fullmatch(text)), "")
    if plain or twice:
        sign: Dezimal = "," if grouped[1] == "." else "."
        return (
            sign,
            f"in „{grouped[0]}“ trennt „{grouped[1]}“ Tausender, denn daneben steht „{twice or plain}“",
            False,
        )
    return None, f"„{grouped[0]}“ kann mit Tausender- oder mit Dezimalzeichen gemeint sein", True


def zahlspalte(index: int, kopf: str, cells: Sequence[Any], dezimal: Dezimal) -> Zahlspalte | None:
    """The column as numbers, None if it holds words or nothing."""
    values = np.full(len(cells), math.nan)
    signs: Counter[str] = Counter()
    odd: Counter[str] = Counter()
    places: dict[tuple[type, Any], list[int]] = defaultdict(list)
    for row, cell in enumerate(cells):
        places[type(cell), cell].append(row)
    percent = any(kind is Prozent for kind, _ in places)
    for (_, cell), rows in places.items():  # every different cell is judged once
        if leer(cell) or (isinstance(cell, float) and math.isnan(cell)):
            signs[""] += len(rows)
            continue
        found = harmonise.lies_zahl(cell, {}, dezimal=dezimal)
        values[rows] = found.wert
        if found.fehler:
            text = zelltext(cell)
            (odd if len(text) > _LANG or any(map(str.isdigit, text)) else signs)[text] += len(rows)
    numbers = int(np.sum(~np.isnan(values)))
    words = sum(count for sign, count in signs.items() if sign and sign.casefold() not in UEBLICH)
    if not numbers or sum(odd.values()) + words > numbers or len([s for s in signs if s]) > 8:
        return None
    return Zahlspalte(index, kopf, values, signs, odd, percent)


def mit_einheiten(spalten: Sequence[Zahlspalte], titel: Sequence[str]) -> list[Zahlspalte]:
    """The columns with their units; a column headed "darunter" counts what the one before it counts."""
    result: list[Zahlspalte] = []
    whole: Zahlspalte | None = None
    for column in spalten:
        read = mit_einheit(column, titel)
        if not darunter(column.kopf):
            whole = read
        elif whole is not None and whole.einheit and column.ganz and not whole.mittel:
            read = replace(read, einheit=whole.einheit, mittel=False, beleg=f"wie „{whole.kopf}“ davor")
        result.append(read)
    bare = [column for column in result if _bare(column) and column.ganz]
    for place, column in enumerate(result):
        above = next((one for one in bare if _covers(one, column)), None)
        if not column.einheit and column.ganz and not column.mittel and above is not None:
            reason = f"wie „{above.kopf}“, das in jeder Zeile mindestens so groß ist"
            result[place] = replace(column, einheit=above.einheit, beleg=reason)
    return result


def darunter(kopf: str) -> bool:
    """Whether a heading calls its column a part of the one before."""
    return bool(wortliste.trifft("teil", kopf.split(" | ")[-1]))


def mit_einheit(spalte: Zahlspalte, titel: Sequence[str]) -> Zahlspalte:
    """The column with its unit: from its heading, its format, else the titles of the table."""
    known = spalte.bekannt
    if spalte.prozentformat:
        return replace(spalte, einheit="%", mittel=True, beleg="die Zellen haben das Zahlenformat Prozent")
    told = wortliste.einheit(spalte.kopf)
    origin = "der Überschrift"
    if told is not None and told.name == "%" and (np.min(known) < -100 or np.max(known) > 200):
        told = None
    if (told is None or told.schwach) and spalte.ganz:
        for title in titel:
            found = wortliste.einheit(title, zuerst=True)
            if found is not None and not found.mittel and not found.schwach:
                told, origin = found, f"„{title[:60]}“"
                break
    if told is None or (not spalte.ganz and not told.mittel and told.name in ZAEHLBAR):
        return replace(spalte, mittel=not spalte.ganz)  # numbers with decimals count nobody
    return replace(
        spalte, einheit=told.name, mittel=told.mittel or not spalte.ganz, beleg=f"„{told.wort}“ in {origin}"
    )


ZAEHLBAR = {"Personen", "Haushalte", "Wohnungen", "Kinder", "Fälle", "Gebäude", "Bedarfsgemeinschaften"}


def rundung(spalten: Sequence[Zahlspalte]) -> int:
    """10 or 5 if every count is a multiple of it, 0 if they are not rounded.

    Few numbers or many zeros prove nothing.
    """
    counts = [column.bekannt for column in spalten if column.ganz and not column.mittel]
    known = np.concatenate([np.empty(0), *counts])
    known = known[known != 0]
    if len(known) < 30:
        return 0
    return next((step for step in (10, 5) if np.all(known % step == 0)), 0)


@dataclass(frozen=True)
class Spaltensumme:
    """A column that equals the sum of others in every row."""

    ganzes: int
    teile: tuple[int, ...]
    """Positions in the list of columns."""
    zeilen: int
    """Rows it was seen in."""


def summen(spalten: Sequence[Zahlspalte]) -> list[Spaltensumme]:
    """Sums that hold in every row where all of their numbers are known.

    Looked for are neighbours that add up to a column beside them, and pairs anywhere.
    """
    counted = [
        i
        for i, column in enumerate(spalten)
        if column.ganz and not column.mittel and np.ptp(column.bekannt) > 0
    ]
    if len(counted) < 3:
        return []
    table = np.column_stack([spalten[i].werte for i in counted])
    result: dict[int, Spaltensumme] = {}
    size = len(counted)
    for whole in range(size):
        best = _run(table, whole, size)
        if best is not None:
            result[counted[whole]] = Spaltensumme(counted[whole], tuple(counted[i] for i in best[0]), best[1])
    if size <= 130:
        for whole, parts, rows in _pairs(table):
            if counted[whole] not in result:
                result[counted[whole]] = Spaltensumme(counted[whole], tuple(counted[i] for i in parts), rows)
    return [result[key] for key in sorted(result)]


def _holds(table: np.ndarray, whole: int, parts: Sequence[int]) -> int:
    """In how many rows the sum holds; 0 if it fails anywhere or the parts are nearly nothing."""
    inside = table[:, [whole, *parts]]
    rows = inside[~np.isnan(inside).any(axis=1)]
    if len(rows) < max(3, min(len(table) // 4, 10)) or not np.any(rows[:, 0]):
        return 0
    if np.any(np.abs(rows[:, 0] - rows[:, 1:].sum(axis=1)) > TOLERANZ):
        return 0
    return len(rows) if np.all((rows[:, 1:] > 0).any(axis=0)) else 0


def _run(table: np.ndarray, whole: int, size: int) -> tuple[tuple[int, ...], int] | None:
    """Neighbours right after or right before a column that add up to it."""
    for step in (1, -1):
        parts: list[int] = []
        column = whole + step
        while 0 <= column < size and len(parts) < 40:
            parts.append(column)
            if len(parts) > 1 and (rows := _holds(table, whole, parts)):
                return tuple(sorted(parts)), rows
            column += step
    return None


def _pairs(table: np.ndarray) -> list[tuple[int, tuple[int, int], int]]:
    """Columns that two others add up to in every row."""
    complete = table[~np.isnan(table).any(axis=1)]
    if len(complete) < 5:
        return []
    sums: dict[bytes, tuple[int, int]] = {}
    for one, other in combinations(range(table.shape[1]), 2):
        sums.setdefault((complete[:, one] + complete[:, other]).tobytes(), (one, other))
    found = []
    for whole in range(table.shape[1]):
        parts = sums.get((complete[:, whole] + 0.0).tobytes())
        if parts and whole not in parts and (rows := _holds(table, whole, parts)):
            found.append((whole, parts, rows))
    return found


def nenner(
    spalten: Sequence[Zahlspalte], found: Sequence[Spaltensumme]
) -> dict[int, tuple[int, str, tuple[int, ...]]]:
    """Likely denominator of each count: column -> (denominator, reason, other columns it may be).

    A denominator is at least as large in every row, speaks of the same unit and is a whole of the count: by
    arithmetic, because the heading says "darunter", or because a heading says "insgesamt".
    """
    counts = [
        i
        for i, column in enumerate(spalten)
        if not column.mittel and column.ganz and np.any(column.bekannt > 0)
    ]
    parents: dict[int, list[int]] = {}
    for entry in found:
        for part in entry.teile:
            parents.setdefault(part, []).append(entry.ganzes)
    result: dict[int, tuple[int, str, tuple[int, ...]]] = {}
    for column in counts:
        own = spalten[column]
        larger = [
            other
            for other in counts
            if other != column and spalten[other].einheit == own.einheit and _covers(spalten[other], own)
        ]
        by_sum = sorted(
            (p for p in _above(column, parents) if p in larger), key=lambda p: -np.nansum(spalten[p].werte)
        )
        total = [o for o in larger if wortliste.trifft("summe", spalten[o].kopf) or _bare(spalten[o])]
        if by_sum:
            top = by_sum[0]
            result[column] = (top, f"Teil der Summe „{spalten[top].kopf}“", tuple(by_sum[1:3]))
        elif wortliste.trifft("teil", own.kopf.split(" | ")[-1]) and (
            before := [
                o
                for o in larger
                if o < column and not wortliste.trifft("teil", spalten[o].kopf.split(" | ")[-1])
            ]
        ):
            top = before[-1]
            result[column] = (
                top,
                f"„{own.kopf}“ steht hinter „{spalten[top].kopf}“",
                tuple(o for o in total if o != top)[:2],
            )
        elif total:
            top = max(total, key=lambda o: float(np.nansum(spalten[o].werte)))
            result[column] = (
                top,
                f"„{spalten[top].kopf}“ ist in jeder Zeile mindestens so groß",
                tuple(o for o in total if o != top)[:2],
            )
    return {column: entry for column, entry in result.items() if not _circular(column, result)}


def _bare(spalte: Zahlspalte) -> bool:
    """Whether a heading names just what is counted: "Wohnungen", "Untersuchte Kinder"."""
    words = re.findall(r"\w+", spalte.kopf)
    told = wortliste.einheit(spalte.kopf)
    return told is not None and not told.mittel and told.name in ZAEHLBAR and len(words) <= 2


def _above(column: int, parents: dict[int, list[int]]) -> set[int]:
    found: set[int] = set()
    waiting = [column]
    while waiting:
        for parent in parents.get(waiting.pop(), []):
            if parent not in found:
                found.add(parent)
                waiting.append(parent)
    return found - {column}


def _covers(whole: Zahlspalte, part: Zahlspalte) -> bool:
    both = ~np.isnan(whole.werte) & ~np.isnan(part.werte)
    return (
        bool(both.sum() >= 3)
        and bool(np.all(whole.werte[both] >= part.werte[both]))
        and bool(np.any(whole.werte[both] > part.werte[both]))
    )


def _circular(column: int, found: dict[int, tuple[int, str, tuple[int, ...]]]) -> bool:
    return column in found and found[column][0] == column
