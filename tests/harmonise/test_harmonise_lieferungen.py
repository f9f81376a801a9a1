"""Ten deliveries as suppliers really send them, each with what must come of it, number by number."""

from __future__ import annotations

import unicodedata

import pytest
from pruefregion import KOMMUNEN, Pruefregion, werte

from sozialanalyse.base.errors import PruefFehler

TAG = "2023-12-31"
GEHEIM, UNBEKANNT = (None, "geheim"), (None, "unbekannt")
AHAUSEN, WUERSELHEIM, HERZAU, QUELLSTADT = "05999004", "05999036", "05999016", "05999002"


@pytest.fixture(autouse=True)
def _stock(tmp_path, monkeypatch):
    monkeypatch.setenv("SOZIALANALYSE_DATEN", str(tmp_path / "daten"))


def zahl(number: float) -> tuple[float, str]:
    return number, "wert"


def befunde(region: Pruefregion) -> list:
    return list(region.baue().befunde())


# --- 1: small-area export of the employment agency ------------------------------------------------


def agentur(tmp_path, *, ohne: int = 4) -> Pruefregion:
    rows = [
        ["Arbeitslose nach kleinräumiger Gliederung"],
        ["Berichtsmonat", "AGS", "Gliederung", "Name", "ALO", "ALO_U25"],
        ["202312", "05999004", "001001001", "A 1a", 60, "*"],
        ["202312", "05999004", "001001002", "A 1b", 45, 12],
        ["202312", "05999004", "001001SUM", "Bezirk 1", 105, 19],
        ["202312", "05999004", "002001001", "A 2", "*", "*"],
        ["202312", "05999004", "003001001", "A 3", 30, "-"],
        ["202312", "05999004", "999999999", "keine Angabe", ohne, "*"],
        ["202312", "05999004", "SUMSUMSUM", "Ahausen", 143 + ohne, 24],
        ["202312", "05999036", "001001001", "W 1", 55, 11],
        ["202312", "05999036", "002001001", "W 2", 70, 13],
        ["202312", "05999036", "SUMSUMSUM", "Würselheim", 125, 24],
        ["* Zahlenwerte kleiner 10 und größer 0"],
    ]
    seite = {
        "tabelle": {
            "format": "excel", "kopf": {"erkennbar_an": "Berichtsmonat"}, "ende": r"^\*",
            "schluessel": {"spalten": ["AGS", "Gliederung"], "verbinden": "/", "summen": r"^\d{8}/SUMSUMSUM$",
                           "ueberlesen": r"^\d{8}/\d{6}SUM$", "nicht_zuordenbar": r"^\d{8}/999999999$"},
            "stichtag": {"aus": "spalte", "spalte": "Berichtsmonat"},
        },
        "felder": {"alo": {"spalte": "ALO"}, "u25": {"spalte": "ALO_U25"}},
    }  # fmt: skip
    keys = {"A 1a": "001001001", "A 1b": "001001002", "A 2": "002001001", "A 3": "003001001"}
    return Pruefregion(
        tmp_path / "agentur",
        seite,
        {"akg.xlsx": rows},
        gebiete=dict.fromkeys(keys, AHAUSEN) | {"W 1": WUERSELHEIM, "W 2": WUERSELHEIM},
        aliase={key: f"{AHAUSEN}/{part}" for key, part in keys.items()}
        | {"W 1": f"{WUERSELHEIM}/001001001", "W 2": f"{WUERSELHEIM}/002001001"},
        symbole={"*": {"status": "geheim", "von": 1, "bis": 9}, "-": {"status": "null_exakt"}},
    )


def test_1_small_area_export_with_stars_and_sum_rows(tmp_path):
    region = agentur(tmp_path)
    assert region.werte() == {
        ("A 1a", "ALO", TAG): zahl(60), ("A 1b", "ALO", TAG): zahl(45), ("A 2", "ALO", TAG): GEHEIM,
        ("A 3", "ALO", TAG): zahl(30), ("W 1", "ALO", TAG): zahl(55), ("W 2", "ALO", TAG): zahl(70),
        (AHAUSEN, "ALO", TAG): zahl(147), (WUERSELHEIM, "ALO", TAG): zahl(125),
        ("A 1a", "U25", TAG): GEHEIM, ("A 1b", "U25", TAG): zahl(12), ("A 2", "U25", TAG): GEHEIM,
        ("A 3", "U25", TAG): zahl(0), ("W 1", "U25", TAG): zahl(11), ("W 2", "U25", TAG): zahl(13),
        (AHAUSEN, "U25", TAG): zahl(24), (WUERSELHEIM, "U25", TAG): zahl(24),
    } | {(key, name, TAG): UNBEKANNT for key in (QUELLSTADT, HERZAU, "kreis") for name in ("ALO", "U25")}  # fmt: skip
    assert not [b for b in befunde(region) if b.regel == "ohne_zuordnung"]


