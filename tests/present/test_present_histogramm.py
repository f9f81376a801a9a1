"""Legends of maps: a bar per class as long as the class has areas, the class of one's own area marked."""

from __future__ import annotations

import re
from functools import cache

import geopandas as gpd
import pandas as pd
import pytest
import shapely
from present_kreis import kontext_mit

from sozialanalyse.present import choropleth, hintergrundkarte, typenkarte, zweifach
from sozialanalyse.present._einstufung import einstufen
from sozialanalyse.present.anzeige import Anzeige
from sozialanalyse.present.klassen import Klassen
from sozialanalyse.present.kleinbilder import kachelkarte
from sozialanalyse.present.tafel import Spalte

WERTE = [1.0, 1.0, 1.0, 1.0, 5.0, 5.0, 9.0, None]
KLASSEN = Klassen((2.0, 6.0, 20.0), "manuell")


def reihe(n: int = 8) -> gpd.GeoDataFrame:
    """Squares in a row, two towns."""
    return gpd.GeoDataFrame(
        {
            "name": [f"Ort {i}" for i in range(n)],
            "kommune_id": ["T1" if i < n // 2 else "T2" for i in range(n)],
        },
        geometry=[shapely.box(i * 1000, 0, i * 1000 + 1000, 1000) for i in range(n)],
        index=pd.Index([f"a {i}" for i in range(n)], name="gebiet_id"),
        crs="EPSG:25832",
    )


def balken(shown: Anzeige) -> list[tuple[float, str]]:
    """Length of the bar and words of each class of the legend, 0 where there is no bar."""
    found = []
    for field, words in shown.legende or _aus_html(shown.html):
        bar = re.search(r"M31 9h(\d+)", field)
        if "sa-balken" in field:
            found.append((float(bar[1]) if bar else 0.0, words))
    return found


def _aus_html(html: str) -> list[tuple[str, str]]:
    listed = re.search(r'<ul class="sa-legende">(.*?)</ul>', html, re.DOTALL)
    assert listed
    return re.findall(r"<li>(.*?)<span>(.*?)</span></li>", listed[1])


@cache
def karten(hervorheben: str | None = None) -> dict[str, Anzeige]:
    areas, kontext = reihe(), kontext_mit()
    values = pd.Series(WERTE, index=areas.index)
    steps = einstufen(values, Spalte("T"), klassen=KLASSEN)
    kinds = pd.Series([1, 1, 1, 1, 2, 2, 3, None], index=areas.index)
    heads = (Spalte("X"), Spalte("Y"))
    common = {"kontext": kontext, "titel": "T", "hervorheben": hervorheben}
    return {
        "choropleth": choropleth(areas, steps, **common),
        "hintergrund": hintergrundkarte(areas, steps, **common),
        "typen": typenkarte(areas, kinds, **common),
        "zweifach": zweifach(areas, values, values, spalten=heads, **common),
    }


def test_bars_are_as_long_as_the_counts_that_the_words_say() -> None:
    assert balken(karten()["choropleth"]) == [
        (40.0, "bis 2,0 (4)"),
        (20.0, "über 2,0 bis 6,0 (2)"),
        (10.0, "über 6,0 bis 20,0 (1)"),
        (0.0, "über 20,0 (0)"),
        (10.0, "keine Angabe (1)"),
    ]


@pytest.mark.parametrize("kind", ["choropleth", "hintergrund", "typen", "zweifach"])
def test_every_map_of_classes_has_bars_and_says_what_they_mean(kind: str) -> None:
    shown = karten()[kind]
    bars = balken(shown)
    longest = max(bars)
    counts = [int(re.search(r"\((\d+)\)", words)[1]) for _, words in bars]  # type: ignore[index]
    assert [length for length, _ in bars] == [round(40 * n / max(counts)) for n in counts]
    assert longest[0] == 40
    assert sum(counts) == 8
    assert "Balken: Zahl der Gebiete" in shown.html


@pytest.mark.parametrize("kind", ["choropleth", "hintergrund", "typen", "zweifach"])
@pytest.mark.parametrize("gebiet", ["a 4", "a 7"])
def test_the_class_of_the_highlighted_area_is_marked_in_words_and_by_a_frame(kind: str, gebiet: str) -> None:
    shown = karten(gebiet)[kind]
    fields = [
        (field, words) for field, words in shown.legende or _aus_html(shown.html) if "sa-balken" in field
    ]
    marked = [(field, words) for field, words in fields if "sa-hier" in field]
    assert [words for _, words in marked] == [words for _, words in fields if "darunter" in words]
    [(field, words)] = marked
    assert words.endswith(f", darunter {gebiet} Ort {gebiet[-1]}")
    assert 'stroke-width="4"' in field
    assert not [field for field, _ in balken_ohne(karten()[kind]) if "sa-hier" in field]


def balken_ohne(shown: Anzeige) -> list[tuple[str, str]]:
    return [*(shown.legende or _aus_html(shown.html))]


def test_quiet_areas_and_the_middle_class_have_bars_of_their_own() -> None:
    areas = reihe()
    values = pd.Series([-9.0, -1.0, 0.5, 0.2, 1.0, 9.0, 9.0, 9.0], index=areas.index)
    quiet = pd.Series([False, False, True, True, True, False, False, True], index=areas.index)
    classes = Klassen((-5.0, 5.0), "manuell")
    steps = einstufen(values, Spalte("T"), klassen=classes, ruhig=quiet, ruhig_wort="im Zufall")
    shown = choropleth(areas, steps, kontext=kontext_mit(), titel="T", hervorheben="a 7")
    assert balken(shown) == [
        (10.0, "bis −5,0 (1)"),
        (10.0, "über −5,0 bis 5,0 (1)"),
        (20.0, "über 5,0 (2)"),
        (40.0, "im Zufall (4), darunter a 7 Ort 7"),
    ]


def test_one_class_has_no_bar_and_tiles_have_them() -> None:
    areas = reihe(3)
    values = pd.Series([1.0, 1.0, 1.0], index=areas.index)
    alone = choropleth(areas, einstufen(values, Spalte("T")), kontext=kontext_mit(), titel="T")
    assert not balken(alone)
    assert "Zahl der Gebiete" not in alone.html
    steps = einstufen(pd.Series(WERTE, reihe().index), Spalte("W"), klassen=KLASSEN)
    tiles = kachelkarte(reihe(), steps, kontext=kontext_mit(), titel="T")
    assert len(balken(tiles)) == 5
