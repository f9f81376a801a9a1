"""Which further cells to hide: the cell suppression problem.

Small systems are solved to the optimum. Every target that an attack narrows too far yields an
inequality: of the shown cells that narrow it, so many must go that the interval can become wide enough.
The cheapest set of cells that satisfies all inequalities so far (HiGHS, :func:`scipy.optimize.milp`) is
hidden and attacked again, until nothing is too narrow (Fischetti & Salazar 2001).

Large systems get a heuristic. For the targets that are too narrow a second possible world is sought in
which they are larger by their width and which differs from the published numbers as little as possible,
at the cost of every cell that would have to be hidden for it (the linear relaxation of Kelly, Golden &
Assad 1992); the cells that differ are hidden. Where the neighbourhood holds no such world the search grows
until it holds everything, so a target stays open only if hiding all that may be hidden would not protect it. One such program serves one target of every connected part.
Afterwards, dearest first and again in all parts at once, cells whose hiding protects nothing are shown.
Systems of middle size start from a second pattern as well (:mod:`.gauss`); the cheaper outcome is taken.

Fischetti, M. & Salazar, J. J. (2001): Solving the cell suppression problem on tabular data with linear
constraints. Management Science 47, 1008-1027.
Kelly, J. P., Golden, B. L. & Assad, A. A. (1992): Cell suppression: disclosure protection for sensitive
tabular data. Networks 22, 397-417.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from scipy import sparse
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse.csgraph import connected_components

from sozialanalyse.geheimhaltung.angriff import TOLERANZ, Angriff, angriff
from sozialanalyse.geheimhaltung.gauss import gauss
from sozialanalyse.geheimhaltung.programm import Programm, Widerspruch
from sozialanalyse.geheimhaltung.zelltafel import GROSS, Rest, Zelltafel, rest

RUNDEN = 200
"""Attacks after which the choice is given up; a handful is usual."""
GENAU_BIS = 120
"""Up to so many cells the optimum is sought."""
EINZELN_BIS = 2000
"""Up to so many cells every hidden one is tried to be shown again, one after the other if need be."""
HOECHSTENS_ZEIGEN = 6
"""In larger systems so many rounds of showing again; each takes one cell of every connected part."""
GENAU_RUNDEN, KNOTEN = 25, 100
"""Attacks and branches of one program after which the heuristic takes over; no clock decides what is hidden."""


@dataclass(frozen=True)
class Muster:
    """Outcome of the choice.

    Attributes
    ----------
    verdeckt
        Whether the cells of each decision are hidden.
    angriff
        The last attack.
    unschuetzbar
        Targets that stay too narrow although everything that narrows them is hidden or fixed.
    runden
        Attacks that were needed to find a safe pattern.
    optimal
        Whether no cheaper safe pattern exists.
    """

    verdeckt: np.ndarray
    angriff: Angriff
    unschuetzbar: np.ndarray
    runden: int
    optimal: bool


def waehle(
    tafel: Zelltafel,
    verdeckt: np.ndarray,
    kosten: np.ndarray,
    *,
    fest: np.ndarray | None = None,
    genau: bool = True,
) -> Muster:
    """Hide cells until no target can be narrowed below its width.

    Parameters
    ----------
    verdeckt
        Decisions that are hidden in any case.
    kosten
        What hiding each decision costs, positive.
    fest
        Decisions that cannot be hidden any more, because they were published before.
    genau
        Seek the optimum where the system is small enough.
    """
    locked = np.zeros(len(verdeckt), dtype=bool) if fest is None else fest
    if genau and len(tafel.werte) <= GENAU_BIS:
        found = _optimal(tafel, verdeckt, kosten, locked)
        if found is not None:
            return found
    patterns = [_heuristisch(tafel, verdeckt, verdeckt, kosten, locked)]
    if len(tafel.werte) <= EINZELN_BIS:
        patterns.append(_heuristisch(tafel, _gleichungen(tafel, verdeckt, locked), verdeckt, kosten, locked))
    return min(patterns, key=lambda one: (len(one.unschuetzbar), float(kosten[one.verdeckt].sum())))


def _gleichungen(tafel: Zelltafel, verdeckt: np.ndarray, locked: np.ndarray) -> np.ndarray:
    """Decisions that keep hidden values from following by equations alone: a pattern to start from."""
    own = tafel.eigene()
    primary = (own >= 0) & verdeckt[own] | (own < 0)
    result = verdeckt.copy()
    gone = gauss(tafel.zellen, tafel.werte, primary, (own >= 0) & locked[own])
    result[own[gone & (own >= 0)]] = True
    return result & (verdeckt | ~locked)


# --- large: second worlds --------------------------------------------------------------------------


def _heuristisch(
    tafel: Zelltafel, start: np.ndarray, verdeckt: np.ndarray, kosten: np.ndarray, locked: np.ndarray
) -> Muster:
    hidden = start.copy()
    lost: set[int] = set()
    number = 0
    while number < RUNDEN:
        number += 1
        found = angriff(tafel, tafel.sichtbar(hidden))
        open_ = np.array([t for t in found.offen if t not in lost], dtype=int)
        if not len(open_):
            break
        more, failed = _zweite_welten(tafel, found, open_, hidden, kosten, locked)
        lost |= set((failed if (more & ~hidden).any() else open_).tolist())
        hidden |= more
    hidden = _zeige_wieder(_bestenfalls(tafel, hidden, lost), hidden, verdeckt, kosten)
    last = angriff(tafel, tafel.sichtbar(hidden))
    return Muster(hidden, last, last.offen, number, optimal=False)


def _bestenfalls(tafel: Zelltafel, hidden: np.ndarray, lost: set[int]) -> Zelltafel:
    """The same system, with no more asked for a target than hiding everything gives it."""
    if not lost:
        return tafel
    found = angriff(tafel, tafel.sichtbar(hidden), genau=True)
    width = tafel.breite.copy()
    places = sorted(lost)
    width[places] = np.minimum(width[places], np.maximum(found.weite[places], 0.0))
    return replace(tafel, breite=width)


def _zweite_welten(
    tafel: Zelltafel,
    found: Angriff,
    targets: np.ndarray,
    hidden: np.ndarray,
    kosten: np.ndarray,
    locked: np.ndarray,
) -> tuple[np.ndarray, np.ndarray]:
    """Decisions to hide so that each of the targets gets its width, and the targets that cannot.

    Looked at are the cells around the targets and the cells around those; beyond them everything may change,
    so a world that costs nothing more is none. Where that does not do, twice as many rings are looked at,
    until they hold everything. Parts of the system that are not connected are served one after the other.
    """
    more = np.zeros(len(hidden), dtype=bool)
    rings = 2
    while True:
        view = _Umkreis(tafel, targets, hidden, locked, rings)
        added, failed = view.bediene(found, kosten)
        more |= added
        stuck = not (more & ~hidden).any()
        if view.alles or not (len(failed) or stuck):
            return more, failed
        targets, rings = (targets if stuck else failed), 2 * rings


class _Umkreis:
    """What lies within so many rings of shown cells around some targets."""

    def __init__(
        self, tafel: Zelltafel, targets: np.ndarray, hidden: np.ndarray, locked: np.ndarray, rings: int
    ) -> None:
        self.tafel, self.targets, self.locked = tafel, targets, locked
        visible = tafel.sichtbar(hidden)
        shown = np.flatnonzero(visible)
        self.values = np.where(visible, tafel.werte, 0.0)
        unequal, taken = tafel.ohne_bekannte(tafel.ungleich, tafel.ungleich_zelle, visible)
        self.wanted, self.taken = tafel.ohne_bekannte(
            tafel.ziele[targets], tafel.ziel_zelle[targets], visible
        )
        cells = tafel.zellen[shown]
        near = np.asarray(abs(self.wanted).sum(axis=0)).ravel() > 0
        touched = np.zeros(len(shown), dtype=bool)
        self.alles = False
        for _ in range(rings):
            before = touched
            touched = abs(cells) @ near.astype(float) != 0
            self.alles = bool((touched == before).all())
            if self.alles:
                break
            near = near | (np.asarray(abs(cells[np.flatnonzero(touched)]).sum(axis=0)).ravel() > 0)
        self.shown, self.cells = shown[touched], cells[np.flatnonzero(touched)]
        inside = (abs(unequal) @ (~near).astype(float) == 0) & (np.diff(unequal.indptr) > 0)
        self.unequal = unequal[np.flatnonzero(inside)]
        self.below = (taken @ self.values + tafel.ungleich_wert)[inside]

    def bediene(self, found: Angriff, kosten: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Serve the targets, every connected part for itself."""
        first = self.tafel.eigene()
        parts = [self.cells, self.unequal, self.wanted]
        graph = sparse.vstack(parts, format="csr")
        ends = np.cumsum([0, *(part.shape[0] for part in parts)])
        _, label = connected_components(
            sparse.block_array([[None, graph], [graph.T, None]], format="csr"), directed=False
        )
        least = (found.unten + found.breite)[self.targets] + self.taken @ self.values
        width = found.breite[self.targets]
        more = np.zeros(len(kosten), dtype=bool)
        failed = np.zeros(len(self.targets), dtype=bool)
        for part in np.unique(label[ends[2] : ends[3]]):
            atoms = np.flatnonzero(label[ends[3] :] == part)
            rows = [np.flatnonzero(label[ends[i] : ends[i + 1]] == part) for i in range(3)]
            own = first[self.shown[rows[0]]]
            world = _Welt(
                self.cells[rows[0]][:, atoms], self.values[self.shown[rows[0]]], self.unequal[rows[1]][:, atoms],
                self.below[rows[1]], kosten[own], self.locked[own], own, self.wanted[rows[2]][:, atoms],
            )  # fmt: skip
            failed[rows[2]] = world.bediene(least[rows[2]], width[rows[2]], self.alles)
            more[own[world.bewegt]] = True
        return more, self.targets[failed]


