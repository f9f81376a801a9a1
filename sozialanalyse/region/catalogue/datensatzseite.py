"""The page of a dataset: file, table, fields, indicators and what must hold for them."""

from __future__ import annotations

import re
from collections.abc import Callable
from fnmatch import fnmatchcase
from functools import reduce
from operator import or_
from typing import TYPE_CHECKING, Annotated, Any, Literal, TypeVar

from pydantic import Field, WrapValidator, create_model, field_validator, model_validator

from sozialanalyse.base import Fangmuster, Kennung, Muster, Spaltenstelle, YamlSeite, spaltennummer
from sozialanalyse.formate import FORMATE, Dateiform, Format
from sozialanalyse.region.catalogue.abruf import Abruf
from sozialanalyse.region.region import Basis

_PROZENT = re.compile(r"%|prozent|percent|\bv\.?\s?H\.?(?!\w)", re.IGNORECASE)
_GEMESSEN = re.compile(
    r"%|‰|€|\beuro?\b|prozent|promille|\bv\.?\s?h\.?(?!\w)|m²|m2|\bqm\b|\bk?m\b|\bha\b|hektar|fläche|jahr|alter|monat|\btage?\b|stunde|"
    r"minute|index|punkte?\b|quote|anteil|rate\b|\bje\b|\bpro\b|/|vollzeit|vzä|kwh|tonne|liter|grad|mittel|durchschnitt|"
    r"tausend|tsd|million|mio",
    re.IGNORECASE,
)
"""Units of what is measured, not counted."""


class Quelle(YamlSeite):
    """Who delivers and on which terms."""

    anbieter: str
    lizenz: str
    hinweis: str = ""
    vertraulich: bool = False


def _column(value: object, handler: Callable[[object], str]) -> str:
    """A heading, or the place of a column: ``{buchstabe: B}`` or ``{nummer: 2}``."""
    if not isinstance(value, dict):
        return handler(value)
    letters, number = value.get("buchstabe"), value.get("nummer")
    if len(value) == 1 and isinstance(letters, str) and re.fullmatch(r"[A-Za-z]{1,3}", letters):
        return Spaltenstelle(spaltennummer(letters.upper()))
    if len(value) == 1 and isinstance(number, int) and not isinstance(number, bool) and number > 0:
        return Spaltenstelle(number - 1)
    if len(value) == 1 and isinstance(number, int) and not isinstance(number, bool):
        raise ValueError(f"Spalten zählen ab 1; {{nummer: {number}}} gibt es nicht.")
    raise ValueError(
        "Eine Spalte nennt man durch ihre Überschrift, durch {buchstabe: B} oder durch {nummer: 2}."
    )


Spaltenangabe = Annotated[str, WrapValidator(_column)]
"""A column: its heading, else its place."""


Auswahl = Muster | list[Muster]
"""Words a cell may hold; what is no word of the column is a regular expression."""


T = TypeVar("T")


def _listed(value: T | list[T] | None) -> list[T]:
    return value if isinstance(value, list) else [] if value is None else [value]


class StichtagRegel(YamlSeite):
    """How a delivery tells its reference date."""

    aus: Literal["dateiname", "spalte", "zelle", "blatt", "kopf", "fest"]
    muster: Fangmuster | None = None
    """Regular expression with one group around the date; headings and names of sheets do without."""
    spalte: Spaltenangabe | list[Spaltenangabe] | None = None
    """Column with the date; several where its parts stand apart, such as year and quarter."""
    wert: str | None = None
    hoechstens_tage: int = Field(default=0, ge=0, le=366)
    """A delivered date may be this far from the reference date it counts for; of several the nearest counts."""

    @model_validator(mode="after")
    def _complete(self) -> StichtagRegel:
        needed = {"dateiname": "muster", "zelle": "muster", "spalte": "spalte", "fest": "wert"}.get(self.aus)
        if needed and getattr(self, needed) is None:
            raise ValueError(f"Zu „aus: {self.aus}“ gehört die Angabe „{needed}“.")
        return self

    @property
    def spalten(self) -> list[Spaltenangabe]:
        return _listed(self.spalte)


