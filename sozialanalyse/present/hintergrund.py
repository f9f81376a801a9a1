"""Map to pan and zoom: folium in a frame that brings Leaflet along and asks nobody for anything."""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path
from string import Template
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from xstatic.pkg import leaflet

from sozialanalyse.kontext import Kontext
from sozialanalyse.present import theme
from sozialanalyse.present._einstufung import Einstufung, Skala, einstufen
from sozialanalyse.present._gebiete import gebietsname, gebietstafel, ordnen, tafelspalten
from sozialanalyse.present._markup import esc, fragment_id, tag
from sozialanalyse.present._typen import Kennung
from sozialanalyse.present._zeichnung import muster
from sozialanalyse.present.abbildung import rahmen
from sozialanalyse.present.anzeige import Anzeige
from sozialanalyse.present.klassen import Klassen, Methode
from sozialanalyse.present.tafel import Spalte, tafel
from sozialanalyse.texts import text

if TYPE_CHECKING:
    import folium

_SKRIPT = Template("""
L.control.zoom({zoomInTitle:$naeher,zoomOutTitle:$weiter}).addTo(map_karte);
map_karte.attributionControl.setPrefix(false);
var k=map_karte.getContainer();k.setAttribute("role","region");k.setAttribute("aria-label",$titel);
var warten=new ResizeObserver(function(){if(k.clientWidth<60||k.clientHeight<60)return;
warten.disconnect();map_karte.invalidateSize(false);
map_karte.fitBounds($rahmen,{padding:[10,10],animate:false});});
warten.observe(k);
""")
"""The frame has no size before it comes into view; the map is fitted when it has one."""


def hintergrundkarte(
    gebiete: gpd.GeoDataFrame,
    werte: pd.Series,
    *,
    kontext: Kontext,
    titel: str,
    einheit: str = "",
    nachkommastellen: int = 1,
    status: pd.Series | None = None,
    label_wert: str = "",
    klassen: Klassen | None = None,
    methode: Methode = "quantil",
    anzahl: int = 5,
    skala: Skala = "sequenziell",
    kommunen: pd.DataFrame | None = None,
    hervorheben: Kennung | None = None,
    kacheln: str | None = None,
    kacheln_quelle: str = "",
    id: str | None = None,
) -> Anzeige:
    """:func:`choropleth` to pan and zoom, over a background map if one is configured.

    The frame holds a whole document with Leaflet inside; without ``kacheln`` it makes no request.
    It may run scripts but has no access to the page around it.

    Parameters
    ----------
    gebiete
        As for :func:`choropleth`, with a coordinate reference system.
    kacheln, kacheln_quelle
        Address of background tiles with {z}, {x} and {y}, and the credit line they demand.

    Raises
    ------
    ValueError
        If the areas have no reference system, or tiles no credit line.
    """
    if gebiete.crs is None:
        raise ValueError("gebiete needs a coordinate reference system")
    if kacheln and not kacheln_quelle:
        raise ValueError("tiles need a credit line")
    places = ordnen(gebiete, werte.index)
    found = einstufen(
        werte.reindex(places.index),
        None if status is None else status.reindex(places.index),
        einheit=einheit,
        nachkommastellen=nachkommastellen,
        klassen=klassen,
        methode=methode,
        anzahl=anzahl,
        skala=skala,
    )
    name = id or fragment_id("hintergrund", titel, kontext.stichtag, *found.worte)
    words = found.beschreibung(places["name"], kontext)
    page, corners = _leaflet_karte(places, found, hervorheben, kacheln, kacheln_quelle)
    defs = tag(
        "svg", muster(name), klasse="sa-muster", width=0, height=0, aria_hidden="true", focusable="false"
    )
    frame = tag(
        "iframe",
        klasse="sa-rahmen",
        title=text("present.hintergrund.rahmen", titel=titel),
        srcdoc=_dokument(page, corners, titel, kontext.marke),
        sandbox="allow-scripts",
        loading="lazy",
    )
    hint = tag("p", esc(words), klasse="sa-vorlesen") + tag(
        "p", esc(text("present.hintergrund.bedienung")), klasse="sa-fuss"
    )
    table = gebietstafel(places, kommunen).assign(wert=found.werte)
    value = Spalte(label_wert or titel, einheit, found.klassen.nachkommastellen)
    numbers = tafel(
        table,
        titel=titel,
        kontext=kontext,
        spalten={**tafelspalten(kontext), "wert": value},
        status=found.status.to_frame("wert"),
    )
    html = rahmen(
        defs + frame,
        numbers,
        name=name,
        untertitel=text("present.karte.einheit", einheit=einheit) if einheit else "",
        legende=found.legende(name),
        nachsatz=hint,
    )
    return Anzeige(titel=titel, html=html, beschreibung=words, tabelle=numbers.sichtbar, tafel=numbers)


