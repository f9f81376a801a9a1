"""Topic indices: from several indicators one figure per area, and how much it depends on choices."""

from sozialanalyse.analyse.indices.dynamics import dynamics
from sozialanalyse.analyse.indices.index_result import Base, IndexResult
from sozialanalyse.analyse.indices.scale import NEEDED
from sozialanalyse.analyse.indices.sensitivity import (
    Component,
    cronbach_alpha,
    first_component,
    redundant_pairs,
    sensitivity,
)
from sozialanalyse.analyse.indices.topic_index import topic_index

__all__ = [
    "NEEDED",
    "Base",
    "Component",
    "IndexResult",
    "cronbach_alpha",
    "dynamics",
    "first_component",
    "redundant_pairs",
    "sensitivity",
    "topic_index",
]
