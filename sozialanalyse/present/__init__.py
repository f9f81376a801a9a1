"""Results in, fragments of pages out: maps, charts, tables, blocks, all from plain frames.

Every public function takes frames and a ``Kontext`` and returns an :class:`Anzeige`, whose HTML
stands unchanged in a notebook, a static page and a Voilà page.
"""

from sozialanalyse.present.anzeige import Anzeige
from sozialanalyse.present.bausteine import (
    Feld,
    Verweis,
    auswahl,
    hinweis,
    keine_daten,
    kopf,
    kurzfassung,
    marke,
    methode,
    quellen,
    verweise,
)
from sozialanalyse.present.charts import (
    anteile,
    profil,
    sicherheit,
    streifen,
    streifen_auswahl,
    verlauf,
    vorkommen,
)
from sozialanalyse.present.klassen import Klassen, einteilen
from sozialanalyse.present.maps import choropleth, hintergrundkarte, typenkarte
from sozialanalyse.present.tables import Spalte, tabelle
from sozialanalyse.present.theme import stylesheet

__all__ = [
    "Anzeige",
    "Feld",
    "Klassen",
    "Spalte",
    "Verweis",
    "anteile",
    "auswahl",
    "choropleth",
    "einteilen",
    "hintergrundkarte",
    "hinweis",
    "keine_daten",
    "kopf",
    "kurzfassung",
    "marke",
    "methode",
    "profil",
    "quellen",
    "sicherheit",
    "streifen",
    "streifen_auswahl",
    "stylesheet",
    "tabelle",
    "typenkarte",
    "verlauf",
    "verweise",
    "vorkommen",
]
