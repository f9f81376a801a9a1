"""KomMonitor: asking it, logging in to it, and writing to it exactly what a plan says."""

from __future__ import annotations

from sozialanalyse.kommonitor.angaben import DATEI, KommonitorSeite, lade, verbinde
from sozialanalyse.kommonitor.anmeldung import AnmeldeFehler, Dienstkonto, Person
from sozialanalyse.kommonitor.verbindung import Ebene, Einheit, Generation, Rechte, Verbindung, finde

__all__ = [
    "DATEI",
    "AnmeldeFehler",
    "Dienstkonto",
    "Ebene",
    "Einheit",
    "Generation",
    "KommonitorSeite",
    "Person",
    "Rechte",
    "Verbindung",
    "finde",
    "lade",
    "verbinde",
]
