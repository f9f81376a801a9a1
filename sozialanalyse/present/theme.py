"""The visual language in one place: colours, faces, spaces, and the one stylesheet.

Two rules hold for every colour that fills an area or a cell: its outline (:func:`kante_um`) stands out
from it by at least 3:1 and the text on it (:func:`schrift_auf`) by at least 4.5:1 (WCAG 2.1, 1.4.11 and 1.4.3).
Colour follows need: where it is known which side means more of it, that side is blue, and dark where there is no middle. The
eight type colours stay apart under simulated protanopia, deuteranopia and tritanopia; a type also carries its code, so that colour never speaks alone.
"""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from string import Template

import numpy as np

from sozialanalyse.base import text

TINTE = "#1f2933"
TEXT = "#1f2933"
TEXT_LEISE = "#4b5763"
LINIE = "#7b8794"
RASTER = "#d9dee3"
FLAECHE = "#f5f7f9"
PAPIER = "#ffffff"
AKZENT = "#0b4f8a"
AKZENT_FLAECHE = "#e6eff7"
WARNUNG = "#8a4b00"
WARNUNG_FLAECHE = "#fdf1de"
FOKUS = "#b3480a"
SCHRIFT_AUF_FLAECHE = "#111111"
STUFEN = ("deutlich_niedriger", "etwas_niedriger", "aehnlich", "etwas_hoeher", "deutlich_hoeher")
"""Judgements in order; in a table each has a shade and, for print in grey, a mark: ▼ ▽ △ ▲."""

FEHLT = "#d5d8dc"
"""Fill of an area without a value (with sparse dots); suppressed areas are hatched instead."""

ZWISCHEN = "#3d7fd0"
INNERHALB = "#e3e8ed"
PUNKT = "#5b97d0"
ZUFALL = "#cfe0f1"
"""Band of what chance makes of a value."""
REGION = "#b3480a"

TYPEN = ("#588dca", "#ffe892", "#bb9fbc", "#adf1fe", "#f9b48b", "#87947d", "#b68633", "#b6c2fe")
"""Fills of up to eight types; further types start again and are told apart by their code."""

DUNKEL = {
    "text": "#e4e9ee",
    "text_leise": "#aeb8c2",
    "linie": "#7b8794",
    "raster": "#36404a",
    "flaeche": "#1d242b",
    "papier": "#13181d",
    "akzent": "#86bff5",
    "akzent_flaeche": "#16304a",
    "warnung": "#f3b876",
    "warnung_flaeche": "#33240f",
    "fokus": "#ff9d5c",
}
"""The same by names of the light ones where a reader's screen is dark; drawings are turned as a whole."""

_SEQUENZIELL = (
    "#fdf8d4",
    "#e6eebb",
    "#c9e2a9",
    "#9fd0a6",
    "#6bb8af",
    "#429cb9",
    "#2a7bb3",
    "#1f5596",
    "#152f64",
)
_DIVERGIEREND = (
    "#c9741a",
    "#dd964f",
    "#f0b878",
    "#f4d6b3",
    "#f7f4ec",
    "#cadaea",
    "#9dbfe6",
    "#76a1d6",
    "#4f83c6",
)

SCHRIFT = 'Roboto, system-ui, -apple-system, "Segoe UI", "Noto Sans", "Liberation Sans", Arial, sans-serif'
SCHRIFTGROESSE = 13
ZAHLSPALTEN = 16
"""Columns the stylesheet can set flush right by their number; later ones say so cell by cell."""
BREIT = 760
"""Width of a drawing on a desk, in its own units and about as many pixels."""
SCHMAL = 340
"""Width of the second drawing for phones."""


def _steps(ramp: tuple[str, ...], n: int) -> list[str]:
    channels = np.array([[int(c[i : i + 2], 16) for i in (1, 3, 5)] for c in ramp])
    place = np.linspace(0, len(ramp) - 1, n) if n > 1 else np.array([(len(ramp) - 1) / 2])
    mixed = [np.interp(place, np.arange(len(ramp)), channel) for channel in channels.T]
    return [f"#{r:02x}{g:02x}{b:02x}" for r, g, b in np.rint(mixed).astype(int).T]


