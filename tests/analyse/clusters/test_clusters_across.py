"""Types and municipalities, years, contiguous areas, consensus."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse
from sklearn.metrics import adjusted_mutual_info_score, adjusted_rand_score

from sozialanalyse.base.errors import DatenFehler, ParameterFehler
from sozialanalyse.clusters import (
    adjusted_rand,
    cluster,
    consensus,
    constrained,
    contiguous_partitions,
    crosscut,
    match,
    years,
)

AREAS = pd.Index([f"a{i:03d}" for i in range(100)])


def grid(side: int = 10) -> dict[str, list[str]]:
    """Areas of a square grid and their neighbours."""
    found: dict[str, list[str]] = {}
    for i in range(side * side):
        row, column = divmod(i, side)
        around = [(row + 1, column), (row - 1, column), (row, column + 1), (row, column - 1)]
        found[f"a{i:03d}"] = [f"a{r * side + c:03d}" for r, c in around if 0 <= r < side and 0 <= c < side]
    return found


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10_000), st.integers(2, 6), st.integers(2, 8))
def test_mutual_information_and_rand_equal_scikit_learn(seed: int, k: int, g: int) -> None:
    rng = np.random.default_rng(seed)
    kind = pd.Series(rng.integers(1, k + 1, 60))
    home = pd.Series(rng.integers(0, g, 60))
    result = crosscut(kind, home, permutations=9)
    assert result.ami == pytest.approx(adjusted_mutual_info_score(kind, home), abs=1e-9)
    assert adjusted_rand(kind.to_numpy(), home.to_numpy()) == pytest.approx(adjusted_rand_score(kind, home))


def test_types_that_are_municipalities_and_types_that_cut_across() -> None:
    home = pd.Series(np.repeat(list("ABCDE"), 20), index=AREAS)
    same = crosscut(home.map(dict(zip("ABCDE", range(1, 6), strict=True))), home, permutations=199)
    assert same.ami == pytest.approx(1)
    assert same.p_free == pytest.approx(1 / 200)
    assert np.allclose(same.by_type["wirksame_gruppen"], 1)
    assert "folgen deutlich" in same.summary()
    across = crosscut(pd.Series(np.tile([1, 2, 3, 4, 5], 20), index=AREAS), home, permutations=199)
    assert np.allclose(across.by_type["wirksame_gruppen"], 5)
    assert across.p_free == 1
    assert across.ami < 0
    assert across.by_type["erwartet"].between(3.5, 4.9).all()
    assert "nicht zu erkennen" in across.summary()


def test_effective_number_by_hand() -> None:
    kind = pd.Series([1, 1, 1, 1, 2, 2], index=list("abcdef"))
    home = pd.Series(["N", "N", "S", "S", "S", "S"], index=list("abcdef"))
    result = crosscut(kind, home, permutations=0)
    assert result.by_type["wirksame_gruppen"].tolist() == pytest.approx([2.0, 1.0])
    assert result.by_type["groesster_anteil"].tolist() == [0.5, 1.0]
    assert result.by_group["typen"].to_dict() == {"N": 1, "S": 2}
    assert np.isnan(result.p_free)


def test_types_may_have_any_name_and_something_must_be_compared() -> None:
    kind = pd.Series(["alt", "jung"] * 10)
    result = crosscut(kind, ["N"] * 10 + ["S"] * 10, permutations=9)
    assert result.by_type.index.tolist() == ["alt", "jung"]
    assert result.ami == pytest.approx(adjusted_mutual_info_score(kind, [0] * 10 + [1] * 10))
    with pytest.raises(DatenFehler, match="Kein Gebiet"):
        crosscut(kind, pd.Series(dtype=object))


def test_partitions_without_a_common_area_or_without_numbers() -> None:
    apart = match(pd.Series([1, 2], index=list("ab")), pd.Series([1, 2], index=list("cd")))
    assert np.isnan(apart.kept)
    assert np.isnan(apart.ari)
    with pytest.raises(ParameterFehler, match="Nummern"):
        match(pd.Series(["x", "y"]), pd.Series([1, 2]))


def test_permutation_test_holds_its_size() -> None:
    rng = np.random.default_rng(0)
    home = pd.Series(np.repeat(np.arange(8), 10))
    p = [crosscut(pd.Series(rng.integers(1, 4, 80)), home, permutations=99).p_free for _ in range(200)]
    assert 0.01 <= np.mean(np.array(p) <= 0.05) <= 0.10


def test_smooth_types_without_border_effect_pass_the_contiguous_null() -> None:
    neighbours = grid()
    column = np.arange(100) % 10
    kind = pd.Series(1 + column // 4, index=AREAS)
    home = pd.Series(
        contiguous_partitions(neighbours, pd.Series(np.arange(100) % 8, index=AREAS), 1, 5)[0], AREAS
    )
    result = crosscut(kind, home, neighbours=neighbours, permutations=199)
    assert result.p_free <= 0.05
    assert result.p_contiguous > 0.05
    assert result.ami_contiguous > 0.1
    assert "Grenzen" not in result.summary(), "partitions are no test of borders"
    given_partitions = crosscut(
        kind, home, permutations=9, partitions=contiguous_partitions(neighbours, home, 50)
    )
    assert given_partitions.p_contiguous > 0.02


def test_random_partitions_are_contiguous_and_of_nearly_the_same_sizes() -> None:
    groups = pd.Series(np.repeat(np.arange(6), [30, 25, 20, 15, 6, 4]), index=AREAS)
    drawn = contiguous_partitions(grid(), groups, 40)
    assert drawn.shape == (40, 100)
    assert len({row.tobytes() for row in drawn}) > 35
    sizes = np.array([np.sort(np.bincount(row, minlength=6)) for row in drawn])
    assert np.abs(sizes - [4, 6, 15, 20, 25, 30]).mean() < 5
    pieces = [_pieces(row) for row in drawn]
    assert np.mean(pieces) < 6.5


def _pieces(label: np.ndarray) -> int:
    graph = grid()
    edges = [(int(a[1:]), int(b[1:])) for a, others in graph.items() for b in others]
    kept = [(a, b) for a, b in edges if label[a] == label[b]]
    matrix = sparse.coo_matrix((np.ones(len(kept)), np.array(kept).T), shape=(100, 100))
    return int(sparse.csgraph.connected_components(matrix)[0])


def test_nearest_area_elsewhere() -> None:
    matrix = pd.DataFrame({"x": [0.0, 0.1, 5.0, 5.1]}, index=list("abcd"))
    kind = pd.Series([1, 1, 2, 2], index=list("abcd"))
    home = pd.Series(["N", "S", "N", "N"], index=list("abcd"))
    result = crosscut(kind, home, matrix=matrix, prepare=False, permutations=9)
    assert result.elsewhere == 0.5
    assert result.elsewhere_expected == pytest.approx(0.5)  # three of six pairs cross the border


def _plain_greedy(x: np.ndarray, pairs: set[tuple[int, int]], k: int) -> list[int]:
    """Merge the touching groups whose union costs least until k are left; slow and obvious."""
    groups = [[i] for i in range(len(x))]

    def scatter(rows: list[int]) -> float:
        return float(((x[rows] - x[rows].mean(axis=0)) ** 2).sum())

    while len(groups) > k:
        cost = {
            (a, b): scatter(groups[a] + groups[b]) - scatter(groups[a]) - scatter(groups[b])
            for a in range(len(groups))
            for b in range(a)
            if any((i, j) in pairs for i in groups[a] for j in groups[b])
        }
        a, b = min(cost, key=lambda pair: cost[pair])
        groups[b] += groups.pop(a)
    return [next(g for g, rows in enumerate(groups) if i in rows) for i in range(len(x))]


@pytest.mark.parametrize("k", [3, 6, 11])
def test_planning_areas_of_a_region_in_three_parts_equal_a_plain_loop(k: int) -> None:
    """A grid cut in two and an island: every part keeps to itself, the cheapest merge comes first."""
    graph = {a: [b for b in others if (a > "a012") == (b > "a012")] for a, others in grid(5).items()}
    graph["insel"] = []
    areas = list(graph)
    matrix = pd.DataFrame(np.random.default_rng(4).normal(size=(26, 3)), index=areas)
    pairs = {(areas.index(a), areas.index(b)) for a, others in graph.items() for b in others}
    expected = _plain_greedy(matrix.to_numpy(), pairs, k)
    found = constrained(matrix, graph, k, prepare=False)
    assert found.k == k
    assert adjusted_rand_score(found.labels, expected) == 1


def test_planning_areas_are_contiguous_whatever_the_order_of_rows() -> None:
    rng = np.random.default_rng(2)
    matrix = pd.DataFrame(rng.normal(size=(100, 4)), index=AREAS)
    neighbours = grid()
    result = constrained(matrix, neighbours, 7, prepare=False)
    assert _pieces(result.labels.to_numpy()) == 7
    assert result.explained < result.explained_free
    assert "7 zusammenhängende Planungsräume" in result.summary()
    shuffled = constrained(matrix.sample(frac=1, random_state=1), neighbours, 7, prepare=False)
    pd.testing.assert_series_equal(shuffled.labels.loc[AREAS], result.labels)


def test_separate_parts_and_gaps_of_planning_areas() -> None:
    matrix = pd.DataFrame({"x": [0.0, 0.2, np.nan, 5.0]}, index=list("abcd"))
    neighbours = {"a": ["b"], "b": ["c"], "d": []}
    result = constrained(matrix, neighbours, 2, prepare=False)
    assert result.labels.tolist() == [1, 1, 1, 2]
    with pytest.raises(DatenFehler, match="getrennte Teile"):
        constrained(matrix, neighbours, 1, prepare=False)
    with pytest.raises(ParameterFehler):
        constrained(matrix, neighbours, 9, prepare=False)


def test_match_finds_a_renumbering_and_new_types() -> None:
    old = pd.Series([1, 1, 1, 2, 2, 3, 3], index=list("abcdefg"))
    new = pd.Series([2, 2, 2, 1, 1, 3, 4], index=list("abcdefg"))
    found = match(old, new)
    assert found.mapping.to_dict() == {1: 2, 2: 1, 3: 3, 4: 4}
    assert found.matched.to_dict() == {1: True, 2: True, 3: True, 4: False}
    assert found.labels.tolist() == [1, 1, 1, 2, 2, 3, 4]
    assert found.kept == pytest.approx(6 / 7)
    fewer = match(new, old)
    assert fewer.labels.tolist()[:5] == [2, 2, 2, 1, 1]


@settings(max_examples=20, deadline=None)
@given(st.permutations([1, 2, 3, 4]), st.integers(0, 1000))
def test_match_undoes_any_permutation(order: list[int], seed: int) -> None:
    old = pd.Series(np.random.default_rng(seed).permutation(np.repeat([1, 2, 3, 4], [9, 7, 5, 3])))
    found = match(old, old.map(dict(zip([1, 2, 3, 4], order, strict=True))))
    assert found.labels.tolist() == old.tolist()
    assert found.ari == 1


def region(seed: int, people: int, shift: int = 0) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Two planted levels of four rates; ``shift`` areas of the low level rise to the high one."""
    rng = np.random.default_rng(seed)
    level = np.repeat([0.1, 0.3], 30)
    level[:shift] = 0.3
    names = list("pqrs")
    base = pd.DataFrame(people, index=[f"g{i}" for i in range(60)], columns=names, dtype=float)
    count = pd.DataFrame(rng.binomial(people, level[:, None], (60, 4)), base.index, names, dtype=float)
    return 100 * count / base, count, base


