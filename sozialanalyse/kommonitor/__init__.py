"""KomMonitor: asking it, logging in to it, and writing to it exactly what a plan says."""

from __future__ import annotations

from sozialanalyse.kommonitor.angaben import DATEI, KommonitorSeite, lade, verbinde
from sozialanalyse.kommonitor.anmeldung import AnmeldeFehler, Dienstkonto, Person
from sozialanalyse.kommonitor.apply import wende_an
from sozialanalyse.kommonitor.plan import Plan, PlanFehler, Vorhaben
from sozialanalyse.kommonitor.schritte import AbweichungFehler
from sozialanalyse.kommonitor.verbindung import Ebene, Einheit, Generation, Rechte, Verbindung, finde
from sozialanalyse.kommonitor.zurueck import nimm_zurueck

__all__ = [
    "DATEI",
    "AbweichungFehler",
    "AnmeldeFehler",
    "Dienstkonto",
    "Ebene",
    "Einheit",
    "Generation",
    "KommonitorSeite",
    "Person",
    "Plan",
    "PlanFehler",
    "Rechte",
    "Verbindung",
    "Vorhaben",
    "finde",
    "lade",
    "nimm_zurueck",
    "verbinde",
    "wende_an",
]
