"""A region from a folder: area lists and region file from tables, shapes, or both; what no file says stays open."""

from __future__ import annotations

import re
from pathlib import Path

import geopandas as gpd
import oberau
import pandas as pd
import pytest
import shapely

from sozialanalyse import build, cli
from sozialanalyse.base.errors import LaufFehler, PruefFehler
from sozialanalyse.region.region import lade_region
from sozialanalyse.vorschlag import gruende
from sozialanalyse.vorschlag.gruendung import _names_area

ORTE = {"Q-101": ("Anger", "Q-1"), "Q-102": ("Berg", "Q-1"), "Q-201": ("Camp", "Q-2"), "Q-202": ("Deich", "Q-2"),
        "Q-203": ("Esch", "Q-2")}  # fmt: skip
STAEDTE = {"Q-1": "Oberquell", "Q-2": "Unterquell"}
EINWOHNER = [1200, 845, 2310, 990, 47]


def umrisse(spalten: list[str], *, laenge: float = 7.0) -> gpd.GeoDataFrame:
    boxes = [shapely.box(laenge + 0.01 * i, 51, laenge + 0.01 * (i + 1), 51.01) for i in range(len(ORTE))]
    rows = [
        {"NR": key, "BEZ": name, "STADT_ID": town, "STADT": STAEDTE[town], "FL": 70.5 + i}
        for i, (key, (name, town)) in enumerate(ORTE.items())
    ]
    return gpd.GeoDataFrame(pd.DataFrame(rows)[spalten], geometry=boxes, crs=4326)


def tabelle(pfad: Path, tag: str = "2022-12-31") -> None:
    lines = [f"Bevölkerung am {tag}", "", "NR;Einwohner insgesamt;darunter unter 18 Jahre"]
    lines += [f"{key};{people};{people // 6}" for key, people in zip(ORTE, EINWOHNER, strict=True)]
    pfad.write_text("\n".join(lines) + "\n", encoding="utf-8")


def ausgefuellt(ordner: Path) -> None:
    """Fill every placeholder as a planner would."""
    for page in [ordner / "region.yml", *(ordner / "indikatoren").glob("*.yml")]:
        text = re.sub(r"'?<[^<>\n]+>'?", '"X 1"', page.read_text(encoding="utf-8"))
        page.write_text(text, encoding="utf-8")


@pytest.mark.parametrize("heading", ["GEMEINDE", "Stadt", "Gemeindename"])
def test_a_second_layer_and_towns_told_by_name_only(tmp_path, heading):
    source = tmp_path / "dateien"
    source.mkdir()
    small = umrisse(["NR", "BEZ", "STADT"]).rename(columns={"STADT": heading})
    small.dissolve(heading).reset_index()[[heading, "geometry"]].to_file(
        source / "orte.gpkg", layer="gemeinden"
    )
    small.to_file(source / "orte.gpkg", layer="stadtteile")
    found = gruende(source, tmp_path / "neu")
    assert any("stadtteile, Spalte „NR“" in told for told in found.bestaetigen)
    assert any(f"2 Kommunen aus Spalte „{heading}“" in told for told in found.bestaetigen)
    assert not any("Zu welcher Kommune" in told for told in found.offen)
    assert "layer: stadtteile" in (tmp_path / "neu" / "region.yml").read_text("utf-8")
    areas = build.lies_gebiete(lade_region(tmp_path / "neu")).tabelle
    own = areas[areas["level"] == "sozialraum"]
    assert own["oberhalb"].to_dict() == {key: STAEDTE[town] for key, (_, town) in ORTE.items()}
    assert own.geometry.notna().all()


@pytest.mark.parametrize("endung", ["geojson", "gpkg", "shp"])
def test_shapes_alone_make_a_region(tmp_path, endung):
    source = tmp_path / "dateien"
    source.mkdir()
    umrisse(["NR", "BEZ", "STADT_ID", "STADT", "FL"]).to_file(source / f"orte.{endung}")
    found = gruende(source, tmp_path / "neu")
    areas = build.lies_gebiete(lade_region(tmp_path / "neu")).tabelle
    small = areas[areas["level"] == "sozialraum"]
    assert dict(zip(small.index, small["name"], strict=True)) == {
        key: name for key, (name, _) in ORTE.items()
    }
    assert small["oberhalb"].to_dict() == {key: town for key, (_, town) in ORTE.items()}
    towns = areas[areas["level"] == "kommune"]
    assert towns["name"].to_dict() == STAEDTE
    assert small.geometry.notna().all()
    assert found.entwuerfe == {}


def test_folder_becomes_a_region_that_builds(tmp_path, monkeypatch):
    source, folder = tmp_path / "dateien", tmp_path / "neu"
    (source / "einwohner").mkdir(parents=True)
    umrisse(["NR", "BEZ", "STADT_ID"]).to_file(source / "orte.geojson")
    tabelle(source / "einwohner" / "Bev_2022-12-31.csv")
    before = {path: path.read_bytes() for path in source.rglob("*") if path.is_file()}
    gruende(source, folder)
    assert {path: path.read_bytes() for path in source.rglob("*") if path.is_file()} == before
    monkeypatch.setenv("SOZIALANALYSE_DATEN", str(tmp_path))
    assert cli.main(["check", "--region", str(folder)]) == 1  # names and terms are still open
    ausgefuellt(folder)
    assert cli.main(["check", "--region", str(folder)]) == 0
    assert cli.main(["build", "--region", str(folder)]) == 0
    stored = pd.read_parquet(next(tmp_path.glob("bestand/*/*/intern/merkmale.parquet")))
    people = stored[stored["feld"].astype(str).str.endswith("einwohner_insgesamt")]
    assert dict(zip(people["gebiet_id"].astype(str), people["wert"], strict=True)) == dict(
        zip(ORTE, EINWOHNER, strict=True)
    )
    assert set(stored["stichtag"].astype(str)) == {"2022-12-31"}


