"""Are neighbouring areas alike? Moran's I of many indicators, and where (local Moran)."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import sparse

from .nulls import false_discovery
from .partitions import Neighbours, neighbour_lists
from .sample import SEED, Floats, Frame, as_frame
from .scales import checked_counts


def morans_i(
    y: Frame,
    *,
    geometry: Any = None,
    neighbours: Neighbours | None = None,
    base: Frame | None = None,
    permutations: int = 999,
    seed: int = SEED,
) -> pd.DataFrame:
    r"""Moran's I with row-standardised contiguity, for all indicators at once.

    :math:`I = \frac{N}{S_0} \frac{z^T W z}{z^T z}` (Moran 1950). With ``base`` the values are cases
    and the rates are standardised for their different precision (Assuncao & Reis 1999), with the
    variance cut at 0.

    Parameters
    ----------
    y : Series or DataFrame
        Areas x indicators; or cases if ``base`` is given. An area with a gap takes no part, nor do
        its links.
    geometry, neighbours
        Which areas are neighbours, as in :func:`decompose`.
    base : Series or DataFrame, optional
        Persons.
    permutations, seed
        Draws of the two-sided test: how often values exchanged at random lie as far from the
        expectation :math:`-1/(N-1)`.

    Returns
    -------
    DataFrame
        One row per indicator: ``i``, ``expected``, ``z`` (against the draws), ``p``, ``q`` (false
        discovery rate), ``n``.
    """
    frame = _values(y, base)
    lists = neighbour_lists(frame.index, geometry, neighbours)
    if lists is None:
        raise ValueError("give geometry or neighbours")
    rows = {}
    for name in frame:
        known = frame[name].notna().to_numpy()
        rows[name] = _moran(frame[name].to_numpy()[known], _weights(lists, known), permutations, seed)
    table = pd.DataFrame.from_dict(rows, orient="index").astype({"n": int})
    table.insert(4, "q", false_discovery(table["p"].to_numpy()))
    table.index.name = "indicator"
    return table


def _moran(x: Floats, w: sparse.csr_array, permutations: int, seed: int) -> dict[str, float]:
    n = len(x)
    row = {"i": np.nan, "expected": -1 / (n - 1) if n > 1 else np.nan, "z": np.nan, "p": np.nan, "n": n}
    z = x - x.mean() if n else x
    total, links = float(z @ z), float(w.sum())
    if n < 3 or total <= 1e-26 * float(x @ x) or links == 0:
        return row
    rng = np.random.default_rng(seed)
    drawn = z[rng.permuted(np.tile(np.arange(n), (permutations, 1)), axis=1).T]
    null = n / links * (drawn * (w @ drawn)).sum(axis=0) / total
    row["i"] = n / links * float(z @ (w @ z)) / total
    if permutations:
        far = np.abs(null - row["expected"]) >= abs(row["i"] - row["expected"]) - 1e-12
        row["p"] = (1 + int(far.sum())) / (1 + permutations)
        row["z"] = (row["i"] - float(null.mean())) / float(null.std()) if null.std() > 0 else np.nan
    return row


def local_moran(
    y: pd.Series[Any],
    *,
    geometry: Any = None,
    neighbours: Neighbours | None = None,
    base: pd.Series[Any] | None = None,
    permutations: int = 999,
    seed: int = SEED,
    alpha: float = 0.05,
) -> pd.DataFrame:
    r"""Local Moran statistics (Anselin 1995) with two-sided p values and false discovery rate.

    :math:`I_i = (N-1) z_i \sum_j w_{ij} z_j / \sum z^2`. Conditional permutation: the value of the
    area stays, its neighbours are drawn from all others; p counts draws that lie as far in the
    nearer tail, doubled.

    Parameters
    ----------
    y : Series
        Value per area, or cases if ``base`` is given; gaps take no part and stay missing.
    geometry, neighbours, base, permutations, seed
        As in :func:`morans_i`.
    alpha : float
        Level of the adjusted p value up to which an area is named.

    Returns
    -------
    DataFrame
        Per area ``i``, ``p``, ``q``, and ``kind``: high-high, low-low, high-low, low-high, or
        missing if not significant.
    """
    frame = _values(y, base)
    lists = neighbour_lists(frame.index, geometry, neighbours)
    if lists is None:
        raise ValueError("give geometry or neighbours")
    values = frame.iloc[:, 0]
    known = values.notna().to_numpy()
    out = pd.DataFrame({"i": np.nan, "p": np.nan, "q": np.nan, "kind": None}, index=frame.index)
    if known.sum() < 3 or np.ptp(values[known]) == 0:
        return out
    matrix = _weights(lists, known)
    z = values[known].to_numpy() - values[known].mean()
    lag = matrix @ z
    p = _conditional_p(z, lag, matrix, permutations, seed)
    q = false_discovery(p)
    high = (
        np.where(z > 0, "high", "low").astype(object) + "-" + np.where(lag > 0, "high", "low").astype(object)
    )
    alone = np.diff(matrix.indptr) == 0
    statistic = np.where(alone, np.nan, (len(z) - 1) * z * lag / (z @ z))
    out.loc[known, ["i", "p", "q"]] = np.column_stack([statistic, p, q])
    kind = np.full(len(known), None, dtype=object)
    kind[known] = np.where(q <= alpha, high, None)
    out["kind"] = kind
    return out


def _conditional_p(z: Floats, lag: Floats, w: sparse.csr_array, permutations: int, seed: int) -> Floats:
    """Two-sided p of the mean of the neighbours, given the value of the area itself."""
    n, degree = len(z), np.diff(w.indptr)
    p = np.full(n, np.nan)
    if not permutations:
        return p
    rng = np.random.default_rng(seed)
    most = int(degree.max(initial=0))
    others = np.array([rng.choice(n - 1, most, replace=False) for _ in range(permutations)])
    for at in np.flatnonzero(degree):
        drawn = others[:, : degree[at]]
        mean = z[drawn + (drawn >= at)].mean(axis=1)
        tail = min(int((mean >= lag[at] - 1e-12).sum()), int((mean <= lag[at] + 1e-12).sum()))
        p[at] = min(1.0, 2 * (1 + tail) / (1 + permutations))
    return p


def _values(y: Frame, base: Frame | None) -> pd.DataFrame:
    if base is None:
        return as_frame(y, "y")
    cases, persons = checked_counts(y, base)
    rate, overall = cases / persons, cases.sum() / persons.sum()
    spread = (persons * (rate - overall) ** 2).sum() / persons.sum()
    chance = overall * persons.notna().sum() / persons.sum()
    variance = (spread - chance).clip(lower=0.0) + overall / persons
    return (rate - overall) / variance.where(variance > 0) ** 0.5


def _weights(lists: list[list[int]], known: NDArray[np.bool_]) -> sparse.csr_array:
    """Row-standardised weights among the known areas."""
    place = np.cumsum(known) - 1
    links = [[int(place[other]) for other in lists[at] if known[other]] for at in np.flatnonzero(known)]
    pointer = np.concatenate([[0], np.cumsum([len(found) for found in links])]).astype(int)
    indices = np.array([other for found in links for other in found], dtype=int)
    data = np.repeat([1 / len(found) if found else 0.0 for found in links], np.diff(pointer))
    return sparse.csr_array((data, indices, pointer), shape=(len(links), len(links)))
