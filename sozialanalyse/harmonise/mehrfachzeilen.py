"""Several rows of one area in one table: the same row twice, parts to be added, or a contradiction."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Protocol

import numpy as np

from sozialanalyse.base import Rohtabelle, Schwere, spaltenbuchstabe, zelltext
from sozialanalyse.harmonise.sammlung import OHNE_GEBIET, Sammlung, Teil, Woerter, Zellzahlen
from sozialanalyse.harmonise.schluesselbund import Schluesselbund
from sozialanalyse.region import DatensatzSeite


class Befundmelder(Protocol):
    """Takes a finding with its place in the table."""

    def __call__(
        self, schwere: Schwere, text: str, abhilfe: str = "", *, zeile: int | None = None, spalte: int | None = None,
        regel: str = "",
    ) -> None: ...  # fmt: skip


def pruefe_mehrfache(
    rows: np.ndarray,
    gebiet: np.ndarray,
    tag: np.ndarray,
    tabelle: Rohtabelle,
    seite: DatensatzSeite,
    bund: Schluesselbund,
    schluessel: Sequence[int],
    zahlen: Sequence[int],
    melde: Befundmelder,
) -> np.ndarray:
    """Tell which areas have several rows; two rows are the same only if all their cells are.

    Rows that agree in one number alone may be parts of equal size: what they are is for the page to say.

    Parameters
    ----------
    rows
        Rows that hold one field.
    gebiet, tag
        Area and date of every row of the table.
    schluessel
        Columns that name the area; their spelling may differ.
    zahlen
        Columns that hold numbers.

    Returns
    -------
    ndarray
        The rows to be read: all of them where they are to be added, else the first of every area.
    """
    groups = _groups(rows, gebiet, tag)
    if not groups:
        return rows
    same: list[list[int]] = []
    apart: list[list[int]] = []
    for group in groups:
        first, *others = (_content(tabelle, row, schluessel) for row in group)
        (same if all(other == first for other in others) else apart).append(group)
    wanted = seite.tabelle.zusammenfassen
    adding = wanted == "summe"
    single = [group for group in same if _numbers(tabelle, group[0], zahlen) < 2]
    if single and wanted is None:
        melde(
            "fehler",
            f"{_subject(single, 'mit gleicher Zahl', bund, gebiet, tabelle)}.",
            "Sind es Teile, gehört „zusammenfassen: summe“ auf die Datensatzseite, sind es doppelt gelieferte Zeilen, "
            "„zusammenfassen: gleiche“; sonst bitte beim Lieferanten klären.",
            zeile=single[0][1],
            spalte=schluessel[-1],
            regel="eindeutig",
        )
        same = [group for group in same if group not in single]
    if same:
        melde(
            "hinweis" if wanted else "warnung",
            f"{_subject(same, 'ganz gleich', bund, gebiet, tabelle)}.",
            "Addiert werden alle; bitte klären, ob die Zeilen doppelt geliefert sind."
            if adding
            else "Gezählt wird jede Zeile einmal; bitte klären, ob sie doppelt geliefert ist oder Teile zu addieren sind.",
            zeile=same[0][1],
            spalte=schluessel[-1],
            regel="eindeutig",
        )
    if apart and not adding:
        names = [tabelle.kopf[c] or spaltenbuchstabe(c) for c in _different(tabelle, apart[0], schluessel)]
        differing = ", ".join(f"„{name}“" for name in names[:4]) + (" …" if len(names) > 4 else "")
        melde(
            "fehler",
            f"{_subject(apart, 'verschieden', bund, gebiet, tabelle)}; die Zeilen unterscheiden sich in {differing}.",
            "Sind es Teile, gehört „zusammenfassen: summe“ auf die Datensatzseite; gilt nur eine Zeile je Gebiet, wählt "
            "„nur“ sie aus; sonst bitte beim Lieferanten klären, welche gilt.",
            zeile=apart[0][1],
            spalte=schluessel[-1],
            regel="eindeutig",
        )
    if adding:
        return rows
    later = {row for group in groups for row in group[1:]}
    return rows[~np.isin(rows, list(later))]


def _numbers(tabelle: Rohtabelle, row: int, zahlen: Sequence[int]) -> int:
    """How many numbers stand in a row."""
    cells = tabelle.zeilen[row]
    return sum(column < len(cells) and bool(zelltext(cells[column])) for column in zahlen)


def _groups(rows: np.ndarray, gebiet: np.ndarray, tag: np.ndarray) -> list[list[int]]:
    """Rows that share area and date, in groups of two and more."""
    own = rows[gebiet[rows] != OHNE_GEBIET]
    keys = gebiet[own].astype(np.int64) * (int(tag.max(initial=0)) + 1) + tag[own]
    _, group, counts = np.unique(keys, return_inverse=True, return_counts=True)
    found: dict[int, list[int]] = {}
    for position in np.flatnonzero(counts[group] > 1):
        found.setdefault(int(group[position]), []).append(int(own[position]))
    return sorted(found.values())


def _content(tabelle: Rohtabelle, row: int, schluessel: Sequence[int]) -> list[str]:
    """What stands in a row beside its key, without empty cells at its end."""
    cells = [zelltext(cell) for column, cell in enumerate(tabelle.zeilen[row]) if column not in schluessel]
    while cells and not cells[-1]:
        cells.pop()
    return cells


def _different(tabelle: Rohtabelle, group: Sequence[int], schluessel: Sequence[int]) -> list[int]:
    """Columns in which the rows of a group differ."""
    width = min(max(len(tabelle.zeilen[row]) for row in group), len(tabelle.kopf))
    columns = [tabelle.spalte(column) for column in range(width)]
    return [
        c for c, cells in enumerate(columns) if c not in schluessel and len({zelltext(cells[row]) for row in group}) > 1
    ]  # fmt: skip


def _subject(
    groups: Sequence[Sequence[int]], wie: str, bund: Schluesselbund, gebiet: np.ndarray, tabelle: Rohtabelle
) -> str:
    """Which areas stand more than once, and how."""
    first = groups[0]
    lines = [tabelle.zeile(row) for row in first]
    named = f"„{bund.ids[gebiet[first[0]]]}“"
    if all(line.startswith("Zeile ") for line in lines):
        lines = [line.removeprefix("Zeile ") for line in lines]
        where = f"in den Zeilen {', '.join(lines[:-1][:5])} und {lines[-1]}"
    else:
        where = f"in {', '.join(lines[:-1][:5])} und {lines[-1]}"
    if len(groups) == 1:
        return f"{named} steht mehrmals, {wie}, {where}"
    return f"{len(groups)} Gebiete stehen mehrmals, {wie}, zuerst {named} {where}"


def addiert(part: Teil, seite: DatensatzSeite, sammlung: Sammlung, melde: Befundmelder) -> Teil:
    """The part with one number per area and day delivered: the sum of its rows.

    A gap among the rows makes the sum a gap with the strictest of the reasons; its bounds are the sums of
    the bounds where every row has some.
    """
    zeilen = part.zeilen
    days = zeilen.datenstand.nummern.astype(np.int64)
    keys = (zeilen.gebiet.astype(np.int64) + 1) * (int(days.max(initial=0)) + 1) + days
    _, start, group = np.unique(keys, return_index=True, return_inverse=True)
    if len(start) == len(keys):
        return part
    size = len(start)
    wert, rang = part.zahlen.wert[part.nummern], part.rang
    gap = np.isnan(wert)
    _check_totals(wert, group, zeilen.gebiet[start], part, seite, sammlung, melde)
    ranks = np.full(size, np.iinfo(np.int8).max, dtype=np.int8)
    np.minimum.at(ranks, group, rang)
    bounds = []
    for given in (part.zahlen.unten[part.nummern], part.zahlen.oben[part.nummern]):
        sums = np.bincount(group, np.where(gap, given, wert), size)
        bounds.append(np.where(np.bincount(group, gap, size) > 0, sums, np.nan))
    members: list[list[int]] = [[] for _ in range(size)]
    for position, number in enumerate(group):
        members[number].append(position)
    before, behind = part.adresse
    mended = np.zeros(size, dtype=np.int32)
    np.maximum.at(mended, group, part.korrektur.nummern)
    order: list[int] = np.argsort(start).tolist()  # sums stand where the first of their rows stood
    raw = [_joined([part.roh.woerter[part.roh.nummern[p]] for p in members[number]]) for number in order]
    cells = [_joined([f"{before}{zeilen.nummer[p]}{behind}" for p in members[number]]) for number in order]
    return replace(
        part,
        zeilen=zeilen[np.asarray(start[order])],
        zahlen=Zellzahlen(
            np.bincount(group, wert, size)[order], ranks[order], bounds[0][order], bounds[1][order]
        ),
        nummern=np.arange(size, dtype=np.int32),
        roh=Woerter(raw, np.arange(size)),
        korrektur=Woerter(part.korrektur.woerter, mended[order]),
        zellen=cells,
    )


def _joined(texts: Sequence[str]) -> str:
    return " + ".join(texts if len(texts) <= 6 else [*texts[:4], "…", texts[-1]])


def _check_totals(
    wert: np.ndarray, group: np.ndarray, gebiete: np.ndarray, part: Teil, seite: DatensatzSeite, sammlung: Sammlung,
    melde: Befundmelder,
) -> None:  # fmt: skip
    """Tell where one of the rows to be added is the total of the others: it would count twice."""
    size = len(gebiete)
    total, largest = np.bincount(group, wert, size), np.full(size, -np.inf)
    np.fmax.at(largest, group, wert)
    several = (np.bincount(group, minlength=size) > 2) & (total > 0) & (gebiete != OHNE_GEBIET)
    double = several & (np.abs(total - 2 * largest) <= 0.5)
    if several.sum() > 1 and double.sum() > several.sum() / 2:
        first = int(np.flatnonzero(double)[0])
        row = int(np.flatnonzero((group == first) & (wert == largest[first]))[0])
        melde(
            "fehler",
            f"In {int(double.sum())} von {int(several.sum())} Gebieten ist eine der Zeilen, die addiert werden sollen, schon die "
            f"Summe der übrigen (zuerst „{sammlung.gebiete[gebiete[first]]}“, Zeile {part.zeilen.nummer[row]}).",
            "Bitte solche Zeilen mit „nur“ oder „ueberlesen“ weglassen.",
            regel="summe",
        )
