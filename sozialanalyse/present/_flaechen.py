"""Areas as SVG paths: projected, simplified together, quantised, and places for their labels."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import cached_property, lru_cache

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import shapely
from shapely.geometry.base import BaseGeometry

from sozialanalyse.present._typen import Kennung

BREITE = 1000
"""Width of a drawing; that of a tall region is as narrow as it needs, at least :data:`SCHMALSTE`."""
SCHMALSTE = 560
HOECHSTE_HOEHE = 1150
RAND = 8
PUNKTE_JE_GEBIET = 16
"""Corner budget: 93 areas stay well below 60 kB together with their table."""


VIELE_NAMEN = 40
"""Of more labels those that find no free place are left out."""
PUNKT = 0.5
"""Side of the square that stands for an area too small to be drawn, in drawing units."""
HAARRISS = 1.5
"""Half the width of the gaps that a union of areas closes, in drawing units."""


@dataclass(frozen=True)
class Flaechen:
    """Drawn areas in drawing units, one unit about one pixel on a desk.

    Attributes
    ----------
    umriss
        Simplified polygons by gebiet_id; areas without geometry are not among them.
    ohne
        Ids of the areas without geometry.
    hoehe
        Height of the drawing.
    meter
        Metres per unit, None if the coordinates have no known unit.
    """

    umriss: pd.Series
    ohne: tuple[Kennung, ...]
    hoehe: float
    meter: float | None
    lage: tuple[tuple[float, ...], tuple[float, ...]] | None = None
    """Polynomials of second order from the drawing to longitude and latitude, see :func:`_lage`."""
    breite: float = BREITE
    _gruppen: dict[tuple[tuple[Kennung, Kennung], ...], dict[Kennung, BaseGeometry]] = field(
        default_factory=dict, repr=False, compare=False
    )

    @cached_property
    def pfade(self) -> dict[Kennung, str]:
        """Path data per area, see :func:`pfad`."""
        return {key: pfad(outline) for key, outline in self.umriss.items()}

    @property
    def hoch(self) -> bool:
        """Whether the drawing is so narrow that it fills a phone at nearly the size it has on a desk."""
        return self.breite < 0.8 * BREITE

    def gruppen(self, kommune: pd.Series) -> dict[Kennung, BaseGeometry]:
        """Union of the areas per municipality, in the order of their ids, hairline gaps closed."""
        keys = kommune.reindex(self.umriss.index).dropna()
        asked = tuple(keys.items())
        if asked not in self._gruppen:
            outlines = self.umriss.reindex(keys.index).groupby(keys.to_numpy(), sort=True)
            self._gruppen[asked] = {key: _closed(parts.to_numpy()) for key, parts in outlines}
        return self._gruppen[asked]


def _closed(parts: np.ndarray) -> BaseGeometry:
    whole = shapely.union_all(parts)
    closed = whole.buffer(HAARRISS, join_style="mitre").buffer(-HAARRISS, join_style="mitre")
    return closed if closed.area > 0 else whole


def flaechen(gebiete: gpd.GeoDataFrame, punkte: int = PUNKTE_JE_GEBIET) -> Flaechen:
    """Project, scale and simplify all areas in one go, so that neighbours keep a common border.

    Geographic coordinates are projected to the UTM zone of the data. Corners are rounded to a tenth
    of a unit, so that borders which differ by less than a hair become the same; spikes, slivers and
    rings that fold together by that are mended, and an area that vanishes is drawn as a dot. The tolerance of
    :func:`shapely.coverage_simplify` grows until the corners fit the budget; where neighbours do not
    match well enough for that, each area is simplified by itself. ``punkte`` is the budget per area.
    What has no area (lines, points, coordinates that are no numbers) counts as without geometry.
    A page draws the same areas several times; the last few drawings are kept.
    """
    shapes = gebiete.geometry
    return _gezeichnet(tuple(shapely.to_wkb(shapes.to_numpy())), tuple(gebiete.index), shapes.crs, punkte)


@lru_cache(maxsize=4)
def _gezeichnet(
    wkb: tuple[bytes | None, ...], ids: tuple[Kennung, ...], crs: pyproj.CRS | None, punkte: int
) -> Flaechen:
    shapes = gpd.GeoSeries.from_wkb(list(wkb), index=pd.Index(ids), crs=crs)
    shapes = shapes[[shape is not None and not shape.is_empty for shape in shapes]]
    if len(shapes) and shapes.crs is not None and shapes.crs.is_geographic:
        shapes = shapes.to_crs(shapes.estimate_utm_crs())
    plane = pd.Series([flaechig(geometry) for geometry in shapes], index=shapes.index, dtype=object)
    plane = plane[[bool(geometry.area > 0) for geometry in plane]]
    ohne = tuple(key for key in ids if key not in plane.index)
    if plane.empty:
        return Flaechen(pd.Series(dtype=object), ohne, 0.0, None)
    valid = plane.to_numpy()
    left, bottom, right, top = shapely.total_bounds(valid)
    inner = BREITE - 2 * RAND
    scale = min(inner / max(right - left, 1e-9), (HOECHSTE_HOEHE - 2 * RAND) / max(top - bottom, 1e-9))
    width = round(max(scale * (right - left) + 2 * RAND, SCHMALSTE))
    offset = (width - scale * (right - left)) / 2

    def place(xy: np.ndarray) -> np.ndarray:
        moved = np.c_[offset + scale * (xy[:, 0] - left), RAND + scale * (top - xy[:, 1])]
        return np.asarray(np.round(moved, 1))

    inside = shapely.get_coordinates(shapely.point_on_surface(valid))
    dots = [shapely.box(x, y, x + PUNKT, y + PUNKT) for x, y in place(inside)]
    drawn = _mended(shapely.transform(valid, place), dots)
    metres = 1 / scale if shapes.crs is not None else None
    height = scale * (top - bottom) + 2 * RAND
    degrees = None
    if shapes.crs is not None:
        corner = np.array([left - offset / scale, top + RAND / scale])
        degrees = _lage(lambda xy: corner + xy * [1 / scale, -1 / scale], height, shapes.crs)
    outlines = pd.Series(_mended(_simplified(drawn, punkte), dots), index=plane.index)
    return Flaechen(outlines, ohne, height, metres, degrees, width)


def _lage(
    zurueck: Callable[[np.ndarray], np.ndarray], hoehe: float, crs: pyproj.CRS
) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Coefficients (1, u, v, u², uv, v²) for longitude and latitude, u = x / 1000 - 0.5, v likewise.

    Over a Kreis the fit is closer than the corners are rounded, so a page can hand out its map in degrees
    without the formulas of the projection.
    """
    x, y = (axis.ravel() for axis in np.meshgrid(np.linspace(0, BREITE, 7), np.linspace(0, hoehe, 7)))
    plane = zurueck(np.c_[x, y])
    lon, lat = pyproj.Transformer.from_crs(crs, 4326, always_xy=True).transform(plane[:, 0], plane[:, 1])
    u, v = x / 1000 - 0.5, y / 1000 - 0.5
    terms = np.c_[np.ones_like(u), u, v, u * u, u * v, v * v]
    fitted = np.linalg.lstsq(terms, np.c_[lon, lat], rcond=None)[0]
    first, second = (tuple(float(c) for c in np.round(column, 8)) for column in fitted.T)
    return first, second


