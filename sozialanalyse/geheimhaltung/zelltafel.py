"""The published numbers as a linear system: what everybody knows about the hidden ones.

The smallest quantities are *atoms* that cannot be negative (persons of one field in one area). Every
publishable number, a *cell*, is a sum of atoms. Whoever sees some cells knows as many equations about
the atoms; inequalities such as "a part does not exceed its whole" are known without any publication.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import sparse
from scipy.sparse.csgraph import connected_components

GROSS = 1e6
"""A count nobody would believe; atoms are bounded so that every attack has an end."""


@dataclass(frozen=True)
class Zelltafel:
    """Cells, what they consist of, and which quantities need protection.

    Attributes
    ----------
    zellen
        Cells x atoms: every cell as a sum of atoms.
    werte
        Value of each cell; NaN: nobody can publish it.
    nutzung
        Rows (cell, its decision, another decision): where a cell is printed and what hides that place.
        A cell is known if it is printed at one place at least whose two decisions both are not to hide.
    entscheidungen
        How many decisions there are.
    summen, teile
        Pairs of cells: the first is the sum of all its partners. Only used to keep the system small.
    ungleich, ungleich_zelle, ungleich_wert
        Rows over the atoms that are known never to be less than a number, and for each the cell that stands
        in it with a plus (the whole a part cannot exceed), -1 for none.
    ziele, breite
        Quantities to protect as rows over the atoms, and how many persons wide the interval must
        stay that an attacker can narrow each to.
    ziel_zelle
        Cell that stands with a plus in a target (the whole of which a rest is left), -1 for none.
    ziel_hoechstens
        Cell that bounds a quantity from above when shown, -1 for none: no interval can be wider.
    """

    zellen: sparse.csr_array
    werte: np.ndarray
    nutzung: np.ndarray
    entscheidungen: int
    summen: np.ndarray
    teile: np.ndarray
    ungleich: sparse.csr_array
    ungleich_zelle: np.ndarray
    ungleich_wert: np.ndarray
    ziele: sparse.csr_array
    ziel_zelle: np.ndarray
    breite: np.ndarray
    ziel_hoechstens: np.ndarray

    def sichtbar(self, verdeckt: np.ndarray) -> np.ndarray:
        """Whether each cell is known when so many decisions are to hide."""
        cell, first, second = self.nutzung.T
        open_ = ~(verdeckt[first] | verdeckt[second])
        return np.bincount(cell[open_], minlength=len(self.werte)).astype(bool) & ~np.isnan(self.werte)

    def ohne_bekannte(
        self, rows: sparse.csr_array, cell: np.ndarray, sichtbar: np.ndarray
    ) -> tuple[sparse.csr_array, sparse.csr_array]:
        """Rows without the cell that stands in them, where it is known, and what was taken away."""
        known = np.flatnonzero((cell >= 0) & sichtbar[cell])
        taken = sparse.csr_array(
            (-np.ones(len(known)), (known, cell[known])), shape=(rows.shape[0], len(sichtbar))
        )
        left = (rows + taken @ self.zellen).tocsr()
        left.eliminate_zeros()
        return left, taken

    def eigene(self) -> np.ndarray:
        """The decision that hides each cell wherever it is printed; -1 where it is never printed."""
        found = np.full(len(self.werte), -1)
        found[self.nutzung[:, 0]] = self.nutzung[:, 1]
        return found

    def zuordnung(self) -> sparse.csr_array:
        """Decisions x cells: which cells a decision hides everywhere."""
        own = self.eigene()
        cells = np.flatnonzero(own >= 0)
        return sparse.csr_array(
            (np.ones(len(cells)), (own[cells], cells)), shape=(self.entscheidungen, len(own))
        )


@dataclass(frozen=True)
class Rest:
    """What is left of the system once all that follows at once from the published cells is used.

    Rows (equations first, then inequalities, then targets) over the unknown atoms. ``herkunft`` says of
    each row which cells it was formed from, so that a multiplier of a row becomes one of the cells.
    """

    gleich: sparse.csr_array
    gleich_wert: np.ndarray
    ungleich: sparse.csr_array
    ungleich_wert: np.ndarray
    ziele: sparse.csr_array
    ziele_wert: np.ndarray
    block: np.ndarray
    """Connected part of the system each target belongs to."""
    atom_block: np.ndarray
    """The same of each atom of the whole system; -1 where it is known or concerns no target."""
    herkunft_gleich: sparse.csr_array
    herkunft_ungleich: sparse.csr_array
    herkunft_ziele: sparse.csr_array
    gleich_block: np.ndarray
    ungleich_block: np.ndarray


def rest(tafel: Zelltafel, sichtbar: np.ndarray) -> Rest:
    """Reduce the system to what the shown cells leave open.

    Parameters
    ----------
    sichtbar
        Whether each cell is published.
    """
    known = sichtbar & ~np.isnan(tafel.werte)
    values = np.where(known, tafel.werte, 0.0)
    rows, origin = _residual_sums(tafel, known)
    size, others = rows.shape[0], tafel.ungleich.shape[0]
    unequal_rows, unequal_origin = tafel.ohne_bekannte(tafel.ungleich, tafel.ungleich_zelle, known)
    target_rows, target_origin = tafel.ohne_bekannte(tafel.ziele, tafel.ziel_zelle, known)
    system = sparse.vstack([rows, unequal_rows, target_rows], format="csr")
    origin = sparse.vstack([origin, unequal_origin, target_origin], format="csr")
    system, origin = _fix_atoms(system, origin, size)
    constant = origin @ values
    constant[size : size + others] += tafel.ungleich_wert
    used = np.diff(system.indptr) > 0
    equal = np.flatnonzero(used[:size])
    unequal = size + np.flatnonzero(used[size : size + others])
    targets = np.arange(size + others, system.shape[0])
    # only the connected parts that hold something to protect
    label, atom_label = _blocks(system, np.concatenate([equal, unequal, targets]))
    wanted = np.unique(label[targets][used[targets]])
    equal = equal[np.isin(label[equal], wanted)]
    unequal = unequal[np.isin(label[unequal], wanted)]
    part = sparse.vstack([system[equal], system[unequal], system[targets]], format="csr")
    columns = np.flatnonzero(np.bincount(part.indices, minlength=part.shape[1]))
    return Rest(
        gleich=system[equal][:, columns],
        gleich_wert=constant[equal],
        ungleich=system[unequal][:, columns],
        ungleich_wert=constant[unequal],
        ziele=system[targets][:, columns],
        ziele_wert=-constant[targets],
        block=label[targets],
        atom_block=np.where(np.isin(atom_label, wanted), atom_label, -1),
        herkunft_gleich=origin[equal],
        herkunft_ungleich=origin[unequal],
        herkunft_ziele=origin[targets],
        gleich_block=label[equal],
        ungleich_block=label[unequal],
    )


def _residual_sums(tafel: Zelltafel, known: np.ndarray) -> tuple[sparse.csr_array, sparse.csr_array]:
    """Equations of the shown cells; from a sum its shown parts are taken away, all of them at best.

    ``row = origin @ cells``: the coefficients of the cells a row was formed from.
    """
    size = len(known)
    identity = sparse.eye_array(size, format="csr")
    origin = identity.copy()
    for _ in range(8):  # levels of sums, lowest first: a hidden sum is replaced by what is left of it
        through = known[tafel.teile]
        shown = _pairs(tafel.summen[through], tafel.teile[through], size)
        below = _pairs(tafel.summen[~through], tafel.teile[~through], size)
        hidden_parts = below.copy()
        removed = origin - identity
        fresh = identity - shown + hidden_parts @ removed
        if (abs(fresh - origin)).nnz == 0:
            break
        origin = fresh.tocsr()
    shown_rows = origin[np.flatnonzero(known)]
    rows = (shown_rows @ tafel.zellen).tocsr()
    rows.eliminate_zeros()
    return rows, shown_rows.tocsr()


def _pairs(rows: np.ndarray, columns: np.ndarray, size: int) -> sparse.csr_array:
    return sparse.csr_array((np.ones(len(rows)), (rows, columns)), shape=(size, size))


def _fix_atoms(
    system: sparse.csr_array, origin: sparse.csr_array, size: int
) -> tuple[sparse.csr_array, sparse.csr_array]:
    """Put atoms that an equation determines into all other rows."""
    while True:
        count = np.diff(system.indptr)
        single = np.flatnonzero(count[:size] == 1)
        if not len(single):
            return system, origin
        atoms = system.indices[system.indptr[single]]
        atoms, first = np.unique(atoms, return_index=True)
        single = single[first]
        scale = sparse.diags_array(1.0 / system.data[system.indptr[single]])
        columns = system[:, atoms]
        origin = (origin - columns @ (scale @ origin[single])).tocsr()
        system = (system - columns @ (scale @ system[single])).tocsr()
        system.data[np.abs(system.data) < 1e-9] = 0.0
        origin.data[np.abs(origin.data) < 1e-9] = 0.0
        system.eliminate_zeros()
        origin.eliminate_zeros()


def _blocks(system: sparse.csr_array, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Label of the connected part of each row and each atom; rows share a part if they share atoms."""
    part = sparse.csr_array(system[rows])
    height = part.shape[0]
    bipartite = sparse.block_array([[None, part], [part.T, None]], format="csr")
    _, label = connected_components(bipartite, directed=False)
    result = np.full(system.shape[0], -1)
    result[rows] = label[:height]
    return result, label[height:]
