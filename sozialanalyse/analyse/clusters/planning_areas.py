"""Neighbourhood on the ground: contiguous planning areas and random contiguous partitions."""

from __future__ import annotations

import heapq
from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass
from itertools import islice
from operator import itemgetter
from typing import Any

import numpy as np
import pandas as pd
from scipy import sparse
from scipy.sparse import csgraph
from sklearn.cluster import ward_tree

from sozialanalyse.analyse._threads import single_threaded
from sozialanalyse.analyse.clusters.cluster_result import nullable
from sozialanalyse.analyse.clusters.kmeans import Floats, Ints
from sozialanalyse.analyse.clusters.methods import SEED, centres_of, partition
from sozialanalyse.analyse.clusters.preparation import prepare as prepare_matrix
from sozialanalyse.analyse.variance.partitions import partitions_like
from sozialanalyse.base import DatenFehler, Ergebnis, ParameterFehler, tabelle_html, text, zahl

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


@dataclass(frozen=True, repr=False)
class PlanningAreas(Ergebnis):
    """Contiguous planning areas.

    ``labels`` planning area per area (1 = most areas), ``wss`` within sum of squares, ``explained``
    its complement as a share of all, ``explained_free`` the same for k-means without the
    constraint - the difference is the price of contiguity -, ``profile`` means in the units given,
    ``people`` per planning area, or None without a floor.
    """

    labels: pd.Series
    k: int
    wss: float
    explained: float
    explained_free: float
    profile: pd.DataFrame
    messages: tuple[str, ...]
    people: pd.Series | None = None

    def summary(self) -> str:
        """German sentence with the price of contiguity, and the smallest planning area if there is a floor."""
        said = text(
            "clusters.satz.zusammenhang",
            k=str(self.k),
            gebunden=zahl(100 * self.explained, 0),
            frei=zahl(100 * self.explained_free, 0),
        )
        if self.people is None:
            return said
        return f"{said} {text('clusters.satz.mindestens', menschen=zahl(self.people.min(), 0))}"

    def _repr_html_(self) -> str:
        table = self.profile.assign(**{"n": self.labels.value_counts()})
        return f"<p>{self.summary()}</p>{tabelle_html(table)}"


@single_threaded
def constrained(
    matrix: pd.DataFrame,
    neighbours: Neighbours,
    k: int,
    *,
    prepare: bool = True,
    people: pd.Series | None = None,
    floor: float = 0.0,
    seed: int = SEED,
    **options: Any,
) -> PlanningAreas:
    """Bildet zusammenhängende Planungsräume aus Nachbarn.

    Group areas into ``k`` contiguous planning areas of similar areas.

    Ward's criterion under a contiguity constraint: always the two touching groups are merged whose
    union increases the within sum of squares least (Gordon 1996), by scikit-learn. Parts of the region
    that do not touch, islands among them, stay apart.

    With a floor no planning area has fewer people: the smallest group below it grows by the touching
    group whose union costs least, those below the floor first, until none is below, and only then the
    cheapest unions go on (the idea of max-p, Duque, Anselin & Rey 2012). ``k`` is then the most there may be; fewer where people do not
    suffice, which a message says.

    Parameters
    ----------
    matrix
        Areas x indicators; every area gets a planning area, gaps are filled from its neighbours.
    neighbours
        Area -> areas that touch it, or a libpysal ``W`` or ``Graph``.
    people, floor
        People per area, and the fewest a planning area may have.
    options
        Of the preparation, as in :func:`cluster`.

    Raises
    ------
    DatenFehler
        If the region falls into more than ``k`` separate parts, or a separate part has fewer people
        than the floor.
    ParameterFehler
        If a floor is given without people of every area.
    """
    ready = prepare_matrix(matrix, transform=prepare, **options)
    areas = ready.x.index
    graph = adjacency(neighbours, areas)
    x = _fill_from_neighbours(ready.x.to_numpy().copy(), graph)
    if not 1 <= k <= len(x):
        raise ParameterFehler(text("clusters.fehler.k", k=str(k), hoechstens=str(len(x))))
    messages = list(ready.messages)
    if floor > 0:
        mass = _people(people, areas)
        raw = floored(x, graph, k, mass, floor)
        if raw.max() + 1 < k:
            messages.append(text("clusters.hinweis.weniger_raeume", k=str(k), anzahl=str(raw.max() + 1)))
        k = min(k, int(raw.max()) + 1)
    else:
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
    per_area = None if floor <= 0 else pd.Series(np.bincount(raw, mass), index=range(1, k + 1))
    return PlanningAreas(
        labels=labels,
        k=k,
        wss=within,
        explained=1 - within / total,
        explained_free=1 - within_free / total,
        profile=ready.matrix.iloc[back].groupby(labels).mean(),
        messages=tuple(messages),
        people=per_area,
    )


