"""Stocks that flows carry forward are found and told; by chance there are none."""

from __future__ import annotations

import itertools
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import linprog

from sozialanalyse.geheimhaltung import Wissen, schuetze, zeitlich
from sozialanalyse.geheimhaltung.zeitlich import Fortschreibung
from sozialanalyse.region.catalogue import DatensatzSeite, Indikator, IndikatorSeite, Katalog, Summe
from sozialanalyse.region.region import Sperrprofil

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


def test_rows_that_repeat_each_other_are_one_piece_of_evidence():
    """Thirty areas with the same numbers say no more than one; as many different ones are no chance."""
    rng = np.random.default_rng(1)
    parts = rng.integers(20, 900, (30, 3)).astype(float)
    table = np.column_stack([parts.sum(axis=1), parts])
    factors = np.array([1.0, -1.0, -1.0, -1.0])
    assert zeitlich._glaubhaft(table, factors)
    assert not zeitlich._glaubhaft(np.repeat(table[:1], 30, axis=0), factors)
    assert not zeitlich._glaubhaft(np.unique(table % 2, axis=0), factors), "zeros and ones add up by chance"
    assert not zeitlich._glaubhaft(1e9 * table[:5], factors), "any five rows can be added up by four factors"
    assert zeitlich._glaubhaft(table[:6], factors)


def test_the_planner_is_told_in_words():
    told = Wissen(fortschreibungen=tuple(zeitlich.finde(welt(2)))).befunde(None)
    assert [one.schwere for one in told] == ["hinweis"]
    assert told[0].text == (
        f"In allen {zeitlich.finde(welt(2))[0].zeilen} Zeilen, in denen alles bekannt ist, gilt ew.alle = ew.alle am Stichtag davor + "
        "bew.geb + bew.zu - bew.fort - bew.gest. Die Geheimhaltung rechnet damit, dass Lesende zwei Stichtage vergleichen."
    )
    assert told[0].abhilfe == (
        "Bitte prüfen, ob das immer so ist. Wird zu viel gesperrt, kleine Zu- und Abgänge nur für Kommunen zeigen."
    )
    assert told[0].datensatz == "ew"


# --- protected across dates -------------------------------------------------------------------------

K = 5
FELDER = ("alle", "geb", "gest", "zu", "fort")
ZEICHEN = (1, 1, -1, 1, -1)


