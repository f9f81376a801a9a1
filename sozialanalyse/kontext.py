"""What every figure, table and page says about itself: place, date, source, mark.

A :class:`Kontext` is plain data. The store fills it; presenting and publishing only read it, so
neither has to know where the numbers came from.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

Genus = Literal["m", "f", "n"]

_DER = {"m": "der", "f": "die", "n": "das"}
_IN = {"m": "im", "f": "in der", "n": "im"}


@dataclass(frozen=True)
class Ebene:
    """German words for one level of areas, as a region calls it."""

    id: str
    einzahl: str
    mehrzahl: str
    dativ: str
    """Dative plural: "zwischen den ...", "in den ..."."""
    genus: Genus = "f"

    @property
    def artikel(self) -> str:
        """Definite article, nominative singular."""
        return _DER[self.genus]

    @property
    def ort(self) -> str:
        """Where, in the dative: "in der Kommune", "im Sozialraum"."""
        return f"{_IN[self.genus]} {self.einzahl}"


@dataclass(frozen=True)
class Kontext:
    """Where numbers come from and to whom they are shown."""

    region: str
    herausgeber: str
    stichtag: str
    """Reference date as a reader writes it, for example 31.12.2023."""
    audience: str
    sozialraum: Ebene
    kommune: Ebene
    region_ebene: Ebene = Ebene("region", "Region", "Regionen", "Regionen")
    marke: str = ""
    """Mark that every output carries, "Demodaten – frei erfunden" for synthetic values."""
    quellen: tuple[str, ...] = ()
    stand: str = ""
    """Snapshot the numbers were read from, in words."""
    umgerechnet: int = 0
    """How many of the values at hand were converted from other boundaries to those of today."""

    def mit(self, **aenderung: object) -> Kontext:
        """Return a copy with some fields replaced."""
        return replace(self, **aenderung)  # type: ignore[arg-type]

    @property
    def fusszeile(self) -> str:
        """Date, publisher, source and mark in one line for the foot of a figure."""
        values = "1 Wert" if self.umgerechnet == 1 else f"{self.umgerechnet} Werte"
        note = f"{values} auf heutige Grenzen umgerechnet" if self.umgerechnet else ""
        parts = [f"Stichtag {self.stichtag}", self.herausgeber, *self.quellen[:3], note, self.marke]
        return " · ".join(part for part in parts if part)
