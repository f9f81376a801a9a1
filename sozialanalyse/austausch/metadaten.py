"""The metadata of an indicator as KomMonitor wants them: method, snapshot, interpretation, how it is drawn."""

from __future__ import annotations

from typing import Any

from sozialanalyse.austausch.gegenueber import Gegenueber
from sozialanalyse.austausch.inhalte import Indikatorinhalt
from sozialanalyse.base import text
from sozialanalyse.kommonitor import Generation, Raumebene, Schreiben
from sozialanalyse.kommonitor import plan as p

FARBEN = (
    "#4477aa", "#ee6677", "#228833", "#ccbb44", "#66ccee", "#aa3377", "#bbbbbb", "#000000", "#ddaa33",
)  # fmt: skip
"""One for each type."""


def angaben(
    one: Indikatorinhalt,
    ebenen: list[Raumebene],
    wahl: Schreiben,
    dort: Gegenueber,
    *,
    bestand: str,
    marke: str,
) -> dict[str, Any]:
    """Everything but values and rights.

    Parameters
    ----------
    marke
        The mark of invented data, "" for real ones.
    """
    stand = f"Datenbestand {bestand}"
    return {
        "datasetName": f"{wahl.praefix}{one.name}", "abbreviation": one.indikator, "characteristicValue": "", "indicatorType": one.art,
        "creationType": "INSERTION", "unit": one.einheit, "precision": one.nachkommastellen, "topicReference": dort.thema,
        "interpretation": " ".join(filter(None, (one.interpretation, one.teilung[1]))), "processDescription": text("kommonitor.verfahren", verfahren=one.verfahren or one.beschreibung, stand=stand),
        "isHeadlineIndicator": False, "tags": [p.MARKE, dort.marke], "referenceDateNote": "", "refrencesToOtherIndicators": [], "refrencesToGeoresources": [],
        "regionalReferenceValues": [{"referenceDate": day, "regionalSum": None, "regionalAverage": true, "spatiallyUnassignable": None} for day, (true, _) in sorted(one.mittel.items())],
        "metadata": {"contact": wahl.kontakt, "datasource": one.quelle or "sozialanalyse", "description": one.beschreibung or one.name,
                     "updateInterval": "YEARLY", "databasis": stand, "note": marke, "literature": ""},
        "defaultClassificationMapping": _klassen(one, ebenen, dort.server.generation),
    }  # fmt: skip


def _klassen(one: Indikatorinhalt, levels: list[Raumebene], generation: Generation) -> dict[str, Any]:
    """How the client draws it: a class per type, else by its own breaks."""
    count = len(one.stufen)
    if one.kategorien:
        items = [{"spatialUnitId": level.id, "categoricalData": [{"categoricalValue": name, "color": FARBEN[i], "label": name} for i, name in enumerate(one.stufen)]} for level in levels]  # fmt: skip
        return {"classificationType": "QUALITATIVE", "colorBrewerSchemeName": "INDIVIDUAL", "numClasses": count, "classificationMethod": "REGIONAL_DEFAULT", "items": items}  # fmt: skip
    found: dict[str, Any] = {
        "colorBrewerSchemeName": "Blues",
        "numClasses": 5,
        "classificationMethod": "QUANTILE",
        "items": [],
    }
    if 2 <= count <= 9:
        breaks = [place + 0.5 for place in range(1, count)]
        found = {"colorBrewerSchemeName": "Blues", "numClasses": count, "classificationMethod": "REGIONAL_DEFAULT", "items": [{"spatialUnitId": level.id, "breaks": breaks} for level in levels]}  # fmt: skip
    return found | ({"classificationType": "SEQUENTIAL"} if generation.kategorien else {})
