"""Disclosure control: the one gate that everything passes on its way to an audience."""

from __future__ import annotations

from sozialanalyse.geheimhaltung.sperren import Schutz, oeffentlich, schuetze

__all__ = ["Schutz", "oeffentlich", "schuetze"]
