"""Twins: by hand, against a plain loop, with gaps and with the noise of small counts."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from sozialanalyse.base.errors import DatenFehler, ParameterFehler
from sozialanalyse.clusters import twins

LINE = pd.DataFrame({"x": [0.0, 1.0, 1.5, 5.0, 6.0], "y": [0.0, 0.0, 0.0, 0.0, 3.0]}, index=list("abcde"))
HOME = pd.Series({"a": "N", "b": "N", "c": "S", "d": "S", "e": "W"})


def test_by_hand() -> None:
    table = twins(LINE, HOME, n=2, prepare=False).set_index(["gebiet", "rang"])
    assert table.loc[("a", 1), "zwilling"] == "c"
    assert table.loc[("a", 1), "distanz"] == pytest.approx(1.5)
    assert table.loc[("a", 2), "zwilling"] == "d"
    assert table.loc[("b", 1), ["zwilling", "gruppe"]].tolist() == ["c", "S"]
    assert table.loc[("e", 1), "zwilling"] == "d"
    assert table.loc[("e", 1), "distanz"] == pytest.approx(10**0.5)
    # eight pairs cross a border; b-c is the nearest of them
    assert table.loc[("b", 1), "perzentil"] == pytest.approx(100 / 8)
    assert table.loc[("b", 1), "gegenseitig"]
    assert table.loc[("d", 1), "zwilling"] == "e"
    assert table.loc[("e", 2), "zwilling"] == "c"
    assert not table.loc[("e", 2), "gegenseitig"]
    assert table.loc[("e", 1), "aehnlich"] == ("x",)
    assert table.loc[("e", 1), "verschieden"] == ("y",)


def test_same_as_a_plain_loop_and_never_at_home() -> None:
    rng = np.random.default_rng(0)
    matrix = pd.DataFrame(rng.normal(size=(40, 5)), index=[f"g{i}" for i in range(40)])
    home = pd.Series(rng.integers(0, 4, 40), index=matrix.index)
    table = twins(matrix, home, n=3, prepare=False)
    assert len(table) == 120
    for area, rows in table.groupby("gebiet"):
        apart = ((matrix - matrix.loc[area]) ** 2).sum(axis=1) ** 0.5
        expected = apart[home != home[area]].nsmallest(3)
        assert rows["zwilling"].tolist() == list(expected.index)
        assert np.allclose(rows["distanz"], expected)
    assert (home[table["gebiet"]].to_numpy() != table["gruppe"].to_numpy()).all()
    assert table["haelt_rauschen"].isna().all()


def test_gaps_use_the_common_indicators_and_empty_areas_have_no_twin() -> None:
    matrix = LINE.copy()
    matrix.loc["a", "y"] = np.nan
    matrix.loc["d"] = np.nan
    table = twins(matrix, HOME, n=3, prepare=False)
    assert "d" not in set(table["gebiet"]) | set(table["zwilling"])
    first = table[table["gebiet"] == "a"].iloc[0]
    assert first["zwilling"] == "c"
    assert first["distanz"] == pytest.approx(1.5 * 2**0.5)  # one of two coordinates, scaled up


def test_only_as_many_twins_as_there_are_areas_elsewhere() -> None:
    home = pd.Series({"a": "N", "b": "N", "c": "N", "d": "N", "e": "W"})
    table = twins(LINE, home, n=3, prepare=False)
    assert table.groupby("gebiet").size().to_dict() == {"a": 1, "b": 1, "c": 1, "d": 1, "e": 3}


def test_groups_may_be_a_mapping_and_n_is_at_least_one() -> None:
    matrix = pd.DataFrame({"x": [0.0, 0.1, 5.0, 5.1]}, index=list("abcd"))
    home = {"a": "N", "b": "S", "c": "N", "d": "S"}
    found = twins(matrix, home, n=1, prepare=False)
    assert found["zwilling"].tolist() == ["b", "a", "d", "c"]
    pd.testing.assert_frame_equal(found, twins(matrix, list(home.values()), n=1, prepare=False))
    with pytest.raises(ParameterFehler, match="mindestens ein"):
        twins(matrix, home, n=0)


def test_unknown_municipality_is_an_error() -> None:
    with pytest.raises(DatenFehler, match="e"):
        twins(LINE, HOME.drop("e"))


@pytest.mark.parametrize(("people", "holds"), [(2_000_000, True), (60, False)])
def test_large_counts_hold_small_ones_do_not(people: int, holds: bool) -> None:
    rng = np.random.default_rng(3)
    names = [f"i{j}" for j in range(4)]
    share = pd.DataFrame(rng.uniform(0.05, 0.12, (30, 4)), columns=names)
    base = pd.DataFrame(people, index=share.index, columns=names, dtype=float)
    count = (share * people).round()
    table = twins(100 * count / base, pd.Series(np.arange(30) % 5), n=1, count=count, base=base)
    mean = float(table["haelt_anteil"].mean())
    assert mean > 0.9 if holds else mean < 0.3
    again = twins(100 * count / base, pd.Series(np.arange(30) % 5), n=1, count=count, base=base)
    pd.testing.assert_frame_equal(table, again)


def test_order_of_rows_does_not_matter() -> None:
    rng = np.random.default_rng(8)
    matrix = pd.DataFrame(rng.normal(size=(25, 4)), index=[f"g{i}" for i in range(25)])
    home = pd.Series(rng.integers(0, 3, 25), index=matrix.index)
    turned = matrix.iloc[::-1]
    one = twins(matrix, home).set_index(["gebiet", "rang"]).sort_index()
    two = twins(turned, home).set_index(["gebiet", "rang"]).sort_index()
    pd.testing.assert_frame_equal(one, two)


def test_areas_without_any_value_do_not_disturb_the_noise_test_of_the_others():
    rng = np.random.default_rng(5)
    base = pd.DataFrame(rng.integers(300, 900, (12, 3)), columns=list("abc")).astype(float)
    count = np.floor(base * rng.uniform(0.05, 0.4, (12, 3)))
    count.iloc[4], base.iloc[4] = np.nan, np.nan
    groups = pd.Series(list("xxxyyyzzzxyz"))
    found = twins(100 * count / base, groups, count=count, base=base, draws=5)
    assert 4 not in set(found["gebiet"])
    assert found["haelt_anteil"].notna().all()
