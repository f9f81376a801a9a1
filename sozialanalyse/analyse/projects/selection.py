"""What a budget buys: by the order of scores, or so that most people in need are newly reached.

The second is the maximum coverage problem (Church and ReVelle 1974), solved exactly as a small integer program
by HiGHS; of several best choices the one with the highest sum of scores is taken, then the cheapest.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.optimize import Bounds, LinearConstraint, milp

_CENT = 0.005


@dataclass(frozen=True, eq=False)
class Choice:
    """Projects that are funded.

    ``chosen`` in the order of the table; ``cost`` euro; ``reached`` people per cell that a chosen project
    reaches; ``missed`` people per cell that none does.
    """

    chosen: tuple[str, ...]
    cost: float
    reached: pd.Series
    missed: pd.Series


def by_score(
    cost: pd.Series, score: pd.Series, budget: float, reach: pd.DataFrame, persons: pd.Series
) -> Choice:
    """Fund in the order of scores until the money is gone; what does not fit any more is passed over.

    Parameters
    ----------
    cost, score
        Euro and points per project, same index; projects without either are left out. Of equal scores the
        cheaper project comes first.
    budget
        Euro.
    reach
        Projects x cells, bool (:func:`.covered`).
    persons
        People per cell; a gap counts nobody.
    """
    order = pd.DataFrame({"cost": cost, "score": score}).dropna()
    order = order.sort_values(["score", "cost"], ascending=[False, True], kind="stable")
    left, chosen = budget, []
    for key, euro in order["cost"].items():
        if euro <= left + _CENT:
            chosen.append(str(key))
            left -= euro
    return _result(chosen, cost, reach, persons)


def most_reached(
    cost: pd.Series, score: pd.Series, budget: float, reach: pd.DataFrame, persons: pd.Series
) -> Choice:
    """Fund so that as many people in need as possible are reached; parameters as for :func:`by_score`.

    Raises
    ------
    ValueError
        If a cost or the budget is negative.
    """
    if budget < 0 or (cost < 0).any():
        raise ValueError("negative money")
    known = cost.dropna().index
    people = persons.fillna(0.0).to_numpy(dtype=float)
    links = reach.loc[known].to_numpy(dtype=float)
    euro, points = cost[known].to_numpy(dtype=float), score.reindex(known).fillna(0.0).to_numpy(dtype=float)
    n, m = links.shape
    if n == 0:
        return _result([], cost, reach, persons)
    rows = [np.concatenate([euro, np.zeros(m)])[None, :], np.hstack([-links.T, np.eye(m)])]
    upper = [np.array([budget + _CENT]), np.zeros(m)]
    first = _solve(np.concatenate([np.zeros(n), -people]), rows, upper, n, m)
    best = round(float((people * ((links.T @ first) > 0)).sum()), 6)
    rows.append(np.concatenate([np.zeros(n), -people])[None, :])
    upper.append(np.array([-best + 1e-6]))
    second = _solve(np.concatenate([-points, np.zeros(m)]), rows, upper, n, m)
    rows.append(np.concatenate([-points, np.zeros(m)])[None, :])
    upper.append(np.array([-float(points @ second) + 1e-6]))
    third = _solve(np.concatenate([euro, np.zeros(m)]), rows, upper, n, m)
    return _result([str(key) for key, taken in zip(known, third, strict=True) if taken], cost, reach, persons)


def _solve(
    objective: np.ndarray, rows: list[np.ndarray], upper: list[np.ndarray], n: int, m: int
) -> np.ndarray:
    """Which projects a smallest objective takes; a cell counts at most once, and only if a project reaches it."""
    found = milp(
        objective,
        constraints=LinearConstraint(np.vstack(rows), -np.inf, np.concatenate(upper)),
        integrality=np.concatenate([np.ones(n), np.zeros(m)]),
        bounds=Bounds(0, 1),
        options={"mip_rel_gap": 0.0},
    )
    if found.x is None:
        raise ValueError(found.message)
    return found.x[:n] > 0.5


def _result(chosen: list[str], cost: pd.Series, reach: pd.DataFrame, persons: pd.Series) -> Choice:
    taken = set(chosen)
    kept = tuple(str(key) for key in cost.index if str(key) in taken)
    hit = reach.loc[list(kept)].any(axis=0) if kept else pd.Series(False, index=reach.columns)
    people = persons.reindex(reach.columns)
    return Choice(kept, float(cost[list(kept)].sum()), people[hit], people[~hit])
