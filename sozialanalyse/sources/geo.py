"""Shapes as delivered: any vector format GDAL reads."""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing
from pathlib import Path

import geopandas as gpd
import pyogrio
import pyproj

from sozialanalyse.base import Befund, PruefFehler, vorschlag


def lies_geometrie(
    pfad: Path,
    schluessel: str | None,
    *,
    layer: str | None = None,
    name: str | None = None,
    koordinaten: str | None = None,
) -> gpd.GeoDataFrame:
    """Read shapes with their key; None for a key still to be found.

    Parameters
    ----------
    koordinaten
        Coordinate system of the file, in place of what the file says of itself.

    Returns
    -------
    GeoDataFrame
        All delivered columns, one row per feature, in the delivered coordinate system; coordinates as delivered.

    Raises
    ------
    PruefFehler
        If the file, the layer, the key column or the coordinate system is missing.
    """
    label = name or pfad.name

    def fault(text: str, abhilfe: str) -> PruefFehler:
        return PruefFehler([Befund("fehler", text, abhilfe, datei=label)])

    if not pfad.exists():
        raise fault("Die Datei mit den Gebietsgrenzen fehlt.", "Bitte „geometrie“ in region.yml prüfen.")
    queries, harm = _programme(pfad)
    if harm:
        raise fault(harm, "Bitte die Datei nicht verwenden und beim Lieferanten nachfragen.")
    try:
        # GDAL computes a stored query to list it, so a database with some is asked for its tables instead
        kinds = _layers(pfad, queries)
        layers = list(kinds)
        if layer is not None and layer not in [*layers, *queries]:
            raise fault(f"Der Layer „{layer}“ fehlt.", vorschlag(layer, layers))
        if not layers:
            raise fault("Der Geodatensatz enthält keinen Layer.", "Bitte neu ausgeben lassen.")
        surfaces = [one for one in layers if kinds[one] is not None]  # the others are plain tables
        if layer is None and len(surfaces) > 1:
            raise fault(f"Der Geodatensatz enthält mehrere Layer: {', '.join(f'„{one}“' for one in surfaces)}.",
                        "Bitte in region.yml den mit den Flächen angeben („layer“).")  # fmt: skip
        chosen = layer or (surfaces or layers)[0]
        if chosen in queries:
            raise fault(
                f"Der Layer „{chosen}“ ist eine gespeicherte Abfrage (View), die beim Lesen gerechnet würde.",
                "Bitte als gewöhnlichen Layer speichern lassen.",
            )
        frame = gpd.read_file(pfad, layer=chosen)
    except (sqlite3.Error, pyogrio.errors.DataSourceError, pyogrio.errors.DataLayerError, pyogrio.errors.FeatureError,
            pyogrio.errors.GeometryError):  # fmt: skip
        raise fault(
            "Die Datei ist kein lesbarer Geodatensatz.", "Erwartet wird zum Beispiel GeoPackage."
        ) from None
    if schluessel is not None and schluessel not in frame.columns:
        known = [column for column in frame.columns if column != "geometry"]
        raise fault(f"Die Spalte „{schluessel}“ mit der Kennung fehlt.", vorschlag(schluessel, known))
    if not isinstance(frame, gpd.GeoDataFrame):
        raise fault(
            "Die Datei enthält nur eine Tabelle, keine Umrisse.",
            "Bitte den Layer mit den Flächen angeben („layer“).",
        )
    if koordinaten is not None:
        try:
            return frame.set_crs(pyproj.CRS(koordinaten), allow_override=True)
        except pyproj.exceptions.CRSError:
            raise fault(f"koordinaten: „{koordinaten}“ ist kein Koordinatensystem.",
                        "Bitte in region.yml einen EPSG-Code eintragen, zum Beispiel EPSG:25832.") from None  # fmt: skip
    if frame.crs is None:
        raise fault("Das Koordinatensystem fehlt.",
                    "Bitte „koordinaten: EPSG:…“ bei der Geometrie in region.yml angeben.")  # fmt: skip
    return frame


def layernamen(pfad: Path) -> list[str]:
    """Layers of a geographic file that are no stored queries; none if it cannot be read."""
    try:
        queries, harm = _programme(pfad)
        if harm:
            return []
        return list(_layers(pfad, queries))
    except (OSError, sqlite3.Error, pyogrio.errors.DataSourceError):
        return []


_OUTSIDE = re.compile(
    r"""\b(load_extension|readfile|writefile|fts3_tokenizer|edit|import|attach)["'`\]]?(?:\s|/\*.*?\*/|--[^\n]*\n)*\(""",
    re.IGNORECASE | re.DOTALL,
)
"""Functions that reach beyond the file, however a query spaces or quotes them."""


def _layers(pfad: Path, queries: set[str]) -> dict[str, str | None]:
    """Layers and the kind of their shapes, None for a plain table; of a database with stored queries only its tables."""
    if queries:
        return dict.fromkeys(_tables(pfad), "")
    return {str(name): kind for name, kind in pyogrio.list_layers(pfad)}


def _tables(pfad: Path) -> list[str]:
    """Layers of a GeoPackage that are tables."""
    with closing(sqlite3.connect(f"{pfad.resolve().as_uri()}?mode=ro", uri=True)) as base:
        found = base.execute(
            "SELECT name FROM sqlite_master JOIN gpkg_contents ON table_name = name WHERE type = 'table' "
            "AND data_type = 'features'"
        )
        return [str(name) for (name,) in found]


def _programme(pfad: Path) -> tuple[set[str], str]:
    """Stored queries of a geographic database, and what in a file would do more than be read."""
    with pfad.open("rb") as file:
        start = file.read(4096)
    if re.search(rb"<(OGRVRTDataSource|VRTDataset)\b", start):
        return set(), "Die Datei enthält selbst keine Umrisse, sondern verweist auf andere Dateien (VRT)."
    if not start.startswith(b"SQLite format 3"):
        return set(), ""
    try:
        with closing(sqlite3.connect(f"{pfad.resolve().as_uri()}?mode=ro", uri=True)) as base:
            stored = base.execute(
                "SELECT type, name, sql FROM sqlite_master WHERE sql IS NOT NULL"
            ).fetchall()
    except sqlite3.Error:
        return set(), ""  # GDAL tells what is wrong with it
    harmful = next((str(name) for _, name, sql in stored if _OUTSIDE.search(str(sql))), "")
    return (
        {str(name) for kind, name, _ in stored if kind == "view"},
        f"Der Geodatensatz ruft Programme außerhalb der Datei auf („{harmful}“)." if harmful else "",
    )
