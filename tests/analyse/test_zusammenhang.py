"""Correlation, change and outliers against values worked out by hand and against other implementations."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from sozialanalyse.analyse.zusammenhang import change, correlation, outliers


def test_correlation_agrees_with_scipy_and_keeps_zeros():
    x = pd.Series([0.0, 1, 2, 3, 4, 5], index=list("abcdef"))
    y = pd.Series([0.0, 2, 1, 4, 3, np.nan], index=list("abcdef"))
    found = correlation(x, y)
    expected = stats.pearsonr(x[:5], y[:5])
    low, high = expected.confidence_interval(0.95)
    assert found.n == 5
    assert found.r == pytest.approx(expected.statistic)
    assert (found.low, found.high) == pytest.approx((low, high))
    without_zero = stats.pearsonr(x[1:5], y[1:5]).statistic
    assert found.r != pytest.approx(without_zero), "an area with two zeros is an area"
    line = stats.linregress(x[:5], y[:5])
    assert (found.slope, found.intercept) == pytest.approx((line.slope, line.intercept))


def test_areas_are_matched_by_id_and_not_by_order():
    x = pd.Series([1.0, 2, 3, 4], index=list("abcd"))
    assert correlation(x, x.iloc[::-1]).r == pytest.approx(1)


def test_whole_weights_count_like_repeated_areas():
    rng = np.random.default_rng(3)
    x, y = pd.Series(rng.normal(size=12)), pd.Series(rng.normal(size=12))
    w = pd.Series(rng.integers(1, 5, 12))
    repeated = correlation(x.repeat(w).reset_index(drop=True), y.repeat(w).reset_index(drop=True))
    assert correlation(x, y, w).r == pytest.approx(repeated.r)
    assert correlation(x, y, w).n_effective == pytest.approx(w.sum() ** 2 / (w**2).sum())
    assert correlation(x, y, w).low < repeated.low, "but they are no more areas than they are"


def test_nothing_is_said_of_too_few_areas_or_of_no_variation():
    few = correlation(pd.Series([1.0, 2, 3]), pd.Series([1.0, 2, 4]))
    flat = correlation(pd.Series([7.0] * 6), pd.Series(range(6)))
    assert np.isnan(few.r)
    assert np.isnan(flat.r)


@given(st.lists(st.tuples(st.floats(-1e3, 1e3), st.floats(-1e3, 1e3)), min_size=5, max_size=30))
def test_interval_holds_the_coefficient(pairs):
    x, y = (pd.Series(values) for values in zip(*pairs, strict=True))
    found = correlation(x, y)
    if not np.isnan(found.low):
        assert -1 <= found.low <= found.r <= found.high <= 1


def test_change_by_hand():
    found = change(pd.Series([10]), pd.Series([100]), pd.Series([30]), pd.Series([100]))
    p, q = 11 / 102, 31 / 102
    half = 1.959964 * np.sqrt(p * (1 - p) / 102 + q * (1 - q) / 102)
    assert found["difference"].item() == pytest.approx(0.2)
    assert (found["low"].item(), found["high"].item()) == pytest.approx((q - p - half, q - p + half))
    assert found["beyond"].item()


def test_small_changes_and_gaps_are_not_beyond_chance():
    found = change(
        pd.Series([3, 5, np.nan, 1]),
        pd.Series([40, 50, 60, 0]),
        pd.Series([4, 6, 9, 1]),
        pd.Series([40, 50, 60, 10]),
    )
    assert found["beyond"].tolist() == [False] * 4
    assert found["difference"].isna().tolist() == [False, False, True, True]


def test_interval_of_a_change_keeps_its_promise():
    """Planted truth: no change; about 5 % of the areas may look as if there was one, not more."""
    rng = np.random.default_rng(11)
    base = pd.Series(rng.integers(60, 400, 4000))
    share = rng.uniform(0.02, 0.3, 4000)
    a, b = (pd.Series(rng.binomial(base, share)) for _ in range(2))
    assert change(a, base, b, base)["beyond"].mean() < 0.055


def test_outliers_by_hand():
    values = pd.Series([1.0, 2, 3, 4, 5, 6, 7, 40, -30, np.nan])
    assert outliers(values).tolist() == [0, 0, 0, 0, 0, 0, 0, 1, -1, 0]
    assert outliers(pd.Series([5.0, 5, 5, 5, 99])).tolist() == [0] * 5