def sequenziell(n: int, richtung: int = 1) -> list[str]:
    """``n`` colours from pale yellow to dark blue; dark is high, or low where low means need (``richtung`` < 0)."""
    return _steps(_SEQUENZIELL, n)[:: -1 if richtung < 0 else 1]


def divergierend(n: int, richtung: int = 1) -> list[str]:
    """``n`` colours from orange over near-white to blue; blue is high, or low where low means need, as in :func:`sequenziell`."""
    return _steps(_DIVERGIEREND, n)[:: -1 if richtung < 0 else 1]


@cache
def bedarfsstufen() -> list[str]:
    """Shades of a table for much less, less, more and much more need, those of :func:`divergierend`."""
    return divergierend(9)[1:8:2]


def _hell(farbe: str) -> float:
    """Relative luminance of a colour (WCAG 2.1)."""
    raw = np.array([int(farbe[i : i + 2], 16) for i in (1, 3, 5)]) / 255
    linear = np.where(raw <= 0.04045, raw / 12.92, ((raw + 0.055) / 1.055) ** 2.4)
    return float(linear @ [0.2126, 0.7152, 0.0722])


def ist_dunkel(farbe: str) -> bool:
    """Whether white stands out from a fill better than near-black."""
    return farbe.startswith("#") and 1.05 / (_hell(farbe) + 0.05) > (_hell(farbe) + 0.05) / 0.055


def schrift_auf(farbe: str) -> str:
    """Colour of a text that lies on a fill."""
    return PAPIER if ist_dunkel(farbe) else SCHRIFT_AUF_FLAECHE


def kante_um(farbe: str) -> str:
    """Colour of the outline of a filled area."""
    return PAPIER if ist_dunkel(farbe) else TINTE


BIVARIAT = ("#fdfaf0", "#c4dcf3", "#8fc0ee", "#f7d3b0", "#bfb6a6", "#8b9ea5", "#f0ab74", "#bb9375", "#86806c")
"""Fills of a map of two indicators: rows from low to high in the second, columns in the first.

Each is the darker the higher both are; the code in an area says the same without colour.
"""


def typfarben(codes: list[str]) -> dict[str, str]:
    """Fill per type code, in the order given."""
    return {code: TYPEN[i % len(TYPEN)] for i, code in enumerate(codes)}


@cache
def stylesheet() -> str:
    """CSS for every page and notebook; touches nothing outside ``.sa`` and ``body.sa-seite``."""
    tokens = {name.lower(): value for name, value in globals().items() if name.isupper()}
    page = files(__package__).joinpath("stil.css").read_text(encoding="utf-8")
    words = {k: v for k, v in tokens.items() if isinstance(v, str)}
    words |= {name: f"var(--sa-{name}, {words[name]})" for name in DUNKEL}
    dark = " ".join(f"--sa-{name}: {colour};" for name, colour in DUNKEL.items())
    steps = {step: text(f"present.stufe.{step}") for step in STUFEN}
    words |= zip(
        ("bedarf_wenig", "bedarf_weniger", "bedarf_mehr", "bedarf_viel"), bedarfsstufen(), strict=True
    )
    return Template(page).substitute(words, **steps, dunkel=dark, zahlspalten=_number_columns())


def _number_columns() -> str:
    """Rules that set columns of numbers flush right, by the classes a table bears."""
    places = [f".sa .sa-z{n} tr > :nth-child({n})" for n in range(1, ZAHLSPALTEN + 1)]
    heads = [f".sa .sa-z{n} thead th:nth-child({n})" for n in range(1, ZAHLSPALTEN + 1)]
    cells = ", ".join([".sa .sa-tabelle .sa-zahl", *places])
    return (
        f"{cells} {{ text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; hyphens: manual; }}"
        f"{', '.join(['.sa .sa-tabelle thead .sa-zahl', *heads])} {{ white-space: normal; max-width: min(13.5rem, 31vw); }}"
    )
