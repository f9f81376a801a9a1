"""Numbers, dates, gaps and order against hand-written German."""

import datetime as dt
import re
from decimal import Decimal
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from babel.numbers import format_decimal
from hypothesis import given
from hypothesis import strategies as st

import sozialanalyse
from sozialanalyse.base import zahl_knapp
from sozialanalyse.present import formats

NB = "\u00a0"


@pytest.mark.parametrize(
    ("value", "places", "expected"),
    [
        (1234567.891, 1, "1.234.567,9"),
        (0.125, 2, "0,13"),
        (2.5, 0, "3"),
        (-2.5, 0, "−3"),
        (-0.04, 1, "0,0"),
        (1000, 0, "1.000"),
        (np.int64(7), 0, "7"),
        (np.nan, 1, f"k.{NB}A."),
        (None, 1, f"k.{NB}A."),
    ],
)
def test_numbers_by_hand(value, places, expected):
    assert formats.zahl(value, places) == expected


@given(st.floats(-1e12, 1e12), st.integers(0, 4))
def test_numbers_are_those_of_the_german_locale(value, places):
    pattern = "#,##0" + ("." + "0" * places if places else "")
    expected = format_decimal(formats.runden(value, places) + 0.0, format=pattern, locale="de_DE")
    assert formats.zahl(value, places) == expected.replace("-", "−")


def test_units_ranges_and_dates():
    assert formats.prozent(12.34) == f"12,3{NB}%"
    assert formats.anteil(0.456) == f"46{NB}%"
    assert formats.wert(1200.0, "Pers.", 0) == f"1.200{NB}Pers."
    assert formats.wert(3.0, "–", 1) == "3,0"
    assert formats.spanne(5, 8, "%", 1) == f"5,0 bis 8,0{NB}%"
    assert formats.datum("2023-03-01") == "01.03.2023"
    assert formats.datum_lang(dt.date(2023, 3, 1)) == "1. März 2023"
    assert formats.aufzaehlung(["a", "b", "c"]) == "a, b und c"


@pytest.mark.parametrize(
    ("status", "sign"),
    [
        ("geheim", "·"),
        ("null_exakt", "–"),
        ("nicht_sinnvoll", "x"),
        ("unsicher", "/"),
        ("folgt", "…"),
        ("unbekannt", f"k.{NB}A."),
        ("fehler", f"k.{NB}A."),
    ],
)
def test_a_gap_shows_its_sign_and_never_its_number(status, sign):
    assert formats.wert(4711.0, "%", 1, status) == sign


def test_legend_of_signs_is_complete_ordered_and_without_repeats():
    found = formats.zeichenerklaerung(["folgt", "geheim", "wert", "geheim", "fehler"])
    assert [sign for sign, _ in found] == ["·", "…", f"k.{NB}A."]
    assert dict(found)["·"] == "geheim gehalten"


def test_visible_values_by_status():
    values = pd.Series([1.0, 2.0, 3.0, np.nan, 5.0, np.nan])
    status = pd.Series(["wert", "geheim", "null_exakt", "wert", "vorlaeufig", "geheim"])
    assert formats.status_von(values, status).tolist() == [
        "wert", "geheim", "null_exakt", "unbekannt", "wert", "geheim",
    ]  # fmt: skip
    shown = formats.sichtbar(values, status)
    assert shown.fillna(-1).tolist() == [1.0, -1.0, 0.0, -1.0, 5.0, -1.0]
    assert formats.luecken(shown, formats.status_von(values, status)) == {"geheim": 2, "unbekannt": 1}


def test_status_keeps_a_repeated_index():
    values = pd.Series([1.0, 2.0], index=["a", "a"])
    status = pd.Series(["wert", "geheim"], index=["a", "a"])
    assert formats.sichtbar(values, status).isna().tolist() == [False, True]


def test_german_dictionary_order():
    words = ["Zell", "Ärzen", "Aachen", "Straße", "Strasse", "Öd", "Ofen", "Strassen"]
    expected = ["Aachen", "Ärzen", "Öd", "Ofen", "Strasse", "Straße", "Strassen", "Zell"]
    assert sorted(words, key=formats.sortierschluessel) == expected


