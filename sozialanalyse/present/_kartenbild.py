"""Drawing of a map: areas per municipality, outlines, codes, names, scale."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import geopandas as gpd
import pandas as pd
from shapely.geometry.base import BaseGeometry

from sozialanalyse.base import Kontext, text
from sozialanalyse.present import _flaechen, formats, theme
from sozialanalyse.present._flaechen import BREITE, Flaechen, Kasten
from sozialanalyse.present._gebiete import gebietsname, kommunenname
from sozialanalyse.present._histogramm import Stufe, histogramm
from sozialanalyse.present._kachelbild import codes, grenzen, kacheln, sechseck
from sozialanalyse.present._markup import esc, label, number, shape, tag, text_width
from sozialanalyse.present._typen import Kennung
from sozialanalyse.present._zeichnung import HALO, muster, sign, unsicher
from sozialanalyse.present.abbildung import Legende, abbildung
from sozialanalyse.present.anzeige import Anzeige

_NAMEN = 17
_NAMEN_SCHMAL = 25
_NAMEN_HOCH = 20
"""Sizes of the names on a phone, of a wide and of a narrow drawing, as in stil.css."""
WENIGE = 25
"""Maps of at most so many areas, say of one municipality, have large codes."""
_STILL = {"pointer_events": "none"}


def karte(
    places: gpd.GeoDataFrame,
    areas: pd.DataFrame,
    stufen: Callable[[str], Sequence[Stufe]],
    *,
    beschreibung: str,
    kommunen: pd.DataFrame | None,
    hervorheben: Kennung | None,
    kontext: Kontext,
    kreise: Sequence[tuple[float, str]] = (),
    ziele: Mapping[Kennung, str] | None = None,
    **rest: object,
) -> Anzeige:
    """Figure with a map.

    ``ziele`` makes each area a link to its page. A list of the same links must stand on the page: the map is no
    stop of the tab key then, and nothing is read aloud of it but its description.

    ``stufen`` gives the classes of the legend, called with the prefix of the patterns of the drawing.
    ``areas`` has, per area, fill (a colour, "missing" or "hidden"), code (drawn inside), words
    (said when pointed at) and unsure (hatched on top); a column radius draws a circle in each area instead
    of the code, ``kreise`` (radius, words) are drawn below as their key. ``rest`` goes to :func:`abbildung`.
    """
    drawn = _flaechen.flaechen(places)
    marked: Legende = ()
    if hervorheben is not None and hervorheben in places.index:
        words = text("present.karte.hervorgehoben", gebiet=_name(places, hervorheben))
        thick = shape("rect", x=3, y=3, width=22, height=12, fill="none", stroke=theme.TINTE, stroke_width=4)
        marked = [(sign(thick), words)]
        beschreibung += f" {words}."
    below = ""
    if drawn.umriss.empty:
        return _felder(places, areas, stufen, marked, beschreibung, hervorheben, kontext, ziele, **rest)
    if drawn.ohne:
        names = formats.aufzaehlung(_name(places, key) for key in drawn.ohne)
        below = tag("p", esc(text("present.karte.ohne_flaeche", gebiete=names)), klasse="sa-ohne-flaeche")
    return abbildung(
        lambda prefix, width: _zeichne(drawn, places, areas, kommunen, hervorheben, kreise, prefix, ziele),
        beschreibung=beschreibung,
        legende=lambda prefix: _legende(stufen(prefix), places, hervorheben, marked),
        nachsatz=below,
        art="karte",
        zusatz="sa-hoch" if drawn.hoch else "",
        breite=drawn.breite,
        lage=json.dumps(drawn.lage) if drawn.lage else None,
        umfang=kontext.umfang(int((~areas["fill"].isin(("missing", "hidden"))).sum()), len(areas)),
        kontext=kontext,
        **_weg(ziele),
        **rest,  # type: ignore[arg-type]
    )


def _legende(
    steps: Sequence[Stufe], places: gpd.GeoDataFrame, hervorheben: Kennung | None, marked: Legende
) -> Legende:
    """Classes; below them the highlighted area, unless a class names it."""
    named = any(hervorheben in step.gebiete for step in steps)
    return [*histogramm(steps, places["name"], hervorheben), *([] if named else marked)]


def _weg(ziele: Mapping[Kennung, str] | None) -> dict[str, Any]:
    """How a figure of links differs from others."""
    return {} if ziele is None else {"stumm": True, "tafelwort": text("present.karte.liste")}


def _felder(
    places: gpd.GeoDataFrame,
    areas: pd.DataFrame,
    stufen: Callable[[str], Sequence[Stufe]],
    marked: Legende,
    beschreibung: str,
    hervorheben: Kennung | None,
    kontext: Kontext,
    ziele: Mapping[Kennung, str] | None,
    **rest: object,
) -> Anzeige:
    """The same where no outline is known: tiles of one size, the areas of a municipality side by side."""
    tiles = kacheln(places)
    groups = places["kommune_id"]
    looks = areas[["fill", "words", "unsure"]].reindex(places.index)
    note = tag("p", esc(text("present.karte.felder", **kontext.worte)), klasse="sa-ohne-flaeche")
    inside = pd.Series(list(map(str, places.index)), index=places.index)
    if (areas["code"] != "").any():
        inside = areas["code"].reindex(places.index)

    def zeichne(prefix: str, width: float) -> tuple[str, float]:
        at, side, height = tiles.plaetze(width)
        pattern, hatched = _muster(areas, prefix)
        members = []
        for (gebiet, x, y), name, (fill, words, unsure) in zip(
            at.itertuples(), places["name"], looks.itertuples(index=False), strict=True
        ):
            tip = tag("title", esc(f"{gebietsname(gebiet, name)}: {words}"))
            own = pattern.get((fill, bool(unsure)), fill)
            members.append(_gebiet(gebiet, tip, ziele, d=sechseck((x, y), side), fill=own))
        out = [muster(prefix), hatched, tag("g", *members, stroke=theme.PAPIER, stroke_width=1.2)]
        out.append(grenzen(at, groups, side))
        if hervorheben in at.index:
            edge = sechseck(at.loc[hervorheben], side)
            out.append(shape("path", d=edge, fill="none", stroke=theme.TINTE, stroke_width=5, **_STILL))
        plain = looks["fill"].isin(("missing", "hidden")) | looks["unsure"].eq(True)
        ink = looks["fill"].where(~plain, theme.PAPIER).map(theme.schrift_auf)
        for colour in dict.fromkeys(ink[~plain]):
            out.append(codes(at.index[~plain & (ink == colour)], at, side, inside, fill=colour))
        out.append(codes(at.index[plain], at, side, inside, **HALO))
        return "".join(out), height

    return abbildung(
        zeichne,
        beschreibung=beschreibung,
        legende=lambda prefix: _legende(stufen(prefix), places, hervorheben, marked),
        nachsatz=note,
        art="kacheln",
        zusatz="sa-wenige" if tiles.breite < theme.BREIT / 2 else "",
        breite=tiles.breite,
        umfang=kontext.umfang(int((~areas["fill"].isin(("missing", "hidden"))).sum()), len(areas)),
        kontext=kontext,
        **_weg(ziele),
        **rest,  # type: ignore[arg-type]
    )


def _gebiet(gebiet: Kennung, tip: str, ziele: Mapping[Kennung, str] | None, **path: object) -> str:
    """Drawing of an area, which can be chosen; or a link to its page, which the script names by the list of links."""
    if ziele is None or gebiet not in ziele:
        return tag("path", tip, **path, data_gebiet=gebiet if ziele is None else None)
    return tag("a", shape("path", **path), href=ziele[gebiet], tabindex="-1", data_ort=gebiet)


def _name(places: pd.DataFrame, gebiet: Kennung) -> str:
    return gebietsname(gebiet, places.at[gebiet, "name"])


def _zeichne(
    drawn: Flaechen,
    places: gpd.GeoDataFrame,
    areas: pd.DataFrame,
    kommunen: pd.DataFrame | None,
    hervorheben: Kennung | None,
    kreise: Sequence[tuple[float, str]],
    prefix: str,
    ziele: Mapping[Kennung, str] | None = None,
) -> tuple[str, float]:
    pattern, hatched = _muster(areas, prefix)
    paths = drawn.pfade
    groups = drawn.gruppen(places["kommune_id"])
    members: dict[Kennung | None, list[str]] = {key: [] for key in [*groups, None]}
    looks = areas[["fill", "words", "unsure"]].reindex(drawn.umriss.index)
    homes = places[["kommune_id", "name"]].reindex(drawn.umriss.index)
    for gebiet, (home, name), (fill, words, unsure) in zip(
        paths, homes.itertuples(index=False), looks.itertuples(index=False), strict=True
    ):
        tip = tag("title", esc(f"{gebietsname(gebiet, name)}: {words}"))
        fill = pattern.get((fill, bool(unsure)), fill)
        edge = theme.PAPIER if theme.ist_dunkel(fill) else None
        drawing = _gebiet(gebiet, tip, ziele, d=paths[gebiet], fill=fill, stroke=edge)
        members[None if pd.isna(home) else home].append(drawing)
    out = [muster(prefix), hatched]
    for key, inner in members.items():
        if inner:
            out.append(tag("g", *inner, data_kommune=key, stroke=theme.TINTE, stroke_width=0.8))
    borders = "".join(shape("path", d=_flaechen.pfad(outline)) for outline in groups.values())
    out.append(tag("g", borders, fill="none", stroke=theme.TINTE, stroke_width=2.6, **_STILL))
    if hervorheben is not None and hervorheben in paths:
        thick = {"d": paths[hervorheben], "fill": "none", "stroke_linejoin": "round", **_STILL}
        out.append(shape("path", **thick, stroke=theme.PAPIER, stroke_width=9))
        out.append(shape("path", **thick, stroke=theme.TINTE, stroke_width=5))
    codes, boxes = _codes(drawn, areas) if "radius" not in areas else (_kreise(drawn, areas), [])
    scale, below = _massstab(drawn)
    key, room = _kreislegende(kreise, drawn, drawn.hoehe + below)
    names = _ortsnamen(groups, kommunen, boxes, drawn.breite) if len(groups) > 1 else ""
    drawing = "".join([*out, codes, names, scale, key])
    return drawing, drawn.hoehe + below + room


def _muster(areas: pd.DataFrame, prefix: str) -> tuple[dict[tuple[str, bool], str], str]:
    """What fills an area of each look (fill, unsure), and the patterns for unsure areas, one per colour."""
    fills = {("missing", False): f"url(#{prefix}-f)", ("hidden", False): f"url(#{prefix}-g)"}
    tiles = []
    for i, colour in enumerate(dict.fromkeys(areas.loc[areas["unsure"], "fill"])):
        fills[(colour, True)] = f"url(#{prefix}-u{i})"
        tiles.append(unsicher(f"{prefix}-u{i}", colour))
    return fills, tag("defs", *tiles) if tiles else ""


def _codes(drawn: Flaechen, areas: pd.DataFrame) -> tuple[str, list[Kasten]]:
    """Code of its type in each area that has room for it, and the boxes these take."""
    out, boxes = [], []
    looks = areas[["code", "fill", "unsure"]].reindex(drawn.umriss.index)
    coded = looks[looks["code"] != ""]
    largest = 20 if len(coded) > WENIGE else 48
    for gebiet, code, fill, unsure in coded.itertuples():
        x, y, radius = _flaechen.mitte(drawn.umriss[gebiet])
        if radius < 5:
            continue
        size = round(min(max(1.15 * radius, 10), largest))
        halo = {"stroke": fill, "stroke_width": 4} if unsure else {}
        if theme.ist_dunkel(fill):
            halo["fill"] = theme.PAPIER
        out.append(label(round(x), round(y + 0.36 * size), code, font_size=size, **halo))
        boxes.append((x - size / 2, y - size / 2, x + size / 2, y + size / 2))
    style = {"text_anchor": "middle", "font_weight": 650, "fill": theme.SCHRIFT_AUF_FLAECHE, **_STILL}
    return (tag("g", *out, **style, paint_order="stroke") if out else ""), boxes


def _kreise(drawn: Flaechen, areas: pd.DataFrame) -> str:
    """Circles whose area tells a count, the largest behind."""
    sized = areas.loc[drawn.umriss.index, "radius"].dropna().sort_values(ascending=False, kind="stable")
    out = []
    for gebiet, radius in sized.items():
        x, y, _ = _flaechen.mitte(drawn.umriss[gebiet])
        out.append(shape("circle", cx=round(x), cy=round(y), r=float(radius)))
    return tag("g", *out, **_KREISE, **_STILL) if out else ""


_KREISE: dict[str, object] = {"fill": theme.ZWISCHEN, "fill_opacity": 0.72, "stroke": theme.TINTE}


def _kreislegende(kreise: Sequence[tuple[float, str]], drawn: Flaechen, top: float) -> tuple[str, float]:
    """Key of the circles in the scale of the map, below it, and the height it takes; the largest always fits."""
    circles: list[str] = []
    texts: list[str] = []
    x, tallest = 0.0, max((radius for radius, _ in kreise), default=0.0)
    y = top + 10 + tallest
    for radius, words in reversed(kreise):
        width = 2 * radius + 24 + text_width(words, _NAMEN_HOCH if drawn.hoch else _NAMEN_SCHMAL)
        if circles and x + width > drawn.breite:
            break
        circles.append(shape("circle", cx=x + radius + 10, cy=y, r=float(radius)))
        texts.append(label(x + 2 * radius + 18, y + 6, words))
        x += width + 20
    if not circles:
        return "", 0.0
    key = tag("g", *circles, **_KREISE) + tag("g", *texts, font_size=15, klasse="sa-massstab")
    return key, 2 * tallest + 20


def _ortsnamen(
    groups: dict[Kennung, BaseGeometry], kommunen: pd.DataFrame | None, boxes: list[Kasten], breite: float
) -> str:
    """Names of the municipalities, placed so that they cover as little as possible."""
    names = {key: kommunenname(kommunen, key) for key in groups}
    size = {key: (text_width(name, _NAMEN_SCHMAL) + 6, 1.3 * _NAMEN_SCHMAL) for key, name in names.items()}
    spots = {
        key: (_drinnen(x, text_width(names[key], _NAMEN_SCHMAL), breite), y)
        for key, (x, y) in _flaechen.beschriftungen(groups, size, boxes, breite).items()
    }
    out = [label(round(x), round(y + 0.36 * _NAMEN), names[key]) for key, (x, y) in spots.items()]
    style = {"text_anchor": "middle", "font_size": _NAMEN, "font_weight": 650, **HALO, **_STILL}
    return tag("g", *out, **style, klasse="sa-ortsnamen") if out else ""


def _drinnen(x: float, width: float, breite: float) -> float:
    """Middle of a name, moved so far that the name ends inside the drawing on a phone, too."""
    return min(max(x, width / 2), breite - width / 2)


def _massstab(drawn: Flaechen) -> tuple[str, float]:
    """Scale bar and north arrow below the map, if the unit of the coordinates is known."""
    if drawn.meter is None:
        return "", 0.0
    longest = 0.2 * BREITE * drawn.meter
    steps = [step * 10.0**power for power in range(8) for step in (1, 2, 5)]
    metres = max((step for step in steps if step <= longest), default=1.0)
    length, y = metres / drawn.meter, drawn.hoehe + 30
    words = formats.wert(metres / 1000, "km", 0) if metres >= 1000 else formats.wert(metres, "m", 0)
    north = 10 + length + 140
    path = f"M10 {number(y - 7)}v7h{number(length)}v-7M{number(north)} {number(y + 2)}v-24m-6 8l6-10 6 10"
    lines = shape("path", d=path, fill="none", stroke=theme.TINTE, stroke_width=2)
    texts = label(18 + length, y, words) + label(north + 12, y, text("present.karte.nord"))
    return lines + tag("g", texts, font_size=15, klasse="sa-massstab"), 44.0
