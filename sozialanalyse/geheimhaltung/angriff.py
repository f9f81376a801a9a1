"""The attacker: how far can every protected quantity be narrowed by what is published?

For each quantity the smallest and the largest value are found that agree with everything shown (linear
programming with HiGHS; counts are not negative, whole numbers are not assumed). The connected parts of
the system know nothing of each other, so one program advances all of them by one quantity each. Every
solution is a possible world: what it says about the other quantities is kept as a witness, and a
quantity whose witnesses are far enough apart needs no program of its own.

Fischetti, M. & Salazar, J. J. (2001): Solving the cell suppression problem on tabular data with linear
constraints. Management Science 47, 1008-1027.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from scipy import sparse

from sozialanalyse.geheimhaltung.programm import Loesung, Programm, Widerspruch
from sozialanalyse.geheimhaltung.zelltafel import GROSS, Rest, Zelltafel, rest

TOLERANZ = 1e-6


@dataclass
class Angriff:
    """Result of an attack.

    Attributes
    ----------
    unten, oben
        Interval of each target; where ``exakt`` is false a part of it that is already wide enough.
    breite
        Width each needs in this publication.
    steigung
        Of the targets that are too narrow: how much wider their interval could get at most, per unit by
        which each cell may move (targets x cells, upwards and downwards).
    """

    unten: np.ndarray
    oben: np.ndarray
    breite: np.ndarray
    exakt: np.ndarray
    aufwaerts: sparse.csr_array = field(default_factory=lambda: sparse.csr_array((0, 0)))
    abwaerts: sparse.csr_array = field(default_factory=lambda: sparse.csr_array((0, 0)))
    programme: int = 0

    @property
    def weite(self) -> np.ndarray:
        return self.oben - self.unten

    @property
    def offen(self) -> np.ndarray:
        """Positions of the targets an attacker narrows too far."""
        return np.flatnonzero(self.weite < self.breite - TOLERANZ * 10)


def angriff(
    tafel: Zelltafel,
    sichtbar: np.ndarray,
    *,
    genau: bool = False,
    steigung: bool = False,
    left: Rest | None = None,
) -> Angriff:
    """Attack every target of the system.

    Parameters
    ----------
    sichtbar
        Whether each cell is published.
    genau
        Find the exact interval of every target instead of stopping when it is wide enough.
    steigung
        Find out which cells narrow the targets that are too narrow.
    left
        Outcome of :func:`rest`, if it is known already.
    """
    left = rest(tafel, sichtbar) if left is None else left
    bounded = tafel.ziel_hoechstens
    limit = np.where((bounded >= 0) & sichtbar[bounded], tafel.werte[bounded], np.inf)
    breite = np.minimum(tafel.breite, np.where(np.isnan(limit), np.inf, limit))
    count = len(breite)
    result = Angriff(np.full(count, np.inf), np.full(count, -np.inf), breite, np.zeros(count, dtype=bool))
    empty = np.diff(left.ziele.indptr) == 0
    result.unten[empty] = result.oben[empty] = left.ziele_wert[empty]
    result.exakt[empty] = True
    slopes = _Steigungen(count, tafel.zellen.shape[0], left) if steigung else None
    if slopes is not None:
        for position in np.flatnonzero(empty):
            slopes.fest(int(position))
    _rounds(left, result, slopes, empty, genau)
    if slopes is not None:
        result.aufwaerts, result.abwaerts = slopes.tabelle(result.offen)
    return result


def _rounds(left: Rest, result: Angriff, slopes: _Steigungen | None, empty: np.ndarray, genau: bool) -> None:
    if empty.all():
        return
    program = _Programm(left)
    open_ = np.flatnonzero(~empty)
    for sign in (1.0, -1.0):  # a first look: all targets as large, then as small as possible together
        _witness(left, result, program.loese(sign * left.ziele[open_].sum(axis=0)).x, open_)
    done = np.zeros((2, len(empty)), dtype=bool)
    while True:
        narrow = genau | (result.weite < result.breite - TOLERANZ)
        waiting = open_[(narrow & ~done.all(axis=0))[open_]]
        if not len(waiting):
            break
        _, first = np.unique(left.block[waiting], return_index=True)
        chosen = waiting[first]
        for side, sign in ((0, 1.0), (1, -1.0)):
            solved = program.loese(sign * left.ziele[chosen].sum(axis=0))
            _witness(left, result, solved.x, open_)
            done[side, chosen] = True
            if slopes is not None:
                slopes.merke(chosen, sign, solved)
        result.exakt[chosen] = True
    result.programme = program.program.anfragen


def _witness(left: Rest, result: Angriff, world: np.ndarray, targets: np.ndarray) -> None:
    seen = left.ziele @ world + left.ziele_wert
    np.minimum(result.unten, seen, out=result.unten, where=_mask(targets, len(seen)))
    np.maximum(result.oben, seen, out=result.oben, where=_mask(targets, len(seen)))


def _mask(positions: np.ndarray, size: int) -> np.ndarray:
    mask = np.zeros(size, dtype=bool)
    mask[positions] = True
    return mask


class _Programm:
    """The linear program of one publication; only its objective changes."""

    def __init__(self, left: Rest) -> None:
        self.left = left
        self.program = self._build(left.gleich_wert, left.ungleich_wert)

    def _build(self, right: np.ndarray, below: np.ndarray) -> Programm:
        rows = sparse.vstack([self.left.gleich, self.left.ungleich], format="csr")
        upper = np.concatenate([right, np.full(len(below), np.inf)])
        return Programm(rows, np.concatenate([right, below]), upper, np.full(rows.shape[1], GROSS))

    def loese(self, objective: np.ndarray) -> Loesung:
        try:
            return self.program.loese(objective)
        except Widerspruch:  # the numbers contradict each other; the smallest amends make them agree
            self.program = self._build(*self._mend())
            return self.program.loese(objective)

    def _mend(self) -> tuple[np.ndarray, np.ndarray]:
        left = self.left
        rows, others, size = left.gleich.shape[0], left.ungleich.shape[0], left.gleich.shape[1]
        more = sparse.eye_array(rows, format="csr")
        slack = sparse.block_array(
            [[left.gleich, more, -more, None], [left.ungleich, None, None, sparse.eye_array(others)]],
            format="csr",
        )
        upper = np.concatenate([left.gleich_wert, np.full(others, np.inf)])
        wide = Programm(
            slack, np.concatenate([left.gleich_wert, left.ungleich_wert]), upper,
            np.concatenate([np.full(size, GROSS), np.full(slack.shape[1] - size, np.inf)]),
        )  # fmt: skip
        amend = wide.loese(np.where(np.arange(slack.shape[1]) < size, 0.0, -1.0)).x[size:]
        right = left.gleich_wert - amend[:rows] + amend[rows : 2 * rows]
        return right, left.ungleich_wert - amend[2 * rows :] - TOLERANZ


class _Steigungen:
    """Multipliers of the cells for every target's largest and smallest value."""

    def __init__(self, targets: int, cells: int, left: Rest) -> None:
        self.shape = (targets, cells)
        self.left = left
        self.rows: dict[int, list[sparse.csr_array]] = {}

    def fest(self, position: int) -> None:
        """A target that is a plain sum of shown cells moves with them, whichever way."""
        row = -self.left.herkunft_ziele[[position]]
        self.rows[position] = [row, -row]

    def merke(self, chosen: np.ndarray, sign: float, solved: Loesung) -> None:
        left = self.left
        size = left.gleich.shape[0]
        by_equal = sparse.diags_array(solved.zeilen[:size]) @ left.herkunft_gleich
        by_unequal = sparse.diags_array(solved.zeilen[size:]) @ left.herkunft_ungleich
        order = {int(left.block[position]): row for row, position in enumerate(chosen)}
        height = len(chosen)
        total = -sign * left.herkunft_ziele[chosen]
        for part, label, factor in (
            (by_equal, left.gleich_block, 1.0),
            (by_unequal, left.ungleich_block, 1.0),
        ):
            rows = np.array([order.get(int(block), -1) for block in label], dtype=int)
            own = np.flatnonzero(rows >= 0)
            gather = sparse.csr_array(
                (np.full(len(own), factor), (rows[own], own)), shape=(height, len(rows))
            )
            total = total + gather @ part
        total = total.tocsr()
        for row, position in enumerate(chosen):
            self.rows.setdefault(int(position), []).append(total[[row]])

    def tabelle(self, targets: np.ndarray) -> tuple[sparse.csr_array, sparse.csr_array]:
        """Growth of the width per unit a cell moves up, and per unit it moves down."""
        up, down = [], []
        for position in targets:
            rows = self.rows[int(position)]
            up.append(sum(row.maximum(0) for row in rows))
            down.append(sum((-row).maximum(0) for row in rows))
        if not up:
            return sparse.csr_array((0, self.shape[1])), sparse.csr_array((0, self.shape[1]))
        return sparse.vstack(up, format="csr"), sparse.vstack(down, format="csr")
