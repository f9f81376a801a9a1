"""What the profiles of a municipality and of a small area say in short."""

from __future__ import annotations

from abc import abstractmethod
from functools import cached_property
from typing import ClassVar, TypeVar

import pandas as pd

from sozialanalyse import present
from sozialanalyse.base import text
from sozialanalyse.present import Anzeige, Kennzahl, formats
from sozialanalyse.seiten.grundlage import Parameter
from sozialanalyse.seiten.teile.profil import Profil
from sozialanalyse.seiten.teile.saetze import Saetze, Sprache

P = TypeVar("P", bound=Parameter)


class Ortsprofil(Profil[P]):
    """Profile of one place, a municipality or a small area: what both say in short."""

    @property
    @abstractmethod
    def kommune_id(self) -> str:
        """Municipality that is the place, or that it belongs to."""

    @cached_property
    def eigene(self) -> pd.Index:
        """Small areas of the municipality in natural order."""
        own = self.kommune.index[self.kommune == self.kommune_id]
        return pd.Index(sorted(own, key=formats.natuerlich))

    def kurzfassung(self) -> Anzeige:
        numbers = self.zahlen_von(self.ort_id, self.indikatoren)
        return self.kurz(self._kurz("de"), numbers, text("berichte.profil.gemessen", **self.worte))

    hauptwerte: ClassVar[int] = 3
    """So many main indicators the box speaks of before what is unusual."""

    @cached_property
    def leitindikator(self) -> str:
        """What number and map of the first screen show: the first main indicator about need, else the first rate."""
        rates = [key for key in [*self.kern, *self.indikatoren] if self.katalog.at[key, "art"] != "anzahl"]
        known = [key for key in rates if pd.notna(self.zahlen.wert.at[self.ort_id, key])]
        return next(iter([*self.leitend(self.ort_id, 1), *known, *rates]), "")

    def kennzahl(self) -> Kennzahl | None:
        key = self.leitindikator
        if not key or pd.isna(self.zahlen.wert.at[self.ort_id, key]):
            return None
        s = self.saetze()
        told = [s.vergleich(self.ort_id, key), s.seither(self.ort_id, key)]
        return Kennzahl(
            s.zahl(self.zahlen.wert.at[self.ort_id, key], key),
            text("berichte.profil.kennzahl", name=self.katalog.at[key, "kurz"], ort=self.ortsname),
            "; ".join(filter(None, told)),
        )

    def bild(self) -> Anzeige | None:
        return self.karte()

    def karte(self) -> Anzeige:
        """The areas of the municipality, coloured by the main indicator in classes of the whole region."""
        key = self.leitindikator
        if not key:
            return present.folge([])
        z, column = self.zahlen, self.spalten[key]
        whole = formats.sichtbar(z.wert.loc[self.kommune.index, key], z.status.loc[self.kommune.index, key])
        own = whole.loc[self.eigene].dropna()
        words = {"name": column.label, "ort": str(self.kommunen["name"][self.kommune_id])}
        title = "leitkarte_leer"
        if len(own):
            title = "leitkarte" if len(own) > 1 and own.min() < own.max() else "leitkarte_eine"
            top = str(own.idxmax())
            words |= {
                "gebiet": str(self.namen[top]),
                "wert": formats.wert(own[top], column.einheit, column.nachkommastellen or 0),
            }
        steps = present.einstufen(
            z.wert.loc[self.eigene, key],
            column,
            status=z.status.loc[self.eigene, key],
            klassen=present.einteilen(whole, nachkommastellen=column.nachkommastellen or 0),
            richtung=int(self.katalog.at[key, "polaritaet"]),
        )
        return present.choropleth(
            self.gebiete.loc[self.eigene],
            steps,
            kontext=self.kontext_zu([key]),
            titel=text(f"berichte.profil.{title}", **words),
            codes=self.kurzkennung(self.eigene, self.kommune_id),
            kommunen=self.kommunen,
            hervorheben=self.ort_id if self.ort_id in self.eigene else None,
        )

    def einfach(self) -> Anzeige:
        """The same in Einfache Sprache."""
        sentences = [*self._einleitung(), *self._kurz("einfach")]
        numbers = self.zahlen_von(self.ort_id, self.indikatoren)
        return self.baustein("einfach", sentences, numbers, titel=self.einfach_titel, ebene=2, art="einfach")

    def _einleitung(self) -> list[str]:
        """Sentences before those about numbers, in Einfache Sprache."""
        return []

    def _kurz(self, sprache: Sprache) -> list[str]:
        s = self.saetze(sprache)
        main = self.leitend(self.ort_id, self.hauptwerte)
        if sprache == "einfach":
            main = [key for key in main if self.katalog.at[key, "einfach"]][:2]
        found = [
            s.kurz_bevoelkerung(self.ort_id, self.daten.region.seite.bevoelkerung),
            *(s.kern(self.ort_id, key) for key in main),
            s.kurz_ohne_vergleich(self.ort_id),
            s.kurz_abweichung(self.ort_id, "hoch"),
            s.kurz_abweichung(self.ort_id, "tief"),
            self._vergleich(s),
            s.kurz_verlauf(self.ort_id),
        ]
        return [sentence for sentence in found if sentence]

    @abstractmethod
    def _vergleich(self, saetze: Saetze) -> str:
        """The sentence only this kind of profile has."""
