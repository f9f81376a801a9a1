"""Every spelling of an area leads to one id, or to nothing."""

from __future__ import annotations

import unicodedata
from datetime import date, datetime

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sozialanalyse.base.woerter import glatt, vergleichsform
from sozialanalyse.harmonise import Schluesselbuch

GEBIETE = pd.DataFrame(
    [
        ("05334", "region", "StädteRegion Aachen", "", "", ""),
        ("05334002", "kommune", "Aachen", "05334", "AC", "05313000"),
        ("05334004", "kommune", "Alsdorf", "05334", "A", ""),
        ("05334028", "kommune", "Simmerath", "05334", "SI", ""),
        ("05334032", "kommune", "Stolberg (Rhld.)", "05334", "S", "Kupferstadt Stolberg"),
        ("05334036", "kommune", "Würselen", "05334", "W", ""),
        ("AC 1", "sozialraum", "Mitte", "05334002", "", "05334002/001001001"),
        ("A 1a", "sozialraum", "Mitte", "05334004", "", "05334004/001001001|Alsdorf-Mitte"),
        ("A 1b", "sozialraum", "Neuweiler", "05334004", "", "Doppelt"),
        ("A 11a", "sozialraum", "Ofden", "05334004", "", "Doppelt"),
        ("A 11", "sozialraum", "", "05334004", "", ""),
        ("A 2", "sozialraum", "", "05334004", "", ""),
        ("SI 3", "sozialraum", "Kesternich", "05334028", "", ""),
        ("S 3a", "sozialraum", "Donnerberg", "05334032", "", "Dürwiß"),
        ("S 13", "sozialraum", "", "05334032", "", ""),
    ],
    columns=["gebiet_id", "level", "name", "oberhalb", "kuerzel", "aliase"],
).set_index("gebiet_id")

BUCH = Schluesselbuch(GEBIETE, kuerzel_im_schluessel=True)


@pytest.mark.parametrize(
    ("written", "found"),
    [
        ("05334002", "05334002"),
        ("5334002", "05334002"),  # lost zero
        (5334002, "05334002"),
        (5334002.0, "05334002"),
        ("334002", "05334002"),
        (334002, "05334002"),
        ("05 334 002", "05334002"),
        ("053340002002", "05334002"),  # regional key with association
        (53340002002, "05334002"),
        ("05313000", "05334002"),  # alias: key before 2009
        ("AC", "05334002"),
        ("Aachen", "05334002"),
        ("Aachen, krfr. Stadt", "05334002"),
        ("Aachen, krfr. Stadt (bis 20.10.2009)", "05334002"),
        ("Stadt Aachen", "05334002"),
        ("Aachen, Stadt", "05334002"),
        ("Gemeinde Simmerath", "05334028"),
        ("Städteregion Aachen (einschl. Stadt Aachen)", "05334"),
        ("05334", "05334"),
        ("Stolberg", "05334032"),
        ("Kupferstadt Stolberg", "05334032"),
        ("Würselen", "05334036"),
        ("Wuerselen", "05334036"),
        ("WÜRSELEN", "05334036"),
        (unicodedata.normalize("NFD", "Würselen"), "05334036"),
        ("WÃ¼rselen", "05334036"),
        ("Wür\u00adselen\u200b", "05334036"),
        ("A 1a", "A 1a"),
        ("A1a", "A 1a"),
        ("A 01a", "A 1a"),
        ("a-1 A", "A 1a"),
        ("A\u00a01a ", "A 1a"),
        ("A\u202f1a", "A 1a"),
        ("SI3", "SI 3"),
        ("S 3a", "S 3a"),
        ("SR A 1a", None),  # not a spelling anybody announced
        ("05334004/001001001", "A 1a"),
        ("Alsdorf Mitte", "A 1a"),
        ("Duerwiss", "S 3a"),
    ],
)
def test_spellings(written, found):
    assert BUCH.finde(written) == found


