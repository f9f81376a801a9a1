"""From the snapshot to a plan for KomMonitor: contents, readers, what becomes computable, what changes there."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date
from functools import cached_property

import pandas as pd

from sozialanalyse import auswertung, geheimhaltung, store
from sozialanalyse.austausch import gegenprobe
from sozialanalyse.austausch.gegenprobe import Gegenprobe
from sozialanalyse.austausch.gegenueber import Gegenueber
from sozialanalyse.austausch.inhalte import Indikatorinhalt, inhalte
from sozialanalyse.austausch.leserkreis import NUR_EIGENTUEMER, Leserkreis, Leserschaft
from sozialanalyse.austausch.metadaten import angaben
from sozialanalyse.base import BestandFehler, settings, text, zahl
from sozialanalyse.kommonitor import KommonitorSeite, Plan, Raumebene, Rechte, Schreiben, Verbindung, Vorhaben
from sozialanalyse.kommonitor import plan as p
from sozialanalyse.region import LEVELS, Level, Region, lade_katalog
from sozialanalyse.vereinbarung import OEFFENTLICHKEIT, Vereinbarung

Melder = Callable[[str, int, int], None]
STUFEN = ("viewer", "editor", "creator")
"""Levels of rights that have a German word; a server may have others."""


class Planung:
    """Everything that is known while a plan is made."""

    def __init__(
        self,
        region: Region,
        seite: KommonitorSeite,
        wahl: Schreiben,
        server: Verbindung,
        vertrag: Vereinbarung,
    ) -> None:
        self.region, self.seite, self.wahl, self.vertrag = region, seite, wahl, vertrag
        self.katalog = lade_katalog(region)
        self.innen = store.load(region, "intern")
        self.dort = Gegenueber(server, seite, wahl, self.innen, region.id)
        self.leserschaft = Leserschaft(vertrag, self.dort, wahl, self._hat)
        self._daten: dict[str, auswertung.Auswertung] = {}
        self._inhalte: dict[str, list[Indikatorinhalt]] = {}
        self._alle_tage: dict[tuple[str, Level], set[str]] = {}
        self.abgelehnt: list[str] = []

    def plan(self, melder: Melder) -> Plan:
        melder("Inhalte", 0, 3)
        chosen = self._auswahl()
        melder("Geheimhaltung", 1, 3)
        probe = self._gegenprobe(chosen)
        self.abgelehnt += probe.abgelehnt.values()
        found = [self._vorhaben(one, readers, probe) for one, readers in chosen]
        wishes = [*filter(None, found), *self._zu_schliessen([wish for wish in found if wish is not None])]
        melder("Vergleich mit KomMonitor", 2, 3)
        names = {
            key: f"{unit.name} ({text(f'kommonitor.stufe.{level}') if level in STUFEN else level})"
            for unit in self.dort.einheiten.values()
            for level, key in unit.erlaubnisse.items()
        }
        names |= {unit.id: unit.name for unit in self.dort.einheiten.values()}
        return p.plane(
            self.dort.server, wishes, bestand=self.innen.ordner.name, eigene=self.dort.eigene, einheiten=names,
            pruefung=list(dict.fromkeys(probe.saetze)), abgelehnt=self.abgelehnt,
            vereinbarung=self.vertrag.stand(),
        )  # fmt: skip

    # --- values of an audience ---------------------------------------------------------------------------

    def inhalte(self, audience: str) -> list[Indikatorinhalt]:
        """What may be written, with the values of an audience."""
        if audience not in self._inhalte:
            data = self.daten(audience)
            self._inhalte[audience] = inhalte(
                data, self.wahl, self.dort.ebenen, kategorien=self.dort.server.generation.kategorien
            )
        return self._inhalte[audience]

    def daten(self, audience: str) -> auswertung.Auswertung:
        """The values of an audience; those for the public hold what single units may see besides."""
        if audience not in self._daten:
            anew = audience == "oeffentlich" and self._mehr_als_oeffentlich()
            self._daten[audience] = self._geschuetzt() if anew else auswertung.load(self.region, audience)  # type: ignore[arg-type]
        return self._daten[audience]

    def _mehr_als_oeffentlich(self) -> bool:
        """Whether the agreement keeps values from the public that single units may see."""
        inside = self.innen
        if inside.bestand.get("vereinbarung") != self.vertrag.stand():
            return True  # the snapshot was made under other words
        shown = inside.werte(level=None).dropna(subset="wert")
        closed = self.vertrag.verdeckt(shown, "oeffentlich", self._gebiete["level"], inside.woraus())
        return bool((closed != "").any())

    @cached_property
    def _gebiete(self) -> pd.DataFrame:
        return pd.concat([self.innen.verzeichnis(level) for level in LEVELS])

    def _geschuetzt(self) -> auswertung.Auswertung:
        """Values protected as for the public, also those that the agreement opens to single units only.

        What is made for the public holds none of these; who may have them is asked unit by unit.
        """
        inside = self.innen
        shown = geheimhaltung.schuetze(
            inside.werte(level=None), self._gebiete, self.katalog, self.region.seite.sperrprofile, "oeffentlich", merkmale=inside.merkmale(),
            bekannt=geheimhaltung.register.bekannt(settings.registerordner(self.region.ordner, self.region.id)),
            nachfolger=geheimhaltung.register.nachfolger(inside.umstiege()),
        ).werte  # fmt: skip
        found = auswertung.Auswertung(self.region, "oeffentlich", inside.ordner)
        found.__dict__["_werte"] = shown
        return found

    def _hat(self, audience: str) -> bool:
        try:
            self.daten(audience)
        except BestandFehler:
            return False
        return True

    # --- what is wanted ------------------------------------------------------------------------------------

    def _auswahl(self) -> list[tuple[Indikatorinhalt, dict[Level, Leserkreis]]]:
        """Contents with the values their readers may have, and without dates that are closed to one of them."""
        result = []
        for place, one in enumerate(self.inhalte("oeffentlich")):
            for level, rows in one.werte.items():
                self._alle_tage[one.name, level] = {day for row in rows.values() for day in row}
            readers = {level: self.leserschaft.leser(one, level) for level in one.werte}
            tables = {}
            for level, who in readers.items():
                own = self.inhalte(who.zielgruppe)
                source = own[place] if len(own) > place and own[place].name == one.name else one
                tables[level] = self._offene(source, level, who)
            result.append((replace(one, werte=tables), readers))
        return result

    def _offene(self, one: Indikatorinhalt, level: Level, who: Leserkreis) -> p.Reihen:
        days = sorted({day for row in one.werte[level].values() for day in row})
        closed = {}
        for day in days:
            why = next(
                (
                    reason
                    for unit in who.alle
                    if (reason := self.leserschaft.grund(unit, "sehen", one, level, day))
                ),
                "",
            )
            if why:
                closed[day] = why
        self.abgelehnt += [
            f"{one.name}, {self.dort.ebenen[level].name}, Stichtag {day}: {why}"
            for day, why in closed.items()
        ]
        return {
            area: {day: value for day, value in row.items() if day not in closed}
            for area, row in one.werte[level].items()
        }

    def _zu_schliessen(self, wishes: list[Vorhaben]) -> list[Vorhaben]:
        """What was written from here before and is not wanted any more: its values stay, but for its owner only."""
        kept = {str(wish.angaben["datasetName"]) for wish in wishes}
        closed = self.leserschaft.rechte(NUR_EIGENTUEMER)
        known = {level.id: level for level in self.dort.server.ebenen()}
        result = []
        for one in self.dort.gelistet:
            name = str(one.get("indicatorName"))
            if self.dort.marke not in (one.get("tags") or []) or name in kept:
                continue
            levels = [
                known[key]
                for join in one.get("applicableSpatialUnits") or ()
                if (key := str(join["spatialUnitId"])) in known
            ]
            result.append(
                Vorhaben(
                    p.angaben(one),
                    closed,
                    tuple((level, {}, closed) for level in levels),
                    (text("kommonitor.schliessen"),),
                )
            )
        return result

    def _vorhaben(
        self, one: Indikatorinhalt, readers: Mapping[Level, Leserkreis], probe: Gegenprobe
    ) -> Vorhaben | None:
        name = f"{self.wahl.praefix}{one.name}"
        joins = self.dort.ebenen_von(name)
        levels: list[tuple[Raumebene, p.Reihen, Rechte]] = []
        hints: list[str] = []
        for level, values in one.werte.items():
            rows = gegenprobe.ohne(values, one.indikator, probe) if one.indikator else values
            days = {day for row in rows.values() for day, value in row.items() if value is not None}
            who, there = readers[level], self.dort.ebenen[level]
            empty = self.dort.zu_leeren(name, there, self._alle_tage[one.name, level])
            kept = not days and not who.alle and there.id in joins  # its values stay, for the owner only
            if not days and not empty and not kept:
                self.abgelehnt.append(
                    f"{one.name}, {there.name}: Es bleibt kein Wert, der gezeigt werden darf."
                )
                continue
            table = {self.dort.orte[level][area]: row for area, row in rows.items()}
            sent = {} if kept else p.rechteck(table, days | empty, sorted(table))
            levels.append((there, sent, self.leserschaft.rechte(who)))
            hints += [f"{there.name}: {reason}" for reason in who.gruende]
        if not levels:
            return None
        widest = Rechte(
            levels[0][2].eigentuemer,
            frozenset().union(*(right.erlaubt for _, _, right in levels)),
            any(right.oeffentlich for _, _, right in levels),
        )
        open_ = self.leserschaft.allen_offen
        day, _ = one.teilung
        one = replace(
            one,
            mittel={day: pair for day, pair in one.mittel.items() if open_(one, readers, "region", day)},
            teilung=one.teilung if day and open_(one, readers, "sozialraum", day) else ("", ""),
        )
        hints += [text("kommonitor.mittel", stichtag=f"{date.fromisoformat(day):%d.%m.%Y}", wahr=zahl(true, one.nachkommastellen), mittel=zahl(mean, one.nachkommastellen)) for day, (true, mean) in one.mittel.items()]  # fmt: skip
        return Vorhaben(
            angaben(one, [level for level, _, _ in levels], self.wahl, self.dort, bestand=self.innen.ordner.name, marke=self.region.marke),
            widest,
            tuple(levels),
            tuple(dict.fromkeys(hints)),
        )  # fmt: skip

    # --- disclosure --------------------------------------------------------------------------------------------

    def _gegenprobe(self, chosen: list[tuple[Indikatorinhalt, dict[Level, Leserkreis]]]) -> Gegenprobe:
        """Every group of readers is asked about apart, with what it sees in KomMonitor already."""
        total = Gegenprobe()
        groups: dict[str, dict[str, set[str]]] = {}
        for one, readers in chosen:
            for level, who in readers.items():
                days = {day for row in one.werte[level].values() for day in row}
                for unit in who.alle if one.indikator else ():
                    groups.setdefault(unit, {}).setdefault(one.indikator, set()).update(days)
        links = gegenprobe.verknuepfungen(
            self.katalog, {name: key for key, name in self.seite.bekannt.items()}
        )
        own = {f"{self.wahl.praefix}{one.name}": one.indikator for one, _ in chosen if one.indikator}
        strange = [
            one
            for one in self.dort.gelistet
            if one.get("indicatorName") not in links and p.MARKE not in (one.get("tags") or [])
        ]
        if strange:
            total.saetze.append(text("kommonitor.unverknuepft", zahl=len(strange)))
        for unit, wanted in groups.items():
            public = unit == OEFFENTLICHKEIT
            name = "Die Öffentlichkeit" if public else self.vertrag.einheiten[unit].name
            there = "" if public else self.vertrag.einheiten[unit].kommonitor
            seen = list(self.dort.sichtbar(there, {**links, **own}))
            audience = "oeffentlich" if public else self.leserschaft.zielgruppe((unit,), False)
            free = self.daten(audience).werte(level=None)
            found = gegenprobe.pruefe(self.region, self.katalog, self.innen, wanted, free, seen, name)
            total.gesperrt |= found.gesperrt
            total.abgelehnt |= found.abgelehnt
            total.saetze += found.saetze
        if groups and not total.gesperrt and not total.abgelehnt:
            total.saetze.append(text("kommonitor.nichts_berechenbar", gruppen=len(groups)))
        return total
