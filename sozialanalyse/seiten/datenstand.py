"""What is there, how old it is, what is missing: the findings of ``datenstand.ipynb``."""

from __future__ import annotations

from functools import cached_property
from typing import Any

import pandas as pd

from sozialanalyse import present
from sozialanalyse.base import Kontext, text
from sozialanalyse.present import Anzeige, Kennzahl, Spalte, formats
from sozialanalyse.seiten.grundlage import Parameter, Seite

BESONDERS = ("umgerechnet", "korrigiert", "geschaetzt", "vorlaeufig")
"""Kinds of values a reader should know of, although they are shown."""


class DatenstandBericht(Seite[Parameter]):
    """Deliveries, dates, gaps and special values of the stock of data."""

    notebook = "datenstand"
    gruppe, rang, einstieg = "daten", 90, 6
    mit_themenstand = False

    @cached_property
    def indikatoren(self) -> list[str]:
        held = set(self.daten.werte()["indikator_id"])
        return [key for key in self.daten.indikatoren().index if key in held]

    @cached_property
    def bestand(self) -> pd.DataFrame:
        """Per indicator and date how many areas have a value, are suppressed, lack one for another reason."""
        frame = self.daten.werte()
        known = frame["wert"].notna()
        hidden = ~known & (frame["status"] == "geheim")
        counts = frame.assign(wert=known, geheim=hidden, luecke=~known & ~hidden)
        return counts.groupby(["indikator_id", "stichtag"])[["wert", "geheim", "luecke"]].sum()

    @cached_property
    def juengste(self) -> str:
        """Newest day any delivery speaks of, in ISO form; empty if none says."""
        days = [day for day in self.daten.quellen(self.indikatoren)["datenstand"] if isinstance(day, str)]
        return max(days, default="")

    def kurzfassung(self) -> Anzeige:
        """Extent, age, gaps and special values in sentences."""
        whole = self.bestand.sum()
        total = max(int(whole.sum()), 1)
        days = formats.aufzaehlung(formats.datum(day) for day in self.daten.stichtage)
        out = [
            self.text(
                "satz.umfang",
                datensaetze=formats.zahl(len(self.daten.quellen(self.indikatoren))),
                indikatoren=formats.zahl(len(self.indikatoren)),
                tage=days,
            ),
            self.text(
                "satz.luecken",
                wert=formats.anteil(whole["wert"] / total, 1),
                geheim=formats.anteil(whole["geheim"] / total, 1),
                luecke=formats.anteil(whole["luecke"] / total, 1),
            ),
        ]
        if self.juengste:
            months = max(formats.monate(self.juengste, self.daten.erstellt.date()), 0)
            out.append(self.text("satz.alter", tag=formats.datum(self.juengste), monate=formats.zahl(months)))
        special = self.besondere_zahl
        if special.sum():
            parts = [f"{formats.zahl(n)} {self.text(f'besonders.{key}')}" for key, n in special.items() if n]
            out.append(self.text("satz.besonders", teile=formats.aufzaehlung(parts)))
        return present.kurzfassung(out)

    def kennzahl(self) -> Kennzahl | None:
        whole = self.bestand.sum()
        share = formats.anteil(whole["wert"] / max(int(whole.sum()), 1), 1)
        return Kennzahl(share, self.text("kennzahl"))

    def bild(self) -> Anzeige | None:
        return self.fuellung()

    @cached_property
    def besondere_zahl(self) -> pd.Series:
        """How many shown values are of each special kind."""
        frame = self.daten.werte()
        kinds = {key: int((frame["status"] == key).sum()) for key in BESONDERS[1:]}
        return pd.Series({"umgerechnet": int(frame["umgerechnet"].eq(True).sum()), **kinds})

    @property
    def kontext_alle(self) -> Kontext:
        """Context of what shows every date."""
        held = set(self.bestand.index.get_level_values("stichtag"))
        return self.kontext.mit(tage=tuple(formats.datum(d) for d in self.daten.stichtage if d in held))

    def fuellung(self) -> Anzeige:
        """Share of values that are there, by topic."""
        topic = self.bestand.index.get_level_values("indikator_id").map(self.themen)
        counts = self.bestand.groupby(topic).sum().reindex([t for t in self.themenfolge if t in set(topic)])
        hidden = 100 * counts["geheim"] / counts.sum(axis=1)
        most = str(hidden.idxmax())
        key = "fuellung" if hidden[most] > 0 else "fuellung_offen"
        title = self.text(key, thema=most, anteil=formats.prozent(hidden[most]))
        return present.fuellung(counts, kontext=self.kontext_alle, titel=title, kopf=text("berichte.thema"))

    def lieferungen(self) -> Anzeige:
        """One row per dataset: provider, newest data, files, indicators."""
        held = self.katalog.groupby("datensatz").size()
        frame = self.daten.quellen(self.indikatoren).set_index("datensatz")
        frame["indikatoren"] = held.reindex(frame.index).astype(int)
        frame["datenstand"] = [
            formats.datum(day) if isinstance(day, str) else "" for day in frame["datenstand"]
        ]
        columns = {
            "anbieter": Spalte(self.text("anbieter")),
            "indikatoren": Spalte(self.text("indikatoren"), "", 0),
            "datenstand": Spalte(self.text("neueste")),
            "dateien": Spalte(self.text("dateien"), "", 0),
            "lizenz": Spalte(self.text("lizenz")),
        }
        return present.tabelle(
            frame.reset_index(drop=True),
            titel=self.text("lieferungen"),
            kontext=self.kontext_alle,
            spalten=columns,
        )

    def korrekturen(self) -> Anzeige:
        """What was wrong in a delivery and has been mended, and why; no numbers."""
        found = self.daten.berichtigungen()
        if found.empty:
            return present.absaetze([self.text("keine_korrektur")])
        frame = found.assign(seit=found["seit"].map(formats.datum))
        columns = {
            "anbieter": Spalte(self.text("anbieter")),
            "warum": Spalte(self.text("warum")),
            "seit": Spalte(self.text("seit")),
            "quelle": Spalte(self.text("bestaetigt")),
        }
        if not frame["quelle"].any():
            del columns["quelle"]
        title = self.text("korrekturen")
        return present.tabelle(frame, titel=title, kontext=self.kontext, spalten=columns)

    def summen(self) -> Anzeige:
        """Delivered totals that are not the sum of their parts, newest and largest first; pages use the delivered."""
        found = self.daten.summen()
        if found.empty:
            return present.absaetze([self.text("summen_stimmen")])
        found = found.assign(groesse=found["anteil"].abs())
        found = found.sort_values(["stichtag", "groesse"], ascending=[False, False], kind="stable")
        names = pd.concat([self.daten.namen(level) for level in ("region", "kommune", "sozialraum")])
        frame = pd.DataFrame(
            {
                "gebiet": [names.get(key, key) for key in found["gebiet_id"]],
                "zahl": [self._feldname(feld) for feld in found["feld"]],
                "tag": found["stichtag"].map(formats.datum),
                **{name: found[name].to_numpy() for name in ("geliefert", "summe", "unterschied", "anteil")},
                "erklaerung": [self._erklaerung(row) for row in found.to_dict("records")],
            }
        )
        columns = {
            "gebiet": Spalte(self.text("gebiet")),
            "zahl": Spalte(self.text("zahl")),
            "tag": Spalte(self.text("tag")),
            **{name: Spalte(self.text(name), "", 0) for name in ("geliefert", "summe", "unterschied")},
            "anteil": Spalte(self.text("anteil_daran"), "%", 1),
            "erklaerung": Spalte(self.text("erklaerung")),
        }
        return present.tabelle(frame, titel=self.text("summen"), kontext=self.kontext_alle, spalten=columns)

    def _feldname(self, feld: str) -> str:
        """What a delivered field counts, in the words of the indicators made from it."""
        for role in ("zaehler", "nenner"):
            alone = [[[1, feld]] == terms for terms in self.katalog[role]]
            plain = self.katalog[alone]
            counts = plain[plain["art"] == "anzahl"]
            if len(counts):
                return str(counts["name"].iloc[0])
            if len(plain):
                return self.text(f"feld_{role}", name=str(plain["name"].iloc[0]))
        return feld

    def _erklaerung(self, row: dict[str, Any]) -> str:
        parts = [self.text("feldsumme")] if row["ausdruck"] else []
        parts += [self.text("nicht_geliefert", gebiete=row["fehlend"])] if row["fehlend"] else []
        parts += [self.text("dreher", wo=row["vermutung"])] if row["vermutung"] else []
        if not parts:
            parts = [self.text("ohne_zuordnung" if row["unterschied"] > 0 else "zu_klein")]
        return " ".join(parts)

    def luecken(self) -> Anzeige:
        """One row per indicator: share of areas without a value, by reason, at each date."""
        frame = pd.DataFrame({"name": self.katalog["name"]})
        columns = {"name": Spalte(text("berichte.indikator"))}
        for day in self.daten.stichtage:
            if day not in self.bestand.index.get_level_values("stichtag"):
                continue
            part = self.bestand.xs(day, level="stichtag")
            total = part.sum(axis=1)
            for key in ("geheim", "luecke"):
                frame[f"{key}_{day}"] = (100 * part[key] / total).reindex(frame.index)
                columns[f"{key}_{day}"] = Spalte(self.text(key, tag=formats.datum(day)), "%", 0)
        frame["thema"], columns["thema"] = pd.Series(self.themen), Spalte(text("berichte.thema"))
        return present.tabelle(
            frame.set_index("name"), titel=self.text("luecken"), kontext=self.kontext_alle, spalten=columns
        )