@pytest.mark.parametrize(("ohne", "grade"), [(8, ""), (9, "warnung"), (30, "fehler")])
def test_1_share_without_an_area_is_told_and_never_shared_out(tmp_path, ohne, grade):
    region = agentur(tmp_path, ohne=ohne)
    try:
        found = befunde(region)
    except PruefFehler as error:
        found = list(error.befunde)
    told = [b for b in found if b.regel == "ohne_zuordnung"]
    assert [b.schwere for b in told] == ([grade] if grade else [])
    assert all((b.zeile, b.spalte) == (8, "E") for b in told)


# --- 2: state statistics office, CSV in the Windows character set ---------------------------------


def test_2_official_csv_with_footer_and_short_keys(tmp_path):
    text = (
        "Bevölkerungsstand\r\nKreise und kreisfreie Städte\r\n\r\n"
        "Schlüssel;Gemeinde;Bevölkerung;Haushalte\r\n;;Anzahl;Anzahl\r\n"
        "999002;Quellstadt, krfr. Stadt (bis 20.10.2009);246.420;-\r\n"
        '05999004;"Ahausen, Stadt";46.564;21.003\r\n5999016;Herzau;46.546;.\r\n'
        "059990360036;Würselheim;37.206;...\r\n05999;Kreis Prüfland;376.736;x\r\n"
        "__________\r\n- = genau null\r\n. = unbekannt\r\n"
    )
    seite = {
        "vollstaendig": False,
        "tabelle": {
            "format": "csv", "kodierung": "cp1252", "kopf": {"erkennbar_an": "Schlüssel", "hoehe": 2}, "ende": "^_+",
            "schluessel": {"spalten": ["Schlüssel"], "ueberlesen": r"^05999$"}, "stichtag": {"aus": "fest", "wert": "2023"},
        },
        "felder": {"ew": {"spalte": "Bevölkerung | Anzahl"}, "hh": {"spalte": "Haushalte | Anzahl"}},
    }  # fmt: skip
    found = Pruefregion(
        tmp_path / "land", seite, {"land.csv": text.encode("cp1252")},
        symbole={"-": {"status": "null_exakt"}, ".": {"status": "unbekannt"}, "...": {"status": "folgt"}},
    ).werte()  # fmt: skip
    towns = {key: value for key, value in found.items() if key[0] in KOMMUNEN}
    assert towns == {
        (QUELLSTADT, "EW", TAG): zahl(246420), (AHAUSEN, "EW", TAG): zahl(46564), (HERZAU, "EW", TAG): zahl(46546),
        (WUERSELHEIM, "EW", TAG): zahl(37206), (QUELLSTADT, "HH", TAG): zahl(0), (AHAUSEN, "HH", TAG): zahl(21003),
        (HERZAU, "HH", TAG): UNBEKANNT, (WUERSELHEIM, "HH", TAG): (None, "folgt"),
    }  # fmt: skip
    assert found["kreis", "EW", TAG] == zahl(246420 + 46564 + 46546 + 37206)


# --- 3: register of residents, three merged heading rows ------------------------------------------


