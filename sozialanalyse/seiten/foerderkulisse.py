"""Who gets money, how much, why, and how sure: the findings of ``foerderkulisse.ipynb``."""

from __future__ import annotations

import hashlib
import json
from functools import cached_property
from typing import Annotated, Any

import numpy as np
import pandas as pd
from pydantic import Field

from sozialanalyse import foerderung, present, store
from sozialanalyse.analyse import funding
from sozialanalyse.base import ParameterFehler, SozialanalyseFehler, text, vorschlag
from sozialanalyse.foerderung import FoerderSeite
from sozialanalyse.present import Anzeige, Eingabefeld, Kennzahl, Spalte, formats
from sozialanalyse.seiten.grundlage import (
    GESAMT,
    Gebiet,
    KeineWerte,
    Parameter,
    Seite,
    Vorrat,
    Wunsch,
    tragend,
)
from sozialanalyse.seiten.teile.beilagen import Anhang
from sozialanalyse.seiten.teile.foerderzahlen import Foerderung

ADRESSE = "kommune_{}"
"""Page of a Kommune in the folder of the notebook, after how :attr:`FoerderkulisseBericht.plan` names it."""
EINZELN = "warum"
"""Id of the table area by area, so that profiles can lead there."""
FAST_GANZ = 0.995
"""Share that is called whole."""
ANDERE_SUMMEN = (0.8, 0.9, 1.1, 1.2)
FAKTOREN = (0.0, 0.5, 0.75, 1.0, 1.25, 1.5, 2.0)
"""What a committee may multiply one weight by."""


class FoerderParameter(Parameter):
    """What the page on funding is asked for."""

    betrag: float = 0.0
    """Other sum to divide, in euro; 0 for the one of the rule."""
    gebiet: Gebiet = ""
    zutat: str = ""
    """Need and indicator whose weight is tried, such as ``kinder SOZ03``."""
    faktor: Annotated[float, Field(ge=0, le=10)] = 1.0
    """What that weight is multiplied by; 0 leaves the indicator out."""


