"""What each indicator means: one YAML page per dataset, checked, as objects and as a table.

A page tells what a row of a delivery is, how to read the file, which fields it holds and which
indicators are built from them. Meaning is looked up by id, never attached to a frame.
"""

from __future__ import annotations

from sozialanalyse.region.catalogue.datensatzseite import (
    TABELLEN,
    Auswahl,
    DatensatzSeite,
    EbenenRegel,
    Feld,
    IndikatorSeite,
    SchluesselRegel,
    Spaltenangabe,
    StichtagRegel,
    Tabelle,
)
from sozialanalyse.region.catalogue.katalog import Indikator, Katalog, lade_katalog
from sozialanalyse.region.catalogue.summe import FLAECHE, Summe

__all__ = [
    "FLAECHE",
    "TABELLEN",
    "Auswahl",
    "DatensatzSeite",
    "EbenenRegel",
    "Feld",
    "Indikator",
    "IndikatorSeite",
    "Katalog",
    "SchluesselRegel",
    "Spaltenangabe",
    "StichtagRegel",
    "Summe",
    "Tabelle",
    "lade_katalog",
]
