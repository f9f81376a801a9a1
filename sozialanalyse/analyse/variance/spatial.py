"""Are neighbouring areas alike? Moran's I of many indicators, and where (local Moran).

Statistics and conditional draws of the local Moran come from esda. Own code remains where esda has no
counterpart: many indicators at once with one seed, two-sided p values that reach 1, gaps, and rates
standardised with a variance that cannot turn negative.
"""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import sparse

from .nulls import false_discovery
from .partitions import Neighbours, neighbour_lists
from .sample import SEED, Floats, Frame, as_frame
from .scales import checked_counts
from .smoothness import contiguity

_TIE = 1e-12
_KINDS = ("", "high-high", "low-high", "low-low", "high-low")
"""Words for the quadrants of esda: the area first, its neighbours second."""


def morans_i(
    y: Frame,
    *,
    geometry: Any = None,
    neighbours: Neighbours | None = None,
    base: Frame | None = None,
    permutations: int = 999,
    seed: int = SEED,
) -> pd.DataFrame:
    r"""Misst, ob benachbarte Gebiete einander ähneln.

    Moran's I with row-standardised contiguity, for all indicators at once.

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
    y: Frame,
    *,
    geometry: Any = None,
    neighbours: Neighbours | None = None,
    base: Frame | None = None,
    permutations: int = 999,
    seed: int = SEED,
    alpha: float = 0.05,
) -> pd.DataFrame:
    r"""Findet Häufungen hoher oder niedriger Werte in der Nachbarschaft.

    Local Moran statistics (Anselin 1995) with two-sided p values and false discovery rate.

    :math:`I_i = (N-1) z_i \sum_j w_{ij} z_j / \sum z^2`, from esda. Conditional permutation: the value of
    the area stays, its neighbours are drawn from all others; p counts draws that lie as far in the
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
    found = _esda_local(values[known].to_numpy(), lists, known, permutations, seed)
    alone = np.array([not any(known[other] for other in lists[at]) for at in np.flatnonzero(known)])
    p = np.where(alone, np.nan, _two_sided(found.Is, found.rlisas) if permutations else np.nan)
    q = false_discovery(p)
    out.loc[known, ["i", "p", "q"]] = np.column_stack([np.where(alone, np.nan, found.Is), p, q])
    kind = np.full(len(known), None, dtype=object)
    kind[known] = np.where(q <= alpha, np.array(_KINDS, dtype=object)[found.q], None)
    out["kind"] = kind
    return out


def _esda_local(
    x: Floats, lists: list[list[int]], known: NDArray[np.bool_], permutations: int, seed: int
) -> Any:
    from esda.moran import Moran_Local  # a second to import, and only few pages need it
    from libpysal.weights import W

    place = np.cumsum(known) - 1
    near = {
        int(place[at]): [int(place[other]) for other in lists[at] if known[other]]
        for at in np.flatnonzero(known)
    }
    state = np.random.get_state()  # esda seeds the global generator
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return Moran_Local(
                x, W(near, silence_warnings=True), permutations=permutations, seed=seed % 2**32
            )
    finally:
        np.random.set_state(state)


def _two_sided(found: Floats, drawn: Floats) -> Floats:
    """Twice the smaller tail, at most 1 (esda offers the tail that suits the data, at most 0.5)."""
    above = (drawn >= found[:, None] - _TIE).sum(axis=1)
    below = (drawn <= found[:, None] + _TIE).sum(axis=1)
    return np.minimum(1.0, 2 * (1 + np.minimum(above, below)) / (1 + drawn.shape[1]))


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
    return contiguity([[int(place[o]) for o in lists[at] if known[o]] for at in np.flatnonzero(known)])
