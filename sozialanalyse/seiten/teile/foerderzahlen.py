"""From the rule of a region and its public numbers to needs, shares and euros.

Euros are functions of counts. So that no hidden count can be read from an amount, every audience gets the
amounts that public numbers give: a hidden number of persons is replaced by what the rate of the Kommune
would give, and said to be so.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from sozialanalyse.analyse import funding
from sozialanalyse.analyse.disparity import rank_sets
from sozialanalyse.base import DatenFehler, ParameterFehler, Zwischenspeicher
from sozialanalyse.foerderung import Bedarf, FoerderSeite
from sozialanalyse.store import Daten

DRAWS = 200
ZEHN = 10
"""So many places are asked for in the order of need."""
ZUEGE = 1_000
CENT = 0.005
SCHWELLEN = (0.4, 0.6, 0.8, 1.0)


@dataclass(frozen=True)
class Gerechnet:
    """One need in numbers.

    ``werte`` areas x ingredients; ``score, z`` need; ``persons`` in need, ``estimated`` where they are
    replaced; ``reasons`` gates that fail; ``share`` 0 to 1 with decisions by hand; ``basis`` the numbers the
    rule judges, ``limit`` where they begin to count, ``scale`` mean and spread of the ingredients.
    """

    werte: pd.DataFrame
    score: pd.Series
    z: pd.DataFrame
    persons: pd.Series
    estimated: pd.Series
    reasons: pd.Series
    rule: funding.Rule
    share: pd.Series
    basis: pd.Series
    limit: pd.Series
    scale: funding.Scale


class Foerderung:
    """The rule applied to one date.

    Parameters
    ----------
    daten
        Public data.
    seite
        The checked rule.
    stichtag
        Date in ISO form.
    speicher
        Keeps what takes long.
    """

    def __init__(self, daten: Daten, seite: FoerderSeite, stichtag: str, speicher: Zwischenspeicher) -> None:
        self.daten, self.seite, self.stichtag, self.speicher = daten, seite, stichtag, speicher
        self.kommune = daten.kommune()
        self.katalog = daten.indikatoren()

    @cached_property
    def population(self) -> pd.Series:
        return self.daten.bevoelkerung(self.stichtag)

    def richtung(self, need: Bedarf) -> dict[str, float]:
        """Ingredient -> +1 or -1."""
        return {
            key: float(self.katalog.at[key, "polaritaet"]) or (1.0 if weight > 0 else -1.0)
            for key, weight in need.indikatoren.items()
        }

    def gewichte(self, need: Bedarf) -> dict[str, float]:
        return {key: abs(weight) for key, weight in need.indikatoren.items()}

    @cached_property
    def bedarfe(self) -> dict[str, Gerechnet]:
        """Needs that the data of the date carry."""
        found = {}
        for name, need in self.seite.bedarfe.items():
            try:
                found[name] = self._gerechnet(name, need)
            except DatenFehler:  # an ingredient is constant or empty
                continue
        return found

    @property
    def fehlende(self) -> list[str]:
        """Needs for which the date has not enough numbers."""
        return [need.name for key, need in self.seite.bedarfe.items() if key not in self.bedarfe]

    def _gerechnet(self, name: str, need: Bedarf) -> Gerechnet:
        keys = list(need.indikatoren)
        werte = self.daten.matrix(keys, self.stichtag)
        score, z = funding.need_scores(
            werte, self.richtung(need), self.gewichte(need), population=self._people
        )
        persons, estimated = self._personen(need.personen)
        gates = funding.Gates(
            need.mindestens.bevoelkerung, need.mindestens.personen, need.mindestens.auffaellig
        )
        reasons = gates.reasons(z, self.population, persons)
        rule, basis = self._regel(need, score)
        had = self.hatte(name)
        share = rule.share(basis, had).where((reasons == "") | score.isna(), 0.0).where(score.notna())
        for one in self.seite.von_hand:
            if one.bedarf == name:
                share[one.gebiet] = 1.0 if one.entscheidung == "ja" else 0.0
        scale = funding.scale_of(werte, self.richtung(need), self._people)
        limit = rule.begins(basis, had)
        return Gerechnet(werte, score, z, persons, estimated, reasons, rule, share, basis, limit, scale)

    def hatte(self, name: str) -> pd.Series | None:
        """Per area whether it had money for a need in the last period; None without one."""
        last = self.seite.letzte
        if last is None:
            return None
        there = set(last.hatten(name))
        return pd.Series([float(key in there) for key in self.kommune.index], index=self.kommune.index)

    @property
    def _people(self) -> pd.Series | None:
        return self.population if self.seite.gewichtung == "menschen" else None

    def _regel(self, need: Bedarf, score: pd.Series) -> tuple[funding.Rule, pd.Series]:
        """Rule of the method, and the numbers it judges."""
        rule = need.regel
        if rule.art == "schwelle":
            return funding.Threshold(rule.ein, rule.aus), score
        if rule.art == "quote":
            return funding.Quota(rule.anteil / 100), score
        if rule.art == "rampe":
            return funding.Taper(rule.von, rule.bis), score
        value = self.daten.matrix(rule.indikator, self.stichtag)[rule.indikator]
        single = funding.SingleCriterion(
            rule.grenze, self.population, self.kommune, rule.gewicht_region, rule.bevoelkerung
        )
        return single, value.where(score.notna())

    def _personen(self, key: str) -> tuple[pd.Series, pd.Series]:
        """Cases of an indicator per area; hidden ones from the rate of the Kommune, else of the region."""
        count, base = (frame[key] for frame in self.daten.faelle([key], self.stichtag))
        known = count.notna() & base.notna()
        town = self.kommune
        rate = count[known].groupby(town[known]).sum() / base[known].groupby(town[known]).sum()
        whole = count[known].sum() / base[known].sum() if base[known].sum() > 0 else np.nan
        people = base.fillna(self.population * (base[known].sum() / self.population[known].sum()))
        guess = people * town.map(rate).fillna(whole)
        return count.where(known, guess.round()).rename(key), ~known & guess.notna()

    # --- money --------------------------------------------------------------------------------

    def ansprueche(self, name: str, share: pd.Series) -> pd.Series:
        need, found = self.seite.bedarfe[name], self.bedarfe[name]
        strength = need.staerke
        return funding.units(
            found.persons, share.fillna(0.0), found.score,
            alpha=strength.je_einheit, above=strength.ab, most=strength.hoechstens,
        ).fillna(0.0)  # fmt: skip

    def _topf(self, name: str, share: pd.Series) -> pd.Series:
        """Unrounded euro of one need."""
        money, pot = self.seite.mittel, self._betrag(name)
        return funding.allocate(
            self.ansprueche(name, share),
            pot,
            low=money.sockel,
            high=self._deckel(name),
            groups=self.kommune,
            group_high=pot * money.deckel_kommune / 100,
        ).amounts

    def _betrag(self, name: str) -> float:
        return self.seite.mittel.betrag * self.seite.bedarfe[name].anteil / 100

    def _deckel(self, name: str) -> float:
        """Most euro one area may have for a need."""
        money = self.seite.mittel
        return max(self._betrag(name) * money.deckel / 100, money.sockel)

    def grenze(self, name: str, area: str) -> str:
        """Which limit of the rule the amount of a need is: "sockel", "deckel", or "" for neither."""
        money, euro = self.seite.mittel, float(self.je_bedarf[name][area])
        if money.sockel > 0 and abs(euro - money.sockel) < CENT:
            return "sockel"
        return "deckel" if money.deckel < 100 and euro > 0 and abs(euro - self._deckel(name)) < CENT else ""

    def verteilt(self, shares: dict[str, pd.Series]) -> pd.DataFrame:
        """Areas x needs, euro before rounding and transition."""
        return pd.DataFrame({name: self._topf(name, share) for name, share in shares.items()})

    @cached_property
    def je_bedarf(self) -> pd.DataFrame:
        return self.verteilt({name: found.share for name, found in self.bedarfe.items()})

    @cached_property
    def betraege(self) -> pd.Series:
        """Euro per area, rounded, after the limits of change."""
        total = self.je_bedarf.sum(axis=1)
        limits = self.seite.mittel.uebergang
        if limits and self.bisher is not None and total.sum() > 0:
            low, high = funding.transition_bounds(self.bisher, down=limits.ab / 100, up=limits.auf / 100)
            claim = total.where(total > 0, (low > 0) * 1e-6)
            total = funding.allocate(claim, float(total.sum()), low=low, high=high).amounts
        return funding.round_amounts(total.round(6), self.seite.mittel.runden)

    @property
    def rest(self) -> float:
        """Euro of the sum that the caps, or needs nobody has, leave without a place."""
        return max(self.seite.mittel.betrag - float(self.betraege.sum()), 0.0)

    @cached_property
    def bisher(self) -> pd.Series | None:
        """Euro of the last period per area; None if there was none."""
        last = self.seite.letzte
        return None if last is None else pd.Series(last.betraege).reindex(self.kommune.index).fillna(0.0)

    @cached_property
    def erfuellt(self) -> pd.DataFrame:
        """Areas x needs: whether the share is above 0; missing where it cannot be told."""
        return pd.DataFrame(
            {name: (f.share > 0).astype("boolean").where(f.share.notna()) for name, f in self.bedarfe.items()}
        )

    @cached_property
    def gefoerdert(self) -> pd.Series:
        """Whether an area has at least one need."""
        return self.erfuellt.fillna(False).any(axis=1)

    # --- how sure -----------------------------------------------------------------------------

    @cached_property
    def gewissheit(self) -> dict[str, funding.CertaintyResult]:
        """Need -> which decisions stand; decisions by hand are judged as the rule alone would decide."""
        found = {}
        for name, one in self.bedarfe.items():
            need = self.seite.bedarfe[name]
            if need.regel.art == "merkmal":
                continue
            keys = list(one.werte.columns)
            count, base = self.daten.faelle(keys, self.stichtag)
            found[name] = self.speicher.hole(
                funding.certainty,
                one.werte, self.richtung(need), one.rule, self.gewichte(need),
                count=count, base=base, population=self.population,
                weighted=self.seite.gewichtung == "menschen",
                before=self._vorjahr(keys), previous=self.hatte(name), passes=one.reasons == "",
                others={f"Schwelle {str(limit).replace('.', ',')}": funding.Threshold(limit) for limit in SCHWELLEN},
                draws=DRAWS,
            )  # fmt: skip
        return found

    @property
    def ohne_rauschen(self) -> list[str]:
        """Ingredients without cases somewhere: nobody knows how much they scatter, so nothing there is sure."""
        return list(dict.fromkeys(key for result in self.gewissheit.values() for key in result.without_noise))

    def _vorjahr(self, keys: list[str]) -> pd.DataFrame | None:
        """Newest earlier date with values of all ingredients."""
        for day in reversed([day for day in self.daten.stichtage if day < self.stichtag]):
            matrix = self.daten.matrix(keys, day)
            if matrix.notna().any().all():
                return matrix
        return None

    @cached_property
    def raenge(self) -> dict[str, pd.DataFrame]:
        """Need -> per area whether it could be, and surely is, among the ten with the highest need.

        Not where an ingredient has no counts: nobody knows how much it scatters.
        """
        found = {}
        for name, result in self.gewissheit.items():
            score, keys = result.table["score"], list(self.bedarfe[name].werte.columns)
            count, _ = self.daten.faelle(keys, self.stichtag)
            if score.notna().sum() > 2 * ZEHN and count.reindex(columns=keys).notna().any().all():
                error = result.table["fehler"]
                found[name] = self.speicher.hole(rank_sets, score, error=error, top=ZEHN, draws=ZUEGE).table
        return found

    @cached_property
    def seither(self) -> dict[str, funding.EvaluationResult]:
        """Need -> how its rate moved where there was money, beside what the choice of bad years alone brings."""
        last, found = self.seite.letzte, {}
        if last is None:
            return {}
        before = [day for day in self.daten.stichtage if day <= last.von.isoformat()]
        if not before or self.stichtag <= last.von.isoformat():
            return {}
        for name in self.bedarfe:
            key = self.seite.bedarfe[name].personen
            pairs = [self.daten.faelle([key], day) for day in (before[-1], self.stichtag)]
            count, base = ((pairs[0][i][key], pairs[1][i][key]) for i in (0, 1))
            with suppress(ParameterFehler):  # nobody funded, or no counts on one of the days
                found[name] = self.speicher.hole(funding.evaluate_funded, count, base, self.hatte(name))
        return found

    # --- for one area -------------------------------------------------------------------------

    def abstand(self, name: str) -> pd.Series:
        """Per area how far its number lies above the limit of a need; below 0 what is missing."""
        one = self.bedarfe[name]
        return one.basis - one.limit

    def hebel(self, name: str, area: str) -> tuple[str, float] | None:
        """One ingredient and the value with which an area would just reach the limit, all others as they are.

        Of those that can do it within what the region knows, the one that would have to move least.
        """
        one, need = self.bedarfe[name], self.seite.bedarfe[name]
        gap = -float(self.abstand(name)[area])
        if need.regel.art == "merkmal":
            return need.regel.indikator, float(one.limit[area])
        weights = pd.Series(self.gewichte(need)).reindex(one.werte.columns)
        total = float(weights[one.z.loc[area].notna()].sum())
        found: list[tuple[float, str, float]] = []
        for number, key in enumerate(one.werte.columns):
            z, values = float(one.z.at[area, key]), one.werte[key]
            if not abs(z) < funding.WINSOR:  # a gap, or cut
                continue
            move = gap * total / float(weights[key])
            value = float(
                one.scale.mean[number] + one.scale.sign[number] * (z + move) * one.scale.spread[number]
            )
            if abs(z + move) <= funding.WINSOR and values.min() <= value <= values.max():
                found.append((abs(move), str(key), value))
        return min(found)[1:] if found else None

    def andere_regeln(self) -> dict[str, pd.Series]:
        """Name -> euro per area under rules of other places on the same data and the same sum."""
        keys = list(self.bedarfe)
        money = self.seite.mittel
        found = {"eigene": self.betraege}
        variants = {
            "schwelle": lambda one: funding.Threshold(0.6).share(one.score),
            "quote": lambda one: funding.Quota(0.28).share(one.score),
            "rampe": lambda one: funding.Taper(0.4, 0.8).share(one.score),
        }
        bare = Foerderung(self.daten, _ohne_grenzen(self.seite), self.stichtag, self.speicher)
        bare.__dict__["bedarfe"] = self.bedarfe
        for rule, share in variants.items():
            found[rule] = bare.verteilt({key: share(self.bedarfe[key]) for key in keys}).sum(axis=1)
        two = {key: funding.two_factor_units(self.population, self.bedarfe[key].persons, 0.5) for key in keys}
        points = pd.DataFrame({key: self.bedarfe[key].persons for key in keys})
        ranks = funding.rank_points(points, pd.DataFrame({key: self.bedarfe[key].score for key in keys}))
        found["zwei_faktoren"] = sum(
            (
                money.betrag * self.seite.bedarfe[key].anteil / 100 * unit.fillna(0.0)
                for key, unit in two.items()
            ),
            start=pd.Series(0.0, index=self.population.index),
        )
        found["rangpunkte"] = money.betrag * ranks.fillna(0.0) / max(ranks.sum(), 1e-9)
        found["je_kopf"] = money.betrag * self.population.fillna(0.0) / self.population.sum()
        return found


def _ohne_grenzen(seite: FoerderSeite) -> FoerderSeite:
    """The rule without floor, cap and transition."""
    free = seite.mittel.model_copy(
        update={"sockel": 0.0, "deckel": 100.0, "deckel_kommune": 100.0, "uebergang": None}
    )
    return seite.model_copy(update={"mittel": free})
