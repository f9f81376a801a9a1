"""Random contiguous partitions of a map: the null of "neighbours are alike anyway"."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

Neighbours = Mapping[Hashable, Iterable[Hashable]] | Any
"""Neighbours of each area: a mapping, or libpysal ``W`` or ``Graph``."""


def neighbour_lists(areas: pd.Index, geometry: Any, neighbours: Neighbours | None) -> list[list[int]] | None:
    """Positions of the neighbours of each area, symmetric; None if nothing is known.

    ``geometry`` makes areas neighbours that touch or overlap; one that touches none gets the
    nearest area as its neighbour.

    Raises
    ------
    ValueError
        If an area has no entry.
    """
    if neighbours is not None:
        mapping = getattr(neighbours, "neighbors", neighbours)
        if not isinstance(mapping, Mapping):
            mapping = {area: tuple(found) for area, found in neighbours.neighbors.items()}
        missing = [area for area in areas if area not in mapping]
        if missing:
            raise ValueError(f"neighbours lacks the areas {missing[:5]}")
        place = {area: at for at, area in enumerate(areas)}
        pairs = [
            (at, place[other]) for area, at in place.items() for other in mapping[area] if other in place
        ]
        return _symmetric(len(areas), pairs)
    if geometry is None:
        return None
    shapes = geometry.geometry
    missing = areas.difference(shapes.index)
    if len(missing):
        raise ValueError(f"geometry lacks the areas {list(missing[:5])}")
    return _symmetric(len(areas), touching(shapes.loc[areas]))


def touching(shapes: gpd.GeoSeries) -> list[tuple[int, int]]:
    """Pairs of positions of shapes that touch or overlap; a shape without a pair gets its nearest."""
    left, right = shapes.sindex.query(shapes, predicate="intersects")
    pairs = [(int(a), int(b)) for a, b in zip(left, right, strict=True) if a != b]
    alone = set(range(len(shapes))) - {a for a, _ in pairs}
    for at in sorted(alone) if len(shapes) > 1 else ():
        found = shapes.sindex.nearest(shapes.iloc[at], exclusive=True, return_all=False)
        pairs.append((at, int(found[1][0])))
    return pairs


def _symmetric(count: int, pairs: Iterable[tuple[int, int]]) -> list[list[int]]:
    lists: list[set[int]] = [set() for _ in range(count)]
    for a, b in pairs:
        if a != b:
            lists[a].add(b)
            lists[b].add(a)
    return [sorted(found) for found in lists]


def contiguous_partitions(
    neighbours: Sequence[Sequence[int]] | Mapping[Hashable, Iterable[Hashable]],
    sizes: Sequence[int],
    n: int,
    seed: int = 20240613,
) -> NDArray[np.int32]:
    """Random partitions of a map into contiguous groups of (nearly) the given sizes.

    Every group starts at a random area. In each step a group, drawn in proportion to the areas it
    still lacks, takes a random free neighbour. Groups that are walled in stay smaller; areas left
    over join the neighbouring group that lacks most; an island that no seed reached joins one random group as a
    whole. In a connected map every group is connected.

    Parameters
    ----------
    neighbours
        Neighbours of each area: positions, or a mapping by area id (its order gives the columns).
    sizes
        Number of areas per group; sums to the number of areas.
    n
        Number of partitions.
    seed
        Seed of the draws.

    Returns
    -------
    ndarray
        ``n`` x areas, group numbers 0 .. len(sizes) - 1.
    """
    if isinstance(neighbours, Mapping):
        place = {area: at for at, area in enumerate(neighbours)}
        pairs = [(at, place[other]) for area, at in place.items() for other in neighbours[area]]
        neighbours = _symmetric(len(place), pairs)
    count = len(neighbours)
    if sum(sizes) != count:
        raise ValueError(f"the sizes sum to {sum(sizes)}, but there are {count} areas")
    if min(sizes, default=1) < 1:
        raise ValueError("every group needs at least one area")
    rng = np.random.default_rng(seed)
    out = np.empty((n, count), dtype=np.int32)
    for draw in range(n):
        out[draw] = _grow(neighbours, sizes, rng)
    return out


def _grow(neighbours: Sequence[Sequence[int]], sizes: Sequence[int], rng: np.random.Generator) -> list[int]:
    count, groups = len(neighbours), len(sizes)
    label = [-1] * count
    seeds = rng.choice(count, groups, replace=False).tolist()
    uniform = rng.random(4 * count + 4 * groups).tolist()
    turns = rng.permutation(np.repeat(np.arange(groups), np.asarray(sizes) - 1)).tolist()
    border: list[list[int]] = []
    for group, area in enumerate(seeds):
        label[area] = group
        border.append(list(neighbours[area]))
    drawn = 0
    for group in turns:
        front = border[group]
        while front:
            if drawn == len(uniform):
                uniform, drawn = rng.random(4 * count).tolist(), 0
            at = int(uniform[drawn] * len(front))
            drawn += 1
            area = front[at]
            front[at] = front[-1]
            front.pop()
            if label[area] < 0:
                label[area] = group
                front.extend(neighbours[area])
                break
    free = [area for area in rng.permutation(count).tolist() if label[area] < 0]
    lacking = [size - label.count(group) for group, size in enumerate(sizes)] if free else []
    while free:
        rest = []
        for area in free:
            near = [label[other] for other in neighbours[area] if label[other] >= 0]
            if near:
                label[area] = max(near, key=lacking.__getitem__)
                lacking[label[area]] -= 1
            else:
                rest.append(area)
        if len(rest) == len(free):
            label[rest[0]] = int(rng.integers(groups))
        free = [area for area in rest if label[area] < 0]
    return label
