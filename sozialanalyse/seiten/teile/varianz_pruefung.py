"""How far the finding on differences carries: contributions, robustness, types, change, other measures."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from sozialanalyse import present
from sozialanalyse.base import text
from sozialanalyse.present import Anzeige, Spalte, formats
from sozialanalyse.seiten.grundlage import tragend
from sozialanalyse.seiten.teile.varianz_rechnung import VarianzRechnung


class VarianzPruefung(VarianzRechnung):
    """Blocks that ask how sure the finding is and where it comes from."""

    def _tabelle(self, frame: pd.DataFrame, titel: str, spalten: dict[str, Spalte]) -> Anzeige:
        """Table with one row per indicator (or Kommune), headed by its name."""
        shown = frame[[column for column in spalten if column in frame]].dropna(axis=1, how="all")
        columns = {key: spalte for key, spalte in spalten.items() if key in shown}
        return present.tabelle(
            shown.set_index("name"), titel=self.text(titel), kontext=self.kontext, spalten=columns
        )

    def _prozent(self, name: str) -> Spalte:
        return Spalte(self.text(f"spalte.{name}"), "%", 0)

    def gemeinsam_satz(self) -> list[str]:
        """All indicators at once, with both tests and the test of equal spread."""
        found = self.gemeinsam
        if found is None:
            return []
        sure = "gemeinsam_sicher" if found.p <= self.ergebnis.alpha else "gemeinsam_unsicher"
        parts = [
            self.text(
                "gemeinsam",
                anzahl=len(found.indicators),
                anteil=formats.anteil(found.r2),
                zufall=formats.anteil(found.r2_null),
            ),
            self.text(sure),
        ]
        return [" ".join([*parts, *found.messages])]

    @tragend
    def beitraege(self) -> Anzeige:
        """What each Kommune adds to the differences, and the share without it."""
        parts = self.ergebnis.contributions
        weighted = self.anteil == "eta2_weighted"
        parts = parts[parts.index.get_level_values(0).isin(self.entschieden)]
        total = self.ergebnis.table["sigma2_between"] + self.ergebnis.table["sigma2_within"]
        shares = {}
        for name in ("ssb", "ssw"):
            column = parts[f"{name}_weighted" if weighted else name].unstack("group")
            shares[name] = column.div(column.sum(axis=1).where(column.sum(axis=1) > 0), axis=0)
        spread = parts["spread"].unstack("group").div(np.sqrt(total.where(total > 0)), axis=0)
        most = shares["ssb"].dropna(axis=1, how="all").dropna(how="all").idxmax()
        frame = pd.DataFrame(
            {
                "name": self.kommunen["name"],
                "gebiete": self.kommune.value_counts(),
                "dazwischen": 100 * shares["ssb"].mean(),
                "innerhalb": 100 * shares["ssw"].mean(),
                "streuung": spread.mean(),
                "meist": most.map(self.katalog["kurz"]),
                "ohne": 100 * self.ergebnis.loo.loc[self.entschieden].median(),
            }
        ).loc[lambda rows: rows["gebiete"].notna()]
        columns = {
            "name": Spalte(self.kontext.kommune.einzahl),
            "gebiete": Spalte(self.kontext.sozialraum.mehrzahl, "", 0),
            "dazwischen": self._prozent("beitrag_dazwischen"),
            "innerhalb": self._prozent("beitrag_innerhalb"),
            "streuung": Spalte(self.text("spalte.streuung"), "", 2),
            "meist": Spalte(self.text("spalte.meist")),
            "ohne": self._prozent("ohne"),
        }
        return self._tabelle(frame.sort_values("dazwischen", ascending=False), "beitraege", columns)

    @tragend
    def belastbarkeit(self) -> Anzeige:
        """Per indicator: what the share would be without one Kommune, cut otherwise, on another scale."""
        found, keys = self.ergebnis, self.folge
        table = found.table.loc[keys]
        frame = pd.DataFrame({"name": self.katalog.loc[keys, "name"]}, index=keys)
        for column in ("share_structural", "share_reml", "eta2", "eta2_contiguous"):
            frame[column] = 100 * table[column]
        frame["grenze"] = frame["eta2"] - frame["eta2_contiguous"]
        spans = {
            "spanne": (table["share_low"], table["share_high"]),
            "ohne_eine": (found.loo_range["low"], found.loo_range["high"]),
        }
        if found.aggregation is not None:
            merged = found.aggregation
            spans["zuschnitt"] = tuple(merged[f"share_structural_merged_{end}"] for end in ("low", "high"))
        for column, (low, high) in spans.items():
            frame[column] = [
                formats.spanne(100 * low[key], 100 * high[key], "%", 0) if low[key] == low[key] else ""
                for key in keys
            ]
        if found.logit_share is not None:
            frame["logit"] = 100 * found.logit_share.reindex(keys)
        columns = {
            "name": Spalte(text("berichte.indikator")),
            "share_structural": self._prozent("share_structural"),
            "spanne": Spalte(self.text("spalte.spanne")),
            "ohne_eine": Spalte(self.text("spalte.ohne_eine")),
            "zuschnitt": Spalte(self.text("spalte.zuschnitt")),
            "share_reml": self._prozent("share_reml"),
            "logit": self._prozent("logit"),
            "eta2_contiguous": self._prozent("eta2_contiguous"),
            "grenze": Spalte(self.text("spalte.grenze"), self.text("spalte.punkte"), 0),
        }
        table = self._tabelle(frame, "belastbarkeit", columns)
        notes = self._zu_beachten().reindex(keys).dropna()
        if notes.empty:
            return table
        told = {str(self.katalog["name"][key]): str(note) for key, note in notes.items()}
        folded = present.glossar(told, falte=self.text("beachten", anzahl=len(told)), kontext=self.kontext)
        return replace(table, html=table.html + folded.html)

    def _zu_beachten(self) -> pd.Series:
        """Pitfalls per indicator in one text; the indicator's name stands in the first column already."""
        names = self.katalog["name"].to_dict() | self.kommunen["name"].to_dict()
        rows = [(key, note) for key, note in self.ergebnis.notes(names) if key is not None]
        found = pd.Series(
            [note.removeprefix(f"{names[key]}: ") for key, note in rows], index=[key for key, _ in rows]
        )
        return found.groupby(level=0, sort=False).agg(" ".join) if len(found) else found

    @tragend
    def bruecke(self) -> Anzeige:
        """What the Kommune and what the type of area explain of each indicator."""
        table = self.bruecke_tabelle.reindex(self.folge).dropna(subset="only_type_adjusted")
        if table.empty:
            return present.keine_daten(self.text("bruecke_fehlt"))
        frame = pd.DataFrame({"name": self.katalog.loc[table.index, "name"]})
        columns = {"name": Spalte(text("berichte.indikator"))}
        for name in ("only_group", "only_type", "shared", "rest"):
            frame[name] = 100 * table[f"{name}_adjusted"]
            columns[name] = self._prozent(name)
        frame["q_type"] = table["q_type"]
        columns["q_type"] = Spalte(self.text("spalte.q_type"), "", 3)
        return self._tabelle(frame, "bruecke", columns)

    @property
    def _bruecke_entschieden(self) -> pd.DataFrame:
        """The bridge of the indicators that tell where the differences lie."""
        return self.bruecke_tabelle.reindex(self.entschieden).dropna(subset="only_type_adjusted")

    @property
    def bruecke_worte(self) -> dict[str, str]:
        """Shares that type and Kommune explain by themselves, with their ranges, as read; empty where unknown."""
        if self._bruecke_entschieden.empty or self.bruecke_mitte["share"].isna().any():
            return {}
        return {
            f"{part}{suffix}": formats.anteil(self.bruecke_mitte.at[part, column])
            for part in ("only_group", "only_type")
            for suffix, column in (("", "share"), ("_unten", "low"), ("_oben", "high"))
        }

    def bruecke_bild(self) -> Anzeige | None:
        """The finding of all indicators as one picture; None where it cannot be told."""
        if not (values := self.bruecke_worte):
            return None
        names = {"only_type": self.text("bruecke_typ"), "only_group": self.text("bruecke_ort")}
        frame = self.bruecke_mitte.loc[list(names), ["share", "low", "high"]]
        frame.insert(0, "name", list(names.values()))
        return present.bruecke(
            frame,
            kontext=self.kontext,
            titel=self.text("bruecke_bild", **values),
            anzahl=len(self._bruecke_entschieden),
        )

    def bruecke_satz(self) -> list[str]:
        """The bridge in one sentence, said of the indicators that tell where the differences lie."""
        table, values = self._bruecke_entschieden, self.bruecke_worte
        if not values:
            return []
        beyond = int((table["q_type"] <= self.ergebnis.alpha).sum())
        return [self.text("bruecke_satz", **values, anzahl=beyond, alle=len(table))]

    def einfach_bruecke(self) -> list[str]:
        """Whether type or Kommune explains more, in Einfache Sprache; more only where the ranges lie apart."""
        if not self.bruecke_worte:
            return []
        kind, place = (self.bruecke_mitte.loc[part] for part in ("only_type", "only_group"))
        key = "typ" if kind["low"] > place["high"] else "ort" if place["low"] > kind["high"] else "offen"
        told = text(f"einfach.bruecke.{key}", sprache="einfach", **self.worte)
        return [told, text("einfach.gruende", sprache="einfach")]

    @tragend
    def veraenderung(self) -> Anzeige:
        """Change of the share since the date before, and of the two parts it is made of."""
        if self.frueher is None:
            return present.hinweis(self.text("kein_frueher"))
        table = self.veraendert
        if not table.empty:
            table = table.dropna(subset="share_change")
        if table.empty:
            return present.keine_daten(self.text("kein_frueher"))
        frame = pd.DataFrame({"name": self.katalog.loc[table.index, "name"]})
        frame["vorher"], frame["jetzt"] = 100 * table["share_first"], 100 * table["share_second"]
        points = self.text("spalte.punkte")
        frame["spanne"] = [
            formats.spanne(100 * low, 100 * high, points, 0) if low == low else ""
            for low, high in zip(table["share_change_low"], table["share_change_high"], strict=True)
        ]
        for name in ("between", "within"):
            first, second = (table[f"sigma2_{name}_{when}"] for when in ("first", "second"))
            frame[name] = 100 * (second / first.where(first > 0) - 1)
        frame["urteil"] = [self._urteil(row) for _, row in table.iterrows()]
        columns = {
            "name": Spalte(text("berichte.indikator")),
            "vorher": Spalte(formats.datum(self.frueher), "%", 0),
            "jetzt": Spalte(formats.datum(self.stichtag), "%", 0),
            "spanne": Spalte(self.text("spalte.veraenderung")),
            "between": self._prozent("veraenderung_zwischen"),
            "within": self._prozent("veraenderung_innerhalb"),
            "urteil": Spalte(self.text("ergebnis")),
        }
        return self._tabelle(frame, "veraenderung", columns)

    def _urteil(self, row: pd.Series) -> str:
        def moved(name: str) -> str:
            low, high = row[f"{name}_change_low"], row[f"{name}_change_high"]
            if name == "share" and not row["q_change"] <= self.ergebnis.alpha:
                return "gleich"
            return "gestiegen" if low > 0 else "gesunken" if high < 0 else "gleich"

        words = [
            self.text(f"urteil.{name}_{moved(name)}")
            for name in ("share", "between", "within")
            if moved(name) != "gleich"
        ]
        return " ".join(words) or self.text("urteil.offen")

    @tragend
    def weitere_masse(self) -> Anzeige:
        """Likeness of neighbours and measures of inequality."""
        table = self.weitere
        frame = table.assign(name=self.katalog.loc[table.index, "name"])
        frame[["d", "d_zwischen", "theil_zwischen"]] *= 100
        frame["theil"] *= 1000
        columns = {"name": Spalte(text("berichte.indikator"))}
        for column in ("epsilon2", "omega2", "icc", "icc_reml", "icc_low", "icc_high"):
            frame[column] = 100 * self.ergebnis.table.loc[table.index, column]
            columns[column] = self._prozent(column)
        if self.ergebnis.odds is not None:
            for column in ("mor_between", "mor_within"):
                frame[column] = self.ergebnis.odds.loc[table.index, column]
                columns[column] = Spalte(self.text(f"spalte.{column}"), "", 2)
        columns |= {
            "moran": Spalte(self.text("spalte.moran"), "", 2),
            "moran_q": Spalte(self.text("spalte.moran_q"), "", 3),
            "d": self._prozent("d"),
            "d_zwischen": self._prozent("d_zwischen"),
            "theil": Spalte(self.text("spalte.theil"), "", 1),
            "theil_zwischen": self._prozent("theil_zwischen"),
        }
        return self._tabelle(frame, "weitere_masse", columns)

    @tragend
    def zusammensetzung(self) -> Anzeige | None:
        """How unevenly whole compositions live, and which part lies between the Kommunen."""
        sentences = [
            self.text(
                "zusammensetzung",
                name=name.capitalize(),
                h=formats.zahl(100 * found.h, 1),
                anteil=formats.anteil(found.share_between),
                zufall=formats.anteil(found.share_null),
            )
            for name, found in self.zusammensetzungen.items()
            if not np.isnan(found.h)
        ]
        return present.hinweis(" ".join(sentences)) if sentences else None

    @tragend
    def hinweise(self) -> Anzeige:
        """What a reader must know about all indicators; caveats of single ones stand in their table."""
        names = self.katalog["name"].to_dict() | self.kommunen["name"].to_dict()
        notes = self.ergebnis.notes(names)
        everywhere = [note for key, note in notes if key is None]
        parts = [*everywhere, self.text("hinweise_je"), self.text("nenner")]
        if self.ungewichtet:
            unknown = formats.aufzaehlung(self.katalog.loc[self.ungewichtet, "kurz"])
            parts.append(self.text("ungewichtet", namen=unknown))
        return present.hinweis(" ".join(parts), titel=text("berichte.hinweise"))
