"""Tiles and colours of maps for two indicators: assignment, neighbourhoods, simulated colour blindness."""

from __future__ import annotations

import itertools
import re

import numpy as np
import pandas as pd
import pytest
from present_kreis import kontext_mit, kreis

from sozialanalyse import present
from sozialanalyse.present import _flaechen, theme
from sozialanalyse.present._kacheln import _stuecke, belegung, mitte

MACHADO = {
    "protan": [
        [0.152286, 1.052583, -0.204868],
        [0.114503, 0.786281, 0.099216],
        [-0.003882, -0.048116, 1.051998],
    ],
    "deutan": [
        [0.367322, 0.860646, -0.227968],
        [0.280085, 0.672501, 0.047413],
        [-0.011820, 0.042940, 0.968881],
    ],
    "tritan": [
        [1.255528, -0.076749, -0.178779],
        [-0.078411, 0.930809, 0.147602],
        [0.004733, 0.691367, 0.303900],
    ],
}
"""Machado, Oliveira and Fernandes (2009), severity 1, for linear RGB."""


def linear(colour: str) -> np.ndarray:
    part = np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)]) / 255
    return np.where(part <= 0.04045, part / 12.92, ((part + 0.055) / 1.055) ** 2.4)


def lab(rgb: np.ndarray) -> np.ndarray:
    """CIE L*a*b* under D65."""
    to_xyz = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])
    xyz = to_xyz @ np.clip(rgb, 0, 1) / np.array([0.95047, 1.0, 1.08883])
    f = np.where(xyz > 0.008856, np.cbrt(xyz), 7.787 * xyz + 16 / 116)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


def seen(colour: str, kind: str | None) -> np.ndarray:
    rgb = linear(colour)
    return lab(np.array(MACHADO[kind]) @ rgb if kind else rgb)


@pytest.mark.parametrize("kind", [None, "protan", "deutan", "tritan"])
@pytest.mark.parametrize(
    ("name", "colours", "least"),
    [
        *((f"seq{n}", theme.sequenziell(n), 5.0) for n in range(2, 10)),
        *((f"div{n}", theme.divergierend(n), 5.0) for n in range(2, 10)),
    ],
)
def test_neighbouring_classes_stay_apart_for_everybody(name, colours, least, kind):
    places = [seen(colour, kind) for colour in colours]
    gaps = [float(np.linalg.norm(a - b)) for a, b in itertools.pairwise(places)]
    assert min(gaps) >= least


def test_sequential_classes_darken_step_by_step_in_grey_print():
    for n in range(2, 10):
        light = [seen(colour, None)[0] for colour in theme.sequenziell(n)]
        assert all(a - b > 3 for a, b in itertools.pairwise(light))


