"""Whether certainty says what it means: planted need, redrawn years."""

import importlib.util
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from sozialanalyse.analyse.funding import Gates, Taper, Threshold, allocate, certainty, evaluate_funded, units
from sozialanalyse.base.errors import ParameterFehler

_PATH = Path(__file__).parents[2] / "simulation" / "simulate_funding.py"
_SPEC = importlib.util.spec_from_file_location("simulate_funding", _PATH)
assert _SPEC is not None
assert _SPEC.loader is not None
simulation = importlib.util.module_from_spec(_SPEC)
_SPEC.loader.exec_module(simulation)
SIGN, WORDS, draw, judged, world = (
    getattr(simulation, n) for n in ("SIGN", "WORDS", "draw", "judged", "world")
)


def test_sure_decisions_are_right_and_come_again_next_year():
    """Of 'sicher' at least 97 % are decided alike by the true risks and in an independent year."""
    found = pd.concat([judged(seed, Threshold(0.6)) for seed in range(8)])
    right = {word: found[found["word"] == word] for word in WORDS}
    assert right["sicher"]["true"].mean() >= 0.97
    assert right["sicher"]["again"].mean() >= 0.97
    assert len(right["sicher"]) > 200
    assert right["wahrscheinlich"]["again"].mean() >= 0.75
    assert right["offen"]["again"].mean() < right["wahrscheinlich"]["again"].mean()


def test_error_of_the_score_is_that_of_its_counts():
    """One ingredient of n people scatters by sqrt(p q / n), in spreads of the region."""
    rate = pd.Series(np.linspace(0.1, 0.4, 12))
    base = pd.DataFrame({"a": pd.Series(400.0, index=rate.index)})
    matrix = pd.DataFrame({"a": rate})
    found = certainty(matrix, {"a": 1.0}, Threshold(0.5), count=matrix * base, base=base, draws=2_000)
    expected = np.sqrt(rate * (1 - rate) / 400) / rate.std(ddof=0)
    assert found.table["fehler"].to_numpy() == pytest.approx(expected.to_numpy(), rel=0.1)


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


def test_nothing_is_sure_where_nobody_knows_the_noise():
    """An ingredient without cases, for one area or for all, takes ``sicher`` away; a gap is no ingredient."""
    base = pd.DataFrame(1e6, index=list("abcd"), columns=["x"])
    matrix = pd.DataFrame({"x": [0.1, 0.1, 0.1, 0.9]}, index=base.index)
    count = matrix * base
    rule = Threshold(0.6)
    whole = certainty(matrix, {"x": 1.0}, rule, count=count, base=base, draws=20)
    assert whole.table["gewissheit"].eq("sicher").all()
    assert whole.without_noise == ()
    one = certainty(matrix, {"x": 1.0}, rule, count=count.drop("d"), base=base, draws=20)
    assert one.table["gewissheit"].tolist() == ["sicher"] * 3 + ["wahrscheinlich"]
    assert one.without_noise == ("x",)
    none = certainty(matrix, {"x": 1.0}, rule, draws=20)
    assert none.table["gewissheit"].eq("wahrscheinlich").all()
    three = {"x": 1.0, "v": 1.0, "y": 1.0}
    gap = matrix.assign(v=matrix["x"], y=[np.nan, 0.2, 0.2, 0.2001])
    both = (frame.assign(v=frame["x"]) for frame in (count, base))
    part = certainty(gap, three, rule, None, count=next(both), base=next(both), draws=20)
    assert part.without_noise == ("y",)
    assert part.table["gewissheit"].tolist()[:2] == ["sicher", "wahrscheinlich"]


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
