"""Maps: weight, common borders, what is drawn and what is said."""

import re
import xml.etree.ElementTree as ET
from html import unescape

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from present_kreis import kontext_mit, kreis

from sozialanalyse.present import (
    Anzeige,
    Spalte,
    choropleth,
    einstufen,
    hintergrundkarte,
    symbolkarte,
    typenkarte,
)
from sozialanalyse.present._flaechen import BREITE, SCHMALSTE, flaechen, pfad
from sozialanalyse.present._kartenbild import _massstab
from sozialanalyse.present._markup import text_width
from sozialanalyse.present.klassen import Klassen
from sozialanalyse.region.kartendienst import Hintergrundkarte

SVG = "{http://www.w3.org/2000/svg}"


def quadrate() -> gpd.GeoDataFrame:
    """Three squares in a row; two towns."""
    shapes = [shapely.box(i * 1000, 0, i * 1000 + 1000, 1000) for i in range(3)]
    return gpd.GeoDataFrame(
        {"name": ["Aue", "Berg", "Chor"], "kommune_id": ["T1", "T1", "T2"]},
        geometry=shapes,
        index=pd.Index(["a 1", "a 2", "b 1"], name="gebiet_id"),
        crs="EPSG:25832",
    )


def polygon(data: str) -> shapely.Geometry:
    """Path data back to a geometry, read independently of the writer."""
    rings = []
    for x, y, steps in re.findall(r"M(-?\d+) (-?\d+)l([^z]*)z", data):
        numbers = np.array(re.findall(r"-?\d+", steps), int).reshape(-1, 2)
        rings.append(np.cumsum(np.vstack([[int(x), int(y)], numbers]), axis=0))
    shape = shapely.Polygon(rings[0], rings[1:]) if len(rings) == 1 else shapely.Polygon()
    for ring in rings if len(rings) > 1 else []:
        shape = shape.symmetric_difference(shapely.make_valid(shapely.Polygon(ring)))
    return shapely.make_valid(shape)


def areas_of(svg: str) -> dict[str, ET.Element]:
    return {
        node.get("data-gebiet"): node
        for node in ET.fromstring(svg).iter(f"{SVG}path")
        if node.get("data-gebiet")
    }


def test_squares_become_the_paths_one_expects():
    drawn = flaechen(quadrate())
    assert drawn.hoehe == pytest.approx(984 / 3 + 16)
    assert polygon(pfad(drawn.umriss["a 1"])).equals(shapely.box(8, 8, 336, 336))
    assert drawn.meter == pytest.approx(3000 / 984)
    assert {key: round(shape.area) for key, shape in drawn.gruppen(quadrate()["kommune_id"]).items()} == {
        "T1": 2 * 328**2,
        "T2": 328**2,
    }


def test_scale_bar_has_the_length_it_names():
    drawn = flaechen(quadrate())
    markup, _ = _massstab(drawn)
    length = float(re.search(r"v7h([\d.]+)v-7", markup)[1])
    assert "500\u00a0m" in markup
    assert length * drawn.meter == pytest.approx(500, rel=0.002)


def test_no_scale_without_a_reference_system():
    assert _massstab(flaechen(quadrate().set_crs(None, allow_override=True))) == ("", 0.0)


@pytest.mark.parametrize("crs", ["EPSG:25832", "EPSG:4326"])
def test_neighbours_keep_a_common_border(crs):
    places = kreis().to_crs(crs)
    drawn = flaechen(places)
    shapes = [polygon(pfad(outline)) for outline in drawn.umriss]
    whole = shapely.union_all(shapes)
    overlap = sum(shape.area for shape in shapes) - whole.area
    holes = sum(shapely.Polygon(ring).area for part in shapely.get_parts(whole) for ring in part.interiors)
    assert overlap < 0.002 * whole.area
    assert holes < 0.002 * whole.area
    assert whole.area == pytest.approx(shapely.area(drawn.umriss.to_numpy()).sum(), rel=0.01)


def test_many_corners_are_thinned_out():
    places = kreis()
    fine = places.set_geometry(places.geometry.segmentize(20))
    assert shapely.get_num_coordinates(fine.geometry.to_numpy()).sum() > 70_000
    assert shapely.get_num_coordinates(flaechen(fine).umriss.to_numpy()).sum() < 2_100


