"""Formats besides CSV and Excel: each one file, read through the same front door, places in its own words."""

from __future__ import annotations

import json
from itertools import product
from pathlib import Path

import pytest
from pruefregion import Pruefregion
from pydantic import TypeAdapter

from sozialanalyse.base.errors import PruefFehler
from sozialanalyse.formate import FORMATE
from sozialanalyse.region.catalogue import TABELLEN, DatensatzSeite
from sozialanalyse.sources import lies_blaetter, lies_spalten, lies_tabellen

TAG = "2023-12-31"


def lies(path: Path, kind: str, **options):
    base = {"format": kind, "schluessel": {"spalten": ["Nr"]}, "stichtag": {"aus": "fest", "wert": "2023"}}
    return list(lies_tabellen(path, TABELLEN[kind].model_validate(base | options)))


def refused(path: Path, kind: str) -> str:
    with pytest.raises(PruefFehler) as caught:
        lies(path, kind)
    (befund,) = caught.value.befunde
    assert befund.datei == path.name
    assert befund.abhilfe
    return str(befund)


def saved(folder: Path, content: object, name: str = "d.json") -> Path:
    path = folder / name
    path.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
    return path


# --- JSON-stat -------------------------------------------------------------------------------------

GEO, ALTER, ZEIT = ["A 1a", "A 1b", "A 2"], ["u18", "gesamt"], ["2021", "2023"]


def wert(geo: str, alter: str, zeit: str) -> int:
    return 1000 * GEO.index(geo) + 100 * ALTER.index(alter) + ZEIT.index(zeit) + 7


def dataset(**change):
    values = [wert(*place) for place in product(GEO, ALTER, ZEIT)]
    return {
        "version": "2.0", "class": "dataset", "label": "Bevölkerung", "updated": "2024-03-01",
        "id": ["geo", "alter", "zeit"], "size": [3, 2, 2],
        "dimension": {
            "geo": {"category": {"index": {"A 2": 2, "A 1a": 0, "A 1b": 1}, "label": {"A 2": "Süd"}}},
            "alter": {"category": {"index": ALTER, "label": {"u18": "unter 18", "gesamt": "insgesamt"}}},
            "zeit": {"category": {"index": ZEIT}},
        },
        "value": values,
    } | change  # fmt: skip


def test_json_stat_row_by_row(tmp_path):
    (table,) = lies(saved(tmp_path, dataset()), "json-stat")
    assert list(table.kopf)[:2] == ["geo", "geo | Bezeichnung"]
    assert list(table.vorspann) == ["Bevölkerung", "2024-03-01"]
    found = {(row[0], row[2], row[4]): row[6] for row in table.zeilen}
    assert found == {place: wert(*place) for place in product(GEO, ALTER, ZEIT)}
    assert {row[1] for row in table.zeilen} == {"A 1a", "A 1b", "Süd"}
    assert table.zelle(5, 6) == "value[5]"
    assert str(table.befund("fehler", "x.", zeile=5, spalte=6)) == "d.json, value[5]: x."
    assert table.befund("fehler", "x", spalte=0).ort == "d.json, dimension „geo“"


def test_json_stat_with_gaps_and_their_reasons(tmp_path):
    sparse = {str(position): value for position, value in enumerate(dataset()["value"]) if position != 3}
    (table,) = lies(saved(tmp_path, dataset(value=sparse, status={"3": "c", "4": "p"})), "json-stat")
    assert (table.zeilen[3][6], table.zeilen[4][6], table.zeilen[4][7]) == (
        "c",
        wert("A 1b", "u18", "2021"),
        "p",
    )


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (dataset(value=[1, 2, 3]), "es sind 3 Werte statt 12; vielleicht ist die Datei abgeschnitten"),
        (dataset(size=[3, 2, 3]), "„size“ nennt andere Längen"),
        (dataset(value={"12": 1}), "nennt Stellen, die es nicht gibt"),
        (dataset(value=7), "„value“ ist keine Liste"),
        (dataset(dimension={}), "Angaben zu den Dimensionen fehlen"),
        (dataset(**{"class": "collection"}), "kein Datensatz in JSON-stat 2.0"),
        ({"dataset": dataset()}, "kein Datensatz in JSON-stat 2.0"),
        (json.dumps(dataset())[:200], "Zeile 1: Ab Zeichen"),
        ('{"a":' * 100_000, "zu tief verschachtelt"),
        (
            "Nr;a\n1;2\n",
            "ist keine JSON-stat-Datei. Dem Inhalt nach ist sie eine Textdatei mit Trennzeichen (CSV)",
        ),
    ],
)
def test_json_stat_that_contradicts_itself(tmp_path, content, told):
    assert told in refused(saved(tmp_path, content), "json-stat")