def test_what_no_file_says_stays_open(tmp_path):
    source = tmp_path / "dateien"
    source.mkdir()
    umrisse(["NR", "FL"], laenge=13.5).to_file(source / "orte.gpkg")
    found = gruende(source, tmp_path / "neu")
    assert found.gliederung.oberhalb == ""
    assert any("Zu welcher Kommune" in question for question in found.offen)
    assert any("Namen der Gebiete" in question for question in found.offen)
    place = lade_region(tmp_path / "neu")
    assert place.seite.koordinaten == "EPSG:25833"  # east of 12 degrees
    areas = build.lies_gebiete(place).tabelle
    assert (areas["level"] == "kommune").sum() == 1
    assert (areas["level"] == "sozialraum").sum() == len(ORTE)


def test_lists_come_from_tables_where_there_are_no_shapes(tmp_path):
    source = tmp_path / "dateien"
    source.mkdir()
    rows = ["ort;ortsname;stadt;stadtname;wert"]
    rows += [f"{key};{name};{town};{STAEDTE[town]};{i}" for i, (key, (name, town)) in enumerate(ORTE.items())]
    (source / "liste.csv").write_text("\n".join(rows), encoding="utf-8")
    found = gruende(source, tmp_path / "neu")
    assert found.gliederung.kommunen == STAEDTE
    assert any("Umrisse fehlen" in question for question in found.offen)


def test_a_county_of_five_areas_with_totals_notes_and_other_spellings(tmp_path):
    """In few rows a total and a note are a large share."""
    (tmp_path / "indikatoren").mkdir()
    (tmp_path / "lieferungen").mkdir()
    oberau.lieferung(tmp_path)
    oberau.zweite_lieferung(tmp_path)
    found = gruende(tmp_path / "lieferungen", tmp_path / "neu")
    assert set(found.gliederung.gebiete) == {"O 1", "O 2", "O 3", "U 1", "U 2"}
    assert len(found.entwuerfe) == 2


@pytest.mark.parametrize(
    ("row", "area"),
    [
        (["O 1", 5], True), (["Summe", 5], False), (["Kreis insgesamt", 5], False), ([1, "Summerfeld", 5], True),
        (["Gesamthafen", 5], True), (["Quelle: Amt", None], False), (["ohne Zuordnung", 3], False), (["01", "Insgesamt", 5], False),
    ],
)  # fmt: skip
def test_rows_that_may_name_an_area(row, area):
    assert _names_area(row) is area


def test_a_measure_is_no_id(tmp_path):
    source = tmp_path / "dateien"
    source.mkdir()
    (source / "x.csv").write_text("jahr;quote\n2020;1,5\n2021;2,5\n2022;3,5\n", encoding="utf-8")
    with pytest.raises(PruefFehler, match="Kennungen von Gebieten"):
        gruende(source, tmp_path / "neu")
    assert not (tmp_path / "neu").exists()


def test_nothing_is_overwritten(tmp_path):
    source, folder = tmp_path / "dateien", tmp_path / "neu"
    source.mkdir()
    folder.mkdir()
    (folder / "wichtig.txt").write_text("bleibt")
    umrisse(["NR", "BEZ"]).to_file(source / "orte.geojson")
    with pytest.raises(LaufFehler, match="gibt es schon"):
        gruende(source, folder)
    assert [path.name for path in folder.iterdir()] == ["wichtig.txt"]
    with pytest.raises(LaufFehler, match="gibt es nicht"):
        gruende(tmp_path / "fehlt", tmp_path / "anders")


@pytest.mark.realdaten
@pytest.mark.parametrize(
    ("name", "gebiete", "kommunen", "beispiel"),
    [("berlin", 448, 12, ("01011101", "Stülerstraße", "01")), ("zuid-limburg", 93, 16, ("WK088200", "Wijk 00 Schaesberg", "GM0882"))],
)  # fmt: skip
def test_real_folders(name, gebiete, kommunen, beispiel, realdaten, tmp_path):
    found = gruende(realdaten / name, tmp_path / name)
    areas = build.lies_gebiete(lade_region(tmp_path / name)).tabelle
    assert (areas["level"] == "sozialraum").sum() == gebiete
    assert (areas["level"] == "kommune").sum() == kommunen
    key, called, town = beispiel
    assert (areas.loc[key, "name"], areas.loc[key, "oberhalb"]) == (called, town)
    assert areas.loc[areas["level"] == "kommune", "name"].str.fullmatch(r"[A-ZÄÖÜ].+").all()
    assert len(found.entwuerfe) == 2
    assert all(len(draft.probe.merkmale) > 5000 for draft in found.entwuerfe.values())
    assert found.ungelesen == ()