def test_areas_that_do_not_match_are_thinned_out_too():
    places = kreis()
    loose = places.set_geometry(places.geometry.segmentize(20).buffer(np.linspace(-40, 40, 93)))
    assert shapely.get_num_coordinates(flaechen(loose).umriss.to_numpy()).sum() < 4_000


def test_weight_of_a_whole_map(galerie):
    assert len(galerie["typenkarte"].html.encode()) <= 60_000
    assert len(galerie["choropleth"].html.encode()) <= 60_000


def test_types_are_told_by_colour_code_and_words(gebiete):
    types = pd.Series([1.0, 2.0, np.nan], index=["a 1", "a 2", "b 1"])
    found = typenkarte(
        quadrate(), types, kontext=kontext_mit(), titel="Typen", namen={1: "ruhig"},
        unsicher=pd.Series([False, True, True], index=types.index), hervorheben="a 2",
    )  # fmt: skip
    paths = areas_of(found.svg)
    assert [paths[key].find(f"{SVG}title").text for key in types.index] == [
        "a 1 Aue: Typ 1",
        "a 2 Berg: Typ 2 (Zuordnung unsicher)",
        "b 1 Chor: ohne Typ",
    ]
    assert paths["a 1"].get("fill") != paths["a 2"].get("fill")
    assert paths["b 1"].get("fill").endswith("-f)")
    codes = [node.text for node in ET.fromstring(found.svg).iter(f"{SVG}text")]
    assert codes[:2] == ["1", "2"]
    assert paths["a 2"].get("fill").endswith("-u0)"), "hatched over the colour of its type"
    assert "Typ 1 – ruhig: 1 und Typ 2: 1. Unsichere Zuordnungen: 1. Ohne Typ: 1." in found.beschreibung
    assert "Hervorgehoben: a 2 Berg" in found.beschreibung
    assert found.tabelle["typ"].tolist()[:2] == ["Typ 1 – ruhig", "Typ 2 (Zuordnung unsicher)"]


def test_classes_gaps_and_words_of_a_choropleth():
    values = pd.Series([4.0, 999.0, 7.0], index=["a 1", "a 2", "b 1"])
    status = pd.Series(["wert", "geheim", "wert"], index=values.index)
    found = choropleth(
        quadrate(),
        einstufen(values, Spalte("Quote", "%"), status=status, klassen=Klassen((5.0,), "manuell")),
        kontext=kontext_mit(),
        titel="Quote",
    )
    paths = areas_of(found.svg)
    assert paths["a 2"].get("fill").endswith("-g)")
    assert paths["a 2"].find(f"{SVG}title").text == "a 2 Berg: geheim gehalten"
    assert paths["a 1"].get("fill") != paths["b 1"].get("fill")
    assert found.beschreibung == (
        "Karte mit 3 Gebieten (Sozialräume) in 2 Klassen. Höchster Wert: 7,0\u00a0% in b 1 Chor. "
        "Niedrigster Wert: 4,0\u00a0% in a 1 Aue. Ohne Wert (geheim gehalten): 1."
    )
    assert "999" not in found.html
    assert "über 5,0\u00a0% (1)" in found.html
    assert found.tabelle["wert"].fillna(-1).tolist() == [4.0, -1.0, 7.0]


