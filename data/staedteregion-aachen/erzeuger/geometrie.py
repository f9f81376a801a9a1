"""Schematic shapes: one mosaic of small cells, dealt out to municipalities and then to areas.

The outline and the centres are drawn freehand; only the sizes of the ten municipalities are
official. Intermediate results are rounded so that the last bit of a platform's arithmetic does not
decide who gets a cell. Because every area is a union of cells of the same mosaic, there is no gap and no overlap.
"""

from __future__ import annotations

from itertools import pairwise

import geopandas as gpd
import numpy as np
import pandas as pd
import plan
import shapely
from scipy.interpolate import CubicSpline
from scipy.spatial import Voronoi

KRS = "EPSG:25832"
ZELLEN = 20_000
GLAETTUNG_M = 150

# Kilometres, east and north in EPSG:25832.
UMRISS_KM = (
    (302.6, 5648.2), (305.7, 5645.7), (305.9, 5641.8), (310.0, 5639.1), (314.1, 5634.8), (312.8, 5628.2),
    (311.9, 5622.1), (314.9, 5617.5), (318.3, 5613.5), (317.4, 5608.0), (311.5, 5602.6), (308.5, 5598.3),
    (302.1, 5597.9), (301.0, 5605.2), (299.1, 5611.4), (297.9, 5616.5), (295.3, 5622.1), (290.4, 5623.5),
    (289.2, 5628.0), (290.8, 5632.9), (292.4, 5637.3), (293.3, 5642.3), (296.2, 5644.9), (299.1, 5646.5),
)  # fmt: skip
MITTE_KM = {
    "AC": (294.5, 5628.3), "A": (300.6, 5640.1), "B": (302.5, 5644.1), "E": (308.1, 5633.3),
    "H": (294.9, 5639.2), "M": (304.9, 5604.0), "R": (302.1, 5615.2), "SI": (310.4, 5609.9),
    "S": (305.7, 5626.2), "W": (298.9, 5634.2),
}  # fmt: skip
INNEN = {"P": 0, "G": 1, "F": 2, "W": 3, "L": 4}
"""Order of the types from the centre outwards."""


def formen(gebiete: pd.DataFrame) -> gpd.GeoDataFrame:
    """Shapes of the areas, a valid coverage with whole metres as coordinates.

    Parameters
    ----------
    gebiete
        Index area ids; columns ``kuerzel``, ``typ``, ``flaeche_qkm`` (wanted size).
    """
    rng = np.random.default_rng([plan.SAAT, 4])
    outline = _umriss(gebiete["flaeche_qkm"].sum())
    cells = _mosaik(outline, rng)
    point = np.round(shapely.get_coordinates(shapely.centroid(cells)) / 1000, 6)
    size = np.round(shapely.area(cells) / 1e6, 9)
    neighbours = _nachbarn(cells)

    names = list(dict.fromkeys(gebiete["kuerzel"]))
    wanted = gebiete.groupby("kuerzel", sort=False)["flaeche_qkm"].sum()[names].to_numpy()
    centre = np.array([MITTE_KM[name] for name in names])
    kommune = _zugeteilt(point, size, centre, wanted, wander=0.0)
    kommune = _zusammenhaengend(kommune, size, wanted, neighbours)

    owner = np.full(len(cells), -1)
    for number, name in enumerate(names):
        inside = np.flatnonzero(kommune == number)
        areas = gebiete[gebiete["kuerzel"] == name]
        goal = areas["flaeche_qkm"].to_numpy() * size[inside].sum() / areas["flaeche_qkm"].sum()
        seeds = _startpunkte(areas, point[inside], centre[number], rng)
        part = _zugeteilt(point[inside], size[inside], seeds, goal, wander=0.3)
        local = {cell: place for place, cell in enumerate(inside)}
        linked = [[local[n] for n in neighbours[cell] if n in local] for cell in inside]
        part = _zusammenhaengend(part, size[inside], goal, linked)
        owner[inside] = gebiete.index.get_indexer(areas.index)[part]
    return gpd.GeoDataFrame(geometry=_verschmolzen(cells, owner, len(gebiete)), index=gebiete.index, crs=KRS)


def _umriss(area_qkm: float) -> shapely.Polygon:
    """Smooth closed line through the outline points, scaled to the wanted area."""
    corner = np.array([*UMRISS_KM, UMRISS_KM[0]]) * 1000
    place = np.concatenate([[0], np.cumsum(np.hypot(*np.diff(corner, axis=0).T))])
    curve = CubicSpline(place, corner, bc_type="periodic")(np.linspace(0, place[-1], 260)[:-1])
    polygon = shapely.Polygon(curve)
    factor = float(np.sqrt(area_qkm * 1e6 / polygon.area))
    scaled = shapely.affinity.scale(polygon, factor, factor, origin=polygon.centroid)
    return shapely.transform(scaled, np.round)


def _mosaik(outline: shapely.Polygon, rng: np.random.Generator) -> np.ndarray:
    """Voronoi cells of evenly scattered points, cut at the outline."""
    west, south, east, north = outline.bounds
    step = float(np.sqrt(outline.area / ZELLEN))
    x, y = np.meshgrid(
        np.arange(west - 5 * step, east + 5 * step, step), np.arange(south - 5 * step, north + 5 * step, step)
    )
    point = np.column_stack([x.ravel(), y.ravel()]) + rng.uniform(-0.42, 0.42, (x.size, 2)) * step
    keep = shapely.contains_xy(outline.buffer(4 * step), point)
    diagram = Voronoi(np.round(point[keep], 2))
    regions = (diagram.regions[r] for r in diagram.point_region)
    cells = [shapely.Polygon(diagram.vertices[r]) for r in regions if r and -1 not in r]
    cells = np.array(cells, dtype=object)
    return cells[shapely.contains_xy(outline, shapely.get_coordinates(shapely.centroid(cells)))]


