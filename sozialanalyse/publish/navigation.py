"""The main navigation: one menu for finished and live pages, in groups, so that it grows calmly."""

from __future__ import annotations

from collections.abc import Collection

from sozialanalyse.base import text
from sozialanalyse.publish.html import Menuepunkt
from sozialanalyse.seiten import START, seiten


def menue() -> list[str]:
    """Pages in the order of the menu, without the start page; groups stay together."""
    kinds = [kind for name, kind in seiten().items() if name != START]
    first = {kind.gruppe: kind.rang for kind in reversed(kinds)}
    found = sorted(kinds, key=lambda kind: first[kind.gruppe] if kind.gruppe else kind.rang)
    return [kind.notebook for kind in found]


def navigation(aktuell: str = "", mit_gesamt: Collection[str] | None = None) -> list[Menuepunkt]:
    """Entries of the main navigation, relative to the folder of all pages.

    Parameters
    ----------
    aktuell
        Notebook whose page is shown.
    mit_gesamt
        Notebooks that have an overall report; the others lead to their part of the start page.
        None for all.
    """
    known = seiten()
    whole = set(known if mit_gesamt is None else mit_gesamt)
    entries = [Menuepunkt("index.html", text("publish.nav_start"), aktuell == START, notebook=START)]
    for name in menue():
        target = f"{name}/gesamt.html" if name in whole else f"index.html#f-{name}"
        kind = known[name]
        if kind.freiwillig and name not in whole:
            continue
        entries.append(Menuepunkt(target, kind.name(), aktuell == name, kind.menuegruppe(), name))
    return entries
