"""Disclosure control: the one gate that everything passes on its way to an audience."""

from __future__ import annotations

from sozialanalyse.geheimhaltung.sperren import oeffentlich

__all__ = ["oeffentlich"]
