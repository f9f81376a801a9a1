"""Analyses: frames in, frozen results out. Each room is imported when it is first asked for."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sozialanalyse.analyse import (
        clusters,
        comparison,
        disparity,
        funding,
        indices,
        projects,
        variance,
        zusammenhang,
    )

__all__ = [
    "clusters",
    "comparison",
    "disparity",
    "funding",
    "indices",
    "projects",
    "variance",
    "zusammenhang",
]


def __getattr__(name: str) -> Any:
    """Statistics load slowly; whoever only lists pages does not wait for them."""
    if name in __all__:
        return import_module(f"{__name__}.{name}")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
