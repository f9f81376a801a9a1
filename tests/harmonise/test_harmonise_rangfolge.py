"""Columns against the date before: reversed orders, exchanged columns, leaps; and no alarm without reason."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from test_harmonise_umrechnen import seite

from sozialanalyse import build
from sozialanalyse.harmonise import pruefe_merkmale
from sozialanalyse.harmonise.vertauschungen import umgekehrt, vertauscht

TAGE = ("2021-12-31", "2023-12-31")


def zahlen(n: int, saat: int, mittel: float = 200.0) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Counts of three fields in n areas on two dates, as slowly changing as in life."""
    rng = np.random.default_rng(saat)
    size = rng.lognormal(np.log(mittel), 0.5, n)
    names = [f"G {k}" for k in range(n)]
    level = {
        name: size * share * rng.lognormal(0, 0.3, n) for name, share in (("a", 1.0), ("b", 0.3), ("c", 0.08))
    }
    before = {name: rng.poisson(values).astype(float) for name, values in level.items()}
    now = {
        name: rng.poisson(values * rng.lognormal(0.02, 0.05, n)).astype(float)
        for name, values in level.items()
    }
    return pd.DataFrame(before, index=names), pd.DataFrame(now, index=names)


@pytest.mark.parametrize("n", [9, 20, 93, 450])
def test_a_reversed_order_is_found(n):
    before, now = zahlen(n, 1)
    quote = 100 * before["b"] / before["a"]
    frame = pd.DataFrame({"anteil": quote, "zahl": before["a"]})
    later = pd.DataFrame({"anteil": 100 - 100 * now["b"] / now["a"], "zahl": now["a"]})  # the complement
    assert list(umgekehrt(frame, later)) == ["anteil"]
    order = now["a"].sort_values()
    backwards = pd.Series(order.to_numpy()[::-1], index=order.index).reindex(now.index)
    assert umgekehrt(before, now.assign(a=backwards)).keys() == {"a"}


def test_a_correlation_of_seven_tenths_is_enough():
    rng = np.random.default_rng(3)
    before = pd.DataFrame({"q": rng.normal(20, 5, 60)})
    now = pd.DataFrame({"q": 40 - before["q"] + rng.normal(0, 5, 60)})
    ((name, rho),) = umgekehrt(before, now).items()
    assert name == "q"
    assert -0.85 < rho < -0.55


@pytest.mark.parametrize("mittel", [3, 20, 200])
def test_no_false_alarm_in_ordinary_columns(mittel):
    alarms = [
        (umgekehrt(*zahlen(n, saat, mittel)), vertauscht(*zahlen(n, saat, mittel)))
        for saat in range(30)
        for n in (9, 15, 60, 200)
    ]
    assert [alarm for alarm in alarms if any(alarm)] == []


def test_pure_chance_is_hardly_ever_called_reversed():
    rng = np.random.default_rng(5)
    told = sum(
        len(umgekehrt(pd.DataFrame(rng.normal(size=(n, 50))), pd.DataFrame(rng.normal(size=(n, 50)))))
        for n in (8, 12, 30)
        for _ in range(8)
    )
    assert told <= 15, "one in two hundred of 1,200, and some luck"


def test_few_areas_or_few_different_numbers_say_nothing():
    before, now = zahlen(5, 1)
    assert umgekehrt(before, -now) == {}
    flat = pd.DataFrame({"a": [0, 1, 0, 1, 2, 2, 0, 1.0]})
    assert umgekehrt(flat, -flat) == {}


def test_gaps_are_left_out():
    before, now = zahlen(30, 2)
    now.loc["G 3":"G 9", "a"] = np.nan
    assert list(umgekehrt(before, now.assign(a=-now["a"]))) == ["a"]


def test_exchanged_columns_are_found_and_no_others():
    before, now = zahlen(40, 4)
    assert vertauscht(before, now) == []
    ((one, other),) = vertauscht(before, now.rename(columns={"a": "c", "c": "a"}))
    assert {one, other} == {"a", "c"}
    assert vertauscht(before, now.assign(a=now["a"] * 3)) == [], "larger is not exchanged"


