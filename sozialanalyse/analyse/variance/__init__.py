"""Differences between and within groups of areas: the variance analyses.

Frames in, frozen results out. :func:`decompose` answers for one or many indicators how much of the
differences between areas lies between their municipalities; the other functions answer the
questions that follow from it.
"""

from .decomposition import decompose
from .partitions import contiguous_partitions
from .reml import reml_known_variance
from .result import VarianceResult
from .scales import logit_check

__all__ = [
    "VarianceResult",
    "contiguous_partitions",
    "decompose",
    "logit_check",
    "reml_known_variance",
]