@pytest.mark.parametrize(
    "written",
    [
        "Mitte",  # two areas of that name, and names are no keys
        "Doppelt",
        "Wuersellen",
        "A 1",  # there are only 1a and 1b
        "A 1+1",  # two areas, not A 11
        "A 1/1",
        "A 1 1",
        "A 1a, A 2",
        "A 2 (ohne Ofden)",
        "S 13, Teil",
        "334",
        "33400",
        "99999999",
        "05999002",
        "",
        None,
        float("nan"),
        "–",
    ],
)
def test_ambiguity_leads_nowhere(written):
    assert BUCH.finde(written) is None


@pytest.mark.parametrize(
    ("written", "kommune", "found"),
    [
        ("1a", "05334004", "A 1a"),
        ("SR 1a", "05334004", "A 1a"),
        ("Sozialraum 11 a", "05334004", "A 11a"),
        ("Sozialraum-Nr. 01a", "05334004", "A 1a"),
        (11, "05334004", "A 11"),
        (11.0, "05334004", "A 11"),
        ("A 1a", "05334004", "A 1a"),
        ("3", "05334028", "SI 3"),
        ("3a", "05334032", "S 3a"),
        ("i3", "05334032", None),  # would be SI 3, another Kommune
        ("A 1a", "05334032", None),  # an exact id of another Kommune
        ("A1a", "05334032", None),
        ("1 1", "05334004", None),
        ("Alsdorf", "05334004", "05334004"),
    ],
)
def test_part_of_a_known_kommune(written, kommune, found):
    assert BUCH.finde(written, kommune=kommune) == found


def test_leading_zeros_of_plain_number_ids():
    areas = pd.DataFrame(
        {"level": "sozialraum", "name": "", "oberhalb": ["01", "10"], "kuerzel": "", "aliase": ""},
        index=["01011101", "10111010"],
    )
    book = Schluesselbuch(areas)
    assert [book.finde(key) for key in ("01011101", 1011101, "1011101", 10111010, "0101110")] == [
        "01011101", "01011101", "01011101", "10111010", None,
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("written", "plain"),
    [
        ("WÃ¼rselen", "Würselen"),
        ("DÃ¼rwiÃŸ", "Dürwiß"),
        ("Setterich â€“ Nord", "Setterich – Nord"),
        ("1Â\u00a0234", "1 234"),
        ("Ã\x84pfel", "Äpfel"),
        ("São Tomé", "São Tomé"),
        ("Ângela", "Ângela"),
        (" a \t b\n", "a b"),
    ],
)
def test_readable_form(written, plain):
    assert glatt(written) == plain


def test_comparable_form_keeps_numbers_apart():
    assert vergleichsform("1–5 Jahre") == vergleichsform("1 - 5  jahre")
    assert len({vergleichsform(t) for t in ("1–5", "15", "1,5 a", "01.5b", "105")}) == 5


@given(st.text(alphabet="aA1 0-–ä/ß.(", max_size=8))
def test_comparable_form_is_stable(text):
    assert vergleichsform(vergleichsform(text)) == vergleichsform(text)


@given(st.sampled_from(list(GEBIETE.index)), st.data())
def test_disturbed_spelling_finds_the_same_area(key, data):
    """Case, spaces, zeros, hyphens and invisible signs never lead to another area."""
    written = data.draw(
        st.sampled_from(
            [key, key.lower(), key.replace(" ", ""), key.replace(" ", "-"), key.replace(" ", " 0")]
        )
    )
    at = data.draw(st.integers(0, len(written)))
    written = written[:at] + data.draw(st.sampled_from(["", "\u00ad", "\u200b"])) + written[at:]
    assert BUCH.finde(f" {written}\u00a0") == key


