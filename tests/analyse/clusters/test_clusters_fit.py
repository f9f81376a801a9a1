"""``cluster``: planted types, gaps and odd inputs, invariances, agreement with scikit-learn."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.cluster import AgglomerativeClustering, KMeans
from sklearn.datasets import load_iris
from sklearn.metrics import adjusted_rand_score, silhouette_score

from sozialanalyse.analyse.clusters import kmeans
from sozialanalyse.base.errors import DatenFehler, ParameterFehler
from sozialanalyse.clusters import ClusterResult, cluster
from sozialanalyse.variance import decompose


def planted(seed: int = 0, distance: float = 6.0, sizes: tuple[int, ...] = (20, 12, 8)) -> pd.DataFrame:
    """Well separated round types in six indicators, in shuffled units."""
    rng = np.random.default_rng(seed)
    centres = rng.normal(size=(len(sizes), 6))
    centres *= distance / np.linalg.norm(centres, axis=1, keepdims=True)
    kind = np.repeat(np.arange(len(sizes)), sizes)
    x = centres[kind] + rng.normal(size=(len(kind), 6))
    return pd.DataFrame(
        x * [1, 10, 100, 0.1, 5, 2] + [0, 50, 1000, 1, 20, 7],
        index=[f"a{i:02d}" for i in range(len(kind))],
        columns=list("uvwxyz"),
    )


TRUTH = pd.Series(np.repeat([1, 2, 3], (20, 12, 8)), index=planted().index)


def quick(matrix: pd.DataFrame, k: int = 3, **options: object) -> ClusterResult:
    return cluster(matrix, k=k, **({"bootstrap": 0, "gate": 0} | options))  # type: ignore[arg-type]


def test_finds_the_planted_types_and_their_number() -> None:
    result = cluster(planted(), bootstrap=60)
    assert result.k == 3
    assert result.distinct
    assert (result.labels == TRUTH).all()
    assert result.stability.min() > 0.9
    assert result.choice is not None
    assert result.choice.loc[result.choice["chosen"], "k"].tolist() == [3]
    assert "3 Typen" in result.summary()
    assert (result.assignment["einordnung"] == "eindeutig").mean() > 0.9
    assert "<table" in result._repr_html_()


def test_says_continuum_when_there_is_one_cloud() -> None:
    matrix = pd.DataFrame(np.random.default_rng(4).normal(size=(60, 8)))
    result = cluster(matrix, bootstrap=40)
    assert not result.distinct
    assert "Kontinuum" in result.summary()
    assert any("Konvention" in message for message in result.messages)
    assert result.labels.isin(range(1, result.k + 1)).all()


@pytest.mark.parametrize("method", ["kmeans", "ward", "pam", "gmm"])
def test_every_method_finds_planted_types_and_keeps_the_contract(method: str) -> None:
    result = cluster(planted(), k=3, method=method, bootstrap=30, gate=0)  # type: ignore[arg-type]
    assert (result.labels == TRUTH).all()
    assert result.membership.shape == (40, 3)
    assert np.allclose(result.membership.sum(axis=1), 1)
    assert list(result.profile.index) == [1, 2, 3]
    assert list(result.profile.columns) == list("uvwxyz")
    assert set(result.agreement.index) == {"kmeans", "ward", "pam", "gmm"} - {method}
    assert result.agreement.min() == 1


def test_as_given_equals_scikit_learn_on_iris() -> None:
    data = load_iris(as_frame=True).data
    ours = quick(data, prepare=False)
    theirs = KMeans(3, n_init=50, random_state=0).fit(data)
    assert ours.wss == pytest.approx(theirs.inertia_, rel=1e-9)
    assert ours.wss == pytest.approx(78.851441426146, rel=1e-9)
    assert ours.silhouette == pytest.approx(silhouette_score(data, theirs.labels_), abs=1e-9)
    assert adjusted_rand_score(ours.labels, theirs.labels_) == 1
    ward = quick(data, prepare=False, method="ward")
    tree = AgglomerativeClustering(3, linkage="ward").fit(data)
    assert adjusted_rand_score(ward.labels, tree.labels_) == 1


def test_profile_in_original_units_by_hand() -> None:
    matrix = pd.DataFrame({"a": [1.0, 1.2, 0.8, 9.0, 11.0], "b": [10.0, 10.5, 9.5, 40.0, np.nan]})
    result = quick(matrix, k=2, prepare=False)
    assert result.labels.tolist() == [1, 1, 1, 2, 2]
    assert result.profile.loc[1].tolist() == [1.0, 10.0]
    assert result.profile.loc[2].tolist() == [10.0, 40.0]
    assert result.region.tolist() == pytest.approx([4.6, 17.5])
    assert result.typical[1] == 0


def test_distinguishing_indicator_by_hand() -> None:
    matrix = pd.DataFrame({"a": [0.0, 1, 2, 10, 11, 12], "b": [0.0, 1, 0, 1, 0, 1]})
    result = quick(matrix, k=2, prepare=False, labels={"a": "Anteil A"}, polarity=pd.Series({"a": 1, "b": 0}))
    table = result.distinguishing.set_index(["typ", "indikator"])
    kind = result.labels[5]
    # means 11 and 1, pooled standard deviation 1: d = 10; between 150 of 154 squares
    assert table.loc[(kind, "a"), "d"] == pytest.approx(10.0)
    assert table.loc[(kind, "a"), "eta2"] == pytest.approx(150 / 154)
    assert table.loc[(kind, "a"), "bedeutung"] == "mehr Bedarf"
    assert table.loc[(kind, "b"), "bedeutung"] == "neutral"
    assert result.names[kind] == "hoch: Anteil A"
    assert result.names[3 - kind] == "niedrig: Anteil A"


def test_types_are_numbered_by_size() -> None:
    assert quick(planted(3)).sizes.tolist() == [20, 12, 8]


@settings(max_examples=15, deadline=None)
@given(st.randoms(use_true_random=False), st.integers(0, 5))
def test_order_of_rows_changes_nothing(random: object, seed: int) -> None:
    matrix = planted(seed, distance=2.0)
    rows = list(matrix.index)
    random.shuffle(rows)  # type: ignore[attr-defined]
    one, two = quick(matrix, k=4, bootstrap=5), quick(matrix.loc[rows], k=4, bootstrap=5)
    assert list(two.labels.index) == rows
    pd.testing.assert_series_equal(one.labels, two.labels.loc[matrix.index])
    pd.testing.assert_frame_equal(one.membership, two.membership.loc[matrix.index])
    assert one.wss == two.wss


@settings(max_examples=15, deadline=None)
@given(
    st.lists(
        st.tuples(st.floats(0.01, 1000), st.floats(-500, 500), st.sampled_from([1, -1])),
        min_size=6,
        max_size=6,
    )
)
def test_units_and_polarity_do_not_change_the_partition(changes: list[tuple[float, float, int]]) -> None:
    matrix = planted(1, distance=3.0)
    matrix["u"] = np.exp(matrix["u"] - matrix["u"].mean())
    changed = matrix.copy()
    for name, (factor, shift, sign) in zip(matrix, changes, strict=True):
        changed[name] = matrix[name] * factor * sign + shift
    one, two = quick(matrix), quick(changed)
    assert adjusted_rand_score(one.labels, two.labels) == 1
    assert one.wss == pytest.approx(two.wss, rel=1e-6)


def test_same_seed_same_bits_and_input_untouched() -> None:
    matrix = planted(2, distance=2.0)
    before = matrix.copy(deep=True)
    one, two = cluster(matrix, bootstrap=30), cluster(matrix, bootstrap=30)
    pd.testing.assert_frame_equal(matrix, before)
    assert one.membership.to_numpy().tobytes() == two.membership.to_numpy().tobytes()
    assert one.centres.to_numpy().tobytes() == two.centres.to_numpy().tobytes()
    assert one.choice is not None
    assert one.choice.equals(two.choice)


def test_constant_and_empty_indicators_are_left_out_with_a_message() -> None:
    matrix = planted().assign(fest=0.1 + 0.2, leer=np.nan)
    matrix["duenn"] = matrix["u"].where(np.arange(40) >= 12)
    result = quick(matrix)
    assert (result.labels == TRUTH).all()
    assert list(result.profile.columns) == list("uvwxyz")
    for name in ("fest", "leer", "duenn"):
        assert any(f" {name}" in message for message in result.messages)


def test_area_with_large_gaps_is_assigned_but_shapes_nothing() -> None:
    matrix = planted()
    matrix.loc["a00", ["u", "v", "w"]] = np.nan
    result = quick(matrix, bootstrap=20)
    without = quick(matrix.drop(index="a00"), reference=result.yardstick)
    pd.testing.assert_frame_equal(result.centres, without.centres)
    assert result.labels["a00"] == 1
    assert result.assignment.loc["a00", "zugeordnet"]
    assert result.assignment["zugeordnet"].sum() == 1
    assert set(result.missing["behandlung"]) == {"offen"}
    assert any("a00" in message and "50\u00a0%" in message for message in result.messages)


def test_weight_of_the_topic_decides_how_much_is_missing() -> None:
    topics = pd.Series({"u": "a", "v": "b", "w": "c", "x": "c", "y": "c", "z": "c"})
    matrix = planted()
    matrix.loc["a00", ["w", "x", "y"]] = np.nan  # three quarters of one of three topics: a quarter
    assert quick(matrix, topics=topics).missing["behandlung"].tolist() == ["ergaenzt"] * 3
    matrix.loc["a01", "u"] = np.nan  # one of three topics
    result = quick(matrix, topics=topics)
    assert result.missing.set_index("gebiet").loc["a01", "behandlung"] == "offen"


def test_area_without_values_has_no_type() -> None:
    matrix = planted()
    matrix.loc["a05"] = np.nan
    result = quick(matrix, bootstrap=10)
    assert result.labels.isna().sum() == 1
    assert pd.isna(result.labels["a05"])
    assert result.membership.loc["a05"].isna().all()
    assert (result.labels.drop("a05") == TRUTH.drop("a05")).all()
    assert any("a05" in message for message in result.messages)


def test_small_gaps_are_filled_and_listed() -> None:
    matrix = planted()
    matrix.loc["a01", "v"] = np.nan
    result = quick(matrix)
    assert result.missing.to_dict("records") == [
        {"gebiet": "a01", "indikator": "v", "behandlung": "ergaenzt"}
    ]
    assert (result.labels == TRUTH).all()


def test_gaps_in_a_matrix_clustered_as_given() -> None:
    matrix = planted()
    matrix.loc["a01", "v"] = np.nan
    matrix.loc["a02"] = np.nan
    result = quick(matrix, prepare=False)
    assert pd.isna(result.labels["a02"])
    assert result.labels.notna().sum() == 39


@pytest.mark.parametrize("k", [0, 41, "viele", 2.5, True, None, -1, float("nan")])
def test_impossible_numbers_of_types(k: object) -> None:
    with pytest.raises(ParameterFehler, match="Anzahl der Typen"):
        cluster(planted(), k=k)  # type: ignore[arg-type]


def test_other_impossible_inputs() -> None:
    with pytest.raises(ParameterFehler, match="Verfahren"):
        cluster(planted(), method="hdbscan")  # type: ignore[arg-type]
    with pytest.raises(DatenFehler, match="keine Zahlen: t"):
        cluster(planted().assign(t="x"))
    with pytest.raises(DatenFehler, match="brauchbar"):
        cluster(pd.DataFrame({"a": [1.0, 1.0]}))
    with pytest.raises(ParameterFehler, match="mehrfach"):
        cluster(planted().rename(index={"a01": "a00"}))
    with pytest.raises(ParameterFehler, match="keine Gebiete"):
        cluster(pd.DataFrame())


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"bootstrap": -1}, "bootstrap darf nicht negativ"),
        ({"gate": -5}, "gate darf nicht negativ"),
        ({"seed": -1}, "seed darf nicht negativ"),
        ({"groups": ["A"] * 3}, "Gruppen \\(3\\) passen nicht"),
        ({"groups": pd.Series("A", index=["a00", "a00"])}, "mehrfach"),
        ({"topics": {"x": "t"}, "topic_weights": {"T": 2.0}}, "unbekannt: T; vorhanden: t"),
        ({"topics": {"x": "t"}, "topic_weights": {"t": -2.0}}, "null oder größer"),
        ({"topic_weights": {"t": 2.0}}, "unbekannt: t"),
    ],
)
def test_impossible_options(options: dict[str, object], words: str) -> None:
    with pytest.raises(ParameterFehler, match=words):
        quick(planted(), k=2, **options)


def test_groups_may_be_a_series_a_mapping_or_a_list() -> None:
    home = pd.Series(["A", "B"] * 20, index=planted().index)
    tables = [quick(planted(), k=4, groups=g).occurrence for g in (home, home.to_dict(), home.to_list())]
    pd.testing.assert_frame_equal(tables[0], tables[1])
    pd.testing.assert_frame_equal(tables[0], tables[2])
    assert tables[0].to_numpy().sum() == 40


def test_repeated_areas_show_all_their_kinds() -> None:
    """Three kinds of five equal areas each are three types, and no continuum."""
    matrix = pd.DataFrame({"a": [0.0, 1.0, 5.0] * 5, "b": [2.0, 7.0, 1.0] * 5})
    result = cluster(matrix)
    assert result.k == 3
    assert result.distinct
    assert result.silhouette == 1
    assert result.labels.tolist() == result.labels.tolist()[:3] * 5


def test_areas_exactly_on_a_curve_are_a_continuum_unless_they_repeat() -> None:
    """A cubic goes through four kinds of area and through a parabola; only the first are types."""
    place = np.random.default_rng(0).normal(size=20)
    assert not cluster(pd.DataFrame({"a": place, "b": place**2})).distinct
    kinds = pd.DataFrame({"a": [0.0, 1.0, 5.0, 8.0], "b": [2.0, 7.0, 1.0, 8.0]})
    assert cluster(kinds.loc[kinds.index.repeat([9, 4, 5, 6])].reset_index(drop=True)).distinct


def test_indicators_of_two_topics_that_say_the_same_are_named() -> None:
    matrix = planted()
    matrix = matrix.assign(copy=matrix.iloc[:, 0] * 3 + 1)
    topics = pd.Series("one", index=matrix.columns)
    topics["copy"] = "two"
    result = quick(matrix, k=2, topics=topics)
    assert any("in verschiedenen Themen" in message for message in result.messages)
    assert result.yardstick.table["gewicht"]["copy"] == pytest.approx(matrix.shape[1] / 2)


def test_duplicate_rows_count_as_one_kind_of_area() -> None:
    matrix = pd.DataFrame({"a": [1.0] * 10 + [2.0] * 10, "b": [0.0] * 10 + [3.0] * 10})
    result = quick(matrix, k=2)
    assert sorted(result.sizes) == [10, 10]
    with pytest.raises(ParameterFehler, match="von 1 bis 2"):
        quick(matrix, k=3)
    assert cluster(matrix).k in (1, 2)


def test_few_areas_one_indicator_and_one_type() -> None:
    three = cluster(pd.DataFrame({"a": [1.0, 2.0, 9.0]}))
    assert three.k in (1, 2)
    assert not three.distinct
    one = cluster(planted(), k=1, bootstrap=10)
    assert (one.labels == 1).all()
    assert one.stability.tolist() == [1.0]
    assert np.isnan(one.silhouette)
    assert "einzige Gruppe" in one.summary()
    single = cluster(pd.DataFrame({"a": np.r_[np.arange(10.0), 100 + np.arange(10.0)]}), k=2, bootstrap=20)
    assert single.labels.tolist() == [1] * 10 + [2] * 10


def test_rates_with_counts_are_compared_as_log_odds() -> None:
    rng = np.random.default_rng(5)
    base = pd.DataFrame({"r": rng.integers(200, 2000, 40)}, dtype=float)
    count = pd.DataFrame({"r": rng.binomial(base["r"].astype(int), 0.1)}, dtype=float)
    matrix = (100 * count / base).assign(w=rng.normal(size=40))
    result = quick(matrix, k=2, count=count, base=base)
    assert result.yardstick.table["art"].tolist() == ["logit", "wert"]
    odds = np.log((count["r"] + 0.5) / (base["r"] - count["r"] + 0.5))
    expected = ((odds - odds.mean()) / odds.std(ddof=0)).clip(-2.5, 2.5)
    assert np.allclose(result.yardstick.z(matrix, count, base)["r"], expected)
    more = quick(matrix, k=2, count=count + 5000, base=base)
    assert any("daher kein Anteil" in message for message in more.messages)


def test_topics_weigh_the_same_however_many_indicators_they_have() -> None:
    matrix = planted()
    topics = pd.Series({"u": "eins", "v": "eins", "w": "eins", "x": "eins", "y": "zwei", "z": "zwei"})
    weight = quick(matrix, topics=topics).yardstick.table["gewicht"]
    assert weight[["u", "v", "w", "x"]].sum() == pytest.approx(3)
    assert weight[["y", "z"]].sum() == pytest.approx(3)
    double = quick(matrix, topics=topics, topic_weights={"zwei": 2.0}).yardstick.table["gewicht"]
    assert double[["y", "z"]].sum() == pytest.approx(4)


def test_indicators_that_say_the_same_share_a_weight() -> None:
    matrix = planted().assign(u2=lambda m: 3 - 2 * m["u"])
    result = quick(matrix)
    weight = result.yardstick.table["gewicht"]
    assert weight["u"] == weight["u2"] == pytest.approx(weight["v"] / 2)
    assert any("u2" in message and "(−1,00)" in message for message in result.messages)
    assert result.wss * 6 / 7 == pytest.approx(quick(planted()).wss, rel=1e-9)


def test_a_composition_counts_once_and_its_order_does_not_matter() -> None:
    rng = np.random.default_rng(6)
    shares = pd.DataFrame(rng.dirichlet([5, 3, 2, 1], 50), columns=["j", "m", "e", "h"])
    shares.iloc[0] = [1.0, 0.0, 0.0, 0.0]
    matrix = shares.assign(w=rng.normal(size=50))
    first = quick(matrix, compositions={"alter": ["j", "m", "e", "h"]})
    weight = first.yardstick.table["gewicht"]
    assert weight[["j", "m", "e", "h"]].sum() == pytest.approx(weight["w"])
    assert [c for c in first.centres.columns if c.startswith("alter")] == ["alter.1", "alter.2", "alter.3"]
    units = quick((matrix * [100, 100, 100, 100, 1]), compositions={"alter": ["j", "m", "e", "h"]})
    assert first.labels.equals(units.labels)
    with pytest.raises(ParameterFehler, match="unbekannte Teile: x"):
        quick(matrix, compositions={"alter": ["j", "x"]})


def test_reference_year_fixes_the_scale() -> None:
    past = planted(0)
    now = planted(1) + 3.0
    scale = pd.DataFrame({"mean": past.mean(), "sd": past.std(ddof=0)})
    by_table = quick(now, reference=scale)
    z = ((now - past.mean()) / past.std(ddof=0)).clip(-2.5, 2.5)
    assert np.allclose(by_table.yardstick.z(now), z)
    by_matrix = quick(now, reference=past)
    assert by_matrix.yardstick.table.equals(quick(past).yardstick.table)
    with pytest.raises(DatenFehler, match="fehlen Indikatoren: u"):
        quick(now.drop(columns="u"), reference=by_matrix.yardstick)


def test_occurrence_and_transitional_areas() -> None:
    matrix = planted(0, distance=5.0, sizes=(20, 20))
    middle = matrix.iloc[:20].mean() / 2 + matrix.iloc[20:].mean() / 2
    matrix.loc["mitte"] = middle
    groups = pd.Series("A", index=matrix.index)
    groups.iloc[30:] = "B"
    result = cluster(matrix, k=2, groups=groups, gate=0)
    assert result.occurrence is not None
    assert result.occurrence.to_numpy().sum() == 41
    assert result.assignment.loc["mitte", "einordnung"] != "eindeutig"
    assert result.assignment.loc["mitte", "zweiter_typ"] != result.labels["mitte"]


@pytest.mark.parametrize("apart", [0.0, 6.0])
def test_sentences_about_types_are_true_of_their_numbers(apart: float) -> None:
    """One cloud and three groups: what is said follows from the table."""
    rng = np.random.default_rng(int(apart))
    kind = np.arange(45) % 3
    found = cluster(pd.DataFrame(rng.normal(size=(45, 4)) + apart * np.eye(4)[kind]), bootstrap=20, gate=39)
    said = found.summary().replace("\u00a0", " ")
    assert found.distinct == (apart > 0)
    assert ("Abgrenzbare Typen sind nicht zu erkennen" in said) == (not found.distinct)
    assert ("stärker unterscheiden als ein fließender" in said) == found.distinct
    assert f"{found.k} Typen" in said
    for word, low, high in (
        ("sehr stabil", 0.85, 2),
        ("Alle Typen sind stabil", 0.75, 0.85),
        ("instabil", -1, 0.6),
    ):
        assert (word in said) == (low <= found.stability.min() < high), said
    counts = found.assignment["einordnung"].value_counts()
    for word, shown in (("eindeutig", "eindeutig"), ("uebergang", "im Übergang"), ("untypisch", "untypisch")):
        assert f"{counts.get(word, 0)} {shown}" in said
    for (number, name), row in zip(found.names.items(), found.profile_z.to_numpy(), strict=True):
        for side, sign in (("hoch", 1), ("niedrig", -1)):
            named = re.search(rf"{side}: ([^;]+)", str(name))
            for column in named.group(1).split(", ") if named else []:
                assert sign * row[list(map(str, found.profile_z.columns)).index(column)] > 0, (number, name)


def test_infinite_values_are_refused_alike_by_cluster_and_decompose() -> None:
    matrix = pd.DataFrame({"Quote": [1.0, 2.0, np.inf, 4.0], "b": [1.0, 2, 3, 4]})
    said = []
    for refuse in (lambda: cluster(matrix, k=2), lambda: decompose(matrix, pd.Series(list("xxyy")))):
        with pytest.raises(DatenFehler, match="unendliche Werte: Quote") as fault:
            refuse()
        said.append(str(fault.value))
    assert said[0] == said[1]


@pytest.mark.parametrize("k", [3, 5])
def test_many_equal_rows_leave_centres_empty_and_stop_nothing(k: int) -> None:
    """Large data with fewer different rows than groups: no run is finite, one is answered all the same."""
    rows = np.repeat(np.array([[0.0, 0.0], [1.0, 0.0], [0.0, 5.0]]), kmeans.SEED_ROWS // 2, axis=0)
    found = kmeans.solve(rows, k, starts=10, rng=np.random.default_rng(0))
    assert len(np.unique(found.labels)) == 3
    assert found.wss[0, 0] == (0 if k == 3 else np.inf)
