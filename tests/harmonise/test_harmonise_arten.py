"""Kinds of trouble in deliveries, many inputs of each: the right numbers, or a fault that names place and true cause."""

from __future__ import annotations

import json
import math
import unicodedata
from datetime import date
from typing import Any

import pytest
from pruefregion import Pruefregion

from sozialanalyse import build
from sozialanalyse.base.datum import lies_datum, suche_datum, warum_kein_datum
from sozialanalyse.base.errors import PruefFehler
from sozialanalyse.base.woerter import dateien_nach_muster, ueberschriftsform
from sozialanalyse.harmonise.auffaellig import _wenige
from sozialanalyse.region.catalogue import DatensatzSeite
from sozialanalyse.region.region import lade_region

TAG = "2023-12-31"


@pytest.fixture(scope="module")
def land(tmp_path_factory):
    """A function that reads files with a page and tells numbers or faults; areas are read once."""
    folder = tmp_path_factory.mktemp("arten")
    place = Pruefregion(folder / "land", {"tabelle": {}, "felder": {}}, {}, namen={"A 2": "Ahausen"})
    place.stichtage = ("2021-12-31", "2023-06-30", TAG)
    place.schreibe()
    region = lade_region(place.ordner)
    areas = build.lies_gebiete(region)
    region.lieferungen.mkdir()

    def lies(
        files: dict[str, str | bytes], tabelle: dict[str, Any] | None = None, felder: Any = None, **seite: Any
    ):
        table = {
            "format": "csv",
            "schluessel": {"spalten": ["Gebiet"]},
            "stichtag": {"aus": "fest", "wert": "2023"},
        }
        page = DatensatzSeite.model_validate({
            "id": "daten", "name": "Lieferung", "zeile_ist": "ein Gebiet", "quelle": {"anbieter": "Amt", "lizenz": "frei"},
            "dateien": "*", "symbolprofil": "profil", "sperrprofil": "frei", "vollstaendig": False,
            "tabelle": table | (tabelle or {}), "felder": felder or {"ew": {"spalte": "EW"}},
        } | seite)  # fmt: skip
        paths = []
        for name, content in files.items():
            paths.append(region.lieferungen / name)
            paths[-1].write_bytes(content if isinstance(content, bytes) else content.encode())
        try:
            found = build.probe(region, page, paths, areas)
        except PruefFehler as error:
            return [str(befund) for befund in error.befunde]
        finally:
            for path in paths:
                path.unlink()
        faults = [str(befund) for befund in found.befunde if befund.schwere == "fehler"]
        numbers = found.merkmale[found.merkmale["zelle"] != ""]
        return faults or {
            (str(row.gebiet_id), str(row.feld).removeprefix("daten."), str(row.stichtag)): row.wert
            for row in numbers.itertuples()
            if not math.isnan(row.wert)
        }

    return lies


def werte(*numbers: float, feld: str = "ew", tag: str = TAG) -> dict[tuple[str, str, str], float]:
    return {
        (area, feld, tag): number for area, number in zip(("A 2", "A 3", "W 1", "W 2"), numbers, strict=False)
    }


def spalte(*cells: str) -> str:
    areas = ("A 2", "A 3", "W 1", "W 2")
    return "Gebiet;EW\n" + "".join(f"{a};{cell}\n" for a, cell in zip(areas, cells, strict=False))


def eine(faults: object, *words: str) -> None:
    """One fault that holds all words."""
    assert isinstance(faults, list), faults
    assert len(faults) == 1, faults
    for word in words:
        assert word in faults[0], faults[0]


# --- headings ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kopf", "gesucht", "number"),
    [
        (("Saldo", "Saldo -"), "Saldo", 5),
        (("Saldo", "Saldo -"), "saldo –", 7),
        (("Saldo", "Saldo (-)"), "Saldo −", 7),
        (("EW ♀", "EW ♂"), "EW♂", 7),
        (("- Frauen", "x"), "Frauen", 5),  # a dash before words is a bullet
        (("Saldo -", "x"), "Saldo", None),
        (("Saldo", "x"), "Saldo -", None),
    ],
)
def test_a_sign_at_the_end_of_a_heading_counts(land, kopf, gesucht, number):
    field = {"s": {"spalte": gesucht, "min": None}}
    wide = land({"a.csv": f"Gebiet;{kopf[0]};{kopf[1]}\nA 2;5;7\n"}, felder=field)
    long = land(
        {"a.csv": f"Gebiet;Was;Wert\nA 2;{kopf[0]};5\nA 2;{kopf[1]};7\n"},
        {"merkmal": "Was", "wert": "Wert"},
        field,
    )
    for found in (wide, long):
        if number is None:
            eine(found, f"„{gesucht}“")
        else:
            assert found == werte(number, feld="s")


