"""Small multiples, and the map of equal tiles: many drawings of the same areas that share their shapes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import geopandas as gpd
import pandas as pd

from sozialanalyse.base import Kontext, text
from sozialanalyse.present import _flaechen, formats, theme
from sozialanalyse.present._einstufung import Einstufung
from sozialanalyse.present._gebiete import gebietstafel, tafelspalten
from sozialanalyse.present._histogramm import histogramm
from sozialanalyse.present._kachelbild import codes, grenzen, kacheln, sechseck
from sozialanalyse.present._markup import label, number, shape, tag
from sozialanalyse.present._typen import Kennung
from sozialanalyse.present._zeichnung import HALO, muster
from sozialanalyse.present.abbildung import abbildung
from sozialanalyse.present.anzeige import Anzeige

_STILL = {"pointer_events": "none"}


def kleine_vielfache(
    gebiete: gpd.GeoDataFrame,
    stufen: Mapping[str, Einstufung],
    *,
    kontext: Kontext,
    titel: str,
    kommunen: pd.DataFrame | None = None,
    tafel: str | None = None,
    id: str | None = None,
) -> Anzeige:
    """One small map per entry, all with the same classes.

    Parameters
    ----------
    gebiete
        Indexed by gebiet_id with columns name, kommune_id and geometry.
    stufen
        Heading of each map -> its classed values; the legend is that of the last.
    """
    drawn = _flaechen.flaechen(gebiete)
    paths = drawn.pfade
    number_of = {key: i for i, key in enumerate(paths)}
    borders = "".join(_flaechen.pfad(part) for part in drawn.gruppen(gebiete["kommune_id"]).values())
    last = list(stufen.values())[-1]

    def zeichne(prefix: str, width: float) -> tuple[str, float]:
        first = width >= 500
        base = _kurz(prefix if first else prefix.removesuffix("s"))
        columns = min(len(stufen), 2 if width < 500 else 4)
        size = (width - 12 * (columns - 1)) / columns
        scale = size / drawn.breite
        height = drawn.hoehe * scale + 30
        out = [muster(prefix, scale)] if first else []
        if first:
            shapes = [shape("path", d=path, id=f"{base}-{i}") for i, path in enumerate(paths.values())]
            out.append(tag("defs", *shapes, shape("path", d=borders, id=f"{base}-k")))
        for n, (heading, part) in enumerate(stufen.items()):
            x, y = (n % columns) * (size + 12), (n // columns) * height
            place = f"translate({number(x)} {number(y + 24)}) scale({scale:.4f})"
            out.append(label(x, y + 15, heading, font_weight=650))
            if not first:  # on a phone the maps of the wide drawing, smaller
                out.append(shape("use", href=f"#{base}-{n}k", transform=place))
                continue
            fill = part.fuellung.replace({"missing": f"url(#{prefix}-f)", "hidden": f"url(#{prefix}-g)"})
            areas = []
            for colour, own in _nach_farbe(fill.reindex(list(paths))).items():
                uses = [shape("use", href=f"#{base}-{number_of[key]}") for key in own]
                areas.append(tag("g", *uses, fill=colour, data_gebiete="|".join(map(str, own))))
            edge = shape("use", href=f"#{base}-k", fill="none", stroke_width=2.4, **_STILL)
            small = tag("g", *areas, edge, id=f"{base}-{n}k", stroke=theme.TINTE, stroke_width=0.8)
            out.append(tag("g", small, transform=place))
        return "".join(out), height * -(-len(stufen) // columns)

    frame = gebietstafel(gebiete, kommunen)
    for heading, part in stufen.items():
        frame[heading] = part.werte
    states = pd.DataFrame({heading: part.status for heading, part in stufen.items()})
    heads = {heading: replace(last.spalte, label=heading) for heading in stufen}
    said = [
        text(
            "present.mehrfach.was",
            anzahl=formats.zahl(len(stufen)),
            klassen=formats.zahl(last.klassen.anzahl),
        )
    ]
    for heading, part in stufen.items():
        top = int((part.klassen.zuordnen(part.werte) == part.klassen.anzahl - 1).sum())
        said.append(text("present.mehrfach.teil", name=heading, anzahl=formats.zahl(top)))
    return abbildung(
        zeichne,
        titel=titel,
        untertitel=text("present.karte.einheit", einheit=last.einheit) if last.einheit else "",
        beschreibung=" ".join(said),
        legende=lambda prefix: last.klassenfelder(prefix, states),
        kontext=kontext.mit(tage=tuple(stufen)),
        frame=frame,
        spalten={**tafelspalten(kontext), **heads},
        status=states,
        tafel=tafel,
        umfang=kontext.umfang(int(pd.DataFrame(frame[list(stufen)]).notna().any(axis=1).sum()), len(frame)),
        id=id,
    )


def kachelkarte(
    gebiete: gpd.GeoDataFrame,
    stufen: Einstufung,
    *,
    kontext: Kontext,
    titel: str,
    kommunen: pd.DataFrame | None = None,
    tafel: str | None = None,
    id: str | None = None,
) -> Anzeige:
    """Every area a hexagon of the same size, so that none looks weighty because it is large.

    Places come from :func:`_kacheln.belegung`: roughly where the areas lie, municipalities in one piece.
    """
    tiles_of = kacheln(gebiete)

    def zeichne(prefix: str, width: float) -> tuple[str, float]:
        at, side, height = tiles_of.plaetze(width)
        fill = stufen.fuellung.replace({"missing": f"url(#{prefix}-f)", "hidden": f"url(#{prefix}-g)"})
        tile = _kurz(prefix)
        out = [muster(prefix), tag("defs", shape("path", d=sechseck((0, 0), side), id=tile))]
        corners = {key: (float(x), float(y)) for key, x, y in at.itertuples()}
        for colour, own in _nach_farbe(fill.reindex(gebiete.index)).items():
            tiles = [shape("use", href=f"#{tile}", x=corners[key][0], y=corners[key][1]) for key in own]
            style = {"fill": colour, "stroke": theme.PAPIER}
            out.append(tag("g", *tiles, data_gebiete="|".join(map(str, own)), **style))
        out.append(grenzen(at, gebiete["kommune_id"], side))
        gaps = stufen.fuellung.isin(("missing", "hidden"))
        ink = stufen.fuellung.where(~gaps, theme.PAPIER).map(theme.schrift_auf)
        for colour, own in _nach_farbe(ink[gebiete.index[~gaps[gebiete.index]]]).items():
            out.append(codes(own, at, side, fill=colour))
        out.append(codes(gebiete.index[gaps[gebiete.index]], at, side, **HALO))
        return "".join(out), height

    frame = gebietstafel(gebiete, kommunen).assign(wert=stufen.werte)
    said = text("present.kacheln.was", anzahl=formats.zahl(len(gebiete)), gebiete=kontext.sozialraum.mehrzahl)
    return abbildung(
        zeichne,
        titel=titel,
        untertitel=text("present.kacheln.untertitel"),
        beschreibung=f"{said} {stufen.beschreibung(gebiete['name'], kontext)}",
        legende=lambda prefix: histogramm(stufen.stufen(prefix), gebiete["name"]),
        kontext=kontext,
        frame=frame,
        spalten={**tafelspalten(kontext), "wert": stufen.spalte},
        status=stufen.status.to_frame("wert"),
        art="kacheln",
        breite=tiles_of.breite,
        tafel=tafel,
        umfang=kontext.umfang(int(stufen.werte.notna().sum()), len(gebiete)),
        id=id,
    )


def _nach_farbe(fill: pd.Series) -> dict[str, list[Kennung]]:
    """Areas of each colour, both in the order they come."""
    out: dict[str, list[Kennung]] = {}
    for key, colour in fill.items():
        out.setdefault(colour, []).append(key)
    return out


def _kurz(prefix: str) -> str:
    """Short id for shapes that are drawn many times."""
    return f"v{prefix[-5:]}"
