"""Random contiguous partitions of a map: the null of "neighbours are alike anyway"."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from random import Random
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from .sample import SEED, Groups, by_name, group_series, index_of
from .smoothness import Surfaces

if TYPE_CHECKING:
    import geopandas as gpd

Neighbours = Mapping[Hashable, Iterable[Hashable]] | Any
"""Neighbours of each area: a mapping, or libpysal ``W`` or ``Graph``."""
_LEVELS = (1.0, 2.0, 4.0, 8.0)
_PILOT, _SURPLUS, _SETS = 20, 1.3, 4


def neighbour_lists(areas: pd.Index, geometry: Any, neighbours: Neighbours | None) -> list[list[int]] | None:
    """Positions of the neighbours of each area, symmetric; None if no area is known to have one.

    ``geometry`` makes areas neighbours that touch or overlap; one that touches none gets the
    nearest area as its neighbour.

    Raises
    ------
    ValueError
        If an area has no entry.
    """
    if neighbours is not None:
        mapping: Mapping[Hashable, Iterable[Hashable]] = getattr(neighbours, "neighbors", neighbours)
        unknown = [area for area in areas if area not in mapping]
        if unknown:
            raise ValueError(f"neighbours lacks the areas {unknown[:5]}")
        place = {area: at for at, area in enumerate(areas)}
        pairs = [
            (at, place[other]) for area, at in place.items() for other in mapping[area] if other in place
        ]
        return _symmetric(len(areas), pairs) if pairs else None
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
    sizes: Sequence[int] | NDArray[np.integer],
    n: int,
    seed: int = SEED,
    *,
    compactness: float = 2.0,
) -> NDArray[np.int32]:
    """Random partitions of a map into contiguous groups of (nearly) the given sizes.

    Every group starts at a random area, the largest groups where there is most room. In each step a
    group, drawn in proportion to the areas it still lacks, looks at some random free neighbours and
    takes the one with most links to it. Groups that are walled in stay smaller; areas left over join
    the neighbouring group that lacks most; an island that no seed reached joins one random group as a
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
    compactness
        Mean number of neighbours looked at, at least 1; with 16 and more the groups are as round as
        cells around their seeds.

    Returns
    -------
    ndarray
        ``n`` x areas, group numbers 0 .. len(sizes) - 1.
    """
    if isinstance(neighbours, Mapping):
        place = {area: at for at, area in enumerate(neighbours)}
        pairs = [(at, place[other]) for area, at in place.items() for other in neighbours[area]]
        neighbours = _symmetric(len(place), pairs)
    lacking = [int(size) for size in sizes]
    count = len(neighbours)
    if sum(lacking) != count:
        raise ValueError(f"the sizes sum to {sum(lacking)}, but there are {count} areas")
    if min(lacking, default=1) < 1:
        raise ValueError("every group needs at least one area")
    if compactness < 1:
        raise ValueError("compactness must be at least 1")
    rng = Random(seed)
    out = np.empty((n, count), dtype=np.int32)
    for draw in range(n):
        out[draw] = _grow(neighbours, lacking, rng, compactness)
    return out


def drawn_partitions(
    groups: Groups,
    *,
    geometry: Any = None,
    neighbours: Neighbours | None = None,
    draws: int = 999,
    seed: int = SEED,
) -> pd.DataFrame:
    """Draw once what several analyses of the same areas compare their municipalities with.

    Parameters
    ----------
    groups : Series or array
        Group (municipality) of every area.
    geometry, neighbours
        Polygons of the areas, or the neighbours of each.
    draws, seed
        Number of partitions and seed.

    Returns
    -------
    DataFrame
        Draws x areas, group numbers 0 ..; to be given to :func:`decompose` and :func:`permanova` as
        ``partitions``. With the same seed these draw the very same ones by themselves.

    Raises
    ------
    ValueError
        If neither polygons nor neighbours are given.
    """
    index = index_of(groups)
    labels = group_series(groups, pd.RangeIndex(len(groups)) if index is None else index)
    labels = labels.iloc[by_name(labels.index)]
    lists = neighbour_lists(labels.index, geometry, neighbours)
    if lists is None:
        raise ValueError("give geometry or neighbours")
    drawn = partitions_like(lists, pd.factorize(labels)[0], draws, seed)
    return pd.DataFrame(drawn, columns=labels.index)


def partitions_for(
    areas: pd.Index,
    given: pd.DataFrame | None,
    lists: Sequence[Sequence[int]],
    codes: NDArray[np.intp],
    draws: int,
    seed: int,
    surfaces: Surfaces,
) -> NDArray[np.integer]:
    """The given partitions, without areas that take no part; where they do not suffice, partitions drawn anew."""
    if given is not None and len(given) >= draws and areas.isin(given.columns).all():
        return given[areas].to_numpy()[:draws]
    return partitions_like(lists, codes, draws, seed, surfaces)


def partitions_like(
    neighbours: Sequence[Sequence[int]],
    codes: NDArray[np.intp],
    n: int,
    seed: int,
    surfaces: Surfaces | None = None,
) -> NDArray[np.int32]:
    """Random contiguous partitions with the sizes and the compactness of a given one.

    Round groups catch more of a smooth map than ragged ones, so partitions more ragged than the real
    municipalities would make every border look real. What counts is measured directly: the share
    of very smooth random surfaces that lies between the groups. A short search finds the compactness
    that meets the share of the real municipalities on average; of more draws than needed those closest
    to it are kept. The indicators play no part in the choice.
    """
    sizes = np.bincount(codes)
    yardstick = Surfaces.of(neighbours) if surfaces is None else surfaces

    def caught(labels: NDArray[np.integer]) -> NDArray[np.float64]:
        return yardstick.caught(labels, len(sizes), [-1])[0, :, 0]

    target = float(caught(codes[None])[0])
    reached: list[float] = []
    for level in _LEVELS:
        pilot = contiguous_partitions(neighbours, sizes, _PILOT, seed + 1, compactness=level)
        reached.append(float(caught(pilot).mean()))
        if reached[-1] >= target:
            break
    levels = np.log(_LEVELS[: len(reached)])
    compactness = float(np.exp(np.interp(target, np.maximum.accumulate(reached), levels)))
    labels = contiguous_partitions(neighbours, sizes, int(_SURPLUS * n), seed, compactness=compactness)
    return labels[np.sort(np.argsort(np.abs(caught(labels) - target), kind="stable")[:n])]


def _seeds(neighbours: Sequence[Sequence[int]], sizes: Sequence[int], rng: Random) -> list[int]:
    """Starting areas: of a few random sets the one around which the groups find most nearly room."""
    wanted = sorted(sizes)
    best: tuple[int, list[int], list[int]] | None = None
    for _ in range(_SETS):
        starts = rng.sample(range(len(neighbours)), len(sizes))
        room = _room(neighbours, starts)
        misfit = sum(abs(one - two) for one, two in zip(sorted(room), wanted, strict=True))
        if best is None or misfit < best[0]:
            best = misfit, starts, room
    assert best is not None
    _, starts, room = best
    by_room = sorted(range(len(sizes)), key=room.__getitem__)
    by_size = sorted(range(len(sizes)), key=sizes.__getitem__)
    found = [0] * len(sizes)
    for start, group in zip(by_room, by_size, strict=True):
        found[group] = starts[start]
    return found


def _room(neighbours: Sequence[Sequence[int]], starts: list[int]) -> list[int]:
    """Number of areas nearest to each start, in steps."""
    owner = [-1] * len(neighbours)
    room = [1] * len(starts)
    for group, area in enumerate(starts):
        owner[area] = group
    queue = list(starts)
    for area in queue:
        group = owner[area]
        for other in neighbours[area]:
            if owner[other] < 0:
                owner[other] = group
                room[group] += 1
                queue.append(other)
    return room


def _grow(
    neighbours: Sequence[Sequence[int]], sizes: Sequence[int], rng: Random, compactness: float
) -> list[int]:
    label = [-1] * len(neighbours)
    border: list[list[int]] = [[] for _ in sizes]
    links: list[dict[int, int]] = [{} for _ in sizes]
    uniform = rng.random
    looks, more = int(compactness), compactness - int(compactness)

    def take(area: int, group: int) -> None:
        label[area] = group
        known = links[group]
        for other in neighbours[area]:
            if label[other] < 0:
                if other in known:
                    known[other] += 1
                else:
                    known[other] = 1
                    border[group].append(other)

    for group, area in enumerate(_seeds(neighbours, sizes, rng)):
        take(area, group)
    turns = [group for group, size in enumerate(sizes) for _ in range(size - 1)]
    rng.shuffle(turns)
    for group in turns:
        front, known = border[group], links[group]
        best, most = -1, 0
        look = looks + (uniform() < more)
        while look and front:
            at = int(uniform() * len(front))
            area = front[at]
            if label[area] >= 0:
                front[at] = front[-1]
                front.pop()
                continue
            look -= 1
            if known[area] > most:
                best, most = area, known[area]
        if best >= 0:
            take(best, group)
    _join_orphans(neighbours, sizes, label, rng)
    return label


def _join_orphans(
    neighbours: Sequence[Sequence[int]], sizes: Sequence[int], label: list[int], rng: Random
) -> None:
    free = [area for area, group in enumerate(label) if group < 0]
    rng.shuffle(free)
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
            label[rest.pop()] = rng.randrange(len(sizes))
        free = rest
