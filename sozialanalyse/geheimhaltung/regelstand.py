"""Whether the rules of a snapshot are still those of the region: stricter ones must not wait for a page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sozialanalyse.base import zahl_knapp
from sozialanalyse.region import Sperrprofil

_OHNE_WIRKUNG = {"beschreibung", "rechtsgrundlage"}
_GROESSER_STRENGER = (
    "mindestfallzahl", "mindestfallzahl_kommune", "mindestfallzahl_intern", "mindestnenner", "schutzbreite",
    "komplement", "p_prozent", "rundung_zahl", "rundung_wert",
)  # fmt: skip


@dataclass(frozen=True)
class Regelstand:
    """Indicators whose rules changed since the snapshot was built, with the change in words."""

    strenger: Mapping[str, str]
    """Protected less than the region asks for now."""
    anders: Mapping[str, str]
    """Changed, but nowhere stricter now."""

    def satz(self) -> str:
        """What is different, in German; empty if nothing is."""
        changed = {**self.strenger, **self.anders}
        if not changed:
            return ""
        shown = "; ".join(f"{name}: {words}" for name, words in list(changed.items())[:3])
        more = f" und {len(changed) - 3} weitere" if len(changed) > 3 else ""
        return (
            "Die Sperrregeln in region.yml sind andere als die, mit denen der Datenbestand entstand "
            f"({shown}{more})."
        )


def vergleiche(damals: Mapping[str, Sperrprofil], heute: Mapping[str, Sperrprofil]) -> Regelstand:
    """Compare the rules of each indicator.

    Parameters
    ----------
    damals, heute
        Indicator -> profile, when the snapshot was built and in the region folder now. Indicators known
        to one side only have no values that could be shown under other rules and are left out.
    """
    stricter: dict[str, str] = {}
    other: dict[str, str] = {}
    for name in sorted(damals.keys() & heute.keys()):
        before, now = _values(damals[name]), _values(heute[name])
        changed = [key for key in now if now[key] != before[key]]
        if not changed:
            continue
        words = ", ".join(f"{key} {_word(now[key])} statt {_word(before[key])}" for key in changed)
        group = stricter if any(_stricter(key, now[key], before[key]) for key in changed) else other
        group[name] = words
    return Regelstand(stricter, other)


def _values(profil: Sperrprofil) -> dict[str, object]:
    """What a profile asks for, with what it leaves open filled in as the protection does."""
    values = profil.model_dump(exclude=_OHNE_WIRKUNG)
    values["schutzbreite"] = values["schutzbreite"] or profil.mindestfallzahl
    if values["mindestfallzahl_kommune"] is None:
        values["mindestfallzahl_kommune"] = profil.mindestfallzahl
    return values


def _stricter(key: str, now: object, before: object) -> bool:
    """Whether a rule asks for more now; a rule of which that cannot be said counts as stricter."""
    if key in _GROESSER_STRENGER:
        return float(now or 0) > float(before or 0)  # type: ignore[arg-type]
    if key == "null_zeigen":
        return not now
    return now is not None  # dominance: another limit or another number of contributions


def _word(value: object) -> str:
    if isinstance(value, bool):
        return "ja" if value else "nein"
    return "–" if value is None else zahl_knapp(value) if isinstance(value, float) else str(value)
