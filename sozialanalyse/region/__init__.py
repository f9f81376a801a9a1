"""What a region folder holds: the region, its catalogue of datasets and indicators, texts of editors, skeleton."""

from __future__ import annotations

from sozialanalyse.region import gebietsgruppen, orte, redaktion, skeleton, vergleich
from sozialanalyse.region.catalogue import (
    FLAECHE,
    TABELLEN,
    Auswahl,
    DatensatzSeite,
    EbenenRegel,
    Feld,
    Indikator,
    IndikatorSeite,
    Katalog,
    StichtagRegel,
    Summe,
    Tabelle,
    lade_katalog,
)
from sozialanalyse.region.catalogue.abruf import KommonitorAbruf, PostgisAbruf, UrlAbruf
from sozialanalyse.region.gebietsgruppen import Gruppe
from sozialanalyse.region.kartendienst import Hintergrundkarte
from sozialanalyse.region.region import (
    LEVELS,
    GebieteQuelle,
    Level,
    Region,
    Sperrprofil,
    Symbol,
    Umstieg,
    kommune_von,
    lade_region,
)

__all__ = [
    "FLAECHE",
    "LEVELS",
    "TABELLEN",
    "Auswahl",
    "DatensatzSeite",
    "EbenenRegel",
    "Feld",
    "GebieteQuelle",
    "Gruppe",
    "Hintergrundkarte",
    "Indikator",
    "IndikatorSeite",
    "Katalog",
    "KommonitorAbruf",
    "Level",
    "PostgisAbruf",
    "Region",
    "Sperrprofil",
    "StichtagRegel",
    "Summe",
    "Symbol",
    "Tabelle",
    "Umstieg",
    "UrlAbruf",
    "gebietsgruppen",
    "kommune_von",
    "lade_katalog",
    "lade_region",
    "orte",
    "redaktion",
    "skeleton",
    "vergleich",
]
