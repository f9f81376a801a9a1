"""The finding of the whole product as one picture: what the type of an area explains, and what its municipality."""

from __future__ import annotations

from typing import Any

import pandas as pd

from sozialanalyse.base import Kontext, text
from sozialanalyse.present import formats, theme
from sozialanalyse.present._markup import label, number, shape, tag, text_width, wrap
from sozialanalyse.present._zeichnung import HALO, achse, sign
from sozialanalyse.present.abbildung import Legende, abbildung
from sozialanalyse.present.anzeige import Anzeige
from sozialanalyse.present.tafel import Spalte

_BALKEN = 44.0


def bruecke(
    anteile: pd.DataFrame, *, kontext: Kontext, titel: str, anzahl: int, id: str | None = None
) -> Anzeige:
    """One thick bar per explanation from 0 to 100 %, with its range.

    Parameters
    ----------
    anteile
        One row per explanation in the order of drawing; columns ``name``, ``share``, ``low``, ``high`` from 0 to 1.
    anzahl
        Number of indicators whose middle case this is.
    """
    rows = anteile.assign(**{key: 100 * anteile[key] for key in ("share", "low", "high")})
    columns = {
        "name": Spalte(text("present.bruecke.was")),
        "share": Spalte(text("present.bruecke.anteil"), "%", 0),
        "low": Spalte(text("present.anteile.unten"), "%", 0),
        "high": Spalte(text("present.anteile.oben"), "%", 0),
    }
    said = [
        text(
            "present.bruecke.teil",
            name=row.name,
            anteil=formats.prozent(row.share, 0),
            spanne=formats.spanne(row.low, row.high, "%", 0),
        )
        for row in rows.itertuples(index=False)
    ]
    words = {"anzahl": formats.zahl(anzahl), "gebiete": kontext.sozialraum.dativ}
    return abbildung(
        lambda prefix, width: _zeichne(rows, width),
        titel=titel,
        untertitel=text("present.bruecke.untertitel", **words),
        beschreibung=" ".join(said),
        legende=lambda prefix: _legende(),
        kontext=kontext,
        frame=rows[list(columns)].set_index("name"),
        spalten=columns,
        id=id,
    )


def _legende() -> Legende:
    return [(sign(_spanne(4, 24, 9)), text("present.bruecke.spanne"))]


def _spanne(low: float, high: float, y: float) -> str:
    path = f"M{number(low)} {number(y - 6)}v12m0-6H{number(high)}m0-6v12"
    edge = shape("path", d=path, stroke=theme.PAPIER, stroke_width=5, fill="none")
    return edge + shape("path", d=path, stroke=theme.TINTE, stroke_width=2, fill="none")


def _zeichne(rows: pd.DataFrame, width: float) -> tuple[str, float]:
    x0, x1, y = 2.0, width - 24, 4.0
    out: list[str] = []
    bars: list[str] = []

    def at(value: float) -> float:
        return x0 + (x1 - x0) * min(max(value, 0.0), 100.0) / 100

    for place, row in enumerate(rows.itertuples(index=False)):
        lines = wrap(str(row.name), width, 16, 2)
        out.append("".join(label(0, y + 16 + 20 * i, line, font_size=16) for i, line in enumerate(lines)))
        y += 20 * len(lines) + 8
        box = {"x": x0, "y": y, "height": _BALKEN}
        bars.append(shape("rect", **box, width=x1 - x0, fill=theme.INNERHALB))
        fill = theme.ZWISCHEN if place == 0 else theme.TEXT_LEISE
        bars.append(shape("rect", **box, width=at(row.share) - x0, fill=fill))
        if pd.notna(row.low) and pd.notna(row.high):
            bars.append(_spanne(at(row.low), at(row.high), y + _BALKEN / 2))
        told = formats.prozent(row.share, 0)
        right = max(at(row.share), at(row.high) if pd.notna(row.high) else 0.0) + 10
        wide = text_width(told, 28)
        style: dict[str, Any] = {"font_size": 28, "font_weight": 700}
        if right + wide < x1:
            out.append(label(right, y + _BALKEN / 2 + 10, told, **style))
        else:
            out.append(label(x0 + 10, y + _BALKEN / 2 + 10, told, **style, **HALO))
        y += _BALKEN + 20
    ticks = [0, 25, 50, 75, 100]
    grid = achse(x0, x1, 4, y - 8, ticks, [formats.prozent(t, 0) for t in ticks])
    return grid + tag("g", *bars) + "".join(out), y + 14
