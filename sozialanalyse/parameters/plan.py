"""Which reports are to be made: the files ``parameters/<notebook>.yml``, spread out over what the data hold."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from sozialanalyse import redaktion, yamlio
from sozialanalyse.errors import Befund, ParameterFehler, PruefFehler, vorschlag
from sozialanalyse.parameters.modelle import ALLE, Parameter
from sozialanalyse.parameters.pruefung import pruefe
from sozialanalyse.parameters.vorrat import KeineWerte, Vorrat

AUFZAEHLBAR = ("indikator", "kommune", "report", "sozialraum", "stichtag", "thema", "themen")
"""Parameters whose values the data tell, so that ``fuer`` can ask for all of them."""


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


def laeufe(pfad: Path, vorrat: Vorrat, ausgelassen: list[Befund] | None = None) -> list[Lauf]:
    """All runs a parameter file asks for and the data have values for.

    Parameters
    ----------
    ausgelassen
        Takes a warning for every run that was asked for by name and has no values; of what "alle" goes
        through, only what the data hold is meant.

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
                if ausgelassen is not None and _named(entry, values):
                    ausgelassen.append(
                        Befund("warnung", f"Der Lauf „{name}“ entsteht nicht: {error}", datei=str(pfad), zeile=document.zeile(place))
                    )  # fmt: skip
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
    names = {name: adressen(_all(name, vorrat)) for name in entry.fuer if name in AUFZAEHLBAR}
    for combination in itertools.product(*choices):
        values = {
            name: [value] if name in {"themen", "indikatoren"} else value for name, value in combination
        }
        name = "_".join(_called(names.get(part, {}), value) for part, value in combination)
        yield values, f"{entry.name}_{name}" if entry.name else name


def _named(entry: LaufEintrag, values: dict[str, Any]) -> bool:
    """Whether somebody wrote down this very run."""
    return all(entry.fuer[name] != ALLE for name in values)


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


def _called(names: dict[object, str], value: object) -> str:
    return names[value] if isinstance(value, str) and value in names else slug(value)


def adressen(keys: Iterable[object]) -> dict[object, str]:
    """What each of several keys is called in addresses: its :func:`slug`, with a number where two would share it.

    The first key keeps the plain name, so "10/1" and "10-1" have pages of their own.
    """
    known = list(keys)
    plain = {slug(key) for key in known}
    found: dict[object, str] = {}
    taken: set[str] = set()
    for key in known:
        name, number = slug(key), 1
        while name in taken or (number > 1 and name in plain):
            number += 1
            name = f"{slug(key)}-{number}"
        found[key] = name
        taken.add(name)
    return found


def slug(value: object) -> str:
    """Value as it stands in the name of a run, and so in the address of its page."""
    return "".join(sign if sign.isalnum() else "-" for sign in str(value).lower())
