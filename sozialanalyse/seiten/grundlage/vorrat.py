"""What parameters may name, and the sentences that refuse what does not exist."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any, Protocol

from pydantic import ValidationInfo

from sozialanalyse.base import ParameterFehler, gemeint, vorschlag
from sozialanalyse.region import Region, redaktion


class Vorrat(Protocol):
    """What a parameter may name; :class:`sozialanalyse.store.Daten` offers it."""

    region: Region
    audience: Any

    @property
    def stichtage(self) -> tuple[str, ...]: ...
    def verzeichnis(self, level: Any = ...) -> Any: ...
    def indikatoren(self, themen: Any = ...) -> Any: ...
    def umstiege(self) -> Any: ...
    def stichtag(self, angabe: Any = ..., themen: Any = ...) -> str: ...
    def auswahl(self, themen: Any = ..., indikatoren: Any = ..., stichtag: Any = ...) -> list[str]: ...


class KeineWerte(ParameterFehler):
    """What is asked for exists, but the data hold no value of it for that date."""


def vorrat_von(info: ValidationInfo) -> Vorrat | None:
    return (info.context or {}).get("vorrat")


def aus_zahl(wert: int, kennungen: Iterable[str]) -> int | str:
    """The one id that a number means whose leading zeros a command line has dropped; else the number."""
    found = [key for key in kennungen if key.isdecimal() and int(key) == wert]
    return found[0] if len(found) == 1 else wert


def bekanntes_thema(thema: str, info: ValidationInfo) -> str:
    stock = vorrat_von(info)
    if stock and thema not in stock.region.themen:
        raise ValueError(f"Das Thema „{thema}“ gibt es nicht. {vorschlag(thema, stock.region.themen)}")
    return thema


def bekannter_indikator(key: str, info: ValidationInfo) -> str:
    stock = vorrat_von(info)
    known = list(stock.indikatoren().index) if stock else [key]
    if key not in known:
        raise ValueError(f"Den Indikator „{key}“ gibt es nicht. {vorschlag(key, known)}")
    return key


def bekanntes_gebiet(key: str, info: ValidationInfo) -> str:
    """Id of an area named by its id in any spelling that means just one ("a6" for "A 6"), or by its name."""
    stock = vorrat_von(info)
    if stock is None:
        return key
    names = dict(stock.verzeichnis("sozialraum")["name"])
    if key not in names and (now := _nachfolger(key, stock)):
        raise ValueError(now)
    return eindeutig(key, names, "Das Gebiet")


def bekannter_report(key: str, info: ValidationInfo) -> str:
    """Id of a topic report of the region, named by id or title."""
    stock = vorrat_von(info)
    if stock is None:
        return key
    reports = redaktion.themen(stock.region.ordner)
    return eindeutig(key, {name: page.titel for name, page in reports.items()}, "Den Themenreport")


def eindeutig(key: str, namen: Mapping[str, str], wort: str) -> str:
    """The one id of several an entry means.

    Raises
    ------
    ValueError
        With a sentence: none, or several.
    """
    found = gemeint(key, namen)
    if len(found) > 1:
        raise ValueError(f"„{key}“ kann mehreres meinen: {', '.join(found)}. Bitte die Kennung angeben.")
    if not found:
        raise ValueError(f"{wort} „{key}“ gibt es nicht. {vorschlag(key, namen)}")
    return found[0]


def _nachfolger(key: str, stock: Vorrat) -> str:
    """Sentence about an area of former boundaries; empty for ids that never were one."""
    links = stock.umstiege()
    former = links["alt"].map(lambda alt: alt.partition(":")[2]) == key
    links = links[former & (links["gueltig_bis"] != "")]
    links = links[links["anteil"] > 0] if "anteil" in links else links
    if links.empty:
        return ""
    until = date.fromisoformat(links["gueltig_bis"].max())
    names = stock.verzeichnis("sozialraum")["name"]
    heirs = ", ".join(f"„{new}“ ({names[new]})" for new in dict.fromkeys(links["neu"]) if new in names.index)
    return f"Das Gebiet „{key}“ gab es bis zum {until:%d.%m.%Y}. Heute liegt es in: {heirs}."
