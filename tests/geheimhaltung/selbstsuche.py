"""Sums somebody finds in published numbers alone: no catalogue, no declared sum, nothing of the package.

Meet in the middle: every sum of up to two columns is looked up among the sums of up to three others, by the
numbers of a few rows where all are printed; what agrees there must hold in every row where its columns are printed.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import pandas as pd

GLIEDER = 3
"""So many columns may stand on the longer side."""
STICHPROBE = 6
"""Rows that are looked up."""
SPALTEN = 90
"""More columns are looked through in blocks, so that the search ends: pairs against triples grow with the third power."""


@dataclass(frozen=True)
class Gefunden:
    """Two sets of columns with the same sum."""

    links: tuple[str, ...]
    rechts: tuple[str, ...]
    zeilen: int


def suche(tabelle: pd.DataFrame) -> list[Gefunden]:
    """Sums that hold in a table of printed counts.

    Parameters
    ----------
    tabelle
        Rows (areas x dates) x columns; NaN where nothing is printed.
    """
    names = [str(name) for name in tabelle.columns if tabelle[name].notna().sum() > STICHPROBE]
    found: list[Gefunden] = []
    for start in range(0, max(len(names), 1), SPALTEN):
        block = tabelle[names[start : start + SPALTEN]]
        found += _block(block, found)
    return found


def _block(table: pd.DataFrame, known: list[Gefunden]) -> Iterator[Gefunden]:
    numbers = table.to_numpy(dtype=float)
    left = np.ones(numbers.shape[1], dtype=bool)
    result: list[Gefunden] = []
    while (
        left.any()
    ):  # rows where many columns are printed; what is never printed together is looked at afterwards
        gaps = np.isnan(numbers[:, left]).sum(axis=1)
        order = np.argsort(gaps, kind="stable")
        rows = order[:STICHPROBE]
        whole = np.flatnonzero(~np.isnan(numbers[rows]).any(axis=0) & (numbers[rows] != 0).any(axis=0))
        result += _treffen(table, numbers, rows, whole, [*known, *result])
        if not left[whole].any():
            break
        left[whole] = False
    return iter(result)


def _treffen(
    table: pd.DataFrame, numbers: np.ndarray, rows: np.ndarray, columns: np.ndarray, known: list[Gefunden]
) -> list[Gefunden]:
    sums: dict[bytes, list[tuple[int, ...]]] = {}
    part = np.round(numbers[rows][:, columns], 6)
    for size in (1, 2):
        for pick in combinations(range(len(columns)), size):
            sums.setdefault(np.round(part[:, pick].sum(axis=1), 3).tobytes(), []).append(pick)
    result: list[Gefunden] = []
    seen = {(one.links, one.rechts) for one in known}
    for size in range(1, GLIEDER + 1):
        for pick in combinations(range(len(columns)), size):
            for other in sums.get(np.round(part[:, pick].sum(axis=1), 3).tobytes(), []):
                if set(pick) & set(other) or (size < 3 and len(other) >= size and other > pick):
                    continue
                one = _pruefe(table, numbers, columns[list(other)], columns[list(pick)])
                if one is not None and (one.links, one.rechts) not in seen:
                    seen.add((one.links, one.rechts))
                    result.append(one)
    return result


def _pruefe(table: pd.DataFrame, numbers: np.ndarray, left: np.ndarray, right: np.ndarray) -> Gefunden | None:
    together = numbers[:, [*left, *right]]
    there = ~np.isnan(together).any(axis=1) & (together != 0).any(axis=1)
    apart = numbers[there][:, left].sum(axis=1) - numbers[there][:, right].sum(axis=1)
    lines = np.unique(together[there], axis=0)
    held = np.abs(apart) <= 1e-6
    worth = np.log2(1 + np.abs(lines).min(axis=1)).sum()
    if not held.all() or len(lines) < together.shape[1] + 2 or worth < 40:
        return None
    names = table.columns
    return Gefunden(
        tuple(sorted(map(str, names[left]))), tuple(sorted(map(str, names[right]))), int(there.sum())
    )