@pytest.mark.parametrize("mode", ["massstab", "neu"])
def test_years_find_true_changes(mode: str) -> None:
    frames = {2020: region(1, 2000), 2021: region(2, 2000), 2022: region(3, 2000, shift=5)}
    found = years(
        {y: f[0] for y, f in frames.items()},
        k=2,
        mode=mode,  # type: ignore[arg-type]
        counts={y: f[1] for y, f in frames.items()},
        bases={y: f[2] for y, f in frames.items()},
        draws=50,
        bootstrap=0,
        gate=0,
    )
    assert found.changes["wechsel"].tolist() == [0, 5]
    assert found.changes["gesichert"].tolist() == [0, 5]
    assert found.changes.loc[1, "erwartet"] < 1
    assert found.changes.loc[1, "p"] < 0.05
    assert found.moves["gebiet"].tolist() == [f"g{i}" for i in range(5)]
    assert "wechselten 5 von 60" in found.summary()
    assert len(found.results) == (3 if mode == "neu" else 0)


def test_changes_from_noise_alone_are_expected() -> None:
    rng = np.random.default_rng(11)
    names = list("pqrs")
    level = rng.uniform(0.05, 0.3, (60, 1))
    base = pd.DataFrame(80.0, index=range(60), columns=names)
    count = [pd.DataFrame(rng.binomial(80, np.tile(level, 4)), columns=names).astype(float) for _ in range(2)]
    found = years(
        {"alt": 100 * count[0] / base, "neu": 100 * count[1] / base},
        k=3, counts={"alt": count[0], "neu": count[1]}, bases={"alt": base, "neu": base},
        draws=100, bootstrap=0, gate=0,
    )  # fmt: skip
    row = found.changes.iloc[0]
    assert row["wechsel"] > 3
    assert row["erwartet_von"] - 3 <= row["wechsel"] <= row["erwartet_bis"] + 3
    assert row["gesichert"] < row["wechsel"]