def _leaflet_karte(
    places: gpd.GeoDataFrame,
    found: Einstufung,
    hervorheben: Kennung | None,
    kacheln: str | None,
    quelle: str,
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
            "farbe": fills[shapes.index],
            "breite": np.where(shapes.index == hervorheben, 5, 1),
        },
        geometry=shapes,
    )
    west, south, east, north = layer.total_bounds if len(layer) else (5.0, 47.0, 15.0, 55.0)
    middle = ((south + north) / 2, (west + east) / 2)
    page = folium.Map(
        location=middle,
        zoom_start=8,
        tiles=kacheln,
        attr=esc(quelle) if kacheln else None,
        zoom_control=False,
        zoom_snap=0.25,
    )
    page._id = "karte"
    areas = folium.GeoJson(
        layer.to_json(drop_id=True),
        style_function=lambda feature: _stil(feature["properties"], 0.75 if kacheln else 1.0),
        tooltip=folium.GeoJsonTooltip(["wort"], labels=False) if len(layer) else None,
    )
    areas._id = "flaechen"
    areas.add_to(page)
    return page, [[float(south), float(west)], [float(north), float(east)]]


def _stil(own: dict[str, Any], cover: float) -> dict[str, object]:
    return {"fillColor": own["farbe"], "fillOpacity": cover, "color": theme.TINTE, "weight": own["breite"]}


def _vereinfacht(places: gpd.GeoDataFrame) -> gpd.GeoSeries:
    """Areas in degrees, simplified together to about a two-thousandth of the extent."""
    shapes = places.geometry[places.geometry.notna() & ~places.geometry.is_empty]
    if shapes.empty:
        return shapes
    plane = shapes.to_crs(shapes.estimate_utm_crs())
    west, south, east, north = plane.total_bounds
    simple = shapely.coverage_simplify(plane.to_numpy(), max(east - west, north - south) / 2000)
    degrees = gpd.GeoSeries(simple, index=shapes.index, crs=plane.crs).to_crs(4326)
    return degrees.transform(lambda xy: np.round(xy, 5))


def _js(words: str) -> str:
    """Text as a literal that cannot leave its script element."""
    return json.dumps(words).replace("<", "\\u003c")


@cache
def _leaflet(name: str) -> str:
    """One file of Leaflet, without links to files beside it."""
    source = (Path(leaflet.BASE_DIR) / name).read_text(encoding="utf-8")
    source = re.sub(r"background-image:\s*url\([^)]*\);?", "", source)
    source = re.sub(r"behavior:\s*url\([^)]*\);?", "", source)
    return re.sub(r"//# sourceMappingURL=\S+", "", source)


def _dokument(page: folium.Map, corners: list[list[float]], titel: str, marke: str) -> str:
    """Whole document of the frame: our own head instead of the one that asks content networks."""
    root: Any = page.get_root()
    root.render()
    style = (
        f"html,body,main,#map_karte{{height:100%;margin:0;font:14px {theme.SCHRIFT};color:{theme.TEXT}}}"
        f".leaflet-container{{background:{theme.PAPIER};font:inherit}}"
        ".leaflet-control-zoom a{width:44px!important;height:44px!important;line-height:44px!important}"
        f"a:focus-visible,.leaflet-container:focus-visible{{outline:3px solid {theme.FOKUS};outline-offset:-3px}}"
        ".marke{position:absolute;right:8px;top:8px;z-index:999;background:#fff;padding:2px 6px}"
    )
    setup = _SKRIPT.substitute(
        rahmen=json.dumps(corners),
        titel=_js(titel),
        naeher=_js(text("present.hintergrund.naeher")),
        weiter=_js(text("present.hintergrund.weiter")),
    )
    body = [
        tag("svg", muster("k"), width=0, height=0, aria_hidden="true"),
        tag("main", root.html.render(), tag("p", esc(marke), klasse="marke") if marke else ""),
        tag("script", _leaflet("leaflet.js")),
        tag("script", root.script.render(), setup),
    ]
    head = (
        '<meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">'
        + tag("title", esc(titel))
        + tag("style", _leaflet("leaflet.css"), style)
    )
    return "<!doctype html>" + tag("html", tag("head", head), tag("body", *body), lang="de")