def test_json_stat_becomes_a_snapshot(tmp_path, monkeypatch):
    monkeypatch.setenv("SOZIALANALYSE_DATEN", str(tmp_path / "daten"))
    seite = {
        "dateien": "*.json", "vollstaendig": False,
        "tabelle": {"format": "json-stat", "schluessel": {"spalten": ["geo"]}, "stichtag": {"aus": "spalte", "spalte": "zeit"},
                    "merkmal": "alter", "wert": "value"},
        "felder": {"u18": {"spalte": "u18"}, "ew": {"spalte": "gesamt"}},
    }  # fmt: skip
    region = Pruefregion(
        tmp_path / "r", seite, {"d.json": json.dumps(dataset()).encode()}, stichtage=("2021-12-31", TAG)
    )
    found = region.werte()
    assert {key: value for key, value in found.items() if key[0] in GEO} == {
        (geo, name, f"{year}-12-31"): (wert(geo, alter, year), "wert")
        for geo in GEO
        for name, alter in (("U18", "u18"), ("EW", "gesamt"))
        for year in ZEIT
    }
    bad = dataset(value=[*dataset()["value"][:-1], -5])
    region.dateien = {"d.json": json.dumps(bad).encode()}
    with pytest.raises(PruefFehler) as caught:
        region.baue()
    assert "d.json, value[11]: Der Wert -5 liegt außerhalb des Möglichen" in str(caught.value)


# --- GeoJSON, OGC API Features -------------------------------------------------------------------


def features(*properties, **change):
    parts = [
        {"type": "Feature", "id": f"f.{n}", "geometry": None, "properties": own}
        for n, own in enumerate(properties)
    ]
    return {"type": "FeatureCollection", "features": parts} | change


def test_properties_of_features(tmp_path):
    content = features(
        {"Nr": "A 1", "ew": {"m": 5, "w": 7}},
        {"Nr": "A 2", "note": [1, "x"]},
        timeStamp="2024-01-01T00:00:00Z",
    )
    (table,) = lies(saved(tmp_path, content), "geojson")
    assert list(table.kopf) == ["id", "Nr", "ew.m", "ew.w", "note"]
    assert table.zeilen[0] == ["f.0", "A 1", 5, 7, None]
    assert table.zeilen[1] == ["f.1", "A 2", None, None, '[1, "x"]']
    assert list(table.vorspann) == ["2024-01-01T00:00:00Z"]
    assert table.zelle(1, 2) == "features[1].properties.ew.m"
    assert table.befund("fehler", "x", zeile=1).ort == "d.json, features[1]"


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (
            features({"Nr": "A 1"}, numberMatched=3177, numberReturned=1),
            "enthält nur 1 von 3177 Objekte; der Dienst hat weitere Seiten",
        ),
        (features({"Nr": "A 1"}, links=[{"rel": "next", "href": "…"}]), "enthält nur 1 Objekte"),
        (features({}, {}), "haben keine Eigenschaften"),
        ({"type": "FeatureCollection"}, "keine FeatureCollection"),
        (
            dataset(),
            "keine GeoJSON-Datei (auch OGC API Features). Dem Inhalt nach ist sie eine JSON-stat-Datei",
        ),
    ],
)
def test_features_that_are_not_all_there(tmp_path, content, told):
    assert told in refused(saved(tmp_path, content), "geojson")


# --- GENESIS ---------------------------------------------------------------------------------------

