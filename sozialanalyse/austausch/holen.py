"""Deliveries that their pages say where to fetch; each is read once as its page says before it takes its place."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from sozialanalyse import fetch, geheimhaltung, kommonitor, sources
from sozialanalyse.base import LaufFehler, PruefFehler, vorschlag
from sozialanalyse.fetch import Geholt
from sozialanalyse.region import DatensatzSeite, Region, lade_katalog


def hole(
    region: Region,
    datensaetze: Sequence[str] = (),
    *,
    nachts: bool = False,
    sage: Callable[[str], None] = print,
    melder: Callable[[str, int, int], None] = lambda *_: None,
) -> list[Geholt]:
    """Fetch deliveries.

    Parameters
    ----------
    datensaetze
        Ids of dataset pages; none for all that say where.
    nachts
        Whether the service account asks, not a person.
    sage
        Called with the sentence that asks a person to log in.

    Raises
    ------
    LaufFehler
        If a page is unknown or does not say where.
    SozialanalyseFehler
        If something cannot be fetched or read; nothing of its page is changed then.
    """
    pages = lade_katalog(region).datensaetze
    named = {name: page for name, page in pages.items() if page.abruf is not None}
    for wanted in datensaetze:
        if wanted not in pages:
            raise LaufFehler(f"Den Datensatz „{wanted}“ gibt es nicht. {vorschlag(wanted, named)}".strip())
        if wanted not in named:
            raise LaufFehler(
                f"Auf der Seite „{wanted}“ steht nicht, woher die Lieferung kommt; es fehlt der Abschnitt „abruf“."
            )
    if not named:
        raise LaufFehler(
            "Auf keiner Datensatzseite steht ein Abschnitt „abruf“, der sagt, woher eine Lieferung zu holen ist."
        )
    chosen = {name: page for name, page in named.items() if not datensaetze or name in datensaetze}

    def server() -> kommonitor.Verbindung:
        return kommonitor.verbinde(kommonitor.lade(region.ordner), nachts=nachts, sage=sage)

    return fetch.hole(chosen, region.lieferungen, server, pruefe=_lesbar, melder=melder)


def _lesbar(pfad: Path, seite: DatensatzSeite) -> None:
    """Refuse what its page cannot read, and what looks like records of persons, before it is kept."""
    label = seite.abruf.datei if seite.abruf is not None else pfad.name
    try:
        for table in sources.lies_tabellen(pfad, seite.tabelle, name=label, gesucht=seite.gesucht):
            persons = geheimhaltung.personen(table, seite.tabelle.schluessel.spalten)
            if persons:
                raise PruefFehler([replace(one, abhilfe="Die Datei wurde nicht abgelegt. Bitte dort nur Zahlen je Gebiet anbieten lassen.") for one in persons])  # fmt: skip
    except PruefFehler as error:
        raise PruefFehler([replace(one, datei=label) for one in error.befunde]) from None
