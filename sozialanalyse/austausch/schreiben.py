"""From the snapshot to a plan for KomMonitor: contents, audiences, rights, disclosure; and doing it."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd

from sozialanalyse import auswertung, geheimhaltung, kommonitor, store, vereinbarung
from sozialanalyse.austausch import gegenprobe, planseite
from sozialanalyse.austausch.gegenprobe import Bekannt, Gegenprobe
from sozialanalyse.austausch.inhalte import Inhalt, inhalte
from sozialanalyse.base import BestandFehler, LaufFehler, settings, text, vorschlag
from sozialanalyse.kommonitor import (
    Ebene,
    Einheit,
    Generation,
    KommonitorSeite,
    Plan,
    PlanFehler,
    Rechte,
    Schreiben,
    Verbindung,
    Vorhaben,
)
from sozialanalyse.kommonitor import plan as p
from sozialanalyse.region import LEVELS, Level, Region, lade_katalog
from sozialanalyse.vereinbarung import OEFFENTLICHKEIT, Vereinbarung

PLAN, SEITE = "plan.json", "plan.html"
Melder = Callable[[str, int, int], None]


def ordner(region: Region) -> Path:
    """Folder of plans and journals; it holds values and is closed to others."""
    return settings.eigener_ordner(settings.datenordner(region.ordner) / "kommonitor" / region.id)


def plane(region: Region, *, nachts: bool = False, sage: Callable[[str], None] = print, melder: Melder = lambda *_: None, heute: date | None = None) -> tuple[Plan, Path]:  # fmt: skip
    """Plan what would be written and write it down; changes nothing in KomMonitor.

    Returns
    -------
    tuple
        The plan and the page that shows it.

    Raises
    ------
    SozialanalyseFehler
        If the region, the snapshot or the server do not allow a plan.
    """
    page = kommonitor.lade(region.ordner)
    if page.schreiben is None:
        raise LaufFehler(
            "In kommonitor.yml fehlt der Abschnitt „schreiben“; die Anleitung zeigt, was hineingehört."
        )
    with kommonitor.verbinde(page, nachts=nachts, sage=sage) as server:
        made = _Planung(region, page, page.schreiben, server, vereinbarung.lade(region, heute)).plan(melder)
    folder = ordner(region)
    p.schreibe(made, folder / PLAN)
    shown = planseite.schreibe(made, region, folder / SEITE)
    return made, shown


def wende_an(region: Region, schluessel: str, *, nachts: bool = False, sage: Callable[[str], None] = print, melder: Melder = lambda *_: None) -> list[str]:  # fmt: skip
    """Do what the last plan says, if it is the one whose hash is named; returns sentences.

    Raises
    ------
    SozialanalyseFehler
        If it is another plan, or something is not as planned.
    """
    plan = p.lies(ordner(region) / PLAN)
    _meant(plan, schluessel)
    if plan.vereinbarung != vereinbarung.lade(region).stand():
        raise PlanFehler(
            "Seit dem Plan hat sich die Vereinbarung geändert, oder eine Frist ist abgelaufen. Bitte einen neuen Plan erstellen."
        )
    if plan.bestand != store.load(region, "intern").ordner.name:
        raise PlanFehler("Seit dem Plan gibt es einen neuen Datenbestand. Bitte einen neuen Plan erstellen.")
    with kommonitor.verbinde(kommonitor.lade(region.ordner), nachts=nachts, sage=sage) as server:
        return kommonitor.wende_an(plan, server, ordner(region), melder=melder).saetze


def nimm_zurueck(region: Region, schluessel: str, *, nachts: bool = False, sage: Callable[[str], None] = print, melder: Melder = lambda *_: None) -> list[str]:  # fmt: skip
    """Restore what stood in KomMonitor before the last plan; returns sentences.

    Raises
    ------
    SozialanalyseFehler
        If it is another plan, or somebody else has changed something since.
    """
    plan = p.lies(ordner(region) / PLAN)
    _meant(plan, schluessel)
    with kommonitor.verbinde(kommonitor.lade(region.ordner), nachts=nachts, sage=sage) as server:
        return kommonitor.nimm_zurueck(plan, server, ordner(region), melder=melder).saetze


def _meant(plan: Plan, schluessel: str) -> None:
    if len(schluessel) < 8 or not plan.schluessel.startswith(schluessel):
        raise PlanFehler(
            f"„{schluessel}“ ist nicht der Schlüssel des letzten Plans. Er steht am Ende der Ausgabe von „sozialanalyse kommonitor plan“ und oben auf der Seite; "
            "mindestens acht Zeichen davon gehören in den Befehl."
        )


@dataclass(frozen=True)
class _Leser:
    """Who may read a table by the agreement."""

    sehen: tuple[str, ...]
    """Units, the public not among them."""
    bearbeiten: tuple[str, ...]
    oeffentlich: bool
    zielgruppe: str
    """Audience whose values are written: what all readers may have."""
    gruende: tuple[str, ...] = ()


class _Planung:
    def __init__(
        self,
        region: Region,
        seite: KommonitorSeite,
        wahl: Schreiben,
        server: Verbindung,
        vertrag: Vereinbarung,
    ) -> None:
        self.region, self.seite, self.wahl, self.server, self.vertrag = region, seite, wahl, server, vertrag
        self.katalog = lade_katalog(region)
        self.innen = store.load(region, "intern")
        self._daten: dict[str, auswertung.Auswertung] = {}
        self._inhalte: dict[str, list[Inhalt]] = {}
        self._marke = f"{p.MARKE}:{region.id}"
        """Tag of what this region has written."""
        self.abgelehnt: list[str] = []
        self.saetze: list[str] = []
        if not seite.ebenen:
            raise LaufFehler(
                "In kommonitor.yml fehlt „ebenen“: wie die Ebenen der Region in KomMonitor heißen."
            )
        self.ebenen: dict[Level, Ebene] = {level: server.ebene(name) for level, name in seite.ebenen.items()}
        self.einheiten = {unit.name: unit for unit in server.einheiten()}
        self.eigentuemer = self._einheit(wahl.eigentuemer, "schreiben → eigentuemer")
        self.thema = self._thema(wahl.thema)
        self.orte = {level: self._orte(level, there) for level, there in self.ebenen.items()}

    # --- names of both sides -----------------------------------------------------------------------------

    def _einheit(self, name: str, wo: str) -> Einheit:
        if name not in self.einheiten:
            raise LaufFehler(
                f"{wo}: Die Organisationseinheit „{name}“ gibt es in KomMonitor nicht. {vorschlag(name, self.einheiten)}".strip()
            )
        return self.einheiten[name]

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

    def _orte(self, level: Level, there: Ebene) -> dict[str, str]:
        """Area of the region -> its id in KomMonitor, by id or by another spelling.

        Raises
        ------
        LaufFehler
            If one is missing there.
        """
        ids = {
            str(one["properties"].get("ID")) for one in json.loads(self.server.gebiete(there.id))["features"]
        }
        areas = self.innen.verzeichnis(level)
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

    # --- values of an audience ---------------------------------------------------------------------------

    def inhalte(self, audience: str) -> list[Inhalt]:
        if audience not in self._inhalte:
            data = self.daten(audience)
            self._inhalte[audience] = inhalte(
                data, self.wahl, self.ebenen, kategorien=self.server.generation.kategorien
            )
        return self._inhalte[audience]

    def daten(self, audience: str) -> auswertung.Auswertung:
        if audience not in self._daten:
            protected = audience == "oeffentlich" and self.vertrag.seite is not None
            self._daten[audience] = (
                self._geschuetzt() if protected else auswertung.load(self.region, audience)
            )  # type: ignore[arg-type]
        return self._daten[audience]

    def _geschuetzt(self) -> auswertung.Auswertung:
        """Values protected as for the public, also those that the agreement opens to single units only.

        What is made for the public holds none of these; who may have them is asked unit by unit.
        """
        inside = self.innen
        areas = pd.concat([inside.verzeichnis(level) for level in LEVELS])
        shown = geheimhaltung.schuetze(
            inside.werte(level=None), areas, self.katalog, self.region.seite.sperrprofile, "oeffentlich", merkmale=inside.merkmale(),
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

    # --- rights --------------------------------------------------------------------------------------------

    def leser(self, one: Inhalt, level: Level) -> _Leser:
        """Who may read what is written, by the agreement; without one only its owner."""
        if self.vertrag.seite is None:
            return _Leser(
                (), (), False, "oeffentlich", ("Ohne vereinbarung.yml sieht nur der Eigentümer etwas.",)
            )
        days = sorted({day for row in one.werte[level].values() for day in row})
        own = next(
            (unit.id for unit in self.vertrag.einheiten.values() if unit.kommonitor == self.wahl.eigentuemer),
            "",
        )
        see, edit, reasons = [], [], []
        for unit in self.vertrag.einheiten.values():
            if unit.id == own or (unit.id != OEFFENTLICHKEIT and not unit.kommonitor):
                continue
            why = [self._grund(unit.id, "sehen", one, level, day) for day in days]
            if "" not in why:
                reasons.append(f"{unit.name}: {why[-1] if why else 'keine Werte'}")
                continue
            see.append(unit.id)
            if unit.id != OEFFENTLICHKEIT and any(
                self._grund(unit.id, "bearbeiten", one, level, day) == "" for day in days
            ):
                edit.append(unit.id)
        public = OEFFENTLICHKEIT in see
        if public:
            why = (
                [self._grund(own, "veroeffentlichen", one, level, day) for day in days]
                if own
                else [f"„{self.wahl.eigentuemer}“ steht nicht in der Vereinbarung."]
            )
            if "" not in why:
                public = False
                reasons.append(f"Öffentlichkeit: {why[-1]}")
        if public and self.server.generation.rollen:
            public = False
            reasons.append(
                "Öffentlichkeit: In KomMonitor 4.1 bitte von Hand freigeben; das Programm tut es dort nicht."
            )
        units = tuple(unit for unit in see if unit != OEFFENTLICHKEIT)
        audience = self._zielgruppe(units, public)
        return _Leser(units, tuple(edit), public, audience, tuple(reasons))

    def _grund(self, unit: str, darf: vereinbarung.Darf, one: Inhalt, level: Level, day: str) -> str:
        reasons = [self.vertrag.grund(unit, darf, name, level, day) for name in sorted(one.datensaetze)]
        return next((reason for reason in reasons if reason), "")

    def _zielgruppe(self, units: tuple[str, ...], public: bool) -> str:
        """What all readers may have; never unprotected values, because administrators of KomMonitor see everything."""
        kinds = {self.vertrag.einheiten[unit].zielgruppe for unit in units} - {"intern"}
        if public or len(kinds) != 1:
            return "oeffentlich"
        (kind,) = kinds
        return kind if kind != "oeffentlich" and self._hat(kind) else "oeffentlich"

    def rechte(self, readers: _Leser) -> Rechte:
        allowed = set(self.eigene)
        for unit in readers.sehen:
            there = self._einheit(
                self.vertrag.einheiten[unit].kommonitor, f"Einheit {unit} in vereinbarung.yml"
            )
            level = "editor" if unit in readers.bearbeiten else "viewer"
            if level not in there.erlaubnisse:
                raise LaufFehler(
                    f"Die Organisationseinheit „{there.name}“ hat in KomMonitor kein Recht der Stufe „{level}“. Bitte die Verwaltung fragen."
                )
            allowed.add(there.erlaubnisse[level])
        old = self.server.generation.rollen
        return Rechte("" if old else self.eigentuemer.id, frozenset(allowed), readers.oeffentlich)

    @property
    def eigene(self) -> frozenset[str]:
        return (
            frozenset(self.eigentuemer.erlaubnisse.values()) if self.server.generation.rollen else frozenset()
        )

    # --- the plan --------------------------------------------------------------------------------------------

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
            key: f"{unit.name} ({level})"
            for unit in self.einheiten.values()
            for level, key in unit.erlaubnisse.items()
        }
        names |= {unit.id: unit.name for unit in self.einheiten.values()}
        return p.plane(
            self.server, wishes, bestand=self.innen.ordner.name, eigene=self.eigene, einheiten=names,
            pruefung=list(dict.fromkeys([*probe.saetze, *self.saetze])), abgelehnt=self.abgelehnt,
            vereinbarung=self.vertrag.stand(),
        )  # fmt: skip

    def _auswahl(self) -> list[tuple[Inhalt, dict[Level, _Leser]]]:
        """Contents with the values their readers may have, and without dates that are closed to one of them."""
        result = []
        self._alle_tage: dict[tuple[str, Level], set[str]] = {}
        for place, one in enumerate(self.inhalte("oeffentlich")):
            for level, rows in one.werte.items():
                self._alle_tage[one.name, level] = {day for row in rows.values() for day in row}
            readers = {level: self.leser(one, level) for level in one.werte}
            tables = {}
            for level, who in readers.items():
                own = self.inhalte(who.zielgruppe)
                source = own[place] if len(own) > place and own[place].name == one.name else one
                tables[level] = self._offene(source, level, who)
            result.append((replace(one, werte=tables), readers))
        return result

    def _offene(self, one: Inhalt, level: Level, who: _Leser) -> p.Reihen:
        units = [*who.sehen, *([OEFFENTLICHKEIT] if who.oeffentlich else [])]
        days = sorted({day for row in one.werte[level].values() for day in row})
        closed = {}
        for day in days:
            why = next(
                (reason for unit in units if (reason := self._grund(unit, "sehen", one, level, day))), ""
            )
            if why:
                closed[day] = why
        self.abgelehnt += [
            f"{one.name}, {self.ebenen[level].name}, Stichtag {day}: {why}" for day, why in closed.items()
        ]
        return {
            area: {day: value for day, value in row.items() if day not in closed}
            for area, row in one.werte[level].items()
        }

    def _unsere(self, name: str) -> Mapping[str, Any] | None:
        """What was written from here under a name before."""
        fits = [
            one
            for one in self._gelistet()
            if one.get("indicatorName") == name and self._marke in (one.get("tags") or [])
        ]
        return fits[0] if len(fits) == 1 else None

    def _zu_schliessen(self, wishes: list[Vorhaben]) -> list[Vorhaben]:
        """What was written from here before and is not wanted any more: its values stay, but for its owner only."""
        kept = {str(wish.angaben["datasetName"]) for wish in wishes}
        closed = self.rechte(_Leser((), (), False, "oeffentlich"))
        known = {level.id: level for level in self.server.ebenen()}
        result = []
        for one in self._gelistet():
            name = str(one.get("indicatorName"))
            if self._marke not in (one.get("tags") or []) or name in kept:
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

    def _bleibt(self, name: str, level: Ebene, days: Collection[str]) -> set[str]:
        """Dates of ours that stand on the server and must be emptied there, because not all readers may see them."""
        there = self._unsere(name)
        joins = {str(join["spatialUnitId"]) for join in (there or {}).get("applicableSpatialUnits") or ()}
        if there is None or level.id not in joins:
            return set()
        series = p.reihen(self._reihe(str(there["indicatorId"]), level.id))
        return {day for row in series.values() for day, value in row.items() if value is not None} & set(days)

    def _vorhaben(self, one: Inhalt, readers: Mapping[Level, _Leser], probe: Gegenprobe) -> Vorhaben | None:
        name = f"{self.wahl.praefix}{one.name}"
        joins = {
            str(join["spatialUnitId"])
            for join in (self._unsere(name) or {}).get("applicableSpatialUnits") or ()
        }
        levels: list[tuple[Ebene, p.Reihen, Rechte]] = []
        hints: list[str] = []
        for level, values in one.werte.items():
            rows = gegenprobe.ohne(values, one.indikator, probe) if one.indikator else values
            days = {day for row in rows.values() for day, value in row.items() if value is not None}
            who = readers[level]
            if not days and not (who.sehen or who.oeffentlich) and self.ebenen[level].id in joins:
                levels.append(
                    (self.ebenen[level], {}, self.rechte(who))
                )  # its values stay, for the owner only
                hints += [f"{self.ebenen[level].name}: {reason}" for reason in who.gruende]
                continue
            if not days and not self._bleibt(name, self.ebenen[level], self._alle_tage[one.name, level]):
                self.abgelehnt.append(
                    f"{one.name}, {self.ebenen[level].name}: Es bleibt kein Wert, der gezeigt werden darf."
                )
                continue
            days |= self._bleibt(name, self.ebenen[level], self._alle_tage[one.name, level])
            table = {self.orte[level][area]: row for area, row in rows.items()}
            levels.append(
                (self.ebenen[level], p.rechteck(table, days, sorted(table)), self.rechte(readers[level]))
            )
            hints += [f"{self.ebenen[level].name}: {reason}" for reason in readers[level].gruende]
        if not levels:
            return None
        rights = Rechte(
            levels[0][2].eigentuemer,
            frozenset().union(*(right.erlaubt for _, _, right in levels)),
            any(right.oeffentlich for _, _, right in levels),
        )
        one = replace(
            one,
            mittel={
                day: pair for day, pair in one.mittel.items() if self._regionswert_offen(one, readers, day)
            },
        )
        hints += [text("kommonitor.mittel", stichtag=f"{date.fromisoformat(day):%d.%m.%Y}", wahr=_zahl(true, one.nachkommastellen), mittel=_zahl(mean, one.nachkommastellen)) for day, (true, mean) in one.mittel.items()]  # fmt: skip
        return Vorhaben(
            self._angaben(one, [level for level, _, _ in levels]),
            rights,
            tuple(levels),
            tuple(dict.fromkeys(hints)),
        )

    def _regionswert_offen(self, one: Inhalt, readers: Mapping[Level, _Leser], day: str) -> bool:
        """Whether everybody who sees the metadata may know the value of the whole region on a date."""
        units = {
            unit
            for who in readers.values()
            for unit in [*who.sehen, *([OEFFENTLICHKEIT] if who.oeffentlich else [])]
        }
        return not any(self._grund(unit, "sehen", one, "region", day) for unit in units)

    def _angaben(self, one: Inhalt, levels: list[Ebene]) -> dict[str, Any]:
        stand = f"Datenbestand {self.innen.ordner.name}"
        body: dict[str, Any] = {
            "datasetName": f"{self.wahl.praefix}{one.name}", "abbreviation": one.indikator, "characteristicValue": "", "indicatorType": one.art,
            "creationType": "INSERTION", "unit": one.einheit, "precision": one.nachkommastellen, "topicReference": self.thema,
            "interpretation": one.interpretation, "processDescription": text("kommonitor.verfahren", verfahren=one.verfahren or one.beschreibung, stand=stand),
            "isHeadlineIndicator": False, "tags": [p.MARKE, self._marke], "referenceDateNote": "", "refrencesToOtherIndicators": [], "refrencesToGeoresources": [],
            "regionalReferenceValues": [{"referenceDate": day, "regionalSum": None, "regionalAverage": true, "spatiallyUnassignable": None} for day, (true, _) in sorted(one.mittel.items())],
            "metadata": {"contact": self.wahl.kontakt, "datasource": one.quelle or "sozialanalyse", "description": one.beschreibung or one.name,
                         "updateInterval": "YEARLY", "databasis": stand, "note": self.region.marke, "literature": ""},
            "defaultClassificationMapping": _klassen(one, levels, self.server.generation),
        }  # fmt: skip
        return body

    # --- disclosure --------------------------------------------------------------------------------------------

    def _gegenprobe(self, chosen: list[tuple[Inhalt, dict[Level, _Leser]]]) -> Gegenprobe:
        """Every group of readers is asked about apart, with what it sees in KomMonitor already."""
        total = Gegenprobe()
        groups: dict[str, dict[str, set[str]]] = {}
        for one, readers in chosen:
            for level, who in readers.items():
                days = {day for row in one.werte[level].values() for day in row}
                for unit in (
                    [*who.sehen, *([OEFFENTLICHKEIT] if who.oeffentlich else [])] if one.indikator else ()
                ):
                    groups.setdefault(unit, {}).setdefault(one.indikator, set()).update(days)
        links = gegenprobe.verknuepfungen(
            self.katalog, {name: key for key, name in self.seite.bekannt.items()}
        )
        listed = self._gelistet()
        own = {f"{self.wahl.praefix}{one.name}": one.indikator for one, _ in chosen if one.indikator}
        strange = [
            one
            for one in listed
            if one.get("indicatorName") not in links and p.MARKE not in (one.get("tags") or [])
        ]
        if strange:
            total.saetze.append(text("kommonitor.unverknuepft", zahl=len(strange)))
        for unit, wanted in groups.items():
            name = self.vertrag.einheiten[unit].name if unit != OEFFENTLICHKEIT else "Die Öffentlichkeit"
            seen = list(self._sichtbar(unit, listed, {**links, **own}))
            audience = "oeffentlich" if unit == OEFFENTLICHKEIT else self._zielgruppe((unit,), False)
            free = self.daten(audience).werte(level=None)
            found = gegenprobe.pruefe(self.region, self.katalog, self.innen, wanted, free, seen, name)
            total.gesperrt |= found.gesperrt
            total.abgelehnt |= found.abgelehnt
            total.saetze += found.saetze
        if groups and not total.gesperrt and not total.abgelehnt:
            total.saetze.append(text("kommonitor.nichts_berechenbar", gruppen=len(groups)))
        return total

    def _sichtbar(
        self, unit: str, listed: Iterable[Mapping[str, Any]], links: Mapping[str, str]
    ) -> Iterable[Bekannt]:
        """What a group of readers sees of numbers that are known here."""
        name = "" if unit == OEFFENTLICHKEIT else self.vertrag.einheiten[unit].kommonitor
        there = self.einheiten.get(name)
        mine = set(there.erlaubnisse.values()) if there else set()
        open_ = p.sichtbar(self._offen_gelistet())
        by_level = {self.ebenen[level].id: level for level in self.ebenen}
        for one in listed:
            what = links.get(str(one.get("indicatorName")))
            for join in one.get("applicableSpatialUnits") or () if what else ():
                level = by_level.get(str(join["spatialUnitId"]))
                rights = Rechte.aus(join)
                shown = rights.oeffentlich or f"{one['indicatorId']}/{join['spatialUnitId']}" in open_
                if level is None or not (
                    shown or mine & rights.erlaubt or (there and rights.eigentuemer == there.id)
                ):
                    continue
                back = {there_: here for here, there_ in self.orte[level].items()}
                series = p.reihen(self._reihe(str(one["indicatorId"]), str(join["spatialUnitId"])))
                yield Bekannt(
                    str(what),
                    {
                        back[area]: {day: v for day, v in row.items() if isinstance(v, float)}
                        for area, row in series.items()
                        if area in back
                    },
                )

    def _reihe(self, indikator: str, ebene: str) -> str | None:
        if not hasattr(self, "_gelesen"):
            self._gelesen: dict[tuple[str, str], str | None] = {}
        if (indikator, ebene) not in self._gelesen:
            self._gelesen[indikator, ebene] = self.server.reihe(indikator, ebene)
        return self._gelesen[indikator, ebene]

    def _gelistet(self) -> list[dict[str, Any]]:
        if not hasattr(self, "_liste"):
            self._liste = self.server.indikatoren()
        return self._liste

    def _offen_gelistet(self) -> list[dict[str, Any]]:
        if not hasattr(self, "_offen"):
            self._offen = self.server.indikatoren(oeffentlich=True)
        return self._offen


def _klassen(one: Inhalt, levels: list[Ebene], generation: Generation) -> dict[str, Any]:
    """How the client draws it: a class per type, else by its own breaks."""
    count = len(one.stufen)
    if one.kategorien:
        colours = [
            "#4477aa",
            "#ee6677",
            "#228833",
            "#ccbb44",
            "#66ccee",
            "#aa3377",
            "#bbbbbb",
            "#000000",
            "#ddaa33",
        ]
        items = [{"spatialUnitId": level.id, "categoricalData": [{"categoricalValue": name, "color": colours[i], "label": name} for i, name in enumerate(one.stufen)]} for level in levels]  # fmt: skip
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


def _zahl(value: float, digits: int) -> str:
    return f"{value:.{digits}f}".replace(".", ",")