NEU = """statistics_code;statistics_label;time_code;time_label;time;1_variable_code;1_variable_label;1_variable_attribute_code;1_variable_attribute_label;2_variable_code;2_variable_label;2_variable_attribute_code;2_variable_attribute_label;value;value_unit;value_variable_code;value_variable_label
12411;Fortschreibung;STAG;Stichtag;31.12.2023;GEMEIN;Gemeinden;05999004;Ahausen, Stadt;;;;;46564;Anzahl;BEVSTD;Bevölkerungsstand
12411;Fortschreibung;STAG;Stichtag;31.12.2023;GEMEIN;Gemeinden;05999004;Ahausen, Stadt;GES;Geschlecht;GESM;männlich;22000;Anzahl;BEVSTD;Bevölkerungsstand
"""
ALT = """Statistik_Code;Statistik_Label;Zeit_Code;Zeit_Label;Zeit;1_Merkmal_Code;1_Merkmal_Label;1_Auspraegung_Code;1_Auspraegung_Label;BEVSTD__Bevoelkerungsstand__Anzahl;FLC006__Flaeche__qkm
12411;Fortschreibung;STAG;Stichtag;31.12.2023;GEMEIN;Gemeinden;05999004;Ahausen, Stadt;46564;67,2
12411;Fortschreibung;STAG;Stichtag;31.12.2023;GEMEIN;Gemeinden;05999016;Herzau;-;.
"""


@pytest.mark.parametrize("coding", ["utf-8", "cp1252", "utf-8-sig"])
def test_flat_files_of_genesis(tmp_path, coding):
    path = tmp_path / "d.csv"
    path.write_text(NEU, encoding=coding)
    (table,) = lies(path, "ffcsv")
    row = table.zeilen[1]
    for name, value in {"Stichtag": "31.12.2023", "Gemeinden | Code": "05999004", "Gemeinden": "Ahausen, Stadt",
                        "Geschlecht": "männlich", "Wert": "22000", "Einheit": "Anzahl", "Merkmal": "Bevölkerungsstand"}.items():  # fmt: skip
        (column,) = table.finde(name)
        assert row[column] == value
    assert table.zelle(1, table.finde("Wert")[0]) == "Zeile 3, Spalte 14"


def test_older_flat_files_have_a_column_for_each_quantity(tmp_path):
    path = saved(tmp_path, ALT, "d.csv")
    (table,) = lies(path, "ffcsv")
    assert table.spalte(table.finde("Bevoelkerungsstand | Anzahl")[0]) == ["46564", "-"]
    assert table.spalte(table.finde("Gemeinden | Code")[0]) == ["05999004", "05999016"]


def test_flat_files_that_are_none(tmp_path):
    assert "Überschriften einer Flat-CSV-Datei fehlen" in refused(
        saved(tmp_path, "Nr;a\n1;2\n", "d.csv"), "ffcsv"
    )
    mixed = (
        NEU.replace("GES;Geschlecht;GESM;männlich", "GES;Geschlecht;GESM;männlich", 1)
        + NEU.splitlines()[2].replace("Geschlecht", "Alter")
        + "\n"
    )
    assert "stehen mehrere Merkmale: „Alter“, „Geschlecht“" in refused(
        saved(tmp_path, mixed, "d.csv"), "ffcsv"
    )


# --- the front door --------------------------------------------------------------------------------


def test_every_format_has_its_form_on_a_page():
    page = {"id": "d", "name": "d", "zeile_ist": "x", "quelle": {"anbieter": "x", "lizenz": "x"}, "dateien": "*", "symbolprofil": "s",
            "sperrprofil": "s", "felder": {"a": {"spalte": "a"}}}  # fmt: skip
    for name in FORMATE:
        table = {
            "format": name,
            "schluessel": {"spalten": ["Nr"]},
            "stichtag": {"aus": "fest", "wert": "2023"},
        }
        assert DatensatzSeite.model_validate(page | {"tabelle": table}).tabelle.format == name
    with pytest.raises(ValueError, match="Extra inputs"):
        TypeAdapter(TABELLEN["json-stat"]).validate_python(
            table | {"format": "json-stat", "trennzeichen": ";"}
        )


def test_lists_of_areas_in_every_format(tmp_path):
    assert list(lies_spalten(saved(tmp_path, features({"Nr": "A 1"}), "d.geojson")).kopf) == ["id", "Nr"]
    assert list(lies_spalten(saved(tmp_path, features({"Nr": "A 1"}), "d.json")).kopf) == ["id", "Nr"]
    (sheet,) = lies_blaetter(saved(tmp_path, dataset(), "d.json"))
    assert sheet.zeilen[-1][0] == 11


def test_a_web_page_is_no_table(tmp_path):
    assert "ist keine Textdatei mit Trennzeichen" in refused(
        saved(tmp_path, "<!DOCTYPE html><p>Fehler 404", "d.csv"), "csv"
    )
