"""Any indicator on a map, as ranking, over time: the findings of ``atlas.ipynb``."""

from __future__ import annotations

from functools import cached_property

import pandas as pd

from sozialanalyse import present
from sozialanalyse.berichte.basis import Bericht
from sozialanalyse.parameters import NEUESTER, AtlasParameter
from sozialanalyse.present import Anzeige, Feld, Spalte
from sozialanalyse.texts import text


class AtlasBericht(Bericht[AtlasParameter]):
    """One indicator in space and time, beside a second one where asked for."""

    notebook = "atlas"

    def __init__(self, **werte: object) -> None:
        super().__init__(**werte)
        self.indikator = self.p.indikator or self.daten.auswahl()[0]
        days = self.alle_werte.loc[self.alle_werte["wert"].notna(), "stichtag"]
        if self.p.stichtag == NEUESTER and len(days):
            self.stichtag = str(days.max())

    @property
    def indikatoren(self) -> list[str]:
        return [self.indikator, *([self.p.vergleich] if self.p.vergleich else [])]

    @cached_property
    def alle_werte(self) -> pd.DataFrame:
        """Values of the small areas at every date, long."""
        return self.daten.werte(self.indikator)

    @cached_property
    def spalte(self) -> Spalte:
        return self.spalten[self.indikator]

    @cached_property
    def werte(self) -> pd.DataFrame:
        """Value, numerator, denominator and status per area at the date."""
        frame = self.alle_werte[self.alle_werte["stichtag"] == self.stichtag]
        return frame.set_index("gebiet_id").reindex(self.kommune.index)

    def kopf(self) -> Anzeige:
        bare = not (self.live or self.statisch)
        return present.kopf(self.spalte.label, self.text("frage"), self.kontext, stil=bare)

    def auswahl(self) -> Anzeige:
        """Choice of indicator, second indicator, classes, date, Kommune."""
        table = self.daten.indikatoren()
        topics = self.daten.region.themen
        keys = [
            (str(key), str(row["kurz"]), topics[row["thema"]].name)
            for thema in topics
            for key, row in table[table["thema"] == thema].iterrows()
        ]
        ways = [
            (name, self.text(f"einteilung.{name}"))
            for name in ("quantil", "gleich", "natuerlich", "standardabweichung")
        ]
        return self._auswahl(
            [
                Feld("indikator", text("berichte.indikator"), keys),
                Feld("vergleich", self.text("vergleich"), [("", self.text("ohne")), *keys]),
                Feld("einteilung", self.text("einteilung_name"), ways),
                Feld("klassen", self.text("klassen"), [(str(n), str(n)) for n in range(2, 10)]),
            ]
        )

    def _aktuell(self) -> dict[str, str]:
        return {**super()._aktuell(), "indikator": self.indikator}

    def kurzfassung(self) -> Anzeige:
        return present.kurzfassung([self.karte().beschreibung])

    def karte(self) -> Anzeige:
        return present.choropleth(
            self.gebiete,
            self.werte["wert"],
            kontext=self.kontext,
            titel=self.text("karte", name=self.spalte.label),
            einheit=self.spalte.einheit,
            nachkommastellen=self.spalte.nachkommastellen or 0,
            status=self.werte["status"],
            label_wert=self.spalte.label,
            kommunen=self.kommunen,
        )

    def tabelle(self) -> Anzeige:
        frame = pd.DataFrame(
            {
                "name": self.namen,
                "kommune": self.kommune.map(self.kommunen["name"]),
                "wert": self.werte["wert"],
                "zaehler": self.werte["zaehler"],
                "nenner": self.werte["nenner"],
            }
        )
        columns = {
            "gebiet_id": Spalte(text("present.karte.kennung")),
            "name": Spalte(self.kontext.sozialraum.einzahl),
            "kommune": Spalte(self.kontext.kommune.einzahl),
            "wert": self.spalte,
            "zaehler": Spalte(self.text("faelle"), "", 0),
            "nenner": Spalte(self.text("basis"), "", 0),
        }
        status = pd.DataFrame(dict.fromkeys(("wert", "zaehler", "nenner"), self.werte["status"]))
        return present.tabelle(
            frame,
            titel=self.text("tabelle", name=self.spalte.label),
            kontext=self.kontext,
            spalten=columns,
            status=status,
        )
