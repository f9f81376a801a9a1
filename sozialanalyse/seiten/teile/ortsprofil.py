"""What the profiles of a municipality and of a small area say in short."""

from __future__ import annotations

from abc import abstractmethod
from functools import cached_property
from typing import TypeVar

import pandas as pd

from sozialanalyse import present
from sozialanalyse.base import text
from sozialanalyse.present import Anzeige, formats
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

    @property
    def umrisse_hier(self) -> bool:
        """Whether any small area of the municipality has an outline."""
        return bool(self.gebiete.geometry[self.eigene].notna().any())

    def ohne_karte(self) -> Anzeige:
        """One sentence in the place of the map: of the whole region, or of this municipality."""
        if not self.umrisse_da:
            return super().ohne_karte()
        name = str(self.kommunen["name"][self.kommune_id])
        return present.hinweis(text("berichte.ohne_umrisse_hier", ort=name, **self.worte))

    def kurzfassung(self) -> Anzeige:
        numbers = self.zahlen_von(self.ort_id, self.indikatoren)
        return self.kurz(self._kurz("de"), numbers, text("berichte.profil.gemessen", **self.worte))

    def einfach(self) -> Anzeige:
        """The same in Einfache Sprache."""
        sentences = [*self._einleitung(), *self._kurz("einfach")]
        numbers = self.zahlen_von(self.ort_id, self.indikatoren)
        title = text("berichte.profil.einfach")
        return self.baustein("einfach", sentences, numbers, titel=title, ebene=2, art="einfach")

    def _einleitung(self) -> list[str]:
        """Sentences before those about numbers, in Einfache Sprache."""
        return []

    def _kurz(self, sprache: Sprache) -> list[str]:
        s = self.saetze(sprache)
        found = [
            s.kurz_bevoelkerung(self.ort_id, self.daten.region.seite.bevoelkerung),
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
