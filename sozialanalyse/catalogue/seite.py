"""The page of a dataset: file, table, fields, indicators and what must hold for them."""

from __future__ import annotations

import re
from typing import Literal

from pydantic import Field, field_validator, model_validator

from sozialanalyse.region import Basis, Fangmuster, Kennung, Muster, Seite


class Quelle(Seite):
    """Who delivers and on which terms."""

    anbieter: str
    lizenz: str
    hinweis: str = ""
    vertraulich: bool = False


class Kopf(Seite):
    """Where the heading of a table stands."""

    erkennbar_an: str
    """Text of a cell in the first row of the heading."""
    hoehe: int = Field(default=1, ge=1, le=5)


class StichtagRegel(Seite):
    """How a delivery tells its reference date."""

    aus: Literal["dateiname", "spalte", "zelle", "fest"]
    muster: Fangmuster | None = None
    """Regular expression with one group, for file name and cell."""
    spalte: str | None = None
    wert: str | None = None
    hoechstens_tage: int = Field(default=0, ge=0, le=366)
    """A delivered date may be this far from the reference date it counts for."""

    @model_validator(mode="after")
    def _complete(self) -> StichtagRegel:
        needed = {"dateiname": "muster", "zelle": "muster", "spalte": "spalte", "fest": "wert"}[self.aus]
        if getattr(self, needed) is None:
            raise ValueError(f"Zu „aus: {self.aus}“ gehört die Angabe „{needed}“.")
        return self


class SchluesselRegel(Seite):
    """Which columns name the area."""

    spalten: list[str] = Field(min_length=1)
    verbinden: str = ""
    """Sign between the columns when several make one key."""
    kommune_aus: Literal["dateiname", "zelle"] | None = None
    """Where the Kommune stands if rows name only the part within it."""
    kommune_muster: Fangmuster | None = None
    summen: Muster | None = None
    """Regular expression: rows that hold totals of a Kommune or the region; used as a check."""
    ueberlesen: Muster | None = None
    """Regular expression: rows that are left out, such as subtotals."""
    nicht_zuordenbar: Muster | None = None
    """Regular expression: row with cases that could not be assigned to an area."""


class Tabelle(Seite):
    """Shape of a delivered table."""

    format: Literal["excel", "csv"]
    blatt: Muster | None = None
    """Name of the sheet, or a regular expression for it; default the first visible one."""
    kodierung: str | None = None
    trennzeichen: str | None = None
    dezimal: Literal[",", "."] = ","
    kopf: Kopf | None = None
    ende: Muster | None = None
    """Regular expression: the table ends before the row whose first cell matches."""
    schluessel: SchluesselRegel
    stichtag: StichtagRegel
    merkmal: str | None = None
    """Long tables: column that names the field of a row."""
    wert: str | None = None
    """Long tables: column that holds the number."""

    @model_validator(mode="after")
    def _long(self) -> Tabelle:
        if (self.merkmal is None) != (self.wert is None):
            raise ValueError("„merkmal“ und „wert“ gehören zusammen (lange Tabelle).")
        return self


class Feld(Seite):
    """One delivered quantity."""

    spalte: str | list[str]
    """Heading (or, in long tables, text in the column ``merkmal``); a list names alternatives."""
    einheit: str = "Personen"
    min: float | None = 0
    max: float | None = None
    beschreibung: str = ""
    summierbar: bool = True
    """Whether areas add up to their Kommune; false for medians and rates, also for a field that is only the
    numerator of indicators with ``art: wert``."""
    optional: bool = False
    faktor: float = Field(default=1, gt=0)
    """What a delivered number is multiplied by, such as 100 for shares delivered as 0.123."""
    umrechnung: Basis = "einwohner"
    """What counts of a divided area are shared out by."""
    beitraege: list[str] = Field(default_factory=list)
    """Fields with the largest single contributions to this one, largest first (dominance rules)."""

    @property
    def spalten(self) -> list[str]:
        return [self.spalte] if isinstance(self.spalte, str) else self.spalte


