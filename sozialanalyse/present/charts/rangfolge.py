"""All areas in order of their value: one dot each, the ends named, the region as a line."""

from __future__ import annotations

import pandas as pd

from sozialanalyse.base import Kontext, text
from sozialanalyse.present import formats, theme
from sozialanalyse.present._einstufung import Einstufung
from sozialanalyse.present._gebiete import gebietsname, gebietstafel, tafelspalten
from sozialanalyse.present._markup import label, number, shape, tag, text_width, wrap
from sozialanalyse.present._zeichnung import HALO, hoehenlinien, sign, teilung
from sozialanalyse.present.abbildung import Legende, abbildung
from sozialanalyse.present.anzeige import Anzeige
from sozialanalyse.present.charts._punkte import gebietspunkte, punkt

_HOEHE, _ENDEN = 300.0, 3


def rangfolge(
    gebiete: pd.DataFrame,
    stufen: Einstufung,
    *,
    kontext: Kontext,
    titel: str,
    region_wert: float | None = None,
    kommunen: pd.DataFrame | None = None,
    tafel: str | None = None,
    id: str | None = None,
) -> Anzeige:
    """Ranked dot plot.

    Parameters
    ----------
    gebiete
        Indexed by gebiet_id with columns name and kommune_id.
    stufen
        Values with their classes and colours, the same as on the map beside it.
    region_wert
        Value of the region: a line.
    tafel
        Id of a table of the page that lists the values.
    """
    places = gebiete.loc[stufen.werte.index]
    order = stufen.werte.dropna().sort_values(kind="stable")
    frame = gebietstafel(places, kommunen).assign(wert=stufen.werte)
    frame = frame.loc[[*order.index[::-1], *stufen.werte.index.difference(order.index, sort=False)]]
    names = {key: gebietsname(key, name) for key, name in places["name"].items()}
    return abbildung(
        lambda prefix, width: _zeichne(order, stufen, names, region_wert, width),
        titel=titel,
        untertitel=text("present.rangfolge.untertitel", wert=stufen.spalte.kopf),
        beschreibung=_beschreibung(order, names, stufen, region_wert, kontext),
        legende=lambda prefix: _legende(stufen, region_wert, kontext),
        kontext=kontext,
        frame=frame,
        spalten={**tafelspalten(kontext), "wert": stufen.spalte},
        status=stufen.status.to_frame("wert"),
        tafel=tafel,
        umfang=kontext.umfang(len(order), len(stufen.werte)),
        id=id,
    )


def _beschreibung(
    order: pd.Series, names: dict[object, str], stufen: Einstufung, region: float | None, kontext: Kontext
) -> str:
    digits = stufen.nachkommastellen
    said = [
        text("present.rangfolge.was", anzahl=formats.zahl(len(order)), gebiete=kontext.sozialraum.mehrzahl)
    ]
    for key, part in (("oben", order[::-1][:_ENDEN]), ("unten", order[:_ENDEN])):
        words = formats.aufzaehlung(
            f"{names[g]} ({formats.wert(v, stufen.einheit, digits)})" for g, v in part.items()
        )
        if len(part):
            said.append(text(f"present.rangfolge.{key}", gebiete=words))
    if region is not None and pd.notna(region):
        above = int((order > region).sum())
        value = formats.wert(region, stufen.einheit, digits)
        said.append(text("present.rangfolge.region", wert=value, anzahl=formats.zahl(above)))
    missing = int(stufen.werte.isna().sum())
    return " ".join([*said, text("present.ohne_wert", anzahl=formats.zahl(missing))] if missing else said)


def _legende(stufen: Einstufung, region: float | None, kontext: Kontext) -> Legende:
    marks = [
        (sign(punkt(14, 9, colour)), name)
        for colour, name in zip(stufen.farben, stufen.klassen.beschriftung(stufen.einheit), strict=True)
    ]
    if region is not None and pd.notna(region):
        value = formats.wert(region, stufen.einheit, stufen.nachkommastellen)
        words = text("present.streifen.legende_region", region=kontext.region, wert=value)
        marks.append((sign(_linie(1, 27, 9)), words))
    return marks


