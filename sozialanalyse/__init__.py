"""Shared workbench of social planning: compare, type and present small areas.

``load`` gives the harmonised data of a region, ``variance`` tells whether differences are larger
within or between municipalities, ``clusters`` which areas resemble each other across them.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from sozialanalyse.base import VERSION as __version__

if TYPE_CHECKING:
    from sozialanalyse import clusters, variance
    from sozialanalyse.auswertung import load
    from sozialanalyse.store import Daten

__all__ = ["Daten", "__version__", "clusters", "load", "variance"]


def __getattr__(name: str) -> Any:
    """Import the scientific stack only when something of it is asked for."""
    if name == "load":
        return importlib.import_module("sozialanalyse.auswertung").load
    if name == "Daten":
        return importlib.import_module("sozialanalyse.store").Daten
    if name in {"variance", "clusters"}:
        return importlib.import_module(f"sozialanalyse.{name}")
    raise AttributeError(f"module 'sozialanalyse' has no attribute {name!r}")


def __dir__() -> list[str]:
    """What may be asked for, so that it can be completed before it is imported."""
    return sorted(__all__)