def test_3_register_with_merged_headings(tmp_path):
    rows = [
        ["Melderegister Stadt Wuerselheim", None, None, None, None],
        ["Stand: 31.12.2023"],
        ["Gebiet", "Einwohner", None, None, "Median-\nalter"],
        [None, "weiblich", None, "männlich", None],
        [None, "unter\u00a018", "ab 18", "zusammen", "Jahre"],
        ["Sozialraum 1", "1.250", 4_100, "5\u00a0001", "41,5"],
        ["SR\u00a02", 640, "2.310", 2_950, 44],
        [None, None, None, None, None],
        ["Insgesamt", 1890, 6410, 7951, "42,6"],
    ]
    seite = {
        "vollstaendig": False,
        "tabelle": {
            "format": "excel", "kopf": {"erkennbar_an": "Gebiet", "hoehe": 3},
            "schluessel": {"spalten": ["Gebiet"], "kommune_aus": "zelle", "kommune_muster": "Melderegister (.+)",
                           "summen": "^Insgesamt$"},
            "stichtag": {"aus": "zelle", "muster": r"Stand: (\S+)"},
        },
        "felder": {
            "maedchen": {"spalte": "Einwohner | weiblich | unter 18"}, "frauen": {"spalte": "Einwohner | weiblich | ab 18"},
            "maenner": {"spalte": "Einwohner | männlich | zusammen"},
            "alter": {"spalte": "Median- alter | Jahre", "einheit": "Jahre", "summierbar": False},
        },
    }  # fmt: skip
    found = Pruefregion(
        tmp_path / "melde", seite, {"melde.xlsx": rows}, {"melde.xlsx": ["A3:A5", "B3:D3", "B4:C4"]},
        aliase={},
    ).werte()  # fmt: skip
    assert {key[:2]: value[0] for key, value in found.items() if key[0] in {"W 1", "W 2", WUERSELHEIM}} == {
        ("W 1", "MAEDCHEN"): 1250, ("W 1", "FRAUEN"): 4100, ("W 1", "MAENNER"): 5001, ("W 1", "ALTER"): 41.5,
        ("W 2", "MAEDCHEN"): 640, ("W 2", "FRAUEN"): 2310, ("W 2", "MAENNER"): 2950, ("W 2", "ALTER"): 44,
        (WUERSELHEIM, "MAEDCHEN"): 1890, (WUERSELHEIM, "FRAUEN"): 6410, (WUERSELHEIM, "MAENNER"): 7951,
        (WUERSELHEIM, "ALTER"): 42.6,
    }  # fmt: skip


# --- 4: examinations of children, one cohort per sheet name, few examined -------------------------


def test_4_cohorts_with_few_examined(tmp_path):
    text = (
        "Gebiet\tKohorte\tuntersucht\tübergewichtig\nA 1a\tESU 2022/23\t64\t8\nA 1b\t2022/23\t29\t5\n"
        "A 2\t2022/23\t31\t.\nA 3\t2022/23\tk. A.\tk. A.\nW 1\t2022/23\t120\t11¹⁾\nW 2\t2022/2023\t80\t-\nH 1\t2022/23\t0\t-\n"
    )
    seite = {
        "tabelle": {
            "format": "csv", "kopf": {"erkennbar_an": "Gebiet"}, "schluessel": {"spalten": ["Gebiet"]},
            "stichtag": {"aus": "spalte", "spalte": "Kohorte", "hoechstens_tage": 366},
        },
        "felder": {"n": {"spalte": "untersucht"}, "dick": {"spalte": "übergewichtig"}},
        "indikatoren": {"UEB": {"name": "Übergewicht", "thema": "t", "zaehler": "dick", "nenner": "n", "mindestnenner": 30}},
    }  # fmt: skip
    found = Pruefregion(
        tmp_path / "seu", seite, {"seu.csv": text.encode()}, stichtage=("2022-12-31",),
        symbole={".": {"status": "geheim"}, "k. A.": {"status": "unbekannt"}, "-": {"status": "null_exakt"}},
    ).werte()  # fmt: skip
    day = "2022-12-31"
    assert {key[0]: value for key, value in found.items() if " " in key[0]} == {
        "A 1a": zahl(12.5), "A 1b": (None, "unsicher"), "A 2": GEHEIM, "A 3": UNBEKANNT,
        "W 1": (pytest.approx(100 * 11 / 120), "wert"), "W 2": zahl(0), "H 1": (None, "nicht_sinnvoll"),
    }  # fmt: skip
    assert found[AHAUSEN, "UEB", day] == (pytest.approx(100 * 13 / 93), "unvollstaendig")


# --- 5: boundaries of an earlier year --------------------------------------------------------------

ALT = {
    "id": "bis2019", "name": "Zuschnitt bis 2019", "datei": "alt.csv", "gueltig_bis": "2019-12-31", "stichtag": "2019-12-31",
    "gewichte": {"einwohner": "ew", "unter18": "ew_u18"},
}  # fmt: skip
ALT_CSV = "alt;neu;ew;ew_u18\nA 1;A 1a;3000;900\nA 1;A 1b;1000;100\nA 2;A 2;1500;200\nA 2;A 3;500;200\nA 3;A 3;1;1\n"


