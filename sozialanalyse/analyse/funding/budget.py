"""How a budget is divided: in proportion to claims, within limits, to the last euro."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sozialanalyse.base import DatenFehler, ParameterFehler, text, zahl

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Allocation:
    """A divided budget.

    Attributes
    ----------
    amounts
        Euro per area; 0 without a claim.
    rate
        Euro per unit of claim where no limit binds (λ); NaN if every area stands at a limit.
    rest
        Euro that no limit lets anyone have; 0 as a rule.
    bound
        Per area ``sockel``, ``deckel``, ``gruppe`` (limit of the group) or empty.
    """

    amounts: pd.Series
    rate: float
    rest: float
    bound: pd.Series


def allocate(
    claims: pd.Series,
    budget: float,
    *,
    low: float | pd.Series = 0.0,
    high: float | pd.Series = float("inf"),
    groups: pd.Series | None = None,
    group_high: float | pd.Series = float("inf"),
) -> Allocation:
    """Divide a budget: :math:`x_i = \\mathrm{clip}(\\lambda u_i, l_i, h_i)` with one λ for all.

    Solved exactly on the breakpoints of the sum, which is piecewise linear in λ; a loop that hands out
    what is left until nothing moves can end elsewhere when floor and cap bind together.

    Parameters
    ----------
    claims
        u per area, 0 = no claim (gets nothing, not even ``low``). No gaps.
    budget
        Euro to divide.
    low, high
        Floor and cap per area with a claim.
    groups, group_high
        Group (Kommune) of each area and the most a group may have. A group at its limit has a λ of its
        own; what it cannot take goes to the others.

    Returns
    -------
    Allocation

    Raises
    ------
    ParameterFehler
        Negative or unknown claims or limits, a floor above its cap, floors above the budget or above the
        limit of their group.
    """
    u = claims.astype(float)
    areas = u.index
    floor, cap = _limits(low, areas), _limits(high, areas)
    if areas.has_duplicates or not np.isfinite(u).all() or (u < 0).any():
        raise ParameterFehler(text("funding.fehler.anspruch"))
    if not np.isfinite(budget) or budget < 0 or (floor < 0).any() or (floor > cap).any():
        raise ParameterFehler(text("funding.fehler.grenzen"))
    claiming = (u > 0).to_numpy()
    floor, cap = np.where(claiming, floor, 0.0), np.where(claiming, cap, 0.0)
    if floor.sum() > budget + 1e-9:
        raise ParameterFehler(text("funding.fehler.sockel", sockel=zahl(floor.sum()), betrag=zahl(budget)))
    amounts = np.zeros(len(u))
    at_group = np.zeros(len(u), dtype=bool)
    if groups is not None:
        town = groups.reindex(areas)
        most = group_high.reindex(town).to_numpy(float) if isinstance(group_high, pd.Series) else group_high
        limit = np.broadcast_to(np.asarray(most, dtype=float), len(u))
        codes = pd.factorize(town)[0]
    else:
        limit, codes = np.full(len(u), np.inf), np.zeros(len(u), dtype=int)
    left, open_ = float(budget), np.ones(len(u), dtype=bool)
    rate = float("nan")
    while True:
        rate = _rate(u.to_numpy()[open_], floor[open_], cap[open_], left)
        amounts[open_] = _amounts(u.to_numpy()[open_], floor[open_], cap[open_], rate)
        sums = np.bincount(codes[codes >= 0], weights=amounts[codes >= 0], minlength=codes.max(initial=0) + 1)
        over = open_ & (codes >= 0) & (sums[codes] > limit + 1e-9)
        if not over.any():
            break
        for code in np.unique(codes[over]):
            own = codes == code
            ceiling = float(limit[own][0])
            if floor[own].sum() > ceiling + 1e-9:
                raise ParameterFehler(text("funding.fehler.gruppe", gruppe=str(town[own].iloc[0])))
            own_rate = _rate(u.to_numpy()[own], floor[own], cap[own], ceiling)
            amounts[own] = _amounts(u.to_numpy()[own], floor[own], cap[own], own_rate)
            at_group |= own & claiming
            open_ &= ~own
            left -= amounts[own].sum()
        if not open_.any():
            rate = float("nan")
            break
    bound = np.select(
        [
            claiming & (amounts >= cap) & np.isfinite(cap),
            claiming & (amounts <= floor) & (floor > 0),
            at_group,
        ],
        ["deckel", "sockel", "gruppe"],
        default="",
    )
    rest = max(float(budget - amounts.sum()), 0.0)
    return Allocation(
        pd.Series(amounts, index=areas, name="betrag"),
        rate if np.isfinite(rate) else float("nan"),
        rest if rest > 1e-6 else 0.0,
        pd.Series(bound, index=areas, dtype=object),
    )


def _limits(given: float | pd.Series, areas: pd.Index) -> Floats:
    values = (
        given.reindex(areas).to_numpy(float) if isinstance(given, pd.Series) else np.asarray(given, float)
    )
    found = np.broadcast_to(values, len(areas)).astype(float)
    if np.isnan(found).any():
        raise ParameterFehler(text("funding.fehler.grenzen"))
    return found


def _amounts(u: Floats, floor: Floats, cap: Floats, rate: float) -> Floats:
    """Amounts at a rate; infinite rate: everyone with a claim at the cap."""
    wanted = np.full(len(u), np.inf) if np.isinf(rate) else rate * u
    return np.clip(np.where(u > 0, wanted, 0.0), floor, cap)


def _rate(u: Floats, floor: Floats, cap: Floats, budget: float) -> float:
    """λ at which the amounts sum to the budget; infinite if not even the caps use it up."""
    if not (u > 0).any():
        return float("inf")
    if cap.sum() <= budget:
        return float("inf")
    claims = u[u > 0]
    leaves, meets = floor[u > 0] / claims, cap[u > 0] / claims
    points = np.concatenate([leaves, meets])
    points = np.unique(points[np.isfinite(points)])
    sums = np.array([_amounts(u, floor, cap, point).sum() for point in points])
    k = int(np.searchsorted(sums, budget, side="left"))
    if k < len(points) and sums[k] == budget:
        return float(points[k])
    begin = float(points[k - 1]) if k else 0.0
    # between two breakpoints the areas neither at floor nor at cap move in proportion to their claim; who does is told
    # by the breakpoints themselves, since an amount at its cap may be a rounding below it
    slope = claims[(leaves <= begin) & (begin < meets)].sum()
    return begin + (budget - _amounts(u, floor, cap, begin).sum()) / slope if slope > 0 else begin


def transition_bounds(
    previous: pd.Series,
    *,
    down: float,
    up: float,
    low: float | pd.Series = 0.0,
    high: float | pd.Series = float("inf"),
) -> tuple[pd.Series, pd.Series]:
    """Limits of change against the last period: at most ``down`` less and ``up`` more (shares of the last sum).

    Where the limit of change and floor or cap contradict each other, the limit of change holds. Areas
    without money in the last period have floor and cap only.

    Raises
    ------
    ParameterFehler
        Negative sums or shares, ``down`` above 1.
    """
    if not 0 <= down <= 1 or up < 0 or (previous < 0).any():
        raise ParameterFehler(text("funding.fehler.uebergang", ab=str(down), auf=str(up)))
    before = previous.fillna(0.0).astype(float)
    floor = pd.Series(_limits(low, before.index), index=before.index)
    cap = pd.Series(_limits(high, before.index), index=before.index)
    had = before > 0
    least, most = before * (1 - down), before * (1 + up)
    return (
        floor.where(~had, floor.clip(lower=least, upper=most)),
        cap.where(~had, cap.clip(lower=least, upper=most)),
    )


def round_amounts(amounts: pd.Series, step: float = 100.0, budget: float | None = None) -> pd.Series:
    """Round to multiples of ``step`` so that the sum stays exact (largest remainder, Hare-Niemeyer).

    Parameters
    ----------
    amounts
        Euro per area, no gaps.
    step
        Unit of rounding.
    budget
        Sum to be met, as far as it is a multiple of ``step`` (what is less than a step stays in the pot);
        default the sum of ``amounts``.

    Returns
    -------
    Series
        Multiples of ``step``; an area with 0 keeps 0. Equal remainders: the larger amount first, then the
        order of areas.
    """
    if not step > 0 or (amounts < 0).any() or amounts.isna().any():
        raise ParameterFehler(text("funding.fehler.runden"))
    total = round(float(amounts.sum()) if budget is None else float(budget), 2)
    steps = np.floor(amounts.to_numpy(float) / step + 1e-9)
    missing = int(np.floor(total / step + 1e-9) - steps.sum())
    claiming = np.flatnonzero(amounts.to_numpy() > 0)
    if missing > len(claiming) or missing < 0:
        raise DatenFehler(text("funding.fehler.rundungssumme"))
    remainder = amounts.to_numpy(float) / step - steps
    order = sorted(claiming, key=lambda i: (-round(remainder[i], 9), -amounts.iloc[i], i))
    steps[order[:missing]] += 1
    return pd.Series(steps * step, index=amounts.index, name=amounts.name)