def flaechig(geometry: BaseGeometry) -> BaseGeometry:
    """The areal part of a geometry, valid; empty if it has none or is no place at all."""
    if not np.isfinite(shapely.bounds(geometry)).all():
        return shapely.Polygon()
    if geometry.is_valid and geometry.geom_type in {"Polygon", "MultiPolygon"}:
        return geometry
    parts = [part for part in _parts(geometry) if part.geom_type == "Polygon"]
    mended = [shapely.make_valid(part, method="structure", keep_collapsed=False) for part in parts]
    return shapely.union_all([part for part in mended if part.area > 0])


def _parts(geometry: BaseGeometry) -> Iterable[BaseGeometry]:
    """Single parts, also of collections inside each other."""
    for part in shapely.get_parts(geometry):
        yield from _parts(part) if hasattr(part, "geoms") else [part]


def _mended(drawn: np.ndarray, dots: list[BaseGeometry]) -> np.ndarray:
    """Valid areas after their corners moved; what folded to nothing becomes its dot."""
    out = drawn.copy()
    for i in np.flatnonzero(~shapely.is_valid(drawn) | (shapely.area(drawn) <= 0)):
        whole = flaechig(drawn[i])
        out[i] = whole if whole.area > 0 else dots[i]
    return out


def gemeinsam_vereinfacht(areas: np.ndarray, tolerance: float) -> np.ndarray:
    """Areas with fewer corners and common borders; each by itself where borders are too tangled for that."""
    try:
        return np.asarray(shapely.coverage_simplify(areas, tolerance))
    except shapely.errors.GEOSException:
        return np.asarray(shapely.simplify(areas, tolerance))


