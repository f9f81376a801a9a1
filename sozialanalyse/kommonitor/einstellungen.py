"""The page ``kommonitor.yml`` of a region folder: where its KomMonitor is, who asks, and how levels are called there."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Literal

from pydantic import Field

from sozialanalyse.base import RegionFehler, YamlSeite, yamlio
from sozialanalyse.kommonitor.anmeldung import Anmeldung, Dienstkonto, Person
from sozialanalyse.kommonitor.verbindung import Verbindung

DATEI = "kommonitor.yml"


class AnmeldeAngaben(YamlSeite):
    """Who asks; secrets never stand here."""

    aussteller: str
    """Address of the realm, such as https://anmeldung.example/realms/kommonitor."""
    client: str = "sozialanalyse"
    """Client for people, who log in with the browser."""
    dienst: str = ""
    """Client for the night; its secret comes from the environment."""


class Schreiben(YamlSeite):
    """What goes back to KomMonitor, and under whose name."""

    eigentuemer: str
    """Organisational unit that owns it."""
    thema: str
    """Topic it stands under."""
    kontakt: str
    typen: bool = True
    """Whether the types of areas are written, as the pages show them."""
    zwillinge: bool = False
    indizes: bool = False
    indikatoren: list[str] = Field(default_factory=list)
    """Ids of indicators."""
    teilung: bool = False
    """Whether their interpretation says how much of the differences lies between the Kommunen."""
    praefix: str = ""
    """Beginning of every name, so that several regions may share one KomMonitor."""


class KommonitorSeite(YamlSeite):
    """The file ``kommonitor.yml``."""

    adresse: str = Field(pattern=r"^https?://[^\s@]+$")
    anmeldung: AnmeldeAngaben | None = None
    ebenen: dict[Literal["kommune", "sozialraum"], str] = Field(default_factory=dict)
    """Level of the region -> name or id of the level in KomMonitor."""
    bekannt: dict[str, str] = Field(default_factory=dict)
    """Indicator of the region, or ``dataset.field`` -> indicator in KomMonitor that is the same number."""
    schreiben: Schreiben | None = None


def lade(ordner: Path) -> KommonitorSeite:
    """Read the page of a region folder.

    Raises
    ------
    RegionFehler
        If there is none.
    PruefFehler
        If it is faulty.
    """
    path = ordner / DATEI
    if not path.exists():
        raise RegionFehler(
            f"Im Regionsordner fehlt {DATEI}. Sie nennt die Adresse von KomMonitor; die Anleitung zeigt, was hineingehört."
        )
    return yamlio.pruefen(KommonitorSeite, yamlio.lesen(path))


def verbinde(
    seite: KommonitorSeite, *, nachts: bool = False, sage: Callable[[str], None] = print
) -> Verbindung:
    """Connection as the page says: as a person in the browser, as a service at night, else open to everybody.

    Raises
    ------
    RegionFehler
        If a service is asked for and none is named.
    """
    who: Anmeldung | None = None
    if seite.anmeldung is not None and nachts:
        if not seite.anmeldung.dienst:
            raise RegionFehler(
                f"In {DATEI} fehlt „anmeldung → dienst“, das Dienstkonto für Abrufe ohne Anmeldung im Browser."
            )
        who = Dienstkonto(seite.anmeldung.aussteller, seite.anmeldung.dienst)
    elif seite.anmeldung is not None:
        who = Person(seite.anmeldung.aussteller, seite.anmeldung.client, sage)
    return Verbindung(seite.adresse, who)
