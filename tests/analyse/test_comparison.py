"""Comparisons worked out by hand, and against statsmodels."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from statsmodels.stats.proportion import proportion_confint

from sozialanalyse.analyse import comparison


def frame(*values: float, name: str = "a") -> pd.DataFrame:
    return pd.DataFrame({name: values}, dtype=float)


def ends(count: float, base: float, factor: float = 100, *, share: bool = True) -> tuple[float, float]:
    value = frame(factor * count / base)
    low, high = comparison.interval(
        value, frame(count), frame(base), pd.Series({"a": share}), pd.Series({"a": factor})
    )
    return low["a"].iloc[0], high["a"].iloc[0]


@given(st.integers(1, 5_000), st.data())
def test_shares_have_the_interval_of_wilson(base: int, data: st.DataObject) -> None:
    count = data.draw(st.integers(0, base))
    low, high = ends(count, base)
    expected = proportion_confint(count, base, method="wilson")
    assert low == pytest.approx(100 * expected[0], abs=1e-9)
    assert high == pytest.approx(100 * expected[1], abs=1e-9)


def test_rates_have_the_limits_of_byar() -> None:
    """10 cases: exact Poisson limits 4.80 and 18.39, Byar within two per cent."""
    low, high = ends(10, 1_000, 1_000, share=False)
    assert low == pytest.approx(4.80, rel=0.02)
    assert high == pytest.approx(18.39, rel=0.02)


def test_no_interval_without_counts_and_for_balances() -> None:
    value = pd.DataFrame({"median": [41.5], "saldo": [-3.0]})
    count = pd.DataFrame({"median": [np.nan], "saldo": [-30.0]})
    base = pd.DataFrame({"median": [np.nan], "saldo": [10_000.0]})
    kinds = pd.Series({"median": False, "saldo": False})
    low, high = comparison.interval(value, count, base, kinds, pd.Series({"median": 1.0, "saldo": 1_000.0}))
    pd.testing.assert_frame_equal(low, value)
    pd.testing.assert_frame_equal(high, value)


@pytest.mark.parametrize(
    ("value", "low", "high", "word"),
    [
        (20, 19, 21, "deutlich_hoeher"),
        (15, 14, 16, "deutlich_hoeher"),  # exactly one standard deviation
        (11.25, 11, 14, "etwas_hoeher"),  # exactly one quarter
        (11.2, 11, 14, "aehnlich"),
        (10, 9, 11, "aehnlich"),
        (8.75, 7, 9, "etwas_niedriger"),
        (5, 4, 6, "deutlich_niedriger"),
        (20, 9, 31, "unsicher"),  # far away, but the interval holds the reference
        (11.2, 2, 30, "aehnlich"),  # alike whatever the interval
        (np.nan, np.nan, np.nan, ""),
    ],
)
def test_words_by_hand(value: float, low: float, high: float, word: str) -> None:
    """Reference 10, standard deviation 5."""
    found = comparison.judge(frame(value), frame(low), frame(high), frame(10.0), pd.Series({"a": 5.0}))
    assert found["a"].iloc[0] == word


def test_nothing_is_said_where_nothing_varies() -> None:
    found = comparison.judge(frame(3.0), frame(3.0), frame(3.0), frame(3.0), pd.Series({"a": 0.0}))
    assert found["a"].iloc[0] == ""


@pytest.mark.parametrize(
    ("now", "then", "word"),
    [
        ((60, 200), (30, 200), "gestiegen"),  # 30 against 15 per cent
        ((30, 200), (60, 200), "gesunken"),
        ((33, 200), (30, 200), "stabil"),  # 1.5 points are less than a quarter of 8
        ((6, 20), (3, 20), "unsicher"),  # the same shares as above, but of twenty
    ],
)
def test_trends_by_hand(now: tuple[int, int], then: tuple[int, int], word: str) -> None:
    """Standard deviation 8 points."""

    def side(count: int, base: int) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
        low, high = ends(count, base)
        return frame(100 * count / base), frame(low), frame(high)

    found = comparison.trend(side(*now), side(*then), pd.Series({"a": 8.0}))
    assert found["a"].iloc[0] == word


def test_the_interval_of_a_difference_is_that_of_newcombe() -> None:
    """Newcombe 1998, example (a): 56/70 and 48/80, 95 % interval of the difference 0.0524 to 0.3339."""
    (l1, u1), (l2, u2) = ends(56, 70, 1), ends(48, 80, 1)
    p1, p2 = 56 / 70, 48 / 80
    low = p1 - p2 - np.hypot(p1 - l1, u2 - p2)
    high = p1 - p2 + np.hypot(u1 - p1, p2 - l2)
    assert (low, high) == (pytest.approx(0.0524, abs=1e-4), pytest.approx(0.3339, abs=1e-4))
    one = (frame(p1), frame(l1), frame(u1))
    two = (frame(p2), frame(l2), frame(u2))
    assert comparison.trend(one, two, pd.Series({"a": 0.1}))["a"].iloc[0] == "gestiegen"


def test_a_date_without_data_leaves_a_gap() -> None:
    one, gap = (frame(1.0),) * 3, (frame(np.nan),) * 3
    assert comparison.trend(one, gap, pd.Series({"a": 1.0}))["a"].iloc[0] == ""


def test_a_change_without_cases_is_told_as_unchecked() -> None:
    """A delivered value has no interval, so chance cannot be ruled out; small changes stay "stabil"."""
    index = ["a", "b", "c", "d"]
    then = pd.DataFrame({"x": [8.0, 8.0, 8.0, 8.0]}, index)
    now = pd.DataFrame({"x": [10.0, 6.0, 8.1, 10.0]}, index)
    known = pd.DataFrame({"x": [0.0, 0.0, 0.0, 0.5]}, index)
    found = comparison.trend(
        (now, now - known, now + known), (then, then - known, then + known), pd.Series({"x": 2.0})
    )
    assert found["x"].tolist() == ["gestiegen_ungeprueft", "gesunken_ungeprueft", "stabil", "gestiegen"]


@given(st.integers(0, 10_000))
def test_what_is_told_of_an_area_is_what_benjamini_and_hochberg_find(seed: int) -> None:
    """Wilson's interval turns round the score test, so its p values are known in closed form."""
    rng = np.random.default_rng(seed)
    names = [f"i{j}" for j in range(12)]
    base = pd.DataFrame(rng.integers(20, 400, (5, 12)).astype(float), columns=names)
    shift = 0.3 + 0.15 * rng.normal(size=(5, 12)) * (rng.random((5, 12)) < 0.4)
    count = pd.DataFrame(rng.binomial(base.to_numpy().astype(int), np.clip(shift, 0, 1)), columns=names) * 1.0
    rate = count / base
    reference = pd.DataFrame(0.3, index=base.index, columns=names)
    kinds, factor = pd.Series(True, index=names), pd.Series(1.0, index=names)
    tested = pd.DataFrame(True, index=base.index, columns=names)
    tested.iloc[0, 3:] = False

    def found(quantile: np.ndarray) -> pd.DataFrame:
        low, high = comparison.interval(rate, count, base, kinds, factor, quantile)
        return comparison.outside(rate, low, high, reference)

    told = found(comparison.corrected(tested, found)) & tested
    p = 2 * stats.norm.sf(np.abs(rate - 0.3) / np.sqrt(0.3 * 0.7 / base))
    for area in range(5):
        asked = tested.iloc[area].to_numpy()
        q = stats.false_discovery_control(p[area, asked])
        assert (told.iloc[area].to_numpy()[asked] == (q <= comparison.LEVEL)).all()


def test_nothing_tested_leaves_intervals_as_they_are() -> None:
    none = pd.DataFrame({"a": [False, False]})
    assert comparison.corrected(none, lambda quantile: none) == pytest.approx(comparison.Z95)
