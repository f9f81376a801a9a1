"""Two indicators against each other: one dot per area, zeros kept, the line of least squares."""

from __future__ import annotations

import pandas as pd

from sozialanalyse.base import Kontext, text
from sozialanalyse.present import formats, theme
from sozialanalyse.present._gebiete import gebietstafel, tafelspalten
from sozialanalyse.present._markup import label, number, shape, tag
from sozialanalyse.present._zeichnung import hoehenlinien, sign, stellen, teilung, zeilen
from sozialanalyse.present.abbildung import Legende, abbildung
from sozialanalyse.present.anzeige import Anzeige
from sozialanalyse.present.charts._punkte import gebietspunkte, punkt
from sozialanalyse.present.tafel import Spalte


def streuung(
    gebiete: pd.DataFrame,
    x: pd.Series,
    y: pd.Series,
    *,
    kontext: Kontext,
    titel: str,
    spalten: tuple[Spalte, Spalte],
    status: tuple[pd.Series, pd.Series] | None = None,
    gerade: tuple[float, float] | None = None,
    befund: str = "",
    kommunen: pd.DataFrame | None = None,
    tafel: str | None = None,
    id: str | None = None,
) -> Anzeige:
    """Scatter plot.

    Parameters
    ----------
    gebiete
        Indexed by gebiet_id with columns name and kommune_id.
    x, y
        Value per area, same index; an area that lacks one is listed but not drawn.
    spalten
        Words, unit and decimals of both.
    status
        Why a value is missing, for both.
    gerade
        Intercept and slope of a line; none where left out.
    befund
        Sentence with coefficient, interval and n, below the title and in the alternative text.
    """
    given = status or (None, None)
    states = {"x": formats.status_von(x, given[0]), "y": formats.status_von(y, given[1])}
    shown = pd.DataFrame({"x": formats.sichtbar(x, states["x"]), "y": formats.sichtbar(y, states["y"])})
    both = shown.dropna()
    frame = gebietstafel(gebiete.loc[shown.index], kommunen).join(shown)
    what = text(
        "present.streuung.was",
        anzahl=formats.zahl(len(both)),
        gebiete=kontext.sozialraum.mehrzahl,
        x=spalten[0].kopf,
        y=spalten[1].kopf,
    )
    missing = len(shown) - len(both)
    said = [what, befund, text("present.ohne_wert", anzahl=formats.zahl(missing)) if missing else ""]
    return abbildung(
        lambda prefix, width: _zeichne(both, spalten, gerade, width),
        titel=titel,
        untertitel=befund,
        beschreibung=" ".join(filter(None, said)),
        legende=lambda prefix: _legende(kontext, gerade is not None),
        kontext=kontext,
        frame=frame,
        spalten={**tafelspalten(kontext), "x": spalten[0], "y": spalten[1]},
        status=pd.DataFrame(states),
        tafel=tafel,
        umfang=kontext.umfang(len(both), len(shown)),
        id=id,
    )


def _legende(kontext: Kontext, line: bool) -> Legende:
    dot = text("present.streifen.legende_punkt", gebiete=kontext.sozialraum.mehrzahl)
    marks = [(sign(punkt(14, 9, theme.PUNKT)), dot)]
    if line:
        trend = shape("path", d="M1 14L27 4", stroke=theme.REGION, stroke_width=2.5)
        marks.append((sign(trend), text("present.streuung.gerade")))
    return marks


def _zeichne(
    both: pd.DataFrame, spalten: tuple[Spalte, Spalte], gerade: tuple[float, float] | None, width: float
) -> tuple[str, float]:
    height = 340.0 if width < 500 else 420.0
    left, right, top, bottom = 52.0, width - 14, 30.0, height - 46
    ticks = {
        key: teilung(float(both[key].min()), float(both[key].max()), 5) if len(both) else [0.0, 1.0]
        for key in "xy"
    }

    def at_x(value: float) -> float:
        return left + 8 + (right - left - 16) * (value - ticks["x"][0]) / (ticks["x"][-1] - ticks["x"][0])

    def at_y(value: float) -> float:
        return bottom - (bottom - top) * (value - ticks["y"][0]) / (ticks["y"][-1] - ticks["y"][0])

    leise = {"font_size": 12, "fill": theme.TEXT_LEISE}
    out = [hoehenlinien(ticks["y"], at_y, left, right)]
    for tick in ticks["x"]:
        words = formats.zahl(tick, stellen(ticks["x"]))
        out.append(
            shape("path", d=f"M{number(at_x(tick))} {number(top)}V{number(bottom)}", stroke=theme.RASTER)
        )
        out.append(label(at_x(tick), bottom + 17, words, anker="middle", **leise))
    out.append(zeilen(0, 15, [spalten[1].kopf], font_weight=650))
    out.append(label(right, bottom + 37, spalten[0].kopf, anker="end", font_weight=650))
    if gerade is not None and len(both):
        out.append(_gerade(gerade, ticks, at_x, at_y))
    spots = [
        (key, at_x(row.x), at_y(row.y))
        for key, row in zip(both.index, both.itertuples(index=False), strict=True)
    ]
    out.append(gebietspunkte(spots, theme.PUNKT, 4.5))
    return tag("g", *out), height


def _gerade(gerade: tuple[float, float], ticks: dict[str, list[float]], at_x: object, at_y: object) -> str:
    """The line within the frame."""
    intercept, slope = gerade
    x0, x1 = ticks["x"][0], ticks["x"][-1]
    y0, y1 = ticks["y"][0], ticks["y"][-1]
    if slope:
        ends = sorted(((y0 - intercept) / slope, (y1 - intercept) / slope))
        x0, x1 = max(x0, ends[0]), min(x1, ends[1])
    if x0 >= x1:
        return ""
    spots = [f"{number(at_x(x))} {number(at_y(intercept + slope * x))}" for x in (x0, x1)]  # type: ignore[operator]
    return shape("path", d=f"M{spots[0]}L{spots[1]}", stroke=theme.REGION, stroke_width=2.5)
