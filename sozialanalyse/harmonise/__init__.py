"""From deliveries to one model: keys, symbols, boundaries, corrections, counts, rates, checks."""

from __future__ import annotations

from sozialanalyse.base import berichtsstichtag, lies_datum
from sozialanalyse.harmonise.auffaellig import breit
from sozialanalyse.harmonise.checks import pruefe_gleich, pruefe_merkmale, pruefe_werte
from sozialanalyse.harmonise.gebiete import gebietsliste, mit_geometrie
from sozialanalyse.harmonise.grenzen import grenzen
from sozialanalyse.harmonise.keys import Schluesselbuch
from sozialanalyse.harmonise.korrekturen import Korrekturbuch, lade_korrekturen
from sozialanalyse.harmonise.merkmale import harmonisiere, lies, verbinde
from sozialanalyse.harmonise.rates import berechne
from sozialanalyse.harmonise.registerlieferungen import Umgebung, lies_vorhaben, pruefe_vorhaben
from sozialanalyse.harmonise.sammlung import Sammlung
from sozialanalyse.harmonise.schluesselbund import Schluesselbund
from sozialanalyse.harmonise.summen import summenprobe
from sozialanalyse.harmonise.symbols import Zahl, lies_zahl
from sozialanalyse.harmonise.umstiege import Gebietsstand, anteile, lies_umstieg
from sozialanalyse.harmonise.vertauschungen import pruefe_rangfolge
from sozialanalyse.harmonise.wiederholung import Indikatoren, Lieferungen

__all__ = [
    "Gebietsstand",
    "Indikatoren",
    "Korrekturbuch",
    "Lieferungen",
    "Sammlung",
    "Schluesselbuch",
    "Schluesselbund",
    "Umgebung",
    "Zahl",
    "anteile",
    "berechne",
    "berichtsstichtag",
    "breit",
    "gebietsliste",
    "grenzen",
    "harmonisiere",
    "lade_korrekturen",
    "lies",
    "lies_datum",
    "lies_umstieg",
    "lies_vorhaben",
    "lies_zahl",
    "mit_geometrie",
    "pruefe_gleich",
    "pruefe_merkmale",
    "pruefe_rangfolge",
    "pruefe_vorhaben",
    "pruefe_werte",
    "summenprobe",
    "verbinde",
]
