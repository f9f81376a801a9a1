"""Map to pan and zoom: folium in a frame that brings Leaflet along and asks nobody for anything."""

from __future__ import annotations

import json
import re
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
from xstatic.pkg import leaflet

from sozialanalyse.base import Kontext, text
from sozialanalyse.present import tafel as tafeln
from sozialanalyse.present import theme
from sozialanalyse.present._einstufung import Einstufung
from sozialanalyse.present._flaechen import flaechig, gemeinsam_vereinfacht
from sozialanalyse.present._gebiete import gebietsname, gebietstafel, ordnen, tafelspalten
from sozialanalyse.present._histogramm import histogramm
from sozialanalyse.present._markup import esc, fragment_id, tag
from sozialanalyse.present._typen import Kennung
from sozialanalyse.present._zeichnung import muster
from sozialanalyse.present.abbildung import rahmen
from sozialanalyse.present.anzeige import Anzeige
from sozialanalyse.region import Hintergrundkarte

if TYPE_CHECKING:
    import folium

STUFE = 19
"""Finest level a reader can zoom to."""


def hintergrundkarte(
    gebiete: gpd.GeoDataFrame,
    stufen: Einstufung,
    *,
    kontext: Kontext,
    titel: str,
    kommunen: pd.DataFrame | None = None,
    hervorheben: Kennung | None = None,
    dienst: Hintergrundkarte | None = None,
    dateien: str = "",
    tafel: str | None = None,
    id: str | None = None,
) -> Anzeige:
    """:func:`choropleth` to pan and zoom, over a background map if the region names a service.

    The frame holds a whole document, which may run scripts but has no access to the page around it; the two
    tell each other which areas are chosen. Tiles of another host are loaded only when a reader asks for them.

    Parameters
    ----------
    gebiete
        As for :func:`choropleth`, with a coordinate reference system.
    dienst
        Where the background comes from; None for no background.
    dateien
        Address of the folder with Leaflet's files; without it they stand in the document itself.
    tafel
        Id of a table of the page that lists the values; the figure links to it.

    Raises
    ------
    ValueError
        If the areas have no reference system.
    """
    if gebiete.crs is None:
        raise ValueError("gebiete needs a coordinate reference system")
    places = ordnen(gebiete, stufen.werte.index)
    found = stufen.fuer(places.index)
    name = id or fragment_id("hintergrund", titel, kontext.stichtag, *found.worte)
    words = found.beschreibung(places["name"], kontext)
    page, corners = _leaflet_karte(places, found, hervorheben, dienst)
    defs = tag("svg", muster(name), klasse="sa-muster", width=0, height=0, aria_hidden="true")
    frame = tag(
        "iframe",
        klasse="sa-rahmen",
        title=text("present.hintergrund.rahmen", titel=titel),
        srcdoc=_dokument(page, corners, titel, words, kontext.marke, dienst, dateien),
        sandbox="allow-scripts",
        loading="lazy",
    )
    said = [text("present.hintergrund.bedienung")]
    if dienst and dienst.rechner:
        said.append(text("present.hintergrund.fremd", rechner=dienst.rechner))
    hint = tag("p", esc(" ".join(said)), klasse="sa-fuss")
    table = gebietstafel(places, kommunen).assign(wert=found.werte)
    numbers = tafeln.tafel(
        table,
        titel=titel,
        kontext=kontext,
        spalten={**tafelspalten(kontext), "wert": found.spalte},
        status=found.status.to_frame("wert"),
    )
    html = rahmen(
        defs + frame,
        numbers,
        name=name,
        untertitel=text("present.karte.einheit", einheit=found.einheit) if found.einheit else "",
        legende=histogramm(found.stufen(name), places["name"], hervorheben),
        nachsatz=hint,
        tafel=tafel,
    )
    return Anzeige(titel=titel, html=html, beschreibung=words, tabelle=numbers.sichtbar, tafel=numbers)


def _leaflet_karte(
    places: gpd.GeoDataFrame,
    found: Einstufung,
    hervorheben: Kennung | None,
    dienst: Hintergrundkarte | None,
) -> tuple[folium.Map, list[list[float]]]:
    """Map and the corners of its areas in degrees, south-west first."""
    import folium  # half a second that only this kind of map needs

    fills = found.fuellung.replace({"missing": "url(#k-f)", "hidden": "url(#k-g)"})
    shapes = _vereinfacht(places)
    layer = gpd.GeoDataFrame(
        {
            "wort": [
                esc(f"{gebietsname(key, places.at[key, 'name'])}: {word}")
                for key, word in zip(places.index, found.worte, strict=True)
                if key in shapes.index
            ],
            "gebiet": shapes.index.astype(str),
            "farbe": fills[shapes.index],
            "breite": np.where(shapes.index == hervorheben, 5, 1),
        },
        geometry=shapes,
    )
    west, south, east, north = layer.total_bounds if len(layer) else (5.0, 47.0, 15.0, 55.0)
    middle = ((south + north) / 2, (west + east) / 2)
    page = folium.Map(
        location=middle, zoom_start=8, tiles=None, zoom_control=False, zoom_snap=0.25, max_zoom=STUFE
    )
    page._id = "karte"
    if dienst:
        tiles = folium.TileLayer(
            dienst.url, attr=esc(dienst.quelle), show=False, max_zoom=STUFE, max_native_zoom=dienst.bis_stufe
        )
        tiles._id = "kacheln"
        tiles.add_to(page)
    areas = folium.GeoJson(
        layer.to_json(drop_id=True),
        style_function=lambda feature: _stil(feature["properties"]),
        tooltip=folium.GeoJsonTooltip(["wort"], labels=False) if len(layer) else None,
    )
    areas._id = "flaechen"
    areas.add_to(page)
    return page, [[float(south), float(west)], [float(north), float(east)]]


