"""Attributes of geographic features: GeoJSON, also as the answer of an OGC API Features service.

Reference: RFC 7946; OGC 17-069r4, requirement 28 to 31 (number of features, next page).
"""

from __future__ import annotations

import json
from collections.abc import Collection
from pathlib import Path
from typing import Any, Literal

from sozialanalyse.base import Blatt, Stellen
from sozialanalyse.formate.form import Dateiform, unlesbar
from sozialanalyse.formate.jsontext import MEISTE_WERTE, beginnt, lies_objekt

NAME = "geojson"
BEZEICHNUNG = "GeoJSON-Datei (auch OGC API Features)"
ENDUNGEN = (".geojson", ".json")

STELLEN = Stellen(
    zelle="features[{zeile}].properties.{kopf}", zeile="features[{zeile}]", spalte="Eigenschaft „{kopf}“"
)


class Form(Dateiform):
    """GeoJSON needs no options."""

    format: Literal["geojson"] = "geojson"


def erkennt(anfang: bytes) -> bool:
    """Whether bytes look like a collection of features."""
    return beginnt(anfang) and (b"FeatureCollection" in anfang or b'"features"' in anfang)


def lies(pfad: Path, form: Form, gesucht: Collection[str] = ()) -> list[Blatt]:
    """Read the properties of all features; shapes are left out.

    Properties within properties are joined by a point, ``einwohner.gesamt``; the id of a feature stands in ``id``, where no
    property has that name.

    Raises
    ------
    PruefFehler
        If the file is no collection of features or only one page of several.
    """
    found = lies_objekt(pfad)
    features = found.get("features")
    if found.get("type") != "FeatureCollection" or not isinstance(features, list):
        raise unlesbar("Die Datei ist keine FeatureCollection.", "Bitte als GeoJSON abrufen.")
    _whole(found, len(features))
    named = any(isinstance(one, dict) and "id" in (one.get("properties") or {}) for one in features)
    records = [_record(feature, number, own_id=not named) for number, feature in enumerate(features)]
    names = list(dict.fromkeys(["id", *(name for record in records for name in record)]))
    if len(names) == 1:
        raise unlesbar(
            "Die Objekte haben keine Eigenschaften.", "Bitte mit Eigenschaften (properties) abrufen."
        )
    if len(names) * len(records) > MEISTE_WERTE:
        raise unlesbar(
            f"Die Datei hat {len(names) * len(records)} Werte; gelesen werden höchstens {MEISTE_WERTE}.",
            "Bitte weniger Eigenschaften abrufen.",
        )
    rows: list[tuple[int, list[Any]]] = [(-2, [str(found["timeStamp"])])] if found.get("timeStamp") else []
    rows.append((-1, names))
    rows += [(number, [record.get(name) for name in names]) for number, record in enumerate(records)]
    return [Blatt(str(found.get("name") or ""), rows, stellen=STELLEN)]


def _whole(found: dict[str, Any], count: int) -> None:
    """Refuse one page of an answer."""
    links = found.get("links")
    following = isinstance(links, list) and any(
        isinstance(link, dict) and link.get("rel") == "next" for link in links
    )
    matched = found.get("numberMatched")
    if following or (isinstance(matched, int) and matched > count):
        total = f" von {matched}" if isinstance(matched, int) else ""
        raise unlesbar(
            f"Die Datei enthält nur {count}{total} Objekte; der Dienst hat weitere Seiten.",
            "Bitte mit größerem „limit“ abrufen oder alle Seiten in einer Datei liefern lassen.",
        )


def _record(feature: Any, number: int, *, own_id: bool) -> dict[str, Any]:
    """Properties of one feature; its id only where no property is called so."""
    if not isinstance(feature, dict):
        return {}
    record = {"id": feature["id"]} if own_id and isinstance(feature.get("id"), str | int) else {}
    flat = _flat(feature.get("properties") or {}, "")
    if len(dict(flat)) < len(flat):
        names = [name for name, _ in flat]
        twice = next(name for name in names if names.count(name) > 1)
        raise unlesbar(
            f"In features[{number}] gibt es die Eigenschaft „{twice}“ zweimal, einmal innerhalb einer anderen.",
            "Bitte beim Lieferanten klären, welche gilt.",
        )
    return record | dict(flat)


def _flat(properties: Any, before: str) -> list[tuple[str, Any]]:
    """Properties with those inside others behind their name; lists stay as they are written."""
    if not isinstance(properties, dict):
        return []
    found: list[tuple[str, Any]] = []
    for name, value in properties.items():
        if isinstance(value, dict):
            found += _flat(value, f"{before}{name}.")
        else:
            found.append(
                (
                    f"{before}{name}",
                    json.dumps(value, ensure_ascii=False) if isinstance(value, list) else value,
                )
            )
    return found
