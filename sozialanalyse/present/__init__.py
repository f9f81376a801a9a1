"""Results in, fragments of pages out: maps, charts, tables, blocks, all from plain frames.

Every public function takes frames and a ``Kontext`` and returns an :class:`Anzeige`, whose HTML
stands unchanged in a notebook, a static page and a Voilà page.
"""

from sozialanalyse.present.anzeige import Anzeige
from sozialanalyse.present.bausteine import (
    Feld,
    Verweis,
    absaetze,
    auswahl,
    folge,
    glossar,
    hinweis,
    keine_daten,
    kopf,
    kurzfassung,
    liste,
    marke,
    methode,
    paar,
    quellen,
    steckbrief,
    verweise,
)
from sozialanalyse.present.charts import (
    Streifen,
    anteile,
    lage,
    profil,
    sicherheit,
    streifen,
    streifen_auswahl,
    verlauf,
    vorkommen,
)
from sozialanalyse.present.klassen import Klassen, einteilen
from sozialanalyse.present.maps import choropleth, hintergrundkarte, lagekarte, typenkarte
from sozialanalyse.present.tables import Spalte, tabelle
from sozialanalyse.present.theme import stylesheet
from sozialanalyse.present.ueberblick import ueberblick

__all__ = [
    "Anzeige",
    "Feld",
    "Klassen",
    "Spalte",
    "Streifen",
    "Verweis",
    "absaetze",
    "anteile",
    "auswahl",
    "choropleth",
    "einteilen",
    "folge",
    "glossar",
    "hintergrundkarte",
    "hinweis",
    "keine_daten",
    "kopf",
    "kurzfassung",
    "lage",
    "lagekarte",
    "liste",
    "marke",
    "methode",
    "paar",
    "profil",
    "quellen",
    "sicherheit",
    "steckbrief",
    "streifen",
    "streifen_auswahl",
    "stylesheet",
    "tabelle",
    "typenkarte",
    "ueberblick",
    "verlauf",
    "verweise",
    "vorkommen",
]
