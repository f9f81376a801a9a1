"""What applying and taking back share: the journal, reading, and holding what is found against the plan."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from sozialanalyse.base import NetzFehler, zahl_knapp
from sozialanalyse.kommonitor import plan as p
from sozialanalyse.kommonitor.plan import EbenePlan, IndikatorPlan, Plan, PlanFehler, Reihen
from sozialanalyse.kommonitor.verbindung import Rechte, Verbindung

JE_MAL = 40
"""So many dates are sent at once."""


class AbweichungFehler(PlanFehler):
    """Something on the server is not what the plan says it is or should be."""


@dataclass
class Vorgangsbericht:
    """What was done, sentence by sentence."""

    saetze: list[str]
    geschrieben: int = 0
    """Values read back as planned."""


class Tagebuch:
    """Steps begun and done, one line each, on the disk before and after the request."""

    def __init__(self, pfad: Path) -> None:
        self.pfad = pfad
        content = pfad.read_text(encoding="utf-8") if pfad.exists() else ""
        self.zeilen = [row for line in content.splitlines() if (row := _zeile(line)) is not None]
        self._abgerissen = bool(content) and not content.endswith("\n")

    def notiere(self, was: str, stelle: str, **mehr: str) -> None:
        row = {"was": was, "stelle": stelle, **mehr}
        with self.pfad.open("a", encoding="utf-8") as stream:
            stream.write("\n" * self._abgerissen + json.dumps(row, ensure_ascii=False) + "\n")
            stream.flush()
            os.fsync(stream.fileno())
        self.zeilen.append(row)
        self._abgerissen = False

    def angefangen(self, stelle: str) -> bool:
        return any(row["stelle"] == stelle for row in self.zeilen)

    @property
    def kennungen(self) -> dict[str, str]:
        """Place in the plan -> id of the indicator that was created for it."""
        return {row["stelle"]: row["kennung"] for row in self.zeilen if "kennung" in row}


def _zeile(line: str) -> dict[str, str] | None:
    """A line of the journal; None for one that a break has torn, whose request was not sent yet."""
    try:
        row = json.loads(line)
    except ValueError:
        return None
    return row if isinstance(row, dict) and "stelle" in row else None


@contextmanager
def allein(ordner: Path) -> Iterator[None]:
    """Only one process of this machine writes; the server does not bear two."""
    try:
        with FileLock(ordner / ".schreiben", timeout=0):
            yield
    except Timeout:
        raise PlanFehler(
            "Gerade schreibt schon jemand von diesem Rechner nach KomMonitor. Bitte warten, bis das fertig ist."
        ) from None


class Arbeit:
    """What both ways share: reading, and holding against the plan."""

    def __init__(
        self, plan: Plan, server: Verbindung, buch: Tagebuch, melder: Callable[[str, int, int], None]
    ) -> None:
        self.plan, self.server, self.buch, self.melder = plan, server, buch, melder
        self.bericht = Vorgangsbericht([])
        self._gelistet: list[dict[str, Any]] | None = None
        if server.adresse != plan.server or server.generation.name != plan.generation:
            raise PlanFehler(
                f"Der Plan gilt für {plan.server} (KomMonitor {plan.generation}); geantwortet hat {server.adresse} "
                f"({server.generation.name}). Bitte einen neuen Plan erstellen."
            )

    def listed(self) -> list[dict[str, Any]]:
        """What the server lists: kept until the next write or :meth:`look_again`, asking is the dearest question."""
        if self._gelistet is None:
            self._gelistet = self.server.indikatoren()
        return self._gelistet

    def look_again(self) -> None:
        """Forget what was listed, because we or somebody else may have changed it."""
        self._gelistet = None

    def overview(self, kennung: str) -> dict[str, Any] | None:
        """An indicator as listed; None if it is not there."""
        return next((one for one in self.listed() if one.get("indicatorId") == kennung), None)

    def join(self, kennung: str, ebene: str) -> Mapping[str, Any] | None:
        """What the server lists about the values of an indicator on a level."""
        one = self.overview(kennung) or {}
        return next(
            (join for join in one.get("applicableSpatialUnits") or () if join.get("spatialUnitId") == ebene),
            None,
        )

    def series(self, kennung: str, ebene: str) -> Reihen:
        return p.reihen(self.server.reihe(kennung, ebene))

    def rights(self, thing: Mapping[str, Any], wanted: Rechte | None) -> Rechte:
        """Rights of a thing; 4.1 does not say what the public sees, so that part is not compared there."""
        found = Rechte.aus(thing)
        return (
            replace(found, oeffentlich=wanted.oeffentlich)
            if self.server.generation.rollen and wanted
            else found
        )

    def request(self, do: Callable[[], None], done: Callable[[], bool]) -> None:
        """Send a write, then look whether it was done, whatever was answered.

        Raises
        ------
        NetzFehler
            What the server said, if it was not done.
        """
        refused: NetzFehler | None = None
        try:
            do()
        except NetzFehler as error:
            refused = error
        self.look_again()
        if not done():
            raise refused or AbweichungFehler(
                "KomMonitor hat die Änderung bestätigt, aber nicht ausgeführt. Bitte die Verwaltung fragen."
            )

    def expect_rights(self, name: str, wanted: Rechte, found: Rechte) -> None:
        if wanted == found:
            return
        parts = []
        if wanted.oeffentlich != found.oeffentlich:
            parts.append("öffentlich" if found.oeffentlich else "nicht öffentlich")
        parts += [
            f"zusätzlich {self.plan.einheiten.get(one, one)}"
            for one in sorted(found.erlaubt - wanted.erlaubt)
        ]
        parts += [
            f"ohne {self.plan.einheiten.get(one, one)}" for one in sorted(wanted.erlaubt - found.erlaubt)
        ]
        if wanted.eigentuemer != found.eigentuemer:
            parts.append("anderer Eigentümer")
        raise AbweichungFehler(f"{name}: Die Rechte in KomMonitor sind andere als geplant ({', '.join(parts)}). Angehalten; es wird nichts weiter geschrieben.")  # fmt: skip

    def expect_values(self, name: str, wanted: Reihen, found: Reihen) -> None:
        other = p.unterschiede(wanted, found)
        if other:
            area, day, want, there = other[0]
            more = f" und {len(other) - 1} weitere" if len(other) > 1 else ""
            raise AbweichungFehler(f"{name}: In KomMonitor steht für {area} zum {day} {_zahl(there)} statt {_zahl(want)}{more}. Angehalten; es wird nichts weiter geschrieben.")  # fmt: skip

    def send(self, kennung: str, level: EbenePlan, values: Reihen, rights: Rechte, key: str) -> None:
        """Upload a rectangle; the server then holds it, or the refusal is raised."""
        days = sorted({day for row in values.values() for day in row})
        for start in range(0, max(len(days), 1), JE_MAL):
            part = days[start : start + JE_MAL]
            body = {
                "applicableSpatialUnit": key,
                **rights.angaben(self.server.generation),
                "indicatorValues": [
                    {
                        "spatialReferenceKey": area,
                        "valueMapping": [
                            _wert(day, row.get(day), self.server.generation.kategorien) for day in part
                        ],
                    }
                    for area, row in values.items()
                ],
            }
            chunk = {area: {day: row.get(day) for day in part} for area, row in values.items()}

            def done(chunk: Reihen = chunk) -> bool:
                if self.join(kennung, level.ebene) is None:
                    return False
                there = self.series(kennung, level.ebene)
                return not any(
                    not p.gleich(value, there.get(area, {}).get(day))
                    for area, row in chunk.items()
                    for day, value in row.items()
                )

            def write(body: dict[str, Any] = body) -> None:
                self.server.schreibe(kennung, body)

            try:
                self.request(write, done)
            except AbweichungFehler:
                there = self.series(kennung, level.ebene) if self.join(kennung, level.ebene) else {}
                self.expect_values(level.name, p.ueber(there, chunk), there)
                raise

    def set_rights(self, kennung: str, level: str | None, name: str, wanted: Rechte) -> None:
        def there() -> Rechte:
            thing = self.overview(kennung) if level is None else self.join(kennung, level)
            return self.rights(thing or {}, wanted)

        if there() == wanted:
            return
        body = p.angaben(self.overview(kennung) or {})
        self.request(
            lambda: self.server.setze_rechte(kennung, level, wanted, body), lambda: there() == wanted
        )
        self.expect_rights(name, wanted, there())

    def only_ours(self, one: IndikatorPlan, key: str) -> None:
        """Refuse if a value is neither what stood there nor what was planned."""
        if not key or self.overview(key) is None:
            return
        for level in one.ebenen:
            if self.join(key, level.ebene) is None:
                continue
            there, before = self.series(key, level.ebene), level.vorher or {}
            foreign = [
                (area, day) for area, day, _, found in p.unterschiede(level.nachher, there)
                if not p.gleich(before.get(area, {}).get(day), found)
            ]  # fmt: skip
            if foreign:
                area, day = foreign[0]
                raise AbweichungFehler(f"{one.name}, {level.name}: Den Wert für {area} zum {day} hat seither jemand anderes geändert. Angehalten; bitte in KomMonitor klären.")  # fmt: skip

    def sweep(self) -> None:
        """Remove trials that a break has left."""
        names = {row["name"] for row in self.buch.zeilen if row["was"] == "probe"}
        for one in self.listed() if names else ():
            if one.get("indicatorName") in names and p.MARKE in (one.get("tags") or []):
                key = str(one["indicatorId"])
                self.request(partial(self.server.entferne, key), partial(self.gone, key))

    def gone(self, kennung: str, ebene: str | None = None) -> bool:
        return self.overview(kennung) is None if ebene is None else self.join(kennung, ebene) is None


def _wert(day: str, value: p.Wert, kategorien: bool) -> dict[str, Any]:
    found: dict[str, Any] = {"timestamp": day, "indicatorValue": value}
    if kategorien:
        found["valueType"] = "CATEGORICAL" if isinstance(value, str) else "NUMERIC"
    return found


def _zahl(value: p.Wert) -> str:
    if value is None:
        return "eine Lücke"
    return f"„{value}“" if isinstance(value, str) else zahl_knapp(value, 7)
