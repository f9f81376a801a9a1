"""Starts the service for the tests: a made-up region, data that are just a list of names."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from types import SimpleNamespace

import pandas as pd

from sozialanalyse.base.errors import BestandFehler
from sozialanalyse.present.theme import stylesheet
from sozialanalyse.region.region import Region, lade_region
from sozialanalyse.serve import Grenzen, starte


class Bestand:
    """As much of the data as the service looks at."""

    stichtage = ("2022-12-31", "2023-12-31")
    audience = "oeffentlich"

    def __init__(self, region: Region) -> None:
        self.region = region
        pointer = region.ordner / "bestand.txt"
        if not pointer.exists():
            raise BestandFehler("Es gibt keinen Datenbestand.")
        self.bestand = {"bestand": pointer.read_text().strip()}

    def verzeichnis(self, level: str = "sozialraum") -> pd.DataFrame:
        names = {"00000001": "Musterstadt"} if level == "kommune" else {"M 1": "Mitte"}
        return pd.DataFrame({"name": names.values()}, index=list(names))

    def auswahl(
        self, themen: object = None, indikatoren: object = None, stichtag: object = None
    ) -> list[str]:
        return ["I1"]

    def indikatoren(self, themen: object = None) -> pd.DataFrame:
        return pd.DataFrame({"auswertung": [True]}, index=["anteil_a"])

    def kontext(self) -> SimpleNamespace:
        levels = {"sozialraum": "Sozialraum", "sozialraeume": "Sozialräume", "sozialraeumen": "Sozialräumen"}
        towns = {"kommune": "Kommune", "kommunen": "Kommunen", "kommunen_dativ": "Kommunen"}
        return SimpleNamespace(stand=f"Datenbestand {self.bestand['bestand']}", worte=levels | towns)


def main() -> None:
    """Read the order from the command line and serve."""
    order = json.loads(sys.argv[1])
    region = lade_region(order["region"])
    starte(
        region,
        port=order["port"],
        audience=order["audience"],
        notebooks=Path(order["notebooks"]),
        lade=lambda: Bestand(region),
        stil=stylesheet(),
        grenzen=Grenzen(**order["grenzen"]),
    )


if __name__ == "__main__":
    main()