def test_a_dash_before_the_day_of_a_heading_is_none_of_its_words(land):
    table = {"stichtag": {"aus": "kopf"}}
    assert land({"a.csv": "Gebiet;EW - 2021\nA 2;5\n"}, table) == werte(5, tag="2021-12-31")
    eine(land({"a.csv": "Gebiet;EW - 2021;EW 2021\nA 2;5;7\n"}, table), "zwei Spalten", "Spalte 3")
    assert ueberschriftsform("Saldo - ") == "saldo-"


@pytest.mark.parametrize(
    ("angabe", "worte"),
    [({"nummer": 0}, "Spalten zählen ab 1"), ({"nummer": -1}, "Spalten zählen ab 1"), ({"buchstabe": "1"}, "durch ihre Überschrift")],
)  # fmt: skip
def test_a_column_that_cannot_be(land, angabe, worte):
    with pytest.raises(ValueError, match=worte):
        land({"a.csv": spalte("5")}, {"schluessel": {"spalten": [angabe]}})


# --- days -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "day"),
    [
        ("IV/2023", date(2023, 12, 31)), ("II. 2023", date(2023, 6, 30)), ("2023/III", date(2023, 9, 30)),
        ("2023M12", date(2023, 12, 31)), ("2023-M04", date(2023, 4, 30)), ("2023S1", date(2023, 6, 30)),
        ("31-Dec-2023", date(2023, 12, 31)), ("31. Dez. 2023", date(2023, 12, 31)), ("31-Dez-23", date(2023, 12, 31)),
        ("December 31st, 2023", date(2023, 12, 31)), ("2023-Dec-31", date(2023, 12, 31)), ("30th June 2023", date(2023, 6, 30)),
        ("31-12-2023", date(2023, 12, 31)), ("31‑12‑2023", date(2023, 12, 31)), ("31/12/23", date(2023, 12, 31)),
        ("31 12 2023", date(2023, 12, 31)), ("31122023", date(2023, 12, 31)), ("20022012", date(2012, 2, 20)),
        ("2023.0", date(2023, 12, 31)), ("2023/12", date(2023, 12, 31)), ("II. Halbjahr 2023", date(2023, 12, 31)),
        ("Q1/24", date(2024, 3, 31)), ("VI/2023", None), ("2023M13", None), ("31.12.", None), ("12/23", None),
    ],
)  # fmt: skip
def test_more_spellings_of_a_day(written, day):
    assert lies_datum(written) == day


@pytest.mark.parametrize(
    ("written", "why"),
    [
        ("01/12/2023", "kann der 1. Dezember 2023 oder der 12. Januar 2023 sein"),
        ("05-06-23", "kann der 5. Juni 2023 oder der 6. Mai 2023 sein"),
        ("2011-12", "kann Dezember 2011 oder das Schuljahr 2011/12 sein"),
        ("2023-4", "kann April 2023 oder das 4. Quartal 2023 sein"),
        ("30.02.2023", "ist ein Tag, den es nicht gibt"), ("2023-02-30", "ist ein Tag, den es nicht gibt"),
        ("gestern", "ist kein Stichtag"),
    ],
)  # fmt: skip
def test_why_an_entry_is_no_day(land, written, why):
    assert lies_datum(written) is None
    assert (warum_kein_datum(written) or "ist kein Stichtag") == why
    table = {"stichtag": {"aus": "spalte", "spalte": "Tag"}}
    eine(
        land({"a.csv": f"Gebiet;EW;Tag\nA 2;5;{written}\n"}, table),
        f"„{written}“ {why}.",
        "Zeile 2, Spalte 3 „Tag“",
    )


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("EW2021", (date(2021, 12, 31), "EW")), ("EW2021M06", (date(2021, 6, 30), "EW")), ("I-2023", (date(2023, 3, 31), "")),
        ("Stand: IV/2021", (date(2021, 12, 31), "")), ("SGB II 2021", (date(2021, 12, 31), "SGB II ")),
        ("SGB II/2021", None), ("EW I/2021", None),  # quarter, or the number of what stands before
        ("u18 Mai 2023", (date(2023, 5, 31), "u18 ")), ("ew21", None), ("45291", None),
    ],
)  # fmt: skip
def test_a_day_within_a_text(text, found):
    assert suche_datum(text) == found