def _nachbarn(cells: np.ndarray) -> list[list[int]]:
    """Cells that share an edge."""
    found: dict[tuple[tuple[float, float], tuple[float, float]], list[int]] = {}
    for number, cell in enumerate(cells):
        ring = [tuple(corner) for corner in np.round(shapely.get_coordinates(cell), 3)]
        for start, end in pairwise(ring):
            found.setdefault((min(start, end), max(start, end)), []).append(number)
    result: list[list[int]] = [[] for _ in cells]
    for pair in found.values():
        if len(pair) == 2:
            result[pair[0]].append(pair[1])
            result[pair[1]].append(pair[0])
    return result


def _startpunkte(
    areas: pd.DataFrame, point: np.ndarray, centre: np.ndarray, rng: np.random.Generator
) -> np.ndarray:
    """Seeds: dense types near the centre, the parts a and b of a base area side by side."""
    distance = np.hypot(*(point - centre).T)
    ranked = point[np.argsort(distance, kind="stable")]
    rank = areas["typ"].map(INNEN).to_numpy()
    order = np.lexsort((rng.random(len(areas)), rank))
    seeds = np.empty((len(areas), 2))
    shares = areas["flaeche_qkm"].to_numpy()[order]
    reach = (np.cumsum(shares) - shares / 2) / shares.sum()
    for place, number in enumerate(order):
        around = len(ranked) * reach[place]
        low, high = int(0.6 * around), max(int(0.6 * around) + 8, int(min(1.3 * around, len(ranked))))
        candidates = ranked[rng.integers(low, min(high, len(ranked)), 40)]
        taken = seeds[order[:place]]
        gap = (
            np.min(np.hypot(*(candidates[:, None] - taken[None]).transpose(2, 0, 1)), axis=1)
            if place
            else np.zeros(len(candidates))
        )
        seeds[number] = candidates[int(np.argmax(gap))]
    for number, name in enumerate(areas.index):
        if str(name).endswith("b"):
            seeds[number] = seeds[number - 1] + rng.normal(0, 0.15, 2)
    return seeds


def _zugeteilt(
    point: np.ndarray, size: np.ndarray, seeds: np.ndarray, wanted: np.ndarray, *, wander: float
) -> np.ndarray:
    """Deal points out to seeds so that each gets its size (power diagram, weights by ascent).

    ``wander`` is the part of the way that seeds move to their centre of mass now and then.
    """
    weight = np.zeros(len(seeds))
    seeds = seeds.copy()
    rounds, each = (14, 60) if wander else (1, 800)
    scale = wanted / np.pi
    for number in range(rounds):
        distance = ((point[:, None] - seeds[None]) ** 2).sum(2)
        for step in range(each):
            owner = np.argmin(distance - weight, axis=1)
            got = np.bincount(owner, size, len(seeds))
            pace = 0.5 / (1 + 4 * step / each)
            weight += pace * scale.clip(0.05) * np.clip((wanted - got) / wanted, -1, 1)
            weight = np.round(weight - weight.mean(), 9)
        if wander and number < rounds - 3:
            mass = np.column_stack(
                [
                    np.bincount(owner, size * point[:, axis], len(seeds)) / np.maximum(got, 1e-9)
                    for axis in (0, 1)
                ]
            )
            seeds = np.where((got > 0)[:, None], np.round(seeds + wander * (mass - seeds), 9), seeds)
    return owner


def _teile(owner: np.ndarray, neighbours: list[list[int]]) -> np.ndarray:
    """Number of the connected piece each cell belongs to."""
    piece = np.full(len(owner), -1)
    count = 0
    for first in range(len(owner)):
        if piece[first] >= 0:
            continue
        stack, piece[first] = [first], count
        while stack:
            cell = stack.pop()
            for other in neighbours[cell]:
                if piece[other] < 0 and owner[other] == owner[first]:
                    piece[other] = count
                    stack.append(other)
        count += 1
    return piece


def _zusammenhaengend(
    owner: np.ndarray, size: np.ndarray, wanted: np.ndarray, neighbours: list[list[int]]
) -> np.ndarray:
    """Give every piece but the largest of each owner to the neighbour that lacks most."""
    owner = owner.copy()
    for _ in range(20):
        piece = _teile(owner, neighbours)
        weight = np.bincount(piece, size)
        holder = np.array([owner[np.argmax(piece == number)] for number in range(len(weight))])
        main = {h: max(np.flatnonzero(holder == h), key=lambda n: weight[n]) for h in np.unique(holder)}
        stray = [n for n in range(len(weight)) if main[holder[n]] != n]
        if not stray:
            return owner
        got = np.bincount(owner, size, len(wanted))
        for number in stray:
            cells = np.flatnonzero(piece == number)
            around = {owner[n] for cell in cells for n in neighbours[cell]} - {holder[number]}
            if around:
                owner[cells] = min(sorted(around), key=lambda h: got[h] / wanted[h])
    raise RuntimeError("areas do not become connected")


def _verschmolzen(cells: np.ndarray, owner: np.ndarray, count: int) -> np.ndarray:
    """Union of the cells of each owner, common borders simplified together."""
    merged = np.array([shapely.coverage_union_all(cells[owner == number]) for number in range(count)])
    smooth = shapely.coverage_simplify(merged, GLAETTUNG_M)
    return shapely.transform(smooth, np.round)
