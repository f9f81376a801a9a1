"""The table of the atlas, the comparison of chosen areas, and the files of both."""

from __future__ import annotations

from functools import cached_property

import pandas as pd

from sozialanalyse import analyse, present
from sozialanalyse.base import text
from sozialanalyse.present import Anzeige, Spalte, formats
from sozialanalyse.seiten.teile.atlas_daten import TAFEL, AtlasDaten
from sozialanalyse.seiten.teile.beilagen import Anhang

RANGGEBIETE = 400
"""With more areas no ranks are told."""


class AtlasZahlen(AtlasDaten):
    """Numbers to read and to take along."""

    @cached_property
    def raenge(self) -> pd.DataFrame | None:
        """Ranks each area could have, ``rang_von`` and ``rang_bis``, true of all at once.

        A rank without its range would be a claim; so there is none where chance cannot be told, and none
        where areas are so many that most could have hundreds of ranks.
        """
        if self.leer or not self.ist_anteil or not 2 <= self.gezeigt.notna().sum() <= RANGGEBIETE:
            return None
        cases = {"count": self.werte["zaehler"], "base": self.werte["nenner"]}
        factor = float(self.katalog["faktor"][self.indikator])
        found = self.speicher.hole(
            analyse.disparity.rank_sets, self.gezeigt, **cases, factor=factor, draws=1_000
        )
        return found.table if found.table["rang_von"].notna().any() else None

    def _frame(self) -> tuple[pd.DataFrame, dict[object, Spalte], pd.DataFrame]:
        """Everything the page shows of each area, its headings, and the reasons for gaps."""
        state = self.werte["status"]
        frame = pd.DataFrame({"wert": self.werte["wert"]})
        status = pd.DataFrame({"wert": state})
        columns: dict[object, Spalte] = {"name": Spalte(self.kontext.sozialraum.einzahl), "wert": self.spalte}
        if not self.ist_anzahl and self.werte["nenner"].notna().any():
            for key, name in (("zaehler", "faelle"), ("nenner", "basis")):
                frame[key], status[key], columns[key] = self.werte[key], state, Spalte(self.text(name), "", 0)
        if self.raenge is not None:
            for key in ("rang_von", "rang_bis"):
                frame[key], status[key] = self.raenge[key], state.where(state.isin(formats.OHNE_WERT), "wert")
                columns[key] = Spalte(self.text(key), "", 0)
        for day in [day for day in self.tage if day != self.stichtag]:
            frame[f"wert_{day}"], status[f"wert_{day}"] = self.breit("wert")[day], self.breit("status")[day]
            columns[f"wert_{day}"] = Spalte(formats.datum(day), self.spalte.einheit, self.stellen)
        if self.vorher and not self.ist_anzahl:
            state = self.wandel["status"]
            frame["wandel"], status["wandel"] = self.wandel["differenz"], state
            columns["wandel"] = self._wandelspalte
            if self.ist_anteil:
                frame["sicher"] = self.wandel["sicher"].map(
                    {True: text("berichte.ja"), False: text("berichte.nein")}, na_action="ignore"
                )
                frame["sicher"] = frame["sicher"].where(frame["sicher"].notna() & frame["wandel"].notna(), "")
                columns["sicher"] = Spalte(self.text("sicher_veraendert"))
        if self.p.vergleich:
            frame["vergleich"], status["vergleich"] = self.zweite["wert"], self.zweite["status"]
            columns["vergleich"] = self.spalten[self.p.vergleich]
        converted = self.breit("umgerechnet").eq(True) & self.breit("wert").notna()
        if converted.any(axis=None):
            frame["umgerechnet"] = [
                formats.aufzaehlung(formats.datum(day) for day in self.tage if row[day])
                for _, row in converted.iterrows()
            ]
            columns["umgerechnet"] = Spalte(self.text("umgerechnet"))
        if (self.ausreisser != 0).any():
            words = {0: "", 1: self.text("weit_oben"), -1: self.text("weit_unten")}
            frame["auffaellig"], columns["auffaellig"] = (
                self.ausreisser.map(words),
                Spalte(self.text("auffaellig")),
            )
        frame["kommune"] = self.kommune.map(self.kommunen["name"])
        columns["kommune"] = Spalte(self.kontext.kommune.einzahl)
        if self.p.kommune:
            frame = frame.loc[self.gewaehlt]
        status = status.loc[frame.index]
        frame.index = status.index = pd.Index(self.namen[frame.index], name="name")
        return frame, columns, status

    def tabelle(self) -> Anzeige | None:
        if self.leer:
            return None
        frame, columns, status = self._frame()
        return present.tabelle(
            frame,
            titel=self._titel("tabelle"),
            kontext=self.kontext_alle,
            spalten=columns,
            status=status,
            id=TAFEL,
        )

    def gebietevergleich(self) -> Anzeige | None:
        """The chosen areas side by side over the main indicators, the region beside them."""
        if not self.p.gebiete:
            return None
        catalogue = self.daten.indikatoren()
        table = catalogue.loc[self.kern_aus(catalogue)]
        whole = self.daten.region.seite.schluessel_region
        places = [*dict.fromkeys(self.p.gebiete), whole]
        found = self.daten.werte(list(table.index), self.stichtag, level=None)
        found = found[found["gebiet_id"].isin(places)]
        table = table[table.index.isin(found.loc[found["wert"].notna(), "indikator_id"])]
        if table.empty:
            return None
        wide = {
            name: found.pivot(index="indikator_id", columns="gebiet_id", values=name).reindex(
                index=table.index, columns=places
            )
            for name in ("wert", "status")
        }
        rows = [f"{row.kurz} ({row.einheit})" if row.einheit else str(row.kurz) for row in table.itertuples()]
        for frame in wide.values():
            frame.index = pd.Index(rows, name="name")
        heads = {key: Spalte(self.kontext.region if key == whole else key) for key in places}
        chosen = "; ".join(self.ort(key) for key in places[:-1])
        return present.tabelle(
            wide["wert"],
            titel=self.text("titel.gebietevergleich", gebiete=chosen),
            kontext=self.daten.kontext(self.stichtag, list(table.index)),
            spalten={"name": Spalte(text("berichte.indikator")), **heads},
            status=wide["status"],
            stellen=[int(places) for places in table["nachkommastellen"]],
            gruppen=[self.daten.region.themen[str(thema)].name for thema in table["thema"]],
            id="gebietevergleich",
        )

    def lang(self) -> pd.DataFrame:
        """All dates of all areas, one row per value, as other programs want it."""
        frame = self.alle_werte.copy()
        frame["wert"] = formats.sichtbar(frame["wert"], frame["status"])
        hidden = frame["status"].isin(formats.OHNE_WERT)
        frame.loc[hidden, ["zaehler", "nenner"]] = float("nan")
        return pd.DataFrame(
            {
                "sozialraum_id": frame["gebiet_id"],
                "kommune": frame["gebiet_id"].map(self.kommune).map(self.kommunen["name"]),
                "indikator_id": frame["indikator_id"],
                "stichtag": frame["stichtag"],
                "wert": frame["wert"],
                "zaehler": frame["zaehler"],
                "nenner": frame["nenner"],
                "einheit": self.spalte.einheit,
                "status": frame["status"],
                "umgerechnet": frame["umgerechnet"].eq(True),
                "sperrgrund": frame["status"].where(hidden, ""),
                "quelle": str(self.katalog["quelle"][self.indikator]),
                "stand": frame["datenstand"],
                "hinweis": self.kontext.marke,
            }
        )

    def anhang(self) -> Anhang | None:
        """Files of the whole page: workbook of the table, long CSV of all dates."""
        table = self.tabelle()
        if table is None or table.tafel is None:
            return None
        facts = {
            text("berichte.indikator"): f"{self.indikator} {self.katalog['name'][self.indikator]}",
            self.text("definition"): str(self.katalog["definition"][self.indikator]),
            self.text("lizenz"): str(self.katalog["lizenz"][self.indikator]),
        }
        long = present.tafel(
            self.lang().set_index("sozialraum_id"), titel=self._titel("lang"), kontext=self.kontext_alle
        )
        files = {
            "xlsx": present.arbeitsmappe(
                [table.tafel], self.kontext_alle, blick=self._blick(), metadaten=facts
            ),
            "csv": present.csv(long, technisch=True),
        }
        words = {"xlsx": self.text("datei_xlsx"), "csv": self.text("datei_csv")}
        return Anhang(files, words, titel=self.text("dateien"))

    def _blick(self) -> present.Tafel:
        """Region and Kommunen at the date of the page, the highest first; of many the ends."""
        found = self.daten.werte(self.indikator, self.stichtag, level=None).set_index("gebiet_id")
        whole = self.daten.region.seite.schluessel_region
        order = found.loc[found.index.isin(self.kommunen.index), "wert"].sort_values(ascending=False).index
        if len(order) >= present.BLICK:
            half = (present.BLICK - 1) // 2
            order = order[: half + 1].append(order[-half:])
        rows = [key for key in (whole, *order) if key in found.index]
        names = pd.Index(
            [self.kontext.region if key == whole else self.kommunen["name"][key] for key in rows], name="name"
        )
        return present.tafel(
            found.loc[rows, ["wert", "zaehler", "nenner"]].set_axis(names),
            titel=self._titel("tabelle"),
            kontext=self.kontext_alle,
            spalten={
                "name": Spalte(self.kontext.kommune.einzahl),
                "wert": self.spalte,
                "zaehler": Spalte(text("berichte.profil.faelle"), "", 0),
                "nenner": Spalte(text("berichte.profil.von"), "", 0),
            },
            status=pd.DataFrame(
                dict.fromkeys(("wert", "zaehler", "nenner"), found.loc[rows, "status"].to_numpy()),
                index=names,
            ),
        )
