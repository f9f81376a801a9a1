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
from sozialanalyse.analyse.clusters.kmeans import solve, squared_distances
from sozialanalyse.analyse.clusters.stability import jaccard, silhouettes
from sozialanalyse.clusters import choose_k
from sozialanalyse.texts import keys


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
    assert best_k(table) == 3
    assert best_k(table.assign(silhouette_z=[8, 10, 7.0, 12])) == 4
    assert best_k(table.assign(silhouette_z=-1.0)) == 4
    assert best_k(table.assign(silhouette_z=np.nan)) == 4
    assert best_k(table.assign(stable=False, min_jaccard=[0.5, 0.6, 0.4, 0.7])) == 5
    assert best_k(table.assign(stable=False, min_jaccard=[0.5, 0.6, 0.4, 0.7], min_size=[9, 9, 9, 3])) == 3


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


@pytest.mark.parametrize("kind", ["normal", "lognormal"])
def test_structureless_data_are_rarely_called_distinct(kind: str) -> None:
    module = simulation()
    assert sum(module.called_distinct(kind, seed, draws=39) for seed in range(8)) <= 2


def test_gate_finds_planted_types() -> None:
    matrix, _, topics = simulation().plant(0, 2.0)
    ready = clusters.cluster(matrix, k=5, topics=topics, bootstrap=0, gate=99)
    assert ready.distinct
    x = np.random.default_rng(0).normal(size=(40, 4))
    assert gate_test(x, [2, 3], 0, 1)[1] == 1.0


def test_recovery_of_planted_types_in_the_small() -> None:
    module = simulation()
    table = pd.DataFrame([module.recovery(seed, 2.0) for seed in range(4)]).mean()
    assert table["+ topic weights, kmeans"] > 0.75
    assert table["+ topic weights, kmeans"] > table["Yeo-Johnson, clip"] > table["RobustScaler"]


@pytest.mark.langsam
def test_recovery_as_good_as_the_published_table() -> None:
    module = simulation()
    clear = pd.DataFrame([module.recovery(seed, 2.0) for seed in range(12)]).mean()
    weak = pd.DataFrame([module.recovery(seed, 1.25) for seed in range(12)]).mean()
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
