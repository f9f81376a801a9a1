"""Rows of dots on a common scale: one dot per area, with a mark per row and a line through all."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import pandas as pd

from sozialanalyse.present import formats, theme
from sozialanalyse.present._markup import esc, number, shape, tag, wrap
from sozialanalyse.present._typen import Kennung
from sozialanalyse.present._zeichnung import HALO, ZEILE, achse, stellen, teilung, zeilen

_RADIUS = 4.5


@dataclass(frozen=True)
class Reihe:
    """One row: its name, its dots (value per area), its own value."""

    name: str
    punkte: pd.Series
    eigen: float | None
    farbe: str = theme.PUNKT


def punkt(x: float, y: float, fill: str, tip: str = "", strong: bool = False) -> str:
    """Dot of one area, alone in a legend or highlighted; ``tip`` is said when it is pointed at."""
    return tag(
        "circle",
        tag("title", esc(tip)) if tip else "",
        cx=float(x),
        cy=float(y),
        r=7 if strong else _RADIUS,
        fill=theme.TINTE if strong else fill,
        stroke=theme.TINTE,
    )


def punktreihe(spots: Sequence[tuple[Kennung, float, str]], y: float, fill: str = theme.PUNKT) -> str:
    """Dots of one row (area, place, what is said when pointed at), lean because a page holds thousands."""
    if not spots:
        return ""
    dots = [
        tag("circle", tag("title", esc(tip)), cx=round(x), r=_RADIUS)
        if tip
        else shape("circle", cx=round(x), r=_RADIUS)
        for _, x, tip in spots
    ]
    ids = "|".join(str(key) for key, _, _ in spots)
    return tag(
        "g", *dots, fill=fill, stroke=theme.TINTE, transform=f"translate(0 {number(y)})", data_gebiete=ids
    )


def gebietspunkte(spots: Sequence[tuple[Kennung, float, float]], fill: str, radius: float = _RADIUS) -> str:
    """Dots of areas (id, x, y) in one group; their ids stand once, in the same order."""
    if not spots:
        return ""
    dots = "".join(shape("circle", cx=round(x), cy=round(y), r=float(radius)) for _, x, y in spots)
    ids = "|".join(str(key) for key, _, _ in spots)
    return tag("g", dots, fill=fill, stroke=theme.TINTE, data_gebiete=ids)


def eigen(x: float, y: float, half: float = 9) -> str:
    """Mark of a whole row."""
    line = f"M{number(x)} {number(y - half)}v{number(2 * half)}"
    return shape("path", d=line, stroke=theme.PAPIER, stroke_width=6) + shape(
        "path", d=line, stroke=theme.TINTE, stroke_width=3
    )


def linie(x: float, top: float, bottom: float) -> str:
    """Line through all rows."""
    return shape(
        "path",
        d=f"M{number(x)} {number(top)}V{number(bottom)}",
        stroke=theme.REGION,
        stroke_width=2,
        stroke_dasharray="5 3",
    )


def zeichne(
    rows: list[Reihe],
    width: float,
    einheit: str,
    places: int,
    line: float | None,
    hervorheben: Kennung | None,
    ticks: list[float] | None = None,
) -> tuple[str, float]:
    """Inner markup and height; ``line`` is a value for all rows."""
    narrow = width < 500
    values = [v for row in rows for v in (*row.punkte, row.eigen, line) if v is not None and pd.notna(v)]
    ticks = ticks or teilung(min(values, default=0), max(values, default=1), 4 if narrow else 6)
    x0, x1 = (16.0, width - 24) if narrow else (210.0, width - 26)

    def at(value: float) -> float:
        return x0 + (x1 - x0) * (value - ticks[0]) / (ticks[-1] - ticks[0])

    out, over, y = [], [], 6.0
    for row in rows:
        spots = _verteilt(row.punkte, at)
        names_rows = wrap(row.name, width if narrow else x0 - 22, theme.SCHRIFTGROESSE, 1 if narrow else 2)
        height = len(names_rows) * ZEILE
        half = max([12.0, 0 if narrow else height / 2 + 3, *(abs(dy) + _RADIUS + 3 for _, _, dy in spots)])
        middle = y + half + (height if narrow else 0)
        first = y + 13 if narrow else middle - height / 2 + 13
        out.append(shape("path", d=f"M{number(x0)} {number(middle)}H{number(x1)}", stroke=theme.RASTER))
        over.append(zeilen(0, first, names_rows, **HALO))
        if row.eigen is not None and pd.notna(row.eigen):
            out.append(eigen(at(row.eigen), middle, half - 1))
        out.append(gebietspunkte([(key, x, middle + dy) for key, x, dy in spots], row.farbe))
        chosen = [punkt(x, middle + dy, row.farbe, strong=True) for key, x, dy in spots if key == hervorheben]
        over += chosen
        y = middle + half + 2
    unit = einheit if einheit == "%" else ""
    grid = achse(x0, x1, 4, y, ticks, [formats.wert(tick, unit, stellen(ticks)) for tick in ticks])
    limit = linie(at(line), 2, y) if line is not None and pd.notna(line) else ""
    return grid + limit + "".join(out + over), y + ZEILE + 6


def _verteilt(values: pd.Series, at: Callable[[float], float]) -> list[tuple[Kennung, float, float]]:
    """Dots side by side where they would touch: each takes the free place nearest to the middle."""
    placed: list[tuple[Kennung, float, float]] = []
    step = 2 * _RADIUS + 0.5
    for key, value in values.sort_values(kind="stable").items():
        x = at(value)
        near = []
        for _, other, dy in reversed(placed):  # they come from left to right
            if x - other >= step:
                break
            near.append(dy)
        lanes = [0.0, *(s * lane * step * 0.8 for lane in range(1, 12) for s in (1, -1))]
        dy = next(
            (lane for lane in lanes if all(abs(lane - taken) >= 0.8 * step - 1e-9 for taken in near)), 0.0
        )
        placed.append((key, x, dy))
    return placed