def fruehere_grenzen(tmp_path) -> Pruefregion:
    text = (
        "Gebiet;Stand;EW;Kinder;Alter\nA 1;31.12.2019;4.400;880;41\nA 2;31.12.2019;2.000;*;45\nA 3;31.12.2019;1.000;150;39\n"
        "W 1;31.12.2019;5.000;900;44\nW 2;31.12.2019;700;99;50\nH 1;31.12.2019;600;66;47\n"
        "A 1a;31.12.2023;3.300;800;40\nA 1b;31.12.2023;1.100;110;46\nA 2;31.12.2023;1.600;210;45\nA 3;31.12.2023;1.500;340;38\n"
        "W 1;31.12.2023;5.100;950;44\nW 2;31.12.2023;710;90;51\nH 1;31.12.2023;590;60;48\n"
    )
    seite = {
        "gebietsstand": "bis2019",
        "tabelle": {
            "format": "csv", "kopf": {"erkennbar_an": "Gebiet"}, "schluessel": {"spalten": ["Gebiet"]},
            "stichtag": {"aus": "spalte", "spalte": "Stand"},
        },
        "felder": {
            "ew": {"spalte": "EW"}, "kinder": {"spalte": "Kinder", "umrechnung": "unter18"},
            "alter": {"spalte": "Alter", "einheit": "Jahre", "summierbar": False},
        },
        "indikatoren": {
            "EW": {"name": "Einwohner", "thema": "t", "art": "anzahl", "zaehler": "ew"},
            "KIND": {"name": "Kinder", "thema": "t", "zaehler": "kinder", "nenner": "ew"},
            "ALTER": {"name": "Medianalter", "thema": "t", "art": "wert", "zaehler": "alter"},
        },
    }  # fmt: skip
    return Pruefregion(
        tmp_path / "grenzen", seite, {"alt.csv": text.encode()}, stichtage=("2019-12-31", TAG),
        umstiege=(ALT,), umstiegsdateien={"alt.csv": ALT_CSV}, symbole={"*": {"status": "geheim", "von": 1, "bis": 9}},
    )  # fmt: skip


def test_5_old_boundaries_are_converted_through_counts(tmp_path):
    daten = fruehere_grenzen(tmp_path).baue()
    found, old = werte(daten), "2019-12-31"
    assert found["A 1a", "EW", old] == zahl(3300)  # three quarters of the people
    assert found["A 1b", "EW", old] == zahl(1100)
    assert found["A 2", "EW", old] == zahl(1500)  # the id is the same, the area is not
    assert found["A 3", "EW", old] == zahl(1500)  # its own thousand and a quarter of A 2
    assert found["A 1a", "KIND", old] == zahl(24)  # 9 of 10 children: 792 of 3300
    assert found["A 1b", "KIND", old] == zahl(8)  # 88 of 1100
    assert found["A 2", "KIND", old] == GEHEIM
    assert found["A 3", "KIND", old] == GEHEIM
    for key in ("A 1a", "A 1b", "A 2", "A 3"):
        assert found[key, "ALTER", old] == (None, "nicht_sinnvoll")
    assert found["W 1", "ALTER", old] == zahl(44)
    assert found["A 1a", "EW", TAG] == zahl(3300)
    assert found[AHAUSEN, "EW", old] == zahl(7400)  # nothing is lost or made
    marked = daten.werte(level=None).query("umgerechnet")
    assert set(marked["gebiet_id"]) == {"A 1a", "A 1b", "A 2", "A 3"}
    assert set(marked["stichtag"]) == {old}
    public = type(daten)(daten.region, "oeffentlich", daten.ordner).werte(level=None)
    assert set(public.query("umgerechnet")["gebiet_id"]) == {"A 1a", "A 1b", "A 2", "A 3"}


def test_5_an_area_that_gained_a_part_must_be_in_the_crosswalk(tmp_path):
    region = fruehere_grenzen(tmp_path)
    region.umstiegsdateien = {"alt.csv": ALT_CSV.replace("A 3;A 3;1;1\n", "")}
    with pytest.raises(
        PruefFehler, match="Zu A 3 gibt es Zahlen in heutigen und in umzurechnenden Gebieten zugleich"
    ):
        region.baue()


def test_5_old_id_without_declared_crosswalk_is_told(tmp_path):
    region = fruehere_grenzen(tmp_path)
    del region.seite["gebietsstand"]
    with pytest.raises(PruefFehler) as caught:
        region.baue()
    found = next(b for b in caught.value.befunde if b.zeile == 2)
    assert str(found) == (
        "alt.csv, Zeile 2, Spalte 1 „Gebiet“: „A 1“ ist kein bekanntes Gebiet. Es gehört zu „Zuschnitt bis 2019“; "
        "bitte „gebietsstand: bis2019“ auf der Datensatzseite prüfen."
    )


