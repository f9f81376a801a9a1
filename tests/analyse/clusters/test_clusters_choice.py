"""The number of types: table, gate, planted and structureless data; small versions of the simulations."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import numpy as np
import pandas as pd
import pytest
from sklearn.datasets import make_blobs
from sklearn.metrics import silhouette_samples

from sozialanalyse import clusters
from sozialanalyse.analyse.clusters import choice
from sozialanalyse.analyse.clusters.choice import best_k, gate_test
from sozialanalyse.analyse.clusters.kmeans import best_solution, solve, squared_distances
from sozialanalyse.analyse.clusters.stability import jaccard, silhouettes
from sozialanalyse.analyse.clusters.worlds import curve
from sozialanalyse.base.texts import keys
from sozialanalyse.clusters import choose_k


def simulation() -> ModuleType:
    path = Path(__file__).parents[2] / "simulation" / "simulate_clusters.py"
    spec = importlib.util.spec_from_file_location("simulate_clusters", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize(("centres", "features"), [(3, 2), (4, 6)])
def test_round_types_are_counted(centres: int, features: int) -> None:
    rng = np.random.default_rng(centres)
    middle = np.linalg.qr(rng.normal(size=(8, 8)))[0][:centres, :features]
    middle *= 8 / np.linalg.norm(middle[:, None] - middle[None], axis=2)[~np.eye(centres, dtype=bool)].min()
    x, _ = make_blobs(n_samples=90, centers=middle, random_state=0)
    table = choose_k(pd.DataFrame(x), bootstrap=40)
    assert table["distinct"].all()
    assert table.loc[table["chosen"], "k"].tolist() == [centres]
    assert table["k"].tolist() == list(range(2, 9))
    assert table.notna().all(axis=None)


def test_rule_by_hand() -> None:
    table = pd.DataFrame(
        {
            "k": [2, 3, 4, 5],
            "stable": [True, True, True, False],
            "silhouette_z": [8.0, 10.0, 6.9, 12.0],
            "min_size": 9,
            "min_jaccard": [0.9, 0.9, 0.75, 0.65],
            "silhouette": 0.3,
        }
    )
    assert best_k(table) == (3, False)
    assert best_k(table.assign(silhouette_z=[8, 10, 7.0, 12])) == (4, False)
    assert best_k(table.assign(silhouette_z=-1.0)) == (4, False)
    assert best_k(table.assign(silhouette_z=np.nan)) == (4, False)
    unstable = table.assign(stable=False, min_jaccard=[0.5, 0.6, 0.4, 0.7])
    assert best_k(unstable) == (5, False)
    assert best_k(unstable.assign(min_size=[9, 9, 9, 3])) == (3, False)


def test_the_end_of_the_search_is_no_finding() -> None:
    table = pd.DataFrame({"k": [2, 3, 4], "stable": True, "min_size": 9, "min_jaccard": 0.8})
    table["silhouette"] = 0.3
    level = table.assign(silhouette_z=[5.0, 9.2, 10.0])
    assert best_k(level, open_end=True) == (3, True)  # within one standard error of the best
    assert best_k(level) == (4, False)  # four different areas: there is no more
    assert best_k(level.assign(silhouette_z=[5.0, 8.0, 10.0]), open_end=True) == (4, True)
    assert best_k(level.assign(silhouette_z=[5.0, 10.0, 6.0]), open_end=True) == (3, False)
    unstable = level.assign(stable=False, min_jaccard=[0.3, 0.4, 0.5])
    assert best_k(unstable, open_end=True) == (4, True)


def test_more_types_than_tried_are_told() -> None:
    rng = np.random.default_rng(4)
    matrix = pd.DataFrame(rng.normal(size=(80, 4)) + 12 * np.eye(4)[np.repeat(np.arange(4), 20)])
    short = clusters.cluster(matrix, kmax=4, bootstrap=20, gate=39, prepare=False)
    assert short.choice is not None
    assert short.choice["at_end"].all()
    assert any("nicht gefunden" in message for message in short.messages)
    long = clusters.cluster(matrix, kmax=6, bootstrap=20, gate=39, prepare=False)
    assert long.k == 4
    assert not any("nicht gefunden" in message for message in long.messages)


def test_areas_left_out_of_the_search_are_named() -> None:
    rng = np.random.default_rng(5)
    matrix = pd.DataFrame(rng.normal(size=(602, 2)), index=[f"G{i:03d}" for i in range(602)])
    found = clusters.cluster(matrix, kmax=2, bootstrap=2, gate=1)
    said = next(message for message in found.messages if "gesucht" in message)
    assert "600 zufällig gewählten von 602" in said
    assert said.count("G") == 2 + said.count("Gebiet")
    assert any("400 zufällig gewählten von 602" in message for message in found.messages)
    given = clusters.cluster(matrix, k=3, bootstrap=0, gate=0)
    assert not any("zufällig gewählten" in message for message in given.messages)


def test_too_few_areas_are_one_type() -> None:
    table = choose_k(pd.DataFrame({"a": [1.0, 2.0]}))
    assert table[["k", "chosen", "distinct"]].to_dict("records") == [
        {"k": 1, "chosen": True, "distinct": False}
    ]


def test_jaccard_by_hand() -> None:
    labels = np.array([0, 0, 0, 1, 1])
    drawn = np.array([[0, 0, 1, 1, 1], [0, 0, 0, 0, 0]])
    multiplicity = np.array([[1.0, 1, 1, 2, 0], [2, 2, 1, 0, 0]])
    # first: {0,1} of {0,1,2} = 2/3, {3} of {2,3} = 1/2; second: all three there, second type absent
    assert jaccard(labels, 2, drawn, multiplicity).tolist() == [[pytest.approx(2 / 3), 0.5], [1.0, 0.0]]


def test_silhouettes_equal_scikit_learn_also_for_single_rows() -> None:
    rng = np.random.default_rng(0)
    x = rng.normal(size=(30, 3))
    labels = np.r_[np.zeros(15, int), np.ones(14, int), 2]
    ours = silhouettes(np.sqrt(squared_distances(x, x)), labels, 3)
    assert np.allclose(ours, silhouette_samples(x, labels))


def test_weighted_rows_equal_repeated_rows() -> None:
    rng = np.random.default_rng(1)
    x = rng.normal(size=(40, 3))
    times = rng.multinomial(40, np.full(40, 1 / 40)).astype(float)
    weighted = solve(x, 4, starts=60, rng=np.random.default_rng(0), weights=times[None, None])
    repeated = solve(np.repeat(x, times.astype(int), axis=0), 4, starts=60, rng=np.random.default_rng(0))
    assert weighted.wss[0, 0] == pytest.approx(repeated.wss[0, 0])


def test_many_rows_reach_the_optimum_of_all_rows() -> None:
    rng = np.random.default_rng(2)
    x = rng.normal(size=(6_000, 4)) + 6 * np.eye(4)[rng.integers(0, 4, 6_000)]
    large = solve(x, 4, starts=20, rng=np.random.default_rng(0))
    means = np.array([x[large.labels[0, 0] == j].mean(axis=0) for j in range(4)])
    assert np.allclose(large.centres[0, 0], means)
    assert large.wss[0, 0] < 1.02 * 4 * 6_000


def test_large_matrix_goes_through_samples() -> None:
    rng = np.random.default_rng(3)
    kind = rng.integers(0, 3, 4_000)
    matrix = pd.DataFrame(rng.normal(size=(4_000, 5)) + 7 * np.eye(5)[kind])
    matrix.iloc[5, 0] = np.nan
    for method in clusters.METHODS:
        result = clusters.cluster(matrix, k=3, method=method, bootstrap=10, gate=0)  # type: ignore[arg-type]
        assert clusters.adjusted_rand(result.labels.to_numpy(), kind) > 0.99
        assert result.stability.min() > 0.95
        assert np.allclose(result.membership.sum(axis=1), 1)


def test_one_cluster_is_rarely_called_distinct() -> None:
    """The aim of the large simulation is one in ten; of 24 data sets more than three are too many."""
    module, kinds = simulation(), ("normal", "horseshoe", "multivariate t3, 20", "exponential gradient")
    called = [module.called_distinct(kind, seed, draws=39) for kind in kinds for seed in range(6)]
    assert len(called) == 24
    assert sum(called) <= 3


@pytest.mark.parametrize("kind", ["weak", "three groups"])
def test_planted_types_are_mostly_called_distinct(kind: str) -> None:
    module = simulation()
    assert sum(module.found_distinct(kind, seed, draws=39) for seed in range(4)) >= 3


def test_the_world_that_explains_the_data_is_named() -> None:
    module = simulation()
    for kind, world in (("normal", "gauss"), ("horseshoe", "gebogen")):
        x = module.prepared(module.structureless(kind, 3))
        assert gate_test(x, list(range(2, 9)), 39, 3).world == world


@pytest.mark.parametrize("columns", [1, 2, 6])
def test_far_apart_groups_are_distinct_however_many_indicators(columns: int) -> None:
    rng = np.random.default_rng(columns)
    x = rng.normal(size=(80, columns)) + 9 * (np.arange(80) % 2)[:, None]
    assert gate_test(x, [2, 3, 4], 99, 1).p <= 0.05


def test_curve_follows_a_bent_line() -> None:
    angle = np.linspace(0.2, 3.0, 60)
    line = np.column_stack([np.cos(angle), np.sin(angle), 0.5 * np.sin(angle)])
    away, _, place = curve(line[None], 3, [np.arange(60.0)[None]], sweeps=20)
    assert away.max() < 2e-3
    assert (np.diff(place[0]) >= 0).all()


def test_starts_meet_or_are_said_to_disagree() -> None:
    rng = np.random.default_rng(0)
    x = rng.normal(size=(50, 3))
    found, agreed = best_solution(x, 4, starts=20, rng=np.random.default_rng(1))
    again, _ = best_solution(x, 4, starts=20, rng=np.random.default_rng(2))
    assert agreed
    assert found.wss[0, 0] == pytest.approx(again.wss[0, 0], rel=1e-9)
    centres = np.array([x[found.labels[0, 0] == j].mean(axis=0) for j in range(4)])
    assert np.allclose(found.centres[0, 0], centres)
    # 200 rows on a circle: cuts at any place are equally good, and starts never meet
    angle = 2 * np.pi * rng.random(200)
    circle = np.column_stack([np.cos(angle), np.sin(angle)])
    result = clusters.cluster(pd.DataFrame(circle), k=8, prepare=False, bootstrap=0, gate=0)
    alone = best_solution(circle, 8, starts=50, rng=np.random.default_rng(1))[1]
    assert alone == (not any("Startwerte" in message for message in result.messages))


def test_gate_finds_planted_types() -> None:
    matrix, _, topics = simulation().plant(0, 2.0)
    ready = clusters.cluster(matrix, k=5, topics=topics, bootstrap=0, gate=99)
    assert ready.distinct
    x = np.random.default_rng(0).normal(size=(40, 4))
    assert gate_test(x, [2, 3], 0, 1).p == 1.0


def test_recovery_of_planted_types_in_the_small() -> None:
    module = simulation()
    table = pd.DataFrame([module.recovery(seed, 2.0, ("kmeans",), 0) for seed in range(4)]).mean()
    assert table["+ topic weights, kmeans"] > 0.75
    assert table["+ topic weights, kmeans"] > table["Yeo-Johnson, clip"] > table["RobustScaler"]


@pytest.mark.langsam
def test_recovery_as_good_as_the_published_table() -> None:
    module = simulation()
    clear, weak = (
        pd.DataFrame([module.recovery(seed, separation, ("kmeans",), 0) for seed in range(12)]).mean()
        for separation in (2.0, 1.25)
    )
    assert clear["+ topic weights, kmeans"] > 0.80
    assert weak["+ topic weights, kmeans"] > 0.50


def test_public_door_hands_on_everything_and_texts_are_used() -> None:
    import sozialanalyse.analyse.clusters as room

    assert all(getattr(clusters, name) is getattr(room, name) for name in room.__all__)
    folder = Path(room.__file__).parent
    source = "".join(
        page.read_text(encoding="utf-8")
        for page in [*folder.glob("*.py"), *(folder.parent / "indices").glob("*.py")]
    )
    built = ("satz.", "hinweis.luecken", "hinweis.konstant", "hinweis.redundant", "stufe.")
    for key in keys():
        if key.startswith(("clusters.", "indices.")):
            assert f'"{key}"' in source or any(
                f".{start}" in f".{key.split('.', 1)[1]}" for start in built
            ), key


def test_a_solution_is_as_stable_as_its_weakest_type(monkeypatch):
    """One type comes back in 9 of 10 resamples, the other in half: the solution is not stable."""
    x = np.r_[np.random.default_rng(1).normal(0, 1, (30, 2)), np.random.default_rng(2).normal(9, 1, (30, 2))]
    labels = np.repeat([0, 1], 30)
    distance = np.linalg.norm(x[:, None] - x[None], axis=2)
    for shares, stable in (([0.9, 0.5], False), ([0.9, 0.8], True), ([0.5, 0.9], False)):
        monkeypatch.setattr(choice, "jaccard", lambda *_, shares=shares: np.array([shares, shares]))
        found = choice._criteria(x, distance, labels, 2, "kmeans", bootstrap=2, seed=1)
        assert found["min_jaccard"] == min(shares)
        assert found["mean_jaccard"] == pytest.approx(sum(shares) / 2)
        assert found["stable"] is stable


def test_a_type_of_very_few_areas_makes_no_stable_solution(monkeypatch):
    x = np.r_[np.random.default_rng(1).normal(0, 1, (30, 2)), np.random.default_rng(2).normal(9, 1, (30, 2))]
    distance = np.linalg.norm(x[:, None] - x[None], axis=2)
    monkeypatch.setattr(choice, "jaccard", lambda *_: np.array([[0.9, 0.9]]))
    for few in (choice.MIN_SIZE - 1, choice.MIN_SIZE):
        labels = np.repeat([0, 1], [few, 60 - few])
        found = choice._criteria(x, distance, labels, 2, "kmeans", bootstrap=2, seed=1)
        assert found["min_size"] == few
        assert found["stable"] is (few >= choice.MIN_SIZE)
