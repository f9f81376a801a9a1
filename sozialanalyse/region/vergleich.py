"""The file ``vergleich.yml`` of a region: published values from outside, such as of the Land or of similar Kreise."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from pathlib import Path

from pydantic import Field

from sozialanalyse.base import Befund, PruefFehler, YamlSeite, vorschlag, yamlio

DATEI = "vergleich.yml"


class Wert(YamlSeite):
    """A value at a date, in the unit of the indicator."""

    indikator: str
    stichtag: date
    wert: float = Field(allow_inf_nan=False)


class Vergleich(YamlSeite):
    """What a region is compared with, and who published it."""

    name: str = Field(min_length=1, max_length=40)
    """Heading of the column, such as „Nordrhein-Westfalen“."""
    quelle: str = Field(min_length=1)
    werte: list[Wert] = Field(min_length=1)

    def am(self, stichtag: str) -> dict[str, float]:
        """Indicator -> value at a date."""
        return {one.indikator: one.wert for one in self.werte if one.stichtag.isoformat() == stichtag}


class Vergleichsseite(YamlSeite):
    """The file."""

    vergleiche: list[Vergleich] = Field(min_length=1)


def vorhanden(ordner: Path) -> bool:
    """Whether a region names values from outside."""
    return (ordner / DATEI).is_file()


def lade(ordner: Path, indikatoren: Collection[str]) -> list[Vergleich]:
    """What the region is compared with; nothing without the file.

    Parameters
    ----------
    indikatoren
        Ids that exist.

    Raises
    ------
    PruefFehler
        If the file is faulty, an indicator does not exist, or a value stands there twice.
    """
    if not vorhanden(ordner):
        return []
    document = yamlio.lesen(ordner / DATEI)
    page = yamlio.pruefen(Vergleichsseite, document)
    problems: list[Befund] = []

    def report(place: yamlio.Ort, said: str, remedy: str) -> None:
        problems.append(Befund("fehler", said, remedy, datei=str(document.pfad), zeile=document.zeile(place)))

    for i, one in enumerate(page.vergleiche):
        seen: set[tuple[str, date]] = set()
        if one.name in {other.name for other in page.vergleiche[:i]}:
            report(("vergleiche", i), f"„{one.name}“ steht mehrmals da.", "Bitte jeden Namen einmal nennen.")
        for j, value in enumerate(one.werte):
            place = ("vergleiche", i, "werte", j)
            if value.indikator not in indikatoren:
                report(place, f"Den Indikator „{value.indikator}“ gibt es nicht.", vorschlag(value.indikator, indikatoren))  # fmt: skip
            if (value.indikator, value.stichtag) in seen:
                report(place, f"{one.name}: Für {value.indikator} stehen zum {value.stichtag:%d.%m.%Y} mehrere Werte da.", "Bitte einen davon streichen.")  # fmt: skip
            seen.add((value.indikator, value.stichtag))
    if problems:
        raise PruefFehler(problems)
    return page.vergleiche