def test_years_without_counts_say_so() -> None:
    frames = {2020: region(1, 2000)[0], 2021: region(2, 2000)[0].drop(index="g0")}
    frames[2021].loc["g1"] = np.nan
    found = years(frames, k=2, bootstrap=0, gate=0)
    assert np.isnan(found.changes.loc[0, "erwartet"])
    assert found.changes.loc[0, "gebiete"] == 58
    assert found.labels.loc[["g0", "g1"], 2021].isna().all()
    assert any("Fallzahlen" in message for message in found.messages)
    with pytest.raises(ParameterFehler, match="Bezugsjahr"):
        years(frames, reference=1999)


def test_consensus_recovers_planted_types() -> None:
    rng = np.random.default_rng(0)
    kind = np.repeat([0, 1, 2], [20, 12, 8])
    matrix = pd.DataFrame(np.eye(3)[kind] * 8 + rng.normal(size=(40, 3)), index=AREAS[:40])
    found = consensus(matrix, 3, draws=60)
    assert found.labels.tolist() == (kind + 1).tolist()
    assert found.clarity > 0.9
    assert (found.together.to_numpy() == found.together.to_numpy().T).all()
    mixed = consensus(matrix.sample(frac=1, random_state=3), 3, draws=60)
    assert (mixed.labels.loc[matrix.index] == found.labels).all()
    assert adjusted_rand_score(found.labels, cluster(matrix, k=3, bootstrap=0, gate=0).labels) == 1
    with pytest.raises(ParameterFehler):
        consensus(matrix, 40)


