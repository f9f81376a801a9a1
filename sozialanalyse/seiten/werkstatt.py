"""A dashboard for a meeting: one indicator and the types of the areas, side by side, chosen while people look on.

No batch makes it and no menu names it: it is for whoever sits in front, in JupyterLab or under Voilà. It is put
together from findings of the other pages, so that it never says anything else than they do.
"""

from __future__ import annotations

from functools import cached_property, lru_cache
from typing import Literal

import pandas as pd

from sozialanalyse import present
from sozialanalyse.base import text
from sozialanalyse.present import Anzeige, Eingabefeld
from sozialanalyse.seiten.atlas import AtlasBericht
from sozialanalyse.seiten.cluster import ClusterBericht, Typenzahl, typenzahlen
from sozialanalyse.seiten.grundlage import ALLE, Indikator, Parameter, Seite
from sozialanalyse.seiten.varianz import VarianzBericht
from sozialanalyse.store import Daten


class WerkstattParameter(Parameter):
    """What the dashboard is asked for."""

    indikator: Indikator = ""
    typen: Typenzahl = "auto"
    gewichtung: Literal["gebiete", "bevoelkerung"] = "bevoelkerung"


class WerkstattBericht(Seite[WerkstattParameter]):
    """Map of an indicator and of the types, the areas of each Kommune in a row, and what that means in sentences."""

    notebook = "werkstatt"
    parameter = WerkstattParameter
    nur_bedient = True

    def __init__(self, **werte: object) -> None:
        super().__init__(**werte)
        self.atlas = AtlasBericht(daten=self.daten, **self._gemeinsam, indikator=self.p.indikator)
        self.unterschiede = _unterschiede(self.daten, self.stichtag, self.p.audience, self.p.gewichtung)

    @property
    def _gemeinsam(self) -> dict[str, str]:
        return {"stichtag": self.stichtag, "kommune": self.p.kommune, "audience": self.p.audience}

    @cached_property
    def indikatoren(self) -> list[str]:
        return self.atlas.indikatoren

    def auswahl(self) -> Anzeige:
        """Choice of indicator, number of types and weights."""
        weights = [
            (name, self.unterschiede.text(f"gewichtung.{name}")) for name in ("bevoelkerung", "gebiete")
        ]
        return self._auswahl(
            [
                Eingabefeld("indikator", text("berichte.indikator"), self.atlas.zur_wahl),
                Eingabefeld("typen", text("berichte.cluster.zahl_der_typen"), typenzahlen()),
                Eingabefeld("gewichtung", self.unterschiede.text("gewichtung_name"), weights),
            ]
        )

    def _aktuell(self) -> dict[str, str]:
        return {**super()._aktuell(), "indikator": self.atlas.indikator}

    def antwort(self) -> Anzeige:
        """The indicator in sentences, and whether the Kommunen or the areas within them differ."""
        said = [*self._ort(), *self.atlas.kurzfassung().tabelle.get("satz", ())]
        key = self.atlas.indikator
        if not self.unterschiede.hindernis and key in self.unterschiede.folge:
            said.append(self.unterschiede.satz(key))
        return present.kurzfassung(said) if said else self.atlas.kurzfassung()

    def _ort(self) -> list[str]:
        """The chosen Kommune and its areas, in one sentence."""
        key, place = self.atlas.indikator, self.p.kommune
        if not place or self.atlas.leer:
            return []
        name, areas = self.kommunen["name"][place], self.atlas.gezeigt[self.gewaehlt].dropna()
        value = self.daten.matrix([key], self.stichtag, level="kommune")[key].get(place)
        if pd.isna(value) or areas.empty:
            return [self.text("ort_offen", ort=name)]
        ends = {"tief": self.atlas.zahl(areas.min()), "hoch": self.atlas.zahl(areas.max())}
        return [self.text("ort", ort=name, wert=self.atlas.zahl(float(value)), **ends)]

    def karten(self) -> Anzeige:
        """The indicator and the types on maps."""
        types = _typenkarte(self.daten, self.stichtag, self.p.audience, self.p.typen)
        found = self.atlas.karte(allein=True)
        return present.paar(found, types) if found else types

    def figur(self) -> Anzeige:
        """The areas of each Kommune in a row; nothing for counts, which a Kommune only adds up."""
        key = self.atlas.indikator
        if self.unterschiede.hindernis or key not in self.unterschiede.folge:
            return present.folge([])
        return self.unterschiede.reihen([key], self.text("figur", name=self.atlas.spalte.label))


@lru_cache(maxsize=8)
def _unterschiede(daten: Daten, stichtag: str, audience: str, gewichtung: str) -> VarianzBericht:
    """The page on differences, its result kept in memory while somebody looks on."""
    return VarianzBericht(
        daten=daten, stichtag=stichtag, audience=audience, gewichtung=gewichtung, thema=ALLE
    )


@lru_cache(maxsize=32)
def _typenkarte(daten: Daten, stichtag: str, audience: str, typen: int | str) -> Anzeige:
    """Map of the types, which the choice of an indicator leaves as it is."""
    page = ClusterBericht(daten=daten, stichtag=stichtag, audience=audience, typen=typen)
    return present.kurzfassung([page.hindernis]) if page.hindernis else page.karte(allein=True)
