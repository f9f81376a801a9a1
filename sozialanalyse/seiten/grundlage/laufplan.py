"""Which pages a batch makes: what a page declares, or the file ``parameters/<notebook>.yml``, spread out over the data."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from sozialanalyse.base import Befund, ParameterFehler, PruefFehler, vorschlag, yamlio
from sozialanalyse.seiten.grundlage.adressen import adressen, slug
from sozialanalyse.seiten.grundlage.erklaerung import Wunsch
from sozialanalyse.seiten.grundlage.parameter import ALLE, Parameter
from sozialanalyse.seiten.grundlage.seite import Seite
from sozialanalyse.seiten.grundlage.seitenregister import seite
from sozialanalyse.seiten.grundlage.vorrat import KeineWerte, Vorrat


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

    @property
    def seite(self) -> type[Seite[Any]]:
        """Declaration of the page."""
        return seite(self.notebook)


def laeufe(
    notebook: str, vorrat: Vorrat, ordner: Path, ausgelassen: list[Befund] | None = None
) -> list[Lauf]:
    """All runs a page is made for and the data have values for.

    Parameters
    ----------
    ordner
        Folder of the files that ask for something else than the pages declare; they need not exist.
    ausgelassen
        Takes a warning for every run that was asked for by name and has no values; of what "alle" goes
        through, only what the data hold is meant.

    Raises
    ------
    PruefFehler
        With every fault of the file, each with its line.
    """
    kind = seite(notebook)
    pfad = ordner / f"{notebook}.yml"
    document = yamlio.lesen(pfad) if pfad.is_file() else None
    if document is None and kind.freiwillig and not kind.moeglich(vorrat):
        return []
    page = yamlio.pruefen(LaufSeite, document) if document else LaufSeite(runs=list(map(_entry, kind.plan)))

    def zeile(*place: str | int) -> int | None:
        return document.zeile(place) if document else None

    problems: list[Befund] = []
    found: dict[str, Lauf] = {}
    choices = kind.parameter.aufzaehlbar()
    for index, entry in enumerate(page.runs):
        place = ("runs", index)
        endless = [name for name, values in entry.fuer.items() if values == ALLE and name not in choices]
        if endless:
            problems.append(Befund("fehler", f"fuer: Zu „{endless[0]}“ gibt es kein „alle“.", vorschlag(endless[0], choices),
                                   datei=str(pfad), zeile=zeile(*place, "fuer", endless[0])))  # fmt: skip
            continue
        for values, name in _expand(entry, vorrat, index, kind):
            try:
                parameter = kind.pruefe({**page.defaults, **entry.werte, **values}, vorrat)
            except KeineWerte as error:
                if ausgelassen is not None and _named(entry, values):
                    ausgelassen.append(
                        Befund("warnung", f"Der Lauf „{name}“ entsteht nicht: {error}", datei=str(pfad), zeile=zeile(*place))
                    )  # fmt: skip
                continue
            except ParameterFehler as error:
                problems.append(Befund("fehler", str(error), datei=str(pfad), zeile=zeile(*place)))
                break
            if name in found:
                problems.append(Befund("fehler", f"Der Lauf „{name}“ steht zweimal da.",
                                       "Bitte einen der beiden anders nennen.", datei=str(pfad), zeile=zeile(*place)))  # fmt: skip
                break
            found[name] = Lauf(notebook, name, parameter)
    if problems:
        raise PruefFehler(problems)
    return list(found.values())


def _entry(wish: Wunsch) -> LaufEintrag:
    return LaufEintrag(name=wish.name, fuer=dict.fromkeys(wish.fuer, "alle"))


def _expand(
    entry: LaufEintrag, vorrat: Vorrat, index: int, kind: type[Seite[Any]]
) -> Iterator[tuple[dict[str, Any], str]]:
    """Values and name of every run of one entry."""
    if not entry.fuer:
        yield {}, entry.name or f"lauf-{index + 1}"
        return
    marks = kind.parameter.aufzaehlbar()
    all_values = {name: marks[name].alle(vorrat) for name in entry.fuer if name in marks}
    choices = [
        [(name, value) for value in (all_values[name] if values == ALLE else values)]
        for name, values in entry.fuer.items()
    ]
    names = {name: adressen(values) for name, values in all_values.items()}
    for combination in itertools.product(*choices):
        values = {name: [value] if kind.ist_liste(name) else value for name, value in combination}
        name = "_".join(_called(names.get(part, {}), value) for part, value in combination)
        yield values, f"{entry.name}_{name}" if entry.name else name


def _named(entry: LaufEintrag, values: dict[str, Any]) -> bool:
    """Whether somebody wrote down this very run."""
    return all(entry.fuer[name] != ALLE for name in values)


def _called(names: dict[object, str], value: object) -> str:
    return names[value] if isinstance(value, str) and value in names else slug(value)
