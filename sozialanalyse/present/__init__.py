"""Results in, fragments of pages out: maps, charts, tables, blocks, all from plain frames.

Every public function takes frames and a ``Kontext`` and returns an :class:`Anzeige`, whose HTML
stands unchanged in a notebook, a static page and a Voilà page.
"""

from sozialanalyse.present import formats, theme
from sozialanalyse.present._einstufung import Einstufung, einstufen
from sozialanalyse.present.anzeige import Anzeige
from sozialanalyse.present.bausteine import (
    Feld,
    Treffer,
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
    suche,
    verweise,
    verzeichnis,
    werkzeug,
    zusammen,
)
from sozialanalyse.present.charts import (
    Linie,
    Streifen,
    anteile,
    entwicklung,
    fuellung,
    lage,
    profil,
    rangfolge,
    sicherheit,
    streifen,
    streifen_auswahl,
    streuung,
    verlauf,
    vorkommen,
    zeitreihe,
)
from sozialanalyse.present.dateien import arbeitsmappe, csv
from sozialanalyse.present.klassen import Klassen, einteilen
from sozialanalyse.present.maps import (
    choropleth,
    hintergrundkarte,
    lagekarte,
    symbolkarte,
    typenkarte,
    zweifach,
)
from sozialanalyse.present.mehrfach import kachelkarte, kleine_vielfache
from sozialanalyse.present.tables import tabelle
from sozialanalyse.present.tafel import Spalte, Tafel, tafel, woertlich
from sozialanalyse.present.theme import stylesheet
from sozialanalyse.present.ueberblick import ueberblick

__all__ = [
    "Anzeige",
    "Einstufung",
    "Feld",
    "Klassen",
    "Linie",
    "Spalte",
    "Streifen",
    "Tafel",
    "Treffer",
    "Verweis",
    "absaetze",
    "anteile",
    "arbeitsmappe",
    "auswahl",
    "choropleth",
    "csv",
    "einstufen",
    "einteilen",
    "entwicklung",
    "folge",
    "formats",
    "fuellung",
    "glossar",
    "hintergrundkarte",
    "hinweis",
    "kachelkarte",
    "keine_daten",
    "kleine_vielfache",
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
    "rangfolge",
    "sicherheit",
    "steckbrief",
    "streifen",
    "streifen_auswahl",
    "streuung",
    "stylesheet",
    "suche",
    "symbolkarte",
    "tabelle",
    "tafel",
    "theme",
    "typenkarte",
    "ueberblick",
    "verlauf",
    "verweise",
    "verzeichnis",
    "vorkommen",
    "werkzeug",
    "woertlich",
    "zeitreihe",
    "zusammen",
    "zweifach",
]
