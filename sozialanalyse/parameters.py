"""Parameters of the notebooks: one model each, the same for batch, page link and JupyterLab.

A value that is unknown, ill-typed or names something the data do not hold is refused with a sentence
before any kernel starts. Text stays text: nothing is guessed from how a value looks.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal, Protocol, get_args, get_origin

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    ValidationError,
    ValidationInfo,
    field_validator,
    model_validator,
)

from sozialanalyse import redaktion, yamlio
from sozialanalyse.errors import Befund, DatenFehler, ParameterFehler, PruefFehler, vorschlag
from sozialanalyse.region import Region

NEUESTER = "neuester"
ALLE = "alle"
AUFZAEHLBAR = ("indikator", "kommune", "report", "sozialraum", "stichtag", "thema", "themen")
"""Parameters whose values the data tell, so that ``fuer`` can ask for all of them."""


class Vorrat(Protocol):
    """What a parameter may name; :class:`sozialanalyse.store.Daten` offers it."""

    region: Region
    audience: Any

    @property
    def stichtage(self) -> tuple[str, ...]: ...
    def verzeichnis(self, level: Any = ...) -> Any: ...
    def indikatoren(self, themen: Any = ...) -> Any: ...
    def umstiege(self) -> Any: ...
    def auswahl(self, themen: Any = ..., indikatoren: Any = ..., stichtag: Any = ...) -> list[str]: ...


class KeineWerte(ParameterFehler):
    """What is asked for exists, but the data hold no value of it for that date."""


class Parameter(BaseModel):
    """Parameters every notebook has."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    pdf: ClassVar[Literal["", "bericht", "blatt"]] = ""
    """Whether a batch writes the page as PDF, too: as a report, or tightly as a sheet."""

    stichtag: str = NEUESTER
    kommune: str = ""
    audience: str = "oeffentlich"
    """``intern``, ``oeffentlich`` or ``kommune:<id>``."""

    @field_validator("audience", mode="before")
    @classmethod
    def _audience(cls, value: object, info: ValidationInfo) -> object:
        stock = _stock(info)
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
        stock = _stock(info)
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
        stock = _stock(info)
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

    themen: list[str] = Field(default_factory=list)
    indikatoren: list[str] = Field(default_factory=list)
    typen: int | Literal["auto"] = "auto"
    verfahren: Literal["kmeans", "ward", "pam", "gmm"] = "kmeans"
    sozialraum: str = ""

    @field_validator("themen")
    @classmethod
    def _themen(cls, value: list[str], info: ValidationInfo) -> list[str]:
        return [_thema(thema, info) for thema in value]

    @field_validator("indikatoren")
    @classmethod
    def _indikatoren(cls, value: list[str], info: ValidationInfo) -> list[str]:
        return [_bekannter_indikator(key, info) for key in value]

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
        return _bekanntes_gebiet(value, info) if value else value

    @property
    def gefragte_themen(self) -> list[str]:
        return self.themen


class VarianzParameter(Parameter):
    """Parameters of ``varianz.ipynb``."""

    thema: str = ALLE
    gewichtung: Literal["gebiete", "bevoelkerung"] = "bevoelkerung"

    @field_validator("thema")
    @classmethod
    def _check_thema(cls, value: str, info: ValidationInfo) -> str:
        return value if value == ALLE else _thema(value, info)

    @property
    def gefragte_themen(self) -> list[str]:
        return [] if self.thema == ALLE else [self.thema]


MEISTE_GEBIETE = 8
"""Areas that may be compared at once, as in the script of the pages."""


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
        return _bekannter_indikator(value, info) if value else value

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
        if len(limits) > 8 or any(b <= a for a, b in itertools.pairwise(limits)):
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
        return [_bekanntes_gebiet(key, info) for key in value]

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
        return _bekanntes_gebiet(value, info) if value else value


class ThemenreportParameter(Parameter):
    """Parameters of ``themenreport.ipynb``; without a report the first one is shown."""

    pdf: ClassVar[Literal["", "bericht", "blatt"]] = "bericht"

    report: str = ""

    @field_validator("report")
    @classmethod
    def _report(cls, value: str, info: ValidationInfo) -> str:
        stock = _stock(info)
        if value and stock:
            known = redaktion.themen(stock.region.ordner)
            if value not in known:
                raise ValueError(f"Den Themenreport „{value}“ gibt es nicht. {vorschlag(value, known)}")
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


def _bekannter_indikator(key: str, info: ValidationInfo) -> str:
    stock = _stock(info)
    known = list(stock.indikatoren().index) if stock else [key]
    if key not in known:
        raise ValueError(f"Den Indikator „{key}“ gibt es nicht. {vorschlag(key, known)}")
    return key


