"""Areas that stand in several rows: parts to add, or one row that holds the whole, where arithmetic decides it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from sozialanalyse.base import Rohtabelle, zelltext
from sozialanalyse.vorschlag.lage import Finder
from sozialanalyse.vorschlag.zeilen import Zeile


@dataclass(frozen=True)
class Entscheid:
    """What a page says about several rows of an area, and the reason."""

    beleg: str
    spalte: int | None = None
    """Column of ``nur``; None where the rows are added up."""
    wort: str = ""


def entscheide(
    zeilen: Sequence[Zeile],
    mehrfach: Mapping[tuple[str, tuple[str, ...]], Sequence[Zeile]],
    tabellen: Sequence[Rohtabelle],
    finder: Finder,
    benutzt: Collection[int],
    zahlen: Sequence[int],
) -> Entscheid | None:
    """Whether one row of each area is the sum of its others, or all rows together add up to delivered totals.

    Parameters
    ----------
    mehrfach
        Areas in several rows, from :func:`sozialanalyse.vorschlag.zeilen.doppelte`.
    benutzt
        Columns of the key, which can tell no rows of an area apart.
    zahlen
        Columns of the numbers of ``zeilen``.

    Returns
    -------
    Entscheid or None
        None where the numbers decide nothing.
    """
    return _whole(mehrfach, tabellen, benutzt, zahlen) or _parts(zeilen, mehrfach, finder)


def _whole(
    several: Mapping[tuple[str, tuple[str, ...]], Sequence[Zeile]],
    tables: Sequence[Rohtabelle],
    used: Collection[int],
    numbers: Sequence[int],
) -> Entscheid | None:
    """One row of each area holds the sum of at least two others, and a word in one column says which."""
    for column in range(len(tables[0].kopf)):
        added = np.array([number != column for number in numbers])
        wholes = _wholes(several.values(), added) if column not in used and added.any() else []
        words = {_text(tables, row, column) for row in wholes}
        if len(words) != 1 or "" in words:
            continue
        word, chosen = words.pop(), {(row.tabelle, row.nummer) for row in wholes}
        named = [row for rows in several.values() for row in rows if _text(tables, row, column) == word]
        if len(named) == len(several) and all(
            not np.any(row.werte[added]) or (row.tabelle, row.nummer) in chosen for row in named
        ):
            reason = (
                f"je Gebiet ist die Zeile mit „{word}“ die Summe der anderen ({len(wholes)} nachgerechnet)"
            )
            return Entscheid(reason, column, word)
    return None


def _wholes(several: Iterable[Sequence[Zeile]], added: np.ndarray) -> list[Zeile]:
    """The row of each area that is the sum of its others; none where one area has no such row."""
    found = []
    for rows in several:
        values = np.array([row.werte[added] for row in rows])
        if len(rows) < 3 or np.isnan(values).any():
            return []
        is_sum = np.flatnonzero((2 * values == values.sum(axis=0)).all(axis=1))
        if values.any() and len(is_sum) != 1:
            return []
        found += [rows[is_sum[0]]] if values.any() else []
    return found


def _parts(
    rows: Sequence[Zeile], several: Mapping[tuple[str, tuple[str, ...]], Sequence[Zeile]], finder: Finder
) -> Entscheid | None:
    """All rows, the repeated ones with them, add up to the total of their Kommune or of the table."""
    parent = finder.gebiete.tabelle["oberhalb"].to_dict()
    parts: dict[tuple[int, tuple[str, ...]], list[Zeile]] = defaultdict(list)
    totals: dict[tuple[int, tuple[str, ...]], list[Zeile]] = defaultdict(list)
    for row in rows:
        small = row.fund is not None and row.fund.level == "sozialraum"
        (parts if small else totals)[row.tabelle, row.gruppe].append(row)
    shown: set[str] = set()
    for repeated in several.values():
        first = repeated[0]
        if first.fund is None or first.fund.level != "sozialraum":
            return None
        key, town = (first.tabelle, first.gruppe), parent.get(first.fund.gebiet)
        whole = _sum(parts[key])
        own = _sum([row for row in parts[key] if row.fund and parent.get(row.fund.gebiet) == town])
        for total in totals[key]:
            of_town = total.fund is not None and total.fund.level == "kommune"
            wanted = (
                own if total.fund is not None and total.fund.gebiet == town else None if of_town else whole
            )
            if wanted is not None and _all_equal(total.werte, wanted):
                shown.add(total.text)
                break
        else:
            return None
    return Entscheid(
        f"erst alle Zeilen zusammen ergeben {', '.join(f'„{text}“' for text in sorted(shown)[:3])}"
    )


def _sum(rows: Sequence[Zeile]) -> np.ndarray:
    return np.sum([row.werte for row in rows], axis=0)


def _all_equal(one: np.ndarray, other: np.ndarray) -> bool:
    return bool(np.any(other) and np.array_equal(one, other))


def _text(tables: Sequence[Rohtabelle], row: Zeile, column: int) -> str:
    cells = tables[row.tabelle].zeilen[row.nummer]
    return zelltext(cells[column]) if column < len(cells) else ""
