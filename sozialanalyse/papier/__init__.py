"""Findings of a page as files that somebody goes on writing in: a Word document, slides, their pictures.

Made from the displays themselves, so that page and file say the same; what they show is what the page may show.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sozialanalyse.base import tuer
from sozialanalyse.papier.bloecke import Abschnitt, Deckblatt

if TYPE_CHECKING:
    from sozialanalyse.papier.foliendatei import folien
    from sozialanalyse.papier.worddatei import word
    from sozialanalyse.papier.zeichnungen import bilder, lesbar, masse, schriften, wort

__all__ = ["Abschnitt", "Deckblatt", "bilder", "folien", "lesbar", "masse", "schriften", "word", "wort"]

__getattr__ = tuer(
    __name__,
    {
        "bilder": "zeichnungen",
        "folien": "foliendatei",
        "lesbar": "zeichnungen",
        "masse": "zeichnungen",
        "schriften": "zeichnungen",
        "word": "worddatei",
        "wort": "zeichnungen",
    },
)