def _linie(x0: float, x1: float, y: float) -> str:
    path = f"M{number(x0)} {number(y)}H{number(x1)}"
    return shape("path", d=path, stroke=theme.REGION, stroke_width=2, stroke_dasharray="5 3")


def _zeichne(
    order: pd.Series, stufen: Einstufung, names: dict[object, str], region: float | None, width: float
) -> tuple[str, float]:
    values = [*order, *([region] if region is not None and pd.notna(region) else [])]
    ticks = teilung(min(values, default=0), max(values, default=1), 5)
    left, right, top, bottom = 52.0, width - 12, 40.0, _HOEHE - 8

    def at_y(value: float) -> float:
        return bottom - (bottom - top) * (value - ticks[0]) / (ticks[-1] - ticks[0])

    def at_x(rank: int) -> float:
        return left + 10 + (right - left - 20) * (rank + 0.5) / max(len(order), 1)

    grid = hoehenlinien(ticks, at_y, left, right, stufen.einheit)
    spots = {key: (at_x(i), at_y(float(value))) for i, (key, value) in enumerate(order.items())}
    by_colour: dict[str, list[tuple[object, float, float]]] = {}
    for key, colour in stufen.fuellung[order.index].items():
        by_colour.setdefault(colour, []).append((key, *spots[key]))
    radius = 4.0 if width < 500 else 5.0
    dots = [gebietspunkte(own, colour, radius) for colour, own in by_colour.items()]
    line = _linie(left, right, at_y(region)) if region is not None and pd.notna(region) else ""
    return tag("g", grid, line, *dots, _enden(order, spots, names, (left, right), bottom)), _HOEHE


def _enden(
    order: pd.Series,
    spots: dict[object, tuple[float, float]],
    names: dict[object, str],
    room: tuple[float, float],
    bottom: float,
) -> str:
    """Names of the highest and the lowest areas, below each other without touching."""
    out = []
    high, low = list(order.index[::-1][:_ENDEN]), list(order.index[:_ENDEN])
    if len(order) < 2 * _ENDEN:
        return ""
    left, right = room
    names = {
        **{key: wrap(names[key], right - left, 12, 1)[0] for key in high},
        **{key: wrap(names[key], right - spots[key][0] - 2, 12, 1)[0] for key in low},
    }
    y = 1e9
    for key in reversed(high):
        x, dot = spots[key]
        y = min(y - 15, dot - 7)
        width = text_width(names[key], 12)
        out.append(label(max(x - 6, left + width), y, names[key], anker="end", font_size=12, **HALO))
    found = min(
        (_unten(low, spots, names, way, bottom) for way in (-1, 1)),
        key=lambda ys: _verdeckt(ys, spots, names),
    )
    out += [label(spots[key][0] + 2, y, names[key], font_size=12, **HALO) for key, y in found.items()]
    return "".join(out)


def _unten(
    low: list[object],
    spots: dict[object, tuple[float, float]],
    names: dict[object, str],
    way: int,
    bottom: float,
) -> dict[object, float]:
    """Base lines for the names of the lowest areas: above all dots they would reach (-1), or below their own (1)."""
    out, y = {}, -way * 1e9
    for key in reversed(low) if way < 0 else low:
        x, dot = spots[key]
        end = x + text_width(names[key], 12) + 6
        highest = min(v for u, v in spots.values() if x <= u <= end)
        y = min(y - 15, highest - 12) if way < 0 else max(y + 15, dot + 18)
        out[key] = y
    return out if way < 0 or y < bottom else dict.fromkeys(low, -1e9)


def _verdeckt(
    lines: dict[object, float], spots: dict[object, tuple[float, float]], names: dict[object, str]
) -> int:
    """How many dots the names would cover; as many as there are if a name leaves the drawing."""
    if any(y < 0 for y in lines.values()):
        return len(spots) + 1
    boxes = [(spots[key][0], y, text_width(names[key], 12)) for key, y in lines.items()]
    return sum(
        x <= u <= x + width and y - 14 <= v <= y + 6 for x, y, width in boxes for u, v in spots.values()
    )