def kreis(seed: int) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Two Kommunen of five to seven areas with a stock and its flows: areas, counts, and the values of all levels."""
    rng = np.random.default_rng(seed)
    small = {f"K{town}.{i}": f"K{town}" for town in range(2) for i in range(int(rng.integers(5, 8)))}
    rows = [("R", "region", ""), *((town, "kommune", "R") for town in ("K0", "K1"))]
    rows += [(key, "sozialraum", town) for key, town in small.items()]
    gebiete = pd.DataFrame(rows, columns=["gebiet_id", "level", "oberhalb"]).set_index("gebiet_id")
    stock = rng.integers(100, 900, len(small)).astype(float)
    parts = []
    for day in TAGE:
        flows = [
            rng.poisson(rng.choice([3, 12, 40], len(small)), len(small)).astype(float) for _ in FELDER[1:]
        ]
        stock = stock + sum(sign * flow for sign, flow in zip(ZEICHEN[1:], flows, strict=True))
        for name, counts in zip(FELDER, (stock, *flows), strict=True):
            parts.append(
                pd.DataFrame({"gebiet_id": list(small), "feld": f"d.{name}", "stichtag": day, "wert": counts})
            )
    merkmale = pd.concat(parts, ignore_index=True).assign(status="wert", umgerechnet=0)
    above = merkmale.assign(gebiet_id=merkmale["gebiet_id"].map(small))
    groups = [merkmale, above, above.assign(gebiet_id="R")]
    sums = [one.groupby(["gebiet_id", "feld", "stichtag"], as_index=False)["wert"].sum() for one in groups]
    werte = pd.concat(sums, ignore_index=True)
    werte["indikator_id"] = werte.pop("feld").str.removeprefix("d.")
    return gebiete, merkmale, werte.assign(zaehler=werte["wert"], nenner=np.nan, status="wert")


def katalog() -> Katalog:
    pages = {
        key: Indikator(
            key, "d", IndikatorSeite.model_validate({"name": key, "thema": "t", "zaehler": key, "art": "anzahl"}),
            Summe.lesen(key, "d"), None, "p",
        )
        for key in FELDER
    }  # fmt: skip
    return Katalog(dict[str, DatensatzSeite](), pages, {})


def spannen(
    gebiete: pd.DataFrame, werte: pd.DataFrame, gezeigt: pd.DataFrame
) -> dict[tuple[str, str, str], float]:
    """How far every secret count stays open for a reader who lays all dates side by side."""
    small = list(gebiete.index[gebiete["level"] == "sozialraum"])
    place = {
        cell: i
        for i, cell in enumerate((day, name, area) for day in TAGE for name in FELDER for area in small)
    }
    owner = gebiete["oberhalb"]
    rows, right = [], []
    for cell in gezeigt.dropna(subset="wert").itertuples():
        row = np.zeros(len(place))
        for area in small:
            if cell.gebiet_id in (area, owner[area], "R"):
                row[place[cell.stichtag, cell.indikator_id, area]] = 1
        rows.append(row)
        right.append(cell.wert)
    for before, after in itertools.pairwise(TAGE):
        for area in small:
            row = np.zeros(len(place))
            row[place[before, "alle", area]] = -1
            for sign, name in zip((1, *(-one for one in ZEICHEN[1:])), FELDER, strict=True):
                row[place[after, name, area]] += sign
            rows.append(row)
            right.append(0.0)
    table = np.array(rows)
    widths = {}
    secret = werte[(werte["wert"] > 0) & (werte["wert"] < K) & werte["gebiet_id"].isin(small)]
    for cell in secret.itertuples():
        key = (cell.stichtag, cell.indikator_id, cell.gebiet_id)
        goal = np.zeros(len(place))
        goal[place[key]] = 1
        ends = [linprog(sign * goal, A_eq=table, b_eq=right, bounds=(0, 1e5)).fun for sign in (1, -1)]
        widths[key] = -ends[1] - ends[0]
    return widths


def test_what_the_date_before_left_narrow_stops_nothing():
    """A small stock once stood beside nothing but shown numbers: later dates can do nothing about that."""
    gebiete, merkmale, werte = kreis(5)
    stocks = merkmale[merkmale["feld"] == "d.alle"].pivot(
        index="gebiet_id", columns="stichtag", values="wert"
    )
    area = str((stocks.min(axis=1) - stocks[TAGE[0]]).idxmax())
    away = stocks.at[area, TAGE[0]] - 3
    merkmale.loc[(merkmale["gebiet_id"] == area) & (merkmale["feld"] == "d.alle"), "wert"] -= away
    above = werte["gebiet_id"].isin([area, gebiete.at[area, "oberhalb"], "R"]) & (
        werte["indikator_id"] == "alle"
    )
    werte.loc[above, ["wert", "zaehler"]] -= away
    told = werte[(werte["stichtag"] == TAGE[0]) & (werte["gebiet_id"] != area)].assign(bestand="alt")
    pages, profile = katalog(), {"p": Sperrprofil(mindestfallzahl=K)}
    known = Wissen.aus_merkmalen(merkmale, gebiete, pages)
    assert [one.bestand for one in known.fortschreibungen] == ["d.alle"]
    found = schuetze(
        werte, gebiete, pages, profile, "oeffentlich", merkmale=merkmale, known=known, bekannt=told
    )
    narrow = found.ziele[~found.ziele["geschuetzt"]]
    assert area in set(narrow["gebiet_id"])
    assert set(narrow["stichtag"]) == {TAGE[0]}


@pytest.mark.parametrize("seed", range(3))
def test_who_compares_dates_learns_no_small_flow(seed):
    gebiete, merkmale, werte = kreis(seed)
    pages = katalog()
    known = Wissen.aus_merkmalen(merkmale, gebiete, pages)
    assert [one.bestand for one in known.fortschreibungen] == ["d.alle"]
    profile = {"p": Sperrprofil(mindestfallzahl=K)}
    found = schuetze(werte, gebiete, pages, profile, "oeffentlich", merkmale=merkmale, known=known)
    assert found.offen.empty
    widths = spannen(gebiete, werte, found.werte)
    assert widths
    assert min(widths.values()) > K - 1e-6
    blind = schuetze(
        werte, gebiete, pages, profile, "oeffentlich", merkmale=merkmale, known=replace(known, fortschreibungen=())
    )  # fmt: skip
    assert min(spannen(gebiete, werte, blind.werte).values()) < K
