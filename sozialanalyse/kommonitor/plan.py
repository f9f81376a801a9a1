"""What would be written to KomMonitor, to the last value and right, as data with a hash.

A plan says for every indicator what stands there now and what will. Applying and taking back need nothing else, and
do nothing else.
"""

from __future__ import annotations

import hashlib
import json
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from sozialanalyse.base import LaufFehler
from sozialanalyse.formate import kommonitor as antwort
from sozialanalyse.kommonitor.verbindung import Raumebene, Rechte, Verbindung

FORMAT = 1
MARKE = "sozialanalyse"
"""Tag of everything written from here; what bears another name on the server is not touched."""
GENAU = 2e-6
"""Relative difference two numbers may have, because the server keeps seven digits."""

Wert = float | str | None
Reihen = dict[str, dict[str, Wert]]
"""Area -> date -> value; None is a gap."""


class PlanFehler(LaufFehler):
    """A plan cannot be made, read or kept to."""


@dataclass(frozen=True)
class EbenePlan:
    """Values and rights of an indicator on one level, now and afterwards; ``vorher`` None: there is nothing yet."""

    ebene: str
    name: str
    werte: Reihen
    rechte: Rechte
    vorher: Reihen | None = None
    rechte_vorher: Rechte | None = None
    lesbar_vorher: bool = False
    """Whether somebody without login can read the values now."""

    @property
    def nachher(self) -> Reihen:
        """The whole series afterwards: what is written, over what stands there already."""
        return ueber(self.vorher, self.werte)

    @cached_property
    def geaendert(self) -> list[tuple[str, str, Wert, Wert]]:
        """Area, date, value now, value afterwards, of every value that changes."""
        before = self.vorher or {}
        return [
            (area, day, before.get(area, {}).get(day), value)
            for area, row in self.werte.items()
            for day, value in row.items()
            if day not in before.get(area, {}) or not gleich(before[area][day], value)
        ]

    @cached_property
    def unveraendert(self) -> bool:
        return self.vorher is not None and self.rechte == self.rechte_vorher and not self.geaendert


@dataclass(frozen=True)
class IndikatorPlan:
    """One indicator: metadata and rights, now and afterwards; ``kennung`` "" where it does not exist yet."""

    angaben: dict[str, Any]
    rechte: Rechte
    ebenen: tuple[EbenePlan, ...]
    kennung: str = ""
    angaben_vorher: dict[str, Any] | None = None
    rechte_vorher: Rechte | None = None
    hinweise: tuple[str, ...] = ()
    """Sentences for whoever decides."""

    @property
    def name(self) -> str:
        return str(self.angaben["datasetName"])

    @cached_property
    def unveraendert(self) -> bool:
        return (
            self.angaben_vorher is not None
            and gleiche_angaben(self.angaben, self.angaben_vorher)
            and self.rechte == self.rechte_vorher
            and all(level.unveraendert for level in self.ebenen)
        )


