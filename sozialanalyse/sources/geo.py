"""Shapes as delivered: any vector format GDAL reads."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import pyogrio

from sozialanalyse.errors import Befund, PruefFehler, vorschlag


def lies_geometrie(
    pfad: Path, schluessel: str | None, *, layer: str | None = None, name: str | None = None
) -> gpd.GeoDataFrame:
    """Read shapes with their key; None for a key still to be found.

    Returns
    -------
    GeoDataFrame
        All delivered columns, one row per feature, in the delivered coordinate system.

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
        frame = gpd.read_file(pfad, layer=layer or layers[0])
    except pyogrio.errors.DataSourceError:
        raise fault(
            "Die Datei ist kein lesbarer Geodatensatz.", "Erwartet wird zum Beispiel GeoPackage."
        ) from None
    if schluessel is not None and schluessel not in frame.columns:
        known = [column for column in frame.columns if column != "geometry"]
        raise fault(f"Die Spalte „{schluessel}“ mit der Kennung fehlt.", vorschlag(schluessel, known))
    if frame.crs is None:
        raise fault(
            "Das Koordinatensystem fehlt.", "Bitte die Datei mit Angabe des EPSG-Codes liefern lassen."
        )
    return frame