class _Welt:
    """A connected part of the shown numbers in which second worlds are sought."""

    def __init__(
        self,
        cells: sparse.csr_array,
        values: np.ndarray,
        unequal: sparse.csr_array,
        below: np.ndarray,
        kosten: np.ndarray,
        locked: np.ndarray,
        decisions: np.ndarray,
        wanted: sparse.csr_array,
    ) -> None:
        self.kosten, self.decisions, self.wanted = kosten, decisions, wanted
        self.count, self.size = cells.shape
        self.first = self.count + len(below)
        moves = sparse.eye_array(self.count, format="csr")
        rows = sparse.block_array(
            [[cells, -moves, moves], [sparse.vstack([unequal, wanted]), None, None]], format="csr"
        )
        none = np.full(wanted.shape[0], -np.inf)
        upper = np.concatenate([values, np.full(len(below) + len(none), np.inf)])
        free = np.where(locked, 0.0, GROSS)
        most = np.concatenate([np.full(self.size, GROSS), free, free])
        self.program = Programm(rows, np.concatenate([values, below, none]), upper, most)
        self.bewegt = np.zeros(self.count, dtype=bool)

    def bediene(self, least: np.ndarray, width: np.ndarray, alles: bool) -> np.ndarray:
        """Serve the targets one after the other; worlds found for one may do for others.

        Returns
        -------
        array of bool
            The targets for which nothing that may still be hidden makes room enough; if ``alles``, they get
            as much as there is.
        """
        served = np.zeros(len(least), dtype=bool)
        failed = np.zeros(len(least), dtype=bool)
        for position in np.argsort(-width, kind="stable"):
            if served[position]:
                continue
            world = self._zwischen(position, least[position], np.inf, width[position])
            if world is not None:
                served |= self.wanted @ world[: self.size] >= least - TOLERANZ
                continue
            before = self.bewegt.copy()  # so large it cannot be: as large as can be, and smaller for the rest
            most = self._aeusserstes(position, 1.0)
            self._zwischen(position, most - TOLERANZ, np.inf, width[position])
            if self._zwischen(position, -np.inf, most - width[position], width[position]) is None:
                failed[position] = True
                if alles:
                    low = self._aeusserstes(position, -1.0)
                    self._zwischen(position, -np.inf, low + TOLERANZ, width[position])
                else:
                    self.bewegt = before
        return failed

    def _zwischen(self, position: int, lower: float, upper: float, width: float) -> np.ndarray | None:
        """Hide what a world needs in which a target lies between two bounds."""
        self.program.grenzen(self.first + position, lower, upper)
        world = self._suche(width)
        self.program.grenzen(self.first + position, -np.inf, np.inf)
        return world

    def _aeusserstes(self, position: int, sign: float) -> float:
        row = self.wanted[[position]]
        objective = np.zeros(self.size + 2 * self.count)
        objective[row.indices] = sign * row.data
        try:
            return sign * float(objective @ self.program.loese(objective).x)
        except Widerspruch:
            return 0.0

    def _suche(self, width: float) -> np.ndarray | None:
        price = np.where(self.bewegt, 0.0, self.kosten)
        best: tuple[float, np.ndarray, np.ndarray] | None = None
        for _ in range(3):  # what moved little is made dearer, so that few cells move much
            try:
                found = self.program.loese(-np.concatenate([np.zeros(self.size), price, price]))
            except Widerspruch:  # nothing that may still be hidden makes room
                return None
            shift = found.x[self.size : self.size + self.count] + found.x[self.size + self.count :]
            moved = shift > TOLERANZ
            total = float(self.kosten[moved & ~self.bewegt].sum())
            if best is not None and total >= best[0]:
                break
            best = total, moved, found.x
            price = np.where(self.bewegt, 0.0, self.kosten / (0.1 + shift / width))
        if best is None:
            return None
        self.bewegt |= best[1]
        self.bewegt |= np.isin(self.decisions, self.decisions[self.bewegt])
        return best[2]


