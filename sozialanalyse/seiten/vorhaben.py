"""What runs, what is due, whom nothing reaches, and what small projects would change: ``vorhaben.ipynb``."""

from __future__ import annotations

from functools import cached_property
from typing import Annotated, Any

import pandas as pd
from pydantic import Field

from sozialanalyse import foerderung, present, store, vorhaben
from sozialanalyse.base import Kontext, ParameterFehler, text, vergleichsform, vorschlag
from sozialanalyse.foerderung import FoerderSeite
from sozialanalyse.present import Anzeige, Eingabefeld, Kennzahl, Spalte, formats
from sozialanalyse.seiten.grundlage import (
    GESAMT,
    KeineWerte,
    Parameter,
    Seite,
    Vorrat,
    Wunsch,
    auf_karte,
    tragend,
)
from sozialanalyse.seiten.teile.beilagen import Anhang
from sozialanalyse.seiten.teile.vorhabenzahlen import GEZEIGT, Kasse, Register
from sozialanalyse.vorhaben import VorhabenSeite

MEISTE_ZEILEN = 60
"""Rows of white spots a page lists; the rest is counted."""


class VorhabenParameter(Parameter):
    """What the page of the register is asked for."""

    topf: str = ""
    """Pot whose applications are chosen from; empty for the first own one with applications."""
    budget: Annotated[float, Field(ge=0)] = 0.0
    """Other sum to choose with, in euro; 0 for what is left in the pot."""
    vorhaben: str = ""
    """Project whose history is shown."""


