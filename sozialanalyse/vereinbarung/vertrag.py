"""The file ``vereinbarung.yml``: who may see, edit and publish what, on which level, from when until when."""

from __future__ import annotations

from datetime import date
from typing import Literal

from pydantic import Field, model_validator

from sozialanalyse.base import Kennung, YamlSeite
from sozialanalyse.region import LEVELS, Level

Darf = Literal["sehen", "bearbeiten", "veroeffentlichen"]
OEFFENTLICHKEIT = "oeffentlichkeit"
"""Unit that is always there: everybody."""
ALLE = "alle"


class EinheitSeite(YamlSeite):
    """One party of the agreement, or a part of one."""

    id: Kennung
    name: str
    zielgruppe: str = Field(default="oeffentlich", pattern=r"^(intern|oeffentlich|kommune:.+)$")
    """Whose values it gets at most: ``intern``, ``kommune:<id>`` or ``oeffentlich``."""
    kommonitor: str = ""
    """Name of the organisational unit in KomMonitor, if it has one."""


class Recht(YamlSeite):
    """A right that some units have."""

    einheiten: list[str] = Field(min_length=1)
    """Ids of units, ``oeffentlichkeit``, or ``alle`` for all units without the public."""
    darf: Darf | list[Darf] = "sehen"
    datensaetze: Literal["alle"] | list[str] = "alle"
    ebenen: list[Level] = Field(default_factory=lambda: list(LEVELS))
    ab: date | None = None
    bis: date | None = None
    """Last day on which it holds."""

    @model_validator(mode="after")
    def _ordered(self) -> Recht:
        if self.ab and self.bis and self.ab > self.bis:
            raise ValueError("„ab“ liegt nach „bis“; das Recht gilt an keinem Tag.")
        return self


class Sperrfrist(YamlSeite):
    """Numbers that nobody but the house sees before a day, such as the meeting of a committee."""

    datensaetze: Literal["alle"] | list[str] = "alle"
    stichtage: list[date] = Field(min_length=1)
    bis: date
    """Last day on which they are closed."""
    grund: str
    ausser: list[str] = Field(default_factory=list)
    """Units that see them before."""


class VereinbarungSeite(YamlSeite):
    """The whole agreement."""

    titel: str
    vom: date
    bis: date | None = None
    """Last day of the agreement; afterwards only the house sees anything."""
    zweck: str = ""
    zweck_einfach: str = ""
    einheiten: list[EinheitSeite] = Field(min_length=1)
    rechte: list[Recht] = Field(default_factory=list)
    sperrfristen: list[Sperrfrist] = Field(default_factory=list)

    @model_validator(mode="after")
    def _known(self) -> VereinbarungSeite:
        ids = [one.id for one in self.einheiten]
        if double := sorted({one for one in ids if ids.count(one) > 1}):
            raise ValueError(f"einheiten: {', '.join(double)} steht mehrmals da.")
        if OEFFENTLICHKEIT in ids:
            raise ValueError(f"einheiten: „{OEFFENTLICHKEIT}“ gibt es immer; bitte weglassen.")
        if not any(one.zielgruppe == "intern" for one in self.einheiten):
            raise ValueError(
                "einheiten: Eine Einheit braucht „zielgruppe: intern“, die Stelle, die mit allen Zahlen arbeitet."
            )
        known = {*ids, OEFFENTLICHKEIT, ALLE}
        for names in [right.einheiten for right in self.rechte] + [one.ausser for one in self.sperrfristen]:
            if strange := [name for name in names if name not in known]:
                raise ValueError(f"Die Einheit „{strange[0]}“ steht nicht unter „einheiten“.")
        return self