def test_years_use_only_indicators_that_every_year_has() -> None:
    frames = {2020: region(1, 2000)[0].assign(alt=1.5), 2021: region(2, 2000)[0]}
    frames[2021]["s"] = np.nan
    for mode in ("massstab", "neu"):
        found = years(frames, k=2, mode=mode, bootstrap=0, gate=0)  # type: ignore[arg-type]
        assert list(found.reference.profile.columns) == ["p", "q", "r"]
        assert any("in allen Jahren" in m and "s, alt" in m for m in found.messages)
        assert found.changes["wechsel"].tolist() == [0]


def test_a_yardstick_bears_an_indicator_that_is_missing_later() -> None:
    before = cluster(region(1, 2000)[0], k=2, bootstrap=0, gate=0)
    later = region(2, 2000)[0].assign(q=np.nan)
    after = cluster(later, k=2, reference=before.yardstick, bootstrap=0, gate=0)
    assert list(after.profile.columns) == ["p", "r", "s"]
    assert any(" q (100 %)" in message for message in after.messages)
    assert match(before, after).kept == 1


def test_near_areas_within_borders_are_told_beside_types_that_cut_across():
    """Types of their own, but every municipality a little apart: no contradiction in the sentences."""
    rng = np.random.default_rng(3)
    home = pd.Series(np.repeat(list("ABCDE"), 20), index=AREAS)
    kind = pd.Series(np.tile([1, 2, 3, 4, 5], 20), index=AREAS)
    lifted = home.map(dict(zip("ABCDE", range(5), strict=True)))
    matrix = pd.DataFrame({f"i{i}": 10 * kind * (i + 1) + lifted for i in range(3)}, index=AREAS)
    matrix["i3"] = lifted + rng.normal(0, 0.01, len(AREAS))
    found = crosscut(kind, home, matrix=matrix, permutations=199)
    assert found.p_free > 0.05
    assert found.elsewhere < 0.75 * found.elsewhere_expected
    assert "innerhalb derselben Grenze näher" in found.summary()


