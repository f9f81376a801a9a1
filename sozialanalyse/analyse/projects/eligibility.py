"""Hard conditions of a pot apart from the score: a project is out for a reason, never for few points."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from sozialanalyse.analyse.projects._said import said


@dataclass(frozen=True)
class Pot:
    """Conditions of one pot; what is empty or None asks for nothing.

    ``low, high`` euro of a project; ``own_share`` percent; ``areas`` small areas; ``start, end`` of the period
    in ISO form.
    """

    low: float = 0.0
    high: float = np.inf
    own_share: float = 0.0
    applicants: frozenset[str] = field(default_factory=frozenset)
    purposes: frozenset[str] = field(default_factory=frozenset)
    areas: frozenset[str] = field(default_factory=frozenset)
    start: str = ""
    end: str = ""


def eligibility(projects: pd.DataFrame, pots: Mapping[str, Pot]) -> pd.DataFrame:
    """Why projects may not be funded, and what cannot be judged because it was not said.

    Parameters
    ----------
    projects
        Index of projects with the columns pot, applicant (kind), amount, own_share, purpose, areas (tuple of
        small areas), begin, end (ISO); gaps are missing or empty.

    Returns
    -------
    DataFrame
        ``reasons`` and ``unknown``: tuples of pot, applicant, low, high, own_share, purpose, area, period. A
        project is eligible if both are empty.
    """
    rows = [_judge(row, pots.get(row["pot"])) for row in projects.to_dict("records")]
    return pd.DataFrame(rows, index=projects.index, columns=["reasons", "unknown"])


def _judge(row: Mapping[str, object], pot: Pot | None) -> tuple[tuple[str, ...], tuple[str, ...]]:
    if pot is None:
        return (), ("pot",)
    failed, unknown = [], []

    def ask(name: str, wanted: bool, known: bool, holds: bool) -> None:
        if wanted and not known:
            unknown.append(name)
        elif wanted and not holds:
            failed.append(name)

    amount, share = _number(row["amount"]), _number(row["own_share"])
    areas = set(row["areas"])  # type: ignore[call-overload]
    begin, end = said(row["begin"]), said(row["end"]) or said(row["begin"])
    applicant, purpose = said(row["applicant"]), said(row["purpose"])
    ask("applicant", bool(pot.applicants), bool(applicant), applicant in pot.applicants)
    ask("low", True, not np.isnan(amount), amount >= pot.low)
    ask("high", not np.isnan(amount), True, amount <= pot.high)
    ask("own_share", pot.own_share > 0, not np.isnan(share), share >= pot.own_share)
    ask("purpose", bool(pot.purposes), bool(purpose), purpose in pot.purposes)
    ask("area", True, bool(areas), not pot.areas or bool(areas & pot.areas))
    ask("period", bool(pot.start), bool(begin), pot.start <= begin and end <= pot.end)
    return tuple(failed), tuple(unknown)


def _number(value: object) -> float:
    return float(value) if isinstance(value, int | float) else np.nan


def scores(points: pd.DataFrame, weights: Mapping[str, float]) -> pd.Series:
    """Score 0 to 100 of every project.

    Parameters
    ----------
    points
        Projects x criteria, 0 to 1; a gap where nobody has judged.
    weights
        Criterion -> weight; they need not sum to 100.

    Returns
    -------
    Series
        Missing where a criterion is: a project that is half judged has no score.

    Examples
    --------
    >>> scores(pd.DataFrame({"need": [1.0, 0.5], "fit": [0.0, None]}), {"need": 75, "fit": 25}).tolist()
    [75.0, nan]
    """
    weight = pd.Series(weights, dtype=float)
    found = points[list(weight.index)].astype(float).mul(weight / weight.sum()).sum(axis=1, skipna=False)
    return 100 * found
