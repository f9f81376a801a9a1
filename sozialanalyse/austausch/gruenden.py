"""A new region from what a KomMonitor holds: areas, topics, dates and a page per topic, all to be confirmed."""

from __future__ import annotations

import json
import re
import shutil
import tempfile
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import geopandas as gpd

from sozialanalyse.austausch.holen import hole
from sozialanalyse.base import LaufFehler, NetzFehler, vergleichsform
from sozialanalyse.kommonitor import Raumebene, Verbindung
from sozialanalyse.region import lade_region
from sozialanalyse.vorschlag import fluss, skalar
from sozialanalyse.vorschlag import gruende as aus_ordner

EINE = "gesamt"
"""Id of the single Kommune where KomMonitor has one level only."""


@dataclass(frozen=True)
class Gefunden:
    """What was proposed."""

    gebiete: int
    kommunen: int
    seiten: tuple[str, ...]
    bestaetigen: tuple[str, ...]


def gruende(
    adresse: str, ordner: Path, *, melder: Callable[[str, int, int], None] = lambda *_: None
) -> Gefunden:
    """Write a region folder from the open part of a KomMonitor.

    Raises
    ------
    SozialanalyseFehler
        If there is no KomMonitor, it shows no areas, or the folder is in use; nothing is left behind then.
    """
    if ordner.is_file() or (ordner.is_dir() and any(ordner.iterdir())):
        raise LaufFehler(
            f"„{ordner}“ gibt es schon. Bitte einen neuen Ordner nennen; es wurde nichts verändert."
        )
    ordner.parent.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory(dir=ordner.parent, prefix=".neu-") as folder,
        Verbindung(adresse) as server,
    ):
        work = Path(folder)
        small, large = _ebenen(server)
        delivered = work / "lieferungen" / "kommonitor"
        delivered.mkdir(parents=True)
        areas = _gebiete(server, small, large)
        (delivered / "gebiete.geojson").write_text(
            areas.to_json(drop_id=True, ensure_ascii=False), encoding="utf-8"
        )
        region = work / "region"
        aus_ordner(work / "lieferungen", region)
        listed = server.indikatoren()
        topics = _themen(server, listed)
        _region(region, topics, listed)
        (region / "kommonitor.yml").write_text(_angaben(server, small, large), encoding="utf-8")
        pages = [_seite(region, slug, name, rows, small) for slug, (name, rows) in topics.items()]
        shutil.rmtree(region / "lieferungen", ignore_errors=True)
        shutil.move(str(work / "lieferungen"), str(region / "lieferungen"))
        hole(lade_region(region), melder=melder)
        if ordner.exists():
            ordner.rmdir()
        shutil.move(str(region), str(ordner))
        confirm = [
            f"Kleinste Ebene „{small.name}“ mit {len(areas)} Gebieten" + (f", darüber „{large.name}“" if large else "; eine Ebene darüber zeigt KomMonitor nicht"),
            "Zu welcher Kommune ein Gebiet gehört, ist nach der Lage bestimmt; KomMonitor sagt es nicht.",
            "Ob eine 0 in KomMonitor wirklich null heißt oder einen verdeckten Wert, sagt KomMonitor nicht; es gehört ins Symbolprofil.",
            "Welche Regeln der Geheimhaltung gelten, ist noch festzulegen (sperrprofil).",
        ]  # fmt: skip
        return Gefunden(len(areas), areas["kommune"].nunique(), tuple(pages), tuple(confirm))


def _ebenen(server: Verbindung) -> tuple[Raumebene, Raumebene | None]:
    """The finest level and the one above it."""
    levels = server.ebenen()
    if not levels:
        raise NetzFehler(
            f"{server.adresse} zeigt ohne Anmeldung keine Raumebenen. Bitte dort freigeben lassen."
        )
    above = {level.darueber for level in levels}
    leaves = [level for level in levels if level.id not in above]
    small = next((level for level in leaves if level.darueber), leaves[0])
    return small, next((level for level in levels if level.id == small.darueber), None)


def _gebiete(server: Verbindung, small: Raumebene, large: Raumebene | None) -> gpd.GeoDataFrame:
    """Areas of today with the id and name of the area above, found by a point inside."""
    found = _heute(server, small)
    found = found.rename(columns={"ID": "kennung", "NAME": "name"})[["kennung", "name", "geometry"]]
    if large is None:
        return found.assign(kommune=EINE, kommune_name=EINE)
    towns = _heute(server, large).rename(columns={"ID": "kommune", "NAME": "kommune_name"})[
        ["kommune", "kommune_name", "geometry"]
    ]
    points = found.set_geometry(found.geometry.representative_point())
    joined = points.sjoin(towns, how="left", predicate="within")
    joined = joined[~joined.index.duplicated()]
    if joined["kommune"].isna().any():
        lost = ", ".join(joined.loc[joined["kommune"].isna(), "kennung"].astype("str")[:5])
        raise LaufFehler(
            f"Gebiete liegen in keinem Gebiet der Ebene „{large.name}“ ({lost}). Bitte in KomMonitor klären."
        )
    return found.assign(kommune=joined["kommune"].astype("str"), kommune_name=joined["kommune_name"])


