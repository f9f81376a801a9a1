"""A stateful stand-in for KomMonitor's Data Management in its generations, as unkind as the real one.

What it does stands in the source of the real servers: the base path, the traps of the Accept header, 500 where
something is not there, 403 where it is unknown, positions instead of dates in the first upload, dates taken from the
first area, 32-bit numbers, rights that an upload overwrites, columns lost between two writers.
"""

from __future__ import annotations

import gzip
import itertools
import json
import threading
import time
import uuid
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import unquote, urlsplit

import numpy as np

GENERATIONEN = ("4.1", "5.0", "5.2", "5.3", "6.0")
STUFEN = ("viewer", "editor", "creator")
_METADATEN = ("description", "datasource", "contact", "updateInterval")
_PFLICHT = ("datasetName", "creationType", "topicReference", "unit", "metadata", "tags", "characteristicValue",
            "defaultClassificationMapping", "interpretation", "isHeadlineIndicator", "processDescription")  # fmt: skip


class Ablehnung(Exception):
    def __init__(self, status: int, message: str = "", kind: str = "") -> None:
        self.status, self.message, self.kind = status, message, kind


def real(value: float | str | None) -> str | None:
    """A 32-bit number as PostgreSQL writes it; a category is its own text."""
    return (
        value
        if value is None or isinstance(value, str)
        else np.format_float_positional(np.float32(value), trim="-")
    )


def _number(text: str) -> float | str:
    try:
        return float(text)
    except ValueError:
        return text


