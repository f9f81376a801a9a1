"""Places for a map of equal tiles: every area one hexagon, neighbours and municipalities kept together."""

from __future__ import annotations

import numpy as np
import pandas as pd

RUNDEN = 12
ZUSAMMENHALT = (0.0, 0.5, 0.8)
"""Weights of the municipality against the area's own place that are tried."""
VIELE = 1000
"""From more areas on they fill the rows of the grid by their place: the best assignment would take minutes."""


def belegung(lage: pd.DataFrame, gruppe: pd.Series) -> pd.DataFrame:
    """Assign areas to the cells of a hexagonal grid.

    The grid is as compact as the spread of the areas and holds about as many cells as there are areas.
    All areas are assigned at once with the least sum of squared distances (Hungarian method,
    :func:`scipy.optimize.linear_sum_assignment`). Further rounds move the target of each area towards its
    municipality's cells, as far apart inside it as the cells are; of several weights for this the one is
    kept that leaves municipalities in the fewest pieces. Above :data:`VIELE` areas the northernmost fill
    the first row from west to east, the next ones the second. The same input gives the same map.

    Parameters
    ----------
    lage
        Columns x and y (y downwards), one row per area; rows without a place are put last.
    gruppe
        Municipality per area, same index.

    Returns
    -------
    DataFrame
        Whole numbers ``spalte`` and ``reihe`` per area; odd rows are shifted by half a cell.
    """
    known = lage.dropna()
    if known.empty:
        return pd.DataFrame({"spalte": range(len(lage)), "reihe": 0}, index=lage.index)
    spot = known[["x", "y"]].to_numpy(float)
    groups = gruppe.reindex(known.index).astype(str).to_numpy()
    spot = (spot - spot.mean(axis=0)) / max(float(spot.std()), 1e-9)
    cells, index = _gitter(spot)
    if len(known) > VIELE:
        found = _zeilenweise(spot, index)
    else:
        tried = [_versuch(spot, groups, cells, weight) for weight in ZUSAMMENHALT]
        found = min(tried, key=lambda places: _stuecke(cells[places], groups))
    out = pd.DataFrame(index[found], index=known.index, columns=["spalte", "reihe"])
    rest = lage.index.difference(known.index, sort=False)
    if len(rest):
        below = int(out["reihe"].max()) + 2
        extra = pd.DataFrame({"spalte": range(len(rest)), "reihe": below}, index=rest)
        out = pd.concat([out, extra])
    return out.reindex(lage.index).astype(int)


def ersatzlage(gruppe: pd.Series) -> pd.DataFrame:
    """Places for areas of which no outline is known: their groups in rows, in the order of their names.

    Parameters
    ----------
    gruppe
        Municipality per area.

    Returns
    -------
    DataFrame
        Columns x and y (y downwards) per area; the areas of a group lie around its middle.
    """
    names = sorted(gruppe.astype(str).unique())
    across = int(np.ceil(np.sqrt(len(names))))
    wide = np.sqrt(len(gruppe) / max(len(names), 1))
    out = pd.DataFrame(0.0, index=gruppe.index, columns=["x", "y"])
    for place, name in enumerate(names):
        own = gruppe.index[gruppe.astype(str) == name]
        turn = np.arange(len(own))
        away, angle = 0.45 * np.sqrt(turn), 2.4 * turn  # a sunflower: evenly around the middle
        out.loc[own, "x"] = 1.4 * wide * (place % across) + away * np.cos(angle)
        out.loc[own, "y"] = 1.4 * wide * (place // across) + away * np.sin(angle)
    return out


def _zeilenweise(spot: np.ndarray, index: np.ndarray) -> np.ndarray:
    """Cell of each area when the areas, north to south, fill the rows of the grid, each west to east."""
    nearest = np.arange(len(spot))  # as many cells as areas; a grid lists the nearest first
    cells = nearest[np.lexsort((index[nearest, 0], index[nearest, 1]))]
    found = np.empty(len(spot), dtype=int)
    begin, below = 0, np.argsort(spot[:, 1], kind="stable")
    for n in np.unique(index[nearest, 1], return_counts=True)[1]:
        row = below[begin : begin + n]
        found[row[np.argsort(spot[row, 0], kind="stable")]] = cells[begin : begin + n]
        begin += n
    return found


def _versuch(spot: np.ndarray, groups: np.ndarray, cells: np.ndarray, weight: float) -> np.ndarray:
    """Cell of each area after the rounds with one weight."""
    own = spot * cells.std() / max(float(spot.std()), 1e-9)
    home = _gruppenmitte(own, groups)
    inner = _inside(spot, groups)
    found = _assign(own, cells)
    for _ in range(RUNDEN if weight else 0):
        placed = cells[found]
        centre = _gruppenmitte(placed, groups)
        again = _assign(weight * (0.8 * centre + 0.2 * home + inner) + (1 - weight) * own, cells)
        if np.array_equal(again, found):
            break
        found = again
    return found


def _gruppenmitte(places: np.ndarray, groups: np.ndarray) -> np.ndarray:
    """Mean place of the group of each area."""
    names, number = np.unique(groups, return_inverse=True)
    return np.array([places[number == i].mean(axis=0) for i in range(len(names))])[number]


def _stuecke(places: np.ndarray, groups: np.ndarray) -> int:
    """Number of pieces the municipalities fall into."""
    from scipy.sparse import csr_array
    from scipy.sparse.csgraph import connected_components

    near = np.linalg.norm(places[:, None] - places[None], axis=2) < 1.05
    joined = near & (groups[:, None] == groups[None, :])
    return int(connected_components(csr_array(joined), directed=False)[0])


def _gitter(spot: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Hexagonal cells inside the ellipse of the areas, nearest first, a few more than areas."""
    spread = spot.std(axis=0)
    ratio = float(np.clip(spread[0] / max(spread[1], 1e-9), 0.5, 2.0))
    wide = int(np.ceil(2.2 * np.sqrt(len(spot)))) + 4
    row, column = np.mgrid[-wide : wide + 1, -wide : wide + 1]
    index = np.c_[column.ravel(), row.ravel()]
    cells = mitte(index)
    far = (cells[:, 0] ** 2) / ratio + (cells[:, 1] ** 2) * ratio
    n = int(np.ceil(1.12 * len(spot)))
    nearest = np.argsort(far, kind="stable")[:n]
    return cells[nearest], index[nearest]


def mitte(index: np.ndarray) -> np.ndarray:
    """Centres of cells (column, row) of width 1."""
    return np.c_[index[:, 0] + 0.5 * (index[:, 1] % 2), index[:, 1] * np.sqrt(0.75)].astype(float)


def _inside(spot: np.ndarray, groups: np.ndarray) -> np.ndarray:
    """Place of each area within its municipality, in cells."""
    out = np.zeros_like(spot)
    for group in np.unique(groups):
        members = groups == group
        away = spot[members] - spot[members].mean(axis=0)
        spread = float(np.sqrt((away**2).mean()))
        out[members] = away / max(spread, 1e-9) * 0.29 * np.sqrt(members.sum())
    return out


def _assign(target: np.ndarray, cells: np.ndarray) -> np.ndarray:
    from scipy.optimize import linear_sum_assignment

    cost = ((target[:, None, :] - cells[None, :, :]) ** 2).sum(axis=2)
    return np.asarray(linear_sum_assignment(np.round(cost, 9))[1])
