"""Who may read what is written to KomMonitor: by the agreement, in the rights of the other side."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from sozialanalyse import vereinbarung
from sozialanalyse.austausch.gegenueber import Gegenueber
from sozialanalyse.austausch.inhalte import Indikatorinhalt
from sozialanalyse.base import LaufFehler
from sozialanalyse.kommonitor import Rechte, Schreiben
from sozialanalyse.region import Level
from sozialanalyse.vereinbarung import OEFFENTLICHKEIT, Vereinbarung


@dataclass(frozen=True)
class Leserkreis:
    """Who may read a table by the agreement."""

    sehen: tuple[str, ...]
    """Units, the public not among them."""
    bearbeiten: tuple[str, ...]
    oeffentlich: bool
    zielgruppe: str
    """Audience whose values are written: what all readers may have."""
    gruende: tuple[str, ...] = ()

    @property
    def alle(self) -> tuple[str, ...]:
        """Units, and the public where it reads."""
        return (*self.sehen, *([OEFFENTLICHKEIT] if self.oeffentlich else []))


NUR_EIGENTUEMER = Leserkreis((), (), False, "oeffentlich")


class Leserschaft:
    """Readers by the agreement; without one only the owner.

    Parameters
    ----------
    hat
        Whether the region has data for an audience.
    """

    def __init__(self, vertrag: Vereinbarung, dort: Gegenueber, wahl: Schreiben, hat: Callable[[str], bool]) -> None:  # fmt: skip
        self.vertrag, self.dort, self.wahl, self._hat = vertrag, dort, wahl, hat

    def leser(self, one: Indikatorinhalt, level: Level) -> Leserkreis:
        """Who may read what is written, by the agreement; without one only its owner."""
        if self.vertrag.seite is None:
            return Leserkreis(
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
            why = [self.grund(unit.id, "sehen", one, level, day) for day in days]
            if "" not in why:
                reasons.append(f"{unit.name}: {why[-1] if why else 'keine Werte'}")
                continue
            see.append(unit.id)
            if unit.id != OEFFENTLICHKEIT and any(
                self.grund(unit.id, "bearbeiten", one, level, day) == "" for day in days
            ):
                edit.append(unit.id)
        public = OEFFENTLICHKEIT in see
        if public:
            why = (
                [self.grund(own, "veroeffentlichen", one, level, day) for day in days]
                if own
                else [f"„{self.wahl.eigentuemer}“ steht nicht in der Vereinbarung."]
            )
            if "" not in why:
                public = False
                reasons.append(f"Öffentlichkeit: {why[-1]}")
        if public and self.dort.server.generation.rollen:
            public = False
            reasons.append(
                "Öffentlichkeit: In KomMonitor 4.1 bitte von Hand freigeben; das Programm tut es dort nicht."
            )
        units = tuple(unit for unit in see if unit != OEFFENTLICHKEIT)
        audience = self.zielgruppe(units, public)
        return Leserkreis(units, tuple(edit), public, audience, tuple(reasons))

    def grund(self, unit: str, darf: vereinbarung.Darf, one: Indikatorinhalt, level: Level, day: str) -> str:
        """Why a unit may not; "" if it may."""
        reasons = [self.vertrag.grund(unit, darf, name, level, day) for name in sorted(one.datensaetze)]
        return next((reason for reason in reasons if reason), "")

    def zielgruppe(self, units: tuple[str, ...], public: bool) -> str:
        """What all readers may have; never unprotected values, because administrators of KomMonitor see everything."""
        kinds = {self.vertrag.einheiten[unit].zielgruppe for unit in units} - {"intern"}
        if public or len(kinds) != 1:
            return "oeffentlich"
        (kind,) = kinds
        return kind if kind != "oeffentlich" and self._hat(kind) else "oeffentlich"

    def rechte(self, readers: Leserkreis) -> Rechte:
        """The same as rights in KomMonitor."""
        allowed = set(self.dort.eigene)
        for unit in readers.sehen:
            there = self.dort.einheit(
                self.vertrag.einheiten[unit].kommonitor, f"Einheit {unit} in vereinbarung.yml"
            )
            level = "editor" if unit in readers.bearbeiten else "viewer"
            if level not in there.erlaubnisse:
                raise LaufFehler(
                    f"Die Organisationseinheit „{there.name}“ hat in KomMonitor kein Recht der Stufe „{level}“. Bitte die Verwaltung fragen."
                )
            allowed.add(there.erlaubnisse[level])
        old = self.dort.server.generation.rollen
        return Rechte("" if old else self.dort.eigentuemer.id, frozenset(allowed), readers.oeffentlich)

    def allen_offen(
        self, one: Indikatorinhalt, readers: Mapping[Level, Leserkreis], level: Level, day: str
    ) -> bool:
        """Whether everybody who sees the metadata may know values of a level on a date."""
        units = {unit for who in readers.values() for unit in who.alle}
        return not any(self.grund(unit, "sehen", one, level, day) for unit in units)
