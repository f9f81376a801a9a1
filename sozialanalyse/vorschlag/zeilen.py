"""Rows that name no area: totals, subtotals, cases without an area, notes; told apart by arithmetic, then by words."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from sozialanalyse.base import Rohtabelle, zelltext
from sozialanalyse.vorschlag import wortliste
from sozialanalyse.vorschlag.ansicht import leer
from sozialanalyse.vorschlag.lage import Finder, Fund, Schluessel, zahlig
from sozialanalyse.vorschlag.musterbau import muster, woertlich

ARTEN = ("summen", "ueberlesen", "nicht_zuordenbar")


@dataclass(frozen=True)
class Zeile:
    """A row of a table with what its key means."""

    tabelle: int
    nummer: int
    """Position in the table."""
    text: str
    fund: Fund | None
    gruppe: tuple[str, ...]
    """Date and category, so that only rows of one kind are added up."""
    werte: np.ndarray
    beiwort: str = ""
    """Texts of the row besides the key."""


@dataclass(frozen=True)
class Zeilenart:
    """What rows of one kind are taken for."""

    art: str
    """One of ``ARTEN``, ``text`` for rows without numbers, ``offen``."""
    texte: tuple[str, ...]
    beleg: str
    muster: str = ""
    ort: str = ""


def ordne(
    tabellen: Sequence[Rohtabelle],
    schluessel: Schluessel,
    zeilen: Sequence[Zeile],
    finder: Finder,
) -> list[Zeilenart]:
    """Sort the rows that name no area into kinds, each with a pattern that fits none of the named rows."""
    named = [row for row in zeilen if row.fund is not None]
    others: dict[str, list[Zeile]] = defaultdict(list)
    for row in zeilen:
        if row.fund is None:
            others[row.text].append(row)
    if not others:
        return []
    sums = _Summen(named, [row for row in zeilen if row.fund is None], finder, schluessel)
    judged: dict[str, dict[str, str]] = defaultdict(dict)
    for text, rows in others.items():
        kind, reason = sums.judge(text, rows)
        judged[kind][text] = reason
    known = {row.text for row in named}
    sign = schluessel.verbinden if len(schluessel.spalten) > 1 else ""
    result = []
    for kind, texts in judged.items():
        rest = known | {text for other, more in judged.items() if other != kind for text in more}
        pattern = muster(texts, rest, sign) if kind in ARTEN or kind == "text" else ""
        if kind in ARTEN and not pattern and "" not in texts:
            pattern = f"^(?:{'|'.join(map(woertlich, sorted(texts)))})$" if len(texts) <= 60 else ""
        first = others[next(iter(texts))][0]
        place = f"Zeile {tabellen[first.tabelle].nummern[first.nummer]}"
        result.append(Zeilenart(kind, tuple(texts), next(iter(texts.values())), pattern, place))
    return result


VIELE = 300
"""More rows without an area are no totals; only words are looked at then."""
BLOCK = 80
"""A subtotal stands at most so many rows from its parts."""


class _Gruppe:
    """Rows of small areas that may be added up: one table, one date, one category."""

    def __init__(self, rows: Sequence[Zeile], ohne: Sequence[Zeile], towns: Sequence[str | None]) -> None:
        self.nummern = np.array([row.nummer for row in rows])
        self.werte = np.array([row.werte for row in rows])
        self.ohne, self.towns = ohne, np.array(towns, dtype=object)
        self._sums: dict[str | None, tuple[int, np.ndarray]] = {}

    def summe(self, town: str | None) -> tuple[int, np.ndarray]:
        """How many areas a Kommune has here (None: all), and their sum."""
        if town not in self._sums:
            own = self.werte if town is None else self.werte[self.towns == town]
            self._sums[town] = (len(own), own.sum(axis=0))
        return self._sums[town]

    def block(self, row: Zeile) -> bool:
        """Whether a row is the sum of those right above or right below."""
        place = int(np.searchsorted(self.nummern, row.nummer))
        for parts in (self.werte[max(place - BLOCK, 0) : place][::-1], self.werte[place : place + BLOCK]):
            if any(_equal(row, total) for total in np.cumsum(parts, axis=0)):
                return True
        return False


class _Summen:
    """Totals of the named rows, to hold other rows against."""

    def __init__(
        self, named: Sequence[Zeile], unnamed: Sequence[Zeile], finder: Finder, schluessel: Schluessel
    ) -> None:
        self.finder, self.schluessel = finder, schluessel
        self.rechnet = len({row.text for row in unnamed}) <= VIELE
        parent = finder.gebiete.tabelle["oberhalb"].to_dict()
        rows: dict[tuple[int, tuple[str, ...]], list[Zeile]] = defaultdict(list)
        spare: dict[tuple[int, tuple[str, ...]], list[Zeile]] = defaultdict(list)
        for row in named:
            if row.fund and row.fund.level == "sozialraum":
                rows[row.tabelle, row.gruppe].append(row)
        for row in unnamed:
            if _ohne(row):
                spare[row.tabelle, row.gruppe].append(row)
        self.groups = {
            key: _Gruppe(own, spare[key], [parent.get(row.fund.gebiet) if row.fund else None for row in own])
            for key, own in rows.items()
        } if self.rechnet else {}  # fmt: skip

    def judge(self, text: str, rows: Sequence[Zeile]) -> tuple[str, str]:
        if not any(np.any(~np.isnan(row.werte)) for row in rows) and not wortliste.trifft("ohne", text):
            return "text", "steht ohne Zahlen in der Tabelle"
        word = _ohne(rows[0])
        if word:
            return "nicht_zuordenbar", f"„{word.strip()}“"
        found = [self._matches(row) for row in rows] if self.rechnet else []
        whole = {kind for kind in found if kind in {"kommune", "alle"}}
        said = wortliste.trifft("summe", text)
        if found and None not in found:
            if whole == set(found):
                of_what = "der Gebiete ihrer Kommune" if "kommune" in whole else "aller Gebiete"
                return "summen", f"jede Zahl ist die Summe {of_what}" + (
                    f", und „{said.strip()}“ sagt es" if said else ""
                )
            return "ueberlesen", "jede Zahl ist die Summe von Zeilen darüber (Zwischensumme)"
        if said:
            return "summen", f"„{said.strip()}“ sagt es; die Zahlen gehen nicht überall genau auf"
        if several := self.finder.mehrdeutig(text):
            return "offen", f"kann {' oder '.join(f'„{one}“' for one in several[:3])} sein"
        return "offen", "kein bekanntes Gebiet, und die Zahlen sind keine Summe anderer Zeilen"

    def _matches(self, row: Zeile) -> str | None:
        group = self.groups.get((row.tabelle, row.gruppe))
        if group is None:
            return None
        town = self._town(row)
        for whose, kind in ((town, "kommune"), (None, "alle")):
            number, total = group.summe(whose)
            if (whose is None and kind == "kommune") or number < 2:
                continue
            extra = [one.werte for one in group.ohne if whose is None or self._town(one) in (None, whose)]
            if _equal(row, total) or (extra and _equal(row, total + np.sum(extra, axis=0))):
                return "kommune" if len(set(group.towns)) == 1 else kind
        return "block" if group.block(row) else None

    def _town(self, row: Zeile) -> str | None:
        if self.schluessel.kommune:
            return self.schluessel.kommune
        sign = self.schluessel.verbinden
        head = row.text.split(sign)[0] if len(self.schluessel.spalten) > 1 and sign else row.text
        found = self.finder(head)
        if found is not None and found.level == "kommune":
            return found.gebiet
        spoken = self.finder.kommune_in(row.text)
        return spoken[0] if spoken else None


def _ohne(row: Zeile) -> str:
    for text in (row.text, row.text.rpartition("/")[2].rpartition(" ")[2], row.beiwort):
        if word := wortliste.trifft("ohne", text):
            return word
    return ""


def _equal(row: Zeile, total: np.ndarray) -> bool:
    """Whether every number of a row that can be compared is the sum, and some is not zero."""
    both = ~np.isnan(total) & ~np.isnan(row.werte)
    if not both.any() or not np.any(row.werte[both]):
        return False
    same = np.abs(total[both] - row.werte[both]) < 1e-6
    return bool(same.mean() >= 0.8) and int(same.sum()) >= min(2, int(both.sum()))


def lies_zeilen(
    tabellen: Sequence[Rohtabelle],
    schluessel: Schluessel,
    kommunen: Sequence[str],
    zahlen: Sequence[np.ndarray],
    gruppen: Sequence[Sequence[tuple[str, ...]]],
    finder: Finder,
) -> list[Zeile]:
    """All rows of some tables with what their keys mean.

    Parameters
    ----------
    kommunen
        Id of the Kommune each table speaks of, "" where rows say it.
    zahlen
        Numbers of the counts of each table, rows x columns, NaN where there is none.
    gruppen
        Date and category of each row.
    """
    result = []
    for place, table in enumerate(tabellen):
        key = replace(schluessel, kommune=kommunen[place])
        for number, row in enumerate(table.zeilen):
            fund = key.fund(row, finder)
            result.append(
                Zeile(place, number, key.text(row), fund, gruppen[place][number], zahlen[place][number],
                      "" if fund else _beiwort(row, key))
            )  # fmt: skip
    return result


def _beiwort(row: Sequence[Any], key: Schluessel) -> str:
    """Words of a row besides its key."""
    words = [zelltext(c) for i, c in enumerate(row) if i not in key.benutzt and not leer(c) and not zahlig(c)]
    return " ".join(words)[:80]


def doppelte(zeilen: Sequence[Zeile]) -> dict[tuple[str, tuple[str, ...]], list[Zeile]]:
    """Areas that stand in several rows of one kind: (area, date and category) -> rows."""
    found: dict[Any, list[Zeile]] = defaultdict(list)
    for row in zeilen:
        if row.fund is not None:
            found[row.tabelle, row.fund.gebiet, row.gruppe].append(row)
    return {(key[1], key[2]): rows for key, rows in found.items() if len(rows) > 1}
