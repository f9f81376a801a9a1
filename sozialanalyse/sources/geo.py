"""Shapes as delivered: any vector format GDAL reads."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import pyogrio
import pyproj

from sozialanalyse.errors import Befund, PruefFehler, vorschlag


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
    try:
        layers = [row[0] for row in pyogrio.list_layers(pfad)]
        if layer is not None and layer not in layers:
            raise fault(f"Der Layer „{layer}“ fehlt.", vorschlag(layer, layers))
        if not layers:
            raise fault("Der Geodatensatz enthält keinen Layer.", "Bitte neu ausgeben lassen.")
        frame = gpd.read_file(pfad, layer=layer or layers[0])
    except (pyogrio.errors.DataSourceError, pyogrio.errors.DataLayerError, pyogrio.errors.FeatureError,
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
