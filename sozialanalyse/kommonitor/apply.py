"""Doing exactly what a plan says, one request after the other, and taking it back.

Every step is begun in a journal, done, and read back; the server's own word that it worked counts for nothing. What
differs from the plan, in a value or a right, stops everything. A new table is written for its owner only and opened
when every value stands where it belongs; rights are never wider in between than before and afterwards.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from sozialanalyse.base import NetzFehler
from sozialanalyse.kommonitor import plan as p
from sozialanalyse.kommonitor.plan import EbenePlan, IndikatorPlan, Plan, Reihen
from sozialanalyse.kommonitor.schritte import AbweichungFehler, Arbeit, Tagebuch, Vorgangsbericht, allein
from sozialanalyse.kommonitor.verbindung import Rechte, Verbindung

_PROBETAG = "1900-01-01"


def wende_an(plan: Plan, server: Verbindung, ordner: Path, *, melder: Callable[[str, int, int], None] = lambda *_: None) -> Vorgangsbericht:  # fmt: skip
    """Write what a plan says; called again after a break it goes on where it stopped.

    Parameters
    ----------
    ordner
        Folder of the journal.

    Raises
    ------
    AbweichungFehler
        At the first value or right that is not as planned; nothing further is written then.
    NetzFehler
        If the server cannot be asked any more; nothing further is written then.
    """
    with allein(ordner):
        return _Anwenden(plan, server, Tagebuch(ordner / f"{plan.schluessel}.jsonl"), melder).los()


def _erste(values: Reihen) -> Reihen:
    """The part to begin a new table with: the areas that have the fullest date, and every date all of them have.

    Some servers cannot begin with gaps.
    """
    days = sorted({day for row in values.values() for day in row})
    if not days:
        return {}
    full = max(days, key=lambda day: sum(row.get(day) is not None for row in values.values()))
    areas = [area for area, row in values.items() if row.get(full) is not None]
    kept = [day for day in days if all(values[area].get(day) is not None for area in areas)]
    return {area: {day: values[area][day] for day in kept} for area in areas}


class _Anwenden(Arbeit):
    def los(self) -> Vorgangsbericht:
        self.sweep()
        self.keys = self.buch.kennungen
        self._check_before()
        todo = self.plan.zu_tun
        for number, one in enumerate(todo):
            self.melder(one.name, number, len(todo))
            place = str(self.plan.indikatoren.index(one))
            self.buch.notiere("begonnen", place)
            self.look_again()
            key = self._metadata(one, place)
            for level in one.ebenen:
                self._level(one, key, level, f"{place}/{level.ebene}")
            self.set_rights(key, None, one.name, one.rechte)
            self.buch.notiere("fertig", place)
        self._check_after()
        self.bericht.saetze.append(
            f"{self.bericht.geschrieben} Werte geschrieben, zurückgelesen und verglichen; Rechte und öffentliche Sicht wie geplant."
        )
        return self.bericht

    def _check_before(self) -> None:
        """Everything must stand there as when it was planned, except where this plan was begun already."""
        listed = {str(one["indicatorId"]): one for one in self.listed()}
        self._same_levels()
        for number, one in enumerate(self.plan.indikatoren):
            place = str(number)
            if not one.kennung:
                same = [key for key, there in listed.items() if p.unseres(there, one.angaben)]
                known = self.keys.get(place, "")
                if [key for key in same if key != known] and not self.buch.angefangen(place):
                    raise AbweichungFehler(
                        f"„{one.name}“ ist seit dem Plan in KomMonitor angelegt worden. Bitte einen neuen Plan erstellen."
                    )
                continue
            there = listed.get(one.kennung)
            if there is None:
                raise AbweichungFehler(
                    f"„{one.name}“ gibt es in KomMonitor nicht mehr, oder die Anmeldung darf es nicht mehr sehen. Bitte einen neuen Plan erstellen."
                )
            if self.buch.angefangen(place):
                self.only_ours(one, one.kennung)
                continue
            if other := p.andere_angaben(one.angaben_vorher or {}, p.angaben(there)):
                raise AbweichungFehler(
                    f"„{one.name}“: Angaben haben sich seit dem Plan geändert ({', '.join(other)}). Bitte einen neuen Plan erstellen."
                )
            self._unchanged(one, there)

    def _same_levels(self) -> None:
        """Uploads name a level; under that name there must stand the one that was planned."""
        names = {level.id: level.name for level in self.server.ebenen()}
        for level in {level.ebene: level for one in self.plan.indikatoren for level in one.ebenen}.values():
            if level.ebene not in names:
                raise AbweichungFehler(f"Die Raumebene „{level.name}“ gibt es in KomMonitor nicht mehr, oder sie ist nicht mehr freigegeben. Bitte einen neuen Plan erstellen.")  # fmt: skip
            if names[level.ebene] != level.name:
                raise AbweichungFehler(f"Die Raumebene „{level.name}“ heißt in KomMonitor jetzt „{names[level.ebene]}“. Bitte „ebenen“ in kommonitor.yml ändern und einen neuen Plan erstellen.")  # fmt: skip

    def _unchanged(self, one: IndikatorPlan, there: Mapping[str, Any]) -> None:
        joins = {str(join["spatialUnitId"]): join for join in there.get("applicableSpatialUnits") or ()}
        pairs: list[tuple[str, Rechte | None, Mapping[str, Any] | None]] = [
            (one.name, one.rechte_vorher, there)
        ]
        pairs += [
            (f"{one.name}, {level.name}", level.rechte_vorher, joins.get(level.ebene)) for level in one.ebenen
        ]
        for name, before, thing in pairs:
            if (before is None) != (thing is None) or (
                before is not None and thing is not None and self.rights(thing, before) != before
            ):
                raise AbweichungFehler(
                    f"{name}: Die Rechte haben sich seit dem Plan geändert. Bitte einen neuen Plan erstellen."
                )
        for level in one.ebenen:
            if level.vorher is not None and p.unterschiede(
                level.vorher, self.series(one.kennung, level.ebene)
            ):
                raise AbweichungFehler(
                    f"{one.name}, {level.name}: Werte haben sich seit dem Plan geändert. Bitte einen neuen Plan erstellen."
                )

    def _metadata(self, one: IndikatorPlan, place: str) -> str:
        """Id of the indicator, created or brought up to date; new ones for their owner only."""
        if one.kennung:
            there = self.overview(one.kennung) or {}
            if not p.gleiche_angaben(one.angaben, p.angaben(there)):
                self.buch.notiere("angaben", place)
                body = {**p.angaben(there), **one.angaben}
                self.request(
                    lambda: self.server.ersetze(one.kennung, body, Rechte.aus(there)),
                    lambda: p.gleiche_angaben(one.angaben, p.angaben(self.overview(one.kennung) or {})),
                )
                self.bericht.saetze.append(f"„{one.name}“: Angaben geändert.")
            return one.kennung
        if place in self.keys:
            return self.keys[place]
        found = self._created(one)
        if not found:
            self.buch.notiere("anlegen", place)
            narrow = Rechte(one.rechte.eigentuemer, self.plan.eigene, False)
            body = {**one.angaben, **narrow.angaben(self.server.generation)}
            self.request(lambda: self.server.lege_an(body), lambda: bool(self._created(one)))
            found = self._created(one)
            self.bericht.saetze.append(f"„{one.name}“ angelegt.")
        if len(found) > 1:
            raise AbweichungFehler(
                f"„{one.name}“ gibt es in KomMonitor jetzt mehrmals; vermutlich hat zugleich jemand anderes geschrieben. Bitte dort klären."
            )
        self.buch.notiere("angelegt", place, kennung=found[0])
        self.keys[place] = found[0]
        there = self.overview(found[0]) or {}
        if other := p.andere_angaben(one.angaben, p.angaben(there)):
            raise AbweichungFehler(
                f"„{one.name}“: KomMonitor hat Angaben nicht übernommen ({', '.join(other)}). Angehalten."
            )
        return found[0]

    def _created(self, one: IndikatorPlan) -> list[str]:
        return [str(there["indicatorId"]) for there in self.listed() if p.unseres(there, one.angaben)]

    def _level(self, one: IndikatorPlan, key: str, level: EbenePlan, place: str) -> None:
        name = f"{one.name}, {level.name}"
        join = self.join(key, level.ebene)
        before = level.rechte_vorher
        narrow = Rechte(level.rechte.eigentuemer, self.plan.eigene | (level.rechte.erlaubt & before.erlaubt if before else frozenset()), bool(before and before.oeffentlich and level.rechte.oeffentlich))  # fmt: skip
        there = {} if join is None else self.series(key, level.ebene)
        if join is None or p.unterschiede(level.nachher, there):
            self.buch.notiere("werte", place)
            if join is not None and self.rights(join, narrow) != narrow:
                self.set_rights(key, level.ebene, name, narrow)  # nobody sees what is half written
            word = self._ebenenwort(level, one)
            first = _erste(level.werte) if join is None else {}
            if first and first != level.werte:
                self.send(key, level, first, narrow, word)
            self.send(key, level, level.werte, narrow, word)
            self.expect_values(name, level.nachher, self.series(key, level.ebene))
            joined = self.join(key, level.ebene) or {}
            self.expect_rights(name, narrow, self.rights(joined, narrow))
            self.bericht.geschrieben += sum(map(len, level.werte.values()))
            self.bericht.saetze.append(f"{name}: {len(level.geaendert)} Werte geändert.")
        self.set_rights(key, level.ebene, name, level.rechte)
        self.buch.notiere("ebene", place)

    def _ebenenwort(self, level: EbenePlan, one: IndikatorPlan) -> str:
        """What the server calls a level in an upload; from 6.0 on names need not be unique, so it is asked by a trial."""
        if not self.server.generation.hierarchien:
            return level.name
        if not hasattr(self, "_wort"):
            self._wort = self._probe(level, one)
        return str(getattr(level, self._wort))

    def _probe(self, level: EbenePlan, one: IndikatorPlan) -> str:
        """Write one number to an indicator made for it, first by id, then by name; it is gone afterwards."""
        name = f"Probe {uuid.uuid4().hex[:8]}"
        narrow = Rechte(one.rechte.eigentuemer, self.plan.eigene, False)
        body = {**one.angaben, "datasetName": name, **narrow.angaben(self.server.generation)}
        body["defaultClassificationMapping"] = {"colorBrewerSchemeName": "Blues", "numClasses": 1, "classificationMethod": "REGIONAL_DEFAULT", "classificationType": "SEQUENTIAL", "items": []}  # fmt: skip

        def mine() -> list[str]:
            return [
                str(there["indicatorId"]) for there in self.listed() if there.get("indicatorName") == name
            ]

        self.buch.notiere("probe", "probe", name=name)
        self.request(lambda: self.server.lege_an(body), lambda: bool(mine()))
        (key,) = mine()
        trial: Reihen = {next(iter(level.werte)): {_PROBETAG: 0.0}}
        try:
            for word in ("ebene", "name"):
                try:
                    self.send(key, level, trial, narrow, str(getattr(level, word)))
                except (NetzFehler, AbweichungFehler):
                    continue
                return word
        finally:
            self.request(lambda: self.server.entferne(key), lambda: not mine())
        raise AbweichungFehler(
            f"KomMonitor nimmt für die Raumebene „{level.name}“ weder Namen noch Kennung an. Es wurde nichts geschrieben."
        )

    def _check_after(self) -> None:
        """Rights are those planned, and what the public sees has changed where it was planned, and nowhere else."""
        self.look_again()
        before, now = set(self.plan.oeffentlich), p.sichtbar(self.server.indikatoren(oeffentlich=True))
        planned: dict[str, bool] = {}
        for number, one in enumerate(self.plan.indikatoren):
            key = one.kennung or self.keys[str(number)]
            planned[key] = one.rechte.oeffentlich
            self.expect_rights(one.name, one.rechte, self.rights(self.overview(key) or {}, one.rechte))
            for level in one.ebenen:
                found = self.rights(self.join(key, level.ebene) or {}, level.rechte)
                self.expect_rights(f"{one.name}, {level.name}", level.rechte, found)
                shown = level.rechte.oeffentlich
                planned[f"{key}/{level.ebene}"] = shown and one.rechte.oeffentlich
                if self.server.offen_lesbar(key, level.ebene) != shown:
                    state = (
                        "nicht öffentlich lesbar, obwohl es geplant ist"
                        if shown
                        else "ohne Anmeldung lesbar, obwohl es nicht geplant ist"
                    )
                    raise AbweichungFehler(
                        f"{one.name}, {level.name}: Die Werte sind {state}. Bitte sofort „sozialanalyse kommonitor zurueck“ ausführen."
                    )
        for thing, shown in planned.items():
            if (thing in now) != shown:
                raise AbweichungFehler(
                    "Die öffentliche Sicht ist eine andere als geplant. Bitte „sozialanalyse kommonitor zurueck“ ausführen."
                )
        if other := sorted((now ^ before) - set(planned)):
            self.bericht.saetze.append(
                f"Hinweis: Seit dem Plan hat jemand anderes {len(other)} weitere Freigaben in KomMonitor geändert."
            )