def test_planning_areas_keep_a_floor_of_people() -> None:
    # a chain of eight areas; pairs belong together by value, but the first has too few people
    chain = {i: [j for j in (i - 1, i + 1) if 0 <= j < 8] for i in range(8)}
    matrix = pd.DataFrame({"a": [0.0, 0, 5, 5, 9, 9, 20, 20]})
    people = pd.Series([10.0, 10, 100, 100, 100, 100, 100, 100])
    free = constrained(matrix, chain, 4, prepare=False)
    assert free.people is None
    assert free.labels.nunique() == 4
    found = constrained(matrix, chain, 4, prepare=False, people=people, floor=150)
    assert found.people is not None
    assert found.people.min() >= 150
    assert found.people.sum() == people.sum()
    assert found.k == 3
    assert found.labels[0] == found.labels[1] == found.labels[2] == found.labels[3]
    assert any("reicht die Bevölkerung" in message for message in found.messages)
    assert "leben 200 Menschen" in found.summary()
    for bad in ({"floor": 150}, {"floor": 150, "people": people.drop(3)}):
        with pytest.raises(ParameterFehler):
            constrained(matrix, chain, 3, prepare=False, **bad)  # type: ignore[arg-type]
    apart = {i: [j for j in others if (i < 2) == (j < 2)] for i, others in chain.items()}
    with pytest.raises(DatenFehler, match="hat nur 20 Menschen"):
        constrained(matrix, apart, 4, prepare=False, people=people, floor=150)


@given(st.integers(0, 500))
@settings(max_examples=25, deadline=None)
def test_floored_planning_areas_are_contiguous_and_large_enough(seed: int) -> None:
    rng = np.random.default_rng(seed)
    side = 5
    grid = {
        i: [j for j in range(side * side) if abs(i // side - j // side) + abs(i % side - j % side) == 1]
        for i in range(side * side)
    }
    people = pd.Series(rng.integers(1, 100, side * side).astype(float))
    found = constrained(
        pd.DataFrame(rng.normal(size=(side * side, 2))), grid, 6, people=people, floor=people.sum() / 8
    )
    assert found.people is not None
    assert found.people.min() >= people.sum() / 8
    for areas in found.labels.groupby(found.labels).groups.values():
        inside, reached = set(areas), {areas[0]}
        while new := {j for i in reached for j in grid[i] if j in inside} - reached:
            reached |= new
        assert reached == inside