def test_two_digits_are_a_year_where_the_page_says_so(land):
    file = {"a.csv": "Gebiet;ew21;ew23\nA 2;5;7\n"}
    eine(land(file, {"stichtag": {"aus": "kopf"}}), "„ew21“ mit 21 das Jahr", r"muster: 'ew(\d\d)'")
    found = land(file, {"stichtag": {"aus": "kopf", "muster": r"ew(\d\d)"}})
    assert found == werte(5, tag="2021-12-31") | werte(7)
    name = land({"ew_21.csv": spalte("5")}, {"stichtag": {"aus": "dateiname", "muster": r"_(\d\d)\.csv"}})
    assert name == werte(5, tag="2021-12-31")


TAGE = {"stichtag": {"aus": "spalte", "spalte": "Tag", "hoechstens_tage": 120}}


@pytest.mark.parametrize(
    ("days", "number"),
    [
        (("21.12.2023", "10.01.2024"), None),  # ten days before and ten behind
        (("21.12.2023", "09.01.2024"), 7), (("22.12.2023", "10.01.2024"), 5),
        (("30.12.2023", "01.01.2024"), 7),  # 1 January is the day before
    ],
)  # fmt: skip
def test_two_days_as_near_as_each_other(land, days, number):
    found = land({"a.csv": f"Gebiet;EW;Tag\nA 2;5;{days[0]}\nA 2;7;{days[1]}\n"}, TAGE)
    if number is None:
        eine(found, "gleich weit vom Stichtag 31.12.2023", "21.12.2023 und 10.01.2024", "Zeile 3, Spalte 2")
    else:
        assert found == werte(number)


def test_two_near_days_that_say_the_same(land):
    lines = "Gebiet;EW;Tag\nA 2;5;21.12.2023\nA 2;5;10.01.2024\n"
    assert land({"a.csv": lines}, TAGE) == werte(5)


def test_a_day_between_two_reference_dates(land):
    line = "Gebiet;EW;Tag\nA 2;5;30.09.2023\n"
    eine(land({"a.csv": line}, TAGE), "liegt gleich weit vom Stichtag 30.06.2023 wie vom 31.12.2023")


# --- numbers ----------------------------------------------------------------------------------------

MIETE = {"ew": {"spalte": "EW", "einheit": "€/m²", "summierbar": False}}
QUOTE = {"ew": {"spalte": "EW", "einheit": "%", "summierbar": False}}


@pytest.mark.parametrize("third", ["10,5", "10.5", "1.234,5", "7"])
@pytest.mark.parametrize("felder", [MIETE, {"ew": {"spalte": "EW", "einheit": "ha"}}])
def test_both_signs_before_three_digits_are_decided_by_no_third_cell(land, third, felder):
    found = land({"a.csv": spalte("8.750", "9,125", third)}, felder=felder)
    eine(
        found, "„8.750“ kann mit Tausender- oder mit Dezimalzeichen gemeint sein", "beide Zeichen", "Zeile 2"
    )


@pytest.mark.parametrize("cells", [("0.125", "8,750"), ("8.750", "0,125"), ("1234,567", "9.125")])
def test_three_decimals_beside_the_other_sign(land, cells):
    found = land({"a.csv": spalte(*cells)}, felder=MIETE)
    eine(found, "kann mit Tausender- oder mit Dezimalzeichen gemeint sein", "beide Zeichen")