def _bekanntes_gebiet(key: str, info: ValidationInfo) -> str:
    stock = _stock(info)
    known = list(stock.verzeichnis("sozialraum").index) if stock else [key]
    if key not in known:
        if stock and (now := _nachfolger(key, stock)):
            raise ValueError(now)
        raise ValueError(f"Das Gebiet „{key}“ gibt es nicht. {vorschlag(key, known)}")
    return key


def _nachfolger(key: str, stock: Vorrat) -> str:
    """Sentence about an area of former boundaries; empty for ids that never were one."""
    links = stock.umstiege()
    former = links["alt"].map(lambda alt: alt.partition(":")[2]) == key
    links = links[former & (links["gueltig_bis"] != "") & (links["anteil"] > 0)]
    if links.empty:
        return ""
    until = date.fromisoformat(links["gueltig_bis"].max())
    names = stock.verzeichnis("sozialraum")["name"]
    heirs = ", ".join(f"„{new}“ ({names[new]})" for new in dict.fromkeys(links["neu"]) if new in names.index)
    return f"Das Gebiet „{key}“ gab es bis zum {until:%d.%m.%Y}. Heute liegt es in: {heirs}."


def _getippt(limits: list[object]) -> list[str]:
    """Limits as a reader types them, „5; 7,5; 12“: the link was cut at every comma already."""
    whole = ",".join(map(str, limits))
    if ";" not in whole:
        return [str(limit) for limit in limits]
    return [part.strip().replace(",", ".") for part in whole.split(";") if part.strip()]


def _stock(info: ValidationInfo) -> Vorrat | None:
    return (info.context or {}).get("vorrat")


def _thema(thema: str, info: ValidationInfo) -> str:
    stock = _stock(info)
    if stock and thema not in stock.region.themen:
        raise ValueError(f"Das Thema „{thema}“ gibt es nicht. {vorschlag(thema, stock.region.themen)}")
    return thema


def modell(notebook: str) -> type[Parameter]:
    """Parameter model of a notebook.

    Raises
    ------
    ParameterFehler
        If there is no such notebook.
    """
    if notebook not in NOTEBOOKS:
        raise ParameterFehler(f"Das Notebook „{notebook}“ gibt es nicht. {vorschlag(notebook, NOTEBOOKS)}")
    return NOTEBOOKS[notebook]


def pruefe(notebook: str, werte: Mapping[str, object], vorrat: Vorrat | None = None) -> Parameter:
    """Check parameter values of a notebook.

    Raises
    ------
    ParameterFehler
        One sentence per fault, all at once.
    KeineWerte
        If all of it exists, but the data of that audience hold no value for it.
    """
    model = modell(notebook)
    try:
        parameter = model.model_validate(dict(werte), context={"vorrat": vorrat})
    except ValidationError as error:
        found = yamlio.befunde(error, model, werte)
        raise ParameterFehler("\n".join(str(befund) for befund in found)) from None
    if vorrat is not None and vorrat.audience == parameter.audience:
        try:
            vorrat.auswahl(
                parameter.gefragte_themen, getattr(parameter, "indikatoren", None), parameter.stichtag
            )
        except DatenFehler as error:
            raise KeineWerte(str(error)) from None
    return parameter


def aus_link(notebook: str, anfrage: Mapping[str, Sequence[str]], vorrat: Vorrat | None = None) -> Parameter:
    """Check the query string of a page link.

    Every value arrives as text; lists are repeated or separated by commas, a whole number is one where
    the model wants one. Empty values mean the default.
    """
    return pruefe(notebook, werte_aus_text(modell(notebook), anfrage), vorrat)


def werte_aus_text(model: type[BaseModel], texte: Mapping[str, Sequence[str]]) -> dict[str, object]:
    """Values that were typed, read by the types of a model and never by how they look.

    Parameters
    ----------
    model
        Its fields tell what a text means: lists are split at commas, whole numbers, decimal numbers and
        ``True``/``False`` are ones only where the model wants them.
    texte
        Name -> texts; of several the last one counts, in a list all. Empty ones are left out.

    Returns
    -------
    dict
        What does not fit its type stays text, so that the model refuses it with a sentence.
    """
    werte: dict[str, object] = {}
    for name, texts in texte.items():
        given = [text.strip() for text in texts if text.strip()]
        if not given:
            continue
        field = model.model_fields.get(name)
        wanted = (field.annotation, *get_args(field.annotation)) if field else ()
        if field is not None and list in (field.annotation, get_origin(field.annotation)):
            werte[name] = [part.strip() for text in given for part in text.split(",") if part.strip()]
        else:
            werte[name] = _value(given[-1], wanted)
    return werte


