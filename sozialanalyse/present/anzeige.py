"""What every public function of this room returns."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pandas as pd

from sozialanalyse.base import ERGEBNIS

if TYPE_CHECKING:
    from sozialanalyse.present.tafel import Tafel


@dataclass(frozen=True, eq=False, repr=False)
class Anzeige:
    """A finished piece of a page: the same markup in a notebook, a static page and Voilà.

    Attributes
    ----------
    titel
        Heading or caption in words.
    html
        Self-contained fragment without script, style attribute or external request.
    svg
        Drawing alone, with title and description; empty where there is none.
    beschreibung
        Alternative text made from the data.
    tabelle
        The numbers behind it as a plain frame, gaps as missing values.
    tafel
        The same with headings, units and reasons for gaps, ready for a file; None where nothing is listed.
    ergebnis
        Key results for the record of the run, plain values by name; readers do not see them.
    saetze
        Words of a block of text, one paragraph each; with ``punkte`` one point of a list each.
    legende
        Pairs of a legend field as markup and its words.
    teile
        Pieces it is made of, in their order.
    kapitel
        Whether it is a chapter of the page and ``titel`` its heading.
    """

    titel: str
    html: str
    svg: str = ""
    beschreibung: str = ""
    tabelle: pd.DataFrame = field(default_factory=pd.DataFrame)
    tafel: Tafel | None = None
    ergebnis: Mapping[str, Any] = field(default_factory=dict)
    saetze: tuple[str, ...] = ()
    punkte: bool = False
    legende: tuple[tuple[str, str], ...] = ()
    teile: tuple[Anzeige, ...] = ()
    kapitel: bool = False

    def _repr_html_(self) -> str:
        return self.html

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, Any] | None:
        return {ERGEBNIS: dict(self.ergebnis)} if self.ergebnis else None

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.titel!r})"