class VorhabenBericht(Seite[VorhabenParameter]):
    """The register of agreements, small projects and measures."""

    notebook = "vorhaben"
    parameter = VorhabenParameter
    gruppe, rang, einstieg = "auswertungen", 39, 8
    plan = (Wunsch(GESAMT),)
    freiwillig = True
    regionsdateien = (vorhaben.DATEI, foerderung.DATEI)
    pdf, papier = "bericht", "docx"
    mit_themenstand = False

    @classmethod
    def moeglich(cls, stock: Vorrat) -> bool:
        return vorhaben.vorhanden(stock.region.ordner)

    @classmethod
    def pruefe(cls, werte: Any, vorrat: Vorrat | None = None) -> Parameter:
        if vorrat is not None and not cls.moeglich(vorrat):
            raise KeineWerte(text("berichte.vorhaben.kein_register", datei=vorhaben.DATEI))
        found = super().pruefe(werte, vorrat)
        if vorrat is not None and isinstance(found, VorhabenParameter) and found.topf:
            pots = _seite(vorrat).toepfe
            if found.topf not in pots:
                raise ParameterFehler(
                    text("berichte.vorhaben.fehler.topf", topf=found.topf, hilfe=vorschlag(found.topf, pots))
                )
        return found

    # --- data ---------------------------------------------------------------------------------

    @cached_property
    def regelseite(self) -> VorhabenSeite:
        return _seite(self.daten)

    @cached_property
    def regel(self) -> FoerderSeite | None:
        """Needs of the rule of funding, where the register names none of its own."""
        if self.regelseite.bedarfe or not foerderung.vorhanden(self.daten.region.ordner):
            return None
        katalog = self.daten.indikatoren()
        return foerderung.lade(
            self.daten.region.ordner,
            katalog.index,
            katalog.index[katalog["anteil"]],
            self.daten.kommune().index,
        )

    @cached_property
    def rechnung(self) -> Register:
        """The register of the audience with public numbers of people."""
        public = (
            self.daten
            if self.p.audience == "oeffentlich"
            else store.load(self.daten.region, bestand=self.daten.bestand["bestand"])
        )
        return Register(
            self.daten.vorhaben(), self.regelseite, public, self.regel, self.stichtag, self.speicher
        )

    @property
    def intern(self) -> bool:
        """Whether applications and points are shown."""
        return self.p.audience == "intern"

    @property
    def indikatoren(self) -> list[str]:
        shown = [key for one in self.daten.vorhaben() for role in vorhaben.ROLLEN for key in one[role]]
        named = [*self.regelseite.indikatoren, *(self.regel.indikatoren if self.regel else []), *shown]
        known = self.daten.indikatoren().index
        return list(dict.fromkeys(key for key in named if key in known))

    @property
    def hindernis(self) -> str:  # type: ignore[override]
        return "" if self.daten.vorhaben() else self.text("hindernis")

    @cached_property
    def registerkontext(self) -> Kontext:
        """Context of what comes from the register alone."""
        return self.kontext.mit(
            stichtag=formats.datum(self.rechnung.tag),
            quellen=(self.regelseite.titel,),
            andere_tage=(),
            umgerechnet=0,
        )

    @cached_property
    def letzte(self) -> pd.DataFrame:
        """Projects of the page: those for the chosen Kommune, else all."""
        frame = self.rechnung.letzte
        if not self.p.kommune:
            return frame
        inside = set(self.gewaehlt)
        return frame[[bool(inside & set(areas)) for areas in frame["orte"]]]

    @property
    def massnahmen(self) -> pd.DataFrame:
        return self.letzte[self.letzte["art"] == "massnahme"]

    @cached_property
    def flecken(self) -> pd.DataFrame:
        found = self.rechnung.flecken
        return found[found["area"].isin(self.gewaehlt)]

    @property
    def menschen_ohne(self) -> pd.Series:
        """Area -> people nothing reaches, at least: whoever has several needs may be counted in each."""
        return self.flecken.groupby("area", sort=False)["persons"].max()

    @cached_property
    def schulden(self) -> pd.DataFrame:
        """What is owed for the projects of the page; proofs of use are a matter of the planners."""
        found = self.rechnung.schulden
        found = found[found["id"].isin(self.letzte.index)]
        return found if self.intern else found[found["why"].isin(("yearly", "news"))]

    def ergebniszahlen(self) -> dict[str, Any]:
        if self.hindernis:
            return {}
        return {
            "Laufende Vorhaben": int(self.rechnung.laeuft(self.letzte).sum()),
            "Menschen ohne Vorhaben": int(self.menschen_ohne.sum()),
        }

    def auswahl(self) -> Anzeige:
        fields = [Eingabefeld("topf", self.text("topf"), [("", self.text("topf_ohne")), *((k, p.name) for k, p in self.regelseite.toepfe.items())])]  # fmt: skip
        return self._auswahl(fields if self.intern and self.regelseite.toepfe else [])

    # --- words --------------------------------------------------------------------------------

    def _name(self, key: str, *, mit_kennung: bool = False) -> str:
        """What a project is called; one of a person by its purpose alone."""
        row = self.rechnung.letzte.loc[key]
        if row["titel"]:
            return f"{key} {row['titel']}" if mit_kennung else str(row["titel"])
        purpose = self.text("zweck_in_klammern", zweck=row["zweck"]) if row["zweck"] else ""
        name = self.text("privat", zweck=purpose).strip()
        return f"{key} {name}" if mit_kennung and self.intern else name

    def _wort(self, feld: str, key: object) -> str:
        return self.text(f"{feld}.{key}") if key else ""

    def _orte(self, key: str) -> str:
        """Areas of a project as they were named."""
        names, levels = [], {"sozialraum": self.namen, "kommune": self.kommunen["name"]}
        for area in self.rechnung.letzte.at[key, "gebiete"]:
            found = next((str(table[area]) for table in levels.values() if area in table.index), "")
            names.append(found or self.kontext.region)
        return "; ".join(names)

    def _bedarfe(self, needs: list[str]) -> str:
        return formats.aufzaehlung(self.rechnung.bedarfsnamen.get(key, key) for key in needs)

    def _zeitraum(self, begin: object, end: object) -> str:
        days = {
            "von": formats.datum(str(begin)) if begin else "",
            "bis": formats.datum(str(end)) if end else "",
        }
        kind = "zeitraum" if begin and end else "ab" if begin else "bis" if end else ""
        return self.text(kind, **days) if kind else ""

    def _ganz(self, titel: str) -> str:
        """Title of what is about the whole region, said so on a page of a Kommune."""
        return self.text("insgesamt", titel=titel) if self.p.kommune else titel

    # --- in short -----------------------------------------------------------------------------

    def _saetze(self, sprache: str) -> list[str]:
        """What everybody should know, in one language or the other."""
        r, places = self.rechnung, self.worte
        running = self.letzte[r.laeuft(self.letzte)]["art"].value_counts()

        def say(key: str, **values: object) -> str:
            return text(f"vorhaben.{key}", sprache=sprache, **places, **values)

        counts = [
            say(
                f"art.{kind}_{'eins' if running[kind] == 1 else 'mehr'}",
                zahl=formats.zahl(int(running[kind])),
            )
            for kind in vorhaben.ARTEN
            if kind in running.index
        ]
        day = formats.datum(r.tag)
        out = [
            say("laufend", tag=day, teile=formats.aufzaehlung(counts)) if counts else say("nichts", tag=day)
        ]
        reports = self.schulden[self.schulden["why"].isin(("yearly", "news"))]["id"].nunique()
        if r.sitzung and self.regelseite.gremium:
            kind = "faellig_keine" if not reports else "faellig_eins" if reports == 1 else "faellig"
            out.append(say(kind, gremium=self.regelseite.gremium.name, datum=formats.datum(r.sitzung), zahl=formats.zahl(reports)))  # fmt: skip
        if len(r.zellen):
            people = self.menschen_ohne.sum()
            out.append(say("flecken" if people else "flecken_keine", zahl=formats.zahl(people)))
        return out

    def kurzfassung(self) -> Anzeige:
        if self.hindernis:
            return present.kurzfassung([self.hindernis])
        out = self._saetze("de")
        if self.rechnung.fehlende:
            out.append(self.text("satz.fehlt", namen=formats.aufzaehlung(self.rechnung.fehlende)))
        note = self.text("grundlage", stand=formats.datum(self.rechnung.tag))
        return present.kurzfassung(out, hinweis=note)

    def kennzahl(self) -> Kennzahl | None:
        if self.hindernis or self.rechnung.zellen.empty:
            return None
        running = int(self.rechnung.laeuft(self.letzte).sum())
        more = self.text("kennzahl_eins" if running == 1 else "kennzahl_mehr", zahl=formats.zahl(running))
        people = self.menschen_ohne.sum()
        number = self.text("kennzahl_wert" if people else "kennzahl_keine", zahl=formats.zahl(people))
        return Kennzahl(number, self.text("kennzahl"), more)

    def bild(self) -> Anzeige | None:
        return None if self.hindernis else self.karte()

    @tragend
    def einfach(self) -> Anzeige:
        """The same in Einfache Sprache, with the running measures by field of life."""
        sentences = self._saetze("einfach")
        running = self.massnahmen[self.rechnung.laeuft(self.massnahmen)]
        for key, field in self.regelseite.lebensbereiche.items():
            names = [
                str(row["titel_einfach"])
                for row in running[running["lebensbereich"] == key].to_dict("records")
                if row["titel_einfach"]
            ]
            if names:
                sentences.append(f"{field.einfach or field.name}: {'. '.join(names)}.")
        if len(self.massnahmen):
            sentences.append(text("vorhaben.wirkung", sprache="einfach"))
        return present.absaetze(sentences, titel=self.einfach_titel, ebene=2, art="einfach")

    # --- what is due --------------------------------------------------------------------------

    @tragend
    def faellig(self) -> Anzeige:
        """Reports, proofs and projects past their end, for the next meeting."""
        r, owed = self.rechnung, self.schulden
        words = {"gremium": self.regelseite.gremium.name if self.regelseite.gremium else self.text("gremium")}
        when = formats.datum(r.sitzung) if r.sitzung else ""
        if owed.empty:
            return present.absaetze([self.text("faellig_nichts", **words)])
        frame = pd.DataFrame(
            {
                "name": [self._name(key, mit_kennung=True) for key in owed["id"]],
                "was": [self.text(f"schuld.{why}") for why in owed["why"]],
                "seit": [formats.datum(day) if day else self.text("unbekannt") for day in owed["since"]],
                "status": [self._wort("status", r.gezeigt[key]) for key in owed["id"]],
                "zustaendig": [
                    str(r.letzte.at[key, "zustaendig"] or r.letzte.at[key, "antragsteller"] or "")
                    if r.letzte.at[key, "traeger"] != vorhaben.PERSON
                    else ""
                    for key in owed["id"]
                ],
            }
        )
        columns = {key: Spalte(self.text(f"spalte.{key}")) for key in frame}
        title = self.text("faellig" if when else "faellig_ohne_sitzung", datum=when, **words)
        return present.tabelle(frame, titel=title, kontext=self.registerkontext, spalten=columns)

    @tragend
    def neues(self) -> Anzeige:
        """What has changed since the last meeting."""
        r = self.rechnung
        before = self.regelseite.sitzung_davor(r.tag)
        found = r.neuigkeiten[r.neuigkeiten["id"].isin(self.letzte.index)]
        since = formats.datum(before) if before else ""
        if found.empty:
            return present.absaetze([self.text("neues_nichts" if since else "neues_nie", seit=since)])
        frame = pd.DataFrame(
            {
                "name": [self._name(key, mit_kennung=True) for key in found["id"]],
                "stand": [formats.datum(day) for day in found["day"]],
                "davor": [self._wort("status", key) or self.text("neu") for key in found["before"]],
                "status": [self._wort("status", key) for key in found["status"]],
                "text": found["text"].fillna("").to_numpy(),
            }
        )
        columns = {key: Spalte(self.text(f"spalte.{key}")) for key in frame}
        title = self.text("neues" if since else "neues_alles", seit=since)
        return present.tabelle(frame, titel=title, kontext=self.registerkontext, spalten=columns)

    # --- measures -----------------------------------------------------------------------------

    @tragend
    def lebensbereiche(self) -> Anzeige:
        """Measures by field of life and status."""
        fields = self.regelseite.lebensbereiche
        frame = self.massnahmen
        if frame.empty or not fields:
            return present.absaetze([self.text("keine_massnahmen")])
        shown = self.rechnung.gezeigt[frame.index]
        names = {key: one.name for key, one in fields.items()}
        row = frame["lebensbereich"].map(names).fillna(self.text("ohne_bereich"))
        order = [
            name for name in (*names.values(), self.text("ohne_bereich")) if name in {*names.values(), *row}
        ]
        states = [
            key for key in (*vorhaben.STATUS, *GEZEIGT) if key in vorhaben.STATUS or (shown == key).any()
        ]
        counts = pd.crosstab(row, shown).reindex(index=order, columns=states, fill_value=0)
        running = int(self.rechnung.laeuft(frame).sum())
        return present.stapel(
            counts,
            kontext=self.registerkontext,
            titel=self.text("lebensbereiche", laufend=formats.zahl(running), alle=formats.zahl(len(frame))),
            kopf=self.text("spalte.lebensbereich"),
            namen={key: self._wort("status", key) for key in states},
        )

    @tragend
    def massnahmen_tafel(self) -> Anzeige:
        """One row per measure, by field of life."""
        frame = self.massnahmen
        if frame.empty:
            return present.folge([])
        order = {key: place for place, key in enumerate(self.regelseite.lebensbereiche)}
        frame = frame.sort_values("lebensbereich", key=lambda keys: keys.map(order), kind="stable")
        fields = self.regelseite.lebensbereiche
        table = pd.DataFrame(
            {
                "name": [self._name(key, mit_kennung=True) for key in frame.index],
                "status": [self._wort("status", self.rechnung.gezeigt[key]) for key in frame.index],
                "seit": [formats.datum(day) for day in frame["seit"]],
                "gebiete": [self._orte(key) for key in frame.index],
                "bedarfe": [self._bedarfe(needs) for needs in frame["bedarfe"]],
                "zeitraum": [
                    self._zeitraum(*days) for days in zip(frame["beginn"], frame["ende"], strict=True)
                ],
                "zustaendig": frame["zustaendig"].fillna("").to_numpy(),
                "plan": [self.regelseite.plaene[key].name if key else "" for key in frame["plan"]],
            }
        )
        groups = [
            fields[key].name if key in fields else self.text("ohne_bereich") for key in frame["lebensbereich"]
        ]
        columns = {key: Spalte(self.text(f"spalte.{key}")) for key in table if table[key].astype(bool).any()}
        return present.tabelle(
            table,
            titel=self.text("massnahmen"),
            kontext=self.registerkontext,
            spalten=columns,
            gruppen=groups,
        )

    @tragend
    def zahlen(self) -> Anzeige:
        """Numbers beside measures, with the sentence that they do not show its effect; it stands by rule."""
        frame = self.massnahmen
        if frame.empty:
            return present.folge([])
        rows = [
            {
                "name": self._name(key, mit_kennung=True),
                "anlass": self._werte(row["anlass"]),
                "umsetzung": self._getan(row),
                "umfeld": self._werte([*row["umfeld"], *self._bereichsumfeld(row["lebensbereich"])]),
            }
            for key, row in zip(frame.index, frame.to_dict("records"), strict=True)
        ]
        table = pd.DataFrame([row for row in rows if any(row[key] for key in vorhaben.ROLLEN)])
        rule = present.hinweis(text("vorhaben.wirkung"))
        if table.empty:
            return present.folge([rule, present.absaetze([self.text("keine_zahlen")])])
        columns = {key: Spalte(self.text(f"spalte.{key}")) for key in table}
        shown = present.tabelle(
            table,
            titel=self.text("zahlen"),
            kontext=self.kontext,
            spalten=columns,
            hinweis=self.text("zahlen_hinweis"),
        )
        return present.folge([rule, shown])

    def _bereichsumfeld(self, key: object) -> list[str]:
        fields = self.regelseite.lebensbereiche
        return fields[str(key)].umfeld if key in fields else []

    def _werte(self, keys: list[str]) -> str:
        """Indicators with the value of the whole region, each once."""
        said = [f"{self.spalten[key].label}: {self._regionswert(key)}" for key in dict.fromkeys(keys)]
        return "; ".join(said)

    def _regionswert(self, key: str) -> str:
        column = self.spalten[key]
        row = self._regionswerte.get(key)
        if row is None:
            return formats.status_wort("unbekannt")
        return formats.wert(row[0], column.einheit, column.nachkommastellen or 0, row[1])

    @cached_property
    def _regionswerte(self) -> dict[str, tuple[float, str]]:
        frame = self.daten.werte(self.indikatoren, self.stichtag, level="region")
        return {str(row.indikator_id): (float(row.wert), str(row.status)) for row in frame.itertuples()}

    def _getan(self, row: dict[str, Any]) -> str:
        """Delivered numbers of what was done; a hidden one is said to be."""
        parts = []
        for key in dict.fromkeys([*row["umsetzung"], *row["zahlen"]]):
            number = self.regelseite.zahlen.get(key)
            if number is None:
                parts.append(self._werte([key]))
            elif key not in row["zahlen"]:
                parts.append(f"{number.name}: {formats.status_wort('unbekannt')}")
            else:
                value = row["zahlen"][key]
                said = formats.status_wort("geheim") if value is None else formats.zahl(value)
                parts.append(f"{number.name}: {said}")
        return "; ".join(parts)

    @tragend
    def luecken(self) -> Anzeige:
        """Measures without area or indicator, fields and needs without measure."""
        r, frame = self.rechnung, self.massnahmen
        running = self.letzte[r.laeuft(self.letzte)]
        measures = running[running["art"] == "massnahme"]
        named = {need for needs in running["bedarfe"] for need in needs}
        planned = {need for needs in measures["bedarfe"] for need in needs}
        without = frame[[not areas for areas in frame["gebiete"]]]
        bare = frame[
            [
                not (a or u or s)
                for a, u, s in zip(frame["anlass"], frame["umsetzung"], frame["umfeld"], strict=True)
            ]
        ]
        found = {
            "ohne_gebiet": [self._name(key, mit_kennung=True) for key in without.index],
            "ohne_indikator": [self._name(key, mit_kennung=True) for key in bare.index],
            "bereich_ohne": [
                one.name
                for key, one in self.regelseite.lebensbereiche.items()
                if key not in set(measures["lebensbereich"])
            ],
            "bedarf_ohne_massnahme": [
                n for k, n in r.bedarfsnamen.items() if k in named and k not in planned
            ],
            "bedarf_ohne": [name for key, name in r.bedarfsnamen.items() if key not in named],
        }
        said = [
            self.text(f"luecke.{key}", zahl=formats.zahl(len(names)), namen="; ".join(names))
            for key, names in found.items()
            if names
        ]
        heading = present.absaetze([], titel=self.text("luecken"))
        return present.folge([heading, present.liste(said or [self.text("luecke.keine")])])

    # --- white spots --------------------------------------------------------------------------

    @tragend
    @auf_karte
    def karte(self) -> Anzeige:
        """People with a need and no running project, as circles."""
        if self.rechnung.zellen.empty:
            return present.folge([])
        people = self.menschen_ohne
        return present.symbolkarte(
            self.gebiete,
            people.reindex(self.gebiete.index).fillna(0.0),
            Spalte(self.text("spalte.mindestens")),
            kontext=self.kontext,
            titel=self.text("karte", zahl=formats.zahl(people.sum())),
            kommunen=self.kommunen,
        )

    @tragend
    def bedarfe_tafel(self) -> Anzeige:
        """One row per need: areas and people, and how many of them nothing reaches."""
        cells = self.rechnung.zellen
        if cells.empty:
            return present.absaetze([self.text("keine_bedarfe")])
        inside, spots = cells[cells["area"].isin(self.gewaehlt)], self.flecken
        rows = [
            {
                "name": name,
                "gebiete": int((inside["need"] == key).sum()),
                "menschen": inside.loc[inside["need"] == key, "persons"].sum(),
                "gebiete_ohne": int((spots["need"] == key).sum()),
                "ohne": spots.loc[spots["need"] == key, "persons"].sum(),
            }
            for key, name in self.rechnung.bedarfsnamen.items()
            if key in (self.rechnung.foerderung.bedarfe if self.rechnung.foerderung else {})
        ]
        columns = {
            "name": Spalte(self.text("spalte.bedarf")),
            "gebiete": Spalte(self.text("spalte.gebiete_bedarf"), "", 0),
            "menschen": Spalte(self.text("spalte.menschen"), "", 0),
            "gebiete_ohne": Spalte(self.text("spalte.gebiete_ohne"), "", 0),
            "ohne": Spalte(self.text("spalte.ohne"), "", 0),
        }
        return present.tabelle(
            pd.DataFrame(rows),
            titel=self.text("bedarfe_tafel"),
            kontext=self.kontext,
            spalten=columns,
            hinweis=self.text("mehrfach"),
        )

    @tragend
    def flecken_tafel(self) -> Anzeige:
        """One row per area: needs nothing answers, most people first."""
        spots = self.flecken
        if spots.empty:
            return present.folge([])
        grouped = spots.groupby("area", sort=False).agg(
            needs=("need", list), persons=("persons", "max"), estimated=("estimated", "any")
        )
        grouped = grouped.sort_values("persons", ascending=False, kind="stable")
        shown = grouped.head(MEISTE_ZEILEN)
        table = pd.DataFrame(
            {
                "gebiet": self.namen[shown.index].to_numpy(),
                "kommune": self.kommune[shown.index].map(self.kommunen["name"]).to_numpy(),
                "bedarfe": [self._bedarfe(needs) for needs in shown["needs"]],
                "ohne": shown["persons"].to_numpy(),
                "geschaetzt": [self.text("ja") if one else "" for one in shown["estimated"]],
            }
        )
        columns = {
            "gebiet": Spalte(self.kontext.sozialraum.einzahl),
            "kommune": Spalte(self.kontext.kommune.einzahl),
            "bedarfe": Spalte(self.text("spalte.bedarf")),
            "ohne": Spalte(self.text("spalte.mindestens"), "", 0),
            **({"geschaetzt": Spalte(self.text("spalte.geschaetzt"))} if shown["estimated"].any() else {}),
        }
        more = len(grouped) - len(shown)
        note = " ".join(
            [self.text("mindestens"), *([self.text("weitere", zahl=formats.zahl(more))] if more else [])]
        )
        return present.tabelle(
            table, titel=self.text("flecken"), kontext=self.kontext, spalten=columns, hinweis=note
        )

    # --- small projects -----------------------------------------------------------------------

    @tragend
    def kassen(self) -> Anzeige:
        """Money of the pots: what there is, what is granted, what is left; pots belong to the whole region."""
        rows, missing = [], 0
        for key, pot in self.regelseite.toepfe.items():
            money: Kasse | None = self.rechnung.kasse(key) if pot.eigen else None
            rows.append(
                {
                    "name": pot.name,
                    "wer": self.text("eigen" if pot.eigen else "fremd"),
                    "zeitraum": self._zeitraum(money.von, money.bis)
                    if money
                    else self.text("jeder_zeitraum"),
                    "betrag": money.betrag if money else None,
                    "bewilligt": money.bewilligt if money else None,
                    "frei": money.frei if money else None,
                    "zahl": money.zahl if money else len(self.rechnung.bewilligte(key)),
                }
            )
            missing += money.offen if money else 0
        if not rows:
            return present.absaetze([self.text("keine_toepfe")])
        columns = {
            "name": Spalte(self.text("topf")),
            "wer": Spalte(self.text("spalte.wer")),
            "zeitraum": Spalte(self.text("spalte.zeitraum")),
            "betrag": Spalte(self.text("spalte.betrag"), "€", 0),
            "bewilligt": Spalte(self.text("spalte.bewilligt"), "€", 0),
            "frei": Spalte(self.text("spalte.frei"), "€", 0),
            "zahl": Spalte(self.text("spalte.zahl"), "", 0),
        }
        frame = pd.DataFrame(rows).astype({"betrag": float, "bewilligt": float, "frei": float})
        return present.tabelle(
            frame,
            titel=self._ganz(self.text("kassen")),
            kontext=self.registerkontext,
            spalten=columns,
            hinweis=self.text("kassen_offen", zahl=formats.zahl(missing)) if missing else "",
        )

    @tragend
    def kleinprojekte(self) -> Anzeige:
        """Granted small projects; persons without name."""
        frame = self.letzte[self.letzte["art"] == "kleinprojekt"]
        frame = frame[self.rechnung.bewilligt(frame)]
        if frame.empty:
            return present.absaetze([self.text("keine_kleinprojekte")])
        pots = [self.regelseite.toepfe[key].name if key else "" for key in frame["topf"]]
        title = self.text("kleinprojekte", zahl=formats.zahl(len(frame)))
        return self._zusagen(frame, {"topf": pots}, title, self.text("spalte.betrag"))

    def _zusagen(self, frame: pd.DataFrame, own: dict[str, list[str]], title: str, euro: str) -> Anzeige:
        """Who was promised how much for what, with columns of its own behind the carrier."""
        table = pd.DataFrame(
            {
                "name": [self._name(key) for key in frame.index],
                "antragsteller": [self._wer(row) for row in frame.to_dict("records")],
                **own,
                "gebiete": [self._orte(key) for key in frame.index],
                "zeitraum": [
                    self._zeitraum(*days) for days in zip(frame["beginn"], frame["ende"], strict=True)
                ],
                "betrag": frame["betrag"].to_numpy(),
                "status": [self._wort("status", self.rechnung.gezeigt[key]) for key in frame.index],
            }
        )
        columns = {key: Spalte(self.text(f"spalte.{key}")) for key in table}
        columns |= {"betrag": Spalte(euro, "€", 0)}
        return present.tabelle(table, titel=title, kontext=self.registerkontext, spalten=columns)

    def _wer(self, row: dict[str, Any]) -> str:
        return (
            self.text("privatperson")
            if row["traeger"] == vorhaben.PERSON
            else str(row["antragsteller"] or "")
        )

    @tragend
    def vereinbarungen(self) -> Anzeige:
        """Agreements with carriers."""
        frame = self.letzte[self.letzte["art"] == "vereinbarung"]
        if frame.empty:
            return present.folge([])
        needs = [self._bedarfe(own) for own in frame["bedarfe"]]
        return self._zusagen(
            frame, {"bedarfe": needs}, self.text("vereinbarungen"), self.text("spalte.betrag_jahr")
        )

    # --- for the jury: inside only ------------------------------------------------------------

    @tragend
    def jury(self) -> Anzeige:
        """Applications: hard conditions with their reasons apart from points with their weights; inside only."""
        if not self.intern:
            return self._kriterien()
        r = self.rechnung
        frame = r.antraege
        if frame.empty:
            return present.absaetze([self.text("keine_antraege")])
        judged, score, points = r.eignung, r.bewertung, r.punkte
        order = pd.DataFrame({"ok": frame.index.isin(r.geeignet.index), "punkte": score}, index=frame.index)
        frame = frame.loc[order.sort_values(["ok", "punkte"], ascending=False, kind="stable").index]
        table = pd.DataFrame(
            {
                "name": [self._name(key, mit_kennung=True) for key in frame.index],
                "antragsteller": [self._wer(row) for row in frame.to_dict("records")],
                "topf": [self.regelseite.toepfe[key].name if key else "" for key in frame["topf"]],
                "betrag": frame["betrag"].to_numpy(),
                "eignung": [self._eignung(*judged.loc[key, ["reasons", "unknown"]]) for key in frame.index],
                "punkte": score[frame.index].to_numpy(),
                **{
                    f"k_{key}": (points.loc[frame.index, key] * one.gewicht).to_numpy()
                    for key, one in self.regelseite.kriterien.items()
                },
            }
        )
        columns = {
            "name": Spalte(self.text("spalte.name")),
            "antragsteller": Spalte(self.text("spalte.antragsteller")),
            "topf": Spalte(self.text("topf")),
            "betrag": Spalte(self.text("spalte.betrag"), "€", 0),
            "eignung": Spalte(self.text("spalte.eignung")),
            "punkte": Spalte(self.text("spalte.punkte"), "", 1),
            **{
                f"k_{key}": Spalte(
                    self.text("kriterium", name=one.name, gewicht=formats.zahl(one.gewicht)), "", 1
                )
                for key, one in self.regelseite.kriterien.items()
            },
        }
        title = self._ganz(
            self.text("jury", zahl=formats.zahl(len(frame)), geeignet=formats.zahl(len(r.geeignet)))
        )
        return present.tabelle(
            table,
            titel=title,
            kontext=self.registerkontext,
            spalten=columns,
            hinweis=self.text("jury_hinweis"),
        )

    def _kriterien(self) -> Anzeige:
        """The criteria with their weights; who asked for money is not public."""
        if not self.regelseite.kriterien:
            return present.folge([])
        parts = [
            self.text("kriterium", name=one.name, gewicht=formats.zahl(one.gewicht))
            for one in self.regelseite.kriterien.values()
        ]
        return present.absaetze([self.text("kriterien", namen=formats.aufzaehlung(parts))])

    def _eignung(self, reasons: tuple[str, ...], unknown: tuple[str, ...]) -> str:
        if not reasons and not unknown:
            return self.text("eignung.ja")
        said = [self.text(f"grund.{key}") for key in reasons] + [self.text(f"offen.{key}") for key in unknown]
        return self.text("eignung.nein" if reasons else "eignung.offen", gruende="; ".join(said))

    @tragend
    def doppelt(self) -> Anzeige:
        """Pairs that may be funded twice; inside only."""
        if not self.intern:
            return present.folge([])
        pairs = self.rechnung.doppelt
        if pairs.empty:
            return present.absaetze([self.text("doppelt_nichts")])
        table = pd.DataFrame(
            {
                "erstes": [self._mit_topf(key) for key in pairs["first"]],
                "zweites": [self._mit_topf(key) for key in pairs["second"]],
                "warum": [
                    formats.aufzaehlung(
                        self.text(f"doppelt_{key}")
                        for key, holds in (
                            ("antragsteller", row.applicant),
                            ("zweck", row.purpose),
                            ("titel", row.alike),
                        )
                        if holds
                    )
                    for row in pairs.itertuples()
                ],
                "wo": [formats.aufzaehlung(self.namen[area] for area in areas) for areas in pairs["areas"]],
            }
        )
        columns = {key: Spalte(self.text(f"spalte.{key}")) for key in table}
        return present.tabelle(
            table, titel=self._ganz(self.text("doppelt", zahl=formats.zahl(len(pairs)))), kontext=self.registerkontext,
            spalten=columns, hinweis=self.text("doppelt_hinweis"),
        )  # fmt: skip

    def _mit_topf(self, key: str) -> str:
        pot = self.rechnung.letzte.at[key, "topf"]
        return f"{self._name(key, mit_kennung=True)} ({self.regelseite.toepfe[pot].name})"

    @cached_property
    def topf(self) -> str:
        """Pot to choose in; "" where no own pot has applications."""
        if self.p.topf:
            return self.p.topf
        own = [key for key, pot in self.regelseite.toepfe.items() if pot.eigen]
        return next((key for key in own if len(self.rechnung.waehlbar(key))), "")

    @property
    def budget(self) -> float:
        money = self.rechnung.kasse(self.topf) if self.topf else None
        return self.p.budget or (max(money.frei, 0.0) if money else 0.0)

    @tragend
    def wahl(self) -> Anzeige:
        """What the money left buys: by points, and so that most people are newly reached; inside only."""
        if not self.intern:
            return present.folge([])
        if not self.topf or self.rechnung.waehlbar(self.topf).empty:
            return present.absaetze([self.text("keine_wahl")])
        r, frame = self.rechnung, self.rechnung.waehlbar(self.topf)
        found = r.wahl(self.topf, self.budget)
        score = r.bewertung[frame.index]
        alone = {key: r.wahl_allein(key) for key in frame.index}
        table = pd.DataFrame(
            {
                "name": [self._name(key, mit_kennung=True) for key in frame.index],
                "betrag": frame["betrag"].to_numpy(),
                "punkte": score.to_numpy(),
                "neu": [alone[key] for key in frame.index],
                **{
                    f"wahl_{kind}": [
                        self.text("ja") if key in one.chosen else self.text("nein") for key in frame.index
                    ]
                    for kind, one in found.items()
                },
            }
        )
        columns = {
            "name": Spalte(self.text("spalte.name")),
            "betrag": Spalte(self.text("spalte.betrag"), "€", 0),
            "punkte": Spalte(self.text("spalte.punkte"), "", 1),
            "neu": Spalte(self.text("spalte.neu"), "", 0),
            **{f"wahl_{kind}": Spalte(self.text(f"spalte.wahl_{kind}")) for kind in found},
        }
        said = [
            self.text(
                f"wahl.{kind}",
                zahl=formats.zahl(len(one.chosen)),
                euro=formats.zahl(one.cost),
                neu=formats.zahl(one.reached.sum()),
                ohne=formats.zahl(one.missed.sum()),
            )
            for kind, one in found.items()
        ]
        title = self._ganz(
            self.text(
                "wahl.titel", topf=self.regelseite.toepfe[self.topf].name, euro=formats.zahl(self.budget)
            )
        )
        chosen = present.tabelle(
            table, titel=title, kontext=self.registerkontext, spalten=columns, hinweis=self.text("mehrfach")
        )
        return present.folge([present.absaetze(said), chosen, self._bleibt(found)])

    def _bleibt(self, found: dict[str, Any]) -> Anzeige:
        """People per need that each choice leaves without a project."""
        cells = self.rechnung.flecken
        table = pd.DataFrame(
            [
                {
                    "name": name,
                    "jetzt": cells.loc[cells["need"] == key, "persons"].sum(),
                    **{
                        f"wahl_{kind}": one.missed[cells.loc[one.missed.index, "need"] == key].sum()
                        for kind, one in found.items()
                    },
                }
                for key, name in self.rechnung.bedarfsnamen.items()
            ]
        )
        if table.empty:
            return present.folge([])
        columns = {
            "name": Spalte(self.text("spalte.bedarf")),
            "jetzt": Spalte(self.text("spalte.jetzt"), "", 0),
            **{f"wahl_{kind}": Spalte(self.text(f"spalte.wahl_{kind}"), "", 0) for kind in found},
        }
        return present.tabelle(
            table, titel=self._ganz(self.text("wahl.bleibt")), kontext=self.kontext, spalten=columns
        )

    def anhang(self) -> Any:
        """The page as a document to go on writing in, beside a finished page."""
        if not self.fertig:
            return present.folge([])
        return Anhang(self.beigabe(), {"docx": self.text("word")}, titel=self.text("unterlage"))

    # --- one project --------------------------------------------------------------------------

    @tragend
    def verlauf(self) -> Anzeige:
        """The history of one project, state by state."""
        if not self.p.vorhaben:
            return present.folge([])
        wanted = vergleichsform(self.p.vorhaben)
        keys = [key for key in self.rechnung.letzte.index if vergleichsform(key) == wanted]
        if not keys:
            known = self.rechnung.letzte.index
            return present.hinweis(self.text("fehler.vorhaben", kennung=self.p.vorhaben, hilfe=vorschlag(self.p.vorhaben, known)))  # fmt: skip
        states = [one for one in self.rechnung.staende if one["kennung"] == keys[0]]
        table = pd.DataFrame(
            {
                "stand": [formats.datum(one["stand"]) for one in states],
                "status": [self._wort("status", one["status"]) for one in states],
                "text": [one["text"] or "" for one in states],
                "bericht": [formats.datum(one["bericht"]) if one["bericht"] else "" for one in states],
            }
        )
        columns = {key: Spalte(self.text(f"spalte.{key}")) for key in table}
        title = self.text("verlauf", name=self._name(keys[0], mit_kennung=True))
        return present.tabelle(table, titel=title, kontext=self.registerkontext, spalten=columns)


def _seite(stock: Vorrat) -> VorhabenSeite:
    katalog = stock.indikatoren()
    areas = [str(key) for level in ("kommune", "sozialraum") for key in stock.verzeichnis(level).index]
    return vorhaben.lade(stock.region.ordner, katalog.index, katalog.index[katalog["anteil"]], areas)
