"""Outlines at the wrong place: what was delivered, what is said, and what is never said."""

from __future__ import annotations

import time

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import pytest
import shapely
from kleinlage import GEBIETE, quadrat

from sozialanalyse import build
from sozialanalyse.base.errors import PruefFehler
from sozialanalyse.harmonise import umrisse
from sozialanalyse.sources import lies_geometrie

SCHACHBRETT = [
    quadrat(i % 3 * 1000, i // 3 * 1000, i % 3 * 1000 + 1000, i // 3 * 1000 + 1000) for i in range(9)
]


def formen(system: str = "EPSG:25832", shapes: list | None = None) -> gpd.GeoDataFrame:
    frame = gpd.GeoDataFrame({"id": list(GEBIETE)}, geometry=shapes or SCHACHBRETT, crs="EPSG:25832")
    return frame.to_crs(system)


def verdreht(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    return frame.set_geometry(
        gpd.GeoSeries(shapely.transform(frame.geometry.to_numpy(), lambda xy: xy[:, ::-1]), crs=frame.crs)
    )


def als(frame: gpd.GeoDataFrame, system: str) -> gpd.GeoDataFrame:
    return frame.set_crs(system, allow_override=True)


@pytest.fixture
def gelesen(kleinregion):
    """Findings about outlines, and the areas; ``angabe`` goes to the entry in region.yml."""

    def lies(frame: gpd.GeoDataFrame, angabe: str = "", datei: str = "gebiete.gpkg"):
        kleinregion.ordner.mkdir(parents=True, exist_ok=True)
        frame.to_file(kleinregion.ordner / datei)
        text = kleinregion.region_yml
        kleinregion.region_yml = text.replace(
            "gebiete.gpkg, schluessel: id", f"{datei}, schluessel: id{angabe}"
        )
        kleinregion.schreibe()
        kleinregion.region_yml = text
        return build.lies_gebiete(kleinregion.region)

    return lies


def fehler(found) -> str:
    (one,) = [befund for befund in found.befunde if befund.schwere == "fehler"]
    return str(one)


@pytest.mark.parametrize(
    ("frame", "worte", "abhilfe"),
    [
        (als(formen(), "EPSG:4326"), "vermutlich sind sie in Metern statt Grad geschrieben, in ETRS89 / UTM zone 32N (EPSG:25832)",
         "koordinaten: EPSG:25832"),
        (als(formen("EPSG:4326"), "EPSG:25832"), "vermutlich sind sie in Grad statt Metern geschrieben, in WGS 84 (EPSG:4326)",
         "koordinaten: EPSG:4326"),
        (als(formen("EPSG:31466"), "EPSG:25832"), "DHDN / 3-degree Gauss-Kruger zone 2 (EPSG:31466)", "koordinaten: EPSG:31466"),
        (als(formen("EPSG:31467"), "EPSG:25832"), "(EPSG:31467)", "koordinaten: EPSG:31467"),
        (als(formen("EPSG:4647"), "EPSG:25832"), "(EPSG:4647)", "koordinaten: EPSG:4647"),
        (verdreht(formen("EPSG:4326")), "vermutlich sind die Achsen vertauscht (Länge und Breite)", "Länge und Breite in dieser Reihenfolge"),
        (verdreht(formen()), "vermutlich sind die Achsen vertauscht (Rechtswert und Hochwert)", "Rechtswert und Hochwert"),
        (als(verdreht(formen("EPSG:31466")), "EPSG:25832"), "(EPSG:31466), mit vertauschten Achsen", "Rechtswert vor Hochwert"),
        (als(formen(shapes=list(shapely.transform(SCHACHBRETT, lambda xy: xy / 1000))), "EPSG:25832"), "vermutlich stehen sie in Kilometern statt Metern", "in Metern neu ausgeben"),
    ],
)  # fmt: skip
def test_out_of_place(gelesen, frame, worte, abhilfe):
    text = fehler(gelesen(frame))
    assert text.startswith("gebiete.gpkg, Spalte id: Die Koordinaten liegen außerhalb der Region (als ")
    assert "A 1a, A 1b, A 2, W 1, W 2 und 4 weitere" in text
    assert worte in text
    assert abhilfe in text


@pytest.mark.parametrize(
    "system", ["EPSG:4326", "EPSG:31466", "EPSG:3857", "EPSG:25832", "EPSG:25833", "EPSG:3035"]
)
def test_what_the_region_says_of_a_file_counts(gelesen, system):
    """The same squares, labelled wrongly by their file and rightly by region.yml."""
    wrong = "EPSG:25832" if system == "EPSG:4326" else "EPSG:4326"
    found = gelesen(als(formen(system), wrong), f", koordinaten: {system}")
    assert not found.befunde
    areas = found.tabelle.loc[list(GEBIETE)]
    assert areas["flaeche_qkm"].tolist() == pytest.approx([1.0] * 9, rel=2e-3)
    assert areas.geometry.iloc[0].centroid.distance(SCHACHBRETT[0].centroid) < 2


def test_geojson_in_metres_is_told_as_what_it_is(gelesen):
    """By its standard GeoJSON is in degrees, whatever stands in it."""
    found = gelesen(als(formen(), "EPSG:4326"), datei="gebiete.geojson")
    assert "gebiete.geojson" in fehler(found)
    assert "in Metern statt Grad" in fehler(found)
    again = gelesen(als(formen(), "EPSG:4326"), ", koordinaten: EPSG:25832", datei="gebiete.geojson")
    assert again.tabelle.loc["A 1a", "flaeche_qkm"] == pytest.approx(1)


@pytest.mark.filterwarnings("ignore:'crs' was not provided")
def test_no_system_and_no_such_system(gelesen, kleinregion):
    text = fehler(gelesen(formen().set_crs(None, allow_override=True)))
    assert (
        "Das Koordinatensystem fehlt. Bitte „koordinaten: EPSG:…“ bei der Geometrie in region.yml angeben."
        in text
    )
    assert "koordinaten: „Gauß“ ist kein Koordinatensystem." in fehler(
        gelesen(formen(), ", koordinaten: Gauß")
    )


def nur(which: int, shape) -> gpd.GeoDataFrame:
    return formen(shapes=[shape if i == which else one for i, one in enumerate(SCHACHBRETT)])


def test_lines_and_points_are_no_surfaces(gelesen):
    text = fehler(gelesen(formen(shapes=[one.boundary for one in SCHACHBRETT])))
    assert "Statt Flächen enthält die Datei Linien: A 1a, A 1b, A 2, W 1, W 2 und 4 weitere." in text
    assert "Polygonisieren" in text
    assert "Punkte: A 2." in fehler(gelesen(nur(2, SCHACHBRETT[2].centroid)))
    flat = shapely.Polygon([(300_000, 5_600_000), (301_000, 5_600_000), (300_500, 5_600_000)])
    assert "Formen ohne Fläche: A 1a." in fehler(gelesen(nur(0, flat)))


def test_an_outline_that_crosses_itself_is_a_surface(gelesen):
    """The two halves of a bow have areas of opposite sign."""
    west, south, east, north = SCHACHBRETT[2].bounds
    bow = shapely.Polygon([(west, south), (east, north), (east, south), (west, north)])
    assert bow.area == 0
    found = gelesen(formen(shapes=[*SCHACHBRETT[:2], bow, *SCHACHBRETT[3:]]))
    assert found.tabelle.loc["A 2", "flaeche_qkm"] == pytest.approx(0.5)


def test_an_outline_that_lost_the_order_of_its_corners(gelesen):
    """Mending two million crossings would take minutes and gigabytes."""
    rng = np.random.default_rng(1)
    west, south, *_ = SCHACHBRETT[2].bounds
    scribble = shapely.Polygon(np.column_stack([west, south]) + 1000 * rng.random((4000, 2)))
    start = time.thread_time()
    text = fehler(gelesen(formen(shapes=[*SCHACHBRETT[:2], scribble, *SCHACHBRETT[3:]])))
    assert "Umrisse, die sich tausendfach selbst kreuzen: A 2" in text
    assert time.thread_time() - start < 5


def test_a_long_border_that_crosses_itself_now_and_then_is_mended(gelesen):
    west, south, east, north = SCHACHBRETT[2].bounds
    angle = np.linspace(0, 2 * np.pi, 5000, endpoint=False)
    radius = 400 + 5 * np.sin(700 * angle)
    corners = np.column_stack(
        [(west + east) / 2 + radius * np.cos(angle), (south + north) / 2 + radius * np.sin(angle)]
    )
    corners[[100, 101]] = corners[[101, 100]]
    border = shapely.Polygon(corners)
    assert not border.is_valid
    found = gelesen(formen(shapes=[*SCHACHBRETT[:2], border, *SCHACHBRETT[3:]]))
    assert found.tabelle.loc["A 2", "flaeche_qkm"] == pytest.approx(0.5, abs=0.02)


@pytest.mark.filterwarnings("ignore:invalid value")
@pytest.mark.parametrize("at", [1, 2, 3])
def test_a_corner_that_is_no_number_is_called_so(gelesen, at):
    corners = list(SCHACHBRETT[2].exterior.coords)[:4]
    corners[at] = (float("nan"), corners[at][1])
    broken = shapely.Polygon(corners)
    text = fehler(gelesen(formen(shapes=[*SCHACHBRETT[:2], broken, *SCHACHBRETT[3:]])))
    assert "Koordinaten ohne Zahl (unendlich oder leer): A 2" in text


def test_outlines_that_lie_on_each_other_are_named(gelesen):
    def told(shapes):
        found = gelesen(formen(shapes=shapes)).befunde
        return [one.text for one in found if "liegen aufeinander" in one.text]

    assert told(SCHACHBRETT) == []
    assert told([*SCHACHBRETT[:8], SCHACHBRETT[0]]) == ["Umrisse liegen aufeinander: A 1a und SI 3a."]
    assert told([*SCHACHBRETT[:8], SCHACHBRETT[0].buffer(-100)]) == [
        "Umrisse liegen aufeinander: A 1a und SI 3a."
    ]
    assert "und 31 weitere Paare" in told(SCHACHBRETT[:1] * 9)[0]
    assert told([*SCHACHBRETT[:8], SCHACHBRETT[8].buffer(60)]) == [], "borders drawn twice overlap a little"


def test_surfaces_are_taken_out_of_collections_and_heights_dropped(gelesen):
    mixed = shapely.GeometryCollection([SCHACHBRETT[0], SCHACHBRETT[0].boundary, SCHACHBRETT[0].centroid])
    high = shapely.force_3d(SCHACHBRETT[1], 17.5)
    shapes = [mixed, high, *SCHACHBRETT[2:]]
    found = gelesen(formen(shapes=shapes))
    assert not found.befunde
    assert found.tabelle.loc[["A 1a", "A 1b"], "flaeche_qkm"].tolist() == [1, 1]
    assert not shapely.has_z(found.tabelle.geometry.dropna().to_numpy()).any()
    assert set(found.tabelle.geometry.geom_type) <= {"Polygon", "MultiPolygon"}


def test_empty_shapes_are_gaps_and_a_file_of_them_is_a_fault(gelesen):
    found = gelesen(nur(3, shapely.Polygon()))
    assert [(one.schwere, one.text) for one in found.befunde] == [
        ("warnung", "1 Gebiete haben keine Form: W 1.")
    ]
    assert found.tabelle.geometry["W 1"] is None
    assert "Die Datei enthält keine einzige Form." in fehler(gelesen(formen(shapes=[shapely.Polygon()] * 9)))


def test_one_area_on_the_other_side_of_the_earth(gelesen):
    far = quadrat(0, -30_000_000, 1000, -29_999_000)
    text = fehler(gelesen(nur(4, far)))
    assert "Einige Umrisse liegen außerhalb der Region" in text
    assert ": W 2. Bitte diese Umrisse in der Datei berichtigen lassen." in text
    around = formen("EPSG:4326")
    around.loc[0, "geometry"] = shapely.box(-179, 50, 179, 51)
    assert ": A 1a" in fehler(gelesen(around))


def test_one_area_far_away_but_in_the_zone(gelesen):
    (one,) = gelesen(nur(4, quadrat(200_000, 0, 201_000, 1000))).befunde
    assert one.schwere == "warnung"
    assert one.text.startswith(
        "Ein Umriss liegt weit ab von allen anderen: W 2 (199 km von der Mitte, drei Viertel der Gebiete höchstens "
    )
    assert "eine Insel darf so liegen" in one.abhilfe


def test_a_map_for_the_web_is_no_measure(kleinregion):
    kleinregion.region_yml = kleinregion.region_yml.replace("EPSG:25832", "EPSG:3857")
    kleinregion.schreibe()
    (one,) = build.lies_gebiete(kleinregion.region).befunde
    assert one.schwere == "fehler"
    assert one.text.startswith(
        "koordinaten: WGS 84 / Pseudo-Mercator (EPSG:3857) zeigt Flächen hier 2,47-mal so groß, wie sie sind"
    )
    kleinregion.region_yml = kleinregion.region_yml.replace("EPSG:3857", "EPSG:2263")
    kleinregion.schreibe()
    with pytest.raises(PruefFehler, match="kein Koordinatensystem in Metern"):
        build.build(kleinregion.ordner)


def test_outlines_of_two_levels_lie_on_each_other(kleinregion):
    kleinregion.region_yml = kleinregion.region_yml.replace(
        "geometrie:\n", "geometrie:\n  - {ebene: kommune, datei: kommunen.gpkg, schluessel: ags}\n"
    )
    kleinregion.schreibe()
    towns = formen().assign(ags=list(GEBIETE.values())).dissolve("ags").reset_index()
    towns.to_file(kleinregion.ordner / "kommunen.gpkg")
    assert not build.lies_gebiete(kleinregion.region).befunde
    towns.set_geometry(towns.translate(50_000)).to_file(kleinregion.ordner / "kommunen.gpkg")
    text = fehler(build.lies_gebiete(kleinregion.region))
    assert "Die Umrisse in gebiete.gpkg und kommunen.gpkg liegen nicht aufeinander" in text
    assert "falsches Koordinatensystem" in text
    swapped = towns.assign(ags=[towns["ags"][i] for i in (1, 0, 2)])
    swapped.to_file(kleinregion.ordner / "kommunen.gpkg")
    text = fehler(build.lies_gebiete(kleinregion.region))
    assert "A 1a" in text
    one = nur(8, quadrat(0, 3000, 1000, 4000))
    towns.to_file(kleinregion.ordner / "kommunen.gpkg")
    one.to_file(kleinregion.ordner / "gebiete.gpkg")
    (told,) = build.lies_gebiete(kleinregion.region).befunde
    assert (told.schwere, told.text) == ("warnung", "Ganz außerhalb des Umrisses ihrer Kommune: SI 3a.")


@pytest.mark.parametrize(
    ("faktor", "schwere", "worte"),
    [
        (1.0, None, ""), (1.2, None, ""), (100, "fehler", "offenbar stehen sie in Hektar"),
        (1e6, "fehler", "offenbar stehen sie in Quadratmetern"),
        (2.0, "fehler", "Alle Umrisse sind 0,5-mal so groß wie die Flächen der Gebietsliste"),
        (0.4, "fehler", "Vermutlich ist das Koordinatensystem der Umrisse falsch angegeben"),
    ],
)  # fmt: skip
def test_delivered_areas_against_those_of_the_outlines(kleinregion, faktor, schwere, worte):
    kleinregion.region_yml = kleinregion.region_yml.replace(
        "oberhalb: ags}", "oberhalb: ags, flaeche_qkm: flaeche}"
    )
    kleinregion.schreibe()
    lines = [
        "id;name;ags;flaeche",
        *(f"{key};;{town};{faktor:.2f}".replace(".", ",") for key, town in GEBIETE.items()),
    ]
    (kleinregion.ordner / "gebiete.csv").write_text("\n".join(lines), encoding="utf-8")
    found = build.lies_gebiete(kleinregion.region).befunde
    assert [one.schwere for one in found] == ([schwere] if schwere else [])
    assert not schwere or worte in found[0].text
    assert not schwere or found[0].datei == "gebiete.csv"


def test_one_delivered_area_that_is_no_outline(kleinregion):
    areas = pd.Series([1.0, 1.0, 1.0, 1.0, 3.0], index=list("abcde"))
    (one,) = umrisse.gegen_gelieferte(areas, areas * 0 + 1, "gebiete.csv")
    assert (one.schwere, one.text.split(",")[0]) == (
        "warnung",
        "Bei einem Gebiet weicht die Fläche der Gebietsliste um mehr als ein Viertel von der des Umrisses ab",
    )


@pytest.mark.parametrize(
    ("ags", "ort", "wahr", "angegeben", "schwere"),
    [
        ("05334002", (6.1, 50.8), 25832, 25832, None), ("11000000", (13.3, 52.5), 25833, 25833, None),
        ("05334002", (6.1, 50.8), 3857, 25832, "fehler"), ("08111000", (9.2, 48.8), 3857, 25832, "fehler"),
        ("11000000", (13.3, 52.5), 25833, 25832, "fehler"), ("03241001", (9.7, 52.4), 25832, 25833, "fehler"),
        ("05334002", (6.1, 50.8), 2154, 25832, "fehler"),
        ("05334002", (10.5, 53.0), 25832, 25832, "warnung"),  # right in itself, but another Land
        ("05999002", (10.5, 53.0), 25832, 25832, None), ("1234", (10.5, 53.0), 25832, 25832, None),  # no official key
    ],
)  # fmt: skip
def test_the_land_of_the_official_keys(ags, ort, wahr, angegeben, schwere):
    boxes = [shapely.box(ort[0] + i / 50, ort[1], ort[0] + (i + 1) / 50, ort[1] + 0.02) for i in range(5)]
    ids = [f"A {i}" for i in range(5)]
    frame = (
        gpd.GeoDataFrame({"id": ids}, geometry=boxes, crs=4326)
        .to_crs(wahr)
        .set_crs(angegeben, allow_override=True)
    )
    placed, found = umrisse.umgerechnet(frame, "id", "g.gpkg", pyproj.CRS(25832))
    assert not found
    areas = gpd.GeoSeries(placed.geometry.to_numpy(), index=ids, crs=placed.crs)
    told = list(umrisse.im_land(pd.Series(ags, index=ids), areas, frame, "g.gpkg"))
    assert [one.schwere for one in told] == ([schwere] if schwere else [])
    if schwere == "fehler":
        assert f"„koordinaten: EPSG:{wahr}“" in told[0].abhilfe


def test_a_table_without_shapes_is_told(tmp_path):
    gpd.GeoDataFrame({"id": ["A"]}, geometry=[SCHACHBRETT[0]], crs=25832).drop(columns="geometry").to_csv(
        tmp_path / "t.csv"
    )
    with pytest.raises(PruefFehler, match="nur eine Tabelle"):
        lies_geometrie(tmp_path / "t.csv", "id")


FLAECHE = (
    "weicht die Fläche der Gebietsliste um mehr als ein Viertel von der des Umrisses ab, am weitesten bei"
)
HEKTAR = (
    "Die Flächen der Gebietsliste sind 105-mal so groß wie die der Umrisse; offenbar stehen sie in Hektar."
)
IMMER = (
    "Alle Umrisse sind 0,333-mal so groß wie die Flächen der Gebietsliste. Vermutlich ist das Koordinatensystem der Umrisse falsch "
    "angegeben, oder die Liste rechnet in einer anderen Einheit."
)


@pytest.mark.parametrize(
    ("liste", "umriss", "told"),
    [
        ([2.0, 4.0, 8.0, 16.0, 8.0], [2.0, 4.0, 8.0, 16.0, 2.0], f"Bei einem Gebiet {FLAECHE} e: 8 statt 2 km²."),
        ([2.0, 4.0, 8.0, 3.0, 8.0], [2.0, 4.0, 8.0, 16.0, 5.0], f"Bei 2 von 5 Gebieten {FLAECHE} d: 3 statt 16 km²."),
        ([210.0, 420.0], [2.0, 4.0], HEKTAR),
        ([210.0], [2.0], f"Bei einem Gebiet {FLAECHE} a: 210 statt 2 km²."),  # one area is no unit
        ([6.0, 12.0, 3.0, 9.0], [2.0, 4.0, 1.0, 3.0], IMMER),
        ([6.0, 12.0, 3.0], [2.0, 4.0, 1.0], f"Bei 3 von 3 Gebieten {FLAECHE} a: 6 statt 2 km²."),
        ([2.5, 4.0, 0.0, -1.0], [2.0, 3.2, 5.0, 5.0], None),  # a quarter may be off; what is no area is none
    ],
)  # fmt: skip
def test_delivered_areas_beside_those_of_the_outlines(liste, umriss, told):
    keys = list("abcdefg")[: len(liste)]
    found = umrisse.gegen_gelieferte(pd.Series(liste, keys), pd.Series(umriss, keys), "gebiete.csv")
    assert [one.text for one in found] == ([told] if told else [])


def test_an_area_in_several_rows_is_all_of_them(gelesen):
    """Parts of one area, each in a row of its own, are one outline; a gap between them adds nothing."""
    rows = formen()
    more = rows.iloc[[0, 0]].set_geometry(
        gpd.GeoSeries([quadrat(3000, 3000, 3500, 3200), None], index=[0, 0], crs=rows.crs)
    )
    first = gelesen(pd.concat([rows, more, more.iloc[[0]]])).tabelle.loc[next(iter(GEBIETE))]
    assert first.geometry.area == pytest.approx(1000 * 1000 + 500 * 200)
