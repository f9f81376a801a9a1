"""Shares that are delivered as numbers of their own: whoever knows the base can work the count out again.

A field that is no count (percent, per thousand) is compared with the ratio of every two counts. It is taken for such a
share if it agrees with the ratio, within half a unit of its last printed digit, in every row of a date, and if that would
be a wonder otherwise: a row is worth ``log2(1 + range / step)`` bits, naming the two counts and the factor costs as many
as there are choices, and :data:`.identitaeten.SICHER` bits must be left.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import log2

import numpy as np
import pandas as pd

from sozialanalyse.geheimhaltung.identitaeten import FELDER_IM_PROGRAMM, NULL, SICHER

FAKTOREN = (100.0, 1000.0, 1.0)
STELLEN = 4
"""More decimals are no printed number; the share is exact then."""
VORAB = 15
"""Rows that a pair has to pass before it is tried in all."""
MINDESTENS = 4


@dataclass(frozen=True)
class Anteil:
    """``feld = faktor x zaehler / nenner``, within ``spielraum``, on some dates."""

    feld: str
    zaehler: str
    nenner: str
    faktor: float
    spielraum: float
    tage: tuple[str, ...]
    zeilen: int


def finde(zahlen: Mapping[str, pd.DataFrame], raten: Mapping[str, pd.DataFrame]) -> list[Anteil]:
    """Shares among the fields that are no counts.

    Parameters
    ----------
    zahlen, raten
        Reference date -> counts, and other numbers, of small areas x fields; NaN unknown.

    Returns
    -------
    list of Anteil
        At most one of each field: the one that holds in most rows. With more than
        :data:`.identitaeten.FELDER_IM_PROGRAMM` counts only those of the own dataset are tried.
    """
    if not raten or not zahlen:
        return []
    counts = pd.concat(zahlen, names=["tag", "gebiet_id"]).sort_index()
    others = pd.concat(raten, names=["tag", "gebiet_id"]).reindex(counts.index)
    days = counts.index.get_level_values("tag").to_numpy(dtype=str)
    found = []
    for name in sorted(map(str, others.columns)):
        near = counts
        if counts.shape[1] > FELDER_IM_PROGRAMM:
            near = counts[[c for c in counts.columns if str(c).partition(".")[0] == name.partition(".")[0]]]
        one = _anteil(name, others[name].to_numpy(dtype=float), near, days)
        found += [one] if one is not None else []
    return found


def _anteil(name: str, share: np.ndarray, counts: pd.DataFrame, days: np.ndarray) -> Anteil | None:
    known = ~np.isnan(share)
    table, share, days = counts.to_numpy(dtype=float)[known], share[known], days[known]
    if len(share) < MINDESTENS or not np.ptp(share):
        return None
    slack = _halber_schritt(share)
    worth = log2(1 + np.ptp(share) / (2 * slack))
    needed = SICHER + log2(len(FAKTOREN) * max(table.shape[1], 1) ** 2)
    gaps = np.isnan(table).sum(axis=1)
    first = np.argsort(gaps, kind="stable")[:VORAB]
    best: Anteil | None = None
    for factor in FAKTOREN:
        for part in range(table.shape[1]):
            fits, seen = _passt(share[first], table[first, part], table[first], factor, slack)
            likely = seen.any(axis=0) & ((fits | ~seen).mean(axis=0) >= 0.5)  # a date may speak against it
            for whole in np.flatnonzero(likely):
                if whole == part:
                    continue
                right, there = (
                    one[:, 0] for one in _passt(share, table[:, part], table[:, [whole]], factor, slack)
                )
                wrong = set(days[there & ~right].tolist())
                held = there & ~np.isin(days, list(wrong))
                told = len(np.unique(np.column_stack([share, table[:, part], table[:, whole]])[held], axis=0))
                if told < MINDESTENS or told * worth < needed or (best and held.sum() <= best.zeilen):
                    continue
                good = tuple(sorted(set(days.tolist()) - wrong))
                best = Anteil(name, str(counts.columns[part]), str(counts.columns[whole]), factor, slack, good, int(held.sum()))  # fmt: skip
    return best


def _passt(
    share: np.ndarray, part: np.ndarray, wholes: np.ndarray, factor: float, slack: float
) -> tuple[np.ndarray, np.ndarray]:
    """Whether the share is the ratio, and whether that can be said, rows x wholes."""
    seen = ~np.isnan(part)[:, None] & (np.nan_to_num(wholes) > 0)
    base = np.where(seen, wholes, 1.0)
    apart = np.abs(factor * np.nan_to_num(part)[:, None] / base - share[:, None])
    return seen & (apart <= slack * (1 + 1e-6) + NULL), seen


def _halber_schritt(share: np.ndarray) -> float:
    """Half a unit of the last decimal that is printed."""
    for digits in range(STELLEN + 1):
        if np.abs(share - np.round(share, digits)).max() < 1e-9 * max(1.0, np.abs(share).max()):
            return 0.5 * 10.0**-digits
    return float(1e-6 * max(1.0, np.abs(share).max()))
