"""Cells: numbers as suppliers write them, signs as each supplier means them."""

from __future__ import annotations

import math
from datetime import date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sozialanalyse.base.datum import (
    berichtsstichtag,
    lies_datum,
    lies_datum_aus_teilen,
    stichtag,
    suche_datum,
)
from sozialanalyse.base.rohtabelle import Prozent
from sozialanalyse.harmonise.symbols import lies_zahl
from sozialanalyse.region.region import Symbol

ALT = {  # the old official set
    "-": Symbol(status="null_exakt"),
    "–": Symbol(status="null_exakt"),
    "0": Symbol(status="nahe_null", wert=0),
    ".": Symbol(status="geheim"),
    "/": Symbol(status="unsicher"),
    "x": Symbol(status="nicht_sinnvoll"),
    "...": Symbol(status="folgt"),
}
NEU = {  # the new set: other signs for the same, the same signs for other things
    "k": Symbol(status="nahe_null", wert=0),
    "g": Symbol(status="geheim"),
    "u": Symbol(status="unsicher"),
    "t": Symbol(status="folgt"),
    "-": Symbol(status="unbekannt"),
    "": Symbol(status="geheim"),
}
AGENTUR = {
    "*": Symbol(status="geheim"),
    "X": Symbol(status="nicht_sinnvoll"),
    "k. A.": Symbol(status="unbekannt"),
}
NICHTS = math.nan


@pytest.mark.parametrize(
    ("profile", "cell", "value", "status"),
    [
        (ALT, "-", 0, "wert"),
        (ALT, " – ", 0, "wert"),
        (ALT, "0", 0, "nahe_null"),
        (ALT, 0, 0, "wert"),
        (ALT, ".", NICHTS, "geheim"),
        (ALT, "/", NICHTS, "unsicher"),
        (ALT, "X", NICHTS, "nicht_sinnvoll"),
        (ALT, "...", NICHTS, "folgt"),
        (ALT, None, NICHTS, "unbekannt"),
        (NEU, "k", 0, "nahe_null"),
        (NEU, "g", NICHTS, "geheim"),
        (NEU, "-", NICHTS, "unbekannt"),
        (NEU, "0", 0, "wert"),
        (NEU, None, NICHTS, "geheim"),
        (NEU, "  ", NICHTS, "geheim"),
        (NEU, ".", NICHTS, "fehler"),
        (AGENTUR, "*", NICHTS, "geheim"),
        (AGENTUR, "x", NICHTS, "nicht_sinnvoll"),
        (AGENTUR, "k.\u00a0A.", NICHTS, "unbekannt"),
        (AGENTUR, "K. a.", NICHTS, "unbekannt"),
        (AGENTUR, "-", NICHTS, "fehler"),
        (AGENTUR, "", NICHTS, "unbekannt"),
    ],
)
def test_signs_mean_what_the_supplier_says(profile, cell, value, status):
    found = lies_zahl(cell, profile)
    assert found.status == status
    assert found.wert == value or (math.isnan(found.wert) and math.isnan(value))
    assert bool(found.fehler) == (status == "fehler")


@pytest.mark.parametrize(
    ("cell", "comma", "point"),
    [
        ("1.234", 1234, 1.234),
        ("1,234", 1.234, 1234),
        ("1.234,5", 1234.5, None),
        ("1,234.5", None, 1234.5),
        ("12.345.678", 12345678, None),
        ("1 234,5", 1234.5, None),
        ("1\u00a0234", 1234, 1234),
        ("1\u202f234", 1234, 1234),
        ("1Â\u00a0234", 1234, 1234),
        ("0.123", None, 0.123),  # never 123
        ("0,123", 0.123, None),
        ("12.5", None, 12.5),
        ("1.23", None, 1.23),
        ("1234", 1234, 1234),
        ("-3", -3, -3),
        ("−3", -3, -3),
        ("12,3 %", 12.3, None),
        ("1.234,5 €", 1234.5, None),
        ("123¹", 123, 123),
        ("123¹⁾", 123, 123),
        ("123*)", 123, 123),
        ("10–19", None, None),
        ("12 34", None, None),
        ("1.234.5", None, None),
        ("12a", None, None),
        ("#NV", None, None),
        ("#DIV/0!", None, None),
        ("1e3", None, None),
        ("inf", None, None),
        ("2023-01-05 00:00:00", None, None),
    ],
)
def test_numbers(cell, comma, point):
    for sign, expected in ((",", comma), (".", point)):
        found = lies_zahl(cell, {}, dezimal=sign)
        if expected is None:
            assert (found.status, math.isnan(found.wert)) == ("fehler", True)
            assert cell in found.fehler or "Â" in cell
        else:
            assert (found.wert, found.status) == (expected, "wert")


