"""Rules, claims and comparisons against hand-worked tables."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sozialanalyse.analyse.funding import (
    Gates,
    Quota,
    SingleCriterion,
    Taper,
    Threshold,
    concentration,
    gain_loss,
    gini,
    need_scores,
    rank_points,
    two_factor_units,
    units,
)
from sozialanalyse.base.errors import DatenFehler, ParameterFehler

SCORE = pd.Series([1.2, 0.7, 0.5, 0.3, np.nan], index=list("abcde"))


def test_threshold_with_memory():
    rule = Threshold(0.6, 0.4)
    assert rule.share(SCORE).tolist()[:4] == [1, 1, 0, 0]
    before = pd.Series({"c": 1.0, "d": 1.0})
    assert rule.share(SCORE, before).tolist()[:4] == [1, 1, 1, 0]
    assert np.isnan(rule.share(SCORE)["e"])


def test_quota_takes_ties_together():
    assert Quota(0.5).share(SCORE).tolist()[:4] == [1, 1, 0, 0]
    tied = pd.Series([3.0, 1.0, 1.0, 1.0])
    assert Quota(0.5).share(tied).tolist() == [1, 1, 1, 1]


def test_taper_rises_in_a_line():
    assert Taper(0.3, 0.7).share(SCORE).tolist()[:4] == pytest.approx([1, 1, 0.5, 0])
    assert Taper(0.5, 0.5).share(SCORE).tolist()[:4] == Threshold(0.5).share(SCORE).tolist()[:4]


@given(st.floats(-2, 2), st.floats(0, 2), st.floats(-3, 3), st.floats(1e-6, 1e-3))
def test_taper_has_no_cliff(low, width, at, step):
    rule = Taper(low, low + 0.1 + width)
    share = rule.share(pd.Series([at, at + step]))
    assert 0 <= share[1] - share[0] <= step / (0.1 + width) + 1e-9


@given(
    st.lists(st.floats(-3, 3, width=16), min_size=2, max_size=12),
    st.sampled_from(["threshold", "memory", "quota", "taper", "single"]),
    st.integers(0, 4095),
)
def test_what_lies_above_the_limit_has_a_share(values, kind, had):
    """``begins`` says the same as ``share``: above it there is one, below it there is none."""
    score = pd.Series(values)
    before = pd.Series([float(had >> i & 1) for i in range(len(values))])
    town = pd.Series([i % 2 for i in range(len(values))])
    rules = {
        "threshold": Threshold(0.5),
        "memory": Threshold(0.5, -0.25),
        "quota": Quota(0.4),
        "taper": Taper(0.25, 1.0),
        "single": SingleCriterion(1.2, pd.Series(1.0, index=score.index), town),
    }
    rule = rules[kind]
    share, limit = rule.share(score, before), rule.begins(score, before)
    assert (share[score < limit] == 0).all()
    assert (share[score > limit] > 0).all()
    assert limit.isna().all() == (kind == "quota" and not (share > 0).any())


def test_single_criterion_knows_region_and_kommune():
    value = pd.Series([30.0, 10.0, 20.0, 20.0], index=list("abcd"))
    people = pd.Series([1_000, 1_000, 1_000, 100], index=list("abcd"))
    town = pd.Series(["A", "A", "B", "B"], index=list("abcd"))
    # region 62,000/3,100 = 20; A 20, B 20
    rule = SingleCriterion(1.0, people, town, least_population=500)
    assert rule.share(value).tolist() == [1, 0, 1, 0]


def test_gates_say_which_one():
    z = pd.DataFrame({"x": [0.6, 0.2], "y": [0.7, 0.8]}, index=["a", "b"])
    gates = Gates(least_population=300, least_persons=30, least_high=2)
    found = gates.reasons(z, pd.Series({"a": 400, "b": 200}), pd.Series({"a": 30}))
    assert found["a"] == ""
    assert found["b"].split("; ") == [
        "zu wenige Menschen",
        "zu wenige Personen mit Bedarf",
        "zu wenige auffällige Merkmale",
    ]


def test_need_by_hand():
    matrix = pd.DataFrame({"x": [1.0, 2.0, 3.0], "y": [6.0, 4.0, 2.0]}, index=list("abc"))
    score, z = need_scores(matrix, {"x": 1, "y": -1}, {"x": 3, "y": 1})
    step = np.sqrt(1.5)
    assert z["y"].tolist() == pytest.approx([-step, 0, step])
    assert score.tolist() == pytest.approx([-step, 0, step])


def test_need_counts_people_so_that_splitting_changes_nothing():
    matrix = pd.DataFrame({"x": [1.0, 2.0, 9.0]}, index=list("abc"))
    people = pd.Series([100, 200, 100], index=list("abc"))
    whole, _ = need_scores(matrix, {"x": 1}, population=people)
    split = pd.DataFrame({"x": [1.0, 2.0, 2.0, 9.0]}, index=["a", "b1", "b2", "c"])
    parts, _ = need_scores(split, {"x": 1}, population=pd.Series([100, 120, 80, 100], index=split.index))
    assert parts[["a", "b1", "c"]].tolist() == pytest.approx(whole.tolist())


@pytest.mark.parametrize(
    ("polarity", "weights", "fault"),
    [({"x": 0}, None, ParameterFehler), ({"x": 1}, {"x": 0}, ParameterFehler), ({}, None, ParameterFehler)],
)
def test_need_refuses(polarity, weights, fault):
    with pytest.raises(fault):
        need_scores(pd.DataFrame({"x": [1.0, 2.0]}), polarity, weights)


def test_need_refuses_what_does_not_vary():
    with pytest.raises(DatenFehler, match="x"):
        need_scores(pd.DataFrame({"x": [1.0, 1.0], "y": [1.0, 2.0]}), {"x": 1, "y": 1})


def test_claims_by_hand():
    persons = pd.Series([100, 50, 10], index=list("abc"))
    share = pd.Series([1.0, 0.5, 0.0], index=list("abc"))
    assert units(persons, share).tolist() == [100, 25, 0]
    score = pd.Series([1.6, 0.6, 0.0], index=list("abc"))
    assert units(persons, share, score, alpha=0.5, above=0.6).tolist() == pytest.approx([150, 25, 0])
    assert units(persons, share, score + 10, alpha=0.5, above=0.6).tolist() == pytest.approx([200, 50, 0])


def test_two_factors_by_hand():
    children, poor = pd.Series([600, 400]), pd.Series([60, 140])
    assert two_factor_units(children, poor, 0.5).tolist() == pytest.approx([0.45, 0.55])
    assert two_factor_units(children, poor, 0.0).tolist() == pytest.approx([0.6, 0.4])


def test_rank_points_by_hand():
    groups = pd.DataFrame({"u18": [100, 200, 50]})
    rates = pd.DataFrame({"u18": [10.0, 30.0, 20.0]})
    assert rank_points(groups, rates).tolist() == [0, 20_000, 2_500]


def test_concentration_by_hand():
    amounts = pd.Series([0.0, 0.0, 0.0, 0.0, 100.0])
    score, people = pd.Series(range(5), dtype=float), pd.Series([10.0] * 5)
    table, index = concentration(amounts, score, people)
    assert table["anteil"].tolist() == [0, 0, 0, 0, 1]
    assert index == pytest.approx(0.8)
    assert concentration(people, score, people)[1] == pytest.approx(0)
    halves, _ = concentration(amounts, score, people, parts=2)
    assert halves["personen"].tolist() == [25, 25]
    assert halves["betrag"].tolist() == [0, 100]


def test_gini_by_hand():
    people = pd.Series([1.0, 1.0, 1.0, 1.0])
    assert gini(pd.Series([1.0, 1.0, 1.0, 1.0]), people) == pytest.approx(0)
    assert gini(pd.Series([0.0, 0.0, 0.0, 4.0]), people) == pytest.approx(0.75)
    assert np.isnan(gini(pd.Series([0.0]), pd.Series([1.0])))


def test_gain_and_loss_sum_to_nothing():
    amounts, people = pd.Series([600.0, 400.0, 0.0]), pd.Series([100, 100, 200])
    table = gain_loss(amounts, people, pd.Series([500.0, 500.0]), pd.Series(["A", "A", "B"]))
    assert table.loc["A"].tolist() == [1_000, 500, 500, 1_000, 0]
    assert table["gegen_je_kopf"].sum() == 0
