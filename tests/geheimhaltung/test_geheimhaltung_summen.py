"""Which differences between totals and sums may be read: those whose numbers are all shown as they are."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from test_geheimhaltung_sperren import areas, catalogue, indicator

from sozialanalyse.geheimhaltung import zeigbar

GEBIETE = areas(3, 2)
KATALOG = catalogue(
    indicator("A", "a", None),
    indicator("B", "b", "n"),
    indicator("AB", "a + b", None),
    indicator("M", "-c", None),
)
GEZEIGT = {
    "K0": 50.0,
    "K0.0": 10.0,
    "K0.1": 15.0,
    "K0.2": 20.0,
    "K1": 30.0,
    "K1.0": 12.0,
    "K1.1": 18.0,
    "R": 80.0,
}


def werte(**weg: str) -> pd.DataFrame:
    """a as above, b three times as much, n ten times; ``weg``: indicator -> area whose number is hidden."""
    rows = []
    for key, times, base in (("A", 1, np.nan), ("B", 3, 10), ("AB", 4, np.nan), ("M", 1, np.nan)):
        for area, count in GEZEIGT.items():
            gone = weg.get(key) == area
            rows.append((area, key, np.nan if gone else times * count, np.nan if gone else base * count))
    return pd.DataFrame(rows, columns=["gebiet_id", "indikator_id", "zaehler", "nenner"])


def probe(
    feld: str, gebiet: str, geliefert: float, summe: float, ausdruck: str = "", fehlend: str = ""
) -> pd.DataFrame:
    return pd.DataFrame(
        [
            {
                "feld": feld,
                "gebiet_id": gebiet,
                "geliefert": geliefert,
                "summe": summe,
                "ausdruck": ausdruck,
                "fehlend": fehlend,
                "datensatz": "d",
            }
        ]
    )


def darf(row: pd.DataFrame, **weg: str) -> bool:
    return len(zeigbar(row, werte(**weg), GEBIETE, KATALOG)) == 1


@pytest.mark.parametrize(("row", "shown"), [
    (probe("d.a", "K0", 50, 45), True), (probe("d.a", "K1", 30, 30), True), (probe("d.a", "R", 80, 80), True),
    (probe("d.a", "K0", 51, 45), False), (probe("d.a", "K0", 50, 46), False),
    (probe("d.b", "K0", 150, 135), True), (probe("d.n", "K0", 500, 450), True),
    (probe("d.x", "K0", 50, 45), False), (probe("d.c", "K0", 50, 45), False),
    (probe("d.a", "K0", 50, 30, fehlend="K0.1"), True), (probe("d.a", "K0", 50, 45, fehlend="K0.1"), False),
    (probe("d.a", "K0", 50, 10, fehlend="K0.1, K0.2"), True),
])  # fmt: skip
def test_a_difference_is_told_if_both_sides_follow_from_shown_numbers(row, shown):
    assert darf(row) == shown


def test_one_hidden_number_hides_the_difference():
    assert not darf(probe("d.a", "K0", 50, 45), A="K0.1")
    assert not darf(probe("d.a", "K0", 50, 45), A="K0")
    assert darf(probe("d.a", "K0", 50, 45), A="K1.0")
    assert darf(probe("d.a", "K0", 50, 30, fehlend="K0.1"), A="K0.1"), (
        "a part nobody delivered has no number to hide"
    )


def test_sums_of_fields_need_every_field_of_that_area():
    """b = 2 a + n - ... as declared: every term is looked up for the area of the total."""
    assert darf(probe("d.n", "K0", 500, 200, ausdruck="a + b"))
    assert darf(probe("d.n", "K0", 500, 100, ausdruck="b - a"))
    assert not darf(probe("d.n", "K0", 500, 201, ausdruck="a + b"))
    assert not darf(probe("d.n", "K0", 500, 200, ausdruck="a + b"), A="K0")
    assert darf(probe("d.n", "K0", 500, 200, ausdruck="a + b"), A="K0.1")
    assert not darf(probe("d.n", "K0", 500, 50, ausdruck="a + x"))


def test_rows_stay_as_they_are():
    both = pd.concat([probe("d.a", "K0", 50, 45), probe("d.a", "K0", 50, 44)], ignore_index=True)
    pd.testing.assert_frame_equal(zeigbar(both, werte(), GEBIETE, KATALOG), both.iloc[:1])


def test_a_field_of_two_indicators_is_known_where_either_shows_it():
    katalog = catalogue(indicator("A", "a", None), indicator("A2", "a", "n"))
    rows = werte().query("indikator_id == 'A'")
    two = pd.concat([rows.assign(zaehler=rows["zaehler"].mask(rows["gebiet_id"] == "K0.1")), rows.assign(indikator_id="A2", zaehler=rows["zaehler"].where(rows["gebiet_id"] == "K0.1"))])  # fmt: skip
    assert len(zeigbar(probe("d.a", "K0", 50, 45), two, GEBIETE, katalog)) == 1