def _heute(server: Verbindung, level: Raumebene) -> gpd.GeoDataFrame:
    features = json.loads(server.gebiete(level.id))["features"]
    today = date.today().isoformat()
    last: dict[str, dict[str, Any]] = {}
    for one in sorted(features, key=lambda one: str(one["properties"].get("validStartDate") or "")):
        end = str(one["properties"].get("validEndDate") or "")[:10]
        if not end or end >= today:
            last[str(one["properties"].get("ID"))] = {
                **one,
                "properties": {
                    "ID": str(one["properties"].get("ID")),
                    "NAME": str(one["properties"].get("NAME") or ""),
                },
            }
    if not last:
        raise LaufFehler(
            f"Auf der Raumebene „{level.name}“ gilt heute kein Gebiet. Bitte in KomMonitor klären."
        )
    return gpd.GeoDataFrame.from_features(last.values(), crs=4326)


def _slug(name: str) -> str:
    parts = (vergleichsform(part) for part in re.split(r"[\W_]+", name))
    plain = re.sub(r"[^a-z0-9]+", "-", "-".join(filter(None, parts))).strip("-")
    return plain or "thema"


def _themen(
    server: Verbindung, listed: Iterable[Mapping[str, Any]]
) -> dict[str, tuple[str, list[Mapping[str, Any]]]]:
    """Id -> name of the main topic and its indicators."""
    main: dict[str, str] = {}

    def walk(rows: Iterable[Mapping[str, Any]], top: str = "") -> None:
        for row in rows:
            main[str(row["topicId"])] = top or str(row["topicName"])
            walk(row.get("subTopics") or (), top or str(row["topicName"]))

    walk(server.themen())
    found: dict[str, tuple[str, list[Mapping[str, Any]]]] = {}
    for one in listed:
        name = main.get(str(one.get("topicReference")), "Weitere Themen")
        found.setdefault(_slug(name), (name, []))[1].append(one)
    if not found:
        raise NetzFehler(
            f"{server.adresse} zeigt ohne Anmeldung keine Indikatoren. Bitte dort freigeben lassen."
        )
    return found


def _region(
    folder: Path,
    topics: Mapping[str, tuple[str, list[Mapping[str, Any]]]],
    listed: Iterable[Mapping[str, Any]],
) -> None:
    path = folder / "region.yml"
    content = path.read_text(encoding="utf-8")
    lines = "\n".join(f"  - {fluss({'id': slug, 'name': name})}" for slug, (name, _) in topics.items())
    content = re.sub(r"^themen:\n(?:  - .*\n)+", lambda _: f"themen:\n{lines}\n", content, flags=re.MULTILINE)
    days = sorted({str(day)[:10] for one in listed for day in one.get("applicableDates") or ()})
    if days:
        content = re.sub(
            r"^stichtage: .*$", f"stichtage: [{', '.join(days[-12:])}]", content, flags=re.MULTILINE
        )
    content = re.sub(r"^lieferungen: .*$", "lieferungen: lieferungen", content, flags=re.MULTILINE)
    path.write_text(content, encoding="utf-8")


def _angaben(server: Verbindung, small: Raumebene, large: Raumebene | None) -> str:
    levels = {"sozialraum": small.name} | ({"kommune": large.name} if large else {})
    return (
        f"# Wo KomMonitor antwortet. Zugangsdaten gehören nicht hierher.\nadresse: {server.adresse}\n"
        f"# Wie die Ebenen der Region dort heißen.\nebenen: {fluss(levels)}\n"
    )


def _seite(folder: Path, slug: str, name: str, rows: list[Mapping[str, Any]], small: Raumebene) -> str:
    """A page for the indicators of a topic on the finest level; those without values there are left out."""
    dataset = slug.replace("-", "_")
    dataset = dataset if dataset[0].isalpha() else f"d_{dataset}"
    there = [
        one
        for one in rows
        if small.id in {join["spatialUnitId"] for join in one.get("applicableSpatialUnits") or ()}
    ]
    names = [str(one["indicatorName"]) for one in there]
    fields, indicators = [], []
    for number, one in enumerate(there, start=1):
        key, unit = f"f{number}", str(one.get("unit") or "Anzahl")
        count = str(one.get("indicatorType", "")).endswith("_ABSOLUTE")
        fields.append(
            f"  {key}: {fluss({'spalte': names[number - 1], 'einheit': unit} | ({} if count else {'summierbar': False, 'min': None}))}"
        )
        about = {
            "name": names[number - 1],
            "thema": slug,
            "art": "anzahl" if count else "wert",
            "zaehler": key,
            "einheit": unit,
        }
        indicators.append(f"  {dataset.upper()}{number}: {fluss(about)}")
    if not there:
        return ""
    said = ", ".join(skalar(one) for one in names)
    page = "\n".join([
        f"id: {dataset}", f"name: {skalar(f'{name} aus KomMonitor')}", "zeile_ist: ein Gebiet an einem Stichtag",
        "quelle: {anbieter: <wer die Zahlen nach KomMonitor gibt>, lizenz: <Bedingungen der Nutzung>}",
        "abruf:", "  quelle: kommonitor", f"  datei: kommonitor/{dataset}.json", f"  ebenen: [{skalar(small.name)}]", f"  indikatoren: [{said}]",
        f"dateien: kommonitor/{dataset}.json", "symbolprofil: standard", "# Welche Regeln gelten, bitte festlegen.", "sperrprofil: melde", "vollstaendig: false",
        "tabelle:", "  format: kommonitor", '  dezimal: "."', "  schluessel: {spalten: [ID]}", "  stichtag: {aus: spalte, spalte: Stichtag}",
        "  merkmal: Indikator", "  wert: Wert", "felder:", *fields, "indikatoren:", *indicators,
    ])  # fmt: skip
    (folder / "indikatoren" / f"{dataset}.yml").write_text(page + "\n", encoding="utf-8")
    return f"{dataset}.yml"
