"""Properties that hold for any data: what must not matter does not, seeds repeat, parts add up."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import special

from sozialanalyse import variance
from sozialanalyse.analyse.variance.nulls import Reshape
from sozialanalyse.analyse.variance.smoothness import Surfaces

SIZES = (9, 7, 6, 5, 3, 2)
CODES = np.repeat(np.arange(len(SIZES)), SIZES)
INDEX = pd.Index([f"a{i:02d}" for i in range(len(CODES))])
GROUPS = pd.Series([f"k{code}" for code in CODES], index=INDEX)
LINE = {
    INDEX[i]: [INDEX[j] for j in (i - 2, i - 1, i + 1, i + 2) if 0 <= j < len(INDEX)]
    for i in range(len(INDEX))
}


def rates(seed: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    rng = np.random.default_rng(seed)
    persons = rng.integers(60, 900, (len(CODES), 2)).astype(float)
    p = 1 / (1 + np.exp(2 - 0.4 * rng.normal(size=(len(SIZES), 2))[CODES]))
    cases = rng.binomial(persons.astype(int), p).astype(float)
    return pd.DataFrame(cases, INDEX, ["x", "y"]), pd.DataFrame(persons, INDEX, ["x", "y"])


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 10_000))
def test_exchange_inside_a_municipality_changes_nothing(seed):
    rng = np.random.default_rng(seed)
    cases, persons = rates(seed)
    order = np.lexsort((rng.random(len(CODES)), CODES))
    one, two = (
        variance.decompose(None, GROUPS, count=count, base=base, permutations=0)
        for count, base in (
            (cases, persons),
            (cases.iloc[order].set_axis(INDEX), persons.iloc[order].set_axis(INDEX)),
        )
    )
    pd.testing.assert_frame_equal(one.table, two.table, rtol=1e-6, atol=1e-8)
    pd.testing.assert_frame_equal(one.contributions, two.contributions, rtol=1e-9)


@settings(max_examples=8, deadline=None)
@given(seed=st.integers(0, 10_000))
def test_polarity_changes_no_share_no_odds_ratio_and_no_p(seed):
    cases, persons = rates(seed)
    one, two = (
        variance.decompose(None, GROUPS, count=count, base=persons, permutations=49, neighbours=LINE)
        for count in (cases, persons - cases)
    )
    drop = ["mean", "mean_weighted", "share_reml", "icc_reml", "icc_ml"]
    pd.testing.assert_frame_equal(
        one.table.drop(columns=drop), two.table.drop(columns=drop), rtol=1e-6, atol=1e-8
    )
    pd.testing.assert_frame_equal(
        one.odds[["mor_between", "mor_within"]], two.odds[["mor_between", "mor_within"]], atol=2e-3
    )
    a, b = (
        variance.permanova(frame / persons, GROUPS, permutations=49) for frame in (cases, persons - cases)
    )
    assert a.r2 == pytest.approx(b.r2, rel=1e-9)
    assert (a.p, a.spread_p) == (b.p, b.spread_p)


def test_seeds_repeat_bit_for_bit_everywhere():
    cases, persons = rates(1)
    y = cases / persons
    other = y + np.random.default_rng(2).normal(scale=0.01, size=y.shape)
    runs = {
        "decompose": lambda seed: (
            variance.decompose(y, GROUPS, weights=persons, permutations=49, neighbours=LINE, seed=seed).table
        ),
        "permanova": lambda seed: (
            variance.permanova(y, GROUPS, permutations=49, neighbours=LINE, seed=seed).table
        ),
        "theil": lambda seed: variance.theil(y, GROUPS, persons, permutations=49, seed=seed).table,
        "years": lambda seed: variance.compare_years(y, other, GROUPS, draws=49, seed=seed),
        "aggregation": lambda seed: variance.aggregation_check(
            y, GROUPS, neighbours=LINE, max_areas=3, draws=19, seed=seed
        ),
        "bridge": lambda seed: variance.bridge(
            y, GROUPS, pd.Series(np.arange(len(INDEX)) % 3, index=INDEX), permutations=49, seed=seed
        ),
        "moran": lambda seed: variance.morans_i(y, neighbours=LINE, permutations=49, seed=seed),
        "local": lambda seed: variance.local_moran(y["x"], neighbours=LINE, permutations=49, seed=seed),
    }
    for name, run in runs.items():
        np.random.seed(int.from_bytes(name.encode()[:4], "big"))
        state = np.random.get_state()[1].copy()
        pd.testing.assert_frame_equal(run(7), run(7), rtol=0, atol=0, obj=name)
        assert (np.random.get_state()[1] == state).all(), name


@settings(max_examples=10, deadline=None)
@given(seed=st.integers(0, 10_000))
def test_row_order_and_labels_do_not_matter_for_the_friends(seed):
    rng = np.random.default_rng(seed)
    cases, persons = rates(seed)
    y, order = cases / persons, rng.permutation(len(INDEX))
    names = GROUPS.map({f"k{i}": f"{j}" for i, j in enumerate(rng.permutation(len(SIZES)))})
    assert variance.theil(y["x"], GROUPS, persons["x"], permutations=0).between == pytest.approx(
        variance.theil(y["x"].iloc[order], names, persons["x"], permutations=0).between, rel=1e-9
    )
    one = variance.segregation_m_h(cases, GROUPS, permutations=0)
    two = variance.segregation_m_h(cases.iloc[order], names, permutations=0)
    assert one.m_between == pytest.approx(two.m_between, rel=1e-9)
    assert one.m == pytest.approx(one.m_between + one.m_within, abs=1e-12)
    pd.testing.assert_frame_equal(
        variance.empirical_bayes(cases, persons, GROUPS),
        variance.empirical_bayes(cases.iloc[order], persons, names).loc[INDEX],
        rtol=1e-9,
    )
    a, b = (
        variance.glmm(count["x"], persons["x"], groups)
        for count, groups in ((cases, GROUPS), (cases.iloc[order], names))
    )
    assert a.loglik == pytest.approx(b.loglik, abs=1e-6)


def test_smooth_surfaces_grow_smoother_and_catch_what_sizes_say():
    near = [[INDEX.get_loc(other) for other in LINE[area]] for area in INDEX]
    surfaces = Surfaces.of(near)
    alike = [float(surfaces.alike(step).mean()) for step in surfaces.steps]
    assert np.all(np.diff(alike) > 0)
    assert alike[0] == pytest.approx(-1 / (len(INDEX) - 1), abs=0.05)
    random = np.random.default_rng(0).permuted(np.tile(CODES, (200, 1)), axis=1)
    level, spread = surfaces.caught(random, len(SIZES)).mean(axis=1)
    between, within = (len(SIZES) - 1) / 2, (len(INDEX) - len(SIZES)) / 2  # the share is a beta variable
    assert level[0] == pytest.approx(special.digamma(between) - special.digamma(within), abs=0.05)
    trigamma = special.polygamma(1, between) + special.polygamma(1, within)
    assert spread[0] == pytest.approx(np.sqrt(trigamma), rel=0.05)
    blocks = surfaces.caught(CODES[None], len(SIZES))
    assert np.all(np.diff(blocks[0, 0]) > 0)
    expected = surfaces.expected(np.array([-1.0, 1.0]), CODES[None], len(SIZES))[0, 0]
    np.testing.assert_allclose(expected, blocks[0, 0, [0, -1]], rtol=1e-9)
    # one sweep by hand: the share of a surface is its weighted group means squared, its logit what is kept
    first = pd.DataFrame(surfaces.steps[0]).groupby(CODES).agg(["sum", "count"])
    sums, sizes = first.xs("sum", axis=1, level=1), first.xs("count", axis=1, level=1)
    share = (sums**2 / sizes).sum()
    logit = np.log(share / (1 - share))
    assert blocks[0, 0, 0] == pytest.approx(logit.mean())
    assert blocks[1, 0, 0] == pytest.approx(logit.std(ddof=0))


def test_drawn_partitions_are_reshaped_to_the_real_one():
    reshape = Reshape(np.array([-1.0]), np.array([[-2.0], [-1.5]]), np.array([1.5]))
    drawn = 1 / (1 + np.exp(-np.array([[-2.0], [-0.5]])))
    np.testing.assert_allclose(reshape.shares(drawn, 0), 1 / (1 + np.exp(-np.array([[-1.0], [0.5]]))))
    np.testing.assert_allclose(reshape.shares(drawn[1:], 1), reshape.shares(drawn, 0)[1:])


def test_types_without_the_own_topic():
    matrix = pd.DataFrame(np.arange(12.0).reshape(4, 3), columns=["a", "b", "c"])
    seen = []

    def types_of(rest):
        seen.append(list(rest.columns))
        return pd.Series([1, 1, 2, 2], index=rest.index)

    types = variance.types_without_topic(matrix, {"a": "t", "b": "u", "c": "t"}, types_of)
    assert seen == [["b"], ["a", "c"]]
    assert list(types.columns) == ["a", "b", "c"]
    alone = variance.types_without_topic(matrix[["a", "c"]], {"a": "t", "c": "t"}, types_of)
    assert alone.isna().all().all()
    groups = pd.Series([0, 0, 1, 1])
    row = variance.bridge(matrix["a"], groups, pd.Series([1.0, 2, np.nan, 1]), permutations=0).iloc[0]
    assert row["n"] == 3


def test_ranges_and_messages_name_what_they_hang_on():
    cases, persons = rates(3)
    cases["x"] = (persons["x"] * np.random.default_rng(4).uniform(0.05, 0.3, len(INDEX))).round()
    cases.loc[GROUPS == "k0", "x"] = (0.6 * persons.loc[GROUPS == "k0", "x"]).round()
    result = variance.decompose(None, GROUPS, count=cases, base=persons, permutations=19, neighbours=LINE)
    span = result.loo_range.loc["x"]
    assert span["low"] <= result.table.loc["x", "share_structural"] <= span["high"]
    assert span["group_low"] == "k0"
    assert result.aggregation.loc["x", "areas"] <= 5 * 6
    notes = dict.fromkeys(key for key, _ in result.notes({"x": "Quote", "k0": "Oberstadt"}))
    assert {None, "x"} <= set(notes)
    text = " ".join(note for _, note in result.notes({"x": "Quote", "k0": "Oberstadt"}))
    assert "Quote: Die Unterschiede zwischen den Kommunen hängen zu" in text
    assert "Ohne Oberstadt läge der Anteil bei" in text
    assert "k4, k5" in text
    assert tuple(note for _, note in result.notes()) == result.messages


def test_both_views_are_asked_before_chance_is_ruled_out():
    rng = np.random.default_rng(0)
    y = pd.Series(rng.normal(size=len(INDEX)), index=INDEX, name="y")
    result = variance.decompose(
        y, GROUPS, weights=pd.Series(rng.uniform(1, 99, len(INDEX)), INDEX), permutations=99
    )
    for free, weighted, words in (
        (0.01, 0.01, "stärker, als es reiner Zufall"),
        (0.5, 0.5, "nicht belegt"),
        (0.01, 0.5, "hängt davon ab"),
        (0.5, 0.01, "hängt davon ab"),
    ):
        result.table.loc["y", ["q_free", "q_free_weighted"]] = free, weighted
        assert words in result.sentence()


def test_single_precision_of_large_maps_gives_the_same_p(monkeypatch):
    from sozialanalyse.analyse.variance import nulls

    cases, persons = rates(5)
    y = cases / persons
    run = lambda: variance.decompose(y, GROUPS, weights=persons, permutations=199).table  # noqa: E731
    double = run()
    monkeypatch.setattr(nulls, "_SINGLE", 1)
    pd.testing.assert_frame_equal(run(), double, rtol=1e-5, atol=1e-6)
