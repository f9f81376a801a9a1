"""The visual language in one place: colours, faces, spaces, and the one stylesheet.

Two rules hold for every colour that fills an area or a cell: the outline (:data:`TINTE`) stands out
from it by at least 3:1 and near-black text (:data:`SCHRIFT_AUF_FLAECHE`) by at least 4.5:1
(WCAG 2.1, 1.4.11 and 1.4.3). The eight type colours stay apart under simulated protanopia,
deuteranopia and tritanopia; a type also carries its code, so that colour never speaks alone.
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
REGION = "#b3480a"

TYPEN = ("#588dca", "#ffe892", "#bb9fbc", "#adf1fe", "#f9b48b", "#87947d", "#b68633", "#b6c2fe")
"""Fills of up to eight types; further types start again and are told apart by their code."""

_SEQUENZIELL = (
    "#fffbd9",
    "#e9eec0",
    "#d3e1a7",
    "#b9d49a",
    "#96c8a5",
    "#70bbad",
    "#58a9b9",
    "#4995c5",
    "#3d7fd0",
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

SCHRIFT = 'system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "Liberation Sans", Arial, sans-serif'
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


def sequenziell(n: int) -> list[str]:
    """``n`` colours from pale yellow (low) to blue (high)."""
    return _steps(_SEQUENZIELL, n)


def divergierend(n: int) -> list[str]:
    """``n`` colours from orange (low) over near-white to blue (high)."""
    return _steps(_DIVERGIEREND, n)


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
    steps = {step: text(f"present.stufe.{step}") for step in STUFEN}
    return Template(page).substitute(words, **steps, zahlspalten=_number_columns())


def _number_columns() -> str:
    """Rules that set columns of numbers flush right, by the classes a table bears."""
    places = [f".sa .sa-z{n} tr > :nth-child({n})" for n in range(1, ZAHLSPALTEN + 1)]
    heads = [f".sa .sa-z{n} thead th:nth-child({n})" for n in range(1, ZAHLSPALTEN + 1)]
    cells = ", ".join([".sa .sa-tabelle .sa-zahl", *places])
    return (
        f"{cells} {{ text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; hyphens: manual; }}"
        f"{', '.join(['.sa .sa-tabelle thead .sa-zahl', *heads])} {{ white-space: normal; max-width: min(13.5rem, 31vw); }}"
    )