def _stil(own: dict[str, Any]) -> dict[str, object]:
    return {"fillColor": own["farbe"], "fillOpacity": 1, "color": theme.TINTE, "weight": own["breite"]}


def _vereinfacht(places: gpd.GeoDataFrame) -> gpd.GeoSeries:
    """Areas in degrees, simplified together to about a two-thousandth of the extent."""
    written = places.geometry[[shape is not None for shape in places.geometry]]
    shapes = gpd.GeoSeries([flaechig(shape) for shape in written], written.index, written.crs)
    shapes = shapes[[shape.area > 0 for shape in shapes]]
    if shapes.empty:
        return shapes
    plane = shapes.to_crs(shapes.estimate_utm_crs())
    west, south, east, north = plane.total_bounds
    simple = gemeinsam_vereinfacht(plane.to_numpy(), max(east - west, north - south) / 2000)
    degrees = gpd.GeoSeries(simple, index=shapes.index, crs=plane.crs).to_crs(4326)
    return degrees.transform(lambda xy: np.round(xy, 5))


@cache
def _leaflet(name: str) -> str:
    """One file of Leaflet, without links to files beside it."""
    source = (Path(leaflet.BASE_DIR) / name).read_text(encoding="utf-8")
    source = re.sub(r"background-image:\s*url\([^)]*\);?", "", source)
    source = re.sub(r"behavior:\s*url\([^)]*\);?", "", source)
    return re.sub(r"//# sourceMappingURL=\S+", "", source)


def _dokument(
    page: folium.Map,
    corners: list[list[float]],
    titel: str,
    beschreibung: str,
    marke: str,
    dienst: Hintergrundkarte | None,
    dateien: str,
) -> str:
    """Whole document of the frame: our own head instead of the one that asks content networks."""
    root: Any = page.get_root()
    root.render()
    style = (
        f"html,body,main,#map_karte{{height:100%;margin:0;font:14px {theme.SCHRIFT};color:{theme.TEXT}}}"
        f".leaflet-container{{background:{theme.PAPIER};font:inherit}}"
        ".leaflet-control-zoom a{width:44px!important;height:44px!important;line-height:44px!important}"
        ".schalter{font:inherit;min-height:44px;padding:0 14px;background:#fff;color:inherit;border:2px solid;"
        "border-radius:4px;cursor:pointer}.schalter[aria-pressed=true]{background:#e4e8ec;font-weight:650}"
        ".schalter[aria-pressed=true]::before{content:'✓ '}"
        f"a:focus-visible,button:focus-visible,.leaflet-container:focus-visible{{outline:3px solid {theme.FOKUS};"
        "outline-offset:-3px}"
        ".marke{position:absolute;right:8px;top:8px;z-index:999;background:#fff;padding:2px 6px;margin:0}"
    )
    words = {name: text(f"present.hintergrund.{name}") for name in ("naeher", "weiter", "hintergrund")}
    own = {
        "rahmen": corners,
        "titel": titel,
        "beschreibung": beschreibung,
        "sofort": bool(dienst and not dienst.rechner),
        **words,
    }
    setup = f"beweglicheKarte(map_karte,geo_json_flaechen,{'tile_layer_kacheln' if dienst else 'null'},{_js(own)});"
    style_source, script = tag("style", _leaflet("leaflet.css")), tag("script", _leaflet("leaflet.js"))
    if dateien:
        style_source = tag("link", rel="stylesheet", href=f"{dateien}/leaflet.css")
        script = tag("script", src=f"{dateien}/leaflet.js")
    body = [
        tag("svg", muster("k"), width=0, height=0, aria_hidden="true"),
        tag("main", root.html.render(), tag("p", esc(marke), klasse="marke") if marke else ""),
        tag("noscript", esc(text("present.hintergrund.ohne_skript"))),
        script,
        tag("script", root.script.render(), _skript(), setup),
    ]
    head = (
        '<meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">'
        + tag("title", esc(titel))
        + tag("link", rel="icon", href="data:,")
        + style_source
        + tag("style", style)
    )
    return "<!doctype html>" + tag("html", tag("head", head), tag("body", *body), lang="de")


def _js(values: dict[str, object]) -> str:
    """Values as a literal that cannot leave its script element."""
    return json.dumps(values).replace("<", "\\u003c")


@cache
def _skript() -> str:
    return files(__package__).joinpath("hintergrund.js").read_text(encoding="utf-8")
