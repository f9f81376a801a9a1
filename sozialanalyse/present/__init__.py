"""Results in, fragments of pages out: maps, charts, tables, blocks, all from plain frames.

Every public function takes frames and a ``Kontext`` and returns an :class:`Anzeige`, whose HTML
stands unchanged in a notebook, a static page and a Voilà page.
"""

from sozialanalyse.present import formats, theme
from sozialanalyse.present._einstufung import Einstufung, einstufen
from sozialanalyse.present._typen import typname
from sozialanalyse.present.anzeige import Anzeige
from sozialanalyse.present.auftakt import Kennzahl, auftakt, klappe
from sozialanalyse.present.bausteine import (
    Eingabefeld,
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
    textform,
    verweise,
    verzeichnis,
    werkzeug,
    zusammen,
)
from sozialanalyse.present.charts import (
    Linie,
    Streifen,
    anteile,
    bruecke,
    entwicklung,
    fuellung,
    lage,
    profil,
    rangfolge,
    sicherheit,
    stapel,
    streifen,
    streifen_auswahl,
    streuung,
    verlauf,
    vorkommen,
    zeitreihe,
)
from sozialanalyse.present.dateien import BLICK, arbeitsmappe, csv
from sozialanalyse.present.klassen import Klassen, einteilen
from sozialanalyse.present.kleinbilder import kachelkarte, kleine_vielfache
from sozialanalyse.present.maps import (
    choropleth,
    hintergrundkarte,
    symbolkarte,
    typenkarte,
    zweifach,
)
from sozialanalyse.present.tables import tabelle
from sozialanalyse.present.tafel import Spalte, Tafel, tafel, woertlich
from sozialanalyse.present.theme import stylesheet
from sozialanalyse.present.typkarten import Typkarte, typkarten
from sozialanalyse.present.ueberblick import ueberblick

__all__ = [
    "BLICK",
    "Anzeige",
    "Eingabefeld",
    "Einstufung",
    "Kennzahl",
    "Klassen",
    "Linie",
    "Spalte",
    "Streifen",
    "Tafel",
    "Treffer",
    "Typkarte",
    "Verweis",
    "absaetze",
    "anteile",
    "arbeitsmappe",
    "auftakt",
    "auswahl",
    "bruecke",
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
    "klappe",
    "kleine_vielfache",
    "kopf",
    "kurzfassung",
    "lage",
    "liste",
    "marke",
    "methode",
    "paar",
    "profil",
    "quellen",
    "rangfolge",
    "sicherheit",
    "stapel",
    "steckbrief",
    "streifen",
    "streifen_auswahl",
    "streuung",
    "stylesheet",
    "suche",
    "symbolkarte",
    "tabelle",
    "tafel",
    "textform",
    "theme",
    "typenkarte",
    "typkarten",
    "typname",
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
