"""Suppression by Gaussian elimination: prevents exact recovery, and is a good pattern to start from.

Langsrud, Ø.: the method of the R package GaussSuppression. The largest cells first, of equal ones those
that sum up more, every cell is published that leaves all primary cells outside the span of what is
published; the others stay hidden.
"""

from __future__ import annotations

import numpy as np
from scipy import sparse


def gauss(
    zellen: sparse.csr_array, werte: np.ndarray, primaer: np.ndarray, bekannt: np.ndarray | None = None
) -> np.ndarray:
    """Cells to hide so that no primary cell follows from equations alone.

    Parameters
    ----------
    zellen
        Cells x atoms.
    werte
        Values, which decide the order; those that are NaN are nobody's to publish.
    primaer
        Whether each cell is hidden in any case.
    bekannt
        Whether each cell is known in any case; these come first.
    """
    rows = zellen.toarray()
    secret = rows[primaer]
    pivots: list[tuple[int, np.ndarray]] = []
    hidden = primaer.copy()
    later = np.zeros(len(werte), dtype=bool) if bekannt is None else ~bekannt
    for cell in np.lexsort((-np.diff(zellen.indptr), -np.nan_to_num(werte), later)):
        if primaer[cell] or np.isnan(werte[cell]):
            continue
        row = rows[cell].copy()
        for place, basis in pivots:
            if row[place]:
                row -= row[place] * basis
        place = int(np.argmax(np.abs(row)))
        if abs(row[place]) < 1e-9:  # follows from what is published already
            continue
        row /= row[place]
        reduced = secret - np.outer(secret[:, place], row)
        if (np.abs(reduced).max(axis=1, initial=0) < 1e-9).any():
            hidden[cell] = True
        else:
            pivots.append((place, row))
            secret = reduced
    return hidden