def _zeige_wieder(
    tafel: Zelltafel, hidden: np.ndarray, verdeckt: np.ndarray, kosten: np.ndarray
) -> np.ndarray:
    """Show what protects nothing: dearest first, one decision of every connected part at a time."""
    result = hidden.copy()
    tried = verdeckt | ~hidden
    members = _mitglieder(tafel)
    rounds = RUNDEN if len(tafel.werte) <= EINZELN_BIS else HOECHSTENS_ZEIGEN
    for _ in range(rounds):
        waiting = np.flatnonzero(~tried & result)
        if not len(waiting):
            break
        left = rest(tafel, tafel.sichtbar(result))
        chosen = _unabhaengige(left, members, waiting[np.argsort(-kosten[waiting])])
        tried[list(chosen)] = True
        attempt = result.copy()
        attempt[list(chosen)] = False
        narrow = angriff(tafel, tafel.sichtbar(attempt)).offen
        hurt = set(left.block[narrow])
        keep = [
            decision for decision, blocks in chosen.items() if blocks & hurt or (len(narrow) and not blocks)
        ]
        attempt[keep] = True
        result = attempt
    return result


def _mitglieder(tafel: Zelltafel) -> sparse.csr_array:
    """Decisions x atoms: which atoms the cells of a decision consist of."""
    return (tafel.zuordnung() @ abs(tafel.zellen)).tocsr()


