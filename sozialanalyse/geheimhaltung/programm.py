"""One linear program that is asked many questions: HiGHS with its last basis kept.

The first question is solved from scratch; afterwards only the objective or one bound changes, and the
simplex method goes on from where it stopped.
"""

from __future__ import annotations

from dataclasses import dataclass

import highspy
import numpy as np
from scipy import sparse

LEER = highspy.HighsModelStatus.kInfeasible
FERTIG = (highspy.HighsModelStatus.kOptimal, highspy.HighsModelStatus.kModelEmpty)


class Widerspruch(Exception):
    """No world agrees with all rows."""


@dataclass(frozen=True)
class Loesung:
    """Point, and how the objective grows with the bounds of each row."""

    x: np.ndarray
    zeilen: np.ndarray


class Programm:
    """Maximise ``objective @ x`` with ``lower <= rows @ x <= upper`` and ``0 <= x <= most``."""

    def __init__(
        self, rows: sparse.csr_array, lower: np.ndarray, upper: np.ndarray, most: np.ndarray
    ) -> None:
        self.anfragen = 0
        self._columns = np.arange(rows.shape[1], dtype=np.int32)
        self._solver = highspy.Highs()
        for option, value in (("output_flag", False), ("threads", 1), ("parallel", "off")):
            self._solver.setOptionValue(option, value)
        model = highspy.HighsLp()
        model.num_row_, model.num_col_ = rows.shape
        model.col_cost_ = np.zeros(rows.shape[1])
        model.col_lower_ = np.zeros(rows.shape[1])
        model.col_upper_ = most
        model.row_lower_, model.row_upper_ = lower, upper
        model.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
        model.a_matrix_.start_ = rows.indptr
        model.a_matrix_.index_ = rows.indices
        model.a_matrix_.value_ = rows.data
        model.sense_ = highspy.ObjSense.kMaximize
        self._solver.passModel(model)

    def grenzen(self, row: int, lower: float, upper: float) -> None:
        self._solver.changeRowBounds(row, lower, upper)

    def loese(self, objective: np.ndarray) -> Loesung:
        """Best world for an objective.

        Raises
        ------
        Widerspruch
            If there is none.
        """
        self.anfragen += 1
        self._solver.changeColsCost(len(self._columns), self._columns, objective)
        self._solver.run()
        status = self._solver.getModelStatus()
        if status not in FERTIG:  # once more from scratch before believing it
            self._solver.clearSolver()
            self._solver.run()
            status = self._solver.getModelStatus()
        if status == LEER:
            raise Widerspruch
        if status not in FERTIG:
            raise RuntimeError(f"HiGHS: {status}")
        found = self._solver.getSolution()
        return Loesung(np.array(found.col_value), np.array(found.row_dual))