# --- 6: published table with a number in the wrong row and a false total -------------------------


def test_6_twin_numbers_and_a_false_total(tmp_path):
    rows = [
        ["Gemeinde", "Einwohner"], ["Quellstadt", 236420], ["Ahausen", 46564], ["Herzau", 46564], ["Würselheim", 37206],
        ["Kreis Prüfland", 366757],
    ]  # fmt: skip
    seite = {
        "vollstaendig": False,
        "tabelle": {
            "format": "excel", "kopf": {"erkennbar_an": "Gemeinde"}, "schluessel": {"spalten": ["Gemeinde"]},
            "stichtag": {"aus": "fest", "wert": "2023"},
        },
        "felder": {"ew": {"spalte": "Einwohner"}},
    }  # fmt: skip
    found = [
        b for b in befunde(Pruefregion(tmp_path / "zensus", seite, {"z.xlsx": rows})) if b.regel != "leer"
    ]
    assert [(b.schwere, b.regel, b.zeile, b.spalte) for b in found] == [
        ("warnung", "summe", 6, "B"),
        ("warnung", "zwillinge", 4, "B"),
    ]
    assert "05999004 (B3), 05999016 (B4)" in found[1].text


# --- 7: smaller units that make up the areas ------------------------------------------------------


def lebensraeume(tmp_path, numbers: dict[int, object]) -> Pruefregion:
    lines = ["Lebensraum;Einwohner;Alter", *(f"{101 + i};{numbers.get(i, 1000 + i)};40" for i in range(60))]
    crosswalk = ["alt;neu", *(f"{101 + i};Q {i % 14 + 1}" for i in range(60))]
    seite = {
        "gebietsstand": "lebensraeume",
        "tabelle": {
            "format": "csv", "kopf": {"erkennbar_an": "Lebensraum"}, "schluessel": {"spalten": ["Lebensraum"]},
            "stichtag": {"aus": "fest", "wert": "2023"},
        },
        "felder": {"ew": {"spalte": "Einwohner"}, "alter": {"spalte": "Alter", "summierbar": False}},
    }  # fmt: skip
    return Pruefregion(
        tmp_path / "raeume", seite, {"q.csv": "\n".join([*lines, ""]).encode()},
        gebiete={f"Q {i + 1}": QUELLSTADT for i in range(14)},
        umstiege=({"id": "lebensraeume", "name": "Lebensräume", "datei": "l.csv"},),
        umstiegsdateien={"l.csv": "\n".join(crosswalk)}, symbole={"*": {"status": "geheim", "von": 1, "bis": 9}},
    )  # fmt: skip


def test_7_sixty_units_make_fourteen_areas(tmp_path):
    daten = lebensraeume(tmp_path, {17: "*"}).baue()
    found = werte(daten)
    for area in range(14):
        units = [1000 + i for i in range(60) if i % 14 == area]
        expected = GEHEIM if area == 3 else zahl(sum(units))
        assert found[f"Q {area + 1}", "EW", TAG] == expected
        assert found[f"Q {area + 1}", "ALTER", TAG] == (None, "nicht_sinnvoll")
    assert not daten.werte(level=None)["umgerechnet"].any()  # whole units: counted, nothing estimated


def test_7_a_missing_unit_leaves_a_gap_and_is_told(tmp_path):
    region = lebensraeume(tmp_path, {})
    content = region.dateien["q.csv"]
    assert isinstance(content, bytes)
    region.dateien["q.csv"] = content.replace(b"\n118;1017;40", b"")
    daten = region.baue()
    assert werte(daten)["Q 4", "EW", TAG] == (None, "unbekannt")
    told = [b.text for b in daten.befunde() if b.regel == "umstieg"]
    assert told == [
        "Lieferung, Stichtag 2023-12-31: Ein Gebiet lässt sich nicht umrechnen, weil Teile fehlen (Q 4)."
    ]


# --- 8: decomposed umlauts and text decoded twice -------------------------------------------------


