"""Several indicators over the years, one small panel each: a place and the region."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from sozialanalyse.base import Kontext, text
from sozialanalyse.present import formats, theme
from sozialanalyse.present._markup import label, number, shape, tag, wrap
from sozialanalyse.present._zeichnung import HALO, ZEILE, sign, stellen, teilung, zeilen
from sozialanalyse.present.abbildung import Legende, abbildung
from sozialanalyse.present.anzeige import Anzeige
from sozialanalyse.present.tafel import Spalte

_HOEHE, _LUFT = 76.0, 24.0


@dataclass(frozen=True)
class Linie:
    """One indicator: its value per reference date (ISO text), of the place and of the region.

    ``unten`` and ``oben`` bound what chance makes of the place's value; None where it cannot be told.
    """

    name: str
    eigene: pd.Series
    region: pd.Series
    einheit: str = ""
    nachkommastellen: int = 1
    unten: pd.Series | None = None
    oben: pd.Series | None = None

    @property
    def kopf(self) -> str:
        return Spalte(self.name, self.einheit).kopf


def entwicklung(
    linien: Sequence[Linie], *, kontext: Kontext, titel: str, ort: str, id: str | None = None
) -> Anzeige:
    """Small line charts; every scale begins at zero, unless values lie below it.

    Parameters
    ----------
    linien
        One panel each, in this order; all have the same dates. A missing value breaks a line.
    ort
        Name of the place.
    """
    days = list(linien[0].eigene.index)
    rows = [
        {
            **{f"eigen_{day}": line.eigene[day] for day in days},
            **{f"region_{day}": line.region[day] for day in days},
        }
        for line in linien
    ]
    frame = pd.DataFrame(rows, index=pd.Index([line.kopf for line in linien], name="merkmal"))
    heads = {
        "merkmal": Spalte(text("present.merkmal")),
        **{f"eigen_{day}": Spalte(f"{ort}, {formats.datum(day)}") for day in days},
        **{f"region_{day}": Spalte(f"{kontext.region}, {formats.datum(day)}") for day in days},
    }
    return abbildung(
        lambda prefix, width: _zeichne(linien, width),
        titel=titel,
        untertitel=text("present.entwicklung.untertitel"),
        beschreibung=_beschreibung(linien, days),
        legende=lambda prefix: _legende(kontext, ort, any(line.unten is not None for line in linien)),
        kontext=kontext.mit(tage=tuple(formats.datum(day) for day in days)),
        frame=frame,
        spalten=heads,
        stellen=[line.nachkommastellen for line in linien],
        id=id,
    )


def _beschreibung(linien: Sequence[Linie], days: list[str]) -> str:
    out = [text("present.verlauf.was", anzahl=formats.zahl(len(linien)))]
    for line in linien:
        known = line.eigene.dropna()
        if len(known) > 1:
            ends = (formats.wert(v, line.einheit, line.nachkommastellen) for v in known.iloc[[0, -1]])
            out.append(
                text(
                    "present.verlauf.teil",
                    name=line.name,
                    **dict(zip(("von", "bis"), ends, strict=True)),
                    anfang=formats.datum(str(known.index[0])),
                    ende=formats.datum(str(known.index[-1])),
                )
            )
    return " ".join(out)


def _legende(kontext: Kontext, ort: str, band: bool) -> Legende:
    own = _strich("M1 9h26") + _punkt(14, 9)
    chance = shape("rect", x=1, y=3, width=26, height=12, fill=theme.ZUFALL)
    return [
        (sign(own), ort),
        (sign(_strich("M1 9h26", region=True)), kontext.region),
        *([(sign(chance), text("present.entwicklung.band"))] if band else []),
    ]


def _strich(path: str, *, region: bool = False) -> str:
    style: dict[str, Any] = {"stroke": theme.AKZENT, "stroke_width": 2.5}
    if region:
        style = {"stroke": theme.REGION, "stroke_width": 2, "stroke_dasharray": "5 3"}
    return shape("path", d=path, fill="none", **style)


def _punkt(x: float, y: float) -> str:
    return shape("circle", cx=float(x), cy=float(y), r=3.5, fill=theme.AKZENT, stroke=theme.PAPIER)


def _zeichne(linien: Sequence[Linie], width: float) -> tuple[str, float]:
    columns = 2 if width < 500 else 3
    size = (width - (columns - 1) * _LUFT) / columns
    heads = [wrap(line.kopf, 0.92 * size, theme.SCHRIFTGROESSE, 3) for line in linien]
    out, y = [], 0.0
    for start in range(0, len(linien), columns):
        row = range(start, min(start + columns, len(linien)))
        head = ZEILE * max(len(heads[i]) for i in row) + 8
        for i in row:
            x = (i - start) * (size + _LUFT)
            out.append(zeilen(x, y + 13, heads[i], font_weight=650))
            out.append(_feld(linien[i], x, y + head, size))
        y += head + _HOEHE + 34
    return "".join(out), y


def _feld(line: Linie, x: float, y: float, size: float) -> str:
    left, right, top, bottom = x + 34, x + size - 38, y + 6, y + _HOEHE
    days = pd.to_datetime(pd.Index(line.eigene.index))
    length = (days[-1] - days[0]).days or 1
    spots = [left + 4 + (right - left - 8) * (day - days[0]).days / length for day in days]
    ends = [part for part in (line.eigene, line.region, line.unten, line.oben) if part is not None]
    values = pd.concat(ends).dropna()
    if values.empty:
        return label(left, (top + bottom) / 2, text("present.keine_daten"), fill=theme.TEXT_LEISE)
    ticks = teilung(min(float(values.min()), 0.0), float(values.max()), 3)
    places = stellen(ticks)

    def at_y(value: float) -> float:
        return bottom - (bottom - top) * (value - ticks[0]) / (ticks[-1] - ticks[0])

    out = []
    for tick in ticks:
        height = number(at_y(tick))
        out.append(shape("path", d=f"M{number(left)} {height}H{number(right)}", stroke=theme.RASTER))
        out.append(label(left - 5, at_y(tick) + 4, formats.zahl(tick, places), anker="end"))
    for spot, day in zip(spots, days, strict=True):
        if spot in (spots[0], spots[-1]):
            out.append(label(spot, bottom + 16, str(day.year), anker="middle"))
    axis = tag("g", *out, font_size=11, fill=theme.TEXT_LEISE)
    band = _zufall(line, spots, at_y)
    lines = _strich(_pfad(line.region, spots, at_y), region=True) + _strich(_pfad(line.eigene, spots, at_y))
    dots = [
        _punkt(spot, at_y(value)) for spot, value in zip(spots, line.eigene, strict=True) if pd.notna(value)
    ]
    last = line.eigene.iloc[-1]
    end = formats.zahl(last, line.nachkommastellen) if pd.notna(last) else ""
    told = label(spots[-1] + 8, at_y(last) + 4, end, font_weight=650, **HALO) if end else ""
    return band + axis + lines + "".join(dots) + told


def _zufall(line: Linie, spots: list[float], at_y: Any) -> str:
    """Band between what chance makes of each value; nothing where fewer than two dates tell it."""
    if line.unten is None or line.oben is None:
        return ""
    known = [
        (spot, at_y(low), at_y(high))
        for spot, low, high in zip(spots, line.unten, line.oben, strict=True)
        if pd.notna(low) and pd.notna(high) and high > low
    ]
    if len(known) < 2:
        return ""
    upper = [f"{number(x)} {number(y)}" for x, _, y in known]
    lower = [f"{number(x)} {number(y)}" for x, y, _ in reversed(known)]
    return shape("path", d="M" + "L".join([*upper, *lower]) + "z", fill=theme.ZUFALL)


def _pfad(row: pd.Series, spots: list[float], at_y: Any) -> str:
    """Path through the known values; a gap starts a new piece."""
    path, before = "", False
    for spot, value in zip(spots, row, strict=True):
        if pd.isna(value):
            before = False
            continue
        path += f"{'L' if before else 'M'}{number(spot)} {number(at_y(value))}"
        before = True
    return path or "M0 0"
