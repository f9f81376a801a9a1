"""From a snapshot to published reports: batch, records, web service; combines the last stages."""

from __future__ import annotations

from sozialanalyse.betrieb.auskunft import protokolle, zeige
from sozialanalyse.betrieb.batch import Ergebnis, Fortschritt, auf_rechner, passt, run
from sozialanalyse.betrieb.dienst import lab_umgebung, richte_ein, serve
from sozialanalyse.betrieb.schutz import nimm_zurueck, pruefe_schutz
from sozialanalyse.betrieb.weitergabe import exportiere

__all__ = [
    "Ergebnis",
    "Fortschritt",
    "auf_rechner",
    "exportiere",
    "lab_umgebung",
    "nimm_zurueck",
    "passt",
    "protokolle",
    "pruefe_schutz",
    "richte_ein",
    "run",
    "serve",
    "zeige",
]