@pytest.mark.parametrize("kind", [None, "protan", "deutan", "tritan"])
def test_nine_fields_of_two_indicators_stay_apart_where_they_meet(kind):
    """Fields that differ in one step; the code in each says the same without colour."""
    place = [seen(colour, kind) for colour in theme.BIVARIAT]
    pairs = [(i, j) for i in range(9) for j in range(i) if abs(i // 3 - j // 3) + abs(i % 3 - j % 3) == 1]
    assert min(float(np.linalg.norm(place[i] - place[j])) for i, j in pairs) >= 5


def test_code_is_legible_on_every_field():
    for colour in theme.BIVARIAT:
        luminance = linear(colour) @ [0.2126, 0.7152, 0.0722]
        ink = linear(theme.SCHRIFT_AUF_FLAECHE) @ [0.2126, 0.7152, 0.0722]
        assert (luminance + 0.05) / (ink + 0.05) >= 4.5


@pytest.fixture(scope="module")
def lage() -> tuple[pd.DataFrame, pd.Series]:
    areas = kreis()
    drawn = _flaechen.flaechen(areas)
    spots = pd.DataFrame(
        [_flaechen.mitte(g)[:2] for g in drawn.umriss], index=drawn.umriss.index, columns=["x", "y"]
    )
    return spots, areas["kommune_id"]


def test_every_area_has_a_tile_of_its_own_and_the_map_repeats(lage):
    spots, home = lage
    cells = belegung(spots, home)
    assert len(cells.drop_duplicates()) == len(spots)
    pd.testing.assert_frame_equal(cells, belegung(spots, home))


def test_tiles_keep_the_lie_of_the_land_and_towns_together(lage):
    spots, home = lage
    place = pd.DataFrame(mitte(belegung(spots, home).to_numpy()), index=spots.index, columns=["x", "y"])
    for axis in ("x", "y"):
        assert np.corrcoef(spots[axis], place[axis])[0, 1] > 0.85
    assert _stuecke(place.to_numpy(), home.to_numpy()) <= 2 * home.nunique()


def test_pieces_are_counted_by_hand():
    row = np.array([[0.0, 0], [1, 0], [2, 0], [4, 0]])
    assert _stuecke(row, np.array(["a", "a", "b", "b"])) == 3
    assert _stuecke(row, np.array(["a", "a", "a", "b"])) == 2


def test_area_without_a_place_gets_a_tile_below():
    spots = pd.DataFrame({"x": [0.0, 1, np.nan], "y": [0.0, 0, np.nan]}, index=list("abc"))
    cells = belegung(spots, pd.Series("K", index=spots.index))
    assert cells.loc["c", "reihe"] > cells.loc[["a", "b"], "reihe"].max()


def test_places_in_degrees_are_those_of_the_projection():
    areas = kreis()
    drawn = _flaechen.flaechen(areas)
    assert drawn.lage is not None
    lon, lat = (np.array(c) for c in drawn.lage)
    degrees = areas.to_crs(4326)
    for key in areas.index[::20]:
        x, y = drawn.umriss[key].centroid.coords[0]
        u, v = x / 1000 - 0.5, y / 1000 - 0.5
        terms = np.array([1, u, v, u * u, u * v, v * v])
        true = degrees.geometry[key].centroid
        assert lon @ terms == pytest.approx(true.x, abs=2e-3)
        assert lat @ terms == pytest.approx(true.y, abs=2e-3)


def test_codes_of_two_indicators_by_hand():
    areas = kreis(9)
    x = pd.Series(range(1, 10), index=areas.index, dtype=float)
    y = x.iloc[::-1].set_axis(areas.index)
    y.iloc[4] = np.nan
    found = present.zweifach(
        areas, x, y, kontext=kontext_mit(), titel="T", spalten=(present.Spalte("X"), present.Spalte("Y"))
    )
    assert found.tabelle["feld"].fillna("").tolist() == ["C1"] * 3 + ["B2", "", "B2"] + ["A3"] * 3


def test_title_of_two_indicators_says_where_both_are_high():
    areas = kreis(9)
    x = pd.Series(range(1, 10), index=areas.index, dtype=float)
    spalten = (present.Spalte("X"), present.Spalte("Y"))
    found = present.zweifach(areas, x, x, kontext=kontext_mit(), titel="X und Y", spalten=spalten)
    assert found.titel == "X und Y: in 3 von 9 Sozialräumen ist beides hoch"


def test_hatches_of_small_maps_are_as_coarse_as_those_of_the_legend():
    areas = kreis(9)
    x = pd.Series(range(1, 10), index=areas.index, dtype=float)
    state = pd.Series(["geheim", "unbekannt", *["wert"] * 7], index=areas.index)
    step = present.einstufen(x, present.Spalte("W", "%", 0), status=state)
    shown = present.kleine_vielfache(areas, {"a": step, "b": step}, kontext=kontext_mit(), titel="T")
    scale = float(re.search(r"translate[^ ]* [^ ]* scale\(([\d.]+)\)", shown.svg)[1])
    wide = [float(n) for n in re.findall(r'patternTransform="[^"]*scale\(([\d.]+)\)"', shown.svg)]
    assert len(wide) == 2
    assert wide == pytest.approx([1 / scale] * 2, rel=0.05)
