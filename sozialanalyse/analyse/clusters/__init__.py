"""Which areas are alike, whatever municipality they belong to.

``cluster`` forms types, ``choose_k`` says how many (or none), ``twins`` finds the most similar
areas in other municipalities, ``match`` and ``years`` follow types through time, ``crosscut`` asks
whether types cut across municipalities, ``constrained`` forms contiguous planning areas and
``consensus`` a partition for the report.
"""

from sozialanalyse.analyse.clusters.agreement import Consensus, Match, consensus, match
from sozialanalyse.analyse.clusters.choice import choose_k
from sozialanalyse.analyse.clusters.cluster_result import ClusterResult, firmness
from sozialanalyse.analyse.clusters.crosscutting import CrosscutResult, crosscut
from sozialanalyse.analyse.clusters.fit import cluster
from sozialanalyse.analyse.clusters.methods import METHODS, SEED, Method
from sozialanalyse.analyse.clusters.panel import YearsResult, years
from sozialanalyse.analyse.clusters.planning_areas import PlanningAreas, constrained, contiguous_partitions
from sozialanalyse.analyse.clusters.stability import adjusted_rand
from sozialanalyse.analyse.clusters.twinning import twins
from sozialanalyse.analyse.clusters.yardstick import Yardstick

__all__ = [
    "METHODS",
    "SEED",
    "ClusterResult",
    "Consensus",
    "CrosscutResult",
    "Match",
    "Method",
    "PlanningAreas",
    "Yardstick",
    "YearsResult",
    "adjusted_rand",
    "choose_k",
    "cluster",
    "consensus",
    "constrained",
    "contiguous_partitions",
    "crosscut",
    "firmness",
    "match",
    "twins",
    "years",
]
