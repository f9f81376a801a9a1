"""Equations and inequalities over counts nobody printed: what follows at once, and how far the rest can be narrowed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from scipy import sparse
from scipy.optimize import linprog
from scipy.sparse.csgraph import connected_components

Groesse = tuple[str, str]
"""A count: field and small area."""
Zeile = dict[Groesse, float]
GROSS = 1e6
"""A count nobody would believe."""


@dataclass
class Gleichungen:
    """Rows over counts that are not negative; no row may be added once a question was asked."""

    _gleich: list[tuple[Zeile, float]] = field(default_factory=list)
    _hoechstens: list[tuple[Zeile, float]] = field(default_factory=list)

    def gleich(self, row: Zeile, value: float) -> None:
        self._gleich.append((row, value))

    def hoechstens(self, row: Zeile, value: float) -> None:
        self._hoechstens.append((row, value))

    def verstoss(self, world: Mapping[Groesse, float]) -> float:
        """By how much a world violates the worst row."""
        apart = [abs(_wert(row, world) - value) for row, value in self._gleich]
        apart += [_wert(row, world) - value for row, value in self._hoechstens]
        return max(apart, default=0.0)

    def grenzen(self, ziel: Zeile) -> tuple[float, float]:
        """Smallest and largest value of a sum that agree with all rows."""
        constant = sum(value * self._bekannt[key] for key, value in ziel.items() if key in self._bekannt)
        open_ = {key: value for key, value in ziel.items() if key not in self._bekannt and value}
        if not open_:
            return constant, constant
        blocks = {self._block.get(key, -1) for key in open_}
        columns = [key for key in self._offen if self._block[key] in blocks]
        columns += [key for key in open_ if key not in self._block]  # in no row at all
        place = {key: number for number, key in enumerate(columns)}
        equal, upper = (
            [(row, value) for row, value in rows if self._block[next(iter(row))] in blocks]
            for rows in (self._rest_gleich, self._rest_hoechstens)
        )
        goal = np.zeros(len(columns))
        for key, value in open_.items():
            goal[place[key]] = value
        ends = []
        for sign in (1.0, -1.0):
            found = linprog(
                sign * goal, A_ub=_matrix(upper, place), b_ub=[value for _, value in upper] or None,
                A_eq=_matrix(equal, place), b_eq=[value for _, value in equal] or None, bounds=(0, GROSS),
            )  # fmt: skip
            if not found.success:
                raise ArithmeticError(f"{ziel}: {found.message}")
            ends.append(sign * float(found.fun) + constant)
        return ends[0], ends[1]

    @cached_property
    def _bekannt(self) -> dict[Groesse, float]:
        """Counts that equations give one after the other."""
        known: dict[Groesse, float] = {}
        waiting = self._gleich
        while True:
            later = []
            for row, value in waiting:
                open_ = [key for key in row if key not in known]
                if len(open_) == 1:
                    rest = value - sum(row[key] * known[key] for key in row if key in known)
                    known[open_[0]] = rest / row[open_[0]]
                elif open_:
                    later.append((row, value))
            if len(later) == len(waiting):
                return known
            waiting = later

    def _ohne_bekannte(self, rows: list[tuple[Zeile, float]]) -> list[tuple[Zeile, float]]:
        result = []
        for row, value in rows:
            rest = {key: factor for key, factor in row.items() if key not in self._bekannt and factor}
            if rest:
                taken = sum(
                    factor * self._bekannt[key] for key, factor in row.items() if key in self._bekannt
                )
                result.append((rest, value - taken))
        return result

    @cached_property
    def _rest_gleich(self) -> list[tuple[Zeile, float]]:
        return self._ohne_bekannte(self._gleich)

    @cached_property
    def _rest_hoechstens(self) -> list[tuple[Zeile, float]]:
        return self._ohne_bekannte(self._hoechstens)

    @cached_property
    def _offen(self) -> list[Groesse]:
        return list(dict.fromkeys(key for row, _ in self._rest_gleich + self._rest_hoechstens for key in row))

    @cached_property
    def _block(self) -> dict[Groesse, int]:
        """Connected part of the system each open count belongs to."""
        place = {key: number for number, key in enumerate(self._offen)}
        rows = _matrix(self._rest_gleich + self._rest_hoechstens, place)
        if rows is None:
            return {}
        joined = sparse.block_array([[None, rows], [rows.T, None]], format="csr")
        _, label = connected_components(joined, directed=False)
        return {key: int(label[rows.shape[0] + number]) for key, number in place.items()}


def _wert(row: Zeile, world: Mapping[Groesse, float]) -> float:
    return sum(factor * world[key] for key, factor in row.items())


def _matrix(rows: list[tuple[Zeile, float]], place: Mapping[Groesse, int]) -> sparse.csr_array | None:
    if not rows:
        return None
    entries = [
        (number, place[key], factor) for number, (row, _) in enumerate(rows) for key, factor in row.items()
    ]
    at, column, data = (np.array(part) for part in zip(*entries, strict=True))
    return sparse.csr_array((data.astype(float), (at, column)), shape=(len(rows), len(place)))