@pytest.mark.parametrize(
    ("cell", "value", "status"),
    [
        ("(12)", 12, "unsicher"),
        ("ca. 50", 50, "geschaetzt"),
        ("rd. 1.200", 1200, "geschaetzt"),
        ("512 (r)", 512, "korrigiert"),
        ("512 (p)", 512, "vorlaeufig"),
        ("512(s)", 512, "geschaetzt"),
        ("12,3 % (p)", 12.3, "vorlaeufig"),  # whatever the order of unit, flag, footnote and brackets
        ("12,3 (p) %", 12.3, "vorlaeufig"),
        ("(12,3) %", 12.3, "unsicher"),
        ("(12,3 %)", 12.3, "unsicher"),
        ("12,3¹⁾ %", 12.3, "wert"),
        ("12,3 %*)", 12.3, "wert"),
        ("(12,3¹) %", 12.3, "unsicher"),
        ("‑12", -12, "wert"),
        ("‐ 12", -12, "wert"),
        ("\xad12", NICHTS, "fehler"),  # a soft hyphen may have been a minus
        ("1\n234", NICHTS, "fehler"),  # two numbers, one below the other
        ("1\r\n234", NICHTS, "fehler"),
        ("1\t234", NICHTS, "fehler"),
        ("1 \u2028 234", NICHTS, "fehler"),
        ("\n1 234 \n", 1234, "wert"),
        ("<10", NICHTS, "geheim"),
        ("< 3", NICHTS, "geheim"),
        ("unter 5", NICHTS, "geheim"),
        (math.inf, NICHTS, "unbekannt"),
        (math.nan, NICHTS, "unbekannt"),
        (True, NICHTS, "fehler"),
        (datetime(2023, 1, 5), NICHTS, "fehler"),
        (7, 7, "wert"),
        (7.25, 7.25, "wert"),
    ],
)
def test_numbers_with_a_reservation(cell, value, status):
    found = lies_zahl(cell, {})
    assert found.status == status
    assert found.wert == value or (math.isnan(found.wert) and math.isnan(value))


@given(st.integers(-(10**9), 10**9), st.integers(0, 99))
def test_every_german_spelling_of_a_number_reads_the_same(whole, cents):
    grouped = f"{whole:,}".replace(",", ".")
    for written in (
        f"{whole},{cents:02}",
        f"{grouped},{cents:02}",
        f"{grouped.replace('.', ' ')},{cents:02} %",
    ):
        sign = -1 if whole < 0 else 1
        assert lies_zahl(written, {}).wert == pytest.approx(whole + sign * cents / 100)


@given(st.text(max_size=12))
def test_no_text_breaks_the_reader(text):
    found = lies_zahl(text, ALT)
    assert math.isnan(found.wert) or found.status in {
        "wert",
        "nahe_null",
        "unsicher",
        "geschaetzt",
        "korrigiert",
        "vorlaeufig",
    }


