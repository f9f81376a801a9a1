"""What a page may be asked for: its parameters as annotated fields, and what the data offer for each of them.

A value that is unknown, ill-typed or names something the data do not hold is refused with a sentence
before any kernel starts. Text stays text: nothing is guessed from how a value looks.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, ValidationInfo, field_validator, model_validator

from sozialanalyse.base import gebietsname, vorschlag
from sozialanalyse.region import redaktion
from sozialanalyse.seiten.grundlage.vorrat import (
    Vorrat,
    aus_zahl,
    bekannter_indikator,
    bekannter_report,
    bekanntes_gebiet,
    bekanntes_thema,
    vorrat_von,
)

NEUESTER = "neuester"
ALLE = "alle"
MEISTE_GEBIETE = 8
"""Areas that may be compared at once, as in the script of the pages."""


@dataclass(frozen=True)
class Auswahl:
    """Mark of a parameter whose values the data tell: a plan may ask for all, titles and lists may name them."""

    alle: Callable[[Vorrat], list[str]]
    name: Callable[[Vorrat, str], str] = lambda _stock, key: key
    """What a reader calls a value."""
    gruppe: Callable[[Vorrat, str], str] = lambda _stock, _key: ""
    """Heading of the list of pages a value stands under; empty for the usual one."""


def _verglichen(stock: Vorrat, thema: str) -> bool:
    """Whether a topic has an indicator meant for comparing."""
    return bool(stock.indikatoren(thema)["auswertung"].any())


def _kommune_von(stock: Vorrat, gebiet: str) -> str:
    return KOMMUNEN.name(stock, str(stock.verzeichnis("sozialraum")["oberhalb"][gebiet]))


def _ortsname(level: str) -> Callable[[Vorrat, str], str]:
    return lambda stock, key: gebietsname(key, str(stock.verzeichnis(level)["name"][key] or ""))


STICHTAGE = Auswahl(lambda stock: list(stock.stichtage))
THEMEN = Auswahl(
    lambda stock: [thema for thema in stock.region.themen if _verglichen(stock, thema)],
    lambda stock, key: stock.region.themen[key].name,
)
INDIKATOREN = Auswahl(
    lambda stock: list(stock.indikatoren().index),
    lambda stock, key: str(stock.indikatoren()["kurz"][key]),
    lambda stock, key: THEMEN.name(stock, stock.indikatoren()["thema"][key]),
)
KOMMUNEN = Auswahl(
    lambda stock: list(stock.verzeichnis("kommune").index),
    lambda stock, key: str(stock.verzeichnis("kommune")["name"][key] or key),
)
GEBIETE = Auswahl(
    lambda stock: list(stock.verzeichnis("sozialraum").index), _ortsname("sozialraum"), _kommune_von
)
REPORTE = Auswahl(
    lambda stock: list(redaktion.themen(stock.region.ordner)),
    lambda stock, key: redaktion.themen(stock.region.ordner)[key].titel,
)

Pruefung = Callable[[str, ValidationInfo], str]


def _oder_leer(pruefung: Pruefung, leer: str = "") -> AfterValidator:
    return AfterValidator(lambda value, info: value if value == leer else pruefung(value, info))


def _jedes(pruefung: Pruefung) -> AfterValidator:
    return AfterValidator(lambda values, info: [pruefung(value, info) for value in values])


Thema = Annotated[str, _oder_leer(bekanntes_thema, ALLE), THEMEN]
"""A topic, or "alle"."""
Themen = Annotated[list[str], _jedes(bekanntes_thema), THEMEN]
Indikator = Annotated[str, _oder_leer(bekannter_indikator), INDIKATOREN]
"""Id of an indicator; empty lets the page choose."""
Indikatoren = Annotated[list[str], _jedes(bekannter_indikator)]
Gebiet = Annotated[str, _oder_leer(bekanntes_gebiet), GEBIETE]
"""Id of a small area, in any spelling that means just one, or its name; empty lets the page choose."""
Gebiete = Annotated[list[str], _jedes(bekanntes_gebiet)]
Report = Annotated[str, _oder_leer(bekannter_report), REPORTE]
"""Id of a topic report; empty lets the page choose."""


class Parameter(BaseModel):
    """Parameters every page has."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, allow_inf_nan=False)

    stichtag: Annotated[str, STICHTAGE] = NEUESTER
    kommune: Annotated[str, KOMMUNEN] = ""
    audience: str = "oeffentlich"
    """``intern``, ``oeffentlich`` or ``kommune:<id>``."""

    @model_validator(mode="before")
    @classmethod
    def _ohne_nullen(cls, values: object, info: ValidationInfo) -> object:
        """A command line takes keys for numbers; where just one key is meant, it is that one."""
        stock = vorrat_von(info)
        if not isinstance(values, dict) or stock is None:
            return values
        marks = cls.aufzaehlbar()
        return {
            k: aus_zahl(v, marks[k].alle(stock)) if k in marks and type(v) is int else v
            for k, v in values.items()
        }

    @field_validator("audience", mode="before")
    @classmethod
    def _audience(cls, value: object, info: ValidationInfo) -> object:
        stock = vorrat_von(info)
        if stock:
            return stock.region.pruefe_audience(value)
        if value in ("intern", "oeffentlich") or (isinstance(value, str) and value.startswith("kommune:")):
            return value
        raise ValueError(
            f"Die Zielgruppe „{value}“ gibt es nicht. Möglich sind intern, oeffentlich und kommune:KENNUNG."
        )

    @field_validator("stichtag", mode="before")
    @classmethod
    def _stichtag(cls, value: object, info: ValidationInfo) -> object:
        text = value.isoformat() if isinstance(value, date) else value
        stock = vorrat_von(info)
        if not isinstance(text, str):
            raise ValueError(
                f'„{value}“ ist kein Stichtag. Bitte als Text JJJJ-MM-TT schreiben, zum Beispiel "2023-12-31".'
            )
        if text != NEUESTER and stock and text not in stock.stichtage:
            raise ValueError(f"Zum Stichtag „{text}“ gibt es keine Daten. {vorschlag(text, stock.stichtage)}")
        return text

    @field_validator("kommune", mode="before")
    @classmethod
    def _kommune(cls, value: object, info: ValidationInfo) -> object:
        stock = vorrat_von(info)
        if value == "" or stock is None:
            return value
        text = stock.region.pruefe_kommune(value)
        known = stock.verzeichnis("kommune")
        if text not in known.index:
            names = [f"{key} ({name})" for key, name in known["name"].items()]
            raise ValueError(f"„{text}“ gibt es in {stock.region.name} nicht. {vorschlag(text, names)}")
        return text

    @property
    def gefragte_themen(self) -> list[str]:
        """Topics the page is limited to; empty for all."""
        named = getattr(self, "themen", None) or [getattr(self, "thema", ALLE)]
        return [thema for thema in named if thema != ALLE]

    @classmethod
    def aufzaehlbar(cls) -> dict[str, Auswahl]:
        """Parameters whose values the data tell, the Kommune last."""
        found = {
            name: mark
            for name, field in cls.model_fields.items()
            for mark in field.metadata
            if isinstance(mark, Auswahl)
        }
        return {name: found[name] for name in sorted(found, key=lambda name: name == "kommune")}

    def genannte(self, stock: Vorrat) -> list[tuple[str, str]]:
        """Name and group of every value that tells what the page is about, the reference date left out."""
        return [
            (mark.name(stock, key), mark.gruppe(stock, key))
            for name, mark in self.aufzaehlbar().items()
            if name != "stichtag"
            for key in _alle_von(getattr(self, name))
        ]

    def anfrage(self) -> dict[str, str]:
        """The parameters as the query of a link: what differs from the defaults, lists joined by commas."""
        values = self.model_dump(mode="json", exclude_defaults=True, exclude={"audience"})
        return {k: ",".join(map(str, v)) if isinstance(v, list) else str(v) for k, v in values.items()}


def _alle_von(value: Any) -> list[str]:
    return [key for key in (value if isinstance(value, list) else [value]) if key not in ("", ALLE)]