class FoerderkulisseBericht(Seite[FoerderParameter]):
    """Needs, decisions and euros of the rule a region has written down."""

    notebook = "foerderkulisse"
    parameter = FoerderParameter
    gruppe, rang, einstieg = "auswertungen", 38, 7
    plan = (Wunsch(GESAMT), Wunsch("kommune", ("kommune",)))
    freiwillig = True
    regionsdateien = (foerderung.DATEI,)
    pdf, papier = "bericht", "docx"

    @classmethod
    def moeglich(cls, stock: Vorrat) -> bool:
        return foerderung.vorhanden(stock.region.ordner)

    @classmethod
    def pruefe(cls, werte: Any, vorrat: Vorrat | None = None) -> Parameter:
        if vorrat is not None and not cls.moeglich(vorrat):
            raise KeineWerte(text("berichte.foerderkulisse.keine_regel", datei=foerderung.DATEI))
        return super().pruefe(werte, vorrat)

    @cached_property
    def beschlossen(self) -> FoerderSeite:
        """The rule as the region wrote it."""
        katalog = self.daten.indikatoren()
        page = foerderung.lade(
            self.daten.region.ordner,
            katalog.index,
            katalog.index[katalog["anteil"]],
            self.daten.kommune().index,
        )
        return page

    @cached_property
    def regel(self) -> FoerderSeite:
        """The rule the page applies: as written, but for what is being tried."""
        page = self.beschlossen
        if self.p.betrag > 0:
            money = page.mittel.model_copy(update={"betrag": self.p.betrag})
            page = page.model_copy(update={"mittel": money})
        return _mit_gewicht(page, self.p.zutat, self.p.faktor)

    @property
    def indikatoren(self) -> list[str]:
        return self.regel.indikatoren

    @cached_property
    def rechnung(self) -> Foerderung:
        """The rule on public numbers, whoever reads the page."""
        public = (
            self.daten
            if self.p.audience == "oeffentlich"
            else store.load(self.daten.region, bestand=self.daten.bestand["bestand"])
        )
        return Foerderung(public, self.regel, self.stichtag, self.speicher)

    @cached_property
    def hindernis(self) -> str:  # type: ignore[override]
        """Why nothing can be divided."""
        try:
            found = self.rechnung.bedarfe
            if not found:
                return self.text("hindernis")
            if not self.rechnung.betraege.sum() > 0:
                return self.text("niemand")
        except SozialanalyseFehler as error:
            return str(error)
        return ""

    def ergebniszahlen(self) -> dict[str, Any]:
        if self.hindernis:
            return {}
        return {
            "Gebiete mit Bedarf": int(self.rechnung.gefoerdert.sum()),
            "Euro": float(self.rechnung.betraege.sum()),
        }

    def auswahl(self) -> Anzeige:
        """Controls: the sum, and the weight of one ingredient; whoever moves them sees areas, euros and certainty."""
        short = self.daten.indikatoren()["kurz"]
        whole = self.beschlossen.mittel.betrag
        sums = [("0.0", formats.zahl(whole))]
        sums += [(str(whole * share), formats.zahl(whole * share)) for share in ANDERE_SUMMEN]
        parts = [
            (f"{name} {key}", f"{need.kurzname}: {short[key]}")
            for name, need in self.beschlossen.bedarfe.items()
            for key in need.indikatoren
        ]
        fields = [
            Eingabefeld("betrag", self.text("summe"), sums),
            Eingabefeld("zutat", self.text("gewicht"), [("", self.text("beschlossen_so")), *parts]),
            Eingabefeld(
                "faktor", self.text("faktor"), [(str(one), formats.zahl(one, 2)) for one in FAKTOREN]
            ),
        ]
        tried = bool(self.p.zutat) and self.p.faktor != 1
        return self._auswahl(fields[:1] if self.statisch and not tried else fields)

    @cached_property
    def geprobt(self) -> str:
        """What differs from the rule as decided, in words; empty if nothing does."""
        said = []
        if self.p.betrag > 0:
            said.append(self.text("probe.betrag", euro=formats.zahl(self.p.betrag)))
        if self.p.zutat and self.p.faktor != 1:
            name, _, key = self.p.zutat.partition(" ")
            words = {
                "name": str(self.daten.indikatoren()["kurz"][key]),
                "bedarf": self.beschlossen.bedarfe[name].kurzname,
                "faktor": formats.zahl(self.p.faktor, 2),
            }
            said.append(self.text("probe.ohne" if self.p.faktor == 0 else "probe.gewicht", **words))
        return " ".join(said)

    # --- answer -------------------------------------------------------------------------------

    def kurzfassung(self) -> Anzeige:
        if self.hindernis:
            return present.kurzfassung([self.hindernis])
        r = self.rechnung
        out = [self._umfang_satz(), self._gewissheit_satz(), self._ohne_rauschen_satz()]
        if not self.p.kommune:
            out.append(self._wohin_satz())
            if r.rest > self.regel.mittel.runden:
                out.append(self.text("satz.rest", euro=formats.zahl(r.rest)))
        if r.fehlende:
            out.append(self.text("satz.fehlt", namen=formats.aufzaehlung(r.fehlende)))
        out = [sentence for sentence in out if sentence]
        note = self.text("grundlage", fassung=self.regel.fassung)
        return present.kurzfassung([*([self.geprobt] if self.geprobt else []), *out], hinweis=note)

    def einfache_saetze(self) -> list[str]:
        """The answer in Einfache Sprache."""
        r, here = self.rechnung, self.gewaehlt
        euro, inside = r.betraege[here], r.gefoerdert[here]
        said = [
            self.leicht("wofuer", bedarfe="; ".join(self.regel.bedarfe[name].name for name in r.bedarfe)),
            self._hier_leicht("wie_viel", euro=formats.zahl(euro.sum())),
            self._hier_leicht("wer", anzahl=formats.zahl(inside.sum()), alle=formats.zahl(len(inside))),
        ]
        if euro.gt(0).sum() > 1:
            most = str(euro.idxmax())
            said.append(self._hier_leicht("meiste", gebiet=self.namen[most], euro=formats.zahl(euro[most])))
        said += [
            self.leicht("wie_sicher"),
            self.leicht("warum"),
        ]
        return [*([self.leicht("probe")] if self.geprobt else []), *said]

    def kennzahl(self) -> Kennzahl | None:
        if self.hindernis:
            return None
        r, here = self.rechnung, self.gewaehlt
        words = {
            "anzahl": formats.zahl(r.gefoerdert[here].sum()),
            "alle": formats.zahl(len(here)),
            "ganz": formats.wert(r.betraege.sum(), "€", 0),
        }
        return Kennzahl(
            formats.wert(r.betraege[here].sum(), "€", 0),
            self._hier("kennzahl"),
            self._hier("kennzahl_mehr", **words),
        )

    def _hier(self, name: str, **words: str) -> str:
        """A text about the whole region, or its twin about the chosen Kommune."""
        return self.text(f"{name}{self._ort}", **self._ortswort, **words)

    def _hier_leicht(self, name: str, **words: str) -> str:
        """The same in Einfache Sprache."""
        return self.leicht(f"{name}{self._ort}", **self._ortswort, **words)

    @property
    def _ort(self) -> str:
        return "_ort" if self.p.kommune else ""

    @property
    def _ortswort(self) -> dict[str, str]:
        return {"ort": str(self.kommunen["name"][self.p.kommune])} if self.p.kommune else {}

    def _gebietsname(self, area: str) -> str:
        """An area, with its Kommune where the page is not about that one."""
        return str(self.namen[area]) if self.p.kommune else self.ort(area)

    def _umfang_satz(self) -> str:
        r, here = self.rechnung, self.gewaehlt
        euro, people, inside = r.betraege[here], r.population[here], r.gefoerdert[here]
        words = {"alle": formats.zahl(len(here)), "euro": formats.zahl(euro.sum())}
        if self.p.kommune:
            words |= {
                "kopf": formats.zahl(euro.sum() / people.sum(), 2),
                "kopf_ganz": formats.zahl(r.betraege.sum() / r.population.sum(), 2),
            }
        if not inside.any():
            return self._hier("satz.umfang_keiner", **words)
        words["personen"] = formats.anteil(people[inside].sum() / people.sum())
        return self._hier("satz.umfang", anzahl=formats.zahl(inside.sum()), **words)

    def _ohne_rauschen_satz(self) -> str:
        """Which indicators come without cases, and what that means; empty if all have them."""
        keys = self.rechnung.ohne_rauschen
        short = self.daten.indikatoren()["kurz"]
        names = formats.aufzaehlung([str(short[key]) for key in keys])
        return self.text("satz.ohne_rauschen", namen=names) if keys else ""

    def bild(self) -> Anzeige | None:
        return self.karte()

    def _gewissheit_satz(self) -> str:
        words = pd.concat(
            [
                c.table["gewissheit"][held & held.index.isin(self.gewaehlt)]
                for _, c, held in self._entschieden()
            ]
            or [pd.Series(dtype=object)],
            ignore_index=True,
        )
        if words.empty:
            return ""
        count = words.value_counts()
        return self.text(
            "satz.gewissheit",
            alle=formats.zahl(len(words)),
            **{word: formats.zahl(int(count.get(word, 0))) for word in funding.STANDS},
        )

    def _entschieden(self) -> list[tuple[str, funding.CertaintyResult, pd.Series]]:
        """Per need the certainty and which areas hold it."""
        return [
            (name, result, result.table["erfuellt"].fillna(False).astype(bool))
            for name, result in self.rechnung.gewissheit.items()
        ]

    def _wohin_satz(self) -> str:
        table, _ = self._nach_bedarf()
        share = formats.anteil(float(table["anteil"].iloc[-1]))
        return self.text("satz.wohin", anteil=share)

    def _nach_bedarf(self) -> tuple[pd.DataFrame, float]:
        r = self.rechnung
        scores = pd.DataFrame({name: one.score for name, one in r.bedarfe.items()}).mean(axis=1)
        return funding.concentration(r.betraege, scores, r.population)

    # --- picture and tables -------------------------------------------------------------------

    @tragend
    def karte(self) -> Anzeige:
        r = self.rechnung
        whole = (r.betraege / r.population).where(r.erfuellt.notna().any(axis=1))
        head = whole[self.gewaehlt]
        title = self.text("je_kopf")
        if head.max() > 0:
            most = str(head.idxmax())
            title = self._hier("karte", gebiet=self._gebietsname(most), euro=formats.zahl(head[most], 2))
        classes = present.einteilen(whole, nachkommastellen=2)
        steps = present.einstufen(head, Spalte(self.text("je_kopf"), "€"), klassen=classes, richtung=1)
        return present.choropleth(
            self.gebiete.loc[head.index.intersection(self.gebiete.index)],
            steps,
            kontext=self.kontext,
            titel=title,
            kommunen=self.kommunen,
            tafel="foerderung",
        )

    @tragend
    def gebiete_tafel(self) -> Anzeige:
        """One row per area: needs with their certainty, euro, per head."""
        r = self.rechnung
        chosen = self.gewaehlt
        frame = pd.DataFrame(
            {
                "betrag": r.betraege[chosen],
                "je_kopf": (r.betraege / r.population)[chosen],
                **({"bisher": r.bisher[chosen]} if r.bisher is not None else {}),
                **({} if self.p.kommune else {"kommune": self.kommune[chosen].map(self.kommunen["name"])}),
                **{name: self._wort(name)[chosen] for name in r.bedarfe},
            }
        )
        frame.index = pd.Index([f"{self.namen[key]}" for key in chosen], name="name")
        frame = frame.sort_values("betrag", ascending=False, kind="stable")
        columns = {
            "name": Spalte(self.kontext.sozialraum.einzahl),
            "betrag": Spalte(self.text("betrag_jahr"), "€", 0),
            "je_kopf": Spalte(self.text("je_kopf"), "€", 2),
            "bisher": Spalte(self.text("bisher"), "€", 0),
            "kommune": Spalte(self.kontext.kommune.einzahl),
            **{name: Spalte(self.regel.bedarfe[name].kurzname) for name in r.bedarfe},
        }
        return present.tabelle(
            frame,
            titel=self._hier("gebiete_tafel", anzahl=formats.zahl((r.betraege[chosen] > 0).sum())),
            kontext=self.kontext,
            spalten={key: column for key, column in columns.items() if key in frame.columns or key == "name"},
            hinweis=" ".join(filter(None, [self.text("zeichen"), self._sockel_satz()])),
            id="foerderung",
        )

    def _wort(self, name: str) -> pd.Series:
        """Per area how far it holds a need, and how sure that is."""
        one = self.rechnung.bedarfe[name]
        sure = self.rechnung.gewissheit.get(name)
        by_hand = {entry.gebiet for entry in self.regel.von_hand if entry.bedarf == name}
        words = {}
        for area in one.share.index:
            if area in by_hand:
                words[area] = self.text("wort.hand_ja" if one.share[area] > 0 else "wort.hand_nein")
            elif pd.isna(one.share[area]):
                words[area] = self.text("wort.unbekannt")
            else:
                held = "ja" if one.share[area] >= FAST_GANZ else "teils" if one.share[area] > 0 else "nein"
                stand = sure.table["gewissheit"][area] if sure is not None else ""
                open_no = held == "nein" and stand != "offen"
                words[area] = self.text(f"wort.{held}", anteil=formats.anteil(float(one.share[area]))) + (
                    "" if open_no or not stand else f", {stand}"
                )
        return pd.Series(words)

    @tragend
    def kommunen_tafel(self) -> Anzeige:
        """One row per Kommune: areas with a need, euro, against per head and the last period."""
        r = self.rechnung
        frame = funding.gain_loss(r.betraege, r.population, r.bisher, self.kommune)
        inside = r.gefoerdert.groupby(self.kommune).sum()
        frame.insert(0, "anzahl", inside.reindex(frame.index))
        frame.index = pd.Index(self.kommunen["name"].reindex(frame.index), name="name")
        columns = {
            "name": Spalte(self.kontext.kommune.einzahl),
            "anzahl": Spalte(self.text("mit_bedarf"), "", 0),
            "betrag": Spalte(self.text("betrag_jahr"), "€", 0),
            "gegen_je_kopf": Spalte(self.text("gegen_je_kopf"), "€", 0),
            "bisher": Spalte(self.text("bisher"), "€", 0),
            "gegen_bisher": Spalte(self.text("gegen_bisher"), "€", 0),
        }
        return present.tabelle(
            frame.sort_values("betrag", ascending=False, kind="stable"),
            titel=self._hier("kommunen_tafel"),
            kontext=self.kontext,
            spalten={key: column for key, column in columns.items() if key in frame.columns or key == "name"},
        )

    @tragend
    def fuenftel(self) -> Anzeige:
        """Money by fifth of need."""
        fifths, index = self._nach_bedarf()
        frame = fifths.assign(anteil=100 * fifths["anteil"])
        frame.index = pd.Index([self.text(f"fuenftel.{n}") for n in frame.index], name="teil")
        columns = {
            "teil": Spalte(self.text("fuenftel.kopf")),
            "personen": Spalte(self.text("menschen"), "", 0),
            "betrag": Spalte(self.text("betrag_jahr"), "€", 0),
            "je_person": Spalte(self.text("je_kopf"), "€", 2),
            "anteil": Spalte(self.text("anteil_geld"), "%", 0),
        }
        table = present.tabelle(
            frame,
            titel=self._hier("fuenftel.titel"),
            kontext=self.kontext,
            spalten=columns,
            hinweis=self.text("fuenftel.index", wert=formats.zahl(index, 2)),
        )
        return present.folge([present.absaetze([], titel=self._hier("fuenftel.frage"), ebene=2), table])

    @tragend
    def gewissheit(self) -> Anzeige:
        """One row per need: how many areas, how sure, and how many under other limits."""
        sure, limits = [], []
        here = self.gewaehlt
        for name, result, held in self._entschieden():
            own = held.index.isin(here)
            inside, words = held & own, result.table["gewissheit"]
            missed = words[~held & own & result.table["score"].notna()]
            need = {"name": self.regel.bedarfe[name].name, "erfuellt": int(inside.sum())}
            sure.append(
                {
                    **need,
                    "menschen": 100 * self._anteil_menschen(inside, own & result.table["score"].notna()),
                    **{word: int((words[inside] == word).sum()) for word in funding.STANDS},
                    "knapp": int((missed == "offen").sum()),
                }
            )
            limits.append(
                {
                    **need,
                    **{
                        key: int(result.checks[key].fillna(False)[own].sum())
                        for key in result.checks
                        if key.startswith("Schwelle ")
                    },
                    **self._zehn(name),
                }
            )
        columns = {
            "name": Spalte(self.text("bedarf")),
            "erfuellt": Spalte(self.text("mit_bedarf"), "", 0),
            "menschen": Spalte(self.text("anteil_menschen"), "%", 0),
            **{word: Spalte(word, "", 0) for word in funding.STANDS},
            **{key: Spalte(self.text(key), "", 0) for key in ("knapp", "zehn", "zehn_fest")},
            **{key: Spalte(key, "", 0) for one in limits for key in one if key.startswith("Schwelle ")},
        }
        tables = []
        for title, rows in (("gewissheit", sure), ("grenzen", limits)):
            frame = pd.DataFrame(rows)
            shown = {key: columns[key] for key in frame}
            tables.append(
                present.tabelle(frame, titel=self._hier(title), kontext=self.kontext, spalten=shown)
            )
        return present.folge(tables)

    def _zehn(self, name: str) -> dict[str, int]:
        """How many of the page's areas could be, and surely are, among the ten with the highest need."""
        ranks = self.rechnung.raenge.get(name)
        if ranks is None:
            return {}
        own = ranks[ranks.index.isin(self.gewaehlt)]
        return {"zehn": int(own["moeglich"].sum()), "zehn_fest": int(own["sicher"].sum())}

    def _anteil_menschen(self, inside: pd.Series, known: pd.Series) -> float:
        """Share of people living in areas that hold a need, among those in areas that can be judged."""
        people = self.rechnung.population.reindex(inside.index)
        return float(people[inside].sum() / people[known].sum()) if people[known].sum() > 0 else np.nan

    @tragend
    def andere(self) -> Anzeige:
        """The same money under rules of other places; of a Kommune what they would bring there."""
        r, here = self.rechnung, self.gewaehlt
        scores = pd.DataFrame({name: one.score for name, one in r.bedarfe.items()}).mean(axis=1)
        rows = []
        rules = r.andere_regeln()
        own = rules["eigene"]
        for name, euro in rules.items():
            table, _ = funding.concentration(euro, scores, r.population)
            rows.append(
                {
                    "name": self.text(f"regel.{name}"),
                    "anzahl": int((euro[here] > 0).sum()),
                    "betrag": float(euro[here].sum()),
                    "gegen_eigene": float(euro[here].sum() - own[here].sum()),
                    "oberstes": 100 * float(table["anteil"].iloc[-1]),
                    "groesste": float(euro[here].max()),
                    "verschoben": 100 * float((euro - own).abs().sum()) / 2 / max(float(own.sum()), 1e-9),
                }
            )
        columns = {
            "name": Spalte(self.text("regel.kopf")),
            "anzahl": Spalte(self.text("mit_geld"), "", 0),
            **(
                {
                    "betrag": Spalte(self.text("betrag_jahr"), "€", 0),
                    "gegen_eigene": Spalte(self.text("gegen_eigene"), "€", 0),
                    "groesste": Spalte(self.text("groesste"), "€", 0),
                }
                if self.p.kommune
                else {
                    "oberstes": Spalte(self.text("oberstes"), "%", 0),
                    "groesste": Spalte(self.text("groesste"), "€", 0),
                    "verschoben": Spalte(self.text("verschoben"), "%", 0),
                }
            ),
        }
        return present.tabelle(
            pd.DataFrame(rows),
            titel=self._hier("andere"),
            kontext=self.kontext,
            spalten=columns,
            hinweis=self.text("andere_hinweis") if len(self._mittelsaetze()) > 1 else "",
        )

    @tragend
    def von_hand(self) -> Anzeige:
        """Decisions against the rule, with reason."""
        decided = [one for one in self.regel.von_hand if one.gebiet in self.gewaehlt]
        if not decided:
            return present.absaetze([self._hier("keine_hand")])
        frame = pd.DataFrame(
            [
                {
                    "name": self._gebietsname(one.gebiet),
                    "bedarf": self.regel.bedarfe[one.bedarf].name,
                    "entscheidung": self.text(f"wort.hand_{one.entscheidung}"),
                    "grund": one.grund,
                    "beschlossen": one.beschlossen,
                }
                for one in decided
            ]
        )
        columns = {
            "name": Spalte(self.kontext.sozialraum.einzahl),
            **{key: Spalte(self.text(key)) for key in ("bedarf", "entscheidung", "grund", "beschlossen")},
        }
        return present.tabelle(frame, titel=self._hier("von_hand"), kontext=self.kontext, spalten=columns)

    @tragend
    def regelwerk(self) -> Anzeige:
        """The rule in words: ingredients with weights, condition, gates, share of the money."""
        katalog = self.daten.indikatoren()
        rows = []
        for name, need in self.regel.bedarfe.items():
            signs = self.rechnung.richtung(need)
            parts = [
                self.text(
                    "zutat" if signs[key] > 0 else "zutat_niedrig",
                    name=str(katalog["kurz"][key]),
                    gewicht=formats.zahl(abs(weight), 0 if float(weight).is_integer() else 2),
                )
                for key, weight in need.indikatoren.items()
            ]
            rows.append(
                {
                    "name": need.name,
                    "zutaten": "; ".join(parts),
                    "regel": self._regel_satz(name),
                    "personen": str(katalog["name"][need.personen]),
                    "anteil": need.anteil,
                }
            )
        columns = {
            "name": Spalte(self.text("bedarf")),
            "zutaten": Spalte(self.text("zutaten")),
            "regel": Spalte(self.text("regel.kopf")),
            "personen": Spalte(self.text("personen")),
            "anteil": Spalte(self.text("anteil_geld"), "%", 0),
        }
        table = present.tabelle(
            pd.DataFrame(rows), titel=self._hier("regelwerk", titel=self.regel.titel, fassung=self.regel.fassung),
            kontext=self.kontext, spalten=columns,
        )  # fmt: skip
        return present.folge([table, present.absaetze(self._mittelsaetze(), titel=self.text("mittel.titel"))])

    def _mittelsaetze(self) -> list[str]:
        """Sum, floor, caps and limits of change as the rule has them."""
        money = self.regel.mittel
        said = [
            self.text("mittel.summe", euro=formats.zahl(money.betrag), runden=formats.zahl(money.runden)),
            self._sockel_satz(),
        ]
        for name, share in (("deckel", money.deckel), ("deckel_kommune", money.deckel_kommune)):
            if share < 100:
                said.append(self.text(f"mittel.{name}", anteil=formats.anteil(share / 100)))
        if money.uebergang and self.rechnung.bisher is not None:
            limits = {"ab": money.uebergang.ab, "auf": money.uebergang.auf}
            words = {key: formats.anteil(share / 100) for key, share in limits.items()}
            said.append(self.text("mittel.uebergang", **words))
        return [sentence for sentence in said if sentence]

    def _sockel_satz(self) -> str:
        """The floor of the rule in a sentence; empty without one."""
        floor = self.regel.mittel.sockel
        return self.text("mittel.sockel", euro=formats.zahl(floor)) if floor > 0 else ""

    def _grenzsatz(self, name: str, area: str) -> str:
        """That the amount of a need is the floor or the cap of the rule; empty if it is neither."""
        kind = self.rechnung.grenze(name, area)
        euro = formats.zahl(self.rechnung.je_bedarf[name][area])
        return self.text(f"ist_{kind}", euro=euro) if kind else ""

    def _regel_satz(self, name: str) -> str:
        need = self.regel.bedarfe[name]
        values = {
            key: formats.zahl(value, 1) if isinstance(value, float) else str(value)
            for key, value in need.regel.model_dump().items()
            if value is not None
        }
        if need.regel.art == "schwelle" and need.regel.aus is None:
            values["aus"] = values["ein"]
        sentence = self.text(f"regelsatz.{need.regel.art}", **values)
        least = need.mindestens
        gates = [
            self.text(f"mindestens.{key}", wert=formats.zahl(getattr(least, key)))
            for key in ("bevoelkerung", "personen", "auffaellig")
            if getattr(least, key)
        ]
        return " ".join(
            [sentence, self.text("mindestens.satz", teile=formats.aufzaehlung(gates))]
            if gates
            else [sentence]
        )

    def _benannt(self, tilts: str) -> str:
        """Alternatives with the names of indicators in the place of ids."""
        words = [word for word in tilts.split("; ") if word]
        short = self.daten.indikatoren()["kurz"]
        named = [f"ohne {short[word[5:]]}" if word.startswith("ohne ") else word for word in words]
        return "; ".join(named)

    @tragend
    def anhang(self) -> Anhang:
        """The decision as a file: amounts, rule, decisions by hand with reason, and on which data all of it rests."""
        r = self.rechnung
        amounts = pd.DataFrame(
            {
                "gebiet": r.betraege.index,
                "name": self.namen[r.betraege.index].to_numpy(),
                "kommune": self.kommune[r.betraege.index].map(self.kommunen["name"]).to_numpy(),
                **{name: self._wort(name)[r.betraege.index].to_numpy() for name in r.bedarfe},
                "betrag": r.betraege.to_numpy(),
            }
        )
        heads = {
            "gebiet": Spalte(self.text("kennung")),
            "name": Spalte(self.kontext.sozialraum.einzahl),
            "kommune": Spalte(self.kontext.kommune.einzahl),
            **{name: Spalte(self.regel.bedarfe[name].kurzname) for name in r.bedarfe},
            "betrag": Spalte(self.text("betrag_jahr"), "€", 0),
        }
        table = present.tafel(amounts, titel=self.text("niederschrift"), kontext=self.kontext, spalten=heads)
        rule = json.dumps(self.regel.model_dump(mode="json"), ensure_ascii=False, sort_keys=True)
        facts = {
            self.text("akte.bestand"): str(self.daten.bestand["bestand"]),
            self.text("akte.fassung"): self.regel.fassung,
            self.text("akte.pruefsumme"): hashlib.sha256(rule.encode()).hexdigest(),
            self.text("akte.programm"): str(self.daten.bestand["version"]),
            self.text("akte.probe"): self.geprobt or self.text("akte.keine_probe"),
            **{
                self.text(
                    "akte.von_hand", ort=self.ort(one.gebiet), bedarf=self.regel.bedarfe[one.bedarf].name
                ): self.text(
                    "akte.hand",
                    entscheidung=self.text(f"wort.hand_{one.entscheidung}"),
                    grund=one.grund,
                    wer=one.beschlossen,
                )
                for one in self.regel.von_hand
            },
            self.text("akte.regel"): rule,
        }
        book = present.arbeitsmappe([table], self.kontext, metadaten=facts)
        words = {"xlsx": self.text("akte.datei")}
        return Anhang({"xlsx": book, **self.beigabe()}, words, titel=self._hier("niederschrift"))

    # --- area by area -------------------------------------------------------------------------

    @tragend
    def warum(self) -> Anzeige:
        """For one area: each need with its height, what would have to be different, persons and euro."""
        return self._einzeln([self.p.gebiet]) if self.p.gebiet else present.folge([])

    @tragend
    def gebiete_einzeln(self) -> Anzeige:
        """The same for every area of the chosen Kommune; else where it stands for each Kommune."""
        if self.p.kommune or self.kommunen.index.size == 1:
            order = self.rechnung.betraege[self.gewaehlt].sort_values(ascending=False, kind="stable")
            return self._einzeln(list(order.index))
        if not self.statisch:
            return present.absaetze([self.text("einzeln_wo")])
        links = [
            present.Verweis(str(row["name"]), ADRESSE.format(self.adresse("kommune", str(key))), "")
            for key, row in self.kommunen.iterrows()
        ]
        return present.verweise(links, titel=self.text("einzeln_je_kommune"))

    def _einzeln(self, areas: list[str]) -> Anzeige:
        r = self.rechnung
        words = {name: self._wort(name) for name in r.bedarfe}
        rows, groups = [], []
        for area in areas:
            groups += [
                self.text("warum", ort=self._gebietsname(area), euro=formats.zahl(r.betraege[area]))
            ] * len(r.bedarfe)
            rows += [
                {
                    "name": self.regel.bedarfe[name].kurzname,
                    "wort": words[name][area],
                    "betrag": r.je_bedarf[name][area],
                    "score": one.score[area],
                    "anders": " ".join(filter(None, [self._grenzsatz(name, area), self._anders(name, area)])),
                    "kippt": self._kippt(name, area),
                    "personen": one.persons[area],
                    "geschaetzt": self.text("wort.ja") if one.estimated[area] else "",
                }
                for name, one in r.bedarfe.items()
            ]
        columns = {
            "name": Spalte(self.text("bedarf")),
            "wort": Spalte(self.text("erfuellt")),
            "betrag": Spalte(self.text("betrag_jahr"), "€", 0),
            "score": Spalte(self.text("hoehe"), "", 2),
            "anders": Spalte(self.text("anders")),
            "kippt": Spalte(self.text("kippt")),
            "personen": Spalte(self.text("personen"), "", 0),
            **(
                {"geschaetzt": Spalte(self.text("geschaetzt"))}
                if any(row["geschaetzt"] for row in rows)
                else {}
            ),
        }
        single = len(areas) == 1
        return present.tabelle(
            pd.DataFrame(rows),
            titel=groups[0] if single else self._hier("einzeln"),
            kontext=self.kontext,
            spalten=columns,
            gruppen=None if single else groups,
            hinweis=self.text("einzeln_hinweis"),
            id=EINZELN,
            stapelbar=True,
        )

    def _anders(self, name: str, area: str) -> str:
        """What would have to be different for another decision on a need, in a sentence."""
        one, need = self.rechnung.bedarfe[name], self.regel.bedarfe[name]
        by_hand = [entry for entry in self.regel.von_hand if (entry.gebiet, entry.bedarf) == (area, name)]
        if by_hand:
            return self.text("hand", grund=by_hand[0].grund)
        distance = float(self.rechnung.abstand(name)[area])
        if pd.isna(distance) or pd.isna(one.limit[area]):
            return self.text("nicht_bekannt")
        words = {"abstand": formats.zahl(abs(distance), 2), "bedingungen": str(one.reasons[area])}
        if distance >= 0 and one.reasons[area]:
            return self.text("schranke", **words)
        said = [self._hebelsatz(name, area, distance >= 0, words, need.regel.art == "merkmal")]
        full = getattr(need.regel, "bis", None)
        if distance >= 0 and full is not None and one.share[area] < FAST_GANZ:
            said.append(self.text("bis_voll", abstand=formats.zahl(full - float(one.score[area]), 2)))
        if distance < 0 and one.reasons[area]:
            said.append(self.text("auch_schranke", **words))
        return " ".join(said)

    def _hebelsatz(self, name: str, area: str, held: bool, words: dict[str, str], single: bool) -> str:
        """How far the need lies from its limit, and the value that would just reach it."""
        kind = "bleibt" if held else "fehlt_noch"
        lever = self.rechnung.hebel(name, area)
        start = "" if single else self.text(kind, **words) + " "
        if lever is None:
            return (start + self.text(f"kein_hebel_{kind}")).strip()
        key, value = lever
        row = self.daten.indikatoren().loc[key]
        digits, unit = int(row["nachkommastellen"]), str(row["einheit"])
        now = self.daten.matrix([key], self.stichtag).at[area, key]
        return start + self.text(
            f"hebel_{kind}",
            name=str(row["kurz"]),
            wert=formats.wert(value, unit, digits),
            jetzt=formats.wert(now, unit, digits),
        )

    def _kippt(self, name: str, area: str) -> str:
        """Alternatives with another decision, and whether the area could be among the ten."""
        sure, ranks = self.rechnung.gewissheit.get(name), self.rechnung.raenge.get(name)
        said = [] if sure is None else [self._benannt(str(sure.table["kippt_bei"][area]))]
        if ranks is not None and ranks["moeglich"][area]:
            said.append(self.text("zehn_sicher" if ranks["sicher"][area] else "zehn_moeglich"))
        return "; ".join(filter(None, said))

    @tragend
    def seither(self) -> Anzeige:
        """How areas funded in the last period developed, beside what their choice alone would bring."""
        last, found = self.regel.letzte, self.rechnung.seither
        if last is None:
            return present.folge([])
        said = [f"{self.regel.bedarfe[name].name}: {result.summary()}" for name, result in found.items()]
        title = self._hier(
            "seither", von=formats.datum(last.von.isoformat()), bis=formats.datum(last.bis.isoformat())
        )
        return present.absaetze(
            said or [self.text("seither_offen")],
            titel=title,
            ebene=2,
            hinweis=self.text("seither_hinweis") if said else "",
        )


def _mit_gewicht(page: FoerderSeite, zutat: str, faktor: float) -> FoerderSeite:
    """The rule with the weight of one ingredient multiplied.

    Raises
    ------
    ParameterFehler
        If the rule has no such ingredient, or none would be left.
    """
    if not zutat or faktor == 1:
        return page
    name, _, key = zutat.partition(" ")
    known = [f"{need} {one}" for need, what in page.bedarfe.items() for one in what.indikatoren]
    if zutat not in known:
        raise ParameterFehler(
            text("berichte.foerderkulisse.keine_zutat", zutat=zutat, hilfe=vorschlag(zutat, known))
        )
    need = page.bedarfe[name]
    weights = {one: weight * (faktor if one == key else 1) for one, weight in need.indikatoren.items()}
    weights = {one: weight for one, weight in weights.items() if weight != 0}
    if not weights:
        raise ParameterFehler(text("berichte.foerderkulisse.letzte_zutat", bedarf=need.name))
    changed = need.model_copy(update={"indikatoren": weights})
    return page.model_copy(update={"bedarfe": {**page.bedarfe, name: changed}})