def test_a_share_between_texts_with_percent_signs(land):
    eine(
        land({"a.csv": spalte("0,05", "5 %", "12 %")}, felder=QUOTE),
        "„0,05“ steht ohne Prozentzeichen zwischen Prozentwerten; es kann 0,05 % oder 5 % heißen", "Zeile 2",
    )  # fmt: skip
    assert land({"a.csv": spalte("0", "5 %", "1,5")}, felder=QUOTE) == werte(0, 5, 1.5)


def test_the_page_decides_what_the_column_leaves_open(land):
    found = land({"a.csv": spalte("8.750", "9,125", "10,5")}, {"dezimal": ","}, MIETE)
    assert found == werte(8750, 9.125, 10.5)


@pytest.mark.parametrize(
    ("cells", "felder", "expected"),
    [
        (("9 v.H.", "3,1 v. H.", "4 vH"), QUOTE, (9, 3.1, 4)),
        (("9 Prozent", "3,1 Proz.", "4%"), QUOTE, (9, 3.1, 4)),
        (("12 Haushalte", "1.250 Haushalte"), {"ew": {"spalte": "EW", "einheit": "Haushalte"}}, (12, 1250)),
        (("12,5 Tsd. Euro",), {"ew": {"spalte": "EW", "einheit": "Tsd. Euro"}}, (12.5,)),
        (("9 Prozent",), None, "„9 Prozent“ ist ein Prozentwert"),
        (("12 Haushalte",), None, "hinter der Zahl noch „Haushalte“"),
        (("12 Tsd.",), None, "hinter der Zahl noch „Tsd.“"),
        (("12,5 Euro",), {"ew": {"spalte": "EW", "einheit": "Tsd. Euro"}}, "steht in Euro, das Feld hat die Einheit „Tsd. Euro“"),
        (("1,2E+03",), None, "in Exponentialschreibweise gekürzt"),
        (("1e+05",), None, "in Exponentialschreibweise gekürzt"),
        (("9\x073",), None, "ein Steuerzeichen (U+0007); vermutlich ist die Datei beschädigt. Bitte neu anfordern."),
        (("9\ufffd3",), None, "ein Steuerzeichen (U+FFFD)"),
        (("9\x003",), None, "NUL-Zeichen"),
        (("x5",), None, "„x5“ ist keine Zahl."),
    ],
)  # fmt: skip
def test_what_stands_beside_a_number(land, cells, felder, expected):
    found = land({"a.csv": spalte(*cells)}, felder=felder)
    if isinstance(expected, str):
        eine(found, expected, "Zeile 2")
    else:
        assert found == werte(*expected)


@pytest.mark.parametrize(
    ("heading", "why"),
    [("Stand 31.02.2023", "„31.02.2023“ in der Überschrift ist ein Tag, den es nicht gibt"), ("Stand bald", "„bald“ in der Überschrift ist kein Stichtag")],
)  # fmt: skip
def test_a_heading_with_a_day_that_is_none(land, heading, why):
    file = {"a.csv": f"Gebiet;{heading}\nA 2;5\nA 3;6\n"}
    first, *_ = land(file, {"stichtag": {"aus": "kopf", "muster": r"Stand (\S+)"}})
    assert f"{why}. Bitte „muster“ bei „stichtag“" in first


@pytest.mark.parametrize(("count", "told"), [(1, "a"), (6, "a, b, c, d, e, f"), (7, "a, b, c, d, e, f und 1 weitere"),
                                             (9, "a, b, c, d, e, f und 3 weitere")])  # fmt: skip
def test_six_are_named_and_the_rest_counted(count, told):
    assert _wenige(list("abcdefghi")[:count]) == told
    assert _wenige(["a"], 4) == "a und 3 weitere"


# --- files ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("coding", ["utf-32", "utf-32-le", "utf-32-be", "utf-16", "utf-16-be"])
def test_wide_character_sets(land, coding):
    file = {"a.csv": "Gebiet;EW;Größe\nA 2;5;ä\nA 3;6;ß\n".encode(coding)}
    assert land(file) == werte(5, 6)
    if "-" in coding[4:]:
        eine(
            land(file, {"kodierung": "cp1252"}),
            f"in {coding[:6].upper()} geschrieben",
            f"kodierung: {coding}",
        )