@pytest.mark.parametrize(
    ("written", "found"),
    [
        ("31.12.2023", date(2023, 12, 31)),
        ("31. 12. 2023", date(2023, 12, 31)),
        ("1.3.2024", date(2024, 3, 1)),
        ("2023-12-31", date(2023, 12, 31)),
        ("2023-12-31 00:00:00", date(2023, 12, 31)),
        (datetime(2023, 12, 31, 8), date(2023, 12, 31)),
        (date(2024, 1, 1), date(2023, 12, 31)),
        ("01.01.2024", date(2023, 12, 31)),
        (45291, date(2023, 12, 31)),
        (45291.0, date(2023, 12, 31)),
        (202312, date(2023, 12, 31)),
        ("202402", date(2024, 2, 29)),
        (2023, date(2023, 12, 31)),
        ("2023", date(2023, 12, 31)),
        ("2021/22", date(2021, 10, 15)),
        ("Schuljahr 2021/2022", date(2021, 10, 15)),
        ("2021-2022", date(2021, 10, 15)),
        ("1999/00", date(1999, 10, 15)),
        ("2021/23", None),
        ("2021-06", date(2021, 6, 30)),
        ("2011-12", None),  # December or a school year
        ("30.02.2023", None),
        ("31.12.23", date(2023, 12, 31)),
        ("20230101", date(2022, 12, 31)),
        ("20231231", date(2023, 12, 31)),
        ("20231301", None),
        ("2023/12/31", date(2023, 12, 31)),
        ("31.12.2023 24:00 Uhr", date(2023, 12, 31)),
        ("2023-12-31T00:00:00Z", date(2023, 12, 31)),
        ("31/12/2023", date(2023, 12, 31)),
        ("03/04/2023", None),  # April or March
        ("31. Dezember 2023", date(2023, 12, 31)),
        ("Dezember 2023", date(2023, 12, 31)),
        ("Dez. 21", date(2021, 12, 31)),
        ("März 2022", date(2022, 3, 31)),
        ("12/2021", date(2021, 12, 31)),
        ("12.2021", date(2021, 12, 31)),
        ("12/21", None),
        ("Q1 2018", date(2018, 3, 31)),
        ("2018-Q1", date(2018, 3, 31)),
        ("4. Quartal 2023", date(2023, 12, 31)),
        ("IV. Quartal 2023", date(2023, 12, 31)),
        ("Q5 2018", None),
        ("1. Halbjahr 2023", date(2023, 6, 30)),
        ("Stand: 31.12.2023", date(2023, 12, 31)),
        ("2021/12", date(2021, 12, 31)),
        ("2011/12", date(2011, 10, 15)),
        ("202313", None),
        ("gestern", None),
        (None, None),
        ("", None),
        (True, None),
        (12.5, None),
    ],
)
def test_dates(written, found):
    assert lies_datum(written) == found


@pytest.mark.parametrize(
    ("parts", "found"),
    [
        ([("Jahr", 2018), ("Quartal", 1)], date(2018, 3, 31)),
        ([("Quartal", "4. Quartal"), ("Jahr", "2018")], date(2018, 12, 31)),
        ([("Jahr", "2018"), ("Quartal", "Q4")], date(2018, 12, 31)),
        ([("Jahr", 2018), ("Monat", 12)], date(2018, 12, 31)),
        ([("Monat", "Dezember"), ("Jahr", 2018)], date(2018, 12, 31)),
        ([("Jahr", 2018), ("Halbjahr", 1)], date(2018, 6, 30)),
        ([("Tag", 31), ("Monat", 12), ("Jahr", 2018)], date(2018, 12, 31)),
        ([("Tag", "31.12."), ("Jahr", "2018")], date(2018, 12, 31)),
        ([("Jahr", 2018), ("Quartal", 5)], None),
        ([("Jahr", 2018), ("Quartal", None)], None),  # no guess at the end of the year
        ([("Jahr", 2018), ("Reihe", 1)], None),
    ],
)
def test_dates_in_parts(parts, found):
    assert lies_datum_aus_teilen(parts) == found


