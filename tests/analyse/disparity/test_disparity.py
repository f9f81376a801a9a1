"""Gap along need, trend over dates, possible ranks: published values, R, planted truth, tables by hand."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sozialanalyse.analyse.disparity import gradient, rank_sets, trend
from sozialanalyse.base.errors import DatenFehler, ParameterFehler

FOLDER = Path(__file__).parents[2] / "referenz"
DATA = FOLDER / "daten_disparity"
R = pd.read_csv(FOLDER / "referenz_disparity.csv", index_col="key")["value"]
PUBLISHED = pd.read_csv(DATA / "sii_published.csv")
TOP_FIVE = {
    "Belgium", "Canada", "Denmark", "Estonia", "Finland", "Japan", "Korea", "Netherlands", "Poland",
    "Slovenia", "Switzerland",
}  # fmt: skip


# --- gradient -----------------------------------------------------------------------------------


@pytest.mark.parametrize("row", PUBLISHED.to_dict("records"), ids=lambda row: row["key"])
def test_slope_and_relative_index_as_published(row: dict[str, float]) -> None:
    case, what = str(row["key"]).rsplit(".", 1)
    data = pd.read_csv(DATA / "sii.csv").query("case == @case").reset_index(drop=True)
    result = gradient(data["Value"], data["Quantile"], data["Population"], error=data["StandardError"])
    assert result.table.iloc[0][what] == pytest.approx(row["value"], abs=row["tolerance"])


def test_gradient_of_areas_equals_weighted_regression_in_r() -> None:
    data = pd.read_csv(DATA / "swiss.csv").sample(frac=1, random_state=1)
    table = gradient(data["value"], data["need"], data["people"]).table
    assert table["sii"].iloc[0] == pytest.approx(R["swiss.sii"], rel=1e-9)
    assert table["rii"].iloc[0] == pytest.approx(R["swiss.rii"], rel=1e-9)
    assert table["sii_low"].isna().all()


def test_fifths_by_hand() -> None:
    value = pd.Series([10.0, 20, 30, 40, 50], index=list("abcde"))
    need = pd.Series([1.0, 2, 3, 4, 5], index=list("abcde"))
    even = gradient(value, need, pd.Series(100.0, index=list("abcde")))
    assert even.fifths.iloc[0].tolist() == pytest.approx([10, 20, 30, 40, 50])
    assert even.table["sii"].iloc[0] == pytest.approx(50)  # places .1, .3 .. .9
    # half of all people live in e: the two upper fifths are e alone, the middle one e and d
    people = pd.Series([100.0, 100, 100, 200, 500], index=list("abcde"))
    uneven = gradient(value, need, people).fifths.iloc[0].tolist()
    assert uneven == pytest.approx([15, 35, 45, 50, 50])


def test_interval_covers_the_planted_gradient() -> None:
    rng = np.random.default_rng(0)
    n, hits = 60, 0
    need = pd.Series(np.arange(n, dtype=float))
    people = pd.Series(rng.integers(80, 900, n).astype(float))
    place = (people.cumsum() - people / 2) / people.sum()
    truth = 0.05 + 0.10 * place
    for _ in range(200):
        cases = pd.Series(rng.binomial(people.astype(int), truth).astype(float))
        row = gradient(100 * cases / people, need, people, count=cases, base=people, factor=100).table.iloc[0]
        hits += bool(row["sii_low"] <= 10 <= row["sii_high"])
    assert 0.90 <= hits / 200 <= 0.99


@given(st.integers(5, 40), st.integers(0, 10_000))
def test_gradient_turns_with_need_and_knows_no_order(n: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    value, people = pd.Series(rng.normal(20, 3, n)), pd.Series(rng.integers(1, 500, n).astype(float))
    need = pd.Series(rng.integers(0, 6, n).astype(float))
    if need.nunique() < 2:
        return
    error = pd.Series(rng.uniform(0.1, 2, n))
    one = gradient(value, need, people, error=error).table.iloc[0]
    order = rng.permutation(n)
    again = gradient(value.iloc[order], need, people, error=error).table.iloc[0]
    back = gradient(value, -need, people, error=error).table.iloc[0]
    assert again["sii"] == pytest.approx(one["sii"])
    assert back["sii"] == pytest.approx(-one["sii"])
    assert back["abstand"] == pytest.approx(-one["abstand"])
    assert one["sii_low"] <= one["sii"] <= one["sii_high"]
    assert (one["p"] < 0.05) == (one["sii_low"] > 0 or one["sii_high"] < 0)
    assert one["abstand_low"] <= one["abstand"] <= one["abstand_high"]


def test_gradient_says_what_it_cannot() -> None:
    value = pd.Series([1.0, 2, 3, 4, np.nan, 6])
    people = pd.Series(10.0, index=value.index)
    need = pd.Series(np.arange(6.0))
    table = gradient(value.to_frame("a").assign(b=np.nan), need, people).table
    assert list(table.index) == ["a"]
    assert table["gebiete"].tolist() == [5]
    assert "ohne Fallzahlen" in gradient(value, need, people).summary()
    wide = gradient(value, need, people, error=pd.Series(50.0, index=value.index))
    assert "nicht zu entscheiden" in wide.summary()
    below = gradient(value - 20, need, people, error=pd.Series(0.1, index=value.index)).table.iloc[0]
    assert np.isnan(below["rii"])
    assert "<table" in wide._repr_html_()
    for bad, kind in (
        ({"value": value.head(4)}, DatenFehler),
        ({"need": need * 0}, DatenFehler),
        ({"value": value.replace(6.0, np.inf)}, DatenFehler),
        ({"level": 1.0}, ParameterFehler),
        ({"need": np.arange(3.0)}, ParameterFehler),
        ({"value": pd.Series([1.0] * 6, index=[0] * 6)}, ParameterFehler),
    ):
        with pytest.raises(kind):
            gradient(**({"value": value, "need": need, "people": people} | bad))  # type: ignore[arg-type]


# --- trend --------------------------------------------------------------------------------------

SMOKERS = [83.0, 90, 129, 70], [86.0, 93, 136, 82]
YEARS = [2015, 2017, 2018, 2022, 2023]
UNEVEN = [12.0, 15, 11, 25, 31], [401.0, 390, 420, 433, 470]


def row_of(cases: list[float], people: list[float], columns: list[int], *, share: bool = True) -> pd.Series:
    count, base = pd.DataFrame([cases], columns=columns), pd.DataFrame([people], columns=columns)
    return trend(count, base, share=share).table.iloc[0]


def test_trend_equals_r() -> None:
    row = row_of(*SMOKERS, [1, 2, 3, 4])
    assert row["p"] == pytest.approx(R["smokers.p"], rel=1e-9)
    assert row["p_krumm"] == pytest.approx(R["smokers.curved"], rel=1e-9)
    assert row["veraenderung"] == pytest.approx(R["smokers.slope"], rel=1e-9)
    assert row["low"] < row["veraenderung"] < row["high"] < 0
    row = row_of(*UNEVEN, YEARS)
    assert row["p"] == pytest.approx(R["uneven.p"], rel=1e-9)
    assert row["veraenderung"] == pytest.approx(R["uneven.slope"], rel=1e-9)
    assert row_of(*UNEVEN, YEARS, share=False)["p"] == pytest.approx(R["poisson.p"], rel=1e-9)


def test_days_count_as_parts_of_years() -> None:
    days = ["2015-12-31", "2017-12-31", "2018-12-31", "2022-12-31", "2023-12-31"]
    row = row_of(*UNEVEN, days)  # type: ignore[arg-type]
    assert row["veraenderung"] == pytest.approx(R["uneven.slope"], rel=1e-3)


def test_trend_holds_its_level_and_finds_what_is_planted() -> None:
    rng = np.random.default_rng(3)
    people = rng.integers(200, 2_000, (2_000, 5)).astype(float)
    base = pd.DataFrame(people, columns=YEARS)
    same = pd.DataFrame(rng.binomial(people.astype(int), 0.08).astype(float), columns=YEARS)
    quiet = trend(same, base).table
    assert (quiet["p"] <= 0.05).mean() == pytest.approx(0.05, abs=0.015)
    assert (quiet["richtung"] == "offen").mean() > 0.99
    rise = 0.05 + 0.01 * (np.array(YEARS) - 2015)
    more = pd.DataFrame(rng.binomial(people.astype(int), rise).astype(float), columns=YEARS)
    found = trend(more, base, factor=100).table
    assert (found["richtung"] == "steigt").mean() > 0.95
    assert ((found["low"] <= 1) & (found["high"] >= 1)).mean() == pytest.approx(0.95, abs=0.02)


@pytest.mark.parametrize("rise", [0.0, 0.02])
def test_sentences_are_true_of_their_numbers(rise: float) -> None:
    """Gap, trend and ranks of planted nulls and effects: counts and verdicts follow from the tables."""
    rng = np.random.default_rng(5)
    people = pd.DataFrame(rng.integers(300, 1_500, (40, 5)).astype(float), columns=YEARS)
    rate = 0.1 + rise * (np.array(YEARS) - 2015) / 2 + 4 * rise * np.linspace(0, 1, 40)[:, None]
    count = pd.DataFrame(rng.binomial(people.astype(int), rate).astype(float), columns=YEARS)
    moved = trend(count, people, factor=100)
    kinds = moved.table["richtung"].value_counts()
    assert f"steigt der Wert über die Stichtage bei {kinds.get('steigt', 0)} und" in moved.summary()
    assert f"sinkt bei {kinds.get('sinkt', 0)}; bei {kinds.get('offen', 0)} ist" in moved.summary()
    for area, row in moved.table.iterrows():
        told = moved.sentence(area)
        assert ("keine Richtung zu entscheiden" in told) == (row["richtung"] == "offen")
        assert ("steigt" in told) <= (row["low"] > 0)
    last, base = count[2023], people[2023]
    ranks = rank_sets(last / base, count=last, base=base, top=5, draws=500)
    could, surely = int(ranks.table["moeglich"].sum()), int(ranks.table["sicher"].sum())
    assert ranks.summary().startswith(f"{could} von 40 Gebieten könnten zu den 5")
    assert f"{surely} gehören sicher dazu" in ranks.summary()
    assert could >= 5 >= surely
    slope = gradient(last / base, pd.Series(np.arange(40.0)), base, count=last, base=base)
    row = slope.table.iloc[0]
    assert ("nicht zu entscheiden" in slope.summary()) == bool(row["sii_low"] <= 0 <= row["sii_high"])


def test_trend_with_gaps_and_bad_input() -> None:
    count = pd.DataFrame([[1.0, 2, np.nan, np.nan], [3, 3, 3, 3], [0, 0, 0, 0]], columns=[1, 2, 3, 4])
    base = pd.DataFrame(50.0, index=count.index, columns=count.columns)
    result = trend(count, base)
    assert result.table["richtung"].tolist() == ["zu_wenige", "offen", "offen"]
    assert result.table["stichtage"].tolist() == [2, 4, 4]
    assert "mindestens 3" in result.sentence(0, "A")
    assert "Von 2 geprüften" in result.summary()
    assert "<table" in result._repr_html_()
    bent = trend(pd.DataFrame([[10.0, 60, 10, 60]], columns=[1, 2, 3, 4]), base.iloc[:1] * 2)
    assert "nicht geradlinig" in bent.sentence(0)
    for cases, people, kind in (
        (count[[1, 2]], base[[1, 2]], DatenFehler),
        (count + 100, base, DatenFehler),
        (count - 5, base, DatenFehler),
        (count, base[[1, 2, 3]], ParameterFehler),
        (count.set_axis(list("abcd"), axis=1), base.set_axis(list("abcd"), axis=1), ParameterFehler),
    ):
        with pytest.raises(kind):
            trend(cases, people)


# --- ranks --------------------------------------------------------------------------------------


def test_countries_that_could_be_among_the_first_five_as_published() -> None:
    data = pd.read_csv(DATA / "pisa2018.csv", index_col="jurisdiction")
    found = rank_sets(data["math_score"], error=data["math_se"], top=5, level=0.90)
    assert set(found.table.index[found.table["moeglich"]]) == TOP_FIVE
    assert not found.table["sicher"].any()
    assert found.table.loc["United Kingdom", "rang"] == 13
    assert "11 von 37" in found.summary()
    wider = rank_sets(data["math_score"], error=data["math_se"], top=5, level=0.95)
    assert 12 <= wider.table["moeglich"].sum() <= 13


def test_true_ranks_lie_in_all_sets_at_once() -> None:
    rng = np.random.default_rng(1)
    truth = pd.Series(np.linspace(0, 4, 25))
    rank = truth.rank(ascending=False)
    first = set(rank.index[rank <= 5])
    hits = possible = 0
    for _ in range(60):
        seen = truth + rng.normal(0, 0.4, 25)
        table = rank_sets(seen, error=pd.Series(0.4, index=truth.index), top=5, draws=500).table
        hits += bool(((table["rang_von"] <= rank) & (rank <= table["rang_bis"])).all())
        possible += first <= set(table.index[table["moeglich"]])
    assert hits / 60 >= 0.83
    assert possible / 60 >= 0.83


def test_ranks_without_noise_ties_and_gaps() -> None:
    value = pd.Series([3.0, 1.0, 2.0, 2.0, np.nan], index=list("abcde"))
    sharp = rank_sets(value, error=pd.Series(0.0, index=value.index), top=1)
    assert sharp.table["rang_von"].tolist()[:4] == [1, 4, 2, 2]
    assert sharp.table["rang_bis"].tolist()[:4] == [1, 4, 3, 3]
    assert sharp.table["sicher"].tolist() == [True, False, False, False, False]
    blunt = rank_sets(value, error=pd.Series(50.0, index=value.index), top=1)
    assert blunt.table["moeglich"].tolist() == [True, True, True, True, False]
    assert (blunt.table["rang_bis"].dropna() == 4).all()
    counted = rank_sets(
        value, count=pd.Series([30.0, 0, 20, 20, np.nan], index=value.index),
        base=pd.Series(1_000.0, index=value.index), factor=100, top=1,
    )  # fmt: skip
    assert counted.table["fehler"].notna().sum() == 4
    assert "<table" in counted._repr_html_()
    nothing = rank_sets(value, error=pd.Series(np.nan, index=value.index))
    assert "Ohne Fallzahlen" in nothing.summary()
    for bad, kind in (
        ({}, ParameterFehler),
        ({"error": -value}, DatenFehler),
        ({"error": value * np.inf}, DatenFehler),
        ({"error": value, "top": 0}, ParameterFehler),
    ):
        with pytest.raises(kind):
            rank_sets(value, **bad)  # type: ignore[arg-type]
