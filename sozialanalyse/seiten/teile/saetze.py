"""Sentences by rules: what is said about a number, in German and in Einfache Sprache.

Nothing is said about a suppressed value, nothing is explained, and a difference is named only where
:mod:`sozialanalyse.analyse.comparison` finds it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, Literal

import pandas as pd

from sozialanalyse.base import Kontext, text
from sozialanalyse.present import formats
from sozialanalyse.seiten.teile.zahlen import Zahlen, mehrjaehrig

Sprache = Literal["de", "einfach"]
JAHRE = ("Jahre", "Monate", "Tage")
"""Units whose dative takes an n."""
WERT = "{wert}"
"""Where the number stands in a sentence of Einfache Sprache that the page of a data set gives."""
KLAR = ("deutlich_hoeher", "etwas_hoeher", "etwas_niedriger", "deutlich_niedriger")
NEBENEINANDER = (*KLAR, "unsicher")
"""Judgements whose sentence sets two numbers beside each other, in one scale and apart from each other."""


class Saetze:
    """Sentences about the numbers of one date.

    Parameters
    ----------
    namen
        What a reader calls each area, municipality and the region.
    sprache
        ``de``, or ``einfach`` for short sentences without trade words.
    """

    def __init__(self, zahlen: Zahlen, kontext: Kontext, namen: pd.Series, sprache: Sprache = "de") -> None:
        self.zahlen, self.kontext, self.namen, self.sprache = zahlen, kontext, namen, sprache
        region = kontext.region_ebene
        self._text = partial(text, sprache=sprache)
        self._genannt: set[str] = set()
        columns = [
            "kurz",
            "name",
            "satz",
            "einfach",
            "einheit",
            "nachkommastellen",
            "anteil",
            "faktor",
            "polaritaet",
        ]
        self._indikator: dict[str, dict[str, Any]] = zahlen.katalog[columns].to_dict("index")  # type: ignore[assignment]
        self.worte: dict[str, Any] = {
            "in_region": region.ort,
            "In_region": region.ort[0].upper() + region.ort[1:],
            "sozialraum": kontext.sozialraum.einzahl,
            "sozialraeume": kontext.sozialraum.mehrzahl,
            "sozialraeumen": kontext.sozialraum.dativ,
        }
        if sprache == "einfach":
            self.worte["sozialraeumen"] = kontext.sozialraum.mehrzahl

    # --- pieces -------------------------------------------------------------------------------

    def subjekt(self, indikator: str, *, klein: bool = False) -> str:
        """What the sentence is about; ``klein`` for a place inside the sentence."""
        row = self._indikator[indikator]
        if self.sprache == "einfach":
            told = str(row["einfach"])
            return told if told and WERT not in told else self._text("saetze.unbenannt", name=row["kurz"])
        words = str(row["satz"]) or self._text("saetze.unbenannt", name=row["name"])
        return words[0].lower() + words[1:] if klein else words

    def aussage(self, indikator: str, wert: str) -> str:
        """A number in a sentence without its full stop, as Einfache Sprache tells it: "12 von 100 Kindern haben …"."""
        told = str(self._indikator[indikator]["einfach"])
        if WERT not in told or wert.endswith(self._text("saetze.prozent", zahl="")):
            return self._text("saetze.aussage", subjekt=self.subjekt(indikator), wert=wert)
        said = told.replace(WERT, wert)
        return said[0].upper() + said[1:]

    def zahl(self, wert: float, indikator: str, *neben: float, einheit: bool = True) -> str:
        """Value with its unit; in Einfache Sprache a share as "12 von 100", and the unit is part of the sentence.

        ``neben`` are the values it stands beside: if they would read the same, all are told of 1.000.
        """
        row = self._indikator[indikator]
        if self.sprache == "einfach" and row["einheit"] == "%":
            if all(0 <= v <= 100 for v in (wert, *neben) if pd.notna(v)):
                return self._von_hundert(wert, neben)
            if pd.notna(wert):
                return self._text("saetze.prozent", zahl=formats.zahl(wert, int(row["nachkommastellen"])))
        spoken = self.sprache == "einfach" and WERT in str(row["einfach"])
        unit = str(row["einheit"]) if einheit and not spoken else ""
        return formats.wert(wert, unit, int(row["nachkommastellen"]))

    def _von_hundert(self, wert: float, neben: Sequence[float]) -> str:
        known = [*dict.fromkeys(v for v in (wert, *neben) if pd.notna(v))]
        whole = [formats.runden(v, 0) for v in known]
        tiny = any(
            v > 0 and told < 2 for v, told in zip(known, whole, strict=True)
        )  # "1 von 100" is no plural
        fine = len(set(whole)) < len(whole) or tiny
        share = formats.runden(10 * wert if fine else wert, 0)
        of = formats.zahl(1000 if fine else 100)
        if wert > 0 and share < 2:
            return self._text("saetze.fast_nichts", von=of)
        return self._text("saetze.von", zahl=formats.zahl(share), von=of)

    def _faelle(self, gebiet: str, indikator: str, *neben: float) -> str:
        """Value with its cases, where it is a share of people or things."""
        value = self.zahl(self.zahlen.wert.at[gebiet, indikator], indikator, *neben)
        count, base = (f.at[gebiet, indikator] for f in (self.zahlen.zaehler, self.zahlen.nenner))
        row = self._indikator[indikator]
        if not row["anteil"] or mehrjaehrig(row["faktor"]) or pd.isna(count) or pd.isna(base):
            return value + "n" * (self.sprache == "de" and row["einheit"] in JAHRE)  # "bei 42,8 Jahren"
        numbers = {"zaehler": formats.zahl(count), "nenner": formats.zahl(base)}
        return self._text("saetze.faelle", wert=value, **numbers)

    def anzahl(self, n: int) -> str:
        """Number up to twelve as a word."""
        return self._text(f"saetze.zahl.z{n}") if 1 <= n <= 12 else formats.zahl(n)

    def ort(self, gebiet: str) -> str:
        """Area as it stands in a sentence."""
        return str(self.namen[gebiet])

    # --- one indicator ------------------------------------------------------------------------

    def lage(self, gebiet: str, indikator: str) -> str:
        """Value of an area against the region and, for a small area, its municipality."""
        z = self.zahlen
        value = z.wert.at[gebiet, indikator]
        if pd.isna(value):
            return self.luecke(gebiet, indikator)
        kommune = z.kommune.get(gebiet)
        region_value = z.wert.at[z.region, indikator] if gebiet != z.region else float("nan")
        kommune_value = z.wert.at[kommune, indikator] if kommune is not None else float("nan")
        to_region = z.zur_region.at[gebiet, indikator]
        to_kommune = z.zur_kommune.at[gebiet, indikator] if kommune is not None else ""
        other = [
            v for v, word in ((region_value, to_region), (kommune_value, to_kommune)) if word in NEBENEINANDER
        ]
        fine = [value, *other] if other else []  # all in one scale
        words = {
            **self.worte,
            **self._gesagt(indikator, self._faelle(gebiet, indikator, *other)),
            "region": self.zahl(region_value, indikator, *fine) if pd.notna(region_value) else "",
            "kommune": self.ort(kommune) if kommune is not None else "",
            "wert_kommune": self.zahl(kommune_value, indikator, *fine) if pd.notna(kommune_value) else "",
        }
        blind = z.ungeprueft.at[gebiet, indikator] and bool(other)
        if to_region and to_region == to_kommune:
            return self._mit_vorbehalt(self._text(f"saetze.beide.{to_region}", **words), blind)
        first = self._text(f"saetze.region.{to_region or 'ohne'}", **words)
        if not to_kommune:
            return self._mit_vorbehalt(first, blind)
        also = "_auch" if to_kommune in KLAR[:2] and to_region in KLAR[:2] else ""
        second = self._text(f"saetze.kommune.{to_kommune}{also}", **words)
        return f"{self._mit_vorbehalt(first, blind and to_region in KLAR)} " + self._mit_vorbehalt(
            second, blind and to_kommune in KLAR
        )

    def _gesagt(self, indikator: str, wert: str, *, klein: bool = False) -> dict[str, str]:
        """A number for both languages: subject and value, and both as one clause."""
        return {
            "subjekt": self.subjekt(indikator, klein=klein),
            "faelle": wert,
            "aussage": self.aussage(indikator, wert),
        }

    def _bedeutung(self, indikator: str, mehr: bool) -> str:
        """What a clear difference may mean, in Einfache Sprache; empty where the side of more need is not known."""
        sign = self._indikator[indikator]["polaritaet"]
        if self.sprache == "de" or not sign:
            return ""
        return " " + text("einfach.bedarf.mehr" if (sign > 0) == mehr else "einfach.bedarf.weniger", sprache="einfach")  # fmt: skip

    def _mit_vorbehalt(self, satz: str, ungeprueft: bool, umgekehrt: bool = False) -> str:
        """A sentence with what has to be said beside it: not tested for chance, and higher is not more need."""
        if not (ungeprueft or umgekehrt):
            return satz
        key = "umgekehrt" * umgekehrt + "_" * (umgekehrt and ungeprueft) + "ungeprueft" * ungeprueft
        return self._text(f"saetze.{key}", satz=satz.removesuffix("."))

    def _kurz_vorbehalt(self, satz: str, gebiet: str, indikator: str) -> str:
        blind = bool(self.zahlen.ungeprueft.at[gebiet, indikator])
        return self._mit_vorbehalt(satz, blind, self._indikator[indikator]["polaritaet"] < 0)

    def kern(self, gebiet: str, indikator: str) -> str:
        """A main value in one sentence: how much, how many, more or fewer than elsewhere, since when."""
        if self.sprache == "einfach":
            self._genannt.add(indikator)
            word = self.zahlen.zur_region.at[gebiet, indikator]
            means = self._bedeutung(indikator, word in KLAR[:2]) if word in KLAR else ""
            return self.lage(gebiet, indikator) + means
        told = "; ".join(filter(None, [self.vergleich(gebiet, indikator), self.seither(gebiet, indikator)]))
        said = text(
            "berichte.profil.kern.satz" if told else "saetze.region.ohne",
            subjekt=self.subjekt(indikator),
            faelle=self._faelle(gebiet, indikator),
            befund=told,
        )
        return self._kurz_vorbehalt(said, gebiet, indikator)

    def vergleich(self, gebiet: str, indikator: str) -> str:
        """How a value compares with the whole region, without the value itself; empty where it cannot."""
        z = self.zahlen
        word = z.zur_region.at[gebiet, indikator]
        if not word:
            return ""
        value, whole = z.wert.at[gebiet, indikator], z.wert.at[z.region, indikator]
        return text(f"berichte.profil.kern.{word}", region=self.zahl(whole, indikator, value), **self.worte)

    def seither(self, gebiet: str, indikator: str) -> str:
        """What became of a value since the earlier date; empty without one."""
        z = self.zahlen
        word = z.verlauf.at[gebiet, indikator]
        if not word:
            return ""
        same = z.frueher[:4] == z.stichtag[:4]
        return text(
            f"berichte.profil.kern.verlauf.{word.removesuffix('_ungeprueft')}",
            seit=formats.datum(z.frueher) if same else z.frueher[:4],
            alt=self.zahl(z.wert_frueher.at[gebiet, indikator], indikator, z.wert.at[gebiet, indikator]),
        )

    def luecke(self, gebiet: str, indikator: str) -> str:
        """That a value is missing, and whether it is kept secret."""
        key = "geheim" if self.zahlen.status.at[gebiet, indikator] == "geheim" else "fehlt"
        unnamed = self._text("saetze.unbenannt", name=self._indikator[indikator]["kurz"])
        return self._text(f"saetze.luecke.{key}", subjekt=self.subjekt(indikator), unbenannt=unnamed)

    def verlauf(self, gebiet: str, indikator: str) -> str:
        """Change since the earlier date; empty where there is nothing to compare."""
        z = self.zahlen
        word = z.verlauf.at[gebiet, indikator]
        return self._text(f"saetze.verlauf.{word}", **self._verlauf(gebiet, indikator)) if word else ""

    def _verlauf(self, gebiet: str, indikator: str) -> dict[str, str]:
        z = self.zahlen
        old, new = z.wert_frueher.at[gebiet, indikator], z.wert.at[gebiet, indikator]
        moved = z.verlauf.at[gebiet, indikator].startswith(("gestiegen", "gesunken"))
        told = self.zahl(new, indikator, *([old] if moved else []))
        return {
            **self._gesagt(indikator, told),
            **self._seit(),
            "von": formats.datum(z.frueher),
            "bis": formats.datum(z.stichtag),
            "alt": self.zahl(old, indikator, new),
            "alt_zahl": self.zahl(old, indikator, new, einheit=False),
            "neu": told,
        }

    def _seit(self) -> dict[str, str]:
        """The earlier date as Einfache Sprache tells it: the year, where it serves."""
        z = self.zahlen
        kind = "tag" if z.frueher[:4] == z.stichtag[:4] else "jahr"
        when = {"jahr": z.frueher[:4], "tag": formats.datum(z.frueher)}
        return {
            name: text(f"einfach.{name.lower()}.{kind}", sprache="einfach", **when)
            for name in ("Damals", "Seither")
        }

    # --- several indicators -------------------------------------------------------------------

    def luecken(self, gebiet: str, indikatoren: Sequence[str]) -> list[str]:
        """One sentence per kind of gap, with the names of the indicators."""
        missing = [key for key in indikatoren if pd.isna(self.zahlen.wert.at[gebiet, key])]
        kinds: dict[str, list[str]] = {"geheim": [], "nur_teile": [], "fehlt": []}
        for key in missing:
            secret = self.zahlen.status.at[gebiet, key] == "geheim"
            parts = self._gebiete(gebiet)[key].notna().any()
            kinds["geheim" if secret else "nur_teile" if parts else "fehlt"].append(key)
        out = []
        for kind, keys in kinds.items():
            if keys:
                names = formats.aufzaehlung(f"„{self.zahlen.katalog.at[key, 'kurz']}“" for key in keys)
                name = f"saetze.luecke.{kind}_{'eins' if len(keys) == 1 else 'mehrere'}"
                out.append(self._text(name, anzahl=self.anzahl(len(keys)), namen=names, **self.worte))
        return out

    def spanne(self, kommune: str, indikator: str) -> str:
        """Range of the small areas of a municipality; empty if fewer than two are known."""
        areas = self._gebiete(kommune)[indikator]
        known = areas.dropna()
        if len(known) < 2:
            return ""
        low, high = known.min(), known.max()
        if self.zahl(low, indikator, high) == self.zahl(high, indikator, low):
            return ""
        return self._text(
            "saetze.spanne" if len(known) == len(areas) else "saetze.spanne_bekannt",
            kommune=self.ort(kommune),
            tief=self.zahl(low, indikator, high, einheit=False),
            hoch=self.zahl(high, indikator, low),
            **self.worte,
        )

    def _gebiete(self, kommune: str) -> pd.DataFrame:
        members = self.zahlen.kommune.index[self.zahlen.kommune == kommune]
        return self.zahlen.wert.loc[members]

    def rangfolge(self, gebiet: str, indikatoren: Sequence[str]) -> list[str]:
        """Indicators with a value, the most remarkable first: beyond chance, then far from the region."""
        z = self.zahlen
        known = [key for key in indikatoren if pd.notna(z.abstand.at[gebiet, key])]
        clear = {key: z.zur_region.at[gebiet, key] in KLAR for key in known}
        return sorted(known, key=lambda key: (not clear[key], -abs(z.abstand.at[gebiet, key]), key))

    # --- in short -----------------------------------------------------------------------------

    def _erste(self, treffer: Callable[[str], bool]) -> list[str]:
        """Indicators that fit, of all but mere counts: "most" and "none" are said of every number of the report."""
        table = self.zahlen.katalog
        return [key for key in table.index[table["art"] != "anzahl"] if treffer(key)]

    def _keine(self, satz: str, urteile: pd.Series, **worte: str) -> str:
        """That nothing stands out, as far as values are known; empty where none is."""
        rates = self.zahlen.katalog.index[self.zahlen.katalog["art"] != "anzahl"]
        known = urteile[rates].ne("")
        if not known.any():
            return ""
        return self._text(f"saetze.kurz.{satz}{'' if known.all() else '_bekannt'}", **worte)

    def _sagbar(self, keys: Sequence[str]) -> list[str]:
        """Those that can be told: in Einfache Sprache only what is explained and new."""
        if self.sprache == "de":
            return list(keys)
        return [key for key in keys if self._indikator[key]["einfach"] and key not in self._genannt]

    def kurz_abweichung(self, gebiet: str, richtung: Literal["hoch", "tief"]) -> str:
        """The indicator furthest above or below the region."""
        z = self.zahlen
        sign = 1 if richtung == "hoch" else -1
        found = self._erste(
            lambda key: z.zur_region.at[gebiet, key] in KLAR and sign * z.abstand.at[gebiet, key] > 0
        )
        if not found:
            return self._keine(f"{richtung}_keine", z.zur_region.loc[gebiet], **self.worte)
        if not (found := self._sagbar(found)):
            return ""
        best = max(found, key=lambda key: (sign * z.abstand.at[gebiet, key], key))
        self._genannt.add(best)
        value, region = z.wert.at[gebiet, best], z.wert.at[z.region, best]
        told = self.zahl(value, best, region)
        said = self._text(
            f"saetze.kurz.{richtung}",
            wert=told,
            region=self.zahl(region, best, value),
            **self._gesagt(best, told, klein=True),
            **self.worte,
        )
        return self._kurz_vorbehalt(said, gebiet, best) + self._bedeutung(best, richtung == "hoch")

    def kurz_spanne(self, kommune: str) -> str:
        """The indicator in which the small areas of a municipality differ most."""
        areas, z = self._gebiete(kommune), self.zahlen
        if len(areas) < 2:
            return ""
        size = (areas.max() - areas.min()) / z.streuung.where(z.streuung > 0)
        known = areas.notna()
        wide = self._erste(lambda key: known[key].sum() > 1 and known[key].mean() > 0.5 and size[key] >= 1)
        if not wide:
            return self._text("saetze.kurz.spanne_keine", **self.worte)
        if not (wide := self._sagbar(wide)):
            return ""
        best = max(wide, key=lambda key: (size[key], key))
        self._genannt.add(best)
        low, high = areas[best].min(), areas[best].max()
        return self._text(
            "saetze.kurz.spanne" if known[best].all() else "saetze.kurz.spanne_bekannt",
            **self._gesagt(best, self.zahl(low, best, high), klein=True),
            tief=self.zahl(low, best, high, einheit=False),
            hoch=self.zahl(high, best, low),
            **self.worte,
        )

    def kurz_verlauf(self, gebiet: str) -> str:
        """The indicator that changed most; empty without an earlier date."""
        z = self.zahlen
        if not z.frueher:
            return ""
        moved = self._erste(lambda key: z.verlauf.at[gebiet, key].startswith(("gestiegen", "gesunken")))
        if not moved:
            return self._keine(
                "verlauf_keiner", z.verlauf.loc[gebiet], von=formats.datum(z.frueher), **self._seit()
            )
        if not (moved := self._sagbar(moved)):
            return ""
        size = (z.wert.loc[gebiet] - z.wert_frueher.loc[gebiet]).abs() / z.streuung
        best = max(moved, key=lambda key: (size[key], key))
        self._genannt.add(best)
        words = {**self._verlauf(gebiet, best), "subjekt": self.subjekt(best, klein=True)}
        return self._text(f"saetze.kurz.{z.verlauf.at[gebiet, best]}", **words)

    def kurz_kommune(self, gebiet: str) -> str:
        """The indicator in which a small area is furthest from its municipality."""
        z = self.zahlen
        kommune = z.kommune[gebiet]
        apart = ((z.wert.loc[gebiet] - z.wert.loc[kommune]) / z.streuung).dropna()
        found = self._erste(lambda key: z.zur_kommune.at[gebiet, key] in KLAR and key in apart)
        words = {**self.worte, "kommune": self.ort(kommune)}
        if not found:
            return self._keine("kommune_keine", z.zur_kommune.loc[gebiet], **words)
        if not (found := self._sagbar(found)):
            return ""
        best = max(found, key=lambda key: (abs(apart[key]), key))
        self._genannt.add(best)
        value, whole = z.wert.at[gebiet, best], z.wert.at[kommune, best]
        told = self.zahl(value, best, whole)
        said = self._text(
            f"saetze.kurz.kommune_{'hoch' if apart[best] > 0 else 'tief'}",
            wert=told,
            **self._gesagt(best, told, klein=True),
            wert_kommune=self.zahl(whole, best, value),
            **words,
        )
        return self._kurz_vorbehalt(said, gebiet, best)

    def kurz_ohne_vergleich(self, gebiet: str) -> str:
        """That an area cannot be compared with the region; empty if it can."""
        rates = self.zahlen.katalog.index[self.zahlen.katalog["art"] != "anzahl"]
        known = self.zahlen.zur_region.loc[gebiet, rates].ne("").any()
        return "" if known else self._text("saetze.kurz.ohne_vergleich")

    def kurz_bevoelkerung(self, gebiet: str, indikator: str) -> str:
        """How many people live there, and which part of the whole above that is."""
        z = self.zahlen
        value = z.wert.at[gebiet, indikator] if indikator in z.wert else float("nan")
        kommune = z.kommune.get(gebiet)
        whole = (
            z.wert.at[kommune if kommune is not None else z.region, indikator] if pd.notna(value) else value
        )
        if pd.isna(value) or pd.isna(whole):
            return self._text("saetze.kurz.ohne_bevoelkerung")
        words = {
            **self.worte,
            "ort": self.ort(gebiet),
            "einwohner": formats.zahl(value),
            "anteil": formats.prozent(100 * value / whole),
        }
        if kommune is not None:
            place = self.kontext.sozialraum.ort
            return self._text(
                "saetze.kurz.gebiet",
                im_gebiet=place[0].upper() + place[1:],
                kommune=self.ort(kommune),
                **words,
            )
        parts = z.wert[indikator].reindex(z.kommune.index[z.kommune == gebiet])
        n, total = len(parts), float(parts.sum(skipna=False))
        key = "kommune_eins" if n == 1 else "kommune_mehrere"
        if n > 1 and pd.isna(total):
            key = "kommune_luecke"
        elif n > 1 and abs(total - value) > 0.5:  # the delivered total counts people no area holds
            key, words["summe"] = "kommune_abweichend", formats.zahl(total)
        return self._text(f"saetze.kurz.{key}", anzahl=self.anzahl(n), **words)
