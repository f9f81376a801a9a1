"""Outlines as surveys deliver them: tilings whose areas have spikes, slivers, islands, holes and several parts."""

from __future__ import annotations

from collections.abc import Callable

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from shapely.geometry.base import BaseGeometry

BREITE = 20_000.0
OST, NORD = 380_000.0, 5_600_000.0
"""Where the made-up regions lie, in metres of EPSG:25832."""


def zufaellige(
    rng: np.random.Generator, gruppen: pd.Series, *, unfaelle: bool = True, luecken: bool = True
) -> gpd.GeoSeries:
    """Outline of every area in EPSG:25832, those of one group side by side.

    Parameters
    ----------
    gruppen
        Group per area; the index names the areas.
    unfaelle
        Whether some outlines have faults that real files have.
    luecken
        Whether some areas may have no outline (None).
    """
    cells = _kacheln(rng, gruppen)
    if unfaelle:
        share = rng.choice([0.0, 0.1, 0.3, 0.9])
        for i in np.flatnonzero(rng.random(len(cells)) < share):
            cells[i] = UNFAELLE[rng.integers(len(UNFAELLE))](rng, cells[i])
        if rng.random() < 0.3:  # an enclave: part of one area lies within another one
            _enklave(rng, cells)
    if luecken:
        for i in np.flatnonzero(rng.random(len(cells)) < rng.choice([0.0, 0.1])):
            cells[i] = None
    return gpd.GeoSeries(cells, index=gruppen.index, crs="EPSG:25832")


def _kacheln(rng: np.random.Generator, gruppen: pd.Series) -> np.ndarray:
    """A tiling with bent common borders; groups get points near each other."""
    names = list(dict.fromkeys(gruppen))
    centre = rng.uniform(0, BREITE, (len(names), 2))
    near = BREITE / (2.5 * np.sqrt(len(names)))
    home = np.array([names.index(name) for name in gruppen])
    spots = centre[home] + rng.normal(0, near / 2, (len(home), 2))
    spots += rng.uniform(0, 1, spots.shape)  # no two at one place
    stretch = np.array([1.0, rng.choice([0.1, 0.7, 1.0, 4.0])])
    if len(spots) == 1:
        cells = [shapely.box(*(spots[0] - 1000), *(spots[0] + 1000))]
    else:
        cells = list(shapely.get_parts(shapely.voronoi_polygons(shapely.MultiPoint(spots), ordered=True)))
    frame = shapely.box(*(spots.min(axis=0) - 1500), *(spots.max(axis=0) + 1500))
    cells = [shapely.segmentize(shapely.intersection(cell, frame), BREITE / 12) for cell in cells]
    bend = rng.uniform(0, 300)

    places = int(rng.integers(1, 7))

    def place(xy: np.ndarray) -> np.ndarray:
        wave = np.c_[np.sin(xy[:, 1] / 900), np.cos(xy[:, 0] / 1100)] * bend
        return np.asarray(np.round((xy + wave) * stretch + [OST, NORD], places))

    moved = [shapely.transform(cell, place) for cell in cells]
    out = np.empty(len(moved), dtype=object)
    out[:] = moved
    return out


def _ring(shape: BaseGeometry) -> np.ndarray:
    return shapely.get_coordinates(max(shapely.get_parts(shape), key=lambda part: part.area).exterior)


def _dorn(width: float) -> Callable[[np.random.Generator, BaseGeometry], BaseGeometry]:
    """A spike of some width in metres on one edge."""

    def spike(rng: np.random.Generator, shape: BaseGeometry) -> BaseGeometry:
        ring = _ring(shape)
        k = int(rng.integers(len(ring) - 1))
        a, b = ring[k], ring[k + 1]
        middle, along = (a + b) / 2, (b - a) / max(float(np.hypot(*(b - a))), 1e-9)
        tip = middle + np.array([along[1], -along[0]]) * rng.uniform(-800, 800)
        foot = along * width / 2
        return shapely.Polygon([*ring[: k + 1], middle - foot, tip, middle + foot, *ring[k + 1 :]])

    return spike


def _insel(rng: np.random.Generator, shape: BaseGeometry) -> BaseGeometry:
    x, y = shapely.get_coordinates(shape.centroid)[0] + rng.uniform(-1, 1, 2) * BREITE
    return shapely.MultiPolygon(
        [*shapely.get_parts(shape), shapely.Point(x, y).buffer(rng.uniform(0.5, 300))]
    )


def _loch(rng: np.random.Generator, shape: BaseGeometry) -> BaseGeometry:
    inside = shapely.maximum_inscribed_circle(shape)
    x, y = shapely.get_coordinates(inside)[0]
    return shapely.difference(shape, shapely.Point(x, y).buffer(inside.length * rng.uniform(0.05, 0.9)))


def _spalt(rng: np.random.Generator, shape: BaseGeometry) -> BaseGeometry:
    """Borders that overlap their neighbours or leave a gap by centimetres to metres."""
    return shape.buffer(rng.choice([-1, 1]) * 10 ** rng.uniform(-2, 1))


def _schleife(rng: np.random.Generator, shape: BaseGeometry) -> BaseGeometry:
    """Two corners in the wrong order."""
    ring = _ring(shape)[:-1].copy()
    k = int(rng.integers(len(ring) - 1))
    ring[[k, k + 1]] = ring[[k + 1, k]]
    return shapely.Polygon(ring)


def _winzig(rng: np.random.Generator, shape: BaseGeometry) -> BaseGeometry:
    x, y = shapely.get_coordinates(shape.centroid)[0]
    return shapely.box(x, y, x + 10 ** rng.uniform(-2, 1), y + 10 ** rng.uniform(-2, 1))


def _streifen(rng: np.random.Generator, shape: BaseGeometry) -> BaseGeometry:
    """An area hundreds of metres long and centimetres wide, as rivers and roads are."""
    x, y = shapely.get_coordinates(shape.centroid)[0]
    end = (x + rng.uniform(200, 3000), y + rng.uniform(-900, 900))
    return shapely.LineString([(x, y), end]).buffer(10 ** rng.uniform(-2, 1))


def _doppelt(rng: np.random.Generator, shape: BaseGeometry) -> BaseGeometry:
    return shapely.Polygon(np.repeat(_ring(shape), 2, axis=0))


UNFAELLE = (
    _dorn(0.0), _dorn(0.001), _dorn(0.5), _dorn(20.0), _insel, _loch, _spalt, _schleife, _winzig, _streifen, _doppelt,
)  # fmt: skip


def _enklave(rng: np.random.Generator, cells: np.ndarray) -> None:
    if len(cells) < 2:
        return
    a, b = rng.choice(len(cells), 2, replace=False)
    if not (cells[a].is_valid and cells[b].is_valid):
        return
    inside = shapely.maximum_inscribed_circle(cells[a])
    x, y = shapely.get_coordinates(inside)[0]
    part = shapely.Point(x, y).buffer(inside.length * 0.4)
    cells[a] = shapely.difference(cells[a], part)
    cells[b] = shapely.union(cells[b], part)
