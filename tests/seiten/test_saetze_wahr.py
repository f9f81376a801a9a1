"""Sentences about invented areas, with and without planted effects: each is true of the numbers beneath it."""

from __future__ import annotations

import re
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from sozialanalyse.base.kontext import Ebene, Kontext
from sozialanalyse.seiten.teile.saetze import KLAR, Saetze
from sozialanalyse.seiten.teile.zahlen import Zahlen

TAGE = ("2020-12-31", "2023-12-31")
UNGEPRUEFT = "ohne Prüfung, ob das auch zufällig vorkommt"
GEBIETE = [f"G {n}" for n in range(1, 31)]
KOMMUNEN = ["K 1", "K 2", "K 3"]


class Erfunden(Zahlen):
    """Three Kommunen of ten areas; shares with cases, one with the other polarity, and a delivered value."""

    def __init__(self, seed: int, effect: float) -> None:
        rng = np.random.default_rng(seed)
        self.stichtag = TAGE[1]
        self.indikatoren = ["quote", "umgekehrt", "miete"]
        kind = {
            "art": ["quote", "quote", "geliefert"],
            "anteil": [True, True, False],
            "faelle": [True, True, False],
            "polaritaet": [1, -1, 0],
        }
        words = {
            "kurz": self.indikatoren,
            "name": self.indikatoren,
            "satz": ["Die Quote", "Der Anteil", "Die Miete"],
        }
        more = {
            "einfach": "Zahl",
            "einheit": ["%", "%", "EUR"],
            "nachkommastellen": 1,
            "faktor": [100.0, 100.0, 1.0],
        }
        self.katalog = pd.DataFrame(words | kind | more, index=self.indikatoren)
        self.region, self.daten = "R", SimpleNamespace(stichtage=TAGE, indikatoren=lambda: self.katalog)
        self.kommune = pd.Series(np.repeat(KOMMUNEN, 10), index=GEBIETE)
        place = effect * rng.normal(size=(30, 3))
        self.frames = {
            day: self._tag(rng, place + effect * rng.normal(size=(30, 3)) * n) for n, day in enumerate(TAGE)
        }

    def _tag(self, rng: np.random.Generator, effect: np.ndarray) -> dict[str, pd.DataFrame]:
        base = pd.DataFrame(rng.integers(80, 3_000, (30, 3)).astype(float), GEBIETE, self.indikatoren)
        rate = 1 / (1 + np.exp(2 - 0.5 * effect))
        count = pd.DataFrame(rng.binomial(base.astype(int), rate).astype(float), GEBIETE, self.indikatoren)
        for level in (self.kommune, pd.Series("R", index=GEBIETE)):
            base = pd.concat([base, base.loc[GEBIETE].groupby(level).sum()])
            count = pd.concat([count, count.loc[GEBIETE].groupby(level).sum()])
        value = 100 * count / base
        count["miete"] = base["miete"] = np.nan
        return {"wert": value, "zaehler": count, "nenner": base, "umgerechnet": 0 * value}

    def _breit(self, spalte: str, stichtag: str) -> pd.DataFrame:  # type: ignore[override]
        if spalte == "status":
            return pd.DataFrame("wert", self.frames[stichtag]["wert"].index, self.indikatoren)
        return self.frames[stichtag][spalte]


def sprecher(seed: int, effect: float) -> tuple[Erfunden, Saetze]:
    zahlen = Erfunden(seed, effect)
    levels = (
        Ebene("sozialraum", "Gebiet", "Gebiete", "Gebieten", "n"),
        Ebene("kommune", "Kommune", "Kommunen", "Kommunen"),
    )
    kontext = Kontext("Region", "Amt", "31.12.2023", "oeffentlich", *levels)
    names = pd.Series([*GEBIETE, *KOMMUNEN, "Region"], [*GEBIETE, *KOMMUNEN, "R"])
    return zahlen, Saetze(zahlen, kontext, names)


@pytest.mark.parametrize("effect", [0.0, 0.4, 2.0])
def test_every_sentence_is_true_of_its_number(effect: float) -> None:
    z, s = sprecher(int(10 * effect), effect)
    value, low, high = z.intervall
    for gebiet in [*GEBIETE, *KOMMUNEN]:
        for key in z.indikatoren:
            said = s.lage(gebiet, key).replace("\u00a0", " ")
            whole, own, spread = value.at["R", key], value.at[gebiet, key], z.streuung[key]
            claimed = re.search(r"(deutlich|etwas) (höher|niedriger) als in der Region", said)
            if claimed:
                word, side = claimed.groups()
                assert (own > whole) == (side == "höher")
                assert (abs(own - whole) / spread >= 1) == (word == "deutlich")
                assert key == "miete" or not low.at[gebiet, key] <= whole <= high.at[gebiet, key]
            beside = re.search(r"(höher|niedriger)( und in K|[.,])", said.split("Gegenüber")[-1])
            assert (UNGEPRUEFT in said) == (
                key == "miete" and bool(claimed or (beside and "Gegenüber" in said))
            )
            moved = s.verlauf(gebiet, key)
            old = z.wert_frueher.at[gebiet, key]
            assert ("gestiegen" in moved) <= (own > old)
            assert ("gesunken" in moved) <= (own < old)
            assert (UNGEPRUEFT in moved) == (key == "miete" and bool(re.search("gestiegen|gesunken", moved)))


@pytest.mark.parametrize("effect", [0.0, 2.0])
def test_superlatives_look_at_every_number_and_say_what_is_untested(effect: float) -> None:
    z, s = sprecher(7, effect)
    names = dict(zip(["die Quote", "der Anteil", "die Miete"], z.indikatoren, strict=True))
    told = 0
    for gebiet in GEBIETE:
        for side, sign in (("hoch", 1), ("tief", -1)):
            said = s.kurz_abweichung(gebiet, side)  # type: ignore[arg-type]
            apart = sign * z.abstand.loc[gebiet].where(z.zur_region.loc[gebiet].isin(KLAR))
            if "erkennbar" in said:
                assert not (apart > 0).any()
                continue
            told += 1
            best = apart.idxmax()
            assert next(key for words, key in names.items() if words in said) == best
            assert (UNGEPRUEFT in said) == (best == "miete")
            assert ("höher bedeutet hier weniger Bedarf" in said) == (best == "umgekehrt")
    assert told > 5


def test_without_effects_shares_are_rarely_said_to_differ() -> None:
    """Nothing planted: in at most 5 % of the areas anything is called higher or lower, or changed."""
    said = [sprecher(seed, 0.0) for seed in range(3)]
    words = pd.concat([z.zur_region.loc[GEBIETE, ["quote", "umgekehrt"]] for z, _ in said]).to_numpy()
    assert np.isin(words, KLAR).any(axis=1).mean() <= 0.06
    moved = pd.concat([z.verlauf.loc[GEBIETE, ["quote", "umgekehrt"]] for z, _ in said]).to_numpy()
    assert np.isin(moved, ["gestiegen", "gesunken"]).any(axis=1).mean() <= 0.06
