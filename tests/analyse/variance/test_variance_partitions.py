"""Random contiguous partitions and the border effect."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse
from shapely import box

from sozialanalyse.variance import contiguous_partitions, decompose, drawn_partitions, permanova


def grid(rows: int, columns: int) -> gpd.GeoSeries:
    shapes = [box(c, r, c + 1, r + 1) for r in range(rows) for c in range(columns)]
    return gpd.GeoSeries(shapes, index=[f"z{i:03d}" for i in range(rows * columns)], crs=25832)


def rook(rows: int, columns: int) -> list[list[int]]:
    at = np.arange(rows * columns).reshape(rows, columns)
    lists: list[list[int]] = [[] for _ in range(rows * columns)]
    for one, two in [
        *zip(at[:, :-1].ravel(), at[:, 1:].ravel(), strict=True),
        *zip(at[:-1].ravel(), at[1:].ravel(), strict=True),
    ]:
        lists[one].append(int(two))
        lists[two].append(int(one))
    return lists


def connected(near: list[list[int]], members: np.ndarray) -> bool:
    graph = sparse.lil_array((len(near), len(near)))
    for one in members:
        for two in near[one]:
            graph[one, two] = 1
    inside = graph.tocsr()[members][:, members]
    return sparse.csgraph.connected_components(inside)[0] == 1


@settings(max_examples=15, deadline=None)
@given(
    seed=st.integers(0, 10_000), rows=st.integers(2, 7), columns=st.integers(2, 7), groups=st.integers(2, 4)
)
def test_groups_are_connected_and_complete(seed, rows, columns, groups):
    near = rook(rows, columns)
    sizes = (
        np.bincount(np.random.default_rng(seed).integers(0, groups, len(near) - groups), minlength=groups) + 1
    )
    labels = contiguous_partitions(near, sizes, 5, seed)
    assert labels.shape == (5, len(near))
    for label in labels:
        assert set(label) == set(range(groups))
        assert all(connected(near, np.flatnonzero(label == group)) for group in range(groups))


def test_sizes_are_nearly_kept_and_seeds_repeat():
    near, sizes = rook(9, 10), [20, 18, 15, 12, 10, 6, 4, 3, 2]
    labels = contiguous_partitions(near, sizes, 400, 7)
    np.testing.assert_array_equal(labels, contiguous_partitions(near, sizes, 400, 7))
    assert (labels != contiguous_partitions(near, sizes, 400, 8)).any()
    drawn = np.array([np.bincount(label, minlength=9) for label in labels])
    assert np.abs(drawn.mean(axis=0) - sizes).max() < 2
    assert np.abs(drawn - sizes).mean() < 2.2


def test_islands_belong_to_somebody():
    near = [*rook(4, 4), [17], [16], []]
    labels = contiguous_partitions(near, [9, 10], 50, 1)
    assert (labels >= 0).all()
    assert (labels[:, 16] == labels[:, 17]).mean() > 0.8


def test_mapping_and_wrong_sizes():
    near = {"a": ["b"], "b": ["a", "c"], "c": ["b"]}
    assert contiguous_partitions(near, [2, 1], 4, 1).shape == (4, 3)
    with pytest.raises(ValueError, match="sum to 4"):
        contiguous_partitions(near, [2, 2], 4, 1)
    with pytest.raises(ValueError, match="at least one area"):
        contiguous_partitions(near, [3, 0], 4, 1)


def smooth_map(rng: np.random.Generator, near: list[list[int]], rounds: int) -> np.ndarray:
    z = rng.normal(size=len(near))
    for _ in range(rounds):
        z = np.array([(z[at] + z[found].sum()) / (1 + len(found)) for at, found in enumerate(near)])
    return z


def test_contiguous_null_holds_its_size_on_smooth_maps_where_free_labels_do_not():
    rng = np.random.default_rng(5)
    near = rook(9, 10)
    shapes = grid(9, 10)
    maps = pd.DataFrame({f"m{i}": smooth_map(rng, near, 3) for i in range(120)}, index=shapes.index)
    truth = contiguous_partitions(near, [16, 16, 14, 12, 10, 9, 7, 3, 3], 1, 99)[0]
    groups = pd.Series(truth, index=shapes.index)
    table = decompose(maps, groups, geometry=shapes, permutations=199, contiguous=299).table
    assert (table["p_free"] <= 0.05).mean() > 0.5
    assert (table["p_contiguous"] <= 0.05).mean() < 0.11
    assert (table["eta2_contiguous"] > 1.5 * table["eta2_null"]).mean() > 0.8


def test_real_borders_are_found():
    rng = np.random.default_rng(6)
    near, shapes = rook(9, 10), grid(9, 10)
    groups = pd.Series(contiguous_partitions(near, [30, 30, 30], 1, 3)[0], index=shapes.index)
    y = pd.Series(smooth_map(rng, near, 2) + 1.5 * groups.to_numpy(), index=shapes.index, name="y")
    result = decompose(y, groups, geometry=shapes, permutations=499)
    assert result.table.loc["y", "p_contiguous"] <= 0.01
    assert "An den Grenzen der Kommunen springen" in result.sentence()


def test_ways_to_say_who_is_a_neighbour():
    shapes, near = grid(4, 5), rook(4, 5)
    groups = pd.Series(np.repeat([0, 1], 10), index=shapes.index)
    y = pd.Series(np.random.default_rng(0).normal(size=20), index=shapes.index, name="y")
    mapping = {shapes.index[at]: [shapes.index[other] for other in found] for at, found in enumerate(near)}
    weights = pytest.importorskip("libpysal.weights", reason="libpysal gehört nicht zur Umgebung")
    by_mapping = decompose(y, groups, neighbours=mapping, permutations=99).table
    by_weights = decompose(y, groups, neighbours=weights.W(mapping), permutations=99).table
    pd.testing.assert_frame_equal(by_mapping, by_weights)
    by_shape = decompose(
        y, groups, geometry=shapes.to_frame("geometry").set_geometry("geometry"), permutations=99
    )
    assert by_shape.table["p_contiguous"].notna().all()
    assert not any("Flächen" in message for message in by_shape.messages)
    assert decompose(y, groups, permutations=9).table["p_contiguous"].isna().all()
    with pytest.raises(ValueError, match="geometry lacks"):
        decompose(y, groups, geometry=shapes.iloc[1:])


def test_lonely_shape_gets_its_nearest_neighbour():
    shapes = grid(2, 3)
    shapes.loc["insel"] = box(10, 0, 11, 1)
    groups = pd.Series([0, 0, 0, 1, 1, 1, 1], index=shapes.index)
    y = pd.Series(np.arange(7.0), index=shapes.index, name="y")
    assert decompose(y, groups, geometry=shapes, permutations=49).table["p_contiguous"].notna().all()


def test_partitions_drawn_once_serve_every_analysis_of_the_same_areas():
    shapes, near = grid(7, 6), rook(7, 6)
    groups = pd.Series(contiguous_partitions(near, [14, 14, 14], 1, 3)[0], index=shapes.index)
    rng = np.random.default_rng(5)
    values = pd.DataFrame(rng.normal(size=(len(groups), 3)), index=shapes.index, columns=list("abc"))
    drawn = drawn_partitions(groups, geometry=shapes, draws=199)
    assert drawn.shape == (199, len(groups))
    assert set(drawn.columns) == set(shapes.index)
    alone = decompose(values, groups, geometry=shapes, permutations=199)
    shuffled = values.sample(frac=1, random_state=1)
    shared = decompose(shuffled, groups, geometry=shapes, permutations=199, partitions=drawn)
    pd.testing.assert_frame_equal(shared.table, alone.table)
    one = permanova(values, groups, geometry=shapes, permutations=199, partitions=drawn)
    assert one.p_contiguous == permanova(values, groups, geometry=shapes, permutations=199).p_contiguous


def test_areas_that_take_no_part_leave_the_drawn_partitions_too():
    shapes, near = grid(7, 6), rook(7, 6)
    groups = pd.Series(contiguous_partitions(near, [20, 20, 2], 1, 3)[0], index=shapes.index)
    rng = np.random.default_rng(2)
    values = pd.DataFrame(rng.normal(size=(42, 2)), index=shapes.index, columns=list("ab"))
    values.loc[groups == 2, "a"] = np.nan  # a whole municipality is gone
    drawn = drawn_partitions(groups, geometry=shapes, draws=99)
    found = permanova(values, groups, geometry=shapes, permutations=99, partitions=drawn)
    assert set(found.left_out) == set(groups.index[groups == 2])
    assert 0 < found.p_contiguous <= 1
    elsewhere = drawn.rename(columns=lambda name: f"x{name}")
    own = permanova(values, groups, geometry=shapes, permutations=99)
    again = permanova(values, groups, geometry=shapes, permutations=99, partitions=elsewhere)
    assert again.p_contiguous == own.p_contiguous


def test_partitions_need_a_map():
    with pytest.raises(ValueError, match="geometry or neighbours"):
        drawn_partitions(pd.Series(["a", "a", "b"], index=list("xyz")))
