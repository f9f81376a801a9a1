"""Maps of any outlines: every area is drawn or named as missing, whatever its file holds."""

from __future__ import annotations

import re

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given
from hypothesis import settings as hypothese
from hypothesis import strategies as st
from umrisse import UNFAELLE, zufaellige

from sozialanalyse import present
from sozialanalyse.base.kontext import Ebene, Kontext
from sozialanalyse.present._flaechen import flaechen, mitte, pfad


def kontext() -> Kontext:
    levels = [Ebene(level, "Teil", "Teile", "Teilen") for level in ("region", "kommune", "sozialraum")]
    return Kontext(
        region="Kreis", herausgeber="Kreis", stichtag="31.12.2023", audience="intern",
        region_ebene=levels[0], kommune=levels[1], sozialraum=levels[2], marke="", quellen=(),
    )  # fmt: skip


SYSTEME = ("EPSG:25832", "EPSG:4326", "EPSG:31466", "EPSG:25833")


def gezogen(seed: int) -> gpd.GeoDataFrame:
    """Areas of a random region with random outlines."""
    rng = np.random.default_rng(seed)
    sizes = rng.integers(1, rng.choice([2, 8, 30]), size=rng.choice([1, 2, 6]))
    home = [f"K{k}" for k, size in enumerate(sizes) for _ in range(size)]
    ids = pd.Index([f"{k} {i}" for i, k in enumerate(home)], name="gebiet_id")
    groups = pd.Series(home, index=ids)
    shapes = zufaellige(rng, groups).to_crs(SYSTEME[rng.integers(len(SYSTEME))])
    return gpd.GeoDataFrame({"name": ids, "kommune_id": groups}, geometry=shapes, index=ids)


def pruefe(areas: gpd.GeoDataFrame) -> None:
    """What must hold for every map."""
    drawn = flaechen(areas)
    assert {*drawn.ohne, *drawn.umriss.index} == set(areas.index)
    assert not {*drawn.ohne} & {*drawn.umriss.index}
    assert shapely.is_valid(drawn.umriss.to_numpy()).all()
    for outline in drawn.umriss:
        assert re.fullmatch(r"(M-?\d+ -?\d+[lh][-\d v h]+z)+", pfad(outline)), pfad(outline)
        x, y, radius = mitte(outline)
        assert np.isfinite([x, y, radius]).all()
        assert -1 <= x <= drawn.breite + 1
        assert -1 <= y <= drawn.hoehe + 1
    for outline in drawn.gruppen(areas["kommune_id"]).values():
        assert outline.area > 0
        assert pfad(outline)
    assert drawn.hoehe <= 1150


@hypothese(max_examples=30)
@given(st.integers(0, 10**9))
def test_any_outlines_are_drawn(seed):
    areas = gezogen(seed)
    pruefe(areas)
    shaped = areas.geometry.notna()
    drawn = flaechen(areas)
    assert not any(shaped.loc[list(drawn.ohne)]), "an area with an outline is on the map"


@hypothese(max_examples=4)
@given(st.integers(0, 10**9))
def test_every_kind_of_map_takes_any_outlines(seed):
    areas = gezogen(seed)
    values = pd.Series(np.arange(len(areas), dtype=float), index=areas.index)
    steps = present.einstufen(values, present.Spalte("W"))
    common = {"kontext": kontext(), "titel": "T"}
    for found in (
        present.typenkarte(areas, values % 3 + 1, **common),
        present.choropleth(areas, steps, **common),
        present.symbolkarte(areas, values, present.Spalte("W"), **common),
        present.hintergrundkarte(areas, steps, **common),
    ):
        assert found._repr_html_()


@pytest.mark.parametrize("unfall", UNFAELLE)
def test_every_fault_alone_and_beside_a_neighbour(unfall):
    for seed in range(6):
        rng = np.random.default_rng(seed)
        x, y = 400_000.0, 5_600_000.0
        square = shapely.box(x, y, x + 1000, y + 1000)
        for shapes in (
            [unfall(rng, square)],
            [unfall(rng, square), shapely.box(x + 1000, y, x + 30_000, y + 2000)],
        ):
            ids = [f"A {i}" for i in range(len(shapes))]
            pruefe(gpd.GeoDataFrame({"name": ids, "kommune_id": "K"}, geometry=shapes, index=ids, crs=25832))


def test_a_spike_thinner_than_the_drawing_leaves_the_area():
    spike = shapely.Polygon([(0, 0), (10, 0), (10, 5), (13, 5.0001), (10, 5.0002), (10, 10), (0, 10)])
    ids = ["A", "B"]
    shapes = [spike, shapely.box(20, 0, 30, 10)]
    areas = gpd.GeoDataFrame({"name": ids, "kommune_id": "K"}, geometry=shapes, index=ids, crs=25832)
    outline, other = flaechen(areas).umriss[ids]
    assert outline.area == pytest.approx(other.area, rel=1e-3), "the square without its spike"


@pytest.mark.parametrize(
    "shape",
    [shapely.Point(1, 1), shapely.LineString([(0, 0), (5, 5)]), shapely.Point(1, 1).buffer(0),
     shapely.box(0, 0, np.inf, 1), shapely.Polygon([(0, 0), (5, 0), (0, 0)])],
)  # fmt: skip
def test_what_is_no_area_is_named_below_the_map(shape):
    ids = ["A", "B"]
    areas = gpd.GeoDataFrame(
        {"name": ids, "kommune_id": "K"}, geometry=[shape, shapely.box(0, 0, 9, 9)], index=ids, crs=25832
    )
    assert flaechen(areas).ohne == ("A",)
    assert "B" in flaechen(areas).umriss
