"""From deliveries to one model: keys, symbols, counts, rates, checks."""

from __future__ import annotations

from sozialanalyse.harmonise.checks import pruefe_merkmale, pruefe_werte
from sozialanalyse.harmonise.gebiete import gebietsliste, mit_geometrie
from sozialanalyse.harmonise.keys import Schluesselbuch
from sozialanalyse.harmonise.merkmale import harmonisiere
from sozialanalyse.harmonise.rates import berechne

__all__ = [
    "Schluesselbuch",
    "berechne",
    "gebietsliste",
    "harmonisiere",
    "mit_geometrie",
    "pruefe_merkmale",
    "pruefe_werte",
]
