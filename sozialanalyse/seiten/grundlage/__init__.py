"""What all pages stand on: declaration, parameters and their check, plan, register, the base class."""

from __future__ import annotations

from sozialanalyse.seiten.grundlage.adressen import adressen, slug
from sozialanalyse.seiten.grundlage.erklaerung import GESAMT, START, Wunsch, literale
from sozialanalyse.seiten.grundlage.glossar import glossarwoerter, glossarziele
from sozialanalyse.seiten.grundlage.laufplan import Lauf, laeufe
from sozialanalyse.seiten.grundlage.parameter import (
    ALLE,
    MEISTE_GEBIETE,
    NEUESTER,
    Gebiet,
    Gebiete,
    Indikator,
    Indikatoren,
    Parameter,
    Report,
    Thema,
    Themen,
)
from sozialanalyse.seiten.grundlage.pruefung import werte_aus_text
from sozialanalyse.seiten.grundlage.seite import Seite, auf_karte, tragend
from sozialanalyse.seiten.grundlage.seitenregister import (
    angeboten,
    erklaerte,
    gemeint,
    pruefe_seiten,
    regionsdateien,
    seite,
    seiten,
)
from sozialanalyse.seiten.grundlage.vorrat import KeineWerte, Vorrat

__all__ = [
    "ALLE",
    "GESAMT",
    "MEISTE_GEBIETE",
    "NEUESTER",
    "START",
    "Gebiet",
    "Gebiete",
    "Indikator",
    "Indikatoren",
    "KeineWerte",
    "Lauf",
    "Parameter",
    "Report",
    "Seite",
    "Thema",
    "Themen",
    "Vorrat",
    "Wunsch",
    "adressen",
    "angeboten",
    "auf_karte",
    "erklaerte",
    "gemeint",
    "glossarwoerter",
    "glossarziele",
    "laeufe",
    "literale",
    "pruefe_seiten",
    "regionsdateien",
    "seite",
    "seiten",
    "slug",
    "tragend",
    "werte_aus_text",
]
