"""The file ``foerderung.yml`` of a region: which needs, which rule, how much money; politics, not method."""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from sozialanalyse.base import Befund, PruefFehler, vorschlag, yamlio

DATEI = "foerderung.yml"
Prozent = Annotated[float, Field(gt=0, le=100)]
Euro = Annotated[float, Field(ge=0)]


class _Seite(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class Schwelle(_Seite):
    """All or nothing from ``ein`` standard deviations on; who is in stays until below ``aus``."""

    art: Literal["schwelle"]
    ein: float
    aus: float | None = None

    @model_validator(mode="after")
    def _ordered(self) -> Schwelle:
        if self.aus is not None and self.aus > self.ein:
            raise ValueError("„aus“ darf nicht über „ein“ liegen.")
        return self


class Quote(_Seite):
    """The neediest areas, as many as this share of all."""

    art: Literal["quote"]
    anteil: Prozent


class Rampe(_Seite):
    """Rises from nothing at ``von`` to everything at ``bis`` standard deviations."""

    art: Literal["rampe"]
    von: float
    bis: float

    @model_validator(mode="after")
    def _ordered(self) -> Rampe:
        if self.von > self.bis:
            raise ValueError("„von“ darf nicht über „bis“ liegen.")
        return self


class Merkmal(_Seite):
    """One indicator: at least ``grenze`` times the mean of region and Kommune."""

    art: Literal["merkmal"]
    indikator: str
    grenze: float = Field(gt=0)
    gewicht_region: float = Field(default=0.5, ge=0, le=1)
    bevoelkerung: float = Field(default=0, ge=0)


Regel = Annotated[Schwelle | Quote | Rampe | Merkmal, Field(discriminator="art")]


class Staerke(_Seite):
    """How much more a person counts where the need is high."""

    je_einheit: float = Field(default=0.0, ge=0)
    """Weight per standard deviation above ``ab``."""
    ab: float = 0.0
    hoechstens: float = Field(default=2.0, ge=1)


class Mindestens(_Seite):
    """What an area must hold beside its need."""

    bevoelkerung: float = Field(default=0, ge=0)
    personen: float = Field(default=0, ge=0)
    auffaellig: int = Field(default=0, ge=0)
    """Indicators at half a standard deviation or more."""


class Bedarf(_Seite):
    """One need: what shows it, who has it, which rule, which share of the money."""

    name: str
    kurz: str = ""
    indikatoren: dict[str, float] = Field(min_length=1)
    """Indicator -> weight; below 0 where a low value is the need and the catalogue has no direction."""
    personen: str
    """Indicator whose cases are the persons in need."""
    regel: Regel
    anteil: Prozent
    """Share of the sum in percent."""
    staerke: Staerke = Staerke()
    mindestens: Mindestens = Mindestens()

    @field_validator("indikatoren")
    @classmethod
    def _weights(cls, given: dict[str, float]) -> dict[str, float]:
        if empty := [name for name, weight in given.items() if weight == 0]:
            raise ValueError(f"{empty[0]} hat das Gewicht 0; bitte weglassen oder ein Gewicht angeben.")
        return given

    @property
    def kurzname(self) -> str:
        return self.kurz or self.name


class Uebergang(_Seite):
    """Most an area may lose or win against the last period, in percent."""

    ab: float = Field(ge=0, le=100)
    auf: float = Field(ge=0)


class Mittel(_Seite):
    """The sum and its limits."""

    betrag: Annotated[float, Field(gt=0)]
    sockel: Euro = 0
    """Least euro of an area with a need, per need."""
    deckel: Prozent = 100
    """Most of a need's money one area may have, in percent."""
    deckel_kommune: Prozent = 100
    runden: Annotated[float, Field(gt=0)] = 100
    uebergang: Uebergang | None = None

    @model_validator(mode="after")
    def _floor(self) -> Mittel:
        if self.sockel > self.betrag:
            raise ValueError("„sockel“ liegt über „betrag“.")
        return self


class Zeitraum(_Seite):
    von: date
    bis: date

    @model_validator(mode="after")
    def _ordered(self) -> Zeitraum:
        if self.von > self.bis:
            raise ValueError("„von“ liegt nach „bis“.")
        return self


class Vorperiode(Zeitraum):
    betraege: dict[str, Euro]
    """Area -> euro a year."""
    bedarfe: dict[str, list[str]] = Field(default_factory=dict)
    """Area -> needs it had money for; an area with money that is not named had it for every need."""

    def hatten(self, bedarf: str) -> list[str]:
        """Areas that had money for a need."""
        return [
            area for area, euro in self.betraege.items()
            if euro > 0 and bedarf in self.bedarfe.get(area, [bedarf])
        ]  # fmt: skip


class VonHand(_Seite):
    """A decision against the rule, with reason and who took it."""

    gebiet: str
    bedarf: str
    entscheidung: Literal["ja", "nein"]
    grund: Annotated[str, Field(min_length=3)]
    beschlossen: Annotated[str, Field(min_length=3)]

    @field_validator("entscheidung", mode="before")
    @classmethod
    def _yes(cls, value: object) -> object:
        return {True: "ja", False: "nein"}.get(value, value) if isinstance(value, bool) else value


class FoerderSeite(_Seite):
    """The whole rule."""

    titel: str
    fassung: str
    beschluss: date | None = None
    zeitraum: Zeitraum
    gewichtung: Literal["gebiete", "menschen"] = "menschen"
    """Whether every area or every person counts once in mean and spread."""
    bedarfe: dict[Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")], Bedarf] = Field(min_length=1)
    mittel: Mittel
    vorher: list[Vorperiode] = Field(default_factory=list)
    von_hand: list[VonHand] = Field(default_factory=list)

    @model_validator(mode="after")
    def _fits(self) -> FoerderSeite:
        whole = sum(need.anteil for need in self.bedarfe.values())
        if abs(whole - 100) > 0.01:
            raise ValueError(f"Die Anteile der Bedarfe ergeben {whole:g} statt 100 Prozent.")
        spans = sorted([self.zeitraum, *self.vorher], key=lambda span: span.von)
        for one, other in itertools.pairwise(spans):
            if other.von <= one.bis:
                raise ValueError(
                    f"Die Zeiträume {one.von:%d.%m.%Y} bis {one.bis:%d.%m.%Y} und ab {other.von:%d.%m.%Y} überschneiden sich."
                )
        if strange := [one.bedarf for one in self.von_hand if one.bedarf not in self.bedarfe]:
            raise ValueError(
                f"von_hand: Den Bedarf „{strange[0]}“ gibt es nicht. {vorschlag(strange[0], self.bedarfe)}"
            )
        then = [need for span in self.vorher for needs in span.bedarfe.values() for need in needs]
        if strange := [need for need in then if need not in self.bedarfe]:
            raise ValueError(
                f"vorher: Den Bedarf „{strange[0]}“ gibt es nicht. {vorschlag(strange[0], self.bedarfe)}"
            )
        return self

    @property
    def letzte(self) -> Vorperiode | None:
        """The period before."""
        past = [span for span in self.vorher if span.bis < self.zeitraum.von]
        return max(past, key=lambda span: span.bis, default=None)

    @property
    def indikatoren(self) -> list[str]:
        """All indicators the rule names, once."""
        named = [
            [
                *need.indikatoren,
                need.personen,
                *([need.regel.indikator] if need.regel.art == "merkmal" else []),
            ]
            for need in self.bedarfe.values()
        ]
        return list(dict.fromkeys(key for keys in named for key in keys))


def vorhanden(region: Path) -> bool:
    """Whether a region couples money to need."""
    return (region / DATEI).is_file()


def lade(
    region: Path, indikatoren: Iterable[str], anteile: Iterable[str], gebiete: Iterable[str]
) -> FoerderSeite:
    """Read and check the rule.

    Parameters
    ----------
    region
        Region folder.
    indikatoren, anteile, gebiete
        What may be named: indicators, those with cases and a base, areas.

    Raises
    ------
    PruefFehler
        With every fault and its line.
    """
    document = yamlio.lesen(region / DATEI)
    page = yamlio.pruefen(FoerderSeite, document)
    known, shares, areas = set(indikatoren), set(anteile), set(gebiete)
    found: list[Befund] = []

    def fault(place: tuple[str | int, ...], sentence: str, remedy: str = "") -> None:
        found.append(Befund("fehler", sentence, remedy, datei=DATEI, zeile=document.zeile(place)))

    for name, need in page.bedarfe.items():
        spot = ("bedarfe", name)
        for key in need.indikatoren:
            if key not in known:
                fault(
                    (*spot, "indikatoren", key),
                    f"Den Indikator „{key}“ gibt es nicht.",
                    vorschlag(key, known),
                )
        if need.personen not in shares:
            fault(
                (*spot, "personen"),
                f"„{need.personen}“ ist kein Indikator mit Fällen und Bezugsgröße.",
                vorschlag(need.personen, shares),
            )
        if need.regel.art == "merkmal" and need.regel.indikator not in known:
            fault(
                (*spot, "regel", "indikator"),
                f"Den Indikator „{need.regel.indikator}“ gibt es nicht.",
                vorschlag(need.regel.indikator, known),
            )
    for index, span in enumerate(page.vorher):
        for part, key in [("betraege", key) for key in span.betraege] + [
            ("bedarfe", key) for key in span.bedarfe
        ]:
            if key not in areas:
                fault(
                    ("vorher", index, part, key),
                    f"Das Gebiet „{key}“ gibt es nicht.",
                    vorschlag(key, areas),
                )
    for index, one in enumerate(page.von_hand):
        if one.gebiet not in areas:
            fault(
                ("von_hand", index, "gebiet"),
                f"Das Gebiet „{one.gebiet}“ gibt es nicht.",
                vorschlag(one.gebiet, areas),
            )
    if found:
        raise PruefFehler(found)
    return page