def _people(people: pd.Series | None, areas: pd.Index) -> Floats:
    """People of every area; every area needs a number."""
    known = None if people is None else people.reindex(areas).to_numpy(float)
    if known is None or not np.isfinite(known).all() or (known < 0).any():
        raise ParameterFehler(text("clusters.fehler.bevoelkerung"))
    return known


def floored(x: Floats, graph: list[list[int]], k: int, people: Floats, floor: float) -> Ints:
    """Labels 0.. of contiguous merging in which no group has fewer people than ``floor``.

    At most ``k`` groups, more only where separate parts of the region force it.
    """
    n = len(x)
    size, mass, mean = np.ones(n), people.astype(float).copy(), x.copy()
    around = [set(others) for others in graph]
    alive, owner = set(range(n)), np.arange(n)

    def cost(i: int, j: int) -> float:
        return float(size[i] * size[j] / (size[i] + size[j]) * ((mean[i] - mean[j]) ** 2).sum())

    def merge(i: int, j: int) -> None:
        mean[i] = (size[i] * mean[i] + size[j] * mean[j]) / (size[i] + size[j])
        size[i] += size[j]
        mass[i] += mass[j]
        for other in around[j]:
            around[other].discard(j)
            if other != i:
                around[other].add(i)
                around[i].add(other)
        around[i].discard(i)
        alive.discard(j)
        owner[owner == j] = i

    while below := [i for i in alive if mass[i] < floor]:
        i = min(below, key=lambda a: (mass[a], a))
        while mass[i] < floor:  # grows on what is below itself, so that no people are wasted
            if not around[i]:
                found = zahl(mass[i], 0)
                raise DatenFehler(text("clusters.fehler.zu_klein", menschen=found, grenze=zahl(floor, 0)))
            merge(i, min(around[i], key=lambda b: (mass[b] >= floor, cost(i, b), b)))
    while len(alive) > k:
        pairs = [(cost(i, j), i, j) for i in alive for j in around[i] if i < j]
        if not pairs:
            break
        _, i, j = min(pairs)
        merge(i, j)
    return np.unique(owner, return_inverse=True)[1]


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
    """Labels 0.. of contiguous merging by scikit-learn's ``ward_tree``; more than k if the graph has more parts.

    The tree knows one connected graph, so every part of the region gets its own; of the next merges
    of all parts the cheapest comes first, which is what one tree of all parts would do.
    """
    links = _matrix(graph)
    parts, part_of = csgraph.connected_components(links, directed=False)
    merges = []
    for part in range(parts):
        rows = np.flatnonzero(part_of == part)
        if len(rows) > 1:
            children, _, _, _, cost = ward_tree(
                x[rows], connectivity=links[rows][:, rows], return_distance=True
            )
            node = list(rows)  # one area of every node of the tree stands for all of it
            for pair in children:
                node.append(node[pair[0]])
            merges.append([(c, node[a], node[b]) for (a, b), c in zip(children, cost, strict=True)])
    cheapest = islice(heapq.merge(*merges, key=itemgetter(0)), max(len(x) - k, 0))
    joined = np.array([(a, b) for _, a, b in cheapest], dtype=np.intp).reshape(-1, 2)
    ones = np.ones(len(joined))
    return csgraph.connected_components(
        sparse.coo_matrix((ones, joined.T), shape=links.shape), directed=False
    )[1]


def _matrix(graph: list[list[int]]) -> sparse.csr_matrix:
    """Neighbour lists as a symmetric matrix of ones."""
    rows = np.repeat(np.arange(len(graph)), [len(others) for others in graph])
    columns = np.array([other for others in graph for other in others], dtype=np.intp)
    return sparse.csr_matrix((np.ones(len(rows)), (rows, columns)), shape=(len(graph), len(graph)))


def contiguous_partitions(neighbours: Neighbours, groups: pd.Series, draws: int, seed: int = SEED) -> Ints:
    """Random contiguous partitions with (nearly) the sizes and the compactness of ``groups``.

    Returns group numbers 0.., shape (draws, areas); see ``variance.partitions.partitions_like``.
    """
    return partitions_like(adjacency(neighbours, groups.index), pd.factorize(groups)[0], draws, seed)
