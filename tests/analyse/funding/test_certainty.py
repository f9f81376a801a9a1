"""Whether certainty says what it means: planted need, redrawn years."""

import numpy as np
import pandas as pd
import pytest

from sozialanalyse.analyse.funding import Gates, Taper, Threshold, allocate, certainty, evaluate_funded, units
from sozialanalyse.base.errors import ParameterFehler


def world(seed: int, areas: int = 60, people: int = 1_500, spread: float = 0.05):
    """True risks of two indicators, and one year of cases."""
    rng = np.random.default_rng(seed)
    index = [f"G{i}" for i in range(areas)]
    core = rng.normal(size=areas)
    risk = pd.DataFrame(
        {
            name: np.clip(0.15 + spread * (core + 0.4 * rng.normal(size=areas)), 0.01, 0.9)
            for name in ("x", "y")
        },
        index=index,
    )
    base = pd.DataFrame(people, index=index, columns=["x", "y"])
    return risk, base, rng


def draw(risk, base, rng):
    return pd.DataFrame(rng.binomial(base, risk), risk.index, risk.columns)


SIGN = {"x": 1.0, "y": 1.0}


def test_sure_decisions_come_again_next_year():
    """Of 'sicher' at least 95 %, of 'wahrscheinlich' most, are the same in an independent year."""
    right = {"sicher": [], "wahrscheinlich": [], "offen": []}
    for seed in range(8):
        risk, base, rng = world(seed)
        now, later = draw(risk, base, rng), draw(risk, base, rng)
        found = certainty(now / base, SIGN, Threshold(0.6), count=now, base=base, draws=100)
        again = certainty(later / base, SIGN, Threshold(0.6), draws=1).table["erfuellt"]
        same = found.table["erfuellt"] == again
        for word, hits in right.items():
            hits += same[found.table["gewissheit"] == word].tolist()
    assert np.mean(right["sicher"]) >= 0.97
    assert len(right["sicher"]) > 200
    assert np.mean(right["wahrscheinlich"]) >= 0.75
    assert np.mean(right["offen"]) < np.mean(right["wahrscheinlich"])


def test_small_groups_leave_more_open():
    few, many = (
        certainty(y / n, SIGN, Threshold(0.6), count=y, base=n, draws=60)
        .table["gewissheit"]
        .eq("offen")
        .sum()
        for risk, n, rng in (world(1, people=60), world(1, people=20_000))
        for y in [draw(risk, n, rng)]
    )
    assert few > many


def test_alternatives_are_named_and_take_certainty():
    matrix = pd.DataFrame({"x": [0.0, 0.0, 0.0, 4.0], "y": [0.0, 0.1, 0.2, 0.1]}, index=list("abcd"))
    found = certainty(matrix, SIGN, Threshold(0.6), others={"Schwelle 1,0": Threshold(1.0)}, draws=20)
    assert found.table.loc["d", "kippt_bei"].split("; ") == ["ohne x", "Schwelle 1,0"]
    assert found.table.loc["d", "gewissheit"] != "sicher"


def test_year_before_on_the_scale_of_this_year():
    matrix = pd.DataFrame({"x": [0.0, 1.0, 2.0, 5.0]}, index=list("abcd"))
    found = certainty(matrix, {"x": 1.0}, Threshold(1.0), before=matrix * 0 + 1, draws=2)
    assert found.checks["Vorjahr"].tolist() == [False] * 4
    assert found.table["kippt_bei"].tolist() == ["", "", "", "Vorjahr"]


def test_gates_and_gaps():
    matrix = pd.DataFrame({"x": [0.0, 0.1, 5.0, 5.0, np.nan]}, index=list("abcde"))
    population = pd.Series([1_000, 1_000, 100, 1_000, 500], index=list("abcde"))
    passes = Gates(least_population=300).reasons(matrix, population, population) == ""
    found = certainty(matrix, {"x": 1.0}, Threshold(0.5), population=population, passes=passes, draws=2)
    assert found.table["erfuellt"].tolist()[:4] == [False, False, False, True]
    assert pd.isna(found.table.loc["e", "erfuellt"])
    assert pd.isna(found.table.loc["e", "gewissheit"])
    assert found.share_of_people == pytest.approx(1_000 / 3_100)
    assert "1 von 4 Gebieten" in found.summary()


def test_money_has_a_range():
    risk, base, rng = world(3, areas=12, people=300)
    cases = draw(risk, base, rng)
    persons = cases["x"].astype(float)

    def euro(share, score):
        return allocate(units(persons, share).fillna(0.0), 10_000).amounts

    rule = Taper(0.3, 0.9)
    table = certainty(cases / base, SIGN, rule, count=cases, base=base, amounts=euro, draws=50).table
    assert (table["betrag_tief"] <= table["betrag_hoch"]).all()
    assert (table["betrag_hoch"] > table["betrag_tief"]).any()


def test_no_draws_no_certainty():
    with pytest.raises(ParameterFehler, match="Ziehungen"):
        certainty(pd.DataFrame({"x": [0.0, 1.0]}), {"x": 1.0}, Threshold(0.5), draws=0)


def test_better_by_selection_alone_is_not_beyond_chance():
    """Nothing works, yet the funded areas improve; a planted halving is seen."""
    beyond, changes = 0, []
    for seed in range(30):
        risk, base, rng = world(seed, people=300)
        y0, y1, n = draw(risk, base, rng)["x"], draw(risk, base, rng)["x"], base["x"]
        funded = (y0 / n).rank(ascending=False) <= 15
        found = evaluate_funded((y0, y1), (n, n), funded, draws=300)
        beyond += found.beyond
        changes.append(found.change)
    assert np.mean(changes) < 0
    assert beyond <= 7
    helped = y1.where(~funded, (y1 / 2).round())
    found = evaluate_funded((y0, helped), (n, n), funded, draws=300)
    assert found.beyond
    assert found.change < found.low
    assert "zeigen diese Zahlen nicht" in found.summary()


def test_evaluation_needs_both_sides():
    y = pd.Series([1.0, 2.0])
    with pytest.raises(ParameterFehler, match="andere Gebiete"):
        evaluate_funded((y, y), (y + 5, y + 5), pd.Series([True, True]))