class IndikatorSeite(Seite):
    """One indicator: what it says and how it is computed."""

    name: str
    kurz: str = ""
    thema: Kennung
    art: Literal["quote", "anzahl", "wert"] = "quote"
    """quote: numerator by denominator; anzahl: a count; wert: a value as delivered."""
    zaehler: str
    nenner: str | None = None
    faktor: float = 100
    einheit: str = "%"
    nachkommastellen: int = Field(default=1, ge=0, le=4)
    polaritaet: Literal["+", "-", "0"] = "0"
    """"+": higher means more need; "-": higher means less; "0": neither."""
    mindestnenner: float = Field(default=0, ge=0)
    bereich: tuple[float, float] | None = None
    """Plausible range; outside is a warning."""
    definition: str = ""
    hinweis: str = ""
    satz: str = Field(default="", pattern=r"^((Der|Die|Das) .+)?$")
    """How the indicator is called at the head of a German sentence: singular, with its article."""
    einfach: str = ""
    """The same in Einfache Sprache, to be followed by a colon and the number."""
    beleg: str = ""
    """What is documented for the region and what is standard practice."""
    anteil: bool = True
    """Whether numerator is a part of the denominator (cannot exceed it)."""
    index: dict[str, float] = Field(default_factory=dict)
    """Topic -> weight in its index; a negative weight turns an indicator that is neither good nor bad."""
    index_pflicht: bool = False
    """Whether an area without this indicator gets no index."""
    sperrprofil: str | None = None
    auswertung: bool = True
    """Whether the indicator takes part in comparing and typing by default."""
    komposition: str | None = None
    """Name of the composition whose shares add to one, if it is part of one."""

    @field_validator("polaritaet", mode="before")
    @classmethod
    def _neutral(cls, value: object) -> object:
        """An unquoted 0 is unmistakable here."""
        return "0" if value == 0 and not isinstance(value, bool) else value

    @model_validator(mode="after")
    def _complete(self) -> IndikatorSeite:
        if self.art == "quote" and self.nenner is None:
            raise ValueError("Eine Quote braucht die Angabe „nenner“.")
        return self


class Sprung(Seite):
    """A number may differ from the one before by the larger of both; more is a warning."""

    prozent: float = Field(default=20, ge=0)
    wurzel: float = Field(default=3, ge=0)
    """Multiple of the square root of the earlier count."""


class OhneZuordnung(Seite):
    """Share of cases without an area, in percent, from which it is told."""

    warnung: float = Field(default=3, ge=0)
    fehler: float = Field(default=8, ge=0)


class Pruefungen(Seite):
    """What must hold for the numbers of a delivery beyond what holds everywhere."""

    summen: dict[str, str] = Field(default_factory=dict)
    """Field -> sum of fields it must equal, such as ``ew: maenner + frauen``."""
    teile: dict[str, str] = Field(default_factory=dict)
    """Field -> field (or sum of fields) it is a part of, so it cannot be larger."""
    gleich: dict[str, str] = Field(default_factory=dict)
    """Field -> the same quantity in another dataset; more than ``toleranz`` apart is a warning."""
    toleranz: float = Field(default=0, ge=0)
    """Difference in percent that sums and equal quantities may have."""
    sprung: Sprung | None = Sprung()
    ohne_zuordnung: OhneZuordnung = OhneZuordnung()


class DatensatzSeite(Seite):
    """One page of the catalogue."""

    id: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    name: str
    zeile_ist: str
    quelle: Quelle
    dokumentation: str = ""
    dateien: str | list[str]
    """File pattern below the deliveries, such as ``melderegister/*.xlsx``."""
    tabelle: Tabelle
    symbolprofil: str
    sperrprofil: str
    felder: dict[str, Feld] = Field(min_length=1)
    indikatoren: dict[str, IndikatorSeite] = Field(default_factory=dict)
    vollstaendig: bool = True
    """Whether every area must be in the delivery."""
    gebietsstand: str | list[str] = Field(default_factory=list)
    """Other cuts of areas (``umstiege`` in region.yml) in which this supplier delivers."""
    pruefungen: Pruefungen = Pruefungen()

    @field_validator("felder")
    @classmethod
    def _names(cls, value: dict[str, Feld]) -> dict[str, Feld]:
        for name in value:
            if not re.fullmatch(r"[a-z][a-z0-9_]*", name):
                raise ValueError(f"Der Feldname „{name}“ darf nur Kleinbuchstaben, Ziffern und _ enthalten.")
        return value

    @property
    def staende(self) -> list[str]:
        return [self.gebietsstand] if isinstance(self.gebietsstand, str) else self.gebietsstand

    @property
    def muster(self) -> list[str]:
        return [self.dateien] if isinstance(self.dateien, str) else self.dateien
