"""Numbers written as text: column or page decide what point and comma mean, what stays unclear is refused."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sozialanalyse.base.rohtabelle import Formel, Prozent
from sozialanalyse.harmonise.zellen import Zellen
from sozialanalyse.region.catalogue import Feld
from sozialanalyse.region.region import Symbol

UNKLAR = "kann mit Tausender- oder mit Dezimalzeichen gemeint sein"


def feld(**options) -> Feld:
    return Feld.model_validate({"spalte": "x"} | options)


PERSONEN = feld()
JAHRE = feld(einheit="Jahre", summierbar=False)
MIETE = feld(einheit="€/m²", summierbar=False)
HEKTAR = feld(einheit="ha")
QUOTE = feld(einheit="%", summierbar=False)
ANTEIL = feld(einheit="%", summierbar=False, faktor=100)
TAUSEND = feld(einheit="Tsd. Euro")


def lies(cells, field, dezimal=None, profil=None):
    """Numbers of a column; what is refused becomes its reason."""
    column = Zellen(profil or {}, dezimal).lies(cells, field)
    return [
        column.fehler(row) if column.unlesbar[row] else float(column.wert[row]) for row in range(len(cells))
    ]


@pytest.mark.parametrize("field", [JAHRE, MIETE, HEKTAR, QUOTE, TAUSEND])
@pytest.mark.parametrize("cells", [["43.215", "41.102"], ["8,750", "9,125"], ["8.750", "980", ""]])
def test_three_digits_behind_a_sign_are_unclear_in_every_field(field, cells):
    found = lies(cells, field)
    assert UNKLAR in found[0]
    assert found[0].startswith(f"„{cells[0]}“")


@pytest.mark.parametrize(
    ("cells", "numbers"),
    [
        (["43.215", "44.87"], [43.215, 44.87]),  # another number of decimals
        (["8,750", "10,5"], [8.75, 10.5]),
        (["8.750", "0.5"], [8.75, 0.5]),
        (["8.750", "0.125"], [8.75, 0.125]),  # a group of thousands never begins with zero
        (["1.234", "1.234,5"], [1234, 1234.5]),
        (["1,234", "1,234.5"], [1234, 1234.5]),
        (["8.750", "1234.567"], [8.75, 1234.567]),  # more than three digits before
        (["1.234", "1.234.567"], [1234, 1234567]),  # a decimal sign stands once
        (["8.750", "1'250.125"], [8.75, 1250.125]),
        (["1 675", "9.7"], [1675, 9.7]),
        (["1 675", "9,7"], [1675, 9.7]),
    ],
)
def test_the_column_itself_decides(cells, numbers):
    assert lies(cells, MIETE) == numbers


def test_a_column_that_contradicts_itself_leaves_it_unclear():
    found = lies(["8.750", "12.34", "12,34"], MIETE)
    assert UNKLAR in found[0]
    assert found[1:] == [12.34, 12.34]  # these can be read in one way only


@pytest.mark.parametrize("cells", [["250.000", "980.000"], ["250.000", "980.000", ""]])
def test_a_count_in_which_every_number_ends_in_three_zeros_is_unclear(cells):
    assert UNKLAR in lies(cells, PERSONEN, profil={"": Symbol(status="unbekannt")})[0]
    assert lies(cells[:2], PERSONEN, dezimal=",") == [250_000, 980_000]


@pytest.mark.parametrize(
    "cells", [["12.000", "980"], ["12.000", "1.250"], ["12.000", "1.000.000"], ["12.000"]]
)
def test_round_thousands_beside_other_numbers_stay_thousands(cells):
    assert lies(cells, PERSONEN)[0] == 12_000


@pytest.mark.parametrize(
    ("cell", "note"),
    [("1250 1)", "1)"), ("1250*", "*"), ("1250 [1]", "[1]"), ("1250 (b)", "(b)"), ("1250₂", "₂"), ("*1250", "*"), ("12,3 % 1)", "1)")],
)  # fmt: skip
def test_what_looks_like_a_footnote_is_called_one(cell, note):
    column = Zellen({}, None).lies([cell, "980"], PERSONEN)
    assert f"vermutlich eine Fußnote („{note}“)" in column.fehler(0)
    assert "hochgestellt" in column.abhilfe(0)


@pytest.mark.parametrize("cell", [":", "n. v.", "sieben"])
def test_an_unknown_sign_belongs_into_the_profile(cell):
    column = Zellen({}, None).lies([cell, "980"], PERSONEN)
    assert column.fehler(0) == f"„{cell}“ ist keine Zahl"
    assert "im Symbolprofil" in column.abhilfe(0)


@pytest.mark.parametrize("plain", [0.031, -0.031, 1, 1.0])
def test_a_forgotten_percent_format_is_told(plain):
    found = lies([Prozent(12.5), plain, 7.2, 0], QUOTE)
    assert "ohne Prozentformat zwischen Prozentzellen" in found[1]
    assert [found[0], *found[2:]] == [12.5, 7.2, 0]
    assert lies([7.2, plain], QUOTE) == [7.2, plain]


@pytest.mark.parametrize(("dezimal", "number"), [(",", 8750), (".", 8.75)])
def test_the_page_decides(dezimal, number):
    assert lies(["8.750", "980"], MIETE, dezimal) == [number, 980]


def test_what_the_page_says_holds_against_the_column():
    assert "ist keine Zahl mit dem Dezimalzeichen „,“" in lies(["12.34"], MIETE, ",")[0]


@pytest.mark.parametrize("dezimal", [None, ","])
def test_points_in_a_count_are_thousands(dezimal):
    assert lies(["1.250", "980", "12.345.678"], PERSONEN, dezimal) == [1250, 980, 12345678]


@pytest.mark.parametrize("dezimal", [None, ",", "."])
def test_a_count_has_no_three_decimals(dezimal):
    """The other reading is likelier: 12,345 in a German file is rather 12345 than 12 persons and a third."""
    sign = "." if dezimal == "." else ","
    assert UNKLAR in lies([f"12{sign}345"], PERSONEN, dezimal)[0]


@pytest.mark.parametrize("dezimal", [None, ",", "."])
def test_a_percentage_has_no_thousands(dezimal):
    sign = "," if dezimal == "." else "."
    assert UNKLAR in lies([f"1{sign}250"], QUOTE, dezimal)[0]
    assert lies([f"1{',' if sign == '.' else '.'}25"], QUOTE, dezimal) == [1.25]


def test_one_odd_cell_does_not_make_decimals_of_a_count():
    found = lies(["1.250", "12.34"], PERSONEN)
    assert UNKLAR in found[0]
    assert "das Feld zählt aber Personen" in found[1]
    assert lies(["45.0", "12"], PERSONEN) == [45, 12]


@pytest.mark.parametrize("sign", ["'", "’", "‘", "´", " ", "\u00a0", "\u202f"])
def test_apostrophe_and_space_separate_thousands_only(sign):
    cells = [f"1{sign}250", f"12{sign}345{sign}678", "980"]
    for field in (PERSONEN, MIETE, QUOTE):
        assert lies(cells, field) == [1250, 12345678, 980]
    assert lies([f"1{sign}250,5"], MIETE) == [1250.5]
    assert "keine Zahl" in lies([f"12{sign}50"], MIETE)[0]
    assert "keine Zahl" in lies([f"1{sign}250.000"], MIETE, ",")[0]  # two signs for thousands are none


@pytest.mark.parametrize(
    ("cell", "number"), [("- 23", -23), ("−\u00a023", -23), ("+ 4", 4), ("- 1.234,5", -1234.5)]
)
def test_a_sign_may_stand_apart(cell, number):
    assert lies([cell], feld(min=None, einheit="Saldo €")) == [number]


def test_signs_of_the_profile_tell_nothing_about_decimals():
    profile = {"0.0": Symbol(status="geheim")}
    assert UNKLAR in lies(["8.750", "0.0"], MIETE, None, profile)[0]


@given(st.lists(st.integers(1000, 999_999), min_size=1, max_size=5), st.sampled_from(".,"))
def test_no_column_of_three_decimals_is_ever_read_a_thousandfold(numbers, sign):
    cells = [f"{number // 1000}{sign}{number % 1000:03}" for number in numbers]
    assert all(UNKLAR in str(found) for found in lies(cells, JAHRE))


# --- percent -------------------------------------------------------------------------------------


@pytest.mark.parametrize("unit", ["%", "% der Bevölkerung", "Prozent", "Anteil in Prozent", "v. H.", "v.H."])
@pytest.mark.parametrize("cell", [Prozent(12.5), "12,5 %", "12,5%", "12,5 % (p)", "(12,5 %)", "12,5 %*)", "12,5*) %", "12,5 %¹⁾", "ca. 12,5 %"])  # fmt: skip
@pytest.mark.parametrize("factor", [1, 100])
def test_a_percent_sign_says_itself_how_a_number_is_meant(unit, cell, factor):
    assert lies([cell], feld(einheit=unit, summierbar=False, faktor=factor)) == [12.5]


@pytest.mark.parametrize("cell", [Prozent(12.5), "12,5 %", "12,5 % (p)"])
@pytest.mark.parametrize("unit", ["Personen", "Fälle", "€/m²", "je 1.000"])
def test_a_percentage_in_another_unit_is_refused(unit, cell):
    assert (
        f"ist ein Prozentwert, das Feld hat die Einheit „{unit}“"
        in lies([cell], feld(einheit=unit, summierbar=False))[0]
    )


def test_factor_scales_what_does_not_say_percent():
    assert lies(["0,123", 0.25, Prozent(12.5), "12,5 %"], ANTEIL) == [12.3, 25, 12.5, 12.5]
    assert lies([0.1], feld(faktor=1000, einheit="Euro")) == [100]
    assert lies(["*"], ANTEIL, None, {"*": Symbol(status="nahe_null", wert=0.005)}) == [0.5]
    hidden = Zellen({"g": Symbol(status="geheim", von=0.01, bis=0.09)}, None).lies(["g"], ANTEIL)
    assert (hidden.zahlen.unten[0], hidden.zahlen.oben[0]) == (1, 9)


@pytest.mark.parametrize("cell", ["(345)", "(1.345)", "(345,5)", "( 345 )"])
def test_brackets_may_mean_a_minus_where_numbers_can_be_negative(cell):
    balance = feld(einheit="€", summierbar=False, min=None)
    for field in (balance, feld(min=-500, einheit="€")):
        (found,) = lies([cell], field, ",")
        assert "kann eine unsichere oder, wie in der Buchhaltung, eine negative Zahl sein" in found
    (found,) = lies([cell], feld(einheit="€"), ",")
    assert found in (345, 345.5, 1345)
    assert lies(["-345", "–345"], balance) == [-345, -345]


# --- what a spreadsheet made of a cell ------------------------------------------------------------


def test_missing_results_days_and_errors_are_no_gaps():
    from datetime import date, datetime, time, timedelta

    cells = [
        Formel("=SUM(B2:B3)"),
        datetime(2024, 6, 12),
        date(1950, 1, 1),
        time(8, 30),
        "#NV",
        "#DIV/0!",
        "12. Jun",
        "Jun 12",
        True,
        timedelta(days=1, hours=12),
    ]
    found = lies(cells, PERSONEN)
    assert all(isinstance(reason, str) for reason in found)
    assert "Formel ohne gespeichertes Ergebnis" in found[0]
    assert "Excel hat hier ein Datum (12. Juni 2024); vermutlich war „12.6“ gemeint" in found[1]
    assert "„1.1950“" in found[2]
    assert "Uhrzeit (08:30)" in found[3]
    assert "Dauer (36:00 Stunden)" in found[9]
    assert "Excel-Fehler „#NV“" in found[4]
    assert all("sieht nach einem Datum aus" in reason for reason in found[6:8])
    known = lies(["#NV"], PERSONEN, None, {"#NV": Symbol(status="unbekannt")})
    assert math.isnan(known[0])
