"""Readers: deliveries as they arrived, names and values untouched."""

from __future__ import annotations

from sozialanalyse.sources.geo import layernamen, lies_geometrie
from sozialanalyse.sources.tabellen import lies_blaetter, lies_spalten, lies_tabellen

__all__ = ["layernamen", "lies_blaetter", "lies_geometrie", "lies_spalten", "lies_tabellen"]
