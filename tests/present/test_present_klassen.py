"""Class limits by hand, against exhaustive search and against an independent library."""

import itertools

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sozialanalyse.present import formats
from sozialanalyse.present.klassen import Klassen, einteilen

VALUES = pd.Series([1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0, np.nan])


@pytest.mark.parametrize(
    ("method", "n", "limits"),
    [
        ("gleich", 4, (3.0, 5.0, 7.0)),
        ("quantil", 4, (2.0, 5.0, 7.0)),
        ("standardabweichung", 4, (2.4, 5.0, 7.6)),
        ("standardabweichung", 3, (3.7, 6.3)),
        ("natuerlich", 3, (3.0, 6.0)),
    ],
)
def test_limits_by_hand(method, n, limits):
    assert einteilen(VALUES, method, n).grenzen == pytest.approx(limits)


def test_a_limit_belongs_to_the_lower_class_and_gaps_to_none():
    classes = Klassen((3.0, 5.0), "manuell")
    found = classes.zuordnen(pd.Series([3.0, 3.04, 3.05, 5.0, 5.1, np.nan, 99.0], index=list("abcdefg")))
    assert found.astype(object).where(found.notna(), None).tolist() == [0, 0, 1, 1, 2, None, 2]
    assert found.index.tolist() == list("abcdefg")


def test_words_of_classes():
    nb = "\u00a0"
    words = Klassen((3.0, 1500.0), "manuell").beschriftung("%")
    assert words == (f"bis 3,0{nb}%", f"über 3,0 bis 1.500,0{nb}%", f"über 1.500,0{nb}%")
    assert Klassen((), "quantil").beschriftung() == ("alle Werte",)


def test_a_lowest_class_of_one_value_is_called_by_it():
    many = pd.Series([0.0] * 5 + [1.0, 2.0, 3.0])
    assert einteilen(many, "quantil", 2).beschriftung("%")[0] == "0,0\u00a0%"
    below = pd.Series([-1.0] + [0.0] * 4 + [1.0, 2.0, 3.0])
    assert einteilen(below, "quantil", 2).beschriftung()[0] == "bis 0,0"


def test_equal_values_give_one_class_and_no_values_too():
    assert einteilen(pd.Series([2.0, 2.0, np.nan]), "quantil", 5).anzahl == 1
    assert einteilen(pd.Series([np.nan, np.nan]), "natuerlich", 5).anzahl == 1


@pytest.mark.parametrize(
    ("method", "n", "limits"),
    [
        ("quantil", 1, None),
        ("gleich", 10, None),
        ("manuell", 5, [3, 2]),
        ("manuell", 5, None),
        ("x", 3, None),
    ],
)
def test_nonsense_is_refused(method, n, limits):
    with pytest.raises(ValueError, match=r"anzahl|limits|method"):
        einteilen(VALUES, method, n, grenzen=limits)


def _within(values: np.ndarray, limits: tuple[float, ...]) -> float:
    parts = np.split(values, np.searchsorted(values, limits, side="right"))
    return sum(((part - part.mean()) ** 2).sum() for part in parts if part.size)


@given(
    st.lists(st.integers(0, 40), min_size=5, max_size=10),
    st.integers(2, 4),
)
def test_natural_breaks_are_the_best_of_all(numbers, n):
    values = np.sort(np.array(numbers, float))
    distinct = np.unique(values)
    classes = einteilen(pd.Series(values), "natuerlich", n, nachkommastellen=0)
    size = min(n, distinct.size) - 1
    best = min(_within(values, choice) for choice in itertools.combinations(distinct[:-1], size))
    assert _within(values, classes.grenzen) == pytest.approx(best, abs=1e-9)


@pytest.mark.langsam
@pytest.mark.filterwarnings("ignore:Numba not installed")
def test_natural_breaks_agree_with_another_library():
    mapclassify = pytest.importorskip("mapclassify")
    values = pd.Series(np.round(np.random.default_rng(3).gamma(2, 5, 120), 2))
    other = mapclassify.FisherJenks(values, k=6).bins
    assert einteilen(values, "natuerlich", 6, nachkommastellen=2).grenzen == pytest.approx(other[:-1])


@given(
    st.lists(st.floats(-500, 500), min_size=3, max_size=40),
    st.sampled_from(["gleich", "quantil", "natuerlich", "standardabweichung"]),
    st.integers(2, 9),
)
def test_printed_numbers_never_contradict_the_legend(numbers, method, n):
    values = pd.Series(numbers)
    classes = einteilen(values, method, n)
    assert classes.anzahl <= n
    edges = [-np.inf, *classes.grenzen, np.inf]
    for value, place in zip(values, classes.zuordnen(values), strict=True):
        printed = formats.runden(value, 1)
        assert edges[place] < printed <= edges[place + 1]


@given(st.lists(st.floats(0, 100), min_size=12, max_size=60, unique=True))
def test_order_of_areas_does_not_matter(numbers):
    values = pd.Series(numbers)
    for method in ("quantil", "natuerlich"):
        assert einteilen(values, method, 4) == einteilen(values.iloc[::-1], method, 4)


@pytest.mark.parametrize(
    ("values", "n", "sizes"),
    [
        (range(1, 9), 4, [2, 2, 2, 2]),
        (range(1, 11), 5, [2, 2, 2, 2, 2]),
        (range(1, 10), 4, [2, 3, 2, 2]),
        ([1, 2, 3, *[9] * 50], 4, [3, 50]),
        ([*[0] * 50, 1, 2, 3], 4, [50, 3]),
        ([1, 1, 1, 2], 5, [3, 1]),
    ],
)
def test_quantiles_hold_equal_numbers_and_ties_stay_together(values, n, sizes):
    numbers = pd.Series([float(value) for value in values])
    found = einteilen(numbers, "quantil", n, nachkommastellen=0).zuordnen(numbers)
    assert found.value_counts().sort_index().tolist() == sizes


def test_limits_finer_than_the_values_are_printed_in_full():
    words = einteilen(pd.Series([1.0]), "manuell", grenzen=[7.15, 7.2], nachkommastellen=1).beschriftung("%")
    assert words == ("bis 7,15\u00a0%", "über 7,15 bis 7,20\u00a0%", "über 7,20\u00a0%")
    assert "0,03" in Klassen((-0.1, -0.03, 0.03, 0.1), "manuell").beschriftung("PP")[2]


def test_a_rise_and_a_fall_of_one_size_stand_in_mirrored_classes():
    classes = Klassen((-5.0, -1.0, 1.0, 5.0), "manuell", spiegelbildlich=True)
    up = pd.Series([0.0, 0.5, 1.0, 1.1, 4.9, 5.0, 5.1, 80.0])
    assert (classes.zuordnen(up) + classes.zuordnen(-up) == 4).all()
    nb = "\u00a0"
    assert classes.beschriftung("PP") == (
        f"unter −5,0{nb}PP", f"−5,0 bis unter −1,0{nb}PP", f"−1,0 bis 1,0{nb}PP", f"über 1,0 bis 5,0{nb}PP", f"über 5,0{nb}PP",
    )  # fmt: skip
