"""SVG canvas shared by maps and charts: root element with its texts, patterns, marks."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from sozialanalyse.present import formats, theme
from sozialanalyse.present._markup import label, number, shape, tag, text_width, wrap

HALO: dict[str, Any] = {
    "paint_order": "stroke",
    "stroke": theme.PAPIER,
    "stroke_width": 4,
    "stroke_linejoin": "round",
}
"""Attributes of a text that lies on lines."""

ZEILE = 17
"""Line height of labels in drawing units."""


def leinwand(
    inhalt: str,
    breite: float,
    hoehe: float,
    *,
    id: str,
    titel: str,
    beschreibung: str,
    marke: str,
    klasse: str,
    versteckt: bool = False,
    lage: str | None = None,
) -> str:
    """Complete ``<svg role="img">`` with title, description and, where set, the visible mark.

    ``versteckt`` marks the second drawing of a pair: it stays hidden unless the stylesheet finds
    little room. ``lage`` tells the script of a page how to turn a map into degrees.
    """
    foot = 20 if marke else 0
    note = (
        label(
            breite - 4,
            hoehe + foot - 6,
            marke,
            anker="end",
            fill=theme.TEXT_LEISE,
            font_size=12,
            klasse="sa-svgmarke",
        )
        if marke
        else ""
    )
    return tag(
        "svg",
        tag("title", _plain(titel), id=f"{id}-t"),
        tag("desc", _plain(f"{beschreibung} {marke}".strip()), id=f"{id}-d"),
        inhalt,
        note,
        xmlns="http://www.w3.org/2000/svg",
        viewbox=f"0 0 {number(breite)} {number(hoehe + foot)}",
        role="img",
        aria_labelledby=f"{id}-t",
        aria_describedby=f"{id}-d",
        klasse=klasse,
        font_family=theme.SCHRIFT,
        font_size=theme.SCHRIFTGROESSE,
        fill=theme.TEXT,
        display="none" if versteckt else None,
        data_lage=lage,
    )


def _plain(words: str) -> str:
    return words.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def muster(prefix: str, scale: float = 1.0) -> str:
    """Patterns: hatching for suppressed, dots for missing, light strokes for uncertain.

    In a drawing scaled down by ``scale`` they are as coarse as elsewhere, so that they look alike.
    """
    wide = "" if scale == 1.0 else f" scale({number(1 / scale)})"
    stroke = {"stroke": theme.TEXT_LEISE, "stroke_width": 1.6}
    hatch = shape("rect", width=6, height=6, fill=theme.PAPIER) + shape("path", d="M0 0V6", **stroke)
    dots = shape("rect", width=8, height=8, fill=theme.FEHLT) + shape(
        "circle", cx=4, cy=4, r=1, fill=theme.TEXT_LEISE
    )
    return tag(
        "defs",
        tag("pattern", hatch, id=f"{prefix}-g", **_tile(6), patternTransform=f"rotate(45){wide}"),
        tag("pattern", dots, id=f"{prefix}-f", **_tile(8), patternTransform=wide.strip() or None),
        unsicher(f"{prefix}-u"),
    )


def unsicher(name: str, farbe: str = "") -> str:
    """Pattern of light strokes for uncertain areas, over a colour or over what lies below."""
    ground = shape("rect", width=7, height=7, fill=farbe) if farbe else ""
    strokes = shape("path", d="M0 0V7", stroke=theme.TINTE, stroke_width=1.1)
    return tag("pattern", ground, strokes, id=name, **_tile(7), patternTransform="rotate(-45)")


def _tile(size: int) -> dict[str, object]:
    return {"width": size, "height": size, "patternUnits": "userSpaceOnUse"}


BALKEN = 40
"""Length of the longest bar of a legend."""


def swatch(
    fill: str,
    *,
    code: str = "",
    overlay: str = "",
    defs: str = "",
    balken: float | None = None,
    dick: bool = False,
) -> str:
    """Legend field; hidden from assistive technology because the text stands beside it.

    ``balken`` adds a bar of that share of the longest, ``dick`` makes the frame thick.
    """
    box = {"x": 1, "y": 1, "width": 26, "height": 16, "stroke": theme.TINTE}
    bar = ""
    if balken:
        bar = shape("path", d=f"M31 9h{balken * BALKEN:.0f}", stroke=theme.LINIE, stroke_width=10)
    klasse = " ".join((["sa-balken"] if balken is not None else []) + (["sa-hier"] if dick else []))
    return tag(
        "svg",
        defs,
        shape("rect", **box, fill=fill),
        shape("rect", **box, fill=overlay) if overlay else "",
        shape("path", d="M2 2h24v14h-24z", fill="none", stroke=theme.TINTE, stroke_width=4) if dick else "",
        _centred(14, 13.5, code) if code else "",
        bar,
        viewbox="0 0 28 18" if balken is None else f"0 0 {31 + BALKEN} 18",
        klasse=klasse or None,
        aria_hidden="true",
        font_family=theme.SCHRIFT if code else None,
    )


def _centred(x: float, y: float, code: str) -> str:
    return label(x, y, code, anker="middle", font_size=12, font_weight=650, fill=theme.SCHRIFT_AUF_FLAECHE)


def sign(inner: str) -> str:
    """Legend field with any small drawing inside 28 x 18 units."""
    return tag("svg", inner, viewbox="0 0 28 18", aria_hidden="true")


def zeilen(x: float, y: float, rows: Sequence[str], *, anker: str | None = None, **attributes: Any) -> str:
    """Lines of text below each other, the first with its base line at ``y``."""
    return "".join(label(x, y + i * ZEILE, row, anker=anker, **attributes) for i, row in enumerate(rows))


def beschriften(
    x: float, y: float, words: str, width: float, lines: int = 2, **attributes: Any
) -> tuple[str, float]:
    """Wrapped label and its height."""
    rows = wrap(words, width, theme.SCHRIFTGROESSE, lines)
    return zeilen(x, y, rows, **attributes), len(rows) * ZEILE


def achse(
    x0: float, x1: float, top: float, bottom: float, ticks: Sequence[float], names: Sequence[str]
) -> str:
    """Vertical grid with names below; names that would touch are left out."""
    low, high = min(ticks), max(ticks)
    span = (high - low) or 1.0
    out, free = [], -1e9
    for value, name in zip(ticks, names, strict=True):
        x = x0 + (x1 - x0) * (value - low) / span
        out.append(shape("path", d=f"M{number(x)} {number(top)}V{number(bottom)}", stroke=theme.RASTER))
        half = text_width(name, 12) / 2
        if x - half > free:
            place = max(x, half)  # the first name must not leave the drawing
            out.append(label(place, bottom + 15, name, anker="middle", font_size=12, fill=theme.TEXT_LEISE))
            free = x + half + 4
    return "".join(out)


def hoehenlinien(
    ticks: Sequence[float], at_y: Callable[[float], float], left: float, right: float, einheit: str = ""
) -> str:
    """Horizontal grid with the values at its left; only a percent sign is repeated at each."""
    places, unit = stellen(ticks), "%" if einheit == "%" else ""
    style = {"anker": "end", "font_size": 12, "fill": theme.TEXT_LEISE}
    return "".join(
        shape("path", d=f"M{number(left)} {number(at_y(t))}H{number(right)}", stroke=theme.RASTER)
        + label(left - 6, at_y(t) + 4, formats.wert(t, unit, places), **style)  # type: ignore[arg-type]
        for t in ticks
    )


def teilung(low: float, high: float, about: int = 5) -> list[float]:
    """Round values from at most ``low`` to at least ``high`` in equal steps of 1, 2 or 5."""
    span = (high - low) or abs(high) or 1.0
    power = 10.0 ** np.floor(np.log10(span / about))
    step = next(power * m for m in (1, 2, 5, 10) if span / (power * m) <= about)
    first, last = np.floor(low / step + 1e-9), np.ceil(high / step - 1e-9)
    return [float(i * step) for i in np.arange(first, max(last, first + 1) + 1)]


def stellen(ticks: Sequence[float]) -> int:
    """Decimals that tell the ticks of :func:`teilung` apart."""
    step = ticks[1] - ticks[0]
    return max(0, int(-np.floor(np.log10(step) + 1e-9)))
