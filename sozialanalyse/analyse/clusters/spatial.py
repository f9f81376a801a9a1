"""Neighbourhood on the ground: contiguous planning areas and random contiguous partitions."""

from __future__ import annotations

import heapq
from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from sozialanalyse.analyse.clusters.kmeans import Floats, Ints
from sozialanalyse.analyse.clusters.methods import SEED, centres_of, partition
from sozialanalyse.analyse.clusters.preparation import prepare as prepare_matrix
from sozialanalyse.analyse.clusters.result import nullable
from sozialanalyse.analyse.clusters.wording import number
from sozialanalyse.errors import DatenFehler, ParameterFehler
from sozialanalyse.texts import text

Neighbours = Mapping[Hashable, Iterable[Hashable]] | Any
"""Area -> areas that touch it; a libpysal ``W`` or ``Graph`` serves as well."""


def adjacency(neighbours: Neighbours, areas: pd.Index) -> list[list[int]]:
    """Positions of the neighbours of every area; symmetric, without the area itself.

    Neighbours that are not among ``areas`` are ignored, areas that are not named have none.
    """
    if hasattr(neighbours, "adjacency"):
        pairs = [(a, b) for (a, b), weight in neighbours.adjacency.items() if weight != 0]
    else:
        table = getattr(neighbours, "neighbors", neighbours)
        pairs = [(area, other) for area, others in table.items() for other in others]
    position = {area: i for i, area in enumerate(areas)}
    found: list[set[int]] = [set() for _ in areas]
    for a, b in pairs:
        i, j = position.get(a), position.get(b)
        if i is not None and j is not None and i != j:
            found[i].add(j)
            found[j].add(i)
    return [sorted(others) for others in found]


@dataclass(frozen=True)
class PlanningAreas:
    """Contiguous planning areas.

    ``labels`` planning area per area (1 = most areas), ``wss`` within sum of squares, ``explained``
    its complement as a share of all, ``explained_free`` the same for k-means without the
    constraint - the difference is the price of contiguity -, ``profile`` means in the units given.
    """

    labels: pd.Series
    k: int
    wss: float
    explained: float
    explained_free: float
    profile: pd.DataFrame
    messages: tuple[str, ...]

    def summary(self) -> str:
        """German sentence with the price of contiguity."""
        return text(
            "clusters.satz.zusammenhang",
            k=str(self.k),
            gebunden=number(100 * self.explained, 0),
            frei=number(100 * self.explained_free, 0),
        )

    def _repr_html_(self) -> str:
        table = self.profile.assign(**{"n": self.labels.value_counts()})
        return f"<p>{self.summary()}</p>{table.to_html(float_format=number, border=0)}"


def constrained(
    matrix: pd.DataFrame,
    neighbours: Neighbours,
    k: int,
    *,
    prepare: bool = True,
    seed: int = SEED,
    **options: Any,
) -> PlanningAreas:
    """Group areas into ``k`` contiguous planning areas of similar areas.

    Ward's criterion under a contiguity constraint: always the two touching groups are merged whose
    union increases the within sum of squares least (Gordon 1996). Parts of the region that do not
    touch stay apart.

    Parameters
    ----------
    matrix
        Areas x indicators; every area gets a planning area, gaps are filled from its neighbours.
    neighbours
        Area -> areas that touch it, or a libpysal ``W`` or ``Graph``.
    options
        Of the preparation, as in :func:`cluster`.

    Raises
    ------
    DatenFehler
        If the region falls into more than ``k`` separate parts.
    """
    ready = prepare_matrix(matrix, transform=prepare, **options)
    areas = ready.x.index
    graph = adjacency(neighbours, areas)
    x = _fill_from_neighbours(ready.x.to_numpy().copy(), graph)
    if not 1 <= k <= len(x):
        raise ParameterFehler(text("clusters.fehler.k", k=str(k), hoechstens=str(len(x))))
    raw = contiguous_ward(x, graph, k)
    size = np.bincount(raw)
    if len(size) > k:
        raise DatenFehler(text("clusters.fehler.getrennt", teile=str(len(size)), k=str(k)))
    rank = np.empty(k, dtype=np.intp)
    rank[np.lexsort((np.arange(k), -size))] = np.arange(k)
    raw = rank[raw]
    free = partition(x, k, "kmeans", np.random.default_rng([seed, k]))
    total = float(((x - x.mean(axis=0)) ** 2).sum()) or 1.0
    within, within_free = (float(((x - centres_of(x, part, k)[part]) ** 2).sum()) for part in (raw, free))
    back = np.argsort(ready.order)
    labels = nullable((raw + 1.0)[back], matrix.index)
    return PlanningAreas(
        labels=labels,
        k=k,
        wss=within,
        explained=1 - within / total,
        explained_free=1 - within_free / total,
        profile=ready.matrix.iloc[back].groupby(labels).mean(),
        messages=ready.messages,
    )