def test_one_number_in_two_files_may_be_a_part(land):
    one, other = "Gebiet;EW\nA 2;5\nA 3;6\n", "Gebiet;EW\nA 2;5\nW 1;9\n"
    files = {"a.csv": one, "b.csv": other}
    eine(
        land(files),
        "b.csv, Zeile 2, Spalte 2",
        "zuerst „A 2“",
        "gleich großer Teil",
        "„zusammenfassen: gleiche“",
    )
    assert land(files, {"zusammenfassen": "gleiche"}) == werte(5, 6, 9)
    assert land({"a.csv": one, "b.csv": "Gebiet;EW\nA 2;5\n"}) == werte(5, 6)  # holds nothing else: a copy
    two = {"ew": {"spalte": "EW"}, "hh": {"spalte": "HH"}}
    wider = {"a.csv": "Gebiet;EW;HH\nA 2;5;3\nA 3;6;2\n", "b.csv": "Gebiet;EW;HH\nA 2;5;3\nW 1;9;4\n"}
    assert land(wider, felder=two) == werte(5, 6, 9) | werte(3, 2, 4, feld="hh")
    totals = {"a.csv": one + "Herzau;40\n", "b.csv": "Gebiet;EW\nW 1;9\nHerzau;40\n"}
    assert land(totals) == werte(5, 6, 9) | {("05999016", "ew", TAG): 40}


def test_umlauts_of_file_names_however_they_are_composed(tmp_path):
    apart = unicodedata.normalize("NFD", "Würselen/Bevölkerung [neu] 2023.csv")
    path = tmp_path / apart
    path.parent.mkdir()
    path.touch()
    (tmp_path / "x.csv").touch()
    for pattern in ("Würselen/Bevölkerung [neu] *.csv", "**/Bevölkerung*.csv", "W*/*", "*/*ö*"):
        for form in ("NFC", "NFD"):
            assert list(dateien_nach_muster(tmp_path, unicodedata.normalize(form, pattern))) == [path]
    assert set(dateien_nach_muster(tmp_path, "**/*.csv")) == {path, tmp_path / "x.csv"}
    assert not list(dateien_nach_muster(tmp_path, "Würselen/*.xlsx"))
    assert not list(dateien_nach_muster(tmp_path / "fehlt", "*"))


# --- levels -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rows", "zuerst", "wrong"),
    [((900, 50), "kommune", False), ((50, 900), "sozialraum", False), ((50, 900), "kommune", True), ((900, 50), "sozialraum", True)],
)  # fmt: skip
def test_the_order_of_levels_is_checked_by_the_numbers(land, rows, zuerst, wrong):
    text = f"Gebiet;EW\nAhausen;{rows[0]}\nA 3;6\nAhausen;{rows[1]}\n"
    found = land(
        {"a.csv": text},
        {"schluessel": {"spalten": ["Gebiet"], "ebene": {"aus": "reihenfolge", "zuerst": zuerst}}},
    )
    if wrong:
        eine(found, "der Teil ist aber größer (900 statt höchstens 50", "„zuerst“", "Zeile 2", "Zeile 4")
    else:
        assert found == {("05999004", "ew", TAG): 900, ("A 2", "ew", TAG): 50, ("A 3", "ew", TAG): 6}


# --- JSON -------------------------------------------------------------------------------------------


def stat(**parts: Any) -> str:
    body = {"version": "2.0", "class": "dataset", "id": ["Gebiet"], "size": [2],
            "dimension": {"Gebiet": {"category": {"index": ["A 2", "A 3"]}}}, "value": [5, 6]}  # fmt: skip
    return json.dumps(body | parts)


