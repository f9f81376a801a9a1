"""The agreement on joint use as data: rights, deadlines and embargoes that everything handed out obeys."""

from __future__ import annotations

from sozialanalyse.vereinbarung.anhang import Sprache, inhalt
from sozialanalyse.vereinbarung.rechte import DATEI, FOLGT, VERSCHLOSSEN, Vereinbarung, lade, unbekannte
from sozialanalyse.vereinbarung.vertrag import OEFFENTLICHKEIT, Darf, EinheitSeite, VereinbarungSeite

__all__ = [
    "DATEI",
    "FOLGT",
    "OEFFENTLICHKEIT",
    "VERSCHLOSSEN",
    "Darf",
    "EinheitSeite",
    "Sprache",
    "Vereinbarung",
    "VereinbarungSeite",
    "inhalt",
    "lade",
    "unbekannte",
]
