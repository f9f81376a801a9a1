"""Charts as inline SVG: one drawing for desks, one for phones, and the table behind both."""

from sozialanalyse.present.charts.anteile import anteile
from sozialanalyse.present.charts.bruecke import bruecke
from sozialanalyse.present.charts.entwicklungslinien import Linie, entwicklung
from sozialanalyse.present.charts.fuellung import fuellung
from sozialanalyse.present.charts.lagestreifen import Streifen, lage
from sozialanalyse.present.charts.rangfolge import rangfolge
from sozialanalyse.present.charts.sicherheit import sicherheit
from sozialanalyse.present.charts.stapel import stapel
from sozialanalyse.present.charts.streifen import streifen, streifen_auswahl
from sozialanalyse.present.charts.streuung import streuung
from sozialanalyse.present.charts.typprofil import profil
from sozialanalyse.present.charts.verlauf import verlauf
from sozialanalyse.present.charts.vorkommen import vorkommen
from sozialanalyse.present.charts.zeitreihe import zeitreihe

__all__ = [
    "Linie",
    "Streifen",
    "anteile",
    "bruecke",
    "entwicklung",
    "fuellung",
    "lage",
    "profil",
    "rangfolge",
    "sicherheit",
    "stapel",
    "streifen",
    "streifen_auswahl",
    "streuung",
    "verlauf",
    "vorkommen",
    "zeitreihe",
]
