"""Are differences larger within or between municipalities: the findings of ``varianz.ipynb``."""

from __future__ import annotations

from typing import Any, Literal

import pandas as pd

from sozialanalyse import present
from sozialanalyse.base import text
from sozialanalyse.present import Anzeige, Eingabefeld, Kennzahl, Spalte, formats
from sozialanalyse.seiten.grundlage import ALLE, GESAMT, Parameter, Thema, Wunsch, tragend
from sozialanalyse.seiten.teile.varianz_pruefung import VarianzPruefung

VIELE = 12
"""From more indicators on, only the most and least separating ones are drawn area by area."""
EXTREME = 3
"""How many of each."""
KURZ = 5
"""Sentences in the box at the top; the others follow folded."""


class VarianzParameter(Parameter):
    """What the page on differences is asked for."""

    thema: Thema = ALLE
    gewichtung: Literal["gebiete", "bevoelkerung"] = "bevoelkerung"


class VarianzBericht(VarianzPruefung):
    """The split within/between per indicator, with interval and chance level, and over time."""

    notebook = "varianz"
    parameter = VarianzParameter
    gruppe, rang, einstieg = "auswertungen", 30, 3
    plan = (Wunsch(GESAMT), Wunsch("thema", ("thema", "stichtag")), Wunsch("kommune", ("kommune",)))
    vergleicht = True

    def ergebniszahlen(self) -> dict[str, Any]:
        """Share between municipalities per indicator, in percent; nothing where it cannot be told."""
        if self.hindernis:
            return {}
        return {
            f"{key} %": round(100 * float(self.ergebnis.table[self.anteil][key]), 1) for key in self.folge
        }

    def auswahl(self) -> Anzeige:
        topics = [
            (ALLE, self.text("alle_themen")),
            *((t.id, t.name) for t in self.daten.region.themen.values()),
        ]
        weights = [(name, self.text(f"gewichtung.{name}")) for name in ("bevoelkerung", "gebiete")]
        return self._auswahl(
            [
                Eingabefeld("thema", text("berichte.thema"), topics),
                Eingabefeld("gewichtung", self.text("gewichtung_name"), weights),
            ]
        )

    def kurzfassung(self) -> Anzeige:
        if self.hindernis:
            return present.kurzfassung([self.hindernis])
        names = self.katalog["name"].to_dict()
        topics = self.themen if self.p.thema == ALLE else None
        extent, *found = self.ergebnis.statements(names, None, weighted=self.gewichtet)
        found = [*self.bruecke_satz(), *found, *self._spitzen()]
        short, more = [*found[: KURZ - 1], extent], found[KURZ - 1 :]
        said = self.ergebnis.statements(names, topics, weighted=self.gewichtet)
        by_topic = [one for one in said if one not in [extent, *found]]
        rest = [*more, *self.gemeinsam_satz(), *by_topic]
        folded = [present.liste(rest, falte=self.text("weiteres", anzahl=len(rest)))] if rest else []
        return present.folge([present.kurzfassung(short), *folded])

    def einfache_saetze(self) -> list[str]:
        out = [self.leicht("was")]
        if self.entschieden:
            verdicts = self.ergebnis.verdicts[self.entschieden]
            inside, sure = verdicts.str.startswith("innen"), int((verdicts == "innen_sicher").sum())
            key = "innen_alle" if inside.all() else "innen" if inside.any() else "innen_keine"
            out.append(self.leicht(key, innen=formats.zahl(inside.sum()), alle=formats.zahl(len(inside))))
            if inside.any():
                key = (
                    "innen_alle_sicher"
                    if sure == inside.sum()
                    else "innen_sicher"
                    if sure
                    else "innen_nicht_sicher"
                )
                out.append(self.leicht(key, sicher=formats.zahl(sure)))
        if bridge := self.einfach_bruecke():
            out += [self.leicht("gruppen"), *bridge]
        return out

    def kennzahl(self) -> Kennzahl | None:
        if self.hindernis or not (values := self.bruecke_worte):
            return None
        return Kennzahl(values["only_type"], self.text("kennzahl"), self.text("kennzahl_mehr", **values))

    def bild(self) -> Anzeige | None:
        """The bridge; where it cannot be told, the shares of the indicators."""
        if self.hindernis:
            return None
        return self.bruecke_bild() or self._anteile()

    def _spitzen(self) -> list[str]:
        """The most and the least separating indicator, in one sentence."""
        table = self.ergebnis.table.loc[self.entschieden].dropna(subset=["share_low"])
        if len(table) < 2:
            return []
        order = table["share_structural"].sort_values(kind="stable").index
        least, most = str(order[0]), str(order[-1])
        values: dict[str, str] = {}
        for place, key in (("meist", most), ("wenig", least)):
            row = table.loc[key]
            values |= {
                f"{place}_name": str(self.katalog["name"][key]),
                f"{place}_gleich": self._ebenso(table["share_structural"], key),
                f"{place}_anteil": formats.anteil(row["share_structural"]),
                f"{place}_unten": formats.anteil(row["share_low"]),
                f"{place}_oben": formats.anteil(row["share_high"]),
            }
        return [self.text("spitzen", **values)]

    def _ebenso(self, shares: pd.Series, key: str) -> str:
        """How many others have the same printed share."""
        same = int((shares.map(formats.anteil) == formats.anteil(shares[key])).sum()) - 1
        return self.text("spitzen_gleich", anzahl=formats.zahl(same)) if same else ""

    def satz(self, indikator: str) -> str:
        return self.ergebnis.sentence(
            indikator, str(self.katalog["name"][indikator]), weighted=self.gewichtet
        )

    @tragend
    def anteile(self) -> Anzeige:
        """Bars of the measured, points of the lasting share of the indicators that tell something; once on a page."""
        return self._anteile() if self.bruecke_worte else present.folge([])

    def _anteile(self) -> Anzeige:
        if not self.entschieden:
            return present.hinweis(text("variance.gesamt.alle_offen", **self.worte))
        inside = self.ergebnis.verdicts[self.entschieden].str.startswith("innen")
        return present.anteile(
            self.ergebnis.table.loc[self.entschieden],
            kontext=self.kontext,
            titel=self.text("anteile", anzahl=int(inside.sum()), alle=len(inside)),
            namen=self.katalog["kurz"].to_dict(),
            themen=self.themen,
            themenfolge=self.themenfolge,
            wert=self.anteil,
            zufall=f"{self.anteil}_null",
            punkt="share_structural",
            unten="share_low",
            oben="share_high",
        )

    @tragend
    def verteilung(self) -> Anzeige:
        """Areas per municipality; with many indicators the most and the least separating ones."""
        keys = self._auswahl_der_extreme
        title = "verteilung" if keys == self.folge else "verteilung_wahl"
        return self.reihen(keys, self.text(title, n=formats.zahl(EXTREME)))

    def reihen(self, keys: list[str], titel: str) -> Anzeige:
        """Areas per municipality for some indicators."""
        status = self.daten.werte(keys, self.stichtag).pivot(
            index="gebiet_id", columns="indikator_id", values="status"
        )
        return present.streifen_auswahl(
            self.daten.matrix(keys, self.stichtag),
            self.kommune,
            kontext=self.kontext,
            titel=titel,
            spalten={key: self.spalten[key] for key in keys},
            status=status,
            kommune_werte=self.daten.matrix(keys, self.stichtag, level="kommune"),
            region_werte=self.daten.matrix(keys, self.stichtag, level="region").iloc[0],
            namen=self.namen,
            kommunen=self.kommunen,
        )

    @tragend
    def verlauf(self) -> Anzeige | None:
        """Change over the reference dates; nothing if there is only one."""
        if len(self.daten.stichtage) < 2:
            return present.keine_daten(self.text("ein_stichtag"))
        keys = self._auswahl_der_extreme
        frame = self.jahre[self.jahre["indikator_id"].isin(keys)]
        return present.verlauf(
            frame,
            kontext=self.kontext,
            titel=self._verlaufstitel(keys),
            namen=self.katalog.loc[keys, "kurz"].to_dict(),
        )

    @property
    def _auswahl_der_extreme(self) -> list[str]:
        """Indicators drawn one by one: all, or of many the most and the least separating that tell something."""
        told = self.entschieden
        return self.folge if len(self.folge) <= VIELE else [*told[:EXTREME], *told[EXTREME:][-EXTREME:]]

    def _verlaufstitel(self, keys: list[str]) -> str:
        if self.frueher is None or self.veraendert.empty:
            return self.text("verlauf_offen")
        moved = int((self.veraendert["q_change"].reindex(keys) <= self.ergebnis.alpha).sum())
        counts = {"anzahl": formats.zahl(moved), "alle": formats.zahl(len(keys))}
        key = "verlauf" if moved else "verlauf_keiner"
        return self.text(key, seit=formats.datum(self.frueher), **counts)

    @tragend
    def blick(self) -> Anzeige:
        """One Kommune: its value beside the region's, the span of its areas, its part in the differences."""
        chosen = self.p.kommune
        if not chosen:
            if not self.statisch:
                return present.hinweis(self.text("blick_waehlen"))
            said, link = self.text("blick_statisch"), self.text("blick_link")
            return present.hinweis(said, abhilfe=link, ziel="../index.html#f-varianz")
        areas = self.daten.matrix(self.folge, self.stichtag).loc[self.gewaehlt]
        part = self.ergebnis.contributions.xs(chosen, level=1)["ssb_share"]
        frame = pd.DataFrame(
            {
                "name": self.katalog.loc[self.folge, "kurz"],
                "einheit": self.katalog.loc[self.folge, "einheit"],
                "kommune": self.daten.matrix(self.folge, self.stichtag, level="kommune").loc[chosen],
                "region": self.daten.matrix(self.folge, self.stichtag, level="region").iloc[0],
                "niedrigster": areas.min(),
                "hoechster": areas.max(),
                "beitrag": 100 * part.reindex(self.folge),
            },
            index=self.folge,
        )
        columns = {
            "name": Spalte(text("berichte.indikator")),
            "einheit": Spalte(self.text("einheit")),
            "kommune": Spalte(str(self.kommunen["name"][chosen]), "", 1),
            "region": Spalte(self.kontext.region, "", 1),
            "niedrigster": Spalte(self.text("niedrigster"), "", 1),
            "hoechster": Spalte(self.text("hoechster"), "", 1),
            "beitrag": Spalte(self.text("beitrag"), "%", 0),
        }
        title = self.text("blick", name=self.kommunen["name"][chosen])
        return present.tabelle(frame.set_index("name"), titel=title, kontext=self.kontext, spalten=columns)

    def fuer_fachleute(self) -> Anzeige:
        """Where the differences come from and how far the finding carries, in numbers."""
        return present.klappe(
            [
                self.beitraege(),
                self.bruecke(),
                self.veraenderung(),
                self.belastbarkeit(),
                self.zahlen(),
                self.weitere_masse(),
                self.zusammensetzung(),
                self.hinweise(),
            ]
        )

    @tragend
    def saetze(self) -> Anzeige:
        """One sentence per indicator that may be read aloud."""
        told = {}
        for key in self.folge:
            name = str(self.katalog["name"][key])
            told[name] = self.satz(key).removeprefix(f"{name}: ")
        return present.glossar(told, falte=self.text("saetze", anzahl=len(told)), kontext=self.kontext)

    @tragend
    def zahlen(self) -> Anzeige:
        """All figures behind the statements."""
        table = self.ergebnis.table.loc[self.folge]
        frame = pd.DataFrame({"name": self.katalog.loc[self.folge, "name"]})
        columns = {"name": Spalte(text("berichte.indikator"))}
        for column in (
            "eta2_weighted",
            "eta2_weighted_null",
            "eta2",
            "eta2_null",
            "share_structural",
            "share_low",
            "share_high",
        ):
            frame[column] = 100 * table[column]
            columns[column] = Spalte(self.text(f"spalte.{column}"), "%", 0)
        for column in ("p_free", "q_free", "p_contiguous", "q_contiguous"):
            frame[column] = table[column]
            columns[column] = Spalte(self.text(f"spalte.{column}"), "", 3)
        frame["n"] = table["n"].astype(int)
        columns["n"] = Spalte(self.kontext.sozialraum.mehrzahl, "", 0)
        return present.tabelle(
            frame.set_index("name"), titel=self.text("zahlen"), kontext=self.kontext, spalten=columns
        )
