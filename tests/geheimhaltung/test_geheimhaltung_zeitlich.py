"""Stocks that flows carry forward are found and told; by chance there are none."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from sozialanalyse.geheimhaltung import Wissen, zeitlich
from sozialanalyse.geheimhaltung.zeitlich import Fortschreibung

TAGE = ("2021-12-31", "2022-12-31", "2023-12-31")


def welt(seed: int, areas: int = 25) -> dict[str, pd.DataFrame]:
    """Births, deaths, arrivals (men, women, all), departures; and a stock of another dataset that follows them."""
    rng = np.random.default_rng(seed)
    stock, tables = rng.integers(500, 5000, areas).astype(float), {}
    for day in TAGE:
        flow = {
            name: rng.poisson(size, areas).astype(float)
            for name, size in zip(("geb", "gest", "zu_m", "zu_w", "fort"), (20, 15, 60, 70, 110), strict=True)
        }
        flow["zu"] = flow["zu_m"] + flow["zu_w"]
        stock = stock + flow["geb"] - flow["gest"] + flow["zu"] - flow["fort"]
        fields = {f"bew.{name}": counts for name, counts in flow.items()}
        tables[day] = pd.DataFrame(
            {"ew.alle": stock, "ew.alt": rng.poisson(stock / 5).astype(float), **fields},
            index=[f"G{i}" for i in range(areas)],
        )
    return tables


@pytest.mark.parametrize("seed", range(4))
def test_a_stock_that_is_carried_forward_is_found_whatever_else_adds_up(seed):
    tables = welt(seed)
    flows = ((1, "bew.geb"), (1, "bew.zu"), (-1, "bew.fort"), (-1, "bew.gest"))
    assert zeitlich.finde(tables) == [Fortschreibung("ew.alle", flows, 50)]
    gaps = {day: table.copy() for day, table in tables.items()}
    gaps[TAGE[1]].iloc[:10, 0] = np.nan
    assert zeitlich.finde(gaps)[0].zeilen == 30


def test_one_area_that_moves_otherwise_or_too_few_rows_are_no_rule():
    tables = welt(1)
    tables[TAGE[2]].loc["G7", "bew.geb"] += 1
    tables[TAGE[2]].loc["G7", "bew.zu_m"] += 1
    assert zeitlich.finde(tables) == []
    assert zeitlich.finde({day: table.iloc[:4] for day, table in welt(1).items() if day > TAGE[0]}) == []
    assert zeitlich.finde({TAGE[0]: welt(1)[TAGE[0]]}) == []


def test_the_planner_is_told_in_words():
    told = Wissen(fortschreibungen=tuple(zeitlich.finde(welt(2)))).befunde(None)
    assert [one.schwere for one in told] == ["warnung"]
    assert "ew.alle = ew.alle am Stichtag davor + bew.geb + bew.zu - bew.fort - bew.gest" in told[0].text
    assert told[0].datensatz == "ew"
