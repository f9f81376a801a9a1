"""What is true of one region: names, levels of areas, keys, profiles, legal texts.

A region is a folder; this module reads its ``region.yml``. Nothing here knows a particular region.
"""

from __future__ import annotations

import hashlib
import os
import re
from datetime import date
from pathlib import Path
from typing import Literal

from pydantic import Field, model_validator

from sozialanalyse.base import (
    Befund,
    Ebene,
    Genus,
    Kennung,
    Muster,
    PruefFehler,
    RegionFehler,
    YamlSeite,
    dateien_nach_muster,
    genus_von,
    muster,
    stichtag,
    vorschlag,
    yamlio,
)
from sozialanalyse.region.kartendienst import Hintergrundkarte

Level = Literal["region", "kommune", "sozialraum"]
LEVELS: tuple[Level, ...] = ("region", "kommune", "sozialraum")


class EbenenWorte(YamlSeite):
    """How a region calls one level of areas."""

    einzahl: str
    mehrzahl: str
    dativ: str
    genus: Genus | None = None
    """Default: what the word ends in says it; a word nobody knows is taken for a feminine one, and said to be."""


class Schluesselform(YamlSeite):
    """Form of the ids of one level."""

    muster: Muster = r".+"
    beschreibung: str = "die Kennung aus der Gebietsliste"
    kuerzel: bool = False
    """Ids begin with the short form of their Kommune, so files of one Kommune may leave it out."""


class Thema(YamlSeite):
    """One topic of the reporting."""

    id: Kennung
    name: str
    kurz: str = ""
    frage: str = ""


class Symbol(YamlSeite):
    """What a sign instead of a number, or beside it, means at one supplier."""

    status: Literal[
        "wert", "null_exakt", "nahe_null", "geheim", "unbekannt", "nicht_sinnvoll", "unsicher", "folgt",
        "geschaetzt", "vorlaeufig", "korrigiert",
    ]  # fmt: skip
    wert: float | None = None
    von: float | None = None
    """Smallest number a hidden cell may hold, where the supplier says so."""
    bis: float | None = None
    """Largest number a hidden cell may hold."""


def kommune_von(audience: str) -> str | None:
    """Id of the Kommune of an audience such as ``kommune:05999004``, None for the others."""
    return audience.removeprefix("kommune:") if audience.startswith("kommune:") else None


class Dominanz(YamlSeite):
    """(n, k) rule: a count is secret if its largest contributors hold nearly all of it."""

    groesste: int = Field(default=1, ge=1)
    anteil: float = Field(default=85, gt=0, le=100)
    """Percent of the count."""


class Sperrprofil(YamlSeite):
    """Rules of disclosure control for one kind of source."""

    beschreibung: str = ""
    rechtsgrundlage: str = ""
    mindestfallzahl: int = Field(default=0, ge=0)
    """Counts from 1 to one less than this are not shown to the public."""
    mindestfallzahl_kommune: int | None = Field(default=None, ge=0)
    """The same for a Kommune that sees its own areas; default as for the public."""
    mindestfallzahl_intern: int = Field(default=0, ge=0)
    """The same for internal work; 0: as delivered."""
    schutzbreite: int | None = Field(default=None, ge=1)
    """Width no interval of a hidden count may fall below; default the minimum count."""
    mindestnenner: int = Field(default=0, ge=0)
    null_zeigen: bool = True
    """Whether an exact zero may be shown."""
    komplement: bool = True
    """Whether denominator minus count is protected as the count is."""
    dominanz: Dominanz | None = None
    p_prozent: float | None = Field(default=None, gt=0, le=100)
    """p percent rule, where a delivery tells the two largest contributions."""
    rundung_zahl: int = Field(default=0, ge=0)
    """Counts are shown in multiples of this; 0: as they are."""
    rundung_wert: float = Field(default=0, ge=0)
    """Values are shown in multiples of this and without their counts; 0: as they are."""


class GebieteQuelle(YamlSeite):
    """Where the list of areas of one level comes from."""

    ebene: Literal["kommune", "sozialraum"]
    datei: str
    trennzeichen: str | None = None
    kodierung: str | None = None
    id: str
    name: str
    oberhalb: str | None = None
    """Column with the id of the Kommune (level sozialraum only)."""
    name_status: str | None = None
    kuerzel: str | None = None
    aliase: str | None = None
    flaeche_qkm: str | None = None
    sondereffekt: str | None = None
    gueltig_von: str | None = None
    gueltig_bis: str | None = None