def test_changes_within_chance_are_quiet_and_counted_apart():
    areas = quadrate()
    change = pd.Series([-3.0, 0.1, 3.0], index=areas.index)
    classes = Klassen((-2.0, -0.5, 0.5, 2.0), "manuell", 1)

    def gezeichnet(**how) -> Anzeige:
        steps = einstufen(change, Spalte("Wandel"), klassen=classes, skala="divergierend", **how)
        return choropleth(areas, steps, kontext=kontext_mit(), titel="Wandel")

    loud = areas_of(gezeichnet().svg)
    quiet = pd.Series([True, False, False], index=areas.index)
    found = gezeichnet(ruhig=quiet, ruhig_wort="im Rahmen des Zufalls")
    drawn = areas_of(found.svg)
    assert drawn["a 1"].get("fill") == drawn["a 2"].get("fill") == loud["a 2"].get("fill")
    assert drawn["b 1"].get("fill") == loud["b 1"].get("fill") != loud["a 1"].get("fill")
    assert drawn["a 1"].find(f"{SVG}title").text == "a 1 Aue: −3,0 (im Rahmen des Zufalls)"
    assert "im Rahmen des Zufalls (1)" in found.html
    assert "Davon im Rahmen des Zufalls: 1." in found.beschreibung
    assert "über −0,5 bis 0,5" in found.html
    none = pd.Series([True, True, False], index=areas.index)
    bare = gezeichnet(ruhig=none, ruhig_wort="im Rahmen des Zufalls").html
    assert "über −0,5 bis 0,5" not in bare, "an empty class of the same colour would only confuse"
    assert "-u0" not in found.svg, "hatching is for what is hidden"
    hidden = pd.Series(["geheim", "wert", "wert"], index=areas.index)
    gap = areas_of(gezeichnet(status=hidden, ruhig=quiet, ruhig_wort="x").svg)
    assert gap["a 1"].get("fill").endswith("-g)"), "a secret stays a secret"


def test_areas_without_geometry_and_unknown_ids_are_listed():
    places = quadrate()
    places.loc["b 1", "geometry"] = None
    values = pd.Series([1.0, 2.0, 3.0, 4.0], index=["a 1", "a 2", "b 1", "fremd"])
    found = choropleth(places, einstufen(values, Spalte("Quote")), kontext=kontext_mit(), titel="Quote")
    assert "Ohne Fläche in der Karte: b 1 Chor und fremd." in found.html
    assert set(found.tabelle.index) == set(values.index)
    assert set(areas_of(found.svg)) == {"a 1", "a 2"}


def test_nothing_to_draw_is_still_a_figure():
    places = quadrate()
    places["geometry"] = gpd.GeoSeries([None] * 3, index=places.index, crs=places.crs)
    steps = einstufen(pd.Series(np.nan, index=places.index), Spalte("Quote"))
    found = choropleth(places, steps, kontext=kontext_mit(), titel="Quote")
    ET.fromstring(found.svg)
    assert "Ohne Wert (keine Angabe): 3." in found.beschreibung


def test_invalid_geometry_is_drawn():
    places = quadrate()
    places.loc["b 1", "geometry"] = shapely.Polygon([(2000, 0), (3000, 1000), (3000, 0), (2000, 1000)])
    assert areas_of(
        typenkarte(places, pd.Series(1, index=places.index), kontext=kontext_mit(), titel="T").svg
    )["b 1"]


def test_input_is_left_alone_and_the_result_repeats(gebiete):
    values = pd.Series(np.arange(93.0), index=gebiete.index)
    before = gebiete.copy()
    steps = einstufen(values, Spalte("Quote"))
    once = choropleth(gebiete, steps, kontext=kontext_mit(), titel="Quote").html
    assert once == choropleth(gebiete, steps, kontext=kontext_mit(), titel="Quote").html
    assert gebiete.equals(before)


def test_names_of_towns_stand_inside_the_map(gebiete, galerie):
    names = re.search(r"<g[^>]*sa-ortsnamen[^>]*>(.*?)</g>", galerie["typenkarte"].svg)
    places = [float(x) for x in re.findall(r'<text x="([\d.]+)"', names[1])]
    assert len(places) == 10
    assert all(0 < x < BREITE for x in places)


def test_long_names_at_the_edge_end_inside_the_drawing_on_a_phone():
    towns = pd.DataFrame(
        {"name": ["Oberniederbach-Waldhausen", "Unterwaldhausen-Oberbach"]}, index=["T1", "T2"]
    )
    areas = quadrate()
    areas["geometry"] = [
        shapely.box(x, 0, x + wide, 4000) for x, wide in ((0, 300), (300, 3400), (3700, 300))
    ]
    areas["kommune_id"] = ["T1", None, "T2"]
    values = pd.Series([1.0, 2.0, 3.0], index=areas.index)
    shown = choropleth(
        areas, einstufen(values, Spalte("Quote")), kontext=kontext_mit(), titel="Quote", kommunen=towns
    )
    names = re.search(r"<g[^>]*sa-ortsnamen[^>]*>(.*?)</g>", shown.svg)
    found = {word: float(x) for x, word in re.findall(r'<text x="([\d.]+)"[^>]*>([^<]+)<', names[1])}
    assert set(found) == set(towns["name"])
    for word, x in found.items():
        half = text_width(word, 25) / 2
        assert half - 1 <= x <= BREITE - half + 1