def _fill_from_neighbours(x: Floats, graph: list[list[int]]) -> Floats:
    """Mean of the neighbours that have a value, else of all areas."""
    mean = np.nan_to_num(np.nanmean(x, axis=0))
    filled = x.copy()
    for i in np.flatnonzero(np.isnan(x).any(axis=1)):
        around = x[graph[i]]
        there = (~np.isnan(around)).sum(axis=0)
        near = np.where(there > 0, np.nansum(around, axis=0) / np.maximum(there, 1), mean)
        filled[i] = np.where(np.isnan(x[i]), near, x[i])
    return filled


def contiguous_ward(x: Floats, graph: list[list[int]], k: int) -> Ints:
    """Labels 0.. of greedy contiguous merging; more than k if the graph has more parts."""
    centre = dict(enumerate(x))
    size = dict.fromkeys(centre, 1)
    touching = {i: set(others) for i, others in enumerate(graph)}
    owner = np.arange(len(x))

    def cost(a: int, b: int) -> float:
        gap = centre[a] - centre[b]
        return float(size[a] * size[b] / (size[a] + size[b]) * (gap @ gap))

    queue = [(cost(a, b), a, b) for a, others in touching.items() for b in others if a < b]
    heapq.heapify(queue)
    members = {i: [i] for i in centre}
    following = len(x)
    while len(centre) > k and queue:
        _, a, b = heapq.heappop(queue)
        if a not in centre or b not in centre:
            continue
        total = size[a] + size[b]
        centre[following] = (size[a] * centre[a] + size[b] * centre[b]) / total
        size[following] = total
        members[following] = members.pop(a) + members.pop(b)
        touching[following] = (touching.pop(a) | touching.pop(b)) - {a, b}
        for old in (a, b):
            del centre[old]
        for other in touching[following]:
            touching[other] = (touching[other] - {a, b}) | {following}
            heapq.heappush(queue, (cost(other, following), other, following))
        following += 1
    for label, group in enumerate(sorted(members.values(), key=min)):
        owner[group] = label
    return owner


def contiguous_partitions(neighbours: Neighbours, groups: pd.Series, draws: int, seed: int = SEED) -> Ints:
    """Random contiguous partitions with (nearly) the sizes of ``groups``, shape (draws, areas).

    Each group grows from a random seed along free neighbours, preferring areas with few free
    neighbours so that no pockets are left; areas left over join a neighbouring group.
    """
    graph = adjacency(neighbours, groups.index)
    sizes = groups.value_counts().to_numpy()
    rng = np.random.default_rng([seed, 930])
    return np.array([_grow(graph, sizes, rng) for _ in range(draws)], dtype=np.intp)


def _grow(graph: list[list[int]], sizes: Ints, rng: np.random.Generator) -> Ints:
    n = len(graph)
    label = [-1] * n
    free = [len(others) for others in graph]
    luck = (2 * rng.random(n)).tolist()

    def take(area: int, group: int) -> None:
        label[area] = group
        for other in graph[area]:
            free[other] -= 1

    for group in rng.permutation(len(sizes)).tolist():
        open_areas = [area for area in range(n) if label[area] < 0]
        if not open_areas:
            break
        few = [open_areas[int(len(open_areas) * u)] for u in rng.random(3)]
        start = min(few, key=lambda area: free[area] + luck[area])
        take(start, group)
        edge = {other for other in graph[start] if label[other] < 0}
        for _ in range(int(sizes[group]) - 1):
            if not edge:
                break
            area = min(edge, key=lambda a: free[a] + luck[a])
            take(area, group)
            edge.discard(area)
            edge.update(other for other in graph[area] if label[other] < 0)
    _join_left_over(graph, label, len(sizes), rng)
    return np.array(label, dtype=np.intp)


def _join_left_over(graph: list[list[int]], label: list[int], groups: int, rng: np.random.Generator) -> None:
    """Areas left over join the group of a random neighbour; isolated ones any group."""
    left = [area for area, group in enumerate(label) if group < 0]
    while left:
        for area in rng.permutation(left).tolist():
            around = [label[other] for other in graph[area] if label[other] >= 0]
            if around:
                label[area] = around[int(rng.integers(len(around)))]
        still = [area for area in left if label[area] < 0]
        if len(still) == len(left):
            label[still.pop(0)] = int(rng.integers(groups))
        left = still
