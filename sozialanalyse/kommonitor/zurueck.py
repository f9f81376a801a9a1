"""Taking a plan back: what stood there before stands there again, to the last value and right."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from functools import partial
from pathlib import Path

from sozialanalyse.kommonitor import plan as p
from sozialanalyse.kommonitor.plan import EbenePlan, IndikatorPlan, Plan, PlanFehler
from sozialanalyse.kommonitor.schritte import Arbeit, Tagebuch, Vorgangsbericht, allein
from sozialanalyse.kommonitor.verbindung import Rechte, Verbindung


def nimm_zurueck(plan: Plan, server: Verbindung, ordner: Path, *, melder: Callable[[str, int, int], None] = lambda *_: None) -> Vorgangsbericht:  # fmt: skip
    """Restore what stood there before a plan was applied, whole or in part.

    Raises
    ------
    AbweichungFehler
        If somebody else has changed something since.
    PlanFehler
        If nothing of the plan was written.
    """
    with allein(ordner):
        book = Tagebuch(ordner / f"{plan.schluessel}.jsonl")
        if not book.zeilen:
            raise PlanFehler("Von diesem Plan ist nichts geschrieben worden; es gibt nichts zurückzunehmen.")
        found = _Zuruecknehmen(plan, server, book, melder).los()
        book.pfad.replace(book.pfad.with_suffix(f".zurueck-{uuid.uuid4().hex[:6]}"))
        return found


class _Zuruecknehmen(Arbeit):
    def los(self) -> Vorgangsbericht:
        self.sweep()
        keys = self.buch.kennungen
        begun = [(number, one) for number, one in enumerate(self.plan.indikatoren) if self.buch.angefangen(str(number)) or any(self.buch.angefangen(f"{number}/{level.ebene}") for level in one.ebenen)]  # fmt: skip
        for number, one in begun:
            self.only_ours(one, one.kennung or keys.get(str(number), ""))
        for done, (number, one) in enumerate(reversed(begun)):
            self.melder(one.name, done, len(begun))
            self.look_again()
            key = one.kennung or keys.get(str(number), "")
            if not one.kennung:
                self._remove(one, key)
                continue
            self._restore(one, key)
        return self.bericht

    def _remove(self, one: IndikatorPlan, key: str) -> None:
        keys = [key] if key else [str(there["indicatorId"]) for there in self.listed() if p.unseres(there, one.angaben) and p.MARKE in (there.get("tags") or [])]  # fmt: skip
        for found in keys:
            if self.overview(found) is not None:
                self.request(
                    partial(self.server.entferne, found),
                    partial(self.gone, found),
                )
                self.bericht.saetze.append(f"„{one.name}“ entfernt.")

    def _restore(self, one: IndikatorPlan, key: str) -> None:
        assert one.angaben_vorher is not None
        assert one.rechte_vorher is not None
        for level in one.ebenen:
            name = f"{one.name}, {level.name}"
            if self.join(key, level.ebene) is None:
                continue
            if level.vorher is None or level.rechte_vorher is None:
                self.request(
                    partial(self.server.entferne, key, level.ebene),
                    partial(self.gone, key, level.ebene),
                )
                self.bericht.saetze.append(f"{name}: Werte entfernt.")
                continue
            self._restore_level(key, level, name)
        there = self.overview(key) or {}
        if not p.gleiche_angaben(one.angaben_vorher, p.angaben(there)):
            self.request(
                lambda: self.server.ersetze(key, one.angaben_vorher or {}, Rechte.aus(there)),
                lambda: p.gleiche_angaben(one.angaben_vorher or {}, p.angaben(self.overview(key) or {})),
            )
        self.set_rights(key, None, one.name, one.rechte_vorher)
        self.bericht.saetze.append(f"„{one.name}“ steht wieder, wie es war.")

    def _restore_level(self, key: str, level: EbenePlan, name: str) -> None:
        before = level.vorher or {}
        wanted, rights = before, level.rechte_vorher
        assert rights is not None
        old_days = {day for row in before.values() for day in row}
        there = self.series(key, level.ebene)
        for day in sorted({day for row in there.values() for day in row} - old_days):
            year, month, number = day.split("-")

            def gone(day: str = day) -> bool:
                return not any(day in row for row in self.series(key, level.ebene).values())

            self.request(partial(self.server.entferne, key, level.ebene, year, month, number), gone)
        there = self.series(key, level.ebene)
        if p.unterschiede(wanted, there):
            areas = {**before, **there}
            values = {
                area: {day: before.get(area, {}).get(day) for day in sorted(old_days)} for area in areas
            }
            self.send(key, level, values, rights, self._wort(level))
        self.expect_values(name, wanted, self.series(key, level.ebene))
        self.set_rights(key, level.ebene, name, rights)

    def _wort(self, level: EbenePlan) -> str:
        """By id where names are not unique, else by the name it bears now; reading back tells whether it was right."""
        if self.server.generation.hierarchien:
            return level.ebene
        return self.server.ebene(level.ebene).name
