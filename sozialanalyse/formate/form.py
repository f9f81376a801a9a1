"""What a dataset page says about a file: options every format has; each format adds its own."""

from __future__ import annotations

from pydantic import Field

from sozialanalyse.base import Befund, Muster, PruefFehler, YamlSeite


class Kopf(YamlSeite):
    """Where the heading of a table stands."""

    erkennbar_an: str
    """Text of a cell in the first row of the heading."""
    hoehe: int = Field(default=1, ge=1, le=5)


class Dateiform(YamlSeite):
    """Options of every format."""

    format: str
    kopf: Kopf | None = None
    ende: Muster | None = None
    """Regular expression: the table ends before the row whose first cell matches."""


MEGABYTE = 1_000_000
GROESSTE_DATEI = 250 * MEGABYTE
"""Larger files are refused: their cells would not fit into the memory the workbench promises to keep to."""


def unlesbar(text: str, abhilfe: str, *, blatt: str = "", zeile: int | None = None) -> PruefFehler:
    """Fault of a file; its name is added at the front door."""
    return PruefFehler([Befund("fehler", text, abhilfe, blatt=blatt, zeile=zeile)])
