"""The decomposition by hand, by properties, and on awkward input."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sozialanalyse.base.kontext import Ebene
from sozialanalyse.variance import VarianceResult, decompose

SIZES = (17, 16, 14, 12, 10, 9, 7, 4, 2, 2)
RANDOM = (
    "eta2_weighted_null",
    "p_free",
    "p_contiguous",
    "p_free_weighted",
    "p_noise",
    "q_free",
)


def region(seed: int = 0, indicators: int = 3, between: float = 1.0) -> tuple[pd.DataFrame, pd.Series]:
    rng = np.random.default_rng(seed)
    codes = np.repeat(np.arange(len(SIZES)), SIZES)
    values = (
        rng.normal(size=(len(codes), indicators)) + between * rng.normal(size=(len(SIZES), indicators))[codes]
    )
    index = pd.Index([f"sr{i:03d}" for i in range(len(codes))], name="gebiet_id")
    return (
        pd.DataFrame(values, index=index, columns=[f"ind{i}" for i in range(indicators)]),
        pd.Series([f"k{code}" for code in codes], index=index),
    )


def test_hand_worked_table():
    # groups (1, 3), (5, 7, 9): means 2 and 7, grand mean 5; SSB = 2*9 + 3*4 = 30, SSW = 2 + 8 = 10
    y = pd.Series([1.0, 3, 5, 7, 9], name="y")
    groups = pd.Series(["a", "a", "b", "b", "b"])
    row = decompose(y, groups, permutations=0).table.loc["y"]
    msw = 10 / 3
    assert row["eta2"] == pytest.approx(0.75)
    assert row["eta2_weighted"] == pytest.approx(0.75)
    assert row["eta2_null"] == pytest.approx(1 / 4)
    assert row["epsilon2"] == pytest.approx((30 - msw) / 40)
    assert row["omega2"] == pytest.approx((30 - msw) / (40 + msw))
    assert row["f"] == pytest.approx(9.0)
    # n0 = 5 - 13/5 = 2.4
    assert row["sigma2_between"] == pytest.approx((30 - msw) / 2.4)
    assert row["sigma2_within"] == pytest.approx(msw)
    assert row["icc"] == pytest.approx(row["share_structural"])
    assert row["n"] == 5
    assert row["groups"] == 2
    assert np.isnan(row["p_free"])


def test_weighted_shares_reproduce_the_published_rates():
    count, base = pd.Series([10.0, 30, 5, 60], name="r"), pd.Series([100.0, 200, 50, 400], name="r")
    groups = pd.Series(["a", "a", "b", "b"])
    result = decompose(None, groups, count=count, base=base, permutations=0)
    means = result.contributions.loc["r"]["mean_weighted"]
    assert means["a"] == pytest.approx(40 / 300)
    assert means["b"] == pytest.approx(65 / 450)
    p = 105 / 750
    ssb = 300 * (40 / 300 - p) ** 2 + 450 * (65 / 450 - p) ** 2
    sst = (base * (count / base - p) ** 2).sum()
    assert result.table.loc["r", "eta2_weighted"] == pytest.approx(ssb / sst)
    assert result.table.loc["r", "mean_weighted"] == pytest.approx(p)


def test_noise_is_removed_by_the_stated_formula():
    y = pd.Series([0.1, 0.2, 0.4, 0.5, 0.9, 0.3], name="y")
    v = pd.Series([0.01, 0.02, 0.005, 0.01, 0.03, 0.01])
    groups = pd.Series(list("aabbbc"))

    def step(w, within=None):
        ssw = noise = own = ssb = expected = spread = 0.0
        total, grand = w.sum(), (w * y).sum() / w.sum()
        for _, rows in y.groupby(groups).groups.items():
            wj, yj, vj = w[rows], y[rows], v[rows]
            mean = (wj * yj).sum() / wj.sum()
            ssw += (wj * (yj - mean) ** 2).sum()
            noise += (vj * wj * (1 - wj / wj.sum())).sum()
            own += (wj * (1 - wj / wj.sum())).sum()
            ssb += wj.sum() * (mean - grand) ** 2
            spread += wj.sum() ** 2
            if within is not None:
                expected += (wj**2 * (within + vj) * (1 / wj.sum() - 1 / total)).sum()
        if within is None:
            return max(0.0, (ssw - noise) / own)
        return max(0.0, (ssb - expected) / (total - spread / total))

    first = step(pd.Series(1.0, index=y.index))
    w = 1 / (first + v)
    within = step(w)
    row = decompose(y, groups, sampling_variance=v, permutations=0).table.loc["y"]
    assert row["sigma2_within"] == pytest.approx(within, rel=1e-10)
    w = 1 / (within + v)
    mean = (w * y).groupby(groups).sum() / w.groupby(groups).sum()
    spread = row["sigma2_between"] + 1 / w.groupby(groups).sum()
    centre = (mean / spread).sum() / (1 / spread).sum()
    assert ((mean - centre) ** 2 / spread).sum() == pytest.approx(len(mean) - 1, rel=1e-10)


@settings(max_examples=15, deadline=None)
@given(
    seed=st.integers(0, 10_000),
    shift=st.floats(-1e3, 1e3),
    scale=st.floats(0.01, 100),
    weighted=st.booleans(),
    noisy=st.booleans(),
)
def test_order_labels_units_and_polarity_change_nothing(seed, shift, scale, weighted, noisy):
    y, groups = region(seed % 7)
    rng = np.random.default_rng(seed)
    weights = pd.Series(rng.uniform(1, 5, len(y)), index=y.index) if weighted else None
    noise = pd.Series(rng.uniform(0, 0.5, len(y)), index=y.index) if noisy else None
    one = decompose(y, groups, weights=weights, sampling_variance=noise, permutations=49)
    order = rng.permutation(len(y))
    names = dict(zip(groups.unique(), rng.permutation(1000)[: groups.nunique()], strict=True))
    other = decompose(
        shift - scale * y.iloc[order],
        groups.map(names).iloc[rng.permutation(len(y))],
        weights=weights,
        sampling_variance=None if noise is None else scale**2 * noise,
        permutations=49,
    )
    left, right = one.table.drop(columns=["mean", "mean_weighted"]), other.table[one.table.columns]
    right = right.drop(columns=["mean", "mean_weighted"])
    for column in ("sigma2_between", "sigma2_within"):
        right[column] /= scale**2
    loose = ["icc_reml", "icc_ml", "share_reml"]
    pd.testing.assert_frame_equal(left.drop(columns=loose), right.drop(columns=loose), rtol=1e-6, atol=1e-8)
    pd.testing.assert_frame_equal(left[loose], right[loose], atol=1e-5, rtol=1e-4)


@given(seed=st.integers(0, 10_000))
@settings(max_examples=15, deadline=None)
def test_within_and_between_sum_to_total(seed):
    rng = np.random.default_rng(seed)
    y, groups = region(seed)
    y = y.mask(rng.random(y.shape) < 0.1) * 10.0 ** rng.integers(-6, 6)
    weights = pd.DataFrame(rng.uniform(0.1, 1e4, y.shape), index=y.index, columns=y.columns)
    parts = decompose(y, groups, weights=weights, permutations=0).contributions.groupby("indicator").sum()
    total = ((y - y.mean()) ** 2).sum()
    mean = (y * weights).sum() / weights.where(y.notna()).sum()
    weighted = (weights * (y - mean) ** 2).sum()
    np.testing.assert_allclose(parts["ssb"] + parts["ssw"], total, rtol=1e-9)
    np.testing.assert_allclose(parts["ssb_weighted"] + parts["ssw_weighted"], weighted, rtol=1e-9)


def test_exchange_inside_a_group_changes_nothing():
    y, groups = region(3)
    inside = y.groupby(groups.to_numpy()).transform(lambda part: part.to_numpy()[::-1])
    one, two = (decompose(frame, groups, permutations=99).table for frame in (y, inside))
    # the permutation draws meet other values, all else is equal
    same = [column for column in one if column not in RANDOM]
    pd.testing.assert_frame_equal(one[same], two[same], rtol=1e-9)


def test_seed_reproduces_bit_for_bit():
    y, groups = region(1)
    one, two, three = (decompose(y, groups, permutations=199, seed=seed).table for seed in (1, 1, 2))
    pd.testing.assert_frame_equal(one, two, rtol=0, atol=0)
    weak, other = (
        decompose(region(5, between=0)[0], groups, permutations=199, seed=seed).table for seed in (1, 2)
    )
    assert (weak["p_free"] != other["p_free"]).any()
    assert (one["p_free"] == three["p_free"]).any()


def test_one_indicator_alone_or_among_others():
    y, groups = region(2, between=0.2)
    y.iloc[3, 1] = np.nan
    together = decompose(y, groups, permutations=199).table
    for name in y:
        alone = decompose(y[name], groups, permutations=199).table
        columns = [column for column in alone if column not in ("q_free", "q_free_weighted", "q_contiguous")]
        pd.testing.assert_frame_equal(alone[columns], together.loc[[name], columns], rtol=1e-9)


def test_gap_equals_dropping_the_area():
    y, groups = region(4)
    y.iloc[[0, 40], 0] = np.nan
    known = y["ind0"].dropna()
    gap = decompose(y["ind0"], groups, permutations=99).table
    dropped = decompose(known, groups[known.index], permutations=99).table
    pd.testing.assert_frame_equal(gap, dropped, rtol=1e-9)
    messages = decompose(y["ind0"], groups, permutations=0).messages
    assert any("2 von 93" in message for message in messages)


def test_input_is_left_alone_and_order_of_columns_kept():
    y, groups = region(6)
    y = y[["ind2", "ind0", "ind1"]].iloc[::-1]
    before, before_groups = y.copy(), groups.copy()
    result = decompose(y, groups, permutations=9)
    pd.testing.assert_frame_equal(y, before)
    pd.testing.assert_series_equal(groups, before_groups)
    assert list(result.table.index) == ["ind2", "ind0", "ind1"]
    assert isinstance(result, VarianceResult)


def test_permutation_mean_is_the_null_line():
    y, groups = region(8, between=0)
    equal = pd.Series(1.0, index=y.index)
    table = decompose(y, groups, weights=equal, permutations=4000).table
    assert table["eta2_weighted_null"].to_numpy() == pytest.approx([9 / 92] * 3, abs=0.003)
    assert table["eta2_null"].to_numpy() == pytest.approx([9 / 92] * 3)


def test_exact_permutation_p_on_a_small_table():
    # 4 areas, 2 + 2: of the 6 equally likely divisions 2 give the observed (largest) share
    y = pd.Series([0.0, 0.1, 1.0, 1.1], name="y")
    groups = pd.Series(list("aabb"))
    p = decompose(y, groups, permutations=6000).table.loc["y", "p_free"]
    assert p == pytest.approx(1 / 3, abs=0.02)
    constant_share = decompose(pd.Series([0.0, 1.0, 0.0, 1.0]), groups, permutations=99).table
    assert constant_share["p_free"].item() == 1.0


def test_naive_permutation_agrees():
    y, groups = region(9, indicators=2, between=0.3)
    weights = pd.Series(np.random.default_rng(1).uniform(1, 9, len(y)), index=y.index)
    table = decompose(y, groups, weights=weights, permutations=999).table

    def eta2(values, w, labels):
        mean = (values * w).groupby(labels).sum() / w.groupby(labels).sum()
        grand = (values * w).sum() / w.sum()
        between = (w.groupby(labels).sum() * (mean - grand) ** 2).sum()
        return between / (w * (values - grand) ** 2).sum()

    rng = np.random.default_rng(2)
    for name in y:
        for w, p_name in ((weights * 0 + 1, "p_free"), (weights, "p_free_weighted")):
            observed = eta2(y[name], w, groups.to_numpy())
            draws = [eta2(y[name], w, rng.permutation(groups.to_numpy())) for _ in range(150)]
            p = (1 + np.sum(np.array(draws) >= observed)) / 151
            assert table.loc[name, p_name] == pytest.approx(p, abs=0.12)
        assert table.loc[name, "eta2_weighted_null"] == pytest.approx(np.mean(draws), abs=0.02)


@pytest.mark.parametrize(
    ("y", "groups", "words"),
    [
        ([1.0, 2, 3, 4], "aaaa", "einer einzigen Gruppe"),
        ([5.0, 5, 5, 5], "aabb", "Alle Werte sind gleich"),
        ([np.nan] * 4, "aabb", "kein Wert"),
        ([1.0, 2, np.nan, np.nan], "aabb", "nur 2 Werte"),
        ([1.0, 2, 3, 4], "abcd", "nur einen Wert"),
    ],
)
def test_undefined_shares_are_missing_and_said(y, groups, words):
    result = decompose(pd.Series(y, name="x"), pd.Series(list(groups)), permutations=19)
    row = result.table.loc["x"]
    assert row[["share_structural", "share_low", "p_free", "icc", "icc_reml", "omega2"]].isna().all()
    assert any(words in message for message in result.messages)
    assert "nicht berechnen" in result.sentence()
    assert "nicht berechnen" in result.summary()
    assert "<table>" in result._repr_html_()


def test_undefined_indicators_do_not_disturb_the_others():
    y, groups = region(0)
    y = y.assign(leer=np.nan, gleich=3.0)
    table = decompose(y, groups, permutations=99).table
    alone = decompose(y[["ind0", "ind1", "ind2"]], groups, permutations=99).table
    pd.testing.assert_frame_equal(table.iloc[:3], alone)
    assert table.loc["leer", "n"] == 0
    assert table.loc["leer"].drop(["n", "groups"]).isna().all()


def test_float_dust_is_no_difference():
    y = pd.Series([0.1 + 0.2, 0.3, 0.3, 0.1 * 3, 0.3, 0.3], name="y")
    row = decompose(y, pd.Series(list("aabbcc")), permutations=9).table.loc["y"]
    assert np.isnan(row["eta2"])


def test_perfect_separation():
    row = decompose(pd.Series([1.0, 1, 2, 2, 3, 3]), pd.Series(list("aabbcc")), permutations=99).table.iloc[0]
    assert row["eta2"] == row["icc"] == row["icc_reml"] == row["share_structural"] == 1
    assert np.isnan(row["icc_low"])


def test_groups_of_one_are_allowed():
    y, groups = region(0)
    groups = groups.mask(groups == "k9", other=None).fillna("solo")
    groups.iloc[0] = "eins"
    table = decompose(y, groups, permutations=9).table
    assert table["share_structural"].between(0, 1).all()
    assert (table["groups"] == 11).all()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda y, g: (y, g.iloc[1:], {}), "groups does not match"),
        (lambda y, g: (y.iloc[1:], g, {}), "groups does not match"),
        (lambda y, g: (y, g.mask(g == "k1"), {}), "groups is missing"),
        (lambda y, g: (y, pd.concat([g, g]), {}), "repeated areas"),
        (lambda y, g: (y, g, {"weights": pd.Series(0.0, index=y.index)}), "must be positive"),
        (lambda y, g: (y, g, {"weights": pd.Series(-1.0, index=y.index)}), "must be positive"),
        (lambda y, g: (y, g, {"weights": pd.Series(np.nan, index=y.index)}), "must be positive"),
        (lambda y, g: (y, g, {"weights": pd.Series(1.0, index=y.index[:5])}), "weights does not match"),
        (lambda y, g: (y, g, {"weights": pd.DataFrame(1.0, y.index, ["ind0"])}), "lacks the indicators"),
        (lambda y, g: (y, g, {"sampling_variance": pd.Series(-1.0, index=y.index)}), "must not be negative"),
        (
            lambda y, g: (y, g, {"sampling_variance": pd.Series(np.nan, index=y.index)}),
            "must not be negative",
        ),
        (lambda y, g: (y.assign(wort="x"), g, {}), "numeric"),
        (lambda y, g: (pd.concat([y, y]), g, {}), "repeated areas"),
        (lambda y, g: (pd.concat([y, y], axis=1), g, {}), "repeated columns"),
        (lambda y, g: (y, g, {"permutations": -1}), "number of draws"),
        (lambda y, g: (y, g, {"alpha": 1.5}), "alpha"),
        (lambda y, g: (None, g, {}), "give y"),
        (lambda y, g: (None, g, {"count": y.abs()}), "belong together"),
        (lambda y, g: (y, g, {"count": y.abs() * 100, "base": y.abs() * 0 + 1}), "between 0 and base"),
        (lambda y, g: (y, g, {"neighbours": {"sr000": []}}), "neighbours lacks"),
    ],
)
def test_input_that_does_not_fit_is_refused(change, words):
    y, groups, options = change(*region(0))
    with pytest.raises(ValueError, match=words):
        decompose(y, groups, **options)


def test_arrays_are_taken_in_the_order_of_the_areas():
    y, groups = region(0)
    weights = pd.Series(np.random.default_rng(0).uniform(1, 9, len(y)), index=y.index)
    named = decompose(y, groups, weights=weights, sampling_variance=weights / 50, permutations=49).table
    for values, labels in ((y, groups.to_numpy()), (y.to_numpy(), groups), (y.to_numpy(), list(groups))):
        plain = decompose(
            values,
            labels,
            weights=weights.to_numpy(),
            sampling_variance=list(weights / 50),
            permutations=49,
        ).table
        columns = [column for column in plain if "p_" not in column and "q_" not in column]
        columns.remove("eta2_weighted_null")
        np.testing.assert_allclose(plain[columns], named[columns], rtol=1e-9)
    one = decompose(y["ind0"].to_numpy(), groups.to_numpy(), permutations=0).table
    assert one.index.tolist() == ["y"]
    assert one["eta2"].item() == pytest.approx(named["eta2"].iloc[0])
    with pytest.raises(ValueError, match="3 entries"):
        decompose(y, [1, 2, 3])
    with pytest.raises(ValueError, match="92 rows"):
        decompose(y.to_numpy()[1:], groups)
    with pytest.raises(TypeError):
        decompose(np.zeros((2, 2, 2)), groups)
    with pytest.raises(TypeError):
        decompose(y, y)


def test_kinds_of_numbers_and_labels_make_no_difference():
    y, groups = region(0, indicators=1)
    y.iloc[3] = np.nan
    expected = decompose(y, groups, permutations=19).table
    for values, labels in (
        (y.astype("Float64"), groups),
        (y, groups.astype("category").cat.add_categories(["leer"])),
        (y, groups.astype("string")),
        (y.astype(object), groups.to_numpy(dtype=object)),
    ):
        pd.testing.assert_frame_equal(decompose(values, labels, permutations=19).table, expected)
    whole = pd.Series(range(93), index=y.index, dtype="Int64").where(lambda x: x != 5)
    assert decompose(whole, groups, permutations=0).table["n"].item() == 92
    yes = decompose(y["ind0"] > 0, groups, permutations=0).table
    assert 0 < yes["eta2"].item() < 1


def test_weight_may_be_missing_in_a_gap():
    y, groups = region(0)
    y.iloc[0, 0] = np.nan
    weights = pd.DataFrame(2.0, index=y.index, columns=y.columns)
    weights.iloc[0, 0] = np.nan
    assert decompose(y, groups, weights=weights, permutations=9).table["eta2_weighted"].notna().all()


def test_percent_and_fraction_give_the_same_shares():
    rng = np.random.default_rng(3)
    _, groups = region(0)
    base = pd.Series(rng.integers(50, 900, len(groups)).astype(float), index=groups.index, name="q")
    count = pd.Series(rng.binomial(base.astype(int), 0.1).astype(float), index=groups.index, name="q")
    one = decompose(None, groups, count=count, base=base, permutations=99).table
    two = decompose(100 * count / base, groups, count=count, base=base, permutations=99).table
    two.index = one.index
    drop = ["mean", "mean_weighted", "sigma2_between", "sigma2_within"]
    pd.testing.assert_frame_equal(one.drop(columns=drop), two.drop(columns=drop), rtol=1e-6)
    assert two["sigma2_within"].item() == pytest.approx(1e4 * one["sigma2_within"].item())
    with pytest.raises(ValueError, match="not count / base"):
        decompose(count, groups, count=count, base=base)


def test_binomial_noise_alone_leaves_nothing():
    rng = np.random.default_rng(11)
    _, groups = region(0)
    shares = []
    for _ in range(30):
        base = pd.Series(200.0, index=groups.index, name="q")
        count = pd.Series(rng.binomial(200, 0.1, len(groups)).astype(float), index=groups.index, name="q")
        row = decompose(None, groups, count=count, base=base, permutations=0).table.iloc[0]
        shares.append(row["sigma2_between"] + row["sigma2_within"])
    assert np.mean(shares) < 0.2 * 0.1 * 0.9 / 200


def test_small_groups_get_no_spread():
    y, groups = region(0)
    result = decompose(y, groups, permutations=0)
    spread = result.contributions["spread"].unstack("group")
    assert spread[["k8", "k9"]].isna().all().all()
    expected = y.groupby(groups).std(ddof=1).T
    pd.testing.assert_frame_equal(
        spread.drop(columns=["k8", "k9"]), expected[spread.columns.drop(["k8", "k9"])], check_names=False
    )
    assert any("k8, k9" in message for message in result.messages)


def test_leave_one_out_is_the_share_of_the_rest():
    y, groups = region(0)
    result = decompose(y, groups, permutations=0)
    rest = groups != "k3"
    expected = decompose(y[rest], groups[rest], permutations=0).table["share_structural"]
    pd.testing.assert_series_equal(result.loo["k3"], expected, check_names=False)


def test_adjusted_p_values_by_hand():
    y, groups = region(12, indicators=6, between=0.4)
    table = decompose(y, groups, permutations=199).table
    p = np.sort(table["p_free"].to_numpy())
    by_hand = np.minimum.accumulate((p * 6 / np.arange(1, 7))[::-1])[::-1]
    np.testing.assert_allclose(np.sort(table["q_free"].to_numpy()), by_hand)


def test_sentences_are_true_to_interval_and_null_line():
    y, groups = region(0, between=0)
    result = decompose(y, groups, permutations=99)
    row = result.table.loc["ind1"]
    sentence = result.sentence("ind1", "Quote")
    assert sentence.startswith("Quote: ")
    assert f"Spanne {100 * row['share_low']:.0f} bis {100 * row['share_high']:.0f} Prozent" in sentence
    assert "reiner Zufall ergäbe 10 Prozent" in sentence
    assert ("überwiegend innerhalb der Kommunen." in sentence) == (row["share_high"] < 0.5)
    assert ("nicht belegt" in sentence) == (row["p_free"] > 0.05)
    strong = decompose(*region(0, indicators=1, between=9.0), permutations=99)
    assert "überwiegend zwischen den Kommunen." in strong.sentence()
    assert "stärker, als es reiner Zufall erwarten lässt" in strong.sentence()
    with pytest.raises(ValueError, match="name the indicator"):
        result.sentence()


def test_names_of_levels_come_from_the_region():
    y, groups = region(0)
    levels = (
        Ebene("quartier", "Quartier", "Quartiere", "Quartieren", "n"),
        Ebene("bezirk", "Bezirk", "Bezirke", "Bezirken", "m"),
    )
    result = decompose(y, groups, permutations=99, ebenen=levels)
    everything = result.summary() + result.sentence("ind0") + " ".join(result.messages) + result._repr_html_()
    assert "Bezirke" in everything
    assert "Quartiere" in everything
    assert "Kommune" not in everything
    assert "Sozialr" not in everything


def test_summary_counts_what_the_table_says():
    y, groups = region(0, indicators=5)
    y["stark"] = groups.map({f"k{i}": float(i * i) for i in range(10)}) + 0.1 * y["ind0"]
    result = decompose(y, groups, permutations=99)
    table = result.table
    known = result.decidable
    inside = known & (table["share_structural"] < 0.5)
    sure = inside & (table["share_high"] < 0.5)
    text = result.summary(labels={"stark": "Starker Wert"}, topics=dict.fromkeys(y.columns[:2], "Alter"))
    assert f"Bei {inside.sum()} von {known.sum()} Indikatoren liegen die Unterschiede" in text
    assert f"eher innerhalb der Kommunen als zwischen ihnen; bei {sure.sum()} reichen die Daten" in text
    assert "zeigt sich hier nicht bei:" in text
    assert "Starker Wert" in text
    assert "Alter: " in text


def test_page_is_escaped():
    y, groups = region(0, indicators=1)
    page = decompose(y.rename(columns={"ind0": "<b>x"}), groups, permutations=9)._repr_html_()
    assert "<b>x" not in page
    assert "&lt;b&gt;x" in page
