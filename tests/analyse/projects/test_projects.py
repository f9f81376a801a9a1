"""Who may be funded, what is funded twice, whom nothing reaches, what a budget buys, what is owed."""

from __future__ import annotations

from datetime import date
from itertools import combinations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sozialanalyse.analyse.projects import (
    Pot,
    by_score,
    changes,
    covered,
    double_funding,
    eligibility,
    expanded,
    most_reached,
    owed,
    scores,
    white_spots,
)

POT = Pot(
    low=100, high=2000, own_share=10, applicants=frozenset({"verein"}), purposes=frozenset({"Lesen"}),
    areas=frozenset({"a"}), start="2024-01-01", end="2024-12-31",
)  # fmt: skip
GOOD = {
    "pot": "p", "applicant": "verein", "amount": 500.0, "own_share": 10.0, "purpose": "Lesen", "areas": ("a", "z"),
    "begin": "2024-02-01", "end": "2024-03-01",
}  # fmt: skip


@pytest.mark.parametrize(
    ("change", "reasons", "unknown"),
    [
        ({}, (), ()),
        ({"applicant": "person"}, ("applicant",), ()),
        ({"applicant": None}, (), ("applicant",)),
        ({"amount": 99.0}, ("low",), ()),
        ({"amount": 2000.01}, ("high",), ()),
        ({"amount": np.nan}, (), ("low",)),
        ({"own_share": 9.0}, ("own_share",), ()),
        ({"purpose": "Reise"}, ("purpose",), ()),
        ({"areas": ("z",)}, ("area",), ()),
        ({"areas": ()}, (), ("area",)),
        ({"end": "2025-01-01"}, ("period",), ()),
        ({"begin": None, "end": None}, (), ("period",)),
        ({"end": None}, (), ()),
        ({"pot": "q"}, (), ("pot",)),
        ({"amount": 5.0, "applicant": "kommune", "purpose": None}, ("applicant", "low"), ("purpose",)),
    ],
)
def test_conditions_by_hand(change, reasons, unknown):
    found = eligibility(pd.DataFrame([GOOD | change], index=["x"]), {"p": POT}).loc["x"]
    assert (found["reasons"], found["unknown"]) == (reasons, unknown)


def test_a_pot_that_asks_for_nothing_takes_everything_that_has_a_place_and_a_price():
    bare = GOOD | {"applicant": None, "own_share": np.nan, "purpose": None, "begin": None, "end": None}
    found = eligibility(pd.DataFrame([bare], index=["x"]), {"p": Pot()}).loc["x"]
    assert (found["reasons"], found["unknown"]) == ((), ())


def test_half_judged_projects_have_no_score():
    points = pd.DataFrame({"a": [1.0, 0.5, 0.0], "b": [1.0, np.nan, 0.5]})
    assert scores(points, {"a": 30, "b": 70}).fillna(-1).tolist() == [100, -1, 35]


PROJECTS = pd.DataFrame(
    [
        ("k1", "p", "n", "Lesen", ("a", "b"), "2024-01-01", "2024-06-30", "Café"),
        ("k2", "q", "m", "Lesen", ("b",), "2024-06-30", "2024-12-31", "Cafe"),
        ("k3", "q", "m", "Lesen", ("c",), "2024-01-01", "2024-12-31", "Fest"),
        ("k4", "p", "n", "Lesen", ("b",), "2024-07-01", None, "Buch"),
        ("k5", "p", "n", "Lesen", ("a",), "2024-03-01", "2024-04-01", "Anders"),
        ("k6", "r", "n", "Sport", (), None, "2023-12-31", "Lauf"),
        ("k7", "r", "n", "Sport", (), None, "2024-01-01", "Lauf"),
        ("k8", "r", None, None, ("a", "b", "c"), "2024-01-01", "2024-12-31", "Café"),
    ],
    columns=["id", "pot", "applicant", "purpose", "areas", "begin", "end", "title"],
).set_index("id")