@pytest.mark.parametrize(
    ("heading", "found"),
    [
        ("Einwohner 2021", (date(2021, 12, 31), "Einwohner")),
        ("2023 | Einwohner", (date(2023, 12, 31), "| Einwohner")),
        ("ew2021", (date(2021, 12, 31), "ew")),
        ("Q4 2023", (date(2023, 12, 31), "")),
        ("unter 18 (31.12.2022)", (date(2022, 12, 31), "unter 18 ()")),
        ("Bestand Dez. 2021", (date(2021, 12, 31), "Bestand")),
        ("2021/22 Kinder", (date(2021, 10, 15), "Kinder")),
        ("Veränderung 2021 bis 2023", None),
        ("unter 18", None),
        ("1.250", None),
    ],
)
def test_a_day_within_a_heading(heading, found):
    dated = suche_datum(heading)
    assert (dated and (dated[0], dated[1].strip())) == found


@given(st.dates(date(1950, 1, 1), date(2069, 12, 31)))
def test_every_spelling_of_a_day_is_the_same_day(day):
    names = [
        "Januar",
        "Februar",
        "März",
        "April",
        "Mai",
        "Juni",
        "Juli",
        "August",
        "September",
        "Oktober",
        "November",
        "Dezember",
    ]
    written = [
        f"{day:%d.%m.%Y}", f"{day.day}.{day.month}.{day.year}", f"{day:%Y-%m-%d}", f"{day:%Y%m%d}", f"{day:%Y-%m-%d} 00:00:00",
        f"{day.day}. {names[day.month - 1]} {day.year}", datetime(day.year, day.month, day.day),
    ]  # fmt: skip
    written += [f"{day:%d.%m.%y}"] if day.year >= 1970 else []
    assert {lies_datum(text) for text in written} == {stichtag(day)}
    named = suche_datum(f"Bestand am {day:%d.%m.%Y}, gesamt")
    assert named is not None
    assert named[0] == stichtag(day)


@pytest.mark.parametrize(
    ("day", "allowed", "counts"),
    [
        (date(2023, 12, 31), 0, "2023-12-31"),
        (date(2023, 12, 30), 0, None),
        (date(2024, 3, 1), 61, "2023-12-31"),
        (date(2024, 3, 1), 60, None),
        (date(2022, 12, 31), 366, None),  # as far from both
    ],
)
def test_reference_date_a_delivery_counts_for(day, allowed, counts):
    assert berichtsstichtag(day, ["2021-12-31", "2023-12-31"], allowed) == counts


LUECKE = {
    "999": Symbol(status="unbekannt"),
    "-9": Symbol(status="geheim", von=1, bis=3),
    "0": Symbol(status="null_exakt"),
}


@pytest.mark.parametrize("cell", ["999", "999,0", "999.0", 999, 999.0, "+999"])
@pytest.mark.parametrize("decimal", [",", "."])
def test_a_number_that_the_profile_calls_a_gap_is_one_however_it_is_written(cell, decimal):
    found = lies_zahl(cell, LUECKE, dezimal=decimal)
    other = (decimal == "," and cell == "999.0") or (decimal == "." and cell == "999,0")
    assert math.isnan(found.wert)
    assert found.status == ("fehler" if other else "unbekannt")


def test_other_numbers_are_no_gaps():
    hidden = lies_zahl(-9.0, LUECKE)
    assert (hidden.status, hidden.unten, hidden.oben) == ("geheim", 1, 3)
    for cell in (99, 9990, 999.5, "99,9", "-999", 9):
        assert lies_zahl(cell, LUECKE).status == "wert"
    assert lies_zahl(0, LUECKE).wert == 0
    assert lies_zahl(Prozent(999), LUECKE).wert == 999


def test_two_numbers_in_one_cell_are_called_so():
    assert lies_zahl("5\n123", {}).fehler == "In der Zelle stehen zwei Zahlen untereinander („5 123“)"
    assert "nebeneinander" in lies_zahl("5\t123", {}).fehler
    assert "weicher Trennstrich" in lies_zahl(" \xad5", {}).fehler
    assert "hinter der Zahl noch „‰“" in lies_zahl("12,5 ‰", {}).fehler
