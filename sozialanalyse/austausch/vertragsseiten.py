"""The annex of the agreement as finished pages, in the usual German and in Einfache Sprache."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from sozialanalyse import vereinbarung
from sozialanalyse.base import LaufFehler, settings, text
from sozialanalyse.present import theme
from sozialanalyse.publish import Ablage, Rahmen, ganze_seite
from sozialanalyse.region import Region, lade_katalog
from sozialanalyse.vereinbarung import Sprache, inhalt

DATEIEN: dict[Sprache, str] = {"de": "vereinbarung.html", "einfach": "vereinbarung-einfach.html"}


def rahmen(region: Region, titel: str, stand: str) -> Rahmen:
    """Frame of a page that stands alone, with its style inside."""
    return Rahmen(
        titel=titel, region=region.name, herausgeber=region.seite.herausgeber, stand=stand, stil=theme.stylesheet(),
        marke=region.marke, allein=True,
    )  # fmt: skip


def schreibe_anhang(region: Region, out: str | Path | None = None, heute: date | None = None) -> list[str]:
    """Write the annex in both languages; returns their addresses.

    Raises
    ------
    LaufFehler
        If the region has no agreement, or it names a dataset that does not exist.
    """
    agreed = vereinbarung.lade(region, heute)
    if agreed.seite is None:
        raise LaufFehler(
            f"Im Regionsordner fehlt {vereinbarung.DATEI}; die Anleitung zeigt, was hineingehört."
        )
    pages = lade_katalog(region).datensaetze
    if strange := vereinbarung.unbekannte(agreed.seite, pages):
        raise LaufFehler("\n".join(strange))
    names = {key: page.name for key, page in pages.items()}
    place = Ablage(out or settings.ergebnisordner(region.ordner, region.id))
    folder = "" if out else "intern/"
    frame = rahmen(region, text("vereinbarung.titel"), f"{agreed.heute:%d.%m.%Y}")
    if folder:
        place.verschliesse(folder)
    for language, name in DATEIEN.items():
        place.schreibe(folder + name, ganze_seite(inhalt(agreed, region, names, language), frame))
    return [place.adresse(folder + name) for name in DATEIEN.values()]