def test_pairs_funded_twice_by_hand():
    """k2 and k3 share the applicant within one pot but no area; k6 ends before the others begin."""
    found = double_funding(PROJECTS)
    pairs = {(r.first, r.second): (r.applicant, r.purpose, r.areas, r.alike) for r in found.itertuples()}
    assert pairs == {
        ("k1", "k2"): (False, True, ("b",), False),
        ("k1", "k5"): (True, True, ("a",), False),
        ("k1", "k7"): (True, False, (), False),
        ("k2", "k4"): (False, True, ("b",), False),
    }


def test_no_projects_are_no_pairs():
    assert double_funding(PROJECTS.iloc[:0]).empty


KOMMUNE = pd.Series({"a": "K1", "b": "K1", "c": "K2"})
CELLS = pd.DataFrame(
    {"need": ["x", "x", "y", "y"], "area": ["a", "b", "b", "c"], "persons": [10.0, 30.0, np.nan, 5.0]}
)


def test_small_areas_of_kommunen_and_region():
    assert expanded(["K1", "c"], KOMMUNE, "R") == ("a", "b", "c")
    assert expanded(["R"], KOMMUNE, "R") == ("a", "b", "c")
    assert expanded([], KOMMUNE, "R") == ()


def test_white_spots_by_hand():
    """A project for need x in area a reaches neither need y nor other areas; unknown people stand last."""
    running = pd.DataFrame({"needs": [("x",)], "areas": [("a", "c")]}, index=["k"])
    found = white_spots(CELLS, running)
    assert list(zip(found["need"], found["area"], strict=True)) == [("x", "b"), ("y", "c"), ("y", "b")]
    assert len(white_spots(CELLS, running.iloc[:0])) == len(CELLS)


@st.composite
def auswahlen(draw):
    n, m = draw(st.integers(1, 6)), draw(st.integers(1, 6))
    keys = [f"k{i}" for i in range(n)]
    cost = pd.Series(draw(st.lists(st.integers(1, 50), min_size=n, max_size=n)), keys, dtype=float)
    score = pd.Series(draw(st.lists(st.integers(0, 100), min_size=n, max_size=n)), keys, dtype=float)
    reach = pd.DataFrame(
        draw(st.lists(st.lists(st.booleans(), min_size=m, max_size=m), min_size=n, max_size=n)), index=keys
    )
    persons = pd.Series(draw(st.lists(st.integers(0, 500), min_size=m, max_size=m)), dtype=float)
    return cost, score, float(draw(st.integers(0, 150))), reach, persons


@given(auswahlen())
def test_nothing_reaches_more_people_for_the_money(given_):
    """Against every subset: most people, then most points, then least money."""
    cost, score, budget, reach, persons = given_

    def value(chosen):
        return (
            persons[reach.loc[list(chosen)].any(axis=0)].sum(),
            score[list(chosen)].sum(),
            -cost[list(chosen)].sum(),
        )

    every = (c for size in range(len(cost) + 1) for c in combinations(cost.index, size))
    best = max(value(c) for c in every if cost[list(c)].sum() <= budget)
    found = most_reached(*given_)
    assert value(found.chosen) == pytest.approx(best)
    assert found.cost <= budget
    assert found.reached.sum() == pytest.approx(best[0])
    assert found.reached.sum() + found.missed.sum() == pytest.approx(persons.sum())
    simple = by_score(*given_)
    assert simple.cost <= budget
    left = [key for key in cost.index if key not in simple.chosen]
    assert all(cost[key] > budget - simple.cost or score[key] < score.max() or simple.chosen for key in left)


def test_points_and_people_choose_differently():
    """600 euro: the two with most points reach 10 people, the two others 300."""
    cost = pd.Series(300.0, ["a", "b", "c", "d"])
    score = pd.Series([90.0, 80.0, 20.0, 10.0], cost.index)
    reach = pd.DataFrame([[1, 0, 0], [1, 0, 0], [0, 1, 0], [0, 0, 1]], index=cost.index, dtype=bool)
    persons = pd.Series([10.0, 100.0, 200.0])
    assert by_score(cost, score, 600, reach, persons).chosen == ("a", "b")
    found = most_reached(cost, score, 600, reach, persons)
    assert found.chosen == ("c", "d")
    assert found.missed.tolist() == [10.0]
    assert by_score(cost, score.where(score != 90), 300, reach, persons).chosen == ("b",)