class EbenenRegel(YamlSeite):
    """How a row tells its level, where one name means areas of two."""

    aus: Literal["spalte", "zeile_darueber", "reihenfolge"]
    spalte: Spaltenangabe | None = None
    kommune: Auswahl | None = None
    """What stands in the column, or in the row above a block; default the region's word for the level."""
    sozialraum: Auswahl | None = None
    zuerst: Literal["kommune", "sozialraum"] = "kommune"
    """Whose row comes first where the order tells."""

    @model_validator(mode="after")
    def _complete(self) -> EbenenRegel:
        if (self.aus == "spalte") != (self.spalte is not None):
            raise ValueError("„spalte“ gehört zu „aus: spalte“, und nur dazu.")
        return self


class SchluesselRegel(YamlSeite):
    """Which columns name the area."""

    spalten: list[Spaltenangabe] = Field(min_length=1)
    verbinden: str = ""
    """Sign between the columns when several make one key."""
    auffuellen: bool = False
    """Whether an empty cell in a column that names rows means what stands above it."""
    ebene: Literal["kommune", "sozialraum"] | EbenenRegel | None = None
    """Level the rows speak of."""
    kommune_aus: (
        Literal["dateiname", "zelle", "blatt", "spalte", "zeile_darueber", "zeile_darunter"] | None
    ) = None
    """Where the Kommune stands if rows name only the part within it."""
    kommune_spalte: Spaltenangabe | None = None
    kommune_muster: Fangmuster | None = None
    summen: Muster | None = None
    """Regular expression: rows that hold totals of a Kommune or the region; used as a check."""
    ueberlesen: Muster | None = None
    """Regular expression: rows that are left out, such as subtotals."""
    nicht_zuordenbar: Muster | None = None
    """Regular expression: row with cases that could not be assigned to an area."""

    @model_validator(mode="after")
    def _complete(self) -> SchluesselRegel:
        if (self.kommune_aus == "spalte") != (self.kommune_spalte is not None):
            raise ValueError("„kommune_spalte“ gehört zu „kommune_aus: spalte“, und nur dazu.")
        return self


class Tabelle(Dateiform):
    """Shape of a delivered table; the options of its format stand beside these keys."""

    dezimal: Literal[",", "."] | None = None
    """Decimal sign of numbers written as text; without it each column must tell it by itself."""
    schluessel: SchluesselRegel
    stichtag: StichtagRegel
    nur: dict[str, Auswahl] = Field(default_factory=dict)
    """Column -> what its cell must hold for a row to be read."""
    zusammenfassen: Literal["summe", "gleiche"] | None = None
    """What becomes of several rows of one area: their sum, or one of rows that are all the same."""
    merkmal: Spaltenangabe | list[Spaltenangabe] | None = None
    """Long tables: column that names the field of a row; of several, their words in this order."""
    wert: Spaltenangabe | None = None
    """Long tables: column that holds the number; with days in the headings, what is left of them."""

    @model_validator(mode="after")
    def _long(self) -> Tabelle:
        dated = self.stichtag.aus == "kopf"
        if (self.merkmal is None) != (self.wert is None) and not (dated and self.wert is None):
            raise ValueError("„merkmal“ und „wert“ gehören zusammen (lange Tabelle).")
        return self

    @property
    def merkmale(self) -> list[Spaltenangabe]:
        return _listed(self.merkmal)


def _of_format(kind: Format) -> type[Tabelle]:
    bases: Any = (kind.Form, Tabelle)
    return create_model(f"Tabelle_{kind.NAME}", __base__=bases, __module__=__name__)


TABELLEN = {name: _of_format(kind) for name, kind in FORMATE.items()}
"""Format -> shape of its tables."""

if TYPE_CHECKING:
    Tabellenform = Tabelle
else:
    Tabellenform = Annotated[reduce(or_, TABELLEN.values()), Field(discriminator="format")]


class Feld(YamlSeite):
    """One delivered quantity."""

    spalte: Spaltenangabe | list[Spaltenangabe]
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
    def spalten(self) -> list[Spaltenangabe]:
        return _listed(self.spalte)

    @property
    def prozent(self) -> bool:
        """Whether the field is measured in percent, however the unit is worded."""
        return _PROZENT.search(self.einheit) is not None

    @property
    def kopf_in_prozent(self) -> bool:
        """Whether a heading says that the numbers are percent."""
        return any(_PROZENT.search(str(heading)) for heading in self.spalten)

    @property
    def zaehlt(self) -> bool:
        """Whether the field counts something, so that its numbers have no decimals."""
        return self.summierbar and self.faktor == 1 and _GEMESSEN.search(self.einheit) is None


