"""What would arise by chance: permuted group labels, all indicators at once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse, stats

from .components import ratio, squares
from .sample import Floats, Sample

_CELLS = 3_000_000
_TIE = 1e-10

Draws = Iterator[tuple[NDArray[np.intp], NDArray[np.intp]]]
"""Batches of (areas in order of group, number of areas per group), one row per draw."""


@dataclass(frozen=True)
class Null:
    """Mean of the share under the null and p value, unweighted and weighted, per indicator."""

    mean: Floats
    p: Floats
    mean_weighted: Floats
    p_weighted: Floats


def free_draws(codes: NDArray[np.intp], count: int, draws: int, seed: int) -> Draws:
    """Random assignments of the areas to groups of the given sizes."""
    rng = np.random.default_rng(seed)
    sizes = np.bincount(codes, minlength=count)
    batch = max(1, _CELLS // max(len(codes), 1))
    start = np.arange(len(codes), dtype=np.int32)
    for done in range(0, draws, batch):
        now = min(batch, draws - done)
        yield rng.permuted(np.tile(start, (now, 1)), axis=1), np.tile(sizes, (now, 1))


def label_draws(labels: NDArray[np.integer], count: int) -> Draws:
    """Given assignments: ``labels`` is draws x areas, values 0 .. count - 1."""
    batch = max(1, _CELLS // max(labels.shape[1], 1))
    for done in range(0, len(labels), batch):
        part = labels[done : done + batch]
        order = np.argsort(part, axis=1, kind="stable")
        cells = part + count * np.arange(len(part))[:, None]
        yield order, np.bincount(cells.ravel(), minlength=count * len(part)).reshape(len(part), count)


def free_null(sample: Sample, draws: int, seed: int) -> Null:
    """Null of free labels: areas with a value exchange their groups.

    Each set of indicators with the same gaps is permuted among its own areas, from the same seed,
    so the p value of an indicator does not depend on the others analysed with it.
    """

    def of(rows: NDArray[np.intp]) -> Draws:
        codes, labels = _renumber(sample.codes[rows])
        return free_draws(codes, labels, draws, seed)

    return _null(sample, of)


def contiguous_null(sample: Sample, labels: NDArray[np.integer]) -> Null:
    """Null of random contiguous partitions; ``labels`` is draws x areas in the order of the sample."""
    count = int(labels.max()) + 1

    def of(rows: NDArray[np.intp]) -> Draws:
        return label_draws(labels[:, rows], count)

    return _null(sample, of)


def _renumber(codes: NDArray[np.intp]) -> tuple[NDArray[np.intp], int]:
    present, inverse = np.unique(codes, return_inverse=True)
    return inverse, len(present)


def _null(sample: Sample, draws_of) -> Null:  # type: ignore[no-untyped-def]
    width = len(sample.indicators)
    out = np.full((4, width), np.nan)
    for rows, columns in sample.patterns():
        if len(rows) < 3:
            continue
        x = sample.x[np.ix_(rows, columns)]
        observed = squares(sample).eta2[columns]
        out[0, columns], out[1, columns] = _share_null(x, None, observed, draws_of(rows))
        if sample.weight is None:
            out[2:, columns] = out[:2, columns]
        else:
            w = sample.weight[np.ix_(rows, columns)]
            observed = squares(sample, sample.weight).eta2[columns]
            out[2, columns], out[3, columns] = _share_null(x, w, observed, draws_of(rows))
    n = sample.member @ sample.known.astype(float)
    groups = (n > 0).sum(axis=0)
    undefined = (groups < 2) | (n.sum(axis=0) <= groups) | np.isnan(squares(sample).eta2)
    out[:, undefined] = np.nan
    return Null(*out)


def _share_null(x: Floats, w: Floats | None, observed: Floats, draws: Draws) -> tuple[Floats, Floats]:
    """Mean share under the draws and (1 + b) / (1 + B), see Phipson & Smyth (2010)."""
    width = x.shape[1]
    if w is None:
        z = x - x.mean(axis=0)
        total = (z * z).sum(axis=0)
        table, same = z, True
    else:
        z = x - (w * x).sum(axis=0) / w.sum(axis=0)
        total = (w * z * z).sum(axis=0)
        same = bool((w == w[:, :1]).all())
        table = np.hstack([w * z, w[:, :1] if same else w])
    above, summed, count = np.zeros(width), np.zeros(width), 0
    for order, sizes in draws:
        sums = _group_sums(table, order, sizes)
        if w is None:
            by = np.maximum(sizes, 1)[:, :, None]
        else:
            by = sums[:, :, width:]
            by = np.where(by > 0, by, 1.0)
        eta2 = ratio((sums[:, :, :width] ** 2 / by).sum(axis=1), total)
        above += (eta2 >= observed - _TIE).sum(axis=0)
        summed += eta2.sum(axis=0)
        count += len(order)
    if count == 0:
        return np.full(width, np.nan), np.full(width, np.nan)
    return summed / count, (1 + above) / (1 + count)


def _group_sums(table: Floats, order: NDArray[np.intp], sizes: NDArray[np.intp]) -> Floats:
    """Sums of the rows of ``table`` per draw and group: draws x groups x columns."""
    draws, groups = sizes.shape
    pointer = np.concatenate([[0], np.cumsum(sizes.ravel())])
    ones = np.ones(order.size)
    matrix = sparse.csr_array((ones, order.ravel(), pointer), shape=(draws * groups, len(table)))
    return (matrix @ table).reshape(draws, groups, table.shape[1])


def false_discovery(p: Floats) -> Floats:
    """Adjusted p values of Benjamini & Hochberg (1995); missing stays missing."""
    adjusted = np.full(len(p), np.nan)
    known = ~np.isnan(p)
    if known.any():
        adjusted[known] = stats.false_discovery_control(p[known])
    return adjusted
