"""Bounds of hidden numbers: signs, delivered totals from above and below, cases without an area."""

from __future__ import annotations

import pandas as pd
import pytest

from sozialanalyse.harmonise import grenzen
from sozialanalyse.region.catalogue import lade_katalog
from sozialanalyse.region.region import lade_region

TAG = "2023-12-31"


def merkmale(numbers: dict[str, float | tuple[float, float]]) -> pd.DataFrame:
    rows = [
        {"gebiet_id": area, "feld": "arbeit.alo", "stichtag": TAG, "wert": float("nan") if isinstance(value, tuple) else value,
         "status": "geheim" if isinstance(value, tuple) else "wert",
         "unten": value[0] if isinstance(value, tuple) else float("nan"),
         "oben": value[1] if isinstance(value, tuple) else float("nan")}
        for area, value in numbers.items()
    ]  # fmt: skip
    return pd.DataFrame(rows)


@pytest.mark.parametrize(
    ("numbers", "expected"),
    [
        ({"W 1": 30, "W 2": (1, 9), "W 3": (1, 9), "05999008": 42}, {"W 2": (3, 9), "W 3": (3, 9)}),
        ({"W 1": 30, "W 2": (1, 9), "W 3": (1, 9), "05999008": 34}, {"W 2": (1, 3), "W 3": (1, 3)}),
        ({"W 1": 30, "W 2": (0, float("nan")), "W 3": (1, 9), "05999008": 42}, {"W 2": (3, 11), "W 3": (1, 9)}),
        ({"W 1": 30, "W 2": (1, 9), "W 3": (1, 9)}, {"W 2": (1, 9), "W 3": (1, 9)}),
    ],
)  # fmt: skip
def test_delivered_totals_bound_hidden_parts_from_both_sides(gebaut, numbers, expected):
    found = grenzen(merkmale(numbers), gebaut.daten("intern")._gebiete, lade_katalog(gebaut.region))
    found = found[found["indikator_id"] == "ALO"].set_index("gebiet_id")
    for area, (low, high) in expected.items():
        assert found.loc[area, ["zaehler_unten", "zaehler_oben"]].tolist() == [low, high]


def test_a_total_that_holds_cases_without_an_area_bounds_from_above_only(gebaut):
    """05999004 is told as 5 more than its areas, so 05999008 may hold some, too."""
    numbers = {"A 1a": 20, "A 1b": 30, "A 2": 40, "05999004": 95, "W 1": 30, "W 2": (1, 9), "W 3": (1, 9),
               "05999008": 42}  # fmt: skip
    found = grenzen(
        merkmale(numbers), gebaut.daten("intern")._gebiete, lade_katalog(lade_region(gebaut.ordner))
    )
    found = found[found["indikator_id"] == "ALO"].set_index("gebiet_id")
    assert found.loc["W 2", ["zaehler_unten", "zaehler_oben"]].tolist() == [1, 9]
