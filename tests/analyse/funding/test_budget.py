"""Division of a budget: published values, an independent solver, properties."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from scipy import optimize

from sozialanalyse.analyse.funding import allocate, round_amounts, transition_bounds
from sozialanalyse.base.errors import ParameterFehler


def series(values) -> pd.Series:
    return pd.Series(values, index=[f"G{i}" for i in range(len(values))], dtype=float)


def test_floor_and_cap_bind_together():
    found = allocate(series([50, 30, 12, 6, 1.5, 0.5]), 100_000, low=2_000, high=30_000)
    assert found.amounts.round(2).tolist() == [30_000, 30_000, 23_384.62, 11_692.31, 2_923.08, 2_000]
    assert found.bound.tolist() == ["deckel", "deckel", "", "", "", "sockel"]
    assert found.rest == 0


def test_without_limits_in_proportion():
    found = allocate(series([3, 0, 1]), 400)
    assert found.amounts.tolist() == [300, 0, 100]
    assert found.rate == 100


def test_what_nobody_may_have_stays():
    found = allocate(series([1, 1, 0]), 1_000, high=300)
    assert found.amounts.tolist() == [300, 300, 0]
    assert found.rest == 400
    assert np.isnan(found.rate)


def test_nobody_has_a_claim():
    found = allocate(series([0, 0]), 500, low=100)
    assert found.amounts.tolist() == [0, 0]
    assert found.rest == 500


def test_group_at_its_limit_hands_on():
    town = pd.Series(["A", "A", "B"], index=["G0", "G1", "G2"])
    found = allocate(series([3, 1, 1]), 1_000, groups=town, group_high=600)
    assert found.amounts.tolist() == [450, 150, 400]
    assert found.bound.tolist() == ["gruppe", "gruppe", ""]


claims = st.lists(st.one_of(st.just(0.0), st.floats(0.01, 1_000)), min_size=1, max_size=12)


@settings(max_examples=40)
@given(claims, st.floats(0, 50), st.floats(0, 1), st.floats(0.05, 3))
@example(
    [1.0, 556.998046875], 0.25, 0.5, 1.5
)  # the cap of the second is a rounding above its claim at that rate
def test_allocation_is_the_one_clipped_proportion(values, low, relative, spread):
    """Same amounts as a bisection on λ; never above cap, below floor or beside the budget."""
    u = series(values)
    high = low + 1 + 200 * spread
    least, most = low * (u > 0).sum(), high * (u > 0).sum()
    budget = least + relative * 1.3 * (most - least)
    found = allocate(u, budget, low=low, high=high)
    assert found.amounts.sum() + found.rest == pytest.approx(budget, abs=1e-6)
    assert found.rest == pytest.approx(max(budget - most, 0.0), abs=1e-6)
    assert (found.amounts[u == 0] == 0).all()
    got = found.amounts[u > 0]
    assert (got >= low - 1e-9).all()
    assert (got <= high + 1e-9).all()
    if len(got) and least < budget < most:
        total = lambda rate: np.clip(rate * u[u > 0], low, high).sum() - budget  # noqa: E731
        rate = optimize.brentq(total, 0, high / u[u > 0].min() + 1, xtol=1e-14, rtol=1e-14, maxiter=500)
        assert got.to_numpy() == pytest.approx(
            np.clip(rate * u[u > 0], low, high).to_numpy(), rel=1e-6, abs=1e-5
        )


@given(
    st.lists(st.tuples(st.floats(0.1, 100), st.integers(0, 3)), min_size=2, max_size=12), st.floats(0.2, 1)
)
def test_group_limits_hold_and_lose_nothing_needlessly(pairs, limit):
    u = series([claim for claim, _ in pairs])
    town = pd.Series([group for _, group in pairs], index=u.index)
    found = allocate(u, 1_000, groups=town, group_high=1_000 * limit)
    sums = found.amounts.groupby(town).sum()
    assert (sums <= 1_000 * limit + 1e-6).all()
    room = min(1_000, 1_000 * limit * town.nunique())
    assert sums.sum() == pytest.approx(room)
    free = sums.index[sums < 1_000 * limit - 1e-6]
    rates = (found.amounts / u)[town.isin(free)]
    assert rates.empty or rates.to_numpy() == pytest.approx(rates.iloc[0])


@settings(max_examples=30)
@given(claims.filter(any), st.floats(0.1, 5))
def test_splitting_an_area_changes_nobody_elses_money(values, scale):
    """Claims count persons: two halves together get what the whole got, units do not matter."""
    u = series(values)
    whole = allocate(u, 1_000).amounts
    halves = pd.concat([series([values[0] / 2] * 2).rename({"G0": "X", "G1": "Y"}), u.iloc[1:]]) * scale
    parts = allocate(halves, 1_000).amounts
    assert parts[["X", "Y"]].sum() == pytest.approx(whole.iloc[0])
    assert parts.iloc[2:].to_numpy() == pytest.approx(whole.iloc[1:].to_numpy())


@pytest.mark.parametrize(
    ("given", "word"),
    [
        ({"claims": [1, -1], "budget": 10}, "Ansprüche"),
        ({"claims": [1, float("nan")], "budget": 10}, "Ansprüche"),
        ({"claims": [1, 1], "budget": -10}, "Betrag"),
        ({"claims": [1, 1], "budget": float("nan")}, "Betrag"),
        ({"claims": [1, 1], "budget": 10, "low": 6}, "12 Euro, zu verteilen sind 10"),
        ({"claims": [1, 1], "budget": 10, "low": 3, "high": 2}, "Sockel"),
    ],
)
def test_impossible_budgets_are_refused(given, word):
    given["claims"] = series(given["claims"])
    with pytest.raises(ParameterFehler, match=word):
        allocate(**given)


def test_floors_above_a_group_limit_are_refused():
    town = pd.Series(["A", "A", "B"], index=["G0", "G1", "G2"])
    with pytest.raises(ParameterFehler, match="„A“"):
        allocate(series([1, 1, 1]), 1_000, low=200, groups=town, group_high=300)


def test_change_is_limited_before_floor_and_cap():
    low, high = transition_bounds(series([1_000, 0, 100]), down=0.2, up=0.2, low=500, high=900)
    assert low.tolist() == [800, 500, 120]
    assert high.tolist() == [900, 900, 120]


@settings(max_examples=40)
@given(st.lists(st.one_of(st.just(0.0), st.floats(1, 10_000)), min_size=1, max_size=20).filter(any))
def test_rounding_keeps_the_sum(values):
    amounts = series(values)
    found = round_amounts(amounts, 100)
    assert (found % 100 == 0).all()
    assert found.sum() == pytest.approx(np.floor(amounts.sum() / 100 + 1e-9) * 100)
    assert ((found - amounts).abs() < 100 + 1e-6).all()
    assert (found[amounts == 0] == 0).all()


def test_largest_remainder_by_hand():
    assert round_amounts(series([333.3, 333.3, 333.4]), 100).tolist() == [300, 300, 400]
    assert round_amounts(series([150, 250]), 100).tolist() == [100, 300]