class IndikatorSeite(YamlSeite):
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
    einfach: str = Field(default="", pattern=r"^[^{}]*(\{wert\}[^{}]*)?$")
    """A sentence in Einfache Sprache without its full stop, with ``{wert}`` for the number ("12 von 100");
    without ``{wert}`` a colon and the number follow."""
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


class Sprung(YamlSeite):
    """A number may differ from the one before by the larger of both; more is a warning."""

    prozent: float = Field(default=20, ge=0)
    wurzel: float = Field(default=3, ge=0)
    """Multiple of the square root of the earlier count."""


class OhneZuordnung(YamlSeite):
    """Share of cases without an area, in percent, from which it is told."""

    warnung: float = Field(default=3, ge=0)
    fehler: float = Field(default=8, ge=0)


class Pruefungen(YamlSeite):
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


class DatensatzSeite(YamlSeite):
    """One page of the catalogue."""

    id: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    name: str
    zeile_ist: str
    quelle: Quelle
    dokumentation: str = ""
    dateien: str | list[str]
    """File pattern below the deliveries, such as ``melderegister/*.xlsx``."""
    abruf: Abruf | None = None
    """Where the delivery is fetched from, if nobody sends it."""
    tabelle: Tabellenform
    symbolprofil: str
    sperrprofil: str
    felder: dict[str, Feld] = Field(min_length=1)
    indikatoren: dict[str, IndikatorSeite] = Field(default_factory=dict)
    vollstaendig: bool = True
    """Whether every area must be in the delivery."""
    gerundet_auf: float = Field(default=0, ge=0)
    """Counts are delivered in multiples of this; 0: as they are."""
    gebietsstand: str | list[str] = Field(default_factory=list)
    """Other cuts of areas (``umstiege`` in region.yml) in which this supplier delivers."""
    pruefungen: Pruefungen = Pruefungen()

    @field_validator("dateien")
    @classmethod
    def _inside(cls, value: str | list[str]) -> str | list[str]:
        for pattern in _listed(value):
            if ".." in pattern.replace("\\", "/").split("/"):
                raise ValueError(
                    f"„{pattern}“ führt aus dem Ordner der Lieferungen hinaus; Muster beginnen dort."
                )
        return value

    @field_validator("felder")
    @classmethod
    def _names(cls, value: dict[str, Feld]) -> dict[str, Feld]:
        for name in value:
            if not re.fullmatch(r"[a-z][a-z0-9_]*", name):
                raise ValueError(f"Der Feldname „{name}“ darf nur Kleinbuchstaben, Ziffern und _ enthalten.")
        return value

    @model_validator(mode="after")
    def _fits(self) -> DatensatzSeite:
        if self.abruf is not None and not any(fnmatchcase(self.abruf.datei, one) for one in self.muster):
            raise ValueError(
                f"abruf → datei: „{self.abruf.datei}“ passt nicht zu „dateien“ ({', '.join(self.muster)})."
            )
        if self.tabelle.merkmal is not None:
            for name, feld in self.felder.items():
                if any(isinstance(spalte, Spaltenstelle) for spalte in feld.spalten):
                    raise ValueError(
                        f"felder → {name}: In einer langen Tabelle nennt „spalte“ das Wort in der Spalte „merkmal“."
                    )
        if self.tabelle.zusammenfassen == "summe":
            single = [n for n, feld in self.felder.items() if not feld.summierbar or feld.prozent]
            if single:
                raise ValueError(
                    f"tabelle → zusammenfassen: {', '.join(single)} lässt sich nicht addieren (Anteile, Mittelwerte, "
                    "„summierbar: false“). Bitte das Feld auf eine eigene Seite legen."
                )
        return self

    @property
    def gesucht(self) -> list[str]:
        """Every column the page asks for, by its heading or place."""
        table, key = self.tabelle, self.tabelle.schluessel
        asked = [
            *key.spalten,
            key.kommune_spalte,
            *table.stichtag.spalten,
            *table.merkmale,
            table.wert,
            *table.nur,
        ]
        if isinstance(key.ebene, EbenenRegel):
            asked.append(key.ebene.spalte)
        if table.merkmal is None:
            asked += [name for feld in self.felder.values() for name in feld.spalten]
        return [name for name in asked if name is not None]

    @property
    def staende(self) -> list[str]:
        return _listed(self.gebietsstand)

    @property
    def muster(self) -> list[str]:
        return _listed(self.dateien)