def _value(text: str, wanted: tuple[Any, ...]) -> object:
    if int in wanted and text.removeprefix("-").isdecimal():
        return int(text)
    if float in wanted:
        with suppress(ValueError):
            return float(text)
    if bool in wanted and text.lower() in {"true", "false"}:
        return text.lower() == "true"
    return text


class LaufEintrag(BaseModel):
    """One entry of ``runs``: fixed values, and values to go through."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str | None = Field(default=None, pattern=r"^[a-z0-9][a-z0-9_-]*$")
    werte: dict[str, Any] = Field(default_factory=dict)
    fuer: dict[str, Annotated[list[Any], Field(min_length=1)] | Literal["alle"]] = Field(default_factory=dict)
    """Parameter -> values, or "alle" for all the data hold; several make a product."""


class LaufSeite(BaseModel):
    """The file ``parameters/<notebook>.yml``."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    titel: str = ""
    defaults: dict[str, Any] = Field(default_factory=dict)
    runs: list[LaufEintrag] = Field(min_length=1)


@dataclass(frozen=True)
class Lauf:
    """One report to be made: a notebook with checked parameters."""

    notebook: str
    name: str
    parameter: Parameter

    @property
    def schluessel(self) -> str:
        return f"{self.notebook}/{self.name}"


def laeufe(pfad: Path, vorrat: Vorrat) -> list[Lauf]:
    """All runs a parameter file asks for.

    Raises
    ------
    PruefFehler
        With every fault of the file, each with its line.
    """
    document = yamlio.lesen(pfad)
    page = yamlio.pruefen(LaufSeite, document)
    notebook = pfad.stem
    problems: list[Befund] = []
    found: dict[str, Lauf] = {}
    for index, entry in enumerate(page.runs):
        place = ("runs", index)
        endless = [name for name, values in entry.fuer.items() if values == ALLE and name not in AUFZAEHLBAR]
        if endless:
            problems.append(Befund("fehler", f"fuer: Zu „{endless[0]}“ gibt es kein „alle“.", vorschlag(endless[0], AUFZAEHLBAR),
                                   datei=str(pfad), zeile=document.zeile((*place, "fuer", endless[0]))))  # fmt: skip
            continue
        for values, name in _expand(entry, vorrat, index):
            try:
                parameter = pruefe(notebook, {**page.defaults, **entry.werte, **values}, vorrat)
            except KeineWerte as error:
                if not entry.fuer:  # of what "alle" goes through, only what the data hold is meant
                    problems.append(
                        Befund("fehler", str(error), datei=str(pfad), zeile=document.zeile(place))
                    )
                continue
            except ParameterFehler as error:
                problems.append(Befund("fehler", str(error), datei=str(pfad), zeile=document.zeile(place)))
                break
            if name in found:
                problems.append(Befund("fehler", f"Der Lauf „{name}“ steht zweimal da.",
                                       "Bitte einen der beiden anders nennen.", datei=str(pfad), zeile=document.zeile(place)))  # fmt: skip
                break
            found[name] = Lauf(notebook, name, parameter)
    if problems:
        raise PruefFehler(problems)
    return list(found.values())


def _expand(entry: LaufEintrag, vorrat: Vorrat, index: int) -> Iterator[tuple[dict[str, Any], str]]:
    """Values and name of every run of one entry."""
    if not entry.fuer:
        yield {}, entry.name or f"lauf-{index + 1}"
        return
    choices = [
        [(name, value) for value in (_all(name, vorrat) if values == ALLE else values)]
        for name, values in entry.fuer.items()
    ]
    for combination in itertools.product(*choices):
        values = {
            name: [value] if name in {"themen", "indikatoren"} else value for name, value in combination
        }
        name = "_".join(slug(value) for _, value in combination)
        yield values, f"{entry.name}_{name}" if entry.name else name


def _all(name: str, vorrat: Vorrat) -> list[str]:
    if name in {"thema", "themen"}:
        return [thema for thema in vorrat.region.themen if _compared(vorrat, thema)]
    if name == "stichtag":
        return list(vorrat.stichtage)
    if name == "indikator":
        return list(vorrat.indikatoren().index)
    if name == "report":
        return list(redaktion.themen(vorrat.region.ordner))
    return list(vorrat.verzeichnis(name).index)


def _compared(vorrat: Vorrat, thema: str) -> bool:
    """Whether a topic has an indicator meant for comparing."""
    return bool(vorrat.indikatoren(thema)["auswertung"].any())


def slug(value: object) -> str:
    """Value as it stands in the name of a run, and so in the address of its page."""
    return "".join(sign if sign.isalnum() else "-" for sign in str(value).lower())