@dataclass(frozen=True)
class Plan:
    """Everything that would be written.

    Attributes
    ----------
    eigene
        Ids that must keep their right while writing (4.1: roles of the owner).
    oeffentlich
        What the public sees before: ids of indicators, and "indicator/level" of values.
    einheiten
        Permission id -> unit and level, for people who read the plan.
    pruefung
        Sentences of disclosure control and agreement.
    abgelehnt
        What is not written, with the reason.
    """

    server: str
    generation: str
    bestand: str
    indikatoren: tuple[IndikatorPlan, ...]
    eigene: frozenset[str] = frozenset()
    oeffentlich: tuple[str, ...] = ()
    einheiten: dict[str, str] = field(default_factory=dict)
    pruefung: tuple[str, ...] = ()
    abgelehnt: tuple[str, ...] = ()
    erstellt: str = ""
    vereinbarung: str = ""
    """State of the agreement the rights were taken from."""

    @cached_property
    def schluessel(self) -> str:
        """Hash of what will be done; not of when it was planned."""
        told = {key: value for key, value in _schlicht(self).items() if key != "erstellt"}
        text = json.dumps(told, default=_schlicht, ensure_ascii=False, sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()

    @property
    def zu_tun(self) -> list[IndikatorPlan]:
        return [one for one in self.indikatoren if not one.unveraendert]


# --- values --------------------------------------------------------------------------------------------


def gleich(one: Wert, other: Wert) -> bool:
    """Whether two values are the same after the server has kept one of them in 32 bits."""
    if one is None or other is None or isinstance(one, str) or isinstance(other, str):
        return one == other or (one in (None, "") and other in (None, ""))
    if one == other:
        return True
    near = float(np.float32(one)), float(np.float32(other))
    return abs(near[0] - near[1]) <= GENAU * max(abs(near[0]), abs(near[1]), 1e-30)


def ueber(vorher: Reihen | None, werte: Reihen) -> Reihen:
    """A series after others were written over it."""
    result = {area: dict(row) for area, row in (vorher or {}).items()}
    for area, row in werte.items():
        result.setdefault(area, {}).update(row)
    return result


def unterschiede(soll: Reihen, ist: Reihen) -> list[tuple[str, str, Wert, Wert]]:
    """Area, date, wanted, found; a value that is absent and a gap are the same."""
    found = []
    for area in {**soll, **ist}:
        wanted, there = soll.get(area, {}), ist.get(area, {})
        for day in {**wanted, **there}:
            if not gleich(wanted.get(day), there.get(day)):
                found.append((area, day, wanted.get(day), there.get(day)))
    return found


def reihen(text: str | None) -> Reihen:
    """Series of an answer: one per area, whatever periods of validity there are."""
    result: Reihen = {}
    for row in [] if text is None else antwort.zeilen(text):
        series = {
            key.removeprefix("DATE_"): _zahl(antwort.wert(row[key])) for key in row if key.startswith("DATE_")
        }
        result.setdefault(str(row.get("ID", "")), {}).update(series)
    return result


def _zahl(text: str | None) -> Wert:
    if text is None:
        return None
    try:
        return float(text)
    except ValueError:
        return text


def rechteck(werte: Mapping[str, Mapping[str, Wert]], tage: Iterable[str], gebiete: Iterable[str]) -> Reihen:
    """Every area with every date in ascending order, gaps as None: the only shape no server misreads."""
    days = sorted(tage)
    return {area: {day: werte.get(area, {}).get(day) for day in days} for area in gebiete}


# --- metadata ------------------------------------------------------------------------------------------

_UMBENANNT = {"indicatorName": "datasetName", "referencedIndicators": "refrencesToOtherIndicators", "referencedGeoresources": "refrencesToGeoresources"}  # fmt: skip
_KEINE_ANGABEN = {
    "indicatorId", "applicableDates", "applicableSpatialUnits", "ogcServices", "permissions", "userPermissions", "ownerId", "isPublic",
    "allowedRoles", "creationTimestamp",
}  # fmt: skip


def angaben(one: Mapping[str, Any]) -> dict[str, Any]:
    """Metadata of an indicator in the form in which they are sent, without ids of the server and without rights."""
    return {_UMBENANNT.get(key, key): value for key, value in one.items() if key not in _KEINE_ANGABEN}


def gleiche_angaben(wanted: Mapping[str, Any], there: Mapping[str, Any]) -> bool:
    """Whether everything that was sent stands there; the server adds some of its own."""
    return not [key for key in wanted if not _enthalten(wanted[key], there.get(key))]


def andere_angaben(wanted: Mapping[str, Any], there: Mapping[str, Any]) -> list[str]:
    return [key for key in wanted if not _enthalten(wanted[key], there.get(key))]


def _enthalten(wanted: Any, there: Any) -> bool:
    if isinstance(wanted, Mapping):
        return isinstance(there, Mapping) and all(
            _enthalten(value, there.get(key)) for key, value in wanted.items()
        )
    if isinstance(wanted, list | tuple):
        return (
            isinstance(there, list | tuple)
            and len(wanted) == len(there)
            and all(map(_enthalten, wanted, there))
        )
    if isinstance(wanted, float) or isinstance(there, float):
        return (
            isinstance(wanted, int | float)
            and isinstance(there, int | float)
            and gleich(float(wanted), float(there))
        )
    return wanted == there or (wanted in (None, "") and there in (None, ""))


# --- what stands there ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Vorhaben:
    """What somebody wants an indicator to be: metadata, rights, and per level values and rights."""

    angaben: dict[str, Any]
    rechte: Rechte
    ebenen: tuple[tuple[Raumebene, Reihen, Rechte], ...]
    hinweise: tuple[str, ...] = ()


def plane(
    server: Verbindung,
    vorhaben: Iterable[Vorhaben],
    *,
    bestand: str,
    eigene: frozenset[str] = frozenset(),
    einheiten: Mapping[str, str] | None = None,
    pruefung: Iterable[str] = (),
    abgelehnt: Iterable[str] = (),
    vereinbarung: str = "",
) -> Plan:
    """Hold what is wanted against what stands on the server.

    Raises
    ------
    PlanFehler
        If an indicator of that name is not ours.
    NetzFehler
        If the server cannot be read.
    """
    listed = server.indikatoren()
    open_ = sichtbar(server.indikatoren(oeffentlich=True))
    by_name: dict[tuple[str, str, str], list[Mapping[str, Any]]] = {}
    for one in listed:
        by_name.setdefault(_name(angaben(one)), []).append(one)
    found = [_indikator(server, one, by_name.get(_name(one.angaben), []), open_) for one in vorhaben]
    return Plan(
        server.adresse, server.generation.name, bestand, tuple(found), eigene, tuple(sorted(open_)), dict(einheiten or {}),
        tuple(pruefung), tuple(abgelehnt), datetime.now(UTC).isoformat(timespec="seconds"), vereinbarung,
    )  # fmt: skip


def sichtbar(indikatoren: Iterable[Mapping[str, Any]]) -> set[str]:
    """Ids of listed indicators, and "indicator/level" of values they say may be read."""
    found: set[str] = set()
    for one in indikatoren:
        found.add(str(one["indicatorId"]))
        found |= {
            f"{one['indicatorId']}/{join['spatialUnitId']}"
            for join in one.get("applicableSpatialUnits") or ()
        }
    return found


def _name(body: Mapping[str, Any]) -> tuple[str, str, str]:
    return (
        str(body.get("datasetName") or ""),
        str(body.get("characteristicValue") or ""),
        str(body.get("indicatorType") or ""),
    )


def unseres(there: Mapping[str, Any], wanted: Mapping[str, Any]) -> bool:
    """Whether an indicator on the server is the one that is meant."""
    return _name(angaben(there)) == _name(wanted)


def _indikator(
    server: Verbindung, wanted: Vorhaben, there: list[Mapping[str, Any]], open_: set[str]
) -> IndikatorPlan:
    if not there:
        levels = tuple(
            EbenePlan(level.id, level.name, values, rights) for level, values, rights in wanted.ebenen
        )
        return IndikatorPlan(wanted.angaben, wanted.rechte, levels, hinweise=wanted.hinweise)
    name = wanted.angaben["datasetName"]
    if len(there) > 1:
        raise PlanFehler(
            f"In KomMonitor gibt es mehrere Indikatoren „{name}“. Bitte dort alle bis auf einen entfernen."
        )
    one = there[0]
    if MARKE not in (one.get("tags") or []):
        raise PlanFehler(f"Den Indikator „{name}“ gibt es in KomMonitor schon, und er stammt nicht von hier. Bitte in kommonitor.yml unter „schreiben“ ein „praefix“ wählen.")  # fmt: skip
    key, before, found = str(one["indicatorId"]), angaben(one), list[EbenePlan]()
    joins = {str(join["spatialUnitId"]): join for join in one.get("applicableSpatialUnits") or ()}
    for level, values, rights in wanted.ebenen:
        join = joins.get(level.id)
        if join is None:
            found.append(EbenePlan(level.id, level.name, values, rights))
            continue
        series = reihen(server.reihe(key, level.id))
        found.append(EbenePlan(level.id, level.name, values, rights, series, _rechte(join, f"{key}/{level.id}" in open_), server.offen_lesbar(key, level.id)))  # fmt: skip
    return IndikatorPlan({**before, **wanted.angaben}, wanted.rechte, tuple(found), key, before, _rechte(one, key in open_), wanted.hinweise)  # fmt: skip


def _rechte(thing: Mapping[str, Any], offen: bool) -> Rechte:
    """Rights of a thing; where its generation does not say what the public sees, what the public was shown."""
    found = Rechte.aus(thing)
    return replace(found, oeffentlich=offen) if "allowedRoles" in thing else found


# --- on disk ----------------------------------------------------------------------------------------------


def _schlicht(part: Any) -> Any:
    """What JSON does not know of a plan, one layer of it: a part with its attributes, or a set."""
    return (
        sorted(part)
        if isinstance(part, frozenset)
        else {one.name: getattr(part, one.name) for one in fields(part)}
    )


def schreibe(plan: Plan, pfad: Path) -> None:
    """Write a plan beside and rename it.

    Raises
    ------
    PlanFehler
        If it cannot be written.
    """
    content = {"format": FORMAT, "schluessel": plan.schluessel, "plan": plan}
    beside = pfad.with_name(f".neu-{uuid.uuid4().hex[:12]}")
    try:
        beside.write_text(json.dumps(content, default=_schlicht, ensure_ascii=False), encoding="utf-8")
        beside.chmod(0o600)
        beside.replace(pfad)
    except OSError as error:
        raise PlanFehler(
            f"Der Plan lässt sich nicht schreiben ({pfad}: {error.strerror or error})."
        ) from None
    finally:
        beside.unlink(missing_ok=True)


def lies(pfad: Path) -> Plan:
    """Read a plan.

    Raises
    ------
    PlanFehler
        If it is missing, damaged or changed since it was made.
    """
    try:
        content = json.loads(pfad.read_text(encoding="utf-8"))
        raw = content["plan"]
        plan = Plan(
            **{key: raw[key] for key in ("server", "generation", "bestand", "einheiten", "erstellt", "vereinbarung")},
            indikatoren=tuple(_indikator_aus(one) for one in raw["indikatoren"]),
            eigene=frozenset(raw["eigene"]), oeffentlich=tuple(raw["oeffentlich"]),
            pruefung=tuple(raw["pruefung"]), abgelehnt=tuple(raw["abgelehnt"]),
        )  # fmt: skip
    except FileNotFoundError:
        raise PlanFehler(
            "Es gibt noch keinen Plan. Bitte zuerst „sozialanalyse kommonitor plan“ ausführen."
        ) from None
    except (OSError, ValueError, KeyError, TypeError):
        raise PlanFehler(
            f"Der Plan {pfad} ist nicht lesbar. Bitte mit „sozialanalyse kommonitor plan“ neu erstellen."
        ) from None
    if plan.schluessel != content.get("schluessel"):
        raise PlanFehler(
            f"Der Plan {pfad} ist seit seiner Erstellung geändert worden und wird nicht ausgeführt. Bitte neu erstellen."
        )
    return plan


def _indikator_aus(raw: Mapping[str, Any]) -> IndikatorPlan:
    levels = tuple(
        EbenePlan(
            **{
                **one,
                "rechte": _rechte_aus(one["rechte"]),
                "rechte_vorher": _rechte_aus(one["rechte_vorher"]),
            }
        )
        for one in raw["ebenen"]
    )
    return IndikatorPlan(**{**raw, "rechte": _rechte_aus(raw["rechte"]), "rechte_vorher": _rechte_aus(raw["rechte_vorher"]), "ebenen": levels, "hinweise": tuple(raw["hinweise"])})  # fmt: skip


def _rechte_aus(raw: Mapping[str, Any] | None) -> Any:
    return None if raw is None else Rechte(raw["eigentuemer"], frozenset(raw["erlaubt"]), raw["oeffentlich"])
