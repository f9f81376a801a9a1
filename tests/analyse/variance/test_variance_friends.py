"""Multivariate, inequality, rates, mixed model, space, years, aggregation: hand, truth, properties."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import integrate, stats

from sozialanalyse import variance
from sozialanalyse.base import DatenFehler

SIZES = (17, 16, 14, 12, 10, 9, 7, 4, 2, 2)
CODES = np.repeat(np.arange(len(SIZES)), SIZES)
INDEX = pd.Index([f"sr{i:03d}" for i in range(len(CODES))])
GROUPS = pd.Series([f"k{code}" for code in CODES], index=INDEX)
LINE = {INDEX[i]: [INDEX[j] for j in (i - 1, i + 1) if 0 <= j < len(INDEX)] for i in range(len(INDEX))}


def values(seed: int, indicators: int = 4, between: float = 0.6) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    found = rng.normal(size=(93, indicators)) + between * rng.normal(size=(10, indicators))[CODES]
    return pd.DataFrame(found, index=INDEX, columns=[f"x{i}" for i in range(indicators)])


# multivariate --------------------------------------------------------------------------------------


def test_multivariate_share_is_the_weighted_mean_of_the_shares():
    matrix, weights = values(1), pd.Series([1.0, 2, 0.5, 4], index=["x0", "x1", "x2", "x3"])
    found = variance.permanova(matrix, GROUPS, weights=weights, permutations=99)
    eta2 = variance.decompose(matrix, GROUPS, permutations=0).table["eta2"]
    assert found.r2 == pytest.approx((eta2 * weights).sum() / weights.sum(), rel=1e-12)
    assert found.r2_null == pytest.approx(9 / 92)
    np.testing.assert_allclose(found.indicators["eta2"], eta2)
    # a doubled indicator counts as one if both share its weight
    doubled = matrix.assign(x4=matrix["x3"])
    shared = {"x0": 1, "x1": 2, "x2": 0.5, "x3": 2, "x4": 2}
    assert variance.permanova(doubled, GROUPS, weights=shared, permutations=9).r2 == pytest.approx(found.r2)


def test_multivariate_share_from_all_pairs_of_distances():
    matrix = values(2)
    z = ((matrix - matrix.mean()) / matrix.std(ddof=0)).to_numpy()
    squared = ((z[:, None] - z[None]) ** 2).sum(axis=2)
    total = squared.sum() / 2 / len(z)
    within = sum(squared[np.ix_(g == CODES, g == CODES)].sum() / 2 / size for g, size in enumerate(SIZES))
    found = variance.permanova(matrix, GROUPS, permutations=99)
    assert found.r2 == pytest.approx(1 - within / total, rel=1e-10)
    assert found.table.loc["total", "ss"] == pytest.approx(total, rel=1e-10)
    assert found.table["df"].tolist() == [9, 83, 92]


def test_areas_with_gaps_are_left_out_and_named():
    matrix = values(3)
    matrix.iloc[[2, 7], 1] = np.nan
    found = variance.permanova(matrix, GROUPS, permutations=9)
    assert list(found.left_out) == [INDEX[2], INDEX[7]]
    with pytest.raises(ValueError, match="constant"):
        variance.permanova(matrix.assign(x0=1.0), GROUPS)
    with pytest.raises(ValueError, match="positive weight"):
        variance.permanova(matrix, GROUPS, weights={"x0": 1.0})
    with pytest.raises(DatenFehler, match="mindestens zwei Kommunen"):
        variance.permanova(matrix, pd.Series("a", index=INDEX))
    with pytest.raises(DatenFehler, match="Weniger als drei"):
        variance.permanova(matrix.iloc[:, :1].where(np.arange(len(matrix))[:, None] < 2), GROUPS)


def test_unequal_spread_is_noticed_and_equal_spread_is_not():
    rng = np.random.default_rng(4)
    scale = np.where(CODES < 2, 3.0, 1.0)[:, None]
    wide = pd.DataFrame(rng.normal(size=(93, 3)) * scale, index=INDEX)
    found = variance.permanova(wide, GROUPS, permutations=499)
    assert found.spread_p <= 0.01
    assert any("weit" in message for message in found.messages)
    assert found.spread.loc[["k8", "k9"], "distance"].isna().all()
    p = [variance.dispersion(values(seed), GROUPS, permutations=99).p for seed in range(40)]
    assert np.mean(np.array(p) <= 0.05) <= 0.15


def test_contiguous_null_of_the_multivariate_share():
    assert 0 < variance.permanova(values(1), GROUPS, neighbours=LINE, permutations=99).p_contiguous <= 1


def test_bridge_of_a_crossed_table_by_hand():
    # balanced 2 x 2, x = 3 * group + 1 * type: SS group 9, SS type 1, no shared part, no rest
    index = pd.Index(list("abcd"))
    x = pd.Series([0.0, 1, 3, 4], index=index, name="x")
    group, kind = pd.Series([0, 0, 1, 1], index=index), pd.Series([0, 1, 0, 1], index=index)
    row = variance.bridge(x, group, kind, permutations=0).loc["x"]
    expected = {"only_group": 0.9, "only_type": 0.1, "shared": 0.0, "rest": 0.0}
    for name, value in expected.items():
        assert row[name] == pytest.approx(value, abs=1e-12)


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10_000), kinds=st.integers(1, 6), weighted=st.booleans())
def test_bridge_sums_to_one_and_agrees_with_least_squares(seed, kinds, weighted):
    rng = np.random.default_rng(seed)
    matrix = values(seed, indicators=1)
    kind = pd.Series(rng.integers(0, kinds, 93), index=INDEX)
    w = rng.uniform(0.5, 3, 93) if weighted else np.ones(93)
    weights = pd.Series(w, index=INDEX) if weighted else None
    row = variance.bridge(matrix, GROUPS, kind, weights=weights, permutations=0).iloc[0]
    assert row[["only_group", "only_type", "shared", "rest"]].sum() == pytest.approx(1, abs=1e-9)

    def r2(*factors):
        design = np.hstack([np.ones((93, 1)), *[pd.get_dummies(f).to_numpy(float) for f in factors]])
        x, root = matrix.iloc[:, 0].to_numpy(), np.sqrt(w)
        fit = np.linalg.lstsq(root[:, None] * design, root * x, rcond=1e-9)[0]
        total = (w * (x - np.average(x, weights=w)) ** 2).sum()
        return 1 - (w * (x - design @ fit) ** 2).sum() / total

    assert row["r2_both"] == pytest.approx(r2(GROUPS, kind), abs=1e-9)
    assert row["only_type"] == pytest.approx(r2(GROUPS, kind) - r2(GROUPS), abs=1e-9)


def test_bridge_tests_the_type_given_the_municipality():
    rng = np.random.default_rng(9)
    kind = pd.Series(rng.integers(0, 3, 93), index=INDEX, name="type")
    matrix = values(5).assign(signal=lambda frame: frame["x0"] + 1.2 * kind)
    own = pd.DataFrame(dict.fromkeys(matrix, kind))
    table = variance.bridge(matrix, GROUPS, own, permutations=199)
    assert table.loc["signal", "p_type"] <= 0.01
    assert table.loc["x1", "p_type"] > 0.01
    with pytest.raises(ValueError, match="no column"):
        variance.bridge(matrix, GROUPS, own[["x0", "x1"]])
    gone = variance.bridge(matrix.assign(x0=np.nan), GROUPS, kind, permutations=9).loc["x0"]
    assert gone.drop(["n", "groups", "types"]).isna().all()


# inequality --------------------------------------------------------------------------------------


def test_theil_and_mld_by_hand():
    y = pd.Series([1.0, 3.0, 2.0, 2.0], name="y")
    groups = pd.Series(list("aabb"))
    t = variance.theil(y, groups, permutations=0)
    by_hand = (0.5 * np.log(0.5) + 1.5 * np.log(1.5)) / 4
    assert t.total == pytest.approx(by_hand)
    assert t.between == pytest.approx(0)
    assert t.within == pytest.approx(by_hand)
    low = variance.mld(y, groups, permutations=0)
    assert low.total == pytest.approx((np.log(2) + np.log(2 / 3)) / 4)
    assert any("Gegenteil" in message for message in t.messages)


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10_000), scale=st.floats(0.01, 1000))
def test_inequality_adds_up_ignores_units_and_replicates_persons(seed, scale):
    rng = np.random.default_rng(seed)
    y = pd.Series(rng.lognormal(size=93), index=INDEX, name="y")
    people = pd.Series(rng.integers(1, 6, 93).astype(float), index=INDEX)
    for measure in (variance.theil, variance.mld):
        found = measure(y, GROUPS, people, permutations=0)
        assert found.total == pytest.approx(found.between + found.within, abs=1e-12)
        parts = found.contributions[["between", "within"]].sum()
        assert parts.sum() == pytest.approx(found.total, abs=1e-12)
        assert measure(scale * y, GROUPS, people, permutations=0).total == pytest.approx(found.total)
        # a weight of three is three persons with the same value
        copies = np.repeat(np.arange(93), people.astype(int))
        each = pd.RangeIndex(len(copies))
        person = measure(
            pd.Series(y.to_numpy()[copies], each), pd.Series(GROUPS.to_numpy()[copies], each), permutations=0
        )
        assert person.between == pytest.approx(found.between, abs=1e-10)
        assert person.within == pytest.approx(found.within, abs=1e-10)


def test_inequality_with_zeros_gaps_and_null():
    rng = np.random.default_rng(0)
    y = pd.DataFrame({"a": rng.lognormal(size=93), "b": rng.lognormal(size=93)}, index=INDEX)
    y.iloc[0, 0], y.iloc[5, 1] = 0.0, np.nan
    t, low = (measure(y, GROUPS, permutations=199) for measure in (variance.theil, variance.mld))
    assert t.table["total"].notna().all()
    assert np.isnan(low.table.loc["a", "total"])
    assert low.table.loc["b", "total"] > 0
    assert any(message.startswith("a:") for message in low.messages)
    assert t.table["p"].between(0.005, 1).all()
    assert t.table["share_null"].between(0.03, 0.25).all()
    with pytest.raises(ValueError, match="negative"):
        variance.theil(-y, GROUPS)
    zero = variance.theil(y * 0, GROUPS, permutations=9).table
    assert zero["total"].isna().all()


def test_segregation_adds_up_and_by_hand():
    counts = pd.DataFrame({"u": [10.0, 0, 5, 5], "v": [0.0, 10, 5, 5]}, index=list("abcd"))
    found = variance.segregation_m_h(counts, pd.Series([1, 1, 2, 2], index=list("abcd")), permutations=0)
    # both areas of group 1 are pure: M = 1/2 * ln 2, all of it inside group 1
    assert found.m == pytest.approx(0.5 * np.log(2))
    assert found.m_between == pytest.approx(0)
    assert found.h == pytest.approx(0.5)
    assert found.groups["within"].tolist() == pytest.approx([0.5 * np.log(2), 0])
    assert found.groups["m"].tolist() == pytest.approx([np.log(2), 0])
    with pytest.raises(ValueError, match="negative"):
        variance.segregation_m_h(-counts, pd.Series(1, index=list("abcd")))


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 10_000))
def test_segregation_between_is_that_of_the_municipalities(seed):
    rng = np.random.default_rng(seed)
    counts = pd.DataFrame(rng.integers(0, 60, (93, 4)).astype(float), index=INDEX)
    found = variance.segregation_m_h(counts, GROUPS, permutations=0)
    assert found.m == pytest.approx(found.m_between + found.m_within, abs=1e-12)
    merged = counts.groupby(GROUPS).sum()
    whole = variance.segregation_m_h(merged, pd.Series("r", index=merged.index), permutations=0)
    assert found.m_between == pytest.approx(whole.m, abs=1e-12)


def test_dissimilarity_without_its_noise():
    rng = np.random.default_rng(3)
    n = pd.Series(40.0, index=INDEX, name="q")
    even = pd.Series(rng.binomial(40, 0.1, 93).astype(float), index=INDEX, name="q")
    found = variance.dissimilarity(even, n, GROUPS)
    assert found["d"] > 0.12
    assert found["d"] == pytest.approx(found["expected"], abs=0.04)
    assert found["adjusted"] < 0.05
    assert found["corrected"] < found["d"]
    assert found["between"] <= found["d"]
    apart = pd.Series([10.0, 0], name="q")
    assert variance.dissimilarity(apart, pd.Series([10.0, 10]))["d"] == pytest.approx(1)
    assert variance.dissimilarity(apart * 0, pd.Series([10.0, 10])).isna().all()


# rates ----------------------------------------------------------------------------------------------


def test_empirical_bayes_by_hand():
    y, n = pd.Series([1.0, 30, 8]), pd.Series([100.0, 200, 100])
    m = 39 / 400
    s2 = (n * (y / n - m) ** 2).sum() / 400
    a = s2 - m / (400 / 3)
    assert a > 0
    expected = m + a / (a + m / n) * (y / n - m)
    np.testing.assert_allclose(variance.empirical_bayes(y, n), expected)


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 10_000), spread=st.floats(0, 0.1), grouped=st.booleans())
def test_empirical_bayes_never_leaves_the_span_of_rate_and_mean(seed, spread, grouped):
    rng = np.random.default_rng(seed)
    n = pd.Series(rng.integers(20, 800, 93).astype(float), index=INDEX)
    p = np.clip(rng.normal(0.1, spread, 10)[CODES] + rng.normal(0, spread, 93), 0.001, 0.9)
    y = pd.Series(rng.binomial(n.astype(int), p).astype(float), index=INDEX)
    smooth = variance.empirical_bayes(y, n, GROUPS if grouped else None)
    raw, overall = y / n, y.sum() / n.sum()
    own = (y.groupby(GROUPS).sum() / n.groupby(GROUPS).sum()).loc[GROUPS].to_numpy()

    def inside(target):
        low, high = np.minimum(raw, target), np.maximum(raw, target)
        return bool(((smooth >= low - 1e-12) & (smooth <= high + 1e-12)).all())

    assert inside(overall) or (grouped and inside(own))
    assert smooth.between(0, 1).all()


def test_empirical_bayes_is_closer_to_the_truth_and_goes_to_the_municipality():
    rng = np.random.default_rng(8)
    base = pd.Series(rng.integers(30, 200, 93).astype(float), index=INDEX)
    truth = pd.Series(
        np.clip(0.1 + 0.04 * rng.normal(size=10)[CODES] + 0.01 * rng.normal(size=93), 0.01, 1), INDEX
    )
    count = pd.Series(rng.binomial(base.astype(int), truth).astype(float), index=INDEX)
    error = {
        name: float(((rates - truth) ** 2).mean())
        for name, rates in {
            "raw": count / base,
            "global": variance.empirical_bayes(count, base),
            "grouped": variance.empirical_bayes(count, base, GROUPS),
        }.items()
    }
    assert error["grouped"] < error["global"] < error["raw"]


def test_empirical_bayes_gaps_frames_and_clipping():
    count = pd.DataFrame({"a": [1.0, 1, np.nan, 0], "b": [0.0, 0, 0, 0]}, index=list("wxyz"))
    base = pd.DataFrame({"a": [10.0, 10, 10, 0], "b": [5.0, 5, 5, 5]}, index=list("wxyz"))
    smooth = variance.empirical_bayes(count, base)
    assert smooth["a"].isna().tolist() == [False, False, True, True]
    np.testing.assert_allclose(smooth.loc[["w", "x"], "a"], 0.1)
    assert (smooth["b"] == 0).all()
    with pytest.raises(ValueError, match="between 0 and base"):
        variance.empirical_bayes(pd.Series([5.0]), pd.Series([4.0]))


def test_scale_check_flags_a_skewed_rate():
    rng = np.random.default_rng(1)
    n = pd.Series(2000.0, index=INDEX, name="q")
    logit = -4.5 + rng.normal(size=10)[CODES] * 0.3 + 1.3 * rng.normal(size=93)
    y = pd.Series(rng.binomial(2000, 1 / (1 + np.exp(-logit))).astype(float), index=INDEX, name="q")
    row = variance.logit_check(y, n, GROUPS).loc["q"]
    assert row["difference"] == pytest.approx(row["logit"] - row["rate"])
    assert row["skewness"] > 1
    assert row["flag"] == (abs(row["difference"]) > 0.10)


# mixed model ---------------------------------------------------------------------------------------


def test_laplace_against_numerical_integration():
    # one area per group: integrate the sum of both effects exactly
    rng = np.random.default_rng(0)
    n = pd.Series(rng.integers(80, 200, 30).astype(float))
    y = pd.Series(rng.binomial(n.astype(int), 1 / (1 + np.exp(1 - 0.6 * rng.normal(size=30)))).astype(float))
    fit = variance.glmm(y, n, pd.Series(range(30)))
    sd = np.sqrt(fit.sigma2_between + fit.sigma2_within)

    def density(effect, cases, persons):
        p = 1 / (1 + np.exp(-(fit.intercept + effect)))
        return stats.binom.pmf(cases, persons, p) * stats.norm.pdf(effect, scale=sd)

    exact = sum(
        np.log(integrate.quad(density, -8 * sd, 8 * sd, args=(a, b), points=[0])[0])
        for a, b in zip(y, n, strict=True)
    )
    assert fit.loglik == pytest.approx(exact, abs=0.1)


def test_planted_odds_are_found():
    rng = np.random.default_rng(2)
    codes = np.repeat(np.arange(60), 8)
    eta = -2 + 0.5 * rng.normal(size=60)[codes] + 0.3 * rng.normal(size=480)
    n = pd.Series(400.0, index=range(480))
    y = pd.Series(rng.binomial(400, 1 / (1 + np.exp(-eta))).astype(float))
    fit = variance.glmm(y, n, pd.Series(codes))
    assert fit.intercept == pytest.approx(-2, abs=0.2)
    assert np.sqrt(fit.sigma2_between) == pytest.approx(0.5, abs=0.12)
    assert np.sqrt(fit.sigma2_within) == pytest.approx(0.3, abs=0.04)
    assert fit.mor_between == pytest.approx(np.exp(np.sqrt(2 * fit.sigma2_between) * stats.norm.ppf(0.75)))
    assert fit.vpc_person < fit.share
    assert len(fit.groups) == 60
    assert len(fit.areas) == 480


def test_mixed_model_without_cases_or_values():
    zero = pd.Series([0.0, 0, 0])
    n, groups = pd.Series([10.0, 20, 5]), pd.Series(list("aab"))
    assert variance.glmm(zero, n, groups).intercept == -np.inf
    assert variance.glmm(n, n, groups).intercept == np.inf
    assert np.isnan(variance.glmm(zero * np.nan, n, groups).loglik)
    assert variance.median_odds_ratio(0) == 1


def test_sentence_speaks_of_odds_where_counts_are_known():
    rng = np.random.default_rng(2)
    n = pd.Series(500.0, index=INDEX, name="q")
    p = np.clip(0.15 + 0.05 * rng.normal(size=10)[CODES] + 0.03 * rng.normal(size=93), 0.01, 0.9)
    y = pd.Series(rng.binomial(500, p).astype(float), index=INDEX, name="q")
    result = variance.decompose(None, GROUPS, count=y, base=n, permutations=99)
    factor = f"{result.odds.loc['q', 'mor_between']:.2f}".replace(".", ",")
    assert f"um den Faktor {factor}" in result.sentence("q", "Quote")
    assert "kleiner Fallzahlen" in result.sentence()


# space, years, aggregation ------------------------------------------------------------------------


def test_moran_by_hand_and_size():
    near = {"a": ["b"], "b": ["a", "c"], "c": ["b", "d"], "d": ["c"]}
    y = pd.Series([1.0, 2, 3, 4], index=list("abcd"), name="y")
    z = y.to_numpy() - 2.5
    lag = np.array([z[1], (z[0] + z[2]) / 2, (z[1] + z[3]) / 2, z[2]])
    found = variance.morans_i(y, neighbours=near, permutations=99).loc["y"]
    assert found["i"] == pytest.approx((z @ lag) / (z @ z))
    assert found["expected"] == pytest.approx(-1 / 3)
    noise = pd.DataFrame(np.random.default_rng(0).normal(size=(93, 200)), index=INDEX)
    assert (variance.morans_i(noise, neighbours=LINE, permutations=99)["p"] <= 0.05).mean() < 0.1
    trend = pd.Series(np.arange(93.0), index=INDEX, name="t")
    assert variance.morans_i(trend, neighbours=LINE)["p"].item() == 0.001
    with pytest.raises(ValueError, match="geometry or neighbours"):
        variance.morans_i(y)
    constant = variance.morans_i(y * 0, neighbours=near).loc["y"]
    assert np.isnan(constant["i"])


def test_local_moran_sums_to_the_global_and_finds_the_peak():
    rng = np.random.default_rng(1)
    y = pd.Series(rng.normal(size=93), index=INDEX, name="y")
    local = variance.local_moran(y, neighbours=LINE)
    overall = variance.morans_i(y, neighbours=LINE)["i"].item()
    assert local["i"].sum() / (93 - 1) == pytest.approx(overall, rel=1e-9)
    assert local["kind"].isna().all()
    assert local["p"].max() > 0.5
    # a block of high values on a 9 x 10 board, its core is named
    rows, columns = np.divmod(np.arange(90), 10)
    board = {
        i: [j for j in range(90) if j != i and max(abs(rows[i] - rows[j]), abs(columns[i] - columns[j])) == 1]
        for i in range(90)
    }
    block = (rows < 3) & (columns < 3)
    peak = pd.Series(rng.normal(size=90) + 5.0 * block, name="y")
    kind = variance.local_moran(peak, neighbours=board)["kind"]
    assert (kind[(rows < 2) & (columns < 2)] == "high-high").all()
    assert (kind[(rows > 4) | (columns > 4)] == "high-high").sum() == 0
    gap = variance.local_moran(y.mask(y.index == INDEX[3]), neighbours=LINE)
    assert gap.loc[INDEX[3]].isna().all()


def test_change_between_years_is_the_difference_and_finds_its_component():
    rng = np.random.default_rng(3)
    group, area = rng.normal(size=(10, 1))[CODES], rng.normal(size=(93, 1))
    first = pd.DataFrame(0.3 * group + area, index=INDEX, columns=["y"])
    second = pd.DataFrame(0.3 * group + 0.4 * area, index=INDEX, columns=["y"])
    row = variance.compare_years(first, second, GROUPS).loc["y"]
    shares = [
        variance.decompose(y, GROUPS, permutations=0).table["share_structural"].item()
        for y in (first, second)
    ]
    assert row["share_change"] == pytest.approx(shares[1] - shares[0])
    assert row["within_change_high"] < 0
    assert row["between_change_low"] < 0 < row["between_change_high"]
    same = variance.compare_years(first, first, GROUPS).loc["y"]
    assert same["share_change"] == 0
    assert np.isnan(same["p_change"])


def test_change_with_counts_uses_one_pooled_noise():
    rng = np.random.default_rng(4)
    n = pd.Series(300.0, index=INDEX, name="q")
    one, two = (pd.Series(rng.binomial(300, p, 93).astype(float), index=INDEX, name="q") for p in (0.1, 0.2))
    row = variance.compare_years(one, two, GROUPS, base=(n, n), draws=99).loc["q"]
    p = (one.sum() + two.sum()) / 600 / 93
    noise = pd.Series(p * (1 - p) / 300, index=INDEX)
    expected = variance.decompose(one / n, GROUPS, sampling_variance=noise, permutations=0).table.iloc[0]
    assert row["sigma2_within_first"] == pytest.approx(expected["sigma2_within"])
    with pytest.raises(ValueError, match="does not match"):
        variance.compare_years(one, two.iloc[1:], GROUPS)


def test_aggregation_leaves_small_municipalities_and_weighted_means_alone():
    y = values(6)
    people = pd.Series(np.random.default_rng(0).uniform(100, 900, 93), index=INDEX)
    found = variance.aggregation_check(y, GROUPS, weights=people, neighbours=LINE, draws=30)
    plain = variance.decompose(y, GROUPS, permutations=0).table
    np.testing.assert_allclose(found["eta2"], plain["eta2"])
    assert (found["areas"] == 7 * 5 + 4 + 2 + 2).all()
    assert (found["eta2_merged_low"] <= found["eta2_merged"]).all()
    assert (found["eta2_merged"] > found["eta2"]).all()
    nothing = variance.aggregation_check(y, GROUPS, neighbours=LINE, max_areas=50, draws=3)
    np.testing.assert_allclose(nothing["eta2_merged"], nothing["eta2"])
    with pytest.raises(ValueError, match="geometry or neighbours"):
        variance.aggregation_check(y, GROUPS)
    with pytest.raises(ValueError, match="at least 1"):
        variance.aggregation_check(y, GROUPS, neighbours=LINE, max_areas=0)


def test_public_name_hands_on_everything():
    from sozialanalyse.analyse import variance as room

    assert set(variance.__all__) == set(room.__all__)
    assert all(getattr(variance, name) is getattr(room, name) for name in room.__all__)


def test_spread_of_places_with_one_area_is_left_out_without_a_warning():
    values = pd.DataFrame(np.arange(18.0).reshape(9, 2) ** 1.5)
    found = variance.dispersion(values, pd.Series([0, 0, 0, 0, 1, 1, 1, 1, 2]), permutations=9)
    assert found.table["distance"].notna().tolist() == [True, True, False]
    assert np.isfinite(found.f)
    assert found.distances[8] == 0
