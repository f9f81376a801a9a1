"""What the KomMonitor of a region holds, asked once: levels, units, the topic, areas, indicators and their series."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping
from functools import cached_property
from typing import Any

from sozialanalyse import store
from sozialanalyse.austausch.gegenprobe import Bekannt
from sozialanalyse.base import LaufFehler, vorschlag
from sozialanalyse.kommonitor import (
    KommonitorSeite,
    Organisationseinheit,
    Raumebene,
    Rechte,
    Schreiben,
    Verbindung,
)
from sozialanalyse.kommonitor import plan as p
from sozialanalyse.region import Level


class Gegenueber:
    """The other side, in the words of the region.

    Attributes
    ----------
    ebenen
        Level of the region -> level there.
    einheiten
        Organisational units by name.
    orte
        Level -> area of the region -> its id there.
    marke
        Tag of what this region has written.

    Raises
    ------
    LaufFehler
        If a level, a unit, the topic or an area that the region names is not there.
    """

    def __init__(
        self, server: Verbindung, seite: KommonitorSeite, wahl: Schreiben, innen: store.Daten, region: str
    ) -> None:
        self.server, self.marke = server, f"{p.MARKE}:{region}"
        if not seite.ebenen:
            raise LaufFehler(
                "In kommonitor.yml fehlt „ebenen“: wie die Ebenen der Region in KomMonitor heißen."
            )
        self.ebenen: dict[Level, Raumebene] = {
            level: server.ebene(name) for level, name in seite.ebenen.items()
        }
        self.einheiten = {unit.name: unit for unit in server.einheiten()}
        self.eigentuemer = self.einheit(wahl.eigentuemer, "schreiben → eigentuemer")
        self.thema = self._thema(wahl.thema)
        self.orte = {level: self._orte(level, there, innen) for level, there in self.ebenen.items()}
        self._reihen: dict[tuple[str, str], str | None] = {}

    def einheit(self, name: str, wo: str) -> Organisationseinheit:
        if name not in self.einheiten:
            raise LaufFehler(
                f"{wo}: Die Organisationseinheit „{name}“ gibt es in KomMonitor nicht. {vorschlag(name, self.einheiten)}".strip()
            )
        return self.einheiten[name]

    @property
    def eigene(self) -> frozenset[str]:
        """Permissions the owner keeps where they have to be named."""
        return (
            frozenset(self.eigentuemer.erlaubnisse.values()) if self.server.generation.rollen else frozenset()
        )

    def _thema(self, name: str) -> str:
        known: dict[str, str] = {}

        def walk(rows: Iterable[Mapping[str, Any]]) -> None:
            for row in rows:
                if row.get("topicResource", "indicator") == "indicator":
                    known.setdefault(str(row["topicName"]), str(row["topicId"]))
                walk(row.get("subTopics") or ())

        walk(self.server.themen())
        if name not in known:
            raise LaufFehler(
                f"schreiben → thema: Das Thema „{name}“ gibt es in KomMonitor nicht. {vorschlag(name, known)}".strip()
            )
        return known[name]

    def _orte(self, level: Level, there: Raumebene, innen: store.Daten) -> dict[str, str]:
        """Area of the region -> its id in KomMonitor, by id or by another spelling.

        Raises
        ------
        LaufFehler
            If one is missing there.
        """
        ids = {
            str(one["properties"].get("ID")) for one in json.loads(self.server.gebiete(there.id))["features"]
        }
        areas = innen.verzeichnis(level)
        found, lost = {}, []
        for key, other in zip(
            areas.index, areas["aliase"] if "aliase" in areas else [""] * len(areas), strict=True
        ):
            words = [
                str(key),
                *(
                    str(other).split("|")
                    if isinstance(other, str)
                    else list(other)
                    if isinstance(other, list | tuple)
                    else []
                ),
            ]
            fits = next((word for word in words if word in ids), None)
            if fits is None:
                lost.append(str(key))
            else:
                found[str(key)] = fits
        if lost:
            raise LaufFehler(
                f"{len(lost)} von {len(areas)} Gebieten der Region gibt es auf der Raumebene „{there.name}“ in KomMonitor nicht "
                f"({', '.join(lost[:5])}{' …' if len(lost) > 5 else ''}). Dort heißen sie etwa {', '.join(sorted(ids)[:3])}; bitte diese Kennungen in der "
                "Gebietsliste als „aliase“ eintragen."
            )
        return found

    # --- indicators ----------------------------------------------------------------------------------------

    @cached_property
    def gelistet(self) -> list[dict[str, Any]]:
        """Metadata of all indicators the account sees."""
        return self.server.indikatoren()

    @cached_property
    def _offen(self) -> Collection[str]:
        return p.sichtbar(self.server.indikatoren(oeffentlich=True))

    def reihe(self, indikator: str, ebene: str) -> p.Reihen:
        """Series as it stands there."""
        if (indikator, ebene) not in self._reihen:
            self._reihen[indikator, ebene] = self.server.reihe(indikator, ebene)
        return p.reihen(self._reihen[indikator, ebene])

    def unseres(self, name: str) -> Mapping[str, Any] | None:
        """What was written from here under a name before."""
        fits = [
            one
            for one in self.gelistet
            if one.get("indicatorName") == name and self.marke in (one.get("tags") or [])
        ]
        return fits[0] if len(fits) == 1 else None

    def ebenen_von(self, name: str) -> set[str]:
        """Ids of the levels on which something of ours has values."""
        return {
            str(join["spatialUnitId"])
            for join in (self.unseres(name) or {}).get("applicableSpatialUnits") or ()
        }

    def zu_leeren(self, name: str, level: Raumebene, days: Collection[str]) -> set[str]:
        """Dates of ours that stand on the server and must be emptied there, because not all readers may see them."""
        there = self.unseres(name)
        if there is None or level.id not in self.ebenen_von(name):
            return set()
        series = self.reihe(str(there["indicatorId"]), level.id)
        return {day for row in series.values() for day, value in row.items() if value is not None} & set(days)

    def sichtbar(self, name: str, links: Mapping[str, str]) -> Iterable[Bekannt]:
        """What a unit, or with "" the public, sees of numbers that are known here.

        Parameters
        ----------
        links
            Name of an indicator -> what it is in the region.
        """
        there = self.einheiten.get(name)
        mine = set(there.erlaubnisse.values()) if there else set()
        by_level = {self.ebenen[level].id: level for level in self.ebenen}
        for one in self.gelistet:
            what = links.get(str(one.get("indicatorName")))
            for join in one.get("applicableSpatialUnits") or () if what else ():
                level = by_level.get(str(join["spatialUnitId"]))
                rights = Rechte.aus(join)
                shown = rights.oeffentlich or f"{one['indicatorId']}/{join['spatialUnitId']}" in self._offen
                if level is None or not (
                    shown or mine & rights.erlaubt or (there and rights.eigentuemer == there.id)
                ):
                    continue
                back = {there_: here for here, there_ in self.orte[level].items()}
                series = self.reihe(str(one["indicatorId"]), str(join["spatialUnitId"]))
                yield Bekannt(
                    str(what),
                    {
                        back[area]: {day: v for day, v in row.items() if isinstance(v, float)}
                        for area, row in series.items()
                        if area in back
                    },
                )
