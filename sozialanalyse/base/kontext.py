"""What every figure, table and page says about itself: place, date, source, mark.

A :class:`Kontext` is plain data. The store fills it; presenting and publishing only read it, so
neither has to know where the numbers came from.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

Genus = Literal["m", "f", "n"]

GENANNTE_QUELLEN = 4
"""Up to so many sources stand by name at the foot of a figure."""

_ENDUNGEN: dict[Genus, tuple[str, ...]] = {
    "m": ("kreis", "raum", "bezirk", "verband", "teil", "ort", "staat", "distrikt", "kanton", "sprengel", "block", "weiler",
          "landstrich", "abschnitt", "bereich", "flecken", "kiez"),
    "f": ("stadt", "region", "kommune", "gemeinde", "einheit", "provinz", "siedlung", "zelle", "schaft", "zone", "nachbarschaft",
          "lage", "pfarrei", "fraktion", "ung"),
    "n": ("gebiet", "land", "amt", "viertel", "quartier", "dorf", "revier", "departement", "areal", "feld", "grätzl"),
}  # fmt: skip
"""How German words for areas end, by what they are."""

_IN = {"m": "im", "f": "in der", "n": "im"}


def genus_von(wort: str) -> Genus | None:
    """Gender of a German word for areas by its end; None if it is not among the known ones."""
    last = wort.casefold().split(" ")[-1]
    fitting = [(end, genus) for genus, ends in _ENDUNGEN.items() for end in ends if last.endswith(end)]
    return max(fitting, key=lambda pair: len(pair[0]))[1] if fitting else None


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
    def mein(self) -> str:
        """With a possessive, nominative singular: "meine Kommune", "mein Bezirk"."""
        return f"mein{'e' if self.genus == 'f' else ''} {self.einzahl}"

    @property
    def ort(self) -> str:
        """Where, in the dative: "in der Kommune", "im Sozialraum", "im Statistischen Bezirk"."""
        *before, last = self.einzahl.split(" ")
        bent = [re.sub(r"(?<=[a-zäöüß])e[rs]?$", "en", word) for word in before]
        return " ".join([_IN[self.genus], *bent, last])


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
    tage: tuple[str, ...] = ()
    """Reference dates of a figure that shows several, oldest first, as a reader writes them."""
    andere_tage: tuple[str, ...] = ()
    """Topics of a page without values on its date, each with the date it has values for: "Arbeit (31.12.2023)"."""
    umgerechnet: int = 0
    """How many of the values at hand were converted from other boundaries to those of today."""

    def mit(self, **aenderung: object) -> Kontext:
        """Return a copy with some fields replaced."""
        return replace(self, **aenderung)  # type: ignore[arg-type]

    @property
    def worte(self) -> dict[str, str]:
        """Names of region and levels, for sentences."""
        return {
            "region": self.region,
            "in_region": self.region_ebene.ort,
            "sozialraum": self.sozialraum.einzahl,
            "sozialraeume": self.sozialraum.mehrzahl,
            "sozialraeumen": self.sozialraum.dativ,
            "kommune": self.kommune.einzahl,
            "meine_kommune": self.kommune.mein,
            "kommunen": self.kommune.mehrzahl,
            "kommunen_dativ": self.kommune.dativ,
            "stichtag": self.stichtag,
        }

    def umfang(self, mit_wert: int, alle: int) -> str:
        """How many small areas a figure shows: "93 Sozialräume", "26 von 93 Sozialräumen"."""
        if mit_wert == alle:
            return f"{alle} {self.sozialraum.einzahl if alle == 1 else self.sozialraum.mehrzahl}"
        return f"{mit_wert} von {alle} {self.sozialraum.dativ}"

    def umfang_je(self, zahlen: Sequence[int]) -> str:
        """How many small areas stand in each row of a figure: "70 bis 93 Sozialräume je Zeile"."""
        low, high = min(zahlen, default=0), max(zahlen, default=0)
        return (
            self.umfang(low, low) if low == high else f"{low} bis {high} {self.sozialraum.mehrzahl} je Zeile"
        )

    @property
    def fusszeile(self) -> str:
        """Date, source, publisher and mark in one line for the foot of a figure."""
        day = f"Stichtag {self.stichtag}"
        if len(self.tage) > 1:
            day = f"Stichtage {', '.join(self.tage[:-1])} und {self.tage[-1]}"
        return " · ".join(part for part in (day, self._herkunft, self.umrechnung, self.ueberall) if part)

    @property
    def umrechnung(self) -> str:
        """How many of the values at hand were converted, in words; empty if none was."""
        values = "1 Wert" if self.umgerechnet == 1 else f"{self.umgerechnet} Werte"
        return f"{values} auf heutige Grenzen umgerechnet" if self.umgerechnet else ""

    @property
    def ueberall(self) -> str:
        """What the foot of every figure says, because a figure may leave its page: publisher and mark."""
        return " · ".join(part for part in (self.herausgeber, self.marke) if part)

    @property
    def _herkunft(self) -> str:
        """Sources by name; of many only how many, because naming a few of them would mislead."""
        if len(self.quellen) > GENANNTE_QUELLEN:
            return f"{len(self.quellen)} Quellen, am Ende genannt"
        word = "Quelle" if len(self.quellen) == 1 else "Quellen"
        return f"{word}: {'; '.join(self.quellen)}" if self.quellen else ""
