"""All pages there are: the modules of this room, and what other packages bring as entry points."""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

from sozialanalyse.base import Befund, ParameterFehler, SozialanalyseFehler, vorschlag
from sozialanalyse.seiten.grundlage.seite import Seite

RAUM = "sozialanalyse.seiten"
"""Package with one module per page, and the group of entry points of other packages."""


def erklaerte() -> dict[str, type[Seite[Any]]]:
    """All pages by name, in the order of the menu, and the dashboards.

    Raises
    ------
    SozialanalyseFehler
        If a page of another package cannot be loaded, or two pages have one name.
    """
    room = importlib.import_module(RAUM)
    modules = [
        importlib.import_module(f"{RAUM}.{m.name}")
        for m in pkgutil.iter_modules(room.__path__)
        if not m.ispkg
    ]
    kinds = [kind for module in modules for kind in vars(module).values() if _declared(kind, module.__name__)]
    for entry in sorted(entry_points(group=RAUM), key=lambda entry: entry.name):
        try:
            kinds.append(entry.load())
        except Exception as error:
            raise SozialanalyseFehler(
                f"Die Seite „{entry.name}“ ({entry.value}) lässt sich nicht laden: {error}"
            ) from error
    found: dict[str, type[Seite[Any]]] = {}
    for kind in sorted(kinds, key=lambda kind: (kind.rang, kind.notebook)):
        if found.setdefault(kind.notebook, kind) is not kind:
            raise SozialanalyseFehler(f"Es gibt zwei Seiten mit dem Namen „{kind.notebook}“.")
    return found


@cache
def seiten() -> dict[str, type[Seite[Any]]]:
    """All pages that are made for readers, by name, in the order of the menu.

    Raises
    ------
    SozialanalyseFehler
        As :func:`erklaerte`.
    """
    return {name: kind for name, kind in erklaerte().items() if not kind.nur_bedient}


def _declared(kind: object, module: str) -> bool:
    return (
        isinstance(kind, type)
        and issubclass(kind, Seite)
        and kind.__module__ == module
        and "notebook" in vars(kind)
    )


def seite(notebook: str) -> type[Seite[Any]]:
    """Declaration of a page.

    Raises
    ------
    ParameterFehler
        If there is no such page.
    """
    known = seiten()
    if notebook not in known:
        raise ParameterFehler(f"Das Notebook „{notebook}“ gibt es nicht. {vorschlag(notebook, known)}")
    return known[notebook]


def regionsdateien() -> list[str]:
    """Files of a region folder that any page reads."""
    return sorted({name for kind in erklaerte().values() for name in kind.regionsdateien})


def angeboten(notebooks: Path) -> dict[str, type[Seite[Any]]]:
    """Pages that can be made: those whose notebook lies in the folder, or beside their declaration."""
    return {name: kind for name, kind in seiten().items() if kind.quelle(notebooks).is_file()}


def gemeint(projekt: Path) -> list[str]:
    """Pages a project means: those that can be made, and those it has a file of runs for."""
    there = angeboten(projekt / "notebooks")
    return [name for name in seiten() if name in there or (projekt / "parameters" / f"{name}.yml").is_file()]


def pruefe_seiten(projekt: Path) -> list[Befund]:
    """Faults in the make of pages: texts or notebooks that are missing, a parameters cell that is not as declared."""
    return [befund for name in gemeint(projekt) for befund in seite(name).maengel(projekt / "notebooks")]
