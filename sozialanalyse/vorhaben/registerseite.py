"""What a region says about its register: files and columns, pots, criteria, meetings; politics, not method."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator
from datetime import date
from functools import reduce
from operator import or_
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field, field_validator, model_validator

from sozialanalyse.base import Befund, Fangmuster, PruefFehler, YamlSeite, vorschlag, yamlio
from sozialanalyse.formate import FORMATE, Dateiform

DATEI = "vorhaben.yml"

ARTEN = ("vereinbarung", "kleinprojekt", "massnahme")
"""Agreements with carriers, small projects asked for by applicants, measures of a plan."""
STATUS = ("beantragt", "abgelehnt", "geplant", "laeuft", "umgesetzt", "dauerhaft", "ruht", "verworfen")
LAUFEND = ("laeuft", "dauerhaft")
ABGESCHLOSSEN = ("abgelehnt", "umgesetzt", "verworfen")
NUR_INTERN = ("beantragt", "abgelehnt")
"""What nobody outside is told of."""
PERSON = "person"
ORGANISATIONEN = ("initiative", "verein", "gesellschaft", "unternehmen", "kommune")
TRAEGER = (PERSON, *ORGANISATIONEN)
PFLICHTEN = ("nie", "jaehrlich", "bei_neuigkeit")
ROLLEN = ("anlass", "umsetzung", "umfeld")
"""Indicators of a measure: why it was begun, what was done, what surrounds it."""
TAGE = ("beginn", "ende", "eingang", "bericht", "nachweis", "loeschen_am")
FELDER = (
    "kennung", "art", "titel", "titel_einfach", "plan", "lebensbereich", "leitlinie", "zustaendig", "beteiligte",
    "bedarfe", "zweck", "gebiete", "betrag", "eigenanteil", "topf", "traeger", "antragsteller", "pflicht", "status",
    "text", "beschluss", *ROLLEN, *TAGE,
)  # fmt: skip
"""Columns a delivery may have."""
NOETIG = ("kennung", "titel", "status", "art")
WORTFELDER = {"art": ARTEN, "status": STATUS, "traeger": TRAEGER, "pflicht": PFLICHTEN}
"""Fields that hold one of these words."""
GELOESCHT_NACH = 3
"""Years after the end of a project of a person until what points to the person is deleted, unless the region says other."""

Euro = Annotated[float, Field(ge=0)]
Prozent = Annotated[float, Field(ge=0, le=100)]
Id = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
Spalte = str | list[str]

if TYPE_CHECKING:
    Form = Dateiform
else:
    Form = Annotated[reduce(or_, (kind.Form for kind in FORMATE.values())), Field(discriminator="format")]


class Stand(YamlSeite):
    """How a delivery tells the day whose state it describes."""

    aus: Literal["dateiname", "spalte", "zelle", "fest"]
    muster: Fangmuster = r"(\d{4}-\d{2}-\d{2}|\d{1,2}\.\d{1,2}\.\d{4})"
    spalte: str = ""
    wert: date | None = None

    @model_validator(mode="after")
    def _complete(self) -> Stand:
        needed = {"spalte": "spalte", "fest": "wert"}.get(self.aus)
        if needed and not getattr(self, needed):
            raise ValueError(f"Zu „aus: {self.aus}“ gehört die Angabe „{needed}“.")
        return self


def _known(names: Iterable[str], known: Iterable[str], what: str) -> None:
    for name in names:
        if name not in known:
            raise ValueError(f"{what} „{name}“ gibt es nicht. {vorschlag(name, known)}")


class Registerlieferung(YamlSeite):
    """One kind of file: where it lies, how it is cut, what its columns and words mean."""

    name: str = ""
    """What the letter to its supplier calls it; empty for its key."""
    lieferstelle: str = ""
    """Who delivers it."""
    dateien: str | list[str]
    """Pattern below the deliveries."""
    tabelle: Form
    stand: Stand
    spalten: dict[str, Spalte]
    """Field -> heading; a list names alternatives."""
    fest: dict[str, str] = Field(default_factory=dict)
    """Field -> what it is in every row."""
    worte: dict[str, dict[str, str]] = Field(default_factory=dict)
    """Field -> word of the supplier -> word of the register."""
    punkte: dict[str, Spalte] = Field(default_factory=dict)
    """Criterion -> heading of its points."""
    zahlen: dict[str, Spalte] = Field(default_factory=dict)
    """Number of what was done -> heading."""

    @model_validator(mode="after")
    def _fields(self) -> Registerlieferung:
        _known(self.spalten, FELDER, "Das Feld")
        _known(self.fest, FELDER, "Das Feld")
        _known(self.worte, FELDER, "Das Feld")
        for field, words in self.worte.items():
            if field in WORTFELDER:
                _known(words.values(), WORTFELDER[field], f"worte, {field}: Das Wort")
        missing = [name for name in NOETIG if name not in self.spalten and name not in self.fest]
        if missing:
            raise ValueError(f"Die Spalte für „{missing[0]}“ fehlt.")
        if twice := sorted(self.spalten.keys() & self.fest.keys()):
            raise ValueError(f"„{twice[0]}“ steht unter „spalten“ und unter „fest“.")
        if self.stand.aus == "spalte" and self.stand.spalte in self.ueberschriften(mit_stand=False):
            raise ValueError(f"Die Spalte „{self.stand.spalte}“ kann nicht Stand und Feld zugleich sein.")
        return self

    @property
    def muster(self) -> list[str]:
        return self.dateien if isinstance(self.dateien, list) else [self.dateien]

    def ueberschriften_von(self, felder: Iterable[str]) -> list[str]:
        """Headings of some fields, and that of the state."""
        named = [self.spalten[key] for key in felder if key in self.spalten]
        found = [one for names in named for one in ([names] if isinstance(names, str) else names)]
        return [*found, self.stand.spalte] if self.stand.spalte else found

    def ueberschriften(self, *, mit_stand: bool = True) -> list[str]:
        """Every heading the page asks for."""
        named = [*self.spalten.values(), *self.punkte.values(), *self.zahlen.values()]
        found = [one for names in named for one in ([names] if isinstance(names, str) else names)]
        return [*found, self.stand.spalte] if mit_stand and self.stand.aus == "spalte" else found


class Topfzeitraum(YamlSeite):
    """A period of a pot with its money."""

    von: date
    bis: date
    betrag: Euro

    @model_validator(mode="after")
    def _ordered(self) -> Topfzeitraum:
        if self.von > self.bis:
            raise ValueError("„von“ liegt nach „bis“.")
        return self


class Topf(YamlSeite):
    """A pot of money for projects, own or of somebody else, and who may ask for it."""

    name: str
    eigen: bool = True
    """Whether the region decides on it; pots of others only matter for double funding."""
    zeitraeume: list[Topfzeitraum] = Field(default_factory=list)
    mindestens: Euro = 0
    hoechstens: Annotated[float, Field(gt=0)] | None = None
    """Least and most euro of a project."""
    eigenanteil: Prozent = 0
    """Least own share in percent."""
    antragsteller: list[
        Literal["person", "initiative", "verein", "gesellschaft", "unternehmen", "kommune"]
    ] = Field(default_factory=list)
    """Who may ask; empty for everybody."""
    zwecke: list[str] = Field(default_factory=list)
    """What it may be for; empty for anything."""
    gebiete: list[str] = Field(default_factory=list)
    """Where; Kommunen or small areas, empty for the whole region."""
    nachweis_monate: int | None = Field(default=None, ge=0, le=60)
    """So many months after its end a project owes a proof of use."""

    @model_validator(mode="after")
    def _fits(self) -> Topf:
        if self.hoechstens is not None and self.mindestens > self.hoechstens:
            raise ValueError("„mindestens“ liegt über „hoechstens“.")
        spans = sorted(self.zeitraeume, key=lambda span: span.von)
        for one, other in itertools.pairwise(spans):
            if other.von <= one.bis:
                raise ValueError(
                    f"Die Zeiträume {one.von:%d.%m.%Y} bis {one.bis:%d.%m.%Y} und ab {other.von:%d.%m.%Y} überschneiden sich."
                )
        return self

    def zeitraum(self, tag: date) -> Topfzeitraum | None:
        """The period a day lies in, else the next one, else the last."""
        spans = sorted(self.zeitraeume, key=lambda span: span.von)
        return next((span for span in spans if tag <= span.bis), spans[-1] if spans else None)


class Kriterium(YamlSeite):
    """One part of the score."""

    name: str
    gewicht: Annotated[float, Field(gt=0)]
    aus: Literal["jury", "bedarf"] = "jury"
    """Points of the jury, or how far the areas of the project have its need."""


class EigenerBedarf(YamlSeite):
    """A need where the region has no rule of funding: areas whose rate is so many times that of the region."""

    name: str
    personen: str
    """Indicator whose cases are the persons in need."""
    ab: Annotated[float, Field(gt=0)] = 1.0


class Lebensbereich(YamlSeite):
    """A field of life of the plans, with indicators that show what surrounds its measures."""

    name: str
    einfach: str = ""
    umfeld: list[str] = Field(default_factory=list)


class Aktionsplan(YamlSeite):
    name: str
    beschluss: date | None = None


class Gremium(YamlSeite):
    """Who is reported to, and when."""

    name: str
    sitzungen: list[date] = Field(min_length=1)

    @field_validator("sitzungen")
    @classmethod
    def _days(cls, given: list[date]) -> list[date]:
        if len(set(given)) < len(given):
            raise ValueError("Eine Sitzung steht zweimal da.")
        return sorted(given)


class Umsetzungszahl(YamlSeite):
    """A number of what was done, delivered with the projects."""

    name: str
    einheit: str = ""
    personen: bool = False
    """Whether it counts people, so that small numbers stay inside."""


class VorhabenSeite(YamlSeite):
    """The whole page."""

    titel: str
    lieferungen: dict[Id, Registerlieferung] = Field(min_length=1)
    bedarfe: dict[Id, EigenerBedarf] = Field(default_factory=dict)
    """Needs; empty for those of the rule of funding."""
    lebensbereiche: dict[Id, Lebensbereich] = Field(default_factory=dict)
    plaene: dict[Id, Aktionsplan] = Field(default_factory=dict)
    toepfe: dict[Id, Topf] = Field(default_factory=dict)
    gremium: Gremium | None = None
    kriterien: dict[Id, Kriterium] = Field(default_factory=dict)
    punkte_bis: Annotated[float, Field(gt=0)] = 4
    """Most points a jury gives for a criterion."""
    zahlen: dict[Id, Umsetzungszahl] = Field(default_factory=dict)
    mindestzahl: int = Field(default=5, ge=2)
    """Fewer people stay inside."""
    loeschen_nach_jahren: float = Field(default=GELOESCHT_NACH, gt=0)

    @model_validator(mode="after")
    def _fits(self) -> VorhabenSeite:
        whole = sum(one.gewicht for one in self.kriterien.values())
        if self.kriterien and abs(whole - 100) > 0.01:
            raise ValueError(f"Die Gewichte der Kriterien ergeben {whole:g} statt 100.")
        names = [one.name for one in self.kriterien.values()]
        if len(set(names)) < len(names):
            raise ValueError("Zwei Kriterien haben denselben Namen.")
        tables: dict[str, Iterable[str]] = {
            "lebensbereich": self.lebensbereiche,
            "plan": self.plaene,
            "topf": self.toepfe,
        }
        jury = [key for key, one in self.kriterien.items() if one.aus == "jury"]
        for name, page in self.lieferungen.items():
            for field, known in tables.items():
                named = [
                    *page.worte.get(field, {}).values(),
                    *([page.fest[field]] if field in page.fest else []),
                ]
                _known(named, known, f"lieferungen, {name}, {field}:")
            _known(page.punkte, jury, f"lieferungen, {name}, punkte: Das Kriterium")
            _known(page.zahlen, self.zahlen, f"lieferungen, {name}, zahlen: Die Zahl")
            for field, words in WORTFELDER.items():
                _known(
                    [page.fest[field]] if field in page.fest else [],
                    words,
                    f"lieferungen, {name}, fest: Das Wort",
                )
        return self

    def sitzung(self, tag: date) -> date | None:
        """The first meeting after a day."""
        days = self.gremium.sitzungen if self.gremium else []
        return next((day for day in days if day > tag), None)

    def sitzung_davor(self, tag: date) -> date | None:
        """The last meeting on or before a day."""
        days = self.gremium.sitzungen if self.gremium else []
        return next((day for day in reversed(days) if day <= tag), None)

    @property
    def indikatoren(self) -> list[str]:
        """Indicators the page names, once."""
        named = [one.personen for one in self.bedarfe.values()]
        named += [key for area in self.lebensbereiche.values() for key in area.umfeld]
        return list(dict.fromkeys(named))

    def stellen(self) -> Iterator[tuple[tuple[str | int, ...], str, str]]:
        """Every name of something outside the page: place, kind and name."""
        for key, need in self.bedarfe.items():
            yield ("bedarfe", key, "personen"), "anteil", need.personen
        for key, field in self.lebensbereiche.items():
            for number, name in enumerate(field.umfeld):
                yield ("lebensbereiche", key, "umfeld", number), "indikator", name
        for key, pot in self.toepfe.items():
            for number, name in enumerate(pot.gebiete):
                yield ("toepfe", key, "gebiete", number), "gebiet", name


def vorhanden(region: Path) -> bool:
    """Whether a region has a register."""
    return (region / DATEI).is_file()


_SAETZE = {
    "indikator": "Den Indikator „{}“ gibt es nicht.",
    "anteil": "„{}“ ist kein Indikator mit Fällen und Bezugsgröße.",
    "gebiet": "Das Gebiet „{}“ gibt es nicht.",
}


def lade(
    region: Path, indikatoren: Iterable[str], anteile: Iterable[str], gebiete: Iterable[str]
) -> VorhabenSeite:
    """Read and check the page.

    Parameters
    ----------
    region
        Region folder.
    indikatoren, anteile, gebiete
        What may be named: indicators, those with cases and a base, Kommunen and small areas.

    Raises
    ------
    PruefFehler
        With every fault and its line.
    """
    document = yamlio.lesen(region / DATEI)
    page = yamlio.pruefen(VorhabenSeite, document)
    known = {"indikator": set(indikatoren), "anteil": set(anteile), "gebiet": set(gebiete)}
    found = [
        Befund("fehler", _SAETZE[kind].format(name), vorschlag(name, sorted(known[kind])), datei=DATEI,
               zeile=document.zeile(place))
        for place, kind, name in page.stellen()
        if name not in known[kind]
    ]  # fmt: skip
    if found:
        raise PruefFehler(found)
    return page
