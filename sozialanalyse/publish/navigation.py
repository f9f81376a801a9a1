"""The main navigation: one menu for finished and live pages, in groups, so that it grows calmly."""

from __future__ import annotations

from collections.abc import Collection

from sozialanalyse.parameters import NOTEBOOKS
from sozialanalyse.publish.html import Verweis
from sozialanalyse.texts import text

START = "index"
GRUPPEN = {
    "auswertungen": ("atlas", "cluster", "varianz"),
    "profile": ("kommunalprofil", "sozialraumprofil", "themenreport"),
    "daten": ("datenstand",),
}
"""Group -> its notebooks in the order of the menu; others come last, without a group."""


def gruppe(notebook: str) -> str:
    """Heading of the menu a notebook belongs under; empty for none."""
    key = next((key for key, members in GRUPPEN.items() if notebook in members), "")
    return text(f"publish.menue.{key}") if key else ""


def reihenfolge() -> list[str]:
    """Notebooks in the order of the menu, without the start page."""
    known = [name for members in GRUPPEN.values() for name in members if name in NOTEBOOKS]
    return known + [name for name in NOTEBOOKS if name not in known and name != START]


def navigation(aktuell: str = "", mit_gesamt: Collection[str] | None = None) -> list[Verweis]:
    """Entries of the main navigation, relative to the folder of all pages.

    Parameters
    ----------
    aktuell
        Notebook whose page is shown.
    mit_gesamt
        Notebooks that have an overall report; the others lead to their part of the start page.
        None for all.
    """
    whole = set(NOTEBOOKS if mit_gesamt is None else mit_gesamt)
    entries = [Verweis("index.html", text("publish.nav_start"), aktuell == START, notebook=START)]
    for name in reihenfolge():
        target = f"{name}/gesamt.html" if name in whole else f"index.html#f-{name}"
        entries.append(Verweis(target, text(f"publish.nav_{name}"), aktuell == name, gruppe(name), name))
    return entries
