"""Legend of a map as a small histogram: a bar per class, as long as the class has areas."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from sozialanalyse.base import text
from sozialanalyse.present import formats
from sozialanalyse.present._gebiete import gebietsname
from sozialanalyse.present._typen import Kennung
from sozialanalyse.present._zeichnung import swatch
from sozialanalyse.present.abbildung import Legende


@dataclass(frozen=True)
class Stufe:
    """A class of a map: its fill, its words, the areas in it.

    Attributes
    ----------
    farbe
        Colour or pattern, the same as that of its areas.
    code
        What stands in each of its areas, too.
    auflage
        Pattern on top, where the areas keep several colours.
    """

    farbe: str
    worte: str
    gebiete: pd.Index
    code: str = ""
    auflage: str = ""


def histogramm(stufen: Sequence[Stufe], namen: pd.Series, hier: Kennung | None = None) -> Legende:
    """Field and words per class: the words say the number of areas, the bar shows it.

    A line first says what the bars mean. The class of the area ``hier`` has a thick frame, as the area has on
    the map, and names it (by ``namen``). A single class needs no bar.
    """
    most = max((len(step.gebiete) for step in stufen), default=0)
    several = len(stufen) > 1 and most > 0
    fields = [("", text("present.karte.balken"))] if several else []
    for step in stufen:
        here = hier is not None and hier in step.gebiete
        words = text("present.karte.klasse", klasse=step.worte, anzahl=formats.zahl(len(step.gebiete)))
        if here:
            words = text("present.karte.darunter", klasse=words, gebiet=gebietsname(hier, namen[hier]))  # type: ignore[index]
        share = len(step.gebiete) / most if several else None
        field = swatch(step.farbe, code=step.code, overlay=step.auflage, balken=share, dick=here)
        fields.append((field, words))
    return fields
