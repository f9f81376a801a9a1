"""Projects under a register: who may be funded, what is funded twice, who is reached, what a budget buys, what is owed."""

from __future__ import annotations

from sozialanalyse.analyse.projects.coverage import covered, expanded, white_spots
from sozialanalyse.analyse.projects.eligibility import Pot, eligibility, scores
from sozialanalyse.analyse.projects.overlap import double_funding
from sozialanalyse.analyse.projects.reports import changes, owed
from sozialanalyse.analyse.projects.selection import Choice, by_score, most_reached

__all__ = [
    "Choice",
    "Pot",
    "by_score",
    "changes",
    "covered",
    "double_funding",
    "eligibility",
    "expanded",
    "most_reached",
    "owed",
    "scores",
    "white_spots",
]
