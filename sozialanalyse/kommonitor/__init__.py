"""KomMonitor: asking it, logging in to it, and writing to it exactly what a plan says."""

from __future__ import annotations

from sozialanalyse.kommonitor import plan
from sozialanalyse.kommonitor.anmeldung import AnmeldeFehler, Dienstkonto, Person
from sozialanalyse.kommonitor.apply import wende_an
from sozialanalyse.kommonitor.einstellungen import DATEI, KommonitorSeite, Schreiben, lade, verbinde
from sozialanalyse.kommonitor.plan import EbenePlan, IndikatorPlan, Plan, PlanFehler, Reihen, Vorhaben, Wert
from sozialanalyse.kommonitor.schritte import AbweichungFehler
from sozialanalyse.kommonitor.verbindung import (
    Generation,
    Organisationseinheit,
    Raumebene,
    Rechte,
    Verbindung,
    finde,
)
from sozialanalyse.kommonitor.zurueck import nimm_zurueck

__all__ = [
    "DATEI",
    "AbweichungFehler",
    "AnmeldeFehler",
    "Dienstkonto",
    "EbenePlan",
    "Generation",
    "IndikatorPlan",
    "KommonitorSeite",
    "Organisationseinheit",
    "Person",
    "Plan",
    "PlanFehler",
    "Raumebene",
    "Rechte",
    "Reihen",
    "Schreiben",
    "Verbindung",
    "Vorhaben",
    "Wert",
    "finde",
    "lade",
    "nimm_zurueck",
    "plan",
    "verbinde",
    "wende_an",
]
