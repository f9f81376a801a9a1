"""Formats of deliveries: one file per format holds its options on a page and its reader.

A format has ``NAME`` (the word on a page), ``BEZEICHNUNG`` (what people call it), ``ENDUNGEN`` (of file
names), ``Form`` (its options), ``erkennt`` (the first bytes of a file) and ``lies`` (a file as sheets of
cells). It is named in the table below; nothing else has to know it.
"""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from typing import Any, Protocol

from sozialanalyse.base import Blatt
from sozialanalyse.formate import arbeitsmappe, csvtext, features, ffcsv, jsonstat, kommonitor
from sozialanalyse.formate.form import GROESSTE_DATEI, MEGABYTE, Dateiform, Kopf
from sozialanalyse.formate.jsontext import KOMMONITOR


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


_ALLE: tuple[Any, ...] = (arbeitsmappe, csvtext, ffcsv, jsonstat, features, kommonitor)

FORMATE: dict[str, Format] = {kind.NAME: kind for kind in _ALLE}
"""Name on a page -> format."""

__all__ = ["FORMATE", "GROESSTE_DATEI", "KOMMONITOR", "MEGABYTE", "Dateiform", "Format", "Kopf", "kommonitor"]
