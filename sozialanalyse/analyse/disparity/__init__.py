"""How far apart the areas of a region are along need, in time and in rank, each with what chance allows.

``gradient`` gives the gap between the neediest and the least needy areas, ``trend`` tests a course
over three and more dates, ``rank_sets`` says which ranks an area could have.
"""

from sozialanalyse.analyse.disparity.gradient import GradientResult, gradient
from sozialanalyse.analyse.disparity.ranks import RankSets, rank_sets
from sozialanalyse.analyse.disparity.trend import DATES, TrendResult, trend

__all__ = ["DATES", "GradientResult", "RankSets", "TrendResult", "gradient", "rank_sets", "trend"]
