"""Money follows need: who qualifies and how strongly, how a budget is divided, and how sure both are.

``need_scores`` makes one figure per area, a rule (:class:`Threshold`, :class:`Quota`, :class:`Taper`,
:class:`SingleCriterion`) makes a share of it, ``units`` and its peers turn shares into claims,
``allocate`` divides a budget between claims, ``certainty`` says which decisions would stand in another
year or under other choices.
"""

from sozialanalyse.analyse.funding.budget import Allocation, allocate, round_amounts, transition_bounds
from sozialanalyse.analyse.funding.certainty import STANDS, CertaintyResult, certainty
from sozialanalyse.analyse.funding.claims import rank_points, two_factor_units, units
from sozialanalyse.analyse.funding.effects import concentration, gain_loss, gini
from sozialanalyse.analyse.funding.evaluation import EvaluationResult, evaluate_funded
from sozialanalyse.analyse.funding.rules import (
    WINSOR,
    Gates,
    Quota,
    Rule,
    Scale,
    SingleCriterion,
    Taper,
    Threshold,
    need_scores,
    scale_of,
)

__all__ = [
    "STANDS",
    "WINSOR",
    "Allocation",
    "CertaintyResult",
    "EvaluationResult",
    "Gates",
    "Quota",
    "Rule",
    "Scale",
    "SingleCriterion",
    "Taper",
    "Threshold",
    "allocate",
    "certainty",
    "concentration",
    "evaluate_funded",
    "gain_loss",
    "gini",
    "need_scores",
    "rank_points",
    "round_amounts",
    "scale_of",
    "transition_bounds",
    "two_factor_units",
    "units",
]