def test_negative_money_is_refused():
    one = pd.Series({"a": -1.0})
    with pytest.raises(ValueError, match="negative"):
        most_reached(one, one, 5.0, pd.DataFrame([[True]], index=["a"]), pd.Series([1.0]))


def test_no_applications_choose_nothing():
    empty = pd.Series(dtype=float)
    reach = covered(CELLS, pd.DataFrame({"needs": [], "areas": []}))
    for way in (by_score, most_reached):
        found = way(empty, empty, 100.0, reach, CELLS["persons"])
        assert found.chosen == ()
        assert found.missed.sum() == 45


HISTORY = ["id", "day", "status", "text", "duty", "begin", "end", "report", "proof", "months"]


def verlauf(*rows):
    return pd.DataFrame(rows, columns=HISTORY)


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        # yearly: a year after the last report, else after the begin
        ([("m", "2024-03-31", "laeuft", "", "yearly", "2020-01-01", None, "2023-09-12", None, np.nan)], [("yearly", "2024-09-12")]),
        ([("m", "2024-03-31", "laeuft", "", "yearly", "2020-01-01", None, "2023-09-13", None, np.nan)], []),
        ([("m", "2024-03-31", "geplant", "", "yearly", "2024-02-01", None, None, None, np.nan)], []),
        ([("m", "2024-03-31", "laeuft", "", "yearly", None, None, None, None, np.nan)], [("yearly", "")]),
        # a finished one owes one last report
        ([("m", "2024-03-31", "umgesetzt", "", "yearly", "2020-01-01", None, "2023-09-12", None, np.nan)], [("yearly", "2024-03-31")]),
        ([("m", "2023-06-30", "umgesetzt", "", "yearly", "2020-01-01", None, None, None, np.nan),
          ("m", "2024-03-31", "umgesetzt", "", "yearly", "2020-01-01", None, "2023-09-12", None, np.nan)], []),
        # news: a change since the last report; the same state again is none
        ([("m", "2023-06-30", "laeuft", "", "news", None, None, None, None, np.nan),
          ("m", "2024-03-31", "laeuft", "", "news", None, None, "2023-09-01", None, np.nan)], []),
        ([("m", "2023-06-30", "laeuft", "", "news", None, None, "2023-09-01", None, np.nan),
          ("m", "2024-03-31", "laeuft", "Ort gefunden", "news", None, None, None, None, np.nan)], [("news", "2024-03-31")]),
        ([("m", "2024-03-31", "laeuft", "", "", None, None, None, None, np.nan)], []),
        # proof of use three months after the end; on the last day of a shorter month
        ([("k", "2024-03-31", "umgesetzt", "", "", None, "2023-11-30", None, None, 3.0)], [("proof", "2024-02-29")]),
        ([("k", "2024-03-31", "umgesetzt", "", "", None, "2023-11-30", None, "2024-02-01", 3.0)], []),
        ([("k", "2024-03-31", "laeuft", "", "", None, "2024-03-30", None, None, np.nan)], [("overrun", "2024-03-30")]),
        # past its end on the newest day, though nobody has reported it since
        ([("k", "2023-06-30", "laeuft", "", "", None, "2023-10-31", None, None, np.nan),
          ("m", "2024-03-31", "geplant", "", "", None, None, None, None, np.nan)], [("overrun", "2023-10-31")]),
        ([("k", "2024-03-31", "laeuft", "", "", None, "2024-03-31", None, None, np.nan)], []),
    ],
)  # fmt: skip
def test_what_is_owed_by_hand(rows, expected):
    found = owed(verlauf(*rows), date(2024, 9, 12), running=("laeuft",), closed=("umgesetzt",))
    assert list(zip(found["why"], found["since"], strict=True)) == expected


def test_changes_name_the_status_before():
    found = changes(
        verlauf(
            ("m", "2024-03-31", "umgesetzt", "", "", None, None, None, None, np.nan),
            ("m", "2023-06-30", "laeuft", None, "", None, None, None, None, np.nan),
            ("m", "2023-12-31", "laeuft", "", "", None, None, None, None, np.nan),
        )
    )
    assert list(zip(found["day"], found["before"], strict=True)) == [
        ("2023-06-30", ""),
        ("2024-03-31", "laeuft"),
    ]