def _unabhaengige(left: Rest, members: sparse.csr_array, order: np.ndarray) -> dict[int, set[int]]:
    """Decisions that share no connected part, with the parts each touches."""
    taken: set[int] = set()
    chosen: dict[int, set[int]] = {}
    for decision in order:
        atoms = members.indices[members.indptr[decision] : members.indptr[decision + 1]]
        blocks = set(left.atom_block[atoms].tolist()) - {-1}
        if not blocks & taken:
            chosen[int(decision)] = blocks
            taken |= blocks
    return chosen


# --- small: the optimum ----------------------------------------------------------------------------


def _optimal(tafel: Zelltafel, verdeckt: np.ndarray, kosten: np.ndarray, locked: np.ndarray) -> Muster | None:
    cuts = _Schnitte(tafel, len(verdeckt))
    hidden = verdeckt
    for number in range(1, GENAU_RUNDEN + 1):
        found = angriff(tafel, tafel.sichtbar(hidden), steigung=True)
        if not cuts.ergaenze(found, hidden, locked):
            return Muster(hidden, found, found.offen, number, optimal=not len(found.offen))
        chosen = cuts.optimum(kosten)
        if chosen is None:
            return None
        hidden = verdeckt | chosen
    return None


class _Schnitte:
    """Inequalities over the decisions: so much room must be made."""

    def __init__(self, tafel: Zelltafel, size: int) -> None:
        self.zuordnung = tafel.zuordnung().T.tocsr()
        self.zeilen = sparse.csr_array((0, size))
        self.bedarf = np.zeros(0)

    def ergaenze(self, found: Angriff, hidden: np.ndarray, locked: np.ndarray) -> bool:
        """Add an inequality for every target that is too narrow; whether any can be met."""
        if not len(found.offen):
            return False
        gain = (found.aufwaerts + found.abwaerts) @ self.zuordnung
        rows = (gain @ sparse.diags_array((~locked & ~hidden).astype(float))).tocsr()
        rows.data[rows.data < TOLERANZ] = 0.0
        rows.eliminate_zeros()
        useful = np.flatnonzero(np.diff(rows.indptr))
        rows = rows[useful]
        rows.data = np.ones_like(rows.data)
        self.zeilen = sparse.vstack([self.zeilen, rows], format="csr")
        self.bedarf = np.concatenate([self.bedarf, np.ones(len(useful))])
        return bool(len(useful))

    def optimum(self, kosten: np.ndarray) -> np.ndarray | None:
        columns = np.unique(self.zeilen.indices)
        found = milp(
            kosten[columns], integrality=np.ones(len(columns)), bounds=Bounds(0, 1),
            constraints=LinearConstraint(self.zeilen[:, columns], self.bedarf - TOLERANZ),
            options={"node_limit": KNOTEN, "mip_rel_gap": 1e-6},
        )  # fmt: skip
        if found.status != 0 or found.x is None:
            return None
        chosen = np.zeros(self.zeilen.shape[1], dtype=bool)
        chosen[columns[found.x > 0.5]] = True
        return chosen