def befunde(before: pd.DataFrame, now: pd.DataFrame, page=None) -> dict[str, str]:
    frames = []
    for day, frame in zip(TAGE, (before, now), strict=True):
        long = (
            frame.rename_axis("gebiet_id").reset_index().melt("gebiet_id", var_name="feld", value_name="wert")
        )
        frames.append(
            long.assign(feld="d." + long["feld"], stichtag=day, zelle=[f"B{k}" for k in range(len(long))])
        )
    merkmale = pd.concat(frames, ignore_index=True).assign(datei="d.csv", blatt="", status="wert")
    rows = {"R": ("region", ""), "K": ("kommune", "R")} | dict.fromkeys(before.index, ("sozialraum", "K"))
    areas = pd.DataFrame.from_dict(rows, orient="index", columns=["level", "oberhalb"])
    page = page or seite(**{name: {} for name in before.columns})
    return {one.regel: f"{one.text} {one.abhilfe}" for one in pruefe_merkmale(merkmale, page, areas)}


def test_the_finding_names_column_correlation_and_remedy():
    before, now = zahlen(40, 6)
    order = now["a"].sort_values()
    told = befunde(
        before, now.assign(a=pd.Series(order.to_numpy()[::-1], index=order.index).reindex(now.index))
    )
    assert (
        "Stichtag 2023-12-31: Rangfolge umgekehrt gegenüber dem Stichtag davor (Rangkorrelation): d.a (−0,9"
        in told["rangfolge"]
    )
    assert "in umgekehrter Reihenfolge" in told["rangfolge"]
    told = befunde(before, now.rename(columns={"a": "b", "b": "a"}))
    assert "scheinen gegenüber dem Stichtag davor vertauscht" in told["vertauscht"]
    assert {"d.a", "d.b"} <= set(told["vertauscht"].replace(":", " ").split())
    assert told["vertauscht"].endswith(" Bitte prüfen, ob zwei Spalten die Plätze getauscht haben.")
    assert "rangfolge" not in told
    assert not {"rangfolge", "vertauscht"} & befunde(before, now).keys()


def test_leaps_of_rates_are_measured_by_the_others():
    """447 areas with shares on few people: they all move; only what moved far more than the rest is told."""
    rng = np.random.default_rng(7)
    before = pd.DataFrame({"q": rng.uniform(2, 12, 447)}, index=[f"G {k}" for k in range(447)])
    now = (before + rng.normal(0, 1.5, before.shape)).clip(lower=0)
    page = seite(q={"einheit": "%", "summierbar": False})
    assert "sprung" not in befunde(before, now, page)
    now.loc["G 17", "q"] += 30
    told = befunde(before, now, page)["sprung"]
    assert "am stärksten: G 17 d.q (" in told
    assert "weitere" not in told


def test_a_column_that_leaps_as_a_whole_is_one_finding():
    before, now = zahlen(93, 8)
    now["b"] *= 2
    told = befunde(before, now)["sprung"]
    assert "in ganzen Spalten d.b (" in told
    assert "von 93 Gebieten, in der Mitte +" in told


def test_rates_of_a_region_are_told_once_per_dataset(kleinregion):
    """Counts grow with the areas; only the rate shows that the complement was counted."""
    for row in kleinregion.arbeit[9:]:
        people = next(int(line[1]) for line in kleinregion.register[TAGE[1]] if line[0] == row[0])
        row[2] = people - row[2]
    told = [one for one in build.pruefe(kleinregion.schreibe().ordner) if one.regel == "rangfolge"]
    assert [one.datensatz for one in told] == ["arbeit"]
    assert "Arbeitslosigkeit, Stichtag 2023-12-31: Rangfolge umgekehrt" in told[0].text
    assert "ALO Arbeitslosenanteil (−1,00)" in told[0].text
