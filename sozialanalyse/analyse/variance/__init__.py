"""Differences between and within groups of areas: the variance analyses.

Frames in, frozen results out. :func:`decompose` answers for one or many indicators how much of the
differences between areas lies between their municipalities; the other functions answer the
questions that follow from it.
"""

from .aggregation import aggregation_check
from .compositions import Segregation, dissimilarity, segregation_m_h
from .crossing import bridge, bridge_spread, types_without_topic
from .decomposition import decompose
from .glmm import GlmmResult, glmm, median_odds_ratio
from .inequality import Inequality, mld, theil
from .multivariate import Dispersion, PermanovaResult, dispersion, permanova
from .nulls import false_discovery
from .partitions import contiguous_partitions, drawn_partitions
from .reml import reml_known_variance
from .scales import logit_check
from .smoothing import empirical_bayes
from .spatial import local_moran, morans_i
from .variance_result import VarianceResult
from .years import compare_years

__all__ = [
    "Dispersion",
    "GlmmResult",
    "Inequality",
    "PermanovaResult",
    "Segregation",
    "VarianceResult",
    "aggregation_check",
    "bridge",
    "bridge_spread",
    "compare_years",
    "contiguous_partitions",
    "decompose",
    "dispersion",
    "dissimilarity",
    "drawn_partitions",
    "empirical_bayes",
    "false_discovery",
    "glmm",
    "local_moran",
    "logit_check",
    "median_odds_ratio",
    "mld",
    "morans_i",
    "permanova",
    "reml_known_variance",
    "segregation_m_h",
    "theil",
    "types_without_topic",
]