def test_background_map_asks_nobody_unless_told(gebiete):
    steps = einstufen(pd.Series(np.arange(93.0), index=gebiete.index), Spalte("Quote"))
    plain = hintergrundkarte(gebiete, steps, kontext=kontext_mit(), titel="Quote")
    page = unescape(re.search(r'srcdoc="([^"]*)"', plain.html)[1])
    assert not re.search(r'<(?:script|link|img|iframe)[^>]*(?:src|href)="(?!data:)', page)
    assert "url(images" not in page
    assert 'title="Bewegliche Karte: Quote"' in plain.html
    assert plain.html == hintergrundkarte(gebiete, steps, kontext=kontext_mit(), titel="Quote").html
    service = Hintergrundkarte(url="https://karten.example/{z}/{x}/{y}.png", quelle="© <Amt>")
    tiles = hintergrundkarte(gebiete, steps, kontext=kontext_mit(), titel="Quote", dienst=service)
    inner = unescape(re.search(r'srcdoc="([^"]*)"', tiles.html)[1])
    assert '"https://karten.example/{z}/{x}/{y}.png"' in inner
    assert "<Amt>" not in inner
    assert "karten.example erfährt dabei Ihre Internet-Adresse" in tiles.html
    near = Hintergrundkarte(url="/kacheln/{z}/{x}/{y}.png", quelle="© Amt")
    own = hintergrundkarte(
        gebiete, steps, kontext=kontext_mit(), titel="Quote", dienst=near, dateien="/statisch/1/leaflet"
    )
    assert "Internet-Adresse" not in own.html
    inner = unescape(re.search(r'srcdoc="([^"]*)"', own.html)[1])
    assert re.findall(r'(?:src|href)="(/[^"]*)"', inner) == ["/statisch/1/leaflet/leaflet.css", "/statisch/1/leaflet/leaflet.js"]  # fmt: skip
    with pytest.raises(ValueError, match="reference system"):
        hintergrundkarte(
            gebiete.set_crs(None, allow_override=True), steps, kontext=kontext_mit(), titel="Quote"
        )


def test_tall_region_is_drawn_no_wider_than_it_is():
    areas = quadrate()
    areas["geometry"] = [shapely.box(0, y, 1000, y + 1000) for y in (0, 1000, 2000)]
    drawn = flaechen(areas)
    assert drawn.hoch
    assert drawn.breite == SCHMALSTE
    values = pd.Series([1.0, 2.0, 3.0], index=areas.index)
    steps = einstufen(values, Spalte("Quote"))
    shown = choropleth(areas, steps, kontext=kontext_mit(), titel="Quote").svg
    assert f'viewBox="0 0 {SCHMALSTE} ' in shown
    assert "sa-karte sa-hoch" in shown
    areas["geometry"] = [shapely.box(x, 0, x + 1000, 1000) for x in (0, 1000, 2000)]
    assert flaechen(areas).breite == BREITE
    assert not flaechen(areas).hoch


def test_map_of_counts_names_its_gaps_in_the_legend():
    values = pd.Series([4.0, 999.0, 7.0], index=["a 1", "a 2", "b 1"])
    status = pd.Series(["wert", "geheim", "wert"], index=values.index)
    shown = symbolkarte(
        quadrate(), values, Spalte("Zahl"), kontext=kontext_mit(), titel="Zahl", status=status
    )
    assert re.search(r'class="sa-legende".*geheim gehalten \(1\)', shown.html)


def test_area_without_a_name_is_called_by_its_id():
    areas = quadrate()
    areas["name"] = ["", "Berg", "Chor"]
    values = pd.Series([1.0, 2.0, 3.0], index=areas.index)
    shown = choropleth(areas, einstufen(values, Spalte("Q")), kontext=kontext_mit(), titel="Q")
    assert "Niedrigster Wert: 1,0 in a 1." in shown.beschreibung
