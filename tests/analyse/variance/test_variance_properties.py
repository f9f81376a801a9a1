"""Properties that hold for any data: what must not matter does not, seeds repeat, parts add up."""

import re

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import special

from sozialanalyse import variance
from sozialanalyse.analyse.variance.nulls import Reshape
from sozialanalyse.analyse.variance.smoothness import Surfaces
from sozialanalyse.base import texts

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


@settings(max_examples=25, deadline=None)
@given(
    seed=st.integers(0, 10**6),
    groups=st.integers(2, 400),
    kind=st.sampled_from(["normal", "outlier", "one dominates", "alike"]),
    counted=st.booleans(),
)
def test_every_share_lies_in_its_own_interval(seed, groups, kind, counted):
    rng = np.random.default_rng(seed)
    sizes = rng.geometric(0.25, groups)
    if kind == "one dominates":
        sizes[0] = 40 * groups
    sizes[0] = max(sizes[0], 2)
    code = np.repeat(np.arange(groups), sizes)
    effect = rng.normal(size=groups) * rng.choice([0, 0.2, 1, 5])
    if kind == "outlier":
        effect[0] += 50
    y = 0.0 * code if kind == "alike" else effect[code] + rng.normal(size=len(code))
    index = pd.RangeIndex(len(code))
    if counted:
        persons = np.exp(rng.normal(5, 1.2, len(code))).astype(int) + 3
        cases = rng.binomial(persons, 1 / (1 + np.exp(2 - 0.5 * np.clip(y, -4, 4))))
        given = {
            "count": pd.Series(cases.astype(float), index),
            "base": pd.Series(persons.astype(float), index),
        }
        result = variance.decompose(None, code, permutations=0, **given)
    else:
        result = variance.decompose(pd.Series(y + rng.normal(size=len(code)), index), code, permutations=0)
    row = result.table.iloc[0]
    for share, low, high in (("share_structural", "share_low", "share_high"), ("icc", "icc_low", "icc_high")):
        if not np.isnan(row[share]) and not np.isnan(row[low]):
            assert 0 <= row[low] <= row[share] <= row[high] <= 1


def test_without_any_neighbour_nothing_is_said_of_borders():
    y = pd.DataFrame(np.random.default_rng(1).normal(size=(len(INDEX), 3)), INDEX) + 9.0 * CODES[:, None]
    alone = {area: [] for area in INDEX}
    result = variance.decompose(y, GROUPS, neighbours=alone, permutations=99)
    assert result.table[["p_contiguous", "q_contiguous", "eta2_contiguous"]].isna().all(axis=None)
    told = " ".join([result.summary(), *map(result.sentence, y.columns)])
    assert "Grenzen" not in told
    assert any(
        "über die Grenzen der Kommunen wird deshalb nichts ausgesagt" in note for note in result.messages
    )
    near = variance.decompose(y, GROUPS, neighbours=LINE, permutations=99)
    assert "Grenzen" not in near.summary(), "neighbours alone tell no distances"


def test_an_indicator_without_cases_stops_nothing():
    cases, persons = rates(3)
    for changed in (cases.assign(y=0.0), cases.assign(y=np.nan)):
        result = variance.decompose(None, GROUPS, count=changed, base=persons, permutations=99)
        assert not result.decidable["y"]
        alone = variance.decompose(None, GROUPS, count=cases[["x"]], base=persons[["x"]], permutations=99)
        columns = [name for name in alone.table if not name.startswith("q_")]
        pd.testing.assert_frame_equal(result.table.loc[["x"], columns], alone.table[columns])
    holed = cases.copy()
    holed.iloc[0, 1] = np.nan
    result = variance.decompose(cases / persons, GROUPS, count=holed, base=persons, permutations=99)
    assert any(note.startswith("y: Zu Werten fehlen Fälle") for note in result.messages)


CAUSE = r"\bwegen\b|aufgrund|bewirk|verursach|führt zu|liegt an\b|Wirkung|machen einen Unterschied|\bweil\b|beweist"
ABSENCE = (
    r"keinen Unterschied|gibt es nicht|besteht nicht|hat keinen|spielen keine Rolle|nur Zufall|liegen quer"
)


def test_no_rule_names_a_cause_or_proves_absence():
    """Everything a page may say about numbers; only why something is missing has a cause."""
    rooms = ("variance.", "clusters.", "indices.", "disparity.", "berichte.", "saetze.", "present.")
    rules = [key for key in texts.keys("de") if key.startswith(rooms)]
    rules = [
        key for key in rules if not re.search(r"\.(fehler|hinweis|methode\w*|lesehinweise|glossar)\b", key)
    ]
    assert len(rules) > 500
    for key in rules:
        said = re.sub(
            r"weil (\w+ )?(Werte|Angaben|Umrisse) fehlen|weil nur ein Stichtag", "", texts.vorlage(key)
        )
        assert not re.search(f"{CAUSE}|{ABSENCE}", said), key


@settings(max_examples=12, deadline=None)
@given(seed=st.integers(0, 10**6), planted=st.sampled_from([0.0, 0.5, 3.0]), noise=st.booleans())
def test_sentences_are_true_of_their_numbers(seed, planted, noise):
    """Planted nulls and effects: every claim follows from the row, none names a cause or proves absence."""
    rng = np.random.default_rng(seed)
    effect = planted * rng.normal(size=(len(SIZES), 4))[CODES]
    persons = pd.DataFrame(rng.integers(60, 900, (len(CODES), 4)).astype(float), INDEX, list("wxyz"))
    p = 1 / (1 + np.exp(2 - 0.4 * (effect + rng.normal(size=effect.shape) * (0 if planted == 0 else 1))))
    cases = pd.DataFrame(rng.binomial(persons.astype(int), p).astype(float), INDEX, list("wxyz"))
    places = pd.DataFrame(rng.random((len(INDEX), 2)), INDEX)
    given = {"count": cases, "base": persons} if noise else {}
    result = variance.decompose(
        None if noise else cases / persons, GROUPS, neighbours=LINE, places=places, permutations=199, **given
    )
    told = result.decidable
    for name, row in result.table.iterrows():
        text = result.sentence(name)
        open_ = "nicht zu entscheiden" in text
        assert open_ == (not told[name])
        assert ("überwiegend innerhalb" in text) == (told[name] and row["share_high"] < 0.5)
        assert ("überwiegend zwischen" in text) == (told[name] and row["share_low"] > 0.5)
        assert ("Grenzen der Kommunen springen die Werte stärker" in text) <= (row["q_contiguous"] <= 0.05)
        assert ("stärker, als es reiner Zufall" in text) <= (row["q_free"] <= 0.05)
        assert ("dauerhaften Unterschieden" in text) == (not open_)
    everything = " ".join([result.summary(), *result.messages, *map(result.sentence, result.table.index)])
    assert not re.search(CAUSE, everything)
    assert not re.search(ABSENCE, everything)
    if not told.all():
        assert f"Bei {(~told).sum()} von 4" in result.summary() or "Bei keinem Indikator" in result.summary()
    if told.any():
        inside = (told & (result.table["share_structural"] < 0.5)).sum()
        assert (f"Bei {inside} von {told.sum()} Indikatoren liegen" in result.summary()) == (inside > 0)
