"""Plan, apply and take back for a region: which plan is meant, whether it still holds, where it lies."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

from sozialanalyse import kommonitor, store, vereinbarung
from sozialanalyse.austausch import planseite
from sozialanalyse.austausch.planung import Melder, Planung
from sozialanalyse.base import LaufFehler, settings
from sozialanalyse.kommonitor import Plan, PlanFehler
from sozialanalyse.kommonitor import plan as p
from sozialanalyse.region import Region

PLAN, SEITE = "plan.json", "plan.html"


def ordner(region: Region) -> Path:
    """Folder of plans and journals; it holds values and is closed to others."""
    return settings.eigener_ordner(settings.datenordner(region.ordner) / "kommonitor" / region.id)


def plane(region: Region, *, nachts: bool = False, sage: Callable[[str], None] = print, melder: Melder = lambda *_: None, heute: date | None = None) -> tuple[Plan, Path]:  # fmt: skip
    """Plan what would be written and write it down; changes nothing in KomMonitor.

    Returns
    -------
    tuple
        The plan and the page that shows it.

    Raises
    ------
    SozialanalyseFehler
        If the region, the snapshot or the server do not allow a plan.
    """
    page = kommonitor.lade(region.ordner)
    if page.schreiben is None:
        raise LaufFehler(
            "In kommonitor.yml fehlt der Abschnitt „schreiben“; die Anleitung zeigt, was hineingehört."
        )
    with kommonitor.verbinde(page, nachts=nachts, sage=sage) as server:
        made = Planung(region, page, page.schreiben, server, vereinbarung.lade(region, heute)).plan(melder)
    folder = ordner(region)
    p.schreibe(made, folder / PLAN)
    shown = planseite.schreibe(made, region, folder / SEITE)
    return made, shown


def wende_an(region: Region, schluessel: str, *, nachts: bool = False, sage: Callable[[str], None] = print, melder: Melder = lambda *_: None) -> list[str]:  # fmt: skip
    """Do what the last plan says, if it is the one whose hash is named; returns sentences.

    Raises
    ------
    SozialanalyseFehler
        If it is another plan, or something is not as planned.
    """
    plan = p.lies(ordner(region) / PLAN)
    _meant(plan, schluessel)
    if plan.vereinbarung != vereinbarung.lade(region).stand():
        raise PlanFehler(
            "Seit dem Plan hat sich die Vereinbarung geändert, oder eine Frist ist abgelaufen. Bitte einen neuen Plan erstellen."
        )
    if plan.bestand != store.load(region, "intern").ordner.name:
        raise PlanFehler("Seit dem Plan gibt es einen neuen Datenbestand. Bitte einen neuen Plan erstellen.")
    p.schreibe(
        plan, ordner(region) / f"{plan.schluessel}.json"
    )  # the next plan takes its place, taking back needs it
    with kommonitor.verbinde(kommonitor.lade(region.ordner), nachts=nachts, sage=sage) as server:
        return kommonitor.wende_an(plan, server, ordner(region), melder=melder).saetze


def nimm_zurueck(region: Region, schluessel: str, *, nachts: bool = False, sage: Callable[[str], None] = print, melder: Melder = lambda *_: None) -> list[str]:  # fmt: skip
    """Restore what stood in KomMonitor before a plan was applied; returns sentences.

    Raises
    ------
    SozialanalyseFehler
        If no such plan was applied, or somebody else has changed something since.
    """
    kept = [path for path in ordner(region).glob("*.json") if _names(path.stem, schluessel)]
    plan = p.lies(kept[0] if kept else ordner(region) / PLAN)
    _meant(plan, schluessel)
    with kommonitor.verbinde(kommonitor.lade(region.ordner), nachts=nachts, sage=sage) as server:
        return kommonitor.nimm_zurueck(plan, server, ordner(region), melder=melder).saetze


def _meant(plan: Plan, schluessel: str) -> None:
    if not _names(plan.schluessel, schluessel):
        raise PlanFehler(
            f"„{schluessel}“ ist nicht der Schlüssel des letzten Plans. Er steht am Ende der Ausgabe von „sozialanalyse kommonitor plan“ und oben auf der Seite; "
            "mindestens acht Zeichen davon gehören in den Befehl."
        )


def _names(key: str, given: str) -> bool:
    return len(given) >= 8 and key.startswith(given)
