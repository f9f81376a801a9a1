"""Series and shapes from the region's KomMonitor, letter by letter as it answered."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from datetime import date
from pathlib import PurePosixPath
from typing import Any

from sozialanalyse.base import NetzFehler
from sozialanalyse.formate import KOMMONITOR
from sozialanalyse.kommonitor import Verbindung, finde
from sozialanalyse.region import KommonitorAbruf

Datei = tuple[str, bytes, dict[str, Any]]
"""Path below the deliveries, content, what is known of its source."""


def hole(abruf: KommonitorAbruf, server: Verbindung, melder: Callable[[str, int, int], None] = lambda *_: None) -> list[Datei]:  # fmt: skip
    """Fetch everything a page asks for; nothing is kept unless all of it is there.

    Raises
    ------
    NetzFehler
        If a level or an indicator is unknown, has no values there, or may not be read.
    """
    levels = [server.ebene(name) for name in abruf.ebenen]
    listed = server.indikatoren()
    answers: list[dict[str, str]] = []
    told: list[Mapping[str, Any]] = []
    total = len(abruf.indikatoren) * len(levels)
    for name in abruf.indikatoren:
        one = finde(name, listed)
        told.append({key: one.get(key) for key in ("indicatorId", "indicatorName", "unit", "indicatorType", "interpretation", "metadata")})  # fmt: skip
        for level in levels:
            melder(str(one["indicatorName"]), len(answers), total)
            there = level.id in {
                join.get("spatialUnitId") for join in one.get("applicableSpatialUnits") or ()
            }
            text = server.reihe(str(one["indicatorId"]), level.id) if there else None
            if text is None:
                raise NetzFehler(f"„{one['indicatorName']}“ hat in KomMonitor keine freigegebenen Werte für die Raumebene „{level.name}“. Bitte die Ebene oder den Indikator aus „abruf“ streichen.")  # fmt: skip
            digest = hashlib.sha256(text.encode()).hexdigest()
            answers.append(
                {"ebene": level.name, "indikator": str(one["indicatorName"]), "text": text, "sha256": digest}
            )
    origin = {
        "quelle": "kommonitor",
        "server": server.adresse,
        "version": server.generation.name,
        "stand": server.stand(),
    }
    content = json.dumps({KOMMONITOR: 1, "antworten": answers}, ensure_ascii=False, indent=1).encode()
    found: list[Datei] = [(abruf.datei, content, {**origin, "indikatoren": told})]
    if abruf.umrisse:
        place = PurePosixPath(abruf.datei)
        for level in levels:
            shapes = server.gebiete(level.id, date.today()).encode()
            found.append((str(place.with_name(f"{place.stem}_{_word(level.name)}.geojson")), shapes, {**origin, "ebene": level.name}))  # fmt: skip
    return found


def _word(name: str) -> str:
    return "".join(sign if sign.isalnum() else "_" for sign in name.casefold())