def test_8_decomposed_and_doubly_encoded_umlauts(tmp_path):
    names = {"A 1a": "Köln-Süd", "A 2": "Straße am Überweg", "W 1": "Mühlenviertel"}
    text = "Gebiet;Größe\n{};1.234\n{};99\n{};77\nA\u00a01b;5\nA 3;6\nW\u200b 2;7\nＨ 1;8\n".format(
        unicodedata.normalize("NFD", names["A 1a"]),
        names["A 2"].encode().decode("cp1252"),
        "MUEHLEN­VIERTEL",
    )
    seite = {
        "tabelle": {
            "format": "csv", "kopf": {"erkennbar_an": "Gebiet"}, "schluessel": {"spalten": ["Gebiet"]},
            "stichtag": {"aus": "fest", "wert": "2023"},
        },
        "felder": {"n": {"spalte": unicodedata.normalize("NFD", "GRÖSSE")}},
    }  # fmt: skip
    region = Pruefregion(tmp_path / "umlaute", seite, {"u.csv": text.encode()}, aliase=names)
    with pytest.raises(PruefFehler) as caught:  # a full-width letter is no letter A planner would write
        region.baue()
    assert [(b.zeile, b.spalte) for b in caught.value.befunde if b.regel == "gebiet"] == [(8, "1 „Gebiet“")]
    region.dateien["u.csv"] = text.replace("Ｈ", "H").encode()
    found = region.werte()
    assert {key[0]: value[0] for key, value in found.items() if " " in key[0]} == {
        "A 1a": 1234, "A 2": 99, "W 1": 77, "A 1b": 5, "A 3": 6, "W 2": 7, "H 1": 8,
    }  # fmt: skip


# --- 9: a year is missing, and the state of 31 December is dated 1 January ------------------------


def test_9_missing_year_and_first_of_january(tmp_path):
    areas = ["A 1a", "A 1b", "A 2", "A 3", "W 1", "W 2", "H 1"]
    days = {"01.01.2022": 100, "31.12.2023": 200}
    lines = [
        "Gebiet;Stichtag;n",
        *(f"{a};{day};{n + i}" for day, n in days.items() for i, a in enumerate(areas)),
    ]
    seite = {
        "tabelle": {
            "format": "csv", "kopf": {"erkennbar_an": "Gebiet"}, "schluessel": {"spalten": ["Gebiet"]},
            "stichtag": {"aus": "spalte", "spalte": "Stichtag"},
        },
        "felder": {"n": {"spalte": "n"}},
    }  # fmt: skip
    daten = Pruefregion(
        tmp_path / "jahre",
        seite,
        {"j.csv": "\n".join([*lines, ""]).encode()},
        stichtage=("2021-12-31", "2022-12-31", TAG),
    ).baue()
    assert daten.stichtage == ("2021-12-31", TAG)  # nothing is put in between
    assert daten.matrix("N", "2021-12-31")["N"].tolist() == [100, 101, 102, 103, 104, 105, 106]
    assert set(daten.werte("N", "2021-12-31", None)["datenstand"]) == {"2021-12-31"}


# --- 10: a hidden cell whose complement reveals it ------------------------------------------------


def test_10_hidden_cell_and_its_complement(tmp_path):
    text = "Gebiet;Kinder;geimpft;nicht geimpft\nA 1a;38;36;*\nA 1b;60;50;10\nA 2;50;*;*\nA 3;44;30;14\nW 1;70;60;10\nW 2;80;61;19\nH 1;90;70;20\n"
    seite = {
        "tabelle": {
            "format": "csv", "kopf": {"erkennbar_an": "Gebiet"}, "schluessel": {"spalten": ["Gebiet"]},
            "stichtag": {"aus": "fest", "wert": "2023"},
        },
        "felder": {"kinder": {"spalte": "Kinder"}, "ja": {"spalte": "geimpft"}, "nein": {"spalte": "nicht geimpft"}},
        "pruefungen": {"summen": {"kinder": "ja + nein"}},
        "indikatoren": {"NEIN": {"name": "Ohne Impfung", "thema": "t", "zaehler": "nein", "nenner": "kinder"},
                        "JA": {"name": "Mit Impfung", "thema": "t", "zaehler": "ja", "nenner": "kinder"}},
    }  # fmt: skip
    daten = Pruefregion(
        tmp_path / "impfung",
        seite,
        {"i.csv": text.encode()},
        symbole={"*": {"status": "geheim", "von": 1, "bis": 9}},
    ).baue()
    found = werte(daten)
    assert found["A 1a", "NEIN", TAG] == GEHEIM  # never 0, and never filled in from the complement
    assert found["A 1a", "JA", TAG] == (pytest.approx(100 * 36 / 38), "wert")
    assert not [b for b in daten.befunde() if b.regel == "summen"]  # a gap is judged by no rule
