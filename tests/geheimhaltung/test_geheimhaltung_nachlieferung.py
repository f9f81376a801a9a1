"""What is delivered later never shows more of what was published before; both publications together tell nothing secret."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import linprog
from test_geheimhaltung_sperren import areas, catalogue, indicator, values

from sozialanalyse.geheimhaltung import register, schuetze
from sozialanalyse.region.region import Sperrprofil

K = 10
GEBIETE = areas(4, 3)
KLEIN = list(GEBIETE.index[GEBIETE["level"] == "sozialraum"])
SUMMEN = {"A": "a", "B": "b", "C": "a + b", "D": "c", "E": "b + c"}


def welt(seed: int) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(seed)
    return {name: rng.poisson(rng.choice([5, 14, 40], len(KLEIN))) for name in "abc"}


def geliefert(felder: dict[str, np.ndarray], keys: str) -> tuple[pd.DataFrame, object]:
    """Values of some indicators, with their catalogue."""
    tables = []
    for key in keys:
        counts = sum(felder[name] for name in SUMMEN[key].split(" + "))
        table = values(GEBIETE, key, [float(one) for one in counts])
        tables.append(table.assign(wert=table["zaehler"], nenner=np.nan))
    return pd.concat(tables, ignore_index=True), catalogue(
        *(indicator(key, SUMMEN[key], None) for key in keys)
    )


def zeile(area: str, key: str) -> np.ndarray:
    owner = GEBIETE["oberhalb"]
    inside = np.array([float(area in (one, owner[one], "R")) for one in KLEIN])
    inside = inside if area != "R" else np.ones(len(KLEIN))
    return np.concatenate([inside * (name in SUMMEN[key]) for name in "abc"])


def weite(seen: list[pd.DataFrame], area: str, key: str) -> float:
    """Interval of a count for somebody who kept everything; solved with nothing of the package."""
    rows = pd.concat(seen)
    system = np.array([zeile(a, k) for a, k in zip(rows["gebiet_id"], rows["indikator_id"], strict=True)])
    goal = zeile(area, key)
    ends = [
        linprog(sign * goal, A_eq=system, b_eq=rows["zaehler"], bounds=(0, 1e5), method="highs").fun
        for sign in (1, -1)
    ]
    return -ends[1] - ends[0]


@pytest.mark.parametrize("seed", range(4))
def test_a_later_delivery_shows_nothing_more_of_an_older_one(seed: int) -> None:
    """First a and b, then their sum, then a third field and a sum with it: three publications, one reader."""
    felder = welt(seed)
    seen: list[pd.DataFrame] = []
    for keys in ("AB", "ABC", "ABCDE"):
        werte, katalog = geliefert(felder, keys)
        known = pd.concat([one.assign(bestand=str(i)) for i, one in enumerate(seen)]) if seen else None
        found = schuetze(
            werte, GEBIETE, katalog, {"p": Sperrprofil(mindestfallzahl=K)}, "oeffentlich", bekannt=known
        )
        assert found.ziele["geschuetzt"].all()
        shown = found.werte.dropna(subset="wert")[register.SPALTEN]
        if seen:
            old = shown[shown["indikator_id"].isin(seen[-1]["indikator_id"])]
            assert set(zip(old["gebiet_id"], old["indikator_id"], strict=True)) == set(
                zip(seen[-1]["gebiet_id"], seen[-1]["indikator_id"], strict=True)
            )
        seen.append(shown)
        secret = werte[werte["zaehler"].between(1, K - 1)]
        for area, key in list(zip(secret["gebiet_id"], secret["indikator_id"], strict=True))[:6]:
            assert weite(seen, area, key) >= K - 1e-3
