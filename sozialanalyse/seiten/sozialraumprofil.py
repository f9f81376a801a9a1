"""One small area on two printed pages: the findings of ``sozialraumprofil.ipynb``."""

from __future__ import annotations

from functools import cached_property

import pandas as pd

from sozialanalyse import foerderung, present
from sozialanalyse.present import Anzeige, Eingabefeld, formats
from sozialanalyse.seiten.foerderkulisse import ADRESSE, EINZELN, FoerderkulisseBericht
from sozialanalyse.seiten.grundlage import Gebiet, Parameter, Wunsch
from sozialanalyse.seiten.teile.ortsprofil import Ortsprofil
from sozialanalyse.seiten.teile.saetze import Saetze

JE_THEMA = 4


class SozialraumprofilParameter(Parameter):
    """What the profile of an area is asked for; without an area the first one is shown."""

    sozialraum: Gebiet = ""


class SozialraumprofilBericht(Ortsprofil[SozialraumprofilParameter]):
    """Profile of a small area beside its municipality and the region."""

    notebook = "sozialraumprofil"
    parameter = SozialraumprofilParameter
    gruppe, rang = "profile", 50
    plan = (Wunsch(fuer=("sozialraum",)),)
    pdf = "blatt"
    redigiert = ("sozialraum", "auffaelliges")
    hauptwerte = 2

    @cached_property
    def ort_id(self) -> str:
        """Area the report is about; without a choice the first of the Kommune or of all."""
        if self.p.sozialraum:
            return self.p.sozialraum
        return str(min(self.gewaehlt, key=formats.natuerlich))

    @cached_property
    def ortsname(self) -> str:
        return str(self.namen[self.ort_id])

    @cached_property
    def kommune_id(self) -> str:
        return str(self.kommune[self.ort_id])

    @cached_property
    def kommunenname(self) -> str:
        return str(self.kommunen["name"][self.kommune_id])

    @property
    def orte(self) -> list[str]:
        return [self.region_id, self.kommune_id, self.ort_id]

    def kopf(self) -> Anzeige:
        bare = not (self.live or self.statisch)
        title = self.text("titel", ort=self.ortsname)
        question = self.text(
            "frage", im_gebiet=self.kontext.sozialraum.ort, ort=self.ortsname, name=self.kommunenname
        )
        return present.kopf(title, question, self.kontext, stil=bare)

    def auswahl(self) -> Anzeige | None:
        if self.statisch:
            return None
        areas = [(str(key), str(self.namen[key]), self.ort(key).split(", ")[-1]) for key in self.namen.index]
        return self._auswahl([Eingabefeld("sozialraum", self.kontext.sozialraum.einzahl, areas)])

    def steckbrief(self) -> Anzeige:
        """Key facts: municipality, people, size, type, most similar areas elsewhere."""
        place = self.daten.verzeichnis("sozialraum").loc[self.ort_id]
        people = self.daten.region.seite.bevoelkerung
        facts = {self.kontext.kommune.einzahl: self.kommunenname}
        if people in self.zahlen.wert:
            value = self.zahlen.wert.at[self.ort_id, people]
            facts[self.spalten[people].label] = formats.wert(value, self.spalten[people].einheit, 0)
        if pd.notna(place["flaeche_qkm"]):
            facts[self.text("flaeche")] = formats.wert(place["flaeche_qkm"], "km²", 1)
        if self.typ(self.ort_id):
            facts[self.text("typ")] = self.typ(self.ort_id)
        if self.aehnliche:
            facts[self.text("zwillinge")] = "; ".join(self.ort(key) for key in self.aehnliche)
        if place["sondereffekt"]:
            facts[self.text("sondereffekt")] = str(place["sondereffekt"])
        whole = self.daten.verzeichnis("kommune").at[self.kommune_id, "sondereffekt"]
        if whole:
            facts[self.text("sondereffekt_kommune", name=self.kommunenname)] = str(whole)
        links = {self.text("zwillinge"): self._zu_aehnlichen} if self.statisch else {}
        return present.steckbrief(facts, titel=self.text("steckbrief"), verweise=links)

    @property
    def _zu_aehnlichen(self) -> list[present.Verweis]:
        """Links to the profiles of the most similar areas."""
        said = self.text("zum_zwilling")
        return [
            present.Verweis(self.ort(key), self.adresse("sozialraum", key), said) for key in self.aehnliche
        ]

    def bild(self) -> Anzeige | None:
        """The map with the key facts below it: beside the sentences there is room for both, on paper too."""
        return present.folge([self.karte(), self.steckbrief()])

    @cached_property
    def aehnliche(self) -> list[str]:
        """Most similar areas elsewhere."""
        return list(self.zwillinge[self.zwillinge["gebiet"] == self.ort_id]["zwilling"])

    def _vergleich(self, saetze: Saetze) -> str:
        return saetze.kurz_kommune(self.ort_id)

    def index(self) -> Anzeige:
        """Indices of the area; nothing in a region that defines none."""
        if not self.indexteile:
            return present.folge([])
        own = self.eigene.drop(self.ort_id)
        return self.index_bild(own, self.ort_id, self.kommunenname, self.ortsname)

    def zahlen_aller_themen(self) -> Anzeige:
        """The most important indicators of every topic beside municipality and region."""
        places = [self.ort_id, self.kommune_id, self.region_id]
        return self.zahlentafel(
            places,
            self.genannte,
            self.text("tabelle", ort=self.ortsname),
            gruppiert=True,
            kurz=self.kontext.sozialraum.einzahl,
            hinweis=self.text("einordnung"),
        )

    def auffaelliges(self) -> Anzeige:
        """Per topic the most remarkable value in one or two sentences."""
        s, parts = self.saetze(), []
        for thema, page in self.daten.region.themen.items():
            keys = self.ausgewaehlt(thema)
            order = s.rangfolge(self.ort_id, [k for k in keys if self.katalog.at[k, "art"] != "anzahl"])
            sentences = [s.lage(self.ort_id, key) for key in order[:1]] or s.luecken(self.ort_id, keys)[:1]
            if sentences:
                head = page.kurz or page.name
                parts.append(
                    self.baustein(thema, sentences, self.zahlen_von(self.ort_id, keys), vorsatz=head)
                )
        return present.folge(parts)

    def ausgewaehlt(self, thema: str) -> list[str]:
        """The most important indicators of a topic: of the overview, of an index, then the others."""
        keys = self.zu_thema(thema)
        parts = self.katalog["index"].map(bool)

        def weight(key: str) -> tuple[bool, bool, bool]:
            return key not in self.kern, not parts[key], not self.katalog.at[key, "auswertung"]

        chosen = sorted(keys, key=weight)[:JE_THEMA]
        return [key for key in keys if key in chosen]

    @property
    def genannte(self) -> list[str]:
        return [key for thema in self.daten.region.themen for key in self.ausgewaehlt(thema)]

    def quellen(self) -> Anzeige:
        """Sources in one sentence; their state and licences stand in the profile of the municipality."""
        names = dict.fromkeys(row.anbieter for row in self.daten.quellen(self.genannte).itertuples())
        sentence = self.text("quellen", quellen="; ".join(map(str, names)))
        return present.absaetze([sentence], art="klein")

    def mehr(self) -> Anzeige:
        """Where method and glossary stand, and the profiles of the most similar areas."""
        if not self.statisch:
            return present.verweise([])
        link = present.Verweis(
            self.text("zum_kommunalprofil", name=self.kommunenname),
            f"../kommunalprofil/{self.adresse('kommune', self.kommune_id)}",
            self.text("zum_kommunalprofil_satz"),
        )
        return present.verweise([link, *self._zum_geld(), *self._zu_aehnlichen])

    def _zum_geld(self) -> list[present.Verweis]:
        """Where a rule of funding says what the area gets and why."""
        if not foerderung.vorhanden(self.daten.region.ordner):
            return []
        page = ADRESSE.format(self.adresse("kommune", self.kommune_id))
        address = f"../{FoerderkulisseBericht.notebook}/{page}#{EINZELN}"
        return [present.Verweis(self.text("zum_geld"), address, self.text("zum_geld_satz"))]
