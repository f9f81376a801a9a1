"""Disclosure control: the one gate that everything passes on its way to an audience."""

from __future__ import annotations

from sozialanalyse.geheimhaltung import register
from sozialanalyse.geheimhaltung.personen import pruefe as personen
from sozialanalyse.geheimhaltung.sperren import Schutz, intern, oeffentlich, schuetze

__all__ = ["Schutz", "intern", "oeffentlich", "personen", "register", "schuetze"]
