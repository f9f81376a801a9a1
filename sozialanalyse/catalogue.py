"""What each indicator means: one YAML page per dataset, checked, as objects and as a table.

A page tells what a row of a delivery is, how to read the file, which fields it holds and which
indicators are built from them. Meaning is looked up by id, never attached to a frame.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import pandas as pd
from pydantic import Field, field_validator, model_validator

from sozialanalyse import yamlio
from sozialanalyse.errors import Befund, PruefFehler, vorschlag
from sozialanalyse.region import Basis, Fangmuster, Kennung, Muster, Region, Seite

FLAECHE = "gebiet.flaeche_qkm"
"""Pseudo field: official area in square kilometres, from the list of areas."""

_TERM = re.compile(r"\s*([+-]?)\s*([a-z][a-z0-9_]*(?:\.[a-z][a-z0-9_]*)?)")


@dataclass(frozen=True)
class Summe:
    """Signed sum of fields, as written on a page: ``maenner + frauen - nebenwohnsitz``."""

    glieder: tuple[tuple[int, str], ...]

    @property
    def felder(self) -> tuple[str, ...]:
        return tuple(name for _, name in self.glieder)

    @classmethod
    def lesen(cls, ausdruck: str, datensatz: str) -> Summe:
        """Parse an expression; names without a dataset belong to ``datensatz``.

        Raises
        ------
        ValueError
            If something else than names, plus and minus stands there.
        """
        position = 0
        parts: list[tuple[int, str]] = []
        while position < len(ausdruck.rstrip()):
            found = _TERM.match(ausdruck, position)
            if not found or (parts and not found[1]):
                raise ValueError(
                    f"„{ausdruck}“ ist nicht lesbar. Erlaubt sind Feldnamen, verbunden mit + und -."
                )
            name = found[2] if "." in found[2] else f"{datensatz}.{found[2]}"
            parts.append((-1 if found[1] == "-" else 1, name))
            position = found.end()
        if not parts:
            raise ValueError("Der Ausdruck ist leer.")
        return cls(tuple(parts))


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
    """Whether areas add up to their Kommune; false for medians and rates."""
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


@dataclass(frozen=True)
class Indikator:
    """An indicator with its parsed numerator and denominator."""

    id: str
    datensatz: str
    seite: IndikatorSeite
    zaehler: Summe
    nenner: Summe | None
    sperrprofil: str


@dataclass(frozen=True)
class Katalog:
    """All dataset pages of a region."""

    datensaetze: dict[str, DatensatzSeite]
    indikatoren: dict[str, Indikator]
    pfade: dict[str, Path]

    def tabelle(self) -> pd.DataFrame:
        """Catalogue as a table, one row per indicator, indexed by ``indikator_id``.

        Columns: datensatz, name, kurz, thema, art, einheit, faktor, nachkommastellen, polaritaet
        (+1, -1, 0), anteil, auswertung, komposition, mindestnenner, definition, hinweis, satz, einfach,
        beleg, quelle, lizenz, index (dict), index_pflicht, zaehler, nenner (lists of sign and field; empty
        without denominator).
        """
        rows = []
        for indikator in self.indikatoren.values():
            page, dataset = indikator.seite, self.datensaetze[indikator.datensatz]
            rows.append(
                {
                    "indikator_id": indikator.id,
                    "datensatz": indikator.datensatz,
                    "name": page.name,
                    "kurz": page.kurz or page.name,
                    "thema": page.thema,
                    "art": page.art,
                    "einheit": page.einheit,
                    "faktor": page.faktor,
                    "nachkommastellen": page.nachkommastellen,
                    "polaritaet": {"+": 1, "-": -1, "0": 0}[page.polaritaet],
                    "anteil": page.anteil and page.art == "quote",
                    "auswertung": page.auswertung and page.art != "anzahl",
                    "komposition": page.komposition or "",
                    "mindestnenner": page.mindestnenner,
                    "definition": page.definition,
                    "hinweis": page.hinweis,
                    "satz": page.satz,
                    "einfach": page.einfach,
                    "beleg": page.beleg,
                    "quelle": dataset.quelle.anbieter,
                    "lizenz": dataset.quelle.lizenz,
                    "sperrprofil": indikator.sperrprofil,
                    "index": dict(page.index),
                    "index_pflicht": page.index_pflicht,
                    "zaehler": [list(part) for part in indikator.zaehler.glieder],
                    "nenner": [list(part) for part in indikator.nenner.glieder] if indikator.nenner else [],
                }
            )
        return pd.DataFrame(rows).set_index("indikator_id")


def lade_katalog(region: Region) -> Katalog:
    """Read and check every page in the region's folder ``indikatoren``.

    Raises
    ------
    PruefFehler
        With everything that is wrong on any page, at once.
    """
    folder = region.ordner / "indikatoren"
    paths = sorted(folder.glob("*.yml"))
    if not paths:
        raise PruefFehler(
            [Befund("fehler", "Hier liegt keine einzige Datensatzseite.",
                    "Bitte je Lieferung eine Seite *.yml anlegen.", datei=str(folder))]
        )  # fmt: skip
    problems: list[Befund] = []
    pages: dict[str, tuple[yamlio.Dokument, DatensatzSeite]] = {}
    for path in paths:
        try:
            document = yamlio.lesen(path)
            page = yamlio.pruefen(DatensatzSeite, document)
        except PruefFehler as error:
            problems += error.befunde
            continue
        if page.id in pages:
            problems.append(
                Befund("fehler", f"Die Kennung „{page.id}“ gibt es schon in {pages[page.id][0].pfad.name}.",
                       "Bitte eine andere wählen.", datei=str(path), zeile=document.zeile(("id",)))
            )  # fmt: skip
        pages[page.id] = (document, page)
    if problems:
        raise PruefFehler(problems)
    indikatoren = _indikatoren(pages, problems)
    _references(pages, indikatoren, region, problems)
    if problems:
        raise PruefFehler(problems)
    return Katalog(
        {name: page for name, (_, page) in pages.items()},
        indikatoren,
        {name: document.pfad for name, (document, _) in pages.items()},
    )


def _indikatoren(
    pages: dict[str, tuple[yamlio.Dokument, DatensatzSeite]], problems: list[Befund]
) -> dict[str, Indikator]:
    result: dict[str, Indikator] = {}
    for name, (document, page) in pages.items():
        for key, indikator in page.indikatoren.items():
            place = ("indikatoren", key)
            if key in result:
                problems.append(
                    Befund("fehler", f"Der Indikator „{key}“ steht auch auf der Seite {result[key].datensatz}.",
                           "Kennungen sind einmalig.", datei=str(document.pfad), zeile=document.zeile(place))
                )  # fmt: skip
            try:
                zaehler = Summe.lesen(indikator.zaehler, name)
                nenner = Summe.lesen(indikator.nenner, name) if indikator.nenner else None
            except ValueError as error:
                problems.append(
                    Befund("fehler", f"{key}: {error}", datei=str(document.pfad), zeile=document.zeile(place))
                )
                continue
            result[key] = Indikator(
                key, name, indikator, zaehler, nenner, indikator.sperrprofil or page.sperrprofil
            )
    return result


def _checked_fields(
    page: DatensatzSeite, document: yamlio.Dokument, problems: list[Befund]
) -> Iterator[tuple[yamlio.Ort, str]]:
    """Every field the declared checks name, with its place on the page."""
    for kind in ("summen", "teile", "gleich"):
        for feld, ausdruck in getattr(page.pruefungen, kind).items():
            place: yamlio.Ort = ("pruefungen", kind, feld)
            yield place, f"{page.id}.{feld}"
            try:
                names = Summe.lesen(ausdruck, page.id).felder
            except ValueError as error:
                problems.append(Befund("fehler", f"pruefungen: {error}", datei=str(document.pfad),
                                       zeile=document.zeile(place)))  # fmt: skip
                continue
            yield from ((place, name) for name in names)


def _references(
    pages: dict[str, tuple[yamlio.Dokument, DatensatzSeite]],
    indikatoren: dict[str, Indikator],
    region: Region,
    problems: list[Befund],
) -> None:
    """Every name on a page must exist: fields, topics, profiles."""
    fields = {f"{name}.{feld}" for name, (_, page) in pages.items() for feld in page.felder} | {FLAECHE}

    def report(document: yamlio.Dokument, place: yamlio.Ort, text: str, word: str, known: list[str]) -> None:
        problems.append(
            Befund(
                "fehler", text, vorschlag(word, known), datei=str(document.pfad), zeile=document.zeile(place)
            )
        )

    weight = region.seite.bevoelkerung
    if not indikatoren or (weight and weight not in indikatoren):
        text = (
            f"bevoelkerung: Den Indikator „{weight}“ gibt es nicht."
            if indikatoren
            else "Es gibt noch keinen einzigen Indikator."
        )
        remedy = (
            vorschlag(weight, indikatoren)
            if indikatoren
            else "Bitte auf einer Datensatzseite „indikatoren“ ergänzen."
        )
        problems.append(Befund("fehler", text, remedy, datei=str(region.ordner / "region.yml")))
    for key in region.seite.kernindikatoren:
        if key not in indikatoren:
            text = f"kernindikatoren: Den Indikator „{key}“ gibt es nicht."
            problems.append(
                Befund("fehler", text, vorschlag(key, indikatoren), datei=str(region.ordner / "region.yml"))
            )
    for document, page in pages.values():
        if page.symbolprofil not in region.seite.symbolprofile:
            report(document, ("symbolprofil",), f"Das Symbolprofil „{page.symbolprofil}“ steht nicht in region.yml.",
                   page.symbolprofil, list(region.seite.symbolprofile))  # fmt: skip
        cuts = [umstieg.id for umstieg in region.seite.umstiege]
        for stand in page.staende:
            if stand not in cuts:
                report(document, ("gebietsstand",), f"Den Umstieg „{stand}“ gibt es nicht in region.yml.", stand, cuts)  # fmt: skip
        for spot, name in _checked_fields(page, document, problems):
            if name not in fields:
                report(document, spot, f"pruefungen: Das Feld „{name}“ gibt es nicht.", name, sorted(fields))
    for indikator in indikatoren.values():
        document = pages[indikator.datensatz][0]
        place: yamlio.Ort = ("indikatoren", indikator.id)
        for name in indikator.zaehler.felder + (indikator.nenner.felder if indikator.nenner else ()):
            if name not in fields:
                report(
                    document, place, f"{indikator.id}: Das Feld „{name}“ gibt es nicht.", name, sorted(fields)
                )
        if indikator.seite.thema not in region.themen:
            report(document, (*place, "thema"), f"{indikator.id}: Das Thema „{indikator.seite.thema}“ steht nicht in region.yml.",
                   indikator.seite.thema, list(region.themen))  # fmt: skip
        if indikator.sperrprofil not in region.seite.sperrprofile:
            report(document, place, f"{indikator.id}: Das Sperrprofil „{indikator.sperrprofil}“ steht nicht in region.yml.",
                   indikator.sperrprofil, list(region.seite.sperrprofile))  # fmt: skip