# --- entries that could mean several areas ------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "more", "found"),
    [
        ("Mitte", {}, ("A 1a", "AC 1")),
        ("Mitte", {"kommune": "05334004"}, ("A 1a",)),
        ("Doppelt", {}, ("A 11a", "A 1b")),
        ("Kesternich", {}, ("SI 3",)),
        ("Sozialraum Kesternich", {}, ("SI 3",)),
        ("Kommune Kesternich", {}, ()),
        ("Alsdorf", {"ebene": "sozialraum"}, ()),
        ("Alsdorf", {"ebene": "kommune"}, ("05334004",)),
        ("05334", {"ebene": "region"}, ("05334",)),
        ("Nirgendwo", {}, ()),
    ],
)
def test_candidates(written, more, found):
    assert BUCH.kandidaten(written, **more) == found


def test_ambiguous_spellings_of_the_lists():
    told = {one.schreibweise: (one.gebiete, one.art) for one in BUCH.mehrdeutige()}
    assert told["Doppelt"] == (("A 11a", "A 1b"), "alias")
    assert told["Mitte"] == (("A 1a", "AC 1"), "name")
    assert set(told) == {"Doppelt", "Mitte"}


STELLEN = pd.DataFrame(
    {
        "level": ["kommune", "kommune", "sozialraum", "sozialraum", "sozialraum"], "name": ["Mitte", "Nord", "", "", ""],
        "oberhalb": ["r", "r", "0", "0", "1"], "kuerzel": "", "aliase": "",
    },
    index=["0", "1", "00", "1-3", "1E5"],
)  # fmt: skip


def test_numbers_have_lost_their_zeros():
    book = Schluesselbuch(STELLEN, gattungen={"kommune": "Bezirk", "sozialraum": "Ortsteil"})
    assert book.kandidaten("00") == ("00",)
    assert book.kandidaten("0") == ("0",)
    assert book.kandidaten(0) == ("0", "00")
    assert book.kandidaten("0", nullen_erhalten=False) == ("0", "00")
    assert book.kandidaten(0, ebene="sozialraum") == ("00",)
    assert [(one.gebiete, one.art) for one in book.mehrdeutige()] == [(("0", "00"), "kennung")]
    assert book.benannt("0") == "Bezirk 0 „Mitte“"
    assert book.benannt("00") == "Ortsteil 00 in Mitte"


@pytest.mark.parametrize(
    ("cell", "key"),
    [
        (datetime(2024, 3, 1), "1-3"),
        (date(2024, 1, 3), "1-3"),  # read month first
        ("01. Mrz", "1-3"),
        ("1. März", "1-3"),
        ("2024-03-01 00:00:00", "1-3"),
        (100000, "1E5"),
        (100000.0, "1E5"),
        ("1,00E+05", ""),  # which digits are lost nobody knows
        ("5,3334E+13", ""),
        ("5.3334e13", ""),
        ("1E5", None),  # an id may look so
        ("1-3", None),
        ("Mitte", None),
        (7, None),
        (None, None),
        (True, None),
    ],
)
def test_what_a_spreadsheet_made_of_an_id(cell, key):
    changed = Schluesselbuch(STELLEN).verwandelt(cell)
    assert (changed and changed[1]) == key


def test_numbers_have_lost_the_zeros_at_their_end():
    def area(key):
        return (key, "sozialraum", "", "05334004", "", "")

    rows = [*GEBIETE.reset_index().itertuples(index=False), *map(area, ("1.1", "1.10", "2.10", "10"))]
    book = Schluesselbuch(pd.DataFrame(rows, columns=["gebiet_id", *GEBIETE.columns]).set_index("gebiet_id"))
    assert book.kandidaten(1.1) == ("1.1", "1.10")
    assert book.kandidaten(2.1) == ("2.10",)
    assert book.kandidaten(10.0) == ("10",)
    assert book.kandidaten(3.1) == ()
    for text in ("1.1", "1.10"):
        assert book.kandidaten(text) == (text,)
    assert book.kandidaten("2.1") == ()
