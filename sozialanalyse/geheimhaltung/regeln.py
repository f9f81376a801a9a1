"""Primary rules: which counts are secret of themselves, for one audience."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from sozialanalyse.base import Befund
from sozialanalyse.region import FLAECHE, Indikator, Katalog, Sperrprofil

INTERN, OEFFENTLICH = "intern", "oeffentlich"


@dataclass(frozen=True)
class Regeln:
    """Rules of a region for one audience.

    Parameters
    ----------
    profile
        Suppression profiles of ``region.yml``.
    eigen
        Whether each area belongs to the Kommune the audience works for; its own detail may be finer.
    """

    profile: Mapping[str, Sperrprofil]
    katalog: Katalog
    audience: str
    eigen: np.ndarray

    def profil(self, indikator: Indikator) -> Sperrprofil:
        return self.profile[indikator.sperrprofil]

    def mindestbreite(self, indikator: Indikator) -> float:
        """Largest width any area asks for in an indicator."""
        profil = self.profil(indikator)
        least = float(self.mindestfallzahl(profil).max(initial=0))
        return float(profil.schutzbreite or 0) if least and profil.schutzbreite is not None else least

    def mindestfallzahl(self, profil: Sperrprofil) -> np.ndarray:
        """Smallest count that may be shown, per area; 0: any."""
        if self.audience == INTERN:
            return np.full(len(self.eigen), profil.mindestfallzahl_intern)
        own = profil.mindestfallzahl_kommune
        return np.where(self.eigen & (own is not None), own or 0, profil.mindestfallzahl)

    def feld(self, name: str) -> np.ndarray:
        """Smallest count of a delivered field, from the profile of its dataset."""
        page = self.katalog.datensaetze.get(name.partition(".")[0])
        known = None if page is None else self.profile.get(page.sperrprofil)
        wanted = list(self.profile.values()) if known is None else [known]  # the strictest of all if unknown
        return np.max([np.zeros(len(self.eigen)), *map(self.mindestfallzahl, wanted)], axis=0)


@dataclass(frozen=True)
class Primaer:
    """What the rules find in one indicator; arrays over the areas."""

    zahl: np.ndarray
    """The count itself is secret."""
    rest: np.ndarray
    """What is left to the denominator is secret, and the count with it."""
    basis: np.ndarray
    """The denominator is too small for a rate."""
    breite: np.ndarray


def primaer(
    regeln: Regeln,
    indikator: Indikator,
    zaehler: np.ndarray,
    nenner: np.ndarray,
    geheim: np.ndarray,
    beitraege: tuple[np.ndarray, ...] = (),
) -> Primaer:
    """Apply the rules of its profile to one indicator.

    Parameters
    ----------
    zaehler, nenner
        Counts per area; NaN unknown.
    geheim
        Hidden by the supplier already.
    beitraege
        Largest contributions to the count, largest first; NaN unknown. A rule that needs what is not known
        hides the count.
    """
    profil = regeln.profil(indikator)
    k = regeln.mindestfallzahl(profil)
    page = indikator.seite
    part = page.art == "quote" and page.anteil
    zahl = (zaehler > 0) & (zaehler < k)
    if not profil.null_zeigen:
        zahl |= (zaehler == 0) & (k > 0)
    zahl |= geheim & (k > 0)
    zahl |= _dominiert(profil, zaehler, beitraege)
    rest = np.zeros_like(zahl)
    if part and profil.komplement:
        left = nenner - zaehler
        rest = (left > 0) & (left < k)
    people = indikator.nenner is not None and FLAECHE not in indikator.nenner.felder
    basis = np.zeros_like(zahl)
    if people and regeln.audience != INTERN:
        basis = ~(nenner >= profil.mindestnenner) & (profil.mindestnenner > 0)
    width = np.where(k > 0, k if profil.schutzbreite is None else profil.schutzbreite, 0)
    return Primaer(zahl, rest, basis, width.astype(float))


def nicht_pruefbar(katalog: Katalog, profile: Mapping[str, Sperrprofil]) -> list[Befund]:
    """Indicators that no audience but the house sees, because a rule asks for contributions nobody delivers."""
    befunde = []
    for key, indikator in katalog.indikatoren.items():
        profil = profile[indikator.sperrprofil]
        needed = max(profil.dominanz.groesste if profil.dominanz else 0, 2 if profil.p_prozent else 0)
        dataset, _, field = indikator.zaehler.felder[0].partition(".")
        page = katalog.datensaetze[indikator.datensatz]
        own = len(indikator.zaehler.felder) == 1 and dataset == indikator.datensatz
        told = len(page.felder[field].beitraege) if own else 0
        if indikator.seite.art == "wert" or told >= needed:
            continue
        missing = "fehlt der größte Beitrag" if needed == 1 else f"fehlen die {needed} größten Beiträge"
        befunde.append(Befund(
            "warnung", f"{key} {indikator.seite.name}: Das Sperrprofil „{indikator.sperrprofil}“ prüft, ob wenige fast alles ausmachen. "
            f"Dazu {missing}; ohne sie wird der Indikator der Öffentlichkeit nicht gezeigt.",
            "Bitte die Spalten liefern lassen und am Feld des Zählers als „beitraege“ nennen oder ein anderes Sperrprofil wählen.",
            regel="geheimhaltung", datensatz=indikator.datensatz))  # fmt: skip
    return befunde


def _dominiert(profil: Sperrprofil, total: np.ndarray, parts: tuple[np.ndarray, ...]) -> np.ndarray:
    """Whether few contributors make up nearly all of a count.

    (n, k) rule: the n largest hold more than k percent. p percent rule: the second largest could tell
    the largest to within p percent, because what the others hold is less than that. Contributions that are not
    known could be everything.
    """
    found = np.zeros(len(total), dtype=bool)
    unknown = np.full(len(total), np.nan)
    if profil.dominanz is not None:
        count = profil.dominanz.groesste
        largest = np.sum([*parts[:count], *[unknown] * (count - len(parts))], axis=0)
        found |= ~(largest <= profil.dominanz.anteil / 100 * total)
    if profil.p_prozent is not None:
        first, second, *_ = (*parts, unknown, unknown)
        found |= ~(total - first - second >= profil.p_prozent / 100 * first)
    return found & (total > 0)
