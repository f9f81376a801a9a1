"""Rows that name no area: totals, subtotals, cases without an area, notes; told apart by arithmetic, then by words."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from sozialanalyse.rohtabelle import Rohtabelle
from sozialanalyse.vorschlag import woerter
from sozialanalyse.vorschlag.ansicht import leer
from sozialanalyse.vorschlag.lage import Finder, Fund, Schluessel, zahlig
from sozialanalyse.vorschlag.muster import muster, woertlich
from sozialanalyse.woerter import zelltext

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


class _Summen:
    """Totals of the named rows, to hold other rows against."""

    def __init__(
        self, named: Sequence[Zeile], unnamed: Sequence[Zeile], finder: Finder, schluessel: Schluessel
    ) -> None:
        self.finder, self.schluessel = finder, schluessel
        self.parent = finder.gebiete.tabelle["oberhalb"].to_dict()
        self.groups: dict[tuple[int, tuple[str, ...]], list[Zeile]] = defaultdict(list)
        for row in named:
            if row.fund and row.fund.level == "sozialraum":
                self.groups[row.tabelle, row.gruppe].append(row)
        self.spare: dict[tuple[int, tuple[str, ...]], list[Zeile]] = defaultdict(list)
        for row in unnamed:
            if _ohne(row):
                self.spare[row.tabelle, row.gruppe].append(row)

    def judge(self, text: str, rows: Sequence[Zeile]) -> tuple[str, str]:
        if not any(np.any(~np.isnan(row.werte)) for row in rows) and not woerter.trifft("ohne", text):
            return "text", "steht ohne Zahlen in der Tabelle"
        word = _ohne(rows[0])
        if word:
            return "nicht_zuordenbar", f"„{word.strip()}“"
        found = [self._matches(row) for row in rows]
        whole = {kind for kind in found if kind in {"kommune", "alle"}}
        said = woerter.trifft("summe", text)
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
        parts = self.groups.get((row.tabelle, row.gruppe), [])
        if not parts:
            return None
        spare = self.spare.get((row.tabelle, row.gruppe), [])
        town = self._town(row)
        if town is not None:
            own = [part for part in parts if part.fund and self._above(part.fund) == town]
            extra = [one for one in spare if self._town(one) in (None, town)]
            if len(own) > 1 and (_equal(row, own) or _equal(row, [*own, *extra])):
                return "kommune"
        if len(parts) > 1 and (_equal(row, parts) or _equal(row, [*parts, *spare])):
            towns = {self._above(part.fund) for part in parts if part.fund}
            return "kommune" if len(towns) == 1 else "alle"
        before = [part for part in parts if part.nummer < row.nummer][::-1]
        after = [part for part in parts if part.nummer > row.nummer]
        for block in (before, after):
            for length in range(1, min(len(block), 80) + 1):
                if _equal(row, block[:length]):
                    return "block"
        return None

    def _above(self, fund: Fund) -> str | None:
        return self.parent.get(fund.gebiet)

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
        if word := woerter.trifft("ohne", text):
            return word
    return ""


def _equal(row: Zeile, parts: Sequence[Zeile]) -> bool:
    """Whether every number of a row that can be compared is the sum of the parts, and some is not zero."""
    total = np.sum([part.werte for part in parts], axis=0)
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
            words = [
                zelltext(c)
                for i, c in enumerate(row)
                if i not in key.benutzt and not leer(c) and not zahlig(c)
            ]
            result.append(
                Zeile(place, number, key.text(row), key.fund(row, finder), gruppen[place][number], zahlen[place][number], " ".join(words)[:80])
            )  # fmt: skip
    return result


def doppelte(zeilen: Sequence[Zeile]) -> dict[tuple[str, tuple[str, ...]], list[Zeile]]:
    """Areas that stand in several rows of one kind: (area, date and category) -> rows."""
    found: dict[Any, list[Zeile]] = defaultdict(list)
    for row in zeilen:
        if row.fund is not None:
            found[row.tabelle, row.fund.gebiet, row.gruppe].append(row)
    return {(key[1], key[2]): rows for key, rows in found.items() if len(rows) > 1}