def _simplified(drawn: np.ndarray, punkte: int) -> np.ndarray:
    budget = punkte * max(len(drawn), 20)
    for tolerance in 0.5 * 1.6 ** np.arange(10):
        simple = gemeinsam_vereinfacht(drawn, tolerance)
        if shapely.get_num_coordinates(simple).sum() <= budget:
            return simple
    return shapely.simplify(drawn, 2.0)


def pfad(geometry: BaseGeometry) -> str:
    """Path data with whole numbers and relative steps; rings that vanish are left out."""
    polygons = [part for part in shapely.get_parts(geometry) if part.geom_type == "Polygon"]
    rings = [ring for polygon in polygons for ring in (polygon.exterior, *polygon.interiors)]
    drawn = [piece for ring in rings if (piece := _ring(shapely.get_coordinates(ring)))]
    if drawn or not polygons:
        return "".join(drawn)
    x, y = np.rint(shapely.get_coordinates(polygons[0])[0]).astype(int)
    return f"M{x} {y}h1v1z"


def _ring(corners: np.ndarray) -> str:
    grid = np.rint(corners[:-1]).astype(int)
    grid = grid[np.any(grid != np.roll(grid, 1, axis=0), axis=1)]
    if len(grid) < 3:
        return ""
    steps = " ".join(f"{x} {y}" for x, y in np.diff(grid, axis=0))
    return f"M{grid[0, 0]} {grid[0, 1]}l{steps.replace(' -', '-')}z"


def mitte(geometry: BaseGeometry) -> tuple[float, float, float]:
    """Centre and radius of the largest circle inside the largest part."""
    largest = max(shapely.get_parts(geometry), key=lambda part: part.area)
    radius = shapely.maximum_inscribed_circle(largest, tolerance=1.0)
    (x, y), _ = shapely.get_coordinates(radius)
    return float(x), float(y), float(radius.length)


Kasten = tuple[float, float, float, float]


def beschriftungen(
    gruppen: dict[Kennung, BaseGeometry],
    groesse: dict[Kennung, tuple[float, float]],
    belegt: Iterable[Kasten],
    breite: float = BREITE,
) -> dict[Kennung, tuple[float, float]]:
    """Centre of each label inside its area, where it covers other labels and codes least.

    Large areas choose first; among more than :data:`VIELE_NAMEN` those are left out that would cover
    others by more than a hair. ``groesse`` is width and height per label, ``belegt`` holds boxes
    (x0, y0, x1, y1) that had better stay free, ``breite`` is the width of the drawing.
    """
    codes, names = np.array([*belegt], dtype=float).reshape(-1, 4), np.empty((0, 4))
    out = {}
    for key in sorted(gruppen, key=lambda k: -gruppen[k].area):
        half = np.array(groesse[key]) / 2
        x, y, _ = mitte(gruppen[key])
        spots = np.array([(x, y), *_spots(gruppen[key])])
        boxes = np.c_[spots - half, spots + half]
        covered = _common(boxes, codes).sum(axis=1) + 8 * (beside := _common(boxes, names).sum(axis=1))
        outside = (RAND - boxes[:, 0]).clip(0) + (boxes[:, 2] - breite + RAND).clip(0)
        away = np.hypot(*(spots - (x, y)).T)
        best = int(np.argmin(covered + 50 * outside + 0.8 * away))
        if len(gruppen) > VIELE_NAMEN and beside[best] > 0.1 * half[0] * half[1]:
            continue
        out[key] = (float(spots[best, 0]), float(spots[best, 1]))
        names = np.vstack([names, boxes[best]])
    return out


def _spots(geometry: BaseGeometry) -> np.ndarray:
    x0, y0, x1, y1 = geometry.bounds
    grid = np.array([(x, y) for x in np.linspace(x0, x1, 13)[1:-1] for y in np.linspace(y0, y1, 17)[1:-1]])
    return grid[shapely.contains_xy(geometry, grid)]


def _common(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Area that each box of ``a`` shares with each of those of ``b`` that lie near."""
    low, high = a[:, :2].min(axis=0), a[:, 2:].max(axis=0)
    b = b[(b[:, :2] < high).all(axis=1) & (b[:, 2:] > low).all(axis=1)]
    width = np.minimum(a[:, None, 2], b[:, 2]) - np.maximum(a[:, None, 0], b[:, 0])
    height = np.minimum(a[:, None, 3], b[:, 3]) - np.maximum(a[:, None, 1], b[:, 1])
    return np.asarray(width.clip(0) * height.clip(0))
