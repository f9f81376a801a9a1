"""Formats of deliveries: one file per format holds its options on a page and its reader.

A module of this room is a format if it has ``NAME`` (the word on a page), ``BEZEICHNUNG`` (what people call it),
``ENDUNGEN`` (of file names), ``Form`` (its options), ``erkennt`` (the first bytes of a file) and ``lies`` (a
file as sheets of cells). It is found by lying here; nothing else has to know it.
"""

from __future__ import annotations

import pkgutil
from collections.abc import Collection
from importlib import import_module
from pathlib import Path
from typing import Any, Protocol, cast

from sozialanalyse.formate.form import Dateiform, Kopf
from sozialanalyse.rohtabelle import Blatt


class Format(Protocol):
    """What a module of this room offers."""

    NAME: str
    BEZEICHNUNG: str
    ENDUNGEN: tuple[str, ...]
    Form: type[Dateiform]

    def erkennt(self, anfang: bytes) -> bool:
        """Whether the first bytes of a file look like this format."""

    def lies(self, pfad: Path, form: Any, gesucht: Collection[str] = ()) -> list[Blatt]:
        """Read the sheets a page means."""


def _found() -> dict[str, Format]:
    modules = [import_module(f"{__name__}.{info.name}") for info in pkgutil.iter_modules(__path__)]
    return {module.NAME: cast(Format, module) for module in modules if hasattr(module, "NAME")}


FORMATE = _found()
"""Name on a page -> format."""

__all__ = ["FORMATE", "Dateiform", "Format", "Kopf"]