class GeometrieQuelle(YamlSeite):
    """Where the shapes of one level come from."""

    ebene: Literal["kommune", "sozialraum"]
    datei: str
    schluessel: str
    layer: str | None = None
    koordinaten: str | None = None
    """Coordinate system of the file, where it names none or a wrong one."""


Basis = Literal["einwohner", "unter18", "adressen", "flaeche"]
"""What the counts of an area that was split are shared out by."""


class Umstieg(YamlSeite):
    """Areas of another cut (older boundaries, smaller units) and how their counts reach the areas of today."""

    id: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    name: str
    datei: str
    """Crosswalk with one row per pair of old and new area, or shapes where only these are known."""
    trennzeichen: str | None = None
    kodierung: str | None = None
    layer: str | None = None
    koordinaten: str | None = None
    """Coordinate system of the shapes, where the file names none or a wrong one."""
    alt: str = "alt"
    """Column with the id in the other cut."""
    neu: str = "neu"
    """Column with the id of today's area; crosswalks only."""
    aliase: str | None = None
    gewichte: dict[Basis, str] = Field(default_factory=dict)
    """Base -> column with the part of it that lies in the new area; without any, no area is split."""
    nur_geometrie: bool = False
    """Whether ``datei`` holds shapes and counts are shared out by area: a model, not a count."""
    stichtag: date | None = None
    """Date of the weights."""
    gueltig_bis: date | None = None
    """Last day of the old boundaries; without it the units are in use beside today's areas."""

    @model_validator(mode="after")
    def _dated(self) -> Umstieg:
        if self.gewichte and self.stichtag is None:
            raise ValueError("Zu „gewichte“ gehört „stichtag“, der Tag, von dem die Gewichte stammen.")
        return self


class Rechtstexte(YamlSeite):
    """Texts a public page must carry; free text of the region."""

    impressum: str = ""
    datenschutz: str = ""
    barrierefreiheit: str = ""
    kontakt: str = ""


class RegionSeite(YamlSeite):
    """The file ``region.yml``."""

    id: Kennung
    name: str
    schluessel_region: str = "region"
    herausgeber: str
    synthetisch: bool = False
    marke: str = "Demodaten – frei erfunden"
    koordinaten: str = "EPSG:25832"
    ebenen: dict[Level, EbenenWorte]
    schluessel: dict[Literal["kommune", "sozialraum"], Schluesselform] = Field(default_factory=dict)
    gebiete: list[GebieteQuelle]
    geometrie: list[GeometrieQuelle] = Field(default_factory=list)
    umstiege: list[Umstieg] = Field(default_factory=list)
    stichtage: list[date] = Field(min_length=1)
    themen: list[Thema] = Field(min_length=1)
    bevoelkerung: str = ""
    """Indicator that counts the residents; weights what has no denominator of its own."""
    kernindikatoren: list[str] = Field(default_factory=list)
    """Indicators of the overview tables; without any, the first two of each topic."""
    lieferungen: str = "lieferungen"
    symbolprofile: dict[str, dict[str, Symbol]] = Field(default_factory=dict)
    sperrprofile: dict[str, Sperrprofil] = Field(default_factory=dict)
    kommunen_bestaende: Literal["alle"] | list[str] = Field(default_factory=list)
    """Kommunen that get a store of their own, with their own areas in more detail than the public sees."""
    hintergrundkarte: Hintergrundkarte | None = None
    """Map service behind the map to pan; without one no page asks another host for anything."""
    rechtstexte: Rechtstexte = Rechtstexte()

    @model_validator(mode="after")
    def _complete(self) -> RegionSeite:
        missing = [level for level in LEVELS if level not in self.ebenen]
        if missing:
            raise ValueError(f"ebenen: Es fehlt {', '.join(missing)}.")
        levels = [source.ebene for source in self.gebiete]
        if sorted(levels) != ["kommune", "sozialraum"]:
            raise ValueError("gebiete: Je ein Abschnitt für kommune und für sozialraum wird gebraucht.")
        if next(source for source in self.gebiete if source.ebene == "sozialraum").oberhalb is None:
            raise ValueError(
                "gebiete: Beim Abschnitt sozialraum fehlt „oberhalb“, die Spalte mit der Kommune."
            )
        return self


