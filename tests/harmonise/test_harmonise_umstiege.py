"""Other cuts known by their shapes only, and quantities that two deliveries hold: answers known by hand."""

from __future__ import annotations

import geopandas as gpd
import pandas as pd
import pytest
from kleinlage import quadrat

from sozialanalyse.harmonise.umstiege import GEOMETRIE, anteile, lies_umstieg
from sozialanalyse.region.region import Umstieg

TAG = "2023-12-31"
BLOECKE = {  # squares of the tiny region are 1000 m wide, three in a row
    "links": quadrat(0, 0, 1500, 1000),  # all of A 1a, half of A 1b
    "rechts": quadrat(1500, 0, 3000, 1000),  # half of A 1b, all of A 2
    "hoch": quadrat(0, 1000, 1000, 3000),  # all of W 1, all of SI 1
    "draussen": quadrat(2000, 1000, 6000, 2000),  # W 3, and three times as much outside
    "splitter": quadrat(1000, 1000, 2000, 1999.5),  # W 2 but for the drawing
    "fern": quadrat(9000, 9000, 9500, 9500),
}
RASTER = """\
id: bloecke
name: Zahlen nach Blöcken
zeile_ist: ein Block
quelle: {anbieter: Amt, lizenz: offen}
dateien: bloecke.csv
symbolprofil: register
sperrprofil: melde
vollstaendig: false
gebietsstand: bloecke
tabelle:
  format: csv
  kopf: {erkennbar_an: Block}
  schluessel: {spalten: [Block]}
  stichtag: {aus: fest, wert: "2023"}
felder:
  autos: {spalte: Autos}
  alter: {spalte: Alter, einheit: Jahre, summierbar: false}
indikatoren:
  AUTO: {name: Autos, thema: arbeit, art: anzahl, zaehler: autos, einheit: Autos}
  ALTER: {name: Alter der Autos, thema: arbeit, art: wert, zaehler: alter, einheit: Jahre}
"""


@pytest.fixture
def umstieg() -> Umstieg:
    return Umstieg(id="bloecke", name="Blöcke", datei="bloecke.gpkg", alt="block", nur_geometrie=True)


def formen() -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame({"block": list(BLOECKE)}, geometry=list(BLOECKE.values()), crs="EPSG:25832")


def test_shares_of_squares_are_their_areas(gebaut, umstieg):
    gebiete = gebaut.daten()._umrisse
    stand, found = lies_umstieg(umstieg, formen(), gebiete, gebaut.region)
    table = anteile([stand])
    assert set(table["basis"]) == {GEOMETRIE}
    assert table["modell"].all()
    share = {
        (a.removeprefix("bloecke:"), n): s
        for a, n, s in table[["alt", "neu", "anteil"]].itertuples(index=False)
    }
    assert share == {
        ("links", "A 1a"): pytest.approx(2 / 3), ("links", "A 1b"): pytest.approx(1 / 3),
        ("rechts", "A 1b"): pytest.approx(1 / 3), ("rechts", "A 2"): pytest.approx(2 / 3),
        ("hoch", "W 1"): pytest.approx(1 / 2), ("hoch", "SI 1"): pytest.approx(1 / 2),
        ("draussen", "W 3"): pytest.approx(1 / 4),  # only what lies inside
        ("splitter", "W 2"): pytest.approx(1),
    }  # fmt: skip
    assert [one.schwere for one in found] == ["hinweis"]
    assert "2 von 6 Gebieten" in found[0].text
    assert "draussen, fern" in found[0].text


def test_another_coordinate_system_gives_the_same_shares(gebaut, umstieg):
    gebiete = gebaut.daten()._umrisse
    here, there = (
        anteile([lies_umstieg(umstieg, shapes, gebiete, gebaut.region)[0]])
        for shapes in (formen(), formen().to_crs("EPSG:25833"))
    )
    pd.testing.assert_frame_equal(here, there, atol=1e-3, rtol=0)


def test_counts_by_area_are_marked_as_a_models(kleinregion):
    kleinregion.region_yml += (
        "umstiege:\n  - {id: bloecke, name: Blöcke, datei: bloecke.gpkg, alt: block, nur_geometrie: true}\n"
    )
    kleinregion.seiten["bloecke"] = RASTER
    kleinregion.schreibe()
    formen().to_file(kleinregion.ordner / "bloecke.gpkg")
    counts = {"links": 300, "rechts": 600, "hoch": 50, "draussen": 400, "splitter": 70}
    (kleinregion.lieferungen / "bloecke.csv").write_text(
        "\n".join(["Block;Autos;Alter", *(f"{key};{n};8" for key, n in counts.items()), ""]), encoding="utf-8"
    )
    kleinregion.build()
    found = kleinregion.daten().werte(["AUTO", "ALTER"], TAG, None).set_index(["indikator_id", "gebiet_id"])
    autos = found.loc["AUTO"]
    wanted = {"A 1a": 200, "A 1b": 100 + 200, "A 2": 400, "W 1": 25, "SI 1": 25, "W 3": 100, "W 2": 70}
    assert autos.loc[list(wanted), "wert"].tolist() == pytest.approx(list(wanted.values()), rel=1e-3)
    assert set(autos.loc[list(wanted), "status"]) == {"geschaetzt"}
    divided = ["A 1a", "A 1b", "A 2", "W 1", "SI 1", "W 3"]
    assert autos.loc[divided, "umgerechnet"].all()
    assert autos.loc["05999004", "wert"] == pytest.approx(900, rel=1e-3)  # nothing is lost within
    ages = found.loc["ALTER"]
    assert ages.loc[divided, "wert"].isna().all(), "means of parts are not made up"
    assert set(ages.loc[divided, "status"]) == {"nicht_sinnvoll"}
    assert kleinregion.daten().umstiege()["modell"].all()
    public = kleinregion.daten("oeffentlich").umstiege()
    assert set(public.columns) == set(kleinregion.daten().umstiege().columns) - {"anteil"}
    weights = [
        path
        for path in kleinregion.bestand.rglob("umstiege.parquet")
        if "anteil" in pd.read_parquet(path).columns
    ]
    assert [path.parent.name for path in weights] == ["intern"]


@pytest.mark.parametrize(
    ("alte", "toleranz", "genannt"),
    [
        (240.4, 0, False),  # rounding is no difference
        (243, 0, True),
        (243, 2, False),  # within two percent
    ],
)
def test_equal_quantities_of_two_deliveries(kleinregion, alte, toleranz, genannt):
    kleinregion.seiten["arbeit"] += (
        f"pruefungen:\n  gleich: {{quote: register.alte}}\n  toleranz: {toleranz}\n  sprung: null\n"
    )
    kleinregion.seiten["arbeit"] = kleinregion.seiten["arbeit"].replace('einheit: "%", max: 100, ', "")
    there = {row[0]: row[2] for row in kleinregion.register[TAG]}
    for row in kleinregion.arbeit:
        row[3] = there[row[0]]
    kleinregion.arbeit[9][3] = f"{alte}".replace(".", ",")  # A 1a, of whom the register counts 240
    kleinregion.build()
    told = [one for one in kleinregion.daten().befunde() if one.regel == "gleich"]
    assert bool(told) == genannt
    if told:
        (one,) = told
        assert one.schwere == "warnung"
        assert f"Stichtag {TAG}: quote weicht in A 1a von register.alte ab." in one.text
        assert (one.datei, one.zeile, one.spalte) == ("arbeit.csv", 13, "4")
