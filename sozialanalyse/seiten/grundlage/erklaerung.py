"""What a page says of itself: name, parameters, place in the menu, what it is made for, form on paper.

Everything that lists pages (menu, start page, batch, service, command line, checks) asks here.
"""

from __future__ import annotations

import ast
import json
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, ClassVar, Generic, Literal, TypeVar, get_origin

from sozialanalyse.base import Befund, DatenFehler, Schwere, texts
from sozialanalyse.seiten.grundlage.parameter import Parameter
from sozialanalyse.seiten.grundlage.pruefung import pruefe_modell, werte_aus_text
from sozialanalyse.seiten.grundlage.vorrat import KeineWerte, Vorrat

P = TypeVar("P", bound=Parameter)
START = "index"
"""The page that the list of all pages stands on."""
GESAMT = "gesamt"
"""Name of the run without a choice, which a page about everything has."""


@dataclass(frozen=True)
class Wunsch:
    """What a batch makes: one run of that name, or one for every value of some parameters the data hold."""

    name: str | None = None
    fuer: tuple[str, ...] = ()


class Erklaerung(Generic[P]):
    """The declaration of a page: what its class says before any data are read."""

    notebook: ClassVar[str]
    """Name of the page, of its notebook and of its texts below ``berichte``."""
    parameter: ClassVar[type[Parameter]] = Parameter
    gruppe: ClassVar[str] = ""
    """Heading of the menu, a text below ``publish.menue``; empty for none."""
    rang: ClassVar[int] = 1000
    """Place in the menu."""
    einstieg: ClassVar[int] = 0
    """Place among the questions of the start page; 0 for none."""
    plan: ClassVar[Sequence[Wunsch]] = (Wunsch(GESAMT),)
    pdf: ClassVar[Literal["", "bericht", "blatt"]] = ""
    """Whether a batch writes the page as PDF, too: as a report, or tightly as a sheet."""
    papier: ClassVar[Literal["", "docx", "pptx"]] = ""
    """Whether a batch writes the page as a file to go on writing in, too: a Word document or slides."""
    freiwillig: ClassVar[bool] = False
    """Whether a region may do without the page, so that no menu names it where there is none."""
    vergleicht: ClassVar[bool] = False
    """Whether there is no page without indicators that can be compared."""
    liste: ClassVar[str] = "publish.index.weitere"
    """Text over the page's runs in the list of all reports."""
    nur_bedient: ClassVar[bool] = False
    """Whether the page is for whoever sits in front of a notebook: no batch makes it, no menu names it."""
    regionsdateien: ClassVar[Sequence[str]] = ()
    """Files of the region folder the page reads besides ``region.yml`` and the texts of editors; everybody may read them."""
    redigiert: ClassVar[tuple[str, str] | None] = None
    """Parameter of its place and method of its chapters, if editors may change its sentences."""

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        if "notebook" in vars(cls):
            own = cls.ordner() / f"{cls.notebook}.yml"
            if own.is_file():
                texts.ergaenze(f"berichte.{cls.notebook}", own)

    # --- names --------------------------------------------------------------------------------

    @classmethod
    def name(cls) -> str:
        """What a reader calls the page."""
        return texts.text(f"berichte.{cls.notebook}.name")

    @classmethod
    def wozu(cls, **worte: str) -> str:
        """What a reader finds on it, in one sentence."""
        return texts.text(f"berichte.{cls.notebook}.wozu", **worte)

    @classmethod
    def menuegruppe(cls) -> str:
        return texts.text(f"publish.menue.{cls.gruppe}") if cls.gruppe else ""

    @classmethod
    def titel(cls, parameter: Parameter, stock: Vorrat) -> str:
        """Title of a page: its kind, what it is about, the reference date."""
        day = date.fromisoformat(stock.stichtag(parameter.stichtag, parameter.gefragte_themen))
        return ", ".join([cls.name(), *(name for name, _ in parameter.genannte(stock)), f"{day:%d.%m.%Y}"])

    # --- what it is made for ------------------------------------------------------------------

    @classmethod
    def hat_gesamt(cls) -> bool:
        """Whether there is one page about everything."""
        return any(wish.name == GESAMT and not wish.fuer for wish in cls.plan)

    @classmethod
    def moeglich(cls, stock: Vorrat) -> bool:
        """Whether the region has what the page is made of, and the data hold anything it is made for."""
        choices = cls.parameter.aufzaehlbar()
        return any(all(choices[name].alle(stock) for name in wish.fuer) for wish in cls.plan)

    @classmethod
    def ist_liste(cls, parameter: str) -> bool:
        """Whether a parameter takes several values."""
        field = cls.parameter.model_fields.get(parameter)
        return field is not None and list in (field.annotation, get_origin(field.annotation))

    # --- checks -------------------------------------------------------------------------------

    @classmethod
    def pruefe(cls, werte: Mapping[str, object], vorrat: Vorrat | None = None) -> Parameter:
        """Check parameter values.

        Raises
        ------
        ParameterFehler
            One sentence per fault, all at once.
        KeineWerte
            If all of it exists, but the data of that audience hold no value for it.
        """
        parameter = pruefe_modell(cls.parameter, werte, vorrat)
        if cls.vergleicht and vorrat is not None and vorrat.audience == parameter.audience:
            try:
                vorrat.auswahl(
                    parameter.gefragte_themen, getattr(parameter, "indikatoren", None), parameter.stichtag
                )
            except DatenFehler as error:
                raise KeineWerte(str(error)) from None
        return parameter

    @classmethod
    def aus_link(cls, anfrage: Mapping[str, Sequence[str]], vorrat: Vorrat | None = None) -> Parameter:
        """Check the query of a link, where every value is text: lists repeated or with commas, empty for the default."""
        return cls.pruefe(werte_aus_text(cls.parameter, anfrage), vorrat)

    @classmethod
    def ordner(cls) -> Path:
        """Folder of the module that declares the page."""
        return Path(str(sys.modules[cls.__module__].__file__)).parent

    @classmethod
    def quelle(cls, notebooks: Path) -> Path:
        """The notebook: in the folder of all, else beside the declaration."""
        common = notebooks / f"{cls.notebook}.ipynb"
        own = cls.ordner() / common.name
        return own if own.is_file() and not common.is_file() else common

    @classmethod
    def noetige_texte(cls) -> list[str]:
        """Keys of the texts without which pages around this one could not be written."""
        names = ["name", "wozu", *(["einstiegsfrage"] if cls.einstieg else [])]
        group = [f"publish.menue.{cls.gruppe}"] if cls.gruppe else []
        return [cls.liste, *group, *(f"berichte.{cls.notebook}.{name}" for name in names)]

    @classmethod
    def maengel(cls, notebooks: Path) -> list[Befund]:
        """What is missing or contradicts itself in texts and notebook."""
        known = texts.keys()
        found = [
            Befund("fehler", f"Zur Seite „{cls.notebook}“ fehlt der Text „{key}“.", "Bitte ergänzen.")
            for key in cls.noetige_texte()
            if key not in known
        ]
        path = cls.quelle(notebooks)
        if not path.is_file():
            return [
                *found,
                Befund("fehler", f"Zur Seite „{cls.notebook}“ fehlt das Notebook.", datei=str(path)),
            ]
        cells = [
            cell for cell in json.loads(path.read_text(encoding="utf-8"))["cells"] if _is_parameters(cell)
        ]
        if len(cells) != 1:
            found.append(Befund("fehler", f"Das Notebook hat {len(cells)} Zellen mit der Marke „parameters“.", "Bitte genau eine.", datei=str(path)))  # fmt: skip
        else:
            given, declared = literale("".join(cells[0]["source"])), cls.parameter().model_dump()
            if given != declared:  # a batch writes values over the cell, so other defaults do it no harm
                weight: Schwere = "fehler" if set(given) != set(declared) else "warnung"
                found.append(Befund(weight, "Die Parameterzelle nennt andere Namen oder Vorgaben als die Seite.", f"Bitte angleichen: {', '.join(declared)}.", datei=str(path)))  # fmt: skip
        return found


def _is_parameters(cell: Mapping[str, Any]) -> bool:
    return "parameters" in cell["metadata"].get("tags", [])


def literale(quelltext: str) -> dict[str, Any]:
    """Names and values a parameters cell assigns; one that is no literal is None."""
    found: dict[str, Any] = {}
    for node in ast.parse(quelltext).body:
        targets = (
            node.targets
            if isinstance(node, ast.Assign)
            else [node.target]
            if isinstance(node, ast.AnnAssign)
            else []
        )
        for target in targets:
            if isinstance(target, ast.Name):
                found[target.id] = None
                with suppress(ValueError, TypeError):
                    found[target.id] = ast.literal_eval(node.value)  # type: ignore[attr-defined]
    return found