class Region:
    """A region folder: its page, its paths, its words.

    Parameters
    ----------
    ordner
        Folder that holds ``region.yml``.
    """

    def __init__(self, ordner: Path, seite: RegionSeite) -> None:
        self.ordner = ordner
        self.seite = seite

    @property
    def id(self) -> str:
        return self.seite.id

    @property
    def name(self) -> str:
        return self.seite.name

    @property
    def stand(self) -> str:
        """Hash of everything ``region.yml`` says, so that pages are made anew when it changes."""
        return hashlib.sha256(self.seite.model_dump_json().encode()).hexdigest()[:16]

    @property
    def marke(self) -> str:
        """Mark that every output carries; empty for real data."""
        return self.seite.marke if self.seite.synthetisch else ""

    @property
    def stichtage(self) -> tuple[str, ...]:
        """Reference dates in ISO form, oldest first; 1 January is the last day of the year before."""
        return tuple(sorted({stichtag(day).isoformat() for day in self.seite.stichtage}))

    @property
    def gattungen(self) -> dict[str, str]:
        """Level -> what one area of it is called."""
        return {level: words.einzahl for level, words in self.seite.ebenen.items()}

    @property
    def themen(self) -> dict[str, Thema]:
        return {thema.id: thema for thema in self.seite.themen}

    @property
    def lieferungen(self) -> Path:
        """Folder of the deliveries; environment variables in the path are filled in.

        Raises
        ------
        RegionFehler
            If a variable is not set.
        """
        written = self.seite.lieferungen
        filled = os.path.expandvars(written)
        unset = re.search(r"\$\{?(\w+)", filled)
        if unset:
            raise RegionFehler(
                f"{self.ordner / 'region.yml'}: Der Ordner der Lieferungen „{written}“ nennt die "
                f"Umgebungsvariable {unset[1]}, die nicht gesetzt ist. Bitte setzen oder einen Pfad eintragen."
            )
        return (self.ordner / filled).resolve()

    def datei(self, name: str) -> Path:
        """File named on a page: looked for in the region folder, then in the deliveries."""
        own = self.ordner / name
        if own.exists():
            return own
        there = self.lieferungen / name
        if there.exists() or name.isascii() or Path(name).is_absolute():
            return there
        spelled = (dateien_nach_muster(folder, name) for folder in (self.ordner, self.lieferungen))
        return next((path for paths in spelled for path in paths), there)

    def ebene(self, level: Level) -> Ebene:
        worte = self.seite.ebenen[level]
        return Ebene(
            level, worte.einzahl, worte.mehrzahl, worte.dativ, worte.genus or genus_von(worte.einzahl) or "f"
        )

    def pruefe_audience(self, wert: object) -> str:
        """Return an audience if it is one: ``intern``, ``oeffentlich`` or ``kommune:<id>``.

        Raises
        ------
        ValueError
            With a German sentence.
        """
        if wert in ("intern", "oeffentlich"):
            return str(wert)
        if isinstance(wert, str) and (kommune := kommune_von(wert)) is not None:
            self.pruefe_kommune(kommune)
            return wert
        raise ValueError(
            f"Die Zielgruppe „{wert}“ gibt es nicht. Möglich sind intern, oeffentlich und kommune:KENNUNG."
        )

    def pruefe_kommune(self, wert: object) -> str:
        """Return a Kommune id given as parameter if it has the right form.

        Raises
        ------
        ValueError
            With a German sentence: wrong type or form.
        """
        form = self.seite.schluessel.get("kommune", Schluesselform())
        if not isinstance(wert, str):
            raise ValueError(
                f"„{wert}“ ist eine Zahl. Erwartet wird {form.beschreibung}. "
                "Bitte in Anführungszeichen setzen; sonst gehen führende Nullen verloren. "
                "Bei papermill hilft -r statt -p."
            )
        if not muster.passt(form.muster, wert):
            raise ValueError(f"„{wert}“ hat nicht die erwartete Form. Erwartet wird {form.beschreibung}.")
        return wert


def lade_region(ordner: str | Path) -> Region:
    """Read a region folder's ``region.yml``.

    Raises
    ------
    RegionFehler
        If the folder is none.
    PruefFehler
        If the page is missing, broken or incomplete; lists everything found.
    """
    path = Path(ordner)
    if not path.is_dir():
        siblings = (
            [p.name for p in path.parent.iterdir() if (p / "region.yml").exists()]
            if path.parent.is_dir()
            else []
        )
        raise RegionFehler(
            f"Den Regionsordner „{path}“ gibt es nicht. {vorschlag(path.name, siblings)}".strip()
        )
    if not (path / "region.yml").exists():
        raise PruefFehler(
            [
                Befund(
                    "fehler",
                    "Die Datei region.yml fehlt; der Ordner ist kein Regionsordner.",
                    "Ein Gerüst legt „sozialanalyse init ORDNER“ an.",
                    datei=str(path / "region.yml"),
                )
            ]
        )
    return Region(path.resolve(), yamlio.pruefen(RegionSeite, yamlio.lesen(path / "region.yml")))