class Fake:
    """State and rules; ``with Fake("5.2") as server`` listens at ``server.adresse``.

    Attributes
    ----------
    gesendet
        Method, path and body of what was sent.
    reisse_ab
        Numbers of requests (counted from 1) whose answer is lost; with ``vorher`` they are not even carried out.
    stoerung
        ``html``, ``verschluesselt``, ``zu_gross`` or ``weiterleitung``: what every answer is then.
    ebene_als
        Whether an upload names its level by name or by id (6.0).
    zwischen
        Called before each request is carried out; another person at work.
    """

    def __init__(
        self, generation: str, pruefe: Callable[[str], dict | None] = lambda _: None, basis: str = "/dm"
    ) -> None:
        assert generation in GENERATIONEN
        self.generation, self.pruefe, self.basis = generation, pruefe, basis
        self.units: dict[str, dict[str, Any]] = {}
        self.levels: dict[str, dict[str, Any]] = {}
        self.topics: list[dict[str, Any]] = []
        self.indicators: dict[str, dict[str, Any]] = {}
        self.anfragen: list[tuple[str, str]] = []
        self.gesendet: list[tuple[str, str, Any]] = []
        self.reisse_ab: set[int] = set()
        self.vorher = False
        self.stoerung = ""
        self.ebene_als = "id" if generation == "6.0" else "name"
        self.dauer_put = 0.0
        self.zwischen: Callable[[str, str], None] = lambda *_: None
        self.stand = 0
        self._namen = itertools.count(1)
        self._lock, self._schreiber = threading.RLock(), 0
        self._spalten_gesetzt = False
        self.thread: threading.Thread | None = None

    # --- filling it ---------------------------------------------------------------------------------

    def kennung(self) -> str:
        return str(uuid.UUID(int=next(self._namen) + (0xC0FFEE << 96)))

    def unit(self, name: str) -> str:
        key = self.kennung()
        self.units[key] = {
            "organizationalUnitId": key, "name": name, "mandant": False, "parentId": None, "children": [],
            "permissions": [{"permissionId": self.kennung(), "permissionLevel": level, "permissioneType": "resources"} for level in STUFEN],
        }  # fmt: skip
        return key

    def recht(self, unit: str, level: str = "viewer") -> str:
        """Id of the permission of a unit."""
        return next(
            p["permissionId"] for p in self.units[unit]["permissions"] if p["permissionLevel"] == level
        )

    def level(self, name: str, features: list[dict[str, Any]], *, owner: str, public: bool = True, upper: str | None = None, permissions: tuple[str, ...] = ()) -> str:  # fmt: skip
        key = self.kennung()
        self.levels[key] = {"id": key, "name": name, "features": features, "ownerId": owner, "permissions": list(permissions),
                            "isPublic": public, "upper": upper, "mandantId": "mandant-1"}  # fmt: skip
        return key

    def topic(self, name: str, resource: str = "indicator") -> str:
        key = self.kennung()
        self.topics.append({"topicId": key, "topicName": name, "topicDescription": "", "topicType": "main",
                            "topicResource": resource, "subTopics": []})  # fmt: skip
        return key

    def indicator(self, name: str, *, owner: str, topic: str, series: dict[str, dict[str, dict[str, float | None]]], public: bool = True, public_values: bool | None = None, permissions: tuple[str, ...] = (), **meta: Any) -> str:  # fmt: skip
        """``series``: level id -> area id -> date -> value."""
        key = self.kennung()
        body = {"datasetName": name, "topicReference": topic, "creationType": "INSERTION", "unit": "Anzahl",
                "indicatorType": "STATUS_ABSOLUTE", "interpretation": "", "tags": [], "characteristicValue": "",
                "metadata": {"description": "", "datasource": "Amt", "contact": "Amt", "updateInterval": "YEARLY"},
                "defaultClassificationMapping": {"items": []}, "isHeadlineIndicator": False, "processDescription": ""} | meta  # fmt: skip
        self.indicators[key] = {"id": key, "body": body, "ownerId": owner, "permissions": list(permissions),
                                "isPublic": public, "joins": {}, "applicableDates": []}  # fmt: skip
        shown = public if public_values is None else public_values
        for level, rows in series.items():
            dates = sorted({day for row in rows.values() for day in row})
            self.indicators[key]["joins"][level] = {
                "ownerId": owner, "permissions": list(permissions), "isPublic": shown, "dates": dates,
                "rows": {area: {d: row.get(d) for d in dates} for area, row in rows.items()},
            }  # fmt: skip
            self.indicators[key]["applicableDates"] = dates
        return key

    # --- rights -------------------------------------------------------------------------------------

    def _who(self, header: str | None) -> dict | None:
        if not header:
            return None
        claims = self.pruefe(header.removeprefix("Bearer "))
        if claims is None:
            raise Ablehnung(401)
        groups = claims.get("groups", [])
        if any(not group.startswith("/") for group in groups):
            raise Ablehnung(500, "Index -1 out of bounds for length 1")
        return {
            "groups": {group.split("/")[-1] for group in groups},
            "roles": claims["realm_access"]["roles"],
        }

    def _level_of(self, who: dict | None, thing: dict[str, Any]) -> int:
        """0 nothing, 1 see, 2 edit, 3 own."""
        best = 1 if thing["isPublic"] else 0
        if who is None:
            return best
        if "kommonitor-creator" in who["roles"]:
            return 3
        owner = self.units.get(thing["ownerId"], {}).get("name")
        if owner in who["groups"]:
            return 3
        for unit in self.units.values():
            if unit["name"] in who["groups"]:
                for permission in unit["permissions"]:
                    if permission["permissionId"] in thing["permissions"]:
                        best = max(best, STUFEN.index(permission["permissionLevel"]) + 1)
        return best

    def sieht(self, pfad: str = "") -> dict[str, Any]:
        """Everything somebody without login can read: metadata of indicators, and values by id."""
        return {
            "indikatoren": {k: self._overview(i, None) for k, i in sorted(self.indicators.items()) if i["isPublic"]},
            "werte": {f"{k}/{level}": join["rows"] for k, i in sorted(self.indicators.items())
                      for level, join in sorted(i["joins"].items()) if join["isPublic"]},
        }  # fmt: skip

    def _rights(self, thing: dict[str, Any]) -> dict[str, Any]:
        if self.generation == "4.1":
            return {
                "allowedRoles": [*thing["permissions"], *(["rolle-oeffentlich"] if thing["isPublic"] else [])]
            }
        return {"ownerId": thing["ownerId"], "permissions": thing["permissions"], "isPublic": thing["isPublic"], "userPermissions": []}  # fmt: skip

    def _set_rights(self, thing: dict[str, Any], body: dict[str, Any]) -> None:
        """As sent; what is not sent counts as nothing."""
        if self.generation == "4.1":
            roles = body.get("allowedRoles", [])
            thing["isPublic"] = "rolle-oeffentlich" in roles
            thing["permissions"] = [role for role in roles if role != "rolle-oeffentlich"]
            return
        thing["permissions"] = list(body.get("permissions") or [])
        thing["isPublic"] = bool(body.get("isPublic", False))
        if "ownerId" in body:
            thing["ownerId"] = body["ownerId"]

    # --- what is answered -----------------------------------------------------------------------------

    def _overview(self, one: dict[str, Any], who: dict | None) -> dict[str, Any]:
        body = one["body"]
        renamed = {"indicatorName": body.get("datasetName"), "indicatorId": one["id"],
                   "referencedIndicators": body.get("refrencesToOtherIndicators", []),
                   "referencedGeoresources": body.get("refrencesToGeoresources", [])}  # fmt: skip
        kept = {k: v for k, v in body.items() if k not in ("datasetName", "refrencesToOtherIndicators", "refrencesToGeoresources", "permissions", "ownerId", "isPublic", "allowedRoles")}  # fmt: skip
        joins = [
            {"spatialUnitId": level, "spatialUnitName": self.levels[level]["name"], **self._rights(join)}
            for level, join in one["joins"].items() if self._level_of(who, join)
        ]  # fmt: skip
        mapping = dict(kept.get("defaultClassificationMapping") or {})
        if self.generation in ("5.3", "6.0"):
            mapping.setdefault("classificationType", "SEQUENTIAL")
        return {**kept, **renamed, "defaultClassificationMapping": mapping, "applicableDates": one["applicableDates"],
                "applicableSpatialUnits": joins, "ogcServices": [], **self._rights(one)}  # fmt: skip

    def _level_view(self, one: dict[str, Any]) -> dict[str, Any]:
        names = {level["id"]: level["name"] for level in self.levels.values()}
        lower = next((level["id"] for level in self.levels.values() if level["upper"] == one["id"]), None)
        periods = sorted({(f["properties"]["validStartDate"], f["properties"].get("validEndDate")) for f in one["features"]}, key=str)  # fmt: skip
        view = {"spatialUnitId": one["id"], "spatialUnitLevel": one["name"], "metadata": {"sridEPSG": 4326},
                "availablePeriodsOfValidity": [{"startDate": a, "endDate": b} for a, b in periods], **self._rights(one)}  # fmt: skip
        if self.generation == "6.0":
            return {**view, "mandantId": one["mandantId"], "hierarchies": [{
                "hierarchyId": "hierarchie-1", "hierarchyName": "Verwaltung", "hierarchyLevel": 0 if one["upper"] is None else 1,
                "nextUpperSpatialUnitId": one["upper"], "nextLowerSpatialUnitId": lower}]}  # fmt: skip
        return {
            **view,
            "nextUpperHierarchyLevel": names.get(one["upper"]),
            "nextLowerHierarchyLevel": names.get(lower),
        }

    def _records(self, indicator: dict[str, Any], level: str) -> list[dict[str, Any]]:
        join = indicator["joins"][level]
        rows = []
        for number, feature in enumerate(self.levels[level]["features"], start=1):
            own = feature["properties"]
            if own["ID"] in join["rows"]:  # others drop out of the join
                series = join["rows"][own["ID"]]
                rows.append(
                    {"fid": str(number), **own, **{f"DATE_{d}": real(series.get(d)) for d in join["dates"]}}
                )
        if not rows:
            raise Ablehnung(500, "No valid features could be retrieved for the specified date.", "ResourceNotFoundException")  # fmt: skip
        return rows

    def _geojson(self, indicator: dict[str, Any], level: str) -> dict[str, Any]:
        shapes = self.levels[level]["features"]
        features = []
        for row in self._records(indicator, level):
            shape = shapes[int(row.pop("fid")) - 1]["geometry"]
            numbers = {k: _number(v) if k.startswith("DATE_") else v for k, v in row.items() if v is not None}
            features.append({"type": "Feature", "geometry": shape, "properties": numbers})
        return {"type": "FeatureCollection", "features": features}

    def antworte(self, method: str, path: str, accept: str, header: str | None, body: Any) -> tuple[int, str, Any, dict[str, str]]:  # fmt: skip
        """Status, kind of content, content, further headers."""
        if path == "/v3/api-docs":
            return 200, "application/json", self._docs(), {}
        if not path.startswith("/management/"):
            return 404, "text/html", "<html><body>Whitelabel Error Page</body></html>", {}
        rest = path.removeprefix("/management")
        public = rest.startswith("/public/")
        rest = rest.removeprefix("/public") if public else rest
        who = None if public else self._who(header)
        if not public and who is None:
            raise Ablehnung(401)
        if public and method != "GET":
            raise Ablehnung(405)
        parts = [unquote(part) for part in rest.strip("/").split("/")]
        found = getattr(self, f"_{method.lower()}_{parts[0].replace('-', '_')}", None)
        if found is None:
            raise Ablehnung(404 if self.generation in ("5.3", "6.0") else 500, "No static resource", "NoResourceFoundException")  # fmt: skip
        return found(parts[1:], accept, who, body)

    def _docs(self) -> dict[str, Any]:
        paths = ["/management/indicators", "/management/public/indicators", "/management/spatial-units"]
        if self.generation != "4.1":
            paths += ["/management/indicators/{indicatorId}/ownership", "/management/web-services"]
        if self.generation == "6.0":
            paths.append("/management/spatial-unit-hierarchies")
        return {"openapi": "3.0.1", "info": {"title": "OpenAPI definition", "version": "v0"}, "paths": {p: {} for p in paths}}  # fmt: skip

    def _json(self, accept: str, value: Any, status: int = 200) -> tuple[int, str, Any, dict[str, str]]:
        if "application/json" not in accept:
            return 500, "", "", {}
        return status, "application/json", value, {}

    def _missing(self) -> Ablehnung:
        return Ablehnung(404 if self.generation in ("5.3", "6.0") else 500, "The requested resource was not found.", "ResourceNotFoundException")  # fmt: skip

    def _one(self, table: dict[str, Any], key: str, who: dict | None, least: int) -> dict[str, Any]:
        thing = table.get(key)
        if thing is None or self._level_of(who, thing) < least:
            raise Ablehnung(403)  # unknown looks as forbidden does
        return thing

    def _get_spatial_units(self, parts: list[str], accept: str, who: dict | None, _: Any) -> Any:
        if not parts or parts == [""]:
            return self._json(
                accept, [self._level_view(v) for v in self.levels.values() if self._level_of(who, v)]
            )
        level = self._one(self.levels, parts[0], who, 1)
        if len(parts) == 1:
            return self._json(accept, self._level_view(level))
        features = level["features"]
        if len(parts) == 4:
            day = "-".join(parts[1:])
            features = [f for f in features if f["properties"]["validStartDate"] <= day and (f["properties"].get("validEndDate") or "9999") > day]  # fmt: skip
            if not features:
                raise Ablehnung(500, "No valid features could be retrieved for the specified date.", "ResourceNotFoundException")  # fmt: skip
        if accept.strip() == "application/json":
            return 406, "", "", {}
        clean = [
            {**f, "properties": {k: v for k, v in f["properties"].items() if v is not None}} for f in features
        ]
        return 200, "application/vnd.geo+json", {"type": "FeatureCollection", "features": clean}, {}

    def _get_spatial_unit_hierarchies(self, parts: list[str], accept: str, who: dict | None, _: Any) -> Any:
        if self.generation != "6.0":
            raise self._missing()
        return self._json(accept, [{"hierarchyId": "hierarchie-1", "hierarchyName": "Verwaltung"}])

    def _get_topics(self, parts: list[str], accept: str, who: dict | None, _: Any) -> Any:
        if who is not None:
            raise self._missing()
        return self._json(accept, self.topics)

    def _get_organizationalUnits(self, parts: list[str], accept: str, who: dict | None, _: Any) -> Any:
        if who is None:
            raise Ablehnung(401)
        units = list(self.units.values())
        if self.generation == "4.1":
            units = [{"organizationalUnitId": u["organizationalUnitId"], "name": u["name"],
                      "roles": [{"roleId": p["permissionId"], "permissionLevel": p["permissionLevel"]} for p in u["permissions"]]}
                     for u in units]  # fmt: skip
        return self._json(accept, units)

    def _get_database(self, parts: list[str], accept: str, who: dict | None, _: Any) -> Any:
        stamp = f"2026-11-30T10:00:{self.stand % 60:02d}Z"
        return self._json(accept, {"indicators": stamp, "spatial-units": "2026-01-01T00:00:00Z", "topics": "2026-01-01T00:00:00Z"})  # fmt: skip

    def _get_indicators(self, parts: list[str], accept: str, who: dict | None, _: Any) -> Any:
        if not parts or parts == [""]:
            return self._json(accept, [self._overview(v, who) for v in self.indicators.values() if self._level_of(who, v)])  # fmt: skip
        if len(parts) == 1:
            return self._json(accept, self._overview(self._one(self.indicators, parts[0], who, 1), who))
        indicator = self.indicators.get(parts[0])
        if indicator is None or parts[1] not in indicator["joins"]:
            raise Ablehnung(403)
        join = indicator["joins"][parts[1]]
        if not self._level_of(who, join):  # the join alone decides on values
            raise Ablehnung(403)
        if "without-geometry" in parts:
            return self._json(accept, self._records(indicator, parts[1]))
        if accept.strip() == "application/json":
            return 406, "", "", {}
        return 200, "application/vnd.geo+json", self._geojson(indicator, parts[1]), {}

    # --- writing --------------------------------------------------------------------------------------

    def _post_indicators(self, parts: list[str], accept: str, who: dict | None, body: Any) -> Any:
        if who is None or not any(role.endswith("-resources-creator") or role == "kommonitor-creator" or (self.generation == "4.1" and role.endswith("-creator")) for role in who["roles"]):  # fmt: skip
            raise Ablehnung(403)
        missing = [name for name in _PFLICHT if name not in body]
        missing += [f"metadata.{name}" for name in _METADATEN if name not in body.get("metadata", {})]
        mapping = body.get("defaultClassificationMapping") or {}
        if mapping.get("classificationType") == "QUALITATIVE":
            if self.generation not in ("5.3", "6.0"):
                missing.append("defaultClassificationMapping")
            elif any(len(item.get("categoricalData", [])) != mapping.get("numClasses") for item in mapping.get("items", [])):  # fmt: skip
                missing.append("categoricalData")
        key = self.kennung()
        same = ("datasetName", "characteristicValue", "indicatorType")
        double = any(all(i["body"].get(n) == body.get(n) for n in same) for i in self.indicators.values())
        if missing or double:
            if self.generation == "6.0" and not double:
                self.indicators[key] = {"id": key, "body": {"datasetName": ""}, "ownerId": "", "permissions": [],
                                        "isPublic": False, "joins": {}, "applicableDates": []}  # fmt: skip
            raise Ablehnung(500 if double and self.generation not in ("5.3", "6.0") else 400, "already exists" if double else f"missing {missing}", "ResourceNotFoundException")  # fmt: skip
        thing = {"id": key, "body": dict(body), "ownerId": "", "permissions": [], "isPublic": False, "joins": {}, "applicableDates": []}  # fmt: skip
        self._set_rights(thing, body)
        self.indicators[key] = thing
        self.stand += 1
        return 201, "application/json", self._overview(thing, who), {"Location": key}

    def _delete_indicators(self, parts: list[str], accept: str, who: dict | None, body: Any) -> Any:
        indicator = self._one(self.indicators, parts[0], who, 3)
        self.stand += 1
        if len(parts) == 1:
            del self.indicators[parts[0]]
        elif len(parts) == 2:
            indicator["joins"].pop(parts[1], None)
        else:
            day = "-".join(parts[2:5])
            join = indicator["joins"][parts[1]]
            join["dates"] = [d for d in join["dates"] if d != day]
            for row in join["rows"].values():
                row.pop(day, None)
        return 200, "", "", {}

    def _patch_indicators(self, parts: list[str], accept: str, who: dict | None, body: Any) -> Any:
        indicator = self._one(self.indicators, parts[0], who, 2)
        if len(parts) == 2:
            if self.generation != "4.1":
                raise Ablehnung(500, "Request method 'PATCH' is not supported")
            self._set_rights(indicator["joins"][parts[1]], body)
            return 200, "", "", {}
        if "creationType" not in body:
            raise Ablehnung(500, 'Cannot invoke "CreationTypeEnum.toString()"', "NullPointerException")
        keep = {name: indicator["body"][name] for name in ("datasetName",) if "datasetName" not in body}
        indicator["body"] = {**keep, **body}  # a full replacement: what is not sent is gone
        if self.generation == "4.1":
            self._set_rights(indicator, body)
        self.stand += 1
        return 200, "", "", {"Location": parts[0]}

    def _put_indicators(self, parts: list[str], accept: str, who: dict | None, body: Any) -> Any:
        if len(parts) > 1:
            return self._put_rights(parts, who, body)
        indicator = self._one(self.indicators, parts[0], who, 2)
        name = body.get("applicableSpatialUnit")
        key = "name" if self.ebene_als == "name" else "id"
        level = next((v for v in self.levels.values() if v[key] == name), None)
        if level is None:
            raise self._missing()
        values = body.get("indicatorValues") or []
        if not values:
            raise Ablehnung(500, "Index 0 out of bounds for length 0", "IndexOutOfBoundsException")
        new = level["id"] not in indicator["joins"]
        mapped = {v["spatialReferenceKey"]: {m["timestamp"]: m.get("indicatorValue") for m in v["valueMapping"]} for v in values}  # fmt: skip
        qualitative = (indicator["body"].get("defaultClassificationMapping") or {}).get("classificationType") == "QUALITATIVE"  # fmt: skip
        texts = any(isinstance(x, str) for row in mapped.values() for x in row.values())
        if texts and not (qualitative and self.generation in ("5.3", "6.0")):
            raise Ablehnung(400, "categorical values not allowed")
        first = [m["timestamp"] for m in values[0]["valueMapping"]]
        with self._lock:
            self._schreiber += 1
            mine, self._spalten_gesetzt = self._schreiber, False
        time.sleep(self.dauer_put)
        with self._lock:
            raced = self._schreiber != mine  # another upload has set the flag that all uploads share
            if new:
                if self.generation in ("5.3", "6.0") and not texts:
                    dates_ = sorted({d for row in mapped.values() for d in row})
                    if any(row.get(d) is None for row in mapped.values() for d in dates_):
                        raise Ablehnung(
                            500, 'Cannot invoke "java.lang.Number.floatValue()"', "NullPointerException"
                        )
                join = {
                    "ownerId": indicator["ownerId"],
                    "permissions": [],
                    "isPublic": False,
                    "dates": first,
                    "rows": {},
                }
                for v in values:
                    if self.generation in ("4.1", "5.0"):  # by position, whatever the dates say
                        cells = [m.get("indicatorValue") for m in v["valueMapping"]]
                        join["rows"][v["spatialReferenceKey"]] = dict(
                            itertools.zip_longest(first, cells[: len(first)])
                        )
                    else:
                        join["rows"][v["spatialReferenceKey"]] = {d: mapped[v["spatialReferenceKey"]].get(d) for d in first}  # fmt: skip
                indicator["joins"][level["id"]] = join
            else:
                join = indicator["joins"][level["id"]]
                added = (
                    [] if raced else sorted({d for row in mapped.values() for d in row} - set(join["dates"]))
                )
                join["dates"] = join["dates"] + added
                for area, row in mapped.items():
                    own = join["rows"].setdefault(area, {})
                    own.update({d: x for d, x in row.items() if d in join["dates"]})
            for row in join["rows"].values():
                for day, value in row.items():
                    row[day] = (
                        None
                        if value is None
                        else value
                        if isinstance(value, str)
                        else float(np.float32(value))
                    )
            self._set_rights(join, body)
            indicator["applicableDates"] = sorted({*indicator["applicableDates"], *first})
            self.stand += 1
        if self.generation == "6.0" and not level["isPublic"]:
            raise Ablehnung(404, "Not found", "ResourceNotFoundException")  # although it is done
        return 200, "", "", {"Location": parts[0]}

    def _put_rights(self, parts: list[str], who: dict | None, body: Any) -> Any:
        if self.generation == "4.1":
            raise Ablehnung(500, "No static resource")
        indicator = self._one(self.indicators, parts[0], who, 3)
        thing = indicator if len(parts) == 2 else indicator["joins"][parts[1]]
        if parts[-1] == "permissions":
            self._set_rights(thing, body)
        else:
            thing["ownerId"] = body["ownerId"]
        self.stand += 1
        return 200, "", "", {}

    # --- HTTP -----------------------------------------------------------------------------------------

    def __enter__(self) -> Fake:
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = (
                True  # else every answer waits 40 ms for the client to confirm its heading
            )

            def log_message(self, *_: object) -> None: ...

            def _handle(self) -> None:
                raw = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                path = urlsplit(self.path).path
                outer.anfragen.append((self.command, path))
                number = len(outer.anfragen)
                if number in outer.reisse_ab and outer.vorher:
                    return self._cut()
                inner = path.removeprefix(outer.basis)
                outer.zwischen(self.command, inner)
                try:
                    body = json.loads(raw) if raw else None
                    if body is not None:
                        outer.gesendet.append((self.command, inner, body))
                    answer = (404, "text/html", "<html>404</html>", {}) if inner == path else outer.antworte(
                        self.command, inner, self.headers.get("Accept", ""), self.headers.get("Authorization"), body)  # fmt: skip
                except Ablehnung as no:
                    text = {"type": no.kind, "label": f"de.hsbo.kommonitor.{no.kind}", "message": no.message}
                    answer = (no.status, "application/json", text if no.message else "", {})
                if number in outer.reisse_ab:
                    return self._cut()
                self._send(*answer)

            def _cut(self) -> None:
                self.close_connection = True
                self.connection.close()

            def _send(self, status: int, kind: str, content: Any, headers: dict[str, str]) -> None:
                data = b"" if content == "" else content.encode() if isinstance(content, str) else json.dumps(content, ensure_ascii=False).encode()  # fmt: skip
                if outer.stoerung == "html":
                    status, kind, data = (
                        200,
                        "text/html",
                        b"<!DOCTYPE html><html><body>Anmeldung</body></html>",
                    )
                elif outer.stoerung == "verschluesselt":
                    kind, data = "application/json", b"U2FsdGVkX1+8xKQ0bm9yIGpzb24="
                elif outer.stoerung == "weiterleitung":
                    status, headers = 302, {"Location": "https://anmeldung.example/"}
                elif outer.stoerung == "abgeschnitten":
                    data = data[: len(data) // 2]
                self.send_response(status)
                if kind:
                    self.send_header("Content-Type", kind)
                if len(data) >= 2048 and "gzip" in self.headers.get("Accept-Encoding", ""):
                    data = gzip.compress(data, 1)
                    self.send_header("Content-Encoding", "gzip")
                for name, text in headers.items():
                    self.send_header(name, text)
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = _handle

        class Server(ThreadingHTTPServer):
            daemon_threads = True

            def handle_error(self, *_: object) -> None: ...

        self._server = Server(("127.0.0.1", 0), Handler)
        self.adresse = f"http://127.0.0.1:{self._server.server_port}{self.basis}"
        self.thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)
        self.thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()


def viereck(i: int, seite: float = 0.01, spalten: int = 10) -> dict[str, Any]:
    """Square number ``i`` of a grid near 9 degrees east, in degrees."""
    x, y = 9 + (i % spalten) * seite, 51 + (i // spalten) * seite
    ring = [[x, y], [x + seite, y], [x + seite, y + seite], [x, y + seite], [x, y]]
    return {"type": "Polygon", "coordinates": [ring]}


def gebiet(key: str, name: str, shape: dict[str, Any], start: str = "2000-01-01", end: str | None = None) -> dict[str, Any]:  # fmt: skip
    return {"type": "Feature", "geometry": shape,
            "properties": {"ID": key, "NAME": name, "validStartDate": start, "validEndDate": end, "arisenFrom": None}}  # fmt: skip
