"""The models: one for each notebook."""

from __future__ import annotations

import itertools
import math
from datetime import date
from typing import ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationInfo, field_validator, model_validator

from sozialanalyse import redaktion
from sozialanalyse.errors import vorschlag
from sozialanalyse.parameters.vorrat import (
    bekannter_indikator,
    bekanntes_gebiet,
    bekanntes_thema,
    eindeutig,
    vorrat_von,
)

NEUESTER = "neuester"
ALLE = "alle"
MEISTE_GEBIETE = 8
"""Areas that may be compared at once, as in the script of the pages."""


class Parameter(BaseModel):
    """Parameters every notebook has."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, allow_inf_nan=False)

    pdf: ClassVar[Literal["", "bericht", "blatt"]] = ""
    """Whether a batch writes the page as PDF, too: as a report, or tightly as a sheet."""

    vergleicht: ClassVar[bool] = False
    """Whether there is no page without indicators that can be compared."""

    stichtag: str = NEUESTER
    kommune: str = ""
    audience: str = "oeffentlich"
    """``intern``, ``oeffentlich`` or ``kommune:<id>``."""

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
        """Topics the report is limited to; empty for all."""
        return []


class ClusterParameter(Parameter):
    """Parameters of ``cluster.ipynb``."""

    vergleicht: ClassVar[bool] = True

    themen: list[str] = Field(default_factory=list)
    indikatoren: list[str] = Field(default_factory=list)
    typen: int | Literal["auto"] = "auto"
    verfahren: Literal["kmeans", "ward", "pam", "gmm"] = "kmeans"
    sozialraum: str = ""

    @field_validator("themen")
    @classmethod
    def _themen(cls, value: list[str], info: ValidationInfo) -> list[str]:
        return [bekanntes_thema(thema, info) for thema in value]

    @field_validator("indikatoren")
    @classmethod
    def _indikatoren(cls, value: list[str], info: ValidationInfo) -> list[str]:
        return [bekannter_indikator(key, info) for key in value]

    @field_validator("typen")
    @classmethod
    def _typen(cls, value: int | str) -> int | str:
        if isinstance(value, int) and not 2 <= value <= 8:
            raise ValueError(
                f'„{value}“ ist nicht möglich: Es können 2 bis 8 Typen gebildet werden, oder "auto".'
            )
        return value

    @field_validator("sozialraum")
    @classmethod
    def _sozialraum(cls, value: str, info: ValidationInfo) -> str:
        return bekanntes_gebiet(value, info) if value else value

    @property
    def gefragte_themen(self) -> list[str]:
        return self.themen


class VarianzParameter(Parameter):
    """Parameters of ``varianz.ipynb``."""

    vergleicht: ClassVar[bool] = True

    thema: str = ALLE
    gewichtung: Literal["gebiete", "bevoelkerung"] = "bevoelkerung"

    @field_validator("thema")
    @classmethod
    def _check_thema(cls, value: str, info: ValidationInfo) -> str:
        return value if value == ALLE else bekanntes_thema(value, info)

    @property
    def gefragte_themen(self) -> list[str]:
        return [] if self.thema == ALLE else [self.thema]


class AtlasParameter(Parameter):
    """Parameters of ``atlas.ipynb``."""

    indikator: str = ""
    """Id of the indicator; empty for the first of the catalogue."""
    vergleich: str = ""
    """Second indicator beside the first; empty for none."""
    einteilung: Literal["gleich", "quantil", "natuerlich", "standardabweichung", "manuell"] = "quantil"
    klassen: int = 5
    grenzen: list[float] = Field(default_factory=list)
    """Inner limits of the classes; with them the way of classing is ``manuell``."""
    seit: str = ""
    """Earlier reference date of the change map; empty for the oldest."""
    gebiete: list[str] = Field(default_factory=list)
    """Areas chosen for comparing."""

    @field_validator("indikator", "vergleich")
    @classmethod
    def _indikator(cls, value: str, info: ValidationInfo) -> str:
        return bekannter_indikator(value, info) if value else value

    @field_validator("klassen")
    @classmethod
    def _klassen(cls, value: int) -> int:
        if not 2 <= value <= 9:
            raise ValueError(f"„{value}“ ist nicht möglich: Es können 2 bis 9 Klassen gebildet werden.")
        return value

    @field_validator("grenzen", mode="before")
    @classmethod
    def _grenzen(cls, value: object) -> object:
        if not isinstance(value, list):
            return value
        try:
            limits = [float(limit) for limit in _getippt(value)]
        except ValueError:
            raise ValueError(
                "Klassengrenzen sind Zahlen, mit Semikolon getrennt, zum Beispiel 5; 7,5; 12."
            ) from None
        if (
            len(limits) > 8
            or not all(map(math.isfinite, limits))
            or any(b <= a for a, b in itertools.pairwise(limits))
        ):
            raise ValueError("Klassengrenzen sind eine bis acht aufsteigende Zahlen.")
        return limits

    @field_validator("seit", mode="before")
    @classmethod
    def _seit(cls, value: object, info: ValidationInfo) -> object:
        return value if value == "" else cls._stichtag(value, info)

    @field_validator("gebiete")
    @classmethod
    def _gebiete(cls, value: list[str], info: ValidationInfo) -> list[str]:
        if len(value) > MEISTE_GEBIETE:
            raise ValueError(f"Es lassen sich höchstens {MEISTE_GEBIETE} Gebiete vergleichen.")
        return [bekanntes_gebiet(key, info) for key in value]

    @model_validator(mode="before")
    @classmethod
    def _grenzen_gehen_vor(cls, values: object) -> object:
        """Limits that are given are meant, whatever way of classing stands beside them."""
        if isinstance(values, dict) and values.get("grenzen"):
            return {**values, "einteilung": "manuell"}
        return values

    @model_validator(mode="after")
    def _manuell(self) -> AtlasParameter:
        if self.einteilung == "manuell" and not self.grenzen:
            raise ValueError("Zur Einteilung „manuell“ gehören „grenzen“, zum Beispiel 5; 7,5; 12.")
        return self


def _getippt(limits: list[object]) -> list[str]:
    """Limits as a reader types them, „5; 7,5; 12“: the link was cut at every comma already."""
    whole = ",".join(map(str, limits))
    if ";" not in whole:
        return [str(limit) for limit in limits]
    return [part.strip().replace(",", ".") for part in whole.split(";") if part.strip()]


class DatenstandParameter(Parameter):
    """Parameters of ``datenstand.ipynb``."""


class IndexParameter(Parameter):
    """Parameters of ``index.ipynb``."""


class KommunalprofilParameter(Parameter):
    """Parameters of ``kommunalprofil.ipynb``; without a Kommune the first one is shown."""

    pdf: ClassVar[Literal["", "bericht", "blatt"]] = "bericht"


class SozialraumprofilParameter(Parameter):
    """Parameters of ``sozialraumprofil.ipynb``; without an area the first one is shown."""

    pdf: ClassVar[Literal["", "bericht", "blatt"]] = "blatt"

    sozialraum: str = ""

    @field_validator("sozialraum")
    @classmethod
    def _sozialraum(cls, value: str, info: ValidationInfo) -> str:
        return bekanntes_gebiet(value, info) if value else value


class ThemenreportParameter(Parameter):
    """Parameters of ``themenreport.ipynb``; without a report the first one is shown."""

    pdf: ClassVar[Literal["", "bericht", "blatt"]] = "bericht"

    report: str = ""

    @field_validator("report")
    @classmethod
    def _report(cls, value: str, info: ValidationInfo) -> str:
        stock = vorrat_von(info)
        if value and stock:
            reports = redaktion.themen(stock.region.ordner)
            return eindeutig(value, {key: page.titel for key, page in reports.items()}, "Den Themenreport")
        return value


NOTEBOOKS: dict[str, type[Parameter]] = {
    "index": IndexParameter,
    "atlas": AtlasParameter,
    "cluster": ClusterParameter,
    "varianz": VarianzParameter,
    "kommunalprofil": KommunalprofilParameter,
    "sozialraumprofil": SozialraumprofilParameter,
    "themenreport": ThemenreportParameter,
    "datenstand": DatenstandParameter,
}