def kategorien(index: object) -> dict[str, Any]:
    return {"Gebiet": {"category": {"index": index}}}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (stat(), (5, 6)), (stat(value={"1": 6, "0": 5}), (5, 6)), (stat(dimension=kategorien({"A 3": 0, "A 2": 1})), (6, 5)),
        (stat().replace('"value"', '"value": [1, 2], "value"'), "„value“ steht zweimal in einem Objekt"),
        (stat(value=[5, math.nan]), "Statt einer Zahl steht „NaN“"),
        (stat(value=[5, 0]).replace("0]", "1e999]"), "Statt einer Zahl steht „1e999“"),
        (stat(value=[5, 0]).replace("0]", "9" * 5000 + "]"), "Statt einer Zahl steht „99999"),
        (stat(dimension=kategorien(["A 2", "A 2"])), "die Kategorie „A 2“ steht zweimal"),
        (stat(dimension=kategorien({"A 2": 0, "A 3": 0})), "„index“ zählt die Kategorien nicht von 0 bis 1"),
        (stat(dimension=kategorien({"A 2": 0, "A 3": 5})), "„index“ zählt die Kategorien nicht von 0 bis 1"),
        (stat(value={"0": 5, "00": 9, "1": 6}), "„value“ nennt Stellen, die es nicht gibt"),
        (stat(value={"²": 5}), "„value“ nennt Stellen, die es nicht gibt"),
        (stat(value=[[5], 6]), "in „value“ stehen Listen"), (stat(size=[2.7]), "„size“ nennt andere Längen"),
        (stat(id=["Gebiet", "Gebiet"], size=[2, 1]), "„id“ nennt eine Dimension zweimal"),
        (stat(status=["a", "b", "c"]), "3 Angaben in „status“ zu 2 Werten"), (stat(dimension={"Gebiet": 5}), "Angaben zu den Dimensionen"),
    ],
)  # fmt: skip
def test_json_stat_that_could_be_read_in_two_ways(land, text, expected):
    found = land({"a.json": text}, {"format": "json-stat"}, {"ew": {"spalte": "value"}})
    if isinstance(expected, str):
        eine(found, "a.json: ", expected)
    else:
        assert found == werte(*expected)


@pytest.mark.parametrize(
    ("properties", "expected"),
    [
        ('{"Gebiet": "A 2", "EW": 5}', (5,)),
        ('{"Gebiet": "A 2", "EW": NaN}', "Statt einer Zahl steht „NaN“"),
        ('{"Gebiet": "A 2", "EW": -Infinity}', "Statt einer Zahl steht „-Infinity“"),
        ('{"Gebiet": "A 2", "EW": 5, "EW": 7}', "„EW“ steht zweimal in einem Objekt (neben „Gebiet“)"),
        (
            '{"Gebiet": "A 2", "EW": 5, "a.b": 1, "a": {"b": 2}}',
            "In features[0] gibt es die Eigenschaft „a.b“ zweimal",
        ),
        ('{"Gebiet": "A 2", "EW": true}', "features[0].properties.EW: Ein Wahrheitswert"),
    ],
)
def test_geojson_that_could_be_read_in_two_ways(land, properties, expected):
    text = f'{{"type": "FeatureCollection", "features": [{{"type": "Feature", "id": 7, "properties": {properties}}}]}}'
    found = land({"a.geojson": text}, {"format": "geojson"})
    if isinstance(expected, str):
        eine(found, "a.geojson", expected)
    else:
        assert found == werte(*expected)


def test_rows_of_a_format_without_lines_are_told_in_its_words(land):
    features = [{"type": "Feature", "properties": {"Gebiet": "A 2", "EW": number}} for number in (5, 7)]
    text = json.dumps({"type": "FeatureCollection", "features": features})
    eine(land({"a.geojson": text}, {"format": "geojson"}), "verschieden, in features[0] und features[1]")


@pytest.mark.parametrize("many", [100, 101, 3000])
def test_a_file_of_the_whole_country_floods_nobody(land, many):
    rows = ["Gebiet;n", "A 1a;1", *(f"Ort {number};{number}" for number in range(many))]
    told = land({"d.csv": "\n".join(rows) + "\n"}, felder={"n": {"spalte": "n"}}, vollstaendig=False)
    faults = [one for one in told if "ist kein bekanntes Gebiet" in one]
    rest = [one for one in told if "ohne bekanntes Gebiet" in one]
    assert len(faults) == 100
    assert len(rest) == (many > 100)
    if rest:
        number = f"{many - 100:,}".replace(",", ".")
        assert f"Zeile 103, Spalte 1 „Gebiet“: Ebenso {number} weitere" in rest[0]
        assert "wählt „nur“ auf der Datensatzseite ihre Zeilen aus" in rest[0]