def test_natural_order_of_ids():
    ids = ["AC 10", "SI3", "A 1b", "AC 2", "A 1a", "A 10", "S 3a", "A 2"]
    assert sorted(ids, key=formats.natuerlich) == [
        "A 1a", "A 1b", "A 2", "A 10", "AC 2", "AC 10", "S 3a", "SI3",
    ]  # fmt: skip


@given(st.lists(st.text(max_size=6), max_size=8).flatmap(lambda w: st.tuples(st.just(w), st.permutations(w))))
def test_any_texts_have_one_order(both):
    words, shuffled = both
    assert sorted(words, key=formats.natuerlich) == sorted(shuffled, key=formats.natuerlich)


@given(st.decimals(min_value=-(10**6), max_value=10**6, places=3), st.integers(0, 2))
def test_rounding_is_half_away_from_zero(number, places):
    scaled = abs(number) * 10**places
    whole = int(scaled) + (1 if scaled - int(scaled) >= Decimal("0.5") else 0)
    expected = whole / 10**places * (-1 if number < 0 else 1)
    assert formats.runden(float(number), places) == pytest.approx(expected, abs=1e-9)


def test_numbers_beyond_all_tables_are_written_out():
    assert formats.zahl(float("inf")) == "∞"
    assert formats.zahl(float("-inf"), 2) == "−∞"
    assert re.fullmatch(r"1(\.\d{3}){9}", formats.zahl(1e27))
    assert len(formats.zahl(1e300, 2)) > 300
    assert formats.zahl(5e-324, 2) == "0,00"


@pytest.mark.parametrize(
    ("von", "bis", "zahl"),
    [
        ("2023-12-31", "2024-12-31", 12), ("2023-12-31", "2024-12-30", 11), ("2024-01-31", "2024-02-29", 1), ("2024-02-29", "2024-03-28", 0),
        ("2019-12-31", "2026-11-30", 83), ("2024-05-01", "2024-05-31", 0), ("2024-05-01", "2024-06-01", 1),
    ],
)  # fmt: skip
def test_months_are_those_of_the_calendar(von, bis, zahl):
    assert formats.monate(von, bis) == zahl


@pytest.mark.parametrize(
    ("value", "digits", "words"),
    [(1_234_567.0, 6, "1.234.570"), (1_234_567.0, 3, "1.230.000"), (0.001234, 3, "0,00123"), (-12.5, 6, "−12,5"), (-0.0, 6, "0"), (1e-7, 3, "0,0000001"), (0.0, 6, "0"),
     (float("nan"), 6, f"k.{NB}A."), (float("inf"), 6, "∞"), (2.0, 6, "2"), (999.9996, 6, "1.000")],
)  # fmt: skip
def test_rounded_numbers_are_never_in_powers_of_ten(value, digits, words):
    assert zahl_knapp(value, digits) == words


@given(st.floats(-1e15, 1e15), st.integers(1, 15))
def test_short_numbers_are_as_near_as_their_digits_allow(value, digits):
    words = zahl_knapp(value, digits, tausender=False)
    assert float(words.replace("−", "-").replace(",", ".")) == pytest.approx(
        value, rel=0.5 * 10.0 ** (1 - digits), abs=1e-300
    )
    assert not words.endswith(",")
    assert len(words.replace("-", "").replace(",", "").strip("0")) <= digits


def test_the_package_writes_numbers_in_one_place():
    marks = re.compile(
        r"""replace\("\.", ?","\)|maketrans\(",\.|format_decimal|N\{MINUS SIGN\}|:[+,]*\.\d[fg]\}"[^"]*replace"""
    )
    found = [
        f"{path.name}: {line.strip()}"
        for path in Path(sozialanalyse.__file__).parent.rglob("*.py")
        if path.stem not in {"zahlform", "korrekturen"}
        for line in path.read_text(encoding="utf-8").splitlines()
        if marks.search(line)
    ]
    assert found == []
