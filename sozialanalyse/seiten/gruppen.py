"""Own groupings of areas, such as Versorgungsquartiere: the findings of ``gruppen.ipynb``."""

from __future__ import annotations

from functools import cached_property
from typing import Any

import pandas as pd

from sozialanalyse import analyse, present
from sozialanalyse.base import text
from sozialanalyse.present import Anzeige, Spalte, formats
from sozialanalyse.region import Gruppe, gebietsgruppen
from sozialanalyse.seiten.grundlage import GESAMT, KeineWerte, Parameter, Seite, Vorrat, Wunsch
from sozialanalyse.seiten.teile.beilagen import Anhang

ZWILLINGE, GENANNT = 3, 2
"""So many similar areas, and so many rates in the answer."""


class GruppenBericht(Seite[Parameter]):
    """Figures of the groups a region has written down, side by side and one by one."""

    notebook = "gruppen"
    gruppe, rang = "profile", 55
    plan = (Wunsch(GESAMT),)
    freiwillig = True
    regionsdateien = (gebietsgruppen.DATEI,)
    pdf, papier = "bericht", "docx"

    @classmethod
    def moeglich(cls, stock: Vorrat) -> bool:
        return gebietsgruppen.vorhanden(stock.region.ordner)

    @classmethod
    def pruefe(cls, werte: Any, vorrat: Vorrat | None = None) -> Parameter:
        if vorrat is not None and not cls.moeglich(vorrat):
            raise KeineWerte(text("berichte.gruppen.keine_datei", datei=gebietsgruppen.DATEI))
        return super().pruefe(werte, vorrat)

    # --- numbers ------------------------------------------------------------------------------

    @cached_property
    def gruppen(self) -> dict[str, Gruppe]:
        areas = self.daten.verzeichnis("sozialraum")["name"].fillna("")
        return gebietsgruppen.lade(self.daten.region.ordner, areas.to_dict())

    @cached_property
    def indikatoren(self) -> list[str]:
        """Everything of the catalogue that is counted and has a value on the date."""
        there = set(
            self.daten.werte(stichtag=self.stichtag, level=None).dropna(subset="wert")["indikator_id"]
        )
        table = self.daten.indikatoren()
        topics = list(self.daten.region.themen)
        known = [str(key) for key in table.index if key in there and table.at[key, "art"] != "wert"]
        return sorted(known, key=lambda key: (topics.index(table.at[key, "thema"]), formats.natuerlich(key)))

    @cached_property
    def _lang(self) -> pd.DataFrame:
        return self.daten.gruppenwerte(
            {key: group.gebiete for key, group in self.gruppen.items()}, self.indikatoren, self.stichtag
        ).set_index(["gebiet_id", "indikator_id"])

    def _breit(self, spalte: str) -> pd.DataFrame:
        """Region and groups x indicators."""
        whole = self.daten.matrix(self.indikatoren, self.stichtag, level="region", spalte=spalte)  # type: ignore[arg-type]
        groups = self._lang[spalte].unstack().reindex(index=list(self.gruppen), columns=self.indikatoren)
        found = pd.concat([whole, groups])
        return found.fillna("unbekannt") if spalte == "status" else found

    @cached_property
    def zwillinge(self) -> dict[str, pd.DataFrame]:
        """Group -> its most similar areas, none of them its own."""
        keys = [key for key in self.daten.vergleichbar(self.stichtag) if key in self.indikatoren]
        matrix = self.daten.matrix(keys, self.stichtag)
        found = {}
        for name, group in self.gruppen.items():
            own = self._breit("wert").loc[[name], keys]
            if not own.notna().any(axis=None):
                continue
            rest = matrix.drop(index=group.gebiete)
            table = pd.concat([rest, own]).dropna(axis=1, how="all")
            towns = pd.concat([self.kommune.reindex(rest.index), pd.Series(name, index=[name])])
            twins = analyse.clusters.twins(table, towns, ZWILLINGE, labels=self.katalog["kurz"])
            found[name] = twins[twins["gebiet"] == name]
        return found

    # --- findings -------------------------------------------------------------------------------

    def kurzfassung(self) -> Anzeige:
        points = [f"{self._umfang(group)} {self._lage(key)}".strip() for key, group in self.gruppen.items()]
        return present.kurzfassung(points, hinweis=self.text("schutz"))

    def _lage(self, key: str) -> str:
        """The first main rates of a group beside those of the region."""
        values, whole = self._breit("wert"), self.daten.region.seite.schluessel_region
        known = [one for one in self._quoten if values.loc[[key, whole], one].notna().all()][:GENANNT]
        if not known:
            return ""
        told = []
        for one in known:
            column = self.spalten[one]
            own, all_ = (formats.wert(values.at[row, one], column.einheit, column.nachkommastellen or 0) for row in (key, whole))  # fmt: skip
            told.append(self.text("gegen", name=column.label, wert=own, ganz=all_))
        return self.text("lage", werte=formats.aufzaehlung(told))

    def _umfang(self, group: Gruppe) -> str:
        towns = dict.fromkeys(str(self.kommunen["name"][self.kommune[area]]) for area in group.gebiete)
        return self.text("umfang", name=group.name, zahl=formats.zahl(len(group.gebiete)), orte=formats.aufzaehlung(towns))  # fmt: skip

    def ueberblick(self) -> Anzeige:
        """All groups by main indicators, the region on top."""
        keys = self._kern
        rows = [self.daten.region.seite.schluessel_region, *self.gruppen]
        names = pd.Index([self.kontext.region, *(group.name for group in self.gruppen.values())], name="name")
        return present.tabelle(
            self._breit("wert").loc[rows, keys].set_axis(names),
            titel=self.text("ueberblick"),
            kontext=self.kontext_zu(keys),
            spalten={"name": Spalte(self.text("zeile")), **{key: self.spalten[key] for key in keys}},
            status=self._breit("status").loc[rows, keys].set_axis(names),
        )

    def gruppenkapitel(self) -> Anzeige:
        """One chapter per group: its areas, where they lie, every number with its cases, twins."""
        return present.folge(
            [part for key, group in self.gruppen.items() for part in self._kapitel(key, group)]
        )

    def _kapitel(self, key: str, group: Gruppe) -> list[Anzeige]:
        places = formats.aufzaehlung(self.ort(area) for area in group.gebiete)
        words = [
            *([group.zweck] if group.zweck else []),
            self.text("gebiete", gebiete=places),
            *self._zwillingssatz(key),
        ]
        parts = [present.absaetze(words, titel=group.name)]
        main = next(iter(self._quoten), "")
        if main and self.gebiete.geometry[group.gebiete].notna().any():
            parts.append(self._karte(main, group))
        return [*parts, self._tafel(key, group)]

    def _karte(self, key: str, group: Gruppe) -> Anzeige:
        """The areas of the group by the first main indicator."""
        rows = self.daten.werte(key, self.stichtag).set_index("gebiet_id").reindex(group.gebiete)
        return present.choropleth(
            self.gebiete.loc[group.gebiete],
            present.einstufen(rows["wert"], self.spalten[key], status=rows["status"]),
            kontext=self.kontext_zu([key]),
            titel=self.text("karte", indikator=self.katalog.at[key, "name"], name=group.name),
            kommunen=self.kommunen,
        )

    @cached_property
    def _kern(self) -> list[str]:
        return [key for key in self.kern_aus(self.katalog) if key in self.indikatoren]

    @property
    def _quoten(self) -> list[str]:
        """Main indicators that are no mere counts."""
        return [key for key in self._kern if self.katalog.at[key, "art"] == "quote"]

    def _zwillingssatz(self, key: str) -> list[str]:
        found = self.zwillinge.get(key)
        if found is None or found.empty:
            return [self.text("ohne_zwilling")]
        nearest = found.iloc[0]
        alike = formats.aufzaehlung(nearest["aehnlich"])
        return [
            self.text(
                "zwilling", gebiete=formats.aufzaehlung(map(self.ort, found["zwilling"])), aehnlich=alike
            )
        ]

    def _tafel(self, key: str, group: Gruppe) -> Anzeige:
        whole = self.daten.region.seite.schluessel_region
        keys = self.indikatoren
        wide = {name: self._breit(name) for name in ("wert", "zaehler", "nenner", "status")}
        names = pd.Index([self.spalten[one].kopf for one in keys], name="merkmal")
        count = self.katalog["art"] == "anzahl"
        frame = pd.DataFrame({
            "gruppe": wide["wert"].loc[key, keys].to_numpy(), "zaehler": wide["zaehler"].loc[key, keys].mask(count[keys]).to_numpy(),
            "nenner": wide["nenner"].loc[key, keys].mask(count[keys]).to_numpy(), "region": wide["wert"].loc[whole, keys].to_numpy(),
        }, index=names)  # fmt: skip
        own = wide["status"].loc[key, keys]
        cases = own.mask(count[keys], "nicht_sinnvoll").to_numpy()
        state = pd.DataFrame({"gruppe": own.to_numpy(), "zaehler": cases, "nenner": cases, "region": wide["status"].loc[whole, keys].to_numpy()}, index=names)  # fmt: skip
        return present.tabelle(
            frame, titel=self.text("tafel", name=group.name), kontext=self.kontext_zu(keys), status=state,
            spalten={
                "merkmal": Spalte(text("berichte.indikator")), "gruppe": Spalte(group.name), "zaehler": Spalte(text("berichte.profil.faelle"), "", 0),
                "nenner": Spalte(text("berichte.profil.von"), "", 0), "region": Spalte(self.kontext.region),
            },
            stellen=[int(self.katalog.at[one, "nachkommastellen"]) for one in keys],
            gruppen=[self.themen[one] for one in keys],
        )  # fmt: skip

    def anhang(self) -> Anhang:
        """Workbook with a sheet per group."""
        sheets = [self._tafel(key, group).tafel for key, group in self.gruppen.items()]
        book = present.arbeitsmappe(
            [one for one in sheets if one], self.kontext, blick=self.ueberblick().tafel
        )
        return Anhang({"xlsx": book, **self.beigabe()}, {"xlsx": text("berichte.profil.anhang_datei")}, titel=text("berichte.profil.anhang"))  # fmt: skip

    def ergebniszahlen(self) -> dict[str, Any]:
        return {"Gruppen": len(self.gruppen)}
