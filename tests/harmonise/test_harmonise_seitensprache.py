"""What a page can say about a delivery: days, rows, levels, places; each kind with its right numbers, else the true cause."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pruefregion import Pruefregion

STADT = {"05999004": ("Teststadt", "", ""), "05999008": ("Nebenstadt", "", "")}
GEBIETE = {"A 1": "05999004", "A 2": "05999004", "B 1": "05999008", "B 2": "05999008"}
EW23 = dict(zip(GEBIETE, [1250, 980, 1000, 900], strict=True))
EW21 = dict(zip(GEBIETE, [1200, 970, 990, 890], strict=True))
BEIDE = ("2021-12-31", "2023-12-31")


def land(
    ordner: Path,
    dateien: dict[str, Any],
    tabelle: dict[str, Any],
    felder: dict[str, Any] | None = None,
    **weitere: Any,
) -> Pruefregion:
    """A region of two Kommunen with two areas each around one delivery."""
    sorts = {Path(name).suffix for name in dateien}
    form = {
        "format": "excel" if sorts == {".xlsx"} else "csv",
        "kopf": {"erkennbar_an": "Gebiet"},
        "schluessel": {"spalten": ["Gebiet"]},
        "stichtag": {"aus": "fest", "wert": "2023-12-31"},
    }
    seite = {"tabelle": form | tabelle, "felder": felder or {"ew": {"spalte": "Einwohner"}}}
    seite |= weitere.pop("seite", {})
    files = {
        name: content.encode() if isinstance(content, str) else content for name, content in dateien.items()
    }
    base = {"kommunen": STADT, "gebiete": GEBIETE, "kuerzel": False}
    return Pruefregion(ordner, seite, files, **(base | weitere))


def csv(*zeilen: Any) -> str:
    return "".join(";".join(map(str, zeile)) + "\n" for zeile in zeilen)


def erwartet(
    werte: dict[str, float], tag: str = "2023-12-31", name: str = "EW"
) -> dict[tuple[str, str, str], float]:
    return {(gebiet, name, tag): wert for gebiet, wert in werte.items()}


# --- days in headings -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kopf", "muster"),
    [
        (("Einwohner 2021", "Einwohner 2023"), r"(\d{4})"),
        (("Einwohner 2021", "Einwohner 2023"), None),
        (("2021 | Einwohner", "2023 | Einwohner"), None),
        (("EW: Einwohner am 31.12.2021", "EW: Einwohner am 31.12.2023"), r"^EW: | ?am (\S+)$"),
        (("Einwohner 4. Quartal 2021", "Einwohner 4. Quartal 2023"), None),
        (("Einwohner Q4 2021", "Einwohner Q4 2023"), r"(Q\d \d{4})"),
        (("Einwohner (Dezember 2021)", "Einwohner (Dezember 2023)"), None),
        (("Einwohner 01.01.2022", "Einwohner 01.01.2024"), None),
        (("Einwohner am 31.12.2021", "Einwohner am 31.12.2023"), None),
        (("Einwohner (Stand: 31.12.2021)", "Einwohner (Stand: 31.12.2023)"), r"(\d\d\.\d\d\.\d{4})"),
    ],
)
def test_days_in_headings(tmp_path, kopf, muster):
    if muster and muster.startswith("^EW"):
        muster = r"am (\S+)$"
        felder = {"ew": {"spalte": "EW: Einwohner"}}
    else:
        felder = None
    text = csv(("Gebiet", *kopf), *((key, EW21[key], EW23[key]) for key in GEBIETE))
    rule = {"aus": "kopf"} | ({"muster": muster} if muster else {})
    found = land(tmp_path, {"e.csv": text}, {"stichtag": rule}, felder, stichtage=BEIDE).zahlen()
    assert found == erwartet(EW21, "2021-12-31") | erwartet(EW23)


@pytest.mark.parametrize("spalte", ["", "Einwohner"])
def test_headings_that_are_nothing_but_days(tmp_path, spalte):
    """A table of one quantity needs no heading for it."""
    text = csv(("Gebiet", "2021", "2022", "2023"), *((key, EW21[key], 5, EW23[key]) for key in GEBIETE))
    region = land(
        tmp_path, {"e.csv": text}, {"stichtag": {"aus": "kopf"}}, {"ew": {"spalte": spalte}}, stichtage=BEIDE
    )
    assert region.zahlen() == erwartet(EW21, "2021-12-31") | erwartet(EW23)
    told = region.meldungen()
    assert any("31.12.2022 gehört zu keinem Stichtag" in text for text in told)
    assert any("gelesen sind diese Spalten als „Einwohner“" in text for text in told) == bool(spalte)


def test_days_above_several_quantities(tmp_path):
    rows = [
        ["Gebiet", datetime(2021, 12, 31), None, datetime(2023, 12, 31), None],
        [None, "Einwohner", "unter 18", "Einwohner", "unter 18"],
        *([key, EW21[key], 9, EW23[key], 10] for key in GEBIETE),
    ]
    felder = {"ew": {"spalte": "Einwohner"}, "u18": {"spalte": "unter 18"}}
    tabelle = {"kopf": {"erkennbar_an": "Gebiet", "hoehe": 2}, "stichtag": {"aus": "kopf"}}
    found = land(tmp_path, {"e.xlsx": rows}, tabelle, felder, stichtage=BEIDE).zahlen()
    assert {key: value for key, value in found.items() if key[1] == "EW"} == erwartet(
        EW21, "2021-12-31"
    ) | erwartet(EW23)
    assert found["B 2", "U18", "2021-12-31"] == 9
    assert found["B 2", "U18", "2023-12-31"] == 10


def test_long_table_with_days_in_headings(tmp_path):
    lines = [("Gebiet", "Merkmal", "2021", "2023")]
    for key in GEBIETE:
        lines += [(key, "insgesamt", EW21[key], EW23[key]), (key, "unter 18", 7, 8)]
    felder = {"ew": {"spalte": "insgesamt"}, "u18": {"spalte": "unter 18"}}
    tabelle = {"stichtag": {"aus": "kopf", "muster": r"(\d{4})"}, "merkmal": "Merkmal"}
    found = land(tmp_path, {"e.csv": csv(*lines)}, tabelle, felder, stichtage=BEIDE).zahlen()
    assert found["A 1", "EW", "2021-12-31"] == 1200
    assert found["A 1", "EW", "2023-12-31"] == 1250
    assert found["B 2", "U18", "2021-12-31"] == 7


@pytest.mark.parametrize(
    ("kopf", "reason"),
    [
        (("Gebiet", "Einwohner"), "In keiner Überschrift steht ein Tag"),
        (
            ("Gebiet", "Ausländer 2023"),
            "Zu „Einwohner“ gibt es keine Spalte mit einem Tag. Es gibt: „Ausländer 2023“",
        ),
        (
            ("Gebiet", "Einwohner 2023", "Einwohner 31.12.2023"),
            "Zu „Einwohner“ und dem 31.12.2023 gibt es zwei Spalten.",
        ),
        (("Gebiet", "Veränderung 2021 bis 2023"), "In keiner Überschrift steht ein Tag"),
    ],
)
def test_headings_that_leave_open_which_column(tmp_path, kopf, reason):
    text = csv(kopf, *((key, *[EW23[key]] * (len(kopf) - 1)) for key in GEBIETE))
    found = land(tmp_path, {"e.csv": text}, {"stichtag": {"aus": "kopf"}}).fehler()
    assert any(reason in line and "e.csv" in line for line in found), found


@pytest.mark.parametrize(
    ("kopf", "muster", "told"),
    [
        (("EW 2021p", "EW 2023"), None, ["EW 2021p"]),
        (("EW 2021p", "EW 2023"), r" (\d{4})$", ["EW 2021p"]),
        (("EW 2021 (vorläufig)", "EW 2023"), None, ["EW 2021 (vorläufig)"]),
        (("EW 2021", "EW 2023", "EW weiblich 2021", "EW weiblich 2023"), None, []),
        (("EW 1999p", "EW 2023"), None, []),  # no day of the region
        (("EW 2021", "EW 2023", "Anteil EW 2021"), None, []),
        (("EW 2021p", "EW 2021", "EW 2023"), None, []),
        (("EW m 2021", "EW 2023"), None, []),  # read as another field
    ],
)
def test_a_column_called_nearly_like_those_read_is_told(tmp_path, kopf, muster, told):
    text = csv(("Gebiet", *kopf), *((key, *[EW23[key]] * len(kopf)) for key in GEBIETE))
    rule = {"aus": "kopf"} | ({"muster": muster} if muster else {})
    felder = {"ew": {"spalte": "EW"}, "m": {"spalte": "EW m", "optional": True}}
    found = land(tmp_path, {"e.csv": text}, {"stichtag": rule}, felder, stichtage=BEIDE).meldungen()
    assert [line.split("„")[1].split("“")[0] for line in found if "ist nicht gelesen" in line] == told


# --- dates ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "written", ["20230101", "31.12.22", "Dezember 2022", "12/2022", "Q4 2022", "2022-12", "31. Dez. 2022"]
)
def test_spellings_of_a_date_in_a_column(tmp_path, written):
    text = csv(("Gebiet", "Tag", "Einwohner"), *((key, written, EW23[key]) for key in GEBIETE))
    tabelle = {"stichtag": {"aus": "spalte", "spalte": "Tag"}}
    assert land(tmp_path, {"e.csv": text}, tabelle, stichtage=("2022-12-31",)).zahlen() == erwartet(
        EW23, "2022-12-31"
    )


def test_year_and_quarter_in_two_columns(tmp_path):
    lines = [("Gebiet", "Jahr", "Quartal", "Einwohner")]
    for key in GEBIETE:
        lines += [
            (key, year, quarter, EW23[key] + quarter) for year in (2022, 2023) for quarter in (1, 2, 3, 4)
        ]
    tabelle = {"stichtag": {"aus": "spalte", "spalte": ["Jahr", "Quartal"]}}
    region = land(tmp_path, {"e.csv": csv(*lines)}, tabelle, stichtage=("2022-12-31", "2023-12-31"))
    assert region.zahlen()["A 1", "EW", "2023-12-31"] == 1254
    # a year alone does not say which quarter
    region.seite["tabelle"]["stichtag"] = {"aus": "spalte", "spalte": "Jahr"}
    assert any("die Zeilen unterscheiden sich in „Quartal“" in line for line in region.fehler())


def test_first_of_january_in_region_and_page_is_the_same_day(tmp_path):
    text = csv(("Gebiet", "Einwohner"), *EW23.items())
    for folder, day, written in (
        ("a", "2022-01-01", "01.01.2022"),
        ("b", "2022-01-01", "31.12.2021"),
        ("c", "2021-12-31", "20220101"),
    ):
        region = land(
            tmp_path / folder,
            {"e.csv": text},
            {"stichtag": {"aus": "fest", "wert": written}},
            stichtage=(day,),
        )
        assert region.zahlen() == erwartet(EW23, "2021-12-31")


def test_of_several_days_within_reach_the_nearest_counts(tmp_path):
    lines = [("Gebiet", "Tag", "Einwohner")]
    for key in GEBIETE:
        lines += [(key, "30.09.2023", 1), (key, "31.12.2023", EW23[key]), (key, "31.03.2024", 3)]
    for number, order in enumerate((lines, [lines[0], *reversed(lines[1:])])):
        tabelle = {"stichtag": {"aus": "spalte", "spalte": "Tag", "hoechstens_tage": 100}}
        assert land(tmp_path / str(number), {"e.csv": csv(*order)}, tabelle).zahlen() == erwartet(EW23)


# --- several rows of one area -------------------------------------------------------------------------


TEILE = [
    ("Gebiet", "Teil", "Einwohner"),
    ("A 1", "Nord", 66),
    ("A 1", "Süd", 66),
    ("A 2", "", 980),
    ("B 1", "", 1000),
    ("B 2", "", 900),
]


def test_equal_parts_are_no_double_row(tmp_path):
    found = land(tmp_path, {"e.csv": csv(*TEILE)}, {}).fehler()
    assert len(found) == 1
    assert (
        "Zeile 3, Spalte 1 „Gebiet“: „A 1“ steht mehrmals, verschieden, in den Zeilen 2 und 3; die Zeilen unterscheiden sich in „Teil“."
        in found[0]
    )
    assert "zusammenfassen: summe" in found[0]


def test_parts_are_added_on_request(tmp_path):
    region = land(tmp_path, {"e.csv": csv(*TEILE)}, {"zusammenfassen": "summe"})
    assert region.zahlen() == erwartet(EW23 | {"A 1": 132})
    origin = region.baue().herkunft("A 1", "EW", "2023-12-31").iloc[0]
    assert origin["zelle"] == "Zeile 2, Spalte 3 + Zeile 3, Spalte 3"
    assert origin["roh"] == "66 + 66"


def test_rows_that_are_the_same_are_told(tmp_path):
    """Equal in two numbers, they are one row delivered twice."""
    lines = [("Gebiet", "Teil", "Einwohner", "unter 18"), ("A 1", "", 1250, 9), ("a1", "", 1250, 9)]
    lines += [(key, "", n, 8) for key, n in EW23.items() if key != "A 1"]
    felder = {"ew": {"spalte": "Einwohner"}, "u18": {"spalte": "unter 18"}}
    region = land(tmp_path, {"e.csv": csv(*lines)}, {}, felder)
    assert {key: n for key, n in region.zahlen().items() if key[1] == "EW"} == erwartet(EW23)
    assert any("„A 1“ steht mehrmals, ganz gleich, in den Zeilen 2 und 3. Gezählt wird jede Zeile einmal" in text
               for text in region.meldungen())  # fmt: skip


def test_rows_with_one_equal_number_may_be_parts(tmp_path):
    """Nothing in the table says whether 66 and 66 are parts of 132, or 66 delivered twice."""
    lines = [
        ("Gebiet", "Einwohner"),
        ("A 1", 66),
        ("A 1", 66),
        *((key, n) for key, n in EW23.items() if key != "A 1"),
    ]
    found = land(tmp_path / "a", {"e.csv": csv(*lines)}, {}).fehler()
    assert any(
        "„A 1“ steht mehrmals, mit gleicher Zahl, in den Zeilen 2 und 3. Sind es Teile" in line
        for line in found
    ), found
    for folder, word, number in (("b", "summe", 132), ("c", "gleiche", 66)):
        region = land(tmp_path / folder, {"e.csv": csv(*lines)}, {"zusammenfassen": word})
        assert region.zahlen() == erwartet(EW23 | {"A 1": number})


def test_a_hidden_part_hides_the_sum(tmp_path):
    """The strictest reason counts; bounds add up where every part has some."""
    lines = [("Gebiet", "Teil", "Einwohner"), ("A 1", "a", "*"), ("A 1", "b", "x"), ("A 2", "a", "*"), ("A 2", "b", 10),
             ("B 1", "", 1000), ("B 2", "", 900)]  # fmt: skip
    daten = land(
        tmp_path, {"e.csv": csv(*lines)}, {"zusammenfassen": "summe"},
        symbole={"*": {"status": "geheim", "von": 1, "bis": 4}, "x": {"status": "unbekannt"}},
    ).baue()  # fmt: skip
    found = daten.werte("EW").set_index("gebiet_id")
    assert found.loc[["A 1", "A 2"], "status"].tolist() == ["geheim", "geheim"]
    assert found.loc[["A 1", "A 2"], "wert"].isna().all()
    bounds = daten.grenzen("EW").set_index("gebiet_id")
    assert bounds.loc["A 2", ["unten", "oben"]].tolist() == [11, 14]


def test_a_total_among_the_rows_is_not_added(tmp_path):
    lines = [("Gebiet", "Geschlecht", "Einwohner")]
    for key in GEBIETE:
        lines += [(key, "m", 400), (key, "w", EW23[key] - 400), (key, "insgesamt", EW23[key])]
    found = land(tmp_path, {"e.csv": csv(*lines)}, {"zusammenfassen": "summe"}).fehler()
    assert any(
        "In 4 von 4 Gebieten ist eine der Zeilen, die addiert werden sollen, schon die Summe der übrigen"
        in line
        for line in found
    )
    for number, choice in enumerate((["m", "w"], "^[mw]$")):
        region = land(
            tmp_path / str(number),
            {"e.csv": csv(*lines)},
            {"zusammenfassen": "summe", "nur": {"Geschlecht": choice}},
        )
        assert region.zahlen() == erwartet(EW23)


@pytest.mark.parametrize("feld", [{"summierbar": False}, {"einheit": "%"}])
def test_what_does_not_add_up_is_not_added(tmp_path, feld):
    region = land(
        tmp_path, {"e.csv": csv(*TEILE)}, {"zusammenfassen": "summe"}, {"ew": {"spalte": "Einwohner"} | feld}
    )
    assert any("zusammenfassen: ew lässt sich nicht addieren" in line for line in region.fehler())


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_sums_of_parts_in_any_order(tmp_path_factory, data):
    """However an area is cut and its rows are mixed, the sum is that of its parts."""
    parts = {key: data.draw(st.lists(st.integers(1, 900), min_size=1, max_size=4)) for key in GEBIETE}
    rows = [(key, f"t{number}", part) for key, own in parts.items() for number, part in enumerate(own)]
    rows = data.draw(st.permutations(rows))
    whole = [key for key, own in parts.items() if len(own) > 2 and sum(own) == 2 * max(own)]
    region = land(
        tmp_path_factory.mktemp("teile"), {"e.csv": csv(TEILE[0], *rows)}, {"zusammenfassen": "summe"}
    )
    if len(whole) < 2:
        assert region.zahlen() == erwartet({key: sum(own) for key, own in parts.items()})


LUECKEN = {
    "*": {"status": "geheim", "von": 1, "bis": 9},
    "g": {"status": "geheim"},
    "u": {"status": "unbekannt"},
    "f": {"status": "folgt"},
}
STRENGE = ["*", "g", "u", "f"]
"""Gaps, the strictest first; of two secret ones that with bounds says more."""


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.sampled_from(STRENGE), min_size=2, max_size=4), st.randoms(use_true_random=False))
def test_the_strictest_of_several_gaps_counts_in_whatever_order(tmp_path_factory, gaps, mixer):
    """The same cell delivered in several files, and in several rows that are the same but for their place."""
    files = {
        f"e{number}.csv": csv(
            ("Gebiet", "Einwohner"), ("A 1", gap), *((key, n) for key, n in EW23.items() if key != "A 1")
        )
        for number, gap in enumerate(gaps)
    }
    names = list(files)
    mixer.shuffle(names)
    daten = land(
        tmp_path_factory.mktemp("luecken"), dict(zip(names, files.values(), strict=True)), {}, symbole=LUECKEN
    ).baue()
    row = daten.werte("EW").set_index("gebiet_id").loc["A 1"]
    strictest = min(gaps, key=STRENGE.index)
    assert row["status"] == LUECKEN[strictest]["status"]
    if strictest == "*":
        bounds = daten.grenzen("EW")
        assert bounds[bounds["gebiet_id"] == "A 1"][["unten", "oben"]].to_numpy().tolist() == [[1, 9]]


# --- choosing rows ------------------------------------------------------------------------------------


def test_a_word_of_the_column_means_itself(tmp_path):
    """„weiblich“ does not take „weiblich, Ausländer“ along."""
    lines = [("Gebiet", "Gruppe", "Einwohner")]
    for key in GEBIETE:
        lines += [(key, "weiblich", EW23[key]), (key, "weiblich, Ausländer", 9), (key, "männlich", 3)]
    assert land(tmp_path, {"e.csv": csv(*lines)}, {"nur": {"Gruppe": "weiblich"}}).zahlen() == erwartet(EW23)


@pytest.mark.parametrize(
    ("nur", "reason"),
    [
        ({"Teil": "West"}, "In keiner Zeile steht hier „West“, wie „nur“ es verlangt."),
        ({"Ort": "West"}, "Die Spalte „Ort“ fehlt."),
    ],
)
def test_a_choice_that_takes_nothing_is_told(tmp_path, nur, reason):
    found = land(tmp_path, {"e.csv": csv(*TEILE)}, {"nur": nur}).fehler()
    assert any(reason in line for line in found), found


def test_rows_left_out_are_not_judged(tmp_path):
    lines = [("Gebiet", "Art", "Tag", "Einwohner"), *((key, "Ist", "31.12.2023", n) for key, n in EW23.items()),
             ("Planung Nordost", "Soll", "irgendwann", "viele")]  # fmt: skip
    tabelle = {"nur": {"Art": "Ist"}, "stichtag": {"aus": "spalte", "spalte": "Tag"}}
    assert land(tmp_path, {"e.csv": csv(*lines)}, tabelle).zahlen() == erwartet(EW23)


def test_fields_named_by_several_columns(tmp_path):
    lines = [("Gebiet", "Geschlecht", "Alter", "Anzahl")]
    for key in GEBIETE:
        lines += [
            (key, "w", "unter 18", 10),
            (key, "w", "ab 18", 20),
            (key, "m", "unter 18", 30),
            (key, "m", "ab 18", EW23[key]),
        ]
    felder = {"maedchen": {"spalte": "w | unter 18"}, "ew": {"spalte": "m | ab 18"}}
    found = land(
        tmp_path, {"e.csv": csv(*lines)}, {"merkmal": ["Geschlecht", "Alter"], "wert": "Anzahl"}, felder
    ).zahlen()
    assert {key: value for key, value in found.items() if key[1] == "EW"} == erwartet(EW23)
    assert found["A 1", "MAEDCHEN", "2023-12-31"] == 10


# --- keys -----------------------------------------------------------------------------------------------


def test_merged_and_empty_keys(tmp_path):
    rows: list[list[Any]] = [
        ["Kürzel", "Nr", "Einwohner"],
        ["A", 1, 1250],
        [None, 2, 980],
        ["B", 1, 1000],
        [None, 2, 900],
    ]
    tabelle = {"kopf": {"erkennbar_an": "Nr"}, "schluessel": {"spalten": ["Kürzel", "Nr"], "verbinden": " "}}
    merged = land(tmp_path / "a", {"e.xlsx": rows}, tabelle, verbunden={"e.xlsx": ["A2:A3", "A4:A5"]})
    assert merged.zahlen() == erwartet(EW23)
    empty = land(tmp_path / "b", {"e.xlsx": rows}, tabelle)
    assert any("Zeile 3" in line and "„auffuellen: true“" in line for line in empty.fehler())
    tabelle["schluessel"]["auffuellen"] = True
    assert land(tmp_path / "c", {"e.xlsx": rows}, tabelle).zahlen() == erwartet(EW23)


def test_cells_merged_across_columns_stay_what_they_were(tmp_path):
    """The row of a Kommune, merged over both columns of the key, names it once."""
    rows = [
        ["Kürzel", "Nr", "Einwohner"],
        ["Teststadt", None, 2230],
        ["A", 1, 1250],
        [None, 2, 980],
        ["B", 1, 1000],
        [None, 2, 900],
    ]
    tabelle = {"kopf": {"erkennbar_an": "Nr"}, "schluessel": {"spalten": ["Kürzel", "Nr"], "verbinden": " "}}
    found = land(
        tmp_path, {"e.xlsx": rows}, tabelle, verbunden={"e.xlsx": ["A2:B2", "A3:A4", "A5:A6"]}
    ).werte()
    assert {key: value for key, (value, _) in found.items() if key[0] in GEBIETE} == erwartet(EW23)
    assert found["05999004", "EW", "2023-12-31"][0] == 2230


@pytest.mark.parametrize(
    ("kopf", "told"),
    [
        ("EW 31.12.2022", "31.12.2022"),
        ("EW (Stand 2021-06-30)", "30.06.2021"),
        ("EW 31.12.2023", ""),
        ("EW am 1.1.2024", ""),  # the same state
        ("EW 2022", ""),  # may be a cohort
    ],
)
def test_a_heading_that_names_another_day_than_the_page(tmp_path, kopf, told):
    rows = csv(("Gebiet", kopf), *EW23.items())
    place = land(tmp_path, {"d.csv": rows}, {}, {"ew": {"spalte": kopf}})
    found = [line for line in place.meldungen() if "gelesen sind die Zahlen zum 31.12.2023" in line]
    assert len(found) == bool(told)
    assert all(f"„{kopf}“ nennt den {told}" in line for line in found)


def test_a_file_delivered_twice_is_told(tmp_path):
    text = csv(("Gebiet", "Einwohner"), *EW23.items())
    region = land(tmp_path, {"e.csv": text, "e (Kopie).csv": text}, {})
    assert region.zahlen() == erwartet(EW23)
    told = "4 Zahlen stehen in e (Kopie).csv und noch einmal, gleich, in e.csv; gezählt wird jede einmal."
    assert any(told in line for line in region.meldungen())


def test_a_blank_key_says_how_to_fill_it(tmp_path):
    lines = [("Gebiet", "Merkmal", "Wert"), ("A 1", "ew", 1250), ("", "u18", 10)]
    tabelle = {"merkmal": "Merkmal", "wert": "Wert"}
    found = land(tmp_path, {"e.csv": csv(*lines)}, tabelle, {"ew": {"spalte": "ew"}}).fehler()
    assert any(
        "Eine leere Kennung ist kein bekanntes Gebiet. Gilt die Kennung darüber weiter, „auffuellen: true“"
        in line
        for line in found
    )


@pytest.mark.parametrize("joined", [" ", ""])
def test_the_end_of_a_key_alone_means_nothing(tmp_path, joined):
    """Without its first part „2“ is not the area called 2."""
    areas = {"A 1": "05999004", "2": "05999004", "B 1": "05999008", "B 2": "05999008"}
    rows = [["Kürzel", "Nr", "Einwohner"], ["A", 1, 1250], [None, 2, 980], ["B", 1, 1000], ["B", 2, 900]]
    tabelle = {
        "kopf": {"erkennbar_an": "Nr"},
        "schluessel": {"spalten": ["Kürzel", "Nr"], "verbinden": joined},
    }
    found = land(tmp_path, {"e.xlsx": rows}, tabelle, gebiete=areas).fehler()
    assert any("Zeile 3" in line and "Zu „2“ fehlt hier der erste Teil der Kennung („Kürzel“). Gilt weiter, was darüber steht, „auffuellen: true“" in line
               for line in found), found  # fmt: skip


NAMEN = {"A 1": "Nord", "A 2": "Süd", "B 1": "Nord", "B 2": "West"}


def test_names_count_as_spellings(tmp_path):
    names = {"A 1": "Altdorf", "A 2": "Hohe Mark", "B 1": "Rainstraße", "B 2": "Zur Linde (Kern)"}
    text = csv(
        ("Gebiet", "Einwohner"),
        ("ALTDORF", 1250),
        ("hohe mark", 980),
        ("Rainstrasse", 1000),
        ("Zur Linde (Kern)", 900),
    )
    assert land(tmp_path, {"e.csv": text}, {}, namen=names).zahlen() == erwartet(EW23)


def test_ambiguous_names_are_told_with_their_candidates(tmp_path):
    text = csv(("Gebiet", "Einwohner"), ("Nord", 1250), ("Süd", 980), ("B 1", 1000), ("West", 900))
    region = land(
        tmp_path,
        {"e.csv": text},
        {},
        namen=NAMEN,
        worte={"sozialraum": "Sozialraum"},
        seite={"vollstaendig": False},
    )
    found = region.fehler()
    assert any("e.csv, Zeile 2, Spalte 1 „Gebiet“: „Nord“ kann Sozialraum A 1 in Teststadt oder Sozialraum B 1 in Nebenstadt sein." in line
               and "kommune_aus" in line for line in found), found  # fmt: skip


def test_ambiguous_spellings_are_told_when_lists_are_read(tmp_path):
    text = csv(("Gebiet", "Einwohner"), *EW23.items())
    told = land(tmp_path / "a", {"e.csv": text}, {}, aliase={"A 1": "Nord|N", "B 1": "Nord"}).meldungen()
    assert any("Eine Schreibweise ist mehrdeutig: „Nord“ kann" in line for line in told), told
    told = land(tmp_path / "b", {"e.csv": text}, {}, namen=NAMEN).meldungen()
    assert any("„Nord“ kann" in line and "A 1 in Teststadt oder" in line for line in told), told
    told = land(tmp_path / "c", {"e.csv": text}, {}).meldungen()
    assert not any("mehrdeutig" in line for line in told)


def test_kommune_from_a_column_tells_which_is_meant(tmp_path):
    text = csv(("Stadt", "Gebiet", "Einwohner"), ("Teststadt", "Nord", 1250), ("Teststadt", "Süd", 980), ("Nebenstadt", "Nord", 1000),
               ("Nebenstadt", "West", 900))  # fmt: skip
    rule = {"spalten": ["Gebiet"], "kommune_aus": "spalte", "kommune_spalte": "Stadt"}
    assert land(tmp_path / "a", {"e.csv": text}, {"schluessel": rule}, namen=NAMEN).zahlen() == erwartet(EW23)
    gaps = text.replace("Teststadt;Süd", ";Süd").replace("Nebenstadt;West", ";West")
    filled = land(tmp_path / "b", {"e.csv": gaps}, {"schluessel": rule | {"auffuellen": True}}, namen=NAMEN)
    assert filled.zahlen() == erwartet(EW23)
    wrong = land(
        tmp_path / "c",
        {"e.csv": text.replace("Nebenstadt;West", "Neustadt;West")},
        {"schluessel": rule},
        namen=NAMEN,
    )
    assert any(
        "Zeile 5, Spalte 1 „Stadt“: „Neustadt“ ist keine bekannte Kommune." in line for line in wrong.fehler()
    )


def test_kommune_from_the_row_at_the_end_of_a_block(tmp_path):
    above = csv(
        ("Gebiet", "Einwohner"),
        ("Teststadt", ""),
        ("Nord", 1250),
        ("Süd", 980),
        ("Nebenstadt", 1900),
        ("Nord", 1000),
        ("West", 900),
    )
    rule = {"spalten": ["Gebiet"], "kommune_aus": "zeile_darueber"}
    found = land(tmp_path / "a", {"e.csv": above}, {"schluessel": rule}, namen=NAMEN).werte()
    assert {key: value for key, (value, _) in found.items() if key[0] in GEBIETE} == erwartet(EW23)
    assert found["05999008", "EW", "2023-12-31"][0] == 1900
    below = csv(
        ("Gebiet", "Einwohner"),
        ("Nord", 1250),
        ("Süd", 980),
        ("Summe Teststadt", 2230),
        ("Nord", 1000),
        ("West", 900),
        ("Summe Nebenstadt", 1900),
    )
    rule = {"spalten": ["Gebiet"], "kommune_aus": "zeile_darunter", "summen": "^Summe"}
    found = land(tmp_path / "b", {"e.csv": below}, {"schluessel": rule}, namen=NAMEN).werte()
    assert {key: value for key, (value, _) in found.items() if key[0] in GEBIETE} == erwartet(EW23)
    assert found["05999004", "EW", "2023-12-31"][0] == 2230


ZWEI_EBENEN = {"A 1": "Teststadt", "A 2": "Süd", "B 1": "Nebenstadt", "B 2": "West"}
"""Areas called like their Kommunen."""


@pytest.mark.parametrize(
    ("lines", "schluessel"),
    [
        ([("Teststadt", "Bezirk", 2230), ("Teststadt", "Ortsteil", 1250), ("Süd", "Ortsteil", 980), ("Nebenstadt", "Bezirk", 1900),
          ("Nebenstadt", "Ortsteil", 1000), ("West", "Ortsteil", 900)],
         {"ebene": {"aus": "spalte", "spalte": "Art", "kommune": "Bezirk", "sozialraum": "Ortsteil"}}),
        ([("Teststadt", "Bezirk", 2230), ("Teststadt", "Ortsteil", 1250), ("Süd", "Ortsteil", 980), ("Nebenstadt", "Bezirk", 1900),
          ("Nebenstadt", "Ortsteil", 1000), ("West", "Ortsteil", 900)],
         {"ebene": {"aus": "spalte", "spalte": "Art"}}),  # the region's own words
        ([("Teststadt", "", 2230), ("Teststadt", "", 1250), ("Süd", "", 980), ("Nebenstadt", "", 1900), ("Nebenstadt", "", 1000),
          ("West", "", 900)], {"kommune_aus": "zeile_darueber"}),
        ([("Teststadt", "", 2230), ("Teststadt", "", 1250), ("Süd", "", 980), ("Nebenstadt", "", 1900), ("Nebenstadt", "", 1000),
          ("West", "", 900)], {"ebene": {"aus": "reihenfolge", "zuerst": "kommune"}}),
        ([("Teststadt", "", 1250), ("Süd", "", 980), ("Teststadt", "", 2230), ("Nebenstadt", "", 1000), ("West", "", 900),
          ("Nebenstadt", "", 1900)], {"ebene": {"aus": "reihenfolge", "zuerst": "sozialraum"}}),
        ([("Teststadt", "", 1250), ("Süd", "", 980), ("Teststadt", "", 2230), ("Nebenstadt", "", 1000), ("West", "", 900),
          ("Nebenstadt", "", 1900)], {"kommune_aus": "zeile_darunter"}),
        ([("Bezirke", "", ""), ("Teststadt", "", 2230), ("Nebenstadt", "", 1900), ("Ortsteile", "", ""), ("Teststadt", "", 1250), ("Süd", "", 980),
          ("Nebenstadt", "", 1000), ("West", "", 900)],
         {"ebene": {"aus": "zeile_darueber", "kommune": "^Bezirke", "sozialraum": "^Ortsteile"}}),
        ([("Bezirk Teststadt", "", 2230), ("Ortsteil Teststadt", "", 1250), ("Süd", "", 980), ("Bezirk Nebenstadt", "", 1900),
          ("Ortsteil Nebenstadt", "", 1000), ("West", "", 900)], {}),
    ],
)  # fmt: skip
def test_one_name_on_two_levels(tmp_path, lines, schluessel):
    words = {"kommune": "Bezirk", "sozialraum": "Ortsteil"}
    region = land(
        tmp_path, {"e.csv": csv(("Gebiet", "Art", "Einwohner"), *lines)}, {"schluessel": {"spalten": ["Gebiet"]} | schluessel},
        namen=ZWEI_EBENEN, worte=words,
    )  # fmt: skip
    found = region.werte()
    assert {key: value for key, (value, _) in found.items() if key[0] in GEBIETE} == erwartet(EW23)
    assert found["05999004", "EW", "2023-12-31"][0] == 2230
    assert found["05999008", "EW", "2023-12-31"][0] == 1900


def test_one_name_on_two_levels_without_a_word_is_refused(tmp_path):
    text = csv(("Gebiet", "Einwohner"), ("Teststadt", 2230), ("Süd", 980), ("B 1", 1000), ("West", 900))
    region = land(
        tmp_path,
        {"e.csv": text},
        {},
        namen=ZWEI_EBENEN,
        worte={"kommune": "Bezirk", "sozialraum": "Ortsteil"},
    )
    assert any("„Teststadt“ kann Bezirk 05999004 „Teststadt“ oder Ortsteil A 1 in Teststadt sein." in line and "ebene" in line
               for line in region.fehler())  # fmt: skip
    region = land(
        tmp_path / "b",
        {"e.csv": text},
        {"schluessel": {"spalten": ["Gebiet"], "ebene": "sozialraum"}},
        namen=ZWEI_EBENEN,
    )
    assert region.zahlen() == erwartet(EW23 | {"A 1": 2230})


STELLEN = {"0": ("Mitte", "", ""), "1": ("Nordost", "", "")}
NUMMERN = {"00": "0", "01": "0", "10": "1", "11": "1"}


@pytest.mark.parametrize("file", ["e.xlsx", "e.csv"])
def test_lost_zeros_do_not_become_another_level(tmp_path, file):
    rows: list[list[Any]] = [["Gebiet", "Einwohner"], [0, 1250], [1, 980], [10, 1000], [11, 900]]
    content: Any = rows if file.endswith("x") else csv(*rows)
    words = {"kommune": "Stadtbezirk", "sozialraum": "Ortsteil"}
    region = land(tmp_path, {file: content}, {}, gebiete=NUMMERN, kommunen=STELLEN, worte=words)
    found = region.fehler()
    assert any(
        "„0“ kann Stadtbezirk 0 „Mitte“ oder Ortsteil 00 in Mitte sein." in line and "Führende Nullen" in line
        for line in found
    ), found
    values = dict(zip(NUMMERN, EW23.values(), strict=True))
    region = land(
        tmp_path / "b",
        {file: content},
        {"schluessel": {"spalten": ["Gebiet"], "ebene": "sozialraum"}},
        gebiete=NUMMERN,
        kommunen=STELLEN,
    )
    assert region.zahlen() == erwartet(values)
    kept = csv(("Gebiet", "Einwohner"), ("00", 1250), ("01", 980), ("10", 1000), ("11", 900), ("0", 2230))
    found = land(tmp_path / "c", {"e.csv": kept}, {}, gebiete=NUMMERN, kommunen=STELLEN).werte()
    assert found["00", "EW", "2023-12-31"][0] == 1250
    assert found["0", "EW", "2023-12-31"][0] == 2230


def test_a_word_of_another_kind_leads_nowhere(tmp_path):
    areas = {"1": "05999004", "2": "05999004", "3": "05999008", "4": "05999008"}
    text = csv(
        ("Gebiet", "Einwohner"),
        *((f"Bezirk {key}", number) for key, number in zip(areas, EW23.values(), strict=True)),
    )
    region = land(
        tmp_path / "a",
        {"e.csv": text},
        {},
        gebiete=areas,
        worte={"kommune": "Kommune", "sozialraum": "Sozialraum"},
    )
    assert any("„Bezirk 1“ ist kein bekanntes Gebiet." in line for line in region.fehler())
    region = land(tmp_path / "b", {"e.csv": text}, {}, gebiete=areas, worte={"sozialraum": "Bezirk"})
    assert region.zahlen() == erwartet(dict(zip(areas, EW23.values(), strict=True)))


def test_keys_that_a_spreadsheet_changed(tmp_path):
    areas = {"1-3": "05999004", "1-4": "05999004", "3/4": "05999008", "1E5": "05999008"}
    rows = [
        ["Gebiet", "Einwohner"],
        [datetime(2024, 3, 1), 1250],
        ["1-4", 980],
        [datetime(2024, 4, 3), 1000],
        [100000.0, 900],
    ]
    found = land(tmp_path, {"e.xlsx": rows}, {}, gebiete=areas).fehler()
    for place, made, key in (
        ("Zeile 2", "ein Datum", "1-3"),
        ("Zeile 4", "ein Datum", "3/4"),
        ("Zeile 5", "eine Zahl", "1E5"),
    ):
        assert any(
            place in line and made in line and f"„{key}“" in line and "Text" in line for line in found
        ), found


# --- sheets and places ----------------------------------------------------------------------------------


def test_columns_by_place(tmp_path):
    text = csv(
        ("", "", "Gebiet", "Einwohner", "Einwohner"), *((key, "x", "y", n, 5) for key, n in EW23.items())
    )
    for number, place in enumerate(({"buchstabe": "D"}, {"nummer": 4})):
        tabelle = {"schluessel": {"spalten": [{"buchstabe": "A"}]}}
        assert land(
            tmp_path / str(number), {"e.csv": text}, tabelle, {"ew": {"spalte": place}}
        ).zahlen() == erwartet(EW23)
    missing = land(
        tmp_path / "c",
        {"e.csv": text},
        {"schluessel": {"spalten": [{"buchstabe": "A"}]}},
        {"ew": {"spalte": {"buchstabe": "Z"}}},
    )
    assert any("Die Spalte Z gibt es nicht" in line for line in missing.fehler())


@pytest.mark.parametrize("rule", [{"aus": "blatt", "muster": r"(20\d\d)"}, {"aus": "blatt"}])
def test_year_and_kommune_from_the_name_of_the_sheet(tmp_path, rule):
    import openpyxl

    region = land(
        tmp_path,
        {},
        {"format": "excel", "stichtag": rule, "blatt": "Teststadt.*"},
        seite={"vollstaendig": False, "dateien": ["*.xlsx"]},
    )
    region.schreibe()
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "Teststadt 2023"
    for row in (["Stand der Auswertung: 2019"], ["Gebiet", "Einwohner"], ["Nord", 1250], ["Süd", 980]):
        sheet.append(row)
    (tmp_path / "lieferungen").mkdir(exist_ok=True)
    book.save(tmp_path / "lieferungen" / "e.xlsx")
    region.namen = NAMEN
    region.seite["tabelle"]["schluessel"] |= {"kommune_aus": "blatt", "kommune_muster": r"(\w+) \d"}
    assert {key: n for key, n in region.zahlen().items() if n is not None} == erwartet(
        {"A 1": 1250, "A 2": 980}
    )


# --- rounded counts -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("gerundet", "zaehler", "told"), [(5, 15, "hinweis"), (5, 20, "fehler"), (0, 15, "fehler")]
)
def test_rounded_counts_may_exceed_their_whole_by_the_rounding(tmp_path, gerundet, zaehler, told):
    text = csv(
        ("Gebiet", "Einwohner", "unter 18"),
        *((key, 10 if key == "A 1" else n, zaehler if key == "A 1" else 5) for key, n in EW23.items()),
    )
    region = land(
        tmp_path, {"e.csv": text}, {}, {"ew": {"spalte": "Einwohner"}, "u18": {"spalte": "unter 18"}},
        seite={
            "gerundet_auf": gerundet, "pruefungen": {"teile": {"u18": "ew"}},
            "indikatoren": {"EW": {"name": "Einwohner", "thema": "t", "art": "anzahl", "zaehler": "ew"},
                            "U18": {"name": "Unter 18", "thema": "t", "zaehler": "u18", "nenner": "ew"}},
        },
    )  # fmt: skip
    if told == "fehler":
        assert any("In A 1 ist der Zähler größer als der Nenner." in line for line in region.fehler())
        return
    found = region.meldungen()
    assert any(
        "In A 1 ist der Zähler größer als der Nenner, so weit es die Rundung der Lieferung erklärt." in line
        for line in found
    ), found
    assert not any("ist größer als" in line for line in found)
    assert region.werte()["A 1", "U18", "2023-12-31"][0] == pytest.approx(150)


# --- where a key belongs ----------------------------------------------------------------------------------


def test_a_key_in_the_wrong_place_is_told_where_it_belongs(tmp_path):
    region = land(
        tmp_path,
        {"e.csv": csv(("Gebiet", "Einwohner"), *EW23.items())},
        {"auffuellen": True, "gerundet_auf": 5},
    )
    found = region.fehler()
    assert any(
        "tabelle → auffuellen: Diese Angabe ist unbekannt. Sie gehört unter tabelle → schluessel." in line
        for line in found
    ), found
    assert any(
        "tabelle → gerundet_auf: Diese Angabe ist unbekannt. Sie gehört an den linken Rand der Seite." in line
        for line in found
    ), found


def test_every_sheet_is_a_kommune_or_a_year(tmp_path):
    import openpyxl

    for folder, sheets, schluessel, stichtag, namen in (
        ("k", {"Teststadt": {"Nord": 1250, "Süd": 980}, "Nebenstadt": {"Nord": 1000, "West": 900}}, {"kommune_aus": "blatt"},
         {"aus": "fest", "wert": "2023-12-31"}, NAMEN),
        ("j", {"2021": EW21, "2023": EW23}, {}, {"aus": "blatt"}, {}),
    ):  # fmt: skip
        tabelle = {"format": "excel", "blatt": {"muster": ".+", "alle": True}, "stichtag": stichtag,
                   "schluessel": {"spalten": ["Gebiet"]} | schluessel}  # fmt: skip
        region = land(
            tmp_path / folder, {}, tabelle, seite={"dateien": ["*.xlsx"]}, namen=namen, stichtage=BEIDE
        )
        book = openpyxl.Workbook()
        book.remove(book.active)
        for title, rows in sheets.items():
            sheet = book.create_sheet(title)
            for row in (["Gebiet", "Einwohner"], *map(list, rows.items())):
                sheet.append(row)
        (tmp_path / folder / "lieferungen").mkdir(parents=True)
        book.save(tmp_path / folder / "lieferungen" / "e.xlsx")
        assert region.zahlen() == erwartet(EW23) | (erwartet(EW21, "2021-12-31") if folder == "j" else {})
